"""The whole way of a study: read, check, look up what is there, run the rest, keep each result as it comes, compare with what was expected.

A front begins with its optima without the limit; its points follow from what these reach. Alternatives begin with the optimum they lie around.
"""

from __future__ import annotations

import dataclasses
import time as clock
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gridsim.errors import GridsimError, Problem
from gridsim.study.check import ParkOfStudy
from gridsim.study.code import code_fingerprint
from gridsim.study.deck import solved_by
from gridsim.study.definition import Study, read_study, refuse
from gridsim.study.front import front_table, points_of, without_limit
from gridsim.study.kept_dispatch import write_dispatch
from gridsim.study.near import near_optimal
from gridsim.study.result import SOLVED, StudyResult, answer, shown, table_of
from gridsim.study.scenarios import Scenario, groups_of, identity, scenarios_of, texts_of
from gridsim.study.store import DESIGN_TABLE, FRONT_TABLE, Store
from gridsim.study.worker import Job

if TYPE_CHECKING:
    import pandas as pd

    from gridsim.park.park import Park
    from gridsim.study.axes import Value
    from gridsim.study.deck import Solver


MOST_KEPT = 100
"""Scenarios up to which each dispatch is kept for the page: a fifth of a megabyte a year."""


@dataclass(frozen=True)
class StudyProgress:
    """How far a study is."""

    done: int
    """Scenarios with a result, those of former starts included."""
    total: int
    failed: int
    workers: int
    current: tuple[str, ...]
    """Scenarios that are being solved, in words."""
    seconds: float
    seconds_left: float | None
    """Estimate from the scenarios of this start; None before the first."""


Progress = Callable[[StudyProgress], None]


@dataclass(frozen=True)
class Plan:
    """A checked study: its scenarios with the names of their results."""

    study: Study
    of_park: ParkOfStudy
    scenarios: tuple[Scenario, ...]
    names: tuple[str, ...]
    jobs: tuple[Job, ...]
    """In the order in which they are run."""
    base: dict[str, Value | None]

    @property
    def park(self) -> Park:
        """With what every scenario overrides."""
        return self.of_park.base

    @property
    def most(self) -> int:
        """How many scenarios there may be in the end."""
        front = self.study.written.front
        starts = sum(scenario.values.get(self.study.front_path) is None for scenario in self.scenarios)
        return len(self.names) if front is None else max(len(self.names), starts * (front.points or len(front.values) + 1))


def default_folder(folder: str | Path) -> Path:
    """Return where a study goes that was not given a folder: ``runs/<study>``."""
    path = Path(folder).absolute()
    return Path("runs") / (path.parent if path.suffix in {".yaml", ".yml"} else path).name


def plan_study(folder: str | Path) -> Plan:
    """Read and check a study; solves nothing.

    Raises
    ------
    DefinitionError
        With all problems of the study and of its park at once.
    """
    problems: list[Problem] = []
    study = read_study(folder, problems)
    if study is None:
        refuse(folder, problems)
    of_park = ParkOfStudy(study)
    problems += of_park.problems()
    refuse(folder, problems)
    usual = of_park.usual()
    base = {axis.path: usual[axis.path] if axis.base is None else axis.base for axis in study.axes}
    wanted = scenarios_of(study, usual)
    return _planned(study, of_park, [without_limit(study, of_park, scenario) for scenario in wanted] if study.written.front else wanted, base)


def _planned(study: Study, of_park: ParkOfStudy, wanted: Sequence[Scenario], base: dict[str, Value | None]) -> Plan:
    """Name scenarios and order their jobs."""
    code = code_fingerprint()
    jobs: dict[str, Job] = {}
    scenarios: dict[str, Scenario] = {}
    for scenario in wanted:
        name = identity(study, scenario, of_park.read(texts_of(scenario))[0], code)
        if name not in jobs:
            scenarios[name], jobs[name] = scenario, _job(study, of_park, scenario, name, code)
    kept, dealt = list(scenarios.values()), list(jobs.values())
    ordered: list[Job] = []
    for group in groups_of(kept, study.axes):
        first = dealt[group[0]]
        middle = [first.scenario, first.stage, first.overrides] if study.written.warm and len(group) > 1 else None
        ordered += [dataclasses.replace(dealt[index], middle=middle, keep_dispatch=len(kept) <= MOST_KEPT) for index in group]
    return Plan(study, of_park, tuple(kept), tuple(scenarios), tuple(ordered), base)


def _job(study: Study, of_park: ParkOfStudy, scenario: Scenario, name: str, code: str) -> Job:
    written = study.written
    stage, overrides = of_park.overrides(scenario.changes)
    free = [[path, bounds.min, bounds.max, bounds.unit] for path, bounds in written.free.items()]
    hours = None if study.hours is None else list(study.hours)
    park = str(study.park.resolve())
    return Job(name, park, stage, overrides, hours, written.level, free, written.gap, None, written.time_limit_s, code, written.accounts)


def run_study(
    folder: str | Path,
    *,
    out: str | Path | None = None,
    workers: int | None = None,
    scheduler: str | None = None,
    progress: Progress | None = None,
) -> StudyResult:
    """Run every scenario of a study that has no result yet.

    Parameters
    ----------
    folder : path
        Folder that holds ``study.yaml``.
    out : path, optional
        Folder of the results; one that a former start left, finished or not, is continued. Left out, ``runs/<study>``.
    workers : int, optional
        Processes on this machine; left out, as many as there are processors. Never more than memory holds.
    scheduler : str, optional
        Address of a Dask scheduler, such as ``tcp://127.0.0.1:8786``, whose workers take the place of processes.
    progress : callable, optional
        Called with `StudyProgress` twice a second and after each scenario.

    Returns
    -------
    StudyResult

    Raises
    ------
    DefinitionError
        With all problems of the study, its park and its folder; a scenario that fails later is a row of the table instead.
    """
    began = clock.perf_counter()
    plan = plan_study(folder)
    if workers is not None and workers < 1:
        refuse(folder, [Problem("", f"{workers} is not a possible number of workers", "give 1 or more", "--workers")])
    store = Store(default_folder(folder) if out is None else Path(out))
    run = _Run(store, workers, scheduler, progress)
    written, notes, front, designs = plan.study.written, [], None, None
    with store.held(), ExitStack() as run.stack:
        store.tidy()
        everything = run.missing(plan)
        if written.front is not None:
            points, notes = points_of(plan.study, plan.of_park, dict(zip(plan.names, plan.scenarios, strict=True)), run.rows, store)
            plan = _planned(plan.study, plan.of_park, [*plan.scenarios, *points], plan.base)
            everything = run.missing(plan)
            front = front_table(plan.study, everything, plan.park.limits.export_share_of)
            store.write_table(front, FRONT_TABLE)
        if written.alternatives is not None:
            try:
                found = near_optimal(plan.study, plan.of_park, run.rows[plan.names[0]], store, run.told)
            except GridsimError as error:
                notes = [f"alternatives: {error}"]
            else:
                designs = found.table
                store.write_table(designs, DESIGN_TABLE)
    table, odd = shown(plan.study, everything)
    return StudyResult(
        question=plan.study.written.question,
        design=plan.study.written.design,
        table=table,
        everything=everything,
        paths=plan.study.paths,
        base=plan.base,
        folder=store.folder,
        computed=run.computed,
        reused=len(run.rows) - run.computed,
        seconds=clock.perf_counter() - began,
        workers=run.most_workers,
        answers=tuple(answer(expected, everything) for expected in plan.study.written.expected),
        notes=tuple([*plan.park.notes, *notes, *odd]),
        front=front,
        alternatives=designs,
    )


class _Run:
    """One start of a study: the rows there are, and how the others are run."""

    stack: ExitStack

    def __init__(self, store: Store, workers: int | None, scheduler: str | None, progress: Progress | None) -> None:
        self.store, self.workers, self.scheduler, self.progress = store, workers, scheduler, progress
        self.rows: dict[str, dict[str, Any]] = {}
        self.computed = self.most_workers = 0
        self.told: _Teller

    def missing(self, plan: Plan) -> pd.DataFrame:
        """Run what has no result yet; returns the table of all."""
        self.rows |= self.store.rows(set(plan.names) - self.rows.keys())
        missing = [job for job in plan.jobs if job.scenario not in self.rows]
        self.store.record(_record(plan))
        solvers = _solvers(plan, missing, self.workers, self.scheduler, self.stack, self.store.starts) if missing else []
        self.computed, self.most_workers = self.computed + len(missing), max(self.most_workers, len(solvers))
        self.told = _Teller(plan, self.rows, len(solvers), self.progress)
        try:
            for row in solved_by(solvers, missing, self.told):
                if kept := row.pop("dispatch", None):
                    write_dispatch(self.store.folder, row["scenario"], kept)
                self.store.put(row)
                self.rows[row["scenario"]] = row
                self.told([])
        finally:
            everything = table_of(plan.study, plan.scenarios, plan.names, self.rows)
            self.store.write_table(everything)
        return everything


def _solvers(plan: Plan, missing: Sequence[Job], workers: int | None, scheduler: str | None, stack: ExitStack, starts: Path) -> Sequence[Solver]:
    if scheduler is not None:
        from gridsim.study.cluster import cluster_workers, connected

        client = stack.enter_context(connected(scheduler))
        return cluster_workers(client, missing[0].park)[: len(missing)]
    from gridsim.study.processes import LocalWorker, processors, worker_count

    count = worker_count(plan.park, len(missing), workers, sizing=bool(plan.study.written.free))
    return [LocalWorker(max(1, processors() // count), starts) for _ in range(count)]


class _Teller:
    """Says how far the study is, and estimates what is left."""

    def __init__(self, plan: Plan, rows: dict[str, dict[str, Any]], workers: int, progress: Progress | None) -> None:
        self.words = {name: _words(scenario, plan) for name, scenario in zip(plan.names, plan.scenarios, strict=True)}
        self.rows, self.workers, self.progress, self.total = rows, workers, progress, plan.most
        self.began, self.before = clock.perf_counter(), len(rows)

    def __call__(self, current: Sequence[str]) -> None:
        if self.progress is None:
            return
        spent, done, total = clock.perf_counter() - self.began, len(self.rows), self.total
        left = spent / (done - self.before) * (total - done) if done > self.before else None
        failed = sum(row["status"] != SOLVED for row in self.rows.values())
        self.progress(StudyProgress(done, total, failed, self.workers, tuple(self.words.get(name, name) for name in current), spent, left))


def _words(scenario: Scenario, plan: Plan) -> str:
    """Write what sets a scenario apart in a few words."""
    one_at_a_time = plan.study.written.design == "one_at_a_time"
    told = {path: value for path, value in scenario.values.items() if not one_at_a_time or value != plan.base.get(path)}
    words = (f"{path.removeprefix('technologies.')} {f'{value:g}' if isinstance(value, float) else value}" for path, value in told.items())
    return ", ".join(words) or "base"


def _record(plan: Plan) -> dict[str, Any]:
    import gridsim

    written = plan.study.written
    return {
        "study": plan.study.name,
        "question": written.question,
        "design": written.design,
        "park": {"name": plan.park.name, "stage": plan.park.stage, "sha256": plan.park.fingerprint},
        "vary": {axis.path: list(axis.ends) for axis in plan.study.axes},
        "free": {path: bounds.model_dump() for path, bounds in written.free.items()},
        "front": None if written.front is None else written.front.model_dump(),
        "alternatives": None if written.alternatives is None else written.alternatives.model_dump(),
        "set": written.set,
        "level": written.level,
        "gap": written.gap,
        "technologies": {name: {"type": technology.type, "label": technology.label} for name, technology in plan.park.technologies.items()},
        "scenarios": list(plan.names),
        "gridsim": {"version": gridsim.__version__, "code": plan.jobs[0].code},
    }
