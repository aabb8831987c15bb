"""Equal steps as the figures see them: hours, days and months of a run or of a profile set."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.report.words import Words

CARPET_DAYS = 14
"""Carpets, and a choice of weeks, need at least this many days."""


class Timeline:
    """What follows from the starts of the steps and their length; a view gives both, and the words of its language."""

    words: Words

    @property
    def stamps(self) -> NDArray[np.datetime64]:
        """Start of each step, without a time zone. Shape (T,)."""
        raise NotImplementedError

    @property
    def step_hours(self) -> float:
        """Hours of one step. [h]"""
        raise NotImplementedError

    @property
    def steps(self) -> int:
        """Number of steps."""
        return len(self.stamps)

    @property
    def hours(self) -> float:
        """Hours of all steps. [h]"""
        return self.steps * self.step_hours

    @cached_property
    def day(self) -> NDArray[np.int64]:
        """Days since the first step's midnight. Shape (T,)."""
        days = self.stamps.astype("datetime64[D]").astype(np.int64)
        return days - days[0]

    @property
    def days(self) -> int:
        """Calendar days that have at least one step."""
        return int(self.day[-1]) + 1

    @property
    def long_enough(self) -> bool:
        """Whether carpets and a choice of weeks make sense."""
        return self.hours >= CARPET_DAYS * 24

    @cached_property
    def month(self) -> NDArray[np.int64]:
        """Months since the first step's month. Shape (T,)."""
        months = self.stamps.astype("datetime64[M]").astype(np.int64)
        return months - months[0]

    @cached_property
    def months(self) -> list[str]:
        """Names of the months, ``2030-01``."""
        first = self.stamps[0].astype("datetime64[M]")
        return [str(first + np.timedelta64(place, "M")) for place in range(int(self.month[-1]) + 1)]
