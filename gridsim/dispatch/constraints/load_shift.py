r"""What demand response takes from a load is added back within a window of :math:`W` snapshots, before or after.

.. math::
   B_t &= B_{t-1} + \Delta t\,(\rho d_t - u_t), \quad B_{-1} = B_{T-1} = 0 \\
   B_t &\le \rho \Delta t \sum_{s=t-W+1}^{t} d_s \quad\text{(nothing owed is older than the window)} \\
   -B_t &\le \Delta t \sum_{s=t-W+1}^{t} u_s \quad\text{(nothing advanced is older than the window)}

:math:`B` is what the load is owed; with first-in-first-out recovery both rows are exact.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridsim.dispatch.constraints import flow

if TYPE_CHECKING:
    import linopy

    from gridsim.technologies.draft import LoadShift, NetworkDraft


def add_load_shift(model: linopy.Model, draft: NetworkDraft, request: LoadShift) -> None:
    """Add the balance of what is owed, its end at zero, and the two windows."""
    hours = draft.park.time.step_hours
    taken = request.recovery * hours * flow(model, draft, request.reduction)
    added = hours * flow(model, draft, request.increase)
    bound = np.full(draft.steps, np.inf)
    bound[-1] = 0.0
    owed = model.add_variables(lower=-bound, upper=bound, coords=[model.parameters.snapshots.to_index()], name=f"{request.name}-owed_mwh")
    before = (1.0 * owed).shift(snapshot=1).fillna(0)
    model.add_constraints(owed - before - taken + added, "=", 0.0, name=f"{request.name}-balance")
    window = min(request.window, draft.steps)
    model.add_constraints(owed - taken.rolling(snapshot=window).sum(), "<=", 0.0, name=f"{request.name}-owed")
    model.add_constraints(-owed - added.rolling(snapshot=window).sum(), "<=", 0.0, name=f"{request.name}-advanced")
