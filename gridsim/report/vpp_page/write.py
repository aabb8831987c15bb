"""Write the page and the tables of a virtual power plant."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from gridsim.report.write import write_both

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from gridsim.report.vpp_page.vpp_view import VppView


def view_of(document: dict[str, Any], hourly: Mapping[str, NDArray[np.float64]], language: str = "en") -> VppView:
    """Return what page, sheets and terminal see: the content of ``vpp.json``, and the columns of ``vpp_hourly.parquet``."""
    from gridsim.report.vpp_page.vpp_view import VppView
    from gridsim.report.words import Words

    return VppView(document, hourly, Words(language))


def write_vpp_page(view: VppView, folder: Path) -> Path:
    """Write ``report.html`` and ``tables.xlsx`` into a folder, each whole or not at all, and return the page."""
    from gridsim.report.vpp_page.page import page
    from gridsim.report.vpp_page.sheets import write_vpp_workbook

    return write_both(folder, partial(write_vpp_workbook, view=view), partial(page, view))


def terminal_lines(view: VppView) -> list[str]:
    """Return what the terminal says."""
    from gridsim.report.vpp_page.page import notes, tiles

    told = [f"  {tile.title}: {tile.value}{f' ({tile.note})' if tile.note else ''}" for tile in tiles(view)]
    return [*told, *(["", *(f"  {note}" for note in notes(view))])]
