"""What selling is worth to a park that does not choose its hours: as many calls, at random hours of the market's windows, drawn several times.

The offers of `gridsim.vpp.market.offers` are chosen knowing the year, and are called where they stand: an upper bound. Here a market calls as many times, each
at an hour drawn from all in which it may call (`gridsim.vpp.market.paying_room.callable_starts`) and which the envelope looked at. There the park offers what
pays by the priced curve of that very hour, as an operator would who is told of the call a day ahead; in hours in which that is nothing, or which meet an
earlier call, the call is lost to it. Reserve is offered as chosen without the other products, less what their calls take. What is left of foresight: the
envelope of the hour, its month's peak, and the wind and sun of the recovery, are known when the call comes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.vpp.market.co_optimise import Choice, block_steps

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from gridsim.profiles.time_axis import TimeAxis
    from gridsim.vpp.market.exclusivity import Room
    from gridsim.vpp.market.market import Market

    Series = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Expectation:
    """Money of N draws, energy left aside. All arrays have shape (N,)."""

    income_cny: Series
    cost_cny: Series
    """Of calls, recovery included."""
    calls: NDArray[np.int64]
    """That were answered."""
    invited: int
    """Calls of each draw, answered or not; reserve is called beside them."""

    @property
    def net_cny(self) -> Series:
        """Income less cost."""
        return self.income_cny - self.cost_cny

    def figures(self) -> dict[str, float]:
        """Return mean and spread, keys with units."""
        found = {"random_draws": float(self.calls.size), "expected_calls": float(self.calls.mean())}
        for key, money in self._rows().items():
            found |= {f"expected_{key}_cny": money["mean"], f"spread_of_{key}_cny": money["standard_deviation"]}
        return found

    def record(self) -> dict[str, Any]:
        """Return what a page shows: mean, standard deviation, lowest and highest of the draws."""
        return {"draws": self.calls.size, "invited": self.invited, **self._rows(), "calls": _spread(self.calls)}

    def _rows(self) -> dict[str, dict[str, float]]:
        return {"income": _spread(self.income_cny), "delivery_cost": _spread(self.cost_cny), "income_less_cost": _spread(self.net_cny)}


def random_starts(market: Market, choice: Choice, time: TimeAxis, window: NDArray[np.bool_], seed: int | list[int]) -> NDArray[np.int64]:
    """Draw as many starts of a called product as blocks were chosen, from those at which it may be called, shape (T,). Rising."""
    starts = np.flatnonzero(window[: time.steps - block_steps(market, time) + 1])
    count = min(int(np.count_nonzero(choice.begun_mw[market.id])), starts.size)
    return np.sort(np.random.default_rng(seed).choice(starts, count, replace=False))


def at_random(
    markets: Mapping[str, Market],
    starts: Mapping[str, NDArray[np.int64]],
    paying_mw: Mapping[str, Series],
    reserve: Choice,
    time: TimeAxis,
    room: Room,
    recovery: int,
) -> Choice:
    """Return offers of called products at given starts, and of reserve beside them.

    Parameters
    ----------
    starts, paying_mw : dict
        Of called products, and what pays there. Second each shape (T,). [MW]
    reserve : Choice
        Offers of reserve where there is nothing else.
    room : Room
        The envelope.
    recovery : int
        Steps after a block in which its part of the envelope is not offered to reserve.
    """
    begun, offers = {}, {}
    for name, one in markets.items():
        if name not in starts:
            begun[name] = reserve.begun_mw[name].copy()
            continue
        mw = np.minimum(paying_mw[name], room.of(one, one.directions[0]))[starts[name]]
        begun[name] = np.zeros(time.steps)
        begun[name][starts[name]] = np.where(mw >= one.term("minimum_mw"), mw, 0.0)
        offers[name] = np.convolve(begun[name], np.ones(block_steps(one, time)))[: time.steps]
    for name in markets.keys() - starts.keys():
        taken = [_taken(markets[name], markets[one], begun[one], room, block_steps(markets[one], time) + recovery) for one in starts]
        begun[name] *= np.maximum(1.0 - np.sum([np.zeros(time.steps), *taken], axis=0), 0.0)
        offers[name] = begun[name]
    return Choice(offers, begun, dict.fromkeys(markets, 0.0), 0.0)


def _taken(reserve: Market, called: Market, begun_mw: Series, room: Room, steps: int) -> Series:
    """Share of the envelope that blocks and their recovery take from reserve. Shape (T,). [1]"""
    whole = room.of(called, called.directions[0])
    share = np.divide(begun_mw, whole, out=np.zeros_like(whole), where=whole > 0)
    if reserve.directions[0] != called.directions[0] or reserve.excludes(called) == "hour":
        share = (share > 0).astype(float)
    elif reserve.excludes(called) is None:
        return np.zeros_like(share)
    return np.minimum(np.convolve(share, np.ones(steps))[: share.size], 1.0)


def _spread(values: NDArray[Any]) -> dict[str, float]:
    deviation = float(values.std(ddof=1)) if values.size > 1 else float("nan")
    return {"mean": float(values.mean()), "standard_deviation": deviation, "lowest": float(values.min()), "highest": float(values.max())}
