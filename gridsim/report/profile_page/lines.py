"""What the drawings of a group share: units, the looks of a line, panels side by side, and one legend below."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gridsim.report.figures.figure import packed, plain
from gridsim.report.profile_page.units import unit_of
from gridsim.report.theme import FAINT_INK, layout

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gridsim.report.profile_page.compared import Track
    from gridsim.report.profile_page.profile_set import Group, SetView

LINES = 10
"""Lines that are drawn at once; further ones wait in the legend."""

LEGEND_ROW = 24
"""Height of a row of the legend. [px]"""
ROW_LETTERS = 130
"""About how many letters stand in a row of the legend."""


def basis_of(view: SetView, basis: str) -> str:
    """Return what 1.0 stands for, in the page's language where it is a usual basis."""
    return view.words.named("of", basis) if basis else ""


def value_title(view: SetView, group: Group) -> str:
    """Return the title of an axis of values: the unit, and its basis where all columns share one."""
    bases = {column.basis for column in group.columns}
    basis = bases.pop() if len(bases) == 1 else ""
    return view.words("profile_axis.of", unit=plain(unit_of(group.unit)), basis=plain(basis_of(view, basis))) if basis else plain(unit_of(group.unit))


def line(values: NDArray[np.float64] | list[float], track: Track, place: int, *, legend: bool, axes: str = "", **more: Any) -> dict[str, Any]:
    """Return a line; ``axes`` is the number of its panel, nothing for the first."""
    return {
        "type": "scatter",
        "mode": "lines",
        "name": plain(track.name),
        "legendgroup": plain(track.name),
        "showlegend": legend,
        "visible": True if place < LINES else "legendonly",
        "line": {"color": track.colour, "width": 1.6 if track.second else 1.8, "dash": "dot" if track.second else "solid"},
        "y": packed(values) if not isinstance(values, list) else values,
        "xaxis": f"x{axes}",
        "yaxis": f"y{axes}",
        **more,
    }


def number_of(panel: int) -> str:
    """Return how plotly numbers a panel: nothing for the first, then 2, 3, …"""
    return "" if panel == 0 else str(panel + 1)


def spans(count: int, gap: float) -> list[list[float]]:
    """Return where ``count`` panels of one size stand between 0 and 1.

    Examples
    --------
    >>> spans(2, 0.1)
    [[0.0, 0.45], [0.55, 1.0]]
    """
    width = (1.0 - gap * (count - 1)) / count
    return [[round(place * (width + gap), 4), round(place * (width + gap) + width, 4)] for place in range(count)]


def panel_title(text: str, span: list[float], height: float = 1.0) -> dict[str, Any]:
    """Return a title above a panel."""
    return {
        "text": text,
        "x": span[0],
        "y": height,
        "xref": "paper",
        "yref": "paper",
        "xanchor": "left",
        "yanchor": "bottom",
        "showarrow": False,
        "font": {"size": 12, "color": FAINT_INK},
    }


def legend_height(names: list[str]) -> int:
    """Return the height that a legend of these names needs, nothing for a single one. [px]"""
    return 0 if len(names) < 2 else LEGEND_ROW * (1 + sum(len(name) + 7 for name in names) // ROW_LETTERS)


def with_legend(names: list[str], drawing_height: int, bottom: int, **changes: Any) -> tuple[dict[str, Any], int]:
    """Return a layout whose legend stands below its axes, and the height of the whole. [px]"""
    room = legend_height(names)
    top = 34
    frame = layout(
        margin={"l": 66, "r": 20, "t": top, "b": bottom + room},
        legend={**layout()["legend"], "y": -bottom / drawing_height, "traceorder": "normal"},
        showlegend=len(names) > 1,
        **changes,
    )
    return frame, drawing_height + top + bottom + room
