"""Metered series of a plant from CSV or Excel: energy per interval, power or per-unit columns become mean power of equal steps.

Signs: what a plant draws is positive; reactive power is positive where the current lags (inductive), negative where it leads.
"""

from __future__ import annotations

import datetime
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from gridsim.errors import DefinitionError, Problem, did_you_mean, quoted
from gridsim.profiles.metered_columns import Meaning, by_result, meaning, meanings
from gridsim.profiles.metered_quality import findings_of
from gridsim.profiles.weather.finding import Finding

if TYPE_CHECKING:
    import pandas as pd

    from gridsim.profiles.weather.importers.tabular import Sheet
    from gridsim.profiles.weather.regular import Fill, Interval

UNSTAMPED_YEAR = 2030
"""Year of tables that number their steps instead of stamping them, where the caller names none."""


@dataclass(frozen=True)
class Metered:
    """Mean power of equal steps without gaps, labelled by their start."""

    table: pd.DataFrame
    """Columns end in ``_mw``, ``_mvar`` or ``_pu``; index: aware starts of the steps in standard time at a fixed offset."""
    step_minutes: int
    findings: tuple[Finding, ...]


def read_metered(
    path: str | os.PathLike[str],
    *,
    columns: Mapping[str, str] | None = None,
    units: Mapping[str, str] | None = None,
    interval: Interval | None = None,
    step_minutes: int | None = None,
    time_zone: str = "Asia/Shanghai",
    year: int | None = None,
    fill: Fill | None = None,
    whole_years: bool = False,
) -> Metered:
    """Read metered series, and tell all that was assumed, converted or filled.

    Parameters
    ----------
    path : path
        CSV or Excel file with a header row.
    columns : mapping, optional
        Column of the file for each result, such as ``{"power_mw": "Usage", "reactive_power_mvar": "Q"}``. Left out: every
        column whose header names a unit of energy, power, reactive energy, reactive power or power per capacity.
    units : mapping, optional
        Unit of a result's column where its header has none, such as ``{"power_mw": "kWh"}``.
    interval : "start", "end" or "middle", optional
        What the stamps mark, where neither header nor stamps say it.
    step_minutes : int, optional
        Length of a step. [min]
    time_zone : str
        Zone of the stamps; the result has its standard time all year.
    year : int, optional
        Year of tables that number their steps.
    fill : "climatology", optional
        Fill gaps of more than a day with the month's mean at the same time of day, instead of refusing.
    whole_years : bool
        Ask for whole calendar years and leave out the rest.

    Returns
    -------
    Metered
        Power in MW, reactive power in Mvar, power per capacity as it is.

    Raises
    ------
    DefinitionError
        With all problems, if the file cannot be read as metered series.
    """
    import pandas as pd

    from gridsim.profiles.weather.importers import clock, stamps
    from gridsim.profiles.weather.importers.assemble import interval_of, step_of
    from gridsim.profiles.weather.importers.recognise import first_bytes
    from gridsim.profiles.weather.importers.tabular import read_sheet
    from gridsim.profiles.weather.importers.whole_years import span_of_years
    from gridsim.profiles.weather.regular import regular, starts_of, tell_order

    shown = os.path.normpath(path)
    problems: list[Problem] = []
    named = set((columns or {}).values())
    zone = clock.zone_argument(time_zone, "time_zone", shown, problems)
    sheet = None
    if first_bytes(Path(path), shown, problems) is not None:
        sheet = read_sheet(Path(path), shown, problems, lambda name: name in named or stamps.is_time(name) or meaning(name) is not None)
    if sheet is None:
        raise DefinitionError(shown, problems)
    findings = sheet.findings
    chosen = _chosen(sheet, columns or {}, units or {}, shown, problems)
    times = stamps.stamps_of(sheet, shown, problems, year or UNSTAMPED_YEAR, step_minutes)
    values = _values(sheet, chosen, shown, problems)
    if times is None or zone is None or not chosen:
        raise DefinitionError(shown, problems)
    findings.extend(times.findings)

    index = times.index
    if index.tz is None:
        index = stamps.midnights_of_the_day_before(index, findings)
    step = step_of(index, step_minutes, shown, problems)
    if step is None:
        raise DefinitionError(shown, problems)
    offset = clock.standard_offset(zone, int(index[0].year))
    if index.tz is not None or times.utc:
        index = (index.tz_convert("UTC").tz_localize(None) if index.tz is not None else index) + pd.Timedelta(offset)
        findings.append(Finding("time_zone", "note", f"stamps carry their zone; moved to {clock.shown_offset(offset)}"))
    else:
        index = clock.without_daylight_saving(index, step, zone, findings, problems, shown)
        findings.append(Finding("time_zone", "note", f"stamps are taken as standard time of {time_zone}, {clock.shown_offset(offset)}"))
    said = interval_of(index, step, interval or times.interval, findings)
    table = pd.DataFrame(_powers(values, chosen, step, findings), index=starts_of(index, step, said))
    tell_order(table.index, findings)
    span = None
    if whole_years and not problems:
        table, span = span_of_years(table, step, findings, problems, shown)
    if not problems:
        table = regular(table, step, findings, problems, shown, fill=fill, span=span)
    if problems:
        raise DefinitionError(shown, problems)
    table.index = table.index.tz_localize(datetime.timezone(offset))
    return Metered(table, step, (*findings, *findings_of(table, step)))


def _chosen(sheet: Sheet, columns: Mapping[str, str], units: Mapping[str, str], shown: str, problems: list[Problem]) -> dict[str, Meaning]:
    """Return what each column of the file that is used means, after noting what is wrong with the caller's choice."""
    headers = [str(name) for name in sheet.cells.columns]
    for result, name in columns.items():
        if name not in headers:
            problems.append(Problem(f"columns.{result}", f"there is no column {quoted(name)}", did_you_mean(name, headers), shown))
    for result in units:
        if result not in columns:
            problems.append(Problem(f"units.{result}", "is not among the columns", "name its column with columns=", shown))
    if columns:
        present = {result: name for result, name in columns.items() if name in headers}
        return by_result(present, units, shown, problems)
    found = meanings(headers)
    if not found:
        remedy = "write units in headers, such as 'energy [kWh]', 'load (kW)', 'lagging_kvarh' or 'wind_pu', or map them with columns= and units="
        problems.append(Problem("columns", f"no column has a unit of energy or power: {', '.join(headers[:12])}", remedy, shown, 1))
        return found
    from gridsim.profiles.weather.importers.stamps import is_time

    unused = [name for name in headers if name not in found and not is_time(name)]
    if unused:
        sheet.findings.append(Finding("columns", "note", f"columns not used: {', '.join(unused)}"))
    return found


def _values(sheet: Sheet, chosen: Mapping[str, Meaning], shown: str, problems: list[Problem]) -> dict[str, np.ndarray]:
    from gridsim.profiles.weather.importers.tabular import numbers

    return {name: numbers(sheet, name, shown, problems) for name in chosen if name in sheet.cells}


def _powers(values: Mapping[str, np.ndarray], chosen: Mapping[str, Meaning], step_minutes: int, findings: list[Finding]) -> dict[str, np.ndarray]:
    r"""Mean power of each step: :math:`P = E / \Delta t`; columns with one result are added by their sign."""
    powers: dict[str, np.ndarray] = {}
    told: dict[str, list[str]] = {}
    for name, column in chosen.items():
        per_step = 60.0 / step_minutes if column.energy else 1.0
        power = column.sign * column.scale * per_step * values[name]
        powers[column.result] = powers[column.result] + power if column.result in powers else power
        told.setdefault(column.result, []).append(f"{'−' if column.sign < 0 else ''}'{name}'{' per step' if column.energy else ''}")
    words = "; ".join(f"{result} from {' '.join(names)}" for result, names in told.items())
    findings.append(Finding("columns", "note", words))
    return powers
