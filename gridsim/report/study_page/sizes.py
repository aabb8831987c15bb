"""Capacities that were sized, scenario by scenario, with those at their bounds marked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.report.figures.figure import Figure, plain
from gridsim.report.profile_page.lines import panel_title, spans
from gridsim.report.study_page.points import chooses, hover
from gridsim.report.study_page.tables import bare_value
from gridsim.report.theme import axis, layout

if TYPE_CHECKING:
    from gridsim.report.study_page.study_view import StudyView

COLOURS = {"": "#2F7EC1", "min": "#D69A00", "max": "#B3001B"}
A_ROW, ROW_HEIGHT, BETWEEN = 3, 160, 96
NAMED = 12
"""Scenarios up to which each bar bears its values below."""
SORTED_ABOVE, MOST_BARS = 40, 200
"""Scenarios above which each panel is sorted by size: then it shows how often a capacity is how large."""


def size_figure(view: StudyView) -> Figure | None:
    """Draw a panel a capacity, a bar a scenario, where there are several; dotted lines are the bounds."""
    paths = [path for path in view.free if path in view.solved]
    if not paths or len(view.solved) < 2:
        return None
    indices = [int(index) for index in view.solved.index][:MOST_BARS]
    words, rows = view.words, -(-len(paths) // A_ROW)
    across, up = spans(min(len(paths), A_ROW), 0.07), spans(rows, BETWEEN / (rows * (ROW_HEIGHT + BETWEEN) - BETWEEN))[::-1]
    varied = [path for path in view.paths if view.solved[path].map(str).nunique() > 1]
    many = len(indices) > SORTED_ABOVE
    named = len(varied) == 1 and len(indices) <= NAMED
    below = [str(place) for place in range(1, len(indices) + 1)] if many else [view.number(index) for index in indices]
    if named:
        below = [plain(bare_value(view, varied[0], view.scenarios.loc[index, varied[0]])) for index in indices]
    data: list[dict[str, Any]] = []
    frame: dict[str, Any] = {"annotations": [], "shapes": []}
    for place, path in enumerate(paths):
        number, amount = "" if place == 0 else str(place + 1), view.amount(path)
        values = view.scenarios.loc[indices, path].to_numpy(float)
        order = np.argsort(-values, kind="stable") if many else np.arange(len(indices))
        values, shown = values[order], [indices[place] for place in order]
        data.append(
            {
                "type": "bar",
                "x": list(range(len(indices))),
                "y": [amount.scaled(value) for value in values],
                "xaxis": f"x{number}",
                "yaxis": f"y{number}",
                "marker": {"color": [COLOURS[view.at_bound(path, value)] for value in values]},
                "hovertext": [hover(view, index) for index in shown],
                "hovertemplate": "%{hovertext}<extra></extra>",
                "customdata": [view.choice(index) for index in shown],
                "showlegend": False,
            }
        )
        horizontal, vertical = across[place % A_ROW], up[place // A_ROW]
        every = max(1, -(-len(indices) // 12))
        ticks = {"tickvals": list(range(0, len(indices), every)), "ticktext": below[::every]}
        title = words("study_size.sorted") if many else plain(view.titled(varied[0])) if named else words("study.scenario_number")
        frame[f"xaxis{number}"] = axis(title, domain=horizontal, anchor=f"y{number}", showgrid=False, zeroline=False, tickangle=-40 if named else 0, **ticks)
        most = view.free[path].get("max")
        top = _top(values, most)
        frame[f"yaxis{number}"] = axis(amount.unit, domain=vertical, anchor=f"x{number}", range=[0.0, top])
        frame["annotations"].append(panel_title(plain(view.title(path)), horizontal, vertical[1]))
        frame["shapes"] += [
            {
                "type": "line",
                "xref": f"x{number} domain",
                "yref": f"y{number}",
                "x0": 0,
                "x1": 1,
                "y0": bound,
                "y1": bound,
                "line": {"color": "#8D99A3", "dash": "dot"},
            }
            for bound in (view.free[path].get("min"), most)
            if bound and bound < top
        ]
    legend = tuple((COLOURS[kind], words(f"study_size.{kind or 'between'}")) for kind in COLOURS)
    shape = layout(margin={"l": 60, "r": 20, "t": 34, "b": BETWEEN - 34}, bargap=0.25, showlegend=False, hovermode="closest", **chooses(view), **frame)
    return Figure("sizes", "", data, shape, rows * (ROW_HEIGHT + BETWEEN), caption=words("study_size.caption"), legend=legend)


def _top(values: np.ndarray, most: float | None) -> float:
    """Return where an axis ends: above the upper bound, unless that lies far beyond all sizes."""
    largest = float(np.nanmax(values, initial=0.0))
    return 1.06 * most if most and (most <= 3.0 * largest or largest == 0.0) else 1.15 * largest or 1.0
