"""Capacities in whole units with their proof, the part-load error beside it, and what whole modules cost: by hand, and by trying every choice."""

from __future__ import annotations

import itertools
import json

import numpy as np
import pytest

from gridsim.dispatch.sizes import Free, find_sizes, resized
from gridsim.errors import DefinitionError, InfeasibleError
from gridsim.size_command import as_json
from gridsim.study import sizing
from gridsim.study.committed import committed
from gridsim.study.whole_units import Box, halves, in_units
from tests.hand_solved.parks import approx, electrolyser, grid, hydrogen_demand, load, tiny_park, wind
from tests.hand_solved.test_electrolyser import HOURS, MINIMUM
from tests.hand_solved.test_program import rich_park
from tests.hand_solved.test_window_bound import SIMPLEX, priced

WIND, STORE = "technologies.wind_1.capacity_mw", "technologies.battery_1.energy_mwh"
PLANT = "technologies.electrolyser_1.capacity_mw"


def cost_of(cny_per_unit, hours):
    """Capital cost for one year that is so much in these hours, at 7 %. [CNY/kW]"""
    return {"capital_cost_cny_per_kw": cny_per_unit * 8760.0 / hours / 1e3 / 1.07, "lifetime_years": 1.0, "fixed_om_share_per_year": 0.0}


# ---- whole units


def test_the_nearest_number_of_units_is_not_the_best():
    """Proves: 9.9 MWh at 100 CNY, or wind at 30 CNY/MW in turbines of 4 MW: 2.475 turbines are best, two of them leave 1.9 MWh to buy: 240 + 190 CNY;
    three cost 360. One range is relaxed and halved, both neighbours are dispatched.

    Breaks as: 430 CNY and a gap of 45 % with the nearest number.
    """
    park = tiny_park(hours=1, grid=grid(100.0), wind_1=wind([1.0], 1.0, **cost_of(30.0, 1)), works=load([9.9]))
    found = sizing.size(park, [Free(WIND, 0.0, 21.0, 4.0)])
    assert found.values == approx({WIND: 12.0})
    assert (found.cost_cny, found.bound_cny) == approx((360.0, 360.0))
    assert (found.choices, found.ranges) == (2, 3) and found.at_bound == ()


def test_a_search_that_is_cut_short_tells_what_it_proved(monkeypatch):
    """Proves: the nearest number, two turbines at 430 CNY, is dispatched before any range is halved; of 297 CNY no choice costs less."""
    monkeypatch.setattr(sizing, "MOST_RANGES", 1)
    park = tiny_park(hours=1, grid=grid(100.0), wind_1=wind([1.0], 1.0, **cost_of(30.0, 1)), works=load([9.9]))
    found = sizing.size(park, [Free(WIND, 0.0, 21.0, 4.0)])
    assert (found.values[WIND], found.cost_cny, found.bound_cny) == approx((8.0, 430.0, 297.0))
    assert (found.choices, found.ranges) == (1, 1) and found.gap == approx(430.0 / 297.0 - 1.0)


def test_no_other_choice_of_units_costs_less():
    """Proves: of 3 x 3 choices of wind and of storage, solar free, each held and found without units, none costs less than the one that is found."""
    park = priced(rich_park())
    solar = Free("technologies.solar_1.capacity_mw", 0.0, 100.0)
    found = sizing.size(park, [Free(WIND, 0.0, 60.0, 30.0), Free(STORE, 0.0, 60.0, 30.0), solar], gap=1e-6)
    every = {}
    for choice in itertools.product(np.arange(3) * 30.0, repeat=2):
        held = resized(park, [Free(WIND, 0, 60), Free(STORE, 0, 60)], choice)
        every[choice] = sizing.size(held, [solar]).cost_cny
    best = min(every, key=every.get)
    assert (found.values[WIND], found.values[STORE]) == best
    assert found.bound_cny <= every[best] * (1 + 1e-9) and found.cost_cny == pytest.approx(every[best], rel=1e-5)
    assert found.gap <= 1e-6 and 1 <= found.choices < len(every)


def test_units_in_segments_with_windows(monkeypatch):
    """Proves the way of a long horizon: the bound holds for the optimum in units that all hours at once give."""
    park, free = priced(rich_park()), [Free(WIND, 0.0, 60.0, 20.0), Free(STORE, 0.0, 60.0, 20.0)]
    at_once = sizing.size(park, free, gap=1e-6)
    monkeypatch.setattr(sizing, "FEW_STEPS", 10)
    monkeypatch.setattr("gridsim.dispatch.windows.WINDOW_STEPS", 24)
    found = sizing.size(park, free, gap=0.02, options=SIMPLEX)
    assert found.gap <= 0.02 and found.bound_cny <= at_once.cost_cny * (1 + 1e-9) and found.cost_cny >= at_once.bound_cny * (1 - 1e-9)
    assert all(found.values[one.path] % 20.0 == 0.0 for one in free)


def test_ends_of_ranges_are_whole_numbers_of_units():
    """Proves: 3 to 21 MW of turbines of 4 MW are one to five; between 5 and 7 MW there is none, and it is said so."""
    park = tiny_park(hours=1, grid=grid(100.0), wind_1=wind([1.0], 1.0), works=load([9.9]))
    drawn = in_units(find_sizes(park, [Free(WIND, 3.0, 21.0, 4.0)])[1])
    assert (drawn.lower[0], drawn.upper[0]) == (4.0, 20.0)
    with pytest.raises(DefinitionError, match="no whole number of units of 4 lies between 5 and 7"):
        sizing.size(park, [Free(WIND, 5.0, 7.0, 4.0)])


def test_a_box_is_halved_where_it_is_farthest_from_whole_and_the_nearer_half_comes_first():
    """Proves: 2.475 turbines and 1.1 stores: the turbines, with at most 2 next and at least 3 after it; whole numbers are not halved."""
    park = priced(rich_park())
    box = Box(find_sizes(park, [Free(WIND, 0.0, 20.0, 4.0), Free(STORE, 0.0, 20.0, 10.0)])[1], 48)
    later, sooner = halves(box, np.array([9.9, 11.0]))
    assert (sooner.sizes.upper[0], later.sizes.lower[0]) == (8.0, 12.0)
    assert list(sooner.sizes.upper[1:]) == list(later.sizes.upper[1:]) == [20.0]
    assert halves(box, np.array([8.0, 10.0])) == []


def test_units_that_serve_nobody_are_told():
    """Proves: wind that cannot be curtailed must lie between 6 and 10 MW, where there is no multiple of 11 MW."""
    park = tiny_park(hours=1, grid=grid(100.0, import_limit_mw=4.0), wind_1=wind([1.0], 8.0, curtailable=False, **cost_of(1.0, 1)), works=load([10.0]))
    assert sizing.size(park, [Free(WIND, 0.0, 50.0)]).values[WIND] == approx(10.0)
    with pytest.raises(InfeasibleError, match="whole numbers of units"):
        sizing.size(park, [Free(WIND, 0.0, 50.0, 11.0)])


# ---- part load


def test_the_part_load_error_stands_beside_the_gap():
    """Proves: 10 and 170 kg/h at 45 kWh/kg take 0.45 and 7.65 MW; half load is best, so that 15.3 MW are built, which count as two modules of 7.65 MW. One of
    them starts at 0.765 MW: the first hour's 10 kg are not made, worth 4.5 CNY each. The second hour is on the curve.

    Breaks as: none missing with modules as small as one likes; 10 kg at 0.15 CNY/kWh of hydrogen if a MWh were taken for a kilogram.
    """
    curve = [[0.1, 0.9], [0.5, 0.9], [1.0, 1.0]]
    fleet = electrolyser(10.0, part_load_curve=curve, capital_cost_cny_per_kw=1e-3)
    park = tiny_park(grid=grid(100.0), electrolyser_1=fleet, users=hydrogen_demand(90.0, profile=[10.0, 170.0]))
    found = sizing.size(park, [Free(PLANT, 1.0, 40.0)])
    (error,) = found.part_load
    assert (error.technology, error.modules) == ("electrolyser_1", 2)
    assert (error.module_mw, error.park_module_mw) == pytest.approx((7.65, 10.0), rel=1e-3)
    assert error.hydrogen_overstated_kg == pytest.approx(10.0, rel=1e-6)
    assert error.hydrogen_overstated_share == pytest.approx(10.0 / 180.0, rel=1e-6)
    assert (error.below_minimum_load_hours, error.below_minimum_load_mwh) == approx((1.0, 0.45))
    assert error.value_cny == found.part_load_cny == pytest.approx(45.0, rel=1e-4)
    even = tiny_park(grid=grid(100.0), electrolyser_1=fleet, users=hydrogen_demand(170.0, profile=[170.0, 170.0]))
    assert sizing.size(even, [Free(PLANT, 1.0, 40.0)]).part_load_cny == pytest.approx(0.0, abs=1e-6)


def test_what_whole_modules_cost():
    """Proves: 20 kg from 1 MW in the hour at 10 CNY/MWh, and 30 CNY with one module at its minimum of 3 MW (`test_minimum_load_of_a_module`): 20 CNY more.
    None of the 20 kg is on the curve; at 0.5 CNY/kg that is 10 CNY, an estimate.

    Breaks as: 0 if the windows of both were at one level.
    """
    park = tiny_park(hours=3, grid=grid([1000.0, 10.0, 1000.0]), electrolyser_1=electrolyser(capital_cost_cny_per_kw=1e-3, **MINIMUM), **HOURS)
    found = sizing.size(park, [Free(PLANT, 10.0, 10.0)])
    whole = committed(found)
    assert (whole.optimum_cny, whole.linear_cny, whole.committed_cny, whole.extra_cny) == approx((10.0, 10.0, 30.0, 20.0))
    assert whole.broken == 0
    assert found.part_load[0].hydrogen_overstated_kg == approx(20.0)
    assert found.part_load_cny == approx(10.0)
    record = json.loads(json.dumps(as_json(found, whole)))
    assert (record["part_load_cny"], record["committed"]["extra_cny"], record["committed"]["broken"]) == approx((10.0, 20.0, 0))
    assert record["part_load"][0]["hydrogen_overstated_kg"] == approx(20.0) and record["choices"] == 1


def test_hydrogen_that_whole_modules_cannot_make_is_told():
    """Proves: 10 kg/h without a tank are less than one module makes at its lowest, 60 kg/h: the windows in whole numbers are broken, and counted."""
    park = tiny_park(hours=2, grid=grid(100.0), electrolyser_1=electrolyser(capital_cost_cny_per_kw=1e-3, **MINIMUM), users=hydrogen_demand(10.0))
    assert committed(sizing.size(park, [Free(PLANT, 10.0, 10.0)])).broken == 1
