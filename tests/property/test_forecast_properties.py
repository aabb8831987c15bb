"""What holds of every forecast with a growing error, whatever the series, the seed and the growth."""

import datetime

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gridsim.profiles.time_axis import TimeAxis
from gridsim.vpp.forecast.climate import climate_of
from gridsim.vpp.forecast.evolution import News, estimates, paths
from gridsim.vpp.forecast.forecasts import climate_and_news
from gridsim.vpp.forecast.growth import ErrorGrowth
from gridsim.vpp.forecast.scores import crps
from gridsim.vpp.forecast.shipped import Choice
from gridsim.vpp.forecast.tables import looked_up, target_steps

TIME = TimeAxis(datetime.datetime(2030, 1, 1), 720)
HORIZON = 26
KINDS = st.sampled_from(["wind", "solar", "load", "price"])
SEEDS = st.integers(0, 10**6)


def quick(examples: int) -> settings:
    """The same examples each time."""
    return settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


def series(kind: str, seed: int) -> np.ndarray:
    """A made-up month of one kind, with calms, nights, and negative prices."""
    rng = np.random.default_rng(seed)
    slow = np.convolve(rng.normal(size=TIME.steps + 48), np.exp(-np.arange(49) / 8.0), mode="valid") / 2.0
    sun = np.maximum(np.sin((TIME.hour_of_day - 6.0) / 12.0 * np.pi), 0.0)
    made = {
        "wind": np.clip(0.35 + 0.35 * slow, 0.0, 1.0),
        "solar": sun * np.clip(0.8 + 0.3 * slow, 0.1, 1.0),
        "load": np.maximum(5.0 + 2.0 * sun + 0.4 * slow, 0.0),
        "price": 300.0 - 250.0 * sun + 90.0 * slow,
    }
    return made[kind]


growths = st.lists(st.floats(0.01, 0.3), min_size=3, max_size=3).map(
    lambda steps: ErrorGrowth((1.0, 6.0, 24.0), tuple(np.cumsum(steps).tolist()), "variation", 5.0, 0.5)
)


def forecast(kind, seed, growth, *, scale=1.0, issue=None, horizon=HORIZON, name="a"):
    """Best estimates of one series, with its climate, news and scores."""
    actual = series(kind, seed)
    issue = np.arange(0, 700, 1) if issue is None else issue
    climate, news = climate_and_news(actual, kind, TIME, Choice("ensemble", scale, growth), name, seed)
    estimate = estimates(climate.score, news, issue, horizon)
    return actual, climate, news, estimate, climate.best(estimate, news.known_at(horizon), target_steps(issue, horizon))


@quick(8)
@given(KINDS, SEEDS, growths)
def test_the_error_grows_with_the_lead(kind, seed, growth):
    """What is known never grows with the lead, and errors of a month follow it within their chance."""
    actual, _, news, _, found = forecast(kind, seed, growth)
    assert (np.diff(news.known) <= 0).all()
    error = np.sqrt(np.nanmean((found - looked_up(actual, target_steps(np.arange(700), HORIZON))) ** 2, axis=0))
    assert error[23] >= 0.9 * error[5] >= 0.81 * error[0]


@quick(10)
@given(KINDS, SEEDS, growths, st.floats(0.0, 3.0))
def test_bounds_hold(kind, seed, growth, scale):
    """Nothing below zero or above the largest rise that occurred; nothing at night; no member either."""
    actual, climate, news, estimate, found = forecast(kind, seed, growth, scale=scale, issue=np.arange(0, 700, 50))
    steps = target_steps(np.arange(0, 700, 50), HORIZON)
    members = climate.values(paths(estimate, news, np.arange(0, 700, 50), 3), steps[:, None, :])
    for values in (found, *np.moveaxis(members, 1, 0)):
        if kind != "price":
            assert values.min() >= 0.0
        if kind in ("wind", "solar"):
            assert values.max() <= actual.max() + 1e-12
        if kind == "solar":
            assert (values[climate.scale[np.clip(steps, 0, 719)] == 0] == 0.0).all()


@quick(6)
@given(KINDS, SEEDS, growths)
def test_no_error_is_what_happens(kind, seed, growth):
    """A scale of zero is perfect, of the estimate and of every member."""
    actual, climate, news, estimate, found = forecast(kind, seed, growth, scale=0.0)
    steps = target_steps(np.arange(700), HORIZON)
    inside = steps < actual.size
    assert found[inside] == pytest.approx(actual[steps[inside]], abs=1e-9)
    members = climate.values(paths(estimate[:3], news, np.arange(3), 2), steps[:3, None, :])
    assert members[:, 1] == pytest.approx(actual[steps[:3]], abs=1e-9)


@quick(8)
@given(KINDS, SEEDS, growths, st.integers(1, 40), st.integers(1, 12))
def test_more_issues_or_a_longer_horizon_change_nothing(kind, seed, growth, horizon, every):
    """The same seed gives the same numbers, whichever issues and columns are asked for; another name gives others."""
    *_, all_of = forecast(kind, seed, growth, horizon=40)
    some = np.arange(0, 700, every)
    *_, few = forecast(kind, seed, growth, issue=some, horizon=horizon)
    assert few.tolist() == all_of[some, :horizon].tolist()
    *_, other = forecast(kind, seed, growth, issue=some, horizon=horizon, name="b")
    assert few.tolist() != other.tolist()


@quick(10)
@given(SEEDS, st.floats(0.0, 1.0), st.floats(0.5, 20.0))
def test_updates_cannot_be_foreseen(seed, shared, memory):
    """Over four thousand targets the update of normal scores has the variance news has, and no correlation with what was known."""
    score = np.random.default_rng(seed).normal(size=4000)
    known = np.linspace(0.95, 0.4, 24)
    news = News(known, memory, shared, ("kind", "one"), seed)
    estimate = estimates(score, news, np.arange(3900), 24)
    earlier, later, truth = estimate[:-5, 20], estimate[5:, 15], score[20:3915]
    assert abs(np.corrcoef(later - earlier, earlier)[0, 1]) < 0.12
    assert abs(np.corrcoef(truth - later, later)[0, 1]) < 0.12
    assert (later - earlier).var() == pytest.approx(known[15] - known[20], rel=0.25)
    assert (truth - later).var() == pytest.approx(1.0 - known[15], rel=0.15)
    assert float(np.square(news.size).sum()) == pytest.approx(1.0 - known[-1], abs=1e-12)


@quick(10)
@given(SEEDS)
def test_paths_have_the_variance_that_is_not_known(seed):
    """Members around an estimate spread by what is still to come, column by column, and hang together in time."""
    known = np.linspace(0.9, 0.3, 12)
    news = News(known, 4.0, 0.5, ("kind", "one"), seed)
    drawn = paths(np.zeros((1, 12)), news, np.array([7]), 6000)[0]
    assert drawn.var(axis=0) == pytest.approx(1.0 - known, rel=0.12)
    assert np.corrcoef(drawn[:, 8], drawn[:, 9])[0, 1] > 0.6


@quick(30)
@given(st.lists(st.floats(-50, 50), min_size=2, max_size=12), st.floats(-50, 50), st.floats(-20, 20), st.floats(0.1, 5))
def test_crps_moves_and_scales_with_its_unit(members, happened, shift, factor):
    """A score in the unit of the series; not fair, it is never negative."""
    values = np.array(members)
    score = crps(values, np.array(happened))
    assert crps(values * factor + shift, np.array(happened * factor + shift)) == pytest.approx(factor * score, abs=1e-8)
    assert crps(values, np.array(happened), fair=False) >= -1e-10
    pairs = np.abs(np.subtract.outer(values, values)).sum() / (2 * values.size * (values.size - 1))
    assert score == pytest.approx(np.abs(values - happened).mean() - pairs, abs=1e-9)


@quick(20)
@given(KINDS, SEEDS)
def test_the_climate_has_the_least_error_that_nothing_known_allows(kind, seed):
    """Errors of the best forecast rise with what is not known, up to that of the climate."""
    climate = climate_of(series(kind, seed), kind, TIME)
    error = climate.error_of_unknown
    assert (np.diff(error) <= 1e-12).all()
    assert error[-1] == 0.0
