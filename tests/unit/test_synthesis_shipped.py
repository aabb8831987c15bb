"""The shipped sets: bands that measured years set, full-load hours, and committed files that are what the code makes."""

import hashlib
import os
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("pvlib")
pytest.importorskip("windpowerlib")
pytest.importorskip("holidays")

import pandas as pd
from ruamel.yaml import YAML

from gridsim.profiles.synthesis import __main__ as command
from gridsim.profiles.synthesis.parks import SEED, chifeng, starter
from gridsim.profiles.synthesis.results import make, results_markdown
from gridsim.profiles.synthesis.yardstick import BANDS, autocorrelation, daily_clearness, longest_run, measure

COMMITTED = Path(__file__).parents[2] / "profiles"
FILES = [("chifeng", "weather.csv"), ("chifeng", "loads.csv"), ("starter", "series.csv")]
CASE_DATA = Path(os.environ.get("GRIDSIM_CASE_DATA", Path(__file__).parents[3] / "shared" / "data"))
MONTHS = pd.date_range("2030-01-01", periods=8760, freq="h").month.to_numpy()

EXTREME_BY_CHANCE = {("wind_aohan", "darkest_fortnight")}
"""Outside its band in the shipped draw, and shown so in profiles/README.md: a typical year, its months' strays taken away, has milder fortnights."""


@pytest.fixture(scope="module")
def made():
    return {name: make(name, plan, SEED) for name, plan in (("chifeng", chifeng()), ("starter", starter()))}


# --- the yardstick


def measured(file):
    path = CASE_DATA / file
    if not path.exists():
        pytest.skip(f"{path} is not here; GRIDSIM_CASE_DATA names the folder of measured data")
    return pd.read_csv(path)


def inner_mongolia():
    table = measured("inner_mongolia_wind_solar_hourly.csv")
    return table["wind_pu"].to_numpy(), table["solar_pu"].to_numpy()


def dresden():
    """Wind at 10 m, scaled to 7.6 m/s, through the curve of a base as `yardstick` describes it; sun an hour later, for local time."""
    table = measured("dresden_tmy_hourly.csv")
    speed = table["wind_speed_m_s"].to_numpy()
    deviations = np.linspace(-3.0, 3.0, 61)
    weights = np.exp(-(deviations**2) / 2)
    seen = np.add.outer(0.95 * 7.6 * speed / speed.mean(), deviations)
    power = np.where(seen < 23.0, np.clip((seen**3 - 27.0) / (10.5**3 - 27.0), 0.0, 1.0), 0.0)
    return 0.94 * power @ (weights / weights.sum()), np.roll(table["ghi_W_m2"].to_numpy(), 1)


def without_each_month(statistic, series, months):
    """Estimate and its standard error, by leaving out one month after the other."""
    left = [statistic(np.where(months == month, np.nan, series)) for month in range(1, 13)]
    return statistic(series), np.sqrt(11 / 12 * ((left - np.mean(left)) ** 2).sum())


def correlation(lag):
    def statistic(series):
        deviation = series - np.nanmean(series)
        return np.nanmean(deviation[lag:] * deviation[:-lag]) / np.nanmean(deviation**2)

    return statistic


def test_what_is_written_of_measured_years_is_what_they_give():
    for found, column in ((measure(*inner_mongolia()), "inner_mongolia"), (measure(*dresden()), "dresden")):
        for key, band in BANDS.items():
            assert found[key] == pytest.approx(getattr(band, column), abs=0.6 * 10.0**-band.decimals), key


def test_bands_follow_their_rule():
    """Proves: two standard errors beyond the two measured years; for roughness up to their geometric mean only."""
    (wind_a, sun_a), (wind_b, sun_b) = inner_mongolia(), dresden()
    days = MONTHS[::24]

    def spans(statistic, first, second, months):
        (low, low_error), (high, high_error) = sorted(without_each_month(statistic, series, months) for series in (first, second))
        return low - 2 * low_error, high + 2 * high_error

    def largest_changes(series):
        return np.nanquantile(np.abs(np.diff(series)), 0.99)

    hour, change = spans(correlation(1), wind_a, wind_b, MONTHS), spans(largest_changes, wind_a, wind_b, MONTHS)
    middle_of_hours = 1 - np.sqrt((1 - autocorrelation(wind_a, 1)) * (1 - autocorrelation(wind_b, 1)))
    middle_of_changes = np.sqrt(largest_changes(wind_a) * largest_changes(wind_b))
    expected = {
        "wind_lag_1": (middle_of_hours, hour[1]),
        "wind_lag_24": spans(correlation(24), wind_a, wind_b, MONTHS),
        "wind_change_pu": (change[0], middle_of_changes),
        "clearness_lag_1_day": spans(correlation(1), daily_clearness(sun_a), daily_clearness(sun_b), days),
        "clearness_spread": spans(np.nanstd, daily_clearness(sun_a), daily_clearness(sun_b), days),
    }
    for key, (low, high) in expected.items():
        assert (BANDS[key].low, BANDS[key].high) == pytest.approx((low, high), abs=0.6 * 10.0 ** -BANDS[key].decimals), key


def test_measures_of_a_series_known_by_heart():
    """Proves: 100 hours of calm in a year of full wind; days of sun that are by turns whole and half: clearness 1 and 0.5, correlation -1.

    Any 14 days have 7 of each, so that all that a fortnight lacks is the calm.
    """
    wind, sun = np.ones(8760), np.outer(np.where(np.arange(365) % 2, 0.5, 1.0), np.repeat([0.0, 1.0], 12)).ravel()
    wind[1000:1100] = 0.0
    found = measure(wind, sun)
    assert found["longest_calm_h"] == 100
    assert found["wind_change_pu"] == 0.0
    assert found["clearness_spread"] == pytest.approx(0.25, abs=1e-5)
    assert found["clearness_lag_1_day"] == pytest.approx(-1.0, abs=1e-4)
    assert found["darkest_fortnight"] == pytest.approx(0.5 * (236 / 336) / (8660 / 8760) + 0.5 * 0.375 / sun.mean())
    assert longest_run(np.array([], dtype=bool)) == 0


# --- likeness


@pytest.mark.parametrize("key", BANDS)
def test_typical_years_lie_within_the_bands(made, key):
    for result in made.values():
        for wind, found in result.measured.items():
            assert BANDS[key].holds(found[key]) != ((wind, key) in EXTREME_BY_CHANCE), wind


@pytest.mark.parametrize("key", [key for key in BANDS if key != "longest_calm_h"])
def test_ten_drawn_years_lie_within_the_bands_on_average(made, key):
    for result in made.values():
        for wind, years in result.measured_years.items():
            assert BANDS[key].holds(years[key].mean()), wind


def test_longest_calms_at_a_base(made):
    """The dispersed turbines, in less wind, have calms of 100 to 140 h on average: longer than measured, and said so in profiles/README.md."""
    for folder, wind in (("chifeng", "wind_wengniute"), ("chifeng", "wind_aohan"), ("starter", "wind")):
        assert BANDS["longest_calm_h"].holds(made[folder].measured_years[wind]["longest_calm_h"].mean())


def test_full_load_hours(made):
    energy = {name: table.table[name].sum() for result in made.values() for table in result.tables for name in table.table}
    for base in ("wind_wengniute", "wind_aohan", "wind"):
        assert 2900.0 < energy[base] < 3500.0
    assert 2300.0 < energy["wind_dispersed"] < 2700.0
    for base in ("solar_wengniute", "solar_aohan", "solar"):
        assert 1550.0 < energy[base] < 1700.0
    assert 1250.0 < energy["solar_rooftop"] < energy["solar_aohan"]


def test_ten_years_of_wind_energy_spread_by_3_to_7_percent(made):
    for result in made.values():
        for wind in result.plan.winds:
            energy = result.energy_h[wind]
            assert len(energy) == 10
            assert 0.03 < energy.std(ddof=1) / energy.mean() < 0.07


def test_results_say_where_a_series_leaves_its_band(made):
    text = results_markdown(made)
    line = next(line for line in text.splitlines() if line.startswith("| darkest fortnight"))
    assert "**no**" in line
    assert "DC/AC 1 |" in text


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
def test_committed_files_are_what_the_code_makes(folder, file, made):
    """Values, not bytes: another release of a library may move a last decimal."""
    committed = pd.read_csv(COMMITTED / folder / file, index_col="time", parse_dates=True)
    table = next(table.table for table in made[folder].tables if table.file == file)
    assert list(committed.columns) == list(table.columns)
    assert (committed.index == table.index).all()
    assert committed.to_numpy() == pytest.approx(table.to_numpy(), abs=1e-3)


def test_the_command_writes_all_sets_and_renews_the_readme(tmp_path, capsys, monkeypatch, made):
    monkeypatch.setattr(command, "make", lambda name, plan, seed: made[name])
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{command.RESULTS_BEGIN}old\n{command.RESULTS_END}after\n", encoding="utf-8")
    command.main(["--out", str(tmp_path)])
    shown = readme.read_text(encoding="utf-8")
    assert shown.startswith("before\n")
    assert shown.endswith("after\n")
    assert "old" not in shown
    assert capsys.readouterr().out in shown
    for folder, file in FILES:
        assert (tmp_path / folder / file).is_file()
        assert (tmp_path / folder / "profiles.yaml").is_file()
