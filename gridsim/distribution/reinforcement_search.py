r"""The cheapest set of measures after which no limit is broken, with the power flow as the judge.

An integer programme proposes sets in the order of their cost, :math:`\min \sum_i c_i x_i`; the power flow of the violating hours says what a set :math:`S`
leaves broken, and that becomes a cut:

- of an element that was broken before: a measure outside :math:`S` that helps it by itself has to be added, :math:`\sum_{i \notin S,\ helps} x_i \ge 1`;
- of an element that the set itself breaks: not this very set, :math:`\sum_{i \in S} (1 - x_i) + \sum_{i \notin S} x_i \ge 1`.

The second holds always. The first takes for granted that fewer measures are never better and that only what helps alone helps at all, which is so for loading
and voltage of a feeder and can fail in meshes. Therefore all sets that are cheaper than the one found are then tried themselves, if they are not too many: only
if each of them leaves a limit broken is the choice called proven.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from gridsim.distribution.cuts import Element
from gridsim.distribution.reinforcement_option import conflicts
from gridsim.distribution.violations import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from gridsim.distribution.reinforcement_trial import Trials

MOST_PROPOSALS = 200
"""Sets that the integer programme may propose before the search gives up (judged)."""

HELPS = 0.05
"""A measure helps an element if alone it takes away this share of its worst excess. [1]"""

NOT_SEEN: Element = (-1, -1)
"""Stands for what only the power flow of all hours shows."""

SLACK_CNY = 0.5
"""Costs nearer than this are the same. [CNY/a]"""


@dataclass
class Search:
    """What a search found."""

    chosen: frozenset[int] | None = None
    """Places of the options in the menu; None where the search gave up."""
    incurable: set[Element] = field(default_factory=set)
    """Elements that no set of the menu brings inside their limits."""
    helps: list[set[Element]] = field(default_factory=list)
    """What each option makes better by itself."""
    cures: list[set[Element]] = field(default_factory=list)
    """What each option brings inside its limit by itself, in the worst hour of each element."""
    proven: bool = False
    proposals: int = 0
    cheaper: int | None = None
    """Sets that are cheaper than the choice; None where they were too many to be counted."""


class Cheapest:
    """The search over one menu."""

    def __init__(self, trials: Trials, hours: NDArray[np.int64], most_sets: int) -> None:
        self.trials, self.options, self.hours, self.most_sets = trials, trials.options, hours, most_sets
        self.cost = np.array([option.price.annual_cny for option in self.options])
        self.conflicts = conflicts(self.options)
        self.found = Search()
        self.needs = trials.broken((), hours)
        self.witnesses = sorted({hour for _, hour in self.needs.values()})
        self.cuts: dict[Element | None, list[NDArray[np.float64]]] = {}
        for number in range(len(self.options)):
            left = trials.broken((number,), np.array(self.witnesses, dtype=np.int64))
            self.found.cures.append(set(self.needs) - set(left))
            better = {key for key, (excess, _) in left.items() if key in self.needs and excess < (1.0 - HELPS) * self.needs[key][0]}
            self.found.helps.append(self.found.cures[-1] | {key for key in better if KINDS[key[0]] != "no_solution"})
        self.useful = [number for number, helped in enumerate(self.found.helps) if helped]

    def broken(self, chosen: Iterable[int]) -> dict[Element, tuple[float, int]]:
        """Return what a set leaves broken: by the few hours that broke sets before, and if they hold by all. Incurable elements do not count."""
        chosen = frozenset(chosen)
        for hours in (np.array(self.witnesses, dtype=np.int64), self.hours):
            left = {key: worst for key, worst in self.trials.broken(chosen, hours).items() if key not in self.found.incurable}
            if left:
                self.witnesses = sorted({*self.witnesses, *(hour for _, hour in left.values())})
                return left
        return {}

    def run(self, holds_all_year: Callable[[frozenset[int]], NDArray[np.int64]]) -> Search:
        """Search; ``holds_all_year`` returns the hours of the year in which a set leaves something broken that no hour of the search showed."""
        for key in self.needs:
            if not any(key in helped for helped in self.found.helps):
                self.found.incurable.add(key)
        for _ in range(MOST_PROPOSALS):
            chosen = self._propose()
            if chosen is None:
                self._give_up_on_one()
                continue
            self.found.proposals += 1
            left = set(self.broken(chosen))
            if not left:
                more = holds_all_year(chosen)
                if not more.size:
                    self.found.chosen = chosen
                    self._prove(holds_all_year)
                    return self.found
                self.hours = np.union1d(self.hours, more)
                left = set(self.broken(chosen)) or {NOT_SEEN}
            self._cut(chosen, left)
        return self.found

    def _cut(self, chosen: frozenset[int], left: set[Element]) -> None:
        for key in left:
            if key in self.needs:
                row = np.array([float(number not in chosen and key in helped) for number, helped in enumerate(self.found.helps)])
                self.cuts.setdefault(key, []).append(np.append(row, 1.0))
            else:
                row = np.where([number in chosen for number in range(len(self.options))], -1.0, 1.0)
                self.cuts.setdefault(None, []).append(np.append(row, 1.0 - len(chosen)))

    def _propose(self, only: Element | None = None) -> frozenset[int] | None:
        """Return the cheapest set under the cuts; None where there is none."""
        from scipy.optimize import Bounds, LinearConstraint, milp

        keys = [key for key in self.cuts if key not in self.found.incurable] if only is None else [only]
        rows = [row for key in keys for row in self.cuts.get(key, [])]
        count = len(self.options)
        if not count:
            return frozenset() if not rows else None
        matrix = [row[:-1] for row in rows] + [-np.isin(np.arange(count), pair).astype(float) for pair in self.conflicts]
        lower = [row[-1] for row in rows] + [-1.0] * len(self.conflicts)
        constraints = [LinearConstraint(np.array(matrix), np.array(lower), np.inf)] if matrix else []
        upper = np.isin(np.arange(count), self.useful).astype(float)
        solution = milp(self.cost, integrality=np.ones(count), bounds=Bounds(0.0, upper), constraints=constraints)
        return frozenset(np.flatnonzero(solution.x > 0.5).tolist()) if solution.x is not None else None

    def _give_up_on_one(self) -> None:
        """Leave out an element that its own cuts show to be incurable; if none is, the one with most cuts."""
        open_keys = [key for key in self.cuts if key is not None and key not in self.found.incurable]
        alone = [key for key in open_keys if self._propose(key) is None]
        for key in alone or sorted(open_keys, key=lambda key: -len(self.cuts[key]))[:1]:
            self.found.incurable.add(key)
        if not open_keys:
            self.cuts.pop(None, None)

    def _prove(self, holds_all_year: Callable[[frozenset[int]], NDArray[np.int64]]) -> None:
        """Try every cheaper set; take the first that holds all year."""
        assert self.found.chosen is not None
        cheaper = self._cheaper_than(float(self.cost[sorted(self.found.chosen)].sum()))
        if cheaper is None:
            return
        self.found.cheaper = len(cheaper)
        for chosen in cheaper:
            if not self.broken(chosen) and not holds_all_year(chosen).size:
                self.found.chosen = chosen
                break
        self.found.proven = True

    def _cheaper_than(self, cost: float) -> list[frozenset[int]] | None:
        """All sets of useful options without conflict that cost less, the cheapest first; None where they are too many."""
        barred: dict[int, set[int]] = {number: set() for number in self.useful}
        for one, other in self.conflicts:
            if one in barred and other in barred:
                barred[one].add(other)
                barred[other].add(one)
        affordable = sorted((number for number in self.useful if self.cost[number] < cost - SLACK_CNY), key=lambda number: self.cost[number])
        sets: list[tuple[float, frozenset[int]]] = [(0.0, frozenset())]
        for number in affordable:
            grown = [
                (spent + self.cost[number], chosen | {number})
                for spent, chosen in sets
                if spent + self.cost[number] < cost - SLACK_CNY and not chosen & barred[number]
            ]
            sets += grown
            if len(sets) > self.most_sets:
                return None
        return [chosen for _, chosen in sorted(sets, key=lambda one: (one[0], sorted(one[1])))] if cost > SLACK_CNY else []
