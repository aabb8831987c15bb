"""The process that solves scenarios."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from gridsim.study import worker
from gridsim.study.code import code_fingerprint
from gridsim.study.processes import LocalWorker
from gridsim.study.starts import start_in
from gridsim.study.worker import Job, Worker

STARTER = Path(__file__).parents[2] / "networks" / "starter"


def job(name: str, energy_mwh: float, *more: str, start: str | None = None) -> Job:
    overrides = [f"technologies.battery_1.energy_mwh={energy_mwh}", *more]
    return Job(name, str(STARTER), None, overrides, [0, 72], "linear", [], 1e-3, None, code_fingerprint(), leaves=name, start=start)


@pytest.fixture(scope="module")
def end() -> str:
    """Where 30 MWh ends, by a process of its own."""
    return Worker().row(job("middle", 30))["end"]


def figures(row: dict[str, Any]) -> dict[str, float]:
    return {**row["figures"], "solve_seconds": 0}


def test_a_result_depends_on_park_and_start_alone(end: str):
    """Proves: after other scenarios, in another order, and by a worker that has solved none from nothing, every figure and every end is the same to the bit."""
    lossy = "technologies.battery_1.charge_efficiency=0.7"
    changes = {"a": (10,), "b": (60, lossy), "c": (25,), "d": (30, "tariffs.two_part_35kv.energy_price_cny_per_mwh=500")}
    first, second = Worker(), Worker()
    middle = first.row(job("middle", 30))
    assert (middle["start"], middle["end"]) == ("cold", end)
    rows = {name: first.row(job(name, *change, start=end)) for name, change in changes.items()}
    for name in ("c", "d", "b", "a"):
        row = second.row(job(name, *changes[name], start=end))
        assert row["start"] == rows[name]["start"] == "warm"
        assert figures(row) == figures(rows[name]) and row["end"] == rows[name]["end"]
    again = second.row(job("middle", 30))
    assert figures(again) == figures(middle) and again["end"] == end


def test_a_chain_of_starts_is_the_same_in_one_process_and_in_many(end: str):
    one, start, apart = Worker(), end, end
    for energy in (28, 26, 24):
        row, alone = one.row(job("x", energy, start=start)), Worker().row(job("x", energy, start=apart))
        assert figures(row) == figures(alone) and row["start"] == "warm"
        start, apart = row["end"], alone["end"]
        assert start == apart


def test_a_row_without_others_carries_no_end(end: str):
    assert "end" not in Worker().row(dataclasses.replace(job("a", 20, start=end), leaves=None))


def test_a_warm_run_beyond_its_cap_is_done_again_from_nothing(end: str, monkeypatch: pytest.MonkeyPatch):
    one = Worker()
    warm = one.row(job("a", 5, start=end))
    monkeypatch.setattr(worker, "FEWEST_ITERATIONS", 1)
    monkeypatch.setattr(worker, "WARM_SHARE", 0.0)
    cold = one.row(job("a", 5, start=end))
    assert (warm["start"], cold["start"], cold["status"]) == ("warm", "cold after warm", "solved")
    assert cold["figures"]["cost_total_cny"] == pytest.approx(warm["figures"]["cost_total_cny"], rel=1e-9)
    assert start_in(warm["end"]).iterations == start_in(end).iterations != start_in(cold["end"]).iterations


def test_another_structure_is_solved_from_nothing_and_the_next_one_is_warm_again(end: str):
    one = Worker()
    one.row(job("middle", 30))
    other = one.row(job("a", 30, "technologies.tank_1=", start=end))
    assert (other["status"], other["start"]) == ("solved", "cold after warm")
    assert one.row(job("b", 40, start=end))["start"] == "warm"


def test_what_cannot_be_solved_has_no_end(end: str):
    """Proves: 5 MW make no 137 kg/h of hydrogen."""
    one = Worker()
    for start in (None, end):
        row = one.row(job("a", 30, "technologies.electrolyser_1.capacity_mw=5", start=start))
        assert row["status"] == "infeasible" and "end" not in row
    assert figures(one.row(job("b", 40, start=end))) == figures(Worker().row(job("b", 40, start=end)))


def test_a_worker_of_another_gridsim_solves_nothing():
    row = Worker().row(dataclasses.replace(job("a", 30), code="another"))
    assert row["status"] == "error" and "another gridsim" in row["reason"]


def test_what_nobody_foresaw_is_a_row(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(worker, "read_park", lambda *_, **__: 1 / 0)
    row = Worker().row(job("a", 30))
    assert (row["status"], row["reason"]) == ("error", "ZeroDivisionError: division by zero")


def test_a_worker_ends_with_the_process_that_asked():
    """Proves: also while it has nothing to do, which no broken pipe would tell it."""
    local = LocalWorker()
    process = local.process
    process.stdin.close()
    assert process.wait(timeout=60) == 0
    process.stdout.close()
    local.complaints.close()
