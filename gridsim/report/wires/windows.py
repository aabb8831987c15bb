"""Which part of the single-line diagram is shown: the whole, or the surroundings of one site."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridsim.report.wires.labels import Label, placed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.report.wires.places import Places
    from gridsim.report.wires.wires_view import WiresView

WIDTH_PX = 1048.0
"""Width of the drawing on the page."""
HEIGHT_PX = 780.0
LEAST_BUSES = 26
"""Smaller networks are shown whole only."""
MAIN_LABELS = 40
"""Buses named in the whole view where there are sites to look at closer."""
ROOM_PX = 60.0
"""Around the buses of a view, for their labels."""


@dataclass(frozen=True)
class Window:
    """Part of the plane, with the buses that are named in it."""

    title: str
    x: tuple[float, float]
    y: tuple[float, float]
    sides: dict[str, str]
    """Bus → side of its label."""


def windows(wires: WiresView, places: Places, given: bool) -> list[Window]:
    """Return the whole and, where places are given and the network is large, each site."""
    sites: dict[str, list[str]] = {}
    for bus in wires.buses.values():
        if bus.site:
            sites.setdefault(bus.site, []).append(bus.name)
    closer = given and len(wires.buses) >= LEAST_BUSES and len(sites) > 1
    whole = list(wires.buses)
    found = [_window(wires, places, wires.view.words("single_line.whole"), whole, given, MAIN_LABELS if closer else len(whole))]
    if closer:
        named = wires.view.record.get("sites", {})
        found += [_window(wires, places, named.get(site) or site, members, given, len(whole)) for site, members in sites.items()]
    return found


def _window(wires: WiresView, places: Places, title: str, shown: list[str], equal: bool, most: int) -> Window:
    xs, ys = [places[name][0] for name in shown], [places[name][1] for name in shown]
    x, y = _span(xs, WIDTH_PX), _span(ys, HEIGHT_PX)
    scales = (WIDTH_PX / (x[1] - x[0]), HEIGHT_PX / (y[1] - y[0]))
    across, up = (min(scales), min(scales)) if equal else scales
    x, y = _widened(x, WIDTH_PX / across), _widened(y, HEIGHT_PX / up)
    seen = [name for name, place in places.items() if x[0] <= place[0] <= x[1] and y[0] <= place[1] <= y[1]]
    points = {name: ((places[name][0] - x[0]) * across, (places[name][1] - y[0]) * up) for name in seen}
    counts = _branches_at(wires)
    inside = set(shown)
    order = sorted(seen, key=lambda name: (name not in inside, -wires.buses[name].voltage_kv, -counts.get(name, 0), name))
    labels = [Label(name, wires.bus_label(name), *points[name]) for name in order[:most]]
    corner, scale = np.array([x[0], y[0], x[0], y[0]]), np.array([across, up, across, up])
    ends = (_ends(wires, places, ("line", "transformer")) - corner) * scale
    symbols = [((end[0] + end[2]) / 2, (end[1] + end[3]) / 2) for end in (_ends(wires, places, ("transformer",)) - corner) * scale]
    return Window(title, x, y, placed(labels, [*points.values(), *symbols], (0.0, 0.0, WIDTH_PX, HEIGHT_PX), ends))


def _ends(wires: WiresView, places: Places, kinds: tuple[str, ...]) -> NDArray[np.float64]:
    """Both ends of the branches of some kinds, parallel ones once. Shape (L, 4)."""
    pairs = {tuple(sorted((branch.first, branch.second))) for branch in wires.branches.values() if branch.kind in kinds}
    return np.array([(*places[first], *places[second]) for first, second in sorted(pairs) if first in places and second in places]).reshape(-1, 4)


def _span(values: list[float], pixels: float) -> tuple[float, float]:
    """Return the range of values with room around; a single value gets a range of its own."""
    low, high = min(values), max(values)
    room = max(high - low, 1.0) * ROOM_PX / (pixels - 2 * ROOM_PX)
    return low - room, max(high, low + 1.0) + room


def _widened(span: tuple[float, float], size: float) -> tuple[float, float]:
    middle = (span[0] + span[1]) / 2
    return middle - size / 2, middle + size / 2


def _branches_at(wires: WiresView) -> dict[str, int]:
    """Number of branches that end at each bus."""
    counts: dict[str, int] = {}
    for branch in wires.branches.values():
        for name in (branch.first, branch.second):
            counts[name] = counts.get(name, 0) + 1
    return counts
