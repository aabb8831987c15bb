"""Make a weather set: weather of every place, power of every plant, quality of both."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gridsim.errors import DefinitionError, Problem
from gridsim.profiles.persistence import distances_km
from gridsim.profiles.sets.write import Column, ProfileTable, write_set
from gridsim.profiles.time_axis import TimeAxis

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gridsim.profiles.sets.weather_plan import Place, Plant, WeatherPlan
    from gridsim.profiles.synthesis.climatology import Climatology
    from gridsim.profiles.weather.finding import Finding
    from gridsim.profiles.weather.importers import Imported
    from gridsim.profiles.weather.series import Weather

FILE = "weather.csv"
YEAR_OF_SYNTHESIS = 2030
CLIMATE_REACH_KM = 120.0
"""A shipped climate this near is held against imported weather; judged."""


@dataclass(frozen=True)
class WeatherYear:
    """One year of every place and plant."""

    weathers: dict[str, Weather]
    powers: dict[str, NDArray[np.float64]]
    """Power of each plant. Shape (T,). [pu: wind of rated power, solar of DC or AC capacity]"""
    findings: tuple[Finding, ...]


def make_weather(plan: WeatherPlan, progress: Callable[[str, float], None] | None = None) -> list[WeatherYear]:
    """Read or draw the weather of all places, convert it, and check it.

    Raises
    ------
    DefinitionError
        With the problems of all places at once.
    """
    tell = progress or (lambda stage, _: None)
    tell("weather", 0.0)
    imported: dict[str, Imported] = {}
    problems: list[Problem] = []
    for name, place in plan.places.items():
        if not place.synthetic:
            try:
                imported[name] = _import(plan, place)
            except DefinitionError as error:
                problems += plan.placed(error, name)
    drawn: dict[str, tuple[Weather, ...]] = {}
    try:
        drawn = _drawn(plan)
    except DefinitionError as error:
        problems += error.problems
    if not problems:
        problems += _time_problems(plan, imported, drawn)
    if problems:
        raise DefinitionError(plan.title, problems)
    tell("power", 0.0)
    years = []
    for number in range(plan.years):
        weathers = {name: imported[name].weather if name in imported else drawn[name][number] for name in plan.places}
        powers = {name: _power(plant, weathers[plant.place]) for name, plant in plan.plants.items()}
        tell("quality", 0.0)
        findings = [f for name in plan.places for f in _judged(plan, name, weathers[name], powers, imported.get(name))]
        years.append(WeatherYear(weathers, powers, tuple(findings)))
    return years


def write_weather(plan: WeatherPlan, year: WeatherYear, folder: Path) -> None:
    """Write one year as a profile set: the plants' power first, then the weather it was made from."""
    import pandas as pd

    table, columns = {}, {}
    for name, plant in plan.plants.items():
        table[name], columns[name] = year.powers[name], _described(plant, year.weathers[plant.place])
    for place, weather in year.weathers.items():
        for quantity, series in weather.table.items():
            name = quantity if len(year.weathers) == 1 else f"{place}_{quantity}"
            table[name], columns[name] = series.to_numpy(), _quantity(str(quantity), place, weather)
    first = next(iter(year.weathers.values()))
    origin = "; ".join(dict.fromkeys(weather.origin for weather in year.weathers.values()))
    licence = ", ".join(dict.fromkeys(weather.licence for weather in year.weathers.values() if weather.licence)) or "see origin"
    write_set(folder, plan.title, _axis(plan, first), [ProfileTable(FILE, pd.DataFrame(table), columns, origin, licence, year.findings)])


def _axis(plan: WeatherPlan, weather: Weather) -> TimeAxis:
    start = weather.table.index[0]
    return TimeAxis(datetime.datetime(start.year, start.month, start.day), len(weather.table), weather.step_minutes, plan.time.time_zone)


def _import(plan: WeatherPlan, place: Place) -> Imported:
    if place.fetch is not None:
        from gridsim.profiles.weather.importers.online import fetch_nasa_power, fetch_pvgis

        assert place.site is not None
        year = plan.time.year
        if place.fetch == "pvgis":
            return fetch_pvgis(place.site, year, time_zone=plan.time.time_zone, fill=place.fill)
        if year is None:
            remedy = "set time.year (or --year) to a year that has passed"
            raise DefinitionError("NASA POWER", [Problem("fetch", "gives calendar years, and the set names none", remedy)])
        return fetch_nasa_power(place.site, year, year, time_zone=plan.time.time_zone, fill=place.fill)
    return _read(plan, place, str(place.file), plan.time.year)


def _read(plan: WeatherPlan, place: Place, file: str, year: int | None) -> Imported:
    from gridsim.profiles.weather.importers import read_weather

    return read_weather(
        plan.folder / file,
        site=place.site,
        time_zone=plan.time.time_zone,
        stamps_in=place.stamps_in,
        interval=place.interval,
        columns=place.columns,
        units=place.units,
        step_minutes=place.step_minutes,
        year=year,
        fill=place.fill,
        wind_height_m=place.wind_height_m,
    )


def _drawn(plan: WeatherPlan) -> dict[str, tuple[Weather, ...]]:
    """Synthetic years of all places that have a climate, under one sky."""
    from gridsim.profiles.synthesis import synthesise

    climates = {name: _climate(plan, place) for name, place in plan.places.items() if place.synthetic}
    if not climates:
        return {}
    year = plan.time.year or YEAR_OF_SYNTHESIS
    return synthesise(climates, seed=plan.seed, years=plan.years, year=year, step_minutes=plan.time.step_minutes)


def _climate(plan: WeatherPlan, place: Place) -> Climatology:
    from gridsim.profiles.synthesis import climatology_from, find_climate

    if place.climate is not None:
        return find_climate(place.climate, place.site)
    return climatology_from(_read(plan, place, str(place.climate_of), None).weather)


def _time_problems(plan: WeatherPlan, imported: dict[str, Imported], drawn: dict[str, tuple[Weather, ...]]) -> list[Problem]:
    """All places of a set have the same steps of the same year."""
    problems = []
    tables = {name: read.weather.table for name, read in imported.items()} | {name: years[0].table for name, years in drawn.items()}
    first = next(iter(tables))
    for name, table in tables.items():
        minutes = round((table.index[1] - table.index[0]).total_seconds() / 60.0)
        node = plan.tree.at(("places", name))
        if minutes != plan.time.step_minutes:
            remedy = f"set time.step_minutes to {minutes}"
            problems.append(node.problem(f"places.{name}", f"has steps of {minutes} minutes, the set has {plan.time.step_minutes}", remedy))
        elif (table.index[0].year, len(table)) != (tables[first].index[0].year, len(tables[first])):
            found = f"has {len(table)} steps from {table.index[0].year} on, '{first}' has {len(tables[first])} from {tables[first].index[0].year} on"
            problems.append(node.problem(f"places.{name}", found, "set time.year, so that all places are labelled with the same year"))
    return problems


def _power(plant: Plant, weather: Weather) -> NDArray[np.float64]:
    from gridsim.profiles.conversion import solar_power_pu, wind_power_pu

    return solar_power_pu(weather, plant.park, plant.basis) if plant.kind == "solar" else wind_power_pu(weather, plant.park)


def _judged(plan: WeatherPlan, name: str, weather: Weather, powers: dict[str, NDArray[np.float64]], imported: Imported | None) -> list[Finding]:
    """Quality of one place: of its weather once, of its plants one by one."""
    from dataclasses import replace

    from gridsim.profiles.weather.quality import quality

    noted = imported.findings if imported is not None else ()
    at_place = {key: plant for key, plant in plan.plants.items() if plant.place == name}
    report = quality(weather, climatology=_normals(weather), imported=noted)
    # what the import noted of gaps stands there already, and factors are told plant by plant
    findings = [*noted, *(f for f in report.findings if f.check not in {"gaps", "solar_factor", "wind_factor"})]
    for key, plant in at_place.items():
        of = quality(weather, **{f"{plant.kind}_pu": powers[key]}).of(f"{plant.kind}_factor")
        findings += [replace(finding, found=f"{key}: {finding.found}") for finding in of]
    if len(plan.places) > 1:
        findings = [replace(finding, found=f"{name}: {finding.found}") for finding in findings]
    return list(dict.fromkeys(findings))


def _normals(weather: Weather) -> Any:
    """Monthly normals of the nearest shipped climate, where there is one near enough."""
    from gridsim.profiles.synthesis import shipped_climates
    from gridsim.profiles.weather.quality import Climatology as Normals

    climates = list(shipped_climates().values())
    reach_km = distances_km([weather.site, *(climate.site for climate in climates)])[0, 1:]
    if reach_km.min() > CLIMATE_REACH_KM:
        return None
    nearest = climates[int(reach_km.argmin())]
    return Normals(nearest.monthly_ghi_kwh_per_m2, nearest.monthly_temperature_degc, f"climate {nearest.name}")


def _described(plant: Plant, weather: Weather) -> Column:
    at = f"{weather.site.latitude_deg:g} N {weather.site.longitude_deg:g} E"
    if plant.kind == "wind":
        return Column(f"{at}; {plant.park.described()}", of="rated power")
    return Column(f"{at}; {plant.park.described(plant.basis)}", of=f"{plant.basis.upper()} capacity")


def _quantity(quantity: str, place: str, weather: Weather) -> Column:
    from gridsim.profiles.weather.series import QUANTITIES, UNIT_OF

    what = f"wind speed {weather.wind_height_m:g} m above ground" if quantity == "wind_speed_m_per_s" else QUANTITIES[quantity]
    return Column(f"{place}: {what}", unit=UNIT_OF[quantity])
