"""The sheets of the network part in ``tables.xlsx``."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from gridsim.report.numbers import SPACE
from gridsim.report.wires.studies_sheets import study_sheets
from gridsim.report.wires.wires_view import wires_of
from gridsim.report.wires.worst_hours import BETWEEN, worst_hours

if TYPE_CHECKING:
    from gridsim.report.wires.wires_view import WiresView
    from gridsim.report.workbook import Book

MOST_ROWS = 5000
"""Rows of the sheet of violations; the file has all of them."""


def wires_sheets(book: Book) -> None:
    """Add the sheets of the network, where it was checked."""
    wires = wires_of(book.view)
    if wires is None:
        return
    _elements(book, wires)
    if len(wires.violations):
        _violations(book, wires)
        _worst_hours(book, wires)
    if wires.loop:
        _loop(book, wires)
    study_sheets(book, wires)


def _elements(book: Book, wires: WiresView) -> None:
    """Every bus and branch with the worst it saw, and its hours beyond the limit."""
    words = book.words
    heads = [(words(f"wires_table.{key}"), "") for key in ("element", "where", "kind")]
    heads += [(words(f"wires_table.{key}"), "") for key in ("worst", "limit", "unit")]
    heads += [(words("wires_table.use"), "1"), (words("wires_table.hours"), "h"), (words("wires_table.energy_at_risk"), "MWh")]
    heads += [(words("wires_table.when"), "")]
    known = {(row["kind"], row["element"]): row for row in wires.record["statistics"]}
    rows: list[list[Any]] = []

    def add(kind: str, name: str, worst: float, limit: float, unit: str, use: float, step: int) -> None:
        found = known.pop((kind, name), None)
        beyond = [found["hours"], found["energy_at_risk_mwh"]] if found else [0.0, 0.0]
        when = wires.stamp(step).replace(SPACE, " ") if math.isfinite(worst) else ""
        rows.append([name, wires.where(kind, name), words.named("wires_kind", kind), worst, limit, unit, use, *beyond, when])

    for branch in wires.branches.values():
        add(branch.kind, branch.name, branch.highest, branch.limit, "1", branch.use, branch.highest_step)
    for bus in wires.buses.values():
        add("voltage_low", bus.name, bus.lowest_pu, bus.vm_min_pu, "p.u.", bus.low_use, bus.lowest_step)
        add("voltage_high", bus.name, bus.highest_pu, bus.vm_max_pu, "p.u.", bus.high_use, bus.highest_step)
    for (kind, name), row in list(known.items()):
        unit = {"connection": "MW", "no_solution": ""}.get(kind, "1")
        worst, limit = (math.nan, math.nan) if kind == "no_solution" else (row["worst"], row["limit"])
        use = worst / limit if kind == "connection" and limit else math.nan
        add(kind, name, worst, limit, unit, use, row["worst_step"])
    rows.sort(key=lambda row: (-row[8], -row[6] if math.isfinite(row[6]) else math.inf))
    book.rows("wires_elements", heads, rows)


def _violations(book: Book, wires: WiresView) -> None:
    """The first rows of ``violations.parquet``, and a last line that says how many there are."""
    words, table = book.words, wires.violations
    named = {"time": "when", "element": "element", "kind": "kind", "value": "worst", "limit": "limit", "excess": "excess", "unit": "unit"}
    columns = [*named, "energy_at_risk_mwh"]
    columns += [name for name in table.columns if name.startswith("driver_")]
    heads = [(words(f"wires_table.{key}"), "") for key in named.values()]
    heads += [(words("wires_table.energy_at_risk"), "MWh")]
    for name in columns[len(heads) :]:
        place, _, what = name.removeprefix("driver_").partition("_")
        heads.append((words(f"wires_driver.{what or 'asset'}", place=place), {"mw": "MW"}.get(what, "")))
    rows: list[list[Any]] = []
    for row in table.iloc[:MOST_ROWS][columns].itertuples(index=False):
        cells = dict(zip(columns, row, strict=True))
        cells["time"] = f"{cells['time']:%Y-%m-%d %H:%M}"
        cells["kind"] = words.named("wires_kind", cells["kind"])
        for name in columns:
            if name.startswith("driver_") and isinstance(cells[name], str):
                cells[name] = wires.view.label(cells[name]) if cells[name] else ""
        rows.append([cells[name] for name in columns])
    shown = min(MOST_ROWS, len(table))
    rows.append([words("wires.rows_shown", shown=f"{shown:,}", count=f"{len(table):,}"), *[""] * (len(heads) - 1)])
    book.rows("wires_violations", heads, rows)


def _worst_hours(book: Book, wires: WiresView) -> None:
    words = book.words
    heads = [(words("wires_table.when"), ""), (words("wires_table.beyond"), ""), (words("wires_table.drivers"), "")]
    heads += [(words("wires_table.energy_at_risk"), "MWh"), (words("wires_table.excess"), "1")]
    rows: list[list[Any]] = []
    for hour in worst_hours(wires):
        texts = (wires.stamp(hour.step), BETWEEN.join(hour.elements), BETWEEN.join(hour.drivers))
        rows.append([*(text.replace(SPACE, " ") for text in texts), hour.energy_at_risk_mwh, hour.score])
    book.rows("wires_worst_hours", heads, rows)


def _loop(book: Book, wires: WiresView) -> None:
    """The loop's record as paths and values, part by part."""
    words = book.words
    rows = [[path, value] for path, value in _flat("", wires.loop)]
    book.rows("wires_loop", [(words("table.path"), ""), (words("table.value"), "")], rows)


def _flat(path: str, value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        return [pair for key, inner in value.items() for pair in _flat(f"{path}.{key}" if path else key, inner)]
    if isinstance(value, list):
        return [pair for place, inner in enumerate(value, start=1) for pair in _flat(f"{path}.{place}", inner)]
    return [(path, value)]
