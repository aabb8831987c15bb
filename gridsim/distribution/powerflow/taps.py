"""Tap changers that hold a voltage in a dead band: each hour begins with the position of the hour before and moves only as far as it must.

The whole year is solved at once for a path of positions; from the voltages and the effect of one step follows which positions each hour admits, hence
a new path; until the path stays. The effect of one step is taken as the same in all hours when a position is judged that was not solved; the voltage at the
final position is always a solved one. The order of the hours therefore counts, and an hour solved alone may rest on another position.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridsim.distribution.powerflow.branches import size
from gridsim.distribution.powerflow.solve import NodeState, solve_nodes
from gridsim.errors import DefinitionError, Problem

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.distribution.powerflow.rules import NodeCurves, TapControl
    from gridsim.distribution.powerflow.wires import Wires

MOST_ROUNDS = 30
"""Paths tried before the tap changers count as hunting each other (judged)."""

ROUNDS_BY_EFFECT = 3
"""Rounds that trust the effect of a step; later a position that was solved and left the band is not tried again in its hour, so that an effect which is a
little too small cannot lead back to it for ever."""


def solve_with_taps(
    wires: Wires, supply: NDArray[np.complex128], curves: NodeCurves, tap: NDArray[np.int64], controls: tuple[TapControl, ...], enforce_q_limits: bool
) -> NodeState:
    """Solve all hours; the first row of ``tap`` is where the controlled tap changers start; other columns are kept."""
    units = np.array([wires.taps.names.index(control.transformer) for control in controls])
    nodes = wires.bus_node[[wires.bus(control.bus) for control in controls]]
    band = np.array([(control.lowest_vm_pu, control.highest_vm_pu) for control in controls])
    lowest, highest = wires.taps.lowest[units], wires.taps.highest[units]
    tap = tap.copy()
    start = tap[0, units].copy() if len(tap) else wires.taps.present[units]
    tap[:, units] = start  # whatever else was given: the answer must not depend on a guess
    if not supply.shape[1]:
        return solve_nodes(wires, supply, curves, tap, enforce_q_limits)
    effect = _effect_of_a_step(wires, supply, curves, tap[0], units, nodes)
    _check_bands(controls, effect, band)
    state = solve_nodes(wires, supply, curves, tap, enforce_q_limits)
    lowest_held = np.broadcast_to(lowest, state.tap[:, units].shape).copy()  # what each hour is known not to go below or above
    highest_held = np.broadcast_to(highest, lowest_held.shape).copy()
    for number in range(MOST_ROUNDS):
        position = state.tap[:, units]
        first, last = _admitted(size(state.voltage[nodes]).T, position, effect, band, (lowest, highest))
        if number >= ROUNDS_BY_EFFECT:
            lowest_held = np.maximum(lowest_held, np.where(first > position, position + 1, lowest))
            highest_held = np.minimum(highest_held, np.where(last < position, position - 1, highest))
            first = np.clip(np.maximum(first, lowest_held), lowest, highest)
            last = np.maximum(first, np.minimum(last, highest_held))
        path = _path(first, last, start)
        moved = np.flatnonzero((path != position).any(axis=1))
        if not moved.size:
            break
        tap = state.tap.copy()
        tap[:, units] = path
        _update(state, solve_nodes(wires, supply[:, moved], curves, tap[moved], enforce_q_limits), moved)
    voltage, position = size(state.voltage[nodes]).T, state.tap[:, units]
    can_raise = np.where(effect > 0.0, position < highest, position > lowest)
    can_lower = np.where(effect > 0.0, position > lowest, position < highest)
    with np.errstate(invalid="ignore"):
        hunting = ((voltage < band[:, 0]) & can_raise) | ((voltage > band[:, 1]) & can_lower)
    for hour in np.flatnonzero(hunting.any(axis=1)):
        names = ", ".join(f"'{controls[k].transformer}'" for k in np.flatnonzero(hunting[hour]))
        state.reason[int(hour)] = f"the tap changers hunt: after {MOST_ROUNDS} rounds {names} would still move; widen a dead band"
    return state


def _effect_of_a_step(
    wires: Wires, supply: NDArray[np.complex128], curves: NodeCurves, tap: NDArray[np.int64], units: NDArray[np.int64], nodes: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Change of each held voltage by one step of its tap changer at the mean hour. [p.u.]"""
    trials = np.tile(tap, (units.size + 1, 1))
    forward = np.where(tap[units] < wires.taps.highest[units], 1, -1)
    trials[np.arange(units.size) + 1, units] += forward
    mean = np.repeat(supply.mean(axis=1)[:, None], len(trials), axis=1)
    for share in (1.0, 0.5, 0.0):  # where the network cannot carry the mean hour, a smaller one shows the effect
        voltage = size(solve_nodes(wires, share * mean, curves, trials, False).voltage[nodes])
        if np.isfinite(voltage).all():
            break
    return np.array([(voltage[k, k + 1] - voltage[k, 0]) * forward[k] for k in range(units.size)])


def _check_bands(controls: tuple[TapControl, ...], effect: NDArray[np.float64], band: NDArray[np.float64]) -> None:
    problems = []
    for k, control in enumerate(controls):
        if not np.abs(effect[k]) > 1e-6:
            problems.append(
                Problem(f"tap control of '{control.transformer}'", f"a step does not move the voltage of bus '{control.bus}'", "hold a bus that it feeds")
            )
        elif np.abs(effect[k]) > band[k, 1] - band[k, 0]:
            found = f"a step moves the voltage by {abs(effect[k]):.4f} p.u., more than its dead band of {band[k, 1] - band[k, 0]:.4f}"
            problems.append(Problem(f"tap control of '{control.transformer}'", found, "widen the dead band, or it never comes to rest"))
    if problems:
        raise DefinitionError("the power flow's rules", problems)


def _admitted(
    voltage: NDArray[np.float64],
    position: NDArray[np.int64],
    effect: NDArray[np.float64],
    band: NDArray[np.float64],
    ends: tuple[NDArray[np.int64], NDArray[np.int64]],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First and last position that each hour admits, given the voltages at the positions that were solved. Shape (T, K) each."""
    known = np.isfinite(voltage)
    volts = np.where(known, voltage, band.mean(axis=1))
    steps = np.sort(np.stack([(band[:, 0] - volts) / effect, (band[:, 1] - volts) / effect]), axis=0)
    first, last = position + np.ceil(steps[0]).astype(np.int64), position + np.floor(steps[1]).astype(np.int64)
    last = np.maximum(first, last)  # a band that fits no whole step in this hour: rest where it is entered first
    return np.where(known, np.clip(first, *ends), ends[0]), np.where(known, np.clip(last, *ends), ends[1])


def _path(first: NDArray[np.int64], last: NDArray[np.int64], start: NDArray[np.int64]) -> NDArray[np.int64]:
    """Positions hour after hour: each begins where the one before ended and moves only as far as it must. Shape (T, K).

    Two such moves, one after the other, are one with other ends; so runs of 1, 2, 4, … hours become one move, as long as there are any.
    """
    low, high, hours = first, last, 1
    while hours < len(low):
        sides = (np.minimum(np.maximum(side[:-hours], low[hours:]), high[hours:]) for side in (low, high))
        low, high = (np.concatenate([side[:hours], moved]) for side, moved in zip((low, high), tuple(sides), strict=True))
        hours *= 2
    return np.minimum(np.maximum(start, low), high)


def _update(state: NodeState, part: NodeState, hours: NDArray[np.int64]) -> None:
    """Put the hours that were solved again into the state."""
    state.voltage[:, hours], state.flow_pu[:, hours] = part.voltage, part.flow_pu
    for name in ("at_limit", "tap", "mismatch_pu", "converged"):
        getattr(state, name)[hours] = getattr(part, name)
    state.iterations[hours] += part.iterations
    for hour in hours:
        state.reason.pop(int(hour), None)
    state.reason.update({int(hours[hour]): words for hour, words in part.reason.items()})
