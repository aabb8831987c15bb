"""Broken weather files: each mistake is told with file and line, all of them at once, and nothing is made up in silence."""

import os
from pathlib import Path

import pytest

pytest.importorskip("pvlib")

import pandas as pd
from data_weather.years import CHIFENG, DRESDEN, as_csv, sunny_year

from gridsim.errors import DefinitionError
from gridsim.profiles.weather.importers import read_weather

DAY = Path(__file__).parent / "data_weather"


@pytest.fixture(scope="module")
def year():
    return sunny_year()


def told(imported, check):
    return [finding for finding in imported.findings if finding.check == check]


def problems_of(path, **options):
    with pytest.raises(DefinitionError) as caught:
        read_weather(path, **{"site": CHIFENG, "time_zone": "+08:00"} | options)
    return caught.value.problems


GOOD = "time,GHI [W/m2],temperature [degC]\n" + "".join(f"2021-06-21 {hour:02d}:00,{10 * hour},{hour}\n" for hour in range(24))

BROKEN = {
    "not there": (None, "does not exist"),
    "directory": ("DIRECTORY", "is a directory"),
    "empty": (b"", "is empty"),
    "only blanks": (b" \n \n", "is empty"),
    "binary junk": (bytes(range(256)) * 20, "is not text"),
    "zip junk": (b"PK\x03\x04" + bytes(200), "is not a workbook"),
    "netcdf junk": (b"\x89HDF\r\n\x1a\n" + bytes(200), "cannot be read as NetCDF"),
    "wrong columns": ("time,price,volume\n2021-06-21 00:00,1,2\n2021-06-21 01:00,1,2\n", "no column is known as a quantity of weather: time, price, volume"),
    "no times": ("GHI [W/m2],temperature [degC]\n1,2\n2,3\n", "there is no column of times"),
    "header only": ("time,GHI [W/m2]\n", "holds no rows"),
    "a word": (GOOD.replace(",120,12", ",sunny,12"), "holds 'sunny'"),
    "infinite": (GOOD.replace(",120,12", ",inf,12"), "holds 'inf'"),
    "a broken time": (GOOD.replace("2021-06-21 05:00", "yesterday"), "'yesterday' is not a time"),
    "a short row": (GOOD.replace("2021-06-21 05:00,50,5", "2021-06-21 05:00,50"), "has 2 cells, the header has 3"),
    "decimal commas between commas": (GOOD.replace(",120,12", ",120,5,12"), "has 4 cells, the header has 3"),
    "only nan": ("time,GHI [W/m2]\n" + "".join(f"2021-06-21 {hour:02d}:00,nan\n" for hour in range(24)), "holds no number"),
    "negative": (GOOD.replace(",120,12", ",-120,12"), "is as low as -120 W/m2"),
    "two days apart": ("time,GHI [W/m2]\n2021-06-01,1\n2021-06-03,1\n2021-06-05,1\n", "most rows are 2880 minutes apart"),
    "one row": ("time,GHI [W/m2]\n2021-06-01 00:00,1\n", "fewer than two different times"),
    "broken JSON": ('{"outputs": {"tmy_hourly": [', "is broken JSON"),
    "cut PVGIS": ("Latitude (decimal degrees): 42\nLongitude (decimal degrees): 119\n", "cut short or edited"),
    "cut typical year": (
        "Latitude (decimal degrees): 42\nLongitude (decimal degrees): 119\nElevation (m): 5\ntime(UTC),T2m\n20050101:0000,1\n",
        "has 1 rows, a typical year has 8760",
    ),
    "cut EPW": ("LOCATION,Nowhere\n", "cut short or edited"),
}
BROKEN["kW/m2"] = (
    "time,GHI,temperature [degC]\n" + "".join(f"2021-06-21 {hour:02d}:00,{hour / 25},{hour}\n" for hour in range(24)),
    "this looks like kW/m2, not W/m2",
)
BROKEN["J/m2"] = (
    "time,GHI,temperature [degC]\n" + "".join(f"2021-06-21 {hour:02d}:00,{hour * 1e5},{hour}\n" for hour in range(24)),
    "this looks like an energy in J/m2",
)
BROKEN["kelvin"] = ("time,temperature\n" + "".join(f"2021-06-21 {hour:02d}:00,{280 + hour}\n" for hour in range(24)), "this looks like K, not degC")


@pytest.mark.parametrize("name", BROKEN)
def test_broken_files_are_told(tmp_path, name):
    content, words = BROKEN[name]
    path = tmp_path / "broken.csv"
    if content == "DIRECTORY":
        path = tmp_path
    elif isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        path.write_text(content)
    problems = problems_of(path, whole_years=False)
    assert any(words in problem.found for problem in problems), [str(problem) for problem in problems]
    assert all(problem.file == os.path.normpath(path) for problem in problems)


def test_lines_are_named(tmp_path):
    path = tmp_path / "broken.csv"
    path.write_text("made by hand\n\n" + GOOD.replace(",120,12", ",sunny,12"))
    assert problems_of(path, whole_years=False)[0].line == 16  # two lines of preamble, the header on line 3, hour 0 on line 4


def test_all_problems_at_once(tmp_path):
    path = tmp_path / "broken.csv"
    path.write_text("time,GHI,temperature [degC]\n" + "".join(f"2021-06-21 {hour:02d}:00,{hour / 25},{'cold' if hour == 3 else hour}\n" for hour in range(24)))
    found = " ".join(
        problem.found for problem in problems_of(path, whole_years=False, columns={"wind_speed_m_per_s": "wind"}, units={"ghi": "W/m2"}, time_zone="Mars")
    )
    assert all(words in found for words in ("'cold'", "kW/m2", "there is no column 'wind'", "is no quantity", "'Mars' is not a time zone"))


def test_missing_february_is_refused(tmp_path, year):
    path = as_csv(tmp_path / "year.csv", year)
    lines = path.read_text().splitlines()
    path.write_text("\n".join(line for line in lines if not line.startswith("2030-02")) + "\n")
    problems = problems_of(path)
    assert len(problems) == 1 and "672 h are missing, 2030-02-01 00:00 to 2030-02-28 23:00" in problems[0].found
    assert "no other year" in problems_of(path, fill="climatology")[0].remedy


@pytest.mark.parametrize("rows", [8000, 100, 8700])
def test_wrong_number_of_rows(tmp_path, year, rows):
    path = as_csv(tmp_path / "year.csv", year)
    path.write_text("\n".join(path.read_text().splitlines()[: rows + 1]) + "\n")
    assert f"has {rows} steps of 60 minutes" in problems_of(path)[0].found
    numbered = tmp_path / "numbered.csv"
    numbered.write_text("hour,temperature [degC]\n" + "".join(f"{n},1\n" for n in range(rows)))
    assert f"numbers {rows} steps" in problems_of(numbered)[0].found


def test_the_last_hours_of_a_year_are_filled(tmp_path, year):
    path = as_csv(tmp_path / "year.csv", year)
    path.write_text("\n".join(path.read_text().splitlines()[:-5]) + "\n")
    imported = read_weather(path, site=CHIFENG, time_zone="+08:00")
    assert len(imported.weather.table) == 8760 and told(imported, "gaps")[0].count == 5
    assert imported.weather.table["ghi_w_per_m2"].iloc[-1] == pytest.approx(imported.weather.table["ghi_w_per_m2"].iloc[-25])


def test_a_csv_without_a_place_or_with_another_one(tmp_path):
    path = tmp_path / "good.csv"
    path.write_text(GOOD)
    assert "neither file nor caller" in problems_of(path, site=None, whole_years=False)[0].found
    far = read_weather(DAY / "day.epw", site=DRESDEN, whole_years=False)
    assert told(far, "distance")[0].severity == "warning" and far.weather.site == DRESDEN


def test_several_years_and_one_of_them(tmp_path):
    stamps = pd.date_range("2019-07-01", "2022-06-30 23:00", freq="h")
    path = tmp_path / "years.csv"
    pd.DataFrame({"time": stamps.strftime("%Y-%m-%d %H:%M"), "temperature [degC]": (stamps.year - 2000).astype(float)}).to_csv(path, index=False)
    imported = read_weather(path, site=CHIFENG, time_zone="+08:00")
    assert str(imported.weather.table.index[0])[:10] == "2020-01-01" and len(imported.weather.table) == 8784 + 8760
    assert told(imported, "coverage")[0].severity == "warning"
    assert set(read_weather(path, site=CHIFENG, time_zone="+08:00", year=2021).weather.table["temperature_degc"]) == {21.0}
    assert "2019 to 2022" in problems_of(path, year=2030)[0].found


def test_values_that_stand_for_missing_ones(tmp_path):
    path = tmp_path / "fill.csv"
    path.write_text(GOOD.replace(",120,12", ",-999,12"))
    assert read_weather(path, site=CHIFENG, time_zone="+08:00", whole_years=False).weather.table["ghi_w_per_m2"].iloc[12] == pytest.approx(120.0)
