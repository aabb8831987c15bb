"""The kinds of load and their shipped numbers: ``gridsim/data/load_shapes.yaml``, each number with source and certainty."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

TABLE = Path(__file__).parents[2] / "data" / "load_shapes.yaml"


@dataclass(frozen=True)
class Maintenance:
    """Planned work, every year."""

    first_day: str
    """Month and day, as ``05-20``."""
    days: int
    depth: float
    """Share of the load that stands still. [0..1]"""


@dataclass(frozen=True)
class Phase:
    """A part of a heat, from tap to tap."""

    name: str
    minutes: float
    """Mean length. [min]"""
    level: float
    """Power relative to full melting power. [0..1]"""
    power_factor: float
    """Lagging, at the furnace bus. [0..1]"""


@dataclass(frozen=True)
class Kind:
    """What a load looks like: the shipped numbers of its kind, or those with a request's own in their place."""

    name: str
    carrier: Literal["electricity", "heat"]
    family: Literal["rhythm", "furnace", "space_heat"]
    shift_hours: dict[int, list[list[float]]]
    """Working hours of one, two and three shifts, from and to. [h]"""
    shift_ramp_hours: float
    """Time from first to full work at each end of a shift. [h]"""
    idle_share: float
    """Load outside working hours, relative to a full working hour. [0..1]"""
    saturday_share: float
    """What a Saturday draws above ``idle_share``, relative to a working day. [0..1]"""
    sunday_share: float
    holiday_share: float
    """As ``saturday_share``, on public holidays. [0..1]"""
    ripple: float
    """Standard deviation of the logarithm of the load about its clock, before it is brought to its load factor. [1]"""
    memory_per_hour: float
    """Correlation of the ripple with itself an hour later. [0..1)"""
    outages_per_year: float
    """Unplanned partial stops, Poisson. [1/a]"""
    outage_hours: float
    outage_depth: float
    """Share of the load that trips. [0..1]"""
    cooling_per_kelvin: float
    """Extra load per kelvin of air temperature above ``cooling_from_degc``. [1/K]"""
    heating_per_kelvin: float
    """Extra load per kelvin of air temperature below ``heating_from_degc``. [1/K]"""
    cooling_from_degc: float
    heating_from_degc: float
    load_factor: float | None = None
    """Mean over peak of the quarter hours of a year; None where it follows from the weather. [0..1]"""
    power_factor: float | None = None
    """Of the year's energies, lagging; None for heat, and where it follows from the phases of a furnace. [0..1]"""
    clock: tuple[float, ...] = ()
    """Mean load of each hour of a working day, relative to its largest; 24 values, or none for a load without a clock."""
    shifts: int | None = None
    """Shifts a day in place of the clock."""
    maintenance: tuple[Maintenance, ...] = ()
    furnaces: int = 0
    phases: tuple[Phase, ...] = ()
    phase_spread: float = 0.0
    """Standard deviation of the logarithm of each phase's length. [1]"""
    reactive_spread: float = 0.0
    """Standard deviation of the logarithm of each heat's tan φ. [1]"""
    pause_minutes: float = 0.0
    """Mean wait between two heats; brings the furnaces to their load factor. [min]"""
    auxiliary_share: float = 0.0
    """Steady load beside the furnaces, relative to auxiliaries and all furnaces melting. [0..1]"""
    auxiliary_power_factor: float = 1.0
    season_first_day: str = ""
    season_last_day: str = ""
    heating_limit_degc: float = 0.0
    """Outdoor temperature below which buildings need heat. [degC]"""

    @property
    def cycle_minutes(self) -> float:
        """Mean length of a heat without the pause. [min]"""
        return sum(phase.minutes for phase in self.phases)

    @property
    def uses_temperature(self) -> bool:
        """True where the air temperature enters."""
        return bool(self.family == "space_heat" or self.cooling_per_kelvin or self.heating_per_kelvin)


@dataclass(frozen=True)
class Number:
    """One shipped number with where it comes from."""

    kind: str
    field: str
    value: Any
    source: str
    certainty: str
    """V1 read in a primary text, V2 in a secondary copy, C computed, M recalled, A assumed ("judged")."""


@cache
def _file() -> dict[str, Any]:
    from ruamel.yaml import YAML

    content: dict[str, Any] = YAML(typ="safe").load(TABLE)
    return content


@cache
def kinds() -> dict[str, Kind]:
    """Every kind by name."""
    common = dict(_values(_file()["common"]))
    return {name: _kind(name, common | dict(_values(entry["groups"]))) for name, entry in _file()["kinds"].items()}


def numbers() -> list[Number]:
    """Every shipped number with source and certainty; those for all kinds under ``common``."""
    groups = {"common": _file()["common"]} | {name: entry["groups"] for name, entry in _file()["kinds"].items()}
    return [
        Number(name, field, value, group["source"], group["certainty"])
        for name, listed in groups.items()
        for group in listed
        for field, value in group["values"].items()
    ]


def labels() -> dict[str, dict[str, str]]:
    """Name of each kind in English (``en``) and Chinese (``zh``)."""
    return {name: dict(entry["label"]) for name, entry in _file()["kinds"].items()}


def shipped_mixes() -> dict[str, dict[str, Any]]:
    """What the shipped profile sets are made of: ``columns``, ``base_mix``, ``starter_mix``, in shares of the sum of peaks."""
    mixes: dict[str, dict[str, Any]] = _file()["shipped"]
    return mixes


def _values(groups: list[dict[str, Any]]) -> Iterator[tuple[str, Any]]:
    for group in groups:
        yield from group["values"].items()


def _kind(name: str, values: dict[str, Any]) -> Kind:
    made: dict[str, Any] = dict(values)
    made["clock"] = tuple(values.get("clock", ()))
    made["maintenance"] = tuple(Maintenance(**entry) for entry in values.get("maintenance", ()))
    made["phases"] = tuple(Phase(**entry) for entry in values.get("phases", ()))
    if made["clock"]:
        made["idle_share"] = min(made["clock"])
    return Kind(name, **made)
