r"""What was delivered against what was asked, call by call.

For a call that asks :math:`A` MWh and gets :math:`V = \sum v_t \Delta t`, with :math:`r = V / A`,

.. math:: \text{paid} = \phi(r) \min(V, u A), \quad
          \phi = \begin{cases} 0 & r < r_0 \\ \phi_1 & r_0 \le r < r_1 \\ 1 & r \ge r_1 \end{cases}, \qquad \text{missing} = \max((1 - \tau) A - V,\, 0)

with the terms ``no_pay_below_share`` :math:`r_0`, ``full_pay_from_share`` :math:`r_1`, ``reduced_pay_factor`` :math:`\phi_1`, ``paid_up_to_share``
:math:`u` and ``tolerance_share`` :math:`\tau` of the market. What is not stated is not applied.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.profiles.time_axis import TimeAxis
    from gridsim.vpp.market.market import Market

Note = tuple[str, str]
"""Chinese and English."""

ROUNDING = 1e-9
"""Below this, a share that falls short of a threshold still meets it: the noise of binary numbers."""


@dataclass(frozen=True, eq=False)
class Calls:
    """Unbroken calls. All arrays have shape (C,)."""

    first: NDArray[np.int64]
    """Snapshot that a call begins with."""
    last: NDArray[np.int64]
    """Snapshot that it ends with."""
    hours: NDArray[np.float64]
    asked_mwh: NDArray[np.float64]
    delivered_mwh: NDArray[np.float64]
    """Never below 0: what ran the wrong way counts as nothing."""
    paid_mwh: NDArray[np.float64]
    missing_mwh: NDArray[np.float64]

    @property
    def ratio(self) -> NDArray[np.float64]:
        """Delivered over asked."""
        return self.delivered_mwh / self.asked_mwh

    @property
    def unpaid(self) -> NDArray[np.bool_]:
        """Calls of which nothing is paid."""
        return self.paid_mwh == 0.0


def calls_of(market: Market, time: TimeAxis, asked_mw: NDArray[np.float64], delivered_mw: NDArray[np.float64]) -> Calls:
    """Measure every call, an unbroken run of snapshots with ``asked_mw`` above 0; what is delivered outside of calls does not count."""
    inside = np.concatenate([[False], asked_mw > 0, [False]])
    edges = np.flatnonzero(np.diff(inside.astype(np.int8)))
    first, last = edges[0::2], edges[1::2] - 1

    def energy(power: NDArray[np.float64]) -> NDArray[np.float64]:
        total = np.concatenate([[0.0], np.cumsum(np.where(inside[1:-1], power, 0.0))])
        found: NDArray[np.float64] = (total[last + 1] - total[first]) * time.step_hours
        return found

    asked, delivered = energy(asked_mw), np.maximum(energy(delivered_mw), 0.0)
    ratio: NDArray[np.float64] = delivered / asked
    factor = np.where(ratio < market.term("full_pay_from_share") - ROUNDING, market.term("reduced_pay_factor"), 1.0)
    factor[ratio < market.term("no_pay_below_share") - ROUNDING] = 0.0
    most = market.stated("paid_up_to_share")
    paid = factor * (delivered if most is None else np.minimum(delivered, most * asked))
    missing = np.maximum((1.0 - market.term("tolerance_share")) * asked - delivered, 0.0)
    missing[missing < ROUNDING * asked] = 0.0
    hours = (last + 1 - first).astype(float) * time.step_hours
    return Calls(first, last, hours, asked, delivered, paid, missing)


def broken_limits(market: Market, time: TimeAxis, calls: Calls) -> tuple[Note, ...]:
    """Say, in Chinese and English, which of the market's limits the calls do not keep to; they are settled all the same."""
    found: list[Note] = []
    who = market.rules
    days, counts = np.unique(time.day[calls.first], return_counts=True)
    if (most := market.stated("calls_per_day")) is not None and counts.size and counts.max() > most:
        worst = time.label(int(np.argmax(time.day == days[counts.argmax()])))[:10]
        found.append(
            (f"{who.label_zh}：{worst} 调用 {counts.max()} 次，上限 {most:g} 次/日", f"{who.label_en}: {counts.max()} calls on {worst}, at most {most:g} a day")
        )
    if (most := market.stated("calls_per_year")) is not None and calls.first.size > most:
        found.append((f"{who.label_zh}：调用 {calls.first.size} 次，上限 {most:g} 次/年", f"{who.label_en}: {calls.first.size} calls, at most {most:g} a year"))
    if (most := market.stated("hours_per_year")) is not None and calls.hours.sum() > most + ROUNDING:
        hours = calls.hours.sum()
        found.append((f"{who.label_zh}：调用 {hours:g} 小时，上限 {most:g} 小时/年", f"{who.label_en}: {hours:g} h called, at most {most:g} a year"))
    if (most := market.stated("maximum_hours")) is not None and (long := int((calls.hours > most + ROUNDING).sum())):
        found.append((f"{who.label_zh}：{long} 次调用超过 {most:g} 小时", f"{who.label_en}: {long} calls last longer than {most:g} h"))
    least = market.term("minimum_hours")
    if short := int((calls.hours < least - ROUNDING).sum()):
        found.append((f"{who.label_zh}：{short} 次调用不足 {least:g} 小时", f"{who.label_en}: {short} calls are shorter than {least:g} h"))
    return tuple(found)
