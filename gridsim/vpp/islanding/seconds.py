"""The frequency of the park in the first seconds after it loses infeed, for every hour as the moment of loss.

What there is in an hour comes from its dispatch: what is lost, what turns, what batteries could still add. A park of inverters has almost nothing that turns;
then the grid-forming batteries decide: they alone hold voltage and frequency, up to the power they have left, and beyond it frequency falls as fast as the
motors among the loads let it. Without them, and without a machine that runs, there is no island however much battery follows.

Compressed air adds the inertia of the machine that runs and no governor. What is switched off by the signal of the loss (conversions, then second-level
interruptible loads; wind and sun where the park exported) is never more than what is lost. Under-frequency stages take their shares from all loads, the last
tiers first; over-frequency stages theirs from wind and sun, as far as any is left. A battery takes what its cells still hold for the time that is followed,
above its everyday highest level too: one that is truly full takes nothing, not even for seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.physics.frequency import Following, Forming, Governor, Relay, Swing, simulate
from gridsim.technologies.battery import Battery
from gridsim.technologies.caes import CompressedAir
from gridsim.technologies.demand_response import DemandResponse
from gridsim.technologies.load import Load
from gridsim.vpp.islanding.defaults import figures
from gridsim.vpp.islanding.island import drawn_mw, forming_level_share, joined, level_before
from gridsim.vpp.islanding.section import NOT_A_DEMAND, IslandingSection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gridsim.dispatch.result import Dispatch

    Floats = NDArray[np.float64]

INVERTER_LAG_S = 0.1
"""First-order lag of an inverter after its dead time: assumption, small beside the dead time. [s]"""
DURATION_S, STEP_S = 20.0, 0.02
RENEWABLE = 1
"""Position of wind and sun among what follows."""
KEPT = "kept"
CAUSES = DEFICIT, SURPLUS, OVERSHOT, NO_FORMING = "deficit", "surplus", "overshot", "no_forming"
"""Why an island is lost: infeed went with the grid; a surplus stayed; more was shed or cut than that, and frequency left its band on the other side; there is
no unit that holds it."""


@dataclass(frozen=True, eq=False)
class Seconds:
    """One island, every hour as the moment of loss. Arrays of shape (T,)."""

    deficit_mw: Floats
    """Negative where a surplus is left. [MW]"""
    kinetic_energy_mws: dict[str, Floats]
    """Of ``loads`` and ``machines``, and what ``forming`` inverters imitate. [MW s]"""
    forming_room_mw: Floats
    """What grid-forming batteries could add to a deficit, or take of a surplus. [MW]"""
    swing: Swing
    outcome: NDArray[np.object_]
    """``kept``, or why the island is lost: one of ``CAUSES``."""
    decides: NDArray[np.object_]
    """Where most of the inertia is: ``loads``, ``machines``, ``forming``; ``nothing`` where no unit holds the island."""
    shed_mw: dict[str, Floats]
    """``conversions``, ``interruptible``, each stage of under-frequency shedding; ``generation`` that is cut is negative. [MW]"""
    critical_shed_mw: Floats
    """What the stages had to take from the critical tier. [MW]"""

    @property
    def lost(self) -> NDArray[np.bool_]:
        """Frequency left its band, or nothing held the island."""
        return self.outcome != KEPT


class _Hours:
    """What runs in each hour on the buses of one island."""

    def __init__(self, dispatch: Dispatch, section: IslandingSection, buses: frozenset[str]) -> None:
        self.dispatch, self.section, self.buses = dispatch, section, buses
        self.figure = {name: figure.value for name, figure in figures(section.frequency).items()}
        self.draft, self.zero = dispatch.draft, np.zeros(dispatch.time.steps)

    def at(self, *roles: str) -> list[tuple[str, Floats]]:
        """Flows of generators on these buses."""
        return [(c.technology, self.dispatch.flows[c.name]) for c in self.draft.having(*roles) if c.get("bus") in self.buses]

    def total(self, *roles: str) -> Floats:
        return sum((flow for _, flow in self.at(*roles)), start=self.zero)

    def loads_mw(self) -> Floats:
        loads = sum((drawn_mw(self.dispatch, name, self.buses) for name in self.draft.park.of_type(Load)), start=self.zero)
        return np.maximum(loads + self.total("increase", "process") - self.total("reduction", "unserved"), 0.0)

    def conversions_mw(self) -> Floats:
        park = self.draft.park.technologies
        names = [name for name, technology in park.items() if technology.type not in NOT_A_DEMAND | {"load", "demand_response"}]
        return sum((drawn_mw(self.dispatch, name, self.buses) for name in names), start=self.zero)

    def deficit_mw(self) -> Floats:
        if self.section.frequency.loss == "connection":
            return self.total("import") - self.total("export")
        infeeds: dict[str, Floats] = {}
        for technology, flow in self.at("import", "renewable", "fuel"):
            infeeds[technology] = infeeds.get(technology, self.zero) + flow
        return np.max([self.zero, *infeeds.values()], axis=0)

    def machines_mw(self) -> Floats:
        """Rated power of synchronous machines that turn."""
        running = self.zero
        for name, plant in self.draft.park.of_type(CompressedAir).items():
            if plant.bus in self.buses:
                for way in ("charge", "discharge"):
                    running = running + np.where(self.dispatch.flows[f"{name}.{way}"] > 1e-6, self.draft.components[f"{name}.{way}"]["p_nom"], 0.0)
        return running + self.thermal_mw()[0]

    def thermal_mw(self) -> tuple[Floats, Floats]:
        """Rated power of thermal units that run, and their output."""
        units = [c for c in self.draft.having("fuel") if c["bus"] in self.buses]
        flows = [self.dispatch.flows[c.name] for c in units]
        rated = sum((np.where(flow > 1e-6, c["p_nom"], 0.0) for c, flow in zip(units, flows, strict=True)), start=self.zero)
        return rated, sum(flows, start=self.zero)

    def batteries(self, *, forming: bool) -> tuple[Floats, Floats, Floats]:
        """Rated power, what they could add and what they could take; forming ones only while they hold. [MW]"""
        rated, up, down = self.zero, self.zero, self.zero
        for name, battery in self.draft.park.of_type(Battery).items():
            holds_above = forming_level_share(name, self.section)
            if battery.bus not in self.buses or (holds_above is not None) != forming:
                continue
            level = np.minimum(level_before(self.dispatch, f"{name}.store"), self.dispatch.levels[f"{name}.store"])
            floor = (battery.level_min_share if holds_above is None else holds_above) * battery.energy_mwh
            flows = self.dispatch.flows
            net = flows[f"{name}.discharge"] * battery.discharge_efficiency - flows[f"{name}.charge"]
            ready = level >= floor if forming else level > floor
            rated = rated + np.where(ready, battery.power_mw, 0.0)
            up = up + np.where(ready, battery.power_mw - net, 0.0 if forming else np.maximum(-net, 0.0))
            takes = np.minimum(battery.power_mw, (battery.energy_mwh - level) * (3600.0 / DURATION_S))
            down = down + np.where(ready | (not forming), net + takes, 0.0)
        return rated, up, np.maximum(down, 0.0)

    def interruptible_mw(self) -> Floats:
        reserve = self.zero
        for name, contract in self.draft.park.of_type(DemandResponse).items():
            if contract.reserve_only and self.draft.park.of_type(Load)[contract.load].bus in self.buses:
                reserve = reserve + contract.series(name, self.dispatch)["reserve_mw"][0]
        return reserve


def frequency_by_hour(
    dispatch: Dispatch, section: IslandingSection | None = None, *, buses: frozenset[str] | None = None, traced: Sequence[int] = ()
) -> Seconds:
    """Follow the frequency for 20 s from each hour of a dispatch.

    Parameters
    ----------
    dispatch : Dispatch
    section : IslandingSection, optional
        ``grid_forming``, ``tiers`` and ``frequency`` are used.
    buses : frozenset of str, optional
        Electric buses of one island (`gridsim.vpp.islanding.island.joined`); left out, the one with the most load.
    traced : sequence of int
        Hours whose course over time is kept in ``swing``.
    """
    section = section or IslandingSection()
    islands = [_Hours(dispatch, section, one) for one in ([buses] if buses else joined(dispatch.draft))]
    hours = max(islands, key=lambda one: float(one.loads_mw().sum()))
    figure = hours.figure
    nominal = figure["nominal_hz"]
    deficit, loads, conversions = hours.deficit_mw(), hours.loads_mw(), hours.conversions_mw()
    forming_mw, forming_up, forming_down = hours.batteries(forming=True)
    following_mw, following_up, following_down = hours.batteries(forming=False)
    machines, (thermal, output), green = hours.machines_mw(), hours.thermal_mw(), hours.total("renewable")
    energy = {
        "loads": figure["load_inertia_s"] * loads,
        "machines": figure["machine_inertia_s"] * machines,
        "forming": figure["forming_inertia_s"] * forming_mw,
    }
    lacking = np.maximum(deficit, 0.0)
    tripped = np.minimum(conversions, lacking) if section.frequency.conversions_trip else hours.zero
    interrupted = np.minimum(hours.interruptible_mw(), lacking - tripped)
    cut = np.minimum(np.maximum(-deficit, 0.0), green) if section.frequency.generation_trips else hours.zero
    relays = {
        "conversions": Relay(tripped, figure["conversion_delay_s"]),
        "interruptible": Relay(interrupted, figure["interruptible_delay_s"]),
        "generation": Relay(-cut, figure["generation_delay_s"], cuts=RENEWABLE),
    }
    for stage in figure["load_shedding"]:
        relays[f"stage_{stage['threshold_hz']:g}_hz"] = Relay(stage["share"] * loads, stage["delay_s"], stage["threshold_hz"])
    for stage in figure["generation_tripping"]:
        relays[f"trip_{stage['threshold_hz']:g}_hz"] = Relay(-stage["share"] * green, stage["delay_s"], stage["threshold_hz"], cuts=RENEWABLE)
    swing = simulate(
        deficit,
        energy["loads"] + energy["machines"],
        figure["load_damping"] * loads / nominal,
        forming=Forming(energy["forming"], forming_mw / (figure["forming_droop_share"] * nominal), forming_up, forming_down),
        governors=[
            Governor(
                thermal / (figure["governor_droop_share"] * nominal),
                figure["governor_high_pressure_share"],
                figure["governor_reheat_s"],
                np.maximum(thermal - output, 0.0),
                output,
            )
        ],
        following=[
            Following(
                following_mw / (figure["following_droop_share"] * nominal),
                figure["following_dead_band_hz"],
                figure["following_delay_s"],
                INVERTER_LAG_S,
                figure["following_ramp_share_per_s"] * following_mw,
                following_up,
                following_down,
            ),
            Following(
                green / (figure["renewable_droop_share"] * nominal),
                figure["renewable_dead_band_hz"],
                figure["renewable_delay_s"],
                INVERTER_LAG_S,
                figure["renewable_ramp_share_per_s"] * green,
                0.0,
                green,
            ),
        ],
        relays=list(relays.values()),
        nominal_hz=nominal,
        lowest_hz=figure["lowest_hz"],
        highest_hz=figure["highest_hz"],
        duration_s=DURATION_S,
        step_s=STEP_S,
        traced=traced,
    )
    held = (forming_mw > 0) | (machines > 0)
    overshot = (swing.settling_hz - nominal) * deficit > 0
    causes = [~held, ~swing.lost, overshot, deficit < 0]
    outcome = np.select(causes, [NO_FORMING, KEPT, OVERSHOT, SURPLUS], DEFICIT).astype(object)
    kinds = np.array(list(energy), dtype=object)
    decides = np.where(held, kinds[np.argmax(list(energy.values()), axis=0)], "nothing")
    shed = dict(zip(relays, swing.shed_mw, strict=True))
    staged = sum((power for name, power in shed.items() if name.startswith("stage_")), start=shed["interruptible"])
    critical = np.maximum(staged - (loads - _critical_mw(hours, loads)), 0.0)
    return Seconds(deficit, energy, np.where(deficit < 0, forming_down, forming_up), swing, outcome, decides, shed, critical)


def _critical_mw(hours: _Hours, loads: Floats) -> Floats:
    """What the critical tier has among the loads. [MW]"""
    if not hours.section.tiers:
        return loads
    park = hours.draft.park.of_type(Load)
    first = next(iter(hours.section.tiers.values()))
    return sum((share * drawn_mw(hours.dispatch, name, hours.buses) for name, share in first.items() if name in park), start=hours.zero)


def seconds_record(seconds: Seconds, step_hours: float) -> dict[str, Any]:
    """Return what a page shows: hours by outcome and cause, a value a step for the figures.

    An island that is lost has no frequency at which it settles, and all of its load is off: there, ``settling_hz`` and ``shed_mw`` are not a number, nor is the
    mean rate of change where the island was lost within its window. Without a unit that holds the island there is no frequency at all.
    """
    swing, kept = seconds.swing, ~seconds.lost
    nowhere = seconds.outcome == NO_FORMING
    stages = sum((power > 0 for name, power in seconds.shed_mw.items() if name.startswith("stage_")), start=np.zeros(kept.size, dtype=bool))

    def hours(where: NDArray[np.bool_]) -> float:
        return float(where.sum() * step_hours)

    def among(where: NDArray[np.bool_], values: Floats) -> list[float]:
        return np.where(where, values, np.nan).tolist()

    return {
        "hours": kept.size * step_hours,
        "lost_hours": hours(~kept),
        "lost_by_cause": _causes(seconds, step_hours),
        "largest_deficit_mw": float(seconds.deficit_mw.max()),
        "lowest_nadir_hz_of_islands_kept": float(swing.nadir_hz[kept].min()) if kept.any() else None,
        "highest_peak_hz_of_islands_kept": float(swing.peak_hz[kept].max()) if kept.any() else None,
        "hours_with_load_shedding": hours(kept & stages),
        "hours_with_critical_load_shed": hours(kept & (seconds.critical_shed_mw > 1e-9)),
        "decides_hours": {str(name): hours(seconds.decides == name) for name in dict.fromkeys(seconds.decides.tolist())},
        "outcome": seconds.outcome.tolist(),
        "lost": seconds.lost.tolist(),
        "deficit_mw": seconds.deficit_mw.tolist(),
        "forming_room_mw": seconds.forming_room_mw.tolist(),
        "nadir_hz": among(~nowhere, swing.nadir_hz),
        "peak_hz": among(~nowhere, swing.peak_hz),
        "initial_rocof_hz_per_s": among(~nowhere & np.isfinite(swing.initial_rocof_hz_per_s), swing.initial_rocof_hz_per_s),
        "window_rocof_hz_per_s": among(~nowhere, swing.window_rocof_hz_per_s),
        "settling_hz": among(kept, swing.settling_hz),
        "shed_mw": {name: among(kept, power) for name, power in seconds.shed_mw.items()},
    }


def _causes(seconds: Seconds, step_hours: float) -> dict[str, dict[str, float]]:
    """Hours lost by cause; what went or stayed in them, and by how much it exceeds what grid-forming batteries could bear at once. Mean and largest. [MW]"""
    found = {}
    for cause in CAUSES:
        where = seconds.outcome == cause
        if where.any():
            exchange = np.abs(seconds.deficit_mw[where])
            beyond = np.maximum(exchange - seconds.forming_room_mw[where], 0.0)
            amounts = {
                "exchange_mw_mean": exchange.mean(),
                "exchange_mw_least": exchange.min(),
                "beyond_mw_mean": beyond.mean(),
                "beyond_mw_most": beyond.max(),
            }
            found[cause] = {"hours": float(where.sum() * step_hours), **{name: float(value) for name, value in amounts.items()}}
    return found
