"""`gridsim weather` and `gridsim loads` as a user runs them, up to a park that uses what they wrote."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from gridsim.cli import app
from gridsim.park.read import read_park

CASE_DATA = Path(os.environ.get("GRIDSIM_CASE_DATA", Path(__file__).parents[3] / "shared" / "data"))
STEEL = CASE_DATA / "steel_plant_load_15min.csv"

PARK = """\
name: A works
time: {time}
profile_set: ../set
buses:
  works: {{carrier: electricity}}
tariffs:
  flat: {{energy_price_cny_per_mwh: 500}}
technologies:
  grid: {{type: grid_connection, bus: works, tariff: flat, import_limit_mw: 100, export_limit_mw: 0}}
{technologies}"""


def gridsim(*arguments: object) -> tuple[int, str]:
    """Run a command; return its exit code and all it said."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return result.exit_code, result.output


def park_in(folder: Path, time: str, technologies: str) -> Path:
    folder.mkdir()
    (folder / "park.yaml").write_text(PARK.format(time=time, technologies=technologies), encoding="utf-8")
    return folder


def test_weather_of_a_place_and_loads_by_kind_become_a_park(tmp_path: Path):
    """A leap year in quarter hours: 35,136 steps of weather and loads in one set, which a park takes as it is."""
    code, said = gridsim("weather", "aohan", "--out", tmp_path / "set", "--year", 2028, "--set", "time.step_minutes=15")
    assert code == 0, said
    assert "full-load hours" in said
    (tmp_path / "loads.yaml").write_text(
        "time: {year: 2028, step_minutes: 15}\ntemperature: set/weather.csv#temperature_degc\nloads:\n"
        "  melt_shop: {kind: electric_arc_furnace, annual_energy_mwh: 300000, furnaces: 3}\n  offices: {kind: office, annual_energy_mwh: 9000}\n"
    )
    code, said = gridsim("loads", tmp_path / "loads.yaml", "--out", tmp_path / "set", "--json")
    assert code == 0, said
    assert json.loads(said)["energy_mwh"] == pytest.approx({"melt_shop": 300_000.0, "offices": 9_000.0})
    assert (tmp_path / "set" / "report.html").stat().st_size > 1e6
    park = read_park(
        park_in(
            tmp_path / "park",
            "{year: 2028, step_minutes: 15}",
            "  mill: {type: load, bus: works, profile: melt_shop}\n  wind: {type: wind, bus: works, capacity_mw: 10, profile: wind}\n",
        )
    )
    assert park.time.steps == 35_136
    assert park.profiles["melt_shop"].sum() * 0.25 == pytest.approx(300_000.0, rel=1e-5)
    assert 2900 < park.profiles["wind"].mean() * 8784 < 3500


def test_several_years_get_a_folder_each_and_differ(tmp_path: Path):
    code, said = gridsim("weather", "wengniute", "--out", tmp_path / "years", "--years", 3, "--json")
    assert code == 0, said
    hours = [row["wind"] for row in json.loads(said)["full_load_hours"]]
    assert len(hours) == len(set(hours)) == 3
    assert [path.name for path in sorted((tmp_path / "years").iterdir())] == ["year_01", "year_02", "year_03"]
    for number, expected in enumerate(hours, start=1):
        written = pd.read_csv(tmp_path / "years" / f"year_{number:02d}" / "weather.csv")
        assert written["wind"].sum() == pytest.approx(expected, rel=1e-5)


def test_a_turbine_by_its_own_curve(tmp_path: Path):
    """A machine that gives full power in any wind up to 30 m/s has 8760 full-load hours times what its losses leave: 0.92 × 0.96 × 0.97."""
    (tmp_path / "curve.csv").write_text("wind_speed_m_per_s,power_kw\n0,1000\n15,1000\n30,1000\n")
    (tmp_path / "weather.yaml").write_text(
        "places: {hill: {climate: aohan}}\n"
        "plants: {own: {type: wind, power_curve_file: curve.csv, rotor_diameter_m: 80, hub_height_m: 100, spread_m_per_s: 0, density_correction: false}}\n"
    )
    code, said = gridsim("weather", tmp_path / "weather.yaml", "--out", tmp_path / "set", "--json")
    assert code == 0, said
    assert json.loads(said)["full_load_hours"][0]["own"] == pytest.approx(8760 * 0.92 * 0.96 * 0.97, rel=1e-3)


def test_a_second_source_stands_beside(tmp_path: Path):
    gridsim("weather", "aohan", "--out", tmp_path / "one")
    code, said = gridsim("weather", "wengniute", "--out", tmp_path / "two", "--compare", tmp_path / "one")
    assert code == 0, said
    assert "weather.csv" in (tmp_path / "two" / "report.html").read_text(encoding="utf-8")
    (tmp_path / "mill.csv").write_text("time,mill_mw\n" + "\n".join(f"{stamp},1" for stamp in pd.date_range("2030-01-01", periods=8760, freq="h")))
    code, said = gridsim("loads", tmp_path / "mill.csv", "--out", tmp_path / "three", "--compare", tmp_path / "one")
    assert code == 2
    assert "no column of the same name" in said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["weather", "nowhere"], "there is no climate 'nowhere'"),
        (["weather", "missing.epw"], "'missing.epw' does not exist"),
        (["weather", "chifeng", "--site", "42"], "is not latitude,longitude"),
        (["weather", "chifeng", "--set", "plants.wind.hub_hight_m=3"], "did you mean 'hub_height_m'?"),
        (["weather", "42.9,119.0", "--fetch", "nasa_power"], "set time.year"),
        (["loads", "missing.csv"], "missing.csv"),
        (["loads", "missing.yaml"], "does not exist"),
        (["loads", "missing.csv", "--column", "mill"], "is not of the form name=value"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_mistakes_end_with_two_and_write_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], words: str):
    monkeypatch.chdir(tmp_path)
    code, said = gridsim(*arguments, "--out", "set")
    assert code == 2, said
    assert words in said
    assert "Traceback" not in said
    assert not (tmp_path / "set").exists()


def test_loads_of_two_sources_share_a_set(tmp_path: Path):
    """Each source has a table of its own; a step that the stamps do not show is refused, for it would quarter the energy."""
    stamps = pd.date_range("2030-01-01 00:15", periods=35_040, freq="15min")
    (tmp_path / "mill.csv").write_text("time,energy_kwh\n" + "\n".join(f"{stamp},1500" for stamp in stamps))
    (tmp_path / "loads.yaml").write_text("time: {year: 2030, step_minutes: 15}\nloads: {office: {kind: office, annual_energy_mwh: 900}}\n")
    assert gridsim("loads", tmp_path / "loads.yaml", "--out", tmp_path / "set")[0] == 0
    code, said = gridsim("loads", tmp_path / "mill.csv", "--out", tmp_path / "set", "--json")
    assert code == 0, said
    assert json.loads(said)["energy_mwh"]["power_mw"] == pytest.approx(6.0 * 8760)
    assert sorted(path.name for path in (tmp_path / "set").glob("*.csv")) == ["loads.csv", "mill.csv"]
    code, said = gridsim("loads", tmp_path / "mill.csv", "--out", tmp_path / "other", "--step-minutes", 60)
    assert code == 2
    assert "most rows are 15 minutes apart" in said


def test_units_of_a_set_are_held_against_their_use(tmp_path: Path):
    """Heat is no electricity, and MW are no availability."""
    (tmp_path / "loads.yaml").write_text("time: {year: 2030}\nloads: {warmth: {kind: steam, annual_energy_mwh: 900}, office: {kind: office, peak_mw: 2}}\n")
    assert gridsim("loads", tmp_path / "loads.yaml", "--out", tmp_path / "set")[0] == 0
    technologies = "  heat: {type: load, bus: works, profile: warmth}\n  sun: {type: solar, bus: works, capacity_mw: 1, profile: office}\n"
    code, said = gridsim("validate", park_in(tmp_path / "park", "{year: 2030}", technologies))
    assert code == 2
    assert "technologies.heat.profile: the profile 'warmth' is in MW_th, expected pu or 1 or MW" in said
    assert "technologies.sun.profile: the profile 'office' is in MW, expected pu or 1" in said


@pytest.mark.skipif(not STEEL.exists(), reason=f"no {STEEL.name} in GRIDSIM_CASE_DATA")
def test_the_steel_plant_goes_into_a_park_without_a_line_of_code(tmp_path: Path):
    """Quarter-hour kWh with stamps at the end of the interval: two days of dispatch buy exactly what the meter read in the first 192 intervals."""
    code, said = gridsim("loads", STEEL, "--out", tmp_path / "set")
    assert code == 0, said
    assert "mark the end of the interval" in said
    assert "power factor 0.854" in said
    park = park_in(tmp_path / "park", "{year: 2018, step_minutes: 15}", "  mill: {type: load, bus: works, profile: power_mw}\n")
    code, said = gridsim("run", park, "--hours", 48, "--out", tmp_path / "run", "--no-report", "--json")
    assert code == 0, said
    read = pd.read_csv(STEEL)["energy_kwh"].to_numpy()
    assert json.loads(said)["summary"]["import_mwh"] == pytest.approx(read[: 48 * 4].sum() / 1000.0, rel=1e-6)
    written = pd.read_csv(tmp_path / "set" / f"{STEEL.stem}.csv")
    np.testing.assert_allclose(written["power_mw"], read * 4.0 / 1000.0, rtol=1e-5)
