"""Points of an envelope, given: the park dispatched again with the call, over its whole time, and its wires looked at.

The way is not that by which the points were found: the ordinary dispatch, with its rounds that keep flows from meeting and its audit, is asked for the exchange
of the call, at a price for what is missing that nothing else reaches (`gridsim.dispatch.envelope_held`); with a network, until the wires hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gridsim.dispatch.envelope_held import CALL, HeldDispatch
from gridsim.distribution.loop import penalty, until_feasible
from gridsim.vpp.envelope.envelope import Envelope, steps_of
from gridsim.vpp.envelope.section import EnvelopeSection

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.dispatch.result import Dispatch
    from gridsim.distribution.network import Network

MISSING_MW = 1e-5
"""A call of which less is missing was given."""

STEP_MW, STEP_SHARE = 1e-3, 1e-3
"""One step outside: a kilowatt, or a thousandth of the power where that is more."""

WIRE_STEP_SHARE, WIRE_STEP_OF_CONNECTION = 5e-3, 2e-3
"""The same where wires were cut, which keep a margin of their own: of the power, or of what is declared for the connection where that is more."""


class Point(NamedTuple):
    """A call."""

    start: int
    duration_hours: float
    power_mw: float
    """Positive up, negative down. [MW]"""


@dataclass(frozen=True)
class Verified:
    """What became of a point."""

    point: Point
    missing_mw: float
    """Largest part of the call that was not given. [MW]"""
    wires_hold: bool | None
    """None where no network was looked at."""
    cost_cny: float
    """Over the dispatch without the call; where all was given and the wires hold. [CNY]"""
    outside_missing_mw: float
    """What is missing one step outside; not a number where that was not asked. [MW]"""
    outside_wires_hold: bool | None

    @property
    def delivered(self) -> bool:
        """Whether all of it was given, and the wires carried it."""
        return self.missing_mw <= MISSING_MW and self.wires_hold is not False

    @property
    def edge(self) -> bool:
        """Whether one step more cannot be given."""
        return self.outside_missing_mw > MISSING_MW or self.outside_wires_hold is False


def step_mw(power_mw: NDArray[np.float64] | float, network: Network | None) -> NDArray[np.float64]:
    """Return the size of one step outside at a power. [MW]"""
    power = np.abs(power_mw)
    if network is None:
        return np.maximum(STEP_MW, STEP_SHARE * power)
    declared = max((one for one in (network.limits.import_mw, network.limits.export_mw) if np.isfinite(one)), default=0.0)
    return np.maximum(max(STEP_MW, WIRE_STEP_OF_CONNECTION * declared), WIRE_STEP_SHARE * power)


def sample(envelope: Envelope, count: int, *, seed: int = 0, proven: bool = True, network: Network | None = None) -> list[Point]:
    """Draw points of an envelope at random, both directions, larger than nothing.

    Parameters
    ----------
    proven : bool
        Only such of which half a step more is known to be impossible.
    network : Network, optional
        Where the points are to be verified in it.
    """
    both = [(1.0, envelope.up_mw, envelope.up_bound_mw), (-1.0, envelope.down_mw, envelope.down_bound_mw)]
    points = []
    for sign, power, bound in both:
        fitting = np.isfinite(power) & (power > STEP_MW) & ((bound - power <= step_mw(power, network) / 2) | (not proven))
        points += [Point(int(envelope.starts[row]), float(envelope.durations_hours[at]), float(sign * power[row, at])) for row, at in np.argwhere(fitting)]
    chosen = np.random.default_rng(seed).choice(len(points), size=min(count, len(points)), replace=False)
    return [points[place] for place in sorted(chosen)]


def verify(
    dispatch: Dispatch, points: Sequence[Point], section: EnvelopeSection | None = None, *, network: Network | None = None, outside: bool = True
) -> list[Verified]:
    """Give each point, and try one step more."""
    section = section or EnvelopeSection()
    _, recovery = steps_of(section, dispatch)
    result = []
    for point in points:
        missing, hold, cost = _given(dispatch, point, recovery, network)
        beyond, beyond_hold = np.nan, None
        if outside:
            further = point._replace(power_mw=point.power_mw + float(np.copysign(step_mw(point.power_mw, network), point.power_mw)))
            beyond, beyond_hold, _ = _given(dispatch, further, recovery, network)
        result.append(Verified(point, missing, hold, cost, beyond, beyond_hold))
    return result


def _given(dispatch: Dispatch, point: Point, recovery: int, network: Network | None) -> tuple[float, bool | None, float]:
    """Return what is missing, whether the wires hold, and the cost."""
    call = round(point.duration_hours / dispatch.time.step_hours)
    window = point.start, min(point.start + call + recovery, dispatch.time.steps)
    kept = HeldDispatch(dispatch, window, call, point.power_mw, penalty(dispatch.draft))
    if network is None:
        found, hold = kept.solve().dispatch, None
    else:
        coupled = until_feasible(kept, network)
        found, hold = coupled.solved.dispatch, coupled.checked.feasible
    missing = max(float(found.excess[name].max(initial=0.0)) for name in CALL)
    return missing, hold, found.objective_cny - dispatch.objective_cny
