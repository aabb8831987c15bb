"""Checks of ``vpp.forecast:`` that need the rest of the park; each yields (path, finding, remedy)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from gridsim.errors import did_you_mean, quoted
from gridsim.profiles.time_axis import checked_time_zone
from gridsim.vpp.forecast.kinds import KINDS, kinds, mw_per_unit

if TYPE_CHECKING:
    from gridsim.park.park import Park
    from gridsim.vpp.forecast.kinds import Kind
    from gridsim.vpp.forecast.section import ForecastFile, ForecastSection, KindForecast

Finding = tuple[str, str, str]

UNITS_OF = {"wind": ("pu", "kW", "MW"), "solar": ("pu", "kW", "MW"), "load": ("pu", "kW", "MW"), "price": ("CNY/MWh", "CNY/kWh")}


def forecast_findings(section: ForecastSection, park: Park) -> Iterator[Finding]:
    """Errors that do not grow, options of another model, names that do not exist, units that do not fit."""
    for kind in KINDS:
        yield from _kind(getattr(section, kind), f"vpp.forecast.{kind}")
    if section.scale != 1.0 and not section.files and all(getattr(section, kind).model == "perfect" for kind in KINDS):
        yield "vpp.forecast.scale", "has no meaning where every kind is perfect: there is no error", "remove it, or set model: ensemble for a kind"
    known = kinds(park)
    taken: dict[str, str] = {}
    for place, file in enumerate(section.files):
        path = f"vpp.forecast.files.{place}"
        yield from _file(file, path, park, known)
        for profile in file.columns:
            if profile in taken:
                yield f"{path}.columns.{profile}", f"'{profile}' is also in {taken[profile]}", "take each series from one file"
            taken.setdefault(profile, path)


def _kind(own: KindForecast, path: str) -> Iterator[Finding]:
    if (own.lead_hours is None) != (own.error is None):
        missing = "error" if own.error is None else "lead_hours"
        yield f"{path}.{missing}", "is missing", "give lead_hours and error together, as many of the one as of the other"
    elif own.lead_hours is not None and own.error is not None:
        if len(own.lead_hours) != len(own.error) or not own.error:
            yield f"{path}.error", f"has {len(own.error)} values for {len(own.lead_hours)} leads", "give one error for each lead"
        if any(later <= earlier for earlier, later in pairwise(own.lead_hours)):
            yield f"{path}.lead_hours", "does not rise", "order the leads from near to far"
        if any(later < earlier for earlier, later in pairwise(own.error)):
            yield f"{path}.error", "falls with the lead", "a later forecast of the same hour cannot be worse; give errors that rise or stay"
    if (own.per is None) != (own.error is None):
        found = "is missing" if own.per is None else "is given without error"
        yield f"{path}.per", found, "give error, and what it is a share of: capacity, mean or variation"
    if own.per == "capacity" and path.endswith(("load", "price")):
        yield f"{path}.per", "loads and prices have no rated power", "set per: mean or variation"
    if own.model not in (None, "ensemble"):
        given = [name for name in ("lead_hours", "error", "per", "memory_hours", "shared") if getattr(own, name) is not None]
        for name in [*given, *(["scale"] if own.scale != 1.0 else [])]:
            yield f"{path}.{name}", f"has no meaning for model: {own.model}", "remove it, or set model: ensemble"


def _file(file: ForecastFile, path: str, park: Park, known: dict[str, Kind]) -> Iterator[Finding]:
    if file.time_zone is not None:
        try:
            checked_time_zone(file.time_zone)
        except ValueError as error:
            found, remedy = error.args
            yield f"{path}.time_zone", found, remedy
    for profile in file.columns:
        if profile not in known:
            yield f"{path}.columns.{profile}", f"{quoted(profile)} is not a profile of this park", did_you_mean(profile, known)
    for profile, unit in file.units.items():
        where = f"{path}.units.{profile}"
        if profile not in file.columns:
            yield where, f"{quoted(profile)} has no column", did_you_mean(profile, file.columns)
        elif profile in known and unit not in UNITS_OF[known[profile]]:
            yield where, f"{unit} is no unit of a {known[profile]}", f"take one of {', '.join(UNITS_OF[known[profile]])}"
        elif profile in known and unit in ("kW", "MW") and mw_per_unit(park, profile) is None:
            yield where, f"'{profile}' is not a matter of {unit}", "set pu: the profile's own unit"
