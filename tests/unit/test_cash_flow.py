"""Cash flow tables by hand, against a published life-cycle cost, and by identities that bookkeeping must keep."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridsim.money.cash_flow import TABLES, Bought, Purchase, Yearly, cash_flow
from gridsim.money.terms import Terms, shipped_terms, terms_of
from gridsim.park.finance import FinanceTerms
from gridsim.physics.annuity import present_worth_factor

PLAIN = {
    "discount_rate": 0.10,
    "project_years": 3,
    "construction_years": 0,
    "income_tax_rate": 0.25,
    "vat_surcharge_share": 0.12,
    "depreciation_years": 3,
    "residual_share": 0.10,
    "loan_share": 0.5,
    "loan_rate": 0.04,
    "loan_years": 2,
}
NO_VAT = dict.fromkeys(("vat_electricity", "vat_products", "vat_fuel", "vat_upkeep", "vat_equipment", "vat_construction"), 0.0)


def plain(**changes) -> Terms:
    return terms_of(None, **{**PLAIN, **NO_VAT, **changes})


def test_three_years_by_hand():
    """Proves: 900 at time 0; 500 − 100 a year; depreciation 900 × 0.9 / 3 = 270; tax 0.25 × 130 = 32.5; 90 recovered at the end.

    Before tax −900, 400, 400, 490; after tax −900, 367.5, 367.5, 457.5. With half on loan at 4 %: payment 450 × 0.530196 = 238.588; interest 18 and
    9.176; tax 0.25 × (130 − 18) = 28, then 30.206, 32.5; owners −450, 133.412, 131.206, 457.5.

    Breaks as: 400 in the last year without the residual value; tax of 100 without depreciation.
    """
    flow = cash_flow(Yearly({"revenue_hydrogen": 500.0, "cost_upkeep": 100.0}, [Bought("plant", "", 900.0, 20.0)], []), plain())
    assert flow.rows["net_before_tax"] == pytest.approx([-900.0, 400.0, 400.0, 490.0])
    assert flow.rows["net_after_tax"] == pytest.approx([-900.0, 367.5, 367.5, 457.5])
    assert flow.rows["interest"] == pytest.approx([0.0, 18.0, 0.04 * (450 - 220.588235), 0.0])
    payment = 450 * 0.04 * 1.04**2 / (1.04**2 - 1)
    tax = [0.25 * (130 - 18), 0.25 * (130 - 0.04 * (450 - payment + 18)), 32.5]
    assert flow.rows["net_equity"] == pytest.approx([-450.0, 400 - payment - tax[0], 400 - payment - tax[1], 490 - tax[2]])
    assert flow.npv("net_before_tax") == pytest.approx(-900 + 400 / 1.1 + 400 / 1.21 + 490 / 1.331)
    assert flow.debt_service_cover[1:3] == pytest.approx([(400 - tax[0]) / payment, (400 - tax[1]) / payment])
    assert flow.interest_cover[1] == pytest.approx(130 / 18)
    assert np.isnan(flow.debt_service_cover[[0, 3]]).all()


def test_a_year_of_construction_is_discounted():
    """Proves: with one year of construction the same row begins at time 1: its worth is a tenth less, its rate of return the same, payback a year later."""
    yearly = Yearly({"revenue_hydrogen": 500.0, "cost_upkeep": 100.0}, [Bought("plant", "", 900.0, 20.0)], [])
    now, later = cash_flow(yearly, plain()), cash_flow(yearly, plain(construction_years=1))
    assert later.npv("net_after_tax") == pytest.approx(now.npv("net_after_tax") / 1.1)
    assert later.irr("net_after_tax").value == pytest.approx(now.irr("net_after_tax").value)
    assert later.payback("net_after_tax") == pytest.approx(now.payback("net_after_tax") + 1)
    assert (now.years[0], later.years[0]) == (0, 1)


def test_vat_by_hand():
    """Proves: prices with 13 %: an investment of 1130 holds 130 of tax, sales of 565 hold 65, upkeep of 106 holds 6 (6 %).

    Owed 59 a year: 130 of credit leave 0, 0 and 3 × 59 − 130 = 47 to pay, and 12 % of it as surcharge. Depreciation is on 1000.

    Breaks as: 59 a year without credit; depreciation on 1130; tax on gross revenue.
    """
    terms = plain(vat_products=0.13, vat_upkeep=0.06, vat_equipment=0.13, equipment_share=1.0, loan_share=0.0)
    flow = cash_flow(Yearly({"revenue_hydrogen": 565.0, "cost_upkeep": 106.0}, [Bought("plant", "", 1130.0, 20.0)], []), terms)
    assert flow.rows["vat_payable"] == pytest.approx([0.0, 0.0, 0.0, 47.0])
    assert flow.rows["surcharges"][3] == pytest.approx(5.64)
    assert flow.rows["depreciation"] == pytest.approx([0.0, 300.0, 300.0, 300.0])
    assert flow.rows["net_before_tax"] == pytest.approx([-1130.0, 459.0, 459.0, 459.0 - 47.0 - 5.64 + 100.0])
    assert flow.rows["adjusted_income_tax"] == pytest.approx([0.0, 25.0, 25.0, 0.25 * (400 - 5.64 - 300)])


def test_prices_without_vat():
    """Proves: the same case in prices without tax: 1000, 500 and 100 are raised to 1130, 565 and 106."""
    rates = {"vat_products": 0.13, "vat_upkeep": 0.06, "vat_equipment": 0.13, "equipment_share": 1.0}
    gross = cash_flow(Yearly({"revenue_hydrogen": 565.0, "cost_upkeep": 106.0}, [Bought("plant", "", 1130.0, 20.0)], []), plain(**rates))
    without = plain(prices_include_vat=False, **rates)
    net = cash_flow(Yearly({"revenue_hydrogen": 500.0, "cost_upkeep": 100.0}, [Bought("plant", "", 1000.0, 20.0)], []), without)
    for row in gross.rows:
        assert net.rows[row] == pytest.approx(gross.rows[row]), row


def test_replacement_falls_at_the_end_of_its_year():
    """Proves: bought at the end of year 1 for 60 with a life of 4 years: depreciated 15 in years 2 and 3, 30 of it recovered at the end with the
    residual 90. Breaks as: depreciation from year 1 on; 90 recovered only."""
    bought = Purchase("battery", "cells", 1, 60.0, 4.0)
    flow = cash_flow(
        Yearly({"revenue_hydrogen": 500.0}, [Bought("plant", "", 900.0, 20.0)], [bought]), plain(depreciation_years=4, project_years=3, residual_share=0.0)
    )
    assert flow.rows["replacement"] == pytest.approx([0.0, 60.0, 0.0, 0.0])
    assert flow.rows["depreciation"] == pytest.approx([0.0, 225.0, 240.0, 240.0])
    assert flow.rows["recovery"][-1] == pytest.approx(900 - 675 + 60 - 30)


def test_construction_over_two_years():
    """Proves: half of 900 each year; loan of 0.5: 225 and 225 at 4 %: 4.5, then (229.5 + 112.5) × 4 % = 13.68 of interest, depreciated with the plant."""
    flow = cash_flow(Yearly({"revenue_hydrogen": 500.0}, [Bought("plant", "", 900.0, 20.0)], []), plain(construction_years=2))
    assert flow.rows["investment"] == pytest.approx([450.0, 450.0, 0.0, 0.0, 0.0])
    assert flow.rows["capitalised_interest"][:2] == pytest.approx([4.5, 13.68])
    assert flow.rows["depreciation"][2:] == pytest.approx([270 + 18.18 / 3] * 3)
    assert flow.rows["adjusted_income_tax"][2] == pytest.approx(0.25 * 230)


def test_nominal_and_real_agree_without_tax_and_loan():
    """Proves: inflation raises all prices and the discount rate: before tax the net present value does not move.

    Breaks as: -27 % or more, if flows were inflated and the rate were not.
    """
    yearly = Yearly({"revenue_hydrogen": 500.0, "cost_upkeep": 100.0}, [Bought("plant", "", 900.0, 20.0)], [Purchase("plant", "", 2, 50.0, 5.0)])
    terms = plain(residual_share=0.0, depreciation_years=1, project_years=4, income_tax_rate=0.0)
    real, nominal = cash_flow(yearly, terms), cash_flow(yearly, dataclasses.replace(terms, inflation=0.03))
    recovered = [flow.rows["recovery"][-1] / (1 + flow.rate) ** 4 for flow in (real, nominal)]
    assert nominal.rate == pytest.approx(1.10 * 1.03 - 1)
    assert nominal.npv("net_before_tax") - recovered[1] == pytest.approx(real.npv("net_before_tax") - recovered[0])
    assert (real.terms.basis, nominal.terms.basis) == ("real", "nominal")


@pytest.mark.parametrize(
    ("investment", "upkeep", "energy", "life_cycle_cost"),
    [(30e6 * 0.7 + 20e6 * 1.2, 8 * 30e3 + 25 * 20e3, 7_182_675.81 - 0.0254 * 1767, 134_358_771.57)],
    ids=["North Thuan C"],
)
def test_north_thuan_through_the_tables(investment, upkeep, energy, life_cycle_cost):
    """Proves: a published life-cycle cost, LCC = capex + 0.8 · pwf(2 %) · upkeep + 0.8 · pwf(5 %) · energy at 10 % over 25 years, comes out of the
    after-tax table: with revenue R large enough that no year makes a loss, NPV = 0.8 · R · pwf − LCC + 0.2 · depreciation · pwf.

    Source: REopt.jl v0.56.4 result files. Breaks as: 5 % too low if the first payment had not grown yet.
    """
    terms = plain(
        project_years=25, income_tax_rate=0.20, depreciation_years=25, residual_share=0.0, loan_share=0.0, escalation_electricity=0.05, escalation_upkeep=0.02
    )
    revenue = 1e8
    flow = cash_flow(Yearly({"revenue_hydrogen": revenue, "cost_grid": energy, "cost_upkeep": upkeep}, [Bought("all", "", investment, 25.0)], []), terms)
    years = float(present_worth_factor(25, 0.0, 0.10))
    found = 0.8 * revenue * years + 0.2 * investment / 25 * years - flow.npv("net_after_tax")
    assert found == pytest.approx(life_cycle_cost, rel=1e-6)


@settings(max_examples=60, deadline=None)
@given(
    st.floats(0.0, 500.0),
    st.floats(0.0, 500.0),
    st.integers(1, 25),
    st.integers(0, 3),
    st.floats(0.0, 0.9),
    st.sampled_from(["equal_payment", "equal_principal"]),
    st.floats(0.0, 0.05),
)
def test_books_close(revenue, upkeep, years, building, loan_share, repayment, inflation):
    """Proves: over the whole life the owners' cash is their profit, less the input tax that found no output tax: nothing is lost or counted twice
    between loan, interest, depreciation, residual value and taxes. And every net row is the sum of the rows the table shows above it."""
    terms = terms_of(
        None,
        project_years=years,
        construction_years=building,
        loan_share=loan_share,
        loan_repayment=repayment,
        inflation=inflation,
        income_tax_half_years=2,
    )
    purchases = [Purchase("battery", "cells", year, 30.0, 4.0) for year in range(4, years, 4)]
    rows = {"revenue_hydrogen": revenue, "revenue_export": 20.0, "cost_upkeep": upkeep, "cost_grid": 40.0}
    flow = cash_flow(Yearly(rows, [Bought("plant", "", 900.0, 8.0), Bought("land", "", 100.0, 60.0)], purchases), terms)
    r = flow.rows
    stranded = (r["input_tax_operation"] + r["input_tax_investment"] - r["output_tax"] + r["vat_payable"]).sum()
    assert r["net_equity"].sum() == pytest.approx(r["net_profit"].sum() - stranded, rel=1e-9, abs=1e-6)
    for table, net, cumulative in (("project", "net_after_tax", "cumulative_before_tax"), ("equity", "net_equity", "")):
        above = [(row, sign) for row, sign in TABLES[table] if not row.startswith(("net", "cumulative"))]
        assert sum(sign * r[row] for row, sign in above) == pytest.approx(r[net], rel=1e-9, abs=1e-6), (table, cumulative)


def test_terms_have_a_source_each():
    """Proves: what a user may write, what is shipped, and what the tables read are the same fields, and every number says where it is from."""
    shipped = shipped_terms()
    known = {field.name for field in dataclasses.fields(Terms)} - {"discount_rate", "defaults_used"}
    assert set(shipped) == set(FinanceTerms.model_fields) == known
    for field, entry in shipped.items():
        assert entry["certainty"] in {"V1", "V2", "C", "M", "M?", "A", "X"} and entry["source"] and entry["label_zh"] and entry["label_en"], field


def test_shipped_terms_are_allowed():
    """Proves: the shipped numbers pass the checks of the park file."""
    FinanceTerms(**{field: entry["value"] for field, entry in shipped_terms().items()})


def test_the_file_overrules_and_the_rest_is_told():
    """Proves: a rate in the file is taken and not listed; all others are, with their path."""
    terms = terms_of(FinanceTerms(income_tax_rate=0.15))
    assert terms.income_tax_rate == 0.15 and terms.discount_rate == 0.07
    told = {default.path for default in terms.defaults_used}
    assert "finance.income_tax_rate" not in told and "finance.loan_rate" in told and len(told) == len(shipped_terms()) - 1
