"""The ageing law by hand."""

import math

import numpy as np
import pytest

from gridsim.physics.battery_ageing import cycle_loss_per_year, remaining_capacity, years_to_end_of_life
from gridsim.physics.rainflow import Cycles, rainflow


def cycles(depth: float, count: float) -> Cycles:
    return Cycles(np.array([depth]), np.array([depth / 2]), np.array([count]))


def test_a_cycle_a_day():
    """Proves: 365 cycles of 90 % where 7000 of them take 20 %: 0.2 × 365 / 7000 = 0.0104286 a year."""
    assert cycle_loss_per_year(cycles(0.9, 365.0), 7000.0, 0.9, 2.5, 0.8) == pytest.approx(0.2 * 365 / 7000, rel=1e-12)


def test_half_the_depth_lasts_as_often_as_it_says():
    """Proves: 2.5 times as many cycles of 45 %; so 2 × 365 of them (the same energy) take 0.8 of the damage.

    Breaks as: 1.0 if only throughput counted; 0.16 if the exponent were applied twice.
    """
    whole = cycle_loss_per_year(cycles(0.9, 365.0), 7000.0, 0.9, 2.5, 0.8)
    halves = cycle_loss_per_year(cycles(0.45, 730.0), 7000.0, 0.9, 2.5, 0.8)
    assert halves / whole == pytest.approx(2.0 / 2.5, rel=1e-12)


def test_four_weeks_stand_for_a_year():
    """Proves: 28 cycles in 28 of 365 days wear as 365 in a year. Breaks as: a battery that lasts 13 times as long."""
    part = cycle_loss_per_year(cycles(0.9, 28.0), 7000.0, 0.9, 2.5, 0.8, share_of_year=28 / 365)
    assert part == pytest.approx(0.2 * 365 / 7000, rel=1e-12)


def test_capacity_by_year():
    """Proves: 12 % in ten years by the calendar with the root of time: 6 % after 2.5; with 1 % a year by cycles 1 - 0.06 - 0.025 = 0.915."""
    assert remaining_capacity([0.0, 2.5, 10.0], 0.12, 0.01) == pytest.approx([1.0, 0.915, 0.78], rel=1e-12)


@pytest.mark.parametrize(("calendar", "cycling"), [(0.12, 0.01), (0.0, 0.02), (0.2, 0.0), (0.05, 0.03)])
def test_life_is_when_the_capacity_has_fallen(calendar, cycling):
    """Proves: the closed root is where the law says 0.8. Calendar alone of 20 % in ten years: ten years; cycles alone of 2 %: ten years."""
    life = years_to_end_of_life(calendar, cycling, 0.8)
    assert remaining_capacity(life, calendar, cycling) == pytest.approx(0.8, rel=1e-12)
    if calendar == 0.0 or cycling == 0.0:
        assert life == pytest.approx(10.0)


def test_nothing_ages_for_ever():
    assert math.isinf(years_to_end_of_life(0.0, 0.0, 0.8))


def test_shallow_cycles_inside_a_deep_one():
    """Proves: 0 → 1 → 0.5 → 0.9 → 0 has one cycle of 1 and one of 0.4, found by counting and priced by depth: (1 + 0.4^α) / 1000.

    Breaks as: 1.4 / 1000 if throughput were counted as whole cycles.
    """
    alpha = math.log2(2.5)
    found = cycle_loss_per_year(rainflow([0.0, 1.0, 0.5, 0.9, 0.0]), 1000.0, 1.0, 2.5, 0.0)
    assert found == pytest.approx((1.0 + 0.4**alpha) / 1000.0, rel=1e-12)
