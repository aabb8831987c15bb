"""What is wrong with a network is said by the name of the element, all at once."""

from __future__ import annotations

import numpy as np
import pytest

pandapower = pytest.importorskip("pandapower")

from gridsim.distribution.powerflow import Injections, PowerFactorCurve, TapControl, VoltageCurve, solve  # noqa: E402
from gridsim.distribution.powerflow.prepare import prepare  # noqa: E402
from gridsim.errors import DefinitionError  # noqa: E402
from tests.unit.test_powerflow import feeder, own_injections  # noqa: E402


def removed_line(net):
    net.line = net.line.drop(1)
    return ["bus 'two'", "bus 'three'", "it holds load 4, sun"]


def islanded_bus(net):
    pandapower.create_bus(net, 10.0, name="alone")
    return ["bus 'alone'"]


def opened_line(net):
    for bus in (3, 4):
        pandapower.create_switch(net, bus, 2, et="l", closed=False)
    return ["bus 'three'"]


def line_without_length(net):
    net.line.loc[1, "length_km"] = 0.0
    return ["line 'second'", "impedance 0 ohm"]


def line_of_nan(net):
    net.line.loc[1, "x_ohm_per_km"] = np.nan
    return ["line 'second'"]


def line_between_voltages(net):
    net.line.loc[0, "from_bus"] = 0
    return ["line 'first'", "110 kV"]


def swapped_transformer(net):
    net.trafo.loc[0, ["hv_bus", "lv_bus"]] = [1, 0]
    return ["trafo 'unit'", "wrong side"]


def unfit_transformer(net):
    net.bus.loc[0, "vn_kv"] = 220.0
    return ["trafo 'unit'", "does not fit"]


def load_at_a_missing_bus(net):
    net.load.loc[1, "bus"] = 77
    return ["load 'load 3'", "bus 77 does not exist"]


def switch_at_a_missing_line(net):
    pandapower.create_switch(net, 2, 1, et="l")
    net.switch.loc[0, "element"] = 99
    return ["switch 'switch 0'", "line 99 does not exist"]


def no_grid(net):
    net.ext_grid = net.ext_grid.iloc[:0]
    return ["no grid connection"]


def voltage_dependent_load(net):
    net.load.loc[0, "const_z_p_percent"] = 50.0
    return ["load 2", "shunt"]


def compensator(net):
    pandapower.create_svc(net, 3, 1.0, -10.0, 1.0, 90.0)
    return ["svc: 1 in service"]


def switch_at_a_bus_where_the_line_does_not_end(net):
    net.switch = net.switch.iloc[:0]
    pandapower.create_switch(net, 2, 1, et="l", name="breaker")
    net.switch["bus"] = 1
    return ["switch 'breaker'", "bus 'bar'", "line 'second' does not end"]


def switch_between_voltages(net):
    pandapower.create_switch(net, 4, pandapower.create_bus(net, 20.0, name="other"), et="b", name="coupler")
    return ["switch 'coupler'", "'three' (10 kV) and 'other' (20 kV)"]


def switch_of_nearly_no_impedance(net):
    pandapower.create_switch(net, 4, pandapower.create_bus(net, 10.0), et="b", name="coupler", z_ohm=1e-9)
    return ["switch 'coupler'", "z_ohm is 1e-09"]


def reactive_capability_curve(net):
    pandapower.create_gen(net, 4, 1.0, name="machine")
    net.gen["reactive_capability_curve"] = True
    return ["gen 'machine'", "reactive capability curve"]


def two_set_points_at_joined_buses(net):
    bus = pandapower.create_bus(net, 10.0)
    pandapower.create_switch(net, 4, bus, et="b")
    pandapower.create_gen(net, 4, 1.0, vm_pu=1.0, name="one gen")
    pandapower.create_gen(net, bus, 1.0, vm_pu=1.02, name="other gen")
    return ["gen 'one gen' and gen 'other gen'", "1 and 1.02 p.u."]


def tap_beyond_its_end(net):
    net.trafo["tap_pos"] = 9
    return ["trafo 'unit'", "tap_pos is 9", "-4 to 4"]


def more_resistance_than_impedance(net):
    net.trafo["vkr_percent"] = 11.0
    return ["trafo 'unit'", "vkr_percent is 11, above vk_percent of 10.5"]


def ward_of_nan(net):
    pandapower.create_ward(net, 2, 0.2, 0.1, 0.3, np.nan, name="remote")
    return ["ward 'remote'", "qz_mvar is nan"]


def motor_of_nan(net):
    pandapower.create_motor(net, 2, np.nan, 0.9, name="pump")
    return ["motor 'pump'", "pn_mech_mw is nan"]


def bus_of_no_voltage(net):
    net.bus.loc[3, "vn_kv"] = 0.0
    return ["bus 'two'", "vn_kv is 0.0"]


def grid_of_no_voltage(net):
    net.ext_grid["vm_pu"] = 0.0
    return ["ext_grid 'connection'", "vm_pu is 0.0"]


def star_of_nan(net):
    medium, low = pandapower.create_bus(net, 20.0), pandapower.create_bus(net, 10.0)
    pandapower.create_transformer3w(net, 0, medium, low, "63/25/38 MVA 110/20/10 kV", name="star")
    net.trafo3w["vkr_mv_percent"] = np.nan
    return ["trafo3w 'star'", "vkr_mv_percent is nan"]


def xward_without_impedance(net):
    pandapower.create_xward(net, 2, 0.2, 0.1, 0.3, 0.1, 0.0, 0.0, 1.0, name="remote")
    return ["xward 'remote'", "internal impedance is zero"]


def nothing_but_the_grid(net):
    net.bus.loc[1:, "in_service"] = False
    return ["no bus is in service but those of grid connections"]


def transformer_from_a_bus_to_itself(net):
    pandapower.create_transformer_from_parameters(net, 2, 2, 5.0, 10.0, 10.0, 0.5, 6.0, 1.0, 0.1, name="loop")
    return ["trafo 'loop'", "twice at bus 'one'"]


def impedance_from_a_bus_to_itself(net):
    pandapower.create_impedance(net, 2, 2, 0.1, 0.1, 10.0, name="loop")
    return ["impedance 'loop'", "starts and ends at bus 'one'"]


@pytest.mark.parametrize(
    "damage",
    [
        nothing_but_the_grid, transformer_from_a_bus_to_itself, impedance_from_a_bus_to_itself,
        switch_at_a_bus_where_the_line_does_not_end, switch_between_voltages, switch_of_nearly_no_impedance, reactive_capability_curve,
        two_set_points_at_joined_buses, tap_beyond_its_end, more_resistance_than_impedance, ward_of_nan, motor_of_nan, bus_of_no_voltage, grid_of_no_voltage,
        star_of_nan, xward_without_impedance,
        removed_line, islanded_bus, opened_line, line_without_length, line_of_nan, line_between_voltages, swapped_transformer, unfit_transformer,
        load_at_a_missing_bus,
        switch_at_a_missing_line, no_grid, voltage_dependent_load, compensator,
    ],
)  # fmt: skip
def test_damage_is_named(damage):
    net = feeder()
    prepare(net)
    words = damage(net)
    with pytest.raises(DefinitionError) as error:
        prepare(net)
    for word in words:
        assert word in str(error.value)


def test_all_problems_at_once():
    net = feeder()
    line_without_length(net)
    swapped_transformer(net)
    net.line.loc[2, "r_ohm_per_km"] = net.line.loc[2, "x_ohm_per_km"] = 0.0
    with pytest.raises(DefinitionError) as error:
        prepare(net)
    assert len(error.value.problems) == 3


def test_injections_that_do_not_fit():
    net = feeder()
    net.bus.loc[4, "in_service"] = False
    wires = prepare(net)
    p_mw, q_mvar = (np.tile(values, (2, 1)) for values in own_injections(net))
    p_mw[1, 2] = np.nan
    with pytest.raises(DefinitionError) as error:
        solve(wires, Injections(p_mw, q_mvar))
    assert "bus 'one'" in str(error.value) and "hour 1" in str(error.value)
    assert "bus 'three'" in str(error.value) and "out of service" in str(error.value)
    with pytest.raises(DefinitionError, match="shape"):
        solve(wires, Injections(p_mw[:, :3], q_mvar[:, :3]))


@pytest.mark.parametrize(
    ("position", "words"),
    [([[0], [9]], "hour 1: 9\n      -> it has -4 to 4"), ([[-9], [0]], "hour 0: -9"), ([[0.5], [0]], "hour 0: 0.5"), ([[0]], r"shape \(1, 1\)")],
)
def test_tap_positions_that_there_are_not(position, words):
    with pytest.raises(DefinitionError, match=words):
        solve(prepare(feeder()), Injections(np.zeros((2, 5)), np.zeros((2, 5))), tap_position=np.array(position))


def test_rules_that_make_no_sense():
    wires = prepare(feeder())
    rules = (
        VoltageCurve("nowhere", (0.9, 1.1), (1.0, -1.0)),
        VoltageCurve("three", (0.9, 1.1), (-1.0, 1.0)),
        PowerFactorCurve("three", np.zeros(1), (0.0,), (0.0,)),
        TapControl("no unit", "bar", 0.98, 1.02),
        TapControl("unit", "bar", 1.02, 0.98),
    )
    with pytest.raises(DefinitionError) as error:
        solve(wires, Injections(np.zeros((1, 5)), np.zeros((1, 5))), rules=rules)
    assert len(error.value.problems) == 5


def test_a_name_that_two_buses_share_is_no_place_for_a_rule():
    net = feeder()
    net.bus["name"] = "same"
    with pytest.raises(DefinitionError, match="5 buses are called 'same'"):
        solve(prepare(net), Injections(np.zeros((1, 5)), np.zeros((1, 5))), rules=(VoltageCurve("same", (0.9, 1.1), (1.0, -1.0)),))
