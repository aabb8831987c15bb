"""Year carpets: one column a day, one row a step of the day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.report.figures.figure import Figure, packed
from gridsim.report.figures.time_axis import DAY_MS
from gridsim.report.theme import IMPORT_EXPORT, SHORT_OF, axis, layout

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.report.timeline import Timeline
    from gridsim.report.view import RunView

CARPET_HEIGHT = 240


def carpet_of(view: Timeline, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Lay a series out as (steps of a day, days); what lies outside the horizon is NaN."""
    steps_a_day = round(24 / view.step_hours)
    minutes = (view.stamps - view.stamps.astype("datetime64[D]")).astype(np.int64)
    table = np.full((steps_a_day, view.days), np.nan)
    table[(minutes / 60 / view.step_hours).round().astype(int), view.day] = values
    return table


def heatmap(view: Timeline, values: NDArray[np.float64], unit: str, scale: list[Any], span: tuple[float, float]) -> dict[str, Any]:
    """Return the trace of a carpet."""
    words = view.words
    return {
        "type": "heatmap",
        "z": packed(carpet_of(view, values)),
        "x0": f"{view.stamps[0].astype('datetime64[D]')} 12:00",
        "dx": DAY_MS,
        "y0": view.step_hours / 2,
        "dy": view.step_hours,
        "zmin": span[0],
        "zmax": span[1],
        "colorscale": scale,
        "hoverongaps": False,
        "hovertemplate": f"%{{x|%Y-%m-%d}}, {words('axis.hour_of_day')} %{{y}}<br>%{{z:,.4~g}} {unit}<extra></extra>",
        "colorbar": {
            "thickness": 12,
            "len": 1.1,
            "x": 1.01,
            "tickfont": {"size": 10},
            "outlinewidth": 0,
            "nticks": 5,
            "separatethousands": True,
            "exponentformat": "none",
        },
    }


def carpet_layout(view: Timeline) -> dict[str, Any]:
    """Return the layout of a carpet: dates below, hours of the day at the side."""
    months = len(view.months)
    by_month = 5 <= months <= 14
    ticks = {"dtick": "M1"} if by_month else {"nticks": 9}
    return layout(
        xaxis=axis(
            type="date",
            tickformat="%Y-%m" if by_month else "%Y-%m-%d",
            showgrid=False,
            ticks="outside",
            tickangle=0,
            **ticks,
        ),
        yaxis=axis(view.words("axis.hour_of_day_unit"), range=[0, 24], tickvals=[0, 6, 12, 18, 24], showgrid=False),
        margin={"l": 60, "r": 96, "t": 26, "b": 26},
        showlegend=False,
    )


def curtailment_carpet(view: RunView) -> Figure | None:
    """Draw curtailed power of every step."""
    values = view.total("curtailed_mw")
    if not view.long_enough or values.max(initial=0.0) < 1e-3:
        return None
    trace = heatmap(view, values, "MW", SHORT_OF, (0.0, float(values.max())))
    return Figure("curtailment-carpet", view.words("curtailment.carpet"), [trace], carpet_layout(view), CARPET_HEIGHT)


def grid_carpet(view: RunView) -> Figure | None:
    """Draw imports as positive, exports as negative power of every step."""
    values = view.total("import_mw") - view.total("export_mw")
    largest = float(np.abs(values).max(initial=0.0))
    if not view.long_enough or largest < 1e-3:
        return None
    trace = heatmap(view, values, "MW", IMPORT_EXPORT, (-largest, largest))
    return Figure("grid-carpet", view.words("grid.carpet"), [trace], carpet_layout(view), CARPET_HEIGHT, caption=view.words("grid.caption"))
