"""Derivatives of quantities to the injections at every bus, against central differences of the power flow itself."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("pandapower")
import pandapower
import pandapower.networks as networks

from gridsim.distribution.powerflow import Injections, Quantities, VoltageCurve, gradients, prepare, solve
from tests.unit.test_powerflow import feeder, own_injections, year

STEP_MW = 2e-3
SMALL = 1e-4
"""Rows whose derivatives are all below this (currents of open lines) are compared as if the largest were this large. [unit / MW]"""


def values_of(flow, kind, element):
    table = {"voltage": flow.vm_pu, "current_from": flow.current_from_ka, "current_to": flow.current_to_ka, "slack_p": flow.slack_p_mw}
    return flow.losses_mw if kind == "losses" else table[kind][:, element]


def differences(wires, injections, flow, quantities, rules, buses, step_mw):
    """By p and by q at some buses, taps and limited generators as the flow has them. Shape (R, buses) each."""
    found = np.zeros((2, quantities.hour.size, len(buses)))
    for hour in np.unique(quantities.hour):
        trials = [np.tile(table[hour], (4 * len(buses), 1)) for table in (injections.p_mw, injections.q_mvar)]
        for which in range(2):
            for number, bus in enumerate(buses):
                for side, sign in enumerate((1, -1)):
                    trials[which][(which * len(buses) + number) * 2 + side, bus] += sign * step_mw
        tap = np.tile(flow.tap_position[hour], (4 * len(buses), 1))
        trial = solve(wires, Injections(*trials), rules=rules, tap_position=tap, enforce_q_limits=bool(flow.at_q_limit[hour].any()))
        assert trial.converged.all()
        for row in np.flatnonzero(quantities.hour == hour):
            value = values_of(trial, quantities.kind[row], quantities.element[row])
            found[:, row] = ((value[0::2] - value[1::2]) / (2 * step_mw)).reshape(2, -1)
    return found


def assert_gradients(wires, injections, flow, quantities, rules=(), buses=None, step_mw=STEP_MW):
    """Each row agrees to 1e-5 of its largest derivative."""
    buses = np.flatnonzero(wires.bus_node >= 0) if buses is None else buses
    answer = gradients(wires, injections, flow, quantities, rules)
    coarse, fine = (differences(wires, injections, flow, quantities, rules, buses, step) for step in (2 * step_mw, step_mw))
    for ours, theirs in zip(answer, (4.0 * fine - coarse) / 3.0, strict=True):  # what is left of the steps is of the fourth order
        scale = np.maximum(np.abs(theirs).max(axis=1, keepdims=True), SMALL)
        assert ours.shape == (quantities.hour.size, wires.buses)
        np.testing.assert_allclose(ours[:, buses] / scale, theirs / scale, rtol=0.0, atol=1e-5)
    return answer


def every(wires, hours, skip=()):
    """All quantities of some hours, hours in falling order."""
    counts = {"voltage": wires.buses, "current_from": wires.branches, "current_to": wires.branches, "slack_p": wires.slack_nodes.size, "losses": 1}
    rows = [(hour, kind, element) for hour in sorted(hours, reverse=True) for kind, count in counts.items() for element in range(count)]
    rows = [row for row in rows if row[1:] not in skip]
    return Quantities(*(np.array(column) for column in zip(*rows, strict=True)))


def rich_feeder():
    """The feeder with a bus behind a closed switch, a star of three windings, a generator that holds its bus, a second slack and a shunt."""
    net = feeder()
    joined = pandapower.create_bus(net, 10.0, name="joined")
    pandapower.create_switch(net, 2, joined, et="b", closed=True)
    pandapower.create_load(net, joined, 2.0, 1.0)
    medium, low = pandapower.create_bus(net, 20.0, name="medium"), pandapower.create_bus(net, 10.0, name="low")
    pandapower.create_transformer3w(net, 0, medium, low, "63/25/38 MVA 110/20/10 kV")
    pandapower.create_load(net, medium, 8.0, 2.0)
    pandapower.create_load(net, low, 6.0, 1.0)
    pandapower.create_gen(net, medium, p_mw=2.0, vm_pu=1.01, name="held")
    pandapower.create_shunt(net, 3, q_mvar=-0.8, p_mw=0.05)
    pandapower.create_line_from_parameters(net, 0, pandapower.create_bus(net, 110.0, name="other"), 30.0, 0.06, 0.4, 9.0, 1.0, name="tie")
    pandapower.create_ext_grid(net, net.bus.index[-1], vm_pu=1.01, va_degree=-0.2, name="second")
    return net


def test_all_quantities_of_a_rich_network():
    """Proves: held buses, joined buses, nodes without a bus, two slacks, moved taps and a Q(U) curve are all in the derivatives."""
    net = rich_feeder()
    wires = prepare(net)
    rules = (VoltageCurve("three", (0.9, 1.2), (3.0, -3.0)),)
    injections = year(net, 0.6, 1.0, hours=4)
    flow = solve(wires, injections, rules=rules, tap_position=np.array([[1], [-3], [-3], [4]]))
    quantities = every(wires, [0, 1, 3])
    by_p, by_q = assert_gradients(wires, injections, flow, quantities, rules)
    held = wires.bus("medium")
    assert (by_q[quantities.kind != "losses"][:, held] == 0.0).all()
    np.testing.assert_array_equal(by_p[:, wires.bus("joined")], by_p[:, wires.bus("one")])


def test_a_slack_gives_what_is_not_given_at_its_own_bus():
    """Proves: one MW more at the slack's bus is one MW less from the slack and changes nothing else; elsewhere it is one MW and the change of losses."""
    net = feeder()
    wires, injections = prepare(net), year(net, 0.5, 1.0, hours=2)
    flow = solve(wires, injections)
    by_p, by_q = gradients(wires, injections, flow, Quantities(np.array([1, 1]), np.array(["slack_p", "losses"]), np.array([0, 0])))
    assert by_p[0, 0] == -1.0 and by_q[0, 0] == 0.0 and by_p[1, 0] == 0.0
    np.testing.assert_allclose(by_p[0, 1:], by_p[1, 1:] - 1.0, atol=1e-9)


def test_generators_at_their_limits_and_those_that_hold():
    net = networks.case118()
    wires, injections = prepare(net), year(net, 0.9, 1.05, hours=3)
    flow = solve(wires, injections, enforce_q_limits=True)
    node = wires.controlled_nodes[np.flatnonzero(flow.at_q_limit[0])[0]]
    limited, holding = (int(np.flatnonzero(wires.bus_node == place)[0]) for place in (node, wires.controlled_nodes[np.flatnonzero(~flow.at_q_limit[0])[0]]))
    kind = np.array(["voltage", "voltage", "losses", "slack_p", "current_to", "current_from"])
    quantities = Quantities(np.zeros(6, dtype=int), kind, np.array([limited, 20, 0, 0, 30, 170]))
    _, by_q = assert_gradients(wires, injections, flow, quantities, buses=[limited, holding, 20, 43, 117], step_mw=0.05)
    assert by_q[0, limited] > 0.0 and (by_q[:, holding] == 0.0).all()


def test_cigre_network_at_several_hours():
    net = networks.create_cigre_network_mv(with_der="all")
    wires, injections = prepare(net), year(net, 0.5, 1.0, hours=5)
    assert_gradients(wires, injections, solve(wires, injections), every(wires, [0, 2, 4]))


def test_an_hour_does_not_depend_on_its_company():
    """Proves: more hours than one chunk holds, in any order, give what each alone gives."""
    net = rich_feeder()
    wires, injections = prepare(net), year(net, 0.3, 1.0, hours=700)
    flow = solve(wires, injections)
    random = np.random.default_rng(4)
    hour = random.integers(0, 700, 2500)
    quantities = Quantities(hour, random.choice(["voltage", "losses"], hour.size), random.integers(0, wires.buses, hour.size))
    by_p, by_q = gradients(wires, injections, flow, quantities)
    for row in (0, 1234, 2499):
        alone = gradients(wires, injections, flow, Quantities(*(values[row : row + 1] for values in (hour, quantities.kind, quantities.element))))
        np.testing.assert_allclose((by_p[row], by_q[row]), (alone[0][0], alone[1][0]), rtol=1e-6, atol=1e-9)


def test_what_is_out_of_service():
    """Proves: the voltage of a bus that is off has no derivative; the current of a line that is off does not change; injections there change nothing."""
    net = feeder()
    net.line.loc[2, "in_service"] = False
    net.bus.loc[4, "in_service"] = False
    net.sgen, net.load = net.sgen.iloc[:0], net.load.iloc[:2]
    wires, injections = prepare(net), year(net, 0.5, 1.0, hours=1)
    flow = solve(wires, injections)
    off = wires.branch_names.index("third")
    quantities = Quantities(np.zeros(3, dtype=int), np.array(["voltage", "current_from", "voltage"]), np.array([4, off, 3]))
    by_p, by_q = gradients(wires, injections, flow, quantities)
    assert np.isnan(by_p[0]).all() and np.isnan(by_q[0]).all()
    assert (by_p[1] == 0.0).all() and (by_p[2, 4], by_q[2, 4]) == (0.0, 0.0) and by_p[2, 3] > 0.0


def test_a_branch_that_a_closed_switch_bypasses():
    """Proves: both ends are one node; only its charging current flows, which follows the voltage."""
    net = feeder(c_nf_per_km=5e4)
    pandapower.create_switch(net, 3, 4, et="b", closed=True)
    wires, injections = prepare(net), year(net, 0.5, 1.0, hours=1)
    flow = solve(wires, injections)
    _, by_q = gradients(wires, injections, flow, Quantities(np.zeros(2, dtype=int), np.array(["current_from", "voltage"]), np.array([2, 3])))
    assert flow.current_from_ka[0, 2] > 0.01
    np.testing.assert_allclose(by_q[0], by_q[1] * flow.current_from_ka[0, 2] / flow.vm_pu[0, 3], rtol=1e-9)


def test_no_quantities_have_no_derivatives():
    net = feeder()
    wires, injections = prepare(net), year(net, 0.5, 1.0, hours=1)
    none = Quantities(np.zeros(0, dtype=int), np.zeros(0, dtype="<U12"), np.zeros(0, dtype=int))
    assert [table.shape for table in gradients(wires, injections, solve(wires, injections), none)] == [(0, 5), (0, 5)]


def test_what_cannot_be_differentiated():
    net = feeder()
    wires = prepare(net)
    p_mw, q_mvar = own_injections(net)
    injections = Injections(p_mw * np.array([[1.0], [1000.0]]), q_mvar * np.array([[1.0], [1000.0]]))
    flow = solve(wires, injections)
    for hour, kind, element, words in ((1, "losses", 0, "hour 1 has no solution"), (0, "volts", 0, "'volts' is no kind"), (0, "slack_p", 1, "there are 1")):
        with pytest.raises(ValueError, match=words):
            gradients(wires, injections, flow, Quantities(np.array([hour]), np.array([kind]), np.array([element])))
