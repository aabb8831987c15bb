r"""Baselines of calls, by the methods of ``gridsim/data/markets/baselines``.

With :math:`m_{d,s}` the meter on day :math:`d` in step :math:`s`, :math:`D_e` the days chosen for a call on day :math:`e`, and :math:`W` the window of
the adjustment,

.. math:: b_s = \frac{1}{|D_e|} \sum_{d \in D_e} m_{d,s}, \qquad
          b'_s = b_s + (\bar m_{e,W} - \bar b_W) \quad\text{or}\quad b'_s = b_s\, \bar m_{e,W} / \bar b_W

with the move held within the cap. A regression fits, for each step of the day apart, :math:`m_{d,s} = \beta_0 + \beta_1 o_d + \sum_k \gamma_k x_{d,s,k}` by
least squares, :math:`o` being 1 on days off.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridsim.errors import DefinitionError, Problem
from gridsim.vpp.market.baseline.days import DayTable, day_table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.profiles.time_axis import TimeAxis
    from gridsim.vpp.market.definition import Adjustment, BaselineMethod


@dataclass(frozen=True)
class CallBaseline:
    """The baseline of one call."""

    day: int
    """Day of the call, from 0."""
    steps: NDArray[np.int64]
    """Steps of the day within the call. Shape (n,)."""
    mw: NDArray[np.float64]
    """What would have been drawn. Shape (n,). [MW]"""
    days: tuple[int, ...] = ()
    """Days it was taken from."""
    moved_mw: float = 0.0
    """Mean move by the same-day adjustment. [MW]"""
    adjusted: bool = True
    """False where the method adjusts, and the day had no hours to do it by."""


@dataclass(frozen=True)
class Baseline:
    """Baselines of all calls."""

    method: BaselineMethod
    mw: NDArray[np.float64]
    """Within calls the baseline, elsewhere the meter. Shape (T,). [MW]"""
    calls: tuple[CallBaseline, ...]


def baseline(
    method: BaselineMethod,
    time: TimeAxis,
    metered_mw: NDArray[np.float64],
    called: NDArray[np.bool_],
    *,
    days_off: NDArray[np.bool_] | None = None,
    excluded_days: NDArray[np.bool_] | None = None,
    drivers: NDArray[np.float64] | None = None,
) -> Baseline:
    """Say what would have been drawn without the calls; parameters as in `gridsim.vpp.market.baseline.days.day_table`.

    A call that runs over midnight is two. Days with a call, days off where the method says so, and days that are cut short are never taken.

    Raises
    ------
    DefinitionError
        For all calls at once that have too few days before them.
    """
    table = day_table(time, metered_mw, called, days_off=days_off, excluded_days=excluded_days, drivers=drivers)
    found, problems = [], []
    for day, steps in _calls(table):
        one = of_call(method, table, day, steps)
        if one is None:
            label = time.label(int(np.argmax(time.day == day)))[:10]
            problems.append(
                Problem(f"the call on {label}", f"{method.id} finds no day to compare it with", "begin earlier, or take another method of baseline")
            )
        else:
            found.append(one)
    if problems:
        raise DefinitionError("the baseline", problems)
    laid = table.mw.copy()
    for one in found:
        laid[one.day, one.steps] = one.mw
    return Baseline(method, table.flat(laid), tuple(found))


def without_adjustment(method: BaselineMethod) -> BaselineMethod:
    """Return a method without its same-day adjustment."""
    from gridsim.vpp.market.definition import Adjustment

    return method.model_copy(update={"adjustment": Adjustment(kind="none")})


def of_call(method: BaselineMethod, table: DayTable, day: int, steps: NDArray[np.int64]) -> CallBaseline | None:
    """Return the baseline of one call, or None where there is nothing to compare it with."""
    if method.kind == "same_day":
        return _same_day(method, table, day, steps)
    if method.kind == "regression":
        return _regression(method, table, day, steps)
    found = _candidates(method, table, day, steps)
    chosen = _most_alike(method, table, day, steps, found) if method.kind == "match_day" else _highest(method, table, steps, found)
    if not chosen.size:
        return None
    profile = table.mw[chosen].mean(axis=0)
    moved, adjusted = _adjusted(method.adjustment, table, day, steps, profile)
    return CallBaseline(day, steps, moved, tuple(chosen.tolist()), float((moved - profile[steps]).mean()), adjusted)


def _calls(table: DayTable) -> list[tuple[int, NDArray[np.int64]]]:
    """Unbroken calls as day and steps."""
    found = []
    for day in np.flatnonzero(table.called.any(axis=1)).tolist():
        steps = np.flatnonzero(table.called[day])
        found += [(day, part) for part in np.split(steps, np.flatnonzero(np.diff(steps) > 1) + 1)]
    return found


def _candidates(method: BaselineMethod, table: DayTable, day: int, steps: NDArray[np.int64]) -> NDArray[np.int64]:
    """Days to choose from, the latest first."""
    last = day - method.skip_days
    days = np.arange(last - 1, max(last - method.lookback_days, 0) - 1, -1)
    fits = ~table.barred[days]
    if method.working_days_only:
        fits &= ~table.off[days]
    elif method.same_day_type:
        fits &= table.off[days] == table.off[day]
    days = days[fits]
    if method.kind == "match_day":
        return days
    found = days[: method.of_days]
    if method.low_day_share is not None and found.size:
        means = table.mw[days][:, steps].mean(axis=1)
        low = means < method.low_day_share * means[: found.size].mean()
        found = days[~low][: method.of_days]
    return found


def _highest(method: BaselineMethod, table: DayTable, steps: NDArray[np.int64], days: NDArray[np.int64]) -> NDArray[np.int64]:
    load = table.mw[days] if method.ranked_by == "day" else table.mw[days][:, steps]
    return days[np.argsort(-load.mean(axis=1), kind="stable")[: method.take_days]] if days.size else days


def _most_alike(method: BaselineMethod, table: DayTable, day: int, steps: NDArray[np.int64], days: NDArray[np.int64]) -> NDArray[np.int64]:
    outside = ~np.isnan(table.mw[day]) & ~table.called[day]
    outside[max(0, steps[0] - table.length(method.before_gap_hours)) : steps[-1] + 1 + table.length(method.after_gap_hours)] = False
    if not outside.any():
        return days[:0]
    difference = ((table.mw[days][:, outside] - table.mw[day, outside]) ** 2).mean(axis=1)
    return days[np.argsort(difference, kind="stable")[: method.take_days]]


def _adjusted(rule: Adjustment, table: DayTable, day: int, steps: NDArray[np.int64], profile: NDArray[np.float64]) -> tuple[NDArray[np.float64], bool]:
    base = profile[steps]
    if rule.kind == "none":
        return base, True
    last = steps[0] - table.length(rule.gap_hours)
    window = np.arange(last - table.length(rule.window_hours), last)
    if window[0] < 0 or (table.called[day, window] | np.isnan(table.mw[day, window])).any():
        return base, False
    metered, expected = table.mw[day, window].mean(), profile[window].mean()
    move = metered - expected
    if rule.cap_share is not None:
        move = np.clip(move, -rule.cap_share * abs(expected), rule.cap_share * abs(expected))
    if rule.only_up:
        move = max(move, 0.0)
    if rule.kind == "additive":
        return base + move, True
    return (base * (1.0 + move / expected), True) if expected > 0 else (base, False)


def _same_day(method: BaselineMethod, table: DayTable, day: int, steps: NDArray[np.int64]) -> CallBaseline | None:
    """Mean of the meter around the call; the windows may lie in the day before or after."""
    size = table.mw.shape[1]
    meter, free = table.mw.ravel(), ~table.called.ravel() & ~np.isnan(table.mw.ravel())
    first, last = day * size + steps[0] - table.length(method.before_gap_hours), day * size + steps[-1] + 1 + table.length(method.after_gap_hours)
    before = np.arange(first - table.length(method.before_hours), first)
    after = np.arange(last, last + table.length(method.after_hours))
    window = np.concatenate([before, after])
    window = window[(window >= 0) & (window < meter.size)]
    window = window[free[window]]
    if not window.size:
        return None
    return CallBaseline(day, steps, np.full(steps.size, meter[window].mean()), (day,))


def _regression(method: BaselineMethod, table: DayTable, day: int, steps: NDArray[np.int64]) -> CallBaseline | None:
    last = day - method.skip_days
    days = np.arange(last - 1, max(last - method.lookback_days, 0) - 1, -1)
    days = days[~table.barred[days]][: method.of_days]
    if days.size <= table.drivers.shape[2] + 2:
        return None

    def matrix(chosen: NDArray[np.int64]) -> NDArray[np.float64]:
        leans = table.drivers[chosen][:, steps]
        off = np.broadcast_to(table.off[chosen][:, None, None].astype(float), (*leans.shape[:2], 1))
        return np.concatenate([np.ones_like(off), off, leans], axis=2).swapaxes(0, 1)

    weights = np.linalg.pinv(matrix(days)) @ table.mw[days][:, steps].T[..., None]
    mw = (matrix(np.array([day])) @ weights)[:, 0, 0]
    if np.nanmin(table.mw) >= 0.0:  # an import; a straight line may run below what a meter can show
        mw = np.maximum(mw, 0.0)
    return CallBaseline(day, steps, mw, tuple(days.tolist()))
