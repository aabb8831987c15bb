"""Checks of ``vpp.islanding:`` that need the rest of the park; each yields (path, finding, remedy)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from gridsim.errors import did_you_mean, quoted
from gridsim.vpp.islanding.defaults import figures
from gridsim.vpp.islanding.section import NOT_A_DEMAND, REST

if TYPE_CHECKING:
    from gridsim.park.park import Park
    from gridsim.vpp.islanding.section import GenerationTripping, IslandingSection, LoadShedding

Finding = tuple[str, str, str]

STORES = frozenset({"battery", "caes", "thermal_unit", "chp"})
FORMING = frozenset({"battery", "thermal_unit", "chp"})
"""Types that can hold an island. Compressed air holds one only while a machine turns, which the hourly rule does not follow."""
WHERE = "vpp.islanding"


def islanding_findings(section: IslandingSection, park: Park) -> Iterator[Finding]:
    """Names that do not exist or cannot do what is asked of them, shares above one, orders of thresholds."""
    yield from _tiers(section, park)
    yield from _stores(section, park)
    if section.reserve_share > 0 and section.policy == "save_for_critical":
        yield f"{WHERE}.reserve_share", f"{section.reserve_share:g} has no meaning with policy: save_for_critical", "remove it, or set policy: serve_all"
    longest = max(section.durations_hours)
    if longest > section.horizon_hours:
        yield f"{WHERE}.durations_hours", f"reach {longest:g} h, the horizon ends at {section.horizon_hours:g} h", "raise horizon_hours, or leave it out"
    yield from _frequency(section)


def _tiers(section: IslandingSection, park: Park) -> Iterator[Finding]:
    for tier, members in section.tiers.items():
        if tier == REST:
            yield f"{WHERE}.tiers.{tier}", f"'{REST}' is the name of what no tier names", "choose another name, or leave the tier out"
        if not members:
            yield f"{WHERE}.tiers.{tier}", "names no load", "write load: share, or remove the tier"
        for name in members:
            path = f"{WHERE}.tiers.{tier}.{name}"
            if name not in park.technologies:
                yield path, f"{quoted(name)} is not a technology of this park", did_you_mean(name, park.technologies)
            elif (kind := park.technologies[name].type) in NOT_A_DEMAND:
                yield path, f"{quoted(name)} is of type {kind} and draws no power of its own", "name loads, or technologies that use electricity"
    yield from _critical(section, park)


def _critical(section: IslandingSection, park: Park) -> Iterator[Finding]:
    for name in dict.fromkeys(name for members in section.tiers.values() for name in members):
        share = sum(members.get(name, 0.0) for members in section.tiers.values())
        if share > 1 + 1e-9:
            yield f"{WHERE}.tiers", f"the tiers hold {share:.4g} of {name}", "its shares add up to at most 1"
    if section.tiers and not any(share > 0 for share in next(iter(section.tiers.values())).values()):
        yield f"{WHERE}.tiers", "the first tier, the critical one, is empty", "name at least one load with a share above 0"
    if not section.tiers and not any(technology.type == "load" for technology in park.technologies.values()):
        yield f"{WHERE}.tiers", "the park has no load", "name the technologies that must keep their power"


def _stores(section: IslandingSection, park: Park) -> Iterator[Finding]:
    stores = {name for name, technology in park.technologies.items() if technology.type in STORES}
    for name in section.grid_forming or {}:
        path = f"{WHERE}.grid_forming.{name}"
        if name not in park.technologies:
            yield path, f"{quoted(name)} is not a technology of this park", did_you_mean(name, park.technologies)
        elif (kind := park.technologies[name].type) not in FORMING:
            why = "holds an island only while it turns" if kind == "caes" else "follows the grid and cannot hold an island"
            yield path, f"{quoted(name)} is of type {kind}, which {why}", "name batteries with grid-forming inverters, or thermal units"
    yield from _orders(section, stores)
    for name, share in section.level_min_share.items():
        path = f"{WHERE}.level_min_share.{name}"
        if name not in stores:
            yield path, f"{quoted(name)} is not a store of electricity of this park", did_you_mean(name, stores)
        elif share >= (highest := getattr(park.technologies[name], "level_max_share", 1.0)):
            yield path, f"{share:g} is not below its highest level {highest:g}", "leave energy to draw on"


def _orders(section: IslandingSection, stores: set[str]) -> Iterator[Finding]:
    for field in ("discharge_order", "charge_order"):
        order = getattr(section, field) or []
        for name in order:
            if name not in stores:
                yield f"{WHERE}.{field}", f"{quoted(name)} is not a store of electricity of this park", did_you_mean(name, stores)
        for name in dict.fromkeys(name for name in order if order.count(name) > 1):
            yield f"{WHERE}.{field}", f"{quoted(name)} stands there {order.count(name)} times", "name each store once"


def _frequency(section: IslandingSection) -> Iterator[Finding]:
    if not section.frequency.model_fields_set & {"lowest_hz", "highest_hz", "load_shedding", "generation_tripping"}:
        return  # what ships is sound
    chosen = figures(section.frequency)
    nominal, lowest, highest = (chosen[name].value for name in ("nominal_hz", "lowest_hz", "highest_hz"))
    if lowest >= nominal:
        yield f"{WHERE}.frequency.lowest_hz", f"{lowest:g} is not below {nominal:g} Hz", "give the frequency at which units trip, such as 47.5"
    if highest <= nominal:
        yield f"{WHERE}.frequency.highest_hz", f"{highest:g} is not above {nominal:g} Hz", "give the frequency at which units trip, such as 51.5"
    for field, low, high, what in (("load_shedding", lowest, nominal, "sheds"), ("generation_tripping", nominal, highest, "trips")):
        yield from _stages(f"{WHERE}.frequency.{field}", getattr(section.frequency, field) or [], low, high, what)


def _stages(path: str, stages: Sequence[LoadShedding | GenerationTripping], low: float, high: float, what: str) -> Iterator[Finding]:
    of = "the load" if what == "sheds" else "wind and sun"
    if (total := sum(stage.share for stage in stages)) > 1 + 1e-9:
        yield path, f"its stages {what.removesuffix('s')} {total:.4g} of {of}", "the shares add up to at most 1"
    thresholds = [stage.threshold_hz for stage in stages]
    for threshold in dict.fromkeys(one for one in thresholds if thresholds.count(one) > 1):
        yield path, f"{thresholds.count(threshold)} stages act at {threshold:g} Hz", "give each stage its own threshold"
    for number, threshold in enumerate(thresholds):
        if not low < threshold < high:
            found = f"{threshold:g} lies outside {low:g} to {high:g} Hz"
            yield f"{path}[{number}].threshold_hz", found, "a stage acts between the frequency at which units trip and the nominal one"
