r"""Many colours carried hour by hour through every bus, line, conversion and store, by proportional mixing.

The equations are those of the green ledger (`gridsim.metrics.green`) with C colours in place of green and grey. For the shares :math:`x_{b,c}` of each bus

.. math::
   x_{b,c} \sum_{i \to b} f_i &= g_{b,c} + \sum_{\ell \to b} f_\ell\,\big(w_\ell x_{b_0(\ell),c} + (1 - w_\ell) e_{\ell,c}\big) + \sum_{k \to b} d_k\,s_{k,c} \\
   G_{k,c,t} &= (1-\lambda)^{\Delta t}\,G_{k,c,t-1} + \Delta t\,(c_{k,t}\,x_{b(k),c,t} - d_{k,t}\,s_{k,c,t-1}), \qquad s_{k,c,t} = G_{k,c,t} / E_{k,t}

with what each source supplies :math:`g`, the share :math:`w` of a link's output that has the colours of its ``bus0``, and the fuel's colour :math:`e` for the
rest. Every MWh has a colour, that of the first content of a store included, so the shares of a bus that anything flows into add up to 1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.dispatch.result import Dispatch
    from gridsim.technologies.draft import Component, NetworkDraft

    Array = NDArray[np.float64]

SUPPLY_ROLES = ("renewable", "import", "fuel")
EMPTY = 1e-9
"""Flows and contents below this have no colour worth following. [MW, MWh]"""


@dataclass(frozen=True)
class Mixture:
    """Shares of C colours at N buses and in K stores over T snapshots."""

    colours: tuple[str, ...]
    """Technology that supplies it; ``<technology>.fuel`` where fuel is burnt, ``<technology>.stock`` for what a store held before the first snapshot."""
    of_bus: dict[str, Array]
    """Each shape (T, C). [1]"""
    content: dict[str, Array]
    """Of each Store at the end of each snapshot, in its own unit. Each shape (T, C)."""
    start: dict[str, Array]
    """The same before the first snapshot. Each shape (C,)."""
    lost: dict[str, Array]
    """Standing loss of each Store in each snapshot. Each shape (T, C)."""

    def place(self, colour: str) -> int:
        """Position of a colour."""
        return self.colours.index(colour)


def mixture(dispatch: Dispatch) -> Mixture:
    """Follow every source through a dispatch."""
    draft, steps = dispatch.draft, dispatch.time.steps
    stores = [c for c in draft.components.values() if c.kind == "Store"]
    colours = _colours(draft, stores)
    buses = {bus: place for place, bus in enumerate(draft.buses)}
    own, matrix, from_store = _equations(dispatch, buses, stores, colours)
    both = np.linalg.solve(matrix, np.concatenate([own, from_store], axis=2))
    base, answer = both[:, :, : len(colours)], both[:, :, len(colours) :]
    places = [buses[store["bus"]] for store in stores]
    content, start, before = _contents(dispatch, stores, colours, base[:, places, :], answer[:, places, :])
    level = _levels_before(dispatch, stores)
    share_before = np.divide(before, level[:, :, None], out=np.zeros_like(before), where=level[:, :, None] > EMPTY)
    share = base + answer @ share_before if stores else base
    lost = (1.0 - _kept(dispatch, stores))[:, :, None] * before
    return Mixture(
        colours=tuple(colours),
        of_bus={bus: share[:, place, :] for bus, place in buses.items()},
        content={store.name: content[:steps, k, :] for k, store in enumerate(stores)},
        start={store.name: start[k] for k, store in enumerate(stores)},
        lost={store.name: lost[:, k, :] for k, store in enumerate(stores)},
    )


def weight_of(draft: NetworkDraft, link: Component) -> float:
    """Share of a Link's output that has the colours of ``bus0``; the rest comes from fuel burnt beside it."""
    fuel = sum(-factor for bus, factor in draft.ports(link)[1:] if draft.buses[bus] == "fuel" and np.all(factor < 0))
    return float(1.0 / (1.0 + fuel))


def colour_of(component: Component) -> str:
    """Colour of what a source supplies."""
    return f"{component.technology}.fuel" if component.role == "fuel" else component.technology


def stock_of(store: Component) -> str:
    """Colour of what a store held before the first snapshot."""
    return f"{store.technology}.stock"


def _colours(draft: NetworkDraft, stores: list[Component]) -> dict[str, int]:
    names = [colour_of(c) for c in draft.having(*SUPPLY_ROLES)]
    names += [stock_of(store) for store in stores if not store.get("e_cyclic", False) and store.get("e_initial", 0.0) > 0]
    return {name: place for place, name in enumerate(dict.fromkeys(names))}


def _equations(dispatch: Dispatch, buses: dict[str, int], stores: list[Component], colours: dict[str, int]) -> tuple[Array, Array, Array]:
    """Return own supply (T, N, C), the matrix of each snapshot's system (T, N, N), and what stores add per share of a colour (T, N, K)."""
    draft, steps, count = dispatch.draft, dispatch.time.steps, len(buses)
    inflow, own = np.zeros((steps, count)), np.zeros((steps, count, len(colours)))
    passed, from_store = np.zeros((steps, count, count)), np.zeros((steps, count, len(stores)))
    for component in draft.components.values():
        flow = np.maximum(dispatch.flows[component.name], 0.0)
        if component.kind == "Generator" and component.role in SUPPLY_ROLES:
            inflow[:, buses[component["bus"]]] += flow
            own[:, buses[component["bus"]], colours[colour_of(component)]] += flow
        elif component.kind == "Link":
            weight = weight_of(draft, component)
            for bus, factor in draft.ports(component)[1:]:
                arriving = np.maximum(factor, 0.0) * flow
                inflow[:, buses[bus]] += arriving
                passed[:, buses[bus], buses[component["bus0"]]] += weight * arriving
                if weight < 1.0:
                    own[:, buses[bus], colours[f"{component.technology}.fuel"]] += (1.0 - weight) * arriving
    for k, store in enumerate(stores):
        supplied = np.maximum(dispatch.flows[store.name], 0.0)
        inflow[:, buses[store["bus"]]] += supplied
        from_store[:, buses[store["bus"]], k] = supplied
    idle = inflow <= EMPTY
    matrix, each = -passed, np.arange(count)
    matrix[:, each, each] += inflow
    matrix[idle] = 0.0
    matrix[:, each, each] += idle
    own[idle], from_store[idle] = 0.0, 0.0
    return own, matrix, from_store


def _levels_before(dispatch: Dispatch, stores: list[Component]) -> Array:
    """Content of each store when each snapshot begins. Shape (T, K)."""
    before = np.zeros((dispatch.time.steps, len(stores)))
    for k, store in enumerate(stores):
        level = dispatch.levels[store.name]
        before[1:, k] = level[:-1]
        before[0, k] = level[-1] if store.get("e_cyclic", False) else store.get("e_initial", 0.0)
    return before


def _kept(dispatch: Dispatch, stores: list[Component]) -> Array:
    """Share of each store's content that a snapshot's standing loss leaves; a given start has lost its first snapshot's share already. Shape (T, K)."""
    keep = np.ones((dispatch.time.steps, len(stores)))
    for k, store in enumerate(stores):
        keep[:, k] = (1.0 - store.get("standing_loss", 0.0)) ** dispatch.time.step_hours
        if not store.get("e_cyclic", False):
            keep[0, k] = 1.0
    return keep


def _contents(dispatch: Dispatch, stores: list[Component], colours: dict[str, int], base: Array, answer: Array) -> tuple[Array, Array, Array]:
    """Content by colour at the end of each snapshot (T, K, C), at the start (K, C), and when each snapshot begins (T, K, C)."""
    steps, hours, count = dispatch.time.steps, dispatch.time.step_hours, len(stores)
    start = np.zeros((count, len(colours)))
    if count == 0:
        return np.zeros((steps, 0, len(colours))), start, np.zeros((steps, 0, len(colours)))
    level = _levels_before(dispatch, stores)
    per_content = np.divide(1.0, level, out=np.zeros_like(level), where=level > EMPTY)
    supply = np.stack([dispatch.flows[store.name] for store in stores], axis=1)
    taken, given = np.maximum(-supply, 0.0), np.maximum(supply, 0.0)
    change = hours * taken[:, :, None] * answer * per_content[:, None, :]
    each = np.arange(count)
    change[:, each, each] += _kept(dispatch, stores) - hours * given * per_content
    cyclic = np.array([bool(store.get("e_cyclic", False)) for store in stores])
    for k, store in enumerate(stores):
        if stock_of(store) in colours and not cyclic[k]:
            start[k, colours[stock_of(store)]] = store["e_initial"]
    content = _recursion(change, hours * taken[:, :, None] * base, start, cyclic)
    return content, start, np.concatenate([start[None], content[:-1]])


def _recursion(change: Array, fresh: Array, start: Array, cyclic: NDArray[np.bool_]) -> Array:
    r"""All states of :math:`G_t = C_t G_{t-1} + F_t`; the rows of ``start`` that are cyclic are set to what comes back after the last step.

    Steps are taken in about :math:`\sqrt T` blocks at once; those that fill up the last block change nothing.

    Parameters
    ----------
    change : array, shape (T, K, K)
    fresh : array, shape (T, K, C)
    start : array, shape (K, C)
        Changed in place.
    cyclic : array, shape (K,)
    """
    steps, count, colours = fresh.shape
    length = max(1, math.isqrt(steps))
    blocks = -(-steps // length)
    filled = blocks * length - steps
    change = np.concatenate([change, np.broadcast_to(np.eye(count), (filled, count, count))]).reshape(blocks, length, count, count)
    fresh = np.concatenate([fresh, np.zeros((filled, count, colours))]).reshape(blocks, length, count, colours)
    product, own = np.broadcast_to(np.eye(count), (blocks, count, count)), np.zeros((blocks, count, colours))
    for step in range(length):
        product, own = change[:, step] @ product, change[:, step] @ own + fresh[:, step]
    if cyclic.any():
        end, response = start.copy(), np.eye(count)
        for block in range(blocks):
            end, response = product[block] @ end + own[block], product[block] @ response
        closed = np.eye(int(cyclic.sum())) - response[np.ix_(cyclic, cyclic)]
        start[cyclic] = np.linalg.lstsq(closed, end[cyclic], rcond=1e-12)[0]
    now = np.empty((blocks, count, colours))
    state = start
    for block in range(blocks):
        now[block] = state
        state = product[block] @ state + own[block]
    found = np.empty_like(fresh)
    for step in range(length):
        now = change[:, step] @ now + fresh[:, step]
        found[:, step] = now
    return found.reshape(-1, count, colours)[:steps]
