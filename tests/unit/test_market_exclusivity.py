"""Selling the same MW twice: found, refused, shaved."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridsim.errors import DefinitionError
from gridsim.vpp.market.exclusivity import Room, double_selling, hour_pairs, refuse_double_selling, sharing, shaved
from gridsim.vpp.market.library import shipped
from gridsim.vpp.market.market import Market

ROOM = Room(np.array([0.25, 1.0, 2.0, 4.0]), np.array([[10.0, 10.0, 8.0, 4.0]] * 3), np.array([[6.0, 6.0, 5.0, 3.0]] * 3))
RESERVE, PEAK, REGULATION, VALLEY, RESPONSE = "cn-reserve", "nc-peak-response", "gd-regulation-2018", "nc-valley-filling", "cn-demand-response-peak"


def of(*names: str, **share: float) -> dict[str, Market]:
    return {name: Market(shipped(name)) for name in names}


def flat(mw: float) -> np.ndarray:
    return np.full(3, mw)


def test_room_is_that_of_the_time_asked_for():
    """Proves: a call of two hours finds 8 MW up and 5 MW down, one of five hours none, reserve without a time 10."""
    assert ROOM.of(of(PEAK)[PEAK], "up").tolist() == [8.0] * 3
    assert ROOM.of(of(RESERVE)[RESERVE], "up").tolist() == [10.0] * 3
    long = Market(shipped(PEAK), {"minimum_hours": 5.0})
    assert ROOM.of(long, "up").tolist() == [0.0] * 3
    assert ROOM.of(Market(shipped(PEAK), {"minimum_hours": 3.0}), "up").tolist() == [4.0] * 3


def test_who_shares_with_whom():
    """Proves: up, reserve, regulation and peak shaving exclude each other; down, regulation and valley filling do; energy takes no part."""
    markets = of(RESERVE, PEAK, REGULATION, VALLEY, "im-spot-day-ahead")
    assert [set(group) for group in sharing(markets, "up")] == [{RESERVE, PEAK, REGULATION}]
    assert [set(group) for group in sharing(markets, "down")] == [{REGULATION, VALLEY}]


def test_those_that_do_not_exclude_each_other_may_share_a_mw():
    """Proves: the chain reserve – regulation – valley filling in one direction would be two sets, not one."""
    rules = shipped(VALLEY).model_copy(update={"direction": "up", "excludes": {"regulation": "mw"}})
    markets = {**of(RESERVE, REGULATION), VALLEY: Market(rules)}
    assert sorted(map(sorted, sharing(markets, "up"))) == sorted([sorted([RESERVE, REGULATION]), sorted([REGULATION, VALLEY])])
    assert not double_selling(markets, {RESERVE: flat(10.0), VALLEY: flat(10.0)}, ROOM)


def test_a_product_excludes_itself():
    """Proves: two markets of demand response share a MW, although no file says so."""
    markets = of(RESPONSE, "cn-demand-response-real-time")
    assert "demand_response" not in shipped(RESPONSE).excludes
    found = double_selling(markets, {RESPONSE: flat(6.0), "cn-demand-response-real-time": flat(6.0)}, ROOM)
    assert [one.markets for one in found] == [(RESPONSE, "cn-demand-response-real-time")]


def test_double_selling_is_found_where_it_is():
    """Proves: 5 of 10 MW in reserve and 4 of 8 MW in a two-hour call fill the envelope; 1 MW more in hour 1 exceeds it by an eighth."""
    markets = of(RESERVE, PEAK)
    call = np.array([4.0, 5.0, 4.0])
    found = double_selling(markets, {RESERVE: flat(5.0), PEAK: call}, ROOM)
    assert found[0].hours.tolist() == [1] and found[0].used_share == pytest.approx([1.125])
    with pytest.raises(DefinitionError, match="sell up to 112% of what the park can give up in 1 hours"):
        refuse_double_selling(markets, {RESERVE: flat(5.0), PEAK: call}, ROOM)
    refuse_double_selling(markets, {RESERVE: flat(5.0), PEAK: flat(4.0)}, ROOM)


def test_both_ways_take_both_ways():
    """Proves: 6 MW of regulation fill the 6 MW down, although 10 are there up."""
    markets = of(REGULATION, VALLEY)
    assert not double_selling(markets, {REGULATION: flat(6.0)}, ROOM)
    assert double_selling(markets, {REGULATION: flat(6.0), VALLEY: flat(0.1)}, ROOM)[0].direction == "down"


def test_the_earlier_keep_theirs():
    """Proves: 7.5 MW of reserve leave a quarter of the envelope, 2 of the 8 MW of a call; the other way round 8 MW of call leave nothing."""
    markets = of(RESERVE, PEAK)
    wanted = {RESERVE: flat(7.5), PEAK: flat(8.0)}
    found = shaved(markets, wanted, ROOM)
    np.testing.assert_allclose(found[RESERVE], 7.5)
    np.testing.assert_allclose(found[PEAK], 2.0)
    found = shaved(of(PEAK, RESERVE), wanted, ROOM)
    np.testing.assert_allclose(found[PEAK], 8.0)
    np.testing.assert_allclose(found[RESERVE], 0.0)


def test_what_is_left_keeps_to_step_share_and_smallest_offer():
    """Proves: half of 10 MW is 5; in steps of 2 it is 4; below a smallest offer of 4.5 it is none."""
    wanted = {RESERVE: flat(9.0)}
    assert shaved({RESERVE: Market(shipped(RESERVE), {}, 0.5)}, wanted, ROOM)[RESERVE].tolist() == [5.0] * 3
    assert shaved({RESERVE: Market(shipped(RESERVE), {"step_mw": 2.0}, 0.5)}, wanted, ROOM)[RESERVE].tolist() == [4.0] * 3
    assert shaved({RESERVE: Market(shipped(RESERVE), {"step_mw": 2.0, "minimum_mw": 4.5}, 0.5)}, wanted, ROOM)[RESERVE].tolist() == [0.0] * 3


def apart() -> dict[str, Market]:
    rules = shipped(RESPONSE).model_copy(update={"excludes": {"day_ahead_energy": "hour", "reserve": "hour"}})
    return {RESERVE: Market(shipped(RESERVE)), RESPONSE: Market(rules)}


def test_hours_that_are_not_shared_at_all():
    """Proves: the wider scope of the two files counts, and 1 MW each of 10 is too much."""
    assert hour_pairs(apart()) == [(RESERVE, RESPONSE)]
    offers = {RESERVE: np.array([1.0, 0.0, 1.0]), RESPONSE: np.array([1.0, 1.0, 0.0])}
    found = double_selling(apart(), offers, ROOM)
    assert [one.direction for one in found] == ["hour"] and found[0].hours.tolist() == [0]
    assert "exclude each other" in str(found[0])
    assert shaved(apart(), offers, ROOM)[RESPONSE].tolist() == [0.0, 1.0, 0.0]


def test_offers_to_markets_that_are_not_named():
    with pytest.raises(DefinitionError, match="takes no part in it"):
        double_selling(of(RESERVE), {PEAK: flat(1.0)}, ROOM)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 100_000))
def test_shaved_offers_are_never_refused(seed):
    draw = np.random.default_rng(seed)
    markets = {**of(PEAK, REGULATION, VALLEY, "cn-second-level-interruptible"), **apart()}
    up, down = (np.sort(draw.uniform(0, 10, (24, 4)), axis=1)[:, ::-1] for _ in range(2))
    up[draw.random(24) < 0.2] = 0.0
    room = Room(ROOM.durations_hours, up, down)
    wanted = {name: draw.uniform(0, 8, 24) for name in markets}
    kept = shaved(markets, wanted, room)
    assert not double_selling(markets, kept, room)
    assert all((kept[name] <= wanted[name] + 1e-12).all() for name in markets)
