"""Rows that a park has to lean on: two flows with limits of their own, windows of a shift, loads that several may take, fleets in order."""

import pytest

from gridsim.dispatch.model import make_draft
from hand_solved.parks import approx, case, electrolyser, grid, hydrogen_demand, in_park, load, response, tiny_park, wind


@pytest.mark.parametrize(
    "cost",
    [
        case(
            800.0,
            id="imports larger",
            grid=grid(100.0, export_price=150.0, import_limit_mw=10.0, export_limit_mw=4.0),
            load=load([8.0]),
        ),
        case(
            -1200.0,
            id="exports larger",
            grid=grid(100.0, export_price=150.0, import_limit_mw=4.0, export_limit_mw=10.0),
            wind=wind([1.0], 10.0),
            load=load([2.0]),
        ),
    ],
)
def test_each_direction_keeps_its_own_limit_under_the_binary(dispatch, cost):
    """**Proves**: where exports pay more than imports cost, a binary chooses the direction, and each has its own limit: 8 MW are bought
    through 10 MW of imports beside 4 MW of exports (800 CNY); 8 of 10 MW of wind are sold through 10 MW of exports beside 4 MW of imports
    (−1200 CNY).

    **Breaks as**: infeasible or −600 CNY where the other direction's limit holds; 700 CNY where the row leaves 2 MW of exports beside 10 MW
    of imports.
    """
    assert dispatch.objective_cny == approx(cost)


@pytest.mark.parametrize(
    "hours",
    [
        case(
            (0, 2),
            id="later",
            grid=grid([1000.0, 900.0, 10.0]),
            load=load([10.0] * 3),
            shift=response("shift", share=0.2, window_hours=2.0, price_cny_per_mwh=5.0),
        ),
        case(
            (2, 0),
            id="earlier",
            grid=grid([10.0, 900.0, 1000.0]),
            load=load([10.0] * 3),
            shift=response("shift", share=0.2, window_hours=2.0, price_cny_per_mwh=5.0),
        ),
    ],
)
def test_load_shifts_through_its_whole_window(dispatch, hours):
    """**Proves**: two hours lie between the dearest and the cheapest, and the window is two hours: 2 MWh move from one to the other, 19100 −
    2 × 990 + 2 × 5 = 17130 CNY, later as well as earlier.

    **Breaks as**: 17330 CNY (2 MWh from the middle hour, at 900) if the window were an hour short.
    """
    dear, cheap = hours
    assert dispatch.objective_cny == approx(17130.0)
    assert (dispatch.flows["shift.reduction"][dear], dispatch.flows["shift.increase"][cheap]) == approx((2.0, 2.0))


@in_park(
    grid=grid([1000.0, 1000.0]),
    load=load([10.0, 4.0]),
    block=response("interrupt", power_mw=4.0, calls_per_year=10, hours_per_call=2.0, price_cny_per_mwh=10.0),
    cut=response("curtail", steps=[{"share": 0.3, "price_cny_per_mwh": 100.0}]),
    shift=response("shift", share=0.5, window_hours=1.0, price_cny_per_mwh=5.0),
)
def test_load_that_was_added_may_be_taken_as_well(dispatch):
    """**Proves**: of 10 MW the block takes 4, the cut 3. Of 4 MW the block takes all, so the cut's 1.2 MW have only what the shift adds:
    1.2 MWh leave the first hour for 5 + 100 instead of 1000. 1800 + 8 × 10 + 4.2 × 100 + 1.2 × 5 = 2306 CNY.

    **Breaks as**: 3380 CNY if the load alone bounded what is taken; 3380 too if added load counted as taken.
    """
    assert dispatch.objective_cny == approx(2306.0)
    assert dispatch.flows["shift.increase"] == approx([0.0, 1.2])
    assert dispatch.flows["cut.step_1"] == approx([3.0, 1.2])


@in_park(
    grid=grid(1000.0, export_price=500.0),
    load=load([10.0], unserved_price_cny_per_mwh=10.0),
    cut=response("curtail", steps=[{"share": 1.0, "price_cny_per_mwh": 20.0}]),
)
def test_unserved_load_is_not_taken_away_as_well(dispatch):
    """**Proves**: what stays unserved for 10 CNY/MWh cannot give way for 20 too: 10 MWh, 100 CNY.

    **Breaks as**: −4700 CNY if both were counted and 10 MW of nothing exported at 500.
    """
    assert dispatch.objective_cny == approx(100.0)


@in_park(
    level="mixed_integer",
    grid=grid(-100.0),
    plant=electrolyser(20.0, part_load_curve=[[0.25, 1.25], [0.5, 0.8], [1.0, 1.0]], min_load_share=0.25),
    steel=hydrogen_demand(100.0),
)
def test_pieces_of_two_modules_fill_in_order(dispatch):
    """**Proves**: at −100 CNY/MWh 100 kg/h draw as much as the curve says: two modules at 2.5 MW make 80 kg, the other 20 kg at the best 34
    kg/MWh: 5 + 20/34 MW. One module alone (2.5 + 60/34 MW) would draw, and earn, less.

    **Breaks as**: 426.47 CNY earned (one module) if two modules had to fill the second piece of one; 633.33 (20 kg at 15 kg/MWh) without
    order.
    """
    assert dispatch.flows["plant.piece_1"] == approx([20.0 / 34.0])
    assert dispatch.objective_cny == approx(-100.0 * (5.0 + 20.0 / 34.0))


@in_park(
    start="2030-01-31T22:00",
    grid=grid([10.0, 20.0, 100.0, 50.0]),
    plant=electrolyser(),
    steel=hydrogen_demand(50.0, flexible_within="day"),
)
def test_a_day_cannot_deliver_for_the_next(dispatch):
    """**Proves**: two hours belong to each day, each day wants 100 kg (5 MWh): at 10 and at 50, 50 + 250 = 300 CNY, although the second
    hour of the first day costs 20.

    **Breaks as**: 150 CNY if 200 kg were asked of both days together.
    """
    assert dispatch.objective_cny == approx(300.0)


def test_an_interruption_promises_no_more_than_the_load():
    """**Proves**: a block of 5 MW has 3 MW to give of a load of 3 MW, and 5 of 8. The row that keeps a load from being taken twice would
    bound the flow as well, but what an explanation of unserved load counts as supply is this bound.

    **Breaks as**: 5 and 5 MW.
    """
    block = response("interrupt", power_mw=5.0, calls_per_year=1, hours_per_call=2.0, price_cny_per_mwh=100.0)
    draft = make_draft(tiny_park(grid=grid(100.0), load=load([3.0, 8.0]), block=block))
    assert draft.available(draft.components["block.reduction"]) == approx([3.0, 5.0])
