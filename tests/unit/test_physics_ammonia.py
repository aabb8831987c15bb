"""Ammonia's inputs by stoichiometry."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis.strategies import floats

from gridsim.physics.ammonia import HYDROGEN_KG_PER_T, NITROGEN_T_PER_T, air_separation_mwh, hydrogen_kg, nitrogen_t


def test_hydrogen_by_hand():
    """Proves: 3 * 1.008 / (14.007 + 3 * 1.008) = 3.024 / 17.031 = 0.17756. Breaks as: 118.4 kg/t with one H2 for each NH3."""
    assert hydrogen_kg(1.0) == pytest.approx(177.56, abs=0.005)
    assert hydrogen_kg(1.0, conversion=0.888) == pytest.approx(200.0, abs=0.1)


def test_daan_plant():
    """Proves: 180 kt ammonia take 31.96 kt hydrogen by stoichiometry; the plant states 32 kt. Breaks as: 36 kt at 200 kg/t."""
    assert hydrogen_kg(180e3) / 1e6 == pytest.approx(32.0, rel=2e-3)


def test_nitrogen_and_air_separation_by_hand():
    """Proves: 14.007 / 17.031 = 0.82244 t/t; at 0.25 MWh/t nitrogen 205.6 kWh/t ammonia. Breaks as: 250 if taken per tonne of ammonia."""
    assert nitrogen_t([1.0, 10.0]) == pytest.approx([0.82244, 8.2244], rel=1e-5)
    assert air_separation_mwh(1.0, mwh_per_t_nitrogen=0.25) == pytest.approx(0.20561, abs=1e-5)


def test_mass_is_kept():
    """Proves: 177.6 kg + 822.4 kg = 1000 kg. Breaks as: anything else for a wrong atomic mass."""
    assert HYDROGEN_KG_PER_T / 1000.0 + NITROGEN_T_PER_T == pytest.approx(1.0, rel=1e-12)


@given(ammonia=floats(0.0, 1e6), conversion=floats(0.5, 1.0))
def test_inputs_never_weigh_less_than_the_product(ammonia, conversion):
    inputs_t = hydrogen_kg(ammonia, conversion) / 1000.0 + nitrogen_t(ammonia, conversion)
    assert np.all(inputs_t >= ammonia * (1.0 - 1e-12))
