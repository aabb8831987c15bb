"""The sections of the network part, in the order a planner asks: does it hold, where, when, at what price; then the studies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridsim.report.frame import Section
from gridsim.report.timeline import CARPET_DAYS
from gridsim.report.wires import loop
from gridsim.report.wires.curves import loading_curves, month_hours, voltage_curves
from gridsim.report.wires.key_figures import figures_table, judgement
from gridsim.report.wires.single_line import single_line
from gridsim.report.wires.studies import study_sections
from gridsim.report.wires.tables import element_tables, nearest_table, tap_table
from gridsim.report.wires.wires_view import wires_of
from gridsim.report.wires.worst_hours import worst_hours_table

if TYPE_CHECKING:
    from gridsim.report.figures.figure import Figure
    from gridsim.report.tables import Table
    from gridsim.report.view import RunView

    Part = Figure | Table | str | None


def wires_verdict(view: RunView) -> str:
    """Return the judgement on the network for the head of the page; empty where it was not checked."""
    wires = wires_of(view)
    return "" if wires is None else judgement(wires)


def wires_sections(view: RunView) -> list[Section]:
    """Return the sections of the network; none where it was not checked."""
    wires = wires_of(view)
    if wires is None:
        return []
    words = view.words
    elements: list[Table | None] = [*element_tables(wires)] or [nearest_table(wires)]
    beyond = wires.violating_steps.size > 0
    heat_map = month_hours(wires)
    too_short = words("left_out.wires_heat_map", days=CARPET_DAYS) if beyond and heat_map is None else None

    def section(name: str, *parts: Part) -> Section:
        return Section(name, words(f"{name}.title"), [part for part in parts if part])

    sections = [
        section("wires", judgement(wires), figures_table(wires), *elements),
        section("single_line", single_line(wires)),
        section(
            "wires_hours",
            loading_curves(wires) or words("left_out.wires_curves"),
            voltage_curves(wires),
            None if beyond else words("left_out.no_violations"),
            heat_map,
            too_short,
            worst_hours_table(wires),
            tap_table(wires) or words("left_out.no_taps"),
        ),
    ]
    if wires.loop:
        parts = [loop.price_sentence(wires), loop.outcome(wires), loop.round_table(wires), loop.price_bars(wires), loop.price_table(wires)]
        sections.append(section("loop", words("loop.intro"), *parts, loop.unmet_table(wires)))
    return [*sections, *study_sections(wires)]
