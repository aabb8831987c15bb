"""Checks of ``vpp.set_points`` that need the rest of the park; each yields (path, finding, remedy)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gridsim.errors import did_you_mean, quoted

if TYPE_CHECKING:
    from gridsim.park.park import Park
    from gridsim.vpp.setpoints.section import SetPointsSection

Finding = tuple[str, str, str]

FOLLOWING_TYPES = ("battery", "caes", "electrolyser", "wind", "solar", "demand_response")
"""Types of technologies that can follow a signal."""


def setpoints_findings(section: SetPointsSection, park: Park) -> Iterator[Finding]:
    """Names that do not exist, technologies that cannot follow, weights that are never used."""
    following = {name: technology for name, technology in park.technologies.items() if technology.type in FOLLOWING_TYPES}
    if not following and section.model_fields_set:
        yield "vpp.set_points", "the park has nothing that can follow a signal", f"add one of {', '.join(FOLLOWING_TYPES)}, or remove the section"
    for name in section.response:
        if name not in park.technologies:
            yield f"vpp.set_points.response.{name}", f"{quoted(name)} is not a technology of this park", did_you_mean(name, following)
        elif name not in following:
            found = f"{quoted(name)} is of type {park.technologies[name].type} and follows no signal"
            yield f"vpp.set_points.response.{name}", found, f"remove it; these follow: {', '.join(following) or 'none'}"
    owners = {technology.owner or name for name, technology in following.items()}
    for owner in section.ledger_weight_mw:
        if owner not in owners:
            yield f"vpp.set_points.ledger_weight_mw.{owner}", f"{quoted(owner)} owns nothing that follows a signal", did_you_mean(owner, owners)
    if section.ledger_weight_mw and (section.fairness_share == 0.0 or section.fair_rule != "ledger"):
        remedy = "set fair_rule: ledger and fairness_share above 0, or remove the weights"
        yield "vpp.set_points.ledger_weight_mw", "is given, but nothing is split by the ledger", remedy
