"""An operation within its wires: the year as it was operated goes through the AC power flow, and is operated again with cuts where it left a limit.

The rounds are those of dispatch and network (`gridsim.distribution.loop`), with an operation in place of a dispatch. A cut stands in the rows of its step,
from which windows take it like any other row. It is made around what was operated, as an operator makes it from the power flow of his plan, but with the
loads of that step as they happened: in this one respect a window with cuts knows more than its forecasts. What the rounds leave is told, not hidden.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from gridsim.distribution.loop import until_feasible

if TYPE_CHECKING:
    from gridsim.distribution.loop import Coupled
    from gridsim.distribution.network import Network
    from gridsim.technologies.draft import SnapshotLimits
    from gridsim.vpp.rolling.operation import Operation

MOST_ROUNDS = 3
"""Operations after the first; each takes as long as the first (judged)."""

Operate = Callable[[Sequence["SnapshotLimits"]], "Operation"]


@dataclass(frozen=True, eq=False)
class WiredOperation:
    """An operation that knows the wires, beside the one that did not; the same where that kept within them."""

    coupled: Coupled[Operation]

    @property
    def operated(self) -> Operation:
        """The last one."""
        return self.coupled.solved

    @property
    def cost_cny(self) -> float:
        """What the wires cost in operation. [CNY]"""
        return self.operated.cost_cny - self.coupled.first.cost_cny

    def figures(self) -> dict[str, float]:
        """Return the figures, keys with units."""
        first, last = self.coupled.rounds[0], self.coupled.rounds[-1]
        return {
            "wires_unaware_violating_hours": first.violating_hours,
            "wires_violating_hours": last.violating_hours,
            "wires_unaware_energy_at_risk_mwh": first.energy_at_risk_mwh,
            "wires_energy_at_risk_mwh": last.energy_at_risk_mwh,
            "wires_rounds": float(last.round),
            "wires_cost_cny": self.cost_cny,
        }

    def record(self) -> dict[str, Any]:
        """Return what a page shows: figures, and elements beyond their limits before and after."""
        found = {name: [asdict(one) for one in checked.statistics] for name, checked in (("before", self.coupled.before), ("after", self.coupled.checked))}
        return {
            "figures": self.figures(),
            **found,
            "max_difference_pu": self.coupled.checked.difference.voltage_pu,
            "windows_broken": len(self.operated.broken),
        }


def within_wires(unaware: Operation, again: Operate, network: Network) -> WiredOperation:
    """Operate again until the network carries every hour, or the rounds are over; ``again`` operates the same park with limits."""
    return WiredOperation(until_feasible(_Rounds(unaware, again), network, most_rounds=MOST_ROUNDS))


class _Rounds:
    """An operation in the loop of dispatch and network."""

    def __init__(self, unaware: Operation, again: Operate) -> None:
        self.unaware, self.again, self.draft = unaware, again, unaware.dispatch.draft
        self.limits: list[SnapshotLimits] = []

    def add(self, limits: SnapshotLimits) -> None:
        self.limits.append(limits)

    def solve(self) -> Operation:
        return self.again(self.limits) if self.limits else self.unaware
