"""Rows on their way to whole calendar years: typical years, years shifted from UTC, leap days, another year's label."""

from __future__ import annotations

import numpy as np
import pandas as pd

from gridsim.errors import Problem
from gridsim.profiles.weather.finding import Finding, Severity, label
from gridsim.profiles.weather.regular import DAY_HOURS

TYPICAL_YEAR = 2030
"""Label of years that are no calendar year; a common year, so that 8760 hours fill it."""


def is_typical(years: np.ndarray, months: np.ndarray) -> bool:
    """Tell whether months in their order from January come from different years, each from one, as in a typical year."""
    pairs = np.unique(np.column_stack([months, years]), axis=0)
    return len(np.unique(years)) > 1 and len(np.unique(pairs[:, 0])) == len(pairs) and bool((np.diff(months) >= 0).all())


def in_one_year(index: pd.DatetimeIndex, year: int = TYPICAL_YEAR) -> pd.DatetimeIndex:
    """Give all stamps one year; a 29 February, which typical years do not have, is left to repeat 28 February's label."""
    day = np.where((index.month == 2) & (index.day == 29), 28, index.day)
    parts = {"year": year, "month": index.month, "day": day, "hour": index.hour, "minute": index.minute}
    return pd.DatetimeIndex(pd.to_datetime(pd.DataFrame(parts)))


def wrapped(starts: pd.DatetimeIndex, first_year: int, last_year: int, why: str, findings: list[Finding]) -> pd.DatetimeIndex:
    """Move steps that a change of zone pushed over an end of the years to their other end."""
    beyond, before = starts.year > last_year, starts.year < first_year
    count = int(beyond.sum() + before.sum())
    if count == 0:
        return starts
    moved = starts.to_numpy().copy()
    for steps, year in ((beyond, first_year), (before, last_year)):
        if steps.any():
            moved[steps] = in_one_year(starts[steps], year).to_numpy()
    where = "end were put at the beginning" if beyond.any() else "beginning were put at the end"
    first = label(pd.DatetimeIndex(moved)[beyond | before][0])
    findings.append(Finding("wrap", "note", f"{count} steps from the {where}: {why}", "", count, first))
    return pd.DatetimeIndex(moved)


def relabelled(table: pd.DataFrame, year: int, findings: list[Finding], problems: list[Problem], shown: str) -> pd.DataFrame:
    """Take one year out of several, or give the only year another label; 29 February goes where that year has none."""
    years = np.unique(table.index.year)
    if year in years:
        return table[table.index.year == year]
    if len(years) > 1:
        problems.append(Problem("year", f"{year} is not in the file, which has {years[0]} to {years[-1]}", "name one of its years", shown))
        return table
    leap = pd.Timestamp(year, 1, 1).is_leap_year
    leap_day = (table.index.month == 2) & (table.index.day == 29)
    if leap_day.any() and not leap:
        findings.append(Finding("leap_day", "note", f"29 February {years[0]} is left out: {year} has none", "", int(leap_day.sum())))
        table = table[~leap_day]
    elif leap and not leap_day.any():
        findings.append(Finding("leap_day", "note", f"29 February {year} is made up from its neighbouring days: the file has none"))
    findings.append(Finding("year", "note", f"{years[0]} is used as {year}; its weekdays are those of {year}"))
    result = table.copy()
    moved = in_one_year(table.index, year)
    leap_day = (table.index.month == 2) & (table.index.day == 29)
    result.index = moved + pd.to_timedelta(leap_day.astype(int), unit="D")
    return result


def span_of_years(
    table: pd.DataFrame, step_minutes: int, findings: list[Finding], problems: list[Problem], shown: str
) -> tuple[pd.DataFrame, tuple[pd.Timestamp, pd.Timestamp]]:
    """First and last step of the whole calendar years in the table; parts of years at the ends are left out where whole ones remain."""
    step = pd.Timedelta(minutes=step_minutes)
    slack = pd.Timedelta(hours=DAY_HOURS)
    first, last = table.index.min(), table.index.max()
    begins = first.year if first <= pd.Timestamp(first.year, 1, 1) + slack else first.year + 1
    ends = last.year if last >= pd.Timestamp(last.year + 1, 1, 1) - step - slack else last.year - 1
    if ends < begins:
        year = int(pd.Series(table.index.year).mode().iloc[0])
        due = round(pd.Timedelta(days=366 if pd.Timestamp(year, 1, 1).is_leap_year else 365) / step)
        found = f"has {len(table.index.unique())} steps of {step_minutes} minutes, {label(first)} to {label(last)}; a whole year has {due}"
        remedy = f"give {year}-01-01 00:00 to {label(pd.Timestamp(year + 1, 1, 1) - step)}, or read the part as it is with whole_years=False"
        problems.append(Problem("time", found, remedy, shown))
        return table, (first, last)
    inside = (table.index.year >= begins) & (table.index.year <= ends)
    if not inside.all():
        count = int((~inside).sum())
        found = f"{count} steps outside the whole years {begins} to {ends} are left out"
        severity: Severity = "warning" if count * step_minutes > DAY_HOURS * 60 else "note"
        findings.append(Finding("coverage", severity, found, "", count, label(table.index[~inside][0])))
    return table[inside], (pd.Timestamp(begins, 1, 1), pd.Timestamp(ends + 1, 1, 1) - step)
