r"""Chance that fills space: a Gaussian field of which every site takes its own, whatever other sites are asked for.

A field is a sum of plane waves with random amplitudes [1]_,

.. math:: \varepsilon(s) = \frac{1}{\sqrt{M}} \sum_{j=1}^{M} A_j \cos(k_j \cdot s) + B_j \sin(k_j \cdot s), \qquad A_j, B_j \sim N(0, 1)

with s the site's place in space (from the centre of the earth), so that its variance is 1 everywhere and the correlation of two sites is the mean of
:math:`\cos(k_j \cdot (s - s'))`. The wave vectors k are fixed, not drawn: spread evenly over directions, with lengths at the quantiles of the
spectrum of an exponential correlation in three dimensions,

.. math:: \exp(-d / L) \;\Leftrightarrow\; P(|k| < \kappa) = \frac{2}{\pi} \left(\arctan \kappa L - \frac{\kappa L}{1 + \kappa^2 L^2}\right)

With ``WAVES`` waves the correlation of two sites is met within 0.16 up to 1.5 L, within 0.09 up to L/4, whatever the direction between them.

References
----------
.. [1] M. Shinozuka, "Simulation of multivariate and multidimensional random processes," J. Acoust. Soc. Am., vol. 49, no. 1B,
   pp. 357-368, 1971. doi:10.1121/1.1912338
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from gridsim.profiles.persistence import EARTH_RADIUS_KM

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gridsim.profiles.site import Site

WAVES = 64
"""Number of plane waves M: more are more exact, and slower."""

STRIDE = 29
"""Which direction goes with which length: the j-th length takes direction 29 j modulo M, so that long and short waves point everywhere."""


BLOCK = 2920
"""Steps drawn at once."""


def places_km(sites: Sequence[Site]) -> NDArray[np.float64]:
    """Sites in space, from the centre of the earth; the chord between two is their distance (0.01 % short at 300 km). Shape (S, 3). [km]"""
    latitude, longitude = np.radians([(site.latitude_deg, site.longitude_deg) for site in sites]).T
    along = np.cos(latitude)
    return EARTH_RADIUS_KM * np.column_stack([along * np.cos(longitude), along * np.sin(longitude), np.sin(latitude)])


@cache
def wave_vectors() -> NDArray[np.float64]:
    """Wave vectors for a correlation length of 1 km. Shape (``WAVES``, 3). [1/km]"""
    number = np.arange(WAVES)
    stretch = np.linspace(0.0, 8.0, 100_001) ** 3  # k L; finer where the waves are long
    share_below = 2.0 / np.pi * (np.arctan(stretch) - stretch / (1.0 + stretch**2))
    lengths = np.interp((number + 0.5) / WAVES, share_below, stretch)
    turn = number * STRIDE % WAVES
    height, angle = (turn + 0.5) / WAVES, turn * np.pi * (3.0 - np.sqrt(5.0))  # half a sphere: cosines are even
    across = np.sqrt(1.0 - height**2)
    return lengths[:, None] * np.column_stack([across * np.cos(angle), across * np.sin(angle), height])


def weights(sites: Sequence[Site], length_km: float) -> NDArray[np.float64]:
    """How much each wave counts at each site; each column's squares add up to 1. Shape (2 ``WAVES``, S)."""
    phases = (wave_vectors()[:, None, :] / length_km * places_km(sites)).sum(axis=2)  # no matrix product: its last bit depends on who else asks
    return np.concatenate([np.cos(phases), np.sin(phases)]) / np.sqrt(WAVES)


def correlations(sites: Sequence[Site], length_km: float) -> NDArray[np.float64]:
    """Correlation of the field between all pairs of sites. Shape (S, S). [-1..1]"""
    share = weights(sites, length_km)
    return share.T @ share


def shocks(rng: np.random.Generator, steps: int, sites: Sequence[Site], length_km: float) -> NDArray[np.float64]:
    """Standard normals, independent from step to step, alike at neighbouring sites. Shape (``steps``, S).

    Drawn in single precision, which takes half the time and leaves six digits of chance, and a block at a time, which stays in the cache. Each site is
    a product of its own, so that its values do not depend, to the bit, on who else asks.
    """
    shares = np.ascontiguousarray(weights(sites, length_km).astype(np.float32).T)
    values = np.empty((steps, len(shares)))
    for first in range(0, steps, BLOCK):
        waves = rng.standard_normal((min(BLOCK, steps - first), 2 * WAVES), dtype=np.float32)
        for position, share in enumerate(shares):
            values[first : first + BLOCK, position] = waves @ share
    return values
