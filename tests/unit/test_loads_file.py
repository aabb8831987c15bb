"""loads.yaml: every problem at once with its line, loads by kind and by meter."""

import os
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("holidays")

import pandas as pd

from gridsim.errors import DefinitionError
from gridsim.profiles.loads.file import read_load_requests

CASE_DATA = Path(os.environ.get("GRIDSIM_CASE_DATA", Path(__file__).parents[3] / "shared" / "data"))


def written(folder, text):
    path = folder / "loads.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def problems_of(folder, text):
    with pytest.raises(DefinitionError) as caught:
        read_load_requests(written(folder, text)).make()
    return caught.value.problems


GOOD = """\
title: A melt shop and its offices
time: {year: 2028, step_minutes: 15, time_zone: Asia/Shanghai}
loads:
  melt_shop: {kind: electric_arc_furnace, annual_energy_mwh: 300000, furnaces: 3}
  works:
    kind: workshop
    peak_mw: 6
    shifts: 2
    maintenance: [{first_day: "02-10", days: 7}]
"""


def test_a_good_file_is_made(tmp_path):
    plan = read_load_requests(written(tmp_path, GOOD))
    loads = plan.make()
    assert plan.title.startswith("A melt shop")
    assert plan.time.steps == 35136  # a leap year of quarter hours
    assert loads["melt_shop"].energy_mwh == pytest.approx(300000.0, rel=1e-12)
    assert loads["works"].active_mw.max() == pytest.approx(6.0, rel=1e-12)


def test_all_problems_are_listed_with_their_lines(tmp_path):
    problems = problems_of(
        tmp_path,
        """\
time: {year: 2030, step_minutes: 10, time_zone: Asia/Shanghia}
temprature: weather.csv#temperature_degc
loads:
  mill: {kind: steel_mil, annual_energy_mwh: 10}
  offices: {kind: office, annual_energy_kwh: 5000}
  works:
    kind: workshop
    annual_energy_mwh: 10
    peak_mw: 1
    load_factor: 0.5
    furnaces: 2
    maintenance: [{first_day: "13-40", days: 0}]
  town: 12
  meter: {file: missing.csv}
""",
    )
    found = {(problem.where, problem.line): str(problem) for problem in problems}
    assert found.keys() == {
        ("time.step_minutes", 1),
        ("time.time_zone", 1),
        ("temprature", 2),
        ("loads.mill.kind", 4),
        ("loads.offices.annual_energy_kwh", 5),
        ("loads.works.maintenance.0.first_day", 12),
        ("loads.works.maintenance.0.days", 12),
        ("loads.town", 13),
        ("loads.meter.file", 14),
    }
    assert "did you mean 'steel_mill'?" in found["loads.mill.kind", 4]
    assert "annual_energy_mwh: 5" in found["loads.offices.annual_energy_kwh", 5]
    assert "Asia/Shanghai" in found["time.time_zone", 1]
    assert all(problem.file.endswith("loads.yaml") and problem.remedy for problem in problems)


def test_contradictions_within_a_load_are_listed_too(tmp_path):
    text = "time: {year: 2030}\nloads:\n  a: {kind: zinc, load_factor: 0.9}\n  b: {kind: zinc, peak_mw: 1, tap_to_tap_minutes: 50}\n"
    assert [(problem.where, problem.line) for problem in problems_of(tmp_path, text)] == [
        ("loads.a.annual_energy_mwh", 3),
        ("loads.b.tap_to_tap_minutes", 4),
    ]


def test_what_only_the_making_shows_has_its_line(tmp_path):
    text = """\
time: {year: 2030}
loads:
  small: {kind: zinc, annual_energy_mwh: 8760, peak_mw: 0.9}
  one_shift:
    kind: workshop
    peak_mw: 1
    shifts: 1
    load_factor: 0.9
  town: {kind: space_heat, annual_energy_mwh: 100}
"""
    problems = problems_of(tmp_path, text)
    assert [(problem.where, problem.line) for problem in problems] == [("loads.small.peak_mw", 3), ("loads.one_shift.load_factor", 8), ("loads.town", 9)]


@pytest.mark.parametrize("text", ["", "loads: 3\n", "time: {year: 2030}\nloads: {}\n", "- 1\n", "time: {year: 1850}\nloads: {a: }\n", "loads: {a: {kind: }}"])
def test_broken_files_are_definition_errors(tmp_path, text):
    assert problems_of(tmp_path, text)


def test_a_missing_file_is_a_definition_error(tmp_path):
    with pytest.raises(DefinitionError, match="does not exist"):
        read_load_requests(tmp_path / "loads.yaml")


def test_the_air_temperature_comes_from_a_column(tmp_path):
    stamps = pd.date_range("2030-01-01", periods=8760, freq="h")
    pd.DataFrame({"time": stamps.strftime("%Y-%m-%d %H:%M"), "air": 3.0}).to_csv(tmp_path / "weather.csv", index=False, lineterminator="\n")
    text = "time: {year: 2030}\ntemperature: weather.csv#air\nloads:\n  town: {kind: space_heat, annual_energy_mwh: 100}\n"
    plan = read_load_requests(written(tmp_path, text))
    assert plan.make()["town"].heat_mw_th.max() == pytest.approx(100.0 / (183 * 24))  # flat in a season of 183 days
    problems = problems_of(tmp_path, text.replace("#air", "#aire"))
    assert problems[0].file.endswith("weather.csv")
    assert "did you mean 'air'" in problems[0].remedy


# --- metered loads


def metered_file(folder, first="2019-01-01", last="2020-01-01", step_minutes=30):
    """1 MW at night and 3 MW from 06 to 18 h; half as much Mvar; stamps start their intervals."""
    index = pd.date_range(first, last, freq=f"{step_minutes}min", inclusive="left")
    energy = np.where((index.hour >= 6) & (index.hour < 18), 3000.0, 1000.0) * step_minutes / 60
    table = pd.DataFrame({"interval start": index.strftime("%Y-%m-%d %H:%M"), "energy_kwh": energy, "lagging_kvarh": energy / 2})
    table.to_csv(folder / "metered.csv", index=False, lineterminator="\n")


def metered_load(folder, keys="", time="{year: 2028, step_minutes: 15}"):
    text = f"time: {time}\nloads:\n  mill: {{file: metered.csv, interval: start{keys}}}\n"
    return read_load_requests(written(folder, text)).make()["mill"]


def test_a_metered_load_keeps_its_shape(tmp_path):
    """Proves: 2 MW on average over 366 days, 29 February repeats the 28th, half hours are held; Q is half of P."""
    metered_file(tmp_path)
    load = metered_load(tmp_path)
    assert load.energy_mwh == pytest.approx(2.0 * 8784)
    assert load.active_mw.reshape(366, 96)[59, [0, 24, 71, 72]] == pytest.approx([1.0, 3.0, 3.0, 1.0])
    assert load.reactive_mvar == pytest.approx(load.active_mw / 2)
    assert any("2019 is used for 2028" in note for note in load.notes)


def test_a_leap_day_of_the_meter_is_left_out_and_ten_minutes_become_quarters(tmp_path):
    metered_file(tmp_path, "2020-01-01", "2021-01-01", step_minutes=10)
    load = metered_load(tmp_path, time="{year: 2030, step_minutes: 15}")
    assert load.energy_mwh == pytest.approx(2.0 * 8760)


def test_a_metered_load_takes_another_size(tmp_path):
    """Proves: 35040 MWh in 8760 h are twice the metered 2 MW; reactive power grows with it, or follows a stated power factor."""
    metered_file(tmp_path, step_minutes=60)
    load = metered_load(tmp_path, ", annual_energy_mwh: 35040", "{year: 2030}")
    assert load.energy_mwh == pytest.approx(35040.0, rel=1e-12)
    assert load.active_mw.max() == pytest.approx(6.0)
    assert load.reactive_mvar.max() == pytest.approx(3.0)
    load = metered_load(tmp_path, ", peak_mw: 30, power_factor: 0.8", "{year: 2030}")
    assert load.active_mw.max() == pytest.approx(30.0)
    assert load.reactive_mvar == pytest.approx(0.75 * load.active_mw)
    load = metered_load(tmp_path, ", column: energy_kwh", "{year: 2030}")
    assert load.reactive_mvar is None
    assert any("reactive power is not known" in note for note in load.notes)


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        (", column: energy_kw", "there is no column 'energy_kw'"),
        (", column: energy_kwh, reactive_column: q", "there is no column 'q'"),
        (", reactive_column: lagging_kvarh", "is given without column"),
        (", annual_energy_mwh: 1, peak_mw: 1", "is given together with annual_energy_mwh"),
    ],
)
def test_a_metered_load_says_what_is_wrong(tmp_path, keys, words):
    metered_file(tmp_path, step_minutes=60)
    with pytest.raises(DefinitionError, match=words):
        metered_load(tmp_path, keys)


def test_half_a_year_of_readings_is_refused(tmp_path):
    metered_file(tmp_path, last="2019-07-01", step_minutes=60)
    with pytest.raises(DefinitionError):
        metered_load(tmp_path)


def test_the_steel_plant_comes_in_without_code(tmp_path):
    """The Korean works of 2018: 959.6 MWh with 35040 readings that end their quarter hours, scaled to 90 GWh with its reactive energy."""
    file = CASE_DATA / "steel_plant_load_15min.csv"
    if not file.is_file():
        pytest.skip(f"{file} is not there; set GRIDSIM_CASE_DATA")
    text = f"time: {{year: 2030, step_minutes: 15}}\nloads:\n  mill: {{file: '{file.resolve()}', annual_energy_mwh: 90000}}\n"
    load = read_load_requests(written(tmp_path, text)).make()["mill"]
    metered = pd.read_csv(file)
    net = (metered["lagging_kvarh"] - metered["leading_kvarh"]).sum()
    assert load.energy_mwh == pytest.approx(90000.0, rel=1e-12)
    assert load.reactive_mvar.sum() / load.active_mw.sum() == pytest.approx(net / metered["energy_kwh"].sum(), rel=1e-6)
