"""Points of an envelope, solved: the most power of starts and durations, and on request the states that their ways lead through."""

from __future__ import annotations

import time as clock
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gridsim.dispatch.envelope_window import Window

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.dispatch.envelope_program import Deviations

STARTS_A_PART = 24
"""Starts that are solved between two words of progress."""

SAME_MW = 1e-5
"""States of a step that differ by less are one, and a flow that changes by less stays as it is."""

Progress = Callable[[float], None]


@dataclass(frozen=True, eq=False)
class Task:
    """What is asked of every start."""

    deviations: Deviations
    calls: list[int]
    """Steps of each duration. D of them."""
    recovery: int
    exact: bool = False
    flows: tuple[str, ...] | None = None
    """Flows whose changes make up a state; None where no states are wanted. M of them."""


class States(NamedTuple):
    """What calls and their recoveries do otherwise than the dispatch. N states, V visits."""

    step: NDArray[np.int64]
    """Shape (N,)."""
    change: NDArray[np.float64]
    """Of each flow of the task. Shape (N, M). [MW]"""
    point: NDArray[np.int64]
    """Point of each visit: its place in an array of shape (S, D, 2), flattened. Shape (V,)."""
    state: NDArray[np.int64]
    """Shape (V,)."""


class Solved(NamedTuple):
    """S starts, D durations."""

    most: NDArray[np.float64]
    """Power and bound, up and down; not a number where nothing was asked. Shape (S, D, 2, 2). [MW]"""
    states: States | None
    cpu_seconds: float


def solve_points(
    task: Task, starts: NDArray[np.int64], wanted: NDArray[np.bool_] | None = None, *, processes: int = 1, progress: Progress | None = None
) -> Solved:
    """Solve the points of some starts.

    Parameters
    ----------
    wanted : array, optional
        Which points, by start, duration and direction (up, down); left out, all. Shape (S, D, 2).
    """
    wanted = np.ones((starts.size, len(task.calls), 2), dtype=bool) if wanted is None else wanted
    rows = np.flatnonzero(wanted.any(axis=(1, 2)))
    parts = np.array_split(rows, max(1, -(-rows.size // STARTS_A_PART)))
    most, seconds, states, done = np.full((*wanted.shape, 2), np.nan), 0.0, [], 0

    def take(number: int, solved: Solved) -> None:
        nonlocal seconds, done
        part = parts[number]
        most[part] = solved.most
        seconds += solved.cpu_seconds
        done += part.size
        if solved.states is not None:
            width = wanted[0].size
            states.append(solved.states._replace(point=part[solved.states.point // width] * width + solved.states.point % width))
        if progress is not None:
            progress(done / max(rows.size, 1))

    work = [(starts[part], wanted[part]) for part in parts]
    if processes <= 1:
        for number, one in enumerate(work):
            take(number, _part(task, one))
    else:
        pool = ProcessPoolExecutor(processes, mp_context=get_context("spawn"), initializer=_begin, initargs=(task,))
        try:
            for number, solved in enumerate(pool.map(_kept_part, work)):
                take(number, solved)
        finally:
            pool.shutdown(cancel_futures=True)
    return Solved(most, None if task.flows is None else _together(states, len(task.flows)), seconds)


def _part(task: Task, work: tuple[NDArray[np.int64], NDArray[np.bool_]]) -> Solved:
    began = clock.process_time()
    starts, wanted = work
    deviations, calls = task.deviations, task.calls
    flows = None if task.flows is None else np.array([deviations.kind[name] for name in task.flows], dtype=np.int64)
    most = np.full((*wanted.shape, 2), np.nan)
    order = sorted(range(len(calls)), key=lambda place: -calls[place])
    ways = []
    for row, start in enumerate(starts):
        window = Window(deviations, int(start), max(calls), task.recovery)
        for way, direction in enumerate((1, -1)):
            for place in order:
                if wanted[row, place, way] and start + calls[place] <= deviations.steps:
                    given = window.most(calls[place], direction, exact=task.exact)
                    most[row, place, way] = max(direction * given.power_mw, 0.0), max(direction * given.bound_mw, 0.0)
                    if flows is not None:
                        change = given.deviation[flows].T
                        moved = np.flatnonzero(np.abs(change).max(axis=1, initial=0.0) > SAME_MW)
                        point = np.full(moved.size, (row * len(calls) + place) * 2 + way)
                        ways.append((start + moved, change[moved], point))
    return Solved(most, None if flows is None else _states(ways, flows.size), clock.process_time() - began)


def _states(ways: list[tuple[NDArray, NDArray, NDArray]], flows: int) -> States:
    """Put ways together; what several lead through is one state."""
    none = (np.zeros(0, dtype=np.int64), np.zeros((0, flows)), np.zeros(0, dtype=np.int64))
    step, change, point = (np.concatenate(column) for column in zip(none, *ways, strict=True))
    rounded = np.column_stack([step, np.round(change / SAME_MW)]).astype(np.int64)
    _, first, state = np.unique(rounded, axis=0, return_index=True, return_inverse=True)
    return States(step[first], change[first], point, state.ravel())


def _together(parts: list[States], flows: int) -> States:
    before = np.cumsum([0, *(part.step.size for part in parts)])
    none = States(np.zeros(0, dtype=np.int64), np.zeros((0, flows)), np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
    shifted = [part._replace(state=part.state + offset) for part, offset in zip(parts, before, strict=False)]
    return States(*(np.concatenate(column) for column in zip(none, *shifted, strict=True)))


_task: list[Task] = []
"""What a process of the pool works on, handed over once."""


def _begin(task: Task) -> None:
    _task.append(task)


def _kept_part(work: tuple[NDArray[np.int64], NDArray[np.bool_]]) -> Solved:
    return _part(_task[0], work)
