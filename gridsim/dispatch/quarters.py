"""A starting basis for a year: each quarter solved on its own, as if it repeated for ever.

The dual simplex takes most of its time on a year's linear program because long stores couple everything with everything. A quarter is much easier, and most of its
optimal basis is right for the year as well. So the year's rows are cut into quarters; where a row reaches back across a cut (a store's level, a ramp), it takes the
end of its own quarter instead; rows of the whole year are left out and start as basic. The stacked bases of the quarters are a basis of the year, from which the
dual simplex needs a fraction of its steps. The answer is the year's optimum, whatever the basis it began from.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import linopy
    from numpy.typing import NDArray

    from gridsim.dispatch.highs import HighsModel

SHORTEST_HORIZON_HOURS = 4000.0
"""Below this a linear program is solved as it is."""

WORKERS = 2
"""Quarters solved at the same time."""


@dataclass(frozen=True)
class _Places:
    """Snapshot and series of each column or row; −1 for those of no single snapshot."""

    step: NDArray[np.int64]
    series: NDArray[np.int64]
    count: int


def starting_basis(model: linopy.Model, highs: HighsModel, quarter: NDArray[np.int64], watch: Callable[[], None]) -> Any:
    """Return a `highspy.HighsBasis` of the whole program from its quarters.

    Parameters
    ----------
    model : linopy.Model
        Tells which snapshot each column and row belongs to.
    highs : HighsModel
        Holds the program.
    quarter : array, shape (T,)
        The block of each snapshot, 0, 1, … in order.
    watch : callable
        Called now and then while the quarters are solved.
    """
    import highspy
    import scipy.sparse

    program = highs.highs.getLp()
    matrix = program.a_matrix_
    shape = (program.num_row_, program.num_col_)
    table = scipy.sparse.csc_matrix((np.array(matrix.value_), np.array(matrix.index_), np.array(matrix.start_)), shape=shape).tocoo()
    columns = _places(model, model.variables, highs.column_of, shape[1])
    rows = _places(model, model.constraints, highs.row_of, shape[0])
    block_of_column, block_of_row = _blocks(table, columns, rows, quarter)
    inside = block_of_row[table.row] >= 0
    row, column, value = table.row[inside], table.col[inside].astype(np.int64), table.data[inside]
    column = _wrapped(row, column, columns, block_of_column, block_of_row, quarter)
    bounds = {name: np.array(getattr(program, name)) for name in ("col_cost_", "col_lower_", "col_upper_", "row_lower_", "row_upper_")}
    stop = threading.Event()

    def solve(block: int) -> tuple[NDArray[np.int64], NDArray[np.int64], list[Any], list[Any]]:
        mine, own = np.flatnonzero(block_of_row == block), np.flatnonzero(block_of_column == block)
        chosen = block_of_row[row] == block
        place = (np.searchsorted(mine, row[chosen]), np.searchsorted(own, column[chosen]))
        part = scipy.sparse.coo_matrix((value[chosen], place), shape=(mine.size, own.size)).tocsr()
        quarterly = highspy.HighsLp()
        quarterly.num_row_, quarterly.num_col_ = part.shape
        quarterly.col_cost_, quarterly.col_lower_, quarterly.col_upper_ = (bounds[name][own] for name in ("col_cost_", "col_lower_", "col_upper_"))
        quarterly.row_lower_, quarterly.row_upper_ = bounds["row_lower_"][mine], bounds["row_upper_"][mine]
        quarterly.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        quarterly.a_matrix_.start_, quarterly.a_matrix_.index_, quarterly.a_matrix_.value_ = part.indptr, part.indices, part.data
        solver = highspy.Highs()
        solver.setOptionValue("output_flag", False)
        solver.setOptionValue("solver", "simplex")
        solver.setOptionValue("threads", 1)
        solver.setOptionValue("time_limit", float(highs.options.get("time_limit", highspy.kHighsInf)))
        solver.cbSimplexInterrupt += lambda event: setattr(event.data_in, "user_interrupt", stop.is_set())
        solver.passModel(quarterly)
        solver.run()
        basis = solver.getBasis()
        return mine, own, list(basis.row_status), list(basis.col_status)

    row_status = np.full(shape[0], highspy.HighsBasisStatus.kBasic, dtype=object)
    column_status = np.full(shape[1], highspy.HighsBasisStatus.kLower, dtype=object)
    with ThreadPoolExecutor(WORKERS) as pool:
        tasks = [pool.submit(solve, block) for block in range(int(quarter[-1]) + 1)]
        try:
            while not all(task.done() for task in tasks):
                threading.Event().wait(0.2)
                watch()
        except KeyboardInterrupt:
            stop.set()
            raise
    for task in tasks:
        mine, own, of_rows, of_columns = task.result()
        if len(of_rows) == mine.size:
            row_status[mine], column_status[own] = of_rows, of_columns
    basis = highspy.HighsBasis()
    basis.row_status, basis.col_status = list(row_status), list(column_status)
    basis.valid, basis.alien = True, True
    return basis


def _places(model: linopy.Model, items: Any, position_of: NDArray[np.int64], size: int) -> _Places:
    step, series, count = np.full(size, -1, dtype=np.int64), np.full(size, -1, dtype=np.int64), 0
    snapshots = model.parameters.snapshots.values
    for _, item in items.items():
        labels = item.labels
        if "snapshot" not in labels.dims:
            continue
        steps = np.searchsorted(snapshots, labels.coords["snapshot"].values)
        for one in labels.transpose("snapshot", ...).values.reshape(steps.size, -1).T:
            position = np.where(one >= 0, position_of[one], -1)
            kept = position >= 0
            step[position[kept]], series[position[kept]] = steps[kept], count
            count += 1
    return _Places(step, series, count)


def _blocks(table: Any, columns: _Places, rows: _Places, quarter: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the quarter of each column and row; a column of no snapshot joins the first row it stands in, a row of no snapshot the quarter of all its columns."""
    of_column = np.where(columns.step >= 0, quarter[columns.step], -1)
    of_row = np.where(rows.step >= 0, quarter[rows.step], -1)
    free = (of_column[table.col] < 0) & (of_row[table.row] >= 0)
    of_column[table.col[free]] = of_row[table.row[free]]
    of_column[of_column < 0] = 0
    low, high = np.full(of_row.size, np.iinfo(np.int64).max), np.full(of_row.size, -1)
    np.minimum.at(low, table.row, of_column[table.col])
    np.maximum.at(high, table.row, of_column[table.col])
    whole = (of_row < 0) & (low == high)
    of_row[whole] = low[whole]
    return of_column, of_row


def _wrapped(
    row: NDArray[np.int64],
    column: NDArray[np.int64],
    columns: _Places,
    block_of_column: NDArray[np.int64],
    block_of_row: NDArray[np.int64],
    quarter: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Return each entry's column with those beyond the row's quarter taken from the same place of the row's own quarter, as if it repeated."""
    steps = quarter.size
    column_at = np.full((columns.count, steps), -1, dtype=np.int64)
    known = columns.step >= 0
    column_at[columns.series[known], columns.step[known]] = np.flatnonzero(known)
    begin = np.searchsorted(quarter, np.arange(quarter[-1] + 1))
    length = np.diff(np.append(begin, steps))
    beyond = block_of_column[column] != block_of_row[row]
    block, outside = block_of_row[row[beyond]], column[beyond]
    inside = begin[block] + (columns.step[outside] - begin[block]) % length[block]
    result = column.copy()
    result[beyond] = column_at[columns.series[outside], inside]
    return result
