r"""A battery at a bus, as large as the violating hours ask for.

In an hour with excess :math:`x` that answers to supply at the bus by :math:`g`, it supplies :math:`u = -(1 + m)\,x / g` (it charges where that is negative).
In hours with room it goes back as fast as 80 % of the room allow. What it lacks of being ready,

.. math:: E_t = \max(0,\; E_{t-1} + a_t - b_t),

with :math:`a` what the violating hours take (or put) at the cells and :math:`b` what can be given back, is the walk :math:`\sum (a - b)` over its lowest
point so far; the largest :math:`E` is the energy to be installed: that of the longest run of hours if there is room to recover between runs. The horizon
begins as it ends; where it cannot, because the room of all hours together is too small, no battery helps. Standing losses are left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridsim.distribution.reinforcement_option import BatteryPlan

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.distribution.feasibility import Feasibility
    from gridsim.distribution.reinforcement_costs import Costs
    from gridsim.distribution.reinforcement_needs import Need

MARGIN = 0.05
"""Of the power, for the curvature of what it relieves (judged)."""

CLOSED_MWH = 1e-9
"""A horizon that ends within this of its beginning is closed."""

SIZE_STEP = 0.1
"""Batteries come in steps of this many MW and MWh."""

ROOM_USED = 0.8
"""Share of the room below a limit that charging may take (judged)."""


def battery_for(checked: Feasibility, need: Need, bus: int, costs: Costs) -> BatteryPlan | None:
    """Size a battery; None where the bus does not act on the need, both ways would be asked for, or there is no room to recover."""
    wires, steps = checked.network.wires, checked.dispatch.time.steps
    slope = need.by_p[:, bus]
    if not slope.size or (slope.min() <= 0.0 <= slope.max()):
        return None
    values = {field: entry["value"] for field, entry in costs.battery.items()}
    asked = np.zeros(steps)
    asked[need.hours] = (1.0 + MARGIN) * need.excess / np.abs(slope)
    power = float(asked.max())
    room = np.clip(-_signed_excess(checked, need), 0.0, None) * ROOM_USED / float(np.median(np.abs(slope)))
    back = np.where(asked > 0.0, 0.0, np.minimum(np.nan_to_num(room), power))
    supplies = slope[0] < 0.0
    # at the cells: a battery that supplies loses on both ways
    to_cells = 1.0 / values["discharge_efficiency"] if supplies else values["charge_efficiency"]
    from_room = values["charge_efficiency"] if supplies else 1.0 / values["discharge_efficiency"]
    step_hours = checked.dispatch.time.step_hours
    taken = asked * to_cells * step_hours
    begin = float(walk(taken, back * from_room * step_hours)[-1])
    lacking = walk(taken, back * from_room * step_hours, begin)
    if lacking[-1] > begin + CLOSED_MWH:
        return None
    given_back = np.clip(np.concatenate([[begin], lacking[:-1]]) + taken - lacking, 0.0, None) / (from_room * step_hours)
    window = values["level_max_share"] - values["level_min_share"]
    supply = (asked - given_back) if supplies else (given_back - asked)
    return BatteryPlan(wires.bus_names[bus], _rounded_up(power), _rounded_up(float(lacking.max()) / window), supply)


def _rounded_up(value: float) -> float:
    return float(np.ceil(value / SIZE_STEP - 1e-9) * SIZE_STEP)


def walk(taken: NDArray[np.float64], back: NDArray[np.float64], begin: float = 0.0) -> NDArray[np.float64]:
    r""":math:`E_t = \max(0, E_{t-1} + a_t - b_t)` from :math:`E_0`: the sum over its lowest point so far, where that is below zero.

    Examples
    --------
    >>> walk(np.array([0.0, 2.0, 3.0, 0.0, 1.0]), np.array([1.0, 0.0, 0.0, 4.0, 0.0])).tolist()
    [0.0, 2.0, 5.0, 1.0, 2.0]
    """
    total = begin + np.cumsum(taken - back)
    return total - np.minimum(np.minimum.accumulate(total), 0.0)


def longest_run(hours: NDArray[np.int64]) -> int:
    """Return the most hours in a row.

    Examples
    --------
    >>> longest_run(np.array([3, 4, 5, 9, 10]))
    3
    """
    return max(len(run) for run in np.split(hours, np.flatnonzero(np.diff(hours) > 1) + 1))


def _signed_excess(checked: Feasibility, need: Need) -> NDArray[np.float64]:
    """Excess of the worst element of a need at every hour, negative inside its limit. Shape (T,)."""
    limits, flow, elements = checked.network.limits, checked.flow, list(need.elements)
    if need.kind == "voltage_low":
        return (limits.vm_min_pu[elements] - flow.vm_pu[:, elements]).max(axis=1)
    if need.kind == "voltage_high":
        return (flow.vm_pu[:, elements] - limits.vm_max_pu[elements]).max(axis=1)
    return (flow.loading[:, elements] - limits.loading[elements]).max(axis=1)
