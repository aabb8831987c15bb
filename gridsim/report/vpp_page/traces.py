"""What the drawings of this page share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gridsim.report.figures.figure import plain
from gridsim.report.theme import axis, layout
from gridsim.report.vpp_page.vpp_view import listed

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

UP, DOWN = "#1B7A3D", "#2F7EC1"
KEPT, LOST = "#2F7EC1", "#B3001B"
PLANNED, DONE, BEST, RULE = "#8D99A3", "#22303C", "#1B7A3D", "#C25E98"
SEASON = {"winter": "#2F7EC1", "spring": "#1B7A3D", "summer": "#D9603B", "autumn": "#A9792B"}
LEVELS = ("#9CC3E3", "#5B9BCF", "#2F7EC1", "#1F5F99", "#0B3C73", "#072747")
"""One hue, from short durations to long ones."""


def lines(x: ArrayLike, y: ArrayLike, name: str, colour: str, unit: str, **more: Any) -> dict[str, Any]:
    """Return a line."""
    frame = {"type": "scatter", "mode": "lines", "name": plain(name), "x": listed(x), "y": listed(y), "line": {"color": colour, "width": 2}}
    return {**frame, "hovertemplate": f"%{{y:,.4~g}} {unit}", **more}


def bars(x: list[Any], y: ArrayLike, name: str, colour: str, unit: str, **more: Any) -> dict[str, Any]:
    """Return upright bars."""
    return {"type": "bar", "name": plain(name), "x": x, "y": listed(y), "marker": {"color": colour}, "hovertemplate": f"%{{y:,.4~g}} {unit}", **more}


def lying(names: list[str], values: ArrayLike, colour: Any, unit: str) -> dict[str, Any]:
    """Return bars that lie, one a name."""
    marker, hover = {"color": colour}, f"%{{x:,.4~g}} {unit}<extra></extra>"
    return {"type": "bar", "orientation": "h", "y": [plain(name) for name in names], "x": listed(values), "marker": marker, "hovertemplate": hover}


def lying_frame(title: str, **changes: Any) -> dict[str, Any]:
    """Return the layout of bars that lie, the first on top."""
    across = axis(title, zerolinecolor="#22303C")
    return layout(
        bargap=0.35,
        xaxis=across,
        yaxis=axis(type="category", autorange="reversed", showgrid=False),
        margin={"l": 150, "r": 40, "t": 26, "b": 45},
        showlegend=False,
        **changes,
    )


def below(y: float) -> dict[str, Any]:
    """Return a legend below the axis' title."""
    return {**layout()["legend"], "y": y}
