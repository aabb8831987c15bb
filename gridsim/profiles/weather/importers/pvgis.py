"""Files of PVGIS (EU Joint Research Centre): typical years and hourly series, CSV and JSON, read by pvlib."""

from __future__ import annotations

import datetime
import io
import json
import re
from typing import Any

import numpy as np
import pandas as pd

from gridsim.errors import Problem
from gridsim.profiles.site import Site
from gridsim.profiles.weather.finding import Finding
from gridsim.profiles.weather.importers.horizontal import BEAM_NOTE, beam_w_per_m2
from gridsim.profiles.weather.importers.raw import PVLIB_COLUMNS, Options, Raw
from gridsim.profiles.weather.regular import most_common_step

LICENCE = "PVGIS (c) European Union; free reuse if the source is named"


def recognises(text: str) -> bool:
    """Tell a PVGIS file by its first line or, in JSON, by its tables."""
    if text.lstrip().startswith("{"):
        return '"tmy_hourly"' in text or ('"outputs"' in text and '"hourly"' in text)
    return text.startswith("Latitude (decimal degrees)")


def read(text: str, options: Options, problems: list[Problem]) -> Raw | None:
    """Return the weather of a PVGIS file of any of the four kinds."""
    from pvlib.iotools import read_pvgis_hourly, read_pvgis_tmy

    if text.lstrip().startswith("{"):
        kind = "json"
        try:
            typical = "tmy_hourly" in json.loads(text)["outputs"]
        except ValueError as error:
            problems.append(Problem("", f"is broken JSON: {error}", "download it again", options.shown))
            return None
    else:
        kind, typical = "csv", "time(UTC)" in text
    if typical and kind == "csv" and (rows := len(re.findall(r"^\d{8}:\d{4},", text, re.MULTILINE))) != 8760:
        problems.append(Problem("time", f"has {rows} rows, a typical year has 8760", "download the file again", options.shown))
        return None
    if typical:
        stream = io.StringIO(text) if kind == "json" else io.BytesIO(text.encode())
        data, meta = read_pvgis_tmy(stream, pvgis_format=kind, map_variables=True)
        return of_typical_year(data, meta)
    data, meta = read_pvgis_hourly(io.StringIO(text), pvgis_format=kind, map_variables=True)
    return of_hourly(data, meta, options.shown, problems)


def of_typical_year(data: pd.DataFrame, meta: dict[str, Any]) -> Raw:
    """Return the weather of a typical year as pvlib hands it over."""
    inputs = meta["inputs"]
    place = inputs.get("location", inputs)
    table = _canonical(data)
    table.index = pd.DatetimeIndex(data.index)
    years = sorted({month["year"] for month in meta.get("months_selected", [])})
    offset_h = inputs.get("irradiance time offset", place.get("irradiance time offset"))
    source = inputs.get("meteo_data", {})
    origin = "PVGIS typical year" + (f", months of {years[0]} to {years[-1]}" if years else "")
    origin += f", {source['radiation_db']}" if "radiation_db" in source else ""
    findings = [_instants(60.0 * float(offset_h) if offset_h is not None else 0.0, 60)]
    return Raw(table, origin, "start", _site(place), datetime.timedelta(0), True, 10.0, LICENCE, findings, 60)


def of_hourly(data: pd.DataFrame, meta: dict[str, Any], shown: str, problems: list[Problem]) -> Raw | None:
    """Return the weather of an hourly series as pvlib hands it over; only a horizontal plane has global irradiance."""
    inputs = meta["inputs"]
    place = inputs.get("location", inputs)
    slope = _slope_deg(inputs)
    if slope is not None and abs(slope) > 0.01:
        found = f"holds irradiance on a plane of {slope:g} deg, not on the ground"
        problems.append(Problem("slope", found, "download hourly radiation with slope 0 and all its components", shown))
        return None
    if "poa_direct" in data and "poa_sky_diffuse" in data:
        reflected = data["poa_ground_diffuse"] if "poa_ground_diffuse" in data else 0.0
        data = data.assign(ghi=data["poa_direct"] + data["poa_sky_diffuse"] + reflected, dhi=data["poa_sky_diffuse"])
    elif "poa_global" in data:
        data = data.rename(columns={"poa_global": "ghi"})
    stamps = pd.DatetimeIndex(data.index)
    site = _site(place)
    table = _canonical(data)
    table.index = stamps
    if "dhi_w_per_m2" in table:
        table["dni_w_per_m2"] = beam_w_per_m2(table["ghi_w_per_m2"].to_numpy(), table["dhi_w_per_m2"].to_numpy(), stamps, site)
        notes = [Finding("dni", "note", BEAM_NOTE)]
    else:
        notes = []
    step = most_common_step(stamps) or 60
    database = inputs.get("radiation_database") or inputs.get("meteo_data", {}).get("radiation_db", "")
    findings = [_instants(float(stamps[0].minute % step), step), *notes]
    return Raw(table, f"PVGIS hourly series, {database}".rstrip(", "), "start", site, datetime.timedelta(0), False, 10.0, LICENCE, findings)


def _canonical(data: pd.DataFrame) -> pd.DataFrame:
    present = {old: new for old, new in PVLIB_COLUMNS.items() if old in data}
    table = data[list(present)].astype(float).rename(columns=present)
    if "relative_humidity" in table:
        table["relative_humidity"] /= 100.0
    return table


def _instants(minute: float, step_minutes: int) -> Finding:
    """Say what PVGIS's stamps mean: satellite scenes at some minute of the hour, or hourly means of a reanalysis."""
    early = step_minutes / 2.0 - minute
    if abs(early) <= 1.0:
        return Finding("interval", "note", f"PVGIS stamps lie {minute:.0f} min into the hour: the middle of the step that they are taken for")
    found = (
        f"PVGIS irradiance is a picture {minute:.0f} min into the hour and stands for the whole hour, {abs(early):.0f} min "
        f"{'early' if early > 0 else 'late'} against its middle; values are kept as they are"
    )
    return Finding("interval", "note", found, "for less than half an hour the sun's path is nearly even: yearly energy does not change")


def _site(place: dict[str, Any]) -> Site:
    return Site(float(place["latitude"]), float(place["longitude"]), float(place["elevation"] or 0.0))


def _slope_deg(inputs: dict[str, Any]) -> float | None:
    """Slope of the plane, from JSON's tree of mountings or from a line ``Slope: 35 deg.``; None where none is written."""
    if "mounting_system" in inputs:
        mounting = next(iter(inputs["mounting_system"].values()))
        slope = mounting.get("slope", {})
        return float(slope["value"]) if "value" in slope else None
    text = str(inputs.get("Slope", ""))
    number = re.search(r"-?\d+(\.\d+)?", text)
    return float(np.float64(number[0])) if number else None
