"""The calendar of one year: weekends, Chinese public holidays, weekends worked in exchange, shifts, and days of planned work.

Everything is laid out on a grid of five minutes: all steps a park may have (5, 15, 30, 60 minutes) are whole numbers of them.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING

import numpy as np

from gridsim.errors import DefinitionError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from gridsim.profiles.loads.kinds import Maintenance

FINE_MINUTES = 5
FINE_PER_HOUR = 60 // FINE_MINUTES
FINE_PER_DAY = 24 * FINE_PER_HOUR


@dataclass(frozen=True)
class Year:
    """A calendar year of standard time."""

    year: int

    @property
    def days(self) -> int:
        """365 or 366."""
        return (datetime.date(self.year + 1, 1, 1) - datetime.date(self.year, 1, 1)).days

    @property
    def fine_steps(self) -> int:
        """Steps of five minutes."""
        return self.days * FINE_PER_DAY

    @cached_property
    def weekday(self) -> NDArray[np.int64]:
        """Day of the week, Monday 0 … Sunday 6. Shape (D,)."""
        return (np.arange(self.days) + datetime.date(self.year, 1, 1).weekday()) % 7

    @cached_property
    def is_holiday(self) -> NDArray[np.bool_]:
        """Chinese public holidays, with the days off that are exchanged for worked weekends. Shape (D,)."""
        return self._marked(_holidays_and_worked_weekends(self.year)[0])

    @cached_property
    def is_worked_weekend(self) -> NDArray[np.bool_]:
        """Weekend days worked in exchange for a longer holiday, as far as they have been announced. Shape (D,)."""
        return self._marked(_holidays_and_worked_weekends(self.year)[1])

    def share_of_days(self, saturday: float, sunday: float, holiday: float, *, holidays: bool = True) -> NDArray[np.float64]:
        """How much of a working day each day is. Shape (D,). [0..1]

        A holiday at a weekend has the smaller of both shares.
        """
        shares = np.array([1.0, 1.0, 1.0, 1.0, 1.0, saturday, sunday])[self.weekday]
        if not holidays:
            return shares
        shares[self.is_worked_weekend] = 1.0
        shares[self.is_holiday] = np.minimum(shares[self.is_holiday], holiday)
        return shares

    def day_of(self, month_and_day: str) -> int:
        """Days from 1 January to a day such as ``05-20``."""
        return (datetime.date.fromisoformat(f"{self.year}-{month_and_day}") - datetime.date(self.year, 1, 1)).days

    def share_running(self, breaks: Sequence[Maintenance]) -> NDArray[np.float64]:
        """Share of the load that planned work leaves running; where several meet, the deepest counts. Shape (D,). [0..1]"""
        running = np.ones(self.days)
        for entry in breaks:
            days = (self.day_of(entry.first_day) + np.arange(min(entry.days, self.days))) % self.days
            running[days] = np.minimum(running[days], 1.0 - entry.depth)
        return running

    def season(self, first_day: str, last_day: str) -> NDArray[np.bool_]:
        """Days from the first to the last of a season, both included; it may run over New Year. Shape (D,)."""
        first, last, days = self.day_of(first_day), self.day_of(last_day), np.arange(self.days)
        return (days >= first) & (days <= last) if first <= last else (days >= first) | (days <= last)

    def _marked(self, dates: Iterable[datetime.date]) -> NDArray[np.bool_]:
        marks = np.zeros(self.days, dtype=bool)
        marks[[(date - datetime.date(self.year, 1, 1)).days for date in dates]] = True
        return marks


@cache
def _holidays_and_worked_weekends(year: int) -> tuple[frozenset[datetime.date], frozenset[datetime.date]]:
    try:
        import holidays
    except ModuleNotFoundError as error:
        problem = Problem("holidays", "the package is not installed", "pip install 'gridsim[profiles]'")
        raise DefinitionError("the calendar of Chinese public holidays", [problem]) from error
    public = holidays.country_holidays("CN", years=[year])
    off = frozenset(date for date in public if date.year == year)
    worked = frozenset(date for date in public.weekend_workdays if date.year == year)
    return off, worked


def on_shift(hours: Sequence[Sequence[float]], ramp_hours: float) -> NDArray[np.float64]:
    """Share of a shift's work that is under way, for the fine steps of a day. Shape (288,). [0..1]

    Work begins and ends along straight lines of ``ramp_hours``, half before and half after the hour, so that the hours of work stay what they are.

    Examples
    --------
    >>> (on_shift([[8, 12], [13, 17]], ramp_hours=0.5).sum() / FINE_PER_HOUR).round(9)
    np.float64(8.0)
    """
    middle = (np.arange(FINE_PER_DAY) + 0.5) / FINE_PER_HOUR
    if [list(shift) for shift in hours] == [[0, 24]]:
        return np.ones(FINE_PER_DAY)
    reach = [np.minimum(middle - first, last - middle) for first, last in hours]  # hours inside the nearer end, negative outside
    shares: NDArray[np.float64] = np.clip(np.max(reach, axis=0) / ramp_hours + 0.5, 0.0, 1.0)
    return shares


def clock_curve(clock: Sequence[float]) -> NDArray[np.float64]:
    """Hourly values as a curve from midnight to midnight: straight lines between mid-hours; scaled to 0 … 1. Shape (288,)."""
    values = np.array(clock)
    middle = (np.arange(FINE_PER_DAY) + 0.5) / FINE_PER_HOUR
    curve = np.interp(middle, np.arange(24) + 0.5, values, period=24.0)
    scaled: NDArray[np.float64] = (curve - curve.min()) / np.ptp(curve)
    return scaled


def step_means(fine: NDArray[np.float64], step_minutes: int) -> NDArray[np.float64]:
    """Means of longer steps."""
    means: NDArray[np.float64] = fine.reshape(-1, step_minutes // FINE_MINUTES).mean(axis=1)
    return means


def fine_values(values: NDArray[np.float64], step_minutes: int) -> NDArray[np.float64]:
    """Hold step values over the fine steps within."""
    return np.repeat(values, step_minutes // FINE_MINUTES)
