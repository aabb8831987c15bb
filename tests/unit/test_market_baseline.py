"""Baselines of calls: the methods on series whose answer is known, and their accuracy."""

from __future__ import annotations

import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridsim.errors import DefinitionError
from gridsim.profiles.time_axis import TimeAxis
from gridsim.vpp.market.baseline import accuracy, baseline, compare, day_table, without_adjustment
from gridsim.vpp.market.baseline.days import calendar_days_off
from gridsim.vpp.market.definition import Adjustment
from gridsim.vpp.market.library import baseline_ids, baseline_method

WEEKS = TimeAxis(datetime.datetime(2030, 6, 3), 24 * 42)
"""From a Monday; the Dragon Boat Festival of 2030 is 5 June."""
WORKED = np.zeros(42, dtype=bool)
"""No day is off."""
LAST = (WEEKS.day == 41) & (WEEKS.hour_of_day >= 17) & (WEEKS.hour_of_day < 20)


def by_day(values) -> np.ndarray:
    return np.repeat(np.asarray(values, dtype=float), 24)


@pytest.mark.parametrize("name", baseline_ids())
@settings(max_examples=8, deadline=None)
@given(level=st.floats(0.0, 500.0), response=st.floats(0.0, 100.0))
def test_a_constant_load_is_its_own_baseline(name, level, response):
    """Proves: whatever was given in the call, the baseline of a constant load is that load; so that what is delivered is what was given."""
    metered = np.where(LAST, level - response, level)
    found = baseline(baseline_method(name), WEEKS, metered, LAST, days_off=WORKED)
    np.testing.assert_allclose(found.mw, level, rtol=1e-9, atol=1e-9)


def test_outside_of_calls_the_baseline_is_the_meter():
    metered = np.random.default_rng(1).uniform(10, 20, WEEKS.steps)
    found = baseline(baseline_method("pjm-4-of-5"), WEEKS, metered, LAST)
    assert np.array_equal(found.mw[~LAST], metered[~LAST])
    assert found.calls[0].steps.tolist() == [17, 18, 19]


def test_five_working_days_are_averaged():
    """Proves: a load that grows by 1 MW a day has the mean of the five days before: (36+37+38+39+40)/5 = 38 MW on day 41."""
    found = baseline(baseline_method("cn-five-days"), WEEKS, by_day(np.arange(42)), LAST, days_off=WORKED)
    assert found.calls[0].days == (40, 39, 38, 37, 36)
    np.testing.assert_allclose(found.mw[LAST], 38.0)


def test_weekends_and_holidays_are_left_out():
    """Proves: seen from Wednesday 10 July 2030, the five working days are Tu, Mo and the Friday, Thursday, Wednesday before the weekend."""
    called = (WEEKS.day == 37) & (WEEKS.hour_of_day == 10)
    found = baseline(baseline_method("cn-five-days"), WEEKS, by_day(np.arange(42)), called)
    assert found.calls[0].days == (36, 35, 32, 31, 30)
    assert calendar_days_off(WEEKS)[[2, 5, 6]].all()
    assert not calendar_days_off(WEEKS)[[0, 3]].any()


def test_days_with_calls_are_never_taken():
    called = LAST | ((WEEKS.day == 40) & (WEEKS.hour_of_day == 3))
    outage = np.zeros(42, dtype=bool)
    outage[38] = True
    found = baseline(baseline_method("cn-five-days"), WEEKS, by_day(np.arange(42)), called, days_off=WORKED, excluded_days=outage)
    assert found.calls[-1].days == (39, 37, 36, 35, 34)


def test_the_highest_five_of_ten_with_the_day_before_left_out():
    """Proves: of days 31…40 less day 40, ten days 30…39; load by day alternates 10 and 20, so that the five of 20 MW are taken."""
    metered = by_day(np.where(np.arange(42) % 2 == 0, 20.0, 10.0))
    found = baseline(baseline_method("cn-five-of-ten"), WEEKS, metered, LAST, days_off=WORKED)
    assert found.calls[0].days == (38, 36, 34, 32, 30)
    np.testing.assert_allclose(found.mw[LAST], 20.0)


def test_a_day_may_be_high_while_its_call_hours_are_low():
    """Proves: Beijing's days are ranked by the whole day, New York's by the hours of the call."""
    metered = by_day(np.full(42, 10.0))
    metered[(WEEKS.day == 35) & (WEEKS.hour_of_day < 12)] = 100.0
    metered[(WEEKS.day == 35) & (WEEKS.hour_of_day >= 12)] = 4.0
    by_whole_day = baseline(baseline_method("cn-five-of-ten"), WEEKS, metered, LAST, days_off=WORKED)
    by_call = baseline(without_adjustment(baseline_method("nyiso-5-of-10")), WEEKS, metered, LAST, days_off=WORKED)
    assert 35 in by_whole_day.calls[0].days and 35 not in by_call.calls[0].days
    np.testing.assert_allclose(by_whole_day.mw[LAST], (4 * 10 + 4) / 5)


def test_pjm_takes_the_highest_four_of_five_and_adds_the_morning():
    """Proves: days 36…40 hold 36…40 MW; the lowest goes, (37+38+39+40)/4 = 38.5; the day itself stands at 45 before the call, 6.5 above: 45 MW.

    Breaks as: 38.5 without the adjustment; 44.5 with all five days in the mean of the window only.
    """
    metered = by_day([*range(41), 45])
    metered[LAST] = 30.0
    found = baseline(baseline_method("pjm-4-of-5"), WEEKS, metered, LAST, days_off=WORKED)
    np.testing.assert_allclose(found.mw[LAST], 45.0)
    assert found.calls[0].moved_mw == pytest.approx(6.5)
    plain = baseline(without_adjustment(baseline_method("pjm-4-of-5")), WEEKS, metered, LAST, days_off=WORKED)
    np.testing.assert_allclose(plain.mw[LAST], 38.5)


def test_california_scales_by_no_more_than_a_fifth():
    """Proves: ten days of 10 MW with 20 MW in the call's hours; the morning at 11 gives × 1.1 = 22 MW, at 30 gives × 1.2 = 24 MW, at 2 gives × 0.8 = 16."""
    shape = np.where((WEEKS.hour_of_day >= 17) & (WEEKS.hour_of_day < 20), 20.0, 10.0)
    for morning, expected in ((11.0, 22.0), (30.0, 24.0), (2.0, 16.0)):
        metered = shape.copy()
        metered[(WEEKS.day == 41) & (WEEKS.hour_of_day < 17)] = morning
        found = baseline(baseline_method("caiso-10-of-10"), WEEKS, metered, LAST, days_off=WORKED)
        np.testing.assert_allclose(found.mw[LAST], expected)


def test_the_window_leaves_the_hour_before_the_call_out():
    """Proves: hours 13, 14, 15 are looked at, not 16 and not 12."""
    for hour, seen in ((12, False), (13, True), (14, True), (15, True), (16, False)):
        metered = by_day(np.full(42, 10.0))
        metered[(WEEKS.day == 41) & (WEEKS.hour_of_day == hour)] = 13.0
        moved = baseline(baseline_method("pjm-4-of-5"), WEEKS, metered, LAST, days_off=WORKED).calls[0].moved_mw
        assert moved == pytest.approx(1.0 if seen else 0.0)


def test_a_call_at_midnight_has_no_morning_to_adjust_by():
    called = (WEEKS.day == 41) & (WEEKS.hour_of_day < 2)
    found = baseline(baseline_method("pjm-4-of-5"), WEEKS, by_day(np.full(42, 7.0)), called).calls[0]
    assert not found.adjusted and found.moved_mw == 0.0


def test_an_adjustment_may_go_up_only():
    method = baseline_method("pjm-4-of-5").model_copy(update={"adjustment": Adjustment(kind="additive", window_hours=3.0, gap_hours=1.0, only_up=True)})
    found = baseline(method, WEEKS, by_day([*range(41), 20]), LAST, days_off=WORKED)
    np.testing.assert_allclose(found.mw[LAST], 38.5)


def test_low_days_give_way_to_earlier_ones():
    """Proves: day 40 at 1 MW is below a quarter of the mean (1 + 4·40)/5 = 32.2 and gives way to day 35."""
    metered = by_day(np.full(42, 40.0))
    metered[WEEKS.day == 40] = 1.0
    found = baseline(without_adjustment(baseline_method("pjm-4-of-5")), WEEKS, metered, LAST, days_off=WORKED)
    assert 40 not in found.calls[0].days
    np.testing.assert_allclose(found.mw[LAST], 40.0)


def test_three_hours_before_and_two_after():
    """Proves: a load that counts the hours has (13+14+15 + 21+22)/5 = 17 around a call at 17–20, one hour left out on either side."""
    metered = np.tile(np.arange(24.0), 42)
    found = baseline(baseline_method("pjm-same-day"), WEEKS, metered, LAST)
    np.testing.assert_allclose(found.mw[LAST], 17.0)


def test_meter_before_is_the_last_step():
    metered = np.tile(np.arange(24.0), 42)
    np.testing.assert_allclose(baseline(baseline_method("meter-before"), WEEKS, metered, LAST).mw[LAST], 16.0)


def test_match_day_takes_the_days_that_look_alike():
    """Proves: the day itself is one of high load; only days 10, 20, 30 were, and all three are taken although later days are nearer."""
    high = np.isin(WEEKS.day, (10, 20, 30, 41))
    metered = np.where(high, 50.0, 10.0) + WEEKS.hour_of_day
    metered[LAST] = 0.0
    found = baseline(baseline_method("pjm-match-day"), WEEKS, metered, LAST, days_off=WORKED)
    assert set(found.calls[0].days) == {10, 20, 30}
    np.testing.assert_allclose(found.mw[LAST], [67.0, 68.0, 69.0])


def test_another_call_of_the_day_is_no_likeness():
    """Proves: a second call, of 8 hours at 0 MW, does not make the day look like days that stood still in those hours."""
    still = np.isin(WEEKS.day, (10, 20, 30)) & (WEEKS.hour_of_day < 8)
    early = (WEEKS.day == 41) & (WEEKS.hour_of_day < 8)
    metered = np.where(still | early | LAST, 0.0, 20.0) + np.where(np.isin(WEEKS.day, (10, 20, 30)), 1.0, 0.0)
    found = baseline(baseline_method("pjm-match-day"), WEEKS, metered, LAST | early, days_off=WORKED)
    np.testing.assert_allclose(found.mw[LAST], 20.0)


def test_regression_finds_the_line_it_was_made_from():
    """Proves: import = 40 − 2·wind + 3·temperature + 5 at weekends + hour of day is found exactly, and with it a call that took 8 MW."""
    draw = np.random.default_rng(3)
    wind, temperature = draw.uniform(0, 5, WEEKS.steps), draw.normal(10, 5, WEEKS.steps)
    clean = 60 - 2 * wind + 3 * temperature + 5 * (WEEKS.weekday >= 5) + WEEKS.hour_of_day
    metered = np.where(LAST, clean - 8.0, clean)
    found = baseline(
        baseline_method("regression"), WEEKS, metered, LAST, days_off=np.isin(np.arange(42) % 7, (5, 6)), drivers=np.column_stack([wind, temperature])
    )
    np.testing.assert_allclose(found.mw[LAST], clean[LAST], rtol=1e-9)
    assert 41 not in found.calls[0].days


def test_a_call_without_days_before_it_is_refused_with_all_others():
    called = (WEEKS.day <= 1) & (WEEKS.hour_of_day == 10)
    with pytest.raises(DefinitionError, match="2030-06-03") as error:
        baseline(baseline_method("cn-five-days"), WEEKS, by_day(np.ones(42)), called)
    assert len(error.value.problems) == 2


def test_two_calls_of_a_day_have_their_own_hours():
    called = (WEEKS.day == 41) & np.isin(WEEKS.hour_of_day, (8, 9, 18))
    found = baseline(baseline_method("previous-day"), WEEKS, np.tile(np.arange(24.0), 42), called, days_off=WORKED)
    assert [one.steps.tolist() for one in found.calls] == [[8, 9], [18]]
    np.testing.assert_allclose(found.mw[called], [8, 9, 18])


def test_quarter_hours_count_as_quarter_hours():
    """Proves: quarters counted 0…95, call in 68…71: twelve before from 52 (mean 57.5), eight after from 76 (mean 79.5), (12·57.5 + 8·79.5)/20 = 66.3."""
    time = TimeAxis(datetime.datetime(2030, 6, 3), 96 * 10, 15)
    called = (time.day == 9) & (time.hour_of_day >= 17) & (time.hour_of_day < 18)
    metered = np.tile(np.arange(96.0), 10)
    assert baseline(baseline_method("meter-before"), time, metered, called).mw[called] == pytest.approx(67.0)  # 16:45
    assert baseline(baseline_method("pjm-same-day"), time, metered, called).mw[called] == pytest.approx(66.3)


def test_accuracy_of_a_growing_load():
    """Proves: on a load of 10, 11, 12, … MW a day, the day before is 1 MW too low each time: bias −1, error 1; the mean of five is 3 too low."""
    metered = by_day(np.arange(42) + 10.0)
    table = day_table(WEEKS, metered, days_off=WORKED)
    yesterday = accuracy(baseline_method("previous-day"), table, (17, 20))
    assert (yesterday.days, yesterday.without) == (41, 1)
    assert yesterday.bias_mw == pytest.approx(-1.0) and yesterday.rmse_mw == pytest.approx(1.0)
    assert yesterday.bias_share == pytest.approx(-1.0 / np.mean(np.arange(11, 52)))
    ranked = compare(WEEKS, metered, (17, 20), days_off=WORKED, methods=[baseline_method("cn-five-days"), baseline_method("previous-day")])
    assert [one.method.id for one in ranked] == ["previous-day", "cn-five-days"]
    assert ranked[1].rmse_mw == pytest.approx(3.0) and ranked[0].days == ranked[1].days == 37


def test_all_methods_are_compared_with_and_without_their_adjustment():
    draw = np.random.default_rng(5)
    metered = 30 + 5 * np.sin(2 * np.pi * WEEKS.hour_of_day / 24) + draw.normal(0, 1, WEEKS.steps)
    found = compare(WEEKS, metered, (17, 20), drivers=draw.normal(0, 1, WEEKS.steps))
    adjusting = [name for name in baseline_ids() if baseline_method(name).adjustment.kind != "none"]
    assert len(found) == len(baseline_ids()) + len(adjusting)
    assert len({one.days for one in found}) == 1
    assert all(one.rrmse < 0.35 for one in found)
    assert [one.rmse_mw for one in found] == sorted(one.rmse_mw for one in found)


def test_nothing_metered_has_no_shares():
    found = accuracy(baseline_method("cn-five-days"), day_table(WEEKS, np.zeros(WEEKS.steps), days_off=WORKED), (17, 20))
    assert found.rrmse is None and found.bias_share is None and found.rmse_mw == 0.0
