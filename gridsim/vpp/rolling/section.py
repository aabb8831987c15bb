"""What a park file says about how it is operated: ``vpp.operation:``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gridsim.park.definition import Definition

PlanHours = Annotated[float, Field(gt=0, le=744)]


class OperationSection(Definition):
    """How far plans look, how often they are made, and what their maker knows."""

    level: Literal["linear", "mixed_integer"] = "linear"
    """Whether modules and machines are committed in whole numbers."""
    horizon_hours: PlanHours = 48.0
    every_hours: PlanHours = 24.0
    """From one plan, which commits modules and machines, to the next. [h]"""
    forecast_every_hours: PlanHours = 6.0
    """From one issue of forecasts to the next, each of which lets the rest of a plan be dispatched again. [h]"""
    seed: Annotated[int, Field(ge=0)] = 1
    """Chance of the forecasts' errors."""
    plan_profile_set: str | None = None
    """Folder of the profiles whose year gives stores their worth, relative to the park's folder; left out, the park's own year, which the operator then
    knows in this one respect."""
    wires: bool = True
    """Whether the operated year goes through the park's distribution network, where it has one, and is operated again within its limits where it left them."""
    note: str = ""
