r"""Designs that cost nearly the same as the optimum and look as different as they can.

Around the optimum the cost of a park is flat: quite other capacities cost a few per cent more, and what the model does not know (land, permits, taste) may
choose among them. Of all designs that cost at most :math:`(1 + \varepsilon)` times the optimum :math:`C^*`, over segments of hours

.. math:: Z = \{z : \underline b \le A z \le \overline b,\; c^\top z + c_0 \le (1 + \varepsilon)\, C^*\}

first the least and the most of each capacity are found, then further ones: these, the ends of :math:`Z` in random directions and all points halfway between two
of them (:math:`Z` is convex) make a pool, from which always the one is taken whose smallest distance to all designs so far, each capacity measured by its
range, is largest. Segments are a relaxation, so that what :math:`Z` does not hold no design can be: the ends of its ranges are proven (`Design.proven_end`).

A design itself is dispatched in full, hour by hour. Where its cost breaks the slack it is pulled back towards the optimum: the least cost is convex in the
capacities, so that on the line between the two it lies below the chord (nearly so where flows must not meet; then it is pulled again).

References
----------
.. [1] E. D. Brill, S.-Y. Chang, L. D. Hopkins, "Modeling to generate alternatives," Management Science 28(3), 221-235, 1982. doi:10.1287/mnsc.28.3.221
.. [2] F. Neumann, T. Brown, "The near-optimal feasible space of a renewable power system model," Electric Power Systems Research 190, 106690, 2021
   (least and most of each capacity). doi:10.1016/j.epsr.2020.106690
.. [3] P. Berntsen, E. Trutnevyte, "Ensuring diversity of national energy scenarios," Energy 126, 886-898, 2017 (random directions, maximally different ones
   chosen afterwards). doi:10.1016/j.energy.2017.03.043
.. [4] T. F. Gonzalez, "Clustering to minimize the maximum intercluster distance," Theoretical Computer Science 38, 293-306, 1985 (the farthest next).
   doi:10.1016/0304-3975(85)90224-5
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridsim.errors import DefinitionError, InfeasibleError, Problem

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from gridsim.dispatch.near_optimal import NearOptimal
    from gridsim.dispatch.sizes import Free
    from gridsim.park.park import Park

SLACK, COUNT = 0.02, 4
OPTIMUM, ENDS = "optimum", {"least": 1.0, "most": -1.0}

POOL = 4
"""Directions for each further design."""
APART = 0.02
"""Smallest distance, in ranges of the capacities, at which a design is another one (judged)."""

REACHED = 1e-6
"""A unit that is short by this share of itself is reached."""

MOST_PULLS, PULL, SHORT = 8, 0.5, 1e-3
"""Tries to bring a design within the slack; share of the way after one that cannot run at all; how much shorter than the chord says."""

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Design:
    """One near-optimal design, dispatched in full."""

    name: str
    """``optimum``, ``least <path>``, ``most <path>`` or ``far <number>``."""
    values: dict[str, float]
    """Capacity of each path."""
    cost_cny: float
    """Annuities, upkeep and operation of all hours. [CNY]"""
    excess: float
    """Cost over that of the optimum, less 1."""
    way: float
    """Share of the way from the optimum to what the segments promised; below 1 it was pulled back to hold the slack."""
    proven_end: float | None
    """No design within the slack has less (or more) of the capacity that this one is about."""


@dataclass(frozen=True)
class Alternatives:
    """Designs within the slack, the optimum first."""

    slack: float
    designs: tuple[Design, ...]
    bound_cny: float
    """No design costs less. [CNY]"""

    @property
    def table(self) -> pd.DataFrame:
        """A row a design: name, capacities, cost, ``excess`` (over the optimum), ``excess_at_most`` (over the lower bound), way, proven end, ``distance``."""
        import pandas as pd

        points = np.array([list(design.values.values()) for design in self.designs])
        span = np.ptp(points, axis=0)
        lines = []
        for number, design in enumerate(self.designs):
            others = np.delete(points, number, axis=0)
            apart = float(distances(points[number : number + 1], others, span)[0]) if len(others) else float("nan")
            at_most = design.cost_cny / self.bound_cny - 1.0
            money = {"cost_total_cny": design.cost_cny, "excess": design.excess, "excess_at_most": at_most}
            lines.append({"design": design.name, **design.values, **money, "way": design.way, "proven_end": design.proven_end, "distance": apart})
        return pd.DataFrame(lines).astype({"proven_end": float})


def alternatives(
    park: Park,
    free: Sequence[Free],
    *,
    slack: float = SLACK,
    count: int = COUNT,
    gap: float = 1e-3,
    segments: int | None = None,
    optimum: tuple[Mapping[str, float], float] | None = None,
    known: Mapping[str, Design] | None = None,
    keep: Callable[[Design], None] | None = None,
    progress: Progress | None = None,
) -> Alternatives:
    """Find designs that cost nearly the same as the optimum and differ most.

    Parameters
    ----------
    free : sequence of Free
        Capacities that may differ, with bounds.
    slack : float
        Largest cost over that of the optimum, relative.
    count : int
        Designs beyond the least and the most of each capacity; fewer where no others are far enough.
    gap : float
        Of the sizing that finds the optimum.
    segments : int, optional
        Number of segments of the program in which designs are looked for.
    optimum : capacities and lower bound, optional
        Of a former sizing of this park; left out, it is sized first.
    known : mapping, optional
        Designs of a former start by their names, which are not searched for again.
    keep : callable, optional
        Called with each new design.

    Raises
    ------
    DefinitionError, InfeasibleError
        As `gridsim.study.sizing.size`.
    """
    if not slack > 0.0:
        raise DefinitionError("the alternatives", [Problem("slack", f"{slack:g} leaves nothing but the optimum", "write 0.02 for designs within 2 %")])
    if optimum is None:
        from gridsim.study.sizing import size

        found = size(park, free, gap=gap, progress=progress)
        optimum = found.values, found.bound_cny
    best, bound_cny = optimum
    search = _Search(park, free, best, slack, segments, dict(known or {}), keep, progress)
    return Alternatives(slack, tuple(search.designs(count)), bound_cny)


def design_names(free: Sequence[Free], count: int) -> list[str]:
    """Return the names of all designs there may be."""
    return [OPTIMUM, *(f"{word} {one.path}" for one in free for word in ENDS), *(f"far {number}" for number in range(1, count + 1))]


class _Search:
    def __init__(
        self,
        park: Park,
        free: Sequence[Free],
        best: Mapping[str, float],
        slack: float,
        segments: int | None,
        known: dict[str, Design],
        keep: Callable[[Design], None] | None,
        progress: Progress | None,
    ) -> None:
        self.park, self.free, self.slack, self.segments = park, tuple(free), slack, segments
        self.best = np.array([best[one.path] for one in self.free])
        self.known, self.keep, self.progress = known, keep, progress
        self.near: NearOptimal | None = None

    def designs(self, count: int) -> Iterator[Design]:
        """Yield the optimum, the least and the most of each capacity, and those far from them."""
        start = self._kept(OPTIMUM, lambda: Design(OPTIMUM, self._named(self.best), self._cost(self.best), 0.0, 1.0, None))
        yield start
        self.budget = (1.0 + self.slack) * start.cost_cny
        self.start_cny = start.cost_cny
        found = [start]
        for number, one in enumerate(self.free):
            for word, sign in ENDS.items():
                found.append(self._kept(f"{word} {one.path}", lambda name=f"{word} {one.path}", number=number, sign=sign: self._end(name, number, sign)))
                yield found[-1]
        ends = np.array([list(design.values.values()) for design in found])
        span = np.ptp(ends, axis=0)
        if len(self.free) < 2 or not span.any():
            return
        pool: NDArray[np.float64] | None = None
        for number in range(1, count + 1):
            name, target = f"far {number}", self.best
            if name not in self.known:
                if pool is None:
                    pool = with_halfways(np.concatenate([ends, self._program().ends(self._directions(POOL * count), span)]))
                points = np.array([list(design.values.values()) for design in found])
                apart = distances(pool, points, span)
                farthest = int(np.argmax(apart))
                if apart[farthest] < APART:
                    return
                self._told(name)
                target = pool[farthest]
            found.append(self._kept(name, lambda name=name, target=target: self._proven(name, target, None)))
            yield found[-1]

    def _directions(self, count: int) -> NDArray[np.float64]:
        """Random directions, the same in each start."""
        return np.random.default_rng(0).normal(size=(count, len(self.free)))

    def _kept(self, name: str, make: Callable[[], Design]) -> Design:
        if name not in self.known:
            self.known[name] = make()
            if self.keep is not None:
                self.keep(self.known[name])
        return self.known[name]

    def _named(self, values: NDArray[np.float64]) -> dict[str, float]:
        return {one.path: float(value) for one, value in zip(self.free, values, strict=True)}

    def _program(self) -> NearOptimal:
        if self.near is None:
            self._told("segments")
            from gridsim.dispatch.near_optimal import NearOptimal
            from gridsim.study.sizing import INTERIOR_OPTIONS, SIMPLEX_OPTIONS

            self.near = NearOptimal(self.park, self.free, self.budget, self.segments, (SIMPLEX_OPTIONS, INTERIOR_OPTIONS))
        return self.near

    def _told(self, what: str) -> None:
        if self.progress is not None:
            self.progress(what, 0.0)

    def _end(self, name: str, number: int, sign: float) -> Design:
        self._told(name)
        target, proven = self._program().end(number, sign)
        return self._proven(name, target, proven)

    def _proven(self, name: str, target: NDArray[np.float64], end: float | None) -> Design:
        """Dispatch what the segments promise, and pull it back towards the optimum until its cost is within the slack."""
        way = 1.0
        for _ in range(MOST_PULLS):
            values = whole_units(self.free, self.best, self.best + way * (target - self.best))
            try:
                cost = self._cost(values)
            except InfeasibleError:
                way *= PULL
                continue
            if cost <= self.budget:
                return Design(name, self._named(values), cost, cost / self.start_cny - 1.0, way, end)
            way *= (self.budget - self.start_cny) / (cost - self.start_cny) * (1.0 - SHORT)
        return Design(name, self._named(self.best), self.start_cny, 0.0, 0.0, end)

    def _cost(self, values: NDArray[np.float64]) -> float:
        """Cost of a park with these capacities, every hour dispatched at once. [CNY]"""
        from gridsim.dispatch.sizes import resized, yearly_cost
        from gridsim.dispatch.solve import KeptDispatch

        park = resized(self.park, self.free, values)
        return KeptDispatch(park, progress=self.progress, with_network=False).solve().dispatch.objective_cny + yearly_cost(park)


def whole_units(free: Sequence[Free], start: NDArray[np.float64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Take the whole units that are reached on the way from a start, where a capacity comes in units, and stay within the bounds.

    To the nearest would go beyond what the segments promise, and there is no way back from that by less than a unit.
    """
    unit = np.array([one.unit or 0.0 for one in free])
    count = values / np.where(unit > 0.0, unit, 1.0)
    reached = np.where(values > start, np.floor(count + REACHED), np.ceil(count - REACHED))
    whole = np.where(unit > 0.0, reached * unit, values)
    return np.clip(whole, [one.lower for one in free], [one.upper for one in free])


def with_halfways(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return points, shape (P, K), and those halfway between any two of them."""
    first, second = np.triu_indices(len(points), 1)
    return np.concatenate([points, (points[first] + points[second]) / 2.0])


def distances(points: NDArray[np.float64], others: NDArray[np.float64], span: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distance of each point to the nearest of others, every axis measured by its span. ``points`` (P, K), ``others`` (N, K); result (P,)."""
    scale = np.where(span > 0.0, span, 1.0)
    apart = (points[:, None, :] - others[None, :, :]) / scale
    return np.sqrt((apart**2).sum(axis=2)).min(axis=1)
