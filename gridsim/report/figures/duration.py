"""Duration curves: the hours of the horizon sorted by size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridsim.report.figures.figure import Figure, packed
from gridsim.report.theme import TYPE, axis, layout

if TYPE_CHECKING:
    from gridsim.report.view import RunView

LEAST_HOURS = 24
COLOURS = {"net_load": TYPE["load"], "import": "#A65A16", "export": "#1B6E53", "curtailed": "#D4606C", "electrolyser": TYPE["electrolyser"]}


def duration_curves(view: RunView) -> Figure | None:
    """Draw net load, import, export, curtailed power and electrolyser power, each sorted from its largest to its smallest."""
    if view.hours < LEAST_HOURS:
        return None
    electrolysers = [
        name
        for name, technology in view.technologies.items()
        if technology["type"] == "electrolyser" and "power_mw" in view.columns.get(name, {})
    ]
    curves = {
        "net_load": view.total("load_mw") - view.total("available_mw"),
        "import": view.total("import_mw"),
        "export": view.total("export_mw"),
        "curtailed": view.total("curtailed_mw"),
        "electrolyser": sum((view.series(name, "power_mw") for name in electrolysers), start=np.zeros(view.steps)),
    }
    data = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": view.words(f"duration.{name}"),
            "x0": view.step_hours,
            "dx": view.step_hours,
            "y": packed(np.sort(power)[::-1]),
            "line": {"color": COLOURS[name], "width": 2, "dash": "dot" if name == "net_load" else "solid"},
            "hovertemplate": "%{y:,.4~g} MW",
        }
        for name, power in curves.items()
        if np.abs(power).max() > 1e-3
    ]
    frame = layout(
        xaxis=axis(view.words("axis.hours_sorted"), range=[0, view.hours]),
        yaxis=axis(view.words("axis.power"), zerolinecolor="#22303C", rangemode="tozero"),
        hovermode="x unified",
        margin={"l": 70, "r": 30, "t": 26, "b": 45},
        legend={**layout()["legend"], "y": -0.2},
    )
    return Figure("duration", "", data, frame, 400, caption=view.words("duration.caption"))
