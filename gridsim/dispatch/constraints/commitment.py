r"""A fleet of :math:`N` equal modules, each off, in standby or on.

.. math::
   \underline p_k n_t \le p_{k,t} \le \overline p_k n_t, \qquad n_t + b_t \le N, \qquad s_t \ge (n_t + b_t) - (n_{t-1} + b_{t-1}), \qquad
   \Delta t\, a_t = \Delta t\, \beta b_t + \tau s_t

for the parts :math:`k` of the fleet's flow, with modules on :math:`n`, in standby :math:`b`, cold starts :math:`s` and auxiliary power
:math:`a`. The state before the first snapshot is free. Starts cost money in the objective.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridsim.dispatch.constraints import flow

if TYPE_CHECKING:
    import linopy

    from gridsim.technologies.draft import Commitment, NetworkDraft


def add_commitment(model: linopy.Model, draft: NetworkDraft, request: Commitment) -> None:
    """Add the integers and rows of one fleet."""
    snapshots = model.parameters.snapshots.to_index()
    on = model.add_variables(lower=0, upper=request.modules, coords=[snapshots], name=f"{request.name}-on", integer=True)
    warm = 1 * on
    if request.standby_mw > 0:
        standby = model.add_variables(lower=0, upper=request.modules, coords=[snapshots], name=f"{request.name}-standby", integer=True)
        warm = warm + standby
        model.add_constraints(warm, "<=", request.modules, name=f"{request.name}-fleet")
    for block in request.blocks:
        power = flow(model, draft, block.component)
        model.add_constraints(power - block.maximum_mw * on, "<=", 0.0, name=f"{request.name}-{block.component}-upper")
        model.add_constraints(power - block.minimum_mw * on, ">=", 0.0, name=f"{request.name}-{block.component}-lower")
    starts = model.add_variables(lower=0.0, coords=[snapshots], name=f"{request.name}-starts")
    if draft.steps > 1:
        rise = warm.isel(snapshot=slice(1, None)) - warm.shift(snapshot=1).isel(snapshot=slice(1, None))
        model.add_constraints(starts.isel(snapshot=slice(1, None)) - rise, ">=", 0.0, name=f"{request.name}-start")
    if request.start_cost_cny > 0:
        model.objective += (request.start_cost_cny * starts).sum()
    if request.auxiliary is not None:
        drawn = flow(model, draft, request.auxiliary) - (request.start_energy_mwh / draft.park.time.step_hours) * starts
        if request.standby_mw > 0:
            drawn = drawn - request.standby_mw * standby
        model.add_constraints(drawn, "=", 0.0, name=f"{request.name}-auxiliary")
