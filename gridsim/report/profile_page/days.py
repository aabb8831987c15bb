"""The mean day of each season, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.profiles.statistics import mean_day_by_season
from gridsim.report.figures.figure import Figure, plain
from gridsim.report.profile_page.lines import line, number_of, panel_title, spans, value_title, with_legend
from gridsim.report.profile_page.units import unit_of
from gridsim.report.theme import axis

if TYPE_CHECKING:
    from gridsim.report.profile_page.profile_set import Group, SetView

SEASONS = ("winter", "spring", "summer", "autumn")
HEIGHT = 220


def day_figure(view: SetView, group: Group) -> Figure | None:
    """Draw the mean day from December to February, and so on; seasons of which the set has no day are left out."""
    tracks = group.fine_tracks
    days = [mean_day_by_season(track.values, track.stamps, track.step_minutes) for track in tracks]
    present = [season for season in range(4) if np.isfinite(days[0][season]).any()]
    if view.days < 2:
        return None
    places = spans(len(present), 0.03)
    data: list[dict[str, Any]] = []
    frame, height = with_legend([track.name for track in tracks], HEIGHT, 46, hovermode="x unified")
    frame["annotations"] = []
    for panel, (season, place) in enumerate(zip(present, places, strict=True)):
        axes = number_of(panel)
        for order, (track, day) in enumerate(zip(tracks, days, strict=True)):
            if np.isfinite(day[season]).any():
                more = {"x0": track.step_hours / 2, "dx": track.step_hours, "hovertemplate": f"%{{y:.3~f}} {plain(unit_of(group.unit))}"}
                data.append(line(day[season], track, order, legend=panel == 0, axes=axes, **more))
        first = panel == 0
        frame[f"xaxis{axes}"] = axis(view.words("axis.hour_of_day_unit"), domain=place, range=[0, 24], dtick=6, anchor=f"y{axes}")
        frame[f"yaxis{axes}"] = axis(value_title(view, group) if first else "", anchor=f"x{axes}", showticklabels=first)
        frame[f"yaxis{axes}"] |= {"rangemode": "tozero"} | ({} if first else {"matches": "y"})
        frame["annotations"].append(panel_title(view.words.named("profile_season", SEASONS[season]), place))
    return Figure(f"{group.name}-days", view.words("profile_days.title", unit=unit_of(group.unit)), data, frame, height)
