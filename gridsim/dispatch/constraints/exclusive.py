r"""Never both flows in one snapshot: :math:`a_t \le A z_t, \quad b_t \le B (1 - z_t), \quad z_t \in \{0, 1\}`, for chosen snapshots only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridsim.dispatch.constraints import flow

if TYPE_CHECKING:
    import linopy
    from numpy.typing import NDArray

    from gridsim.technologies.draft import Exclusive, NetworkDraft


def add_exclusive(model: linopy.Model, draft: NetworkDraft, request: Exclusive, where: NDArray[np.bool_], number: int) -> None:
    """Add binaries and rows at the snapshots ``where``; ``number`` tells later rounds apart."""
    steps = np.flatnonzero(where)
    if steps.size == 0:
        return
    snapshots = model.parameters.snapshots.to_index()[steps]
    first_runs = model.add_variables(binary=True, coords=[snapshots], name=f"{request.name}-first_runs_{number}")
    first = flow(model, draft, request.first).isel(snapshot=steps)
    second = flow(model, draft, request.second).isel(snapshot=steps)
    model.add_constraints(first - request.first_max_mw * first_runs, "<=", 0.0, name=f"{request.name}-first_{number}")
    model.add_constraints(second + request.second_max_mw * first_runs, "<=", request.second_max_mw, name=f"{request.name}-second_{number}")
