"""Do the rows of a table cover a park's time, one row a step, none missing and none twice?"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from gridsim.errors import quoted
from gridsim.profiles.table import Table
from gridsim.profiles.time_axis import TimeAxis

TIME_COLUMNS = ("time", "timestamp")
STEPS_MINUTES = (60, 30, 15, 5)


@dataclass(frozen=True)
class Gap:
    """The first place where rows and time part: line of the file, finding and remedy."""

    line: int | None
    found: str
    remedy: str


def step_of(table: Table, time: TimeAxis) -> int:
    """Return the minutes from row to row: as its labels say, else as its length says, else the park's."""
    stamps = [_stamp(label) for label in _labels(table)[:2]]
    if len(stamps) == 2 and stamps[0] is not None and stamps[1] is not None:
        minutes = (stamps[1] - stamps[0]) / datetime.timedelta(minutes=1)
        if minutes in STEPS_MINUTES:
            return int(minutes)
    return next((minutes for minutes in STEPS_MINUTES if len(table.rows) * minutes == time.hours * 60), time.step_minutes)


def first_year(table: Table) -> int | None:
    """Return the year of the first label, where rows are labelled by time."""
    stamps = [_stamp(label) for label in _labels(table)[:1]]
    return stamps[0].year if stamps and stamps[0] else None


@lru_cache(maxsize=8)
def first_gap(table: Table, time: TimeAxis, step_minutes: int) -> Gap | None:
    """Return the first place where the table leaves the park's time; the year itself may be another one."""
    expected = round(time.hours * 60 / step_minutes)
    axis = TimeAxis(time.start, expected, step_minutes, time.time_zone)
    count, labels = len(table.rows), _labels(table)
    if count == 0:
        return Gap(None, "holds no rows below its header", f"expected {expected} rows")
    gap = _first_wrong_label(labels, table.lines, axis) if labels else None
    if gap is not None or count == expected:
        return gap
    remedy = f"expected {expected} rows ({axis.label(0)} to {axis.label(expected - 1)}, one every {step_minutes} minutes)"
    if abs(count - expected) * step_minutes == 24 * 60:
        remedy += f"; the park's year is {'' if expected > count else 'not '}a leap year"
    elif count > expected:
        remedy += "; to run a part of a longer profile, name its whole time and use --hours"
    return Gap(None, f"has {count} rows", remedy)


def _labels(table: Table) -> list[str]:
    """Return the cells that label each row by its time, if there are any."""
    column = next((name for name in table.header if name.lower() in TIME_COLUMNS), None)
    return [] if column is None else table.column(column)


def _first_wrong_label(labels: list[str], lines: list[int], axis: TimeAxis) -> Gap | None:
    first = _stamp(labels[0])
    if first is None:
        return _no_time(labels[0], lines[0])
    if first.replace(year=2000) != axis.start.replace(year=2000):
        remedy = "label each step by its start, in standard time, from the park's first hour"
        if first.replace(year=2000) < axis.start.replace(year=2000):
            remedy += "; to run a part of a longer profile, name its whole time and use --hours"
        return Gap(lines[0], f"begins at {labels[0]}, the park at {axis.label(0)}", remedy)
    steps = np.datetime64(first, "m") + np.arange(len(labels)) * np.timedelta64(axis.step_minutes, "m")
    due = [label.replace("T", " ") for label in np.datetime_as_string(steps).tolist()]
    if labels == due:
        return None
    for label, text, line in zip(labels, due, lines, strict=True):
        stamp = _stamp(label)
        if stamp is None:
            return _no_time(label, line)
        found = stamp.isoformat(" ", "minutes")
        if found != text:
            kind = "is missing" if found > text else "is expected here; the row repeats or is out of order"
            remedy = "profiles have one row a step, in standard time without daylight saving"
            return Gap(line, f"{text} {kind} (found {label}; {len(labels)} rows in all)", remedy)
    return None


def _no_time(label: str, line: int) -> Gap:
    return Gap(line, f"{quoted(label)} is not a time", "write times as 2030-01-01 00:00")


def _stamp(label: str) -> datetime.datetime | None:
    """Read a label; an offset from UTC is left aside, as profiles are in the park's standard time."""
    try:
        return datetime.datetime.fromisoformat(label.strip()).replace(tzinfo=None)
    except ValueError:
        return None
