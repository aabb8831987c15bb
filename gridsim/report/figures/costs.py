"""Costs of each technology by kind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from gridsim.report.figures.figure import Figure, plain
from gridsim.report.numbers import percent
from gridsim.report.theme import COST, axis, colour_of, layout

if TYPE_CHECKING:
    from gridsim.report.view import RunView
    from gridsim.report.words import Words

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
    return in_order(line["kind"] for line in view.record["costs"])


def in_order(names: Iterable[str]) -> list[str]:
    """Return kinds of cost in the theme's order, then the others."""
    present = dict.fromkeys(names)
    return [kind for kind in COST if kind in present] + [kind for kind in present if kind not in COST]


def cost_bars(view: RunView) -> Figure | None:
    """Draw one bar a technology, revenue to the left."""
    table = costs_by_technology(view)
    if sum(abs(cny) for row in table.values() for cny in row.values()) <= 0:
        return None
    factor, unit = view.words.money
    bars = [(view.label(name), {kind: cny / factor for kind, cny in row.items()}) for name, row in table.items()]
    return stacked(view.words, "costs", "", bars, unit, view.words("costs.caption", share=percent(SMALL_SHARE)))


def stacked(words: Words, name: str, title: str, bars: Sequence[tuple[str, dict[str, float]]], unit: str, caption: str) -> Figure:
    """Draw a bar for each label, stacked by kind of cost; small ones are drawn together, which the caption then says."""
    sums = [sum(abs(amount) for amount in row.values()) for _, row in bars]
    large = [amount >= SMALL_SHARE * sum(sums) for amount in sums]
    shown = [bar for bar, kept in zip(bars, large, strict=True) if kept]
    rest = [row for (_, row), kept in zip(bars, large, strict=True) if not kept]
    if len(rest) == 1:
        shown, rest = list(bars), []
    present = in_order(kind for _, row in bars for kind in row)
    if rest:
        shown.append((words("costs.other", count=len(rest)), {kind: sum(row.get(kind, 0.0) for row in rest) for kind in present}))
    data = [
        {
            "type": "bar",
            "orientation": "h",
            "name": plain(words.named("cost", kind)),
            "y": [plain(label) for label, _ in shown],
            "x": [float(f"{row.get(kind, 0.0):.6g}") for _, row in shown],
            "marker": {"color": colour_of(kind, COST)},
            "hovertemplate": f"%{{x:,.4~g}} {unit}",
        }
        for kind in present
        if any(row.get(kind) for _, row in shown)
    ]
    frame = layout(
        barmode="relative",
        bargap=0.3,
        hovermode="y unified",
        xaxis=axis(unit, zerolinecolor="#22303C"),
        yaxis=axis(type="category", autorange="reversed", showgrid=False),
        margin={"l": 120, "r": 30, "t": 26, "b": 45},
        legend={**layout()["legend"], "y": -70 / (len(shown) * 24 + 70), "traceorder": "normal"},
    )
    return Figure(name, title, data, frame, 186 + 24 * len(shown), caption=caption if rest else "")
