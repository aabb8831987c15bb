r"""Which offers are called, and what the park then delivers.

Calls are drawn with a fixed seed: a block of a called product with the market's called share, an hour of reserve likewise. A call is made only where what
earlier calls take of the envelope leaves room for it, from its beginning until it has been recovered from: with :math:`u_c` the share of the envelope that call
:math:`c` takes,

.. math:: \sum_{c\,:\; t \in [s_c,\, e_c + R)} u_c \le 1

and never against a call of the other direction; of two that meet, that of the market which stands first in the file is made. What is drawn and cannot be
called is counted.

A call is split over the assets step by step (`gridsim.vpp.setpoints`). Stores share out what they hold beyond the plan evenly over the rest of the call, so
that the first hour does not empty them. What the park does to recover is in `gridsim.vpp.market.recovery`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from gridsim.vpp.market.co_optimise import block_steps
from gridsim.vpp.market.offers import calls_of_year
from gridsim.vpp.market.terms import CALLED
from gridsim.vpp.setpoints.ledger import Ledger
from gridsim.vpp.setpoints.limits import limits_from
from gridsim.vpp.setpoints.response import follow_section
from gridsim.vpp.setpoints.split import Split, split

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.dispatch.result import Dispatch
    from gridsim.profiles.time_axis import TimeAxis
    from gridsim.technologies.draft import Component
    from gridsim.vpp.market.co_optimise import Choice
    from gridsim.vpp.market.exclusivity import Room
    from gridsim.vpp.market.market import Market
    from gridsim.vpp.setpoints.assets import Assets
    from gridsim.vpp.setpoints.section import SetPointsSection

    Series = NDArray[np.float64]

SEED = 1
"""Of the draw of calls."""

LEAST_CALL_MW = 1e-3
"""Nobody calls less than a kilowatt. [MW]"""

SMALL_MW = 1e-9
"""What rounding leaves. [MW]"""


@dataclass(frozen=True)
class Call:
    """One call."""

    market: str
    first: int
    last: int
    """Snapshot that it ends with."""
    mw: float
    sign: int
    """1 up, −1 down."""


@dataclass(frozen=True, eq=False)
class Drawn:
    """All calls, and what was drawn in vain."""

    calls: tuple[Call, ...]
    refused: Mapping[tuple[str, str], int]
    """Market and why (``busy``, ``limit``, ``no baseline``) → calls."""
    asked_mw: dict[str, Series]
    """By market. Each shape (T,). [MW]"""
    free_share: dict[int, Series]
    """Of the envelope that calls and their recovery leave, by direction; those steps of a call that it pays for are not taken off. Each shape (T,). [1]"""


def draw(
    markets: Mapping[str, Market],
    choice: Choice,
    room: Room,
    time: TimeAxis,
    called_share: Mapping[str, float],
    *,
    recovery_hours: float,
    measurable: Callable[[Call, Mapping[str, Series]], bool] = lambda *_: True,
    seed: int = SEED,
) -> Drawn:
    """Draw which offers are called.

    Parameters
    ----------
    choice : Choice
        What is offered.
    called_share : dict
        By market. [1]
    recovery_hours : float
        After a call, until its part of the envelope is there again. [h]
    measurable : callable, optional
        Told a call and what was asked before it, by market: whether its delivery can be measured.
    """
    chance = np.random.default_rng(seed)
    candidates: list[Call] = []
    for name, one in markets.items():
        drawn, sign = chance.random(time.steps), 1 if one.directions[0] == "up" else -1
        called = one.product in CALLED
        steps = block_steps(one, time) if called else max(1, int(np.ceil(one.term("minimum_hours") / time.step_hours - 1e-9)))
        offered = choice.begun_mw[name] if called else choice.offers_mw[name]
        for first in np.flatnonzero((offered > LEAST_CALL_MW) & (drawn < called_share[name] / (1 if called else steps))).tolist():
            last = min(first + steps, time.steps) - 1
            mw = float(offered[first] if called else offered[first : last + 1].min())
            candidates.append(Call(name, first, last, mw, sign))
    recovery = int(np.ceil(recovery_hours / time.step_hours - 1e-9))
    used = {1: np.zeros(time.steps), -1: np.zeros(time.steps)}
    later = {1: np.zeros(time.steps), -1: np.zeros(time.steps)}
    asked = {name: np.zeros(time.steps) for name in markets}
    made: list[Call] = []
    refused: Counter[tuple[str, str]] = Counter()
    for call in candidates:
        window = slice(call.first, call.last + 1 + recovery)
        free = room.of(markets[call.market], "up" if call.sign > 0 else "down")[call.first]
        share = call.mw / free if free > 0 else np.inf
        if call.mw <= LEAST_CALL_MW or used[call.sign][window].max() + share > 1.0 + 1e-6 or used[-call.sign][window].any():
            refused[call.market, "busy"] += 1
        elif _beyond(markets[call.market], time, [one for one in made if one.market == call.market], call):
            refused[call.market, "limit"] += 1
        elif not measurable(call, asked):
            refused[call.market, "no baseline"] += 1
        else:
            made.append(call)
            used[call.sign][window] += share
            later[call.sign][call.last + 1 : window.stop] += share
            asked[call.market][call.first : call.last + 1] += call.mw
    free_share = {sign: np.where(used[-sign] > 0, 0.0, np.clip(1.0 - later[sign], 0.0, 1.0)) for sign in (1, -1)}
    made.sort(key=lambda call: call.first)
    return Drawn(tuple(made), dict(refused), asked, free_share)


def _beyond(market: Market, time: TimeAxis, made: list[Call], call: Call) -> bool:
    """Whether a call is one too many for its day or year."""
    year, day = calls_of_year(market, time), market.stated("calls_per_day")
    today = sum(time.day[one.first] == time.day[call.first] for one in made)
    return (year is not None and len(made) >= year) or (day is not None and today >= day)


@dataclass(frozen=True, eq=False)
class Delivered:
    """What the assets did of what was asked. Signed: up is positive."""

    steps: NDArray[np.int64]
    """Snapshots with a call. Shape (S,)."""
    splits: tuple[Split, ...]
    """One a step."""
    assets_mw: Series
    """By asset. Shape (S, N). [MW]"""
    total_mw: Series
    """Of the park. Shape (T,). [MW]"""

    def of(self, asked_mw: Mapping[str, Series], signs: Mapping[str, int]) -> dict[str, Series]:
        """Deal the park's delivery out to its markets in proportion to what each asks, in each one's own direction. Each shape (T,). [MW]"""
        total = np.sum([*asked_mw.values(), np.zeros(self.total_mw.size)], axis=0)
        share = {name: np.divide(asked, total, out=np.zeros_like(asked), where=total > 0) for name, asked in asked_mw.items()}
        return {name: signs[name] * self.total_mw * share[name] for name in asked_mw}


def deliver(dispatch: Dispatch, signal_mw: Series, section: SetPointsSection) -> Delivered:
    """Split a signal of shape (T,), up positive, over the assets of a dispatch, and let them follow it."""
    steps = np.flatnonzero(np.abs(signal_mw) > SMALL_MW)
    total, hours = np.zeros(signal_mw.size), dispatch.time.step_hours
    splits: list[Split] = []
    followed = []
    ledger: Ledger | None = None
    for run in np.split(steps, np.flatnonzero(np.diff(steps) > 1) + 1) if steps.size else []:
        stores = _stores(dispatch)
        begun = len(splits)
        for step in run.tolist():
            assets = limits_from(dispatch, step)
            for store in stores:
                assets = store.held_back(assets, step, int(run[-1]))
            if ledger is None:
                ledger = Ledger.opened(assets, hours, section.ledger_weight_mw)
            given = split(signal_mw[step], assets, section, ledger)
            for store in stores:
                store.note(given)
            ledger = ledger.after(assets, given.change_mw[0])
            splits.append(given)
        asked = np.concatenate([one.change_mw for one in splits[begun:]])
        followed.append(follow_section(asked, splits[-1].assets.names, hours * 3600.0, section))
    if not splits:
        return Delivered(steps, (), np.zeros((0, 0)), total)
    of_assets = np.concatenate(followed)
    total[steps] = of_assets.sum(axis=1)
    return Delivered(steps, tuple(splits), of_assets, total)


@dataclass
class _Store:
    """A store of an asset, and how far it is below its plan."""

    asset: str
    component: Component
    dispatch: Dispatch
    taken: float
    """Out of the store for a MWh that the asset supplies. [1]"""
    filled: float
    """Into the store for a MWh that the asset draws. [1]"""
    below_mwh: float = 0.0

    def held_back(self, assets: Assets, step: int, last: int) -> Assets:
        """Return the assets with no more than an even share of what the store can give, and take, until the end of the run."""
        at = assets.names.index(self.asset)
        hours, now = self.dispatch.time.step_hours, float(assets.now_mw[at])
        levels = self.dispatch.levels[self.component.name][step : last + 1]
        low, high = (np.broadcast_to(np.asarray(self.component.get(key, default)), (self.dispatch.time.steps,)) for key, default in _BOUNDS)
        size = self.component["e_nom"]
        left = (last + 1 - step) * hours
        give = max(float((levels - low[step : last + 1] * size).min()) - self.below_mwh, 0.0) / left
        take = max(float((high[step : last + 1] * size - levels).min()) + self.below_mwh, 0.0) / left
        most, least = self._power(self._drain(now) + give), self._power(self._drain(now) - take)
        high_mw, low_mw = assets.high_mw.copy(), assets.low_mw.copy()
        high_mw[at] = min(high_mw[at], max(most, now))
        if self.filled > 0:
            low_mw[at] = max(low_mw[at], min(least, now))
        return replace(assets, high_mw=high_mw, low_mw=low_mw)

    def note(self, given: Split) -> None:
        """Remember what a split asked of the asset."""
        at = given.assets.names.index(self.asset)
        now = float(given.assets.now_mw[at])
        self.below_mwh += (self._drain(now + float(given.change_mw[0, at])) - self._drain(now)) * self.dispatch.time.step_hours

    def _drain(self, power: float) -> float:
        """Out of the store at a power of the asset. [MW]"""
        return power * (self.taken if power > 0 else self.filled)

    def _power(self, drain: float) -> float:
        factor = self.taken if drain > 0 else self.filled
        return drain / factor if factor > 0 else (np.inf if drain > 0 else -np.inf)


_BOUNDS = (("e_min_pu", 0.0), ("e_max_pu", 1.0))


def _stores(dispatch: Dispatch) -> list[_Store]:
    """Stores of electricity: of batteries, and of compressed air with its heat."""
    draft = dispatch.draft
    found = []
    for store in draft.having("store"):
        charge, discharge = (draft.components.get(f"{store.technology}.{way}") for way in ("charge", "discharge"))
        if charge is None or discharge is None:
            continue
        ways = [{bus: float(np.mean(factor)) for bus, factor in draft.ports(one)} for one in (charge, discharge)]
        if store["bus"] not in ways[1]:
            continue
        drawn, supplied = (sum(factor for bus, factor in way.items() if draft.electric(bus)) for way in ways)
        if drawn < 0 < supplied:
            filled = ways[0].get(store["bus"], 0.0) / -drawn if store.name == f"{store.technology}.store" else 0.0
            found.append(_Store(store.technology, store, dispatch, -ways[1][store["bus"]] / supplied, filled))
    return found
