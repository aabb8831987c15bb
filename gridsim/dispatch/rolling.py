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
from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.dispatch.rolling_window import WindowProgram

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.dispatch.rolling_window import Window
    from gridsim.dispatch.step_program import StepProgram

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

    def window(self, first: int, last: int) -> WindowProgram:
        """Write down the steps from ``first`` to before ``last``, to be decided once or, while steps of it are kept, again."""
        return WindowProgram(self, first, last)

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
