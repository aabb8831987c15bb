"""Weather files of every format come in with the same numbers; time is made explicit; each mistake of a file is told."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("pvlib")

import pandas as pd
from data_weather.years import CHIFENG, DRESDEN, as_csv, sunny_year

from gridsim.errors import DefinitionError
from gridsim.profiles.site import Site
from gridsim.profiles.weather.importers import read_weather
from gridsim.profiles.weather.importers.clock import standard_offset, zone_of
from gridsim.profiles.weather.importers.columns import header
from gridsim.profiles.weather.importers.horizontal import beam_w_per_m2
from gridsim.profiles.weather.quality import quality

DAY = Path(__file__).parent / "data_weather"
CASE_DATA = Path(os.environ.get("GRIDSIM_CASE_DATA", Path(__file__).parents[2] / "../shared/data"))
NOON = {8: 300.0, 9: 400.0, 11: 600.0, 12: 600.0, 15: 300.0, 20: 0.0}
"""Irradiance of the made-up day by its local hour: 100 min(h, 23 − h) − 500 W/m2, where that is positive."""


@pytest.fixture(scope="module")
def year():
    return sunny_year()


def told(imported, check):
    return [finding for finding in imported.findings if finding.check == check]


def problems_of(path, **options):
    with pytest.raises(DefinitionError) as caught:
        read_weather(path, **{"site": CHIFENG, "time_zone": "+08:00"} | options)
    return caught.value.problems


# --- formats


@pytest.mark.parametrize(
    ("name", "height_m", "humidity"),
    [
        ("day.epw", 10.0, True),
        ("tmy3_day.csv", 10.0, True),
        ("nsrdb_day.csv", 2.0, True),
        ("chinese_gb18030.csv", 70.0, True),
        ("pvgis_hourly.csv", 10.0, False),
        ("pvgis_hourly.json", 10.0, False),
    ],
)
def test_the_same_day_from_six_formats(name, height_m, humidity):
    """Proves: hour h of 21 June reads 100 min(h, 23−h) − 500 W/m2, h degC, 2 + h/10 m/s, 940 hPa, 40 + h % in every format.

    Breaks as: a neighbour's value if hour-ending, half-hour, UTC or hh:10 stamps are taken wrongly; the missing cells of EPW (9999 at 9 h)
    and TMY3 (−9900 at 3 h) lie on straight lines.
    """
    imported = read_weather(DAY / name, site=CHIFENG if name.startswith("chinese") else None, whole_years=False)
    table = imported.weather.table
    hours = table.index.hour
    assert table.index.tz.utcoffset(None) == pd.Timedelta(hours=8)
    assert len(table) == 24 and imported.weather.wind_height_m == height_m
    assert {hour: table["ghi_w_per_m2"].iloc[list(hours).index(hour)] for hour in NOON} == pytest.approx(NOON)
    assert table["temperature_degc"].to_numpy() == pytest.approx(hours.to_numpy(float))
    assert table["wind_speed_m_per_s"].to_numpy() == pytest.approx(2 + hours.to_numpy() / 10)
    if humidity:
        assert table["pressure_pa"].to_numpy() == pytest.approx(94000.0)
        assert table["relative_humidity"].to_numpy() == pytest.approx((40 + hours.to_numpy()) / 100)
    site = imported.weather.site
    assert (site.latitude_deg, site.longitude_deg, site.altitude_m) == (42.27, 118.96, 570.0)


def test_pvgis_stamps_ten_past_are_explained():
    imported = read_weather(DAY / "pvgis_hourly.csv", whole_years=False)
    assert "10 min into the hour" in told(imported, "interval")[0].found and "20 min early" in told(imported, "interval")[0].found
    assert told(imported, "dni")


def test_a_wrong_suffix_does_no_harm(tmp_path):
    other = tmp_path / "weather.txt"
    other.write_bytes((DAY / "pvgis_hourly.json").read_bytes())
    assert read_weather(other, whole_years=False).weather.origin.startswith("PVGIS hourly")


def pvgis_typical(kind, tmp_path):
    """A typical year in UTC: months of 2005 … 2016, February of a leap year; GHI counts the hours of the year."""
    stamps = pd.date_range("2019-01-01", periods=8760, freq="h")
    years = 2004 + stamps.month + (stamps.month == 2) * 2  # February of 2008
    labels = [f"{year}{stamp:%m%d:%H%M}" for year, stamp in zip(years, stamps, strict=True)]
    count = np.arange(8760)
    if kind == "csv":
        head = "Latitude (decimal degrees): 42.270\r\nLongitude (decimal degrees): 118.960\r\nElevation (m): 570.0\r\nIrradiance Time Offset (h): 0.1761\r\n"
        months = "month,year\r\n" + "".join(f"{month},{2004 + month + 2 * (month == 2)}\r\n" for month in range(1, 13))
        rows = "".join(f"{label},{n % 40},{50},{n / 10},0.0,{n / 10},300.0,3.0,100.0,94000.0\r\n" for label, n in zip(labels, count, strict=True))
        path = tmp_path / "tmy.csv"
        path.write_text(head + months + "time(UTC),T2m,RH,G(h),Gb(n),Gd(h),IR(h),WS10m,WD10m,SP\r\n" + rows + "\r\nT2m: made up\r\n", newline="")
        return path
    hourly = [
        {
            "time(UTC)": label,
            "T2m": float(n % 40),
            "RH": 50.0,
            "G(h)": n / 10,
            "Gb(n)": 0.0,
            "Gd(h)": n / 10,
            "IR(h)": 300.0,
            "WS10m": 3.0,
            "WD10m": 1.0,
            "SP": 94000.0,
        }
        for label, n in zip(labels, count, strict=True)
    ]
    tree = {
        "inputs": {
            "location": {"latitude": 42.27, "longitude": 118.96, "elevation": 570.0, "irradiance time offset": 0.1761},
            "meteo_data": {"radiation_db": "PVGIS-SARAH3"},
        },
        "outputs": {"months_selected": [{"month": month, "year": 2004 + month + 2 * (month == 2)} for month in range(1, 13)], "tmy_hourly": hourly},
        "meta": {"inputs": {}},
    }
    path = tmp_path / "tmy.json"
    path.write_text(json.dumps(tree))
    return path


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_a_typical_year_in_utc_wraps_around(kind, tmp_path):
    """Proves: at UTC+8, local 1 January 00:00 is the file's hour 8752 (31 December 16:00 UTC), local 08:00 its hour 0.

    Breaks as: 0 at local midnight if nothing is shifted; 800 if shifted the wrong way; a hole at 29 February 2008.
    """
    imported = read_weather(pvgis_typical(kind, tmp_path))
    table = imported.weather.table
    assert len(table) == 8760 and str(table.index[0]) == "2030-01-01 00:00:00+08:00"
    assert table["ghi_w_per_m2"].iloc[[0, 7, 8, 8759]].to_list() == pytest.approx([875.2, 875.9, 0.0, 875.1])
    assert told(imported, "wrap")[0].count == 8 and told(imported, "typical_year") and not told(imported, "gaps")
    assert "11 min into the hour" in told(imported, "interval")[0].found
    if kind == "csv":
        leap = read_weather(pvgis_typical(kind, tmp_path), year=2028)
        assert len(leap.weather.table) == 8784 and told(leap, "leap_day") and told(leap, "gaps")[0].count == 24


def era5_file(path, *, land=False, longitudes=(118.75, 119.0)):
    """Two days of a grid whose sun shines 3.6 MJ/m2 in the hour before 05:00 UTC; the site's cell is 6 degC and others 0."""
    xarray = pytest.importorskip("xarray")
    pytest.importorskip("netCDF4")
    times = pd.date_range("2021-06-21", periods=48, freq="h")
    hourly = np.zeros((48, 2, 2))
    hourly[times.hour == 5] = 3.6e6
    if land:
        summed = np.zeros_like(hourly)
        summed[times.hour >= 5] = 3.6e6
        summed[times.hour == 0] = 3.6e6  # midnight holds the whole day before
        summed[0] = 0.0
        hourly = summed * 2  # two of them, beyond what an hour can bring
    kelvin = np.full((48, 2, 2), 273.15)
    kelvin[:, 1, 1] += 6.0
    data = {
        "ssrd": hourly,
        "fdir": hourly / 4,
        "t2m": kelvin,
        "u100": np.full((48, 2, 2), 3.0),
        "v100": np.full((48, 2, 2), -4.0),
        "u10": np.ones((48, 2, 2)),
        "v10": np.ones((48, 2, 2)),
        "sp": np.full((48, 2, 2), 9e4),
        "d2m": kelvin,
    }
    dataset = xarray.Dataset(
        {name: (("valid_time", "latitude", "longitude"), value) for name, value in data.items()},
        coords={"valid_time": times, "latitude": [42.5, 42.25], "longitude": list(longitudes)},
    )
    dataset.to_netcdf(path)
    return path


@pytest.mark.parametrize("longitudes", [(118.75, 119.0), (118.75 - 360, 119.0 - 360)])
def test_era5_means_begin_an_hour_before_their_stamp(tmp_path, longitudes):
    """Proves: 3.6 MJ/m2 stamped 05:00 UTC are 1000 W/m2 from 04:00 UTC, 12:00 at UTC+8; a quarter of it is beam; |(3, −4)| is 5 m/s at 100 m.

    Breaks as: 13:00 local if stamps are taken for starts; 0 degC if the wrong cell is read; saturated air has humidity 1.
    """
    imported = read_weather(era5_file(tmp_path / "era5.nc", longitudes=longitudes), site=CHIFENG, time_zone="Asia/Shanghai", whole_years=False)
    table = imported.weather.table
    noon = table[table.index.hour == 12]
    assert noon["ghi_w_per_m2"].to_list() == pytest.approx([1000.0] * 2) and table["ghi_w_per_m2"].sum() == pytest.approx(2000.0)
    assert noon["dhi_w_per_m2"].to_list() == pytest.approx([750.0] * 2)
    cosine = 0.9446  # of the zenith at 12:30 on 21 June: sin 42.25 sin 23.44 + cos cos cos(hour angle 6 deg)
    assert noon["dni_w_per_m2"].iloc[0] == pytest.approx(250.0 / cosine, rel=0.01)
    assert table["temperature_degc"].iloc[5] == pytest.approx(6.0) and imported.weather.wind_height_m == 100.0
    assert table["wind_speed_m_per_s"].iloc[5] == pytest.approx(5.0) and table["relative_humidity"].iloc[5] == pytest.approx(1.0)
    assert "119 E" in told(imported, "cell")[0].found


def test_radiation_summed_over_the_day_is_taken_apart(tmp_path):
    imported = read_weather(era5_file(tmp_path / "land.nc", land=True), site=CHIFENG, time_zone="Asia/Shanghai", whole_years=False)
    sun = imported.weather.table["ghi_w_per_m2"]
    assert told(imported, "accumulation") and sun[sun.index.hour == 12].to_list() == pytest.approx([2000.0] * 2) and sun.sum() == pytest.approx(4000.0)


def test_atlite_cutout(tmp_path):
    xarray = pytest.importorskip("xarray")
    times = pd.date_range("2021-06-21", periods=24, freq="h")
    one = np.ones((24, 1, 1))
    data = {"influx_direct": 100 * one, "influx_diffuse": 50 * one, "wnd100m": 7 * one, "temperature": 280.15 * one}
    xarray.Dataset(
        {name: (("time", "y", "x"), value) for name, value in data.items()}, coords={"time": times, "y": [42.25], "x": [119.0]}, attrs={"module": "era5"}
    ).to_netcdf(tmp_path / "cutout.nc")
    imported = read_weather(tmp_path / "cutout.nc", whole_years=False)
    row = imported.weather.table.iloc[5]
    assert (
        row["ghi_w_per_m2"] == pytest.approx(150.0)
        and row["dhi_w_per_m2"] == pytest.approx(50.0)
        and row["wind_speed_m_per_s"] == 7.0
        and row["temperature_degc"] == pytest.approx(7.0)
    )
    assert imported.weather.wind_height_m == 100.0 and imported.weather.site.latitude_deg == 42.25


def test_a_grid_without_a_site_or_beyond_it_is_refused(tmp_path):
    path = era5_file(tmp_path / "era5.nc")
    assert "2 x 2 cells" in problems_of(path, site=None)[0].found
    assert "outside" in problems_of(path, site=DRESDEN)[0].found


def test_excel_and_csv_agree(tmp_path, year):
    pytest.importorskip("openpyxl")
    csv = as_csv(tmp_path / "year.csv", year)
    book = tmp_path / "year.xlsx"
    with pd.ExcelWriter(book) as writer:
        pd.DataFrame({"notes": ["nothing here"]}).to_excel(writer, sheet_name="read me", index=False)
        pd.read_csv(csv, parse_dates=["time"]).head(200).to_excel(writer, sheet_name="data", index=False, startrow=3)
    one = read_weather(csv, site=CHIFENG, time_zone="+08:00").weather
    two = read_weather(book, site=CHIFENG, time_zone="+08:00", whole_years=False)
    pd.testing.assert_frame_equal(one.table.head(200), two.weather.table, check_freq=False)
    assert "data" in told(two, "sheet")[0].found
    assert one.table.to_numpy() == pytest.approx(year.table.to_numpy(), rel=1e-3, abs=1e-3)


@pytest.mark.parametrize(
    ("text", "quantity", "scale", "offset", "height_m"),
    [
        ("GHI [W/m2]", "ghi_w_per_m2", 1.0, 0.0, None),
        ("ghi_W_m2", "ghi_w_per_m2", 1.0, 0.0, None),
        ("Global Horizontal Irradiance (kWh/m²)", "ghi_w_per_m2", 3.6e6, 0.0, None),
        ("G(h)", "ghi_w_per_m2", None, None, None),
        ("总辐射 千瓦/平方米", "ghi_w_per_m2", 1000.0, 0.0, None),
        ("temperature_C", "temperature_degc", 1.0, 0.0, None),
        ("T2M (K)", "temperature_degc", 1.0, -273.15, None),
        ("气温", "temperature_degc", None, None, None),
        ("relative_humidity_percent", "relative_humidity", 0.01, 0.0, None),
        ("RHum (%)", "relative_humidity", 0.01, 0.0, None),
        ("wind speed 100m [km/h]", "wind_speed_m_per_s", 1 / 3.6, 0.0, 100.0),
        ("WS50M", "wind_speed_m_per_s", None, None, 50.0),
        ("10m_wind_speed (m/s)", "wind_speed_m_per_s", 1.0, 0.0, 10.0),
        ("90米风速", "wind_speed_m_per_s", None, None, 90.0),
        ("Pressure (mbar)", "pressure_pa", 100.0, 0.0, None),
        ("ghi_w_per_m2", "ghi_w_per_m2", 1.0, 0.0, None),
    ],
)
def test_headers_are_understood(text, quantity, scale, offset, height_m):
    found = header(text)
    assert found.quantity == quantity and found.height_m == height_m
    assert (found.unit.scale, found.unit.offset) == pytest.approx((scale, offset)) if scale else found.unit is None


def test_headers_that_mean_something_else():
    assert [header(text) for text in ("wind_direction", "cloud cover", "temperature_50m", "GHI (K)", "price")] == [None] * 5


def test_the_users_own_columns_and_units(tmp_path):
    """Proves: 0.36 MJ/m2 in a 10-minute step are 600 W/m2; 50 degF are 10 degC; the named wind column is taken, not the highest."""
    path = tmp_path / "own.csv"
    rows = "".join(f"2021-06-21 00:{10 * n:02d},0.36,50,5,8\n" for n in range(6))
    path.write_text("time,einstrahlung,luft,wind speed 10m [m/s],wind speed 80m [m/s]\n" + rows)
    chosen = {"ghi_w_per_m2": "einstrahlung", "temperature_degc": "luft", "wind_speed_m_per_s": "wind speed 10m [m/s]"}
    weather = read_weather(
        path, site=CHIFENG, time_zone="+08:00", columns=chosen, units={"ghi_w_per_m2": "MJ/m2", "temperature_degc": "degF"}, whole_years=False
    ).weather
    assert weather.table.iloc[0].to_list() == pytest.approx([600.0, 10.0, 5.0]) and weather.step_minutes == 10 and weather.wind_height_m == 10.0
    highest = read_weather(path, site=CHIFENG, time_zone="+08:00", whole_years=False)
    assert highest.weather.wind_height_m == 80.0 and any("wind speed 80m" in finding.found for finding in told(highest, "columns"))


def test_the_dresden_file_as_it_is():
    path = CASE_DATA / "dresden_tmy_hourly.csv"
    if not path.exists():
        pytest.skip(f"no {path}")
    imported = read_weather(path, site=DRESDEN, time_zone="Europe/Berlin", stamps_in="UTC", year=2030)
    weather = imported.weather
    assert len(weather.table) == 8760 and set(weather.table) == {
        "ghi_w_per_m2",
        "dni_w_per_m2",
        "dhi_w_per_m2",
        "temperature_degc",
        "wind_speed_m_per_s",
        "relative_humidity",
    }
    assert weather.table["temperature_degc"].iloc[1] == -1.77 and weather.table["relative_humidity"].iloc[1] == pytest.approx(0.8815)
    assert weather.table["ghi_w_per_m2"].sum() / 1000 == pytest.approx(1128.0, abs=0.5) and not told(imported, "gaps")
    # its stamps are UTC, 19 min before the middle of the hour: PVGIS takes its pictures at 11 min past
    noon = quality(weather, imported=imported.findings).of("solar_noon")[0]
    assert "0.3" in noon.found and noon.severity == "warning"
    kept = read_weather(path, site=DRESDEN, time_zone="+01:00")
    assert len(kept.weather.table) == 8784 and told(kept, "gaps")[0].count == 24
    assert "UTC was taken for local time" in quality(kept.weather).of("solar_noon")[0].found


# --- time


def test_zones():
    assert zone_of("+08:00") == zone_of("UTC+8") == pd.Timedelta(hours=8) and zone_of("Mars/Base") is None
    assert standard_offset(zone_of("Europe/Berlin"), 2021) == pd.Timedelta(hours=1)
    assert standard_offset(zone_of("Australia/Sydney"), 2021) == pd.Timedelta(hours=10)


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("2021-06-21 {h:02d}:00", "start"),
        ("2021/6/21 {h}:00", "start"),
        ("21.06.2021 {h:02d}:00", "start"),
        ("6/21/2021 {h}:00", "start"),
        ("2021年6月21日 {h}:00", "start"),
        ("20210621{h:02d}", "start"),
        ("2021-06-21T{h:02d}:00:00+08:00", "start"),
        ("2021-06-21 {h:02d}:30", "middle"),
    ],
)
def test_written_times(tmp_path, written, kind):
    path = tmp_path / "stamps.csv"
    path.write_text("time,temperature [degC]\n" + "".join(f"{written.format(h=hour)},{hour}\n" for hour in range(24)))
    imported = read_weather(path, site=CHIFENG, time_zone="Asia/Shanghai", whole_years=False)
    assert str(imported.weather.table.index[0]) == "2021-06-21 00:00:00+08:00" and imported.weather.table["temperature_degc"].to_list() == list(range(24))
    assert ("middle" in " ".join(finding.found for finding in told(imported, "interval"))) == (kind == "middle")


@pytest.mark.parametrize(
    ("header_line", "rows"),
    [
        ("time", ["2021-06-21 {n:02d}:00"]),
        ("date,time", ["2021-06-21,{n:02d}:00"]),
        ("year,month,day,hour", ["2021,6,21,{n}"]),
    ],
)
def test_hours_1_to_24_end_the_interval(tmp_path, header_line, rows):
    """Proves: the value stamped 01:00 … 24:00 belongs to 00:00 … 23:00. Breaks as: a first label of 01:00."""
    path = tmp_path / "ends.csv"
    path.write_text(f"{header_line},temperature [degC]\n" + "".join(f"{rows[0].format(n=n)},{n}\n" for n in range(1, 25)))
    table = read_weather(path, site=CHIFENG, time_zone="+08:00", whole_years=False).weather.table
    assert str(table.index[0]) == "2021-06-21 00:00:00+08:00" and table["temperature_degc"].iloc[0] == 1.0


def test_header_and_argument_say_the_interval(tmp_path):
    path = tmp_path / "said.csv"
    rows = "".join(f"2021-06-21 {hour:02d}:00,{hour}\n" for hour in range(3, 9))
    path.write_text("Time (hour ending),temperature [degC]\n" + rows)
    assert read_weather(path, site=CHIFENG, time_zone="+08:00", whole_years=False).weather.table.index[0].hour == 2
    assert read_weather(path, site=CHIFENG, time_zone="+08:00", whole_years=False, interval="start").weather.table.index[0].hour == 3


def test_numbered_hours_and_leap_years(tmp_path):
    for rows, wanted in ((8760, None), (8784, 2028)):
        path = tmp_path / f"{rows}.csv"
        path.write_text("hour,temperature [degC]\n" + "".join(f"{n},{n % 30}\n" for n in range(rows)))
        table = read_weather(path, site=CHIFENG, time_zone="+08:00").weather.table
        assert len(table) == rows and table.index[0].year == (wanted or 2030)
    imported = read_weather(tmp_path / "8784.csv", site=CHIFENG, time_zone="+08:00", year=2030)
    assert len(imported.weather.table) == 8760 and told(imported, "leap_day")[0].count == 24
    march = imported.weather.table.loc["2030-03-01 00:00+08:00", "temperature_degc"]
    assert march == (31 + 29) * 24 % 30  # the value of 1 March, not the one 24 hours earlier


def test_a_utc_year_of_the_calendar_is_shifted_and_wrapped(tmp_path, year):
    utc = year.table.index.tz_convert("UTC")
    inside = np.roll(np.arange(8760), -8)  # rows of the UTC year: local hours 8 … 8759, then what the file has of the next year
    path = as_csv(tmp_path / "utc.csv", year, stamps=utc.tz_localize(None))
    text = path.read_text().replace("time,", "time (UTC),", 1)
    rows = text.splitlines()
    path.write_text("\n".join([rows[0], *(rows[1 + n] for n in inside)]).replace("2029-12-31", "2030-12-31") + "\n")
    imported = read_weather(path, site=CHIFENG, time_zone="Asia/Shanghai")
    assert imported.weather.table["ghi_w_per_m2"].to_numpy() == pytest.approx(year.table["ghi_w_per_m2"].to_numpy(), abs=1e-3)
    assert told(imported, "wrap")[0].count == 8 and any("+8 h" in finding.found for finding in told(imported, "time_zone"))


def berlin_wall_clock(year):
    hours = pd.date_range("2021-01-01", "2021-12-31 23:00", freq="h", tz="+01:00")
    return [stamp.tz_convert("Europe/Berlin").tz_localize(None) for stamp in hours]


def test_daylight_saving_is_resolved_or_refused(tmp_path):
    """Proves: after the resolved summer every hour has its own value: hour n of standard time reads n. Breaks as: n − 1 from 28 March on."""
    path = tmp_path / "dst.csv"
    path.write_text("time,temperature [degC]\n" + "".join(f"{stamp:%Y-%m-%d %H:%M},{n / 200}\n" for n, stamp in enumerate(berlin_wall_clock(2021))))
    imported = read_weather(path, site=DRESDEN, time_zone="Europe/Berlin")
    assert imported.weather.table["temperature_degc"].to_numpy() == pytest.approx(np.arange(8760) / 200)
    assert told(imported, "daylight_saving")[0].first == "2021-03-28 02:00" and not told(imported, "gaps")
    refused = problems_of(path, site=DRESDEN, time_zone="+01:00")
    assert "2021-03-28 02:00" in refused[0].found and "2021-10-31 02:00" in refused[0].found and "stamps_in" in refused[0].remedy


# --- gaps


def test_gaps_by_their_length(tmp_path):
    """Proves: 2 h lie on the line (10, 20 between 0 and 30); 10 h take the mean of the days beside (day n reads n: 2.0); more than a day is refused.

    Breaks as: the line from 1 to 3 for the long gap would pass 2.0 only in its middle.
    """
    values = np.repeat(np.arange(10.0), 24)
    values[5:9] = [0.0, np.nan, np.nan, 30.0]
    values[48 + 4 : 48 + 14] = np.nan
    stamps = pd.date_range("2021-06-01", periods=240, freq="h")
    path = tmp_path / "gaps.csv"

    def write(numbers):
        pd.DataFrame({"time": stamps, "temperature [degC]": numbers}).dropna().to_csv(path, index=False)

    write(values)
    imported = read_weather(path, site=CHIFENG, time_zone="+08:00", whole_years=False)
    table = imported.weather.table["temperature_degc"].to_numpy()
    assert table[5:9] == pytest.approx([0, 10, 20, 30]) and table[52:62] == pytest.approx(2.0)
    counts = {finding.count: finding.first for finding in told(imported, "gaps")}
    assert counts == {2: "2021-06-01 06:00", 10: "2021-06-03 04:00"}

    values[100:130] = np.nan
    write(values)
    assert "30 h are missing, 2021-06-05 04:00 to 2021-06-06 09:00" in problems_of(path, whole_years=False)[0].found
    filled = read_weather(path, site=CHIFENG, time_zone="+08:00", whole_years=False, fill="climatology")
    at_ten = np.array([0, 1, 3, 5, 6, 7, 8, 9.0]).mean()  # 5 June 10:00: mean of the eight days that have a 10:00 of their own
    assert filled.weather.table["temperature_degc"].iloc[106] == pytest.approx(at_ten)
    assert any(finding.severity == "warning" and finding.count == 30 for finding in told(filled, "gaps"))


def test_repeated_and_unsorted_rows(tmp_path):
    path = tmp_path / "rows.csv"
    lines = [f"2021-06-21 {hour:02d}:00,{hour}" for hour in range(24)]
    path.write_text("time,temperature [degC]\n" + "\n".join([*lines[12:], *lines[:12], lines[3], "2021-06-21 05:00,9"]) + "\n")
    imported = read_weather(path, site=CHIFENG, time_zone="+08:00", whole_years=False)
    table = imported.weather.table["temperature_degc"]
    assert len(table) == 24 and table.iloc[3] == 3.0 and table.iloc[5] == 7.0
    assert told(imported, "order") and told(imported, "duplicates")[0].severity == "warning" and told(imported, "duplicates")[0].count == 2


def test_small_negative_nights_become_zero(tmp_path, year):
    ghi = year.table["ghi_w_per_m2"].to_numpy().copy()
    ghi[ghi == 0] = -3.0
    imported = read_weather(as_csv(tmp_path / "nights.csv", year, ghi_w_per_m2=ghi), site=CHIFENG, time_zone="+08:00")
    assert imported.weather.table["ghi_w_per_m2"].min() == 0.0
    assert told(imported, "negative_irradiance")[0].count == (ghi == -3.0).sum()


def test_semicolons_decimal_commas_and_marks_are_read(tmp_path, year):
    plain = as_csv(tmp_path / "plain.csv", year)
    german = tmp_path / "german.csv"
    german.write_bytes(plain.read_text().replace(",", ";").replace(".", ",").encode("utf-8-sig"))
    imported = read_weather(german, site=CHIFENG, time_zone="+08:00")
    pd.testing.assert_frame_equal(imported.weather.table, read_weather(plain, site=CHIFENG, time_zone="+08:00").weather.table)
    assert "decimal commas" in told(imported, "separators")[0].found


def test_the_beam_closes_global_and_diffuse():
    """Proves: with the sun at z on the equinox, B = (G − D)/cos z; beneath 3 deg of height it is zero."""
    when = pd.DatetimeIndex(["2021-03-20 12:10", "2021-03-20 00:00"], tz="UTC")
    beam = beam_w_per_m2(np.array([500.0, 10.0]), np.array([200.0, 0.0]), when, Site(60.0, 0.0, 0.0))
    assert beam == pytest.approx([300.0 / np.cos(np.radians(60.0)), 0.0], rel=0.01)
