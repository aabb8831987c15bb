"""Colours, fonts and the frame that every figure shares. A type of technology has one colour everywhere."""

from __future__ import annotations

import zlib
from typing import Any

FONT = '"Segoe UI", "Helvetica Neue", Arial, "Noto Sans CJK SC", "Noto Sans SC", "Microsoft YaHei", "PingFang SC", sans-serif'
INK = "#22303C"
FAINT_INK = "#5A6B78"
GRID_LINE = "#E3E8EC"

TYPE = {
    "wind": "#2F7EC1",
    "solar": "#F2B60A",
    "grid_connection": "#8D99A3",
    "battery": "#7A52A8",
    "caes": "#C25E98",
    "electrolyser": "#139C8F",
    "hydrogen_store": "#5EC2B0",
    "hydrogen_compressor": "#8FD0C4",
    "hydrogen_demand": "#0B6E66",
    "pipeline": "#9ED8CE",
    "ammonia_plant": "#A9792B",
    "ammonia_demand": "#7C5514",
    "methanol": "#6C8A2F",
    "direct_reduction": "#7D5A50",
    "load": "#3B4A57",
    "demand_response": "#E0704A",
    "transmission_line": "#B4BEC6",
    "boiler": "#C7432E",
    "heat_pump": "#E0913A",
    "heat_store": "#D9695F",
    "waste_heat": "#E8A598",
    "chp": "#9A4B3C",
    "thermal_unit": "#5B3F36",
    "line_loss": "#CBD2D8",
    "losses": "#CBD2D8",
    "unserved": "#B3001B",
    "water": "#4FA7C9",
    "replacement": "#B279A2",
    "export_margin": "#3C9D5B",
    "curtailed": "#E3A6AE",
    "let_go": "#E8A598",
    "other_supply": "#D9C7E8",
    "other_use": "#CDB89A",
}

CARRIER = {
    "electricity": "#5B8FC9",
    "hydrogen": "#35AE9F",
    "ammonia": "#B98A3A",
    "heat": "#D9694A",
    "losses": "#C3CBD2",
    "curtailed": "#E3A6AE",
}

CAUSE = {
    "line_or_transformer": "#7A52A8",
    "export_rule": "#8D99A3",
    "price": "#F2B60A",
    "unit_commitment": "#139C8F",
    "network": "#C25E98",
    "no_use": "#D4606C",
}

COST = {
    "investment": "#2F7EC1",
    "fixed_om": "#8DB9DF",
    "variable_om": "#C6D9EA",
    "energy_import": "#6F7C87",
    "demand_charge": "#A9B4BD",
    "energy_export": "#3C9D5B",
    "fuel": "#9A4B3C",
    "starts": "#C25E98",
    "demand_response": "#E0704A",
    "unserved": "#B3001B",
    "water": "#4FA7C9",
    "replacement": "#B279A2",
    "export_margin": "#3C9D5B",
}

SPARE = ("#4C78A8", "#B279A2", "#72B7B2", "#BAB0AC", "#9D755D", "#54A24B", "#ECA82C", "#D67195")

SHORT_OF = [[0.0, "#FFFFFF"], [0.02, "#FDEBDD"], [0.25, "#F5B895"], [0.6, "#D9603B"], [1.0, "#7F1D1D"]]
"""Curtailment: white where there is none."""
IMPORT_EXPORT = [
    [0.0, "#1B6E53"],
    [0.25, "#74B89B"],
    [0.48, "#E9F3EE"],
    [0.5, "#FFFFFF"],
    [0.52, "#F6EDE4"],
    [0.75, "#C98A55"],
    [1.0, "#743A0C"],
]
"""Exports green, imports brown; told apart by most colour-blind readers, and by their lightness at the ends."""
FILLED = [[0.0, "#F7FBFF"], [0.25, "#C9DFF0"], [0.5, "#82B5DA"], [0.75, "#3D82BB"], [1.0, "#0B3C73"]]


def colour_of(kind: str, palette: dict[str, str] | None = None) -> str:
    """Return the colour of a type; one that the theme does not know gets a spare colour that is always the same."""
    known = TYPE if palette is None else palette
    return known.get(kind) or SPARE[zlib.crc32(kind.encode()) % len(SPARE)]


def pale(colour: str, opacity: float) -> str:
    """Return a colour of the theme with an opacity."""
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity:g})"


def axis(title: str = "", **changes: Any) -> dict[str, Any]:
    """Return an axis with its title and separated thousands."""
    frame = {
        "title": {"text": title, "font": {"size": 12, "color": FAINT_INK}, "standoff": 8},
        "gridcolor": GRID_LINE,
        "zerolinecolor": "#9AA7B1",
        "linecolor": "#B7C1C9",
        "tickfont": {"size": 11},
        "separatethousands": True,
        "exponentformat": "none",
        "automargin": True,
    }
    return {**frame, **changes}


def layout(**changes: Any) -> dict[str, Any]:
    """Return the layout that every figure shares, with changes."""
    frame = {
        "font": {"family": FONT, "size": 12, "color": INK},
        "paper_bgcolor": "#FFFFFF",
        "plot_bgcolor": "#FFFFFF",
        "separators": ".,",
        "margin": {"l": 70, "r": 30, "t": 20, "b": 45},
        "hoverlabel": {"font": {"family": FONT, "size": 12}, "bgcolor": "#FFFFFF", "bordercolor": "#B7C1C9", "namelength": -1},
        "legend": {
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "y": -0.16,
            "yanchor": "top",
            "font": {"size": 12},
            "traceorder": "normal",
        },
        "showlegend": True,
    }
    return {**frame, **changes}
