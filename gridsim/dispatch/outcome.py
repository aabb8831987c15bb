"""Why there is no dispatch, in the park's words."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.dispatch.carbon_limits import EMISSIONS, MATCHED, limit_line
from gridsim.dispatch.rules import PREFIX as RULE
from gridsim.dispatch.rules import enforced
from gridsim.errors import InfeasibleError, LimitReachedError, SolveError, UnboundedError
from gridsim.technologies.draft import Commitment, Component, DemandCharge, HourlyLimit, NetworkDraft, PeriodLimit, Term

if TYPE_CHECKING:
    from gridsim.dispatch.highs import Answer, HighsModel
    from gridsim.dispatch.sizes import Sizes

SHORTFALL_TOLERANCE = 1e-6
LIMIT_PRICE = 0.1
CARBON = (MATCHED, EMISSIONS)
"""Of missing an annual limit by one MWh, where one MWh unserved costs 1: a park that a limit makes infeasible hears of the limit, not of its loads."""


def refuse(answer: Answer) -> None:
    """Raise the error that fits an answer without a usable solution; judge the termination condition, not the status."""
    if answer.condition == "optimal" or (answer.condition == "time_limit" and answer.feasible):
        return
    if answer.condition == "unbounded":
        msg = "the park could earn without limit\n      -> look for a negative price without a limit on the flow that earns it"
        raise UnboundedError(msg)
    if answer.condition == "time_limit":
        msg = "the solver reached its time limit before it had any feasible dispatch\n      -> raise --time-limit, shorten --hours, or use the linear level"
        raise LimitReachedError(msg)
    msg = f"the solver stopped with '{answer.condition}'\n      -> scale the park's numbers to MW and CNY; if they are, please report this park"
    raise SolveError(msg)


def explain_infeasible(draft: NetworkDraft, options: dict[str, Any]) -> None:
    """Find the cheapest way to make a draft feasible, and raise `InfeasibleError` that tells it.

    Every demand may stay unserved and every quota missed at one price, every annual limit at a tenth of it; whatever is then missed is the answer.
    """
    from gridsim.dispatch.highs import HighsModel
    from gridsim.dispatch.model import make_model
    from gridsim.dispatch.network import make_network

    elastic, slack_of = _elastic(draft)
    network = make_network(elastic)
    highs = HighsModel(make_model(elastic, network), elastic.kinds, {key: value for key, value in options.items() if key == "time_limit"})
    answer = highs.solve()
    if answer.condition == "time_limit" and not answer.feasible:
        msg = (
            "no dispatch exists, and the solver reached its time limit before it knew why\n"
            "      -> raise --time-limit, shorten --hours, or use the linear level"
        )
        raise InfeasibleError(msg)
    if not answer.feasible:
        msg = (
            "no dispatch exists, even with every demand unserved and every share limit lifted\n"
            "      -> look at minimum loads, must-run renewables (curtailable: false), start and end levels of stores, and ramp limits"
        )
        raise InfeasibleError(msg)
    raise InfeasibleError(_told(elastic, slack_of, highs, answer.columns))


def _elastic(draft: NetworkDraft) -> tuple[NetworkDraft, dict[str, str]]:
    """Return a draft without costs in which needs can be missed, and what each slack component stands for."""
    components = {}
    for name, c in draft.components.items():
        attributes = {key: value for key, value in c.attributes.items() if key != "marginal_cost"}
        components[name] = Component(c.kind, name, c.technology, c.role, attributes)
    elastic = NetworkDraft(draft.park, draft.level, components, dict(draft.buses), [])
    slack_of: dict[str, str] = {}
    for component in draft.components.values():
        if component.kind == "Load":
            peak = float(component["p_set"].max())
            if peak > 0:
                share = component["p_set"] / peak
                slack = elastic.generator(f"{component.name}#missed", component.technology, "unserved", component["bus"], peak, p_max_pu=share)
                elastic.components[slack].attributes["marginal_cost"] = 1.0
                slack_of[slack] = component.technology
    for request in draft.requests:
        if isinstance(request, PeriodLimit) and (request.need or request.name in CARBON):
            elastic.request(_relaxed(request, request.need or request.name, elastic, slack_of))
        elif isinstance(request, HourlyLimit) and request.name.startswith(RULE):
            elastic.request(_relaxed(request, request.name, elastic, slack_of))
        elif isinstance(request, Commitment):
            elastic.request(dataclasses.replace(request, start_cost_cny=0.0))
        elif not isinstance(request, DemandCharge):
            elastic.request(request)
    return elastic, slack_of


def _relaxed(request: PeriodLimit | HourlyLimit, need: str, elastic: NetworkDraft, slack_of: dict[str, str]) -> PeriodLimit | HourlyLimit:
    """Return the request with a slack flow that can close it from the side that is short."""
    hours = elastic.park.time.step_hours
    bus = elastic.bus(f"{request.name}#bus", "slack")
    price = LIMIT_PRICE if need.startswith(("limits.", RULE, "carbon.")) else 1.0
    scale = max(1.0, float(np.abs(request.right).max()), elastic.park.time.hours * 1e4) / hours
    slack = elastic.generator(f"{request.name}#missed", need, "missed", bus, scale, marginal_cost=price)
    elastic.generator(f"{request.name}#sink", need, "spill", bus, scale, sign=-1.0)
    slack_of[slack] = need
    coefficient = -1.0 if request.sense == "<=" else 1.0
    return dataclasses.replace(request, terms=(*request.terms, Term(slack, coefficient)))


def _told(elastic: NetworkDraft, slack_of: dict[str, str], highs: HighsModel, columns: np.ndarray) -> str:
    missed = {slack: columns[highs.flow_columns(slack)] for slack in slack_of}
    lines = []
    for slack, need in slack_of.items():
        flow = missed[slack]
        hours = np.flatnonzero(flow > SHORTFALL_TOLERANCE * max(1.0, float(flow.max())))
        if flow.max() <= SHORTFALL_TOLERANCE:
            continue
        if need.startswith(RULE):
            lines.append(_rule_line(elastic, need, flow))
        elif need in CARBON:
            lines.append(limit_line(need, elastic.park.carbon, flow.sum() * elastic.park.time.step_hours))
        else:
            lines.append(_limit_line(elastic, need, flow) if need.startswith("limits.") else _need_line(elastic, slack, need, flow, hours))
    if not lines:
        return "no dispatch exists, although each need alone can be met\n      -> look at start and end levels of stores, minimum loads and ramp limits"
    return "\n".join(lines)


def _limit_line(elastic: NetworkDraft, need: str, flow: np.ndarray) -> str:
    field = need.removeprefix("limits.")
    energy = flow.sum() * elastic.park.time.step_hours
    value = getattr(elastic.park.limits, field)
    ease = "lower" if field.endswith("_min") else "raise"
    return (
        f"limits.{field} = {value:g} cannot be met: {energy:,.0f} MWh are missing over the year\n"
        f"      -> {ease} limits.{field}, or add wind, solar, storage or flexible load"
    )


def _rule_line(elastic: NetworkDraft, need: str, flow: np.ndarray) -> str:
    name = need.removeprefix(RULE)
    rule, threshold = enforced(elastic)[name]
    energy = flow.sum() * elastic.park.time.step_hours
    return (
        f"the rule {name} ({rule.of.label_en} {rule.sense} {threshold:g}) cannot be kept: {energy:,.4g} MWh are missing\n"
        f"      -> add wind, solar, storage or flexible load, or take {name} out of rules.enforce, which still judges it"
    )


def _need_line(elastic: NetworkDraft, slack: str, need: str, flow: np.ndarray, hours: np.ndarray) -> str:
    time = elastic.park.time
    worst = int(flow.argmax())
    if slack.endswith(".quota#missed"):
        technology = elastic.park.technologies[need]
        unit = getattr(technology, "product_unit", "MWh")
        amount = flow.sum() * time.step_hours / getattr(technology, "network_unit_per_product", 1.0)
        return f"the quota of {need} cannot be delivered: {amount:,.4g} {unit} are missing\n      -> lower the quota, or raise supply"
    bus = elastic.components[slack]["bus"]
    demand = elastic.components[slack.removesuffix("#missed")]["p_set"]
    return (
        f"no dispatch serves {need} in {len(hours)} of {time.steps} steps; first {time.label(hours[0])}, "
        f"short by up to {flow[worst]:,.4g} MW ({time.label(worst)})\n"
        f"      -> {_remedy(elastic, bus, worst, float(demand[worst]), float(flow[worst]))}"
    )


def _remedy(elastic: NetworkDraft, bus: str, step: int, demand: float, short: float) -> str:
    """Name what could have supplied the bus, with its limit in the worst hour."""
    supplies: dict[str, float] = {}
    for component in elastic.components.values():
        if component.name.endswith(("#missed", "#sink")):
            continue
        for port, factor in elastic.ports(component):
            reach = float(np.max(factor)) if component.kind != "Store" else 0.0
            if port == bus and reach > 0 and component.kind in ("Generator", "Link"):
                supplies[component.name] = float(reach * elastic.available(component)[step])
    total = ", ".join(f"{name} {power:,.4g}" for name, power in supplies.items()) or "nothing"
    if sum(supplies.values()) < demand - SHORTFALL_TOLERANCE:
        cure = f"add {short:,.4g} MW of supply, or give it an unserved_price"
    else:
        cure = "by size that is enough, so look at what holds it back: minimum loads, ramps, empty stores, its own inputs; or give it an unserved_price"
    return f"its demand is {demand:,.4g} MW at {bus}, which can be supplied by: {total} (MW); {cure}"


def refuse_program(draft: NetworkDraft, sizes: Sizes, condition: str) -> None:
    """Raise the error that fits a sizing without a solution: which limits collide, or else why even the largest capacities do not do."""
    from gridsim.dispatch.model import make_draft
    from gridsim.dispatch.sizes import resized
    from gridsim.dispatch.sizing_limits import colliding, told

    if condition not in {"infeasible", "infeasible_or_unbounded"}:
        msg = f"the solver stopped with '{condition}'\n      -> narrow the bounds of the free capacities, or scale the park's numbers to MW and CNY"
        raise SolveError(msg)
    if moves := colliding(draft.park, sizes.free):
        raise InfeasibleError(f"no capacities within their bounds serve the park: {told(moves)}")
    largest = make_draft(resized(draft.park, sizes.free, sizes.upper))
    try:
        explain_infeasible(largest, {})
    except InfeasibleError as error:
        bounds = ", ".join(f"{one.path} <= {one.upper:g}" for one in sizes.free)
        msg = f"no capacities within their bounds serve the park; even with {bounds}:\n{error}"
        raise InfeasibleError(msg) from None
