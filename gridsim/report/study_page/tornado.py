"""How far each varied value alone moves cost and other figures, the widest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.report.figures.figure import Figure, Frame, plain
from gridsim.report.study_page.front import GOALS
from gridsim.report.study_page.study_view import COST
from gridsim.report.tables import Column, Table
from gridsim.report.theme import axis, layout

if TYPE_CHECKING:
    import pandas as pd

    from gridsim.report.study_page.study_view import StudyView

ENDS = {"low": "#2F7EC1", "high": "#E0913A"}
MOST_BARS = 20
ROW, ROOM = 34, 110


def tornado_figures(view: StudyView) -> list[Figure]:
    """Draw the tornado of the money, or of the figure in its place, and that of any other figure that moves."""
    if view.tornado is None:
        return []
    known = [figure for figure in (*view.differing, *view.free) if figure in set(view.tornado["figure"])]
    figures, first = [], led_by(view)
    if first in known:
        rows = _rows(view, first)
        figures.append(Figure("tornado-cost", view.title(first), _bars(view, rows, first), _frame(view, rows, first), _height(len(rows))))
    if others := sorted((figure for figure in known if figure != first), key=lambda figure: figure not in GOALS):
        frames = tuple(Frame(_bars(view, _rows(view, figure), figure), _frame(view, _rows(view, figure), figure)) for figure in others)
        titles = tuple(view.title(figure) for figure in others)
        height = _height(max(len(_rows(view, figure)) for figure in others))
        figures.append(Figure("tornado", view.words("study_tornado.other"), [], {}, height, choices=titles, frames=frames))
    return figures


def led_by(view: StudyView) -> str:
    """Return the figure that stands first: the cost without what only a bill knows, or the figure in its place."""
    return COST if view.leading == view.cost else view.leading


def _rows(view: StudyView, figure: str) -> pd.DataFrame:
    rows = view.tornado[view.tornado["figure"] == figure]
    return rows.sort_values("span", ascending=False, kind="stable", na_position="last").head(MOST_BARS)


def _height(rows: int) -> int:
    return ROOM + ROW * max(rows, 2)


def _bars(view: StudyView, rows: pd.DataFrame, figure: str) -> list[dict[str, Any]]:
    """Draw a bar from the base to the figure at each end; each bears the value of the path."""
    amount, words = view.amount(figure), view.words
    names = [plain(view.title(path)) for path in rows["path"]]
    data = []
    for end, colour in ENDS.items():
        values = [view.value(path, value) for path, value in zip(rows["path"], rows[end], strict=True)]
        effects = rows[f"effect_{end}"].to_numpy(float)
        shown = [text if np.isfinite(effect) and abs(effect) > 0 else "" for text, effect in zip(values, effects, strict=True)]
        reached = rows[f"figure_{end}"].to_numpy(float)
        data.append(
            {
                "type": "bar",
                "orientation": "h",
                "name": words(f"study_tornado.{end}"),
                "y": names,
                "x": [amount.scaled(effect) for effect in effects],
                "marker": {"color": colour},
                "text": [plain(text) for text in shown],
                "textposition": "outside",
                "textangle": 0,
                "cliponaxis": False,
                "constraintext": "none",
                "hovertext": [
                    f"{plain(view.title(path))} = {plain(value)}<br>{amount.text(found)} ({amount.gained(effect) or '0'})"
                    for path, value, found, effect in zip(rows["path"], values, reached, effects, strict=True)
                ],
                "hovertemplate": "%{hovertext}<extra></extra>",
            }
        )
    return data


def _frame(view: StudyView, rows: pd.DataFrame, figure: str) -> dict[str, Any]:
    amount = view.amount(figure)
    effects = rows[["effect_low", "effect_high"]].to_numpy(float) / amount.factor
    low, high = float(np.nanmin(effects, initial=0.0)), float(np.nanmax(effects, initial=0.0))
    same_side = bool((np.nan_to_num(effects).prod(axis=1) > 0).any())  # the longer bar would hide the shorter one
    room = 0.16 * ((high - low) or 1.0)
    base = rows["figure_base"].dropna()
    title = view.words("study_tornado.axis", figure=plain(view.titled(figure)), base=amount.text(float(base.iloc[0])) if len(base) else "–")
    return layout(
        barmode="group" if same_side else "overlay",
        bargroupgap=0.0,
        bargap=0.35,
        hovermode="closest",
        xaxis=axis(title, range=[low - room, high + room], zerolinecolor="#22303C"),
        yaxis=axis(type="category", autorange="reversed", showgrid=False),
        margin={"l": 160, "r": 30, "t": 30, "b": 50},
        legend={**layout()["legend"], "y": 1.0, "yanchor": "bottom"},
    )


def tornado_table(view: StudyView) -> Table | None:
    """List both ends of each path with the total cost that they make, or the figure in its place."""
    figure = led_by(view)
    if view.tornado is None or figure not in set(view.tornado["figure"]):
        return None
    words, amount, rows = view.words, view.amount(figure), _rows(view, figure)
    lines = [
        [
            view.title(row.path),
            *(view.value(row.path, value) for value in (row.low, row.base, row.high)),
            *(amount.bare(value) for value in (row.figure_low, row.figure_base, row.figure_high, row.span)),
        ]
        for row in rows.itertuples()
    ]
    ends = [words(f"study_tornado.{end}") for end in ("low", "base", "high")]
    columns = [Column(words("study.path"), text=True, data=True), *(Column(end, data=True) for end in ends)]
    title = view.title(figure)
    columns += [Column(words("study_tornado.at", figure=title, end=end), amount.unit) for end in ends] + [Column(words("study_tornado.span"), amount.unit)]
    return Table(columns, lines, caption=words("study_tornado.caption"))
