"""A solved dispatch as plain tables: no engine is needed to read it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.profiles.time_axis import TimeAxis
    from gridsim.technologies.draft import Component, NetworkDraft


@dataclass(frozen=True)
class Termination:
    """How the solver ended."""

    condition: str
    """``optimal``, or ``time_limit`` with the best feasible answer found."""
    gap: float
    """Relative distance between the answer and the best bound; 0 for a linear optimum. [1]"""
    seconds: float
    rounds: int = 1
    """Solves until no flow ran both ways at once."""
    binaries: int = 0
    options: dict[str, object] = field(default_factory=dict)
    iterations: int = 0


@dataclass(frozen=True)
class Dispatch:
    """Flows, levels, prices and commitments at every snapshot. All arrays have shape (T,)."""

    draft: NetworkDraft
    flows: dict[str, NDArray[np.float64]]
    """``p`` of each component; a Link's at its ``bus0``, a Store's positive when it supplies its bus, a Load's what it asks for."""
    levels: dict[str, NDArray[np.float64]]
    """Level of each Store at the end of each snapshot."""
    prices: dict[str, NDArray[np.float64]]
    """Marginal price of each bus. [CNY per unit of the bus]"""
    demand_charges: dict[str, float]
    """Paid for the months' highest imports, by request. [CNY]"""
    monthly_peaks: dict[str, NDArray[np.float64]]
    """Highest value of each month, by request. Shape (months,). [MW]"""
    commitments: dict[str, NDArray[np.float64]]
    """Modules that are on (for calls: whether one runs), by request."""
    starts: dict[str, NDArray[np.float64]]
    """Cold starts, by commitment; none in the first snapshot, before which any state may have been."""
    limit_prices: dict[str, NDArray[np.float64]]
    """What one MWh more on the right-hand side of each period limit adds to the objective, a value a period. [CNY/MWh]"""
    objective_cny: float
    termination: Termination
    standby: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    """Modules in standby, by commitment that has any."""
    excess: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    """By how much each row of the snapshot limits is exceeded. Shape (R,). [MW]"""
    snapshot_prices: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    """What one MW more on the right-hand side of each row of the snapshot limits takes off the objective. Shape (R,). [CNY/MW]"""

    @property
    def time(self) -> TimeAxis:
        """The snapshots."""
        return self.draft.park.time

    def variable_cost(self, component: str) -> float:
        """Σ Δt · marginal cost · flow over the horizon. [CNY]"""
        cost = np.asarray(self.draft.components[component].get("marginal_cost", 0.0))
        return float(np.sum(cost * self.flows[component]) * self.time.step_hours)

    def summed(self, components: list[Component]) -> NDArray[np.float64]:
        """Sum of the flows of components. Shape (T,). [MW]"""
        return sum((self.flows[component.name] for component in components), start=np.zeros(self.time.steps))

    @cached_property
    def by_bus(self) -> dict[str, list[tuple[Component, NDArray[np.float64]]]]:
        """What each component supplies to each bus (negative: draws). [unit of the bus]"""
        table: dict[str, list[tuple[Component, NDArray[np.float64]]]] = {bus: [] for bus in self.draft.buses}
        for component in self.draft.components.values():
            for bus, factor in self.draft.ports(component):
                table[bus].append((component, factor * self.flows[component.name]))
        return table
