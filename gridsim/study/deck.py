"""Scenarios dealt to workers: each when the one it starts from is solved, and where a worker has the choice it goes on from what it solved last."""

from __future__ import annotations

import dataclasses
import queue
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, Protocol

from gridsim.study.worker import Job

TICK_S = 0.5


class Solver(Protocol):
    """Something that solves one job at a time."""

    def solve(self, job: Job) -> dict[str, Any]:
        """Return the row of a job; raise only where no further job can be solved either."""

    def close(self) -> None:
        """Stop at once, also in the middle of a job."""


class Deck:
    """Jobs that are still to be dealt, each with the start that its ancestors left.

    Parameters
    ----------
    jobs : sequence of Job
        Parents before their children. A parent that is not among them is done.
    ends : mapping
        Of such parents that left one, or whose ancestors did, by their scenario.
    """

    def __init__(self, jobs: Sequence[Job], ends: Mapping[str, str]) -> None:
        self.changed = threading.Condition()
        among = {job.scenario for job in jobs}
        self.children: dict[str, list[Job]] = {name: [] for name in among}
        self.ahead = dict.fromkeys(among, 1)
        """Jobs that hang on each, itself included."""
        self.ready: list[Job] = []
        self.left = len(jobs)
        """Jobs that are not dealt yet."""
        self.closed = False
        for job in jobs:
            if job.parent in among:
                self.children[job.parent].append(job)
            else:
                self.ready.append(dataclasses.replace(job, start=None if job.parent is None else ends.get(job.parent)))
        for job in reversed(jobs):
            if job.parent in among:
                self.ahead[job.parent] += self.ahead[job.scenario]

    def next(self, last: str | None) -> Job | None:
        """Return the next job of a worker that solved ``last``; waits while all that are left start from some that are being solved."""
        with self.changed:
            while self.left and not self.ready and not self.closed:
                self.changed.wait()
            if not self.left or self.closed:
                return None
            worth = [(job.parent is not None and job.parent == last, self.ahead[job.scenario]) for job in self.ready]
            self.left -= 1
            self.changed.notify_all()
            return self.ready.pop(worth.index(max(worth)))

    def done(self, job: Job, end: str | None) -> None:
        """Note where a job ended, so that its children can be dealt; where there is no such place they start where it did itself."""
        with self.changed:
            start = job.start if end is None else end
            self.ready += [dataclasses.replace(child, start=start) for child in self.children[job.scenario]]
            self.changed.notify_all()

    def close(self) -> None:
        """Deal no more."""
        with self.changed:
            self.closed = True
            self.changed.notify_all()


def solved_by(solvers: Sequence[Solver], jobs: Sequence[Job], tick: Callable[[list[str]], None], ends: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Yield rows as they come in, from all solvers at once; when the caller stops asking, all of them are closed.

    Parameters
    ----------
    jobs, ends
        As of `Deck`.
    tick : callable
        Called twice a second with the scenarios that are being solved.
    """
    if not jobs:
        return
    deck, rows = Deck(jobs, ends), queue.SimpleQueue[Any]()
    current: dict[int, str] = {}

    def work(hand: int, solver: Solver) -> None:
        last = None
        try:
            while (job := deck.next(last)) is not None:
                current[hand] = last = job.scenario
                row = solver.solve(job)
                deck.done(job, row.get("end"))
                rows.put(row)
                current.pop(hand, None)
        except Exception as error:
            rows.put(error)

    threads = [threading.Thread(target=work, args=(hand, solver), daemon=True) for hand, solver in enumerate(solvers)]
    try:
        for thread in threads:
            thread.start()
        left = len(jobs)
        while left:
            tick(list(current.values()))
            with suppress(queue.Empty):
                found = rows.get(timeout=TICK_S)
                if isinstance(found, Exception):
                    raise found
                left -= 1
                yield found
    finally:
        deck.close()
        for solver in solvers:
            solver.close()
