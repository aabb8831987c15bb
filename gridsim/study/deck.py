"""Scenarios dealt to workers: each has a stretch of its own, so that few groups are begun twice, and helps out at the end of the longest when that is done."""

from __future__ import annotations

import itertools
import queue
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
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
    """Jobs that are still to be dealt."""

    def __init__(self, jobs: Sequence[Job], hands: int) -> None:
        borders = [round(len(jobs) * hand / hands) for hand in range(hands + 1)]
        self.hands = [deque(jobs[first:last]) for first, last in itertools.pairwise(borders)]
        self.lock = threading.Lock()

    def next(self, hand: int) -> Job | None:
        """Return the next job of a worker."""
        with self.lock:
            if self.hands[hand]:
                return self.hands[hand].popleft()
            longest = max(self.hands, key=len)
            return longest.pop() if longest else None


def solved_by(solvers: Sequence[Solver], jobs: Sequence[Job], tick: Callable[[list[str]], None]) -> Iterator[dict[str, Any]]:
    """Yield rows as they come in, from all solvers at once; when the caller stops asking, all of them are closed.

    Parameters
    ----------
    tick : callable
        Called twice a second with the scenarios that are being solved.
    """
    if not jobs:
        return
    deck, rows, stop = Deck(jobs, len(solvers)), queue.SimpleQueue[Any](), threading.Event()
    current: dict[int, str] = {}

    def work(hand: int, solver: Solver) -> None:
        try:
            while not stop.is_set() and (job := deck.next(hand)) is not None:
                current[hand] = job.scenario
                rows.put(solver.solve(job))
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
        stop.set()
        for solver in solvers:
            solver.close()
