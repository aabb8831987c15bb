"""Files of the National Solar Radiation Database (PSM3, PSM4; the CSV format of SAM), read by pvlib."""

from __future__ import annotations

import datetime
import io

import pandas as pd

from gridsim.errors import Problem
from gridsim.profiles.site import Site
from gridsim.profiles.weather.finding import Finding
from gridsim.profiles.weather.importers.raw import PVLIB_COLUMNS, Options, Raw
from gridsim.profiles.weather.importers.whole_years import is_typical
from gridsim.profiles.weather.regular import most_common_step

WIND_HEIGHT_M = 2.0
"""Height of the wind in PSM files, assumed: they take it from MERRA-2's 2 m winds but do not say so themselves. [m]"""


def recognises(text: str) -> bool:
    """Tell an NSRDB file by its first line."""
    first = text.split("\n", 1)[0]
    return first.startswith("Source,Location ID,") and "Local Time Zone" in first


def read(text: str, options: Options, problems: list[Problem]) -> Raw | None:
    """Return the weather of an NSRDB file."""
    from pvlib.iotools import read_nsrdb_psm4

    data, meta = read_nsrdb_psm4(io.StringIO(text), map_variables=True)
    present = {old: new for old, new in PVLIB_COLUMNS.items() if old in data}
    table = data[list(present)].astype(float).rename(columns=present)
    if "relative_humidity" in table:
        table["relative_humidity"] /= 100.0
    if "pressure_pa" in table:
        table["pressure_pa"] *= 100.0
    table.index = pd.DatetimeIndex(data.index).tz_localize(None)
    stamps = table.index
    # files label the middle of the step (hh:30); those of older versions its start (hh:00), both by sun positions at the stamp
    phase_minutes = int(stamps[0].minute) % (most_common_step(stamps) or 60)
    return Raw(
        table,
        origin=f"NSRDB {meta.get('Version', '')} location {meta.get('Location ID', '')}".replace("  ", " "),
        interval="middle" if phase_minutes else "start",
        site=Site(meta["latitude"], meta["longitude"], float(meta["altitude"])),
        utc_offset=datetime.timedelta(hours=meta["Time Zone"]),
        typical=is_typical(data["Year"].to_numpy(), data["Month"].to_numpy()),
        wind_height_m=WIND_HEIGHT_M,
        licence="public domain (US government)",
        findings=[Finding("wind_height", "note", f"the file gives no height of its wind; {WIND_HEIGHT_M:g} m is assumed", "give wind_height_m")],
    )
