"""What to build: capacities of least cost, with a proof of how near they are to it.

Averages over segments of hours are a relaxation (`gridsim.dispatch.program`): their optimum is a lower bound, and its capacities are a candidate. The
candidate is dispatched in full, every hour, with everything that a run keeps, window after window on the relaxed optimum's way
(`gridsim.dispatch.windows`): its cost is an upper bound. Meanwhile the relaxed optimum's prices give a far better lower bound from windows of single hours
(`gridsim.dispatch.window_bound`). Between the two lies the optimum. Where the gap is too wide, segments are split and all is found again; hours alone leave
only what the relaxation leaves out, flows that must not meet.
"""

from __future__ import annotations

import dataclasses
import os
import time as clock
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.errors import BuildError, DefinitionError, InfeasibleError, Problem

if TYPE_CHECKING:
    from gridsim.dispatch.optimum import Optimum
    from gridsim.dispatch.program import Program
    from gridsim.dispatch.segments import Segments
    from gridsim.dispatch.sizes import Free, Sizes
    from gridsim.dispatch.solve import Solved
    from gridsim.dispatch.window_bound import WindowBound
    from gridsim.park.park import Park
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
    seconds: float

    @property
    def gap(self) -> float:
        """Cost over its lower bound, less 1."""
        return (self.cost_cny - self.bound_cny) / max(abs(self.bound_cny), 1.0)


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
    from gridsim.dispatch.segments import segmented, single_steps
    from gridsim.dispatch.sizes import find_sizes
    from gridsim.dispatch.windows import window_borders

    began = clock.perf_counter()
    draft, sizes = find_sizes(park, free)
    _check_costs(sizes)
    count = segments or (draft.steps if draft.steps <= FEW_STEPS else round(FIRST_SHARE * draft.steps))
    steps: list[Step] = []
    bound, best = -np.inf, None
    while True:
        exact = count >= draft.steps
        parts = single_steps(draft.steps) if exact else segmented(draft, count, window_borders(draft.steps))
        program, relaxed = _relaxed(draft, sizes, parts, options, progress)
        began_dispatch = clock.perf_counter()
        with _in_background(None if exact else _windows(draft, sizes, program, parts, relaxed)) as proof:
            tried = _tried(park, draft, sizes, (program, parts, relaxed), options, progress, last=exact)
            bound = max(bound, relaxed.bound_cny, proof())
        dispatch_seconds = clock.perf_counter() - began_dispatch
        if tried is not None and (best is None or tried[0] < best[0]):
            best = tried
        if best is None:
            count = draft.steps  # on the edge of what is possible only all hours tell, also that nothing is
            continue
        steps.append(Step(parts.count, bound, best[0], (best[0] - bound) / max(abs(bound), 1.0), relaxed.seconds, dispatch_seconds))
        if steps[-1].gap <= gap or parts.count >= draft.steps:
            break
        count = max(round(GROWTH * parts.count), parts.count + 1)
    cost, candidate, resized_park, solved = best
    values = {one.path: float(value) for one, value in zip(sizes.free, candidate, strict=True)}
    at_end = np.minimum(candidate - sizes.lower, sizes.upper - candidate) < AT_END * sizes.upper
    at_bound = tuple(one.path for one, ends in zip(sizes.free, at_end, strict=True) if ends)
    return Sizing(sizes.free, values, cost, bound, tuple(steps), solved, resized_park, at_bound, clock.perf_counter() - began)


def _check_costs(sizes: Sizes) -> None:
    problems = [
        Problem(one.path, "costs nothing, so that its size means nothing", "give its technology a capital cost, or hold it")
        for one, cost in zip(sizes.free, sizes.cost_cny, strict=True)
        if cost <= 0.0
    ]
    if problems:
        raise DefinitionError("the free capacities", problems)


def _relaxed(draft: NetworkDraft, sizes: Sizes, parts: Segments, options: dict[str, Any] | None, progress: Progress | None) -> tuple[Program, Optimum]:
    from gridsim.dispatch.outcome import refuse_program
    from gridsim.dispatch.program import make_program

    program = make_program(draft, parts, sizes)
    found = _solved(program, parts, options, progress)
    if found.condition != "optimal":
        refuse_program(draft, sizes, found.condition)
    return program, found


def _solved(program: Program, parts: Segments, options: dict[str, Any] | None, progress: Progress | None) -> Optimum:
    from gridsim.dispatch.optimum import optimum

    defaults = SIMPLEX_OPTIONS if parts.count <= FEW_STEPS else INTERIOR_OPTIONS | (LAST_OPTIONS if parts.count == parts.total else {})
    name = f"{parts.count:,} segments"
    watch = None if progress is None else (lambda seconds: progress(name, seconds))
    return optimum(program, {**defaults, **(options or {})}, watch)


def _windows(draft: NetworkDraft, sizes: Sizes, program: Program, parts: Segments, relaxed: Optimum) -> WindowBound:
    from gridsim.dispatch.program import make_program
    from gridsim.dispatch.segments import single_steps
    from gridsim.dispatch.window_bound import WindowBound
    from gridsim.dispatch.windows import window_borders

    return WindowBound(make_program(draft, single_steps(draft.steps), sizes), program, parts, relaxed, window_borders(draft.steps))


@contextmanager
def _in_background(windows: WindowBound | None) -> Iterator[Callable[[], float]]:
    """Prove the windows' bound on all processors while something else is done; give what waits for it. Without windows there is none."""
    if windows is None:
        yield lambda: -np.inf
        return
    with ThreadPoolExecutor(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()) as pool:
        parts = [pool.submit(windows.of_window, window) for window in range(windows.count)]
        try:
            yield lambda: windows.bound_cny([part.result() for part in parts])
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


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
        candidate = _rounded(sizes, nearer.sizes, AT_END if parts.count <= FEW_STEPS else AT_END_INTERIOR)
        if windows:
            if (tried := _in_windows(park, sizes, candidate, (program, parts, nearer), progress)) is not None:
                return tried
        else:
            with suppress(InfeasibleError, BuildError):
                return _whole(park, sizes, candidate, progress)
        if not program.period:
            break
    return _whole(park, sizes, _rounded(sizes, relaxed.sizes, AT_END), progress) if last else None


def _with_margin(program: Program, columns: np.ndarray, margin: float) -> Program:
    """Return the program with its limits of periods tighter by a share of what flows in them."""
    lower, upper = program.row_lower.copy(), program.row_upper.copy()
    for rows in program.period.values():
        room = margin * (abs(program.matrix[rows.start : rows.stop]) @ np.abs(columns))
        one_sided = lower[rows] < upper[rows]  # what is owed exactly stays
        lower[rows] += np.where(one_sided, room, 0.0)
        upper[rows] -= np.where(one_sided, room, 0.0)
    return dataclasses.replace(program, row_lower=lower, row_upper=upper)


def _rounded(sizes: Sizes, values: np.ndarray, at_end: float) -> np.ndarray:
    """Whole units where a capacity comes in units, the nearer number; ends of its range where it is at one but for a share of its largest value."""
    values = np.where(values - sizes.lower < at_end * sizes.upper, sizes.lower, np.where(sizes.upper - values < at_end * sizes.upper, sizes.upper, values))
    units = np.array([one.unit or 0.0 for one in sizes.free])
    whole = np.round(values / np.where(units > 0.0, units, 1.0)) * units
    return np.clip(np.where(units > 0.0, whole, values), sizes.lower, sizes.upper)


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
