"""EnergyPlus weather files (EPW), read by pvlib."""

from __future__ import annotations

import datetime
import io

import numpy as np
import pandas as pd

from gridsim.errors import Problem
from gridsim.profiles.site import Site
from gridsim.profiles.weather.finding import Finding
from gridsim.profiles.weather.importers.raw import Options, Raw
from gridsim.profiles.weather.importers.whole_years import is_typical

COLUMNS = {
    "ghi": "ghi_w_per_m2",
    "dni": "dni_w_per_m2",
    "dhi": "dhi_w_per_m2",
    "temp_air": "temperature_degc",
    "wind_speed": "wind_speed_m_per_s",
    "atmospheric_pressure": "pressure_pa",
    "relative_humidity": "relative_humidity",
}

MISSING = {"ghi": 9999.0, "dni": 9999.0, "dhi": 9999.0, "temp_air": 99.9, "wind_speed": 999.0, "atmospheric_pressure": 999999.0, "relative_humidity": 999.0}
"""Values that stand for missing ones, from the EnergyPlus Auxiliary Programs documentation, chapter on the EPW format."""


def recognises(text: str) -> bool:
    """Tell an EPW file by its first word."""
    return text.startswith("LOCATION,")


def read(text: str, options: Options, problems: list[Problem]) -> Raw | None:
    """Return the weather of an EPW file."""
    from pvlib.iotools import read_epw

    data, meta = read_epw(io.StringIO(text))
    rows_an_hour = text.split("DATA PERIODS,", 1)[-1].split(",")[1].strip() if "DATA PERIODS," in text else "1"
    if rows_an_hour != "1":
        problems.append(Problem("time", f"has {rows_an_hour} rows an hour; only hourly EPW files can be read", "export it hourly", options.shown))
        return None
    table = data[list(COLUMNS)].astype(float)
    for name, value in MISSING.items():
        table[name] = table[name].where(table[name] < value)
    table = table.rename(columns=COLUMNS)
    table["relative_humidity"] /= 100.0
    # pvlib labels the hour that ends at 01:00, the file's hour 1, by its start
    stamps = pd.DatetimeIndex(data.index).tz_localize(None)
    typical = is_typical(np.asarray(data["year"]), np.asarray(data["month"]))
    table.index = stamps
    note = "EPW hours end the interval; temperature, wind, pressure and humidity were read at its end and stand for the whole hour"
    return Raw(
        table,
        origin=f"EPW weather file of {meta['city']}, {meta['country']} ({meta['data_type']})",
        interval="start",
        site=Site(meta["latitude"], meta["longitude"], meta["altitude"]),
        utc_offset=datetime.timedelta(hours=meta["TZ"]),
        typical=typical,
        findings=[Finding("interval", "note", note)],
        file_step_minutes=60,
    )
