"""Library of turbines and modules: every row usable and sourced, names with suggestions, curves of one's own."""

import csv
import subprocess
import sys

import numpy as np
import pytest

from gridsim.errors import DefinitionError
from gridsim.profiles.conversion import library
from gridsim.profiles.conversion.curve_file import turbine_from_csv
from gridsim.profiles.conversion.power_curve import static_rated_speed_m_per_s

CERTAINTIES = {"V1", "V2", "C", "M", "A"}


def rows(file):
    with (library.DATA / file).open(encoding="utf-8") as source:
        return list(csv.DictReader(source))


@pytest.mark.parametrize("row", rows("turbines.csv"), ids=lambda row: row["name"])
def test_turbine(row):
    """Proves: each row is a turbine of the 5 to 8 MW class, with sources, that stands free of the ground and has a curve that rises to 1."""
    turbine = library.turbine(row["name"])
    assert 5.0 <= turbine.rated_mw <= 8.0 and 150.0 <= turbine.rotor_diameter_m <= 230.0
    assert min(turbine.hub_heights_m) > turbine.rotor_diameter_m / 2 + 10.0
    assert turbine.cut_in_m_per_s < turbine.rated_m_per_s < turbine.restart_m_per_s < turbine.cut_out_m_per_s
    assert (np.diff(turbine.power_pu) >= 0.0).all() and turbine.power_pu[-1] == pytest.approx(1.0, abs=1e-9)
    assert turbine.curve.startswith("synthetic") and row["power_curve"] == "synthetic"
    assert row["size_source"] and row["limits_source"]
    assert {row["size_certainty"], row["limits_certainty"], row["rated_certainty"]} <= CERTAINTIES
    assert float(row["static_rated_m_per_s"]) == pytest.approx(static_rated_speed_m_per_s(turbine.rated_mw, turbine.rotor_diameter_m), abs=0.051)


@pytest.mark.parametrize("row", rows("modules.csv"), ids=lambda row: row["name"])
def test_module(row):
    """Proves: each row is a mono module with sources, whose power, area and efficiency agree within 0.5 %."""
    module = library.module(row["name"])
    assert 540.0 <= module.power_w <= 720.0
    assert module.power_w / (1000.0 * float(row["area_m2"])) == pytest.approx(module.efficiency, rel=5e-3)
    assert -0.004 <= module.power_per_kelvin <= -0.0025 and 0.0 <= module.bifaciality <= 0.9
    assert row["source"] and row["certainty"] in CERTAINTIES


def test_unknown_names_get_a_suggestion():
    with pytest.raises(DefinitionError, match="did you mean 'sany_si200_6250'"):
        library.turbine("sany_si200_625")
    with pytest.raises(DefinitionError, match="did you mean 'trina_tsm_neg21c20_720'"):
        library.module("trina_neg21c20_720")


def test_turbines_of_windpowerlib():
    """Proves: name, size, limits and curve come from its own files, and an unknown one gets a suggestion."""
    pytest.importorskip("windpowerlib")
    turbine = library.turbine("oedb:V126/3450")
    assert (turbine.rated_mw, turbine.rotor_diameter_m, turbine.cut_out_m_per_s, turbine.power_pu[-1]) == (3.45, 126.0, 22.5, 1.0)
    assert turbine.curve.startswith("published") and turbine.source.startswith("http")
    with pytest.raises(DefinitionError, match="did you mean 'V126/3450'"):
        library.turbine("oedb:V126/345")


def test_own_curve(tmp_path):
    """Proves: kilowatts become shares of the largest power; cut-out is the last speed with power, also where zeros follow."""
    file = tmp_path / "mine.csv"
    file.write_text("wind_speed_m_per_s, power_kw\n3,0\n5,500\n12,5000\n20,5000\n20.5,0\n")
    turbine = turbine_from_csv(file, rotor_diameter_m=160.0, hub_height_m=110.0)
    assert turbine.rated_mw == 5.0
    assert turbine.power_pu == (0.0, 0.1, 1.0, 1.0)
    assert (turbine.cut_in_m_per_s, turbine.cut_out_m_per_s, turbine.restart_m_per_s) == (3.0, 20.0, 17.0)


def test_every_mistake_of_a_curve_is_told_with_its_line(tmp_path):
    file = tmp_path / "broken.csv"
    file.write_text("wind_speed_m_per_s,power_mw\n3,0\n5,x\n4,1\n3.5,1\n6,5000\n")
    with pytest.raises(DefinitionError) as error:
        turbine_from_csv(file, 160.0, 110.0)
    assert [problem.line for problem in error.value.problems] == [3, 5, 6]
    file.write_text("speed,power\n1,2\n")
    with pytest.raises(DefinitionError, match="has 2 problems"):
        turbine_from_csv(file, 160.0, 110.0)
    with pytest.raises(DefinitionError, match="cannot be read"):
        turbine_from_csv(tmp_path / "none.csv", 160.0, 110.0)
    file.write_text("wind_speed_m_per_s,power_mw\n")
    with pytest.raises(DefinitionError, match="0 points are not a curve"):
        turbine_from_csv(file, 160.0, 110.0)


def test_library_is_light():
    """Proves: naming plants loads neither pandas nor pvlib nor windpowerlib."""
    code = "import sys; from gridsim.profiles.conversion import SolarPlant, WindPark; SolarPlant(); WindPark(); "
    code += "print([name for name in ('pandas', 'pvlib', 'windpowerlib', 'scipy') if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
