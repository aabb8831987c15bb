"""Curtailed energy by month, by hour and by both, and what a unit more of each option saves and costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gridsim.report.figures.figure import Figure, plain
from gridsim.report.numbers import energy_scale
from gridsim.report.theme import CAUSE, SHORT_OF, axis, colour_of, layout

if TYPE_CHECKING:
    from gridsim.report.curtailment_page.curtailment_view import CurtailmentView, Row

BAR, AROUND = 30, 120
"""Height of a bar, and of what stands around them."""
SAVED, COST = "#1B7A3D", "#8D99A3"
"""Of what an option saves, and of what it costs."""


def month_bars(view: CurtailmentView) -> Figure | None:
    """Draw curtailed energy of each month by cause, where there are several."""
    rows = view.record["months"]
    return _stacked(view, "months", rows, [row["month"] for row in rows], "") if len(rows) > 1 else None


def hour_bars(view: CurtailmentView) -> Figure:
    """Draw curtailed energy of each hour of the day by cause."""
    rows = view.record["hours"]
    return _stacked(view, "hours", rows, [f"{row['hour']:02d}" for row in rows], view.words("axis.hour_of_day_unit"))


def _stacked(view: CurtailmentView, name: str, rows: list[Row], places: list[str], below: str) -> Figure:
    words = view.words
    factor, unit = energy_scale(max(row["curtailed_mwh"] for row in rows))
    data = [
        {
            "type": "bar",
            "name": plain(words.named("cause", cause)),
            "x": places,
            "y": [float(f"{row[f'{cause}_mwh'] / factor:.5g}") for row in rows],
            "marker": {"color": colour_of(cause, CAUSE)},
            "hovertemplate": f"%{{y:,.4~g}} {unit}",
        }
        for cause in view.causes
    ]
    frame = layout(
        barmode="stack",
        bargap=0.2,
        hovermode="x unified",
        xaxis=axis(below, type="category", showgrid=False, range=[-0.5, len(places) - 0.5], tickangle=0),
        yaxis=axis(words("axis.energy_unit", unit=unit)),
        margin={"l": 70, "r": 30, "t": 16, "b": 60 if below else 34},
        legend={**layout()["legend"], "y": -0.22 if below else -0.13, "traceorder": "normal"},
    )
    return Figure(f"curtailment-{name}", words(f"curtail_figure.{name}"), data, frame, 320)


def month_and_hour(view: CurtailmentView) -> Figure | None:
    """Draw curtailed energy by month and hour of the day, where there are several months."""
    table = view.record["month_and_hour_mwh"]
    if len(table["months"]) < 2:
        return None
    trace: dict[str, Any] = {
        "type": "heatmap",
        "x": table["months"],
        "y": [hour + 0.5 for hour in range(24)],
        "z": [[float(f"{month[hour]:.5g}") for month in table["mwh"]] for hour in range(24)],
        "colorscale": SHORT_OF,
        "zmin": 0.0,
        "hovertemplate": f"%{{x}}, {view.words('axis.hour_of_day')} %{{y}}<br>%{{z:,.4~g}} MWh<extra></extra>",
        "colorbar": {"thickness": 12, "len": 1.1, "x": 1.01, "tickfont": {"size": 10}, "outlinewidth": 0, "nticks": 5, "separatethousands": True},
    }
    frame = layout(
        xaxis=axis(type="category", showgrid=False),
        yaxis=axis(view.words("axis.hour_of_day_unit"), range=[0, 24], tickvals=[0, 6, 12, 18, 24], showgrid=False),
        margin={"l": 60, "r": 96, "t": 16, "b": 30},
        showlegend=False,
    )
    return Figure("curtailment-months-hours", view.words("curtail_figure.months_hours"), [trace], frame, 260)


def saving_bars(view: CurtailmentView) -> Figure:
    """Draw what a unit more of each option saves, the most first."""
    words, rows = view.words, view.record["savings"]
    bar = {"color": [SAVED if row["pays"] else COST for row in rows]}
    data = [_bar(view, words("curtail.saved"), [row["curtailed_mwh_per_unit"] for row in rows], bar, words("curtail.mwh_per_unit"))]
    legend = ((SAVED, words("curtail.pays_legend")), (COST, words("curtail.pays_not_legend")))
    return Figure("savings", words("curtail_figure.savings"), data, _across(view, words("curtail.mwh_per_unit")), AROUND - 30 + BAR * len(rows), legend=legend)


def worth_bars(view: CurtailmentView) -> Figure | None:
    """Draw what a unit more of each option saves in operating cost beside what it costs, where any cost is known."""
    words, rows = view.words, view.record["savings"]
    if all(row["yearly_cost_cny_per_unit"] is None for row in rows):
        return None
    unit, factor = words("curtail.money_per_unit", unit=words.money[1]), words.money[0]
    saved = [row["cny_per_unit"] / factor for row in rows]
    cost = [None if row["yearly_cost_cny_per_unit"] is None else row["yearly_cost_cny_per_unit"] / factor for row in rows]
    data = [
        _bar(view, words("curtail.cost_saved"), saved, {"color": SAVED}, unit),
        _bar(view, words("curtail.yearly_cost"), cost, {"color": COST}, unit),
    ]
    frame = _across(view, unit) | {
        "barmode": "group",
        "showlegend": True,
        "legend": {**layout()["legend"], "y": -64 / (1.6 * BAR * len(rows) + 60), "traceorder": "normal"},
    }
    return Figure("worth", words("curtail_figure.worth"), data, frame, round(AROUND + 1.6 * BAR * len(rows)), caption=words("curtail.worth_caption"))


def _bar(view: CurtailmentView, name: str, values: list[float | None], marker: dict[str, Any], unit: str) -> dict[str, Any]:
    return {
        "type": "bar",
        "orientation": "h",
        "name": plain(name),
        "y": [plain(f"{view.option(row)}, +1 {row['unit']}") for row in view.record["savings"]],
        "x": [None if value is None else float(f"{value:.5g}") for value in values],
        "marker": marker,
        "hovertemplate": f"%{{x:,.4~g}} {unit}",
    }


def _across(view: CurtailmentView, unit: str) -> dict[str, Any]:
    return layout(
        bargap=0.3,
        hovermode="y unified",
        xaxis=axis(unit, zerolinecolor="#22303C"),
        yaxis=axis(type="category", autorange="reversed", showgrid=False),
        margin={"l": 150, "r": 30, "t": 16, "b": 45},
        showlegend=False,
    )
