r"""How long critical loads last, for every hour of the year as start, by a rule that needs no forecast.

In each hour, with wind and sun :math:`w`, after standing losses:

1. A unit that forms the grid must hold it (battery at or above its lowest level, fuelled thermal unit); else the island is lost.
2. Wind and sun serve the critical tier; with ``serve_all`` then the other tiers in order.
3. What the critical tier still lacks is discharged, store by store in order, down to each store's lowest level; with ``serve_all`` then what the other tiers
   lack, down to the reserve. Heat limits the expander of adiabatic compressed air. An expander below its minimum load runs at it, where batteries can give
   way or be charged, or wind and sun be curtailed, by as much; else it stands.
4. What is left of wind and sun charges the stores in order, but those that discharge; then, with ``save_for_critical``, serves the other tiers; then
   conversions.
5. A critical tier that is not served in full ends the island: everything is off from that hour on. No black start is modelled.

Whole hours count; powers are means of an hour. The rule knows nothing of the coming hours: a planner with foresight lasts at least as long (with one store
and ``save_for_critical``: equally long, since charging at once and discharging at need keeps its level as high as can be).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridsim.vpp.islanding.section import IslandingSection

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.vpp.islanding.island import Island, IslandStore

    Floats = NDArray[np.float64]

TOLERANCE_MW = 1e-9
"""Critical load that may stay unserved by rounding. [MW]"""

LASTED, GRID_FORMING, POWER, NO_STORE = "lasted", "grid_forming", "power", "no_store"
"""Why an island ended: it did not; nothing held the grid; stores had energy but not the power; there is none. Else ``energy: <store>`` or its ``heat`` or
``minimum_load``, of the store that fell furthest short of its power."""


@dataclass(frozen=True, eq=False)
class Survival:
    """Each start, that is: each hour in which the grid may be lost. Arrays of shape (T,) but where said."""

    hours: Floats
    """Until the first critical load is not served. [h]"""
    censored: NDArray[np.bool_]
    """Still alive where the horizon or the data ended."""
    known_hours: Floats
    """Hours of data after the start, at most the horizon. [h]"""
    cause: NDArray[np.object_]
    end_step: NDArray[np.int64]
    """Hour of the year that ends it; −1 where censored."""
    durations_hours: Floats
    """Shape (D,). [h]"""
    demand_mwh: dict[str, Floats]
    """By tier, what is asked for in a loss of each duration; NaN where data end before. Shape (D, T). [MWh]"""
    unserved_mwh: dict[str, Floats]
    """Of it. Shape (D, T). [MWh]"""
    conversion_mwh: Floats
    """Surplus that went to conversions. Shape (D, T). [MWh]"""


class _Stores:
    """Levels of all stores, for the starts that are still alive."""

    def __init__(self, stores: tuple[IslandStore, ...], starts: NDArray[np.int64], hours: float) -> None:
        self.stores, self.dt = stores, hours
        self.level = [store.start_mwh[starts].copy() for store in stores]
        self.heat = [np.zeros(starts.size) if store.heat is None else store.heat.start_mwh[starts].copy() for store in stores]
        self.out: list[Floats] = []
        self.stopped: dict[int, NDArray[np.bool_]] = {}
        """Stores that stand for want of enough to do, by position."""

    def keep(self, alive: NDArray[np.bool_]) -> None:
        self.level = [level[alive] for level in self.level]
        self.heat = [heat[alive] for heat in self.heat]

    def stand(self) -> None:
        """Standing losses of one step."""
        for s, store in enumerate(self.stores):
            if store.standing_loss_share_per_hour:
                self.level[s] = self.level[s] * (1.0 - store.standing_loss_share_per_hour) ** self.dt
            if store.heat is not None:
                self.heat[s] = self.heat[s] * (1.0 - store.heat.standing_loss_share_per_hour) ** self.dt

    def holding(self, count: int) -> NDArray[np.bool_]:
        """Tell where a unit holds the grid."""
        held = np.zeros(count, dtype=bool)
        for store, level in zip(self.stores, self.level, strict=True):
            if store.holds_above_mwh is not None:
                held |= level >= store.holds_above_mwh
        return held

    def energy_mw(self, s: int, floor_mwh: float | None = None) -> Floats:
        """Power that the level above a floor gives for one step. [MW]"""
        store = self.stores[s]
        floor = store.level_min_mwh if floor_mwh is None else floor_mwh
        return np.maximum(self.level[s] - floor, 0.0) * (store.discharge_efficiency / self.dt)

    def heat_mw(self, s: int) -> Floats | float:
        """Power that the heat gives for one step. [MW]"""
        store = self.stores[s]
        return np.inf if store.heat is None else self.heat[s] / (store.heat.drawn_per_discharged * self.dt)

    def available_mw(self, s: int) -> Floats:
        return np.minimum(np.minimum(self.stores[s].discharge_mw, self.energy_mw(s)), self.heat_mw(s))

    def room_mw(self, s: int) -> Floats:
        """Power that the store can take for one step. [MW]"""
        store = self.stores[s]
        if not store.charge_mw:
            return np.zeros_like(self.level[s])
        return np.minimum(store.charge_mw, np.maximum(store.level_max_mwh - self.level[s], 0.0) / (store.charge_efficiency * self.dt))

    def request(self, critical: Floats, other: Floats, reserve_share: float) -> None:
        """Set each store's discharging: first for critical load down to the lowest level, then for other load down to the reserve."""
        self.out = []
        for s in range(len(self.stores)):
            taken = np.minimum(critical, self.available_mw(s))
            critical = critical - taken
            self.out.append(taken)
        if not other.any():
            return
        for s, store in enumerate(self.stores):
            window = store.level_max_mwh - store.level_min_mwh
            reserve = reserve_share * window if np.isfinite(window) else 0.0
            free = np.minimum(self.available_mw(s), self.energy_mw(s, store.level_min_mwh + reserve)) - self.out[s]
            taken = np.clip(free, 0.0, other)
            other = other - taken
            self.out[s] = self.out[s] + taken

    def minimum_loads(self, supply: Floats, charge_order: tuple[int, ...]) -> Floats:
        """Raise stores below their minimum load to it, or stop them; return what the raise leaves to be charged or curtailed. [MW]"""
        pushed = np.zeros_like(supply)
        self.stopped = {}
        steady = [s for s, store in enumerate(self.stores) if not store.discharge_min_mw]
        for s, store in enumerate(self.stores):
            low = (self.out[s] > 0) & (self.out[s] < store.discharge_min_mw)
            if not low.any():
                continue
            extra = np.where(low, store.discharge_min_mw - self.out[s], 0.0)
            others = sum((self.out[b] for b in steady), start=np.zeros_like(supply))
            rooms = sum((self.room_mw(b) for b in steady if b in charge_order), start=np.zeros_like(supply))
            fits = pushed + extra <= others + rooms + supply
            runs = low & fits & (self.available_mw(s) >= store.discharge_min_mw)
            self.stopped[s] = low & ~runs
            self.out[s] = np.where(runs, store.discharge_min_mw, np.where(low, 0.0, self.out[s]))
            extra = np.where(runs, extra, 0.0)
            for b in steady:
                less = np.minimum(extra, self.out[b])
                self.out[b] = self.out[b] - less
                extra = extra - less
            pushed += extra
        return pushed

    def discharge(self) -> None:
        for s, store in enumerate(self.stores):
            self.level[s] = self.level[s] - self.out[s] * (self.dt / store.discharge_efficiency)
            if store.heat is not None:
                self.heat[s] = self.heat[s] - self.out[s] * (self.dt * store.heat.drawn_per_discharged)

    def charge(self, surplus: Floats, order: tuple[int, ...]) -> Floats:
        """Charge the stores that do not discharge, in order, and return what is left. [MW]"""
        for s in order:
            store = self.stores[s]
            taken = np.where(self.out[s] > 0, 0.0, np.minimum(surplus, self.room_mw(s)))
            if store.charge_min_mw:
                taken = np.where(taken < store.charge_min_mw, 0.0, taken)
            surplus = surplus - taken
            self.level[s] = self.level[s] + taken * (self.dt * store.charge_efficiency)
            if store.heat is not None:
                stored = self.heat[s] + taken * (self.dt * store.heat.stored_per_charged)
                self.heat[s] = np.minimum(stored, store.heat.level_max_mwh)
        return surplus

    def causes(self, failed: NDArray[np.bool_]) -> list[str]:
        """Say for each start that failed for want of critical supply what was short."""
        where = np.flatnonzero(failed)
        if not self.stores:
            return [NO_STORE] * where.size
        power = np.array([store.discharge_mw for store in self.stores])[:, None]
        energy = np.array([self.energy_mw(s)[where] for s in range(len(self.stores))])
        heat = np.array([np.broadcast_to(self.heat_mw(s), failed.shape)[where] for s in range(len(self.stores))])
        lost = power - np.minimum(np.minimum(power, energy), heat)
        found = []
        for column, start in enumerate(where):
            s = int(np.argmax(lost[:, column]))
            standing = [self.stores[p].name for p, stopped in self.stopped.items() if stopped[start]]
            if standing:
                found.append(f"minimum_load: {standing[0]}")
            elif lost[s, column] > TOLERANCE_MW:
                found.append(f"{'heat' if heat[s, column] < energy[s, column] else 'energy'}: {self.stores[s].name}")
            else:
                found.append(POWER)
        return found


def survive(island: Island, section: IslandingSection | None = None) -> Survival:
    """Follow the island from every start at once, hour by hour since the loss.

    Parameters
    ----------
    island : Island
        From `gridsim.vpp.islanding.island.islands_of`.
    section : IslandingSection, optional
        Policy, reserve, horizon and year's end; left out, the shipped defaults.

    Returns
    -------
    Survival
    """
    section = section or IslandingSection()
    dt, steps = island.time.step_hours, island.time.steps
    wrap, save = section.year_end == "wrap", section.policy == "save_for_critical"
    horizon = max(1, round(section.horizon_hours / dt))
    starts = np.arange(steps)
    known = np.full(steps, horizon) if wrap else np.minimum(steps - starts, horizon)
    lasted = known.copy()
    cause = np.full(steps, LASTED, dtype=object)
    tiers = list(island.demand_mw.values())
    checkpoints = [round(hours / dt) for hours in section.durations_hours]
    unserved = np.zeros((len(tiers), steps))
    conversion = np.zeros(steps)
    shot_unserved = np.full((len(checkpoints), len(tiers), steps), np.nan)
    shot_conversion = np.full((len(checkpoints), steps), np.nan)
    stores, now = _Stores(island.stores, starts, dt), starts
    for h in range(horizon + 1):
        for number, checkpoint in enumerate(checkpoints):
            if checkpoint == h:
                shot_unserved[number], shot_conversion[number] = unserved, conversion
        if h == horizon or not now.size:
            break
        if not wrap and (within := now + h < steps).sum() < now.size:
            stores.keep(within)
            now = now[within]
        at = (now + h) % steps
        served, to_conversion, failed, why = _step(island, stores, at, section, save)
        if failed.any():
            dead = now[failed]
            lasted[dead], cause[dead] = h, why
            alive = ~failed
            stores.keep(alive)
            now, at, served, to_conversion = now[alive], at[alive], [tier[alive] for tier in served], to_conversion[alive]
        for number, tier in enumerate(tiers):
            unserved[number, now] += (tier[at] - served[number]) * dt
        conversion[now] += to_conversion * dt
    hours = np.array(section.durations_hours)
    end = np.where(lasted < known, (starts + lasted) % steps, -1)
    demand, short = _totals(island, checkpoints, known, lasted, wrap, unserved, shot_unserved)
    for number, checkpoint in enumerate(checkpoints):
        shot_conversion[number] = np.where(checkpoint > known, np.nan, np.where(checkpoint >= lasted, conversion, shot_conversion[number]))
    return Survival(lasted * dt, lasted == known, known * dt, cause, end, hours, demand, short, shot_conversion)


def _step(
    island: Island, stores: _Stores, at: NDArray[np.int64], section: IslandingSection, save: bool
) -> tuple[list[Floats], Floats, NDArray[np.bool_], list[str]]:
    """One hour of every living start: served by tier, power to conversions, who failed, and why. Powers in MW."""
    supply = island.renewable_mw[at]
    demand = [tier[at] for tier in island.demand_mw.values()]
    stores.stand()
    held = stores.holding(at.size)
    left, served = supply, []
    for number, asked in enumerate(demand):
        direct = np.minimum(left, asked) if number == 0 or not save else np.zeros_like(asked)
        left = left - direct
        served.append(direct)
    lacking = [asked - direct for asked, direct in zip(demand, served, strict=True)]
    others = np.zeros_like(supply) if save else sum(lacking[1:], start=np.zeros_like(supply))
    stores.request(lacking[0], others, section.reserve_share)
    asked_for = sum(stores.out, start=np.zeros_like(supply))
    pushed = stores.minimum_loads(supply, island.charge_order)
    given = sum(stores.out, start=np.zeros_like(supply)) - pushed
    given = np.where(np.abs(given - asked_for) <= TOLERANCE_MW, asked_for, given)
    short = lacking[0] - given > TOLERANCE_MW
    for number, lack in enumerate(lacking):
        taken = np.clip(given, 0.0, lack) if number == 0 or not save else np.zeros_like(lack)
        given = given - taken
        served[number] = served[number] + taken
    failed = short | ~held
    why = [GRID_FORMING] * int(failed.sum())
    if (short & held).any():
        for position, text in zip(np.flatnonzero((short & held)[failed]), stores.causes(short & held), strict=True):
            why[position] = text
    stores.discharge()
    left = stores.charge(left + pushed, island.charge_order)
    if save:
        for number in range(1, len(demand)):
            taken = np.minimum(left, demand[number])
            left = left - taken
            served[number] = served[number] + taken
    to_conversion = np.minimum(left, island.conversion_mw) if section.conversions == "surplus" else np.zeros_like(left)
    return served, to_conversion, failed, why


def _totals(
    island: Island,
    checkpoints: list[int],
    known: NDArray[np.int64],
    lasted: NDArray[np.int64],
    wrap: bool,
    unserved: Floats,
    shots: Floats,
) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """Demand and unserved energy by tier for each duration; once the island is lost, all demand is unserved."""
    steps, dt = island.time.steps, island.time.step_hours
    starts = np.arange(steps)
    demand, short = {}, {}
    for t, (tier, power) in enumerate(island.demand_mw.items()):
        rounds = 2 + max(checkpoints, default=0) // steps if wrap else 1
        energy = np.concatenate([[0.0], np.cumsum(np.tile(power, rounds))]) * dt
        until = [energy[np.minimum(starts + checkpoint, energy.size - 1)] for checkpoint in checkpoints]
        lost_from = energy[np.minimum(starts + lasted, energy.size - 1)]
        asked = [np.where(checkpoint > known, np.nan, end - energy[starts]) for checkpoint, end in zip(checkpoints, until, strict=True)]
        gone = [
            np.where(checkpoint > known, np.nan, np.where(checkpoint > lasted, unserved[t] + end - lost_from, shots[number, t]))
            for number, (checkpoint, end) in enumerate(zip(checkpoints, until, strict=True))
        ]
        demand[tier], short[tier] = np.array(asked), np.array(gone)
    return demand, short
