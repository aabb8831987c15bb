"""Demand response: loads that move, give way at a price, are interrupted, or choose their hours."""

import numpy as np
import pytest

from hand_solved.parks import approx, case, grid, in_park, load, response


@pytest.mark.parametrize(
    ("recovery", "cost"),
    [
        case(
            1.0,
            8230.0,
            grid=grid([1000.0, 10.0, 10.0]),
            load=load([10.0] * 3),
            shift=response("shift", share=0.2, window_hours=1.0, price_cny_per_mwh=5.0, recovery=1.0),
        ),
        case(
            1.25,
            8235.0,
            grid=grid([1000.0, 10.0, 10.0]),
            load=load([10.0] * 3),
            shift=response("shift", share=0.2, window_hours=1.0, price_cny_per_mwh=5.0, recovery=1.25),
        ),
    ],
)
def test_shifted_load_is_made_up_for(dispatch, recovery, cost):
    """**Proves**: 2 of 10 MW leave the hour at 1000 for one at 10, at 5 CNY/MWh: 8 × 1000 + 12 × 10 + 10 × 10 + 2 × 5 = 8230 CNY.

    With a recovery of 1.25 the later hour takes 2.5 MW: 5 CNY more.

    **Breaks as**: 8210 CNY if nothing were made up for; 8220 if the price were lost; 8628 if the later hour could not take more than 2 MW.
    """
    assert dispatch.objective_cny == approx(cost)
    assert dispatch.flows["shift.increase"].sum() == approx(2.0 * recovery)


@pytest.mark.parametrize(
    "prices",
    [
        case(
            [1100.0, 1000.0, 1000.0, 10.0],
            id="later",
            grid=grid([1100.0, 1000.0, 1000.0, 10.0]),
            load=load([10.0] * 4),
            shift=response("shift", share=0.2, window_hours=2.0, price_cny_per_mwh=200.0),
        ),
        case(
            [10.0, 1000.0, 1000.0, 1100.0],
            id="earlier",
            grid=grid([10.0, 1000.0, 1000.0, 1100.0]),
            load=load([10.0] * 4),
            shift=response("shift", share=0.2, window_hours=2.0, price_cny_per_mwh=200.0),
        ),
    ],
)
def test_load_does_not_shift_beyond_its_window(dispatch, prices):
    """**Proves**: within two hours of the cheap hour lie the hours at 1000 only, not the one at 1100: 31100 − 2 × 990 + 2 × 200 = 29520
    CNY, both ways in time.

    **Breaks as**: 29320 CNY if the hour at 1100 were in reach.
    """
    assert dispatch.objective_cny == approx(29520.0)
    assert dispatch.flows["shift.reduction"][prices.index(1100.0)] == approx(0.0)


CHAIN = {"grid": grid([1000.0, 500.0, 10.0]), "shift": response("shift", share=1.0, window_hours=1.0, price_cny_per_mwh=1.0)}
"""The dear hour reaches the middle one, and the middle one the cheap one, but not the dear one the cheap one."""


@in_park(load=load([10.0, 10.0, 10.0]), **CHAIN)
def test_what_is_owed_is_not_handed_on(dispatch):
    """**Proves**: taking and adding share the 10 MW of an hour, so the load of the first hour moves to the second, or that of the second to
    the third: 20 × 500 + 10 × 10 + 10 = 10110 CNY.

    **Breaks as**: 5220 CNY if the second hour made up for the first and took from itself at once, which moves the first hour's load to the
    third.
    """
    assert dispatch.objective_cny == approx(10110.0)
    assert np.minimum(dispatch.flows["shift.reduction"], dispatch.flows["shift.increase"]) == approx([0.0] * 3)


@pytest.mark.parametrize(
    "cost",
    [
        case(5160.0, id="linear", load=load([5.0, 10.0, 10.0]), **CHAIN),
        case(5210.0, id="mixed_integer", level="mixed_integer", load=load([5.0, 10.0, 10.0]), **CHAIN),
    ],
)
def test_an_hour_takes_or_adds_in_whole_numbers(dispatch, cost):
    """**Proves**: of 10100 CNY, moving a = 5 MWh from the first hour saves 499 each, b from the second 489, and a + b ≤ 10 in the second.

    Linear a = b = 5: 10100 − 2495 − 2445 = 5160 CNY. In whole numbers it is one or the other, b = 10: 10100 − 4890 = 5210 CNY.

    **Breaks as**: 2715 CNY (a = 5, b = 10) if taking and adding did not share the load.
    """
    assert dispatch.objective_cny == approx(cost)


@in_park(grid=grid([1.0, 1000.0]), load=load([10.0, 10.0]), shift=response("shift", share=0.2, window_hours=8.0, price_cny_per_mwh=0.0))
def test_nothing_is_owed_at_the_end(dispatch):
    """**Proves**: load of the last hour cannot move beyond the end: 10 + 10 × 1000 CNY stay, although the window is open; it can move
    forward: 8 × 1000 + 12 × 1.

    **Breaks as**: 8010 CNY if what is owed at the end were forgiven.
    """
    assert dispatch.objective_cny == approx(8012.0)


@in_park(
    grid=grid([200.0, 400.0, 1000.0]),
    load=load([10.0] * 3),
    cut=response("curtail", steps=[{"share": 0.1, "price_cny_per_mwh": 300.0}, {"share": 0.2, "price_cny_per_mwh": 600.0}]),
)
def test_load_gives_way_in_price_steps(dispatch):
    """**Proves**: at 200 nobody gives way (2000), at 400 the first tenth for 300 (3600 + 300), at 1000 also two tenths for 600 (7000 +
    300 + 1200): 14400 CNY.

    **Breaks as**: 16000 CNY without steps; 13800 if the second step cost as little as the first.
    """
    assert dispatch.objective_cny == approx(14400.0)
    assert dispatch.flows["cut.step_2"] == approx([0.0, 0.0, 2.0])
    figures = dispatch.draft.park.technologies["cut"].report("cut", dispatch)
    assert (figures["energy_mwh"], figures["hours_used"]) == approx((4.0, 2.0))


@in_park(
    grid=grid([1000.0, 500.0]),
    load=load([10.0, 10.0]),
    cut=response("curtail", steps=[{"share": 0.5, "price_cny_per_mwh": 100.0}], annual_limit_mwh=4.0),
)
def test_annual_limit_of_giving_way(dispatch):
    """**Proves**: 4 MWh a year go to the dearest hour: 6 × 1000 + 4 × 100 + 10 × 500 = 11400 CNY; one MWh more would save 900.

    **Breaks as**: 8500 CNY without limit.
    """
    assert dispatch.objective_cny == approx(11400.0)
    assert dispatch.limit_prices["cut.annual_limit"] == approx([-900.0])


@pytest.mark.parametrize(
    "cost",
    [
        case(
            20100.0,
            id="linear",
            grid=grid([1000.0, 900.0, 1000.0, 10.0]),
            load=load([10.0] * 4),
            block=response("interrupt", power_mw=5.0, calls_per_year=1, hours_per_call=2.0, price_cny_per_mwh=100.0),
        ),
        case(
            20600.0,
            id="mixed_integer",
            level="mixed_integer",
            grid=grid([1000.0, 900.0, 1000.0, 10.0]),
            load=load([10.0] * 4),
            block=response("interrupt", power_mw=5.0, calls_per_year=1, hours_per_call=2.0, price_cny_per_mwh=100.0),
        ),
    ],
)
def test_interruption_is_energy_or_a_call(dispatch, cost):
    """**Proves**: one call of 5 MW for 2 h at 100 CNY/MWh. Linear, its 10 MWh fall into both hours at 1000: 29100 − 2 × 4500 = 20100 CNY.

    In whole numbers the call runs through two hours in a row, one of them at 900: 29100 − 4500 − 4000 = 20600 CNY.

    **Breaks as**: 29100 CNY without calls; 16100 (5 MWh more at 900) if they were not counted.
    """
    assert dispatch.objective_cny == approx(cost)


@in_park(
    level="mixed_integer",
    grid=grid([1000.0, 1000.0, 10.0, 900.0]),
    load=load([10.0] * 4),
    block=response("interrupt", power_mw=5.0, calls_per_year=2, hours_per_call=1.0, price_cny_per_mwh=100.0),
)
def test_calls_have_a_length_and_a_pause(dispatch):
    """**Proves**: two calls of one hour may not touch: of hours at 1000, 1000, 10, 900 the first two cannot both be taken: 29100 − 4500 −
    4000 = 20600 CNY.

    **Breaks as**: 20100 CNY if two calls could follow each other without a pause.
    """
    assert dispatch.objective_cny == approx(20600.0)
    assert dispatch.commitments["block.calls"].sum() == approx(2.0)


@in_park(
    grid=grid(1000.0, export_price=500.0),
    load=load([3.0]),
    block=response("interrupt", power_mw=5.0, calls_per_year=1, hours_per_call=2.0, price_cny_per_mwh=100.0),
)
def test_interruption_takes_no_more_than_the_load(dispatch):
    """**Proves**: a block of 5 MW on a load of 3 MW takes 3 MWh at 100 instead of 1000: 300 CNY, and cannot export the other 2 at 500.

    **Breaks as**: −500 CNY (5 × 100 − 2 × 500) if it took 5.
    """
    assert dispatch.objective_cny == approx(300.0)


@in_park(
    grid=grid(1000.0, export_price=500.0),
    load=load([10.0, 10.0]),
    block=response("interrupt", power_mw=10.0, calls_per_year=10, hours_per_call=2.0, price_cny_per_mwh=10.0),
    cut=response("curtail", steps=[{"share": 1.0, "price_cny_per_mwh": 10.0}]),
)
def test_a_load_is_not_taken_away_twice(dispatch):
    """**Proves**: two contracts at 10 CNY/MWh over the same 10 MW give 10 MW together: 100 CNY an hour, 200 CNY.

    **Breaks as**: −9600 CNY if both were counted and 10 MW of nothing exported at 500.
    """
    assert dispatch.objective_cny == approx(200.0)


@in_park(
    grid=grid([1000.0, 10.0]),
    load=load([8.0, 3.0]),
    cut=response("curtail", steps=[{"share": 0.5, "price_cny_per_mwh": 100.0}]),
    reserve=response("interrupt", power_mw=5.0, reserve_only=True),
)
def test_a_reserve_is_megawatts_and_no_energy(dispatch):
    """**Proves**: ``reserve_only`` takes nothing: 4 × 1000 + 4 × 100 (given way) + 3 × 10 = 4430 CNY. Of 8 MW half is given way already,
    so 4 MW could drop; then 3.

    **Breaks as**: 5 and 3 MW if what is already taken were promised again; a flow called reserve.reduction.
    """
    technology = dispatch.draft.park.technologies["reserve"]
    assert dispatch.objective_cny == approx(4430.0)
    assert technology.series("reserve", dispatch)["reserve_mw"][0] == approx([4.0, 3.0])
    assert technology.report("reserve", dispatch) == {"capacity_mw": 5.0, "reserve_min_mw": approx(3.0), "reserve_mean_mw": approx(3.5)}
    assert not [flow for flow in dispatch.flows if flow.startswith("reserve")]


@in_park(
    grid=grid([100.0, 10.0, 20.0, 100.0]),
    load=load([0.0]),
    process=response("process", bus="electricity", power_mw=5.0, min_power_mw=0.5, quota_mwh=24.0, quota_period="day"),
)
def test_process_meets_its_quota_in_the_cheapest_hours(dispatch):
    """**Proves**: 24 MWh a day are 4 MWh in four hours. 0.5 MW always (0.5 × 220 = 110 CNY in the three dear hours), 2.5 MW at 10: 135 CNY.

    **Breaks as**: 40 CNY without the lowest power; infeasible (24 MWh at 5 MW) if a cut-short day asked for all.
    """
    assert dispatch.objective_cny == approx(135.0)
    assert dispatch.flows["process"] == approx([0.5, 2.5, 0.5, 0.5])


@pytest.mark.parametrize(
    "cost",
    [
        case(
            120.0,
            id="day-24.0",
            start="2030-01-07T22:00",
            grid=grid([10.0, 100.0, 100.0, 50.0]),
            load=load([0.0]),
            process=response("process", bus="electricity", power_mw=5.0, quota_mwh=24.0, quota_period="day"),
        ),
        case(
            40.0,
            id="week-168.0",
            start="2030-01-07T22:00",
            grid=grid([10.0, 100.0, 100.0, 50.0]),
            load=load([0.0]),
            process=response("process", bus="electricity", power_mw=5.0, quota_mwh=168.0, quota_period="week"),
        ),
    ],
)
def test_process_quota_of_each_day_or_week(dispatch, cost):
    """**Proves**: from 22:00 on two hours belong to each day: 2 × 10 + 2 × 50 = 120 CNY; in a week all four MWh are made at 10: 40 CNY.

    **Breaks as**: 40 CNY for days if they were not told apart.
    """
    assert dispatch.objective_cny == approx(cost)
