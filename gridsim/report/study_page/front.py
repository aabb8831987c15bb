"""Cost against a share: the points of a front that was swept, or the scenarios that no other one beats, and the price of each step between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.report.figures.figure import Figure, plain
from gridsim.report.profile_page.lines import panel_title, spans
from gridsim.report.study_page.points import chooses, hover
from gridsim.report.study_page.study_view import COST
from gridsim.report.theme import SPARE, axis, layout

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from gridsim.report.study_page.study_view import StudyView

GOALS = {"green_share": 1, "curtailment_rate": -1}
"""Figures that stand against cost where no front was asked for: 1 where more is better, −1 where less is."""
GOAL_OF_LIMIT = {
    "green_share_min": ("green_share", 1),
    "import_share_max": ("import_share", -1),
    "self_use_ratio_min": ("self_use_ratio", 1),
    "export_share_max": ("export_ratio", -1),
    "curtailment_rate_max": ("curtailment_rate", -1),
}
WHOLE_OF = {"green_share": "load_mwh", "curtailment_rate": "available_mwh"}
"""What a gain is a share of."""
LEAST_POINTS, LEAST_SPREAD = 3, 1e-4
SAME = 1e-9
FEN_PER_KWH = 0.1
"""1 CNY/MWh in 分/kWh."""
ON, OFF = "#1B7A3D", "#B4BEC6"
HEIGHT = 400


@dataclass(frozen=True)
class Point:
    """One scenario on a front or beaten by it."""

    index: int
    reached: float
    """Share."""
    cost_cny: float
    beaten: bool
    limit: float | None = None
    """That it was held to; None where there was none."""
    price_cny: float | None = None
    """Of a percentage point on the step to here."""
    price_cny_per_mwh: float | None = None
    """Of a MWh more that is green, or not curtailed, on the step to here."""
    shadow_cny_per_mwh: float | None = None
    """Of the limit at these capacities."""


@dataclass(frozen=True)
class Front:
    """Points of cost against one goal, in the order of their steps; the beaten ones of a front that was not swept come last."""

    goal: str
    better: int
    points: tuple[Point, ...]
    swept: bool
    label: str = ""
    """Which of several fronts it is."""

    @property
    def steps(self) -> list[tuple[Point | None, Point]]:
        """Points that have a row in the table, each with the one before it."""
        listed = [point for point in self.points if self.swept or not point.beaten]
        return list(zip([None, *listed], listed, strict=False))


def efficient(cost: NDArray[np.float64], goal: NDArray[np.float64], better: int) -> NDArray[np.int64]:
    """Return the places of the points that no other beats in both, in rising order of cost.

    Parameters
    ----------
    cost, goal : array, shape (n,)
    better : {1, -1}
        Whether more of the goal is better, or less.
    """
    order = np.lexsort((-better * goal, cost))
    best = np.concatenate([[-np.inf], np.maximum.accumulate(better * goal[order])[:-1]])
    return order[better * goal[order] > best + SAME]


def fronts(view: StudyView) -> list[Front]:
    """Return the fronts that were swept, or those among the scenarios for each goal that differs enough."""
    return list(_swept(view) if view.front is not None else _among_scenarios(view))


def _swept(view: StudyView) -> Iterator[Front]:
    goal, better = GOAL_OF_LIMIT.get(view.front_field, (view.front_field, 1))
    table = view.front[view.front["scenario"].isin(view.solved["scenario"])]
    index_of = {name: int(index) for index, name in view.scenarios["scenario"].items()}
    others = [path for path in view.paths if path in table]
    groups = table.groupby(others, sort=False, dropna=False) if others else [((), table)]
    for choice, rows in groups:
        points = tuple(
            Point(
                index_of[row["scenario"]],
                float(row["reached"]),
                float(row["cost_cny"]),
                bool(row["dominated"]),
                _known(row["limit"]),
                _known(row["step_cny_per_percentage_point"]),
                _known(row["step_fen_per_kwh"], 1.0 / FEN_PER_KWH),
                _known(row.get("shadow_price_cny_per_mwh")),
            )
            for row in rows.to_dict("records")
        )
        told = (f"{view.title(path)} {view.value(path, value)}" for path, value in zip(others, choice, strict=True))
        yield Front(goal, better, points, swept=True, label=view.words("word.list_comma").join(told))


def _known(value: Any, factor: float = 1.0) -> float | None:
    return None if value is None or not np.isfinite(value) else float(value) * factor


def _among_scenarios(view: StudyView) -> Iterator[Front]:
    if view.cost != COST or COST not in view.solved or not view.decided:
        return
    for goal, better in GOALS.items():
        if goal not in view.solved:
            continue
        rows = view.solved[np.isfinite(view.solved[[COST, goal]].astype(float)).all(axis=1)]
        values, costs = rows[goal].to_numpy(float), rows[COST].to_numpy(float)
        if len(rows) < LEAST_POINTS or np.ptp(values) <= LEAST_SPREAD:
            continue
        ahead = efficient(costs, values, better)
        behind = np.setdiff1d(np.arange(len(rows)), ahead)
        points = [Point(int(rows.index[place]), values[place], costs[place], beaten=True) for place in behind]
        yield Front(goal, better, (*_priced(rows, costs, values, ahead, goal, better), *points), swept=False)


def _priced(rows: pd.DataFrame, costs: NDArray[np.float64], values: NDArray[np.float64], ahead: NDArray[np.int64], goal: str, better: int) -> Iterator[Point]:
    """Yield the efficient points with the price of the step from the one before."""
    whole = rows[WHOLE_OF[goal]].to_numpy(float) if WHOLE_OF[goal] in rows else np.full(len(rows), np.nan)
    for before, place in zip([None, *ahead], ahead, strict=False):
        of_point = of_mwh = None
        if before is not None:
            gained, dearer = better * (values[place] - values[before]), costs[place] - costs[before]
            of_point, of_mwh = dearer / (100.0 * gained), _known(dearer / (gained * whole[place]))
        yield Point(int(rows.index[place]), values[place], costs[place], False, None, of_point, of_mwh)


def front_figure(view: StudyView, found: Sequence[Front]) -> Figure | None:
    """Draw cost against each goal: the efficient points joined, all others in grey."""
    if not found:
        return None
    words, money = view.words, view.amount(COST)
    goals = list(dict.fromkeys(front.goal for front in found))
    columns = spans(len(goals), 0.12)
    frame: dict[str, Any] = {"annotations": []}
    for place, goal in enumerate(goals):
        number = _number(place)
        frame[f"xaxis{number}"] = axis(plain(view.titled(goal)), domain=columns[place], anchor=f"y{number}")
        frame[f"yaxis{number}"] = axis(money.unit, anchor=f"x{number}", domain=[0.0, 1.0])
        frame["annotations"].append(panel_title(words("study_front.against", goal=plain(view.title(goal))), columns[place], 1.01))
    several = len(found) > len(goals)
    data = []
    for place, front in enumerate(found):
        colour = SPARE[place % len(SPARE)] if several else ON
        for beaten in (True, False):
            data.append(_trace(view, front, _number(goals.index(front.goal)), colour, beaten=beaten, named=several or place == 0))
    shape = layout(margin={"l": 70, "r": 30, "t": 34, "b": 84}, hovermode="closest", legend={**layout()["legend"], "y": -0.2}, **chooses(view), **frame)
    caption = words("study_front.swept") if found[0].swept else words("study_front.caption")
    return Figure("front", "", data, shape, HEIGHT, caption=caption)


def _number(place: int) -> str:
    return "" if place == 0 else str(place + 1)


def _trace(view: StudyView, front: Front, number: str, colour: str, *, beaten: bool, named: bool) -> dict[str, Any]:
    goal, money = view.amount(front.goal), view.amount(COST)
    points = [point for point in front.points if point.beaten == beaten]
    if not beaten:
        points = sorted(points, key=lambda point: front.better * point.reached)
    kind = "beaten" if beaten else "efficient"
    return {
        "type": "scatter",
        "mode": "markers" if beaten else "lines+markers",
        "name": plain(front.label) if front.label and not beaten else view.words(f"study_front.{kind}"),
        "legendgroup": kind,
        "showlegend": named and bool(points),
        "x": [goal.scaled(point.reached) for point in points],
        "y": [money.scaled(point.cost_cny) for point in points],
        "xaxis": f"x{number}",
        "yaxis": f"y{number}",
        "line": {"color": colour, "width": 1.5},
        "marker": {"size": 8 if beaten else 9, "color": OFF if beaten else colour, "line": {"color": "#FFFFFF", "width": 1}},
        "text": [hover(view, point.index, *_told(view, front, point)) for point in points],
        "hovertemplate": "%{text}<extra></extra>",
        "customdata": [view.choice(point.index) for point in points],
    }


def _told(view: StudyView, front: Front, point: Point) -> Iterator[str]:
    """Yield what the pointer says of a point beside its scenario: what it reaches, and the price of the step to it."""
    yield f"{plain(view.title(front.goal))}: {view.amount(front.goal).text(point.reached)}"
    if point.price_cny is not None:
        price = view.words("study_front.a_point", price=view.amount(COST).text(point.price_cny))
        yield view.words("study_front.step", price=price)
