"""Weather files of every usual kind become one `Weather`, and all that was assumed, moved or filled is told."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gridsim.profiles.weather.finding import Finding

if TYPE_CHECKING:
    from gridsim.profiles.site import Site
    from gridsim.profiles.weather.regular import Fill, Interval
    from gridsim.profiles.weather.series import Weather

__all__ = ["Imported", "read_weather"]


@dataclass(frozen=True)
class Imported:
    """Weather as equal steps, and what happened to it on the way."""

    weather: Weather
    findings: tuple[Finding, ...]


def read_weather(
    path: str | os.PathLike[str],
    *,
    site: Site | None = None,
    time_zone: str | None = None,
    stamps_in: str | None = None,
    interval: Interval | None = None,
    columns: Mapping[str, str] | None = None,
    units: Mapping[str, str] | None = None,
    step_minutes: int | None = None,
    year: int | None = None,
    fill: Fill | None = None,
    whole_years: bool = True,
    wind_height_m: float | None = None,
) -> Imported:
    """Read EPW, TMY3, PVGIS, NSRDB, ERA5 or atlite NetCDF, CSV or Excel; the format is recognised by its content.

    Parameters
    ----------
    path : path
        The file.
    site : Site, optional
        Where it stands; needed where the file does not say, and where it holds a grid.
    time_zone : str, optional
        Zone of the result: its standard time all year, without daylight saving. Asia/Shanghai, +08:00, UTC.
        Left out: the zone that the file says, unless that is UTC; then the whole-hour zone of the longitude.
    stamps_in : str, optional
        Zone in which the file's stamps are written, where the file does not say; ``time_zone`` if left out. A zone with
        daylight saving resolves its missing and double hours.
    interval : "start", "end" or "middle", optional
        What the stamps of a table mark, where neither header nor stamps say it.
    columns : mapping, optional
        Column of the file for a quantity such as ``ghi_w_per_m2``.
    units : mapping, optional
        Unit of a quantity's column where its header has none, such as ``{"ghi_w_per_m2": "kW/m2"}``.
    step_minutes : int, optional
        Length of a step, where the stamps do not show it. [min]
    year : int, optional
        Year to take out of several, or label to give the only one.
    fill : "climatology", optional
        Fill gaps of more than a day with the month's mean at the same time of day, instead of refusing.
    whole_years : bool
        Ask for whole calendar years; False reads the part that there is.
    wind_height_m : float, optional
        Height of the wind's measurement where the file does not say. [m]

    Returns
    -------
    Imported
        The weather, and findings in the order in which they were made.

    Raises
    ------
    DefinitionError
        With all problems, if the file cannot be read as weather.
    """
    from gridsim.errors import DefinitionError, Problem
    from gridsim.profiles.weather.importers.assemble import assemble
    from gridsim.profiles.weather.importers.raw import Options
    from gridsim.profiles.weather.importers.recognise import read_raw

    shown = os.path.normpath(path)
    named = (dict(columns or {}), dict(units or {}))
    options = Options(shown, site, time_zone, stamps_in, interval, *named, step_minutes, year, fill, whole_years, wind_height_m)
    problems: list[Problem] = []
    raw = read_raw(Path(path), options, problems)
    result = assemble(raw, options, problems) if raw is not None else None
    if problems or result is None:
        raise DefinitionError(shown, problems)
    return Imported(*result)
