r"""Products that may not be sold from the same MW in the same hour: found where they are, and shaved to what can be delivered.

An envelope says how many MW :math:`E_{t,d}` can be given from an hour on for a duration :math:`d`. Products :math:`p` that exclude each other must share it:

.. math:: \sum_{p \in C} \frac{x_{p,t}}{E_{t,d_p}} \le 1 \quad \text{for each set } C \text{ of products that all exclude each other}

A mix that keeps this is a mix of points of the envelope, so that it can be delivered wherever the park's flexibility is convex (as it is in a linear
dispatch); it may leave some MW unsold where products of different duration share a store. Sets of mutual exclusion are enough to tell whether MW can be
dealt out one by one as long as the graph of exclusions is perfect; with fewer than five markets it always is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from gridsim.errors import DefinitionError, Problem
from gridsim.vpp.market.terms import POWER

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.vpp.market.market import Market

TOLERANCE = 1e-9
"""Share of the envelope by which it may be exceeded: the noise of binary numbers."""


@dataclass(frozen=True, eq=False)
class Room:
    """What the park can give at its connection from each hour on, by duration."""

    durations_hours: NDArray[np.float64]
    """Rising. Shape (D,). [h]"""
    up_mw: NDArray[np.float64]
    """Less import or more export. Shape (T, D). [MW]"""
    down_mw: NDArray[np.float64]
    """More import or less export. Shape (T, D). [MW]"""

    def of(self, market: Market, direction: str) -> NDArray[np.float64]:
        """MW for the time that a market asks for: those of the shortest duration that covers it, none where none does. Shape (T,). [MW]"""
        table = self.up_mw if direction == "up" else self.down_mw
        long = np.flatnonzero(np.asarray(self.durations_hours) >= market.term("minimum_hours") - 1e-9)
        return np.maximum(table[:, long[0]], 0.0) if long.size else np.zeros(len(table))


@dataclass(frozen=True, eq=False)
class Oversold:
    """Markets that together sell more than there is, or that exclude each other for whole hours."""

    markets: tuple[str, ...]
    direction: str
    """``up``, ``down``, or ``hour`` where the markets exclude each other whatever the MW."""
    hours: NDArray[np.int64]
    """Snapshots."""
    used_share: NDArray[np.float64]
    """Of the envelope, above 1; for ``hour`` the number of markets. Shape (hours,)."""

    def __str__(self) -> str:
        names = " and ".join(self.markets)
        if self.direction == "hour":
            return f"{names} exclude each other, and both are sold in {self.hours.size} hours"
        return f"{names} sell up to {self.used_share.max():.0%} of what the park can give {self.direction} in {self.hours.size} hours"


def sharing(markets: Mapping[str, Market], direction: str) -> list[tuple[str, ...]]:
    """Return the largest sets of markets that all exclude each other in one direction; a market that shares with none is a set of its own."""
    names = [name for name, one in markets.items() if one.product in POWER and direction in one.directions]
    apart = {name: {other for other in names if other != name and markets[name].excludes(markets[other])} for name in names}
    found: list[tuple[str, ...]] = []

    def grow(chosen: set[str], candidates: set[str], done: set[str]) -> None:  # Bron and Kerbosch, 1973
        if not candidates and not done:
            found.append(tuple(name for name in names if name in chosen))
        for name in sorted(candidates):
            grow(chosen | {name}, candidates & apart[name], done & apart[name])
            candidates, done = candidates - {name}, done | {name}

    if names:
        grow(set(), set(names), set())
    return found


def hour_pairs(markets: Mapping[str, Market]) -> list[tuple[str, str]]:
    """Return the pairs of markets that are not sold in the same hour at all."""
    return [(one, other) for one, other in combinations(markets, 2) if markets[one].excludes(markets[other]) == "hour"]


def used_share(offer_mw: NDArray[np.float64], room_mw: NDArray[np.float64]) -> NDArray[np.float64]:
    """Offer over room; infinite where something is offered and there is none."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(offer_mw > 0, offer_mw / room_mw, 0.0)


def double_selling(markets: Mapping[str, Market], offers_mw: Mapping[str, NDArray[np.float64]], room: Room) -> tuple[Oversold, ...]:
    """Find where offers exceed what there is, or are sold twice.

    Parameters
    ----------
    markets : dict
        By id, from `gridsim.vpp.market.market.markets`.
    offers_mw : dict
        MW in each snapshot, by id. Each shape (T,). [MW]
    room : Room
        The envelope.
    """
    _known(markets, offers_mw)
    sold = {name: markets[name] for name in offers_mw}
    found = []
    for direction in ("up", "down"):
        for group in sharing(sold, direction):
            used = np.sum([used_share(offers_mw[name], room.of(sold[name], direction)) for name in group], axis=0)
            if (where := np.flatnonzero(used > 1.0 + TOLERANCE)).size:
                found.append(Oversold(group, direction, where, used[where]))
    for one, other in hour_pairs(sold):
        if (where := np.flatnonzero((offers_mw[one] > 0) & (offers_mw[other] > 0))).size:
            found.append(Oversold((one, other), "hour", where, np.full(where.size, 2.0)))
    return tuple(found)


def refuse_double_selling(markets: Mapping[str, Market], offers_mw: Mapping[str, NDArray[np.float64]], room: Room) -> None:
    """Raise one error for all that is sold twice."""
    found = double_selling(markets, offers_mw, room)
    if found:
        remedy = "offer less, or shave the offers (the earlier in vpp.markets.offers keep theirs)"
        raise DefinitionError("the offers", [Problem("vpp.markets.offers", str(one), remedy) for one in found])


def shaved(markets: Mapping[str, Market], offers_mw: Mapping[str, NDArray[np.float64]], room: Room) -> dict[str, NDArray[np.float64]]:
    """Cut offers to what can be delivered; the earlier in ``markets`` keep theirs.

    What is left of an offer is cut to the market's step, and dropped below its smallest offer.
    """
    _known(markets, offers_mw)
    order = [name for name in markets if name in offers_mw]
    sold = {name: markets[name] for name in order}
    used = {(direction, group): np.zeros(len(room.up_mw)) for direction in ("up", "down") for group in sharing(sold, direction)}
    apart = hour_pairs(sold)
    kept: dict[str, NDArray[np.float64]] = {}
    for name in order:
        one, offer = sold[name], np.maximum(offers_mw[name], 0.0)
        shares = [(key, room.of(one, key[0])) for key in used if name in key[1]]
        for key, free in shares:
            offer = np.minimum(offer, free * np.minimum(one.share, np.maximum(1.0 - used[key], 0.0)))
        for other in (other for pair in apart if name in pair for other in pair if other in kept):
            offer = np.where(kept[other] > 0, 0.0, offer)
        kept[name] = _formed(one, offer)
        for key, free in shares:
            used[key] += used_share(kept[name], free)
    return kept


def _formed(market: Market, offer_mw: NDArray[np.float64]) -> NDArray[np.float64]:
    """Cut an offer to the market's step, and drop it below its smallest."""
    if step := market.term("step_mw"):
        offer_mw = np.floor(offer_mw / step + 1e-9) * step
    return np.where(offer_mw < market.term("minimum_mw") - 1e-9, 0.0, offer_mw)


def _known(markets: Mapping[str, Market], offers_mw: Mapping[str, NDArray[np.float64]]) -> None:
    unknown = [name for name in offers_mw if name not in markets]
    if unknown:
        found = "is offered to, and the park takes no part in it"
        raise DefinitionError("the offers", [Problem(f"vpp.markets.offers.{name}", found, "name it there") for name in unknown])
