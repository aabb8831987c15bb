"""Wind and solar: what is available may be used or curtailed."""

from hand_solved.parks import approx, grid, in_park, load, solar, wind


@in_park(wind=wind([1.0, 0.5], 10.0), load=load([4.0, 4.0]))
def test_surplus_wind_is_curtailed_in_a_park_without_costs(dispatch):
    """**Proves**: 10 and 5 MW of wind meet 4 MW of load, 6 + 1 MWh are curtailed, and a park that costs nothing has an answer (0 CNY,
    power is worth 0).

    **Breaks as**: infeasible if wind had to run; PyPSA refuses to build an objective without costs.
    """
    assert dispatch.objective_cny == approx(0.0)
    assert dispatch.flows["wind"] == approx([4.0, 4.0])
    assert dispatch.prices["electricity"] == approx([0.0, 0.0])
    figures = dispatch.draft.park.technologies["wind"].report("wind", dispatch)
    assert (figures["available_mwh"], figures["curtailed_mwh"], figures["full_load_hours"]) == approx((15.0, 7.0, 1.5))


@in_park(grid=grid(100.0, export_price=-20.0), wind=wind([1.0], 10.0, curtailable=False), load=load([4.0]))
def test_wind_that_must_run_pays_to_be_exported(dispatch):
    """**Proves**: ``curtailable: false`` with 10 MW against 4 MW of load sends 6 MWh out at 20 CNY/MWh to pay: 120 CNY.

    **Breaks as**: 0 CNY if it were curtailed.
    """
    assert dispatch.objective_cny == approx(120.0)
    assert dispatch.flows["grid.export"] == approx([6.0])


@in_park(grid=grid(100.0), solar=solar([0.8], 10.0, profile_scale=0.5, variable_cost_cny_per_mwh=30.0), load=load([10.0]))
def test_solar_scale_and_variable_cost(dispatch):
    """**Proves**: 10 MW × 0.8 × 0.5 = 4 MW at 30 CNY/MWh leave 6 of 10 MW for the grid at 100: 120 + 600 = 720 CNY.

    **Breaks as**: 440 CNY without ``profile_scale``; 600 without the variable cost.
    """
    assert dispatch.objective_cny == approx(720.0)
    assert dispatch.flows["solar"] == approx([4.0])


@in_park(
    grid=grid(100.0),
    farm=wind([0.4], 10.0, variable_cost_cny_per_mwh=50.0),
    roof=solar([0.3], 10.0, kind="rooftop", variable_cost_cny_per_mwh=10.0),
    load=load([8.0]),
)
def test_cheaper_green_power_runs_first(dispatch):
    """**Proves**: rooftops at 10 CNY/MWh go before a wind farm at 50, and that before the grid at 100: 3 × 10 + 4 × 50 + 1 × 100 = 330
    CNY for 8 MWh.

    **Breaks as**: 400 CNY and more if the order were another.
    """
    assert dispatch.objective_cny == approx(330.0)
    assert (dispatch.flows["roof"][0], dispatch.flows["farm"][0]) == approx((3.0, 4.0))
