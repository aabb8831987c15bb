"""What not knowing the future costs, by hand."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from gridsim.vpp.rolling.regret import regret
from tests.hand_solved.parks import battery, grid, load, tiny_park, wind


def park_before_a_dear_hour():
    """Two cheap hours, then 5 MW at 100 CNY/MWh; a battery that could carry all of it."""
    return tiny_park(
        grid=grid([10.0, 10.0, 100.0]),
        wind_1=wind([0.0, 0.0, 0.0], 10.0),
        factory=load([0.0, 0.0, 5.0]),
        store=battery(5.0, 5.0, level_start_share=0.0, level_end="free"),
    )


def test_regret_is_what_a_wrong_forecast_costs():
    """Wind of 5 MW is told for the dear hour and fails: 500 CNY in place of 50; perfect foresight charges before."""
    park = park_before_a_dear_hour()
    told = {park.technologies["wind_1"].profile: np.array([[0.0, 0.0, 0.5]])}
    figures = regret(park, horizon_hours=3, every_hours=3, forecasts=SimpleNamespace(issue_step=np.array([0]), values=told)).figures()
    assert figures["operated_cost_cny"] == pytest.approx(500.0)
    assert figures["perfect_cost_cny"] == pytest.approx(50.0)
    assert figures["regret_cny"] == pytest.approx(450.0)
    assert figures["regret_share"] == pytest.approx(9.0)
    assert figures["import_above_plan_mwh"] == pytest.approx(5.0)
    assert figures["import_below_plan_mwh"] == pytest.approx(0.0, abs=1e-9)


def test_a_plan_is_worth_what_the_rule_lacks():
    """The rule begins half full, fills up at 10 CNY/MWh and serves the dear hour; the 2.5 MWh it then lacks count 10.50 each: 51.25 CNY against 50."""
    figures = regret(park_before_a_dear_hour(), horizon_hours=2, every_hours=1).figures()
    assert figures["rule_cost_cny"] == pytest.approx(2.5 * 10.0 + 2.5 * 10.5)
    assert figures["operated_cost_cny"] == pytest.approx(50.0)
    assert figures["value_of_planning_share"] == pytest.approx(1.0)
    assert figures["rule_windows_broken"] == 0.0


def test_a_rule_that_breaks_a_limit_is_no_measure():
    """5 MW behind a connection of 4 in the last hour: the plan keeps the battery's 1 MWh for it, the rule has used its own before; its broken step is told."""
    park = tiny_park(
        grid=grid(100.0, 90.0, import_limit_mw=4.0),
        wind_1=wind([0.0, 0.0, 0.0], 10.0),
        factory=load([4.0, 4.0, 5.0]),
        store=battery(1.0, 1.0, level_start_share=1.0, level_end="free"),
    )
    found = regret(park, horizon_hours=3, every_hours=3)
    assert not found.operated.broken
    assert found.rule.audit is None
    figures = found.figures()
    assert figures["rule_windows_broken"] == 1.0
    assert np.isnan(figures["value_of_planning_share"])
