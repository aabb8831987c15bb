r"""How well a signal was followed.

Accuracy
    :math:`1 - \sum |y - s| / \sum |s|`, not below 0.
Regulation
    Chinese rules for frequency regulation score speed, response time and precision of single adjustments (调节速率、响应时间、调节精度). Here an adjustment
    lasts from one change of the signal to the next; its response time ends when a tenth of the change is delivered, its speed is that between a tenth and nine
    tenths, both between the ends of steps and in a straight line, and its error is the mean distance after nine tenths were reached. Tenths are the usual rise
    time of control engineering; markets that measure otherwise (from a dead band, over a fixed time) come to other numbers: this reading is an assumption.

.. math::
   K_1 = \frac{\text{speed}}{\text{standard speed}}, \quad K_2 = 1 - \frac{\text{response time}}{T}, \quad K_3 = 1 - \frac{\text{error}}{E}, \quad
   K = \frac{\sum_k w_k K_k}{\sum_k w_k}

The reference values and weights differ from market to market, so there is no default. `recalled_south` holds what is remembered of the southern region
(:math:`K = (2 K_1 + K_2 + K_3)/4`, 5 min, 1.5 % of rated power), which was not checked against any document.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


def accuracy(signal_mw: Array, delivered_mw: Array) -> float:
    """Return one less the distance over what was asked, of series of shape (T,); 1 where nothing was asked or delivered. [1]"""
    asked, apart = float(np.abs(signal_mw).sum()), float(np.abs(delivered_mw - signal_mw).sum())
    if asked == 0.0:
        return 1.0 if apart == 0.0 else 0.0
    return max(0.0, 1.0 - apart / asked)


@dataclass(frozen=True, eq=False)
class Adjustments:
    """What each adjustment of a series showed, A of them; a number that it did not last long enough to show is NaN."""

    change_mw: Array
    """What was asked more than before, shape (A,). [MW]"""
    response_seconds: Array
    speed_mw_per_minute: Array
    error_mw: Array


def adjustments(signal_mw: Array, delivered_mw: Array, step_seconds: float) -> Adjustments:
    """Measure each adjustment of a series of shape (T,); before the first step signal and delivery are 0."""
    signal = np.concatenate(([0.0], signal_mw))
    begins = np.flatnonzero(np.diff(signal) != 0)
    ends = np.append(begins[1:], len(signal_mw))
    found = [_adjustment(signal, delivered_mw, begin, end, step_seconds) for begin, end in zip(begins, ends, strict=True)]
    columns = np.array(found).reshape(len(found), 3).T
    return Adjustments(np.diff(signal)[begins], *columns)


def _adjustment(signal: Array, delivered: Array, begin: int, end: int, step_seconds: float) -> tuple[float, float, float]:
    """Response time, speed and error of one adjustment; ``signal`` has a step before the first."""
    change = signal[begin + 1] - signal[begin]
    start = delivered[begin - 1] if begin else 0.0
    progress = np.concatenate(([0.0], (delivered[begin:end] - start) / change))
    tenth, most = _reached(progress, 0.1), _reached(progress, 0.9)
    if np.isnan(most):
        return tenth * step_seconds, np.nan, np.nan
    rise_minutes = (most - tenth) * step_seconds / 60.0
    settled = delivered[begin + int(np.ceil(most)) - 1 : end]
    return tenth * step_seconds, 0.8 * abs(change) / rise_minutes, float(np.abs(settled - signal[begin + 1]).mean())


def _reached(progress: Array, share: float) -> float:
    """Steps until a progress, 0 at first, is reached, in a straight line within the step; NaN if it never is."""
    past = np.flatnonzero(progress >= share)
    if not past.size:
        return np.nan
    before = progress[past[0] - 1]
    return float(past[0] - 1 + (share - before) / (progress[past[0]] - before))


@dataclass(frozen=True)
class RegulationReference:
    """What a market measures adjustments by."""

    standard_speed_mw_per_minute: float
    response_limit_seconds: float
    error_limit_mw: float
    weights: tuple[float, float, float]
    """Of speed, response time and precision. [1]"""
    source: str
    certainty: str


def recalled_south(standard_speed_mw_per_minute: float, rated_mw: float) -> RegulationReference:
    """Return what is remembered of the southern region's rule; not checked."""
    return RegulationReference(standard_speed_mw_per_minute, 300.0, 0.015 * rated_mw, (2.0, 1.0, 1.0), "southern region, recalled, not checked", "M?")


def regulation_index(found: Adjustments, reference: RegulationReference) -> dict[str, float]:
    """Return ``k1, k2, k3, k``: means over the adjustments that show each; parts are not below 0, and NaN where none shows it. [1]"""
    k1 = found.speed_mw_per_minute / reference.standard_speed_mw_per_minute
    k2 = 1.0 - found.response_seconds / reference.response_limit_seconds
    k3 = 1.0 - found.error_mw / reference.error_limit_mw
    parts = [float(np.maximum(shown, 0.0).mean()) if (shown := part[~np.isnan(part)]).size else np.nan for part in (k1, k2, k3)]
    whole = float(np.dot(reference.weights, parts) / sum(reference.weights))
    return {"k1": parts[0], "k2": parts[1], "k3": parts[2], "k": whole}
