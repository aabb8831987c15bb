r"""For every period :math:`m`: :math:`\sum_{t \in m} \Delta t \sum_i a_{i,t}\, p_{i,t} \lessgtr b_m`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridsim.dispatch.constraints import summed

if TYPE_CHECKING:
    import linopy

    from gridsim.technologies.draft import NetworkDraft, PeriodLimit


def add_period_limit(model: linopy.Model, draft: NetworkDraft, request: PeriodLimit) -> None:
    """Add one row a period."""
    import xarray as xr

    sense = "=" if request.sense == "==" else request.sense
    energy = draft.park.time.step_hours * summed(model, draft, request.terms)
    if len(request.right) == 1:
        model.add_constraints(energy.sum("snapshot"), sense, float(request.right[0]), name=request.name)
        return
    groups = xr.DataArray(request.period, coords={"snapshot": energy.coords["snapshot"]}, dims="snapshot", name="period")
    right = xr.DataArray(request.right, coords={"period": np.arange(len(request.right))}, dims="period")
    model.add_constraints(energy.groupby(groups).sum(), sense, right, name=request.name)
