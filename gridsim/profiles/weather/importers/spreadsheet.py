"""Weather from CSV and Excel tables whose headers say what they hold, in English or Chinese."""

from __future__ import annotations

import datetime
from pathlib import Path

import numpy as np
import pandas as pd

from gridsim.errors import Problem, did_you_mean, quoted
from gridsim.profiles.weather.finding import Finding
from gridsim.profiles.weather.importers import columns, stamps
from gridsim.profiles.weather.importers.raw import Options, Raw
from gridsim.profiles.weather.importers.tabular import Sheet, numbers, read_sheet
from gridsim.profiles.weather.importers.whole_years import TYPICAL_YEAR
from gridsim.profiles.weather.regular import most_common_step


def read(path: Path, options: Options, problems: list[Problem]) -> Raw | None:
    """Read a weather table, or note every reason why it cannot be read."""
    named = set(options.columns.values())
    sheet = read_sheet(path, options.shown, problems, lambda name: name in named or stamps.is_time(name) or columns.header(name) is not None)
    if sheet is None:
        return None
    choice = _chosen(sheet, options, problems)
    times = stamps.stamps_of(sheet, options.shown, problems, options.year or TYPICAL_YEAR, options.step_minutes)
    table = pd.DataFrame({quantity: numbers(sheet, name, options.shown, problems) for quantity, name in choice.items()})
    if times is None or not choice:
        return None
    index = times.index if times.index.tz is not None else stamps.midnights_of_the_day_before(times.index, sheet.findings)
    step_minutes = options.step_minutes or most_common_step(index)
    height_m = 10.0
    for quantity, name in choice.items():
        meaning = columns.header(name)
        unit = columns.unit_named(quantity, options.units[quantity]) if quantity in options.units else meaning.unit if meaning else None
        if meaning is not None and meaning.height_m is not None and quantity == "wind_speed_m_per_s":
            height_m = meaning.height_m
        if unit is not None:
            seconds = 60.0 * (step_minutes or 60) if unit.per_step else 1.0
            table[quantity] = unit.scale / seconds * table[quantity] + unit.offset
        else:
            table[quantity] = _of_no_unit(table[quantity].to_numpy(float), quantity, name, sheet, options.shown, problems)
    table.index = index
    if "wind_speed_m_per_s" in table and options.wind_height_m is None and height_m == 10.0 and "10" not in choice["wind_speed_m_per_s"]:
        sheet.findings.append(Finding("wind_height", "note", "no height is given with the wind; 10 m is assumed", "give wind_height_m"))
    return Raw(
        table,
        origin=f"{path.name}, a table of {', '.join(choice.values())}",
        interval=times.interval,
        utc_offset=datetime.timedelta(0) if times.utc else None,
        wind_height_m=height_m,
        findings=[*sheet.findings, *times.findings],
    )


def _check_choice(headers: list[str], options: Options, problems: list[Problem]) -> None:
    """Note what is wrong with the columns and units that the caller names."""
    for argument, keys in (("columns", options.columns), ("units", options.units)):
        for quantity in keys:
            if quantity not in columns.KINDS:
                problems.append(Problem(f"{argument}.{quantity}", "is no quantity of a weather table", did_you_mean(quantity, columns.KINDS), options.shown))
    for quantity, unit in options.units.items():
        if quantity in columns.KINDS and columns.unit_named(quantity, unit) is None:
            problems.append(Problem(f"units.{quantity}", f"{quoted(unit)} is not a unit of it", f"known: {columns.known_units(quantity)}", options.shown))
    for quantity, name in options.columns.items():
        if name not in headers:
            problems.append(Problem(f"columns.{quantity}", f"there is no column {quoted(name)}", did_you_mean(name, headers), options.shown))


def _chosen(sheet: Sheet, options: Options, problems: list[Problem]) -> dict[str, str]:
    """Return the column of each quantity, after noting what is wrong with the caller's own choice."""
    headers = [str(name) for name in sheet.cells.columns]
    _check_choice(headers, options, problems)
    choice, aside = columns.chosen(headers, options.columns)
    choice = {quantity: name for quantity, name in choice.items() if name in headers}
    for quantity, names in aside.items():
        found = f"{quantity} is taken from '{choice[quantity]}', not from {', '.join(repr(name) for name in names)}"
        sheet.findings.append(Finding("columns", "note", found, f"name another one with columns={{'{quantity}': …}}"))
    unknown = [name for name in headers if name not in choice.values() and not stamps.is_time(name) and columns.header(name) is None]
    if not choice:
        found = f"no column is known as a quantity of weather: {', '.join(headers[:12])}"
        remedy = "name them as 'ghi [W/m2]', 'temperature [degC]', 'wind speed 10m [m/s]' …, or map them with columns={'ghi_w_per_m2': …}"
        problems.append(Problem("columns", found, remedy, options.shown, 1))
    elif unknown:
        sheet.findings.append(Finding("columns", "note", f"columns not used: {', '.join(unknown)}"))
    return choice


def _of_no_unit(values: np.ndarray, quantity: str, name: str, sheet: Sheet, shown: str, problems: list[Problem]) -> np.ndarray:
    """Take a column without a unit as the canonical one, unless its magnitude says otherwise.

    Percent and hectopascal are so common for humidity and pressure, and so far from the canonical range, that they
    are converted; irradiance and temperature are refused, as a wrong guess would pass for plausible weather elsewhere.
    """
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        return values
    kind, largest, middle = columns.KINDS[quantity], float(finite.max()), float(np.median(finite))
    where = f"column '{name}'"
    if kind == columns.IRRADIANCE and 0.0 < largest < 5.0:
        found = f"has no unit and its largest value is {largest:.3g}: this looks like kW/m2, not W/m2"
        problems.append(Problem(where, found, f"write the unit in the header, '{name} [kW/m2]', or units={{'{quantity}': 'kW/m2'}}", shown))
    elif kind == columns.IRRADIANCE and largest > 3000.0:
        found = f"has no unit and its largest value is {largest:.4g}: too much for W/m2; this looks like an energy in J/m2 or kJ/m2"
        problems.append(Problem(where, found, f"write the unit in the header, '{name} [kJ/m2]', or units={{'{quantity}': 'kJ/m2'}}", shown))
    elif kind == columns.TEMPERATURE and middle > 150.0:
        found = f"has no unit and its median is {middle:.4g}: this looks like K, not degC"
        problems.append(Problem(where, found, f"write the unit in the header, '{name} [K]', or units={{'{quantity}': 'K'}}", shown))
    elif kind == columns.HUMIDITY and largest > 1.5:
        sheet.findings.append(Finding("units", "note", f"{where} has no unit and reaches {largest:.3g}; read as percent"))
        return values / 100.0
    elif kind == columns.PRESSURE and middle < 2000.0:
        factor, unit = (100.0, "hPa") if middle > 200.0 else (1000.0, "kPa")
        sheet.findings.append(Finding("units", "note", f"{where} has no unit and a median of {middle:.4g}; read as {unit}"))
        return values * factor
    return values
