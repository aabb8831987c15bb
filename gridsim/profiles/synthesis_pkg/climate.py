"""The climate of Chifeng: where the sites are, what a month brings, and the air temperature that goes with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridsim.profiles.persistence import persistent_normal
from gridsim.profiles.site import Site

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

TIME_ZONE = "Asia/Shanghai"
"""No daylight saving since 1991, so standard time all year."""

MONTHLY_GHI_KWH_PER_M2 = (75.0, 95.0, 140.0, 165.0, 190.0, 180.0, 170.0, 160.0, 140.0, 115.0, 80.0, 65.0)
"""Global horizontal irradiation of Chifeng, January to December; 1575 a year. Recalled climatology. [kWh/m2]"""

MONTHLY_TEMPERATURE_DEGC = (-11.0, -7.0, 1.0, 10.0, 17.0, 22.0, 24.0, 22.0, 17.0, 9.0, -1.0, -8.0)
"""Mean air temperature of Chifeng, January to December; about 8 a year. Recalled climatology. [degC]"""

TEMPERATURE_MEMORY = 0.986
"""Hourly AR(1) memory of warm and cold spells: they fade to 1/e within three days."""

TEMPERATURE_SPELL_K = (4.0, 2.5)
"""Standard deviation of warm and cold spells in midwinter and in midsummer. [K]"""

WARMEST_HOUR = 15.0
"""Local time of the daily maximum. [h]"""

CHIFENG = Site(42.27, 118.96, 570.0)
WENGNIUTE = Site(42.94, 119.02, 640.0)
AOHAN = Site(42.29, 119.92, 590.0)


def hour_starts(year: int) -> pd.DatetimeIndex:
    """Label of every hour of the year: its start, in local standard time, without a time zone."""
    import pandas as pd

    return pd.date_range(f"{year}-01-01", f"{year}-12-31 23:00", freq="h")


def smooth_months(monthly: NDArray[np.float64], starts: pd.DatetimeIndex) -> NDArray[np.float64]:
    """Monthly values as an hourly curve: straight lines between mid-months, December running on into January."""
    mid_months = (np.arange(-1, 13) + 0.5) / 12.0
    share_of_year = (np.arange(len(starts)) + 0.5) / len(starts)
    return np.interp(share_of_year, mid_months, np.take(monthly, np.arange(-1, 13), mode="wrap"))


def monthly_means(hourly: NDArray[np.float64], starts: pd.DatetimeIndex) -> NDArray[np.float64]:
    """Mean of each month, January to December, in the unit of the series."""
    return np.array([hourly[starts.month == month].mean() for month in range(1, 13)])


def air_temperature_degc(starts: pd.DatetimeIndex, daily_clearness: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Air temperature: the month, a spell of days, and a daily swing that is wide under a clear sky.

    Parameters
    ----------
    starts : DatetimeIndex, length T
        Starts of the hours of one year.
    daily_clearness : array, shape (D,)
        Irradiation of each day relative to that of a clear sky. [0..1]
    rng : numpy.random.Generator
        Source of the spells.

    Returns
    -------
    array, shape (T,)
        Hourly mean temperature at 2 m. [degC]

    Notes
    -----
    The half swing is 2 K under a closed and 7 K under a clear sky. The means of the months are then led back to
    ``MONTHLY_TEMPERATURE_DEGC`` by a smooth correction: the year is a typical one, without warm or cold months.
    """
    hours = np.arange(len(starts))
    winter = 0.5 + 0.5 * np.cos(2 * np.pi * hours / len(hours))
    spell_k = TEMPERATURE_SPELL_K[1] + (TEMPERATURE_SPELL_K[0] - TEMPERATURE_SPELL_K[1]) * winter
    spells = spell_k * persistent_normal(rng, len(starts), TEMPERATURE_MEMORY)[:, 0]

    half_swing_k = 2.0 + 5.0 * np.interp(hours, 24 * np.arange(len(daily_clearness)) + 12, daily_clearness)
    swing = half_swing_k * np.cos(2 * np.pi * (starts.hour.to_numpy() + 0.5 - WARMEST_HOUR) / 24)

    target = np.array(MONTHLY_TEMPERATURE_DEGC)
    temperature: NDArray[np.float64] = smooth_months(target, starts) + spells + swing
    temperature += smooth_months(target - monthly_means(temperature, starts), starts)
    return temperature
