"""Reinforcement: what the menu holds, which measures are chosen, what they cost and cure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gridsim.report.numbers import SPACE, number
from gridsim.report.tables import Column, Table
from gridsim.report.wires.studies_cells import DASH, FIRST_ROWS, joined, rows_shown, several, split_names, where
from gridsim.report.wires.told import told

if TYPE_CHECKING:
    import pandas as pd

    from gridsim.report.wires.studies import Part
    from gridsim.report.wires.wires_view import WiresView

NOT_THE_WIRES = ("connection", "no_solution")
"""Kinds that name no element of the network."""


def reinforcement_parts(wires: WiresView, table: pd.DataFrame) -> list[Part]:
    """Return the judgement, the measures that are chosen, and the rest of the menu."""
    words = wires.view.words
    judged = reinforcement_judgement(wires, table)
    if table.empty:
        return [judged]
    chosen = table["chosen"].astype(bool)
    rest = table[~chosen].sort_values("annual_cny", kind="stable")
    parts: list[Part] = [judged, measure_table(wires, table[chosen], "chosen")]
    return [*parts, words("reinforcement.basis"), measure_table(wires, rest, "menu")]


def reinforcement_judgement(wires: WiresView, table: pd.DataFrame) -> str:
    """Say what is built at what cost, and which elements no chosen measure cures by itself."""
    words = wires.view.words
    asked_before = wires.loop.get("before")  # reinforcement is asked of the dispatch that did not know the wires
    statistics = wires.record["statistics"] if asked_before is None else asked_before
    of_whom = words("reinforcement.of_first_dispatch") if asked_before is not None else ""
    beyond = {row["element"] for row in statistics if row["kind"] not in NOT_THE_WIRES}
    contract = words("reinforcement.connection") if any(row["kind"] == "connection" for row in statistics) else ""
    if not beyond and not any(row["kind"] == "no_solution" for row in statistics):
        return joined(wires, of_whom, words("reinforcement.nothing"), contract)
    chosen = table[table["chosen"].astype(bool)] if len(table) else table
    if chosen.empty:
        return joined(wires, of_whom, words("reinforcement.no_choice", menu=len(table), elements=len(beyond)), contract)
    factor, unit = words.money
    cured = {name for text in chosen["cures"] for name in split_names(text)} & beyond
    sentences = [
        words(
            "reinforcement.chosen",
            chosen=len(chosen),
            menu=len(table),
            investment=f"{number(chosen['investment_cny'].sum() / factor)}{SPACE}{unit}",
            annual=f"{number(chosen['annual_cny'].sum() / factor)}{SPACE}{unit}",
        ),
    ]
    if beyond:
        sentences.append(words("reinforcement.cured", cured=len(cured), elements=len(beyond)))
    left = sorted(beyond - cured)
    if left:
        sentences.append(words("reinforcement.left", names=several(wires, left)))
    return joined(wires, of_whom, *sentences, contract)


def measure_table(wires: WiresView, measures: pd.DataFrame, which: str) -> Table | None:
    """Return measures of the menu; the chosen ones with their sum, the others only the first."""
    if measures.empty:
        return None
    words, (factor, unit) = wires.view.words, wires.view.words.money
    is_chosen = which == "chosen"
    rows = [_cells(wires, row, factor) for row in (measures if is_chosen else measures.head(FIRST_ROWS)).to_dict("records")]
    sums = [number(float(measures[key].sum()) / factor) for key in ("investment_cny", "annual_cny")]
    columns = [
        Column(words("reinforcement.measure"), text=True),
        Column(words("wires_table.element"), text=True, data=True),
        Column(words("wires_table.where"), text=True, data=True),
        Column(words("reinforcement.description"), text=True, data=True),
        Column(words("reinforcement.investment"), unit),
        Column(words("reinforcement.annual"), words("reinforcement.a_year", unit=unit)),
        Column(words("reinforcement.cures"), text=True, data=True),
        Column(words("reinforcement.price_basis"), text=True, data=True),
        Column(words("table.certainty"), text=True, data=True),
    ]
    caption = words("reinforcement.chosen_caption") if is_chosen else rows_shown(wires, len(rows), len(measures), "reinforcement")
    total = [words("table.total"), "", "", "", *sums, "", "", ""] if is_chosen and len(rows) > 1 else []
    folded = "" if is_chosen else words("reinforcement.show_menu", count=len(measures))
    title = words("reinforcement.chosen_title") if is_chosen else ""
    return Table(columns, rows, total, caption=caption, folded=folded, title=title)


def _cells(wires: WiresView, row: dict[str, Any], factor: float) -> list[str]:
    # beside elements, hours without solution can be cured
    cures = [wires.view.words.get(f"cure.{name.replace(' ', '_')}", name) for name in split_names(row["cures"])]
    return [
        measure(wires, row["kind"]),
        row["element"],
        where(wires, row["element"]),
        told(wires.view.words, row["description"]),
        number(row["investment_cny"] / factor),
        number(row["annual_cny"] / factor),
        several(wires, cures) or DASH,
        basis(wires, row["basis"]),
        row["certainty"],
    ]


def basis(wires: WiresView, text: str) -> str:
    """Return how a price was reckoned: numbers and units, and what is counted."""
    return " × ".join(told(wires.view.words, part) for part in text.split(" × "))


def measure(wires: WiresView, kind: str) -> str:
    """Return what kind of measure it is."""
    return wires.view.words.named("measure", kind.replace(" ", "_"))
