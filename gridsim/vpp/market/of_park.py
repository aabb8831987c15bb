"""A park sells its flexibility: offers, calls, delivery, and one settlement.

1. The room is the envelope; starts that were not looked at have none. Of it each market sees what pays (`gridsim.vpp.market.paying_room`).
2. Reserve and called products are chosen together, month by month (`gridsim.vpp.market.offers`).
3. Calls are drawn with a fixed seed, split over the assets, and followed by them (`gridsim.vpp.market.called`).
4. The park is dispatched again with its calls, so that their recovery is on the meter and in the bill (`gridsim.vpp.market.recovery`).
5. The baseline of each market is its own, from that meter without what was delivered to the others. Each market settles; each call has its account
   (`gridsim.vpp.market.call_accounts`); owners share statement and costs (`gridsim.vpp.market.participants`).
6. That the hours are chosen knowing the year makes it an upper bound; beside it stands the same at random hours (`gridsim.vpp.market.expectation`).

Energy is settled from what the operation planned a day ahead against what it did. It is the park's exchange itself: it takes the place of the tariff's energy
price and is no income beside it. Energy of calls is not in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gridsim.bill.amounts import ZERO
from gridsim.metrics.green import green_ledger
from gridsim.technologies.grid_connection import GridConnection
from gridsim.vpp.market.baseline.days import day_table
from gridsim.vpp.market.baseline.methods import baseline, of_call
from gridsim.vpp.market.call_accounts import accounts_of
from gridsim.vpp.market.called import SEED, Delivered, Drawn, deliver, draw
from gridsim.vpp.market.co_optimise import Choice, worth_of
from gridsim.vpp.market.delivery import calls_of
from gridsim.vpp.market.expectation import Expectation, at_random, random_starts
from gridsim.vpp.market.lines import Statement
from gridsim.vpp.market.market import markets
from gridsim.vpp.market.offers import offers_of
from gridsim.vpp.market.participants import cost_shares, shared
from gridsim.vpp.market.paying_room import Costs, PayingRoom, callable_starts, costs_of, groups_of, paying_mw, room_of
from gridsim.vpp.market.recovery import Recovered, recover
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
    from gridsim.vpp.market.market import Market
    from gridsim.vpp.market.section import MarketsSection
    from gridsim.vpp.rolling.of_park import OperatedPark
    from gridsim.vpp.section import VppSection

    Series = NDArray[np.float64]

NOTES: tuple[Note, ...] = (
    (
        "申报时段由模型在已知全年情况下选择，收入为上限；随机时段抽样（固定随机种子）给出期望值。两者均已知调用时段的可调能力。",
        "The hours of offers are chosen knowing the whole time, so that income is an upper bound; calls at random hours (fixed seeds) tell what to expect. "
        "Both know the envelope of the hour that is called.",
    ),
    (
        "削峰类产品仅在峰（尖）时段、填谷类产品仅在谷（深谷）时段调用（假设：规则未写明时段）。",
        "Calls up come in peak hours of the tariff only, calls down in valley hours (assumption: the rules name no hours).",
    ),
    (
        "申报按各月、各电价时段代表起点的报价曲线；已调用的成本按含全部调用及恢复过程的重新调度（电量电费、需量电费、燃料、损耗），为下限。",
        "Offers know the cost of delivery from the priced curve of one start a month and time-of-use period. What calls cost is the park dispatched again with "
        "all of them and their recovery (energy, demand charge, fuel, wear), which is the cheapest way: a lower bound.",
    ),
    (
        "申报时各品种采用同一恢复时间，且假设每次申报均被调用：调用概率低于 1 的品种收入偏低估；备用被调用后的恢复未预留，其期望收入偏高估，结算值不受影响。",
        "Offers plan one recovery for all products, as if each block were called: too careful where fewer are. Recovery after calls of reserve is not planned, "
        "so that its expected income is too high; what is settled is not.",
    ),
)


def sell(
    dispatch: Dispatch, section: VppSection, envelope: Envelope, operated: OperatedPark | None = None, *, progress: Callable[[float], None] = lambda _: None
) -> SoldByPark:
    """Sell a park's flexibility to the markets of its file.

    Parameters
    ----------
    dispatch : Dispatch
        Around which the envelope was found: what the park does without a call.
    section : VppSection
        With ``markets``.
    operated : OperatedPark, optional
        What was planned a day ahead and what was done; without it, energy is not settled.
    progress : callable, optional
        Told the share of random draws that is done.
    """
    if section.markets is None:
        return SoldByPark(dispatch.time, {}, {}, {}, {}, False, np.zeros(dispatch.time.steps), 0.0, ())
    return _Sale(dispatch, section, section.markets, envelope, operated, progress).sold()


class _Outcome(NamedTuple):
    """What came of some offers."""

    sold: dict[str, Sold]
    drawn: Drawn
    delivered: Delivered
    recovered: Recovered


@dataclass
class _Sale:
    dispatch: Dispatch
    section: VppSection
    offers: MarketsSection
    envelope: Envelope
    operated: OperatedPark | None
    progress: Callable[[float], None]

    def __post_init__(self) -> None:
        self.time = self.dispatch.time
        self.park = self.dispatch.draft.park
        connections = self.park.of_type(GridConnection)
        self.connection = self.offers.connection or next(iter(connections))
        self.markets = markets(self.park, self.offers)
        self.plan_mw = self._net_import(self.dispatch.flows)
        self.power = {name: one for name, one in self.markets.items() if one.product in ("reserve", *CALLED)}
        self.room = room_of(self.envelope, self.time.steps)
        self.called_share = {name: 1.0 if (share := self.offers.offers[name].called_share) is None else share for name in self.power}
        self.recovery_hours = max(self.offers.recovery_hours, self.section.envelope.recovery_hours)
        self.recovery_steps = int(np.ceil(self.recovery_hours / self.time.step_hours - 1e-9))
        self.unsold: dict[str, Note] = {}

    def sold(self) -> SoldByPark:
        """Sell to every market, in the order of the file."""
        costs = {name: self._costs(name) for name in self.power}
        paying = PayingRoom(self.room.durations_hours, self.room.up_mw, self.room.down_mw, {name: cost.share for name, cost in costs.items()})
        worth = {
            name: worth_of(one, self.time, self._price(name), called_share=self.called_share[name], cost_cny_per_mwh=costs[name].cost_cny_per_mwh)
            for name, one in self.power.items()
        }
        choice = offers_of(self.power, self.time, paying, worth, recovery_hours=self.recovery_hours)
        outcome = self._outcome(choice, SEED)
        found: dict[str, Sold] = {}
        shares, spent = {}, {}
        total = np.sum([np.zeros(self.time.steps), *outcome.drawn.asked_mw.values()], axis=0)
        for name, one in self.markets.items():
            if name in self.power:
                sold = outcome.sold[name]
                found[name] = replace(sold, expected_cny=choice.income_cny.get(name, 0.0), curves=costs[name].curves)
                held = sold.offered_mw if one.product == "reserve" else None
                shares[name] = shared(one, sold.statement, self.dispatch, self.section.set_points, sold.asked_mw, outcome.delivered, total, held)
                spent[name] = cost_shares(sold.cost_cny, outcome.delivered, sold.asked_mw, total)
            elif (statement := self._other(one)) is not None:
                nothing = np.zeros(self.time.steps)
                found[name] = Sold(one, statement, nothing, nothing, nothing, nothing, None, (), None, float(statement.total_cny))
                shares[name] = {OPERATOR: statement.total_cny}
        following = {row for one in outcome.delivered.splits[:1] for row in one.assets.names}
        owned = any(self.park.technologies[name.partition(".")[0]].owner for name in following)
        expectation = self._expected(choice, paying, worth)
        metered = self.plan_mw + outcome.recovered.change_mw
        return SoldByPark(self.time, found, self.unsold, shares, spent, owned, metered, choice.gap, NOTES, outcome.recovered, expectation)

    def _costs(self, name: str) -> Costs:
        """What delivery to a market costs at typical starts."""
        one = self.power[name]
        return costs_of(
            one,
            self.dispatch,
            self.room,
            self.section.envelope,
            groups_of(self.dispatch, self.connection),
            open_starts=callable_starts(one, self.dispatch, self.connection) & self._measurable_starts(one),
            price=self._price(name),
            called_share=self.called_share[name],
        )

    def _outcome(self, choice: Choice, seed: int) -> _Outcome:
        """Call offers, deliver, recover, and settle; the meter that a baseline sees is without what was delivered to other markets."""
        drawn = draw(self.power, choice, self.room, self.time, self.called_share, recovery_hours=self.recovery_hours, measurable=self._measurable, seed=seed)
        signs = {name: 1 if one.directions[0] == "up" else -1 for name, one in self.power.items()}
        signed = {name: signs[name] * asked for name, asked in drawn.asked_mw.items()}
        delivered = deliver(self.dispatch, np.sum([np.zeros(self.time.steps), *signed.values()], axis=0), self.section.set_points)
        by_market = delivered.of(drawn.asked_mw, signs)
        called = np.any([np.zeros(self.time.steps, dtype=bool), *(asked > 0 for asked in drawn.asked_mw.values())], axis=0)
        recovered = recover(self.dispatch, called, delivered.total_mw, self.recovery_steps)
        metered = self.plan_mw + np.where(called, -delivered.total_mw, recovered.change_mw)  # no solver's noise where shares of a call are judged
        sold = {}
        for name, one in self.power.items():
            others = delivered.total_mw - signs[name] * by_market[name]
            sold[name] = self._sold(one, choice, drawn, by_market[name], metered + others, signs[name])
        of_calls = {name: (one.market, one.statement, one.calls, one.delivered_mw) for name, one in sold.items() if one.calls is not None}
        accounts = accounts_of(of_calls, recovered, self.recovery_steps, {name: self._capacity_price(name) for name in sold})
        return _Outcome({name: replace(one, accounts=accounts[name]) for name, one in sold.items()}, drawn, delivered, recovered)

    def _expected(self, choice: Choice, paying: PayingRoom, worth: Mapping[str, Series]) -> Expectation | None:
        """Sell at hours that the park does not choose."""
        if not self.offers.random_draws or not any(one.any() for one in choice.begun_mw.values()):
            return None
        called = {name: one for name, one in self.power.items() if one.product in CALLED}
        held = {name: one for name, one in self.power.items() if name not in called}
        reserve = offers_of(held, self.time, paying, worth, recovery_hours=self.recovery_hours)
        looked_at = np.isin(np.arange(self.time.steps), self.envelope.starts)
        windows = {name: callable_starts(one, self.dispatch, self.connection) & looked_at for name, one in called.items()}
        seeds = [SEED + 1 + number for number in range(self.offers.random_draws)]
        drawn = [
            {name: random_starts(one, choice, self.time, windows[name], [seed, place]) for place, (name, one) in enumerate(called.items())} for seed in seeds
        ]
        pays = {}
        for name, one in called.items():
            ever = np.unique(np.concatenate([starts[name] for starts in drawn]))
            pays[name] = paying_mw(one, self.dispatch, self.section.envelope, ever, self.called_share[name])
        money, calls = [], []
        for number, (seed, starts) in enumerate(zip(seeds, drawn, strict=True)):
            self.progress(number / len(seeds))
            sold = self._outcome(at_random(self.power, starts, pays, reserve, self.time, self.room, self.recovery_steps), seed).sold.values()
            money.append([float(sum((getattr(one, key) for one in sold), ZERO)) for key in ("income_cny", "cost_cny")])
            calls.append(sum(0 if one.calls is None else one.calls.first.size for one in sold if one.market.id in called))
        income, cost = np.array(money).T
        invited = sum(int(np.count_nonzero(choice.begun_mw[name])) for name in called)
        return Expectation(income, cost, np.array(calls), invited)

    def _net_import(self, flows: Mapping[str, Series]) -> Series:
        draft, nothing = self.dispatch.draft, np.zeros(self.time.steps)
        bought, sold = (sum((flows[one.name] for one in draft.having(role, technology=self.connection)), start=nothing) for role in ("import", "export"))
        return bought - sold

    def _price(self, name: str) -> Series | None:
        profile = self.offers.offers[name].price_profile
        return None if profile is None else self.park.profiles[profile]

    def _capacity_price(self, name: str) -> Series:
        price = self._price(name)
        return np.full(self.time.steps, self.power[name].stated("capacity_price_cny_per_mw_h") or 0.0) if price is None else price

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

    def _held(self, market: Market, choice: Choice, drawn: Drawn, sign: int) -> Series:
        """What is offered, less what earlier calls and their recovery take of what is held ready."""
        offered = choice.offers_mw[market.id]
        if market.product in CALLED:
            return offered
        free = self.room.of(market, market.directions[0]) * drawn.free_share[sign]
        return np.maximum(np.minimum(offered, free), drawn.asked_mw[market.id])

    def _sold(self, market: Market, choice: Choice, drawn: Drawn, delivered_mw: Series, metered_mw: Series, sign: int) -> Sold:
        name, time = market.id, self.time
        held, asked, exact = self._held(market, choice, drawn, sign), drawn.asked_mw[name], None
        if market.product in CALLED:
            method = market.baseline
            expected = metered_mw if method is None else baseline(method, time, metered_mw, asked > 0).mw
            statement = settle_calls(market, time, asked, expected, metered_mw)
            exact = settle_calls(market, time, asked, self.plan_mw, metered_mw).total_cny
            measured = np.where(asked > 0, sign * (expected - metered_mw), 0.0)
        else:
            statement = settle_reserve(market, time, held, asked, delivered_mw, self._price(name))
            measured = np.where(asked > 0, delivered_mw, 0.0)
        calls = calls_of(market, time, asked, measured)
        refused = {why: count for (one, why), count in drawn.refused.items() if one == name}
        return Sold(market, statement, held, asked, delivered_mw, measured, calls, (), exact, 0.0, refused, (), self.called_share[name])

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
        operation, takes_part = self.operated.done, self.offers.offers[market.id]
        planned, done = -self._net_import(operation.planned), -self._net_import(operation.dispatch.flows)
        imbalance = None if takes_part.imbalance_price_profile is None else self.park.profiles[takes_part.imbalance_price_profile]
        return settle_energy(market, self.time, planned, done, self.park.profiles[takes_part.price_profile or ""], imbalance)
