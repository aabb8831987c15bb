"""What a study found: a row a scenario, and its answers beside those that were expected."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gridsim.study.figures import BILLED, COST, DIFFERENCE
from gridsim.study.scenarios import Scenario, canonical

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from gridsim.study.axes import Value
    from gridsim.study.definition import Expected, Study

SOLVED = "solved"


@dataclass(frozen=True)
class Answer:
    """A figure that was expected, and what was found."""

    figure: str
    scenario: str
    """Which scenario is meant, in words."""
    expected: float
    tolerance: float
    found: float | None
    """None where the scenario has no such figure."""

    @property
    def holds(self) -> bool:
        """Whether the two agree."""
        return self.found is not None and abs(self.found - self.expected) <= self.tolerance * max(abs(self.expected), 1.0)


@dataclass(frozen=True, eq=False)
class StudyResult:
    """The table of a study and how it came about."""

    question: str
    design: str
    table: pd.DataFrame
    """A row a scenario in the order of the design: its values, sizes, status and the figures that were asked for."""
    everything: pd.DataFrame
    """The same with every figure of ``summary.json``."""
    paths: tuple[str, ...]
    """That were varied."""
    base: dict[str, Value | None]
    """Where one path at a time is varied: the values that all others keep."""
    folder: Path
    computed: int
    """Scenarios that this start ran."""
    reused: int
    """Scenarios that were there already."""
    seconds: float
    """Of this start."""
    workers: int
    answers: tuple[Answer, ...]
    notes: tuple[str, ...]
    front: pd.DataFrame | None = None
    """Points of a front, as `gridsim.study.front.front_table`."""
    alternatives: pd.DataFrame | None = None
    """Near-optimal designs, as `gridsim.study.alternatives.Alternatives.table`."""

    @property
    def failed(self) -> pd.DataFrame:
        """Scenarios without an optimum, with the reason."""
        return self.table[self.table["status"] != SOLVED]

    @property
    def solved(self) -> pd.DataFrame:
        """Scenarios with one."""
        return self.table[self.table["status"] == SOLVED]


def table_of(study: Study, scenarios: Sequence[Scenario], names: Sequence[str], rows: Mapping[str, dict[str, Any]]) -> pd.DataFrame:
    """Return every figure of the finished scenarios, in the order of the design."""
    import pandas as pd

    lines = []
    for scenario, name in zip(scenarios, names, strict=True):
        if (row := rows.get(name)) is not None:
            outcome = {key: row[key] for key in ("status", "reason", "start", "seconds")}
            lines.append({"scenario": name, **scenario.values, **row["sizes"], **outcome, **row["figures"], **billed(row["figures"])})
    figures = dict.fromkeys(key for line in lines for key in line)
    head = ["scenario", *study.paths, *study.written.free, "status", "reason", "start", "seconds"]
    table = pd.DataFrame(lines, columns=[*head, *(key for key in figures if key not in head)])
    for axis in study.axes:
        if table[axis.path].map(type).nunique() > 1 and not axis.numeric:
            table[axis.path] = table[axis.path].map(str)  # a column of a table holds one kind of value
    for path in [*study.written.free, *([] if study.front_path is None else [study.front_path])]:
        table[path] = table[path].astype(float)
    return table


def billed(figures: Mapping[str, Any]) -> dict[str, float]:
    """Return the total cost by the bill where there is a bill: with the charges that the dispatch does not count."""
    return {BILLED: figures[COST] + figures[DIFFERENCE]} if COST in figures and DIFFERENCE in figures else {}


def shown(study: Study, everything: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Return the columns that the study asks for, and what is odd about them."""
    from gridsim.errors import did_you_mean

    asked = [*study.written.figures]
    if BILLED in everything and BILLED not in asked:
        asked.insert(asked.index(COST) + 1 if COST in asked else 0, BILLED)  # what scenarios with a bill are compared by
    figures = [*asked, *(["sizing_cost_cny", "sizing_bound_cny", "sizing_gap", "sizing_part_load_cny"] if study.written.free else [])]
    absent = [figure for figure in study.written.figures if figure not in everything]
    notes = []
    if (everything["status"] == SOLVED).any():
        for figure in absent:
            known = [column for column in everything if column.partition(".")[0] == figure.partition(".")[0]]
            notes.append(f"no scenario has the figure '{figure}'; {did_you_mean(figure, known)}")
    head = ["scenario", *study.paths, *study.written.free, "status"]
    return everything[[*head, *(figure for figure in figures if figure in everything), "seconds", "start", "reason"]], notes


def answer(expected: Expected, everything: pd.DataFrame) -> Answer:
    """Compare one expected answer with the table."""
    solved = everything[everything["status"] == SOLVED]
    by = expected.lowest or expected.highest
    if expected.at is not None:
        words = ", ".join(f"{path} = {value}" for path, value in expected.at.items())
        for path, value in expected.at.items():
            solved = solved[solved[path].map(canonical) == canonical(value)]
    elif by is not None:
        words = f"{'lowest' if expected.lowest else 'highest'} {by}"
        ordered = solved.dropna(subset=[by]).sort_values(by, ascending=expected.lowest is not None, kind="stable") if by in solved else solved[:0]
        solved = ordered[:1]
    else:
        words = "every scenario"
    values = solved[expected.figure].dropna() if expected.figure in solved else []
    found = None
    if len(values):
        found = float(max(values, key=lambda value: abs(value - expected.value)))  # of several, the one that is farthest off
    return Answer(expected.figure, words, expected.value, expected.tolerance, found)
