r"""Who gets what of what the park earned, to the cent.

The park is paid and penalised as a whole (`gridsim.vpp.setpoints.response.deviation`). Owner :math:`o` is credited in each step with what it delivered along
the signal, as far as it was asked, :math:`g_{o,t}`. What is paid is shared by one of three rules:

delivered
    in each step in proportion to what each is credited with, or was asked where that is nothing; to the operator where nobody was asked.
merit
    a uniform price: every MWh credited in a step gets the cost of the dearest that was used in it, not below 0; what the market pays beyond that, or less,
    is the operator's.
shapley
    each gets its cost and what its presence adds on average to any group of the others, if each group were paid for what it could deliver of the signal,
    the cheapest first (without minimum loads and blocks) and without penalty; the value of all together is what was really paid less the cost of what is
    credited.

A penalty is shared in each step by those who deviated in the direction of the park, in proportion to their deviations; what no asset could give (the shortfall)
is the operator's deviation. Payments and penalties are rounded to fen so that they add up to the park's (largest remainder).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

from gridsim.bill.amounts import CENT, ZERO, cents, exact
from gridsim.errors import DefinitionError, Problem
from gridsim.vpp.setpoints.response import deviation
from gridsim.vpp.setpoints.shapley import MOST_PLAYERS, shapley

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.vpp.setpoints.section import DeliveryTerms, SharingRule
    from gridsim.vpp.setpoints.split import Split

    Array = NDArray[np.float64]

OPERATOR = "operator"
"""Who answers for what no asset could give, and keeps what a uniform price leaves."""


@dataclass(frozen=True, eq=False)
class Course:
    """T signals one after the other, with N assets of O owners."""

    names: tuple[str, ...]
    owners: tuple[str, ...]
    owner_index: NDArray[np.int64]
    """Shape (N,)."""
    signal_mw: Array
    """Shape (T,). [MW]"""
    asked_mw: Array
    """Changes, shape (T, N). [MW]"""
    shortfall_mw: Array
    """Shape (T,). [MW]"""
    room_mw: Array
    """Largest change along the signal, shape (T, N). [MW]"""
    cost_cny_per_mwh: Array
    """Of a MWh along the signal, shape (T, N). [CNY/MWh]"""

    @classmethod
    def of(cls, splits: Sequence[Split]) -> Course:
        """Put splits of the same assets one after the other, each with the rooms and costs of its own table."""
        first = splits[0].assets
        if any(one.assets.names != first.names or one.assets.owner != first.owner for one in splits):
            problem = Problem("splits", "are not of the same assets and owners", "settle each set of assets for itself")
            raise DefinitionError("The settlement", [problem])
        up = [one.signal_mw[:, None] >= 0 for one in splits]
        rooms = [np.where(along, one.assets.room_up_mw, one.assets.room_down_mw) for one, along in zip(splits, up, strict=True)]
        costs = [np.where(along, one.assets.cost_up_cny_per_mwh, one.assets.cost_down_cny_per_mwh) for one, along in zip(splits, up, strict=True)]
        series = [[getattr(one, field) for one in splits] for field in ("signal_mw", "change_mw", "shortfall_mw")]
        return cls(first.names, first.owners, first.owner_index, *(np.concatenate(one) for one in (*series, rooms, costs)))

    def by_owner(self, of_assets: Array) -> Array:
        """Sum an array of shape (T, N) over the assets of each owner. Shape (T, O)."""
        return of_assets @ (self.owner_index[:, None] == np.arange(len(self.owners))).astype(float)


@dataclass(frozen=True)
class Line:
    """One participant's line."""

    participant: str
    asked_mwh: float
    """Up and down counted alike. [MWh]"""
    delivered_mwh: float
    """Along the signal, as far as it was asked. [MWh]"""
    payment_cny: Decimal
    penalty_cny: Decimal
    share: float
    """Of all payments less penalties; NaN where those are 0. [1]"""

    @property
    def net_cny(self) -> Decimal:
        """Payment less penalty. [CNY]"""
        return self.payment_cny - self.penalty_cny


@dataclass(frozen=True)
class Settlement:
    """All lines; they add up to the totals."""

    rule: SharingRule
    lines: tuple[Line, ...]
    payment_cny: Decimal
    penalty_cny: Decimal

    @property
    def net_cny(self) -> Decimal:
        """What the park earned. [CNY]"""
        return self.payment_cny - self.penalty_cny


def settle(course: Course, delivered_mw: Array, step_hours: float, terms: DeliveryTerms, rule: SharingRule = "delivered") -> Settlement:
    """Share what the market paid and took among owners and operator.

    Parameters
    ----------
    course : Course
        What was asked.
    delivered_mw : array, shape (T, N)
        Changes that each asset delivered. [MW]
    step_hours : float
        Length of a step. [h]
    terms : DeliveryTerms
        What the market pays and takes.
    rule : "delivered", "merit" or "shapley"
        How payments are shared.
    """
    _check(course, delivered_mw, rule)
    found = deviation(course.signal_mw, delivered_mw.sum(axis=1), step_hours, terms)
    sign = np.where(course.signal_mw >= 0, 1.0, -1.0)[:, None]
    credited = np.minimum(np.maximum(delivered_mw * sign, 0.0), np.maximum(course.asked_mw * sign, 0.0))
    payments = {"delivered": _by_delivery, "merit": _by_merit, "shapley": _by_shapley}[rule](course, credited, found.payment_cny, step_hours, terms)
    penalties = _penalties(course, delivered_mw, found.penalty_cny)
    payment, penalty = (cents(exact(float(amounts.sum()))) for amounts in (found.payment_cny, found.penalty_cny))
    asked = np.append(course.by_owner(np.abs(course.asked_mw)).sum(axis=0) * step_hours, 0.0)
    gave = np.append(course.by_owner(credited).sum(axis=0) * step_hours, 0.0)
    lines = []
    for at, (paid, taken) in enumerate(zip(to_the_cent(payments, payment), to_the_cent(penalties, penalty), strict=True)):
        net = payment - penalty
        share = float((paid - taken) / net) if net else float("nan")
        lines.append(Line((*course.owners, OPERATOR)[at], float(asked[at]), float(gave[at]), paid, taken, share))
    return Settlement(rule, tuple(lines), payment, penalty)


def _check(course: Course, delivered_mw: Array, rule: SharingRule) -> None:
    problems = []
    if delivered_mw.shape != course.asked_mw.shape:
        problems.append(Problem("delivered_mw", f"has shape {delivered_mw.shape}", f"give one of shape {course.asked_mw.shape}, as was asked"))
    if OPERATOR in course.owners:
        problems.append(Problem("owner", f"'{OPERATOR}' names who answers for the park", "give the owner of the asset another name"))
    if rule == "shapley" and len(course.owners) > MOST_PLAYERS:
        problems.append(
            Problem(
                "vpp.set_points.sharing",
                f"'shapley' among {len(course.owners)} owners takes too long",
                f"at most {MOST_PLAYERS} owners; take delivered or merit",
            )
        )
    if problems:
        raise DefinitionError("The settlement", problems)


def _by_delivery(course: Course, credited: Array, payment: Array, step_hours: float, terms: DeliveryTerms) -> Array:
    """Shape (O + 1,), the operator last, to whom falls what was paid where nobody was asked, such as the tail of a call before. [CNY]"""
    shares = _shares(course.by_owner(credited), course.by_owner(np.abs(course.asked_mw)))
    return np.append((payment[:, None] * shares).sum(axis=0), payment[~shares.any(axis=1)].sum())


def _by_merit(course: Course, credited: Array, payment: Array, step_hours: float, terms: DeliveryTerms) -> Array:
    price = np.where(credited > 0, np.maximum(course.cost_cny_per_mwh, 0.0), 0.0).max(axis=1)
    owners = (price[:, None] * course.by_owner(credited)).sum(axis=0) * step_hours
    return np.append(owners, payment.sum() - owners.sum())


def _by_shapley(course: Course, credited: Array, payment: Array, step_hours: float, terms: DeliveryTerms) -> Array:
    costs = course.by_owner(credited * course.cost_cny_per_mwh).sum(axis=0) * step_hours
    value = coalition_values(course, step_hours, terms.price_cny_per_mwh)
    value[-1] = payment.sum() - costs.sum()
    return np.append(costs + shapley(value), 0.0)


def coalition_values(course: Course, step_hours: float, price_cny_per_mwh: float) -> Array:
    """Return what each group of owners alone could earn of the signals, less its costs; owner i is in group c where bit i of c is set. Shape (2^O,). [CNY]"""
    order = np.argsort(course.cost_cny_per_mwh, axis=1, kind="stable")
    room, cost = (np.take_along_axis(of_assets, order, axis=1) for of_assets in (course.room_mw, course.cost_cny_per_mwh))
    owner, asked = course.owner_index[order], np.abs(course.signal_mw)[:, None]
    value = np.zeros(2 ** len(course.owners))
    for group in range(1, len(value)):
        of_group = np.where(group >> owner & 1, room, 0.0)
        given = np.minimum(np.maximum(asked - (of_group.cumsum(axis=1) - of_group), 0.0), of_group)
        value[group] = float((given * (price_cny_per_mwh - cost)).sum() * step_hours)
    return value


def _penalties(course: Course, delivered_mw: Array, penalty: Array) -> Array:
    """Shape (O + 1,), the operator last. [CNY]"""
    apart = np.column_stack((course.by_owner(delivered_mw - course.asked_mw), -course.shortfall_mw))
    along = np.maximum(apart * np.sign(apart.sum(axis=1))[:, None], 0.0)
    return (penalty[:, None] * _shares(along, along)).sum(axis=0)


def _shares(parts: Array, otherwise: Array) -> Array:
    """Return parts of shape (T, P) over their sum; over that of ``otherwise`` where they are all 0, and 0 where those are too."""
    parts = np.where(parts.sum(axis=1, keepdims=True) > 0, parts, otherwise)
    total = parts.sum(axis=1, keepdims=True)
    return np.divide(parts, total, out=np.zeros_like(parts), where=total > 0)


def to_the_cent(amounts: Sequence[float] | Array, total: Decimal) -> list[Decimal]:
    """Round amounts to fen so that they add up to a total in fen: each is rounded down, and what is missing goes to the largest remainders, a fen each."""
    fen = [exact(float(amount)) / CENT for amount in amounts]
    whole = [int(amount.to_integral_value("ROUND_FLOOR")) for amount in fen]
    missing = int(total / CENT) - sum(whole)
    if not 0 <= missing <= len(fen):
        msg = f"amounts of {sum(fen) * CENT} CNY cannot be rounded to {total} CNY"
        raise ValueError(msg)
    for at in sorted(range(len(fen)), key=lambda at: whole[at] - fen[at])[:missing]:
        whole[at] += 1
    return [amount * CENT + ZERO for amount in whole]
