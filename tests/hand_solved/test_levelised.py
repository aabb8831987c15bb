"""Who pays for what: parks of two or three hours whose costs can be shared out by head."""

from __future__ import annotations

import pytest

from gridsim.metrics.cost import cost_lines
from gridsim.money.costs import parts_of
from gridsim.money.levelised import at_nodal_prices, levelised
from gridsim.money.replacement import operating_hours, wear_of
from gridsim.money.terms import terms_of
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

FREE = {"capital_cost_cny_per_kw": 0.0, "fixed_om_share_per_year": 0.0}


def shared(dispatch, **terms):
    """Levelised costs without water and wear, unless terms say so."""
    known = terms_of(dispatch.draft.park.finance, **{"water_price_cny_per_t": 0.0, "stack_life_hours_alkaline": 1e9, **terms})
    wear = [] if "wear" not in terms else wear_of(dispatch, known)
    return levelised(dispatch, parts_of(dispatch, cost_lines(dispatch), wear, known))


def user(found, name, carrier="electricity"):
    """Quantity and cost of one delivery."""
    return next((d.quantity, d.cny) for d in found.deliveries if d.user == name and d.carrier == carrier)


def yearly(dispatch, technology):
    """Annuity and upkeep of a technology over the horizon."""
    return sum(line.cny for line in cost_lines(dispatch) if line.technology == technology and line.kind in {"investment", "fixed_om"})


@in_park(
    grid=grid([100.0, 300.0]),
    farm=wind([1.0, 0.0], capacity_mw=4.0),
    plant=electrolyser(1.0, module_mw=1.0, **FREE),
    users=hydrogen_demand(20.0),
    factory=load([1.0, 3.0]),
)
def test_each_hour_has_its_own_cost(dispatch):
    """**Proves**: in the first hour wind feeds 1 MW of load and 1 MW of electrolysis, in the second 3 + 1 MW are imported at 300. So the load pays
    half the wind's annuity and 900 CNY, electrolysis the other half and 300 CNY, for 2 × 20 kg.

    **Breaks as**: 2/3 of everything to the load if the year's mean price were taken.
    """
    found, farm = shared(dispatch), yearly(dispatch, "farm")
    assert user(found, "factory") == approx((4.0, farm / 2 + 900.0))
    assert user(found, "plant") == approx((2.0, farm / 2 + 300.0))
    assert found.cost_of("hydrogen") == approx((farm / 2 + 300.0) / 40.0)
    assert found.cost_of("electricity", final=True) == approx((farm / 2 + 900.0) / 4.0)


@in_park(
    grid=grid([100.0, 300.0]),
    farm=wind([1.0, 0.0], capacity_mw=4.0),
    plant=electrolyser(1.0, module_mw=1.0, **FREE),
    users=hydrogen_demand(20.0),
    factory=load([1.0, 3.0]),
)
def test_at_nodal_prices_spare_wind_is_free(dispatch):
    """**Proves**: the marginal price is 0 where wind is curtailed and 300 where power is imported: 300 CNY for 40 kg, and 900 for the load's 4 MWh."""
    assert at_nodal_prices(dispatch, shared(dispatch)) == approx({"lcoe_cny_per_mwh": 225.0, "lcoh_cny_per_kg": 7.5})


@in_park(grid=grid([100.0, 300.0], tariff={"demand_charge_cny_per_mw_month": 1000.0}), morning=load([3.0, 0.0]), evening=load([0.0, 1.0]))
def test_imports_have_the_price_of_their_hour(dispatch):
    """**Proves**: 3 MWh at 100 and 1 MWh at 300; the demand charge of 3 MW is spread over all imports, 3 : 1.

    **Breaks as**: 150 CNY/MWh for both if imports had one price.
    """
    found = shared(dispatch)
    assert user(found, "morning") == approx((3.0, 300.0 + 2250.0))
    assert user(found, "evening") == approx((1.0, 300.0 + 750.0))


@in_park(
    grid=grid([100.0, 100.0]),
    plant=electrolyser(8.0, module_mw=8.0, part_load_curve=[[0.2, 1.1], [0.5, 0.8], [1.0, 1.0]], min_load_share=0.2),
    little=hydrogen_demand(50.0, profile=[2.0, 0.0]),
    much=hydrogen_demand(75.0, profile=[0.0, 2.0]),
)
def test_a_plant_is_paid_by_what_it_makes(dispatch):
    """**Proves**: 100 kg at the best load (0.8 × 50 kWh/kg) in one hour and 150 kg at a worse one in the next: each kilogram costs the same, as the plant's
    yearly cost and power are spread over kilograms.

    **Breaks as**: 100 kg that pay for 4 of 11.33 MWh if the cost were spread over power.
    """
    found = shared(dispatch)
    (few, cny), (many, more) = (user(found, name, "hydrogen") for name in ("little", "much"))
    assert (few, many) == approx((100.0, 150.0))
    assert cny / few == approx(more / many)
    assert cny + more == approx(yearly(dispatch, "plant") + user(found, "plant")[1])


@in_park(
    grid=grid([1000.0, 1000.0, 1000.0]),
    farm=wind([1.0, 0.0, 0.0], capacity_mw=6.0),
    store=battery(10.0, 10.0, charge_efficiency=0.5),
    morning=load([2.0, 0.0, 0.0]),
    evening=load([0.0, 2.0, 1.0]),
)
def test_a_battery_passes_its_losses_on(dispatch):
    """**Proves**: 6 MWh of wind: 2 to the morning's load, 4 into the battery, of which 2 come out. Imports are 1 MWh, in the evening. The evening's load pays
    2/3 of the wind, the battery and the 1000 CNY of import; the morning's 1/3 of the wind and nothing else.

    **Breaks as**: 1/2 of the wind each if losses were paid by all; a share of the battery for the morning.
    """
    found, farm, store = shared(dispatch), yearly(dispatch, "farm"), yearly(dispatch, "store")
    assert user(found, "morning") == approx((2.0, farm / 3))
    assert user(found, "evening") == approx((3.0, farm * 2 / 3 + store + 1000.0))


@in_park(
    grid=grid([100.0, 100.0], export_price=50.0),
    farm=wind([1.0, 1.0], capacity_mw=5.0),
    factory=load([1.0, 1.0]),
    office=load([1.0, 0.0]),
)
def test_exports_lower_the_cost_of_what_is_used(dispatch):
    """**Proves**: 10 MWh of wind, 7 of them exported for 350 CNY. Exports cost 7/10 of the wind; what they earn above it is credited to the 3 MWh used,
    by MWh. So the two loads pay 0.3 W + (0.7 W − 350) together: the wind less the revenue.

    **Breaks as**: 0.3 W if exports were left out of the account; a sum that is not the park's cost.
    """
    found, farm = shared(dispatch), yearly(dispatch, "farm")
    quantity, cny = user(found, "factory")
    assert quantity == approx(2.0)
    # hour by hour 1/5 of the wind's half and all of it again: 0.1 W + 0.1 W, and 2/3 of the margin
    assert cny == approx(0.2 * farm + (0.7 * farm - 350.0) * 2 / 3)
    assert sum(d.cny for d in found.deliveries if d.final) == approx(farm - 350.0)


@in_park(
    grid=grid([100.0, 100.0]),
    plant=electrolyser(2.0, module_mw=2.0),
    tank=hydrogen_store(100.0),
    synthesis=ammonia_plant(0.2),
    trucks=hydrogen_demand(5.0),
    farmers=ammonia_demand(0.1),
)
def test_ammonia_takes_hydrogen_at_its_cost(dispatch):
    """**Proves**: all hydrogen costs the same per kg for trucks and synthesis but for what the tank adds; ammonia is that hydrogen, its own electricity at
    100 CNY/MWh, and its plant; and the three final users pay the park's cost to the last fen."""
    found = shared(dispatch)
    kg, hydrogen = user(found, "synthesis", "hydrogen")
    t, ammonia = user(found, "farmers", "ammonia")
    plant = dispatch.draft.park.technologies["synthesis"]
    assert kg == approx(t * plant.hydrogen_kg_per_t)
    assert ammonia == approx(hydrogen + t * plant.electricity_mwh_per_t * 100.0 + yearly(dispatch, "synthesis"))
    steps = found.steps("ammonia")
    assert sum(steps.values()) == approx(found.cost_of("ammonia"))
    assert steps["electricity"] + steps["hydrogen"] == approx((ammonia - yearly(dispatch, "synthesis")) / t)


@in_park(
    grid=grid([100.0, 100.0]),
    plant=electrolyser(8.0, module_mw=8.0, part_load_curve=[[0.2, 1.1], [0.5, 0.9], [1.0, 1.0]], min_load_share=0.2),
    synthesis=ammonia_plant(0.4),
    trucks=hydrogen_demand(80.0),
    farmers=ammonia_demand(0.3),
    factory=load([1.0, 1.0]),
)
def test_with_one_price_both_ways_agree(dispatch):
    """**Proves**: where every MWh is bought at 100 CNY the marginal price is the average cost, so electricity, hydrogen and ammonia cost the same both ways,
    over a plant of several pieces and through hydrogen into ammonia. Breaks as: ammonia without its hydrogen; one piece of the plant only."""
    found = shared(dispatch)
    expected = [found.cost_of("electricity", final=True), found.cost_of("hydrogen"), found.cost_of("ammonia")]
    assert list(at_nodal_prices(dispatch, found).values()) == approx(expected)


EVERYTHING = {
    "grid": grid([300.0, 20.0, 350.0, 100.0], export_price=15.0, import_limit_mw=3.0, tariff={"demand_charge_cny_per_mw_month": 30.0}),
    "farm": wind([1.0, 0.2, 0.0, 0.9], capacity_mw=12.0, bus="far"),
    "wire": line("far", "electricity", loss_share=0.1, both_ways=True, capacity_mw=8.0, length_km=10.0),
    "store": battery(3.0, 6.0, charge_efficiency=0.9, discharge_efficiency=0.9, throughput_cost_cny_per_mwh=2.0),
    "cavern": caes(2.0, 4.0, kind="diabatic", compression_mwh_per_mwh_out=0.8, fuel_mwh_per_mwh_out=1.6, fuel_price_cny_per_mwh=30.0),
    "plant": electrolyser(4.0, module_mw=2.0, variable_cost_cny_per_mwh=3.0),
    "tank": hydrogen_store(200.0, compression_kwh_per_kg=1.0, electricity_bus="electricity"),
    "synthesis": ammonia_plant(0.2, tank_t=5.0, variable_cost_cny_per_t=7.0),
    "trucks": hydrogen_demand(6.0, flexible_within="day", unserved_price_cny_per_kg=60.0),
    "farmers": ammonia_demand(0.1, flexible_within="day"),
    "factory": load([2.0, 3.0, 11.0, 1.0], unserved_price_cny_per_mwh=400.0),
    "cut": response("curtail", load="factory", steps=[{"share": 0.1, "price_cny_per_mwh": 250.0}]),
}


@pytest.mark.parametrize("bill", [None, 12345.0], ids=["hourly prices", "exact bill"])
@in_park(**EVERYTHING)
def test_final_users_pay_the_whole_park(dispatch, bill):
    """**Proves**: with exports, losses, stores, fuel, unserved demand, demand response, water, wear and an exact bill, what final users pay is the cost table
    and what was added to it, to 1e-9; each part is shared out whole.

    **Breaks as**: any cost that ends nowhere or twice.
    """
    terms = terms_of(dispatch.draft.park.finance)
    parts = parts_of(dispatch, cost_lines(dispatch), wear_of(dispatch, terms), terms, bill)
    found = levelised(dispatch, parts)
    final = [d for d in found.deliveries if d.final]
    assert sum(d.cny for d in final) == pytest.approx(sum(part.cny for part in parts), rel=1e-9)
    plain = sum(part.cny for part in parts if not part.added)
    assert plain == pytest.approx(sum(line.cny for line in cost_lines(dispatch)), rel=1e-9)
    kinds = {line.kind for line in cost_lines(dispatch)}
    assert kinds >= {"energy_import", "energy_export", "demand_charge", "fuel", "unserved", "demand_response", "variable_om", "investment", "fixed_om"}
    if bill is not None:
        grid_parts = sum(p.cny for p in parts if p.technology == "grid" and p.kind != "energy_export")
        assert grid_parts == pytest.approx(12345.0, rel=1e-9)
    whole = sum(d.by_part for d in final)
    exports = {number for number, part in enumerate(found.parts) if part.kind in {"energy_export", "export_margin"}}
    if not any(part.kind == "energy_export" for part in parts):
        for number, part in enumerate(found.parts):
            assert number in exports or whole[number] == pytest.approx(part.cny, rel=1e-9, abs=1e-9)


@in_park(
    grid=grid([100.0, 100.0]),
    plant=electrolyser(8.0, module_mw=2.0, part_load_curve=[[0.2, 1.1], [0.5, 0.9], [1.0, 1.0]], min_load_share=0.2),
    users=hydrogen_demand(80.0, unserved_price_cny_per_kg=0.01),
)
def test_hours_of_a_linear_fleet(dispatch):
    """**Proves**: nothing is made (a kilogram unserved costs less than its power), so no stack wears: its life is infinite and it is never bought."""
    assert operating_hours(dispatch, "plant") == approx(0.0)
    (worn,) = wear_of(dispatch, terms_of(dispatch.draft.park.finance))
    assert worn.bought_in(20).size == 0 and worn.extra_per_year(0.07) == 0.0


@in_park(
    grid=grid([100.0, 100.0]),
    plant=electrolyser(8.0, module_mw=2.0, part_load_curve=[[0.2, 1.1], [0.5, 0.9], [1.0, 1.0]], min_load_share=0.2),
    users=hydrogen_demand(3.0 / 0.9 * 20.0),
)
def test_hours_count_the_modules_that_run(dispatch):
    """**Proves**: 3 MW at the best load of 0.5 keep 3 of 4 modules of 2 MW on: 6570 of 8760 h a year; stacks of 70,000 h last 10.65 a.

    **Breaks as**: 3285 h by full-load hours; 8760 h if any load counted as all modules.
    """
    assert operating_hours(dispatch, "plant") == approx(0.75 * 8760)
    (worn,) = wear_of(dispatch, terms_of(dispatch.draft.park.finance))
    assert worn.life_years == approx(70000 / 6570)
    assert worn.bought_in(25).tolist() == [11]  # the plant of 20 a brings its own at its end; 25 < 20 + 10.65


@in_park(
    grid=grid([10.0, 500.0]),
    store=battery(10.0, 10.0, capital_cost_cny_per_kwh=600.0, capital_cost_cny_per_kw=100.0),
    factory=load([0.0, 10.0]),
)
def test_what_was_bought_is_told_apart(dispatch):
    """**Proves**: 10 MWh of cells at 600 CNY/kWh and 10 MW of converter at 100 CNY/kW share annuity and upkeep 6 : 1. Breaks as: half each."""
    rows = shared(dispatch, battery_calendar_loss_after_ten_years=0.0, battery_cycles_to_end=1e12).breakdown("electricity")
    found = {(row.kind, row.item): row.cny for row in rows.itertuples() if row.technology == "store"}
    for kind in ("investment", "fixed_om"):
        assert found[kind, "cells"] == approx(6.0 * found[kind, "converter"])
    assert sum(found.values()) == approx(yearly(dispatch, "store"))


@in_park(grid=grid([100.0, 100.0]), factory=load([1.0, 1.0]), farm=wind([0.0, 0.0], capacity_mw=3.0), plant=electrolyser(2.0, module_mw=2.0))
def test_what_nobody_uses_is_still_paid(dispatch):
    """**Proves**: a wind farm without wind is paid by those on its bus; an electrolyser without users by nobody, in a row that says so."""
    found = shared(dispatch)
    assert user(found, "factory")[1] == approx(200.0 + yearly(dispatch, "farm"))
    assert user(found, "(unused)", "hydrogen") == approx((0.0, yearly(dispatch, "plant")))
    assert found.cost_of("hydrogen") is None
