"""More than fits in every hour: in how many hours a capacity breaks a limit, and how much energy is lost when it is cut back to what fits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridsim.distribution.hosting_study import Study, make_study
from gridsim.errors import DefinitionError, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gridsim.distribution.powerflow.rules import Rule
    from gridsim.distribution.powerflow.wires import Injections, Wires
    from gridsim.distribution.violations import NetworkLimits

HALVINGS = 12
"""Halvings of the share that fits: it is exact to 2^-12 of the capacity."""


@dataclass(frozen=True, eq=False)
class HostingCurve:
    """What each capacity at one bus comes to. C capacities, T hours."""

    bus: str
    capacity_mw: NDArray[np.float64]
    """Shape (C,). [MW]"""
    hours_not_fitting: NDArray[np.float64]
    """Time in which the asset at its full shape breaks a limit, or one is broken anyway. [h]"""
    energy_mwh: NDArray[np.float64]
    """Energy that the asset would supply and draw at its full shape. [MWh]"""
    energy_not_fitting_mwh: NDArray[np.float64]
    """Part of it that is lost where the asset is cut back, hour by hour, to what fits. [MWh]"""
    fitting_mw: NDArray[np.float64]
    """Supply after that, negative where it draws. Shape (C, T). [MW]"""


def hosting_curve(
    wires: Wires,
    injections: Injections,
    bus: str,
    shape: NDArray[np.float64],
    capacities_mw: Sequence[float],
    *,
    rules: Sequence[Rule] = (),
    limits: NetworkLimits | None = None,
    power_factor: float = 1.0,
    worsening: float | None = None,
    step_hours: float = 1.0,
    enforce_q_limits: bool = False,
) -> HostingCurve:
    """Judge given capacities at one bus in every hour.

    The asset is cut back in an hour as far as it must be, all else as it was; an hour that is broken without it takes nothing. Tap changers stay where the
    full shape drives them while it is cut back. Parameters are those of `gridsim.distribution.hosting.hosting_capacity`; ``shape`` has one state an hour.

    Raises
    ------
    DefinitionError
        With all that does not fit.
    """
    shape, sizes = np.asarray(shape, dtype=float), np.asarray(capacities_mw, dtype=float)
    if shape.ndim != 1 or sizes.ndim != 1 or not np.isfinite(sizes).all() or (sizes < 0.0).any():
        found = f"shape has {shape.ndim} dimensions, capacities_mw is {sizes}"
        raise DefinitionError("the hosting study", [Problem("hosting_curve", found, "one supply an hour, and finite capacities of 0 MW or more")])
    study = make_study(
        wires, injections, [bus], shape, rules=rules, limits=limits, power_factor=power_factor, worsening=worsening, enforce_q_limits=enforce_q_limits
    )
    fitting = np.array([_fitting_share(study, wires.bus(bus), float(size)) for size in sizes]).reshape(sizes.size, shape.size)
    full = sizes[:, None] * shape
    return HostingCurve(
        bus=bus,
        capacity_mw=sizes,
        hours_not_fitting=step_hours * (fitting < 1.0).sum(axis=1),
        energy_mwh=step_hours * np.abs(full).sum(axis=1),
        energy_not_fitting_mwh=step_hours * (np.abs(full) * (1.0 - fitting)).sum(axis=1),
        fitting_mw=full * fitting,
    )


def _fitting_share(study: Study, bus: int, capacity_mw: float) -> NDArray[np.float64]:
    """Largest share of the asset's supply that fits in each hour, by bisection in all hours at once. Shape (T,)."""
    everything = np.arange(study.hours)
    flow = study.flow(bus, capacity_mw, everything, 0)
    hours = np.flatnonzero(study.beyond(flow, everything).max(axis=1) > 0.0)
    taps = flow.tap_position[hours]
    good, bad = np.zeros(hours.size), np.ones(hours.size)
    for _ in range(HALVINGS if hours.size else 0):
        middle = 0.5 * (good + bad)
        fits = study.beyond(study.flow(bus, capacity_mw * middle, hours, 0, taps), hours).max(axis=1) <= 0.0
        good, bad = np.where(fits, middle, good), np.where(fits, bad, middle)
    share = np.ones(study.hours)
    share[hours] = good
    return share
