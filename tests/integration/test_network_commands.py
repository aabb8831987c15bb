"""`gridsim check`, `run --check` and `run --until-feasible`: exit codes, what is said, and the files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from gridsim.cli import app
from gridsim.folder import read_folder

ROOT = Path(__file__).parents[2]

KEYS = """
network_solved_hours violating_hours network_energy_at_risk_mwh network_loss_mwh network_loss_in_dispatch_mwh network_import_mwh
network_import_beyond_dispatch_mwh network_peak_import_mw network_highest_loading network_lowest_voltage_pu network_highest_voltage_pu
max_difference_to_runpp_pu
""".split()

PARK = """\
name: Tiny
time: {start: 2030-01-07, hours: 6}
buses: {park: {carrier: electricity}}
tariffs: {flat: {energy_price_cny_per_mwh: 100}}
technologies:
  works: {type: load, bus: park, peak_mw: 6}
  store: {type: battery, bus: park, power_mw: 3, energy_mwh: 10, charge_efficiency: 1, discharge_efficiency: 1, level_start_share: 1, level_end: free,
          level_min_share: 0, level_max_share: 1, standing_loss_share_per_hour: 0, throughput_cost_cny_per_mwh: 200}
  tie: {type: grid_connection, bus: park, tariff: flat, import_limit_mw: 20}
"""
TABLES = {
    "buses": "name,voltage_kv,min_vm_pu,max_vm_pu\nsource,10,0.9,1.1\nshop,10,0.9,1.1\n",
    "lines": "name,from_bus,to_bus,type,length_km,max_loading_share\nway,source,shop,CAB10-YJV22-3x300,0.1,0.5\n",
    "sources": "name,bus,vm_pu,short_circuit_mva,asset\npublic,source,1.0,3000,tie\n",
    "connections": "asset,bus,share\nworks,shop,1\nstore,shop,1\n",
}
"""6 MW for six hours behind a cable for 4.287 MW; the battery is full and holds 10 of the 10.3 MWh that are too much: it does not last for the last hour."""


def gridsim(*arguments: object):
    """Run a command in this process: (exit code, standard output, everything that was said)."""
    done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout, done.output


def tiny(folder: Path, **changes: str) -> Path:
    """Write the park; each change is a table that is another, or none."""
    (folder / "distribution").mkdir(parents=True)
    (folder / "park.yaml").write_text(PARK, encoding="utf-8")
    for name, text in (TABLES | changes).items():
        if text:
            (folder / "distribution" / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def checked(tmp_path_factory):
    folder = tmp_path_factory.mktemp("checked")
    return folder / "out", gridsim("check", tiny(folder / "park"), "--out", folder / "out", "--json")


@pytest.fixture(scope="module")
def looped(tmp_path_factory):
    folder = tmp_path_factory.mktemp("looped")
    return folder / "out", gridsim("run", tiny(folder / "park"), "--hours", "5", "--until-feasible", "--out", folder / "out", "--no-report")


def record_of(out: Path) -> dict:
    return json.loads((out / "run.json").read_text(encoding="utf-8"))


def test_check_tells_by_its_exit_code(checked):
    """**Proves**: exit code 4, one JSON object with the summary, and that stands in summary.json too; six hours are beyond the cable."""
    out, (code, said, _) = checked
    told, summary = json.loads(said), json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert code == 4 and told["ok"] is True and told["folder"] == str(out)
    assert told["summary"] == summary and set(KEYS) <= set(summary)
    assert summary["violating_hours"] == 6.0 and summary["max_difference_to_runpp_pu"] < 1e-8
    assert "network_rounds" not in summary and summary["network_highest_loading"] == pytest.approx(6.0 / (np.sqrt(3.0) * 10.0 * 0.495), rel=1e-3)


def test_tables_of_a_check(checked):
    """**Proves**: a row an hour with units, a row a violation with who drives it; run.json holds places, limits and statistics."""
    out, _ = checked
    written = read_folder(out)
    feasibility, units = written.feasibility, written.feasibility_units
    assert len(feasibility) == 6 and set(units) == set(feasibility.columns)
    assert {"way:loading", "shop:vm_pu", "network:losses_mw", "grid:supply_mw", "network:voltage_margin_pu"} <= set(units)
    assert units["way:loading"] == "1" and units["shop:vm_pu"] == "p.u." and units["grid:supply_mw"] == "MW"
    assert (feasibility["grid:supply_mw"] - feasibility["network:losses_mw"]).to_numpy() == pytest.approx(6.0)
    assert feasibility["network:loading_over_limit"].to_numpy() == pytest.approx(feasibility["way:loading"].to_numpy() / 0.5, rel=1e-6)
    violations = written.violations
    assert list(violations.step) == list(range(6)) and set(violations.kind) == {"line"} and set(violations.element) == {"way"}
    assert set(violations.driver_1) == {"works"} and violations.driver_1_mw.tolist() == [-6.0] * 6
    assert violations.excess.to_numpy() == pytest.approx(violations.value.to_numpy() - 0.5) and violations.time.iloc[0] == pd.Timestamp("2030-01-07")
    network = record_of(out)["network"]
    assert [bus["name"] for bus in network["buses"]] == ["source", "shop"] and network["branches"][0]["loading_limit"] == 0.5
    assert network["branches"][0]["rated_mva"] == pytest.approx(8.574, abs=1e-3) and "loop" not in network
    (element,) = network["statistics"]
    assert (element["kind"], element["element"], element["hours"], element["limit"]) == ("line", "way", 6.0, 0.5)
    assert element["energy_at_risk_mwh"] == pytest.approx(6.0 * (6.0 - 0.5 * 8.574), rel=2e-3)


def test_until_feasible_over_some_hours(looped):
    """**Proves**: over five hours the battery brings 5 · 1.715 = 8.6 MWh and every hour holds: exit code 0, rounds and price told and recorded;
    a MWh out of it costs 200 − 100 CNY.
    """
    out, (code, said, _) = looped
    summary, loop = json.loads((out / "summary.json").read_text(encoding="utf-8")), record_of(out)["network"]["loop"]
    assert code == 0 and "carries every hour" in said and "price of the wires" in said and not (out / "report.html").exists()
    assert summary["hours"] == 5.0 and summary["violating_hours"] == 0.0 and summary["network_rounds"] == len(loop["rounds"]) - 1 <= 6
    assert summary["network_price_cny"] == pytest.approx(5.0 * 1.717 * 100.0, rel=2e-3) == pytest.approx(loop["price"]["cost_cny"], rel=2e-3)
    assert loop["rounds"][0]["violating_hours"] == 5.0 and loop["rounds"][-1]["violating_hours"] == 0.0
    assert loop["price"]["by_element"][0]["element"] == "way" and loop["unmet"] == []
    assert loop["confirmed"]["hours"] == 5.0 and loop["confirmed"]["violating_hours"] == 0.0 and loop["confirmed"]["max_difference_pu"] < 1e-8
    assert len(pd.read_parquet(out / "violations.parquet")) == 0
    before = pd.read_parquet(out / "feasibility.parquet")["before:loading_over_limit"]
    assert before.to_numpy() == pytest.approx(1.4, abs=5e-3)


def test_what_cannot_be_met_is_exit_code_4_and_named(tmp_path):
    """**Proves**: over six hours 10.30 MWh are too much for the battery's 10: no error, the cable is named, what is short is told; results are written."""
    code, said, _ = gridsim("check", tiny(tmp_path / "park"), "--until-feasible", "--out", tmp_path / "out", "--no-report")
    assert code == 4 and "cannot be met: line way, 1 h, short by up to 0.3 MW" in said and "is beyond a limit in 1 of 6 hours" in said
    (need,) = record_of(tmp_path / "out")["network"]["loop"]["unmet"]
    assert need["element"] == "way" and need["worst_mw"] == pytest.approx(6.0 * 1.717 - 10.0, abs=0.01)


def test_run_with_check_is_exit_code_0(tmp_path):
    """**Proves**: `run --check` looks and does not judge."""
    code, said, _ = gridsim("run", tiny(tmp_path / "park"), "--hours", "1:3", "--check", "--out", tmp_path / "out", "--no-report")
    assert code == 0 and "is beyond a limit in 2 of 2 hours" in said and (tmp_path / "out/violations.parquet").exists()


def test_run_without_check_needs_no_network(tmp_path):
    """**Proves**: a broken network does not stop a run that does not look at it; nothing of a network is written."""
    park = tiny(tmp_path / "park", lines="")
    code, said, _ = gridsim("run", park, "--hours", "2", "--out", tmp_path / "out", "--no-report")
    assert code == 0 and "network" not in said and not (tmp_path / "out/feasibility.parquet").exists()
    assert "network" not in record_of(tmp_path / "out") and not set(KEYS) & set(json.loads((tmp_path / "out/summary.json").read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"lines": ""}, ["buses.shop", "island without a source"]),
        ({"connections": "asset,bus,share\nworks,shop,0.5\nstorr,shop,1\n"}, ["'storr' is not an asset", "did you mean 'store'", "comes to 0.5, not 1"]),
        ({"lines": TABLES["lines"].replace("0.1,0.5", "0,0.5")}, ["length_km"]),
        ({"sources": ""}, ["sources.csv"]),
    ],
)
def test_a_broken_network_is_one_message_and_nothing_written(tmp_path, changes, told):
    """**Proves**: exit code 2 before anything is solved, all problems at once, no traceback, no folder."""
    code, _, everything = gridsim("check", tiny(tmp_path / "park", **changes), "--out", tmp_path / "out")
    assert code == 2 and all(text in everything for text in told) and not (tmp_path / "out").exists()


def test_a_park_without_a_network(tmp_path):
    """**Proves**: the missing folder is named, by a process of its own, in words and as JSON."""
    (tmp_path / "park").mkdir()
    (tmp_path / "park" / "park.yaml").write_text(PARK, encoding="utf-8")
    command = [sys.executable, "-m", "gridsim", "check", str(tmp_path / "park"), "--out", str(tmp_path / "out")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300, env=os.environ)
    assert done.returncode == 2 and "distribution" in done.stderr and "Traceback" not in done.stderr and not (tmp_path / "out").exists()
    code, said, _ = gridsim("check", tmp_path / "park", "--out", tmp_path / "out", "--json")
    assert code == 2 and json.loads(said)["ok"] is False


def test_starter_park_with_a_network_made_too_small(tmp_path):
    """**Proves**: with one cable instead of three to the wind farm, a week of the shipped park is beyond limits, and the loop ends with none: confirmed by
    pandapower for every hour that ever was, dearer than before, wind lost to the network.
    """
    assert gridsim("new", tmp_path / "park")[0] == 0
    lines = tmp_path / "park" / "distribution" / "lines.csv"
    text = lines.read_text(encoding="utf-8")
    assert ",6,3,three cables" in text
    lines.write_text(text.replace(",6,3,three cables", ",6,1,three cables"), encoding="utf-8")
    code, said, _ = gridsim("check", tmp_path / "park", "--hours", "168", "--until-feasible", "--out", tmp_path / "out", "--no-report")
    assert code == 0 and "carries every hour" in said
    summary, loop = json.loads((tmp_path / "out/summary.json").read_text(encoding="utf-8")), record_of(tmp_path / "out")["network"]["loop"]
    assert summary["violating_hours"] == 0.0 and summary["network_solved_hours"] == 168.0 and 1 <= summary["network_rounds"] <= 6
    assert loop["rounds"][0]["violating_hours"] > 0.0 and loop["confirmed"]["hours"] >= loop["rounds"][0]["violating_hours"]
    assert loop["confirmed"]["violating_hours"] == 0.0 and loop["confirmed"]["max_difference_pu"] < 1e-8 and loop["unmet"] == []
    assert loop["price"]["by_element"][0]["element"] == "wind" and loop["price"]["cost_cny"] > 0.0 and loop["price"]["curtailed_mwh"] > 0.0
    assert sum(element["share"] for element in loop["price"]["by_element"]) == pytest.approx(1.0)
    assert summary["network_highest_loading"] <= 1.0
