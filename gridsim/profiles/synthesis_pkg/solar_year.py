"""Solar power of a year: clear sky, persistent clouds, a tilted plane, warm cells, an inverter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridsim.profiles.climate import TIME_ZONE
from gridsim.profiles.persistence import distances_km, persistent_normal

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from gridsim.profiles.site import Site

CLEAREST_INDEX = 1.03
"""Largest clear-sky index of an hour: dry, clean air lets through a little more than the climatological clear sky."""

DAY_MEMORY = 0.4
"""Correlation of one day's clearness with the next day's."""

HOUR_MEMORY = 0.7
"""Correlation of the passing clouds of one hour with those of the next."""

DAY_SHARE = 0.75
"""Share of the latent variance that belongs to the day; the rest passes within it."""

CLOUD_LENGTH_KM = 350.0
"""Distance over which the correlation of clearness falls to 1/e; judged, from frontal cloud systems. [km]"""

IRRADIANCE_STC_W_PER_M2 = 1000.0
POWER_PER_KELVIN = -0.0035
"""Change of module power with cell temperature, relative to 25 degC. [1/K]"""

INVERTER_EFFICIENCY = 0.98
ALBEDO = 0.2
MODULE_WIND_M_PER_S = 2.5
"""Wind at the modules, held constant: Chifeng's 10 m mean of 2 to 3 m/s. [m/s]"""


@dataclass(frozen=True)
class SolarPlant:
    """A fixed-tilt plant that faces south."""

    tilt_deg: float
    """From horizontal. [deg]"""
    dc_per_ac: float
    """Module capacity over inverter capacity. [MW_dc / MW_ac]"""
    losses_share: float
    """DC power lost to soiling, snow, mismatch, reflection, wiring and outages. [0..1]"""


BASE_PLANT = SolarPlant(tilt_deg=40.0, dc_per_ac=1.05, losses_share=0.16)
ROOFTOP = SolarPlant(tilt_deg=12.0, dc_per_ac=1.05, losses_share=0.17)


def clear_sky_ghi_w_per_m2(site: Site, starts: pd.DatetimeIndex) -> NDArray[np.float64]:
    """Irradiance on the ground under a clear sky, at the middle of each hour. [W/m2]

    References
    ----------
    .. [1] P. Ineichen and R. Perez, "A new airmass independent formulation for the Linke turbidity coefficient,"
       Solar Energy, vol. 73, no. 3, pp. 151-157, 2002. doi:10.1016/S0038-092X(02)00045-2
    """
    from pvlib.location import Location

    location = Location(site.latitude_deg, site.longitude_deg, tz=TIME_ZONE, altitude=site.altitude_m)
    clear: NDArray[np.float64] = location.get_clearsky(_middles(starts), model="ineichen")["ghi"].to_numpy()
    return clear


def clear_shares(sites: Sequence[Site], starts: pd.DatetimeIndex, rng: np.random.Generator) -> NDArray[np.float64]:
    r"""How clear each hour is among all hours: 0 the darkest, 1 the clearest, uniform between.

    .. math:: u_t = \Phi\left(\sqrt{a}\;d_{\mathrm{day}(t)} + \sqrt{1-a}\;h_t\right)

    with AR(1) series d by day (``DAY_MEMORY``) and h by hour (``HOUR_MEMORY``), correlated between sites by their
    distance, :math:`\exp(-\mathrm{km}/\mathrm{CLOUD\_LENGTH\_KM})`, and a = ``DAY_SHARE``. Shape (T, sites).
    """
    from scipy.special import ndtr

    correlation = np.exp(-distances_km(sites) / CLOUD_LENGTH_KM)
    by_day = persistent_normal(rng, len(starts) // 24, DAY_MEMORY, correlation).repeat(24, axis=0)
    by_hour = persistent_normal(rng, len(starts), HOUR_MEMORY, correlation)
    shares: NDArray[np.float64] = ndtr(np.sqrt(DAY_SHARE) * by_day + np.sqrt(1.0 - DAY_SHARE) * by_hour)
    return shares


def ghi_w_per_m2(
    clear: NDArray[np.float64],
    shares: NDArray[np.float64],
    starts: pd.DatetimeIndex,
    monthly_kwh_per_m2: Sequence[float],
) -> NDArray[np.float64]:
    r"""Irradiance on the ground under a cloudy sky whose months add up to a climatology.

    .. math:: G_t = k_\max\, u_t^{\gamma_m}\, G^{\mathrm{clear}}_t, \qquad
              \gamma_m :\ \sum_{t \in m} G_t = H_m

    Parameters
    ----------
    clear : array, shape (T,)
        Irradiance of a clear sky. [W/m2]
    shares : array, shape (T,)
        Rank of each hour's clearness, u. [0..1]
    starts : DatetimeIndex, length T
        Starts of the hours of one year.
    monthly_kwh_per_m2 : sequence of 12
        Irradiation H of each month. [kWh/m2]

    Returns
    -------
    array, shape (T,)
        Global horizontal irradiance, mean of the hour. [W/m2]

    Notes
    -----
    A power of a uniform number is a beta distribution leaning to the clear side: many clear hours, a long tail of dark
    ones. A dull month gets a larger power and with it more variety, as a summer of showers beside a dry winter.
    """
    from scipy.optimize import brentq

    brightest = CLEAREST_INDEX * clear
    ghi = np.empty_like(clear)
    for month, target in enumerate(monthly_kwh_per_m2, start=1):
        inside = starts.month == month
        sky, rank = brightest[inside], shares[inside]
        if not 0.0 < 1000.0 * target < sky.sum():
            message = f"month {month}: {target} kWh/m2 asked, the clear sky gives at most {sky.sum() / 1000.0:.0f}"
            raise ValueError(message)
        power = brentq(lambda gamma, sky=sky, rank=rank, sum_wh=1000.0 * target: sky @ rank**gamma - sum_wh, 0.0, 50.0)
        ghi[inside] = sky * rank**power
    return ghi


def solar_power_pu(
    ghi: NDArray[np.float64],
    temperature_degc: NDArray[np.float64],
    starts: pd.DatetimeIndex,
    site: Site,
    plant: SolarPlant,
) -> NDArray[np.float64]:
    """Power at the inverter's AC side. **Basis: AC capacity**; 1.0 is the inverter's rating.

    Split into beam and diffuse [1]_, tilted [2]_, module temperature [3]_, then PVWatts modules and inverter [4]_.

    Parameters
    ----------
    ghi : array, shape (T,)
        Global horizontal irradiance. [W/m2]
    temperature_degc : array, shape (T,)
        Air temperature. [degC]
    starts : DatetimeIndex, length T
        Starts of the hours.
    site, plant : Site, SolarPlant
        Where it stands and how it is built.

    Returns
    -------
    array, shape (T,)
        AC power per AC capacity. [pu]

    Notes
    -----
    The sun stands where it is at the middle of the hour; the hours of sunrise and sunset are coarse. Module
    temperature is taken as cell temperature (up to 3 K low in full sun, 1 % of power).

    References
    ----------
    .. [1] D. G. Erbs et al., "Estimation of the diffuse radiation fraction," Solar Energy, vol. 28, no. 4,
       pp. 293-302, 1982. doi:10.1016/0038-092X(82)90302-4
    .. [2] J. E. Hay and J. A. Davies, "Calculations of the solar radiation incident on an inclined surface,"
       Proc. First Canadian Solar Radiation Data Workshop, 1980.
    .. [3] D. Faiman, "Assessing the outdoor operating temperature of photovoltaic modules," Prog. Photovolt.,
       vol. 16, no. 4, pp. 307-315, 2008. doi:10.1002/pip.813
    .. [4] A. P. Dobos, "PVWatts Version 5 Manual," NREL/TP-6A20-62641, 2014. doi:10.2172/1158421
    """
    from pvlib import inverter, irradiance, pvsystem, solarposition, temperature

    middles = _middles(starts)
    sun = solarposition.get_solarposition(middles, site.latitude_deg, site.longitude_deg, altitude=site.altitude_m)
    split = irradiance.erbs(ghi, sun["zenith"], middles)
    plane = irradiance.get_total_irradiance(
        surface_tilt=plant.tilt_deg,
        surface_azimuth=180.0,
        solar_zenith=sun["apparent_zenith"],
        solar_azimuth=sun["azimuth"],
        dni=split["dni"],
        ghi=ghi,
        dhi=split["dhi"],
        dni_extra=irradiance.get_extra_radiation(middles),
        albedo=ALBEDO,
        model="haydavies",
    )["poa_global"].to_numpy()
    cell_degc = temperature.faiman(plane, temperature_degc, wind_speed=MODULE_WIND_M_PER_S)
    dc_pu = pvsystem.pvwatts_dc(plane, cell_degc, pdc0=plant.dc_per_ac, gamma_pdc=POWER_PER_KELVIN)
    ac_pu: NDArray[np.float64] = inverter.pvwatts(
        dc_pu * (1.0 - plant.losses_share), pdc0=1.0 / INVERTER_EFFICIENCY, eta_inv_nom=INVERTER_EFFICIENCY
    )
    return np.clip(np.nan_to_num(ac_pu), 0.0, 1.0)


def _middles(starts: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """Middle of each hour, with its time zone: where the sun is looked up."""
    import pandas as pd

    return (starts + pd.Timedelta(minutes=30)).tz_localize(TIME_ZONE)
