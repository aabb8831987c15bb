"""A calendar year in quarter hours: months, hours of the day, and curves that run smoothly through twelve monthly values."""

from __future__ import annotations

import calendar
import datetime
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

QUARTERS = 96
"""Quarter hours of a day. Weather is drawn in quarter hours always; the hours are their means."""


@dataclass(frozen=True)
class QuarterHours:
    """All quarter hours of one calendar year, in standard time at a fixed offset from UTC."""

    year: int
    utc_offset_hours: float

    @cached_property
    def days(self) -> int:
        """365, or 366 in a leap year."""
        return 366 if calendar.isleap(self.year) else 365

    @property
    def steps(self) -> int:
        """Number of quarter hours, T."""
        return QUARTERS * self.days

    @cached_property
    def month(self) -> NDArray[np.int64]:
        """Month of each quarter hour, 0 … 11. Shape (T,)."""
        lengths = [calendar.monthrange(self.year, month)[1] for month in range(1, 13)]
        return np.repeat(np.arange(12), np.multiply(lengths, QUARTERS))

    @cached_property
    def hour(self) -> NDArray[np.float64]:
        """Local time at the middle of each quarter hour, 0 < h < 24. Shape (T,). [h]"""
        return np.tile((np.arange(QUARTERS) + 0.5) / 4.0, self.days)

    def starts(self, step_minutes: int) -> pd.DatetimeIndex:
        """Label every step of the year by its start, with its offset from UTC."""
        import pandas as pd

        zone = datetime.timezone(datetime.timedelta(hours=self.utc_offset_hours))
        periods = self.days * 1440 // step_minutes
        return pd.date_range(datetime.datetime(self.year, 1, 1, tzinfo=zone), periods=periods, freq=f"{step_minutes}min", name="time")

    @cached_property
    def _hats(self) -> NDArray[np.float64]:
        """Share of each mid-month's value in each quarter hour: straight lines from mid-month to mid-month, round the year. Shape (T, 12)."""
        first = np.flatnonzero(np.diff(self.month, prepend=-1))
        middles = (first + np.append(first[1:], self.steps)) / 2.0
        around = np.concatenate([[middles[-1] - self.steps], middles, [middles[0] + self.steps]])
        place = np.interp(np.arange(self.steps) + 0.5, around, np.arange(-1, 13))
        before = np.floor(place).astype(np.int64)
        hats = np.zeros((self.steps, 12))
        rows = np.arange(self.steps)
        hats[rows, before % 12] = before + 1 - place
        hats[rows, (before + 1) % 12] += place - before
        return hats

    def means(self, series: NDArray[np.float64]) -> NDArray[np.float64]:
        """Mean of each month, in the unit of the series. Shape (12,)."""
        means: NDArray[np.float64] = np.bincount(self.month, weights=series) / np.bincount(self.month)
        return means

    def curve(self, monthly: Sequence[float] | NDArray[np.float64], weights: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
        r"""Continuous curve whose **monthly means are the given values exactly**; shape (T,).

        .. math:: c_t = \sum_j n_j h_{jt}, \qquad \frac{1}{|m|} \sum_{t \in m} w_t\, c_t = H_m

        with hats h between mid-months; the twelve nodes n solve twelve linear equations. With ``weights`` w (1 where left out) the
        curve is the factor that brings a series to its monthly means.
        """
        weighted = self._hats if weights is None else self._hats * weights[:, None]
        first = np.flatnonzero(np.diff(self.month, prepend=-1))
        matrix = np.add.reduceat(weighted, first, axis=0) / np.bincount(self.month)[:, None]
        curve: NDArray[np.float64] = self._hats @ np.linalg.solve(matrix, np.asarray(monthly, dtype=np.float64))
        return curve


def clock_curve(by_hour: Sequence[float], hour: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values given for the 24 hours of a day as a curve through the hours' middles; 23:30 runs on into 00:30.

    Examples
    --------
    >>> clock_curve([2.0, 4.0] + [2.0] * 22, np.array([0.5, 1.0, 1.5, 23.75])).tolist()
    [2.0, 3.0, 4.0, 2.0]
    """
    middles = np.arange(-1, 25) + 0.5
    curve: NDArray[np.float64] = np.interp(hour, middles, np.take(by_hour, np.arange(-1, 25), mode="wrap"))
    return curve


def to_steps(quarters: NDArray[np.float64], step_minutes: int) -> NDArray[np.float64]:
    """Means of the quarter hours that make a step. Shape (T x 15 / ``step_minutes``,)."""
    return quarters.reshape(-1, step_minutes // 15).mean(axis=1)
