"""The year's energy flow as a graph without loops: stores and connections are split, lines are netted, small ones are drawn together."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gridsim.report.heat import let_go

if TYPE_CHECKING:
    from gridsim.report.view import RunView

    Edges = list[dict[str, object]]

SMALL_SHARE = 0.005
"""Sources and uses below this share of all supply are drawn together."""
TINY_SHARE = 0.001
"""Single flows below this share of all supply are not drawn."""


@dataclass(frozen=True)
class Node:
    """A technology, one side of a technology, a bus, or one of ``curtailed``, ``let_go``, ``losses`` and ``other``."""

    kind: str
    """``technology``, ``bus``, ``curtailed``, ``let_go``, ``losses``, ``other``."""
    name: str
    """Of the technology or bus; the carrier of ``other``."""
    side: str = ""
    """``supply`` or ``use`` where a technology or ``other`` has only this side."""


@dataclass(frozen=True)
class Flow:
    """Energy from one node to another over the horizon."""

    source: Node
    target: Node
    carrier: str
    mwh: float


CURTAILED = Node("curtailed", "")
LOSSES = Node("losses", "")
LET_GO = Node("let_go", "")
"""Heat that nobody needed."""


@dataclass(frozen=True)
class Drawing:
    """What to draw, and how much is too little to be drawn."""

    flows: list[Flow]
    left_out_mwh: float


def flows(view: RunView, small_share: float = SMALL_SHARE, tiny_share: float = TINY_SHARE) -> Drawing:
    """Return the flows to draw; with what is left out, their sums are those of ``run.json``."""
    buses, heat = set(view.record["buses"]), let_go(view)
    drawn: dict[str, dict[tuple[str, str], float]] = defaultdict(lambda: defaultdict(float))
    supplied: dict[str, dict[tuple[str, str], float]] = defaultdict(lambda: defaultdict(float))
    result: list[Flow] = []
    curtailed: list[tuple[str, float]] = []
    for edge in view.record["energy_flow"]:
        if edge["target"] == "curtailed" and edge["target"] not in buses:
            curtailed.append((edge["source"], edge["mwh"]))
        elif edge["carrier"] == "heat" and (edge["source"], edge["target"]) in heat:
            continue
        elif edge["source"] in buses:
            drawn[edge["target"]][edge["source"], edge["carrier"]] += edge["mwh"]
        else:
            supplied[edge["source"]][edge["target"], edge["carrier"]] += edge["mwh"]
    for name in dict.fromkeys([*supplied, *drawn]):
        result += _of_technology(name, drawn[name], supplied[name])
    result += [Flow(Node("bus", bus), LET_GO, "heat", mwh) for (bus, _), mwh in heat.items()]
    supply_node = {flow.source.name: flow.source for flow in result if flow.source.kind == "technology"}
    result += [Flow(supply_node.get(name, Node("technology", name)), CURTAILED, "curtailed", mwh) for name, mwh in curtailed]
    supply = sum(flow.mwh for flow in result if flow.source.side == "supply")
    result = _without_passing(_without_small(result, small_share * supply), view.record["buses"])
    kept = [flow for flow in result if flow.mwh >= tiny_share * supply]
    return Drawing(kept, sum(flow.mwh for flow in result) - sum(flow.mwh for flow in kept))


def _of_technology(name: str, drawn: dict[tuple[str, str], float], supplied: dict[tuple[str, str], float]) -> list[Flow]:
    drawn, supplied, carried = _carried(name, dict(drawn), dict(supplied))
    both = {carrier for _, carrier in drawn} & {carrier for _, carrier in supplied}
    for carrier in both:
        if _converts(carrier, drawn, supplied):
            _net(carrier, drawn, supplied)
            both = both - {carrier}
    into = Node("technology", name, "use" if both or not supplied else "")
    out = Node("technology", name, "supply" if both or not drawn else "")
    result = [Flow(Node("bus", bus), into, carrier, mwh) for (bus, carrier), mwh in drawn.items() if mwh > 0]
    result += [Flow(out, Node("bus", bus), carrier, mwh) for (bus, carrier), mwh in supplied.items() if mwh > 0]
    lost = sum(drawn.values()) - sum(supplied.values())
    if into == out and drawn and supplied and lost > 0:
        result.append(Flow(out, LOSSES, "losses", lost))
    return carried + result


def _carried(
    name: str, drawn: dict[tuple[str, str], float], supplied: dict[tuple[str, str], float]
) -> tuple[dict[tuple[str, str], float], dict[tuple[str, str], float], list[Flow]]:
    """Take out what a line, pipe or compressor carries from bus to bus: one net flow each, and its losses."""
    result: list[Flow] = []
    for carrier in {carrier for _, carrier in drawn} & {carrier for _, carrier in supplied}:
        buses = {bus for bus, kind in (*drawn, *supplied) if kind == carrier}
        if len(buses) < 2:
            continue
        net = {bus: supplied.pop((bus, carrier), 0.0) - drawn.pop((bus, carrier), 0.0) for bus in sorted(buses)}
        sent = {bus: -mwh for bus, mwh in net.items() if mwh < 0}
        received = {bus: mwh for bus, mwh in net.items() if mwh > 0}
        all_sent, all_received = sum(sent.values()), sum(received.values())
        if all_sent <= 0:
            continue
        result += [
            Flow(Node("bus", source), Node("bus", target), carrier, mwh * share / all_sent)
            for source, mwh in sent.items()
            for target, share in received.items()
        ]
        lost = 1.0 - all_received / all_sent
        if lost > 1e-9:
            result += [Flow(Node("bus", source), LOSSES, "losses", mwh * lost) for source, mwh in sent.items()]
    return drawn, supplied, result


def _converts(carrier: str, drawn: dict[tuple[str, str], float], supplied: dict[tuple[str, str], float]) -> bool:
    """Whether a technology makes the carrier and also stores some of it, such as a plant with its own tank; a mere store makes nothing."""
    made = sum(mwh for (_, kind), mwh in supplied.items() if kind == carrier)
    stored = sum(mwh for (_, kind), mwh in drawn.items() if kind == carrier)
    fed = sum(mwh for (_, kind), mwh in drawn.items() if kind != carrier)
    return made - stored > 0.01 * made and fed >= made - stored


def _net(carrier: str, drawn: dict[tuple[str, str], float], supplied: dict[tuple[str, str], float]) -> None:
    for key in [key for key in drawn if key[1] == carrier and key in supplied]:
        supplied[key] -= drawn.pop(key)


def _without_small(result: list[Flow], least_mwh: float) -> list[Flow]:
    """Draw sources and uses together that are small and have only one side."""
    leaves: dict[Node, float] = defaultdict(float)
    for flow in result:
        for node in (flow.source, flow.target):
            if node.kind == "technology" and node.side and flow.target != CURTAILED:
                leaves[node] += flow.mwh
    small = {node for node, mwh in leaves.items() if mwh < least_mwh}
    for side in ("supply", "use"):
        if len(alone := {node for node in small if node.side == side}) < 2:
            small -= alone

    def drawn_as(node: Node, carrier: str) -> Node:
        return Node("other", carrier, node.side) if node in small else node

    sums: dict[Flow, float] = defaultdict(float)
    for flow in result:
        carrier = "electricity" if flow.carrier == "curtailed" else flow.carrier
        sums[replace(flow, source=drawn_as(flow.source, carrier), target=drawn_as(flow.target, carrier), mwh=0.0)] += flow.mwh
    return [replace(flow, mwh=mwh) for flow, mwh in sums.items()]


def _without_passing(result: list[Flow], buses: dict[str, dict[str, str]]) -> list[Flow]:
    """Leave out buses of products that one source alone feeds: their uses are drawn from that source."""
    for name, bus in buses.items():
        node = Node("bus", name)
        sources = {flow.source for flow in result if flow.target == node}
        if bus["carrier"] != "electricity" and len(sources) == 1:
            (source,) = sources
            result = [replace(flow, source=source) if flow.source == node else flow for flow in result if flow.target != node]
    return result
