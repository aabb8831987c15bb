"""A park's draft decided window after window, with its flows kept apart, its stores' last levels agreed, and what the wires ask of single steps."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.dispatch.audit import meeting
from gridsim.dispatch.program_model import ProgramIndex
from gridsim.dispatch.rolling import Ends, Rolling
from gridsim.dispatch.step_program import program_of_draft, step_program
from gridsim.technologies.draft import Exclusive, Ordered, SnapshotLimits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gridsim.dispatch.program import Program
    from gridsim.dispatch.rolling_window import Window, WindowProgram
    from gridsim.technologies.draft import NetworkDraft

STAY_SHARE, STAY_CNY = 0.05, 1e-3
"""Price of ending at another level than the guide: this share of what is stored, and this much a unit (judged)."""

MOST_TRIES = 5
"""Solves of a window until no two flows meet that must not."""


class WindowIndex(ProgramIndex):
    """Names of a program's columns, for a dispatch that no single solve found; ``limits`` are those of `within_limits`, in their order."""

    def __init__(self, program: Program, limits: Sequence[SnapshotLimits] = ()) -> None:
        self.program = program
        rows, columns = program.matrix.shape
        behind = np.cumsum([0, *(one.snapshot.size for one in reversed(limits))])[1:]
        self.limits = {one.name: (rows - int(count), columns - int(count)) for one, count in zip(reversed(limits), behind, strict=True)}
        """First row and first column (of excess) of each."""


def within_limits(draft: NetworkDraft) -> Program:
    """Write down a draft step by step; what it asks of single steps stands in rows at the end, each with a column of excess."""
    from scipy.sparse import bmat, csr_matrix, identity

    program, hours = program_of_draft(draft), draft.park.time.step_hours
    for one in draft.requested(SnapshotLimits):
        count = one.snapshot.size
        column = np.array([program.flow[component].start for component in one.components]) + one.snapshot[:, None]
        row = np.broadcast_to(np.arange(count)[:, None], column.shape)
        kept = one.coefficient != 0.0
        flows = csr_matrix((one.coefficient[kept], (row[kept], column[kept])), shape=(count, program.cost.size))
        none, nothing = np.full(count, np.inf), np.zeros(count)
        program = dataclasses.replace(
            program,
            cost=np.append(program.cost, np.full(count, one.excess_price_cny_per_mwh * hours)),
            lower=np.append(program.lower, nothing),
            upper=np.append(program.upper, none),
            matrix=bmat([[program.matrix, None], [flows, -identity(count)]], format="csr"),
            row_lower=np.append(program.row_lower, -none),
            row_upper=np.append(program.row_upper, one.right),
            step=np.append(program.step, one.snapshot),
            integer=np.append(program.integer, nothing > 0.0),
        )
    return program


def ends_of_levels(program: Program, worth: dict[str, NDArray[np.float64]], *, follow: bool) -> Ends:
    """Return what windows want of their ends: levels that are worth something, and nothing owed to shifted loads.

    Parameters
    ----------
    worth : dict
        Of one more MWh in each store at the end of each step. Each shape (T,). [CNY/MWh]
    follow : bool
        Whether it costs something to end away from the guide.
    """
    values, stay = np.zeros(program.cost.size), np.zeros(program.cost.size)
    for store, series in worth.items():
        values[program.level[store]] = series
        if follow:
            stay[program.level[store]] = (STAY_SHARE * series + STAY_CNY) * (series > 0.0)
    return Ends(values, stay, tuple((np.arange(taken.start, taken.stop), np.arange(added.start, added.stop)) for taken, added in program.owed))


class RollingDraft(Rolling):
    """Windows of a draft.

    Parameters
    ----------
    draft : NetworkDraft
    named : Program
        The draft written down, step by step.
    ends, guide, options
        As in `Rolling`.
    """

    def __init__(
        self,
        draft: NetworkDraft,
        named: Program,
        *,
        ends: Ends | None = None,
        guide: NDArray[np.float64] | None = None,
        options: dict[str, Any] | None = None,
    ) -> None:
        periods = np.concatenate([np.arange(rows.start, rows.stop) for rows in named.period.values()] or [np.zeros(0, dtype=np.int64)])
        super().__init__(step_program(named, draft.steps), periods, ends=ends, guide=guide, options=options)
        self.draft, self.named = draft, named
        self.watched = [*draft.requested(Exclusive), *draft.requested(Ordered)]

    def hold_last_levels(self) -> None:
        """Where a store ends where it began, agree on that level at the start: the guide's, or half full where there is none."""
        for store in self.draft.having("store"):
            if store.get("e_cyclic", False):
                last = np.array([self.named.level[store.name].stop - 1])
                half = (self.lower[last] + self.upper[last]) / 2.0
                self.hold(last, self.guide[last] if self.guided else half)

    def apart(self, program: WindowProgram, first: int, until: int, **how: Any) -> Window:
        """Solve a window from ``first`` on; where flows meet that must not before ``until``, the smaller one is held at zero and the window solved again."""
        zero = np.zeros(0, dtype=np.int64)
        for _ in range(MOST_TRIES):
            window = program.solve(first, zero=zero, **how)
            met = self._met(window, first, until)
            if not met.size:
                break
            zero = np.union1d(zero, met)
        return window

    def _met(self, window: Window, first: int, until: int) -> NDArray[np.int64]:
        """Columns of the smaller flow of each meeting, or of the one that came too early."""
        value, before = self.value, self.value[window.columns]
        value[window.columns] = window.values
        held = []
        for request in self.watched:
            one, other = (self.named.flow[name].start + np.arange(first, until) for name in (request.first, request.second))
            on = {}
            if isinstance(request, Ordered) and request.commitment is not None:
                on = {request.commitment: np.round(value[self.named.whole[f"{request.commitment}-on"]][first:until])}
            where = meeting(request, {request.first: value[one], request.second: value[other]}, on)
            held.append(other[where] if isinstance(request, Ordered) else np.where(value[one] < value[other], one, other)[where])
        value[window.columns] = before
        return np.unique(np.concatenate(held)) if held else np.zeros(0, dtype=np.int64)
