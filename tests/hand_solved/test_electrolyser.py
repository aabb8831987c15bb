"""Electrolysers: consumption, part load, modules in whole numbers, standby and starts, ramp, ageing, heat."""

import pytest

from gridsim.dispatch.audit import audit
from gridsim.dispatch.solve import solve
from gridsim.metrics.hourly import hourly_table
from gridsim.metrics.scorecard import scorecard
from hand_solved.parks import approx, case, electrolyser, grid, hydrogen_demand, hydrogen_store, in_park, tiny_park, wind

HUMP = [[0.25, 1.25], [0.5, 0.8], [1.0, 1.0]]
"""Of 10 MW at 50 kWh/kg: 2.5 MW make 40 kg/h, 5 MW make 125 kg/h (40 kWh/kg, the best), 10 MW make 200 kg/h."""


@in_park(grid=grid(100.0), plant=electrolyser(), steel=hydrogen_demand(100.0))
def test_consumption_per_kilogram(dispatch):
    """**Proves**: 100 kg/h at 50 kWh/kg draw 5 MW: 500 CNY; a kilogram costs 5 CNY, a MWh of hydrogen 100 × 50 / 33.33 = 150.015 CNY; 17
    t of water go in per t.

    **Breaks as**: 333 CNY at the lower heating value of 33.33 kWh/kg.
    """
    assert dispatch.objective_cny == approx(500.0)
    assert dispatch.prices["hydrogen"] == approx([150.0150015])
    figures = dispatch.draft.park.technologies["plant"].report("plant", dispatch)
    assert (figures["hydrogen_kg"], figures["specific_energy_kwh_per_kg"], figures["water_t"]) == approx((100.0, 50.0, 1.7))


@in_park(
    grid=grid(100.0),
    plant=electrolyser(degradation_share_per_year=0.01, age_years=10.0, variable_cost_cny_per_mwh=20.0),
    steel=hydrogen_demand(100.0),
)
def test_ageing_and_variable_cost(dispatch):
    """**Proves**: ten years at 1 % a year need 55 kWh/kg: 5.5 MWh at 100 and 20 CNY/MWh of upkeep: 660 CNY.

    **Breaks as**: 662.8 CNY if ageing compounded; 600 if new; 550 without upkeep.
    """
    assert dispatch.objective_cny == approx(660.0)


@pytest.mark.parametrize(
    "cost",
    [
        case(
            800.0,
            id="linear",
            grid=grid(100.0),
            plant=electrolyser(part_load_curve=HUMP, min_load_share=0.25),
            steel=hydrogen_demand(95.0, profile=[50.0, 140.0]),
        ),
        case(
            600.0 + 100.0 * (2.5 + 10.0 / 34.0),
            id="mixed_integer",
            level="mixed_integer",
            grid=grid(100.0),
            plant=electrolyser(part_load_curve=HUMP, min_load_share=0.25),
            steel=hydrogen_demand(95.0, profile=[50.0, 140.0]),
        ),
    ],
)
def test_part_load_of_a_fleet_and_of_one_module(dispatch, cost):
    """**Proves**: linear, 50 kg/h come from modules at their best, 40 kWh/kg: 2 MW; 140 kg/h from 5 MW at the best and 15 kg/h at 15
    kg/MWh: 6 MW. 800 CNY.

    One module in whole numbers makes 40 kg/h at its lowest 2.5 MW, then 34 kg a MWh: 50 kg/h need 2.5 + 10/34 = 2.794 MW; 140 kg/h again
    6 MW. 879.41 CNY.

    **Breaks as**: 950 CNY at the rated consumption throughout; 800 at both levels if one module could mix "off" and "best".
    """
    assert dispatch.objective_cny == approx(cost)


FIRST_LOW = {"grid": grid(100.0), "steel": hydrogen_demand(95.0, profile=[50.0, 140.0])}


@pytest.mark.parametrize(
    ("overstated_kg", "below_mwh"),
    [
        case(50.0, 2.0, id="one module", plant=electrolyser(part_load_curve=HUMP, min_load_share=0.25), **FIRST_LOW),
        case(4.5, 0.0, id="two modules", plant=electrolyser(module_mw=5.0, part_load_curve=HUMP, min_load_share=0.25), **FIRST_LOW),
        case(0.0, 0.0, id="mixed_integer", level="mixed_integer", plant=electrolyser(part_load_curve=HUMP, min_load_share=0.25), **FIRST_LOW),
    ],
)
def test_what_the_lines_promise_above_whole_modules_is_told(dispatch, overstated_kg, below_mwh):
    """**Proves**: 50 kg/h from 2 MW are below the 2.5 MW of one module of 10 MW, which makes nothing of them: 50 of 190 kg. One of two modules of 5 MW makes
    20 kg/h at its lowest 1.25 MW and 34 kg a MWh above: 45.5 kg/h, 4.5 kg short. 140 kg/h from 6 MW are on the curve of either.

    **Breaks as**: 0 kg where the lines are held against themselves; 10 kg (50 of 40) where a module below its minimum ran at it.
    """
    figures = dispatch.draft.park.technologies["plant"].report("plant", dispatch)
    assert (figures["hydrogen_overstated_kg"], figures["below_minimum_load_mwh"]) == pytest.approx((overstated_kg, below_mwh), abs=1e-6)
    assert figures["hydrogen_overstated_share"] == pytest.approx(overstated_kg / 190.0, abs=1e-8)
    assert figures["below_minimum_load_hours"] == (1.0 if below_mwh else 0.0)


@in_park(grid=grid(100.0), plant=electrolyser(12.0, module_mw=5.0, part_load_curve=HUMP, min_load_share=0.25), steel=hydrogen_demand(50.0))
def test_a_fleet_that_is_no_multiple_of_a_module_counts_as_equal_modules(dispatch):
    """**Proves**: 12 MW of modules of 5 MW are two of 6 MW: 2 MW on one of them make 24 kg/h at its lowest 1.5 MW and 17 kg above: 41 of 50 kg.

    **Breaks as**: 4.5 kg short with modules of 5 MW.
    """
    figures = dispatch.draft.park.technologies["plant"].report("plant", dispatch)
    assert figures["hydrogen_overstated_kg"] == pytest.approx(9.0, abs=1e-6)


@in_park(wind=wind([1.0], 100.0), plant=electrolyser(part_load_curve=HUMP, min_load_share=0.25), steel=hydrogen_demand(125.0))
def test_free_electricity_is_not_wasted(dispatch):
    """**Proves**: with 100 MW of idle wind, 125 kg/h still draw 5 MW: the pieces of the curve fill in order.

    **Breaks as**: up to 7 MW (5 MW at 15 kg/MWh first) where free electricity leaves the order open: more consumption than there is.
    """
    assert dispatch.flows["wind"] == approx([5.0])


def test_what_orders_the_pieces_costs_nobody_anything():
    """**Proves**: 140 kg/h take 5 MW at 25 kg/MWh and 1 MW at 15: 6 MW at 20 CNY/MWh of upkeep cost 120 CNY, to the last digit.

    **Breaks as**: 120.0001 CNY where the solver's tie break between the pieces (0.0001 CNY/MWh) is counted as money. Solved alone: parks that are
    solved together get their objective from the tables.
    """
    plant = electrolyser(part_load_curve=HUMP, min_load_share=0.25, variable_cost_cny_per_mwh=20.0)
    dispatch = solve(tiny_park(wind=wind([1.0], 100.0), plant=plant, steel=hydrogen_demand(140.0))).dispatch
    assert [dispatch.flows[f"plant.piece_{number}"][0] for number in (0, 1)] == approx([5.0, 1.0])
    assert dispatch.objective_cny == pytest.approx(120.0, abs=1e-9, rel=0)


HUNGRY = {"grid": grid(-100.0), "plant": electrolyser(part_load_curve=HUMP, min_load_share=0.25), "steel": hydrogen_demand(100.0)}


@pytest.mark.parametrize("power_mw", [case(4.0, id="linear", **HUNGRY), case(2.5 + 60.0 / 34.0, id="mixed_integer", level="mixed_integer", **HUNGRY)])
def test_negative_prices_do_not_bend_the_curve(dispatch, power_mw):
    """**Proves**: at −100 CNY/MWh 100 kg/h draw what the curve says, 4 MW (one module in whole numbers: 2.5 + 60/34 MW), although more
    would earn more.

    **Breaks as**: 6 MW linear (5 MW at 15 kg/MWh and 1 MW at 25); 6.5 MW in whole numbers (60 kg at 15 kg/MWh).
    """
    assert dispatch.flows["grid.import"] == approx([power_mw])


@in_park(grid=grid(100.0), plant=electrolyser(part_load_curve=[[0.1, 1.0], [1.0, 1.0], [1.25, 1.25 / 1.2]]), steel=hydrogen_demand(220.0))
def test_overload_has_its_price(dispatch):
    """**Proves**: to 125 % load the curve goes on at 16 kg/MWh: 220 kg/h need 10 + 20/16 = 11.25 MW: 1125 CNY.

    **Breaks as**: infeasible without overload; 1100 CNY at the rated consumption.
    """
    assert dispatch.objective_cny == approx(1125.0)


@in_park(
    grid=grid([10.0, 100.0, 100.0]),
    plant=electrolyser(ramp_share_per_hour=0.2),
    tank=hydrogen_store(1000.0),
    steel=hydrogen_demand(220.0 / 3.0, profile=[20.0, 100.0, 100.0]),
)
def test_ramp_of_the_fleet(dispatch):
    """**Proves**: 2 MW an hour; 1 + 5 + 5 MWh of hydrogen, cheap in the first hour only. x + (x − 2) + (x − 4) = 11: x = 5.667 MW: 590 CNY.

    The first hour may start anywhere.

    **Breaks as**: 200 CNY without ramp; 920 with a ramp from standstill into the first hour.
    """
    assert dispatch.objective_cny == approx(590.0)
    assert dispatch.flows["plant.piece_0"] == approx([17.0 / 3.0, 11.0 / 3.0, 5.0 / 3.0])


MINIMUM = {"part_load_curve": [[0.3, 1.0], [1.0, 1.0]], "min_load_share": 0.3}
"""One module of 10 MW that makes 60 kg/h at its minimum of 3 MW."""

HOURS = {"steel": hydrogen_demand(10.0), "tank": hydrogen_store(1000.0, level_start_share=0.01)}
"""10 kg/h for each of three hours, of which the first lies in the tank."""


@pytest.mark.parametrize(
    "cost",
    [
        case(10.0, id="linear", hours=3, grid=grid([1000.0, 10.0, 1000.0]), plant=electrolyser(**MINIMUM), **HOURS),
        case(
            30.0,
            id="mixed_integer",
            level="mixed_integer",
            hours=3,
            grid=grid([1000.0, 10.0, 1000.0]),
            plant=electrolyser(**MINIMUM),
            **HOURS,
        ),
    ],
)
def test_minimum_load_of_a_module(dispatch, cost):
    """**Proves**: 20 kg are wanted from the cheap second hour: linear 1 MWh; a module that is on draws 3 MW: 30 CNY.

    **Breaks as**: 10 CNY at both levels without minimum load; 6030 if the module could not stop.
    """
    assert dispatch.objective_cny == approx(cost)


@in_park(level="mixed_integer", hours=3, grid=grid([1000.0, 10.0, 1000.0]), plant=electrolyser(ramp_share_per_hour=0.2, **MINIMUM), **HOURS)
def test_a_ramp_slower_than_the_minimum_load_lets_a_module_start(dispatch):
    """**Proves**: 2 MW an hour against a minimum of 3 MW: the module still starts and stops, 30 CNY.

    **Breaks as**: 6030 CNY (it would have to run all the time), or infeasible.
    """
    assert dispatch.objective_cny == approx(30.0)
    assert dispatch.commitments["plant.modules"] == approx([0.0, 1.0, 0.0])


@in_park(
    level="mixed_integer",
    grid=grid(100.0),
    plant=electrolyser(ramp_share_per_hour=0.2, **MINIMUM),
    steel=hydrogen_demand(90.0, profile=[60.0, 120.0], unserved_price_cny_per_kg=10.0),
)
def test_what_a_single_module_runs_above_its_minimum_keeps_to_the_ramp(dispatch):
    """**Proves**: from 3 MW (60 kg/h) it rises by 2 MW, not by the 3 MW of a start: 100 of 120 kg/h, 20 kg unserved at 10 CNY: 300 + 500
    + 200 = 1000 CNY.

    **Breaks as**: 900 CNY if the ramp gave way to the minimum load while the module runs.
    """
    assert dispatch.objective_cny == approx(1000.0)


@pytest.mark.parametrize(
    ("hours", "cost"),
    [
        case(
            0.5,
            245.0,
            level="mixed_integer",
            hours=3,
            grid=grid([1000.0, 10.0, 1000.0]),
            plant=electrolyser(start_cost_cny_per_mw=20.0, start_time_hours=0.5, **MINIMUM),
            **HOURS,
        ),
        case(
            5.0,
            380.0,
            level="mixed_integer",
            hours=3,
            grid=grid([1000.0, 10.0, 1000.0]),
            plant=electrolyser(start_cost_cny_per_mw=20.0, start_time_hours=5.0, **MINIMUM),
            **HOURS,
        ),
    ],
)
def test_a_cold_start_costs_money_and_energy(dispatch, hours, cost):
    """**Proves**: one start of 10 MW at 20 CNY/MW is 200 CNY, and 0.5 h at 3 MW are 1.5 MWh at 10: 30 + 200 + 15 = 245; with 5 h 15 MWh:
    380 CNY.

    **Breaks as**: 30 CNY without starts; 230 without energy; infeasible at 5 h if starting could not draw more than the plant's rating.
    """
    assert dispatch.objective_cny == approx(cost)
    assert dispatch.flows["plant.auxiliary"] == approx([0.0, 3.0 * hours, 0.0])
    assert dispatch.starts["plant.modules"] == approx([0.0, 1.0, 0.0])


@in_park(
    level="mixed_integer",
    grid=grid([10.0, 500.0, 10.0]),
    plant=electrolyser(start_cost_cny_per_mw=20.0, standby_share=0.02, **MINIMUM),
    steel=hydrogen_demand(40.0, profile=[60.0, 0.0, 60.0]),
)
def test_standby_is_cheaper_than_a_start(dispatch):
    """**Proves**: hydrogen is wanted in hours 0 and 2; 2 % of 10 MW of standby at 500 cost 100 CNY, a start 200: 30 + 100 + 30 = 160 CNY.

    **Breaks as**: 60 CNY if a warm module drew nothing; 260 if it could not stay warm.
    """
    assert dispatch.objective_cny == approx(160.0)
    assert dispatch.commitments["plant.modules"] == approx([1.0, 0.0, 1.0])
    assert dispatch.standby["plant.modules"] == approx([0.0, 1.0, 0.0])


@in_park(
    level="mixed_integer",
    grid=grid(100.0),
    plant=electrolyser(module_mw=2.5, part_load_curve=[[0.4, 1.0], [1.0, 1.0]], min_load_share=0.4, start_cost_cny_per_mw=1.0),
    steel=hydrogen_demand(310.0 / 3.0, profile=[30.0, 80.0, 200.0]),
)
def test_modules_switch_one_by_one(dispatch):
    """**Proves**: of four modules of 2.5 MW with 1 MW minimum, 30 kg/h (1.5 MW) run one, 80 kg/h (4 MW) at least two, 200 kg/h all four.

    **Breaks as**: infeasible at 30 kg/h if the fleet were one block of 10 MW with 4 MW minimum.
    """
    on = dispatch.commitments["plant.modules"]
    assert (on[0], on[2]) == (1.0, 4.0)
    assert 2.0 <= on[1] <= 4.0
    assert dispatch.objective_cny == approx(100.0 * 15.5 + 3 * 2.5)


@in_park(grid=grid(100.0), plant=electrolyser(heat_bus="heat", heat_recovery_share=0.8), steel=hydrogen_demand(100.0))
def test_waste_heat_reaches_the_heat_bus_or_is_let_go(dispatch):
    """**Proves**: of 5 MW, 1 − 33.33/50 = 0.3334 become heat, of which 0.8 reach the bus: 1.3336 MW_th; nobody needs them, and the plant
    runs all the same: 500 CNY.

    **Breaks as**: infeasible if unused heat could not be let go.
    """
    assert dispatch.objective_cny == approx(500.0)
    assert dispatch.flows["plant.heat_spill"] == approx([1.3336])
    assert dispatch.prices["heat"] == approx([0.0])
    hours, units = hourly_table(dispatch, scorecard(dispatch, audit(dispatch)))
    assert hours["plant:heat_mw_th"].to_numpy() == approx([1.3336])
    assert hours["plant:heat_let_go_mw_th"].to_numpy() == approx([1.3336])
    assert units["plant:heat_mw_th"] == units["plant:heat_let_go_mw_th"] == "MW_th"


def test_kinds_bring_their_own_defaults():
    """**Proves**: a new PEM plant takes 55 kWh/kg at rated load, an alkaline one 53: 10 MW make 181.8 and 188.7 kg/h.

    **Breaks as**: equal figures if ``kind`` did not choose the defaults.
    """
    park = tiny_park(
        pem={"type": "electrolyser", "kind": "pem", "capacity_mw": 10.0},
        alkaline={"type": "electrolyser", "capacity_mw": 10.0},
        sound=False,
    )
    assert (park.technologies["pem"].consumption_kwh_per_kg, park.technologies["alkaline"].consumption_kwh_per_kg) == (55.0, 53.0)
    assert (park.technologies["pem"].modules, park.technologies["alkaline"].modules) == (10, 2)
