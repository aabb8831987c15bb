r"""Hosting capacity: the most of an asset that a bus can take, judged over all hours and not over one worst case.

The capacity is the largest :math:`C` at which at most :math:`k` of :math:`T` hours break a limit (:math:`k = 0` unless a share of the hours may). It is
enclosed by exact power flows of a few hours; then all hours are solved at it, those that break a limit join the few, until all hours agree. Leaving out
hours can only raise the answer, so each round lowers it, and the last one, which all hours confirm, is the answer of all hours.

Between zero and the capacity the network is taken to hold, as where limits are broken once and for all when the asset grows; the search doubles its way up from
a millionth of ``most_mw``, so it meets the first crossing unless the network holds again within a factor of two.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

import numpy as np

from gridsim.distribution.hosting_study import Binding, Study, make_study
from gridsim.errors import DefinitionError, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gridsim.distribution.powerflow.rules import Rule
    from gridsim.distribution.powerflow.wires import Injections, Wires
    from gridsim.distribution.violations import NetworkLimits

ACCURACY = 1e-5
"""Relative width of the interval that holds the capacity when the search ends."""

FIRST_STEP = 2.0**-20
"""Smallest capacity that is tried, over the largest."""

HOURS_ADDED = 48
"""Worst hours that join the search after a check of all hours (judged: few enough to be quick, enough for the next check to be the last)."""

CORNERS = 6
"""Hours taken from each end of each order in which hours can be extreme."""


@dataclass(frozen=True)
class HostingCapacity:
    """What one bus can take."""

    bus: str
    capacity_mw: float
    """0 where limits are broken already; ``most_mw`` where none is broken even then. [MW]"""
    binding: Binding | None
    """What keeps it from being larger, in the hour that decides; None where nothing does up to ``most_mw``."""
    broken_hours: int
    """Hours that do not fit at this capacity; at most those that were allowed, unless limits are broken already."""
    broken_before: int
    """Hours in which a limit that counts is broken without the asset."""
    searched_hours: int
    """Hours that the search needed; all others were only checked."""


def hosting_capacity(
    wires: Wires,
    injections: Injections,
    buses: Sequence[str],
    shape: NDArray[np.float64],
    *,
    rules: Sequence[Rule] = (),
    limits: NetworkLimits | None = None,
    power_factor: float = 1.0,
    share_of_hours: float = 0.0,
    worsening: float | None = None,
    most_mw: float = 1e5,
    enforce_q_limits: bool = False,
) -> tuple[HostingCapacity, ...]:
    """Find how much of an asset each bus alone can take.

    Parameters
    ----------
    injections : Injections
        What the park supplies without the asset, T hours of N buses.
    shape : array, shape (T,) or (T, K)
        Supply of the asset per MW of capacity, negative where it draws: the profile of wind or sun, -1 for an electrolyser that may run in every hour. With K
        columns the asset may be in any of K states in each hour and all are judged; `store_shape` is that of a battery.
    rules : sequence
        Rules of reactive power and taps of the hours without the asset. Where tap changers move, no hour stands alone: every trial solves all hours.
    limits : NetworkLimits, optional
        Left out: the voltage bands of the wires and a loading of 1.
    power_factor : float
        Of the asset: positive supplies reactive power, negative draws it, whichever way its active power flows.
    share_of_hours : float
        Share of the hours that may break a limit. [1]
    worsening : float, optional
        Limits that are broken without the asset count only where it drives them further by more than this [p.u., share of the rating, or MW], and hours without
        a solution not at all; left out, every broken limit counts.
    most_mw : float
        Largest capacity that is tried. [MW]

    Returns
    -------
    tuple of HostingCapacity
        One for each bus; each stands alone, they do not add up.

    Raises
    ------
    DefinitionError
        With all that does not fit.
    """
    if not 0.0 <= share_of_hours < 1.0 or not 0.0 < most_mw < np.inf:
        found = f"share_of_hours is {share_of_hours}, most_mw is {most_mw}"
        raise DefinitionError("the hosting study", [Problem("hosting_capacity", found, "a share from 0 to below 1, and a finite capacity above 0")])
    study = make_study(
        wires, injections, buses, shape, rules=rules, limits=limits, power_factor=power_factor, worsening=worsening, enforce_q_limits=enforce_q_limits
    )
    allowed = int(np.floor(share_of_hours * study.hours + 1e-9))
    return tuple(_at_bus(study, name, allowed, most_mw) for name in buses)


def store_shape(hours: int) -> NDArray[np.float64]:
    """Discharging and charging at full power, both possible in every hour. Shape (hours, 2)."""
    return np.tile([1.0, -1.0], (hours, 1))


def _at_bus(study: Study, name: str, allowed: int, most_mw: float) -> HostingCapacity:
    before = int((study.before > 0.0).sum())
    if before > allowed:
        return HostingCapacity(name, 0.0, study.before_binding, before, before, 0)
    bus, everything = study.wires.bus(name), np.arange(study.hours)
    chosen = everything if study.follows_hours else np.union1d(extreme_hours(study, bus, allowed), np.flatnonzero(study.before > 0.0))
    ceiling = None
    while True:
        good, bad = _search(study, bus, chosen, allowed, ceiling, most_mw)
        worst = study.worst(bus, good, everything)
        broken = np.flatnonzero(worst > 0.0)
        missing = np.setdiff1d(broken, chosen)
        if broken.size <= allowed or not missing.size:
            break
        order = np.argsort(-worst, kind="stable")[: allowed + HOURS_ADDED]
        chosen, ceiling = np.union1d(chosen, np.intersect1d(order, broken)), good
    binding = None if bad is None else study.binding(bus, bad, chosen, allowed)
    return HostingCapacity(name, good, binding, broken.size, before, chosen.size)


def _search(study: Study, bus: int, hours: NDArray[np.int64], allowed: int, ceiling_mw: float | None, most_mw: float) -> tuple[float, float | None]:
    """Return the largest capacity that these hours allow, and one just above that they do not; None if they allow the largest tried."""

    def broken(capacity_mw: float) -> float:
        """Excess of the hour that is the worst but for those allowed; above zero the capacity is too large."""
        return float(-np.sort(-study.worst(bus, capacity_mw, hours))[allowed])

    good, smallest = 0.0, FIRST_STEP * most_mw
    at_good = broken(good)
    bad = smallest if ceiling_mw is None else ceiling_mw
    while (at_bad := broken(bad)) <= 0.0:
        if bad >= most_mw:
            return most_mw, None
        good, at_good, bad = bad, at_bad, min(2.0 * bad, most_mw)
    for trial in count():
        accuracy = ACCURACY * max(bad, ACCURACY * smallest)
        if bad - good <= accuracy:
            return good, bad
        middle = 0.5 * (good + bad)
        if trial % 2 == 0:  # the straight line between the ends, pushed off them so that the interval closes from both sides
            middle = good + (bad - good) * at_good / (at_good - at_bad) if np.isfinite(at_good) else middle
            middle = min(max(middle, good + 0.4 * accuracy), bad - 0.4 * accuracy)
        at_middle = broken(middle)
        if at_middle > 0.0:
            bad, at_bad = middle, at_middle
        else:
            good, at_good = middle, at_middle
    raise AssertionError


def extreme_hours(study: Study, bus: int, allowed: int = 0) -> NDArray[np.int64]:
    """Hours that are likely to bind: at either end of the asset's own supply, the park's supply, the bus's supply, and sums of them; more than are allowed."""
    chosen = [np.linspace(0, study.hours - 1, min(study.hours, CORNERS), dtype=np.int64)]
    if allowed:
        chosen.append(np.argsort(-np.abs(study.shape).max(axis=1), kind="stable")[: allowed + HOURS_ADDED])
    park, place = study.injections.p_mw.sum(axis=1), study.injections.p_mw[:, bus]
    for state in study.shape.T:
        for own in (0.0, 0.1, 1.0, 10.0):
            for other in (park, place):
                score = own * state * (other.std() or 1.0) + other * (state.std() or 1.0)
                order = np.argsort(score, kind="stable")
                chosen += [order[:CORNERS], order[-CORNERS:]]
        order = np.argsort(state, kind="stable")
        chosen += [order[:CORNERS], order[-CORNERS:]]
    return np.unique(np.concatenate(chosen))
