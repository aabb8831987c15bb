"""Settlement of each product, worked out by hand to the cent."""

from __future__ import annotations

import datetime
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridsim.errors import DefinitionError
from gridsim.profiles.time_axis import TimeAxis
from gridsim.vpp.market.delivery import calls_of
from gridsim.vpp.market.library import shipped
from gridsim.vpp.market.lines import HEADINGS, joined
from gridsim.vpp.market.market import Market
from gridsim.vpp.market.settlement import (
    earned_by_call,
    mileage_mw,
    performance_index,
    settle_calls,
    settle_certificates,
    settle_energy,
    settle_regulation,
    settle_reserve,
)

DAY = TimeAxis(datetime.datetime(2030, 1, 31), 48)
"""31 January and 1 February."""


def series(values: dict[int, float], time: TimeAxis = DAY) -> np.ndarray:
    laid = np.zeros(time.steps)
    laid[list(values)] = list(values.values())
    return laid


def of(name: str, **terms: float) -> Market:
    return Market(shipped(name), dict(terms))


def amounts(statement) -> dict[tuple[str, str], Decimal]:
    return {(line.month, line.item): line.amount_cny for line in statement.lines}


def test_energy_and_its_imbalance():
    """Proves, line by line (CNY/MWh, MWh):

    Jan: sold 10 at 300 and 4 at 250.10 = 3000 + 1000.40 = 4000.40; bought 3 at 100 = −300.
    Metered 9 in place of 10 (1 short at 350 real time = −350) and 5 in place of 4 (1 long at 200 = 200).
    Feb: sold 2 at 333.333 = 666.67 (666.666 rounded half up).
    """
    sold = series({5: 10.0, 6: 4.0, 7: -3.0, 30: 2.0})
    metered = series({5: 9.0, 6: 5.0, 7: -3.0, 30: 2.0})
    price = series({5: 300.0, 6: 250.1, 7: 100.0, 30: 333.333})
    real_time = series({5: 350.0, 6: 200.0, 7: 999.0, 30: 999.0})
    found = settle_energy(of("im-spot-day-ahead"), DAY, sold, metered, price, real_time)
    assert amounts(found) == {
        ("2030-01", "energy.sold"): Decimal("4000.40"),
        ("2030-01", "energy.bought"): Decimal("-300.00"),
        ("2030-01", "energy.short"): Decimal("-350.00"),
        ("2030-01", "energy.long"): Decimal("200.00"),
        ("2030-02", "energy.sold"): Decimal("666.67"),
    }
    assert found.total_cny == Decimal("4217.07")
    assert found.by_month == {"2030-01": Decimal("3550.40"), "2030-02": Decimal("666.67")}


def test_imbalance_by_factors_and_tolerance():
    """Proves: 10 sold at 300, 8 metered, 5 % tolerated: 0.5 back at 300 = −150; 1.5 short at 1.2 × 300 = −540. 12 metered: +150 and 1.5 at 0.5 × 300 = 225."""
    market = of("im-spot-day-ahead", tolerance_share=0.05, imbalance_short_factor=1.2, imbalance_long_factor=0.5)
    sold, price = series({0: 10.0}), np.full(48, 300.0)
    short = amounts(settle_energy(market, DAY, sold, series({0: 8.0}), price))
    assert short["2030-01", "energy.tolerated"] == Decimal("-150.00") and short["2030-01", "energy.short"] == Decimal("-540.00")
    long = amounts(settle_energy(market, DAY, sold, series({0: 12.0}), price))
    assert long["2030-01", "energy.tolerated"] == Decimal("150.00") and long["2030-01", "energy.long"] == Decimal("225.00")


def test_what_is_metered_at_one_price_is_paid_at_that_price():
    """Proves: where deviations cost the day-ahead price, the statement is metered × price whatever was sold (20 MWh at 123.45 = 2469.00)."""
    price = np.full(48, 123.45)
    for sold in (0.0, 7.0, -5.0, 40.0):
        found = settle_energy(of("im-spot-day-ahead"), DAY, series({3: sold}), series({3: 20.0}), price)
        assert found.total_cny == Decimal("2469.00")


def test_a_capacity_call():
    """Proves: 15 CNY/kW for a call. Asked 4 MW for three hours; baseline 20, metered 17, 16, 15: 3 + 4 + 5 = 12 MWh, a mean of 4 MW: 4 × 15 000 = 60 000.00.

    Breaks as: 180 000 if it were paid by the hour.
    """
    asked, baseline = series({17: 4.0, 18: 4.0, 19: 4.0}), np.full(48, 20.0)
    metered = baseline - series({17: 3.0, 18: 4.0, 19: 5.0})
    found = settle_calls(of("nc-peak-response"), DAY, asked, baseline, metered)
    assert amounts(found) == {("2030-01", "call.capacity"): Decimal("60000.00")}
    assert found.lines[0].detail == "调用 1 次，未补偿 0 次 / 1 called, 0 unpaid"
    assert not found.notes


def test_filling_counts_the_other_way():
    """Proves: drawing 2 MW more for two hours earns 2 × 5000 CNY; drawing less earns nothing."""
    asked, baseline = series({2: 2.0, 3: 2.0}), np.full(48, 10.0)
    assert settle_calls(of("nc-valley-filling"), DAY, asked, baseline, baseline + asked).total_cny == Decimal("10000.00")
    assert settle_calls(of("nc-valley-filling"), DAY, asked, baseline, baseline - asked).total_cny == Decimal("0.00")


def test_thresholds_cap_and_penalty():
    """Proves: at 2000 CNY/MWh, nothing below half, half pay below 0.8, at most 1.2 of what was asked, twice the price for what is missing beyond 10 %.

    Four calls of 10 MWh (asked 10 MW, one hour each): delivered 4 → paid 0, missing 5; 7 → 0.5 × 7 = 3.5, missing 2; 9.5 → 9.5, missing 0; 15 → 12.
    Energy (0 + 3.5 + 9.5 + 12) × 2000 = 50 000.00; penalty (5 + 2) × 4000 = −28 000.00.
    """
    terms = {"energy_price_cny_per_mwh": 2000.0, "no_pay_below_share": 0.5, "full_pay_from_share": 0.8, "reduced_pay_factor": 0.5}
    market = of("cn-demand-response-peak", **terms, paid_up_to_share=1.2, penalty_factor=2.0, tolerance_share=0.1)
    asked = series({2: 10.0, 6: 10.0, 10: 10.0, 14: 10.0})
    baseline = np.full(48, 40.0)
    found = settle_calls(market, DAY, asked, baseline, baseline - series({2: 4.0, 6: 7.0, 10: 9.5, 14: 15.0}))
    assert amounts(found) == {("2030-01", "call.energy"): Decimal("50000.00"), ("2030-01", "call.energy_penalty"): Decimal("-28000.00")}
    assert found.lines[0].detail == "调用 4 次，未补偿 1 次 / 4 called, 1 unpaid"


def test_running_the_wrong_way_is_nothing_delivered():
    """Proves: 3 MW more import in place of 4 MW less miss 4 MWh, not 7: −4 × 2500 at a factor of 1, and nothing is paid."""
    market, asked, baseline = of("cn-demand-response-real-time", penalty_factor=1.0), series({5: 4.0}), np.full(48, 10.0)
    found = amounts(settle_calls(market, DAY, asked, baseline, baseline + series({5: 3.0})))
    assert found == {("2030-01", "call.energy"): Decimal("0.00"), ("2030-01", "call.energy_penalty"): Decimal("-10000.00")}


def test_a_share_that_meets_its_threshold_is_paid():
    """Proves: 0.1 + 0.2 + 0.5 of 1 MWh in binary numbers is 80 %, not below it."""
    market = of("cn-demand-response-peak", energy_price_cny_per_mwh=1000.0, no_pay_below_share=0.8)
    delivered = series({2: 0.1, 3: 0.2, 4: 0.5})
    found = calls_of(market, DAY, series({2: 0.25, 3: 0.25, 4: 0.5}), delivered)
    assert found.paid_mwh[0] == pytest.approx(0.8)


def test_a_call_belongs_to_the_month_it_begins_in():
    asked = series({22: 1.0, 23: 1.0, 24: 1.0})
    baseline = np.full(48, 5.0)
    found = settle_calls(of("cn-demand-response-real-time"), DAY, asked, baseline, baseline - asked)
    assert amounts(found) == {("2030-01", "call.energy"): Decimal("7500.00")}


def test_limits_are_said():
    """Proves: four calls in a day against three, and one of four hours against three, are settled and named."""
    asked = series({0: 1.0, 2: 1.0, 4: 1.0, 6: 1.0, 7: 1.0, 8: 1.0, 9: 1.0})
    notes = settle_calls(of("cn-demand-response-real-time"), DAY, asked, asked, 0 * asked).notes
    assert notes == (
        ("实时需求响应：2030-01-31 调用 4 次，上限 3 次/日", "Demand response in real time: 4 calls on 2030-01-31, at most 3 a day"),
        ("实时需求响应：1 次调用超过 3 小时", "Demand response in real time: 1 calls last longer than 3 h"),
    )
    eleven = series({4 * k: 1.0 for k in range(11)})
    notes = settle_calls(of("nc-peak-response"), DAY, eleven, eleven, 0 * eleven).notes
    name = "Peak response, example of northern China"
    assert [english for _, english in notes] == [f"{name}: 11 calls, at most 10 a year", f"{name}: 11 calls are shorter than 2 h"]


def test_reserve():
    """Proves: 5 MW held all 24 h of 31 January at 12 CNY/MW h = 1440; a call of 4 MW in hour 10 delivers 3: 3 × 500 = 1500, and 1 missing at 3 × 12 = −36."""
    held = series({k: 5.0 for k in range(24)})
    market = of("cn-reserve", capacity_price_cny_per_mw_h=12.0, energy_price_cny_per_mwh=500.0, penalty_factor=3.0)
    found = settle_reserve(market, DAY, held, series({10: 4.0}), series({10: 3.0}))
    assert amounts(found) == {
        ("2030-01", "reserve.capacity"): Decimal("1440.00"),
        ("2030-01", "reserve.energy"): Decimal("1500.00"),
        ("2030-01", "reserve.penalty"): Decimal("-36.00"),
    }


def test_a_failed_call_loses_its_capacity():
    """Proves: a call of two hours that delivers 2 of 8 MWh, below the half that is asked for, loses both hours: 22 × 5 × 12 = 1320, and no energy."""
    held = series({k: 5.0 for k in range(24)})
    market = of("cn-reserve", capacity_price_cny_per_mw_h=12.0, energy_price_cny_per_mwh=500.0, no_pay_below_share=0.5)
    found = settle_reserve(market, DAY, held, series({10: 4.0, 11: 4.0}), series({10: 2.0}))
    assert amounts(found) == {("2030-01", "reserve.capacity"): Decimal("1320.00")}
    with pytest.raises(DefinitionError, match="exceeds held_mw"):
        settle_reserve(market, DAY, held, series({30: 4.0}), series({30: 4.0}))


def test_regulation_in_shaanxi():
    """Proves: k = 0.2 (3·1.5 + 0.8 + 0.9) = 1.24; 40 MW of mileage at 8 CNY/MW = 40 × 1.24 × 8 = 396.80; no capacity payment."""
    market = of("sn-regulation-draft", mileage_price_cny_per_mw=8.0)
    index = performance_index(market, np.full(48, 1.5), np.full(48, 0.8), np.full(48, 0.9))
    np.testing.assert_allclose(index, 1.24)
    found = settle_regulation(market, DAY, series({3: 6.0}), series({3: 40.0}), index)
    assert amounts(found) == {("2030-01", "regulation.mileage"): Decimal("396.80")}
    assert performance_index(market, np.array([5.0]), np.array([1.0]), np.array([1.0]))[0] == 2.0  # 3.4, paid up to 2


def test_regulation_in_guangdong():
    """Proves: K = 0.25 (2·1.2 + 0.9 + 0.7) = 1; 10 MW for two hours at 12 = 240.00; 100 MW of mileage at 6.5 = 650.00; a profile of prices works too."""
    market = of("gd-regulation-2018")
    index = performance_index(market, np.full(48, 1.2), np.full(48, 0.9), np.full(48, 0.7))
    held, mileage = series({3: 10.0, 4: 10.0}), series({3: 60.0, 4: 40.0})
    found = settle_regulation(market, DAY, held, mileage, index, 6.5)
    assert amounts(found) == {("2030-01", "regulation.capacity"): Decimal("240.00"), ("2030-01", "regulation.mileage"): Decimal("650.00")}
    assert settle_regulation(market, DAY, held, mileage, index, series({3: 5.0, 4: 8.0})).of("regulation.mileage") == Decimal("620.00")
    poor = of("gd-regulation-2018", performance_least=1.01)
    assert settle_regulation(poor, DAY, held, mileage, index, 6.5).total_cny == Decimal("0.00")


def test_mileage_is_the_way_of_the_signal():
    """Proves: 0 → 3 → −1 → −1 is 3 + 4 + 0 = 7 MW."""
    np.testing.assert_allclose(mileage_mw(np.array([[0.0, 3.0, -1.0, -1.0], [2.0, 2.0, 2.0, 2.0]])), [7.0, 0.0])


def test_certificates():
    """Proves: 12.5 MWh at 5 CNY = 62.50, with the tariff's price before the market's."""
    market = of("cn-green-certificate", certificate_price_cny_per_mwh=9.0)
    green = series({1: 10.0, 2: 2.5})
    assert settle_certificates(market, DAY, green, 5.0).total_cny == Decimal("62.50")
    assert settle_certificates(market, DAY, green).total_cny == Decimal("112.50")


def test_what_nobody_stated_is_asked_for_at_once():
    nothing = np.zeros(48)
    with pytest.raises(DefinitionError, match=r"vpp.markets.offers.cn-reserve.terms.capacity_price_cny_per_mw_h: is not stated") as error:
        settle_reserve(of("cn-reserve"), DAY, nothing, nothing, nothing)
    assert len(error.value.problems) == 1
    with pytest.raises(DefinitionError, match="energy_price_cny_per_mwh"):
        settle_calls(of("cn-demand-response-peak"), DAY, nothing, nothing, nothing)
    with pytest.raises(DefinitionError, match="mileage_price_cny_per_mw"):
        settle_regulation(of("sn-regulation-draft"), DAY, nothing, nothing, nothing)
    with pytest.raises(DefinitionError, match="sells regulation"):
        settle_calls(of("sn-regulation-draft"), DAY, nothing, nothing, nothing)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_a_statement_adds_up(seed):
    """Proves: the total is the sum of months, of markets and of lines, each line is its quantity × price to the cent."""
    draw = np.random.default_rng(seed)
    asked = np.where(draw.random(48) < 0.3, draw.uniform(0.1, 9, 48), 0.0)
    baseline, metered = draw.uniform(20, 40, 48), draw.uniform(0, 40, 48)
    terms = {"energy_price_cny_per_mwh": float(draw.uniform(1, 5000)), "penalty_factor": 1.3, "no_pay_below_share": 0.5}
    found = joined(
        [
            settle_calls(of("cn-demand-response-peak", **terms), DAY, asked, baseline, metered),
            settle_energy(of("im-spot-day-ahead"), DAY, baseline - 30, metered - 30, draw.uniform(-50, 1500, 48), draw.uniform(-50, 1500, 48)),
            settle_regulation(of("gd-regulation-2018"), DAY, asked, draw.uniform(0, 30, 48), draw.uniform(0, 2, 48), draw.uniform(6, 15, 48)),
        ]
    )
    assert found.total_cny == sum(line.amount_cny for line in found.lines) == sum(found.by_month.values()) == sum(found.by_market.values())
    assert abs(found.total_cny - found.unrounded_cny) <= Decimal("0.005") * len(found.lines)
    for line in found.lines:
        assert line.amount_cny == line.unrounded_cny.quantize(Decimal("0.01"), "ROUND_HALF_UP")
        if line.quantity:
            assert abs(line.quantity * line.price_cny - line.unrounded_cny) < Decimal("0.000001")
    assert all(len(row) == len(HEADINGS["zh"]) for row in found.rows()) and {row[2] for row in found.rows("en")} == {line.label_en for line in found.lines}


def test_what_each_call_earns_adds_up_to_the_statement():
    """Two calls of 10 MW, of 2 and of 1 hours, at 15,000 CNY/MW and 100 CNY/MWh, all and half of it delivered: 150,000 + 2,000, and 75,000 + 500; fined at
    half the price for the 5 MW missing: 0.5 × 75,500."""
    market = Market(shipped("nc-peak-response"), {"energy_price_cny_per_mwh": 100.0, "penalty_factor": 0.5, "paid_up_to_share": 1.0})
    time = TimeAxis(datetime.datetime(2030, 1, 1), 6)
    asked, delivered = np.array([0, 10, 10, 0, 10, 0.0]), np.array([0, 10, 10, 0, 5, 0.0])
    paid, fined = earned_by_call(market, calls_of(market, time, asked, delivered))
    np.testing.assert_allclose(paid, [152_000.0, 75_500.0])
    np.testing.assert_allclose(fined, [0.0, 37_750.0])
    statement = settle_calls(market, time, asked, np.full(6, 20.0), 20.0 - delivered)
    assert float(statement.total_cny) == pytest.approx(paid.sum() - fined.sum(), abs=0.01)
    reserve = Market(shipped("cn-reserve"), {"energy_price_cny_per_mwh": 100.0, "penalty_factor": 2.0})
    paid, fined = earned_by_call(reserve, calls_of(reserve, time, asked, delivered), np.array([10.0, 30.0]))
    np.testing.assert_allclose(paid, [2_000.0, 500.0])
    np.testing.assert_allclose(fined, [0.0, 2.0 * 30.0 * 5.0])
