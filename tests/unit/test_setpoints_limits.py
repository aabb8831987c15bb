"""What the assets of a dispatch can give in one step: rooms from levels by hand, costs by the conditions of an optimum."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from gridsim.dispatch.solve import solve
from gridsim.errors import DefinitionError
from gridsim.park.read import read_park
from gridsim.vpp.setpoints.checks import setpoints_findings
from gridsim.vpp.setpoints.limits import limits_from
from gridsim.vpp.setpoints.section import Response, SetPointsSection
from gridsim.vpp.setpoints.split import split

ROOT = Path(__file__).parents[2]
STARTER = (ROOT / "networks/starter/park.yaml").read_text(encoding="utf-8").replace("../../profiles/starter", str(ROOT / "profiles/starter"))
MORE = """technologies:
  caes_1: {type: caes, bus: park, power_mw: 8, energy_mwh: 40, level_start_share: 0.5, owner: storage works}
  shift_1: {type: demand_response, kind: shift, load: factory, share: 0.1, window_hours: 4, price_cny_per_mwh: 20}
  curtail_1:
    type: demand_response
    kind: curtail
    load: factory
    steps: [{share: 0.05, price_cny_per_mwh: 500}, {share: 0.1, price_cny_per_mwh: 5000}]
  interrupt_1: {type: demand_response, kind: interrupt, load: factory, power_mw: 6, calls_per_year: 5, hours_per_call: 2, price_cny_per_mwh: 3000}
  reserve_1: {type: demand_response, kind: interrupt, load: factory, power_mw: 6, reserve_only: true}
  kiln_1: {type: demand_response, kind: process, bus: park, power_mw: 6, min_power_mw: 1, quota_mwh: 72, quota_period: day}
"""
STEPS = range(0, 72, 5)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("park")
    (folder / "park.yaml").write_text(STARTER.replace("technologies:\n", MORE), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def dispatch(folder):
    return solve(read_park(folder, hours=(0, 72), overrides=["technologies.battery_1.level_start_share=0.5"])).dispatch


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The same without demand response, at the mixed-integer level, eight hours."""
    folder = tmp_path_factory.mktemp("park")
    (folder / "park.yaml").write_text(STARTER.replace("technologies:\n", MORE[: MORE.index("  shift_1")]), encoding="utf-8")
    return solve(read_park(folder, hours=(0, 8)), level="mixed_integer").dispatch


def column(assets, name: str) -> dict[str, float]:
    at = assets.names.index(name)
    return {field.name: getattr(assets, field.name)[at] for field in dataclasses.fields(assets)}


def test_every_asset_that_can_follow_stands_there(dispatch):
    assets = limits_from(dispatch, 3)
    expected = "wind_1 solar_1 battery_1 electrolyser_1 caes_1 shift_1 curtail_1.step_1 curtail_1.step_2 interrupt_1 kiln_1"
    assert sorted(assets.names) == sorted(expected.split())
    assert column(assets, "caes_1")["owner"] == "storage works"
    assert column(assets, "kiln_1")["owner"] == "kiln_1"


def test_wind_gives_what_is_available(dispatch):
    for step in STEPS:
        found, park = column(limits_from(dispatch, step), "wind_1"), dispatch.draft.park
        available = 60.0 * park.profiles["wind"][step]
        assert found["low_mw"] == 0.0
        assert found["now_mw"] == pytest.approx(dispatch.flows["wind_1"][step], abs=1e-6)
        assert found["high_mw"] == pytest.approx(available, abs=1e-9)


def test_a_battery_at_its_bounds_is_just_empty_or_full(dispatch):
    """Proves: the level that a step at the bound would end with, from the level before, is a bound of the level or the converter's 15 MW are used."""
    battery = dispatch.draft.park.technologies["battery_1"]
    keep, levels, bound_by_level = 1.0 - battery.standing_loss_share_per_hour, dispatch.levels["battery_1.store"], 0
    for step in STEPS:
        found = column(limits_from(dispatch, step), "battery_1")
        start = (levels[step - 1] if step else 0.5 * 30.0) * keep
        empty, full = start - found["high_mw"] / battery.discharge_efficiency, start - found["low_mw"] * battery.charge_efficiency
        low, high = battery.level_min_share * 30.0, battery.level_max_share * 30.0
        assert found["high_mw"] == pytest.approx(15.0) or empty == pytest.approx(min(low, start), abs=1e-6)
        assert found["low_mw"] == pytest.approx(-15.0) or full == pytest.approx(high, abs=1e-6)
        assert min(low, start) - 1e-6 <= empty <= full <= high + 1e-6
        bound_by_level += (found["high_mw"] < 14.9) + (found["low_mw"] > -14.9)
    assert bound_by_level > 0


def test_compressed_air_gives_what_its_air_and_its_heat_hold(dispatch):
    plant, levels = dispatch.draft.park.technologies["caes_1"], dispatch.levels
    for step in STEPS[1:]:
        found = column(limits_from(dispatch, step), "caes_1")
        heat = levels["caes_1.heat_store"][step - 1] * (1.0 - plant.heat_standing_loss_share_per_hour) * plant.expander_efficiency
        assert found["high_mw"] == pytest.approx(min(8.0, levels["caes_1.store"][step - 1], heat), abs=1e-6)
        into_air = plant.compressor_efficiency * plant.expander_efficiency
        assert -found["low_mw"] == pytest.approx(min(8.0, (40.0 - levels["caes_1.store"][step - 1]) / into_air), abs=1e-6)


def test_costs_are_those_of_an_optimum(dispatch):
    """Proves, by complementary slackness: where an asset has room up, a MWh more of it costs at least the price of the bus, where it has room down, a MWh
    less saves at most that; an asset inside its range does both (an electrolyser between two pieces of its curve costs more and saves less). Breaks as:
    efficiencies on the wrong side, a missing heat store, a sign.
    """
    inside = set()
    for step in range(72):
        assets, price = limits_from(dispatch, step), dispatch.prices["park"][step]
        for name in ("wind_1", "solar_1", "battery_1", "electrolyser_1", "kiln_1", "caes_1"):
            found = column(assets, name)
            up, down = found["high_mw"] - found["now_mw"] > 1e-3, found["now_mw"] - found["low_mw"] > 1e-3
            if up:
                assert found["cost_up_cny_per_mwh"] >= price - 1e-2, (name, step)
            if down:
                assert found["cost_down_cny_per_mwh"] >= -price - 1e-2, (name, step)
            if up and down and abs(found["now_mw"]) > 1e-3 and name != "electrolyser_1":
                inside.add(name)
                assert found["cost_up_cny_per_mwh"] == pytest.approx(price, abs=1e-2), (name, step)
    assert inside >= {"battery_1", "kiln_1"}


def test_an_electrolyser_gives_as_far_as_its_tank(folder):
    """Proves: with a tank that can take 20 kg and users who cannot wait, more hydrogen than 20 kg, or less than the tank holds, is no room."""
    park = read_park(folder, hours=(0, 48), overrides=["technologies.tank_1.capacity_kg=20", "technologies.tank_1.level_min_share=0.0"])
    dispatch = solve(park).dispatch
    piece = dispatch.draft.having("conversion", technology="electrolyser_1")[0]
    level = dispatch.levels["tank_1.store"]
    for step in range(1, 48, 7):
        found = column(limits_from(dispatch, step), "electrolyser_1")
        kept = level[step - 1] * (1.0 - park.technologies["tank_1"].standing_loss_share_per_hour)
        filled = level[step] - kept
        more, less = 20.0 * 0.03333 - kept - filled, kept + filled
        assert found["now_mw"] - found["low_mw"] == pytest.approx(min(more / piece["efficiency"], 22.0 + found["now_mw"]), abs=1e-5)
        assert found["high_mw"] - found["now_mw"] == pytest.approx(min(less / piece["efficiency"], -found["now_mw"]), abs=1e-5)


def test_demand_response_by_class(dispatch):
    """Proves: shift both ways around the plan; two price steps; one block of the interruptible load; the kiln between its two powers."""
    load = dispatch.draft.park.technologies["factory"].demand_mw(dispatch.draft.park)
    for step in STEPS:
        assets = limits_from(dispatch, step)
        shift, kiln, block = (column(assets, name) for name in ("shift_1", "kiln_1", "interrupt_1"))
        assert (shift["low_mw"], shift["high_mw"]) == pytest.approx((-0.1 * load[step], 0.1 * load[step]))
        assert (kiln["low_mw"], kiln["high_mw"]) == pytest.approx((-6.0, -1.0))
        assert block["high_mw"] == block["block_mw"] == pytest.approx(min(6.0, load[step]))
        assert column(assets, "curtail_1.step_2")["high_mw"] == pytest.approx(0.1 * load[step])
        assert column(assets, "curtail_1.step_1")["cost_up_cny_per_mwh"] == 500.0


def test_modules_and_machines_keep_their_minimum_load(whole):
    """Proves: at the mixed-integer level the fleet stays within what is on or in standby, off or above the minimum of one module."""
    minimum = whole.draft.park.technologies["electrolyser_1"]
    for step in range(8):
        assets = limits_from(whole, step)
        found = column(assets, "electrolyser_1")
        ready = whole.commitments["electrolyser_1.modules"][step] + whole.standby["electrolyser_1.modules"][step]
        assert found["least_draw_mw"] == pytest.approx(minimum.min_load_share * 20.0 / minimum.modules)
        assert -found["low_mw"] <= ready * 1.1 * 20.0 / minimum.modules + 1e-6
        air = column(assets, "caes_1")
        assert air["least_draw_mw"] > 0 and air["least_supply_mw"] > 0
        assert air["now_mw"] == 0.0 or air["now_mw"] <= -air["least_draw_mw"] or air["now_mw"] >= air["least_supply_mw"]
        answer = split([3.0, -3.0, 40.0], assets)
        assert (answer.change_mw.sum(axis=1) + answer.shortfall_mw == answer.signal_mw).all()


def test_what_cannot_be_asked_of_a_dispatch(dispatch):
    with pytest.raises(DefinitionError, match="has 72 steps"):
        limits_from(dispatch, 72)
    with pytest.raises(DefinitionError, match="no prices"):
        limits_from(dataclasses.replace(dispatch, prices={}), 0)


def test_findings_of_the_section(folder):
    park = read_park(folder, hours=(0, 24))
    section = SetPointsSection(response={"batery_1": Response(), "factory": Response(), "battery_1": Response()}, ledger_weight_mw={"nobody": 3.0})
    found = list(setpoints_findings(section, park))
    assert [path.removeprefix("vpp.set_points.") for path, _, _ in found] == [
        "response.batery_1",
        "response.factory",
        "ledger_weight_mw.nobody",
        "ledger_weight_mw",
    ]
    assert "did you mean 'battery_1'" in found[0][2]
    assert not list(setpoints_findings(SetPointsSection(), park))
