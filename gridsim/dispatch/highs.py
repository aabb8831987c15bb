"""One HiGHS model, handed over as arrays and kept alive for the next solve."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gridsim.errors import BuildError

if TYPE_CHECKING:
    import linopy
    from numpy.typing import NDArray

    from gridsim.technologies.draft import SnapshotLimits

PERTURBATION = 0.03
"""Share of HiGHS' own perturbation of costs in the dual simplex method: hundreds of equal prices need some, but each is a detour that is taken back at the end
(measured, see benchmarks/README.md)."""

LINEAR_OPTIONS: dict[str, Any] = {"solver": "simplex", "presolve": "on", "threads": 1, "dual_simplex_cost_perturbation_multiplier": PERTURBATION}
"""Measured default for a year of dispatch; see benchmarks/README.md."""

DUAL, PRIMAL, DEVEX = 1, 4, 1
WARM_OPTIONS: dict[str, Any] = {"simplex_strategy": DUAL, "simplex_dual_edge_weight_strategy": DEVEX}
"""From a basis that is not this program's own: steepest edges would need weights of every row before the first step."""
WARM_PRIMAL_OPTIONS: dict[str, Any] = {"simplex_strategy": PRIMAL}
"""The same where only costs differ, so that the basis holds a dispatch that is possible already (measured: 0.1 to 0.2 s in place of 1 to 6)."""

INTEGER_OPTIONS: dict[str, Any] = {"mip_rel_gap": 1e-4, "presolve": "on"}


@dataclass(frozen=True)
class Answer:
    """What HiGHS said."""

    condition: str
    """``optimal``, ``time_limit``, ``infeasible``, ``unbounded``, or HiGHS' own word."""
    feasible: bool
    objective: float
    gap: float
    columns: NDArray[np.float64]
    row_duals: NDArray[np.float64] | None
    seconds: float
    iterations: int


class Arrays(NamedTuple):
    """A linear or mixed-integer program as HiGHS takes it; rows in compressed form."""

    cost: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    row_lower: NDArray[np.float64]
    row_upper: NDArray[np.float64]
    start: NDArray[np.int32]
    index: NDArray[np.int32]
    value: NDArray[np.float64]
    integer: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Basis:
    """A corner of a program, in HiGHS' numbers for at lower bound, basic, at upper bound, at zero, non-basic."""

    columns: NDArray[np.int8]
    rows: NDArray[np.int8]
    region: str = ""
    """Digest of what the program allows, where the corner was optimal; empty where that is not known."""


def load_engine() -> None:
    """Load HiGHS while there is nothing to solve yet."""
    import highspy  # noqa: F401


class HighsProgram:
    """A HiGHS instance that holds a program and is kept for the next solve."""

    def __init__(self, arrays: Arrays, options: dict[str, Any]) -> None:
        import highspy

        self.integer = arrays.integer.copy()
        self.highs = highspy.Highs()
        self.highs.setOptionValue("output_flag", False)
        self.given = options
        self.options = {**(INTEGER_OPTIONS if self.integer.any() else LINEAR_OPTIONS), **options}
        for option, value in self.options.items():
            self._set(option, value)
        program = highspy.HighsLp()
        program.num_col_, program.num_row_ = arrays.cost.size, arrays.row_lower.size
        program.col_cost_ = arrays.cost
        program.col_lower_, program.col_upper_ = arrays.lower, arrays.upper
        program.row_lower_, program.row_upper_ = arrays.row_lower, arrays.row_upper
        program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        program.a_matrix_.start_, program.a_matrix_.index_, program.a_matrix_.value_ = arrays.start, arrays.index, arrays.value
        if self.integer.any():
            kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
            program.integrality_ = [kinds[int(flag)] for flag in self.integer]
        if self.highs.passModel(program) == highspy.HighsStatus.kError:
            msg = "HiGHS refused the model"
            raise BuildError(msg)
        self.taken: tuple[Basis, Any] | None = None
        """The last basis that was started from, and the same as HiGHS has it."""
        self.time_limit = self.options.get("time_limit")
        """Of each solve, while there is one. [s]"""
        self.limits: dict[str, tuple[int, int]] = {}
        """First row and first column (of excess) of each `SnapshotLimits`."""

    def change(self, old: Arrays, new: Arrays) -> None:
        """Pass on the costs, bounds and sides that differ between two programs of the same entries; the last basis stays."""
        costs, columns, rows = (np.flatnonzero(np.any([old[at] != new[at] for at in sides], axis=0)).astype(np.int32) for sides in ((0,), (1, 2), (3, 4)))
        self.highs.changeColsCost(costs.size, costs, new.cost[costs])
        self.highs.changeColsBounds(columns.size, columns, new.lower[columns], new.upper[columns])
        self.highs.changeRowsBounds(rows.size, rows, new.row_lower[rows], new.row_upper[rows])

    def basis(self) -> Basis:
        """Return where the last solve ended."""
        found = self.highs.getBasis()
        return Basis(*(np.array([int(status) for status in part], dtype=np.int8) for part in (found.col_status, found.row_status)))

    def start_from(self, basis: Basis) -> bool:
        """Forget everything but the program, and begin the next solve at a basis; False where it is none of this program."""
        import highspy

        if self.taken is None or self.taken[0] is not basis:
            kinds = [highspy.HighsBasisStatus(number) for number in range(5)]
            taken = highspy.HighsBasis()
            taken.col_status, taken.row_status = ([kinds[number] for number in part.tolist()] for part in (basis.columns, basis.rows))
            taken.valid = True
            self.taken = basis, taken
        self.highs.clearSolver()
        return self.highs.setBasis(self.taken[1]) != highspy.HighsStatus.kError

    def warm(self, *, only_costs: bool) -> None:
        """Choose the method for a solve that does not begin from nothing; ``only_costs`` where nothing else has changed since the basis was optimal."""
        for option, value in (WARM_PRIMAL_OPTIONS if only_costs else WARM_OPTIONS).items():
            self._set(option, self.given.get(option, value))

    def limit_iterations(self, most: int | None) -> None:
        """Let further solves end after so many steps of the simplex method; None without end."""
        import highspy

        self._set("simplex_iteration_limit", highspy.kHighsIInf if most is None else most)

    def _set(self, option: str, value: Any) -> None:
        """Set an option and make sure that HiGHS took it: it refuses unknown names and wrong types without an exception."""
        import highspy

        if self.highs.setOptionValue(option, value) != highspy.HighsStatus.kOk:
            msg = f"HiGHS refuses the option {option}={value!r}"
            raise BuildError(msg)

    def add_limits(self, limits: SnapshotLimits, flow_columns: NDArray[np.int64], price_cny: float) -> None:
        """Add rows at single snapshots, each with a column of excess; the basis of the last solve stays and is still dual feasible.

        Parameters
        ----------
        flow_columns : array, shape (R, C)
            Column of each component's flow at each row's snapshot.
        price_cny : float
            Of one unit of excess in a row.
        """
        import highspy

        count = flow_columns.shape[0]
        first_row, first_column = self.highs.getNumRow(), self.highs.getNumCol()
        none, infinite = np.array([], dtype=np.int32), np.full(count, highspy.kHighsInf)
        self.highs.addCols(count, np.full(count, price_cny), np.zeros(count), infinite, 0, np.zeros(count, dtype=np.int32), none, np.array([]))
        excess = first_column + np.arange(count)[:, None]
        index = np.concatenate([flow_columns, excess], axis=1).astype(np.int32)
        value = np.concatenate([limits.coefficient, np.full((count, 1), -1.0)], axis=1)
        kept = value != 0.0
        start = np.concatenate([[0], np.cumsum(kept.sum(axis=1))[:-1]]).astype(np.int32)
        self.highs.addRows(count, -infinite, limits.right, int(kept.sum()), start, index[kept], value[kept])
        self.integer = np.concatenate([self.integer, np.zeros(count, dtype=bool)])
        self.limits[limits.name] = first_row, first_column

    def solve(self, watch: Callable[[float], None] | None = None) -> Answer:
        """Run HiGHS in a thread of its own, so that progress is shown and Ctrl-C ends it."""
        began, stop = self._begin(), self._interrupt
        stop.clear()
        worker = threading.Thread(target=self.highs.run, daemon=True)
        worker.start()
        try:
            while worker.is_alive():
                worker.join(0.2)
                if watch is not None:
                    watch(self.highs.getRunTime())
        except KeyboardInterrupt:
            stop.set()
            worker.join(5.0)
            raise
        return self._answer(began)

    def solve_at_once(self) -> Answer:
        """Run HiGHS in this thread: for linear programs that are over sooner than a thread of their own begins."""
        began = self._begin()
        self.highs.run()
        return self._answer(began)

    def _begin(self) -> float:
        """Return the time that was spent before, on which a time limit comes on top: HiGHS counts from its first solve on. [s]"""
        began = self.highs.getRunTime()
        if self.time_limit is not None:
            self._set("time_limit", began + self.time_limit)
        return began

    @cached_property
    def _interrupt(self) -> threading.Event:
        """What ends a run, once HiGHS has been told to look at it."""
        stop = threading.Event()
        self.highs.cbMipInterrupt += lambda event: setattr(event.data_in, "user_interrupt", stop.is_set())
        self.highs.cbSimplexInterrupt += lambda event: setattr(event.data_in, "user_interrupt", stop.is_set())
        self.highs.cbIpmInterrupt += lambda event: setattr(event.data_in, "user_interrupt", stop.is_set())
        return stop

    def _answer(self, began: float) -> Answer:
        import highspy

        status, info = self.highs.getModelStatus(), self.highs.getInfo()
        words = {
            highspy.HighsModelStatus.kOptimal: "optimal",
            highspy.HighsModelStatus.kInfeasible: "infeasible",
            highspy.HighsModelStatus.kUnbounded: "unbounded",
            highspy.HighsModelStatus.kUnboundedOrInfeasible: "infeasible_or_unbounded",
            highspy.HighsModelStatus.kTimeLimit: "time_limit",
            highspy.HighsModelStatus.kModelEmpty: "optimal",
        }
        solution = self.highs.getSolution()
        feasible = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
        mip = bool(self.integer.any())
        return Answer(
            condition=words.get(status, self.highs.modelStatusToString(status)),
            feasible=feasible,
            objective=float(info.objective_function_value),
            gap=float(info.mip_gap) if mip else float(status != highspy.HighsModelStatus.kOptimal),
            columns=np.array(solution.col_value),
            row_duals=None if mip or not solution.dual_valid else np.array(solution.row_dual),
            seconds=float(self.highs.getRunTime() - began),
            iterations=int(info.simplex_iteration_count + info.ipm_iteration_count + info.crossover_iteration_count),
        )

    def fix_integers(self, columns: NDArray[np.float64]) -> None:
        """Hold every integer at its value and make it continuous, so that the next solve has prices; a time limit is over by then."""
        import highspy

        places = np.flatnonzero(self.integer).astype(np.int32)
        values = np.round(columns[places])
        self.highs.changeColsBounds(places.size, places, values, values)
        self.highs.changeColsIntegrality(places.size, places, np.full(places.size, int(highspy.HighsVarType.kContinuous), dtype=np.uint8))
        self.integer = np.zeros_like(self.integer)
        self.time_limit = highspy.kHighsInf


class HighsModel(HighsProgram):
    """A linopy model's columns and rows, found by the names of components, buses and requests; ``kind_of`` tells the kind of each component."""

    def __init__(self, model: linopy.Model, kind_of: Mapping[str, str], options: dict[str, Any]) -> None:
        self.kind_of = kind_of
        matrices = model.matrices
        rows, (lower, upper) = without_bound_rows(model, matrices)
        integer = np.isin(matrices.vtypes, ("B", "I"))
        self.model = model
        super().__init__(Arrays(matrices.c, lower, upper, rows.lower, rows.upper, rows.start, rows.index, rows.value, integer), options)
        self.column_of = _positions(matrices.vlabels)
        self.row_of = _positions(rows.labels)

    def _columns(self, variable: str, component: str) -> NDArray[np.int64]:
        return self.column_of[self.model.variables[variable].labels.sel(name=component).values]

    def flow_columns(self, component: str) -> NDArray[np.int64]:
        """Columns of a component's flow. Shape (T,)."""
        return self._columns(f"{self.kind_of[component]}-p", component)

    def level_columns(self, store: str) -> NDArray[np.int64]:
        """Columns of a store's level. Shape (T,)."""
        return self._columns("Store-e", store)

    def balance_rows(self, bus: str) -> NDArray[np.int64] | None:
        """Rows of a bus's balance, shape (T,); None where nothing moves at the bus."""
        for name, constraint in self.model.constraints.items():
            if name.startswith("Bus-") and name.endswith("nodal_balance") and bus in constraint.labels.coords["name"].values:
                return self.row_of[constraint.labels.sel(name=bus).values]
        return None

    def period_rows(self, request: str) -> NDArray[np.int64]:
        """Row of each period of a period limit."""
        return np.atleast_1d(self.row_of[self.model.constraints[request].labels.values])

    def whole_numbers(self, suffix: str, columns: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        """Whole numbers of every request that has a variable of this suffix. Each shape (T,)."""
        names = [name for name in self.model.variables if name.endswith(suffix)]
        return {name.removesuffix(suffix): np.round(columns[self.column_of[self.model.variables[name].labels.values]]) for name in names}


class _Rows(NamedTuple):
    """Rows in compressed form, with linopy's labels."""

    labels: NDArray[np.int64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    start: NDArray[np.int32]
    index: NDArray[np.int32]
    value: NDArray[np.float64]


def without_bound_rows(model: linopy.Model, matrices: Any) -> tuple[_Rows, tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Return the rows that are not bounds of one column, and the columns' bounds tightened by those that are.

    PyPSA writes each bound of a flow as a row ("Link-fix-p-upper"); of a year's 1.4 million rows this leaves a fifth, which HiGHS reads and presolves
    in less time and memory.
    """
    bounds = [constraint.labels.values.ravel() for name, constraint in model.constraints.items() if "-fix-" in name]
    table = matrices.A.tocsr()
    row_lower = np.where(matrices.sense != "<", matrices.b, -np.inf)
    row_upper = np.where(matrices.sense != ">", matrices.b, np.inf)
    single = np.isin(matrices.clabels, np.concatenate([*bounds, np.array([], dtype=np.int64)])) & (np.diff(table.indptr) == 1)
    place = table.indptr[:-1][single]
    column, factor = table.indices[place], table.data[place]
    ends = np.stack([row_lower[single] / factor, row_upper[single] / factor])
    lower, upper = matrices.lb.astype(float), matrices.ub.astype(float)
    np.maximum.at(lower, column, ends.min(axis=0))
    np.minimum.at(upper, column, ends.max(axis=0))
    kept = table[np.flatnonzero(~single)]
    rows = _Rows(matrices.clabels[~single], row_lower[~single], row_upper[~single], kept.indptr, kept.indices, kept.data)
    return rows, (lower, upper)


def _positions(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return position by label; −1 where a label is not in the model."""
    positions = np.full(int(labels.max(initial=-1)) + 2, -1, dtype=np.int64)
    positions[labels] = np.arange(labels.size)
    return positions
