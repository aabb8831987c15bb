"""The sun of a year: a clear sky, clouds that remember the day before, and months that keep to a climatology."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridsim.errors import DefinitionError, Problem
from gridsim.profiles.persistence import persistent_normal, remembered, stream
from gridsim.profiles.synthesis.calendar import QUARTERS, QuarterHours
from gridsim.profiles.synthesis.field import shocks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gridsim.profiles.site import Site
    from gridsim.profiles.synthesis.climatology import Climatology

CLEAREST_INDEX = 1.03
"""Largest clear-sky index: dry, clean air lets through a little more than the climatological clear sky. Judged."""

DAY_MEMORY = 0.45
"""Correlation of one day's clearness with the next day's, before it is bent to a climatology. Calibrated to measured days."""

PASSING_HOURS = 2.8
"""Time over which the clouds of a moment are forgotten within a day (to 1/e). Judged, from hourly clearness at Dresden. [h]"""

DAY_SHARE = 0.70
"""Share of the variance of clearness that belongs to the day; the rest passes within it. Judged, from hourly clearness at Dresden (0.55)
and drier Inner Mongolia."""

CLOUD_LENGTH_KM = 350.0
"""Distance over which the correlation of clearness falls to 1/e; judged, from frontal cloud systems. [km]"""

WINDY_WHEN_CLOUDY = 0.15
"""Correlation of a day's cloudiness with its wind, before both are bent. Judged: fronts bring both; measured days show -0.07 (Dresden)
and +0.05 (Inner Mongolia) between wind and clearness, each known within about 0.05."""


@dataclass(frozen=True)
class ClearSky:
    """What the sun would give in a calendar year without a cloud; the same for every year drawn. Arrays of shape (T,)."""

    ghi_w_per_m2: NDArray[np.float64]
    zenith_deg: NDArray[np.float64]
    extra_w_per_m2: NDArray[np.float64]
    """Normal irradiance outside the atmosphere. [W/m2]"""
    day_of_year: NDArray[np.int64]

    def monthly_kwh_per_m2(self, quarters: QuarterHours) -> NDArray[np.float64]:
        """Irradiation of each month under a clear sky. Shape (12,). [kWh/m2]"""
        sums: NDArray[np.float64] = np.bincount(quarters.month, weights=self.ghi_w_per_m2) / 4000.0
        return sums


def clear_sky(site: Site, quarters: QuarterHours) -> ClearSky:
    """Irradiance on the ground under a clear sky [1]_ with the turbidity of the place, at the middle of each quarter hour.

    References
    ----------
    .. [1] P. Ineichen and R. Perez, "A new airmass independent formulation for the Linke turbidity coefficient,"
       Solar Energy, vol. 73, no. 3, pp. 151-157, 2002. doi:10.1016/S0038-092X(02)00045-2
    """
    import pandas as pd
    from pvlib import irradiance
    from pvlib.location import Location

    middles = quarters.starts(15) + pd.Timedelta(minutes=7.5)
    location = Location(site.latitude_deg, site.longitude_deg, tz="UTC", altitude=site.altitude_m)
    sun = location.get_solarposition(middles, method="ephemeris")  # within 0.01 deg of the slower algorithm
    clear = location.get_clearsky(middles, model="ineichen", solar_position=sun)["ghi"].to_numpy()
    day = middles.dayofyear.to_numpy()
    return ClearSky(clear, sun["zenith"].to_numpy(), irradiance.get_extra_radiation(day), day)


def clear_shares(sites: Sequence[Site], days: int, windiness: NDArray[np.float64], seed: int, number: int) -> NDArray[np.float64]:
    r"""How clear each quarter hour is among all: 0 the darkest, 1 the clearest, uniform between. Shape (T, S).

    .. math:: u_t = \Phi\left(\sqrt{a}\,\bigl(-r\, w_{\mathrm{day}(t)} + \sqrt{1 - r^2}\; d_{\mathrm{day}(t)}\bigr) + \sqrt{1-a}\;q_t\right)

    with AR(1) series d by day (``DAY_MEMORY``), alike at neighbouring sites (``CLOUD_LENGTH_KM``), and q by quarter hour (``PASSING_HOURS``), each site's
    own: single clouds are narrower than the way between two sites. w is the day's wind (standard normal; ``windiness``, shape (days, S)),
    r = ``WINDY_WHEN_CLOUDY`` and a = ``DAY_SHARE``; ``number`` is the year's.
    """
    from scipy.special import ndtr

    days_own = remembered(shocks(stream(seed, f"cloudy days/{number}"), days, sites, CLOUD_LENGTH_KM), DAY_MEMORY)
    names = [f"passing clouds/{site.latitude_deg:.4f}/{site.longitude_deg:.4f}/{number}" for site in sites]
    passing = np.hstack([persistent_normal(stream(seed, name), QUARTERS * days, np.exp(-0.25 / PASSING_HOURS)) for name in names])
    by_day = np.sqrt(1.0 - WINDY_WHEN_CLOUDY**2) * days_own - WINDY_WHEN_CLOUDY * windiness
    shares: NDArray[np.float64] = ndtr(np.sqrt(DAY_SHARE) * by_day.repeat(QUARTERS, axis=0) + np.sqrt(1.0 - DAY_SHARE) * passing)
    return shares


def monthly_targets_kwh_per_m2(climate: Climatology, quarters: QuarterHours) -> NDArray[np.float64]:
    """Irradiation of each month of this calendar: a leap February has 29/28 of the climatology's. Shape (12,). [kWh/m2]"""
    targets = np.array(climate.monthly_ghi_kwh_per_m2)
    targets[1] *= (quarters.days - 337) / 28.0
    return targets


def expected_powers(climate: Climatology, clear: ClearSky, quarters: QuarterHours) -> NDArray[np.float64]:
    r"""Exponent :math:`\gamma` of each month with which irradiation is *expected* to meet the climatology. Shape (12,).

    .. math:: E[u^\gamma] = \frac{1}{1 + \gamma} \;\Rightarrow\; \gamma_m = k_\max \frac{H^\mathrm{clear}_m}{H_m} - 1
    """
    targets, brightest = monthly_targets_kwh_per_m2(climate, quarters), CLEAREST_INDEX * clear.monthly_kwh_per_m2(quarters)
    problems = [
        Problem(
            f"monthly_ghi_kwh_per_m2, month {month}",
            f"is {target:g} kWh/m2; a sky without a cloud gives {bright:.0f} at {climate.site.latitude_deg:g} N",
            "give irradiation on a horizontal plane in kWh/m2 a month, darker than a clear sky",
        )
        for month, (target, bright) in enumerate(zip(targets, brightest, strict=True), start=1)
        if target > 0.99 * bright or (target == 0.0 and bright > 1.0)
    ]
    if problems:
        raise DefinitionError(f"climate '{climate.name}'", problems)
    powers: NDArray[np.float64] = brightest / np.maximum(targets, 1e-9) - 1.0
    return powers


def exact_powers(shares: NDArray[np.float64], climate: Climatology, clear: ClearSky, quarters: QuarterHours, start: NDArray[np.float64]) -> NDArray[np.float64]:
    """Exponent of each month with which irradiation meets the climatology *exactly* under these clouds, near ``start``. Shape (12,)."""
    from scipy.optimize import brentq

    targets, powers = 4000.0 * monthly_targets_kwh_per_m2(climate, quarters), start.copy()
    for month in np.flatnonzero(targets):
        lit = (quarters.month == month) & (clear.ghi_w_per_m2 > 0.0)
        sky, log_share = CLEAREST_INDEX * clear.ghi_w_per_m2[lit], np.log(shares[lit])
        powers[month] = brentq(lambda power, sky=sky, log_share=log_share, sum_=targets[month]: sky @ np.exp(power * log_share) - sum_, 0.0, 100.0)
    return powers


def irradiance_w_per_m2(shares: NDArray[np.float64], powers: NDArray[np.float64], clear: ClearSky, quarters: QuarterHours) -> dict[str, NDArray[np.float64]]:
    r"""Global, direct normal and diffuse irradiance under a cloudy sky, by quarter hours.

    .. math:: G_t = k_\max\, u_t^{\gamma_m}\, G^{\mathrm{clear}}_t

    Parameters
    ----------
    shares : array, shape (T,)
        Rank of each quarter hour's clearness, u. [0..1]
    powers : array, shape (12,)
        :math:`\gamma` of each month.
    clear : ClearSky
        The sky without clouds.
    quarters : QuarterHours
        The calendar.

    Returns
    -------
    dict of array, shape (T,)
        ``ghi_w_per_m2``, ``dni_w_per_m2``, ``dhi_w_per_m2``; split by the correlation of Erbs [1]_. [W/m2]

    Notes
    -----
    A power of a uniform number is a beta distribution leaning to the clear side: many clear hours, a long tail of dark ones. A dull
    month gets a larger power and with it more variety, as a summer of showers beside a dry winter.

    References
    ----------
    .. [1] D. G. Erbs et al., "Estimation of the diffuse radiation fraction," Solar Energy, vol. 28, no. 4, pp. 293-302, 1982.
       doi:10.1016/0038-092X(82)90302-4
    """
    from pvlib import irradiance

    ghi = CLEAREST_INDEX * shares ** powers[quarters.month] * clear.ghi_w_per_m2
    split = irradiance.erbs(ghi, clear.zenith_deg, clear.day_of_year)
    return {"ghi_w_per_m2": ghi, "dni_w_per_m2": np.asarray(split["dni"]), "dhi_w_per_m2": np.asarray(split["dhi"])}
