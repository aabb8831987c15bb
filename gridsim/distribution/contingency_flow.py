r"""The power flow of many hours with some branches out, each hour with its own tap positions, started from the intact network.

An outage changes a few admittances. Buses that no branch leads to from the grid any more are taken out with what they inject: their nodes join the slack's,
at 1 p.u., where no equation holds them. All hours share the matrix :math:`Y` of one tap position; what the taps of an hour change, :math:`\Delta Y_h V_h`, is
added to the currents, so that hours of different positions are solved together by the chord method of the batch. Newton's method, with the hour's own matrix,
takes what the chord method leaves.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from gridsim.distribution.powerflow.batch import similar_order
from gridsim.distribution.powerflow.branches import end_matrices, size, with_taps
from gridsim.distribution.powerflow.newton import Equations, factorise, jacobian, make_equations, solve_one, start_voltage
from gridsim.distribution.powerflow.prepare import assemble
from gridsim.distribution.powerflow.solve import solve_nodes
from gridsim.distribution.powerflow.threads import one_thread

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from gridsim.distribution.powerflow.rules import NodeCurves
    from gridsim.distribution.powerflow.wires import Wires

GROUP_HOURS = 32
"""Hours that share a Jacobian (judged)."""

ROUNDS_A_JACOBIAN, JACOBIANS = 6, 4


@dataclass(frozen=True, eq=False)
class IntactHours:
    """Hours of the intact network, from which each outage starts. n nodes, H hours, K tap changers."""

    wires: Wires
    supply: NDArray[np.complex128]
    """Shape (n, H). [p.u.]"""
    curves: NodeCurves
    tap: NDArray[np.int64]
    """Shape (H, K)."""
    voltage: NDArray[np.complex128]
    """Shape (n, H). [p.u.]"""
    groups: tuple[NDArray[np.int64], ...]
    """Hours that are alike."""
    common: NDArray[np.int64]
    """Tap positions of the shared matrix. Shape (K,)."""
    moving: NDArray[np.int64]
    """Tap changers that stand elsewhere in some hour. Shape (M,)."""
    drift: NDArray[np.complex128]
    """What their positions change of their admittances. Shape (4, M, H). [p.u.]"""


@one_thread()
def intact_hours(wires: Wires, supply: NDArray[np.complex128], curves: NodeCurves, tap: NDArray[np.int64]) -> IntactHours:
    """Solve the intact network at given tap positions."""
    taps = wires.taps
    common = np.array([np.bincount(column - low).argmax() + low for column, low in zip(tap.T, taps.lowest, strict=True)], dtype=np.int64)
    moving = np.flatnonzero((tap != common).any(axis=0))
    at = [taps.admittance[moving, position[moving] - taps.lowest[moving]] for position in (*tap, common)]
    drift = np.array([each - at[-1] for each in at[:-1]]).reshape(len(tap), moving.size, 4).transpose(2, 1, 0)
    order = similar_order(supply)
    groups = np.array_split(order, max(-(-order.size // GROUP_HOURS), 1))
    voltage = solve_nodes(wires, supply, curves, tap, False).voltage
    return IntactHours(wires, supply, curves, tap, voltage, tuple(groups), common, moving, drift)


@dataclass(frozen=True, eq=False)
class OutageFlow:
    """The same hours with branches out."""

    voltage: NDArray[np.complex128]
    """Not a number where islanded or without a solution. Shape (n, H). [p.u.]"""
    converged: NDArray[np.bool_]
    islanded: NDArray[np.bool_]
    """Nodes without supply. Shape (n,)."""
    loading: NDArray[np.float64]
    """Shape (H, B)."""
    controlled_q_mvar: NDArray[np.float64]
    """What the generators of each voltage-controlled node supply. Shape (H, V). [Mvar]"""


@one_thread()
def solve_outage(intact: IntactHours, branches: NDArray[np.int64], remaining: float) -> OutageFlow:
    """Solve all hours with a share of some branches left, by units in parallel; 0 where nothing is left.

    A failed branch is open at both ends: what it charged is gone as well.
    """
    wires = intact.wires
    admittance = with_taps(wires, intact.common).copy()
    admittance[branches] *= remaining
    share = np.ones(wires.branches)
    share[branches] = remaining
    drift = intact.drift * share[wires.taps.branch[intact.moving]][:, None]
    active = np.flatnonzero((wires.branch_from >= 0) & (share > 0.0))
    ends = wires.branch_from[active], wires.branch_to[active]
    islanded = _islanded(wires, *ends)
    outside = np.flatnonzero(islanded)
    held = ~islanded[wires.controlled_nodes]
    equations = make_equations(
        assemble(wires.nodes, *ends, admittance[active], wires.shunt),
        np.concatenate([wires.slack_nodes, outside]),
        np.concatenate([wires.slack_voltage, np.ones(outside.size)]),
        wires.controlled_nodes[held],
        wires.controlled_vm_pu[held],
    )
    taps = _Drift.of(wires, intact.moving, drift, equations)
    voltage, converged = _solve(intact, equations, taps)
    voltage[:, ~converged] = np.nan
    voltage[outside] = np.nan
    return OutageFlow(voltage, converged, islanded, *_branches(intact, admittance, drift, share, voltage))


def _islanded(wires: Wires, branch_from: NDArray, branch_to: NDArray) -> NDArray[np.bool_]:
    """Nodes that no branch leads to from a slack. Shape (n,)."""
    graph = csr_matrix((np.ones(branch_from.size), (branch_from, branch_to)), shape=(wires.nodes, wires.nodes))
    part = connected_components(graph, directed=False)[1]
    return ~np.isin(part, part[wires.slack_nodes])


@dataclass(frozen=True, eq=False)
class _Drift:
    """What the tap positions of each hour change of the currents, in the order of the equations. M tap changers, H hours."""

    one: NDArray[np.int64]
    other: NDArray[np.int64]
    into_one: csr_matrix
    into_other: csr_matrix
    admittance: NDArray[np.complex128]
    """Shape (4, M, H)."""

    @classmethod
    def of(cls, wires: Wires, moving: NDArray[np.int64], admittance: NDArray[np.complex128], equations: Equations) -> _Drift:
        place = np.empty_like(equations.order)
        place[equations.order] = np.arange(place.size)
        branch = wires.taps.branch[moving]
        one, other = place[wires.branch_from[branch]], place[wires.branch_to[branch]]
        gather = [csr_matrix((np.ones(branch.size), (ends, np.arange(branch.size))), shape=(place.size, branch.size)) for ends in (one, other)]
        return cls(one, other, gather[0], gather[1], admittance)

    def currents(self, voltage: NDArray[np.complex128], hours: NDArray[np.int64]) -> NDArray[np.complex128]:
        """Shape (n, hours)."""
        change, start, end = self.admittance[:, :, hours], voltage[self.one], voltage[self.other]
        return self.into_one @ (change[0] * start + change[1] * end) + self.into_other @ (change[2] * start + change[3] * end)

    def matrix(self, equations: Equations, hour: int) -> Equations:
        """Equations of one hour, with its own positions."""
        if not self.one.size:
            return equations
        change, one, other = self.admittance[:, :, hour].ravel(), self.one, self.other
        entries = (np.concatenate([one, one, other, other]), np.concatenate([one, other, one, other]))
        return replace(equations, admittance=(equations.admittance + csr_matrix((change, entries), shape=equations.admittance.shape)).tocsr())


def _solve(intact: IntactHours, equations: Equations, taps: _Drift) -> tuple[NDArray[np.complex128], NDArray[np.bool_]]:
    """Voltages in the nodes' own order and which hours have a solution."""
    order, moving = equations.order, equations.moving
    supply, voltage = intact.supply[order], intact.voltage[order]
    curves = intact.curves.ordered(equations)
    voltage[moving:] = equations.slack_voltage[:, None]
    worst = np.full(voltage.shape[1], np.inf)
    for group in intact.groups:
        voltage[:, group], worst[group] = _chord(equations, taps, curves, supply, voltage[:, group], group)
    converged = worst <= equations.tolerance_pu
    for hour in np.flatnonzero(~converged):
        own, asked = taps.matrix(equations, int(hour)), partial(curves.supply, supply=supply[:, hour])
        first = intact.voltage[order, hour]
        first[moving:] = equations.slack_voltage
        state = solve_one(own, asked, first)
        if not state.converged:
            state = solve_one(own, asked, start_voltage(own))
        voltage[:, hour], converged[hour] = state.voltage, state.converged
    result = np.empty_like(voltage)
    result[order] = voltage
    return result, converged


def _chord(
    equations: Equations, taps: _Drift, curves: NodeCurves, supply: NDArray[np.complex128], voltage: NDArray[np.complex128], hours: NDArray[np.int64]
) -> tuple[NDArray[np.complex128], NDArray[np.float64]]:
    """Chord method from each hour's own start; the Jacobian is that of the mean of the hours that are left, and is renewed a few times."""
    moving, free = equations.moving, equations.free
    worst, left = np.full(hours.size, np.inf), np.arange(hours.size)
    with np.errstate(all="ignore"):
        for round_ in range(ROUNDS_A_JACOBIAN * JACOBIANS + 1):
            volts = voltage[:, left]
            current = equations.admittance @ volts + taps.currents(volts, hours[left])
            excess = volts[:moving] * np.conj(current[:moving]) - supply[:moving, hours[left]]
            residual = np.concatenate([excess.real, excess.imag[:free]])
            if curves.rows.size:
                residual[moving + curves.rows] -= curves.reactive_pu(size(volts[curves.rows]))
            worst[left] = np.abs(residual).max(axis=0, initial=0.0)
            keep = (worst[left] > equations.tolerance_pu) & (worst[left] < 1e6)
            if not keep.any() or round_ == ROUNDS_A_JACOBIAN * JACOBIANS:
                break
            left, volts, residual = left[keep], volts[:, keep], residual[:, keep]
            if round_ % ROUNDS_A_JACOBIAN == 0:
                try:
                    solver = _solver_at(equations, curves, volts.mean(axis=1), renewed=round_ > 0)
                except RuntimeError:  # the matrix is singular
                    break
            step = solver(residual)
            volts[:free] *= np.exp(-step[moving:])
            volts[:moving] *= np.exp(-1j * step[:moving])
            voltage[:, left] = volts
    return voltage, worst


def _solver_at(
    equations: Equations, curves: NodeCurves, voltage: NDArray[np.complex128], *, renewed: bool
) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    """Factorise at a state: with the steepest slopes of the voltage curves at first, which never overshoot, then with those that they have there."""
    held = slice(equations.free, equations.moving)
    voltage[held] *= equations.held_vm_pu / np.abs(voltage[held])
    slope = curves.supply(np.abs(voltage[: equations.free]), voltage)[1] if renewed else curves.steepest(equations.free)
    return factorise(jacobian(equations, voltage, slope)).solve


def _branches(
    intact: IntactHours, admittance: NDArray[np.complex128], drift: NDArray[np.complex128], share: NDArray[np.float64], voltage: NDArray[np.complex128]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Loading of each branch, the worse end, over the rating that is left, and the reactive power of generators. Shapes (H, B) and (H, V)."""
    wires = intact.wires
    known = np.nan_to_num(voltage)  # an islanded branch carries nothing
    from_matrix, to_matrix = end_matrices(wires, admittance)
    from_pu, to_pu = from_matrix @ known, to_matrix @ known
    branch = wires.taps.branch[intact.moving]
    start, end = known[wires.branch_from[branch]], known[wires.branch_to[branch]]
    from_pu[branch] += drift[0] * start + drift[1] * end
    to_pu[branch] += drift[2] * start + drift[3] * end
    left = np.where(share > 0.0, share, 1.0)
    per_from, per_to = (base / (rating * left) for base, rating in ((wires.from_base_ka, wires.rating_from_ka), (wires.to_base_ka, wires.rating_to_ka)))
    loading = np.maximum(size(from_pu) * per_from[:, None], size(to_pu) * per_to[:, None]).T
    loading[np.isnan(voltage).all(axis=0)] = np.nan
    nodes = wires.controlled_nodes
    current = wires.shunt[nodes][:, None] * known[nodes]
    for ends, entering in ((wires.branch_from, from_pu), (wires.branch_to, to_pu)):
        gather = csr_matrix((ends == nodes[:, None]).astype(float))
        current += gather @ entering
    given = (voltage[nodes] * current.conj() - intact.supply[nodes]).imag * wires.base_mva
    return loading, given.T
