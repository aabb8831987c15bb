"""The whole way of a study: read, check, look up what is there, run the rest, keep each result as it comes, compare with what was expected.

A front begins with its optima without the limit; its points follow from what these reach. Alternatives begin with the optimum they lie around.
"""

from __future__ import annotations

import dataclasses
import hashlib
import time as clock
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
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
from gridsim.study.processes import LocalWorker, worker_count
from gridsim.study.result import SOLVED, StudyResult, answer, shown, table_of
from gridsim.study.scenarios import Scenario, identity, scenarios_of, texts_of
from gridsim.study.store import AGAIN, DESIGN_TABLE, FRONT_TABLE, Store
from gridsim.study.tree import starts_of
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
    dealt = [dataclasses.replace(job, keep_dispatch=len(kept) <= MOST_KEPT) for job in dealt]
    ordered = _linked(dealt, starts_of(kept, study.axes)) if _starts_pay(study, of_park) else dealt
    return Plan(study, of_park, tuple(kept), tuple(scenarios), tuple(ordered), base)


def _starts_pay(study: Study, of_park: ParkOfStudy) -> bool:
    """Tell whether scenarios start from one another: whole numbers leave no basis, sizing finds its own, a virtual power plant takes longer than that."""
    if not study.written.warm or study.written.free or study.written.vpp:
        return False
    from gridsim.dispatch.model import make_draft
    from gridsim.dispatch.program_model import has_whole_numbers

    return not has_whole_numbers(make_draft(of_park.base, study.written.level))


def _linked(jobs: Sequence[Job], starts: Sequence[tuple[int, int | None]]) -> list[Job]:
    """Order jobs so that each comes after the one it starts from, and name that; an end is called by all scenarios on the way to it."""
    ends: dict[int, str] = {}
    others_start_at = {start for _, start in starts}
    ordered = []
    for own, start in starts:
        name = jobs[own].scenario
        ends[own] = hashlib.sha256(f"{ends.get(start, '')} {name}".encode()).hexdigest()[:16]
        leaves = ends[own] if own in others_start_at else None
        ordered.append(dataclasses.replace(jobs[own], parent=None if start is None else jobs[start].scenario, leaves=leaves))
    return ordered


def _job(study: Study, of_park: ParkOfStudy, scenario: Scenario, name: str, code: str) -> Job:
    written = study.written
    stage, overrides = of_park.overrides(scenario.changes)
    free = [[path, bounds.min, bounds.max, bounds.unit] for path, bounds in written.free.items()]
    hours = None if study.hours is None else list(study.hours)
    park = str(study.park.resolve())
    return Job(name, park, stage, overrides, hours, written.level, free, written.gap, written.time_limit_s, code, written.accounts, list(written.vpp))


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
    notes, front, designs = [], None, None
    with ExitStack() as stack:
        early = [stack.enter_context(closing(LocalWorker()))] if scheduler is None else []  # loads its engines while the study is read
        plan = plan_study(folder)
        written = plan.study.written
        if workers is not None and workers < 1:
            refuse(folder, [Problem("", f"{workers} is not a possible number of workers", "give 1 or more", "--workers")])
        store = Store(default_folder(folder) if out is None else Path(out))
        run = _Run(store, workers, scheduler, progress, stack, early)
        stack.enter_context(store.held())
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
        computed=len(run.computed),
        reused=len(run.rows) - len(run.computed),
        seconds=clock.perf_counter() - began,
        workers=run.most_workers,
        answers=tuple(answer(expected, everything) for expected in plan.study.written.expected),
        notes=tuple([*plan.park.notes, *notes, *odd]),
        front=front,
        alternatives=designs,
    )


class _Run:
    """One start of a study: the rows there are, and how the others are run."""

    def __init__(
        self, store: Store, workers: int | None, scheduler: str | None, progress: Progress | None, stack: ExitStack, early: list[LocalWorker]
    ) -> None:
        self.store, self.workers, self.scheduler, self.progress, self.stack, self.early = store, workers, scheduler, progress, stack, early
        self.rows: dict[str, dict[str, Any]] = {}
        self.computed: set[str] = set()
        self.most_workers = 0
        self.told: _Teller

    def missing(self, plan: Plan) -> pd.DataFrame:
        """Run what has no result yet; returns the table of all."""
        self.rows |= self.store.rows(set(plan.names) - self.rows.keys())
        wanted, ends = self._wanted(plan)
        self.store.record(_record(plan))
        solvers = self._solvers(plan, wanted) if wanted else []
        self.most_workers = max(self.most_workers, len(solvers))
        self.told = _Teller(plan, self.rows, len(solvers), self.progress)
        leaves = {job.scenario: job.leaves for job in wanted}
        if wanted:  # for table and page at the end: now, while the workers load too
            import pandas as pd  # noqa: F401
            import pyarrow.parquet  # noqa: F401

            import gridsim.report.study_page.page
            import gridsim.report.study_page.sheets
            import gridsim.report.study_page.write  # noqa: F401
        try:
            for row in solved_by(solvers, wanted, self.told, ends):
                self._keep(row, leaves[row["scenario"]])
                self.told([])
        finally:
            everything = table_of(plan.study, plan.scenarios, plan.names, self.rows)
            self.store.write_table(everything)
        return everything

    def _solvers(self, plan: Plan, wanted: Sequence[Job]) -> Sequence[Solver]:
        if self.scheduler is not None:
            from gridsim.study.cluster import cluster_workers, connected

            client = self.stack.enter_context(connected(self.scheduler))
            return cluster_workers(client, wanted[0].park)[: len(wanted)]
        count = worker_count(plan.park, len(wanted), self.workers, sizing=bool(plan.study.written.free))
        early, self.early = self.early, []
        return [*early, *(LocalWorker() for _ in range(count - len(early)))]

    def _wanted(self, plan: Plan) -> tuple[list[Job], dict[str, str]]:
        """Return the jobs without a row, and the ends that their parents left, by scenario; a parent whose end is lost is run again."""
        wanted, asked, ends, without = set(), set(), {}, set()
        for job in reversed(plan.jobs):  # children before their parents
            name = job.scenario
            if name in self.rows:
                if name not in asked:
                    continue
                end = self.store.end(job.leaves)
                if end:
                    ends[name] = end
                    continue
                (wanted if end is None else without).add(name)
            else:
                wanted.add(name)
            asked.add(job.parent)
        parents = {job.scenario: job.parent for job in plan.jobs}

        def that_has(name: str | None) -> str | None:
            while name in without:
                name = parents[name]
            return name

        return [dataclasses.replace(job, parent=that_has(job.parent)) for job in plan.jobs if job.scenario in wanted], ends

    def _keep(self, row: dict[str, Any], leaves: str | None) -> None:
        """Keep what came of a scenario; its row last, as what has one is not run again."""
        name, end, dispatch = row["scenario"], row.pop("end", ""), row.pop("dispatch", None)
        if leaves is not None and row["status"] not in AGAIN:
            self.store.put_end(leaves, end)
        if name in self.rows and self.rows[name]["status"] not in AGAIN:
            return  # it was run again for its end alone
        if dispatch is not None:
            write_dispatch(self.store.folder, name, dispatch)
        self.store.put(row)
        self.rows[name] = row
        self.computed.add(name)


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
        "vpp": written.vpp,
        "gap": written.gap,
        "technologies": {name: {"type": technology.type, "label": technology.label} for name, technology in plan.park.technologies.items()},
        "scenarios": list(plan.names),
        "gridsim": {"version": gridsim.__version__, "code": plan.jobs[0].code},
    }
