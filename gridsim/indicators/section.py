"""What a park file says about indicators: ``indicators:``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gridsim.park.definition import Definition

Certainty = Literal["V1", "V2", "C", "M", "M?", "A", "X"]


class Declared(Definition):
    """A value that the simulation cannot know; shares are 0..1 where the table prints percent."""

    value: float
    source: str
    certainty: Certainty = "A"


class ValueAdded(Definition):
    """Industrial value added (工业增加值) of a year."""

    value_10k_cny: Annotated[float, Field(gt=0)]
    """[万元, 10,000 CNY]"""
    source: str
    certainty: Certainty = "A"


class IndicatorsSection(Definition):
    """Which indicator tables a park reports, and the inputs they need."""

    tables: list[str] = Field(default_factory=list)
    """Names of ``gridsim/data/indicators/*.yaml``."""
    target_year: Annotated[int, Field(ge=1990, le=2100)] | None = None
    """Column of the tables that the park is measured against; left out, the last one."""
    value_added: ValueAdded | None = None
    declared: dict[str, Declared] = Field(default_factory=dict)
    """Values by the names of the tables' rows."""
    targets: dict[str, str] = Field(default_factory=dict)
    """The park's own targets, by the names of rows that have none, as a table prints them: ``">25"``."""
    note: str = ""
