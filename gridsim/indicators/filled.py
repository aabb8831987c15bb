"""The indicator tables of a park: each row with its target, its value, and whether it is met."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from gridsim.indicators.computed import NEEDS_ALL_ENERGY, computed_words
from gridsim.indicators.plan_gap import PlanGap, plan_gaps
from gridsim.indicators.projects import ProjectLine, Sum, project_lines, sums
from gridsim.indicators.table import Indicator, Table, Target, parsed, table

if TYPE_CHECKING:
    from gridsim.carbon.account import CarbonAccount
    from gridsim.dispatch.result import Dispatch
    from gridsim.indicators.section import Declared, IndicatorsSection
    from gridsim.metrics.scorecard import Scorecard

Status = Literal["met", "not met", "no target", "not known"]


@dataclass(frozen=True)
class IndicatorLine:
    """One row of a table for one park."""

    indicator: Indicator
    computed: float | None
    declared: Declared | None
    target: Target | None
    """Of the target year; the park's own where the table has none."""
    status: Status
    by_year: dict[int, Status]
    """The same value against every column of the table."""
    partial: bool
    """True where the simulation sees only a part of the energy that the indicator means."""

    @property
    def value(self) -> float | None:
        """What counts: the simulation's figure, else the declared one."""
        return self.computed if self.computed is not None else (None if self.declared is None else self.declared.value)


@dataclass(frozen=True)
class IndicatorTable:
    """One plan for one park."""

    plan: Table
    target_year: int
    lines: tuple[IndicatorLine, ...]
    projects: tuple[ProjectLine, ...]
    sums: tuple[Sum, ...]
    zero_carbon: tuple[PlanGap, ...]

    def counted(self, status: Status) -> int:
        """How many rows have a status."""
        return sum(line.status == status for line in self.lines)


def indicators_of(dispatch: Dispatch, card: Scorecard, account: CarbonAccount, section: IndicatorsSection) -> tuple[IndicatorTable, ...]:
    """Fill the indicator tables that a park asks for.

    Parameters
    ----------
    dispatch : Dispatch
    card : Scorecard
        Of the same dispatch.
    account : CarbonAccount
        Of the same dispatch.
    section : IndicatorsSection
        ``indicators:`` of the park file, checked by `gridsim.indicators.checks`.
    """
    words = computed_words(dispatch, card, account, section)
    return tuple(_table(table(name), words, dispatch, account, section, account.energy.complete) for name in section.tables)


def _table(plan: Table, words: dict[str, float], dispatch: Dispatch, account: CarbonAccount, section: IndicatorsSection, all_energy: bool) -> IndicatorTable:
    year = section.target_year if section.target_year in plan.years else plan.years[-1]
    return IndicatorTable(
        plan,
        year,
        tuple(_line(row, words, section, year, all_energy) for row in plan.indicators),
        project_lines(plan, dispatch, account),
        sums(plan),
        plan_gaps(plan),
    )


def _line(row: Indicator, words: dict[str, float], section: IndicatorsSection, year: int, all_energy: bool) -> IndicatorLine:
    computed = None if row.computed is None else words.get(row.computed)
    declared = section.declared.get(row.name)
    value = computed if computed is not None else (None if declared is None else declared.value)
    target = row.targets[year]
    if target is None and row.name in section.targets:
        target = parsed(section.targets[row.name], row.unit, row.better)
    by_year = {column: _status(value, cell) for column, cell in row.targets.items()}
    partial = computed is not None and row.computed in NEEDS_ALL_ENERGY and not all_energy
    return IndicatorLine(row, computed, declared, target, _status(value, target), by_year, partial)


def _status(value: float | None, target: Target | None) -> Status:
    if target is None:
        return "no target"
    if value is None:
        return "not known"
    return "met" if target.met_by(value) else "not met"
