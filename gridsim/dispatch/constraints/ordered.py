r"""The second flow runs only where the first is full, by binaries in chosen snapshots only.

.. math:: a_t \ge A n_t - A N (1 - z_t), \quad b_t \le B z_t, \quad z_t \in \{0, 1\}

:math:`n_t` of :math:`N` modules are on; without a commitment both are 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridsim.dispatch.constraints import flow

if TYPE_CHECKING:
    import linopy
    from numpy.typing import NDArray

    from gridsim.technologies.draft import NetworkDraft, Ordered


def add_ordered(model: linopy.Model, draft: NetworkDraft, request: Ordered, where: NDArray[np.bool_], number: int) -> None:
    """Add binaries and rows at the snapshots ``where``; ``number`` tells later rounds apart."""
    steps = np.flatnonzero(where)
    if steps.size == 0:
        return
    snapshots = model.parameters.snapshots.to_index()[steps]
    second_runs = model.add_variables(binary=True, coords=[snapshots], name=f"{request.name}-second_runs_{number}")
    first = flow(model, draft, request.first).isel(snapshot=steps)
    second = flow(model, draft, request.second).isel(snapshot=steps)
    if request.commitment is None:
        model.add_constraints(first - request.first_max_mw * second_runs, ">=", 0.0, name=f"{request.name}-first_{number}")
    else:
        on = model[f"{request.commitment}-on"].isel(snapshot=steps)
        fleet = request.first_max_mw * request.modules
        model.add_constraints(first - request.first_max_mw * on - fleet * second_runs, ">=", -fleet, name=f"{request.name}-first_{number}")
    model.add_constraints(second - request.second_max_mw * second_runs, "<=", 0.0, name=f"{request.name}-second_{number}")
