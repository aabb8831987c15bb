"""Returns by hand and by a spreadsheet's definitions; taxes and loans by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridsim.money.loan import loan, loan_at_zero
from gridsim.money.returns import internal_rate, net_present_value, payback_years
from gridsim.money.tax import depreciation, holiday_rates, income_tax, vat_payable


def test_npv_is_that_of_a_spreadsheet():
    """Proves: NPV(0.1, -10000, 3000, 4200, 6800) = 1188.44, the example of the function's own help page, where the first flow is discounted once.

    Breaks as: 1307.29, which is the value of the same row begun at time 0.
    """
    flows = [-10000.0, 3000.0, 4200.0, 6800.0]
    assert net_present_value(0.10, flows, first=1) == pytest.approx(1188.44, abs=0.005)
    assert net_present_value(0.10, flows, first=0) == pytest.approx(1307.29, abs=0.005)


def test_irr_is_that_of_a_spreadsheet():
    """Proves: IRR(-70000, 12000, 15000, 18000, 21000, 26000) = 8.66 %, and -2.12 % without the last year, as the function's help page has it."""
    flows = [-70000.0, 12000.0, 15000.0, 18000.0, 21000.0, 26000.0]
    assert internal_rate(flows).value == pytest.approx(0.0866, abs=5e-5)
    assert internal_rate(flows[:-1]).value == pytest.approx(-0.0212, abs=5e-5)


def test_no_rate_is_said():
    """Proves: money that only comes in, and flows that change their sign but never their worth: 1 - 2v + 2v² has no real root."""
    assert internal_rate([10.0, 20.0]).finding == "none"
    assert internal_rate([1.0, -2.0, 2.0]).finding == "none"
    assert internal_rate([0.0, 0.0]).value is None


def test_several_rates_are_all_named():
    """Proves: -1000 + 2500 v - 1540 v² is zero at v = 1/1.1 and v = 1/1.4: neither is chosen. Breaks as: 10 % alone, from a root finder begun there."""
    rates = internal_rate([-1000.0, 2500.0, -1540.0])
    assert rates.all == pytest.approx((0.10, 0.40), rel=1e-9)
    assert rates.value is None and rates.finding == "several"


def test_two_sign_changes_name_every_rate():
    """Proves: 20 years of 12 for 100 and a dismantling of 50 in year 21 change their sign twice: at each rate that is named the flows are worth nothing,
    and the sum of the row (90 > 0) with a worth of -50 v²¹ at very low rates says that one of the two is negative.

    Breaks as: one rate only.
    """
    flows = np.array([-100.0, *[12.0] * 20, -50.0])
    rates = internal_rate(flows)
    assert len(rates.all) == 2 and rates.all[0] < 0 < rates.all[1]
    assert all(abs(net_present_value(rate, flows)) < 1e-6 for rate in rates.all)


def test_a_double_root_is_one_rate():
    """Proves: 121 - 220 v⁻¹ … = (11 - 10 (1 + i))² touches zero at 10 % without crossing it."""
    rates = internal_rate([100.0, -220.0, 121.0])
    assert rates.all == pytest.approx((0.10,), abs=1e-6)


@given(st.floats(1.0, 1e9), st.lists(st.floats(0.01, 10.0), min_size=1, max_size=40))
def test_rate_makes_the_worth_zero(scale, incomes):
    """Proves: with one change of sign the rate exists where it can be found, and the flows are worth nothing at it."""
    flows = np.array([-scale, *(scale * income for income in incomes)])
    found = internal_rate(flows)
    if found.value is not None:
        discounted = flows * (1 + found.value) ** -np.arange(flows.size, dtype=float)
        assert abs(discounted.sum()) <= 1e-9 * np.abs(discounted).max()
    else:
        assert sum(incomes) > 100 or sum(incomes) < 0.05


def test_payback_by_hand():
    """Proves: 100 is back after 2.5 years of 40; at 5 % 38.095 + 36.281 = 74.376 after two, and 25.624 of 34.554 in the third."""
    flows = [-100.0, 40.0, 40.0, 40.0]
    assert payback_years(flows) == 2.5
    assert payback_years(flows, rate=0.05) == pytest.approx(2 + 25.6236 / 34.5535, abs=1e-5)
    assert payback_years(flows, first=1) == 3.5


def test_payback_after_a_replacement_is_the_last_crossing():
    """Proves: the sums are -50, -50, 10, -20, 10: positive in year 2, and for good only 20/30 of a year after year 3.

    Breaks as: 1.83, the first crossing.
    """
    assert payback_years([-50.0, 0.0, 60.0, -30.0, 30.0]) == pytest.approx(3 + 20 / 30)
    assert payback_years([-100.0, 10.0, 10.0]) is None


def test_vat_credit_is_used_before_anything_is_paid():
    """Proves: 50 of input tax from construction; then 30 a year is owed: 0 and 10 (20 of credit left), then 30. Breaks as: 30 each year, or -50 refunded."""
    assert vat_payable([0.0, 40.0, 40.0, 40.0], [50.0, 10.0, 10.0, 10.0]) == pytest.approx([0.0, 0.0, 10.0, 30.0])


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=30))
def test_vat_as_an_office_would_book_it(years):
    """Proves: the closed form is the book kept year by year."""
    credit, expected = 0, []
    for output, inputs in years:
        owed = output - inputs - credit
        expected.append(max(owed, 0))
        credit = max(-owed, 0)
    assert vat_payable([o for o, _ in years], [i for _, i in years]) == pytest.approx(expected)


def test_losses_lapse():
    """Proves: a loss of 100 in year 0 may be used in the two years after it: 30 + 30 of it; in year 3 all 50 are taxed at 25 %: 12.5.

    Breaks as: 2.5 if the remaining 40 were still used.
    """
    assert income_tax([-100.0, 30.0, 30.0, 50.0], 0.25, carry_years=2) == pytest.approx([0.0, 0.0, 0.0, 12.5])


def test_oldest_loss_first():
    """Proves: losses 10 (year 0) and 10 (year 1), a carry of two years: 12 in year 2 take all of the first and 2 of the second; 9 in year 3 take the
    remaining 8 of the second, and 1 is taxed. Breaks as: 2.25 if the younger loss were used first and the older had lapsed."""
    assert income_tax([-10.0, -10.0, 12.0, 9.0], 0.25, carry_years=2) == pytest.approx([0.0, 0.0, 0.0, 0.25])


def test_tax_holiday():
    """Proves: a year of construction, three free, three half, then all."""
    assert holiday_rates(0.25, 3, 3, 1, 8)[1:].tolist() == [0.0] * 3 + [0.125] * 3 + [0.25] * 2


def test_depreciation_ends_with_the_residual():
    assert depreciation(1000.0, 1, 20, 0.05, 30).sum() == pytest.approx(950.0)
    assert depreciation(1000.0, 1, 20, 0.05, 11).sum() == pytest.approx(475.0)


def test_equal_payments_are_the_spreadsheets():
    """Proves: PMT(4.5 %/a, 5 a, 10,000) = 2277.92; the first year's interest is 450 and its principal 1827.92.

    Breaks as: 2000 of principal a year if the principal were equal.
    """
    debt = loan_at_zero(10000.0, 0.045, years=5, operation=8)
    assert debt.principal[1] + debt.interest[1] == pytest.approx(2277.92, abs=0.005)
    assert debt.interest[1] == pytest.approx(450.0)
    assert (debt.principal + debt.interest)[1:6] == pytest.approx([2277.9164] * 5, abs=1e-3)
    assert debt.balance[5] == 0.0 and debt.principal[6:].sum() == 0.0


def test_interest_while_building():
    """Proves: 600 and 400 drawn at 10 %: 30 in the first year (half of it), (630 + 200) × 10 % = 83 in the second; the debt is 1113.

    Breaks as: 160 of interest if drawings bore a whole year's.
    """
    debt = loan([600.0, 400.0], 0.10, years=3, operation=5, equal_principal=True)
    assert debt.capitalised_interest[:2] == pytest.approx([30.0, 83.0])
    assert debt.principal[2:5] == pytest.approx([371.0] * 3)
    assert debt.interest[2:5] == pytest.approx([111.3, 74.2, 37.1])


def test_a_loan_ends_with_its_project():
    debt = loan_at_zero(1000.0, 0.05, years=15, operation=10)
    assert debt.principal.sum() == pytest.approx(1000.0) and debt.balance[-1] == 0.0
