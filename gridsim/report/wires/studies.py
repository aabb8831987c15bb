"""The studies of the network beyond its hours: one section each, where the run has its table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridsim.report.frame import Section
from gridsim.report.wires.studies_hosting import hosting_parts
from gridsim.report.wires.studies_outages import outage_parts
from gridsim.report.wires.studies_reinforcement import reinforcement_parts
from gridsim.report.wires.studies_short_circuit import short_circuit_parts
from gridsim.report.wires.told import told

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from gridsim.report.figures.figure import Figure
    from gridsim.report.tables import Table
    from gridsim.report.wires.wires_view import WiresView

    Part = Figure | Table | str | None

PARTS: dict[str, Callable[[WiresView, pd.DataFrame], list[Part]]] = {
    "n_1": outage_parts,
    "short_circuit": short_circuit_parts,
    "hosting": hosting_parts,
    "reinforcement": reinforcement_parts,
}
"""Study → what its section shows of its table, in the order of the sections."""


def study_sections(wires: WiresView) -> list[Section]:
    """Return a section for each study that the run has."""
    tables, words = wires.view.run.network_studies, wires.view.words
    sentences = wires.record.get("studies") or {}
    sections = []
    for name, parts in PARTS.items():
        if name in tables:
            shown = [part for part in parts(wires, tables[name]) if part]
            sections.append(Section(name, words(f"{name}.title"), [*shown, *(told(words, sentence) for sentence in sentences.get(name, ()))]))
    return sections
