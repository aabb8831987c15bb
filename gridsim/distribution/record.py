"""A feasibility as plain tables and a record, as a run's folder holds them."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.distribution.contingency import SWITCH_LETTER
from gridsim.distribution.drivers import excess_by_asset, strongest
from gridsim.distribution.violations import KINDS, UNIT

if TYPE_CHECKING:
    import pandas as pd

    from gridsim.distribution.feasibility import Feasibility
    from gridsim.distribution.loop import Coupled

ENDS = {
    ("line", ""): ("from_bus", "to_bus"),
    ("impedance", ""): ("from_bus", "to_bus"),
    ("switch", ""): ("bus", "element"),
    ("trafo", ""): ("hv_bus", "lv_bus"),
    ("trafo3w", "hv"): ("hv_bus", "mv_bus"),
    ("trafo3w", "mv"): ("hv_bus", "mv_bus"),
    ("trafo3w", "lv"): ("hv_bus", "lv_bus"),
}
"""Columns of the buses that a branch joins, by its table and winding; windings meet inside their transformer, and are drawn between its buses."""

DRIVERS = 3
"""Assets named with each violation."""


def feasibility_table(checked: Feasibility, before: Feasibility | None = None) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return a row an hour with its columns' units: voltage of each bus, loading of each branch, tap positions, losses, exchange with the grid.

    With ``before``, the extremes of the dispatch that did not know the wires stand beside.
    """
    import pandas as pd

    wires, flow = checked.network.wires, checked.flow
    columns: dict[str, Any] = {}
    units: dict[str, str] = {}

    def add(name: str, values: np.ndarray, unit: str) -> None:
        columns[name], units[name] = values, unit

    add("network:solved", flow.converged, "bool")
    add("network:losses_mw", flow.losses_mw, "MW")
    add("grid:supply_mw", flow.slack_p_mw.sum(axis=1), "MW")
    add("grid:supply_mvar", flow.slack_q_mvar.sum(axis=1), "Mvar")
    for label, one in (("network", checked), ("before", before)):
        if one is not None:
            for quantity, values in extremes(one).items():
                add(f"{label}:{quantity}", values, "p.u." if quantity.endswith("_pu") else "1")
    for row, name in enumerate(wires.bus_names):
        add(f"{name}:vm_pu", flow.vm_pu[:, row].astype(np.float32), "p.u.")
    for row, name in enumerate(wires.branch_names):
        if wires.branch_from[row] >= 0:
            add(f"{name}:loading", flow.loading[:, row].astype(np.float32), "1")
    for row, name in enumerate(wires.taps.names):
        if flow.tap_operations[row]:
            add(f"{name}:tap_position", flow.tap_position[:, row].astype(np.int16), "1")
    stamps = pd.DatetimeIndex(checked.dispatch.time.stamps.astype("datetime64[ns]"), name="time")
    return pd.DataFrame(columns, index=stamps), units


def extremes(checked: Feasibility) -> dict[str, np.ndarray]:
    """Return how near each hour comes to the limits. Shape (T,) each.

    ``voltage_margin_pu`` is the distance of the worst bus to the nearer end of its band, negative outside; ``loading_over_limit`` is that of the worst branch.
    """
    flow, limits = checked.flow, checked.network.limits
    with np.errstate(invalid="ignore"):
        margin = np.fmin(flow.vm_pu - limits.vm_min_pu, limits.vm_max_pu - flow.vm_pu)
        over = np.where(np.isfinite(flow.loading), flow.loading / limits.loading, np.nan)
    solved = flow.converged
    found = {"voltage_margin_pu": np.full(solved.size, np.nan), "loading_over_limit": np.full(solved.size, np.nan)}
    if solved.any():
        found["voltage_margin_pu"][solved] = np.nanmin(margin[solved], axis=1)
        found["loading_over_limit"][solved] = np.nanmax(over[solved], axis=1, initial=0.0)
    return found


def violations_table(checked: Feasibility) -> pd.DataFrame:
    """Return a row for each hour and element beyond its limit, with the assets that drive it and how the excess answers to them."""
    import pandas as pd

    violations, connected, wires = checked.violations, checked.connected, checked.network.wires
    stamps = pd.DatetimeIndex(checked.dispatch.time.stamps.astype("datetime64[ns]"))
    kind = np.array(KINDS, dtype=object)[violations.kind]
    columns: dict[str, Any] = {
        "time": stamps[violations.hour],
        "step": violations.hour,
        "kind": kind,
        "element": [violations.name(wires, row) for row in range(violations.hour.size)],
        "value": violations.value,
        "limit": violations.limit,
        "excess": violations.excess,
        "unit": [UNIT[name] for name in kind],
        "energy_at_risk_mwh": violations.energy_at_risk_mwh,
        "reason": [checked.flow.reason.get(int(hour), "") if name == "no_solution" else "" for hour, name in zip(violations.hour, kind, strict=True)],
    }
    by_asset = excess_by_asset(checked.network, connected, checked.flow, violations)
    rows = np.arange(violations.hour.size)
    assets, contribution = strongest(connected, violations, by_asset, DRIVERS)
    names = np.array([*connected.assets, ""], dtype=object)
    for number in range(assets.shape[1]):
        asset = assets[:, number]
        columns[f"driver_{number + 1}"] = names[asset]
        columns[f"driver_{number + 1}_mw"] = np.where(asset >= 0, connected.supply_mw[violations.hour, asset], np.nan)
        columns[f"driver_{number + 1}_per_mw"] = np.where(asset >= 0, by_asset[rows, asset], np.nan)
        columns[f"driver_{number + 1}_contribution"] = np.where(asset >= 0, contribution[:, number], np.nan)
    return pd.DataFrame(columns)


def network_record(checked: Feasibility) -> dict[str, Any]:
    """Return what a report needs beside the tables: places, limits, statistics."""
    network, flow = checked.network, checked.flow
    wires, net, limits = network.wires, network.net, network.limits
    places = [(None, None) if not isinstance(geo, str) else tuple(json.loads(geo)["coordinates"][:2]) for geo in net.bus.get("geo", [None] * len(net.bus))]
    columns = (wires.bus_names, net.bus.label, net.bus.zone, net.bus.vn_kv, places, limits.vm_min_pu, limits.vm_max_pu)
    buses = [
        {
            "name": name, "label": label, "site": site, "voltage_kv": kv, "x_km": place[0], "y_km": place[1],
            "vm_min_pu": _finite(low), "vm_max_pu": _finite(high),
        }
        for name, label, site, kv, place, low, high in zip(*columns, strict=True)
    ]
    branches = []
    opened = {(row.et, row.element) for row in net.switch.itertuples() if not row.closed}
    for row, (name, table, index, winding) in enumerate(zip(wires.branch_names, wires.branch_table, wires.branch_index, wires.branch_winding, strict=True)):
        if table == "xward":  # it ends at a node inside itself
            continue
        element = net[table].loc[index]
        first, second = (int(element[column]) for column in ENDS[table, winding])
        judged_from = np.isfinite(wires.rating_from_ka[row])
        rated_ka, end = (wires.rating_from_ka[row], first) if judged_from else (wires.rating_to_ka[row], second)
        branches.append({
            "name": name, "kind": "transformer" if table.startswith("trafo") else "line",
            "from": net.bus.name[first], "to": net.bus.name[second], "type": element.get("std_type") or "",
            "loading_limit": limits.loading[row], "rated_mva": _finite(np.sqrt(3.0) * rated_ka * net.bus.vn_kv[end]),
            "closed": bool(wires.branch_from[row] >= 0) and (SWITCH_LETTER.get(table), index) not in opened,
        })  # fmt: skip
    return {
        "buses": buses,
        "branches": branches,
        "sources": [{"name": row.name, "bus": net.bus.name[row.bus]} for row in net.ext_grid.itertuples()],
        "connections": [{"asset": row.asset, "bus": row.bus, "share": row.share} for row in network.tables.connections],
        "statistics": [asdict(element) for element in checked.statistics],
        "tap_operations": {name: int(count) for name, count in zip(wires.taps.names, flow.tap_operations, strict=True)},
        "hunting_steps": int(sum(1 for hour in flow.reason if flow.converged[hour])),
        "sample": asdict(checked.difference),
        "notes": [note.found if not note.where else f"{note.where}: {note.found}" for note in network.tables.notes],
    }


def _finite(value: float) -> float | None:
    """Return a limit, or None where there is none."""
    return float(value) if np.isfinite(value) else None


def loop_record(coupled: Coupled, price: dict[str, float]) -> dict[str, Any]:
    """Return how the dispatch and its network came to agree; ``price`` holds what the wires cost."""
    again = coupled.confirmed
    return {
        "rounds": [asdict(one) for one in coupled.rounds],
        "before": [asdict(element) for element in coupled.before.statistics],
        "price": {**price, "by_element": [asdict(element) for element in coupled.prices]},
        "unmet": [asdict(need) for need in coupled.unmet],
        "confirmed": {}
        if again is None
        else {
            "hours": again.hours * coupled.checked.dispatch.time.step_hours,
            "violating_hours": coupled.rounds[-1].violating_hours,
            "max_difference_pu": again.voltage_pu,
            "solved_by_one_only": len(again.disagree),
        },
    }


def network_figures(checked: Feasibility) -> dict[str, float]:
    """Return the figures for ``summary.json``."""
    flow, dispatch, hours = checked.flow, checked.dispatch, checked.dispatch.time.step_hours
    solved = flow.converged
    supply = flow.slack_p_mw.sum(axis=1)[solved]
    imports = dispatch.summed(dispatch.draft.having("import")) - dispatch.summed(dispatch.draft.having("export"))
    lines = [c for c in dispatch.draft.having("transport") if dispatch.draft.electric(c["bus0"])]
    in_dispatch = sum(float(((1.0 - np.asarray(c["efficiency"])) * dispatch.flows[c.name]).sum()) for c in lines)
    loading = flow.loading[solved][:, np.isfinite(checked.network.wires.rating_from_ka)]
    return {
        "network_solved_hours": float(solved.sum() * hours),
        "violating_hours": float(checked.violations.hours.size * hours),
        "network_energy_at_risk_mwh": float(checked.violations.energy_at_risk_mwh.sum()),
        "network_loss_mwh": float(flow.losses_mw[solved].sum() * hours),
        "network_loss_in_dispatch_mwh": in_dispatch * hours,
        "network_import_mwh": float(np.maximum(supply, 0.0).sum() * hours),
        "network_import_beyond_dispatch_mwh": float((supply - imports[solved]).sum() * hours),
        "network_peak_import_mw": float(supply.max(initial=0.0)),
        "network_highest_loading": float(np.nanmax(loading, initial=0.0)),
        "network_lowest_voltage_pu": float(np.nanmin(flow.vm_pu[solved])) if solved.any() else 0.0,
        "network_highest_voltage_pu": float(np.nanmax(flow.vm_pu[solved], initial=0.0)),
        "max_difference_to_runpp_pu": checked.difference.voltage_pu,
    }
