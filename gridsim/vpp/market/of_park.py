"""A park sells its flexibility: offers, calls, delivery, and one settlement.

1. The room is the envelope; starts that were not looked at have none. Of it each market sees what pays (`gridsim.vpp.market.paying_room`).
2. Reserve and called products are chosen together, month by month (`gridsim.vpp.market.offers`).
3. Calls are drawn with a fixed seed, split over the assets, and followed by them (`gridsim.vpp.market.called`).
4. The meter is the dispatch and what was delivered; the baseline of each market is its own, from that meter without what was delivered to the others.
5. Each market settles; owners share its statement (`gridsim.vpp.market.participants`).

Energy is settled from what the operation planned a day ahead against what it did. It is the park's exchange itself: it takes the place of the tariff's energy
price and is no income beside it. Energy of calls is not in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridsim.metrics.green import green_ledger
from gridsim.technologies.grid_connection import GridConnection
from gridsim.vpp.market.baseline.days import day_table
from gridsim.vpp.market.baseline.methods import baseline, of_call
from gridsim.vpp.market.called import Delivered, Drawn, deliver, draw
from gridsim.vpp.market.co_optimise import Choice, worth_of
from gridsim.vpp.market.delivery import calls_of
from gridsim.vpp.market.lines import Statement
from gridsim.vpp.market.market import markets
from gridsim.vpp.market.offers import offers_of
from gridsim.vpp.market.participants import shared
from gridsim.vpp.market.paying_room import Costs, PayingRoom, callable_starts, cost_of_calls, costs_of, groups_of, room_of
from gridsim.vpp.market.settlement import settle_calls, settle_certificates, settle_energy, settle_reserve
from gridsim.vpp.market.sold import Sold, SoldByPark
from gridsim.vpp.market.terms import CALLED
from gridsim.vpp.setpoints.settlement import OPERATOR

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.dispatch.result import Dispatch
    from gridsim.vpp.envelope.envelope import Envelope
    from gridsim.vpp.market.called import Call
    from gridsim.vpp.market.delivery import Note
    from gridsim.vpp.market.exclusivity import Room
    from gridsim.vpp.market.market import Market
    from gridsim.vpp.market.section import MarketsSection
    from gridsim.vpp.rolling.of_park import OperatedPark
    from gridsim.vpp.section import VppSection

    Series = NDArray[np.float64]

NOTES: tuple[Note, ...] = (
    (
        "调用按固定随机种子抽取；申报时段由模型在已知全年情况下选择，收入为上限估计",
        "Calls are drawn with a fixed seed; the hours of offers are chosen knowing the whole time, so that income is an upper estimate",
    ),
    (
        "削峰类产品仅在峰（尖）时段、填谷类产品仅在谷（深谷）时段调用（假设：规则未写明时段）",
        "Calls up come in peak hours of the tariff only, calls down in valley hours (assumption: the rules name no hours)",
    ),
    (
        "申报按各月、各电价时段代表起点的报价曲线；已调用的成本按其自身起点的曲线",
        "Offers know the cost of delivery from the priced curve of one start a month and time-of-use period; calls that were made are priced by their own",
    ),
    ("计量值为计划加实际响应，不含恢复过程", "The meter is the plan and the response to calls, without the recovery after them"),
)


def sell(dispatch: Dispatch, section: VppSection, envelope: Envelope, operated: OperatedPark | None = None) -> SoldByPark:
    """Sell a park's flexibility to the markets of its file.

    Parameters
    ----------
    dispatch : Dispatch
        Around which the envelope was found: what the park does without a call.
    section : VppSection
        With ``markets``.
    operated : OperatedPark, optional
        What was planned a day ahead and what was done; without it, energy is not settled.
    """
    if section.markets is None:
        return SoldByPark(dispatch.time, {}, {}, {}, False, np.zeros(dispatch.time.steps), 0.0, ())
    return _Sale(dispatch, section, section.markets, envelope, operated).sold()


@dataclass
class _Sale:
    dispatch: Dispatch
    section: VppSection
    offers: MarketsSection
    envelope: Envelope
    operated: OperatedPark | None

    def __post_init__(self) -> None:
        self.time = self.dispatch.time
        self.park = self.dispatch.draft.park
        connections = self.park.of_type(GridConnection)
        self.connection = self.offers.connection or next(iter(connections))
        self.markets = markets(self.park, self.offers)
        self.plan_mw = self._net_import(self.dispatch.flows)
        self.recovery_hours = max(self.offers.recovery_hours, self.section.envelope.recovery_hours)
        self.unsold: dict[str, Note] = {}

    def sold(self) -> SoldByPark:
        """Sell to every market, in the order of the file."""
        power = {name: one for name, one in self.markets.items() if one.product in ("reserve", *CALLED)}
        room = room_of(self.envelope, self.time.steps)
        groups = groups_of(self.dispatch, self.connection)
        share = {name: self._called_share(name) for name in power}
        costs = {
            name: costs_of(
                one,
                self.dispatch,
                room,
                self.section.envelope,
                groups,
                open_starts=callable_starts(one, self.dispatch, self.connection) & self._measurable_starts(one),
                price=self._price(name),
                called_share=share[name],
            )
            for name, one in power.items()
        }
        paying = PayingRoom(room.durations_hours, room.up_mw, room.down_mw, {name: cost.share for name, cost in costs.items()})
        worth = {
            name: worth_of(one, self.time, self._price(name), called_share=share[name], cost_cny_per_mwh=costs[name].cost_cny_per_mwh)
            for name, one in power.items()
        }
        choice = offers_of(power, self.time, paying, worth, recovery_hours=self.recovery_hours)
        drawn = draw(power, choice, room, self.time, share, recovery_hours=self.recovery_hours, measurable=self._measurable)
        signs = {name: 1 if one.directions[0] == "up" else -1 for name, one in power.items()}
        signal = np.sum([np.zeros(self.time.steps), *(signs[name] * asked for name, asked in drawn.asked_mw.items())], axis=0)
        delivered = deliver(self.dispatch, signal, self.section.set_points)
        by_market = delivered.of(drawn.asked_mw, signs)
        found: dict[str, Sold] = {}
        shares = {}
        for name, one in self.markets.items():
            if name in power:
                held = self._held(one, choice, drawn, room, signs[name])
                found[name] = self._sold(one, choice, drawn, by_market[name], held, signs[name], costs[name], share[name])
                shares[name] = self._shares(found[name], drawn, delivered, held)
            elif (statement := self._other(one)) is not None:
                nothing = np.zeros(self.time.steps)
                found[name] = Sold(one, statement, nothing, nothing, nothing, nothing, None, 0.0, None, float(statement.total_cny))
                shares[name] = {OPERATOR: statement.total_cny}
        following = {row for one in delivered.splits[:1] for row in one.assets.names}
        owned = any(self.park.technologies[name.partition(".")[0]].owner for name in following)
        return SoldByPark(self.time, found, self.unsold, shares, owned, self.plan_mw - delivered.total_mw, choice.gap, NOTES)

    def _net_import(self, flows: Mapping[str, Series]) -> Series:
        draft, nothing = self.dispatch.draft, np.zeros(self.time.steps)
        bought, sold = (sum((flows[one.name] for one in draft.having(role, technology=self.connection)), start=nothing) for role in ("import", "export"))
        return bought - sold

    def _price(self, name: str) -> Series | None:
        profile = self.offers.offers[name].price_profile
        return None if profile is None else self.park.profiles[profile]

    def _called_share(self, name: str) -> float:
        share = self.offers.offers[name].called_share
        return 1.0 if share is None else share

    def _measurable(self, call: Call, asked: Mapping[str, Series]) -> bool:
        """Whether the market's baseline finds days to compare a call with."""
        method = self.markets[call.market].baseline if self.markets[call.market].product in CALLED else None
        if method is None:
            return True
        called = asked[call.market] > 0
        called[call.first : call.last + 1] = True
        table = day_table(self.time, self.plan_mw, called)
        steps = np.arange(call.first, call.last + 1)
        days = self.time.day[steps]
        return all(of_call(method, table, int(day), table.step[steps[days == day]]) is not None for day in np.unique(days))

    def _measurable_starts(self, market: Market) -> NDArray[np.bool_]:
        """Starts for which the baseline has something to compare with, before any call. Shape (T,)."""
        method = market.baseline if market.product in CALLED else None
        if method is None:
            return np.ones(self.time.steps, dtype=bool)
        table = day_table(self.time, self.plan_mw)
        return np.array([of_call(method, table, int(day), np.array([step])) is not None for day, step in zip(self.time.day, table.step, strict=True)])

    def _held(self, market: Market, choice: Choice, drawn: Drawn, room: Room, sign: int) -> Series:
        """What is offered, less what earlier calls and their recovery take of what is held ready."""
        offered = choice.offers_mw[market.id]
        if market.product in CALLED:
            return offered
        free = room.of(market, market.directions[0]) * drawn.free_share[sign]
        return np.maximum(np.minimum(offered, free), drawn.asked_mw[market.id])

    def _sold(self, market: Market, choice: Choice, drawn: Drawn, delivered_mw: Series, held_mw: Series, sign: int, costs: Costs, called_share: float) -> Sold:
        name, time = market.id, self.time
        asked, exact = drawn.asked_mw[name], None
        if market.product in CALLED:
            metered = self.plan_mw - sign * delivered_mw
            method = market.baseline
            expected = metered if method is None else baseline(method, time, metered, asked > 0).mw
            statement = settle_calls(market, time, asked, expected, metered)
            exact = settle_calls(market, time, asked, self.plan_mw, metered).total_cny
            measured = np.where(asked > 0, sign * (expected - metered), 0.0)
        else:
            statement = settle_reserve(market, time, held_mw, asked, delivered_mw, self._price(name))
            measured = np.where(asked > 0, delivered_mw, 0.0)
        calls = calls_of(market, time, asked, measured)
        cost = cost_of_calls(market, self.dispatch, self.section.envelope, calls, delivered_mw)
        return Sold(
            market,
            statement,
            held_mw,
            asked,
            delivered_mw,
            measured,
            calls,
            cost,
            exact,
            choice.income_cny.get(name, 0.0),
            {why: count for (one, why), count in drawn.refused.items() if one == name},
            costs.starts,
            called_share,
        )

    def _shares(self, sold: Sold, drawn: Drawn, delivered: Delivered, held_mw: Series) -> dict:
        total = np.sum(list(drawn.asked_mw.values()), axis=0)
        held = held_mw if sold.market.product == "reserve" else None
        return shared(sold.market, sold.statement, self.dispatch, self.section.set_points, sold.asked_mw, delivered, total, held)

    def _other(self, market: Market) -> Statement | None:
        """Settle energy and certificates; None, with a word why, where they cannot be."""
        if market.product == "green_certificate":
            certificates = self.park.tariffs[self.park.of_type(GridConnection)[self.connection].tariff].bill.certificates
            price = None if certificates is None else certificates.price_cny_per_mwh
            return settle_certificates(market, self.time, green_ledger(self.dispatch).green_exported_mw, price)
        if market.product == "regulation":
            self.unsold[market.id] = ("需要秒级调频信号，年度模拟中没有", "needs a signal of seconds, which a year in hours does not have")
            return None
        if self.operated is None:
            self.unsold[market.id] = ("未模拟滚动运行，没有日前计划", "no operation was simulated, so that there is no plan a day ahead")
            return None
        operation, takes_part = self.operated.regret.operated, self.offers.offers[market.id]
        planned, done = -self._net_import(operation.planned), -self._net_import(operation.dispatch.flows)
        imbalance = None if takes_part.imbalance_price_profile is None else self.park.profiles[takes_part.imbalance_price_profile]
        return settle_energy(market, self.time, planned, done, self.park.profiles[takes_part.price_profile or ""], imbalance)
