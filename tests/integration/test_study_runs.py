"""Studies run: killed and continued, failed scenarios, several workers, a cluster, and what is read out of the table."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from gridsim.errors import DefinitionError
from gridsim.study.break_even import break_even
from gridsim.study.figures import YEAR_FIGURES
from gridsim.study.result import StudyResult
from gridsim.study.robustness import conditional_value_at_risk, robustness
from gridsim.study.run import plan_study, run_study
from gridsim.study.tornado import tornado
from gridsim.workflow import run

ROOT = Path(__file__).parents[2]
STARTER = ROOT / "networks" / "starter"
BATTERY = "technologies.battery_1.energy_mwh"
TIMES = ["seconds", "solve_seconds"]

GRID = f"""\
question: How large a battery?
park: {STARTER.as_posix()}
hours: 168
vary:
  {BATTERY}: {{from: 10, to: 65, steps: 12}}
  technologies.tank_1.capacity_kg: [3000, 5000]
"""


def study_in(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "study.yaml").write_text(text, encoding="utf-8")
    return folder


def stored(folder: Path) -> pd.DataFrame:
    return pd.read_parquet(folder / "scenarios.parquet").drop(columns=TIMES)


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, StudyResult]:
    folder = study_in(tmp_path_factory.mktemp("whole") / "study", GRID)
    return folder, run_study(folder, out=folder.parent / "out", workers=1)


def test_a_study_is_the_same_as_its_runs_one_by_one(uninterrupted: tuple[Path, StudyResult]):
    """Proves: a row holds what `gridsim run` says, though the program was kept; cost to 1e-9."""
    _, result = uninterrupted
    assert len(result.table) == 24 and not len(result.failed)
    assert set(result.everything["start"]) == {"cold", "warm"} and (result.everything["start"] == "cold").sum() == 1
    for index in (0, 13, 23):
        row = result.everything.loc[index]
        alone = run(STARTER, hours=(0, 168), overrides=[f"{path}={row[path]}" for path in result.paths]).summary
        assert row["cost_total_cny"] == pytest.approx(alone["cost_total_cny"], rel=1e-9)
        assert row["battery_1.capacity_mwh"] == row[BATTERY]
        assert row["green_share"] == pytest.approx(alone["green_share"], abs=1e-4)
    assert set(YEAR_FIGURES) <= set(result.everything)


def test_killed_in_the_middle_and_started_again(tmp_path: Path, uninterrupted: tuple[Path, StudyResult]):
    """Proves: after kill -9 its workers end too; the next start computes only what is missing; the table is that of an uninterrupted study, row for row."""
    folder, whole = uninterrupted
    out = tmp_path / "out"
    code = f"from gridsim.study.run import run_study; run_study({str(folder)!r}, out={str(out)!r}, workers=2)"
    process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
    parts = out / "scenarios"
    deadline = time.monotonic() + 120
    while len(list(parts.glob("[!.]*.json"))) < 5 and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.005)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    workers = [int(child) for child in children.read_text().split()] if children.exists() else []
    process.send_signal(signal.SIGKILL)
    process.wait()
    finished = {part.name: part.stat().st_mtime_ns for part in parts.glob("[!.]*.json")}
    assert 5 <= len(finished) < 24
    assert all(json.loads((parts / name).read_text())["status"] == "solved" for name in finished)
    deadline = time.monotonic() + 20
    while any(_lives(worker) for worker in workers) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(_lives(worker) for worker in workers)

    (parts / ".half.json.1").write_text("{", encoding="utf-8")
    result = run_study(folder, out=out, workers=1)
    assert result.reused == len(finished) and result.computed == 24 - len(finished)
    assert {name: (parts / name).stat().st_mtime_ns for name in finished} == finished
    pd.testing.assert_frame_equal(stored(out), stored(whole.folder), check_exact=True)
    assert len(list(parts.iterdir())) == 24

    again = run_study(folder, out=out)
    assert (again.computed, again.reused, again.workers) == (0, 24, 0)


def _lives(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().split()[2] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("lost", ["ends", "some_ends", "no_ends"])
def test_what_is_left_starts_where_it_would_have_started(tmp_path: Path, uninterrupted: tuple[Path, StudyResult], lost: str):
    """Proves: every third row is gone, and with it the ends that others start from, all, half of them or none: the table is the same to the last bit."""
    folder, whole = uninterrupted
    out = tmp_path / "out"
    shutil.copytree(whole.folder, out)
    for part in sorted((out / "scenarios").iterdir())[::3]:
        part.unlink()
    ends = sorted((out / "starts").iterdir())
    assert len(ends) >= 12
    for end in {"ends": ends, "some_ends": ends[::2], "no_ends": []}[lost]:
        end.unlink()
    result = run_study(folder, out=out, workers=2)
    assert (result.computed, result.reused) == (8, 16)
    pd.testing.assert_frame_equal(stored(out), stored(whole.folder), check_exact=True)


def test_where_one_has_no_solution_the_next_start_from_the_one_before_it(tmp_path: Path):
    """Proves: up to 6.5 MW, the middle, make too little hydrogen; those next to it begin from nothing, and two starts of the study give the table of one."""
    text = f"""\
question: How small an electrolyser?
park: {STARTER.as_posix()}
hours: 48
vary:
  technologies.electrolyser_1.capacity_mw: [5, 6, 6.5, 20, 21]
  technologies.battery_1.energy_mwh: [29, 30]
"""
    folder = study_in(tmp_path / "s", text)
    whole = run_study(folder, out=tmp_path / "whole", workers=1)
    assert whole.table["status"].tolist() == ["infeasible"] * 6 + ["solved"] * 4
    assert (whole.table["start"] == "cold").sum() == 2
    again = tmp_path / "again"
    shutil.copytree(whole.folder, again)
    for index in (0, 5, 6, 9):
        (again / "scenarios" / f"{whole.everything['scenario'][index]}.json").unlink()
    assert run_study(folder, out=again, workers=2).computed == 4
    pd.testing.assert_frame_equal(stored(again), stored(whole.folder), check_exact=True)


def test_two_workers_give_the_table_of_one(tmp_path: Path, uninterrupted: tuple[Path, StudyResult]):
    folder, whole = uninterrupted
    result = run_study(folder, out=tmp_path, workers=2)
    assert result.workers == 2
    pd.testing.assert_frame_equal(stored(tmp_path), stored(whole.folder), check_exact=True)


def test_a_part_that_cannot_be_read_is_computed_again(tmp_path: Path):
    folder = study_in(tmp_path / "s", GRID.replace("steps: 12", "steps: 2").replace("[3000, 5000]", "[5000]"))
    first = run_study(folder, out=tmp_path / "out", workers=1)
    part = sorted((tmp_path / "out" / "scenarios").iterdir())[0]
    part.write_text(part.read_text(encoding="utf-8")[:100], encoding="utf-8")
    again = run_study(folder, out=tmp_path / "out", workers=1)
    assert (again.computed, again.reused) == (1, 1)
    assert again.table["cost_total_cny"].tolist() == pytest.approx(first.table["cost_total_cny"].tolist(), rel=1e-9)


def test_a_study_that_grew_takes_over_what_is_there(tmp_path: Path):
    small = GRID.replace("{from: 10, to: 65, steps: 12}", "[10, 20]").replace("[3000, 5000]", "[5000]")
    folder = study_in(tmp_path / "s", small)
    assert run_study(folder, out=tmp_path / "out", workers=1).computed == 2
    study_in(folder, small.replace("[10, 20]", "[10, 20, 30]") + "figures: [green_share, battery_1.cycles]\n")
    result = run_study(folder, out=tmp_path / "out", workers=1)
    assert (result.computed, result.reused) == (1, 2)
    assert result.table[["green_share", "battery_1.cycles"]].notna().all().all()
    with pytest.raises(DefinitionError, match="not the folder of a study"):
        run_study(folder, out=folder, workers=1)


def test_a_scenario_that_fails_is_a_row_with_its_reason(tmp_path: Path):
    """Proves: no electrolyser of 5 MW makes 137 kg/h, for which 7 MW are needed, and none of 1 MW holds a module of 5; the rest of the study goes on."""
    text = f"""\
question: How small an electrolyser?
park: {STARTER.as_posix()}
hours: 48
vary:
  technologies.electrolyser_1.capacity_mw: [1, 5, 20]
  technologies.battery_1.power_mw: [5, 15]
expected:
  - {{figure: hydrogen_kg, highest: hydrogen_kg, value: 6575.34}}
  - {{figure: hydrogen_kg, at: {{technologies.electrolyser_1.capacity_mw: 5}}, value: 1}}
"""
    result = run_study(study_in(tmp_path / "s", text), out=tmp_path / "out", workers=1)
    assert result.table["status"].tolist() == ["refused", "refused", "infeasible", "infeasible", "solved", "solved"]
    reasons = result.failed["reason"].tolist()
    assert all("a module is part of the fleet" in reason for reason in reasons[:2]) and all("hydrogen" in reason for reason in reasons[2:])
    assert result.failed["cost_total_cny"].isna().all()
    assert [answer.holds for answer in result.answers] == [True, False] and result.answers[1].found is None
    again = run_study(tmp_path / "s", out=tmp_path / "out", workers=1)
    assert again.computed == 0 and len(again.failed) == 4


def test_a_worker_that_dies_costs_one_scenario_which_is_run_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Proves: a process that is killed over a scenario is a row, the others are solved, and the next start tries it again."""
    from gridsim.study import processes

    trap = tmp_path / "trap"
    start = (
        "import os, sys, gridsim.study.worker as w; row = w.Worker.row\n"
        "def trapped(self, job):\n"
        f"    if os.path.exists({str(trap)!r}) and '{BATTERY}=20' in job.overrides: os.kill(os.getpid(), 9)\n"
        "    return row(self, job)\n"
        "w.Worker.row = trapped; w.main()"
    )
    monkeypatch.setattr(processes, "START", start)
    trap.touch()
    folder = study_in(tmp_path / "s", GRID.replace("{from: 10, to: 65, steps: 12}", "[10, 20, 30, 40]").replace("[3000, 5000]", "[5000]"))
    result = run_study(folder, out=tmp_path / "out", workers=1)
    assert result.table["status"].tolist() == ["solved", "error", "solved", "solved"]
    assert "signal 9" in result.failed["reason"].iloc[0]
    trap.unlink()
    again = run_study(folder, out=tmp_path / "out", workers=1)
    assert (again.computed, again.reused, len(again.failed)) == (1, 3, 0)


def test_two_studies_cannot_write_one_folder(tmp_path: Path):
    from gridsim.study.store import Store

    first, second = Store(tmp_path / "out"), None
    first.record({})
    second = Store(tmp_path / "out")
    with first.held(), pytest.raises(DefinitionError, match="another study"), second.held():
        pass
    with second.held():
        pass


def test_the_same_study_on_a_cluster(tmp_path: Path, uninterrupted: tuple[Path, StudyResult]):
    """Proves: a real scheduler with two worker processes gives the rows of one process, bit for bit."""
    pytest.importorskip("distributed")
    folder, whole = uninterrupted
    environment = {**os.environ, "DASK_DISTRIBUTED__SCHEDULER__WORK_STEALING": "False"}
    common = {"cwd": tmp_path, "env": environment, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    file = tmp_path / "scheduler.json"
    local = ["--host", "127.0.0.1", "--no-dashboard"]
    started = [subprocess.Popen([sys.executable, "-m", "distributed.cli.dask_scheduler", *local, "--port", "0", "--scheduler-file", str(file)], **common)]
    try:
        deadline = time.monotonic() + 60
        while not file.exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        address = json.loads(file.read_text())["address"]
        worker = [sys.executable, "-m", "distributed.cli.dask_worker", address, *local, "--nthreads", "1", "--no-nanny"]
        started += [subprocess.Popen([*worker, "--name", name], **common) for name in ("one", "two")]
        _wait_for_two(address)
        result = run_study(folder, out=tmp_path / "out", scheduler=address)
    finally:
        for process in started:
            process.kill()
            process.wait()
    assert result.workers == 2 and not len(result.failed)
    mine, theirs = stored(tmp_path / "out"), stored(whole.folder)
    pd.testing.assert_frame_equal(mine, theirs, check_exact=True)


def _wait_for_two(address: str) -> None:
    from distributed import Client

    with Client(address, timeout=30) as client:
        client.wait_for_workers(2, timeout=60)


def test_a_cluster_that_is_not_there_is_a_problem(tmp_path: Path, uninterrupted: tuple[Path, StudyResult], monkeypatch: pytest.MonkeyPatch):
    pytest.importorskip("distributed")
    from gridsim.study import cluster

    monkeypatch.setattr(cluster, "PATIENCE_S", 1)
    with pytest.raises(DefinitionError, match="no scheduler answers"):
        run_study(uninterrupted[0], out=tmp_path / "out", scheduler="tcp://127.0.0.1:9")


def test_capacities_are_found_in_every_scenario(tmp_path: Path):
    """Proves: the dearer the battery, the less of it is built; each row has its size and the proof of its cost."""
    text = f"""\
question: How does the battery's price move its size?
park: {STARTER.as_posix()}
hours: 168
vary:
  technologies.battery_1.capital_cost_cny_per_kwh: [200, 600, 1500]
free:
  {BATTERY}: {{max: 200}}
"""
    result = run_study(study_in(tmp_path / "s", text), out=tmp_path / "out", workers=1)
    sizes = result.table[BATTERY].to_numpy()
    assert not len(result.failed) and sizes[0] > sizes[1] > sizes[2] >= 0.0
    assert (result.table["sizing_gap"] <= 1e-3).all() and (np.diff(result.table["sizing_cost_cny"]) > 0.0).all()
    assert result.everything["battery_1.capacity_mwh"].to_numpy() == pytest.approx(sizes)


def test_a_tornado_by_hand(tmp_path: Path):
    """Proves: the effects are those of runs one by one, and the widest comes first."""
    text = f"""\
question: What moves the cost?
park: {STARTER.as_posix()}
hours: 48
design: one_at_a_time
vary:
  {BATTERY}: {{low: 29, high: 31}}
  technologies.electrolyser_1.capacity_mw: {{low: 10, high: 30, base: 20}}
"""
    result = run_study(study_in(tmp_path / "s", text), out=tmp_path / "out", workers=1)
    found = tornado(result, ["cost_total_cny"])
    assert found["path"].tolist() == ["technologies.electrolyser_1.capacity_mw", BATTERY]
    wide = found.iloc[0]
    costs = [run(STARTER, hours=(0, 48), overrides=[f"{wide['path']}={value}"]).summary["cost_total_cny"] for value in (10, 20, 30)]
    assert [wide["figure_low"], wide["figure_base"], wide["figure_high"]] == pytest.approx(costs, rel=1e-9)
    assert wide["effect_low"] == pytest.approx(costs[0] - costs[1], rel=1e-6) and wide["span"] == pytest.approx(max(costs) - min(costs), rel=1e-6)
    assert found["base"].tolist() == [20, 30]
    with pytest.raises(ValueError, match="one_at_a_time"):
        tornado(StudyResult(**{**vars(result), "design": "grid"}), ["cost_total_cny"])


def test_break_even_by_hand():
    """Proves: from −2 at 10 to 6 at 30 the line crosses zero a quarter of the way, at 15; nothing is said across a failed scenario."""
    table = pd.DataFrame({"x": [30.0, 10.0, 40.0, 50.0], "y": [6.0, -2.0, np.nan, -6.0], "status": ["solved", "solved", "infeasible", "solved"]})
    assert break_even(table, "x", "y") == [15.0]
    assert break_even(table, "x", "y", threshold=6.0) == [30.0]
    assert break_even(table, "x", "y", threshold=7.0) == []
    with pytest.raises(ValueError, match="several rows"):
        break_even(pd.concat([table, table]), "x", "y")


def test_robustness_by_hand(uninterrupted: tuple[Path, StudyResult]):
    """Proves: five years, the worst two fifths are 5 and 4: 4.5; of 30 % half a year of 4 counts: (5 + 0.5 · 4) / 1.5 = 14/3."""
    assert conditional_value_at_risk(np.array([3.0, 1.0, 5.0, 2.0, 4.0]), 0.4) == 4.5
    assert conditional_value_at_risk(np.array([3.0, 1.0, 5.0, 2.0, 4.0]), 0.3) == pytest.approx(14 / 3)
    assert conditional_value_at_risk(np.array([3.0, 1.0, 5.0, 2.0, 4.0]), 0.3, "lowest") == pytest.approx((1 + 0.5 * 2) / 1.5)
    costs, status = [1.0, 2.0, 6.0, 3.0, np.nan, 4.0], ["solved"] * 4 + ["infeasible", "solved"]
    everything = pd.DataFrame({"size": [1, 1, 1, 2, 2, 2], "year": ["a", "b", "c"] * 2, "cost": costs, "status": status})
    result = StudyResult(**{**vars(uninterrupted[1]), "everything": everything, "paths": ("size", "year")})
    found = robustness(result, "year", ["cost"], share=0.5)
    rows = found.drop(columns="figure").to_numpy(float).tolist()
    assert rows == [[1, 3.0, 6.0, pytest.approx((6 + 0.5 * 2) / 1.5), 1.0, 3, 0], [2, 3.5, 4.0, 4.0, 3.0, 3, 1]]


def test_the_command_tells_table_answers_and_exit_codes(tmp_path: Path):
    from typer import Typer

    from gridsim.study_commands import study

    app = Typer()
    app.command()(study)
    text = GRID.replace("{from: 10, to: 65, steps: 12}", "[10, 20]").replace("[3000, 5000]", "[5000]")
    right = f"expected:\n  - {{figure: {BATTERY}, lowest: cost_operating_cny, value: 20}}\n"
    folder = study_in(tmp_path / "s", text + right)
    done = CliRunner().invoke(app, [str(folder), "--out", str(tmp_path / "out"), "--workers", "1"])
    assert done.exit_code == 0 and "How large a battery?" in done.output and "as expected" in done.output and "2 scenarios: 2 run" in done.output
    study_in(folder, text + right.replace("value: 20", "value: 10"))
    done = CliRunner().invoke(app, [str(folder), "--out", str(tmp_path / "out"), "--json"])
    document = json.loads(done.stdout)
    assert done.exit_code == 1 and not document["ok"] and document["reused"] == 2 and len(document["scenarios"]) == 2
    study_in(folder, "park: x\n")
    done = CliRunner().invoke(app, [str(folder), "--out", str(tmp_path / "out"), "--json"])
    assert done.exit_code == 2 and len(json.loads(done.stdout)["problems"]) == 2


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_control_c_ends_cleanly_and_keeps_what_is_finished(tmp_path: Path, uninterrupted: tuple[Path, StudyResult]):
    code = "import typer; from gridsim.study_commands import study; app = typer.Typer(); app.command()(study); app()"
    out = tmp_path / "out"
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(uninterrupted[0]), "--out", str(out), "--workers", "1"], cwd=ROOT, stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 120
    while len(list((out / "scenarios").glob("[!.]*.json"))) < 3 and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 130 and "the same command continues" in said and "Traceback" not in said
    assert 3 <= len(stored(out)) < 24


RUN_HERE = ("01-battery-size", "02-electrolyser-and-tank")
"""The quickest; `gridsim study` tells of any of them whether its answers hold."""


@pytest.mark.parametrize("folder", sorted((ROOT / "studies").glob("*/study.yaml")), ids=lambda file: file.parent.name)
def test_shipped_studies_can_be_planned_and_know_their_answers(folder: Path):
    plan = plan_study(folder)
    assert plan.jobs and plan.study.written.expected


@pytest.mark.slow
@pytest.mark.parametrize("folder", RUN_HERE)
def test_shipped_studies_give_their_answers(folder: Path, tmp_path: Path):
    result = run_study(ROOT / "studies" / folder, out=tmp_path)
    assert result.answers and not len(result.failed)
    assert all(answer.holds for answer in result.answers), result.answers
