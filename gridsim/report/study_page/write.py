"""Write the page and the tables of a study."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from gridsim.report.write import write_both

if TYPE_CHECKING:
    from gridsim.report.study_page.study_view import StudyView


def write_study_page(view: StudyView, folder: Path) -> Path:
    """Write ``report.html`` and ``tables.xlsx`` into a folder, each whole or not at all, and return the page."""
    from gridsim.report.study_page.page import page
    from gridsim.report.study_page.sheets import write_study_workbook

    return write_both(folder, partial(write_study_workbook, view=view), partial(page, view))
