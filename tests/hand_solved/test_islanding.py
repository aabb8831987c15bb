"""Life without the grid, hour by hour: each rule on islands of a few hours that can be followed by head."""

from __future__ import annotations

import dataclasses
import datetime

import numpy as np
import pytest

from gridsim.profiles.time_axis import TimeAxis
from gridsim.vpp.islanding.curves import expected_unserved, groups, survival_record, survival_share
from gridsim.vpp.islanding.island import Heat, Island, IslandStore, islands_of, level_before
from gridsim.vpp.islanding.section import IslandingSection
from gridsim.vpp.islanding.storage import scaled, what_storage_buys
from gridsim.vpp.islanding.survive import survive
from hand_solved.parks import approx, battery, caes, electrolyser, grid, in_park, line, load, wind


def axis(steps, minutes=60, start="2030-01-07"):
    return TimeAxis(datetime.datetime.fromisoformat(start), steps, minutes)


def battery_store(start, power=10.0, energy=20.0, **fields):
    """A lossless battery that holds the island."""
    given = {"charge_efficiency": 1.0, "discharge_efficiency": 1.0, "level_min_mwh": 0.0, "level_max_mwh": energy, "holds_above_mwh": 0.0}
    name = fields.pop("name", "battery")
    return IslandStore(name, power, power, **{**given, **fields, "start_mwh": np.asarray(start, float)})


def island(renewable, critical, *stores, minutes=60, conversion=0.0, **tiers):
    demand = {"critical": np.asarray(critical, float), **{name: np.asarray(power, float) for name, power in tiers.items()}}
    time = axis(len(renewable), minutes)
    return Island("island_1", time, np.asarray(renewable, float), demand, tuple(stores), tuple(range(len(stores))), conversion)


def section(**fields):
    return IslandingSection(**{"year_end": "truncate", "durations_hours": [1.0, 2.0], **fields})


def test_a_battery_lasts_as_long_as_its_energy():
    """Proves: 20 MWh on 5 MW last 4 hours from the first start and none from a start at which it is empty; the middle ones outlive the data.

    Breaks as: 5 hours if the failing hour counted.
    """
    found = survive(island([0.0] * 6, [5.0] * 6, battery_store([20.0, 20.0, 20.0, 20.0, 10.0, 0.0])), section())
    assert found.hours.tolist() == [4.0, 4.0, 4.0, 3.0, 2.0, 0.0]
    assert found.censored.tolist() == [False, False, True, True, True, False]
    assert found.cause.tolist() == ["energy: battery", "energy: battery", "lasted", "lasted", "lasted", "energy: battery"]
    assert found.end_step.tolist() == [4, 5, -1, -1, -1, 5]
    assert found.known_hours.tolist() == [6.0, 5.0, 4.0, 3.0, 2.0, 1.0]


def test_losses_on_both_ways_and_standing():
    """Proves: of 10 MWh half stand lost in each hour; then 4 MWh at the bus take 4/0.8 = 5: 10 → 5 → 0, one hour served, the second has nothing.

    And 5 MW of surplus into 0.8 are 4 MWh that give 3.2: enough for 3.2 MW, not for 3.3. Breaks as: two hours without standing loss.
    """
    leaking = battery_store([10.0] * 3, discharge_efficiency=0.8, standing_loss_share_per_hour=0.5)
    assert survive(island([0.0] * 3, [4.0] * 3, leaking), section()).hours[0] == 1.0
    lossy = battery_store([0.0] * 2, charge_efficiency=0.8, discharge_efficiency=0.8)
    assert survive(island([5.0, 0.0], [0.0, 3.2], lossy), section()).hours[0] == 2.0
    assert survive(island([5.0, 0.0], [0.0, 3.3], lossy), section()).hours[0] == 1.0


def test_quarter_hours_are_a_quarter_of_the_energy():
    """Proves: 2.5 MWh on 5 MW are two quarter hours, half an hour, not two hours; half of standing loss an hour is 0.5^(1/4) in each."""
    found = survive(island([0.0] * 4, [5.0] * 4, battery_store([2.5] * 4), minutes=15), section(durations_hours=[0.5, 1.0]))
    assert found.hours[0] == 0.5
    assert found.unserved_mwh["critical"][:, 0].tolist() == [0.0, 2.5]
    kept = 0.5**0.25
    just = battery_store([5.0] * 2, standing_loss_share_per_hour=0.5)
    assert survive(island([0.0] * 2, [20.0 * kept, 0.0], dataclasses.replace(just, discharge_mw=50.0), minutes=15), section()).censored[0]
    assert survive(island([0.0] * 2, [20.1 * kept, 0.0], dataclasses.replace(just, discharge_mw=50.0), minutes=15), section()).hours[0] == 0.0


def test_power_that_is_too_small_is_told_from_energy():
    """Proves: 12 MW on a converter of 10 MW with 100 MWh behind it end at once, and not for want of energy."""
    found = survive(island([0.0] * 3, [12.0] * 3, battery_store([100.0] * 3, energy=100.0)), section())
    assert found.hours[0] == 0.0
    assert found.cause[0] == "power"


def test_wind_serves_and_charges():
    """Proves: 8 MW of wind on 5 MW of load put 3 MWh away, which serve 3 of the next hour's 5 MW with 2 of wind; the third hour has none."""
    found = survive(island([8.0, 2.0, 4.0], [5.0, 5.0, 5.0], battery_store([0.0] * 3)), section())
    assert found.hours[0] == 2.0


def test_charging_keeps_to_power_and_room():
    """Proves: 50 MW of surplus give 10 MWh through 10 MW, and 4 MWh into a battery with room for 4."""
    assert survive(island([50.0, 0.0], [0.0, 10.0], battery_store([0.0] * 2)), section()).censored[0]
    assert not survive(island([50.0, 0.0], [0.0, 10.1], battery_store([0.0] * 2)), section()).censored[0]
    assert survive(island([50.0, 0.0], [0.0, 5.1], battery_store([0.0, 0.0], energy=5.0)), section()).hours[0] == 1.0


def test_the_two_policies():
    """Proves: 20 MWh, 5 MW critical and 5 MW of others: two hours for both, or four for the critical tier alone. Others then lack 5 MW from the first hour.

    In two hours ``serve_all`` leaves nothing unserved, saving leaves 10 MWh of the others. Breaks as: 4 hours for both if others never drew on the battery.
    """
    both = island([0.0] * 5, [5.0] * 5, battery_store([20.0] * 5), others=[5.0] * 5)
    greedy, saving = survive(both, section(policy="serve_all")), survive(both, section(policy="save_for_critical"))
    assert (greedy.hours[0], saving.hours[0]) == (2.0, 4.0)
    assert greedy.unserved_mwh["others"][:, 0].tolist() == [0.0, 0.0]
    assert saving.unserved_mwh["others"][:, 0].tolist() == [5.0, 10.0]


def test_a_reserve_for_the_critical_tier():
    """Proves: with half of 20 MWh in reserve the others get their 5 MW for one hour (20 → 10), then the critical tier has 2 more: 3 hours.

    Breaks as: 2 hours without the reserve, 4 if others got nothing.
    """
    both = island([0.0] * 5, [5.0] * 5, battery_store([20.0] * 5), others=[5.0] * 5)
    found = survive(both, section(policy="serve_all", reserve_share=0.5))
    assert found.hours[0] == 3.0
    assert found.unserved_mwh["others"][:, 0].tolist() == [0.0, 5.0]


def test_tiers_are_served_in_their_order():
    """Proves: 12 MW of wind: 5 critical, 5 to the second tier, 2 of 5 to the third; saving first fills the battery's 4 MWh of room: 7 − 4 = 3 to the second."""
    tiers = {"second": [5.0], "third": [5.0]}
    greedy = survive(island([12.0], [5.0], battery_store([16.0]), **tiers), section(policy="serve_all"))
    assert [greedy.unserved_mwh[tier][0, 0] for tier in ("critical", "second", "third")] == [0.0, 0.0, 0.0]
    bare = survive(island([12.0], [5.0], battery_store([0.0], power=0.0), **tiers), section(policy="serve_all"))
    assert [bare.unserved_mwh[tier][0, 0] for tier in ("critical", "second", "third")] == [0.0, 0.0, 3.0]
    saving = survive(island([12.0], [5.0], battery_store([16.0]), **tiers), section())
    assert [saving.unserved_mwh[tier][0, 0] for tier in ("critical", "second", "third")] == [0.0, 2.0, 5.0]


def test_conversions_take_what_nobody_else_can():
    """Proves: 20 MW of wind, 5 critical, 4 MWh of room, 3 of another tier: 8 are left, a conversion of 6 MW takes 6; ``shed``: none."""
    full = island([20.0], [5.0], battery_store([16.0]), conversion=6.0, others=[3.0])
    assert survive(full, section()).conversion_mwh[0, 0] == 6.0
    assert survive(full, section(conversions="shed")).conversion_mwh[0, 0] == 0.0


def test_an_island_needs_a_unit_that_holds_it():
    """Proves: with wind enough, a battery that only follows holds nothing; one that lets go below 3 MWh ends when standing losses pass that level (4, 2)."""
    follows = battery_store([20.0] * 3, holds_above_mwh=None)
    found = survive(island([9.0] * 3, [5.0] * 3, follows), section())
    assert (found.hours[0], found.cause[0]) == (0.0, "grid_forming")
    leaks = battery_store([8.0] * 3, holds_above_mwh=3.0, standing_loss_share_per_hour=0.5)
    found = survive(island([5.0] * 3, [5.0] * 3, leaks), section())
    assert (found.hours[0], found.cause[0]) == (1.0, "grid_forming")
    assert survive(island([5.0] * 3, [5.0] * 3), section()).cause[0] == "grid_forming"


def test_stores_are_drawn_in_order():
    """Proves: of two full stores of 10 MWh the first gives 6 + 4, the second 2 + 6: 2 MWh are left for the fourth hour."""
    stores = battery_store([10.0] * 4, energy=10.0, name="first"), battery_store([10.0] * 4, energy=10.0, name="second")
    found = survive(island([0.0] * 4, [6.0] * 4, *stores), section())
    assert found.hours[0] == 3.0
    assert found.cause[0] == "energy: first"
    assert survive(island([0.0] * 2, [20.0, 0.0], *stores), section()).censored[0]
    swapped = dataclasses.replace(island([20.0, 0.0], [0.0, 12.0], *(dataclasses.replace(s, start_mwh=np.zeros(2)) for s in stores)), charge_order=(1,))
    assert survive(swapped, section()).hours[0] == 1.0


def test_a_thermal_unit_lasts():
    """Proves: fuel that does not run out, 6 of 6 MW: no end within the horizon; 6.1 MW: power."""
    unit = battery_store([np.inf] * 4, power=6.0, energy=np.inf, name="unit")
    unit = dataclasses.replace(unit, charge_mw=0.0)
    assert survive(island([0.0] * 4, [6.0] * 4, unit), section()).censored.all()
    assert survive(island([0.0] * 4, [6.1] * 4, unit), section()).cause[0] == "power"


def air(start, heat, **fields):
    """Compressed air of 10 MW and 40 MWh: 0.5 MWh of air and 0.8 of heat a MWh charged, 1.25 of heat a MWh out."""
    store = battery_store(start, energy=40.0, charge_efficiency=0.5, name="air", holds_above_mwh=None, **fields)
    return dataclasses.replace(store, heat=Heat(0.8, 1.25, 0.0, 50.0, np.asarray(heat, float)))


HOLDS = battery_store([1.0] * 4, power=0.0, name="holds")


def test_heat_ends_compressed_air_before_air_does():
    """Proves: 20 MWh of heat give 16 MWh out of 40 of air: two hours of 8 MW. Breaks as: four hours without heat."""
    found = survive(island([0.0] * 4, [8.0] * 4, HOLDS, air([40.0] * 4, [20.0] * 4)), section())
    assert (found.hours[0], found.cause[0]) == (2.0, "heat: air")


def test_heat_is_stored_by_charging_and_leaks():
    """Proves: 10 MW of surplus put 5 MWh of air and 8 of heat, which give min(5, 8/1.25 = 6.4) = 5 MWh; with half the heat lost each hour 4/1.25 = 3.2."""

    def hours(demand, loss):
        store = air([0.0] * 2, [0.0] * 2)
        store = dataclasses.replace(store, heat=dataclasses.replace(store.heat, standing_loss_share_per_hour=loss))
        return survive(island([10.0, 0.0], [0.0, demand], HOLDS, store), section()).hours[0]

    assert (hours(5.0, 0.0), hours(5.01, 0.0)) == (2.0, 1.0)
    assert (hours(3.2, 0.5), hours(3.21, 0.5)) == (2.0, 1.0)


def test_a_heat_store_that_is_full_takes_no_more():
    """Proves: 10 MW of surplus would leave 8 MWh of heat, 4 fit, and 4/1.25 = 3.2 MWh come out of 5 of air."""

    def hours(demand):
        store = air([0.0] * 2, [0.0] * 2)
        store = dataclasses.replace(store, heat=dataclasses.replace(store.heat, level_max_mwh=4.0))
        return survive(island([10.0, 0.0], [0.0, demand], HOLDS, store), section()).hours[0]

    assert (hours(3.2), hours(3.21)) == (2.0, 1.0)


def test_a_compressor_below_its_minimum_load_stands():
    """Proves: 6 MW of surplus are less than a compressor of 7 MW needs: nothing is stored; 7 MW store 3.5 MWh."""
    store = air([0.0] * 2, [50.0] * 2, charge_min_mw=7.0)
    assert survive(island([6.0, 0.0], [0.0, 1.0], HOLDS, store), section()).hours[0] == 1.0
    assert survive(island([7.0, 0.0], [0.0, 3.5], HOLDS, store), section()).hours[0] == 2.0


@pytest.mark.parametrize(
    ("demand", "wind_mw", "level", "room", "runs"),
    [
        (3.0, 0.0, 0.0, 0.9, False),  # 1 MW too much, and the battery has room for 0.9
        (3.0, 0.0, 0.0, 1.0, True),
        (5.0, 2.0, 0.0, 0.0, True),  # 3 MW lack; of 2 MW of wind 1 is curtailed
        (3.0, 2.0, 0.0, 0.0, False),  # 3 MW too much on 2 MW of wind
        (3.0, 2.0, 0.0, 1.0, True),  # wind gives way by 2, the battery takes 1
        (3.0, 0.0, 2.0, 1.0, True),  # the battery would give 2; it gives none and takes 1
        (3.0, 0.0, 2.0, 0.9, False),
        (3.0, 0.0, 2.9, 0.0, False),  # 0.1 MW lacks, 3.9 too much, and the battery gives way by 2.9
    ],
)
def test_an_expander_at_its_minimum_load(demand, wind_mw, level, room, runs):
    """Proves: an expander of at least 4 MW runs where a battery or wind can give way by what is too much, else it stands and ends the island.

    Breaks as: it would run at 1 MW without a minimum load.
    """
    cell = battery_store([level] * 2, power=5.0, energy=level + room, name="cell")
    found = survive(island([wind_mw, 0.0], [demand, 0.0], cell, air([40.0] * 2, [50.0] * 2, discharge_min_mw=4.0)), section())
    assert found.hours[0] == (2.0 if runs else 0.0)
    assert found.cause[0] == ("lasted" if runs else "minimum_load: air")


def test_what_an_expander_at_its_minimum_load_leaves():
    """Proves: 2 MWh in the battery, 3 MW asked, 4 MW from the expander: the battery has 3 MWh afterwards, which serve the next hour without air."""
    cell = battery_store([2.0, 2.0], power=5.0, energy=3.0, name="cell")

    def hours(second):
        return survive(island([0.0, 0.0], [3.0, second], cell, air([4.0] * 2, [5.0] * 2, discharge_min_mw=4.0)), section()).hours[0]

    assert (hours(3.0), hours(3.01)) == (2.0, 1.0)


def test_the_year_goes_round_or_ends():
    """Proves: 10 MWh on 5 MW from the last of three hours: the first two hours of the (same) year again, or unknown after one.

    Breaks as: an index error, or a start that lasts forever.
    """
    three = island([0.0] * 3, [5.0] * 3, battery_store([20.0, 20.0, 10.0]))
    round_ = survive(three, section(year_end="wrap"))
    assert round_.hours.tolist() == [4.0, 4.0, 2.0]
    assert round_.end_step.tolist() == [1, 2, 1]
    assert not round_.censored.any()
    assert survive(three, section()).censored.tolist() == [True, True, True]
    assert survive(three, section(year_end="wrap", horizon_hours=3.0)).hours.tolist() == [3.0, 3.0, 2.0]


def test_unserved_energy_after_the_end_is_all_demand():
    """Proves: 4 + 5 + 6 MW, 9 MWh in store: two hours served, then all 6 MWh are unserved; from the second start 9 ≥ 5 but not 11: one hour, 6 unserved."""
    found = survive(island([0.0] * 3, [4.0, 5.0, 6.0], battery_store([9.0] * 3)), section(durations_hours=[1.0, 2.0, 3.0]))
    assert found.unserved_mwh["critical"][:, 0].tolist() == [0.0, 0.0, 6.0]
    assert found.unserved_mwh["critical"][:2, 1].tolist() == [0.0, 6.0]
    assert np.isnan(found.unserved_mwh["critical"][2, 1])
    mean = expected_unserved(found)["critical"]
    assert mean["demand_mwh"].tolist() == [5.0, 10.0, 15.0]
    assert mean["unserved_mwh"].tolist() == [0.0, 3.0, 6.0]
    assert mean["unserved_share"].tolist() == [0.0, 0.3, 0.4]


def test_the_curve_counts_starts_whose_data_reach():
    """Proves: of starts [4, 4, 4+, 3+, 2+, 0] with data of 6 … 1 h: 5 of 6 last 1 h, all of the 5 with two hours of data last 2 h."""
    found = survive(island([0.0] * 6, [5.0] * 6, battery_store([20.0, 20.0, 20.0, 20.0, 10.0, 0.0])), section())
    assert survival_share(found, [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0])[:7] == pytest.approx([1.0, 5 / 6, 1.0, 1.0, 1.0, 0.0, 0.0])
    assert np.isnan(survival_share(found, [7.0])[0])


def test_groups_by_season_and_hour():
    """Proves: two days of January are winter and give each hour of the day twice."""
    table = groups(axis(48))
    assert list(table["season"]) == ["winter"]
    assert [int(where.sum()) for where in table["hour_of_day"].values()] == [2] * 24
    assert list(groups(axis(24, start="2030-10-31"))["month"]) == ["10"]
    assert list(groups(axis(24, start="2030-10-31"))["season"]) == ["autumn"]


def test_what_twice_the_battery_buys():
    """Proves: 20 MWh on 5 MW last 4 h, 40 MWh 8 h; half the power of 10 MW still gives 5, a quarter gives 2.5 and ends at once."""
    one = island([0.0] * 12, [5.0] * 12, battery_store([20.0] * 12))
    settings = section(year_end="wrap", durations_hours=[4.0, 8.0])
    rows = what_storage_buys(one, settings, "battery", energy_factors=[1.0, 2.0], power_factors=[0.25, 0.5, 1.0])
    assert [row["hours_mean_at_least"] for row in rows] == [0.0, 0.0, 4.0, 8.0, 4.0, 8.0]
    assert [row["share_at_durations"] for row in rows[4:]] == [[1.0, 0.0], [1.0, 1.0]]
    assert (rows[1]["energy_mwh"], rows[1]["power_mw"]) == (40.0, 2.5)
    short = section(year_end="wrap", durations_hours=[4.0], horizon_hours=6.0)  # which the doubled battery outlasts
    assert [row["outlast_share"] for row in what_storage_buys(one, short, "battery", energy_factors=[1.0, 2.0])] == [0.0, 1.0]
    plant = scaled(air([10.0], [8.0], charge_min_mw=2.0), 2.0, 3.0)
    assert (plant.heat.level_max_mwh, plant.heat.start_mwh[0], plant.start_mwh[0], plant.charge_min_mw) == (100.0, 16.0, 20.0, 6.0)


def test_the_record_is_plain():
    """Proves: numbers and lists only, so that it can be written as it is."""
    import json

    one = island([0.0] * 30, [5.0] * 30, battery_store([20.0] * 30), others=[1.0] * 30)
    record = survival_record(one, survive(one, section()))
    assert json.loads(json.dumps(record))["causes"] == {"energy: battery": 26, "lasted": 4}
    assert record["curve"]["share"][:6] == [1.0, 1.0, 1.0, 1.0, 1.0, 0.0]


@in_park(
    grid=grid([10.0, 10.0, 10.0]),
    wind=wind([0.0, 1.0, 0.5], 10.0),
    battery=battery(5.0, 20.0, charge_efficiency=0.9, discharge_efficiency=0.8, level_min_share=0.1, level_start_share=0.5, standing_loss_share_per_hour=0.1),
    factory=load([4.0, 4.0, 8.0]),
    office=load([1.0, 2.0, 3.0]),
)
def test_an_island_is_read_from_a_dispatch(dispatch):
    """**Proves**: tiers by share with the rest, wind as available, the battery's window, losses and level before each hour (10 MWh before the first)."""
    settings = IslandingSection(tiers={"critical": {"factory": 0.25, "office": 1.0}, "second": {"factory": 0.5}}, level_min_share={"battery": 0.05})
    (found,) = islands_of(dispatch, settings)
    assert found.renewable_mw == approx([0.0, 10.0, 5.0])
    assert {tier: power.tolist() for tier, power in found.demand_mw.items()} == {
        "critical": [2.0, 3.0, 5.0],
        "second": [2.0, 2.0, 4.0],
        "rest": [1.0, 1.0, 2.0],
    }
    (store,) = found.stores
    assert (store.charge_mw, store.discharge_mw, store.level_min_mwh, store.level_max_mwh, store.holds_above_mwh) == (5.0, 5.0, 1.0, 20.0, 1.0)
    assert store.start_mwh == approx([10.0, *dispatch.levels["battery.store"][:2]])
    (all_of_it,) = islands_of(dispatch)
    assert all_of_it.demand_mw["critical"] == approx([5.0, 6.0, 11.0])
    (following,) = islands_of(dispatch, IslandingSection(grid_forming={}))
    assert following.stores[0].holds_above_mwh is None


@in_park(grid=grid([10.0, 10.0]), battery=battery(5.0, 20.0, level_end="same", level_start_share=None), factory=load([4.0, 4.0]))
def test_a_cyclic_store_begins_where_it_ends(dispatch):
    """**Proves**: the level before the first hour is that of the last."""
    assert level_before(dispatch, "battery.store")[0] == dispatch.levels["battery.store"][-1]


@in_park(
    grid=grid([10.0, 10.0]),
    plant=caes(
        10.0, 20.0, compressor_power_mw=6.0, compressor_efficiency=0.8, expander_efficiency=0.75, expander_min_load_share=0.4, compressor_min_load_share=0.5
    ),
    factory=load([4.0, 4.0]),
)
def test_compressed_air_is_read_from_a_dispatch(dispatch):
    """**Proves**: 0.6 MWh of air and 0.8 of heat a MWh charged, 1/0.75 of heat a MWh out, minimum loads of 3 and 4 MW, a heat store for a full cavern."""
    (found,) = islands_of(dispatch)
    (store,) = found.stores
    assert (store.charge_mw, store.discharge_mw, store.charge_min_mw, store.discharge_min_mw) == approx((6.0, 10.0, 3.0, 4.0))
    assert (store.charge_efficiency, store.discharge_efficiency) == approx((0.6, 1.0))
    assert (store.heat.stored_per_charged, store.heat.drawn_per_discharged, store.heat.level_max_mwh) == approx((0.8, 1 / 0.75, 20 / 0.75))
    assert store.holds_above_mwh is None


@in_park(
    grid=grid([10.0, 10.0], bus="town"),
    base_wind=wind([1.0, 0.5], 100.0, bus="base"),
    town_wind=wind([0.1, 0.1], 10.0, bus="town"),
    cable=line("base", "town", 60.0, loss_share=0.1),
    factory=load([4.0, 4.0], bus="town"),
    mine=load([2.0, 2.0], bus="far"),
    far_grid=grid([10.0, 10.0], bus="far"),
    far_battery=battery(5.0, 20.0, bus="far"),
)
def test_lines_join_buses_and_bound_a_base(dispatch):
    """**Proves**: base and town are one island, and the base's 100 and 50 MW arrive as 54 and 45 with the town's 1 MW; the mine is an island of its own."""
    town, far = islands_of(dispatch)
    assert town.renewable_mw == approx([55.0, 46.0])
    assert (town.demand_mw["critical"][0], far.demand_mw["critical"][0]) == (4.0, 2.0)
    assert [store.name for store in far.stores] == ["far_battery"]
    assert town.stores == ()
    only_mine = islands_of(dispatch, IslandingSection(tiers={"critical": {"mine": 1.0}}))
    assert len(only_mine) == 1


@in_park(
    grid=grid([10.0, 10.0]),
    plant=electrolyser(10.0),
    users={"type": "hydrogen_demand", "bus": "hydrogen", "annual_kg": 876000.0},
    factory=load([4.0, 4.0]),
)
def test_a_conversion_may_be_critical(dispatch):
    """**Proves**: a technology named in a tier keeps the power that it drew in the dispatch; unnamed it counts as what a surplus may feed."""
    drawn = dispatch.flows["plant.piece_0"] + sum(
        dispatch.flows[name] for name in dispatch.flows if name.startswith("plant.piece_") and name != "plant.piece_0"
    )
    (found,) = islands_of(dispatch, IslandingSection(tiers={"critical": {"plant": 0.5}}))
    assert drawn.min() > 1.0
    assert found.demand_mw["critical"] == approx(0.5 * drawn)
    assert found.demand_mw["rest"] == approx([4.0, 4.0])
    assert found.conversion_mw == approx(10.0)
