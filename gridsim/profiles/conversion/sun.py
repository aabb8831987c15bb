"""Where the sun stands in a step of time, and for which share of the step it is up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from gridsim.profiles.site import Site

HORIZON_DEG = -0.833
"""Height of the sun's centre at sunrise and sunset: refraction 0.567 deg and radius 0.266 deg. [deg]"""

DEGREES_PER_HOUR = 15.0


@dataclass(frozen=True)
class Sun:
    """The sun at one moment of each step."""

    moments: pd.DatetimeIndex
    zenith_deg: NDArray[np.float64]
    """True distance from the vertical. [deg]"""
    apparent_zenith_deg: NDArray[np.float64]
    """As seen through the air. [deg]"""
    azimuth_deg: NDArray[np.float64]


def sunlit_part(starts: pd.DatetimeIndex, step_minutes: int, site: Site, choice: str = "sunlit_middle") -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    r"""Share of each step in which the sun is up, and the middle of that part.

    With declination and equation of time of the step's middle [1]_ the sun is up while its hour angle is within

    .. math:: |\omega| < \arccos \frac{\sin(-0.833^\circ) - \sin\varphi \sin\delta}{\cos\varphi \cos\delta}

    Parameters
    ----------
    starts : DatetimeIndex, length T
        Starts of the steps, with their time zone.
    step_minutes : int
        Length of the steps. [min]
    site : Site
        Where.
    choice : {"sunlit_middle", "middle"}
        ``middle`` takes every step for sunlit as a whole.

    Returns
    -------
    share : array, shape (T,)
        0 at night, 1 by day, between in the steps of sunrise and sunset. [0..1]
    minutes : array, shape (T,)
        From the start of the step to the middle of its sunlit part; of the whole step at night. [min]

    Notes
    -----
    Sunrise is good to about a minute. A step that both sees the sun set and rise (near the poles) keeps its evening only.

    References
    ----------
    .. [1] J. W. Spencer, "Fourier series representation of the position of the sun," Search, vol. 2, no. 5, p. 172, 1971.
    """
    import pandas as pd
    from pvlib import solarposition

    if choice == "middle":
        return np.ones(len(starts)), np.full(len(starts), step_minutes / 2)
    middles = (starts + pd.Timedelta(minutes=step_minutes / 2)).tz_convert("UTC")
    day, latitude = middles.dayofyear.to_numpy(), np.radians(site.latitude_deg)
    declination = solarposition.declination_spencer71(day)
    utc_hours = middles.hour.to_numpy() + middles.minute.to_numpy() / 60.0 + middles.second.to_numpy() / 3600.0
    solar_hours = utc_hours + site.longitude_deg / DEGREES_PER_HOUR + solarposition.equation_of_time_spencer71(day) / 60.0
    angle = (DEGREES_PER_HOUR * (solar_hours - 12.0) + 180.0) % 360.0 - 180.0

    horizon = np.sin(np.radians(HORIZON_DEG)) - np.sin(latitude) * np.sin(declination)
    sunset = np.degrees(np.arccos(np.clip(horizon / (np.cos(latitude) * np.cos(declination)), -1.0, 1.0)))
    half = DEGREES_PER_HOUR * step_minutes / 120.0
    begin, end = np.maximum(angle - half, -sunset), np.minimum(angle + half, sunset)
    up_all_day = sunset + half >= 180.0
    share = np.where(up_all_day, 1.0, np.clip((end - begin) / (2 * half), 0.0, 1.0))
    is_cut = (share > 0.0) & (share < 1.0)
    minutes = step_minutes / 2 + np.where(is_cut, ((begin + end) / 2 - angle) / DEGREES_PER_HOUR * 60.0, 0.0)
    return share, minutes


def sun_at(starts: pd.DatetimeIndex, minutes: NDArray[np.float64], site: Site, temperature_degc: NDArray[np.float64]) -> Sun:
    """Look the sun up some minutes after each start (NREL's algorithm); refraction by the air's temperature and the site's altitude."""
    import pandas as pd
    from pvlib import atmosphere, solarposition

    moments = starts + pd.to_timedelta(np.round(60.0 * minutes), unit="s")
    position = solarposition.get_solarposition(
        moments,
        site.latitude_deg,
        site.longitude_deg,
        altitude=site.altitude_m,
        pressure=atmosphere.alt2pres(site.altitude_m),
        temperature=temperature_degc,
    )
    return Sun(moments, *(position[name].to_numpy() for name in ("zenith", "apparent_zenith", "azimuth")))
