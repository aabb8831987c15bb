"""Net imports as planned a day ahead, as done, and as they would be with perfect foresight; a week at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.report.figures.figure import Figure, Frame, packed, plain
from gridsim.report.figures.time_axis import HOUR_MS, hours_axis, ms_of
from gridsim.report.numbers import energy
from gridsim.report.theme import axis, layout, pale
from gridsim.report.vpp_page.traces import BEST, DONE, LOST, PLANNED, below

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.report.vpp_page.vpp_view import VppView

WAYS = {"planned": (PLANNED, "solid", 4.0), "perfect": (BEST, "dot", 1.6), "operated": (DONE, "solid", 1.6)}
"""Colour, dash and width; what is drawn last lies on top."""
HEIGHT = 430


def net_imports(view: VppView) -> dict[str, NDArray[np.float64]]:
    """Return imports less exports over all connections, by way. Each shape (T,). [MW]"""
    sums = {way: np.zeros(view.steps) for way in WAYS}
    for column, values in view.hourly.items():
        flow, _, what = column.partition(":")
        way = what.removesuffix("_mw")
        if way in sums:
            sums[way] = sums[way] + np.asarray(values, dtype=float) * (-1.0 if flow.endswith(".export") else 1.0)
    return sums


def weeks(view: VppView) -> list[tuple[int, int]]:
    """Return first step and the one after the last of each week from the first midnight on; all of a short horizon."""
    length = round(168 / view.step_hours)
    midnights = np.flatnonzero(view.stamps == view.stamps.astype("datetime64[D]"))
    if view.steps <= length or not midnights.size:
        return [(0, view.steps)]
    first = int(midnights[0])
    found = [(start, min(start + length, view.steps)) for start in range(first, view.steps, length)]
    if len(found) > 1 and found[-1][1] - found[-1][0] < length:
        found[-1] = (view.steps - length, view.steps)
    return found


def week_figure(view: VppView) -> Figure:
    """Draw the weeks, that with the largest deviation from the plan first."""
    words, net = view.words, net_imports(view)
    away = net["operated"] - net["planned"]
    found = weeks(view)
    mwh = [float(np.nansum(np.abs(away[first:last])) * view.step_hours) for first, last in found]
    most = int(np.argmax(mwh))
    order = [most, *(place for place in range(len(found)) if place != most)]
    names = tuple(_name(view, found[place], mwh[place], most=place == most and len(found) > 1) for place in order)
    every = np.concatenate(list(net.values()))
    reach = [float(np.nanmin(every)), float(np.nanmax(every))]
    span = _wide(reach)
    frames = tuple(Frame(_traces(view, net, away, *found[place]), _axes(view, *found[place])) for place in order)
    frame = layout(
        yaxis=axis(words("vpp_week.net_import"), domain=[0.38, 1.0], range=span, zerolinecolor="#22303C"),
        yaxis2=axis(
            words("vpp_week.deviation_axis"), domain=[0.0, 0.28], range=_wide([float(np.nanmin(away)), float(np.nanmax(away))]), zerolinecolor="#22303C"
        ),
        hovermode="x unified",
        margin={"l": 70, "r": 20, "t": 26, "b": 70},
        legend=below(-0.12),
    )
    return Figure("operation-week", words("vpp_figure.week"), [], frame, HEIGHT, caption=words("vpp_week.caption"), choices=names, frames=frames)


def _wide(reach: list[float]) -> list[float]:
    margin = 0.05 * (reach[1] - reach[0]) or 1.0
    return [reach[0] - margin, reach[1] + margin]


def _name(view: VppView, week: tuple[int, int], mwh: float, *, most: bool) -> str:
    begin, end = (str(view.stamps[step])[:10] for step in (week[0], week[1] - 1))
    key = "most" if most else "other"
    return view.words(f"vpp_week.{key}", begin=begin, end=end, energy=energy(mwh))


def _axes(view: VppView, first: int, last: int) -> dict[str, Any]:
    return {"xaxis": hours_axis(view, first, last, anchor="y2")}


def _traces(view: VppView, net: dict[str, NDArray[np.float64]], away: NDArray[np.float64], first: int, last: int) -> list[dict[str, Any]]:
    """Three lines above, the deviation below; each holds its value until its step ends."""

    def steps(values: NDArray[np.float64]) -> dict[str, Any]:
        part = values[first:last]
        return {"x0": ms_of(view.stamps[first]), "dx": round(view.step_hours * HOUR_MS), "y": packed(np.append(part, part[-1]))}

    data: list[dict[str, Any]] = []
    for way, (colour, dash, width) in WAYS.items():
        line = {"color": colour, "width": width, "dash": dash, "shape": "hv"}
        name = plain(view.words(f"vpp_week.{way}"))
        data.append({**steps(net[way]), "type": "scatter", "mode": "lines", "name": name, "line": line, "hovertemplate": "%{y:,.4~g} MW"})
    area = {"type": "scatter", "mode": "lines", "name": plain(view.words("vpp_week.deviation")), "yaxis": "y2", "hovertemplate": "%{y:+,.4~g} MW"}
    look = {"line": {"color": LOST, "width": 1, "shape": "hv"}, "fill": "tozeroy", "fillcolor": pale(LOST, 0.25)}
    return [*data, {**steps(away), **area, **look}]
