"""What is left of the park once the grid is lost: supply, demand by tier, and stores with their level at every hour.

Buses that lines join are one island, and within it power flows freely: only a base without loads, behind a single line, is held to that line's capacity and
losses, for its wind and sun. So a weak line between two sites, and what a battery at a base loses on its line (one or two per cent), are left out. Reactive
power and short-circuit strength are not looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridsim.technologies.battery import Battery
from gridsim.technologies.caes import CompressedAir
from gridsim.technologies.load import Load
from gridsim.vpp.islanding.defaults import shipped_figures
from gridsim.vpp.islanding.section import REST, IslandingSection

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.dispatch.result import Dispatch
    from gridsim.profiles.time_axis import TimeAxis
    from gridsim.technologies.draft import Component, NetworkDraft


@dataclass(frozen=True, eq=False)
class Heat:
    r"""The second level of adiabatic compressed air. :math:`H_t = (1-\lambda)^{\Delta t} H_{t-1} + \Delta t\,(\eta_c c_t - x_t/\eta_x)`, surplus is let go."""

    stored_per_charged: float
    """[MWh_th/MWh]"""
    drawn_per_discharged: float
    """[MWh_th/MWh]"""
    standing_loss_share_per_hour: float
    level_max_mwh: float
    start_mwh: NDArray[np.float64]
    """Before each hour. Shape (T,). [MWh_th]"""


@dataclass(frozen=True, eq=False)
class IslandStore:
    r"""A store as the island sees it. :math:`e_t = (1-\lambda)^{\Delta t} e_{t-1} + \Delta t\,(\eta_c c_t - d_t/\eta_d)`, powers at the bus.

    Thermal units are stores of fuel that nothing charges.
    """

    name: str
    charge_mw: float
    discharge_mw: float
    charge_efficiency: float
    discharge_efficiency: float
    level_min_mwh: float
    level_max_mwh: float
    start_mwh: NDArray[np.float64]
    """Level before each hour. Shape (T,). [MWh]"""
    standing_loss_share_per_hour: float = 0.0
    charge_min_mw: float = 0.0
    """Lowest charging power, unless off. [MW]"""
    discharge_min_mw: float = 0.0
    heat: Heat | None = None
    holds_above_mwh: float | None = None
    """Level at and above which it holds the island; None: it only follows. [MWh]"""


@dataclass(frozen=True, eq=False)
class Island:
    """One island. All arrays have shape (T,)."""

    name: str
    time: TimeAxis
    renewable_mw: NDArray[np.float64]
    """What wind and sun could give. [MW]"""
    demand_mw: dict[str, NDArray[np.float64]]
    """By tier, the critical one first. [MW]"""
    stores: tuple[IslandStore, ...]
    """In the order of discharging."""
    charge_order: tuple[int, ...]
    """Positions in ``stores``."""
    conversion_mw: float
    """What conversions could take of a surplus. [MW]"""


def islands_of(dispatch: Dispatch, section: IslandingSection | None = None) -> list[Island]:
    """Return the islands that hold critical loads; stores start from the levels of the dispatch.

    Parameters
    ----------
    dispatch : Dispatch
        Of any level of detail.
    section : IslandingSection, optional
        Left out, the shipped defaults: every load is critical, every battery forms the grid.
    """
    section = section or IslandingSection()
    draft = dispatch.draft
    islands = []
    for number, buses in enumerate(joined(draft), start=1):
        demand = _demand(dispatch, section, buses)
        critical = next(iter(demand.values()))
        if critical.max(initial=0.0) <= 0:
            continue
        stores, order = _stores(dispatch, section, buses)
        conversion = sum(c["p_nom"] for c in draft.having("conversion") if c["bus0"] in buses)
        renewable = _renewable(draft, buses, {load.bus for load in draft.park.of_type(Load).values()})
        islands.append(Island(f"island_{number}", dispatch.time, renewable, demand, stores, order, conversion))
    return islands


def joined(draft: NetworkDraft) -> list[frozenset[str]]:
    """Return the sets of electric buses that lines join, in the order of the file."""
    sets = {bus: frozenset([bus]) for bus in draft.buses if draft.electric(bus)}
    for line in _lines(draft):
        both = sets[line["bus0"]] | sets[line["bus1"]]
        for bus in both:
            sets[bus] = both
    return list(dict.fromkeys(sets.values()))


def _lines(draft: NetworkDraft) -> list[Component]:
    return [line for line in draft.having("transport") if draft.electric(line["bus0"]) and draft.electric(line["bus1"])]


def _renewable(draft: NetworkDraft, buses: frozenset[str], with_loads: set[str]) -> NDArray[np.float64]:
    """Wind and sun of an island, those of bases as far as their line takes them."""
    total = np.zeros(draft.steps)
    for bus in buses:
        plants = [plant for plant in draft.having("renewable") if plant["bus"] == bus]
        at_bus = sum((draft.available(plant) for plant in plants), start=np.zeros(draft.steps))
        ends = [line for line in _lines(draft) if bus in (line["bus0"], line["bus1"])]
        neighbours = {line["bus0"] if line["bus1"] == bus else line["bus1"] for line in ends}
        away = [line for line in ends if line["bus0"] == bus]
        if bus not in with_loads and len(neighbours) == 1:
            at_bus = np.minimum(at_bus, sum(line["p_nom"] for line in away)) * (away[0]["efficiency"] if away else 0.0)
        total += at_bus
    return total


def drawn_mw(dispatch: Dispatch, technology: str, buses: frozenset[str]) -> NDArray[np.float64]:
    """Power that a load asks for, or that another technology drew in the dispatch, from electric buses. Shape (T,). [MW]"""
    draft = dispatch.draft
    total = np.zeros(draft.steps)
    for component in draft.components.values():
        if component.technology == technology and component.role in {"load", "conversion", "transport", "charge", "process", "auxiliary"}:
            for bus, factor in draft.ports(component):
                if bus in buses:
                    total -= np.minimum(factor, 0.0) * dispatch.flows[component.name]
    return total


def _demand(dispatch: Dispatch, section: IslandingSection, buses: frozenset[str]) -> dict[str, NDArray[np.float64]]:
    park = dispatch.draft.park
    tiers = section.tiers or {"critical": dict.fromkeys(park.of_type(Load), 1.0)}
    demand, left = {}, dict.fromkeys(park.of_type(Load), 1.0)
    for tier, members in tiers.items():
        demand[tier] = np.zeros(dispatch.time.steps)
        for name, share in members.items():
            demand[tier] += share * drawn_mw(dispatch, name, buses)
            if name in left:
                left[name] -= share
    rest = sum((share * drawn_mw(dispatch, name, buses) for name, share in left.items() if share > 1e-12), start=np.zeros(dispatch.time.steps))
    return {**demand, REST: rest} if rest.any() else demand


def level_before(dispatch: Dispatch, store: str) -> NDArray[np.float64]:
    """Level of a Store before each hour. Shape (T,). [unit of the store]"""
    levels, component = dispatch.levels[store], dispatch.draft.components[store]
    before = np.roll(levels, 1)
    if not component.get("e_cyclic", False):
        before[0] = component["e_initial"] / (1.0 - component.get("standing_loss", 0.0)) ** dispatch.time.step_hours
    return before


def _stores(dispatch: Dispatch, section: IslandingSection, buses: frozenset[str]) -> tuple[tuple[IslandStore, ...], tuple[int, ...]]:
    park, draft = dispatch.draft.park, dispatch.draft
    found = {name: _battery(name, battery, dispatch, section) for name, battery in park.of_type(Battery).items() if battery.bus in buses}
    found |= {name: _compressed_air(name, plant, dispatch, section) for name, plant in park.of_type(CompressedAir).items() if plant.bus in buses}
    for unit in draft.having("fuel"):
        if unit["bus"] in buses:
            found[unit.technology] = _thermal_unit(unit, dispatch, section)
    order = [name for name in (section.discharge_order or found) if name in found]
    charging = [name for name in (section.charge_order or order) if name in order]
    return tuple(found[name] for name in order), tuple(order.index(name) for name in charging)


def forming_level_share(name: str, section: IslandingSection) -> float | None:
    """Level below which a battery no longer holds the island; None where it only follows. [1]"""
    if section.grid_forming is None:
        return float(shipped_figures()["grid_forming_level_min_share"].value)
    return section.grid_forming.get(name)


def _battery(name: str, battery: Battery, dispatch: Dispatch, section: IslandingSection) -> IslandStore:
    holds = forming_level_share(name, section)
    return IslandStore(
        name,
        battery.power_mw,
        battery.power_mw,
        battery.charge_efficiency,
        battery.discharge_efficiency,
        section.level_min_share.get(name, battery.level_min_share) * battery.energy_mwh,
        battery.level_max_share * battery.energy_mwh,
        level_before(dispatch, f"{name}.store"),
        battery.standing_loss_share_per_hour,
        holds_above_mwh=None if holds is None else holds * battery.energy_mwh,
    )


def _compressed_air(name: str, plant: CompressedAir, dispatch: Dispatch, section: IslandingSection) -> IslandStore:
    """Return the plant with air as its level; a diabatic one has the fuel it needs."""
    charge = dispatch.draft.components[f"{name}.charge"]
    heat = None
    if plant.kind == "adiabatic":
        heat_store = dispatch.draft.components[f"{name}.heat_store"]
        drawn = -dispatch.draft.components[f"{name}.discharge"]["efficiency2"]
        start = level_before(dispatch, heat_store.name)
        heat = Heat(charge["efficiency2"], drawn, heat_store["standing_loss"], heat_store["e_nom"], start)
    return IslandStore(
        name,
        charge["p_nom"],
        plant.power_mw,
        charge["efficiency"],
        1.0,
        section.level_min_share.get(name, 0.0) * plant.energy_mwh,
        plant.energy_mwh,
        level_before(dispatch, f"{name}.store"),
        charge_min_mw=plant.compressor_min_load_share * charge["p_nom"],
        discharge_min_mw=plant.expander_min_load_share * plant.power_mw,
        heat=heat,
    )


def _thermal_unit(unit: Component, dispatch: Dispatch, section: IslandingSection) -> IslandStore:
    """Return a unit whose fuel does not run out."""
    endless = np.full(dispatch.time.steps, np.inf)
    holds = 0.0 if section.grid_forming is None or unit.technology in section.grid_forming else None
    low = float(np.max(np.asarray(unit.get("p_min_pu", 0.0)))) * unit["p_nom"]
    return IslandStore(unit.technology, 0.0, unit["p_nom"], 1.0, 1.0, 0.0, np.inf, endless, discharge_min_mw=low, holds_above_mwh=holds)
