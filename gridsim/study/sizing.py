"""What to build: capacities of least cost, with a proof of how near they are to it.

Averages over segments of hours are a relaxation (`gridsim.dispatch.program`): their optimum is a lower bound, and its capacities are a candidate. The
candidate is dispatched in full, every hour, with everything that a run keeps, window after window on the relaxed optimum's way
(`gridsim.dispatch.windows`): its cost is an upper bound. Meanwhile the relaxed optimum's prices give a far better lower bound from windows of single hours
(`gridsim.dispatch.window_bound`). Between the two lies the optimum. Where the gap is too wide, segments are split and all is found again; hours alone leave
only what the relaxation leaves out, flows that must not meet. Capacities in whole units are split into ranges (`gridsim.study.whole_units`), each with its own
lower bound.
"""

from __future__ import annotations

import dataclasses
import time as clock
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.errors import BuildError, DefinitionError, InfeasibleError, Problem
from gridsim.study.part_load_error import bus_prices, part_load_errors
from gridsim.study.whole_units import Box, KeptRelaxation, at_ends, halves, in_units, rounded
from gridsim.study.window_proof import proven_meanwhile, windows_of

if TYPE_CHECKING:
    from gridsim.dispatch.optimum import Optimum
    from gridsim.dispatch.program import Program
    from gridsim.dispatch.segments import Segments
    from gridsim.dispatch.sizes import Free, Sizes
    from gridsim.dispatch.solve import Solved
    from gridsim.park.park import Park
    from gridsim.study.part_load_error import PartLoadError
    from gridsim.technologies.draft import NetworkDraft

GAP = 1e-3
FIRST_SHARE = 0.42
"""Of the steps, taken as the first number of segments (measured, ten capacities of the reference park: 0.03 % between optimum and either bound; with 0.36 of
its hours 0.06 % and 0.10 %, so that a second round would follow)."""

GROWTH = 1.5

MARGINS = (1e-5, 1e-4, 1e-3, 1e-2)
"""Of what flows in a yearly limit."""

AT_END, AT_END_INTERIOR = 1e-6, 2e-3
"""Of its largest value, within which a capacity is at an end of its range; the interior point method stops short of it. What that costs is in the dispatch."""

FEW_STEPS = 2000
"""Up to here all hours are taken at once, and the simplex method is quicker than the interior point method."""

INTERIOR_OPTIONS: dict[str, Any] = {
    **{"solver": "hipo", "hipo_system": "augmented", "run_crossover": "off", "presolve": "on", "parallel": "on", "threads": 2, "hipo_parallel_type": "tree"},
    **{"ipm_optimality_tolerance": 1e-2, "kkt_tolerance": 1e-2},
}
"""The bound is proven whatever the tolerance. From 1e-3 to 1e-2 the steps fall from 52 to 42, and neither bound moves by 0.005 % (measured)."""

LAST_OPTIONS = {"ipm_optimality_tolerance": 1e-6, "kkt_tolerance": 1e-6}
"""For all hours alone, whose bound no windows make better."""

SIMPLEX_OPTIONS: dict[str, Any] = {"solver": "simplex", "presolve": "on", "threads": 1}

MOST_RANGES, MOST_RANGES_INTERIOR = 1000, 12
"""Of whole units that are relaxed once there are sizes to tell; one takes a tenth of a second by the simplex method, and by the interior point method half a
minute on the starter park's year. What is not proven by then is told by the gap."""

NOTHING_INSIDE = {"infeasible", "infeasible_or_unbounded"}

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Step:
    """One lower and one upper bound."""

    segments: int
    bound_cny: float
    cost_cny: float
    gap: float
    relaxed_seconds: float
    dispatch_seconds: float


@dataclass(frozen=True)
class Sizing:
    """Capacities with the proof of their cost."""

    free: tuple[Free, ...]
    values: dict[str, float]
    """Capacity of each path, in the unit of its field."""
    cost_cny: float
    """Annuities, upkeep and operation of the park with them, over the horizon. [CNY]"""
    bound_cny: float
    """No capacities within the bounds cost less. [CNY]"""
    steps: tuple[Step, ...]
    solved: Solved
    """The dispatch that proves the cost; without prices where it was found in windows."""
    park: Park
    """With these capacities."""
    at_bound: tuple[str, ...]
    """Paths whose capacity is at an end of its range, which therefore decides it."""
    choices: int
    """That were dispatched: one, unless the bound of one left room for another, or segments were split."""
    ranges: int
    """That were relaxed: of whole units, where capacities come in units."""
    part_load: tuple[PartLoadError, ...]
    """Of each fleet of electrolysers; no part of the gap."""
    seconds: float

    @property
    def gap(self) -> float:
        """Cost over its lower bound, less 1."""
        return _gap(self.cost_cny, self.bound_cny)

    @property
    def part_load_cny(self) -> float:
        """What the hydrogen is worth that the part-load lines of all electrolysers promise too much. [CNY]"""
        return sum(error.value_cny for error in self.part_load)


def size(
    park: Park, free: Sequence[Free], *, gap: float = GAP, segments: int | None = None, options: dict[str, Any] | None = None, progress: Progress | None = None
) -> Sizing:
    """Find the capacities of least cost.

    Parameters
    ----------
    free : sequence of Free
        Capacities to be found, with bounds.
    gap : float
        Largest relative distance between the cost and its lower bound; the search also ends when every step is a segment of its own.
    segments : int, optional
        First number of segments.
    options : dict, optional
        HiGHS options of the relaxed programs over the defaults.

    Raises
    ------
    DefinitionError
        Where a capacity cannot be sized, or costs nothing.
    InfeasibleError
        Where no capacities within the bounds serve the park.
    """
    from gridsim.dispatch.sizes import find_sizes

    began = clock.perf_counter()
    draft, sizes = find_sizes(park, free)
    _check_costs(sizes)
    sizes = in_units(sizes)
    search = _Search(park, draft, gap, options, progress)
    count = segments or (draft.steps if draft.steps <= FEW_STEPS else round(FIRST_SHARE * draft.steps))
    cost, candidate, resized_park, solved, prices = search.run(Box(sizes, count))
    values = {one.path: float(value) for one, value in zip(sizes.free, candidate, strict=True)}
    at_end = np.minimum(candidate - sizes.lower, sizes.upper - candidate) < AT_END * sizes.upper
    return Sizing(
        free=sizes.free,
        values=values,
        cost_cny=cost,
        bound_cny=search.bound_cny,
        steps=tuple(search.steps),
        solved=solved,
        park=resized_park,
        at_bound=tuple(one.path for one, ends in zip(sizes.free, at_end, strict=True) if ends),
        choices=search.choices,
        ranges=search.ranges,
        part_load=part_load_errors(solved.dispatch, prices),
        seconds=clock.perf_counter() - began,
    )


class _Search:
    """What is left to be looked at, the best sizes that were dispatched, and what is proven by now."""

    def __init__(self, park: Park, draft: NetworkDraft, gap: float, options: dict[str, Any] | None, progress: Progress | None) -> None:
        self.park, self.draft, self.gap, self.options, self.progress = park, draft, gap, options, progress
        self.whole: Sizes | None = None
        self.boxes: list[Box] = []
        self.kept: dict[int, KeptRelaxation] = {}
        """By number of segments."""
        self.closed: list[float] = []
        """Bounds of boxes of which no more is to be learnt."""
        self.steps: list[Step] = []
        self.choices, self.ranges = 0, 0
        self.best: tuple[float, np.ndarray, Park, Solved, dict[str, np.ndarray]] | None = None
        self.refused: InfeasibleError | None = None

    @property
    def bound_cny(self) -> float:
        """No capacities cost less. [CNY]"""
        return min([*self.closed, *(box.bound_cny for box in self.boxes)], default=-np.inf)

    def proven(self, bound_cny: float) -> bool:
        """Tell whether the best sizes are near enough to a bound."""
        return self.best is not None and _gap(self.best[0], bound_cny) <= self.gap

    @property
    def enough(self) -> bool:
        """Whether as many ranges were looked at as may be."""
        return self.best is not None and self.ranges >= (MOST_RANGES if self.draft.steps <= FEW_STEPS else MOST_RANGES_INTERIOR)

    def run(self, whole: Box) -> tuple[float, np.ndarray, Park, Solved, dict[str, np.ndarray]]:
        """Look at one box after another, straight down to the first sizes that can be dispatched, then where the least bound is.

        The nearest whole numbers of the whole box are tried first: mostly they can be dispatched, and are then improved upon.
        """
        self.whole = whole.sizes
        self.look(whole, first=True)
        while self.boxes and not self.proven(self.bound_cny) and not self.enough:
            box = self.boxes[-1] if self.best is None else min(self.boxes, key=lambda one: one.bound_cny)
            self.boxes.remove(box)
            self.look(box)
        if self.best is None:
            raise self.refused or InfeasibleError("no whole numbers of units within these ranges serve the park\n      -> widen a range, or take smaller units")
        return self.best

    def look(self, box: Box, *, first: bool = False) -> None:
        """Relax a box; halve it, or dispatch what is whole in it."""
        from gridsim.dispatch.outcome import refuse_program
        from gridsim.dispatch.program import make_program

        parts = self._parts(box.segments)
        exact = parts.count >= self.draft.steps
        program = make_program(self.draft, parts, box.sizes)
        relaxed = self._relaxed(program, parts)
        self.ranges += 1
        if relaxed.condition != "optimal":
            if box.sizes is self.whole:
                refuse_program(self.draft, box.sizes, relaxed.condition)
            if relaxed.condition not in NOTHING_INSIDE:
                self.closed.append(box.bound_cny)  # the solver came to no end: all that is known is the bound from before
            return
        bound, tried, began = max(box.bound_cny, relaxed.bound_cny), None, clock.perf_counter()
        parted = halves(box, at_ends(box.sizes, relaxed.sizes, _at_end(parts)))
        on_the_way_down = bool(parted) and self.best is None and not first  # to the first sizes: what no dispatch is held against yet needs no closer bound
        if not self.proven(bound) and not on_the_way_down:
            with proven_meanwhile(None if exact else windows_of(self.draft, box.sizes, program, parts, relaxed)) as proof:
                if not parted or first:
                    tried = self._dispatched(box, (program, parts, relaxed), last=exact, whole=not parted)
                bound = max(bound, proof())
        dispatch_seconds = clock.perf_counter() - began
        if tried is not None and (self.best is None or tried[0] < self.best[0]):
            self.best = (*tried, bus_prices(program, parts, relaxed, self.park.time.step_hours))
        if self.proven(bound) or (exact and not parted):
            self.closed.append(bound)
        elif parted:
            self.boxes += [dataclasses.replace(part, bound_cny=bound) for part in parted]
        else:  # on the edge of what is possible only all hours tell, also that nothing is
            finer = self.draft.steps if self.best is None else max(round(GROWTH * parts.count), parts.count + 1)
            self.boxes.append(dataclasses.replace(box, segments=finer, bound_cny=bound))
        if self.best is not None:
            cost, proven = self.best[0], self.bound_cny
            self.steps.append(Step(parts.count, proven, cost, _gap(cost, proven), relaxed.seconds, dispatch_seconds))

    def _relaxed(self, program: Program, parts: Segments) -> Optimum:
        """Solve a box's program; where the simplex method is used, from the basis of the box before."""
        if parts.count > FEW_STEPS:
            return _solved(program, parts, self.options, self.progress)
        options, watch = _how(parts, self.options, self.progress)
        if parts.count not in self.kept:
            self.kept[parts.count] = KeptRelaxation(program, options)
        return self.kept[parts.count].optimum(program, watch)

    def _dispatched(self, box: Box, found: tuple[Program, Segments, Optimum], *, last: bool, whole: bool) -> tuple[float, np.ndarray, Park, Solved] | None:
        self.choices += 1
        try:
            return _tried(self.park, self.draft, box.sizes, found, self.options, self.progress, last=last)
        except InfeasibleError as error:
            self.refused = error if whole else None
            return None

    def _parts(self, count: int) -> Segments:
        from gridsim.dispatch.segments import segmented, single_steps
        from gridsim.dispatch.windows import window_borders

        steps = self.draft.steps
        return single_steps(steps) if count >= steps else segmented(self.draft, count, window_borders(steps))


def _gap(cost_cny: float, bound_cny: float) -> float:
    return (cost_cny - bound_cny) / max(abs(bound_cny), 1.0)


def _check_costs(sizes: Sizes) -> None:
    problems = [
        Problem(one.path, "costs nothing, so that its size means nothing", "give its technology a capital cost, or hold it")
        for one, cost in zip(sizes.free, sizes.cost_cny, strict=True)
        if cost <= 0.0
    ]
    if problems:
        raise DefinitionError("the free capacities", problems)


def _solved(program: Program, parts: Segments, options: dict[str, Any] | None, progress: Progress | None) -> Optimum:
    from gridsim.dispatch.optimum import optimum

    return optimum(program, *_how(parts, options, progress))


def _how(parts: Segments, options: dict[str, Any] | None, progress: Progress | None) -> tuple[dict[str, Any], Callable[[float], None] | None]:
    """HiGHS options of a relaxed program, and what is told while it is solved."""
    defaults = SIMPLEX_OPTIONS if parts.count <= FEW_STEPS else INTERIOR_OPTIONS | (LAST_OPTIONS if parts.count == parts.total else {})
    name = f"{parts.count:,} segments"
    return {**defaults, **(options or {})}, None if progress is None else (lambda _: progress(name, 0.0))


def _tried(
    park: Park,
    draft: NetworkDraft,
    sizes: Sizes,
    found: tuple[Program, Segments, Optimum],
    options: dict[str, Any] | None,
    progress: Progress | None,
    *,
    last: bool,
) -> tuple[float, np.ndarray, Park, Solved] | None:
    """Dispatch the relaxed optimum's capacities: cost, capacities, park, dispatch.

    On the edge of a yearly limit the relaxation's capacities may miss it by the hour. Then those are tried that keep it with a margin in the relaxation. None
    where no margin helped and a closer relaxation is to come.
    """
    from gridsim.dispatch.program_model import has_whole_numbers

    program, parts, relaxed = found
    windows = park.time.steps > FEW_STEPS and not has_whole_numbers(draft)
    for margin in (0.0, *MARGINS):
        nearer = relaxed if margin == 0.0 else _solved(_with_margin(program, relaxed.columns, margin), parts, options, progress)
        if nearer.condition != "optimal":
            break
        candidate = rounded(sizes, nearer.sizes, _at_end(parts))
        if windows:
            if (tried := _in_windows(park, sizes, candidate, (program, parts, nearer), progress)) is not None:
                return tried
        else:
            with suppress(InfeasibleError, BuildError):
                return _whole(park, sizes, candidate, progress)
        if not program.period:
            break
    return _whole(park, sizes, rounded(sizes, relaxed.sizes, AT_END), progress) if last else None


def _with_margin(program: Program, columns: np.ndarray, margin: float) -> Program:
    """Return the program with its limits of periods tighter by a share of what flows in them."""
    lower, upper = program.row_lower.copy(), program.row_upper.copy()
    for rows in program.period.values():
        room = margin * (abs(program.matrix[rows.start : rows.stop]) @ np.abs(columns))
        one_sided = lower[rows] < upper[rows]  # what is owed exactly stays
        lower[rows] += np.where(one_sided, room, 0.0)
        upper[rows] -= np.where(one_sided, room, 0.0)
    return dataclasses.replace(program, row_lower=lower, row_upper=upper)


def _at_end(parts: Segments) -> float:
    return AT_END if parts.count <= FEW_STEPS else AT_END_INTERIOR


def _in_windows(
    park: Park, sizes: Sizes, candidate: np.ndarray, relaxed: tuple[Program, Segments, Optimum], progress: Progress | None
) -> tuple[float, np.ndarray, Park, Solved] | None:
    """Dispatch every hour of a park with these capacities, in windows on the relaxed optimum's way; None where that comes to no end."""
    from gridsim.dispatch.model import make_draft
    from gridsim.dispatch.program import make_program
    from gridsim.dispatch.result import Termination
    from gridsim.dispatch.rolling_draft import WindowIndex
    from gridsim.dispatch.segments import single_steps
    from gridsim.dispatch.sizes import Sizes, resized
    from gridsim.dispatch.solve import audited
    from gridsim.dispatch.windows import dispatch_windows, guide

    resized_park = resized(park, sizes.free, candidate)
    draft = make_draft(resized_park)
    began = clock.perf_counter()
    hourly = make_program(draft, single_steps(draft.steps), Sizes.none(), with_order=True)
    watch = None if progress is None else (lambda share: progress("dispatch", share))
    columns = dispatch_windows(draft, hourly, guide(*relaxed, hourly), watch=watch)
    if columns is None:
        return None
    return _costed(resized_park, candidate, audited(draft, WindowIndex(hourly), columns, Termination("windows", 0.0, clock.perf_counter() - began)))


def _whole(park: Park, sizes: Sizes, candidate: np.ndarray, progress: Progress | None) -> tuple[float, np.ndarray, Park, Solved]:
    """Dispatch every hour at once, with everything that a run keeps; an error tells why that cannot be."""
    from gridsim.dispatch.sizes import resized
    from gridsim.dispatch.solve import solve

    resized_park = resized(park, sizes.free, candidate)
    return _costed(resized_park, candidate, solve(resized_park, progress=progress))


def _costed(park: Park, candidate: np.ndarray, solved: Solved) -> tuple[float, np.ndarray, Park, Solved]:
    from gridsim.dispatch.sizes import yearly_cost

    return solved.dispatch.objective_cny + yearly_cost(park), candidate, park, solved
