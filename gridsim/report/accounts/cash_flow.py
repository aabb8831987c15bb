"""The project's cash flow, year by year: a table whose columns add up, and the cumulated flow."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, Any

from gridsim.report.accounts.amounts import money
from gridsim.report.figures.figure import Figure
from gridsim.report.tables import Column, Table
from gridsim.report.theme import INK, axis, layout

if TYPE_CHECKING:
    from gridsim.report.view import RunView
    from gridsim.report.words import Words

    Money = dict[str, Any]

GROUPS = {
    "revenue": ("revenue_", "recovery"),
    "investment": ("investment", "replacement"),
    "costs": ("cost_",),
    "levies": ("vat_payable", "surcharges"),
}
"""Columns before tax, and how the rows that they sum begin. Together they are the net flow before tax."""


def flow_columns(record: Money) -> dict[str, list[float]]:
    """Column → amount of each year. [CNY]"""
    lines = {line["row"]: line["cny"] for line in record["flow"]["tables"]["project"]}
    empty = [0.0] * len(record["flow"]["years"])
    sums = {
        key: [sum(year) for year in zip(empty, *(cny for row, cny in lines.items() if row.startswith(beginnings)), strict=True)]
        for key, beginnings in GROUPS.items()
    }
    for key, row in (("before", "net_before_tax"), ("tax", "adjusted_income_tax"), ("after", "net_after_tax")):
        sums[key] = lines.get(row, empty)
    return {**sums, "cumulated": lines["cumulative_after_tax"]}


def flow_table(words: Words, record: Money) -> Table:
    """One row a year."""
    columns = flow_columns(record)
    rows = [[str(year), *(money(words, cny[place]) for cny in columns.values())] for place, year in enumerate(record["flow"]["years"])]
    total = [words("table.total"), *(money(words, sum(cny)) for cny in columns.values())]
    total[-1] = ""
    heads = [Column(words("cash.year"), text=True), *(Column(words(f"cash.{key}"), words.money[1]) for key in columns)]
    return Table(heads, rows, total, words("cash.caption"), title=words("cash.title"))


def cash_flow_bars(view: RunView, record: Money) -> Figure:
    """Draw the net flow of each year, and the cumulated flow before tax, after tax and discounted."""
    words, flow = view.words, record["flow"]
    factor, unit = words.money
    lines = {line["row"]: line["cny"] for line in flow["tables"]["project"]}
    years, after = flow["years"], lines["net_after_tax"]
    discounted = list(accumulate(cny / (1.0 + flow["rate"]) ** year for year, cny in zip(years, after, strict=True)))

    def values(cny: list[float]) -> list[float]:
        return [float(f"{value / factor:.6g}") for value in cny]

    hover = f"%{{y:,.4~g}} {unit}"
    data: list[dict[str, Any]] = [
        {"type": "bar", "name": words("cash.after"), "x": years, "y": values(after), "marker": {"color": "#C6D9EA"}, "hovertemplate": hover}
    ]
    curves = [("cumulated_before", lines["cumulative_before_tax"], "#8D99A3", "dot"), ("cumulated", lines["cumulative_after_tax"], "#1F5F99", "solid")]
    curves.append(("discounted", discounted, INK, "dash"))
    for key, cny, colour, dash in curves:
        line = {"color": colour, "width": 2, "dash": dash}
        data.append({"type": "scatter", "mode": "lines", "name": words(f"cash.{key}"), "x": years, "y": values(cny), "line": line, "hovertemplate": hover})
    frame = layout(
        hovermode="x unified",
        bargap=0.25,
        xaxis=axis(words("cash.year"), dtick=2, showgrid=False),
        yaxis=axis(unit, zerolinecolor=INK),
        legend={**layout()["legend"], "y": -0.2},
    )
    return Figure("cash-flow", words("cash.figure"), data, frame, 360, words("cash.figure_caption"))
