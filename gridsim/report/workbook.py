"""``tables.xlsx``: the numbers that a planner forwards, as numbers."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.report.accounts import accounts_sheets
from gridsim.report.monthly import causes, monthly_rows
from gridsim.report.numbers import unit_of
from gridsim.report.tables import figures_of
from gridsim.report.wires.sheets import wires_sheets

if TYPE_CHECKING:
    from pathlib import Path

    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    from gridsim.report.view import RunView

EXCEL_EPOCH = np.datetime64("1899-12-30T00:00", "m")
HOURLY_DECIMALS = 4
WIDEST = 60
LONGEST_NAME = 31
FORBIDDEN = re.compile(r"[\[\]:*?/\\]")
"""What no sheet may have in its name."""

NUMBER_FORMAT = {
    "MWh": "#,##0.0",
    "MWh_th": "#,##0.0",
    "MW": "#,##0.000",
    "MW_th": "#,##0.000",
    "CNY": "#,##0",
    "CNY/MWh": "#,##0.00",
    "kg": "#,##0",
    "t": "#,##0.0",
    "h": "#,##0.0",
    "1": "#,##0.0000",
    "s": "#,##0.00",
}
"""Format of the numbers of each unit; others get as many decimals as they need."""


class Book:
    """A workbook with its formats, and sheets of headed columns."""

    def __init__(self, workbook: Workbook, view: RunView) -> None:
        self.workbook, self.view, self.words = workbook, view, view.words
        self.head = workbook.add_format({"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#F0F3F5", "bottom": 1})
        self.sum = workbook.add_format({"bold": True, "top": 1})
        self._formats: dict[tuple[str, bool], Format] = {}

    def number(self, unit: str, bold: bool = False) -> Format:
        """Return the format of numbers with a unit."""
        if (unit, bold) not in self._formats:
            style = {"num_format": NUMBER_FORMAT.get(unit, "#,##0.00##")} | ({"bold": True, "top": 1} if bold else {})
            self._formats[unit, bold] = self.workbook.add_format(style)
        return self._formats[unit, bold]

    def sheet(self, key: str, heads: list[tuple[str, str]], kind: Any = None, of: str = "") -> Worksheet:
        """Add a sheet with bold, frozen heads, each a title and a unit; its name ends in what it is ``of``, where there are several."""
        name = FORBIDDEN.sub("_", f"{self.words(f'sheet.{key}')} {of}").strip()[:LONGEST_NAME]
        sheet = self.workbook.add_worksheet(name, kind)
        for column, (title, unit) in enumerate(heads):
            sheet.write_string(0, column, f"{title} [{unit}]" if unit else title, self.head)
        sheet.freeze_panes(1, 1)
        return sheet

    def rows(self, key: str, heads: list[tuple[str, str]], rows: list[list[Any]], total: list[Any] | None = None, of: str = "") -> None:
        """Add a sheet of rows; numbers take the format of their column's unit."""
        sheet = self.sheet(key, heads, of=of)
        lines = [*rows, total] if total is not None else rows
        for place, row in enumerate(lines, start=1):
            bold = total is not None and place == len(lines)
            for column, value in enumerate(row):
                self.cell(sheet, place, column, value, heads[column][1], bold)
        for column, (title, unit) in enumerate(heads):
            longest = max((_width(row[column]) for row in lines), default=0)
            sheet.set_column(column, column, min(WIDEST, max(9, longest + 2, _width(f"{title} [{unit}]") // 2 + 2)))
        if rows:
            sheet.autofilter(0, 0, len(rows), len(heads) - 1)

    def cell(self, sheet: Worksheet, row: int, column: int, value: Any, unit: str, bold: bool = False) -> None:
        """Write one value: numbers as numbers, all else as text that no program takes for a formula."""
        if value is None or value == "":
            return
        if isinstance(value, bool) or not isinstance(value, int | float):
            sheet.write_string(row, column, str(value), self.sum if bold else None)
        elif np.isfinite(value):
            sheet.write_number(row, column, value, self.number(unit, bold))


def _width(value: Any) -> int:
    """Return about how many characters wide a value is shown; Chinese characters count twice."""
    if isinstance(value, float):
        return len(f"{value:,.1f}")
    return sum(2 if ord(character) > 0x2E80 else 1 for character in str(value or ""))


def write_workbook(path: Path, view: RunView) -> None:
    """Write all sheets."""
    import xlsxwriter

    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": False}) as workbook:
        book = Book(workbook, view)
        _summary(book)
        _monthly(book)
        _technologies(book)
        _costs(book)
        _curtailment(book)
        wires_sheets(book)
        accounts_sheets(book)
        _hourly(book)
        _defaults(book)
        _run(book)


def _summary(book: Book) -> None:
    words, view = book.words, book.view
    heads = [(words("table.key"), ""), (words("table.value"), ""), (words("table.unit"), ""), (words("table.meaning"), "")]
    sheet = book.sheet("summary", heads)
    for place, (key, value) in enumerate(view.summary.items(), start=1):
        unit = "" if isinstance(value, str) else unit_of(key)
        sheet.write_string(place, 0, key)
        book.cell(sheet, place, 1, value, unit)
        sheet.write_string(place, 2, unit)
        sheet.write_string(place, 3, meaning(view, key))
    for column, width in enumerate((44, 20, 10, 80)):
        sheet.set_column(column, column, width)


def meaning(view: RunView, key: str) -> str:
    """Return what a figure of ``summary.json`` means."""
    name, _, figure = key.rpartition(".")
    if name in view.technologies:
        return f"{view.label(name)}: {view.words.named('figure_of', figure)}"
    if key.startswith("rule."):
        return _of_rule(view, key.removeprefix("rule."))
    return view.words.get(f"meaning.{key}")


def _of_rule(view: RunView, key: str) -> str:
    """Return the rule's own text, and which of its numbers this is."""
    texts = {finding["name"]: finding[f"text_{view.words.language}"] for finding in view.record["accounts"]["rules"]}
    name, _, part = key.rpartition(".")
    return texts[key] if key in texts else f"{texts[name]} ({view.words(f'meaning.rule_{part}')})"


def _monthly(book: Book) -> None:
    words, rows = book.words, monthly_rows(book.view)
    keys = [key for key in rows[0] if key != "month"]
    heads = [(words("table.month"), ""), *((words.named("short", key), unit_of(key)) for key in keys)]
    total = [words("table.total"), *(book.view.summary.get(key) for key in keys)]
    book.rows("monthly", heads, [[row["month"], *(row[key] for key in keys)] for row in rows], total)


def _technologies(book: Book) -> None:
    words, view = book.words, book.view
    found = {name: {key: value for key, value in figures_of(view, name).items()} for name in view.technologies}
    keys = list(dict.fromkeys(key for figures in found.values() for key in figures))
    titles = ("table.key", "table.technology", "table.type", "table.owner", "table.note")
    heads = [(words(title), "") for title in titles] + [(words.named("figure_of", key), unit_of(key)) for key in keys]
    rows = [
        [
            name,
            view.label(name),
            words.named("type", technology["type"]),
            technology["owner"],
            technology["note"],
            *(found[name].get(key) for key in keys),
        ]
        for name, technology in view.technologies.items()
    ]
    book.rows("technologies", heads, rows)


def _costs(book: Book) -> None:
    words, view = book.words, book.view
    lines = view.record["costs"]
    heads = [
        (words("table.key"), ""),
        (words("table.technology"), ""),
        (words("table.type"), ""),
        (words("table.kind"), ""),
        (words("table.cost"), "CNY"),
    ]
    rows = [
        [
            line["technology"],
            view.label(line["technology"]),
            words.named("type", view.type_of(line["technology"])),
            words.named("cost", line["kind"]),
            line["cny"],
        ]
        for line in lines
    ]
    book.rows("costs", heads, rows, [words("table.total"), "", "", "", sum(line["cny"] for line in lines)])


def _curtailment(book: Book) -> None:
    words, view, found = book.words, book.view, causes(book.view)
    months = {cause: view.monthly(power) for cause, power in found.items()}
    whole = view.monthly(view.total("curtailed_mw"))
    heads = [(words("table.month"), ""), *((words.named("cause", cause), "MWh") for cause in months), (words("table.total"), "MWh")]
    rows = [
        [month, *(float(amounts[place]) for amounts in months.values()), float(whole[place])] for place, month in enumerate(view.months)
    ]
    book.rows(
        "curtailment", heads, rows, [words("table.total"), *(float(amounts.sum()) for amounts in months.values()), float(whole.sum())]
    )


def _hourly(book: Book) -> None:
    """All columns of the hourly table; the time is a date of the spreadsheet, numbers are rounded to 4 decimals."""
    from gridsim.report.number_sheet import NumberSheet

    view = book.view
    columns = list(view.hourly.columns)
    heads = [(book.words("table.step_start"), ""), *((column, view.run.units.get(column, "")) for column in columns)]
    sheet = book.sheet("hourly", heads, NumberSheet)
    days = (view.stamps - EXCEL_EPOCH).astype(np.int64) / 1440.0
    numbers = np.column_stack([days, np.round(view.hourly.to_numpy(dtype=float), HOURLY_DECIMALS) + 0.0])
    plain = book.workbook.add_format({"num_format": "#,##0.00"})
    time = book.workbook.add_format({"num_format": "yyyy-mm-dd hh:mm", "align": "left"})
    sheet.write_numbers(1, numbers, [time, *[plain] * len(columns)])
    sheet.set_column(0, 0, 17)
    sheet.set_column(1, len(columns), 13)
    sheet.set_row(0, 60)


def _defaults(book: Book) -> None:
    words = book.words
    heads = [(words(f"table.{key}"), "") for key in ("path", "value", "unit", "certainty", "source")]
    rows = [
        [default["path"], _value(default["value"]), default["unit"], default["certainty"], default["source"]]
        for default in book.view.record["defaults_used"]
    ]
    book.rows("defaults", heads, rows)


def _run(book: Book) -> None:
    words, record = book.words, book.view.record
    kept = (
        "park",
        "level",
        "termination",
        "audit",
        "seconds",
        "peak_memory_mb",
        "versions",
        "limits",
        "limit_prices_cny_per_mwh",
        "warnings",
    )
    rows = [[path, value] for key in kept if key in record for path, value in _flat(key, record[key])]
    book.rows("run", [(words("table.path"), ""), (words("table.value"), "")], rows)


def _flat(path: str, value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        return [pair for key, inner in value.items() for pair in _flat(f"{path}.{key}", inner)]
    if isinstance(value, list) and len(value) == 1:
        return _flat(path, value[0])
    return [(path, _value(value))]


def _value(value: Any) -> Any:
    return value if isinstance(value, int | float | str) and not isinstance(value, bool) else json.dumps(value, ensure_ascii=False)
