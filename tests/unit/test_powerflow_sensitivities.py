"""Derivatives at an hour, against finite differences of the power flow itself."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("pandapower")
import pandapower
import pandapower.networks as networks

from gridsim.distribution.powerflow import Injections, VoltageCurve, solve
from gridsim.distribution.powerflow.prepare import prepare
from gridsim.distribution.powerflow.sensitivities import sensitivities
from tests.unit.test_powerflow import feeder, own_injections, year

STEP_MW = 1e-3


def differences(wires, injections, hour, buses, rules=(), **options):
    """Central differences by p and by q: voltage, current at the from end, current at the to end."""
    trials = []
    for which in ("p", "q"):
        for bus in buses:
            for sign in (1, -1):
                p_mw, q_mvar = injections.p_mw[hour].copy(), injections.q_mvar[hour].copy()
                (p_mw if which == "p" else q_mvar)[bus] += sign * STEP_MW
                trials.append((p_mw, q_mvar))
    flow = solve(wires, Injections(np.array([p for p, _ in trials]), np.array([q for _, q in trials])), rules=rules, **options)
    found = []
    for table in (flow.vm_pu, flow.current_from_ka, flow.current_to_ka):
        slopes = (table[0::2] - table[1::2]) / (2 * STEP_MW)
        found += [slopes[: len(buses)].T, slopes[len(buses) :].T]
    return found


def assert_slopes(wires, injections, hours, buses, rules=(), **options):
    flow = solve(wires, injections, rules=rules, **options)
    answer = sensitivities(wires, injections, flow, hours, buses=buses, rules=rules)
    ours = (answer.voltage_by_p, answer.voltage_by_q, answer.current_from_by_p, answer.current_from_by_q, answer.current_to_by_p, answer.current_to_by_q)
    for number, hour in enumerate(hours):
        for table, slopes in zip(ours, differences(wires, injections, hour, buses, rules, **options), strict=True):
            scale = np.nanmax(np.abs(slopes))
            np.testing.assert_allclose(table[number], slopes, rtol=1e-4, atol=max(1e-5 * scale, 2e-6))
    return answer


def test_radial_feeder_with_phase_shift():
    net = feeder()
    assert_slopes(prepare(net), year(net, 0.3, 1.0, hours=4), [0, 3], [1, 2, 4])


def test_cigre_network_and_its_signs():
    """Proves: a supply of active or reactive power raises the voltages of a feeder; the slack answers to nothing."""
    net = networks.create_cigre_network_mv(with_der="all")
    answer = assert_slopes(prepare(net), year(net, 0.5, 1.0, hours=3), [1], [0, 3, 8, 12])
    assert (answer.voltage_by_p[0, 3:12, 1] > 0).all() and (answer.voltage_by_q[0, 3:12, 1] > 0).all()
    assert (answer.voltage_by_p[0, :, 0] == 0).all()


def test_meshed_network_with_held_voltages():
    """Proves: reactive power at a bus that a generator holds changes no voltage; a three-winding star and open ends are in the Jacobian."""
    net = networks.case118()
    wires = prepare(net)
    held = int(np.flatnonzero(wires.bus_node == wires.controlled_nodes[3])[0])
    answer = assert_slopes(wires, year(net, 0.8, 1.0, hours=2), [1], [held, 20, 43, 117])
    assert np.abs(answer.voltage_by_q[0, :, 0]).max() == 0.0 and np.abs(answer.voltage_by_p[0, :, 1]).max() > 0.0


def test_generators_at_their_limit_answer_to_reactive_power():
    net = networks.case118()
    wires, injections = prepare(net), year(net, 1.0, 1.05, hours=2)
    flow = solve(wires, injections, enforce_q_limits=True)
    limited = int(np.flatnonzero(wires.bus_node == wires.controlled_nodes[np.flatnonzero(flow.at_q_limit[0])[0]])[0])
    answer = assert_slopes(wires, injections, [0], [limited, 20], enforce_q_limits=True)
    assert answer.voltage_by_q[0, limited, 0] > 0.0


def test_nodes_without_a_bus_are_in_the_jacobian():
    net = feeder()
    medium, low = pandapower.create_bus(net, 20.0, name="medium"), pandapower.create_bus(net, 10.0, name="low")
    pandapower.create_transformer3w(net, 0, medium, low, "63/25/38 MVA 110/20/10 kV")
    pandapower.create_load(net, medium, 8.0, 2.0)
    assert_slopes(prepare(net), year(net, 0.5, 1.0, hours=2), [0], [1, 4, 5, 6])


def test_voltage_curves_soften_the_answer():
    """Proves: with Q(U) at the feeder's end, a supply there raises the voltage less; the derivative contains the curve's slope."""
    net = feeder()
    wires, injections = prepare(net), year(net, 0.5, 1.0, hours=2)
    curve = VoltageCurve("three", (0.9, 1.2), (3.0, -3.0))
    with_curve = assert_slopes(wires, injections, [1], [3, 4], rules=(curve,))
    without = assert_slopes(wires, injections, [1], [3, 4])
    assert 0.0 < with_curve.voltage_by_p[0, 4, 1] < without.voltage_by_p[0, 4, 1]


def test_an_hour_without_a_solution_has_none():
    net = feeder()
    wires = prepare(net)
    p_mw, q_mvar = own_injections(net)
    injections = Injections(p_mw[None] * 1000.0, q_mvar[None] * 1000.0)
    with pytest.raises(ValueError, match="hour 0 has no solution"):
        sensitivities(wires, injections, solve(wires, injections), [0])
