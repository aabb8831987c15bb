"""The parts of a park that are not technologies: time, sites, buses, limits, rules, finance."""

from __future__ import annotations

import datetime
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from gridsim.park.definition import Definition
from gridsim.park.finance import FinanceTerms
from gridsim.profiles.time_axis import TimeAxis, checked_time_zone
from gridsim.units import Share

Carrier = Literal["electricity", "hydrogen", "ammonia", "heat"]

CARRIER_UNIT = {"electricity": "MW", "hydrogen": "MW_LHV", "ammonia": "t/h", "heat": "MW_th"}
"""Unit of flow on the buses of each carrier, inside the network."""


FIRST_DAY, LAST_DAY = datetime.date(1990, 1, 1), datetime.date(2100, 12, 31)


class TimeSection(Definition):
    """Which hours are simulated."""

    year: Annotated[int, Field(ge=FIRST_DAY.year, le=LAST_DAY.year)] | None = None
    """A whole calendar year: 8760 hours, or 8784 in a leap year."""
    start: Annotated[datetime.date, Field(ge=FIRST_DAY, le=LAST_DAY)] | None = None
    """First day, where not a whole year is simulated."""
    hours: Annotated[int, Field(ge=1, le=87_840)] | None = None
    """Hours from ``start``."""
    step_minutes: Literal[5, 15, 30, 60] = 60
    time_zone: str = "Asia/Shanghai"
    """Name in the IANA time zone database; snapshots are in its standard time all year."""

    _zone_exists = field_validator("time_zone")(checked_time_zone)

    @model_validator(mode="after")
    def _year_or_start(self) -> TimeSection:
        given = [key for key in ("year", "start", "hours") if getattr(self, key) is not None]
        if given not in (["year"], ["start", "hours"]):
            found = f"has {' and '.join(given) or 'neither year nor start'}"
            raise ValueError(found, "give year: for a whole year, or start: together with hours:")
        return self

    def axis(self) -> TimeAxis:
        """Return the snapshots."""
        day = self.start or datetime.date(self.year or FIRST_DAY.year, 1, 1)
        hours = self.hours or (day.replace(year=day.year + 1) - day).days * 24
        start = datetime.datetime.combine(day, datetime.time())
        return TimeAxis(start, hours * 60 // self.step_minutes, self.step_minutes, self.time_zone)


class Site(Definition):
    """A place that holds buses, such as one of the parks of a zone."""

    label: str = ""
    note: str = ""


class Bus(Definition):
    """A node where everything of one carrier balances at every snapshot."""

    carrier: Carrier
    label: str = ""
    """What reports call it; left out, the only electric bus of a site bears the site's label."""
    site: str | None = None
    voltage_kv: Annotated[float, Field(gt=0)] | None = None
    note: str = ""


class Limits(Definition):
    """Annual limits as shares, over all grid connections of the park (the words of the scorecard)."""

    import_share_max: Share | None = None
    """Imports over load. [1]"""
    green_share_min: Share | None = None
    """(load − import) / load. [1]"""
    self_use_ratio_min: Share | None = None
    """(available − curtailed − export) / available. [1]"""
    export_share_max: Share | None = None
    """Exports over `export_share_of`. [1]"""
    export_share_of: Literal["available", "generation"] = "available"
    """``available`` as in the national notice 650/2025, ``generation`` (export + self-use) as in Inner Mongolia's draft."""
    curtailment_rate_max: Share | None = None
    """Curtailed over available. [1]"""
    note: str = ""


class Rules(Definition):
    """Rule sets that the park is held against, and what it declares to them."""

    report: Literal["all"] | list[str] = "all"
    """Ids of the rule sets to judge the park by."""
    enforce: list[str] = Field(default_factory=list)
    """Ids of rule sets, or of single rules (``cn-650-2025.self_use``), that the dispatch and the capacities must keep."""
    declared: dict[str, bool | int | float | str] = Field(default_factory=dict)
    """What no simulation knows: facts by name."""
    thresholds: dict[str, float] = Field(default_factory=dict)
    """Thresholds of single rules in place of their documents', such as those that a province sets."""
    readings: dict[str, str] = Field(default_factory=dict)
    """Which reading of a rule counts, where its document can be read in several ways."""
    note: str = ""


class Finance(FinanceTerms):
    """What turns an investment into a yearly cost."""

    discount_rate: Annotated[float, Field(ge=0, lt=1)]
    """Real discount rate. [1/a]"""
    note: str = ""
