"""Hosting capacity: how much more wind, sun, electrolysis or storage each bus can take, and what keeps it from more."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from gridsim.report.figures.figure import Figure, plain
from gridsim.report.numbers import SPACE, number
from gridsim.report.tables import Column, Table
from gridsim.report.theme import axis, layout
from gridsim.report.wires.loop import BAR_COLOURS
from gridsim.report.wires.studies_cells import DASH, finite, joined, rows_shown, when, where

if TYPE_CHECKING:
    import pandas as pd

    from gridsim.report.wires.studies import Part
    from gridsim.report.wires.wires_view import WiresView

BARS = 12
"""Buses with most, and as many with least, in the figure."""
ROWS = 5
"""Buses with most, and as many with least, in the table of each kind."""
NONE_MW = 0.05
"""Capacities below count as none (judged). [MW]"""
COLOURS = {**BAR_COLOURS, "no_solution": "#B3001B", "": "#CBD2D8"}
"""Of what binds; nothing binds the last."""


def hosting_parts(wires: WiresView, table: pd.DataFrame) -> list[Part]:
    """Return the judgement, a row a kind, a figure of the buses with most and least, and their table for each kind."""
    words = wires.view.words
    if table.empty:
        return [words("hosting.none")]
    parts: list[Part] = [hosting_judgement(wires, table), kind_table(wires, table), capacity_bars(wires, table), words("hosting.basis")]
    return [*parts, *(bus_table(wires, table, kind) for kind in table["kind"].unique())]


def hosting_judgement(wires: WiresView, table: pd.DataFrame) -> str:
    """Say where most of each kind fits, and how many buses take none."""
    words = wires.view.words
    most, none = [], []
    for kind, group in table.groupby("kind", sort=False):
        best = group.loc[group["capacity_mw"].idxmax()].to_dict()
        values = {"kind": words.named("type", str(kind)), "mw": capacity(best), "bus": wires.bus_label(best["bus"])}
        most.append(words("hosting.most_of", **values))
        none.append(words("hosting.none_of", kind=values["kind"], count=int((group["capacity_mw"] < NONE_MW).sum())))
    comma = words("word.list_comma")
    buses = table["bus"].nunique()
    return joined(wires, words("hosting.most", list=comma.join(most)), words("hosting.without", list=comma.join(none), count=buses))


def capacity(row: dict[str, Any]) -> str:
    """Return a capacity with its unit; at least the largest that was tried where nothing binds."""
    text = f"{number(row['capacity_mw']) if row['capacity_mw'] >= NONE_MW else '0'}{SPACE}MW"
    return text if row["binding_kind"] else f"≥{SPACE}{text}"


def kind_table(wires: WiresView, table: pd.DataFrame) -> Table:
    """Return one row a kind: what buses can take, and what binds how often."""
    words = wires.view.words
    rows = []
    for kind, group in table.groupby("kind", sort=False):
        ordered = group.sort_values("capacity_mw", kind="stable").to_dict("records")
        counts = group["binding_kind"].value_counts()
        binding = [f"{binder(wires, str(what))} {count}" for what, count in counts.items()]
        cells = [str(len(group)), str(int((group["capacity_mw"] < NONE_MW).sum()))]
        median = number(float(group["capacity_mw"].median()))
        last = [capacity(ordered[0]), median + f"{SPACE}MW", capacity(ordered[-1]), words("word.list_comma").join(binding)]
        rows.append([words.named("type", str(kind)), *cells, *last])
    columns = [
        Column(words("wires_table.kind"), text=True),
        Column(words("hosting.bus_count")),
        Column(words("hosting.without_count")),
        Column(words("hosting.smallest")),
        Column(words("hosting.median")),
        Column(words("hosting.largest")),
        Column(words("hosting.binding_count"), text=True),
    ]
    return Table(columns, rows)


def binder(wires: WiresView, kind: str) -> str:
    """Return what binds, in words."""
    words = wires.view.words
    return words.named("wires_kind", kind) if kind else words("hosting.unbound")


def ends_of(group: pd.DataFrame, count: int) -> list[dict[str, Any]]:
    """Return the buses with most and, behind them, those with least, the largest first; all where they are few."""
    ordered = group.sort_values("capacity_mw", ascending=False, kind="stable").to_dict("records")
    return ordered if len(ordered) <= 2 * count else [*ordered[:count], *ordered[-count:]]


def capacity_bars(wires: WiresView, table: pd.DataFrame) -> Figure:
    """Draw the capacity of each bus in the colour of what binds, one kind at a time."""
    words = wires.view.words
    data: list[dict[str, Any]] = []
    choices: list[str] = []
    most, seen = 0, set()
    for kind, group in table.groupby("kind", sort=False):
        rows = ends_of(group, BARS)
        most = max(most, len(rows))
        seen |= {row["binding_kind"] for row in rows}
        notes = [plain(f"{_bound(wires, row)}<br>{when(wires, row['hour'])}").replace("&lt;br&gt;", "<br>") for row in rows]
        choices.append(words.named("type", str(kind)))
        data.append(
            {
                "type": "bar",
                "orientation": "h",
                "name": choices[-1],
                "visible": not data,
                "y": [plain(wires.bus_label(row["bus"])) for row in rows],
                "x": [round(float(row["capacity_mw"]), 3) for row in rows],
                "text": [capacity(row) for row in rows],
                "textposition": "outside",
                "cliponaxis": False,
                "customdata": notes,
                "marker": {"color": [COLOURS.get(row["binding_kind"], COLOURS[""]) for row in rows]},
                "hovertemplate": "%{y}<br>%{text}<br>%{customdata}<extra></extra>",
            }
        )
    frame = layout(
        bargap=0.3,
        xaxis=axis(words("hosting.axis"), rangemode="tozero"),
        yaxis=axis(type="category", autorange="reversed", showgrid=False),
        margin={"l": 120, "r": 90, "t": 10, "b": 45},
        showlegend=False,
    )
    legend = tuple((colour, binder(wires, kind)) for kind, colour in COLOURS.items() if kind in seen)
    height = 80 + 24 * max(2, most)
    title, caption = words("hosting.figure_title"), words("hosting.figure_caption", count=BARS)
    return Figure("hosting", title, data, frame, height, caption, legend, tuple(choices) if len(choices) > 1 else ())


def _bound(wires: WiresView, row: dict[str, Any]) -> str:
    if not row["binding_kind"]:
        return wires.view.words("hosting.unbound")
    return wires.view.words("hosting.bound", element=row["binding_element"] or where_bound(wires, row), kind=binder(wires, row["binding_kind"]))


def where_bound(wires: WiresView, row: dict[str, Any]) -> str:
    """Say where what binds is: both ends of a branch, the label of a bus, the connection."""
    element = row["binding_element"]
    return where(wires, element) if element else wires.where(row["binding_kind"], "") or DASH


def bus_table(wires: WiresView, table: pd.DataFrame, kind: str) -> Table:
    """Return the buses that can take most and least of a kind."""
    words = wires.view.words
    group = table[table["kind"] == kind]
    rows = [
        [
            wires.bus_label(row["bus"]),
            f"{row['kv']:g}",
            capacity(row),
            row["binding_element"] or DASH,
            where_bound(wires, row) if row["binding_kind"] else DASH,
            binder(wires, row["binding_kind"]),
            _amount(wires, row, "value"),
            _amount(wires, row, "limit"),
            when(wires, row["hour"]),
        ]
        for row in ends_of(group, ROWS)
    ]
    columns = [
        Column(words("short_circuit.bus"), text=True, data=True),
        Column(words("short_circuit.level"), "kV"),
        Column(words("hosting.capacity"), whole=True),
        Column(words("hosting.element"), text=True, data=True),
        Column(words("wires_table.where"), text=True, data=True),
        Column(words("wires_table.kind"), text=True),
        Column(words("hosting.value")),
        Column(words("wires_table.limit")),
        Column(words("wires_table.when"), text=True, whole=True),
    ]
    title = words("hosting.bus_title", kind=words.named("type", kind))
    return Table(columns, rows, caption=rows_shown(wires, len(rows), len(group), "hosting"), title=title)


def _amount(wires: WiresView, row: dict[str, Any], key: str) -> str:
    value, limit = finite(row[key]), finite(row["limit"])
    if not row["binding_kind"] or not math.isfinite(value):
        return DASH
    return wires.amount(row["binding_kind"], value, limit) if key == "value" else wires.amount(row["binding_kind"], value)
