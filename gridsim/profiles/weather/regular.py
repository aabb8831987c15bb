"""Rows with time stamps become equal steps without gaps, by stated rules; whatever was done is told in findings.

==================  ============================================================================================
a gap of            is filled with
==================  ============================================================================================
up to 3 h           the straight line between its neighbours
up to 24 h          the mean of the same time on the day before and on the day after
more                nothing: it is refused, unless ``fill="climatology"`` asks for the mean of the same time of day in that month
==================  ============================================================================================

The lengths are judged: weather and loads of three hours are close to a line, those of neighbouring days are alike, a week is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from gridsim.errors import Problem
from gridsim.profiles.weather.finding import Finding, label

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.profiles.weather.finding import Severity

Interval = Literal["start", "end", "middle"]
Fill = Literal["climatology"]

STEPS_MINUTES = (5, 10, 15, 20, 30, 60)
"""Steps that divide an hour and that parks can use, directly or averaged. [min]"""

LINE_HOURS = 3.0
DAY_HOURS = 24.0
LISTED_GAPS = 8
"""Long gaps that are listed one by one before the rest are counted."""


@dataclass(frozen=True)
class Runs:
    """Stretches of true steps: where each begins and how long it is."""

    first: NDArray[np.int64]
    length: NDArray[np.int64]


def runs(true: NDArray[np.bool_]) -> Runs:
    """Return the stretches of consecutive true values.

    Examples
    --------
    >>> found = runs(np.array([True, True, False, True]))
    >>> found.first.tolist(), found.length.tolist()
    ([0, 3], [2, 1])
    """
    edges = np.diff(np.concatenate([[0], true.astype(np.int8), [0]]))
    first = np.flatnonzero(edges == 1)
    return Runs(first, np.flatnonzero(edges == -1) - first)


def most_common_step(stamps: pd.DatetimeIndex) -> int | None:
    """Minutes between most neighbouring stamps, or None where there are fewer than two different ones. [min]"""
    minutes = np.diff(np.unique(stamps.asi8)) / 60e9
    if minutes.size == 0:
        return None
    values, counts = np.unique(minutes, return_counts=True)
    return max(1, round(float(values[counts.argmax()])))


def starts_of(stamps: pd.DatetimeIndex, step_minutes: int, interval: Interval) -> pd.DatetimeIndex:
    """Starts of the steps that are stamped; a stamp inside a step, such as its middle, is cut to the step's own start."""
    shift = pd.Timedelta(minutes=step_minutes if interval == "end" else 0)
    return (stamps - shift).floor(f"{step_minutes}min")


def regular(
    table: pd.DataFrame,
    step_minutes: int,
    findings: list[Finding],
    problems: list[Problem],
    shown: str,
    *,
    fill: Fill | None = None,
    span: tuple[pd.Timestamp, pd.Timestamp] | None = None,
) -> pd.DataFrame:
    """Sort, merge repeated steps and fill gaps.

    Parameters
    ----------
    table : DataFrame
        Numbers or NaN, indexed by the start of each step in one time zone.
    step_minutes : int
        Length of a step. [min]
    findings, problems : list
        What was done is added to the first, what cannot be done to the second.
    shown : str
        The file, as problems name it.
    fill : "climatology", optional
        Fill gaps longer than a day with the mean of the same time of day in the same month.
    span : tuple of Timestamp, optional
        First and last step that the result shall have; from the first to the last row if left out.

    Returns
    -------
    DataFrame
        One row a step, without NaN unless problems were added.
    """
    table = _unique(table, findings)
    first, last = span or (table.index[0], table.index[-1])
    grid = pd.date_range(first, last, freq=f"{step_minutes}min")
    full = table.reindex(grid)
    full.index.name = None
    empty = [name for name in full.columns if full[name].isna().all()]
    for name in empty:
        problems.append(Problem(name, "holds no number", "give a column with numbers, or leave it out", shown))
    return _filled(full, empty, step_minutes, findings, problems, shown, fill)


def tell_order(index: pd.DatetimeIndex, findings: list[Finding]) -> None:
    """Note where the rows of a file go back in time; `regular` sorts them."""
    backward = np.flatnonzero(np.diff(index.asi8) < 0)
    if backward.size:
        found = f"rows go back in time in {backward.size} place{'s' if backward.size > 1 else ''}; sorted"
        findings.append(Finding("order", "note", found, "", int(backward.size), label(index[backward[0] + 1])))


def _unique(table: pd.DataFrame, findings: list[Finding]) -> pd.DataFrame:
    table = table.sort_index(kind="stable")
    if table.index.is_unique:
        return table
    repeated = table.index.duplicated(keep="first")
    groups = table.groupby(level=0)
    differing = groups.max() - groups.min() > 0.0
    differ = differing.any(axis=1)
    count, place = int(repeated.sum()), label(table.index[repeated][0])
    if (groups.count().max(axis=None)) <= 1:
        return groups.mean()  # rows that complete one another, such as means and instants of two stamps
    if differ.any():
        found = f"{count} repeated time stamps, {int(differ.sum())} of them with other values; their mean is used"
        findings.append(Finding("duplicates", "warning", found, "find out which rows are right and remove the others", count, place))
    else:
        findings.append(Finding("duplicates", "note", f"{count} rows repeated a time stamp with the same values; one of each is kept", "", count, place))
    return groups.mean()


def _filled(
    table: pd.DataFrame, empty: list[str], step_minutes: int, findings: list[Finding], problems: list[Problem], shown: str, fill: Fill | None
) -> pd.DataFrame:
    """Fill every gap by its length; gaps that several columns share are told once."""
    line_steps, day_steps = round(LINE_HOURS * 60 / step_minutes), round(DAY_HOURS * 60 / step_minutes)
    filled: dict[str, NDArray[np.bool_]] = {}
    refused: dict[tuple[int, int], list[str]] = {}
    result = table.copy()
    for name in table.columns.difference(empty, sort=False):
        values = table[name].to_numpy(float)
        missing = np.isnan(values)
        if not missing.any():
            continue
        gaps = runs(missing)
        length = np.zeros(len(values), dtype=np.int64)
        length[missing] = np.repeat(gaps.length, gaps.length)
        by_day = _neighbouring_days(values, day_steps)
        inside = ~missing
        line = np.interp(np.arange(len(values)), np.flatnonzero(inside), values[inside])
        at_edge = missing & ((np.arange(len(values)) < np.argmax(inside)) | (np.arange(len(values)) > len(values) - 1 - np.argmax(inside[::-1])))
        short = missing & (length <= line_steps) & ~at_edge
        middle = missing & ~short & (length <= day_steps) & ~np.isnan(by_day)
        long = missing & ~short & ~middle
        values = np.where(short, line, np.where(middle, by_day, values))
        _note(filled, "line", short)
        _note(filled, "days", middle)
        if long.any() and fill == "climatology":
            month = _same_month(table[name])
            _note(filled, "month", long & ~np.isnan(month))
            values = np.where(long, month, values)
            long &= np.isnan(month)
        left = runs(long)
        for first, count in zip(left.first.tolist(), left.length.tolist(), strict=True):
            refused.setdefault((first, count), []).append(str(name))
        result[name] = values
    ways = {
        "line": f"gaps of at most {LINE_HOURS:g} h, filled by straight lines",
        "days": f"gaps of at most {DAY_HOURS:g} h, filled with the mean of the neighbouring days at the same time",
        "month": "longer gaps, filled with the month's mean at the same time of day (fill='climatology')",
    }
    for way, words in ways.items():
        if way in filled and (count := int(filled[way].sum())):
            severity: Severity = "note" if way != "month" and count * step_minutes <= 0.01 * len(table) * step_minutes else "warning"
            remedy = f"{count / len(table):.1%} of the series is made up: look for a better source" if severity == "warning" else ""
            findings.append(Finding("gaps", severity, f"{count} steps missing in {words}", remedy, count, label(table.index[np.argmax(filled[way])])))
    _refuse(refused, table.index, step_minutes, problems, shown, fill)
    return result


def _note(filled: dict[str, NDArray[np.bool_]], way: str, steps: NDArray[np.bool_]) -> None:
    filled[way] = filled[way] | steps if way in filled else steps


def _neighbouring_days(values: NDArray[np.float64], day_steps: int) -> NDArray[np.float64]:
    """Mean of the values a day earlier and a day later, of one where the other is missing, NaN where both are."""
    before, after = np.full(len(values), np.nan), np.full(len(values), np.nan)
    before[day_steps:], after[:-day_steps] = values[:-day_steps], values[day_steps:]
    return np.where(np.isnan(before), after, np.where(np.isnan(after), before, (before + after) / 2.0))


def _same_month(series: pd.Series) -> NDArray[np.float64]:
    """Mean of the same time of day in the same month of the calendar, over all years of the series."""
    index = series.index
    mean: NDArray[np.float64] = series.groupby([index.month, index.hour * 60 + index.minute]).transform("mean").to_numpy(float)
    return mean


def _refuse(
    refused: dict[tuple[int, int], list[str]], index: pd.DatetimeIndex, step_minutes: int, problems: list[Problem], shown: str, fill: Fill | None
) -> None:
    for (first, count), names in sorted(refused.items())[:LISTED_GAPS]:
        hours = count * step_minutes / 60.0
        span = f"{label(index[first])} to {label(index[first + count - 1])}"
        what = "the whole row" if len(names) > 1 else names[0]
        found = f"{hours:g} h are missing, {span} ({', '.join(names) if len(names) <= 4 else what})"
        remedy = (
            "no other year of the file has this month: give another file or another year"
            if fill
            else f"gaps longer than {DAY_HOURS:g} h are not made up; give the data, or accept the month's mean with fill='climatology'"
        )
        problems.append(Problem("gaps", found, remedy, shown))
    if len(refused) > LISTED_GAPS:
        problems.append(Problem("gaps", f"{len(refused) - LISTED_GAPS} more gaps of this kind", "", shown))
