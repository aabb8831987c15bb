"""A second source for a column, and any series as the figures draw it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.errors import Problem
from gridsim.profiles.statistics import DAY_MINUTES, HOUR_MINUTES, autocorrelation, block_means, monthly_means, ramps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

LAGS_HOURS = 72
"""How far the autocorrelation is drawn. [h]"""

MONTH_MINUTES = 27 * DAY_MINUTES
"""Steps at least this long are months: a climatology, for instance. [min]"""


@dataclass(frozen=True)
class Compared:
    """Another source for a column of the set, in the same unit; its step and its year may be others.

    Steps of an hour or less are compared in every figure, longer ones by their months only, so that twelve values can be a climatology.
    """

    name: str
    """Short name, as legends show it."""
    values: Sequence[float] | NDArray[np.float64]
    """One value a step; not a number where there is none. Shape (T,)."""
    stamps: Sequence[Any] | NDArray[np.datetime64]
    """Start of each step, in the standard time of the set; a time zone is left aside. Shape (T,)."""
    source: str = ""
    """Where it comes from, in a line."""
    unit: str = ""
    """Its unit, where it is known; that of the column."""

    def problems(self, where: str) -> list[Problem]:
        """Say why it cannot be drawn."""
        values, stamps = self._arrays()
        if values.shape != stamps.shape or values.ndim != 1 or len(values) < 2:
            return [Problem(where, f"has {values.size} values and {stamps.size} stamps", "give as many stamps as values, and at least two")]
        if not (np.diff(stamps) > np.timedelta64(0, "m")).all():
            return [Problem(where, "its stamps do not rise", "sort the series by time and remove what repeats; stamps are whole minutes")]
        if np.isfinite(values).sum() < 2:
            return [Problem(where, "has fewer than two numbers", "give a series that holds values")]
        step = _step_of(stamps)
        if step < HOUR_MINUTES and HOUR_MINUTES % step:
            return [Problem(where, f"its steps last {step} min", "give steps that divide an hour, or longer ones")]
        return []

    def track(self, column: str, colour: str) -> Track:
        """Return the series on equal steps, named after the column that it is compared with; what is missing is no number."""
        values, stamps = self._arrays()
        step = _step_of(stamps)
        if step <= HOUR_MINUTES:
            place = np.rint((stamps - stamps[0]).astype(np.int64) / step).astype(np.int64)
            full = np.full(int(place[-1]) + 1, np.nan)
            full[place] = values
            values, stamps = full, stamps[0] + np.arange(len(full)) * np.timedelta64(step, "m")
        return Track(f"{column} – {self.name}", values, stamps, step, colour, second=True)

    def _arrays(self) -> tuple[NDArray[np.float64], NDArray[np.datetime64]]:
        stamps: Any = self.stamps
        if getattr(stamps, "tz", None) is not None:
            stamps = stamps.tz_localize(None)
        return np.asarray(self.values, dtype=float), np.asarray(stamps, dtype="datetime64[m]")


def _step_of(stamps: NDArray[np.datetime64]) -> int:
    """Minutes between most neighbouring stamps. [min]"""
    return int(np.median(np.diff(stamps).astype(np.int64)))


@dataclass(frozen=True)
class Track:
    """One series and its looks: a column of the set, or what it is compared with."""

    name: str
    values: NDArray[np.float64]
    stamps: NDArray[np.datetime64]
    step_minutes: int
    colour: str
    second: bool = False
    """Whether it is the second source."""

    @property
    def fine(self) -> bool:
        """Whether its steps are short enough for more than months."""
        return self.step_minutes <= HOUR_MINUTES

    @property
    def step_hours(self) -> float:
        """Hours of one step. [h]"""
        return self.step_minutes / HOUR_MINUTES

    @cached_property
    def monthly(self) -> NDArray[np.float64]:
        """Mean of January … December. Shape (12,)."""
        return monthly_means(self.values, self.stamps)

    @cached_property
    def mean(self) -> float:
        """Mean of all values; of months by their days, where the series has one value a month."""
        days = np.diff(np.append(self.stamps, self.stamps[-1:].astype("datetime64[M]") + 1).astype("datetime64[D]")).astype(float)
        known = np.isfinite(self.values)
        weights = days if self.step_minutes >= MONTH_MINUTES else np.ones(len(self.values))
        return float(np.average(self.values[known], weights=weights[known]))

    @cached_property
    def hourly(self) -> NDArray[np.float64]:
        """Mean of each clock hour, so that series of any step can be compared."""
        return block_means(self.values, self.stamps, "h")[0]

    @cached_property
    def daily(self) -> tuple[NDArray[np.float64], NDArray[np.datetime64]]:
        """Mean of each calendar day, and the days."""
        return block_means(self.values, self.stamps, "D")

    @cached_property
    def hourly_ramps(self) -> NDArray[np.float64]:
        """Changes from one hourly mean to the next."""
        return ramps(self.hourly)

    @cached_property
    def memory(self) -> NDArray[np.float64]:
        """Autocorrelation of the hourly means at 0 … 72 h; no number beyond a quarter of the series, where few pairs are left. Shape (73,)."""
        correlations = autocorrelation(self.hourly, LAGS_HOURS)
        correlations[len(self.hourly) // 4 + 1 :] = np.nan
        return correlations
