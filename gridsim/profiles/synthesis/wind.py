"""The wind of a year: changes that take hours, lulls that take days, a Weibull distribution in every month."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridsim.profiles.persistence import remembered_smoothly, smooth_autocorrelation
from gridsim.profiles.synthesis.calendar import QUARTERS, QuarterHours, clock_curve
from gridsim.profiles.synthesis.field import shocks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gridsim.profiles.site import Site
    from gridsim.profiles.synthesis.climatology import Climatology

MEMORY_HOURS = 21.0
"""Slow root: time over which weather systems pass. Calibrated to the autocorrelation of a measured Inner Mongolian year. [h]"""

INERTIA_HOURS = 1.9
"""Fast root: time over which a change spreads over a base that is tens of kilometres wide. Calibrated likewise. [h]"""

QUIET_DAYS = 30
"""Width of the running mean that `weather_systems` damps. [d]"""

QUIET_SHARE = 0.25
"""Share of that running mean that is taken away: between weather systems (days) and seasons, wind varies less than an AR series would (the gap
of [1]_). Calibrated to a spread of 3 to 7 % of annual wind energy.

.. [1] I. Van der Hoven, "Power spectrum of horizontal wind speed," J. Meteor., vol. 14, pp. 160-164, 1957.
"""

WIND_LENGTH_KM = 400.0
"""Distance over which the correlation of hourly wind falls to 1/e; judged, within the usual 300 to 600. [km]"""

ROOTS = (float(np.exp(-0.25 / MEMORY_HOURS)), float(np.exp(-0.25 / INERTIA_HOURS)))
"""Memory and inertia per quarter hour."""


def weather_systems(sites: Sequence[Site], days: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Standard normal windiness of every quarter hour: `remembered_smoothly`, less a share of its own running mean. Shape (T, S).

    The year is a ring for the running mean. The variance is brought back to 1 by its closed form (`damped_variance`), not by the sample's.
    """
    from scipy.ndimage import uniform_filter1d

    wind = remembered_smoothly(shocks(rng, QUARTERS * days, sites, WIND_LENGTH_KM), *ROOTS)
    window = QUARTERS * QUIET_DAYS + 1
    wind -= QUIET_SHARE * uniform_filter1d(wind, window, axis=0, mode="wrap")
    wind /= np.sqrt(damped_variance(QUIET_SHARE, window))
    return wind


def damped_variance(share: float, window: int) -> float:
    r"""Variance of :math:`x_t - \lambda \bar x_t` for a series x of variance 1 and its running mean over W steps.

    .. math:: 1 - 2 \lambda\, \mathrm{cov}(x, \bar x) + \lambda^2\, \mathrm{var}(\bar x)
    """
    lags = np.arange(window)
    correlation = smooth_autocorrelation(lags.astype(np.float64), *ROOTS)
    with_mean = (1.0 + 2.0 * correlation[1 : window // 2 + 1].sum()) / window
    of_mean = (1.0 + 2.0 * ((1.0 - lags[1:] / window) * correlation[1:]).sum()) / window
    return float(1.0 - 2.0 * share * with_mean + share**2 * of_mean)


def day_means(windiness: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean windiness of each day, brought to variance 1 by its closed form (damping left aside). Shape (days, S)."""
    lags = np.arange(1, QUARTERS)
    variance = (1.0 + 2.0 * ((1.0 - lags / QUARTERS) * smooth_autocorrelation(lags.astype(np.float64), *ROOTS)).sum()) / QUARTERS
    by_site = np.ascontiguousarray(windiness.T)  # each site in a row of its own: the order of summing does not depend on their number
    return np.stack([site.reshape(-1, QUARTERS).mean(axis=1) / np.sqrt(variance) for site in by_site], axis=1)


def speed_m_per_s(windiness: NDArray[np.float64], climate: Climatology, quarters: QuarterHours, *, typical: bool) -> NDArray[np.float64]:
    r"""Wind speed at the climatology's height: Weibull in every month, with its season and its time of day.

    .. math:: v_t = \bar v(t)\, d_{h(t)}\; \frac{\bigl(-\ln(1 - \Phi(z_t))\bigr)^{1/k(t)}}{\Gamma(1 + 1/k(t))}

    Parameters
    ----------
    windiness : array, shape (T,)
        Standard normal z of every quarter hour.
    climate : Climatology
        Gives mean speed, shape k (both as curves through the year that keep the monthly means) and the daily shape d.
    quarters : QuarterHours
        The calendar.
    typical : bool
        Take the stray of every month's windiness away, and lead its mean speed back to the climatology's, exactly; both by curves that change
        smoothly. How lively a month is stays with chance.

    Returns
    -------
    array, shape (T,)
        Mean of each quarter hour. [m/s]
    """
    from scipy.special import gamma, log_ndtr

    z = windiness - quarters.curve(quarters.means(windiness)) if typical else windiness
    shape = quarters.curve(climate.monthly_weibull_shape)
    mean = np.maximum(quarters.curve(climate.monthly_wind_m_per_s), 0.0)
    speed: NDArray[np.float64] = mean * clock_curve(climate.hourly_wind, quarters.hour) * (-log_ndtr(-z)) ** (1.0 / shape) / gamma(1.0 + 1.0 / shape)
    if typical:
        speed *= quarters.curve(climate.monthly_wind_m_per_s, weights=speed)
    return speed
