r"""A loan that is drawn while the project is built, and repaid from its first year of operation on.

.. math:: I_t = r\,(B_{t-1} + \tfrac12 D_t) \ \text{while building, added to the debt}, \qquad I_t = r\,B_{t-1} \ \text{in operation}

with debt :math:`B`, drawings :math:`D` and rate :math:`r`. Half of a year's drawing bears interest in that year, as the Chinese method counts it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridsim.physics.annuity import capital_recovery_factor

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class Loan:
    """Debt year by year. All arrays have shape (Y,), years of construction first. [CNY]"""

    drawn: NDArray[np.float64]
    capitalised_interest: NDArray[np.float64]
    """Interest during construction, added to the debt."""
    interest: NDArray[np.float64]
    """Interest paid in operation."""
    principal: NDArray[np.float64]
    balance: NDArray[np.float64]
    """Debt at the end of the year."""


def loan(drawn: ArrayLike, rate: float, years: int, operation: int, equal_principal: bool = False) -> Loan:
    """Return the schedule of a loan.

    Parameters
    ----------
    drawn : array, shape (C,)
        Drawn in each year of construction. [CNY]
    rate : float
        Interest. [1/a]
    years : int
        Years of repayment; cut at ``operation``, so that the debt ends with the project. [a]
    operation : int
        Years of operation. [a]
    equal_principal : bool
        Equal parts of the principal (等额本金); else equal payments of principal and interest (等额本息).

    Examples
    --------
    >>> schedule = loan([1000.0], 0.0, years=4, operation=5)
    >>> schedule.principal
    array([  0., 250., 250., 250., 250.,   0.])
    """
    paid_in = np.asarray(drawn, dtype=float)
    capitalised, debt = np.zeros(paid_in.size), 0.0
    for place, amount in enumerate(paid_in):
        capitalised[place] = rate * (debt + amount / 2.0)
        debt += amount + capitalised[place]
    return _repaid(paid_in, capitalised, debt, rate, min(years, operation), operation, equal_principal)


def loan_at_zero(drawn: float, rate: float, years: int, operation: int, equal_principal: bool = False) -> Loan:
    """Return the schedule of a loan that is drawn at time zero, at the end of which operation begins.

    >>> loan_at_zero(1000.0, 0.10, years=2, operation=2).principal.round(4)
    array([  0.    , 476.1905, 523.8095])
    """
    return _repaid(np.array([drawn]), np.zeros(1), drawn, rate, min(years, operation), operation, equal_principal)


def _repaid(drawn: NDArray[np.float64], capitalised: NDArray[np.float64], debt: float, rate: float, years: int, operation: int, equal_principal: bool) -> Loan:
    turn = np.arange(1, years + 1, dtype=float)
    if equal_principal:
        principal = np.full(years, debt / years)
    else:  # the n-th payment repays payment · (1 + rate)^(n − 1 − years)
        principal = debt * float(capital_recovery_factor(rate, years)) * (1.0 + rate) ** (turn - 1 - years)
    before = debt - np.append(0.0, np.cumsum(principal)[:-1])
    building, after = np.zeros(drawn.size), np.zeros(operation - years)
    repaid = np.concatenate([building, principal, after])
    interest = np.concatenate([building, rate * before, after])
    opened = np.append(drawn + capitalised, np.zeros(operation))
    balance = np.cumsum(opened - repaid)
    pad = np.zeros(operation)
    return Loan(np.append(drawn, pad), np.append(capitalised, pad), interest, repaid, np.where(np.abs(balance) < 1e-6 * max(debt, 1.0), 0.0, balance))
