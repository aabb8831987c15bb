"""Read series by name, and check every value before anything is computed."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from gridsim.errors import Problem, did_you_mean, quoted
from gridsim.profiles.coverage import TIME_COLUMNS, first_gap, first_year, step_of
from gridsim.profiles.table import Table, read_table
from gridsim.profiles.time_axis import TimeAxis

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.profiles.sources import Source

LARGEST_VALUE = 1e12
"""Values beyond this are a fault of the file; their sums could leave the range of numbers."""


@dataclass(frozen=True)
class _File:
    """A table whose rows cover the park's time."""

    table: Table
    step_minutes: int


class ProfileReader:
    """Reads each file and each column once, and gathers problems and notes."""

    def __init__(self, time: TimeAxis, problems: list[Problem]) -> None:
        self.time = time
        self.problems = problems
        self.series: dict[str, NDArray[np.float64]] = {}
        """Checked series by name, each with one value a step of the park's time axis."""
        self.notes: list[str] = []
        self._files: dict[Path, _File | None] = {}
        self._values: dict[str, NDArray[np.float64] | None] = {}

    def read(self, name: str, source: Source, where: str, *, non_negative: bool = False) -> None:
        """Read the series called ``name``, for which the park asks at ``where``, or note every reason why not."""
        file = self._file(source, where)
        if file is None:
            return
        if name not in self._values:
            values = self._values[name] = self._column(source, file, where)
            if values is not None:
                self.series[name] = self._resampled(values, file.step_minutes, source)
        values = self._values[name]
        if non_negative and values is not None and (negative := np.flatnonzero(values < 0)).size:
            row = int(negative[0])
            found = f"column '{source.column}' is negative: {values[row]:g} here, and {negative.size} of {values.size} rows in all"
            remedy = "demands and availabilities are never negative; check signs and sensor faults"
            self.problems.append(Problem(where, found, remedy, source.shown, file.table.lines[row]))

    def _file(self, source: Source, where: str) -> _File | None:
        """Return the file of a profile if its rows cover the park's time; each file is read once."""
        if source.path not in self._files:
            self._files[source.path] = self._read_file(source, where)
        return self._files[source.path]

    def _read_file(self, source: Source, where: str) -> _File | None:
        table = read_table(source.path, source.shown, self.problems, where)
        if table is None:
            return None
        if source.sha256 is not None and hashlib.sha256(table.text.encode()).hexdigest() != source.sha256:
            self.notes.append(f"{source.shown} has been changed since profiles.yaml was written: its SHA-256 is another one")
        step_minutes = source.step_minutes or step_of(table, self.time)
        gap = first_gap(table, self.time, step_minutes)
        if gap is not None:
            self.problems.append(Problem(where, gap.found, gap.remedy, source.shown, gap.line))
            return None
        year = first_year(table)
        if year not in (None, self.time.start.year):
            self.notes.append(f"{source.shown}: {year} is used for {self.time.start.year}; its weekdays and leap day are its own")
        return _File(table, step_minutes)

    def _column(self, source: Source, file: _File, where: str) -> NDArray[np.float64] | None:
        table = file.table
        if source.column not in table.header:
            known = [name for name in table.header if name.lower() not in TIME_COLUMNS]
            remedy = did_you_mean(source.column, known)
            self.problems.append(Problem(where, f"there is no column {quoted(source.column)}", remedy, source.shown, 1))
            return None
        values = _numbers(table, source.column)
        bad = np.flatnonzero(~(np.abs(values) <= LARGEST_VALUE))
        if bad.size == 0:
            return values.copy()
        cell = table.column(source.column)[bad[0]]
        found = f"column '{source.column}' holds {quoted(cell) if cell.strip() else 'an empty cell'}"
        more = f", and {bad.size - 1} more cells without a number" if bad.size > 1 else ""
        remedy = "every step needs a plain number with a decimal point, such as 0.25"
        self.problems.append(Problem(where, found + more, remedy, source.shown, table.lines[bad[0]]))
        return None

    def _resampled(self, values: NDArray[np.float64], step_minutes: int, source: Source) -> NDArray[np.float64]:
        """Average finer steps and hold coarser ones; both keep the energy of a power."""
        if step_minutes < self.time.step_minutes:
            self.notes.append(f"{source.shown}: averaged from {step_minutes} to {self.time.step_minutes} minutes")
            return values.reshape(self.time.steps, -1).mean(axis=1)
        if step_minutes > self.time.step_minutes:
            self.notes.append(f"{source.shown}: held constant within {step_minutes} minutes")
            return np.repeat(values, step_minutes // self.time.step_minutes)
        return values


@lru_cache(maxsize=32)
def _numbers(table: Table, column: str) -> NDArray[np.float64]:
    """Return the numbers in a column; what is no number is not a number."""
    cells = table.column(column)
    try:
        return np.array(cells, dtype=float)
    except ValueError:
        return np.array([_number(cell) for cell in cells])


def _number(cell: str) -> float:
    """Return the number in a cell; what is no number is not a number."""
    try:
        return float(cell)
    except ValueError:
        return math.nan
