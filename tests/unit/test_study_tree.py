"""Who starts from whom."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from gridsim.study.axes import Axis
from gridsim.study.definition import read_study
from gridsim.study.scenarios import Scenario, scenarios_of
from gridsim.study.tree import SCENARIOS_A_BRANCH, starts_of
from tests.unit.test_study_definition import STARTER, study_in

AXES = [Axis("a", (0.0, 1.0)), Axis("b", (0.0, 1.0))]


def scenarios(points: Sequence[Sequence[float | None]]) -> list[Scenario]:
    return [Scenario(dict(zip("ab", point, strict=False)), {}) for point in points]


def depth(starts: Sequence[tuple[int, int | None]]) -> int:
    steps: dict[int | None, int] = {None: -1}
    for own, start in starts:  # a KeyError is a start that comes after what begins there
        steps[own] = steps[start] + 1
    return max(steps.values())


def test_a_row_of_sizes_goes_from_neighbour_to_neighbour_from_the_middle_outwards():
    starts = starts_of(scenarios([(size,) for size in (10, 20, 30, 40, 50)]), AXES[:1])
    assert starts[0] == (2, None)
    assert set(starts) == {(2, None), (1, 2), (3, 2), (0, 1), (4, 3)}


def test_a_grid_goes_by_short_steps_and_stays_flat():
    """Proves: of 5 × 5 at equal steps the middle is first, each starts one step away, and none is further from the middle than by the shortest way: four."""
    points = list(itertools.product(range(5), range(5)))
    starts = starts_of(scenarios(points), AXES)
    assert points[starts[0][0]] == (2, 2)
    assert all(sum(abs(a - b) for a, b in zip(points[own], points[start], strict=True)) == 1 for own, start in starts[1:])
    assert depth(starts) == 4


def test_axes_count_by_their_range():
    """Proves: 1000 kg of 10,000 are nearer than 5 MWh of 20, though the number is larger."""
    points = [(0, 0), (5, 0), (10, 0), (15, 0), (20, 0), (10, 10_000), (10, 1_000)]
    starts = dict(starts_of(scenarios(points), AXES))
    assert starts[6] == 2 and starts[5] == 6 and starts[0] == 1


def test_texts_and_what_the_park_does_not_write_make_trees_of_their_own(tmp_path: Path):
    problems = []
    study = read_study(study_in(tmp_path, f"question: Q\npark: {STARTER.as_posix()}\nhours: 24\nvary:\n  limits.a: [1, 2, 9]\n  stage: [x, y]\n"), problems)
    made = scenarios_of(study, {})
    starts = starts_of(made, study.axes)
    assert {tuple(made[own].values.values()): start and tuple(made[start].values.values()) for own, start in starts} == {
        (2, "x"): None, (1, "x"): (2, "x"), (9, "x"): (2, "x"), (2, "y"): None, (1, "y"): (2, "y"), (9, "y"): (2, "y"),
    }  # fmt: skip
    starts = dict(starts_of(scenarios([(1, None), (1, 0.5), (1, 0.6), (2, None)]), AXES[:1]))
    assert starts == {0: None, 3: 0, 1: None, 2: 1}


@pytest.mark.parametrize("count", [1, 2, SCENARIOS_A_BRANCH - 1, 200])
def test_each_scenario_once_after_the_one_it_starts_from(count: int):
    """Proves: also of points that are equal or at random; what the tree is does not hang on what is asked before; the middle is that of all pairs."""
    points = np.random.default_rng(5).integers(0, 12, (count, 2)).astype(float)
    made = scenarios(points.tolist())
    starts = starts_of(made, AXES)
    assert sorted(own for own, _ in starts) == list(range(count)) and sum(start is None for _, start in starts) == 1
    depth(starts)
    assert starts == starts_of(made, AXES)
    scaled = points / np.maximum(np.ptp(points, axis=0), 1e-300)
    sums = np.abs(scaled[:, None] - scaled[None]).sum(axis=(1, 2))
    assert sums[starts[0][0]] == pytest.approx(sums.min())


def test_a_long_row_begins_in_several_places():
    """Proves: 400 in a row do not wait for 200 steps from the middle to the end."""
    starts = starts_of(scenarios([(size,) for size in range(400)]), AXES[:1])
    assert depth(starts) < 60
    long = [abs(own - start) for own, start in starts[1:] if abs(own - start) > 1]
    assert len(long) <= 400 // SCENARIOS_A_BRANCH
