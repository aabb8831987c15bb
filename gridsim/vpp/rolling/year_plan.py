r"""What a window wants of its end, from a plan of the whole year or from a rule.

A plan of the year is a dispatch at the linear level. It tells how full each store is at each hour, and what one more unit in it is worth: the marginal price
at the store's bus in the next hour. Where the plan is made for the same weather that the operation meets, it knows the future; made for another weather year
it is what an operator can know.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridsim.dispatch.rolling_draft import STAY_SHARE, ends_of_levels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.dispatch.program import Program
    from gridsim.dispatch.result import Dispatch
    from gridsim.dispatch.rolling import Ends
    from gridsim.technologies.draft import Component, NetworkDraft


def guide_of(plan: Dispatch, program: Program) -> NDArray[np.float64]:
    """Return the plan as columns of a program of the same park; what the plan does not know is zero. Shape (N,)."""
    guide = np.zeros(program.cost.size)
    for values, columns in ((plan.flows, program.flow), (plan.levels, program.level), (plan.monthly_peaks, program.peak)):
        for name in values.keys() & columns.keys():
            guide[columns[name]] = values[name]
    return guide


def ends_of_plan(plan: Dispatch, program: Program, *, follow_levels: bool = True) -> Ends:
    """Return what the levels at the end of a window are worth in a plan of the year, and how dear it is to leave its levels.

    Parameters
    ----------
    follow_levels : bool
        False where the plan's weather is not that of the operation, so that only worths carry over.
    """
    worth = {}
    for store in plan.draft.having("store"):
        price = np.maximum(plan.prices[store["bus"]], 0.0)
        kept = (1.0 - store.get("standing_loss", 0.0)) ** plan.time.step_hours
        worth[store.name] = kept * np.append(price[1:], 0.0)  # after the last hour there is nothing to be had for it
    return ends_of_levels(program, worth, follow=follow_levels)


def ends_of_rule(draft: NetworkDraft, program: Program) -> Ends:
    r"""Return worths that make a window of one step follow a rule: own use first, a surplus into stores before it is exported, batteries by price band.

    Electricity in store counts as much as the best export price of the year; what is made of it, such as hydrogen, divided by the efficiency on the cheapest
    way to the store's bus: electrolysers run on surplus, and on bought power only where a demand leaves no other way. In an electric store it counts as much
    as the lowest import price of the day, where the day's highest pays for that, losses and wear: it then charges at the lowest price, too, and gives
    whenever power is dearer. A park that can buy for less than its exports earn also stores what it buys.
    """
    surplus = _export_price(draft)
    worth_at = {bus: surplus for bus in draft.buses if draft.electric(bus)}
    links = [component for component in draft.components.values() if component.kind == "Link"]
    for _ in links:  # the longest way has as many links as there are
        for link in links:
            efficiency = float(np.mean(link["efficiency"]))
            if link["bus0"] in worth_at and efficiency > 0.0:
                reached = worth_at[link["bus0"]] / efficiency + float(np.mean(link.get("marginal_cost", 0.0)))
                worth_at[link["bus1"]] = min(worth_at.get(link["bus1"], np.inf), reached)
    worth = {store.name: np.full(draft.steps, worth_at.get(store["bus"], 0.0)) for store in draft.having("store")}
    for store in draft.having("store"):
        for charge, discharge in _converters(draft, store):
            low, high = _price_band(draft)
            into, out = float(np.mean(charge["efficiency"])), float(np.mean(discharge["efficiency"]))
            pays = (low > surplus) & (high * out - float(np.mean(discharge.get("marginal_cost", 0.0))) > low / into * (1.0 + STAY_SHARE))
            worth[store.name] = np.where(pays, low / into, worth[store.name])
    return ends_of_levels(program, {name: series * (1.0 + STAY_SHARE) for name, series in worth.items()}, follow=False)


def _converters(draft: NetworkDraft, store: Component) -> list[tuple[Component, Component]]:
    """Charge and discharge of a store of electricity."""
    own = draft.having("charge", "discharge", technology=store.technology)
    into = [link for link in own if link.role == "charge" and link["bus1"] == store["bus"] and draft.electric(link["bus0"])]
    out = [link for link in own if link.role == "discharge" and link["bus0"] == store["bus"] and draft.electric(link["bus1"])]
    return list(zip(into, out, strict=True))


def _price_band(draft: NetworkDraft) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lowest and highest import price of each step's day. Each shape (T,). [CNY/MWh]"""
    imports = draft.having("import")
    if not imports:
        return np.zeros(draft.steps), np.zeros(draft.steps)
    price = np.min([np.broadcast_to(np.asarray(one.get("marginal_cost", 0.0), dtype=float), (draft.steps,)) for one in imports], axis=0)
    day = draft.park.time.day
    begin = np.flatnonzero(np.diff(day, prepend=-1))
    return np.minimum.reduceat(price, begin)[day], np.maximum.reduceat(price, begin)[day]


def _export_price(draft: NetworkDraft) -> float:
    """Best price that an export earns; 1 CNY/MWh where there is none, so that a surplus is stored all the same."""
    earned = [float(np.max(-np.asarray(component.get("marginal_cost", 0.0)))) for component in draft.having("export")]
    return max([1.0, *earned])
