"""Critical hours: the few hours of a year in which the failure of an element is judged.

Marks are set for what can be worst: for each outage the largest loading after it by a linear estimate over all hours
(`gridsim.distribution.contingency_screen`); the loading of each branch, once for each direction of its active power; the lowest and the highest voltage of each
voltage level; import, export, load, infeed and losses. An hour *stands for* a mark where it comes near its extreme (`NEAR`). Hours are then taken one by one,
each time the one that stands for most marks that none stands for yet, until every mark has an hour (a greedy cover): most feeders peak together, so a few dozen
hours stand for hundreds of marks.

Why these: without the estimate, the hours in which a failed and an overloaded branch are high together and neither is at its peak are missed (on the
reference park, an overload of the grid lines by the loss of a wind station). What it can miss still: the second-worst branch of an outage in an hour of its
own; an hour in which reactive power or voltage, which the estimate does not know, makes the difference; taps that stand badly in a mild hour. Where that
counts, judge all hours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridsim.distribution.contingency_screen import estimated_loading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gridsim.distribution.powerflow.wires import Injections, Wires, YearFlow

NEAR = 0.003
"""An hour stands for a mark where it comes within this share of the mark's extreme (judged). [1]"""

NEAR_PU = 0.0005
"""The same for voltages (judged). [p.u.]"""

SMALLEST_LOADING = 0.05
"""Directions in which a branch is never loaded beyond this have no mark (judged). [1]"""

SMALLEST_ESTIMATE = 0.5
"""Outages after which no branch is estimated beyond this share of its limit have no mark (judged). [1]"""


def critical_hours(
    wires: Wires, injections: Injections, flow: YearFlow, outages: Sequence[tuple[int, float]] = (), loading_limit: NDArray[np.float64] | None = None
) -> NDArray[np.int64]:
    """Choose hours; those without a solution are left out.

    Parameters
    ----------
    outages : sequence of (branch, share that is left)
        Outages to estimate.
    loading_limit : array, shape (B,), optional
        Largest loading with one element out; 1 by default. [1]

    Returns
    -------
    array, shape (H,)
        In the order of the year.
    """
    solved = np.flatnonzero(flow.converged)
    if not solved.size:
        return solved
    signed = np.where(np.isfinite(flow.loading[solved]), flow.loading[solved], 0.0) * active_direction(wires, flow, solved)
    limit = np.ones(wires.branches) if loading_limit is None else loading_limit
    estimates = estimated_loading(wires, signed, limit, list(outages))
    stands_for = np.concatenate([
        *(_near(worst)[None] for worst in estimates if worst.max() > SMALLEST_ESTIMATE),
        _by_loading(signed),
        _by_voltage(wires, flow.vm_pu[solved]),
        _by_totals(injections, flow, solved),
    ])  # fmt: skip
    open_marks, chosen = np.ones(len(stands_for), dtype=bool), []
    while open_marks.any():
        hour = int(stands_for[open_marks].sum(axis=0).argmax())
        chosen.append(hour)
        open_marks &= ~stands_for[:, hour]
    return np.sort(solved[chosen])


def active_direction(wires: Wires, flow: YearFlow, hours: NDArray[np.int64]) -> NDArray[np.float64]:
    """Sign of the active power that enters each branch at its from end, by the angles of its buses; 1 where an end is no bus. Shape (H, B).

    Tap changers are taken at the positions that the network has: they move the size of the flow, hardly its sign.
    """
    bus_of = np.full(wires.nodes + 1, -1)
    rows = np.flatnonzero(wires.bus_node >= 0)
    bus_of[wires.bus_node[rows]] = rows
    one, other = bus_of[wires.branch_from], bus_of[wires.branch_to]  # the last entry, for branches out of service, stays -1
    known = np.flatnonzero((one >= 0) & (other >= 0))
    voltage = flow.vm_pu[hours] * np.exp(1j * np.radians(flow.va_deg[hours]))
    current = wires.branch_admittance[known, 0] * voltage[:, one[known]] + wires.branch_admittance[known, 1] * voltage[:, other[known]]
    direction = np.ones((hours.size, wires.branches))
    direction[:, known] = np.where((voltage[:, one[known]] * current.conj()).real >= 0.0, 1.0, -1.0)
    return direction


def _near(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    return values >= (1.0 - NEAR) * values.max(axis=0)


def _by_loading(signed: NDArray[np.float64]) -> NDArray[np.bool_]:
    values = np.concatenate([signed, -signed], axis=1)
    return _near(values[:, values.max(axis=0) > SMALLEST_LOADING]).T


def _by_voltage(wires: Wires, vm_pu: NDArray[np.float64]) -> NDArray[np.bool_]:
    marks = []
    for level in np.unique(wires.bus_kv[wires.bus_node >= 0]):
        own = vm_pu[:, (wires.bus_kv == level) & (wires.bus_node >= 0)]
        low, high = own.min(axis=1), own.max(axis=1)
        marks += [low <= low.min() + NEAR_PU, high >= high.max() - NEAR_PU]
    return np.array(marks)


def _by_totals(injections: Injections, flow: YearFlow, hours: NDArray[np.int64]) -> NDArray[np.bool_]:
    p_mw, slack = injections.p_mw[hours], flow.slack_p_mw[hours].sum(axis=1)
    totals = [slack, -slack, np.where(p_mw < 0.0, -p_mw, 0.0).sum(axis=1), np.where(p_mw > 0.0, p_mw, 0.0).sum(axis=1), flow.losses_mw[hours]]
    return np.array([_near(total) for total in totals if total.max() > 0.0]).reshape(-1, hours.size)
