"""Day-ahead bids: the park's own curve from re-solves, cut to the market's form, and what clears."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridsim.dispatch.solve import solve
from gridsim.errors import DefinitionError
from gridsim.park.read import read_park
from gridsim.vpp.market.bids import Bids, make_bids
from gridsim.vpp.market.library import shipped
from gridsim.vpp.market.market import Market
from gridsim.vpp.market.price_response import PriceResponse, exposed, net_sale_mw, price_response, the_connection

STARTER = Path(__file__).parents[2] / "networks" / "starter"
LEVELS = (-50.0, 0.0, 100.0, 200.0, 260.0, 320.0, 400.0, 500.0, 700.0, 1000.0, 1500.0)
SPOT = shipped("im-spot-day-ahead")


@pytest.fixture(scope="module")
def park():
    return read_park(STARTER, hours=(0, 168))


@pytest.fixture(scope="module")
def forecast():
    hours = np.arange(168)
    return np.round(320.0 + 160.0 * np.sin(2 * np.pi * (hours - 9) / 24) + np.random.default_rng(7).normal(0, 30, 168), 2)


@pytest.fixture(scope="module")
def response(park, forecast):
    return price_response(park, forecast, LEVELS, hours=np.arange(48, 72))


def test_at_the_forecast_the_bid_clears_the_dispatch(park, forecast, response):
    """Proves: all bids together clear, at the forecast prices, what the dispatch at these prices sells, hour by hour."""
    flows = solve(exposed(park, "grid", forecast)).dispatch.flows
    again = flows["grid.export"] - flows["grid.import"]
    bids = make_bids(response, Market(SPOT))
    np.testing.assert_allclose(bids.cleared_mw(forecast[48:72]), again[48:72], atol=1e-6)
    assert np.ptp(again[48:72]) > 5.0


@pytest.mark.parametrize(("hour", "level"), [(50, 0.0), (55, 500.0), (60, 200.0), (66, 700.0), (71, -50.0), (58, 1500.0)])
def test_off_the_forecast_the_bid_clears_the_dispatch_again(park, forecast, response, hour, level):
    """Proves: one hour clears at another price; what its bid sells is what a dispatch from nothing at that price sells in that hour."""
    prices = forecast.copy()
    prices[hour] = level
    again = net_sale_mw(solve(exposed(park, "grid", prices)).dispatch, "grid")
    assert make_bids(response, Market(SPOT)).cleared_mw(prices[48:72])[hour - 48] == pytest.approx(again[hour], abs=1e-6)


def test_no_curve_falls_and_solves_are_spared(response):
    assert (np.diff(response.sale_mw, axis=1) >= 0).all()
    assert response.largest_fall_mw < 1e-6
    assert (np.diff(response.price_cny_per_mwh, axis=1) >= 0).all()
    assert response.solves < 24 * len(LEVELS)


def test_a_higher_price_sells_more_in_most_hours(response):
    """Proves: the curves are no flat lines: between the market's limits the sale moves by more than 10 MW in most hours."""
    assert np.median(response.sale_mw[:, -1] - response.sale_mw[:, 0]) > 10.0


def test_an_exposed_park_pays_the_price_and_its_adders(park, forecast):
    tariff = exposed(park, "grid", forecast).tariffs["two_part_35kv"]
    profiles = exposed(park, "grid", forecast).profiles
    np.testing.assert_allclose(tariff.import_price_cny_per_mwh(park.time, profiles), forecast + 168.0)
    np.testing.assert_allclose(tariff.export_price_at(park.time, profiles), forecast)
    assert park.tariffs["two_part_35kv"].time_of_use


def test_a_connection_that_is_not_there(park):
    assert the_connection(park) == "grid"
    with pytest.raises(DefinitionError, match="name one of grid"):
        the_connection(park, "gird")


def made_up(sale) -> PriceResponse:
    sale = np.atleast_2d(np.asarray(sale, dtype=float))
    price = np.broadcast_to(np.arange(sale.shape[1]) * 100.0, sale.shape)
    return PriceResponse(np.arange(len(sale)), price, sale, None, 0, 0.0)  # type: ignore[arg-type]


def bids(sale, **terms: float) -> Bids:
    return make_bids(made_up(sale), Market(SPOT, dict(terms)))


def test_only_rises_are_steps():
    assert bids([-10, -10, 5, 5, 8]).steps(0) == [(0.0, -10.0), (200.0, 5.0), (400.0, 8.0)]


def test_small_steps_wait_for_the_next():
    """Proves: with steps of at least 2 MW, the rise of 1 at 100 is sold from 200 on (a rise of 4), the last rise of 1 not at all."""
    assert bids([0, 1, 4, 8, 9], step_mw=2.0).steps(0) == [(0.0, 0.0), (200.0, 4.0), (300.0, 8.0)]


def test_of_too_many_steps_the_smallest_go():
    """Proves: of rises 5, 1, 3, 7 with three steps in all, 1 goes and then joins the next (4); then 4 goes and joins 7 (11)."""
    assert bids([0, 5, 6, 9, 16], most_steps=3).steps(0) == [(0.0, 0.0), (100.0, 5.0), (400.0, 16.0)]


def test_price_limits_cut_the_curve():
    """Proves: what would be sold from 50 CNY above the cap on is not bid; below the floor all is sold at any price."""
    found = bids([0, 5, 6, 9, 16], price_cap=250.0)
    assert found.steps(0) == [(0.0, 0.0), (100.0, 5.0), (200.0, 6.0)]
    np.testing.assert_allclose(found.cleared_mw(np.array([999.0])), 6.0)
    np.testing.assert_allclose(bids([-3, 5]).cleared_mw(np.array([-500.0])), -3.0)


def test_a_bid_below_the_smallest_offer_is_marked():
    assert bids([[0, 0.4], [0, 3.0]], minimum_mw=1.0).large_enough.tolist() == [False, True]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 100_000), st.integers(1, 6), st.floats(0.0, 5.0))
def test_bids_keep_to_the_market(seed, most, least):
    """Proves: whatever the curve, bids rise, have no more steps than allowed and none too small, and never sell more than the curve at any price."""
    draw = np.random.default_rng(seed)
    sale = np.cumsum(np.where(draw.random((5, 9)) < 0.6, draw.uniform(0, 6, (5, 9)), 0.0), axis=1) - 15.0
    found = bids(sale, most_steps=float(most), step_mw=least)
    assert (np.diff(found.sale_mw, axis=1) >= 0).all()
    assert (found.sale_mw <= sale + 1e-12).all()
    for row in range(5):
        steps = found.steps(row)
        assert len(steps) <= most
        assert all(later[0] > earlier[0] and later[1] - earlier[1] >= least for earlier, later in pairwise(steps))
    for place, price in enumerate(found.price_cny_per_mwh[0]):
        np.testing.assert_allclose(found.cleared_mw(np.full(5, price)), found.sale_mw[:, place])
