"""The bill of a dispatched park: what the objective counts of it, what it leaves to the statement, and that both agree where the tariff is simple."""

import json
from decimal import Decimal

import numpy as np
import pytest

from gridsim.bill.bills import bills_of, figures, record, sheet
from gridsim.bill.of_dispatch import meters_of, reconcile
from gridsim.errors import DefinitionError
from hand_solved.parks import approx, battery, grid, in_park, load, solve, tiny_park, wind

SIMPLE = {
    "time_of_use": {"peak": {"hours": "01-03", "multiplier": 2.0}},
    "adders_cny_per_mwh": {"wires": 30.0, "funds_and_surcharge": 10.0},
    "demand_charge_cny_per_mw_month": 500.0,
}


@in_park(
    start="2030-01-31T22:00", grid=grid(100.0, 20.0, tariff=SIMPLE), wind=wind([0.0, 0.0, 0.0, 1.0, 0.3, 0.0], 5.0), load=load([1.0, 2.0, 3.0, 4.0, 2.0, 1.0])
)
def test_simple_tariff_agrees_line_by_line(dispatch):
    """**Proves**: energy with adders, demand charge and export of the bill are those of the dispatch; its total is the objective.

    Two months: 1 + 2 MWh in January at 140, peak 2 MW; February 3, 0, 0.5, 1 MWh, of which the third hour's (02:00) at 240: 3 × 140, 0.5 × 240, 1 × 140; peak
    3 MW; 1 MWh of wind is exported at 20. So 420 + 1000 and 420 + 120 + 140 + 1500 − 20 = 3580.
    """
    bill = bills_of(dispatch)["grid"].statement
    assert [month.month for month in bill.months] == ["2030-01", "2030-02"]
    found = {one.kind: one for one in reconcile(dispatch, bill)}
    assert set(found) == {"energy_import", "demand_charge", "energy_export"}
    assert [one.difference_cny for one in found.values()] == approx([0.0, 0.0, 0.0])
    assert float(bill.total_cny) == approx(dispatch.objective_cny)
    assert "Months cut short: 2030-01, 2030-02" in bill.notes[1][1]


CONTRACT = {"basis": "contract", "contract_mw": 2.0}


def contract_park(level=None, **demand):
    tariff = {"demand_charge_cny_per_mw_month": 10.0, "bill": {"demand": {**CONTRACT, **demand}}}
    fields = {} if level is None else {"battery": battery(level, level)}
    return tiny_park(grid=grid(1.0, tariff=tariff), load=load([1.0, 1.0, 7.0]), **fields)


def test_contract_charges_what_exceeds_its_tolerance():
    """**Proves**: 9 MWh at 1 and a peak of 7 MW over a contract of 2: (7 − 1.05 × 2) × 2 × 10 = 98, in the objective 107 CNY; the bill adds 2 × 10 = 127.

    **Breaks as**: 79 if the whole peak were paid at 10; 109 without tolerance.
    """
    dispatch = solve(contract_park())
    assert dispatch.objective_cny == approx(107.0)
    bill = bills_of(dispatch)["grid"].statement
    assert bill.total_cny == Decimal("127.00")
    differences = {one.kind: one.difference_cny for one in reconcile(dispatch, bill)}
    assert differences == {"energy_import": approx(0.0), "demand_charge": approx(0.0), "demand.contract": approx(20.0)}
    report = dispatch.draft.park.technologies["grid"].report("grid", dispatch)
    assert (report["energy_mwh"], report["peak_import_mw"], report["energy_cost_cny"], report["demand_charge_cny"]) == approx((9.0, 7.0, 9.0, 98.0))


def test_contract_steers_the_battery():
    """**Proves**: a battery of 4 MW and 4 MWh flattens imports to 3 MW: 0.9 MW above the tolerance cost 18, with 9 for energy 27 CNY; a contract of 3 leaves
    nothing to pay above it: 9 CNY, and below 3.15 MW there is no reward for going lower.

    **Breaks as**: 107 if the excess were added after the optimum.
    """
    assert solve(contract_park(4.0)).objective_cny == approx(27.0)
    assert solve(contract_park(4.0, contract_mw=3.0)).objective_cny == approx(9.0)


def test_contract_above_the_connection_never_costs_more():
    """**Proves**: a contract of 200 MW on a connection of 100 MW: the objective is the energy alone."""
    assert solve(contract_park(contract_mw=200.0)).objective_cny == approx(9.0)


def test_contract_under_its_least_share():
    """**Proves**: a contract of 0 with at least 0.4 × 10 MVA is one of 4 MW: (7 − 4.2) × 20 = 56, with energy 65 CNY; the bill adds 40."""
    dispatch = solve(contract_park(contract_mw=0.0, transformer_mva=10.0, contract_minimum_share=0.4))
    assert dispatch.objective_cny == approx(65.0)
    assert bills_of(dispatch)["grid"].statement.total_cny == Decimal("105.00")


def test_contract_of_nothing():
    """**Proves**: without any contract the whole peak of 7 MW is above it: 9 + 140 CNY."""
    assert solve(contract_park(contract_mw=0.0)).objective_cny == approx(149.0)


def test_exports_exclude_both_imports():
    """**Proves**: with an export price above the import price, neither import runs while exporting: 1 MWh at 100, 100 CNY, and 1 MW above 0 at 2 × 1."""
    tariff = {"demand_charge_cny_per_mw_month": 1.0, "bill": {"demand": {"basis": "contract", "contract_mw": 0.5}}}
    dispatch = solve(tiny_park(grid=grid(100.0, 150.0, tariff=tariff), load=load([1.0])))
    assert dispatch.objective_cny == approx(100.0 + 2.0 * (1.0 - 0.525))


def test_transformer_basis_leaves_peaks_alone():
    """**Proves**: paid by 8 MVA, a peak costs nothing: 9 CNY in the objective whatever the demand price, and 8 × 6 = 48 more on the bill."""
    demand = {"basis": "transformer", "transformer_mva": 8.0, "capacity_charge_cny_per_mva_month": 6.0}
    dispatch = solve(tiny_park(grid=grid(1.0, tariff={"demand_charge_cny_per_mw_month": 10.0, "bill": {"demand": demand}}), load=load([1.0, 1.0, 7.0])))
    assert dispatch.objective_cny == approx(9.0)
    assert bills_of(dispatch)["grid"].statement.total_cny == Decimal("57.00")
    (quarter,) = bills_of(dispatch)["grid"].bases
    assert {basis: float(cny) for basis, cny in quarter.cost_cny.items()} == approx({"metered": 70.0, "contract": 70.0 / 1.05, "transformer": 48.0})
    assert quarter.cheapest == "transformer"


def test_demand_prices_by_month():
    """**Proves**: peaks of 3 MW on January 31 at 10 and 2 MW on February 1 at 20: 7 + 30 + 40 = 77 CNY, in the objective and on the bill.

    **Breaks as**: 57 at January's price alone; 107 at February's.
    """
    tariff = {"demand_charge_cny_per_mw_month": [10.0, 20.0, *[0.0] * 10]}
    dispatch = solve(tiny_park(start="2030-01-31T22:00", grid=grid(1.0, tariff=tariff), load=load([1.0, 3.0, 2.0, 1.0])))
    assert dispatch.objective_cny == approx(77.0)
    bill = bills_of(dispatch)["grid"].statement
    assert bill.total_cny == Decimal("77.00")
    assert [one.difference_cny for one in reconcile(dispatch, bill)] == approx([0.0, 0.0])


def test_coincident_hours_are_avoided():
    """**Proves**: 10 CNY/MW for the third hour of the year, in which 7 MW are needed: alone 9 + 70 CNY; a battery of 4 MW leaves 3 MW: 9 + 30.

    **Breaks as**: 79 if the charge were added after the optimum.
    """
    coincident = {"bill": {"demand": {"coincident": [{"hours_of_year": [3], "price_cny_per_mw": 10.0}]}}}
    parts = {"start": "2030-01-01", "load": load([1.0, 1.0, 7.0])}
    assert solve(tiny_park(grid=grid(1.0, tariff=coincident), **parts)).objective_cny == approx(79.0)
    dispatch = solve(tiny_park(grid=grid(1.0, tariff=coincident), battery=battery(4.0, 4.0), **parts))
    assert dispatch.objective_cny == approx(39.0)
    bill = bills_of(dispatch)["grid"].statement
    assert bill.total_cny == Decimal("39.00")
    assert [one.difference_cny for one in reconcile(dispatch, bill)] == approx([0.0, 0.0])


def test_transmission_by_capacity_changes_the_price_of_an_hour():
    """**Proves**: by capacity an hour's import costs 100 in the objective, not 160, and the bill adds 60 × 0.5 × 730 × 4 = 87,600.

    **Breaks as**: 160 in the objective if the fee by energy stayed.
    """
    fee = {"network_fee": {"method": "capacity", "adder": "wires", "connected_mw": 4.0, "average_load_rate": 0.5}}
    dispatch = solve(tiny_park(grid=grid(100.0, tariff={"adders_cny_per_mwh": {"wires": 60.0}, "bill": fee}), load=load([1.0])))
    assert dispatch.objective_cny == approx(100.0)
    assert bills_of(dispatch)["grid"].statement.total_cny == Decimal("87700.00")


GREEN = {
    "adders_cny_per_mwh": {"funds_and_surcharge": 25.0},
    "export_price_cny_per_mwh": 50.0,
    "bill": {"self_use": {}, "direct_supply": {"price_cny_per_mwh": 200.0}, "power_factor": {"declared": 0.85}},
}


def test_self_use_is_what_was_not_exported():
    """**Proves**: 5 MWh of wind for a load of 3: 3 used at 25 and 200, 2 sold at 50; the second hour's 3 MWh are bought at 125, with 300 × 2.5 % of adjustment.

    User 75 + 600 + 375 + 7.50, plant −600 − 100. The dispatch counts 375 − 100.
    """
    connection = {**grid(100.0, tariff=GREEN), "export_limit_mw": 10.0}
    dispatch = solve(tiny_park(grid=connection, wind=wind([1.0, 0.0], 5.0), load=load([3.0, 3.0])))
    assert meters_of(dispatch)["grid"].self_used_mw == approx([3.0, 0.0])
    bill = bills_of(dispatch)["grid"].statement
    assert (bill.of(account="user"), bill.of(account="plant")) == (Decimal("1057.50"), Decimal("-700.00"))
    found = {one.kind: one.difference_cny for one in reconcile(dispatch, bill)}
    assert found == {
        "energy_import": approx(0.0),
        "energy_export": approx(0.0),
        "power_factor": approx(7.5),
        "self_use": approx(75.0),
    }  # what user and plant pay each other is no cost of both
    told = figures(bills_of(dispatch))
    assert told["bill_total_cny"] == 357.5 and told["bill_difference_to_dispatch_cny"] == approx(82.5)
    assert (told["bill_energy_cny"], told["bill_power_factor_cny"], told["bill_export_cny"]) == (375.0, 7.5, -100.0)


def test_two_connections():
    """Self-used power is billed once: at the connection that charges it; two that do are refused."""
    parts = {"wind": wind([1.0], 5.0), "load": load([3.0])}
    plain, green = grid(100.0), grid(101.0, tariff={**GREEN, "export_price_cny_per_mwh": None})
    dispatch = solve(tiny_park(one=plain, two=green, **parts))
    meters = meters_of(dispatch)
    assert (meters["one"].self_used_mw.sum(), meters["two"].self_used_mw.sum()) == approx((0.0, 3.0))
    with pytest.raises(DefinitionError, match="both charge self-used power"):
        meters_of(solve(tiny_park(one=green, two=green, **parts)))


def test_reactive_power_of_the_wires_sets_the_power_factor():
    """**Proves**: 3 MW with 4 Mvar from the slack bus are a power factor of 0.60: +25 % on 300; what was not solved counts as none."""

    class Flow:
        slack_q_mvar = np.array([[2.5, 1.5], [np.nan, np.nan]])

    class Checked:
        flow = Flow()

    dispatch = solve(tiny_park(grid=grid(100.0, tariff={"bill": {"power_factor": {"declared": 0.95}}}), load=load([3.0, 0.0])))
    bill = bills_of(dispatch, Checked())["grid"].statement
    assert bill.of("power_factor") == Decimal("75.00")
    assert bills_of(dispatch)["grid"].statement.of("power_factor") == Decimal("-2.25")


def test_what_a_run_writes_about_its_bill():
    """The record holds every amount as text, the sheet as numbers, and what the park file left to shipped data is listed with its source."""
    tariff = {"like": "mengdong_2023_2026/two_part/35kv", "adders_cny_per_mwh": {"line_loss": 0.0}, "bill": {"power_factor": {"declared": 0.9, "without": []}}}
    bills = bills_of(solve(tiny_park(grid=grid(100.0, tariff=tariff), load=load([3.0, 1.0]))))
    told = record(bills)["grid"]
    json.dumps(told)
    lines = [one for month in told["months"].values() for one in month["lines"]]
    assert sum(Decimal(one["amount_cny"]) for one in lines) == Decimal(told["total_cny"]) == bills["grid"].statement.total_cny
    assert all((Decimal(one["quantity"]) * Decimal(one["price_cny"])).quantize(Decimal("0.01"), "ROUND_HALF_UP") == Decimal(one["amount_cny"]) for one in lines)
    table = sheet(bills["grid"], "zh")
    assert table[0][2] == "项目" and table[-1][6] == float(told["total_cny"])
    assumed = {one.path: (one.value, one.certainty) for one in bills["grid"].assumptions}
    assert assumed["tariffs.grid.adders_cny_per_mwh.transmission_and_distribution"] == (108.0, "V2")
    assert assumed["tariffs.grid.bill.power_factor.standard"] == (0.9, "M")
    assert "tariffs.grid.adders_cny_per_mwh.line_loss" not in assumed  # written
    assert "tariffs.grid.bill.power_factor.without" not in assumed
    assert "tariffs.grid.energy_price_cny_per_mwh" not in assumed
    assert "tariffs.grid.bill.demand.contract_tolerance" not in assumed  # not in use
    assert [one["cheapest"] for one in told["bases"]] == ["contract"]


def test_neighbours_are_in_the_bill_alone():
    """**Proves**: 3 MWh of surplus, 1 to a neighbour at 80 less 5 for the way, 2 to the grid at 50: the dispatch counts 150, the bill 80 − 5 + 100 = 175."""
    tariff = {"export_price_cny_per_mwh": 50.0, "bill": {"neighbours": {"mill": {"up_to_mw": 1.0, "price_cny_per_mwh": 80.0, "wheeling_fee_cny_per_mwh": 5.0}}}}
    dispatch = solve(tiny_park(grid={**grid(100.0, tariff=tariff), "export_limit_mw": 10.0}, wind=wind([1.0], 5.0), load=load([2.0])))
    bill = bills_of(dispatch)["grid"]
    assert dispatch.objective_cny == approx(-150.0)
    assert bill.statement.total_cny == Decimal("-175.00")
    assert {one.kind: one.difference_cny for one in bill.differences} == {"energy_export": approx(50.0), "neighbour": approx(-80.0), "wheeling": approx(5.0)}


def test_contract_of_each_month_in_the_objective():
    """**Proves**: contracts of 2 MW in January and 4 in February, peaks of 5 MW in both: (5 − 2.1) × 2 × 10 + (5 − 4.2) × 2 × 10 = 74, with 10 MWh at 1
    84 CNY.

    **Breaks as**: 126 with January's contract throughout, 42 with February's.
    """
    tariff = {"demand_charge_cny_per_mw_month": 10.0, "bill": {"demand": {"basis": "contract", "contract_mw": [2.0, 4.0, *[0.0] * 10]}}}
    dispatch = solve(tiny_park(start="2030-01-31T23:00", grid=grid(1.0, tariff=tariff), load=load([5.0, 5.0])))
    assert dispatch.objective_cny == approx(84.0)
    assert bills_of(dispatch)["grid"].statement.total_cny == Decimal("144.00")


def test_connection_limits_both_imports_together():
    """**Proves**: under a contract of 2 MW a connection of 5 MW still brings in 5 of 7 MW: 5 + (5 − 2.1) × 2 × 10 + 2 × 1000 = 2063 CNY.

    **Breaks as**: 105 CNY if what lies above the contract had the whole connection for itself.
    """
    tariff = {"demand_charge_cny_per_mw_month": 10.0, "bill": {"demand": CONTRACT}}
    park = tiny_park(grid=grid(1.0, tariff=tariff, import_limit_mw=5.0), load=load([7.0], unserved_price_cny_per_mwh=1000.0))
    assert solve(park).objective_cny == approx(2063.0)
