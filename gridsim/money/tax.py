"""Value-added tax with its credit, depreciation, and income tax with losses carried forward: arrays over the years of a project."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def vat_payable(output_tax: ArrayLike, input_tax: ArrayLike) -> NDArray[np.float64]:
    r"""Value-added tax paid each year; input tax that exceeds output tax is credited to later years and never refunded.

    .. math:: \sum_{s \le t} P_s = \max\left(0, \max_{s \le t} \sum_{r \le s} (O_r - I_r)\right)

    Parameters
    ----------
    output_tax, input_tax : array, shape (Y,)
        On sales and on purchases. [CNY]

    Returns
    -------
    array, shape (Y,)
        [CNY]

    Examples
    --------
    >>> vat_payable([0, 40, 40, 40], [100, 10, 10, 10])  # credit 100, 70, 40, 10
    array([0., 0., 0., 0.])
    >>> vat_payable([0, 40, 40, 40], [50, 10, 10, 10])  # credit 50, 20, then 10 and 30 are paid
    array([ 0.,  0., 10., 30.])
    """
    owed = np.cumsum(np.asarray(output_tax, dtype=float) - np.asarray(input_tax, dtype=float))
    paid = np.maximum(np.maximum.accumulate(owed), 0.0)
    return np.diff(paid, prepend=0.0)


def depreciation(cost: float, begins: int, years: int, residual_share: float, horizon: int) -> NDArray[np.float64]:
    """Straight-line depreciation from year index ``begins`` on, cut at the horizon. Shape (``horizon``,). [CNY]

    >>> depreciation(1000.0, begins=1, years=2, residual_share=0.05, horizon=4)
    array([  0., 475., 475.,   0.])
    """
    year = np.arange(horizon)
    return np.where((year >= begins) & (year < begins + years), cost * (1.0 - residual_share) / years, 0.0)


def income_tax(profit: ArrayLike, rate: ArrayLike, carry_years: int) -> NDArray[np.float64]:
    """Income tax each year, after losses of at most ``carry_years`` years before, the oldest first.

    Parameters
    ----------
    profit : array, shape (Y,)
        Before tax; losses are negative. [CNY]
    rate : array
        Tax rate, one or one a year. [1]
    carry_years : int
        How many years after its own a loss may be used. [a]

    Returns
    -------
    array, shape (Y,)
        [CNY]

    Examples
    --------
    >>> income_tax([-100, 60, 60], 0.25, carry_years=5)  # 60 and then 40 of the loss are used: 20 are taxed
    array([0., 0., 5.])
    >>> income_tax([-100, 60, 60], 0.25, carry_years=1)  # the rest of the loss has lapsed
    array([ 0.,  0., 15.])
    """
    before = np.asarray(profit, dtype=float)
    losses = np.maximum(-before, 0.0)
    taxed = np.maximum(before, 0.0)
    for year in np.flatnonzero(taxed):
        for earlier in range(max(0, int(year) - carry_years), int(year)):
            used = min(losses[earlier], taxed[year])
            losses[earlier] -= used
            taxed[year] -= used
    return taxed * np.broadcast_to(np.asarray(rate, dtype=float), taxed.shape)


def holiday_rates(rate: float, free_years: int, half_years: int, building: int, operation: int) -> NDArray[np.float64]:
    """Income tax rate of each year: nothing, then half, then all, counted from the first year of operation. Shape (``building + operation``,). [1]

    >>> holiday_rates(0.25, 1, 2, building=1, operation=5)
    array([0.25 , 0.   , 0.125, 0.125, 0.25 , 0.25 ])
    """
    turn = np.arange(1 - building, operation + 1)
    factor = np.where(turn < 1, 1.0, np.where(turn <= free_years, 0.0, np.where(turn <= free_years + half_years, 0.5, 1.0)))
    return rate * factor
