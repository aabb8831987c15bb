"""Write a folder of profiles: CSV tables, and the ``profiles.yaml`` that says what their columns are and where they come from."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gridsim.errors import DefinitionError, Problem

if TYPE_CHECKING:
    import pandas as pd

    from gridsim.profiles.time_axis import TimeAxis
    from gridsim.profiles.weather.finding import Finding

LISTING = "profiles.yaml"
DIGITS = 6
"""Significant digits of a number in a table."""


@dataclass(frozen=True)
class Column:
    """What a series is."""

    note: str
    unit: str = "pu"
    of: str = ""
    """The power that 1.0 stands for."""


@dataclass(frozen=True)
class ProfileTable:
    """One CSV file of a set."""

    file: str
    table: pd.DataFrame
    """One row a step in the order of the set's time axis; one column a series."""
    columns: Mapping[str, Column]
    origin: str
    licence: str
    findings: Sequence[Finding] = ()
    """What checks of the table found; kept in the listing, without what was in order."""


def write_set(folder: Path, title: str, time: TimeAxis, tables: list[ProfileTable]) -> None:
    """Write tables into a set; other tables that the folder holds for the same time stay.

    Raises
    ------
    DefinitionError
        Where the folder holds a set of another time, or another file of it has a column of the same name.
    """
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.default_flow_style = None  # innermost mappings on one line
    yaml.width = 200
    listing = folder / LISTING
    described = {"year": time.start.year, "step_minutes": time.step_minutes, "time_zone": time.time_zone}
    former: dict[str, Any] = YAML(typ="safe").load(listing) if listing.exists() else {}
    kept = {file: entry for file, entry in former.get("files", {}).items() if file not in {table.file for table in tables}}
    _fits(listing, former, kept, described, tables)
    folder.mkdir(parents=True, exist_ok=True)
    files = dict(kept)
    for table in tables:
        content = csv_bytes(table.table, time)
        _replace(folder / table.file, content)
        files[table.file] = {
            "sha256": hashlib.sha256(content).hexdigest(),
            "origin": table.origin,
            "licence": table.licence,
            "columns": {name: {key: text for key, text in vars(table.columns[name]).items() if text} for name in table.table.columns},
            "findings": [{key: value for key, value in vars(finding).items() if value} for finding in table.findings if finding.severity != "ok"],
        }
    from io import StringIO

    text = StringIO()
    yaml.dump({"title": former.get("title", title) if kept else title, "time": described, "files": files}, text)
    _replace(listing, text.getvalue().encode())


def csv_bytes(table: pd.DataFrame, time: TimeAxis) -> bytes:
    """Serialise a table: UTF-8, LF, the starts of the steps in the set's own time, six significant digits."""
    import numpy as np

    stamps = np.char.replace(np.datetime_as_string(time.stamps, unit="m"), "T", " ")
    labelled = table.set_axis(stamps, axis=0)
    text: str = labelled.to_csv(index_label="time", float_format=f"%.{DIGITS}g", lineterminator="\n")
    return text.encode()


def _fits(listing: Path, former: dict[str, Any], kept: dict[str, Any], time: dict[str, Any], tables: list[ProfileTable]) -> None:
    problems = []
    if kept and former.get("time") != time:
        had = ", ".join(f"{key} {value}" for key, value in former.get("time", {}).items())
        now = ", ".join(f"{key} {value}" for key, value in time.items())
        problems.append(Problem("time", f"is {had}; the new table's is {now}", "a set has one time: take another folder, or the same time", str(listing)))
    for file, entry in kept.items():
        for table in tables:
            shared = [name for name in entry["columns"] if name in table.columns]
            problems += [Problem(f"files.{file}.columns.{name}", f"would be a column of {table.file} too", "rename one", str(listing)) for name in shared]
    if problems:
        raise DefinitionError(str(listing.parent), problems)


def _replace(path: Path, content: bytes) -> None:
    """Write under another name first, so that no half file ever stands under the final one."""
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(content)
    part.replace(path)
