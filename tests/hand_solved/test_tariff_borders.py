"""Tariffs at their borders: minutes, overlapping periods, and what an export earns."""

import datetime

from gridsim.park.tariff import Tariff
from gridsim.physics.ammonia import air_separation_mwh
from gridsim.profiles.time_axis import TimeAxis
from hand_solved.parks import approx, load, tiny_park


def axis_at(stamp: str, steps: int = 1, step_minutes: int = 60) -> TimeAxis:
    return TimeAxis(datetime.datetime.fromisoformat(stamp), steps, step_minutes)


def test_quarter_hours_of_a_period():
    """**Proves**: '06:45-07:30' holds from 06:45 to 07:29: at 06:45, 07:00 and 07:15 of the quarter hours from 06:30 on.

    **Breaks as**: 06:30 in it if 45 minutes were read as 0.45 h.
    """
    tariff = Tariff(energy_price_cny_per_mwh=100.0, time_of_use={"peak": {"hours": "06:45-07:30", "multiplier": 2.0}})
    prices = tariff.import_price_cny_per_mwh(axis_at("2030-01-07T06:30", 5, 15), {})
    assert prices == approx([100.0, 200.0, 200.0, 200.0, 100.0])


def test_a_period_that_ends_within_a_step_is_told():
    """**Proves**: '08-11:30' is kept by steps of 15 and 30 minutes and not by 60 or 20; a border at midnight is one of every step."""
    periods = {"peak": {"hours": "08-11:30", "multiplier": 2.0}, "valley": {"hours": "22-06", "multiplier": 0.5}}
    tariff = Tariff(energy_price_cny_per_mwh=100.0, time_of_use=periods)
    assert [tariff.within_steps(minutes) for minutes in (15, 30, 60, 20)] == [[], [], ["peak"], ["peak"]]


def test_multipliers_do_not_multiply():
    """**Proves**: where two periods overlap the later one counts: 1.5 × 100 in the overlap, not 3 × 100.

    **Breaks as**: 300 if each multiplier acted on the price so far.
    """
    periods = {"peak": {"hours": "17-21", "multiplier": 2.0}, "sharp": {"hours": "19-20", "multiplier": 1.5}}
    tariff = Tariff(energy_price_cny_per_mwh=100.0, time_of_use=periods)
    assert tariff.import_price_cny_per_mwh(axis_at("2030-01-07T18:00", 3), {}) == approx([200.0, 150.0, 200.0])


def test_exports_earn_their_own_price_and_nothing_else():
    """**Proves**: without an export price an export earns nothing; a profile of 30 and −40 is paid as it is, whatever is added to imports.

    **Breaks as**: 80 and 10 with the adders of 50; a revenue where none was agreed.
    """
    axis = axis_at("2030-01-07", 2)
    assert Tariff(energy_price_cny_per_mwh=100.0, adders_cny_per_mwh={"wires": 50.0}).export_price_at(axis, {}) == approx([0.0, 0.0])
    spot = Tariff(energy_price_cny_per_mwh=100.0, adders_cny_per_mwh={"wires": 50.0}, export_price_profile="spot")
    park = tiny_park(load=load([1.0, 1.0]), profiles={"spot": [30.0, -40.0]})
    assert spot.export_price_at(axis, park.profiles) == approx([30.0, -40.0])


def test_air_separation_serves_the_nitrogen_that_goes_in():
    """**Proves**: where half of the nitrogen is lost, twice 0.8224 t go in: 1.6449 t at 0.25 MWh/t are 0.4112 MWh.

    **Breaks as**: 0.2056 MWh for the nitrogen that stays.
    """
    nitrogen_t = 14.007 / (14.007 + 3 * 1.008)
    assert float(air_separation_mwh(1.0, 0.25, conversion=0.5)) == approx(2.0 * nitrogen_t * 0.25)
