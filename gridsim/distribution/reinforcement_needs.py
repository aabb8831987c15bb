r"""What has to be relieved, and how it answers to power at its buses: the starting point of the menu.

Elements of one kind that stand side by side (same end buses) are one need: a circuit more relieves them all. Of buses with a voltage beyond its band, those at
the ends stand for the others on their way to the grid. Hours without a solution are looked at where they have one, with all supplies scaled down together.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np

from gridsim.distribution.cuts import SCALES
from gridsim.distribution.drivers import _quantities
from gridsim.distribution.injections import hang
from gridsim.distribution.powerflow.gradients import Quantities, gradients
from gridsim.distribution.powerflow.rules import TapControl
from gridsim.distribution.powerflow.solve import solve
from gridsim.distribution.violations import KINDS, find_violations

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.distribution.feasibility import Feasibility
    from gridsim.distribution.powerflow.wires import Wires

MOST_BUSES = 4
"""Ends of feeders that get measures of their own at their bus, the worst first (judged)."""

BY_HOUR = ("vm_pu", "va_deg", "current_from_ka", "current_to_ka", "loading", "slack_p_mw", "at_q_limit", "q_mvar", "controlled_q_mvar", "converged")
"""What the menu reads of a power flow."""


@dataclass(frozen=True, eq=False)
class Need:
    """Elements that one measure can relieve together. H hours beyond the limit, N buses."""

    kind: str
    elements: tuple[int, ...]
    """Rows of buses or branches; the first had the worst hour."""
    hours: NDArray[np.int64]
    """Shape (H,)."""
    excess: NDArray[np.float64]
    """Of the worst element in each hour. Shape (H,). [unit of its kind]"""
    by_p: NDArray[np.float64]
    """Derivative of the excess of the first element to the active supply at each bus. Shape (H, N). [unit / MW]"""
    by_q: NDArray[np.float64]
    way: tuple[int, ...] = ()
    """Of a voltage: the branches between its bus and the grid, from the bus on."""


def where_solvable(checked: Feasibility) -> Feasibility:
    """Put the largest part of the supplies that has a solution in place of hours without one, with the taps where they stood, and judge these hours again."""
    unsolved = np.flatnonzero(~checked.flow.converged)
    if not unsolved.size:
        return checked
    connected, network, draft = checked.connected, checked.network, checked.dispatch.draft
    hour = np.tile(unsolved, SCALES.size)
    tried = hang(draft, network, connected.supply_of, (SCALES[:, None, None] * connected.supply_mw[unsolved]).reshape(hour.size, -1))
    taps_stay = tuple(rule for rule in tried.rules if not isinstance(rule, TapControl))
    part = solve(network.wires, tried.injections, rules=taps_stay, enforce_q_limits=True, tap_position=checked.flow.tap_position[hour])
    solved = part.converged.reshape(SCALES.size, -1)
    found = np.flatnonzero(solved.any(axis=0))
    at = np.argmax(solved[:, found], axis=0) * unsolved.size + found
    flow = {field.name: getattr(checked.flow, field.name) for field in fields(checked.flow)}
    for name in BY_HOUR:
        flow[name] = flow[name].copy()
        flow[name][unsolved[found]] = getattr(part, name)[at]
    supply = connected.supply_mw.copy()
    supply[unsolved[found]] = tried.supply_mw[at]
    smaller, mixed = hang(draft, network, connected.supply_of, supply), replace(checked.flow, **flow)
    violations = find_violations(network.wires, smaller.injections, mixed, network.limits, checked.dispatch.time.step_hours)
    return replace(checked, connected=smaller, flow=mixed, violations=violations)


def needs_of(checked: Feasibility) -> list[Need]:
    """Gather the needs, that with most hours first; the connection and hours without solution have no element and are not among them."""
    found, wires = checked.violations, checked.network.wires
    rows = np.flatnonzero(~found.of("connection") & ~found.of("no_solution"))
    groups: dict[tuple, list[int]] = {}
    for row in rows:
        kind, element = KINDS[found.kind[row]], int(found.element[row])
        ends = element if kind.startswith("voltage") else frozenset((int(wires.branch_from[element]), int(wires.branch_to[element])))
        groups.setdefault((kind, ends), []).append(int(row))
    ways = _Ways(wires)
    needs = [_need(checked, np.array(members), ways) for members in groups.values()]
    return sorted((need for need in needs if not _on_the_way(need, needs, wires)), key=lambda need: -need.hours.size)


def _need(checked: Feasibility, rows: NDArray[np.int64], ways: _Ways) -> Need:
    found, network = checked.violations, checked.network
    worst_first = rows[np.argsort(-found.excess[rows], kind="stable")]
    kind, elements = KINDS[found.kind[rows[0]]], tuple(dict.fromkeys(int(element) for element in found.element[worst_first]))
    hours, place = np.unique(found.hour[rows], return_inverse=True)
    excess = np.zeros(hours.size)
    np.maximum.at(excess, place, found.excess[rows])
    first = np.full(hours.size, elements[0])
    quantity, factor = _quantities(network, checked.flow, np.full(hours.size, kind, dtype=object), hours, first)
    by_p, by_q = gradients(network.wires, checked.connected.injections, checked.flow, Quantities(hours, quantity, first), checked.connected.rules)
    way = ways.of(elements[0]) if kind.startswith("voltage") else ()
    return Need(kind, elements, hours, excess, factor[:, None] * by_p, factor[:, None] * by_q, way)


def _on_the_way(need: Need, needs: list[Need], wires: Wires) -> bool:
    """Tell whether a bus lies between another one of the same kind and the grid, or has nothing between it and a worse one."""
    if not need.way and not need.kind.startswith("voltage"):
        return False
    node = wires.bus_node[need.elements[0]]
    for other in needs:
        if other is need or other.kind != need.kind:
            continue
        if wires.bus_node[other.elements[0]] == node:
            if other.elements[0] < need.elements[0]:
                return True
        elif len(other.way) > len(need.way) and any(node in (wires.branch_from[branch], wires.branch_to[branch]) for branch in other.way):
            return True
    return False


class _Ways:
    """The way of least impedance from each bus to the grid."""

    def __init__(self, wires: Wires) -> None:
        from scipy.sparse import csr_matrix
        from scipy.sparse.csgraph import dijkstra

        self.wires = wires
        best: dict[tuple[int, int], int] = {}
        active = np.flatnonzero((wires.branch_from >= 0) & (wires.branch_admittance[:, 1] != 0.0))
        self.impedance = np.full(wires.branches, np.inf)
        self.impedance[active] = 1.0 / np.abs(wires.branch_admittance[active, 1])
        for branch in active[np.argsort(-self.impedance[active])]:
            one, other = int(wires.branch_from[branch]), int(wires.branch_to[branch])
            best[one, other] = best[other, one] = int(branch)
        ends = np.array(list(best)).reshape(-1, 2)
        graph = csr_matrix((self.impedance[list(best.values())], (ends[:, 0], ends[:, 1])), shape=(wires.nodes, wires.nodes))
        _, self.next, _ = dijkstra(graph, indices=wires.slack_nodes, return_predecessors=True, min_only=True)
        self.best = best

    def of(self, bus: int) -> tuple[int, ...]:
        """Branches from a bus to the grid."""
        node, way = int(self.wires.bus_node[bus]), []
        while node >= 0 and (after := int(self.next[node])) >= 0:
            way.append(self.best[node, after])
            node = after
        return tuple(way)
