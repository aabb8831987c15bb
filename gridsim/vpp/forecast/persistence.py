"""What was, is: the forecast that every other one must beat.

Wind: the last value. Load and price: the last value at the same time of day. Sun: the envelope of the last days (largest value at the same time of day)
times the clearness of the last day (its energy over the envelope's). Before anything has been seen, the mean of the profile over the year stands in: the
one number from the future, for the first day only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridsim.vpp.forecast.calendar import envelope, last_same_time, steps_of_day
from gridsim.vpp.forecast.tables import target_steps

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.profiles.time_axis import TimeAxis
    from gridsim.vpp.forecast.kinds import Kind

ENVELOPE_DAYS = 15
"""Days back within which one hour is taken to have been clear. [d]"""


def persistence(values: NDArray[np.float64], kind: Kind, time: TimeAxis, issue: NDArray[np.int64], horizon_steps: int, mean: float) -> NDArray[np.float64]:
    """Forecast from what happened before each issue; ``mean`` stands in where nothing did. Shape (K, H)."""
    steps, day_steps = target_steps(issue, horizon_steps), steps_of_day(time)
    last = np.where(issue > 0, values[np.clip(issue, 1, values.size) - 1], mean)
    if kind == "wind":
        return np.repeat(last[:, None], horizon_steps, axis=1)
    before = last_same_time(steps, issue, day_steps)
    seen = np.clip(before, 0, values.size - 1)
    if kind != "solar":
        return np.where(before >= 0, values[seen], last[:, None])
    clear = envelope(values, day_steps, ENVELOPE_DAYS - 1, 0)
    return np.where(before >= 0, clear[seen] * clearness(values, clear, issue, day_steps)[:, None], mean)


def clearness(values: NDArray[np.float64], clear: NDArray[np.float64], issue: NDArray[np.int64], day_steps: int) -> NDArray[np.float64]:
    """Energy of the day before each issue over that of the envelope; 1 where there was no sun. Shape (K,). [0..1]"""
    gone, possible = (np.concatenate(([0.0], np.cumsum(series))) for series in (values, clear))
    since = np.maximum(issue - day_steps, 0)
    energy, most = gone[issue] - gone[since], possible[issue] - possible[since]
    return np.where(most > 0, energy / np.where(most > 0, most, 1.0), 1.0)
