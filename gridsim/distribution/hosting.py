r"""Hosting capacity: the most of an asset that a bus can take, judged over all hours and not over one worst case.

The capacity is the largest :math:`C` at which at most :math:`k` of :math:`T` hours break a limit (:math:`k = 0` unless a share of the hours may). It is
enclosed by exact power flows of a few hours; then all hours are solved at it, those that break a limit join the few, until all hours agree. Leaving out
hours can only raise the answer, so each round lowers it, and the last one, which all hours confirm, is the answer of all hours.

Where tap changers move, no hour stands alone (`_with_taps`): hours are searched with the tap positions of the last solve of the whole year held; then the whole
year is solved at what was found, its tap changers moving; until both agree. The answer is always one at which the whole year was solved.

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

    from gridsim.distribution.hosting_study import Positions
    from gridsim.distribution.powerflow.rules import Rule
    from gridsim.distribution.powerflow.wires import Injections, Wires, YearFlow
    from gridsim.distribution.violations import NetworkLimits

ACCURACY = 1e-5
"""Relative width of the interval that holds the capacity when the search ends."""

FIRST_STEP = 2.0**-20
"""Smallest capacity that is tried, over the largest."""

HOURS_ADDED = 48
"""Worst hours that join the search after a check of all hours (judged: few enough to be quick, enough for the next check to be the last)."""

AGREEMENT = 2e-3
"""Relative step up from a capacity at which the whole year was solved that must break a limit, its tap positions held, for the search to end (judged: a tap
step moves a voltage by about 1 %, and the loading of a line with it)."""

MOST_YEARS = 12
"""Solves of the whole year with moving tap changers for one bus; the best of them counts if they never agree (judged)."""

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
    solved_years: int = 0
    """Solves of all hours with tap changers that move; 0 where none does. [1]"""


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
    base: YearFlow | None = None,
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
        Rules of reactive power and taps of the hours without the asset. Where tap changers move, the capacity is found to `AGREEMENT`, else to `ACCURACY`.
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
    base : YearFlow, optional
        The hours without the asset, where they have been solved by these rules and reactive limits.

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
        wires,
        injections,
        buses,
        shape,
        rules=rules,
        limits=limits,
        power_factor=power_factor,
        worsening=worsening,
        enforce_q_limits=enforce_q_limits,
        base=base,
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
    search = _Search(study, study.wires.bus(name), allowed, most_mw)
    chosen = np.union1d(extreme_hours(study, search.bus, allowed), np.flatnonzero(study.before > 0.0))
    found = _with_taps(search, chosen) if study.follows_hours else _without_taps(search, chosen)
    return HostingCapacity(name, found.capacity_mw, found.binding, found.broken_hours, before, found.searched_hours, found.solved_years)


@dataclass(frozen=True, eq=False)
class _Search:
    """What is looked for at one bus."""

    study: Study
    bus: int
    allowed: int
    """Hours that may break a limit."""
    most_mw: float

    @property
    def first_mw(self) -> float:
        """Smallest capacity that is tried."""
        return FIRST_STEP * self.most_mw

    def counted(self, excess: NDArray[np.float64]) -> float:
        """Excess of the hour that is the worst but for those allowed; above zero the capacity is too large."""
        return float(-np.sort(-excess)[self.allowed])

    def joined(self, hours: NDArray[np.int64], excess: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return some hours with the worst of the whole year that break a limit."""
        order = np.argsort(-excess, kind="stable")[: self.allowed + HOURS_ADDED]
        return np.union1d(hours, order[excess[order] > 0.0])

    def run(self, hours: NDArray[np.int64], taps: Positions, first_mw: float, good: float = 0.0) -> tuple[float, float | None]:
        """Return the largest capacity that some hours allow with held taps, and one just above that they do not; None if they allow the largest tried.

        ``good`` is what is known to fit and is returned where it does not fit with these taps. ``first_mw`` is tried first, then its doubles until one is too
        large; from then on only the hours that are too much for it are looked at.
        """
        study = self.study
        at_good, bad = study.worst(self.bus, good, hours, taps), first_mw
        if self.counted(at_good) > 0.0:
            return good, bad
        while self.counted(at_bad := study.worst(self.bus, bad, hours, taps)) <= 0.0:
            if bad >= self.most_mw:
                return self.most_mw, None
            good, at_good, bad = bad, at_bad, min(2.0 * bad, self.most_mw)
        for trial in count():
            accuracy = ACCURACY * max(bad, ACCURACY * self.first_mw)
            if bad - good <= accuracy:
                return good, bad
            left = at_bad > 0.0
            hours, at_good, at_bad = hours[left], at_good[left], at_bad[left]
            middle, ends = 0.5 * (good + bad), (self.counted(at_good), self.counted(at_bad))
            if trial % 2 == 0:  # the straight line between the ends, pushed off them so that the interval closes from both sides
                middle = good + (bad - good) * ends[0] / (ends[0] - ends[1]) if np.isfinite(ends[0]) else middle
                middle = min(max(middle, good + 0.4 * accuracy), bad - 0.4 * accuracy)
            at_middle = study.worst(self.bus, middle, hours, taps)
            if self.counted(at_middle) > 0.0:
                bad, at_bad = middle, at_middle
            else:
                good, at_good = middle, at_middle
        raise AssertionError


@dataclass(frozen=True)
class _Found:
    """What a search came to; as in `HostingCapacity`."""

    capacity_mw: float
    binding: Binding | None
    broken_hours: int
    searched_hours: int
    solved_years: int = 0


def _without_taps(search: _Search, chosen: NDArray[np.int64]) -> _Found:
    study, first = search.study, search.first_mw
    while True:
        good, bad = search.run(chosen, study.taps, first)
        excess = study.worst(search.bus, good, np.arange(study.hours), study.taps)
        broken = np.flatnonzero(excess > 0.0)
        if broken.size <= search.allowed or np.isin(broken, chosen).all():
            break
        chosen, first = search.joined(chosen, excess), good
    binding = None if bad is None else study.binding(search.bus, bad, chosen, search.allowed, study.taps)
    return _Found(good, binding, broken.size, chosen.size)


def _with_taps(search: _Search, chosen: NDArray[np.int64]) -> _Found:
    """Search with the tap changers held where the last solve of the year left them, and solve the year at what was found, in turn.

    ``low`` holds with tap changers that move, ``high`` does not. What the held ones lead to is halved in between where it does not stand between them.
    """
    study, bus = search.study, search.bus
    low, rest, broken_hours = 0.0, study.taps, int((study.before > 0.0).sum())
    high, high_rest, held, years = np.inf, rest, rest, 0
    while True:
        above, taps = low * (1.0 + AGREEMENT), rest
        at_rest = held is rest
        if low and at_rest and search.counted(study.worst(bus, above, chosen, rest)) > 0.0:
            break  # both agree
        if low >= search.most_mw:
            return _Found(low, None, broken_hours, chosen.size, years)
        if years >= MOST_YEARS or (high < np.inf and (high - low <= AGREEMENT * high or high <= search.first_mw)):
            if high < np.inf:
                above, taps = high, high_rest
            break
        first = high if not at_rest else above if low else search.first_mw
        found, _ = search.run(chosen, held, first, low)
        trial = found if low < found < high else 0.5 * (low + high)
        excess, held = study.settled(bus, trial, held)
        years += 1
        if search.counted(excess) > 0.0:
            high, high_rest, chosen = trial, held, search.joined(chosen, excess)
        else:
            low, rest, broken_hours = trial, held, int((excess > 0.0).sum())
    return _Found(low, study.binding(bus, above, chosen, search.allowed, taps), broken_hours, chosen.size, years)


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
