r"""How much of the envelope is worth offering, and what its delivery costs: from priced curves of a few starts.

A curve :math:`C(x)` (`gridsim.vpp.envelope.prices`) is found for one start of each month and time-of-use period: the one whose power is the median of that
group's. Of its :math:`x_{max}` a market is offered

.. math:: x^* = \arg\max_x \; v x - s\, C(x) \frac{h}{d}, \qquad c = \frac{C(x^*)}{x^* d}

with :math:`v` what a MW earns before cost, :math:`s` the share that is called, :math:`h` the hours of a call and :math:`d` the curve's. All starts of the
group are offered the same share :math:`x^* / x_{max}` of their own power, and cost the same :math:`c` a MWh; what calls cost that are made is found
otherwise (`gridsim.vpp.market.recovery`). A peak of the month that a call would raise is in :math:`C`; it bends the curve so sharply that what all of the
envelope costs on average says little about what is worth offering.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gridsim.technologies.grid_connection import GridConnection
from gridsim.vpp.envelope.prices import PricedCurve, find_curves
from gridsim.vpp.market.co_optimise import block_steps, worth_of
from gridsim.vpp.market.exclusivity import Room
from gridsim.vpp.market.terms import CALLED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.dispatch.result import Dispatch
    from gridsim.vpp.envelope.envelope import Envelope
    from gridsim.vpp.envelope.section import EnvelopeSection
    from gridsim.vpp.market.market import Market

    Series = NDArray[np.float64]

SMALL_MW = 1e-6
"""Less is nothing. [MW]"""

HOURS_OF_A_PART = 6.0
"""Where a tariff has no times of use, the day is looked at in four parts. [h]"""


@dataclass(frozen=True, eq=False)
class Costs:
    """What delivery to one market costs. Arrays of shape (T,)."""

    share: Series
    """Of the room, that pays. [1]"""
    cost_cny_per_mwh: Series
    curves: tuple[PricedCurve, ...]
    """Those it follows from."""


@dataclass(frozen=True, eq=False)
class PayingRoom(Room):
    """A room of which each market sees the part that pays."""

    share: Mapping[str, Series]
    """By market. Each shape (T,). [1]"""

    def of(self, market: Market, direction: str) -> Series:
        """MW for the time that a market asks for, as far as they pay. Shape (T,). [MW]"""
        return super().of(market, direction) * self.share.get(market.id, 1.0)


def room_of(envelope: Envelope, steps: int) -> Room:
    """Lay an envelope on all snapshots: starts that were not looked at, and calls that outlast the park's time, have no room."""
    up, down = np.zeros((2, steps, envelope.durations_hours.size))
    up[envelope.starts], down[envelope.starts] = np.nan_to_num(envelope.up_mw), np.nan_to_num(envelope.down_mw)
    return Room(envelope.durations_hours, up, down)


def groups_of(dispatch: Dispatch, connection: str) -> NDArray[np.int64]:
    """Number of the month and time-of-use period of each snapshot. Shape (T,)."""
    park, time = dispatch.draft.park, dispatch.time
    tariff = park.tariffs[park.of_type(GridConnection)[connection].tariff]
    part = tariff.period_at(time) + 1 if tariff.time_of_use else np.floor(time.hour_of_day / HOURS_OF_A_PART).astype(np.int64)
    return time.billing_month * (int(part.max()) + 1) + part


def callable_starts(market: Market, dispatch: Dispatch, connection: str) -> NDArray[np.bool_]:
    """Starts from which a called product may be called: up in hours that the tariff makes dearer than the flat period, down in cheaper ones. Shape (T,).

    No document that was read names the hours of calls. Periods of the tariff stand for them, because a park that chose its hours itself would be called when it
    suits the park. Without times of use, every hour.
    """
    park, time = dispatch.draft.park, dispatch.time
    tariff = park.tariffs[park.of_type(GridConnection)[connection].tariff]
    if market.product not in CALLED or not tariff.time_of_use:
        return np.ones(time.steps, dtype=bool)
    flat = tariff.model_copy(update={"time_of_use": {}}).energy_price_at(time, park.profiles)
    above = tariff.energy_price_at(time, park.profiles) - flat
    fits = above > 0 if market.directions[0] == "up" else above < 0
    steps = block_steps(market, time)
    return np.convolve(fits, np.ones(steps))[steps - 1 :][: time.steps] > steps - 0.5


def costs_of(
    market: Market,
    dispatch: Dispatch,
    room: Room,
    section: EnvelopeSection,
    groups: NDArray[np.int64],
    *,
    open_starts: NDArray[np.bool_],
    price: Series | None = None,
    called_share: float = 1.0,
) -> Costs:
    """Price the delivery to one market.

    Parameters
    ----------
    groups : array of int, shape (T,)
        From `groups_of`.
    open_starts : array of bool, shape (T,)
        Starts that may be offered at all; no other has a share.
    price : array, shape (T,), optional
        Of capacity, in place of the market's. [CNY/MW h]
    called_share : float
        Of offered hours or calls. [1]
    """
    time, direction = dispatch.time, market.directions[0]
    sign = 1.0 if direction == "up" else -1.0
    power = np.where(open_starts, room.of(market, direction), 0.0)
    share, cost = np.zeros(time.steps), np.zeros(time.steps)
    chosen = {}
    for group in np.unique(groups[power > 0]).tolist():
        inside = np.flatnonzero((groups == group) & (power > 0))
        chosen[group] = int(inside[np.argsort(power[inside], kind="stable")[inside.size // 2]])
    if not chosen:
        return Costs(share, cost, ())
    curves = _curves(market, dispatch, section, list(chosen.values()))
    earns = worth_of(market, time, price, called_share=called_share)
    hours = block_steps(market, time) * time.step_hours
    for (group, start), curve in zip(chosen.items(), curves, strict=True):
        inside = (groups == group) & open_starts
        if not np.any(sign * curve.power_mw > SMALL_MW):
            continue
        best = best_of(market, curve, float(earns[inside].mean() if price is not None else earns[start]), called_share, hours)
        cost[groups == group] = max(best.cost_cny, 0.0) / (best.power_mw * curve.duration_hours)
        share[inside] = best.power_mw / (market.share * best.most_mw) if best.gain_cny > 0 else 0.0
    return Costs(share, cost, tuple(curves))


class Best(NamedTuple):
    """The power along a curve that gains most; one that loses least where none gains."""

    power_mw: float
    cost_cny: float
    gain_cny: float
    most_mw: float
    """Of the curve."""


def best_of(market: Market, curve: PricedCurve, earns_cny_per_mw: float, called_share: float, hours: float) -> Best:
    """Return the best point of a curve that gives something in a market's direction, for calls of some hours."""
    sign = 1.0 if market.directions[0] == "up" else -1.0
    power = sign * curve.power_mw[sign * curve.power_mw > SMALL_MW]
    most = float(power.max())
    points = np.append(np.minimum(power, market.share * most), market.share * most)
    spent = np.array([curve.cost_of(sign * point) for point in points])
    gain = earns_cny_per_mw * points - called_share * spent * hours / curve.duration_hours
    best = int(np.argmax(gain))
    return Best(float(points[best]), float(spent[best]), float(gain[best]), most)


def paying_mw(market: Market, dispatch: Dispatch, section: EnvelopeSection, starts: NDArray[np.int64], called_share: float) -> Series:
    """Return what pays of a called product at some starts, each by its own curve; 0 elsewhere. Shape (T,). [MW]"""
    time, found = dispatch.time, np.zeros(dispatch.time.steps)
    earns, hours = worth_of(market, time, called_share=called_share), block_steps(market, time) * time.step_hours
    sign = 1.0 if market.directions[0] == "up" else -1.0
    for curve in _curves(market, dispatch, section, starts.tolist()) if starts.size else []:
        if np.any(sign * curve.power_mw > SMALL_MW):
            best = best_of(market, curve, float(earns[curve.start]), called_share, hours)
            found[curve.start] = best.power_mw if best.gain_cny > 0 else 0.0
    return found


def _curves(market: Market, dispatch: Dispatch, section: EnvelopeSection, starts: list[int]) -> list[PricedCurve]:
    """Curves of the shortest duration that covers what a market asks for."""
    long = [hours for hours in section.durations_hours if hours >= market.term("minimum_hours") - 1e-9]
    return find_curves(dispatch, starts, section.model_copy(update={"durations_hours": [min(long)]}), exact=False)
