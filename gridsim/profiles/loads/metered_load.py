"""A load as the meter saw it: its shape, brought to another year, another step and another size."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from gridsim.errors import DefinitionError, Problem
from gridsim.profiles.loads.series import LoadSeries
from gridsim.profiles.loads.working_days import FINE_PER_DAY, fine_values, step_means

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from gridsim.profiles.loads.request import MeteredLoad
    from gridsim.profiles.time_axis import TimeAxis

LAST_OF_FEBRUARY = 58
"""28 February, in days from 1 January."""

ACTIVE, REACTIVE = "power_mw", "reactive_power_mvar"
"""Names that the columns of a request get."""


def metered_series(request: MeteredLoad, folder: Path, time: TimeAxis, *, name: str) -> LoadSeries:
    """Read a metered load and bring it to the time and the size that are asked for.

    The first whole year of the meter is used day by day: weekdays and holidays stay where they were in it. 29 February is left out or
    repeats the 28th. Coarser readings are held, finer ones averaged; both keep the energy.

    Parameters
    ----------
    request : MeteredLoad
        File, columns and size.
    folder : Path
        What the file is relative to.
    time : TimeAxis
        One whole calendar year.
    name : str
        Name of the load, for problems.

    Raises
    ------
    DefinitionError
        Where the file cannot be read, has no such column, or covers no whole year.
    """
    path = folder / request.file
    if not path.is_file():
        raise _error(name, "file", f"'{request.file}' does not exist", "check the path; it is relative to the folder of the loads file")
    from gridsim.profiles.metered import read_metered

    wanted = {result: column for result, column in ((ACTIVE, request.column), (REACTIVE, request.reactive_column)) if column is not None}
    units = {result: unit for result, unit in ((ACTIVE, request.unit), (REACTIVE, request.reactive_unit)) if unit is not None}
    readings = read_metered(path, columns=wanted or None, units=units or None, interval=request.interval, time_zone=time.time_zone, whole_years=True)
    table, year = readings.table, int(readings.table.index[0].year)
    active = _year_of(table[_only(table, "_mw", name)], readings.step_minutes, time)
    scale = 1.0
    if request.annual_energy_mwh is not None:
        scale = request.annual_energy_mwh / _positive(active.sum() * time.step_hours, name)
    elif request.peak_mw is not None:
        scale = request.peak_mw / _positive(active.max(), name)
    notes = [f"readings of {year}, times {scale:.4g}"]
    if year != time.start.year:
        notes.append(f"{year} is used for {time.start.year}; its weekdays and holidays are its own")
    notes += [str(finding) for finding in readings.findings if finding.severity in ("warning", "fault")]
    reactive: NDArray[np.float64] | None = None
    if request.power_factor is not None:
        reactive = scale * active * np.tan(np.arccos(request.power_factor))
    elif any(column.endswith("_mvar") for column in table):
        reactive = scale * _year_of(table[_only(table, "_mvar", name)], readings.step_minutes, time)
    else:
        notes.append("reactive power is not known; name reactive_column or power_factor")
    return LoadSeries(time, scale * active, reactive, notes=tuple(notes))


def _only(table: pd.DataFrame, ending: str, name: str) -> str:
    """Return the only column with an ending, or ask which one is meant."""
    field = "column" if ending == "_mw" else "reactive_column"
    found = [str(column) for column in table if str(column).endswith(ending)]
    if len(found) == 1:
        return found[0]
    listed = f"the file has several: {', '.join(found)}" if found else "the file has none with a unit of power or energy"
    raise _error(name, field, f"is needed, as {listed}", "name the column as the file's header writes it")


def _year_of(readings: pd.Series, step_minutes: int, time: TimeAxis) -> NDArray[np.float64]:
    """Return the first calendar year of readings in the steps of ``time``."""
    first_year = readings[readings.index.year == readings.index[0].year].to_numpy()
    days = fine_values(first_year, step_minutes).reshape(-1, FINE_PER_DAY)
    wanted_days = time.steps * time.step_minutes // 1440
    if len(days) < wanted_days:
        days = np.insert(days, LAST_OF_FEBRUARY + 1, days[LAST_OF_FEBRUARY], axis=0)
    elif len(days) > wanted_days:
        days = np.delete(days, LAST_OF_FEBRUARY + 1, axis=0)
    return step_means(days.ravel(), time.step_minutes)


def _positive(value: float, name: str) -> float:
    if value > 0.0:
        return float(value)
    raise _error(name, "column", "the readings of the year are zero or negative in sum", "check the column and its sign")


def _error(name: str, field: str, found: str, remedy: str) -> DefinitionError:
    return DefinitionError(f"load {name}", [Problem(f"{name}.{field}", found, remedy)])
