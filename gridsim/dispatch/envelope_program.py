r"""A dispatch and everything that may be done otherwise in a few of its steps: the program of a window, in deviations from the dispatch.

With the dispatch :math:`z^0`, every column of the whole program becomes :math:`y = z - z^0`. Within a window the columns of its steps are free; everything
outside stays as it is, so that rows which reach outside (ramps, yearly limits, quotas of a period, demand charges) have there what the dispatch leaves over.
:math:`y = 0` is always possible. What may stay different after the window, because it is no state:

* the peak of a month, which may rise, and may fall to what the month has outside the window;
* of a shifted load, what was taken and what was given back so far, both by the same amount: nothing more is owed than the dispatch owes.

Levels of stores end where the dispatch has them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridsim.dispatch.program import make_program
from gridsim.dispatch.segments import single_steps
from gridsim.dispatch.sizes import Sizes
from gridsim.errors import BuildError
from gridsim.technologies.draft import DemandCharge, Exclusive, LoadShift, Ordered, SnapshotLimits, total

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from scipy.sparse import csc_matrix, csr_matrix

    from gridsim.dispatch.program import Program
    from gridsim.dispatch.result import Dispatch
    from gridsim.technologies.draft import NetworkDraft

TOLERANCE = 1e-5
"""By how much, relative to the size of a row or column, the dispatch may leave its own program; more means that it is another park's."""


@dataclass(frozen=True, eq=False)
class WindowProgram:
    r""":math:`\min c^\top y` with :math:`\underline b \le A y \le \overline b`, :math:`\underline y \le y \le \overline y`. K kinds of columns, W steps.

    The columns are those of the steps, kind by kind, shape (K, W) flattened; then peaks, shifted loads, and last what is given at the connection :math:`x`.
    The first rows are those of the call, one a step: imports less exports :math:`+ x = 0`.
    """

    cost: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    matrix: csr_matrix
    row_lower: NDArray[np.float64]
    row_upper: NDArray[np.float64]
    steps: int
    call_rows: int


@dataclass(frozen=True, eq=False)
class _Peaks:
    """One demand charge of the dispatch."""

    column: int
    month: NDArray[np.int64]
    power_mw: NDArray[np.float64]


class Deviations:
    """What may be done otherwise than a dispatch does.

    Parameters
    ----------
    dispatch : Dispatch
        At the linear level.
    limits : sequence of SnapshotLimits
        Rows of the wires beside those that the dispatch was found with; none may be exceeded, or not by more than the dispatch exceeds it.
    """

    def __init__(self, dispatch: Dispatch, limits: Sequence[SnapshotLimits] = ()) -> None:
        draft = dispatch.draft
        program = make_program(draft, single_steps(draft.steps), Sizes.none(), with_order=True)
        self.steps = draft.steps
        self.step_hours = draft.park.time.step_hours
        self.flow, self.level = program.flow, program.level
        slices = [*program.flow.values(), *program.level.values(), *(part for pair in program.owed for part in pair)]
        self.starts = np.array([part.start for part in slices], dtype=np.int64)
        """First column of each kind, of which there is one a step. Shape (K,)."""
        self.kind = {name: row for row, name in enumerate(program.flow)}
        """Row of each flow among the kinds."""
        self.flows = len(program.flow)
        self.levels = slice(len(program.flow), len(program.flow) + len(program.level))
        self.connection = [(self.kind[c.name], 1.0 if c.role == "import" else -1.0) for c in draft.having("import", "export")]
        self.watched = [*draft.requested(Exclusive), *draft.requested(Ordered)]
        self.two_way = [(self.kind[one.first], self.kind[one.second]) for one in draft.requested(Exclusive) if _one_connection(draft, one)]
        """Rows of imports and exports of one connection."""
        self.peaks = self._peaks(dispatch, program)
        base = self._base(dispatch, program)
        self.base = base
        matrix, row_lower, row_upper = self._with_limits(program, [*draft.requested(SnapshotLimits), *limits])
        done = matrix @ base
        _check(program, base, done[: program.row_lower.size])
        self.cost = program.cost
        self.lower, self.upper = np.minimum(program.lower - base, 0.0), np.maximum(program.upper - base, 0.0)
        self.row_lower, self.row_upper = np.minimum(row_lower - done, 0.0), np.maximum(row_upper - done, 0.0)
        self.matrix: csc_matrix = matrix.tocsc()
        self.matrix.eliminate_zeros()
        self.owed = [(self.matrix[:, taken] + self.matrix[:, added]).tocsr() for taken, added in program.owed]
        """Of each shifted load, what one more MWh taken and given back by each step does to the rows."""

    def _peaks(self, dispatch: Dispatch, program: Program) -> list[_Peaks]:
        requests = dispatch.draft.requested(DemandCharge)
        return [_Peaks(program.peak[r.name].start, r.month, total(r.terms, dispatch.flows, self.steps)) for r in requests]

    def _base(self, dispatch: Dispatch, program: Program) -> NDArray[np.float64]:
        """Return the columns of the dispatch."""
        base = np.zeros(program.cost.size)
        for name, columns in program.flow.items():
            base[columns] = dispatch.flows[name]
        for name, columns in program.level.items():
            base[columns] = dispatch.levels[name]
        for one in self.peaks:
            for month in np.unique(one.month):
                base[one.column + month] = max(one.power_mw[one.month == month].max(), 0.0)
        hours = self.step_hours
        for request, (taken, added) in zip(dispatch.draft.requested(LoadShift), program.owed, strict=True):
            base[taken] = np.cumsum(request.recovery * hours * dispatch.flows[request.reduction])
            base[added] = np.cumsum(hours * dispatch.flows[request.increase])
        return base

    def _with_limits(self, program: Program, limits: Sequence[SnapshotLimits]) -> tuple[csr_matrix, NDArray[np.float64], NDArray[np.float64]]:
        from scipy.sparse import csr_matrix, vstack

        parts, lower, upper = [program.matrix], [program.row_lower], [program.row_upper]
        for one in limits:
            if not one.snapshot.size:
                continue
            column = np.array([self.flow[component].start for component in one.components])[None, :] + one.snapshot[:, None]
            row = np.broadcast_to(np.arange(one.snapshot.size)[:, None], column.shape)
            parts.append(csr_matrix((one.coefficient.ravel(), (row.ravel(), column.ravel())), shape=(one.snapshot.size, program.cost.size)))
            lower.append(np.full(one.snapshot.size, -np.inf))
            upper.append(one.right)
        return vstack(parts, format="csr"), np.concatenate(lower), np.concatenate(upper)

    def window(self, first: int, last: int, call_steps: int) -> WindowProgram:
        """Cut the steps from ``first`` to before ``last``; the call may hold for the first ``call_steps`` of them."""
        from scipy.sparse import csc_matrix

        width, kinds = last - first, self.starts.size
        source = self.matrix
        begin, end = source.indptr[self.starts + first], source.indptr[self.starts + last]
        entries = np.concatenate([np.arange(one, other) for one, other in zip(begin, end, strict=True)])
        columns = (self.starts[:, None] + np.arange(first, last)).ravel()
        counts = np.diff(source.indptr)[columns]
        rows, values = [source.indices[entries]], [source.data[entries]]
        numbers = [counts]
        lower, upper, cost = [self.lower[columns]], [self.upper[columns]], [self.cost[columns]]

        def add(column_rows: NDArray, column_values: NDArray, low: float, high: float, price: float) -> None:
            rows.append(column_rows)
            values.append(column_values)
            numbers.append(np.array([column_rows.size]))
            lower.append(np.array([low]))
            upper.append(np.array([high]))
            cost.append(np.array([price]))

        kept = np.unique(rows[0])
        for one in self.peaks:
            for month in np.unique(one.month[first:last]):
                column = one.column + int(month)
                outside = one.power_mw[one.month == month], np.flatnonzero(one.month == month)
                elsewhere = outside[0][(outside[1] < first) | (outside[1] >= last)]
                least = max(float(elsewhere.max(initial=0.0)), 0.0) - self.base[column]
                place = slice(source.indptr[column], source.indptr[column + 1])
                there = np.isin(source.indices[place], kept)
                add(source.indices[place][there], source.data[place][there], min(least, 0.0), self.upper[column], self.cost[column])
        for matrix in self.owed:
            after = np.zeros(self.steps)
            after[last:] = 1.0
            effect = matrix @ after
            reached = np.flatnonzero(effect)
            kept = np.union1d(kept, reached)
            add(reached, effect[reached], -np.inf, np.inf, 0.0)
        position = np.searchsorted(kept, np.concatenate(rows)) + call_steps
        call = np.arange(call_steps)
        numbers, values, lower, upper, cost = (np.concatenate(part) for part in (numbers, values, lower, upper, cost))
        height, size = kept.size + call_steps, cost.size + 1
        place = np.repeat(np.arange(cost.size), numbers)
        rows_all, places, all_values = [position], [place], [values]
        for kind, factor in self.connection:
            rows_all.append(call)
            places.append(kind * width + call)
            all_values.append(np.full(call_steps, factor))
        rows_all.append(call)
        places.append(np.full(call_steps, size - 1))
        all_values.append(np.ones(call_steps))
        matrix = csc_matrix((np.concatenate(all_values), (np.concatenate(rows_all), np.concatenate(places))), shape=(height, size)).tocsr()
        free = np.full(call_steps, np.inf)
        ends = np.arange(kinds)[self.levels] * width + width - 1
        lower[ends] = upper[ends] = 0.0
        return WindowProgram(
            cost=np.append(cost, 0.0),
            lower=np.append(lower, 0.0),
            upper=np.append(upper, 0.0),
            matrix=matrix,
            row_lower=np.concatenate([-free, self.row_lower[kept]]),
            row_upper=np.concatenate([free, self.row_upper[kept]]),
            steps=width,
            call_rows=call_steps,
        )


def _one_connection(draft: NetworkDraft, request: Exclusive) -> bool:
    """Tell whether two flows are what one connection takes from the grid and gives to it."""
    first, second = draft.components[request.first], draft.components[request.second]
    return {first.role, second.role} == {"import", "export"} and first["bus"] == second["bus"]


def _check(program: Program, base: NDArray[np.float64], done: NDArray[np.float64]) -> None:
    """Make sure that the dispatch satisfies its own program."""
    for what, value, lower, upper in (("column", base, program.lower, program.upper), ("row", done, program.row_lower, program.row_upper)):
        beyond = np.maximum(lower - value, value - upper)
        size = np.maximum(1.0, np.abs(value))
        if (worst := int(np.argmax(beyond / size))) >= 0 and beyond[worst] > TOLERANCE * size[worst]:
            msg = f"the dispatch leaves {what} {worst} of its own program by {beyond[worst]:.3g}"
            raise BuildError(msg)
