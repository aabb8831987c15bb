"""What each format module hands over: canonical quantities and units, on the stamps of the file."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gridsim.profiles.weather.finding import Finding
from gridsim.profiles.weather.regular import Fill, Interval

if TYPE_CHECKING:
    import pandas as pd

    from gridsim.profiles.site import Site

PVLIB_COLUMNS = {
    "ghi": "ghi_w_per_m2",
    "dni": "dni_w_per_m2",
    "dhi": "dhi_w_per_m2",
    "temp_air": "temperature_degc",
    "wind_speed": "wind_speed_m_per_s",
    "pressure": "pressure_pa",
    "relative_humidity": "relative_humidity",
}
"""Quantities by the names that pvlib's readers share."""


@dataclass(frozen=True)
class Options:
    """What the user says about a file; what is None is up to the file."""

    shown: str
    """The file, as problems name it."""
    site: Site | None = None
    time_zone: str | None = None
    stamps_in: str | None = None
    interval: Interval | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    step_minutes: int | None = None
    year: int | None = None
    fill: Fill | None = None
    whole_years: bool = True
    wind_height_m: float | None = None


@dataclass
class Raw:
    """Rows of a file in canonical units; NaN where the file holds none."""

    table: pd.DataFrame
    """Columns: some of ``gridsim.profiles.weather.series.QUANTITIES``; index: stamps as in the file, naive or aware."""
    origin: str
    interval: Interval | None = None
    """What the stamps mean, where the format or the file says it."""
    site: Site | None = None
    utc_offset: datetime.timedelta | None = None
    """Of naive stamps, where the file says it."""
    typical: bool = False
    """Months of different years put together to one."""
    wind_height_m: float = 10.0
    licence: str = ""
    findings: list[Finding] = field(default_factory=list)
    file_step_minutes: int | None = None
    """Where the format fixes it. [min]"""
