"""Climates: what ships, what is refused, and what is found again in weather drawn from them."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("pvlib")

import pandas as pd

from gridsim.errors import DefinitionError
from gridsim.profiles.site import Site
from gridsim.profiles.synthesis import climatology_from, find_climate, shipped_climates, synthesise
from gridsim.profiles.synthesis.calendar import QuarterHours, clock_curve
from gridsim.profiles.synthesis.climates import LISTS, NUMBERS, PLACE
from gridsim.profiles.synthesis.estimate import weibull_shape
from gridsim.profiles.weather.series import Weather

GHI = (75, 95, 140, 165, 190, 180, 170, 160, 140, 115, 80, 65)
AIR = (-11, -7, 1, 10, 17, 22, 24, 22, 17, 9, -1, -8)


@pytest.fixture(scope="module")
def five_years():
    return synthesise({"base": find_climate("wengniute")}, seed=11, years=5, typical=False)["base"]


@pytest.mark.parametrize("place", ["chifeng", "Wengniute", "AOHAN", "赤峰", "敖汉旗", "wengniute base"])
def test_a_place_name_is_enough(place):
    climate = find_climate(place)
    assert climate.monthly_ghi_kwh_per_m2 == pytest.approx(GHI)
    assert climate.monthly_temperature_degc == pytest.approx(AIR)


def test_every_shipped_figure_has_its_source():
    for climate in shipped_climates().values():
        assert set(climate.sources) == {*LISTS, *NUMBERS, *PLACE}
        assert all(provenance.source and provenance.certainty in {"V1", "V2", "C", "M", "A"} for provenance in climate.sources.values())


def test_ridges_have_their_wind_at_a_hundred_metres():
    """6.5 to 8 m/s at the ridges, less in the park, spring above summer; at 100 m, where a log profile leaves 60-75 % at 10 m."""
    for name in ("wengniute", "aohan"):
        climate = find_climate(name)
        assert climate.wind_height_m == 100.0
        assert 6.5 < np.mean(climate.monthly_wind_m_per_s) < 8.0
        assert climate.monthly_wind_m_per_s[3] > 1.3 * climate.monthly_wind_m_per_s[7]
    assert np.mean(find_climate("chifeng").monthly_wind_m_per_s) < 6.5


def test_an_unknown_place_names_the_nearest():
    with pytest.raises(DefinitionError, match="did you mean 'chifeng'"):
        find_climate("Chifen")


def test_coordinates_may_differ_from_the_climates():
    there = find_climate("Aohan", Site(42.4, 120.1, 600.0))
    assert there.site == Site(42.4, 120.1, 600.0)
    assert there.monthly_wind_m_per_s == find_climate("Aohan").monthly_wind_m_per_s


def test_all_figures_that_no_weather_can_have_are_refused_at_once():
    climate = find_climate("chifeng")
    with pytest.raises(DefinitionError) as refused:
        replace(climate, monthly_wind_m_per_s=(7.0,) * 11, monthly_ghi_kwh_per_m2=(-1.0, float("nan"), *GHI[2:]), utc_offset_hours=0.0, hourly_wind=(2.0,) * 24)
    assert {problem.where for problem in refused.value.problems} == {"monthly_wind_m_per_s", "monthly_ghi_kwh_per_m2", "utc_offset_hours", "hourly_wind"}
    assert "and 1 more" in str(refused.value)


def test_a_climatology_brighter_than_the_clear_sky_is_refused():
    bright = replace(find_climate("chifeng"), monthly_ghi_kwh_per_m2=(150.0, *GHI[1:-1], 120.0))
    with pytest.raises(DefinitionError, match="month 1: is 150") as refused:
        synthesise({"park": bright}, seed=1)
    assert len(refused.value.problems) == 2


def test_weibull_shape_of_exact_ranks():
    """Proves: the method of moments finds k = 1.6 and 3 in their own quantiles."""
    ranks = (np.arange(20000) + 0.5) / 20000
    for shape in (1.6, 3.0):
        assert weibull_shape(8.0 * (-np.log(1 - ranks)) ** (1 / shape)) == pytest.approx(shape, rel=0.01)


def test_a_climate_is_found_again_in_its_own_weather(five_years):
    """Proves the estimate: what five years were drawn from comes out of them, within what five years may stray."""
    asked, found = find_climate("wengniute"), climatology_from(five_years, name="found")
    assert found.monthly_ghi_kwh_per_m2 == pytest.approx(asked.monthly_ghi_kwh_per_m2, rel=0.08)
    assert sum(found.monthly_ghi_kwh_per_m2) == pytest.approx(1575.0, rel=0.02)
    assert found.monthly_temperature_degc == pytest.approx(asked.monthly_temperature_degc, abs=2.0)
    assert found.monthly_wind_m_per_s == pytest.approx(asked.monthly_wind_m_per_s, rel=0.2)
    assert np.mean(found.monthly_weibull_shape) == pytest.approx(2.3, abs=0.2)
    assert found.hourly_wind == pytest.approx(asked.hourly_wind, abs=0.03)
    assert found.monthly_temperature_spell_k == pytest.approx(asked.monthly_temperature_spell_k, rel=0.35)
    assert np.mean(found.monthly_temperature_spell_k) == pytest.approx(np.mean(asked.monthly_temperature_spell_k), rel=0.12)
    assert found.temperature_half_swing_k == pytest.approx(asked.temperature_half_swing_k, abs=1.5)
    assert (found.utc_offset_hours, found.wind_height_m, found.site) == (8.0, 100.0, asked.site)
    assert found.sources["monthly_ghi_kwh_per_m2"].certainty == "C"


def test_typical_year_of_an_estimate_repeats_its_months(five_years):
    """Proves: estimate and typical year are inverse to each other, to the digit, in irradiation, temperature and wind."""
    found = climatology_from(five_years[0], name="one")
    again = climatology_from(synthesise({"one": found}, seed=3)["one"][0], name="again")
    for figures in ("monthly_ghi_kwh_per_m2", "monthly_temperature_degc", "monthly_wind_m_per_s"):
        assert getattr(again, figures) == pytest.approx(getattr(found, figures), rel=1e-9)


def test_weather_without_wind_or_without_february_is_refused(five_years):
    table = five_years[0].table.drop(columns="wind_speed_m_per_s")
    lacking = Weather(five_years[0].site, table[table.index.month != 2])
    with pytest.raises(DefinitionError) as refused:
        climatology_from(lacking, name="lacking")
    assert "wind_speed_m_per_s" in str(refused.value)
    assert "month 2" in str(refused.value)


@pytest.mark.parametrize("year", [2028, 2030])
def test_curves_keep_their_monthly_means(year):
    """Proves: the mean of the curve in every month is the value given, exactly, and no step of it is larger than a straight line's."""
    quarters = QuarterHours(year, 8.0)
    curve = quarters.curve(AIR)
    assert quarters.means(curve) == pytest.approx(np.array(AIR, dtype=float), abs=1e-9)
    assert np.abs(np.diff(curve)).max() < 15.0 / (28 * 96)
    months = pd.date_range(f"{year}-01-01", f"{year}-12-31 23:45", freq="15min").month
    assert (quarters.month + 1 == months).all()


def test_weighted_curve_is_the_factor_that_meets_the_months():
    quarters = QuarterHours(2030, 8.0)
    series = 1.0 + np.random.default_rng(1).random(quarters.steps)
    assert quarters.means(series * quarters.curve(GHI, weights=series)) == pytest.approx(np.array(GHI, dtype=float))


def test_the_clock_runs_round_midnight():
    """Proves: half past 23 and half past 0 are neighbours: at midnight the curve is half way between their values."""
    assert clock_curve([1.0, *[0.0] * 22, 3.0], np.array([0.0, 0.5, 23.5, 24.0])) == pytest.approx([2.0, 1.0, 3.0, 2.0])
