"""The snapshots of a park: when they start, how long they last, which month, weekday and hour they lie in."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from gridsim.errors import nearest, quoted

if TYPE_CHECKING:
    from numpy.typing import NDArray


def checked_time_zone(name: str) -> str:
    """Return the name of a time zone, or raise a `ValueError` of finding and remedy."""
    import zoneinfo

    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        found = f"{quoted(name)} is not a time zone"
        close = nearest(name, sorted(zoneinfo.available_timezones()))
        remedy = "take a name of the IANA time zone database, such as Asia/Shanghai, or Etc/GMT-8 for UTC+8"
        raise ValueError(found, f"did you mean '{close}'? Else {remedy}" if close else remedy) from None
    return name


@dataclass(frozen=True)
class TimeAxis:
    """Equal steps from ``start``, labelled by their start, in standard time of ``time_zone`` (no daylight saving)."""

    start: datetime.datetime
    steps: int
    step_minutes: int = 60
    time_zone: str = "Asia/Shanghai"
    first_step: int = 0
    """Index of this axis' first step in the park's whole axis, when it is a part of it."""
    whole_steps: int | None = None
    """Steps of the whole axis; None where this is the whole one."""

    @property
    def step_hours(self) -> float:
        """Hours of one step. [h]"""
        return self.step_minutes / 60.0

    @property
    def hours(self) -> float:
        """Hours of all steps. [h]"""
        return self.steps * self.step_hours

    @property
    def share_of_year(self) -> float:
        """Hours of all steps over the hours of the calendar year they start in."""
        days = (datetime.date(self.start.year + 1, 1, 1) - datetime.date(self.start.year, 1, 1)).days
        return self.hours / (24.0 * days)

    @cached_property
    def stamps(self) -> NDArray[np.datetime64]:
        """Start of each step. Shape (T,)."""
        return np.datetime64(self.start, "m") + np.arange(self.steps) * np.timedelta64(self.step_minutes, "m")

    @cached_property
    def day(self) -> NDArray[np.int64]:
        """Days since the first step's midnight. Shape (T,)."""
        days = self.stamps.astype("datetime64[D]").astype(np.int64)
        return days - days[0]

    @cached_property
    def month(self) -> NDArray[np.int64]:
        """Month of the year, 1..12. Shape (T,)."""
        return self.stamps.astype("datetime64[M]").astype(np.int64) % 12 + 1

    @cached_property
    def billing_month(self) -> NDArray[np.int64]:
        """Months since the first step's month, 0, 1, …; does not repeat when the axis passes a year. Shape (T,)."""
        months = self.stamps.astype("datetime64[M]").astype(np.int64)
        return months - months[0]

    @property
    def share_of_whole(self) -> float:
        """Steps over those of the whole axis; 1 but where this is a part of it."""
        return self.steps / (self.whole_steps or self.steps)

    @cached_property
    def month_share(self) -> NDArray[np.float64]:
        """Share of the whole axis' steps in this billing month that this part holds: what is paid by the month is paid in this share. Shape (T,)."""
        if self.whole_steps is None:
            return np.ones(self.steps)
        months = self.stamps.astype("datetime64[M]").astype(np.int64)
        step = np.timedelta64(self.step_minutes, "m")
        whole = (self.stamps[0] + np.arange(-self.first_step, self.whole_steps - self.first_step) * step).astype("datetime64[M]").astype(np.int64)
        first = min(whole[0], months[0])
        return (np.bincount(months - first) / np.maximum(np.bincount(whole - first), 1)[: months[-1] - first + 1])[months - first]

    @cached_property
    def week(self) -> NDArray[np.int64]:
        """Blocks of seven days since the first step's midnight. Shape (T,)."""
        return self.day // 7

    @cached_property
    def hour_of_day(self) -> NDArray[np.float64]:
        """Hour of the day at the start of each step, 0 ≤ h < 24. Shape (T,). [h]"""
        minutes = (self.stamps - self.stamps.astype("datetime64[D]")).astype("timedelta64[m]").astype(np.int64)
        return minutes / 60.0

    @cached_property
    def weekday(self) -> NDArray[np.int64]:
        """Day of the week, Monday 0 … Sunday 6. Shape (T,)."""
        return (self.stamps.astype("datetime64[D]").astype(np.int64) + 3) % 7

    def period(self, name: str) -> NDArray[np.int64]:
        """Index of the day, week, month or year block of each step, from 0 without gaps. Shape (T,)."""
        blocks = {"day": self.day, "week": self.week, "month": self.billing_month, "year": np.zeros(self.steps, dtype=np.int64)}
        return blocks[name]

    def part(self, first: int, last: int) -> TimeAxis:
        """Return the axis of the steps ``first`` … ``last − 1``."""
        start = self.start + datetime.timedelta(minutes=self.step_minutes * first)
        return TimeAxis(start, last - first, self.step_minutes, self.time_zone, self.first_step + first, self.whole_steps or self.steps)

    def label(self, step: int) -> str:
        """Return the start of a step as text, ``2030-01-17 05:00``."""
        return (self.start + datetime.timedelta(minutes=self.step_minutes * int(step))).strftime("%Y-%m-%d %H:%M")
