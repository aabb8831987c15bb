"""A user's ``loads.yaml``: the time, the loads, and where their air temperature comes from.

.. code-block:: yaml

    time: {year: 2030, step_minutes: 15, time_zone: Asia/Shanghai}
    temperature: weather.csv#temperature_degc
    loads:
      melt_shop: {kind: electric_arc_furnace, annual_energy_mwh: 300000, furnaces: 3}
      offices: {kind: office, peak_mw: 4}
      rolling: {file: metered.csv, column: energy_kwh, annual_energy_mwh: 90000}
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, ValidationError, field_validator

from gridsim.errors import DefinitionError, Problem, quoted
from gridsim.park.definition import Definition
from gridsim.park.files import shown
from gridsim.park.messages import problems_of
from gridsim.park.parse import read_yaml
from gridsim.profiles.loads.metered_load import metered_series
from gridsim.profiles.loads.request import LoadRequest, MeteredLoad
from gridsim.profiles.loads.series import LoadSeries, load_series
from gridsim.profiles.read import ProfileReader
from gridsim.profiles.sources import source_of_reference
from gridsim.profiles.time_axis import TimeAxis, checked_time_zone

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gridsim.park.tree import Node

NAME = re.compile(r"[\w-]+")
"""Names of loads become names of columns."""


class LoadTime(Definition):
    """The year that the loads are made for."""

    year: Annotated[int, Field(ge=1990, le=2100)]
    step_minutes: Literal[5, 15, 30, 60] = 60
    time_zone: str = "Asia/Shanghai"

    _zone_exists = field_validator("time_zone")(checked_time_zone)

    def axis(self) -> TimeAxis:
        """Return the steps of the year."""
        days = (datetime.date(self.year + 1, 1, 1) - datetime.date(self.year, 1, 1)).days
        return TimeAxis(datetime.datetime(self.year, 1, 1), days * 1440 // self.step_minutes, self.step_minutes, self.time_zone)


class LoadFile(Definition):
    """The keys of ``loads.yaml``; the loads are checked one by one."""

    title: str = ""
    note: str = ""
    time: LoadTime
    temperature: str | None = None
    """Air temperature in degC as ``file.csv#column``, relative to the loads file."""
    loads: Annotated[dict[str, Any], Field(min_length=1)]


@dataclass(frozen=True)
class LoadPlan:
    """Checked requests of one file."""

    path: Path
    time: TimeAxis
    requests: dict[str, LoadRequest | MeteredLoad]
    temperature_degc: NDArray[np.float64] | None
    """Air temperature at each step, where the file names it. [degC]"""
    tree: Node
    """The file's values with their lines."""
    title: str = ""
    notes: tuple[str, ...] = ()

    def make(self, temperature_degc: NDArray[np.float64] | None = None) -> dict[str, LoadSeries]:
        """Make every load; ``temperature_degc`` stands in where the file names none.

        Raises
        ------
        DefinitionError
            With the problems of all loads that cannot be made.
        """
        temperature = temperature_degc if self.temperature_degc is None else self.temperature_degc
        made: dict[str, LoadSeries] = {}
        problems: list[Problem] = []
        for name, request in self.requests.items():
            try:
                if isinstance(request, MeteredLoad):
                    made[name] = metered_series(request, self.path.parent, self.time, name=name)
                else:
                    made[name] = load_series(request, self.time, temperature, name=name)
            except DefinitionError as error:
                problems += [self._placed(problem, name) for problem in error.problems]
        if problems:
            raise DefinitionError(shown(self.path), problems)
        return made

    def _placed(self, problem: Problem, name: str) -> Problem:
        """Point at the line of the load, where a problem does not point into another file."""
        if problem.file:
            return problem
        field = problem.where.removeprefix(name).removeprefix(".")
        node = self.tree.at(("loads", name, field) if field else ("loads", name))
        return replace(problem, where=".".join(part for part in ("loads", name, field) if part), file=node.file, line=node.line)


def read_load_requests(path: Path | str) -> LoadPlan:
    """Read and check a ``loads.yaml``.

    Raises
    ------
    DefinitionError
        With every problem of the file, of its temperature and of the files that it names.
    """
    path = Path(path)
    problems: list[Problem] = []
    tree = read_yaml(path, shown(path), problems)
    if tree is None:
        raise DefinitionError(shown(path), problems)
    listing: LoadFile | None = None
    try:
        listing = LoadFile.model_validate(tree.plain())
    except ValidationError as error:
        problems += problems_of(error, LoadFile, tree, "")
    loads = tree.child("loads")
    named = loads.value if loads is not None and isinstance(loads.value, dict) else {}
    requests = {name: _request(name, node, path.parent, problems) for name, node in named.items()}
    temperature, notes = (None, ()) if listing is None else _temperature(listing, tree, path.parent, problems)
    if problems or listing is None:
        raise DefinitionError(shown(path), problems)
    checked = {name: request for name, request in requests.items() if request is not None}
    return LoadPlan(path, listing.time.axis(), checked, temperature, tree, listing.title, notes)


def _request(name: str, node: Node, folder: Path, problems: list[Problem]) -> LoadRequest | MeteredLoad | None:
    where = f"loads.{name}"
    if not NAME.fullmatch(name):
        problems.append(node.problem(where, f"{quoted(name)} cannot name a load", "use letters, digits, '_' and '-'"))
    if not isinstance(node.value, dict):
        remedy = "write {kind: workshop, annual_energy_mwh: 1000}, or {file: metered.csv}"
        problems.append(node.problem(where, f"{quoted(node.value)} is not a group of keys", remedy))
        return None
    model = MeteredLoad if "file" in node.value and "kind" not in node.value else LoadRequest
    try:
        request: LoadRequest | MeteredLoad = model.model_validate(node.plain())
    except ValidationError as error:
        problems += problems_of(error, model, node, where)
        return None
    problems += [node.at((field,)).problem(f"{where}.{field}", found, remedy) for field, found, remedy in request.findings()]
    if isinstance(request, MeteredLoad) and not (folder / request.file).is_file():
        found = f"{quoted(request.file)} does not exist"
        problems.append(node.at(("file",)).problem(f"{where}.file", found, "check the path; it is relative to the folder of the loads file"))
    return request


def _temperature(listing: LoadFile, tree: Node, folder: Path, problems: list[Problem]) -> tuple[NDArray[np.float64] | None, tuple[str, ...]]:
    if listing.temperature is None:
        return None, ()
    source = source_of_reference(listing.temperature, folder, "temperature", tree.at(("temperature",)), problems)
    if source is None:
        return None, ()
    reader = ProfileReader(listing.time.axis(), problems)
    reader.read("temperature", source, "temperature")
    return reader.series.get("temperature"), tuple(reader.notes)
