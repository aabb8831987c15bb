"""The program in arrays says what the linopy model says; over segments it is a lower bound; capacities enter it as the park depends on them."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridsim.dispatch.model import make_draft
from gridsim.dispatch.optimum import optimum, proven_bound
from gridsim.dispatch.program import make_program
from gridsim.dispatch.segments import Segments, needed_borders, segmented, single_steps
from gridsim.dispatch.sizes import Free, find_sizes, yearly_cost
from gridsim.dispatch.solve import KeptDispatch
from gridsim.errors import DefinitionError, InfeasibleError
from gridsim.study.sizing import size
from tests.hand_solved.parks import (
    ammonia_demand,
    ammonia_plant,
    approx,
    battery,
    caes,
    electrolyser,
    grid,
    hydrogen_demand,
    hydrogen_store,
    load,
    solar,
    solve,
    tiny_park,
    wind,
)

HOURS = 48
SIMPLEX = {"solver": "simplex"}


def rich_park(**limits):
    """Two days in which every kind of request has something to do, with losses in every store."""
    random = np.random.default_rng(5)
    day = np.arange(HOURS) % 24
    price = np.where((day >= 8) & (day < 20), 120.0, 40.0)
    return tiny_park(
        limits=limits,
        grid=grid(price.tolist(), 10.0, tariff={"demand_charge_cny_per_mw_month": 300.0}, import_limit_mw=40.0),
        wind_1=wind(random.random(HOURS).round(3).tolist(), 30.0),
        solar_1=solar(np.maximum(0.0, np.sin((day - 6) / 12 * np.pi)).round(4).tolist(), 20.0),
        battery_1=battery(8.0, 20.0, charge_efficiency=0.9, discharge_efficiency=0.9, standing_loss_share_per_hour=0.01),
        caes_1=caes(5.0, 20.0, heat_standing_loss_share_per_hour=0.02),
        electrolyser_1=electrolyser(10.0, part_load_curve=[[0.1, 1.0], [0.5, 0.95], [1.0, 1.0]]),
        users=hydrogen_demand(60.0),
        factory=load((10.0 + 5.0 * random.random(HOURS)).round(3).tolist()),
        shifting={"type": "demand_response", "kind": "shift", "load": "factory", "share": 0.2, "window_hours": 4, "price_cny_per_mwh": 1.0, "recovery": 1.1},
        slag={"type": "demand_response", "kind": "process", "bus": "electricity", "power_mw": 4.0, "quota_mwh": 24.0, "quota_period": "day"},
    )


def lower_bound(park, segments, free=()):
    draft, sizes = find_sizes(park, free)
    found = optimum(make_program(draft, segments, sizes), SIMPLEX)
    assert found.condition == "optimal"
    return found.bound_cny - sizes.constant_cny * (not free)


def test_hours_alone_give_the_objective_of_the_linopy_model():
    park = rich_park(export_share_max=0.1)
    assert lower_bound(park, single_steps(HOURS)) == pytest.approx(solve(park).objective_cny, rel=1e-9)


@settings(max_examples=15, deadline=None)
@given(st.sets(st.integers(1, HOURS - 1), max_size=20))
def test_any_segments_give_a_lower_bound(extra):
    park = rich_park()
    needed = np.flatnonzero(needed_borders(make_draft(park)))
    segments = Segments(np.union1d(needed, np.array(sorted(extra), dtype=np.int64)), HOURS)
    exact = lower_bound(park, single_steps(HOURS))
    assert lower_bound(park, segments) <= exact + 1e-6 * abs(exact)


def ramping_park():
    """The rich park with an ammonia plant that ramps by a fifth of its capacity an hour and has a tank of hydrogen and of ammonia to live on."""
    park = rich_park()
    more = tiny_park(
        hours=HOURS,
        grid=grid(100.0),
        electrolyser_2=electrolyser(30.0),
        tank=hydrogen_store(4000.0),
        plant=ammonia_plant(2.0, ramp_share_per_hour=0.2, tank_t=50.0),
        fertiliser=ammonia_demand(1.0),
    )
    technologies = {**park.technologies, **{name: one for name, one in more.technologies.items() if name != "grid"}}
    return dataclasses.replace(park, technologies=technologies, buses={**more.buses, **park.buses}, profiles={**more.profiles, **park.profiles})


@settings(max_examples=10, deadline=None)
@given(st.sets(st.integers(1, HOURS - 1), max_size=20))
def test_averages_of_an_hourly_dispatch_satisfy_every_row(extra):
    """Proves that segments are a relaxation, equation by equation: losses within a segment, ramps between middles, sums of shifted loads, peaks."""
    draft, sizes = find_sizes(ramping_park(), [])
    hourly = make_program(draft, single_steps(HOURS), sizes)
    found = optimum(hourly, SIMPLEX)
    needed = np.flatnonzero(needed_borders(draft))
    segments = Segments(np.union1d(needed, np.array(sorted(extra), dtype=np.int64)), HOURS)
    relaxed = make_program(draft, segments, sizes)
    columns = np.zeros(relaxed.cost.size)
    for name, place in relaxed.flow.items():
        columns[place] = segments.mean(found.columns[hourly.flow[name]])
    ends = [(relaxed.level[name], hourly.level[name]) for name in relaxed.level]
    ends += [(there, here) for pair, other in zip(relaxed.owed, hourly.owed, strict=True) for there, here in zip(pair, other, strict=True)]
    for there, here in ends:
        columns[there] = found.columns[here][segments.last]
    for name, place in relaxed.peak.items():
        columns[place] = found.columns[hourly.peak[name]]
    rows = relaxed.matrix @ columns
    assert np.all(rows >= relaxed.row_lower - 1e-6) and np.all(rows <= relaxed.row_upper + 1e-6)
    assert relaxed.cost @ columns == pytest.approx(hourly.cost @ found.columns, rel=1e-9)


def test_ramps_are_as_in_the_linopy_model():
    park = ramping_park()
    assert lower_bound(park, single_steps(HOURS)) == pytest.approx(solve(park).objective_cny, rel=1e-9)


def test_segments_end_where_a_price_or_a_period_changes():
    draft = make_draft(rich_park())
    borders = needed_borders(draft)
    assert {8, 20, 24, 32, 44} <= set(np.flatnonzero(borders))
    few = segmented(draft, 8)
    assert set(np.flatnonzero(borders)) <= set(few.first.tolist())
    assert few.steps.sum() == HOURS


def test_neighbours_that_are_alike_are_merged_first():
    """Proves: hours 0-3 with wind of 1, 1, 0, 0 become two segments that lose nothing."""
    draft = make_draft(tiny_park(grid=grid(50.0), wind_1=wind([1.0, 1.0, 0.0, 0.0], 5.0), factory=load([3.0] * 4)))
    assert segmented(draft, 2).first.tolist() == [0, 2]


def test_bound_is_proven_by_any_duals():
    draft, sizes = find_sizes(rich_park(), [])
    program = make_program(draft, single_steps(HOURS), sizes)
    found = optimum(program, SIMPLEX)
    assert found.bound_cny == pytest.approx(float(program.cost @ found.columns) + program.constant, rel=1e-9)
    rough = found.row_duals * (1.0 + 0.05 * np.random.default_rng(1).standard_normal(found.row_duals.size))
    assert proven_bound(program, rough) < found.bound_cny


# ---- many solves of one program


CHANGES = {
    "a size": {"battery_1": {"energy_mwh": 35.0}},
    "an efficiency": {"battery_1": {"charge_efficiency": 0.8}},
    "a loss": {"battery_1": {"standing_loss_share_per_hour": 0.03}},
    "a cost": {"shifting": {"price_cny_per_mwh": 4.0}},
    "a quota": {"slag": {"quota_mwh": 30.0}},
    "a limit": {"grid": {"import_limit_mw": 33.0}},
    "several": {"wind_1": {"capacity_mw": 12.0}, "electrolyser_1": {"capacity_mw": 14.0}, "caes_1": {"energy_mwh": 7.0}},
}


def changed(park, updates):
    technologies = dict(park.technologies)
    for name, fields in updates.items():
        technologies[name] = technologies[name].model_copy(update=fields)
    return dataclasses.replace(park, technologies=technologies)


def test_a_changed_program_is_that_of_the_changed_park():
    """Proves: after any change in place the kept program has the objective of a new one, and after taking it back the first one's."""
    park = rich_park()
    kept = KeptDispatch(park, with_network=False)
    first = kept.solve().dispatch.objective_cny
    for what, updates in CHANGES.items():
        other = changed(park, updates)
        assert kept.change(other), what
        assert kept.solve().dispatch.objective_cny == pytest.approx(solve(other).objective_cny, rel=1e-9), what
    assert kept.change(park)
    assert kept.solve().dispatch.objective_cny == pytest.approx(first, rel=1e-9)


def test_another_structure_is_built_anew():
    park = rich_park()
    kept = KeptDispatch(park, with_network=False)
    kept.solve()
    fewer = dataclasses.replace(park, technologies={name: one for name, one in park.technologies.items() if name != "caes_1"})
    assert not kept.change(fewer)
    assert kept.solve().dispatch.objective_cny == pytest.approx(solve(fewer).objective_cny, rel=1e-9)


# ---- sizing by hand

YEAR_SHARE = 2.0 / 8760.0


def test_wind_is_built_up_to_the_load_where_it_is_cheaper_than_the_grid():
    """Two hours, wind in the first only, load 10 MW, grid 100 CNY/MWh: one MW of wind saves 100 CNY up to 10 MW, nothing beyond.

    It costs its annuity over two hours: 8760/2 · 60 CNY/MW is 60 CNY in the horizon, so 10 MW are built; 8760/2 · 110 is too dear, so none.
    """
    for cost, expected in ((60.0, 10.0), (110.0, 0.0)):
        park = tiny_park(
            grid=grid(100.0),
            wind_1=wind([1.0, 0.0], 1.0, capital_cost_cny_per_kw=cost / YEAR_SHARE / 1e3, lifetime_years=1.0, fixed_om_share_per_year=0.0),
            factory=load([10.0, 10.0]),
        )
        annuity = cost * 1.07  # the annuity of one year at 7 %
        found = size(park, [Free("technologies.wind_1.capacity_mw", 0.0, 50.0)])
        built = expected if annuity < 100.0 else 0.0
        assert found.values["technologies.wind_1.capacity_mw"] == approx(built)
        assert found.cost_cny == approx(2000.0 - (100.0 - annuity) * built)
        assert found.gap < 1e-9


def test_battery_power_and_energy_are_sized_apart():
    """Three hours at 10, 10 and 100 CNY/MWh, load 6 MW: a battery of 6 MWh with 6 MW out and charging in two hours; power is needed for the discharge."""
    park = tiny_park(
        grid=grid([10.0, 10.0, 100.0]),
        battery_1=battery(
            1.0, 1.0, capital_cost_cny_per_kw=10.0 * 8760 / 3 / 1e3 / 1.07, capital_cost_cny_per_kwh=5.0 * 8760 / 3 / 1e3 / 1.07,
            lifetime_years=1.0, fixed_om_share_per_year=0.0,
        ),
        factory=load([6.0] * 3),
    )  # fmt: skip
    found = size(park, [Free("technologies.battery_1.power_mw", 0.0, 20.0), Free("technologies.battery_1.energy_mwh", 0.0, 50.0)])
    assert found.values == approx({"technologies.battery_1.power_mw": 6.0, "technologies.battery_1.energy_mwh": 6.0})
    # 6 MWh bought at 10 instead of 100, for 10 a MW and 5 a MWh
    assert found.cost_cny == approx(6 * 10 * 3 + 6 * (10.0 + 5.0))


def test_no_other_capacity_costs_less():
    """Proves: a dispatch with any capacity moved by 5 % costs no less than the bound, and with the capacities as found what sizing said."""
    park = rich_park()
    free = [Free("technologies.wind_1.capacity_mw", 0.0, 100.0), Free("technologies.battery_1.energy_mwh", 0.0, 100.0)]
    found = size(park, free)
    assert found.solved.dispatch.objective_cny + yearly_cost(found.park) == pytest.approx(found.cost_cny, rel=1e-9)
    for one in free:
        for factor in (0.95, 1.05):
            moved = found.park.technologies[one.technology].model_copy(update={one.field: found.values[one.path] * factor})
            other = found.park.__class__(**{**vars(found.park), "technologies": {**found.park.technologies, one.technology: moved}})
            assert solve(other).objective_cny + yearly_cost(other) >= found.bound_cny * (1 - 1e-9)


def test_the_electrolyser_s_curve_is_sized_with_it():
    """Proves: with a curve that uses 10 % less at half load, twice the capacity at half load makes the same hydrogen for 10 % less electricity."""
    curve = [[0.1, 0.9], [0.5, 0.9], [1.0, 1.0]]
    park = tiny_park(
        hours=2.0,
        grid=grid(100.0),
        electrolyser_1=electrolyser(10.0, part_load_curve=curve, capital_cost_cny_per_kw=1e-3),
        users=hydrogen_demand(90.0),
    )
    found = size(park, [Free("technologies.electrolyser_1.capacity_mw", 1.0, 40.0)])
    used = found.solved.dispatch.objective_cny / 100.0
    assert used == pytest.approx(2 * 90.0 * 50.0 * 0.9 / 1e3, rel=1e-6)
    assert found.values["technologies.electrolyser_1.capacity_mw"] == pytest.approx(90.0 * 45.0 / 1e3 / 0.5, rel=1e-3)


# ---- what cannot be sized


def test_everything_wrong_with_the_free_capacities_is_told_at_once():
    park = rich_park()
    free = [
        Free("technologies.wind_2.capacity_mw", 0.0, 10.0),
        Free("technologies.battery_1.energy", 0.0, 10.0),
        Free("wind_1.capacity_mw", 0.0, 10.0),
        Free("technologies.wind_1.capacity_mw", 5.0, 1.0),
        Free("technologies.solar_1.capacity_mw", 0.0, np.inf),
    ]
    with pytest.raises(DefinitionError) as told:
        find_sizes(park, free)
    assert len(told.value.problems) == 5
    assert "wind_1" in str(told.value) and "energy_mwh" in str(told.value)


def test_a_field_that_bends_the_park_cannot_be_sized():
    with pytest.raises(DefinitionError, match="sweep it"):
        find_sizes(rich_park(), [Free("technologies.battery_1.charge_efficiency", 0.5, 0.9)])


def test_a_capacity_without_a_cost_is_refused():
    with pytest.raises(DefinitionError, match="costs nothing"):
        size(rich_park(), [Free("technologies.grid.import_limit_mw", 10.0, 80.0)])


def test_infeasible_sizing_tells_what_is_short():
    park = tiny_park(factory=load([10.0, 10.0]), wind_1=wind([1.0, 0.0], 1.0))
    with pytest.raises(InfeasibleError, match=r"capacity_mw <= 50(.|\n)*factory"):
        size(park, [Free("technologies.wind_1.capacity_mw", 0.0, 50.0)])
