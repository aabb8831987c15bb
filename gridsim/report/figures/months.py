"""Monthly bars: supply by source with the green share, use by load, curtailment by cause."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.report.balance import Part, name_of
from gridsim.report.figures.figure import Figure, plain
from gridsim.report.monthly import causes
from gridsim.report.numbers import energy_scale
from gridsim.report.theme import CAUSE, axis, colour_of, layout

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.report.view import RunView

MONTHS_HEIGHT = 360


def month_figures(view: RunView, supply: list[Part], use: list[Part]) -> list[Figure]:
    """Draw supply and use of each month, where there are at least two."""
    if len(view.months) < 2:
        return []
    words = view.words
    factor, unit = energy_scale(max(view.monthly(sum((part.power_mw for part in supply), start=np.zeros(view.steps))).max(), 1.0))
    figures = []
    for name, parts, using in (("supply", supply, False), ("use", use, True)):
        data = [_bars(view, part.power_mw, factor, unit, name_of(view, part, using), part.colour) for part in parts]
        frame = _layout(view, words("axis.energy_unit", unit=unit))
        if not using:
            data.append(_green_share(view))
            frame["yaxis2"] = axis(
                words("axis.share_percent"), overlaying="y", side="right", range=[min(0.0, *data[-1]["y"]), 105], dtick=20, showgrid=False
            )
        figures.append(Figure(f"months-{name}", words(f"months.{name}"), data, frame, MONTHS_HEIGHT, caption=_partial(view)))
    return figures


def _partial(view: RunView) -> str:
    """Say which months are not whole."""
    first, end = view.stamps[0], view.stamps[-1] + np.timedelta64(round(view.step_hours * 60), "m")
    ends = {view.months[0]: first, view.months[-1]: end}
    cut = [month for month, stamp in ends.items() if stamp != stamp.astype("datetime64[M]")]
    return view.words("months.partial", months=view.words("word.list_comma").join(cut)) if cut else ""


def cause_bars(view: RunView) -> Figure | None:
    """Draw curtailed energy of each month by cause, where there are at least two months and anything was curtailed."""
    found = causes(view)
    if len(view.months) < 2 or not found:
        return None
    factor, unit = energy_scale(max(view.monthly(view.total("curtailed_mw")).max(), 1.0))
    data = [_bars(view, power, factor, unit, view.words.named("cause", cause), colour_of(cause, CAUSE)) for cause, power in found.items()]
    return Figure(
        "curtailment-causes", view.words("curtailment.by_cause"), data, _layout(view, view.words("axis.energy_unit", unit=unit)), 300
    )


def _bars(view: RunView, power: NDArray[np.float64], factor: float, unit: str, name: str, colour: str) -> dict[str, Any]:
    amounts = view.monthly(power) / factor
    return {
        "type": "bar",
        "name": plain(name),
        "x": view.months,
        "y": [float(f"{amount:.5g}") for amount in amounts],
        "marker": {"color": colour},
        "hovertemplate": f"%{{y:,.4~g}} {unit}",
    }


def _green_share(view: RunView) -> dict[str, Any]:
    load, imported = view.monthly(view.total("load_mw")), view.monthly(view.total("import_mw"))
    share = np.divide(load - imported, load, out=np.zeros_like(load), where=load > 0)
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": view.words("word.green_share"),
        "x": view.months,
        "y": [float(f"{100 * value:.4g}") for value in share],
        "yaxis": "y2",
        "line": {"color": "#1B7A3D", "width": 2.5},
        "marker": {"size": 7, "color": "#FFFFFF", "line": {"color": "#1B7A3D", "width": 2}},
        "hovertemplate": "%{y:.1f} %",
    }


def _layout(view: RunView, title: str) -> dict[str, Any]:
    return layout(
        barmode="stack",
        bargap=0.25,
        hovermode="x unified",
        xaxis=axis(type="category", showgrid=False, range=[-0.5, len(view.months) - 0.5]),
        yaxis=axis(title),
        margin={"l": 70, "r": 60, "t": 26, "b": 34},
        legend={**layout()["legend"], "y": -0.13, "traceorder": "normal"},
    )
