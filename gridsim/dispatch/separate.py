"""Keep flows apart that met in a linear optimum, mostly without a binary.

Two flows that must not run at once (or out of order) may do so in a linear optimum because it makes no difference, or next to none: a loss-free store that
fills and empties, electricity that is free. Holding the smaller one at zero in those snapshots gives a dispatch whose objective can be compared with the
linear optimum, below which nothing lies: the difference is a proven gap. Only where it exceeds `ACCEPTED_GAP` are binaries needed.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from gridsim.technologies.draft import Exclusive, Ordered

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from gridsim.dispatch.highs import Answer, HighsModel

ACCEPTED_GAP = 1e-5
"""Largest relative rise of the objective; a tenth of what branch and bound is asked for. Reported as the answer's gap."""

MAX_TRIES = 5


def separated(
    highs: HighsModel,
    answer: Answer,
    column_of: Callable[[str], NDArray[np.int64]],
    broken_in: Callable[[Answer], list[tuple[Exclusive | Ordered, NDArray[np.bool_]]]],
    watch: Callable[[float], None],
) -> Answer | None:
    """Return an answer in which no two flows meet, with its proven gap, or None where keeping them apart costs more than `ACCEPTED_GAP`.

    ``column_of`` gives the columns of a component's flow (shape (T,)), ``broken_in`` the snapshots in which each request is broken by an answer.
    The bounds of the model are as before when this returns.
    """
    held: list[tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.float64]]] = []
    first, apart = answer, None
    for _ in range(MAX_TRIES):
        broken = [(request, where) for request, where in broken_in(answer) if where.any()]
        if not broken:
            apart = dataclasses.replace(answer, gap=_rise(answer, first))
            break
        for request, where in broken:
            held.append(_hold(highs, answer, request, column_of, where))
        answer = highs.solve(watch)
        if answer.condition != "optimal" or _rise(answer, first) > ACCEPTED_GAP:
            break
    for places, lower, upper in reversed(held):
        highs.highs.changeColsBounds(places.size, places, lower, upper)
    return apart


def _rise(answer: Answer, bound: Answer) -> float:
    return max(0.0, answer.objective - bound.objective) / max(1.0, abs(bound.objective))


def _hold(
    highs: HighsModel, answer: Answer, request: Exclusive | Ordered, column_of: Callable[[str], NDArray[np.int64]], where: NDArray[np.bool_]
) -> tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.float64]]:
    """Hold the smaller flow (of an order: the one that came too early) at zero where they met; return the former bounds of those columns."""
    first, second = column_of(request.first)[where], column_of(request.second)[where]
    smaller = second if isinstance(request, Ordered) else np.where(answer.columns[first] < answer.columns[second], first, second)
    places = smaller.astype(np.int32)
    program = highs.highs.getLp()
    lower, upper = np.array(program.col_lower_)[places], np.array(program.col_upper_)[places]
    highs.highs.changeColsBounds(places.size, places, np.minimum(lower, 0.0), np.zeros(places.size))
    return places, lower, upper
