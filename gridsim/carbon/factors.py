"""Emission and conversion factors by name: ``gridsim/data/factors/*.yaml``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gridsim.errors import DefinitionError, Problem, did_you_mean, quoted

if TYPE_CHECKING:
    from gridsim.carbon.section import CarbonSection

FOLDER = Path(__file__).parents[1] / "data" / "factors"


@dataclass(frozen=True)
class Figure:
    """A number with its unit, where it comes from and how certain it is."""

    value: float
    unit: str
    source: str
    certainty: str
    low: float | None = None
    high: float | None = None
    label_zh: str = ""
    label_en: str = ""


@dataclass(frozen=True)
class FactorSet:
    """Factors of the grid in one region and year. [kg/kWh, the same in t/MWh]"""

    name: str
    label_zh: str
    label_en: str
    year: int
    average: Figure
    residual: Figure
    """National: none is published for regions."""
    fossil: Figure
    """National: none is published for regions."""

    @property
    def grid_non_fossil_share(self) -> float:
        """Non-fossil share of the grid's electricity that the factors imply: 1 − average / fossil-only. [1]"""
        return max(0.0, 1.0 - self.average.value / self.fossil.value) if self.fossil.value > 0 else 0.0


@dataclass(frozen=True)
class Conflict:
    """Factor sets between which the sources do not decide."""

    name: str
    sets: tuple[str, ...]
    note_zh: str
    note_en: str
    certainty: str


@dataclass(frozen=True)
class Fuel:
    """What burning a MWh of lower heating value means."""

    name: str
    label_zh: str
    label_en: str
    carriers: tuple[str, ...]
    emissions_t_per_mwh: Figure
    energy_tce_per_mwh: Figure


@dataclass(frozen=True)
class Route:
    """A way of making a product that another replaces. [t CO2 per t of product]"""

    name: str
    product: str
    emissions: Figure


@cache
def data(name: str) -> dict[str, Any]:
    """Return one file of factors as plain data."""
    from ruamel.yaml import YAML

    content: dict[str, Any] = YAML(typ="safe").load(FOLDER / f"{name}.yaml")
    return content


def figure(entry: dict[str, Any], unit: str = "") -> Figure:
    """Return an entry of a data file as a `Figure`."""
    known = {key: entry[key] for key in ("value", "source", "certainty", "low", "high", "label_zh", "label_en") if key in entry}
    return Figure(unit=entry.get("unit", unit), **known)


@cache
def factor_sets() -> dict[str, FactorSet]:
    """Every set whose average is known, by name: region and year."""
    table, unit, found = data("electricity"), "kg/kWh", {}
    for region, entry in table["regions"].items():
        for year, average in entry["average"].items():
            if average["value"] is not None:
                name = f"{region}-{year}"
                parts = [figure(part, unit) for part in (average, table["residual"][year], table["fossil"][year])]
                found[name] = FactorSet(name, f"{entry['label_zh']} {year}", f"{entry['label_en']} {year}", year, *parts)
    return found


@cache
def conflicts() -> tuple[Conflict, ...]:
    """Every known conflict between factor sets."""
    return tuple(
        Conflict(name, tuple(entry["sets"]), entry["note_zh"], " ".join(entry["note_en"].split()), entry["certainty"])
        for name, entry in data("electricity")["conflicts"].items()
    )


@cache
def fuels() -> dict[str, Fuel]:
    """Every fuel, by name."""
    return {
        name: Fuel(name, entry["label_zh"], entry["label_en"], tuple(entry["carriers"]), figure(entry["emissions"]), figure(entry["energy"]))
        for name, entry in data("energy")["fuels"].items()
    }


@cache
def routes() -> dict[str, Route]:
    """Every replaced route, by name."""
    return {name: Route(name, entry["product"], figure(entry)) for name, entry in data("products")["routes"].items()}


@cache
def conversion(name: str) -> Figure:
    """Return one conversion to standard coal."""
    return figure(data("energy")["conversion"][name])


def chosen_set(section: CarbonSection) -> FactorSet:
    """Return the set a park chose, with its own factors laid over it.

    Raises
    ------
    DefinitionError
        For a set that is not known; those of the same region and year are named.
    """
    sets = factor_sets()
    if section.factor_set not in sets:
        raise DefinitionError("carbon", [Problem("carbon.factor_set", *unknown_set(section.factor_set))])
    chosen = sets[section.factor_set]
    own = section.own_factors
    if own is not None:

        def laid_over(value: float | None, published: Figure) -> Figure:
            return published if value is None else Figure(value, "kg/kWh", own.source, own.certainty)

        chosen = replace(
            chosen,
            average=laid_over(own.average_kg_per_kwh, chosen.average),
            residual=laid_over(own.residual_kg_per_kwh, chosen.residual),
            fossil=laid_over(own.fossil_kg_per_kwh, chosen.fossil),
        )
    return chosen


def unknown_set(name: str) -> tuple[str, str]:
    """Return finding and remedy for a set that is not known."""
    region, _, year = name.rpartition("-")
    empty = data("electricity")["regions"].get(region, {}).get("average", {})
    if year.isdigit() and int(year) in empty:
        newest = max(known for known, entry in empty.items() if entry["value"] is not None)
        return f"{quoted(name)}: no factor of that year was found", f"take {region}-{newest}, and give carbon.own_factors with a source where you have one"
    return f"{quoted(name)} is not a factor set", did_you_mean(name, factor_sets())
