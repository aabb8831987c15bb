"""Tap changers, voltage curves and power factor curves."""

from __future__ import annotations

import numpy as np
import pytest

pandapower = pytest.importorskip("pandapower")

from gridsim.distribution.powerflow import Injections, PowerFactorCurve, TapControl, VoltageCurve, solve  # noqa: E402
from gridsim.distribution.powerflow.prepare import prepare  # noqa: E402
from gridsim.distribution.powerflow.rules import reactive_of  # noqa: E402
from gridsim.distribution.powerflow.sample import check_sample  # noqa: E402
from gridsim.distribution.powerflow.taps import _path  # noqa: E402
from gridsim.errors import DefinitionError  # noqa: E402
from tests.unit.test_powerflow import feeder, own_injections  # noqa: E402


def hours_of(net, scale):
    p_mw, q_mvar = own_injections(net)
    scale = np.asarray(scale, dtype=float)[:, None]
    return Injections(p_mw * scale, q_mvar * scale)


def test_voltage_curve_is_met_and_agrees_with_pandapower():
    """Proves: the reactive power of the flow lies on the curve at the flow's own voltage; with it, pandapower finds the same voltages."""
    net = feeder()
    net.load = net.load.iloc[:0]
    wires = prepare(net)
    curve = VoltageCurve("three", (0.95, 1.0, 1.04, 1.08), (2.0, 0.0, 0.0, -3.0))
    injections = hours_of(net, np.linspace(-3.0, 4.0, 40))
    flow, plain = solve(wires, injections, rules=(curve,)), solve(wires, injections)
    assert flow.converged.all()
    assert flow.iterations.max() <= 8 + 25  # by the batch, without Newton's method hour by hour
    at = flow.vm_pu[:, 4]
    np.testing.assert_allclose(flow.q_mvar[:, 4] - injections.q_mvar[:, 4], np.interp(at, curve.vm_pu, curve.q_mvar), atol=1e-8)
    assert (flow.q_mvar - injections.q_mvar)[:, 4].min() < -0.5
    assert at.max() < plain.vm_pu[:, 4].max() - 0.005
    difference = check_sample(net, wires, injections, flow, range(40))
    assert difference.voltage_pu <= 1e-8 and difference.current <= 1e-6


def test_a_steep_curve_converges_too():
    """Proves: a slope of 200 Mvar per p.u., against a network that answers 0.02 p.u. per Mvar, does not hunt."""
    net = feeder()
    flow = solve(prepare(net), hours_of(net, np.linspace(-3.0, 4.0, 40)), rules=(VoltageCurve("three", (0.99, 1.01), (2.0, -2.0)),))
    assert flow.converged.all()


@pytest.mark.parametrize(("highest_mvar", "limited"), [(0.5, False), (0.05, True)])
def test_a_curve_where_a_generator_holds_the_voltage(highest_mvar, limited):
    """Proves: what the curve draws there the generator gives on top; its limit is judged by what it gives itself. At 1.03 p.u. the curve draws 0.6 Mvar."""
    net = feeder()
    net.load, net.sgen = net.load.iloc[:0], net.sgen.iloc[:0]
    pandapower.create_gen(net, 4, 1.0, vm_pu=1.03, min_q_mvar=-0.2, max_q_mvar=highest_mvar)
    wires = prepare(net)
    p_mw = np.array([[0.0, 0.0, -1.0, -1.0, -1.0]])
    injections, curve = Injections(p_mw, np.zeros((1, 5))), VoltageCurve("three", (0.9, 1.1), (2.0, -2.0))
    flow = solve(wires, injections, rules=(curve,), enforce_q_limits=True)
    free = solve(wires, injections)
    assert flow.at_q_limit[0, 0] == limited
    if not limited:
        assert flow.q_mvar[0, 4] == pytest.approx(-0.6)
        assert flow.controlled_q_mvar[0, 0] == pytest.approx(free.controlled_q_mvar[0, 0] + 0.6)
    else:
        assert flow.controlled_q_mvar[0, 0] == pytest.approx(highest_mvar)
    difference = check_sample(net, wires, injections, flow, [0], enforce_q_limits=True)
    assert difference.voltage_pu <= 1e-8 and difference.current <= 1e-6


def test_power_factor_of_0_8_draws_three_quarters():
    """Proves: tan(arccos 0.8) = 0.75: 8 MW draw 6 Mvar when under-excited, supply 6 when over-excited, in either direction of active power."""
    p_mw = np.array([8.0, -8.0, 0.0])
    np.testing.assert_allclose(reactive_of(PowerFactorCurve("a", p_mw, (0.0,), (-0.8,))), [-6.0, -6.0, 0.0], atol=1e-12)
    np.testing.assert_allclose(reactive_of(PowerFactorCurve("a", p_mw, (0.0,), (0.8,))), [6.0, 6.0, 0.0], atol=1e-12)


def test_power_factor_falls_with_power():
    """Proves: from 1 at half power to -0.9 at full power: at three quarters cos φ is 0.95."""
    rule = PowerFactorCurve("a", np.array([1.0, 2.0, 3.0, 4.0]), (2.0, 4.0), (1.0, -0.9))
    np.testing.assert_allclose(reactive_of(rule), [0.0, 0.0, -3.0 * np.tan(np.arccos(0.95)), -4.0 * np.tan(np.arccos(0.9))], atol=1e-12)


def test_power_factor_curves_enter_the_flow():
    net = feeder()
    wires, injections = prepare(net), hours_of(net, [0.0])
    flow = solve(wires, injections, rules=(PowerFactorCurve("three", np.array([4.0]), (0.0,), (-0.8,)),))
    np.testing.assert_allclose(flow.q_mvar[0], [0.0, 0.0, 0.0, 0.0, -3.0], atol=1e-12)


def hours_at_the_bar(scale):
    """60 MW and 25 Mvar at the lower side of the transformer, scaled."""
    p_mw, q_mvar = np.zeros((len(scale), 5)), np.zeros((len(scale), 5))
    p_mw[:, 1], q_mvar[:, 1] = -60.0 * np.asarray(scale), -25.0 * np.asarray(scale)
    return Injections(p_mw, q_mvar)


CONTROL = TapControl("unit", "bar", 1.0, 1.03)


def test_tap_changer_keeps_the_band_and_agrees_with_pandapower():
    """Proves: with loads from nothing to much, the voltage stays in the band at every hour and each solved position is the network's own."""
    net = feeder()
    wires = prepare(net)
    injections = hours_at_the_bar(np.abs(np.sin(np.arange(60) / 5.0)) * np.where(np.arange(60) % 2, 1.0, 0.8))
    fixed, flow = solve(wires, injections), solve(wires, injections, rules=(CONTROL,))
    bar = flow.vm_pu[:, 1]
    assert ((fixed.vm_pu[:, 1] < 1.0) | (fixed.vm_pu[:, 1] > 1.03)).any()
    assert flow.converged.all() and (bar >= 1.0).all() and (bar <= 1.03).all()
    assert len(np.unique(flow.tap_position)) > 1
    difference = check_sample(net, wires, injections, flow, range(60))
    assert difference.voltage_pu <= 1e-8 and difference.current <= 1e-6


def test_tap_changer_moves_as_one_that_is_simulated_hour_by_hour():
    """Proves: from hour to hour the same positions and operations as pandapower, stepped one by one until the voltage is in the band."""
    net = feeder()
    wires = prepare(net)
    injections = hours_at_the_bar(1.1 * np.abs(np.sin(np.arange(40) / 3.0)))
    flow = solve(wires, injections, rules=(CONTROL,))
    net.load, net.sgen = net.load.iloc[:0], net.sgen.iloc[:0]
    pandapower.create_sgens(net, net.bus.index, p_mw=0.0, q_mvar=0.0)
    position, path = int(net.trafo.tap_pos[0]), []
    for hour in range(40):
        net.sgen["p_mw"], net.sgen["q_mvar"] = injections.p_mw[hour], injections.q_mvar[hour]
        while True:
            net.trafo.loc[0, "tap_pos"] = position
            pandapower.runpp(net, numba=False)
            voltage = net.res_bus.vm_pu[1]
            step = 1 if voltage > CONTROL.highest_vm_pu else -1 if voltage < CONTROL.lowest_vm_pu else 0  # at the hv side: up lowers the voltage
            if step == 0 or not -4 <= position + step <= 4:
                break
            position += step
        path.append(position)
    assert flow.tap_position[:, 0].tolist() == path
    assert flow.tap_operations[0] == np.abs(np.diff(path)).sum() > 0


@pytest.mark.parametrize("hours", [1, 2, 5, 64, 1000])
def test_positions_of_a_year_are_those_of_one_hour_after_the_other(hours):
    random = np.random.default_rng(hours)
    first, start = random.integers(-8, 8, (hours, 3)), random.integers(-8, 8, 3)
    last = first + random.integers(0, 6, (hours, 3))
    before, found = start, _path(first, last, start)
    for hour in range(hours):
        before = np.clip(before, first[hour], last[hour])
        assert found[hour].tolist() == before.tolist()


def test_tap_changer_at_its_end_stays_there():
    net = feeder()
    flow = solve(prepare(net), hours_at_the_bar([0.0, 1.0, 1.0]), rules=(TapControl("unit", "bar", 1.2, 1.3),))
    assert flow.converged.all() and (flow.tap_position[:, 0] == -4).all()


def test_a_band_smaller_than_a_step_is_refused():
    net = feeder()
    with pytest.raises(DefinitionError, match="dead band"):
        solve(prepare(net), hours_of(net, [1.0]), rules=(TapControl("unit", "bar", 1.0, 1.005),))


def test_given_positions_are_solved_as_given():
    net = feeder()
    wires, injections = prepare(net), hours_of(net, [1.0] * 9)
    flow = solve(wires, injections, tap_position=np.arange(-4, 5)[:, None])
    assert (np.diff(flow.vm_pu[:, 1]) < 0.0).all() and flow.tap_operations[0] == 8
    difference = check_sample(net, wires, injections, flow, range(9))
    assert difference.voltage_pu <= 1e-8 and difference.current <= 1e-6
