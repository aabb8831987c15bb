"""From the stamps of a file to standard time at a fixed offset: zones, daylight saving, local standard time of a site."""

from __future__ import annotations

import datetime
import re
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from gridsim.errors import Problem, quoted
from gridsim.profiles.weather.finding import Finding, label

if TYPE_CHECKING:
    from gridsim.profiles.site import Site

_FIXED = re.compile(r"^(?:utc|gmt)?\s*([+-])\s*(\d{1,2})(?::?(\d{2}))?$", re.IGNORECASE)


def zone_of(name: str) -> ZoneInfo | datetime.timedelta | None:
    """Return a named zone, the offset of a fixed one such as ``+08:00`` or ``UTC+8``, or None where there is none."""
    fixed = _FIXED.match(name.strip())
    if fixed:
        offset = datetime.timedelta(hours=int(fixed[2]), minutes=int(fixed[3] or 0))
        return offset if fixed[1] == "+" else -offset
    if name.strip().upper() in ("UTC", "GMT", "Z"):
        return datetime.timedelta(0)
    try:
        return ZoneInfo(name.strip())
    except (KeyError, ValueError, OSError):
        return None


def standard_offset(zone: ZoneInfo | datetime.timedelta, year: int) -> datetime.timedelta:
    """Offset of a zone from UTC without daylight saving: the smaller one of January and July."""
    if isinstance(zone, datetime.timedelta):
        return zone
    offsets = [datetime.datetime(year, month, 1, tzinfo=zone).utcoffset() for month in (1, 7)]
    return min(offset for offset in offsets if offset is not None)


def solar_zone(site: Site) -> datetime.timedelta:
    """Whole-hour zone of a longitude, 15 deg an hour: what is assumed where nobody says more."""
    return datetime.timedelta(hours=round(site.longitude_deg / 15.0))


def shown_offset(offset: datetime.timedelta) -> str:
    """Write an offset as ``UTC+08:00``."""
    minutes = round(offset.total_seconds() / 60)
    return f"UTC{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def zone_argument(name: str | None, argument: str, shown: str, problems: list[Problem]) -> ZoneInfo | datetime.timedelta | None:
    """Return the zone that an argument names, or note that it names none."""
    if name is None:
        return None
    zone = zone_of(name)
    if zone is None:
        problems.append(Problem(argument, f"{quoted(name)} is not a time zone", "write Asia/Shanghai, UTC or +08:00", shown))
    return zone


def without_daylight_saving(
    index: pd.DatetimeIndex, step_minutes: int, zone: ZoneInfo | datetime.timedelta | None, findings: list[Finding], problems: list[Problem], shown: str
) -> pd.DatetimeIndex:
    """Find an hour that is missing in spring and one that is double in autumn; resolve them in the zone, if it has them.

    Parameters
    ----------
    index : DatetimeIndex
        Naive stamps in the order of the file.
    step_minutes : int
        Length of a step. [min]
    zone : ZoneInfo or timedelta, optional
        Zone that the stamps are said to be in.
    findings, problems, shown
        Where to tell it, and the file's name.

    Returns
    -------
    DatetimeIndex
        Naive stamps in standard time of the zone.
    """
    missing, double = _lost_hours(index, step_minutes), _double_hours(index, step_minutes)
    if isinstance(zone, ZoneInfo) and _has_daylight_saving(zone, index) and (len(missing) or len(double)):
        years = range(index.min().year, index.max().year + 1)
        switches = [_switches(zone, year) for year in years]
        spring = {switch[0].floor("h") for switch in switches if switch[0] is not None}
        if any(stamp in spring for stamp in missing) or _double_at_switch(double, switches):
            aware = index.tz_localize(zone, ambiguous=_second_passes(index), nonexistent="shift_forward")
            found = f"stamps are local time with daylight saving of {zone.key}: led back to standard time"
            findings.append(Finding("daylight_saving", "note", found, "", len(missing) + len(double), label((missing or double)[0])))
            offset = standard_offset(zone, index[0].year)
            return aware.tz_convert("UTC").tz_localize(None) + pd.Timedelta(offset)
    if len(missing) == len(double) and len(missing) and all(lost.month != twice.month for lost, twice in zip(missing, double, strict=True)):
        found = f"the hour {label(missing[0])} is missing and the hour {label(double[0])} is double: stamps follow daylight saving"
        remedy = "say the zone with stamps_in='Europe/Berlin' or the like, or export in standard time"
        problems.append(Problem("time", found, remedy, shown))
    return index


def _lost_hours(index: pd.DatetimeIndex, step_minutes: int) -> list[pd.Timestamp]:
    """Sundays' single missing hours before five in the morning."""
    unique = pd.DatetimeIndex(np.unique(index.to_numpy()))
    jump = np.flatnonzero(np.diff(unique.asi8) == (60 + step_minutes) * 60 * 10**9)
    lost = unique[jump] + pd.Timedelta(minutes=step_minutes)
    return [stamp.floor("h") for stamp in lost if stamp.weekday() == 6 and stamp.hour < 5]


def _double_hours(index: pd.DatetimeIndex, step_minutes: int) -> list[pd.Timestamp]:
    """Sundays' hours before five in the morning of which every step comes twice."""
    twice = index[index.duplicated(keep="first")]
    hours = pd.Series(1, index=twice).groupby(twice.floor("h")).sum() if len(twice) else pd.Series(dtype=int)
    steps = min(2, max(1, 60 // step_minutes))
    return [stamp for stamp, count in hours.items() if count >= steps and stamp.weekday() == 6 and stamp.hour < 5]


def _has_daylight_saving(zone: ZoneInfo, index: pd.DatetimeIndex) -> bool:
    return any(switch is not None for year in range(index.min().year, index.max().year + 1) for switch in _switches(zone, year))


def _switches(zone: ZoneInfo, year: int) -> tuple[pd.Timestamp | None, pd.Timestamp | None]:
    """Wall-clock hour that is lost and the one that is double in a year."""
    hours = pd.date_range(f"{year}-01-01", f"{year}-12-31 23:00", freq="h", tz="UTC").tz_convert(zone)
    wall = hours.tz_localize(None)
    change = np.diff(wall.asi8) // 10**9
    lost, twice = np.flatnonzero(change == 7200), np.flatnonzero(change == 0)
    return (wall[lost[0]] + pd.Timedelta(hours=1) if lost.size else None), (wall[twice[0]] if twice.size else None)


def _double_at_switch(double: list[pd.Timestamp], switches: list[tuple[pd.Timestamp | None, pd.Timestamp | None]]) -> bool:
    autumn = {switch[1] for switch in switches if switch[1] is not None}
    return any(stamp in autumn for stamp in double)


def _second_passes(index: pd.DatetimeIndex) -> np.ndarray:
    """Of double stamps the first is daylight-saving time, the second standard time."""
    return ~index.duplicated(keep="first")
