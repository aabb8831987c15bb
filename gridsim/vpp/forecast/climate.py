r"""What is known of a series without any forecast, and what a forecast of a given error makes of it.

A value is :math:`a_t = b_t + s_t x_t`: a daily rhythm that anybody knows, and a part :math:`x_t` that must be forecast.

====== ============================================================== ======================================================================
kind   :math:`b_t`                                                    :math:`s_t`
====== ============================================================== ======================================================================
wind   0                                                              1
solar  0                                                              largest value at the same time of day within 15 days, as a clear sky
load   0                                                              mean of the time of day, work days and weekends apart
price  mean of the time of day, work days and weekends apart          1
====== ============================================================== ======================================================================

:math:`x = g(z)` with z standard normal (normal scores), g the distribution of x over the year; of the sun one for each of six heights. A forecast knows
:math:`\hat z \sim N(0, \tau)` and nothing of the rest: :math:`z = \hat z + \sqrt{1-\tau}\,u`, u standard normal and independent of :math:`\hat z`. The best
forecast of least square error is then

.. math:: E[x \mid \hat z] = \int g(\hat z + \sqrt{1-\tau}\,u)\,\varphi(u)\,du,

which lies within the bounds of x and is unbiased, whatever the error. Its mean square error falls from the variance of x (τ = 0) to zero (τ = 1): no
forecast is worse than the climate, which needs none. The climate is that of the series itself, the time to come included: a forecaster has many years to
know it from. In a run of a few weeks it is that of these weeks.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from gridsim.vpp.forecast.calendar import day_class, envelope, mean_of_day, steps_of_day

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.profiles.time_axis import TimeAxis
    from gridsim.vpp.forecast.growth import Per
    from gridsim.vpp.forecast.kinds import Kind

CLEAR_SKY_DAYS = 15
"""Days before and after within which one hour is taken to have been clear. [d]"""
SUN_HEIGHTS = 6
"""Groups of equally many steps by the height of the sun, each with a distribution of its own: a low sun is seldom clear."""
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(32)
WEIGHTS = WEIGHTS / WEIGHTS.sum()
SCORES = np.linspace(-6.0, 6.0, 241)
"""Where the best forecast is tabulated. [standard deviations]"""
RANKS = 200
"""Groups of neighbouring values that the error is computed from."""
UNKNOWN = np.linspace(1.0, 0.0, 41)
r"""Values of :math:`\sqrt{1-\tau}` that the error is tabulated at. [0..1]"""


@dataclass(frozen=True, eq=False)
class Distribution:
    """Values of x that occurred, and their normal scores."""

    score: NDArray[np.float64]
    """z, rising. Shape (N,)."""
    part: NDArray[np.float64]
    """x, never falling. Shape (N,)."""
    square: NDArray[np.float64]
    """s² of the same steps. Shape (N,)."""

    def at(self, score: NDArray[np.float64]) -> NDArray[np.float64]:
        """g: the part of a normal score; straight between the values that occurred, and never beyond them."""
        return np.interp(score, self.score, self.part)

    def best(self, known: float) -> NDArray[np.float64]:
        """E[x | ẑ] at each of `SCORES`, for one τ."""
        table: NDArray[np.float64] = self.at(SCORES[:, None] + np.sqrt(1.0 - known) * NODES) @ WEIGHTS
        return table

    def square_errors(self) -> NDArray[np.float64]:
        """Sum of the square errors of the best forecasts of what happened, for each of `UNKNOWN`. Shape (41,)."""
        places = np.array_split(np.arange(self.score.size), min(self.score.size, RANKS))
        score = np.array([self.score[place].mean() for place in places])
        weight = np.array([self.square[place].sum() for place in places])
        part, total = self.at(score), np.zeros(UNKNOWN.size)
        for place, known in enumerate(1.0 - UNKNOWN[:-1] ** 2):
            estimate = known * score[:, None] + np.sqrt(known * (1.0 - known)) * NODES
            total[place] = weight @ ((np.interp(estimate, SCORES, self.best(known)) - part[:, None]) ** 2 @ WEIGHTS)
        return total


@dataclass(frozen=True, eq=False)
class Climate:
    """The rhythm and the distributions of one series."""

    actual: NDArray[np.float64]
    """a. Shape (T,)."""
    base: NDArray[np.float64]
    """b. Shape (T,)."""
    scale: NDArray[np.float64]
    """s, never negative. Shape (T,)."""
    score: NDArray[np.float64]
    """z of what happened. Shape (T,)."""
    group: NDArray[np.int64]
    """Distribution of each step. Shape (T,)."""
    distributions: tuple[Distribution, ...]

    def values(self, score: NDArray[np.float64], steps: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return what scores mean at some steps, b + s g(z). Shape as ``score``, to which ``steps`` is broadcast."""
        at = np.broadcast_to(np.clip(steps, 0, self.base.size - 1), score.shape)
        part = self.distributions[0].at(score)
        for place, distribution in enumerate(self.distributions[1:], start=1):
            here = self.group[at] == place
            part[here] = distribution.at(score[here])
        found: NDArray[np.float64] = self.base[at] + self.scale[at] * part
        return found

    def best(self, estimate: NDArray[np.float64], information: NDArray[np.float64], steps: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the best forecasts, b + s E[x | ẑ]. Shape (K, H) as ``estimate`` and ``steps``; ``information``, τ of each column, is of shape (H,)."""
        at = np.clip(steps, 0, self.base.size - 1)
        groups, part = self.group[at], np.empty_like(estimate)
        for column, known in enumerate(information):
            for place, distribution in enumerate(self.distributions):
                rows = np.flatnonzero(groups[:, column] == place)
                scores = estimate[rows, column]
                part[rows, column] = distribution.at(scores) if known >= 1.0 else np.interp(scores, SCORES, distribution.best(known))
        found: NDArray[np.float64] = self.base[at] + self.scale[at] * part
        return found

    @cached_property
    def error_of_unknown(self) -> NDArray[np.float64]:
        r"""Root mean square error of the best forecast at each of `UNKNOWN`, over the steps that vary; the first is the climate's, the last zero. Shape (41,).

        Of what happened, with :math:`\hat z = \tau z + \sqrt{\tau(1-\tau)}\,u`.
        """
        count = sum(distribution.score.size for distribution in self.distributions)
        square = np.sum([distribution.square_errors() for distribution in self.distributions], axis=0) / count
        error: NDArray[np.float64] = np.sqrt(np.maximum.accumulate(square[::-1])[::-1])
        return error

    def information(self, error: NDArray[np.float64]) -> NDArray[np.float64]:
        """τ of forecasts of a root mean square error in the series' unit; 0 where the error is that of the climate or more. Shape as ``error``."""
        unknown = np.interp(error, self.error_of_unknown[::-1], UNKNOWN[::-1])
        return np.where(error <= 0.0, 1.0, 1.0 - unknown**2)

    def unit(self, per: Per) -> float:
        """What errors of a kind of forecast are shares of, in the series' unit: 1, the mean, or the error of the climate itself."""
        if per == "variation":
            return float(self.error_of_unknown[0])
        return float(np.mean(np.abs(self.actual))) if per == "mean" else 1.0


def climate_of(values: NDArray[np.float64], kind: Kind, time: TimeAxis) -> Climate:
    """Take a series apart; values that occur many times (calm, standstill) are ranked by the day around them, so that their scores do not jump."""
    from scipy.special import ndtri

    base, scale, group = np.zeros(values.size), np.ones(values.size), np.zeros(values.size, dtype=np.int64)
    day_steps = steps_of_day(time)
    if kind == "solar":
        scale = np.maximum(envelope(values, day_steps, CLEAR_SKY_DAYS, CLEAR_SKY_DAYS), 0.0)
        heights = np.quantile(scale[scale > 0], np.arange(1, SUN_HEIGHTS) / SUN_HEIGHTS) if (scale > 0).any() else np.zeros(0)
        group = np.searchsorted(heights, scale)
    elif kind in ("load", "price"):
        slot = np.round(time.hour_of_day * day_steps / 24.0).astype(np.int64) + day_steps * day_class(time, kind)
        rhythm = mean_of_day(values, slot)
        base, scale = (rhythm, scale) if kind == "price" else (base, rhythm)
    varies = scale > 0
    part = np.where(varies, (values - base) / np.where(varies, scale, 1.0), 0.0)
    around = np.convolve(np.pad(part, day_steps // 2, mode="edge"), np.ones(day_steps + 1) / (day_steps + 1), mode="valid")
    score, distributions = np.zeros(values.size), []
    for place in range(int(group.max(initial=0)) + 1):
        steps = np.flatnonzero(varies & (group == place))
        order = steps[np.lexsort((around[steps], part[steps]))]
        known = ndtri((np.arange(order.size) + 0.5) / order.size) if order.size else np.zeros(1)
        score[order] = known[: order.size]
        distributions.append(Distribution(known, part[order], scale[order] ** 2) if order.size else Distribution(known, np.zeros(1), np.zeros(1)))
    return Climate(values, base, scale, score, group, tuple(distributions))
