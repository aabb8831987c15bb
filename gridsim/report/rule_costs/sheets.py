"""Every rule with its verdict and its cost as a sheet; numbers stay numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gridsim.report.rule_costs.cells import answered, asked_of, head, notes, one_more_of, set_title, texts

if TYPE_CHECKING:
    from pathlib import Path

COLUMNS = (
    *("set", "name", "text", "value", "asked", "margin", "unit", "status", "answer", "cost_cny_per_a", "cost_fen_per_kwh", "at_least_cny_per_a"),
    *("shadow", "per", "best", "missed_mwh", "same_as", "certainty", "source"),
)
WIDE = {"set": 34, "name": 34, "text": 48, "answer": 40, "source": 40}


def rows(record: dict[str, Any], language: str) -> list[list[Any]]:
    """Return a row a rule, in the order of `COLUMNS`."""
    words, found = texts(language), []
    for rule in record["rules"]:
        cost = rule["cost"] or {}
        least, shadow = cost.get("at_least_cny"), one_more_of(rule)
        per = None if shadow is None else words.get("per." + shadow[1], shadow[1])
        found.append(
            [
                set_title(rule, language),
                rule["name"],
                rule[f"text_{language}"],
                rule["value"] if rule["value"] is not None else cost.get("value"),
                asked_of(rule),
                rule["margin"],
                rule["unit"],
                words[f"status.{rule['status']}"],
                answered(rule, record, language),
                cost.get("cost_cny_per_a"),
                cost.get("cost_fen_per_kwh"),
                None if least is None else least / record["share_of_year"],
                None if shadow is None else shadow[0],
                per,
                cost.get("best"),
                cost.get("missed_mwh"),
                cost.get("same_as"),
                rule["certainty"],
                rule["source"],
            ]
        )
    return found


def write_rule_costs_workbook(path: Path, record: dict[str, Any], language: str) -> None:
    """Write the rules as one sheet, and what must be known to read them as another."""
    import xlsxwriter

    words = texts(language)
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as workbook:
        bold = workbook.add_format({"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#F0F3F5", "bottom": 1})
        plain, number = workbook.add_format({"num_format": "#,##0"}), workbook.add_format({"num_format": "#,##0.00##"})
        sheet = workbook.add_worksheet(words["sheet.rules"][:31])
        for place, column in enumerate(COLUMNS):
            sheet.write_string(0, place, words[f"column.{column}"], bold)
            sheet.set_column(place, place, WIDE.get(column, 14))
        for line, row in enumerate(rows(record, language), start=1):
            for place, value in enumerate(row):
                if isinstance(value, int | float):
                    sheet.write_number(line, place, value, plain if COLUMNS[place].endswith("cny_per_a") else number)
                elif value:
                    sheet.write_string(line, place, value)
        sheet.freeze_panes(1, 2)
        sheet.autofilter(0, 0, len(record["rules"]), len(COLUMNS) - 1)
        told = workbook.add_worksheet(words["sheet.notes"])
        for place, text in enumerate([*head(record, language), *notes(record, language)]):
            told.write_string(place, 0, text)
