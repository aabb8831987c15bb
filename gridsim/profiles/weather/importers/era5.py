"""NetCDF of ERA5 (Copernicus) and of atlite cut-outs made from it, read by xarray: the cell nearest to the site."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gridsim.errors import Problem
from gridsim.profiles.site import Site
from gridsim.profiles.weather.finding import Finding
from gridsim.profiles.weather.importers.horizontal import BEAM_NOTE, beam_w_per_m2
from gridsim.profiles.weather.importers.raw import Options, Raw

if TYPE_CHECKING:
    import xarray

MAGIC = (b"CDF\x01", b"CDF\x02", b"CDF\x05", b"\x89HDF")
LATITUDES, LONGITUDES, TIMES = ("latitude", "lat", "y"), ("longitude", "lon", "x"), ("time", "valid_time")
LICENCE = "contains modified Copernicus Climate Change Service information"

BRIGHTEST_HOUR_J_PER_M2 = 1500.0 * 3600.0
"""No hour brings more; larger sums were accumulated over the day, as ERA5-Land does. [J/m2]"""


def recognises(head: bytes) -> bool:
    """Tell a NetCDF or HDF5 file by its first bytes."""
    return head.startswith(MAGIC)


def read(path: Path, options: Options, problems: list[Problem]) -> Raw | None:
    """Return the weather of the cell nearest to the site."""
    import xarray

    try:
        with xarray.open_dataset(path) as data:
            return _of_dataset(data, path.name, options, problems)
    except (OSError, ValueError, RuntimeError) as error:
        problems.append(Problem("", f"cannot be read as NetCDF ({type(error).__name__}: {str(error)[:120]})", "download it again", options.shown))
        return None


def _of_dataset(data: xarray.Dataset, name: str, options: Options, problems: list[Problem]) -> Raw | None:
    axes = [next((axis for axis in names if axis in data.coords), None) for names in (TIMES, LATITUDES, LONGITUDES)]
    if axes[0] is None:
        problems.append(Problem("time", f"has no coordinate {' or '.join(TIMES)}", "give hourly ERA5 single-level data", options.shown))
        return None
    findings: list[Finding] = []
    cell, site = _nearest(data, axes[1], axes[2], options, findings, problems)
    if cell is None or site is None:
        return None
    for extra in [dimension for dimension in cell.dims if dimension != axes[0]]:
        cell = cell.isel({extra: 0})
        findings.append(Finding("dimensions", "note", f"the first of several along '{extra}' is used"))
    stamps = pd.DatetimeIndex(cell[axes[0]].to_numpy())
    values = {str(key): cell[key].to_numpy().astype(float) for key in cell.data_vars if cell[key].dims == (axes[0],)}
    table, height_m = _instants(values, stamps)
    sums = _sums(values, stamps, findings)
    if sums is not None:
        middles = (sums.index + pd.Timedelta(minutes=30)).tz_localize("UTC")
        if "dhi_w_per_m2" in sums:
            sums["dni_w_per_m2"] = beam_w_per_m2(sums["ghi_w_per_m2"].to_numpy(), sums["dhi_w_per_m2"].to_numpy(), middles, site)
            findings.append(Finding("dni", "note", BEAM_NOTE))
        table = sums.join(table, how="outer")
        note = "radiation of the hour before the stamp, other quantities at the stamp, which stand for the hour that begins there"
        findings.append(Finding("interval", "note", f"ERA5: {note}"))
    if table.empty or not len(table.columns):
        known = "ssrd, fdir, t2m, u10/v10, u100/v100, sp; wnd100m, influx_direct, influx_diffuse, temperature"
        problems.append(Problem("variables", f"holds {', '.join(values) or 'none'}", f"known: {known}", options.shown))
        return None
    module = str(data.attrs.get("module", ""))
    origin = f"{'atlite cut-out' if module or 'wnd100m' in values else 'ERA5'} {name}, cell {site.latitude_deg:.2f} N {site.longitude_deg:.2f} E"
    return Raw(table, origin, "start", site, datetime.timedelta(0), False, height_m, LICENCE, findings, None)


def _nearest(
    data: xarray.Dataset, latitude: str | None, longitude: str | None, options: Options, findings: list[Finding], problems: list[Problem]
) -> tuple[xarray.Dataset | None, Site | None]:
    """Return the cell nearest to the site, and the cell's place; a site beyond the grid is a problem."""
    altitude_m = options.site.altitude_m if options.site else 0.0
    if latitude is None or longitude is None:
        if options.site is None:
            problems.append(Problem("site", "the file does not say where it is", "give the site", options.shown))
        return data, options.site
    latitudes, longitudes = np.atleast_1d(data[latitude].to_numpy()).astype(float), np.atleast_1d(data[longitude].to_numpy()).astype(float)
    if options.site is None:
        if latitudes.size * longitudes.size > 1:
            found = f"holds {latitudes.size} x {longitudes.size} cells"
            problems.append(Problem("site", found, "give the site whose nearest cell shall be used", options.shown))
            return None, None
        wanted = Site(latitudes[0], longitudes[0], 0.0)
    else:
        wanted = options.site
    turn = (longitudes - wanted.longitude_deg + 180.0) % 360.0 - 180.0
    row, column = int(np.abs(latitudes - wanted.latitude_deg).argmin()), int(np.abs(turn).argmin())
    apart_deg = (abs(latitudes[row] - wanted.latitude_deg), abs(turn[column]))
    spacing_deg = [np.abs(np.diff(axis)).max() if axis.size > 1 else 0.25 for axis in (latitudes, longitudes)]
    if any(apart > spacing for apart, spacing in zip(apart_deg, spacing_deg, strict=True)):
        found = f"covers {latitudes.min():g} to {latitudes.max():g} N, {longitudes.min():g} to {longitudes.max():g} E; the site is outside"
        problems.append(Problem("site", found, "download the area around the site", options.shown))
        return None, None
    for axis, place in ((latitude, row), (longitude, column)):
        if axis in data.dims:
            data = data.isel({axis: place})
    cell_longitude = (longitudes[column] + 180.0) % 360.0 - 180.0
    kilometres = 111.2 * float(np.hypot(apart_deg[0], apart_deg[1] * np.cos(np.radians(wanted.latitude_deg))))
    findings.append(Finding("cell", "note", f"nearest cell {latitudes[row]:g} N {cell_longitude:g} E, {kilometres:.0f} km from the site"))
    return data, Site(float(latitudes[row]), float(cell_longitude), altitude_m)


def _instants(values: dict[str, np.ndarray], stamps: pd.DatetimeIndex) -> tuple[pd.DataFrame, float]:
    """Quantities that hold at the stamp, and the height of the wind, the highest that there is. [m]"""
    table, height_m = {}, 10.0
    for kelvin in ("t2m", "temperature"):
        if kelvin in values:
            table["temperature_degc"] = values[kelvin] - 273.15
            break
    if "wnd100m" in values:
        table["wind_speed_m_per_s"], height_m = values["wnd100m"], 100.0
    else:
        for height in (100, 10):
            if f"u{height}" in values and f"v{height}" in values:
                table["wind_speed_m_per_s"], height_m = np.hypot(values[f"u{height}"], values[f"v{height}"]), float(height)
                break
    if "sp" in values:
        table["pressure_pa"] = values["sp"]
    if "d2m" in values and "t2m" in values:
        table["relative_humidity"] = np.clip(_vapour_pressure_pa(values["d2m"]) / _vapour_pressure_pa(values["t2m"]), 0.0, 1.0)
    return pd.DataFrame(table, index=stamps), height_m


def _vapour_pressure_pa(kelvin: np.ndarray) -> np.ndarray:
    r"""Saturation vapour pressure over water, :math:`611.21 \exp(17.502 (T - 273.16)/(T - 32.19))`. [Pa]

    References
    ----------
    .. [1] ECMWF, "IFS Documentation CY47R3, Part IV: Physical Processes," 2021, eq. 7.5 (Buck 1981; Alduchov and Eskridge 1996).
    """
    pressure: np.ndarray = 611.21 * np.exp(17.502 * (kelvin - 273.16) / (kelvin - 32.19))
    return pressure


def _sums(values: dict[str, np.ndarray], stamps: pd.DatetimeIndex, findings: list[Finding]) -> pd.DataFrame | None:
    """Radiation as means of hours that begin at the index: an hour before the stamps. [W/m2]"""
    starts = stamps - pd.Timedelta(hours=1)
    if "influx_direct" in values and "influx_diffuse" in values:
        both = {"ghi_w_per_m2": values["influx_direct"] + values["influx_diffuse"], "dhi_w_per_m2": values["influx_diffuse"]}
        return pd.DataFrame(both, index=starts)
    if "ssrd" not in values:
        return None
    sums = {key: values[key] for key in ("ssrd", "fdir") if key in values}
    if np.nanmax(values["ssrd"]) > BRIGHTEST_HOUR_J_PER_M2:
        sums = {key: _of_each_hour(value, stamps) for key, value in sums.items()}
        findings.append(Finding("accumulation", "note", "radiation is accumulated from midnight UTC (ERA5-Land); hours are its differences"))
    table = pd.DataFrame({"ghi_w_per_m2": sums["ssrd"] / 3600.0}, index=starts)
    if "fdir" in sums:
        table["dhi_w_per_m2"] = np.maximum(sums["ssrd"] - sums["fdir"], 0.0) / 3600.0
    return table


def _of_each_hour(accumulated: np.ndarray, stamps: pd.DatetimeIndex) -> np.ndarray:
    """Differences of a sum that begins anew with each day's first hour, stamped 01:00; the very first stamp may lack its hour before."""
    hours = np.diff(accumulated, prepend=np.nan)
    return np.where(stamps.hour == 1, accumulated, hours)
