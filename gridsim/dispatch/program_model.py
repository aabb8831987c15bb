"""A dispatch at the linear level, handed to HiGHS as arrays: no modelling layer stands between, so that a year takes a second to write down."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.dispatch.highs import Basis, HighsProgram
from gridsim.dispatch.optimum import arrays_of
from gridsim.dispatch.program import make_program
from gridsim.dispatch.segments import single_steps
from gridsim.dispatch.sizes import Sizes
from gridsim.technologies.draft import Calls, Commitment, Exclusive, Ordered

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.dispatch.program import Program
    from gridsim.technologies.draft import NetworkDraft


class ProgramIndex:
    """Columns and rows of a program by the names of components, buses and requests."""

    program: Program

    def flow_columns(self, component: str) -> NDArray[np.int64]:
        """Columns of a component's flow. Shape (T,)."""
        columns = self.program.flow[component]
        return np.arange(columns.start, columns.stop)

    def level_columns(self, store: str) -> NDArray[np.int64]:
        """Columns of a store's level. Shape (T,)."""
        columns = self.program.level[store]
        return np.arange(columns.start, columns.stop)

    def balance_rows(self, bus: str) -> NDArray[np.int64] | None:
        """Rows of a bus's balance, shape (T,); None where nothing moves at the bus."""
        rows = self.program.balance.get(bus)
        return None if rows is None else np.arange(rows.start, rows.stop)

    def period_rows(self, request: str) -> NDArray[np.int64]:
        """Row of each period of a period limit."""
        rows = self.program.period[request]
        return np.arange(rows.start, rows.stop)

    def whole_numbers(self, suffix: str, columns: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        """Whole numbers of every request that has columns of this suffix. Each shape (T,)."""
        return {name.removesuffix(suffix): np.round(columns[at]) for name, at in self.program.whole.items() if name.endswith(suffix)}


AT_LOWER, BASIC, AT_UPPER, AT_ZERO = range(4)
"""HiGHS' numbers of a variable's status."""
MOST_ENTRIES = 20_000
"""Coefficients that are changed one by one; beyond, a new start is quicker (judged)."""


class ProgramModel(HighsProgram, ProgramIndex):
    """A draft without whole numbers in HiGHS."""

    def __init__(self, draft: NetworkDraft, options: dict[str, Any]) -> None:
        self.program = make_program(draft, single_steps(draft.steps), Sizes.none(), with_order=True)
        super().__init__(arrays_of(self.program), options)
        self.known_region = ""

    def basis(self) -> Basis:
        """Return where the last solve ended; by its basic variables and values, as HiGHS hands over statuses one by one, which takes ten times as long."""
        program, (status, basic) = self.program, self.highs.getBasicVariables()
        if status != type(status).kOk or self.limits:
            return super().basis()
        solution = self.highs.getSolution()
        sides = ((solution.col_value, program.lower, program.upper), (solution.row_value, program.row_lower, program.row_upper))
        columns, rows = (_at_bound(np.array(values), lower, upper) for values, lower, upper in sides)
        columns[basic[basic >= 0]] = rows[-1 - basic[basic < 0]] = BASIC
        return Basis(columns, rows)

    def region(self) -> str:
        """Return a digest of what the program allows: everything but its costs and rows that were added."""
        if not self.known_region:
            self.known_region = self._region()
        return self.known_region

    def _region(self) -> str:
        program, digest = self.program, hashlib.blake2b(digest_size=16)
        parts = (program.lower, program.upper, program.row_lower, program.row_upper, program.matrix.indptr, program.matrix.indices, program.matrix.data)
        for part in parts:
            digest.update(np.ascontiguousarray(part).view(np.uint8))
        return digest.hexdigest()

    def change(self, draft: NetworkDraft) -> bool:
        """Make the program that of another draft of the same structure, in place, and keep the basis; False where the structure is another.

        Rows that were added to the program stay, so that they must still be meant.
        """
        old, new = self.program, make_program(draft, single_steps(draft.steps), Sizes.none(), with_order=True)
        if (old.flow, old.level, old.peak, old.balance, old.period) != (new.flow, new.level, new.peak, new.balance, new.period):
            return False
        if not np.array_equal(old.matrix.indptr, new.matrix.indptr) or not np.array_equal(old.matrix.indices, new.matrix.indices):
            return False
        entries = np.flatnonzero(old.matrix.data != new.matrix.data)
        if entries.size > MOST_ENTRIES:
            return False
        columns = np.flatnonzero(old.cost != new.cost).astype(np.int32)
        self.highs.changeColsCost(columns.size, columns, new.cost[columns])
        columns = np.flatnonzero((old.lower != new.lower) | (old.upper != new.upper)).astype(np.int32)
        self.highs.changeColsBounds(columns.size, columns, new.lower[columns], new.upper[columns])
        for row in np.flatnonzero((old.row_lower != new.row_lower) | (old.row_upper != new.row_upper)):
            self.highs.changeRowBounds(int(row), new.row_lower[row], new.row_upper[row])
        rows = np.searchsorted(new.matrix.indptr, entries, side="right") - 1
        for row, column, value in zip(rows, new.matrix.indices[entries], new.matrix.data[entries], strict=True):
            self.highs.changeCoeff(int(row), int(column), float(value))
        self.program, self.known_region = new, ""
        return True


def _at_bound(values: NDArray[np.float64], lower: NDArray[np.float64], upper: NDArray[np.float64]) -> NDArray[np.int8]:
    """Return the status of each value that is not basic; without bounds it is at zero."""
    nearer = np.where(np.abs(values - lower) <= np.abs(upper - values), AT_LOWER, AT_UPPER)
    return np.where(np.isinf(lower) & np.isinf(upper), AT_ZERO, nearer).astype(np.int8)


def has_whole_numbers(draft: NetworkDraft) -> bool:
    """Tell whether a dispatch needs whole numbers from the start."""
    for request in draft.requests:
        if isinstance(request, Commitment | Calls):
            return True
        if isinstance(request, Exclusive) and (request.always or request.pays.any()):
            return True
        if isinstance(request, Ordered) and request.commitment is not None:
            return True
    return False
