"""Limits and quotas in steps of 15 minutes, and what a green share asks of flexible uses."""

import pytest

from hand_solved.parks import approx, case, electrolyser, grid, hydrogen_demand, in_park, load, response, solve, tiny_park, wind

DEAR_WIND = {"wind": wind([1.0], 10.0, variable_cost_cny_per_mwh=50.0)}
"""10 MW that cost more than the grid's 10 CNY/MWh."""


@pytest.mark.parametrize(("limit", "cost"), [({"import_share_max": 0.5}, 75.0), ({"green_share_min": 0.8}, 105.0)])
def test_shares_of_a_load_in_a_quarter_hour(limit, cost):
    """**Proves**: 10 MW for 15 minutes are 2.5 MWh. Half from the grid: 1.25 × 10 + 1.25 × 50 = 75 CNY; a fifth: 0.5 × 10 + 2 × 50 = 105
    CNY.

    **Breaks as**: 25 CNY for both shares (all from the grid, or 45 at a fifth) if the load were counted as 10 MWh.
    """
    park = tiny_park(step_minutes=15, grid=grid(10.0), load=load([10.0]), limits=limit, **DEAR_WIND)
    assert solve(park).objective_cny == approx(cost)


@pytest.mark.parametrize(
    ("limit", "price", "cost"), [({"export_share_max": 0.2}, 50.0, -25.0), ({"curtailment_rate_max": 0.3}, -20.0, 15.0)]
)
def test_shares_of_what_is_available_in_a_quarter_hour(limit, price, cost):
    """**Proves**: of 2.5 MWh a fifth, 0.5 MWh, is exported at 50: −25 CNY. At most 0.75 MWh are curtailed, 1 MWh is used, so 0.75 MWh are
    exported at a loss of 20: 15 CNY.

    **Breaks as**: −75 CNY (all the surplus of 1.5 MWh) if 10 MWh were available, and infeasible where 7 of them had to be used.
    """
    park = tiny_park(step_minutes=15, grid=grid(100.0, export_price=price), wind=wind([1.0], 10.0), load=load([4.0]), limits=limit)
    assert solve(park).objective_cny == approx(cost)


def test_green_share_of_uses_that_the_optimum_chooses():
    """**Proves**: 4 MWh of load and 5 MWh for 100 kg of hydrogen are 9 MWh; at 80 % green 1.8 MWh come from the grid at 10, 7.2 from the
    wind at 50: 378 CNY.

    **Breaks as**: 258 CNY (4.8 MWh from the grid) if 80 % of the electrolyser's power stood where 20 % belong.
    """
    park = tiny_park(
        grid=grid(10.0), load=load([4.0]), plant=electrolyser(), steel=hydrogen_demand(100.0), limits={"green_share_min": 0.8}, **DEAR_WIND
    )
    assert solve(park).objective_cny == approx(378.0)


@pytest.mark.parametrize(
    "added",
    [
        case(
            factor,
            id=f"{factor:g}",
            step_minutes=15,
            grid=grid([1000.0, 10.0]),
            load=load([10.0, 10.0]),
            shift=response("shift", share=0.2, window_hours=1.0, price_cny_per_mwh=5.0, recovery=factor),
        )
        for factor in (1.0, 1.25)
    ],
)
def test_load_shifts_from_one_quarter_hour_to_the_next(dispatch, added):
    """**Proves**: 2 of 10 MW leave the dear quarter hour, and 2 MW (2.5 with a recovery of 1.25) come back in the cheap one: 2000 + (10
    + 2 or 2.5) × 2.5 + 2.5 = 2032.5 or 2033.75 CNY.

    **Breaks as**: 8 MW to add, or 0.5 MW, if power on one side stood against energy on the other.
    """
    assert dispatch.objective_cny == approx(2027.5 + 5.0 * added)
    assert dispatch.flows["shift.increase"] == approx([0.0, 2.0 * added])


@in_park(
    step_minutes=15,
    grid=grid([100.0, 10.0, 20.0, 100.0]),
    load=load([0.0]),
    process=response("process", bus="electricity", power_mw=5.0, quota_mwh=24.0, quota_period="day"),
)
def test_quota_of_a_process_is_cut_to_the_quarter_hours(dispatch):
    """**Proves**: of 24 MWh a day an hour asks 1 MWh, which 4 MW make in the quarter hour at 10: 10 CNY.

    **Breaks as**: 187.5 CNY (4 MWh, in all four) if each quarter hour asked for an hour's share.
    """
    assert dispatch.objective_cny == approx(10.0)
    assert dispatch.flows["process"] == approx([0.0, 4.0, 0.0, 0.0])
