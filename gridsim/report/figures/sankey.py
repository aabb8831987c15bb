"""Where the energy came from and went to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gridsim.report.figures.figure import Figure, plain
from gridsim.report.flows import SMALL_SHARE, TINY_SHARE, Flow, Node, flows
from gridsim.report.numbers import energy, energy_scale, number, percent
from gridsim.report.theme import CARRIER, colour_of, layout, pale

if TYPE_CHECKING:
    from gridsim.report.view import RunView

NO_COLOUR = "rgba(0,0,0,0)"


def sankey(view: RunView) -> Figure | None:
    """Draw all flows of energy; widths are MWh (hydrogen and ammonia by lower heating value)."""
    drawing = flows(view)
    drawn = drawing.flows
    if not drawn:
        return None
    words = view.words
    nodes = list(dict.fromkeys(node for flow in drawn for node in (flow.source, flow.target)))
    place = {node: number for number, node in enumerate(nodes)}
    through = {node: _through(node, drawn) for node in nodes}
    factor, unit = energy_scale(max(through.values()))
    trace = {
        "type": "sankey",
        "arrangement": "snap",
        "valueformat": ",.1f" if factor > 1 else ",.0f",
        "valuesuffix": f" {unit}",
        "textfont": {"size": 10.5, "shadow": "none"},
        "node": {
            "label": [f"{plain(node_label(view, node))}  {number(through[node] / factor)}" for node in nodes],
            "color": [_colour(view, node) for node in nodes],
            "pad": 15,
            "align": "left",
            "thickness": 14,
            "line": {"width": 0},
            "hovertemplate": f"%{{label}} {unit}<extra></extra>",
        },
        "link": {
            "source": [place[flow.source] for flow in drawn],
            "target": [place[flow.target] for flow in drawn],
            "value": [float(f"{flow.mwh / factor:.6g}") for flow in drawn],
            "color": [pale(colour_of(flow.carrier, CARRIER), 0.42) for flow in drawn],
            "customdata": [words.named("carrier", flow.carrier) for flow in drawn],
            "hovertemplate": "%{source.label} → %{target.label}<br>%{customdata}: %{value}<extra></extra>",
        },
    }
    _add_empty_column(trace, len(nodes))
    carriers = dict.fromkeys(flow.carrier for flow in drawn)
    leaves = sum(node.kind != "bus" for node in nodes)
    return Figure(
        name="flow",
        title=words("flow.drawing", unit=unit),
        data=[trace],
        layout=layout(margin={"l": 10, "r": 10, "t": 26, "b": 10}),
        height=min(1000, max(420, 26 * leaves)),
        caption=words("flow.caption", share=percent(SMALL_SHARE), tiny=percent(TINY_SHARE), rest=energy(drawing.left_out_mwh)),
        legend=tuple((colour_of(carrier, CARRIER), words.named("carrier", carrier)) for carrier in carriers),
    )


def _add_empty_column(trace: dict[str, Any], count: int) -> None:
    """Add a column without width at the right: plotly writes the labels of the last column to its left, across those of the one before."""
    link, node = trace["link"], trace["node"]
    depth = [0] * count
    for _ in range(count):
        for source, target in zip(link["source"], link["target"], strict=True):
            depth[target] = min(max(depth[target], depth[source] + 1), count)
    link["source"].append(depth.index(max(depth)))
    link["target"].append(count)
    link["value"].append(max(link["value"]) * 1e-9)
    link["color"].append(NO_COLOUR)
    link["customdata"].append("")
    node["label"].append("")
    node["color"].append(NO_COLOUR)


def _through(node: Node, drawn: list[Flow]) -> float:
    """The larger of what enters and what leaves. [MWh]"""
    return max(sum(flow.mwh for flow in drawn if flow.source == node), sum(flow.mwh for flow in drawn if flow.target == node))


def node_label(view: RunView, node: Node) -> str:
    """Return what a node is called."""
    words = view.words
    if node.kind in ("curtailed", "let_go", "losses"):
        return words(f"flow.{node.kind}")
    if node.kind == "other":
        return words(f"flow.other_{node.side}", carrier=words.named("carrier", node.name))
    if node.kind == "technology" and node.side and (side := words.get(f"flow.{view.type_of(node.name)}.{node.side}")):
        return side.format(label=view.label(node.name))
    return view.label(node.name)


def _colour(view: RunView, node: Node) -> str:
    if node.kind == "bus":
        return colour_of(view.record["buses"][node.name]["carrier"], CARRIER)
    if node.kind == "other":
        return colour_of(f"other_{node.side}")
    return colour_of(node.kind if node.kind in ("curtailed", "let_go", "losses") else view.type_of(node.name))
