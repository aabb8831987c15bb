"""The error model from a table of past forecasts: growth by lead, and how long errors last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridsim.profiles.persistence import smooth_autocorrelation
from gridsim.vpp.forecast.calendar import envelope, steps_of_day
from gridsim.vpp.forecast.climate import CLEAR_SKY_DAYS
from gridsim.vpp.forecast.evolution import roots_of
from gridsim.vpp.forecast.growth import ErrorGrowth
from gridsim.vpp.forecast.scores import scores
from gridsim.vpp.forecast.shipped import shipped_growth

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gridsim.profiles.time_axis import TimeAxis
    from gridsim.vpp.forecast.growth import Per
    from gridsim.vpp.forecast.kinds import Kind
    from gridsim.vpp.forecast.tables import ForecastTable

LEAD_HOURS = (1.0, 2.0, 4.0, 8.0, 12.0, 24.0, 36.0, 48.0, 72.0, 120.0, 168.0)
"""Leads at which the growth is estimated, as far as the table reaches. [h]"""


@dataclass(frozen=True, eq=False)
class Calibration:
    """An error model, and what it was estimated from."""

    growth: ErrorGrowth
    """For `KindForecast`: lead_hours, error, per (capacity of wind and sun, mean of load and price), memory_hours."""
    bias: NDArray[np.float64]
    """Mean of forecast minus actual value at each lead of the growth: the model has none; correct the forecasts for it. Share of ``per``. [1]"""
    count: NDArray[np.int64]
    """Pairs of forecast and actual value at each lead."""
    memory_found: bool
    """False where the table has no two issues about the same hours, and the shipped memory stands in."""


def calibrated(
    history: ForecastTable, actual: NDArray[np.float64], name: str, *, kind: Kind, time: TimeAxis, lead_hours: Sequence[float] = LEAD_HOURS
) -> Calibration:
    """Estimate the growth of the error by lead from a table of past forecasts and what happened.

    The error at each lead is the root mean square over all issues (sunlit steps for the sun), made to rise by pooling neighbours that fall. The memory is
    that whose smooth autocorrelation equals the correlation of neighbouring columns in the updates from one issue to the next, as far as bounds do not hide
    it (the sun's comes out shorter). Correlation between series stays the shipped one.
    """
    shipped = shipped_growth(kind)
    per: Per = "capacity" if kind in ("wind", "solar") else "mean"
    norm = float(np.mean(np.abs(actual))) if per == "mean" else 1.0
    counted = envelope(actual, steps_of_day(time), CLEAR_SKY_DAYS, CLEAR_SKY_DAYS) > 0 if kind == "solar" else None
    found = scores(history, actual, name, step_hours=time.step_hours, norm=norm, counted=counted)
    columns = [round(lead / time.step_hours) - 1 for lead in lead_hours if time.step_hours - 1e-9 <= lead <= found.lead_hours[-1] + 1e-9]
    columns = [column for column in dict.fromkeys(columns) if found.count[column] > 0]
    if not columns:
        raise ValueError(f"the table of '{name}' holds no forecast of what happened at the leads {list(lead_hours)} h")
    error = np.sqrt(_rising(found.nrmse[columns] ** 2, found.count[columns].astype(float)))
    memory = _memory_hours(history.values[name], history.issue_step, time.step_hours)
    growth = ErrorGrowth(
        tuple(float(lead) for lead in found.lead_hours[columns]),
        tuple(float(value) for value in error),
        per,
        shipped.memory_hours if memory is None else memory,
        shipped.shared,
    )
    return Calibration(growth, found.bias[columns] / norm, found.count[columns], memory is not None)


def _rising(values: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Nearest series that never falls, by least weighted squares: neighbours that fall are pooled."""
    pools: list[list[float]] = []
    for value, weight in zip(values, weights, strict=True):
        pools.append([float(value), float(weight), 1])
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            value_2, weight_2, count_2 = pools.pop()
            value_1, weight_1, count_1 = pools.pop()
            weight_both = weight_1 + weight_2
            pools.append([(value_1 * weight_1 + value_2 * weight_2) / weight_both, weight_both, count_1 + count_2])
    return np.concatenate([np.full(int(count), value) for value, _, count in pools])


def _memory_hours(values: NDArray[np.float64], issue: NDArray[np.int64], step_hours: float) -> float | None:
    """Memory whose autocorrelation at one step is that of the updates between successive issues; None where no two issues overlap in two steps."""
    alike, count = 0.0, 0
    for gap in np.unique(np.diff(issue)):
        rows = np.flatnonzero(np.diff(issue) == gap)
        if gap > values.shape[1] - 2:
            continue
        update = values[rows + 1, : -int(gap)] - values[rows, int(gap) :]
        left, right = update[:, :-1], update[:, 1:]
        both = ~np.isnan(left) & ~np.isnan(right)
        product = np.where(both, left * right, 0.0).sum(axis=0)
        size = np.sqrt(np.where(both, left**2, 0.0).sum(axis=0) * np.where(both, right**2, 0.0).sum(axis=0))
        found = size > 0
        alike += float((both.sum(axis=0)[found] * product[found] / size[found]).sum())
        count += int(both.sum(axis=0)[found].sum())
    if count == 0:
        return None
    memories = np.geomspace(0.1, 200.0, 400)
    one = np.array([float(smooth_autocorrelation(np.array([1.0]), *roots_of(memory))[0]) for memory in memories])
    return float(np.interp(alike / count, one, memories)) * step_hours
