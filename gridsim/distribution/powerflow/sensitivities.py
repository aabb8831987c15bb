r"""How voltages and branch currents answer to one more MW or Mvar at a bus, from the exact Jacobian at an hour.

.. math:: \mathrm d(\theta, \nu) = J^{-1}\,\mathrm d(p, q), \qquad \mathrm d|V| = |V|\,\mathrm d\nu, \qquad
   \mathrm dV = V\,(\mathrm d\nu + j\,\mathrm d\theta), \qquad \mathrm d|I| = \mathrm{Re}\,(\overline I\, Y_b\, \mathrm dV) / |I|

with :math:`Y_b` the row of the branch end. What is added at a bus is taken up by the slack; generators keep holding their voltages, Q(U) curves keep acting.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse.linalg import spsolve

from gridsim.distribution.powerflow.branches import end_matrices, nodal, with_taps
from gridsim.distribution.powerflow.newton import factorise, jacobian, make_equations, solve_one, start_voltage
from gridsim.distribution.powerflow.rules import Rule, VoltageCurve, node_curves
from gridsim.distribution.powerflow.solve import node_supply

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gridsim.distribution.powerflow.wires import Injections, Wires, YearFlow


NO_CURRENT_PU = 1e-9
"""Currents below this are rounding; the size of a current has no derivative at zero. [p.u.]"""


@dataclass(frozen=True, eq=False)
class Sensitivities:
    """Derivatives at some hours. H hours, N buses, B branches, M buses that inject."""

    hours: NDArray[np.int64]
    buses: NDArray[np.int64]
    """Rows of the buses that inject. Shape (M,)."""
    voltage_by_p: NDArray[np.float64]
    """Shape (H, N, M). [p.u. / MW]"""
    voltage_by_q: NDArray[np.float64]
    """[p.u. / Mvar]"""
    current_from_by_p: NDArray[np.float64]
    """Size of the current at the from end; 0 where none flows. Shape (H, B, M). [kA / MW]"""
    current_from_by_q: NDArray[np.float64]
    current_to_by_p: NDArray[np.float64]
    current_to_by_q: NDArray[np.float64]


def sensitivities(
    wires: Wires, injections: Injections, flow: YearFlow, hours: Sequence[int], *, buses: Sequence[int] | None = None, rules: Sequence[Rule] = ()
) -> Sensitivities:
    """Derivatives of voltage and current at given hours of a flow.

    Parameters
    ----------
    flow : YearFlow
        What `solve` returned for these injections.
    buses : sequence of int, optional
        Rows of the buses whose injections count; all by default.
    rules : sequence
        The rules that the flow was solved with; of these, Q(U) curves answer to the change.
    """
    chosen, columns = np.asarray(hours, dtype=np.int64), np.arange(wires.buses) if buses is None else np.asarray(buses, dtype=np.int64)
    if not flow.converged[chosen].all():
        raise ValueError(f"hour {int(chosen[~flow.converged[chosen]][0])} has no solution, so it has no sensitivities")
    shapes = [(chosen.size, count, columns.size) for count in (wires.buses, wires.branches, wires.branches)]
    tables = [np.zeros(shape) for shape in shapes for _ in range(2)]
    for number, hour in enumerate(chosen):
        for table, values in zip(tables, _one_hour(wires, injections, flow, int(hour), columns, tuple(rules)), strict=True):
            table[number] = values
    return Sensitivities(chosen, columns, *tables)


def _one_hour(
    wires: Wires, injections: Injections, flow: YearFlow, hour: int, columns: NDArray[np.int64], rules: tuple[Rule, ...]
) -> list[NDArray[np.float64]]:
    """By p and by q: voltages of buses, currents at from ends, currents at to ends."""
    admittance = with_taps(wires, flow.tap_position[hour])
    holding = ~flow.at_q_limit[hour]
    equations = make_equations(
        nodal(wires, admittance), wires.slack_nodes, wires.slack_voltage, wires.controlled_nodes[holding], wires.controlled_vm_pu[holding]
    )
    order, moving, free = equations.order, equations.moving, equations.free
    place = np.empty_like(order)
    place[order] = np.arange(order.size)
    supply = node_supply(wires, injections.p_mw[hour : hour + 1], flow.q_mvar[hour : hour + 1])[:, 0]
    supply[wires.controlled_nodes[~holding]] += 1j * flow.controlled_q_mvar[hour, ~holding] / wires.base_mva
    known = np.flatnonzero(wires.bus_node >= 0)
    start = start_voltage(equations)
    seen = np.zeros(order.size, dtype=bool)
    seen[place[wires.bus_node[known]]] = True
    start[place[wires.bus_node[known]]] = flow.vm_pu[hour, known] * np.exp(1j * np.radians(flow.va_deg[hour, known]))
    inner = np.flatnonzero(~seen)  # nodes without a bus: nearly nothing is injected there
    if inner.size:
        start[inner] = spsolve(equations.admittance[inner][:, inner].tocsc(), -(equations.admittance[inner][:, seen] @ start[seen]))
        held = slice(free, moving)
        start[held] *= equations.held_vm_pu / np.abs(start[held])
    flat = np.zeros(free)
    voltage = solve_one(equations, lambda _: (supply[order], flat), start).voltage
    curves = node_curves(wires, tuple(rule for rule in rules if isinstance(rule, VoltageCurve))).ordered(equations)
    slope = curves.supply(np.abs(voltage[:free]), supply[order])[1]
    node = np.where(wires.bus_node[columns] >= 0, place[wires.bus_node[columns]], order.size)
    right = np.zeros((moving + free, 2 * columns.size))
    by_p, by_q = np.flatnonzero(node < moving), np.flatnonzero(node < free)
    right[node[by_p], by_p] = 1.0 / wires.base_mva
    right[moving + node[by_q], columns.size + by_q] = 1.0 / wires.base_mva
    answer = factorise(jacobian(equations, voltage, slope)).solve(right)
    change = np.zeros((order.size, right.shape[1]), dtype=np.complex128)
    change.imag[:moving], change.real[:free] = answer[:moving], answer[moving:]
    own_voltage, own_change = voltage[place], (voltage[:, None] * change)[place]
    volts = np.full((wires.buses, right.shape[1]), np.nan)
    volts[known] = (np.abs(voltage)[:, None] * change.real)[place][wires.bus_node[known]]
    tables = np.split(volts, 2, axis=1)
    for matrix, base_ka in zip(end_matrices(wires, admittance), (wires.from_base_ka, wires.to_base_ka), strict=True):
        current = matrix @ own_voltage
        size = np.abs(current)
        direction = np.divide(current.conj(), size, out=np.zeros_like(current), where=size > NO_CURRENT_PU)
        tables += np.split((direction[:, None] * (matrix @ own_change)).real * base_ka[:, None], 2, axis=1)
    return tables
