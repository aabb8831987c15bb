"""How true to life a series is: what is measured of it, what two measured years gave, and the bands that a drawn year is held to.

The bands were fixed from the measured years alone, before any drawn year was looked at:

- **Autocorrelation, change, clearness**: from the lower of the two measured values less two standard errors to the higher one plus two. The standard
  error is that of one year, by leaving out one month after the other (delete-one jackknife, [1]_).
- **Roughness by the hour** (correlation of one hour with the next, largest changes): only the calmer half of that span, to the geometric mean of
  the two (of 1 - correlation, and of the change). One measured year is that of a grid cell, smooth; the other that of a mast at 10 m behind a
  base's power curve, rough. A base of hundreds of turbines over tens of kilometres is nearer to the first.
- **Extremes of one year**: calm and lull within a factor of 1.6 of the measured ones, the darkest fortnight within 1.25. Judged: a year has only
  a few such events.

References
----------
.. [1] B. Efron and C. Stein, "The jackknife estimate of variance," Ann. Statist., vol. 9, no. 3, pp. 586-596, 1981. doi:10.1214/aos/1176345462
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

CALM_PU = 0.1
"""Wind power below which an hour is calm. [pu]"""

LULL_SHARE = 0.5
"""Output of wind and sun, averaged over a day and relative to the year, below which an hour belongs to a lull. [0..1]"""

CLEAREST_DAYS = 31
"""Days among which a day's clearness is judged, itself in the middle."""


@dataclass(frozen=True)
class Band:
    """One quantity: what two measured years gave, and where a drawn year must lie."""

    words: str
    inner_mongolia: float
    dresden: float
    low: float
    high: float
    decimals: int = 2

    def holds(self, value: float) -> bool:
        """Whether a drawn year lies in the band, both ends included."""
        return self.low <= value <= self.high


BANDS = {
    "wind_lag_1": Band("wind power, correlation with the hour before", 0.987, 0.958, 0.977, 0.990, 3),
    "wind_lag_24": Band("wind power, correlation with the day before", 0.49, 0.36, 0.29, 0.58),
    "wind_change_pu": Band("wind power, 99th percentile of the change in 1 h, pu", 0.068, 0.384, 0.062, 0.161, 3),
    "clearness_lag_1_day": Band("daily clearness, correlation with the day before", 0.41, 0.31, 0.21, 0.55),
    "clearness_spread": Band("daily clearness, standard deviation", 0.092, 0.249, 0.077, 0.264, 3),
    "longest_calm_h": Band(f"longest calm (wind power below {CALM_PU} pu), h", 65, 68, 41, 109, 0),
    "darkest_fortnight": Band("darkest fortnight, wind and sun relative to the year", 0.55, 0.42, 0.34, 0.69),
    "longest_lull_h": Band(f"longest lull (wind and sun below {LULL_SHARE} of the year), h", 63, 159, 39, 254, 0),
}
"""Measured: a public hourly year of wind and solar power in Inner Mongolia (pu), and the typical year of PVGIS for Dresden (irradiance; wind at 10 m, scaled to
7.6 m/s and put through the power curve of a base whose turbines see winds 1 m/s apart, ``power.WindFleet(spread_m_per_s=1.0)``)."""


def autocorrelation(series: NDArray[np.float64], lag: int) -> float:
    """Mean product of deviations ``lag`` steps apart, over the variance."""
    deviation = series - series.mean()
    return float(np.mean(deviation[lag:] * deviation[:-lag]) / np.mean(deviation**2))


def daily_clearness(sun: NDArray[np.float64]) -> NDArray[np.float64]:
    """Energy of each day relative to the 95th percentile of the ``CLEAREST_DAYS`` around it (fewer at the ends of the year); needs no coordinates.

    The same for irradiation and for power, so that a measured series of power can be compared.
    """
    import pandas as pd

    daily = pd.Series(sun.reshape(-1, 24).sum(axis=1))
    clear = daily.rolling(CLEAREST_DAYS, center=True, min_periods=CLEAREST_DAYS // 2 + 1).quantile(0.95)
    return (daily / clear).to_numpy()


def longest_run(inside: NDArray[np.bool_]) -> int:
    """Length of the longest unbroken run of True. [steps]

    Examples
    --------
    >>> longest_run(np.array([True, False, True, True, False]))
    2
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[False], inside, [False]]).astype(np.int8)))
    return int((edges[1::2] - edges[::2]).max(initial=0))


def running_mean(series: NDArray[np.float64], hours: int) -> NDArray[np.float64]:
    """Mean of every window of ``hours`` steps that fits into the series."""
    sums = np.concatenate([[0.0], np.cumsum(series)])
    return (sums[hours:] - sums[:-hours]) / hours


def measure(wind: NDArray[np.float64], sun: NDArray[np.float64]) -> dict[str, float]:
    """All quantities of ``BANDS`` for one year.

    Parameters
    ----------
    wind : array, shape (8760,) or (8784,)
        Power of wind, hour by hour. [pu]
    sun : array, same shape
        Power of the sun or irradiance, in any unit; days from midnight to midnight.
    """
    clearness = daily_clearness(sun)
    both = 0.5 * wind / wind.mean() + 0.5 * sun / sun.mean()
    return {
        "wind_lag_1": autocorrelation(wind, 1),
        "wind_lag_24": autocorrelation(wind, 24),
        "wind_change_pu": float(np.quantile(np.abs(np.diff(wind)), 0.99)),
        "clearness_lag_1_day": autocorrelation(clearness, 1),
        "clearness_spread": float(clearness.std()),
        "longest_calm_h": longest_run(wind < CALM_PU),
        "darkest_fortnight": float(running_mean(both, 14 * 24).min()),
        "longest_lull_h": longest_run(running_mean(both, 24) < LULL_SHARE),
    }
