"""What a market pays, shared among the owners of the assets: the lines of the statement, dealt out so that they add up to the cent.

The statement is the one settlement of the park's money. What calls earn and cost in penalties is shared by the rule of ``vpp.set_points.sharing``
(`gridsim.vpp.setpoints.settlement`), at the price of a delivered MWh and the penalty of a missing one that the statement comes to. What is paid for MW held
ready is shared by what each asset would give of them if they were called. What nobody's asset earned (energy, certificates, calls that were paid for an error
of the baseline alone) is the operator's.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

from gridsim.bill.amounts import ZERO, exact
from gridsim.vpp.setpoints.ledger import Ledger
from gridsim.vpp.setpoints.limits import limits_from
from gridsim.vpp.setpoints.response import deviation
from gridsim.vpp.setpoints.section import DeliveryTerms
from gridsim.vpp.setpoints.settlement import OPERATOR, Course, settle, to_the_cent
from gridsim.vpp.setpoints.split import split

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from gridsim.dispatch.result import Dispatch
    from gridsim.vpp.market.called import Delivered
    from gridsim.vpp.market.lines import Statement
    from gridsim.vpp.market.market import Market
    from gridsim.vpp.setpoints.section import SetPointsSection

    Series = NDArray[np.float64]
    Money = dict[str, Decimal]

HELD = ("reserve.capacity", "regulation.capacity")


def shared(
    market: Market,
    statement: Statement,
    dispatch: Dispatch,
    section: SetPointsSection,
    asked_mw: Series,
    delivered: Delivered,
    total_asked_mw: Series,
    held_mw: Series | None,
) -> Money:
    """Share one market's statement.

    Parameters
    ----------
    asked_mw : array, shape (T,)
        By this market; ``total_asked_mw`` by all, of which its share of every asset's delivery follows. [MW]
    held_mw : array, shape (T,), optional
        MW that are paid for being ready. [MW]

    Returns
    -------
    dict
        Owner, an asset without one by its own name, → money; adds up to the statement's total. [CNY]
    """
    held = sum((line.amount_cny for line in statement.lines if line.item in HELD), ZERO)
    penalty = -sum((line.amount_cny for line in statement.lines if line.item.endswith("penalty")), ZERO)
    payment = statement.total_cny - held + penalty
    found = _of_calls(market, payment, penalty, dispatch.time.step_hours, section, asked_mw, delivered, total_asked_mw)
    if held:
        for owner, amount in _of_held(held, dispatch, section, held_mw if held_mw is not None else asked_mw, market).items():
            found[owner] = found.get(owner, ZERO) + amount
    return found


def together(shares: Mapping[str, Money]) -> Money:
    """Add the shares of all markets by owner."""
    owners = dict.fromkeys(owner for one in shares.values() for owner in one)
    return {owner: sum((one.get(owner, ZERO) for one in shares.values()), ZERO) for owner in owners}


def cost_shares(cost: Decimal, delivered: Delivered, asked_mw: Series, total_asked_mw: Series) -> Money:
    """Share what a market's calls cost, recovery included, by the energy that each owner's assets delivered in them; the operator's where nobody's did."""
    if not delivered.splits or not asked_mw.any():
        return _to_operator(cost)
    assets = delivered.splits[0].assets
    part = asked_mw[delivered.steps] / total_asked_mw[delivered.steps]
    energy = np.bincount(assets.owner_index, weights=part @ np.abs(delivered.assets_mw), minlength=len(assets.owners))
    return dict(zip([*assets.owners, OPERATOR], dealt([*(exact(one) for one in energy.tolist()), ZERO], cost), strict=True))


def _of_calls(
    market: Market,
    payment: Decimal,
    penalty: Decimal,
    hours: float,
    section: SetPointsSection,
    asked_mw: Series,
    delivered: Delivered,
    total_asked_mw: Series,
) -> Money:
    steps = delivered.steps
    if not steps.size or not asked_mw.any():
        return _to_operator(payment - penalty)
    course = Course.of(delivered.splits)
    part = (asked_mw[steps] / total_asked_mw[steps])[:, None]
    own = Course(
        course.names,
        course.owners,
        course.owner_index,
        course.signal_mw * part[:, 0],
        course.asked_mw * part,
        course.shortfall_mw * part[:, 0],
        course.room_mw * part,
        course.cost_cny_per_mwh,
    )
    given = delivered.assets_mw * part
    band = market.term("tolerance_share")
    moved = deviation(own.signal_mw, given.sum(axis=1), hours, DeliveryTerms(price_cny_per_mwh=0.0, band_share=band))
    paid_mwh, missed_mwh = float(moved.paid_mwh.sum()), float(moved.penalised_mwh.sum())
    terms = DeliveryTerms(
        price_cny_per_mwh=float(payment) / paid_mwh if paid_mwh > 0 else 0.0,
        band_share=band,
        penalty_cny_per_mwh=float(penalty) / missed_mwh if missed_mwh > 0 else 0.0,
    )
    lines = settle(own, given, hours, terms, section.sharing).lines
    names = [line.participant for line in lines]
    paid, taken = dealt([line.payment_cny for line in lines], payment), dealt([line.penalty_cny for line in lines], penalty)
    return {name: paid[at] - taken[at] for at, name in enumerate(names)}


def _of_held(held: Decimal, dispatch: Dispatch, section: SetPointsSection, held_mw: Series, market: Market) -> Money:
    sign = 1.0 if market.directions[0] == "up" else -1.0
    by_owner: dict[str, float] = {}
    for step in np.flatnonzero(held_mw > 0).tolist():
        assets = limits_from(dispatch, step)
        ledger = Ledger.opened(assets, dispatch.time.step_hours, section.ledger_weight_mw)
        moved = np.bincount(assets.owner_index, weights=np.abs(split(sign * held_mw[step], assets, section, ledger).change_mw[0]))
        for owner, mw in zip(assets.owners, moved.tolist(), strict=True):
            by_owner[owner] = by_owner.get(owner, 0.0) + mw
    amounts = [*(exact(mw) for mw in by_owner.values()), ZERO]
    return dict(zip([*by_owner, OPERATOR], dealt(amounts, held), strict=True))


def dealt(amounts: list[Decimal], total: Decimal) -> list[Decimal]:
    """Deal a total out in proportion to amounts, to the cent; the last one, the operator, gets it where they are all nothing."""
    whole = sum(amounts, ZERO)
    if not whole:
        return [*(ZERO for _ in amounts[:-1]), total]
    parts = [amount * total / whole for amount in amounts]
    return to_the_cent([float(part) for part in parts], total)


def _to_operator(amount: Decimal) -> Money:
    return {OPERATOR: amount}
