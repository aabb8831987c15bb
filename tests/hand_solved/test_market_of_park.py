"""Parks of two days that sell their flexibility: calls, delivery and money by head."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from gridsim.bill.amounts import ZERO
from gridsim.dispatch.solve import KeptDispatch
from gridsim.vpp.envelope.envelope import find_envelope
from gridsim.vpp.market.called import deliver
from gridsim.vpp.market.lines import joined
from gridsim.vpp.market.of_park import NOTES, sell
from gridsim.vpp.market.paying_room import paying_mw, room_of
from gridsim.vpp.market.sold import SoldByPark
from gridsim.vpp.section import VppSection
from hand_solved.parks import approx, battery, grid, load, tiny_park, wind

LOSSY = {"charge_efficiency": 0.8, "discharge_efficiency": 0.5, "level_start_share": 0.5}
"""A flat price never pays its losses, so that it stands still: 20 MWh, half full, give 5 MWh and take 12.5 MWh."""

PEAK, VALLEY, RESERVE = "nc-peak-response", "nc-valley-filling", "cn-reserve"

ENVELOPE = {"durations_hours": [1.0, 2.0], "recovery_hours": 10.0}


def planned(**park: Any) -> Any:
    """Return what a park does without calls."""
    return KeptDispatch(tiny_park(**park), with_network=False).solve().dispatch


def sold_by(
    offers: dict[str, Any], *, set_points: dict[str, Any] | None = None, operated: Any = None, draws: int = 0, **park: Any
) -> tuple[SoldByPark, Any, Any]:
    """Return what a park of 20 MW of load sells, with its dispatch and envelope."""
    section = VppSection.model_validate({"envelope": ENVELOPE, "set_points": set_points or {}, "markets": {"offers": offers, "random_draws": draws}})
    dispatch = planned(**{"grid": grid(100.0), "load": load([20.0] * 48), **park})
    envelope = find_envelope(dispatch, section.envelope)
    return sell(dispatch, section, envelope, operated), dispatch, envelope


def peak(**terms: float) -> dict[str, Any]:
    return {PEAK: {"baseline": "meter-before", "terms": terms}}


def test_chinese_notes_of_a_sale_end_as_sentences_do():
    assert [zh for zh, _ in NOTES if not zh.endswith("。")] == []


def test_statement_of_four_calls_of_a_battery():
    """Two hours at 2.5 MW empty the battery, ten more bring it back: of 48 h the first has no meter before it, and 47 hold four calls of 12 h, the last
    without need of all its recovery. 4 × 2.5 MW × 15,000 CNY/MW. A call gives 5 MWh, takes 10 of the cells, and 12.5 to fill them again: 7.5 MWh at
    100 CNY/MWh."""
    sold, _, _ = sold_by(peak(), battery_1=battery(10.0, 20.0, **LOSSY))
    assert sold.statement.total_cny == Decimal("150000.00")
    assert sold.statement.by_month == {"2030-01": Decimal("150000.00")}
    figures = sold.figures()
    assert figures["markets.nc-peak-response.calls"] == 4
    assert figures["markets.nc-peak-response.delivered_mwh"] == approx(20.0)
    assert figures["markets.nc-peak-response.income_cny_per_mw"] == approx(60000.0)
    assert figures["markets.delivery_cost_cny"] == approx(4 * 750.0)
    assert figures["markets.nc-peak-response.expected_cny"] == approx(150000.0 - 3000.0)
    assert figures["markets.nc-peak-response.baseline_bias_mw"] == approx(0.0)
    assert sold.metered_mw.sum() == approx(48 * 20.0 - 20.0 + 4 * 12.5)


def test_a_call_has_an_account_to_the_cent():
    """Of 37,500.00 for a call: 5 MWh less are imported in it, -500.00; 12.5 MWh more afterwards, 1,250.00. The bill of the month rises by the same 4 × 750."""
    sold, dispatch, _ = sold_by(peak(), battery_1=battery(10.0, 20.0, **LOSSY))
    for one in sold.markets[PEAK].accounts:
        money = (one.paid_cny, one.penalty_cny, one.in_call_cny, one.recovery_cny, one.net_cny)
        assert money == tuple(map(Decimal, ("37500.00", "0.00", "-500.00", "1250.00", "36750.00")))
    assert [call["net_cny"] for call in sold.record()["markets"][0]["calls"]] == [36750.0] * 4
    figures = sold.figures()
    assert (figures["markets.cost_in_calls_cny"], figures["markets.recovery_cost_cny"]) == (-2000.0, 5000.0)
    assert figures["markets.nc-peak-response.net_cny"] == figures["markets.income_less_cost_cny"] == 147000.0
    assert (figures["markets.bill_change_cny"], figures["markets.not_held_mwh"]) == (3000.0, approx(0.0))
    assert (figures["markets.import_change_mwh"], figures["markets.green_share_change"]) == approx((30.0, -30.0 / 960.0))
    assert sold.recovered.dispatch.objective_cny - dispatch.objective_cny == approx(3000.0)


def test_calls_that_raise_one_peak_pay_for_it_once():
    """Four calls of 12.5 MWh down raise the month's peak by 6.25 MW each: 6.25 × 2,000 once, 4 × 1,250 for energy, and 4 × 5 MWh come back.

    Breaks as: 53,000 where each call pays for its own peak; 3,000 where the peak is forgotten.
    """
    offers = {VALLEY: {"baseline": "meter-before", "terms": {"minimum_hours": 2.0, "call_price_cny_per_mw": 15000.0}}}
    charge = {"demand_charge_cny_per_mw_month": 2000.0}
    sold, _, _ = sold_by(offers, grid=grid(100.0, tariff=charge), battery_1=battery(10.0, 20.0, **LOSSY))
    figures = sold.figures()
    assert figures["markets.nc-valley-filling.calls"] == 4
    assert (figures["markets.cost_in_calls_cny"], figures["markets.recovery_cost_cny"]) == approx((5000.0 + 12500.0, -2000.0))
    assert figures["markets.bill_change_cny"] == figures["markets.delivery_cost_cny"] == approx(15500.0)
    assert (figures["markets.months_with_higher_peak"], figures["markets.highest_peak_rise_mw"]) == approx((1.0, 6.25))


def test_random_hours_are_what_to_expect_and_chosen_ones_the_bound():
    """Whatever the hours, a call of 2.5 MW is paid 37,500 and costs 750; chosen, four find a place in two days, at random fewer do."""
    sold, _, _ = sold_by(peak(), draws=6, battery_1=battery(10.0, 20.0, **LOSSY))
    found = sold.expectation
    assert found.invited == 4 and found.calls.size == 6
    assert (found.calls <= 4).all() and 0 < found.calls.sum() < 24
    whole = found.calls * 37500.0
    assert (found.income_cny <= whole + 0.01).all() and (found.income_cny >= whole - 37500.0).all()  # one may come too late to recover from
    assert np.any(found.net_cny == pytest.approx(found.calls * 36750.0))
    figures = sold.figures()
    assert figures["markets.expected_income_less_cost_cny"] == approx(found.net_cny.mean())
    assert found.net_cny.mean() < figures["markets.income_less_cost_cny"]
    assert figures["markets.spread_of_income_cny"] == approx(np.std(found.income_cny, ddof=1))
    assert sold.record()["expectation"]["calls"]["highest"] == found.calls.max()
    again, _, _ = sold_by(peak(), draws=6, battery_1=battery(10.0, 20.0, **LOSSY))
    assert again.record()["expectation"] == sold.record()["expectation"]


def test_a_market_that_asks_for_longer_than_was_looked_at_is_sold_nothing():
    """Three hours, where the envelope knows one and two; reserve beside it is drawn all the same."""
    offers = peak(minimum_hours=3.0) | {RESERVE: {"called_share": 0.1, "terms": {"capacity_price_cny_per_mw_h": 100.0}}}
    sold, _, _ = sold_by(offers, draws=2, battery_1=battery(10.0, 20.0, **LOSSY))
    assert sold.markets[PEAK].statement.total_cny == 0
    assert sold.expectation.invited == 0 and (sold.expectation.income_cny > 0).all()


def test_calls_of_a_year_are_kept():
    sold, _, _ = sold_by(peak(calls_per_year=3), battery_1=battery(10.0, 20.0, **LOSSY))
    assert sold.figures()["markets.nc-peak-response.calls"] == 3
    sold, _, _ = sold_by(peak(hours_per_year=5.0), battery_1=battery(10.0, 20.0, **LOSSY))
    assert sold.figures()["markets.nc-peak-response.calls"] == 2


def test_what_is_not_delivered_is_paid_less_and_fined():
    """Four fifths of 2.5 MW come: paid by half, 4 × 1 MW × 15,000; 0.5 MW are missing in each call, at half the price: 4 × 0.25 MW × 15,000."""
    terms = {"no_pay_below_share": 0.6, "full_pay_from_share": 0.9, "reduced_pay_factor": 0.5, "penalty_factor": 0.5}
    follows = {"response": {"battery_1": {"availability": 0.8}}}
    sold, _, _ = sold_by(peak(**terms), set_points=follows, battery_1=battery(10.0, 20.0, **LOSSY))
    assert sold.statement.of("call.capacity") == Decimal("60000.00")
    assert sold.statement.of("call.capacity_penalty") == Decimal("-15000.00")
    assert sold.figures()["markets.nc-peak-response.penalty_cny"] == 15000.0
    assert sold.record()["total_cny"] == 45000.0
    accounts = sold.markets[PEAK].accounts
    assert [sum(getattr(one, key) for one in accounts) for key in ("paid_cny", "penalty_cny")] == [Decimal("60000.00"), Decimal("15000.00")]
    assert {call["why_en"] for call in sold.record()["markets"][0]["calls"]} == {"80% of what was asked, below 90%: paid at 0.5"}
    sold, _, _ = sold_by(peak(no_pay_below_share=0.9), set_points=follows, battery_1=battery(10.0, 20.0, **LOSSY))
    assert sold.statement.total_cny == 0
    assert {call["why_en"] for call in sold.record()["markets"][0]["calls"]} == {"80% of what was asked, below 90%: not paid"}


def test_a_call_that_costs_more_than_it_earns_is_not_offered():
    """Two hours at 1 MW cost 300 CNY (150 CNY/MWh)."""
    assert sold_by(peak(call_price_cny_per_mw=299.0), battery_1=battery(10.0, 20.0, **LOSSY))[0].statement.total_cny == 0
    assert sold_by(peak(call_price_cny_per_mw=301.0), battery_1=battery(10.0, 20.0, **LOSSY))[0].statement.total_cny == Decimal("3010.00")


def test_only_what_pays_is_offered_where_the_peak_of_the_month_would_rise():
    """A call earns 1,500 CNY/MW. In the lull of 4 MW it costs 120 (2 MWh, of which 0.8 come back, at 100 CNY/MWh); beyond it, it raises the month's peak for
    2,000. Shaving the peak for its 16 hours does not pay: 16 MWh · (1/0.4 − 1) · 100 CNY/MWh."""
    charge = {"demand_charge_cny_per_mw_month": 2000.0}
    lull = [20.0] * 8 + [16.0] * 32 + [20.0] * 8
    offers = {VALLEY: {"baseline": "meter-before", "terms": {"minimum_hours": 2.0, "call_price_cny_per_mw": 1500.0}}}
    sold, dispatch, envelope = sold_by(offers, grid=grid(100.0, tariff=charge), load=load(lull), battery_1=battery(10.0, 20.0, **LOSSY))
    assert envelope.down_mw[12, 1] == approx(6.25)
    by_own_curve = paying_mw(sold.markets[VALLEY].market, dispatch, VppSection.model_validate({"envelope": ENVELOPE}).envelope, np.array([3, 12]), 1.0)
    assert by_own_curve[[3, 12]].tolist() == approx([0.0, 4.0])
    assert sold.markets[VALLEY].offered_mw.max() == approx(4.0)
    assert sold.figures()["markets.nc-valley-filling.calls"] > 0


def test_peak_is_called_in_dear_hours_and_valley_in_cheap_ones():
    times = {"peak": {"hours": "17-21", "multiplier": 1.1}, "valley": {"hours": "00-06", "multiplier": 0.9}}
    offers = peak() | {VALLEY: {"baseline": "meter-before", "terms": {"minimum_hours": 2.0}}}
    sold, dispatch, _ = sold_by(offers, grid=grid(100.0, tariff={"time_of_use": times}), battery_1=battery(10.0, 20.0, **LOSSY))
    hour = dispatch.time.hour_of_day
    assert sold.markets[PEAK].asked_mw.any() and sold.markets[VALLEY].asked_mw.any()
    assert set(hour[sold.markets[PEAK].asked_mw > 0]) <= {17, 18, 19, 20}
    assert set(hour[sold.markets[VALLEY].asked_mw > 0]) <= {0, 1, 2, 3, 4, 5}


def test_a_store_shares_out_what_it_holds_over_the_call():
    """5 MW for two hours are asked of a battery that holds 5 MWh for the grid: it gives 2.5 MW twice, and not 5 MW twice as each hour alone would let it."""
    dispatch = planned(grid=grid(100.0), load=load([20.0] * 8), battery_1=battery(10.0, 20.0, **LOSSY))
    signal = np.zeros(8)
    signal[3:5] = 5.0
    assert deliver(dispatch, signal, VppSection().set_points).total_mw[3:5].tolist() == approx([2.5, 2.5])
    assert deliver(dispatch, -2.0 * signal, VppSection().set_points).total_mw[3:5].tolist() == approx([-6.25, -6.25])


TWO = {
    "battery_1": battery(10.0, 20.0, owner="one", **LOSSY),
    "battery_2": battery(3.0, 6.0, owner="two", throughput_cost_cny_per_mwh=5.0, **{**LOSSY, "discharge_efficiency": 0.7}),
}


@pytest.mark.parametrize("rule", ["delivered", "merit", "shapley"])
def test_owners_share_the_statement_to_the_cent(rule):
    """By what was delivered: of a call the cheaper battery gives what it holds, the other the rest."""
    offers = peak(call_price_cny_per_mw=9999.97, penalty_factor=0.37) | {
        RESERVE: {"called_share": 0.3, "terms": {"capacity_price_cny_per_mw_h": 7.77, "energy_price_cny_per_mwh": 333.33, "penalty_factor": 1.13}}
    }
    points = {"sharing": rule, "response": {"battery_2": {"availability": 0.7}}}
    sold, _, _ = sold_by(offers, set_points=points, **TWO)
    assert sold.owned
    for name, one in sold.markets.items():
        assert sum(sold.shares[name].values(), ZERO) == one.statement.total_cny != 0
    assert sum(one["income_cny"] for one in sold.record()["owners"]) == pytest.approx(sold.record()["total_cny"], abs=1e-6)
    assert {"one", "two"} <= set(sold.shares[PEAK])
    assert sold.statement.total_cny == joined(one.statement for one in sold.markets.values()).total_cny


def test_two_batteries_are_paid_for_what_each_gave():
    """One has 5 MWh for a call, two 2.1 MWh (3 MWh at 0.7), dearer by its wear: 2.5 and 1.05 MW of 3.55 MW."""
    sold, _, _ = sold_by(peak(), **TWO)
    calls, call_mw = 4, 3.55
    assert float(sold.statement.total_cny) == pytest.approx(calls * call_mw * 15000.0, abs=0.01)
    assert float(sold.shares[PEAK]["one"]) == pytest.approx(calls * 2.5 * 15000.0, rel=1e-6)
    assert float(sold.shares[PEAK]["two"]) == pytest.approx(calls * 1.05 * 15000.0, rel=1e-6)
    cost = sold.markets[PEAK].cost_cny
    assert sum(sold.costs[PEAK].values(), ZERO) == cost
    assert float(sold.costs[PEAK]["one"]) == pytest.approx(float(cost) * 2.5 / 3.55, abs=0.011)
    owners = sold.record()["owners"]
    assert sum(one["net_cny"] for one in owners) == pytest.approx(float(sold.statement.total_cny - cost), abs=1e-6)


def test_nothing_is_sold_twice_and_no_more_than_the_envelope_is_delivered():
    """Peak response and reserve share the envelope; calls up and down, and what each takes to recover from, never meet."""
    offers = peak(calls_per_year=1) | {
        VALLEY: {"baseline": "meter-before", "terms": {"minimum_hours": 2.0, "calls_per_year": 1}},
        RESERVE: {"called_share": 0.2, "terms": {"capacity_price_cny_per_mw_h": 50.0}},
    }
    sold, _, envelope = sold_by(offers, **TWO)
    room = room_of(envelope, 48)
    hours, recovery = {PEAK: 2, VALLEY: 2, RESERVE: 1}, 10
    taken = np.zeros((2, 48))
    for name, one in sold.markets.items():
        way = int(name == VALLEY)
        table = (room.up_mw, room.down_mw)[way][:, hours[name] - 1]
        assert one.asked_mw.any()
        assert (one.delivered_mw <= one.asked_mw + 1e-9).all()
        begins = np.flatnonzero(np.diff(one.asked_mw > 0, prepend=False) & (one.asked_mw > 0))
        for first in begins.tolist():
            taken[way, first : first + hours[name] + recovery] += one.asked_mw[first] / table[first]
        assert (one.delivered_mw[begins] <= table[begins] + 1e-9).all()
    assert taken.max() <= 1.0 + 1e-6
    assert not (taken.min(axis=0) > 0).any()
    blocks = sold.markets[PEAK].offered_mw
    first = int(np.flatnonzero(blocks)[0])
    held = sold.markets[RESERVE].offered_mw / np.maximum(room.up_mw[:, 0], 1e-9)
    assert held[: first + 12].any()
    assert (blocks[first] / room.up_mw[first, 1] + held[first : first + 12] <= 1.0 + 1e-6).all()
    assert (held <= 1.0 + 1e-6).all()


def test_reserve_is_paid_for_what_is_held():
    """5 MW, or what a battery of 5 MWh can bring back in the hours that are left: never called, 47 of 48 hours."""
    offers = {RESERVE: {"called_share": 0.0, "terms": {"capacity_price_cny_per_mw_h": 10.0}}}
    sold, _, envelope = sold_by(offers, battery_1=battery(10.0, 20.0, **LOSSY))
    held = np.nan_to_num(envelope.up_mw[:, 0])
    assert held[:40].tolist() == approx([5.0] * 40)
    assert float(sold.statement.total_cny) == pytest.approx(held.sum() * 10.0, abs=0.01)
    assert sold.shares[RESERVE]["battery_1"] == sold.statement.total_cny


def test_starts_that_were_not_looked_at_have_no_room():
    section = VppSection.model_validate({"envelope": ENVELOPE, "markets": {"offers": peak(), "random_draws": 0}})
    dispatch = planned(grid=grid(100.0), load=load([20.0] * 48), battery_1=battery(10.0, 20.0, **LOSSY))
    sold = sell(dispatch, section, find_envelope(dispatch, section.envelope, starts=np.array([7, 31])))
    assert np.flatnonzero(sold.markets[PEAK].asked_mw).tolist() == [7, 8, 31, 32]


def test_energy_is_settled_from_plan_and_deed_and_certificates_from_green_exports():
    """A day ahead 10 MW were to be sold and 12 MW were, at 300: 48 × (10 + 2) × 300; no operation, no settlement. 10 MW of wind leave: 480 × 5."""
    offers = {
        "im-spot-day-ahead": {"price_profile": "price"},
        "cn-green-certificate": {"terms": {"certificate_price_cny_per_mwh": 5.0}},
    }
    park: dict[str, Any] = {"grid": grid(100.0, 50.0), "wind_1": wind([1.0] * 48, 30.0), "profiles": {"price": [300.0] * 48}}
    flows = {"grid.import": np.zeros(48), "grid.export": np.full(48, 12.0)}
    operation = SimpleNamespace(planned={**flows, "grid.export": np.full(48, 10.0)}, dispatch=SimpleNamespace(flows=flows))
    operated = SimpleNamespace(done=operation)
    sold, _, _ = sold_by(offers, operated=operated, **park)
    assert sold.statement.by_market == {"im-spot-day-ahead": Decimal("172800.00"), "cn-green-certificate": Decimal("2400.00")}
    assert sold.figures()["markets.income_cny"] == 2400.0
    assert sold.figures()["markets.energy_settlement_cny"] == 172800.0
    alone, _, _ = sold_by(offers, **park)
    assert list(alone.markets) == ["cn-green-certificate"]
    assert [one["id"] for one in alone.record()["not_sold"]] == ["im-spot-day-ahead"]
