"""Tables of what follows from many scenarios: how a choice holds over weather years, and where a capacity enters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gridsim.report.tables import Column, Table

if TYPE_CHECKING:
    from gridsim.report.study_page.study_view import StudyView

SAME = 1e-9
STATISTICS = ("mean", "worst", "cvar", "best")


def robustness_tables(view: StudyView) -> list[Table]:
    """List mean, worst, conditional value at risk and best: a row a choice and a table a figure, or a row a figure where nothing is to be chosen."""
    if view.robustness is None:
        return []
    words, frame = view.words, view.robustness
    frame = frame[[view.spread(figure) > SAME for figure in frame["figure"]]]
    chosen = [path for path in view.paths if path in frame]
    counts = [Column(words("study_robust.scenarios")), Column(words("study_robust.failed"))]
    if not chosen:
        columns = [Column(words("study.figure"), text=True), *(Column(words(f"study_robust.{key}")) for key in STATISTICS), *counts]
        rows = [[view.title(row["figure"]), *_statistics(view, row, units=True)] for row in frame.to_dict("records")]
        return [Table(columns, rows)] if rows else []
    tables = []
    for figure in dict.fromkeys(frame["figure"]):
        unit, rows = view.amount(figure).unit, frame[frame["figure"] == figure]
        columns = [Column(view.title(path), text=True, data=True) for path in chosen]
        columns += [*(Column(words(f"study_robust.{key}"), unit) for key in STATISTICS), *counts]
        lines = [[*(view.value(path, row[path]) for path in chosen), *_statistics(view, row, units=False)] for row in rows.to_dict("records")]
        tables.append(Table(columns, lines, title=view.title(figure)))
    return tables


def _statistics(view: StudyView, row: dict[str, Any], *, units: bool) -> list[str]:
    amount = view.amount(row["figure"])
    values = [float(row[key]) for key in STATISTICS]
    return [*(amount.text(value) if units else amount.bare(value) for value in values), f"{row['scenarios']:,}", f"{row['failed']:,}"]


def break_even_table(view: StudyView) -> Table | None:
    """List the values of a path at which a capacity enters or leaves."""
    if view.break_even is None or not len(view.break_even):
        return None
    words, lines = view.words, []
    for row in view.break_even.to_dict("records"):
        path = row["path"]
        change = words("study_break_even.enters") if row["enters"] else words("study_break_even.leaves")
        between = words("study_break_even.between", below=view.value(path, row["below"]), above=view.value(path, row["above"]))
        lines.append([view.title(row["size"]), change, view.title(path), view.value(path, float(f"{row['value']:.4g}")), between])
    columns = [
        Column(words("study.capacity"), text=True, data=True),
        Column(words("study_break_even.change"), text=True),
        Column(words("study.path"), text=True, data=True),
        Column(words("study_break_even.at")),
        Column(words("study_break_even.sure")),
    ]
    return Table(columns, lines, caption=words("study_break_even.caption"))
