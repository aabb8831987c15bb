"""What a weather set is to be made from: places, where their weather comes from, and plants that stand there.

.. code-block:: yaml

    title: Two bases and a roof
    time: {year: 2030, step_minutes: 60, time_zone: Asia/Shanghai}
    seed: 7                                   # of synthetic weather
    years: 1
    places:
      ridge: {climate: wengniute}             # drawn from a climate that ships with gridsim
      hill: {climate_of: hill_2019_2023.csv, latitude_deg: 42.9, longitude_deg: 119.0, altitude_m: 640}  # drawn from the climate of a file
      park: {file: park_2023.epw}             # read from a file
      far: {fetch: nasa_power, latitude_deg: 42.3, longitude_deg: 119.9, altitude_m: 590}                # asked for online
    plants:
      wind_ridge: {type: wind, place: ridge, hub_height_m: 120}
      solar_roof: {type: solar, place: park, tilt_deg: 12}
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, field_validator

from gridsim.errors import DefinitionError, Problem, did_you_mean, quoted
from gridsim.park.definition import Definition
from gridsim.park.files import shown
from gridsim.park.layers import with_overrides
from gridsim.park.messages import problems_of
from gridsim.park.parse import read_yaml
from gridsim.park.tree import Node
from gridsim.profiles.site import Site
from gridsim.profiles.time_axis import checked_time_zone

SOURCES = ("climate", "climate_of", "file", "fetch")
OWN_CURVE = ("power_curve_file", "rotor_diameter_m")
NAME = re.compile(r"[\w-]+")
COORDINATES = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*,\s*(-?\d+(?:\.\d+)?)\s*(?:,\s*(-?\d+(?:\.\d+)?)\s*)?")
COMMAND_LINE = "the command line"


class WeatherTime(Definition):
    """The calendar year that the set is labelled with."""

    year: Annotated[int, Field(ge=1950, le=2100)] | None = None
    """Left out: 2030 for synthetic weather, the file's own for measured weather."""
    step_minutes: Literal[15, 30, 60] = 60
    time_zone: str = "Asia/Shanghai"

    _zone_exists = field_validator("time_zone")(checked_time_zone)


class Place(Definition):
    """A place and where its weather comes from."""

    climate: str | None = None
    """Name of a climate that ships with gridsim; with coordinates, that climate under their sun."""
    climate_of: str | None = None
    """A weather file whose climate is taken, to draw other years of the same kind."""
    file: str | None = None
    """A weather file: EPW, TMY3, PVGIS, NSRDB, ERA5 or atlite NetCDF, CSV, Excel."""
    fetch: Literal["pvgis", "nasa_power"] | None = None
    latitude_deg: Annotated[float, Field(ge=-90, le=90)] | None = None
    longitude_deg: Annotated[float, Field(ge=-180, le=180)] | None = None
    altitude_m: Annotated[float, Field(ge=-430, le=8000)] | None = None
    interval: Literal["start", "middle", "end"] | None = None
    """What the stamps of a table mark, where the file does not show it."""
    stamps_in: str | None = None
    """Time zone of the stamps, where the file does not say."""
    columns: Annotated[dict[str, str], Field(default_factory=dict)]
    """Column of the file by quantity, where its name is not recognised: ``{ghi_w_per_m2: Global}``."""
    units: Annotated[dict[str, str], Field(default_factory=dict)]
    """Unit of such a column where its header has none: ``{ghi_w_per_m2: kW/m2}``."""
    step_minutes: Annotated[int, Field(ge=1, le=1440)] | None = None
    wind_height_m: Annotated[float, Field(gt=0, le=400)] | None = None
    """Height of the wind's measurement, where the file does not say. [m]"""
    fill: Literal["climatology"] | None = None
    """Fill gaps of more than a day with the month's mean at the same time of day, instead of refusing them."""

    @property
    def site(self) -> Site | None:
        """Where it is, as far as it is written."""
        if self.latitude_deg is None or self.longitude_deg is None:
            return None
        return Site(self.latitude_deg, self.longitude_deg, self.altitude_m or 0.0)

    @property
    def synthetic(self) -> bool:
        """Whether its weather is drawn."""
        return self.climate is not None or self.climate_of is not None


class WeatherFile(Definition):
    """The keys of a weather definition; places and plants are checked one by one."""

    title: str = ""
    time: WeatherTime = WeatherTime()
    seed: Annotated[int, Field(ge=0, le=2**63)] = 2030
    years: Annotated[int, Field(ge=1, le=100)] = 1
    """Synthetic years: the first is typical, the others stray as real years do."""
    places: Annotated[dict[str, Any], Field(min_length=1)]
    plants: Annotated[dict[str, Any], Field(default_factory=dict)]


@dataclass(frozen=True)
class Plant:
    """A wind or solar plant at one of the places."""

    place: str
    kind: Literal["wind", "solar"]
    park: Any
    """A `WindPark` or a `SolarPlant`."""
    basis: str = "dc"
    """Capacity that a solar series is given per: modules (``dc``, as Chinese plants are priced) or inverters (``ac``)."""


@dataclass(frozen=True)
class WeatherPlan:
    """Checked places and plants of one set."""

    title: str
    time: WeatherTime
    seed: int
    years: int
    places: dict[str, Place]
    plants: dict[str, Plant]
    folder: Path
    """Files are named relative to it."""
    tree: Node

    def placed(self, error: DefinitionError, place: str) -> list[Problem]:
        """Return the problems of one place's weather, with the place."""
        node = self.tree.at(("places", place))
        return [p if p.file else replace(p, where=".".join(filter(None, ("places", place, p.where))), file=node.file, line=node.line) for p in error.problems]


def read_weather_plan(source: str | os.PathLike[str], overrides: Sequence[str] = (), *, fetch: str | None = None) -> WeatherPlan:
    """Read a definition, or make the short one of a single place with one wind park and one solar plant.

    Parameters
    ----------
    source : path or str
        A definition (``.yaml``), a weather file, ``latitude,longitude[,altitude]``, or the name of a climate that ships with gridsim.
    overrides : sequence of str
        ``path=value`` pairs over the definition, such as ``plants.wind.hub_height_m=120``.
    fetch : str, optional
        Service that is asked for the weather at coordinates.

    Raises
    ------
    DefinitionError
        With all problems at once.
    """
    problems: list[Problem] = []
    path = Path(source)
    subject = shown(path) if path.suffix in {".yaml", ".yml"} else f"weather from {source}"
    if path.suffix in {".yaml", ".yml"}:
        tree, folder = read_yaml(path, shown(path), problems), path.parent
    else:
        tree, folder = _short(str(source), fetch), Path()
    if tree is not None and not isinstance(tree.value, dict):
        problems.append(tree.problem("", f"is {quoted(tree.value)}, expected a group of keys", "begin with places: and plants:"))
    if problems or tree is None:
        raise DefinitionError(subject, problems)
    tree = with_overrides(tree, overrides, problems, tuple(WeatherFile.model_fields))
    listing: WeatherFile | None = None
    try:
        listing = WeatherFile.model_validate(tree.plain())
    except ValidationError as error:
        problems += problems_of(error, WeatherFile, tree, "")
    places = {name: _place(name, node, folder, problems) for name, node in _entries(tree, "places").items()}
    plants = {name: _plant(name, node, places, folder, problems) for name, node in _entries(tree, "plants").items()}
    if listing is not None and listing.years > 1:
        measured = [name for name, place in places.items() if place is not None and not place.synthetic]
        problems += [tree.at(("years",)).problem("years", f"is {listing.years}, but the weather of '{name}' is not drawn", "years: 1") for name in measured]
    if problems or listing is None:
        raise DefinitionError(subject, problems)
    checked = {name: plant for name, plant in plants.items() if plant is not None}
    title = listing.title or f"Weather: {', '.join(str(tree.at(('places', name, _source(place) or '')).plain()) for name, place in places.items() if place)}"
    return WeatherPlan(title, listing.time, listing.seed, listing.years, {n: p for n, p in places.items() if p}, checked, folder, tree)


def _short(source: str, fetch: str | None) -> Node:
    """Definition of one place with a wind park and a solar plant."""
    place: dict[str, Any]
    if (found := COORDINATES.fullmatch(source)) is not None:
        keys = ("latitude_deg", "longitude_deg", "altitude_m")
        place = {key: float(text) for key, text in zip(keys, found.groups(), strict=True) if text is not None} | {"fetch": fetch or "pvgis"}
    elif Path(source).suffix or Path(source).exists():
        place = {"file": source}
    else:
        place = {"climate": source}
    whole = {"places": {"site": place}, "plants": {kind: {"type": kind, "place": "site"} for kind in ("wind", "solar")}}
    return _tree(whole).placed(COMMAND_LINE)


def _tree(value: Any) -> Node:
    return Node({key: _tree(entry) for key, entry in value.items()} if isinstance(value, dict) else value)


def _entries(tree: Node, key: str) -> dict[str, Node]:
    node = tree.child(key)
    return node.value if node is not None and isinstance(node.value, dict) else {}


def _source(place: Place) -> str | None:
    given = [key for key in SOURCES if getattr(place, key) is not None]
    return given[0] if len(given) == 1 else None


def _place(name: str, node: Node, folder: Path, problems: list[Problem]) -> Place | None:
    where = f"places.{name}"
    if not _named(name, where, node, "{climate: chifeng}, or {file: site.epw}", problems):
        return None
    try:
        place = Place.model_validate(node.plain())
    except ValidationError as error:
        problems += problems_of(error, Place, node, where)
        return None
    before = len(problems)
    if _source(place) is None:
        given = [key for key in SOURCES if getattr(place, key) is not None]
        problems.append(node.problem(where, f"has {' and '.join(given) or 'no source of weather'}", f"give one of {', '.join(SOURCES)}"))
    if (place.latitude_deg is None) != (place.longitude_deg is None) or (place.fetch is not None and place.site is None):
        problems.append(node.problem(where, "has no full coordinates", "give latitude_deg and longitude_deg, and altitude_m where it is not near 0"))
    for key in ("file", "climate_of"):
        if (file := getattr(place, key)) is not None and not (folder / file).is_file():
            found = "is a directory" if (folder / file).is_dir() else "does not exist"
            remedy = "check the path; it is relative to the folder of the definition" if folder != Path() else "check the path, or name a climate"
            problems.append(node.at((key,)).problem(f"{where}.{key}", f"{quoted(file)} {found}", remedy))
    if place.climate is not None:
        problems += _climate_problems(place, where, node)
    return place if len(problems) == before else None


def _climate_problems(place: Place, where: str, node: Node) -> list[Problem]:
    from gridsim.profiles.synthesis.climates import find_climate

    try:
        find_climate(str(place.climate), place.site)
    except DefinitionError as error:
        return [node.at(("climate",)).problem(f"{where}.climate", problem.found, problem.remedy) for problem in error.problems]
    return []


def _plant(name: str, node: Node, places: dict[str, Place | None], folder: Path, problems: list[Problem]) -> Plant | None:
    from gridsim.profiles.conversion import SolarPlant, WindPark
    from gridsim.profiles.conversion.choices import from_mapping

    where = f"plants.{name}"
    if not _named(name, where, node, "{type: wind, place: …}", problems):
        return None
    fields = node.plain()
    kind, place = fields.pop("type", None), fields.pop("place", next(iter(places), None))
    basis = fields.pop("basis", "dc") if kind == "solar" else "dc"
    before = len(problems)
    if kind not in ("wind", "solar"):
        problems.append(node.at(("type",)).problem(f"{where}.type", f"{quoted(kind)} is not a plant" if kind else "is missing", "write wind or solar"))
    if place not in places:
        problems.append(node.at(("place",)).problem(f"{where}.place", f"{quoted(place)} is not a place", did_you_mean(str(place), places)))
    if basis not in ("dc", "ac"):
        problems.append(
            node.at(("basis",)).problem(f"{where}.basis", f"{quoted(basis)} is not a basis", "write dc (of module capacity) or ac (of inverter capacity)")
        )
    try:
        if "power_curve_file" in fields:
            fields["turbine"] = _own_turbine(fields, folder)
        made = from_mapping(SolarPlant if kind == "solar" else WindPark, fields, where) if kind in ("wind", "solar") else None
    except DefinitionError as error:
        for problem in error.problems:
            at = node.at((problem.where,)) if not problem.file else None
            problems.append(at.problem(f"{where}.{problem.where}", problem.found, problem.remedy) if at else problem)
        return None
    return None if len(problems) > before else Plant(str(place), kind, made, basis)


def _own_turbine(fields: dict[str, Any], folder: Path) -> Any:
    """A turbine by its power curve: ``power_curve_file``, ``rotor_diameter_m`` and ``hub_height_m``."""
    from gridsim.profiles.conversion.curve_file import turbine_from_csv

    file, rotor = (fields.pop(key, None) for key in OWN_CURVE)
    hub = fields.get("hub_height_m")
    missing = [key for key, value in (("rotor_diameter_m", rotor), ("hub_height_m", hub)) if not isinstance(value, int | float)]
    if missing:
        raise DefinitionError("turbine", [Problem(key, "is missing, or no number", "a curve of your own needs it, in metres") for key in missing])
    return turbine_from_csv(folder / str(file), float(rotor), float(hub))  # type: ignore[arg-type]


def _named(name: str, where: str, node: Node, example: str, problems: list[Problem]) -> bool:
    before = len(problems)
    if not NAME.fullmatch(name):
        problems.append(node.problem(where, f"{quoted(name)} cannot name a column", "use letters, digits, '_' and '-'"))
    if not isinstance(node.value, dict):
        problems.append(node.problem(where, f"{quoted(node.value)} is not a group of keys", f"write {example}"))
    return len(problems) == before
