"""Factors by hand, and the life-cycle costs that an independent tool published for North Thuan."""

import pytest
from hypothesis import given
from hypothesis.strategies import floats, integers

from gridsim.physics.annuity import capital_recovery_factor, present_worth_factor, yearly_cost_share

KEEP = 1.0 - 0.20  # after tax
PRICE_EXPORT = 0.0254


def test_capital_recovery_by_hand():
    """Proves: 0.08 / (1 - 1.08^-20) = 0.08 / 0.785452 = 0.101852. Breaks as: 0.13 if the straight-line share 1/n is added to the rate."""
    assert capital_recovery_factor(0.08, 20.0) == pytest.approx(0.101852, abs=1e-6)


def test_without_interest_the_investment_is_spread_evenly():
    """Proves: 1/20 at 0 %, next to another rate in the same array. Breaks as: nan and a warning for 0/0."""
    assert capital_recovery_factor([0.0, 0.08], [20.0, 20.0]) == pytest.approx([0.05, 0.101852], abs=1e-6)


def test_present_worth_by_hand():
    """Proves: two payments with 5 % growth and 10 % discount: 1.05/1.10 + (1.05/1.10)^2 = 0.954545 + 0.911157 = 1.865702.

    Breaks as: 1.776860 if the first payment has not grown yet; 1.735537 without growth.
    """
    assert present_worth_factor(2, 0.05, 0.10) == pytest.approx(1.865702, abs=1e-6)


def test_growth_at_the_discount_rate_counts_years():
    """Proves: (1.10 / 1.10)^t = 1, summed 25 times. Breaks as: nan for a closed form that divides by 1 - 1."""
    assert present_worth_factor(25, 0.10, 0.10) == pytest.approx(25.0)


@pytest.mark.parametrize(
    ("pv_kw", "wind_kw", "battery_kw", "battery_kwh", "energy_cost", "export_kwh", "life_cycle_cost"),
    [
        (30_000.0, 20_000.0, 10_000.0, 40_000.0, 7_181_865.00, 0.0, 146_513_801.69),
        (24_591.48, 50_000.0, 0.0, 0.0, 2_721_287.72, 10_865_498.0, 117_977_553.12),
        (30_000.0, 20_000.0, 0.0, 0.0, 7_182_675.81, 1_767.0, 134_358_771.57),
    ],
    ids=["A", "B", "C"],
)
def test_north_thuan_life_cycle_cost(pv_kw, wind_kw, battery_kw, battery_kwh, energy_cost, export_kwh, life_cycle_cost):
    """Proves: case C: 30 MW * 700 + 20 MW * 1200 = 45.0 M; upkeep 0.8 * 10.8194 * 0.74 M = 6.4051 M; energy 0.8 * 14.4365 * 7.18263 M
    = 82.9537 M; together 134.3588 M. Source: REopt.jl v0.56.4 result files. Case A meets its number only with a yearly upkeep of 2.5 % of
    the battery's price, which looks like a default of that tool; the inputs as handed down do not mention it.

    Breaks as: 138.8 M in case C if the first payment is neither grown nor discounted; case A 2.16 M low without the battery's upkeep.
    """
    upkeep = present_worth_factor(25, 0.02, 0.10)
    energy = present_worth_factor(25, 0.05, 0.10)
    battery = 200.0 * battery_kw + 200.0 * battery_kwh
    investment = 700.0 * pv_kw + 1200.0 * wind_kw + battery
    yearly_upkeep = 8.0 * pv_kw + 25.0 * wind_kw + 0.025 * battery
    total = investment + KEEP * upkeep * yearly_upkeep + KEEP * energy * (energy_cost - PRICE_EXPORT * export_kwh)
    assert total == pytest.approx(life_cycle_cost, rel=1e-6)


@given(rate=floats(0.0, 0.3), years=integers(1, 60))
def test_recovery_is_the_inverse_of_present_worth(rate, years):
    assert capital_recovery_factor(rate, years) * present_worth_factor(years, 0.0, rate) == pytest.approx(1.0, rel=1e-9)


@given(rate=floats(1e-15, 1e-6), years=integers(1, 60))
def test_recovery_is_continuous_towards_no_interest(rate, years):
    """Proves: 1/n + i (n + 1) / (2 n) for small i. Breaks as: noise of 10 % and more from 1 - (1 + i)^-n in floating point."""
    assert capital_recovery_factor(rate, years) == pytest.approx(1.0 / years + rate * (years + 1) / (2 * years), rel=1e-8)


def bought_again(rate: float, life: int, share: float, horizon: int) -> float:
    """Present value of one purchase and its replacements before the horizon, less what is left there, year by year.

    What wears is worth, at the horizon, the equal payments that the years left of its life would still have to make; what does not wear keeps its price.
    """
    spent = 1.0 + sum(share * (1.0 + rate) ** -year for year in range(life, horizon, life))
    left = -horizon % life
    payment = 1.0 / sum((1.0 + rate) ** -year for year in range(1, life + 1))
    worth = share * payment * sum((1.0 + rate) ** -year for year in range(1, left + 1)) + (1.0 - share)
    if left == 0:
        assert worth == 1.0 - share
    return spent - worth * (1.0 + rate) ** -horizon


@given(rate=floats(0.0, 0.3), life=integers(1, 40), share=floats(0.0, 1.0), horizon=integers(1, 120))
def test_an_annuity_is_buying_again_less_the_residual_value(rate, life, share, horizon):
    """Proves: the yearly cost that sizing minimises holds replacement and residual value, whatever the horizon. Breaks as: another value without either."""
    paid = yearly_cost_share(rate, life, share) * present_worth_factor(horizon, 0.0, rate)
    assert paid == pytest.approx(bought_again(rate, life, share, horizon), rel=1e-9, abs=1e-12)


def test_a_common_multiple_of_lives_needs_no_residual_value():
    """Proves: at 7 % over 60 years four purchases every 15 years and three every 20: (1 + 0.36245 + 0.13137 + 0.04761) and (1 + 0.25842 + 0.06678)
    over 14.03918 are 0.10979 and 0.09439, the annuities of 15 and 20 years.
    """
    assert yearly_cost_share(0.07, [15, 20]) == pytest.approx([1.54143 / 14.03918, 1.32520 / 14.03918], rel=1e-5)
    assert yearly_cost_share(0.07, [15, 20]) == pytest.approx(capital_recovery_factor(0.07, [15, 20]), rel=1e-12)


def test_cheaper_replacements_by_hand():
    """Proves: cells of 8 years, bought again at two thirds: 2/3 · 0.167468 + 1/3 · 0.07 = 0.134979. Breaks as: 0.111645 if the third that lasts were free."""
    assert yearly_cost_share(0.07, 8, 2 / 3) == pytest.approx(0.134979, abs=1e-6)
