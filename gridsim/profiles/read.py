"""Read hourly series from profile sets and CSV files, and check every value before anything is computed."""

from __future__ import annotations

import csv
import datetime
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gridsim.errors import Problem, did_you_mean
from gridsim.park.tree import Node, read_text, read_yaml
from gridsim.profiles.time_axis import TimeAxis

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PLACE_COLUMNS = {"time", "timestamp", "hour", "step"}
SET_KEYS = {"title", "time", "files", "note"}


@dataclass(frozen=True)
class Source:
    """Where one profile comes from."""

    path: Path
    column: str
    shown: str
    step_minutes: int | None = None
    line: int | None = None


@dataclass
class Profiles:
    """Checked series by name, each with one value a step of the park's time axis."""

    series: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    files: list[Path] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class ProfileReader:
    """Finds profiles by name, reads each file once, and gathers problems."""

    def __init__(self, time: TimeAxis, sources: dict[str, Source], problems: list[Problem]) -> None:
        self.time = time
        self.sources = sources
        self.problems = problems
        self.tables: dict[Path, dict[str, list[str]] | None] = {}
        self.steps_checked: dict[Path, int | None] = {}
        self.profiles = Profiles()

    def read(self, name: str, where: str, node: Node) -> NDArray[np.float64] | None:
        """Return the series called ``name``, or note the problem at ``node`` and return None."""
        if name in self.profiles.series:
            return self.profiles.series[name]
        source = self.sources.get(name)
        if source is None:
            self.problems.append(node.problem(where, f"there is no profile '{name}'", did_you_mean(name, self.sources)))
            return None
        table = self._table(source)
        if table is None:
            return None
        if source.column not in table:
            known = [column for column in table if column not in PLACE_COLUMNS]
            self.problems.append(Problem(where, f"has no column '{source.column}'", did_you_mean(source.column, known), source.shown, 1))
            return None
        step_minutes = self._steps(source, table)
        if step_minutes is None:
            return None
        values = self._numbers(source, table[source.column], where)
        if values is None:
            return None
        self.profiles.series[name] = self._resampled(values, step_minutes, source)
        return self.profiles.series[name]

    def _table(self, source: Source) -> dict[str, list[str]] | None:
        if source.path not in self.tables:
            self.tables[source.path] = read_csv(source.path, source.shown, self.problems)
            self.profiles.files.append(source.path)
        return self.tables[source.path]

    def _steps(self, source: Source, table: dict[str, list[str]]) -> int | None:
        """Return the minutes of one step of the file once its rows are known to cover the park's year."""
        if source.path not in self.steps_checked:
            self.steps_checked[source.path] = self._check_rows(source, table)
        return self.steps_checked[source.path]

    def _check_rows(self, source: Source, table: dict[str, list[str]]) -> int | None:
        rows = len(next(iter(table.values())))
        place = next((column for column in table if column.lower() in PLACE_COLUMNS), None)
        fits = [minutes for minutes in (60, 30, 15, 5) if rows * minutes == self.time.hours * 60]
        minutes = source.step_minutes or (fits[0] if fits else self._step_of_labels(table, place) or self.time.step_minutes)
        expected = round(self.time.hours * 60 / minutes)
        axis = TimeAxis(self.time.start, expected, minutes, self.time.time_zone)
        if rows == 0:
            return self._refuse(source, "holds no rows below its header", f"expected {expected} rows")
        labels = table[place] if place and place.lower() in {"time", "timestamp"} else None
        if labels is not None:
            wrong = self._first_wrong_label(axis, labels)
            if wrong is not None:
                row, found, remedy = wrong
                return self._refuse(source, found, remedy, line=row + 2)
        if rows != expected:
            advice = f"expected {expected} ({axis.label(0)} to {axis.label(expected - 1)}, one every {minutes} minutes)"
            if abs(rows - expected) * minutes == 24 * 60:
                advice += "; the park's year is a leap year" if expected > rows else "; the park's year is not a leap year"
            return self._refuse(source, f"has {rows} rows", advice)
        return minutes

    def _refuse(self, source: Source, found: str, remedy: str, line: int | None = None) -> None:
        self.problems.append(Problem("", found, remedy, source.shown, line))

    def _step_of_labels(self, table: dict[str, list[str]], place: str | None) -> int | None:
        if place is None or place.lower() == "hour":
            return None
        labels = table[place][:2]
        stamps = [_stamp(label) for label in labels]
        if len(stamps) < 2 or None in stamps:
            return None
        minutes = int((stamps[1] - stamps[0]).total_seconds() // 60)
        return minutes if minutes in (5, 15, 30, 60) else None

    def _first_wrong_label(self, axis: TimeAxis, labels: list[str]) -> tuple[int, str, str] | None:
        """Return row, finding and advice for the first label out of place; the year itself may differ from the park's."""
        first = _stamp(labels[0])
        if first is None:
            return 0, f"'{labels[0]}' is not a time", "write times as 2030-01-01 00:00"
        if (first.month, first.day, first.hour, first.minute) != (axis.start.month, axis.start.day, axis.start.hour, axis.start.minute):
            return 0, f"begins at {labels[0]}, the park at {axis.label(0)}", "label each step by its start, in standard time, from the park's first hour"
        if first.year != axis.start.year:
            self.profiles.notes.append(f"a profile of {first.year} is used for {axis.start.year}; its weekdays and leap day are its own")
        step = datetime.timedelta(minutes=axis.step_minutes)
        stamp = first.replace(tzinfo=None)
        for row, label in enumerate(labels):
            text = stamp.isoformat(" ", "minutes")
            if not label.replace("T", " ").startswith(text):
                found = _stamp(label)
                if found is None:
                    return row, f"'{label}' is not a time", "write times as 2030-01-01 00:00"
                if found.replace(tzinfo=None) != stamp:
                    kind = "is missing" if found.replace(tzinfo=None) > stamp else "is expected here; the row repeats or is out of order"
                    return row, f"{len(labels)} rows; {text} {kind} (found {label})", "profiles have one row a step, in standard time without daylight saving"
            stamp += step
        return None

    def _numbers(self, source: Source, cells: list[str], where: str) -> NDArray[np.float64] | None:
        import numpy as np

        try:
            values = np.array(cells, dtype=float)
            bad: Iterable[int] = np.flatnonzero(~np.isfinite(values))[:1].tolist()
        except ValueError:
            bad = [next(row for row, cell in enumerate(cells) if not _is_number(cell))]
        for row in bad:
            cell = cells[row]
            found = "an empty cell" if not cell.strip() else f"'{cell}'"
            self.problems.append(
                Problem(where, f"column '{source.column}' holds {found}", "every step needs a number with a decimal point", source.shown, row + 2)
            )
            return None
        return values

    def _resampled(self, values: NDArray[np.float64], step_minutes: int, source: Source) -> NDArray[np.float64]:
        """Average finer steps and hold coarser ones; both keep the energy of a power."""
        import numpy as np

        if step_minutes < self.time.step_minutes:
            self.profiles.notes.append(f"{source.shown}: averaged from {step_minutes} to {self.time.step_minutes} minutes")
            return values.reshape(self.time.steps, -1).mean(axis=1)
        if step_minutes > self.time.step_minutes:
            self.profiles.notes.append(f"{source.shown}: held constant within {step_minutes} minutes")
            return np.repeat(values, step_minutes // self.time.step_minutes)
        return values


def _is_number(cell: str) -> bool:
    try:
        return math.isfinite(float(cell))
    except ValueError:
        return False


def _stamp(label: str) -> datetime.datetime | None:
    try:
        return datetime.datetime.fromisoformat(label.strip())
    except ValueError:
        return None


def read_csv(path: Path, shown: str, problems: list[Problem]) -> dict[str, list[str]] | None:
    """Read a comma-separated file with one header row into text columns, or note every reason why not."""
    text = read_text(path, shown, problems)
    if text is None:
        return None
    lines = text.splitlines()
    if not lines:
        problems.append(Problem("", "is empty", "expected a header row and one row a step", shown))
        return None
    if "," not in lines[0] and (";" in lines[0] or "\t" in lines[0]):
        mark = "semicolons" if ";" in lines[0] else "tabs"
        problems.append(Problem("", f"is separated by {mark}", "save it with commas, and with a decimal point in numbers", shown, 1))
        return None
    try:
        rows = list(csv.reader(lines, strict=True))
    except csv.Error as error:
        problems.append(Problem("", f"cannot be read as CSV: {error}", "check quotes and commas", shown))
        return None
    header = [name.strip() for name in rows[0]]
    repeated = {name for name in header if header.count(name) > 1}
    if repeated or "" in header:
        found = f"has two columns '{sorted(repeated)[0]}'" if repeated else "has a column without a name"
        problems.append(Problem("", found, "column names must be unique and not empty", shown, 1))
        return None
    body = [row for row in rows[1:] if row]
    for number, row in enumerate(rows[1:], start=2):
        if row and len(row) != len(header):
            problems.append(Problem("", f"has {len(row)} cells, the header has {len(header)}", "one value a column; decimal point, not comma", shown, number))
            return None
    return {name: list(cells) for name, cells in zip(header, zip(*body, strict=True), strict=True)} if body else {name: [] for name in header}


def sources_of_set(folder: Path, shown: str, node: Node, problems: list[Problem]) -> dict[str, Source]:
    """List the profiles of a folder that holds a ``profiles.yaml``."""
    if not folder.is_dir():
        problems.append(node.problem("profile_set", f"there is no folder '{shown}'", "give the folder that holds profiles.yaml, relative to the park's folder"))
        return {}
    listing = read_yaml(folder / "profiles.yaml", f"{shown}/profiles.yaml", problems)
    if listing is None:
        return {}
    return {name: source for name, source in _listed(listing, folder, shown, problems)}


def _listed(listing: Node, folder: Path, shown: str, problems: list[Problem]) -> Iterable[tuple[str, Source]]:
    content = listing.value if isinstance(listing.value, dict) else {}
    for key in set(content) - SET_KEYS:
        problems.append(content[key].problem(key, "is not a key of profiles.yaml", did_you_mean(key, SET_KEYS)))
    files = content["files"].value if "files" in content else None
    if not isinstance(files, dict):
        problems.append(listing.problem("files", "is missing or not a list of files", "name each CSV file with its columns"))
        return
    for file, entry in files.items():
        details: dict[str, Any] = entry.value if isinstance(entry.value, dict) else {}
        columns = details["columns"].value if "columns" in details else None
        if not isinstance(columns, dict):
            problems.append(entry.problem(f"files.{file}", "names no columns", "write columns: with one entry a column"))
            continue
        for column in columns:
            yield column, Source(folder / file, column, f"{shown}/{file}")
