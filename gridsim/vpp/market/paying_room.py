r"""How much of the envelope is worth offering, and what its delivery costs: from priced curves of a few starts.

A curve :math:`C(x)` (`gridsim.vpp.envelope.prices`) is found for one start of each month and time-of-use period: the one whose power is the median of that
group's. Of its :math:`x_{max}` a market is offered

.. math:: x^* = \arg\max_x \; v x - s\, C(x) \frac{h}{d}, \qquad c = \frac{C(x^*)}{x^* d}

with :math:`v` what a MW earns before cost, :math:`s` the share that is called, :math:`h` the hours of a call and :math:`d` the curve's. All starts of the
group are offered the same share :math:`x^* / x_{max}` of their own power, and cost the same :math:`c` a MWh. A peak of the month that a call would raise is in
:math:`C`; it bends the curve so sharply that what all of the envelope costs on average says little about what is worth offering.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridsim.technologies.grid_connection import GridConnection
from gridsim.vpp.envelope.prices import find_curves
from gridsim.vpp.market.co_optimise import block_steps, worth_of
from gridsim.vpp.market.exclusivity import Room

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.dispatch.result import Dispatch
    from gridsim.vpp.envelope.envelope import Envelope
    from gridsim.vpp.envelope.section import EnvelopeSection
    from gridsim.vpp.market.market import Market

    Series = NDArray[np.float64]

HOURS_OF_A_PART = 6.0
"""Where a tariff has no times of use, the day is looked at in four parts. [h]"""


@dataclass(frozen=True, eq=False)
class Costs:
    """What delivery to one market costs. Arrays of shape (T,)."""

    share: Series
    """Of the room, that pays. [1]"""
    cost_cny_per_mwh: Series
    starts: tuple[int, ...]
    """Those that were priced."""


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


def costs_of(
    market: Market,
    dispatch: Dispatch,
    room: Room,
    section: EnvelopeSection,
    groups: NDArray[np.int64],
    *,
    price: Series | None = None,
    called_share: float = 1.0,
) -> Costs:
    """Price the delivery to one market.

    Parameters
    ----------
    groups : array of int, shape (T,)
        From `groups_of`.
    price : array, shape (T,), optional
        Of capacity, in place of the market's. [CNY/MW h]
    called_share : float
        Of offered hours or calls. [1]
    """
    time, direction = dispatch.time, market.directions[0]
    sign = 1.0 if direction == "up" else -1.0
    power, share, cost = room.of(market, direction), np.zeros(dispatch.time.steps), np.zeros(dispatch.time.steps)
    chosen = {}
    for group in np.unique(groups[power > 0]).tolist():
        inside = np.flatnonzero((groups == group) & (power > 0))
        chosen[group] = int(inside[np.argsort(power[inside], kind="stable")[inside.size // 2]])
    if not chosen:
        return Costs(share, cost, ())
    long = [hours for hours in section.durations_hours if hours >= market.term("minimum_hours") - 1e-9]
    only = section.model_copy(update={"durations_hours": [min(long)]})
    curves = find_curves(dispatch, list(chosen.values()), only, exact=False)
    earns = worth_of(market, time, price, called_share=called_share)
    hours = block_steps(market, time) * time.step_hours
    for (group, start), curve in zip(chosen.items(), curves, strict=True):
        along = np.flatnonzero(sign * curve.power_mw > 1e-6)
        inside = groups == group
        if not along.size:
            continue
        most = float(np.max(sign * curve.power_mw[along]))
        points = np.append(np.minimum(sign * curve.power_mw[along], market.share * most), market.share * most)
        spent = np.array([curve.cost_of(sign * point) for point in points])
        gain = float(earns[inside].mean() if price is not None else earns[start]) * points - called_share * spent * hours / curve.duration_hours
        best = int(np.argmax(gain))
        cost[inside] = max(spent[best], 0.0) / (points[best] * curve.duration_hours)
        share[inside] = points[best] / (market.share * most) if gain[best] > 0 else 0.0
    return Costs(share, cost, tuple(chosen.values()))
