"""What an operator loses by not seeing far, and by seeing wrong: both go to nothing as he sees better."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridsim.vpp.rolling.operation import operate
from tests.hand_solved.parks import battery, grid, load, solve, tiny_park, wind

DAYS, DAY = 6, 24


def windy_park(seed):
    """Six days of wind that comes and goes within a day or two, dear and cheap hours, a battery of eight hours."""
    random = np.random.default_rng(seed)
    noise = np.convolve(random.standard_normal(DAYS * DAY + 12), np.ones(12) / 3.0, mode="valid")[: DAYS * DAY]
    price = np.where(np.arange(DAYS * DAY) % DAY < 8, 20.0, 100.0) * (1.0 + 0.3 * random.random(DAYS * DAY))
    return tiny_park(
        grid=grid(price.round(3).tolist(), 5.0),
        wind_1=wind((1.0 / (1.0 + np.exp(-noise))).round(4).tolist(), 12.0),
        factory=load((6.0 + 2.0 * random.random(DAYS * DAY)).round(3).tolist()),
        store=battery(4.0, 32.0, charge_efficiency=0.9, discharge_efficiency=0.9, level_start_share=0.5, level_end=0.5),
    )


def noisy(park, seed, scale, horizon):
    """Forecasts at every hour whose errors grow with the square root of how far they look; ``scale`` multiplies the same errors."""
    random = np.random.default_rng(seed)
    steps = park.time.steps
    ahead, name = np.arange(horizon), park.technologies["wind_1"].profile
    # the error of a target hour is a sum of what is learnt in each hour before it
    learnt = random.standard_normal((steps + horizon, horizon)) * 0.08
    error = np.array([[learnt[issue + h, : h + 1].sum() for h in ahead] for issue in range(steps)])
    happens = np.append(park.profiles[name], np.full(horizon, np.nan))[np.arange(steps)[:, None] + ahead]
    told = np.clip(happens + scale * error, 0.0, 1.0)
    told[:, 0] = happens[:, 0]
    return SimpleNamespace(issue_step=np.arange(steps), values={name: told})


@settings(max_examples=2, deadline=None)
@given(st.integers(0, 1000))
def test_the_gap_shrinks_as_the_horizon_grows(seed):
    park = windy_park(seed)
    best = solve(park).objective_cny
    costs = [operate(park, horizon_hours=horizon, every_hours=min(horizon, 12), controller="myopic").cost_cny for horizon in (1, 12, 48, DAYS * DAY)]
    assert costs[-1] == pytest.approx(best, rel=1e-6)
    assert all(cost >= best - 1e-6 * abs(best) for cost in costs)
    assert costs[0] > costs[1] > costs[2] >= costs[3] - 1e-6 * abs(best)


@settings(max_examples=1, deadline=None)
@given(st.integers(0, 1000))
def test_the_gap_shrinks_as_the_forecast_error_falls(seed):
    """Of the same errors, all of them cost more than a quarter, and a quarter more than none (to a thousandth: a plan may be lucky)."""
    park = windy_park(seed)
    plan = solve(park)
    costs = [operate(park, horizon_hours=36, every_hours=12, forecasts=noisy(park, seed, scale, 36), year_plan=plan).cost_cny for scale in (0.0, 0.25, 1.0)]
    assert costs[0] >= plan.objective_cny - 1e-6 * abs(plan.objective_cny)
    assert costs[0] <= costs[1] * 1.001
    assert costs[1] < costs[2]


def test_no_window_is_left_out():
    park = windy_park(1)
    for horizon, every in ((36, 12), (5, 3), (7, 7)):
        done = [(window.first, window.kept_until) for window in operate(park, horizon_hours=horizon, every_hours=every, controller="myopic").windows]
        assert done[0][0] == 0
        assert done[-1][1] == park.time.steps
        assert [first for first, _ in done[1:]] == [until for _, until in done[:-1]]
