"""Levels of every store: carpets over a year, lines over a short horizon."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridsim.report.figures.carpet import carpet_layout, heatmap
from gridsim.report.figures.figure import Figure, packed, plain
from gridsim.report.figures.time_axis import hours_axis, ms_of
from gridsim.report.theme import FILLED, axis, colour_of, layout

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.report.view import RunView

STORE_HEIGHT = 178
TYPES_IN_ORDER = ("battery", "caes", "hydrogen_store", "ammonia_plant", "heat_store")
LARGER_UNIT = {"MWh": "GWh", "kg": "t", "t": "kt"}


@dataclass(frozen=True)
class Store:
    """One level of one technology."""

    technology: str
    part: str
    """``heat`` where a technology has a second store of heat; else empty."""
    level: NDArray[np.float64]
    unit: str


def stores(view: RunView) -> list[Store]:
    """Return every store that was ever filled: batteries first, then compressed air, hydrogen, ammonia, heat."""
    found = []
    for name in view.technologies:
        for quantity in view.columns.get(name, {}):
            part, level, _ = quantity.rpartition("level_")
            if level:
                values, unit = view.series(name, quantity), view.unit(name, quantity)
                largest = float(values.max(initial=0.0))
                if largest > 1e-6:
                    values, unit = (values / 1e3, LARGER_UNIT[unit]) if largest >= 1e4 and unit in LARGER_UNIT else (values, unit)
                    found.append(Store(name, part.strip("_"), values, unit))

    def place(store: Store) -> tuple[bool, int]:
        kind = view.type_of(store.technology)
        return bool(store.part), TYPES_IN_ORDER.index(kind) if kind in TYPES_IN_ORDER else len(TYPES_IN_ORDER)

    return sorted(found, key=place)


def storage_figures(view: RunView) -> list[Figure]:
    """Draw one figure a store."""
    return [_carpet(view, store, number) if view.long_enough else _line(view, store, number) for number, store in enumerate(stores(view))]


def _title(view: RunView, store: Store) -> str:
    words = view.words
    what = words.named("store", store.part) if store.part else words.named("type", view.type_of(store.technology))
    return words("storage.figure", label=view.label(store.technology), what=what, unit=store.unit)


def _carpet(view: RunView, store: Store, number: int) -> Figure:
    trace = heatmap(view, store.level, store.unit, FILLED, (0.0, float(store.level.max())))
    return Figure(f"store-{number}", _title(view, store), [trace], carpet_layout(view), STORE_HEIGHT)


def _line(view: RunView, store: Store, number: int) -> Figure:
    trace = {
        "type": "scatter",
        "mode": "lines",
        "x0": ms_of(view.stamps[0]) + round(view.step_hours * 3_600_000),
        "dx": round(view.step_hours * 3_600_000),
        "y": packed(store.level),
        "line": {"color": colour_of(view.type_of(store.technology)), "width": 2},
        "name": plain(view.label(store.technology)),
        "hovertemplate": f"%{{x|%Y-%m-%d %H:%M}}<br>%{{y:,.4~g}} {store.unit}<extra></extra>",
    }
    frame = layout(
        xaxis=hours_axis(view, 0, view.steps),
        yaxis=axis(store.unit, rangemode="tozero"),
        margin={"l": 70, "r": 20, "t": 26, "b": 34},
        showlegend=False,
    )
    return Figure(f"store-{number}", _title(view, store), [trace], frame, STORE_HEIGHT)
