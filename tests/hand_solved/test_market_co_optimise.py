"""The offers that earn most, where they can be found by hand, and against trying all."""

from __future__ import annotations

import datetime
from itertools import product

import numpy as np
import pytest

from gridsim.errors import DefinitionError
from gridsim.profiles.time_axis import TimeAxis
from gridsim.vpp.market.co_optimise import block_steps, co_optimise, worth_of
from gridsim.vpp.market.exclusivity import Room, double_selling
from gridsim.vpp.market.library import shipped
from gridsim.vpp.market.market import Market

RESERVE, PEAK, REGULATION, VALLEY, RESPONSE = "cn-reserve", "nc-peak-response", "gd-regulation-2018", "nc-valley-filling", "cn-demand-response-peak"


def axis(hours: int) -> TimeAxis:
    return TimeAxis(datetime.datetime(2030, 1, 1), hours)


def room(hours: int, short: float = 10.0, long: float = 8.0, down: float = 6.0) -> Room:
    return Room(np.array([1.0, 2.0]), np.tile([short, long], (hours, 1)), np.tile([down, down], (hours, 1)))


def of(name: str, **terms: float) -> Market:
    return Market(shipped(name), dict(terms))


def test_the_better_price_of_each_hour_is_taken():
    """Proves: reserve at 20 and 50, regulation worth 30 and 40 a MW, up 10 MW and down 6 MW: in the first hour 6 MW regulate and 4 MW are reserve
    (6·30 + 4·20 = 260), in the second all 10 MW are reserve (500): 760 CNY.
    """
    markets = {RESERVE: of(RESERVE), REGULATION: of(REGULATION)}
    worth = {RESERVE: np.array([20.0, 50.0]), REGULATION: np.array([30.0, 40.0])}
    found = co_optimise(markets, axis(2), room(2), worth)
    np.testing.assert_allclose(found.offers_mw[REGULATION], [6.0, 0.0], atol=1e-9)
    np.testing.assert_allclose(found.offers_mw[RESERVE], [4.0, 10.0], atol=1e-9)
    assert found.total_cny == pytest.approx(760.0)


def test_what_may_be_sold_together_is_sold_together():
    """Proves: up and down are different MW: 10 × 20 up, and 6 MW filled for 5000 a call with no limit of calls but its two: 200 + 2 × 6 × 5000."""
    valley = of(VALLEY, calls_per_year=2.0)
    worth = {RESERVE: np.full(3, 20.0), VALLEY: worth_of(valley, axis(3))}
    found = co_optimise({RESERVE: of(RESERVE), VALLEY: valley}, axis(3), room(3), worth)
    assert found.income_cny[RESERVE] == pytest.approx(600.0)
    assert found.income_cny[VALLEY] == pytest.approx(60_000.0)


def test_a_block_takes_its_hours_from_the_others():
    """Proves: a call of two hours earns 8 MW × 15 000 = 120 000 and leaves no reserve in its hours; one call a year, in the hours where reserve earns least.

    Reserve at 9, 9, 1, 2, 9 a MW: hours 2 and 3 are given up, 10 × (9 + 9 + 9) = 270 stay.
    """
    peak = of(PEAK, calls_per_year=1.0)
    worth = {RESERVE: np.array([9.0, 9.0, 1.0, 2.0, 9.0]), PEAK: worth_of(peak, axis(5))}
    found = co_optimise({RESERVE: of(RESERVE), PEAK: peak}, axis(5), room(5), worth)
    np.testing.assert_allclose(found.offers_mw[PEAK], [0, 0, 8, 8, 0], atol=1e-6)
    np.testing.assert_allclose(found.begun_mw[PEAK], [0, 0, 8, 0, 0], atol=1e-6)
    assert found.total_cny == pytest.approx(120_270.0)


def test_recovery_keeps_blocks_apart():
    """Proves: six hours hold three calls of two hours; with an hour of recovery after each, two; with the hours of the year used up, none."""
    peak = of(PEAK)
    worth = {PEAK: worth_of(peak, axis(6))}
    assert co_optimise({PEAK: peak}, axis(6), room(6), worth).total_cny == pytest.approx(3 * 120_000.0)
    assert co_optimise({PEAK: peak}, axis(6), room(6), worth, recovery_hours=1.0).total_cny == pytest.approx(2 * 120_000.0)
    assert co_optimise({PEAK: peak}, axis(6), room(6), worth, calls_left={PEAK: 0}).total_cny == pytest.approx(0.0)
    short = of(PEAK, hours_per_year=5.0)
    assert co_optimise({PEAK: short}, axis(6), room(6), worth).total_cny == pytest.approx(2 * 120_000.0)
    daily = of(PEAK, calls_per_day=1.0)
    assert co_optimise({PEAK: daily}, axis(30), room(30), {PEAK: worth_of(daily, axis(30))}).total_cny == pytest.approx(2 * 120_000.0)


def test_a_smallest_offer_is_all_or_nothing():
    """Proves: regulation must be 5 MW or none. With 6 MW down it is 6 (worth 30 against 29); with 4 MW down there is none, and all 10 MW are reserve at 29."""
    markets = {RESERVE: of(RESERVE), REGULATION: of(REGULATION, minimum_mw=5.0)}
    worth = {RESERVE: np.array([29.0]), REGULATION: np.array([30.0])}
    assert co_optimise(markets, axis(1), room(1), worth).total_cny == pytest.approx(6 * 30 + 4 * 29)
    assert co_optimise(markets, axis(1), room(1, down=4.0), worth).total_cny == pytest.approx(290.0)


def test_another_gives_way_to_a_smallest_offer():
    """Proves: reserve at 40 may take 6 of 10 MW, response at 30 the rest, but no less than 5: 5 × 40 + 5 × 30 = 350.

    Breaks as: 360 (6 and 4) where the smallest offer is not kept; 240 where response is left out for it.
    """
    markets = {RESERVE: Market(shipped(RESERVE), {}, 0.6), RESPONSE: of(RESPONSE, minimum_mw=5.0)}
    found = co_optimise(markets, axis(1), room(1), {RESERVE: np.array([40.0]), RESPONSE: np.array([30.0])})
    assert found.total_cny == pytest.approx(350.0)


def test_shares_hold():
    markets = {RESERVE: Market(shipped(RESERVE), {}, 0.3), PEAK: Market(shipped(PEAK), {}, 0.5)}
    found = co_optimise(markets, axis(4), room(4), {RESERVE: np.full(4, 1.0), PEAK: worth_of(markets[PEAK], axis(4))})
    np.testing.assert_allclose(found.offers_mw[RESERVE], 3.0, atol=1e-6)
    np.testing.assert_allclose(found.offers_mw[PEAK], 4.0, atol=1e-6)


def test_an_offer_that_costs_more_than_it_earns_is_not_made():
    """Proves: 2500 CNY/MWh against a cost of 2600 in hour 0 and 2400 in hour 1: one MWh a MW in hour 1, 10 × 100 = 1000; called half the time, 500."""
    market = of("cn-demand-response-real-time")
    cost = np.array([2600.0, 2400.0])
    worth = worth_of(market, axis(2), cost_cny_per_mwh=cost)
    np.testing.assert_allclose(worth, [-100.0, 100.0])
    assert co_optimise({market.id: market}, axis(2), room(2), {market.id: worth}).total_cny == pytest.approx(1000.0)
    half = worth_of(market, axis(2), called_share=0.5, cost_cny_per_mwh=cost)
    assert co_optimise({market.id: market}, axis(2), room(2), {market.id: half}).total_cny == pytest.approx(500.0)


def test_worth():
    """Proves: reserve held for an hour at 12, called a tenth of it at 500 less 300: 12 + 20 = 32; regulation at 50 of mileage and 12 of capacity: 62;
    a call of two hours at 15 000 less a cost of 100 + 200."""
    reserve = of(RESERVE, capacity_price_cny_per_mw_h=12.0, energy_price_cny_per_mwh=500.0)
    np.testing.assert_allclose(worth_of(reserve, axis(2), called_share=0.1, cost_cny_per_mwh=300.0), 32.0)
    np.testing.assert_allclose(worth_of(of(REGULATION), axis(2), 50.0), 62.0)
    assert block_steps(of(PEAK), axis(3)) == 2
    np.testing.assert_allclose(worth_of(of(PEAK), axis(3), cost_cny_per_mwh=np.array([100.0, 200.0, 50.0]))[:2], [14_700.0, 14_750.0])
    with pytest.raises(DefinitionError, match="worth of mileage"):
        worth_of(of(REGULATION), axis(2))
    with pytest.raises(DefinitionError, match="not stated"):
        worth_of(of(RESERVE), axis(2))


def test_markets_that_share_no_hour():
    """Proves: demand response at 3 a MW and reserve at 2 in every hour; sharing MW they would earn alike, sharing no hour the better one is taken alone."""
    rules = shipped(RESPONSE).model_copy(update={"excludes": {"reserve": "hour"}})
    markets = {RESERVE: of(RESERVE), RESPONSE: Market(rules, {}, 0.5)}
    worth = {RESERVE: np.array([2.0, 2.0]), RESPONSE: np.array([3.0, 5.0])}
    found = co_optimise(markets, axis(2), room(2), worth)
    np.testing.assert_allclose(found.offers_mw[RESERVE], [10.0, 0.0], atol=1e-6)
    np.testing.assert_allclose(found.offers_mw[RESPONSE], [0.0, 5.0], atol=1e-6)


def test_it_is_as_good_as_trying_all():
    """Proves: on six hours with calls of two hours and a smallest offer, no choice of starts out of all 2^5 earns more (each with its own linear best)."""
    draw = np.random.default_rng(11)
    for _ in range(5):
        envelope = Room(np.array([1.0, 2.0]), np.sort(draw.uniform(0, 10, (6, 2)), axis=1)[:, ::-1], np.zeros((6, 2)))
        markets = {RESERVE: of(RESERVE), PEAK: of(PEAK, minimum_mw=3.0, calls_per_year=2.0)}
        worth = {RESERVE: draw.uniform(0, 100, 6), PEAK: draw.uniform(0, 300, 6)}
        best = 0.0
        for starts in product((0, 1), repeat=5):
            where = np.flatnonzero(starts)
            if where.size > 2 or (np.diff(where) < 2).any() or (envelope.up_mw[where, 1] < 3.0).any():
                continue
            # for given starts the best is at full or at the smallest offer, as all is linear in the block's MW
            for sizes in product((1, 0), repeat=where.size):
                left, income = np.ones(6), 0.0
                for start, full in zip(where, sizes, strict=True):
                    mw = envelope.up_mw[start, 1] if full else 3.0
                    left[start : start + 2] -= mw / envelope.up_mw[start, 1]
                    income += worth[PEAK][start] * mw
                best = max(best, income + float((left * envelope.up_mw[:, 0]) @ worth[RESERVE]))
        # two overlapping half blocks are also allowed, so that the program may do better still, never worse
        found = co_optimise(markets, axis(6), envelope, worth)
        assert found.total_cny >= best - 1e-6
        assert not double_selling(markets, {name: found.begun_mw[name] for name in markets}, envelope)


def test_nothing_to_choose_from():
    assert co_optimise({}, axis(2), room(2), {}).total_cny == 0.0
