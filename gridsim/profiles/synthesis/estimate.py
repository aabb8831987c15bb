"""A climatology out of weather: what an imported year, or several, says about its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridsim.errors import DefinitionError, Problem
from gridsim.profiles.synthesis.air import SPELL_HOURS
from gridsim.profiles.synthesis.calendar import QuarterHours
from gridsim.profiles.synthesis.climatology import Climatology, Provenance
from gridsim.profiles.synthesis.sky import CLEAREST_INDEX, clear_sky
from gridsim.profiles.weather.series import Weather

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray


NEEDED = ("ghi_w_per_m2", "temperature_degc", "wind_speed_m_per_s")
SHAPES = np.linspace(1.0, 6.0, 501)
"""Weibull shapes k that `weibull_shape` chooses from."""


def climatology_from(weather: Weather | Sequence[Weather], *, name: str = "imported") -> Climatology:
    """Estimate a climatology, so that years can be drawn that this place might have had.

    Parameters
    ----------
    weather : Weather or sequence of Weather
        One or more whole years of one site with ``ghi_w_per_m2``, ``temperature_degc`` and ``wind_speed_m_per_s``.
    name : str
        Name of the climate.

    Returns
    -------
    Climatology
        Wind at the height it was measured at (``wind_height_m``): bring it to hub height when it is converted to power.

    Notes
    -----
    One year is one draw: its months stray from a long-term mean by some 5 % in irradiation, 1 to 2 K and some 10 % in wind speed. The weather of
    a *typical* year made from it repeats that year's months. Daily persistence and hourly autocorrelation are not estimated:
    they are those of ``sky.py``, ``wind.py`` and ``air.py``.
    """
    weathers = [weather] if isinstance(weather, Weather) else list(weather)
    problems = list(_problems(weathers))
    if problems:
        raise DefinitionError(f"climate '{name}'", problems)
    import pandas as pd

    first = weathers[0]
    table = pd.concat([item.table[list(NEEDED)] for item in weathers])
    month, hour = table.index.month.to_numpy(), table.index.hour.to_numpy()
    offset = first.table.index[0].utcoffset().total_seconds() / 3600.0

    by_month = table.groupby(month).mean()
    days = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
    wind = table["wind_speed_m_per_s"].to_numpy()
    clock = np.bincount(hour, weights=wind) / np.bincount(hour) / wind.mean()
    calm_clock = wind / clock[hour]
    shapes = [weibull_shape(calm_clock[month == number]) for number in range(1, 13)]

    years = ", ".join(dict.fromkeys(str(item.table.index[0].year) for item in weathers))
    provenance = Provenance(f"estimated from {first.origin or 'imported weather'} ({years})", "C")
    figures = {
        "monthly_ghi_kwh_per_m2": tuple((by_month["ghi_w_per_m2"].to_numpy() * days * 24.0 / 1000.0).tolist()),
        "monthly_temperature_degc": tuple(by_month["temperature_degc"].tolist()),
        "monthly_wind_m_per_s": tuple(by_month["wind_speed_m_per_s"].tolist()),
        "monthly_weibull_shape": tuple(float(np.clip(shape, 1.0, 6.0)) for shape in shapes),
        "hourly_wind": tuple((clock / clock.mean()).tolist()),
        "monthly_temperature_spell_k": _spells_k(weathers),
        "temperature_half_swing_k": _half_swing_k(weathers, offset),
    }
    return Climatology(
        name=name,
        site=first.site,
        utc_offset_hours=offset,
        wind_height_m=first.wind_height_m,
        sources=dict.fromkeys((*figures, "wind_height_m", "utc_offset_hours"), provenance),
        **figures,
    )


def weibull_shape(speeds: NDArray[np.float64]) -> float:
    r"""Weibull k with the coefficient of variation of the speeds (method of moments), from 1 to 6.

    .. math:: \frac{\sigma^2}{\bar v^2} = \frac{\Gamma(1 + 2/k)}{\Gamma(1 + 1/k)^2} - 1

    Examples
    --------
    >>> ranks = (np.arange(10000) + 0.5) / 10000
    >>> round(weibull_shape((-np.log(1 - ranks)) ** (1 / 2.1)), 2)
    2.1
    """
    from scipy.special import gamma

    squares = gamma(1.0 + 2.0 / SHAPES) / gamma(1.0 + 1.0 / SHAPES) ** 2 - 1.0
    return float(np.interp(speeds.var() / speeds.mean() ** 2, squares[::-1], SHAPES[::-1]))


def _problems(weathers: Sequence[Weather]) -> Iterator[Problem]:
    if not weathers:
        yield Problem("weather", "is empty", "give at least one whole year")
    for number, weather in enumerate(weathers, start=1):
        where, table = f"weather {number}", weather.table
        missing = [name for name in NEEDED if name not in table]
        if missing:
            yield Problem(where, f"has no {', '.join(missing)}", "a climatology needs irradiance, temperature and wind; import all three")
        if table.index.tz is None:
            yield Problem(where, "has no time zone", "the clock decides what is noon: give steps with an offset from UTC")
        lacking = sorted(set(range(1, 13)) - set(table.index.month))
        if lacking:
            yield Problem(where, f"has no step in month {', '.join(map(str, lacking))}", "give whole years")
        if (weather.site, weather.wind_height_m) != (weathers[0].site, weathers[0].wind_height_m):
            yield Problem(where, "is of another site or another height of wind than the first", "estimate a climatology for each site")


def _spells_k(weathers: Sequence[Weather]) -> tuple[float, ...]:
    """Standard deviation of temperature spells: of daily means about a straight line through each month of each year, and what that line takes away. [K]"""
    squares: list[list[float]] = [[] for _ in range(12)]
    for weather in weathers:
        daily = weather.table["temperature_degc"].resample("D").mean().dropna()
        for month, days in daily.groupby(daily.index.month):
            line = np.column_stack([np.ones(len(days)), np.arange(len(days)) - (len(days) - 1) / 2.0])
            line /= np.linalg.norm(line, axis=0)
            rest = days.to_numpy() - line @ (line.T @ days.to_numpy())
            squares[int(str(month)) - 1].append(float(np.mean(rest**2)) / _spell_variance_left(line))
    return tuple(float(np.sqrt(np.mean(values))) for values in squares)


def _spell_variance_left(line: NDArray[np.float64]) -> float:
    r"""Share of an hourly spell's variance that is left in daily means about a fitted line, for spells with the memory of ``air.SPELL_HOURS``.

    .. math:: \frac{1}{n} \left( n \rho_0 - \sum_j q_j^\top R\, q_j \right), \qquad R_{ik} = \mathrm{cov}(\bar x_i, \bar x_k)

    with orthonormal columns q of ``line`` and the covariance R of daily means of an AR(1) series of variance 1.
    """
    memory, hours = np.exp(-1.0 / SPELL_HOURS), np.arange(24)
    within = memory ** np.abs(np.subtract.outer(hours, hours))
    apart = np.abs(np.subtract.outer(np.arange(len(line)), np.arange(len(line))))
    between = np.mean(memory ** np.subtract.outer(hours, hours).astype(float))  # two hours of different days: memory to the hours between them
    covariance = np.where(apart == 0, within.mean(), between * memory ** (24 * apart))
    return float((np.trace(covariance) - np.trace(line.T @ covariance @ line)) / len(line))


def _half_swing_k(weathers: Sequence[Weather], offset: float) -> tuple[float, float]:
    """Half the daily range at clearness 0 and 1, by a least-squares line over all days; never below 0.5 K, nor narrower under a clear sky."""
    clearness, ranges = [], []
    for weather in weathers:
        days = weather.table.groupby(weather.table.index.dayofyear)
        quarters = QuarterHours(int(weather.table.index[len(weather.table) // 2].year), offset)
        bright = CLEAREST_INDEX * clear_sky(weather.site, quarters).ghi_w_per_m2.reshape(quarters.days, -1).mean(axis=1)
        mean = days["ghi_w_per_m2"].mean()
        lit = bright[mean.index.to_numpy() - 1]
        clearness.append(np.clip(mean.to_numpy() / np.maximum(lit, 1.0), 0.0, 1.0))
        ranges.append((days["temperature_degc"].max() - days["temperature_degc"].min()).to_numpy() / 2.0)
    slope, closed = np.polyfit(np.concatenate(clearness), np.concatenate(ranges), 1)
    closed = max(float(closed), 0.5)
    return closed, max(closed + float(slope), closed)
