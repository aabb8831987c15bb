r"""Interruptions by call: :math:`p_t \le P z_t,\; s_t \ge z_t - z_{t-1},\; \sum_t s_t \le C,\; \sum_{s=t}^{t+H} z_s \le H`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridsim.dispatch.constraints import flow

if TYPE_CHECKING:
    import linopy

    from gridsim.technologies.draft import Calls, NetworkDraft


def add_calls(model: linopy.Model, draft: NetworkDraft, request: Calls) -> None:
    """Add the binaries, the count of calls, and their length."""
    snapshots = model.parameters.snapshots.to_index()
    called = model.add_variables(binary=True, coords=[snapshots], name=f"{request.name}-on")
    begins = model.add_variables(lower=0.0, coords=[snapshots], name=f"{request.name}-begins")
    model.add_constraints(flow(model, draft, request.component) - request.power_mw * called, "<=", 0.0, name=f"{request.name}-power")
    model.add_constraints(begins - called + (1 * called).shift(snapshot=1).fillna(0), ">=", 0.0, name=f"{request.name}-begin")
    model.add_constraints(begins.sum(), "<=", request.calls, name=f"{request.name}-count")
    if request.length < draft.steps:
        running = (1 * called).rolling(snapshot=request.length + 1).sum()
        model.add_constraints(running, "<=", request.length, name=f"{request.name}-length")
