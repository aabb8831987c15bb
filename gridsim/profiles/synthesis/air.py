"""The air of a year: the month, spells of warm and cold days, and a daily swing that is wide under a clear sky."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridsim.profiles.persistence import remembered
from gridsim.profiles.synthesis.calendar import QUARTERS, QuarterHours
from gridsim.profiles.synthesis.field import shocks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gridsim.profiles.site import Site
    from gridsim.profiles.synthesis.climatology import Climatology

SPELL_HOURS = 71.0
"""Time over which a warm or cold spell is forgotten (to 1/e): daily means then keep 0.7 from one day to the next, as measured at Dresden (0.69). [h]"""

SPELL_LENGTH_KM = 900.0
"""Distance over which the correlation of spells falls to 1/e; judged: air masses are wider than their clouds. [km]"""

WARMEST_HOUR = 15.0
"""Local time of the daily maximum. Judged. [h]"""


def spells(sites: Sequence[Site], days: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Standard normal warmth, hour by hour and drawn out to quarter hours by straight lines. Shape (T, S)."""
    hourly = remembered(shocks(rng, 24 * days, sites, SPELL_LENGTH_KM), np.exp(-1.0 / SPELL_HOURS))
    middles, wanted = np.arange(24 * days) + 0.5, (np.arange(QUARTERS * days) + 0.5) / 4.0
    return np.stack([np.interp(wanted, middles, warmth) for warmth in hourly.T], axis=1)


def temperature_degc(
    warmth: NDArray[np.float64], daily_clearness: NDArray[np.float64], climate: Climatology, quarters: QuarterHours, *, typical: bool
) -> NDArray[np.float64]:
    """Air temperature 2 m above ground.

    Parameters
    ----------
    warmth : array, shape (T,)
        Standard normal spells.
    daily_clearness : array, shape (days,)
        Irradiation of each day relative to that of a clear sky. [0..1]
    climate : Climatology
        Gives the monthly means, the size of spells and the daily swing under a closed and under a clear sky.
    quarters : QuarterHours
        The calendar.
    typical : bool
        Lead every month's mean back to the climatology's, exactly, by a correction that changes smoothly.

    Returns
    -------
    array, shape (T,)
        Mean of each quarter hour. [degC]
    """
    closed, clear = climate.temperature_half_swing_k
    clearness = np.interp(np.arange(quarters.steps) / QUARTERS, np.arange(quarters.days) + 0.5, daily_clearness)
    swing = (closed + (clear - closed) * clearness) * np.cos(2 * np.pi * (quarters.hour - WARMEST_HOUR) / 24)
    size = np.maximum(quarters.curve(climate.monthly_temperature_spell_k), 0.0)
    temperature: NDArray[np.float64] = quarters.curve(climate.monthly_temperature_degc) + size * warmth + swing
    if typical:
        temperature += quarters.curve(np.array(climate.monthly_temperature_degc) - quarters.means(temperature))
    return temperature
