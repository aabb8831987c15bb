"""The carbon account of parks small enough to add up by head; factors of the set northeast-2023: average 0.5122, residual 0.6096, fossil 0.8273 t/MWh."""

import dataclasses

import numpy as np
import pytest

from gridsim.carbon.account import carbon_of
from gridsim.carbon.electricity import final_use, net_supply
from gridsim.carbon.section import CarbonSection
from gridsim.metrics.scorecard import scorecard
from hand_solved.parks import (
    ammonia_demand,
    ammonia_plant,
    approx,
    battery,
    caes,
    electrolyser,
    grid,
    hydrogen_demand,
    hydrogen_store,
    in_park,
    line,
    load,
    response,
    wind,
)

AVERAGE, RESIDUAL, FOSSIL = 0.5122, 0.6096, 0.8273
YEAR = 8760.0


def card_of(dispatch):
    from gridsim.dispatch.audit import audit

    return scorecard(dispatch, audit(dispatch))


def account(dispatch, **fields):
    return carbon_of(dispatch, card_of(dispatch), CarbonSection(**{"factor_set": "northeast-2023", **fields}))


HALF_GREEN = {"grid": grid(10.0), "wind": wind([1.0, 0.0], 10.0), "load": load([10.0, 10.0])}
"""10 MWh of wind, then 10 MWh of the grid."""


@in_park(**HALF_GREEN)
def test_scope_2_by_location_and_by_market(dispatch):
    """**Proves**: 10 MWh of the grid are 5.122 t by location and 6.096 t by market.

    **Breaks as**: 10.244 t if what the park generates counted too.
    """
    year = account(dispatch).year
    assert year["scope2_location_t"] == approx(5.122)
    assert year["scope2_market_t"] == approx(6.096)
    assert year["scope2_certified_t"] == approx(5.122)
    assert year["scope1_t"] == 0.0


@in_park(**HALF_GREEN)
def test_certificates_take_from_the_market_only(dispatch):
    """**Proves**: certificates of 4 MWh (in 2 of 8760 hours) leave 6 MWh: 3.6576 t by market, 3.0732 t certified, 5.122 t by location. More than was imported
    leaves nothing, and no less.

    **Breaks as**: 6.096 t if a year's certificates were not counted, 3.0732 t by location if they were.
    """
    year = account(dispatch, certificates_mwh=4.0 * YEAR / 2.0).year
    assert year["scope2_market_t"] == approx(6 * RESIDUAL)
    assert year["scope2_certified_t"] == approx(6 * AVERAGE)
    assert year["scope2_location_t"] == approx(10 * AVERAGE)
    assert year["certificates_used_mwh"] == approx(4.0)
    more = account(dispatch, certificates_mwh=1e9).year
    assert more["scope2_market_t"] == approx(0.0)
    assert more["certificates_used_mwh"] == approx(10.0)


@in_park(grid=grid(10.0, export_price=5.0), wind=wind([1.0, 0.0], 10.0), load=load([4.0, 4.0]))
def test_exports_are_not_netted(dispatch):
    """**Proves**: 6 MWh exported do not take from the 4 MWh imported: 2.0488 t.

    **Breaks as**: 0 t.
    """
    assert account(dispatch).year["scope2_location_t"] == approx(4 * AVERAGE)


DIABATIC = {
    "grid": grid([10.0, 1000.0]),
    "caes": caes(10.0, 10.0, kind="diabatic", compression_mwh_per_mwh_out=0.8, fuel_mwh_per_mwh_out=1.6, fuel_price_cny_per_mwh=1.0),
    "load": load([0.0, 10.0]),
}
"""8 MWh of the grid and 16 MWh of gas give 10 MWh."""


@in_park(**DIABATIC)
def test_scope_1_is_the_fuel(dispatch):
    """**Proves**: 16 MWh of gas at 56.1 kg/GJ: 3.23136 t; 8 MWh of the grid: 4.0976 t. As coal the fuel is 5.376 t.

    **Breaks as**: 0.8976 t if GJ were taken for MWh.
    """
    year = account(dispatch).year
    assert year["scope1_t"] == approx(16 * 3.6 * 56.1e-3)
    assert year["scope2_location_t"] == approx(8 * AVERAGE)
    assert account(dispatch, fuels={"caes": "coal"}).year["scope1_t"] == approx(5.376)


@in_park(start="2030-01-31T23:00", **HALF_GREEN)
def test_months_add_up(dispatch):
    """**Proves**: the import falls into February, all of it; the months add up to the year.

    **Breaks as**: half in January if certificates or imports were spread evenly.
    """
    found = account(dispatch, certificates_mwh=4.0 * YEAR / 2.0)
    assert found.month["import_mwh"] == approx([0.0, 10.0])
    assert found.month["scope2_market_t"] == approx([0.0, 6 * RESIDUAL])
    for scope in ("scope1_t", "scope2_location_t", "scope2_market_t", "scope2_certified_t"):
        assert found.month[scope].sum() == approx(found.year[scope])


@in_park(**HALF_GREEN)
def test_the_disputed_set_is_shown_beside_the_chosen_one(dispatch):
    """**Proves**: Inner Mongolia's 0.6849 stands first among the others, 1.337 times the Northeast's 0.5122, and says why; and the other way round.

    **Breaks as**: a factor that was chosen without a word.
    """
    first = account(dispatch).other_sets[0]
    assert first.factors.name == "inner-mongolia-2022"
    assert first.conflict.certainty == "X"
    assert first.scope2_location_t == approx(6.849)
    assert first.over_chosen == approx(0.6849 / 0.5122)
    assert account(dispatch, factor_set="inner-mongolia-2022").other_sets[0].factors.name == "northeast-2023"
    assert all(other.conflict is None for other in account(dispatch, factor_set="national-2023").other_sets)


@in_park(**HALF_GREEN)
def test_own_factors_replace_what_they_name(dispatch):
    """**Proves**: an own average of 0.3 gives 3 t by location, the market keeps 0.6096."""
    year = account(dispatch, own_factors={"average_kg_per_kwh": 0.3, "source": "supplier"}).year
    assert year["scope2_location_t"] == approx(3.0)
    assert year["scope2_market_t"] == approx(6.096)


# ---- matching


@in_park(grid=grid(10.0, export_price=5.0), wind=wind([1.0, 0.0], 10.0), load=load([4.0, 4.0]), start="2030-01-31T23:00")
def test_annual_monthly_and_hourly_matching_differ(dispatch):
    """**Proves**: 10 MWh of wind cover 8 MWh of load by the year; by month and by the hour only the 4 MWh of the first. The second month has none.

    **Breaks as**: the same share on all bases.
    """
    rows = {row.basis: row for row in account(dispatch).matching}
    assert [rows[basis].generation for basis in ("year", "month", "hour")] == approx([1.0, 0.5, 0.5])
    assert [rows[basis].without_import for basis in ("year", "month", "hour")] == approx([0.5, 0.5, 0.5])
    assert [rows[basis].ledger for basis in ("year", "month", "hour")] == approx([0.5, 0.5, 0.5])
    assert rows["year"].worst_generation == approx(10 / 8)
    assert rows["month"].worst_generation == approx(0.0)
    assert rows["hour"].worst_without_import == approx(0.0)


@in_park(
    grid=grid([10.0, 100.0, 100.0], export_price=1.0),
    wind=wind([0.0, 1.0, 0.0], 5.0),
    battery=battery(10.0, 10.0, charge_efficiency=0.8),
    load=load([2.0, 2.0, 8.0]),
)
def test_the_ledger_gives_at_least_what_is_not_imported(dispatch):
    """**Proves**: with losses of grey power and stores that end as they began, the ledger finds more green use than the meter leaves.

    **Breaks as**: less, if losses were taken from green alone.
    """
    row = account(dispatch).matching[0]
    assert row.ledger > row.without_import + 1e-6


# ---- products


@in_park(grid=grid(10.0), wind=wind([1.0, 0.0], 3.0), plant=electrolyser(), steel=hydrogen_demand(100.0))
def test_hydrogen_by_its_grid_share(dispatch):
    """**Proves**: 200 kg take 10 MWh, 3 of wind and 7 of the grid: 7 × 512.2 / 200 = 17.927 kg/kg; the allowed share of grid power for 4.9 is
    4.9 / (50 × 0.5122) = 0.1913.

    **Breaks as**: 25.61 kg/kg if wind counted too.
    """
    hydrogen = account(dispatch).hydrogen
    assert hydrogen.produced == approx(200.0)
    assert hydrogen.grid_share == approx(0.7)
    assert hydrogen.location == approx(17.927)
    assert hydrogen.market == approx(7 * 609.6 / 200)
    verdicts = {verdict.name: verdict for verdict in hydrogen.verdicts}
    assert not verdicts["cab78.low"].met_by_location
    assert verdicts["cab78.clean"].allowed_grid_share == approx(4.9 / 25.61)
    assert verdicts["cab78.clean"].allowed_grid_share_at["inner-mongolia-2022"] == approx(4.9 / (50 * 0.6849))
    assert account(dispatch, certificates_mwh=1e9).hydrogen.market == approx(0.0)


@pytest.mark.parametrize(("threshold", "share"), [(3.384, 0.093), (4.9, 0.135), (14.51, 0.400)])
def test_allowed_grid_shares_of_the_literature(threshold, share):
    """**Proves**: at 53 kWh/kg and Inner Mongolia's 0.6849, hydrogen may take 9.3, 13.5 and 40 % of the grid's power."""
    from gridsim.carbon.products import allowed_grid_share

    assert allowed_grid_share(threshold, 53.0, 0.6849) == pytest.approx(share, abs=5e-4)


@in_park(
    grid=grid([10.0, 1000.0]),
    wind=wind([0.0, 1.0], 2.0),
    plant=electrolyser(),
    tank=hydrogen_store(100.0, compression_kwh_per_kg=2.0),
    steel=hydrogen_demand(50.0, profile=[0.0, 1.0]),
)
def test_compression_counts_and_tanks_are_traced(dispatch):
    """**Proves**: of 100 kg wind makes 40 when they are asked for; 60 were made before and compressed, at 50 and 2 kWh/kg: 3.12 of 5.12 MWh are the grid's,
    15.98 kg/kg.

    **Breaks as**: 15.37 kg/kg without compression; 26.2 if the wind had no part in it.
    """
    hydrogen = account(dispatch).hydrogen
    assert hydrogen.produced == approx(100.0)
    assert hydrogen.electricity_mwh == approx(5.12)
    assert hydrogen.location == approx(3.12 * 512.2 / 100.0)


@in_park(
    grid=grid(10.0),
    wind=wind([1.0, 0.0], 10.0),
    plant=electrolyser(20.0),
    synthesis=ammonia_plant(hydrogen_bus="hydrogen", electricity_bus="electricity"),
    farm=ammonia_demand(1.0),
)
def test_ammonia_carries_the_carbon_of_its_hydrogen(dispatch):
    """**Proves**: a tonne takes 180 kg × 50 kWh/kg and 1 MWh, 10 MWh; the windy hour's is free, the other is 5.122 t: 2.561 t/t on average.

    **Breaks as**: 0.2561 t/t if only the synthesis counted.
    """
    ammonia = account(dispatch).ammonia
    assert ammonia.produced == approx(2.0)
    assert ammonia.electricity_mwh == approx(20.0)
    assert ammonia.location == approx(2.561)
    assert ammonia.market == approx(3.048)
    farm = {line.technology: line for line in account(dispatch).avoided.lines}["farm"]
    assert farm.alone_t == approx(2.0 * (4.0 - 2.561))


@in_park(**{**DIABATIC, "load": load([0.0, 5.0]), "plant": electrolyser(), "steel": hydrogen_demand(50.0, profile=[0.0, 1.0])})
def test_fuel_in_the_grey_power(dispatch):
    """**Proves**: all 10 MWh come of 8 MWh of grid and 16 of gas, 7.32896 t in all, the grey power of the electrolyser (5 MWh) at the mean of both.

    Grid and gas supply 8 and 10 × 1.6 / 2.6 MWh; 5 MWh at their mean emissions.

    **Breaks as**: 25.61 kg/kg at the grid's factor.
    """
    assert dispatch.flows["caes.discharge"] == approx([0.0, 10.0])
    mean = (8 * AVERAGE + 16 * 0.20196) / (8 + 10 * 1.6 / 2.6)
    assert account(dispatch).hydrogen.location == approx(5e3 * mean / 100.0)


# ---- avoided emissions

EVERYTHING = {
    "grid": grid([10.0, 100.0, 50.0], export_price=1.0),
    "wind": wind([0.2, 1.0, 0.0], 60.0, bus="base"),
    "line": line("base", "electricity", capacity_mw=100.0, loss_share=0.02),
    "battery": battery(10.0, 10.0, charge_efficiency=0.8),
    "load": load([9.0, 7.0, 8.0], unserved_price_cny_per_mwh=90.0),
    "shift": response("shift", share=0.1, window_hours=1.0, price_cny_per_mwh=0.0),
    "plant": electrolyser(20.0),
    "tank": hydrogen_store(200.0, compression_kwh_per_kg=2.0),
    "trucks": hydrogen_demand(100.0),
    "synthesis": ammonia_plant(hydrogen_bus="hydrogen", electricity_bus="electricity"),
    "farm": ammonia_demand(0.5),
}


@in_park(**EVERYTHING)
def test_avoided_emissions_add_up_to_baseline_minus_park(dispatch):
    """**Proves**: the lines of all technologies add up to the baseline (loads, exports and products without the projects) minus the park's own emissions, which
    are computed from loads and meters alone; the credit is 0.5 × 3 t of ammonia at 4.0 and 0.3 t of hydrogen at 20.

    **Breaks as**: 15 t too much if electrolysis were not debited.
    """
    saved = account(dispatch).avoided
    assert saved.total_t == approx(saved.baseline_t - saved.park_t)
    lines = {line.technology: line for line in saved.lines}
    assert lines["farm"].product_t == approx(1.5 * 4.0)
    assert (lines["farm"].product_low_t, lines["farm"].product_high_t) == approx((5.7, 6.3))
    assert lines["trucks"].product_t == approx(0.3 * 20.0)
    assert lines["plant"].total_t < -5.0
    assert lines["line"].total_t < 0.0
    assert saved.at_fossil_factor_t == approx(account(dispatch, own_factors={"average_kg_per_kwh": FOSSIL, "source": "test"}).avoided.total_t)
    assert saved.range_t[1] - saved.range_t[0] == approx(1.5 * 0.4 + 0.3 * 4.0)


@in_park(**EVERYTHING)
def test_final_uses_add_up_to_the_load(dispatch):
    """**Proves**: electricity by technology is the scorecard's load, and all supplies cancel."""
    assert sum(final_use(dispatch).values()) == approx(card_of(dispatch).energy.load_mw)
    assert sum(net_supply(dispatch).values()) == approx(np.zeros(3))


@in_park(**{**EVERYTHING})
def test_a_replaced_route_can_be_chosen(dispatch):
    """**Proves**: trucks replace diesel at 9 kg/kg in place of hydrogen from coal at 20."""
    saved = {line.technology: line for line in account(dispatch, replaces={"trucks": "diesel_trucks"}).avoided.lines}
    assert saved["trucks"].product_t == approx(0.3 * 9.0)


@in_park(**HALF_GREEN)
def test_wind_avoids_what_it_generates(dispatch):
    """**Proves**: 10 MWh of wind avoid 5.122 t, and 3.05 tce at equal value (305 gce/kWh)."""
    (only,) = account(dispatch).avoided.lines
    assert only.technology == "wind"
    assert only.total_t == approx(5.122)
    assert only.energy_saved_tce == approx(3.05)


# ---- standard coal and zero-carbon parks


@in_park(**HALF_GREEN)
def test_energy_in_standard_coal(dispatch):
    """**Proves**: 20 MWh are 2.458 tce at equivalent and 6.1 tce at equal value; half of it is green; with the grid's 38.1 % of non-fossil power 69 %.

    **Breaks as**: 1.229 tce if the park's own generation were no energy.
    """
    found = account(dispatch)
    assert found.year["energy_equivalent_value_tce"] == approx(2.458)
    assert found.year["energy_equal_value_tce"] == approx(6.1)
    assert found.year["non_fossil_share"] == approx(0.5)
    assert found.year["non_fossil_share_with_grid"] == approx(0.5 + 0.5 * (1 - AVERAGE / FOSSIL))
    assert found.year["carbon_per_tce"] == approx(5.122 / 2.458)
    assert found.zero_carbon.equivalent.threshold is None
    assert account(dispatch, electricity_equal_value_kgce_per_kwh=0.3).year["energy_equal_value_tce"] == approx(6.0)


@in_park(**DIABATIC)
def test_fuel_and_other_energy_in_standard_coal(dispatch):
    """**Proves**: 8 MWh of electricity, 16 of gas (3.6 / 29.307 tce each) and two hours of 8760 tce a year of coal: 0.9832 + 1.9654 + 2 tce."""
    other = {"coke": {"energy_tce": 8760.0, "emissions_t": 2.66 * 8760.0, "non_fossil_tce": 876.0, "source": "energy statement"}}
    year = account(dispatch, other_energy=other).year
    assert year["energy_equivalent_value_tce"] == pytest.approx(8 * 0.1229 + 16 * 3.6 / 29.307 + 2.0, rel=1e-5)
    assert year["other_emissions_t"] == approx(5.32)
    assert year["non_fossil_share"] == approx(0.2 / year["energy_equivalent_value_tce"])
    assert year["carbon_per_tce"] == approx((year["scope1_t"] + 8 * AVERAGE + 5.32) / year["energy_equivalent_value_tce"])


@in_park(**HALF_GREEN)
def test_certificates_make_energy_clean_but_not_non_fossil(dispatch):
    """**Proves**: certificates of 4 MWh raise the clean share from 0.5 to 0.7 and leave the non-fossil share; direct supply is 5/7 of the clean energy."""
    year = account(dispatch, certificates_mwh=4.0 * YEAR / 2.0).year
    assert year["clean_energy_share"] == approx(0.7)
    assert year["non_fossil_share"] == approx(0.5)
    assert year["non_fossil_share_with_grid"] == approx(0.7 + 0.3 * (1 - AVERAGE / FOSSIL))
    assert year["direct_supply_share_of_clean"] == approx(5 / 7)


@in_park(grid=grid(10.0, import_limit_mw=1e6), wind=wind([0.0, 0.0], 1.0), load=load([400e3, 400e3]))
def test_the_gap_to_a_zero_carbon_park(dispatch):
    """**Proves**: 400 GW all year are 430.6 Mtce, above 1 Mtce: 0.3 t/tce. All from the grid: 0.5122 / 0.1229 = 4.168 t/tce, 13.9 times; 92.8 % of the power
    must become green: then 0.3 × 0.1229 × 800 GWh of emissions are left.

    **Breaks as**: 0.2 t/tce if the run's two hours decided the threshold.
    """
    case = account(dispatch).zero_carbon.equivalent
    assert case.threshold.value == 0.3
    assert case.gap.factor == approx(AVERAGE / 0.1229 / 0.3)
    assert case.green_electricity_mwh == approx(800e3 * (1 - 0.3 * 0.1229 / AVERAGE))
    assert case.left_t == approx(0.0)
    assert case.gap.to_cut_t == approx(800e3 * (AVERAGE - 0.3 * 0.1229))
    met = account(dispatch, certificates_mwh=(case.green_electricity_mwh + 1e-3) * YEAR / 2.0).zero_carbon.equivalent
    assert met.gap.met
    assert not account(dispatch, certificates_mwh=(case.green_electricity_mwh - 1e-3) * YEAR / 2.0).zero_carbon.equivalent.gap.met


@in_park(grid=grid(10.0, import_limit_mw=1e6), wind=wind([0.0, 0.0], 1.0), load=load([400.0, 400.0]))
def test_what_green_power_cannot_close_is_left(dispatch):
    """**Proves**: 800 MWh of grid power emit 409.76 t, coal beside it 456.6 t in two hours; green power closes the former, the rest is left to be cut."""
    coal = {"steel": {"energy_tce": 750e3, "emissions_t": 2e6, "source": "energy statement"}}
    case = account(dispatch, other_energy=coal).zero_carbon.equivalent
    tce = 800 * 0.1229 + 750e3 * 2 / YEAR
    assert case.threshold.value == 0.3
    assert case.green_electricity_mwh == approx(800.0)
    assert case.left_t == approx(2e6 * 2 / YEAR - 0.3 * tce)


@pytest.mark.parametrize(("tce", "threshold"), [(199_999.0, None), (200_000.0, 0.2), (999_999.0, 0.2), (1_000_000.0, 0.3), (5e6, 0.3)])
def test_the_threshold_depends_on_the_use(tce, threshold):
    """**Proves**: 0.2 from 0.2 Mtce, 0.3 from 1 Mtce, none stated below."""
    from gridsim.carbon.zero_carbon import core_threshold

    found = core_threshold(tce)
    assert (None if found is None else found.value) == threshold


@pytest.mark.parametrize(("emissions", "met"), [(0.3, True), (np.nextafter(0.3, 1.0), False)])
def test_the_threshold_by_one_unit_in_the_last_place(emissions, met):
    """**Proves**: 0.3 t/tce is met, the next number above is not."""
    from gridsim.carbon.zero_carbon import Gap

    assert Gap(float(emissions), 1.0, 0.3).met is met


@in_park(**HALF_GREEN)
def test_facts_for_rules_are_plain_numbers(dispatch):
    """**Proves**: every figure of the year is a finite float."""
    for word, value in account(dispatch).year.items():
        assert isinstance(value, float) and np.isfinite(value), word


@in_park(**HALF_GREEN)
def test_the_account_does_not_write_into_its_input(dispatch):
    """**Proves**: flows are the same after accounting."""
    before = {name: flow.copy() for name, flow in dispatch.flows.items()}
    account(dispatch)
    assert all(np.array_equal(before[name], flow) for name, flow in dispatch.flows.items())
    assert dataclasses.is_dataclass(dispatch)


@in_park(step_minutes=30, **{**DIABATIC, "grid": grid([10.0, 10.0, 1000.0, 1000.0]), "load": load([0.0, 0.0, 10.0, 10.0])})
def test_half_hours_are_half_the_energy(dispatch):
    """**Proves**: four half-hours give what two hours gave: 16 MWh of gas, 8 of the grid, 10 MWh of load.

    **Breaks as**: twice as much if powers were taken for energies.
    """
    found = account(dispatch)
    assert found.year["scope1_t"] == approx(16 * 0.20196)
    assert found.year["scope2_location_t"] == approx(8 * AVERAGE)
    assert found.month["fuel_mwh"].sum() == approx(16.0)
    assert found.year["energy_equivalent_value_tce"] == pytest.approx(8 * 0.1229 + 16 * 3.6 / 29.307, rel=1e-5)
    assert found.avoided.park_t == approx(8 * AVERAGE + 16 * 0.20196)
    assert found.avoided.total_t == approx(found.avoided.baseline_t - found.avoided.park_t)


@in_park(step_minutes=30, grid=grid([10.0, 10.0]), wind=wind([1.0, 0.0], 3.0), plant=electrolyser(), steel=hydrogen_demand(100.0))
def test_half_hours_of_hydrogen(dispatch):
    """**Proves**: 100 kg in two half-hours take 5 MWh, 1.5 of wind: the intensity of the two-hour park."""
    hydrogen = account(dispatch).hydrogen
    assert hydrogen.produced == approx(100.0)
    assert hydrogen.location == approx(17.927)
    assert {line.technology: line for line in account(dispatch).avoided.lines}["steel"].delivered_t == approx(0.1)


@in_park(grid=grid(10.0), wind=wind([1.0, 0.0], 3.0), plant=electrolyser(), steel=hydrogen_demand(100.0))
def test_metrics_for_rules(dispatch):
    """**Proves**: the rules get the park's own figures, energy for a whole year, and what was declared; nothing about all energy while that is not declared."""
    from gridsim.carbon.rule_metrics import rule_metrics
    from gridsim.indicators.section import IndicatorsSection

    assert rule_metrics(account(dispatch)) == {"hydrogen_kgco2e_per_kg": approx(17.927)}
    found = account(dispatch, other_energy={"none": {"energy_tce": 0.0, "emissions_t": 0.0, "source": "all electric"}})
    declared = IndicatorsSection(declared={"water_reuse": {"value": 0.9, "source": "survey"}})
    metrics = rule_metrics(found, declared)
    assert metrics["hydrogen_kgco2e_per_kg"] == approx(17.927)
    assert metrics["park_energy_tce"] == approx(10 * 0.1229 * YEAR / 2)
    assert metrics["carbon_per_energy_t_per_tce"] == approx(7 * AVERAGE / 1.229)
    assert metrics["clean_energy_share"] == approx(0.3)
    assert metrics["direct_supply_share_of_clean"] == approx(1.0)
    assert metrics["water_reuse"] == 0.9


@in_park(
    grid=grid([10.0, 100.0], export_price=[1.0, 90.0]),
    wind=wind([0.0, 0.0], 1.0),
    battery=battery(10.0, 10.0, level_start_share=0.0, level_end="free"),
    load=load([2.0, 2.0]),
)
def test_exported_grid_power_is_not_the_park_s_energy(dispatch):
    """**Proves**: 12 MWh bought at night, 8 of them sold by day: 4 MWh are the park's use, all of it the grid's, of which the factors imply 38.1 % non-fossil.

    **Breaks as**: 114 % if the exported grid power counted.
    """
    found = account(dispatch)
    assert found.year["electricity_boundary_mwh"] == approx(4.0)
    assert found.year["non_fossil_share"] == approx(0.0)
    assert found.year["non_fossil_share_with_grid"] == approx(1 - AVERAGE / FOSSIL)


@in_park(grid=grid(10.0, export_price=5.0), wind=wind([1.0, 0.0], 10.0), load=load([4.0, 4.0]))
def test_exported_wind_is_not_the_park_s_non_fossil_energy(dispatch):
    """**Proves**: of 8 MWh used 4 are wind; the 6 MWh exported are not.

    **Breaks as**: 1.25.
    """
    year = account(dispatch).year
    assert year["electricity_boundary_mwh"] == approx(8.0)
    assert year["non_fossil_share"] == approx(0.5)


@in_park(grid=grid(10.0), wind=wind([1.0, 0.0], 3.0), plant=electrolyser(), steel=hydrogen_demand(100.0), start="2030-01-31T23:00")
def test_hydrogen_by_month(dispatch):
    """**Proves**: January's 100 kg take 3 of 5 MWh of wind, February's none: 10.244 and 25.61 kg/kg."""
    assert account(dispatch).hydrogen.by_month == approx([2 * 5.122, 25.61])


@in_park(grid=grid(10.0, import_limit_mw=3.0), wind=wind([1.0, 0.0], 1.0), plant=electrolyser(), steel=hydrogen_demand(100.0, unserved_price_cny_per_kg=9.0))
def test_what_is_not_delivered_replaces_nothing(dispatch):
    """**Proves**: 4 and 3 MWh make 140 kg of the 200 asked for; they replace 2.8 t of coal's, and the park's balance holds.

    **Breaks as**: 4 t.
    """
    saved = account(dispatch).avoided
    assert {line.technology: line for line in saved.lines}["steel"].product_t == approx(0.14 * 20.0)
    assert saved.total_t == approx(saved.baseline_t - saved.park_t)


@in_park(grid=grid(10.0, import_limit_mw=3.0), wind=wind([1.0, 0.0], 1.0), load=load([5.0, 5.0], unserved_price_cny_per_mwh=900.0))
def test_what_is_not_served_is_no_service(dispatch):
    """**Proves**: 7 of 10 MWh are served, 6 of them by the grid: the wind's MWh is what is avoided.

    **Breaks as**: 4 MWh avoided if what was not served counted in the baseline.
    """
    saved = account(dispatch).avoided
    assert saved.baseline_t == approx(7 * AVERAGE)
    assert saved.total_t == approx(AVERAGE)


@in_park(**DIABATIC)
def test_fuel_is_debited(dispatch):
    """**Proves**: compressed air gives 10 MWh for 8 of the grid and 16 of gas: 2 MWh of grid power are credited and 16 of gas debited, in t and in tce."""
    (line,) = account(dispatch).avoided.lines
    assert line.total_t == approx(2 * AVERAGE - 16 * 0.20196)
    assert line.energy_saved_tce == pytest.approx(2 * 0.305 - 16 * 3.6 / 29.307, rel=1e-5)
