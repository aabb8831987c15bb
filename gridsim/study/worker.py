"""One scenario after another in one process, with the solver's model kept between them."""

from __future__ import annotations

import json
import math
import os
import queue
import sys
import threading
import time as clock
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gridsim.errors import DefinitionError, GridsimError, InfeasibleError, LimitReachedError, UnboundedError
from gridsim.park.read import read_park
from gridsim.study.code import code_fingerprint
from gridsim.study.starts import Start, start_in, text_of

if TYPE_CHECKING:
    from gridsim.dispatch.solve import KeptDispatch, Solved
    from gridsim.park.park import Park
    from gridsim.technologies.draft import Level
    from gridsim.vpp.run import Part

FEWEST_ITERATIONS, WARM_SHARE = 2_000, 0.3
"""Cap of a warm run, as a share of the iterations from nothing: presolve makes those three times as quick (measured), so that a warm run that comes to
nothing costs about as much as the cold one that follows. In iterations, as seconds would make answers depend on what else the machine does."""

STATUS: dict[type[GridsimError], str] = {
    DefinitionError: "refused",
    InfeasibleError: "infeasible",
    UnboundedError: "unbounded",
    LimitReachedError: "time_limit",
}


@dataclass(frozen=True)
class Job:
    """A scenario as plain data that any process can take."""

    scenario: str
    park: str
    stage: str | None
    overrides: list[str]
    hours: list[int] | None
    level: Level
    free: list[list[Any]]
    """Path, least, most and unit of each capacity that is sized."""
    gap: float
    time_limit_s: float | None
    code: str
    """Fingerprint of the gridsim that the study began with."""
    accounts: bool = False
    """Whether bill, rules, money and carbon are wanted too."""
    vpp: list[Part] = field(default_factory=list)
    """Parts of the virtual power plant that are wanted too."""
    keep_dispatch: bool = False
    """Whether the row carries the dispatch by type of technology, for the study's page."""
    parent: str | None = None
    """Scenario in whose basis it starts; None is from nothing."""
    leaves: str | None = None
    """What its own end is called, of which its ancestors are part; None where no other starts there."""
    start: str | None = None
    """Where it starts, as text: the end of its parent, or of the nearest ancestor that has one."""


class Worker:
    """Solves jobs, with one program kept."""

    def __init__(self) -> None:
        self.kept: KeptDispatch | None = None
        """Holds the program of the last scenario; whatever it holds, no answer depends on it."""

    @cached_property
    def code(self) -> str:
        """Fingerprint of the gridsim that this process runs; files that change later do not change what is loaded."""
        return code_fingerprint()

    def row(self, job: Job) -> dict[str, Any]:
        """Return the result of a job: its figures, or why there are none."""
        began = clock.perf_counter()
        row: dict[str, Any] = {"scenario": job.scenario, "status": "", "reason": "", "figures": {}, "sizes": {}, "start": ""}
        try:
            if job.code != self.code:
                msg = "this worker runs another gridsim than the one that began the study"
                raise GridsimError(msg)
            park = read_park(job.park, stage=job.stage, overrides=job.overrides, hours=_hours(job))
            row |= self._sized(park, job) if job.free else self._dispatched(park, job)
        except GridsimError as error:
            row |= {"status": STATUS.get(type(error), "error"), "reason": str(error)}
        except Exception as error:  # a scenario that fails is a row; whatever it was must not end the study
            row |= {"status": "error", "reason": f"{type(error).__name__}: {error}"}
            self.kept = None  # nothing that is kept is trusted any more
        row["seconds"] = clock.perf_counter() - began
        return row

    def _dispatched(self, park: Park, job: Job) -> dict[str, Any]:
        """Dispatch a park: from where its job starts if that is quick, from nothing where it is not."""
        start = None if job.start is None else start_in(job.start)
        if start is not None and (solved := self._warm(park, job, start)) is not None:
            return {**_figures(solved, job), **self._end(solved, job, start.iterations), "start": "warm"}
        solved = self._from_nothing(park, job)
        return {
            **_figures(solved, job),
            **self._end(solved, job, solved.dispatch.termination.iterations),
            "start": "cold" if start is None else "cold after warm",
        }

    def _from_nothing(self, park: Park, job: Job) -> Solved:
        from gridsim.dispatch.solve import KeptDispatch

        self.kept = KeptDispatch(park, level=job.level, options=_options(job), with_network=False)
        return self.kept.solve()

    def _warm(self, park: Park, job: Job, start: Start) -> Solved | None:
        """Solve from another's basis, for no longer than from nothing; None where that came to nothing.

        HiGHS forgets all but the program first, so that the answer, also among several of the same cost, depends on park and start alone.
        """
        from gridsim.dispatch.solve import KeptDispatch

        if self.kept is None:
            self.kept = KeptDispatch(park, level=job.level, options=_options(job), with_network=False)
        else:
            self.kept.change(park)
        most = max(FEWEST_ITERATIONS, round(WARM_SHARE * start.iterations))
        if not self.kept.start_from(start.basis, most_iterations=most):
            return None
        try:
            solved = self.kept.solve()
        except (UnboundedError, InfeasibleError):
            raise
        except GridsimError:  # beyond its iterations, or an answer that its audit refuses
            return None
        return solved if solved.dispatch.termination.condition == "optimal" else None

    def _end(self, solved: Solved, job: Job, iterations: int) -> dict[str, Any]:
        """Return where others start, if they do and there is such a place."""
        basis = self.kept.basis() if job.leaves is not None and solved.dispatch.termination.condition == "optimal" else None
        return {} if basis is None else {"end": text_of(Start(basis, iterations))}

    def _sized(self, park: Park, job: Job) -> dict[str, Any]:
        from gridsim.dispatch.sizes import Free
        from gridsim.study.sizing import size

        free = [Free(path, lower, upper, unit) for path, lower, upper, unit in job.free]
        found = size(park, free, gap=job.gap, options=_options(job))
        row = {**_figures(found.solved, job), "status": "solved"}
        if found.gap > job.gap:
            row |= {"status": "gap", "reason": f"these sizes may cost up to {found.gap:.3%} more than the best, not {job.gap:.3%}"}
        row["figures"] |= {"sizing_cost_cny": found.cost_cny, "sizing_bound_cny": found.bound_cny, "sizing_gap": found.gap}
        if found.part_load:
            row["figures"]["sizing_part_load_cny"] = found.part_load_cny
        return {**row, "sizes": {path: float(value) for path, value in found.values.items()}, "start": "sizing"}


def _hours(job: Job) -> tuple[int, int] | None:
    return None if job.hours is None else (job.hours[0], job.hours[1])


def _options(job: Job) -> dict[str, Any]:
    return {} if job.time_limit_s is None else {"time_limit": job.time_limit_s}


def _figures(solved: Solved, job: Job) -> dict[str, Any]:
    from gridsim.metrics.scorecard import scorecard
    from gridsim.study.kept_dispatch import dispatch_text
    from gridsim.workflow import summary_of

    card = scorecard(solved.dispatch, solved.audit)
    summary = summary_of(solved, card, None, 0.0)
    summary |= {f"{name}.price_cny_per_mwh": float(prices.sum()) for name, prices in solved.dispatch.limit_prices.items() if name.startswith("limits.")}
    if job.accounts:
        from gridsim.accounts import accounts_of

        summary |= {name: value for name, value in accounts_of(solved.dispatch, card).figures.items() if isinstance(value, float)}
    if job.vpp:
        from gridsim.vpp.run import vpp_of

        summary |= vpp_of(solved.dispatch.draft.park, job.vpp, dispatch=solved.dispatch).figures
    status = str(summary.pop("solver_status"))
    del summary["total_seconds"]
    figures = {key: float(value) if math.isfinite(value) else None for key, value in summary.items()}
    row = {"status": "solved" if status == "optimal" else status, "figures": figures}
    return row | ({"dispatch": dispatch_text(solved, card)} if job.keep_dispatch else {})


# ---- a process that serves another


def main() -> None:
    """Take jobs as lines of JSON on standard input, give rows on standard output, and end with the process that asked."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # an engine that prints must not stand between the answers
    jobs: queue.SimpleQueue[Job] = queue.SimpleQueue()

    def listen() -> None:
        for line in sys.stdin:
            jobs.put(Job(**json.loads(line)))
        os._exit(0)  # nobody is left to take an answer, also not one that is half computed

    threading.Thread(target=listen, daemon=True).start()
    worker = Worker()
    _load()
    while True:
        answers.write(json.dumps(worker.row(jobs.get())) + "\n")
        answers.flush()


def _load() -> None:
    """Load the engines while no job is there yet."""
    import pandas as pd  # noqa: F401
    import pyarrow.parquet  # noqa: F401
    import scipy.sparse  # noqa: F401

    import gridsim.dispatch.solve
    import gridsim.metrics.hourly
    import gridsim.metrics.scorecard
    import gridsim.report.view
    import gridsim.study.kept_dispatch
    import gridsim.workflow  # noqa: F401
    from gridsim.dispatch.highs import load_engine

    load_engine()


_HERE = threading.Lock()
_WORKER = Worker()


def row_of(job: dict[str, Any]) -> dict[str, Any]:
    """Solve one job in a process that others share; one at a time, as they share the kept model."""
    with _HERE:
        return _WORKER.row(Job(**job))


def folder_seen(folder: str) -> bool:
    """Tell whether a folder is there on the machine this runs on."""
    return Path(folder).exists()
