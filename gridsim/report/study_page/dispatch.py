"""The dispatch of any chosen scenario: a typical week of each season, hour by hour, and the energy of each month."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.report.balance import Part
from gridsim.report.figures.figure import Figure, Frame, packed, plain
from gridsim.report.figures.time_axis import DAY_MS, HOUR_MS, ms_of
from gridsim.report.numbers import energy_scale
from gridsim.report.profile_page.lines import panel_title, spans
from gridsim.report.study_page.kept import CURTAILED, SUPPLY, USE, Kept, Week, typical_weeks
from gridsim.report.study_page.points import DISPATCH
from gridsim.report.theme import TYPE, axis, layout, pale

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.report.study_page.study_view import StudyView

WEEK_HEIGHT, MONTH_HEIGHT, LEGEND_HEIGHT = 250, 270, 110
SIDES = {SUPPLY: "supply", USE: "use"}


def dispatch_figure(view: StudyView) -> Figure | None:
    """Draw the dispatch of each kept scenario; the reader chooses which."""
    indices = view.choosable
    if not indices:
        return None
    kept = [view.kept[view.scenarios.loc[index, "scenario"]] for index in indices]
    weeks = typical_weeks(kept[0])
    months = len(kept[0].months) > 1
    frame, height = _layout(view, kept, weeks, months)
    scale = _month_scale(kept)
    frames = tuple(Frame([*_weeks(view, one, weeks), *(_months(view, one, len(weeks), scale) if months else [])]) for one in kept)
    choices = tuple(_choice(view, index) for index in indices)
    return Figure(
        DISPATCH, view.words("study_dispatch.choose"), [], frame, height, caption=view.words("study_dispatch.caption"), choices=choices, frames=frames
    )


def _choice(view: StudyView, index: int) -> str:
    label = view.label(index)
    if view.leading != view.cost:
        figure, value = view.title(view.leading), float(view.scenarios.loc[index, view.leading])
        return view.words("study_dispatch.led", label=view.label(index), figure=figure, amount=view.amount(view.leading).text(value))
    if view.cost not in view.scenarios:
        return label
    cost = view.amount(view.cost).text(float(view.scenarios.loc[index, view.cost]))
    words = view.words
    return words("study_dispatch.cheapest", label=label, cost=cost) if index == view.cheapest else words("study_dispatch.other", label=label, cost=cost)


def _number(place: int) -> str:
    return "" if place == 0 else str(place + 1)


def _layout(view: StudyView, kept: Sequence[Kept], weeks: Sequence[Week], months: bool) -> tuple[dict[str, Any], int]:
    """Return the panels, the same for all scenarios, so that a change of scenario changes nothing else."""
    words, first = view.words, kept[0]
    columns = 2 if len(weeks) > 1 else 1
    week_rows = -(-len(weeks) // columns)
    drawing = week_rows * WEEK_HEIGHT + (MONTH_HEIGHT if months else 0)
    frame: dict[str, Any] = {"annotations": []}
    across = spans(columns, 0.07)
    top = max(float(sum((part.power_mw for part in one.parts(SUPPLY)), start=one.power(CURTAILED)).max()) for one in kept)
    bottom = max(float(sum((part.power_mw for part in one.parts(USE)), start=np.zeros(one.steps)).max()) for one in kept)
    for place, week in enumerate(weeks):
        low = 1.0 - (place // columns + 1) * WEEK_HEIGHT / drawing
        vertical = [low + 46 / drawing, low + (WEEK_HEIGHT - 24) / drawing]
        number, horizontal = _number(place), across[place % columns]
        begin, length = ms_of(first.stamps[week.first]), week.last - week.first
        span = [begin, begin + round(length * first.step_hours * HOUR_MS)]
        tick = DAY_MS * max(1, round((span[1] - span[0]) / DAY_MS / 7))
        frame[f"xaxis{number}"] = axis(
            type="date", range=span, tick0=begin, dtick=tick, tickformat="%m-%d", ticks="outside", tickangle=0, domain=horizontal, anchor=f"y{number}"
        )
        shared = {"matches": "y"} if place else {"range": [-1.05 * bottom, 1.05 * top]}
        frame[f"yaxis{number}"] = axis(
            words("axis.power") if place % columns == 0 else "", domain=vertical, anchor=f"x{number}", zerolinecolor="#22303C", **shared
        )
        frame["annotations"].append(panel_title(_week_title(view, first, week), horizontal, vertical[1]))
    if months:
        factor, unit = _month_scale(kept)
        most = max(_highest_month(one, side) for one in kept for side in (SUPPLY, USE)) / factor
        vertical = [40 / drawing, (MONTH_HEIGHT - 40) / drawing]
        for place, side in enumerate((SUPPLY, USE)):
            number, horizontal = _number(len(weeks) + place), spans(2, 0.07)[place]
            frame[f"xaxis{number}"] = axis(type="category", showgrid=False, domain=horizontal, anchor=f"y{number}", tickangle=-40)
            frame[f"yaxis{number}"] = axis(unit if place == 0 else "", domain=vertical, anchor=f"x{number}", range=[0.0, 1.05 * most])
            frame["annotations"].append(panel_title(words(f"months.{SIDES[side]}"), horizontal, vertical[1]))
    height = drawing + LEGEND_HEIGHT
    margin = {"l": 64, "r": 20, "t": 10, "b": LEGEND_HEIGHT - 10}
    legend = {**layout()["legend"], "y": -14 / drawing, "traceorder": "normal"}
    return layout(barmode="stack", bargap=0.25, hovermode="x unified", margin=margin, legend=legend, **frame), height


def _week_title(view: StudyView, kept: Kept, week: Week) -> str:
    begin, end = (str(kept.stamps[place])[:10] for place in (week.first, week.last - 1))
    if week.season == "whole":
        return view.words("study_dispatch.whole", begin=begin, end=end)
    return view.words("study_dispatch.week", season=view.words.named("profile_season", week.season), begin=begin, end=end)


def _name(view: StudyView, part: Part, side: str) -> str:
    return plain(view.words.get(f"{SIDES[side]}.{part.group}") or view.words.named("type", part.group))


def _weeks(view: StudyView, kept: Kept, weeks: Sequence[Week]) -> list[dict[str, Any]]:
    data = []
    for place, week in enumerate(weeks):
        chosen, number = slice(week.first, week.last), _number(place)

        def area(power: NDArray[np.float64], colour: str, name: str, side: str, number: str = number, chosen: slice = chosen) -> dict[str, Any]:
            values = power[chosen]
            return {
                "type": "scatter",
                "mode": "lines",
                "name": name,
                "legendgroup": f"{side}{name}",
                "showlegend": number == "",
                "stackgroup": side,
                "x0": ms_of(kept.stamps[chosen.start]),
                "dx": round(kept.step_hours * HOUR_MS),
                "y": packed(np.append(values, values[-1])),
                "xaxis": f"x{number}",
                "yaxis": f"y{number}",
                "line": {"width": 0, "shape": "hv", "color": colour},
                "fillcolor": pale(colour, 0.9),
                "hovertemplate": "%{y:,.4~g} MW",
            }

        data += [area(part.power_mw, part.colour, _name(view, part, SUPPLY), SUPPLY) for part in kept.parts(SUPPLY)]
        if kept.power(CURTAILED).max(initial=0.0) > 0:
            lost = area(kept.power(CURTAILED), TYPE["curtailed"], view.words("supply.curtailed"), SUPPLY)
            pattern = {"shape": "/", "size": 5, "solidity": 0.35, "fgcolor": TYPE["curtailed"], "bgcolor": "#FFFFFF", "fillmode": "replace"}
            data.append({**lost, "fillpattern": pattern})
        data += [area(-part.power_mw, part.colour, _name(view, part, USE), USE) for part in kept.parts(USE)]
    return data


def _months(view: StudyView, kept: Kept, first: int, scale: tuple[float, str]) -> list[dict[str, Any]]:
    factor, unit = scale
    return [
        {
            "type": "bar",
            "name": _name(view, part, side),
            "legendgroup": f"{side}{_name(view, part, side)}",
            "showlegend": False,
            "x": kept.months,
            "y": [float(f"{amount:.5g}") for amount in kept.monthly(part.power_mw) / factor],
            "xaxis": f"x{_number(first + place)}",
            "yaxis": f"y{_number(first + place)}",
            "marker": {"color": part.colour},
            "hovertemplate": f"%{{y:,.4~g}} {unit}",
        }
        for place, side in enumerate((SUPPLY, USE))
        for part in kept.parts(side)
    ]


def _highest_month(kept: Kept, side: str) -> float:
    return float(kept.monthly(sum((part.power_mw for part in kept.parts(side)), start=np.zeros(kept.steps))).max())


def _month_scale(kept: Sequence[Kept]) -> tuple[float, str]:
    return energy_scale(max(_highest_month(one, side) for one in kept for side in (SUPPLY, USE)))
