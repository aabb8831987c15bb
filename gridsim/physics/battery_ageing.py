r"""How the cells of a lithium iron phosphate battery lose capacity, by the calendar and by cycles.

.. math:: 1 - q(t) = k\,\sqrt{t} + n\,t, \qquad n = (1 - q_\mathrm{end}) \sum_i \frac{c_i}{N(d_i)}, \qquad N(d) = N_0 \left(\frac{d}{d_0}\right)^{-\alpha}

with remaining capacity :math:`q` after :math:`t` years, the year's cycles :math:`c_i` of depth :math:`d_i` from rainflow counting, and the number
:math:`N` of cycles of one depth until the end of life (Palmgren and Miner's sum). The square root is the growth of the layer on the anode.

Left out: temperature and level of charge (cells in a cooled container, held at middle levels), the knee that some cells show late, the growth of the
resistance, and that a cycle of the same energy is a deeper one in a smaller battery. The first two matter most: 10 K more doubles the calendar's part.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from gridsim.physics.rainflow import Cycles


def cycle_loss_per_year(
    cycles: Cycles, cycles_to_end: float, at_depth: float, gain_at_half_depth: float, end_of_life_share: float, share_of_year: float = 1.0
) -> float:
    r"""Capacity lost to a year's cycles, n above. [1/a]

    Parameters
    ----------
    cycles : Cycles
        Counted on the level as a share of the energy.
    cycles_to_end : float
        Cycles of ``at_depth`` until the end of life, without the calendar. [1]
    at_depth : float
        Depth of those cycles. [1]
    gain_at_half_depth : float
        How many times as many cycles of half the depth it takes; 2 means that only throughput counts. :math:`\alpha = \log_2` of it. [1]
    end_of_life_share : float
        Remaining capacity at which cells are replaced. [1]
    share_of_year : float
        Hours counted over the hours of a year. [1]

    Examples
    --------
    >>> from gridsim.physics.rainflow import Cycles
    >>> daily = Cycles(np.array([0.9]), np.array([0.5]), np.array([365.0]))
    >>> round(cycle_loss_per_year(daily, 7000, 0.9, 2.5, 0.8), 6)  # 0.2 × 365 / 7000
    0.010429
    """
    exponent = math.log2(gain_at_half_depth)
    damage = float(np.sum(cycles.count * (cycles.range / at_depth) ** exponent)) / cycles_to_end
    return (1.0 - end_of_life_share) * damage / share_of_year


def remaining_capacity(years: ArrayLike, calendar_loss_after_ten_years: float, cycle_loss: float) -> NDArray[np.float64]:
    r"""Capacity over that when new after ``years``, :math:`1 - k \sqrt{t} - n t`, never below zero. [1]

    >>> remaining_capacity([0, 2.5, 10], calendar_loss_after_ten_years=0.12, cycle_loss=0.01)
    array([1.   , 0.915, 0.78 ])
    """
    t = np.asarray(years, dtype=float)
    left: NDArray[np.float64] = np.maximum(1.0 - calendar_loss_after_ten_years * np.sqrt(t / 10.0) - cycle_loss * t, 0.0)
    return left


def years_to_end_of_life(calendar_loss_after_ten_years: float, cycle_loss: float, end_of_life_share: float) -> float:
    r"""Years until the remaining capacity has fallen to ``end_of_life_share``: the root of :math:`k s + n s^2 = 1 - q_\mathrm{end}`, squared. [a]

    Infinite where nothing ages.

    >>> round(years_to_end_of_life(0.12, 0.01, 0.8), 3)
    8.765
    """
    k, n, loss = calendar_loss_after_ten_years / math.sqrt(10.0), cycle_loss, 1.0 - end_of_life_share
    if k == 0.0 and n == 0.0:
        return math.inf
    root = 2.0 * loss / (k + math.sqrt(k * k + 4.0 * n * loss))  # this form needs no division by n
    return root * root
