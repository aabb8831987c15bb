"""A profile set as the page sees it: its columns with values, in groups, and its files with their checksums."""

from __future__ import annotations

import datetime
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from gridsim.errors import DefinitionError, Problem, did_you_mean
from gridsim.park.files import read_text, shown
from gridsim.park.parse import read_yaml
from gridsim.park.tree import Node
from gridsim.profiles.coverage import TIME_COLUMNS
from gridsim.profiles.read import ProfileReader
from gridsim.profiles.sources import Column, ProfileFile, ProfileSet, SetTime, Source, sources_of_set
from gridsim.profiles.table import read_table
from gridsim.profiles.time_axis import TimeAxis
from gridsim.report.profile_page.compared import Compared, Track
from gridsim.report.profile_page.groups import KINDS, colour_of, kind_of
from gridsim.report.profile_page.units import unit_of
from gridsim.report.timeline import Timeline
from gridsim.report.words import Words

if TYPE_CHECKING:
    from numpy.typing import NDArray

COORDINATES = re.compile(r"(\d+(?:\.\d+)?) ?([NS])[, ]+(\d+(?:\.\d+)?) ?([EW])\b")
"""A place as notes give it, ``42.94 N 119.02 E``."""

Checksum = Literal["agrees", "changed", "unlisted"]


@dataclass(frozen=True)
class SetColumn:
    """One series of the set."""

    track: Track
    kind: str
    unit: str
    basis: str
    """What 1.0 stands for."""
    note: str
    compared: Track | None = None
    source: str = ""
    """Where the compared series comes from."""

    @property
    def name(self) -> str:
        """Its name in the file."""
        return self.track.name

    @property
    def tracks(self) -> list[Track]:
        """The series, and what it is compared with."""
        return [self.track, *([self.compared] if self.compared else [])]


@dataclass(frozen=True)
class Group:
    """Columns of one kind in one unit."""

    name: str
    kind: str
    unit: str
    columns: list[SetColumn]

    @property
    def fine_tracks(self) -> list[Track]:
        """All series with steps of an hour or less."""
        return [track for column in self.columns for track in column.tracks if track.fine]


@dataclass(frozen=True)
class SetView(Timeline):
    """One profile set in one language."""

    words: Words
    listing: ProfileSet
    time: TimeAxis
    columns: list[SetColumn]
    checksums: dict[str, Checksum]
    """State of each file."""

    @property
    def stamps(self) -> NDArray[np.datetime64]:
        """Start of each step, without a time zone. Shape (T,)."""
        return self.time.stamps

    @property
    def step_hours(self) -> float:
        """Hours of one step. [h]"""
        return self.time.step_hours

    @cached_property
    def groups(self) -> list[Group]:
        """Columns by kind and unit; kinds without columns are left out."""
        found = []
        for kind in KINDS:
            members = [column for column in self.columns if column.kind == kind]
            units = list(dict.fromkeys(column.unit for column in members))
            for place, unit in enumerate(units):
                name = kind if place == 0 else f"{kind}-{place + 1}"
                found.append(Group(name, kind, unit, [column for column in members if column.unit == unit]))
        return found

    @property
    def places(self) -> list[str]:
        """Coordinates that the notes of the set give, each once."""
        notes = [self.listing.title, self.listing.note]
        for file in self.listing.files.values():
            notes += [file.origin, file.note, *(column.note for column in file.columns.values() if column)]
        return list(dict.fromkeys(" ".join(match) for note in notes for match in COORDINATES.findall(note)))


def read_set(folder: Path, words: Words, compare: Mapping[str, Compared]) -> SetView:
    """Read a folder that holds a ``profiles.yaml``, as a park would, with the whole time that it covers.

    Raises
    ------
    DefinitionError
        With every problem of the set and of what it is compared with.
    """
    problems: list[Problem] = []
    subject = str(folder)
    sources = sources_of_set(folder, Node(str(folder)), problems)
    tree = read_yaml(folder / "profiles.yaml", shown(folder / "profiles.yaml"), []) if sources else None
    if problems or not sources or tree is None:
        raise DefinitionError(subject, problems)
    listing = ProfileSet.model_validate(tree.plain())
    time = _time_of(listing.time, next(iter(sources.values())), problems)
    if time is None:
        raise DefinitionError(subject, problems)
    reader = ProfileReader(time, problems)
    for name, source in sources.items():
        reader.read(name, source, f"files.{source.path.name}.columns.{name}")
    given = {name: column or Column() for file in listing.files.values() for name, column in file.columns.items()}
    for name, second in compare.items():
        problems += _mismatch(name, second, given)
    if problems:
        raise DefinitionError(subject, problems)
    checksums = {name: _checksum(folder / name, file) for name, file in listing.files.items()}
    return SetView(words, listing, time, _columns(given, reader.series, time, compare), checksums)


def _mismatch(name: str, second: Compared, given: Mapping[str, Column]) -> list[Problem]:
    """Say why a second source does not fit the column of its name."""
    where = f"compare.{name}"
    if name not in given:
        return [Problem(where, "is not a column of the set", did_you_mean(name, given))]
    if second.unit and given[name].unit and unit_of(second.unit) != unit_of(given[name].unit):
        return [Problem(where, f"is in {second.unit}, the column in {given[name].unit}", "compare series of one unit")]
    return second.problems(where)


def _columns(given: Mapping[str, Column], series: Mapping[str, NDArray[np.float64]], time: TimeAxis, compare: Mapping[str, Compared]) -> list[SetColumn]:
    columns: list[SetColumn] = []
    places: dict[str, int] = {}
    for name, facts in given.items():
        kind = kind_of(name, facts.unit, facts.of)
        places[kind] = places.get(kind, -1) + 1
        colour = colour_of(kind, places[kind])
        track = Track(name, series[name], time.stamps, time.step_minutes, colour)
        second = compare.get(name)
        columns.append(
            SetColumn(track, kind, facts.unit, facts.of, facts.note, second.track(name, colour) if second else None, second.source if second else "")
        )
    return columns


def _time_of(given: SetTime, source: Source, problems: list[Problem]) -> TimeAxis | None:
    """Return the time that the set names; what it leaves open is read from the labels of its first file."""
    table = read_table(source.path, source.shown, problems, "files")
    if table is None:
        return None
    label = next((name for name in table.header if name.lower() in TIME_COLUMNS), None)
    stamps = _first_stamps(table.column(label)[:2]) if label else []
    minutes = given.step_minutes or (int((stamps[1] - stamps[0]).total_seconds() // 60) if len(stamps) == 2 else 60)
    start = datetime.datetime.combine(given.start, datetime.time()) if given.start else None
    start = start or (datetime.datetime(given.year, 1, 1) if given.year else None) or (stamps[0] if stamps else None)
    if start is None or minutes < 1:
        problems.append(Problem("time", "says neither the year nor the start", "write time: {year: 2030, step_minutes: 60}", source.shown))
        return None
    hours = given.hours
    if hours is None and given.year and not given.start:
        hours = (datetime.datetime(start.year + 1, 1, 1) - start).days * 24
    steps = len(table.rows) if hours is None else hours * 60 // minutes
    return TimeAxis(start, steps, minutes, given.time_zone)


def _first_stamps(labels: list[str]) -> list[datetime.datetime]:
    try:
        return [datetime.datetime.fromisoformat(label.strip()).replace(tzinfo=None) for label in labels]
    except ValueError:
        return []


def _checksum(path: Path, file: ProfileFile) -> Checksum:
    if file.sha256 is None:
        return "unlisted"
    text = read_text(path, shown(path), [])
    return "agrees" if text is not None and hashlib.sha256(text.encode()).hexdigest() == file.sha256 else "changed"
