r"""The optimum of a program, with a bound that holds whatever the solver's tolerance was.

For any :math:`y`, with :math:`d = c - A^\top y`,

.. math:: c_0 + \sum_i (y_i^+ \underline b_i - y_i^- \overline b_i) + \sum_j \min(d_j \underline z_j, d_j \overline z_j)

is a lower bound of the optimum, because all columns are bounded; with the duals of a nearly optimal solution it is nearly the optimum.

References
----------
.. [1] A. Neumaier and O. Shcherbina, "Safe bounds in linear and mixed-integer linear programming," Math. Program. 99, 283-296, 2004.
   doi:10.1007/s10107-003-0433-3
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.dispatch.highs import Answer, Arrays, HighsProgram

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

    from gridsim.dispatch.program import Program


@dataclass(frozen=True, eq=False)
class Optimum:
    """What the solver found."""

    condition: str
    sizes: NDArray[np.float64]
    """Shape (K,)."""
    columns: NDArray[np.float64]
    row_duals: NDArray[np.float64]
    bound_cny: float
    """No point of the program costs less. [CNY]"""
    seconds: float
    iterations: int


def arrays_of(program: Program) -> Arrays:
    """Return the program as HiGHS takes it."""
    matrix = program.matrix
    columns, rows = (program.cost, program.lower, program.upper), (program.row_lower, program.row_upper)
    return Arrays(*columns, *rows, matrix.indptr, matrix.indices, matrix.data, program.integer)


def optimum(program: Program, options: dict[str, Any], watch: Callable[[float], None] | None = None) -> Optimum:
    """Solve a program."""
    return optimum_of(program, HighsProgram(arrays_of(program), options).solve(watch))


def optimum_of(program: Program, answer: Answer) -> Optimum:
    """Read what HiGHS said of a program, with the bound that its duals prove."""
    duals = answer.row_duals
    bound = -np.inf if duals is None else proven_bound(program, duals)
    sizes = np.clip(answer.columns[program.size], program.lower[program.size], program.upper[program.size])
    return Optimum(answer.condition, sizes, answer.columns, np.zeros(0) if duals is None else duals, bound, answer.seconds, answer.iterations)


def proven_bound(program: Program, row_duals: NDArray[np.float64]) -> float:
    """Return the lower bound that duals prove. [CNY]"""
    bounds, sides = (program.lower, program.upper), (program.row_lower, program.row_upper)
    return program.constant + dual_value(program.cost, bounds, program.matrix, sides, row_duals)


def dual_value(
    cost: NDArray[np.float64],
    bounds: tuple[NDArray[np.float64], NDArray[np.float64]],
    matrix: csr_matrix,
    sides: tuple[NDArray[np.float64], NDArray[np.float64]],
    row_duals: NDArray[np.float64],
) -> float:
    """Return the bound of the module's equation, without its constant; duals of a sign that their row has no side for count as zero."""
    dual = np.where(((row_duals > 0.0) & ~np.isfinite(sides[0])) | ((row_duals < 0.0) & ~np.isfinite(sides[1])), 0.0, row_duals)
    reduced = cost - matrix.T @ dual
    side = np.where(dual > 0.0, *sides)
    rows = np.where(dual != 0.0, dual * np.where(np.isfinite(side), side, 0.0), 0.0)
    return float(rows.sum() + np.minimum(reduced * bounds[0], reduced * bounds[1]).sum())
