"""Wind power of a year: persistent wind over correlated sites, a Weibull year, a fleet's smooth power curve."""

from __future__ import annotations

from dataclasses import dataclass
from math import gamma
from typing import TYPE_CHECKING

import numpy as np

from gridsim.profiles.climate import smooth_months
from gridsim.profiles.persistence import distances_km, persistent_normal, seasonal_shares

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from gridsim.profiles.site import Site

HOUR_MEMORY = 0.97
"""Hourly AR(1) memory of the wind: half of it is left after a day, a quarter after two."""

WIND_LENGTH_KM = 400.0
"""Distance over which the correlation of hourly wind falls to 1/e; judged, within the usual 300 to 600. [km]"""

FRONT_PASSAGE = (0.25, 0.5, 0.25)
"""Weights of three neighbouring hours: a front needs time to cross a site that is tens of kilometres wide."""

RANKING_HOURS = 31 * 24 + 1
"""Hours among which an hour is ranked, itself in the middle: each season gets its own wind, a month may still stray. [h]"""

MONTHLY_SPEED = (1.05, 1.04, 1.10, 1.15, 1.12, 0.95, 0.83, 0.80, 0.91, 1.01, 1.06, 1.05)
"""Mean wind speed of each month relative to the year: strong in spring and winter, weak in summer. Judged."""

DAILY_SWING = 0.06
"""Half range of the daily cycle of hub-height wind relative to its mean."""

CALMEST_HOUR = 11.0
"""Local time of least hub-height wind, when the ground warms and mixes the night's low-level jet away. [h]"""


@dataclass(frozen=True)
class WindFleet:
    """Turbines of one base or park, seen as one."""

    mean_speed_m_per_s: float
    """Free wind at hub height, mean of the year. [m/s]"""
    weibull_shape: float = 2.1
    """Weibull k of the year; 2 is Rayleigh."""
    cut_in_m_per_s: float = 3.0
    """A turbine starts. [m/s]"""
    rated_m_per_s: float = 10.5
    """A turbine reaches full power. [m/s]"""
    cut_out_m_per_s: float = 23.0
    """A turbine stops for safety. [m/s]"""
    spread_m_per_s: float = 1.0
    """Standard deviation of wind speed between turbines and within the hour. [m/s]"""
    wake_share: float = 0.05
    """Speed lost to the wakes of neighbours. [0..1]"""
    losses_share: float = 0.06
    """Power lost to outages, cables and transformers. [0..1]"""


WENGNIUTE_BASE = WindFleet(mean_speed_m_per_s=7.6)
AOHAN_BASE = WindFleet(mean_speed_m_per_s=7.4)
DISPERSED = WindFleet(mean_speed_m_per_s=6.3, spread_m_per_s=0.7, wake_share=0.02)


def wind_shares(sites: Sequence[Site], steps: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """How windy each hour is among the month of hours around it: 0 the calmest, 1 the windiest. Shape (T, sites).

    AR(1) series, correlated between sites by their distance (``exp(-km / WIND_LENGTH_KM)``), blurred by
    ``FRONT_PASSAGE`` and then ranked within ``RANKING_HOURS`` (a Gaussian copula, [1]_).

    References
    ----------
    .. [1] B. G. Brown, R. W. Katz and A. H. Murphy, "Time series models to simulate and forecast wind speed and wind
       power," J. Climate Appl. Meteor., vol. 23, no. 8, pp. 1184-1195, 1984.
    """
    correlation = np.exp(-distances_km(sites) / WIND_LENGTH_KM)
    gusts = persistent_normal(rng, steps + 2, HOUR_MEMORY, correlation)
    before, now, after = FRONT_PASSAGE
    return seasonal_shares(before * gusts[:-2] + now * gusts[1:-1] + after * gusts[2:], RANKING_HOURS)


def hub_speed_m_per_s(shares: NDArray[np.float64], starts: pd.DatetimeIndex, fleet: WindFleet) -> NDArray[np.float64]:
    r"""Free wind speed at hub height: Weibull over the year, faster in spring and winter and at night.

    .. math:: v_t = s_{m(t)}\, d_{h(t)}\; \frac{\bar v}{\Gamma(1 + 1/k)}\; \bigl(-\ln(1 - u_t)\bigr)^{1/k}

    Parameters
    ----------
    shares : array, shape (T,)
        Rank of each hour's wind, u. [0..1]
    starts : DatetimeIndex, length T
        Starts of the hours of one year.
    fleet : WindFleet
        Gives the mean speed and the Weibull shape k.

    Returns
    -------
    array, shape (T,)
        Hourly mean. [m/s]
    """
    season = smooth_months(np.array(MONTHLY_SPEED), starts)
    hour = starts.hour.to_numpy() + 0.5
    day = 1.0 - DAILY_SWING * np.cos(2 * np.pi * (hour - CALMEST_HOUR) / 24)
    scale = fleet.mean_speed_m_per_s / gamma(1.0 + 1.0 / fleet.weibull_shape)
    weibull = (-np.log1p(-shares)) ** (1.0 / fleet.weibull_shape)
    speed: NDArray[np.float64] = season / season.mean() * day * scale * weibull
    return speed


def turbine_power_pu(speed_m_per_s: NDArray[np.float64], fleet: WindFleet) -> NDArray[np.float64]:
    r"""Power of one turbine in steady wind, per rated power. [pu]

    .. math:: p(v) = \frac{v^3 - v_\mathrm{in}^3}{v_\mathrm{rated}^3 - v_\mathrm{in}^3} \in [0, 1], \qquad
              p(v \ge v_\mathrm{out}) = 0

    Examples
    --------
    >>> turbine_power_pu(np.array([2.0, 3.0, 10.5, 20.0, 23.0]), WindFleet(mean_speed_m_per_s=7.0)).tolist()
    [0.0, 0.0, 1.0, 1.0, 0.0]
    """
    cut_in, rated = fleet.cut_in_m_per_s**3, fleet.rated_m_per_s**3
    rise = np.clip((speed_m_per_s**3 - cut_in) / (rated - cut_in), 0.0, 1.0)
    return np.where(speed_m_per_s < fleet.cut_out_m_per_s, rise, 0.0)


def fleet_power_pu(speed_m_per_s: NDArray[np.float64], fleet: WindFleet) -> NDArray[np.float64]:
    r"""Power of a fleet at its grid connection, per rated power.

    The turbine curve averaged over normally spread speeds [1]_, behind wakes and after losses:

    .. math:: P(v) = (1 - l) \int p\bigl((1 - w)\,v + \sigma z\bigr)\, \varphi(z)\, \mathrm{d}z

    Wakes take speed, not power: they cost nothing above rated wind. The integral is a sum over 61 points of 3 sigma.

    References
    ----------
    .. [1] P. Norgaard and H. Holttinen, "A multi-turbine power curve approach," Nordic Wind Power Conference, 2004.
    """
    deviations = np.linspace(-3.0, 3.0, 61)
    weights = np.exp(-(deviations**2) / 2)
    speeds = np.add.outer((1.0 - fleet.wake_share) * speed_m_per_s, fleet.spread_m_per_s * deviations)
    power: NDArray[np.float64] = (1.0 - fleet.losses_share) * turbine_power_pu(speeds, fleet) @ (weights / weights.sum())
    return power
