"""Indicators that a simulation fills, by head."""

import pytest

from gridsim.carbon.account import carbon_of
from gridsim.carbon.section import CarbonSection
from gridsim.indicators.filled import indicators_of
from gridsim.indicators.section import IndicatorsSection
from gridsim.metrics.scorecard import scorecard
from hand_solved.parks import ammonia_demand, ammonia_plant, approx, battery, electrolyser, grid, in_park, load, wind

ZONE, PILOT = "chifeng-carbon-peak-plan", "inner-mongolia-carbon-peak-pilot"
YEARS = 8760.0 / 2.0
"""A year over the two hours of these parks."""

HALF_GREEN = {"grid": grid(10.0), "wind": wind([1.0, 0.0], 10.0), "load": load([10.0, 10.0])}
"""10 MWh of wind, then 10 MWh of the grid."""


def filled(dispatch, *, carbon=None, **fields):
    from gridsim.dispatch.audit import audit

    card, section = scorecard(dispatch, audit(dispatch)), CarbonSection(**{"factor_set": "northeast-2023", **(carbon or {})})
    wanted = IndicatorsSection(**{"tables": [ZONE], **fields})
    return {found.plan.name: found for found in indicators_of(dispatch, card, carbon_of(dispatch, card, section), wanted)}


def rows(found):
    return {line.indicator.name: line for line in found.lines}


@in_park(**HALF_GREEN)
def test_energy_and_carbon_per_value_added(dispatch):
    """**Proves**: 6.1 tce at equal value and 5.122 t in two hours, 26,718 tce and 22,434 t a year, over 10,000 万元: 2.6718 tce/万元 and 2.2434 t/万元; the
    plan's 2.36 for 2030 is not met, its 2.88 for 2025 is, its 4.61 of CO2 is.

    **Breaks as**: 1.0766 tce/万元 at equivalent value; 0.0006 if the run's two hours were taken for a year.
    """
    added = {"value_10k_cny": 10_000.0, "source": "test"}
    lines = rows(filled(dispatch, value_added=added)[ZONE])
    assert lines["energy_per_value_added"].value == approx(6.1 * YEARS / 10_000.0)
    assert lines["carbon_per_value_added"].value == approx(5.122 * YEARS / 10_000.0)
    assert lines["energy_per_value_added"].by_year == {2020: "met", 2025: "met", 2030: "not met"}
    assert lines["energy_per_value_added"].status == "not met"
    assert lines["carbon_per_value_added"].status == "met"
    assert lines["energy_per_value_added"].partial


@in_park(**HALF_GREEN)
def test_what_is_not_known_keeps_its_place(dispatch):
    """**Proves**: without value added its rows are not known; a declared value is measured; a target may be blank in the plan and given by the park."""
    declared = {"waste_heat": {"value": 0.5, "source": "survey", "certainty": "A"}}
    found = filled(dispatch, declared=declared, target_year=2025, targets={"low_carbon_factories": "5"})[ZONE]
    lines = rows(found)
    assert len(lines) == 25
    assert lines["energy_per_value_added"].status == "not known"
    assert lines["waste_heat"].status == "met"
    assert lines["waste_heat"].by_year[2030] == "not met"
    assert lines["low_carbon_factories"].status == "not known"
    assert lines["low_carbon_factories"].target.value == 0.05
    assert lines["organic_compounds"].status == "no target"
    assert found.counted("met") == 2


@in_park(**HALF_GREEN)
def test_shares_and_capacity(dispatch):
    """**Proves**: half of the energy and of the electricity is green; 10 MW are 1 万千瓦. With coal beside it the non-fossil share falls and is complete."""
    lines = rows(filled(dispatch, tables=[PILOT])[PILOT])
    assert lines["non_fossil_share"].value == approx(0.5)
    assert lines["renewable_electricity_share"].value == approx(0.5)
    assert lines["renewable_capacity"].value == approx(1.0)
    assert lines["non_fossil_share"].partial
    coal = {"other_energy": {"steel": {"energy_tce": 6.1 * YEARS, "emissions_t": 10.0 * YEARS, "source": "test"}}}
    with_coal = rows(filled(dispatch, carbon=coal)[ZONE])["non_fossil_share"]
    assert with_coal.value == approx(0.25)
    assert not with_coal.partial
    assert with_coal.status == "not met"


@in_park(
    grid=grid(10.0),
    wind=wind([1.0, 0.5], 20.0, capital_cost_cny_per_kw=3600.0),
    battery=battery(1.0, 1.0, capital_cost_cny_per_kwh=600.0, capital_cost_cny_per_kw=0.0),
    load=load([4.0, 4.0]),
    plant=electrolyser(20.0),
    synthesis=ammonia_plant(hydrogen_bus="hydrogen", electricity_bus="electricity"),
    farm=ammonia_demand(1.0),
)
def test_projects_hold_the_park_s_technologies_once(dispatch):
    """**Proves**: wind and battery are the green-power programme, electrolysis and ammonia the hydrogen programme; together a year of what the park avoids.

    **Breaks as**: more than the whole if a technology stood in two programmes.
    """
    found = filled(dispatch)[ZONE]
    lines = {line.programme.name: line for line in found.projects}
    assert lines["green_power"].technologies == ("wind", "battery")
    assert lines["green_hydrogen"].technologies == ("plant", "synthesis", "farm")
    assert lines["green_power"].simulated_energy_saved_tce == approx(float(dispatch.flows["wind"].sum()) * 0.305 * YEARS)
    assert lines["green_hydrogen"].simulated_energy_saved_tce is None
    assert lines["digital"].simulated_carbon_saved_t is None
    assert lines["green_power"].simulated_products_alone_t is None
    # in the second hour 3 of 14 MWh come from the grid, and ammonia takes 10 of the 14
    assert lines["green_hydrogen"].simulated_products_alone_t == approx((2 * 4.0 - 10 * 3 / 14 * 0.5122) * YEARS)
    wind_t = float(dispatch.flows["wind"].sum()) * 0.5122 * YEARS
    assert lines["green_power"].simulated_carbon_saved_t == approx(wind_t)
    assert lines["green_hydrogen"].simulated_carbon_saved_t == approx((2 * 4.0 - 20 * 0.5122) * YEARS)
    assert lines["green_power"].simulated_investment_cny == pytest.approx(20e3 * 3600 + 1e3 * 600)


@in_park(**HALF_GREEN)
def test_declared_emissions_and_certificates_in_the_indicators(dispatch):
    """**Proves**: declared emissions count in CO2 per value added; certificates do not make energy non-fossil."""
    added = {"value_10k_cny": 10_000.0, "source": "test"}
    coal = {"other_energy": {"steel": {"energy_tce": 1.0 * YEARS, "emissions_t": 10.0 * YEARS, "source": "test"}}, "certificates_mwh": 1e9}
    lines = rows(filled(dispatch, carbon=coal, value_added=added)[ZONE])
    assert lines["carbon_per_value_added"].value == approx((5.122 + 10.0) * YEARS / 10_000.0)
    assert lines["non_fossil_share"].value == approx(3.05 / 7.1)
