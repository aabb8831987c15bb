r"""Where the money that enters the buses of one carrier ends, by proportional mixing hour by hour.

A yuan spent on power at bus :math:`b` in snapshot :math:`t` leaves the bus with the energy that leaves it, in proportion. Its share that ends at destination
:math:`d` follows from what leaves: to users directly, over links to other buses, and into stores, which give what they took evenly over all they deliver:

.. math::
   x_{b,t,d} \sum_{\text{all out}} f &= u_{b,t,d} + \sum_{\ell: b \to c} f_{\ell,t}\, x_{c,t,d} + \sum_k c_{k,b,t}\, s_{k,d} \\
   s_{k,d} &= \sum_t g_{k,b,t}\, x_{b,t,d} \Big/ \sum_t g_{k,b,t}

for users' draw :math:`u`, the flow :math:`f` that a link takes at :math:`b`, and the flows :math:`c` into and :math:`g` out of store :math:`k`. So losses of
lines and stores are paid by those whose power came that way, and curtailed power is paid by all who use the plant. One small linear system a snapshot, and one
over the stores.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridsim.technologies.demand_response import DemandResponse

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.dispatch.result import Dispatch
    from gridsim.technologies.draft import Component, NetworkDraft

EMPTY = 1e-9
"""Flows below this carry no money. [unit of the bus]"""
EXPORT = "export"
NOBODY = "(unused)"
"""Destination of what is paid for where nothing of the carrier is used at all."""
SOURCE_ROLES = ("renewable", "conversion", "transport", "discharge", "import", "fuel")
"""Roles whose flow a technology's yearly costs are spread over; the first that a technology has on the carrier counts."""


@dataclass(frozen=True)
class Tracing:
    """Shares and quantities of one carrier. T snapshots, N buses, D destinations."""

    carrier: str
    buses: dict[str, int]
    destinations: tuple[str, ...]
    share: NDArray[np.float64]
    """Of a yuan at each bus, what ends at each destination. Shape (T, N, D). [1]"""
    drawn: NDArray[np.float64]
    """By each destination, over the horizon. Shape (D,). [unit of the bus · h]"""
    mean: NDArray[np.float64]
    """Share of each bus over the horizon, weighted by what leaves it. Shape (N, D). [1]"""

    def of_money(self, bus: str, cny: NDArray[np.float64]) -> NDArray[np.float64]:
        """Money that enters a bus, shape (T,), by destination. Shape (D,). [CNY]"""
        return np.asarray(cny @ self.share[:, self.buses[bus], :], dtype=float)

    def of_flows(self, entries: list[tuple[str, NDArray[np.float64]]]) -> NDArray[np.float64]:
        """Shares of a cost that is spread evenly over what enters the buses; sums to 1. Shape (D,). [1]"""
        shares = sum((self.of_money(bus, flow) for bus, flow in entries), start=np.zeros(len(self.destinations)))
        if shares.sum() <= EMPTY and entries:  # not used: shared as everything that leaves its bus
            shares = self.mean[self.buses[entries[0][0]]]
        return self.whole(shares)

    def whole(self, shares: NDArray[np.float64]) -> NDArray[np.float64]:
        """Scale shares to a sum of 1; what has none is shared by draw, or is nobody's. Shape (D,)."""
        for weights in (shares, self.drawn):
            if weights.sum() > EMPTY:
                return weights / weights.sum()
        return self.only(NOBODY)

    def only(self, destination: str) -> NDArray[np.float64]:
        """Return 1 for one destination. Shape (D,)."""
        return (np.array(self.destinations) == destination).astype(float)


def user_of(dispatch: Dispatch, technology: str) -> str:
    """Return who pays for a technology's draw: for demand response at a load, that load."""
    room = dispatch.draft.park.technologies[technology]
    return room.load if isinstance(room, DemandResponse) and room.load is not None else technology


def entries_of(dispatch: Dispatch, technology: str, buses: dict[str, int]) -> list[tuple[str, NDArray[np.float64]]]:
    """What a technology brings to the buses of a carrier: bus and flow, shape (T,), of its first role among `SOURCE_ROLES`."""
    for role in SOURCE_ROLES:
        found = [entry for c in dispatch.draft.having(role, technology=technology) if (entry := entry_of(dispatch, c))[0] in buses]
        if found:
            return found
    return []


def entry_of(dispatch: Dispatch, component: Component) -> tuple[str, NDArray[np.float64]]:
    """Bus that a component's money enters, and its flow there. Shape (T,)."""
    flow = np.maximum(dispatch.flows[component.name], 0.0)
    if component.kind == "Link":
        return component["bus1"], flow * np.asarray(component["efficiency"])
    return component["bus"], flow


def buses_of(draft: NetworkDraft, carrier: str) -> dict[str, int]:
    """Return the park's buses of a carrier with the inner buses of the plants on them, by place."""
    park = draft.park
    inner: dict[str, None] = {}
    for component in draft.components.values():
        room = park.technologies[component.technology]
        home = getattr(room, "bus", None)
        if home in park.buses and park.buses[home].carrier == carrier:
            inner |= {bus: None for bus, _ in draft.ports(component) if bus not in park.buses}
    return {bus: place for place, bus in enumerate([*park.buses_of(carrier), *inner])}


def trace(dispatch: Dispatch, carrier: str) -> Tracing:
    """Follow the money of one carrier's buses to its destinations: users, exports, and plants that turn the carrier into another."""
    draft, steps = dispatch.draft, dispatch.time.steps
    buses = buses_of(draft, carrier)
    names = [*dict.fromkeys(user_of(dispatch, c.technology) for c in draft.components.values()), EXPORT, NOBODY]
    place = {name: number for number, name in enumerate(names)}
    stores = [c for c in draft.components.values() if c.kind == "Store" and c["bus"] in buses]
    used = np.zeros((steps, len(buses), len(names)))
    passed = np.zeros((steps, len(buses), len(buses)))
    taken, given = np.zeros((steps, len(buses), len(stores))), np.zeros((steps, len(buses), len(stores)))
    for component in draft.components.values():
        flow = np.maximum(dispatch.flows[component.name], 0.0)
        if component.kind == "Link":
            for bus, factor in draft.ports(component):
                amount = np.maximum(-np.asarray(factor), 0.0) * flow
                if bus in buses and component["bus1"] in buses:
                    passed[:, buses[bus], buses[component["bus1"]]] += amount
                elif bus in buses:
                    used[:, buses[bus], place[component.technology]] += amount
        elif component.kind != "Store" and component["bus"] in buses:
            sign = {"load": 1, "process": 1, "increase": 1, "product": 1, "auxiliary": 1, "export": 1, "unserved": -1, "reduction": -1}.get(component.role, 0)
            who = EXPORT if component.role == "export" else user_of(dispatch, component.technology)
            used[:, buses[component["bus"]], place[who]] += sign * flow
    for number, store in enumerate(stores):
        taken[:, buses[store["bus"]], number] = np.maximum(-dispatch.flows[store.name], 0.0)
        given[:, buses[store["bus"]], number] = np.maximum(dispatch.flows[store.name], 0.0)
    np.maximum(used, 0.0, out=used)
    needed = [number for number, name in enumerate(names) if used[:, :, number].any() or name in (EXPORT, NOBODY)]
    used = used[:, :, needed]
    share, mean = _solved(used, passed, taken, given)
    drawn = used.sum(axis=(0, 1)) * dispatch.time.step_hours
    return Tracing(carrier, buses, tuple(names[number] for number in needed), share, drawn, mean)


def _solved(
    used: NDArray[np.float64], passed: NDArray[np.float64], taken: NDArray[np.float64], given: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Solve the equations at the top. Shapes (T, N, D) and (N, D)."""
    leaves = used.sum(axis=2) + passed.sum(axis=2) + taken.sum(axis=2)
    idle = leaves <= EMPTY
    matrix = -passed
    each = np.arange(leaves.shape[1])
    matrix[:, each, each] += leaves * (1.0 + 1e-12)  # a ring of links that nobody draws from stays solvable
    matrix[idle] = 0.0
    matrix[:, each, each] += idle
    right = np.where(idle[:, :, None], 0.0, np.concatenate([used, taken], axis=2))
    answer = np.linalg.solve(matrix, right)
    direct, through = answer[:, :, : used.shape[2]], answer[:, :, used.shape[2] :]
    total = given.sum(axis=(0, 1))
    weight = given / np.where(total > EMPTY, total, 1.0)
    begun = np.einsum("tnk,tnd->kd", weight, direct)
    again = np.einsum("tnk,tnj->kj", weight, through)
    store = np.linalg.lstsq(np.eye(total.size) - again, begun, rcond=1e-12)[0] if total.size else begun
    share = direct + through @ store
    sums = np.einsum("tn,tnd->nd", leaves, share)
    return share, sums / np.maximum(sums.sum(axis=1, keepdims=True), 1e-300)
