"""From a file's rows to `Weather`: starts of intervals, standard time, whole years, no gaps."""

from __future__ import annotations

import datetime
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from gridsim.errors import Problem
from gridsim.profiles.site import Site
from gridsim.profiles.weather.finding import Finding, label
from gridsim.profiles.weather.importers import clock, whole_years
from gridsim.profiles.weather.importers.horizontal import without_negative_nights
from gridsim.profiles.weather.importers.raw import Options, Raw
from gridsim.profiles.weather.regular import STEPS_MINUTES, Interval, most_common_step, regular, starts_of, tell_order
from gridsim.profiles.weather.series import QUANTITIES, Weather

Zone: TypeAlias = ZoneInfo | datetime.timedelta

FAR_KM = 50.0
"""Distance between a file's place and the site beyond which a reader should know of it; judged: two cells of ERA5. [km]"""


def assemble(raw: Raw, options: Options, problems: list[Problem]) -> tuple[Weather, tuple[Finding, ...]] | None:
    """Return the weather and all findings, or None after noting why there is none."""
    shown, findings = options.shown, raw.findings
    site = options.site or raw.site
    if site is None:
        problems.append(Problem("site", "neither file nor caller say where it was measured", "give latitude, longitude and altitude", shown))
    before = len(problems)
    zones = _zones(raw, options, problems)
    step_minutes = step_of(raw.table.index, options.step_minutes or raw.file_step_minutes, shown, problems)
    if site is None or step_minutes is None or len(problems) > before:
        return None
    if options.site and raw.site:
        _tell_distance(options.site, raw.site, findings)
    table, local = _in_local_time(raw, options, site, zones, step_minutes, problems)
    span, before = None, len(problems)
    if options.year is not None:
        table = whole_years.relabelled(table, options.year, findings, problems, shown)
    if options.whole_years and len(problems) == before:
        table, span = whole_years.span_of_years(table, step_minutes, findings, problems, shown)
    whole = len(problems) == before
    table = without_negative_nights(table[[name for name in QUANTITIES if name in table]], findings, problems, shown)
    if whole:
        table = regular(table, step_minutes, findings, problems, shown, fill=options.fill, span=span)
    if problems:
        return None
    table.index = table.index.tz_localize(datetime.timezone(local))
    return Weather(site, table, options.wind_height_m or raw.wind_height_m, raw.origin, raw.licence), tuple(findings)


def _zones(raw: Raw, options: Options, problems: list[Problem]) -> tuple[Zone | None, Zone | None]:
    """Zone of the result and of the stamps, None where nobody says it."""
    zone = clock.zone_argument(options.time_zone, "time_zone", options.shown, problems)
    said = clock.zone_argument(options.stamps_in, "stamps_in", options.shown, problems)
    if options.stamps_in is not None:
        return zone, said
    return zone, raw.utc_offset if raw.utc_offset is not None else zone


def _in_local_time(
    raw: Raw, options: Options, site: Site, zones: tuple[Zone | None, Zone | None], step_minutes: int, problems: list[Problem]
) -> tuple[pd.DataFrame, datetime.timedelta]:
    """Label the rows by the starts of their steps in local standard time, naive, and return its offset from UTC."""
    zone, stamps_zone = zones
    findings, index = raw.findings, raw.table.index
    year = int(index[0].year)
    local = clock.standard_offset(zone, year) if zone is not None else _assumed_zone(raw, site, stamps_zone, findings)
    offset = clock.standard_offset(stamps_zone, year) if stamps_zone is not None else local
    if index.tz is not None:
        index, offset = index.tz_convert("UTC").tz_localize(None), datetime.timedelta(0)
    else:
        index = clock.without_daylight_saving(index, step_minutes, stamps_zone, findings, problems, options.shown)
    interval = interval_of(index, step_minutes, options.interval or raw.interval, findings)
    starts = starts_of(index, step_minutes, interval)
    typical = raw.typical or (raw.file_step_minutes is None and _looks_typical(starts, step_minutes))
    if not typical:
        tell_order(starts, findings)
    starts = _in_zone(_labelled(starts, typical, options.year, findings), local - offset, local, findings)
    return raw.table.set_axis(starts, axis="index"), local


def step_of(index: pd.DatetimeIndex, given: int | None, shown: str, problems: list[Problem]) -> int | None:
    """Length of a step as given or as the stamps show it, or None after noting that it is no usable one. [min]"""
    shows = most_common_step(index)
    step_minutes = given or shows
    if given is not None and shows is not None and given != shows:
        remedy = "leave the step out; a park averages finer series to its own step, and keeps their energy"
        problems.append(Problem("step_minutes", f"is {given}, but most rows are {shows} minutes apart", remedy, shown))
        return None
    if step_minutes is None:
        problems.append(Problem("time", "holds fewer than two different times", "give one row a step", shown))
    elif step_minutes not in STEPS_MINUTES:
        found = f"most rows are {step_minutes} minutes apart"
        known = ", ".join(map(str, STEPS_MINUTES))
        problems.append(Problem("time", found, f"steps of {known} minutes can be read; give hourly data, or step_minutes", shown))
        return None
    return step_minutes


def interval_of(index: pd.DatetimeIndex, step_minutes: int, said: Interval | None, findings: list[Finding]) -> Interval:
    """What the stamps mark: as it is said, else as the stamps of a whole year show it, else the start."""
    if said is not None:
        words: dict[Interval, str] = {"start": "start", "end": "end", "middle": "middle"}
        if said != "start":
            findings.append(Finding("interval", "note", f"stamps mark the {words[said]} of the interval; steps are labelled by their start"))
        return said
    first, last, step = index.min(), index.max(), pd.Timedelta(minutes=step_minutes)
    phase = (first - first.floor("h")) % step
    if phase == step / 2:
        findings.append(Finding("interval", "note", f"stamps lie at half steps ({label(first)} …): taken for the middle of the interval"))
        return "middle"
    if phase != pd.Timedelta(0):
        minutes = phase.total_seconds() / 60
        found = f"stamps lie {minutes:g} minutes into the step ({label(first)} …): each stands for the step that it lies in"
        findings.append(Finding("interval", "note", found))
        return "start"
    if first == first.normalize() + step and last == last.normalize() and first != last:
        found = f"stamps run from {label(first)} to {label(last)}: they mark the end of the interval; steps are labelled by their start"
        findings.append(Finding("interval", "note", found))
        return "end"
    severity: Literal["note", "warning"] = "note" if first == first.normalize() else "warning"
    found = f"nothing says what the stamps mark ({label(first)} …): taken for the start of the interval"
    findings.append(Finding("interval", severity, found, "say interval='end' or 'middle' if they do not"))
    return "start"


def _assumed_zone(raw: Raw, site: Site, stamps_zone: Zone | None, findings: list[Finding]) -> datetime.timedelta:
    """Zone of the result where the caller names none: the file's own, unless that is UTC or unknown."""
    if raw.utc_offset and stamps_zone == raw.utc_offset:
        return raw.utc_offset
    if isinstance(stamps_zone, datetime.timedelta) and stamps_zone != datetime.timedelta(0):
        return stamps_zone
    local = clock.solar_zone(site)
    in_utc = raw.utc_offset is not None or raw.table.index.tz is not None or stamps_zone is not None
    found = (
        f"the result is in {clock.shown_offset(local)}, the whole-hour zone of {site.longitude_deg:g} deg east"
        if in_utc
        else f"no time zone is given; stamps are taken as {clock.shown_offset(local)}, the whole-hour zone of {site.longitude_deg:g} deg east"
    )
    findings.append(Finding("time_zone", "note" if in_utc else "warning", found, "give time_zone, and stamps_in if the file has another one"))
    return local


def _labelled(starts: pd.DatetimeIndex, typical: bool, year: int | None, findings: list[Finding]) -> pd.DatetimeIndex:
    """Give a typical year one year, and a leap year without its 29 February the common year that is asked for.

    It is done before the zone changes: afterwards hours of 28 February lie on the day that is not there.
    """
    common = year if year is not None and not pd.Timestamp(year, 1, 1).is_leap_year else None
    years = np.unique(starts.year)
    if typical:
        target = common or whole_years.TYPICAL_YEAR
        findings.append(Finding("typical_year", "note", f"months come from {years[0]} to {years[-1]}: a typical year, labelled {target}"))
        return whole_years.in_one_year(starts, target)
    leap_day = (starts.month == 2) & (starts.day == 29)
    whole = len(years) == 1 and pd.Timestamp(years[0], 1, 1).is_leap_year and {1, 2, 3, 12} <= set(starts.month)
    if common is not None and common not in years and whole and not leap_day.any():
        findings.append(Finding("year", "note", f"{years[0]}, without its 29 February, is used as {common}"))
        return whole_years.in_one_year(starts, common)
    return starts


def _in_zone(starts: pd.DatetimeIndex, shift: datetime.timedelta, local: datetime.timedelta, findings: list[Finding]) -> pd.DatetimeIndex:
    """Shift starts to the local zone; what leaves the file's own whole years is put at their other end."""
    day = pd.Timedelta(days=1)
    first, last = starts.min(), starts.max()
    whole = first - pd.Timestamp(first.year, 1, 1) < day and pd.Timestamp(last.year + 1, 1, 1) - last <= day
    if first.month == 12 and pd.Timestamp(first.year + 1, 1, 1) - first <= pd.Timedelta(hours=1):
        # the hour before the first stamp, as radiation of ERA5 has it, belongs to the year that follows
        first, whole = pd.Timestamp(first.year + 1, 1, 1), pd.Timestamp(last.year + 1, 1, 1) - last <= day
    moved = starts + shift
    if shift:
        found = f"stamps are in {clock.shown_offset(local - shift)}; moved by {shift.total_seconds() / 3600:+g} h to {clock.shown_offset(local)}"
        findings.append(Finding("time_zone", "note", found))
    if not whole:
        return moved
    why = "the years of the file begin at midnight in its own zone, the result's in local standard time"
    return whole_years.wrapped(moved, first.year, last.year, why, findings)


def _looks_typical(starts: pd.DatetimeIndex, step_minutes: int) -> bool:
    """Tell a table that is a typical year without saying so: one year of rows, months of different years."""
    whole = 364 * 1440 <= len(starts) * step_minutes <= 366 * 1440
    return whole and whole_years.is_typical(starts.year.to_numpy(), starts.month.to_numpy())


def _tell_distance(site: Site, file_site: Site, findings: list[Finding]) -> None:
    from gridsim.profiles.persistence import distances_km

    apart = float(distances_km([site, file_site])[0, 1])
    if apart > FAR_KM:
        found = f"the file's place, {file_site.latitude_deg:.2f} N {file_site.longitude_deg:.2f} E, is {apart:.0f} km from the site"
        findings.append(Finding("distance", "warning", found, "weather of another place: check its monthly means"))
