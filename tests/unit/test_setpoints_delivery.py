"""What is delivered of what was asked, what the market makes of it, and how owners share it to the cent: by hand."""

from __future__ import annotations

import itertools
from decimal import Decimal

import numpy as np
import pytest

from gridsim.errors import DefinitionError
from gridsim.vpp.setpoints.assets import Assets
from gridsim.vpp.setpoints.response import deviation, follow, follow_section
from gridsim.vpp.setpoints.score import accuracy, adjustments, recalled_south, regulation_index
from gridsim.vpp.setpoints.section import DeliveryTerms, Response, SetPointsSection
from gridsim.vpp.setpoints.settlement import OPERATOR, Course, coalition_values, settle, to_the_cent
from gridsim.vpp.setpoints.shapley import shapley
from gridsim.vpp.setpoints.split import split

TERMS = DeliveryTerms(price_cny_per_mwh=400.0, band_share=0.1, penalty_cny_per_mwh=1000.0)


def test_dead_time_ramp_and_availability():
    """Proves, in steps of 60 s: one step late; at most 3 MW a step, up and down; four fifths; a step and a half is half of either step."""
    asked = np.repeat(np.array([[10.0], [10.0], [10.0], [10.0], [0.0], [0.0]]), 4, axis=1)
    found = follow(asked, 60.0, [60.0, 0.0, 0.0, 90.0], [np.inf, 3.0, np.inf, np.inf], [1.0, 1.0, 0.8, 1.0])
    assert found[:, 0].tolist() == [0.0, 10.0, 10.0, 10.0, 10.0, 0.0]
    assert found[:, 1].tolist() == [3.0, 6.0, 9.0, 10.0, 7.0, 4.0]
    assert found[:, 2].tolist() == [8.0, 8.0, 8.0, 8.0, 0.0, 0.0]
    assert found[:, 3].tolist() == [0.0, 5.0, 10.0, 10.0, 10.0, 5.0]


def test_what_is_not_stated_follows_at_once():
    asked = np.array([[4.0, 4.0], [0.0, -4.0]])
    section = SetPointsSection(response={"dr_1": Response(availability=0.5)})
    assert follow_section(asked, ["battery_1", "dr_1.step_2"], 10.0, section).tolist() == [[4.0, 2.0], [0.0, -2.0]]
    assert (follow_section(asked, ["battery_1", "dr_1.step_2"], 10.0) == asked).all()


def test_pay_and_penalty_of_a_deviation():
    """Proves, a quarter of an hour each: 10 asked and 10.5 given pay 10 and stay in the band; 8 given is 1 MW beyond it; against the signal nothing is paid and
    11 MW too many are missing; without a signal all is beyond.
    """
    found = deviation(np.array([10.0, -10.0, 10.0, 0.0]), np.array([10.5, -8.0, -2.0, 3.0]), 0.25, TERMS)
    assert found.paid_mwh.tolist() == [2.5, 2.0, 0.0, 0.0]
    assert found.penalised_mwh == pytest.approx([0.0, 0.25, 2.75, 0.75])
    assert found.payment_cny.tolist() == [1000.0, 800.0, 0.0, 0.0]
    assert found.penalty_cny == pytest.approx([0.0, 250.0, 2750.0, 750.0])
    assert found.within_band.tolist() == [True, False, False, False]


def test_accuracy():
    """Proves: 3 MW apart of 20 MW asked leave 0.85; more apart than asked leaves 0."""
    assert accuracy(np.array([10.0, -10.0]), np.array([9.0, -8.0])) == pytest.approx(0.85)
    assert accuracy(np.array([1.0]), np.array([5.0])) == 0.0
    assert accuracy(np.zeros(2), np.zeros(2)) == 1.0


def test_speed_response_time_and_error_of_an_adjustment():
    """Proves: 10 MW asked, one step of 6 s dead, then 2 MW a step, 0.2 MW short at the end: a tenth after 1.5 steps = 9 s, nine tenths after 5.5 steps, so 8 MW
    in 24 s = 20 MW/min; the error is the mean of 0.2 MW from there on. Back to 5 MW at once: within one step.
    """
    signal = np.array([10.0] * 8 + [5.0] * 3)
    delivered = np.array([0.0, 2.0, 4.0, 6.0, 8.0, 9.8, 9.8, 9.8, 5.0, 5.0, 5.0])
    found = adjustments(signal, delivered, 6.0)
    assert found.change_mw.tolist() == [10.0, -5.0]
    nine_tenths = 5.0 + 1.0 / 1.8
    assert found.response_seconds == pytest.approx([9.0, 6.0 * 0.5 / 4.8])
    assert found.speed_mw_per_minute == pytest.approx([8.0 / ((nine_tenths - 1.5) * 0.1), 4.0 / (4.0 / 4.8 * 0.1)])
    assert found.error_mw == pytest.approx([0.2, 0.0])


def test_the_index_and_an_adjustment_that_never_ends():
    """Proves: (2 · 16/20 + (1 − 30/300) + (1 − 0.3/1.5)) / 4 for 100 MW; an adjustment that stays halfway shows a response time only."""
    found = adjustments(np.array([10.0] * 3), np.array([5.0, 5.0, 5.0]), 60.0)
    assert found.response_seconds == pytest.approx([12.0])
    assert np.isnan(found.speed_mw_per_minute).all() and np.isnan(found.error_mw).all()
    steady = adjustments(np.array([10.0, 10.0, 10.0]), np.array([2.0, 9.7, 9.7]), 60.0)
    index = regulation_index(steady, recalled_south(20.0, 100.0))
    tenth, most = 0.5 * 60.0, (1.0 + 7.0 / 7.7) * 60.0
    speed = 8.0 / ((most - tenth) / 60.0)
    assert index["k1"] == pytest.approx(speed / 20.0)
    assert index["k2"] == pytest.approx(1.0 - 30.0 / 300.0)
    assert index["k3"] == pytest.approx(1.0 - 0.3 / 1.5)
    assert index["k"] == pytest.approx((2 * index["k1"] + index["k2"] + index["k3"]) / 4)


def test_shapley_of_three_by_hand():
    """Proves: v(1) = 10, v(2) = 20, v(3) = 30, v(12) = 50, v(13) = 60, v(23) = 70, v(123) = 120. Over the six orders 1 adds 10, 10, 30, 50, 30, 50 =
    180/6 = 30; 2 adds 40, 60, 20, 20, 60, 40 = 240/6 = 40; 3 adds 70, 50, 70, 50, 30, 30 = 300/6 = 50. Also against all orders, one by one, for four.
    """
    assert shapley(np.array([0.0, 10, 20, 50, 30, 60, 70, 120])) == pytest.approx([30.0, 40.0, 50.0])
    value = np.append(0.0, np.random.default_rng(1).uniform(0, 100, 15))
    added = np.zeros(4)
    for order in itertools.permutations(range(4)):
        group = 0
        for player in order:
            added[player] += value[group | 1 << player] - value[group]
            group |= 1 << player
    assert shapley(value) == pytest.approx(added / 24)


def three_owners() -> Assets:
    """A can give 4 MW at 100, B 6 MW at 200, C 10 MW at 300 CNY/MWh."""
    return Assets.of(["a", "b", "c"], 0.0, [4.0, 6.0, 10.0], [100.0, 200.0, 300.0], owner=["A", "B", "C"])


def net(found) -> dict[str, Decimal]:
    return {line.participant: line.net_cny for line in found.lines}


def test_shared_by_what_was_delivered():
    """Proves: 8 MW for an hour at 400 are 3200; A's 4 and B's 4 MW earn 1600 each, C and the operator nothing."""
    course = Course.of([split(8.0, three_owners())])
    found = settle(course, course.asked_mw, 1.0, TERMS)
    assert net(found) == {"A": Decimal("1600.00"), "B": Decimal("1600.00"), "C": Decimal("0.00"), OPERATOR: Decimal("0.00")}
    assert [line.share for line in found.lines] == [0.5, 0.5, 0.0, 0.0]


def test_shared_by_merit_at_a_uniform_price():
    """Proves: B is the dearest that was used, so both get 200 a MWh; the operator keeps 1600."""
    course = Course.of([split(8.0, three_owners())])
    assert list(net(settle(course, course.asked_mw, 1.0, TERMS, "merit")).values()) == [
        Decimal("800.00"),
        Decimal("800.00"),
        Decimal("0.00"),
        Decimal("1600.00"),
    ]


def test_shared_by_the_shapley_value():
    """Proves, by hand: alone A earns 4·300 = 1200, B 6·200 = 1200, C 8·100 = 800; A and B 1200 + 4·200 = 2000, A and C 1200 + 4·100 = 1600, B and C 1200 +
    2·100 = 1400, all 2000. A adds 1200, 1200, 800, 800, 600, 800 in its places: φ = (2·1200 + 800 + 800 + 2·600)/6 = 866.67; B (2·1200 + 800 + 600 + 2·400)/6 =
    766.67; C (2·800 + 400 + 200 + 2·0)/6 = 366.67. With costs of 400 and 800: 1266.67, 1566.67, 366.67 (a fen less for one of them).
    """
    course = Course.of([split(8.0, three_owners())])
    assert coalition_values(course, 1.0, 400.0).tolist() == [0.0, 1200.0, 1200.0, 2000.0, 800.0, 1600.0, 1400.0, 2000.0]
    found = settle(course, course.asked_mw, 1.0, TERMS, "shapley")
    amounts = list(net(found).values())
    assert [float(amount) for amount in amounts] == pytest.approx([1266.67, 1566.67, 366.67, 0.0], abs=0.011)
    assert sum(amounts) == Decimal("3200.00")


def test_who_deviates_pays_and_the_shortfall_is_the_operators():
    """Proves: 23 MW asked of 20. B gives 3 of its 6, A a MW too much: 5 MW short in all, 2.7 beyond the band of 2.3, 2700 CNY; missing are B's 3 and the
    operator's 3, so each pays half; A, who deviated the other way, nothing.
    """
    course = Course.of([split(23.0, three_owners())])
    found = settle(course, np.array([[5.0, 3.0, 10.0]]), 1.0, TERMS)
    assert [line.penalty_cny for line in found.lines] == [Decimal("0.00"), Decimal("1350.00"), Decimal("0.00"), Decimal("1350.00")]
    assert found.payment_cny == Decimal("7200.00")
    assert [line.delivered_mwh for line in found.lines] == [4.0, 3.0, 10.0, 0.0]
    assert [float(line.payment_cny) for line in found.lines] == pytest.approx([7200 * 4 / 17, 7200 * 3 / 17, 7200 * 10 / 17, 0.0], abs=0.011)


@pytest.mark.parametrize("rule", ["delivered", "merit", "shapley"])
def test_what_comes_where_nobody_was_asked_is_the_operators(rule):
    """Proves: 8 MW are asked and given, then 2 MW for which nobody has room; A still gives 1 MW, late from before: 3200 and 400 CNY, the latter nobody's."""
    full = Assets.of(["a", "b", "c"], 0.0, 0.0, [100.0, 200.0, 300.0], owner=["A", "B", "C"])
    course = Course.of([split(8.0, three_owners()), split(2.0, full)])
    found = settle(course, course.asked_mw + np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0]]), 1.0, TERMS, rule)
    assert found.payment_cny == Decimal("3600.00") == sum(line.payment_cny for line in found.lines)
    if rule == "delivered":
        assert [line.payment_cny for line in found.lines] == [Decimal("1600.00"), Decimal("1600.00"), Decimal("0.00"), Decimal("400.00")]


@pytest.mark.parametrize("rule", ["delivered", "merit", "shapley"])
def test_a_month_adds_up_to_the_cent(rule):
    """Proves: 2880 quarters of an hour with late, slow and unreliable assets: every line, payment and penalty apart, adds up to the park's."""
    assets = three_owners()
    both_ways = Assets.of(assets.names, [-5.0, -1.0, -3.0], assets.high_mw, assets.cost_up_cny_per_mwh, owner=assets.owner)
    signals = np.random.default_rng(9).uniform(-10.0, 22.0, 2880)
    course = Course.of([split(signals[:1000], assets), split(signals[1000:], both_ways)])
    delivered = follow(course.asked_mw, 900.0, [0.0, 300.0, 900.0], [np.inf, 0.2, 1.0], [1.0, 0.97, 1.0])
    found = settle(course, delivered, 0.25, TERMS, rule)
    parts = deviation(signals, delivered.sum(axis=1), 0.25, TERMS)
    assert sum(line.payment_cny for line in found.lines) == found.payment_cny == Decimal(str(round(parts.payment_cny.sum(), 2)))
    assert sum(line.penalty_cny for line in found.lines) == found.penalty_cny == Decimal(str(round(parts.penalty_cny.sum(), 2)))
    assert sum(line.net_cny for line in found.lines) == found.net_cny
    assert sum(line.share for line in found.lines) == pytest.approx(1.0)


def test_the_largest_remainder_gets_the_missing_fen():
    """Proves: thirds of 1 CNY are 0.34, 0.33, 0.33 (the first of equals); 0.125, 0.126 and −0.251 of 0.00 are 0.12, 0.13 and −0.25."""
    assert to_the_cent([1 / 3] * 3, Decimal("1.00")) == [Decimal("0.34"), Decimal("0.33"), Decimal("0.33")]
    assert to_the_cent([0.125, 0.126, -0.251], Decimal("0.00")) == [Decimal("0.12"), Decimal("0.13"), Decimal("-0.25")]
    with pytest.raises(ValueError, match="cannot be rounded"):
        to_the_cent([1.0, 2.0], Decimal("5.00"))


def test_what_cannot_be_settled():
    one = split(8.0, three_owners())
    with pytest.raises(DefinitionError, match="not of the same assets"):
        Course.of([one, split(1.0, Assets.of(["z"], 0.0, 1.0, 1.0))])
    with pytest.raises(DefinitionError, match="has shape"):
        settle(Course.of([one]), np.zeros((2, 3)), 1.0, TERMS)
    many = Assets.of([f"a{at}" for at in range(13)], 0.0, 1.0, 10.0, owner=[OPERATOR] + [f"o{at}" for at in range(12)])
    course = Course.of([split(8.0, many)])
    with pytest.raises(DefinitionError, match="takes too long") as refused:
        settle(course, course.asked_mw, 1.0, TERMS, "shapley")
    assert len(refused.value.problems) == 2
