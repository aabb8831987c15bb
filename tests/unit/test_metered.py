# ruff: noqa: E501  one line a case
"""Metered plant series: energy becomes mean power, ends become starts, lagging is positive; faults of logs are told."""

import os
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gridsim.errors import DefinitionError
from gridsim.profiles.metered import read_metered
from gridsim.profiles.metered_columns import meaning

CASE_DATA = Path(os.environ.get("GRIDSIM_CASE_DATA", Path(__file__).parents[2] / "../shared/data"))


def case(name):
    path = CASE_DATA / name
    if not path.exists():
        pytest.skip(f"no {path}")
    return path


def told(metered, check):
    return [finding for finding in metered.findings if finding.check == check]


def quarter_hours(path, rows=96, header="timestamp,energy_kwh,lagging_kvarh,leading_kvarh", line="{stamp},25,10,4", first="2021-06-21 00:15", **changes):
    stamps = pd.date_range(first, periods=rows, freq="15min")
    lines = [line.format(stamp=f"{stamp:%Y-%m-%d %H:%M}") for stamp in stamps]
    for row, text in changes.items():
        lines[int(row[3:])] = text.format(stamp=f"{stamps[int(row[3:])]:%Y-%m-%d %H:%M}")
    path.write_text(header + "\n" + "\n".join(lines) + "\n")
    return path


def test_the_steel_plant():
    """Proves: 3.17 kWh in the quarter hour that ends at 00:15 are 12.68 kW from 00:00; 2.95 kvarh lagging are 11.8 kvar; the year keeps its energy.

    Breaks as: 3.17 kW if energy is taken for power; a hole each midnight, as the log writes 00:00 under the date of the day that it ends.
    """
    path = case("steel_plant_load_15min.csv")
    plain = pd.read_csv(path)
    began = time.perf_counter()
    metered = read_metered(path, time_zone="Asia/Seoul")
    seconds = time.perf_counter() - began
    table = metered.table
    assert len(table) == 35040 and metered.step_minutes == 15
    assert (str(table.index[0]), str(table.index[-1])) == ("2018-01-01 00:00:00+09:00", "2018-12-31 23:45:00+09:00")
    assert table["power_mw"].iloc[0] == pytest.approx(0.01268) and table["reactive_power_mvar"].iloc[0] == pytest.approx(0.0118)
    assert table["power_mw"].sum() / 4 == pytest.approx(plain["energy_kwh"].sum() / 1000)
    assert table["reactive_power_mvar"].sum() / 4 == pytest.approx((plain["lagging_kvarh"] - plain["leading_kvarh"]).sum() / 1000)
    assert table["power_mw"].iloc[95] == pytest.approx(3.42 * 4 / 1000)  # the file's 2018-01-01 00:00
    assert told(metered, "midnight")[0].count == 365 and not told(metered, "gaps") and "end of the interval" in told(metered, "interval")[0].found
    assert told(metered, "power_factor")[0].severity == "note"
    assert seconds < 5.0  # measured 0.3 s once pandas is loaded; the bound is for a busy machine


def test_hour_ending_in_the_header():
    metered = read_metered(case("dervet_bill_reduction_hourly.csv"), time_zone="America/Los_Angeles")
    assert list(metered.table) == ["critical_load_mw", "site_load_mw", "pv_gen_pu"] and len(metered.table) == 8760
    assert str(metered.table.index[0]) == "2017-01-01 00:00:00-08:00" and metered.table["site_load_mw"].iloc[0] == pytest.approx(5.1892634)
    assert "month first" in told(metered, "dates")[0].found.replace("the month", "month")


def test_numbered_hours_and_per_unit_columns():
    metered = read_metered(case("north_thuan_hourly.csv"), time_zone="Asia/Ho_Chi_Minh", year=2019)
    assert list(metered.table) == ["load_mw", "pv_pu", "wind_pu"] and str(metered.table.index[0]) == "2019-01-01 00:00:00+07:00"
    assert metered.table["load_mw"].iloc[0] == pytest.approx(16.045968) and metered.table["wind_pu"].iloc[0] == pytest.approx(0.4250888)
    assert told(metered, "spikes")[0].first == "2019-07-15 14:00"


@pytest.mark.parametrize(
    ("text", "result", "scale", "energy", "sign"),
    [
        ("energy_kwh", "power_mw", 1e-3, True, 1),
        ("Usage_kWh", "power_mw", 1e-3, True, 1),
        ("Lagging_Current_Reactive.Power_kVarh", "reactive_power_mvar", 1e-3, True, 1),
        ("Leading_Current_Reactive_Power_kVarh", "reactive_power_mvar", 1e-3, True, -1),
        ("Furnace 2 [MW]", "furnace_2_mw", 1.0, False, 1),
        ("有功电量(kWh)", "power_mw", 1e-3, True, 1),
        ("有功功率(万千瓦)", "power_mw", 10.0, False, 1),
        ("感性无功电量 kvarh", "reactive_power_mvar", 1e-3, True, 1),
        ("pv_kwh_per_kw", "pv_pu", 1.0, False, 1),
        ("PV Gen (kW/rated kW)/4028a405", "pv_gen_pu", 1.0, False, 1),
        ("wind_pu", "wind_pu", 1.0, False, 1),
    ],
)
def test_headers(text, result, scale, energy, sign):
    found = meaning(text)
    assert (found.result, found.energy, found.sign) == (result, energy, sign) and found.scale == pytest.approx(scale)


def test_headers_without_energy_or_power():
    assert [meaning(text) for text in ("Lagging_Current_Power_Factor", "CO2(tCO2)", "WeekStatus", "price_eur_per_mwh_x")] == [None] * 4


def test_energy_and_reactive_energy(tmp_path):
    """Proves: 25 kWh in 15 min are 0.1 MW, 10 − 4 kvarh are 0.024 Mvar. Power factor 25/|(25, 6)| = 0.972."""
    metered = read_metered(quarter_hours(tmp_path / "log.csv"))
    assert metered.table["power_mw"].to_numpy() == pytest.approx(0.1) and metered.table["reactive_power_mvar"].to_numpy() == pytest.approx(0.024)
    assert str(metered.table.index[0]) == "2021-06-21 00:00:00+08:00"
    assert "0.972" in told(metered, "power_factor")[0].found and told(metered, "power_factor")[0].severity == "ok"
    assert told(metered, "frozen")[0].count == 96


def test_named_columns_and_units(tmp_path):
    path = quarter_hours(tmp_path / "log.csv", header="timestamp,a,b,c")
    metered = read_metered(path, columns={"furnace_mw": "a", "furnace_mvar": "b"}, units={"furnace_mw": "kWh", "furnace_mvar": "kvar"}, interval="start")
    assert metered.table["furnace_mw"].iloc[0] == pytest.approx(0.1) and metered.table["furnace_mvar"].iloc[0] == pytest.approx(0.01)
    assert str(metered.table.index[0]) == "2021-06-21 00:15:00+08:00"


def test_two_columns_of_one_name_stay_apart(tmp_path):
    metered = read_metered(quarter_hours(tmp_path / "log.csv", header="timestamp,power_kw,energy_kwh,x_kw"))
    assert list(metered.table) == ["power_mw", "power_2_mw", "x_mw"]


def test_day_first_dates(tmp_path):
    path = tmp_path / "log.csv"
    stamps = pd.date_range("2021-01-01", periods=24 * 40, freq="h")
    path.write_text("date,load_kw\n" + "".join(f"{stamp:%d/%m/%Y %H:%M},{n}\n" for n, stamp in enumerate(stamps)))
    metered = read_metered(path)
    assert "day first" in told(metered, "dates")[0].found and metered.table["load_mw"].to_numpy() == pytest.approx(np.arange(960) / 1000)


def test_excel(tmp_path):
    pytest.importorskip("openpyxl")
    path = tmp_path / "log.xlsx"
    stamps = pd.date_range("2021-06-21 00:15", periods=96, freq="15min")
    pd.DataFrame({"时间": stamps, "有功电量(kWh)": 25.0, "备注": "ok"}).to_excel(path, index=False)
    metered = read_metered(path)
    assert metered.table["power_mw"].to_numpy() == pytest.approx(0.1) and metered.table.index[0].hour == 0


def test_gaps_duplicates_and_quality(tmp_path):
    """Proves: an empty cell between 25 and 25 kWh is filled with 25; a repeated row is dropped; a counter's jump, a negative value and a day of zeros are told."""
    rng = np.random.default_rng(1)
    kwh = rng.uniform(20, 30, 96 * 12).round(3)
    kwh[300:420] = 0.0
    kwh[500], kwh[600] = 900.0, -5.0
    stamps = pd.date_range("2021-06-21", periods=len(kwh), freq="15min")
    lines = [f"{stamp:%Y-%m-%d %H:%M},{value}" for stamp, value in zip(stamps, kwh, strict=True)]
    lines[10] = f"{stamps[10]:%Y-%m-%d %H:%M},"
    path = tmp_path / "log.csv"
    path.write_text("time,energy_kwh\n" + "\n".join([*lines[:50], lines[49], *lines[50:]]) + "\n")
    metered = read_metered(path, interval="start")
    assert metered.table["power_mw"].iloc[10] == pytest.approx((kwh[9] + kwh[11]) / 2 * 4 / 1000)
    assert {check: told(metered, check)[0].count for check in ("gaps", "duplicates", "spikes", "negative", "zero_run")} == {
        "gaps": 1,
        "duplicates": 1,
        "spikes": 1,
        "negative": 1,
        "zero_run": 120,
    }
    assert told(metered, "zero_run")[0].first == "2021-06-24 03:00" and len(metered.table) == len(kwh)


def test_daylight_saving_of_a_meter(tmp_path):
    aware = pd.date_range("2021-01-01", "2021-12-31 23:45", freq="15min", tz="+01:00")
    path = tmp_path / "dst.csv"
    pd.DataFrame({"time": aware.tz_convert("Europe/Berlin").strftime("%Y-%m-%d %H:%M"), "load_kw": np.arange(len(aware))}).to_csv(path, index=False)
    metered = read_metered(path, time_zone="Europe/Berlin", interval="start")
    assert metered.table["load_mw"].to_numpy() == pytest.approx(np.arange(len(aware)) / 1000) and told(metered, "daylight_saving")
    with pytest.raises(DefinitionError, match="stamps follow daylight saving"):
        read_metered(path, time_zone="Asia/Shanghai", interval="start")


BROKEN = {
    "no unit": ("time,load\n2021-01-01 00:00,1\n2021-01-01 01:00,2\n", {}, "no column has a unit of energy or power"),
    "no time": ("load_kw,other\n1,2\n2,3\n", {}, "there is no column of times"),
    "a word": ("time,load_kw\n2021-01-01 00:00,1\n2021-01-01 01:00,off\n", {}, "holds 'off'"),
    "long gap": ("time,load_kw\n" + "".join(f"2021-01-{day:02d} {hour:02d}:00,1\n" for day in (1, 2, 5) for hour in range(24)), {}, "48 h are missing"),
    "unknown column": ("time,load_kw\n2021-01-01 00:00,1\n2021-01-01 01:00,2\n", {"columns": {"power_mw": "lod"}}, "there is no column 'lod'"),
    "wrong result": ("time,load_kw\n2021-01-01 00:00,1\n2021-01-01 01:00,2\n", {"columns": {"power": "load_kw"}}, "has no unit at its end"),
    "wrong kind": ("time,load_kw\n2021-01-01 00:00,1\n2021-01-01 01:00,2\n", {"columns": {"q_mvar": "load_kw"}}, "is mw, not mvar"),
    "no unit named": ("time,load\n2021-01-01 00:00,1\n2021-01-01 01:00,2\n", {"columns": {"power_mw": "load"}}, "has no unit in its header"),
    "unknown unit": (
        "time,load\n2021-01-01 00:00,1\n2021-01-01 01:00,2\n",
        {"columns": {"power_mw": "load"}, "units": {"power_mw": "horses"}},
        "'horses' is not a unit",
    ),
    "unit of nothing": ("time,load_kw\n2021-01-01 00:00,1\n2021-01-01 01:00,2\n", {"units": {"power_mw": "kW"}}, "is not among the columns"),
    "odd step": ("time,load_kw\n2021-01-01 00:00,1\n2021-01-01 00:07,2\n2021-01-01 00:14,2\n", {}, "7 minutes apart"),
    "zone": ("time,load_kw\n2021-01-01 00:00,1\n2021-01-01 01:00,2\n", {"time_zone": "Atlantis"}, "'Atlantis' is not a time zone"),
    "part of a year": ("time,load_kw\n2021-01-01 00:00,1\n2021-01-01 01:00,2\n", {"whole_years": True}, "a whole year has 8760"),
    "empty": ("", {}, "is empty"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_logs_are_told(tmp_path, name):
    text, options, words = BROKEN[name]
    path = tmp_path / "log.csv"
    path.write_text(text)
    with pytest.raises(DefinitionError) as caught:
        read_metered(path, **options)
    assert words in str(caught.value)
