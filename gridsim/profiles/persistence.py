"""Weather remembers: seeded Gaussian series with persistence in time and correlation in space."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gridsim.profiles.site import Site

EARTH_RADIUS_KM = 6371.0


def stream(seed: int, name: str) -> np.random.Generator:
    """Random numbers of one named series: adding or removing another series leaves this one as it was.

    Examples
    --------
    >>> bool(stream(2030, "wind").normal() == stream(2030, "wind").normal())
    True
    >>> bool(stream(2030, "wind").normal() == stream(2030, "sun").normal())
    False
    """
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def distances_km(sites: Sequence[Site]) -> NDArray[np.float64]:
    """Great-circle distances between all pairs of sites, by the haversine formula. [km]

    Examples
    --------
    >>> from gridsim.profiles.site import Site
    >>> distances_km([Site(0.0, 0.0, 0.0), Site(0.0, 1.0, 0.0)])[0, 1].round(1)  # 6371 km * pi / 180
    np.float64(111.2)
    """
    latitude, longitude = np.radians([(site.latitude_deg, site.longitude_deg) for site in sites]).T
    half_chord = (
        np.sin(np.subtract.outer(latitude, latitude) / 2) ** 2
        + np.outer(np.cos(latitude), np.cos(latitude)) * np.sin(np.subtract.outer(longitude, longitude) / 2) ** 2
    )
    distances: NDArray[np.float64] = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(half_chord))
    return distances


def persistent_normal(
    rng: np.random.Generator, steps: int, memory: float, correlation: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    r"""Stationary AR(1) series of standard normals, correlated across sites.

    .. math:: x_t = \phi\,x_{t-1} + \sqrt{1 - \phi^2}\;\varepsilon_t, \qquad \varepsilon_t \sim N(0, C)

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of :math:`\varepsilon`.
    steps : int
        Number of time steps T.
    memory : float
        :math:`\phi`, the correlation of one step with the next. [0..1)
    correlation : array, shape (S, S), optional
        C, the correlation between sites in the same step; one site where it is left out. [-1..1]

    Returns
    -------
    array, shape (T, S)
        Mean 0 and variance 1 at every step, the first included: no run-in.
    """
    from scipy.signal import lfilter

    correlation = np.eye(1) if correlation is None else correlation
    shocks = rng.standard_normal((steps, len(correlation))) @ np.linalg.cholesky(correlation).T
    shocks[1:] *= np.sqrt(1.0 - memory**2)
    series: NDArray[np.float64] = lfilter([1.0], [1.0, -memory], shocks, axis=0)
    return series


def seasonal_shares(series: NDArray[np.float64], window: int) -> NDArray[np.float64]:
    """Rank of each value among the steps around it, spread over 0..1 (the copula step, with empirical ranks).

    Ranks instead of the normal distribution function make the year a *typical* one: whatever the seed, every season has
    nearly the same distribution, and only the order of events is left to chance. The year is a ring: December is
    followed by January.

    Parameters
    ----------
    series : array, shape (T, S)
        Any continuous series of S sites.
    window : int
        Steps that a value is compared with, itself in the middle; odd and at most T.

    Returns
    -------
    array, shape (T, S)
        Shares, strictly between 0 and 1.

    Examples
    --------
    >>> seasonal_shares(np.array([[-1.0], [7.0], [0.5]]), window=3).round(3).ravel().tolist()
    [0.167, 0.833, 0.5]
    """
    half = window // 2
    ring = np.concatenate([series[-half:], series, series[:half]])
    neighbours = np.lib.stride_tricks.sliding_window_view(ring, window, axis=0)
    ranks: NDArray[np.int64] = (neighbours < series[..., None]).sum(axis=-1)
    return (ranks + 0.5) / window
