"""Typical years of NREL in the TMY3 format, read by pvlib."""

from __future__ import annotations

import datetime
import io

import numpy as np
import pandas as pd

from gridsim.errors import Problem
from gridsim.profiles.site import Site
from gridsim.profiles.weather.finding import Finding
from gridsim.profiles.weather.importers.raw import PVLIB_COLUMNS, Options, Raw
from gridsim.profiles.weather.importers.whole_years import is_typical

MISSING = -9900.0
"""Stands for a missing value; S. Wilcox and W. Marion, "Users Manual for TMY3 Data Sets", NREL/TP-581-43156, 2008."""


def recognises(text: str) -> bool:
    """Tell a TMY3 file by the names of its date and time columns in the second line."""
    lines = text.split("\n", 2)
    return len(lines) > 1 and lines[1].startswith("Date (MM/DD/YYYY),Time (HH:MM)")


def read(text: str, options: Options, problems: list[Problem]) -> Raw | None:
    """Return the weather of a TMY3 file."""
    from pvlib.iotools import read_tmy3

    data, meta = read_tmy3(io.StringIO(text), map_variables=True)
    table = data[list(PVLIB_COLUMNS)].astype(float)
    table = table.where(table > MISSING + 1.0).rename(columns=PVLIB_COLUMNS)
    table["relative_humidity"] /= 100.0
    table["pressure_pa"] *= 100.0
    # the file's own dates instead of pvlib's index, which moves the end of 28 February in a leap year into March
    dates = pd.to_datetime(data["Date (MM/DD/YYYY)"], format="%m/%d/%Y")
    hours = data["Time (HH:MM)"].str.split(":").str[0].astype(int)
    typical = is_typical(dates.dt.year.to_numpy(), dates.dt.month.to_numpy())
    table.index = pd.DatetimeIndex((dates + pd.to_timedelta(hours - 1, unit="h")).to_numpy())
    note = "TMY3 hours end the interval; temperature, wind, pressure and humidity were read at its end and stand for the whole hour"
    return Raw(
        table,
        origin=f"TMY3 typical year of {str(meta['Name']).strip(chr(34))}, {meta['State']} (NREL)",
        interval="start",
        site=Site(float(meta["latitude"]), float(meta["longitude"]), float(meta["altitude"])),
        utc_offset=datetime.timedelta(hours=float(np.asarray(meta["TZ"]))),
        typical=typical,
        licence="public domain (US government)",
        findings=[Finding("interval", "note", note)],
        file_step_minutes=60,
    )
