"""Trust no solution: balances, bounds, levels, requests and money are computed again from the tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.errors import BuildError
from gridsim.technologies.draft import Calls, Commitment, Exclusive, HourlyLimit, LoadShift, Ordered, PeriodLimit, RampLimit, SnapshotLimits, total

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.dispatch.result import Dispatch

BALANCE_TOLERANCE = 1e-6
"""Largest residual over the largest flow at the bus (at least 1 MW)."""
MEETING_TOLERANCE_MW = 1e-6
MONEY_TOLERANCE = 1e-6
"""Relative, on the sum of absolute costs."""


@dataclass(frozen=True)
class Audit:
    """Largest residual of each kind."""

    max_balance_residual_mw: float
    max_bound_excess_mw: float
    max_level_residual_mwh: float
    max_request_excess: float
    max_simultaneous_charge_discharge_mw: float
    max_simultaneous_import_export_mw: float
    money_residual_cny: float


def meeting(request: Exclusive | Ordered, flows: dict[str, NDArray[np.float64]], on: dict[str, NDArray[np.float64]]) -> NDArray[np.bool_]:
    """Snapshots in which two flows run that must not: both at once, or the second before the first is full. Shape (T,)."""
    first = flows[request.first]
    if isinstance(request, Ordered):
        first = request.first_max_mw * (1.0 if request.commitment is None else on[request.commitment]) - first
    return np.minimum(first, flows[request.second]) > MEETING_TOLERANCE_MW


def audit(dispatch: Dispatch) -> Audit:
    """Compute every residual again; raise `BuildError` when one is above its tolerance."""
    complaints: list[str] = []
    balance = _balances(dispatch, complaints)
    bounds = _bounds(dispatch, complaints)
    levels = _levels(dispatch, complaints)
    requests = _requests(dispatch, complaints)
    storages, grid = _meetings(dispatch, complaints)
    money = _money(dispatch, complaints)
    if complaints:
        msg = "the solution failed its audit:\n" + "\n".join(f"  - {complaint}" for complaint in complaints)
        raise BuildError(msg)
    return Audit(balance, bounds, levels, requests, storages, grid, money)


def _balances(dispatch: Dispatch, complaints: list[str]) -> float:
    largest = 0.0
    for bus, supplies in dispatch.by_bus.items():
        if not supplies:
            continue
        residual = float(np.abs(sum(flow for _, flow in supplies)).max())
        scale = max(1.0, float(max(np.abs(flow).max() for _, flow in supplies)))
        if residual > BALANCE_TOLERANCE * scale:
            complaints.append(f"bus {bus} is out of balance by up to {residual:.3g} MW")
        largest = max(largest, residual)
    return largest


def _bounds(dispatch: Dispatch, complaints: list[str]) -> float:
    largest = 0.0
    for component in dispatch.draft.components.values():
        if component.kind in ("Generator", "Link"):
            rated = component["p_nom"]
            low, high = component.get("p_min_pu", 0.0) * rated, component.get("p_max_pu", 1.0) * rated
            values = dispatch.flows[component.name]
        elif component.kind == "Store":
            rated = component["e_nom"]
            low, high = component.get("e_min_pu", 0.0) * rated, component.get("e_max_pu", 1.0) * rated
            values = dispatch.levels[component.name]
        else:
            continue
        excess = float(max(np.max(low - values), np.max(values - high), 0.0))
        if excess > BALANCE_TOLERANCE * max(1.0, rated):
            complaints.append(f"{component.name} leaves its bounds by {excess:.3g}")
        largest = max(largest, excess)
    return largest


def _levels(dispatch: Dispatch, complaints: list[str]) -> float:
    r""":math:`e_t - (1-\lambda)^{\Delta t} e_{t-1} + \Delta t\,p_t = 0` for each store."""
    hours, largest = dispatch.time.step_hours, 0.0
    for component in dispatch.draft.components.values():
        if component.kind != "Store":
            continue
        level, supply = dispatch.levels[component.name], dispatch.flows[component.name]
        before = np.roll(level, 1)
        keep = (1.0 - component.get("standing_loss", 0.0)) ** hours
        expected = keep * before - hours * supply
        if not component.get("e_cyclic", False):
            # PyPSA takes the initial level as it is, without the first step's standing loss
            expected[0] = component.get("e_initial", 0.0) - hours * supply[0]
        residual = float(np.abs(level - expected).max())
        if residual > BALANCE_TOLERANCE * max(1.0, component["e_nom"]):
            complaints.append(f"the level of {component.name} does not follow from its flows ({residual:.3g} MWh)")
        largest = max(largest, residual)
    return largest


def _requests(dispatch: Dispatch, complaints: list[str]) -> float:
    """Excess of every request over its right-hand side, relative to its size."""
    largest = 0.0
    for request in dispatch.draft.requests:
        for what, left, sense, right in ROWS_OF.get(type(request), _no_rows)(request, dispatch):
            right = np.broadcast_to(right, left.shape)
            gap = left - right
            excess = float({"<=": gap, ">=": -gap, "==": np.abs(gap)}[sense].max(initial=0.0))
            scale = max(1.0, float(np.abs(left).max(initial=0.0)), float(np.abs(right).max(initial=0.0)))
            if excess > BALANCE_TOLERANCE * scale:
                complaints.append(f"{request.name} is broken by {excess:.3g}{what and f' ({what})'}")
            largest = max(largest, excess / scale)
    return largest


Row = tuple[str, "NDArray[np.float64]", str, "NDArray[np.float64] | float"]
"""What a row says (where a request has several), its left side, its sense and its right side."""


def _no_rows(request: Any, dispatch: Dispatch) -> Iterator[Row]:
    yield from ()


def _hourly_limit(request: HourlyLimit, dispatch: Dispatch) -> Iterator[Row]:
    yield "", total(request.terms, dispatch.flows, dispatch.time.steps), request.sense, request.right


def _snapshot_limits(request: SnapshotLimits, dispatch: Dispatch) -> Iterator[Row]:
    left = -dispatch.excess[request.name]
    for column, component in enumerate(request.components):
        left = left + request.coefficient[:, column] * dispatch.flows[component][request.snapshot]
    yield "", left, "<=", request.right


def _period_limit(request: PeriodLimit, dispatch: Dispatch) -> Iterator[Row]:
    flow = total(request.terms, dispatch.flows, dispatch.time.steps)
    yield "", np.bincount(request.period, weights=dispatch.time.step_hours * flow), request.sense, request.right


def _ramp_limit(request: RampLimit, dispatch: Dispatch) -> Iterator[Row]:
    power = total(request.terms, dispatch.flows, dispatch.time.steps)
    if request.above is not None:
        commitment, minimum_mw = request.above
        power = power - minimum_mw * dispatch.commitments[commitment]
    yield "up", np.diff(power), "<=", request.up_mw
    yield "down", -np.diff(power), "<=", request.down_mw


def _load_shift(request: LoadShift, dispatch: Dispatch) -> Iterator[Row]:
    hours, steps = dispatch.time.step_hours, dispatch.time.steps
    taken = np.cumsum(request.recovery * hours * dispatch.flows[request.reduction])
    added = np.cumsum(hours * dispatch.flows[request.increase])
    before = np.maximum(np.arange(steps) - request.window, -1)
    yield "nothing is owed at the end", taken[-1:], "==", added[-1:]
    yield "owed within the window", np.where(before >= 0, taken[before], 0.0), "<=", added
    yield "advanced within the window", np.where(before >= 0, added[before], 0.0), "<=", taken


def _commitment(request: Commitment, dispatch: Dispatch) -> Iterator[Row]:
    on = dispatch.commitments[request.name]
    standby = dispatch.standby.get(request.name, np.zeros_like(on))
    yield "modules", on + standby, "<=", float(request.modules)
    for block in request.blocks:
        flow = dispatch.flows[block.component]
        yield "largest load", flow, "<=", block.maximum_mw * on
        yield "minimum load", flow, ">=", block.minimum_mw * on
    yield "starts", np.diff(on + standby), "<=", dispatch.starts[request.name][1:]
    if request.auxiliary is not None:
        needed = request.standby_mw * standby + request.start_energy_mwh / dispatch.time.step_hours * dispatch.starts[request.name]
        yield "standby and starting", dispatch.flows[request.auxiliary], ">=", needed


def _calls(request: Calls, dispatch: Dispatch) -> Iterator[Row]:
    on = dispatch.commitments[request.name]
    yield "power", dispatch.flows[request.component], "<=", request.power_mw * on
    yield "number", np.maximum(np.diff(on, prepend=0.0), 0.0).sum(keepdims=True), "<=", float(request.calls)
    yield "length", np.convolve(on, np.ones(request.length + 1)), "<=", float(request.length)


ROWS_OF: dict[type, Callable[[Any, Dispatch], Iterator[Row]]] = {
    HourlyLimit: _hourly_limit,
    PeriodLimit: _period_limit,
    RampLimit: _ramp_limit,
    LoadShift: _load_shift,
    Commitment: _commitment,
    Calls: _calls,
    SnapshotLimits: _snapshot_limits,
}
"""Every kind of request but demand charges, which `_money` computes again, and flows that must not meet (`_meetings`)."""


def _meetings(dispatch: Dispatch, complaints: list[str]) -> tuple[float, float]:
    largest = {"import": 0.0, "charge": 0.0}
    for request in [*dispatch.draft.requested(Exclusive), *dispatch.draft.requested(Ordered)]:
        if not (met := meeting(request, dispatch.flows, dispatch.commitments)).any():
            continue
        both = float(np.minimum(dispatch.flows[request.first], dispatch.flows[request.second])[met].max())
        if isinstance(request, Ordered):
            complaints.append(f"{request.second} runs before {request.first} is full")
            continue
        complaints.append(f"{request.first} and {request.second} run at once (up to {both:.3g} MW)")
        role = dispatch.draft.components[request.first].role
        largest[role] = max(largest.get(role, 0.0), both)
    return largest["charge"], largest["import"]


def _money(dispatch: Dispatch, complaints: list[str]) -> float:
    parts = [dispatch.variable_cost(component) for component in dispatch.flows if dispatch.draft.components[component].kind != "Store"]
    parts += dispatch.demand_charges.values()
    parts += [request.start_cost_cny * float(dispatch.starts[request.name].sum()) for request in dispatch.draft.requested(Commitment)]
    residual = abs(sum(parts) - dispatch.objective_cny)
    if residual > MONEY_TOLERANCE * max(1.0, sum(abs(part) for part in parts)):
        complaints.append(f"costs add up to {sum(parts):.2f} CNY, the solver's objective is {dispatch.objective_cny:.2f}")
    return residual
