"""Drawn weather years keep to their climatology, to the sun and to chance: exact sums, Weibull moments, seeds, leap years, quarter hours."""

from dataclasses import replace
from math import gamma

import numpy as np
import pytest

pytest.importorskip("pvlib")

import pandas as pd
from pvlib.solarposition import get_solarposition

from gridsim.errors import DefinitionError
from gridsim.profiles.synthesis import find_climate, sky, synthesise, wind
from gridsim.profiles.synthesis.calendar import QuarterHours

CLIMATES = {"wengniute": find_climate("wengniute"), "aohan": find_climate("aohan"), "park": find_climate("chifeng")}


@pytest.fixture(scope="module")
def years():
    """Typical year first, ten others after it."""
    return synthesise(CLIMATES, seed=2030, years=11)


@pytest.fixture(scope="module")
def typical(years):
    return {name: weathers[0] for name, weathers in years.items()}


def monthly(series, how="mean"):
    return series.groupby(series.index.month).agg(how).to_numpy()


# --- a typical year


@pytest.mark.parametrize("place", CLIMATES)
def test_typical_months_meet_the_climatology_exactly(typical, place):
    """Asked are 3 % of irradiation and 0.5 K; sums and means are met to rounding, because they are solved for."""
    table, climate = typical[place].table, CLIMATES[place]
    assert monthly(table["ghi_w_per_m2"], "sum") / 1000 == pytest.approx(np.array(climate.monthly_ghi_kwh_per_m2), rel=1e-9)
    assert monthly(table["temperature_degc"]) == pytest.approx(np.array(climate.monthly_temperature_degc), abs=1e-9)
    assert monthly(table["wind_speed_m_per_s"]) == pytest.approx(np.array(climate.monthly_wind_m_per_s), rel=1e-9)


def test_leap_february_has_a_day_more(typical):
    """Proves: 29/28 of February's irradiation, the other months as they are, 8784 hours with 29 February among them."""
    table = synthesise({"park": CLIMATES["park"]}, seed=2030, year=2028)["park"][0].table
    expected = np.array(CLIMATES["park"].monthly_ghi_kwh_per_m2)
    expected[1] *= 29 / 28
    assert len(table) == 8784
    assert "2028-02-29 12:00:00+08:00" in table.index.astype(str)
    assert monthly(table["ghi_w_per_m2"], "sum") / 1000 == pytest.approx(expected, rel=1e-9)
    assert monthly(table["temperature_degc"])[1] == pytest.approx(-7.0, abs=1e-9)


def test_quarter_hours_are_the_hours_in_detail(typical):
    """Proves: the hours are means of the same seed's quarter hours, for every quantity, to rounding."""
    table = synthesise({"park": CLIMATES["park"]}, seed=2030, step_minutes=15)["park"][0].table
    assert len(table) == 35_040
    hours = table.to_numpy().reshape(-1, 4, 5).mean(axis=1)
    assert hours == pytest.approx(typical["park"].table[table.columns].to_numpy(), rel=1e-9, abs=1e-9)
    assert (table.index[:2].astype(str) == ["2030-01-01 00:00:00+08:00", "2030-01-01 00:15:00+08:00"]).all()


# --- chance


def test_same_seed_same_weather_other_seed_other_weather(typical):
    again, other = (synthesise(CLIMATES, seed=seed)["aohan"][0].table for seed in (2030, 2031))
    assert again.equals(typical["aohan"].table)
    for column in again:
        assert not np.allclose(other[column], again[column])


def test_another_place_and_another_year_leave_the_others_as_they_were(years):
    """To the bit, wherever the new place stands in the order: every place takes its own from a field that fills space."""
    alone = synthesise({"park": CLIMATES["park"]}, seed=2030, years=2)["park"]
    assert alone[0].table.equals(years["park"][0].table)
    assert alone[1].table.equals(years["park"][1].table)


def test_the_same_coordinates_have_the_same_sky(typical):
    """Proves: wind and sun of one site belong together, whatever names they are asked for by."""
    twins = synthesise({"a": CLIMATES["park"], "b": CLIMATES["aohan"].at(CLIMATES["park"].site)}, seed=2030)
    assert twins["a"][0].table["ghi_w_per_m2"].equals(typical["park"].table["ghi_w_per_m2"])
    assert twins["b"][0].table["ghi_w_per_m2"].equals(typical["park"].table["ghi_w_per_m2"])
    ranks = [twins[name][0].table["wind_speed_m_per_s"].rank().to_numpy() for name in "ab"]
    assert np.corrcoef(ranks)[0, 1] > 0.99


def test_neighbours_are_alike_but_not_the_same(typical):
    speeds = np.corrcoef([weather.table["wind_speed_m_per_s"] for weather in typical.values()])
    assert ((speeds[np.triu_indices(3, 1)] > 0.6) & (speeds[np.triu_indices(3, 1)] < 0.95)).all()


def test_ten_years_differ_as_years_do(years):
    """Without a typical year among them: months stray by some 5 % in sun, 1 to 2 K and 5 to 30 % in wind; years by less, and about their climatology."""
    tables = [weather.table for weather in years["wengniute"][1:]]
    ghi = np.array([monthly(table["ghi_w_per_m2"], "sum") / 1000 for table in tables])
    air = np.array([monthly(table["temperature_degc"]) for table in tables])
    speed = np.array([monthly(table["wind_speed_m_per_s"]) for table in tables])
    assert 0.03 < (ghi.std(axis=0, ddof=1) / ghi.mean(axis=0)).mean() < 0.09
    assert 0.01 < ghi.sum(axis=1).std(ddof=1) / 1575 < 0.035
    assert ghi.sum(axis=1).mean() == pytest.approx(1575.0, rel=0.02)
    assert 0.8 < air.std(axis=0, ddof=1).mean() < 2.0
    assert 0.05 < (speed.std(axis=0, ddof=1) / speed.mean(axis=0)).mean() < 0.2
    assert speed.mean() == pytest.approx(7.6, rel=0.03)


def test_expected_irradiation_is_the_climatologys():
    """Proves: E[u^g] = 1 / (1 + g); with evenly spread ranks the expected exponents give each month its climatology within the spread's coarseness."""
    quarters, climate = QuarterHours(2030, 8.0), CLIMATES["park"]
    clear = sky.clear_sky(climate.site, quarters)
    powers = sky.expected_powers(climate, clear, quarters)
    expected = sky.CLEAREST_INDEX * clear.monthly_kwh_per_m2(quarters) / (1 + powers)
    assert expected == pytest.approx(np.array(climate.monthly_ghi_kwh_per_m2))
    drawn = sky.irradiance_w_per_m2(np.random.default_rng(1).random(quarters.steps), powers, clear, quarters)["ghi_w_per_m2"]
    assert np.bincount(quarters.month, weights=drawn) / 4000 == pytest.approx(expected, rel=0.03)


def test_wind_has_weibull_moments():
    """Proves: with flat months and a flat day the speeds have mean v, mean square v^2 G(1+2/k) / G(1+1/k)^2 and the Weibull median, for any k.

    Breaks as: a mean off by G(1+1/k), 0.886 for k = 2, if the scale is taken for the mean.
    """
    for shape in (1.7, 2.3):
        climate = replace(CLIMATES["park"], monthly_wind_m_per_s=(8.0,) * 12, monthly_weibull_shape=(shape,) * 12, hourly_wind=(1.0,) * 24)
        speed = wind.speed_m_per_s(np.random.default_rng(1).standard_normal(35_040), climate, QuarterHours(2030, 8.0), typical=False)
        assert speed.mean() == pytest.approx(8.0, rel=0.01)
        assert (speed**2).mean() == pytest.approx(64 * gamma(1 + 2 / shape) / gamma(1 + 1 / shape) ** 2, rel=0.02)
        assert np.median(speed) == pytest.approx(8.0 * np.log(2) ** (1 / shape) / gamma(1 + 1 / shape), rel=0.01)


def test_wind_follows_its_season_and_its_clock(years):
    speeds = pd.concat([weather.table["wind_speed_m_per_s"] for weather in years["aohan"][1:]])
    by_hour = speeds.groupby(speeds.index.hour).mean()
    assert by_hour.to_numpy() / by_hour.mean() == pytest.approx(np.array(CLIMATES["aohan"].hourly_wind), abs=0.02)
    assert monthly(speeds) == pytest.approx(np.array(CLIMATES["aohan"].monthly_wind_m_per_s), rel=0.12)


def test_cloudy_days_are_windier_but_hardly(years):
    """Daily means, ten years: the correlation with clearness is negative and weak (measured: -0.07 and +0.05, one year each)."""
    found = []
    for weather in years["wengniute"][1:]:
        daily = weather.table[["ghi_w_per_m2", "wind_speed_m_per_s"]].resample("D").mean()
        found.append((daily / daily.rolling(31, center=True, min_periods=16).mean()).corr().iloc[0, 1])
    assert -0.2 < np.mean(found) < -0.03


# --- sun and air


@pytest.mark.parametrize("place", CLIMATES)
def test_nights_are_dark_and_days_are_not(typical, place):
    """Breaks as: light at night if the clock is in UTC or the step is labelled by its end."""
    weather = typical[place]
    middles = weather.table.index + pd.Timedelta(minutes=30)
    elevation = get_solarposition(middles, weather.site.latitude_deg, weather.site.longitude_deg)["elevation"].to_numpy()
    ghi = weather.table["ghi_w_per_m2"].to_numpy()
    assert (ghi[elevation < -7.0] == 0.0).all()
    assert (ghi[elevation > 10.0] > 0.0).all()
    by_hour = weather.table["ghi_w_per_m2"].groupby(weather.table.index.hour).mean()
    assert set(by_hour.nlargest(2).index) == {11, 12}


def test_beam_and_diffuse_add_up(typical):
    """Proves: DHI + DNI cos(zenith) = GHI, to what the sun moves within an hour."""
    weather = typical["park"]
    table, middles = weather.table, weather.table.index + pd.Timedelta(minutes=30)
    zenith = get_solarposition(middles, weather.site.latitude_deg, weather.site.longitude_deg)["zenith"].to_numpy()
    added = table["dhi_w_per_m2"] + table["dni_w_per_m2"] * np.cos(np.radians(zenith)).clip(0.0)
    high = zenith < 75
    assert added[high].to_numpy() == pytest.approx(table["ghi_w_per_m2"][high].to_numpy(), rel=0.02, abs=10.0)
    assert (table[["ghi_w_per_m2", "dni_w_per_m2", "dhi_w_per_m2"]].to_numpy() >= 0.0).all()


def test_clear_days_swing_more(typical):
    """Half the daily range: 2 K under a closed and 7 K under a clear sky, with spells on top."""
    table = typical["park"].table
    days = table.resample("D").agg({"ghi_w_per_m2": "mean", "temperature_degc": ["max", "min"]})
    swing = days["temperature_degc"]["max"] - days["temperature_degc"]["min"]
    ghi = days["ghi_w_per_m2"]["mean"]
    clearness = ghi / ghi.rolling(31, center=True, min_periods=16).max()
    assert swing[clearness > 0.95].mean() > swing[clearness < 0.6].mean() + 3.0
    by_hour = table["temperature_degc"].groupby(table.index.hour).mean()
    assert by_hour.idxmax() in (14, 15)


def test_any_place_on_earth():
    """Proves: the south has its summer in January, and in polar night it is dark without being an error."""
    south = replace(CLIMATES["park"], monthly_ghi_kwh_per_m2=(200, 170, 150, 110, 80, 60, 70, 100, 130, 160, 180, 200))
    there = replace(south, site=replace(south.site, latitude_deg=-35.0))
    table = synthesise({"south": there}, seed=1)["south"][0].table
    assert monthly(table["ghi_w_per_m2"], "sum")[0] == pytest.approx(200_000)
    north = replace(CLIMATES["park"], monthly_ghi_kwh_per_m2=(0, 1.5, 30, 80, 120, 130, 120, 80, 35, 4, 0, 0))
    north = replace(north, site=replace(north.site, latitude_deg=75.0))
    table = synthesise({"north": north}, seed=1)["north"][0].table
    assert np.isfinite(table.to_numpy()).all()
    assert monthly(table["ghi_w_per_m2"], "sum")[[0, 5]] == pytest.approx([0.0, 130_000.0], abs=2000.0)


def test_all_wrong_wishes_are_refused_at_once():
    with pytest.raises(DefinitionError) as refused:
        synthesise({}, seed=-1, years=0, year=12, step_minutes=30)
    assert {problem.where for problem in refused.value.problems} == {"step_minutes", "years", "seed", "year", "climates"}
