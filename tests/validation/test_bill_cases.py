"""Case C2's bill without battery and sun, written from the meter's readings: no dispatch is needed where nothing can be decided."""

from __future__ import annotations

import csv
import datetime
from decimal import Decimal

import numpy as np
import pytest
from ruamel.yaml import YAML

from gridsim.bill.meter import meter
from gridsim.bill.statement import statement
from gridsim.park.tariff import Tariff
from gridsim.profiles.time_axis import TimeAxis
from tests.validation.test_cases import CASE_DATA, CASES

FILE = "dervet_bill_reduction_hourly.csv"


@pytest.fixture(scope="module")
def bill():
    if not (CASE_DATA / FILE).is_file():
        pytest.skip(f"{FILE} is not at hand: set GRIDSIM_CASE_DATA to the folder that holds it")
    with (CASE_DATA / FILE).open(encoding="utf-8") as lines:
        load_mw = np.array([float(row["Site Load (kW)"]) for row in csv.DictReader(lines)]) / 1000.0
    park = YAML(typ="safe", pure=True).load((CASES / "c2_dervet_bill" / "park.yaml").read_text(encoding="utf-8"))
    return statement(Tariff(**park["tariffs"]["time_of_use_2017"]), meter(TimeAxis(datetime.datetime(2017, 1, 1), 8760), load_mw))


def test_published_totals_to_the_cent(bill):
    """**Proves**: energy 4,065,918.508491 and demand 823,148.624646 (published), before any rounding, to a thousandth of a cent."""
    assert float(bill.unrounded_of("energy")) == pytest.approx(4_065_918.508491, abs=1e-5)
    assert float(bill.unrounded_of("demand")) == pytest.approx(823_148.624646, abs=1e-5)
    assert round(bill.unrounded_cny, 2) == Decimal("4889067.13")


def test_lines_rounded_to_cents_add_up(bill):
    """**Proves**: rounded line by line, as bills are, the year is the sum of its lines exactly, and off the published sum by less than half a cent a line."""
    lines = bill.lines
    assert bill.total_cny == sum(one.amount_cny for one in lines) == sum(month.total_cny for month in bill.months)
    assert abs(bill.total_cny - bill.unrounded_cny) <= Decimal("0.005") * len(lines)
    assert all((one.quantity * one.price_cny).quantize(Decimal("0.01")) - one.amount_cny in {Decimal("0.00"), Decimal("-0.01")} for one in lines)
    assert len(bill.months) == 12
