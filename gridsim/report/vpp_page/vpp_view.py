"""A virtual power plant's document as page and sheets see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.report.numbers import SPACE, number, unit_of
from gridsim.report.timeline import Timeline
from gridsim.report.words import Words

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Row = dict[str, Any]
    Floats = NDArray[np.float64]

DIGITS = 5
"""Of numbers in figures."""


@dataclass(frozen=True, eq=False)
class VppView(Timeline):
    """One virtual power plant in one language."""

    document: Row
    """``vpp.json``: ``park``, ``versions``, ``seconds``, ``figures`` and ``record`` by part."""
    hourly: Mapping[str, Floats]
    """Columns of ``vpp_hourly.parquet``, each of shape (T,)."""
    words: Words

    @cached_property
    def stamps(self) -> NDArray[np.datetime64]:
        """Start of each step, without a time zone. Shape (T,)."""
        park = self.document["park"]
        return np.datetime64(park["start"], "m") + np.arange(park["steps"]) * np.timedelta64(park["step_minutes"], "m")

    @property
    def step_hours(self) -> float:
        """Hours of one step. [h]"""
        return float(self.document["park"]["step_minutes"]) / 60.0

    @property
    def record(self) -> Row:
        """What was found, by part."""
        found: Row = self.document["record"]
        return found

    def part(self, name: str) -> Any:
        """Return the record of a part; None where it was not asked for."""
        return self.record.get(name)

    def label(self, name: str) -> str:
        """What a technology is called; the name stands beside a label that several have."""
        labels = self.document["park"]["labels"]
        shared = list(labels.values()).count(labels.get(name)) > 1
        return f"{labels[name]} ({name})" if shared else labels.get(name, name)

    def stamp(self, step: int) -> str:
        """Start of a step as text."""
        return str(self.stamps[step]).replace("T", " ")

    def hours_text(self, hours: float) -> str:
        """Return a duration with its unit."""
        return f"{hours:g}{SPACE}h"


def floats(values: ArrayLike) -> Floats:
    """Return numbers of a record; None becomes not a number."""
    return np.array(values, dtype=float) + 0.0


def listed(values: ArrayLike) -> list[Any]:
    """Return numbers as a figure takes them: few digits, None for what is not a number, lists in lists where there are several dimensions."""
    array = floats(values)
    if array.ndim > 1:
        return [listed(row) for row in array]
    return [float(f"{value:.{DIGITS}g}") if np.isfinite(value) else None for value in array]


def shown(value: float | None) -> str:
    """Return a number as text; a dash for what is none."""
    return number(float("nan") if value is None else value)


def unit(key: str) -> str:
    """Return the unit of a figure of the document.

    Examples
    --------
    >>> unit("operation.regret_cny"), unit("islanding.hours_median"), unit("seconds.lowest_nadir_hz_of_islands_kept"), unit("islanding.share_24h")
    ('CNY', 'h', 'Hz', '1')
    """
    last = key.rpartition(".")[2]
    if "_hz" in last:
        return "Hz"
    return "h" if last.startswith("hours_") else unit_of(last)
