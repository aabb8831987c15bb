"""The tables as a pandapower network: names, values by hand, the reference park at hours of every kind; importers."""

from __future__ import annotations

import math
import sys
from pathlib import Path

import numpy as np
import pytest

from gridsim.distribution.tables.distribution import Distribution, distribution_of, read_distribution
from gridsim.distribution.tables.importers import elements_left_out, from_matpower, from_pandapower_json, from_simbench
from gridsim.distribution.tables.limits import LINE_N_1, TRANSFORMER_N_1
from gridsim.distribution.tables.to_pandapower import to_pandapower
from gridsim.errors import DefinitionError
from gridsim.park.park import Park
from gridsim.park.read import read_park

pandapower = pytest.importorskip("pandapower")

CHIFENG = Path(__file__).parents[2] / "networks" / "chifeng"
STAGES = ("2025", "2027", "2030")
HOURS = {"mean": (0.30, 0.18), "windy": (0.95, 0.10), "calm": (0.02, 0.0), "sunny": (0.20, 0.85)}
"""Output of wind and of solar over their capacity. [1]"""


@pytest.fixture(scope="module")
def parks() -> dict[str, tuple[Park, Distribution]]:
    read = {stage: read_park(CHIFENG, stage=stage) for stage in STAGES}
    return {stage: (park, distribution_of(park)) for stage, park in read.items()}


# ---- values by hand


def small(folder: Path, length_km: float = 10.0) -> Distribution:
    tables = {
        "buses.csv": "name,voltage_kv\nsupply,110\nworks,110\nlow,10\n",
        "lines.csv": f"name,from_bus,to_bus,type,length_km,parallel,asset\nway,supply,works,OHL110-LGJ240,{length_km},2,\n",
        "transformers.csv": "name,hv_bus,lv_bus,type,tap_position\nunit,works,low,T110/10-50,2\n",
        "shunts.csv": "name,bus,kind,step_mvar,steps,steps_in_service\nbank,low,capacitor,2,4,3\nchoke,works,reactor,5,1,\n",
        "compensators.csv": "name,bus,vm_pu,q_max_mvar,q_min_mvar\ncondenser,works,1.01,30,-15\n",
        "switches.csv": "name,bus,element_type,element,closed\nhead,supply,line,way,true\nside,low,transformer,unit,true\n",
        "sources.csv": "name,bus,vm_pu,short_circuit_mva,short_circuit_min_mva\ngrid,supply,1.0,3000,2000\n",
        "connections.csv": "asset,bus,share\nload,low,1\n",
    }
    for file, text in tables.items():
        (folder / file).write_text(text, encoding="utf-8")
    problems: list = []
    distribution = read_distribution(folder, None, [], problems)
    assert problems == []
    return distribution


def test_network_has_the_tables_names_and_numbers(tmp_path):
    """Proves: r and x of a type reach the line; 50 MVA, 10.5 %, 184 kW make 0.368 % of resistance; a capacitor supplies and a reactor draws."""
    net = to_pandapower(small(tmp_path))
    assert list(net.bus.name) == ["supply", "works", "low"] and list(net.line.name) == ["way"] and list(net.trafo.name) == ["unit"]
    assert net.line.r_ohm_per_km.iloc[0] == 0.13238 and net.line.x_ohm_per_km.iloc[0] == 0.4009 and net.line.max_i_ka.iloc[0] == 0.535
    assert net.line.max_loading_percent.iloc[0] == 80.0 and net.line.max_loading_percent_n_1.iloc[0] == 100.0 * LINE_N_1
    assert net.trafo.vkr_percent.iloc[0] == pytest.approx(0.368) and net.trafo.vk_percent.iloc[0] == 10.5
    assert net.trafo.shift_degree.iloc[0] == 330.0 and net.trafo.max_loading_percent_n_1.iloc[0] == 100.0 * TRANSFORMER_N_1
    assert list(net.shunt.q_mvar * net.shunt.step) == [-6.0, 5.0]
    assert list(net.bus.min_vm_pu) == [0.97, 0.97, 0.93] and list(net.bus.max_vm_pu) == [1.07, 1.07, 1.07]
    assert (net.ext_grid.s_sc_max_mva.iloc[0], net.ext_grid.s_sc_min_mva.iloc[0]) == (3000.0, 2000.0)
    assert list(net.switch.et) == ["l", "t"] and list(net.sgen.name) == ["load@low"]
    assert (net.gen.vm_pu.iloc[0], net.gen.max_q_mvar.iloc[0], net.gen.min_q_mvar.iloc[0]) == (1.01, 30.0, -15.0)


def test_voltage_drop_by_hand(tmp_path):
    """Proves: 40 MW over two circuits of 20 km: R = 1.3238 ohm, X = 4.009 ohm at 110 kV; v from v^4 - v^2 + |sz|^2 with v0 = 1 and 2 r p, without charging."""
    distribution = small(tmp_path, 20.0)
    net = to_pandapower(distribution)
    net.gen.in_service, net.shunt.in_service, net.trafo.in_service, net.line.c_nf_per_km = False, False, False, 0.0
    net.bus.loc[2, "in_service"] = False
    pandapower.create_load(net, 1, p_mw=40.0)
    pandapower.runpp(net, numba=False)
    r, x = 0.13238 * 20 / 2 / 110**2, 0.4009 * 20 / 2 / 110**2
    half = (1.0 - 2.0 * r * 40.0) / 2.0
    expected = math.sqrt(half + math.sqrt(half**2 - (r**2 + x**2) * 40.0**2))
    assert net.res_bus.vm_pu.iloc[1] == pytest.approx(expected, abs=1e-9)
    assert net.res_line.loading_percent.iloc[0] == pytest.approx(100.0 * 40.0 / (math.sqrt(3.0) * 110.0 * expected) / (2 * 0.535), rel=1e-6)


def test_a_tap_on_the_high_side_lowers_the_low_side(tmp_path):
    """Proves: two steps of 1.25 % more turns at 110 kV give 10.5 / (110 * 1.025) instead of 10.5 / 110; its no-load current takes 0.02 %."""
    net = to_pandapower(small(tmp_path))
    net.shunt.in_service = False
    pandapower.runpp(net, numba=False)
    assert net.res_bus.vm_pu.iloc[2] / net.res_bus.vm_pu.iloc[1] == pytest.approx(10.5 / 10.0 / 1.025, abs=3e-4)


# ---- the reference park


def rating_mw(technology) -> float:
    return next(getattr(technology, field) for field in ("capacity_mw", "power_mw") if getattr(technology, field, None) is not None)


def simple_dispatch(park: Park, wind: float, sun: float) -> dict[str, float]:
    """Mean loads; bases up to their line, the rest into their battery or curtailed; electrolysers take what is left over, at least a tenth. [MW]"""
    power: dict[str, float] = {}
    for name, technology in park.technologies.items():
        match technology.type:
            case "load":
                power[name] = -float(technology.demand_mw(park).mean())
            case "wind" | "solar":
                power[name] = technology.capacity_mw * (wind if technology.type == "wind" else sun)
            case "ammonia_plant":
                power[name] = -0.6 * 0.7 * technology.capacity_t_per_h
            case "hydrogen_compressor" | "hydrogen_store":
                power[name] = -1.0
            case "demand_response" if technology.kind == "process":
                power[name] = -technology.quota_mwh / 24.0
            case "battery" | "caes":
                power[name] = 0.0
    for base in ("wengniute", "aohan"):
        parts = [name for name in (f"wind_{base}", f"solar_{base}") if name in power]
        total = sum(power[name] for name in parts)
        limit = park.technologies[f"dedicated_line_{base}"].capacity_mw if parts else 0.0
        if total > limit:
            battery = park.technologies[f"battery_{base}"].power_mw
            power[f"battery_{base}"] = -min(total - limit, battery)
            power |= {name: power[name] * min(1.0, (limit + battery) / total) for name in parts}
    electrolysers = {name: rating_mw(technology) for name, technology in park.technologies.items() if technology.type == "electrolyser"}
    size = sum(electrolysers.values())
    running = float(np.clip(sum(power.values()), 0.1 * size, size))
    power |= {name: -running * capacity / size for name, capacity in electrolysers.items()}
    surplus = sum(power.values())
    if surplus > 0:
        green = [name for name, technology in park.technologies.items() if technology.type in {"wind", "solar"}]
        total = sum(power[name] for name in green)
        power |= {name: power[name] * (1.0 - surplus / total) for name in green}
    return power


def hang(net, park: Park, distribution: Distribution, power: dict[str, float]) -> None:
    """Put the hour's powers where they hang; rules over voltage stay in their dead band."""
    row_of = {name: row for row, name in net.sgen.name.items()}
    for connection in distribution.connections:
        asset = park.technologies[connection.asset]
        active, factor = power[connection.asset] * connection.share, connection.cos_phi or 1.0
        if connection.cos_phi_p_curve is not None:
            curve = distribution.curves[connection.cos_phi_p_curve]
            factor = float(np.interp(abs(power[connection.asset]) / rating_mw(asset), curve.at, curve.value))
        sign = 1.0 if connection.reactive == "supplies" else -1.0
        reactive = sign * abs(active) * math.sqrt(1.0 - factor**2) / factor
        net.sgen.loc[row_of[f"{connection.asset}@{connection.bus}"], ["p_mw", "q_mvar"]] = active, reactive


@pytest.mark.parametrize("stage", STAGES)
def test_reference_park_carries_hours_of_every_kind(stage, parks):
    """Proves: the network converges at a mean, windy, calm and sunny hour of each stage, between 0.97 and 1.08 p.u., nothing above its rating, condensers
    within their reactive power, losses below 4 % of what is fed in, and the slack gives what the dispatch leaves plus the losses."""
    park, distribution = parks[stage]
    assert distribution.notes == ()
    net = to_pandapower(distribution)
    for hour, (wind, sun) in HOURS.items():
        power = simple_dispatch(park, wind, sun)
        hang(net, park, distribution, power)
        pandapower.runpp(net, numba=False, max_iteration=20)
        voltage, lines, units = net.res_bus.vm_pu, net.res_line.loading_percent, net.res_trafo.loading_percent
        losses = float(net.res_line.pl_mw.sum() + net.res_trafo.pl_mw.sum())
        sys.stdout.write(
            f"{stage} {hour}: {voltage.min():.3f} to {voltage.max():.3f} p.u., losses {losses:.0f} MW, grid {net.res_ext_grid.p_mw.iloc[0]:.0f} MW; "
            f"{net.line.name[lines.idxmax()]} {lines.max():.0f} %, {net.trafo.name[units.idxmax()]} {units.max():.0f} %\n"
        )
        assert 0.97 <= voltage.min() and voltage.max() <= 1.08
        assert lines.max() <= 100.0 and units.max() <= 100.0
        assert ((net.res_gen.q_mvar <= net.gen.max_q_mvar) & (net.res_gen.q_mvar >= net.gen.min_q_mvar)).all()
        assert losses < 0.04 * (sum(value for value in power.values() if value > 0) + net.res_ext_grid.p_mw.iloc[0])
        assert net.res_ext_grid.p_mw.iloc[0] == pytest.approx(losses - sum(power.values()), abs=1e-6)


def test_reference_park_is_of_the_size_asked_for(parks):
    """Proves: about 100 to 150 buses at six levels in 2030, each stage keeps what the earlier one had, and one line is run below what it is built for."""
    assert [len(distribution.buses) for _, distribution in parks.values()] == [76, 96, 147]
    assert {row.voltage_kv for row in parks["2030"][1].buses.values()} == {500.0, 220.0, 110.0, 66.0, 35.0, 10.0}
    for earlier, later in (("2025", "2027"), ("2027", "2030")):
        assert parks[earlier][1].buses.keys() <= parks[later][1].buses.keys()
    first = parks["2025"][1]
    line = first.lines["dedicated_wengniute"]
    assert (first.buses[line.from_bus].voltage_kv, first.line_types[line.type].voltage_kv) == (220.0, 500.0)


def test_every_asset_of_every_stage_hangs_somewhere(parks):
    """Proves: shares add up to 1 for each asset that has an electric bus, and each line of the park has its circuits."""
    for park, distribution in parks.values():
        total: dict[str, float] = {}
        for row in distribution.connections:
            total[row.asset] = total.get(row.asset, 0.0) + row.share
        assert all(share == pytest.approx(1.0, abs=1e-9) for share in total.values())
        kinds = {name: technology.type for name, technology in park.technologies.items()}
        for kind in ("load", "wind", "solar", "battery", "caes", "electrolyser", "ammonia_plant"):
            assert {name for name, other in kinds.items() if other == kind} <= total.keys()
        assert {row.asset for row in distribution.lines.values()} - {None} == {name for name, kind in kinds.items() if kind == "transmission_line"}


def test_lengths_are_the_parks(parks):
    """Proves: circuits of a line of the park have together the circuit length that the park pays for."""
    park, distribution = parks["2030"]
    for name, technology in park.technologies.items():
        if technology.type == "transmission_line":
            assert sum(row.length_km * row.parallel for row in distribution.lines.values() if row.asset == name) == technology.length_km


# ---- importers


def test_pandapower_json(tmp_path):
    net = to_pandapower(small(tmp_path))
    path = tmp_path / "net.json"
    pandapower.to_json(net, str(path))
    imported = from_pandapower_json(path)
    assert list(imported.net.line.name) == ["way"] and imported.left_out == ()
    path.write_text('{"a": 1}', encoding="utf-8")
    with pytest.raises(DefinitionError, match="not a pandapower network"):
        from_pandapower_json(path)
    path.write_text("{", encoding="utf-8")
    with pytest.raises(DefinitionError, match="not a pandapower network"):
        from_pandapower_json(path)
    with pytest.raises(DefinitionError, match="does not exist"):
        from_pandapower_json(tmp_path / "nowhere.json")


def test_what_cannot_be_represented_is_named(tmp_path):
    """Proves: types are named with how many are in service; those out of service do not count."""
    net = to_pandapower(small(tmp_path))
    pandapower.create_svc(net, 1, x_l_ohm=10.0, x_cvar_ohm=-10.0, set_vm_pu=1.0, thyristor_firing_angle_degree=90.0)
    pandapower.create_svc(net, 1, x_l_ohm=10.0, x_cvar_ohm=-10.0, set_vm_pu=1.0, thyristor_firing_angle_degree=90.0, in_service=False)
    (line,) = elements_left_out(net)
    assert line.startswith("svc (1): ")


def test_matpower(tmp_path):
    """Proves: a two-bus case in MATPOWER's units comes over with its load, and what is no case is refused."""
    from scipy.io import savemat

    case = {
        "version": "2",
        "baseMVA": 100.0,
        "bus": np.array([[1, 3, 0, 0, 0, 0, 1, 1, 0, 110, 1, 1.1, 0.9], [2, 1, 20, 5, 0, 0, 1, 1, 0, 110, 1, 1.1, 0.9]], dtype=float),
        "gen": np.array([[1, 0, 0, 100, -100, 1.0, 100, 1, 100, 0] + [0] * 11], dtype=float),
        "branch": np.array([[1, 2, 0.01, 0.05, 0.0, 100, 100, 100, 0, 0, 1, -360, 360]], dtype=float),
    }
    path = tmp_path / "two.mat"
    savemat(path, {"mpc": case})
    net = from_matpower(path).net
    assert len(net.bus) == 2 and net.load.p_mw.sum() == 20.0
    pandapower.runpp(net, numba=False)
    assert net.res_ext_grid.p_mw.iloc[0] == pytest.approx(20.0, abs=0.1)
    with pytest.raises(DefinitionError, match="does not exist"):
        from_matpower(tmp_path / "nowhere.mat")
    with pytest.raises(DefinitionError, match=r"ends in '\.txt'"):
        from_matpower(tmp_path / "case.txt")
    savemat(path, {"other": 1.0})
    with pytest.raises(DefinitionError, match="not a MATPOWER case"):
        from_matpower(path)
    path.write_bytes(b"nothing of the kind")
    with pytest.raises(DefinitionError, match="cannot be read as a MATLAB file"):
        from_matpower(path)


CASE_M = """\
function mpc = two
%TWO  a case of two buses
mpc.version = '2';
mpc.baseMVA = 100;
%% bus data
mpc.bus = [
	1	3	0	0	0	0	1	1	0	110	1	1.1	0.9;
	2	1	20	5	0	0	1	1	0	110	1	1.1	0.9;  % the load
];
mpc.gen = [1 0 0 100 -100 1.0 100 1 100 0 0 0 0 0 0 0 0 0 0 0 0];
mpc.branch = [
	1, 2, 0.01, 0.05, 0.0, 100, 100, 100, 0, 0, 1, -360, 360
];
"""


def test_matpower_text(tmp_path):
    """Proves: the text form gives the same network; one that computes in its file is refused with the line, as its units are not those it shows."""
    path = tmp_path / "two.m"
    path.write_text(CASE_M, encoding="utf-8")
    imported = from_matpower(path)
    assert len(imported.net.bus) == 2 and imported.net.load.p_mw.sum() == 20.0 and imported.left_out == ()
    path.write_text(CASE_M + "mpc.dcline = [1 2 1 10 10 0 0 1 1 0 20 -5 5 -5 5 0 0];\n", encoding="utf-8")
    assert from_matpower(path).left_out == ("dcline (1): direct-current lines of a MATPOWER case",)
    path.write_text(CASE_M + "Vbase = mpc.bus(1, 10) * 1e3;\nmpc.bus(:, [3, 4]) = mpc.bus(:, [3, 4]) / 1e3;\n", encoding="utf-8")
    with pytest.raises(DefinitionError, match=r"two\.m:14.*computes in its file"):
        from_matpower(path)
    path.write_text(CASE_M.replace("mpc.gen", "mpc.gun"), encoding="utf-8")
    with pytest.raises(DefinitionError, match=r"no matrix mpc\.gen of 10 columns"):
        from_matpower(path)


def test_simbench_is_asked_for_when_it_is_missing():
    try:
        import simbench  # noqa: F401
    except ImportError:
        with pytest.raises(DefinitionError, match="simbench is not installed"):
            from_simbench("1-MV-rural--0-sw")
    else:
        with pytest.raises(DefinitionError, match="did you mean '1-MV-rural--0-sw'"):
            from_simbench("1-MV-rurl--0-sw")
