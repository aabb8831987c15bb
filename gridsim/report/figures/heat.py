"""Heat hour by hour, in the same weeks as electricity: supply stacked above zero, use and what is let go below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridsim.report.figures.figure import Figure
from gridsim.report.figures.time_axis import hours_axis
from gridsim.report.figures.weeks import area, windows
from gridsim.report.theme import TYPE, axis, colour_of, layout

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gridsim.report.view import RunView

SUPPLY = ("heat_mw_th", "discharge_mw_th", "unserved_mw_th")
USE = ("load_mw_th", "charge_mw_th", "delivery_mw_th", "heat_let_go_mw_th")
HEIGHT = 340
TINY_MW = 1e-3
"""A layer that never passes this is left out."""


def heat_figures(view: RunView) -> list[Figure]:
    """Draw each window in which there is heat."""
    layers = [*_layers(view, SUPPLY, 1.0), *_layers(view, USE, -1.0)]
    found = []
    for window in windows(view) if layers else ():
        chosen = slice(window.first, window.last)
        data = [area(view, window, power[chosen], colour, name, stack, unit="MW_th") for name, colour, stack, power in layers]
        frame = layout(
            xaxis=hours_axis(view, window.first, window.last),
            yaxis=axis(view.words("heat.axis"), zerolinecolor="#22303C", zerolinewidth=1.2),
            hovermode="x unified",
            margin={"l": 70, "r": 20, "t": 26, "b": 40},
        )
        title = view.words("heat.week", begin=str(view.stamps[window.first])[:10], end=str(view.stamps[window.last - 1])[:10])
        found.append(Figure(f"heat-{window.key}", title, data, frame, HEIGHT))
    return found


def _layers(view: RunView, quantities: tuple[str, ...], sign: float) -> list[tuple[str, str, str, NDArray[np.float64]]]:
    """Return name, colour, stack and power of each type's heat; what is let go is one layer, whoever lets it go. Powers have shape (T,). [MW_th]"""
    found: dict[str, tuple[str, NDArray[np.float64]]] = {}
    for quantity in quantities:
        for name in view.technologies:
            if quantity in view.columns.get(name, {}):
                let_go, kind = quantity == "heat_let_go_mw_th", view.type_of(name)
                label, colour = (view.words("flow.let_go"), TYPE["let_go"]) if let_go else (view.words.named("type", kind), colour_of(kind))
                power = view.series(name, quantity) * sign
                found[label] = (colour, power + found[label][1] if label in found else power)
    stack = "supply" if sign > 0 else "use"
    return [(label, colour, stack, power) for label, (colour, power) in found.items() if abs(power).max(initial=0.0) > TINY_MW]
