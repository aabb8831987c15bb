"""A year decided window after window: what is the same as the whole, what it costs to see less, and that every state is carried."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest

from gridsim.dispatch.model import make_draft
from gridsim.dispatch.rolling import Rolling
from gridsim.dispatch.rolling_window import WindowProgram
from gridsim.dispatch.step_program import program_of_draft
from gridsim.errors import BuildError, DefinitionError
from gridsim.vpp.rolling.operation import operate
from tests.hand_solved.parks import ammonia_demand, ammonia_plant, battery, electrolyser, grid, hydrogen_demand, hydrogen_store, load, solve, tiny_park, wind
from tests.hand_solved.test_program import HOURS, ramping_park, rich_park

EXACT = {"mip_rel_gap": 0.0}


def committed_park(hours=16):
    """The first hours of the rich park, in which modules, machines and calls are counted."""
    park = rich_park()
    time, profiles = dataclasses.replace(park.time, steps=hours), {name: values[:hours] for name, values in park.profiles.items()}
    park = dataclasses.replace(park, time=time, profiles=profiles)
    changed = {
        "electrolyser_1": {"module_mw": 5.0, "min_load_share": 0.3, "start_cost_cny_per_mw": 20.0, "standby_share": 0.02, "start_time_hours": 0.5},
        "caes_1": {"compressor_min_load_share": 0.4, "expander_min_load_share": 0.3, "start_cost_cny": 30.0},
    }
    technologies = {name: one.model_copy(update=changed.get(name, {})) for name, one in park.technologies.items()}
    interrupt = tiny_park(hours=hours, grid=grid(100.0), factory=load([5.0]), pause=interruption(2, 3)).technologies["pause"]
    return dataclasses.replace(park, technologies={**technologies, "pause": interrupt})


def interruption(calls, hours):
    called = {"power_mw": 3.0, "calls_per_year": calls, "hours_per_call": hours, "price_cny_per_mwh": 30.0}
    return {"type": "demand_response", "kind": "interrupt", "load": "factory", **called}


@pytest.mark.parametrize("level", ["linear", "mixed_integer"])
def test_one_window_over_everything_is_the_optimum(level):
    park = committed_park()
    operated = operate(park, level=level, horizon_hours=16, every_hours=16, options=EXACT)
    assert operated.cost_cny == pytest.approx(solve(park, level, mip_rel_gap=0.0).objective_cny, rel=1e-6)
    assert operated.audit is not None
    assert len(operated.windows) == 1


@pytest.mark.parametrize("park", [rich_park(export_share_max=0.1), ramping_park()], ids=["rich", "ramping"])
def test_windows_keep_every_row_and_cost_less_the_further_they_look(park):
    costs = [solve(park).objective_cny]
    for horizon in (24, 12, 6):
        operated = operate(park, horizon_hours=horizon, every_hours=3)
        assert not operated.broken
        assert operated.audit is not None
        costs.append(operated.cost_cny)
    assert (np.diff(costs) >= -1e-4 * np.abs(costs[0])).all()
    assert costs[-1] > costs[0]


def test_modules_are_carried_from_window_to_window():
    park = committed_park()
    operated = operate(park, level="mixed_integer", horizon_hours=8, every_hours=4)
    assert operated.audit is not None
    best = solve(park, "mixed_integer").objective_cny
    assert operated.cost_cny >= best - 1e-4 * abs(best)


# ---- every state is carried: what was decided before a window stands in its rows. Each case names a state and a park in which forgetting it shows.

SHIFTING = {"type": "demand_response", "kind": "shift", "load": "factory", "share": 0.5, "window_hours": 4, "price_cny_per_mwh": 1.0}


def shifting_park(price):
    return tiny_park(grid=grid(price), factory=load([8.0] * len(price)), shifting=SHIFTING)


def ramping_plant():
    """An ammonia plant that may change by a tenth an hour and gets its hydrogen in every other hour only."""
    return tiny_park(
        hours=12,
        grid=grid([10.0, 200.0] * 6),
        electrolyser_1=electrolyser(60.0),
        tank=hydrogen_store(2000.0, level_start_share=0.5, level_end="free"),
        plant=ammonia_plant(4.0, ramp_share_per_hour=0.1, tank_t=20.0),
        fertiliser=ammonia_demand(1.0),
    )


def flows(*prefixes):
    return lambda named: [columns for name, columns in named.flow.items() if name.startswith(prefixes)]


STATES = {
    "level of a battery": (rich_park(), lambda named: [named.level["battery_1.store"]]),
    "heat of a cavern": (rich_park(), lambda named: [named.level["caes_1.heat_store"]]),
    "what a shifted load has taken": (shifting_park([100.0, 100.0, 10.0] * 6), lambda named: [taken for taken, _ in named.owed]),
    "what a shifted load was given back": (shifting_park([10.0, 100.0, 100.0] * 6), lambda named: [added for _, added in named.owed]),
    "power of a plant that ramps": (ramping_plant(), flows("plant")),
    "a day's quota": (rich_park(), flows("slag")),
    "a year's share of exports": (rich_park(export_share_max=0.02), flows("grid.export")),
}


def forgetting(monkeypatch, columns_of):
    """Let what is kept of some columns be zero to the windows that follow, as if it were not handed on; what was done is recorded all the same."""
    columns = np.concatenate([np.arange(part.start, part.stop) for part in columns_of])

    def forgetful(of, method, rolling_of):
        remembering = getattr(of, method)

        def without(self, *window, **how):
            rolling = rolling_of(self)
            remembered = rolling.value[columns].copy()
            rolling.value[columns] = 0.0
            try:
                return remembering(self, *window, **how)
            finally:
                rolling.value[columns] = remembered

        monkeypatch.setattr(of, method, without)

    forgetful(Rolling, "window", lambda rolling: rolling)
    forgetful(WindowProgram, "solve", lambda window: window.rolling)


def goes_wrong(park, **how):
    """Tell whether an operation ends in an audit that fails, or in rows that it could not keep."""
    try:
        return bool(operate(park, **how).broken)
    except BuildError:
        return True


@pytest.mark.parametrize("state", STATES)
def test_a_state_that_is_not_carried_goes_wrong(monkeypatch, state):
    park, columns_of = STATES[state]
    assert operate(park, horizon_hours=6, every_hours=2).audit is not None
    named = program_of_draft(make_draft(park))
    forgetting(monkeypatch, columns_of(named))
    assert goes_wrong(park, horizon_hours=6, every_hours=2)


@pytest.mark.parametrize("state", STATES)
def test_a_state_that_is_not_carried_from_step_to_step_of_a_plan_goes_wrong(monkeypatch, state):
    """With true forecasts one window is kept for a whole plan, in which steps that are done stand as bounds."""
    park, columns_of = STATES[state]
    how = {"horizon_hours": park.time.steps, "every_hours": park.time.steps, "forecasts": told(park, park.time.steps, park.time.steps)}
    assert operate(park, **how).audit is not None
    named = program_of_draft(make_draft(park))
    forgetting(monkeypatch, columns_of(named))
    assert goes_wrong(park, **how)


def test_modules_that_are_on_are_remembered():
    """A start costs 500 CNY; a module that runs all day starts once at most: forgotten, it would start in each window."""
    park = tiny_park(
        hours=12,
        grid=grid(10.0),
        plant=electrolyser(10.0, module_mw=10.0, min_load_share=0.5, start_cost_cny_per_mw=50.0),
        users=hydrogen_demand(150.0),
    )
    operated = operate(park, level="mixed_integer", horizon_hours=3, every_hours=1, controller="myopic")
    assert operated.dispatch.starts["plant.modules"].sum() == 0.0
    assert operated.cost_cny == pytest.approx(12 * 10.0 * 150.0 * 1e-3 * park.technologies["plant"].consumption_kwh_per_kg, rel=1e-6)


def test_calls_that_are_used_up_stay_used_up(monkeypatch):
    """One call of two hours a year against three dear hours: without memory every window would call again."""
    park = tiny_park(grid=grid([10.0, 900.0, 10.0, 900.0, 10.0, 900.0]), factory=load([5.0] * 6), pause=interruption(1, 2))
    how = {"level": "mixed_integer", "horizon_hours": 2, "every_hours": 1, "controller": "myopic"}
    assert operate(park, **how).dispatch.flows["pause.reduction"] == pytest.approx([0.0, 3.0, 0.0, 0.0, 0.0, 0.0])
    named = program_of_draft(make_draft(park, "mixed_integer"))
    forgetting(monkeypatch, [slice(0, named.cost.size)])
    assert goes_wrong(park, **how)


def test_hours_of_a_call_are_counted_over_the_border_of_windows():
    park = tiny_park(grid=grid([900.0] * 6), factory=load([5.0] * 6), pause=interruption(1, 2))
    operated = operate(park, level="mixed_integer", horizon_hours=1, every_hours=1, controller="myopic")
    assert operated.dispatch.commitments["pause.calls"].sum() <= 2.0
    assert operated.audit is not None


def test_the_peak_of_the_month_so_far_is_paid_once(monkeypatch):
    """8 MW in the first hour; 8 MW in the fifth then cost nothing more, so that the battery is left alone there (it loses a fifth)."""
    park = tiny_park(
        grid=grid(10.0, tariff={"demand_charge_cny_per_mw_month": 1000.0}),
        factory=load([8.0, 0.0, 0.0, 0.0, 8.0, 0.0]),
        store=battery(8.0, 8.0, charge_efficiency=0.8, level_start_share=0.0, level_end="free"),
    )
    operated = operate(park, horizon_hours=2, every_hours=1, controller="myopic")
    assert operated.dispatch.flows["grid.import"] == pytest.approx([8.0, 0.0, 0.0, 0.0, 8.0, 0.0], abs=1e-6)
    assert operated.cost_cny == pytest.approx(16 * 10.0 + 8 * 1000.0)
    monkeypatch.setattr(Rolling, "_raise_peaks", lambda *_: None)
    with pytest.raises(BuildError, match="audit"):
        operate(park, horizon_hours=2, every_hours=1, controller="myopic")


# ---- what is not foreseen


def told(park, every, horizon, error=0.0, **series):
    """Forecasts at every few steps; ``error`` on all of wind and load, or series that are told in place of what happens."""
    issue = np.arange(0, park.time.steps, every)
    values = {}
    for name, happens in (park.profiles | series).items():
        padded = np.append(happens, np.full(horizon, np.nan))
        values[name] = padded[issue[:, None] + np.arange(horizon)] * (1.0 + error)
    return SimpleNamespace(issue_step=issue, values=values)


def test_true_forecasts_leave_nothing_unplanned():
    """What is done is what was planned, where the plan's own end is the end of time."""
    park = rich_park()
    operated = operate(park, horizon_hours=HOURS, every_hours=HOURS, forecasts=told(park, HOURS, HOURS))
    assert operated.cost_cny == pytest.approx(solve(park).objective_cny, rel=1e-6)


def test_wind_that_does_not_come_is_bought():
    """Wind of 5 MW is expected in both hours and fails in the second: the plan stands as it was made, the meter tells what happened."""
    park = tiny_park(grid=grid(10.0), wind_1=wind([0.5, 0.0], 10.0), factory=load([5.0, 5.0]))
    name = park.technologies["wind_1"].profile
    operated = operate(park, horizon_hours=2, every_hours=2, forecasts=told(park, 2, 2, **{name: np.array([0.5, 0.5])}))
    assert operated.planned["grid.import"] == pytest.approx([0.0, 0.0], abs=1e-9)
    assert operated.dispatch.flows["grid.import"] == pytest.approx([0.0, 5.0])
    assert operated.cost_cny == pytest.approx(50.0)


def test_a_later_forecast_is_heeded():
    """Told at noon that no wind comes in the dear hour, the operator charges in the cheap hour before it; the morning's forecast alone would not."""
    park = tiny_park(
        grid=grid([10.0, 10.0, 100.0]),
        wind_1=wind([0.0, 0.0, 0.0], 10.0),
        factory=load([0.0, 0.0, 5.0]),
        store=battery(5.0, 5.0, level_start_share=0.0, level_end="free"),
    )
    name = park.technologies["wind_1"].profile
    morning = SimpleNamespace(issue_step=np.array([0]), values={name: np.array([[0.0, 0.0, 0.5]])})
    noon = SimpleNamespace(issue_step=np.array([0, 1]), values={name: np.array([[0.0, 0.0, 0.5], [0.0, 0.0, np.nan]])})
    blind, told_later = (operate(park, horizon_hours=3, every_hours=3, forecasts=one) for one in (morning, noon))
    assert blind.cost_cny == pytest.approx(500.0)
    assert told_later.cost_cny == pytest.approx(50.0)


def test_modules_committed_a_day_ahead_stay_committed():
    """The plan starts the plant for wind that fails; it must then run at its minimum load on bought electricity."""
    park = tiny_park(
        grid=grid(100.0),
        wind_1=wind([0.0, 0.0], 10.0),
        plant=electrolyser(10.0, module_mw=10.0, min_load_share=0.5, standby_share=0.0),
        tank=hydrogen_store(400.0, level_start_share=1.0, level_end="free"),
        users=hydrogen_demand(50.0),
    )
    name = park.technologies["wind_1"].profile
    windy = told(park, 2, 2, **{name: np.array([1.0, 1.0])})
    operated = operate(park, level="mixed_integer", horizon_hours=2, every_hours=2, forecasts=windy, year_plan=None, controller="myopic")
    on = operated.dispatch.commitments["plant.modules"]
    drawn = operated.dispatch.flows["grid.import"]
    assert (drawn >= 5.0 * on - 1e-6).all()


def test_what_cannot_be_kept_is_told_and_no_window_is_left_out():
    """The connection takes 5 MW; the load needs 8 MW in the third hour, which nobody foresaw: 3 MW are missing there, and the hours after it are done."""
    park = tiny_park(grid=grid(10.0, import_limit_mw=5.0), factory=load([4.0, 4.0, 8.0, 4.0]), sound=False)
    expected = told(park, 4, 4, **{park.technologies["factory"].profile: np.full(4, 4.0)})
    operated = operate(park, horizon_hours=4, every_hours=4, forecasts=expected, controller="myopic")
    assert operated.audit is None
    (window,) = operated.broken
    assert (window.first, window.kept_until) == (2, 3)
    assert window.broken == (("balance of bus electricity", pytest.approx(3.0)),)
    assert operated.dispatch.flows["grid.import"] == pytest.approx([4.0, 4.0, 5.0, 4.0])


@pytest.mark.parametrize(("controller", "early", "cost"), [("myopic", 2.0, -140.0), ("plan", 0.0, -200.0)])
def test_a_budget_is_used_at_its_pace(controller, early, cost):
    """4 of 40 MWh may be exported, for 20 CNY/MWh in the first window and 50 in the second, which the first does not see.

    In proportion to time half of it is left for the second window; at the pace of the year's plan all of it. Without a pace all 4 MWh would go for 20: −80 CNY.
    """
    prices = [20.0, 20.0, 50.0, 50.0]
    park = tiny_park(limits={"export_share_max": 0.1}, grid=grid(100.0, prices), wind_1=wind([1.0] * 4, 10.0), factory=load([1.0] * 4))
    operated = operate(park, horizon_hours=2, every_hours=2, controller=controller)
    exports = operated.dispatch.flows["grid.export"]
    assert (exports[:2].sum(), exports[2:].sum()) == pytest.approx((early, 4.0 - early), abs=1e-6)
    assert operated.cost_cny == pytest.approx(cost)


def test_a_budget_that_was_overdrawn_is_told(monkeypatch):
    """Exports may be a tenth of what was available; a pace that is set aside until the last hour leaves no way to keep it."""
    park = tiny_park(limits={"export_share_max": 0.1}, grid=grid(50.0, 20.0), wind_1=wind([1.0, 1.0, 1.0, 0.0], 10.0), factory=load([1.0] * 4))
    operated = operate(park, horizon_hours=2, every_hours=1, controller="myopic")
    assert operated.dispatch.flows["grid.export"].sum() == pytest.approx(3.0)
    assert operated.audit is not None

    monkeypatch.setattr(WindowProgram, "_paced", lambda _, happened, expected: np.where(happened > 0.0, np.inf, expected))
    overdrawn = operate(park, horizon_hours=2, every_hours=1, controller="myopic")
    assert [name for window in overdrawn.broken for name, _ in window.broken][:1] == ["limits.export_share_max"]
    assert overdrawn.audit is None


def test_a_rule_stores_a_surplus_and_uses_it_before_it_buys():
    """6 MW of wind, 2 MW of load: 4 MW go into the battery, not into the grid at 5 CNY/MWh; the next hour lives on it."""
    park = tiny_park(grid=grid(50.0, 5.0), wind_1=wind([0.6, 0.0, 0.0], 10.0), factory=load([2.0, 3.0, 3.0]), store=battery(4.0, 8.0))
    operated = operate(park, controller="rule")
    assert operated.dispatch.levels["store.store"] == pytest.approx([8.0, 5.0, 2.0])
    assert operated.dispatch.flows["grid.import"] == pytest.approx([0.0, 0.0, 0.0], abs=1e-9)
    assert operated.left_over_cny == pytest.approx((2.0 - 4.0) * 5.0 * 1.05)


def test_a_rule_charges_at_the_lowest_price_of_a_day_whose_highest_pays_for_it():
    """Bought at 20 CNY/MWh with half of it lost, it counts 40 and 5 %: given at 100 and at 50. On a day of 20 and 40 nothing is bought for the store."""
    prices = np.full(48, 50.0)
    prices[[0, 24]], prices[12], prices[24:] = 20.0, 100.0, np.where(np.arange(24) == 0, 20.0, 40.0)
    store = battery(4.0, 8.0, charge_efficiency=0.5)
    operated = operate(tiny_park(grid=grid(prices.tolist()), factory=load([1.0] * 48), store=store), controller="rule")
    bought = operated.dispatch.flows["grid.import"]
    assert bought[0] == pytest.approx(1.0 + 4.0)
    assert operated.dispatch.levels["store.store"][:8] == pytest.approx([6.0, 5.0, 4.0, 3.0, 2.0, 1.0, 0.0, 0.0])
    assert bought[7:] == pytest.approx(np.ones(41))


def test_a_rule_makes_hydrogen_of_surplus_alone():
    """6 MW of surplus become 120 kg in place of 120 CNY; the demand of 20 kg/h lives on them and on half a tank of 200 kg, and nothing is bought."""
    park = tiny_park(
        grid=grid(100.0, 20.0),
        wind_1=wind([0.6] + [0.0] * 7, 10.0),
        plant=electrolyser(10.0),
        tank=hydrogen_store(200.0),
        users=hydrogen_demand(20.0),
    )
    operated = operate(park, controller="rule")
    assert operated.dispatch.flows["grid.export"] == pytest.approx(np.zeros(8), abs=1e-6)
    assert operated.dispatch.flows["grid.import"].sum() == pytest.approx(0.0, abs=1e-6)
    assert operated.audit is not None


def test_what_is_wrong_is_told_at_once():
    park = rich_park()
    short = SimpleNamespace(issue_step=np.array([0]), values={"wind_1.profile": np.ones((1, 3)), "snow": np.ones((1, 24))})
    with pytest.raises(DefinitionError) as refused:
        operate(park, horizon_hours=12, every_hours=24, forecasts=short)
    assert [problem.where for problem in refused.value.problems] == ["horizon_hours", "forecasts", "forecasts.wind_1.profile", "forecasts.snow"]
