"""Dispatch hour by hour: supply stacked above zero, use below, prices beneath. Two weeks of a long horizon, or all of a short one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.report.balance import TINY_MW, Part, name_of
from gridsim.report.figures.figure import Figure, packed, plain
from gridsim.report.figures.time_axis import HOUR_MS, hours_axis, ms_of
from gridsim.report.numbers import energy, number
from gridsim.report.theme import TYPE, axis, layout, pale

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.report.view import RunView

WEEK_HEIGHT = 640
PRICE_COLOURS = {"import": "#22303C", "export": "#3C9D5B", "marginal": "#C2410C"}


@dataclass(frozen=True)
class Window:
    """A part of the horizon, and the key of what it shows."""

    key: str
    first: int
    last: int


def windows(view: RunView) -> list[Window]:
    """Return the weeks with most and least available green energy, from midnight on, or the whole of a short horizon."""
    if not view.long_enough:
        return [Window("whole", 0, view.steps)]
    length = round(168 / view.step_hours)
    starts = np.flatnonzero(view.stamps == view.stamps.astype("datetime64[D]"))
    starts = starts[starts + length <= view.steps]
    sums = np.concatenate([[0.0], np.cumsum(view.total("available_mw"))])
    energy = sums[starts + length] - sums[starts]
    if energy.max() <= 0:
        return [Window("first", int(starts[0]), int(starts[0]) + length)]
    chosen = {"windiest": int(starts[energy.argmax()]), "darkest": int(starts[energy.argmin()])}
    return [Window(key, first, first + length) for key, first in chosen.items()]


def week_figures(view: RunView, supply: list[Part], use: list[Part]) -> list[Figure]:
    """Draw each window."""
    return [_week(view, window, supply, use) for window in windows(view)]


def _week(view: RunView, window: Window, supply: list[Part], use: list[Part]) -> Figure:
    words, chosen = view.words, slice(window.first, window.last)
    begin, end = str(view.stamps[window.first])[:10], str(view.stamps[window.last - 1])[:10]
    above, below = ([part for part in parts if part.power_mw[chosen].max() > TINY_MW] for parts in (supply, use))
    data = [_layer(view, window, part, False) for part in above] + [_layer(view, window, part, True) for part in below]
    curtailed = view.total("curtailed_mw")[chosen]
    if curtailed.max(initial=0.0) > TINY_MW:
        data.insert(len(above), area(view, window, curtailed, TYPE["curtailed"], words("supply.curtailed"), "supply", hatched=True))
    prices, top, cut = _prices(view, window)
    available = float(view.total("available_mw")[chosen].sum() * view.step_hours)
    frame = layout(
        xaxis=hours_axis(view, window.first, window.last, anchor="y2"),
        yaxis=axis(words("axis.power"), domain=[0.32, 1.0] if prices else [0, 1], zerolinecolor="#22303C", zerolinewidth=1.2),
        hovermode="x unified",
        margin={"l": 70, "r": 20, "t": 26, "b": 40},
        legend={**layout()["legend"], "y": -0.09, "traceorder": "normal"},
    )
    if prices:
        frame["yaxis2"] = axis("CNY/MWh", domain=[0.0, 0.25], range=top)
    else:
        frame["xaxis"]["anchor"] = "y"
    title = words(f"weeks.{window.key}", begin=begin, end=end, available=energy(available))
    note = words("weeks.price_cut", top=number(top[1]), reached=number(cut)) if cut is not None else ""
    return Figure(f"week-{window.key}", title, data + prices, frame, WEEK_HEIGHT, caption=note)


def _layer(view: RunView, window: Window, part: Part, using: bool) -> dict[str, Any]:
    power = part.power_mw[window.first : window.last] * (-1.0 if using else 1.0)
    return area(view, window, power, part.colour, name_of(view, part, using), "use" if using else "supply")


def _steps(view: RunView, window: Window, values: NDArray[np.float64]) -> dict[str, Any]:
    """Return x and y of a line that holds each value until its step ends."""
    return {
        "x0": ms_of(view.stamps[window.first]),
        "dx": round(view.step_hours * HOUR_MS),
        "y": packed(np.append(values, values[-1])),
    }


def area(
    view: RunView, window: Window, power: NDArray[np.float64], colour: str, name: str, stack: str, hatched: bool = False, unit: str = "MW"
) -> dict[str, Any]:
    """Return one layer of a stack over a window."""
    trace = {
        **_steps(view, window, power),
        "type": "scatter",
        "mode": "lines",
        "name": plain(name),
        "stackgroup": stack,
        "line": {"width": 0, "shape": "hv", "color": colour},
        "fillcolor": pale(colour, 0.9),
        "hovertemplate": f"%{{y:,.4~g}} {unit}",
    }
    if hatched:
        trace["fillpattern"] = {"shape": "/", "size": 5, "solidity": 0.35, "fgcolor": colour, "bgcolor": "#FFFFFF", "fillmode": "replace"}
    return trace


def _prices(view: RunView, window: Window) -> tuple[list[dict[str, Any]], list[float], float | None]:
    """Return price lines, the axis' range, and the highest marginal price where the axis ends below it."""
    words, chosen = view.words, slice(window.first, window.last)
    lines: list[dict[str, Any]] = []
    tariff: list[NDArray[np.float64]] = []
    connections = [name for name in view.technologies if "import_price_cny_per_mwh" in view.columns.get(name, {})]

    def line(values: NDArray[np.float64], name: str, colour: str, dash: str = "solid", width: float = 1.5, **more: Any) -> None:
        frame = {"type": "scatter", "mode": "lines", "name": plain(name), "yaxis": "y2", "hovertemplate": "%{y:,.4~g} CNY/MWh"}
        shape = {"width": width, "shape": "hv", "color": colour, "dash": dash}
        lines.append({**_steps(view, window, values), **frame, "line": shape, **more})

    low, high = marginal_range(view)
    marginal = main_price(view, connections)
    if low is not None and high is not None:
        colour = PRICE_COLOURS["marginal"]
        line(low[chosen], words("price.lowest"), colour, width=0, showlegend=False)
        line(high[chosen], words("price.range"), colour, width=0, fill="tonexty", fillcolor=pale(colour, 0.22))
    for name in connections:
        of = "" if len(connections) == 1 else f" ({view.label(name)})"
        for kind, dash in (("import", "solid"), ("export", "dot")):
            if f"{kind}_mw" in view.columns[name]:
                tariff.append(view.series(name, f"{kind}_price_cny_per_mwh")[chosen])
                line(tariff[-1], words(f"price.{kind}") + of, PRICE_COLOURS[kind], dash)
    shown = [low, high, marginal]
    if marginal is not None:
        line(marginal[chosen], words("price.marginal"), PRICE_COLOURS["marginal"])
    if not lines:
        return [], [0.0, 1.0], None
    span, cut = _span(tariff, [values[chosen] for values in shown if values is not None])
    return lines, span, cut


def _span(tariff: list[NDArray[np.float64]], marginal: list[NDArray[np.float64]]) -> tuple[list[float], float | None]:
    """Let the axis end at twice the highest tariff, or where nine tenths of the marginal prices lie, if some go far beyond."""
    tariff, marginal = [[values[np.isfinite(values)] for values in group] for group in (tariff, marginal)]
    together = np.concatenate([[0.0], *tariff, *marginal])
    bottom, reached = float(together.min()), float(together.max())
    usual = max([1.0, *(float(values.max(initial=0.0)) * 2.0 for values in tariff)])
    usual = max([usual, *(float(np.quantile(values, 0.9)) * 1.5 for values in marginal if values.size)])
    top = min(reached, usual)
    margin = 0.06 * (top - bottom) or 1.0
    return [bottom - (margin if bottom < 0 else 0.0), top + margin], reached if reached > usual else None


def _electric_prices(view: RunView) -> list[str]:
    electric = [bus for bus, facts in view.record["buses"].items() if facts["carrier"] == "electricity"]
    return [bus for bus in electric if "price_cny_per_mwh" in view.columns.get(bus, {})]


def marginal_range(view: RunView) -> tuple[NDArray[np.float64] | None, NDArray[np.float64] | None]:
    """Return lowest and highest marginal price over all electric buses, where there are several."""
    buses = _electric_prices(view)
    if len(buses) < 2:
        return None, None
    table = np.stack([view.series(bus, "price_cny_per_mwh") for bus in buses])
    return table.min(axis=0), table.max(axis=0)


def main_price(view: RunView, connections: list[str]) -> NDArray[np.float64] | None:
    """Return the marginal price at the bus of the grid connection, or where most electricity passes."""
    buses = _electric_prices(view)
    if not buses:
        return None
    passed = dict.fromkeys(buses, 0.0)
    for edge in view.record["energy_flow"]:
        for end, other in ((edge["source"], edge["target"]), (edge["target"], edge["source"])):
            if end in passed:
                passed[end] += edge["mwh"] + (1e15 if other in connections else 0.0)
    return view.series(max(passed, key=passed.__getitem__), "price_cny_per_mwh")
