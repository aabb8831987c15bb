"""A study as its page sees it: plain tables with the words of a language. What a study computes is made elsewhere and handed over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.report.study_page.amounts import Amount, amount_of
from gridsim.report.study_page.vpp_names import PARTS, SECTION, figure_title, path_title

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from gridsim.report.study_page.kept import Kept
    from gridsim.report.words import Words

SOLVED = "solved"
COST = "cost_total_cny"
BILLED = "cost_total_by_bill_cny"
"""The same with the charges of the bill that no hour changes, as `gridsim.study.figures.BILLED`."""
OUTCOME = ("status", "reason", "start", "seconds")
SAME = 1e-9
"""Relative spread up to which a figure is the same in all scenarios."""
MOST_TOLD = 3
"""Values up to which a scenario is called by them; beyond, by its number."""
CHOSEN = ("bill.demand.basis", "bill.demand.contract_mw")
"""Ends of the paths of a tariff that its user chooses."""
EXTENSIVE = ("mw", "mwh", "kg", "t", "h", "modules", "m3")
"""Ends of the names of fields that somebody decides, not a market or the weather."""
BOUND_TOLERANCE = 1e-6
"""Of the upper bound: nearer than this a capacity stands at its bound."""


@dataclass(frozen=True)
class Found:
    """A figure that was expected, and what was found."""

    figure: str
    scenario: str
    """Which scenario is meant, in words."""
    expected: float
    found: float | None
    holds: bool


@dataclass(frozen=True, eq=False)
class StudyView:
    """One study in one language."""

    words: Words
    record: Mapping[str, Any]
    """``study.json``: what was asked, of which park, with which gridsim."""
    scenarios: pd.DataFrame
    """A row a scenario with every figure: ``scenario``, its values and sizes by path, ``status``, ``reason``, ``seconds``, figures."""
    figures: Sequence[str]
    """Those that the study asks for."""
    paths: Sequence[str]
    """That were varied."""
    base: Mapping[str, Any] = field(default_factory=dict)
    """Where one path at a time is varied: the values that the others keep."""
    answers: Sequence[Found] = ()
    notes: Sequence[str] = ()
    seconds: float = 0.0
    """Of this start."""
    workers: int = 0
    reused: int = 0
    """Scenarios that were there already."""
    front: pd.DataFrame | None = None
    """A row a point of a swept front, as `gridsim.study.front.front_table` gives it."""
    front_field: str = ""
    """Of ``limits``, that the front tightens."""
    alternatives: pd.DataFrame | None = None
    """A row a design, as `gridsim.study.alternatives` gives it: ``design``, sizes by path, ``cost_total_cny``, ``excess``, …; the optimum first."""
    tornado: pd.DataFrame | None = None
    """As `gridsim.study.tornado` gives it, of every figure."""
    robustness: pd.DataFrame | None = None
    """As `gridsim.study.robustness` gives it."""
    break_even: pd.DataFrame | None = None
    """A row a capacity and path: ``size``, ``path``, ``value`` at which it enters or leaves, ``below`` and ``above`` (neighbouring values), ``enters``."""
    kept: Mapping[str, Kept] = field(default_factory=dict)
    """Dispatch of scenarios, by their names."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """What technologies are called, where the park gives them a label."""

    @cached_property
    def solved(self) -> pd.DataFrame:
        """Scenarios with an optimum."""
        return self.scenarios[self.scenarios["status"] == SOLVED]

    @cached_property
    def failed(self) -> pd.DataFrame:
        """Scenarios without one."""
        return self.scenarios[self.scenarios["status"] != SOLVED]

    @property
    def design(self) -> str:
        """How scenarios were chosen."""
        return str(self.record.get("design", "grid"))

    @property
    def asked(self) -> str:
        """What kind of question it is: a front, alternatives, or the design of what is varied."""
        return "front" if self.front is not None else "alternatives" if self.alternatives is not None else self.design

    @property
    def free(self) -> Mapping[str, Mapping[str, float | None]]:
        """Bounds of each capacity that was sized: ``min``, ``max``, ``unit``."""
        return self.record.get("free", {})

    @cached_property
    def cost(self) -> str:
        """The cost by which scenarios are compared: by the bill, where every scenario has one."""
        return BILLED if BILLED in self.solved and len(self.solved) and self.solved[BILLED].notna().all() else COST

    @cached_property
    def leading(self) -> str:
        """The figure that the page is about: the cost, unless scenarios of one design are compared by other figures that the study asks for in its place."""
        asked = [figure for figure in self.figures if figure in self.scenarios]
        if self.free or self.front is not None or not {self.cost, COST}.isdisjoint(asked):
            return self.cost
        return next((figure for figure in asked if self.spread(figure) > SAME), self.cost)

    @cached_property
    def cheapest(self) -> int | None:
        """Index of the scenario that costs least; None where none was solved."""
        costs = self.solved[self.cost].dropna() if self.cost in self.solved else self.solved.iloc[:0]
        return None if not len(costs) else int(costs.idxmin())

    @cached_property
    def shown_figures(self) -> list[str]:
        """Figures of the study that some scenario has; total cost first, which says the cost of a sizing too."""
        first = [self.cost] if self.cost in self.scenarios else []
        beside = (self.cost, "sizing_cost_cny", "sizing_bound_cny", "hours") if first else ()
        wanted = [figure for figure in self.figures if figure in self.scenarios and figure not in beside]
        return [*first, *wanted]

    @cached_property
    def differing(self) -> list[str]:
        """Figures of the study that are not the same in all scenarios."""
        return [figure for figure in self.shown_figures if self.spread(figure) > SAME]

    @cached_property
    def decided(self) -> bool:
        """Whether all that was varied is what somebody decides: only then are two scenarios two choices, of which one may be the better."""
        return all(path.startswith("limits.") or path.endswith(CHOSEN) or (path.startswith("technologies.") and _extensive(path)) for path in self.paths)

    def spread(self, column: str) -> float:
        """How far a column reaches, relative to its largest amount; 0 where it has no numbers."""
        values = self.numbers(column)
        values = values[np.isfinite(values)]
        return float(np.ptp(values) / max(np.abs(values).max(), 1e-300)) if values.size > 1 else 0.0

    def numbers(self, column: str) -> NDArray[np.float64]:
        """Return a column of the solved scenarios. Shape (solved,)."""
        return self.solved[column].to_numpy(dtype=float, na_value=np.nan)

    def amount(self, column: str) -> Amount:
        """Return how the numbers of a column are written: their factor and unit."""
        if column not in self._amounts:
            self._amounts[column] = self._amount(column)
        return self._amounts[column]

    @cached_property
    def _amounts(self) -> dict[str, Amount]:
        return {}

    def _amount(self, column: str) -> Amount:
        known = column in self.scenarios and column not in self.free and not self.is_text(column)
        values = self.scenarios[column].to_numpy(dtype=float, na_value=np.nan) if known else np.array([])
        largest = float(np.nanmax(np.abs(values))) if np.isfinite(values).any() else 0.0
        set_by_hand = column in self.paths and self.design != "latin_hypercube"
        return amount_of(column, largest, self.words.money, field=column in self.paths or column in self.free, exactly=set_by_hand)

    def is_text(self, path: str) -> bool:
        """Whether a varied path has other values than numbers."""
        return path in self._texts

    @cached_property
    def _texts(self) -> set[str]:
        return {path for path in self.paths if any(isinstance(value, str | bool) for value in self.scenarios[path])}

    # ---- what things are called

    def title(self, column: str) -> str:
        """Return what a varied path, a capacity or a figure is called."""
        words, parts = self.words, column.split(".")
        if column.startswith(SECTION):
            return path_title(words, column, self.labels)
        if parts[0] in PARTS and parts[0] not in self.record.get("technologies", {}):
            return figure_title(words, column, self.labels)
        if parts[0] == "technologies" and len(parts) > 2:
            name, rest = self.labels.get(parts[1]) or parts[1], ".".join(parts[2:])
            return words("study.of", name=name, field=words.named("study_field", rest))
        if parts[0] == "limits" and len(parts) == 2:
            return words.get(f"limit.{parts[1]}") or words.named("study_field", parts[1])
        if len(parts) == 2 and column not in self.paths:
            return words("study.of", name=self.labels.get(parts[0]) or parts[0], field=words.named("figure_of", parts[1]))
        if len(parts) > 1:
            return words.get(f"study_field.{parts[-1]}") or column
        return words.get(f"word.{column}") or words.get(f"short.{column}") or words.named("study_field", column)

    def titled(self, column: str) -> str:
        """Return the title with the unit."""
        unit = self.amount(column).unit
        return f"{self.title(column)} [{unit}]" if unit else self.title(column)

    def value(self, path: str, value: Any) -> str:
        """Return a value of a varied path as text, with its unit."""
        if _missing(value):
            return self.words("study_front.no_limit") if path.startswith("limits.") else self.words("study.parks_own")
        if isinstance(value, str | bool):
            shown = str(value).rstrip("/").rpartition("/")[2]
            return self.words.get(f"study_vpp_value.{value}") or shown if path.startswith(SECTION) else shown
        return self.amount(path).text(float(value))

    def label(self, index: int) -> str:
        """Return what sets a scenario apart: its values, or those that differ from the base."""
        row = self.scenarios.loc[index]
        told = [path for path in self.paths if self.design != "one_at_a_time" or not _same(row[path], self.base.get(path))]
        if not told:
            return self.words("study.base")
        if len(told) > MOST_TOLD:
            return self.words("study.numbered", number=self.number(index))
        return self.words("word.list_comma").join(self._said(path, row[path]) for path in told)

    def _said(self, path: str, value: Any) -> str:
        lifted = path.startswith("limits.") and _missing(value)
        return self.value(path, value) if lifted else f"{self.title(path)} {self.value(path, value)}"

    def number(self, index: int) -> str:
        """Return the number under which the table lists a scenario."""
        return f"{index + 1:,}"

    def at_bound(self, path: str, value: float) -> str:
        """Return ``min`` or ``max`` where a capacity stands at that bound, else nothing."""
        bounds = self.free.get(path, {})
        least, most = float(bounds.get("min") or 0.0), bounds.get("max")
        near = BOUND_TOLERANCE * max(1.0, float(most) if most is not None else 1.0)
        if most is not None and abs(value - float(most)) <= near:
            return "max"
        return "min" if abs(value - least) <= near else ""

    # ---- the dispatch that can be chosen

    @cached_property
    def choosable(self) -> list[int]:
        """Indices of the scenarios whose dispatch the page shows, in the order of its list: the cheapest first."""
        from gridsim.report.study_page.kept import comparable, few_of

        kept = [int(index) for index in self.solved.index if self.scenarios.loc[index, "scenario"] in self.kept]
        kept = [kept[place] for place in comparable([self.kept[self.scenarios.loc[index, "scenario"]] for index in kept])]
        return few_of(kept, self.cheapest)

    def choice(self, index: int) -> int:
        """Return the place of a scenario in the list of dispatches; −1 where it is not there."""
        return self._places.get(index, -1)

    @cached_property
    def _places(self) -> dict[int, int]:
        return {index: place for place, index in enumerate(self.choosable)}


def _missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and np.isnan(value))


def _extensive(path: str) -> bool:
    word = path.rpartition(".")[2]
    return "cny" not in word and word.rpartition("_")[2] in EXTENSIVE


def _same(value: Any, base: Any) -> bool:
    if isinstance(value, str) or isinstance(base, str):
        return str(value) == str(base)
    empty = [_missing(one) for one in (value, base)]
    return all(empty) if any(empty) else bool(value == base)
