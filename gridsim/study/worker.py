"""One scenario after another in one process, with the solver's model kept between them."""

from __future__ import annotations

import json
import math
import os
import queue
import sys
import threading
import time as clock
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gridsim.errors import DefinitionError, GridsimError, InfeasibleError, LimitReachedError, UnboundedError
from gridsim.park.read import read_park
from gridsim.study.code import code_fingerprint

if TYPE_CHECKING:
    from gridsim.dispatch.solve import KeptDispatch, Solved
    from gridsim.park.park import Park
    from gridsim.technologies.draft import Level

FEWEST_ITERATIONS, WARM_SHARE = 2_000, 0.3
"""Cap of a warm run, as a share of the iterations from nothing: presolve makes those three times as quick (measured), so that a warm run that comes to
nothing costs about as much as the cold one that follows. In iterations, as seconds would make answers depend on what else the machine does."""

DEVEX = 1
"""Steepest edges need weights of every row before the first step from a foreign basis: on a quarter of the reference park 4 s of 5 (measured)."""

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
    middle: list[Any] | None
    """Name, stage and overrides of the scenario whose basis is the start; None is from nothing."""
    time_limit_s: float | None
    code: str
    """Fingerprint of the gridsim that the study began with."""


class Worker:
    """Solves jobs; the program of the middle one is kept, and its basis is where the others start."""

    def __init__(self) -> None:
        self.middle: list[Any] | None = None
        """Which scenario the kept program began with."""
        self.kept: KeptDispatch | None = None
        self.program: Any = None
        """As HiGHS holds it, with the numbers of the last scenario that it could take."""
        self.basis: Any = None
        self.iterations = 0
        """That the middle took from nothing."""

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
            self.middle = None  # nothing that is kept can be trusted
        row["seconds"] = clock.perf_counter() - began
        return row

    def _dispatched(self, park: Park, job: Job) -> dict[str, Any]:
        """Dispatch a park: from the middle's basis where that is quick, from nothing where it is not."""
        if job.middle is None:
            return {**_figures(self._from_nothing(park, job)), "start": "cold"}
        if self.middle != job.middle:
            self._begin(job)
        if job.middle[0] == job.scenario or self.program is None:
            return {**_figures(self._from_nothing(park, job, keep=True)), "start": "cold"}
        solved = self._warm(park)
        if solved is None:
            return {**_figures(self._from_nothing(park, job)), "start": "cold after warm"}
        return {**_figures(solved), "start": "warm"}

    def _begin(self, job: Job) -> None:
        """Solve the middle of a job's group, where it is not this job itself."""
        self.middle, self.kept, self.program, self.basis = job.middle, None, None, None
        name, stage, overrides = job.middle
        if name == job.scenario:
            return
        with suppress(GridsimError):  # its own row tells; without it, the group's first that can be solved is where the others start
            self._from_nothing(read_park(job.park, stage=stage, overrides=overrides, hours=_hours(job)), job, keep=True)

    def _from_nothing(self, park: Park, job: Job, *, keep: bool = False) -> Solved:
        from gridsim.dispatch.solve import KeptDispatch

        options = {} if job.time_limit_s is None else {"time_limit": job.time_limit_s}
        dispatch = KeptDispatch(park, level=job.level, options=options, with_network=False)
        solved = dispatch.solve()
        if keep and dispatch.model is None and dispatch.highs is not None and solved.dispatch.termination.condition == "optimal":
            self.kept, self.program = dispatch, dispatch.highs
            self.basis, self.iterations = self.program.highs.getBasis(), solved.dispatch.termination.iterations
        return solved

    def _warm(self, park: Park) -> Solved | None:
        """Solve from the middle's basis, for no longer than from nothing; None where that came to nothing.

        HiGHS forgets all but the program first, so that the answer, also among several of the same cost, depends on park and middle alone.
        """
        self.kept.highs = self.program
        if not self.kept.change(park):
            return None
        engine = self.program.highs
        engine.clearSolver()
        engine.setBasis(self.basis)
        engine.setOptionValue("simplex_dual_edge_weight_strategy", DEVEX)
        engine.setOptionValue("simplex_iteration_limit", max(FEWEST_ITERATIONS, round(WARM_SHARE * self.iterations)))
        try:
            solved = self.kept.solve()
        except (UnboundedError, InfeasibleError):
            raise
        except GridsimError:  # beyond its iterations, or an answer that its audit refuses
            return None
        return solved if solved.dispatch.termination.condition == "optimal" else None

    def _sized(self, park: Park, job: Job) -> dict[str, Any]:
        from gridsim.dispatch.sizes import Free
        from gridsim.study.sizing import size

        free = [Free(path, lower, upper, unit) for path, lower, upper, unit in job.free]
        options = {} if job.time_limit_s is None else {"time_limit": job.time_limit_s}
        found = size(park, free, gap=job.gap, options=options)
        row = _figures(found.solved)
        row["figures"] |= {"sizing_cost_cny": found.cost_cny, "sizing_bound_cny": found.bound_cny, "sizing_gap": found.gap}
        return {**row, "sizes": {path: float(value) for path, value in found.values.items()}, "start": "sizing"}


def _hours(job: Job) -> tuple[int, int] | None:
    return None if job.hours is None else (job.hours[0], job.hours[1])


def _figures(solved: Solved) -> dict[str, Any]:
    from gridsim.metrics.scorecard import scorecard
    from gridsim.workflow import summary_of

    summary = summary_of(solved, scorecard(solved.dispatch, solved.audit), None, 0.0)
    status = str(summary.pop("solver_status"))
    del summary["total_seconds"]
    figures = {key: float(value) if math.isfinite(value) else None for key, value in summary.items()}
    return {"status": "solved" if status == "optimal" else status, "figures": figures}


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
    while True:
        answers.write(json.dumps(worker.row(jobs.get())) + "\n")
        answers.flush()


_HERE = threading.Lock()
_WORKER = Worker()


def row_of(job: dict[str, Any]) -> dict[str, Any]:
    """Solve one job in a process that others share; one at a time, as they share the kept model."""
    with _HERE:
        return _WORKER.row(Job(**job))


def folder_seen(folder: str) -> bool:
    """Tell whether a folder is there on the machine this runs on."""
    return Path(folder).exists()
