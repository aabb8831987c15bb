"""Profile sets: what a weather definition may say, what comes of it, and how tables share a folder."""

from __future__ import annotations

import datetime
import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gridsim.errors import DefinitionError
from gridsim.profiles.conversion import SolarPlant, WindPark, solar_power_pu, wind_power_pu
from gridsim.profiles.sets.weather import make_weather, write_weather
from gridsim.profiles.sets.weather_plan import read_weather_plan
from gridsim.profiles.sets.write import Column, ProfileTable, write_set
from gridsim.profiles.synthesis import find_climate, synthesise
from gridsim.profiles.time_axis import TimeAxis

DAY = TimeAxis(datetime.datetime(2030, 1, 1), 24)


def table(file: str, **series: float) -> ProfileTable:
    values = pd.DataFrame({name: np.full(24, value) for name, value in series.items()})
    return ProfileTable(file, values, {name: Column("flat", of="peak") for name in series}, "made up", "MIT")


# ---- writing


def test_tables_of_one_set_stand_beside_each_other(tmp_path: Path):
    write_set(tmp_path, "Both", DAY, [table("weather.csv", wind=0.5)])
    write_set(tmp_path, "Later", DAY, [table("loads.csv", mill=1 / 3)])
    text = (tmp_path / "profiles.yaml").read_text(encoding="utf-8")
    assert "title: Both" in text
    for file in ("weather.csv", "loads.csv"):
        assert hashlib.sha256((tmp_path / file).read_bytes()).hexdigest() in text
    assert (tmp_path / "loads.csv").read_text().splitlines()[:2] == ["time,mill", "2030-01-01 00:00,0.333333"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["loads.csv", "profiles.yaml", "weather.csv"]


def test_a_table_is_renewed_under_its_own_name(tmp_path: Path):
    write_set(tmp_path, "First", DAY, [table("weather.csv", wind=0.5)])
    write_set(tmp_path, "Second", TimeAxis(datetime.datetime(2031, 1, 1), 24), [table("weather.csv", wind=0.25)])
    text = (tmp_path / "profiles.yaml").read_text(encoding="utf-8")
    assert "title: Second" in text
    assert "year: 2031" in text


def test_another_time_and_a_name_twice_are_refused_together(tmp_path: Path):
    write_set(tmp_path, "First", DAY, [table("weather.csv", wind=0.5)])
    before = (tmp_path / "profiles.yaml").read_bytes()
    with pytest.raises(DefinitionError) as caught:
        write_set(tmp_path, "Second", TimeAxis(datetime.datetime(2031, 1, 1), 24), [table("loads.csv", wind=0.25)])
    assert len(caught.value.problems) == 2
    assert "year 2030" in str(caught.value)
    assert "would be a column of loads.csv too" in str(caught.value)
    assert (tmp_path / "profiles.yaml").read_bytes() == before
    assert not (tmp_path / "loads.csv").exists()


def test_findings_stay_with_their_table(tmp_path: Path):
    """Loads that are added later do not make a weather's faults forgotten; what was in order is not kept."""
    from dataclasses import replace

    from gridsim.profiles.weather.finding import Finding
    from gridsim.report.profile_page import write_profile_page

    noted = (Finding("night_sun", "fault", "the sun shines at midnight"), Finding("units", "ok", "fine"))
    whole = TimeAxis(datetime.datetime(2030, 1, 1), 8760)
    flat = pd.DataFrame({"wind": np.full(8760, 0.5)})
    write_set(tmp_path, "Set", whole, [replace(table("weather.csv", wind=0.5), table=flat, findings=noted)])
    write_set(tmp_path, "Set", whole, [replace(table("loads.csv", mill=0.5), table=flat.rename(columns={"wind": "mill"}))])
    page = write_profile_page(tmp_path).read_text(encoding="utf-8")
    assert "the sun shines at midnight" in page
    assert "fine" not in (tmp_path / "profiles.yaml").read_text(encoding="utf-8")


# ---- definitions

TWO_PLACES = """\
title: Ridge and roof
time: {year: 2030, step_minutes: 60}
seed: 7
places:
  ridge: {climate: wengniute}
  park: {climate: chifeng}
plants:
  wind_ridge: {type: wind, place: ridge, hub_height_m: 120}
  solar_roof: {type: solar, place: park, tilt_deg: 12, basis: ac}
"""


def plan_of(text: str, folder: Path, *overrides: str):
    (folder / "weather.yaml").write_text(text, encoding="utf-8")
    return read_weather_plan(folder / "weather.yaml", overrides)


BROKEN = {
    "misspelt key": ("seed: 7", "sead: 7", "sead", "did you mean 'seed'?", 3),
    "unknown climate": ("climate: wengniute", "climate: wengnute", "places.ridge.climate", "wengniute", 5),
    "two sources": ("{climate: chifeng}", "{climate: chifeng, file: a.csv}", "places.park", "climate and file", 6),
    "no source": ("{climate: chifeng}", "{latitude_deg: 42, longitude_deg: 119}", "places.park", "no source of weather", 6),
    "half a coordinate": ("{climate: chifeng}", "{climate: chifeng, latitude_deg: 42}", "places.park", "no full coordinates", 6),
    "latitude of 91": ("{climate: chifeng}", "{climate: chifeng, latitude_deg: 91, longitude_deg: 0}", "places.park.latitude_deg", "91 is above 90", 6),
    "file missing": ("{climate: chifeng}", "{file: park.epw}", "places.park.file", "'park.epw' does not exist", 6),
    "file is a folder": ("{climate: chifeng}", "{file: .}", "places.park.file", "'.' is a directory", 6),
    "service unknown": ("{climate: chifeng}", "{fetch: pvgys, latitude_deg: 42, longitude_deg: 119}", "places.park.fetch", "pvgis", 6),
    "fetch without coordinates": ("{climate: chifeng}", "{fetch: pvgis}", "places.park", "no full coordinates", 6),
    "place is text": ("{climate: chifeng}", "chifeng", "places.park", "'chifeng' is not a group of keys", 6),
    "no places": ("places:\n  ridge: {climate: wengniute}\n  park: {climate: chifeng}\n", "", "places", "is missing", None),
    "plant of no kind": ("type: wind, ", "", "plants.wind_ridge.type", "is missing", 8),
    "plant of another kind": ("type: wind,", "type: hydro,", "plants.wind_ridge.type", "'hydro' is not a plant", 8),
    "plant nowhere": ("place: ridge", "place: rigde", "plants.wind_ridge.place", "did you mean 'ridge'?", 8),
    "unknown turbine": ("hub_height_m: 120", "turbine: nonsense", "plants.wind_ridge.turbine", "not in the library", 8),
    "field of the other kind": ("hub_height_m: 120", "tilt_deg: 40", "plants.wind_ridge.tilt_deg", "is not a key here", 8),
    "hub below ground": ("hub_height_m: 120", "hub_height_m: -120", "plants.wind_ridge.hub_height_m", "-120", 8),
    "basis": ("basis: ac", "basis: peak", "plants.solar_roof.basis", "dc (of module capacity)", 9),
    "curve without rotor": ("hub_height_m: 120", "hub_height_m: 120, power_curve_file: c.csv", "plants.wind_ridge.rotor_diameter_m", "is missing", 8),
    "name with a blank": ("wind_ridge:", "wind ridge:", "plants.wind ridge", "cannot name a column", 8),
    "unknown zone": ("step_minutes: 60", "time_zone: Asia/Chifeng", "time.time_zone", "not a time zone", 2),
    "odd step": ("step_minutes: 60", "step_minutes: 7", "time.step_minutes", "15 or 30 or 60", 2),
    "seed below zero": ("seed: 7", "seed: -7", "seed", "-7 is below 0", 3),
}


@pytest.mark.parametrize(("old", "new", "where", "words", "line"), BROKEN.values(), ids=BROKEN)
def test_broken_definitions_are_told_with_their_line(tmp_path: Path, old: str, new: str, where: str, words: str, line: int | None):
    assert TWO_PLACES.count(old) == 1
    with pytest.raises(DefinitionError) as caught:
        plan_of(TWO_PLACES.replace(old, new), tmp_path)
    problem = next(problem for problem in caught.value.problems if problem.where == where)
    assert words in f"{problem.found} {problem.remedy}"
    assert problem.file.endswith("weather.yaml")
    assert line is None or problem.line == line


def test_all_problems_come_at_once(tmp_path: Path):
    with pytest.raises(DefinitionError) as caught:
        plan_of(TWO_PLACES.replace("wengniute", "nowhere").replace("type: wind", "type: tide").replace("seed: 7", "seed: x"), tmp_path)
    assert {problem.where for problem in caught.value.problems} == {"places.ridge.climate", "plants.wind_ridge.type", "seed"}


def test_several_years_are_for_drawn_weather_only(tmp_path: Path):
    (tmp_path / "a.csv").write_text("x")
    with pytest.raises(DefinitionError, match="weather of 'park' is not drawn"):
        plan_of(TWO_PLACES.replace("{climate: chifeng}", "{file: a.csv}"), tmp_path, "years=3")


def test_step_of_half_an_hour_is_told_before_anything_is_drawn(tmp_path: Path):
    with pytest.raises(DefinitionError, match="60 or 15"):
        make_weather(plan_of(TWO_PLACES, tmp_path, "time.step_minutes=30"))


# ---- what comes of them


def test_power_is_what_the_plants_make_of_the_drawn_weather(tmp_path: Path):
    """The set adds nothing of its own: the same climates, seed and plants give the same numbers, wind per rated power, sun per AC capacity."""
    plan = plan_of(TWO_PLACES, tmp_path)
    (made,) = make_weather(plan)
    weathers = synthesise({"ridge": find_climate("wengniute"), "park": find_climate("chifeng")}, seed=7, year=2030)
    np.testing.assert_array_equal(made.powers["wind_ridge"], wind_power_pu(weathers["ridge"][0], WindPark(hub_height_m=120.0)))
    np.testing.assert_array_equal(made.powers["solar_roof"], solar_power_pu(weathers["park"][0], SolarPlant(tilt_deg=12.0), "ac"))
    write_weather(plan, made, tmp_path / "set")
    written = pd.read_csv(tmp_path / "set" / "weather.csv", index_col=0)
    assert list(written.columns[:2]) == ["wind_ridge", "solar_roof"]
    assert {"ridge_wind_speed_m_per_s", "park_temperature_degc"} <= set(written.columns)
    np.testing.assert_allclose(written["wind_ridge"], made.powers["wind_ridge"], rtol=5e-6)
    assert "AC capacity" in (tmp_path / "set" / "profiles.yaml").read_text(encoding="utf-8")


def test_solar_series_are_per_module_capacity_unless_asked_otherwise(tmp_path: Path):
    """With 1.2 MW of modules behind each MW of inverters, a series per DC capacity is the AC series over 1.2."""
    one, other = (make_weather(plan_of(TWO_PLACES.replace("ac}", basis), tmp_path))[0].powers["solar_roof"] for basis in ("dc}", "ac}"))
    np.testing.assert_allclose(1.2 * one, other, rtol=1e-12)


def test_short_sources(tmp_path: Path):
    """A place's name, a file, coordinates: each is a definition of one place with a wind park and a solar plant."""
    assert read_weather_plan("赤峰").places["site"].climate == "赤峰"
    place = read_weather_plan("42.9, 119.0, 640", fetch="nasa_power").places["site"]
    assert (place.fetch, place.latitude_deg, place.longitude_deg, place.altitude_m) == ("nasa_power", 42.9, 119.0, 640.0)
    file = tmp_path / "site.csv"
    file.write_text("time,ghi\n")
    assert read_weather_plan(str(file)).places["site"].file == str(file)
    assert list(read_weather_plan("chifeng").plants) == ["wind", "solar"]
    assert read_weather_plan("chifeng", ["plants.wind.hub_height_m=130"]).plants["wind"].park.hub_m == 130.0


def test_places_of_different_steps_do_not_share_a_set(tmp_path: Path):
    stamps = pd.date_range("2030-01-01", "2030-12-31 23:45", freq="15min")
    pd.DataFrame({"ghi_w_per_m2": 0.0, "temperature_degc": 5.0}, index=stamps).to_csv(tmp_path / "quarter.csv", index_label="time")
    text = TWO_PLACES.replace("{climate: chifeng}", "{file: quarter.csv, latitude_deg: 42.3, longitude_deg: 119.0, altitude_m: 570}")
    with pytest.raises(DefinitionError, match=r"has steps of 15 minutes, the set has 60"):
        make_weather(plan_of(text, tmp_path))


def test_a_climate_is_taken_from_a_file(tmp_path: Path):
    """Ten typical months of sun: the year drawn from the climate of a drawn year has that year's irradiation."""
    drawn = synthesise({"a": find_climate("chifeng")}, seed=3, year=2029)["a"][0].table
    named = drawn.rename(columns={"wind_speed_m_per_s": "wind speed 100m [m/s]"}).tz_localize(None)
    named.to_csv(tmp_path / "measured.csv", index_label="time")
    text = TWO_PLACES.replace("{climate: chifeng}", "{climate_of: measured.csv, latitude_deg: 42.27, longitude_deg: 118.96, altitude_m: 570}")
    (made,) = make_weather(plan_of(text, tmp_path))
    monthly = [table["ghi_w_per_m2"].groupby(table.index.month).sum().to_numpy() for table in (drawn, made.weathers["park"].table)]
    np.testing.assert_allclose(monthly[1], monthly[0], rtol=0.01)
