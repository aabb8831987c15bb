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


def yearly_cost_share(discount_rate: ArrayLike, years: ArrayLike, replacement_cost_share: ArrayLike = 1.0) -> NDArray[np.float64]:
    r"""Equal yearly payment for something that is bought again at the end of each life, per unit of its first cost.

    .. math:: c = r\,a(i, L) + (1 - r)\,i, \qquad a(i, L) = \frac{i}{1 - (1 + i)^{-L}}

    Parameters
    ----------
    discount_rate : array
        Discount rate i, real, as prices are. [1/a]
    years : array
        Life L. [a]
    replacement_cost_share : array
        What each replacement costs over the first cost, r; the rest, such as foundations, lasts for ever. [1]

    Returns
    -------
    array
        [1/a]

    Notes
    -----
    This annuity holds replacement and residual value already. Over a horizon of N years the purchases at 0, L, 2L, ... before N, less the residual value
    at N, have the same present value as N payments of c:

    .. math::
       1 + r \sum_{0 < kL < N} (1 + i)^{-kL} - (1 + i)^{-N} R_N = c\,\frac{1 - (1 + i)^{-N}}{i}, \qquad
       R_N = r\,\frac{1 - (1 + i)^{-m}}{1 - (1 + i)^{-L}} + (1 - r)

    where m is what is left of the last life at N: the part that wears is worth the payments it still saves, which is nothing at the end of a life. So a
    yearly cost does not depend on the horizon, and things of unequal lives compare. A residual value in proportion to the years left, as accountants
    write it, is lower: at 7 % a life of 20 years leaves after 10 of them 0.66 of its cost here and 0.50 there.

    Examples
    --------
    >>> yearly_cost_share(0.07, [15, 8], [1.0, 2 / 3]).round(5)
    array([0.10979, 0.13498])
    """
    share, rate = np.asarray(replacement_cost_share, dtype=float), np.asarray(discount_rate, dtype=float)
    return share * capital_recovery_factor(rate, years) + (1.0 - share) * rate


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
