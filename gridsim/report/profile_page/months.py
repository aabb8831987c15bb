"""Monthly means: bars of a few columns, a table in colours of many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.report.figures.figure import Figure, plain
from gridsim.report.numbers import number
from gridsim.report.profile_page.lines import value_title, with_legend
from gridsim.report.profile_page.units import unit_of
from gridsim.report.theme import FILLED, INK, axis, layout, pale

if TYPE_CHECKING:
    from gridsim.report.profile_page.compared import Track
    from gridsim.report.profile_page.profile_set import Group, SetView

BARS = 6
"""Series that stand beside one another as bars."""
ROW_HEIGHT = 26


def month_figure(view: SetView, group: Group) -> Figure | None:
    """Draw the mean of each month of the calendar, where there are at least two."""
    tracks = [track for column in group.columns for track in column.tracks]
    present = np.flatnonzero(np.isfinite([track.monthly for track in tracks]).any(axis=0))
    if present.size < 2:
        return None
    names = [view.words(f"month.{month + 1}") for month in present]
    title = view.words("profile_months.title", unit=unit_of(group.unit))
    draw = _bars if len(tracks) <= BARS else _table
    data, frame, height = draw(view, group, tracks, present, names)
    return Figure(f"{group.name}-months", title, data, frame, height)


def _bars(view: SetView, group: Group, tracks: list[Track], present: np.ndarray, names: list[str]) -> tuple[list[dict[str, Any]], dict[str, Any], int]:
    data: list[dict[str, Any]] = []
    for track in tracks:
        marker: dict[str, Any] = {"color": track.colour}
        if track.second:
            marker = {"color": pale(track.colour, 0.25), "pattern": {"shape": "/", "size": 5, "fgcolor": track.colour}}
        data.append(
            {
                "type": "bar",
                "name": plain(track.name),
                "x": names,
                "y": [_rounded(value) for value in track.monthly[present]],
                "marker": marker,
                "hovertemplate": f"%{{y:.4~g}} {plain(unit_of(group.unit))}",
            }
        )
    frame, height = with_legend(
        [track.name for track in tracks],
        210,
        30,
        barmode="group",
        bargap=0.25,
        hovermode="x unified",
        xaxis=axis(type="category", showgrid=False),
        yaxis=axis(value_title(view, group), rangemode="tozero"),
    )
    frame["margin"]["t"] = 14
    return data, frame, height - 20


def _table(view: SetView, group: Group, tracks: list[Track], present: np.ndarray, names: list[str]) -> tuple[list[dict[str, Any]], dict[str, Any], int]:
    """Return a row a series, coloured by how far the month is from the mean of its row."""
    rows = np.array([track.monthly[present] for track in tracks])
    lowest, highest = np.nanmin(rows, axis=1, keepdims=True), np.nanmax(rows, axis=1, keepdims=True)
    shade = (rows - lowest) / np.where(highest - lowest > 1e-12, highest - lowest, 1.0)
    trace = {
        "type": "heatmap",
        "x": names,
        "y": [plain(track.name) for track in tracks],
        "z": [[_rounded(value) for value in row] for row in shade],
        "text": [[number(value) for value in row] for row in rows],
        "texttemplate": "%{text}",
        "textfont": {"color": INK},
        "colorscale": FILLED,
        "zmin": 0.0,
        "zmax": 2.2,
        "showscale": False,
        "xgap": 1,
        "ygap": 1,
        "hovertemplate": f"%{{y}}, %{{x}}: %{{text}} {plain(unit_of(group.unit))}<extra></extra>",
    }
    frame = layout(
        xaxis=axis(type="category", showgrid=False, side="top"),
        yaxis=axis(type="category", showgrid=False, autorange="reversed"),
        margin={"l": 66, "r": 20, "t": 40, "b": 10},
        showlegend=False,
    )
    return [trace], frame, ROW_HEIGHT * len(tracks) + 50


def _rounded(value: float) -> float | None:
    return float(f"{value:.5g}") if np.isfinite(value) else None
