"""A dispatch at the linear level, handed to HiGHS as arrays: no modelling layer stands between, so that a year takes a second to write down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.dispatch.highs import HighsProgram
from gridsim.dispatch.optimum import arrays_of
from gridsim.dispatch.program import make_program
from gridsim.dispatch.segments import single_steps
from gridsim.dispatch.sizes import Sizes
from gridsim.technologies.draft import Calls, Commitment, Exclusive, Ordered

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.technologies.draft import NetworkDraft


class ProgramModel(HighsProgram):
    """Columns and rows of a draft without whole numbers, found by the names of its components, buses and requests."""

    def __init__(self, draft: NetworkDraft, options: dict[str, Any]) -> None:
        self.program = make_program(draft, single_steps(draft.steps), Sizes.none(), with_order=True)
        super().__init__(arrays_of(self.program), options)

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
        """Whole numbers of requests: there are none."""
        return {}


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
