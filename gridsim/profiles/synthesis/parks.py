"""The shipped profile sets: which places, plants and loads they hold, and under which draw of the weather."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gridsim.profiles.conversion import SolarPlant, WindPark, solar_power_pu, wind_power_pu
from gridsim.profiles.loads import shipped
from gridsim.profiles.sets.write import Column, ProfileTable
from gridsim.profiles.synthesis.climates import find_climate
from gridsim.profiles.synthesis.years import synthesise

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from gridsim.profiles.synthesis.climatology import Climatology
    from gridsim.profiles.weather.series import Weather

YEAR = 2030
SEED = 2030
TIME_ZONE = "Asia/Shanghai"

BASE_WIND = WindPark(spread_m_per_s=1.4)
"""Winds in a base differ by 1.2 m/s between turbines some 25 km from its middle (from ``wind.WIND_LENGTH_KM``) and by 0.7 m/s within the hour
(judged); together 1.4 m/s."""

DISPERSED_WIND = WindPark(spread_m_per_s=0.9, wake_loss_share=0.03)
"""Single turbines about the park: nearer to each other, and in each other's way less often. Judged."""

BASE_SUN = SolarPlant(dc_per_ac=1.0)
"""As many MW of modules as of inverters, so that full-load hours are the same on either basis, and comparable with published ones."""

ROOFTOP = SolarPlant(tilt_deg=12.0, dc_per_ac=1.0, bifacial_gain=False, cell_temperature="sapm_close_mount_glass_glass")


@dataclass(frozen=True)
class ShippedSet:
    """One folder of profiles: where its weather is drawn, and what is made of it."""

    title: str
    climates: Mapping[str, Climatology]
    """By place; all under one sky."""
    seed_offset: int
    winds: Mapping[str, tuple[str, WindPark]]
    """Series, its place and what is built there."""
    suns: Mapping[str, tuple[str, SolarPlant]]
    air_of: str
    """Place whose air the loads feel."""
    compared: tuple[tuple[str, str], ...]
    """Pairs of a wind and a solar series that are held against measured years."""


def chifeng() -> ShippedSet:
    """The reference park: two base sites and the park itself."""
    return ShippedSet(
        title=f"Chifeng reference park, synthetic weather and loads of a typical year, {YEAR}",
        climates={"wengniute": find_climate("wengniute"), "aohan": find_climate("aohan"), "park": find_climate("chifeng")},
        seed_offset=0,
        winds={
            "wind_wengniute": ("wengniute", BASE_WIND),
            "wind_aohan": ("aohan", BASE_WIND),
            "wind_dispersed": ("park", DISPERSED_WIND),
        },
        suns={"solar_wengniute": ("wengniute", BASE_SUN), "solar_aohan": ("aohan", BASE_SUN), "solar_rooftop": ("park", ROOFTOP)},
        air_of="park",
        compared=(("wind_wengniute", "solar_wengniute"), ("wind_aohan", "solar_aohan"), ("wind_dispersed", "solar_rooftop")),
    )


def starter() -> ShippedSet:
    """One wind, one sun: the small park to begin with, at Chifeng with the wind of a ridge, under another draw."""
    return ShippedSet(
        title=f"Starter park, synthetic wind, sun and load of a typical year, {YEAR}",
        climates={"park": find_climate("aohan", find_climate("chifeng").site)},
        seed_offset=3,  # the first of the next few whose typical year lies within every band of yardstick.py
        winds={"wind": ("park", BASE_WIND)},
        suns={"solar": ("park", BASE_SUN)},
        air_of="park",
        compared=(("wind", "solar"),),
    )


def draw(plan: ShippedSet, seed: int, years: int = 1) -> dict[str, tuple[Weather, ...]]:
    """Draw the weather of a set: the typical year first, ``years - 1`` that stray after it."""
    return synthesise(plan.climates, seed=seed + plan.seed_offset, years=years, year=YEAR)


def power_pu(plan: ShippedSet, weather: Mapping[str, Weather]) -> dict[str, NDArray[np.float64]]:
    """Power of every plant of a set under one year's weather: wind per rated power, sun per AC capacity (and, here, DC capacity)."""
    winds = {name: wind_power_pu(weather[place], park) for name, (place, park) in plan.winds.items()}
    return winds | {name: solar_power_pu(weather[place], plant) for name, (place, plant) in plan.suns.items()}


def tables(name: str, plan: ShippedSet, weather: Mapping[str, Weather], seed: int) -> list[ProfileTable]:
    """Tables of a set as they are written, under one year's weather."""
    import pandas as pd

    air = weather[plan.air_of].table["temperature_degc"]
    starts = air.index.tz_localize(None)
    generation = pd.DataFrame(power_pu(plan, weather), index=starts)
    columns = {series: _column(weather[place], park.described(), "rated power") for series, (place, park) in plan.winds.items()}
    columns |= {series: _column(weather[place], plant.described(), "AC capacity") for series, (place, plant) in plan.suns.items()}
    loads = shipped.all_loads_pu(starts, air.to_numpy(), seed, name)
    origin = (
        weather[plan.air_of].origin
        if len(weather) == 1
        else f"synthetic, gridsim.profiles.synthesis, climates {', '.join(_climates(plan))}, {_seed(plan, seed)}"
    )
    if name == "starter":
        generation["load"] = shipped.mixed_load_pu(loads, shipped.STARTER_MIX)
        columns["load"] = _mix(shipped.STARTER_MIX)
        return [ProfileTable("series.csv", generation, columns, origin, "MIT")]
    generation["temperature_degc"] = air.to_numpy()
    columns["temperature_degc"] = Column("air in the park, 2 m above ground", unit="degC")
    loads["base_mix"] = shipped.mixed_load_pu(loads, shipped.BASE_MIX)
    load_columns = {load: Column(shipped.described(load), of="annual peak") for load in shipped.COLUMNS} | {"base_mix": _mix(shipped.BASE_MIX)}
    load_origin = f"synthetic, gridsim.profiles.loads, seed {seed}"
    return [
        ProfileTable("weather.csv", generation, columns, origin, "MIT"),
        ProfileTable("loads.csv", pd.DataFrame(loads, index=starts), load_columns, load_origin, "MIT"),
    ]


def _column(weather: Weather, built: str, of: str) -> Column:
    return Column(f"{weather.site.latitude_deg:g} N {weather.site.longitude_deg:g} E; {built}", of=of)


def _mix(shares: Mapping[str, float]) -> Column:
    return Column("shares of peak: " + ", ".join(f"{name} {share}" for name, share in shares.items()), of="annual peak")


def _climates(plan: ShippedSet) -> list[str]:
    return [climate.name for climate in plan.climates.values()]


def _seed(plan: ShippedSet, seed: int) -> str:
    return f"seed {seed + plan.seed_offset}, typical year"
