"""Straight lines above a part-load curve: hand-made curves, and what must hold for every curve."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis.strategies import composite, floats, integers, lists

from gridsim.physics.part_load import fleet_envelope, fleet_production, module_blocks, module_tangents, running_production

HAND_LOAD, HAND_CONSUMPTION = [0.25, 0.5, 1.0], [1.25, 0.8, 1.0]
ALKALINE_LOAD = [0.30, 0.40, 0.50, 0.70, 1.00, 1.10]
ALKALINE_CONSUMPTION = [0.989, 0.972, 0.969, 0.978, 1.000, 1.008]


@composite
def curves(draw):
    """Loads on a 0.01 grid up to 1.2, consumptions between 0.7 and 3 of rated; not always a sensible electrolyser, always a valid curve."""
    steps = sorted(draw(lists(integers(1, 120), min_size=2, max_size=9, unique=True)))
    consumption = draw(lists(floats(0.7, 3.0), min_size=len(steps), max_size=len(steps)))
    return np.array(steps) / 100.0, np.array(consumption)


def envelope_at(load, envelope):
    """Production of the fleet when its segments are filled in order."""
    corners = np.append(0.0, np.cumsum(envelope.width_pu))
    return np.interp(load, corners, np.append(0.0, np.cumsum(envelope.width_pu * envelope.slope)))


def tangents_at(load, modules_on, tangents):
    lines = np.multiply.outer(tangents.slope, load) + np.multiply.outer(tangents.intercept_pu, modules_on)
    return lines.min(axis=0)


def test_fleet_envelope_by_hand():
    """Proves: the points make 0.25/1.25 = 0.2, 0.5/0.8 = 0.625 and 1.0. From the origin the best slope is 0.625/0.5 = 1.25, then
    0.375/0.5 = 0.75. At load 0.25 the fleet makes 0.3125 with half of its modules off; one module makes 0.2: gap 0.1125.

    Breaks as: slopes 0.8, 1.7, 0.75 if the points are only joined up.
    """
    envelope = fleet_envelope(HAND_LOAD, HAND_CONSUMPTION)
    assert envelope.width_pu == pytest.approx([0.5, 0.5])
    assert envelope.slope == pytest.approx([1.25, 0.75])
    assert envelope.gap_pu == pytest.approx(0.1125)


def test_module_tangents_by_hand():
    """Proves: 0.2 to 0.625 over 0.25 is 1.7 with intercept 0.625 - 1.7 * 0.5 = -0.225; 0.625 to 1.0 over 0.5 is 0.75 with intercept 0.25.

    Breaks as: intercept 0 and slope 1.25 if the origin is taken for a point.
    """
    tangents = module_tangents(HAND_LOAD, HAND_CONSUMPTION)
    assert tangents.slope == pytest.approx([1.7, 0.75])
    assert tangents.intercept_pu == pytest.approx([-0.225, 0.25])
    assert tangents.gap_pu == 0.0


def test_a_dent_in_the_curve_is_bridged_and_reported():
    """Proves: production 0.2, 0.5, 1.0 at loads 0.2, 0.6, 1.0 dents 0.1 below the straight line. Breaks as: two slopes, rising."""
    tangents = module_tangents([0.2, 0.6, 1.0], [1.0, 1.2, 1.0])
    assert tangents.slope == pytest.approx([1.0])
    assert tangents.intercept_pu == pytest.approx([0.0])
    assert tangents.gap_pu == pytest.approx(0.1)


def test_constant_consumption_is_one_segment():
    """Proves: c = 1 everywhere is h = p: one segment of width 1.1. Breaks as: three segments of slope 1, which a solver treats as ties."""
    envelope = fleet_envelope([0.1, 0.5, 1.1], [1.0, 1.0, 1.0])
    assert envelope.width_pu == pytest.approx([1.1])
    assert envelope.slope == pytest.approx([1.0])
    assert envelope.gap_pu == pytest.approx(0.0, abs=1e-12)


def test_a_slight_bend_is_kept():
    """Proves: production 0.5025 at 0.5 and 1.0025 at 1.0 are slopes 1.005 and 1.0. Breaks as: one slope of 1.0025 if merged."""
    assert fleet_envelope([0.5, 1.0], [1 / 1.005, 1 / 1.0025]).slope == pytest.approx([1.005, 1.0], abs=1e-9)


def test_alkaline_fleet_saves_three_percent_below_half_load():
    """Proves: the best point is load 0.5 with 0.969, so the first slope is 1 / 0.969 = 1.032 and the widths are 0.5, 0.2, 0.3, 0.1.
    At 0.3 the envelope promises 0.3 / 0.969 = 0.3096, one module makes 0.3 / 0.989 = 0.3033: gap 0.0063 of rated production.
    """
    envelope = fleet_envelope(ALKALINE_LOAD, ALKALINE_CONSUMPTION)
    assert envelope.width_pu == pytest.approx([0.5, 0.2, 0.3, 0.1])
    assert envelope.slope[0] == pytest.approx(1 / 0.969)
    assert envelope.gap_pu == pytest.approx(0.3 / 0.969 - 0.3 / 0.989)
    assert module_tangents(ALKALINE_LOAD, ALKALINE_CONSUMPTION).gap_pu == 0.0


@pytest.mark.parametrize(
    ("load", "consumption", "message"),
    [
        ([1.0], [1.0], "two or more"),
        ([0.5, 1.0], [1.0], "two or more"),
        ([0.5, 0.5], [1.0, 1.0], "strictly rising"),
        ([0.0, 1.0], [1.0, 1.0], "above zero and strictly rising"),
        ([0.5, 1.0], [1.0, 0.0], "consumption must be above zero"),
        ([0.5, float("nan")], [1.0, 1.0], "strictly rising"),
    ],
)
def test_a_curve_that_is_none_says_why(load, consumption, message):
    with pytest.raises(ValueError, match=message):
        fleet_envelope(load, consumption)
    with pytest.raises(ValueError, match=message):
        module_tangents(load, consumption)


@given(curve=curves())
def test_slopes_fall_strictly_and_widths_add_up(curve):
    envelope, tangents = fleet_envelope(*curve), module_tangents(*curve)
    assert np.all(np.diff(envelope.slope) < 0.0)
    assert np.all(np.diff(tangents.slope) < 0.0)
    assert np.all(envelope.width_pu > 0.0)
    assert envelope.width_pu.sum() == pytest.approx(curve[0][-1])


@given(curve=curves())
def test_no_point_lies_above_its_envelope_and_the_gap_is_the_largest_distance(curve):
    load, consumption = curve
    production = load / consumption
    for estimate, gap in (
        (envelope_at(load, fleet_envelope(*curve)), fleet_envelope(*curve).gap_pu),
        (tangents_at(load, np.ones_like(load), module_tangents(*curve)), module_tangents(*curve).gap_pu),
    ):
        assert np.all(estimate >= production - 1e-8)
        assert np.max(estimate - production) == pytest.approx(gap, abs=1e-8)
        assert estimate[-1] == pytest.approx(production[-1], abs=1e-8)


@given(curve=curves(), share=floats(0.0, 1.0))
def test_blocks_of_a_running_module_add_up_to_its_tangents(curve, share):
    """Proves: base block full, the others filled in order, is the lowest tangent. Breaks as: the base mixed into the increments."""
    load, _ = curve
    blocks = module_blocks(*curve)
    corners = np.cumsum(blocks.width_pu)
    at = load[0] + share * (load[-1] - load[0])
    assert np.interp(at, corners, np.cumsum(blocks.width_pu * blocks.slope)) == pytest.approx(tangents_at(at, 1.0, module_tangents(*curve)))


@given(curve=curves(), share=floats(0.001, 1.0))
def test_tangents_with_real_numbers_of_modules_give_the_fleet_envelope(curve, share):
    """Proves: the best of the tangents over 0 <= n_on <= 1 is the fleet's envelope. Breaks as: lower, if they cut off too much."""
    load, _ = curve
    total = share * load[-1]
    modules_on = np.clip(np.append(total / load, 1.0), total / load[-1], min(1.0, total / load[0]))
    best = tangents_at(np.full_like(modules_on, total), modules_on, module_tangents(*curve)).max()
    assert best == pytest.approx(envelope_at(total, fleet_envelope(*curve)), abs=1e-7)


# ---- whole modules


@pytest.mark.parametrize(
    ("modules", "power", "made"),
    [
        (1, [0.2, 0.25, 0.5, 1.0], [0.0, 0.2, 0.625, 1.0]),
        (2, [0.2, 0.75, 1.0, 1.5, 2.0], [0.0, 0.825, 1.25, 1.625, 2.0]),
        (3, [0.75, 1.25, 1.5, 3.0], [0.825, 1.45, 1.875, 3.0]),
    ],
)
def test_whole_modules_by_hand(modules, power, made):
    """Proves: 0.75 on one module makes 0.625 + 0.25 * 0.75 = 0.8125, on two 2 * (0.2 + 0.125 * 1.7) = 0.825, on three at their minimum 0.6. 1.25 makes 1.4375
    on two and 3 * (0.2 + 1.7 / 6) = 1.45 on three. Multiples of 0.5 run at the best point, 1.25 a unit of load.

    Breaks as: the envelope's 0.25, 0.9375, 1.5625; 0.6 where as many modules run as can.
    """
    assert fleet_production(power, modules, HAND_LOAD, HAND_CONSUMPTION) == pytest.approx(made, abs=1e-12)


def test_what_lies_between_one_module_and_two_is_left_over():
    """Proves: modules of 0.6 to 1.0 make 1.0 of 1.1, and 1.2 of 1.2. Breaks as: 0 or 1.1 at 1.1."""
    assert fleet_production([0.5, 1.1, 1.2], 2, [0.6, 1.0], [1.0, 1.0]) == pytest.approx([0.0, 1.0, 1.2])


def test_running_modules_share_their_power():
    """Proves: 1.0 on one module makes 1.0, on two 1.25, on four 4 * 0.2; on five, below their minimum load, nothing; nor where none runs."""
    assert running_production(np.ones(5), [1, 2, 4, 5, 0], HAND_LOAD, HAND_CONSUMPTION) == pytest.approx([1.0, 1.25, 0.8, 0.0, 0.0])


@pytest.mark.parametrize("modules", [1, 2, 5, 40])
def test_whole_alkaline_modules_meet_the_envelope_at_multiples_of_half_load(modules):
    """Proves: zero error with n modules at 50 % load, where the curve has its best point, and from there up; the largest error is what the envelope promises
    just below one module's minimum load, 0.3 / 0.969 of one module, which over the fleet shrinks as 1/N.
    """
    envelope = fleet_envelope(ALKALINE_LOAD, ALKALINE_CONSUMPTION)

    def missing(power):
        return modules * envelope_at(power / modules, envelope) - fleet_production(power, modules, ALKALINE_LOAD, ALKALINE_CONSUMPTION)

    assert missing(0.5 * np.arange(modules + 1)) == pytest.approx(0.0, abs=1e-9)
    assert missing(np.linspace(0.5 * modules, 1.1 * modules, 50)) == pytest.approx(0.0, abs=1e-9)
    everywhere = missing(np.append(np.linspace(0.0, 1.1 * modules, 2001), 0.3 * (1 - 2e-6)))
    assert everywhere.max() / modules == pytest.approx(0.3 / 0.969 / modules, rel=1e-5)
    assert everywhere.min() >= -1e-9


@given(curve=curves(), modules=integers(1, 6), share=floats(0.0, 1.0))
def test_the_best_number_of_modules_is_the_best_of_all(curve, modules, share):
    """Proves: looking beside the corners of the curve finds what trying every number finds."""
    power = share * modules * curve[0][-1]
    tried = running_production(np.full(modules, power), np.arange(1, modules + 1), *curve).max()
    assert fleet_production([power], modules, *curve) == pytest.approx([tried], rel=1e-9)
    assert tried <= modules * envelope_at(power / modules, fleet_envelope(*curve)) + 1e-5
