"""What flows through the branches, from the voltages: currents at both ends, loading and losses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_matrix

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.distribution.powerflow.wires import Wires

CHUNK_HOURS = 512
"""Hours whose branch currents are computed together: they fit into the cache."""


def with_taps(wires: Wires, position: NDArray[np.int64]) -> NDArray[np.complex128]:
    """Branch admittances with the tap changers at these positions. Shape (B, 4). [p.u.]"""
    taps = wires.taps
    if not taps.names or np.array_equal(position, taps.present):
        return wires.branch_admittance
    admittance = wires.branch_admittance.copy()
    admittance[taps.branch] = taps.admittance[np.arange(taps.branch.size), position - taps.lowest]
    return admittance


def nodal(wires: Wires, admittance: NDArray[np.complex128]) -> csr_matrix:
    """Nodal admittance matrix with these branch admittances. Shape (n, n). [p.u.]"""
    if admittance is wires.branch_admittance:
        return wires.admittance
    from gridsim.distribution.powerflow.prepare import assemble

    active = wires.branch_from >= 0
    return assemble(wires.nodes, wires.branch_from[active], wires.branch_to[active], admittance[active], wires.shunt)


def end_matrices(wires: Wires, admittance: NDArray[np.complex128]) -> tuple[csr_matrix, csr_matrix]:
    """Matrices that turn node voltages into the currents that enter each branch at its from and to end. Shape (B, n) each. [p.u.]"""
    rows = np.flatnonzero(wires.branch_from >= 0)
    f, t, shape = wires.branch_from[rows], wires.branch_to[rows], (wires.branches, wires.nodes)
    both, ends = np.concatenate([rows, rows]), np.concatenate([f, t])
    return (
        csr_matrix((np.concatenate([admittance[rows, 0], admittance[rows, 1]]), (both, ends)), shape=shape),
        csr_matrix((np.concatenate([admittance[rows, 2], admittance[rows, 3]]), (both, ends)), shape=shape),
    )


def size(value: NDArray[np.complex128]) -> NDArray[np.float64]:
    """Absolute value, faster than `numpy.abs`: the values are far from overflow."""
    return np.sqrt(value.real**2 + value.imag**2)


def branch_flows(
    wires: Wires,
    tap: NDArray[np.int64],
    voltage: NDArray[np.complex128],
    current_from: NDArray,
    current_to: NDArray,
    loading: NDArray,
    losses: NDArray,
) -> None:
    """Fill in the results of some hours.

    Parameters
    ----------
    tap : array, shape (T, K)
        Position of each tap changer.
    voltage : array, shape (n, T)
        [p.u.]
    current_from, current_to, loading : arrays, shape (T, B)
        Filled: [kA], [kA] and [1].
    losses : array, shape (T,)
        Filled: active and reactive power that enters the branches and does not leave them. [MVA]
    """
    from_matrix, to_matrix = end_matrices(wires, wires.branch_admittance)
    moved = np.flatnonzero((tap != wires.taps.present).any(axis=0))
    units, lowest = wires.taps.branch[moved], wires.taps.lowest[moved]
    rows = np.flatnonzero(wires.branch_from >= 0)
    f, t = wires.branch_from[rows], wires.branch_to[rows]
    per_from, per_to = 1.0 / wires.rating_from_ka, 1.0 / wires.rating_to_ka
    for first in range(0, voltage.shape[1], CHUNK_HOURS):
        chunk = slice(first, first + CHUNK_HOURS)
        volts = np.ascontiguousarray(voltage[:, chunk])
        from_pu, to_pu = from_matrix @ volts, to_matrix @ volts
        if moved.size:
            y = wires.taps.admittance[moved[None, :], tap[chunk][:, moved] - lowest].transpose(2, 1, 0)
            v_from, v_to = volts[wires.branch_from[units]], volts[wires.branch_to[units]]
            from_pu[units], to_pu[units] = y[0] * v_from + y[1] * v_to, y[2] * v_from + y[3] * v_to
        entering = np.einsum("bt,bt->t", volts[f], from_pu[rows].conj()) + np.einsum("bt,bt->t", volts[t], to_pu[rows].conj())
        losses[chunk] = entering * wires.base_mva
        from_ka, to_ka = (size(from_pu) * wires.from_base_ka[:, None]).T, (size(to_pu) * wires.to_base_ka[:, None]).T
        current_from[chunk], current_to[chunk] = from_ka, to_ka
        np.maximum(from_ka * per_from, to_ka * per_to, out=loading[chunk])
