"""Where profiles come from: the columns that a set's ``profiles.yaml`` lists, and single ``file.csv#column`` references."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from gridsim.errors import Problem, quoted
from gridsim.park.definition import Definition
from gridsim.park.files import is_folder, shown
from gridsim.park.messages import problems_of
from gridsim.park.parse import read_yaml
from gridsim.park.tree import Node


@dataclass(frozen=True)
class Source:
    """Where one profile comes from."""

    path: Path
    column: str
    shown: str
    """The file as problems name it."""
    step_minutes: int | None = None
    sha256: str | None = None
    """Checksum that the set lists for the file."""
    unit: str = ""
    """Unit that the set lists for the column."""


class SetTime(Definition):
    """The time that a set covers."""

    year: int | None = None
    start: datetime.date | None = None
    hours: int | None = None
    step_minutes: Literal[5, 15, 30, 60] | None = None
    time_zone: str = ""


class Column(Definition):
    """What a column holds."""

    unit: str = ""
    of: str = ""
    """What it is per unit of."""
    note: str = ""


class SetFinding(Definition):
    """What a check found when the file was written; see `gridsim.profiles.weather.finding.Finding`."""

    check: str
    severity: Literal["note", "warning", "fault"]
    found: str
    remedy: str = ""
    count: int = 0
    first: str = ""


class ProfileFile(Definition):
    """One CSV file of a set."""

    sha256: str | None = None
    """Checksum at the time of writing; a file that has another one has been changed since."""
    origin: str = ""
    licence: str = ""
    note: str = ""
    columns: Annotated[dict[str, Column | None], Field(min_length=1)]
    findings: list[SetFinding] = []  # noqa: RUF012  pydantic copies it


class ProfileSet(Definition):
    """A folder's ``profiles.yaml``."""

    title: str = ""
    note: str = ""
    time: SetTime = SetTime()
    files: dict[str, ProfileFile]


def sources_of_set(folder: Path, node: Node, problems: list[Problem]) -> dict[str, Source] | None:
    """List the profiles of a folder that holds a ``profiles.yaml``, or note why not; ``node`` is where the park names it."""
    if not is_folder(folder):
        remedy = "give the folder that holds profiles.yaml, relative to the park's folder"
        problems.append(node.problem("profile_set", f"there is no folder {quoted(node.value)}", remedy))
        return None
    tree = read_yaml(folder / "profiles.yaml", shown(folder / "profiles.yaml"), problems, "profile_set")
    if tree is None:
        return None
    try:
        listing = ProfileSet.model_validate(tree.plain())
    except ValidationError as error:
        problems.extend(problems_of(error, ProfileSet, tree, ""))
        return None
    sources: dict[str, Source] = {}
    for file, entry in listing.files.items():
        for column in entry.columns:
            if column in sources:
                place = ("files", file, "columns", column)
                found = f"is a column of {sources[column].path.name} too"
                problems.append(tree.at(place).problem(".".join(place), found, "profiles of a set have names of their own; rename one"))
            described = entry.columns[column] or Column()
            sources[column] = Source(folder / file, column, shown(folder / file), listing.time.step_minutes, entry.sha256, described.unit)
    return sources


def source_of_reference(text: object, folder: Path, where: str, node: Node, problems: list[Problem]) -> Source | None:
    """Read a reference such as ``loads.csv#workshop``, relative to ``folder``."""
    file, mark, column = text.rpartition("#") if isinstance(text, str) else ("", "", "")
    if not mark or not file or not column:
        problems.append(node.problem(where, f"{quoted(text)} is not of the form file.csv#column", "name a CSV file and one of its columns"))
        return None
    return Source(folder / file, column, shown(folder / file))
