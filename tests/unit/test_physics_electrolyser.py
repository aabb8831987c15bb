"""The alkaline cell law against its published case, and the part-load curve that is derived from it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis.strategies import floats

from gridsim.physics.electrolyser import (
    KWH_PER_KG_AND_VOLT,
    aged_consumption,
    cell_voltage,
    faraday_efficiency,
    part_load_point,
    specific_energy_kwh_per_kg,
)

CASE_MA_PER_CM2 = [50.0, 100.0, 200.0, 300.0]

currents = floats(5.0, 400.0)
temperatures = floats(40.0, 80.0)


def test_cell_voltage_meets_the_case():
    """Proves: at 80 degC and 300 mA/cm2, 1.229 + (8.05e-5 - 2e-5) 3000 + 0.185 log10(1.1459 * 3000 + 1) = 1.229 + 0.1815 + 0.6542 = 2.065.

    Breaks as: 1.803 V with T1 = -0.1002; 1.717 V if mA/cm2 are taken for A/m2 without the factor 10.
    """
    assert cell_voltage(CASE_MA_PER_CM2, 80.0) == pytest.approx([1.770, 1.856, 1.972, 2.065], abs=5e-4)


def test_specific_energy_meets_the_case():
    """Proves: 26.590 kWh/(kg V) * 2.0647 V / (0.98 * 90000 / 90250) = 56.18 kWh/kg.

    Breaks as: 54.90 without the Faraday efficiency; 57.35 with f2 = 0.96.
    """
    assert specific_energy_kwh_per_kg(CASE_MA_PER_CM2, 80.0) == pytest.approx([52.8, 51.6, 53.8, 56.2], abs=0.05)


def test_a_volt_is_26_59_kwh_per_kg():
    """Proves: 2 * 96485 C/mol / 2.01588 g/mol = 95.725 MC/kg; at 1 V that is 26.590 kWh/kg. Breaks as: 53.18 with atoms for molecules."""
    assert pytest.approx(26.590, abs=5e-4) == KWH_PER_KG_AND_VOLT


@pytest.mark.parametrize(("temperature_degc", "f1", "f2"), [(40.0, 150.0, 0.99), (60.0, 200.0, 0.985), (80.0, 250.0, 0.98)])
def test_faraday_efficiency_passes_through_the_three_temperatures(temperature_degc, f1, f2):
    """Proves: at 100 mA/cm2 and 80 degC, 10000 / 10250 * 0.98 = 0.9561. Breaks as: 0.9756 if f2 is left out."""
    assert faraday_efficiency(100.0, temperature_degc) == pytest.approx(10_000.0 / (10_000.0 + f1) * f2, rel=1e-12)


def test_scalars_and_arrays_keep_their_shape():
    """Proves: a number, a list and a (T, N) array go the same way. Breaks as: a flattened array."""
    grid = np.array([[50.0, 100.0], [200.0, 300.0]])
    assert np.ndim(cell_voltage(50.0, 80.0)) == 0
    assert specific_energy_kwh_per_kg(grid, 80.0).shape == (2, 2)
    assert specific_energy_kwh_per_kg(grid, 80.0).ravel() == pytest.approx(specific_energy_kwh_per_kg(CASE_MA_PER_CM2, 80.0))


def test_part_load_is_one_at_rated_and_adds_the_auxiliaries():
    """Proves: at 50 mA/cm2 the stack draws 50 * 1.7696 / (300 * 2.0647) = 0.1428 of rated; with 3 % auxiliaries the load is 0.97 * 0.1428
    + 0.03 = 0.1686, the production (50 * 0.8909) / (300 * 0.9773) = 0.1519, the consumption 0.1686 / 0.1519 = 1.109.

    Breaks as: 0.940 without auxiliaries (the bare stack improves at part load); 1.138 if they are added on top of rated power.
    """
    load, consumption = part_load_point([50.0, 300.0], 80.0, rated_ma_per_cm2=300.0, auxiliary_share=0.03)
    assert load == pytest.approx([0.1686, 1.0], abs=1e-4)
    assert consumption == pytest.approx([1.109, 1.0], abs=1e-3)


def test_bare_stack_is_best_near_a_quarter_of_its_load():
    """Proves: without auxiliaries the specific consumption is lowest at 0.243 of rated (0.916 of rated consumption); with 3 % at 0.48.

    Breaks as: the lowest load is the best one if the stray currents are left out.
    """
    current = np.linspace(10.0, 300.0, 2901)
    bare, loaded = (part_load_point(current, 80.0, rated_ma_per_cm2=300.0, auxiliary_share=share) for share in (0.0, 0.03))
    assert bare[0][bare[1].argmin()] == pytest.approx(0.243, abs=0.002)
    assert bare[1].min() == pytest.approx(0.916, abs=0.001)
    assert loaded[0][loaded[1].argmin()] == pytest.approx(0.483, abs=0.002)


def test_shipped_alkaline_points_follow_from_the_law():
    """Proves: the proposed default points are the law at 80 degC, 300 mA/cm2 rated, 3 % auxiliaries, rounded to 0.001.

    Breaks as: any other auxiliary share (0.04 gives 1.016 instead of 0.989 at 0.3).
    """
    load, consumption = part_load_point(np.linspace(20.0, 345.0, 6501), 80.0, rated_ma_per_cm2=300.0, auxiliary_share=0.03)
    points = {0.15: 1.163, 0.20: 1.055, 0.30: 0.989, 0.40: 0.972, 0.50: 0.969, 0.70: 0.978, 1.00: 1.000, 1.10: 1.008}
    assert np.interp(list(points), load, consumption) == pytest.approx(list(points.values()), abs=6e-4)


def test_ageing_is_linear_in_hours():
    """Proves: 50 kWh/kg after 60000 h at 1 % a year is 50 * (1 + 0.01 * 60000 / 8760) = 53.42. Breaks as: 53.53 if compounded."""
    assert aged_consumption(50.0, 60_000.0, 0.01) == pytest.approx(53.4247, abs=1e-4)
    assert aged_consumption(50.0, 0.0, 0.01) == 50.0


@given(current=currents, more=floats(1.0, 50.0), temperature=temperatures)
def test_voltage_rises_with_current_and_falls_with_temperature(current, more, temperature):
    assert cell_voltage(current + more, temperature) > cell_voltage(current, temperature)
    assert cell_voltage(current, temperature + more) < cell_voltage(current, temperature)


@given(current=currents, temperature=temperatures)
def test_no_cell_beats_its_reversible_voltage(current, temperature):
    assert 0.0 < faraday_efficiency(current, temperature) < 1.0
    assert specific_energy_kwh_per_kg(current, temperature) > KWH_PER_KG_AND_VOLT * 1.229
