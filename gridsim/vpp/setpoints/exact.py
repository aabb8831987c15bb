r"""Numbers that add up to the last bit.

Binary numbers do not add up by themselves: ten times 0.1 is not 1. Here every change of one signal is made a whole multiple :math:`k_i q` of one power of
two, so fine that it is the last bit of the signal (where assets move against it, of the sum of all moves). Whole numbers add up: the missing
:math:`K - \sum k_i`, a few units of rounding, goes to assets that move and have room, then to any that have room; what none can take is the shortfall. All
partial sums and the shortfall are then binary numbers themselves, so that in any order of summation, in floating point,

.. math:: \sum_i x_i + \text{shortfall} = \text{signal} \qquad\text{exactly.}

The shortfall is exact because it is never larger than the signal (no change at all is always possible) and both are whole multiples of the signal's last bit.
A change keeps to its bounds; only one that is fixed (a block, or off) is rounded to the nearest multiple, by at most half of :math:`q`, which is about
1e-14 MW for a signal of 100 MW.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

BITS = 53
"""Significant bits of a binary number of double precision."""
SMALLEST = -1074
"""Exponent of the smallest one."""
NOISE = 1e-12
"""Relative error that is left to rounding. [1]"""


def add_up(change: Array, lower: Array, upper: Array, signal: Array) -> tuple[Array, Array]:
    """Make changes that nearly add up do so exactly.

    Parameters
    ----------
    change : array, shape (S, N)
        From `gridsim.vpp.setpoints.fill`. [MW]
    lower, upper : array, shape (1, N) or (S, N)
        Bounds of the changes. [MW]
    signal : array, shape (S,)
        What they shall add up to. [MW]

    Returns
    -------
    change : array, shape (S, N)
        On the grid and within the bounds. [MW]
    shortfall : array, shape (S,)
        What is left of the signal; negative where the least that can be given is more than was asked. [MW]
    """
    moved, asked = np.abs(change).sum(axis=1), np.abs(signal)
    along = (change * signal[:, None] >= 0).all(axis=1) & (moved <= asked * (1.0 + NOISE))
    largest = np.where(along, asked, 2.0 * (moved + asked))
    unit = np.ldexp(1.0, np.maximum(np.frexp(largest)[1] - BITS, SMALLEST))[:, None]
    widest = 4.0 * largest[:, None]
    least = np.ceil(np.minimum(np.maximum(lower, -widest), widest) / unit).astype(np.int64)
    most = np.floor(np.minimum(np.maximum(upper, -widest), widest) / unit).astype(np.int64)
    wanted = np.rint(change / unit).astype(np.int64)
    fixed = least > most
    units = np.where(fixed, wanted, np.minimum(np.maximum(wanted, least), most))
    rest = np.trunc(signal / unit[:, 0]).astype(np.int64) - units.sum(axis=1)
    for movers in (units != 0, units == 0):
        if not rest.any():
            break
        units, rest = _give(units, np.where(fixed, units, least), np.where(fixed, units, most), rest, movers)
    exact = units * unit
    return exact, signal - exact.sum(axis=1)


def _give(units: NDArray[np.int64], least: NDArray[np.int64], most: NDArray[np.int64], rest: NDArray[np.int64], may: NDArray[np.bool_]) -> tuple:
    """Give the rest of each row, one after the other, to those who may take it and have room; return what they then hold and what is still left."""
    size = np.abs(rest)[:, None]
    room = np.where(may, np.where(rest[:, None] > 0, most - units, units - least), 0)
    room = np.minimum(np.maximum(room, 0), size)
    before = room.cumsum(axis=1) - room
    given = np.minimum(np.maximum(size - before, 0), room) * np.sign(rest)[:, None]
    return units + given, rest - given.sum(axis=1)
