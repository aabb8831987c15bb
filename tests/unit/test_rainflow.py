"""Rainflow counting against the published example of ASTM E1049 and against a second, point-by-point way."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridsim.physics.rainflow import rainflow, turning_points

STANDARD = [-2, 1, -3, 5, -1, 3, -4, 4, -2]


def histogram(cycles) -> dict[float, float]:
    counts: Counter[float] = Counter()
    for size, count in zip(cycles.range.tolist(), cycles.count.tolist(), strict=True):
        counts[round(size, 9)] += count
    return dict(counts)


def test_published_example():
    """Proves: ASTM E1049-85, figure 6: range 3 half a cycle, 4 one and a half, 6 half, 8 one, 9 half.

    Breaks as: {3: 1, 4: 2, ...} if what does not close were whole cycles; 4: 1.0 without the closed pair (-1, 3).
    """
    assert histogram(rainflow(STANDARD)) == {3.0: 0.5, 4.0: 1.5, 6.0: 0.5, 8.0: 1.0, 9.0: 0.5}


def test_published_example_means():
    """Proves: the closed cycle is the pair (-1, 3): mean 1; the largest range 5 to -4 has mean 0.5."""
    cycles = rainflow(STANDARD)
    closed = cycles.count == 1.0
    assert cycles.mean[closed].tolist() == [1.0]
    assert cycles.mean[cycles.range == 9.0].tolist() == [0.5]


def test_repeating_history_closes_every_cycle():
    """Proves: 5.4.5: begun at its highest value 5, the history is 5 -1 3 -4 4 -2 1 -3 5 (the two -2 are one turning point, as it repeats):
    (-1, 3), (-2, 1), (4, -3) and (5, -4) close.

    Breaks as: halves of 9 left over if the last way up were not joined with the first way down.
    """
    cycles = rainflow(STANDARD, repeating=True)
    assert histogram(cycles) == {3.0: 1.0, 4.0: 1.0, 7.0: 1.0, 9.0: 1.0}
    assert set(cycles.count.tolist()) == {1.0}


def test_square_wave_is_counted_whole():
    """Proves: a battery filled and emptied daily: 0 1 0 1 … 0 has 2 × 100 half ranges of 1: 100 cycles.

    Breaks as: hundreds of passes (a hang) if equal neighbours were taken one at a time; too few if overlapping pairs were removed twice.
    """
    wave = np.tile([0.0, 1.0], 101)[:201]
    assert histogram(rainflow(wave)) == {1.0: 100.0}
    assert rainflow(wave).equivalent == pytest.approx(100.0)


def three_point(series) -> dict[float, float]:
    """ASTM E1049 5.4.4, point by point as the standard words it."""
    counts: Counter[float] = Counter()
    points: list[float] = []
    for point in turning_points(series).tolist():
        points.append(point)
        while len(points) >= 3:
            x, y = abs(points[-1] - points[-2]), abs(points[-2] - points[-3])
            if x < y:
                break
            if len(points) == 3:
                counts[y] += 0.5
                points.pop(0)
            else:
                counts[y] += 1.0
                del points[-3:-1]
    for a, b in pairwise(points):
        counts[abs(a - b)] += 0.5
    return dict(counts)


@given(st.lists(st.integers(-4, 4), min_size=2, max_size=60))
def test_arrays_count_as_the_standard_does(series):
    """Proves: passes over arrays and the standard's stack of points give one histogram, for ties and plateaus as well."""
    assert histogram(rainflow(series)) == three_point(series)


@given(st.lists(st.integers(0, 9), min_size=2, max_size=60))
def test_nothing_of_the_way_is_lost(series):
    """Proves: Σ 2 · count · range is the length of the way up and down, so a law with exponent 1 sees throughput only."""
    way = float(np.abs(np.diff(np.asarray(series, dtype=float))).sum())
    assert 2.0 * rainflow(series).equivalent == pytest.approx(way)


@pytest.mark.parametrize("series", [[], [1.0], [1.0, 1.0, 1.0]])
def test_what_never_moves_has_no_cycles(series):
    assert rainflow(series).range.size == 0
    assert rainflow(series, repeating=True).equivalent == 0.0
