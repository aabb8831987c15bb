"""What a user may ask for: a load by kind and size, or by a metered file."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Any, ClassVar, Literal, NamedTuple

from pydantic import Field, field_validator

from gridsim.errors import did_you_mean, quoted
from gridsim.park.definition import Definition
from gridsim.profiles.loads.kinds import Kind, Maintenance, kinds
from gridsim.units import PositiveShare, Share

PositiveEnergyMWh = Annotated[float, Field(gt=0, json_schema_extra={"unit": "MWh"})]
PositivePowerMW = Annotated[float, Field(gt=0, json_schema_extra={"unit": "MW"})]
COMMON_YEAR = 2001
"""Any year without a leap day: days of the year are written without one."""


class Finding(NamedTuple):
    """Something wrong with one field of a request."""

    field: str
    found: str
    remedy: str


def _day_of_year(text: str) -> str:
    try:
        datetime.date.fromisoformat(f"{COMMON_YEAR}-{text}")
    except ValueError as error:
        raise ValueError(f"{quoted(text)} is not a month and day", "write it as '05-20'; 02-29 is not in every year") from error
    return text


class MaintenanceBreak(Definition):
    """Planned work in every year; past New Year's Eve it goes on in January of the same year."""

    first_day: str
    """Month and day, as ``05-20``."""
    days: Annotated[int, Field(ge=1, le=366)]
    depth: PositiveShare = 1.0
    """Share of the load that stands still. [0..1]"""

    _first_day_exists = field_validator("first_day")(_day_of_year)


class LoadRequest(Definition):
    """A load by its kind and size. What is left out is the kind's own, from ``gridsim/data/load_shapes.yaml``.

    Two of ``annual_energy_mwh``, ``peak_mw`` and ``load_factor`` fix the size; with an energy or a peak alone, the kind's own load factor
    is taken, or, where the request changes the working pattern, the one that follows from it.
    """

    kind: str
    label: str = ""
    note: str = ""
    annual_energy_mwh: PositiveEnergyMWh | None = None
    """Energy of each calendar year; MWh of heat for steam and space heat. [MWh]"""
    peak_mw: PositivePowerMW | None = None
    """Largest step mean of each calendar year; MW of heat for steam and space heat. [MW]"""
    load_factor: PositiveShare | None = None
    """Mean over peak. [0..1]"""
    peak_of_minutes: Literal[5, 15, 30, 60] | None = None
    """Step whose means `peak_mw` and `load_factor` are meant of, such as 15 for a metered demand; left out, the series' own step. [min]"""
    shifts: Literal[1, 2, 3] | None = None
    """Shifts a day, in place of the kind's clock."""
    saturday_share: Share | None = None
    """What a Saturday draws above `idle_share`, relative to a working day. [0..1]"""
    sunday_share: Share | None = None
    """As `saturday_share`, on Sundays. [0..1]"""
    holidays: bool = True
    """Keep Chinese public holidays and the weekends worked in exchange, as far as they are announced."""
    holiday_share: Share | None = None
    """As `saturday_share`, on public holidays. [0..1]"""
    idle_share: Share | None = None
    """Load outside working hours, relative to a full working hour. [0..1]"""
    maintenance: list[MaintenanceBreak] | None = None
    outages_per_year: Annotated[float, Field(ge=0, le=1000)] | None = None
    """Unplanned partial stops, at random. [1/a]"""
    outage_hours: Annotated[float, Field(ge=0, le=8760, json_schema_extra={"unit": "h"})] | None = None
    outage_depth: Share | None = None
    """Share of the load that an outage trips. [0..1]"""
    power_factor: PositiveShare | None = None
    """Of the year's energies, lagging. [0..1]"""
    furnaces: Annotated[int, Field(ge=1, le=50)] | None = None
    """Electric arc furnaces, out of step."""
    tap_to_tap_minutes: Annotated[float, Field(ge=20, le=600, json_schema_extra={"unit": "min"})] | None = None
    """Mean length of a heat without the wait for the next; all phases keep their shares of it. [min]"""
    heating_limit_degc: Annotated[float, Field(ge=-20, le=40, json_schema_extra={"unit": "degC"})] | None = None
    """Outdoor temperature below which buildings need heat. [degC]"""
    season_first_day: str | None = None
    """First day of the heating season, as ``10-15``."""
    season_last_day: str | None = None
    seed: Annotated[int, Field(ge=0, le=2**63)] = 0
    """Seed of everything that is left to chance; each name has a stream of its own."""

    PATTERN: ClassVar[tuple[str, ...]] = (
        *("shifts", "saturday_share", "sunday_share", "holiday_share", "idle_share"),
        *("outages_per_year", "outage_hours", "outage_depth"),
    )
    FURNACE: ClassVar[tuple[str, ...]] = ("furnaces", "tap_to_tap_minutes")
    SPACE_HEAT: ClassVar[tuple[str, ...]] = ("heating_limit_degc", "season_first_day", "season_last_day")

    @field_validator("kind")
    @classmethod
    def _kind_is_known(cls, name: str) -> str:
        if name not in kinds():
            raise ValueError(f"{quoted(name)} is not a kind of load", did_you_mean(name, kinds()))
        return name

    @field_validator("season_first_day", "season_last_day")
    @classmethod
    def _days_exist(cls, text: str | None) -> str | None:
        return None if text is None else _day_of_year(text)

    @property
    def changes_pattern(self) -> bool:
        """True where the kind's own load factor does not apply, because its working pattern does not."""
        given = {name for name in (*self.PATTERN, *self.FURNACE, *self.SPACE_HEAT, "maintenance") if getattr(self, name) is not None}
        return bool(given) or not self.holidays

    def findings(self) -> Iterator[Finding]:
        """Yield what needs more than one field to see."""
        sizes = [name for name in ("annual_energy_mwh", "peak_mw", "load_factor") if getattr(self, name) is not None]
        if len(sizes) == 3:
            yield Finding("load_factor", "is given together with annual_energy_mwh and peak_mw", "give two of them; the third follows")
        if sizes in ([], ["load_factor"]):
            yield Finding("annual_energy_mwh", "is missing", "give annual_energy_mwh or peak_mw")
        if self.kind == "space_heat" and self.load_factor is not None and self.heating_limit_degc is not None:
            yield Finding("heating_limit_degc", "is given together with load_factor", "give one of them; each decides the other")
        for name, remedy in self._strangers():
            if getattr(self, name) is not None:
                yield Finding(name, f"does not apply to {self.kind}", remedy)

    def _strangers(self) -> Iterator[tuple[str, str]]:
        """Yield the fields that mean nothing for this kind, and what to do about each."""
        kind = kinds()[self.kind]
        for fields, family in ((self.FURNACE, "furnace"), (self.SPACE_HEAT, "space_heat")):
            if kind.family != family:
                of = " or ".join(sorted(known.name for known in kinds().values() if known.family == family))
                yield from ((name, f"remove it; it is for kind: {of}") for name in fields)
        if kind.family == "space_heat":
            yield from ((name, "remove it; space heat follows degree hours alone") for name in self.PATTERN)
        if kind.carrier == "heat":
            yield "power_factor", "remove it; heat has no reactive power"

    def pattern(self) -> Kind:
        """Return the kind with this request's own numbers in their place."""
        kind = kinds()[self.kind]
        own: dict[str, Any] = {
            name: value for name in (*self.PATTERN, *self.SPACE_HEAT, "furnaces", "power_factor") if (value := getattr(self, name)) is not None
        }
        if self.maintenance is not None:
            own["maintenance"] = tuple(Maintenance(entry.first_day, entry.days, entry.depth) for entry in self.maintenance)
        if self.tap_to_tap_minutes is not None:
            stretch = self.tap_to_tap_minutes / kind.cycle_minutes
            own["phases"] = tuple(replace(phase, minutes=phase.minutes * stretch) for phase in kind.phases)
        return replace(kind, **own)


class MeteredLoad(Definition):
    """A load as it was metered, or its shape brought to another size."""

    file: str
    """Table of readings, relative to the loads file."""
    column: str | None = None
    """Column of the active power or energy; left out, the one whose header names such a unit, and reactive power with it."""
    unit: str | None = None
    """Unit of the column, such as ``kWh``, where its header has none."""
    reactive_column: str | None = None
    """Column of the reactive power or energy, lagging positive."""
    reactive_unit: str | None = None
    interval: Literal["start", "end"] | None = None
    """Whether a stamp is the start or the end of its interval; left out, it is found out."""
    label: str = ""
    note: str = ""
    annual_energy_mwh: PositiveEnergyMWh | None = None
    """Energy to scale to; left out, that of the meter. [MWh]"""
    peak_mw: PositivePowerMW | None = None
    """Peak to scale to. [MW]"""
    power_factor: PositiveShare | None = None
    """Lagging, where no reactive column is named. [0..1]"""

    def findings(self) -> Iterator[Finding]:
        """Yield what needs more than one field to see."""
        if self.annual_energy_mwh is not None and self.peak_mw is not None:
            yield Finding("peak_mw", "is given together with annual_energy_mwh", "give one of them; the metered shape decides the other")
        for named in ("unit", "reactive_column"):
            if getattr(self, named) is not None and self.column is None:
                yield Finding(named, "is given without column", "name the column of the active power too")
        if self.reactive_unit is not None and self.reactive_column is None:
            yield Finding("reactive_unit", "is given without reactive_column", "name the column of the reactive power too")
        if self.reactive_column is not None and self.power_factor is not None:
            yield Finding("power_factor", "is given together with reactive_column", "give one of them; the meter decides the other")
