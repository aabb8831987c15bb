"""The loads of the shipped sets, and the numbers by which a load year is judged."""

import datetime
import os
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("holidays")

import pandas as pd

from gridsim.profiles.loads import shipped
from gridsim.profiles.loads.figures import plausibility
from gridsim.profiles.loads.request import LoadRequest
from gridsim.profiles.loads.series import LoadSeries, load_series
from gridsim.profiles.loads.working_days import Year
from gridsim.profiles.time_axis import TimeAxis

CASE_DATA = Path(os.environ.get("GRIDSIM_CASE_DATA", Path(__file__).parents[3] / "shared" / "data"))
STARTS = pd.date_range("2030-01-01", "2030-12-31 23:00", freq="h")
AIR_DEGC = 6.0 - 18.0 * np.cos(2 * np.pi * np.arange(8760) / 8760)
LOAD_FACTORS = {
    "aluminium": (0.97, 0.99),
    "copper": (0.85, 0.92),
    "zinc": (0.90, 0.95),
    "steel": (0.75, 0.85),
    "fermentation": (0.85, 0.95),
    "lithium": (0.85, 0.92),
    "workshop": (0.59, 0.61),
}


@pytest.fixture(scope="module")
def loads():
    return pd.DataFrame(shipped.all_loads_pu(STARTS, AIR_DEGC, 2030, "chifeng"), index=STARTS)


def test_shipped_loads_are_per_unit_of_their_peak(loads):
    assert list(loads) == list(shipped.COLUMNS)
    assert loads.max().to_numpy() == pytest.approx(1.0, abs=1e-12)
    assert (loads.min() > 0.0).all()
    for name, band in LOAD_FACTORS.items():
        assert band[0] <= loads[name].mean() <= band[1]


def test_mixes_are_of_shipped_columns(loads):
    for mix in (shipped.BASE_MIX, shipped.STARTER_MIX):
        assert sum(mix.values()) == pytest.approx(1.0)
        assert 0.5 < shipped.mixed_load_pu(loads, mix).mean() < 0.9
    assert "overhaul of 8 days from 05-12" in shipped.described("steel")
    assert "0.6 of electric trucks charging" in shipped.described("charging")


def test_offices_rest_at_the_weekend_and_on_national_day(loads):
    """1 October 2030 is a Tuesday and a public holiday; the Tuesday before is not."""
    office = loads["office"]
    assert office["2030-10-01"].max() < 0.4 < 0.6 < office["2030-09-24"].max()
    assert office[office.index.dayofweek == 6].mean() < 0.6 * office[office.index.dayofweek == 2].mean()


# --- numbers to judge by


def test_figures_of_a_year_by_hand():
    """Proves: 2 MW on working days, 1 MW at weekends, 0.5 MW on the 15 public holidays of 2030, of which 2 and 3 February are a weekend.

    104 weekend days and 15 holidays, 2 of both: 248 days at 2, 102 at 1 and 15 at 0.5 MW; Q = P gives cos φ 0.707.
    """
    axis = TimeAxis(datetime.datetime(2030, 1, 1), 35040, 15)
    holiday = np.repeat(Year(2030).is_holiday, 96)
    power = np.where(holiday, 0.5, np.where(axis.weekday >= 5, 1.0, 2.0))
    figures = plausibility(LoadSeries(axis, power, power.copy()))
    assert figures["load_factor"] == pytest.approx((248 * 2 + 102 + 7.5) / 365 / 2)
    assert figures["weekend_over_weekday"] == pytest.approx(0.5)
    assert figures["holiday_over_weekday"] == pytest.approx(0.25)
    assert figures["least_over_peak"] == pytest.approx(0.25)
    assert figures["ramp_99_per_step"] == 0.0
    assert figures["ramp_99_per_hour"] == pytest.approx(0.5)  # more than 1 % of 8759 changes, at midnight
    assert figures["night_over_day"] == pytest.approx(1.0)
    assert figures["power_factor"] == pytest.approx(np.sqrt(0.5))


def test_a_mill_of_two_shifts_against_a_measured_one():
    """A Korean steel works of 2018: load factor 0.174, ramps of 0.37 a quarter hour and 0.64 an hour at the 99th percentile, weekends 0.34.

    A mill of the same load factor with two shifts, quiet weekends and little between shifts has its hourly ramps within a quarter,
    and twice its night at most. What it has not, and a request cannot ask for: months that differ, and a leading power factor at night.
    """
    file = CASE_DATA / "steel_plant_load_15min.csv"
    if not file.is_file():
        pytest.skip(f"{file} is not there; set GRIDSIM_CASE_DATA")
    axis = TimeAxis(datetime.datetime(2018, 1, 1), 35040, 15)
    metered = plausibility(LoadSeries(axis, pd.read_csv(file)["energy_kwh"].to_numpy() * 4 / 1000))
    assert metered["load_factor"] == pytest.approx(0.174, abs=0.001)
    request = LoadRequest(
        kind="steel_mill", annual_energy_mwh=960.0, load_factor=0.174, shifts=2, saturday_share=0.45, sunday_share=0.1, idle_share=0.03, maintenance=[]
    )
    ours = plausibility(load_series(request, axis))
    assert ours["load_factor"] == pytest.approx(metered["load_factor"], abs=0.001)
    assert ours["ramp_99_per_hour"] == pytest.approx(metered["ramp_99_per_hour"], rel=0.25)
    assert ours["ramp_99_per_step"] == pytest.approx(metered["ramp_99_per_step"], rel=0.5)
    assert ours["weekend_over_weekday"] == pytest.approx(metered["weekend_over_weekday"], abs=0.15)
    assert ours["night_over_day"] == pytest.approx(metered["night_over_day"], abs=0.1)
