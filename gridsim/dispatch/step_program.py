"""A mixed-integer program whose columns belong to steps of time, from a park's draft or from any linopy model over snapshots."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridsim.dispatch.program import make_program
from gridsim.dispatch.segments import single_steps
from gridsim.dispatch.sizes import Sizes

if TYPE_CHECKING:
    import linopy
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

    from gridsim.dispatch.program import Program
    from gridsim.technologies.draft import NetworkDraft


@dataclass(frozen=True, eq=False)
class StepProgram:
    r""":math:`\min c^\top z` with :math:`\underline b \le A z \le \overline b`, :math:`\underline z \le z \le \overline z`. N columns, R rows, T steps."""

    cost: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    matrix: csr_matrix
    row_lower: NDArray[np.float64]
    row_upper: NDArray[np.float64]
    integer: NDArray[np.bool_]
    step: NDArray[np.int64]
    """Step of each column; −1 for those that belong to none, such as the peaks of months. Shape (N,)."""
    steps: int


def step_program(named: Program, steps: int) -> StepProgram:
    """Return a program of single steps without the names of its columns."""
    columns = (named.cost, named.lower, named.upper)
    return StepProgram(*columns, named.matrix, named.row_lower, named.row_upper, named.integer, named.step, steps)


def program_of_draft(draft: NetworkDraft) -> Program:
    """Write down a draft step by step, whole numbers included."""
    return make_program(draft, single_steps(draft.steps), Sizes.none(), with_order=True, with_binaries=True)


def program_of_model(model: linopy.Model) -> tuple[StepProgram, NDArray[np.int64], NDArray[np.int64]]:
    """Read a linopy model that has a dimension ``snapshot``.

    Returns
    -------
    StepProgram
    labels : array, shape (N,)
        Linopy's label of each column.
    periods : array
        Rows that belong to no snapshot, such as a limit of a year.
    """
    from scipy.sparse import csr_matrix

    from gridsim.dispatch.highs import without_bound_rows

    matrices = model.matrices
    rows, (lower, upper) = without_bound_rows(model, matrices)
    labels = matrices.vlabels
    step_of_label = np.full(int(labels.max()) + 1, -1)
    steps = 0
    for variable in model.variables.data.values():
        if "snapshot" in variable.dims:
            ordered = variable.labels.transpose("snapshot", ...).values
            steps = max(steps, ordered.shape[0])
            at = np.broadcast_to(np.arange(ordered.shape[0]).reshape(-1, *[1] * (ordered.ndim - 1)), ordered.shape)
            step_of_label[ordered[ordered >= 0]] = at[ordered >= 0]
    matrix = csr_matrix((rows.value, rows.index, rows.start), shape=(rows.lower.size, lower.size))
    integer = np.isin(matrices.vtypes, ("B", "I"))
    program = StepProgram(matrices.c, lower, upper, matrix, rows.lower, rows.upper, integer, step_of_label[labels], steps)
    over_time = [one.labels.values.ravel() for one in model.constraints.data.values() if "snapshot" not in one.labels.dims]
    return program, labels, np.flatnonzero(np.isin(rows.labels, np.concatenate([*over_time, np.zeros(0, dtype=np.int64)])))
