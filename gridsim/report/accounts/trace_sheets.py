"""The sheets of the trace in ``tables.xlsx``: sources and users, as a whole and by month, owners' pairs by month, ratios, products."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.report.accounts.trace import TraceView

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.report.workbook import Book

HOLDS = {True: "pass", False: "fail", None: "not_known"}


def trace_sheets(book: Book, record: dict[str, Any]) -> None:
    """Add the sheets; those about owners only where there are any."""
    found, words = TraceView(book.view, record), book.words
    _destinations(book, found)
    _months(book, found)
    if found.owned:
        heads = [(words("table.month"), ""), (words("trace.plant_owner"), ""), (words("trace.user_owner"), ""), (words("table.electricity"), "MWh")]
        rows = [[row["month"], found.owner(row["plant_owner"]), found.owner(row["user_owner"]), row["mwh"]] for row in record["settlement"]]
        book.rows("trace_settlement", heads, rows, [words("table.total"), "", "", sum(row["mwh"] for row in record["settlement"])])
        _ratios(book, found)
    if record["products"]:
        heads = [(words("trace.product"), ""), (words("trace.source"), ""), (words("table.share"), "1")]
        names = [found.sources[place % len(found.sources)] for place in range(len(record["products"]))]
        book.rows("trace_products", heads, [[book.view.label(row["product"]), name, row["share"]] for row, name in zip(record["products"], names, strict=True)])


def _heads(found: TraceView, *first: str) -> list[tuple[str, str]]:
    words = found.words
    return [*((words(key), "") for key in first), *((source, "MWh") for source in found.sources), (words("table.total"), "MWh"), (words("trace.green"), "1")]


def _cells(found: TraceView, mwh: NDArray[np.float64]) -> list[Any]:
    return [*(float(amount) for amount in mwh), float(mwh.sum()), found.green_share(mwh)]


def _destinations(book: Book, found: TraceView) -> None:
    rows = []
    for row in found.destinations:
        named = [row["name"], found.label(row), book.words.named("trace_kind", row["kind"]), found.owner(row["owner"]) if row["owner"] else ""]
        rows.append([*named, *_cells(found, found.mwh(row))])
    supplied = np.array([source["supplied_mwh"] for source in found.record["sources"]])
    heads = _heads(found, "table.key", "trace.destination", "trace.kind", "trace.owner")
    book.rows("trace", heads, rows, [book.words("trace.supplied"), "", "", "", *_cells(found, supplied)])


def _months(book: Book, found: TraceView) -> None:
    rows = [
        [month, row["name"], found.label(row), book.words.named("trace_kind", row["kind"]), *_cells(found, found.months(row)[place])]
        for place, month in enumerate(found.record["months"])
        for row in found.destinations
    ]
    book.rows("trace_months", _heads(found, "table.month", "table.key", "trace.destination", "trace.kind"), rows)


def _ratios(book: Book, found: TraceView) -> None:
    words = book.words
    titles = ("trace.owner", "rules.metric", "table.reached", "rules.sense", "table.demanded", "rules.verdict", "trace.above", "trace.below")
    heads = list(zip(map(words, titles), ("", "", "1", "", "1", "", "MWh", "MWh"), strict=True))
    rows = [
        [
            found.owner(row["owner"]),
            words.named("trace_ratio", row["rule"]),
            row["value"],
            row["sense"],
            row["threshold"],
            words.named("rule_status", HOLDS[row["holds"]]),
            row["above_mwh"],
            row["below_mwh"],
        ]
        for row in found.record["ratios"]
    ]
    book.rows("trace_ratios", heads, rows)
