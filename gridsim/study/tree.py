"""Who starts from whom: the scenarios of one structure as a tree of short steps, from the one in their middle outwards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from gridsim.study.axes import Axis, is_number
from gridsim.study.scenarios import Scenario, canonical

if TYPE_CHECKING:
    from numpy.typing import NDArray

SCENARIOS_A_BRANCH = 40
"""So many to each that is reached in one long step, from where others go on: a warm run takes steps of the simplex method in proportion to its distance
(measured), so that a long step costs as much as the short ones that it leaps over, and lets another worker begin there."""
DECIMALS = 9
"""Of distances, so that those that are meant to be equal are."""


def starts_of(scenarios: Sequence[Scenario], axes: Sequence[Axis]) -> list[tuple[int, int | None]]:
    """Return each scenario's index with that of the scenario whose basis it starts from, none before the one it starts from; None is from nothing.

    Texts such as another stage or profile set make another program, and so another tree; so does a value that the park does not write. In each tree the first
    is the middle, the scenario with the smallest sum of distances to all others, every axis measured by its range. Then come a few that lie farthest from
    all before them [1]_, and the others in the order in which they are nearest to those before them, as in Prim's shortest spanning tree [2]_. Each starts from
    the nearest one before it; where several are as near, that with the fewest steps from the middle counts, so that the tree stays flat.

    The tree follows from the scenarios alone. So does where each starts, whatever was run before it and in whichever process.

    References
    ----------
    .. [1] T. F. Gonzalez, "Clustering to minimize the maximum intercluster distance", Theoretical Computer Science 38, 293-306, 1985.
       doi:10.1016/0304-3975(85)90224-5
    .. [2] R. C. Prim, "Shortest connection networks and some generalizations", Bell System Technical Journal 36(6), 1389-1401, 1957.
       doi:10.1002/j.1538-7305.1957.tb01515.x
    """
    texts = [axis.path for axis in axes if not axis.numeric]
    groups: dict[str, list[int]] = {}
    for index, scenario in enumerate(scenarios):
        unwritten = [path for path, value in scenario.values.items() if value is None]
        groups.setdefault(canonical([unwritten, *(scenario.values[path] for path in texts)]), []).append(index)
    found: list[tuple[int, int | None]] = []
    for group in groups.values():
        found += [(group[own], None if start is None else group[start]) for own, start in _tree(_places([scenarios[index] for index in group]))]
    return found


def _places(scenarios: Sequence[Scenario]) -> NDArray[np.float64]:
    """Place each scenario by its numbers, each over its range. Shape (scenarios, numbers)."""
    numbers = [path for path in scenarios[0].values if all(is_number(scenario.values[path]) for scenario in scenarios)]
    values = np.array([[scenario.values[path] for path in numbers] for scenario in scenarios], dtype=float)
    return values / np.maximum(np.ptp(values, axis=0), 1e-300)


def _tree(places: NDArray[np.float64]) -> list[tuple[int, int | None]]:
    count = len(places)
    found: list[tuple[int, int | None]] = []
    steps, start = np.zeros(count, dtype=np.int64), np.full(count, -1)
    apart, waits = np.full(count, np.inf), np.ones(count, dtype=bool)

    def place(own: int) -> None:
        found.append((own, None if start[own] < 0 else int(start[own])))
        steps[own], waits[own] = 0 if start[own] < 0 else steps[start[own]] + 1, False
        distances = np.round(np.abs(places - places[own]).sum(axis=1), DECIMALS)
        nearer = (distances < apart) | ((distances == apart) & (steps[own] < steps[start]))
        apart[nearer], start[nearer] = distances[nearer], own

    place(_middle(places))
    for _ in range(count // SCENARIOS_A_BRANCH):
        place(int(np.argmax(np.where(waits, apart, -np.inf))))
    while waits.any():
        nearest = np.flatnonzero(waits & (apart == apart[waits].min()))
        place(int(nearest[np.argmin(steps[start[nearest]])]))
    return found


def _middle(places: NDArray[np.float64]) -> int:
    """Return the place with the smallest sum of distances to all others, by sums over ordered numbers and not over every pair."""
    apart, count = np.zeros(len(places)), len(places)
    for numbers in places.T:
        ordered = np.sort(numbers)
        below = np.searchsorted(ordered, numbers)
        sums = np.concatenate([[0.0], np.cumsum(ordered)])
        apart += numbers * below - sums[below] + (sums[-1] - sums[below]) - numbers * (count - below)
    return int(np.argmin(np.round(apart, DECIMALS)))
