r"""Who draws and who supplies electricity, technology by technology.

At every snapshot the electric buses balance, so that what all components supply to them adds up to nothing; grouped by technology,

.. math:: \sum_\tau S_\tau = 0, \qquad S_\tau = \sum_{i \in \tau} \sum_{b\ \text{electric}} a_{i,b}\, p_i .

Services are what the park is run for: loads, processes, and (negative) what stays unserved.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.dispatch.result import Dispatch
    from gridsim.technologies.draft import Component, NetworkDraft

SERVICES = frozenset({"load", "process", "unserved"})
EXCHANGE = frozenset({"import", "export"})


def net_supply(dispatch: Dispatch, *, without: frozenset[str] = frozenset()) -> dict[str, NDArray[np.float64]]:
    """Electricity that each technology supplies (negative: draws). Each shape (T,). [MW]

    Parameters
    ----------
    dispatch : Dispatch
    without : set of str
        Roles that are left out.
    """
    draft = dispatch.draft
    found: dict[str, NDArray[np.float64]] = {}
    for component in draft.components.values():
        if component.role in without:
            continue
        for bus, factor in draft.ports(component):
            if draft.electric(bus):
                supply = factor * dispatch.flows[component.name]
                found[component.technology] = found.get(component.technology, np.zeros(dispatch.time.steps)) + supply
    return found


def final_use(dispatch: Dispatch) -> dict[str, NDArray[np.float64]]:
    """Electricity for final uses by technology; together it is the scorecard's load. Each shape (T,). [MW]"""
    draft = dispatch.draft
    found: dict[str, NDArray[np.float64]] = {}
    for component in draft.components.values():
        for bus, factor in draft.ports(component):
            if draft.electric(bus) and _is_final(draft, component, factor):
                use = -factor * dispatch.flows[component.name]
                found[component.technology] = found.get(component.technology, np.zeros(dispatch.time.steps)) + use
    return found


def _is_final(draft: NetworkDraft, component: Component, factor: float | NDArray[np.float64]) -> bool:
    if component.kind == "Link":
        own = component.role == "conversion" or not draft.electric(component["bus0"])
        return own and bool(np.all(np.asarray(factor) < 0))
    return component.role in {"load", "process", "increase", "auxiliary", "reduction", "unserved"}


def fuel_bought(dispatch: Dispatch) -> dict[str, NDArray[np.float64]]:
    """Fuel that each technology burns. Each shape (T,). [MW of lower heating value]"""
    found: dict[str, NDArray[np.float64]] = {}
    for component in dispatch.draft.having("fuel"):
        found[component.technology] = found.get(component.technology, np.zeros(dispatch.time.steps)) + dispatch.flows[component.name]
    return found
