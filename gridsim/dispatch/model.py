"""From the draft to a linopy model: PyPSA's own equations, then each request."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

from gridsim.dispatch.carbon_limits import add_carbon_limits
from gridsim.dispatch.constraints import flow
from gridsim.dispatch.constraints.calls import add_calls
from gridsim.dispatch.constraints.commitment import add_commitment
from gridsim.dispatch.constraints.demand_charge import add_demand_charge
from gridsim.dispatch.constraints.exclusive import add_exclusive
from gridsim.dispatch.constraints.hourly_limit import add_hourly_limit
from gridsim.dispatch.constraints.load_shift import add_load_shift
from gridsim.dispatch.constraints.ordered import add_ordered
from gridsim.dispatch.constraints.period_limit import add_period_limit
from gridsim.dispatch.constraints.ramp_limit import add_ramp_limit
from gridsim.dispatch.limits import add_green_only, add_limits, add_load_floors
from gridsim.technologies.draft import (
    Calls,
    Commitment,
    DemandCharge,
    Exclusive,
    HourlyLimit,
    Level,
    LoadShift,
    NetworkDraft,
    Ordered,
    PeriodLimit,
    RampLimit,
    SnapshotLimits,
)

if TYPE_CHECKING:
    import linopy
    import pypsa
    from numpy.typing import NDArray

    from gridsim.park.park import Park

ADD = {
    HourlyLimit: add_hourly_limit,
    PeriodLimit: add_period_limit,
    DemandCharge: add_demand_charge,
    RampLimit: add_ramp_limit,
    LoadShift: add_load_shift,
    Commitment: add_commitment,
    Calls: add_calls,
}


def make_draft(park: Park, level: Level = "linear") -> NetworkDraft:
    """Let every technology write into a new draft, and add what holds for the whole park."""
    draft = NetworkDraft(park, level)
    for name, bus in park.buses.items():
        draft.bus(name, bus.carrier)
    for name, technology in park.technologies.items():
        technology.build(name, draft)
    add_limits(draft, park.limits)
    if park.carbon is not None:
        add_carbon_limits(draft, park.carbon)
    add_green_only(draft)
    add_load_floors(draft)
    return draft


def unsupplied(draft: NetworkDraft) -> list[str]:
    """Return the buses at which something is demanded, and that nothing but loads is connected to; PyPSA refuses them."""
    connected = {bus for component in draft.components.values() if component.kind != "Load" for bus, _ in draft.ports(component)}
    return sorted({c["bus"] for c in draft.components.values() if c.kind == "Load" and c["bus"] not in connected and np.any(c["p_set"] != 0)})


def make_model(draft: NetworkDraft, network: pypsa.Network) -> linopy.Model:
    """Return the linopy model of a network with all requests of its draft; flows that may not meet get binaries only where meeting could pay."""
    model = _pypsa_model(draft, network)
    for request in draft.requests:
        if isinstance(request, SnapshotLimits):
            continue  # these go to the solver as rows (`HighsModel.add_limits`), so that a solved model can take more of them
        if isinstance(request, Exclusive | Ordered):
            add_binaries(model, draft, request, foreseen(draft, request), 0)
            if isinstance(request, Ordered) and request.tie_break_cny_per_mwh:
                model.objective += request.tie_break_cny_per_mwh * draft.park.time.step_hours * flow(model, draft, request.second).sum()
        else:
            ADD[type(request)](model, draft, request)
    return model


def foreseen(draft: NetworkDraft, request: Exclusive | Ordered) -> NDArray[np.bool_]:
    """Snapshots whose binaries are in the model from the start. Shape (T,)."""
    if isinstance(request, Exclusive):
        return request.pays | request.always
    return np.zeros(draft.steps, dtype=bool)


def add_binaries(model: linopy.Model, draft: NetworkDraft, request: Exclusive | Ordered, where: NDArray[np.bool_], number: int) -> None:
    """Add the binaries of a request at the snapshots ``where``; ``number`` tells later rounds apart."""
    {Exclusive: add_exclusive, Ordered: add_ordered}[type(request)](model, draft, request, where, number)


def _pypsa_model(draft: NetworkDraft, network: pypsa.Network) -> linopy.Model:
    """Return PyPSA's own equations; it refuses a model without costs (wind and load alone), which therefore gets a cost that is taken back."""
    from linopy import LinopySemanticsWarning

    costless = not any(np.any(np.asarray(c.get("marginal_cost", 0.0))) for c in draft.components.values())
    first = next(c for c in draft.components.values() if c.kind != "Load")
    static = network.c[first.kind].static
    if costless:
        static.loc[first.name, "marginal_cost"] = 1.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LinopySemanticsWarning)  # from PyPSA's own rows for the first level of a store
        model = network.optimize.create_model(include_objective_constant=False, consistency_check=False)
    if costless:
        static.loc[first.name, "marginal_cost"] = 0.0
        model.objective = 0.0 * model.objective.expression
    return model
