"""Where the buses of a single-line diagram stand: as given, or layered by their distance from the public grid."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gridsim.report.wires.wires_view import WiresView

    Places = dict[str, tuple[float, float]]


def places_of(wires: WiresView) -> tuple[Places, bool]:
    """Return the place of each bus, and whether all were given; one that lacks a place moves all to a layered layout."""
    buses = wires.buses.values()
    given = {bus.name: (float(bus.x_km), float(bus.y_km)) for bus in buses if bus.x_km is not None and bus.y_km is not None}
    if len(given) == len(wires.buses) and len(set(given.values())) > len(given) // 2:
        return given, True
    return layered(wires), False


def layered(wires: WiresView) -> Places:
    """Lay the network out as a tree: a row for each number of branches from the public grid, leaves side by side, each bus above the middle of its own.

    The tree is that of a breadth-first search over closed branches, then over open ones; what no source reaches hangs on its bus of highest voltage.
    """
    neighbours: dict[str, list[str]] = {name: [] for name in wires.buses}
    for branch in sorted(wires.branches.values(), key=lambda branch: not branch.closed):
        for here, there in ((branch.first, branch.second), (branch.second, branch.first)):
            if here in neighbours and there in neighbours and there not in neighbours[here]:
                neighbours[here].append(there)
    sources = [source["bus"] for source in wires.record["sources"] if source["bus"] in neighbours]
    roots = [*sources, *sorted(neighbours, key=lambda name: -wires.buses[name].voltage_kv)]
    depth, below, heads = _tree(neighbours, roots)
    across = {leaf: float(place) for place, leaf in enumerate(_leaves(heads, below))}
    for name in reversed(depth):
        if below[name]:
            across[name] = sum(across[child] for child in below[name]) / len(below[name])
    return {name: (across[name], -float(depth[name])) for name in wires.buses}


def _tree(neighbours: dict[str, list[str]], roots: list[str]) -> tuple[dict[str, int], dict[str, list[str]], list[str]]:
    """Return each bus's distance from its root, nearest first, the buses below each, and the roots that were needed."""
    depth: dict[str, int] = {}
    below: dict[str, list[str]] = {name: [] for name in neighbours}
    heads = []
    for root in roots:
        if root in depth:
            continue
        heads.append(root)
        depth[root] = 0
        waiting = deque([root])
        while waiting:
            here = waiting.popleft()
            for there in neighbours[here]:
                if there not in depth:
                    depth[there] = depth[here] + 1
                    below[here].append(there)
                    waiting.append(there)
    return depth, below, heads


def _leaves(heads: list[str], below: dict[str, list[str]]) -> list[str]:
    """Return the ends of the tree from left to right."""
    found, waiting = [], list(reversed(heads))
    while waiting:
        here = waiting.pop()
        if below[here]:
            waiting.extend(reversed(below[here]))
        else:
            found.append(here)
    return found
