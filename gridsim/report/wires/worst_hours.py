"""The hours farthest beyond the limits, and the assets that drive them there."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.report.numbers import SPACE, number, percent
from gridsim.report.tables import Column, Table
from gridsim.report.wires.wires_view import LOADING_KINDS, VOLTAGE_KINDS, signed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.report.wires.wires_view import WiresView

WORST_HOURS = 10
ELEMENTS_OF_HOUR = 3
DRIVERS = 3
BETWEEN = " · "
"""Elements and assets of an hour."""


@dataclass(frozen=True)
class WorstHour:
    """One of the hours farthest beyond the limits."""

    step: int
    elements: list[str]
    """Each with value and limit, the farthest beyond first."""
    more: int
    """Elements that are not listed."""
    drivers: list[str]
    """Assets behind the worst element, with power and sensitivity."""
    score: float
    """Sum of the relative excess over the limits. [1]"""
    energy_at_risk_mwh: float


def worst_hours(wires: WiresView) -> list[WorstHour]:
    """Return the hours with the largest sum of relative excess, one a day while there are enough days."""
    rows = wires.violations
    if not len(rows):
        return []
    step = rows["step"].to_numpy(dtype=np.int64)
    relative = np.where(np.isfinite(wires.beyond), wires.beyond, 1e6)
    steps, place = np.unique(step, return_inverse=True)
    score = np.round(np.bincount(place, weights=relative), 9)
    order = steps[np.argsort(-score, kind="stable")]
    scores = dict(zip(steps.tolist(), score.tolist(), strict=True))
    chosen: list[int] = []
    days: set[int] = set()
    for candidate in order.tolist():
        if int(wires.view.day[candidate]) not in days and len(chosen) < WORST_HOURS:
            chosen.append(candidate)
            days.add(int(wires.view.day[candidate]))
    chosen += [candidate for candidate in order.tolist() if candidate not in set(chosen)][: WORST_HOURS - len(chosen)]
    return [_worst_hour(wires, np.flatnonzero(step == one), relative, scores[one]) for one in sorted(chosen, key=lambda one: -scores[one])]


def _worst_hour(wires: WiresView, places: NDArray[np.int64], relative: NDArray[np.float64], score: float) -> WorstHour:
    words = wires.view.words
    places = places[np.argsort(-relative[places], kind="stable")]
    rows = wires.violations.iloc[places]
    groups: dict[tuple[Any, str, str], list[str]] = {}
    for row in rows.itertuples():
        if row.kind == "no_solution":
            listed_as = words("wires.no_solution_because", reason=row.reason or "–")
            groups.setdefault((row.kind, listed_as, ""), [])
        else:
            value, limit = wires.amount(row.kind, row.value, row.limit), wires.amount(row.kind, row.limit)
            groups.setdefault((wires.ends(row.kind, row.element), value, limit), []).append(row.element or wires.where(row.kind, ""))
    listed = [
        words("wires.element_of_hour", name=words("word.list_comma").join(names), value=value, limit=limit) if names else value
        for (_, value, limit), names in list(groups.items())[:ELEMENTS_OF_HOUR]
    ]
    first = rows.iloc[0]
    return WorstHour(
        step=int(first["step"]),
        elements=listed,
        more=max(0, len(groups) - ELEMENTS_OF_HOUR),
        drivers=drivers_of(wires, first),
        score=math.inf if (rows["kind"] == "no_solution").any() else score,
        energy_at_risk_mwh=float(rows["energy_at_risk_mwh"].sum()),
    )


def drivers_of(wires: WiresView, row: Any) -> list[str]:
    """Return the assets behind a row of the violations: power and how the excess answers to each MW that they supply."""
    found = []
    for place in range(1, DRIVERS + 1):
        asset = row.get(f"driver_{place}")
        if not asset or (isinstance(asset, float) and math.isnan(asset)):
            continue
        per_mw, unit = sensitivity(row["kind"], float(row[f"driver_{place}_per_mw"]))
        power = float(row[f"driver_{place}_mw"])
        found.append(f"{wires.view.label(asset)} {signed(power)}{SPACE}MW ({signed(per_mw)}{SPACE}{unit})")
    return found


def sensitivity(kind: str, per_mw: float) -> tuple[float, str]:
    """Return how an excess answers to a MW, in a unit whose numbers can be read."""
    if kind in VOLTAGE_KINDS:
        return 1e3 * per_mw, "10⁻³ p.u./MW"
    return (100.0 * per_mw, "%/MW") if kind in LOADING_KINDS else (per_mw, "MW/MW")


def worst_hours_table(wires: WiresView) -> Table | None:
    """Return the worst hours as a table."""
    words, hours = wires.view.words, worst_hours(wires)
    if not hours:
        return None
    rows = [
        [
            wires.stamp(hour.step),
            BETWEEN.join(hour.elements) + (words("wires.and_more", count=hour.more) if hour.more else ""),
            BETWEEN.join(hour.drivers) or "–",
            number(hour.energy_at_risk_mwh),
            percent(hour.score) if math.isfinite(hour.score) else "–",
        ]
        for hour in hours
    ]
    columns = [
        Column(words("wires_table.when"), text=True, whole=True),
        Column(words("wires_table.beyond"), text=True, data=True),
        Column(words("wires_table.drivers"), text=True, data=True),
        Column(words("wires_table.energy_at_risk"), "MWh"),
        Column(words("wires_table.excess")),
    ]
    return Table(columns, rows, caption=words("wires.worst_hours_caption"), title=words("wires.worst_hours_title"))
