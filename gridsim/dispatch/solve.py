"""Solve one park: build, hand over, run, look for flows that meet, read the tables, audit."""

from __future__ import annotations

import dataclasses
import time as clock
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.dispatch.audit import Audit, audit, meeting
from gridsim.dispatch.constraints.demand_charge import monthly_peaks
from gridsim.dispatch.highs import Answer, Basis, HighsModel
from gridsim.dispatch.model import add_binaries, foreseen, make_draft, make_model, unsupplied
from gridsim.dispatch.network import make_network
from gridsim.dispatch.outcome import explain_infeasible, refuse
from gridsim.dispatch.program_model import ProgramIndex, ProgramModel, has_whole_numbers
from gridsim.dispatch.result import Dispatch, Termination
from gridsim.dispatch.separate import separated
from gridsim.technologies.draft import Commitment, DemandCharge, Exclusive, Level, NetworkDraft, Ordered, PeriodLimit, SnapshotLimits

if TYPE_CHECKING:
    import linopy
    import pypsa

    from gridsim.park.park import Park

MAX_ROUNDS = 8
EVERYWHERE_FROM_ROUND = 3
"""From this round on, a request that is still broken gets its binaries in every snapshot, so that the rounds come to an end."""

Progress = Callable[[str, float], None]
"""Told the name of a stage, and the share of it that is done; 0 while that is not known."""


@dataclass
class Solved:
    """A dispatch with the network it came from and the audit it passed."""

    dispatch: Dispatch
    network: pypsa.Network | None
    audit: Audit
    seconds: dict[str, float] = field(default_factory=dict)


def solve(park: Park, *, level: Level = "linear", options: dict[str, Any] | None = None, progress: Progress | None = None) -> Solved:
    """Find the least-cost dispatch of a park with perfect foresight.

    Parameters
    ----------
    park : Park
        From `gridsim.read_park`.
    level : {"linear", "mixed_integer"}
        Whether modules, machines and calls are counted in whole numbers.
    options : dict, optional
        HiGHS options over the measured defaults, such as ``{"time_limit": 60.0}``.
    progress : callable, optional
        Called with the stage's name and the share of it that is done, 0 where that is not known.

    Returns
    -------
    Solved

    Raises
    ------
    InfeasibleError, UnboundedError, LimitReachedError
        In the park's own words.
    BuildError
        When the solution fails its audit.
    """
    return KeptDispatch(park, level=level, options=options, progress=progress).solve()


def audited(draft: NetworkDraft, index: ProgramIndex, columns: np.ndarray, termination: Termination) -> Solved:
    """Return the dispatch that columns of a program are, without prices, when it passes its audit."""
    dispatch = dispatch_of_columns(draft, index, columns, termination)
    return Solved(dispatch, None, audit(dispatch))


def dispatch_of_columns(draft: NetworkDraft, index: ProgramIndex, columns: np.ndarray, termination: Termination) -> Dispatch:
    """Return the dispatch that columns of a program are, without prices and not audited."""
    answer = Answer(termination.condition, True, float(index.program.cost @ columns), termination.gap, columns, None, termination.seconds, 0)
    return _dispatch(draft, index, answer, termination)


class _Stages:
    """Times named stages and tells the progress display about them."""

    def __init__(self, seconds: dict[str, float], progress: Progress | None) -> None:
        self.seconds, self.progress, self.name, self.began = seconds, progress, "", 0.0

    def __call__(self, name: str) -> _Stages:
        self.name = name
        return self

    def __enter__(self) -> None:
        self.began = clock.perf_counter()
        self.tell()

    def tell(self, _: float = 0.0) -> None:
        if self.progress is not None:
            self.progress(self.name, 0.0)

    def __exit__(self, *_: object) -> None:
        self.seconds[self.name] = self.seconds.get(self.name, 0.0) + clock.perf_counter() - self.began


class KeptDispatch:
    """The model of one park, kept to be solved again as the wires ask for more limits or the park changes; each solve starts from the basis before.

    Parameters as in `solve`; ``progress`` is told of every solve. Without ``with_network``, `Solved.network` is None.
    """

    def __init__(
        self,
        park: Park,
        *,
        level: Level = "linear",
        options: dict[str, Any] | None = None,
        progress: Progress | None = None,
        with_network: bool = True,
    ) -> None:
        self.options = options or {}
        self.with_network = with_network
        self.seconds: dict[str, float] = {}
        self.stage = _Stages(self.seconds, progress)
        self._begin(park, level)

    def drafted(self, park: Park, level: Level) -> NetworkDraft:
        """Return the draft that is solved for a park; other questions to the same park change it here."""
        return make_draft(park, level)

    def _begin(self, park: Park, level: Level) -> None:
        with self.stage("build network"):
            self.draft = self.drafted(park, level)
            if unsupplied(self.draft):
                explain_infeasible(self.draft, self.options)
            self.network = make_network(self.draft) if self.with_network else None
        self.model: linopy.Model | None = None
        """Only where whole numbers are needed; the plain linear program goes to HiGHS as arrays."""
        if has_whole_numbers(self.draft):
            self._make_model()
        self.watched = [*self.draft.requested(Exclusive), *self.draft.requested(Ordered)]
        self.covered = {request.name: foreseen(self.draft, request) for request in self.watched}
        self.sets_of_binaries = 0
        self.highs: HighsModel | ProgramModel | None = None
        self.region = ""
        """What was allowed where the kept basis is optimal; empty where that is not known."""

    def change(self, park: Park) -> bool:
        """Take another park, such as the same at another price or size, in place of this one; limits that were added are forgotten.

        Returns
        -------
        bool
            True where the kept program could be changed in place, so that the next solve starts from the basis of the last.
        """
        former, highs, region = self.draft, self.highs, self.region
        self._begin(park, former.level)
        if isinstance(highs, ProgramModel) and not former.requested(SnapshotLimits) and self.model is None and highs.change(self.draft):
            self.highs, self.region = highs, region
        return self.highs is not None

    def basis(self) -> Basis | None:
        """Return where the last solve ended, for this or another process to start from; None where the answer is not that of a plain linear program."""
        return dataclasses.replace(self.highs.basis(), region=self.region) if isinstance(self.highs, ProgramModel) else None

    def start_from(self, basis: Basis, *, most_iterations: int | None = None) -> bool:
        """Begin the next solve at a basis, however this program came about: the answer depends on program and basis alone.

        Parameters
        ----------
        most_iterations : int, optional
            The next solves end without an answer after so many steps of the simplex method.

        Returns
        -------
        bool
            False where the basis is none of this program, or whole numbers are needed; the next solve then begins from nothing.
        """
        if self.model is not None:
            return False
        highs = self.highs = self.highs or self._hand_over()
        highs.limit_iterations(most_iterations)
        taken = highs.start_from(basis)
        self.region = basis.region
        if not taken:
            self.highs, self.region = None, ""
        return taken

    def _make_model(self) -> linopy.Model:
        with self.stage("build model"):
            self.model = make_model(self.draft, self.network if self.network is not None else make_network(self.draft))
        return self.model

    def add(self, limits: SnapshotLimits) -> None:
        """Ask for rows at single snapshots from the next solve on; without rows, nothing."""
        if not limits.snapshot.size:
            return
        self.draft.request(limits)
        self.region = ""
        if self.highs is not None:
            self._add_rows(self.highs, limits)

    def solve(self) -> Solved:
        """Find the least-cost dispatch; raises as `gridsim.dispatch.solve.solve`."""
        answer, termination = self._run()
        with self.stage("read solution"):
            dispatch = _dispatch(self.draft, self.highs, answer, termination)
            if self.network is not None:
                _write(self.network, dispatch)
        with self.stage("audit"):
            checked = audit(dispatch)
        if termination.binaries:
            self.highs = None  # its integers are held at their values; the next solve must be free to choose others
        elif isinstance(self.highs, ProgramModel) and termination.condition == "optimal" and not self.draft.requested(SnapshotLimits):
            self.region = self.highs.region()
        return Solved(dispatch, self.network, checked, self.seconds)

    def _hand_over(self) -> HighsModel | ProgramModel:
        with self.stage("hand over"):
            highs = ProgramModel(self.draft, self.options) if self.model is None else HighsModel(self.model, self.draft.kinds, self.options)
            for limits in self.draft.requested(SnapshotLimits):
                self._add_rows(highs, limits)
        return highs

    def _add_rows(self, highs: HighsModel | ProgramModel, limits: SnapshotLimits) -> None:
        none = np.zeros((limits.snapshot.size, 0), dtype=np.int64)
        columns = np.column_stack([none, *(highs.flow_columns(component)[limits.snapshot] for component in limits.components)])
        highs.add_limits(limits, columns, limits.excess_price_cny_per_mwh * self.draft.park.time.step_hours)

    def _broken_in(self, highs: HighsModel | ProgramModel, answer: Answer) -> list[tuple[Exclusive | Ordered, np.ndarray]]:
        flows, on = _flows(self.draft, highs, answer.columns), highs.whole_numbers("-on", answer.columns)
        return [(request, meeting(request, flows, on) & ~self.covered[request.name]) for request in self.watched]

    def _run(self) -> tuple[Answer, Termination]:
        """Solve until no two flows meet that must not; integers are then held, so that every answer has prices."""
        total, iterations = 0.0, 0
        if self.highs is not None:
            self.highs.warm(only_costs=isinstance(self.highs, ProgramModel) and self.highs.region() == self.region)
        highs = self.highs = self.highs or self._hand_over()
        for number in range(1, MAX_ROUNDS + 1):
            with self.stage("solve"):
                answer = highs.solve(self.stage.tell)
            total, iterations = total + answer.seconds, iterations + answer.iterations
            if answer.condition in {"infeasible", "infeasible_or_unbounded"}:
                with self.stage("explain"):
                    explain_infeasible(self.draft, self.options)
            refuse(answer)
            binaries = int(highs.integer.sum())
            gap, condition = answer.gap, answer.condition
            if highs.integer.any():
                highs.fix_integers(answer.columns)
                with self.stage("solve"):
                    answer = highs.solve(self.stage.tell)
                refuse(answer)
                total, iterations = total + answer.seconds, iterations + answer.iterations
            broken = self._broken_in(highs, answer)
            if not any(where.any() for _, where in broken):
                break
            if (apart := separated(highs, answer, highs.flow_columns, partial(self._broken_in, highs), self.stage.tell)) is not None:
                answer, gap = apart, gap + apart.gap
                total, iterations = total + apart.seconds, iterations + apart.iterations
                break
            if number == MAX_ROUNDS:
                break
            model = self.model or self._make_model()
            for request, found in broken:
                where = ~self.covered[request.name] if number >= EVERYWHERE_FROM_ROUND and found.any() else found
                self.sets_of_binaries += 1
                add_binaries(model, self.draft, request, where, self.sets_of_binaries)
                self.covered[request.name] = self.covered[request.name] | where
            highs = self.highs = self._hand_over()
        return answer, Termination(condition, gap, total, number, binaries, dict(highs.options), iterations)


def _flows(draft: NetworkDraft, highs: HighsModel | ProgramIndex, columns: np.ndarray) -> dict[str, np.ndarray]:
    """Flow of every component. Each shape (T,)."""
    return {c.name: c["p_set"] if c.kind == "Load" else columns[highs.flow_columns(c.name)] for c in draft.components.values()}


def _dispatch(draft: NetworkDraft, highs: HighsModel | ProgramIndex, answer: Answer, termination: Termination) -> Dispatch:
    columns, hours = answer.columns, draft.park.time.step_hours
    flows = _flows(draft, highs, columns)
    levels = {c.name: columns[highs.level_columns(c.name)] for c in draft.having("store")}
    prices: dict[str, np.ndarray] = {}
    limit_prices: dict[str, np.ndarray] = {}
    if answer.row_duals is not None:
        rows = {bus: highs.balance_rows(bus) for bus in draft.buses}
        prices = {bus: answer.row_duals[at] / hours for bus, at in rows.items() if at is not None}
        limit_prices = {request.name: answer.row_duals[highs.period_rows(request.name)] for request in draft.requested(PeriodLimit)}
    peaks, charges = {}, {}
    for request in draft.requested(DemandCharge):
        power = sum(term.coefficient * flows[term.component] for term in request.terms)
        peaks[request.name] = monthly_peaks(power, request.month)
        charges[request.name] = float(request.price_cny_per_mw * peaks[request.name].sum())
    on, standby = highs.whole_numbers("-on", columns), highs.whole_numbers("-standby", columns)
    starts = {}
    for request in draft.requested(Commitment):
        warm = on[request.name] + standby.get(request.name, 0.0)
        starts[request.name] = np.maximum(np.diff(warm, prepend=warm[0]), 0.0)
    excess, snapshot_prices, exceeded = {}, {}, 0.0
    for request in draft.requested(SnapshotLimits):
        row, column = highs.limits[request.name]
        count = request.snapshot.size
        excess[request.name] = columns[column : column + count]
        exceeded += request.excess_price_cny_per_mwh * hours * float(excess[request.name].sum())
        if answer.row_duals is not None:
            snapshot_prices[request.name] = -answer.row_duals[row : row + count]
    tie_breaks = sum(request.tie_break_cny_per_mwh * hours * float(flows[request.second].sum()) for request in draft.requested(Ordered))
    return Dispatch(
        draft,
        flows,
        levels,
        prices,
        charges,
        peaks,
        on,
        starts,
        limit_prices,
        answer.objective - tie_breaks - exceeded,
        termination,
        standby,
        excess,
        snapshot_prices,
    )


def _write(network: pypsa.Network, dispatch: Dispatch) -> None:
    """Write the answer into the network's own tables, as PyPSA does after its own solve."""
    import pandas as pd

    index = network.snapshots

    def table(columns: dict[str, np.ndarray]) -> pd.DataFrame:
        frame = pd.DataFrame(columns, index=index)
        frame.columns.name = "name"
        return frame

    draft = dispatch.draft
    for kind in ("Generator", "Store", "Load"):
        names = [c.name for c in draft.components.values() if c.kind == kind]
        if names:
            network.c[kind].dynamic["p"] = table({name: dispatch.flows[name] for name in names})
    if dispatch.levels:
        network.c["Store"].dynamic["e"] = table(dispatch.levels)
    links = [c for c in draft.components.values() if c.kind == "Link"]
    for port in range(max((len(draft.ports(c)) for c in links), default=0)):
        columns = {c.name: -draft.ports(c)[port][1] * dispatch.flows[c.name] if port < len(draft.ports(c)) else np.zeros(len(index)) for c in links}
        network.c["Link"].dynamic[f"p{port}"] = table(columns)
    for kind, nominal in (("Generator", "p_nom"), ("Link", "p_nom"), ("Store", "e_nom")):
        static = network.c[kind].static
        static[f"{nominal}_opt"] = static[nominal]
    network.c["Bus"].dynamic["marginal_price"] = table(dispatch.prices)
    network.c["Bus"].dynamic["p"] = table(
        {bus: sum((flow for c, flow in supply if c.kind != "Link"), start=np.zeros(len(index))) for bus, supply in dispatch.by_bus.items()}
    )
    network._objective = dispatch.objective_cny  # PyPSA has no setter; this is what its own solve does
