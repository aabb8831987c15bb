"""Costs of each technology by kind."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from gridsim.report.figures.figure import Figure, plain
from gridsim.report.numbers import percent
from gridsim.report.theme import COST, axis, colour_of, layout

if TYPE_CHECKING:
    from gridsim.report.view import RunView

SMALL_SHARE = 0.005
"""Technologies below this share of all expenses are drawn together."""


def costs_by_technology(view: RunView) -> dict[str, dict[str, float]]:
    """Return technology → kind → cost, the largest first. [CNY]"""
    table: dict[str, dict[str, float]] = defaultdict(dict)
    for line in view.record["costs"]:
        table[line["technology"]][line["kind"]] = table[line["technology"]].get(line["kind"], 0.0) + line["cny"]
    return dict(sorted(table.items(), key=lambda item: -sum(abs(cny) for cny in item[1].values())))


def kinds(view: RunView) -> list[str]:
    """Kinds of cost that occur, in the theme's order, then the others."""
    present = dict.fromkeys(line["kind"] for line in view.record["costs"])
    return [kind for kind in COST if kind in present] + [kind for kind in present if kind not in COST]


def cost_bars(view: RunView) -> Figure | None:
    """Draw one bar a technology, revenue to the left."""
    table = costs_by_technology(view)
    expenses = sum(abs(cny) for row in table.values() for cny in row.values())
    if expenses <= 0:
        return None
    words = view.words
    factor, unit = words.money
    shown = {name: row for name, row in table.items() if sum(abs(cny) for cny in row.values()) >= SMALL_SHARE * expenses}
    rest = [row for name, row in table.items() if name not in shown]
    if len(rest) == 1:
        shown, rest = table, []
    labels = [plain(view.label(name)) for name in shown]
    rows = list(shown.values())
    if rest:
        labels.append(words("costs.other", count=len(rest)))
        rows.append({kind: sum(row.get(kind, 0.0) for row in rest) for kind in kinds(view)})
    data = [
        {
            "type": "bar",
            "orientation": "h",
            "name": plain(words.named("cost", kind)),
            "y": labels,
            "x": [float(f"{row.get(kind, 0.0) / factor:.6g}") for row in rows],
            "marker": {"color": colour_of(kind, COST)},
            "hovertemplate": f"%{{x:,.4~g}} {unit}",
        }
        for kind in kinds(view)
    ]
    frame = layout(
        barmode="relative",
        bargap=0.3,
        hovermode="y unified",
        xaxis=axis(unit, zerolinecolor="#22303C"),
        yaxis=axis(type="category", autorange="reversed", showgrid=False),
        margin={"l": 120, "r": 30, "t": 26, "b": 45},
        legend={**layout()["legend"], "y": -70 / (len(rows) * 24 + 70), "traceorder": "normal"},
    )
    caption = words("costs.caption", share=percent(SMALL_SHARE)) if rest else ""
    return Figure("costs", "", data, frame, 186 + 24 * len(rows), caption=caption)
