r"""Colours carried hour by hour through every bus, line, conversion and store, by proportional mixing.

All that flows into a bus in a snapshot mixes there; all that leaves has the shares of the bus. A Link passes on the shares of its ``bus0``; a Store takes those
of its bus and gives those of what it held when the snapshot began. For the share :math:`x_{b,c}` of each colour at each bus, and its content :math:`G_{k,c}` of
each store,

.. math::
   x_{b,c} \sum_{i \to b} f_i &= g_{b,c} + \sum_{\ell \to b} f_\ell\,\big(w_\ell x_{b_0(\ell),c} + (1 - w_\ell) e_{\ell,c}\big) + \sum_{k \to b} d_k\,s_{k,c} \\
   G_{k,c,t} &= (1-\lambda)^{\Delta t}\,G_{k,c,t-1} + \Delta t\,(c_{k,t}\,x_{b(k),c,t} - d_{k,t}\,s_{k,c,t-1}), \qquad s_{k,c,t} = G_{k,c,t} / E_{k,t}

with what each source supplies :math:`g`, the share :math:`w` of a link's output that has the colours of its ``bus0`` (where fuel is burnt beside air, the air's
share of what is drawn, else 1), and the fuel's colour :math:`e` for the rest. Per snapshot this is one small linear system for the shares of all buses;
eliminated, the contents of the stores follow an affine recursion, whose periodic state is the start of stores that end where they began.

What has no colour takes part in the mixing all the same: the shares of a bus that anything flows into add up to 1 where all has a colour, and to less where it
has not. Loads that go unserved or are taken away by demand response are no supply.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from gridsim.dispatch.result import Dispatch
    from gridsim.technologies.draft import Component, NetworkDraft

Array = NDArray[np.float64]

SUPPLY_ROLES = ("renewable", "import", "fuel")
EMPTY = 1e-9
"""Flows and contents below this have no colour worth following. [MW, MWh]"""

ColourOf = Callable[["Component"], str | None]
"""Colour of what a source supplies, of the fuel that a Link burns, or of what a Store held at first; None for no colour."""


@dataclass(frozen=True)
class Mixture:
    """Shares of C colours at every bus and in every Store over T snapshots."""

    colours: tuple[str, ...]
    of_bus: dict[str, Array]
    """Each shape (T, C). [1]"""
    of_store: dict[str, Array]
    """Of what a Store gives: of its content when the snapshot begins. Each shape (T, C). [1]"""
    content: dict[str, Array]
    """Of each Store at the end of each snapshot, in its own unit. Each shape (T, C)."""
    start: dict[str, Array]
    """The same before the first snapshot. Each shape (C,)."""
    lost: dict[str, Array]
    """Standing loss of each Store in each snapshot. Each shape (T, C)."""

    def place(self, colour: str) -> int:
        """Position of a colour."""
        return self.colours.index(colour)


def uncoloured(_: Component) -> None:
    """Return no colour."""


def mixture(dispatch: Dispatch, colours: Sequence[str], supplied: ColourOf, held: ColourOf = uncoloured) -> Mixture:
    """Follow colours through a dispatch.

    Parameters
    ----------
    dispatch : Dispatch
    colours : sequence of str, length C
    supplied : callable
        Colour of what a Generator of `SUPPLY_ROLES` supplies, and of the fuel that a Link burns beside what it draws.
    held : callable
        Colour of what a Store that is not cyclic holds before the first snapshot.
    """
    draft = dispatch.draft
    buses = {bus: place for place, bus in enumerate(draft.buses)}
    stores = [c for c in draft.components.values() if c.kind == "Store"]
    own, matrix, from_store = _equations(dispatch, buses, stores, colours, supplied)
    both = np.linalg.solve(matrix, np.concatenate([own, from_store], axis=2))
    base, answer = both[:, :, : len(colours)], both[:, :, len(colours) :]
    level, keep = _levels_before(dispatch, stores), _kept(dispatch, stores)
    start = np.zeros((len(stores), len(colours)))
    for k, store in enumerate(stores):
        if not store.get("e_cyclic", False) and (colour := held(store)) is not None:
            start[k, colours.index(colour)] = store.get("e_initial", 0.0)
    places = [buses[store["bus"]] for store in stores]
    content = _contents(dispatch, stores, base[:, places], answer[:, places], level, keep, start)
    before = np.concatenate([start[None], content[:-1]])
    given = np.divide(before, level[:, :, None], out=np.zeros_like(before), where=level[:, :, None] > EMPTY)
    share = base + answer @ given
    lost = (1.0 - keep)[:, :, None] * before
    return Mixture(
        colours=tuple(colours),
        of_bus={bus: share[:, place] for bus, place in buses.items()},
        of_store={store.name: given[:, k] for k, store in enumerate(stores)},
        content={store.name: content[:, k] for k, store in enumerate(stores)},
        start={store.name: start[k] for k, store in enumerate(stores)},
        lost={store.name: lost[:, k] for k, store in enumerate(stores)},
    )


def weight_of(draft: NetworkDraft, link: Component) -> float:
    """Share of a Link's output that has the colours of ``bus0``; the rest comes from fuel burnt beside it."""
    fuel = sum(-factor for bus, factor in draft.ports(link)[1:] if draft.buses[bus] == "fuel" and np.all(factor < 0))
    return float(1.0 / (1.0 + fuel))


def _equations(dispatch: Dispatch, buses: dict[str, int], stores: list[Component], colours: Sequence[str], supplied: ColourOf) -> tuple[Array, Array, Array]:
    """Return own supply (T, N, C), the matrix of each snapshot's system (T, N, N), and what stores add per share of a colour (T, N, K)."""
    draft, steps, count = dispatch.draft, dispatch.time.steps, len(buses)
    inflow, own = np.zeros((steps, count)), np.zeros((steps, count, len(colours)))
    matrix, from_store = np.zeros((steps, count, count)), np.zeros((steps, count, len(stores)))

    def supply(component: Component, bus: str, power: Array) -> None:
        if (colour := supplied(component)) is not None:
            own[:, buses[bus], colours.index(colour)] += power

    for component in draft.components.values():
        flow = np.maximum(dispatch.flows[component.name], 0.0)
        if component.kind == "Generator" and component.role in SUPPLY_ROLES:
            inflow[:, buses[component["bus"]]] += flow
            supply(component, component["bus"], flow)
        elif component.kind == "Link":
            weight = weight_of(draft, component)
            for bus, factor in draft.ports(component)[1:]:
                arriving = np.maximum(factor, 0.0) * flow
                inflow[:, buses[bus]] += arriving
                matrix[:, buses[bus], buses[component["bus0"]]] -= weight * arriving
                if weight < 1.0:
                    supply(component, bus, (1.0 - weight) * arriving)
    for k, store in enumerate(stores):
        given = np.maximum(dispatch.flows[store.name], 0.0)
        inflow[:, buses[store["bus"]]] += given
        from_store[:, buses[store["bus"]], k] = given
    idle, each = inflow <= EMPTY, np.arange(count)
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


def _contents(dispatch: Dispatch, stores: list[Component], base: Array, answer: Array, level: Array, keep: Array, start: Array) -> Array:
    """Content by colour at the end of each snapshot (T, K, C); the rows of ``start`` (K, C) whose stores are cyclic are filled in."""
    if not stores:
        return np.zeros((dispatch.time.steps, *start.shape))
    hours, each = dispatch.time.step_hours, np.arange(len(stores))
    per_content = np.divide(1.0, level, out=np.zeros_like(level), where=level > EMPTY)
    supply = np.stack([dispatch.flows[store.name] for store in stores], axis=1)
    taken, given = np.maximum(-supply, 0.0), np.maximum(supply, 0.0)
    change = hours * taken[:, :, None] * answer * per_content[:, None, :]
    change[:, each, each] += keep - hours * given * per_content
    recursion = recursion_in_blocks(change, hours * taken[:, :, None] * base)
    cyclic = np.array([bool(store.get("e_cyclic", False)) for store in stores])
    if cyclic.any():
        closed = np.eye(int(cyclic.sum())) - recursion.response[np.ix_(cyclic, cyclic)]
        start[cyclic] = np.linalg.lstsq(closed, recursion.ends(start)[-1][cyclic], rcond=1e-12)[0]
    return recursion.states(start)[: dispatch.time.steps]


@dataclass(frozen=True)
class Recursion:
    r"""The recursion :math:`x_t = C_t x_{t-1} + f_t` in B blocks of L snapshots, all blocks at once: 2 L + B steps in place of B L.

    A state is a vector of K contents, or a matrix of K contents of several colours, ``...`` below.
    """

    change: Array
    """Shape (B, L, K, K)."""
    fresh: Array
    """Shape (B, L, K, ...)."""
    product: Array
    """What a block makes of the state before it, shape (B, K, K), and of nothing, ``own``, shape (B, K, ...)."""
    own: Array

    @property
    def response(self) -> Array:
        """What all snapshots make of the state before the first. Shape (K, K)."""
        whole = np.eye(self.product.shape[-1])
        for block in self.product:
            whole = block @ whole
        return whole

    def ends(self, start: Array) -> Array:
        """State before the first block and at the end of each. Shape (B + 1, K, ...)."""
        states = [start]
        for block, own in zip(self.product, self.own, strict=True):
            states.append(block @ states[-1] + own)
        return np.stack(states)

    def states(self, start: Array) -> Array:
        """State at the end of each snapshot, filled up to whole blocks. Shape (B L, K, ...)."""
        now, found = self.ends(start)[:-1], np.empty_like(self.fresh)
        for step in range(self.fresh.shape[1]):
            now = np.einsum("bij,bj...->bi...", self.change[:, step], now) + self.fresh[:, step]
            found[:, step] = now
        return found.reshape(-1, *start.shape)


def recursion_in_blocks(change: Array, fresh: Array) -> Recursion:
    """Cut a recursion into about as many blocks as a block has snapshots; those that fill up the last change nothing.

    Parameters
    ----------
    change : array, shape (T, K, K)
    fresh : array, shape (T, K, ...)
    """
    steps, count, *more = fresh.shape
    length = max(1, math.isqrt(steps))
    blocks = -(-steps // length)
    filled = blocks * length - steps
    change = np.concatenate([change, np.broadcast_to(np.eye(count), (filled, count, count))]).reshape(blocks, length, count, count)
    fresh = np.concatenate([fresh, np.zeros((filled, count, *more))]).reshape(blocks, length, count, *more)
    product, own = np.broadcast_to(np.eye(count), (blocks, count, count)), np.zeros((blocks, count, *more))
    for step in range(length):
        product = change[:, step] @ product
        own = np.einsum("bij,bj...->bi...", change[:, step], own) + fresh[:, step]
    return Recursion(change, fresh, product, own)
