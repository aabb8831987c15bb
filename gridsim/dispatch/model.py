"""From the draft to a linopy model: PyPSA's own equations, then each request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridsim.dispatch.constraints.calls import add_calls
from gridsim.dispatch.constraints.commitment import add_commitment
from gridsim.dispatch.constraints.demand_charge import add_demand_charge
from gridsim.dispatch.constraints.exclusive import add_exclusive
from gridsim.dispatch.constraints.hourly_limit import add_hourly_limit
from gridsim.dispatch.constraints.load_shift import add_load_shift
from gridsim.dispatch.constraints.period_limit import add_period_limit
from gridsim.dispatch.constraints.ramp_limit import add_ramp_limit
from gridsim.dispatch.limits import add_green_only, add_limits
from gridsim.technologies.draft import (
    Calls,
    Commitment,
    DemandCharge,
    Exclusive,
    HourlyLimit,
    Level,
    LoadShift,
    NetworkDraft,
    PeriodLimit,
    RampLimit,
)

if TYPE_CHECKING:
    import linopy
    import pypsa

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
    add_green_only(draft)
    return draft


def make_model(draft: NetworkDraft, network: pypsa.Network) -> linopy.Model:
    """Return the linopy model of a network with all requests of its draft; flows that may not meet get binaries only where meeting could pay."""
    model = network.optimize.create_model(include_objective_constant=False, consistency_check=False)
    for request in draft.requests:
        if isinstance(request, Exclusive):
            where = request.pays | request.always
            add_exclusive(model, draft, request, where, 0)
        else:
            ADD[type(request)](model, draft, request)
    return model
