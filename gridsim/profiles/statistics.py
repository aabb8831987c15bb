"""What a series is judged by: sorted values, months, mean days and weeks, memory, ramps and spells.

Arrays in, arrays out, in the unit of the series. Stamps are the starts of equal steps without a time zone. A value that is not a number is
left out of every mean, so that a measured series with gaps can stand beside one without.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]
    Stamps = NDArray[np.datetime64]

HOUR_MINUTES = 60
DAY_MINUTES = 1440
SEASON_OF_MONTH = np.array([0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 0])
"""Season of January … December: 0 from December, 1 from March, 2 from June, 3 from September."""


def means_by(place: NDArray[np.int64], values: Values, places: int) -> Values:
    """Mean of the values that share a place, 0 … ``places`` − 1; no number where there are none. Shape (places,).

    Examples
    --------
    >>> means_by(np.array([0, 0, 2]), np.array([1.0, 2.0, 5.0]), 3).tolist()
    [1.5, nan, 5.0]
    """
    known = np.isfinite(values)
    sums = np.bincount(place[known], weights=values[known], minlength=places)
    counts = np.bincount(place[known], minlength=places)
    return np.divide(sums, counts, out=np.full(places, np.nan), where=counts > 0)


def block_means(values: Values, stamps: Stamps, unit: str) -> tuple[Values, Stamps]:
    """Mean of each clock hour (``h``), calendar day (``D``) or month (``M``) from the first to the last, and their starts.

    Examples
    --------
    >>> quarters = np.datetime64("2030-01-01T00:00") + 15 * np.arange(8)
    >>> means, starts = block_means(np.arange(8.0), quarters, "h")
    >>> means.tolist(), str(starts[1])
    ([1.5, 5.5], '2030-01-01T01')
    """
    blocks = stamps.astype(f"datetime64[{unit}]")
    place = (blocks - blocks[0]).astype(np.int64)
    starts = blocks[0] + np.arange(int(place[-1]) + 1)
    return means_by(place, values, len(starts)), starts


def duration_curve(values: Values, points: int = 1001) -> Values:
    """Values in falling order at equal shares of the time: the first is the largest, the last the smallest. Shape (points,).

    Examples
    --------
    >>> duration_curve(np.array([0.2, 0.9, 0.4]), points=5).round(6).tolist()
    [0.9, 0.65, 0.4, 0.3, 0.2]
    """
    return np.asarray(np.quantile(values[np.isfinite(values)], np.linspace(1.0, 0.0, points)), dtype=np.float64)


def monthly_means(values: Values, stamps: Stamps) -> Values:
    """Mean of January … December over all years; no number for a month that is not there. Shape (12,).

    Examples
    --------
    >>> monthly_means(np.array([1.0, 3.0]), np.array(["2030-01-01T00:00", "2030-02-01T00:00"], dtype="datetime64[m]"))[:3].tolist()
    [1.0, 3.0, nan]
    """
    return means_by(stamps.astype("datetime64[M]").astype(np.int64) % 12, values, 12)


def mean_day_by_season(values: Values, stamps: Stamps, step_minutes: int) -> Values:
    """Mean of each time of day from December to February, March to May, June to August and September to November. Shape (4, steps a day).

    Parameters
    ----------
    values, stamps : array, shape (T,)
        The series and the starts of its steps.
    step_minutes : int
        Length of a step; divides a day. [min]

    Examples
    --------
    >>> noons = np.datetime64("2030-01-01T00:00") + 720 * np.arange(4)
    >>> mean_day_by_season(np.array([0.0, 8.0, 2.0, 6.0]), noons, 720)[0].tolist()
    [1.0, 7.0]
    """
    steps = DAY_MINUTES // step_minutes
    season = SEASON_OF_MONTH[stamps.astype("datetime64[M]").astype(np.int64) % 12]
    return means_by(season * steps + _time_of_day(stamps) // step_minutes, values, 4 * steps).reshape(4, steps)


def weekly_shape(values: Values, stamps: Stamps, step_minutes: int) -> Values:
    """Mean of each time of the week, from Monday 00:00. Shape (7 × steps a day,).

    Examples
    --------
    >>> days = np.array(["2030-01-01", "2030-01-08", "2030-01-09"], dtype="datetime64[m]")  # Tuesday, Tuesday, Wednesday
    >>> weekly_shape(np.array([1.0, 2.0, 5.0]), days, 1440).tolist()
    [nan, 1.5, 5.0, nan, nan, nan, nan]
    """
    steps = DAY_MINUTES // step_minutes
    weekday = (stamps.astype("datetime64[D]").astype(np.int64) + 3) % 7
    return means_by(weekday * steps + _time_of_day(stamps) // step_minutes, values, 7 * steps)


def autocorrelation(values: Values, lags: int) -> Values:
    r"""Correlation of a series with itself 0, 1, … ``lags`` steps later. Shape (lags + 1,). [-1..1]

    .. math:: \rho_k = \frac{\frac{1}{n_k}\sum_t (x_t - \bar x)(x_{t+k} - \bar x)}{\frac{1}{n_0}\sum_t (x_t - \bar x)^2}

    The sums run over the :math:`n_k` pairs of which both values are known. A series that never changes, or is no longer than a lag, has no
    number there.

    References
    ----------
    .. [1] G. E. P. Box and G. M. Jenkins, "Time Series Analysis: Forecasting and Control," Holden-Day, 1970, section 2.1.

    Examples
    --------
    >>> autocorrelation(np.array([1.0, -1.0] * 50), 2).round(6).tolist()
    [1.0, -1.0, 1.0]
    """
    known = np.isfinite(values)
    correlations = np.full(lags + 1, np.nan)
    if known.sum() < 2 or np.ptp(values[known]) < 1e-12:
        return correlations
    size = 1 << int(len(values) + lags).bit_length()
    departure = np.where(known, values - values[known].mean(), 0.0)
    sums, pairs = (np.fft.irfft(np.abs(np.fft.rfft(part, size)) ** 2, size)[: lags + 1] for part in (departure, known.astype(float)))
    pairs = pairs.round()
    np.divide(sums, pairs, out=correlations, where=pairs > 0)
    return correlations / correlations[0]


def ramps(values: Values, steps: int = 1) -> Values:
    """Change from each value to the one ``steps`` later, where both are known; in the unit of the series.

    Examples
    --------
    >>> ramps(np.array([0.0, 0.3, 0.1, np.nan])).round(6).tolist()
    [0.3, -0.2]
    """
    changes = values[steps:] - values[: len(values) - steps]
    return changes[np.isfinite(changes)]


def exceeded(changes: Values, shares: Values) -> Values:
    """Size of change that each share of all changes exceeds; a share of 0.01 gives the 99th percentile. Shape as ``shares``.

    Examples
    --------
    >>> exceeded(np.array([-0.4, 0.3, 0.2, -0.1, 0.0]), np.array([0.0, 0.5, 1.0])).round(6).tolist()
    [0.4, 0.2, 0.0]
    """
    if changes.size == 0:
        return np.full(len(shares), np.nan)
    return np.asarray(np.quantile(np.abs(changes), 1.0 - shares), dtype=np.float64)


def full_load_hours(values: Values, step_hours: float) -> float:
    """Sum of a per-unit series over its hours, a year; over all of them where they are less than a year. [h]

    Examples
    --------
    >>> full_load_hours(np.full(35040, 0.25), 0.25), full_load_hours(np.full(3 * 8760, 0.5), 1.0), full_load_hours(np.full(48, 0.5), 1.0)
    (2190.0, 4380.0, 24.0)
    """
    hours = len(values) * step_hours
    return float(np.nanmean(values)) * hours / max(1, round(hours / 8766.0))


def load_factor(values: Values) -> float:
    """Mean over the largest value; no number where the largest is not above zero. [0..1]

    Examples
    --------
    >>> load_factor(np.array([1.0, 2.0, 3.0, 2.0])).__round__(6)
    0.666667
    """
    largest = float(np.nanmax(values))
    return float(np.nanmean(values)) / largest if largest > 0 else float("nan")


def longest_low_spell(values: Values, below: float) -> tuple[int, int]:
    """First step and number of steps of the longest stretch in which every value is below a limit; (0, 0) where there is none.

    Examples
    --------
    >>> longest_low_spell(np.array([0.5, 0.1, 0.2, 0.9, 0.1]), below=0.3)
    (1, 2)
    """
    edges = np.diff(np.concatenate([[0], (values < below).astype(np.int8), [0]]))
    first, last = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    if first.size == 0:
        return 0, 0
    longest = int((last - first).argmax())
    return int(first[longest]), int(last[longest] - first[longest])


def daily_correlation(values: Values, stamps: Stamps, other: Values, other_stamps: Stamps) -> tuple[float, int]:
    """Correlation of the daily means of two series on the days that both have, and how many days these are. [-1..1]

    Examples
    --------
    >>> days = np.datetime64("2030-01-01T00:00") + 1440 * np.arange(3)
    >>> daily_correlation(np.array([1.0, 2.0, 3.0]), days, np.array([6.0, 4.0, 2.0]), days)
    (-1.0, 3)
    """
    (mean, days), (other_mean, other_days) = block_means(values, stamps, "D"), block_means(other, other_stamps, "D")
    _, place, other_place = np.intersect1d(days, other_days, assume_unique=True, return_indices=True)
    pair = np.stack([mean[place], other_mean[other_place]])
    pair = pair[:, np.isfinite(pair).all(axis=0)]
    count = pair.shape[1]
    if count < 3 or np.ptp(pair, axis=1).min() < 1e-12:
        return float("nan"), count
    return round(float(np.corrcoef(pair)[0, 1]), 12), count


def _time_of_day(stamps: Stamps) -> NDArray[np.int64]:
    """Minutes since midnight. Shape (T,). [min]"""
    return (stamps - stamps.astype("datetime64[D]")).astype("timedelta64[m]").astype(np.int64)
