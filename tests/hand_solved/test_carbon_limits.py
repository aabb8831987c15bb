"""Limits on carbon and on matching: each holds to 1e-9, never lowers the cost, and its price is what a re-solve finds."""

import dataclasses

import numpy as np
import pytest

from gridsim.carbon.account import carbon_of
from gridsim.carbon.section import CarbonSection
from gridsim.dispatch.carbon_limits import carbon_price, matching_price
from gridsim.metrics.scorecard import scorecard
from hand_solved.parks import approx, battery, caes, electrolyser, grid, hydrogen_demand, hydrogen_store, load, solve, tiny_park, wind

AVERAGE, RESIDUAL = 0.5122, 0.6096
YEAR = 8760.0


@pytest.fixture
def enforced():
    """Solve a park with limits written under ``carbon:``."""

    def with_limits(park, limits, **section):
        return solve(dataclasses.replace(park, carbon=CarbonSection(**{"factor_set": "northeast-2023", "limits": limits, **section})))

    return with_limits


def account(dispatch, **fields):
    from gridsim.dispatch.audit import audit

    return carbon_of(dispatch, scorecard(dispatch, audit(dispatch)), CarbonSection(**{"factor_set": "northeast-2023", **fields}))


def dear_wind():
    """Wind at 50, the grid at 10, 10 MW of load in each of 2 hours."""
    return tiny_park(grid=grid(10.0), wind=wind([1.0, 0.4], 10.0, variable_cost_cny_per_mwh=50.0), load=load([10.0, 10.0]))


def rich_park():
    """A park of three days in which every limit has to move storage, electrolysis and exports."""
    hours = np.arange(72)
    strength = np.clip(0.45 + 0.4 * np.sin(hours / 9.0) + 0.2 * np.sin(hours / 2.3), 0.0, 1.0)
    price = 300.0 + 150.0 * np.sin(hours / 3.8)
    return tiny_park(
        start="2030-01-30",
        grid=grid([float(p) for p in price], export_price=80.0),
        wind=wind([float(s) for s in strength], 25.0, variable_cost_cny_per_mwh=20.0),
        battery=battery(5.0, 15.0, charge_efficiency=0.93, discharge_efficiency=0.92, level_start_share=0.0, level_end="same"),
        load=load([10.0 + float(x) for x in 2.0 * np.cos(hours / 5.0)]),
        plant=electrolyser(10.0),
        tank=hydrogen_store(2000.0, level_start_share=None, level_end="same"),
        steel=hydrogen_demand(80.0, unserved_price_cny_per_kg=60.0),
    )


def test_a_cap_by_location(enforced):
    """**Proves**: 20 MWh of the grid emit 10.244 t; a cap of 5.122 t leaves 10 MWh to it, at 100 + 500 CNY in place of 200. A tonne less costs 40 / 0.5122 CNY.

    **Breaks as**: 78.1 CNY/MWh if the price were of a MWh.
    """
    cap = 5.122 * YEAR / 2.0
    dispatch = enforced(dear_wind(), {"emissions_max_t": cap})
    assert dispatch.objective_cny == approx(600.0)
    assert account(dispatch).year["scope2_location_t"] <= 5.122 + 1e-9
    assert carbon_price(dispatch) == approx(40.0 / AVERAGE)
    assert account(dispatch).carbon_price_cny_per_t == approx(40.0 / AVERAGE)
    assert solve(dear_wind()).objective_cny == approx(200.0)


def test_a_cap_by_market_counts_certificates(enforced):
    """**Proves**: with certificates of 4 MWh, 6.096 t by market are 14 MWh of the grid: 140 + 6 × 50 = 440 CNY.

    **Breaks as**: 600 CNY without the certificates.
    """
    dispatch = enforced(dear_wind(), {"emissions_max_t": 6.096 * YEAR / 2.0, "emissions_of": "market"}, certificates_mwh=4.0 * YEAR / 2.0)
    assert dispatch.objective_cny == approx(440.0)
    assert account(dispatch, certificates_mwh=4.0 * YEAR / 2.0).year["scope2_market_t"] <= 6.096 + 1e-9


def test_a_cap_holds_the_fuel_too(enforced):
    """**Proves**: 8 MWh of grid and 16 of gas emit 7.32896 t for 10 MWh; under half of it, half of the storage's work is left.

    **Breaks as**: 10 MWh of storage if the fuel were not in the cap.
    """
    park = tiny_park(
        grid=grid([10.0, 1000.0]),
        caes=caes(10.0, 10.0, kind="diabatic", compression_mwh_per_mwh_out=0.8, fuel_mwh_per_mwh_out=1.6, fuel_price_cny_per_mwh=1.0),
        load=load([0.0, 10.0], unserved_price_cny_per_mwh=2000.0),
    )
    whole = 8 * AVERAGE + 16 * 0.20196
    dispatch = enforced(park, {"emissions_max_t": 0.5 * whole * YEAR / 2.0})
    found = account(dispatch).year
    assert found["scope1_t"] + found["scope2_location_t"] <= 0.5 * whole + 1e-9
    assert found["scope1_t"] + found["scope2_location_t"] == approx(0.5 * whole)
    # a tonne gives 1.95 MWh of the grid, worth 1000 each, or 1.36 of the storage, worth 1990: the storage takes it all
    assert dispatch.flows["caes.discharge"][1] == approx(5.0)
    assert dispatch.flows["grid.import"][1] == approx(0.0)


@pytest.mark.parametrize(("by", "cost"), [("year", 200.0), ("month", 440.0)])
def test_matching_by_the_month_is_stricter_than_by_the_year(enforced, by, cost):
    """**Proves**: half of 20 MWh of load matched: by the year 10 MWh of cheap wind of January do, by the month each month needs 5 of its own, which in February
    cost 50 CNY more than the grid.

    January: 10 MWh of wind at 0 serve the load; February: wind at 48 more than the grid's 20. By the year nothing more is needed: 10 × 20 = 200 CNY; by the
    month 5 MWh of the dear wind in place of the grid: 200 + 5 × 48 = 440 CNY.

    **Breaks as**: the same cost for both.
    """
    park = tiny_park(
        start="2030-01-31T23:00",
        grid=grid(20.0),
        cheap=wind([1.0, 0.0], 10.0, variable_cost_cny_per_mwh=0.0),
        dear=wind([0.0, 1.0], 10.0, variable_cost_cny_per_mwh=68.0),
        load=load([10.0, 10.0]),
    )
    dispatch = enforced(park, {"matched_share_min": 0.5, "matched_by": by})
    assert dispatch.objective_cny == approx(cost)
    if by == "month":
        assert matching_price(dispatch) == approx([0.0, 48.0])


def test_exports_count_by_the_month_and_not_by_the_hour(enforced):
    """**Proves**: 10 MWh of wind, 6 exported, match all of 8 MWh by the month at no cost; by the hour half of the load must not be imported, which it is not:
    0.75 by the hour needs the dear second source.

    **Breaks as**: the same cost for both.
    """
    park = tiny_park(
        grid=grid(20.0, export_price=1.0),
        wind=wind([1.0, 0.0], 10.0),
        dear=wind([0.0, 1.0], 10.0, variable_cost_cny_per_mwh=70.0),
        load=load([4.0, 4.0]),
    )
    free = solve(park).objective_cny
    assert free == approx(4 * 20 - 6)
    assert enforced(park, {"matched_share_min": 1.0, "matched_by": "month"}).objective_cny == approx(free)
    dispatch = enforced(park, {"matched_share_min": 0.75, "matched_by": "hour"})
    assert dispatch.objective_cny == approx(free + 2 * 50)
    assert matching_price(dispatch) == approx([50.0])


def test_every_hour_is_stricter_than_the_hours_together(enforced):
    """**Proves**: half of each hour's 4 MW must come from elsewhere than the grid: 2 MWh of the dear source in the second hour; together that is met."""
    park = tiny_park(
        grid=grid(20.0),
        wind=wind([1.0, 0.0], 4.0),
        dear=wind([0.0, 1.0], 10.0, variable_cost_cny_per_mwh=70.0),
        load=load([4.0, 4.0]),
    )
    assert enforced(park, {"matched_share_min": 0.5, "matched_by": "hour"}).objective_cny == approx(80.0)
    dispatch = enforced(park, {"matched_share_min": 0.5, "matched_by": "every_hour"})
    assert dispatch.objective_cny == approx(80.0 + 2 * 50)
    assert matching_price(dispatch) == approx([0.0, 50.0])


def test_electrolysis_every_hour_needs_green_power_of_that_hour(enforced):
    """**Proves**: 20 kg/h take 1 MW; in the second hour there is wind only at 70: 1 MWh of it in place of the grid at 20, the load keeps the grid.

    **Breaks as**: 4 MWh more if the load were meant too; nothing if the first hour's surplus counted.
    """
    park = tiny_park(
        grid=grid(20.0, export_price=1.0),
        wind=wind([1.0, 0.0], 10.0),
        dear=wind([0.0, 1.0], 10.0, variable_cost_cny_per_mwh=70.0),
        load=load([4.0, 4.0]),
        plant=electrolyser(),
        steel=hydrogen_demand(20.0),
    )
    free = solve(park).objective_cny
    dispatch = enforced(park, {"matched_share_min": 1.0, "matched_by": "every_hour", "matched_of": "electrolysis"})
    assert dispatch.objective_cny == approx(free + 50.0)
    by_month = {"matched_share_min": 1.0, "matched_by": "month", "matched_of": "electrolysis"}
    assert enforced(park, by_month).objective_cny == approx(free)


def test_storage_for_electrolysis_may_not_hold_grid_power(enforced):
    """**Proves**: a battery could carry cheap grid power of the first hour into the second; electrolysis matched every hour may not use it so."""
    park = tiny_park(
        grid=grid([1.0, 500.0]),
        wind=wind([0.0, 0.0], 10.0),
        battery=battery(level_start_share=0.0, level_end="free"),
        plant=electrolyser(),
        steel=hydrogen_demand(20.0, profile=[0.0, 1.0], unserved_price_cny_per_kg=30.0),
    )
    dispatch = enforced(park, {"matched_share_min": 1.0, "matched_by": "every_hour", "matched_of": "electrolysis"})
    assert dispatch.flows["plant.piece_0"] == approx([0.0, 0.0])
    assert solve(park).flows["plant.piece_0"][1] == approx(2.0)


def test_stored_wind_serves_electrolysis_of_another_hour(enforced):
    """**Proves**: 1 MWh of wind, stored for an hour, makes the 20 kg that are asked then, though the grid is nearly free.

    **Breaks as**: 600 CNY for hydrogen that is not delivered, if storage gave no green power; 1 CNY from the grid without the limit.
    """
    park = tiny_park(
        grid=grid([5.0, 1.0]),
        wind=wind([1.0, 0.0], 1.0),
        battery=battery(level_start_share=0.0, level_end="free"),
        plant=electrolyser(),
        load=load([1.0, 0.0]),
        steel=hydrogen_demand(10.0, profile=[0.0, 1.0], unserved_price_cny_per_kg=30.0),
    )
    dispatch = enforced(park, {"matched_share_min": 1.0, "matched_by": "every_hour", "matched_of": "electrolysis"})
    assert dispatch.flows["battery.discharge"][1] == approx(1.0)
    assert dispatch.objective_cny == approx(5.0)
    assert solve(park).objective_cny == approx(1.0)


LIMITS = {
    "cap": {"emissions_max_t": 76.0 * YEAR / 72.0},
    "year": {"matched_share_min": 0.91, "matched_by": "year"},
    "month": {"matched_share_min": 0.91, "matched_by": "month"},
    "hour": {"matched_share_min": 0.86, "matched_by": "hour"},
    "every_hour": {"matched_share_min": 0.2, "matched_by": "every_hour"},
}


@pytest.mark.parametrize("name", LIMITS)
def test_limits_hold_and_never_lower_the_cost(enforced, name):
    """**Proves**: in a park with storage, hydrogen and exports each limit holds to 1e-9 (relative), costs what it costs or more, and is never lifted."""
    park, limits = rich_park(), LIMITS[name]
    free = solve(park)
    dispatch = enforced(park, limits)
    assert dispatch.objective_cny >= free.objective_cny - 1e-9 * abs(free.objective_cny)
    found = account(dispatch)
    rows = {row.basis: row for row in found.matching}
    if name == "cap":
        assert found.year["scope2_location_t"] <= 76.0 * (1 + 1e-9)
        assert account(free).year["scope2_location_t"] > 76.0
    elif name == "year":
        assert rows["year"].worst_generation >= 0.91 - 1e-9
    elif name == "month":
        assert rows["month"].worst_generation >= 0.91 - 1e-9
    elif name == "hour":
        assert rows["year"].without_import >= 0.86 - 1e-9
        assert rows["year"].ledger >= 0.86 - 1e-9
    else:
        assert rows["hour"].worst_without_import >= 0.2 - 1e-9


def test_the_carbon_price_is_that_of_a_re_solve(enforced):
    """**Proves**: a cap one thousandth tighter and looser costs its price a tonne, to 1 %."""
    park, cap = rich_park(), 76.0 * YEAR / 72.0
    price = carbon_price(enforced(park, {"emissions_max_t": cap}))
    tight, loose = (enforced(park, {"emissions_max_t": cap * factor}).objective_cny for factor in (1 - 1e-3, 1 + 1e-3))
    assert price > 1.0
    assert (tight - loose) / (2e-3 * 76.0) == pytest.approx(price, rel=0.01)


def test_the_price_of_hourly_matching_is_that_of_a_re_solve(enforced):
    """**Proves**: a share of the load that is one ten-thousandth higher asks for that much more green power, at the price of the limit, to 1 %."""
    park = tiny_park(
        grid=grid([100.0, 200.0, 300.0]),
        wind=wind([1.0, 1.0, 1.0], 10.0, variable_cost_cny_per_mwh=450.0),
        load=load([10.0, 10.0, 10.0]),
    )
    price = matching_price(enforced(park, {"matched_share_min": 0.5, "matched_by": "hour"}))[0]
    more, less = (enforced(park, {"matched_share_min": 0.5 + d, "matched_by": "hour"}).objective_cny for d in (1e-4, -1e-4))
    assert price == approx(250.0)
    assert (more - less) / (2e-4 * 30.0) == pytest.approx(price, rel=0.01)


def test_what_cannot_be_matched_names_its_limit(enforced):
    """**Proves**: without wind in the second hour no dispatch matches every hour; and the line that names the key says what is missing."""
    from gridsim.dispatch.carbon_limits import EMISSIONS, MATCHED, limit_line
    from gridsim.errors import InfeasibleError

    park = tiny_park(grid=grid(20.0), wind=wind([1.0, 0.0], 10.0), load=load([4.0, 4.0]))
    with pytest.raises(InfeasibleError, match=r"carbon\.limits\.matched_share_min = 0\.5 cannot be met: 2 MWh"):
        enforced(park, {"matched_share_min": 0.5, "matched_by": "every_hour"})
    section = CarbonSection(factor_set="national-2023", limits={"matched_share_min": 0.5, "emissions_max_t": 3.0})
    assert limit_line(MATCHED, section, 2.0).startswith("carbon.limits.matched_share_min = 0.5 cannot be met: 2 MWh of green power missing")
    assert "raise carbon.limits.emissions_max_t" in limit_line(EMISSIONS, section, 2.0)
