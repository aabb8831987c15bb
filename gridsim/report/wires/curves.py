"""How long the network is how near to its limits: loading and voltage sorted by size, and when in the year limits are left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.report.figures.duration import LEAST_HOURS
from gridsim.report.figures.figure import Figure, packed, plain
from gridsim.report.theme import INK, SHORT_OF, SPARE, axis, layout

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.report.wires.wires_view import Branch, WiresView

ELEMENTS = 5
"""Branches with a curve of their own."""
FULL = "#B3001B"
"""The limit."""


def loading_curves(wires: WiresView) -> Figure | None:
    """Draw the loading over the limit of the worst branch of each hour, and of the branches that come nearest to their limits."""
    words = wires.view.words
    if not _long_enough(wires):
        return None
    data = []
    if "before:loading_over_limit" in wires.table:
        data.append(_curve(wires, "before:loading_over_limit", words("wires_duration.before"), INK, "dot", 100.0, "%"))
    data.append(_curve(wires, "network:loading_over_limit", words("wires_duration.worst_branch"), INK, "solid", 100.0, "%"))
    for place, group in enumerate(worst_branches(wires)):
        branch = group[0]
        name = branch.name if len(group) == 1 else words("wires_duration.parallel", name=branch.name, count=len(group))
        data.append(_curve(wires, f"{branch.name}:loading", name, SPARE[place], "solid", 100.0 / branch.limit, "%"))
    frame = _frame(wires, words("wires_axis.use_of_limit"), 100.0, rangemode="tozero")
    return Figure("wires-loading", words("wires_duration.loading"), data, frame, 380, caption=words("wires_duration.loading_caption"))


def voltage_curves(wires: WiresView) -> Figure | None:
    """Draw the distance of the worst bus of each hour to the nearer end of its band, largest first."""
    words = wires.view.words
    if not _long_enough(wires) or not np.isfinite(wires.series("network:voltage_margin_pu")).any():
        return None
    data = []
    if "before:voltage_margin_pu" in wires.table:
        data.append(_curve(wires, "before:voltage_margin_pu", words("wires_duration.before"), INK, "dot", 1.0, "p.u."))
    data.append(_curve(wires, "network:voltage_margin_pu", words("wires_duration.worst_bus"), "#3E86BE", "solid", 1.0, "p.u."))
    frame = _frame(wires, words("wires_axis.margin"), 0.0, rangemode="tozero")
    return Figure("wires-voltage", words("wires_duration.voltage"), data, frame, 320, caption=words("wires_duration.voltage_caption"))


def worst_branches(wires: WiresView) -> list[list[Branch]]:
    """Return the branches nearest to or farthest beyond their limits; parallel circuits that carry the same count as one."""
    groups: dict[tuple[frozenset[str], float, float], list[Branch]] = {}
    for branch in wires.branches.values():
        if np.isfinite(branch.highest) and branch.highest > 0.0:
            groups.setdefault((frozenset((branch.first, branch.second)), round(branch.highest, 6), branch.limit), []).append(branch)
    return sorted(groups.values(), key=lambda group: -group[0].use)[:ELEMENTS]


def month_hours(wires: WiresView) -> Figure | None:
    """Draw how many hours leave a limit in each hour of the day of each month; None where there are none, or the horizon is short."""
    view = wires.view
    if not view.long_enough or not wires.violating_steps.size:
        return None
    minutes = (view.stamps - view.stamps.astype("datetime64[D]")).astype(np.int64)
    counts = np.zeros((len(view.months), 24))
    steps = wires.violating_steps
    np.add.at(counts, (view.month[steps], minutes[steps] // 60), view.step_hours)
    unit = "h"
    trace = {
        "type": "heatmap",
        "z": packed(counts),
        "x0": 0,
        "dx": 1,
        "y": view.months,
        "zmin": 0.0,
        "zmax": float(counts.max()),
        "colorscale": SHORT_OF,
        "text": [[f"{count:g}" if count else "" for count in row] for row in counts],
        "texttemplate": "%{text}",
        "textfont": {"size": 10},
        "xgap": 1,
        "ygap": 1,
        "hovertemplate": f"%{{y}}, {view.words('axis.hour_of_day')} %{{x}}<br>%{{z:,.4~g}} {unit}<extra></extra>",
        "colorbar": {"thickness": 12, "len": 1.1, "x": 1.01, "tickfont": {"size": 10}, "outlinewidth": 0, "nticks": 5},
    }
    frame = layout(
        xaxis=axis(view.words("axis.hour_of_day_unit"), dtick=2, showgrid=False, zeroline=False),
        yaxis=axis(type="category", autorange="reversed", showgrid=False),
        margin={"l": 70, "r": 96, "t": 10, "b": 45},
        showlegend=False,
    )
    return Figure("wires-month-hour", view.words("wires_hours.heat_map"), [trace], frame, 90 + 24 * max(4, len(view.months)))


def _long_enough(wires: WiresView) -> bool:
    return wires.hours(wires.solved.sum()) >= LEAST_HOURS


def _curve(wires: WiresView, column: str, name: str, colour: str, dash: str, factor: float, unit: str) -> dict[str, Any]:
    values = _sorted(wires.table[column].to_numpy(dtype=float) if column.startswith("before:") else wires.series(column))
    return {
        "type": "scatter",
        "mode": "lines",
        "name": plain(name),
        "x0": wires.view.step_hours,
        "dx": wires.view.step_hours,
        "y": packed(values * factor),
        "line": {"color": colour, "width": 2.4 if column.startswith(("network:", "before:")) else 1.5, "dash": dash},
        "hovertemplate": f"%{{y:,.4~g}} {unit}",
    }


def _sorted(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.sort(values[np.isfinite(values)])[::-1]


def _frame(wires: WiresView, title: str, limit: float, **changes: Any) -> dict[str, Any]:
    line = {"color": FULL, "width": 1.5, "dash": "dash"}
    return layout(
        xaxis=axis(wires.view.words("axis.hours_sorted"), range=[0, wires.view.hours]),
        yaxis=axis(title, **changes),
        hovermode="x unified",
        margin={"l": 70, "r": 30, "t": 14, "b": 45},
        legend={**layout()["legend"], "y": -0.18},
        shapes=[{"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": limit, "y1": limit, "line": line}],
    )
