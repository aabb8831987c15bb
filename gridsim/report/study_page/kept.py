"""The dispatch that a study keeps of a scenario: every step's supply and use by type of technology, read back from its file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from gridsim.report.balance import Part
from gridsim.report.timeline import Timeline

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    from numpy.typing import NDArray


FOLDER = "dispatch"
"""In the folder of a study; one file a scenario, ``<scenario>.parquet``."""
SUPPLY, USE, CURTAILED = "supply:", "use:", "curtailed"
"""Columns of power [MW]: ``supply:wind``, ``use:load``, ``curtailed``."""
STEP_KEY = b"gridsim.step_minutes"
MOST = 40
"""Scenarios whose dispatch a page shows; more would make it too large to send."""


@dataclass(frozen=True, eq=False)
class Kept(Timeline):
    """One scenario's dispatch."""

    table: pd.DataFrame
    """A row a step, by the start of each. [MW]"""
    step_minutes: float

    @cached_property
    def stamps(self) -> NDArray[np.datetime64]:
        """Start of each step. Shape (T,)."""
        return self.table.index.to_numpy().astype("datetime64[m]")

    @property
    def step_hours(self) -> float:
        """Hours of one step. [h]"""
        return self.step_minutes / 60.0

    def parts(self, side: str) -> list[Part]:
        """Return the layers of ``supply:`` or ``use:`` in the order in which they are stacked."""
        return [Part(column[len(side) :], self.power(column)) for column in self.table if column.startswith(side)]

    def power(self, column: str) -> NDArray[np.float64]:
        """Return a column; zeros where the scenario has none. Shape (T,). [MW]"""
        return self.table[column].to_numpy(dtype=float) if column in self.table else np.zeros(self.steps)

    @cached_property
    def available_mw(self) -> NDArray[np.float64]:
        """What wind and sun could give. Shape (T,). [MW]"""
        return self.power(f"{SUPPLY}wind") + self.power(f"{SUPPLY}solar") + self.power(CURTAILED)

    def monthly(self, power: NDArray[np.float64]) -> NDArray[np.float64]:
        """Energy of each month. Shape (months,). [MWh]"""
        return np.asarray(np.bincount(self.month, weights=power, minlength=len(self.months)) * self.step_hours, dtype=np.float64)


def read_kept(folder: Path, scenarios: Sequence[str]) -> dict[str, Kept]:
    """Return the dispatch of those scenarios whose file is there and whole."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    found = {}
    for scenario in scenarios:
        path = folder / FOLDER / f"{scenario}.parquet"
        if not path.exists():
            continue
        try:
            table = pq.read_table(path)
            minutes = float(json.loads((table.schema.metadata or {})[STEP_KEY]))
        except (OSError, KeyError, ValueError, pa.ArrowException):
            continue
        found[scenario] = Kept(table.to_pandas(), minutes)
    return found


def comparable(kept: Sequence[Kept]) -> list[int]:
    """Return the places of those that have the steps of the first, so that the same weeks of all can be shown."""
    return [place for place, one in enumerate(kept) if one.steps == kept[0].steps and one.step_minutes == kept[0].step_minutes]


def few_of(scenarios: Sequence[int], cheapest: int | None) -> list[int]:
    """Return at most `MOST` scenarios, spread evenly, the cheapest first."""
    others = [index for index in scenarios if index != cheapest]
    first = [cheapest] if cheapest is not None and len(others) < len(scenarios) else []
    room = MOST - len(first)
    if len(others) > room:
        others = [others[place] for place in np.linspace(0, len(others) - 1, room).round().astype(int)]
    return [*first, *others]


@dataclass(frozen=True)
class Week:
    """Steps ``first`` … ``last − 1``, and the season that they stand for; ``whole`` where the horizon has no full week."""

    season: str
    first: int
    last: int


SEASONS = {"winter": (12, 1, 2), "spring": (3, 4, 5), "summer": (6, 7, 8), "autumn": (9, 10, 11)}


def typical_weeks(kept: Kept) -> list[Week]:
    """Return a week of each season: of those from midnight to midnight the one whose wind and sun come nearest to the season's mean."""
    length = round(168 / kept.step_hours)
    starts = np.flatnonzero(kept.stamps == kept.stamps.astype("datetime64[D]"))
    starts = starts[starts + length <= kept.steps]
    if not starts.size:
        return [Week("whole", 0, kept.steps)]
    months = kept.stamps.astype("datetime64[M]").astype(np.int64) % 12 + 1
    sums = np.concatenate([[0.0], np.cumsum(kept.available_mw)])
    weeks = []
    for season, members in SEASONS.items():
        inside = np.isin(months, members)
        within = starts[inside[starts] & inside[starts + length - 1]]
        if within.size:
            means = (sums[within + length] - sums[within]) / length
            first = int(within[np.abs(means - kept.available_mw[inside].mean()).argmin()])
            weeks.append(Week(season, first, first + length))
    return weeks or [Week("whole", int(starts[0]), int(starts[0]) + length)]
