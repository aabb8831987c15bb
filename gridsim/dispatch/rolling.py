r"""A year decided window after window: what is known when a window opens, what it wants of its end, what it hands on.

A window of steps :math:`[a, b)` is the part of the whole program whose columns lie in it and whose rows are decided before :math:`b`. Everything that was
decided before stands in these rows as a number, so that every state is carried whole, whatever it is called: levels, modules that are on and for how long,
ramps, what a shifted load owes, calls that are used up, what a period's budget has left. The peaks of months belong to no step; what was kept raises their
lower bound.

A row over a period, such as a year's share or a week's quota, that is still open at the end of a window is a *budget* there. By then as much of it may be used
as the guide has used, and the window's share of what the guide leaves over:

.. math:: \sum_{t < b} a_t z_t \le \sum_{t < b} a_t \hat z_t + \frac{b}{T} \Big(\beta - \sum_t a_t \hat z_t\Big)

The right-hand side :math:`\beta` goes over from what is expected to what happened as time goes by. Without a guide a budget is used up in proportion to
time; a count, such as that of calls, is rounded up.

At its end a window wants stores to be worth something, and near the plan where it makes no difference: it minimises also

.. math:: \sum_s \left(-\lambda_s e_{s,b-1} + \rho_s |e_{s,b-1} - \hat e_{s,b-1}|\right)

with the worth :math:`\lambda` and the levels :math:`\hat e` of the year's plan.

A window that has no solution is solved again with rows that may be broken at a price beyond all others, the pace of budgets before anything else; where and by
how much is in the answer. No window is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gridsim.dispatch.highs import Arrays, HighsProgram
from gridsim.errors import LimitReachedError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.dispatch.step_program import StepProgram

BROKEN_PRICE, BEHIND_PRICE = 1e3, 10.0
"""Price of breaking a row, or the pace of a budget, by one unit, over the dearest unit of any column: beyond all others, and still numbers that a solver can
hold."""

BROKEN_TOLERANCE = 1e-6

OPTIONS: dict[str, Any] = {"threads": 1, "presolve": "off", "mip_heuristic_run_feasibility_jump": False}
"""Over those of `gridsim.dispatch.highs`: windows are too small for more than one thread, and what presolve and feasibility jump spend on them is not won back
(measured, see benchmarks/README.md)."""


@dataclass(frozen=True, eq=False)
class Ends:
    """What a window wants of its end, by column of the whole program. N columns."""

    worth: NDArray[np.float64]
    """Of one more unit of a column in the last step; zero for all that are not levels. Shape (N,). [CNY per unit]"""
    stay: NDArray[np.float64]
    """Price of a unit by which a column ends above or below the guide; zero where it may end anywhere. Shape (N,). [CNY per unit]"""
    even: tuple[tuple[NDArray[np.int64], NDArray[np.int64]], ...] = ()
    """Pairs of columns, a step each, that must be equal at the end of a window: what shifted loads have taken and given back."""


@dataclass(frozen=True)
class Broken:
    """A row that a window had to break."""

    row: int
    by: float


@dataclass(frozen=True, eq=False)
class Window:
    """What one window decided."""

    first: int
    last: int
    """Step after its last."""
    columns: NDArray[np.int64]
    """Of the whole program."""
    values: NDArray[np.float64]
    gap: float
    seconds: float
    iterations: int
    broken: tuple[Broken, ...] = ()
    """Rows that could not be kept."""
    behind: tuple[Broken, ...] = ()
    """Budgets that are further used than their pace allows, by now."""


class _Piece(NamedTuple):
    """Rows over a window's columns."""

    filled: NDArray[np.int64]
    """Entries of each."""
    index: NDArray[np.int64]
    value: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]


class Rolling:
    """A program that is decided window after window.

    Parameters
    ----------
    program : StepProgram
        What happens.
    periods : array of int
        Rows over periods.
    ends : Ends, optional
        None wants nothing of the end of a window.
    guide : array, shape (N,), optional
        A plan of the year: budgets follow its pace, and peaks up to its own cost a window nothing.
    options : dict, optional
        HiGHS options.
    """

    def __init__(
        self,
        program: StepProgram,
        periods: NDArray[np.int64],
        *,
        ends: Ends | None = None,
        guide: NDArray[np.float64] | None = None,
        options: dict[str, Any] | None = None,
    ) -> None:
        self.program, self.periods, self.ends = program, periods, ends
        self.guided = guide is not None
        self.guide = np.zeros(program.cost.size) if guide is None else guide
        self.options = {**OPTIONS, **(options or {})}
        count = program.cost.size
        self.value, self.known = np.zeros(count), np.zeros(count, dtype=bool)
        self.lower, self.upper = program.lower.copy(), program.upper.copy()
        self.untimed = np.flatnonzero(program.step < 0)
        timed = np.flatnonzero(program.step >= 0)
        self.by_step = timed[np.argsort(program.step[timed], kind="stable")]
        self.border = np.searchsorted(program.step[self.by_step], np.arange(program.steps + 1))
        self.place = np.full(count, -1)
        """Position of each column in the window that is being solved."""
        self._sort_rows()

    def hold(self, columns: NDArray[np.int64], values: NDArray[np.float64]) -> None:
        """Decide columns before the first window, such as the last level of a store that ends where it began."""
        self.value[columns] = np.clip(values, self.lower[columns], self.upper[columns])
        self.known[columns] = True
        self._sort_rows()

    def _sort_rows(self) -> None:
        """Find out when rows begin and when they are decided, and which of them are budgets."""
        matrix = self.program.matrix
        free = (matrix.data != 0.0) & ~self.known[matrix.indices] & (self.program.step[matrix.indices] >= 0)
        filled = np.diff(matrix.indptr) > 0
        begin, end = np.full(matrix.shape[0], -1), np.full(matrix.shape[0], -1)
        step = self.program.step[matrix.indices]
        starts = matrix.indptr[:-1][filled]
        end[filled] = np.maximum.reduceat(np.where(free, step, -1), starts)
        begin[filled] = np.minimum.reduceat(np.where(free, step, self.program.steps), starts)
        self.row_begin, self.row_end = begin, end
        self.over_period = np.zeros(end.size, dtype=bool)
        self.over_period[self.periods] = True
        self.counts = np.array([self.program.integer[matrix[row].indices].all() for row in self.periods], dtype=bool)
        usual = np.flatnonzero(end >= 0)
        self.rows_by_step = usual[np.argsort(end[usual], kind="stable")]
        self.row_border = np.searchsorted(end[self.rows_by_step], np.arange(self.program.steps + 1))

    # ---- one window

    def solve(
        self,
        first: int,
        last: int,
        *,
        seen: StepProgram | None = None,
        steps_seen: int = 0,
        fixed: NDArray[np.int64] | None = None,
        zero: NDArray[np.int64] | None = None,
        relaxed: bool = False,
    ) -> Window:
        """Decide the steps from ``first`` to before ``last``; nothing is kept yet.

        Parameters
        ----------
        seen : StepProgram, optional
            The same program in the numbers that are expected; None where what happens is foreseen.
        steps_seen : int
            Steps of the window whose numbers are known already as they happen.
        fixed : array of int, optional
            Columns that stay at ``self.value``, such as modules that were committed the day before.
        zero : array of int, optional
            Columns that may not be above zero, such as flows that would meet others.
        relaxed : bool
            Leave whole numbers that are not fixed out.

        Raises
        ------
        LimitReachedError
            Where the solver ends without any answer.
        """
        columns = self.by_step[self.border[first] : self.border[last]]
        columns = columns[~self.known[columns]]
        rows = self.rows_by_step[self.row_border[first] : self.row_border[last]]
        part = self.program.matrix[rows]
        columns = np.concatenate([columns, np.intersect1d(part.indices, self.untimed)])
        step = self.program.step[columns]
        numbers = (self.program, self.program if seen is None else seen)
        now = step < first + steps_seen
        cost, lower, upper = (np.where(now, *(getattr(one, side)[columns] for one in numbers)) for side in ("cost", "lower", "upper"))
        apart = step < 0
        lower[apart] = np.maximum(self.lower, np.minimum(self.guide, self.upper))[columns[apart]]
        upper[apart] = self.upper[columns[apart]]
        integer = self.program.integer[columns] & (not relaxed)
        self.place[columns] = np.arange(columns.size)
        if fixed is not None and fixed.size:
            at, kept = self.place[fixed], self.place[fixed] >= 0
            lower[at[kept]] = upper[at[kept]] = self.value[fixed[kept]]
            integer[at[kept]] = False
        if zero is not None and zero.size:
            upper[self.place[zero]] = np.maximum(lower[self.place[zero]], 0.0)
        now = (self.row_end[rows] < first + steps_seen) | self.over_period[rows]
        pieces = [self._cut(part, *(np.where(now, *(getattr(one, side)[rows] for one in numbers)) for side in ("row_lower", "row_upper")))]
        named = [rows]
        is_open = (self.row_begin[self.periods] < last) & (self.row_end[self.periods] >= last)
        if is_open.any():
            pieces.append(self._budgets(last, self.periods[is_open], self.counts[is_open], numbers[1]))
            named.append(self.periods[is_open])
        ends = None if self.ends is None else self._ends(columns, cost, last)
        if ends is not None:
            pieces.append(ends)
            named.append(np.full(ends.filled.size, -1))
        self.place[columns] = -1
        entries, row_lower, row_upper = _joined(pieces)
        stay = np.zeros(0) if ends is None else np.repeat(self.ends.stay[columns[self._staying(columns, last)]], 2)
        arrays = Arrays(
            np.concatenate([cost, stay]),
            np.concatenate([lower, np.zeros(stay.size)]),
            np.concatenate([upper, np.full(stay.size, np.inf)]),
            row_lower,
            row_upper,
            *entries,
            np.concatenate([integer, np.zeros(stay.size, dtype=bool)]),
        )
        return self._answered(arrays, columns, np.concatenate(named), (first, last))

    def _staying(self, columns: NDArray[np.int64], last: int) -> NDArray[np.int64]:
        """Places of the columns that are to end near the guide."""
        return np.flatnonzero((self.program.step[columns] == last - 1) & (self.ends.stay[columns] > 0.0))

    def _ends(self, columns: NDArray[np.int64], cost: NDArray[np.float64], last: int) -> _Piece:
        """Credit what the last levels are worth; rows for how far they are from the guide, and that nothing is owed."""
        final = self.program.step[columns] == last - 1
        cost[final] -= self.ends.worth[columns[final]]
        at = self._staying(columns, last)
        count = at.size
        aims = self.guide[columns[at]]
        apart = columns.size + np.arange(2 * count).reshape(-1, 2)
        even = np.array([(self.place[one[last - 1]], self.place[other[last - 1]]) for one, other in self.ends.even], dtype=np.int64).reshape(-1, 2)
        nothing = np.zeros(len(even))
        return _Piece(
            np.concatenate([np.full(count, 3), np.full(len(even), 2)]),
            np.concatenate([np.column_stack([at, apart]).ravel(), even.ravel()]),
            np.concatenate([np.tile([1.0, -1.0, 1.0], count), np.tile([1.0, -1.0], len(even))]),
            np.concatenate([aims, nothing]),
            np.concatenate([aims, nothing]),
        )

    def _cut(self, part: Any, row_lower: NDArray[np.float64], row_upper: NDArray[np.float64]) -> _Piece:
        """Rows over the window's columns; what is decided goes to their sides."""
        local = self.place[part.indices]
        inside = local >= 0
        row = np.repeat(np.arange(part.shape[0]), np.diff(part.indptr))
        given = np.bincount(row[~inside], weights=(part.data * self.value[part.indices])[~inside], minlength=part.shape[0])
        return _Piece(np.bincount(row[inside], minlength=part.shape[0]), local[inside], part.data[inside], row_lower - given, row_upper - given)

    def _budgets(self, last: int, rows: NDArray[np.int64], counts: NDArray[np.bool_], seen: StepProgram) -> _Piece:
        """Rows over periods that are open at the end of the window, up to there."""
        part = self.program.matrix[rows]
        row = np.repeat(np.arange(rows.size), np.diff(part.indptr))
        now = self.program.step[part.indices] < last
        guessed = part.data * self.guide[part.indices]
        so_far, whole = (np.bincount(row[kept], weights=guessed[kept], minlength=rows.size) for kept in (now, np.ones_like(now)))
        share = np.bincount(row[now], minlength=rows.size) / np.bincount(row, minlength=rows.size)
        sides = []
        for happened, expected in ((self.program.row_lower[rows], seen.row_lower[rows]), (self.program.row_upper[rows], seen.row_upper[rows])):
            side, there = expected.copy(), np.isfinite(happened)
            side[there] += share[there] * (happened[there] - side[there])
            paced = so_far + (side - whole) * share
            sides.append(np.where(counts, np.ceil(paced), paced))
        return self._cut(part, *sides)

    def _answered(self, arrays: Arrays, columns: NDArray[np.int64], rows: NDArray[np.int64], steps: tuple[int, int]) -> Window:
        answer = HighsProgram(arrays, self.options).solve()
        if answer.feasible:
            return Window(*steps, columns, answer.columns[: columns.size], answer.gap, answer.seconds, answer.iterations)
        pace = (rows >= 0) & (self.row_end[rows] >= steps[1])
        answer = HighsProgram(_elastic(arrays, np.where(pace, BEHIND_PRICE, BROKEN_PRICE)), self.options).solve()
        if not answer.feasible:
            raise LimitReachedError(f"the steps {steps[0]} to {steps[1] - 1}: HiGHS ended without an answer ({answer.condition})")
        over = answer.columns[arrays.cost.size :].reshape(2, -1).sum(axis=0)
        broken, behind = (tuple(Broken(int(rows[at]), float(over[at])) for at in np.flatnonzero((over > BROKEN_TOLERANCE) & kind)) for kind in (~pace, pace))
        return Window(*steps, columns, answer.columns[: columns.size], answer.gap, answer.seconds, answer.iterations, broken, behind)

    # ---- what is kept

    def keep(self, window: Window, until: int) -> None:
        """Take the steps of a window before ``until`` as decided."""
        step = self.program.step[window.columns]
        kept = (step >= 0) & (step < until)
        self.value[window.columns[kept]] = window.values[kept]
        self.known[window.columns[kept]] = True
        self._raise_peaks(window.first, until)

    def _raise_peaks(self, first: int, until: int) -> None:
        """What was kept bounds the columns that belong to no step."""
        rows = self.rows_by_step[self.row_border[first] : self.row_border[until]]
        part = self.program.matrix[rows]
        row = np.repeat(np.arange(rows.size), np.diff(part.indptr))
        apart = self.program.step[part.indices] < 0
        if not apart.any():
            return
        given = np.bincount(row[~apart], weights=(part.data * self.value[part.indices])[~apart], minlength=rows.size)
        row, column, factor = row[apart], part.indices[apart], part.data[apart]
        above, below = (self.program.row_upper[rows[row]] - given[row]) / factor, (self.program.row_lower[rows[row]] - given[row]) / factor
        np.maximum.at(self.lower, column, np.minimum(np.where(factor < 0.0, above, below), self.upper[column]))

    def finish(self) -> NDArray[np.float64]:
        """Return the value of every column once all steps are kept; peaks are what the steps need. Shape (N,)."""
        self.value[self.untimed] = self.lower[self.untimed]
        return self.value


def _joined(pieces: list[_Piece]) -> tuple[tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]], NDArray[np.float64], NDArray[np.float64]]:
    """Put pieces below each other: start, index and value of their entries, and both sides."""
    filled, index, value, lower, upper = (np.concatenate(part) for part in zip(*pieces, strict=True))
    return (np.append(0, np.cumsum(filled)).astype(np.int32), index.astype(np.int32), value), lower, upper


def _elastic(arrays: Arrays, prices: NDArray[np.float64]) -> Arrays:
    """Let every row be broken, upwards or downwards, at its price over the dearest unit of any column."""
    rows, columns = arrays.row_lower.size, arrays.cost.size
    price = prices * max(1.0, float(np.abs(arrays.cost).max(initial=0.0)))
    filled = np.diff(arrays.start)
    place = np.repeat(arrays.start[1:], 2)
    each = np.arange(rows)
    index = np.insert(arrays.index, place, np.column_stack([columns + each, columns + rows + each]).ravel())
    value = np.insert(arrays.value, place, np.tile([1.0, -1.0], rows))
    return Arrays(
        np.concatenate([arrays.cost, price, price]),
        np.concatenate([arrays.lower, np.zeros(2 * rows)]),
        np.concatenate([arrays.upper, np.full(2 * rows, np.inf)]),
        arrays.row_lower,
        arrays.row_upper,
        np.append(0, np.cumsum(filled + 2)).astype(np.int32),
        index.astype(np.int32),
        value,
        np.concatenate([arrays.integer, np.zeros(2 * rows, dtype=bool)]),
    )
