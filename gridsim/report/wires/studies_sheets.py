"""The sheets of the studies: every row and every column of each table, with places and times as words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gridsim.report.numbers import SPACE
from gridsim.report.wires.studies_cells import KIND_OF_TABLE, finite, when, where
from gridsim.report.wires.studies_reinforcement import basis, measure
from gridsim.report.wires.told import told

if TYPE_CHECKING:
    import pandas as pd

    from gridsim.report.wires.wires_view import WiresView
    from gridsim.report.workbook import Book

PLACES = ("element", "bus")
"""Columns behind which the place stands."""
UNIT_OF_KIND = {"voltage_low": "p.u.", "voltage_high": "p.u.", "line": "1", "transformer": "1", "connection": "MW"}
SUFFIXES = (("_mw", "MW"), ("_mva", "MVA"), ("_ka", "kA"), ("kv", "kV"), ("annual_cny", "CNY/a"), ("_cny", "CNY"))
VALUES = ("_value", "_limit", "_before")


def study_sheets(book: Book, wires: WiresView) -> None:
    """Add a sheet for each study that the run has."""
    for name in ("n_1", "short_circuit", "hosting", "reinforcement"):
        table = wires.view.run.network_studies.get(name)
        if table is not None and len(table.columns):
            _sheet(book, wires, name, table)


def _sheet(book: Book, wires: WiresView, study: str, table: pd.DataFrame) -> None:
    words = book.words
    heads: list[tuple[str, str]] = []
    columns: list[list[Any]] = []

    def add(title: str, unit: str, values: list[Any]) -> None:
        heads.append((title, unit))
        columns.append(values)

    for column in table.columns:
        # tolist gives Python's own numbers; the workbook would write those of numpy as text
        values = table[column].tolist()
        add(words.named("study_column", column), unit_of_column(column), [_cell(wires, study, column, value) for value in values])
        if column in PLACES:
            add(words("wires_table.where"), "", [where(wires, value) for value in values])
        if study == "hosting" and column == "limit":
            add(words("wires_table.unit"), "", [UNIT_OF_KIND.get(kind, "") for kind in table["binding_kind"]])
    book.rows(f"wires_{study}", heads, [list(row) for row in zip(*columns, strict=True)])


def unit_of_column(column: str) -> str:
    """Return the unit of a column of a study; empty for text and for what has a unit of its own in each row."""
    if column.startswith("voltage_") and column.endswith(VALUES):
        return "p.u."
    if (column.startswith("loading_") and column.endswith(VALUES)) or column in ("margin", "short_circuit_ratio"):
        return "1"
    return next((unit for suffix, unit in SUFFIXES if column.endswith(suffix)), "")


def _cell(wires: WiresView, study: str, column: str, value: Any) -> Any:
    words = wires.view.words
    if column == "hour" or column.endswith("_hour"):
        return when(wires, value).replace(SPACE, " ") if finite(value) >= 0 else ""
    if isinstance(value, bool):
        return words("studies.yes") if value else words("studies.no")
    if column == "table":
        return words.named("wires_kind", KIND_OF_TABLE.get(value, value))
    if column == "binding_kind":
        return words.named("wires_kind", value) if value else ""
    if column == "strength":
        return words.named("strength", value.replace(" ", "_")) if value else ""
    if column in ("description", "basis"):
        return told(words, value) if column == "description" else basis(wires, value)
    if column == "kind":
        return measure(wires, value) if study == "reinforcement" else words.named("type", value)
    return value
