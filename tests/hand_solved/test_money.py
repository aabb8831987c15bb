"""The money of whole parks: business as usual by hand, the difference to it, what is bought again, and the record for reports."""

from __future__ import annotations

import json

import numpy as np
import pytest

from gridsim.metrics.cost import cost_lines
from gridsim.money.business_as_usual import business_as_usual
from gridsim.money.project import money_of
from gridsim.money.record import money_record
from gridsim.money.replacement import Wear, capacity_by_year, consumption_by_year, wear_of
from gridsim.money.terms import terms_of
from hand_solved.parks import (
    ammonia_demand,
    ammonia_plant,
    approx,
    battery,
    electrolyser,
    grid,
    hydrogen_demand,
    in_park,
    load,
    response,
    wind,
)

HOURS_A_YEAR = 8760.0
PARK = {
    "grid": grid([100.0, 300.0], tariff={"demand_charge_cny_per_mw_month": 7000.0, "adders_cny_per_mwh": {"transmission": 50.0}}),
    "farm": wind([1.0, 0.5], capacity_mw=2.0),
    "plant": electrolyser(4.0, module_mw=4.0),
    "synthesis": ammonia_plant(0.1),
    "trucks": hydrogen_demand(20.0),
    "farmers": ammonia_demand(0.05),
    "factory": load([1.0, 3.0]),
}


@in_park(**PARK)
def test_the_same_loads_from_the_grid(dispatch):
    """**Proves**: 1 MWh at 150 and 3 at 350 are 1200 CNY for two hours, 4380 times a year; the month's highest 3 MW at 7000, as often (two hours are charged
    as their month, and stand for the year); 40 kg at 18.5 and 0.1 t at 2300.

    **Breaks as**: 800 without the adder; 4 MW if plants that business as usual does not have were in the peak.
    """
    usual = business_as_usual(dispatch, terms_of(None))
    times = HOURS_A_YEAR / 2
    assert (usual.energy_cny, usual.demand_charge_cny) == approx((1200.0 * times, 21000.0 * times))
    assert (usual.hydrogen_cny, usual.ammonia_cny) == approx((40 * 18.5 * times, 0.1 * 2300.0 * times))
    assert usual.load_mwh == approx(4.0 * times) and usual.peak_mw == approx(3.0) and usual.shared_plants == ()


@in_park(**PARK)
def test_hydrogen_from_the_grid(dispatch):
    """**Proves**: 20 kg/h at 50 kWh/kg are 1 MW all hours: 150 + 350 CNY and 1 MW more of peak; 0.05 t/h of ammonia take 180 kg/t × 50 kWh/kg + 1 MWh/t
    = 10 MWh/t: 0.5 MW: half of that. Both plants are then no part of the difference."""
    usual = business_as_usual(dispatch, terms_of(None, business_as_usual_hydrogen="grid_electrolysis"))
    times = HOURS_A_YEAR / 2
    assert usual.hydrogen_cny == approx((500.0 + 7000.0) * times)
    assert usual.ammonia_cny == approx((250.0 + 3500.0) * times)
    assert usual.shared_plants == ("plant", "synthesis") and usual.peak_mw == approx(4.5)


@in_park(**PARK)
def test_difference_leaves_out_what_both_have(dispatch):
    """**Proves**: with hydrogen from the grid the difference invests in the wind farm only; the project invests in everything."""
    money = money_of(dispatch, cost_lines(dispatch), terms_of(None, business_as_usual_hydrogen="grid_electrolysis", construction_years=0))
    farm = next(row["cny"] for row in money.investment if row["technology"] == "farm")
    assert money.difference.rows["investment"][0] == approx(farm)
    assert money.flow.rows["investment"][0] == approx(sum(row["cny"] for row in money.investment))


@in_park(**PARK)
def test_selling_at_the_tariff_is_saving_the_tariff(dispatch):
    """**Proves**: a park that sells power at the grid's tariff and products at the price business as usual pays earns what it saves: two tables that are
    built apart have one net present value. And its saving is business as usual less its bill, upkeep and water."""
    money = money_of(dispatch, cost_lines(dispatch))
    assert money.difference.npv("net_after_tax") == approx(money.flow.npv("net_after_tax"))
    lines = cost_lines(dispatch)
    running = sum(line.cny for line in lines if line.kind not in {"investment"}) * HOURS_A_YEAR / 2
    water = 5.0 * 17.0 / 1e3 * (40.0 + 0.1 * 180.0) * HOURS_A_YEAR / 2
    figures = money.summary()
    assert figures["saving_cny_per_year"] == approx(money.usual.total_cny - running - water - money.yearly["cost_ageing"])


@in_park(**PARK)
def test_a_price_for_electricity_replaces_the_tariff(dispatch):
    """**Proves**: 4 MWh in two hours at 250 CNY/MWh."""
    money = money_of(dispatch, cost_lines(dispatch), terms_of(None, electricity_price_cny_per_mwh=250.0))
    assert money.yearly["revenue_electricity"] == approx(1000.0 * HOURS_A_YEAR / 2)


@in_park(**PARK)
def test_summary_and_cost_table_agree(dispatch):
    """**Proves**: levelised costs times quantities are the cost table and its additions: LCOE × MWh + LCOH × kg of trucks … by user; and the exact bill takes
    the place of hourly prices in cash flow and levelised costs alike."""
    lines = cost_lines(dispatch)
    plain, billed = money_of(dispatch, lines), money_of(dispatch, lines, bill_total_cny=1e5)
    grid_lines = sum(line.cny for line in lines if line.technology == "grid")
    for money, more in ((plain, 0.0), (billed, 1e5 - grid_lines)):
        final = sum(d.cny for d in money.levelised.deliveries if d.final)
        added = sum(part.cny for part in money.levelised.parts if part.added and part.kind != "bill_difference")
        assert final == approx(sum(line.cny for line in lines) + added + more)
        assert money.yearly["cost_grid"] == approx((grid_lines + more) * HOURS_A_YEAR / 2)
    users = plain.levelised.users()
    kg = users[(users.carrier == "hydrogen")].quantity.sum()
    assert kg == approx(40.0 + 0.1 * 180.0)
    assert plain.summary()["lcoh_cny_per_kg"] * kg == approx(users[users.carrier == "hydrogen"].cny.sum())


@in_park(grid=grid([100.0, 100.0], export_price=30.0), farm=wind([1.0, 1.0], capacity_mw=3.0), factory=load([1.0, 1.0]))
def test_exports_are_revenue_and_no_cost(dispatch):
    """**Proves**: 4 MWh exported at 30 in two hours, nothing bought."""
    money = money_of(dispatch, cost_lines(dispatch))
    assert money.yearly["revenue_export"] == approx(120.0 * HOURS_A_YEAR / 2)
    assert money.yearly["cost_grid"] == approx(0.0)
    assert money.summary()["lcoe_cny_per_mwh"] == approx((sum(line.cny for line in cost_lines(dispatch))) / 2.0)


@in_park(
    grid=grid([100.0, 100.0]),
    factory=load([2.0, 2.0], unserved_price_cny_per_mwh=50.0),
    cut=response("curtail", load="factory", steps=[{"share": 0.25, "price_cny_per_mwh": 20.0}]),
)
def test_what_is_not_delivered_is_not_sold(dispatch):
    """**Proves**: everything but a quarter goes unserved (50 is below the grid's 100), a quarter is cut at 20: nothing is sold, the cut is paid, and the
    penalty is in no cash flow, with a note that says so.

    **Breaks as**: revenue for the load that was asked for.
    """
    money = money_of(dispatch, cost_lines(dispatch))
    assert money.yearly["revenue_electricity"] == approx(0.0)
    assert money.yearly["cost_demand_response"] == approx(20.0 * HOURS_A_YEAR / 2)
    assert sum(money.yearly.values()) == approx(20.0 * HOURS_A_YEAR / 2)
    assert any("unserved" in note.en for note in money.notes)


@in_park(farm=wind([1.0, 1.0], capacity_mw=3.0), factory=load([1.0, 1.0]))
def test_without_a_grid_there_is_no_business_as_usual(dispatch):
    """**Proves**: nothing to compare with and no price: said, not guessed."""
    money = money_of(dispatch, cost_lines(dispatch), terms_of(None, residual_share=0.0))
    assert money.usual is None and money.difference is None
    assert any("without revenue" in note.en for note in money.notes)
    assert any("no internal rate of return" in note.en for note in money.notes)
    assert "irr" not in money.summary() and "saving_cny_per_year" not in money.summary()


def test_parts_are_bought_as_they_wear():
    """**Proves**: cells that last 6.5 a in a plant of 15: at the end of years 7 and 13 (6.5, 13), not at 19.5 but 21.5 → 22 and 28, for the plant of year 15
    brings its own. Parts that would serve for less than a year are not bought: 7.4 in a plant of 15 would be bought at 14.8.

    **Breaks as**: 7, 13, 20, 26 if the clock ran on.
    """
    assert Wear("b", "cells", 6.5, 1.0, 15.0, {}).bought_in(30).tolist() == [7, 13, 22, 28]
    assert Wear("b", "cells", 7.4, 1.0, 15.0, {}).bought_in(30).tolist() == [8, 23]
    assert Wear("b", "cells", 16.0, 1.0, 15.0, {}).bought_in(15).tolist() == []


def test_early_wear_adds_to_the_annuity():
    """**Proves**: 100 of cells in 8 instead of 16 years at 10 %: 18.7444 − 12.7817 = 5.9627 a year. Breaks as: 18.74, the whole annuity again."""
    assert Wear("b", "cells", 8.0, 100.0, 16.0, {}).extra_per_year(0.10) == pytest.approx(18.74440 - 12.78166, abs=1e-4)


def test_age_begins_anew():
    """**Proves**: 20 % lost in ten years by the root of time: 1 − 0.2 √0.1 after the first year and again after the year that follows a replacement;
    stacks of 8000 h a year and 1 % are at 1 + 0.01 × 4000/8760 in the middle of their first year."""
    cells = Wear("b", "cells", 10.0, 1.0, 15.0, {"calendar_loss_after_ten_years": 0.2, "cycle_loss_per_year": 0.0})
    capacity = capacity_by_year(cells, 20)
    assert capacity[[0, 9, 10]] == pytest.approx([1 - 0.2 * np.sqrt(0.1), 0.8, 1 - 0.2 * np.sqrt(0.1)])
    assert capacity[15] == pytest.approx(capacity[0])  # a new plant
    stacks = Wear("e", "stacks", 8.75, 1.0, 20.0, {"operating_hours_per_year": 8000.0, "degradation_share_per_year": 0.01})
    consumption = consumption_by_year(stacks, 20)
    assert consumption[[0, 1, 9]] == pytest.approx([1 + 0.01 * 4000 / 8760, 1 + 0.01 * 12000 / 8760, 1 + 0.01 * 4000 / 8760])


@in_park(
    grid=grid([10.0, 500.0, 10.0, 500.0]),
    store=battery(10.0, 10.0, capital_cost_cny_per_kwh=600.0, capital_cost_cny_per_kw=0.0),
    factory=load([0.0, 10.0, 0.0, 10.0]),
)
def test_a_battery_ages_by_its_dispatch(dispatch):
    """**Proves**: two whole cycles in four hours are 4380 a year; each of depth 1 counts (1/0.9)^log2(2.5) of the 7000: the cells last weeks, not years.

    **Breaks as**: 2 cycles a year if the four hours were the year.
    """
    (worn,) = wear_of(dispatch, terms_of(None))
    assert worn.figures["full_cycles_per_year"] == approx(4380.0)
    assert worn.figures["cycle_loss_per_year"] == approx(0.2 * 4380 / 7000 * (1 / 0.9) ** np.log2(2.5))
    assert worn.cost_cny == approx(400.0 * 1e3 * 10.0)


@in_park(
    grid=grid([10.0, 500.0]),
    store=battery(10.0, 10.0, replacement_cost_share=0.5, lifetime_years=8.0),
    factory=load([0.0, 10.0]),
)
def test_replacement_of_the_park_file_goes_before_wear(dispatch):
    """**Proves**: who prices replacement in the file is not charged for wear too: at the end of years 8 and 16 half of the price is paid again."""
    assert wear_of(dispatch, terms_of(None)) == []
    money = money_of(dispatch, cost_lines(dispatch), terms_of(None, construction_years=0, project_years=20))
    whole = sum(row["cny"] for row in money.investment)
    assert money.flow.rows["replacement"][[8, 16]] == approx(np.array([0.5, 0.5]) * whole)
    assert money.flow.rows["replacement"].sum() == approx(whole)
    shorter = money_of(dispatch, cost_lines(dispatch), terms_of(None, construction_years=0, project_years=16))
    assert shorter.flow.rows["replacement"].sum() == approx(0.5 * whole)  # none at the end of the last year


@in_park(grid=grid([100.0, 300.0]), plant=electrolyser(2.0, module_mw=2.0, degradation_share_per_year=0.01), trucks=hydrogen_demand(40.0))
def test_ageing_stacks_buy_more_electricity(dispatch):
    """**Proves**: 2 MW all year are 17,520 MWh, 0.5 % more of it in the middle of the first year and 1.5 % in the second, at the mean import price of 200.

    **Breaks as**: nothing, or 1 % in the first year, counted from its end.
    """
    money = money_of(dispatch, cost_lines(dispatch), terms_of(None, prices_include_vat=True))
    expected = 17520.0 * 200.0 * np.array([0.005, 0.015])
    assert money.flow.rows["cost_ageing"][1:3] == approx(expected)


@in_park(**PARK)
def test_record_is_plain_data(dispatch, tmp_path):
    """**Proves**: the record goes through JSON unchanged, holds every table with its words, and a workbook is written from it in both languages."""
    import xlsxwriter

    from gridsim.money.sheets import write_money_sheets

    record = money_record(money_of(dispatch, cost_lines(dispatch)))
    assert json.loads(json.dumps(record, allow_nan=False)) == record
    assert {band["product"] for band in record["bands"]} == {"wind", "electricity", "hydrogen", "ammonia"}
    for language in ("en", "zh"):
        with xlsxwriter.Workbook(tmp_path / f"{language}.xlsx") as workbook:
            write_money_sheets(workbook, record, language)
            assert len(workbook.worksheets()) == 11 - (record["replacement"] == [])
