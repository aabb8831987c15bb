"""The offers of a year: month by month, one direction after the other, with the calls of the year dealt out to the blocks that earn most."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from gridsim.vpp.market.co_optimise import Choice, block_steps, co_optimise
from gridsim.vpp.market.paying_room import PayingRoom
from gridsim.vpp.market.terms import CALLED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.profiles.time_axis import TimeAxis
    from gridsim.vpp.market.market import Market

    Series = NDArray[np.float64]

OPTIONS = {"mip_rel_gap": 2e-3, "node_limit": 2000}
"""Of the solver; nodes and not seconds, so that a slower machine finds the same."""

SMALL_MW = 1e-6
"""What a solver leaves. [MW]"""


def offers_of(
    markets: Mapping[str, Market], time: TimeAxis, room: PayingRoom, worth_cny_per_mw: Mapping[str, Series], *, recovery_hours: float = 0.0
) -> Choice:
    """Choose the offers of all months.

    Each month is a program of its own (`co_optimise`), in which blocks end within the month. Where a market limits the calls or hours of a year, all months
    are first solved as if each had them all; the blocks that earn most are counted by month, and the months solved again with as many calls. The direction
    of the first market is chosen first; the other is offered no block that would meet one of its blocks or their recovery.

    Parameters
    ----------
    markets, worth_cny_per_mw
        As in `co_optimise`; of reserve and called products, each of one direction.
    recovery_hours : float
        Time after the block of a called product in which its part of the envelope is not offered again. [h]
    room : PayingRoom
        What pays of the envelope.

    Returns
    -------
    Choice
        Its gap is the largest of all months.
    """
    recovery = int(np.ceil(recovery_hours / time.step_hours - 1e-9))
    offers: dict[str, Series] = {}
    begun: dict[str, Series] = {}
    income: dict[str, float] = {}
    gap, taken = 0.0, np.zeros(time.steps, dtype=bool)
    for way in dict.fromkeys(one.directions[0] for one in markets.values()):
        sold = {name: one for name, one in markets.items() if one.directions[0] == way}
        share = {name: room.share[name] * ~_meets(taken, _length(one, time, recovery)) for name, one in sold.items()}
        choice = _one_way(sold, time, replace(room, share=share), worth_cny_per_mw, recovery_hours)
        offers |= choice.offers_mw
        begun |= choice.begun_mw
        income |= choice.income_cny
        gap = max(gap, choice.gap)
        for name, one in sold.items():
            if one.product in CALLED:
                taken |= np.convolve(begun[name] > 0, np.ones(_length(one, time, recovery)))[: time.steps] > 0
    order = list(markets)
    return Choice({name: offers[name] for name in order}, {name: begun[name] for name in order}, {name: income[name] for name in order}, gap)


def _length(market: Market, time: TimeAxis, recovery: int) -> int:
    """Steps that a block of a called product takes with its recovery, or an hour of reserve."""
    return block_steps(market, time) + (recovery if market.product in CALLED else 0)


def _meets(taken: NDArray[np.bool_], length: int) -> NDArray[np.bool_]:
    """Starts from which so many steps would meet one that is taken."""
    padded = np.concatenate([taken, np.zeros(length, dtype=bool)])
    return np.convolve(padded, np.ones(length))[length - 1 :][: taken.size] > 0


def _one_way(markets: Mapping[str, Market], time: TimeAxis, room: PayingRoom, worth: Mapping[str, Series], recovery_hours: float) -> Choice:
    """Choose the offers of markets of one direction."""
    most = {name: limit for name, one in markets.items() if (limit := calls_of_year(one, time)) is not None}
    months = np.unique(time.billing_month).tolist()
    found = {month: _month(markets, time, room, worth, month, recovery_hours, most) for month in months}
    dealt = _dealt(time, worth, found, most)
    for month in months:
        left = dealt[month]
        if any(left[name] < np.count_nonzero(found[month].begun_mw[name] > SMALL_MW) for name in most):
            found[month] = _month(markets, time, room, worth, month, recovery_hours, left)
    offers, begun = ({name: _laid(time, found, name, kind) for name in markets} for kind in ("offers_mw", "begun_mw"))
    income = {name: float(begun[name] @ worth[name]) for name in markets}
    return Choice(offers, begun, income, max((one.gap for one in found.values()), default=0.0))


def calls_of_year(market: Market, time: TimeAxis) -> int | None:
    """Most calls a year, by their number and by their hours; None where neither is limited."""
    hours = market.stated("hours_per_year")
    limits = [market.stated("calls_per_year"), None if hours is None else hours / (block_steps(market, time) * time.step_hours) + 1e-9]
    stated = [limit for limit in limits if limit is not None]
    return int(min(stated)) if stated else None


def _month(
    sold: Mapping[str, Market], time: TimeAxis, room: PayingRoom, worth: Mapping[str, Series], month: int, recovery: float, left: Mapping[str, int]
) -> Choice:
    inside = np.flatnonzero(time.billing_month == month)
    first, last = int(inside[0]), int(inside[-1]) + 1
    share = {name: series[first:last] for name, series in room.share.items()}
    part = PayingRoom(room.durations_hours, room.up_mw[first:last], room.down_mw[first:last], share)
    worth = {name: series[first:last] for name, series in worth.items()}
    return co_optimise(sold, time.part(first, last), part, worth, recovery_hours=recovery, calls_left=left, options=OPTIONS)


def _dealt(time: TimeAxis, worth: Mapping[str, Series], found: Mapping[int, Choice], most: Mapping[str, int]) -> dict[int, dict[str, int]]:
    """Calls of each month by market: those of the blocks that earn most in the year."""
    left: dict[int, dict[str, int]] = {month: {} for month in found}
    for name, limit in most.items():
        begun = _laid(time, found, name, "begun_mw")
        blocks = np.flatnonzero(begun)
        kept = blocks[np.argsort(-begun[blocks] * worth[name][blocks], kind="stable")[:limit]]
        for month in found:
            left[month][name] = int(np.count_nonzero(time.billing_month[kept] == month))
    return left


def _laid(time: TimeAxis, found: Mapping[int, Choice], name: str, kind: str) -> Series:
    """Put the months one after the other; what a solver leaves counts as nothing."""
    series = np.concatenate([getattr(found[month], kind)[name] for month in np.unique(time.billing_month).tolist()])
    return np.where(series > SMALL_MW, series, 0.0)
