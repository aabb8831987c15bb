"""Climates by the name of a place: ``gridsim/data/climates.yaml``."""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

from gridsim.errors import DefinitionError, Problem, did_you_mean
from gridsim.profiles.site import Site
from gridsim.profiles.synthesis.climatology import Climatology, Provenance

FILE = Path(__file__).parents[2] / "data" / "climates.yaml"

LISTS = (
    "monthly_ghi_kwh_per_m2",
    "monthly_temperature_degc",
    "monthly_wind_m_per_s",
    "monthly_weibull_shape",
    "hourly_wind",
    "monthly_temperature_spell_k",
    "temperature_half_swing_k",
)
PLACE = ("latitude_deg", "longitude_deg", "altitude_m")
NUMBERS = ("utc_offset_hours", "wind_height_m")


@cache
def shipped_climates() -> dict[str, Climatology]:
    """Every climate that comes with gridsim, by name."""
    return {name: _climatology(name, entry) for name, entry in _entries().items()}


def find_climate(place: str, site: Site | None = None) -> Climatology:
    """Return the climate of a place by its name, in Latin or Chinese letters, whatever their case.

    Parameters
    ----------
    place : str
        Name, such as ``Chifeng`` or ``赤峰``.
    site : Site, optional
        Other coordinates than the climate's own: the climate is kept, the sun is that of the coordinates.

    Raises
    ------
    DefinitionError
        For a name that is not known, with the nearest one that is.

    Examples
    --------
    >>> find_climate("赤峰").name
    'chifeng'
    >>> find_climate("Aohan", Site(42.4, 120.1, 600.0)).site.longitude_deg
    120.1
    """
    names = {_plain(word): name for name, entry in _entries().items() for word in (name, *entry.get("also", ()))}
    name = names.get(_plain(place))
    if name is None:
        remedy = (
            f"{did_you_mean(_plain(place), names)}; for any other place give its coordinates with one of these, or estimate its climate from a weather file"
        )
        raise DefinitionError("climate", [Problem("place", f"there is no climate '{place}'", remedy)])
    climate = shipped_climates()[name]
    return climate.at(site) if site else climate


def _plain(word: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", word).casefold().replace("_", " ").split())


@cache
def _entries() -> dict[str, dict[str, Any]]:
    from ruamel.yaml import YAML

    entries: dict[str, dict[str, Any]] = YAML(typ="safe").load(FILE)
    return entries


def _climatology(name: str, entry: dict[str, Any]) -> Climatology:
    values: dict[str, Any] = {key: tuple(entry[key]["value"]) for key in LISTS} | {key: entry[key]["value"] for key in NUMBERS}
    sources = {key: Provenance(entry[key]["source"], entry[key]["certainty"]) for key in (*PLACE, *NUMBERS, *LISTS)}
    return Climatology(name=name, site=Site(*(entry[key]["value"] for key in PLACE)), sources=sources, **values)
