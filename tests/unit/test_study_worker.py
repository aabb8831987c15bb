"""The process that solves scenarios."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from gridsim.study import worker
from gridsim.study.code import code_fingerprint
from gridsim.study.processes import LocalWorker
from gridsim.study.worker import Job, Worker

STARTER = Path(__file__).parents[2] / "networks" / "starter"
MIDDLE = ["middle", None, ["technologies.battery_1.energy_mwh=30"]]


def job(name: str, energy_mwh: float, *more: str) -> Job:
    overrides = [f"technologies.battery_1.energy_mwh={energy_mwh}", *more]
    return Job(name, str(STARTER), None, overrides, [0, 72], "linear", [], 1e-3, MIDDLE, None, code_fingerprint())


def test_a_result_depends_on_park_and_middle_alone():
    """Proves: after other scenarios, in another order, and by a worker that has not solved the middle itself, every figure is the same to the last bit."""
    first, second = Worker(), Worker()
    rows = {name: first.row(job(name, energy)) for name, energy in (("middle", 30), ("a", 10), ("b", 60), ("c", 25))}
    again = {name: second.row(job(name, energy)) for name, energy in (("c", 25), ("b", 60), ("a", 10))}
    assert [row["start"] for row in rows.values()] == ["cold", "warm", "warm", "warm"]
    for name, row in again.items():
        assert row["start"] == "warm"
        assert {**row["figures"], "solve_seconds": 0} == {**rows[name]["figures"], "solve_seconds": 0}


def test_a_warm_run_beyond_its_cap_is_done_again_from_nothing(monkeypatch: pytest.MonkeyPatch):
    one = Worker()
    one.row(job("middle", 30))
    warm = one.row(job("a", 5))
    monkeypatch.setattr(worker, "FEWEST_ITERATIONS", 1)
    monkeypatch.setattr(worker, "WARM_SHARE", 0.0)
    cold = one.row(job("a", 5))
    assert (warm["start"], cold["start"], cold["status"]) == ("warm", "cold after warm", "solved")
    assert cold["figures"]["cost_total_cny"] == pytest.approx(warm["figures"]["cost_total_cny"], rel=1e-9)


def test_another_structure_is_solved_from_nothing_and_the_next_one_is_warm_again():
    one = Worker()
    one.row(job("middle", 30))
    other = one.row(job("a", 30, "technologies.tank_1="))
    assert (other["status"], other["start"]) == ("solved", "cold after warm")
    assert one.row(job("b", 40))["start"] == "warm"


def test_a_middle_without_solution_leaves_the_others_to_the_first_that_has_one():
    """Proves: 5 MW make no 137 kg/h of hydrogen; the group then starts from the first scenario that could be solved."""
    broken = ["middle", None, ["technologies.electrolyser_1.capacity_mw=5"]]
    one = Worker()
    rows = [one.row(dataclasses.replace(job(name, energy), middle=broken)) for name, energy in (("a", 20), ("b", 30))]
    assert [(row["status"], row["start"]) for row in rows] == [("solved", "cold"), ("solved", "warm")]


def test_a_worker_of_another_gridsim_solves_nothing():
    row = Worker().row(dataclasses.replace(job("a", 30), code="another"))
    assert row["status"] == "error" and "another gridsim" in row["reason"]


def test_what_nobody_foresaw_is_a_row(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(worker, "read_park", lambda *_, **__: 1 / 0)
    row = Worker().row(job("a", 30))
    assert (row["status"], row["reason"]) == ("error", "ZeroDivisionError: division by zero")


def test_a_worker_ends_with_the_process_that_asked():
    """Proves: also while it has nothing to do, which no broken pipe would tell it."""
    local = LocalWorker(1)
    process = local._start()
    process.stdin.close()
    assert process.wait(timeout=60) == 0
    process.stdout.close()
    local.complaints.close()


def test_a_worker_reads_the_middle_that_another_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Proves: with a common folder only one process solves the middle, and rows are the same to the last bit as without; coefficients may change too."""
    lossy = "technologies.battery_1.charge_efficiency=0.7"
    jobs = [job("a", 10), job("b", 60, lossy), job("c", 30, "tariffs.two_part_35kv.energy_price_cny_per_mwh=500")]
    alone = Worker()
    expected = [alone.row(one) for one in jobs]
    Worker(str(tmp_path)).row(job("middle", 30))
    assert [file.name for file in tmp_path.glob("*.npz")] == ["middle.npz"]
    second = Worker(str(tmp_path))
    monkeypatch.setattr(second, "_start_of_middle", lambda _: pytest.fail("was solved already"))
    for one, row in zip(reversed(jobs), reversed(expected), strict=True):
        found = second.row(one)
        assert found["start"] == row["start"] == "warm"
        assert {**found["figures"], "solve_seconds": 0} == {**row["figures"], "solve_seconds": 0}


def test_a_middle_has_its_row_also_where_its_start_is_there_already(tmp_path: Path):
    first = Worker(str(tmp_path)).row(job("middle", 30))
    again = Worker(str(tmp_path)).row(job("middle", 30))
    assert (again["start"], again["status"]) == ("cold", "solved")
    assert {**again["figures"], "solve_seconds": 0} == {**first["figures"], "solve_seconds": 0}
