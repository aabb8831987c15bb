"""What can be given in nearly all hours, by month and by hour of the day."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.profiles.time_axis import TimeAxis
    from gridsim.vpp.envelope.envelope import Envelope

HOURS_OF_DAY = 24


@dataclass(frozen=True, eq=False)
class Firm:
    """Power that calls reach at least in a share of their starts. D durations; not a number where there is no start."""

    share: float
    durations_hours: NDArray[np.float64]
    months: NDArray[np.int64]
    """Months of the year that occur, M of them."""
    up_mw: NDArray[np.float64]
    """Over all starts. Shape (D,). [MW]"""
    down_mw: NDArray[np.float64]
    up_by_month_mw: NDArray[np.float64]
    """Shape (M, D)."""
    down_by_month_mw: NDArray[np.float64]
    up_by_hour_mw: NDArray[np.float64]
    """By month and hour of the day in which the call starts. Shape (M, 24, D)."""
    down_by_hour_mw: NDArray[np.float64]


def firm(envelope: Envelope, time: TimeAxis, share: float = 0.95) -> Firm:
    """Return the powers that at least a share of the starts reach: a value that occurs, never one between two."""
    month = time.month[envelope.starts]
    hour = (np.floor(np.arange(time.steps) * time.step_hours + _hour_of(time)).astype(np.int64) % HOURS_OF_DAY)[envelope.starts]
    months = np.unique(month)
    tables = []
    for power in (envelope.up_mw, envelope.down_mw):
        by_month = np.stack([_reached(power[month == one], share) for one in months])
        by_hour = np.stack([[_reached(power[(month == one) & (hour == at)], share) for at in range(HOURS_OF_DAY)] for one in months])
        tables.append((_reached(power, share), by_month, by_hour))
    up, down = tables
    return Firm(share, envelope.durations_hours, months, up[0], down[0], up[1], down[1], up[2], down[2])


def _hour_of(time: TimeAxis) -> float:
    return time.start.hour + time.start.minute / 60.0


def _reached(power: NDArray[np.float64], share: float) -> NDArray[np.float64]:
    """Power that a share of the rows reaches. Shape (D,)."""
    if not power.shape[0]:
        return np.full(power.shape[1], np.nan)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a duration that no start has
        return np.nanquantile(power, 1.0 - share, axis=0, method="inverted_cdf")
