"""``tables.xlsx`` of a study: its tables as numbers in their plain units."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from gridsim.report.numbers import unit_of
from gridsim.report.study_page.front import fronts
from gridsim.report.study_page.study_view import OUTCOME
from gridsim.report.study_page.tables import run_table
from gridsim.report.workbook import Book

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import pandas as pd

    from gridsim.report.study_page.study_view import StudyView

Heads = list[tuple[str, str]]
SHEET_ROWS = 1_048_575


def write_study_workbook(path: Path, view: StudyView) -> None:
    """Write all sheets; those that the study has nothing for are left out."""
    import xlsxwriter

    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": False}) as workbook:
        book = Book(workbook, view)
        _answers(book, view)
        _scenarios(book, view)
        _front(book, view)
        for name, frame in {"tornado": view.tornado, "alternatives": view.alternatives, "robustness": view.robustness, "break_even": view.break_even}.items():
            if frame is not None and len(frame):
                _frame(book, view, name, frame)
        book.rows("study_run", [(view.words("table.fact"), ""), (view.words("table.value"), "")], run_table(view).rows)


def _answers(book: Book, view: StudyView) -> None:
    words = view.words
    if not view.answers:
        return
    heads = [
        (words("study.figure"), ""),
        (words("study.scenario"), ""),
        (words("study_answer.expected"), ""),
        (words("study_answer.found"), ""),
        (words("table.unit"), ""),
    ]
    heads.append((words("study_answer.verdict"), ""))
    rows = [
        [
            answer.figure,
            answer.scenario,
            answer.expected,
            answer.found,
            unit_of(answer.figure),
            words("study_answer.holds") if answer.holds else words("study_answer.differs"),
        ]
        for answer in view.answers
    ]
    book.rows("study_answers", heads, rows)


def _scenarios(book: Book, view: StudyView) -> None:
    """Every figure of every scenario, failed ones with their reason."""
    table, words = view.scenarios.head(SHEET_ROWS), view.words
    figures = [column for column in table if column not in (*view.paths, *view.free, *OUTCOME)]
    order = ["scenario", *view.paths, *view.free, "status", *(figure for figure in figures if figure != "scenario"), "seconds", "start", "reason"]
    columns = [column for column in order if column in table]
    marks: Heads = [(words("study_size.mark", path=path), "") for path in view.free]
    heads = [*((column, _unit(view, column)) for column in columns), *marks]
    rows = [
        [*map(_plain, row), *(view.at_bound(path, float(size)) for path, size in zip(view.free, sizes, strict=True))]
        for row, sizes in _lines(view, table, columns)
    ]
    book.rows("study_scenarios", heads, rows)


def _lines(view: StudyView, table: pd.DataFrame, columns: list[str]) -> Iterable[tuple[tuple[Any, ...], tuple[Any, ...]]]:
    free = list(view.free)
    sizes = table[free].itertuples(index=False, name=None) if free else ((),) * len(table)
    return zip(table[columns].itertuples(index=False, name=None), sizes, strict=True)


def _front(book: Book, view: StudyView) -> None:
    """Write the points of all fronts with the price of the step to each."""
    words = view.words
    rows = [
        [
            view.title(front.goal),
            front.label,
            view.scenarios.loc[point.index, "scenario"],
            view.label(point.index),
            point.limit,
            point.reached,
            point.cost_cny,
            point.price_cny,
            point.price_cny_per_mwh,
            point.shadow_cny_per_mwh,
            words("study_front.beaten") if point.beaten else words("study_front.efficient"),
        ]
        for front in fronts(view)
        for point in front.points
    ]
    if not rows:
        return
    keys = {"goal": "", "which": "", "key": "", "to": "", "limit": "1", "reached": "1"}
    heads = [*((words(f"study_front.{key}"), unit) for key, unit in keys.items()), (words("table.cost"), "CNY")]
    heads += [(words("study_front.price"), words("study_front.per_point", unit="CNY")), (words("study_front.price_energy"), "CNY/MWh")]
    heads += [(words("table.shadow_price"), "CNY/MWh"), (words("study_front.standing"), "")]
    book.rows("study_front", heads, rows)


def _frame(book: Book, view: StudyView, name: str, frame: pd.DataFrame) -> None:
    book.rows(
        f"study_{name}", [(column, _unit(view, column)) for column in frame], [list(map(_plain, row)) for row in frame.itertuples(index=False, name=None)]
    )


def _unit(view: StudyView, column: str) -> str:
    """Return the unit of a column's plain numbers: shares are not per cent here, money is CNY."""
    if column in ("scenario", "status", "reason", "start", "figure", "path", "size", "design") or column in view.paths or column in view.free:
        unit = view.amount(column).unit if column in (*view.paths, *view.free) else ""
        return "1" if unit == "%" else unit
    unit = unit_of(column)
    return "" if unit == "1" and column in ("low", "base", "high") else unit


def _plain(value: Any) -> Any:
    """Return a value as the sheet takes it: Python's own numbers, nothing for what is missing."""
    value = value.item() if hasattr(value, "item") else value
    return None if isinstance(value, float) and not math.isfinite(value) else value
