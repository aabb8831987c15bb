"""Duration curve, autocorrelation and ramps, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.profiles.statistics import duration_curve, exceeded
from gridsim.report.figures.figure import Figure, plain
from gridsim.report.profile_page.compared import LAGS_HOURS
from gridsim.report.profile_page.lines import LINES, line, panel_title, spans, value_title, with_legend
from gridsim.report.profile_page.units import change_unit, unit_of
from gridsim.report.theme import axis

if TYPE_CHECKING:
    from gridsim.report.profile_page.profile_set import Group, SetView

HEIGHT = 270
LEAST_HOURS = 48
POINTS = 501
RARE_SHARE = 0.01
"""Share of hours that the dotted line of the ramps marks: what lies to its left is the 99th percentile."""


def spread_figure(view: SetView, group: Group) -> Figure | None:
    """Draw the three panels, where there are at least two days."""
    if view.hours < LEAST_HOURS:
        return None
    words, tracks, unit = view.words, group.fine_tracks, plain(unit_of(group.unit))
    change = plain(change_unit(group.unit))
    places = spans(3, 0.075)
    frame, height = with_legend([track.name for track in tracks], HEIGHT, 48, hovermode="closest")
    data: list[dict[str, Any]] = []
    longest = max(LEAST_HOURS, view.hours)
    for order, track in enumerate(tracks):
        hover = f"%{{y:.4~g}} {unit}, %{{x:,.0f}} h"
        curve = duration_curve(track.values, POINTS)
        data.append(line(curve, track, order, legend=True, x0=0.0, dx=longest / (POINTS - 1), hovertemplate=hover))
        data.append(line(track.memory, track, order, legend=False, axes="2", x0=0, dx=1, hovertemplate="%{x} h: %{y:.3f}"))
        changes = track.hourly_ramps
        if changes.size and np.abs(changes).max() > 0:
            shares = np.geomspace(1.0, max(1.0 / changes.size, 1e-5), 81)
            sizes = [float(f"{size:.4g}") for size in exceeded(changes, shares)]
            percents = [float(f"{100 * share:.4g}") for share in shares]
            hover = f"%{{x:.4~g}} {change}: %{{y:.3~g}} %"
            data.append(line(percents, track, order, legend=False, axes="3", x=sizes, hovertemplate=hover))
    frame["xaxis"] = axis(words("profile_axis.hours_sorted"), domain=places[0], range=[0, longest], nticks=5)
    frame["yaxis"] = axis(value_title(view, group), rangemode="tozero")
    frame["xaxis2"] = axis(words("profile_axis.lag"), domain=places[1], anchor="y2", range=[0, LAGS_HOURS], dtick=12)
    frame["yaxis2"] = axis(anchor="x2", range=[_lowest(group), 1.02], zerolinewidth=1.2)
    frame["xaxis3"] = axis(words("profile_axis.ramp", unit=change), domain=places[2], anchor="y3", rangemode="tozero")
    frame["yaxis3"] = axis(words("profile_axis.share"), anchor="x3", type="log", range=[-2.2, 2.05], tickvals=[0.01, 0.1, 1, 10, 100])
    frame["shapes"] = [
        {
            "type": "line",
            "xref": "x3 domain",
            "yref": "y3",
            "x0": 0,
            "x1": 1,
            "y0": 100 * RARE_SHARE,
            "y1": 100 * RARE_SHARE,
            "line": {"color": "#5A6B78", "width": 1, "dash": "dot"},
        }
    ]
    kinds = ("duration", "memory", "ramps")
    frame["annotations"] = [panel_title(words(f"profile_spread.{kind}"), place) for kind, place in zip(kinds, places, strict=True)]
    caption = words("profile_spread.caption")
    if any(track.second for track in tracks):
        caption += words("word.sentence_space") + words("profile_spread.stretched")
    if len(tracks) > LINES:
        caption += words("word.sentence_space") + words("profile_spread.more", lines=LINES)
    return Figure(f"{group.name}-spread", words("profile_spread.title"), data, frame, height, caption=caption)


def _lowest(group: Group) -> float:
    """Return where the axis of the autocorrelation begins."""
    memories = np.concatenate([track.memory for track in group.fine_tracks])
    lowest = float(np.nanmin(memories)) if np.isfinite(memories).any() else 0.0
    return min(-0.05, lowest * 1.05)
