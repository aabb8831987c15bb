"""A curtailment study as plain data, as text and as sheets."""

from __future__ import annotations

import csv
import math
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from gridsim.metrics import curtailment_table as tables
from gridsim.study.curtailment import row

if TYPE_CHECKING:
    from gridsim.study.curtailment import CurtailmentStudy

TABLE = Path(__file__).parents[1] / "data" / "curtailment_words.csv"
SHEETS = ("causes", "months", "hours", "plants", "savings")
Language = Literal["en", "zh"]


@cache
def curtailment_words(language: Language) -> dict[str, str]:
    """Return key → words of a language."""
    return {line["key"]: line[language] for line in csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines())}


def curtailment_record(study: CurtailmentStudy) -> dict[str, Any]:
    """Return the study's tables as lists of rows, and its notes as a key of the words with figures."""
    from gridsim.dispatch.curtails_least import TIE_BREAK_CNY_PER_MWH

    dispatch, card = study.dispatch, study.card
    carpet = tables.by_month_and_hour(dispatch, card)
    added = [saving.option.name for saving in study.savings if not saving.option.built]
    notes: list[dict[str, Any]] = [{"key": "tie_break", "figures": {"cny_per_mwh": TIE_BREAK_CNY_PER_MWH}}]
    if added:
        notes.append({"key": "added", "figures": {"names": ", ".join(added)}})
    if study.share_of_year < 1.0:
        notes.append({"key": "part", "figures": {"hours": dispatch.time.hours}})
    if any(saving.option.pro_rata for saving in study.savings):
        notes.append({"key": "pro_rata", "figures": {}})
    return {
        "curtailed_mwh": card.year["curtailed_mwh"],
        "curtailment_rate": card.year["curtailment_rate"],
        "operating_cost_cny": study.cost_cny,
        "max_cause_residual_mw": tables.check_sum(card),
        "causes": tables.by_cause(card, dispatch.time.step_hours).to_dict("records"),
        "months": tables.by_month(dispatch, card).to_dict("records"),
        "hours": tables.by_hour(dispatch, card).to_dict("records"),
        "plants": tables.by_plant(dispatch).to_dict("records"),
        "month_and_hour_mwh": {"months": list(carpet.index), "mwh": carpet.to_numpy().tolist()},
        "savings": [row(saving) for saving in study.savings],
        "notes": notes,
    }


def said(note: dict[str, Any], language: Language = "en") -> str:
    """Return a note of the record in words."""
    return curtailment_words(language)[f"note.{note['key']}"].format(**note["figures"])


def sheet_of(record: dict[str, Any], name: str, language: Language = "en") -> tuple[str, list[str], list[list[Any]]]:
    """Return title, heads and rows of one of `SHEETS`, in words of a language; numbers stay numbers."""
    words, lines = curtailment_words(language), record[name]
    keys = list(lines[0]) if lines else []
    return words[f"sheet.{name}"], [_head(words, key) for key in keys], [[_cell(words, key, line[key]) for key in keys] for line in lines]


def _head(words: dict[str, str], key: str) -> str:
    cause = words.get(f"cause.{key.removesuffix('_mwh')}")
    return f"{cause} (MWh)" if cause is not None and key.endswith("_mwh") else words[f"column.{key}"]


def _cell(words: dict[str, str], key: str, value: Any) -> Any:
    if isinstance(value, bool) or (isinstance(value, float) and not math.isfinite(value)):
        return str(value).lower()
    return words.get(f"{key}.{value}", value) if key in ("cause", "option") else value


def write_workbook(path: Path, record: dict[str, Any], language: Language = "en") -> None:
    """Write every table as a sheet, and the notes as the last."""
    import xlsxwriter

    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as workbook:
        head = workbook.add_format({"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#F0F3F5", "bottom": 1})
        number = workbook.add_format({"num_format": "#,##0.00##"})
        for name in SHEETS:
            title, heads, rows = sheet_of(record, name, language)
            sheet = workbook.add_worksheet(title[:31])
            for column, text in enumerate(heads):
                sheet.write_string(0, column, text, head)
            for place, line in enumerate(rows, start=1):
                for column, value in enumerate(line):
                    if isinstance(value, int | float):
                        sheet.write_number(place, column, value, number)
                    elif value is not None:
                        sheet.write_string(place, column, value)
            sheet.set_column(0, max(len(heads) - 1, 0), 16)
            sheet.freeze_panes(1, 1)
        sheet = workbook.add_worksheet({"en": "Notes", "zh": "说明"}[language])
        for place, note in enumerate(record["notes"]):
            sheet.write_string(place, 0, said(note, language))


def lines(record: dict[str, Any], language: Language = "en") -> list[str]:
    """Return what the terminal says."""
    words = curtailment_words(language)
    rate = record["curtailment_rate"]
    text = [f"  {words['column.curtailed_mwh']}: {record['curtailed_mwh']:,.0f} ({rate:.2%})"]
    text += [f"    {words['cause.' + one['cause']]}: {one['mwh']:,.0f} ({one['share_of_curtailed']:.1%})" for one in record["causes"] if one["mwh"] > 0]
    text.append("")
    text.append(f"  {'':<44}{'MWh/a':>12}{'CNY/a':>14}{'cost CNY/a':>14}  pays")
    for one in record["savings"]:
        hours = "" if one["hours"] is None else f", {one['hours']:g} h"
        name = f"{words['option.' + one['option']]} ({one['technology']}{hours}), +1 {one['unit']}"
        cost = "not stated" if one["yearly_cost_cny_per_unit"] is None else f"{one['yearly_cost_cny_per_unit']:,.0f}"
        pays = {None: "", True: "yes", False: "no"}[one["pays"]]
        text.append(f"  {name:<44}{one['curtailed_mwh_per_unit']:>12,.0f}{one['cny_per_unit']:>14,.0f}{cost:>14}  {pays}")
    return [*text, "", *(f"  {said(note, language)}" for note in record["notes"])]
