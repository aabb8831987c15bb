r"""What a dispatch costs with one rule more, or one rule less: one program, solved once, then again from the same corner for each rule.

A rule that is to be tried is a few rows more (`gridsim.dispatch.rules`), which leave the corner of the first solve dual feasible.

**No power is burnt for a rule.** Most rules count wind and sun that are used (:math:`g`) or load (:math:`\ell`), and so reward whatever loses power: a battery
that fills and empties in one hour, the worse part of an electrolyser's curve before the better. A linear program takes the reward; binaries forbid it hour by
hour, at great expense, and a battery still cycles for the losses alone. Where the linear optimum runs flows together that must not meet, the row is therefore
asked without the reward, in the form

.. math:: r(z) - \rho \sum_c \lambda_c f_c \ge b - \rho \bar L

with the reward :math:`\rho` of a lost MWh, the share :math:`\lambda_c` that a flow :math:`f_c` loses (of an electrolyser: what it draws above its best part),
and :math:`\bar L` what the solution before lost: at the fixed point the rule itself is met with equality, losses count as they fall, and none pays. The answer
is a dispatch that keeps the rule, so that keeping it costs no more; the linear optimum with the reward is a bound below which no dispatch costs less. Both are
given.
"""

from __future__ import annotations

import dataclasses
import time as clock
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from gridsim.dispatch.audit import meeting
from gridsim.dispatch.curtails_least import LOSSES, TIE_BREAK_CNY_PER_MWH, tie_breaks
from gridsim.dispatch.model import make_draft
from gridsim.dispatch.program_model import ProgramModel
from gridsim.dispatch.result import Termination
from gridsim.dispatch.rules import PREFIX, enforced, tightened
from gridsim.dispatch.separate import separated
from gridsim.dispatch.solve import KeptDispatch, audited
from gridsim.dispatch.words import final_use_terms
from gridsim.errors import InfeasibleError, LimitReachedError
from gridsim.technologies.draft import Exclusive, HourlyLimit, Ordered, PeriodLimit, Term

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.dispatch.highs import Answer, Basis
    from gridsim.dispatch.result import Dispatch
    from gridsim.park.park import Park
    from gridsim.technologies.draft import NetworkDraft

MISSED_CNY_PER_MWH = 1e6
"""Price of missing a rule that no dispatch keeps: above all that a park pays, so that the dispatch comes as near as it can."""
MOST_ROUNDS = 12
LOSSES_CNY_PER_MWH = 1e-3
"""What only the solver pays for a MWh that is lost for nothing: curtailing and burning cost the same, and what is burnt would count in the next round."""
SAME_LOSSES = 1e-5
"""Of the losses (at least of 1 MWh): what the fixed point may leave uncounted."""
MISSED_MWH = 1e-4

Outcome = Literal["kept", "missed", "time_limit", "not_apart"]


@dataclass(frozen=True, eq=False)
class Trial:
    """A dispatch with one rule more, or one less."""

    outcome: Outcome
    """``kept``; ``missed`` where no dispatch keeps the rule, and this one comes nearest; ``time_limit``; ``not_apart`` where flows meet that must not."""
    dispatch: Dispatch | None
    """None without an answer."""
    cost_cny: float | None
    """Operating cost of the dispatch. [CNY]"""
    at_least_cny: float | None
    """No dispatch that keeps the rule costs less. [CNY]"""
    duals: NDArray[np.float64] | None
    """Of the rule's rows, as `Dispatch.limit_prices`. [CNY/MWh]"""
    missed_mwh: float
    seconds: float


@dataclass(frozen=True)
class _Rows:
    """Rows of one rule. R rows over N columns."""

    matrix: Any
    right: NDArray[np.float64]
    sense: str


class RulesInTurn:
    """A park's dispatch, and what it costs to keep one rule more or drop one that it keeps.

    Parameters
    ----------
    park : Park
        With the rules that it enforces.
    options : dict, optional
        HiGHS options of all solves.
    rule_seconds : float, optional
        Seconds that the solver may take for each rule.
    progress : callable, optional
        As in `gridsim.dispatch.solve.solve`.
    """

    def __init__(
        self,
        park: Park,
        *,
        options: dict[str, Any] | None = None,
        rule_seconds: float | None = None,
        progress: Callable[[str, float], None] | None = None,
    ) -> None:
        self.park, self.options, self.rule_seconds, self.progress = park, options or {}, rule_seconds, progress
        self.kept = KeptDispatch(park, options=options, progress=progress, with_network=False)
        self.base = self.kept.solve()
        self.basis: Basis | None = self.kept.basis() if isinstance(self.kept.highs, ProgramModel) and self.base.dispatch.termination.gap == 0.0 else None
        """None where the park needs whole numbers: each rule is then a program of its own."""

    # ---- one rule more

    def keep(self, name: str) -> Trial:
        """Return the dispatch that keeps a rule beside those that the park enforces."""
        park, began = with_rules(self.park, [*self.park.rules.enforce, name]), clock.perf_counter()
        if self.basis is None:
            return self._afresh(park, name, began)
        draft = make_draft(park)
        request = next(one for one in draft.requests if isinstance(one, PeriodLimit | HourlyLimit) and one.name == PREFIX + name)
        highs = self._ready()
        rewarded = _reward(draft, name)
        plain = _rows(highs, draft, request, {})
        answer, duals = self._asked(plain)
        if answer.condition == "time_limit":
            return Trial("time_limit", None, None, None, None, 0.0, clock.perf_counter() - began)
        if answer.condition != "optimal":
            return self._nearest(_rows(highs, draft, request, rewarded), plain, began)
        bound, apart = answer.objective, self._apart(answer)
        if apart is None and rewarded:
            apart = self._unrewarded(_rows(highs, draft, request, rewarded), plain)
        if apart is None:
            return Trial("not_apart", None, None, bound, None, 0.0, clock.perf_counter() - began)
        if apart.condition == "time_limit":
            return Trial("time_limit", None, None, bound, None, 0.0, clock.perf_counter() - began)
        if apart.condition != "optimal":
            return self._nearest(_rows(highs, draft, request, rewarded), plain, began)
        if apart is not answer:
            duals = None if apart.row_duals is None else apart.row_duals[-plain.right.size :]
        dispatch = self._dispatch(draft, apart)
        return Trial("kept", dispatch, dispatch.objective_cny, min(bound, dispatch.objective_cny), duals, 0.0, clock.perf_counter() - began)

    def _ready(self) -> ProgramModel:
        """Return the program without any row of a former rule, at the corner of the first solve."""
        highs = self.kept.highs
        rows, columns = highs.program.row_lower.size, highs.program.cost.size
        for count, first, delete in (
            (highs.highs.getNumRow() - rows, rows, highs.highs.deleteRows),
            (highs.highs.getNumCol() - columns, columns, highs.highs.deleteCols),
        ):
            if count:
                delete(count, np.arange(first, first + count, dtype=np.int32))
        self._cost(highs.program.cost)
        highs.start_from(self.basis)
        highs.warm(only_costs=False)
        highs.integer = np.zeros(columns, dtype=bool)
        highs.time_limit = self.rule_seconds
        return highs

    def _cost(self, cost: NDArray[np.float64]) -> None:
        self.kept.highs.highs.changeColsCost(cost.size, np.arange(cost.size, dtype=np.int32), cost)

    def _losses_cost(self, rows: _Rows, plain: _Rows) -> None:
        """Let the solver pay for what it loses, next to nothing."""
        reward = np.asarray(abs(rows.matrix - plain.matrix).sum(axis=0)).ravel()
        self._cost(self.kept.highs.program.cost + LOSSES_CNY_PER_MWH * reward)

    def _asked(self, rows: _Rows) -> tuple[Answer, NDArray[np.float64] | None]:
        """Add rows, solve, and return the answer with their duals."""
        self._add(rows)
        return self._solved(rows.right.size)

    def _add(self, rows: _Rows) -> None:
        lower, upper = _sides(rows.right, rows.sense)
        table = rows.matrix
        self.kept.highs.highs.addRows(rows.right.size, lower, upper, table.nnz, table.indptr[:-1].astype(np.int32), table.indices.astype(np.int32), table.data)

    def _solved(self, count: int) -> tuple[Answer, NDArray[np.float64] | None]:
        answer = self.kept.highs.solve(self._tell)
        return answer, None if answer.row_duals is None else answer.row_duals[-count:]

    def _tell(self, _: float) -> None:
        if self.progress is not None:
            self.progress(self.stage, 0.0)

    stage = "price"
    """What the progress display calls a solve."""

    def _unrewarded(self, rows: _Rows, plain: _Rows) -> Answer | None:
        """Solve with the rows that reward no losses, until their right-hand side agrees with what is lost.

        Whatever loses at least what was counted keeps the rule; the cheapest such answer is returned, None where there is none, and an answer that is not
        optimal where there is no solution.
        """
        highs, best = self._ready(), None
        sign = -1.0 if rows.sense == ">=" else 1.0
        credit = sign * (rows.matrix - plain.matrix).tocsr()
        first, width = highs.program.row_lower.size, highs.program.cost.size
        places = np.arange(first, first + rows.right.size, dtype=np.int32)
        columns = np.zeros(width)
        for component, flow in self.base.dispatch.flows.items():
            if component in highs.program.flow:
                columns[highs.flow_columns(component)] = flow
        counted = credit @ columns
        self._losses_cost(rows, plain)
        self._add(rows)
        for _ in range(MOST_ROUNDS):
            highs.highs.changeRowsBounds(rows.right.size, places, *_sides(rows.right + sign * counted, rows.sense))
            answer, _ = self._solved(rows.right.size)
            if answer.condition != "optimal":
                return best or answer
            apart = self._apart(answer)
            lost = credit @ (apart or answer).columns[:width]
            near = SAME_LOSSES * np.maximum(1.0, lost)
            if apart is not None and np.all(lost >= counted) and (best is None or apart.objective < best.objective):
                best = apart
                if np.all(lost - counted <= near):
                    break
            counted = lost - near / 2.0
        return best

    def _nearest(self, rows: _Rows, plain: _Rows, began: float) -> Trial:
        """Return the dispatch that misses a rule by least, without a reward for losses."""
        highs, count = self._ready(), rows.right.size
        self._losses_cost(rows, plain)
        self._add(rows)
        sign = 1.0 if rows.sense == ">=" else -1.0
        first = highs.program.row_lower.size
        each = np.arange(count, dtype=np.int32)
        highs.highs.addCols(count, np.full(count, MISSED_CNY_PER_MWH), np.zeros(count), np.full(count, np.inf), count, each, first + each, np.full(count, sign))
        answer, _ = self._solved(count)
        apart = self._apart(answer) if answer.condition == "optimal" else None
        width = highs.program.cost.size
        if apart is None:
            outcome: Outcome = "time_limit" if answer.condition == "time_limit" else "missed"
            return Trial(outcome, None, None, None, None, np.nan, clock.perf_counter() - began)
        left = plain.matrix @ apart.columns[:width]
        missed = float(np.maximum(sign * (plain.right - left), 0.0).sum())
        dispatch = self._dispatch(self.kept.draft, apart)
        return Trial("missed" if missed > MISSED_MWH else "kept", dispatch, dispatch.objective_cny, None, None, missed, clock.perf_counter() - began)

    def _apart(self, answer: Answer) -> Answer | None:
        """Return the answer without flows that must not meet; None where that costs more than next to nothing."""
        if answer.condition != "optimal" or not any(where.any() for _, where in self._broken(answer)):
            return answer
        return separated(self.kept.highs, answer, self.kept.highs.flow_columns, self._broken, self._tell)

    def _broken(self, answer: Answer) -> list[tuple[Exclusive | Ordered, NDArray[np.bool_]]]:
        highs, draft = self.kept.highs, self.kept.draft
        flows = {c.name: c["p_set"] if c.kind == "Load" else answer.columns[highs.flow_columns(c.name)] for c in draft.components.values()}
        return [(request, meeting(request, flows, {})) for request in [*draft.requested(Exclusive), *draft.requested(Ordered)]]

    def _dispatch(self, draft: NetworkDraft, answer: Answer) -> Dispatch:
        index = self.kept.highs
        termination = Termination(answer.condition, answer.gap, answer.seconds, 1, 0, dict(index.options), answer.iterations)
        return audited(draft, index, answer.columns[: index.program.cost.size], termination).dispatch

    # ---- one rule less

    def drop(self, name: str) -> Trial:
        """Return the dispatch without a rule that the park enforces."""
        began = clock.perf_counter()
        others = [other for other in enforced(self.kept.draft) if other != name]
        park = with_rules(self.park, others)
        if self.basis is None or PREFIX + name not in self.kept.highs.program.period:
            return self._afresh(park, None, began)
        highs = self._ready()
        highs.warm(only_costs=True)  # the corner holds a dispatch that is possible without the rule too
        rows = highs.period_rows(PREFIX + name).astype(np.int32)
        none = np.full(rows.size, np.inf)
        highs.highs.changeRowsBounds(rows.size, rows, -none, none)
        try:
            answer = highs.solve(self._tell)
            apart = self._apart(answer) if answer.condition == "optimal" else None
        finally:
            highs.highs.changeRowsBounds(rows.size, rows, highs.program.row_lower[rows], highs.program.row_upper[rows])
        if apart is None:
            return self._afresh(park, None, began)
        dispatch = self._dispatch(make_draft(park), apart)
        return Trial("kept", dispatch, dispatch.objective_cny, answer.objective, None, 0.0, clock.perf_counter() - began)

    # ---- with whole numbers

    def _afresh(self, park: Park, name: str | None, began: float) -> Trial:
        """Solve a park as a program of its own, within the time of a rule."""
        limit = {} if self.rule_seconds is None else {"time_limit": self.rule_seconds}
        try:
            dispatch = KeptDispatch(park, options={**self.options, **limit}, progress=self.progress, with_network=False).solve().dispatch
        except InfeasibleError:
            return Trial("missed", None, None, None, None, np.nan, clock.perf_counter() - began)
        except LimitReachedError:
            return Trial("time_limit", None, None, None, None, 0.0, clock.perf_counter() - began)
        cost, gap = dispatch.objective_cny, dispatch.termination.gap
        duals = None if name is None else dispatch.limit_prices.get(PREFIX + name)
        return Trial("kept", dispatch, cost, cost - gap * abs(cost), duals, 0.0, clock.perf_counter() - began)


def with_rules(park: Park, names: list[str]) -> Park:
    """Return a park that enforces these rules."""
    return dataclasses.replace(park, rules=park.rules.model_copy(update={"enforce": names}))


def _sides(right: NDArray[np.float64], sense: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    none = np.full(right.size, np.inf)
    return (right, none) if sense == ">=" else (-none, right)


def _reward(draft: NetworkDraft, name: str) -> dict[str, float]:
    r"""Return what the rule's row counts of what each flow loses: :math:`\rho\lambda_c` with the sign of the row; empty where it rewards none."""
    rule, threshold = enforced(draft)[name]
    limit = tightened(rule, threshold)
    factor = {word: rule.of.numerator.get(word, 0.0) - limit * rule.of.denominator.get(word, 0.0) for word in ("used", "load")}
    eases = 1.0 if rule.sense == ">=" else -1.0
    counted = {term.component for term in final_use_terms(draft)[0]}
    found = {}
    for component, share in losses(draft).items():
        reward = eases * (factor["used"] + (factor["load"] if component in counted else 0.0))
        if reward > 0.0:
            found[component] = eases * reward * share
    return found


def losses(draft: NetworkDraft) -> dict[str, float]:
    """Share of each flow that is only lost: of stores, two-way lines and spills, and what parts of an electrolyser draw above the best of them."""
    found = {name: price / (LOSSES * TIE_BREAK_CNY_PER_MWH) for name, price in tie_breaks(draft).items() if price > 0.0}
    ordered = {name for request in draft.requested(Ordered) for name in (request.first, request.second)}
    pieces: dict[tuple[str, str], dict[str, float]] = {}
    for component in draft.components.values():
        if component.name in ordered and component.kind == "Link" and draft.electric(component["bus0"]):
            pieces.setdefault((component.technology, component["bus1"]), {})[component.name] = float(np.mean(component["efficiency"]))
    for group in pieces.values():
        best = max(group.values())
        found |= {name: 1.0 - efficiency / best for name, efficiency in group.items() if efficiency < best}
    return found


def _rows(highs: ProgramModel, draft: NetworkDraft, request: PeriodLimit | HourlyLimit, reward: dict[str, float]) -> _Rows:
    """Write a rule as rows of energy, those of an hourly one an hour each, and take a reward off. [MWh]"""
    from scipy.sparse import csr_matrix

    hours, steps = draft.park.time.step_hours, draft.steps
    hourly = isinstance(request, HourlyLimit)
    period = np.arange(steps) if hourly else request.period
    right = np.broadcast_to(request.right, (steps,)) * hours if hourly else np.asarray(request.right, dtype=float)
    terms = [*request.terms, *(Term(component, -value) for component, value in reward.items())]
    columns = np.concatenate([highs.flow_columns(term.component) for term in terms])
    values = np.concatenate([np.broadcast_to(np.asarray(term.coefficient, dtype=float) * hours, (steps,)) for term in terms])
    matrix = csr_matrix((values, (np.tile(period, len(terms)), columns)), shape=(right.size, highs.program.cost.size))
    return _Rows(matrix, np.array(right, dtype=float), request.sense)
