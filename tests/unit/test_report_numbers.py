"""Numbers as text, units of keys, and arrays packed into 16 bits."""

from __future__ import annotations

import doctest

import numpy as np
import pytest

from gridsim.report import numbers
from gridsim.report.figures import figure
from gridsim.report.figures.figure import packed, plain, unpacked
from gridsim.report.numbers import energy, mass, number, percent, scientific, unit_of


@pytest.mark.parametrize("module", [numbers, figure])
def test_examples_hold(module: object):
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1234567.8, "1,234,568"),
        (-20.04, "\N{MINUS SIGN}20.0"),
        (999.96, "1,000"),
        (0.00029, "0.0003"),
        (-0.00001, "\N{MINUS SIGN}<0.0001"),
        (1e-12, "0"),
        (float("nan"), "–"),
        (float("inf"), "–"),
    ],
)
def test_number(value: float, text: str):
    assert number(value) == text


def test_amounts_take_the_unit_that_suits_them():
    assert [energy(mwh) for mwh in (9999.0, 10000.0)] == ["9,999\xa0MWh", "10.0\xa0GWh"]
    assert [mass(kg) for kg in (9999.0, 10000.0, 1e7)] == ["9,999\xa0kg", "10.0\xa0t", "10.0\xa0kt"]
    assert percent(-0.0123) == "\N{MINUS SIGN}1.2\xa0%"
    assert scientific(-3.2e-9) == "-3.2e-09"


@pytest.mark.parametrize(
    ("key", "unit"),
    [
        ("peak_import_mw", "MW"),
        ("cost_total_cny", "CNY"),
        ("tank_1.capacity_kg", "kg"),
        ("plant.capacity_t_per_h", "t/h"),
        ("electrolyser_1.water_t", "t"),
        ("hours", "h"),
        ("solve_seconds", "s"),
        ("battery_1.cycles", "1"),
        ("export_ratio_of_generation", "1"),
        ("max_difference_to_runpp_pu", "pu"),
    ],
)
def test_unit_of_key(key: str, unit: str):
    assert unit_of(key) == unit


@pytest.mark.parametrize("largest", [0.003, 0.9, 58.7, 3266.0, 32768.0, 1.1e6])
def test_packing_keeps_four_digits_and_the_shape(largest: float):
    values = np.linspace(-largest, largest, 24).reshape(4, 6)
    values[1, 2] = np.nan
    spec = packed(values)
    back = unpacked(spec)
    assert spec["step"] <= max(largest / 13000, 1e-4)
    assert back.shape == (4, 6)
    assert np.isnan(back[1, 2])
    assert np.nanmax(np.abs(back - values)) <= spec["step"] / 2 * (1 + 1e-9)


def test_packing_of_nothing_and_of_zeros():
    assert unpacked(packed(np.zeros(5))).tolist() == [0.0] * 5
    assert np.isnan(unpacked(packed(np.full(3, np.nan)))).all()


def test_labels_cannot_be_tags():
    assert plain("<b>A & B</b>") == "&lt;b&gt;A &amp; B&lt;/b&gt;"
