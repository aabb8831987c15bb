"""Compressed air, adiabatic and diabatic: air and heat apart, two machines, minimum loads and starts."""

import pytest

from hand_solved.parks import approx, caes, case, grid, in_park, load


@in_park(grid=grid([10.0, 1000.0]), caes=caes(10.0, 6.0, compressor_efficiency=0.8, expander_efficiency=0.75), load=load([0.0, 6.0]))
def test_round_trip_of_an_adiabatic_plant(dispatch):
    """**Proves**: 6 MWh out need 6 / (0.8 × 0.75) = 10 MWh in at 10 CNY: 100 CNY; meanwhile the cavern is full with 6 MWh, and the heat
    store, left out, is as large as the 8 MWh_th that a full cavern needs.

    **Breaks as**: 60 CNY without losses; 80 or 75 with one of the two efficiencies; 1575 if the heat store held 6 MWh_th.
    """
    assert dispatch.objective_cny == approx(100.0)
    assert dispatch.levels["caes.store"] == approx([6.0, 0.0])
    assert dispatch.levels["caes.heat_store"] == approx([8.0, 0.0])


@in_park(
    grid=grid([10.0, 1000.0]),
    caes=caes(10.0, 10.0, compressor_efficiency=0.8, heat_standing_loss_share_per_hour=0.5, level_end="same"),
    load=load([0.0, 4.0]),
)
def test_heat_that_leaks_makes_air_useless(dispatch):
    """**Proves**: half the heat is lost each hour, so 4 MWh out at t=1 need 8 MWh of heat, and 8 / 0.8 = 10 MWh of compression, although
    half of that would fill the cavern with air enough: 100 CNY. The other 4 MWh of air are let go, since the plant ends as empty as it
    began.

    **Breaks as**: 50 CNY if heat were not balanced, or did not leak; 80 if all of the compressor's work became heat; 4000 without a vent.
    """
    assert dispatch.objective_cny == approx(100.0)
    assert dispatch.flows["caes.charge"] == approx([10.0, 0.0])


@in_park(grid=grid([10.0, 10.0, 1000.0]), caes=caes(10.0, 10.0, compressor_power_mw=4.0), load=load([0.0, 0.0, 10.0]))
def test_compressor_smaller_than_the_expander(dispatch):
    """**Proves**: 4 MW of compressor fill 8 MWh in two hours at 10, the expander gives them at 8 MW in one, and 2 of 10 MWh cost 1000:
    2080 CNY.

    **Breaks as**: 100 CNY with a compressor as large as the expander; 6040 with an expander of 4 MW.
    """
    assert dispatch.objective_cny == approx(2080.0)


@in_park(grid=grid([10.0, 1000.0]), caes=caes(heat_store_mwh=3.0), load=load([0.0, 10.0]))
def test_small_heat_store_limits_the_plant(dispatch):
    """**Proves**: 3 MWh_th of heat give 3 MWh although the cavern holds 10: 3 × 10 + 7 × 1000 = 7030 CNY.

    **Breaks as**: 100 CNY if the heat store had no size.
    """
    assert dispatch.objective_cny == approx(7030.0)


@in_park(grid=grid(10.0), caes=caes(10.0, 10.0, heat_store_mwh=3.0, level_end=1.0), load=load([0.0]))
def test_surplus_heat_of_a_small_heat_store_is_let_go(dispatch):
    """**Proves**: the heat store may overflow. A full cavern at the end needs 10 MWh of compression, whose heat exceeds 3 MWh_th: 100
    CNY, 7 MWh_th let go.

    **Breaks as**: infeasible without a vent for heat.
    """
    assert dispatch.objective_cny == approx(100.0)
    assert dispatch.flows["caes.heat_vent"] == approx([7.0])


@in_park(grid=grid([10.0, 1000.0, 500.0]), caes=caes(4.0, 5.0, compressor_power_mw=10.0, heat_store_mwh=100.0), load=load([0.0, 8.0, 8.0]))
def test_cavern_size_and_expander_power_limit_the_plant(dispatch):
    """**Proves**: 5 MWh of air, given at 4 MW: 4 + 1 MWh replace the grid at 1000 and 500, the rest is bought: 50 + 4 × 1000 + 7 × 500 =
    7550 CNY.

    **Breaks as**: 7050 CNY if the expander gave 5 MW; 6080 with a cavern of 8 MWh and more.
    """
    assert dispatch.objective_cny == approx(7550.0)


@in_park(
    grid=grid([100.0, 1000.0]),
    caes=caes(kind="diabatic", compression_mwh_per_mwh_out=0.8, fuel_mwh_per_mwh_out=1.6, fuel_price_cny_per_mwh=50.0),
    load=load([0.0, 5.0]),
)
def test_diabatic_plant_burns_fuel(dispatch):
    """**Proves**: 5 MWh out need 4 MWh of compression at 100 and 8 MWh of gas at 50: 400 + 400 = 800 CNY, below 5 × 1000 from the grid.

    **Breaks as**: 400 CNY without fuel; 1025 if 0.8 divided the compression's work instead of multiplying it.
    """
    assert dispatch.objective_cny == approx(800.0)
    assert dispatch.draft.park.technologies["caes"].report("caes", dispatch)["fuel_mwh"] == approx(8.0)


@in_park(
    grid=grid([10.0, 1000.0]),
    caes=caes(10.0, 10.0, compressor_efficiency=0.8, expander_efficiency=0.75, throughput_cost_cny_per_mwh=5.0),
    load=load([0.0, 6.0]),
)
def test_wear_is_paid_per_mwh_delivered(dispatch):
    """**Proves**: 6 MWh out at 5 CNY/MWh of wear and 10 MWh in at 10: 130 CNY.

    **Breaks as**: 150 CNY if wear counted the compressor's MWh.
    """
    assert dispatch.objective_cny == approx(130.0)


@pytest.mark.parametrize(
    "cost",
    [
        case(30.0, id="linear", grid=grid([10.0, 1000.0]), caes=caes(compressor_min_load_share=0.5), load=load([0.0, 3.0])),
        case(
            50.0,
            id="mixed_integer",
            level="mixed_integer",
            grid=grid([10.0, 1000.0]),
            caes=caes(compressor_min_load_share=0.5),
            load=load([0.0, 3.0]),
        ),
    ],
)
def test_minimum_load_of_the_compressor(dispatch, cost):
    """**Proves**: 3 MWh are wanted; in whole numbers the compressor draws at least half of its 10 MW, so 5 MWh are bought at 10: 50
    instead of 30 CNY.

    **Breaks as**: 30 CNY at both levels without the minimum load.
    """
    assert dispatch.objective_cny == approx(cost)


@pytest.mark.parametrize(
    "cost",
    [
        case(30.0, id="linear", grid=grid([10.0, 1000.0]), caes=caes(expander_min_load_share=0.4), load=load([0.0, 3.0])),
        case(
            3000.0,
            id="mixed_integer",
            level="mixed_integer",
            grid=grid([10.0, 1000.0]),
            caes=caes(expander_min_load_share=0.4),
            load=load([0.0, 3.0]),
        ),
    ],
)
def test_minimum_load_of_the_expander(dispatch, cost):
    """**Proves**: the expander gives at least 4 MW, more than the load of 3 MW can take, so it stands still and the grid serves: 3000 CNY.

    **Breaks as**: 30 CNY at both levels without the minimum load.
    """
    assert dispatch.objective_cny == approx(cost)


@in_park(level="mixed_integer", grid=grid(100.0), caes=caes(compressor_min_load_share=0.5, level_end=0.1), load=load([4.0]))
def test_compressor_and_expander_never_run_at_once(dispatch):
    """**Proves**: 1 MWh must be gained, the compressor takes 5 MW or nothing: 4 MW of load and 5 MW of compressor cost 900 CNY.

    **Breaks as**: 500 CNY if the expander gave 4 of the 5 MW back in the same hour.
    """
    assert dispatch.objective_cny == approx(900.0)
    assert dispatch.flows["caes.discharge"] == approx([0.0])


@pytest.mark.parametrize(
    "cost",
    [
        case(
            1050.0,
            id="500.0",
            level="mixed_integer",
            grid=grid([1000.0, 10.0, 1000.0]),
            caes=caes(compressor_min_load_share=0.5, expander_min_load_share=0.5, start_cost_cny=500.0),
            load=load([0.0, 0.0, 5.0]),
        ),
        case(
            5000.0,
            id="3000.0",
            level="mixed_integer",
            grid=grid([1000.0, 10.0, 1000.0]),
            caes=caes(compressor_min_load_share=0.5, expander_min_load_share=0.5, start_cost_cny=3000.0),
            load=load([0.0, 0.0, 5.0]),
        ),
    ],
)
def test_each_machine_pays_for_its_start(dispatch, cost):
    """**Proves**: compressor (hour 1) and expander (hour 2) start once each: 5 × 10 + 2 × 500 = 1050 CNY; at 3000 a start the grid is
    cheaper: 5000 CNY.

    Both have a minimum load of 5 MW, so neither can be turning in the dear first hour, in which starts are free.

    **Breaks as**: 50 CNY without starts; 550 if one machine's start counted.
    """
    assert dispatch.objective_cny == approx(cost)
    assert dispatch.starts["caes.compressor"].sum() == approx(1.0 if cost < 5000.0 else 0.0)


@in_park(grid=grid([10.0, 100.0]), caes=caes(level_end=0.6, pressure_min_bar=50.0, pressure_max_bar=70.0), load=load([0.0, 0.0]))
def test_pressure_follows_the_air(dispatch):
    """**Proves**: 6 of 10 MWh between 50 and 70 bar stand at 62 bar, an empty cavern at 50.

    **Breaks as**: 42 bar if the window began at zero.
    """
    pressure, unit = dispatch.draft.park.technologies["caes"].series("caes", dispatch)["pressure_bar"]
    assert (pressure[0], unit) == (approx(62.0), "bar")
