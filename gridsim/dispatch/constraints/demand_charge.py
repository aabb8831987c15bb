r"""Pay once a month for the highest import: :math:`D \sum_m \hat p_m` with :math:`p_t \le \hat p_m \;\forall t \in m`. [CNY]"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridsim.dispatch.constraints import summed

if TYPE_CHECKING:
    import linopy

    from gridsim.technologies.draft import DemandCharge, NetworkDraft


def add_demand_charge(model: linopy.Model, draft: NetworkDraft, request: DemandCharge) -> None:
    """Add a peak a month, its rows, and its cost."""
    import pandas as pd
    import xarray as xr

    months = pd.RangeIndex(int(request.month.max()) + 1, name="month")
    peaks = model.add_variables(lower=0.0, coords=[months], name=f"{request.name}-peak_mw")
    power = summed(model, draft, request.terms)
    month = xr.DataArray(request.month, coords={"snapshot": power.coords["snapshot"]}, dims="snapshot")
    peak_of_its_month = (1.0 * peaks).sel(month=month).drop_vars("month")
    model.add_constraints(power - peak_of_its_month, "<=", 0.0, name=request.name)
    model.objective += (request.price_cny_per_mw * peaks).sum()


def monthly_peaks(power_mw: np.ndarray, month: np.ndarray) -> np.ndarray:
    """Highest power of each month, at least 0. Shape (months,). [MW]"""
    peaks = np.zeros(int(month.max()) + 1)
    np.maximum.at(peaks, month, power_mw)
    return peaks
