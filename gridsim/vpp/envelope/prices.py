r"""What giving a power costs: convex and piecewise linear over the power, its slope the marginal price.

:math:`C(x)` is the cost of the cheapest dispatch that gives :math:`x`, recovery included, less that of the dispatch without a call; a higher peak of the month
is in it. :math:`C(0) = 0`; giving more up costs more and more, so that slopes rise from down to up. Where the tangents at two points meet below the line
between them, the curve may have a break, and it is looked for where they meet (exact for a curve of finitely many pieces [1]_).

References
----------
.. [1] M. J. Eisner and D. G. Severance, "Mathematical techniques for efficient record segmentation in large shared databases," J. ACM 23(4), 619-635, 1976.
   doi:10.1145/321978.321982
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridsim.dispatch.envelope_program import Deviations
from gridsim.dispatch.envelope_window import Window
from gridsim.vpp.envelope.envelope import steps_of
from gridsim.vpp.envelope.section import EnvelopeSection

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.dispatch.envelope_window import Given
    from gridsim.dispatch.result import Dispatch
    from gridsim.technologies.draft import SnapshotLimits

SAME_CNY = 1e-3
"""Costs this near are the same, relative to the largest of the curve above 1000 CNY. [CNY]"""
MOST_BREAKS = 60


@dataclass(frozen=True, eq=False)
class PricedCurve:
    """Cost of giving a power for a duration from one step on. B breaks, from most down to most up."""

    start: int
    duration_hours: float
    power_mw: NDArray[np.float64]
    """Positive up, negative down. Shape (B,). [MW]"""
    cost_cny: NDArray[np.float64]
    """Shape (B,)."""
    deliverable: NDArray[np.bool_]
    """False where the cheapest way has flows meet that must not; its cost is then a lower bound. Shape (B,)."""

    @property
    def price_cny_per_mwh(self) -> NDArray[np.float64]:
        """What one MWh more (up) costs, between one break and the next. Shape (B - 1,). [CNY/MWh]"""
        return np.diff(self.cost_cny) / (np.diff(self.power_mw) * self.duration_hours)

    def cost_of(self, power_mw: float) -> float:
        """Return the cost of a power within the curve. [CNY]"""
        return float(np.interp(power_mw, self.power_mw, self.cost_cny, left=np.nan, right=np.nan))


def find_curves(
    dispatch: Dispatch,
    starts: Sequence[int],
    section: EnvelopeSection | None = None,
    *,
    limits: Sequence[SnapshotLimits] = (),
    exact: bool = True,
) -> list[PricedCurve]:
    """Find the curves of some starts, one for each duration that ends in the park's time."""
    section = section or EnvelopeSection()
    calls, recovery = steps_of(section, dispatch)
    deviations = Deviations(dispatch, limits)
    curves = []
    for start in starts:
        window = Window(deviations, int(start), max(calls), recovery)
        for call, duration in zip(calls, section.durations_hours, strict=True):
            if start + call <= deviations.steps:
                curves.append(_curve(window, call, duration, exact=exact))
    return curves


def _curve(window: Window, call: int, duration: float, *, exact: bool) -> PricedCurve:
    down, up = (window.most(call, direction, exact=exact).power_mw for direction in (-1, 1))
    found = [window.cheapest(call, power) for power in sorted({min(down, 0.0), 0.0, max(up, 0.0)})]
    place = 0
    while place < len(found) - 1 and len(found) < MOST_BREAKS:
        between = _break(window, call, found[place], found[place + 1])
        if between is None:
            place += 1
        else:
            found.insert(place + 1, between)
    power, cost, apart = (np.array([getattr(one, field) for one in found]) for field in ("power_mw", "cost_cny", "apart"))
    kept = _corners(power, cost)
    return PricedCurve(window.first, duration, power[kept], cost[kept], apart[kept])


def _break(window: Window, call: int, left: Given, right: Given) -> Given | None:
    """Return a point of the curve below the line between two others, where the tangents at both meet; None where there is nothing below."""
    width = right.power_mw - left.power_mw
    slopes = right.price_cny_per_mw - left.price_cny_per_mw
    line = (right.cost_cny - left.cost_cny) / width if width > 0 else 0.0
    if width <= 1e-5 or slopes * width <= SAME_CNY:
        return None
    at = left.power_mw + (line - right.price_cny_per_mw) / (left.price_cny_per_mw - right.price_cny_per_mw) * width
    if not left.power_mw + 1e-6 < at < right.power_mw - 1e-6:
        return None
    given = window.cheapest(call, at)
    expected = left.cost_cny + line * (at - left.power_mw)
    return given if given.cost_cny < expected - SAME_CNY * max(1.0, abs(expected) / 1e3) else None


def _corners(power: NDArray[np.float64], cost: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the ends, zero, and points at which the slope changes."""
    slope = np.diff(cost) / np.maximum(np.diff(power), 1e-12)
    turns = np.abs(np.diff(slope)) > 1e-6 * np.maximum(1.0, np.abs(slope[1:]))
    kept = np.concatenate([[True], turns | (power[1:-1] == 0.0), [True]]) if power.size > 1 else np.array([True])
    return np.flatnonzero(kept)
