"""Studies that go on from what they found: fronts and near-optimal alternatives, stopped and continued."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer import Typer
from typer.testing import CliRunner

from gridsim.study.result import StudyResult
from gridsim.study.run import run_study
from tests.integration.test_study_runs import ROOT, study_in

PARK = f"""\
name: Sun, battery and a factory
time: {{year: 2030}}
profile_set: {(ROOT / "profiles" / "starter").as_posix()}
buses: {{park: {{carrier: electricity}}}}
tariffs: {{flat: {{energy_price_cny_per_mwh: 500, export_price_cny_per_mwh: 100}}}}
technologies:
  solar_1: {{type: solar, bus: park, capacity_mw: 20, profile: solar}}
  battery_1: {{type: battery, bus: park, power_mw: 20, energy_mwh: 20}}
  factory: {{type: load, bus: park, peak_mw: 30, profile: load}}
  grid: {{type: grid_connection, bus: park, tariff: flat, import_limit_mw: 40, export_limit_mw: 30}}
limits: {{export_share_max: 0.5}}
"""
SOLAR, BATTERY = "technologies.solar_1.capacity_mw", "technologies.battery_1.energy_mwh"
STUDY = f"question: Q\npark: park\nhours: 48\nfree:\n  {SOLAR}: {{max: 200}}\n  {BATTERY}: {{max: 300}}\n"
FRONT = STUDY + "front: {limit: limits.green_share_min, points: 5}\n"
NEAR = STUDY + "alternatives: {slack: 0.03, count: 2}\n"
TIMES = ["seconds", "solve_seconds", "start"]


def made(folder: Path, text: str) -> Path:
    (folder / "park").mkdir(parents=True)
    (folder / "park" / "park.yaml").write_text(PARK, encoding="utf-8")
    return study_in(folder, text)


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, StudyResult]:
    folder = made(tmp_path_factory.mktemp("front") / "study", FRONT)
    return folder, run_study(folder, out=folder / "out", workers=1)


@pytest.fixture(scope="module")
def near(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, StudyResult]:
    folder = made(tmp_path_factory.mktemp("near") / "study", NEAR)
    return folder, run_study(folder, out=folder / "out", workers=1)


def test_cost_never_falls_as_the_limit_tightens(front: tuple[Path, StudyResult]):
    """Proves: the optimum first, then equal steps, each reached; costs rise within twice the proven gap, and so do the prices of the steps (it is convex)."""
    table = front[1].front
    assert len(table) == 5 and (table["status"] == "solved").all() and (table["gap"] <= 1e-3).all()
    assert np.isnan(table["limit"][0]) and (table["reached"] >= table["limit"].fillna(0.0) - 1e-6).all()
    assert np.diff([table["reached"][0], *table["limit"][1:]]) == pytest.approx(np.full(4, (table["limit"][4] - table["reached"][0]) / 4), abs=1e-4)
    cost = table["cost_cny"].to_numpy()
    assert (np.diff(cost) >= -2.0 * table["gap"].max() * cost[1:]).all() and cost[4] > cost[0]
    prices = table["step_cny_per_percentage_point"].to_numpy()[1:]
    assert (prices > 0.0).all() and (np.diff(prices) > 0.0).all()
    assert prices[1] == pytest.approx((cost[2] - cost[1]) / (100.0 * (table["reached"][2] - table["reached"][1])))
    everything = front[1].everything
    assert front[1].paths == ("limits.green_share_min",) and everything["green_share"].to_numpy() == pytest.approx(table["reached"].to_numpy())
    assert pd.read_parquet(front[1].folder / "front.parquet").equals(table)


class Stop(Exception):
    pass


def stopped_at(done: int, word: str = ""):
    def tell(at):
        if at.done >= done and any(word in one for one in at.current or [""]):
            raise Stop

    return tell


@pytest.mark.parametrize("done", [1, 3])
def test_a_front_that_was_stopped_continues(tmp_path: Path, front: tuple[Path, StudyResult], done: int):
    """Proves: stopped after the optimum or amid the points, the next start computes what is missing, and the table is the uninterrupted one."""
    folder, whole = front
    with pytest.raises(Stop):
        run_study(folder, out=tmp_path, workers=1, progress=stopped_at(done))
    kept = len(list((tmp_path / "scenarios").glob("[!.]*.json")))
    assert kept == done
    result = run_study(folder, out=tmp_path, workers=1)
    assert (result.computed, result.reused) == (5 - done, done)
    pd.testing.assert_frame_equal(result.everything.drop(columns=TIMES), whole.everything.drop(columns=TIMES), check_exact=True)
    pd.testing.assert_frame_equal(result.front, whole.front, check_exact=True)
    again = run_study(folder, out=tmp_path, workers=1)
    assert (again.computed, again.reused) == (0, 5)


def test_a_front_for_each_scenario_and_one_that_ends_where_it_begins(tmp_path: Path):
    """Proves: dearer sun makes a front of its own, without sizes and with given limits; an end that the optimum passes by itself is a note."""
    text = f"question: Q\npark: park\nhours: 48\nvary:\n  {SOLAR}: [20, 60]\nfront: {{limit: limits.export_share_max, values: [0.1, 0.0]}}\n"
    result = run_study(made(tmp_path / "s", text), out=tmp_path / "out", workers=1)
    assert len(result.table) == 6 and result.front[SOLAR].tolist() == [20, 20, 20, 60, 60, 60]
    assert result.front["step_cny_per_percentage_point"].isna().tolist()[3] and result.table["limits.export_share_max"].isna().sum() == 2
    sunny = result.front[3:]
    assert (sunny["reached"].to_numpy()[1:] <= np.array([0.1, 0.0]) + 1e-9).all() and (np.diff(sunny["cost_cny"]) > 0.0).all()
    (tmp_path / "s" / "study.yaml").write_text(text.replace("values: [0.1, 0.0]", "points: 3, to: 0.9"), encoding="utf-8")
    result = run_study(tmp_path / "s", out=tmp_path / "out", workers=1)
    assert len(result.table) == 2 and sum("is no tighter" in note for note in result.notes) == 2


def test_alternatives_lie_within_the_slack(near: tuple[Path, StudyResult]):
    """Proves: the ends of each capacity and two more; proven ends enclose them; the optimum of the study is the first."""
    table = near[1].alternatives
    assert table["design"].tolist()[0] == "optimum" and len(table) == 7
    assert (table["excess"] <= 0.03 + 1e-9).all() and (table["way"] > 0.5).all()
    assert table[SOLAR][0] == near[1].table[SOLAR][0]
    for row, path, side in ((1, SOLAR, 1), (2, SOLAR, -1), (3, BATTERY, 1), (4, BATTERY, -1)):
        assert (side * (table[path] - table["proven_end"][row]) >= -1e-6).all()
    assert table[SOLAR][2] > table[SOLAR][0] > table[SOLAR][1]


@pytest.mark.parametrize("word", ["least", "far 1"])
def test_alternatives_that_were_stopped_continue(tmp_path: Path, near: tuple[Path, StudyResult], word: str):
    folder, whole = near
    with pytest.raises(Stop):
        run_study(folder, out=tmp_path, workers=1, progress=stopped_at(1, word))
    kept = {file.name: file.stat().st_mtime_ns for file in (tmp_path / "alternatives").glob("[!.]*.json")}
    assert len(kept) == {"least": 1, "far 1": 5}[word]
    result = run_study(folder, out=tmp_path, workers=1)
    assert result.computed == 0
    pd.testing.assert_frame_equal(result.alternatives, whole.alternatives, check_exact=True)
    assert all((tmp_path / "alternatives" / name).stat().st_mtime_ns == time for name, time in kept.items())


def test_without_an_optimum_there_is_a_note(tmp_path: Path):
    """Proves: 1 MW of sun is no green share of 90 %; the row says so, the study ends well, and there are no designs."""
    text = NEAR.replace("max: 200", "max: 1").replace("hours: 48", "hours: 24") + "set: {limits.green_share_min: 0.9}\n"
    result = run_study(made(tmp_path / "s", text), out=tmp_path / "out", workers=1)
    assert result.alternatives is None and any("no optimum" in note for note in result.notes)
    assert "limits.green_share_min 0.9 ->" in result.failed["reason"].iloc[0]


def test_the_command_shows_both(tmp_path: Path, front: tuple[Path, StudyResult], near: tuple[Path, StudyResult]):
    from gridsim.study_commands import study

    app = Typer()
    app.command()(study)
    for (folder, result), words, key, count in ((front, "step_fen_per_kwh", "front", 5), (near, "excess_at_most", "alternatives", 7)):
        done = CliRunner().invoke(app, [str(folder), "--out", str(result.folder)])
        assert done.exit_code == 0 and words in done.output, done.output
        document = json.loads(CliRunner().invoke(app, [str(folder), "--out", str(result.folder), "--json"]).stdout)
        assert len(document[key]) == count
