"""The study in tables: answers, every scenario, those that failed, and what was run."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from gridsim.report.numbers import number
from gridsim.report.study_page.points import mark
from gridsim.report.tables import Column, Table

if TYPE_CHECKING:
    from gridsim.report.study_page.study_view import StudyView

FOLDED_FROM, MOST_ROWS, MOST_FAILED = 25, 400, 60


def answer_table(view: StudyView) -> Table | None:
    """List what was expected, and what was found."""
    if not view.answers:
        return None
    words = view.words
    rows = []
    for answer in view.answers:
        amount = view.amount(answer.figure)
        found = words("study_answer.nothing") if answer.found is None else amount.text(answer.found)
        verdict = words("study_answer.holds") if answer.holds else words("study_answer.differs")
        rows.append([view.title(answer.figure), meant(view, answer.scenario), amount.text(answer.expected), found, verdict])
    columns = [
        Column(words("study.figure"), text=True, data=True),
        Column(words("study.scenario"), text=True, data=True),
        Column(words("study_answer.expected")),
        Column(words("study_answer.found")),
        Column(words("study_answer.verdict"), text=True),
    ]
    return Table(columns, rows)


def meant(view: StudyView, scenario: str) -> str:
    """Return which scenario an answer means, in the page's language."""
    words, (first, _, rest) = view.words, scenario.partition(" ")
    if first in ("lowest", "highest") and rest in view.scenarios:
        return words(f"study_answer.{first}", figure=view.title(rest))
    if first == "every":
        return words("study_answer.every")
    pairs = [pair.partition(" = ") for pair in scenario.split(", ")]
    if all(path in view.paths and equals for path, equals, _ in pairs):
        listed = (f"{view.title(path)} {view.value(path, _number(value))}" for path, _, value in pairs)
        return words("word.list_comma").join(listed)
    return scenario


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def scenario_table(view: StudyView) -> Table:
    """List every solved scenario with its values, capacities and the figures that differ."""
    words, table = view.words, view.solved
    figures = view.differing if len(table) > 1 else view.shown_figures
    rows = []
    for index in table.index[:MOST_ROWS]:
        row = table.loc[index]
        cells = [view.number(int(index)), *(view.value(path, row[path]) if view.is_text(path) else bare_value(view, path, row[path]) for path in view.paths)]
        cells += [view.amount(path).bare(float(row[path])) + mark(view, path, float(row[path])) for path in view.free]
        rows.append(cells + [view.amount(figure).bare(_float(row[figure])) for figure in figures])
    columns = [
        Column(words("study.number")),
        *(Column(view.title(path), "" if view.is_text(path) else view.amount(path).unit, text=view.is_text(path), data=True) for path in view.paths),
        *(Column(view.title(path), view.amount(path).unit) for path in view.free),
        *(Column(view.title(figure), view.amount(figure).unit) for figure in figures),
    ]
    same = [
        figure for figure in view.shown_figures if figure not in figures and figure in table and len(table) and math.isfinite(_float(table[figure].iloc[0]))
    ]
    sentences = [words("study_scenarios.marks")] if view.free else []
    if same:
        listed = words("word.list_comma").join(f"{view.title(figure)} {view.amount(figure).text(float(table[figure].iloc[0]))}" for figure in same)
        sentences.append(words("study_scenarios.same", list=listed))
    if len(table) > MOST_ROWS:
        sentences.append(words("study_scenarios.more", shown=f"{MOST_ROWS:,}", all=f"{len(table):,}"))
    folded = words("study_scenarios.folded", count=f"{len(table):,}") if len(table) >= FOLDED_FROM else ""
    return Table(columns, rows, caption=words("word.sentence_space").join(sentences), folded=folded)


def bare_value(view: StudyView, path: str, value: Any) -> str:
    """Return a varied value without its unit."""
    text = view.value(path, value)
    unit = view.amount(path).unit
    return text.removesuffix(f"\N{NO-BREAK SPACE}{unit}") if unit else text


def _float(value: Any) -> float:
    return float("nan") if value is None else float(value)


def failed_table(view: StudyView) -> Table | None:
    """List scenarios without a solution, with the reason."""
    if not len(view.failed):
        return None
    words = view.words
    rows = [
        [view.label(int(index)), words.named("study_status", str(row["status"])), str(row["reason"]).strip()]
        for index, row in view.failed.head(MOST_FAILED).iterrows()
    ]
    columns = [
        Column(words("study.scenario"), text=True, data=True),
        Column(words("study_failed.status"), text=True),
        Column(words("study_failed.reason"), text=True, data=True),
    ]
    more = words("study_scenarios.more", shown=str(MOST_FAILED), all=f"{len(view.failed):,}") if len(view.failed) > MOST_FAILED else ""
    return Table(columns, rows, caption=more)


def run_table(view: StudyView) -> Table:
    """List what was run, for how long, with which gridsim."""
    words, record = view.words, view.record
    park, made_with = record.get("park", {}), record.get("gridsim", {})
    spent = [float(value) for value in view.scenarios["seconds"].dropna()] if "seconds" in view.scenarios else []
    facts = {
        "study": record.get("study"),
        "park": park.get("name"),
        "stage": park.get("stage") or words("run.no_stage"),
        "hours": hours_of(view),
        "level": words.named("level", record["level"]) if record.get("level") else None,
        "vpp": words("word.list_comma").join(words.named("study_vpp_part", part) for part in record.get("vpp") or ()),
        "design": words.named("study_design", view.asked),
        "scenarios": words("study_fact.counts", all=f"{len(view.scenarios):,}", solved=f"{len(view.solved):,}", reused=f"{view.reused:,}"),
        "seconds": words("study_fact.spent", seconds=number(view.seconds), workers=view.workers, sum=number(sum(spent))),
        "gap": view.amount("sizing_gap").text(float(record["gap"])) if record.get("gap") and view.free else None,
        "set": words("word.list_comma").join(f"{path} = {value}" for path, value in record.get("set", {}).items()) or words("run.none"),
        "version": " · ".join(str(made_with[key]) for key in ("version", "code") if made_with.get(key)),
        "sha256": park.get("sha256"),
    }
    rows = [[words(f"study_fact.{key}"), str(value)] for key, value in facts.items() if value not in (None, "")]
    return Table([Column(words("table.fact"), text=True), Column(words("table.value"), text=True, data=True)], rows)


def hours_of(view: StudyView) -> str | None:
    """Return how many hours each scenario has, where that is known."""
    if "hours" not in view.solved or not len(view.solved):
        return None
    hours = sorted({float(value) for value in view.solved["hours"].dropna()})
    return f"{hours[0]:,.6g} h" if len(hours) == 1 else f"{hours[0]:,.6g}–{hours[-1]:,.6g} h" if hours else None
