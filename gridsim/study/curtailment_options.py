"""What could save curtailed power, one option at a time: a little more of each thing a park has, or of what it could have.

Everything is counted for one MW more: a storage takes its energy along (as many hours as it has, or as are asked for), a compressed-air plant its compressor,
a shifting contract its share of the load. A park that has no battery, compressed-air plant or shifting load is given one of size zero, so that all options
are sizes of one and the same program.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.errors import DefinitionError, Problem, did_you_mean
from gridsim.park.defaults import Defaults
from gridsim.technologies import registry
from gridsim.technologies.battery import Battery
from gridsim.technologies.caes import CompressedAir
from gridsim.technologies.demand_response import DemandResponse
from gridsim.technologies.electrolyser import Electrolyser
from gridsim.technologies.grid_connection import GridConnection
from gridsim.technologies.hydrogen_store import HydrogenStore
from gridsim.technologies.load import Load
from gridsim.technologies.transmission_line import TransmissionLine

if TYPE_CHECKING:
    from gridsim.park.park import Park
    from gridsim.technologies.base import Technology

STORAGE_HOURS = {"battery": 4.0, "caes": 8.0}
"""Hours of energy at full power that an added storage is tried with, where none are asked for: a choice of the question, no property of the technology."""
SHIFT_WINDOW_HOURS = 4.0
"""Window of an added shifting contract, likewise; its shifting is free of charge, so that what it saves is the most that may be paid for it."""
ADDED = ("battery", "caes", "shift")
STEP_MW = 1.0
"""Step of what the park has not got. [MW]"""


@dataclass(frozen=True)
class Option:
    """One capacity, and the park with more of it."""

    name: str
    """Technology."""
    what: str
    """battery, caes, electrolyser, hydrogen_store, export_limit, import_limit, line, shift or process."""
    size: float
    """What the park has."""
    unit: str
    step: float
    hours: float | None
    """Of energy at full power that come with it."""
    built: bool
    """False for what the park file does not have."""
    fields: Callable[[float], dict[str, Any]]
    """Fields of the technology at a size."""
    pro_rata: bool = False
    """The cost is the present cost in proportion; a line's cost is by length, not by power."""

    def applied(self, park: Park) -> Park:
        """Return the park with one step more."""
        return _with_fields(park, self.name, self.fields(self.size + self.step))

    def yearly_cost_cny(self, park: Park) -> float | None:
        """Annuity and fixed upkeep of one unit more; None where the park states no cost. [CNY/a]"""
        before, after = park.technologies[self.name], self.applied(park).technologies[self.name]
        if not after.investments():
            return None
        if self.pro_rata:
            return _yearly(park, before) / self.size if self.size > 0 else None
        return (_yearly(park, after) - _yearly(park, before)) / self.step


def _yearly(park: Park, technology: Technology) -> float:
    return sum(one.yearly_cost_cny(park.finance.discount_rate) + one.fixed_om_cny_per_year for one in technology.investments())


def _with_fields(park: Park, name: str, fields: dict[str, Any]) -> Park:
    return dataclasses.replace(park, technologies={**park.technologies, name: park.technologies[name].model_copy(update=fields)})


def options_of(park: Park, *, step_share: float = 0.1, added: Sequence[str] | None = None, hours: dict[str, float] | None = None) -> tuple[Park, list[Option]]:
    """Return a park that holds every option, those that it has not got at size zero, and the options.

    Parameters
    ----------
    step_share : float
        Step over what there is; what there is not takes a step of 1 MW.
    added : sequence of {"battery", "caes", "shift"}, optional
        What to try although the park may have it already; left out, whichever of them it has not got.
    hours : dict, optional
        Hours of energy of an added battery or compressed-air plant.

    Raises
    ------
    DefinitionError
        Where an addition is none, or has no bus or load to stand at.
    """
    park, names = _with_additions(park, added, {**STORAGE_HOURS, **(hours or {})})
    found: list[Option] = []
    for name, technology in park.technologies.items():
        for option in _options(park, name, technology, {**STORAGE_HOURS, **(hours or {})}):
            step = option.size * step_share if option.size > 0 else STEP_MW
            found.append(dataclasses.replace(option, step=step, built=name not in names))
    return park, found


def _options(  # noqa: C901  one case a technology
    park: Park, name: str, technology: Technology, hours: dict[str, float]
) -> Iterator[Option]:
    """Yield what one technology offers; step and presence are filled in by the caller."""
    match technology:
        case Battery():
            yield _storage(name, "battery", technology, hours["battery"], lambda size, each: {"power_mw": size, "energy_mwh": size * each})
        case CompressedAir():
            yield _storage(name, "caes", technology, hours["caes"], _air_fields(technology))
        case Electrolyser():
            yield _option(name, "electrolyser", technology.capacity_mw, "capacity_mw")
        case HydrogenStore():
            tonnes = technology.capacity_kg / 1e3
            yield Option(name, "hydrogen_store", tonnes, "t", 0.0, None, True, lambda size: {"capacity_kg": size * 1e3})
        case GridConnection():
            if technology.export_allowed and technology.export_limit_mw > 0:
                yield _option(name, "export_limit", technology.export_limit_mw, "export_limit_mw")
            if technology.import_limit_mw > 0:
                yield _option(name, "import_limit", technology.import_limit_mw, "import_limit_mw")
        case TransmissionLine():
            yield dataclasses.replace(_option(name, "line", technology.capacity_mw, "capacity_mw"), pro_rata=True)
        case DemandResponse(kind="shift"):
            peak = float(park.technologies[technology.load].demand_mw(park).max())
            if peak > 0:
                yield Option(name, "shift", technology.share * peak, "MW", 0.0, technology.window_hours, True, lambda size: {"share": size / peak})
        case DemandResponse(kind="process"):
            yield _option(name, "process", technology.power_mw, "power_mw")
        case _:
            pass


def _option(name: str, what: str, size: float, field: str) -> Option:
    return Option(name, what, size, "MW", 0.0, None, True, lambda value: {field: value})


def _storage(name: str, what: str, technology: Battery | CompressedAir, hours: float, fields: Callable[[float, float], dict[str, Any]]) -> Option:
    each = technology.energy_mwh / technology.power_mw if technology.power_mw > 0 else hours
    return Option(name, what, technology.power_mw, "MW", 0.0, each, True, lambda size: fields(size, each))


def _air_fields(technology: CompressedAir) -> Callable[[float, float], dict[str, Any]]:
    """Grow compressor, cavern and heat store with the expander."""

    def at(size: float, each: float) -> dict[str, Any]:
        fields: dict[str, Any] = {"power_mw": size, "energy_mwh": size * each}
        scaled = {"compressor_power_mw": technology.compressor_power_mw, "heat_store_mwh": technology.heat_store_mwh}
        return fields | {field: value * size / technology.power_mw for field, value in scaled.items() if value is not None and technology.power_mw > 0}

    return at


# ---- what the park has not got


def _with_additions(park: Park, added: Sequence[str] | None, hours: dict[str, float]) -> tuple[Park, set[str]]:
    problems = [Problem(kind, "cannot be added", did_you_mean(kind, ADDED)) for kind in added or () if kind not in ADDED]
    problems += [Problem(kind, f"{each:g} hours", "give hours above 0") for kind, each in hours.items() if each <= 0]
    if problems:
        raise DefinitionError("the curtailment study", problems)
    present = {"battery": Battery, "caes": CompressedAir}
    missing = [kind for kind, room in present.items() if not park.of_type(room)]
    if not any(response.kind == "shift" for response in park.of_type(DemandResponse).values()) and _largest_load(park) is not None:
        missing.append("shift")
    names: set[str] = set()
    for kind in missing if added is None else dict.fromkeys(added):
        name = kind
        while name in park.technologies:
            name += "_more"
        park = dataclasses.replace(park, technologies={**park.technologies, name: _none_of(park, kind)})
        names.add(name)
    return park, names


def _none_of(park: Park, kind: str) -> Technology:
    """Return a technology of size zero with the shipped defaults."""
    if kind == "shift":
        load = _largest_load(park)
        if load is None:
            raise DefinitionError("the curtailment study", [Problem("shift", "needs a load, and the park has none", "leave it out")])
        fields = {"type": "demand_response", "kind": "shift", "load": load, "share": 0.0, "window_hours": SHIFT_WINDOW_HOURS, "price_cny_per_mwh": 0.0}
    else:
        fields = {"type": kind, "bus": _greenest_bus(park), "power_mw": 0.0, "energy_mwh": 0.0}
    model = registry()[str(fields["type"])]
    variant = model.variant_field and fields.get(model.variant_field, model.model_fields[model.variant_field].default)
    shipped = Defaults().of(f"{fields['type']}/{variant}" if variant else str(fields["type"]))
    defaults = {field: entry["value"] for field, entry in shipped.items() if field in model.model_fields}
    return model.model_validate({**defaults, **fields})


def _largest_load(park: Park) -> str | None:
    loads = {name: float(load.demand_mw(park).sum()) for name, load in park.of_type(Load).items()}
    return max(loads, key=lambda name: loads[name]) if any(loads.values()) else None


def _greenest_bus(park: Park) -> str:
    """Electric bus with the most wind and sun: there a storage is tried."""
    energy: dict[str, float] = dict.fromkeys(park.buses_of("electricity"), 0.0)
    for technology in park.technologies.values():
        if technology.type in ("wind", "solar"):
            energy[technology.bus] += technology.capacity_mw * technology.profile_scale * float(np.sum(park.profiles[technology.profile]))
    return max(energy, key=lambda bus: energy[bus])
