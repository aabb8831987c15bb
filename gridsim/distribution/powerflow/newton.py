r"""Newton's method for the power flow: one state exactly, and many states that share a Jacobian.

Unknowns are the angles :math:`\theta` of all nodes but the slack and the logarithms :math:`\nu` of the magnitudes of the nodes that no generator holds:
:math:`V = e^{\nu + j\theta}`. With :math:`S = V \circ \overline{Y V}`, :math:`D = \mathrm{diag}(S)` and
:math:`A = \mathrm{diag}(V)\,\overline{Y}\,\mathrm{diag}(\overline V)`

.. math:: \frac{\partial S}{\partial \theta} = j\,(D - A), \qquad \frac{\partial S}{\partial \nu} = D + A.

References
----------
.. [1] W. F. Tinney and C. E. Hart, "Power flow solution by Newton's method," IEEE Trans. Power App. Syst., vol. PAS-86, no. 11, pp. 1449-1460, 1967.
   doi:10.1109/TPAS.1967.291823
.. [2] C. T. Kelley, "Iterative Methods for Linear and Nonlinear Equations," SIAM, 1995, chapter 5 (the chord method). doi:10.1137/1.9781611970944
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from scipy.sparse import csc_matrix, csr_matrix
    from scipy.sparse.linalg import SuperLU

TOLERANCE_PU = 1e-10
"""Largest power mismatch at any node of an hour that counts as solved. [p.u.]"""

MOST_ITERATIONS = 30


@dataclass(frozen=True, eq=False)
class Equations:
    """The nodes in the order free, held, slack: what is asked of each. F free, H held by generators."""

    order: NDArray[np.int64]
    """Node of each row."""
    free: int
    held: int
    admittance: csr_matrix
    """In this order. [p.u.]"""
    slack_voltage: NDArray[np.complex128]
    held_vm_pu: NDArray[np.float64]
    floor_pu: float
    """What rounding leaves of the mismatch, at one p.u. of voltage. [p.u.]"""

    @property
    def moving(self) -> int:
        """Nodes whose angle is unknown."""
        return self.free + self.held

    @cached_property
    def pattern(self) -> Pattern:
        """Pattern of the Jacobian."""
        return Pattern.of(self)

    @property
    def tolerance_pu(self) -> float:
        """Mismatch that counts as solved: `TOLERANCE_PU`, or what rounding allows where branches are very short. [p.u.]"""
        return max(TOLERANCE_PU, self.floor_pu)


def make_equations(
    admittance: csr_matrix, slack: NDArray[np.int64], slack_voltage: NDArray[np.complex128], held: NDArray[np.int64], held_vm_pu: NDArray[np.float64]
) -> Equations:
    """Order the nodes."""
    count = admittance.shape[0]
    kind = np.zeros(count, dtype=np.int64)
    kind[held], kind[slack] = 1, 2
    order = np.concatenate([np.flatnonzero(kind == 0), held, slack])
    ordered = admittance[order][:, order].tocsr()
    ordered.sort_indices()
    # each mismatch is a sum whose terms are as large as the row of |Y|; a few units in the last place of that sum remain
    floor = 4.0 * np.finfo(float).eps * float(abs(ordered).sum(axis=1).max())
    return Equations(order, int((kind == 0).sum()), held.size, ordered, slack_voltage, held_vm_pu, floor)


@dataclass(frozen=True, eq=False)
class Pattern:
    """Where the Jacobian of some equations has entries: only their values change with the state. E entries of the admittance matrix, row by row."""

    row: NDArray[np.int64]
    """Row of each entry of the admittance. Shape (E,)."""
    column: NDArray[np.int64]
    first: NDArray[np.int64]
    """First entry of each row. Shape (n,)."""
    diagonal: NDArray[np.int64]
    """Diagonal entry of each moving node. Shape (F + H,)."""
    slot: NDArray[np.int64]
    """Which of the four values of each entry (P by θ, P by ν, Q by θ, Q by ν, one after the other) stands at each place of the Jacobian."""
    indices: NDArray[np.int32]
    indptr: NDArray[np.int32]

    @classmethod
    def of(cls, equations: Equations) -> Pattern:
        """Rows P of all moving nodes, Q of the free ones; columns θ of all moving nodes, ν of the free ones; compressed by columns."""
        moving, unknown, none = equations.moving, equations.moving + equations.free, np.iinfo(np.int64).max
        entries = equations.admittance.tocoo()
        i, j = entries.row.astype(np.int64), entries.col.astype(np.int64)
        p, q = (np.where(ends < moving, ends, none) for ends in (i, j))  # rows and columns of the slack are in none of the blocks
        rows, columns = np.concatenate([p, p, i + moving, i + moving]), np.concatenate([q, j + moving, q, j + moving])
        there = np.flatnonzero((rows < unknown) & (columns < unknown))
        slot = there[np.lexsort((rows[there], columns[there]))]
        indptr = np.concatenate([[0], np.cumsum(np.bincount(columns[slot], minlength=unknown))])
        return cls(i, j, equations.admittance.indptr[:-1], np.flatnonzero((i == j) & (i < moving)), slot, rows[slot].astype(np.int32), indptr.astype(np.int32))

    def values(
        self, equations: Equations, admittance: NDArray[np.complex128], voltage: NDArray[np.complex128], slope_pu: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return the entries of the Jacobian at each of T states.

        Parameters
        ----------
        admittance : array, shape (E, T) or (E, 1)
            [p.u.]
        voltage : array, shape (n, T)
            [p.u.]
        slope_pu : array, shape (F, T)
            As for `jacobian`.

        Returns
        -------
        array, shape (T, entries)
        """
        coupling = voltage[self.row] * admittance.conj() * voltage[self.column].conj()
        inside = int(np.searchsorted(self.row, equations.moving))  # a slack's row may be empty, where it stands for what is islanded
        power = np.add.reduceat(coupling[:inside], self.first[: equations.moving], axis=0)
        blocks = np.concatenate([coupling.imag, coupling.real, -coupling.real, coupling.imag])
        for block, own in enumerate((-power.imag, power.real, power.real, power.imag)):
            blocks[block * self.row.size + self.diagonal] += own
        blocks[3 * self.row.size + self.diagonal[: equations.free]] += slope_pu
        return np.ascontiguousarray(blocks[self.slot].T)

    def matrix(self, values: NDArray[np.float64]) -> csc_matrix:
        """Return the Jacobian with these entries."""
        from scipy.sparse import csc_matrix

        size = self.indptr.size - 1
        return csc_matrix((values, self.indices, self.indptr), shape=(size, size))


def jacobian(equations: Equations, voltage: NDArray[np.complex128], slope_pu: NDArray[np.float64]) -> csc_matrix:
    r"""Jacobian of the mismatches at one state.

    Parameters
    ----------
    slope_pu : array, shape (F,)
        How much the reactive supply of each free node falls when ν rises: :math:`-\partial q / \partial \nu`. [p.u.]
    """
    admittance, pattern = equations.admittance.data[:, None], equations.pattern
    return pattern.matrix(pattern.values(equations, admittance, voltage.reshape(-1, 1), slope_pu.reshape(-1, 1))[0])


def factorise(matrix: csc_matrix) -> SuperLU:
    """Factorise a Jacobian; its pattern is symmetric."""
    from scipy.sparse.linalg import splu

    return splu(matrix, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.1, options={"SymmetricMode": True})


def start_voltage(equations: Equations) -> NDArray[np.complex128]:
    r"""Voltages to begin with: magnitudes as set, angles by the phase shifts of the transformers on the way from the slack. Shape (n,). [p.u.]

    Neither load nor line charging is in it: an unloaded network of long lines has no solution near its set-points. Each pair of neighbours is a weight
    :math:`|y|` and a phase :math:`\varphi`, from :math:`Y_{ij} / Y_{ji} = e^{2j\varphi}`. Which of the two roots it is follows from the larger part of
    the series admittance, a resistance or a reactance above zero; the smaller part may have either sign, as in the star of three windings.
    """
    from scipy.sparse import coo_matrix, diags
    from scipy.sparse.linalg import splu

    moving, count = equations.moving, equations.order.size
    setpoints = np.concatenate([np.abs(equations.slack_voltage), equations.held_vm_pu])
    there = equations.admittance.tocoo()
    back = equations.admittance.T.tocsr()
    off = (there.row != there.col) & (there.data != 0.0)
    i, j, forth = there.row[off], there.col[off], there.data[off]
    ratio = forth / np.asarray(back[i, j]).ravel()
    phase = np.sqrt(ratio / np.abs(ratio))
    series = -forth * np.conj(phase)
    against = np.where(np.abs(series.imag) > np.abs(series.real), series.imag > 0.0, series.real < 0.0)
    upright = np.abs(phase - 1.0) < 1e-6  # no shift, or one of 180 degrees, where both parts are against it
    wrong = np.where(upright, (series.imag > 0.0) & (series.real < 0.0), against)
    phase = np.where(wrong, -phase, phase)
    weight = np.abs(forth)
    matrix = (diags(np.bincount(i, weights=weight, minlength=count)) - coo_matrix((weight * phase, (i, j)), shape=(count, count))).tocsr()
    angle = np.angle(splu(matrix[:moving, :moving].tocsc()).solve(-(matrix[:moving, moving:] @ equations.slack_voltage))) if moving else np.zeros(0)
    voltage = np.concatenate([setpoints.mean() * np.exp(1j * angle), equations.slack_voltage])
    voltage[equations.free : moving] *= equations.held_vm_pu / setpoints.mean()
    return voltage


@dataclass(frozen=True, eq=False)
class OneState:
    """What Newton's method came to."""

    voltage: NDArray[np.complex128]
    converged: bool
    iterations: int
    mismatch_pu: float
    worst_row: int
    """Row with the largest mismatch."""


def mismatch(equations: Equations, voltage: NDArray[np.complex128], supply: NDArray[np.complex128]) -> NDArray[np.float64]:
    """Power that flows into the network less what is supplied: P of all moving nodes, Q of the free ones. Shape (F + H + F, ...). [p.u.]"""
    excess = voltage[: equations.moving] * np.conj(equations.admittance[: equations.moving] @ voltage) - supply[: equations.moving]
    return np.concatenate([excess.real, excess.imag[: equations.free]])


def solve_one(
    equations: Equations,
    supply: Callable[[NDArray[np.float64]], tuple[NDArray[np.complex128], NDArray[np.float64]]],
    start: NDArray[np.complex128],
    most_iterations: int = MOST_ITERATIONS,
    tolerance_pu: float | None = None,
) -> OneState:
    """Solve one state by Newton's method, steps halved (at most four times) while the mismatch would grow.

    Parameters
    ----------
    supply : function
        From the magnitudes of the free nodes to the supply of all nodes [p.u.] and the slope of its reactive part.
    """
    target = tolerance_pu or equations.tolerance_pu
    voltage, free, moving = start.copy(), equations.free, equations.moving
    with np.errstate(all="ignore"):
        given, slope = supply(np.abs(voltage[:free]))
        residual = mismatch(equations, voltage, given)
        for iteration in range(most_iterations + 1):
            worst = float(np.abs(residual).max(initial=0.0))
            if worst <= target or iteration == most_iterations or not np.isfinite(worst):
                break
            try:
                step = factorise(jacobian(equations, voltage, slope)).solve(-residual)
            except RuntimeError:  # the matrix is singular: the nose of the voltage curve
                break
            scale = 1.0
            for _ in range(5):
                trial = voltage.copy()
                trial[:moving] *= np.exp(scale * (1j * step[:moving] + np.concatenate([step[moving:], np.zeros(equations.held)])))
                given, slope = supply(np.abs(trial[:free]))
                trial_residual = mismatch(equations, trial, given)
                if np.linalg.norm(trial_residual) < np.linalg.norm(residual):
                    break
                scale /= 2.0
            else:  # no step helps: the state is beyond what the network can carry
                break
            voltage, residual = trial, trial_residual
    worst_row = int(np.nanargmax(np.abs(residual))) if residual.size and np.isfinite(residual).any() else 0
    return OneState(voltage, bool(worst <= target), iteration, worst, worst_row)
