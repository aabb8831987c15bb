"""Checks of ``vpp:`` that need the rest of the park; each yields (path, finding, remedy)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gridsim.vpp.envelope.checks import envelope_findings
from gridsim.vpp.forecast.checks import forecast_findings
from gridsim.vpp.islanding.checks import islanding_findings
from gridsim.vpp.market.checks import market_findings
from gridsim.vpp.rolling.checks import operation_findings
from gridsim.vpp.setpoints.checks import setpoints_findings

if TYPE_CHECKING:
    from gridsim.park.park import Park
    from gridsim.vpp.section import VppSection


def vpp_findings(section: VppSection, park: Park) -> Iterator[tuple[str, str, str]]:
    """Check every part that is written, and the defaults of those that hold in every park."""
    yield from forecast_findings(section.forecast, park)
    yield from operation_findings(section.operation, park)
    if "envelope" in section.model_fields_set:
        yield from envelope_findings(section.envelope, park)
    yield from setpoints_findings(section.set_points, park)
    yield from islanding_findings(section.islanding, park)
    if section.markets is not None:
        yield from market_findings(section.markets, park)
