"""The grid connection: prices, limits of both directions, green exports, the demand charge, and tariffs by hour, day and month."""

import datetime

import pytest

from gridsim.park.tariff import Tariff
from gridsim.profiles.time_axis import TimeAxis
from hand_solved.parks import approx, battery, case, grid, in_park, load, solve, tiny_park, wind


@in_park(
    start="2030-01-07T05:00",
    hours=4,
    grid=grid(
        100.0,
        tariff={
            "time_of_use": {"peak": {"hours": "06-08", "multiplier": 2.0}, "sharp": {"hours": "07-08", "price_cny_per_mwh": 500.0}},
            "adders_cny_per_mwh": {"wires": 30.0, "funds": 10.0},
        },
    ),
    load=load([1.0]),
)
def test_time_of_use_with_adders(dispatch):
    """**Proves**: 1 MW from 05:00 to 09:00. Twice the energy price of 100 from 06 to 08, but 500 from 07 on, and 30 + 10 on top: 140 +
    240 + 540 + 140 = 1060 CNY.

    **Breaks as**: 1100 CNY if adders floated with the period; 760 if the earlier period won; 900 without adders.
    """
    assert dispatch.objective_cny == approx(1060.0)
    assert dispatch.prices["electricity"] == approx([140.0, 240.0, 540.0, 140.0])


@pytest.mark.parametrize(
    "cost",
    [
        case(-300.0, id="free", grid=grid(100.0, export_price=50.0), wind=wind([1.0], 10.0), load=load([4.0])),
        case(-100.0, id="limited", grid=grid(100.0, export_price=50.0, export_limit_mw=2.0), wind=wind([1.0], 10.0), load=load([4.0])),
        case(0.0, id="forbidden", grid=grid(100.0, export_price=50.0, export_allowed=False), wind=wind([1.0], 10.0), load=load([4.0])),
    ],
)
def test_exports_earn_up_to_their_limit(dispatch, cost):
    """**Proves**: 6 MWh of surplus wind at 50: −300 CNY; 2 MW at most: −100; forbidden: 0.

    **Breaks as**: +300 CNY if exports cost; −300 throughout if limits were lost.
    """
    assert dispatch.objective_cny == approx(cost)


@in_park(grid=grid(100.0, import_limit_mw=5.0), load=load([6.0], unserved_price_cny_per_mwh=1000.0))
def test_imports_are_limited(dispatch):
    """**Proves**: 5 of 6 MW come in at 100, 1 MW stays unserved at 1000: 1500 CNY; one MW more of connection would be worth 900, which
    the price of 1000 shows.

    **Breaks as**: 600 CNY without limit.
    """
    assert dispatch.objective_cny == approx(1500.0)
    assert dispatch.prices["electricity"] == approx([1000.0])


@pytest.mark.parametrize((), [case(id=f"{price:g}", grid=grid(100.0, export_price=price), load=load([1.0])) for price in (150.0, 100.0)])
def test_nobody_earns_by_buying_and_selling_at_once(dispatch):
    """**Proves**: with 100 MW both ways, buying at 100 to sell at 150 (or at the same 100) in one hour is excluded: the load's 1 MWh costs
    100 CNY.

    **Breaks as**: 100 × 100 − 99 × 150 = −4850 CNY; at equal prices any amount in a circle.
    """
    assert dispatch.objective_cny == approx(100.0)
    assert dispatch.flows["grid.export"] == approx([0.0])


def test_exclusion_of_buying_and_selling_is_foreseen():
    """**Proves**: where the export price reaches the import price, the binary is in the model from the start: one round, one binary.

    **Breaks as**: two rounds if it came only after a solution that earned.
    """
    dispatch = solve(tiny_park(grid=grid(100.0, export_price=[100.0, 99.0]), load=load([1.0, 1.0])))
    assert (dispatch.termination.rounds, dispatch.termination.binaries) == (1, 1)


STORE = {"wind": wind([0.0, 0.2], 10.0), "battery": battery(), "load": load([0.0, 0.0])}
"""Cheap power before a dear hour in which 2 MWh of wind blow, and a battery between them."""


@in_park(grid=grid([10.0, 1000.0], export_price=[0.0, 300.0], export_limit_mw=10.0), **STORE)
def test_stored_power_is_exported_unless_told_otherwise(dispatch):
    """**Proves**: 10 MW are sold at 300, 8 of them bought at 10 an hour before: −2920 CNY.

    **Breaks as**: −600 CNY if only wind were sold.
    """
    assert dispatch.objective_cny == approx(-2920.0)


def test_green_exports_stay_below_wind_and_sun():
    """**Proves**: with ``export_from: renewable`` only the hour's 2 MWh of wind are sold at 300: −600 CNY.

    **Breaks as**: −2920 CNY if the rule were lost.
    """
    connection = grid([10.0, 1000.0], export_price=[0.0, 300.0], export_limit_mw=10.0, export_from="renewable")
    assert solve(tiny_park(grid=connection, **STORE)).objective_cny == approx(-600.0)


def test_green_charging_and_green_exports_share_the_same_green():
    """**Proves**: one row an hour holds battery charge + export − wind ≤ 0 where both must be green.

    **Breaks as**: two rows, which would let 5 MW of wind be stored and sold at once.
    """
    from gridsim.dispatch.model import make_draft

    connection = grid(100.0, export_price=50.0, export_from="renewable")
    draft = make_draft(tiny_park(grid=connection, wind=wind([1.0], 5.0), battery=battery(charge_from="renewable"), load=load([0.0])))
    (request,) = [request for request in draft.requests if request.name == "green_only"]
    assert {term.component: term.coefficient for term in request.terms} == {"battery.charge": 1.0, "grid.export": 1.0, "wind": -1.0}


@in_park(start="2030-01-31T22:00", grid=grid(1.0, tariff={"demand_charge_cny_per_mw_month": 10.0}), load=load([1.0, 3.0, 2.0, 1.0]))
def test_demand_charge_is_paid_each_month(dispatch):
    """**Proves**: hours of 1 and 3 MW on January 31, of 2 and 1 MW on February 1, at 1 CNY/MWh and 10 CNY/MW: 7 + 10 × (3 + 2) = 57 CNY.

    A month cut short pays its charge in full.

    **Breaks as**: 37 CNY if paid once for the highest of all; 7 without charge.
    """
    assert dispatch.objective_cny == approx(57.0)
    assert dispatch.monthly_peaks["grid.demand_charge"] == approx([3.0, 2.0])
    assert dispatch.draft.park.technologies["grid"].report("grid", dispatch)["demand_charge_cny"] == approx(50.0)


@in_park(grid=grid(1.0, tariff={"demand_charge_cny_per_mw_month": 10.0}), battery=battery(4.0, 4.0), load=load([1.0, 1.0, 7.0]))
def test_demand_charge_is_shaved_by_storage(dispatch):
    """**Proves**: 1 + 1 + 7 MWh at 1 CNY and 10 CNY/MW of peak cost 79 CNY alone; a battery of 4 MW and 4 MWh flattens them to 3 MW: 9 +
    30 = 39 CNY.

    **Breaks as**: 79 CNY if the charge were added after the optimum; 9 if it were left out.
    """
    assert dispatch.objective_cny == approx(39.0)
    assert dispatch.flows["grid.import"] == approx([3.0, 3.0, 3.0])


def price_at(tariff: dict, *stamps: str) -> list[float]:
    """Import price at single hours."""
    axes = [TimeAxis(datetime.datetime.fromisoformat(stamp), 1) for stamp in stamps]
    return [float(Tariff(**tariff).import_price_cny_per_mwh(axis, {})[0]) for axis in axes]


def test_period_that_passes_midnight():
    """**Proves**: '22-06' holds at 22:00, 00:00 and 05:00 and not at 06:00 or 21:00.

    **Breaks as**: never, if 22 ≤ hour < 6 were asked.
    """
    tariff = {"energy_price_cny_per_mwh": 100.0, "time_of_use": {"valley": {"hours": "22-06", "multiplier": 0.5}}}
    night = price_at(tariff, "2030-01-07T22:00", "2030-01-08T00:00", "2030-01-08T05:00", "2030-01-08T06:00", "2030-01-08T21:00")
    assert night == [50.0, 50.0, 50.0, 100.0, 100.0]


def test_period_that_begins_between_hours():
    """**Proves**: '06:30-07' holds from 06:30 to 06:59, not at 06:15 and not at 07:00.

    **Breaks as**: 06:15 in it if minutes were dropped.
    """
    tariff = {"energy_price_cny_per_mwh": 100.0, "time_of_use": {"peak": {"hours": "06:30-07", "multiplier": 2.0}}}
    assert price_at(tariff, "2030-01-07T06:15", "2030-01-07T06:30", "2030-01-07T06:45", "2030-01-07T07:00") == [100.0, 200.0, 200.0, 100.0]


def test_periods_of_weekdays_and_months():
    """**Proves**: 2030-01-11 is a Friday, the 12th a Saturday; a summer period in June and July leaves August alone.

    **Breaks as**: the weekend a day off if the week began on Sunday.
    """
    periods = {
        "work": {"hours": "08-18", "multiplier": 2.0, "days": "weekday"},
        "rest": {"hours": "08-18", "multiplier": 0.5, "days": "weekend"},
        "summer": {"hours": "12-14", "multiplier": 3.0, "months": [6, 7]},
    }
    tariff = {"energy_price_cny_per_mwh": 100.0, "time_of_use": periods}
    assert price_at(tariff, "2030-01-11T09:00", "2030-01-12T09:00", "2030-01-13T17:00", "2030-01-14T18:00") == [200.0, 50.0, 50.0, 100.0]
    assert price_at(tariff, "2030-06-03T12:00", "2030-07-31T13:00", "2030-08-01T13:00", "2030-06-03T14:00") == [300.0, 300.0, 200.0, 200.0]


def test_multiplier_acts_on_a_price_profile():
    """**Proves**: profile prices of 100 and 200 doubled in the second hour are 100 and 400; the export price is its own profile.

    **Breaks as**: 200 if the multiplier acted on a flat price.
    """
    axis = TimeAxis(datetime.datetime(2030, 1, 7), 2)
    periods = {"peak": {"hours": "01-02", "multiplier": 2.0}}
    tariff = Tariff(energy_price_profile="spot", export_price_profile="feed_in", time_of_use=periods)
    park = tiny_park(hours=2, load=load([1.0]), profiles={"spot": [100.0, 200.0], "feed_in": [30.0, 40.0]})
    assert tariff.import_price_cny_per_mwh(axis, park.profiles) == approx([100.0, 400.0])
    assert tariff.export_price_at(axis, park.profiles) == approx([30.0, 40.0])
