"""Fleets and machines at their borders: on or in standby, several modules, ramps slower than the minimum load, losses both ways."""

from hand_solved.parks import ammonia_demand, ammonia_plant, approx, battery, caes, electrolyser, grid, hydrogen_demand, in_park, line, load, wind

MINIMUM = {"part_load_curve": [[0.3, 1.0], [1.0, 1.0]], "min_load_share": 0.3}


@in_park(level="mixed_integer", grid=grid(-100.0), plant=electrolyser(standby_share=0.02, **MINIMUM), steel=hydrogen_demand(200.0))
def test_a_module_that_runs_is_not_in_standby_too(dispatch):
    """**Proves**: at −100 CNY/MWh each MW of standby would earn, but the one module runs at 10 MW: −1000 CNY.

    **Breaks as**: −1020 CNY if modules on and in standby were counted apart.
    """
    assert dispatch.objective_cny == approx(-1000.0)
    assert dispatch.standby["plant.modules"] == approx([0.0])


@in_park(
    level="mixed_integer",
    grid=grid([10.0, 500.0, 10.0]),
    plant=electrolyser(20.0, start_cost_cny_per_mw=20.0, standby_share=0.02, **MINIMUM),
    steel=hydrogen_demand(40.0, profile=[60.0, 0.0, 60.0]),
)
def test_standby_and_start_of_one_module_of_two(dispatch):
    """**Proves**: one of two modules of 10 MW waits warm with 0.2 MW at 500 for 100 CNY, below its start of 200: 30 + 100 + 30 = 160 CNY.

    **Breaks as**: 260 CNY (0.4 MW, or a start of 400) if the fleet's size stood for the module's.
    """
    assert dispatch.objective_cny == approx(160.0)
    assert dispatch.flows["plant.auxiliary"] == approx([0.0, 0.2, 0.0])


@in_park(grid=grid(100.0), plant=electrolyser(14.0, module_mw=5.0), steel=hydrogen_demand(280.0))
def test_a_fleet_has_the_whole_number_of_modules_next_to_its_capacity(dispatch):
    """**Proves**: 14 MW in modules of 5 MW are three, and the fleet has its 14 MW: 280 kg/h for 1400 CNY.

    **Breaks as**: two modules if the number were cut off; infeasible with the 5 MW of one module.
    """
    assert dispatch.draft.park.technologies["plant"].modules == 3
    assert dispatch.objective_cny == approx(1400.0)


@in_park(
    level="mixed_integer",
    grid=grid(100.0),
    plant=electrolyser(part_load_curve=[[0.2, 1.25], [0.4, 1.0], [1.0, 1.0]], min_load_share=0.3),
    steel=hydrogen_demand(56.0),
)
def test_a_minimum_load_between_two_points_of_the_curve(dispatch):
    """**Proves**: 2 MW make 32 kg/h and 4 MW 80 kg/h, so the minimum of 3 MW, half way, makes 56 kg/h: 300 CNY.

    **Breaks as**: 53.3 kg/h at 3 MW if consumptions (1.125) instead of productions were interpolated; 28.8 kg/h with the ratio upside down.
    """
    assert dispatch.objective_cny == approx(300.0)
    assert dispatch.flows["grid.import"] == approx([3.0])


@in_park(
    level="mixed_integer",
    grid=grid(100.0),
    plant=electrolyser(ramp_share_per_hour=0.1, **MINIMUM),
    steel=hydrogen_demand(60.0, profile=[0.0, 60.0, 120.0], unserved_price_cny_per_kg=100.0),
)
def test_a_module_starts_at_its_minimum_and_then_keeps_to_its_ramp(dispatch):
    """**Proves**: 1 MW an hour, yet the module starts at its minimum of 3 MW (60 kg/h); an hour later it runs at 4 MW (80 kg/h), 40 kg stay
    unserved at 100: 300 + 400 + 4000 CNY.

    **Breaks as**: 18000 CNY if it could not start; 2700 (6 MW, nothing unserved: 300 + 600) if it rose by the reach of a start while it runs.
    """
    assert dispatch.objective_cny == approx(4700.0)
    assert dispatch.commitments["plant.modules"] == approx([0.0, 1.0, 1.0])


@in_park(
    grid=grid(100.0, bus="b"),
    wind=wind([1.0], 20.0, bus="b"),
    line=line("a", "b", 10.0, loss_share=0.1, both_ways=True),
    load_a=load([9.0], bus="a"),
)
def test_a_line_loses_on_its_way_back_too(dispatch):
    """**Proves**: 9 MW at A take 10 MW at B, all that the line carries there.

    **Breaks as**: 9 MW if only the way there lost.
    """
    assert dispatch.flows["line.back"] == approx([10.0])


@in_park(grid=grid([100.0, 10.0]), battery=battery(level_min_share=0.2, level_end="free", level_start_share=None), load=load([3.0, 3.0]))
def test_a_start_left_out_is_the_lowest_level(dispatch):
    """**Proves**: a battery whose window begins at 2 of 10 MWh begins there: nothing to give, nothing to fill: 330 CNY.

    **Breaks as**: 530 CNY if it began empty and had to be filled to the window at once.
    """
    assert dispatch.objective_cny == approx(330.0)


@in_park(grid=grid([-10.0, 10.0]), battery=battery(level_start_share=0.5, level_end="same"), load=load([0.0, 0.0]))
def test_the_end_is_no_fuller_than_the_start(dispatch):
    """**Proves**: ``level_end: same`` is the start's level, not more: what is bought at −10 cannot stay in the cells, and nobody takes it: 0 CNY.

    **Breaks as**: −50 CNY if the battery might end full.
    """
    assert dispatch.objective_cny == approx(0.0)
    assert dispatch.levels["battery.store"][-1] == approx(5.0)


@in_park(
    level="mixed_integer",
    grid=grid([10.0, 1000.0]),
    caes=caes(10.0, compressor_power_mw=4.0, compressor_min_load_share=0.5),
    load=load([0.0, 2.0]),
)
def test_minimum_load_of_a_compressor_smaller_than_the_expander(dispatch):
    """**Proves**: half of the compressor's own 4 MW is 2 MW, just what the load takes an hour later: 20 CNY.

    **Breaks as**: 2000 CNY (5 MW, more than it can) if the minimum were half of the expander's 10 MW.
    """
    assert dispatch.objective_cny == approx(20.0)


@in_park(
    level="mixed_integer",
    grid=grid([10.0, 1000.0]),
    caes=caes(4.0, compressor_power_mw=10.0, expander_min_load_share=0.5, compressor_min_load_share=0.1),
    load=load([0.0, 1.0]),
)
def test_minimum_load_of_the_expander_is_its_own(dispatch):
    """**Proves**: half of the expander's 4 MW is more than the load of 1 MW, so the grid serves at 1000.

    **Breaks as**: 10 CNY with the compressor's tenth.
    """
    assert dispatch.objective_cny == approx(1000.0)


@in_park(
    start="2028-02-29",
    step_minutes=60,
    hours=2,
    grid=grid(100.0),
    plant=electrolyser(50.0),
    synthesis=ammonia_plant(),
    users=ammonia_demand(8784.0 / 8760.0, profile=[1.0, 3.0]),
    year_means={"users.profile": 4.0},
)
def test_a_product_is_scaled_by_the_mean_of_its_year(dispatch):
    """**Proves**: 8784 t of a leap year are 1 t/h on average; hours at 1 and 3 of a year's mean of 4 get 0.25 and 0.75 t: 1000 CNY.

    **Breaks as**: 0.5 and 1.5 t if scaled by the mean of the hours that are run.
    """
    assert dispatch.draft.park.technologies["users"].rate(dispatch.draft.park) == approx([0.25, 0.75])
    assert dispatch.objective_cny == approx(1000.0)
