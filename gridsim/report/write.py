"""Write a report into its folder: the page and its tables, each whole or not at all. A run's report needs nothing but the run's folder."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

from gridsim.folder import read_folder, replace_file


def write_report(folder: Path, language: str = "en") -> Path:
    """Read a run's folder and write ``report.html`` and ``tables.xlsx`` into it, each whole or not at all.

    Parameters
    ----------
    folder : Path
        What ``gridsim run`` wrote.
    language : {"en", "zh"}
        Language of both files.

    Returns
    -------
    Path
        The report.

    Raises
    ------
    DefinitionError
        Where the folder is no run, or the language is unknown.
    """
    from gridsim.report.html import page
    from gridsim.report.view import RunView
    from gridsim.report.words import Words
    from gridsim.report.workbook import write_workbook

    folder = Path(folder)
    view = RunView(read_folder(folder), Words(language))
    return write_both(folder, partial(write_workbook, view=view), partial(page, view))


def write_both(folder: Path, write_tables: Callable[[Path], None], page: Callable[[], str]) -> Path:
    """Write ``tables.xlsx`` and then ``report.html`` into a folder, each whole or not at all, and return the page."""
    tables = folder / "tables.xlsx"
    passing = tables.with_name(f".{tables.name}.{os.getpid()}")
    try:
        write_tables(passing)
        passing.replace(tables)
    finally:
        passing.unlink(missing_ok=True)
    report = folder / "report.html"
    replace_file(report, page())
    return report
