"""Write a run's report: it needs nothing but the run's folder."""

from __future__ import annotations

import os
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
    tables = folder / "tables.xlsx"
    passing = tables.with_name(f".{tables.name}.{os.getpid()}")
    try:
        write_workbook(passing, view)
        passing.replace(tables)
    finally:
        passing.unlink(missing_ok=True)
    report = folder / "report.html"
    replace_file(report, page(view))
    return report
