"""Forms of the demand charge with published totals (case C3, the tariff arithmetic of REopt.jl's test suite), and the cheapest basis by quarter."""

from __future__ import annotations

import datetime
from decimal import Decimal

import numpy as np
import pytest

from gridsim.bill.bases import bases_by_quarter, best_contract_kw, contract_cost
from gridsim.bill.demand import billed_demand_kw
from gridsim.bill.meter import meter
from gridsim.bill.network_fee import network_fees
from gridsim.bill.statement import statement
from gridsim.park.billing import DemandTerms
from gridsim.park.tariff import Tariff
from gridsim.profiles.time_axis import TimeAxis

YEAR = TimeAxis(datetime.datetime(2025, 1, 1), 8760)


def year_bill(load_kw, **tariff):
    return statement(Tariff(**{"energy_price_cny_per_mwh": 0.0, **tariff}), meter(YEAR, np.asarray(load_kw) / 1000.0))


def base_with_peaks(base_kw, **hours):
    """``h22=200`` sets hour 22 of the year, counted from 1."""
    load = np.full(8760, float(base_kw))
    for hour, value in hours.items():
        load[int(hour[1:]) - 1] = value
    return load


def test_flat_load_under_a_two_part_tariff():
    """**Proves**: 10,000 kWh at 0.1 are 1000.0 and 12 × 10 × 10,000/8760 = 136.986 → 136.99 for demand.

    On a bill each month's 11.41553 is rounded to 11.42, so that twelve bills add up to 137.04: both are kept.
    """
    bill = year_bill(np.full(8760, 1e4 / 8760), energy_price_cny_per_mwh=100.0, demand_charge_cny_per_mw_month=10_000.0)
    assert round(bill.unrounded_of("energy"), 2) == Decimal("1000.00")
    assert round(bill.unrounded_of("demand"), 2) == Decimal("136.99")
    assert bill.of("demand") == Decimal("137.04") == 12 * Decimal("11.42")
    assert bill.unrounded_of("demand") == pytest.approx(Decimal("136.986301369863"), abs=Decimal("1e-4"))


def test_ratchet_on_the_peak_of_the_year():
    """**Proves**: 100 kW in January at 10.5, then at least 35 kW: 1050 + 5 × 35 × 10.5 + 6 × 35 × 11.5 = 5302.50.

    **Breaks as**: 1171.50 without ratchet; 12,810 if the year's peak itself were billed each month.
    """
    bill = year_bill(base_with_peaks(1, h8=100), demand_charge_cny_per_mw_month=[10_500.0] * 6 + [11_500.0] * 6, bill={"demand": {"ratchet_share": 0.35}})
    assert bill.total_cny == Decimal("5302.50")
    (demand,) = [one for one in bill.months[1].lines if one.kind == "demand"]
    assert (demand.quantity, demand.detail) == (Decimal(35), "1 kW")  # billed, and beside it the month's own peak


RATES = [1000.0 * rate for rate in (10, 10, 20, 50, 20, 10, 20, 20, 20, 20, 20, 5)]
PEAKS = base_with_peaks(100, h22=200, h2403=400, h4088=500, h8333=300)
"""January 200, April 400, June 500, December 300 kW, else 100."""


@pytest.mark.parametrize(
    ("floor", "published"),
    [
        # 300 but in April (400) and June (500): 300 × 10 + 3000 + 6000 + 20,000 + 6000 + 5000 + 5 × 6000 + 300 × 5
        ({"share": 0.75, "months": [1, 4, 12]}, "74500.00"),
        # January and February 225, March 225, April 400, May 300, June 500, July to December 375 (December: 375 > 300)
        ({"share": 0.75, "previous_months": 6}, "79375.00"),
    ],
)
def test_floors_from_other_months(floor, published):
    """**Proves**: 75 % of the highest of January, April and December, or of the six months before; January's are the July to December that follow.

    **Breaks as**: 78,375 + … if the months before January were taken as zero (January 200, February 150, March 150).
    """
    assert year_bill(PEAKS, demand_charge_cny_per_mw_month=RATES, bill={"demand": {"floors": [floor]}}).total_cny == Decimal(published)


def test_coincident_hours():
    """**Proves**: 1 kW in hours 1, 2, 100 at 10 and in 6000, 7000 at 5 per kW: 15.00, once each.

    **Breaks as**: 40.00 if each hour were paid.
    """
    coincident = [{"hours_of_year": [1, 2, 100], "price_cny_per_mw": 10_000.0}, {"hours_of_year": [6000, 7000], "price_cny_per_mw": 5_000.0}]
    bill = year_bill(np.ones(8760), bill={"demand": {"coincident": coincident}})
    assert bill.total_cny == Decimal("15.00")
    load = base_with_peaks(1, h2=3, h3=9, h99=9, h101=9)
    assert year_bill(load, bill={"demand": {"coincident": coincident}}).total_cny == Decimal("35.00")  # 3 kW in hour 2; the 9 kW are in no listed hour


# ---- the cheapest basis

DEMAND = {"transformer_mva": 100.0, "capacity_charge_cny_per_mva_month": 20_000.0}


def quarters(peaks_mw, held="month", **demand):
    """A year whose months have these peaks, at 30 CNY/kW of demand and 20 CNY/kVA."""
    imports = np.asarray(peaks_mw, dtype=float)[YEAR.month - 1]
    tariff = Tariff(energy_price_cny_per_mwh=0.0, demand_charge_cny_per_mw_month=30_000.0, bill={"demand": {**DEMAND, **demand}})
    return bases_by_quarter(tariff, meter(YEAR, imports), held)


def test_cheapest_basis_of_each_quarter():
    """**Proves**: three months of 100 MVA cost 6.0 million. Peaks of 42 MW: metered 3 × 42,000 × 30 = 3.78 million; a contract of 42/1.05 = 40 MW each month
    3.6 million, the cheapest. Peaks of 84 MW: 7.56 and 7.2 million, so the transformers' 6.0.

    **Breaks as**: equal costs of metered and contract without the tolerance of 5 %.
    """
    first, second, *_ = quarters([42.0] * 3 + [84.0] * 9)
    assert first.cost_cny == {"metered": Decimal(3_780_000), "contract": Decimal(3_600_000), "transformer": Decimal(6_000_000)}
    assert (first.quarter, first.cheapest, first.contract_kw) == ("2025-Q1", "contract", (Decimal(40_000),) * 3)
    assert second.cheapest == "transformer" and second.cost_cny["contract"] == Decimal(7_200_000)


def test_one_contract_for_a_quarter():
    """**Proves**: peaks of 21, 21 and 42 MW. A contract of 20 MW pays 3 × 20,000 × 30 and 2 × (42,000 − 21,000) × 30: 1.8 + 1.26 = 3.06 million; one of 40 MW
    3.6 million. Raising 20 MW by 1 kW costs 3 × 30 and saves 2 × 1.05 × 30: 20 MW it is. With two high months (21, 42, 42) it saves twice that: 40 MW.

    **Breaks as**: 40 MW in both if the contract were set by the highest peak; the month's own contracts if it could change (20, 20, 40).
    """
    low, *_ = quarters([21.0, 21.0, 42.0] * 4, held="quarter")
    high, *_ = quarters([21.0, 42.0, 42.0] * 4, held="quarter")
    assert (low.contract_kw, low.cost_cny["contract"]) == ((Decimal(20_000),) * 3, Decimal(3_060_000))
    assert (high.contract_kw, high.cost_cny["contract"]) == ((Decimal(40_000),) * 3, Decimal(3_600_000))
    free, *_ = quarters([21.0, 21.0, 42.0] * 4)
    assert free.contract_kw == (Decimal(20_000), Decimal(20_000), Decimal(40_000))


def test_best_contract_against_a_fine_grid():
    """**Proves**: no contract of a grid of 10 kW is better than the one found, for random peaks and prices, with and without a least contract."""
    random = np.random.default_rng(5)
    for _ in range(20):
        peaks = [Decimal(int(value)) for value in random.integers(0, 5000, 3)]
        prices = [Decimal(int(value)) for value in random.integers(1, 40, 3)]
        terms = DemandTerms(transformer_mva=2.0, contract_minimum_share=float(random.choice([0.0, 0.4])))
        best = contract_cost(best_contract_kw(peaks, prices, terms), peaks, prices, terms)
        least = 800 if terms.contract_minimum_share else 0
        assert best <= min(contract_cost(Decimal(kw), peaks, prices, terms) for kw in range(least, 6000, 10))


def test_least_contract_binds_the_choice():
    """**Proves**: with at least 0.4 × 100 MVA a peak of 21 MW pays for 40 MW: metered is cheaper."""
    first, *_ = quarters([21.0] * 12, contract_minimum_share=0.4)
    assert first.contract_kw == (Decimal(40_000),) * 3
    assert first.cheapest == "metered" and first.cost_cny["contract"] == Decimal(3_600_000)


# ---- transmission by capacity or by energy


def test_both_ways_to_pay_for_transmission():
    """**Proves**: 60 CNY/MWh, 10 MW connected, rate 0.6, 730 h: by capacity 0.06 × 0.6 × 730 × 10,000 = 262,800 each month. 5 MW through January (744 h) are
    3720 MWh, by energy 223,200, a load rate of 3720/7300 = 0.5096; 8 MW in February (672 h) 5376 MWh, by energy 322,560, a rate of 0.7364.

    **Breaks as**: 267,840 by capacity with the month's own hours.
    """
    fee = {"network_fee": {"adder": "wires", "connected_mw": 10.0, "average_load_rate": 0.6}}
    tariff = Tariff(energy_price_cny_per_mwh=300.0, adders_cny_per_mwh={"wires": 60.0}, bill=fee)
    axis = TimeAxis(datetime.datetime(2025, 1, 1), 744 + 672)
    january, february = network_fees(tariff, meter(axis, np.where(axis.month == 1, 5.0, 8.0)))
    assert (january.by_energy_cny, january.by_capacity_cny, january.cheaper) == (Decimal(223_200), Decimal(262_800), "metered")
    assert (february.by_energy_cny, february.by_capacity_cny, february.cheaper) == (Decimal(322_560), Decimal(262_800), "capacity")
    assert (round(january.load_rate, 4), round(february.load_rate, 4)) == (Decimal("0.5096"), Decimal("0.7364"))
    assert network_fees(Tariff(energy_price_cny_per_mwh=300.0), meter(axis, np.ones(axis.steps))) == []


def test_contract_by_month_and_year_of_lines():
    """**Proves**: a contract of 10 MW, in July 20: 11 × 300,000 + 600,000 = 3.9 million at 30; twelve lines are one in the year."""
    tariff = Tariff(
        energy_price_cny_per_mwh=0.0,
        demand_charge_cny_per_mw_month=30_000.0,
        bill={"demand": {"basis": "contract", "contract_mw": [10.0] * 6 + [20.0] + [10.0] * 5}},
    )
    bill = statement(tariff, meter(YEAR, np.full(8760, 10.5)))
    assert bill.of("demand") == Decimal(3_900_000)
    (demand,) = [one for one in bill.year if one.kind == "demand"]
    assert (demand.quantity, demand.price_cny, demand.amount_cny) == (Decimal(130_000), Decimal(30), Decimal(3_900_000))


def test_floor_looks_back_over_the_end_of_a_year():
    """**Proves**: in a second year the months before January are those before it, not those after: peaks of 1 MW, 3 MW in the first December, floor 50 % of the
    month before: the second January pays for 1.5 MW, the first (a month without predecessor takes the December that follows) also 1.5.
    """
    axis = TimeAxis(datetime.datetime(2025, 1, 1), 2 * 8760)
    load = np.ones(axis.steps)
    load[8759] = 3.0
    terms = DemandTerms(floors=[{"share": 0.5, "previous_months": 1}])
    assert billed_demand_kw(terms, meter(axis, load)) == [Decimal(1500), *[Decimal(1000)] * 10, Decimal(3000), Decimal(1500), *[Decimal(1000)] * 11]
