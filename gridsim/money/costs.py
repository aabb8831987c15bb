"""The park's cost over the horizon in parts small enough to be shared out: the lines of the cost table, what they leave out, and the hours of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridsim.metrics.cost import KIND_OF_ROLE
from gridsim.money.tracing import SOURCE_ROLES, entry_of
from gridsim.technologies.electrolyser import Electrolyser
from gridsim.technologies.grid_connection import GridConnection

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.dispatch.result import Dispatch
    from gridsim.metrics.cost import CostLine
    from gridsim.money.replacement import Wear
    from gridsim.money.terms import Terms
    from gridsim.technologies.base import Technology

BY_ITEM = ("investment", "fixed_om")
"""Kinds that are split by what was bought, where a technology bought several things."""


@dataclass(frozen=True)
class Part:
    """One cost over the horizon; revenue is negative."""

    technology: str
    kind: str
    item: str
    """What was bought or worn, such as ``synthesis`` and ``tank``; empty where the kind says all."""
    cny: float
    added: bool = False
    """Not a line of the scorecard's cost table, but computed here."""


def parts_of(dispatch: Dispatch, lines: list[CostLine], wear: list[Wear], terms: Terms, bill_total_cny: float | None = None) -> list[Part]:
    """Return the lines of the cost table, split by item, and what is added to them.

    Added are raw water, what cells and stacks that wear out before their plant add to its annuity, and where the grid's bill is known better than by hourly
    prices and demand charge, the difference. The parts add up to the cost table and these.
    """
    parts = [part for line in lines for part in _by_item(line, dispatch)]
    year, rooms = dispatch.time.share_of_year, dispatch.draft.park.technologies
    for name, room in rooms.items():
        if isinstance(room, Electrolyser) and terms.water_price_cny_per_t > 0:
            water_t = room.report(name, dispatch)["water_t"]
            parts.append(Part(name, "water", "", water_t * terms.water_price_cny_per_t, added=True))
    for worn in wear:
        parts.append(Part(worn.technology, "replacement", worn.part, worn.extra_per_year(terms.discount_rate) * year, added=True))
    grids = [name for name, room in rooms.items() if isinstance(room, GridConnection)]
    if bill_total_cny is not None and grids:
        modelled = sum(line.cny for line in lines if line.technology in grids and line.kind in ("energy_import", "demand_charge"))
        parts.append(Part(grids[0], "bill_difference", "", bill_total_cny - modelled, added=True))
    return [part for part in parts if part.cny != 0.0]


def _by_item(line: CostLine, dispatch: Dispatch) -> list[Part]:
    park = dispatch.draft.park
    bought = park.technologies[line.technology].investments() if line.kind in BY_ITEM else []
    rate = park.finance.discount_rate
    weights = [item.yearly_cost_cny(rate) if line.kind == "investment" else item.fixed_om_cny_per_year for item in bought]
    total = sum(weights)
    if len(bought) < 2 or total <= 0:
        return [Part(line.technology, line.kind, "", line.cny)]
    return [Part(line.technology, line.kind, item.item, line.cny * weight / total) for item, weight in zip(bought, weights, strict=True)]


def hourly_money(dispatch: Dispatch, technology: str, kind: str) -> dict[str, NDArray[np.float64]]:
    """Variable costs of one kind by the bus they enter and hour. Each shape (T,). [CNY]"""
    money: dict[str, NDArray[np.float64]] = {}
    for component in dispatch.draft.components.values():
        if component.technology != technology or component.kind == "Store" or KIND_OF_ROLE.get(component.role, "variable_om") != kind:
            continue
        price = np.asarray(component.get("marginal_cost", 0.0))
        if np.any(price != 0.0):
            bus = entry_of(dispatch, component)[0]
            money[bus] = money.get(bus, 0.0) + price * dispatch.flows[component.name] * dispatch.time.step_hours
    return money


def home_of(dispatch: Dispatch, technology: str) -> str:
    """Carrier that a technology supplies, or that it uses where it supplies none."""
    draft = dispatch.draft
    park = draft.park
    for role in SOURCE_ROLES:
        for component in draft.having(role, technology=technology):
            bus = entry_of(dispatch, component)[0]
            if bus in park.buses:
                return park.buses[bus].carrier
    room = park.technologies[technology]
    return park.buses[_bus_of(room, park.technologies)].carrier


def _bus_of(room: Technology, rooms: dict[str, Technology]) -> str:
    load = getattr(room, "load", None)
    placed = room if load is None else rooms[load]
    return str(getattr(placed, "bus", None) or getattr(placed, next(iter(placed.bus_carriers))))
