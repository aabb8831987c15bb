"""What a trace says, as plain data for ``run.json``; notes are keys of the report's words, with the figures in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.trace.owners import monthly_mwh, months_of, plant_owner, ratio_rows, settlement, user_owner

if TYPE_CHECKING:
    from gridsim.park.park import Park
    from gridsim.trace.trace import Destination, Trace

LEAST_MWH = 1e-3
"""Grey exports below this are the solver's rounding. [MWh]"""


def notes(trace: Trace, park: Park) -> list[dict[str, Any]]:
    """Return what must be said of a trace: ``key`` of the words, and the figures in them."""
    found = [*_export_notes(trace), *_owner_notes(trace, park)]
    if any(source.kind == "stock" for source in trace.sources):
        stock = sum(float(s.start_mwh.sum()) for s in trace.storage.values())
        found.append({"key": "stock", "figures": {"mwh": stock}})
    return found


def _export_notes(trace: Trace) -> list[dict[str, Any]]:
    """Return whether what is exported is grey: bought by night, stored, and sold by day."""
    exported = sum(trace.exported_mw.values(), start=np.zeros_like(trace.supplied_mw))
    whole = float(exported.sum() * trace.time.step_hours)
    if whole <= LEAST_MWH:
        return []
    grey_mw = exported @ (1.0 - trace.green)
    grey = float(grey_mw.sum() * trace.time.step_hours)
    if grey <= LEAST_MWH:
        return [{"key": "green_export", "figures": {"exported_mwh": whole}}]
    bought = np.array([float(source.kind == "import") for source in trace.sources])
    charged_mw = sum((s.charged_mw @ bought for s in trace.storage.values()), start=np.zeros(trace.time.steps))
    figures = {"grey_mwh": grey, "exported_mwh": whole, "share": grey / whole, "bought_mwh": trace.mwh(exported) @ bought}
    figures["sold_hour"] = _hour_of_most(trace, grey_mw)
    if charged_mw.sum() * trace.time.step_hours <= LEAST_MWH:
        return [{"key": "grey_export_of_stock", "figures": figures}]
    return [{"key": "grey_export", "figures": figures | {"charged_hour": _hour_of_most(trace, charged_mw)}}]


def _hour_of_most(trace: Trace, power: np.ndarray) -> int:
    """Hour of the day with the most energy."""
    return int(np.argmax(np.bincount(trace.time.hour_of_day.astype(np.int64), weights=power, minlength=24)))


def _owner_notes(trace: Trace, park: Park) -> list[dict[str, Any]]:
    named = {name: owner for name, owner in trace.owner_of.items() if name in trace.used_mw or any(s.technology == name for s in trace.sources if s.green)}
    missing = [name for name, owner in named.items() if not owner]
    if not missing:
        return []
    if len(missing) == len(named):
        return [{"key": "no_owners", "figures": {}}]
    labels = (park.technologies[name].label if name in park.technologies else "" for name in missing)
    return [{"key": "owners_missing", "figures": {"names": ", ".join(label or name for label, name in zip(labels, missing, strict=True))}}]


def trace_record(trace: Trace, park: Park) -> dict[str, Any]:
    """Return sources, where each went by month, ratios and monthly settlement by owner, products, notes, and the largest residual."""
    hours = trace.time.step_hours
    residuals = [trace.residual_mw, *(s.residual_mw(hours) for s in trace.storage.values())]
    supplied = trace.mwh(trace.supplied_mw)
    return {
        "sources": [
            {"source": s.name, "technology": s.technology, "kind": s.kind, "type": s.type, "owner": plant_owner(s), "supplied_mwh": float(mwh)}
            for s, mwh in zip(trace.sources, supplied, strict=True)
        ],
        "months": months_of(trace),
        "destinations": [_destination(trace, part) for part in trace.destinations() if np.any(part.power_mw)],
        "ratios": ratio_rows(trace, park),
        "settlement": settlement(trace).to_dict("records"),
        "products": [row for name, power in trace.delivered.items() for row in _product(trace, name, power)],
        "notes": notes(trace, park),
        "max_residual_mw": float(max(np.abs(part).max(initial=0.0) for part in residuals)),
    }


def _destination(trace: Trace, part: Destination) -> dict[str, Any]:
    """Return a destination and its energy by source and month; sources are in the order of the record."""
    return {
        "name": part.name,
        "kind": part.kind,
        "owner": user_owner(trace, part.name) if part.kind == "use" else "",
        "mwh": monthly_mwh(trace, part.power_mw).T.tolist(),
    }


def _product(trace: Trace, name: str, power: np.ndarray) -> list[dict[str, Any]]:
    """Share of a product by what made its main input."""
    whole = float(power.sum())
    parts = power.sum(axis=0)
    return [
        {"product": name, "source": source.name, "share": float(part) / whole if whole > 0 else 0.0} for source, part in zip(trace.sources, parts, strict=True)
    ]
