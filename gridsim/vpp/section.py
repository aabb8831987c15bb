"""What a park file says about the park as a virtual power plant: ``vpp:``."""

from __future__ import annotations

from pydantic import Field

from gridsim.park.definition import Definition
from gridsim.vpp.envelope.section import EnvelopeSection
from gridsim.vpp.forecast.section import ForecastSection
from gridsim.vpp.islanding.section import IslandingSection
from gridsim.vpp.market.section import MarketsSection
from gridsim.vpp.rolling.section import OperationSection
from gridsim.vpp.setpoints.section import SetPointsSection


class VppSection(Definition):
    """How the park is operated, what it offers, and what it must live through."""

    forecast: ForecastSection = Field(default_factory=ForecastSection)
    operation: OperationSection = Field(default_factory=OperationSection)
    envelope: EnvelopeSection = Field(default_factory=EnvelopeSection)
    set_points: SetPointsSection = Field(default_factory=SetPointsSection)
    islanding: IslandingSection = Field(default_factory=IslandingSection)
    markets: MarketsSection | None = None
    """None where the park sells no flexibility."""
    note: str = ""
