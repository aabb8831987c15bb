"""The account of each call: what it is paid and fined, what it costs while it lasts and while the park recovers, in cents that add up."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

from gridsim.bill.amounts import ZERO, cents, exact
from gridsim.vpp.market.participants import dealt
from gridsim.vpp.market.recovery import Called
from gridsim.vpp.market.settlement import earned_by_call

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from gridsim.vpp.market.delivery import Calls
    from gridsim.vpp.market.lines import Statement
    from gridsim.vpp.market.market import Market
    from gridsim.vpp.market.recovery import Recovered

    Series = NDArray[np.float64]


@dataclass(frozen=True)
class CallAccount:
    """One call. What the park receives is positive in ``paid_cny`` alone. [CNY]"""

    paid_cny: Decimal
    """For the call itself; what reserve is paid for being held is not in it."""
    penalty_cny: Decimal
    in_call_cny: Decimal
    """Bill, fuel, wear and demand response while it lasted, over those of the plan; mostly below zero of a call up, which saves imports."""
    recovery_cny: Decimal
    """The same afterwards, until the park is as planned again."""

    @property
    def net_cny(self) -> Decimal:
        """What is left."""
        return self.paid_cny - self.penalty_cny - self.in_call_cny - self.recovery_cny


def accounts_of(
    sold: Mapping[str, tuple[Market, Statement, Calls, Series]], recovered: Recovered, recovery_steps: int, reserve_price: Mapping[str, Series]
) -> dict[str, tuple[CallAccount, ...]]:
    """Make the accounts of all calls.

    Parameters
    ----------
    sold : dict
        By market: what it settles, its calls, and what was delivered to it, shape (T,). [MW]
    reserve_price : dict
        Price of capacity, by market of reserve. Each shape (T,). [CNY/MW h]

    Returns
    -------
    dict
        By market, an account a call. Payments and penalties add up to the market's statement.
    """
    hours = recovered.plan.time.step_hours
    called = [
        Called(first, last, float(np.abs(delivered[first : last + 1]).sum() * hours))
        for _, _, calls, delivered in sold.values()
        for first, last in zip(calls.first.tolist(), calls.last.tolist(), strict=True)
    ]
    costs = iter(recovered.by_call(called, recovery_steps))
    found = {}
    for name, (market, statement, calls, _) in sold.items():
        paid, fined = earned_by_call(market, calls, reserve_price[name][calls.first] if name in reserve_price else 0.0)
        penalty = -sum((line.amount_cny for line in statement.lines if line.item.endswith("penalty")), ZERO)
        held = statement.of("reserve.capacity")
        payments, penalties = _each(paid, statement.total_cny + penalty - held), _each(fined, penalty)
        money = [tuple(cents(exact(one)) for one in next(costs)) for _ in payments]
        found[name] = tuple(CallAccount(*one, *cost) for one, cost in zip(zip(payments, penalties, strict=True), money, strict=True))
    return found


def _each(amounts: Series, total: Decimal) -> list[Decimal]:
    return dealt([exact(one) for one in amounts.tolist()], total) if amounts.size else []
