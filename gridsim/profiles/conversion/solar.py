"""Solar power from weather: sky, plane, cell, module, inverter, losses; every equation is pvlib's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridsim.errors import DefinitionError, Problem
from gridsim.profiles.conversion.sun import sun_at, sunlit_part

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from gridsim.profiles.conversion.solar_plant import SolarPlant
    from gridsim.profiles.conversion.sun import Sun
    from gridsim.profiles.weather.series import Weather

WIND_WITHOUT_DATA_M_PER_S = 1.0
"""Wind at the modules where the weather table has none; judged, on the warm side. [m/s]"""

WIND_HEIGHT_M = 10.0
"""Height of the wind speeds that models of cell temperature were fitted with. [m]"""

WIND_PROFILE_EXPONENT = 1 / 7
"""Brings wind of another height to ``WIND_HEIGHT_M``."""

SOLAR_CONSTANT_W_PER_M2 = 1361.0
"""Most that any component can be once a step's mean is spread over its sunlit part only. [W/m2]"""

LEAST_SUNLIT_SHARE = 0.002
"""A step with less sun than this (7 s in an hour) is night."""


def solar_power_pu(weather: Weather, plant: SolarPlant, basis: str = "ac") -> NDArray[np.float64]:
    r"""Power at the plant's grid connection.

    Split into beam and diffuse where only the global irradiance is known [1]_, tilted [2]_ [3]_, reflected at the glass,
    heated (see ``CELL_TEMPERATURES``), then PVWatts modules and inverter [4]_:

    .. math::

        P_\mathrm{dc} &= r_\mathrm{dc/ac}\; \frac{G_b\,\mathrm{IAM} + G_d + G_\mathrm{rear}}{1000}
                         \bigl(1 + \gamma (T_c - 25)\bigr) \prod_i (1 - l_i) \\
        P &= a\,(1 - l_\mathrm{ac})\, \min\bigl(1,\ \eta(P_\mathrm{dc})\,P_\mathrm{dc}\bigr)

    Parameters
    ----------
    weather : Weather
        Needs ``temperature_degc`` and ``ghi_w_per_m2``, or ``dni_w_per_m2`` with ``dhi_w_per_m2``; uses all three and the wind where given.
    plant : SolarPlant
        What is built.
    basis : {"ac", "dc"}
        What 1.0 stands for: the inverters' capacity, or the modules' at standard test conditions. Full-load hours differ by ``dc_per_ac``.

    Returns
    -------
    array, shape (T,)
        Mean power of each step per capacity. [pu]

    Notes
    -----
    In the steps of sunrise and sunset the irradiance is spread over the sunlit part, the sun stands in the middle of that part, and the
    power counts for that part only; at night it is exactly zero. Beam that has to be found from the sum of components is left out within
    2 deg of the horizon. Rows do not shade each other; no spectral and no ageing effects.

    References
    ----------
    .. [1] D. G. Erbs et al., "Estimation of the diffuse radiation fraction," Solar Energy, vol. 28, no. 4, pp. 293-302, 1982.
       doi:10.1016/0038-092X(82)90302-4
    .. [2] J. E. Hay and J. A. Davies, "Calculations of the solar radiation incident on an inclined surface," Proc. First Canadian
       Solar Radiation Data Workshop, 1980.
    .. [3] R. Perez et al., "Modeling daylight availability and irradiance components from direct and global irradiance," Solar Energy,
       vol. 44, no. 5, pp. 271-289, 1990. doi:10.1016/0038-092X(90)90055-H
    .. [4] A. P. Dobos, "PVWatts Version 5 Manual," NREL/TP-6A20-62641, 2014. doi:10.2172/1158421
    """
    _check(weather, basis)
    starts = weather.table.index
    share, minutes = sunlit_part(starts, weather.step_minutes, weather.site, plant.sun_position)
    lit = share >= LEAST_SUNLIT_SHARE
    power = np.zeros(len(starts))
    if lit.any():
        power[lit] = share[lit] * _daylight_power_pu(weather, plant, lit, share[lit], minutes[lit])
    return power if basis == "ac" else power / plant.dc_per_ac


def rear_view(tilt_deg: NDArray[np.float64] | float, ground_coverage_ratio: float) -> NDArray[np.float64] | float:
    r"""Light on the rear of a row over the light that open, unshaded ground reflects: a documented simplification.

    .. math:: v = \frac{1 + \cos\beta}{2}\,(1 - g)

    The first factor is the rear's view of the ground; the second takes the ground under and behind rows as dark as their share of it.
    Height above ground, the sun's place and edges of the field are left out; measured gains scatter by about a third around it (judged).

    Examples
    --------
    >>> round(float(rear_view(60.0, 0.4)), 3)
    0.45
    """
    return (1.0 + np.cos(np.radians(tilt_deg))) / 2.0 * (1.0 - ground_coverage_ratio)


def _daylight_power_pu(
    weather: Weather, plant: SolarPlant, lit: NDArray[np.bool_], share: NDArray[np.float64], minutes: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Power while the sun is up, of the steps in which it is. [pu of AC capacity]"""
    from pvlib import inverter, pvsystem

    table = weather.table[lit]
    air_degc = table["temperature_degc"].to_numpy(dtype=float)
    sun = sun_at(table.index, minutes, weather.site, air_degc)
    sky = _sky(table, sun, share)
    front, rear, effective = _plane(sky, sun, plant)
    cell_degc = _cell_degc(front + rear, air_degc, _wind_at_10_m(table, weather.wind_height_m), plant)
    dc_pu = pvsystem.pvwatts_dc(effective + rear, cell_degc, pdc0=plant.dc_per_ac, gamma_pdc=plant.module_type.power_per_kelvin)
    dc_pu = dc_pu * _dc_factor(table.index, plant)
    ac_pu = inverter.pvwatts(dc_pu, pdc0=1.0 / plant.inverter_efficiency, eta_inv_nom=plant.inverter_efficiency)
    power: NDArray[np.float64] = ac_pu * plant.availability * (1.0 - plant.ac_losses_share)
    return power


def _check(weather: Weather, basis: str) -> None:
    columns = set(weather.table.columns)
    problems = []
    if "temperature_degc" not in columns:
        problems.append(Problem("temperature_degc", "is missing", "cells lose about 0.3 % of power a kelvin: add a column of air temperature"))
    if "ghi_w_per_m2" not in columns and not {"dni_w_per_m2", "dhi_w_per_m2"} <= columns:
        problems.append(Problem("ghi_w_per_m2", "is missing", "add global horizontal irradiance, or direct normal together with diffuse"))
    if basis not in {"ac", "dc"}:
        problems.append(Problem("basis", f"'{basis}' is not possible here", "choose 'ac' or 'dc'"))
    if problems:
        raise DefinitionError("the weather for a solar plant", problems)


def _sky(table: pd.DataFrame, sun: Sun, share: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """Global, direct normal and diffuse irradiance over the sunlit part of each step. [W/m2]"""
    from pvlib import irradiance

    sky = {}
    for name in ("ghi", "dni", "dhi"):
        if f"{name}_w_per_m2" in table:
            mean = table[f"{name}_w_per_m2"].to_numpy(dtype=float)
            sky[name] = np.minimum(mean / share, np.maximum(mean, SOLAR_CONSTANT_W_PER_M2))
    height = np.maximum(np.cos(np.radians(sun.zenith_deg)), 0.0)
    if "ghi" not in sky:
        sky["ghi"] = sky["dni"] * height + sky["dhi"]
    if "dni" not in sky and "dhi" not in sky:
        split = irradiance.erbs(sky["ghi"], sun.zenith_deg, sun.moments)
        return {"ghi": sky["ghi"], "dni": split["dni"].to_numpy(), "dhi": split["dhi"].to_numpy()}
    if "dni" not in sky:
        sky["dni"] = np.nan_to_num(irradiance.dni(sky["ghi"], sky["dhi"], sun.zenith_deg))
    if "dhi" not in sky:
        sky["dhi"] = np.maximum(sky["ghi"] - sky["dni"] * height, 0.0)
    return sky


def _plane(sky: dict[str, NDArray[np.float64]], sun: Sun, plant: SolarPlant) -> tuple[NDArray[np.float64], ...]:
    """Irradiance of the front, of the rear as if it were on the front, and of the front behind the reflecting glass. [W/m2]"""
    from pvlib import atmosphere, iam, irradiance

    tilt, azimuth = _orientation(sun, plant)
    plane = irradiance.get_total_irradiance(
        surface_tilt=tilt,
        surface_azimuth=azimuth,
        solar_zenith=sun.apparent_zenith_deg,
        solar_azimuth=sun.azimuth_deg,
        dni=sky["dni"],
        ghi=sky["ghi"],
        dhi=sky["dhi"],
        dni_extra=irradiance.get_extra_radiation(sun.moments).to_numpy(),
        airmass=atmosphere.get_relative_airmass(sun.apparent_zenith_deg) if plant.transposition == "perez" else None,
        albedo=plant.albedo,
        model={"hay_davies": "haydavies"}.get(plant.transposition, plant.transposition),
    )
    beam, diffuse = np.nan_to_num(plane["poa_direct"]), np.nan_to_num(plane["poa_diffuse"])
    reduction = {"physical": iam.physical, "ashrae": iam.ashrae, "none": np.ones_like}[plant.incidence]
    passed = reduction(irradiance.aoi(tilt, azimuth, sun.apparent_zenith_deg, sun.azimuth_deg))
    view = rear_view(tilt, plant.ground_coverage_ratio) if plant.rear_view_share is None else plant.rear_view_share
    bifaciality = plant.module_type.bifaciality if plant.bifacial_gain else 0.0
    rear = bifaciality * plant.albedo * view * (1.0 - plant.rear_losses_share) * sky["ghi"]
    return beam + diffuse, rear, beam * passed + diffuse


def _orientation(sun: Sun, plant: SolarPlant) -> tuple[NDArray[np.float64] | float, NDArray[np.float64] | float]:
    """Tilt and azimuth of the modules: of the rack, or of the tracker at each step; trackers lie flat at night. [deg]"""
    from pvlib import tracking

    if plant.mounting == "fixed":
        return plant.tilt_deg, plant.azimuth_deg
    turned = tracking.singleaxis(
        sun.apparent_zenith_deg,
        sun.azimuth_deg,
        axis_tilt=plant.axis_tilt_deg,
        axis_azimuth=plant.axis_azimuth_deg,
        max_angle=plant.max_rotation_deg,
        backtrack=plant.backtracking,
        gcr=plant.ground_coverage_ratio,
    )
    tilt, azimuth = np.asarray(turned["surface_tilt"]), np.asarray(turned["surface_azimuth"])
    return np.where(np.isnan(tilt), 0.0, tilt), np.where(np.isnan(azimuth), plant.axis_azimuth_deg, azimuth)


def _wind_at_10_m(table: pd.DataFrame, height_m: float) -> NDArray[np.float64]:
    if "wind_speed_m_per_s" not in table:
        return np.full(len(table), WIND_WITHOUT_DATA_M_PER_S)
    speed: NDArray[np.float64] = table["wind_speed_m_per_s"].to_numpy(dtype=float)
    return speed * (WIND_HEIGHT_M / height_m) ** WIND_PROFILE_EXPONENT


def _cell_degc(
    irradiance_w_per_m2: NDArray[np.float64], air_degc: NDArray[np.float64], wind_m_per_s: NDArray[np.float64], plant: SolarPlant
) -> NDArray[np.float64]:
    """Temperature of the cells by the plant's model. [degC]"""
    from pvlib import temperature

    model, _, mounting = plant.cell_temperature.partition("_")
    if model == "faiman":
        cells: NDArray[np.float64] = temperature.faiman(irradiance_w_per_m2, air_degc, wind_m_per_s)
        return cells
    parameters = temperature.TEMPERATURE_MODEL_PARAMETERS[model][mounting]
    if model == "sapm":
        return np.asarray(temperature.sapm_cell(irradiance_w_per_m2, air_degc, wind_m_per_s, **parameters))
    efficiency = plant.module_type.efficiency
    return np.asarray(temperature.pvsyst_cell(irradiance_w_per_m2, air_degc, wind_m_per_s, **parameters, module_efficiency=efficiency))


def _dc_factor(starts: pd.DatetimeIndex, plant: SolarPlant) -> NDArray[np.float64]:
    """What is left after soiling, snow and the other DC losses, at each step. [0..1]"""
    months = starts.month.to_numpy() - 1
    soiling, snow = (np.broadcast_to(share, 12)[months] for share in (plant.soiling_loss_share, plant.snow_loss_share))
    return (1.0 - soiling) * (1.0 - snow) * (1.0 - plant.dc_losses_share)
