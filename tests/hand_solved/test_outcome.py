"""When there is no dispatch: the error says which need, when, by how much, and what would help."""

import numpy as np
import pytest

from gridsim.dispatch.highs import Answer
from gridsim.dispatch.model import make_draft
from gridsim.dispatch.outcome import explain_infeasible, refuse
from gridsim.errors import InfeasibleError, LimitReachedError, SolveError, UnboundedError
from hand_solved.parks import ammonia_plant, battery, electrolyser, grid, hydrogen_demand, load, response, solve, tiny_park, wind


def refusal(park, level="linear"):
    """Return the text of the `InfeasibleError` that explains a park, without the solve that finds it infeasible."""
    with pytest.raises(InfeasibleError) as caught:
        explain_infeasible(make_draft(park, level), {})
    return str(caught.value)


def test_unserved_load_is_named_with_hours_shortfall_and_remedy():
    """**Proves**: 5 MW of connection against loads of 6, 4, 9, 5, 7 MW fall short in 3 of 5 steps, first at 00:00, most by 4 MW at 02:00.

    Costs play no part in the explanation, not even a demand charge of 30000 CNY/MW.

    **Breaks as**: "in 5 of 5 steps, short by up to 9 MW" if it were cheaper to serve nobody than to pay the charge.
    """
    connection = grid(100.0, import_limit_mw=5.0, tariff={"demand_charge_cny_per_mw_month": 30000.0})
    with pytest.raises(InfeasibleError) as caught:
        solve(tiny_park(grid=connection, load=load([6.0, 4.0, 9.0, 5.0, 7.0])))
    text = str(caught.value)
    assert "no dispatch serves load in 3 of 5 steps; first 2030-01-07 00:00, short by up to 4 MW (2030-01-07 02:00)" in text
    assert "its demand is 9 MW at electricity, which can be supplied by: grid.import 5 (MW); add 4 MW of supply" in text


def test_start_costs_play_no_part_in_the_explanation():
    """**Proves**: 300 kg/h cannot be made by 10 MW (200 kg/h); short by 100 kg/h = 3.333 MW, whatever a start costs.

    **Breaks as**: short by up to 10 MW, because starting would cost more than serving nobody.
    """
    plant = electrolyser(start_cost_cny_per_mw=1e6)
    steel = hydrogen_demand(150.0, profile=[0.0, 300.0])
    text = refusal(tiny_park(grid=grid(100.0), plant=plant, steel=steel), "mixed_integer")
    assert "no dispatch serves steel in 1 of 2 steps" in text
    assert "short by up to 3.333 MW" in text


def test_supply_that_is_large_enough_but_cannot_run():
    """**Proves**: a module of 10 MW that makes at least 60 kg/h cannot make 20 kg/h in whole numbers: the message looks for what holds it
    back.

    **Breaks as**: "add 0.6666 MW of supply" to a plant of ten times that.
    """
    plant = electrolyser(part_load_curve=[[0.3, 1.0], [1.0, 1.0]], min_load_share=0.3)
    text = refusal(tiny_park(grid=grid(100.0), plant=plant, steel=hydrogen_demand(20.0)), "mixed_integer")
    assert "no dispatch serves steel in 1 of 1 steps" in text
    assert "by size that is enough, so look at what holds it back: minimum loads" in text
    assert "MW of supply" not in text


def test_missed_quota_is_named_in_kilograms():
    """**Proves**: 200 kg are due in two hours, 2 MW make 80 kg: 120 kg are missing.

    **Breaks as**: 4 (MWh of heating value).
    """
    plant, steel = electrolyser(2.0, module_mw=2.0), hydrogen_demand(100.0, flexible_within="day")
    text = refusal(tiny_park(hours=2, grid=grid(100.0), plant=plant, steel=steel))
    assert "the quota of steel cannot be delivered: 120 kg are missing" in text


def test_missed_quota_of_a_process_is_named_in_mwh():
    """**Proves**: a process needs 2 MWh in two hours, the connection brings 1 MWh: 1 MWh is missing.

    **Breaks as**: "1 kg" or a message about hydrogen.
    """
    process = response("process", bus="electricity", power_mw=5.0, quota_mwh=24.0, quota_period="day")
    text = refusal(tiny_park(grid=grid(100.0, import_limit_mw=0.5), load=load([0.0, 0.0]), process=process))
    assert "the quota of process cannot be delivered: 1 MWh are missing" in text


@pytest.mark.parametrize(
    ("limit", "missing", "ease"),
    [({"green_share_min": 0.9}, "4", "lower"), ({"import_share_max": 0.1}, "4", "raise")],
    ids=["green_share_min", "import_share_max"],
)
def test_a_share_that_cannot_be_met_is_named(limit, missing, ease):
    """**Proves**: 5 of 10 MWh are green, 90 % are asked: 4 MWh are missing, and it is the limit that is named, not the load it starves.

    **Breaks as**: "no dispatch serves load" if a missed share counted as much as a missed load.
    """
    text = refusal(tiny_park(grid=grid(100.0), wind=wind([0.5], 10.0), load=load([10.0]), limits=limit))
    field, value = next(iter(limit.items()))
    assert f"limits.{field} = {value:g} cannot be met: {missing} MWh are missing" in text
    assert f"-> {ease} limits.{field}" in text
    assert "serves load" not in text


def test_a_load_that_nothing_is_connected_to():
    """**Proves**: a load at a bus without any supply is told as such: short by its 2 MW, "supplied by: nothing".

    **Breaks as**: a ValueError about an empty left-hand side from PyPSA.
    """
    with pytest.raises(InfeasibleError) as caught:
        solve(tiny_park(grid=grid(100.0), load=load([1.0]), lonely=load([2.0], bus="far")))
    text = str(caught.value)
    assert "no dispatch serves lonely in 1 of 1 steps" in text
    assert "2 MW at far, which can be supplied by: nothing" in text


@pytest.mark.parametrize(
    "technologies",
    [
        {"wind": wind([1.0], 10.0, curtailable=False), "load": load([4.0])},
        {"grid": grid(), "plant": electrolyser(), "synthesis": ammonia_plant(1.0, min_load_share=0.5), "load": load([1.0])},
        {"grid": grid(import_limit_mw=1.0), "cells": battery(level_start_share=0.0, level_end=1.0), "load": load([0.0])},
    ],
    ids=["must-run wind", "minimum load without a tank", "end level out of reach"],
)
def test_what_no_unserved_load_can_cure(technologies):
    """**Proves**: where too much is the trouble, or a level, the message points at minimum loads, must-run renewables, levels and ramps.

    **Breaks as**: a solver's status, or a shortfall of a load that is served.
    """
    text = refusal(tiny_park(**technologies))
    assert "no dispatch exists, even with every demand unserved" in text
    assert "curtailable: false" in text


def answer(condition, feasible=False):
    return Answer(condition, feasible, 0.0, 0.0, np.zeros(1), None, 0.0, 0)


def test_each_termination_has_its_error():
    """**Proves**: the termination condition is judged: optimal and a feasible answer at the time limit pass, everything else has its own
    error.

    A park cannot be unbounded in earnest, since every flow has a limit; the message is kept for the day one has not.

    **Breaks as**: a time limit with a feasible answer refused, or one without accepted.
    """
    refuse(answer("optimal", feasible=True))
    refuse(answer("time_limit", feasible=True))
    with pytest.raises(UnboundedError, match="earn without limit"):
        refuse(answer("unbounded"))
    with pytest.raises(LimitReachedError, match="--time-limit"):
        refuse(answer("time_limit"))
    with pytest.raises(SolveError, match="'Unknown'"):
        refuse(answer("Unknown"))


def test_no_answer_within_the_time_limit():
    """**Proves**: no time at all (and no presolve, which would solve two hours at once) leaves no answer, and says so.

    **Breaks as**: a dispatch of zeros.
    """
    with pytest.raises(LimitReachedError, match="before it had any feasible dispatch"):
        solve(tiny_park(grid=grid(100.0), battery=battery(), load=load([1.0, 1.0])), time_limit=0.0, presolve="off")
