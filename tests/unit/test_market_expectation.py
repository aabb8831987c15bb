"""Calls at random hours: how many, where, how large, and what they leave to reserve."""

from __future__ import annotations

import datetime

import numpy as np
import pytest

from gridsim.profiles.time_axis import TimeAxis
from gridsim.vpp.market.co_optimise import Choice
from gridsim.vpp.market.exclusivity import Room
from gridsim.vpp.market.expectation import Expectation, at_random, random_starts
from gridsim.vpp.market.library import shipped
from gridsim.vpp.market.market import Market

PEAK, VALLEY, RESERVE = "nc-peak-response", "nc-valley-filling", "cn-reserve"
STEPS = 200
TIME = TimeAxis(datetime.datetime(2030, 1, 1), STEPS)
ROOM = Room(np.array([1.0, 2.0]), np.tile([10.0, 8.0], (STEPS, 1)), np.tile([6.0, 6.0], (STEPS, 1)))
EVENING = np.arange(STEPS) % 24 == 18


def starts_of(blocks: int, market: Market, window: np.ndarray = EVENING, seed: int = 3) -> np.ndarray:
    chosen = {market.id: np.where(np.arange(STEPS) < blocks, 1.0, 0.0)}
    return random_starts(market, Choice(chosen, chosen, {}, 0.0), TIME, window, seed)


def offers(starts: list[int], market: Market, paying_mw: float = 8.0) -> Choice:
    """Offers of a called product beside 10 MW of reserve."""
    held = {RESERVE: np.full(STEPS, 10.0)}
    found = {market.id: market, RESERVE: Market(shipped(RESERVE))}
    paying = {market.id: np.full(STEPS, paying_mw)}
    return at_random(found, {market.id: np.array(starts)}, paying, Choice(held, held, {}, 0.0), TIME, ROOM, 10)


def test_as_many_calls_come_in_the_windows_of_the_market():
    """Three of the eight evenings; another seed, other evenings; no more than there are, and none that would run past the end."""
    peak = Market(shipped(PEAK))
    found = starts_of(3, peak)
    assert found.size == 3 and EVENING[found].all()
    assert len({tuple(starts_of(3, peak, seed=seed)) for seed in range(8)}) > 4
    assert starts_of(50, peak).tolist() == np.flatnonzero(EVENING).tolist()
    assert starts_of(3, peak, np.arange(STEPS) >= STEPS - 2).tolist() == [STEPS - 2]


def test_what_pays_is_offered_for_the_hours_of_a_call():
    found = offers([42, 66], Market(shipped(PEAK)))
    assert np.flatnonzero(found.begun_mw[PEAK]).tolist() == [42, 66]
    assert found.offers_mw[PEAK][[41, 42, 43, 44]].tolist() == [0.0, 8.0, 8.0, 0.0]
    assert offers([42], Market(shipped(PEAK)), 9.0).begun_mw[PEAK].sum() == 8.0  # the envelope, where wires let it give less than the curve
    assert not offers([42], Market(shipped(PEAK), {"minimum_mw": 9.0})).begun_mw[PEAK].any()


def test_reserve_has_what_calls_and_their_recovery_leave():
    """A call takes the part of the envelope that it was offered of, for its two hours and ten of recovery; one down leaves reserve up nothing there."""
    inside = (np.arange(STEPS) >= 42) & (np.arange(STEPS) < 54)
    np.testing.assert_allclose(offers([42], Market(shipped(PEAK)), 6.0).offers_mw[RESERVE], np.where(inside, 2.5, 10.0))
    down = Market(shipped(VALLEY), {"minimum_hours": 2.0})
    np.testing.assert_allclose(offers([42], down, 3.0).offers_mw[RESERVE], np.where(inside, 0.0, 10.0))


def test_mean_and_spread():
    """10, 20 and 60 less 1, 2 and 3: 9, 18 and 57 have a mean of 28 and a variance of (19² + 10² + 29²) / 2."""
    found = Expectation(np.array([10.0, 20.0, 60.0]), np.array([1.0, 2.0, 3.0]), np.array([1, 2, 3]), 4)
    figures = found.figures()
    assert figures["expected_income_less_cost_cny"] == pytest.approx(28.0)
    assert figures["spread_of_income_less_cost_cny"] == pytest.approx(np.sqrt((19**2 + 10**2 + 29**2) / 2))
    assert (figures["random_draws"], figures["expected_calls"], figures["expected_delivery_cost_cny"]) == (3.0, 2.0, 2.0)
    assert found.record()["income_less_cost"]["lowest"] == 9.0 and found.record()["invited"] == 4
    assert np.isnan(Expectation(np.array([1.0]), np.array([0.0]), np.array([1]), 1).figures()["spread_of_income_cny"])
