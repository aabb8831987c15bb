"""Weather remembers: seeded Gaussian series with persistence in time, and named streams of chance."""

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


def persistent_normal(rng: np.random.Generator, steps: int, memory: float, correlation: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
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
    correlation = np.eye(1) if correlation is None else correlation
    shocks = rng.standard_normal((steps, len(correlation))) @ np.linalg.cholesky(correlation).T
    return remembered(shocks, memory)


def remembered(shocks: NDArray[np.float64], memory: float) -> NDArray[np.float64]:
    """AR(1) series of variance 1 from independent shocks of variance 1, as in `persistent_normal`. Shape (T, S) as the shocks."""
    from scipy.signal import lfilter

    drive = shocks * np.sqrt(1.0 - memory**2)
    drive[0] = shocks[0]
    series: NDArray[np.float64] = lfilter([1.0], [1.0, -memory], drive, axis=0)
    return series


def remembered_smoothly(shocks: NDArray[np.float64], memory: float, inertia: float) -> NDArray[np.float64]:
    r"""AR(2) series of variance 1 with two real roots: the memory of AR(1), without its roughness from one step to the next.

    .. math:: x_t = (a + b)\,x_{t-1} - a b\,x_{t-2} + \sigma\,\varepsilon_t, \qquad
              \sigma^2 = \frac{(1 - ab)(1 - a^2)(1 - b^2)}{1 + ab}

    Parameters
    ----------
    shocks : array, shape (T, S)
        :math:`\varepsilon`, independent from step to step, variance 1.
    memory, inertia : float
        The roots a and b: a sets how long the series remembers, b over how many steps a change is spread. [0..1)

    Returns
    -------
    array, shape (T, S)
        Stationary from the first step on, with the autocorrelation of `smooth_autocorrelation`.
    """
    from scipy.signal import lfilter

    product = memory * inertia
    next_step = float(smooth_autocorrelation(np.array([1.0]), memory, inertia)[0])
    drive = shocks * np.sqrt((1.0 - product) * (1.0 - memory**2) * (1.0 - inertia**2) / (1.0 + product))
    drive[0] = shocks[0]
    drive[1:2] = (next_step - memory - inertia) * shocks[0] + np.sqrt(1.0 - next_step**2) * shocks[1:2]
    series: NDArray[np.float64] = lfilter([1.0], [1.0, -memory - inertia, product], drive, axis=0)
    return series


def smooth_autocorrelation(lags: NDArray[np.float64], memory: float, inertia: float) -> NDArray[np.float64]:
    r"""Autocorrelation of `remembered_smoothly` at ``lags`` steps; a and b are its roots and must differ.

    .. math:: \rho_k = \frac{a^{k+1}(1 - b^2) - b^{k+1}(1 - a^2)}{(a - b)(1 + ab)}

    References
    ----------
    .. [1] G. E. P. Box and G. M. Jenkins, "Time Series Analysis: Forecasting and Control," Holden-Day, 1970, section 3.2.

    Examples
    --------
    >>> smooth_autocorrelation(np.array([0.0, 1.0]), memory=0.8, inertia=0.5).round(6).tolist()  # (a + b) / (1 + a b)
    [1.0, 0.928571]
    >>> smooth_autocorrelation(np.array([2.0]), memory=0.8, inertia=0.0).round(6).tolist()  # AR(1)
    [0.64]
    """
    slow, fast = memory ** (lags + 1) * (1 - inertia**2), inertia ** (lags + 1) * (1 - memory**2)
    return (slow - fast) / ((memory - inertia) * (1 + memory * inertia))
