"""What a park file says about carbon: ``carbon:``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gridsim.park.definition import Definition
from gridsim.units import EnergyMWh, MassT, Share

Certainty = Literal["V1", "V2", "C", "M", "M?", "A", "X"]

Period = Literal["year", "month", "hour", "every_hour"]

KgPerKWh = Annotated[float, Field(ge=0, le=2)]


class OwnFactors(Definition):
    """Factors of the user's own in place of a set's. [kg/kWh]"""

    average_kg_per_kwh: KgPerKWh | None = None
    """Of all electricity in the grid, for location-based accounts."""
    residual_kg_per_kwh: KgPerKWh | None = None
    """Of what remains in the grid after green power was sold by contract, for market-based accounts."""
    fossil_kg_per_kwh: KgPerKWh | None = None
    source: str
    certainty: Certainty = "A"


class OtherEnergy(Definition):
    """Energy that the park uses and the simulation does not see, such as coal and coke of a steel mill, a year."""

    energy_tce: Annotated[float, Field(ge=0)]
    emissions_t: MassT
    """CO2 from it. [t]"""
    non_fossil_tce: Annotated[float, Field(ge=0)] = 0.0
    source: str
    certainty: Certainty = "A"


class CarbonLimits(Definition):
    """What a dispatch must keep to."""

    matched_share_min: Share | None = None
    """Least share of consumption that green power covers. [1]"""
    matched_by: Period = "month"
    """``year``, ``month``: generation over the period, exports included, against consumption of the period (every month for itself). ``hour``: what was
    not imported, hour by hour, summed over the year. ``every_hour``: the same, and each hour keeps the share."""
    matched_of: Literal["park", "electrolysis"] = "park"
    emissions_max_t: MassT | None = None
    """Largest emission of a year, of fuels and imported electricity; what ``other_energy`` emits is not in it. [t]"""
    emissions_of: Literal["location", "market"] = "location"


class CarbonSection(Definition):
    """Which factors count, and what the simulation cannot know."""

    factor_set: str
    """Region and year, such as ``northeast-2023`` (``gridsim/data/factors/electricity.yaml``)."""
    own_factors: OwnFactors | None = None
    certificates_mwh: EnergyMWh = 0.0
    """Green certificates (绿证) bought a year for imported electricity. [MWh]"""
    electricity_equal_value_kgce_per_kwh: Annotated[float, Field(gt=0, le=1)] | None = None
    """Standard coal for each kWh at equal value (等价值); left out, the shipped one."""
    fuels: dict[str, str] = Field(default_factory=dict)
    """Technology → fuel it burns; left out, by the carrier of what it buys."""
    replaces: dict[str, str] = Field(default_factory=dict)
    """Demand of hydrogen or ammonia → route it replaces; left out, the coal route."""
    other_energy: dict[str, OtherEnergy] = Field(default_factory=dict)
    """Left out, it is not known what else the park uses, and no rule on all of its energy is judged; a park that uses nothing else declares 0 and says why."""
    limits: CarbonLimits = Field(default_factory=CarbonLimits)
    note: str = ""
