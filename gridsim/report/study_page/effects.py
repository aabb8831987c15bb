"""How figures follow what is varied: lines over one path, heat maps over two, and points against each path of more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.report.figures.figure import Figure, Frame, plain
from gridsim.report.numbers import MINUS
from gridsim.report.profile_page.lines import panel_title, spans
from gridsim.report.study_page.front import GOALS
from gridsim.report.study_page.points import MARKS, chooses, hover
from gridsim.report.study_page.study_view import BILLED, COST
from gridsim.report.theme import FILLED, SHORT_OF, TYPE, axis, layout

if TYPE_CHECKING:
    from collections.abc import Callable

    from gridsim.report.study_page.study_view import StudyView

LINE_HEIGHT, POINT_HEIGHT, GREATEST_MAP = 330, 300, 560
ROWS_WITH_NUMBERS, COLUMNS_WITH_NUMBERS = 16, 14
"""Heat maps up to this size bear the numbers in their cells."""
POINTS_A_ROW = 3
LEAST_FOR_RANKS = 8
COST_COLOUR, OTHER_COLOUR = TYPE["wind"], TYPE["battery"]

Drawing = tuple[list[dict[str, Any]], dict[str, Any]]


def effect_figures(view: StudyView) -> list[Figure]:
    """Draw cost, and any other figure or capacity to be chosen, over what is varied."""
    varied = [path for path in view.paths if view.solved[path].map(str).nunique() > 1]
    drawn = [column for column in (*view.differing, *view.free) if column in view.solved and len(view.solved) > 1]
    if not varied or not drawn:
        return []
    if len(varied) == 1:
        return _pair(view, drawn, lambda column: _line(view, varied[0], column), LINE_HEIGHT)
    if len(varied) == 2 and view.design == "grid":
        rows = view.scenarios[varied[1]].map(str).nunique()
        return _pair(view, drawn, lambda column: _map(view, varied, column), min(GREATEST_MAP, 130 + 36 * max(rows, 4)))
    height = POINT_HEIGHT * -(-len(varied) // POINTS_A_ROW) + 40
    return _pair(view, drawn, lambda column: _points(view, varied, column), height)


def _pair(view: StudyView, columns: list[str], draw: Callable[[str], Drawing], height: int) -> list[Figure]:
    figures = []
    if view.cost in columns:
        figures.append(Figure("effect-cost", view.titled(view.cost), *draw(view.cost), height))
    if others := sorted((column for column in columns if column != view.cost), key=lambda column: column not in GOALS):
        frames = tuple(Frame(*draw(column)) for column in others)
        shared = chooses(view)
        titles = tuple(view.titled(column) for column in others)
        figures.append(Figure("effect", view.words("study_effect.other"), [], shared, height, choices=titles, frames=frames))
    return figures


def _colour(column: str) -> str:
    return COST_COLOUR if column in (COST, BILLED) else OTHER_COLOUR


def _shown(view: StudyView, path: str, value: Any) -> Any:
    return view.value(path, value) if view.is_text(path) or not isinstance(value, int | float) else view.amount(path).scaled(float(value))


def _categories(view: StudyView, path: str) -> dict[str, Any]:
    """Return what an axis of words needs: words in their order."""
    if not view.is_text(path):
        return {}
    return {"type": "category", "categoryorder": "array", "categoryarray": sorted({view.value(path, value) for value in view.solved[path]})}


def _line(view: StudyView, path: str, column: str) -> Drawing:
    solved = view.solved if view.is_text(path) else view.solved.sort_values(path, kind="stable")
    amount = view.amount(column)
    values = solved[column].to_numpy(dtype=float, na_value=np.nan)
    bounds = [view.at_bound(column, value) if column in view.free else "" for value in values]
    lowest = [column == view.cost and index == view.cheapest for index in solved.index]
    trace = {
        "type": "scatter",
        "mode": "markers" if view.is_text(path) else "lines+markers",
        "x": [_shown(view, path, value) for value in solved[path]],
        "y": [amount.scaled(value) for value in values],
        "line": {"color": _colour(column), "width": 2},
        "marker": {
            "size": [12 if low else 8 for low in lowest],
            "color": ["#1B7A3D" if low else _colour(column) for low in lowest],
            "symbol": [_SYMBOL[bound] for bound in bounds],
        },
        "text": _hovers(view, [int(index) for index in solved.index], column),
        "hovertemplate": "%{text}<extra></extra>",
        "customdata": [view.choice(int(index)) for index in solved.index],
        "showlegend": False,
    }
    frame = layout(
        xaxis=axis(plain(view.titled(path)), **_categories(view, path)),
        yaxis=axis(plain(amount.unit)),
        margin={"l": 70, "r": 30, "t": 20, "b": 50},
        hovermode="closest",
        **chooses(view),
    )
    return [trace], frame


_SYMBOL = {"": "circle", "min": "triangle-down", "max": "triangle-up"}


def _hovers(view: StudyView, indices: list[int], column: str) -> list[str]:
    """Say the figure that is drawn too, where the usual lines do not."""
    if column == view.cost or column in view.free:
        return [hover(view, index) for index in indices]
    amount = view.amount(column)
    return [hover(view, index, f"{plain(view.title(column))}: {amount.text(float(view.scenarios.loc[index, column]))}") for index in indices]


def _map(view: StudyView, paths: list[str], column: str) -> Drawing:
    """Lay a figure out over two paths; what has no solution stays white and says so."""
    across, up = paths
    amount, table = view.amount(column), view.scenarios
    columns, rows = (_ordered(view, path) for path in (across, up))
    cells = {(str(row[across]), str(row[up])): int(index) for index, row in table.iterrows()}
    z: list[list[float | None]] = []
    texts, hovers, choices = [], [], []
    for second in rows:
        line = [cells.get((str(first), str(second))) for first in columns]
        known = [index is not None and index in view.solved.index for index in line]
        values = [float(table.loc[index, column]) if fine else float("nan") for index, fine in zip(line, known, strict=True)]
        z.append([amount.scaled(value) for value in values])
        texts.append([_cell(view, column, index, value) for index, value in zip(line, values, strict=True)])
        hovers.append(
            [
                _hovers(view, [index], column)[0]
                if fine
                else ""
                if index is None
                else hover(view, index, view.words.named("study_status", str(table.loc[index, "status"])))
                for index, fine in zip(line, known, strict=True)
            ]
        )
        choices.append([view.choice(index) if fine else -1 for index, fine in zip(line, known, strict=True)])
    few = len(rows) <= ROWS_WITH_NUMBERS and len(columns) <= COLUMNS_WITH_NUMBERS
    trace = {
        "type": "heatmap",
        "x": [plain(view.value(across, value)) for value in columns],
        "y": [plain(view.value(up, value)) for value in rows],
        "z": z,
        "text": texts,
        "texttemplate": "%{text}" if few else "",
        "hovertext": hovers,
        "hovertemplate": "%{hovertext}<extra></extra>",
        "customdata": choices,
        "colorscale": SHORT_OF if column in (COST, BILLED) else FILLED,
        "xgap": 2,
        "ygap": 2,
        "colorbar": {"thickness": 12, "x": 1.01, "title": {"text": plain(amount.unit)}, "outlinewidth": 0, "separatethousands": True, "exponentformat": "none"},
    }
    frame = layout(
        xaxis=axis(plain(view.title(across)), type="category", showgrid=False),
        yaxis=axis(plain(view.title(up)), type="category", showgrid=False),
        margin={"l": 90, "r": 100, "t": 20, "b": 50},
        showlegend=False,
        **chooses(view),
    )
    return [trace], frame


def _cell(view: StudyView, column: str, index: int | None, value: float) -> str:
    if index is None:
        return ""
    if not np.isfinite(value):
        return "×"
    bound = MARKS[view.at_bound(column, value)] if column in view.free else ""
    text = view.amount(column).bare(value) + bound
    return f"<b>[{text}]</b>" if column == view.cost and index == view.cheapest else text


def _ordered(view: StudyView, path: str) -> list[Any]:
    values = list(dict.fromkeys(view.scenarios[path]))
    return values if view.is_text(path) or any(value is None for value in values) else sorted(values)


def _points(view: StudyView, paths: list[str], column: str) -> Drawing:
    """Draw a figure against each path; the rank correlation tells how much the path alone decides it."""
    amount, data = view.amount(column), []
    rows = -(-len(paths) // POINTS_A_ROW)
    across, up = spans(min(len(paths), POINTS_A_ROW), 0.06), spans(rows, 0.3 / max(rows, 2))[::-1]
    frame: dict[str, Any] = {"annotations": []}
    solved = view.solved
    indices = [int(index) for index in solved.index]
    names, choices = [view.words("study.numbered", number=view.number(index)) for index in indices], [view.choice(index) for index in indices]
    heights = [amount.scaled(value) for value in solved[column].to_numpy(dtype=float, na_value=np.nan)]
    for place, path in enumerate(paths):
        number = "" if place == 0 else str(place + 1)
        across_text = "%{x}" if view.is_text(path) else f"%{{x:,.4~g}} {view.amount(path).unit}"
        place_across, place_up = across[place % POINTS_A_ROW], up[place // POINTS_A_ROW]
        data.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": [_shown(view, path, value) for value in solved[path]],
                "y": heights,
                "xaxis": f"x{number}",
                "yaxis": f"y{number}",
                "marker": {"size": 7, "color": _colour(column), "opacity": 0.75},
                "text": names,
                "hovertemplate": f"%{{text}}<br>{plain(view.title(path))}: {across_text}<br>%{{y:,.4~g}} {amount.unit}<extra></extra>",
                "customdata": choices,
                "showlegend": False,
            }
        )
        kind = _categories(view, path)
        frame[f"xaxis{number}"] = axis(plain(view.titled(path)), domain=place_across, anchor=f"y{number}", **kind)
        title = plain(amount.unit) if place % POINTS_A_ROW == 0 else ""
        frame[f"yaxis{number}"] = axis(title, domain=place_up, anchor=f"x{number}", **({"matches": "y"} if place else {}))
        rank = None if view.is_text(path) else rank_correlation(solved[path].to_numpy(float), view.numbers(column))
        if rank is not None:
            frame["annotations"].append(panel_title(view.words("study_effect.rank", rank=f"{rank:+.2f}".replace("-", MINUS)), place_across, place_up[1]))
    return data, layout(margin={"l": 70, "r": 20, "t": 30, "b": 50}, hovermode="closest", **chooses(view), **frame)


def rank_correlation(first: np.ndarray, second: np.ndarray) -> float | None:
    """Return Spearman's rank correlation, ties sharing their mean rank; None for few or equal values.

    Examples
    --------
    >>> rank_correlation(np.arange(8.0), np.arange(8.0) ** 3)
    1.0
    """
    known = np.isfinite(first) & np.isfinite(second)
    if known.sum() < LEAST_FOR_RANKS or np.ptp(first[known]) == 0 or np.ptp(second[known]) == 0:
        return None
    ranks = [_ranks(values[known]) for values in (first, second)]
    return float(round(np.corrcoef(*ranks)[0, 1], 12))


def _ranks(values: np.ndarray) -> np.ndarray:
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return ((ends - counts + 1 + ends) / 2.0)[inverse]
