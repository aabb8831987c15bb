"""What a park file says about its envelope of flexibility: ``vpp: {envelope: …}``."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gridsim.park.definition import Definition

DurationHours = Annotated[float, Field(gt=0, le=168)]


class EnvelopeSection(Definition):
    """How long calls last, and how soon the park is back."""

    durations_hours: Annotated[list[DurationHours], Field(min_length=1)] = Field(default_factory=lambda: [1.0, 2.0, 4.0, 8.0])
    """Lengths of calls that are looked at. [h]"""
    recovery_hours: Annotated[float, Field(ge=0, le=744)] = 24.0
    """After the end of a call, until stores, owed load and quotas are where they would have been without it. [h]"""
    every_hours: Annotated[float, Field(gt=0, le=168)] = 1.0
    """From one start of a call to the next that is looked at. [h]"""
    firm_share: Annotated[float, Field(gt=0, le=1)] = 0.95
    """Share of hours in which what is called firm can be given at least. [1]"""
    wires: bool = True
    """Whether the park's network, where it has one, must carry every call and its recovery; that takes some three times as long."""
    note: str = ""
