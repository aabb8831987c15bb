"""Where the year's energy came from and went to: the edges of the park's energy flow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from gridsim.dispatch.result import Dispatch

MWH_PER_T_AMMONIA = 5.17
"""Lower heating value of ammonia, 18.6 GJ/t, for the width of a flow only. [MWh/t]"""


@dataclass(frozen=True)
class Edge:
    """Energy from one place to another over the horizon."""

    source: str
    """A technology or a bus of the park file."""
    target: str
    carrier: str
    mwh: float


def energy_flow(dispatch: Dispatch) -> list[Edge]:
    """Sum what each technology supplied to and drew from each bus of the park file; curtailed power is an edge of its own to ``curtailed``."""
    draft, hours = dispatch.draft, dispatch.time.step_hours
    sums: dict[tuple[str, str, str], float] = {}

    def add(source: str, target: str, carrier: str, mwh: float) -> None:
        if mwh > 1e-6:
            key = (source, target, carrier)
            sums[key] = sums.get(key, 0.0) + mwh

    for bus in draft.park.buses:
        carrier = draft.buses[bus]
        width = hours * (MWH_PER_T_AMMONIA if carrier == "ammonia" else 1.0)
        for component, supply in dispatch.by_bus[bus]:
            add(component.technology, bus, carrier, float(np.maximum(supply, 0.0).sum() * width))
            add(bus, component.technology, carrier, float(np.maximum(-supply, 0.0).sum() * width))
    for component in draft.having("renewable"):
        left = draft.available(component) - dispatch.flows[component.name]
        add(component.technology, "curtailed", "electricity", float(np.maximum(left, 0.0).sum() * hours))
    return [Edge(source, target, carrier, mwh) for (source, target, carrier), mwh in sums.items()]
