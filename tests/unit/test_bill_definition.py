"""What a tariff's ``bill`` may hold, the shipped tariffs, and the steps of the power factor."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from ruamel.yaml import YAML

from gridsim.bill.meter import meter
from gridsim.bill.power_factor import TABLE, adjustment, monthly_power_factor
from gridsim.errors import DefinitionError
from gridsim.park.billing import DemandTerms, LoadFactorDiscount, NetworkFee, PowerFactorTerms, SelfUse
from gridsim.park.read import read_park
from gridsim.park.shipped_tariffs import FOLDER, rules, shipped_marks, shipped_names, shipped_tariff
from gridsim.park.tariff import Tariff
from gridsim.profiles.time_axis import TimeAxis

CERTAINTIES = {"V1", "V2", "C", "M", "M?", "A", "X"}

PARK = """
name: bill
time: {start: 2030-01-01, hours: 24}
buses: {park: {carrier: electricity}}
tariffs:
  t:
    energy_price_cny_per_mwh: 300
    adders_cny_per_mwh: {funds: 25}
    demand_charge_cny_per_mw_month: 30000
    bill: BILL
technologies:
  factory: {type: load, bus: park, peak_mw: 1}
  grid: {type: grid_connection, bus: park, tariff: t, import_limit_mw: 2}
"""


def problems_of(bill: str, tmp_path) -> list[str]:
    (tmp_path / "park.yaml").write_text(PARK.replace("BILL", bill), encoding="utf-8")
    with pytest.raises(DefinitionError) as caught:
        read_park(tmp_path)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("bill", "said", "remedy"),
    [
        ("{demand: {basis: contract}}", "basis: contract without contract_mw", "write contract_mw"),
        ("{demand: {basis: transformer}}", "without transformer_mva and capacity_charge_cny_per_mva_month", "choose another basis"),
        ("{demand: {floors: [{share: 0.5}]}}", "neither of months and previous_months", "previous_months: 6"),
        ("{demand: {contract_minimum_share: 0.4}}", "contract_minimum_share without transformer_mva", "write transformer_mva"),
        ("{load_factor_discount: {}}", "load_factor_discount without demand.transformer_mva", "transformer_mva"),
        ("{self_use: {adders: [fund]}}", "names 'fund', which is not among adders_cny_per_mwh", "name one of: funds"),
        ("{network_fee: {connected_mw: 2, average_load_rate: 60}}", "60 is above 1", "did you mean 0.6"),
        ("{network_fee: {connected_mw: 2}}", "average_load_rate: is missing", "there is no default"),
        ("{power_factor: {standard: 0.95}}", "0.95 has no table", "choose 0.8, 0.85, 0.9"),
        ("{deviation: {contracted_mwh: [1, 2, 3]}}", "has 3 numbers", "twelve from January to December"),
        ("{demand: {contract_kw: 900}}", "contract_kw: is not a key here", "contract_mw: 0.9"),
    ],
)
def test_a_broken_bill_says_what_to_do(bill, said, remedy, tmp_path):
    told = "\n".join(problems_of(bill, tmp_path))
    assert said in told and remedy in told, told
    assert "tariffs.t" in told


def test_like_names_a_shipped_tariff(tmp_path):
    text = PARK.replace("energy_price_cny_per_mwh: 300", "like: mengdong_2023/two_part/220kv").replace("    bill: BILL\n", "")
    (tmp_path / "park.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(DefinitionError, match=r"did you mean 'mengdong_2023_2026/two_part/220kv'"):
        read_park(tmp_path)


def test_shipped_tariffs_are_whole_and_marked():
    """Each is a tariff as it stands; every number has its source and a certainty."""
    for name in shipped_names():
        tariff = Tariff(like=name)
        assert set(tariff.adders_cny_per_mwh) == {"transmission_and_distribution", "line_loss", "system_operation_fee", "funds_and_surcharge"}
        assert (tariff.demand_charge_cny_per_mw_month > 0) == ("two_part" in name)
        marked = {path for path, _, _, _ in shipped_marks(name)}
        for path, value in _numbers(shipped_tariff(name)):
            assert any(path == mark or path.startswith(f"{mark}.") for mark in marked), path
            assert value > 0
        assert all(len(source) > 5 and certainty in CERTAINTIES for _, _, source, certainty in shipped_marks(name))


def _numbers(node, path=""):
    if isinstance(node, dict):
        for key, child in node.items():
            yield from _numbers(child, f"{path}.{key}" if path else key)
    elif isinstance(node, int | float):
        yield path, node


def test_shipped_prices_of_each_voltage():
    """**Proves**: 蒙东 2023–26, CNY/kWh and CNY/kW·month and CNY/kVA·month by voltage, as published in the secondary copy."""
    prices = {
        voltage: (
            tariff.adders_cny_per_mwh["transmission_and_distribution"],
            tariff.demand_charge_cny_per_mw_month,
            tariff.bill.demand.capacity_charge_cny_per_mva_month,
        )
        for voltage in ("under_1kv", "10kv", "35kv", "110kv", "220kv")
        for tariff in [Tariff(like=f"mengdong_2023_2026/two_part/{voltage}")]
    }
    assert prices == {
        "under_1kv": (173.8, 34400, 21500),
        "10kv": (134.6, 32800, 20500),
        "35kv": (108.0, 32800, 20500),
        "110kv": (87.0, 31200, 19500),
        "220kv": (60.1, 31200, 19500),
    }
    single = [shipped_tariff(f"mengdong_2023_2026/single_part/{voltage}") for voltage in ("under_1kv", "10kv", "35kv", "110kv", "220kv")]
    assert [one["adders_cny_per_mwh"]["transmission_and_distribution"] for one in single] == [373.2, 335.6, 249.9, 173.2, 140.1]


def test_what_is_written_goes_before_what_is_shipped():
    """A price, an adder or a term of the bill that is written replaces that one only; a price profile replaces the price."""
    like = "mengdong_2023_2026/two_part/220kv"
    tariff = Tariff(like=like, adders_cny_per_mwh={"line_loss": 0.0}, bill={"demand": {"basis": "transformer", "transformer_mva": 10.0}})
    assert tariff.adders_cny_per_mwh["line_loss"] == 0.0 and tariff.adders_cny_per_mwh["transmission_and_distribution"] == 60.1
    assert tariff.bill.demand.capacity_charge_cny_per_mva_month == 19500 and tariff.bill.demand.transformer_mva == 10.0
    assert Tariff(like=like, energy_price_profile="spot").energy_price_cny_per_mwh is None
    assert [path.name for path in sorted(FOLDER.glob("*.yaml"))] == ["mengdong_2023_2026.yaml"]


def test_rules_of_the_bill_are_fields_and_marked():
    """Every row names a field of ``bill`` that takes it as default, with a source and a certainty."""
    parts = {
        "demand": DemandTerms,
        "load_factor_discount": LoadFactorDiscount,
        "power_factor": PowerFactorTerms,
        "network_fee": NetworkFee,
        "self_use": SelfUse,
    }
    given = {"network_fee": {"connected_mw": 1.0, "average_load_rate": 0.5}}
    for path, entry in rules().items():
        group, field = path.split(".")
        assert getattr(parts[group](**given.get(group, {})), field) == entry["value"]
        assert entry["certainty"] in CERTAINTIES and len(entry["source"]) > 20
    assert {path: entry["value"] for path, entry in rules().items()} == {
        "demand.contract_tolerance": 1.05,
        "demand.contract_excess_factor": 2.0,
        "load_factor_discount.from_mwh_per_mva_month": 260.0,
        "load_factor_discount.factor": 0.9,
        "power_factor.standard": 0.9,
        "power_factor.without": ["funds_and_surcharge"],
        "network_fee.hours_per_month": 730.0,
        "self_use.adders": ["funds_and_surcharge"],
    }


# ---- power factor


@pytest.mark.parametrize(
    ("standard", "power_factor", "change"),
    [
        (0.90, "0.90", "0"),
        (0.90, "0.91", "-0.0015"),
        (0.90, "0.94", "-0.0060"),
        (0.90, "0.95", "-0.0075"),
        (0.90, "1.00", "-0.0075"),
        (0.90, "0.89", "0.005"),
        (0.90, "0.70", "0.10"),  # 20 steps of 0.5 %
        (0.90, "0.65", "0.15"),  # and 5 of 1 %
        (0.90, "0.60", "0.25"),  # and 5 of 2 %
        (0.85, "0.85", "0"),
        (0.85, "0.90", "-0.0050"),
        (0.85, "0.96", "-0.0110"),
        (0.85, "0.65", "0.10"),
        (0.85, "0.60", "0.15"),
        (0.80, "0.92", "-0.0130"),
        (0.80, "0.60", "0.10"),
        (0.80, "0.54", "0.17"),  # 20 × 0.5 % + 5 × 1 % + 1 × 2 %
    ],
)
def test_steps_of_the_power_factor(standard, power_factor, change):
    assert adjustment(Decimal(power_factor), standard) == Decimal(change)


def test_power_factor_table_is_marked_as_recalled():
    table = YAML(typ="safe", pure=True).load(TABLE.read_text(encoding="utf-8"))
    assert table["certainty"] == "M" and "215" in table["source"]


def test_power_factor_of_a_month():
    """**Proves**: 3 and 1 MW with 2 and −1 Mvar: 4 / √(4² + 3²) = 0.80; reactive energy counts the same in both directions.

    **Breaks as**: 4 / √(16 + 1) = 0.97 if it were netted; 0.77 as the mean of the hours' factors. Declared 0.925 is 0.93; without imports there is none.
    """
    import datetime

    axis = TimeAxis(datetime.datetime(2030, 1, 1), 2)
    reading = meter(axis, np.array([3.0, 1.0]), reactive_mvar=np.array([2.0, -1.0]))
    assert monthly_power_factor(reading, 0, declared=0.5) == Decimal("0.80")
    assert monthly_power_factor(meter(axis, np.ones(2)), 0, declared=0.925) == Decimal("0.93")
    assert monthly_power_factor(meter(axis, np.ones(2)), 0) is None
    assert monthly_power_factor(meter(axis, np.zeros(2), reactive_mvar=np.ones(2)), 0) is None
