"""What a dispatch injects, by hand: rules for reactive power, shares, demand response, both directions of a battery; derivatives by finite differences."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hand_solved.parks import battery, grid, line, load, response, wind
from hand_solved.wired import star, wired_park

from gridsim.dispatch.model import make_draft
from gridsim.dispatch.result import Dispatch, Termination
from gridsim.distribution.injections import connect, hang, rated
from gridsim.distribution.network import network_of
from gridsim.distribution.powerflow.gradients import Quantities, gradients
from gridsim.distribution.powerflow.solve import solve

FLOWS = {
    "works": [8.0, 8.0, 8.0],
    "works.unserved": [0.0, 0.0, 3.0],
    "shift.reduction": [2.0, 0.0, 0.0],
    "shift.increase": [0.0, 1.0, 0.0],
    "store.charge": [5.0, 0.0, 0.0],
    "store.discharge": [0.0, 5.0, 0.0],
    "wind_1": [5.0, 3.0, 0.0],
    "away": [1.0, 2.0, 3.0],
    "oven": [0.0, 3.0, 4.0],
    "nowhere": [2.0, 2.0, 2.0],
}
"""Of each component; the rest stands still. [MW]"""


@pytest.fixture(scope="module")
def park(tmp_path_factory):
    """A load over two buses with its demand response, a battery, wind over two buses, a process; a load and a line that hang nowhere."""
    tables = star(dict.fromkeys(("cells", "west", "east", "mill", "shop", "hall"), ""), length_km=1.0)
    tables["connections"] = """asset,bus,share,cos_phi,reactive,q_u_curve,cos_phi_p_curve
store,cells,1,,,support,
wind_1,west,0.4,,supplies,,falling
wind_1,east,0.6,,supplies,,falling
works,mill,0.25,0.8,draws,,
works,shop,0.75,0.6,supplies,,
oven,hall,1,1,,,
"""
    tables["curves"] = "name,kind,at,value\n" + "".join(f"support,q_u,{at},{value}\n" for at, value in ((0.96, 0.33), (1.0, 0.0), (1.05, 0.0), (1.09, -0.33)))
    tables["curves"] += "falling,cos_phi_p,0.2,1\nfalling,cos_phi_p,0.6,0.6\n"
    return wired_park(
        tmp_path_factory.mktemp("injections"),
        tables,
        grid=grid(),
        works=load([8.0] * 3, unserved_price_cny_per_mwh=1e4),
        shift=response("shift", share=0.5, window_hours=2.0, price_cny_per_mwh=5.0) | {"load": "works"},
        store=battery(10.0, 10.0, charge_efficiency=0.8, discharge_efficiency=0.8),
        wind_1=wind([0.5, 0.5, 0.5], 10.0),
        oven=response("process", power_mw=4.0, min_power_mw=0.0, quota_mwh=10.0, quota_period="day", bus="electricity"),
        nowhere=load([2.0] * 3),
        away=line("electricity", "far"),
    )


@pytest.fixture(scope="module")
def network(park):
    return network_of(park)


@pytest.fixture(scope="module")
def connected(park, network):
    return connect(dispatch_of(park), network)


def dispatch_of(park):
    """The flows above as a dispatch; no solver is asked."""
    draft, nothing = make_draft(park), np.zeros(3)
    flows = {name: np.array(FLOWS[name]) if name in FLOWS else nothing for name in draft.components}
    assert set(FLOWS) <= set(flows)
    return Dispatch(draft, flows, {}, {}, {}, {}, {}, {}, {}, 0.0, Termination("optimal", 0.0, 0.0))


def at(table, bus, network):
    return table[:, network.wires.bus(bus)]


def test_supply_of_assets(connected):
    """**Proves**: demand response and what stays unserved act where the load hangs: 8 − 2, 8 + 1 and 8 − 3 MW drawn. Charging draws 5 MW at the bus;
    5 MW out of the cells supply 0.8 · 5 = 4 MW. A process draws. The load and the line without a connection are left out, and so is the grid.

    **Breaks as**: −8 in every hour if demand response hung nowhere; 5 MW supplied without the efficiency; plus for minus.
    """
    supply = dict(zip(connected.assets, connected.supply_mw.T, strict=True))
    assert set(supply) == {"works", "store", "wind_1", "oven"}
    assert supply["works"] == pytest.approx([-6.0, -9.0, -5.0])
    assert supply["store"] == pytest.approx([-5.0, 4.0, 0.0])
    assert supply["wind_1"] == pytest.approx([5.0, 3.0, 0.0])
    assert supply["oven"] == pytest.approx([0.0, -3.0, -4.0])


def test_shares_by_bus(connected, network):
    """**Proves**: a quarter of 6 MW is drawn at one bus, three quarters at the other; four tenths of 5 MW of wind come in at one."""
    p_mw = connected.injections.p_mw
    assert at(p_mw, "mill", network) == pytest.approx([-1.5, -2.25, -1.25])
    assert at(p_mw, "shop", network) == pytest.approx([-4.5, -6.75, -3.75])
    assert at(p_mw, "west", network) == pytest.approx([2.0, 1.2, 0.0])
    assert at(p_mw, "east", network) == pytest.approx([3.0, 1.8, 0.0])
    assert p_mw.sum(axis=1) == pytest.approx([-6.0, -5.0, -9.0])


def test_rated_power(connected, park):
    """**Proves**: a battery of 10 MW at its bus is rated 10 MW both ways (12.5 out of the cells); wind 10 MW though the hours' weather gives 5; the load by
    what it draws at most with demand response, 8 + 4, not by what it could drop.

    **Breaks as**: 12.5 without the efficiency; 5 if the weather of the hours counted, so that a curve would answer to `--hours`.
    """
    draft = make_draft(park)
    assert [rated(draft, connected.supply_of[asset]) for asset in ("store", "wind_1", "works", "oven")] == pytest.approx([10.0, 10.0, 12.0, 4.0])


def test_reactive_power_by_rule(connected, network):
    """**Proves**: cos φ 0.8 that draws takes tan = 0.75 of the power drawn, cos φ 0.6 that supplies gives 4/3, whichever way power flows; a curve from 1 at
    0.2 to 0.6 at 0.6 of 10 MW stands at 0.7 where half of it flows (5 · 1.0202 = 5.101 Mvar over both buses) and at 0.9
    where three tenths do (3 · 0.4843 = 1.453).

    **Breaks as**: the signs exchanged; 0.6 for 0.75 (sine for tangent); 6.67 Mvar of wind if it were rated by these hours' weather.
    """
    flow = solve(network.wires, connected.injections, rules=connected.rules)
    assert flow.converged.all()
    q = flow.q_mvar
    assert at(q, "mill", network) == pytest.approx([-1.125, -1.6875, -0.9375])
    assert at(q, "shop", network) == pytest.approx([6.0, 9.0, 5.0])
    half, less = 5.0 * np.sqrt(1.0 - 0.49) / 0.7, 3.0 * np.sqrt(1.0 - 0.81) / 0.9
    assert at(q, "west", network) == pytest.approx([0.4 * half, 0.4 * less, 0.0])
    assert at(q, "east", network) == pytest.approx([0.6 * half, 0.6 * less, 0.0])
    assert at(q, "hall", network) == pytest.approx(0.0)
    vm = at(flow.vm_pu, "cells", network)
    assert vm[0] < 1.0 < vm[1]
    assert at(q, "cells", network) == pytest.approx([10.0 * 0.33 * (1.0 - vm[0]) / 0.04, 0.0, 10.0 * 0.33 * max(1.0 - vm[2], 0.0) / 0.04], abs=1e-9)


@pytest.mark.parametrize("asset", ["works", "store", "wind_1", "oven"])
def test_derivatives_by_asset_against_finite_differences(park, connected, network, asset):
    """**Proves**: one more MW of an asset, spread over its buses and with its reactive power following, moves every voltage as a solve before and after says.

    The third hour is left out for wind, which cannot fall below 0 MW.

    **Breaks as**: works' voltage at the mill off by a third without the reactive power (x/r = 1.15, tan 0.75), or of the other sign.
    """
    column, step = connected.assets.index(asset), 1e-4
    hours = np.arange(2 if asset == "wind_1" else 3)
    flow = solve(network.wires, connected.injections, rules=connected.rules)
    buses = [network.wires.bus(bus) for bus in ("cells", "west", "mill", "shop", "hall")]
    hour, bus = (table.ravel() for table in np.meshgrid(hours, buses, indexing="ij"))
    by_p, by_q = gradients(network.wires, connected.injections, flow, Quantities(hour, np.full(hour.size, "voltage"), bus), connected.rules)
    found = connected.by_asset(hour, by_p, by_q)[:, column]
    vm = []
    for change in (step, -step):
        supply = connected.supply_mw.copy()
        supply[:, column] += change
        moved = hang(make_draft(park), network, connected.supply_of, supply)
        vm.append(solve(network.wires, moved.injections, rules=moved.rules).vm_pu[hour, bus])
    assert found == pytest.approx((vm[0] - vm[1]) / (2.0 * step), rel=1e-5, abs=1e-8)


def test_nothing_hangs(park):
    """**Proves**: a network at which nothing hangs injects nothing."""
    empty = dataclasses.replace(network_of(park).tables, connections=())
    network = dataclasses.replace(network_of(park), tables=empty)
    connected = connect(dispatch_of(park), network)
    assert connected.assets == () and not connected.injections.p_mw.any() and connected.injections.p_mw.shape == (3, 7)
