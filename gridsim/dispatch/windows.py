"""A year dispatched window after window, guided by the optimum over segments: quickly an upper bound that is close to the optimum.

What ties the windows together is known from the relaxed optimum over segments: the level of each store at the end of each window and what a MWh in it is
worth, the peaks of the months, how much of each yearly limit is used by then (`gridsim.dispatch.rolling` has the equations). Levels end where the relaxed
optimum has them, unless the hours say that another level pays. The dispatch keeps every row of the hourly program; its cost is an upper bound.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from gridsim.dispatch.rolling_draft import RollingDraft, ends_of_levels

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from gridsim.dispatch.optimum import Optimum
    from gridsim.dispatch.program import Program
    from gridsim.dispatch.segments import Segments
    from gridsim.technologies.draft import NetworkDraft

WINDOW_STEPS = 336
"""Steps of a window: two weeks of hours (judged)."""


@dataclass(frozen=True, eq=False)
class Guide:
    """A relaxed optimum, by step. T steps."""

    guess: NDArray[np.float64]
    """A value for each column of the hourly program: that of the segment which holds its step."""
    worth: dict[str, NDArray[np.float64]]
    """Of one more MWh in each store at the end of the segment. Shape (T,). [CNY/MWh]"""


def guide(relaxed: Program, segments: Segments, found: Optimum, hourly: Program) -> Guide:
    """Read the guide for an hourly program from the optimum of one over segments."""
    guess = np.zeros(hourly.cost.size)
    for there, here in ((relaxed.flow, hourly.flow), (relaxed.level, hourly.level)):
        for name, columns in there.items():
            guess[here[name]] = segments.spread(found.columns[columns])
    for name, columns in relaxed.peak.items():
        guess[hourly.peak[name]] = found.columns[columns]
    worth = {}
    for store, sets in relaxed.chain.items():
        columns = relaxed.level[store]
        before = np.roll(np.arange(columns.start, columns.stop), 1)
        held = np.zeros(segments.count)
        for rows in sets:
            held += np.asarray(relaxed.matrix[np.arange(rows.start, rows.stop), before]).ravel() * found.row_duals[rows]
        worth[store] = segments.spread(np.maximum(np.roll(held, -1), 0.0))  # one more MWh at the end of a segment is one more at the start of the next
    return Guide(guess, worth)


def dispatch_windows(
    draft: NetworkDraft, program: Program, way: Guide, *, window_steps: int = WINDOW_STEPS, watch: Callable[[float], None] | None = None
) -> NDArray[np.float64] | None:
    """Return the columns of a dispatch, or None where a window has no solution on this way.

    Parameters
    ----------
    program : Program
        Of single steps, with order.
    """
    ends = ends_of_levels(program, way.worth, follow=True)
    rolling = RollingDraft(draft, program, ends=ends, guide=way.guess)
    rolling.hold_last_levels()
    for first, last in pairwise([*window_borders(draft.steps, window_steps), draft.steps]):
        window = rolling.apart(rolling.window(first, last), first, last)
        if window.broken or window.behind:
            return None
        rolling.keep(window, last)
        if watch is not None:
            watch(last / draft.steps)
    return rolling.finish()


def window_borders(steps: int, window_steps: int = WINDOW_STEPS) -> NDArray[np.int64]:
    """First step of each window; none is short at the end."""
    borders = np.arange(0, steps, window_steps)
    return borders[:-1] if borders.size > 1 and steps - borders[-1] < window_steps // 2 else borders
