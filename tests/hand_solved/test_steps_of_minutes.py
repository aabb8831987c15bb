"""Steps of 15 minutes: energy is power times 0.25 h, and rates by the hour are cut to the step."""

import pytest

from gridsim.dispatch.model import make_draft
from gridsim.technologies.draft import Calls, LoadShift
from hand_solved.parks import (
    ammonia_demand,
    ammonia_plant,
    approx,
    battery,
    electrolyser,
    grid,
    hydrogen_demand,
    hydrogen_store,
    in_park,
    load,
    response,
    tiny_park,
)


@in_park(
    step_minutes=15,
    grid=grid([100.0, 1000.0]),
    battery=battery(20.0, 50.0, standing_loss_share_per_hour=0.9375, level_start_share=0.0, level_end="free"),
    load=load([0.0, 8.0]),
)
def test_energy_loss_and_price_of_a_quarter_hour(dispatch):
    """**Proves**: 8 MW for 15 minutes are 2 MWh. A loss of 93.75 % an hour is one half a quarter hour (0.5⁴ = 0.0625): 4 MWh bought with
    16 MW at 100: 400 CNY.

    A MWh at the end is worth two at the beginning: 200 CNY/MWh.

    **Breaks as**: 1600 CNY if energy were not cut to the step; 2000 with an hour's loss a step; a price of 25 if duals were not divided
    by it.
    """
    assert dispatch.objective_cny == approx(400.0)
    assert dispatch.flows["battery.charge"] == approx([16.0, 0.0])
    assert dispatch.levels["battery.store"] == approx([4.0, 0.0])
    assert dispatch.prices["electricity"] == approx([100.0, 200.0])
    figures = dispatch.draft.park.technologies["battery"].report("battery", dispatch)
    assert (figures["charged_mwh"], figures["energy_mwh"]) == approx((4.0, 2.0))


@in_park(
    step_minutes=15,
    grid=grid(100.0),
    battery=battery(20.0, 8.0, standing_loss_share_per_hour=0.9375, level_start_share=1.0, level_end="free"),
    load=load([20.0]),
)
def test_the_start_level_fades_by_the_step(dispatch):
    """**Proves**: of 8 MWh before the first quarter hour one half is left at its end, so 5 MWh of load buy 1 MWh: 100 CNY.

    **Breaks as**: 450 CNY with the loss of an hour (0.5 MWh left), 0 without.
    """
    assert dispatch.objective_cny == approx(100.0)


@in_park(
    step_minutes=15,
    grid=grid([10.0, 100.0, 100.0]),
    plant=electrolyser(ramp_share_per_hour=0.2),
    tank=hydrogen_store(1000.0),
    steel=hydrogen_demand(220.0 / 3.0, profile=[20.0, 100.0, 100.0]),
)
def test_ramp_of_an_electrolyser_in_a_quarter_hour(dispatch):
    """**Proves**: 20 % an hour of 10 MW are 0.5 MW a step: x + (x − 0.5) + (x − 1) = 11 MW-steps: x = 4.1667 MW: 181.25 CNY.

    **Breaks as**: 147.5 CNY with the ramp of an hour.
    """
    assert dispatch.objective_cny == approx(181.25)


@in_park(
    step_minutes=15,
    grid=grid([10.0, 100.0, 100.0]),
    plant=electrolyser(50.0),
    synthesis=ammonia_plant(1.0, ramp_share_per_hour=0.2, tank_t=10.0, tank_start_share=0.0, tank_end="free"),
    users=ammonia_demand(1.1 / 3.0, profile=[0.1, 0.5, 0.5]),
)
def test_ramp_of_a_synthesis_in_a_quarter_hour(dispatch):
    """**Proves**: a tenth of the electrolyser's tonnage at ten times its energy, so the same 181.25 CNY.

    **Breaks as**: 147.5 CNY with the ramp of an hour.
    """
    assert dispatch.objective_cny == approx(181.25)


@in_park(
    step_minutes=15,
    grid=grid([100.0, 10.0]),
    plant=electrolyser(),
    tank=hydrogen_store(5.0),
    steel=hydrogen_demand(50.0, flexible_within="day"),
)
def test_quotas_rates_and_tanks_of_a_quarter_hour(dispatch):
    """**Proves**: 50 kg/h within the day are 25 kg in two steps; a tank of 5 kg is filled in one (20 kg/h). At 100 kg/h at most all is
    made at 10: 1.25 MWh.

    **Breaks as**: 100 kg, 50 CNY if steps were hours.
    """
    assert dispatch.objective_cny == approx(12.5)
    assert dispatch.draft.components["tank.charge"]["p_nom"] == approx(20.0 * 0.03333)
    assert dispatch.draft.park.technologies["steel"].report("steel", dispatch)["delivered_kg"] == approx(25.0)


@in_park(
    level="mixed_integer",
    step_minutes=15,
    grid=grid([1000.0, 10.0, 1000.0]),
    plant=electrolyser(part_load_curve=[[0.3, 1.0], [1.0, 1.0]], min_load_share=0.3, start_time_hours=0.5),
    steel=hydrogen_demand(20.0, profile=[0.0, 60.0, 0.0]),
)
def test_start_energy_falls_into_one_step(dispatch):
    """**Proves**: half an hour at 3 MW is 1.5 MWh, drawn with 6 MW in the step of the start; a step of 3 MW at 10 and the start: 7.5 + 15
    = 22.5 CNY.

    **Breaks as**: 11.25 CNY if the start drew 1.5 MW for the step.
    """
    assert dispatch.flows["plant.auxiliary"] == approx([0.0, 6.0, 0.0])
    assert dispatch.objective_cny == approx(22.5)


@pytest.mark.parametrize(("minutes", "steps"), [(60, 2), (15, 8), (5, 24)])
def test_windows_and_calls_are_counted_in_steps(minutes, steps):
    """**Proves**: two hours are 2, 8 or 24 steps, for the window of a shift and the length of a call.

    **Breaks as**: 2 everywhere.
    """
    shift = response("shift", window_hours=2.0)
    block = response("interrupt", power_mw=1.0, calls_per_year=1, hours_per_call=2.0)
    draft = make_draft(tiny_park(hours=24, step_minutes=minutes, load=load([1.0]), shift=shift, block=block), "mixed_integer")
    assert draft.requested(LoadShift)[0].window == steps
    assert draft.requested(Calls)[0].length == steps
