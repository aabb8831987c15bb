"""N-1: each outage equals pandapower with the element out of service; what is lost and what is broken is found."""

from __future__ import annotations

import copy

import numpy as np
import pytest

pandapower = pytest.importorskip("pandapower")

from gridsim.distribution.contingency import n_minus_1  # noqa: E402
from gridsim.distribution.contingency_flow import intact_hours, solve_outage  # noqa: E402
from gridsim.distribution.contingency_hours import critical_hours  # noqa: E402
from gridsim.distribution.contingency_screen import estimated_loading  # noqa: E402
from gridsim.distribution.powerflow import Injections, TapControl, VoltageCurve, prepare, solve  # noqa: E402
from gridsim.distribution.powerflow.rules import node_curves  # noqa: E402
from gridsim.distribution.powerflow.solve import node_supply  # noqa: E402
from gridsim.errors import DefinitionError  # noqa: E402

LINE = {"r_ohm_per_km": 0.12, "x_ohm_per_km": 0.39, "c_nf_per_km": 9.0, "max_i_ka": 0.4}


def mesh():
    """Two 110/10 kV transformers (one row of two units, one of one), a 110 kV ring with a condenser, a 10 kV tie, a spur and a line with an open switch."""
    net = pandapower.create_empty_network(sn_mva=100.0)
    for name, kv in (("grid", 110.0), ("west", 110.0), ("east", 110.0), ("west_10", 10.5), ("east_10", 10.5), ("spur", 10.5)):
        pandapower.create_bus(net, kv, name=name, min_vm_pu=0.95, max_vm_pu=1.07)
    pandapower.create_ext_grid(net, 0, vm_pu=1.03, name="connection")
    for start, end, length, parallel, name in ((0, 1, 20.0, 2, "g_w"), (0, 2, 25.0, 1, "g_e"), (1, 2, 15.0, 1, "w_e")):
        pandapower.create_line_from_parameters(net, start, end, length, name=name, parallel=parallel, **LINE)
    for hv, lv, parallel, name in ((1, 3, 2, "t_w"), (2, 4, 1, "t_e")):
        pandapower.create_transformer_from_parameters(
            net, hv, lv, 31.5, 110.0, 10.5, 0.4, 10.5, 30.0, 0.1, name=name, shift_degree=330.0, parallel=parallel,
            tap_side="hv", tap_neutral=0, tap_min=-8, tap_max=8, tap_step_percent=1.25, tap_pos=0, tap_changer_type="Ratio",
        )  # fmt: skip
    cable = {"r_ohm_per_km": 0.08, "x_ohm_per_km": 0.1, "c_nf_per_km": 300.0, "max_i_ka": 0.5}
    for start, end, name in ((3, 4, "tie"), (4, 5, "spur"), (3, 5, "spare")):
        pandapower.create_line_from_parameters(net, start, end, 3.0, name=name, **cable)
    pandapower.create_switch(net, 3, 5, et="l", closed=False)
    pandapower.create_gen(net, 2, p_mw=0.0, vm_pu=1.02, name="condenser", min_q_mvar=-20.0, max_q_mvar=20.0)
    pandapower.create_shunt(net, 3, q_mvar=-3.0)
    net.line["max_loading_percent_n_1"] = [100.0, 100.0, 100.0, 120.0, 100.0, 100.0]
    net.trafo["max_loading_percent_n_1"] = 130.0
    return net


CURVES = (VoltageCurve("spur", (0.95, 1.0, 1.03, 1.08), (1.0, 0.0, 0.0, -1.0)), TapControl("t_e", "east_10", 1.0, 1.02))


def hours_of(net, count=6, seed=4):
    random = np.random.default_rng(seed)
    p_mw = np.zeros((count, len(net.bus)))
    p_mw[:, 3], p_mw[:, 4], p_mw[:, 5] = -30.0 * random.random(count), -12.0 * random.random(count), 6.0 * random.random(count) - 2.0
    return Injections(p_mw, 0.3 * np.minimum(p_mw, 0.0))


def with_pandapower(net, table, index, units):
    """The same outage as a pandapower user would enter it, injections left out."""
    net = copy.deepcopy(net)
    if units > 1:
        net[table].at[index, "parallel"] = units - 1
    else:
        net[table].at[index, "in_service"] = False
    return net


def test_every_outage_equals_pandapower():
    """Proves: 1e-8 p.u. and 1e-6 of loading for each outage and hour, taps of each hour, a condenser, a curve and an island among them."""
    net = mesh()
    wires, injections = prepare(net), hours_of(net)
    flow = solve(wires, injections, rules=CURVES)
    assert len(np.unique(flow.tap_position, axis=0)) > 1  # hours of different taps are solved together
    supply, curves = node_supply(wires, injections.p_mw, injections.q_mvar), node_curves(wires, CURVES)
    intact = intact_hours(wires, supply, curves, flow.tap_position)
    compared = islands = 0
    for table, index, units in [("line", 0, 2), ("line", 1, 1), ("line", 2, 1), ("line", 3, 1), ("line", 4, 1), ("trafo", 0, 2), ("trafo", 1, 1)]:
        branch = np.flatnonzero((np.array(wires.branch_table) == table) & (wires.branch_index == index))
        after = solve_outage(intact, branch, (units - 1) / units)
        assert after.converged.all()
        theirs = with_pandapower(net, table, index, units)
        pandapower.create_sgens(theirs, list(range(len(net.bus))), p_mw=0.0)
        for hour in range(flow.hours):
            voltage = after.voltage[wires.bus_node, hour]
            q_mvar = injections.q_mvar[hour].copy()
            q_mvar[5] += 0.0 if np.isnan(voltage[5]) else np.interp(abs(voltage[5]), CURVES[0].vm_pu, CURVES[0].q_mvar)
            theirs.sgen["p_mw"], theirs.sgen["q_mvar"] = injections.p_mw[hour], q_mvar
            theirs.trafo["tap_pos"] = flow.tap_position[hour].astype(theirs.trafo.tap_pos.dtype)
            pandapower.runpp(theirs, numba=False, tolerance_mva=1e-8, calculate_voltage_angles=True)
            expected = theirs.res_bus.vm_pu.to_numpy() * np.exp(1j * np.radians(theirs.res_bus.va_degree.to_numpy()))
            np.testing.assert_array_equal(np.isnan(voltage), np.isnan(expected))
            assert np.nanmax(np.abs(voltage - expected)) <= 1e-8
            for kind in ("line", "trafo"):
                rows = [row for row in np.flatnonzero(np.array(wires.branch_table) == kind) if row != branch[0] or units > 1]
                percent = theirs[f"res_{kind}"].loading_percent.to_numpy()[wires.branch_index[rows]]
                np.testing.assert_allclose(after.loading[hour, rows], np.nan_to_num(percent) / 100.0, atol=1e-7)
            assert after.controlled_q_mvar[hour, 0] == pytest.approx(theirs.res_gen.q_mvar.iloc[0], abs=1e-6)
            compared += 1
            islands += int(np.isnan(voltage).any())
    assert compared == 42
    assert islands == 6  # the spur, in each hour


def test_a_spur_takes_its_load_and_infeed_with_it():
    net = mesh()
    wires, injections = prepare(net), hours_of(net)
    found = n_minus_1(net, wires, injections, solve(wires, injections), hours="all")
    by_name = {(outage.table, outage.element): outage for outage in found.outages}
    spur = by_name["line", "spur"]
    assert spur.islanded == ("spur",)
    assert spur.lost_load_mw == pytest.approx(max(-injections.p_mw[:, 5].min(), 0.0))
    assert spur.lost_infeed_mw == pytest.approx(injections.p_mw[:, 5].max())
    assert not spur.holds
    assert found.skipped == {"spare": "a switch of it is open"}
    assert len(found.outages) == 7
    assert by_name["trafo", "t_w"].units_left == 1
    assert set(found.table().columns) >= {"element", "loading_value", "voltage_low_hour", "hours_without_solution"}


def twins(load_mw):
    """Two equal lines and one with two units in parallel behind them, no resistance, no charging."""
    net = pandapower.create_empty_network()
    for name in ("grid", "middle", "end"):
        pandapower.create_bus(net, 110.0, name=name, min_vm_pu=0.5, max_vm_pu=1.5)
    pandapower.create_ext_grid(net, 0, name="connection")
    values = {"r_ohm_per_km": 0.0, "x_ohm_per_km": 0.4, "c_nf_per_km": 0.0, "max_i_ka": 0.2}
    for name in ("one", "two"):
        pandapower.create_line_from_parameters(net, 0, 1, 10.0, name=name, **values)
    pandapower.create_line_from_parameters(net, 1, 2, 10.0, name="pair", parallel=2, **values)
    p_mw = np.zeros((len(load_mw), 3))
    p_mw[:, 2] = -np.asarray(load_mw)
    return net, Injections(p_mw, np.zeros_like(p_mw))


def test_what_is_left_carries_all():
    """Proves: 30 MW at nearly 110 kV are 0.157 kA: a share of 0.394 of 0.4 kA in two, and 0.787 of 0.2 kA in one; the other of a pair likewise.

    Breaks as: 0.394 for the pair if its rating or admittance stayed that of two units.
    """
    net, injections = twins([10.0, 30.0])
    wires = prepare(net)
    found = n_minus_1(net, wires, injections, solve(wires, injections), hours="all", loading_limit=np.full(3, 0.6))
    for outage in found.outages:
        assert outage.loading.value == pytest.approx(30.0 / (np.sqrt(3.0) * 110.0) / 0.2, rel=2e-3)
        assert outage.loading.before == pytest.approx(outage.loading.value / 2, rel=2e-3)
        assert outage.loading.hour == 1
        assert outage.islanded == ()
    assert [outage.loading.element for outage in found.outages] == ["two", "one", "pair"]
    assert found.outages[0].overloaded == ("two",)  # the pair is loaded as before: 0.39


def test_the_estimate_of_twins_and_of_a_pair():
    """Proves: a lossless 30 MW are 15 a circuit; the other of two equal lines, and of a pair, takes twice that: 30 / 38.1 of its rating."""
    net, injections = twins([10.0, 30.0])
    wires = prepare(net)
    flow = solve(wires, injections)
    estimates = list(estimated_loading(wires, flow.loading, np.ones(3), [(0, 0.0), (2, 0.5)]))
    for hours in estimates:
        np.testing.assert_allclose(hours, np.array([10.0, 30.0]) / (np.sqrt(3.0) * 110.0 * 0.2), rtol=2e-3)


def test_the_hour_in_which_no_branch_is_at_its_peak():
    """Proves: of load 58 and infeeds 30 and 5 MW the grid gives 23, and 53 without the first: the worst hour of its outage, and the peak of nothing.

    Breaks as: hour 0 (50 MW) where hours are chosen by the intact network alone.
    """
    net, _ = twins([0.0])
    values = {"r_ohm_per_km": 0.0, "x_ohm_per_km": 0.4, "c_nf_per_km": 0.0, "max_i_ka": 0.4}
    net.line = net.line.iloc[:2]
    for name in ("first", "second"):
        pandapower.create_line_from_parameters(net, 1, pandapower.create_bus(net, 110.0, name=name), 5.0, name=name, **values)
    net.bus = net.bus.drop(index=2)
    load, first, second = np.array([[50.0, 0.0, 0.0], [60.0, 20.0, 30.0], [20.0, 45.0, 0.0], [40.0, 20.0, 50.0], [58.0, 30.0, 5.0]]).T
    p_mw = np.column_stack([0.0 * load, -load, first, second])
    injections, wires = Injections(p_mw, np.zeros_like(p_mw)), prepare(net)
    flow = solve(wires, injections)
    assert 4 not in critical_hours(wires, injections, flow)
    found = n_minus_1(net, wires, injections, flow, loading_limit=np.full(4, 0.6))
    outage = found.outages[2]
    assert (outage.element, outage.islanded, outage.lost_infeed_mw) == ("first", ("first",), 45.0)
    assert outage.loading.hour == 4
    assert outage.loading.value == pytest.approx(53.0 / 2.0 / (np.sqrt(3.0) * 110.0 * 0.2), rel=2e-3)


def test_an_hour_that_the_rest_cannot_carry_is_told():
    r"""Proves: at cos φ = 1 it carries at most :math:`U^2 / 2X`: 110² / (2 · (2 + 2)) = 1512 MW, and 110² / (2 · (4 + 2)) = 1008 MW with a line out."""
    net, injections = twins([500.0, 1000.0, 1020.0, 1500.0])
    wires = prepare(net)
    flow = solve(wires, injections)
    assert flow.converged.all()
    found = n_minus_1(net, wires, injections, flow, hours="all")
    assert found.outages[0].hours_without_solution == (2, 3)


def test_intact_violations_are_not_held_against_an_outage():
    """Proves: a branch at 1.2 of its limit before and after is no finding of the outage of another."""
    net, injections = twins([60.0])
    pandapower.create_line_from_parameters(net, 2, pandapower.create_bus(net, 110.0, name="far"), 1.0, 0.01, 0.4, 0.0, 0.3, name="far")
    wires = prepare(net)
    injections = Injections(np.array([[0.0, 0.0, -1.0, -59.0]]), np.zeros((1, 4)))
    flow = solve(wires, injections)
    found = n_minus_1(net, wires, injections, flow, hours=[0], loading_limit=np.array([9.0, 9.0, 9.0, 0.5]))
    assert flow.loading[0, 3] > 0.5
    assert [outage.loading for outage in found.outages[:3]] == [None, None, None]


def test_a_generator_beyond_its_reactive_limit():
    """Proves: the condenser holds 1.02 p.u. at the end of one line of 4 ohm instead of two; what it must give beyond 5 Mvar is told."""
    net, _ = twins([0.0])
    pandapower.create_gen(net, 2, p_mw=0.0, vm_pu=1.02, name="condenser", min_q_mvar=-200.0, max_q_mvar=200.0)
    wires = prepare(net)
    injections = Injections(np.array([[0.0, 0.0, -30.0]]), np.array([[0.0, -80.0, 0.0]]))
    flow = solve(wires, injections)
    found = n_minus_1(net, wires, injections, flow, hours="all")
    assert flow.controlled_q_mvar[0, 0] == pytest.approx(101.4, abs=2.0)
    assert all(outage.reactive_excess_mvar == 0.0 for outage in found.outages)
    net.gen["max_q_mvar"] = float(flow.controlled_q_mvar[0, 0])
    wires = prepare(net)
    one = n_minus_1(net, wires, injections, flow, hours="all").outages[0]
    after = copy.deepcopy(net)
    after.line.at[0, "in_service"] = False
    pandapower.create_sgens(after, [1, 2], p_mw=[0.0, -30.0], q_mvar=[-80.0, 0.0])
    pandapower.runpp(after, numba=False)
    assert one.reactive_excess_mvar == pytest.approx(max(after.res_gen.q_mvar.iloc[0] - net.gen.max_q_mvar.iloc[0], 0.0), abs=1e-5)


def test_critical_hours_hold_the_extremes():
    """Proves: the hours of the highest loading of each branch in each direction, of each extreme voltage and of the totals are near a chosen hour; few are
    chosen."""
    net = mesh()
    wires, injections = prepare(net), hours_of(net, count=2000)
    flow = solve(wires, injections)
    chosen = critical_hours(wires, injections, flow)
    assert chosen.size < 40
    feeding = injections.p_mw[:, 5] > 0.0
    spur = wires.branch_names.index("spur")
    for way in (feeding, ~feeding):  # both directions of the spur
        assert flow.loading[chosen][way[chosen], spur].max() >= 0.99 * flow.loading[way, spur].max()
    assert (flow.loading[chosen].max(axis=0) >= 0.99 * flow.loading.max(axis=0)).all()
    assert flow.vm_pu[chosen].min() <= flow.vm_pu.min() + 0.0005
    assert flow.losses_mw[chosen].max() >= 0.99 * flow.losses_mw.max()
    assert -injections.p_mw[chosen].sum(axis=1).min() >= 0.98 * -injections.p_mw.sum(axis=1).min()


def test_what_does_not_fit_is_told_together():
    net, injections = twins([10.0])
    wires = prepare(net)
    flow = solve(wires, injections)
    with pytest.raises(DefinitionError, match=r"(?s)loading_limit.*vm_max_pu"):
        n_minus_1(net, wires, injections, flow, loading_limit=np.ones(2), vm_max_pu=np.ones(5))
    with pytest.raises(DefinitionError, match="give critical, all"):
        n_minus_1(net, wires, injections, flow, hours="worst")
    with pytest.raises(DefinitionError, match="the flow has the hours 0 to 0"):
        n_minus_1(net, wires, injections, flow, hours=[4])
