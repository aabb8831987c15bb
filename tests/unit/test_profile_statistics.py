"""What series are judged by: numbers of a hand, and of processes whose statistics are known in closed form."""

from __future__ import annotations

import doctest

import numpy as np
import pytest

from gridsim.profiles import statistics
from gridsim.profiles.statistics import (
    autocorrelation,
    block_means,
    daily_correlation,
    duration_curve,
    exceeded,
    full_load_hours,
    load_factor,
    longest_low_spell,
    mean_day_by_season,
    monthly_means,
    ramps,
    weekly_shape,
)

MINUTE = np.timedelta64(1, "m")


def steps_from(start: str, count: int, minutes: int = 60) -> np.ndarray:
    return np.datetime64(start, "m") + np.arange(count) * minutes * MINUTE


def test_examples_of_the_docstrings_hold():
    assert doctest.testmod(statistics).failed == 0


def test_autocorrelation_of_a_sine_is_its_cosine():
    """Proves: over whole periods the correlation at lag k is cos(2 pi k / 24). Breaks as: cos(…)(1 − k/n), 0.9 at 24 of 240 h, without the pairs."""
    hours = np.arange(240)
    found = autocorrelation(np.sin(2 * np.pi * hours / 24) + 7.0, 24)
    assert found[24] == pytest.approx(1.0, abs=1e-9)
    assert found[12] == pytest.approx(-1.0, abs=1e-2)
    long = autocorrelation(np.sin(2 * np.pi * np.arange(24 * 4000) / 24), 72)
    assert long == pytest.approx(np.cos(2 * np.pi * np.arange(73) / 24), abs=2e-3)


def test_autocorrelation_of_a_remembering_process_is_a_power():
    """Proves: AR(1) with phi = 0.9 has rho_k = 0.9 ** k. Breaks as: 0.81 at lag 1 if lags are counted in two steps."""
    rng = np.random.default_rng(7)
    shocks, values = rng.standard_normal(400_000), np.empty(400_000)
    values[0] = shocks[0]
    for step in range(1, len(values)):
        values[step] = 0.9 * values[step - 1] + shocks[step] * np.sqrt(1 - 0.81)
    assert autocorrelation(values, 24) == pytest.approx(0.9 ** np.arange(25), abs=0.015)


def test_autocorrelation_agrees_with_sums_by_hand_and_leaves_gaps_out():
    """Proves: x = 1, 2, 4, 1: departures −1, 0, 2, −1; rho_1 = ((0 + 0 − 2) / 3) / (6 / 4) = −4/9. A gap after the end changes nothing."""
    values = np.array([1.0, 2.0, 4.0, 1.0])
    assert autocorrelation(values, 1)[1] == pytest.approx(-4 / 9)
    assert autocorrelation(np.append(values, [np.nan, np.nan]), 1)[1] == pytest.approx(-4 / 9)


def test_a_series_that_never_changes_has_no_memory():
    assert np.isnan(autocorrelation(np.full(100, 0.5), 3)).all()


def test_duration_curve_keeps_the_extremes_and_the_mean():
    values = np.random.default_rng(1).uniform(0.0, 1.0, 8760)
    curve = duration_curve(values)
    assert (curve[0], curve[-1]) == (values.max(), values.min())
    assert (np.diff(curve) <= 0).all()
    assert np.trapezoid(curve, dx=1e-3) == pytest.approx(values.mean(), abs=1e-3)
    assert duration_curve(np.append(values, np.nan)) == pytest.approx(curve)


def test_months_of_two_years_are_averaged_by_their_steps():
    """Proves: February 2027 (28 d at 1) and 2028 (29 d at 4) have the mean (28 + 116) / 57. Breaks as: 2.5 as a mean of means."""
    stamps = steps_from("2027-01-01", 365 + 366, 1440)
    values = np.where(stamps < np.datetime64("2028-01-01"), 1.0, 4.0)
    assert monthly_means(values, stamps)[1] == pytest.approx(144 / 57)


def test_a_gap_is_left_out_of_a_mean():
    """Proves: 1, no number, 3 have the mean 2. Breaks as: 4/3 if the gap is counted."""
    assert monthly_means(np.array([1.0, np.nan, 3.0]), steps_from("2030-01-01", 3))[0] == 2.0


def test_december_is_a_winter_month_and_march_is_not():
    """Proves: a series of its own months' numbers has (12 + 1 + 2) / 3 in winter, weighted by days."""
    stamps = steps_from("2030-01-01", 8760)
    month = stamps.astype("datetime64[M]").astype(int) % 12 + 1.0
    winter, spring, summer, autumn = mean_day_by_season(month, stamps, 60).mean(axis=1)
    assert winter == pytest.approx((31 * 1 + 28 * 2 + 31 * 12) / 90)
    assert spring == pytest.approx((31 * 3 + 30 * 4 + 31 * 5) / 92)
    assert summer == pytest.approx((30 * 6 + 31 * 7 + 31 * 8) / 92)
    assert autumn == pytest.approx((30 * 9 + 31 * 10 + 30 * 11) / 91)


@pytest.mark.parametrize("minutes", [5, 10, 15, 30, 60])
def test_mean_day_and_week_stand_at_their_time(minutes: int):
    """Proves: a series that is its own hour of the week comes back. 2030-01-01 is a Tuesday: Monday 00:00 is the first place."""
    stamps = steps_from("2030-01-01", 28 * 1440 // minutes, minutes)
    hour_of_week = (24 + np.arange(len(stamps)) * minutes / 60) % 168
    assert weekly_shape(hour_of_week, stamps, minutes) == pytest.approx(np.arange(168 * 60 // minutes) * minutes / 60)
    day = mean_day_by_season(hour_of_week % 24, stamps, minutes)
    assert day[0] == pytest.approx(np.arange(1440 // minutes) * minutes / 60)
    assert np.isnan(day[1:]).all()


def test_hourly_means_do_not_depend_on_the_step():
    """Proves: the largest change from hour to hour of a ramp of 0.3 an hour is 0.3 at 5, 15 and 60 minutes. Breaks as: 0.025 step by step."""
    for minutes in (5, 15, 60):
        stamps = steps_from("2030-01-01", 4 * 60 // minutes, minutes)
        means, hours = block_means(np.arange(len(stamps)) * minutes / 60 * 0.3, stamps, "h")
        assert len(hours) == 4
        assert ramps(means) == pytest.approx(np.full(3, 0.3))


def test_a_hundredth_of_all_changes_exceeds_the_99th_percentile():
    """Proves: of the changes 0.00, 0.01, … 1.00 and their negatives, one in a hundred is larger than 0.99."""
    changes = np.concatenate([np.arange(101) / 100, -np.arange(101) / 100])
    assert exceeded(changes, np.array([0.01, 0.5]))[0] == pytest.approx(0.99, abs=0.006)
    assert (np.abs(changes) > exceeded(changes, np.array([0.01]))[0]).mean() == pytest.approx(0.01, abs=0.005)


def test_full_load_hours_of_a_leap_year_count_its_day():
    """Proves: half of its power over 8784 h is 4392 h; ten years of it give the same."""
    assert full_load_hours(np.full(8784, 0.5), 1.0) == 4392.0
    assert full_load_hours(np.full(87_660, 0.5), 1.0) == 4383.0
    assert full_load_hours(np.full(17_568, 0.5), 0.5) == 4392.0
    assert full_load_hours(np.full(96, 0.5), 0.25) == 12.0


def test_load_factor_of_nothing_is_no_number():
    assert np.isnan(load_factor(np.zeros(24)))
    assert load_factor(np.array([0.1, 0.1, 0.4])) == pytest.approx(0.5)


def test_spells_are_runs_of_values_below_the_limit():
    """Proves: a value at the limit ends a spell; a gap does too; of equal spells the first counts."""
    assert longest_low_spell(np.array([0.1, 0.3, 0.1, 0.2, 0.5, 0.0, 0.0]), 0.3) == (2, 2)
    assert longest_low_spell(np.array([0.1, np.nan, 0.1, 0.2]), 0.3) == (2, 2)
    assert longest_low_spell(np.ones(5), 0.3) == (0, 0)


def test_daily_correlation_counts_common_days_only():
    """Proves: of ten and six days three are common, with means in reverse: −1. Breaks as: 0 where days are paired by their place."""
    stamps, other = steps_from("2030-01-01", 240), steps_from("2030-01-08T00:00", 6 * 96, 15)
    day = (stamps.astype("datetime64[D]") - np.datetime64("2030-01-01")).astype(float)
    other_day = (other.astype("datetime64[D]") - np.datetime64("2030-01-01")).astype(float)
    assert daily_correlation(day, stamps, 20.0 - other_day, other) == (-1.0, 3)
    assert daily_correlation(day, stamps, day, stamps + 20 * 1440 * MINUTE)[1] == 0
