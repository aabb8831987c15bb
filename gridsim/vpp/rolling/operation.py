"""A park operated through the year: plans a day ahead, plans again as forecasts come in, and settles against what happens.

With perfect foresight (no forecasts) each window's first hours are what is done. With forecasts

1. at each issue a window over the horizon is planned with the newest forecast; its modules and machines are committed until the next plan;
2. at each step the rest of the plan is dispatched again, with what is measured now and what the newest forecast says of later; the first step is done.

What is planned a day ahead is kept beside what was done: the difference is what a balancing market settles.
"""

from __future__ import annotations

import dataclasses
import time as clock
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np

from gridsim.dispatch.audit import Audit, audit
from gridsim.dispatch.model import make_draft
from gridsim.dispatch.result import Dispatch, Termination
from gridsim.dispatch.rolling_draft import RollingDraft, WindowIndex, within_limits
from gridsim.dispatch.solve import KeptDispatch, dispatch_of_columns
from gridsim.dispatch.step_program import StepProgram, step_program
from gridsim.errors import DefinitionError, Problem
from gridsim.technologies.draft import SnapshotLimits
from gridsim.vpp.rolling.year_plan import ends_of_plan, ends_of_rule, guide_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.dispatch.program import Program
    from gridsim.dispatch.rolling import Ends
    from gridsim.dispatch.rolling_window import Window
    from gridsim.park.park import Park
    from gridsim.technologies.draft import Level, NetworkDraft

Progress = Callable[[float, str], None]
"""Told the share that is done, and of what: ``plan`` and ``step`` of an operation, all of the ``rule``, or of the operation within its ``wires``."""

Controller = Literal["plan", "myopic", "rule"]


class Forecasts(Protocol):
    """What `gridsim.vpp.forecast` makes; K issues, H steps."""

    issue_step: NDArray[np.int64]
    """Step at whose start each is known. Shape (K,)."""
    values: dict[str, NDArray[np.float64]]
    """For each profile of the park, column h is for step ``issue_step + h``. Each shape (K, H)."""


@dataclass(frozen=True)
class WindowRecord:
    """One window, for the record."""

    kind: Literal["plan", "step"]
    first: int
    last: int
    kept_until: int
    seconds: float
    gap: float
    broken: tuple[tuple[str, float], ...]
    """What could not be kept, in words, and by how much."""
    behind: tuple[tuple[str, float], ...]
    """Budgets that were further used than their pace allowed."""


@dataclass(frozen=True, eq=False)
class Operation:
    """What was done, what had been planned, and how."""

    dispatch: Dispatch
    audit: Audit | None
    """None where something could not be kept; `broken` says what."""
    planned: dict[str, NDArray[np.float64]]
    """Flow of each component as planned a day ahead. Each shape (T,)."""
    windows: tuple[WindowRecord, ...]
    plan: Dispatch | None
    """Of the year, that gave the ends of windows their worth."""
    left_over_cny: float
    """Worth of what is in the stores at the end over what was in them at the start; zero where they end as they began. [CNY]"""
    seconds: float

    @property
    def cost_cny(self) -> float:
        """Operating cost of what was done, less the worth of what is left over. [CNY]"""
        return self.dispatch.objective_cny - self.left_over_cny

    @property
    def broken(self) -> list[WindowRecord]:
        """Windows in which something could not be kept."""
        return [window for window in self.windows if window.broken]


def operate(
    park: Park,
    *,
    level: Level = "linear",
    horizon_hours: float = 48.0,
    every_hours: float = 24.0,
    forecasts: Forecasts | None = None,
    year_plan: Dispatch | None = None,
    controller: Controller = "plan",
    limits: Sequence[SnapshotLimits] = (),
    options: dict[str, Any] | None = None,
    progress: Progress | None = None,
) -> Operation:
    """Operate a park through its hours.

    Parameters
    ----------
    park : Park
        With what happens.
    level : {"linear", "mixed_integer"}
        Whether modules, machines and calls are counted in whole numbers.
    horizon_hours, every_hours : float
        How far each plan looks, and how often one is made. [h]
    forecasts : ForecastTable, optional
        One issue at least for each plan; None is perfect foresight within the horizon.
    year_plan : Dispatch, optional
        A dispatch of the same park, or of the same park in another weather year; left out, the park's own optimum at the linear level.
    controller : {"plan", "myopic", "rule"}
        ``plan``: windows that know what their ends are worth in a plan of the year. ``myopic``: windows that want nothing of their ends. ``rule``: no look
        ahead at all; a surplus is stored before it is exported, batteries go by the day's price band (`ends_of_rule`), and stores begin half full.
    limits : sequence of SnapshotLimits
        What the wires ask of single steps; exceeded at their price, where they cannot be kept.
    options : dict, optional
        HiGHS options for every window.
    progress : callable, optional
        Called with the share that is done and what is being done.

    Returns
    -------
    Operation

    Raises
    ------
    DefinitionError
        With all that is wrong with horizon, interval and forecasts at once.
    """
    began = clock.perf_counter()
    hours = park.time.step_hours
    horizon, every = round(horizon_hours / hours), round(every_hours / hours)
    if controller == "rule":
        horizon = every = 1
        park = _half_full(park)
    _check(park, horizon, every, forecasts)
    draft = _draft(park, level, limits)
    named = within_limits(draft)
    whole = horizon >= park.time.steps
    plan = None
    if controller == "plan" and not whole:
        plan = year_plan or KeptDispatch(park, with_network=False).solve().dispatch
    ends, guide = _ends(draft, named, plan, forecasts is None, controller)
    rolling = RollingDraft(draft, named, ends=ends, guide=guide, options=options)
    if not whole:
        rolling.hold_last_levels()
    operator = _Operator(rolling, progress)
    if forecasts is None:
        operator.foreseen(horizon, every)
    else:
        operator.forecast(horizon, every, forecasts)
    dispatch, checked = operator.result()
    left = _left_over(dispatch, named, ends)
    return Operation(dispatch, checked, operator.planned, tuple(operator.windows), plan, left, clock.perf_counter() - began)


def _draft(park: Park, level: Level, limits: Sequence[SnapshotLimits]) -> NetworkDraft:
    draft = make_draft(park, level)
    draft.requests.extend(limits)
    return draft


def _half_full(park: Park) -> Park:
    """Let stores begin half full and end anywhere: without looking ahead nobody can see to it that they end as they began."""
    stores = {name: one for name, one in park.technologies.items() if "level_end" in type(one).model_fields}
    opened = {name: one.model_copy(update={"level_start_share": _middle(one), "level_end": "free"}) for name, one in stores.items()}
    return dataclasses.replace(park, technologies={**park.technologies, **opened})


def _middle(store: Any) -> float:
    return (getattr(store, "level_min_share", 0.0) + getattr(store, "level_max_share", 1.0)) / 2.0


def _left_over(dispatch: Dispatch, named: Program, ends: Ends | None) -> float:
    """Worth of the last levels over the first ones, of stores that need not end as they began. [CNY]"""
    if ends is None:
        return 0.0
    open_ended = [store for store in dispatch.draft.having("store") if not store.get("e_cyclic", False)]
    return float(sum(ends.worth[named.level[store.name].stop - 1] * (dispatch.levels[store.name][-1] - store.get("e_initial", 0.0)) for store in open_ended))


def _check(park: Park, horizon: int, every: int, forecasts: Forecasts | None) -> None:
    problems = []
    if every < 1:
        problems.append(Problem("every_hours", "is less than one step", f"give at least {park.time.step_hours:g} h"))
    if horizon < every:
        problems.append(Problem("horizon_hours", "is shorter than every_hours", "look at least as far as the next plan"))
    if forecasts is not None:
        wanted = np.arange(0, park.time.steps, max(every, 1))
        missing = np.setdiff1d(wanted, forecasts.issue_step)
        if missing.size:
            found = f"hold no issue for {missing.size} of {wanted.size} plans, the first at {park.time.label(int(missing[0]))}"
            problems.append(Problem("forecasts", found, "issue a forecast at least at the step of every plan"))
        for name, values in forecasts.values.items():
            if name not in park.profiles:
                problems.append(Problem(f"forecasts.{name}", "is not a profile of this park", f"profiles are {', '.join(park.profiles)}"))
            elif not _covers(values, forecasts.issue_step, horizon, park.time.steps):
                found = f"does not hold a number for each of {horizon} steps ahead of every issue"
                problems.append(Problem(f"forecasts.{name}", found, "forecast at least as far as horizon_hours"))
    if problems:
        raise DefinitionError("the rolling operation", problems)


def _covers(values: NDArray[np.float64], issue_step: NDArray[np.int64], horizon: int, steps: int) -> bool:
    """Tell whether each issue has a number for each step of the horizon that lies in the year."""
    if values.shape[1] < horizon:
        return False
    within = issue_step[:, None] + np.arange(horizon) < steps
    return bool(np.isfinite(values[:, :horizon][within]).all())


def _ends(draft: NetworkDraft, named: Program, plan: Dispatch | None, foreseen: bool, controller: str) -> tuple[Ends | None, NDArray[np.float64] | None]:
    if controller == "rule":
        return ends_of_rule(draft, named), None
    if plan is None:
        return None, None
    same = foreseen and all(np.array_equal(plan.draft.park.profiles.get(name), values) for name, values in draft.park.profiles.items())
    return ends_of_plan(plan, named, follow_levels=same), guide_of(plan, named)


class _Operator:
    def __init__(self, rolling: RollingDraft, progress: Progress | None) -> None:
        self.rolling, self.draft, self.named, self.program, self.progress = rolling, rolling.draft, rolling.named, rolling.program, progress
        self.steps = self.draft.steps
        self.planned = {name: np.zeros(self.steps) for name in self.named.flow}
        self.windows: list[WindowRecord] = []
        self.latest = np.zeros(self.named.cost.size)
        """The newest plan's value of every column."""

    # ---- the two ways through the year

    def foreseen(self, horizon: int, every: int) -> None:
        """Do the first steps of each window."""
        for first in range(0, self.steps, every):
            last, until = min(first + horizon, self.steps), min(first + every, self.steps)
            if last == self.steps:
                until = last
            window = self.rolling.apart(self.rolling.window(first, last), first, until)
            self._note("plan", window, until)
            self._remember(window, until)
            self.rolling.keep(window, until)
            if until == self.steps:
                break

    def forecast(self, horizon: int, every: int, forecasts: Forecasts) -> None:
        """Plan with forecasts, then do each step with what it brings."""
        seen = _Seen(self.draft, forecasts, horizon)
        for first in range(0, self.steps, every):
            last, until = min(first + horizon, self.steps), min(first + every, self.steps)
            program = self.rolling.window(first, last)
            window = self.rolling.apart(program, first, until, seen=seen.at(first))
            self._note("plan", window, first)
            self._remember(window, until)
            committed = self._commit(window, until)
            for step in range(first, until):
                window = self.rolling.apart(program, step, step + 1, seen=seen.at(step), steps_seen=1, fixed=committed, relaxed=True)
                self._note("step", window, step + 1)
                self.rolling.keep(window, step + 1)

    def _commit(self, window: Window, until: int) -> NDArray[np.int64]:
        """Decide the whole numbers of a plan up to the next one."""
        kept = self.program.integer[window.columns] & (self.program.step[window.columns] < until)
        self.rolling.value[window.columns[kept]] = np.round(window.values[kept])
        return window.columns[kept]

    # ---- the record

    def _remember(self, window: Window, until: int) -> None:
        value = self.latest
        value[window.columns] = window.values
        for name, columns in self.named.flow.items():
            self.planned[name][window.first : until] = value[columns][window.first : until]

    def _note(self, kind: Literal["plan", "step"], window: Window, until: int) -> None:
        broken, behind = (tuple((self._row_name(row.row), row.by) for row in rows) for rows in (window.broken, window.behind))
        self.windows.append(WindowRecord(kind, window.first, window.last, until, window.seconds, window.gap, broken, behind))
        if self.progress is not None:
            self.progress(max(until, window.first) / self.steps, kind)

    def _row_name(self, row: int) -> str:
        for what, rows in (("balance of bus ", self.named.balance), ("", self.named.period)):
            for name, at in rows.items():
                if at.start <= row < at.stop:
                    return f"{what}{name}"
        columns = self.named.matrix[[row]].nonzero()[1]
        components = [name for name, at in {**self.named.level, **self.named.flow}.items() if ((columns >= at.start) & (columns < at.stop)).any()]
        technologies = dict.fromkeys(self.draft.components[name].technology for name in components)
        return f"technologies {', '.join(technologies)}" if technologies else "owed"  # rows of nothing but what shifted loads have taken and given back

    def result(self) -> tuple[Dispatch, Audit | None]:
        """Return what was done, as a dispatch, audited where everything could be kept."""
        columns = self.rolling.finish()
        plans = [window for window in self.windows if window.kind == "plan"]
        seconds = sum(window.seconds for window in self.windows)
        termination = Termination("rolling", max(window.gap for window in plans), seconds, len(self.windows), int(self.program.integer.sum()))
        dispatch = dispatch_of_columns(self.draft, WindowIndex(self.named, self.draft.requested(SnapshotLimits)), columns, termination)
        done = all(not window.broken for window in self.windows if window.kept_until > window.first)
        return dispatch, audit(dispatch) if done else None


class _Seen:
    """The program in the numbers that each forecast expects.

    Forecasts of issues far enough apart do not overlap, so that one program over the whole year holds many of them.
    """

    def __init__(self, draft: NetworkDraft, forecasts: Forecasts, horizon: int) -> None:
        self.issues = np.sort(forecasts.issue_step)
        order = np.argsort(forecasts.issue_step)
        park, steps = draft.park, draft.steps
        apart = int(np.diff(self.issues).min(initial=horizon))
        self.sets = -(-horizon // max(apart, 1))
        profiles = [dict(park.profiles) for _ in range(self.sets)]
        for number in range(self.sets):
            for name, values in forecasts.values.items():
                series = profiles[number][name] = park.profiles[name].copy()
                for issue in range(number, self.issues.size, self.sets):
                    first = int(self.issues[issue])
                    told = values[order[issue], : min(horizon, steps - first)]
                    series[first : first + told.size] = told
        limits = draft.requested(SnapshotLimits)
        drafts = [_draft(dataclasses.replace(park, profiles=one), draft.level, limits) for one in profiles]
        self.programs = [step_program(within_limits(one), steps) for one in drafts]

    def at(self, step: int) -> StepProgram:
        """Return the program of the newest issue that is known at a step."""
        return self.programs[(int(np.searchsorted(self.issues, step, side="right")) - 1) % self.sets]
