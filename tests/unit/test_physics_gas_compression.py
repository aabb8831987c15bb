"""Hydrogen compression by hand, and in the bands that are usual for it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis.strategies import floats, integers

from gridsim.physics.gas_compression import HYDROGEN_GAS_CONSTANT, compression_energy_kwh_per_kg, stage_outlet_degc

GOOD = {"isentropic_efficiency": 0.75, "motor_efficiency": 0.95}
SMALL = {"isentropic_efficiency": 0.60, "motor_efficiency": 0.92}


def test_two_stages_by_hand():
    """Proves: 30 to 200 bar in two stages: exponent 0.405 / 2.81 = 0.14413, 6.6667^0.14413 = 1.31446; the gas takes 2 * 4124.5 * 303.15
    * 3.46914 * 0.31446 = 2.7280 MJ/kg = 0.75778 kWh/kg, and over 0.75 * 0.95 it is 1.0636.

    Breaks as: 1.2308 in one stage; 0.7578 without losses; 1.0285 from 20 degC.
    """
    assert compression_energy_kwh_per_kg(30.0, 200.0, stages=2, **GOOD) == pytest.approx(1.0636, abs=2e-4)


@pytest.mark.parametrize(
    ("inlet_bar", "outlet_bar", "stages", "machine", "compressibility", "expected", "band"),
    [
        (30.0, 200.0, 2, GOOD, 1.06, 1.13, (1.0, 1.5)),
        (30.0, 450.0, 3, GOOD, 1.10, 1.66, (1.5, 2.0)),  # below the quoted 2 to 3 kWh/kg: said so in the Notes
        (30.0, 450.0, 3, SMALL, 1.10, 2.14, (2.0, 3.0)),
        (16.0, 450.0, 4, SMALL, 1.10, 2.61, (2.0, 3.0)),
    ],
)
def test_the_usual_bands_and_their_assumptions(inlet_bar, outlet_bar, stages, machine, compressibility, expected, band):
    """Proves: the numbers that the Notes quote. Breaks as: 1.2 instead of 1.13 and so on without cooling between stages."""
    energy = compression_energy_kwh_per_kg(inlet_bar, outlet_bar, stages=stages, compressibility=compressibility, **machine)
    assert energy == pytest.approx(expected, abs=0.005)
    assert band[0] <= energy <= band[1]


def test_many_stages_approach_isothermal_work():
    """Proves: with N to infinity the work is R T ln(p2/p1) = 4124.5 * 303.15 * ln(6.6667) = 2.3720 MJ/kg = 0.6589 kWh/kg.

    Breaks as: 0.877, the work of one uncooled stage, if the stages are not cooled in between.
    """
    energy = compression_energy_kwh_per_kg(30.0, 200.0, stages=10_000, isentropic_efficiency=1.0, motor_efficiency=1.0)
    assert energy == pytest.approx(HYDROGEN_GAS_CONSTANT * 303.15 * np.log(200 / 30) / 3.6e6, rel=1e-4)


def test_stage_outlet_by_hand():
    """Proves: two stages, 303.15 K * (1 + 0.31446 / 0.75) = 430.25 K = 157 degC. Breaks as: 125 degC without losses."""
    assert stage_outlet_degc(30.0, 200.0, stages=2, isentropic_efficiency=0.75) == pytest.approx(157.1, abs=0.1)


def test_no_work_where_the_pressure_is_there_already():
    """Proves: 30 bar into a 20 bar store costs nothing, and gives nothing. Breaks as: negative energy that a dispatch would earn."""
    assert compression_energy_kwh_per_kg(30.0, [20.0, 30.0], stages=2, **GOOD) == pytest.approx([0.0, 0.0])


@given(outlet=floats(31.0, 800.0), more=floats(1.0, 100.0), stages=integers(1, 6))
def test_work_rises_with_pressure_and_falls_with_stages(outlet, more, stages):
    base = compression_energy_kwh_per_kg(30.0, outlet, stages=stages, **GOOD)
    assert compression_energy_kwh_per_kg(30.0, outlet + more, stages=stages, **GOOD) > base
    assert compression_energy_kwh_per_kg(30.0, outlet, stages=stages + 1, **GOOD) < base
