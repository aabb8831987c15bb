"""Checks that need more than one part of the park: a named list; each yields (path, finding, remedy)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from gridsim.carbon.checks import carbon_findings
from gridsim.errors import did_you_mean, quoted
from gridsim.indicators.checks import indicator_findings
from gridsim.park.park import Park
from gridsim.rules.checks import rules_are_known, rules_can_be_enforced

Finding = tuple[str, str, str]


def buses_exist_and_fit(park: Park) -> Iterator[Finding]:
    """Each bus a technology names exists and has the carrier the technology needs there."""
    if not park.buses:  # that is a problem of its own
        return
    for name, technology in park.technologies.items():
        for field, carrier in technology.bus_carriers.items():
            bus = getattr(technology, field)
            if bus is None:
                continue
            path = f"technologies.{name}.{field}"
            if bus not in park.buses:
                yield path, f"{quoted(bus)} is not a bus of this park", did_you_mean(bus, park.buses_of(carrier))
            elif park.buses[bus].carrier != carrier:
                known = ", ".join(park.buses_of(carrier)) or "none"
                yield path, f"'{bus}' carries {park.buses[bus].carrier}, expected {carrier}", f"buses with {carrier}: {known}"


def sites_exist(park: Park) -> Iterator[Finding]:
    """Each site a bus names exists."""
    for name, bus in park.buses.items():
        if bus.site is not None and bus.site not in park.sites:
            yield f"buses.{name}.site", f"{quoted(bus.site)} is not a site of this park", did_you_mean(bus.site, park.sites)


def names_are_unique(park: Park) -> Iterator[Finding]:
    """Technologies and buses share one namespace in results (``<name>:<quantity>``), in which ``total`` and ``curtailed`` are taken."""
    for name in park.technologies:
        if name in park.buses:
            yield f"technologies.{name}", f"'{name}' is also a bus", "rename one; results are named <name>:<quantity>"
    for section, names in (("technologies", park.technologies), ("buses", park.buses)):
        for name in names:
            if name in {"total", "curtailed"}:
                yield f"{section}.{name}", f"the name '{name}' is reserved for results", "choose another name"


def technologies_are_sound(park: Park) -> Iterator[Finding]:
    """Each technology's own checks across its fields."""
    for name, technology in park.technologies.items():
        for finding in technology.findings(park):
            yield f"technologies.{name}.{finding.field}", finding.found, finding.remedy


def something_needs_energy(park: Park) -> Iterator[Finding]:
    """A park without any demand has nothing to dispatch."""
    if park.technologies and not any(technology.needs_served for technology in park.technologies.values()):
        yield "technologies", "no technology has a demand", "add a load, a hydrogen_demand or an ammonia_demand"


def shares_have_a_meaning(park: Park) -> Iterator[Finding]:
    """Limits on grid energy and green power need a grid connection, and green power."""
    has_grid = any(technology.type == "grid_connection" for technology in park.technologies.values())
    has_green = any(technology.type in {"wind", "solar"} for technology in park.technologies.values())
    for field, value in park.limits.model_dump(exclude={"note", "export_share_of"}, exclude_none=True).items():
        if not has_grid and field in {"import_share_max", "export_share_max"}:
            yield f"limits.{field}", f"{value} limits a grid connection that the park does not have", "remove it, or add a grid_connection"
        if not has_green and field in {"self_use_ratio_min", "curtailment_rate_max", "export_share_max"}:
            yield f"limits.{field}", f"{value} is a share of green power that the park does not have", "remove it, or add wind or solar"


def carbon_can_be_counted(park: Park) -> Iterator[Finding]:
    """Factor sets, fuels and routes exist, and limits can be written."""
    if park.carbon is not None:
        yield from carbon_findings(park.carbon, park)


def indicators_can_be_filled(park: Park) -> Iterator[Finding]:
    """Tables and their rows exist, and carbon is counted, which they take figures from."""
    if park.indicators is not None:
        if park.carbon is None:
            yield "indicators", "is given without carbon", "add carbon: with a factor_set; the tables take energy and emissions from it"
        yield from indicator_findings(park.indicators)


def flexibility_can_be_used(park: Park) -> Iterator[Finding]:
    """Forecasts, markets, tiers and orders name what there is."""
    if park.vpp is not None:
        from gridsim.vpp.checks import vpp_findings

        yield from vpp_findings(park.vpp, park)


CHECKS: tuple[Callable[[Park], Iterator[Finding]], ...] = (
    buses_exist_and_fit,
    sites_exist,
    names_are_unique,
    technologies_are_sound,
    rules_are_known,
)
"""Rules for each entry."""

CHECKS_OF_THE_WHOLE: tuple[Callable[[Park], Iterator[Finding]], ...] = (
    something_needs_energy,
    shares_have_a_meaning,
    rules_can_be_enforced,
    carbon_can_be_counted,
    indicators_can_be_filled,
    flexibility_can_be_used,
)
"""Rules that only have a meaning once every technology could be read."""
