"""Weather years drawn from a climatology: any number, for any number of places, in quarter hours or hours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridsim.errors import DefinitionError, Problem
from gridsim.profiles.persistence import stream
from gridsim.profiles.synthesis import air, sky, wind
from gridsim.profiles.synthesis.calendar import QUARTERS, QuarterHours, to_steps
from gridsim.profiles.weather.series import Weather

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from gridsim.profiles.site import Site
    from gridsim.profiles.synthesis.climatology import Climatology
    from gridsim.profiles.synthesis.sky import ClearSky

SHORTEST_CLEAR_DAY_WH_PER_M2 = 1.0
"""Below it a day is polar night, and taken as clear. [Wh/m2]"""


def synthesise(
    climates: Mapping[str, Climatology], *, seed: int, years: int = 1, year: int = 2030, step_minutes: int = 60, typical: bool = True
) -> dict[str, tuple[Weather, ...]]:
    """Draw weather years for places that lie under one sky.

    Parameters
    ----------
    climates : mapping of Climatology
        Climate of each place, by the name that the result will carry. Places near each other get similar weather in the same hour.
    seed : int
        Source of all chance. Every year and every quantity has a stream of its own and every place takes its share of a field that
        fills space: another place or another year more leaves the others as they were, to the bit.
    years : int
        How many years to draw.
    year : int
        Calendar year of **all** of them: they are possible weathers of one year, not a sequence.
    step_minutes : int
        60 or 15. Hours are the means of the same seed's quarter hours.
    typical : bool
        Whether the first year is a typical one: every month meets the climatology exactly in irradiation, temperature and wind speed. The years
        after it, or all years where False, stray as real ones do.

    Returns
    -------
    dict of tuple of Weather
        For each place, one weather a year.
    """
    _check(climates, seed, years, year, step_minutes)
    skies = {name: _clear_sky(climate, year) for name, climate in climates.items()}
    drawn = [_draw(climates, skies, seed, number, year, step_minutes, typical=typical and number == 0) for number in range(years)]
    return {name: tuple(weathers[name] for weathers in drawn) for name in climates}


def _check(climates: Mapping[str, Climatology], seed: int, years: int, year: int, step_minutes: int) -> None:
    problems = []
    if step_minutes not in (15, 60):
        problems.append(Problem("step_minutes", f"is {step_minutes}", "60 or 15"))
    if years < 1:
        problems.append(Problem("years", f"is {years}", "one or more"))
    if seed < 0:
        problems.append(Problem("seed", f"is {seed}", "zero or more"))
    if not 1950 <= year <= 2100:
        problems.append(Problem("year", f"is {year}", "a calendar year from 1950 to 2100"))
    if not climates:
        problems.append(Problem("climates", "is empty", "name at least one place"))
    if len({climate.utc_offset_hours for climate in climates.values()}) > 1:
        problems.append(Problem("utc_offset_hours", "differs between the places", "a park keeps one standard time; give all places the same"))
    if problems:
        raise DefinitionError("synthetic weather", problems)


def _clear_sky(climate: Climatology, year: int) -> tuple[ClearSky, NDArray[np.float64]]:
    """Sky without clouds of a place, and the exponents that are expected to meet its climatology."""
    quarters = QuarterHours(year, climate.utc_offset_hours)
    clear = sky.clear_sky(climate.site, quarters)
    return clear, sky.expected_powers(climate, clear, quarters)


def _draw(
    climates: Mapping[str, Climatology],
    skies: Mapping[str, tuple[ClearSky, NDArray[np.float64]]],
    seed: int,
    number: int,
    year: int,
    step_minutes: int,
    *,
    typical: bool,
) -> dict[str, Weather]:
    """Draw one year for all places together."""
    sites = [climate.site for climate in climates.values()]
    quarters = QuarterHours(year, next(iter(climates.values())).utc_offset_hours)
    windiness = wind.weather_systems(sites, quarters.days, stream(seed, f"wind/{number}"))
    shares = sky.clear_shares(sites, quarters.days, wind.day_means(windiness), seed, number)
    warmth = air.spells(sites, quarters.days, stream(seed, f"temperature/{number}"))

    weathers = {}
    for position, (name, climate) in enumerate(climates.items()):
        clear, powers = skies[name]
        share = shares[:, position]
        if typical:
            powers = sky.exact_powers(share, climate, clear, quarters, powers)
        columns = sky.irradiance_w_per_m2(share, powers, clear, quarters)
        clearness = _daily_clearness(columns["ghi_w_per_m2"], clear.ghi_w_per_m2)
        columns["temperature_degc"] = air.temperature_degc(warmth[:, position], clearness, climate, quarters, typical=typical)
        columns["wind_speed_m_per_s"] = wind.speed_m_per_s(windiness[:, position], climate, quarters, typical=typical)
        kind = "typical year" if typical else f"year {number + 1}"
        origin = f"synthetic, gridsim.profiles.synthesis, climate {climate.name}, seed {seed}, {kind}"
        weathers[name] = _weather(climate.site, columns, quarters, step_minutes, climate.wind_height_m, origin)
    return weathers


def _daily_clearness(ghi: NDArray[np.float64], clear: NDArray[np.float64]) -> NDArray[np.float64]:
    """Irradiation of each day relative to that of a clear sky. Shape (days,). [0..1]"""
    day, brightest = (series.reshape(-1, QUARTERS).sum(axis=1) for series in (ghi, clear))
    return np.where(brightest > 4.0 * SHORTEST_CLEAR_DAY_WH_PER_M2, day / np.maximum(brightest, 1.0), 1.0)


def _weather(site: Site, columns: Mapping[str, NDArray[np.float64]], quarters: QuarterHours, step_minutes: int, wind_height_m: float, origin: str) -> Weather:
    import pandas as pd

    table = pd.DataFrame({name: to_steps(series, step_minutes) for name, series in columns.items()}, index=quarters.starts(step_minutes))
    return Weather(site, table, wind_height_m=wind_height_m, origin=origin, licence="MIT")
