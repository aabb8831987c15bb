"""A metered series laid out day by day, with the days that no baseline may be taken from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.profiles.time_axis import TimeAxis


@dataclass(frozen=True, eq=False)
class DayTable:
    """D days of S steps; steps that the series does not reach are NaN."""

    time: TimeAxis
    mw: NDArray[np.float64]
    """Metered power. Shape (D, S). [MW]"""
    called: NDArray[np.bool_]
    """Steps within a call. Shape (D, S)."""
    off: NDArray[np.bool_]
    """Weekends and holidays. Shape (D,)."""
    barred: NDArray[np.bool_]
    """Days that no baseline is taken from: with a call, cut short, or named by the user. Shape (D,)."""
    drivers: NDArray[np.float64]
    """What a regression leans on. Shape (D, S, K)."""
    step: NDArray[np.int64]
    """Step of the day of each snapshot. Shape (T,)."""

    def length(self, hours: float) -> int:
        """Steps that a time takes, at least one where it is not zero."""
        return max(1, round(hours / self.time.step_hours)) if hours > 0 else 0

    def flat(self, table: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return a table as a series. Shape (T,)."""
        return table[self.time.day, self.step]


def day_table(
    time: TimeAxis,
    metered_mw: NDArray[np.float64],
    called: NDArray[np.bool_] | None = None,
    *,
    days_off: NDArray[np.bool_] | None = None,
    excluded_days: NDArray[np.bool_] | None = None,
    drivers: NDArray[np.float64] | None = None,
) -> DayTable:
    """Lay a series out by days.

    Parameters
    ----------
    time : TimeAxis
        The snapshots.
    metered_mw : array, shape (T,)
        Import at the connection. [MW]
    called : array of bool, shape (T,), optional
        Snapshots within a call; left out, none.
    days_off : array of bool, shape (D,), optional
        Weekends and holidays; left out, those of the Chinese calendar.
    excluded_days : array of bool, shape (D,), optional
        Further days that are not typical, such as an outage.
    drivers : array, shape (T, K), optional
        Temperature, wind, or whatever the import follows.
    """
    step = np.round(time.hour_of_day / time.step_hours).astype(np.int64)
    shape = (int(time.day[-1]) + 1, round(24.0 / time.step_hours))
    mw = np.full(shape, np.nan)
    mw[time.day, step] = metered_mw
    inside = np.zeros(shape, dtype=bool)
    if called is not None:
        inside[time.day, step] = called
    leans = np.zeros((time.steps, 0)) if drivers is None else np.asarray(drivers, dtype=float).reshape(time.steps, -1)
    laid = np.full((*shape, leans.shape[1]), np.nan)
    laid[time.day, step] = leans
    barred = inside.any(axis=1) | np.isnan(mw).any(axis=1)
    if excluded_days is not None:
        barred |= excluded_days
    return DayTable(time, mw, inside, calendar_days_off(time) if days_off is None else days_off, barred, laid, step)


def calendar_days_off(time: TimeAxis) -> NDArray[np.bool_]:
    """Weekends and Chinese public holidays, less the weekends that are worked in exchange. Shape (D,)."""
    from gridsim.profiles.loads.working_days import Year

    first = np.datetime64(time.start, "D")
    dates = first + np.arange(int(time.day[-1]) + 1)
    years = dates.astype("datetime64[Y]").astype(np.int64) + 1970
    off = np.zeros(dates.size, dtype=bool)
    for number in np.unique(years).tolist():
        year, among = Year(number), years == number
        place = (dates[among] - np.datetime64(f"{number}-01-01")).astype(np.int64)
        off[among] = (((year.weekday >= 5) & ~year.is_worked_weekend) | year.is_holiday)[place]
    return off
