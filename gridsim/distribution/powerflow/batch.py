"""Many hours at once: the chord method with one Jacobian for each block of similar hours, and Newton's method for what it leaves.

Why this and not the fixed point of the impedance matrix: it holds the voltage of generators exactly, needs no special case for meshes, and converges in
fewer rounds because each block's Jacobian belongs to the middle of its own hours.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from gridsim.distribution.powerflow.newton import Equations, OneState, factorise, jacobian, solve_one, start_voltage

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from gridsim.distribution.powerflow.rules import NodeCurves
    from gridsim.distribution.powerflow.tap_shift import TapShift

BLOCK_HOURS = 512
"""Hours that share a Jacobian: their voltages fit into the cache (measured best of 128 to 2048 on 122 nodes)."""

FIRST_CHORDS = 8
"""Rounds with the steepest slopes of the voltage curves, before hours are gathered by the piece of the curve that they are on."""

MOST_CHORDS = 25
"""Rounds of the chord method before an hour is left to Newton's method."""


@dataclass(frozen=True, eq=False)
class Hours:
    """Voltages of some hours. T hours, n nodes."""

    voltage: NDArray[np.complex128]
    """In the nodes' own order. Shape (n, T). [p.u.]"""
    iterations: NDArray[np.int64]
    mismatch_pu: NDArray[np.float64]
    converged: NDArray[np.bool_]
    reason: dict[int, str]


def similar_order(supply: NDArray[np.complex128]) -> NDArray[np.int64]:
    """Order hours so that neighbours are alike: along the direction in which the injections vary most. Shape (T,)."""
    values = np.concatenate([supply.real, supply.imag])
    values -= values.mean(axis=1, keepdims=True)
    direction = np.ones(values.shape[0])
    few = values[:, :: max(values.shape[1] // 1024, 1)]
    covariance = few @ few.T
    for _ in range(8):  # the direction need not be exact
        direction = covariance @ direction
        size = np.linalg.norm(direction)
        if size == 0.0:
            return np.arange(supply.shape[1])
        direction /= size
    return np.argsort(direction @ values, kind="stable")


def groups(rows: NDArray) -> list[tuple[NDArray, NDArray[np.int64]]]:
    """Return the different rows of a table, each with the numbers of the rows that are like it."""
    if rows.shape[1] == 0 or rows.shape[0] == 0 or (rows == rows[0]).all():
        return [(rows[0] if rows.shape[0] else np.zeros(rows.shape[1], dtype=rows.dtype), np.arange(rows.shape[0]))]
    different, inverse = np.unique(rows, axis=0, return_inverse=True)
    order = np.argsort(inverse.ravel(), kind="stable")
    return list(zip(different, np.split(order, np.cumsum(np.bincount(inverse.ravel()))[:-1]), strict=True))


def solve_hours(equations: Equations, supply: NDArray[np.complex128], curves: NodeCurves, names: list[str], shift: TapShift | None = None) -> Hours:
    """Solve hours that ask the same of each node.

    Parameters
    ----------
    supply : array, shape (n, T)
        Supply of each node, in the nodes' own order. [p.u.]
    curves : NodeCurves
        Reactive supply of nodes by their voltage.
    names : list of str
        Name of each node, for reasons.
    shift : TapShift, optional
        Tap positions that differ from those in the equations.
    """
    count, hours = supply.shape
    supply = supply[equations.order]
    curves = curves.ordered(equations)
    shift = None if shift is None else shift.ordered(equations.order)
    voltage = np.full((count, hours), np.nan, dtype=np.complex128)
    iterations, worst = np.zeros(hours, dtype=np.int64), np.full(hours, np.inf)
    order = similar_order(supply[: equations.moving]) if hours > BLOCK_HOURS else np.arange(hours)
    centre = start_voltage(equations)
    steepest = curves.steepest(equations.free)
    for first in range(0, hours, BLOCK_HOURS):
        chosen = order[first : first + BLOCK_HOURS]
        block = supply[:, chosen]
        middle = solve_one(equations, partial(curves.supply, supply=block.mean(axis=1)), centre, tolerance_pu=1e-4)
        if middle.converged:
            centre = middle.voltage
        solver = factorise(jacobian(equations, centre, steepest)).solve
        rounds = FIRST_CHORDS if curves.rows.size else MOST_CHORDS
        voltage[:, chosen], iterations[chosen], worst[chosen] = _chord(equations, block, curves, centre, solver, rounds, _at(shift, chosen))
        if curves.rows.size:
            _by_segment(equations, supply, curves, chosen[worst[chosen] > equations.tolerance_pu], voltage, iterations, worst, shift)
    converged = worst <= equations.tolerance_pu
    reason: dict[int, str] = {}
    for hour in np.flatnonzero(~converged):
        exact = equations if shift is None else replace(equations, admittance=shift.matrix(equations.admittance, hour))
        state, tried = _one_by_one(exact, supply[:, hour], curves, centre)
        iterations[hour] += tried
        worst[hour], converged[hour] = state.mismatch_pu, state.converged
        voltage[:, hour] = state.voltage if state.converged else np.nan
        if not state.converged:
            row = state.worst_row - equations.moving if state.worst_row >= equations.moving else state.worst_row
            kind = "reactive" if state.worst_row >= equations.moving else "active"
            place = names[equations.order[row]]
            reason[int(hour)] = (
                f"no solution: Newton's method ended {state.mismatch_pu:.2g} p.u. of {kind} power short at {place}; the network cannot carry this hour"
            )
    own = np.empty_like(voltage)
    own[equations.order] = voltage
    return Hours(own, iterations, worst, converged, reason)


def _at(shift: TapShift | None, hours: NDArray[np.int64]) -> TapShift | None:
    return None if shift is None else shift.at(hours)


def _chord(
    equations: Equations,
    supply: NDArray[np.complex128],
    curves: NodeCurves,
    centre: NDArray[np.complex128],
    solver: Callable,
    rounds: int,
    shift: TapShift | None,
) -> tuple[NDArray[np.complex128], NDArray[np.int64], NDArray[np.float64]]:
    """Iterate all hours of a block with one factorised Jacobian; hours that are solved leave the block."""
    moving, free, hours = equations.moving, equations.free, supply.shape[1]
    result = np.empty((centre.size, hours), dtype=np.complex128)
    iterations, final = np.zeros(hours, dtype=np.int64), np.full(hours, np.inf)
    result[:] = centre[:, None]
    rows = equations.admittance[:moving]
    voltage, supply, active = result.copy(), supply[:moving], np.arange(hours)
    residual = np.empty((moving + free, hours))
    with np.errstate(all="ignore"):
        for round_ in range(rounds + 1):
            current = rows @ voltage
            if shift is not None:
                current += shift.current(voltage)[:moving]
            excess = voltage[:moving] * np.conj(current)
            excess -= supply
            residual[:moving], residual[moving:] = excess.real, excess.imag[:free]
            if curves.rows.size:
                residual[moving + curves.rows] -= curves.reactive_pu(np.abs(voltage[curves.rows]))
            worst = np.maximum(residual.max(axis=0), -residual.min(axis=0))
            done = worst <= equations.tolerance_pu
            lost = ~(worst < 1e6)
            if round_ == rounds or (done | lost).all():
                result[:, active], iterations[active], final[active] = voltage, round_, worst
                break
            if (done | lost).mean() > 0.25:  # below that, copying costs more than it saves
                leaving, staying = np.flatnonzero(done | lost), np.flatnonzero(~(done | lost))
                gone = active[leaving]
                result[:, gone], iterations[gone], final[gone] = voltage[:, leaving], round_, worst[leaving]
                voltage, supply, residual, active = voltage[:, staying], supply[:, staying], residual[:, staying], active[staying]
                shift = _at(shift, staying)
            step = solver(residual)
            change = np.empty((moving, active.size), dtype=np.complex128)
            change.real[:free], change.real[free:] = -step[moving:], 0.0
            change.imag = -step[:moving]
            if round_ == 0:
                voltage[:moving] *= np.exp(change)
            else:
                voltage[:moving] += voltage[:moving] * change
                if equations.held:
                    held = voltage[free:moving]
                    held *= equations.held_vm_pu[:, None] / np.abs(held)
    return result, iterations, final


def _by_segment(
    equations: Equations,
    supply: NDArray[np.complex128],
    curves: NodeCurves,
    left: NDArray[np.int64],
    voltage: NDArray,
    iterations: NDArray,
    worst: NDArray,
    shift: TapShift | None,
) -> None:
    """Iterate again the hours that the steepest slopes slowed down: those on the same pieces of all curves together, with the slopes they have there."""
    left = left[np.isfinite(voltage[:, left]).all(axis=0) & (worst[left] < 1.0)]
    if not left.size:
        return
    for _, members in groups(curves.segments(np.abs(voltage[curves.rows][:, left])).T):
        hours = left[members]
        middle = voltage[:, hours].mean(axis=1)
        held = slice(equations.free, equations.moving)
        middle[held] *= equations.held_vm_pu / np.abs(middle[held])
        slope = curves.supply(np.abs(middle[: equations.free]), middle)[1]
        solver = factorise(jacobian(equations, middle, slope)).solve
        found, rounds, mismatch_pu = _chord(equations, supply[:, hours], curves, middle, solver, MOST_CHORDS, _at(shift, hours))
        iterations[hours] += rounds
        better = mismatch_pu < worst[hours]
        voltage[:, hours[better]], worst[hours[better]] = found[:, better], mismatch_pu[better]


def _one_by_one(equations: Equations, supply: NDArray[np.complex128], curves: NodeCurves, centre: NDArray[np.complex128]) -> tuple[OneState, int]:
    """Newton's method from the middle of the last block, then from the set-points; return the better state and the iterations of both."""
    state = solve_one(equations, partial(curves.supply, supply=supply), centre)
    if state.converged:
        return state, state.iterations
    again = solve_one(equations, partial(curves.supply, supply=supply), start_voltage(equations))
    better = again if again.converged or again.mismatch_pu < state.mismatch_pu else state
    return better, state.iterations + again.iterations
