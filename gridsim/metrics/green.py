r"""The green ledger: two colours carried hour by hour through every bus, line, conversion and store, by proportional mixing.

All that flows into a bus in a snapshot mixes there; all that leaves has the bus' share of green. A Link passes on the share of its ``bus0``; a Store takes the
share of its bus and gives the share of what it held when the snapshot began:

.. math::
   x_{b} \Big(\sum_{i \to b} f_i\Big) &= \sum_{g \in \text{green}} f_g + \sum_{\ell \to b} f_\ell\, w_\ell\, x_{b_0(\ell)} + \sum_{k \to b} d_k\, s_k \\
   G_{k,t} &= (1-\lambda)^{\Delta t} G_{k,t-1} + \Delta t\,(c_{k,t}\, x_{b(k),t} - d_{k,t}\, s_{k,t-1}), \qquad s_{k,t} = G_{k,t} / E_{k,t}

Per snapshot this is one small linear system for the shares :math:`x` of all buses; eliminated, the green contents :math:`G` of the stores follow an affine
recursion, whose periodic state is the start of stores that end where they began. A store with a given start begins grey. Imports and fuel are grey; where fuel
is burnt beside air, :math:`w` is the air's share of what is drawn, else 1. Loads that go unserved or are taken away by demand response are no supply.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.dispatch.result import Dispatch
    from gridsim.technologies.draft import Component

SUPPLY = {"renewable": 1.0, "import": 0.0, "fuel": 0.0}
"""Share of green of what each source supplies."""

EMPTY = 1e-9
"""Flows and contents below this have no colour worth following. [MW, MWh]"""


@dataclass(frozen=True)
class StoreLedger:
    """One store in its own unit. All arrays have shape (T,)."""

    green_in: NDArray[np.float64]
    green_out: NDArray[np.float64]
    green_lost: NDArray[np.float64]
    green_level: NDArray[np.float64]
    green_start: float
    share: NDArray[np.float64]
    """Green share of the content at the end of each snapshot. [1]"""

    @property
    def residual(self) -> NDArray[np.float64]:
        """In − out − lost − change of the content, of green; zero when the ledger balances."""
        before = np.append(self.green_start, self.green_level[:-1])
        return self.green_in - self.green_out - self.green_lost - (self.green_level - before)


@dataclass(frozen=True)
class GreenLedger:
    """Green share of every bus and store, and where the park's green electricity went."""

    share_of_bus: dict[str, NDArray[np.float64]]
    """Shape (T,). [1]"""
    stores: dict[str, StoreLedger]
    green_generated_mw: NDArray[np.float64]
    green_discharged_mw: NDArray[np.float64]
    green_used_mw: NDArray[np.float64]
    """By final uses. Shape (T,). [MW]"""
    green_exported_mw: NDArray[np.float64]
    grey_exported_mw: NDArray[np.float64]
    green_charged_mw: NDArray[np.float64]
    green_line_loss_mw: NDArray[np.float64]
    green_used_by: dict[str, NDArray[np.float64]]
    """Green electricity used, by technology."""

    @property
    def residual_mw(self) -> NDArray[np.float64]:
        """Generated + discharged − used − exported − charged − lost on lines, of green. Shape (T,). [MW]"""
        out = self.green_used_mw + self.green_exported_mw + self.green_charged_mw + self.green_line_loss_mw
        return self.green_generated_mw + self.green_discharged_mw - out


def green_ledger(dispatch: Dispatch) -> GreenLedger:
    """Follow green and grey through a dispatch."""
    draft, time = dispatch.draft, dispatch.time
    buses = {bus: place for place, bus in enumerate(draft.buses)}
    stores = [c for c in draft.components.values() if c.kind == "Store"]
    own, matrix, from_store = _mixing(dispatch, buses, stores)
    inverse = np.linalg.inv(matrix)
    base = np.einsum("tij,tj->ti", inverse, own)
    answer = inverse @ from_store
    content, start = _contents(dispatch, stores, buses, base, answer)
    before = np.concatenate([start[None, :], content[:-1]])
    share_before = np.divide(before, _levels_before(dispatch, stores), out=np.zeros_like(before), where=_levels_before(dispatch, stores) > EMPTY)
    share = base + np.einsum("tik,tk->ti", answer, share_before)
    share = np.clip(share, 0.0, 1.0)
    of_bus = {bus: share[:, place] for bus, place in buses.items()}
    ledgers = {
        store.name: _store_ledger(dispatch, store, content[:, k], float(start[k]), share_before[:, k], of_bus[store["bus"]])
        for k, store in enumerate(stores)
    }
    return _electric_ledger(dispatch, of_bus, ledgers, time.steps)


def _mixing(
    dispatch: Dispatch, buses: dict[str, int], stores: list[Component]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return green supply (T, N), the matrix of each snapshot's system (T, N, N), and what stores add per share of green (T, N, K)."""
    draft, steps = dispatch.draft, dispatch.time.steps
    inflow = np.zeros((steps, len(buses)))
    own = np.zeros((steps, len(buses)))
    passed = np.zeros((steps, len(buses), len(buses)))
    from_store = np.zeros((steps, len(buses), len(stores)))
    for component in draft.components.values():
        flow = np.maximum(dispatch.flows[component.name], 0.0)
        if component.kind == "Generator" and component.role in SUPPLY:
            place = buses[component["bus"]]
            inflow[:, place] += flow
            own[:, place] += SUPPLY[component.role] * flow
        elif component.kind == "Link":
            weight = _green_weight(draft, component)
            for bus, factor in draft.ports(component)[1:]:
                arriving = np.maximum(factor, 0.0) * flow
                inflow[:, buses[bus]] += arriving
                passed[:, buses[bus], buses[component["bus0"]]] += weight * arriving
    for k, store in enumerate(stores):
        place = buses[store["bus"]]
        supplied = np.maximum(dispatch.flows[store.name], 0.0)
        inflow[:, place] += supplied
        from_store[:, place, k] = supplied
    idle = inflow <= EMPTY
    inflow[idle] = 1.0
    matrix = -passed
    diagonal = np.arange(len(buses))
    matrix[:, diagonal, diagonal] += inflow
    matrix[idle] = 0.0
    matrix[:, diagonal, diagonal] += idle
    own[idle] = 0.0
    from_store[idle] = 0.0
    return own, matrix, from_store


def _green_weight(draft: object, link: Component) -> float:
    """Share of a Link's output that carries the colour of ``bus0``; the rest comes from fuel."""
    fuel = sum(-factor for bus, factor in draft.ports(link)[1:] if draft.buses[bus] == "fuel" and np.all(factor < 0))
    return float(1.0 / (1.0 + fuel))


def _levels_before(dispatch: Dispatch, stores: list[Component]) -> NDArray[np.float64]:
    """Content of each store when each snapshot begins. Shape (T, K)."""
    before = np.zeros((dispatch.time.steps, len(stores)))
    for k, store in enumerate(stores):
        level = dispatch.levels[store.name]
        before[1:, k] = level[:-1]
        before[0, k] = level[-1] if store.get("e_cyclic", False) else store.get("e_initial", 0.0)
    return before


def _keep(dispatch: Dispatch, stores: list[Component]) -> NDArray[np.float64]:
    """Share of each store's content that a snapshot's standing loss leaves. Shape (T, K)."""
    hours = dispatch.time.step_hours
    keep = np.ones((dispatch.time.steps, len(stores)))
    for k, store in enumerate(stores):
        keep[:, k] = (1.0 - store.get("standing_loss", 0.0)) ** hours
        if not store.get("e_cyclic", False):
            keep[0, k] = 1.0
    return keep


def _contents(
    dispatch: Dispatch, stores: list[Component], buses: dict[str, int], base: NDArray[np.float64], answer: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Green content of each store at the end of each snapshot (T, K), and at the start (K,)."""
    steps, hours, count = dispatch.time.steps, dispatch.time.step_hours, len(stores)
    content, start = np.zeros((steps, count)), np.zeros(count)
    if count == 0:
        return content, start
    level_before = _levels_before(dispatch, stores)
    per_content = np.divide(1.0, level_before, out=np.zeros_like(level_before), where=level_before > EMPTY)
    supply = np.stack([dispatch.flows[store.name] for store in stores], axis=1)
    taken, given = np.maximum(-supply, 0.0), np.maximum(supply, 0.0)
    places = [buses[store["bus"]] for store in stores]
    change = hours * taken[:, :, None] * answer[:, places, :] * per_content[:, None, :]
    diagonal = np.arange(count)
    change[:, diagonal, diagonal] += _keep(dispatch, stores) - hours * given * per_content
    fresh = hours * taken * base[:, places]
    cyclic = np.array([bool(store.get("e_cyclic", False)) for store in stores])
    blocks = _blocks(change, fresh)
    if cyclic.any():
        end, response = blocks.ends(start)[-1], blocks.response
        closed = np.eye(count)[np.ix_(cyclic, cyclic)] - response[np.ix_(cyclic, cyclic)]
        start[cyclic] = np.linalg.lstsq(closed, end[cyclic], rcond=1e-12)[0]
    return blocks.states(start)[:steps], start


@dataclass(frozen=True)
class _Blocks:
    r"""The recursion :math:`x_t = C_t x_{t-1} + f_t` in B blocks of L snapshots, all blocks at once: 2 L + B steps in place of B L."""

    change: NDArray[np.float64]
    """Shape (B, L, K, K)."""
    fresh: NDArray[np.float64]
    """Shape (B, L, K)."""
    product: NDArray[np.float64]
    """What a block makes of the state before it, shape (B, K, K), and of nothing, ``own``, shape (B, K)."""
    own: NDArray[np.float64]

    @property
    def response(self) -> NDArray[np.float64]:
        """What all snapshots make of the state before the first. Shape (K, K)."""
        whole = np.eye(self.product.shape[-1])
        for block in self.product:
            whole = block @ whole
        return whole

    def ends(self, start: NDArray[np.float64]) -> NDArray[np.float64]:
        """State before the first block and at the end of each. Shape (B + 1, K)."""
        states = [start]
        for block, own in zip(self.product, self.own, strict=True):
            states.append(block @ states[-1] + own)
        return np.stack(states)

    def states(self, start: NDArray[np.float64]) -> NDArray[np.float64]:
        """State at the end of each snapshot, filled up to whole blocks. Shape (B L, K)."""
        now, found = self.ends(start)[:-1], np.empty_like(self.fresh)
        for step in range(self.fresh.shape[1]):
            now = np.einsum("bij,bj->bi", self.change[:, step], now) + self.fresh[:, step]
            found[:, step] = now
        return found.reshape(-1, start.size)


def _blocks(change: NDArray[np.float64], fresh: NDArray[np.float64]) -> _Blocks:
    """Cut a recursion into about as many blocks as a block has snapshots; those that fill up the last change nothing."""
    steps, count = fresh.shape
    length = max(1, math.isqrt(steps))
    blocks = -(-steps // length)
    filled = blocks * length - steps
    change = np.concatenate([change, np.broadcast_to(np.eye(count), (filled, count, count))]).reshape(blocks, length, count, count)
    fresh = np.concatenate([fresh, np.zeros((filled, count))]).reshape(blocks, length, count)
    product, own = np.broadcast_to(np.eye(count), (blocks, count, count)), np.zeros((blocks, count))
    for step in range(length):
        product = change[:, step] @ product
        own = np.einsum("bij,bj->bi", change[:, step], own) + fresh[:, step]
    return _Blocks(change, fresh, product, own)


def _store_ledger(
    dispatch: Dispatch, store: Component, content: NDArray[np.float64], start: float, before: NDArray[np.float64], bus: NDArray[np.float64]
) -> StoreLedger:
    hours, level = dispatch.time.step_hours, dispatch.levels[store.name]
    supply = dispatch.flows[store.name]
    content_before = np.append(start, content[:-1])
    return StoreLedger(
        green_in=hours * np.maximum(-supply, 0.0) * bus,
        green_out=hours * np.maximum(supply, 0.0) * before,
        green_lost=(1.0 - _keep(dispatch, [store])[:, 0]) * content_before,
        green_level=content,
        green_start=start,
        share=np.clip(np.divide(content, level, out=np.zeros_like(content), where=level > EMPTY), 0.0, 1.0),
    )


def _electric_ledger(  # noqa: C901  one case a role
    dispatch: Dispatch, of_bus: dict[str, NDArray[np.float64]], stores: dict[str, StoreLedger], steps: int
) -> GreenLedger:
    draft = dispatch.draft
    sums = {key: np.zeros(steps) for key in ("generated", "discharged", "used", "exported", "grey", "charged", "lost")}
    used_by: dict[str, NDArray[np.float64]] = {}

    def use(technology: str, power: NDArray[np.float64]) -> None:
        sums["used"] += power
        used_by[technology] = used_by.get(technology, np.zeros(steps)) + power

    for component in draft.components.values():
        flow = dispatch.flows[component.name]
        for bus, factor in draft.ports(component):
            if not draft.electric(bus):
                continue
            green = of_bus[bus] * np.abs(factor) * flow
            match component.role:
                case "renewable":
                    sums["generated"] += flow
                case "export":
                    sums["exported"] += green
                    sums["grey"] += flow - green
                case "load" | "process" | "increase" | "auxiliary":
                    use(component.technology, green)
                case "reduction" | "unserved":
                    use(component.technology, -green)
                case "charge" if bus == component["bus0"]:
                    sums["charged"] += green
                case "discharge" if bus == component["bus1"]:
                    sums["discharged"] += factor * flow * of_bus[component["bus0"]] * _green_weight(draft, component)
                case "transport" if draft.electric(component["bus0"]):
                    if bus == component["bus0"]:
                        sums["lost"] += green * (1.0 - component["efficiency"])
                case "conversion" | "transport" | "charge" if np.all(np.asarray(factor) < 0):
                    use(component.technology, green)
                case _:
                    pass
    return GreenLedger(
        share_of_bus=of_bus,
        stores=stores,
        green_generated_mw=sums["generated"],
        green_discharged_mw=sums["discharged"],
        green_used_mw=sums["used"],
        green_exported_mw=sums["exported"],
        grey_exported_mw=sums["grey"],
        green_charged_mw=sums["charged"],
        green_line_loss_mw=sums["lost"],
        green_used_by=used_by,
    )
