"""Batteries: losses, the shared converter, the level window, start and end, wear, and where the charge comes from."""

import pytest

from hand_solved.parks import approx, battery, case, grid, in_park, load, solve, tiny_park, wind


@in_park(grid=grid([10.0, 100.0]), battery=battery(10.0, 10.0, charge_efficiency=0.8), load=load([0.0, 8.0]))
def test_battery_pays_its_charging_loss(dispatch):
    """**Proves**: ``charge_efficiency`` divides what is bought. 8 MWh served at t=1 need 8 / 0.8 = 10 MWh at 10 CNY: 100 CNY.

    **Breaks as**: 80 CNY if the loss is ignored; 64 if it is multiplied; 800 if the battery is never used.
    """
    assert dispatch.objective_cny == approx(100.0)
    assert dispatch.levels["battery.store"] == approx([8.0, 0.0])
    assert dispatch.prices["electricity"] == approx([10.0, 12.5])


@in_park(grid=grid([10.0, 100.0]), battery=battery(10.0, 10.0, discharge_efficiency=0.8), load=load([0.0, 8.0]))
def test_battery_pays_its_discharging_loss(dispatch):
    """**Proves**: ``discharge_efficiency`` divides what leaves the cells, and power is measured at the bus: 8 MW out take the 10 MWh the
    cells hold.

    **Breaks as**: 80 CNY if the loss is ignored; 6.4 MW out (100 + 160 CNY) if the 8 MW were measured at the cells.
    """
    assert dispatch.objective_cny == approx(100.0)
    assert dispatch.levels["battery.store"] == approx([10.0, 0.0])
    figures = dispatch.draft.park.technologies["battery"].report("battery", dispatch)
    assert (figures["charged_mwh"], figures["energy_mwh"], figures["cycles"]) == approx((10.0, 8.0, 1.0))


@in_park(grid=grid([10.0, 100.0]), battery=battery(4.0, 10.0, charge_efficiency=0.5, discharge_efficiency=0.5), load=load([0.0, 8.0]))
def test_battery_power_limits_both_directions_at_the_bus(dispatch):
    """**Proves**: 4 MW charge at most 4 MWh (2 arrive at 0.5), of which 1 MWh leaves at 0.5; the other 7 MWh cost 100: 40 + 700 = 740 CNY.

    **Breaks as**: 680 CNY if the 4 MW were measured in the cells while charging (8 MWh bought, 2 given).
    """
    assert dispatch.objective_cny == approx(740.0)
    assert dispatch.flows["battery.charge"] == approx([4.0, 0.0])


@in_park(grid=grid([10.0, 10.0, 100.0]), battery=battery(4.0, 10.0, discharge_efficiency=0.5), load=load([0.0, 0.0, 4.0]))
def test_battery_delivers_its_power_although_the_cells_lose(dispatch):
    """**Proves**: 4 MW at the bus are delivered although 8 MW leave the cells: 8 MWh bought at 10, none at 100: 80 CNY.

    **Breaks as**: 240 CNY if the 4 MW bounded what leaves the cells (2 MWh given: 40 + 200).
    """
    assert dispatch.objective_cny == approx(80.0)


@in_park(
    grid=grid([10.0, 1000.0]),
    battery=battery(10.0, 10.0, standing_loss_share_per_hour=0.5, level_start_share=0.0, level_end="free"),
    load=load([0.0, 4.0]),
)
def test_stored_energy_fades_by_the_hour(dispatch):
    """**Proves**: half of what lies in the cells is lost each hour: 4 MWh at t=1 need 8 MWh at t=0 for 10 CNY each: 80 CNY.

    **Breaks as**: 40 CNY without loss.
    """
    assert dispatch.objective_cny == approx(80.0)
    assert dispatch.levels["battery.store"] == approx([8.0, 0.0])


@in_park(
    grid=grid(100.0),
    battery=battery(10.0, 8.0, standing_loss_share_per_hour=0.5, level_start_share=1.0, level_end="free"),
    load=load([5.0]),
)
def test_the_start_level_fades_in_the_first_hour_too(dispatch):
    """**Proves**: 8 MWh *before* the first hour are 4 MWh at its end, so 5 MWh of load buy 1 MWh: 100 CNY.

    **Breaks as**: 0 CNY where the first hour has no standing loss (PyPSA's own rule).
    """
    assert dispatch.objective_cny == approx(100.0)


@in_park(grid=grid([10.0, 1000.0]), battery=battery(10.0, 10.0, level_min_share=0.2, level_max_share=0.9), load=load([0.0, 10.0]))
def test_level_window_leaves_seven_of_ten_mwh(dispatch):
    """**Proves**: between 0.2 and 0.9 of 10 MWh lie 7 MWh: 7 × 10 + 3 × 1000 = 3070 CNY.

    **Breaks as**: 100 CNY with the whole capacity; 1080 or 2080 CNY if one end of the window were lost.
    """
    assert dispatch.objective_cny == approx(3070.0)
    assert dispatch.levels["battery.store"] == approx([9.0, 2.0])


@pytest.mark.parametrize(
    "cost",
    [
        case(
            600.0,
            id="0.5-same",
            grid=grid(100.0),
            battery=battery(10.0, 10.0, level_start_share=0.5, level_end="same"),
            load=load([3.0, 3.0]),
        ),
        case(
            400.0, id="0.5-0.3", grid=grid(100.0), battery=battery(10.0, 10.0, level_start_share=0.5, level_end=0.3), load=load([3.0, 3.0])
        ),
        case(
            100.0,
            id="0.5-free",
            grid=grid(100.0),
            battery=battery(10.0, 10.0, level_start_share=0.5, level_end="free"),
            load=load([3.0, 3.0]),
        ),
        case(
            600.0,
            id="None-free",
            grid=grid(100.0),
            battery=battery(10.0, 10.0, level_start_share=None, level_end="free"),
            load=load([3.0, 3.0]),
        ),
        case(
            900.0,
            id="None-0.3",
            grid=grid(100.0),
            battery=battery(10.0, 10.0, level_start_share=None, level_end=0.3),
            load=load([3.0, 3.0]),
        ),
    ],
)
def test_level_at_the_start_and_at_the_end(dispatch, cost):
    """**Proves**: two hours of 3 MW at 100 CNY/MWh and 10 MWh of cells; what the cells give is not bought, what they must gain is.

    Half full and back to half: 600. Down to 3 MWh: 2 given, 400. Free: 5 given, 100. A start left out is the lowest level unless the end
    is the start: nothing to give, 600; and up to 3 MWh: 3 more to buy, 900.

    **Breaks as**: 100 CNY wherever the end is not held; 0 if a free start were full.
    """
    assert dispatch.objective_cny == approx(cost)


@in_park(grid=grid([100.0, 10.0]), battery=battery(), load=load([5.0, 0.0]))
def test_a_cycle_chooses_its_own_level(dispatch):
    """**Proves**: with start left out and ``level_end: same`` the year closes in a circle: 5 MWh bought in the last hour at 10 serve the
    first: 50 CNY.

    **Breaks as**: 500 CNY if the battery began empty.
    """
    assert dispatch.objective_cny == approx(50.0)
    assert dispatch.levels["battery.store"] == approx([0.0, 5.0])


@pytest.mark.parametrize(
    "cost",
    [
        case(
            200.0,
            id="20.0",
            grid=grid([10.0, 100.0]),
            battery=battery(10.0, 10.0, discharge_efficiency=0.5, throughput_cost_cny_per_mwh=20.0),
            load=load([0.0, 5.0]),
        ),
        case(
            500.0,
            id="90.0",
            grid=grid([10.0, 100.0]),
            battery=battery(10.0, 10.0, discharge_efficiency=0.5, throughput_cost_cny_per_mwh=90.0),
            load=load([0.0, 5.0]),
        ),
    ],
)
def test_wear_is_paid_per_mwh_at_the_bus(dispatch, cost):
    """**Proves**: 5 MWh out at 0.5 need 10 MWh at 10; wear of 20 CNY counts the 5 MWh at the bus: 100 + 100 = 200. At 90 the grid's 100
    CNY/MWh is cheaper: 500.

    **Breaks as**: 300 CNY if wear counted what leaves the cells; 100 without wear.
    """
    assert dispatch.objective_cny == approx(cost)


STORM = {"grid": grid([10.0, 100.0]), "wind": wind([0.2, 0.0], 10.0), "load": load([0.0, 10.0])}
"""2 MWh of wind and cheap power before 10 MWh of load and dear power."""


@in_park(battery=battery(charge_from="any"), **STORM)
def test_charging_takes_any_power_unless_told_otherwise(dispatch):
    """**Proves**: 2 MWh of wind and 8 MWh at 10 are stored for the hour at 100: 80 CNY.

    **Breaks as**: 800 CNY if only wind could be stored.
    """
    assert dispatch.objective_cny == approx(80.0)


def test_green_charging_stays_below_wind_and_sun():
    """**Proves**: with ``charge_from: renewable`` only the 2 MWh of wind are stored and 8 MWh cost 100: 800 CNY.

    **Breaks as**: 80 CNY if the rule were lost; 1000 if it forbade charging.
    """
    assert solve(tiny_park(battery=battery(charge_from="renewable"), **STORM)).objective_cny == approx(800.0)


def test_a_battery_does_not_burn_power_when_prices_are_negative():
    """**Proves**: at −100 CNY/MWh a lossy battery could draw 8 and return 2 MW at once and earn for 6; one direction at a time leaves the
    load's 1 MWh: −100 CNY.

    **Breaks as**: −700 CNY if both directions ran at once.
    """
    cells = battery(10.0, 10.0, charge_efficiency=0.5, discharge_efficiency=0.5, level_start_share=0.5)
    dispatch = solve(tiny_park(grid=grid(-100.0), battery=cells, load=load([1.0])))
    assert dispatch.objective_cny == approx(-100.0)
    assert dispatch.termination.rounds == 2
    assert dispatch.prices["electricity"] == approx([-100.0])


def test_charge_and_discharge_share_one_converter():
    """**Proves**: before directions are told apart, :math:`c + d \\le P` holds at the bus: 4 in the cells' 10 MW of charge leave 6 MW, 12
    MW in the cells at 0.5.

    **Breaks as**: a coefficient of 1 (10 MW measured in the cells), or no such request.
    """
    from gridsim.dispatch.model import make_draft

    draft = make_draft(tiny_park(grid=grid(), battery=battery(discharge_efficiency=0.5), load=load([1.0])))
    converter = next(request for request in draft.requests if request.name == "battery.converter")
    assert {term.component: term.coefficient for term in converter.terms} == {"battery.charge": 1.0, "battery.discharge": 0.5}
    assert (converter.sense, converter.right) == ("<=", 10.0)
