"""Checks of ``vpp.operation:``; each yields (path, finding, remedy)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gridsim.errors import quoted

if TYPE_CHECKING:
    from gridsim.park.park import Park
    from gridsim.vpp.rolling.section import OperationSection

Finding = tuple[str, str, str]


def operation_findings(section: OperationSection, park: Park) -> Iterator[Finding]:
    """A plan must reach the next one; intervals are whole steps that fit into each other; the other year must be there."""
    if section.horizon_hours < section.every_hours:
        yield "vpp.operation.horizon_hours", f"{section.horizon_hours:g} is shorter than every_hours {section.every_hours:g}", "a plan must reach the next one"
    step = park.time.step_hours
    for field in ("horizon_hours", "every_hours", "forecast_every_hours"):
        hours = getattr(section, field)
        if abs(hours / step - round(hours / step)) > 1e-9:
            yield f"vpp.operation.{field}", f"{hours:g} h are not whole steps of {step:g} h", f"give a multiple of {step:g}"
    parts = section.every_hours / section.forecast_every_hours
    if abs(parts - round(parts)) > 1e-9:
        found = f"{section.forecast_every_hours:g} does not go into every_hours {section.every_hours:g}"
        yield "vpp.operation.forecast_every_hours", found, "each plan needs a forecast of its own hour"
    if section.plan_profile_set is not None and not (park.folder / section.plan_profile_set).is_dir():
        yield "vpp.operation.plan_profile_set", f"{quoted(section.plan_profile_set)} is not a folder", "give the folder that holds profiles.yaml"
