"""Checks of ``vpp: {envelope: …}`` against the park; each yields (path, finding, remedy)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gridsim.park.park import Park
    from gridsim.vpp.envelope.section import EnvelopeSection

Finding = tuple[str, str, str]


def envelope_findings(section: EnvelopeSection, park: Park) -> Iterator[Finding]:
    """Durations are whole steps, each once, and shorter than the park's time; there is a connection to give something at."""
    step = park.time.step_hours
    hours = (park.time.whole_steps or park.time.steps) * step  # a command that runs less may not even look at the envelope
    for number, duration in enumerate(section.durations_hours):
        path = f"vpp.envelope.durations_hours.{number}"
        if abs(duration / step - round(duration / step)) > 1e-9:
            yield path, f"{duration:g} h is no whole number of steps", f"the park has steps of {park.time.step_minutes} minutes; give a multiple of {step:g} h"
        if duration > hours:
            yield path, f"{duration:g} h is longer than the {hours:g} h that are run", "shorten it, or run more hours"
        if duration in section.durations_hours[:number]:
            yield path, f"{duration:g} h stands here twice", "remove one"
    if abs(section.recovery_hours / step - round(section.recovery_hours / step)) > 1e-9:
        found = f"{section.recovery_hours:g} h is no whole number of steps"
        yield "vpp.envelope.recovery_hours", found, f"the park has steps of {park.time.step_minutes} minutes; give a multiple of {step:g} h"
    if not any(technology.type == "grid_connection" for technology in park.technologies.values()):
        yield (
            "vpp.envelope",
            "the park has no grid connection at which anything could be given",
            "add a technology of type grid_connection, or remove the envelope",
        )
