"""The synthetic years keep to the physics and the climatology that they claim, and the committed files are what the code makes."""

import hashlib
import io
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("pvlib")
pytest.importorskip("holidays")

import pandas as pd
from pvlib.solarposition import get_solarposition
from ruamel.yaml import YAML

from gridsim.profiles import climate, load_shapes, solar_year, synthesis, wind_year
from gridsim.profiles.persistence import distances_km, persistent_normal, seasonal_shares, stream

COMMITTED = Path(__file__).parents[2] / "profiles"
FILES = [("chifeng", "weather.csv"), ("chifeng", "loads.csv"), ("starter", "series.csv")]
LOAD_FACTOR_RANGES = {
    "aluminium": (0.97, 0.99),
    "copper": (0.85, 0.92),
    "zinc": (0.90, 0.95),
    "steel": (0.75, 0.85),
    "fermentation": (0.85, 0.95),
    "lithium": (0.85, 0.92),
    "workshop": (0.59, 0.61),
}


@pytest.fixture(scope="module")
def chifeng():
    return synthesis.chifeng()


@pytest.fixture(scope="module")
def starter():
    return synthesis.starter()


@pytest.fixture(scope="module")
def another_year():
    return synthesis.chifeng(seed=7)


@pytest.fixture(scope="module")
def weather(chifeng):
    return chifeng.tables["weather.csv"]


@pytest.fixture(scope="module")
def loads(chifeng):
    return chifeng.tables["loads.csv"]


# --- the sun


def test_months_add_up_to_the_climatology(chifeng):
    """Every site gets Chifeng's monthly irradiation within 3 %; 1575 kWh/m2 in the year."""
    for monthly in chifeng.monthly_ghi_kwh_per_m2.values():
        assert monthly == pytest.approx(np.array(climate.MONTHLY_GHI_KWH_PER_M2), rel=0.03)
        assert monthly.sum() == pytest.approx(1575.0, rel=0.01)


@pytest.mark.parametrize(
    ("column", "site"),
    [("solar_wengniute", climate.WENGNIUTE), ("solar_aohan", climate.AOHAN), ("solar_rooftop", climate.CHIFENG)],
)
def test_nights_are_dark_and_days_are_not(weather, column, site):
    """Breaks as: light at night if the clock is in UTC or the hour is labelled by its end."""
    middles = weather.index.tz_localize(climate.TIME_ZONE) + pd.Timedelta(minutes=30)
    elevation = get_solarposition(middles, site.latitude_deg, site.longitude_deg)["elevation"].to_numpy()
    power = weather[column].to_numpy()
    assert (power[elevation < -1.0] == 0.0).all()
    assert (power[elevation > 10.0] > 0.0).all()


def test_the_sun_is_highest_at_noon(weather):
    """Proves: at 119 E, one degree from the zone's meridian, mean solar noon is 12:04: the hours from 11 and from 12 are bright alike."""
    by_hour = weather["solar_wengniute"].groupby(weather.index.hour).mean()
    assert set(by_hour.nlargest(2).index) == {11, 12}
    assert by_hour[11] == pytest.approx(by_hour[12], rel=0.05)


def test_solar_full_load_hours(weather):
    """Base sites 1550 to 1700 h of AC capacity at DC/AC 1.05; a nearly flat roof has less, and much less in winter."""
    assert weather["solar_wengniute"].sum() == pytest.approx(1625.0, abs=75.0)
    assert weather["solar_aohan"].sum() == pytest.approx(1625.0, abs=75.0)
    assert 1350.0 < weather["solar_rooftop"].sum() < weather["solar_aohan"].sum()
    december = weather.index.month == 12
    assert weather["solar_rooftop"][december].sum() < 0.75 * weather["solar_aohan"][december].sum()


def test_clear_days_follow_clear_days(weather):
    """Proves: daily sums, relative to the brightest of the days around, keep an autocorrelation near ``DAY_MEMORY``."""
    daily = weather["solar_aohan"].resample("D").sum()
    clearness = daily / daily.rolling(31, center=True, min_periods=16).max()
    assert 0.2 < clearness.autocorr(1) < 0.6
    assert clearness.std() > 0.1


def test_a_climatology_brighter_than_the_clear_sky_is_refused():
    starts = climate.hour_starts(2030)
    clear = solar_year.clear_sky_ghi_w_per_m2(climate.CHIFENG, starts)
    with pytest.raises(ValueError, match="month 1: 150"):
        solar_year.ghi_w_per_m2(clear, np.full(8760, 0.5), starts, [150.0] * 12)


def test_solar_power_of_a_known_hour():
    """Proves: no light gives no power, and a clear June noon at 25 degC stays below the DC capacity after losses, 1.05 * 0.84 = 0.88.

    Breaks as: above 0.88 if losses are forgotten; 0.7 or less if module warmth is counted twice.
    """
    noon = pd.DatetimeIndex(["2030-06-21 00:00", "2030-06-21 12:00"])
    power = solar_year.solar_power_pu(np.array([0.0, 900.0]), np.array([10.0, 25.0]), noon, climate.CHIFENG, solar_year.BASE_PLANT)
    assert power[0] == 0.0
    assert 0.68 < power[1] < 0.88


# --- the wind


@pytest.mark.parametrize("year", ["chifeng", "another_year"])
def test_wind_full_load_hours(year, request):
    """Bands hold for any seed, because the Weibull year is met by ranks and not by luck."""
    table = request.getfixturevalue(year).tables["weather.csv"]
    assert 2900.0 < table["wind_wengniute"].sum() < 3500.0
    assert 2900.0 < table["wind_aohan"].sum() < 3500.0
    assert 2300.0 < table["wind_dispersed"].sum() < 2600.0


@pytest.mark.parametrize("column", ["wind_wengniute", "wind_aohan", "wind_dispersed"])
def test_wind_persists_from_hour_to_hour_and_forgets_in_days(weather, column):
    """Fleet output: lag-1 autocorrelation 0.96 to 0.99, about a half after a day, little after five."""
    wind = weather[column]
    assert 0.96 < wind.autocorr(1) < 0.99
    assert 0.3 < wind.autocorr(24) < 0.6
    assert abs(wind.autocorr(120)) < 0.2


def test_wind_is_strong_in_spring_and_winter_and_weak_in_summer(weather):
    for column in ("wind_wengniute", "wind_aohan", "wind_dispersed"):
        season = {name: weather[column][weather.index.month.isin(months)].mean() for name, months in synthesis.SEASONS.items()}
        assert season["summer"] == min(season.values())
        assert season["summer"] < 0.85 * min(season["spring"], season["winter"])


def test_wind_of_neighbours_is_alike_but_not_the_same(weather):
    correlation = weather[["wind_wengniute", "wind_aohan", "wind_dispersed"]].corr().to_numpy()
    assert ((correlation[np.triu_indices(3, 1)] > 0.6) & (correlation[np.triu_indices(3, 1)] < 0.9)).all()


def test_hub_wind_keeps_the_stated_mean():
    """Proves: the Weibull scale is mean / Gamma(1 + 1/k), and season and daily swing leave the mean alone."""
    starts = climate.hour_starts(2030)
    shares = np.random.default_rng(1).permutation((np.arange(8760) + 0.5) / 8760)
    speed = wind_year.hub_speed_m_per_s(shares, starts, wind_year.WENGNIUTE_BASE)
    assert speed.mean() == pytest.approx(7.6, rel=0.02)


def test_fleet_curve_is_the_turbine_curve_made_smooth():
    """Proves: full power less 6 % of losses at 15 m/s; nothing in calm and in storm; more wind never gives less below cut-out.

    At the turbine's own rated 10.5 m/s the fleet is still short of full power: wakes, and turbines in less wind.
    """
    fleet = wind_year.WENGNIUTE_BASE
    power = wind_year.fleet_power_pu(np.array([0.0, 10.5, 15.0, 30.0]), fleet)
    assert power[[0, 2, 3]] == pytest.approx([0.0, 0.94, 0.0], abs=1e-3)
    assert 0.7 < power[1] < 0.9
    assert (np.diff(wind_year.fleet_power_pu(np.linspace(0.0, 18.0, 100), fleet)) >= -1e-12).all()


# --- the air


def test_months_are_as_warm_as_the_climatology(weather):
    means = climate.monthly_means(weather["temperature_degc"].to_numpy(), weather.index)
    assert means == pytest.approx(np.array(climate.MONTHLY_TEMPERATURE_DEGC), abs=1.0)
    by_hour = weather["temperature_degc"].groupby(weather.index.hour).mean()
    assert by_hour.idxmax() in (14, 15)
    assert 10.0 < by_hour.max() - by_hour.min() < 14.0
    assert weather["temperature_degc"].diff().abs().max() < 6.0


# --- the loads


@pytest.mark.parametrize(("name", "bounds"), LOAD_FACTOR_RANGES.items())
def test_load_factors_lie_in_their_published_ranges(loads, name, bounds):
    assert bounds[0] <= loads[name].mean() <= bounds[1]


def test_loads_are_per_unit_of_their_peak(loads):
    assert loads.max().to_numpy() == pytest.approx(1.0, abs=1e-12)
    assert (loads.min() > 0.0).all()


def test_offices_rest_at_the_weekend_and_on_national_day(loads):
    """1 October 2030 is a Tuesday and a public holiday; the Tuesday before is not."""
    office = loads["office"]
    assert office["2030-10-01"].max() < 0.4 < 0.7 < office["2030-09-24"].max()
    assert office[office.index.dayofweek == 6].mean() < 0.6 * office[office.index.dayofweek == 2].mean()


def test_workshops_peak_in_the_morning_and_rest_at_night(loads):
    by_hour = loads["workshop"].groupby(loads.index.hour).mean()
    assert (by_hour.idxmax(), by_hour.idxmin()) == (10, 3)


def test_load_factor_out_of_reach_is_refused():
    """A load that is off half of the time can not have a mean of 0.6."""
    with pytest.raises(ValueError, match="different signs"):
        load_shapes.with_load_factor(np.array([1.0, 0.0]), 0.6)


# --- chance


def test_persistence_has_its_memory_and_needs_no_run_in():
    """Proves: the first step has variance 1 as all others, lag 1 has correlation phi and sites have theirs."""
    correlation = np.array([[1.0, 0.8], [0.8, 1.0]])
    series = persistent_normal(stream(1, "test"), 20000, memory=0.9, correlation=correlation)
    assert np.corrcoef(series.T)[0, 1] == pytest.approx(0.8, abs=0.03)
    assert np.corrcoef(series[1:, 0], series[:-1, 0])[0, 1] == pytest.approx(0.9, abs=0.02)
    assert series.std(axis=0) == pytest.approx(1.0, abs=0.06)
    first = [persistent_normal(stream(seed, "test"), 1, memory=0.9)[0, 0] for seed in range(2000)]
    assert np.std(first) == pytest.approx(1.0, abs=0.05)


def test_ranks_are_those_of_the_middle():
    """Proves: on a ring of 5 with window 3, the peak ranks highest where it stands, not where a window that holds it ends."""
    shares = seasonal_shares(np.array([[1.0], [2.0], [9.0], [3.0], [0.0]]), window=3)
    assert shares.ravel() == pytest.approx(np.array([1, 1, 2, 1, 0]) / 3 + 1 / 6)


def test_ranks_fill_the_unit_interval_evenly():
    shares = seasonal_shares(stream(1, "test").normal(size=(301, 2)), window=301)
    assert np.sort(shares, axis=0)[:, 0] == pytest.approx((np.arange(301) + 0.5) / 301)


def test_distance_between_the_bases():
    """Proves: 0.65 deg of latitude (72.3 km) and 0.9 deg of longitude at 42.6 N (73.7 km) make 103 km."""
    assert distances_km([climate.WENGNIUTE, climate.AOHAN])[0, 1] == pytest.approx(103.2, abs=0.3)


# --- the files


@pytest.mark.parametrize(("folder", "file"), FILES)
def test_committed_files_have_their_checksum_and_form(folder, file):
    listing = YAML(typ="safe").load(COMMITTED / folder / "profiles.yaml")
    content = (COMMITTED / folder / file).read_bytes()
    entry = listing["files"][file]
    assert entry["sha256"] == hashlib.sha256(content).hexdigest()
    assert len(content) < 3e6
    assert b"\r" not in content
    header, first, *_, last = content.decode("ascii").splitlines()
    assert header.split(",") == ["time", *entry["columns"]]
    assert first.startswith("2030-01-01 00:00,")
    assert last.startswith("2030-12-31 23:00,")
    assert content.count(b"\n") == 8761


@pytest.mark.parametrize(("folder", "file"), FILES)
def test_committed_files_are_what_the_code_makes(folder, file, request):
    """Values, not bytes: another release of a library may move a last decimal."""
    committed = pd.read_csv(COMMITTED / folder / file, index_col="time", parse_dates=True)
    made = request.getfixturevalue(folder).tables[file]
    assert list(committed.columns) == list(made.columns)
    assert committed.index.equals(made.index)
    assert committed.to_numpy() == pytest.approx(made.to_numpy(), abs=1e-3)


def test_same_seed_same_bytes_other_seed_other_year(chifeng, another_year):
    again = synthesis.chifeng()
    for file, table in chifeng.tables.items():
        assert synthesis.csv_bytes(table) == synthesis.csv_bytes(again.tables[file])
        assert synthesis.csv_bytes(table) != synthesis.csv_bytes(another_year.tables[file])


def test_csv_values_return_as_they_were(weather):
    back = pd.read_csv(io.BytesIO(synthesis.csv_bytes(weather)), index_col="time", parse_dates=True)
    assert back.to_numpy() == pytest.approx(weather.to_numpy(), abs=0.5001 * 10.0**-synthesis.DECIMALS)


def test_the_command_writes_all_sets_and_renews_the_readme(tmp_path, capsys):
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{synthesis.RESULTS_BEGIN}old\n{synthesis.RESULTS_END}after\n", encoding="utf-8")
    synthesis.main(["--out", str(tmp_path)])
    shown = readme.read_text(encoding="utf-8")
    assert shown.startswith("before\n")
    assert shown.endswith("after\n")
    assert "old" not in shown
    assert capsys.readouterr().out in shown
    for folder, file in FILES:
        assert (tmp_path / folder / file).is_file()
        assert (tmp_path / folder / "profiles.yaml").is_file()
