r"""Plants and places: a clock, a calendar, the weather, and chance.

.. math:: y_t = \bigl[b + (1 - b)\, d_t\, (c_t\, e^{-\sigma r_t})^{x}\bigr]\; a_t\, m_t\, o_t

with the idle share :math:`b`, the share of a working day :math:`d`, the clock or the shifts :math:`c`, the ripple :math:`r \ge 0` of width
:math:`\sigma`, the weather :math:`a`, planned work :math:`m` and outages :math:`o`. The exponent :math:`x` alone brings the year to its load
factor: it deepens or flattens the clock and the ripple, and leaves calendar, planned work and outages at what was asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridsim.profiles.loads.working_days import FINE_PER_DAY, FINE_PER_HOUR, Year, clock_curve, on_shift
from gridsim.profiles.persistence import persistent_normal, stream

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from gridsim.profiles.loads.kinds import Kind

RIPPLE_CEILING = 1.5
"""Ripple above this many standard deviations is cut off: a plant does not run above its rating. Judged."""

EXPONENTS = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
"""Where the exponent is sought: from no clock and no ripple to hardly more than the idle share."""


def rhythm(
    kind: Kind, year: Year, temperature_degc: NDArray[np.float64] | None, seed: int, name: str, *, holidays: bool
) -> Callable[[float], NDArray[np.float64]]:
    """Return the load of a year on the fine grid, as a function of the exponent. [relative]

    Parameters
    ----------
    kind : Kind
        The pattern.
    year : Year
        The calendar.
    temperature_degc : array, shape (T,), optional
        Air temperature on the fine grid. [degC]
    seed : int
        Seed of ripple and outages.
    name : str
        Names the streams of chance.
    holidays : bool
        Whether public holidays are kept.
    """
    if kind.shifts is not None:
        clock = on_shift(kind.shift_hours[kind.shifts], kind.shift_ramp_hours)
    else:
        clock = clock_curve(kind.clock) if kind.clock else np.ones(FINE_PER_DAY)
    running = clock > 0
    log_clock = np.log(np.where(running, clock, 1.0))
    factor = weather_factor(kind, temperature_degc) * steady_factor(kind, year, seed, name)
    shares = year.share_of_days(kind.saturday_share, kind.sunday_share, kind.holiday_share, holidays=holidays)
    working = (1.0 - kind.idle_share) * np.outer(shares, running).ravel() * factor
    idle = kind.idle_share * factor
    depth = (log_clock - kind.ripple * ripple(kind, year, seed, name).reshape(-1, FINE_PER_DAY)).ravel()
    return lambda exponent: idle + working * np.exp(exponent * depth)


def steady_factor(kind: Kind, year: Year, seed: int, name: str) -> NDArray[np.float64]:
    """Share that planned work and outages leave running, on the fine grid. [0..1]"""
    return np.repeat(year.share_running(kind.maintenance), FINE_PER_DAY) * outages(kind, year, seed, name)


def weather_factor(kind: Kind, temperature_degc: NDArray[np.float64] | None) -> NDArray[np.float64] | float:
    """Extra load of heating and cooling, 1 in between and where the temperature is not known."""
    if temperature_degc is None or not (kind.heating_per_kelvin or kind.cooling_per_kelvin):
        return 1.0
    heating = kind.heating_per_kelvin * np.maximum(kind.heating_from_degc - temperature_degc, 0.0)
    cooling = kind.cooling_per_kelvin * np.maximum(temperature_degc - kind.cooling_from_degc, 0.0)
    factor: NDArray[np.float64] = 1.0 + heating + cooling
    return factor


def ripple(kind: Kind, year: Year, seed: int, name: str) -> NDArray[np.float64]:
    """How far below its ceiling the load is, in standard deviations, never negative; fine grid."""
    if kind.ripple == 0.0:
        return np.zeros(year.fine_steps)
    rng = stream(seed, f"load/{name}/{year.year}/ripple")
    normal = persistent_normal(rng, year.fine_steps, kind.memory_per_hour ** (1 / FINE_PER_HOUR))[:, 0]
    below: NDArray[np.float64] = RIPPLE_CEILING - np.minimum(normal, RIPPLE_CEILING)
    return below


def outages(kind: Kind, year: Year, seed: int, name: str) -> NDArray[np.float64]:
    """Share that unplanned stops leave running, on the fine grid; stops that overlap do not add up. [0..1]"""
    rng = stream(seed, f"load/{name}/{year.year}/outages")
    count = rng.poisson(kind.outages_per_year)
    length = round(kind.outage_hours * FINE_PER_HOUR)
    first = rng.integers(year.fine_steps, size=count)
    open_stops = np.zeros(year.fine_steps + 1)
    np.add.at(open_stops, first, 1.0)
    np.add.at(open_stops, np.minimum(first + length, year.fine_steps), -1.0)
    return np.where(np.cumsum(open_stops[:-1]) > 0.5, 1.0 - kind.outage_depth, 1.0)
