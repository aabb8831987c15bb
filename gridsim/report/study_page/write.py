"""Write the page and the tables of a study."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from gridsim.folder import replace_file

if TYPE_CHECKING:
    from gridsim.report.study_page.study_view import StudyView


def write_study_page(view: StudyView, folder: Path) -> Path:
    """Write ``report.html`` and ``tables.xlsx`` into a folder, each whole or not at all, and return the page."""
    from gridsim.report.study_page.page import page
    from gridsim.report.study_page.sheets import write_study_workbook

    tables = folder / "tables.xlsx"
    passing = tables.with_name(f".{tables.name}.{os.getpid()}")
    try:
        write_study_workbook(passing, view)
        passing.replace(tables)
    finally:
        passing.unlink(missing_ok=True)
    report = folder / "report.html"
    replace_file(report, page(view))
    return report
