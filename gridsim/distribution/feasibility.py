"""Can the network carry a dispatch: every hour through the wires, judged against the limits, a sample confirmed by pandapower."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from gridsim.distribution.injections import connect
from gridsim.distribution.powerflow.sample import check_sample
from gridsim.distribution.powerflow.solve import solve
from gridsim.distribution.violations import find_violations, statistics
from gridsim.errors import BuildError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.dispatch.result import Dispatch
    from gridsim.distribution.injections import Connected
    from gridsim.distribution.network import Network
    from gridsim.distribution.powerflow.sample import Difference
    from gridsim.distribution.powerflow.wires import YearFlow
    from gridsim.distribution.violations import ElementStatistics, Violations

RANDOM_HOURS = 20
"""Hours of the sample beside the worst ones."""

LARGEST_DIFFERENCE_PU = 1e-6
"""A sample that differs more from pandapower is an error of ours. [p.u.]"""


@dataclass(frozen=True, eq=False)
class Feasibility:
    """A dispatch in its network."""

    dispatch: Dispatch
    network: Network
    connected: Connected
    flow: YearFlow
    violations: Violations
    difference: Difference
    """Between the batch and ``pandapower.runpp`` over the sample."""

    @property
    def feasible(self) -> bool:
        """Whether no hour leaves a limit."""
        return not self.violations.hour.size

    @cached_property
    def statistics(self) -> list[ElementStatistics]:
        """Violations by element, the most energy at risk first."""
        return statistics(self.network.wires, self.violations, self.dispatch.time.step_hours)


def check(dispatch: Dispatch, network: Network) -> Feasibility:
    """Solve every hour of a dispatch in its network; machines that hold a voltage let go of it at their reactive limits.

    Raises
    ------
    BuildError
        When the sample differs from pandapower.
    """
    connected = connect(dispatch, network)
    flow = solve(network.wires, connected.injections, rules=connected.rules, enforce_q_limits=True)
    violations = find_violations(network.wires, connected.injections, flow, network.limits, dispatch.time.step_hours)
    difference = confirmed(network, connected, flow, sample_hours(flow, network.limits.loading))
    return Feasibility(dispatch, network, connected, flow, violations, difference)


def confirmed(network: Network, connected: Connected, flow: YearFlow, hours: NDArray[np.int64]) -> Difference:
    """Solve hours again by pandapower; raise a BuildError where it disagrees."""
    difference = check_sample(network.net, network.wires, connected.injections, flow, hours.tolist(), enforce_q_limits=True)
    if difference.voltage_pu > LARGEST_DIFFERENCE_PU:
        msg = f"the power flow differs from pandapower's by up to {difference.voltage_pu:.2g} p.u. over {difference.hours} hours"
        raise BuildError(msg)
    return difference


def sample_hours(flow: YearFlow, loading_limit: NDArray[np.float64]) -> NDArray[np.int64]:
    """Hours of the lowest and highest voltage, loading, losses and exchange with the grid, those without a solution (some), and random ones."""
    solved = np.flatnonzero(flow.converged)
    unsolved = np.flatnonzero(~flow.converged)[:3]
    if not solved.size:
        return unsolved
    exchange = flow.slack_p_mw[solved].sum(axis=1)
    marks = [
        np.nanmin(flow.vm_pu[solved], axis=1),
        -np.nanmax(flow.vm_pu[solved], axis=1),
        -np.max(np.where(np.isfinite(flow.loading[solved]), flow.loading[solved] / loading_limit, 0.0), axis=1, initial=0.0),
        -flow.losses_mw[solved],
        exchange,
        -exchange,
    ]
    worst = {int(solved[np.argmin(mark)]) for mark in marks}
    chosen = np.random.default_rng(0).choice(solved, size=min(RANDOM_HOURS, solved.size), replace=False)
    return np.array(sorted(worst | {int(hour) for hour in (*chosen, *unsolved)}), dtype=np.int64)
