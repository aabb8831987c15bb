"""Why green power was curtailed: each curtailed MWh is given to one cause, in this order.

line or transformer
    A line between the generator and the rest of the park was full, and power was worth more behind it; or the grid connection exported all it can carry.
network
    An AC limit of the distribution network took a price from the generator's feed-in, and its power was worth something at its bus (where the wires take part
    in the dispatch).
export rule
    The connection could have carried more, the export would have earned, and a rule forbade it: no feeding back, or an annual share.
    Only as many MW as the connection had left; what exceeds them goes on to the next cause.
price
    The connection could have carried more and was allowed to, but exporting would have earned nothing.
unit commitment
    An idle module could have made something of value, but the surplus was below its minimum load (mixed-integer level).
no use
    Everything else: no load, store or connection could take it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridsim.technologies.draft import Commitment, SnapshotLimits
from gridsim.technologies.grid_connection import GridConnection

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.dispatch.result import Dispatch
    from gridsim.technologies.draft import Component

CAUSES = ("line_or_transformer", "network", "export_rule", "price", "unit_commitment", "no_use")
FULL = 1e-6
"""A flow this close to its limit, relative to it, counts as full."""
WORTH = 1e-3
"""Price differences below this are none. [CNY/MWh]"""


def curtailment_by_cause(dispatch: Dispatch) -> dict[str, NDArray[np.float64]]:
    """Curtailed power of all wind and sun by cause. Each shape (T,). [MW]"""
    draft = dispatch.draft
    green = draft.having("renewable")
    left = {c.name: np.maximum(draft.available(c) - dispatch.flows[c.name], 0.0) for c in green}
    causes = {cause: np.zeros(dispatch.time.steps) for cause in CAUSES}

    def give(cause: str, generator: str, power: NDArray[np.float64]) -> None:
        causes[cause] += power
        left[generator] = left[generator] - power

    reach = {bus: _reachable(dispatch, bus) for bus in {c["bus"] for c in green}}
    for generator in green:
        blocked = _blocked(dispatch, reach[generator["bus"]])
        give("line_or_transformer", generator.name, np.where(blocked, left[generator.name], 0.0))
        give("network", generator.name, np.where(_held_by_the_network(dispatch, generator), left[generator.name], 0.0))
    for name, connection in draft.park.of_type(GridConnection).items():
        _give_to_connection(dispatch, name, connection, green, reach, left, give)
    idle = _too_small_for_a_module(dispatch, sum(left.values(), start=np.zeros(dispatch.time.steps)))
    for generator in green:
        give("unit_commitment", generator.name, np.where(idle, left[generator.name], 0.0))
        give("no_use", generator.name, left[generator.name])
    return causes


def _lines(dispatch: Dispatch) -> list[Component]:
    return [c for c in dispatch.draft.having("transport") if dispatch.draft.electric(c["bus0"])]


def _full(dispatch: Dispatch, component: Component) -> NDArray[np.bool_]:
    limit = dispatch.draft.available(component)
    return dispatch.flows[component.name] >= limit * (1 - FULL) - 1e-9


def _reachable(dispatch: Dispatch, bus: str) -> dict[str, NDArray[np.bool_]]:
    """Buses that power from ``bus`` can still reach over lines that are not full. Each shape (T,)."""
    reach = {bus: np.ones(dispatch.time.steps, dtype=bool)}
    lines = _lines(dispatch)
    for _ in lines:
        for line in lines:
            if line["bus0"] in reach:
                arrives = reach[line["bus0"]] & ~_full(dispatch, line)
                reach[line["bus1"]] = reach.get(line["bus1"], np.zeros(dispatch.time.steps, dtype=bool)) | arrives
    return reach


def _blocked(dispatch: Dispatch, reach: dict[str, NDArray[np.bool_]]) -> NDArray[np.bool_]:
    """Snapshots in which a full line leaves the reachable buses and power is worth more behind it. Shape (T,)."""
    blocked = np.zeros(dispatch.time.steps, dtype=bool)
    for line in _lines(dispatch):
        if line["bus0"] in reach:
            gain = line["efficiency"] * dispatch.prices[line["bus1"]] - dispatch.prices[line["bus0"]]
            blocked |= reach[line["bus0"]] & _full(dispatch, line) & (gain > WORTH)
    return blocked


def _held_by_the_network(dispatch: Dispatch, generator: Component) -> NDArray[np.bool_]:
    """Snapshots in which limits of the wires charge a generator for feeding in, and its power was worth more than its own cost. Shape (T,)."""
    charge = np.zeros(dispatch.time.steps)
    for limits in dispatch.draft.requested(SnapshotLimits):
        if generator.name in limits.components and limits.name in dispatch.snapshot_prices:
            coefficient = limits.coefficient[:, limits.components.index(generator.name)]
            np.add.at(charge, limits.snapshot, coefficient * dispatch.snapshot_prices[limits.name] / dispatch.time.step_hours)
    worth = dispatch.prices.get(generator["bus"], np.zeros(dispatch.time.steps)) - np.asarray(generator.get("marginal_cost", 0.0))
    return (charge > WORTH) & (worth > WORTH)


def _give_to_connection(
    dispatch: Dispatch,
    name: str,
    connection: GridConnection,
    green: list[Component],
    reach: dict[str, dict[str, NDArray[np.bool_]]],
    left: dict[str, NDArray[np.float64]],
    give: object,
) -> None:
    """Give what this connection could have taken to its cause, shared in proportion among the generators that reach it."""
    if connection.export_limit_mw <= 0:
        return
    park = dispatch.draft.park
    revenue = park.tariffs[connection.tariff].export_price_at(park.time, park.profiles)
    exported = dispatch.flows.get(f"{name}.export", np.zeros(dispatch.time.steps))
    room = np.maximum(connection.export_limit_mw - exported, 0.0)
    full = room <= connection.export_limit_mw * FULL
    importing = dispatch.summed(dispatch.draft.having("import", technology=name)) > connection.import_limit_mw * FULL
    never = np.zeros(dispatch.time.steps, dtype=bool)
    at = {c.name: np.where(reach[c["bus"]].get(connection.bus, never), left[c.name], 0.0) for c in green}
    together = sum(at.values(), start=np.zeros(dispatch.time.steps))
    part = np.divide(np.minimum(room, together), together, out=np.zeros_like(together), where=together > 0)
    earns = revenue > WORTH
    for generator in green:
        mine = at[generator.name]
        give("line_or_transformer", generator.name, np.where(full & earns, mine, 0.0))
        give("export_rule", generator.name, np.where(~full & earns & ~importing, part * mine, 0.0))
        give("price", generator.name, np.where(~full & ~earns & connection.export_allowed, part * mine, 0.0))


def _too_small_for_a_module(dispatch: Dispatch, surplus: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Snapshots in which an idle module would have made something of value, had the surplus reached its minimum load. Shape (T,)."""
    found = np.zeros(dispatch.time.steps, dtype=bool)
    for request in dispatch.draft.requested(Commitment):
        first = dispatch.draft.components[request.blocks[0].component]
        if first.role != "conversion" or not dispatch.draft.electric(first["bus0"]):
            continue
        idle = dispatch.commitments[request.name] < request.modules - 0.5
        value = dispatch.prices[first["bus1"]] * first["efficiency"] - first.get("marginal_cost", 0.0)
        found |= idle & (surplus < request.blocks[0].minimum_mw) & (value > WORTH)
    return found & (surplus > 0)
