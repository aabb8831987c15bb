"""Reinforcement: feeders whose cheapest cure and its price follow by hand, the sizes of what is offered, and the choice against all others."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

pytest.importorskip("pandapower")

from hand_solved.parks import grid, load, solve, tiny_park

from gridsim.distribution.feasibility import check
from gridsim.distribution.loop import Coupled
from gridsim.distribution.network import network_of
from gridsim.distribution.reinforcement import Remaining, against_dispatch, menu, reinforce
from gridsim.distribution.reinforcement_battery import walk
from gridsim.distribution.reinforcement_costs import costs_of
from gridsim.distribution.reinforcement_option import check_with, conflicts, reinforced
from gridsim.distribution.reinforcement_trial import Trials
from gridsim.errors import DefinitionError

LINE = "OHL10-LGJ240"
OHM_PER_KM, LINE_KA = complex(0.13238, 0.3139), 0.535
LINE_CNY_PER_KM, BAY_CNY, CAPACITOR_CNY_PER_KVAR, TRANSFORMER_CNY_PER_KVA = 250_000, 200_000, 80, 300
BATTERY_CNY_PER_KWH, BATTERY_CNY_PER_KW = 545, 220
TABLES = {
    "buses": "name,voltage_kv,min_vm_pu,max_vm_pu",
    "lines": "name,from_bus,to_bus,type,length_km",
    "transformers": "name,hv_bus,lv_bus,type,tap_position,tap_controlled_bus,tap_set_point_pu,tap_dead_band_pu",
    "sources": "name,bus,vm_pu,short_circuit_mva,asset",
    "connections": "asset,bus,share,cos_phi,reactive",
}


def annuity(years, upkeep):
    """Share of an investment to be paid each year at 7 %, by the closed form."""
    return 0.07 / (1.0 - 1.07**-years) + upkeep


def checked(folder, technologies, files=None, **rows):
    """Check a park of fixed loads; ``rows`` are those of its tables."""
    (folder / "distribution").mkdir()
    for table, header in TABLES.items():
        (folder / "distribution" / f"{table}.csv").write_text("\n".join([header, *rows.get(table, [])]), encoding="utf-8")
    for name, text in (files or {}).items():
        (folder / "distribution" / name).write_text(text, encoding="utf-8")
    park = replace(tiny_park(grid=grid(), **technologies), folder=folder)
    return check(solve(park), network_of(park))


def feeder(folder, demand_mw, length_km, cos_phi="1", reactive="", low_pu=0.93, line=LINE):
    """A line from the grid to one load."""
    return checked(
        folder,
        {"load": load(demand_mw)},
        buses=["start,10,0.9,1.1", f"end,10,{low_pu},1.1"],
        lines=[f"way,start,end,{line},{length_km}"],
        sources=["public,start,1,3000,grid"],
        connections=[f"load,end,1,{cos_phi},{reactive}"],
    )


def end_voltage_pu(ohm, p_mw, q_mvar):
    r"""Voltage behind an impedance from 1 p.u. at 10 kV, ``q_mvar`` as a function of it: :math:`V^2 = (U + (RP + XQ)/U)^2 + ((XP - RQ)/U)^2`."""
    u = 1.0
    for _ in range(200):
        q = q_mvar(u)
        along, across = (ohm.real * p_mw + ohm.imag * q) / 100.0 / u, (ohm.imag * p_mw - ohm.real * q) / 100.0 / u
        u = np.sqrt(1.0 - across**2) - along
    return u


def test_second_circuit_for_an_overloaded_line(tmp_path):
    """Proves: 8 MW in all hours load a line of 9.3 MVA beyond 80 %; a second circuit of 2 km and two bays is the only cure, as no hour leaves a battery room.

    Sensitivity: without the bays 500,000 CNY; with one circuit's current on both 86 % would stay.
    """
    found = reinforce(before := feeder(tmp_path, [8.0, 8.0, 8.0], 2.0))
    assert [option.kind for option in found.chosen] == ["parallel line"]
    assert found.investment_cny == 2 * LINE_CNY_PER_KM + 2 * BAY_CNY
    assert found.annual_cny == pytest.approx(900_000 * annuity(30, 0.01), rel=1e-12)
    assert found.proven and found.rechecked.feasible and not found.remaining
    assert not any(option.kind == "battery" for option in found.menu)
    halved = end_voltage_pu(OHM_PER_KM * 2.0 / 2.0, 8.0, lambda u: 0.0)
    assert found.rechecked.flow.loading[0, 0] == pytest.approx(8.0 / (np.sqrt(3.0) * 10.0 * halved * LINE_KA * 2.0), rel=1e-4)
    assert before.network.tables.lines["way"].parallel == 1
    table = found.table()
    assert table.option[table.chosen].tolist() == ["way: 1 more"] and table.cures[table.chosen].tolist() == ["way"]


def test_battery_for_one_hour_of_overload(tmp_path):
    """Proves: the battery covers what the line cannot carry, P - P_max at 80 %, 5 % more for curvature, over losses and the window of its level.

    Sensitivity: without the discharge loss 0.9 MWh; sized for all hours it would cost more than the circuit.
    """
    found = reinforce(feeder(tmp_path, [3.0, 8.0, 3.0, 3.0], 2.5))
    ka = 0.8 * LINE_KA * np.sqrt(3.0)
    ohm = OHM_PER_KM * 2.5
    carried = (np.sqrt(100.0 - (ohm.imag * ka) ** 2) - ohm.real * ka) * ka
    power = 1.05 * (8.0 - carried)
    (option,) = found.chosen
    assert option.battery.power_mw == pytest.approx(np.ceil(power * 10.0) / 10.0)
    assert option.battery.supply_mw[1] == pytest.approx(power, rel=0.03)
    assert option.battery.energy_mwh == pytest.approx(np.ceil(power / 0.92 / 0.9 * 10.0) / 10.0) == pytest.approx(1.0)
    supply = option.battery.supply_mw
    assert -0.93 * supply[supply < 0.0].sum() == pytest.approx(supply[1] / 0.92)
    assert found.investment_cny == pytest.approx(1000.0 * (BATTERY_CNY_PER_KWH * option.battery.energy_mwh + BATTERY_CNY_PER_KW * option.battery.power_mw))
    assert found.annual_cny == pytest.approx(found.investment_cny * annuity(15, 0.01)) and found.annual_cny < 1_025_000 * annuity(30, 0.01)
    assert found.proven and found.rechecked.feasible


def test_overloaded_transformer(tmp_path):
    """Proves: 11.5 MW on 10 MVA in all hours: one more unit, 10 MVA at 300 CNY/kVA, not one of 20 MVA in its place."""
    before = checked(
        tmp_path,
        {"load": load([11.5, 11.5])},
        buses=["start,35,0.9,1.1", "end,10,0.9,1.1"],
        transformers=["unit,start,end,T35/10-10,0,,,"],
        sources=["public,start,1,3000,grid"],
        connections=["load,end,1,1,"],
    )
    found = reinforce(before)
    assert [option.kind for option in found.chosen] == ["parallel transformer"]
    assert found.investment_cny == 10_000 * TRANSFORMER_CNY_PER_KVA
    assert {option.name: option.price.investment_cny for option in found.menu}["unit: T35/10-20"] == 20_000 * TRANSFORMER_CNY_PER_KVA
    assert found.rechecked.flow.loading[0, 0] == pytest.approx(before.flow.loading[0, 0] / 2.0, rel=0.05)
    assert found.proven and found.rechecked.feasible


def test_higher_set_point_for_a_transformer_just_overloaded(tmp_path):
    """Proves: a load of given power draws less current at a higher voltage, so that a set-point costs less than a transformer."""
    before = checked(
        tmp_path,
        {"load": load([9.7, 5.0])},
        buses=["start,35,0.9,1.1", "end,10,0.9,1.1"],
        transformers=["unit,start,end,T35/10-10,0,end,1.0,0.05"],
        sources=["public,start,1,3000,grid"],
        connections=["load,end,1,1,"],
    )
    assert before.statistics[0].kind == "transformer"
    found = reinforce(before)
    assert [option.kind for option in found.chosen] == ["tap"] and found.investment_cny == 10_000
    assert found.rechecked.feasible and found.rechecked.flow.vm_pu[0, 1] > before.flow.vm_pu[0, 1] + 0.01


def test_capacitor_for_a_low_voltage(tmp_path):
    """Proves: at the end of 15 km the drop (RP + XQ)/V is mostly reactive: 1 Mvar for 80,000 CNY, where a second circuit costs 4,150,000."""
    before = feeder(tmp_path, [2.0, 2.0], 15.0, cos_phi="0.9", reactive="draws")
    drawn = 2.0 * np.tan(np.arccos(0.9))
    without = end_voltage_pu(OHM_PER_KM * 15.0, 2.0, lambda u: drawn)
    assert before.statistics[0].worst == pytest.approx(without, abs=2e-4) and without < 0.93
    found = reinforce(before)
    assert [option.name for option in found.chosen] == ["end: capacitor 1 Mvar"]
    assert found.investment_cny == 1000 * CAPACITOR_CNY_PER_KVAR
    assert found.annual_cny == pytest.approx(80_000 * annuity(20, 0.02))
    by_hand = end_voltage_pu(OHM_PER_KM * 15.0, 2.0, lambda u: drawn - u**2)
    assert found.rechecked.flow.vm_pu[0, 1] == pytest.approx(by_hand, abs=5e-4)
    line = next(option for option in found.menu if option.kind == "parallel line")
    assert line.price.investment_cny == 15 * LINE_CNY_PER_KM + 2 * BAY_CNY
    assert found.proven and found.rechecked.feasible


@pytest.fixture(scope="module")
def two_feeders(tmp_path_factory):
    """Two feeders behind a transformer, both too low at their ends; a park's own price of a tap change lies between one capacitor and two."""
    header = "item,voltage_kv,cost_cny,unit,lifetime_years,fixed_om_share_per_year,source,certainty"
    return checked(
        tmp_path_factory.mktemp("two_feeders"),
        {"one": load([2.0, 2.0]), "other": load([2.0, 2.0])},
        files={"reinforcement_costs.csv": f"{header}\ntap_change,10,150000,CNY,30,0,made up,A\n"},
        buses=["start,35,0.9,1.1", "middle,10,0.9,1.1", "end_1,10,1.01,1.1", "end_2,10,1.01,1.1"],
        transformers=["unit,start,middle,T35/10-20,0,,,"],
        lines=[f"way_1,middle,end_1,{LINE},9", f"way_2,middle,end_2,{LINE},9.1"],
        sources=["public,start,1,3000,grid"],
        connections=["one,end_1,1,0.95,draws", "other,end_2,1,0.95,draws"],
    )


def test_shared_measure_is_cheaper_than_two(two_feeders):
    """Proves: one tap step (12,088 CNY/a) cures both ends, a capacitor (9,151 CNY/a) only its own; the cheaper capacitor alone is not enough."""
    assert {one.element for one in two_feeders.statistics} == {"end_1", "end_2"}
    found = reinforce(two_feeders)
    assert [option.kind for option in found.chosen] == ["tap"] and found.chosen[0].element == "unit"
    assert found.annual_cny == pytest.approx(150_000 * annuity(30, 0.0))
    assert found.chosen[0].rows["transformers"]["unit"].tap_position < 0  # fewer turns on the high side
    capacitors = [option for option in found.menu if option.kind == "capacitor"]
    assert capacitors[0].price.annual_cny < found.annual_cny < 2.0 * capacitors[0].price.annual_cny
    assert found.proven and found.rechecked.feasible


def test_two_measures_where_the_shared_one_is_not_offered(two_feeders):
    """Proves: of the rest of the menu it takes one capacitor at each end."""
    rest = [option for option in menu(two_feeders) if option.kind in {"capacitor", "parallel line"}]
    found = reinforce(two_feeders, options=rest)
    assert sorted((option.kind, option.element) for option in found.chosen) == [("capacitor", "end_1"), ("capacitor", "end_2")]
    assert found.investment_cny == 2 * 1000 * CAPACITOR_CNY_PER_KVAR and found.proven


def test_choice_is_the_cheapest_of_all_sets(two_feeders):
    """Proves: of all sets of up to two options without conflict, each checked by itself, none is cheaper and holds."""
    rest = [option for option in menu(two_feeders) if option.kind in {"capacitor", "var generator"}]
    found = reinforce(two_feeders, options=rest)
    barred = set(conflicts(rest))
    holding = [
        sum(rest[number].price.annual_cny for number in chosen)
        for count in (1, 2)
        for chosen in combinations(range(len(rest)), count)
        if not any(pair in barred for pair in combinations(chosen, 2)) and check_with(two_feeders, [rest[number] for number in chosen]).feasible
    ]
    assert found.annual_cny == pytest.approx(min(holding))


def test_proof_is_not_claimed_when_sets_are_too_many(two_feeders):
    """Proves: the choice is the same and is not called proven where cheaper sets may not be tried."""
    found = reinforce(two_feeders, options=[option for option in menu(two_feeders) if option.kind == "capacitor"], most_sets=1)
    assert not found.proven and "not proven" in found.quality and found.rechecked.feasible


def test_what_the_menu_cannot_cure_is_said(tmp_path):
    """Proves: 24 MW are more than three circuits of 6.9 MW carry (no larger cable, no room for a battery); the other feeder is cured all the same."""
    before = checked(
        tmp_path,
        {"large": load([24.0, 24.0]), "small": load([8.0, 8.0])},
        buses=["start,10,0.9,1.1", "end_1,10,0.9,1.1", "end_2,10,0.9,1.1"],
        lines=["cable,start,end_1,CAB10-YJV22-3x300,0.3", f"way,start,end_2,{LINE},2"],
        sources=["public,start,1,3000,grid"],
        connections=["large,end_1,1,1,", "small,end_2,1,1,"],
    )
    found = reinforce(before)
    assert [option.name for option in found.chosen] == ["way: 1 more"]
    assert [(one.kind, one.element, one.hours) for one in found.remaining] == [("line", "cable", 2.0)]
    assert "nothing in the menu" in found.remaining[0].why
    assert [one.element for one in found.rechecked.statistics] == ["cable"]


def test_hours_without_a_solution(tmp_path):
    r"""Proves: 15 km carry at most :math:`U^2 \cos\varphi / 2 (|Z| + R \cos\varphi + X \sin\varphi)` = 5.0 MW; 5.4 have no solution, and get one.

    Sensitivity: an hour without a solution has no voltage; a menu made of voltages and currents would be empty.
    """
    ohm = OHM_PER_KM * 15.0
    assert 100.0 * 0.9 / (2.0 * (abs(ohm) + ohm.real * 0.9 + ohm.imag * np.sin(np.arccos(0.9)))) == pytest.approx(5.0, abs=0.1)
    before = feeder(tmp_path, [5.4, 5.4], 15.0, cos_phi="0.9", reactive="draws", low_pu=0.9)
    assert [one.kind for one in before.statistics] == ["no_solution"]
    found = reinforce(before)
    assert found.menu and found.rechecked.feasible and not found.remaining and found.proven


def test_declared_capacity_is_not_in_the_menu(tmp_path):
    """Proves: a connection of 8 MW that has to give 8 MW and the losses is left beyond its limit; no measure is taken for it, and it is said why."""
    (tmp_path / "a").mkdir()
    before = feeder(tmp_path / "a", [7.0, 7.0], 2.0)
    before = check(before.dispatch, replace(before.network, limits=replace(before.network.limits, import_mw=7.0)))
    found = reinforce(before)
    assert not found.chosen and not found.menu and found.annual_cny == 0.0
    assert [one.kind for one in found.remaining] == ["connection"] and "declared capacity" in found.remaining[0].why


def test_wires_of_a_set_are_those_of_its_network(two_feeders):
    """Proves: wires put together from those of single options equal those of the network built with all of them."""
    offered = menu(two_feeders)
    kinds = {option.kind: number for number, option in enumerate(offered)}
    chosen = [kinds["tap"], kinds["parallel line"], kinds["capacitor"]]
    other = next(n for n, option in enumerate(offered) if option.kind == "var generator" and not option.touches & offered[kinds["capacitor"]].touches)
    chosen.append(other)
    together = Trials(two_feeders, offered).wires_of(chosen)
    built = reinforced(two_feeders.network, [offered[number] for number in chosen]).wires
    assert abs(together.admittance - built.admittance).max() < 1e-9
    for name in ("branch_admittance", "rating_from_ka", "rating_to_ka", "shunt", "controlled_nodes", "controlled_vm_pu", "controlled_q_max_mvar"):
        assert getattr(together, name) == pytest.approx(getattr(built, name), abs=1e-9), name
    assert together.taps.present.tolist() == built.taps.present.tolist()
    assert together.taps.admittance == pytest.approx(built.taps.admittance)


def test_walk_is_the_recursion():
    """Proves: the sum over its lowest point is max(0, E + a - b), hour by hour, from any beginning."""
    random = np.random.default_rng(3)
    taken, back = random.uniform(0.0, 1.0, 200), random.uniform(0.0, 1.1, 200)
    for begin in (0.0, 4.0):
        level, expected = begin, []
        for a, b in zip(taken, back, strict=True):
            level = max(0.0, level + a - b)
            expected.append(level)
        assert walk(taken, back, begin) == pytest.approx(expected)


def test_reinforcement_beside_redispatch(tmp_path):
    """Proves: what the loop cost over three hours is scaled to the year; building counts only where it leaves nothing broken."""
    before = feeder(tmp_path, [8.0, 8.0, 8.0], 2.0)
    found = reinforce(before)

    def beside(cost_cny, reinforcement=found):
        dearer = replace(found.rechecked, dispatch=replace(before.dispatch, objective_cny=before.dispatch.objective_cny + cost_cny))
        return against_dispatch(reinforcement, Coupled(None, dearer, None, before, [], [], [], None))

    both = beside(300.0)
    assert both.redispatch_cny_per_year == pytest.approx(300.0 * 8760.0 / 3.0)
    assert both.reinforcement_cny_per_year == pytest.approx(found.annual_cny)
    assert both.cheaper == "reinforce" and both.reinforcement_holds and both.redispatch_holds
    assert beside(10.0).cheaper == "redispatch"
    broken = replace(found, remaining=[Remaining("connection", "", 3.0, 9.0, 8.0, "a contract")])
    assert beside(300.0, broken).cheaper == "redispatch" and "leaves beyond its limit: connection" in beside(300.0, broken).words


def test_costs_have_sources_and_ranges():
    """Proves: each shipped cost lies in its range; what is assumed says so."""
    for row in costs_of(None, 0.07).rows:
        assert row.low_cny <= row.cost_cny <= row.high_cny, row
        assert (row.certainty == "A") == row.source.startswith("assumption"), row


def test_wrong_costs_of_a_park_are_told(tmp_path):
    """Proves: all problems of a park's own costs at once, with file and line."""
    text = "item,voltage_kv,cost_cny,unit,lifetime_years,source,certainty\nline_bey,10,1,CNY,30,made up,A\ncapacitor,10,-1,CNY/kvar,20,made up,A\n"
    (tmp_path / "reinforcement_costs.csv").write_text(text, encoding="utf-8")
    with pytest.raises(DefinitionError) as raised:
        costs_of(tmp_path, 0.07)
    assert len(raised.value.problems) == 2 and "line_bay" in str(raised.value)


def test_network_in_a_file_has_no_menu(tmp_path):
    """Proves: a network without tables of types is refused with what to do."""
    before = feeder(tmp_path, [8.0], 2.0)
    tables = replace(before.network.tables, net=before.network.net)
    with pytest.raises(DefinitionError, match="write it as tables"):
        reinforce(replace(before, network=replace(before.network, tables=tables)))
