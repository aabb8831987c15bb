"""``tables.xlsx`` of a curtailment study: its tables as numbers in their plain units."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gridsim.metrics.curtailment import CAUSES
from gridsim.report.workbook import Book

if TYPE_CHECKING:
    from pathlib import Path

    from gridsim.report.curtailment_page.curtailment_view import CurtailmentView

SAVINGS = {
    "size": ("curtail.has", ""),
    "unit": ("table.unit", ""),
    "step": ("curtail.step", ""),
    "curtailed_mwh_per_unit": ("curtail.saved", "MWh"),
    "cny_per_unit": ("curtail.cost_saved", "CNY"),
    "marginal_cny_per_unit": ("curtail.marginal", "CNY"),
    "yearly_cost_cny_per_unit": ("curtail.yearly_cost", "CNY"),
    "pays": ("curtail.pays", ""),
    "cny_per_mwh_saved": ("curtail.net_cost", "CNY/MWh"),
    "green_share_per_unit": ("curtail.green_gained", "1"),
    "import_mwh_per_unit": ("curtail.imports_saved", "MWh"),
    "export_mwh_per_unit": ("curtail.exports_added", "MWh"),
}
"""Head and unit of each column of an option, after its names."""


def write_curtailment_workbook(path: Path, view: CurtailmentView) -> None:
    """Write all sheets."""
    import xlsxwriter

    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": False}) as workbook:
        book, words, record = Book(workbook, view), view.words, view.record
        heads = [(words("table.cause"), ""), (words("table.curtailed"), "MWh"), (words("curtail.of_curtailed"), "1"), (words("curtail.of_available"), "1")]
        rows = [[words("table.total") if row["cause"] == "all" else words.named("cause", row["cause"]), *list(row.values())[1:]] for row in record["causes"]]
        book.rows("curtail_causes", heads, rows[:-1], rows[-1])
        _by_time(book, view, "months", "month", words("table.month"))
        _by_time(book, view, "hours", "hour", words("axis.hour_of_day"))
        table = record["month_and_hour_mwh"]
        heads = [(words("table.month"), ""), *((f"{hour:02d}", "MWh") for hour in range(24))]
        book.rows("curtail_months_hours", heads, [[month, *mwh] for month, mwh in zip(table["months"], table["mwh"], strict=True)])
        heads = [(words("table.key"), ""), (words("curtail.plant"), ""), (words("short.available_mwh"), "MWh"), (words("table.curtailed"), "MWh")]
        plants = [[row["technology"], view.label(row["technology"]), *list(row.values())[1:]] for row in record["plants"]]
        book.rows("curtail_plants", [*heads, (words("word.curtailment_rate"), "1")], plants)
        _savings(book, view)
        book.rows("curtail_notes", [(words("rules.note"), "")], [[note] for note in view.notes])


def _by_time(book: Book, view: CurtailmentView, name: str, key: str, head: str) -> None:
    words, rows = view.words, view.record[name]
    energies = [*(f"{cause}_mwh" for cause in CAUSES), "curtailed_mwh", "available_mwh"]
    heads = [(head, ""), *((words.named("cause", cause), "MWh") for cause in CAUSES), (words("table.curtailed"), "MWh"), (words("short.available_mwh"), "MWh")]
    heads += [(words("word.curtailment_rate"), "1"), (words("curtail.of_curtailed"), "1")]
    lines = [[str(row[key]), *(row[energy] for energy in energies), row["curtailment_rate"], row["share_of_curtailed"]] for row in rows]
    total = [words("table.total"), *(sum(row[energy] for row in rows) for energy in energies), view.record["curtailment_rate"]]
    book.rows(f"curtail_{name}", heads, lines, [*total, sum(row["share_of_curtailed"] for row in rows)])


def _savings(book: Book, view: CurtailmentView) -> None:
    words = view.words

    def cell(key: str, value: Any) -> Any:
        return words.named("yes_no", "yes" if value else "no") if key == "pays" and value is not None else value

    heads = [(words("table.key"), ""), (words("curtail.option"), ""), *((words(head), unit) for head, unit in SAVINGS.values())]
    rows = [[row["technology"], view.option(row), *(cell(key, row[key]) for key in SAVINGS)] for row in view.record["savings"]]
    book.rows("curtail_savings", heads, rows)
