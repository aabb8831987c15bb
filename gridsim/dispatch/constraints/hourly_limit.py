r"""At every snapshot: :math:`\sum_i a_{i,t}\, p_{i,t} \lessgtr b_t`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridsim.dispatch.constraints import _series, summed

if TYPE_CHECKING:
    import linopy

    from gridsim.technologies.draft import HourlyLimit, NetworkDraft


def add_hourly_limit(model: linopy.Model, draft: NetworkDraft, request: HourlyLimit) -> None:
    """Add the rows of one request."""
    sense = "=" if request.sense == "==" else request.sense
    model.add_constraints(summed(model, draft, request.terms), sense, _series(model, request.right), name=request.name)
