"""Carpets: one column a day, one row a step of the day; one figure a series, or one to choose from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.report.figures.carpet import carpet_layout, heatmap
from gridsim.report.figures.figure import Figure, plain
from gridsim.report.profile_page.units import unit_of
from gridsim.report.theme import FILLED, SHORT_OF
from gridsim.report.timeline import Timeline

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.report.profile_page.profile_set import Group, SetColumn, SetView
    from gridsim.report.words import Words

SINGLE = 6
"""Columns up to which each has a carpet of its own."""
HEIGHT = 190
FINEST_MINUTES = 15
"""Shorter steps are averaged: a carpet has no room for more rows."""

SUN = [[0.0, "#FFFFFF"], [0.02, "#FFF6D6"], [0.3, "#FFDD6B"], [0.65, "#F2A20A"], [1.0, "#8A3B00"]]
USE = [[0.0, "#FBFAF5"], [0.3, "#DDE3CF"], [0.6, "#8FB09A"], [0.85, "#3F7A78"], [1.0, "#173F4F"]]
COLD_WARM = [[0.0, "#1F4E9C"], [0.25, "#7FA8D8"], [0.5, "#FFFFFF"], [0.75, "#EE9A7C"], [1.0, "#9C1F1F"]]
SCALES = {"wind": FILLED, "solar": SUN, "loads": USE, "heat": SHORT_OF, "reactive": USE, "temperature": COLD_WARM, "weather": FILLED, "other": FILLED}


@dataclass(frozen=True)
class _Coarse(Timeline):
    """The set in steps that a carpet can show."""

    words: Words
    starts: NDArray[np.datetime64]
    hours_a_step: float

    @property
    def stamps(self) -> NDArray[np.datetime64]:
        return self.starts

    @property
    def step_hours(self) -> float:
        return self.hours_a_step


def carpet_figures(view: SetView, group: Group) -> list[Figure]:
    """Draw the carpets of a group, where the set has at least two weeks."""
    if not view.long_enough:
        return []
    fold = max(1, FINEST_MINUTES // view.time.step_minutes)
    fold = fold if view.steps % fold == 0 else 1
    timeline = _Coarse(view.words, view.stamps[::fold], view.step_hours * fold)
    traces = [_trace(timeline, group, column, fold) for column in group.columns]
    frame = carpet_layout(timeline)
    if len(traces) <= SINGLE:
        return [
            Figure(f"{group.name}-carpet-{place}", f"{column.name} [{unit_of(group.unit)}]", [trace], frame, HEIGHT)
            for place, (column, trace) in enumerate(zip(group.columns, traces, strict=True))
        ]
    for place, trace in enumerate(traces):
        trace["visible"] = place == 0
    title = view.words("profile_carpet.title", unit=unit_of(group.unit))
    names = tuple(column.name for column in group.columns)
    return [Figure(f"{group.name}-carpet", title, traces, frame, HEIGHT, choices=names)]


def _trace(timeline: Timeline, group: Group, column: SetColumn, fold: int) -> dict[str, Any]:
    values = column.track.values.reshape(-1, fold).mean(axis=1)
    low, high = float(values.min()), float(values.max())
    scale = SCALES[group.kind]
    if low < 0 < high:
        low, high, scale = -max(-low, high), max(-low, high), COLD_WARM
    if high - low < 1e-9:
        low, high = low - 0.5, high + 0.5
    return {**heatmap(timeline, values, plain(unit_of(group.unit)), scale, (low, high)), "name": plain(column.name)}
