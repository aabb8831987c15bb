"""Write the page and the tables of a curtailment study."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from gridsim.report.write import write_both

if TYPE_CHECKING:
    from pathlib import Path


def write_curtailment_page(record: dict[str, Any], folder: Path, language: str = "en") -> Path:
    """Write ``report.html`` and ``tables.xlsx`` into a folder, each whole or not at all, and return the page."""
    from gridsim.report.curtailment_page.curtailment_view import CurtailmentView
    from gridsim.report.curtailment_page.page import page
    from gridsim.report.curtailment_page.sheets import write_curtailment_workbook
    from gridsim.report.words import Words

    view = CurtailmentView(record, Words(language))
    return write_both(folder, partial(write_curtailment_workbook, view=view), partial(page, view))
