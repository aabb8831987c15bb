"""A month's bill in eastern Inner Mongolia with every component there is, derived by hand.

July 2030 at 110 kV: 10 MW all month, 12 MW in the hour from 18:00 on July 1. A day of July has 2 h sharp (18–20), 6 h peak (06–09, 17–18, 20–22), 8 h flat,
6 h valley (00–05, 11–12) and 2 h deep valley (12–14); 31 days. So much energy: sharp 622,000 kWh, peak 1,860,000, flat 2,480,000, valley 1,860,000, deep
valley 620,000, in all 7,442,000.
"""

from __future__ import annotations

import datetime
from decimal import Decimal

import numpy as np
import pytest

from gridsim.bill.meter import meter
from gridsim.bill.statement import statement
from gridsim.bill.words import rows, text
from gridsim.park.tariff import Tariff
from gridsim.profiles.time_axis import TimeAxis

BILL = {
    "demand": {"basis": "contract", "contract_mw": 11.0, "transformer_mva": 25.0},
    "load_factor_discount": {},
    "power_factor": {"standard": 0.90},
    "self_use": {"adders": ["funds_and_surcharge"]},
    "direct_supply": {"price_cny_per_mwh": 250.0},
    "neighbours": {"mill": {"up_to_mw": 0.4, "price_cny_per_mwh": 300.0, "wheeling_fee_cny_per_mwh": 30.0}},
    "certificates": {"price_cny_per_mwh": 5.0, "bought_share_of_import": 0.3, "sold_share_of_export": 0.5},
    "deviation": {"contracted_mwh": 7000.0, "band_share": 0.03, "above_cny_per_mwh": 50.0, "below_cny_per_mwh": 40.0},
}
"""The power factor's ``without`` is the funds; the discount is ×0.9 from 260 kWh/kVA on: both as shipped."""

EXPECTED = {
    "energy.sharp": ("622000", "0.64512", "401264.64"),  # 0.32 × 1.68 × 1.2
    "energy.peak": ("1860000", "0.5376", "999936.00"),  # 0.32 × 1.68
    "energy.flat": ("2480000", "0.32", "793600.00"),
    "energy.valley": ("1860000", "0.1536", "285696.00"),  # 0.32 × 0.48
    "energy.deep_valley": ("620000", "0.12288", "76185.60"),  # 0.32 × 0.48 × 0.8
    "adder.transmission_and_distribution": ("7442000", "0.087", "647454.00"),
    "adder.line_loss": ("7442000", "0.0205", "152561.00"),
    "adder.system_operation_fee": ("7442000", "0.035", "260470.00"),
    "adder.funds_and_surcharge": ("7442000", "0.025", "186050.00"),
    # 7,442,000 kWh / 25,000 kVA = 297.68 kWh/kVA reach 260: 31.2 × 0.9 = 28.08 CNY/kW
    "demand.contract": ("11000", "28.08", "308880.00"),
    # 12,000 − 1.05 × 11,000 = 450 kW at double the price
    "demand.excess": ("450", "56.16", "25272.00"),
    # 7442 / √(7442² + (744 × 5.7)²) = 0.8688, on the bill 0.87, three steps of 0.5 % below 0.90. Base: 2,556,682.24 for energy + 1,060,485.00 for adders
    # but funds + 334,152.00 for demand = 3,951,319.24; × 0.015 = 59,269.7886
    "power_factor": ("3951319.24", "0.015", "59269.79"),
    "self_use.funds_and_surcharge": ("1488000", "0.025", "37200.00"),  # 2 MW × 744 h
    "direct_supply": ("1488000", "0.25", "372000.00"),
    "direct_supply.received": ("1488000", "-0.25", "-372000.00"),
    "deviation.above": ("232000", "0.05", "11600.00"),  # 7,442,000 − 1.03 × 7,000,000
    "certificates.bought": ("2232.6", "5", "11163.00"),  # 7442 MWh × 0.3
    "certificates.sold": ("372", "-5", "-1860.00"),  # 744 MWh × 0.5
    "neighbour.mill": ("297600", "-0.3", "-89280.00"),  # 0.4 of 1 MW × 744 h
    "wheeling.mill": ("297600", "0.03", "8928.00"),
    "export": ("446400", "-0.265", "-118296.00"),  # the other 0.6 MW
}


def july(reactive_mvar: float = 5.7, **bill):
    time = TimeAxis(datetime.datetime(2030, 7, 1), 744)
    imports = np.full(744, 10.0)
    imports[18] = 12.0
    tariff = Tariff(like="mengdong_2023_2026/two_part/110kv", export_price_cny_per_mwh=265.0, bill={**BILL, **bill})
    return statement(tariff, meter(time, imports, np.full(744, 1.0), np.full(744, 2.0), np.full(744, reactive_mvar)))


def lines_of(found) -> dict:
    assert len({one.item for one in found.months[0].lines}) == len(found.months[0].lines)
    return {one.item: one for one in found.months[0].lines}


def test_every_line_of_a_month():
    """**Proves**: quantity, unit price and amount of all 21 lines, each derived above."""
    found = lines_of(july())
    assert {item: (one.quantity, one.price_cny, one.amount_cny) for item, one in found.items()} == {
        item: tuple(Decimal(part) for part in parts) for item, parts in EXPECTED.items()
    }
    assert found["power_factor"].detail == "cos φ 0.87"


def test_the_month_adds_up_to_the_cent():
    """**Proves**: user 4,628,602.03, plant −572,508.00, both 4,056,094.03; what they pay each other cancels."""
    bill = july()
    assert bill.total_cny == sum(Decimal(amount) for _, _, amount in EXPECTED.values()) == Decimal("4056094.03")
    assert (bill.of(account="user"), bill.of(account="plant")) == (Decimal("4628602.03"), Decimal("-572508.00"))
    assert all(one.amount_cny == one.amount_cny.quantize(Decimal("0.01")) for one in bill.lines)
    assert sum(one.amount_cny for one in bill.year) == bill.total_cny


def test_transmission_by_capacity_instead_of_energy():
    """**Proves**: 0.087 × 0.6 × 730 = 38.106 CNY/kW for 25,000 kW: 952,650.00, and no fee by energy. The power factor's base changes with it: 3,951,319.24 −
    647,454 + 952,650 = 4,256,515.24, × 0.015 = 63,847.7286.

    **Breaks as**: both fees, or the adjustment on the old base.
    """
    fee = {"method": "capacity", "connected_mw": 25.0, "average_load_rate": 0.6}
    found = lines_of(july(network_fee=fee))
    assert "adder.transmission_and_distribution" not in found
    assert (found["network_fee.capacity"].price_cny, found["network_fee.capacity"].amount_cny) == (Decimal("38.106"), Decimal("952650.00"))
    assert found["power_factor"].amount_cny == Decimal("63847.73")
    assert "adder.transmission_and_distribution" in lines_of(july(network_fee={**fee, "method": "metered"}))


def test_transformer_basis():
    """**Proves**: 25,000 kVA × 19.5 = 487,500.00, whatever was drawn; the discount is for demand prices only.

    **Breaks as**: 438,750 with the discount.
    """
    found = lines_of(july(demand={"basis": "transformer", "transformer_mva": 25.0}))
    assert found["demand.transformer"].amount_cny == Decimal("487500.00")
    assert not {"demand.contract", "demand.metered", "demand.excess"} & set(found)


def test_discount_needs_its_threshold():
    """**Proves**: 7,442,000 / 28,623.08 kVA = 260.0 just misses (28,624 kVA: 259.99) and just reaches it (28,623 kVA: 260.001)."""
    for mva, price in ((28.624, "31.2"), (28.623, "28.08")):
        found = lines_of(july(demand={"transformer_mva": mva}))
        assert found["demand.metered"].price_cny == Decimal(price)
        assert found["demand.metered"].quantity == Decimal(12000)


def test_least_contract():
    """**Proves**: a contract of 11 MW below 0.5 × 25 MVA is charged as 12,500 kW, and 12,000 kW are no excess."""
    found = lines_of(july(demand={**BILL["demand"], "contract_minimum_share": 0.5}))
    assert found["demand.contract"].quantity == Decimal(12500)
    assert "demand.excess" not in found


def test_below_the_band():
    """**Proves**: 8000 MWh contracted, 3 % free: 7,760,000 − 7,442,000 = 318,000 kWh × 0.04 = 12,720.00. Within the band nothing is due."""
    terms = BILL["deviation"]
    assert lines_of(july(deviation={**terms, "contracted_mwh": 8000.0}))["deviation.below"].amount_cny == Decimal("12720.00")
    assert not [item for item in lines_of(july(deviation={**terms, "contracted_mwh": 7400.0})) if item.startswith("deviation")]


def test_without_a_plant_of_its_own_the_user_sells():
    bill = july(direct_supply=None)
    assert bill.of("export", account="user") == Decimal("-118296.00")
    assert bill.of(account="plant") == 0


def test_reads_like_a_bill():
    """Both languages, every line, the totals and the notes."""
    bill = july()
    chinese, english = text(bill, "zh"), text(bill, "en")
    assert "电度电费 尖峰: 622000 千瓦时 × 0.64512 = 401,264.64" in chinese
    assert "力调电费: 3951319.24 × 1.50% = 59,269.79  (cos φ 0.87)" in chinese
    assert "Self-used: government funds and surcharge: 1488000 kWh × 0.025 = 37,200.00" in english
    assert chinese.count("合计: 4,056,094.03") == 1 and "全部: 4,056,094.03" in chinese
    assert "60 分钟" in chinese and "means over 60" not in chinese
    table = list(rows(bill, "en"))
    assert table[-1][6] == bill.total_cny and table[0][2] == "Energy, sharp"
    assert sum(1 for row in table if row[0] == "2030-07") == 22


@pytest.mark.parametrize(("active", "amount"), [(0.001, "0.01"), (0.0049, "0.02"), (0.005, "0.03")])
def test_half_a_cent_goes_up(active, amount):
    """**Proves**: 5.000 CNY/MWh on 1, 4.9 and 5 kWh: 0.005, 0.0245, 0.025 CNY are 0.01, 0.02 and 0.03 on the bill.

    **Breaks as**: 0.00 and 0.02 if halves went to the even cent, as binary numbers or bankers have it.
    """
    time = TimeAxis(datetime.datetime(2030, 7, 1), 1)
    bill = statement(Tariff(energy_price_cny_per_mwh=5.0), meter(time, np.array([active])))
    assert bill.total_cny == Decimal(amount)


def test_profile_prices_are_paid_hour_by_hour():
    """**Proves**: 1 MWh at 100 and 3 MWh at 200 are 700.00, at a mean of 0.175 CNY/kWh; the export at −40 and 30 is a cost of 40 less 60.

    **Breaks as**: 600 if the mean price were that of the hours.
    """
    time = TimeAxis(datetime.datetime(2030, 7, 1), 2)
    tariff = Tariff(energy_price_profile="spot", export_price_profile="sold")
    profiles = {"spot": np.array([100.0, 200.0]), "sold": np.array([-40.0, 30.0])}
    bill = statement(tariff, meter(time, np.array([1.0, 3.0]), np.array([1.0, 2.0])), profiles)
    found = lines_of(bill)
    assert (found["energy.flat"].price_cny, found["energy.flat"].amount_cny) == (Decimal("0.175"), Decimal("700.00"))
    assert found["export"].amount_cny == Decimal("-20.00")


def test_prices_by_month():
    """**Proves**: an adder and an energy price of twelve numbers, January 31 23:00 and February 1 00:00: 100 + 10 and 200 + 20 for 1 MWh each."""
    time = TimeAxis(datetime.datetime(2030, 1, 31, 23), 2)
    twelve = [100.0, 200.0, *[0.0] * 10]
    tariff = Tariff(energy_price_cny_per_mwh=twelve, adders_cny_per_mwh={"fee": [10.0, 20.0, *[0.0] * 10]})
    bill = statement(tariff, meter(time, np.ones(2)))
    assert [month.total_cny for month in bill.months] == [Decimal("110.00"), Decimal("220.00")]
    assert tariff.import_price_cny_per_mwh(time, {}).tolist() == [110.0, 220.0]


def test_demand_is_a_mean_over_a_quarter_of_an_hour():
    """**Proves**: 5-minute imports of 3, 0, 0 MW are a demand of 1 MW, not 3; 15-minute imports stay as they are, hours too."""
    tariff = Tariff(energy_price_cny_per_mwh=0.0, demand_charge_cny_per_mw_month=1000.0)
    for minutes, peak in ((5, "1.00"), (15, "3.00"), (60, "3.00")):
        axis = TimeAxis(datetime.datetime(2030, 7, 1), 3, minutes)
        assert statement(tariff, meter(axis, np.array([3.0, 0.0, 0.0]))).total_cny == Decimal(peak) * 1000
