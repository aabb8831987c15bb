"""Loads: three ways to give a size, and what it costs to leave them unserved."""

import pytest

from hand_solved.parks import approx, grid, in_park, load, solve, tiny_park


@pytest.fixture(scope="module")
def sized():
    """Three hours at 100 CNY/MWh with one load of each way to give a size; profiles [1, 2, 3] are a part of a year whose mean is 4."""
    return solve(
        tiny_park(
            grid=grid(100.0),
            flat=load(annual_energy_mwh=8760.0),
            shaped=load([1.0, 2.0, 3.0], annual_energy_mwh=8760.0),
            peaked=load([1.0, 2.0, 3.0], peak_mw=6.0),
            given=load([1.0, 2.0, 3.0]),
            year_means={"shaped.profile": 4.0},
        )
    )


def test_flat_load_spreads_its_annual_energy_over_the_year(sized):
    """**Proves**: 8760 MWh over the 8760 hours of 2030 are 1 MW in each of the three hours.

    **Breaks as**: 2920 MW if the year's energy fell into the hours that are run.
    """
    assert sized.flows["flat"] == approx([1.0, 1.0, 1.0])


def test_profile_is_scaled_by_the_mean_of_its_year(sized):
    """**Proves**: 8760 MWh are 1 MW on average; hours at 1, 2, 3 of a year's mean of 4 get 0.25, 0.5, 0.75 MW.

    **Breaks as**: 0.5, 1, 1.5 MW if scaled by the mean of the hours that are run.
    """
    assert sized.flows["shaped"] == approx([0.25, 0.5, 0.75])


def test_peak_scales_the_highest_hour(sized):
    """**Proves**: the highest value 3 becomes 6 MW, the others twice their value: 2, 4, 6.

    **Breaks as**: 6, 12, 18 MW if the profile were multiplied by the peak.
    """
    assert sized.flows["peaked"] == approx([2.0, 4.0, 6.0])


def test_profile_alone_is_in_mw_and_all_loads_are_bought(sized):
    """**Proves**: 1 + 2 + 3 MWh as given; with 3 (flat), 1.5 (shaped) and 12 (peaked) they cost 22.5 × 100 = 2250 CNY, and the park's
    price is the grid's.

    **Breaks as**: −2250 CNY if the sign of demand were lost; a price of −100 if that of the dual were.
    """
    assert sized.flows["given"] == approx([1.0, 2.0, 3.0])
    assert sized.objective_cny == approx(2250.0)
    assert sized.prices["electricity"] == approx([100.0, 100.0, 100.0])


def test_leap_year_spreads_over_8784_hours():
    """**Proves**: 8784 MWh in 2028 are 1 MW, for a flat load and for a hydrogen demand alike (8784 kg: 1 kg/h).

    **Breaks as**: 1.0027 MW with 8760 hours.
    """
    park = tiny_park(
        start="2028-02-29", hours=24, flat=load(annual_energy_mwh=8784.0), steel={"type": "hydrogen_demand", "annual_kg": 8784.0}
    )
    assert park.technologies["flat"].demand_mw(park) == approx([1.0] * 24)
    assert park.technologies["steel"].rate(park) == approx([1.0] * 24)


@in_park(grid=grid([100.0, 500.0]), load=load([5.0, 5.0], unserved_price_cny_per_mwh=300.0))
def test_load_stays_unserved_above_its_price(dispatch):
    """**Proves**: 5 MWh at 100 are bought, 5 MWh at 500 are not, for 300 each: 500 + 1500 = 2000 CNY, and power is worth 300 there.

    **Breaks as**: 3000 CNY if every MWh must be served; 1500 if the unserved price counted everywhere.
    """
    assert dispatch.objective_cny == approx(2000.0)
    assert dispatch.flows["load.unserved"] == approx([0.0, 5.0])
    assert dispatch.prices["electricity"] == approx([100.0, 300.0])
    assert dispatch.draft.park.technologies["load"].report("load", dispatch)["unserved_mwh"] == approx(5.0)


@in_park(grid=grid(1000.0, export_price=50.0), load=load([4.0, 2.0], unserved_price_cny_per_mwh=10.0))
def test_no_more_than_the_load_stays_unserved(dispatch):
    """**Proves**: 4 and 2 MWh stay unserved at 10: 60 CNY.

    **Breaks as**: −20 CNY if 4 MW could stay unserved in the second hour too, and 2 MWh of nothing were exported at 50.
    """
    assert dispatch.objective_cny == approx(60.0)
