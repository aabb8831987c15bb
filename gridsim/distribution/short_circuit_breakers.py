"""Breakers by voltage level: ``gridsim/data/breakers.csv``, and a park's own in a file of the same name in its ``distribution`` folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from gridsim.distribution.tables.reading import TableKind, read_rows
from gridsim.distribution.tables.standard_types import DATA, Certainty, _quantity
from gridsim.errors import DefinitionError, Problem
from gridsim.park.definition import Definition
from gridsim.park.files import shown

BREAKERS_FILE = "breakers.csv"

MAKING_OVER_BREAKING = 2.5
"""Peak that a breaker closes onto over the current that it breaks, at 50 Hz and a time constant of 45 ms: IEC 62271-100 (recalled, M). [1]"""

SAME_LEVEL = 0.1
"""A breaker stands for the buses whose nominal voltage is within this share of its own. [1]"""


class Breaker(Definition):
    """The breakers of a voltage level."""

    name: Annotated[str, Field(min_length=1)]
    voltage_kv: Annotated[float, _quantity("kV", gt=0, le=1200)]
    """Nominal voltage of the level. [kV]"""
    breaking_ka: Annotated[float, _quantity("kA", gt=0, le=200)]
    """Rated short-circuit breaking current, its alternating part. [kA]"""
    making_ka: Annotated[float, _quantity("kA", gt=0, le=500)] | None = None
    """Rated making current, a peak; left out, 2.5 times the breaking current. [kA]"""
    source: Annotated[str, Field(min_length=3)]
    """Where the numbers come from."""
    certainty: Certainty

    @property
    def peak_ka(self) -> float:
        """Rated making current. [kA]"""
        return MAKING_OVER_BREAKING * self.breaking_ka if self.making_ka is None else self.making_ka


def breakers_of(folder: Path | None = None) -> tuple[Breaker, ...]:
    """Read the shipped breakers, with those of a park's ``distribution`` folder before the shipped ones of the same level.

    Raises
    ------
    DefinitionError
        With all problems of the park's file.
    """
    problems: list[Problem] = []
    kind = TableKind(BREAKERS_FILE, Breaker, required=False)
    own = [] if folder is None else [placed.row for placed in read_rows(folder, kind, problems).rows]
    shipped = [placed.row for placed in read_rows(DATA, kind, problems).rows]
    if problems:
        raise DefinitionError(shown(folder or DATA), problems)
    return (*own, *shipped)


def breaker_at(breakers: tuple[Breaker, ...], voltage_kv: float) -> Breaker | None:
    """Return the breaker of a bus of this voltage: of the nearest level, the first of equally near ones."""
    near = [breaker for breaker in breakers if abs(breaker.voltage_kv / voltage_kv - 1.0) <= SAME_LEVEL]
    return min(near, key=lambda breaker: abs(breaker.voltage_kv - voltage_kv), default=None)
