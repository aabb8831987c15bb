r"""A kept dispatch that curtails least among the dispatches of least cost.

Least cost does not say when to curtail: in hours that are worth nothing, dispatches of equal cost curtail more or less. So the solver, and nobody else, pays

.. math:: \epsilon \Big( -\sum_g f_g + \beta \sum_\ell \lambda_\ell f_\ell \Big)

a MWh of wind and sun used less, and what stores, compressors and two-way lines lose more, with :math:`\beta > 1`: without the second term it would pay to burn
power in them, which is no less wasted than curtailed. What is kept back by a store with a round trip below 1 − 1/β is curtailed instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridsim.dispatch.solve import KeptDispatch

if TYPE_CHECKING:
    from gridsim.dispatch.result import Dispatch
    from gridsim.park.park import Park
    from gridsim.technologies.draft import Component, Level, NetworkDraft

TIE_BREAK_CNY_PER_MWH = 2e-5
"""ε, far above the solver's tolerance of 1e-7, and below the tie break that keeps the pieces of an electrolyser's curve in order
(`gridsim.technologies.electrolyser`)."""
LOSSES = 1.5
"""β."""


class CurtailsLeast(KeptDispatch):
    """As `KeptDispatch`; costs of its dispatches hold the tie break, which `true_cost_cny` takes off."""

    def drafted(self, park: Park, level: Level) -> NetworkDraft:
        """Return the park's draft with the tie breaks in its costs."""
        draft = super().drafted(park, level)
        for name, price in tie_breaks(draft).items():
            attributes = draft.components[name].attributes
            attributes["marginal_cost"] = np.asarray(attributes.get("marginal_cost", 0.0)) + price
        return draft


def true_cost_cny(dispatch: Dispatch) -> float:
    """Return the operating cost of a dispatch of `CurtailsLeast`, without the tie break. [CNY]"""
    paid = sum(price * float(dispatch.flows[name].sum()) for name, price in tie_breaks(dispatch.draft).items())
    return dispatch.objective_cny - paid * dispatch.time.step_hours


def tie_breaks(draft: NetworkDraft) -> dict[str, float]:
    """Return the price of each component's flow. [CNY/MWh]"""
    values = {c["bus0"]: float(c["efficiency"]) for c in draft.having("discharge") if draft.electric(c["bus1"])}
    prices = {c.name: -TIE_BREAK_CNY_PER_MWH for c in draft.having("renewable")}
    lost = {c.name: _lost(draft, c, values) for c in draft.having("charge", "transport", "spill", "increase")}
    return prices | {name: LOSSES * TIE_BREAK_CNY_PER_MWH * share for name, share in lost.items() if share > 0}


def _lost(draft: NetworkDraft, component: Component, values: dict[str, float]) -> float:
    """Electricity that a unit of flow loses; a store's losses count where it is filled."""
    if component.role == "spill":
        return values.get(component["bus"], 0.0)
    if component.role == "increase":
        recovery = getattr(draft.park.technologies[component.technology], "recovery", 1.0)
        return 1.0 - 1.0 / recovery
    drawn = sum(-float(np.mean(factor)) for bus, factor in draft.ports(component) if draft.electric(bus) and np.all(np.asarray(factor) < 0))
    arrives = draft.electric(component["bus0"]) * float(np.mean(component["efficiency"]))
    kept = arrives * (values.get(component["bus1"], 0.0) if component.role == "charge" else 1.0)
    return drawn - kept
