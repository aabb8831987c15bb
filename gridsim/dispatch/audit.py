"""Trust no solution: balances, bounds, levels, requests and money are computed again from the tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridsim.errors import BuildError
from gridsim.technologies.draft import Commitment, Exclusive, HourlyLimit, PeriodLimit, RampLimit, total

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


def meeting(request: Exclusive, flows: dict[str, NDArray[np.float64]]) -> NDArray[np.bool_]:
    """Snapshots in which both flows of a request run. Shape (T,)."""
    return np.minimum(flows[request.first], flows[request.second]) > MEETING_TOLERANCE_MW


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
    """Excess of every linear request over its right-hand side, relative to its size."""
    flows, steps, hours = dispatch.flows, dispatch.time.steps, dispatch.time.step_hours
    largest = 0.0
    for request in dispatch.draft.requests:
        if isinstance(request, HourlyLimit):
            left, right = total(request.terms, flows, steps), np.broadcast_to(request.right, (steps,))
        elif isinstance(request, PeriodLimit):
            left, right = np.bincount(request.period, weights=hours * total(request.terms, flows, steps)), request.right
        elif isinstance(request, RampLimit):
            change = np.diff(total(request.terms, flows, steps))
            left, right = np.append(change, -change), np.repeat([request.up_mw, request.down_mw], change.size)
        elif isinstance(request, Commitment):
            on = dispatch.commitments[request.name]
            rows = [(flows[block.component], block) for block in request.blocks]
            left = np.concatenate([part for flow, block in rows for part in (flow - block.maximum_mw * on, block.minimum_mw * on - flow)])
            right = np.zeros(left.size)
        else:
            continue
        sense = getattr(request, "sense", "<=")
        gap = left - right
        excess = {"<=": gap, ">=": -gap, "==": np.abs(gap)}[sense].max(initial=0.0)
        scale = max(1.0, float(np.abs(left).max(initial=0.0)), float(np.abs(right).max(initial=0.0)))
        if excess > BALANCE_TOLERANCE * scale:
            complaints.append(f"{request.name} is broken by {excess:.3g}")
        largest = max(largest, float(excess) / scale)
    return largest


def _meetings(dispatch: Dispatch, complaints: list[str]) -> tuple[float, float]:
    largest = {"grid": 0.0, "storage": 0.0}
    for request in dispatch.draft.requested(Exclusive):
        both = float(np.minimum(dispatch.flows[request.first], dispatch.flows[request.second]).max())
        kind = "grid" if dispatch.draft.components[request.first].role == "import" else "storage"
        if both > MEETING_TOLERANCE_MW:
            complaints.append(f"{request.first} and {request.second} run at once (up to {both:.3g} MW)")
        largest[kind] = max(largest[kind], both if both > MEETING_TOLERANCE_MW else 0.0)
    return largest["storage"], largest["grid"]


def _money(dispatch: Dispatch, complaints: list[str]) -> float:
    parts = [dispatch.variable_cost(component) for component in dispatch.flows if dispatch.draft.components[component].kind != "Store"]
    parts += dispatch.demand_charges.values()
    parts += [request.start_cost_cny * float(dispatch.starts[request.name].sum()) for request in dispatch.draft.requested(Commitment)]
    residual = abs(sum(parts) - dispatch.objective_cny)
    if residual > MONEY_TOLERANCE * max(1.0, sum(abs(part) for part in parts)):
        complaints.append(f"costs add up to {sum(parts):.2f} CNY, the solver's objective is {dispatch.objective_cny:.2f}")
    return residual
