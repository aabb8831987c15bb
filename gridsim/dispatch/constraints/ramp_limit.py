r"""From one snapshot to the next: :math:`-R^\downarrow \le q_t - q_{t-1} \le R^\uparrow`; the first snapshot is free.

:math:`q_t = \sum_i a_i p_{i,t}`, or :math:`\sum_i a_i p_{i,t} - \underline p\, n_t` where only what exceeds the minimum load :math:`\underline p` of a
committed module ramps, and it comes down to :math:`R^\downarrow` above that load before it stops.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridsim.dispatch.constraints import summed

if TYPE_CHECKING:
    import linopy

    from gridsim.technologies.draft import NetworkDraft, RampLimit


def add_ramp_limit(model: linopy.Model, draft: NetworkDraft, request: RampLimit) -> None:
    """Add the rows of both directions."""
    if draft.steps < 2:
        return
    power = summed(model, draft, request.terms)
    if request.above is not None:
        commitment, minimum_mw = request.above
        power = power - minimum_mw * model[f"{commitment}-on"]
    change = power.isel(snapshot=slice(1, None)) - power.shift(snapshot=1).isel(snapshot=slice(1, None))
    model.add_constraints(change, "<=", request.up_mw, name=f"{request.name}-up")
    model.add_constraints(change, ">=", -request.down_mw, name=f"{request.name}-down")
