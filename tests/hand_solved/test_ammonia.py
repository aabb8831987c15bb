"""Ammonia: 180 kg of hydrogen (9 MWh of electricity) and 1 MWh a tonne, so a tonne costs ten times the price of electricity."""

import pytest

from gridsim.dispatch.audit import audit
from gridsim.metrics.hourly import hourly_table
from gridsim.metrics.scorecard import scorecard
from hand_solved.parks import ammonia_demand, ammonia_plant, approx, case, electrolyser, grid, in_park

PLANT = {"plant": electrolyser(50.0)}


@in_park(grid=grid(100.0), synthesis=ammonia_plant(variable_cost_cny_per_t=50.0), users=ammonia_demand(1.0), **PLANT)
def test_hydrogen_and_electricity_of_a_tonne(dispatch):
    """**Proves**: a tonne takes 180 kg (9 MWh) and 0.7 + 0.3 MWh at 100, and 50 CNY of upkeep: 1050 CNY.

    **Breaks as**: 950 CNY without electricity, 1020 without air separation; 150 without hydrogen.
    """
    assert dispatch.objective_cny == approx(1050.0)
    assert dispatch.prices["ammonia"] == approx([1050.0])
    figures = dispatch.draft.park.technologies["synthesis"].report("synthesis", dispatch)
    assert (figures["ammonia_t"], figures["hydrogen_kg"], figures["energy_mwh"]) == approx((1.0, 180.0, 1.0))
    hours, _ = hourly_table(dispatch, scorecard(dispatch, audit(dispatch)))
    assert hours.loc[hours.index[0], ["synthesis:power_mw", "plant:power_mw"]].tolist() == approx([1.0, 9.0])


@in_park(grid=grid(100.0), synthesis=ammonia_plant(0.4), users=ammonia_demand(1.0, unserved_price_cny_per_t=3000.0), **PLANT)
def test_capacity_limits_the_synthesis(dispatch):
    """**Proves**: 0.4 t/h of 1 t/h can be made; the rest stays unserved at 3000 CNY/t: 400 + 1800 = 2200 CNY.

    **Breaks as**: 1000 CNY without limit.
    """
    assert dispatch.objective_cny == approx(2200.0)
    figures = dispatch.draft.park.technologies["users"].report("users", dispatch)
    assert (figures["delivered_t"], figures["unserved_t"]) == approx((0.4, 0.6))


@pytest.mark.parametrize(
    "cost",
    [
        case(
            550.0,
            id="linear-0.5",
            hours=2,
            grid=grid([100.0, 10.0]),
            synthesis=ammonia_plant(1.0, min_load_share=0.5, tank_t=10.0, tank_start_share=0.0, tank_end="free"),
            users=ammonia_demand(0.25),
            **PLANT,
        ),
        case(
            500.0,
            id="mixed_integer-0.5",
            level="mixed_integer",
            hours=2,
            grid=grid([100.0, 10.0]),
            synthesis=ammonia_plant(1.0, min_load_share=0.5, tank_t=10.0, tank_start_share=0.0, tank_end="free"),
            users=ammonia_demand(0.25),
            **PLANT,
        ),
        case(
            275.0,
            id="linear-0.0",
            hours=2,
            grid=grid([100.0, 10.0]),
            synthesis=ammonia_plant(1.0, min_load_share=0.0, tank_t=10.0, tank_start_share=0.0, tank_end="free"),
            users=ammonia_demand(0.25),
            **PLANT,
        ),
    ],
)
def test_minimum_load_holds_always_or_while_on(dispatch, cost):
    """**Proves**: 0.25 t/h are wanted, the synthesis makes at least 0.5 t/h: linear in both hours, 500 + 50; in whole numbers it stops
    after the first: 500 CNY.

    Without a minimum 0.25 t each: 250 + 25 = 275 CNY.

    **Breaks as**: 275 CNY throughout if the minimum were lost; 550 in whole numbers if the synthesis could not stop.
    """
    assert dispatch.objective_cny == approx(cost)


@in_park(
    grid=grid([10.0, 100.0, 100.0]),
    synthesis=ammonia_plant(1.0, ramp_share_per_hour=0.2, tank_t=10.0, tank_start_share=0.0, tank_end="free"),
    users=ammonia_demand(1.1 / 3.0, profile=[0.1, 0.5, 0.5]),
    **PLANT,
)
def test_ramp_of_the_synthesis(dispatch):
    """**Proves**: 0.2 t/h an hour; x + (x − 0.2) + (x − 0.4) = 1.1 t, cheap in the first hour only: x = 0.5667: 590 CNY.

    **Breaks as**: 200 CNY without ramp.
    """
    assert dispatch.objective_cny == approx(590.0)


@in_park(
    level="mixed_integer",
    grid=grid([2000.0, 10.0, 1000.0]),
    synthesis=ammonia_plant(
        1.0, min_load_share=0.4, ramp_share_per_hour=0.2, start_cost_cny=500.0, tank_t=2.0, tank_start_share=0.05, tank_end="free"
    ),
    users=ammonia_demand(1.1 / 3.0, profile=[0.1, 0.1, 0.9]),
    **PLANT,
)
def test_a_start_in_whole_numbers_reaches_the_minimum_load(dispatch):
    """**Proves**: 0.2 t/h an hour, yet it starts at its minimum of 0.4 t/h in the cheap hour, and runs at 0.6 t/h in the dear one: 40 +
    6000 CNY, and 500 a start.

    The first hour's 0.1 t lie in the tank; starting then would cost 8000 CNY.

    **Breaks as**: 600 CNY without ramp; infeasible if the start kept to the ramp; 6040 without the start's cost.
    """
    assert dispatch.objective_cny == approx(6540.0)
    assert dispatch.starts["synthesis.on"] == approx([0.0, 1.0, 0.0])


@in_park(
    level="mixed_integer",
    grid=grid(100.0),
    synthesis=ammonia_plant(1.0, min_load_share=0.4, ramp_share_per_hour=0.2),
    users=ammonia_demand(0.6, profile=[0.4, 0.8], unserved_price_cny_per_t=3000.0),
    **PLANT,
)
def test_a_running_synthesis_keeps_to_its_ramp_in_whole_numbers(dispatch):
    """**Proves**: from 0.4 t/h it rises by 0.2, not by the 0.4 of a start: 0.6 of 0.8 t/h, 0.2 t unserved at 3000: 400 + 600 + 600 = 1600
    CNY.

    **Breaks as**: 1200 CNY if the ramp gave way to the minimum load while it runs.
    """
    assert dispatch.objective_cny == approx(1600.0)


@in_park(
    grid=grid([10.0, 100.0]),
    synthesis=ammonia_plant(tank_t=0.3, tank_start_share=0.0, tank_end="free"),
    users=ammonia_demand(0.5, profile=[0.0, 1.0]),
    **PLANT,
)
def test_tank_of_the_plant(dispatch):
    """**Proves**: a tank of 0.3 t takes 0.3 t from the cheap hour into the dear one: 30 + 700 = 730 CNY.

    **Breaks as**: 100 CNY with a tank of any size, 1000 without.
    """
    assert dispatch.objective_cny == approx(730.0)


@in_park(
    hours=2, grid=grid([100.0, 10.0]), synthesis=ammonia_plant(), users=ammonia_demand(1.0, flexible_within="day", max_t_per_h=1.5), **PLANT
)
def test_quota_and_largest_rate(dispatch):
    """**Proves**: 2 t within the day at 1.5 t/h at most: 1.5 t at 10 and 0.5 t at 100: 150 + 500 = 650 CNY.

    **Breaks as**: 200 CNY without the rate; 1100 if the hours were fixed.
    """
    assert dispatch.objective_cny == approx(650.0)
