"""How scenarios are dealt to workers."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from gridsim.study.deck import Deck, solved_by
from gridsim.study.processes import worker_count
from gridsim.study.worker import Job


def job(name: str) -> Job:
    return Job(name, "", None, [], None, "linear", [], 1e-3, None, None, "")


class Slow:
    """Takes its time over each job, and fails over one."""

    def __init__(self, seconds: float, fails_over: str = "") -> None:
        self.seconds, self.fails_over, self.done, self.closed = seconds, fails_over, [], threading.Event()

    def solve(self, one: Job) -> dict:
        self.closed.wait(self.seconds)
        if one.scenario == self.fails_over:
            raise RuntimeError(one.scenario)
        self.done.append(one.scenario)
        return {"scenario": one.scenario}

    def close(self) -> None:
        self.closed.set()


def test_each_worker_takes_its_own_stretch_and_then_helps_at_the_end_of_the_longest():
    jobs = [job(str(number)) for number in range(6)]
    deck = Deck(jobs, 2)
    assert [deck.next(0).scenario for _ in range(4)] == ["0", "1", "2", "5"]
    assert [deck.next(1).scenario for _ in range(2)] == ["3", "4"]
    assert deck.next(0) is None and deck.next(1) is None


def test_every_job_is_solved_once_by_unequal_workers():
    quick, slow = Slow(0.005), Slow(0.05)
    jobs = [job(str(number)) for number in range(20)]
    rows = [row["scenario"] for row in solved_by([quick, slow], jobs, lambda current: None)]
    assert sorted(rows, key=int) == [str(number) for number in range(20)]
    assert len(quick.done) > len(slow.done) >= 1
    assert quick.closed.is_set() and slow.closed.is_set()


def test_a_worker_that_can_no_longer_work_ends_the_study_and_closes_the_others():
    broken, slow = Slow(0.0, fails_over="1"), Slow(30.0)
    began, rows = time.monotonic(), []
    with pytest.raises(RuntimeError, match="1"):
        rows.extend(solved_by([broken, slow], [job(str(number)) for number in range(4)], lambda current: None))
    assert slow.closed.is_set() and time.monotonic() - began < 10


def test_no_more_workers_than_memory_holds(monkeypatch: pytest.MonkeyPatch):
    """Proves: the starter park needs 350 MB and 8 · 8760 · 2 kB = 140 MB; 1,600 MB hold three; sizing counts the second twice: two."""
    from gridsim.park.read import read_park
    from gridsim.study import processes

    park = read_park(Path(__file__).parents[2] / "networks" / "starter")
    monkeypatch.setattr(processes, "free_mb", lambda: 1600.0)
    assert worker_count(park, 100, 8, sizing=False) == 3
    assert worker_count(park, 100, 8, sizing=True) == 2
    assert worker_count(park, 2, 8, sizing=False) == 2
    assert worker_count(park, 100, 1, sizing=False) == 1
    monkeypatch.setattr(processes, "free_mb", lambda: 100.0)
    assert worker_count(park, 100, 8, sizing=False) == 1
