"""What the meters at one grid connection read, by month of billing."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from gridsim.bill.amounts import exact, thousandfold

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.profiles.time_axis import TimeAxis

DEMAND_WINDOW_MINUTES = 15
"""Meters average the demand over 15 minutes (M)."""


@dataclass(frozen=True, eq=False)
class Meter:
    """Powers at each snapshot. All arrays have shape (T,)."""

    time: TimeAxis
    import_mw: NDArray[np.float64]
    export_mw: NDArray[np.float64]
    self_used_mw: NDArray[np.float64]
    """Wind and sun that the park used itself."""
    reactive_mvar: NDArray[np.float64] | None = None
    """Reactive power from the grid; None where the wires were not looked at. [Mvar]"""

    @property
    def months(self) -> int:
        """Number of months of billing, the first and the last perhaps cut short."""
        return int(self.time.billing_month[-1]) + 1

    def inside(self, month: int) -> NDArray[np.bool_]:
        """Tell which snapshots lie in a month of billing. Shape (T,)."""
        return self.time.billing_month == month

    def month_of_year(self, month: int) -> int:
        """Return the month of the year, 1 … 12, of a month of billing."""
        return int(self.time.month[np.argmax(self.inside(month))])

    def label(self, month: int) -> str:
        """Return a month of billing as ``2030-01``."""
        return self.time.label(int(np.argmax(self.inside(month))))[:7]

    def month_share(self, month: int) -> Decimal:
        """Return the share of a month that is run where a part of the park's time is; what is paid by the month is paid in this share. [1]"""
        return exact(float(self.time.month_share[np.argmax(self.inside(month))]))

    def is_whole(self, month: int) -> bool:
        """Tell whether all hours of the calendar month were simulated."""
        year, number = (int(part) for part in self.label(month).split("-"))
        return bool(self.inside(month).sum() * self.time.step_hours == 24 * calendar.monthrange(year, number)[1])

    def energy_kwh(self, power_mw: NDArray[np.float64], where: NDArray[np.bool_]) -> Decimal:
        """Energy of a power over some snapshots. [kWh]"""
        return thousandfold(float(power_mw[where].sum()) * self.time.step_hours)

    @cached_property
    def demand_mw(self) -> NDArray[np.float64]:
        """Imports as the demand meter sees them: means over 15 minutes, or over the step where that is longer. Shape (T,). [MW]"""
        steps = DEMAND_WINDOW_MINUTES // self.time.step_minutes
        if steps <= 1 or self.time.steps % steps:
            return self.import_mw
        return np.repeat(self.import_mw.reshape(-1, steps).mean(axis=1), steps)

    @cached_property
    def peaks_kw(self) -> list[Decimal]:
        """Highest demand of each month of billing. [kW]"""
        demand = self.demand_mw
        return [thousandfold(max(0.0, float(demand[self.inside(month)].max()))) for month in range(self.months)]


def meter(
    time: TimeAxis,
    import_mw: NDArray[np.float64],
    export_mw: NDArray[np.float64] | None = None,
    self_used_mw: NDArray[np.float64] | None = None,
    reactive_mvar: NDArray[np.float64] | None = None,
) -> Meter:
    """Return a meter's readings; what is left out is zero, reactive power unknown."""
    nothing = np.zeros(time.steps)
    return Meter(time, import_mw, nothing if export_mw is None else export_mw, nothing if self_used_mw is None else self_used_mw, reactive_mvar)
