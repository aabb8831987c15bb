"""An operation and its wires: what a cable takes away, what it costs, and what no operation can help."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest

from gridsim.distribution.cuts import MARGIN_LOADING
from gridsim.distribution.network import network_of
from gridsim.technologies.draft import SnapshotLimits
from gridsim.vpp.rolling.of_park import operate_park
from gridsim.vpp.rolling.operation import operate
from gridsim.vpp.rolling.record import operation_figures, operation_hourly, operation_record
from gridsim.vpp.rolling.section import OperationSection
from gridsim.vpp.rolling.wires import within_wires
from gridsim.vpp.section import VppSection
from hand_solved.parks import battery, grid, load, tiny_park, wind
from hand_solved.wired import carried_mw, star, wired_park

WINDY = [0.6, 0.2, 0.6, 0.2]
AT_MOST = carried_mw(0.5, feeding_in=True) * (1.0 - MARGIN_LOADING)
"""What half a cable carries of wind, less the cuts' margin: 4.286 MW."""


def park(folder, **more):
    """6 MW of wind in two of four hours behind half a cable, all of which is sold at 50 CNY/MWh."""
    ends = {"hill": "wind_1", **({"mill": "mill"} if "mill" in more else {})}
    return wired_park(folder, star(ends, limit=0.5), grid=grid(100.0, 50.0), wind_1=wind(WINDY, 10.0, variable_cost_cny_per_mwh=0.0), **more)


def wired(made, **how):
    def again(limits):
        return operate(made, horizon_hours=2, every_hours=1, limits=limits, **how)

    return within_wires(again([]), again, network_of(made))


def test_what_a_cable_cannot_carry_is_curtailed_and_its_price_told(tmp_path):
    """Two hours lose 6 MW less what half a cable carries, at 50 CNY/MWh; the audit passes with the cuts among its rows."""
    found = wired(park(tmp_path))
    assert found.coupled.before.violations.hours.tolist() == [0, 2]
    assert found.coupled.checked.feasible
    assert found.operated.dispatch.flows["wind_1"] == pytest.approx([AT_MOST, 2.0, AT_MOST, 2.0], abs=2e-3)
    assert found.cost_cny == pytest.approx(2 * (6.0 - AT_MOST) * 50.0, abs=0.2)
    assert found.operated.audit is not None
    figures = found.figures()
    assert [figures[f"wires_{which}violating_hours"] for which in ("unaware_", "")] == [2.0, 0.0]


def test_what_no_operation_can_help_is_told(tmp_path):
    """A load of 6 MW behind half a cable stays beyond its limit for an hour; the wind keeps within its own all the same."""
    found = wired(park(tmp_path, mill=load([1.0, 6.0, 1.0, 1.0])))
    assert [(one.element, one.hours) for one in found.coupled.before.statistics] == [("hill", 2.0), ("mill", 1.0)]
    assert [(one.element, one.hours) for one in found.coupled.checked.statistics] == [("mill", 1.0)]
    record = found.record()
    assert record["figures"]["wires_violating_hours"] == 1.0
    assert [one["element"] for one in record["after"]] == ["mill"]


def test_wires_that_carry_everything_cost_nothing_and_no_second_operation(tmp_path):
    made = wired_park(tmp_path, star({"hill": "wind_1"}, limit=1.0), grid=grid(100.0, 50.0), wind_1=wind(WINDY, 10.0))
    found = within_wires(operate(made, horizon_hours=2, every_hours=1), lambda _: pytest.fail("operated again"), network_of(made))
    assert found.operated is found.coupled.first
    assert found.figures()["wires_cost_cny"] == 0.0


def test_a_limit_of_a_step_holds_with_forecasts_and_is_exceeded_at_its_price():
    """At most 3 MW of wind in the second hour, of which 5 MW come and none was told; and at least 9 MW of imports in the first, where only 6 are possible."""
    made = tiny_park(grid=grid(10.0, import_limit_mw=6.0), wind_1=wind([0.0, 0.5], 10.0), factory=load([6.0, 6.0]))
    calm = {made.technologies["wind_1"].profile: np.array([[0.0, 0.0]])}
    one = SnapshotLimits("wires.1", ("wind_1",), np.array([1]), np.array([[1.0]]), np.array([3.0]), 1e5)
    two = SnapshotLimits("wires.2", ("wind_1", "grid.import"), np.array([0]), np.array([[0.0, -1.0]]), np.array([-9.0]), 1e5)
    expected = SimpleNamespace(issue_step=np.array([0]), values=calm)
    operated = operate(made, horizon_hours=2, every_hours=2, forecasts=expected, controller="myopic", limits=[one, two])
    assert operated.dispatch.flows["wind_1"] == pytest.approx([0.0, 3.0])
    assert operated.dispatch.flows["grid.import"] == pytest.approx([6.0, 3.0])
    assert operated.dispatch.excess["wires.1"] == pytest.approx([0.0])
    assert operated.dispatch.excess["wires.2"] == pytest.approx([3.0])
    assert operated.cost_cny == pytest.approx(90.0)
    assert operated.audit is not None


def test_a_park_with_a_network_is_operated_within_it_unless_it_says_otherwise(tmp_path):
    """The record holds both; a store stands ready behind the same cable, so that the plan looks ahead."""
    made = park(tmp_path, store=battery(1.0, 2.0))
    operated = operate_park(made)
    figures = operation_figures(operated)
    assert figures["operation.wires_unaware_violating_hours"] > 0.0
    assert figures["operation.wires_violating_hours"] == 0.0
    assert figures["operation.wires_cost_cny"] > 0.0
    assert operation_record(operated)["wires"]["figures"]["wires_rounds"] >= 1.0
    assert "grid.export:within_wires_mw" in operation_hourly(operated)
    assert operated.done is operated.wires.operated is not operated.regret.operated
    off = VppSection(operation=OperationSection(wires=False))
    plain = operate_park(dataclasses.replace(made, vpp=off))
    assert plain.wires is None
    assert plain.done is plain.regret.operated
    assert operation_record(plain)["wires"] is None
