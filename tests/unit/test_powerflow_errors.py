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


@pytest.mark.parametrize(
    "damage",
    [
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
