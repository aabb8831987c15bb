"""Numbers to judge a load year by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridsim.profiles.loads.series import whole_years

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.profiles.loads.series import LoadSeries

WINTER, SUMMER = (12, 1, 2), (6, 7, 8)


def plausibility(load: LoadSeries) -> dict[str, float]:
    """Return what an engineer looks at first, for whole calendar years.

    Returns
    -------
    dict of float
        ``load_factor``, ``least_over_peak``; ``ramp_99_per_step`` and ``ramp_99_per_hour``: 99th percentile of the change from step to step
        and from hour to hour, over the peak of the same steps; ``weekend_over_weekday``, ``holiday_over_weekday`` (means of days without
        holidays and worked weekends, and of holidays), ``night_over_day`` (22–06 over 08–18 h), ``winter_over_summer`` (December to February
        over June to August); ``power_factor`` of the year's energies. NaN where there is nothing to compare. [1]
    """
    power, axis = load.power_mw, load.time
    years = whole_years(axis)
    days = power.reshape(-1, 1440 // axis.step_minutes).mean(axis=1)
    holiday = np.concatenate([year.is_holiday for year in years])
    worked = np.concatenate([year.is_worked_weekend for year in years])
    weekend = np.concatenate([year.weekday for year in years]) >= 5
    weekday_mean = _mean(days, ~weekend & ~holiday)
    hourly = power.reshape(-1, 60 // axis.step_minutes).mean(axis=1)
    hour, month = axis.hour_of_day, axis.month
    figures = {
        "load_factor": load.load_factor,
        "least_over_peak": float(power.min() / power.max()),
        "ramp_99_per_step": _ramp_99(power),
        "ramp_99_per_hour": _ramp_99(hourly),
        "weekend_over_weekday": _ratio(_mean(days, weekend & ~holiday & ~worked), weekday_mean),
        "holiday_over_weekday": _ratio(_mean(days, holiday), weekday_mean),
        "night_over_day": _ratio(_mean(power, (hour >= 22) | (hour < 6)), _mean(power, (hour >= 8) & (hour < 18))),
        "winter_over_summer": _ratio(_mean(power, np.isin(month, WINTER)), _mean(power, np.isin(month, SUMMER))),
        "power_factor": float("nan"),
    }
    if load.reactive_mvar is not None:
        figures["power_factor"] = float(power.sum() / np.hypot(power.sum(), load.reactive_mvar.sum()))
    return figures


def _ramp_99(values: NDArray[np.float64]) -> float:
    return float(np.quantile(np.abs(np.diff(values)), 0.99) / values.max())


def _mean(values: NDArray[np.float64], where: NDArray[np.bool_]) -> float:
    return float(values[where].mean()) if where.any() else float("nan")


def _ratio(part: float, of: float) -> float:
    return part / of if of > 0.0 else float("nan")
