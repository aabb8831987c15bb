"""A year of power flow: equal to pandapower hour by hour, and to published feeders."""

from __future__ import annotations

import copy

import numpy as np
import pytest

pandapower = pytest.importorskip("pandapower")
import pandapower.networks as networks  # noqa: E402

from gridsim.distribution.powerflow import Injections, solve  # noqa: E402
from gridsim.distribution.powerflow.prepare import prepare  # noqa: E402
from gridsim.distribution.powerflow.sample import check_sample  # noqa: E402

HOURS = 600  # more than one block


def own_injections(net):
    """What the network's own tables supply to each bus."""
    row = {bus: number for number, bus in enumerate(net.bus.index)}
    p_mw, q_mvar = np.zeros(len(row)), np.zeros(len(row))
    for table, sign in (("load", -1.0), ("sgen", 1.0), ("storage", -1.0), ("gen", 1.0)):
        for element in net[table][net[table].in_service].itertuples():
            p_mw[row[element.bus]] += sign * element.p_mw * element.scaling
            q_mvar[row[element.bus]] += sign * element.q_mvar * element.scaling if table != "gen" else 0.0
    return p_mw, q_mvar


def year(net, low, high, noise=0.2, hours=HOURS):
    p_mw, q_mvar = own_injections(net)
    random = np.random.default_rng(1)
    shape = np.linspace(low, high, hours)[random.permutation(hours), None] * (1.0 + noise * (random.random((hours, p_mw.size)) - 0.5))
    return Injections(p_mw * shape, q_mvar * shape)


def worst_and_random(flow, count=12):
    """Hours of highest loading and lowest voltage, and hours by chance."""
    order = np.argsort(np.nan_to_num(np.where(np.isfinite(flow.loading), flow.loading, 0.0)).max(axis=1))
    lowest = np.argsort(np.nanmin(flow.vm_pu, axis=1))
    return sorted({*order[-count // 3 :].tolist(), *lowest[: count // 3].tolist(), *np.random.default_rng(2).choice(flow.hours, count // 3).tolist()})


def assert_equal(net, low=0.2, high=1.1, noise=0.2, hours=HOURS, **options):
    """Batch and pandapower agree: 1e-8 p.u. and 1e-6 of branch currents."""
    wires, injections = prepare(net), year(net, low, high, noise, hours)
    flow = solve(wires, injections, enforce_q_limits=options.get("enforce_q_limits", False))
    assert flow.converged.all(), flow.reason
    assert (flow.mismatch_pu <= 1e-10).all()
    difference = check_sample(net, wires, injections, flow, worst_and_random(flow), **options)
    assert difference.disagree == ()
    assert difference.voltage_pu <= 1e-8
    assert difference.current <= 1e-6
    assert difference.loading <= 1e-6
    assert difference.losses_mw <= 1e-6
    return wires, injections, flow


def feeder(**line):
    """A 110/10 kV transformer and three 10 kV line sections: the network of this file."""
    net = pandapower.create_empty_network(sn_mva=10.0)
    for name, kv in (("grid", 110.0), ("bar", 10.0), ("one", 10.0), ("two", 10.0), ("three", 10.0)):
        pandapower.create_bus(net, kv, name=name)
    pandapower.create_ext_grid(net, 0, vm_pu=1.02, name="connection")
    pandapower.create_transformer_from_parameters(
        net, 0, 1, 40.0, 110.0, 10.5, 0.5, 10.5, 30.0, 0.1, name="unit", shift_degree=150.0, parallel=2, df=0.9,
        tap_side="hv", tap_neutral=0, tap_min=-4, tap_max=4, tap_step_percent=1.5, tap_pos=1, tap_changer_type="Ratio",
    )  # fmt: skip
    values = {"r_ohm_per_km": 0.12, "x_ohm_per_km": 0.35, "c_nf_per_km": 200.0, "max_i_ka": 0.4, **line}
    for start, end, name in ((1, 2, "first"), (2, 3, "second"), (3, 4, "third")):
        pandapower.create_line_from_parameters(net, start, end, 2.0, name=name, **values)
    for bus in (2, 3, 4):
        pandapower.create_load(net, bus, 1.5, 0.5, name=f"load {bus}")
    pandapower.create_sgen(net, 4, 3.0, 0.2, name="sun")
    return net


def test_cigre_medium_voltage_with_all_generators():
    assert_equal(networks.create_cigre_network_mv(with_der="all"))


def test_118_buses_with_53_held_by_generators():
    _, _, flow = assert_equal(networks.case118(), low=0.5, high=1.05)
    assert flow.controlled_q_mvar.shape[1] == 53


def test_own_feeder_with_phase_shift_and_parallel_transformers():
    assert_equal(feeder(), low=-2.0, high=2.0)


def test_parallel_lines_open_switches_and_joined_buses():
    """Proves: an open switch at one end leaves the line's charging current (an extra node); a closed bus switch makes one node of two buses."""
    net = feeder(parallel=2, df=0.8)
    spare = pandapower.create_bus(net, 10.0, name="spare")
    joined = pandapower.create_bus(net, 10.0, name="joined")
    line = pandapower.create_line_from_parameters(net, 4, spare, 5.0, 0.12, 0.35, 300.0, 0.4, name="open")
    pandapower.create_line_from_parameters(net, 1, spare, 5.0, 0.12, 0.35, 300.0, 0.4, name="way round")
    pandapower.create_switch(net, 4, line, et="l", closed=False)
    pandapower.create_switch(net, 2, joined, et="b", closed=True)
    pandapower.create_load(net, joined, 2.0, 1.0)
    wires, _, flow = assert_equal(net)
    assert wires.nodes == len(net.bus) - 1 + 1
    np.testing.assert_array_equal(flow.vm_pu[:, wires.bus("joined")], flow.vm_pu[:, wires.bus("one")])
    opened = wires.branch_names.index("open")
    assert flow.current_from_ka[:, opened].max() < 1e-9  # the switch is at the line's from end
    charging_ka = 2 * np.pi * 50 * 300e-9 * 5.0 * 10.0 / np.sqrt(3)
    assert flow.current_to_ka[0, opened] == pytest.approx(charging_ka * flow.vm_pu[0, wires.bus("spare")], rel=1e-2)


def test_shunts_wards_extended_wards_impedances_motors_and_direct_current_lines():
    net = feeder()
    pandapower.create_shunt(net, 3, q_mvar=-0.8, p_mw=0.01, step=2)
    pandapower.create_ward(net, 2, 0.2, 0.1, 0.3, 0.1)
    pandapower.create_xward(net, 3, 0.1, 0.05, 0.2, 0.1, 0.1, 1.5, 1.0)
    end = pandapower.create_bus(net, 10.0, name="behind")
    pandapower.create_impedance(net, 4, end, 0.01, 0.02, 10.0)
    pandapower.create_load(net, end, 0.5, 0.2)
    pandapower.create_motor(net, 2, 0.3, 0.9)
    pandapower.create_asymmetric_load(net, 3, 0.1, 0.2, 0.3, 0.05, 0.05, 0.05)
    pandapower.create_dcline(net, 1, 4, 0.5, 1.0, 0.01, 1.0, 1.0)
    assert_equal(net)


def test_three_winding_transformer():
    net = feeder()
    medium = pandapower.create_bus(net, 20.0, name="medium")
    low = pandapower.create_bus(net, 10.0, name="low")
    pandapower.create_transformer3w(net, 0, medium, low, "63/25/38 MVA 110/20/10 kV")
    pandapower.create_load(net, medium, 8.0, 2.0)
    pandapower.create_load(net, low, 6.0, 1.0)
    wires, _, _ = assert_equal(net)
    assert wires.branch_winding.count("hv") == 1 and wires.nodes == len(net.bus) + 1


def test_phase_shift_of_a_winding_with_negative_resistance():
    """Proves: in this star a resistance is below zero; its phase shift is still found, not the opposite one, and the hours have a solution."""
    net = feeder()
    medium = pandapower.create_bus(net, 20.0, name="medium")
    low = pandapower.create_bus(net, 10.0, name="low")
    pandapower.create_transformer3w_from_parameters(
        net,
        0,
        medium,
        low,
        110.0,
        20.0,
        10.0,
        40.0,
        15.0,
        25.0,
        10.1,
        10.1,
        10.1,
        0.266667,
        0.033333,
        0.04,
        0.0,
        0.0,
        shift_mv_degree=30.0,
        shift_lv_degree=30.0,
    )
    pandapower.create_load(net, medium, 8.0, 2.0)
    pandapower.create_load(net, low, 6.0, 1.0)
    assert_equal(net, low=0.8)


def test_switch_with_impedance():
    net = feeder()
    behind = pandapower.create_bus(net, 10.0, name="behind")
    pandapower.create_switch(net, 4, behind, et="b", z_ohm=0.05)
    pandapower.create_load(net, behind, 1.0, 0.3)
    wires, _, flow = assert_equal(net)
    coupler = wires.branch_table.index("switch")
    drop = np.abs(flow.vm_pu[:, 4] * np.exp(1j * np.radians(flow.va_deg[:, 4])) - flow.vm_pu[:, 5] * np.exp(1j * np.radians(flow.va_deg[:, 5])))
    np.testing.assert_allclose(flow.current_from_ka[:, coupler], drop * 10.0 / np.sqrt(3) / 0.05, rtol=1e-6)


def test_a_transformer_between_two_taps_stays_there_when_another_moves():
    net = feeder()
    unit = {"tap_side": "hv", "tap_neutral": 0, "tap_min": -4, "tap_max": 4, "tap_step_percent": 1.5, "tap_pos": 1, "tap_changer_type": "Ratio"}
    pandapower.create_transformer_from_parameters(net, 0, 1, 40.0, 110.0, 10.5, 0.5, 10.5, 30.0, 0.1, name="whole", shift_degree=150.0, **unit)
    net.trafo["tap_pos"] = [1.5, 1.0]
    wires, injections = prepare(net), year(net, 0.5, 1.0, hours=2)
    assert wires.taps.names == ("whole",)
    flow = solve(wires, injections, tap_position=np.array([[1], [3]]))
    assert check_sample(net, wires, injections, flow, range(2)).voltage_pu <= 1e-8


def test_negative_reactance_of_a_matpower_equivalent():
    """Proves: case145 has transformers with a reactance below zero; they are solved as given."""
    assert_equal(networks.case145(), low=0.9, high=1.0, noise=0.0, hours=3)


def test_buses_and_lines_out_of_service_are_marked():
    net = feeder()
    net.line.loc[2, "in_service"] = False
    net.bus.loc[4, "in_service"] = False
    net.sgen = net.sgen.iloc[:0]
    net.load = net.load.iloc[:2]
    wires, _, flow = assert_equal(net)
    assert np.isnan(flow.vm_pu[:, 4]).all() and not np.isnan(flow.vm_pu[:, :4]).any()
    assert (flow.loading[:, wires.branch_names.index("third")] == 0.0).all()


def test_generators_at_their_reactive_limits_let_go():
    """Proves: with limits enforced, hours fall into groups by who is at a limit, as in runpp(enforce_q_lims=True)."""
    wires, _, flow = assert_equal(networks.case118(), low=0.6, high=1.05, enforce_q_limits=True)
    assert flow.at_q_limit.any() and not flow.at_q_limit.all(axis=0).all()
    assert len(np.unique(flow.at_q_limit, axis=0)) > 1
    beyond = np.maximum(flow.controlled_q_mvar - wires.controlled_q_max_mvar, wires.controlled_q_min_mvar - flow.controlled_q_mvar)
    assert beyond.max() <= 1e-6


@pytest.mark.parametrize(
    ("case", "loss_kw", "lowest", "at_bus"),
    [("case33bw", 202.677, 0.9131, 18)],
)
def test_published_radial_feeders(case, loss_kw, lowest, at_bus):
    """Baran and Wu's feeder: 202.677 kW lost and 0.9131 p.u. at bus 18 (counted from 1); ties open."""
    net = getattr(networks, case)()
    wires = prepare(net)
    p_mw, q_mvar = own_injections(net)
    flow = solve(wires, Injections(p_mw[None], q_mvar[None]))
    assert -p_mw.sum() == pytest.approx(3.715)
    assert flow.losses_mw[0] * 1e3 == pytest.approx(loss_kw, abs=1e-3)
    assert flow.losses_mvar[0] * 1e3 == pytest.approx(135.141, abs=1e-3)
    assert flow.vm_pu[0].min() == pytest.approx(lowest, abs=1e-4)
    assert int(flow.vm_pu[0].argmin()) + 1 == at_bus
    p_mw[5] += 2.59
    flow = solve(wires, Injections(p_mw[None], q_mvar[None]))
    assert flow.losses_mw[0] * 1e3 == pytest.approx(103.97, abs=5e-3)
    assert flow.vm_pu[0].min() == pytest.approx(0.9513, abs=1e-4)


def test_voltage_drop_matches_the_quadratic():
    """Proves: 0.4 kV, R = 0.1 ohm, P = 0.1 MW without reactance: v = (1 + sqrt(1 - 4 P R / V²)) / 2 = 0.9330127."""
    net = pandapower.create_empty_network()
    for name in ("a", "b"):
        pandapower.create_bus(net, 0.4, name=name)
    pandapower.create_ext_grid(net, 0)
    pandapower.create_line_from_parameters(net, 0, 1, 1.0, 0.1, 0.0, 0.0, 1.0)
    flow = solve(prepare(net), Injections(np.array([[0.0, -0.1]]), np.zeros((1, 2))))
    assert flow.vm_pu[0, 1] == pytest.approx((1 + np.sqrt(1 - 4 * 0.1 * 0.1 / 0.16)) / 2 if 4 * 0.1 * 0.1 / 0.16 < 1 else np.nan, abs=1e-9)
    assert flow.slack_p_mw[0, 0] == pytest.approx(0.1 + flow.losses_mw[0], abs=1e-9)


def test_hours_beyond_the_nose_are_reported_and_the_others_kept():
    """Proves: 0.4 kV behind 0.1 ohm carries at most V²/(4R) = 0.4 MW; 0.39 MW is solved, 0.41 MW has no solution and says where."""
    net = pandapower.create_empty_network()
    for name in ("a", "b"):
        pandapower.create_bus(net, 0.4, name=name)
    pandapower.create_ext_grid(net, 0)
    pandapower.create_line_from_parameters(net, 0, 1, 1.0, 0.1, 0.0, 0.0, 1.0)
    p_mw = np.array([[0.0, -0.1], [0.0, -0.41], [0.0, -0.39], [0.0, 0.2]])
    flow = solve(prepare(net), Injections(p_mw, np.zeros((4, 2))))
    assert flow.converged.tolist() == [True, False, True, True]
    assert np.isnan(flow.vm_pu[1]).all() and np.isnan(flow.loading[1]).all() and np.isnan(flow.losses_mw[1])
    assert list(flow.reason) == [1] and "bus 'b'" in flow.reason[1]
    assert flow.vm_pu[2, 1] == pytest.approx((1 + np.sqrt(1 - 0.39 / 0.4)) / 2, abs=1e-7)


def test_energy_is_kept():
    """Proves: what the slack and the injections supply is what the branches lose (no shunts here), to the tolerance."""
    net = networks.case33bw()
    injections = year(net, 0.1, 1.5)
    flow = solve(prepare(net), injections)
    np.testing.assert_allclose(flow.slack_p_mw.sum(axis=1) + injections.p_mw.sum(axis=1), flow.losses_mw, atol=1e-7)


def test_the_given_network_is_left_as_it_was():
    net = feeder()
    before = copy.deepcopy(net)
    wires = prepare(net)
    solve(wires, year(net, 0.5, 1.0, hours=3))
    for table in ("bus", "line", "trafo", "load", "sgen"):
        assert net[table].equals(before[table])
    assert set(net) == set(before)


def test_a_different_order_of_hours_changes_nothing():
    net = networks.create_cigre_network_mv(with_der="all")
    wires, injections = prepare(net), year(net, 0.2, 1.1)
    shuffle = np.random.default_rng(5).permutation(HOURS)
    one, other = solve(wires, injections), solve(wires, Injections(injections.p_mw[shuffle], injections.q_mvar[shuffle]))
    np.testing.assert_allclose(one.vm_pu[shuffle], other.vm_pu, atol=2e-9)
