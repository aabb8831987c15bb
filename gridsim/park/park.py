"""The checked park: everything gridsim knows before any engine is loaded."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gridsim.park.sections import Bus, Finance, Limits, Rules, Site
from gridsim.park.tariff import Tariff

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gridsim.carbon.section import CarbonSection
    from gridsim.indicators.section import IndicatorsSection
    from gridsim.profiles.time_axis import TimeAxis
    from gridsim.rules.definition import RuleSet
    from gridsim.technologies.base import Technology
    from gridsim.vpp.section import VppSection


@dataclass(frozen=True)
class DefaultUsed:
    """A number the user left out, taken from the shipped data."""

    path: str
    value: Any
    unit: str
    source: str
    certainty: str


@dataclass(frozen=True)
class Park:
    """One stage of one park, with its profiles, on its time axis."""

    name: str
    description: str
    folder: Path
    stage: str | None
    time: TimeAxis
    sites: dict[str, Site]
    buses: dict[str, Bus]
    tariffs: dict[str, Tariff]
    technologies: dict[str, Technology]
    limits: Limits
    finance: Finance
    profiles: dict[str, NDArray[np.float64]]
    profile_means: dict[str, float] = field(default_factory=dict)
    """Mean of each profile over the whole time the park file names, also where only a part of it is run."""
    profile_peaks: dict[str, float] = field(default_factory=dict)
    year_hours: float = 8760.0
    """Hours of the calendar year, which annual quantities are spread over. [h]"""
    defaults_used: tuple[DefaultUsed, ...] = ()
    notes: tuple[str, ...] = ()
    fingerprint: str = ""
    """SHA-256 over the definition after stage and overrides, and over every profile used."""
    overrides: tuple[str, ...] = ()
    rules: Rules = field(default_factory=Rules)
    carbon: CarbonSection | None = None
    """How carbon is counted; None where it is not."""
    indicators: IndicatorsSection | None = None
    vpp: VppSection | None = None
    """What it does as a virtual power plant; None where nothing is said of it."""
    own_rule_sets: dict[str, RuleSet] = field(default_factory=dict)
    """Rule sets in the park's folder, by id."""
    definition: dict[str, Any] = field(default_factory=dict)
    """The definition after stage and overrides, as plain data, before defaults."""

    def of_type(self, kind: type[Technology]) -> dict[str, Any]:
        """Technologies of one class, by name."""
        return {name: technology for name, technology in self.technologies.items() if isinstance(technology, kind)}

    def buses_of(self, carrier: str) -> list[str]:
        """Names of the buses of one carrier."""
        return [name for name, bus in self.buses.items() if bus.carrier == carrier]
