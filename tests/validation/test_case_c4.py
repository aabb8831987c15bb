"""Case C4: five radial feeders whose losses and voltages were published, and hosting capacities computed elsewhere.

Feeders stand in ``feeders``, one line a row with the load at its far end, in ohm and kW; the source holds 1.0 p.u. at bus 1, loads draw constant power, tie
switches are open and left out. Where they come from is in ``feeders/README.md``. The answers were given with as many digits as stand here: where those are
fewer than the tolerance of the case (1e-3 kW, 1e-4 p.u., 0.5 % of a capacity), half a unit of the last digit is the tolerance.
"""

from __future__ import annotations

import csv
import warnings
from pathlib import Path

import numpy as np
import pytest

pandapower = pytest.importorskip("pandapower")

from gridsim.distribution.hosting import hosting_capacity  # noqa: E402
from gridsim.distribution.powerflow import Injections, prepare, solve  # noqa: E402
from gridsim.distribution.violations import NetworkLimits  # noqa: E402

FEEDERS = Path(__file__).parent / "feeders"
KV = {"case33bw": 12.66, "case12da": 11.0, "case15da": 11.0, "case34sa": 11.0, "case85": 11.0}

LOSS_KW = 1e-3
VOLTAGE_PU = 1e-4
CAPACITY = 0.005


def half_a_digit(printed: str, tolerance: float) -> float:
    """Return the tolerance, or half a unit of the last digit that was printed, if that is more."""
    return max(tolerance, 0.5 * 10.0 ** -len(printed.partition(".")[2]))


def feeder(name):
    """Build the feeder, and return it with the supply of its buses in MW and Mvar. Shapes (N,)."""
    with (FEEDERS / f"{name}.csv").open(encoding="utf-8") as file:
        lines = [{key: float(value) for key, value in row.items()} for row in csv.DictReader(file)]
    net = pandapower.create_empty_network(sn_mva=10.0)
    for number in range(len(lines) + 1):
        pandapower.create_bus(net, KV[name], name=str(number + 1), index=number + 1)
    pandapower.create_ext_grid(net, 1, vm_pu=1.0)
    for row in lines:
        pandapower.create_line_from_parameters(
            net, int(row["from_bus"]), int(row["to_bus"]), 1.0, row["r_ohm"], row["x_ohm"], 0.0, 1.0, name=f"{row['from_bus']:g}-{row['to_bus']:g}"
        )
        pandapower.create_load(net, int(row["to_bus"]), row["load_kw"] / 1e3, row["load_kvar"] / 1e3)
    demand = net.load.set_index("bus").reindex(net.bus.index, fill_value=0.0)
    return net, -demand.p_mw.to_numpy(), -demand.q_mvar.to_numpy()


@pytest.mark.parametrize(
    ("name", "generator", "load_kw", "loss_kw", "loss_kvar", "lowest_pu", "at_bus"),
    [
        ("case33bw", {}, 3715.0, "202.677", "135.141", "0.9131", "18"),
        ("case33bw", {"6": 2.59}, 3715.0, "103.97", None, "0.9513", "18"),
        ("case12da", {}, 435.0, "20.714", "8.041", "0.9434", "12"),
        ("case15da", {}, 1226.4, "61.794", "57.298", "0.9445", "13"),
        ("case34sa", {}, 2873.5, "217.01", "63.754", "0.9556", "27"),
        ("case85", {}, 2514.28, "299.307", "187.812", "0.8739", "54"),
    ],
)
def test_losses_and_lowest_voltage(name, generator, load_kw, loss_kw, loss_kvar, lowest_pu, at_bus):
    net, p_mw, q_mvar = feeder(name)
    assert -1e3 * p_mw.sum() == pytest.approx(load_kw, abs=1e-9)
    wires = prepare(net)
    for bus, power in generator.items():
        p_mw[wires.bus(bus)] += power
    flow = solve(wires, Injections(p_mw[None], q_mvar[None]))
    assert flow.converged.all()
    assert 1e3 * flow.losses_mw[0] == pytest.approx(float(loss_kw), abs=half_a_digit(loss_kw, LOSS_KW))
    if loss_kvar is not None:
        assert 1e3 * flow.losses_mvar[0] == pytest.approx(float(loss_kvar), abs=half_a_digit(loss_kvar, LOSS_KW))
    assert flow.vm_pu[0].min() == pytest.approx(float(lowest_pu), abs=VOLTAGE_PU)
    assert wires.bus_names[int(np.argmin(flow.vm_pu[0]))] == at_bus


@pytest.mark.parametrize(
    ("bus", "load_factor", "capacity_mw"),
    [
        ("6", 1.0, 7.659), ("6", 0.4, 5.407), ("6", 0.0, 3.953),
        ("18", 1.0, 2.086), ("18", 0.4, 1.279), ("18", 0.0, 0.774),
        ("33", 1.0, 3.378), ("33", 0.4, 2.096), ("33", 0.0, 1.290),
    ],
)  # fmt: skip
def test_hosting_capacity_to_the_voltage_ceiling(bus, load_factor, capacity_mw):
    """Proves: the capacity of the case, and that pandapower itself finds 1.05 p.u. there and nowhere more."""
    net, p_mw, q_mvar = feeder("case33bw")
    wires = prepare(net)
    ceiling = NetworkLimits(np.full(wires.buses, -np.inf), np.full(wires.buses, 1.05), np.full(wires.branches, np.inf))
    injections = Injections(load_factor * p_mw[None], load_factor * q_mvar[None])
    (found,) = hosting_capacity(wires, injections, [bus], np.ones(1), limits=ceiling)
    assert found.capacity_mw == pytest.approx(capacity_mw, rel=CAPACITY)
    assert found.binding.kind == "voltage_high"
    assert found.binding.element == bus or (bus, load_factor) == ("6", 0.0)  # without load every bus behind bus 6 has its voltage
    net.load[["p_mw", "q_mvar"]] *= load_factor
    pandapower.create_sgen(net, int(bus), found.capacity_mw)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        pandapower.runpp(net, numba=False, tolerance_mva=1e-9)
    assert net.res_bus.vm_pu.max() == pytest.approx(1.05, abs=1e-5)


def test_hosting_capacity_of_a_year_is_that_of_its_worst_hour():
    """Proves: over three hours of 1.0, 0.4 and no load with full supply the empty feeder decides; at a third of the supply then, the hour of 0.4 does."""
    net, p_mw, q_mvar = feeder("case33bw")
    wires = prepare(net)
    ceiling = NetworkLimits(np.full(wires.buses, -np.inf), np.full(wires.buses, 1.05), np.full(wires.branches, np.inf))
    load = np.array([1.0, 0.4, 0.0])[:, None]
    injections = Injections(load * p_mw, load * q_mvar)
    (full,) = hosting_capacity(wires, injections, ["18"], np.array([1.0, 1.0, 1.0]), limits=ceiling)
    assert full.capacity_mw == pytest.approx(0.774, rel=CAPACITY) and full.binding.hour == 2
    (shaped,) = hosting_capacity(wires, injections, ["18"], np.array([1.0, 1.0, 1 / 3]), limits=ceiling)
    assert shaped.capacity_mw == pytest.approx(1.279, rel=CAPACITY) and shaped.binding.hour == 1
