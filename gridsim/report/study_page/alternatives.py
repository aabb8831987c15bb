"""Designs that cost little more than the least, beside it: what each costs more, and its capacities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.report.figures.figure import Figure, plain
from gridsim.report.numbers import SPACE, percent
from gridsim.report.profile_page.lines import panel_title, spans
from gridsim.report.study_page.points import mark
from gridsim.report.study_page.study_view import COST
from gridsim.report.tables import Column, Table
from gridsim.report.theme import axis, colour_of, layout

if TYPE_CHECKING:
    import pandas as pd

    from gridsim.report.study_page.study_view import StudyView

A_ROW, SAME = 3, 1e-9
KNOWN = ("design", "scenario", COST, "excess", "excess_at_most", "way", "proven_end", "distance")
"""Columns with a meaning of their own; all others are capacities and figures."""
SIGN = {"least": "≥", "most": "≤"}


def alternative_table(view: StudyView) -> Table | None:
    """Set each design beside the optimum: what it costs more, its capacities, and how little or much of a capacity any design can have."""
    if view.alternatives is None or not len(view.alternatives):
        return None
    words, table, money = view.words, view.alternatives, view.amount(COST)
    sizes = [path for path in view.free if path in table]
    figures = [column for column in table if column not in (*KNOWN, *sizes) and are_numbers(table[column])]
    most, proven = "excess_at_most" in table, "proven_end" in table and table["proven_end"].notna().any()
    rows = []
    for row in table.to_dict("records"):
        cells = [design_name(view, str(row["design"])), money.bare(float(row[COST])), _excess(row["excess"])]
        cells += [_excess(row["excess_at_most"])] if most else []
        cells += [view.amount(path).bare(float(row[path])) + mark(view, path, float(row[path])) for path in sizes]
        cells += [_proven(view, row)] if proven else []
        rows.append(cells + [view.amount(figure).bare(float(row[figure])) for figure in figures])
    columns = [
        Column(words("study_alternative.design"), text=True, data=True),
        Column(view.title(COST), money.unit),
        Column(words("study_alternative.excess")),
        *([Column(words("study_alternative.at_most"))] if most else []),
        *(Column(view.title(path), view.amount(path).unit) for path in sizes),
        *([Column(words("study_alternative.proven"))] if proven else []),
        *(Column(view.title(figure), view.amount(figure).unit) for figure in figures),
    ]
    caption = [words("study_alternative.caption"), *([words("study_alternative.proven_caption")] if proven else [])]
    return Table(columns, rows, caption=words("word.sentence_space").join(caption))


def design_name(view: StudyView, name: str) -> str:
    """Return what a design is called: the optimum, that with least or most of a capacity, or one far from all others."""
    words, (kind, _, rest) = view.words, name.partition(" ")
    if kind in ("least", "most") and rest in view.free:
        return words(f"study_design_of.{kind}", size=view.title(rest))
    return words("study_design_of.far", number=rest) if kind == "far" and rest else words.get(f"study_design_of.{name}") or name


def _excess(share: float) -> str:
    return f"+{percent(share)}" if share > SAME else percent(share)


def _proven(view: StudyView, row: dict[str, Any]) -> str:
    """Return the least or most of the capacity that the design is about which any design within the slack can have."""
    kind, _, path = str(row["design"]).partition(" ")
    end = row["proven_end"]
    if kind not in SIGN or path not in view.free or end is None or not np.isfinite(end):
        return ""
    return f"{SIGN[kind]}{SPACE}{view.amount(path).text(float(end))}"


def are_numbers(column: pd.Series) -> bool:
    """Return whether all values of a column are numbers."""
    return bool(column.map(lambda value: isinstance(value, int | float) and not isinstance(value, bool)).all())


def alternative_figure(view: StudyView) -> Figure | None:
    """Draw each capacity's range over the designs, one colour a design, the optimum black."""
    if view.alternatives is None or len(view.alternatives) < 2:
        return None
    table = view.alternatives
    sizes = [path for path in view.free if path in table and np.nanmax(table[path].to_numpy(float), initial=0.0) > 0]
    if not sizes:
        return None
    rows = -(-len(sizes) // A_ROW)
    across, up = spans(min(len(sizes), A_ROW), 0.07), spans(rows, 0.3 / max(rows, 2))[::-1]
    names = [plain(design_name(view, str(name))) for name in table["design"]]
    colours = ["#22303C", *(colour_of(f"design {place}", {}) for place in range(1, len(names)))]
    data: list[dict[str, Any]] = []
    frame: dict[str, Any] = {"annotations": []}
    for place, path in enumerate(sizes):
        number, amount = "" if place == 0 else str(place + 1), view.amount(path)
        horizontal, vertical = across[place % A_ROW], up[place // A_ROW]
        values = table[path].to_numpy(float)
        data.append(
            {
                "type": "bar",
                "orientation": "h",
                "y": list(range(len(names))),
                "x": [amount.scaled(value) for value in values],
                "xaxis": f"x{number}",
                "yaxis": f"y{number}",
                "marker": {"color": colours},
                "text": [amount.bare(value) for value in values],
                "textposition": "auto",
                "hovertext": [f"{name}<br>{plain(view.title(path))}: {amount.text(value)}" for name, value in zip(names, values, strict=True)],
                "hovertemplate": "%{hovertext}<extra></extra>",
                "showlegend": False,
            }
        )
        shown = {"tickvals": list(range(len(names))), "ticktext": names if place % A_ROW == 0 else [""] * len(names)}
        frame[f"xaxis{number}"] = axis(amount.unit, domain=horizontal, anchor=f"y{number}", rangemode="tozero", nticks=5)
        frame[f"yaxis{number}"] = axis(domain=vertical, anchor=f"x{number}", autorange="reversed", showgrid=False, zeroline=False, **shown)
        frame["annotations"].append(panel_title(plain(view.title(path)), horizontal, vertical[1]))
    shape = layout(margin={"l": 60, "r": 20, "t": 34, "b": 50}, bargap=0.3, hovermode="closest", **frame)
    return Figure("alternatives", "", data, shape, rows * (90 + 26 * len(names)) + 40)
