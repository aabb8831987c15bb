"""What the single-line diagram says of a bus or branch under the pointer."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from gridsim.report.figures.figure import plain
from gridsim.report.numbers import SPACE, number, percent
from gridsim.report.wires.wires_view import per_unit

if TYPE_CHECKING:
    from gridsim.report.wires.wires_view import Branch, Bus, WiresView

MOST_NAMES = 8
"""Names in one list; the rest is counted."""


def bus_text(wires: WiresView, bus: Bus) -> str:
    """Return the lines about a bus: name, voltage level, band, worst voltages with their hours, what hangs there."""
    words = wires.view.words
    lines = [_bold(bus.label or bus.name), plain(words("hover.bus", name=bus.name, voltage=f"{bus.voltage_kv:g}"))]
    ends = [per_unit(value) if math.isfinite(value) else words("hover.no_limit") for value in (bus.vm_min_pu, bus.vm_max_pu)]
    lines.append(words("hover.band", low=ends[0], high=ends[1]))
    if math.isfinite(bus.lowest_pu):
        lines.append(words("hover.lowest", value=per_unit(bus.lowest_pu), time=wires.stamp(bus.lowest_step)))
        lines.append(words("hover.highest", value=per_unit(bus.highest_pu), time=wires.stamp(bus.highest_step)))
    sources = [source["name"] for source in wires.record["sources"] if source["bus"] == bus.name]
    if sources:
        lines.append(words("hover.source", names=listed(wires, [plain(name) for name in sources])))
    assets = [_asset(wires, row["asset"], row["share"]) for row in wires.record["connections"] if row["bus"] == bus.name]
    if assets:
        lines.append(words("hover.assets", names=listed(wires, assets)))
    return "<br>".join(lines)


def branch_text(wires: WiresView, branches: tuple[Branch, ...]) -> str:
    """Return the lines about branches that are drawn as one: names, ends, rating, limit, the worst loading with its hour."""
    words, first = wires.view.words, branches[0]
    lines = [_bold(listed(wires, [branch.name for branch in branches]))]
    lines.append(plain(f"{words.named('wires_kind', first.kind)}: {wires.where(first.kind, first.name)}"))
    types = dict.fromkeys(branch.type for branch in branches if branch.type)
    rated = f"{number(first.rated_mva)}{SPACE}MVA" if math.isfinite(first.rated_mva) else words("hover.no_limit")
    lines.append(plain(words("hover.rating", types=", ".join(types) or "–", rated=rated)))
    if not first.closed:
        return "<br>".join([*lines, words("hover.open")])
    carried = [branch for branch in branches if math.isfinite(branch.highest)]
    if carried:
        worst = max(carried, key=lambda branch: branch.use)
        values = {"value": percent(worst.highest), "limit": percent(worst.limit), "time": wires.stamp(worst.highest_step)}
        lines.append(words("hover.loading", **values))
    return "<br>".join(lines)


def listed(wires: WiresView, names: list[str]) -> str:
    """Return the first names, and how many more there are."""
    text = wires.view.words("word.list_comma").join(names[:MOST_NAMES])
    return text if len(names) <= MOST_NAMES else wires.view.words("hover.more", names=text, count=len(names) - MOST_NAMES)


def _asset(wires: WiresView, name: str, share: float) -> str:
    label = plain(wires.view.label(name))
    return label if share >= 1.0 else f"{label} ({percent(share)})"


def _bold(text: str) -> str:
    return f"<b>{plain(text)}</b>"
