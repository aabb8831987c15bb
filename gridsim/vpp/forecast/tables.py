"""Forecasts as arrays: one row an issue, one column a step of the horizon."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def target_steps(issue_step: NDArray[np.int64], horizon_steps: int) -> NDArray[np.int64]:
    """Step that column h of each issue is for, issue + h. Shape (K, H).

    Examples
    --------
    >>> target_steps(np.array([0, 6]), 3).tolist()
    [[0, 1, 2], [6, 7, 8]]
    """
    steps: NDArray[np.int64] = np.asarray(issue_step, dtype=np.int64)[:, None] + np.arange(horizon_steps)
    return steps


def looked_up(series: NDArray[np.float64], steps: NDArray[np.int64]) -> NDArray[np.float64]:
    """Values of a series at some steps, not a number before its begin and beyond its end. Shape as ``steps``."""
    inside = (steps >= 0) & (steps < series.size)
    values: NDArray[np.float64] = np.where(inside, series[np.clip(steps, 0, series.size - 1)], np.nan)
    return values


@dataclass(frozen=True, eq=False)
class ForecastTable:
    """Point forecasts. An issue is known at the start of its step, when what happened up to the step before is known and nothing of its own."""

    issue_step: NDArray[np.int64]
    """Steps of the park's time axis. Shape (K,)."""
    values: dict[str, NDArray[np.float64]]
    """By profile, in the profile's own unit; column h is for step issue + h, not a number beyond the end of the series. Shape (K, H)."""
    notes: tuple[str, ...] = ()
    """What was filled, and by what."""

    def __post_init__(self) -> None:
        """Refuse arrays that do not fit together."""
        shapes = {name: values.shape for name, values in self.values.items()}
        if any(len(shape) != 2 or shape[0] != self.issue_step.size for shape in shapes.values()) or len(set(shapes.values())) > 1:
            raise ValueError(f"{self.issue_step.size} issues, and series of the shapes {shapes}")

    @property
    def horizon_steps(self) -> int:
        """Columns of each series, H."""
        return next((values.shape[1] for values in self.values.values()), 0)

    @property
    def target_step(self) -> NDArray[np.int64]:
        """Step each value is for. Shape (K, H)."""
        return target_steps(self.issue_step, self.horizon_steps)

    def series(self, name: str) -> NDArray[np.float64]:
        """Forecasts of one series. Shape (K, H)."""
        return self.values[name]

    def at(self, k: int) -> dict[str, NDArray[np.float64]]:
        """The k-th issue, by series. Shape (H,) each."""
        return {name: values[k] for name, values in self.values.items()}


@dataclass(frozen=True, eq=False)
class EnsembleTable:
    """Forecasts as M paths that are equally likely; otherwise as a `ForecastTable`."""

    issue_step: NDArray[np.int64]
    values: dict[str, NDArray[np.float64]]
    """Shape (K, M, H)."""
    notes: tuple[str, ...] = ()

    def mean(self) -> ForecastTable:
        """The mean of the members."""
        return ForecastTable(self.issue_step, {name: values.mean(axis=1) for name, values in self.values.items()}, self.notes)

    def member(self, m: int) -> ForecastTable:
        """One path of each issue; the m-th members of all series belong together."""
        return ForecastTable(self.issue_step, {name: values[:, m] for name, values in self.values.items()}, self.notes)
