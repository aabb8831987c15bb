"""The single-line diagram: each bus and branch in the colour of the worst that it saw."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gridsim.report.figures.figure import Figure, plain
from gridsim.report.theme import FAINT_INK, INK, axis, layout
from gridsim.report.wires.hover import branch_text, bus_text
from gridsim.report.wires.labels import FONT_PX, GAP_PX
from gridsim.report.wires.places import places_of
from gridsim.report.wires.windows import HEIGHT_PX, windows
from gridsim.report.wires.wires_view import largest

if TYPE_CHECKING:
    from gridsim.report.wires.places import Places
    from gridsim.report.wires.windows import Window
    from gridsim.report.wires.wires_view import Branch, Bus, WiresView

CLASSES = ((0.5, "#9DB4C4"), (0.8, "#3E86BE"), (0.95, "#E3AE1B"), (1.0 + 1e-6, "#E0762F"), (1.1, "#C21F2B"), (math.inf, "#6A0F3C"))
"""Largest share of the limit used, and the colour up to it."""
DEAD = "#C9CED3"
"""Carries nothing, or was never solved."""

WIDTHS = ((300.0, 4.5), (150.0, 3.0), (50.0, 2.0), (20.0, 1.4), (0.0, 1.0))
"""Lowest voltage [kV], and the width of lines from it on [px]."""

HALO = "0 0 3px #FFFFFF, 0 0 3px #FFFFFF, 0 0 3px #FFFFFF, 0 0 3px #FFFFFF"
"""Lets a label be read where a line passes behind it."""

TOP_PX = 52
BUTTON_ROOM = 60
"""Characters that fit into a row of buttons; more sites than that get a list."""


@dataclass(frozen=True)
class Bundle:
    """Branches of one kind between the same two buses, drawn as one."""

    branches: tuple[Branch, ...]

    @property
    def use(self) -> float:
        """The worst of those that are closed; not a number where none is. [1]"""
        return largest(*(branch.use for branch in self.branches if branch.closed))

    @property
    def closed(self) -> bool:
        """Whether any of them is."""
        return any(branch.closed for branch in self.branches)


def colour_of_use(use: float) -> str:
    """Return the colour of a share of a limit."""
    return DEAD if not math.isfinite(use) else next(colour for most, colour in CLASSES if use <= most)


def width_of(voltage_kv: float) -> float:
    """Return how wide a line of a voltage is drawn. [px]"""
    return next(width for least, width in WIDTHS if voltage_kv >= least)


def bundles(wires: WiresView) -> list[Bundle]:
    """Put parallel circuits together; open ones stay apart from closed ones."""
    groups: dict[tuple[str, bool, frozenset[str]], list[Branch]] = {}
    for branch in wires.branches.values():
        groups.setdefault((branch.kind, branch.closed, frozenset((branch.first, branch.second))), []).append(branch)
    return [Bundle(tuple(group)) for group in groups.values()]


def single_line(wires: WiresView) -> Figure | None:
    """Draw the network; None where it has no buses."""
    if not wires.buses:
        return None
    words = wires.view.words
    places, given = places_of(wires)
    parts = [part for part in bundles(wires) if part.branches[0].first in places and part.branches[0].second in places]
    drawn = [
        *_lines(wires, parts, places),
        _transformers(wires, parts, places),
        _buses(wires, places),
        _line_hover(wires, parts, places),
    ]
    shown = windows(wires, places, given)
    texts = [_texts(wires, window, places, visible=place == 0) for place, window in enumerate(shown)]
    captions = [words("single_line.caption" if given else "single_line.caption_layered")]
    if any(not part.closed for part in parts):
        captions.append(words("single_line.open"))
    frame = layout(
        xaxis=_plane(shown[0].x),
        yaxis=_plane(shown[0].y, **({"scaleanchor": "x", "scaleratio": 1} if given else {})),
        margin={"l": 10, "r": 10, "t": TOP_PX if len(shown) > 1 else 10, "b": 10},
        hovermode="closest",
        showlegend=False,
        updatemenus=_buttons(shown, len(drawn)),
    )
    height = round(HEIGHT_PX) + 10 + (TOP_PX if len(shown) > 1 else 10)
    return Figure("single-line", "", [*drawn, *texts], frame, height, words("word.sentence_space").join(captions), _legend(wires))


def _plane(span: tuple[float, float], **changes: Any) -> dict[str, Any]:
    return axis(range=[round(end, 4) for end in span], showgrid=False, zeroline=False, showline=False, showticklabels=False, **changes)


def _legend(wires: WiresView) -> tuple[tuple[str, str], ...]:
    words = wires.view.words
    ends = [0.0, *(min(most, 1.0 + 1e-6) if most < 1.05 else most for most, _ in CLASSES)]
    found = []
    for (_, colour), low, high in zip(CLASSES, ends, ends[1:], strict=False):
        text = f"{100 * low:.0f}–{100 * high:.0f} %" if math.isfinite(high) else f"> {100 * low:.0f} %"
        found.append((colour, words("single_line.first_class", share=text) if low == 0.0 else text))
    return (*found, (DEAD, words("single_line.dead")))


def _middle(part: Bundle, places: Places, share: float = 0.5) -> tuple[float, float]:
    (x0, y0), (x1, y1) = places[part.branches[0].first], places[part.branches[0].second]
    return round(x0 + share * (x1 - x0), 3), round(y0 + share * (y1 - y0), 3)


def _lines(wires: WiresView, parts: list[Bundle], places: Places) -> list[dict[str, Any]]:
    """One trace for each colour, width and dash; the worst last, so that they lie on top."""
    groups: dict[tuple[str, float, bool], list[Bundle]] = {}
    for part in parts:
        first = part.branches[0]
        voltage = min(wires.buses[first.first].voltage_kv, wires.buses[first.second].voltage_kv)
        groups.setdefault((colour_of_use(part.use), width_of(voltage), part.closed), []).append(part)
    order = [DEAD, *(colour for _, colour in CLASSES)]
    traces = []
    for (colour, width, closed), members in sorted(groups.items(), key=lambda item: order.index(item[0][0])):
        x: list[float | None] = []
        y: list[float | None] = []
        for part in members:
            for place in (_middle(part, places, 0.0), _middle(part, places, 1.0)):
                x.append(place[0])
                y.append(place[1])
            x.append(None)
            y.append(None)
        line = {"color": colour, "width": width, "dash": "solid" if closed else "dot"}
        traces.append({"type": "scatter", "mode": "lines", "x": x, "y": y, "line": line, "hoverinfo": "skip"})
    return traces


def _line_hover(wires: WiresView, parts: list[Bundle], places: Places) -> dict[str, Any]:
    """Invisible points along each line, which answer to the pointer."""
    lines = [(part, share) for part in parts if part.branches[0].kind != "transformer" for share in (0.25, 0.5, 0.75)]
    text = {id(part): branch_text(wires, part.branches) for part, _ in lines}
    spots = [_middle(part, places, share) for part, share in lines]
    return _points(spots, [text[id(part)] for part, _ in lines], {"size": 12, "color": "#FFFFFF", "opacity": 0})


def _transformers(wires: WiresView, parts: list[Bundle], places: Places) -> dict[str, Any]:
    chosen = [part for part in parts if part.branches[0].kind == "transformer"]
    chosen.sort(key=lambda part: part.use if math.isfinite(part.use) else -1.0)
    edge = [colour_of_use(part.use) for part in chosen]
    marker = {"symbol": "diamond", "size": 8, "color": "#FFFFFF", "line": {"color": edge, "width": 2.5}}
    return _points([_middle(part, places) for part in chosen], [branch_text(wires, part.branches) for part in chosen], marker)


def _buses(wires: WiresView, places: Places) -> dict[str, Any]:
    sources = {source["bus"] for source in wires.record["sources"]}
    chosen: list[Bus] = sorted(wires.buses.values(), key=lambda bus: bus.use if math.isfinite(bus.use) else -1.0)
    marker = {
        "symbol": ["square" if bus.name in sources else "circle" for bus in chosen],
        "size": [13 if bus.name in sources else 5 + width_of(bus.voltage_kv) for bus in chosen],
        "color": [colour_of_use(bus.use) for bus in chosen],
        "line": {"color": "#FFFFFF", "width": 1},
        "opacity": 1,
    }
    spots = [(round(places[bus.name][0], 3), round(places[bus.name][1], 3)) for bus in chosen]
    return _points(spots, [bus_text(wires, bus) for bus in chosen], marker)


def _points(spots: list[tuple[float, float]], texts: list[str], marker: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [x for x, _ in spots],
        "y": [y for _, y in spots],
        "marker": marker,
        "text": texts,
        "hovertemplate": "%{text}<extra></extra>",
        "hoverlabel": {"align": "left", "font": {"color": INK}},
    }


def _texts(wires: WiresView, window: Window, places: Places, *, visible: bool) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers+text",
        "marker": {"size": 2 * GAP_PX, "opacity": 0},
        "x": [round(places[name][0], 3) for name in window.sides],
        "y": [round(places[name][1], 3) for name in window.sides],
        "text": [plain(wires.bus_label(name)) for name in window.sides],
        "textposition": list(window.sides.values()),
        "textfont": {"size": FONT_PX, "color": INK, "shadow": HALO},
        "hoverinfo": "skip",
        "cliponaxis": True,
        "visible": visible,
    }


def _buttons(shown: list[Window], drawn: int) -> list[dict[str, Any]]:
    """Return the choice between the whole and each site."""
    if len(shown) < 2:
        return []
    buttons = [
        {
            "label": plain(window.title),
            "method": "update",
            "args": [
                {"visible": [*[True] * drawn, *(other is window for other in shown)]},
                {"xaxis.range": [round(end, 4) for end in window.x], "yaxis.range": [round(end, 4) for end in window.y]},
            ],
        }
        for window in shown
    ]
    long = sum(2 * len(window.title) + 4 for window in shown) > 2 * BUTTON_ROOM
    return [
        {
            "type": "dropdown" if long else "buttons",
            "direction": "down" if long else "right",
            "buttons": buttons,
            "showactive": True,
            "x": 0,
            "xanchor": "left",
            "y": 1.0,
            "yanchor": "bottom",
            "pad": {"b": 8, "t": 0},
            "bgcolor": "#FFFFFF",
            "bordercolor": "#B7C1C9",
            "font": {"size": 12, "color": FAINT_INK},
        }
    ]
