r"""What the assets of a solved dispatch can give in one of its steps, and for how much.

Rooms are those of this step alone: what is drawn from a store now is missing later, and shifted load comes back; when, and what that costs beyond the price
of what is stored, is not seen here. Powers are at each asset's own bus; losses of lines between it and the connection are not taken off.

wind, sun
    from 0 (where curtailable) to what is available, at the variable cost. What is already curtailed is room up.
battery, compressed air
    :math:`-\min(P_c, (E_\max - e)/(\eta_c \Delta t))` to :math:`\min(P_d, \eta_d (e - E_\min)/\Delta t)` from the level :math:`e` at the start of the step;
    for compressed air what it draws from its heat store likewise (heat too much is let go). Minimum loads of compressor and expander.
electrolyser
    between minimum load and rated power of the modules that are on or in standby (linear level: of all), within the ramp from the step before, and as far as
    tanks and flexible deliveries on its hydrogen bus can take or replace the hydrogen; plants on one bus share that by capacity.
demand response
    shift: the share of the load, both ways; curtail: a row a price step; interrupt: one block, where the plan holds all or nothing of it; process: from its
    lowest to its highest power, at the shadow price of its quota. Quotas, windows of shifting and calls of the year are not looked at. A seconds-level reserve
    (``reserve_only``) is no energy and does not stand here.

What a MWh costs is what the technology pays and the shadow price of what it takes from or adds to its stores and products (`Dispatch.prices`), for the first
MW from where it stands. Where a plan of the linear level stands below a minimum load, that minimum is not held in this step.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridsim.errors import DefinitionError, Problem
from gridsim.technologies.battery import Battery
from gridsim.technologies.caes import CompressedAir
from gridsim.technologies.demand_response import DemandResponse
from gridsim.technologies.draft import Commitment, RampLimit, total
from gridsim.technologies.electrolyser import Electrolyser
from gridsim.technologies.variable_renewable import VariableRenewable
from gridsim.vpp.setpoints.assets import Assets

if TYPE_CHECKING:
    from gridsim.dispatch.result import Dispatch
    from gridsim.technologies.base import Technology
    from gridsim.technologies.draft import Component, Series

SOLVER_MW = 1e-6
"""What a solver leaves; powers this close to 0 or to a bound are taken as that. [MW]"""


@dataclass(frozen=True)
class _Row:
    name: str
    low_mw: float
    high_mw: float
    now_mw: float
    cost_up: float
    cost_down: float
    least_draw_mw: float = 0.0
    least_supply_mw: float = 0.0
    block_mw: float = 0.0


def limits_from(dispatch: Dispatch, step: int) -> Assets:
    """Return what each asset can give in one step of a dispatch.

    Parameters
    ----------
    dispatch : Dispatch
        Solved, with prices.
    step : int
        Snapshot, from 0.

    Returns
    -------
    Assets
        A row for each battery, compressed-air plant, electrolyser, wind and solar plant, and demand response (a row for each of its price steps).
    """
    steps = dispatch.time.steps
    problems = []
    if not 0 <= step < steps:
        problems.append(Problem("step", f"is {step}; the dispatch has {steps} steps", f"choose 0 to {steps - 1}"))
    if not dispatch.prices:
        problems.append(Problem("dispatch", "has no prices, from which costs are taken", "solve it with prices"))
    if problems:
        raise DefinitionError("The step of the dispatch", problems)
    found = _Step(dispatch, step)
    rows, owners = [], []
    for name, technology in dispatch.draft.park.technologies.items():
        for row in found.rows(name, technology):
            rows.append(row)
            owners.append(technology.owner or name)
    if not rows:
        problem = Problem("technologies", "hold nothing that can follow a signal", "add storage, electrolysers, demand response, wind or solar")
        raise DefinitionError("The park", [problem])
    return Assets.of(
        [row.name for row in rows],
        [row.low_mw for row in rows],
        [row.high_mw for row in rows],
        [row.cost_up for row in rows],
        now_mw=[row.now_mw for row in rows],
        owner=owners,
        cost_down_cny_per_mwh=[row.cost_down for row in rows],
        least_draw_mw=[row.least_draw_mw for row in rows],
        least_supply_mw=[row.least_supply_mw for row in rows],
        block_mw=[row.block_mw for row in rows],
    )


@dataclass(frozen=True)
class _Step:
    dispatch: Dispatch
    step: int

    def rows(self, name: str, technology: Technology) -> Iterator[_Row]:
        if isinstance(technology, VariableRenewable):
            yield self._renewable(name, technology)
        elif isinstance(technology, Battery | CompressedAir):
            yield self._storage(name, technology)
        elif isinstance(technology, Electrolyser):
            yield self._electrolyser(name, technology)
        elif isinstance(technology, DemandResponse) and not technology.reserve_only:
            yield from self._response(name, technology)

    @property
    def hours(self) -> float:
        return self.dispatch.time.step_hours

    def at(self, series: Series) -> float:
        values = np.asarray(series, dtype=float)
        return float(values if values.ndim == 0 else values[self.step])

    def flow(self, component: str) -> float:
        flows = self.dispatch.flows.get(component)
        return 0.0 if flows is None else float(flows[self.step])

    def available(self, component: Component) -> float:
        return float(self.dispatch.draft.available(component)[self.step])

    def level(self, store: Component) -> float:
        """Level that this step starts from, after its standing loss. [MWh]"""
        if self.step > 0 or store.get("e_cyclic", False):
            before = float(self.dispatch.levels[store.name][self.step - 1])
        else:
            before = float(store.get("e_initial", 0.0)) / (1.0 - store.get("standing_loss", 0.0)) ** self.hours
        return before * (1.0 - store.get("standing_loss", 0.0)) ** self.hours

    def content(self, store: Component, level: float) -> tuple[float, float]:
        """What a store at a level can give and take. [MWh]"""
        low, high = (self.at(store.get(bound, default)) * store["e_nom"] for bound, default in (("e_min_pu", 0.0), ("e_max_pu", 1.0)))
        return max(level - low, 0.0), max(high - level, 0.0)

    def price(self, bus: str) -> float:
        """What a unit on a bus is worth; of a fuel, what it is bought for. [CNY/MWh]"""
        for fuel in self.dispatch.draft.having("fuel"):
            if fuel["bus"] == bus:
                return self.at(fuel.get("marginal_cost", 0.0))
        return float(self.dispatch.prices[bus][self.step]) if bus in self.dispatch.prices else 0.0

    def cost(self, component: Component) -> float:
        """What a MWh more of a link's electricity costs, supplied or drawn, beside the electricity. [CNY/MWh]"""
        draft = self.dispatch.draft
        ports = [(bus, self.at(factor)) for bus, factor in draft.ports(component)]
        electric = sum(factor for bus, factor in ports if draft.electric(bus))
        others = sum(factor * self.price(bus) for bus, factor in ports if not draft.electric(bus))
        return (self.at(component.get("marginal_cost", 0.0)) - others) / abs(electric)

    def row(self, name: str, low: float, high: float, now: float, up: float, down: float, draw: float = 0.0, supply: float = 0.0, block: float = 0.0) -> _Row:
        """Clean what a solver leaves: bounds hold the plan; a minimum that the plan does not keep is not held."""
        now = 0.0 if abs(now) < SOLVER_MW else now
        if -draw < now < 0:
            draw, now = (draw, -draw) if now < SOLVER_MW - draw else (0.0, now)
        if 0 < now < supply:
            supply, now = (supply, supply) if now > supply - SOLVER_MW else (0.0, now)
        return _Row(name, min(low, now), max(high, now), now, up, down, draw, supply, block)

    def _renewable(self, name: str, technology: VariableRenewable) -> _Row:
        component = self.dispatch.draft.components[name]
        available, cost = self.available(component), self.at(component.get("marginal_cost", 0.0))
        return self.row(name, 0.0 if technology.curtailable else available, available, self.flow(name), cost, -cost)

    def _storage(self, name: str, technology: Battery | CompressedAir) -> _Row:
        draft = self.dispatch.draft
        charge, discharge = (draft.components[f"{name}.{way}"] for way in ("charge", "discharge"))
        stores = {store["bus"]: store for store in draft.having("store", technology=name)}
        supplies = next(self.at(factor) for bus, factor in draft.ports(discharge) if draft.electric(bus))
        most_out, most_in = self.available(discharge) * supplies, self.available(charge)
        for bus, factor in draft.ports(discharge):
            if bus in stores:
                give, _ = self.content(stores[bus], self.level(stores[bus]))
                most_out = min(most_out, give / self.hours / -self.at(factor) * supplies)
        main = draft.components[f"{name}.store"]
        _, take = self.content(main, self.level(main))
        filled = next(self.at(factor) for bus, factor in draft.ports(charge) if bus == main["bus"])
        most_in = min(most_in, take / self.hours / filled)
        now = self.flow(discharge.name) * supplies - self.flow(charge.name)
        least_in = least_out = 0.0
        if isinstance(technology, CompressedAir):
            least_in, least_out = technology.compressor_min_load_share * charge["p_nom"], technology.expander_min_load_share * discharge["p_nom"]
        # from where it stands: a plant that charges gives up by charging less, one that supplies gives down by supplying less
        to_charge, to_supply = self.cost(charge), self.cost(discharge)
        up = -to_charge if now < -SOLVER_MW else to_supply
        down = -to_supply if now > SOLVER_MW else to_charge
        return self.row(name, -most_in, most_out, now, up, down, least_in, least_out)

    def _electrolyser(self, name: str, technology: Electrolyser) -> _Row:
        draft, dispatch = self.dispatch.draft, self.dispatch
        pieces = draft.having("conversion", technology=name)
        power = sum(self.flow(piece.name) for piece in pieces)
        most, least = sum(self.available(piece) for piece in pieces), technology.min_load_share * technology.capacity_mw / technology.modules
        for fleet in draft.requested(Commitment):
            if fleet.name == f"{name}.modules":
                standby = dispatch.standby.get(fleet.name)
                ready = dispatch.commitments[fleet.name][self.step] + (0.0 if standby is None else standby[self.step])
                most = round(float(ready)) * sum(block.maximum_mw for block in fleet.blocks)
        highest, lowest = most, 0.0
        for ramp in draft.requested(RampLimit):
            if self.step > 0 and ramp.name == f"{name}.ramp":
                before = float(total(ramp.terms, dispatch.flows, dispatch.time.steps)[self.step - 1])
                highest, lowest = min(highest, before + ramp.up_mw), max(lowest, before - ramp.down_mw)
        best = max(piece["efficiency"] for piece in pieces)
        spare_in, spare_out = self._buffer(pieces[0]["bus1"])
        among = sum(link["p_nom"] * link["efficiency"] for link in draft.having("conversion") if link["bus1"] == pieces[0]["bus1"])
        share = sum(piece["p_nom"] * piece["efficiency"] for piece in pieces) / among if among else 0.0
        highest, lowest = min(highest, power + share * spare_in / best), max(lowest, power - share * spare_out / best)
        running = [piece for piece in pieces if self.flow(piece.name) > SOLVER_MW]
        next_piece = next((piece for piece in pieces if self.flow(piece.name) < self.available(piece) - SOLVER_MW), pieces[-1])
        down = self.cost(next_piece)
        up = -self.cost(running[-1] if running else pieces[0])
        return self.row(name, -highest, -lowest, -power, up, down, draw=least)

    def _buffer(self, bus: str) -> tuple[float, float]:
        """What stores and flexible deliveries on a bus can take more, and give more, than they are planned to in this step. [MW of the bus]"""
        draft = self.dispatch.draft
        take = give = 0.0
        for store in draft.having("store"):
            charge, discharge = (draft.components.get(f"{store.technology}.{way}") for way in ("charge", "discharge"))
            if charge is None or discharge is None or bus not in (charge["bus0"], discharge["bus1"]):
                continue
            gives, takes = (energy / self.hours for energy in self.content(store, self.level(store)))
            plan = self.flow(charge.name) - self.flow(discharge.name)
            take += max(min(self.available(charge), takes) - plan, 0.0)
            give += max(min(self.available(discharge), gives) + plan, 0.0)
        for product in draft.having("product"):
            if product["bus"] == bus:
                take += self.available(product) - self.flow(product.name)
                give += self.flow(product.name)
        return take, give

    def _response(self, name: str, technology: DemandResponse) -> Iterator[_Row]:
        draft, components = self.dispatch.draft, self.dispatch.draft.components
        if technology.kind == "process":
            flow, prices = components[name], self.dispatch.limit_prices.get(f"{name}.quota")
            period = draft.park.time.period(technology.quota_period)
            worth = 0.0 if prices is None else float(prices[period[self.step]])
            yield self.row(name, -self.available(flow), -technology.min_power_mw, -self.flow(name), worth, -worth)
            return
        if technology.kind == "shift":
            taken, added = components[f"{name}.reduction"], components[f"{name}.increase"]
            now = self.flow(taken.name) - self.flow(added.name)
            cost = self.at(taken["marginal_cost"])
            up = 0.0 if now < -SOLVER_MW else cost
            down = -cost if now > SOLVER_MW else 0.0
            yield self.row(name, -self.available(added), self.available(taken), now, up, down)
            return
        for part in draft.having("reduction", technology=name):
            most, now, cost = self.available(part), self.flow(part.name), self.at(part["marginal_cost"])
            whole = now < SOLVER_MW or now > most - SOLVER_MW
            now = most if now > most - SOLVER_MW else now
            block = most if technology.kind == "interrupt" and whole else 0.0
            yield self.row(part.name if technology.kind == "curtail" else name, 0.0, most, now, cost, -cost, block=block)
