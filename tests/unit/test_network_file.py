"""A park's network as a file: the same as its tables, foreign cases brought in, what is wrong told with the file, neighbours that stay."""

from __future__ import annotations

import warnings
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

pandapower = pytest.importorskip("pandapower")

from pandapower import networks  # noqa: E402

from gridsim.distribution.feasibility import Feasibility, confirmed  # noqa: E402
from gridsim.distribution.network import network_of  # noqa: E402
from gridsim.distribution.powerflow import Injections, solve  # noqa: E402
from gridsim.distribution.powerflow.sample import Difference, check_sample  # noqa: E402
from gridsim.distribution.record import network_record  # noqa: E402
from gridsim.distribution.tables.distribution import distribution_of  # noqa: E402
from gridsim.distribution.tables.importers import from_matpower, from_pandapower_json, import_network, save_network  # noqa: E402
from gridsim.distribution.violations import find_violations  # noqa: E402
from gridsim.errors import DefinitionError  # noqa: E402
from gridsim.park.read import read_park  # noqa: E402

STARTER = Path(__file__).parents[2] / "networks" / "starter"

PARK = """\
name: Small
time: {start: 2030-01-01, hours: 24}
sites: {north: {}, south: {}}
buses:
  park: {carrier: electricity, site: north}
technologies:
  works: {type: load, bus: park, peak_mw: 3}
  tie: {type: grid_connection, bus: park, tariff: flat, import_limit_mw: 50, export_limit_mw: 0, export_allowed: false}
tariffs:
  flat: {energy_price_cny_per_mwh: 300}
default_stage: "2027"
stages:
  "2025": {description: first}
  "2027": {after: "2025", description: second}
  "2030": {after: "2027", description: third}
"""
HEADER = "asset,bus,share,cos_phi,reactive,q_u_curve,cos_phi_p_curve\n"


def line(length_km=5.0):
    """A grid of 1.02 p.u. at 'supply', and 10 kV lines of 0.1 + j0.4 ohm/km by 'middle' to 'works'."""
    net = pandapower.create_empty_network()
    for name, place in (("supply", (0.0, 0.0)), ("middle", (3.0, 4.0)), ("works", None)):
        pandapower.create_bus(net, 10.0, name=name, geodata=place)
    pandapower.create_ext_grid(net, 0, vm_pu=1.02)
    for end in (1, 2):
        pandapower.create_line_from_parameters(net, end - 1, end, length_km, 0.1, 0.4, 0.0, 0.5, name="way")
    return net


def park_with(folder, net=None, connections="works,works,1,,,,\n", name="network.json"):
    (folder / "park.yaml").write_text(PARK, encoding="utf-8")
    (folder / "distribution").mkdir(exist_ok=True)
    (folder / "distribution" / "connections.csv").write_text(HEADER + connections, encoding="utf-8")
    if net is not None:
        pandapower.to_json(net, str(folder / "distribution" / name))
    return folder


def found_in(folder, stage=None):
    with pytest.raises(DefinitionError) as caught:
        distribution_of(read_park(folder, stage=stage))
    return caught.value.problems


def told(folder, stage=None):
    return [f"{Path(problem.file).name}: {problem.where}: {problem.found} -> {problem.remedy}" for problem in found_in(folder, stage)]


def flow_with(network, p_mw, bus="works"):
    injections = Injections(np.zeros((1, network.wires.buses)), np.zeros((1, network.wires.buses)))
    injections.p_mw[0, network.wires.bus(bus)] = p_mw
    return injections, solve(network.wires, injections)


def judged(network):
    injections, flow = flow_with(network, -1.0, network.wires.bus_names[-1])
    violations = find_violations(network.wires, injections, flow, network.limits, 1.0)
    dispatch = SimpleNamespace(time=SimpleNamespace(step_hours=1.0))
    return Feasibility(dispatch, network, None, flow, violations, Difference(0.0, 0.0, 0.0, 0.0, 0))


# ---- the same network


def test_file_of_the_tables_is_the_same_network(tmp_path):
    """Proves: the starter park's tables written as a pandapower file give the same wires, limits, tap rules, places and record."""
    tables = network_of(read_park(STARTER))
    (tmp_path / "distribution").mkdir()
    text = (STARTER / "park.yaml").read_text(encoding="utf-8").replace("../../profiles", str(STARTER.parents[1] / "profiles"))
    (tmp_path / "park.yaml").write_text(text, encoding="utf-8")
    for name in ("connections.csv", "curves.csv"):
        (tmp_path / "distribution" / name).write_text((STARTER / "distribution" / name).read_text(encoding="utf-8"), encoding="utf-8")
    pandapower.to_json(tables.net, str(tmp_path / "distribution" / "network.json"))
    file = network_of(read_park(tmp_path))
    assert file.wires.branch_names == tables.wires.branch_names and file.wires.bus_names == tables.wires.bus_names
    np.testing.assert_array_equal(file.wires.admittance.toarray(), tables.wires.admittance.toarray())
    for limit in ("vm_min_pu", "vm_max_pu", "loading", "import_mw", "export_mw"):
        np.testing.assert_array_equal(getattr(file.limits, limit), getattr(tables.limits, limit))
    for column in ("tap_controlled_bus", "tap_set_point_pu", "tap_dead_band_pu"):
        np.testing.assert_array_equal(file.net.trafo[column], tables.net.trafo[column])
    assert file.tables.connections == tables.tables.connections and file.tables.curves == tables.tables.curves
    assert len(file.tables.lines) == len(tables.tables.lines) and len(file.tables.transformers) == len(tables.tables.transformers)
    assert file.tables.notes == tables.tables.notes == ()
    assert network_record(judged(file)) == network_record(judged(tables))


def test_record_names_places_ends_and_kinds(tmp_path):
    """Proves: by hand: sqrt(3) · 10 kV · 0.5 kA = 8.660 MVA; the bus without a place has none; the lines of one name are told apart."""
    record = network_record(judged(network_of(read_park(park_with(tmp_path, line())))))
    middle, works = record["buses"][1:]
    assert (middle["name"], middle["x_km"], middle["y_km"], middle["voltage_kv"]) == ("middle", 3.0, 4.0, 10.0)
    assert (works["x_km"], works["y_km"], works["vm_min_pu"], works["vm_max_pu"]) == (None, None, 0.93, 1.07)
    first, second = record["branches"]
    assert (first["name"], second["name"]) == ("way (line 0)", "way (line 1)")
    assert (second["from"], second["to"], second["kind"], second["closed"], second["loading_limit"]) == ("middle", "works", "line", True, 0.8)
    assert second["rated_mva"] == pytest.approx(np.sqrt(3.0) * 10.0 * 0.5)
    assert record["sources"] == [{"name": "tie", "bus": "supply"}]
    assert any("2 lines without a largest loading take 80% of their rating" in note for note in record["notes"])
    assert any("3 buses without limits of their voltage" in note for note in record["notes"])


def test_windings_of_three_winding_transformers_stand_in_the_record(tmp_path):
    net = line()
    bus = pandapower.create_bus(net, 110.0, name="high")
    low = pandapower.create_bus(net, 20.0, name="low")
    net.ext_grid.loc[0, "bus"] = bus
    pandapower.create_transformer3w(net, bus, low, 0, "63/25/38 MVA 110/20/10 kV", name="unit")
    record = network_record(judged(network_of(read_park(park_with(tmp_path, net)))))
    ends = {row["name"]: (row["kind"], row["from"], row["to"], row["rated_mva"]) for row in record["branches"] if row["name"].startswith("unit")}
    assert [ends[f"unit ({side})"][:3] for side in ("hv", "mv", "lv")] == [
        ("transformer", "high", "low"),
        ("transformer", "high", "low"),
        ("transformer", "high", "supply"),
    ]
    np.testing.assert_allclose([ends[f"unit ({side})"][3] for side in ("hv", "mv", "lv")], [63.0, 25.0, 38.0], rtol=1e-6)


# ---- neighbours


def test_neighbours_stay_in_every_hour(tmp_path):
    """Proves: a load of 1 MW and 0.5 Mvar, a static generator of 0.4 MW at twice its size, one out of service: the network with an asset of -0.7 MW is
    pandapower's own with 1 + 0.7 MW drawn and 0.8 supplied. Breaks as: the voltage of the asset alone, or the generator at 0.4.
    """
    net = line()
    pandapower.create_load(net, 2, p_mw=1.0, q_mvar=0.5, name="village")
    pandapower.create_sgen(net, 1, p_mw=0.4, scaling=2.0)
    pandapower.create_sgen(net, 1, p_mw=9.0, in_service=False)
    network = network_of(read_park(park_with(tmp_path, net)))
    injections, flow = flow_with(network, -0.7)
    pandapower.create_load(net, 2, p_mw=0.7)
    pandapower.runpp(net, numba=False)
    np.testing.assert_allclose(flow.vm_pu[0], net.res_bus.vm_pu, atol=1e-9)
    assert flow.slack_p_mw[0, 0] == pytest.approx(net.res_ext_grid.p_mw[0], abs=1e-7)
    assert check_sample(network.net, network.wires, injections, flow, [0]).voltage_pu < 1e-9  # the second engine keeps them too
    (note,) = [str(note) for note in network.tables.notes if "neighbours" in note.found]
    assert "1 load of 1 MW and 1 sgen of 0.8 MW" in note and "counts twice" in note


def test_generators_go_on_holding_their_voltage(tmp_path):
    """Proves: a generator of 2 MW that holds 1.03 p.u. supplies its power and holds it; pandapower agrees."""
    net = line()
    pandapower.create_gen(net, 2, p_mw=2.0, vm_pu=1.03, name="machine", min_q_mvar=-5.0, max_q_mvar=5.0)
    network = network_of(read_park(park_with(tmp_path, net)))
    _, flow = flow_with(network, 0.0)
    pandapower.runpp(net, numba=False)
    assert flow.vm_pu[0, 2] == pytest.approx(1.03, abs=1e-12)
    assert flow.slack_p_mw[0, 0] == pytest.approx(net.res_ext_grid.p_mw[0], abs=1e-7)


# ---- cases from elsewhere

CASE = """\
function mpc = two
mpc.version = '2';
mpc.baseMVA = 100;
mpc.bus = [ 1 3 0 0 0 0 1 1 0 10 1 1.1 0.9; 7 1 2 0.5 0 0 1 1 0 10 1 1.05 0.95 ];
mpc.gen = [ 1 0 0 100 -100 1.0 100 1 100 0 0 0 0 0 0 0 0 0 0 0 0 ];
mpc.branch = [ 1 7 0.01 0.05 0 10 10 10 0 0 1 -360 360 ];
"""


def test_matpower_case_in_place_of_tables(tmp_path):
    """Proves: buses are called by their numbers in the case; the rating of 10 MVA and the band of the case hold; its load stays."""
    park_with(tmp_path, connections="works,7,1,,,,\n")
    (tmp_path / "distribution" / "network.m").write_text(CASE, encoding="utf-8")
    network = network_of(read_park(tmp_path))
    assert network.wires.bus_names == ("1", "7") and network.wires.branch_names == ("line 0",)
    assert network.limits.vm_min_pu[1] == 0.95 and network.limits.loading[0] == 1.0
    assert network.wires.fixed_mva.sum() == pytest.approx(-2.0 - 0.5j)


@pytest.mark.parametrize("make", [networks.create_cigre_network_mv, networks.case118, networks.mv_oberrhein])
def test_known_cases_carry_an_asset(tmp_path, make):
    """Proves: a case saved into a park carries an asset beside its own loads as pandapower solves both together."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # pandapower ships networks of its own older versions
        net = make()
    path = tmp_path / "case.json"
    pandapower.to_json(net, str(path))
    written = save_network(import_network(str(path)), tmp_path / "distribution")
    assert written.name == "network.json"
    bus = net.bus.index[5]
    park_with(tmp_path, connections=f"works,{net.bus.name[bus]},1,,,,\n")
    network = network_of(read_park(tmp_path))
    _, flow = flow_with(network, -0.3, str(net.bus.name[bus]))
    pandapower.create_load(net, bus, p_mw=0.3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # pandapower ships networks of its own older versions
        pandapower.runpp(net, numba=False, calculate_voltage_angles=True)
    np.testing.assert_allclose(flow.vm_pu[0], net.res_bus.vm_pu, atol=1e-8)
    assert len(set(network.wires.branch_names)) == network.wires.branches


def test_saved_network_can_be_read(tmp_path):
    """Proves: buses without names get names; a second network is not laid over the first; connections are kept."""
    net = line()
    net.bus["name"] = [None, "a", "a"]
    path = tmp_path / "case.json"
    pandapower.to_json(net, str(path))
    imported = import_network(str(path))
    save_network(imported, tmp_path / "distribution")
    assert list(imported.net.bus["name"].fillna("")) == ["", "a", "a"]
    text = (tmp_path / "distribution" / "connections.csv").read_text(encoding="utf-8")
    assert text == HEADER.strip() + ",from_stage,until_stage,note\n"
    assert list(from_pandapower_json(tmp_path / "distribution" / "network.json").net.bus["name"]) == ["bus 0", "a (bus 1)", "a (bus 2)"]
    park_with(tmp_path, connections="works,a (bus 2),1,,,,\n")
    assert list(distribution_of(read_park(tmp_path)).buses) == ["bus 0", "a (bus 1)", "a (bus 2)"]
    with pytest.raises(DefinitionError, match="is there already"):
        save_network(imported, tmp_path / "distribution")
    case = tmp_path / "two.m"
    case.write_text(CASE, encoding="utf-8")
    assert list(from_matpower(case).net.bus["name"]) == ["1", "7"]


# ---- stages


def test_file_of_a_stage_holds_from_its_stage_on(tmp_path):
    """Proves: network.json for the first stage, network_2027.json (lines of 2 km) from 2027 on, so in 2030 too."""
    folder = park_with(tmp_path, line(5.0))
    park_with(tmp_path, line(2.0), name="network_2027.json")
    length = {stage: distribution_of(read_park(folder, stage=stage)).lines["way (line 0)"].length_km for stage in ("2025", "2027", "2030")}
    assert length == {"2025": 5.0, "2027": 2.0, "2030": 2.0}
    (folder / "distribution" / "network.json").unlink()
    (problem,) = told(folder, "2025")
    assert "no file is for stage 2025; there is network_2027.json" in problem
    (folder / "distribution" / "network_2027.json").rename(folder / "distribution" / "network_2072.json")
    problems = told(folder, "2025")
    assert any("'2072' is not a stage of this park -> did you mean '2027'?" in problem for problem in problems)


# ---- what is wrong


def test_everything_is_told_at_once(tmp_path):
    """Proves: tables beside the file, a bus that is not there, an unknown asset, shares: all in one error, with file and line."""
    folder = park_with(tmp_path, line(), connections="works,worsk,0.5,,,,\nwork,middle,1,,,no_curve,\n")
    (folder / "distribution" / "buses.csv").write_text("name,voltage_kv\nsupply,10\n", encoding="utf-8")
    (folder / "distribution" / "lines.csv").write_text("", encoding="utf-8")
    problems = told(folder)
    expected = [
        "buses.csv: buses: stands beside network.json, which says already what the network is",
        "lines.csv: lines: stands beside network.json",
        "connections.csv: connections.works at worsk.bus: 'worsk' is not a bus -> did you mean 'works'?",
        "connections.csv: connections.work at middle.q_u_curve: 'no_curve' is not a curve",
        "connections.csv: connections.work at middle.asset: 'work' is not an asset of the park in stage 2027 -> did you mean 'works'?",
        "connections.csv: connections.works at worsk.share: the only row of 'works' comes to 0.5, not 1",
    ]
    assert len(problems) == len(expected)
    for words in expected:
        assert any(problem.startswith(words) for problem in problems), words
    assert {problem.line for problem in found_in(folder) if problem.file.endswith("connections.csv")} == {2, 3}


def spoiled_by(change):
    net = line()
    change(net)
    return net


def island(net):
    pandapower.create_bus(net, 10.0, name="island")


def two_of_a_name(net):
    net.bus["name"] = ["supply", "works", "works"]


def no_name(net):
    net.bus["name"] = ["supply", None, "works"]


def no_grid(net):
    net.ext_grid["in_service"] = False


def no_impedance(net):
    net.line.loc[0, "length_km"] = 0.0


def lost_column(net):
    del net.line["length_km"]


def lost_bus(net):
    net.line.loc[0, "to_bus"] = 99


def empty_band(net):
    net.bus["min_vm_pu"] = [0.9, 1.2, 0.9]


def rule_without_set_point(net):
    high = pandapower.create_bus(net, 110.0, name="high")
    net.ext_grid.loc[0, "bus"] = high
    pandapower.create_transformer(net, high, 0, "25 MVA 110/10 kV", name="unit")
    net.trafo["tap_controlled_bus"] = 77


def compensator(net):
    pandapower.create_svc(net, 2, x_l_ohm=10.0, x_cvar_ohm=-10.0, set_vm_pu=1.0, thyristor_firing_angle_degree=90.0)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (island, ["bus 'island': no line, transformer or closed switch leads to it from the grid"]),
        (two_of_a_name, ["2 buses are called 'works' (rows 1, 2)"]),
        (no_name, ["1 of 3 buses have no name: bus 1"]),
        (no_grid, ["no grid connection is in service"]),
        (no_impedance, ["line 'way': impedance 0 ohm"]),
        (lost_column, ["is not a network that pandapower can use (KeyError: 'length_km')"]),
        (lost_bus, ["to_bus 99 does not exist"]),
        (empty_band, ["the band from 1.2 to 1.07 p.u. is empty"]),
        (rule_without_set_point, ["tap_controlled_bus 77 does not exist", "without tap_set_point_pu", "without tap_dead_band_pu"]),
        (compensator, ["1 in service; static var compensators are not represented"]),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_is_wrong_in_the_file_is_told_with_the_file(tmp_path, change, words):
    problems = told(park_with(tmp_path, spoiled_by(change)))
    assert len(problems) == len(words)
    for problem, expected in zip(problems, words, strict=True):
        assert problem.startswith("network.json: ") and expected in problem


def test_bus_out_of_service_carries_no_asset(tmp_path):
    net = line()
    net.bus.loc[2, "in_service"] = False
    net.line.loc[1, "in_service"] = False
    (problem,) = told(park_with(tmp_path, net))
    assert "'works' is out of service in network.json" in problem


def test_unreadable_file_is_told_once(tmp_path):
    folder = park_with(tmp_path)
    (folder / "distribution" / "network.json").write_text("{", encoding="utf-8")
    (problem,) = told(folder)
    assert "is not a pandapower network" in problem
    (folder / "distribution" / "network.m").write_text(CASE, encoding="utf-8")
    (problem,) = told(folder)
    assert "network.json and network.m both say what the network is -> remove one" in problem


def test_grid_connection_is_the_source_of_its_name_or_the_only_one(tmp_path):
    """Proves: of two sources the one called 'tie' is it; without one there is a note, as for tables."""
    net = line()
    pandapower.create_ext_grid(net, 2, vm_pu=1.02, name="tie")
    folder = park_with(tmp_path, net, connections="works,middle,1,,,,\n")
    assert {row.name: row.asset for row in distribution_of(read_park(folder)).sources.values()} == {"ext_grid 0": None, "tie": "tie"}
    net.ext_grid["name"] = ["one", "two"]
    park_with(tmp_path, net, connections="works,middle,1,,,,\n")
    notes = [note.found for note in distribution_of(read_park(folder)).notes]
    assert any("no row of network.json names it" in note for note in notes)


def test_sites_are_zones_that_the_park_knows(tmp_path):
    net = line()
    net.bus["zone"] = ["north", "CIGRE_MV", "south"]
    distribution = distribution_of(read_park(park_with(tmp_path, net)))
    assert [row.site for row in distribution.buses.values()] == ["north", None, "south"]
    assert any("'works' is in south, the park has 'works' in north" in note.found for note in distribution.notes)


def test_confirmed_by_pandapower_with_neighbours(tmp_path):
    net = line()
    pandapower.create_load(net, 1, p_mw=1.0)
    network = network_of(read_park(park_with(tmp_path, net)))
    injections, flow = flow_with(network, -0.5)
    assert confirmed(network, SimpleNamespace(injections=injections), flow, np.array([0])).voltage_pu < 1e-9
