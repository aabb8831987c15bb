r"""One signal, many set-points.

A signal is a change of the park's supply at the connection against its plan, up or down, in MW. Each asset starts at the point of its range nearest to no
change, :math:`b`, and all move from there in one direction by a rule, so that

.. math:: x = b + (1-\varphi)\,x^\text{merit} + \varphi\,x^\text{fair}, \qquad \sum_i x_i + \text{shortfall} = \text{signal}

exactly (`gridsim.vpp.setpoints.exact`); :math:`\varphi` is `fairness_share`. Both parts keep to the bounds and add up, and so does any mixture. Where the
split would put an asset below its minimum load or between two blocks, `gridsim.vpp.setpoints.choice` says which piece of its range it takes, and the rest of
the signal is split again by the same rule.

By merit, up means the lowest cost of a MWh more first, down the lowest cost of a MWh less. Costs are taken as they are: assets never trade with one another
beyond the signal, although two costs may invite it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridsim.errors import DefinitionError, Problem
from gridsim.vpp.setpoints.choice import MOST_NUMBERS
from gridsim.vpp.setpoints.exact import add_up
from gridsim.vpp.setpoints.fill import NOTHING, in_proportion, merit, to_one_level
from gridsim.vpp.setpoints.section import SetPointsSection

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from gridsim.vpp.setpoints.assets import Assets
    from gridsim.vpp.setpoints.ledger import Ledger

    Array = NDArray[np.float64]

NUMBERS_AT_ONCE = 1_000_000
"""Signals times assets that are split in one go, to bound memory."""
SNAP_MW = 1e-9
"""An asset with a minimum load this close to 0 is off. [MW]"""


@dataclass(frozen=True, eq=False)
class Split:
    """Set-points of N assets for S signals."""

    assets: Assets
    signal_mw: Array
    """Shape (S,). [MW]"""
    change_mw: Array
    """Against the plan, shape (S, N). [MW]"""
    shortfall_mw: Array
    """Signal less the sum of the changes, exactly, shape (S,); its sign is that of the signal unless blocks or minimum loads gave more than asked. [MW]"""

    @property
    def set_point_mw(self) -> Array:
        """Power of each asset, within its bounds, shape (S, N). [MW]"""
        assets = self.assets
        power = np.clip(assets.now_mw + self.change_mw, assets.low_mw, assets.high_mw)
        minimum = np.maximum(assets.least_draw_mw, assets.least_supply_mw) > 0
        return np.where(minimum & (np.abs(power) < SNAP_MW), 0.0, power)

    @property
    def cost_cny_per_hour(self) -> Array:
        """What the changes cost, shape (S,). [CNY/h]"""
        return cost_cny_per_hour(self.change_mw, self.assets)


def cost_cny_per_hour(change_mw: Array, assets: Assets) -> Array:
    """Return what changes of shape (…, N) cost, shape (…). [CNY/h]"""
    return np.maximum(change_mw, 0.0) @ assets.cost_up_cny_per_mwh + np.maximum(-change_mw, 0.0) @ assets.cost_down_cny_per_mwh


def split(signal_mw: ArrayLike, assets: Assets, section: SetPointsSection | None = None, ledger: Ledger | None = None) -> Split:
    """Split signals over assets.

    Parameters
    ----------
    signal_mw : float or array, shape (S,)
        Change of supply that is asked, each signal for itself. [MW]
    assets : Assets
        What each can give now.
    section : SetPointsSection, optional
        The rule; left out, merit alone.
    ledger : Ledger, optional
        Needed by ``fair_rule: ledger``.

    Returns
    -------
    Split
        For each signal one row, also where there is only one.
    """
    section = SetPointsSection() if section is None else section
    signal = np.atleast_1d(np.asarray(signal_mw, dtype=float))
    _check(signal, assets, section, ledger)
    rule = _Rule(assets, section, ledger)
    rows = max(1, NUMBERS_AT_ONCE // max(assets.count, 1))
    if len(signal) <= rows:
        change, shortfall = _split(signal, rule)
    else:
        parts = [_split(signal[at : at + rows], rule) for at in range(0, len(signal), rows)]
        change, shortfall = np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])
    return Split(assets, signal, change, shortfall)


def _check(signal: Array, assets: Assets, section: SetPointsSection, ledger: Ledger | None) -> None:
    problems = []
    if signal.ndim != 1 or not np.isfinite(signal).all():
        problems.append(Problem("signal_mw", "is not a number, or a row of numbers", "give finite MW, one for each signal"))
    if assets.count == 0:
        problems.append(Problem("assets", "there is none", "name at least one asset"))
    if ledger is None and section.fairness_share > 0 and section.fair_rule == "ledger":
        problems.append(Problem("vpp.set_points.fair_rule", "'ledger' needs a ledger", "open one with Ledger.opened, and give it"))
    if problems:
        raise DefinitionError("The signal", problems)


@dataclass(frozen=True, eq=False)
class _Rule:
    assets: Assets
    section: SetPointsSection
    ledger: Ledger | None

    def moves(self, lower: Array, upper: Array, signal: Array) -> Array:
        """Changes within bounds of shape (1, N) or (S, N) that nearly add up to the signals. Shape (S, N). [MW]"""
        base = np.minimum(np.maximum(lower, 0.0), upper)
        rest = signal - base.sum(axis=1)
        if len(rest) == 1:
            up = rest[0] > 0
            return base + (self._filled(rest, upper - base, up=True) if up else -self._filled(-rest, base - lower, up=False))
        change = np.repeat(base, len(rest), axis=0) if len(base) == 1 else base.copy()
        for rows, up in ((np.flatnonzero(rest > 0), True), (np.flatnonzero(rest < 0), False)):
            if rows.size:
                room = upper - base if up else base - lower
                filled = self._filled(np.abs(rest[rows]), room if len(room) == 1 else room[rows], up=up)
                change[rows] += filled if up else -filled
        return change

    def _filled(self, amount: Array, room: Array, *, up: bool) -> Array:
        share = self.section.fairness_share
        ranking = self.assets.ranking_up if up else self.assets.ranking_down
        if share == 0.0:
            return merit(amount, room, ranking)
        fair = self._fair(amount, room)
        return fair if share == 1.0 else (1.0 - share) * merit(amount, room, ranking) + share * fair

    def _fair(self, amount: Array, room: Array) -> Array:
        if self.section.fair_rule == "proportional":
            return in_proportion(amount, room)
        if self.section.fair_rule == "max_min" or self.ledger is None:
            return to_one_level(amount, room, np.ones(room.shape[1]), np.zeros(room.shape[1]))
        owner = self.ledger.index_of(self.assets)
        owned = room @ (self.assets.owned if owner is self.assets.owner_index else (owner[:, None] == np.arange(len(self.ledger.owners))))
        given = to_one_level(amount, owned, self.ledger.weight_mw / self.ledger.step_hours, self.ledger.participation_hours)
        return room * np.minimum(given / np.maximum(owned, NOTHING), 1.0).take(owner, axis=1)


def _split(signal: Array, rule: _Rule) -> tuple[Array, Array]:
    """Split as if all moved freely, and again where the pieces of some forbid it."""
    whole = rule.assets.room
    lower, upper = whole.lower[None, :], whole.upper[None, :]
    change = rule.moves(lower, upper, signal)
    forbidden = whole.forbids(change)
    if not forbidden.any():
        return add_up(change, lower, upper, signal)
    lower, upper = (np.repeat(side, len(signal), axis=0) for side in (lower, upper))
    for row in np.flatnonzero(forbidden):
        lower[row], upper[row] = _pieces(float(signal[row]), change[row], rule)
    change[forbidden] = rule.moves(lower[forbidden], upper[forbidden], signal[forbidden])
    return add_up(change, lower, upper, signal)


def _pieces(signal: float, wanted: Array, rule: _Rule) -> tuple[Array, Array]:
    """Bounds of the pieces that the rule chooses. Each shape (N,). [MW]"""
    whole = rule.assets.room
    room = whole.upward if signal > 0 else whole.downward
    total = room.nearest_total(signal)
    if abs(total - signal) > whole.close:
        any_total = whole.nearest_total(signal)
        if abs(any_total - signal) < abs(total - signal) - whole.close:
            total, room = any_total, whole
    if rule.section.fairness_share > 0 or room.combinations * len(wanted) > MOST_NUMBERS:
        return room.nearest_bounds(total, wanted)
    lower, upper = room.all_bounds
    can = (lower.sum(axis=1) <= total + whole.close) & (upper.sum(axis=1) >= total - whole.close)
    lower, upper = lower[can], upper[can]
    change = rule.moves(lower, upper, np.full(len(lower), total))
    cost = np.round(cost_cny_per_hour(change, rule.assets), 9)
    cheapest = np.lexsort((np.abs(change).sum(axis=1), cost))[0]
    return lower[cheapest], upper[cheapest]
