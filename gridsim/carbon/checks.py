"""Checks of ``carbon:`` that need the shipped factors or the rest of the park; each yields (path, finding, remedy)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gridsim.carbon.factors import factor_sets, fuels, routes, unknown_set
from gridsim.errors import did_you_mean, quoted

if TYPE_CHECKING:
    from gridsim.carbon.section import CarbonSection
    from gridsim.park.park import Park

Finding = tuple[str, str, str]

PRODUCT_OF_DEMAND = {"hydrogen_demand": "hydrogen", "ammonia_demand": "ammonia"}


def carbon_findings(section: CarbonSection, park: Park) -> Iterator[Finding]:
    """Names that do not exist, routes of another product, limits that cannot be written."""
    if section.factor_set not in factor_sets():
        yield "carbon.factor_set", *unknown_set(section.factor_set)
    for name, other in section.other_energy.items():
        if other.non_fossil_tce > other.energy_tce:
            found = f"{other.non_fossil_tce:g} exceeds energy_tce {other.energy_tce:g}"
            yield f"carbon.other_energy.{name}.non_fossil_tce", found, "it is a part of energy_tce"
    yield from _fuels(section, park)
    yield from _routes(section, park)
    yield from _limits(section, park)


def _fuels(section: CarbonSection, park: Park) -> Iterator[Finding]:
    for technology, fuel in section.fuels.items():
        path = f"carbon.fuels.{technology}"
        if technology not in park.technologies:
            yield path, f"{quoted(technology)} is not a technology of this park", did_you_mean(technology, park.technologies)
        if fuel not in fuels():
            yield path, f"{quoted(fuel)} is not a known fuel", did_you_mean(fuel, fuels())


def _routes(section: CarbonSection, park: Park) -> Iterator[Finding]:
    demands = {name: PRODUCT_OF_DEMAND[t.type] for name, t in park.technologies.items() if t.type in PRODUCT_OF_DEMAND}
    for demand, route in section.replaces.items():
        path = f"carbon.replaces.{demand}"
        if demand not in demands:
            yield path, f"{quoted(demand)} is not a demand of hydrogen or ammonia", did_you_mean(demand, demands)
        elif route not in routes():
            yield path, f"{quoted(route)} is not a known route", did_you_mean(route, routes())
        elif routes()[route].product != demands[demand]:
            fitting = ", ".join(name for name, known in routes().items() if known.product == demands[demand])
            yield path, f"{quoted(route)} makes {routes()[route].product}, the demand is for {demands[demand]}", f"take one of {fitting}"


def _limits(section: CarbonSection, park: Park) -> Iterator[Finding]:
    limits, types = section.limits, {technology.type for technology in park.technologies.values()}
    if limits.matched_share_min is None:
        return
    if not types & {"wind", "solar"}:
        found = f"{limits.matched_share_min} is a share of green power that the park does not have"
        yield "carbon.limits.matched_share_min", found, "remove it, or add wind or solar"
    if limits.matched_of == "electrolysis" and limits.matched_by == "hour":
        remedy = "set matched_by: every_hour; for electrolysis alone surplus of one hour would otherwise count in another"
        yield "carbon.limits.matched_by", "'hour' is not offered for electrolysis", remedy
    if limits.matched_of == "electrolysis" and "electrolyser" not in types:
        yield "carbon.limits.matched_of", "the park has no electrolyser", "set matched_of: park, or add an electrolyser"
