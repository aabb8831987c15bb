"""Cuts: derivatives of every excess against finite differences, rows that hold at the point where they were taken, and rows in a kept model."""

from __future__ import annotations

import dataclasses
from functools import partial

import numpy as np
import pytest
from hand_solved.parks import approx, battery, electrolyser, grid, hydrogen_demand, load, tiny_park, wind
from hand_solved.wired import CABLE, wired_park

from gridsim.dispatch.audit import audit
from gridsim.dispatch.model import make_draft
from gridsim.dispatch.result import Dispatch, Termination
from gridsim.dispatch.separate import separated
from gridsim.dispatch.solve import KeptDispatch
from gridsim.distribution import cuts as cuts_module
from gridsim.distribution.cuts import MARGIN_LOADING, MARGIN_VOLTAGE_PU, elements_of, make_cuts
from gridsim.distribution.drivers import excess_by_asset, strongest
from gridsim.distribution.feasibility import check
from gridsim.distribution.injections import connect, hang
from gridsim.distribution.network import network_of
from gridsim.distribution.powerflow.solve import solve
from gridsim.distribution.violations import KINDS, NetworkLimits, Violations, find_violations
from gridsim.errors import BuildError
from gridsim.technologies.draft import SnapshotLimits

# ---- derivatives of the excess

HOURS = {"import": (-9.0, 0.5, -2.0), "export": (-1.0, 9.0, 3.0), "low": (-12.0, 0.0, -4.0)}
"""Supplies of load, wind and battery that break limits both ways. [MW]"""


@pytest.fixture(scope="module")
def ring(tmp_path_factory):
    """Two sources, three cables in a row between them, a transformer with a load that draws reactive power, a battery with Q(U), wind with cos φ(P)."""
    tables = {
        "buses": "name,voltage_kv,min_vm_pu,max_vm_pu\nsource,10,,\nleft,10,0.995,1.005\nright,10,0.995,1.005\nother,10,,\nhigh,35,0.99,1.01\n",
        "lines": "name,from_bus,to_bus,type,length_km,max_loading_share\n"
        f"one,source,left,{CABLE},3,0.1\ntwo,left,right,{CABLE},2,0.1\nthree,right,other,{CABLE},4,0.1\n",
        "transformers": "name,hv_bus,lv_bus,type,max_loading_share\nunit,high,right,T35/10-20,0.1\n",
        "sources": "name,bus,vm_pu,short_circuit_mva\na,source,1.0,3000\nb,other,1.002,3000\n",
        "connections": "asset,bus,share,cos_phi,reactive,q_u_curve,cos_phi_p_curve\nworks,high,0.7,0.9,draws,,\nworks,left,0.3,,,,\n"
        "wind_1,right,1,,supplies,,falling\nstore,left,1,,,support,\n",
        "curves": "name,kind,at,value\nsupport,q_u,0.9,0.3\nsupport,q_u,1.1,-0.3\nfalling,cos_phi_p,0,1\nfalling,cos_phi_p,1,0.8\n",
    }
    park = wired_park(tmp_path_factory.mktemp("ring"), tables, grid=grid(), works=load([5.0] * 3), wind_1=wind([0.5] * 3, 20.0), store=battery(10.0, 10.0))
    network, draft = network_of(park), make_draft(park)
    nothing = np.zeros(3)
    dispatch = Dispatch(draft, dict.fromkeys(draft.components, nothing), {}, {}, {}, {}, {}, {}, {}, 0.0, Termination("optimal", 0.0, 0.0))
    supply_of = connect(dispatch, network).supply_of
    supply = np.array(list(HOURS.values()))[:, [("works", "wind_1", "store").index(asset) for asset in supply_of]]
    network = dataclasses.replace(network, limits=dataclasses.replace(network.limits, import_mw=2.0, export_mw=2.0))
    return network, draft, hang(draft, network, supply_of, supply)


def signed_excess(network, connected, rows):
    """By how much each of these rows is beyond its limit, by a power flow. Shape (V,)."""
    flow = solve(network.wires, connected.injections, rules=connected.rules)
    assert flow.converged.all()
    kind, slack = np.array(KINDS, dtype=object)[rows.kind], flow.slack_p_mw.sum(axis=1)
    value = []
    for what, hour, element, limit in zip(kind, rows.hour, rows.element, rows.limit, strict=True):
        if what.startswith("voltage"):
            vm = flow.vm_pu[hour, element]
            value.append(limit - vm if what == "voltage_low" else vm - limit)
        elif what == "connection":
            value.append(abs(slack[hour]) - limit)
        else:
            value.append(flow.loading[hour, element] - limit)
    return np.array(value)


def test_derivatives_of_every_kind_against_finite_differences(ring):
    """**Proves**: one more MW of supply by an asset moves each excess as solves before and after say: voltages low and high, both ends of cables and of the
    transformer, import and export over two sources together, reactive power following by all three rules.

    **Breaks as**: the sign of low voltages or of exports; twice or half over two sources; a transformer's current off by its ratio.
    """
    network, draft, connected = ring
    flow = solve(network.wires, connected.injections, rules=connected.rules)
    rows = find_violations(network.wires, connected.injections, flow, network.limits, 1.0)
    kinds = np.array(KINDS, dtype=object)[rows.kind]
    assert {(kind, int(hour)) for kind, hour in zip(kinds, rows.hour, strict=True)} >= {
        *(("voltage_low", 0), ("voltage_high", 1), ("line", 0), ("line", 1)),
        *(("transformer", 0), ("connection", 0), ("connection", 1)),
    }
    assert signed_excess(network, connected, rows) == pytest.approx(rows.excess)
    found, step = excess_by_asset(network, connected, flow, rows), 1e-4
    for asset in range(3):
        excess = []
        for change in (step, -step):
            supply = connected.supply_mw.copy()
            supply[:, asset] += change
            excess.append(signed_excess(network, hang(draft, network, connected.supply_of, supply), rows))
        assert found[:, asset] == pytest.approx((excess[0] - excess[1]) / (2.0 * step), rel=1e-3, abs=1e-7), connected.assets[asset]


def test_who_drives_a_violation(ring):
    """**Proves**: imports of the first hour are driven by the load (−9 MW, each of which adds one and its losses to the excess), then the battery
    (−2 MW); wind drives none. Of exports wind drives most.

    **Breaks as**: the sign of a contribution; wind named in an hour of imports.
    """
    network, _, connected = ring
    flow = solve(network.wires, connected.injections, rules=connected.rules)
    rows = find_violations(network.wires, connected.injections, flow, network.limits, 1.0)
    by_asset = excess_by_asset(network, connected, flow, rows)
    assets, value = strongest(connected, rows, by_asset, 3)
    names = np.array([*connected.assets, ""], dtype=object)
    imports, exports = (np.flatnonzero(rows.of("connection") & (rows.hour == hour))[0] for hour in (0, 1))
    assert list(names[assets[imports]]) == ["works", "store", ""] and names[assets[exports]][0] == "wind_1"
    assert value[imports, 0] == pytest.approx(9.0, rel=0.05) and value[imports, 1] == pytest.approx(2.0, rel=0.05)


def test_rows_without_any_connection_kind_with_two_sources(ring):
    """**Proves**: where no hour is beyond the connection, the second source has nothing to add, and that is no error."""
    network, _, connected = ring
    flow = solve(network.wires, connected.injections, rules=connected.rules)
    free = dataclasses.replace(network, limits=dataclasses.replace(network.limits, import_mw=np.inf, export_mw=np.inf))
    rows = find_violations(network.wires, connected.injections, flow, free.limits, 1.0)
    assert not rows.of("connection").any() and np.isfinite(excess_by_asset(free, connected, flow, rows)).all()


# ---- rows


@pytest.fixture(scope="module")
def checked(ring):
    """The hours above as if a dispatch had made them."""
    network, draft, _ = ring
    works, wind_mw, store = (np.array([hour[asset] for hour in HOURS.values()]) for asset in range(3))
    nothing = np.zeros(3)
    flows = dict.fromkeys(draft.components, nothing) | {"works": -works, "wind_1": wind_mw}
    flows |= {"store.charge": np.maximum(-store, 0.0), "store.discharge": np.maximum(store, 0.0)}
    return check(Dispatch(draft, flows, {}, {}, {}, {}, {}, {}, {}, 0.0, Termination("optimal", 0.0, 0.0)), network)


def test_rows_at_the_point_where_they_were_taken(checked):
    """**Proves**: with the flows that broke a limit, left less right side is the excess and its margin, in MW of the most effective asset; and with flows that
    differ, right less left is the excess that the power flow finds there, to the second order.

    **Breaks as**: the load's part on the wrong side; the margin outward; a row not divided by its scale.
    """
    cuts = make_cuts(checked, elements_of(checked.violations), "cut", 1e5)
    limits, kinds = cuts.limits, np.array(KINDS, dtype=object)[cuts.kind]
    assert limits.coefficient.shape == (limits.snapshot.size, 3) and set(limits.components) == {"wind_1", "store.charge", "store.discharge"}
    flows = np.column_stack([checked.dispatch.flows[component][limits.snapshot] for component in limits.components])
    beyond = ((limits.coefficient * flows).sum(axis=1) - limits.right) * cuts.scale
    margin = np.where(np.char.startswith(kinds.astype(str), "voltage"), MARGIN_VOLTAGE_PU, MARGIN_LOADING * cuts.limit)
    rows = Violations(limits.snapshot, cuts.kind, cuts.element, cuts.limit, cuts.limit, cuts.limit)
    assert beyond - margin == pytest.approx(signed_excess(checked.network, checked.connected, rows), abs=1e-9)
    change = 0.02
    moved = checked.connected.supply_mw.copy()
    moved[:, checked.connected.assets.index("wind_1")] += change
    moved[:, checked.connected.assets.index("store")] -= 2.0 * change
    there = hang(checked.dispatch.draft, checked.network, checked.connected.supply_of, moved)
    step = {"wind_1": change, "store.charge": 2.0 * change, "store.discharge": 0.0}
    after = beyond + (limits.coefficient * [step[component] for component in limits.components]).sum(axis=1) * cuts.scale
    assert after - margin == pytest.approx(signed_excess(checked.network, there, rows), abs=2e-5)


def test_most_effective_asset_has_one(checked, monkeypatch):
    """**Proves**: a row is in MW of the asset with the most say, loads included: no coefficient is above 1, and where the load has the most say all are below.

    **Breaks as**: 1 in every row if only what can move counted, so that a battery with a hundredth of the load's say would be asked for hundreds of MW.
    """
    monkeypatch.setattr(cuts_module, "SMALLEST_COEFFICIENT", 0.0)
    cuts = make_cuts(checked, elements_of(checked.violations), "cut", 1e5)
    by_asset = excess_by_asset(
        checked.network, checked.connected, checked.flow, Violations(cuts.limits.snapshot, cuts.kind, cuts.element, cuts.limit, cuts.limit, cuts.limit)
    )
    assert cuts.scale == pytest.approx(np.abs(by_asset).max(axis=1))
    store = cuts.limits.components.index("store.charge")
    assert -cuts.limits.coefficient[:, store] * cuts.scale == pytest.approx(by_asset[:, checked.connected.assets.index("store")])
    assert np.abs(cuts.limits.coefficient).max() <= 1.0 + 1e-12
    assert np.abs(cuts.limits.coefficient[cuts.kind == KINDS.index("transformer")]).max() < 0.5


def test_elements_near_their_limit_are_cut_in_other_hours_too(checked):
    """**Proves**: of a watched cable, hours from 0.9 of its limit on are cut with the limit itself; of what is not watched, none."""
    one = (KINDS.index("line"), checked.network.wires.branch_names.index("one"))
    loading = checked.flow.loading[:, one[1]]
    limits = checked.network.limits
    for share in (0.95, 0.85):
        level = loading.min() / share  # the least loaded hour stands at this share of the limit
        expected = np.flatnonzero(loading > 0.9 * level).tolist()
        assert (loading.argmin() in expected) == (share > 0.9)
        tight = dataclasses.replace(limits, loading=np.where(np.arange(limits.loading.size) == one[1], level, limits.loading))
        seen = dataclasses.replace(checked, network=dataclasses.replace(checked.network, limits=tight))
        cuts = make_cuts(seen, {one}, "cut", 1e5)
        assert set(zip(cuts.kind.tolist(), cuts.element.tolist(), strict=True)) == {one}
        assert cuts.limits.snapshot.tolist() == expected and cuts.limit == pytest.approx(level)


def test_import_and_export_keep_their_own_limit(checked):
    """**Proves**: a near hour of imports gets the limit of imports, one of exports that of exports, also where both are watched as one connection."""
    limits = NetworkLimits(checked.network.limits.vm_min_pu, checked.network.limits.vm_max_pu, checked.network.limits.loading, 11.0, 8.0)
    seen = dataclasses.replace(checked, network=dataclasses.replace(checked.network, limits=limits))
    cuts = make_cuts(seen, {(KINDS.index("connection"), 0)}, "cut", 1e5)
    slack = checked.flow.slack_p_mw.sum(axis=1)
    expected = {int(hour): 11.0 if slack[hour] > 0.0 else 8.0 for hour in np.flatnonzero((slack > 9.9) | (slack < -7.2))}
    assert dict(zip(cuts.limits.snapshot.tolist(), cuts.limit.tolist(), strict=True)) == expected and set(expected.values()) == {11.0, 8.0}


# ---- rows in a kept model


def limits_of(name, snapshot, right, *, component="store.charge", coefficient=1.0, price=1e5):
    rows = np.array(snapshot)
    return SnapshotLimits(name, (component,), rows, np.full((rows.size, 1), coefficient), np.array(right, dtype=float), price)


PARKS = {
    "linear": {"grid": grid([10.0, 20.0, 100.0]), "store": battery(4.0, 8.0), "works": load([1.0, 1.0, 8.0])},
    "mixed_integer": {
        "grid": grid([10.0, 20.0, 100.0], [30.0, 5.0, 5.0]),
        "store": battery(4.0, 8.0),
        "works": load([1.0, 1.0, 8.0]),
        "cell": electrolyser(20.0, min_load_share=0.5, start_cost_cny_per_mw=3.0, part_load_curve=[[0.5, 1.0], [1.0, 1.0]]),
        "users": hydrogen_demand(100.0),
    },
}


@pytest.mark.parametrize("level", ["linear", "mixed_integer"])
def test_rows_added_later_equal_rows_from_the_start(level):
    """**Proves**: a model that was solved and is then given two sets of rows comes to the objective, excess and prices of one that had them from the start,
    with binaries and without; the rows change the answer.

    **Breaks as**: integers that stay held at the first answer; rows lost where binaries are added and the model is handed over anew.
    """
    park, options = tiny_park(**PARKS[level]), {"mip_rel_gap": 0.0} if level == "mixed_integer" else {}
    sets = [limits_of("first", [0, 1], [1.0, 2.0]), limits_of("second", [2], [-3.0], component="store.discharge", coefficient=-1.0)]
    later, whole = KeptDispatch(park, level=level, options=options), KeptDispatch(park, level=level, options=options)
    free = later.solve().dispatch
    for one in sets:
        later.add(one)
        whole.add(one)
        again = later.solve().dispatch
    at_once = whole.solve().dispatch
    assert free.objective_cny + 1.0 < again.objective_cny == pytest.approx(at_once.objective_cny, rel=1e-9)
    assert again.flows["store.charge"][0] <= 1.0 + 1e-9 and set(again.excess) == {"first", "second"}
    for name in again.excess:
        assert again.excess[name] == approx(at_once.excess[name]) and again.snapshot_prices[name] == approx(at_once.snapshot_prices[name])
    if level == "mixed_integer":
        assert again.termination.binaries > 0


def test_price_of_a_row_and_money_by_hand():
    """**Proves**: 1 MW more of charging at 10 CNY spares 100 CNY/MWh: 90 CNY in an hour, 22.5 in a quarter; a row is exceeded where that is cheaper,
    and what it costs is no part of the dispatch's objective.

    Charging is held at 1 MW in the first step at 5 CNY/MWh: exceeded by 3 MW, and without that excess the audit calls it broken. At 1e5 CNY/MWh it is kept.
    A time limit is as long for the second solve as for the first, though HiGHS itself counts all solves together.

    **Breaks as**: minus 90 (the solver's sign); 90 in a quarter hour; an objective with 15 CNY of penalty in it; a later solve that ends at once.
    """
    for minutes, hours in ((60, 1.0), (15, 0.25)):
        park = tiny_park(step_minutes=minutes, grid=grid([10.0, 100.0]), store=battery(4.0, 4.0), works=load([1.0, 8.0]))
        kept = KeptDispatch(park, options={"time_limit": 50.0})
        kept.add(limits_of("cheap", [0], [1.0], price=5.0))
        exceeded = kept.solve().dispatch
        assert exceeded.excess["cheap"] == approx([3.0]) and exceeded.snapshot_prices["cheap"] == approx([5.0 * hours])
        assert exceeded.objective_cny == approx(((1.0 + 4.0) * 10.0 + (8.0 - 4.0) * 100.0) * hours)
        audit(exceeded)
        with pytest.raises(BuildError, match="cheap is broken by 3"):
            audit(dataclasses.replace(exceeded, excess={"cheap": np.zeros(1)}))
        spent = kept.highs.highs.getRunTime()
        kept.add(limits_of("cut", [0], [1.0]))
        held = kept.solve().dispatch
        prices, excess = held.snapshot_prices, held.excess
        assert prices["cut"] + prices["cheap"] == approx([90.0 * hours])
        assert excess["cut"] == approx([0.0]) and excess["cheap"] == approx([0.0])
        assert held.objective_cny == approx(((1.0 + 1.0) * 10.0 + (8.0 - 1.0) * 100.0) * hours)
        assert kept.highs.highs.getOptionValue("time_limit")[1] == pytest.approx(spent + 50.0)


def test_rows_that_nothing_moves():
    """**Proves**: a row without components is exceeded by what it lacks, and the rest of the dispatch is as before."""
    kept = KeptDispatch(tiny_park(grid=grid([10.0, 100.0]), works=load([1.0, 8.0])))
    free = kept.solve().dispatch
    kept.add(SnapshotLimits("cut", (), np.array([1]), np.zeros((1, 0)), np.array([-2.5]), 1e5))
    again = kept.solve().dispatch
    assert again.excess["cut"] == approx([2.5]) and again.objective_cny == approx(free.objective_cny)


def test_keeping_flows_apart_leaves_the_bounds():
    """**Proves**: bounds of flows, and of the excess of added rows, are after `separated` what they were before, and the answer keeps charging from
    discharging.
    """
    kept = KeptDispatch(tiny_park(grid=grid([10.0, 10.0]), store=battery(4.0, 4.0), works=load([5.0, 5.0])))
    kept.add(limits_of("cut", [0, 1], [2.0, 2.0]))
    kept.solve()
    highs = kept.highs
    answer = highs.solve()
    columns = answer.columns.copy()
    both = [highs.flow_columns(flow)[0] for flow in ("store.charge", "store.discharge")]
    columns[both] = 1.0
    before = [np.array(getattr(highs.highs.getLp(), name)) for name in ("col_lower_", "col_upper_")]
    apart = separated(highs, dataclasses.replace(answer, columns=columns), highs.flow_columns, partial(kept._broken_in, highs), lambda _: None)
    assert apart is not None and apart.columns[both].min() == approx(0.0)
    for name, values in zip(("col_lower_", "col_upper_"), before, strict=True):
        assert np.array_equal(np.array(getattr(highs.highs.getLp(), name)), values)
