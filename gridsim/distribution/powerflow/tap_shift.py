"""Hours of unlike tap positions solved together: one matrix for all, and what each hour's positions change about its currents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_matrix

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.distribution.powerflow.wires import Wires


@dataclass(frozen=True, eq=False)
class TapShift:
    """What the taps of each hour add to the currents that the reference positions give. K transformers, T hours, n nodes."""

    from_node: NDArray[np.int64]
    to_node: NDArray[np.int64]
    """Shape (K,)."""
    change: NDArray[np.complex128]
    """Change of the from-from, from-to, to-from and to-to admittance of each transformer at each hour. Shape (4, K, T). [p.u.]"""
    nodes: int

    @classmethod
    def of(cls, wires: Wires, tap: NDArray[np.int64], reference: NDArray[np.int64]) -> TapShift | None:
        """Return the shift of tap positions (shape (T, K)) against reference positions; None where there is none."""
        moving = np.flatnonzero((tap != reference).any(axis=0))
        if not moving.size:
            return None
        taps = wires.taps
        at = taps.admittance[moving[None, :], tap[:, moving] - taps.lowest[moving]] - taps.admittance[moving, reference[moving] - taps.lowest[moving]]
        branch = taps.branch[moving]
        return cls(wires.branch_from[branch], wires.branch_to[branch], np.ascontiguousarray(at.transpose(2, 1, 0)), wires.nodes)

    def ordered(self, order: NDArray[np.int64]) -> TapShift:
        """Return the same for nodes in another order."""
        place = np.empty_like(order)
        place[order] = np.arange(order.size)
        return TapShift(place[self.from_node], place[self.to_node], self.change, self.nodes)

    def at(self, hours: NDArray[np.int64]) -> TapShift:
        """Return the shift of some of its hours."""
        return TapShift(self.from_node, self.to_node, self.change[:, :, hours], self.nodes)

    def current(self, voltage: NDArray[np.complex128]) -> NDArray[np.complex128]:
        """Current that enters the network beyond what the reference matrix gives, at node voltages. Shape (n, T) each. [p.u.]"""
        v_from, v_to = voltage[self.from_node], voltage[self.to_node]
        entering = np.concatenate([self.change[0] * v_from + self.change[1] * v_to, self.change[2] * v_from + self.change[3] * v_to])
        ends = np.concatenate([self.from_node, self.to_node])
        return csr_matrix((np.ones(ends.size), (ends, np.arange(ends.size))), shape=(self.nodes, ends.size)) @ entering

    def matrix(self, reference: csr_matrix, hour: int) -> csr_matrix:
        """Return the nodal admittance matrix of one of its hours. Shape (n, n). [p.u.]"""
        f, t = self.from_node, self.to_node
        rows, columns = np.concatenate([f, f, t, t]), np.concatenate([f, t, f, t])
        return reference + csr_matrix((self.change[:, :, hour].ravel(), (rows, columns)), shape=reference.shape)
