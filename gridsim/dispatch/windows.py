r"""A year dispatched window after window, guided by the optimum over segments: quickly an upper bound that is close to the optimum.

What ties the windows together is known from the relaxed optimum over segments: the level of each store at the end of each window and what a MWh in it is
worth (:math:`\lambda`), the peaks of the months, how much of each yearly limit is used by then. A window is solved exactly, hour by hour, with

.. math:: \min\; c^\top z - \sum_s \left(\lambda_s (e_s - \hat e_s) - \rho_s |e_s - \hat e_s|\right)

so that levels end where the relaxed optimum has them, unless the hours say that another level pays. The next window starts from where this one ended. Nothing
is owed to shifted loads at the end of a window. The dispatch keeps every row of the hourly program; its cost is an upper bound.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import csr_matrix, hstack, vstack

from gridsim.dispatch.audit import meeting
from gridsim.dispatch.highs import Arrays, HighsProgram
from gridsim.dispatch.program_model import ProgramIndex
from gridsim.technologies.draft import Exclusive, Ordered

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from gridsim.dispatch.optimum import Optimum
    from gridsim.dispatch.program import Program
    from gridsim.dispatch.segments import Segments
    from gridsim.technologies.draft import NetworkDraft

WINDOW_STEPS = 336
"""Steps of a window: two weeks of hours (judged)."""

STAY = 0.05
"""Price of ending at another level than the relaxed optimum, over the worth of what is stored (judged)."""

MOST_TRIES = 4
"""Solves of a window until no two flows meet that must not."""

OPTIONS: dict[str, Any] = {"solver": "simplex", "presolve": "on", "threads": 1}


@dataclass(frozen=True, eq=False)
class Guide:
    """A relaxed optimum, by step. T steps."""

    guess: NDArray[np.float64]
    """A value for each column of the hourly program: that of the segment which holds its step."""
    worth: dict[str, NDArray[np.float64]]
    """Of one more MWh in each store at the end of the segment. Shape (T,). [CNY/MWh]"""


def guide(relaxed: Program, segments: Segments, found: Optimum, hourly: Program) -> Guide:
    """Read the guide for an hourly program from the optimum of one over segments."""
    guess = np.zeros(hourly.cost.size)
    for there, here in ((relaxed.flow, hourly.flow), (relaxed.level, hourly.level)):
        for name, columns in there.items():
            guess[here[name]] = segments.spread(found.columns[columns])
    for name, columns in relaxed.peak.items():
        guess[hourly.peak[name]] = found.columns[columns]
    worth = {}
    for store, sets in relaxed.chain.items():
        columns = relaxed.level[store]
        before = np.roll(np.arange(columns.start, columns.stop), 1)
        held = np.zeros(segments.count)
        for rows in sets:
            held += np.asarray(relaxed.matrix[np.arange(rows.start, rows.stop), before]).ravel() * found.row_duals[rows]
        worth[store] = segments.spread(np.maximum(np.roll(held, -1), 0.0))  # one more MWh at the end of a segment is one more at the start of the next
    return Guide(guess, worth)


def dispatch_windows(
    draft: NetworkDraft, program: Program, way: Guide, *, window_steps: int = WINDOW_STEPS, watch: Callable[[float], None] | None = None
) -> NDArray[np.float64] | None:
    """Return the columns of a dispatch, or None where a window has no solution on this way.

    Parameters
    ----------
    program : Program
        Of single steps, with order.
    """
    return _Windows(draft, program, way).run(window_steps, watch)


def window_borders(steps: int, window_steps: int = WINDOW_STEPS) -> NDArray[np.int64]:
    """First step of each window; none is short at the end."""
    borders = np.arange(0, steps, window_steps)
    return borders[:-1] if borders.size > 1 and steps - borders[-1] < window_steps // 2 else borders


class WindowIndex(ProgramIndex):
    """Names of an hourly program's columns, for a dispatch that no single solve found."""

    def __init__(self, program: Program) -> None:
        self.program = program


class _Windows:
    def __init__(self, draft: NetworkDraft, program: Program, way: Guide) -> None:
        self.draft, self.program, self.way = draft, program, way
        self.steps = draft.steps
        count = program.cost.size
        self.step = np.full(count, -1)
        """Step of each column; −1 for those that belong to no step."""
        for columns in (*program.flow.values(), *program.level.values(), *(total for pair in program.owed for total in pair)):
            self.step[columns] = np.arange(self.steps)
        self.lower, self.upper = program.lower.copy(), program.upper.copy()
        self.value = np.zeros(count)
        self.known = np.zeros(count, dtype=bool)
        for store in draft.having("store"):
            if store.get("e_cyclic", False):  # the first level follows from the last one, which therefore is agreed at the start
                last = program.level[store.name].stop - 1
                self._hold(last, way.guess[last])
        for columns in program.peak.values():
            self.lower[columns] = np.maximum(self.lower[columns], way.guess[columns])
        self.row_step = self._row_steps()
        self.watched = [*draft.requested(Exclusive), *draft.requested(Ordered)]

    def _hold(self, column: int, value: float) -> None:
        value = float(np.clip(value, self.lower[column], self.upper[column]))
        self.lower[column] = self.upper[column] = self.value[column] = value
        self.known[column] = True

    def _row_steps(self) -> NDArray[np.int64]:
        """Step at which each row is decided: the last of its columns that are not known from the start."""
        matrix = self.program.matrix
        step = np.where(matrix.data != 0.0, np.where(self.known, -1, self.step)[matrix.indices], -1)
        filled = np.diff(matrix.indptr) > 0
        result = np.full(matrix.shape[0], -1)
        result[filled] = np.maximum.reduceat(step, matrix.indptr[:-1][filled])
        return result

    def run(self, window_steps: int, watch: Callable[[float], None] | None) -> NDArray[np.float64] | None:
        for first, last in pairwise([*window_borders(self.steps, window_steps), self.steps]):
            if not self._window(first, last):
                return None
            if watch is not None:
                watch(last / self.steps)
        return self.value

    def _window(self, first: int, last: int) -> bool:
        """Solve the steps from ``first`` to before ``last`` and keep their values."""
        program, final = self.program, last == self.steps
        columns = np.flatnonzero((self.step >= first) & (self.step < last) & ~self.known)
        peaks = np.flatnonzero((self.step < 0) & ~self.known)
        columns = np.concatenate([columns, peaks])
        rows = np.flatnonzero((self.row_step >= first) & (self.row_step < last))
        part = program.matrix[rows]
        given = part @ np.where(self.known, self.value, 0.0)
        matrix = part[:, columns]
        lower, upper = program.row_lower[rows] - given, program.row_upper[rows] - given
        extra, extra_lower, extra_upper = self._open_periods(columns, last)
        matrix = vstack([matrix, extra], format="csr")
        lower, upper = np.concatenate([lower, extra_lower]), np.concatenate([upper, extra_upper])
        cost, column_lower, column_upper = program.cost[columns].copy(), self.lower[columns].copy(), self.upper[columns].copy()
        if not final:
            matrix, lower, upper, cost, column_lower, column_upper = self._with_ends(matrix, lower, upper, cost, column_lower, column_upper, columns, last)
        for _ in range(MOST_TRIES):
            integer = np.zeros(cost.size, dtype=bool)
            arrays = Arrays(cost, column_lower, column_upper, lower, upper, matrix.indptr, matrix.indices, matrix.data, integer)
            answer = HighsProgram(arrays, OPTIONS).solve()
            if answer.condition != "optimal":
                return False
            self.value[columns] = answer.columns[: columns.size]
            held = self._met(first, last)
            if not held.size:
                break
            place = np.searchsorted(columns[: columns.size - peaks.size], held)
            column_upper[place] = 0.0
        else:
            return False
        self.known[columns[: columns.size - peaks.size]] = True
        self.lower[peaks] = np.maximum(self.lower[peaks], self.value[peaks])
        return True

    def _open_periods(self, columns: NDArray[np.int64], last: int) -> tuple[csr_matrix, NDArray[np.float64], NDArray[np.float64]]:
        """Limits of periods that end later: by now as much may be used as the guide has used, and a share of what it leaves over."""
        program, rows, lower, upper = self.program, [], [], []
        every = np.concatenate([np.arange(place.start, place.stop) for place in program.period.values()] or [np.array([], dtype=np.int64)])
        for row in every[self.row_step[every] >= last]:
            entries = program.matrix[row]
            step = self.step[entries.indices]
            if step.min() >= last:
                continue
            now = step < last
            guessed, whole = (float(entries.data[part] @ self.way.guess[entries.indices[part]]) for part in (now, np.full(now.size, True)))
            given = float((entries @ np.where(self.known, self.value, 0.0))[0])
            rows.append(entries[:, columns])
            for bounds, side in ((lower, program.row_lower), (upper, program.row_upper)):
                bounds.append(guessed + (side[row] - whole) * now.mean() - given if np.isfinite(side[row]) else side[row])
        return (vstack(rows, format="csr") if rows else csr_matrix((0, columns.size))), np.array(lower), np.array(upper)

    def _with_ends(
        self, matrix: csr_matrix, lower: Any, upper: Any, cost: Any, column_lower: Any, column_upper: Any, columns: NDArray[np.int64], last: int
    ) -> tuple[Any, ...]:
        """Add what levels at the end are worth, and that nothing is owed."""
        place = {int(column): number for number, column in enumerate(columns)}
        more_rows, more_lower, more_upper, over_cost = [], [], [], []
        for store, level in self.program.level.items():
            column = level.start + last - 1
            if column not in place:
                continue
            worth = float(self.way.worth[store][last - 1])
            more_rows.append((place[column], True))
            more_lower.append(float(self.way.guess[column]))
            more_upper.append(more_lower[-1])
            stay = STAY * worth + 1e-3
            over_cost.append((stay - worth, stay + worth))
        owed = [(place[taken.start + last - 1], place[added.start + last - 1]) for taken, added in self.program.owed]
        count, width = len(more_rows), matrix.shape[1]
        ends = csr_matrix((np.ones(count), (np.arange(count), [at for at, _ in more_rows])), shape=(count, width))
        apart = csr_matrix((np.tile([-1.0, 1.0], count), (np.repeat(np.arange(count), 2), np.arange(2 * count))), shape=(count, 2 * count))
        even = csr_matrix(
            (np.tile([1.0, -1.0], len(owed)), (np.repeat(np.arange(len(owed)), 2), np.array(owed, dtype=np.int64).ravel())), shape=(len(owed), width)
        )
        matrix = vstack(
            [
                hstack([matrix, csr_matrix((matrix.shape[0], 2 * count))]),
                hstack([ends, apart]),
                hstack([even, csr_matrix((len(owed), 2 * count))]),
            ],
            format="csr",
        )
        nothing = np.zeros(len(owed))
        return (
            matrix,
            np.concatenate([lower, more_lower, nothing]),
            np.concatenate([upper, more_upper, nothing]),
            np.concatenate([cost, np.array(over_cost, dtype=float).ravel()]),
            np.concatenate([column_lower, np.zeros(2 * count)]),
            np.concatenate([column_upper, np.full(2 * count, np.inf)]),
        )

    def _met(self, first: int, last: int) -> NDArray[np.int64]:
        """Columns that must be zero, so that flows do not meet that must not: the smaller flow, or the one that came too early."""
        flows = {c.name: c["p_set"] for c in self.draft.components.values() if c.kind == "Load"}
        flows |= {name: self.value[columns] for name, columns in self.program.flow.items()}
        window = slice(first, last)
        held = []
        for request in self.watched:
            where = np.flatnonzero(meeting(request, flows, {})[window]) + first
            one, other = (self.program.flow[name].start + where for name in (request.first, request.second))
            held.append(other if isinstance(request, Ordered) else np.where(self.value[one] < self.value[other], one, other))
        return np.concatenate(held) if held else np.array([], dtype=np.int64)
