# ruff: noqa: E501  one line a case
"""Network tables: what is right is read, what is wrong is told with file and line, all of it at once."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from gridsim.distribution.tables.distribution import distribution_of, read_distribution
from gridsim.distribution.tables.limits import voltage_band
from gridsim.distribution.tables.stages import Stages
from gridsim.distribution.tables.standard_types import shipped_line_types, shipped_transformer_types
from gridsim.errors import DefinitionError, Problem
from gridsim.park.read import read_park

PARK = """\
name: Small
time: {start: 2030-01-01, hours: 24}
sites: {north: {}, south: {}}
buses:
  park: {carrier: electricity, site: north}
technologies:
  works: {type: load, bus: park, peak_mw: 30}
  office: {type: load, bus: park, peak_mw: 1}
  tie: {type: grid_connection, bus: park, tariff: flat, import_limit_mw: 50, export_limit_mw: 0, export_allowed: false}
tariffs:
  flat: {energy_price_cny_per_mwh: 300}
default_stage: "2027"
stages:
  "2025": {description: first}
  "2027": {after: "2025", description: second}
"""
TABLES = {
    "buses.csv": """\
name,site,voltage_kv,label,min_vm_pu,max_vm_pu,from_stage,until_stage
hv,north,110,,,,,
mv,north,10,,,,,
end,north,10,,,,,
new,north,10,,,,2027,
old,north,10,,,,,2025
""",
    "lines.csv": """\
name,from_bus,to_bus,type,length_km,parallel,in_service,asset,from_stage,until_stage
feeder,mv,end,CAB10-YJV22-3x300,2.0,2,true,,,
branch,end,new,OHL10-LGJ240,1.5,1,true,,2027,
stub,end,old,OHL10-LGJ240,1.5,1,true,,,2025
""",
    "transformers.csv": """\
name,hv_bus,lv_bus,type,parallel,tap_position,tap_controlled_bus,tap_set_point_pu,tap_dead_band_pu
main,hv,mv,T110/10-50,2,1,mv,1.02,0.03
""",
    "shunts.csv": "name,bus,kind,step_mvar,steps,steps_in_service\nbank,mv,capacitor,2.0,3,2\n",
    "switches.csv": "name,bus,element_type,element,closed\nhead,mv,line,feeder,true\n",
    "sources.csv": "name,bus,vm_pu,short_circuit_mva,asset\npublic,hv,1.02,3000,tie\n",
    "connections.csv": """\
asset,bus,share,cos_phi,reactive,q_u_curve,cos_phi_p_curve
works,mv,0.4,0.95,draws,,
works,end,0.6,,,support,
office,end,1,,,,
""",
    "curves.csv": "name,kind,at,value\nsupport,q_u,0.97,0.3\nsupport,q_u,1.03,-0.3\nrising,cos_phi_p,0,1\nrising,cos_phi_p,1,0.95\n",
}


@pytest.fixture
def park_folder(tmp_path: Path) -> Path:
    (tmp_path / "park.yaml").write_text(PARK, encoding="utf-8")
    (tmp_path / "distribution").mkdir()
    for file, text in TABLES.items():
        (tmp_path / "distribution" / file).write_text(text, encoding="utf-8")
    return tmp_path


def found_in(folder: Path) -> list[Problem]:
    with pytest.raises(DefinitionError) as caught:
        distribution_of(read_park(folder))
    return list(caught.value.problems)


def change(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / "distribution" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


# ---- what is right


def test_sound_tables_are_read(park_folder):
    """Proves: each stage has the rows that are there in it, text stays text, numbers are numbers, and nothing is odd."""
    distribution = distribution_of(read_park(park_folder))
    assert (distribution.stage, list(distribution.buses), list(distribution.lines)) == ("2027", ["hv", "mv", "end", "new"], ["feeder", "branch"])
    assert distribution.lines["feeder"].parallel == 2 and distribution.lines["feeder"].length_km == 2.0
    assert [row.share for row in distribution.connections_of("works")] == [0.4, 0.6]
    assert distribution.curves["support"].at == (0.97, 1.03) and distribution.curves["rising"].kind == "cos_phi_p"
    assert set(distribution.line_types) == {"CAB10-YJV22-3x300", "OHL10-LGJ240"} and distribution.notes == ()
    first = distribution_of(read_park(park_folder, stage="2025"))
    assert list(first.buses) == ["hv", "mv", "end", "old"] and list(first.lines) == ["feeder", "stub"]


def test_stages_may_branch():
    """Proves: a row of one branch is not there in the other, and a row that ends with a stage is there in it."""
    from gridsim.distribution.tables.rows import Row

    stages = Stages.of({"now": None, "later": "now", "high": "later", "low": "later"})
    assert stages.chain("high") == ("now", "later", "high")
    high, until_later, until_low = Row(from_stage="high"), Row(until_stage="later"), Row(until_stage="low")
    assert [stages.holds(high, stage) for stage in (None, "now", "high", "low")] == [False, False, True, False]
    assert [stages.holds(until_later, stage) for stage in (None, "later", "high")] == [True, True, False]
    assert stages.holds(until_low, "high")
    assert Stages.of(["a", "b", "c"]).before == {"a": None, "b": "a", "c": "b"}


def test_a_name_may_stand_again_in_another_stage(park_folder):
    """Proves: a line that is rebuilt keeps its name."""
    change(park_folder, "lines.csv", "stub,end,old,OHL10-LGJ240,1.5,1,true,,,2025", "feeder,mv,end,OHL10-LGJ240,2.0,1,true,,,2025")
    change(park_folder, "lines.csv", "feeder,mv,end,CAB10-YJV22-3x300,2.0,2,true,,,", "feeder,mv,end,CAB10-YJV22-3x300,2.0,2,true,,2027,")
    change(park_folder, "buses.csv", "old,north,10,,,,,2025\n", "")
    assert distribution_of(read_park(park_folder)).lines["feeder"].type == "CAB10-YJV22-3x300"
    assert distribution_of(read_park(park_folder, stage="2025")).lines["feeder"].type == "OHL10-LGJ240"


def test_own_types(park_folder):
    """Proves: a park's own type is used, and one without a source is refused."""
    header = "name,kind,voltage_kv,r_ohm_per_km,x_ohm_per_km,c_nf_per_km,max_i_ka,r_temperature_degc,limit_temperature_degc,ambient_degc,short_circuit_degc,source,certainty\n"
    path = park_folder / "distribution" / "line_types.csv"
    path.write_text(header + "MINE,cable,10,0.05,0.08,400,0.6,90,90,25,250,data sheet,V1\n", encoding="utf-8")
    change(park_folder, "lines.csv", "CAB10-YJV22-3x300", "MINE")
    assert distribution_of(read_park(park_folder)).line_types["MINE"].r_ohm_per_km == 0.05
    path.write_text(header + "MINE,cable,10,0.05,0.08,400,0.6,90,90,25,250,,V1\n", encoding="utf-8")
    told = [str(problem) for problem in found_in(park_folder)]
    assert any("line_types.csv:2" in text and "source" in text and "is empty" in text for text in told)


def test_without_a_park_assets_are_not_judged(park_folder):
    change(park_folder, "connections.csv", "office", "offices")
    problems: list[Problem] = []
    distribution = read_distribution(park_folder / "distribution", "2027", ["2025", "2027"], problems)
    assert problems == [] and len(distribution.connections) == 3


# ---- what is wrong


@dataclass(frozen=True)
class Case:
    """A change of one table, and what must be said about it."""

    file: str
    old: str
    new: str
    line: int
    found: str
    remedy: str = ""
    at: str = ""
    """File in which it must be found, where that is another."""


CASES = {
    "unknown column": Case("lines.csv", "length_km", "length_m", 1, "is not a column of this table", "did you mean 'length_km'?"),
    "missing column": Case(
        "sources.csv",
        "name,bus,vm_pu,short_circuit_mva,asset\npublic,hv,1.02,3000,tie",
        "name,bus,short_circuit_mva\npublic,hv,3000",
        1,
        "has no column 'vm_pu'",
        "it needs name, bus, vm_pu",
    ),
    "unknown line type": Case(
        "lines.csv", "CAB10-YJV22-3x300", "CAB10-YJV22-3x30", 2, "'CAB10-YJV22-3x30' is not a type of line", "did you mean 'CAB10-YJV22-3x300'?"
    ),
    "unknown transformer type": Case(
        "transformers.csv", "T110/10-50", "T110/10-55", 2, "'T110/10-55' is not a type of transformer", "did you mean 'T110/10-50'?"
    ),
    "unknown bus": Case("lines.csv", "feeder,mv,end", "feeder,mv,ende", 2, "'ende' is not a bus", "did you mean 'end'?"),
    "bus of another stage": Case(
        "lines.csv",
        "stub,end,old,OHL10-LGJ240,1.5,1,true,,,2025",
        "stub,end,old,OHL10-LGJ240,1.5,1,true,,,",
        4,
        "'old' is not there in stage 2027 (until 2025)",
        "the stages of its bus",
    ),
    "sides exchanged": Case(
        "transformers.csv", "main,hv,mv", "main,mv,hv", 2, "has its sides exchanged: hv_bus 'mv' is 10 kV, lv_bus 'hv' is 110 kV", "exchange hv_bus and lv_bus"
    ),
    "wrong voltage at a side": Case(
        "transformers.csv", "T110/10-50", "T66/10-50", 2, "'hv' is 110 kV, that side of 'T66/10-50' is built for 66 kV", "types from 110 to 10 kV: T110/10-63,"
    ),
    "line between voltages": Case(
        "lines.csv", "feeder,mv,end", "feeder,hv,end", 2, "joins 'hv' of 110 kV and 'end' of 10 kV", "a transformer joins two voltages"
    ),
    "line built for less": Case(
        "buses.csv",
        "hv,north,110",
        "hv,north,220",
        2,
        "'hv' is 220 kV, that side of 'T110/10-50' is built for 110 kV",
        "types from 220 to 10 kV: none",
        at="transformers.csv",
    ),
    "cable on a higher voltage": Case(
        "lines.csv",
        "branch,end,new,OHL10-LGJ240",
        "branch,hv,top,OHL10-LGJ240",
        3,
        "'OHL10-LGJ240' is built for 10 kV, the buses have 110 kV",
        "types for this voltage: OHL110-LGJ300, OHL110-LGJ240",
    ),
    "line to itself": Case("lines.csv", "feeder,mv,end", "feeder,mv,mv", 2, "'mv' is also from_bus", "a line joins two different buses"),
    "zero length": Case("lines.csv", ",2.0,2,", ",0,2,", 2, "0 is not above 0", "write a number in km, above 0"),
    "negative length": Case("lines.csv", ",2.0,2,", ",-3,2,", 2, "-3 is not above 0", "above 0"),
    "length with unit": Case("lines.csv", ",2.0,2,", ",2 km,2,", 2, "'2 km' is not a number", "write 2 alone"),
    "half a circuit": Case("lines.csv", ",2.0,2,", ",2.0,1.5,", 2, "1.5 is not a whole number"),
    "yes for true": Case("lines.csv", ",2.0,2,true", ",2.0,2,yes", 2, "'yes' is neither true nor false"),
    "duplicate name": Case("lines.csv", "branch,end,new", "feeder,end,new", 3, "is written twice (first in line 2)", "until_stage"),
    "line and transformer of one name": Case("transformers.csv", "main,hv,mv", "feeder,hv,mv", 2, "is also a line (line 2 of lines.csv)", "another name"),
    "row without a name": Case("buses.csv", "end,north,10", ",north,10", 4, "is empty", "fill the cell with text"),
    "empty cell": Case("buses.csv", "end,north,10", "end,north,", 4, "is empty", "fill the cell with a number in kV"),
    "island": Case(
        "lines.csv",
        "feeder,mv,end,CAB10-YJV22-3x300,2.0,2,true",
        "feeder,mv,end,CAB10-YJV22-3x300,2.0,2,false",
        4,
        "is an island without a source, with new",
        "join it by a line",
        at="buses.csv",
    ),
    "island by a switch": Case("switches.csv", "feeder,true", "feeder,false", 4, "is an island without a source, with new", at="buses.csv"),
    "no source": Case("sources.csv", "public,hv,1.02,3000,tie\n", "", 1, "there is no source in stage 2027", "the public grid"),
    "two sources": Case(
        "sources.csv",
        "public,hv,1.02,3000,tie\n",
        "public,hv,1.02,3000,tie\nsecond,hv,1.0,3000,\n",
        3,
        "'hv' already has the source 'public'",
        "one source a bus",
    ),
    "switch at nothing": Case("switches.csv", "feeder", "feder", 2, "'feder' is not a line", "did you mean 'feeder'?"),
    "switch at the wrong end": Case("switches.csv", "head,mv", "head,hv", 2, "'hv' is no end of line 'feeder'", "its ends are 'mv' and 'end'"),
    "tap position": Case("transformers.csv", ",2,1,", ",2,9,", 2, "9 is not a position of 'T110/10-50'", "it has -8 to 8"),
    "narrow dead band": Case("transformers.csv", "0.03", "0.01", 2, "0.01 is not wider than a step of 0.0125 p.u.", "about twice the step"),
    "half a tap rule": Case(
        "transformers.csv",
        ",mv,1.02,0.03",
        ",mv,,0.03",
        2,
        "is empty, while tap_controlled_bus, tap_dead_band_pu is given",
        "controlled bus, set-point and dead band",
    ),
    "more steps than there are": Case("shunts.csv", "3,2", "3,4", 2, "has 4 of 3 steps in service", "at most all"),
    "kind of shunt": Case("shunts.csv", "capacitor", "condenser", 2, "'condenser' is not possible here", "choose 'capacitor' or 'reactor'"),
    "empty band": Case("buses.csv", "end,north,10,,,", "end,north,10,,1.1,1.05", 4, "the band from 1.1 to 1.05 p.u. is empty"),
    "unknown asset": Case("connections.csv", "office", "ofice", 4, "'ofice' is not an asset of the park in stage 2027", "did you mean 'office'?"),
    "asset that is the grid": Case(
        "connections.csv", "office,end,1,", "tie,end,1,", 4, "'tie' is a grid_connection without an electric bus of its own", "sources.csv"
    ),
    "shares do not add up": Case("connections.csv", "works,end,0.6", "works,end,0.5", 3, "the 2 rows of 'works' add up to 0.9, not 1"),
    "percent for share": Case("connections.csv", "works,end,0.6", "works,end,60", 3, "60 is above 1", "did you mean 0.6?"),
    "percent sign": Case("connections.csv", "works,end,0.6", "works,end,60%", 3, "'60%' is not a number", "write 0.6"),
    "asset twice at a bus": Case("connections.csv", "works,end,0.6", "works,mv,0.6", 3, "'works' already hangs at 'mv' (line 2)", "in one row"),
    "two reactive rules": Case("connections.csv", "0.95,draws,,", "0.95,draws,support,", 2, "has cos_phi and q_u_curve", "one rule"),
    "power factor without direction": Case("connections.csv", "0.95,draws", "0.95,", 2, "has a power factor without a direction", "draws or supplies"),
    "unknown curve": Case("connections.csv", "support", "suport", 3, "'suport' is not a curve", "did you mean 'support'?"),
    "curve of another kind": Case("connections.csv", "support", "rising", 3, "'rising' is a curve of another kind", "Known: support"),
    "curve runs back": Case("curves.csv", "1.03,-0.3", "0.9,-0.3", 3, "0.9 is not above 0.97, the point before", "left to right"),
    "curve that drives away": Case("curves.csv", "1.03,-0.3", "1.03,0.4", 3, "0.4 is more than 0.3 at the lower voltage before", "let it fall"),
    "one point": Case("curves.csv", "rising,cos_phi_p,1,0.95\n", "", 4, "the curve 'rising' has one point"),
    "unknown stage": Case("buses.csv", "2027", "2028", 5, "'2028' is not a stage of this park", "did you mean '2027'?"),
    "stages exchanged": Case("buses.csv", "end,north,10,,,,,", "end,north,10,,,,2027,2025", 4, "'2025' does not come after '2027'", "exchange the two"),
    "unknown site": Case("buses.csv", "end,north", "end,nort", 4, "'nort' is not a site of the park", "did you mean 'north'?"),
    "line of no asset": Case("lines.csv", "2.0,2,true,,", "2.0,2,true,works,", 2, "'works' is not a transmission_line of the park"),
    "source of no asset": Case("sources.csv", "tie", "ties", 2, "'ties' is not a grid_connection of the park", "did you mean 'tie'?"),
    "ragged row": Case("lines.csv", "feeder,mv,end,", "feeder,mv,end,,", 2, "has 11 cells, the header has 10"),
    "semicolons": Case(
        "switches.csv", TABLES["switches.csv"], TABLES["switches.csv"].replace(",", ";"), 1, "is separated by semicolons", "save it with commas"
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_each_mistake_is_told_with_file_and_line(case, park_folder):
    """Proves: the mistake is found where it stands, and nothing is an echo of it except what follows from it in another table."""
    if "top" in case.new:
        change(park_folder, "buses.csv", "hv,north,110,,,,,\n", "hv,north,110,,,,,\ntop,north,110,,,,,\n")
    change(park_folder, case.file, case.old, case.new)
    problems = found_in(park_folder)
    file = str(park_folder / "distribution" / (case.at or case.file))
    telling = [problem for problem in problems if case.found in problem.found]
    assert [(problem.file, problem.line) for problem in telling] == [(file, case.line)], [str(problem) for problem in problems]
    assert case.remedy in telling[0].remedy
    assert len(problems) <= 5 and all(problem.file for problem in problems)


def test_all_problems_at_once(park_folder):
    """Proves: mistakes in five tables are told together."""
    for name in (
        "unknown line type",
        "unknown transformer type",
        "more steps than there are",
        "unknown asset",
        "percent for share",
        "unknown stage",
        "no source",
    ):
        change(park_folder, CASES[name].file, CASES[name].old, CASES[name].new)
    told = [problem.found for problem in found_in(park_folder)]
    for name in (
        "unknown line type",
        "unknown transformer type",
        "more steps than there are",
        "unknown asset",
        "percent for share",
        "unknown stage",
        "no source",
    ):
        assert any(CASES[name].found in text for text in told), name


def test_a_refused_bus_has_no_echoes(park_folder):
    """Proves: a bus without a voltage is one problem, not one more for each line at it."""
    change(park_folder, "buses.csv", "end,north,10", "end,north,ten")
    problems = found_in(park_folder)
    assert [(problem.line, problem.found) for problem in problems if "end" in problem.where.split(".")] == [(4, "'ten' is not a number")]
    assert not any("is not a bus" in problem.found for problem in problems)


def test_what_is_missing_altogether(park_folder):
    (park_folder / "distribution" / "buses.csv").unlink()
    assert [(Path(problem.file).name, problem.found) for problem in found_in(park_folder)] == [("buses.csv", "does not exist")]
    problems: list[Problem] = []
    read_distribution(park_folder / "nowhere", None, [], problems)
    assert [problem.found for problem in problems] == ["there is no such folder"]


def test_odd_things_are_notes(park_folder):
    """Proves: an asset that hangs nowhere, a grid connection that no source names, and an asset at another site are told and not refused."""
    change(park_folder, "connections.csv", "office,end,1,,,,\n", "")
    change(park_folder, "sources.csv", ",tie", ",")
    change(park_folder, "buses.csv", "mv,north", "mv,south")
    notes = [str(note) for note in distribution_of(read_park(park_folder)).notes]
    assert len(notes) == 3
    assert "connections.office: hangs at no bus" in notes[0] and "sources.tie" in notes[1]
    assert "connections.csv:2" in notes[2] and "'mv' is in south, the park has 'works' in north" in notes[2]


# ---- types


@pytest.mark.parametrize("kind", [kind for kind in shipped_line_types().values() if kind.kind == "overhead"], ids=lambda kind: kind.name)
def test_overhead_lines_follow_from_conductor_and_distance(kind):
    """Proves: r, x, c and current of each overhead line follow from its conductor by the formulas of the module, computed anew here."""
    n, radius_m = kind.conductors, kind.diameter_mm / 2000.0
    spacings = {1: [], 2: [1.0], 4: [1.0, math.sqrt(2.0), 1.0]}[n]
    equal_m = math.prod([radius_m, *(kind.bundle_spacing_mm / 1000.0 * factor for factor in spacings)]) ** (1 / n)
    ratio = math.log10(kind.phase_distance_m / equal_m)
    assert kind.r_ohm_per_km == pytest.approx(kind.conductor_r20_ohm_per_km / n * (1 + 0.00403 * (kind.r_temperature_degc - 20)), rel=1e-3)
    assert kind.x_ohm_per_km == pytest.approx(0.1445 * ratio + 0.0157 / n, rel=1e-3)
    assert kind.c_nf_per_km == pytest.approx(24.1 / ratio, rel=1e-3)
    assert kind.max_i_ka == pytest.approx(n * kind.conductor_current_ka * math.sqrt((70 - kind.ambient_degc) / 45), rel=2e-3)
    assert f"OHL{kind.voltage_kv:g}-" in kind.name


def test_line_ratings_are_in_the_bands_of_the_facts():
    """Proves: the recalled bands of thermal rating and reactance of facts C5 hold, within a tenth where air of 40 degC lowers the rating."""
    types = shipped_line_types()

    def mva(name: str) -> float:
        return math.sqrt(3) * types[name].voltage_kv * types[name].max_i_ka

    bands = {
        "OHL500-4xLGJ400": (2300, 3200),
        "OHL500-4xLGJ630": (2300, 3400),
        "OHL220-2xLGJ400": (450, 550),
        "OHL110-LGJ240": (100, 140),
        "OHL110-LGJ300": (110, 140),
    }
    bands |= {"OHL66-LGJ185": (30, 65), "OHL66-LGJ240": (30, 65), "OHL35-LGJ185": (15, 27.5), "OHL10-LGJ240": (8, 10), "CAB10-YJV22-3x300": (8, 9)}
    for name, (low, high) in bands.items():
        assert low <= mva(name) <= high, (name, mva(name))
    assert 0.26 <= types["OHL500-4xLGJ400"].x_ohm_per_km <= 0.28 and types["OHL220-2xLGJ400"].x_ohm_per_km == pytest.approx(0.30, abs=0.01)
    assert types["OHL220-2xLGJ400"].r_ohm_per_km == pytest.approx(0.04, abs=0.002)


@pytest.mark.parametrize("kind", [*shipped_line_types().values(), *shipped_transformer_types().values()], ids=lambda kind: kind.name)
def test_every_type_has_a_source(kind):
    assert len(kind.source) > 20 and kind.certainty in {"V1", "V2", "C", "M", "M?", "A"}
    if re.search("recalled|assumed", kind.source):
        assert kind.certainty != "V1"


@pytest.mark.parametrize("kind", shipped_transformer_types().values(), ids=lambda kind: kind.name)
def test_transformers_are_plausible(kind):
    """Proves: losses fall with size as they do in the standard (load loss 0.1 to 1 %, no-load below 0.12 %), and the name says what it is."""
    high, low = re.fullmatch(r"T([\d.]+)/([\d.]+)-.*", kind.name).groups()
    assert 0.95 <= kind.hv_kv / float(high) <= 1.06 and 0.99 <= kind.lv_kv / float(low) <= 1.06
    assert 0.1 <= kind.resistance_percent <= 1.0 and kind.no_load_loss_kw / kind.sn_mva <= 1.2
    assert 4.0 <= kind.uk_percent <= 18.0


def test_voltage_bands_keep_the_standard():
    """Proves: deviations of GB/T 12325 add up to 10 % at 35 kV and above, and are 7 % each way at 10 kV."""
    for kv in (35.0, 66.0, 110.0, 220.0, 500.0):
        low, high = voltage_band(kv)
        assert high - low == pytest.approx(0.10)
    assert voltage_band(10.0) == (0.93, 1.07)
