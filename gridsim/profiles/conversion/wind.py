"""Wind power from weather: wind and air at hub height, wakes, power curve of the park, storm, cold, losses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridsim.errors import DefinitionError, Problem
from gridsim.profiles.conversion.cut_out import cold_running, storm_share
from gridsim.profiles.conversion.power_curve import averaged_curve, density_corrected_power_pu

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.profiles.conversion.wind_park import WindPark
    from gridsim.profiles.weather.series import Weather

KELVIN = 273.15

TEMPERATURE_HEIGHT_M = 2.0
"""Where the air temperature of a weather table is measured. [m]"""


def wind_power_pu(weather: Weather, park: WindPark) -> NDArray[np.float64]:
    r"""Power at the park's grid connection per rated power of its turbines.

    .. math:: P = P_\mathrm{curve}(w\, v_\mathrm{hub}, \rho_\mathrm{hub})\; s_\mathrm{storm}\; s_\mathrm{cold}\;
              a\,(1 - l_\mathrm{wake})\,(1 - l_\mathrm{el})

    Wind is brought to hub height by a logarithmic or power-law profile, temperature by -6.5 K/km, density from pressure by the barometric
    formula, all as windpowerlib has them. The turbine's curve is averaged over the spread of wind between turbines (``averaged_curve``)
    and moved to the density of each step (``density_corrected_power_pu``). Storm and cold stop turbines with hysteresis (``cut_out``).

    Parameters
    ----------
    weather : Weather
        Needs ``wind_speed_m_per_s``; for density and cold also ``temperature_degc``. Where ``pressure_pa`` is missing, that of the
        standard atmosphere at the site's altitude is taken.
    park : WindPark
        What is built.

    Returns
    -------
    array, shape (T,)
        Mean power of each step. [pu of rated power]

    Notes
    -----
    One profile for all hours: the real profile is steeper at night. The hysteresis sees means of a step, not gusts: hourly data restart
    an hour later than turbines do. A cut-out at a measured speed does not move with density (windpowerlib's does, by up to 8 % of speed).
    """
    problems = _problems(weather, park)
    if problems:
        raise DefinitionError("the weather for a wind park", problems)
    turbine = park.turbine_type
    free = hub_speed_m_per_s(weather, park)
    speed = free * _speed_left_by_wakes(free, park)
    curve_speeds, curve_power = averaged_curve(np.asarray(turbine.speeds_m_per_s), np.asarray(turbine.power_pu), park.spread_m_per_s)
    if park.density_correction:
        power = density_corrected_power_pu(speed, hub_density_kg_per_m3(weather, park), curve_speeds, curve_power)
    else:
        power = np.interp(speed, curve_speeds, curve_power, left=0.0, right=0.0)
    ramp = park.storm_ramp_m_per_s if park.storm == "ramp_down" else 0.0
    power = power * storm_share(speed, park.spread_m_per_s, turbine.cut_out_m_per_s, turbine.restart_m_per_s, ramp)
    if park.cold_cut_out:
        power = power * cold_running(_hub_kelvin(weather, park) - KELVIN, park.stop_below_degc, park.cold_restart_above_k)
    return power * park.availability * (1.0 - park.wake_loss_share) * (1.0 - park.electrical_losses_share)


def hub_speed_m_per_s(weather: Weather, park: WindPark) -> NDArray[np.float64]:
    """Free wind at hub height; the measured wind itself where it was measured there. [m/s]"""
    from windpowerlib import wind_speed

    measured: NDArray[np.float64] = weather.table["wind_speed_m_per_s"].to_numpy(dtype=float)
    if weather.wind_height_m == park.hub_m:
        return measured
    if park.shear_exponent is not None:
        return np.asarray(wind_speed.hellman(measured, weather.wind_height_m, park.hub_m, hellman_exponent=park.shear_exponent))
    return np.asarray(wind_speed.logarithmic_profile(measured, weather.wind_height_m, park.hub_m, park.roughness_m))


def hub_density_kg_per_m3(weather: Weather, park: WindPark) -> NDArray[np.float64]:
    """Density of the air at hub height. [kg/m3]"""
    from windpowerlib import density

    if "pressure_pa" in weather.table:
        pressure_pa = weather.table["pressure_pa"].to_numpy(dtype=float)
    else:
        pressure_pa = np.full(len(weather.table), standard_pressure_pa(weather.site.altitude_m))
    return np.asarray(density.barometric(pressure_pa, 0.0, park.hub_m, _hub_kelvin(weather, park)))


def standard_pressure_pa(altitude_m: float) -> float:
    """Pressure of the standard atmosphere (ISO 2533, below 11 km). [Pa]

    Examples
    --------
    >>> round(standard_pressure_pa(1000.0))
    89875
    """
    return float(101325.0 * (1.0 - 0.0065 * altitude_m / 288.15) ** 5.25588)


def _hub_kelvin(weather: Weather, park: WindPark) -> NDArray[np.float64]:
    from windpowerlib import temperature

    measured = weather.table["temperature_degc"].to_numpy(dtype=float) + KELVIN
    return np.asarray(temperature.linear_gradient(measured, TEMPERATURE_HEIGHT_M, park.hub_m))


def _speed_left_by_wakes(speed_m_per_s: NDArray[np.float64], park: WindPark) -> NDArray[np.float64] | float:
    if park.wake_curve == "none":
        return 1.0
    from windpowerlib.wake_losses import get_wind_efficiency_curve

    curve = get_wind_efficiency_curve(curve_name=park.wake_curve)
    return np.interp(speed_m_per_s, curve["wind_speed"].to_numpy(), curve["efficiency"].to_numpy())


def _problems(weather: Weather, park: WindPark) -> list[Problem]:
    columns = set(weather.table.columns)
    problems = []
    if "wind_speed_m_per_s" not in columns:
        problems.append(Problem("wind_speed_m_per_s", "is missing", "add a column of wind speed, and its height as wind_height_m"))
    if "temperature_degc" not in columns and (park.density_correction or park.cold_cut_out):
        remedy = "add a column of air temperature, or set density_correction and cold_cut_out to false"
        problems.append(Problem("temperature_degc", "is missing", remedy))
    on_the_ground = weather.wind_height_m <= park.roughness_m and park.shear_exponent is None
    if weather.wind_height_m <= 0.0 or on_the_ground:
        found = f"{weather.wind_height_m:g} m is not above the roughness of the ground"
        problems.append(Problem("wind_height_m", found, "give the height of the wind measurement in m"))
    return problems
