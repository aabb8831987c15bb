"""The daily rhythm of a series: same time of day, work days and days of rest, the envelope of clear days."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.profiles.time_axis import TimeAxis
    from gridsim.vpp.forecast.kinds import Kind


def steps_of_day(time: TimeAxis) -> int:
    """Steps a day."""
    return 24 * 60 // time.step_minutes


def day_class(time: TimeAxis, kind: Kind) -> NDArray[np.int64]:
    """0 on work days and 1 at weekends for load and price, 0 for weather; holidays are not known. Shape (T,)."""
    rest: NDArray[np.int64] = (time.weekday >= 5).astype(np.int64)
    return rest if kind in ("load", "price") else np.zeros_like(rest)


def last_same_time(steps: NDArray[np.int64], issue: NDArray[np.int64], day_steps: int) -> NDArray[np.int64]:
    """Last step before the issue at the same time of day as each target; negative where there is none. Shape as ``steps`` (K, H).

    Examples
    --------
    >>> last_same_time(np.array([[24, 47, 48]]), np.array([24]), 24).tolist()
    [[0, 23, 0]]
    """
    days = -(-(steps - issue[:, None] + 1) // day_steps)
    return steps - day_steps * days


def by_day(values: NDArray[np.float64], day_steps: int, fill: float) -> NDArray[np.float64]:
    """Fold a series into days from its first step. Shape (D, day_steps)."""
    days = -(-values.size // day_steps)
    folded = np.full(days * day_steps, fill)
    folded[: values.size] = values
    return folded.reshape(days, day_steps)


def past_sum(values: NDArray[np.float64], day_steps: int, days: int) -> NDArray[np.float64]:
    """Sum over the last ``days`` days at the same time of day, the own step included. Shape (T,)."""
    total = np.cumsum(by_day(values, day_steps, 0.0), axis=0)
    total[days:] = total[days:] - total[:-days]
    flat: NDArray[np.float64] = total.ravel()[: values.size]
    return flat


def envelope(values: NDArray[np.float64], day_steps: int, before: int, after: int) -> NDArray[np.float64]:
    """Largest value at the same time of day from ``before`` days earlier to ``after`` days later, the own day included. Shape (T,)."""
    folded = by_day(values, day_steps, -np.inf)
    largest = folded.copy()
    for shift in range(1, min(before, len(folded) - 1) + 1):
        largest[shift:] = np.maximum(largest[shift:], folded[:-shift])
    for shift in range(1, min(after, len(folded) - 1) + 1):
        largest[:-shift] = np.maximum(largest[:-shift], folded[shift:])
    flat: NDArray[np.float64] = largest.ravel()[: values.size]
    return flat


def mean_of_day(values: NDArray[np.float64], slot: NDArray[np.int64]) -> NDArray[np.float64]:
    """Mean over all steps of the same slot (time of day, class of day). Shape (T,)."""
    means = np.bincount(slot, weights=values) / np.maximum(np.bincount(slot), 1)
    at_step: NDArray[np.float64] = means[slot]
    return at_step
