"""One window in HiGHS, kept while only its numbers change: steps are done, measured or expected otherwise, and the next solve begins where the last ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gridsim.dispatch.highs import Arrays, HighsProgram
from gridsim.errors import LimitReachedError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.dispatch.rolling import Rolling
    from gridsim.dispatch.step_program import StepProgram

BROKEN_PRICE, BEHIND_PRICE = 1e3, 10.0
"""Price of breaking a row, or the pace of a budget, by one unit, over the dearest unit of any column: beyond all others, and still numbers that a solver can
hold."""

BROKEN_TOLERANCE = 1e-6


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


class WindowProgram:
    """The steps from ``first`` to before ``last`` of a program that is decided window after window.

    Rows stand in this order: those that are decided within the window, budgets that are still open at its end, and what it wants of its end.
    """

    def __init__(self, rolling: Rolling, first: int, last: int) -> None:
        program = rolling.program
        self.rolling, self.last = rolling, last
        timed = rolling.by_step[rolling.border[first] : rolling.border[last]]
        self.rows = rolling.rows_by_step[rolling.row_border[first] : rolling.row_border[last]]
        part = program.matrix[self.rows]
        self.columns = np.concatenate([timed[~rolling.known[timed]], np.intersect1d(part.indices, rolling.untimed)])
        self.step = program.step[self.columns]
        self.place = np.full(program.cost.size, -1, dtype=np.int32)
        """Position of each column of the whole program in the window."""
        self.place[self.columns] = np.arange(self.columns.size)
        self.over_period, self.row_end = rolling.over_period[self.rows], rolling.row_end[self.rows]
        is_open = (rolling.row_begin[rolling.periods] < last) & (rolling.row_end[rolling.periods] >= last)
        self.open, self.counts = rolling.periods[is_open], rolling.counts[is_open]
        budgets = program.matrix[self.open]
        pieces, self.given = zip(*(self._cut(rows) for rows in (part, budgets)), strict=True)
        self._pace(budgets)
        self.staying = np.zeros(0, dtype=np.int64)
        """Places of the columns that are to end near the guide."""
        if rolling.ends is not None:
            self.staying = np.flatnonzero((self.step == last - 1) & (rolling.ends.stay[self.columns] > 0.0))
            pieces = (*pieces, self._ends())
        filled, index, value = (np.concatenate(column) for column in zip(*pieces, strict=True))
        self.entries = np.append(0, np.cumsum(filled)).astype(np.int32), index.astype(np.int32), value
        self.kept: tuple[HighsProgram, Arrays] | None = None
        """As it was solved last."""

    # ---- the rows

    def _cut(self, part: Any) -> tuple[_Piece, NDArray[np.float64]]:
        """Rows over the window's columns, and what all others, which are decided, add to each."""
        local = self.place[part.indices]
        inside = local >= 0
        row = np.repeat(np.arange(part.shape[0]), np.diff(part.indptr))
        given = np.bincount(row[~inside], weights=(part.data * self.rolling.value[part.indices])[~inside], minlength=part.shape[0])
        return _Piece(np.bincount(row[inside], minlength=part.shape[0]), local[inside], part.data[inside]), given

    def _pace(self, budgets: Any) -> None:
        """What the guide uses of each open budget up to the end of the window and in the whole, and the window's share of its entries."""
        count = budgets.shape[0]
        row = np.repeat(np.arange(count), np.diff(budgets.indptr))
        now = self.rolling.program.step[budgets.indices] < self.last
        guessed = budgets.data * self.rolling.guide[budgets.indices]
        self.so_far, self.whole = (np.bincount(row[kept], weights=guessed[kept], minlength=count) for kept in (now, np.ones_like(now)))
        self.share = np.bincount(row[now], minlength=count) / np.bincount(row, minlength=count)

    def _ends(self) -> _Piece:
        """Rows for how far the last levels are from the guide, and that nothing is owed."""
        count = self.staying.size
        apart = self.columns.size + np.arange(2 * count).reshape(-1, 2)
        even = np.array([(self.place[one[self.last - 1]], self.place[other[self.last - 1]]) for one, other in self.rolling.ends.even], dtype=np.int64)
        return _Piece(
            np.concatenate([np.full(count, 3), np.full(len(even), 2)]),
            np.concatenate([np.column_stack([self.staying, apart]).ravel(), even.ravel()]),
            np.concatenate([np.tile([1.0, -1.0, 1.0], count), np.tile([1.0, -1.0], len(even))]),
        )

    # ---- the numbers

    def solve(
        self,
        first: int,
        *,
        seen: StepProgram | None = None,
        steps_seen: int = 0,
        fixed: NDArray[np.int64] | None = None,
        zero: NDArray[np.int64] | None = None,
        relaxed: bool = False,
    ) -> Window:
        """Decide the steps from ``first`` on, with those before it as they were kept; nothing is kept yet.

        Parameters
        ----------
        seen : StepProgram, optional
            The same program in the numbers that are expected; None where what happens is foreseen.
        steps_seen : int
            Steps whose numbers are known already as they happen.
        fixed : array of int, optional
            Columns that stay at ``rolling.value``, such as modules that were committed the day before.
        zero : array of int, optional
            Columns that may not be above zero, such as flows that would meet others.
        relaxed : bool
            Leave whole numbers that are not fixed out.

        Raises
        ------
        LimitReachedError
            Where the solver ends without any answer.
        """
        expected = self.rolling.program if seen is None else seen
        known = self.rolling.known[self.columns]
        arrays = self._numbers(first, expected, steps_seen, known, fixed, zero, relaxed)
        if self.kept is None or (self.kept[1].integer != arrays.integer).any():
            highs = HighsProgram(arrays, self.rolling.options)
        else:
            highs, before = self.kept
            highs.change(before, arrays)
        self.kept = highs, arrays
        answer, broken, behind = highs.solve() if arrays.integer.any() else highs.solve_at_once(), (), ()
        if not answer.feasible:
            rows = np.concatenate([self.rows, self.open, np.full(arrays.row_lower.size - self.rows.size - self.open.size, -1)])
            pace = (rows >= 0) & (self.rolling.row_end[rows] >= self.last)
            answer = HighsProgram(_elastic(arrays, np.where(pace, BEHIND_PRICE, BROKEN_PRICE)), self.rolling.options).solve()
            if not answer.feasible:
                raise LimitReachedError(f"the steps {first} to {self.last - 1}: HiGHS ended without an answer ({answer.condition})")
            over = answer.columns[arrays.cost.size :].reshape(2, -1).sum(axis=0)
            over[over <= BROKEN_TOLERANCE] = 0.0
            broken, behind = (tuple(Broken(int(rows[at]), float(over[at])) for at in np.flatnonzero(over * kind)) for kind in (~pace, pace))
        left = np.flatnonzero(~known)
        return Window(first, self.last, self.columns[left], answer.columns[left], answer.gap, answer.seconds, answer.iterations, broken, behind)

    def _numbers(
        self,
        first: int,
        expected: StepProgram,
        steps_seen: int,
        known: NDArray[np.bool_],
        fixed: NDArray[np.int64] | None,
        zero: NDArray[np.int64] | None,
        relaxed: bool,
    ) -> Arrays:
        """Write the window down as it stands."""
        rolling, columns, rows = self.rolling, self.columns, self.rows
        numbers = rolling.program, expected
        now = self.step < first + steps_seen
        cost, lower, upper = (np.where(now, *(getattr(one, side)[columns] for one in numbers)) for side in ("cost", "lower", "upper"))
        apart = self.step < 0
        least, most, guide = (side[columns[apart]] for side in (rolling.lower, rolling.upper, rolling.guide))
        lower[apart], upper[apart] = np.maximum(least, np.minimum(guide, most)), most
        integer = rolling.program.integer[columns] & (not relaxed)
        at = np.flatnonzero(known)
        if fixed is not None:
            held = self.place[fixed]
            at = np.union1d(at, held[held >= 0])
        lower[at] = upper[at] = rolling.value[columns[at]]
        integer[at] = False
        if zero is not None and zero.size:
            upper[self.place[zero]] = np.maximum(lower[self.place[zero]], 0.0)
        happened = (self.row_end < first + steps_seen) | self.over_period
        done = self.row_end < first
        sides = []
        for side, free in (("row_lower", -np.inf), ("row_upper", np.inf)):
            decided = np.where(happened, *(getattr(one, side)[rows] for one in numbers)) - self.given[0]
            paced = self._paced(*(getattr(one, side)[self.open] for one in numbers)) - self.given[1]
            sides.append([np.where(done, free, decided), paced])
        aims, stay = np.zeros(0), np.zeros(0)
        if (ends := rolling.ends) is not None:
            final = self.step == self.last - 1
            cost[final] -= ends.worth[columns[final]]
            near = columns[self.staying]
            aims, stay = np.append(rolling.guide[near], np.zeros(len(ends.even))), np.repeat(ends.stay[near], 2)
        row_lower, row_upper = (np.concatenate([*side, aims]) for side in sides)
        nothing, without_end = np.zeros(stay.size), np.full(stay.size, np.inf)
        return Arrays(
            np.append(cost, stay),
            np.append(lower, nothing),
            np.append(upper, without_end),
            row_lower,
            row_upper,
            *self.entries,
            np.append(integer, nothing > 0.0),
        )

    def _paced(self, happened: NDArray[np.float64], expected: NDArray[np.float64]) -> NDArray[np.float64]:
        """One side of the open budgets up to the end of the window."""
        side, there = expected.copy(), np.isfinite(happened)
        side[there] += self.share[there] * (happened[there] - side[there])
        paced = self.so_far + (side - self.whole) * self.share
        return np.where(self.counts, np.ceil(paced), paced)


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
