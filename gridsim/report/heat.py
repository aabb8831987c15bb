"""Heat of the horizon: who supplied it, who used it, and what was let go because nobody needed it.

A run's record has, as for every carrier, what each technology gave to and took from each bus. What a technology that makes heat of something else takes back
from the very bus that it feeds is no use but the way in which it lets heat go (an electrolyser without a heat user); a store takes nothing but heat.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridsim.report.numbers import energy_scale, number
from gridsim.report.tables import Column, Table

if TYPE_CHECKING:
    from gridsim.report.view import RunView


def let_go(view: RunView) -> dict[tuple[str, str], float]:
    """Return heat that is let go, by bus and the technology that lets it go; of several at a bus, which one does says nothing. [MWh_th]"""
    edges = view.record["energy_flow"]
    fed = {edge["target"] for edge in edges if edge["carrier"] != "heat"}
    made = {(edge["target"], edge["source"]) for edge in edges if edge["carrier"] == "heat" and edge["source"] in fed}
    back = {(edge["source"], edge["target"]): edge["mwh"] for edge in edges if edge["carrier"] == "heat"}
    return {place: mwh for place, mwh in back.items() if place in made}


def heat_table(view: RunView) -> Table | None:
    """One row a technology at a heat bus, and what is let go there: what is supplied is what is used and let go."""
    words, lost = view.words, let_go(view)
    amounts: dict[tuple[str, str], list[float]] = {}
    for edge in view.record["energy_flow"]:
        if edge["carrier"] == "heat":
            supplied = edge["target"] in view.record["buses"]
            bus, name = (edge["target"], edge["source"]) if supplied else (edge["source"], edge["target"])
            who = words("flow.let_go") if not supplied and (bus, name) in lost else view.label(name)
            amounts.setdefault((view.label(bus), who), [0.0, 0.0])[0 if supplied else 1] += edge["mwh"]
    sums = [sum(column) for column in zip(*amounts.values(), strict=True)]
    if not sums:
        return None
    factor, unit = energy_scale(sums[0])

    def cells(bus: str, who: str, energies: list[float]) -> list[str]:
        return [bus, who, *(number(mwh / factor) if mwh else "" for mwh in energies)]

    columns = [Column(words("heat.bus"), text=True, data=True), Column(words("table.technology"), text=True, data=True)]
    columns += [Column(words(f"heat.{key}"), f"{unit}_th") for key in ("supplied", "used")]
    rows = [cells(bus, who, energies) for (bus, who), energies in sorted(amounts.items(), key=lambda item: (item[0][0], item[1][0] == 0.0))]
    return Table(columns, rows, cells(words("table.total"), "", sums), title=words("heat.title"))
