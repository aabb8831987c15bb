"""The most power of a window where flows that must not meet would: a binary a step keeps them apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.dispatch.highs import Arrays, HighsProgram
from gridsim.technologies.draft import Ordered

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.dispatch.envelope_window import Window
    from gridsim.technologies.draft import Exclusive

OPTIONS: dict[str, Any] = {"mip_rel_gap": 0.0, "mip_abs_gap": 1e-6, "presolve": "on", "threads": 1, "mip_max_nodes": 50, "time_limit": 5.0}
"""A window with whole numbers is small; where its tree is not, what was found is taken and marked."""


def most_apart(window: Window, found: NDArray[np.float64], direction: int, met: list[Exclusive | Ordered]) -> tuple[NDArray[np.float64], float]:
    """Return the columns of the most power with nothing that meets, and a bound of it.

    The window's bounds of the power are what was ``found`` with nothing that meets, and what is possible where flows may.
    Whole numbers are held at what was found, and the power is the optimum of the linear program that is left.
    """
    met = list(met)
    cost = window.nothing.copy()
    cost[-1] = -direction
    farthest = float(window.upper[-1] if direction > 0 else window.lower[-1])
    while True:
        solver = HighsProgram(_with_binaries(window, cost, met), OPTIONS)
        answer = solver.solve()
        bound = float(solver.highs.getInfo().mip_dual_bound) * -direction
        bound = min(bound, farthest) if direction > 0 else max(bound, farthest)
        if not answer.feasible:
            return found, bound
        solver.fix_integers(answer.columns)
        final = solver.solve()
        if final.condition != "optimal":
            return found, bound
        columns = window.netted(final.columns[: cost.size])
        more = [request for request in window.met(columns) if request not in met]
        if not more:
            proven = answer.condition == "optimal"
            return columns, float(columns[-1]) if proven else bound
        met += more


def _with_binaries(window: Window, cost: NDArray[np.float64], met: list[Exclusive | Ordered]) -> Arrays:
    r"""Add :math:`u_t`: one flow has room where :math:`u_t = 1`, the other where it is 0; of an order, the second where the first is full."""
    from scipy.sparse import csr_matrix, hstack, vstack

    deviations, width = window.deviations, window.width
    arrays = window.arrays(cost)
    size = cost.size
    old = csr_matrix((arrays.value, arrays.index, arrays.start), shape=(arrays.row_lower.size, size))
    each = np.arange(width)
    rows, row_lower, row_upper = [], [], []

    def tie(flow: str, coefficient: float, place: int, lower: NDArray[np.float64], upper: NDArray[np.float64]) -> None:
        kind = deviations.kind[flow]
        column = np.concatenate([kind * width + each, size + place * width + each])
        value = np.concatenate([np.ones(width), np.full(width, coefficient)])
        rows.append(csr_matrix((value, (np.tile(each, 2), column)), shape=(width, size + len(met) * width)))
        row_lower.append(lower)
        row_upper.append(upper)

    none = np.full(width, np.inf)
    for place, request in enumerate(met):
        base = [deviations.base[deviations.starts[deviations.kind[name]] + window.first :][:width] for name in (request.first, request.second)]
        if isinstance(request, Ordered):
            tie(request.first, -request.first_max_mw, place, -base[0], none)
            tie(request.second, -request.second_max_mw, place, -none, -base[1])
        else:
            tie(request.first, -request.first_max_mw, place, -none, -base[0])
            tie(request.second, request.second_max_mw, place, -none, request.second_max_mw - base[1])
    matrix = vstack([hstack([old, csr_matrix((old.shape[0], len(met) * width))]), *rows], format="csr")
    binaries = len(met) * width
    return Arrays(
        np.concatenate([cost, np.zeros(binaries)]),
        np.concatenate([arrays.lower, np.zeros(binaries)]),
        np.concatenate([arrays.upper, np.ones(binaries)]),
        np.concatenate([arrays.row_lower, *row_lower]),
        np.concatenate([arrays.row_upper, *row_upper]),
        matrix.indptr,
        matrix.indices,
        matrix.data,
        np.concatenate([arrays.integer, np.ones(binaries, dtype=bool)]),
    )
