"""Weather by coordinates from PVGIS and NASA POWER, through pvlib; without a network it says so and names the other ways."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gridsim.errors import DefinitionError, Problem
from gridsim.profiles.site import Site
from gridsim.profiles.weather.finding import Finding
from gridsim.profiles.weather.importers import Imported, pvgis
from gridsim.profiles.weather.importers.assemble import assemble
from gridsim.profiles.weather.importers.raw import Options, Raw

if TYPE_CHECKING:
    from gridsim.profiles.weather.regular import Fill

NASA_COLUMNS = {
    "ALLSKY_SFC_SW_DWN": "ghi_w_per_m2",
    "ALLSKY_SFC_SW_DNI": "dni_w_per_m2",
    "ALLSKY_SFC_SW_DIFF": "dhi_w_per_m2",
    "T2M": "temperature_degc",
    "WS50M": "wind_speed_m_per_s",
    "PS": "pressure_pa",
    "RH2M": "relative_humidity",
}
NASA_WIND_HEIGHT_M = 50.0
NASA_LICENCE = "NASA POWER, open data; the source is to be named"

OTHER_WAYS = "read a file instead (gridsim reads EPW, PVGIS, NSRDB, ERA5 NetCDF, CSV and Excel), or make a synthetic year"


def fetch_pvgis(site: Site, year: int | None = None, *, time_zone: str | None = None, fill: Fill | None = None, timeout_seconds: float = 60.0) -> Imported:
    """Fetch the typical year of a place from PVGIS, or one calendar year of its hourly series.

    Parameters
    ----------
    site : Site
        The place.
    year : int, optional
        Calendar year; the typical year if left out.
    time_zone : str, optional
        Zone of the result; the whole-hour zone of the longitude if left out.
    fill : "climatology", optional
        As in `read_weather`.
    timeout_seconds : float
        How long to wait for an answer. [s]

    Returns
    -------
    Imported
        Irradiance, temperature and wind at 10 m; the typical year also pressure and humidity.

    Raises
    ------
    DefinitionError
        If PVGIS cannot be reached, has no data there, or sends something else.
    """
    from pvlib.iotools import get_pvgis_hourly, get_pvgis_tmy

    place = (site.latitude_deg, site.longitude_deg)
    subject = f"PVGIS {'typical year' if year is None else year} of {_shown(site)}"
    options = Options(subject, site, time_zone, year=year, fill=fill)
    problems: list[Problem] = []

    def ask() -> Raw | None:
        if year is None:
            data, meta = get_pvgis_tmy(*place, coerce_year=None, timeout=timeout_seconds)
            return pvgis.of_typical_year(data, meta)
        data, meta = get_pvgis_hourly(*place, start=year, end=year, timeout=timeout_seconds)
        return pvgis.of_hourly(data, meta, subject, problems)

    raw = _asked("PVGIS", subject, ask)
    return _assembled(raw, options, problems)


def fetch_nasa_power(site: Site, first_year: int, last_year: int, *, time_zone: str | None = None, fill: Fill | None = None) -> Imported:
    """Fetch calendar years from NASA POWER (CERES irradiance, MERRA-2 weather).

    Parameters
    ----------
    site : Site
        The place.
    first_year, last_year : int
        Calendar years, from 2001 for irradiance.
    time_zone : str, optional
        Zone of the result; the whole-hour zone of the longitude if left out.
    fill : "climatology", optional
        As in `read_weather`.

    Returns
    -------
    Imported
        Irradiance, temperature, wind at 50 m, pressure and humidity, hourly means from their start.

    Raises
    ------
    DefinitionError
        If NASA POWER cannot be reached, has no data there, or sends something else.
    """
    from pvlib.iotools import get_nasa_power

    subject = f"NASA POWER {first_year} to {last_year} of {_shown(site)}"
    if last_year < first_year:
        found = f"the last year {last_year} is before the first, {first_year}"
        raise DefinitionError(subject, [Problem("last_year", found, "give the years in their order")])
    options = Options(subject, site, time_zone, fill=fill)

    def ask() -> Raw:
        data, meta = get_nasa_power(
            site.latitude_deg,
            site.longitude_deg,
            datetime.date(first_year, 1, 1),
            datetime.date(last_year, 12, 31),
            parameters=list(NASA_COLUMNS),
            map_variables=False,
        )
        return _of_nasa_power(data, meta, site)

    return _assembled(_asked("NASA POWER", subject, ask), options, [])


def _of_nasa_power(data: pd.DataFrame, meta: dict[str, Any], site: Site) -> Raw:
    table = data[[name for name in NASA_COLUMNS if name in data]].astype(float).rename(columns=NASA_COLUMNS)
    table["relative_humidity"] /= 100.0
    table["pressure_pa"] *= 1000.0
    table.index = pd.DatetimeIndex(data.index)
    sources = ", ".join(meta.get("sources", ["CERES", "MERRA2"]))
    cell = Site(float(meta["latitude"]), float(meta["longitude"]), float(meta.get("altitude", site.altitude_m)))
    units = meta.get("parameters", {})
    if units.get("PS", {}).get("units", "kPa") != "kPa":
        message = f"pressure in {units['PS']['units']}, expected kPa"
        raise ValueError(message)
    note = Finding("interval", "note", "NASA POWER hours begin at their stamp")
    return Raw(table, f"NASA POWER hourly ({sources})", "start", cell, datetime.timedelta(0), False, NASA_WIND_HEIGHT_M, NASA_LICENCE, [note], 60)


def _asked(service: str, subject: str, ask: Callable[[], Raw | None]) -> Raw | None:
    """Ask a service, and turn whatever goes wrong on the way into words."""
    import requests

    try:
        return ask()
    except requests.exceptions.Timeout as error:
        problem = Problem(service, "does not answer in time", f"try again later, or {OTHER_WAYS}")
        raise DefinitionError(subject, [problem]) from error
    except requests.exceptions.ConnectionError as error:
        problem = Problem(service, "cannot be reached: is there a network?", OTHER_WAYS)
        raise DefinitionError(subject, [problem]) from error
    except requests.exceptions.HTTPError as error:
        problem = Problem(service, f"refuses: {str(error)[:200]}", f"check place and years, or {OTHER_WAYS}")
        raise DefinitionError(subject, [problem]) from error
    except (requests.exceptions.RequestException, ValueError, KeyError, TypeError, IndexError) as error:
        found = f"sends an answer that cannot be read ({type(error).__name__}: {str(error)[:120]})"
        raise DefinitionError(subject, [Problem(service, found, f"try again later, or {OTHER_WAYS}")]) from error


def _assembled(raw: Raw | None, options: Options, problems: list[Problem]) -> Imported:
    result = assemble(raw, options, problems) if raw is not None else None
    if problems or result is None:
        raise DefinitionError(options.shown, problems)
    return Imported(*result)


def _shown(site: Site) -> str:
    return f"{np.round(site.latitude_deg, 3)} N {np.round(site.longitude_deg, 3)} E"
