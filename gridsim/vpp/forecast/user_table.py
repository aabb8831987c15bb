"""A user's own forecasts: CSV with ``issue_time``, ``target_time`` and a column for each series; all problems at once."""

from __future__ import annotations

import datetime
import zoneinfo
from typing import TYPE_CHECKING

import numpy as np

from gridsim.errors import DefinitionError, Problem, did_you_mean, quoted
from gridsim.park.files import shown
from gridsim.profiles.table import Table, read_table
from gridsim.vpp.forecast.kinds import kinds, mw_per_unit
from gridsim.vpp.forecast.persistence import persistence
from gridsim.vpp.forecast.tables import target_steps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gridsim.park.park import Park
    from gridsim.profiles.time_axis import TimeAxis
    from gridsim.vpp.forecast.section import ForecastFile

TIMES = ("issue_time", "target_time")
LARGEST_SHARE = 1.5
"""Values per unit above this are a mistake of units."""


def read_forecasts(park: Park, files: Sequence[ForecastFile], issue: NDArray[np.int64], horizon_steps: int) -> tuple[dict[str, NDArray[np.float64]], list[str]]:
    """Read the series of all files for the issues asked for. Shape (K, H) by profile, and notes on what was filled.

    Raises
    ------
    gridsim.errors.DefinitionError
        With the problems of all files.
    """
    problems: list[Problem] = []
    notes: list[str] = []
    values: dict[str, NDArray[np.float64]] = {}
    for place, file in enumerate(files):
        values.update(_Reader(park, file, f"vpp.forecast.files.{place}", problems, notes).read(issue, horizon_steps))
    if problems:
        raise DefinitionError(f"park '{park.name}'", problems)
    return values, notes


class _Reader:
    """One file, with the lists that its problems and notes go to."""

    def __init__(self, park: Park, file: ForecastFile, where: str, problems: list[Problem], notes: list[str]) -> None:
        self.park, self.file, self.where, self.problems, self.notes = park, file, where, problems, notes
        self.path = park.folder / file.file
        self.shown = shown(self.path)

    def problem(self, where: str, found: str, remedy: str, line: int | None = None) -> None:
        self.problems.append(Problem(f"{self.where}{where}", found, remedy, self.shown, line))

    def read(self, issue: NDArray[np.int64], horizon_steps: int) -> dict[str, NDArray[np.float64]]:
        """Return what the file holds for these issues; where there are problems, less."""
        table = read_table(self.path, self.shown, self.problems, f"{self.where}.file")
        if table is None:
            return {}
        wanted = [*TIMES, *dict.fromkeys(self.file.columns.values())]
        missing = [name for name in wanted if name not in table.header]
        for name in missing:
            known = [column for column in table.header if column not in TIMES]
            remedy = f"the file needs the columns {' and '.join(TIMES)}" if name in TIMES else did_you_mean(name, known)
            self.problem(".columns" if name not in TIMES else ".file", f"there is no column {quoted(name)}", remedy, 1)
        if missing:
            return {}
        issued, targeted = (self._steps(table, name) for name in TIMES)
        if issued is None or targeted is None:
            return {}
        self._order(table, issued, targeted)
        return {
            profile: filled
            for profile, column in self.file.columns.items()
            if (series := self._column(table, profile, column)) is not None
            and (filled := self._arranged(profile, series, issued, targeted, issue, horizon_steps)) is not None
        }

    def _steps(self, table: Table, name: str) -> NDArray[np.int64] | None:
        """Return the park's step of each time; problems where one is no time, or lies between two steps."""
        time, zone = self.park.time, zoneinfo.ZoneInfo(self.file.time_zone or self.park.time.time_zone)
        cells = table.column(name)
        minute_of = {cell: _minute(cell, zone if self.file.time_zone else None, time) for cell in dict.fromkeys(cells)}
        minutes = np.array([np.nan if minute_of[cell] is None else minute_of[cell] for cell in cells], dtype=float)
        if (bad := np.flatnonzero(np.isnan(minutes))).size:
            more = f", and {bad.size - 1} more" if bad.size > 1 else ""
            self.problem(".file", f"{name}: {quoted(cells[bad[0]])} is not a time{more}", "write times as 2030-01-01 00:00", table.lines[bad[0]])
            return None
        if (off := np.flatnonzero(minutes % time.step_minutes)).size:
            found = f"{name}: {cells[off[0]]} is not the begin of a step of {time.step_minutes} minutes ({off.size} rows)"
            self.problem(".file", found, "label steps by their begin; check time_zone", table.lines[off[0]])
            return None
        steps: NDArray[np.int64] = (minutes // time.step_minutes).astype(np.int64)
        return steps

    def _order(self, table: Table, issued: NDArray[np.int64], targeted: NDArray[np.int64]) -> None:
        """Targets before their issue, pairs given twice, and files that lie elsewhere in time."""
        if (late := np.flatnonzero(targeted < issued)).size:
            found = f"the target lies before the issue ({late.size} rows)"
            self.problem(".file", found, "a forecast is of steps from its issue on; check time_zone", table.lines[late[0]])
        order = np.lexsort((targeted, issued))
        twice = order[1:][(np.diff(issued[order]) == 0) & (np.diff(targeted[order]) == 0)]
        if twice.size:
            found = f"issue {table.column('issue_time')[twice[0]]}, target {table.column('target_time')[twice[0]]} is given twice ({twice.size} such rows)"
            self.problem(".file", found, "keep one row for each pair", table.lines[int(twice[0])])
        if not ((targeted >= 0) & (targeted < self.park.time.steps)).any():
            span = f"{self.park.time.label(0)} to {self.park.time.label(self.park.time.steps - 1)}"
            self.problem(".file", f"no target lies in the park's time, {span}", "check years and time_zone", table.lines[0] if table.lines else None)

    def _column(self, table: Table, profile: str, column: str) -> NDArray[np.float64] | None:
        """Return a column in the profile's own unit."""
        where, cells = f".columns.{profile}", table.column(column)
        kind = kinds(self.park)[profile]
        values = np.array([_number(cell) for cell in cells])
        unit = self.file.units.get(profile)
        count = len(self.problems)
        if (bad := np.flatnonzero(~np.isfinite(values))).size:
            more = f", and {bad.size - 1} more cells without a number" if bad.size > 1 else ""
            found = f"column '{column}' holds {quoted(cells[bad[0]]) if cells[bad[0]].strip() else 'an empty cell'}{more}"
            self.problem(where, found, "leave rows without a forecast out, and see missing", table.lines[bad[0]])
        if unit in ("kW", "MW"):
            values = values / ((mw_per_unit(self.park, profile) or 1.0) * (1e3 if unit == "kW" else 1.0))
        elif unit == "CNY/kWh":
            values = values * 1e3
        if kind != "price" and (negative := np.flatnonzero(values < 0)).size:
            self.problem(where, f"column '{column}' is negative ({negative.size} rows)", "check signs", table.lines[negative[0]])
        limit = LARGEST_SHARE * (1.0 if kind in ("wind", "solar") else self.park.profile_peaks.get(profile, np.inf))
        if kind != "price" and (large := np.flatnonzero(values > max(limit, 1e-12))).size:
            found = f"column '{column}' reaches {values[large].max():.6g} in the profile's unit, whose most is {limit / LARGEST_SHARE:.6g} ({large.size} rows)"
            self.problem(where, found, f"name its unit: units: {{{profile}: MW}}", table.lines[large[0]])
        return values if len(self.problems) == count else None

    def _arranged(
        self, profile: str, series: NDArray[np.float64], issued: NDArray[np.int64], targeted: NDArray[np.int64], issue: NDArray[np.int64], horizon: int
    ) -> NDArray[np.float64] | None:
        """Put the rows into issues × columns; what is missing is refused or filled as the section says."""
        time, steps = self.park.time, target_steps(issue, horizon)
        inside = (targeted >= 0) & (targeted < time.steps) & (targeted >= issued) & (issued <= issue[-1])
        row = np.searchsorted(issue, issued)
        exact = inside & (row < issue.size) & (issue[np.minimum(row, issue.size - 1)] == issued) & (targeted - issued < horizon)
        values = np.full(steps.shape, np.nan)
        values[row[exact], (targeted - issued)[exact]] = series[exact]
        gaps = np.isnan(values) & (steps < time.steps)
        if not gaps.any():
            return values
        whole = int(gaps[:, 0].sum()) if horizon else 0
        first = np.argwhere(gaps)[0]
        found = (
            f"{int(gaps.sum())} of {int((steps < time.steps).sum())} forecasts are missing, in {int(gaps.any(axis=1).sum())} of {issue.size} issues;"
            f" {whole} of them lack their first step; first: issue {time.label(issue[first[0]])}, target {time.label(steps[first[0], first[1]])}"
        )
        if self.file.missing == "refuse":
            self.problem(f".columns.{profile}", found, "complete the table, or set missing: earlier_issue")
            return None
        earlier = _latest_earlier(series[inside], issued[inside], targeted[inside], issue, steps)
        mean = self.park.profile_means.get(profile, 0.0)
        rule = persistence(self.park.profiles[profile], kinds(self.park)[profile], time, issue, horizon, mean)
        by_issue, by_rule = gaps & ~np.isnan(earlier), gaps & np.isnan(earlier)
        self.notes.append(f"{profile}: {found}; {int(by_issue.sum())} taken from earlier issues, {int(by_rule.sum())} from persistence")
        return np.where(by_issue, earlier, np.where(by_rule, rule, values))


def _latest_earlier(
    series: NDArray[np.float64], issued: NDArray[np.int64], targeted: NDArray[np.int64], issue: NDArray[np.int64], steps: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Latest forecast of each target that was issued by each issue; not a number where there is none. Shape (K, H)."""
    if series.size == 0:
        return np.full(steps.shape, np.nan)
    low = int(issued.min())
    span = int(max(issued.max(), issue.max())) - low + 2
    order = np.lexsort((issued, targeted))
    keys = targeted[order] * span + (issued[order] - low)
    found = np.searchsorted(keys, steps * span + (issue[:, None] - low), side="right") - 1
    at = np.maximum(found, 0)
    same = (found >= 0) & (targeted[order][at] == steps) & (issue[:, None] >= low)
    values: NDArray[np.float64] = np.where(same, series[order][at], np.nan)
    return values


def _minute(cell: str, zone: zoneinfo.ZoneInfo | None, time: TimeAxis) -> float | None:
    """Minutes from the park's first step; times with an offset, or of a zone of their own, are turned into the park's standard time."""
    try:
        stamp = datetime.datetime.fromisoformat(cell.strip())
        if stamp.tzinfo is None and zone is not None:
            stamp = stamp.replace(tzinfo=zone)
        if stamp.tzinfo is not None:
            stamp = stamp.astimezone(datetime.timezone(_standard_offset(time))).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None
    return (stamp - time.start) / datetime.timedelta(minutes=1)


def _standard_offset(time: TimeAxis) -> datetime.timedelta:
    """Offset of the park's time zone from UTC without daylight saving."""
    aware = time.start.replace(tzinfo=zoneinfo.ZoneInfo(time.time_zone))
    return (aware.utcoffset() or datetime.timedelta()) - (aware.dst() or datetime.timedelta())


def _number(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return np.nan
