r"""Money over years: capital recovery factor and present worth of a yearly payment that grows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def capital_recovery_factor(discount_rate: ArrayLike, years: ArrayLike) -> NDArray[np.float64]:
    r"""Equal yearly payment, at the end of each year, that repays one unit of investment.

    .. math:: a = \frac{i}{1 - (1 + i)^{-n}}, \qquad a = \frac{1}{n} \text{ for } i = 0

    Parameters
    ----------
    discount_rate : array
        Discount rate i, real or nominal like the payments; above -1. [1/a]
    years : array
        Lifetime n, above zero; need not be whole. [a]

    Returns
    -------
    array
        Share of the investment to be paid each year. [1/a]

    Examples
    --------
    >>> capital_recovery_factor([0.0, 0.08], 20).round(5)
    array([0.05   , 0.10185])
    """
    i, n = np.broadcast_arrays(np.asarray(discount_rate, dtype=float), np.asarray(years, dtype=float))
    is_zero = i == 0.0
    rate = np.where(is_zero, 1.0, i)  # any rate will do where the limit 1/n is taken
    return np.where(is_zero, 1.0 / n, rate / -np.expm1(-n * np.log1p(rate)))


def present_worth_factor(years: int, escalation_rate: ArrayLike, discount_rate: ArrayLike) -> NDArray[np.float64]:
    r"""Present worth of ``years`` yearly payments whose price grows, per unit of payment at today's price.

    .. math:: \mathrm{pwf}(n, e, i) = \sum_{t=1}^{n} \left(\frac{1 + e}{1 + i}\right)^t

    Parameters
    ----------
    years : int
        Number n of payments, at the end of each year. [a]
    escalation_rate : array
        Yearly growth e of the price. [1/a]
    discount_rate : array
        Discount rate i, nominal if the escalation is. [1/a]

    Returns
    -------
    array
        Present worth over the payment at today's price. [a]

    Notes
    -----
    Already the first payment has grown once and is discounted once, as in REopt. Without escalation it is 1 / `capital_recovery_factor`.

    Examples
    --------
    >>> present_worth_factor(25, escalation_rate=[0.02, 0.05], discount_rate=0.10).round(4)
    array([10.8194, 14.4365])
    """
    growth = (1.0 + np.asarray(escalation_rate, dtype=float)) / (1.0 + np.asarray(discount_rate, dtype=float))
    factor: NDArray[np.float64] = np.sum(growth[..., np.newaxis] ** np.arange(1, years + 1), axis=-1)
    return factor
