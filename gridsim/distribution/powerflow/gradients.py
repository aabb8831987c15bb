r"""How a few quantities of an hour answer to one more MW or Mvar at every bus, for thousands of hours: the adjoint of the power flow.

A quantity :math:`f` answers to the node voltages by :math:`\mathrm df = \mathrm{Re} \sum_k c_k\,\mathrm dV_k`. With :math:`V = e^{\nu + j\theta}`, the Jacobian
:math:`J` of the hour and one solution with its transpose for each quantity, whatever the number of buses,

.. math:: J^{\mathsf T} \lambda = \begin{pmatrix} -\mathrm{Im}(c \circ V) \\ \mathrm{Re}(c \circ V) \end{pmatrix}, \qquad
   \frac{\partial f}{\partial (p, q)} = \lambda .

The coefficients, with :math:`Y_b` the row of a branch end, :math:`Y_s` that of the slack and :math:`Y_\ell` the nodal admittance without shunts:

.. math:: c_{|V_k|} = \overline{V_k} / |V_k|, \qquad c_{|I_b|} = \overline{I_b}\, Y_b / |I_b|, \qquad c_{P_s} = \overline{V_s}\, Y_s, \qquad
   c_{loss} = \overline{(Y_\ell + Y_\ell^{\mathsf H})\, V} .

References
----------
.. [1] H. W. Dommel and W. F. Tinney, "Optimal power flow solutions," IEEE Trans. Power App. Syst., vol. PAS-87, no. 10, pp. 1866-1876, 1968.
   doi:10.1109/TPAS.1968.292150
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise, product
from typing import TYPE_CHECKING

import numpy as np

from gridsim.distribution.powerflow.batch import groups, solve_hours
from gridsim.distribution.powerflow.branches import nodal, with_taps
from gridsim.distribution.powerflow.newton import Equations, factorise, make_equations
from gridsim.distribution.powerflow.rules import NO_CURVES, NodeCurves, Rule, VoltageCurve, node_curves
from gridsim.distribution.powerflow.solve import node_names, node_supply
from gridsim.distribution.powerflow.tap_shift import TapShift
from gridsim.distribution.powerflow.threads import one_thread
from gridsim.errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gridsim.distribution.powerflow.wires import Injections, Wires, YearFlow

KINDS = ("voltage", "current_from", "current_to", "slack_p", "losses")
"""Voltage of a bus [p.u.], size of the current at an end of a branch [kA], active power that a slack supplies [MW], active losses of all branches [MW]."""

NO_CURRENT_PU = 1e-9
"""Currents below this are rounding; the size of a current has no derivative at zero. [p.u.]"""

CHUNK_ROWS = 1000
"""Quantities that are computed together; their Jacobians and right-hand sides take some tens of megabytes."""


@dataclass(frozen=True, eq=False)
class Quantities:
    """What is differentiated: R pairs of an hour and a quantity, in any order; an hour may stand there often."""

    hour: NDArray[np.int64]
    """Row of the flow. Shape (R,)."""
    kind: NDArray[np.str_]
    """One of `KINDS`. Shape (R,)."""
    element: NDArray[np.int64]
    """Row of the bus, of the branch or of the slack in ``slack_p_mw``; not read for losses. Shape (R,)."""


@one_thread()
def gradients(
    wires: Wires, injections: Injections, flow: YearFlow, quantities: Quantities, rules: Sequence[Rule] = ()
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Derivatives of quantities to the injections at every bus.

    What is added at a bus is taken up by the slack; generators hold their voltages (those at a reactive limit do not), Q(U) curves keep acting, taps stay.

    Parameters
    ----------
    flow : YearFlow
        What `solve` returned for these injections.
    rules : sequence
        The rules that the flow was solved with; of these, Q(U) curves answer to the change.

    Returns
    -------
    by_p : array, shape (R, N)
        Unit of the quantity per MW at each bus; not a number where the quantity is the voltage of a bus out of service.
    by_q : array, shape (R, N)
        Per Mvar. 0 at buses whose voltage is held.
    """
    hour, kind, element = np.asarray(quantities.hour, dtype=np.int64), np.asarray(quantities.kind), np.asarray(quantities.element, dtype=np.int64)
    _check(wires, flow, hour, kind, element)
    by_p, by_q = np.zeros((hour.size, wires.buses)), np.zeros((hour.size, wires.buses))
    curves = node_curves(wires, tuple(rule for rule in rules if isinstance(rule, VoltageCurve)))
    rows = np.argsort(hour, kind="stable")
    for _, members in groups(flow.at_q_limit[hour[rows]]):
        for chunk in _chunks(rows[members], hour):
            hours, number = np.unique(hour[chunk], return_inverse=True)
            point = _operating_point(wires, injections, flow, hours, curves)
            coefficients = _coefficients(wires, point, number, kind[chunk], element[chunk])
            for table, values in zip((by_p, by_q), _solve(point, number, coefficients), strict=True):
                table[chunk] = values[:, point.place] / wires.base_mva
    slack = np.flatnonzero(kind == "slack_p")
    by_p[slack] -= wires.bus_node == wires.slack_nodes[element[slack], None]  # what is added where the slack is, it need not supply
    lost = np.flatnonzero(kind == "voltage")
    lost = lost[wires.bus_node[element[lost]] < 0]
    by_p[lost] = by_q[lost] = np.nan
    return by_p, by_q


def _check(wires: Wires, flow: YearFlow, hour: NDArray[np.int64], kind: NDArray[np.str_], element: NDArray[np.int64]) -> None:
    if unknown := sorted(set(kind.tolist()) - set(KINDS)):
        raise ValueError(f"'{unknown[0]}' is no kind of quantity; known: {', '.join(KINDS)}")
    counts = dict(zip(KINDS, (wires.buses, wires.branches, wires.branches, wires.slack_nodes.size, np.inf), strict=True))
    for name, count in counts.items():
        beyond = element[(kind == name) & ((element < 0) | (element >= count))] if np.isfinite(count) else element[:0]
        if beyond.size:
            raise ValueError(f"{name} of element {int(beyond[0])}: there are {count}")
    if not flow.converged[hour].all():
        raise ValueError(f"hour {int(hour[~flow.converged[hour]][0])} has no solution, so it has no derivatives")


def _chunks(rows: NDArray[np.int64], hour: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Split rows, sorted by hour, into parts of about `CHUNK_ROWS` that leave each hour whole."""
    cuts = np.searchsorted(hour[rows], hour[rows[CHUNK_ROWS::CHUNK_ROWS]])
    return [part for part in np.split(rows, np.unique(cuts)) if part.size]


@dataclass(frozen=True, eq=False)
class _Point:
    """Some hours that ask the same of each node. n nodes in the order of the equations, E entries of their admittance matrix, H hours."""

    equations: Equations
    row: NDArray[np.int64]
    """Row of each node. Shape (n,)."""
    place: NDArray[np.int64]
    """Row of the node of each bus; n where it has none. Shape (N,)."""
    tap: NDArray[np.int64]
    """Shape (H, K)."""
    admittance: NDArray[np.complex128]
    """With the taps of each hour. Shape (E, H), or (E, 1) where none moves. [p.u.]"""
    voltage: NDArray[np.complex128]
    """Shape (n, H). [p.u.]"""
    slope: NDArray[np.float64]
    """By which the reactive supply of the free nodes falls with ν. Shape (F, H). [p.u.]"""


def _operating_point(wires: Wires, injections: Injections, flow: YearFlow, hours: NDArray[np.int64], curves: NodeCurves) -> _Point:
    """Solve the hours again with the reactive power that they came to: the flow has no voltages of nodes without a bus."""
    tap, holding = flow.tap_position[hours], ~flow.at_q_limit[hours[0]]
    held, limited = wires.controlled_nodes[holding], wires.controlled_nodes[~holding]
    reference = np.median(tap, axis=0).astype(np.int64)
    equations = make_equations(nodal(wires, with_taps(wires, reference)), wires.slack_nodes, wires.slack_voltage, held, wires.controlled_vm_pu[holding])
    shift, order = TapShift.of(wires, tap, reference), equations.order
    supply = node_supply(wires, injections.p_mw[hours], flow.q_mvar[hours])
    supply[limited] += 1j * flow.controlled_q_mvar[hours][:, ~holding].T / wires.base_mva
    solved = solve_hours(equations, supply, NO_CURVES, node_names(wires), shift)
    if not solved.converged.all():
        raise BuildError(f"hour {int(hours[~solved.converged][0])} was solved, but not a second time: {next(iter(solved.reason.values()))}")
    voltage = solved.voltage[order]
    row = np.empty_like(order)
    row[order] = np.arange(order.size)
    place = np.where(wires.bus_node >= 0, row[wires.bus_node], order.size)
    admittance = equations.admittance.data[:, None]
    if shift is not None:
        ends, entry = (row[shift.from_node], row[shift.to_node]), equations.admittance.copy()
        entry.data = np.arange(entry.nnz)
        admittance = np.tile(admittance, (1, hours.size))
        for change, (i, j) in zip(shift.change, product(ends, ends), strict=True):
            np.add.at(admittance, np.asarray(entry[i, j]).ravel(), change)
    return _Point(equations, row, place, tap, admittance, voltage, curves.ordered(equations).slopes(np.abs(voltage[: equations.free])))


def _coefficients(wires: Wires, point: _Point, number: NDArray[np.int64], kind: NDArray[np.str_], element: NDArray[np.int64]) -> NDArray[np.complex128]:
    """How the quantities answer to the node voltages: their own unit per p.u. Shape (rows, n)."""
    voltage, pattern = point.voltage[:, number].T, point.equations.pattern
    result = np.zeros((number.size, point.equations.order.size + 1), dtype=np.complex128)  # the last is for buses without a node

    rows = np.flatnonzero(kind == "voltage")
    rows = rows[wires.bus_node[element[rows]] >= 0]
    at = point.place[element[rows]]
    result[rows, at] = voltage[rows, at].conj() / np.abs(voltage[rows, at])

    for name, base_ka, end in (("current_from", wires.from_base_ka, 0), ("current_to", wires.to_base_ka, 2)):
        rows = np.flatnonzero((kind == name) & (wires.branch_from[np.where(kind == name, element, 0)] >= 0))
        branch = element[rows]
        f, t = point.row[wires.branch_from[branch]], point.row[wires.branch_to[branch]]
        own = _branch_admittance(wires, point.tap[number[rows]], branch)[:, end : end + 2]
        current = own[:, 0] * voltage[rows, f] + own[:, 1] * voltage[rows, t]
        size = np.abs(current)
        direction = base_ka[branch] * np.divide(current.conj(), size, out=np.zeros_like(current), where=size > NO_CURRENT_PU)
        result[rows, f] += direction * own[:, 0]
        result[rows, t] += direction * own[:, 1]  # the same node where a closed switch bypasses the branch

    if (kind == "slack_p").any() or (kind == "losses").any():
        admittance = np.broadcast_to(point.admittance, (pattern.row.size, point.voltage.shape[1]))
    for slack in np.unique(element[kind == "slack_p"]):
        rows, node = np.flatnonzero((kind == "slack_p") & (element == slack)), point.row[wires.slack_nodes[slack]]
        entries = np.flatnonzero(pattern.row == node)
        result[rows[:, None], pattern.column[entries]] = wires.base_mva * voltage[rows, node].conj()[:, None] * admittance[entries][:, number[rows]].T
    rows = np.flatnonzero(kind == "losses")
    if rows.size:
        far = point.voltage[pattern.column]
        mirror = np.lexsort((pattern.row, pattern.column))  # the pattern is symmetric: entry (j, i) for each (i, j)
        both = np.add.reduceat((admittance + admittance[mirror].conj()) * far, pattern.first, axis=0)
        both -= 2.0 * wires.shunt[point.equations.order].real[:, None] * point.voltage
        result[rows, :-1] = wires.base_mva * both[:, number[rows]].T.conj()
    return result[:, :-1]


def _branch_admittance(wires: Wires, tap: NDArray[np.int64], branch: NDArray[np.int64]) -> NDArray[np.complex128]:
    """Admittances of branches, each with the tap positions beside it. Shape (rows, 4). [p.u.]"""
    unit = np.full(wires.branches, -1)
    unit[wires.taps.branch] = np.arange(wires.taps.branch.size)
    result, unit = wires.branch_admittance[branch], unit[branch]
    rows = np.flatnonzero(unit >= 0)
    result[rows] = wires.taps.admittance[unit[rows], tap[rows, unit[rows]] - wires.taps.lowest[unit[rows]]]
    return result


def _solve(point: _Point, number: NDArray[np.int64], coefficients: NDArray[np.complex128]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Answers to active and to reactive power at each node, and 0 for none: per p.u. Shape (rows, n + 1) each."""
    equations, pattern = point.equations, point.equations.pattern
    moving, free, count = equations.moving, equations.free, equations.order.size
    by_angle = coefficients * point.voltage[:, number].T
    right = np.concatenate([-by_angle.imag[:, :moving], by_angle.real[:, :free]], axis=1)
    values = pattern.values(equations, point.admittance, point.voltage, point.slope)
    by_p, by_q = np.zeros((number.size, count + 1)), np.zeros((number.size, count + 1))
    matrix = pattern.matrix(values[0])
    starts = np.searchsorted(number, np.arange(len(values) + 1))
    for hour, (first, last) in enumerate(pairwise(starts.tolist())):
        matrix.data = values[hour]
        answer = factorise(matrix).solve(right[first:last].T, trans="T").T
        by_p[first:last, :moving], by_q[first:last, :free] = answer[:, :moving], answer[:, moving:]
    return by_p, by_q
