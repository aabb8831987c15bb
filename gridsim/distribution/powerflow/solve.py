"""A year of power flow: every hour of the injections through the wires."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_matrix

from gridsim.distribution.powerflow.batch import groups, solve_hours
from gridsim.distribution.powerflow.branches import branch_flows, nodal, size, with_taps
from gridsim.distribution.powerflow.newton import make_equations
from gridsim.distribution.powerflow.rules import NodeCurves, Rule, TapControl, VoltageCurve, apply_power_factors, check_rules, node_curves
from gridsim.distribution.powerflow.tap_shift import TapShift
from gridsim.distribution.powerflow.threads import one_thread
from gridsim.distribution.powerflow.wires import Injections, Wires, YearFlow
from gridsim.errors import DefinitionError, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class NodeState:
    """Node voltages of all hours and how they came about. n nodes, T hours, V voltage-controlled nodes, K tap changers."""

    voltage: NDArray[np.complex128]
    """Shape (n, T). [p.u.]"""
    flow_pu: NDArray[np.complex128]
    """Power that enters the network at the slack and the controlled nodes. Shape (slacks + V, T). [p.u.]"""
    at_limit: NDArray[np.bool_]
    """Shape (T, V)."""
    tap: NDArray[np.int64]
    """Shape (T, K)."""
    iterations: NDArray[np.int64]
    mismatch_pu: NDArray[np.float64]
    converged: NDArray[np.bool_]
    reason: dict[int, str]


@one_thread()
def solve(
    wires: Wires,
    injections: Injections,
    *,
    rules: Sequence[Rule] = (),
    enforce_q_limits: bool = False,
    tap_position: NDArray[np.int64] | None = None,
) -> YearFlow:
    """Solve the power flow of every hour.

    Parameters
    ----------
    injections : Injections
        Supply at each bus, T hours of N buses.
    rules : sequence of VoltageCurve, PowerFactorCurve and TapControl
        Reactive power that follows from the hour, added to that of the injections; transformers that change their taps.
    enforce_q_limits : bool
        Whether generators at a reactive limit let go of the voltage, as in ``runpp(enforce_q_lims=True)``: all at once that are beyond, none comes back.
    tap_position : array, shape (T, K), optional
        Positions of the tap changers at each hour; without it those of the network. Where a `TapControl` acts, the first row is its start.

    Returns
    -------
    YearFlow
        Hours without a solution are marked, with the reason; they are not a number in every table.
    """
    rules = tuple(rules)
    check_rules(wires, rules)
    _check_injections(wires, injections)
    hours = injections.p_mw.shape[0]
    q_mvar = apply_power_factors(wires, injections.q_mvar, rules)
    supply = node_supply(wires, injections.p_mw, q_mvar)
    curves = node_curves(wires, rules)
    tap = np.tile(wires.taps.present, (hours, 1)) if tap_position is None else _checked_positions(wires, tap_position, hours)
    controls = tuple(rule for rule in rules if isinstance(rule, TapControl))
    if controls:
        from gridsim.distribution.powerflow.taps import solve_with_taps

        state = solve_with_taps(wires, supply, curves, tap, controls, enforce_q_limits)
    else:
        state = solve_nodes(wires, supply, curves, tap, enforce_q_limits)
    return _year(wires, supply, q_mvar, curves, rules, state)


def _check_injections(wires: Wires, injections: Injections) -> None:
    """Raise a DefinitionError where injections do not fit the wires."""
    problems = []
    for name in ("p_mw", "q_mvar"):
        values = np.asarray(getattr(injections, name))
        if values.ndim != 2 or values.shape[1] != wires.buses or values.shape != np.shape(injections.p_mw):
            problems.append(
                Problem(f"injections.{name}", f"shape {values.shape}", f"give a row for each hour and a column for each of the {wires.buses} buses")
            )
            continue
        for bus in np.flatnonzero(~np.isfinite(values).all(axis=0)):
            hour = int(np.flatnonzero(~np.isfinite(values[:, bus]))[0])
            problems.append(Problem(f"injections.{name} at bus '{wires.bus_names[bus]}'", f"hour {hour} is not a number"))
        for bus in np.flatnonzero((wires.bus_node < 0) & (values != 0.0).any(axis=0)):
            problems.append(Problem(f"injections.{name} at bus '{wires.bus_names[bus]}'", "the bus is out of service", "connect it, or inject nothing there"))
    if problems:
        raise DefinitionError("the injections", problems)


def _checked_positions(wires: Wires, tap_position: NDArray[np.int64], hours: int) -> NDArray[np.int64]:
    """Return tap positions as whole numbers; raise a DefinitionError where a tap changer has no such position."""
    taps, position = wires.taps, np.asarray(tap_position)
    if position.shape != (hours, len(taps.names)):
        found = f"shape {position.shape}"
        problems = [Problem("tap_position", found, f"give a row for each of {hours} hours and a column for each of {len(taps.names)} tap changers")]
    else:
        wrong = ~((position >= taps.lowest) & (position <= taps.highest) & (position == np.round(position)))
        problems = [
            Problem(
                f"tap_position of '{taps.names[unit]}'",
                f"hour {(hour := int(np.flatnonzero(wrong[:, unit])[0]))}: {position[hour, unit]:g}",
                f"it has {taps.lowest[unit]} to {taps.highest[unit]}",
            )
            for unit in np.flatnonzero(wrong.any(axis=0))
        ]
    if problems:
        raise DefinitionError("the tap positions", problems)
    return np.array(position, dtype=np.int64)


def node_supply(wires: Wires, p_mw: NDArray[np.float64], q_mvar: NDArray[np.float64]) -> NDArray[np.complex128]:
    """Supply of each node: that of its buses and what is fixed. Shape (n, T). [p.u.]"""
    buses = np.flatnonzero(wires.bus_node >= 0)
    gather = csr_matrix((np.ones(buses.size), (wires.bus_node[buses], buses)), shape=(wires.nodes, wires.buses))
    supply = np.empty((wires.nodes, p_mw.shape[0]), dtype=np.complex128)
    supply.real, supply.imag = gather @ p_mw.T, gather @ q_mvar.T
    supply += wires.fixed_mva[:, None]
    supply /= wires.base_mva
    return supply


def solve_nodes(wires: Wires, supply: NDArray[np.complex128], curves: NodeCurves, tap: NDArray[np.int64], enforce_q_limits: bool) -> NodeState:
    """Solve all hours with given tap positions; hours of one set of limited generators go together."""
    hours, held = supply.shape[1], wires.controlled_nodes.size
    names = node_names(wires)
    state = NodeState(
        voltage=np.empty((wires.nodes, hours), dtype=np.complex128),
        flow_pu=np.empty((wires.slack_nodes.size + held, hours), dtype=np.complex128),
        at_limit=np.zeros((hours, held), dtype=bool),
        tap=tap,
        iterations=np.zeros(hours, dtype=np.int64),
        mismatch_pu=np.full(hours, np.inf),
        converged=np.zeros(hours, dtype=bool),
        reason={},
    )
    limit = np.zeros((hours, held), dtype=np.int8)  # -1 at the lower, 1 at the upper limit
    q_min, q_max = wires.controlled_q_min_mvar / wires.base_mva, wires.controlled_q_max_mvar / wires.base_mva
    ends = np.concatenate([wires.slack_nodes, wires.controlled_nodes])
    reference = np.median(tap, axis=0).astype(np.int64) if hours else wires.taps.present
    matrix = nodal(wires, with_taps(wires, reference))
    shift = TapShift.of(wires, tap, reference)
    pending = np.arange(hours)
    while pending.size:
        again = []
        for pattern, members in groups(limit[pending]):
            chosen = pending[members]
            free = pattern == 0
            moved = None if shift is None else shift.at(chosen)
            equations = make_equations(matrix, wires.slack_nodes, wires.slack_voltage, wires.controlled_nodes[free], wires.controlled_vm_pu[free])
            asked = supply if chosen.size == hours and not pattern.any() else supply[:, chosen]
            if pattern.any():
                limited = wires.controlled_nodes[~free]
                asked[limited] += 1j * np.where(pattern < 0, q_min, q_max)[~free][:, None]
            result = solve_hours(equations, asked, curves, names, moved)
            current = matrix[ends] @ result.voltage
            if moved is not None:
                current += moved.current(result.voltage)[ends]
            flow = result.voltage[ends] * np.conj(current)
            state.voltage[:, chosen], state.flow_pu[:, chosen] = result.voltage, flow
            state.iterations[chosen] += result.iterations
            state.mismatch_pu[chosen], state.converged[chosen] = result.mismatch_pu, result.converged
            state.reason.update({int(chosen[hour]): words for hour, words in result.reason.items()})
            if enforce_q_limits and held:
                given = _given(wires, supply[:, chosen], curves, result.voltage, flow)[wires.slack_nodes.size :].imag
                beyond = ((given > q_max[:, None]).astype(np.int8) - (given < q_min[:, None]).astype(np.int8)).T
                beyond[:, ~free] = 0
                beyond[~result.converged] = 0
                hit = beyond.any(axis=1)
                limit[chosen] += beyond
                again.append(chosen[hit])
        pending = np.concatenate(again) if again else np.array([], dtype=np.int64)
    state.at_limit[:] = limit != 0
    return state


def _given(
    wires: Wires, supply: NDArray[np.complex128], curves: NodeCurves, voltage: NDArray[np.complex128], flow_pu: NDArray[np.complex128]
) -> NDArray[np.complex128]:
    """What grids and generators give of the power that enters the network at their nodes: all but what injections and voltage curves supply there. [p.u.]"""
    ends = np.concatenate([wires.slack_nodes, wires.controlled_nodes])
    return flow_pu - supply[ends] - 1j * curves.at(ends, size(voltage[ends]))


def node_names(wires: Wires) -> list[str]:
    """Name of each node: its first bus, or the branch whose end it is."""
    names = [""] * wires.nodes
    for node, name in zip(wires.bus_node, wires.bus_names, strict=True):
        if node >= 0 and not names[node]:
            names[node] = f"bus '{name}'"
    for ends in (wires.branch_from, wires.branch_to):
        for branch in np.flatnonzero(ends >= 0):
            if not names[ends[branch]]:
                names[ends[branch]] = f"the end of {wires.branch_table[branch]} '{wires.branch_names[branch]}'"
    return names


def _year(wires: Wires, supply: NDArray[np.complex128], q_mvar: NDArray[np.float64], curves: NodeCurves, rules: tuple[Rule, ...], state: NodeState) -> YearFlow:
    """Turn node voltages into tables of buses and branches."""
    hours = state.converged.size
    rows, base = np.flatnonzero(wires.bus_node >= 0), wires.base_mva
    vm_pu, va_deg = np.full((hours, wires.buses), np.nan), np.full((hours, wires.buses), np.nan)
    magnitude = size(state.voltage)
    in_order = rows.size == wires.buses
    nodes = wires.bus_node[rows]
    angle = np.degrees(np.angle(state.voltage))
    if in_order:
        vm_pu[:], va_deg[:] = magnitude[nodes].T, angle[nodes].T
    else:
        vm_pu[:, rows], va_deg[:, rows] = magnitude[nodes].T, angle[nodes].T
    shape = (hours, wires.branches)
    current_from, current_to, loading = np.empty(shape), np.empty(shape), np.empty(shape)
    losses = np.empty(hours, dtype=np.complex128)
    branch_flows(wires, state.tap, state.voltage, current_from, current_to, loading, losses)
    slacks = wires.slack_nodes.size
    given = _given(wires, supply, curves, state.voltage, state.flow_pu).T * base
    from_slack, held_q = given[:, :slacks], given[:, slacks:].imag
    return YearFlow(
        vm_pu=vm_pu,
        va_deg=va_deg,
        current_from_ka=current_from,
        current_to_ka=current_to,
        loading=loading,
        losses_mw=losses.real,
        losses_mvar=losses.imag,
        slack_p_mw=from_slack.real,
        slack_q_mvar=from_slack.imag,
        controlled_q_mvar=held_q,
        at_q_limit=state.at_limit,
        q_mvar=_reactive(wires, q_mvar, rules, vm_pu),
        tap_position=state.tap,
        tap_operations=np.abs(np.diff(state.tap, axis=0)).sum(axis=0) if hours else np.zeros(len(wires.taps.names), dtype=np.int64),
        iterations=state.iterations,
        converged=state.converged,
        mismatch_pu=state.mismatch_pu,
        reason=state.reason,
    )


def _reactive(wires: Wires, q_mvar: NDArray[np.float64], rules: tuple[Rule, ...], vm_pu: NDArray[np.float64]) -> NDArray[np.float64]:
    """Add what the voltage curves supplied. Shape (T, N). [Mvar]"""
    curves = [rule for rule in rules if isinstance(rule, VoltageCurve)]
    if not curves:
        return q_mvar
    q_mvar = np.array(q_mvar)
    for rule in curves:
        bus = wires.bus(rule.bus)
        q_mvar[:, bus] += np.interp(vm_pu[:, bus], rule.vm_pu, rule.q_mvar)
    return q_mvar
