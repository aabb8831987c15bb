"""Sizes that others found: cases C1-B and C2, sized by gridsim from the same park files that `test_cases` dispatches.

Their objectives are present worths of one payment now and equal payments after; over the worth of one yearly payment they are a yearly cost, which is what
gridsim minimises. With a discount rate of 0 the annuity of an investment is its cost over its lifetime, so that worth is the lifetime.
"""

from __future__ import annotations

import shutil

import pytest

from gridsim.dispatch.sizes import Free
from gridsim.park.read import read_park
from gridsim.physics.annuity import present_worth_factor
from gridsim.study.sizing import size
from tests.validation.test_cases import CASE_DATA, CASES, read_params

pytestmark = pytest.mark.slow


def case(name, tmp_path, stage, overrides):
    folder = CASES / name
    shutil.copytree(folder, tmp_path / name)
    for file in read_params(folder)["data"]:
        if not (CASE_DATA / file).is_file():
            pytest.skip(f"{file} is not at hand: set GRIDSIM_CASE_DATA to the folder that holds it")
        shutil.copyfile(CASE_DATA / file, tmp_path / name / file)
    return read_park(tmp_path / name, stage=stage, overrides=["finance.discount_rate=0.0", *overrides])


def test_c1_b_wind_sun_and_battery(tmp_path):
    """Published: 24,591.48 kW of sun, all 50 MW of wind that are allowed, no battery, life-cycle cost 117,977,553.12."""
    after_tax, upkeep_worth, energy_worth = 0.8, *present_worth_factor(25, [0.02, 0.05], 0.10)
    worth = after_tax * energy_worth
    kilowatt = {"solar_1": 700.0 + after_tax * upkeep_worth * 8.0, "wind_1": 1200.0 + after_tax * upkeep_worth * 25.0}
    settings = [f"technologies.{name}.{field}={value!r}" for name in kilowatt for field, value in
                (("capital_cost_cny_per_kw", float(kilowatt[name])), ("fixed_om_share_per_year", 0.0), ("lifetime_years", float(worth)))]  # fmt: skip
    battery = {"capital_cost_cny_per_kw": 200.0, "capital_cost_cny_per_kwh": 200.0, "fixed_om_share_per_year": 0.0, "lifetime_years": float(worth)}
    settings += [f"technologies.battery_1.{field}={value!r}" for field, value in battery.items()]
    park = case("c1_north_thuan", tmp_path, "fixed_sizes_with_battery", settings)
    found = size(
        park,
        [
            Free("technologies.solar_1.capacity_mw", 0.0, 200.0),
            Free("technologies.wind_1.capacity_mw", 0.0, 50.0),
            Free("technologies.battery_1.power_mw", 0.0, 50.0),
            Free("technologies.battery_1.energy_mwh", 0.0, 200.0),
        ],
        segments=8760,
    )
    assert found.cost_cny * worth == pytest.approx(117_977_553.12, rel=1e-5)
    assert found.values["technologies.solar_1.capacity_mw"] == pytest.approx(24.59148, rel=1e-3)
    assert found.values["technologies.wind_1.capacity_mw"] == pytest.approx(50.0, rel=1e-9)
    assert found.values["technologies.battery_1.power_mw"] == pytest.approx(0.0, abs=1e-6)
    assert found.gap < 1e-6
    assert "technologies.wind_1.capacity_mw" in found.at_bound


def test_c2_battery(tmp_path):
    """Published: 1574.6215 kW and 9447.7293 kWh, objective 65,548,713.14 = 800 P + 250 E + 13.9542530 (10 P + annual bill)."""
    worth = 13.9542530
    kilowatt = 800.0 + worth * 10.0
    settings = {"capital_cost_cny_per_kw": kilowatt, "capital_cost_cny_per_kwh": 250.0, "fixed_om_share_per_year": 0.0, "lifetime_years": worth}
    overrides = [f"technologies.battery_1.{field}={value!r}" for field, value in settings.items()]
    overrides += ["technologies.solar_1.capital_cost_cny_per_kw=0", "technologies.solar_1.fixed_om_share_per_year=0"]
    park = case("c2_dervet_bill", tmp_path, "battery_and_sun", overrides)
    found = size(park, [Free("technologies.battery_1.power_mw", 0.1, 10.0), Free("technologies.battery_1.energy_mwh", 0.1, 50.0)], segments=8760)
    assert found.cost_cny * worth == pytest.approx(65_548_713.14, rel=1e-5)
    assert found.values["technologies.battery_1.power_mw"] == pytest.approx(1.5746215, rel=1e-3)
    assert found.values["technologies.battery_1.energy_mwh"] == pytest.approx(9.4477293, rel=1e-3)
    assert found.gap < 1e-5
