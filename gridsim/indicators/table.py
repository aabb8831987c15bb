"""Indicator tables and key programmes of plans: ``gridsim/data/indicators/*.yaml``, one file a plan."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

FOLDER = Path(__file__).parents[1] / "data" / "indicators"

Sense = Literal[">", ">=", "<", "<="]
SENSES: dict[str, Sense] = {">": ">", "≥": ">=", ">=": ">=", "<": "<", "≤": "<=", "<=": "<="}
PRINTED = re.compile(r"^(?P<sense>[<>]=?|[≥≤])?\s*(?P<number>-?\d+(?:\.\d+)?)\s*%?$")


@dataclass(frozen=True)
class Target:
    """A cell of a table, as printed and as a number; percent is a share 0..1."""

    printed: str
    sense: Sense
    value: float

    def met_by(self, value: float) -> bool:
        """Tell whether a value reaches the target."""
        return {">": value > self.value, ">=": value >= self.value, "<": value < self.value, "<=": value <= self.value}[self.sense]


def parsed(printed: str, unit: str, better: str) -> Target:
    """Read a cell; a bare number is met on its better side.

    Examples
    --------
    >>> parsed(">20", "%", "higher")
    Target(printed='>20', sense='>', value=0.2)
    >>> parsed("-4%", "%", "lower").value
    -0.04
    """
    found = PRINTED.match(printed.strip())
    if found is None:
        raise ValueError(f"'{printed}' is not a target", "write a number, with >, ≥, < or ≤ before it where needed")
    sense = SENSES.get(found["sense"] or "", ">=" if better == "higher" else "<=")
    # dividing keeps the nearest number to 0.29 for 29 %, multiplying by 0.01 does not
    return Target(printed, sense, float(found["number"]) / 100.0 if unit == "%" else float(found["number"]))


@dataclass(frozen=True)
class Indicator:
    """One row of a table."""

    name: str
    number: int
    group_zh: str
    name_zh: str
    name_en: str
    unit: str
    """As printed; where it is ``%``, values are shares 0..1."""
    better: str
    targets: dict[int, Target | None]
    computed: str | None
    """Word of the simulation's figure, or None where it is an input."""
    source: str
    note: str


@dataclass(frozen=True)
class Programme:
    """A key programme, or one item of it, as the plan states it; None is not stated."""

    name: str
    name_zh: str
    name_en: str
    projects: int | None
    investment_cny: float | None
    energy_saved_tce: float | None
    carbon_low_t: float | None
    carbon_high_t: float | None
    technologies: tuple[str, ...]
    """Types of technology that belong to it."""
    source: str
    items: tuple[Programme, ...] = ()


@dataclass(frozen=True)
class Conflict:
    """A misprint or a contradiction of a plan."""

    about: str
    note_zh: str
    note_en: str


@dataclass(frozen=True)
class Table:
    """One plan."""

    name: str
    label_zh: str
    label_en: str
    certainty: str
    years: tuple[int, ...]
    indicators: tuple[Indicator, ...]
    programmes: tuple[Programme, ...]
    printed_total: Programme | None
    conflicts: tuple[Conflict, ...]

    def indicator(self, name: str) -> Indicator:
        """Return a row by its name."""
        return next(row for row in self.indicators if row.name == name)


def table_names() -> list[str]:
    """Names of all tables there are; a file more in the folder is a table more."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


@cache
def table(name: str) -> Table:
    """Return one table by its name."""
    from ruamel.yaml import YAML

    content: dict[str, Any] = YAML(typ="safe").load(FOLDER / f"{name}.yaml")
    years = tuple(content["years"])
    total = content.get("printed_total")
    return Table(
        name=name,
        label_zh=content["label_zh"],
        label_en=content["label_en"],
        certainty=content["certainty"],
        years=years,
        indicators=tuple(_indicator(key, entry, years) for key, entry in content["indicators"].items()),
        programmes=tuple(_programme(key, entry) for key, entry in content.get("programmes", {}).items()),
        printed_total=None if total is None else _programme("printed_total", {"name_zh": "合计（原文）", "name_en": "total as printed", **total}),
        conflicts=tuple(Conflict(**entry) for entry in content.get("conflicts", [])),
    )


def _indicator(name: str, entry: dict[str, Any], years: tuple[int, ...]) -> Indicator:
    cells, unit, better = entry.get("targets", {}), entry["unit"], entry["better"]
    targets = {year: None if cells.get(year) is None else parsed(cells[year], unit, better) for year in years}
    known = {key: entry[key] for key in ("number", "group_zh", "name_zh", "name_en", "source")}
    return Indicator(name=name, unit=unit, better=better, targets=targets, computed=entry.get("computed"), note=entry.get("note", ""), **known)


def _programme(name: str, entry: dict[str, Any]) -> Programme:
    known = {key: entry.get(key) for key in ("projects", "investment_cny", "energy_saved_tce", "carbon_low_t", "carbon_high_t")}
    return Programme(
        name=name,
        name_zh=entry["name_zh"],
        name_en=entry["name_en"],
        technologies=tuple(entry.get("technologies", ())),
        source=entry["source"],
        items=tuple(_programme(f"{name}.{number}", item) for number, item in enumerate(entry.get("items", ()), start=1)),
        **known,
    )
