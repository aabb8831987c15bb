"""Points of scenarios in any figure: what the pointer shows of them, and which dispatch they choose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gridsim.report.figures.figure import plain
from gridsim.report.numbers import SPACE
from gridsim.report.study_page.study_view import MOST_TOLD

if TYPE_CHECKING:
    from gridsim.report.numbers import SPACE
from gridsim.report.study_page.study_view import StudyView

DISPATCH = "dispatch"
"""Name of the figure that a click on a point changes."""


def hover(view: StudyView, index: int, *more: str) -> str:
    """Return what the pointer shows: values, sizes, cost and whatever else the figure knows."""
    row = view.scenarios.loc[index]
    lines = [f"<b>{plain(view.label(index))}</b>"]
    if len(view.paths) > MOST_TOLD and view.design != "one_at_a_time":
        lines += [f"{plain(view.title(path))}: {plain(view.value(path, row[path]))}" for path in view.paths]
    if view.cost in view.scenarios:
        lines.append(f"{view.title(view.cost)}: {view.amount(view.cost).text(float(row[view.cost]))}")
    lines += [f"{plain(view.title(path))}: {view.amount(path).text(float(row[path]))}{mark(view, path, float(row[path]))}" for path in view.free]
    if view.choice(index) >= 0:
        more = (*more, f"<i>{view.words('study.click')}</i>")
    return "<br>".join([*lines, *more])


MARKS = {"min": f"{SPACE}▼", "max": f"{SPACE}▲", "": ""}
"""Behind a capacity that stands at a bound."""


def mark(view: StudyView, path: str, value: float) -> str:
    """Return the mark of a capacity at its bound."""
    return MARKS[view.at_bound(path, value)]


def chooses(view: StudyView) -> dict[str, Any]:
    """Return what a layout needs so that a click chooses a dispatch."""
    return {"meta": {"chooses": DISPATCH}} if view.choosable else {}
