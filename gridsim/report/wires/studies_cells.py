"""What the tables of all studies share: names, places, times and how many rows are shown."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gridsim.report.wires.wires_view import WiresView

FIRST_ROWS = 20
"""Rows on the page; the workbook has all of them."""
FIRST_NAMES = 3
"""Names in one cell before the others are counted."""
DASH = "\N{EN DASH}"
KIND_OF_TABLE = {"line": "line", "trafo": "transformer", "trafo3w": "transformer"}


def finite(value: Any) -> float:
    """Return a number of a table that may have none; not a number where it has none."""
    return math.nan if value is None else float(value)


def when(wires: WiresView, step: Any) -> str:
    """Return the start of a step; a dash where the table has no step."""
    place = finite(step)
    return wires.stamp(int(place)) if 0 <= place < len(wires.view.stamps) else DASH


def where(wires: WiresView, name: str) -> str:
    """Say where a bus or branch is; a transformer of three windings is where its high-voltage one is."""
    if name in wires.buses:
        return wires.bus_label(name)
    for known in (name, f"{name} (hv)"):
        if known in wires.branches:
            return wires.where(wires.branches[known].kind, known)
    return name


def several(wires: WiresView, names: Sequence[str]) -> str:
    """Name a few, and count the others."""
    words = wires.view.words
    listed = words("word.list_comma").join(names[:FIRST_NAMES])
    return listed if len(names) <= FIRST_NAMES else words("hover.more", names=listed, count=len(names) - FIRST_NAMES)


def split_names(text: Any) -> tuple[str, ...]:
    """Return the names that a cell of a table lists."""
    return tuple(name for name in str(text or "").split(", ") if name)


def joined(wires: WiresView, *sentences: str) -> str:
    """Return sentences as one text; empty ones are left out."""
    return wires.view.words("word.sentence_space").join(sentence for sentence in sentences if sentence)


def rows_shown(wires: WiresView, shown: int, count: int, study: str) -> str:
    """Say where the other rows are; empty where none is left out."""
    words = wires.view.words
    return words("studies.rows_shown", shown=f"{shown:,}", count=f"{count:,}", sheet=words(f"sheet.wires_{study}")) if shown < count else ""
