"""How scenarios are dealt to workers."""

from __future__ import annotations

import dataclasses
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gridsim.study.deck import Deck, solved_by
from gridsim.study.processes import worker_count
from gridsim.study.worker import Job


def job(name: str) -> Job:
    return Job(name, "", None, [], None, "linear", [], 1e-3, None, "")


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


def test_a_job_is_dealt_when_the_one_it_starts_from_is_done():
    """Proves: of two branches each worker has one, goes on in its own, and helps where most is left; what has no end hands on its own start."""
    tree = {"root": None, "a": "root", "b": "root", "a1": "a", "a2": "a1", "b1": "b", "b2": "b1", "b3": "b2", "b4": "b2"}
    jobs = {name: dataclasses.replace(job(name), parent=parent) for name, parent in tree.items()}
    deck = Deck(list(jobs.values()), {})
    root = deck.next(None)
    assert (root.scenario, root.start) == ("root", None)
    waiting = ThreadPoolExecutor().submit(deck.next, None)
    with pytest.raises(TimeoutError):
        waiting.result(0.2)
    deck.done(root, "end of root")
    first = waiting.result(10)
    assert (first.scenario, first.start) == ("b", "end of root")
    second = deck.next("root")
    assert (second.scenario, second.start) == ("a", "end of root")
    deck.done(first, None)
    deck.done(second, "end of a")
    second, first = deck.next("a"), deck.next("b")
    assert [(second.scenario, second.start), (first.scenario, first.start)] == [("a1", "end of a"), ("b1", "end of root")]
    deck.done(first, "end of b1")
    deck.done(second, "end of a1")
    first = deck.next("b1")
    deck.done(first, "end of b2")
    last = [deck.next("b2").scenario, deck.next("a1").scenario, deck.next("a1").scenario]
    assert last == ["b3", "a2", "b4"] and deck.next("b3") is None


def test_what_was_solved_before_hands_on_its_end():
    jobs = [dataclasses.replace(job("b"), parent="a"), dataclasses.replace(job("c"), parent="b"), dataclasses.replace(job("e"), parent="d")]
    deck = Deck(jobs, {"a": "end of a"})
    assert [(one.scenario, one.start) for one in (deck.next(None), deck.next(None))] == [("b", "end of a"), ("e", None)]


def test_every_job_is_solved_once_by_unequal_workers():
    quick, slow = Slow(0.005), Slow(0.05)
    jobs = [job(str(number)) for number in range(20)]
    rows = [row["scenario"] for row in solved_by([quick, slow], jobs, lambda current: None, {})]
    assert sorted(rows, key=int) == [str(number) for number in range(20)]
    assert len(quick.done) > len(slow.done) >= 1
    assert quick.closed.is_set() and slow.closed.is_set()


def test_a_worker_that_can_no_longer_work_ends_the_study_and_closes_the_others():
    broken, slow = Slow(0.0, fails_over="1"), Slow(30.0)
    began, rows = time.monotonic(), []
    with pytest.raises(RuntimeError, match="1"):
        rows.extend(solved_by([broken, slow], [job(str(number)) for number in range(4)], lambda current: None, {}))
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
