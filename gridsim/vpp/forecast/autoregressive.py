r"""A forecast fitted on the series' own past: what departs from the daily rhythm fades as it used to.

The rhythm is taken out with what was known a day before: of wind, load and price the mean of the last `TRAINING_DAYS` at the same time of day (work days
and weekends apart for load and price), of the sun the envelope of the last days, in which case the ratio to it is forecast and nights are left out, so that
the evening is followed by the next morning. The rest d follows

.. math:: d_t - \bar d = \sum_{k=1}^{p} \varphi_k\,(d_{t-k} - \bar d) + \varepsilon_t

with coefficients by the Yule–Walker equations [1]_ (always stationary) and p of `ORDERS` by the Bayesian information criterion. Both are estimated anew every
`REFIT_DAYS` from the last `TRAINING_DAYS` before the first issue of that block: nothing from the block itself or later is used, and no other weather year.
Issues with less than `FIRST_DAYS` of past are persistence. That the sun will be below the horizon is the only thing taken from the future.

References
----------
.. [1] G. E. P. Box and G. M. Jenkins, "Time Series Analysis: Forecasting and Control," Holden-Day, 1970, section 3.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridsim.vpp.forecast.calendar import day_class, envelope, last_same_time, past_sum, steps_of_day
from gridsim.vpp.forecast.persistence import ENVELOPE_DAYS, persistence
from gridsim.vpp.forecast.tables import target_steps

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.profiles.time_axis import TimeAxis
    from gridsim.vpp.forecast.kinds import Kind

TRAINING_DAYS = 60
REFIT_DAYS = 7
FIRST_DAYS = 14
ORDERS = (1, 2, 3, 4, 6, 12, 24)
SUN_DAYS = 7
"""The sun can stand above the horizon at a time of day if it shone then within so many days before or after. [d]"""


@dataclass(frozen=True, eq=False)
class Fit:
    """Mean and coefficients of one block of issues."""

    mean: float
    coefficients: NDArray[np.float64]
    """φ. Shape (p,)."""

    def weights(self, horizon: int) -> NDArray[np.float64]:
        """Weights of the last p departures in the forecast of each lead, the newest first. Shape (horizon, p)."""
        order = self.coefficients.size
        rows = np.vstack((np.eye(order)[::-1], np.zeros((horizon, order))))
        for lead in range(horizon):
            rows[order + lead] = self.coefficients @ rows[lead : lead + order][::-1]
        return rows[order:]


def fitted(departures: NDArray[np.float64]) -> Fit:
    """Fit order and coefficients to one stretch of departures. Shape (N,)."""
    mean = float(departures.mean())
    rest = departures - mean
    most = min(ORDERS[-1], rest.size // 10)
    covariance = np.array([rest[lag:] @ rest[: rest.size - lag] for lag in range(most + 1)]) / rest.size
    if covariance[0] <= 1e-18:
        return Fit(mean, np.zeros(1))
    best, least = np.zeros(1), np.inf
    for order in [order for order in ORDERS if order <= most]:
        lags = np.abs(np.subtract.outer(np.arange(order), np.arange(order)))
        coefficients = np.linalg.solve(covariance[lags] + 1e-9 * covariance[0] * np.eye(order), covariance[1 : order + 1])
        innovation = max(float(covariance[0] - coefficients @ covariance[1 : order + 1]), 1e-12 * float(covariance[0]))
        criterion = rest.size * np.log(innovation) + order * np.log(rest.size)
        if criterion < least:
            best, least = coefficients, criterion
    return Fit(mean, best)


def autoregressive(values: NDArray[np.float64], kind: Kind, time: TimeAxis, issue: NDArray[np.int64], horizon_steps: int, mean: float) -> NDArray[np.float64]:
    """Forecast from what happened before each issue; never below zero except for prices, never above what was seen before. Shape (K, H)."""
    day_steps = steps_of_day(time)
    forecast = persistence(values, kind, time, issue, horizon_steps, mean)
    departures, lit = _departures(values, kind, time)
    place = np.concatenate(([0], np.cumsum(lit)))
    """Lit steps before each step. Shape (T + 1,)."""
    series = departures[lit]
    if series.size == 0:
        return forecast
    for first in range(FIRST_DAYS * day_steps, int(issue.max(initial=0)) + 1, REFIT_DAYS * day_steps):
        rows = np.flatnonzero((issue >= first) & (issue < first + REFIT_DAYS * day_steps))
        train = series[place[max(day_steps, first - TRAINING_DAYS * day_steps)] : place[first]]
        if rows.size == 0 or train.size < 10:
            continue
        fit = fitted(train)
        forecast[rows] = _forecast(values, kind, time, issue[rows], horizon_steps, (fit, series, place, lit))
    return forecast


def _forecast(
    values: NDArray[np.float64],
    kind: Kind,
    time: TimeAxis,
    issue: NDArray[np.int64],
    horizon_steps: int,
    fit_on: tuple[Fit, NDArray[np.float64], NDArray[np.int64], NDArray[np.bool_]],
) -> NDArray[np.float64]:
    fit, series, place, lit = fit_on
    day_steps, steps = steps_of_day(time), target_steps(issue, horizon_steps)
    at = np.clip(steps, 0, values.size - 1)
    newest = place[issue][:, None] - 1 - np.arange(fit.coefficients.size)
    recent = series[np.clip(newest, 0, series.size - 1)] - fit.mean
    ahead = recent @ fit.weights(horizon_steps).T
    lead = np.clip(place[at] - place[issue][:, None], 0, horizon_steps - 1)
    departure = fit.mean + np.take_along_axis(ahead, lead, axis=1)
    before = np.clip(last_same_time(steps, issue, day_steps), 0, values.size - 1)
    if kind == "solar":
        clear = envelope(values, day_steps, ENVELOPE_DAYS - 1, 0)
        return np.where(lit[at], clear[before] * np.clip(departure, 0.0, 1.0), 0.0)
    forecast = _rhythm(values, kind, time, before, day_class(time, kind)[at]) + departure
    if kind == "price":
        return forecast
    largest = np.maximum.accumulate(values)[np.clip(issue - 1, 0, values.size - 1)][:, None]
    return np.clip(forecast, 0.0, largest)


def _rhythm(values: NDArray[np.float64], kind: Kind, time: TimeAxis, upto: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[np.float64]:
    """Mean of the last days at the same time of day and of the wanted class of day, up to a step; of any class where there was none. Shape as ``upto``."""
    day_steps, classes = steps_of_day(time), day_class(time, kind)
    total = past_sum(values, day_steps, TRAINING_DAYS) / past_sum(np.ones(values.size), day_steps, TRAINING_DAYS)
    rhythm = total[upto]
    for one in np.unique(classes):
        counted = past_sum((classes == one).astype(float), day_steps, TRAINING_DAYS)
        mean = past_sum(np.where(classes == one, values, 0.0), day_steps, TRAINING_DAYS) / np.maximum(counted, 1.0)
        rhythm = np.where((wanted == one) & (counted[upto] > 0), mean[upto], rhythm)
    return rhythm


def _departures(values: NDArray[np.float64], kind: Kind, time: TimeAxis) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """What departs from the rhythm that was known a day before, and the steps where there is one. Shapes (T,)."""
    day_steps = steps_of_day(time)
    before = np.maximum(np.arange(values.size) - day_steps, 0)
    if kind == "solar":
        clear = envelope(values, day_steps, ENVELOPE_DAYS - 1, 0)[before]
        lit = envelope(values, day_steps, SUN_DAYS, SUN_DAYS) > 0
        return np.where(clear > 0, np.minimum(values / np.where(clear > 0, clear, 1.0), 1.0), 0.0), lit & (clear > 0)
    return values - _rhythm(values, kind, time, before, day_class(time, kind)), np.ones(values.size, dtype=bool)
