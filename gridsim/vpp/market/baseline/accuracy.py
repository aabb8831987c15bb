r"""How well a baseline would have met days on which nothing was called.

Each such day is given a call that never was; the baseline :math:`b` is laid beside the meter :math:`m` in its hours:

.. math:: \text{bias} = \frac{\sum (b - m)}{\sum m}, \qquad \text{RRMSE} = \frac{\sqrt{\overline{(b - m)^2}}}{\overline m}

A bias above 0 pays for response that was not there. The two numbers are those of the California ISO's baseline accuracy work (2017) and of PJM's tests.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridsim.vpp.market.baseline.days import DayTable, day_table
from gridsim.vpp.market.baseline.methods import of_call, without_adjustment
from gridsim.vpp.market.library import baseline_ids, baseline_method

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from gridsim.profiles.time_axis import TimeAxis
    from gridsim.vpp.market.definition import BaselineMethod


@dataclass(frozen=True)
class Accuracy:
    """Errors of one method over all days that it could be tried on."""

    method: BaselineMethod
    adjusted: bool
    """Whether the method's same-day adjustment was on."""
    days: int
    """Days it was tried on."""
    without: int
    """Days on which it found nothing to compare with."""
    mean_mw: float
    """Of the meter in the hours of the call. [MW]"""
    bias_mw: float
    rmse_mw: float

    @property
    def bias_share(self) -> float | None:
        """Bias over the mean; None where nothing was metered."""
        return self.bias_mw / self.mean_mw if self.mean_mw else None

    @property
    def rrmse(self) -> float | None:
        """Root mean square error over the mean; None where nothing was metered."""
        return self.rmse_mw / self.mean_mw if self.mean_mw else None


def accuracy(method: BaselineMethod, table: DayTable, hours: tuple[float, float], *, among: NDArray[np.bool_] | None = None) -> Accuracy:
    """Try one method on days without calls.

    Parameters
    ----------
    table : DayTable
        From `day_table`; its days with calls, and those it bars, are neither tried nor taken.
    hours : (float, float)
        Hours of the day that the tried call begins and ends at. [h]
    among : array of bool, shape (D,), optional
        Days to try; left out, all working days.
    """
    begin, end = (round(hour / table.time.step_hours) for hour in hours)
    steps = np.arange(begin, end)
    tried = (~table.off if among is None else among) & ~table.barred
    found = [(day, of_call(method, table, day, steps)) for day in np.flatnonzero(tried).tolist()]
    errors = np.array([one.mw - table.mw[day, steps] for day, one in found if one is not None]).reshape(-1, steps.size)
    metered = np.array([table.mw[day, steps] for day, one in found if one is not None]).reshape(-1, steps.size)
    if not errors.size:
        return Accuracy(method, method.adjustment.kind != "none", 0, len(found), 0.0, 0.0, 0.0)
    rmse = float(np.sqrt((errors**2).mean()))
    return Accuracy(method, method.adjustment.kind != "none", len(errors), len(found) - len(errors), float(metered.mean()), float(errors.mean()), rmse)


def compare(
    time: TimeAxis,
    metered_mw: NDArray[np.float64],
    hours: tuple[float, float],
    *,
    methods: Iterable[BaselineMethod] | None = None,
    called: NDArray[np.bool_] | None = None,
    days_off: NDArray[np.bool_] | None = None,
    excluded_days: NDArray[np.bool_] | None = None,
    drivers: NDArray[np.float64] | None = None,
) -> tuple[Accuracy, ...]:
    """Try all methods, those with an adjustment also without it, on the days for which each finds all the days it asks for; the best first.

    Parameters as in `day_table` and `accuracy`.
    """
    table = day_table(time, metered_mw, called, days_off=days_off, excluded_days=excluded_days, drivers=drivers)
    chosen = [baseline_method(name) for name in baseline_ids()] if methods is None else list(methods)
    chosen += [without_adjustment(method) for method in chosen if method.adjustment.kind != "none"]
    steps = np.arange(*(round(hour / time.step_hours) for hour in hours))
    tried = ~table.off & ~table.barred
    for method in chosen:
        for day in np.flatnonzero(tried).tolist():
            one = of_call(method, table, day, steps)
            tried[day] = one is not None and (method.kind != "days" or len(one.days) == method.take_days)
    found = [accuracy(method, table, hours, among=tried) for method in chosen]
    return tuple(sorted(found, key=lambda one: one.rmse_mw))
