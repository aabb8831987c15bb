"""Sheets about money for a workbook, whose sums, present values, internal rates and payments are formulas of the spreadsheet, with gridsim's values beside."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

TABLE = Path(__file__).parents[1] / "data" / "money_words.csv"
SUMS = ("net_before_tax", "net_after_tax", "net_equity", "profit_before_tax", "net_profit")
"""Rows that are the sum of those above them; cumulative rows between do not count."""


@cache
def money_words(language: Literal["en", "zh"]) -> dict[str, str]:
    """Return key → words of a language."""
    return {row["key"]: row[language] for row in csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines())}


def write_money_sheets(workbook: Workbook, record: dict[str, Any], language: Literal["en", "zh"] = "en") -> None:
    """Add all sheets about money.

    Parameters
    ----------
    workbook : xlsxwriter.Workbook
    record : dict
        From `gridsim.money.record.money_record`.
    language : {"en", "zh"}
    """
    sheets = _Sheets(workbook, record, money_words(language), language)
    flow = record["flow"]
    for name in ("project", "equity", "profit", "vat", "loan"):
        sheets.flow(name, flow, flow["tables"][name])
    if record["difference"] is not None:
        sheets.flow("difference", record["difference"], record["difference"]["tables"]["project"])
    sheets.rows("investment", record["investment"])
    sheets.rows("replacement", [{**row, "years": ", ".join(map(str, row["years"]))} for row in record["replacement"]])
    sheets.rows("levelised", [{"product": carrier, **row} for carrier, rows in record["levelised"].items() for row in rows])
    sheets.rows("deliveries", record["deliveries"])
    label = f"label_{language}"
    kept = ("field", label, "value", "unit", "certainty", "source")
    sheets.rows("assumptions", [{key: row[key] for key in kept} for row in record["assumptions"]])


class _Sheets:
    def __init__(self, workbook: Workbook, record: dict[str, Any], words: dict[str, str], language: str) -> None:
        self.workbook, self.record, self.words = workbook, record, words
        self.head = workbook.add_format({"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#F0F3F5", "bottom": 1})
        self.money = workbook.add_format({"num_format": "#,##0"})
        self.sum = workbook.add_format({"num_format": "#,##0", "bold": True, "top": 1})
        self.bold = workbook.add_format({"bold": True, "top": 1})
        self.share = workbook.add_format({"num_format": "0.00%"})
        self.plain = workbook.add_format({"num_format": "#,##0.00##"})

    def flow(self, name: str, flow: dict[str, Any], lines: list[dict[str, Any]]) -> None:
        """One table over the years, each sum a formula, and below it what it is worth."""
        sheet = self.workbook.add_worksheet(self.words[f"sheet.{name}"][:31])
        years = flow["years"]
        sheet.write_string(0, 0, self.words["word.row"], self.head)
        for column, year in enumerate(years, start=1):
            sheet.write_number(0, column, year, self.head)
        sheet.write_string(0, len(years) + 1, self.words["word.total"], self.head)
        place = {line["row"]: number for number, line in enumerate(lines, start=1)}
        for number, line in enumerate(lines, start=1):
            self._line(sheet, number, line, lines, len(years))
        sheet.freeze_panes(1, 1)
        sheet.set_column(0, 0, 44)
        sheet.set_column(1, len(years) + 1, 15)
        below = len(lines) + 2
        sheet.write_string(below, 0, self.words[f"word.basis_{self.record['basis']}"])
        if name == "loan":
            self._payment(sheet, below + 2, lines)
            return
        worth = {row: found for row, found in flow["worth"].items() if row in place}
        if worth:
            sheet.write_string(below + 1, 0, self.words["word.discount_rate"])
            sheet.write_number(below + 1, 1, flow["rate"], self.share)
            for block, (row, found) in enumerate(worth.items()):
                self._worth(sheet, below + 3 + 6 * block, below + 1, row, place, found, years)

    def _line(self, sheet: Worksheet, number: int, line: dict[str, Any], lines: list[dict[str, Any]], count: int) -> None:
        from xlsxwriter.utility import xl_rowcol_to_cell as cell

        row, total = line["row"], line["row"] in SUMS
        style = self.sum if total else self.money
        sheet.write_string(number, 0, self.words[f"row.{row}"], self.bold if total else None)
        above = self._summed(number, lines)
        for column, value in enumerate(line["cny"], start=1):
            if total and above:
                sheet.write_formula(number, column, "=" + "+".join(f"SUM({cell(a, column)}:{cell(b, column)})" for a, b in above), style, value)
            elif row.startswith("cumulative"):
                net = number - 1
                before = f"{cell(number, column - 1)}+" if column > 1 else ""
                sheet.write_formula(number, column, f"={before}{cell(net, column)}", style, value)
            else:
                sheet.write_number(number, column, value, style)
        if not row.startswith("cumulative") and row != "balance":
            sheet.write_formula(number, count + 1, f"=SUM({cell(number, 1)}:{cell(number, count)})", style, sum(line["cny"]))

    @staticmethod
    def _summed(number: int, lines: list[dict[str, Any]]) -> list[tuple[int, int]]:
        """First and last row of each block above a sum: cash flow rows, or the former sum and what follows; cumulative rows are left out."""
        begin = max((place for place in range(1, number) if lines[place - 1]["row"] in SUMS), default=None)
        if begin is None:
            return [(1, number - 1)] if number > 1 else []
        follows = begin + 1
        while follows < number and lines[follows - 1]["row"].startswith("cumulative"):
            follows += 1
        blocks = [(begin, begin)]
        return blocks + ([(follows, number - 1)] if follows < number else [])

    def _worth(self, sheet: Worksheet, top: int, rate: int, row: str, place: dict[str, int], found: dict[str, Any], years: list[int]) -> None:
        from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell

        net = place[row]
        cumulative = place[f"cumulative_{row.removeprefix('net_')}"]
        last = len(years)
        flows, whole, labels = (xl_range_abs(r, 1, r, last) for r in (net, cumulative, 0))
        at = xl_rowcol_to_cell(rate, 1, row_abs=True, col_abs=True)
        npv = f"=NPV({at},{flows})" if years[0] == 1 else f"={xl_rowcol_to_cell(net, 1)}+NPV({at},{xl_range_abs(net, 2, net, last)})"
        sheet.write_string(top, 0, self.words[f"row.{row}"], self.head)
        sheet.write_string(top, 1, self.words["word.formula"], self.head)
        sheet.write_string(top, 2, self.words["word.ours"], self.head)
        self._pair(sheet, top + 1, "npv", npv, found["npv_cny"], self.money)
        guess = found["irr"]
        irr = f"=IRR({flows},{guess:.3f})" if guess is not None else None
        self._pair(sheet, top + 2, "irr", irr, guess, self.share, missing="several" if found["irr_finding"] == "several" else "none")
        last_below = f"LOOKUP(2,1/({whole}<0),{labels})"
        static = f"={last_below}-LOOKUP(2,1/({whole}<0),{whole})/INDEX({flows},MATCH({last_below},{labels},0)+1)"
        ever = found["payback_years"] is not None and found["payback_years"] > 0
        self._pair(sheet, top + 3, "payback", static if ever else None, found["payback_years"], self.plain)
        self._pair(sheet, top + 4, "discounted_payback", None, found["discounted_payback_years"], self.plain)

    def _pair(self, sheet: Worksheet, row: int, word: str, formula: str | None, value: float | None, style: Any, missing: str = "none") -> None:
        """A figure by the spreadsheet's formula, where there is one, and by gridsim."""
        sheet.write_string(row, 0, self.words[f"word.{word}"])
        if value is None:
            sheet.write_string(row, 2, self.words[f"word.{missing}"])
            return
        if formula is not None:
            sheet.write_formula(row, 1, formula, style, value)
        sheet.write_number(row, 2, value, style)

    def _payment(self, sheet: Worksheet, top: int, lines: list[dict[str, Any]]) -> None:
        """Yearly payment of a loan of equal payments as the spreadsheet's PMT, beside principal and interest of the first year of repayment."""
        terms = self.record["loan"]
        rows = {line["row"]: line["cny"] for line in lines}
        if terms["repayment"] != "equal_payment" or "principal" not in rows:
            return
        first = next(place for place, value in enumerate(rows["principal"]) if value != 0)
        debt = sum(rows["drawn"]) + sum(rows.get("capitalised_interest", []))
        from xlsxwriter.utility import xl_rowcol_to_cell

        paid = -rows["principal"][first] - rows.get("interest", [0.0] * len(rows["principal"]))[first]
        sheet.write_string(top, 0, self.words["word.loan_rate"])
        sheet.write_number(top, 1, terms["rate"], self.share)
        sheet.write_string(top + 1, 1, self.words["word.formula"], self.head)
        sheet.write_string(top + 1, 2, self.words["word.ours"], self.head)
        rate = xl_rowcol_to_cell(top, 1)
        number = {line["row"]: place for place, line in enumerate(lines, start=1)}
        drawn = [xl_rowcol_to_cell(number[row], len(rows["principal"]) + 1) for row in ("drawn", "capitalised_interest") if row in number]
        self._pair(sheet, top + 2, "payment", f"=PMT({rate},{terms['years']},-({'+'.join(drawn)}))" if debt else None, paid, self.money)

    def rows(self, name: str, rows: list[dict[str, Any]]) -> None:
        """A sheet of rows headed by the words of their keys."""
        if not rows:
            return
        sheet = self.workbook.add_worksheet(self.words[f"sheet.{name}"][:31])
        keys = list(dict.fromkeys(key for row in rows for key in row))
        for column, key in enumerate(keys):
            head = self.words[f"column.{key}"]
            sheet.write_string(0, column, head, self.head)
            widest = max([len(head), *(len(str(row.get(key, ""))) for row in rows if isinstance(row.get(key), str))])
            sheet.set_column(column, column, min(60, widest + 4))
        for place, row in enumerate(rows, start=1):
            for column, key in enumerate(keys):
                value = row.get(key)
                if isinstance(value, bool) or (value is not None and not isinstance(value, int | float)):
                    sheet.write_string(place, column, self.words[f"cell.{str(value).lower()}"] if isinstance(value, bool) else str(value))
                elif value is not None:
                    sheet.write_number(place, column, value, self.plain)
        sheet.freeze_panes(1, 1)
