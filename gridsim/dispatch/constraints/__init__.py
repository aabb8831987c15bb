"""Equations that PyPSA lacks, one a file: each adds one kind of request to the linopy model."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import linopy

    from gridsim.technologies.draft import NetworkDraft, Term


def flow(model: linopy.Model, draft: NetworkDraft, component: str) -> linopy.Variable:
    """Return the variable ``p`` of a component. Shape (T,)."""
    return model[f"{draft.components[component].kind}-p"].sel(name=component, drop=True)


def summed(model: linopy.Model, draft: NetworkDraft, terms: tuple[Term, ...]) -> linopy.LinearExpression:
    """Return Σ coefficient × flow at each snapshot. Shape (T,)."""
    expression = None
    for term in terms:
        part = _series(model, term.coefficient) * flow(model, draft, term.component)
        expression = part if expression is None else expression + part
    return expression


def _series(model: linopy.Model, value: object) -> object:
    import numpy as np
    import xarray as xr

    if isinstance(value, np.ndarray):
        return xr.DataArray(value, coords={"snapshot": model.parameters.snapshots.values}, dims="snapshot")
    return float(value)
