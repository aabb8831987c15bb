"""Tables of elements: those beyond their limits, or nearest to them, and the tap changers that move most."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gridsim.report.numbers import MINUS, number, percent
from gridsim.report.tables import Column, Table

if TYPE_CHECKING:
    from gridsim.report.wires.wires_view import WiresView

FIRST_ELEMENTS = 20
"""Rows before the rest is folded."""
NEAREST = 8
"""Elements shown where none is beyond its limit."""
TAP_CHANGERS = 10


@dataclass(frozen=True)
class Beyond:
    """Elements beyond their limits that did exactly the same, as parallel circuits do."""

    kind: str
    names: tuple[str, ...]
    hours: float
    energy_at_risk_mwh: float
    worst: float
    limit: float
    worst_step: int


def elements_beyond(wires: WiresView) -> list[Beyond]:
    """Return the elements beyond their limits, the most energy at risk first; parallel circuits are one with the sum of their energy."""
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in wires.record["statistics"]:
        ends = wires.ends(row["kind"], row["element"])
        groups.setdefault((row["kind"], ends, row["hours"], round(row["worst"], 9), row["limit"], row["worst_step"]), []).append(row)
    found = [
        Beyond(
            rows[0]["kind"],
            tuple(row["element"] for row in rows),
            rows[0]["hours"],
            sum(row["energy_at_risk_mwh"] for row in rows),
            rows[0]["worst"],
            rows[0]["limit"],
            rows[0]["worst_step"],
        )
        for rows in groups.values()
    ]
    return sorted(found, key=lambda element: -element.energy_at_risk_mwh)


def element_tables(wires: WiresView) -> list[Table]:
    """Return the table of elements beyond their limits; a long one is cut in two, the second folded."""
    words = wires.view.words
    rows = [
        [
            words("word.list_comma").join(name for name in element.names if name) or "–",
            wires.where(element.kind, element.names[0]),
            words.named("wires_kind", element.kind),
            number(element.hours),
            "–" if element.kind == "no_solution" else wires.amount(element.kind, element.worst, element.limit),
            wires.amount(element.kind, element.limit),
            number(element.energy_at_risk_mwh),
            wires.stamp(element.worst_step),
        ]
        for element in elements_beyond(wires)
    ]
    if not rows:
        return []
    columns = [
        Column(words("wires_table.element"), text=True, data=True),
        Column(words("wires_table.where"), text=True, data=True),
        Column(words("wires_table.kind"), text=True),
        Column(words("wires_table.hours"), "h"),
        Column(words("wires_table.worst"), whole=True),
        Column(words("wires_table.limit")),
        Column(words("wires_table.energy_at_risk"), "MWh"),
        Column(words("wires_table.when"), text=True, whole=True),
    ]
    first = Table(columns, rows[:FIRST_ELEMENTS], caption=words("wires.elements_caption"), title=words("wires.elements_title"))
    if len(rows) <= FIRST_ELEMENTS:
        return [first]
    return [first, Table(columns, rows[FIRST_ELEMENTS:], folded=words("wires.more_elements", count=len(rows) - FIRST_ELEMENTS))]


def nearest_table(wires: WiresView) -> Table | None:
    """Return the elements that come nearest to their limits, where none is beyond."""
    words = wires.view.words
    found: list[tuple[float, list[str]]] = []
    for branch in wires.branches.values():
        if math.isfinite(branch.use):
            cells = [percent(branch.highest), percent(branch.limit), percent(branch.use), wires.stamp(branch.highest_step)]
            found.append((branch.use, [branch.name, wires.where(branch.kind, branch.name), words.named("wires_kind", branch.kind), *cells]))
    for bus in wires.buses.values():
        if math.isfinite(bus.use):
            kind, value, limit, step = (
                ("voltage_low", bus.lowest_pu, bus.vm_min_pu, bus.lowest_step)
                if bus.low_use >= bus.high_use
                else ("voltage_high", bus.highest_pu, bus.vm_max_pu, bus.highest_step)
            )
            cells = [wires.amount(kind, value), wires.amount(kind, limit), percent(bus.use), wires.stamp(step)]
            found.append((bus.use, [bus.name, wires.bus_label(bus.name), words.named("wires_nearest", kind), *cells]))
    if not found:
        return None
    columns = [
        Column(words("wires_table.element"), text=True, data=True),
        Column(words("wires_table.where"), text=True, data=True),
        Column(words("wires_table.kind"), text=True),
        Column(words("wires_table.nearest"), whole=True),
        Column(words("wires_table.limit"), whole=True),
        Column(words("wires_table.use")),
        Column(words("wires_table.when"), text=True, whole=True),
    ]
    rows = [cells for _, cells in sorted(found, key=lambda item: -round(item[0], 9))[:NEAREST]]
    return Table(columns, rows, caption=words("wires.nearest_caption"), title=words("wires.nearest_title"))


def tap_table(wires: WiresView) -> Table | None:
    """Return the tap changers that move most."""
    words = wires.view.words
    busy = sorted(((name, count) for name, count in wires.record["tap_operations"].items() if count), key=lambda item: -item[1])
    if not busy:
        return None
    days = wires.view.hours / 24.0
    rows = []
    for name, count in busy[:TAP_CHANGERS]:
        low, high = wires.extreme(f"{name}:tap_position", -1.0)[0], wires.extreme(f"{name}:tap_position", 1.0)[0]
        span = f"{_whole(low)} … {_whole(high)}" if math.isfinite(low) else "–"
        rows.append([name, wires.where("transformer", name), f"{count:,}", number(count / days), span])
    columns = [
        Column(words("wires_table.tap_changer"), text=True, data=True),
        Column(words("wires_table.where"), text=True, data=True),
        Column(words("wires_table.operations")),
        Column(words("wires_table.operations_a_day")),
        Column(words("wires_table.positions"), whole=True),
    ]
    total = sum(wires.record["tap_operations"].values())
    caption = words("wires.taps_caption", changers=len(busy), operations=f"{total:,}")
    hunting = wires.record.get("hunting_steps") or 0
    if hunting:
        caption += words("word.sentence_space") + words("wires.hunting", hours=number(wires.hours(hunting)))
    return Table(columns, rows, caption=caption, title=words("wires.taps_title"))


def _whole(value: float) -> str:
    return f"{value:.0f}".replace("-", MINUS)
