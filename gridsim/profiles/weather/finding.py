"""What was noticed about a series: the rows of import notes and of quality reports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["ok", "note", "warning", "fault"]
"""``ok`` nothing to see; ``note`` worth knowing; ``warning`` look at it before use; ``fault`` do not use it so."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: what it was, what came out, and what to do about it."""

    check: str
    """Short name of the check, such as ``gaps`` or ``solar_noon``."""
    severity: Severity
    found: str
    remedy: str = ""
    count: int = 0
    """Steps it concerns."""
    first: str = ""
    """Label of the first step it concerns, such as ``2020-01-03 04:00``."""

    def __str__(self) -> str:
        place = f" (first {self.first})" if self.first else ""
        return f"{self.check}: {self.severity}: {self.found}{place}" + (f"\n      -> {self.remedy}" if self.remedy else "")


def label(stamp: object) -> str:
    """Label of a step as findings and problems write it: to the minute, without its zone."""
    return str(stamp)[:16].replace("T", " ")
