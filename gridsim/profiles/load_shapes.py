"""What the consumers of a park draw through the year, per unit of their own annual peak.

Two kinds: processes that run day and night, and places that follow the working day. Both are drawn as a raw shape and then
brought to a stated load factor.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridsim.profiles.persistence import persistent_normal, stream

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Overhaul:
    """Planned maintenance, once a year."""

    first_day: str
    """Month and day, as ``05-20``."""
    days: int
    depth: float
    """Share of the load that stands still. [0..1]"""


@dataclass(frozen=True)
class Process:
    """A plant that runs day and night: a ceiling, a ripple below it, partial stops, an overhaul."""

    load_factor: float
    """Mean over peak of the year. [0..1]"""
    ripple: float
    """Standard deviation of the load before it is brought to its load factor. [0..1]"""
    memory: float
    """Hourly AR(1) memory of the ripple. [0..1)"""
    stops_per_year: float = 0.0
    """Unplanned partial stops, Poisson. [1/a]"""
    stop_hours: int = 1
    stop_depth: float = 0.0
    """Share of the load that trips. [0..1]"""
    overhaul: Overhaul | None = None
    cooling_per_kelvin: float = 0.0
    """Extra load per kelvin of air temperature above ``COOLING_FROM_DEGC``. [1/K]"""


@dataclass(frozen=True)
class Place:
    """A place that follows the clock and the calendar."""

    load_factor: float
    """Mean over peak of the year. [0..1]"""
    workday: tuple[float, ...]
    """Load of each hour of a working day, relative to its largest; 24 values."""
    saturday: float
    """Load by day, above the night's, relative to a working day. [0..1]"""
    sunday: float
    """As ``saturday``, on Sundays. [0..1]"""
    holiday: float
    """As ``saturday``, on public holidays. [0..1]"""
    ripple: float
    """Standard deviation of the load about the clock's. [0..1]"""
    memory: float
    """Hourly AR(1) memory of the ripple. [0..1)"""
    heating_per_kelvin: float = 0.0
    """Extra load per kelvin of air temperature below ``HEATING_FROM_DEGC``. [1/K]"""
    cooling_per_kelvin: float = 0.0
    """As ``heating_per_kelvin``, above ``COOLING_FROM_DEGC``. [1/K]"""


COOLING_FROM_DEGC = 20.0
HEATING_FROM_DEGC = 5.0
RIPPLE_CEILING = 1.5
"""Ripple above this many standard deviations is cut off: a plant does not run above its rating."""

# Load factors: aluminium 0.97-0.99, zinc 0.90-0.95, copper 0.85-0.92, rolling and oxygen steel 0.75-0.85, fermentation
# 0.85-0.95, lithium and kilns 0.85-0.92 (recalled industry ranges, middle taken); workshops 0.60 (a published contest day,
# peak at 10:00, least at 03:00). Ripples, stops and overhauls are judged.
# fmt: off
PROCESSES = {
    "aluminium": Process(0.98, ripple=0.012, memory=0.95, stops_per_year=6, stop_hours=3, stop_depth=0.15),
    "copper": Process(
        0.88, ripple=0.065, memory=0.80, stops_per_year=8, stop_hours=12, stop_depth=0.40, overhaul=Overhaul("09-05", 12, 0.6),
    ),
    "zinc": Process(
        0.92, ripple=0.045, memory=0.90, stops_per_year=6, stop_hours=8, stop_depth=0.30, overhaul=Overhaul("06-10", 10, 0.3),
    ),
    "steel": Process(
        0.80, ripple=0.130, memory=0.50, stops_per_year=50, stop_hours=9, stop_depth=0.35, overhaul=Overhaul("05-12", 8, 0.5),
    ),
    "fermentation": Process(
        0.90, ripple=0.030, memory=0.98, stops_per_year=5, stop_hours=18, stop_depth=0.25, overhaul=Overhaul("01-25", 10, 0.4),
        cooling_per_kelvin=0.006,
    ),
    "lithium": Process(
        0.88, ripple=0.065, memory=0.97, stops_per_year=8, stop_hours=24, stop_depth=0.35, overhaul=Overhaul("02-01", 12, 0.5),
    ),
}

PLACES = {
    "workshop": Place(
        0.60,
        (.24, .22, .20, .19, .20, .24, .38, .62, .88, .97, 1.0, .95, .78, .86, .94, .95, .92, .85, .72, .64, .58, .48, .36, .28),
        saturday=0.95, sunday=0.80, holiday=0.40, ripple=0.03, memory=0.7,
    ),
    "office": Place(
        0.42,
        (.22, .21, .20, .20, .20, .22, .30, .48, .78, .94, 1.0, .98, .80, .86, .96, .98, .95, .84, .60, .46, .38, .32, .26, .24),
        saturday=0.35, sunday=0.20, holiday=0.12, ripple=0.02, memory=0.7, heating_per_kelvin=0.008, cooling_per_kelvin=0.02,
    ),
    # lorries and cars: much in the valley tariff (00-05, 11-14), little in its peaks (06-09, 17-22)
    "charging": Place(
        0.45,
        (.75, .78, .72, .62, .50, .35, .25, .25, .32, .50, .65, .95, 1.0, .96, .62, .52, .45, .36, .30, .33, .38, .42, .55, .68),
        saturday=0.95, sunday=0.80, holiday=0.60, ripple=0.08, memory=0.3,
    ),
}
# fmt: on

BASE_MIX = {"workshop": 0.40, "fermentation": 0.20, "lithium": 0.15, "office": 0.15, "charging": 0.10}
"""Shares of the sum of peaks in the general load of the reference park: the many that are not listed one by one."""

STARTER_MIX = {"workshop": 0.50, "steel": 0.15, "fermentation": 0.20, "office": 0.15}
"""Shares of the sum of peaks in the load of the starter park: light industry, one steady plant, one furnace."""


def with_load_factor(shape: NDArray[np.float64], load_factor: float) -> NDArray[np.float64]:
    r"""Bring a positive shape to peak 1 and a given mean, by one exponent: order, peak and sign stay as they are.

    .. math:: y = x^{p}, \qquad x = \frac{\mathrm{shape}}{\max \mathrm{shape}}, \qquad p :\ \bar y = \mathrm{load\ factor}

    Examples
    --------
    >>> with_load_factor(np.array([4.0, 1.0]), load_factor=0.75).round(6).tolist()  # p = 1/2
    [1.0, 0.5]
    """
    from scipy.optimize import brentq

    relative = shape / shape.max()
    exponent = brentq(lambda p: (relative**p).mean() - load_factor, 1e-3, 1e3)
    scaled: NDArray[np.float64] = relative**exponent
    return scaled


def process_load_pu(
    process: Process, starts: pd.DatetimeIndex, temperature_degc: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.float64]:
    """Load of a plant that runs day and night. [pu of its annual peak]

    Parameters
    ----------
    process : Process
        The plant.
    starts : DatetimeIndex, length T
        Starts of the hours of one year.
    temperature_degc : array, shape (T,)
        Air temperature, for cooling. [degC]
    rng : numpy.random.Generator
        Source of ripple and stops.
    """
    load = 1.0 + process.ripple * _ripple(rng, len(starts), process.memory)
    load += process.cooling_per_kelvin * np.maximum(temperature_degc - COOLING_FROM_DEGC, 0.0)
    for first in rng.integers(len(starts), size=rng.poisson(process.stops_per_year)):
        load[first : first + process.stop_hours] *= 1.0 - process.stop_depth
    if process.overhaul:
        first = int(np.argmax(starts.strftime("%m-%d") == process.overhaul.first_day))
        load[first : first + 24 * process.overhaul.days] *= 1.0 - process.overhaul.depth
    return with_load_factor(load, process.load_factor)


def place_load_pu(
    place: Place, starts: pd.DatetimeIndex, temperature_degc: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.float64]:
    """Load of a place that follows the working day and the public holidays. [pu of its annual peak]

    Parameters
    ----------
    place : Place
        The place.
    starts : DatetimeIndex, length T
        Starts of the hours of one year.
    temperature_degc : array, shape (T,)
        Air temperature, for heating and cooling. [degC]
    rng : numpy.random.Generator
        Source of the ripple.
    """
    clock = np.array(place.workday)[starts.hour]
    night = min(place.workday)
    load = night + (clock - night) * activity(place, starts)
    warmth = np.maximum(HEATING_FROM_DEGC - temperature_degc, 0.0) * place.heating_per_kelvin
    coolth = np.maximum(temperature_degc - COOLING_FROM_DEGC, 0.0) * place.cooling_per_kelvin
    load *= 1.0 + warmth + coolth + place.ripple * _ripple(rng, len(starts), place.memory)
    return with_load_factor(load, place.load_factor)


def activity(place: Place, starts: pd.DatetimeIndex) -> NDArray[np.float64]:
    """How much of a working day each hour's day is: 1 on working days, less at the weekend and on Chinese public holidays. [0..1]

    Weekends that are worked in exchange for a longer holiday are announced a year ahead and not known for future years.
    """
    import holidays

    public = holidays.country_holidays("CN", years=sorted(set(starts.year)))
    by_weekday = np.array([1.0, 1.0, 1.0, 1.0, 1.0, place.saturday, place.sunday])[starts.dayofweek]
    is_holiday = np.array([day in public for day in starts[::24].date]).repeat(24)
    shares: NDArray[np.float64] = np.where(is_holiday, place.holiday, by_weekday)
    return shares


def all_loads_pu(starts: pd.DatetimeIndex, temperature_degc: NDArray[np.float64], seed: int, park: str) -> dict[str, NDArray[np.float64]]:
    """Every process and every place by name, each from its own stream of chance. [pu of their annual peaks]"""
    loads = {
        name: process_load_pu(process, starts, temperature_degc, stream(seed, f"{park}/load/{name}")) for name, process in PROCESSES.items()
    }
    loads |= {name: place_load_pu(place, starts, temperature_degc, stream(seed, f"{park}/load/{name}")) for name, place in PLACES.items()}
    return loads


def mixed_load_pu(loads: Mapping[str, NDArray[np.float64]], shares: Mapping[str, float]) -> NDArray[np.float64]:
    """Sum of loads, each weighted by its share of the sum of peaks; peak 1. The load factor is a result. [pu of its peak]

    Examples
    --------
    >>> loads = {"day": np.array([1.0, 0.0]), "night": np.array([0.0, 1.0])}
    >>> mixed_load_pu(loads, {"day": 0.8, "night": 0.2}).tolist()
    [1.0, 0.25]
    """
    total: NDArray[np.float64] = np.sum([share * loads[name] for name, share in shares.items()], axis=0)
    total /= total.max()
    return total


def _ripple(rng: np.random.Generator, steps: int, memory: float) -> NDArray[np.float64]:
    """Standard normal ripple with a ceiling."""
    ripple: NDArray[np.float64] = np.minimum(persistent_normal(rng, steps, memory)[:, 0], RIPPLE_CEILING)
    return ripple
