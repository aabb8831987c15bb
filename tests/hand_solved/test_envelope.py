"""What parks of a few hours can give at their connection, and what that costs, by head."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gridsim.dispatch.envelope_program import Deviations
from gridsim.dispatch.envelope_window import Window, _orders
from gridsim.technologies.draft import Ordered
from gridsim.vpp.envelope.envelope import find_envelope
from gridsim.vpp.envelope.prices import find_curves
from gridsim.vpp.envelope.reserve import second_level_reserves
from gridsim.vpp.envelope.section import EnvelopeSection
from gridsim.vpp.envelope.verify import Point, verify
from hand_solved.parks import approx, battery, electrolyser, grid, hydrogen_demand, hydrogen_store, load, response, solve, tiny_park, wind


def envelope_at(dispatch: Any, start: int, durations: list[float], recovery: float, **options: Any) -> tuple[list[float], list[float]]:
    """Return the most up and down at one start, by duration, with every point proven."""
    section = EnvelopeSection(durations_hours=durations, recovery_hours=recovery)
    found = find_envelope(dispatch, section, starts=np.array([start]), exact=True, **options)
    assert found.proven_share == 1.0
    return found.up_mw[0].tolist(), found.down_mw[0].tolist()


def edges_hold(dispatch: Any, points: list[tuple[int, float, float]], recovery: float, **options: Any) -> list[Any]:
    """Give points by the ordinary dispatch of the whole park; one step more must fail."""
    section = EnvelopeSection(durations_hours=sorted({point[1] for point in points}), recovery_hours=recovery)
    found = verify(dispatch, [Point(*point) for point in points], section, **options)
    assert all(one.delivered for one in found), found
    assert all(one.edge for one in found), found
    return found


EVEN = {"demand_charge_cny_per_mw_month": 1.0}
"""Makes even imports the one dispatch that is best under a flat price, so that what is left to give is known."""

BATTERY = {"charge_efficiency": 0.8, "discharge_efficiency": 0.5, "level_start_share": 0.5}


def test_battery_alone_gives_the_lesser_of_its_power_and_its_energy():
    """10 MW, 20 MWh of which 10 are in it, flat price: it stands still. Up over d hours min(10, 10·0.5/d); down min(10, 10/0.8/d)."""
    dispatch = solve(tiny_park(grid=grid(100.0, 0.0), battery=battery(10.0, 20.0, **BATTERY), load=load([20.0] * 12)))
    up, down = envelope_at(dispatch, 1, [1.0, 2.0, 4.0], 6.0)
    assert up == approx([5.0, 2.5, 1.25])
    assert down == approx([10.0, 6.25, 3.125])
    edges_hold(dispatch, [(1, 4.0, 1.25), (1, 2.0, -6.25)], 6.0)


def test_battery_must_be_charged_again_within_the_recovery():
    """Without recovery nothing; after 1 h at most 10 MW · 0.8 come back, so that 8 MWh may leave the cells over 1 h: 4 MW at an efficiency of 0.5."""
    dispatch = solve(tiny_park(grid=grid(100.0, 0.0), battery=battery(10.0, 20.0, **BATTERY), load=load([20.0] * 12)))
    assert envelope_at(dispatch, 1, [1.0], 0.0)[0] == approx([0.0])
    assert envelope_at(dispatch, 1, [1.0], 1.0)[0] == approx([4.0])
    edges_hold(dispatch, [(1, 1.0, 4.0)], 1.0)


def test_full_battery_is_not_charged_and_discharged_at_once_to_draw_more():
    """It is full (10 MWh) all day: a linear program would draw by burning, c - 0.9 d with 0.5 c = d and c + 0.9 d <= 10: 3.79 MW. Nothing is possible."""
    park = tiny_park(
        grid=grid(100.0, 0.0),
        battery=battery(10.0, 10.0, charge_efficiency=0.5, discharge_efficiency=0.9, level_start_share=1.0),
        load=load([20.0] * 6),
    )
    dispatch = solve(park)
    window = Window(Deviations(dispatch), 1, 1, 2)
    window._call(1)
    window._power(-1e6, 0.0)
    cost = window.nothing.copy()
    cost[-1] = 1.0
    burnt = window._solved(cost)
    assert burnt[-1] == approx(-(10.0 / 1.45) * 0.55), "the linear program alone is tempted"
    assert envelope_at(dispatch, 1, [1.0], 2.0)[1] == approx([0.0])
    assert find_envelope(dispatch, EnvelopeSection(durations_hours=[1.0], recovery_hours=2.0), starts=np.array([1])).down_mw[0] == approx([0.0])


def test_partly_burnt_power_is_not_claimed():
    """1 MWh of room: down over 1 h is 1/0.5 = 2 MW, not what burning beside it would draw."""
    park = tiny_park(
        grid=grid(100.0, 0.0), battery=battery(10.0, 10.0, charge_efficiency=0.5, discharge_efficiency=0.9, level_start_share=0.9), load=load([20.0] * 6)
    )
    dispatch = solve(park)
    assert envelope_at(dispatch, 1, [1.0], 2.0)[1] == approx([2.0])
    edges_hold(dispatch, [(1, 1.0, -2.0)], 2.0)


def test_connection_limits_bind_both_ways():
    """Load 20 MW, imports up to 24, exports up to 6, a battery of 50 MW: down 4 MW; up 20 + 6 MW."""
    park = tiny_park(
        grid=grid(100.0, 0.0, import_limit_mw=24.0, export_limit_mw=6.0, tariff=EVEN),
        battery=battery(50.0, 400.0, level_start_share=0.5),
        load=load([20.0] * 40),
    )
    dispatch = solve(park)
    up, down = envelope_at(dispatch, 0, [1.0, 2.0], 24.0)
    assert up == approx([26.0, 26.0])
    assert down == approx([4.0, 4.0])


def test_recovery_is_bound_by_the_connection_too():
    """After 26 MW up for 1 h, only 4 MW a hour come back: with 3 h of recovery 12 MW."""
    park = tiny_park(
        grid=grid(100.0, 0.0, import_limit_mw=24.0, export_limit_mw=6.0, tariff=EVEN),
        battery=battery(50.0, 400.0, level_start_share=0.5),
        load=load([20.0] * 40),
    )
    dispatch = solve(park)
    assert envelope_at(dispatch, 0, [1.0], 3.0)[0] == approx([12.0])
    edges_hold(dispatch, [(0, 1.0, 12.0), (0, 1.0, -4.0)], 3.0)


def test_shifted_load_gives_its_share_within_its_window():
    """A fifth of 10 MW, given back after the call; without a recovery nothing."""
    park = tiny_park(grid=grid(100.0), load=load([10.0] * 16), shift=response("shift", share=0.2, window_hours=2.0, price_cny_per_mwh=5.0))
    dispatch = solve(park)
    up, down = envelope_at(dispatch, 6, [1.0, 2.0], 4.0)
    assert up == approx([2.0, 2.0])
    assert down == approx([2.0, 2.0])
    edges_hold(dispatch, [(6, 1.0, 2.0), (6, 2.0, 2.0), (6, 1.0, -2.0)], 4.0)
    assert envelope_at(dispatch, 6, [1.0], 0.0) == (approx([0.0]), approx([0.0]))


def test_load_shifted_through_a_long_call_hands_on_what_it_owes():
    """Window 2 h: what is taken by hour k is back by hour k + 2, while the net x goes on, d = x + u with d + u <= 2.

    Over 3 h: u1 + u2 >= x, in equal parts x + 2 (x/2) <= 2, x = 1. Over 4 h: u2 + u3 >= 2 x, so that x + 2 x <= 2.
    """
    park = tiny_park(grid=grid(100.0), load=load([10.0] * 20), shift=response("shift", share=0.2, window_hours=2.0, price_cny_per_mwh=5.0))
    dispatch = solve(park)
    up, _ = envelope_at(dispatch, 6, [3.0, 4.0], 6.0)
    assert up == approx([1.0, 2.0 / 3.0])
    edges_hold(dispatch, [(6, 3.0, 1.0), (6, 4.0, 2.0 / 3.0)], 6.0)


def electrolysis(level_share: float, hours: int = 14, tank_kg: float = 300.0) -> Any:
    """Electrolyser of 10 MW at 50 kWh/kg for 100 kg/h (5 MW), a tank, a flat price."""
    return tiny_park(
        grid=grid(100.0, tariff=EVEN),
        electrolyser=electrolyser(10.0, specific_energy_kwh_per_kg=50.0),
        tank=hydrogen_store(tank_kg, level_start_share=level_share, level_end="same"),
        users=hydrogen_demand(100.0),
        hours=hours,
    )


def test_electrolyser_gives_what_its_tank_holds():
    """150 kg of 300 in the tank, 100 kg/h needed: up 5 MW for 1 h, over 2 h 3.75 MW (150 kg less), over 4 h 1.875; down likewise by the room of 150 kg."""
    dispatch = solve(electrolysis(0.5))
    up, down = envelope_at(dispatch, 2, [1.0, 2.0, 4.0], 6.0)
    assert up == approx([5.0, 3.75, 1.875])
    assert down == approx([5.0, 3.75, 1.875])
    edges_hold(dispatch, [(2, 1.0, 5.0), (2, 2.0, 3.75), (2, 2.0, -3.75)], 6.0)


def test_cost_of_a_battery_is_what_it_loses_at_the_price_of_its_recovery():
    """Up 1 MWh takes 1/0.5 from the cells and 1/0.5/0.8 = 2.5 MWh of charging at 100: 150 CNY/MWh more than saved. Down: each MWh gives back 0.4: 60 lost."""
    dispatch = solve(tiny_park(grid=grid(100.0, 0.0), battery=battery(10.0, 20.0, **BATTERY), load=load([20.0] * 12)))
    section = EnvelopeSection(durations_hours=[2.0], recovery_hours=6.0)
    (curve,) = find_curves(dispatch, [1], section)
    assert curve.power_mw == approx([-6.25, 0.0, 2.5])
    assert curve.price_cny_per_mwh == approx([-60.0, 150.0])
    assert curve.cost_cny == approx([6.25 * 2 * 60, 0.0, 2.5 * 2 * 150])
    (again,) = edges_hold(dispatch, [(1, 2.0, 2.5)], 6.0)
    assert again.cost_cny == pytest.approx(curve.cost_cny[-1], abs=1e-3)


def test_recovery_takes_the_cheapest_hours_first():
    """Up from a battery, recharged within 2 h by at most 10 MW: prices 60 and 90 after the call at 100; beyond 10 MW the dearer hour."""
    prices = [100.0, 100.0, 60.0, 90.0, 100.0, 100.0]
    park = tiny_park(grid=grid(prices, 0.0), load=load([40.0] * 6), battery=battery(20.0, 100.0, level_start_share=0.5, throughput_cost_cny_per_mwh=500.0))
    dispatch = solve(tiny_park(grid=grid(prices, 0.0, import_limit_mw=50.0), load=load([40.0] * 6), battery=park.technologies["battery"].model_dump()))
    (curve,) = find_curves(dispatch, [1], EnvelopeSection(durations_hours=[1.0], recovery_hours=2.0))
    up = curve.power_mw >= 0.0
    assert curve.power_mw[up] == approx([0.0, 10.0, 20.0])
    assert curve.price_cny_per_mwh[-2:] == approx([500.0 - 100.0 + 60.0, 500.0 - 100.0 + 90.0])


def test_higher_peak_of_the_month_counts_in_the_cost_but_not_in_the_most():
    """Load of 20 MW flat, battery of 5 MW: down 5 MW is possible and raises the peak from 20 to 25, at 1000 CNY/MW."""
    tariff = {"demand_charge_cny_per_mw_month": 1000.0}
    park = tiny_park(grid=grid(100.0, 0.0, tariff=tariff), battery=battery(5.0, 20.0, level_start_share=0.5), load=load([20.0] * 8))
    dispatch = solve(park)
    assert envelope_at(dispatch, 1, [1.0], 4.0)[1] == approx([5.0])
    (curve,) = find_curves(dispatch, [1], EnvelopeSection(durations_hours=[1.0], recovery_hours=4.0))
    assert curve.price_cny_per_mwh[0] == approx(-1000.0)
    (again,) = edges_hold(dispatch, [(1, 1.0, -5.0)], 4.0)
    assert again.cost_cny == pytest.approx(5000.0, abs=1e-3)


def test_limits_of_the_year_hold_in_sum():
    """Exports may be a tenth of what wind could give; the dispatch exports all of that elsewhere, so that up is what imports there are."""
    prices = [500.0, 1.0, 1.0, 1.0, 1.0, 1.0]
    park = tiny_park(
        grid=grid([600.0] * 6, prices, export_limit_mw=100.0),
        wind=wind([1.0, 1.0, 1.0, 1.0, 1.0, 0.0], 20.0),
        load=load([10.0, 10.0, 10.0, 10.0, 10.0, 4.0]),
        limits={"export_share_max": 0.1},
    )
    dispatch = solve(park)
    assert dispatch.flows["grid.export"].sum() == pytest.approx(10.0, abs=1e-3)
    up, _ = envelope_at(dispatch, 2, [1.0], 0.0)
    assert up == pytest.approx([0.0], abs=1e-3)


def test_ramp_of_the_electrolyser_binds():
    """5 MW at 20 % of 10 MW an hour: up 2 MW in the first hour, held for one or two."""
    park = tiny_park(
        grid=grid(100.0),
        electrolyser=electrolyser(10.0, specific_energy_kwh_per_kg=50.0, ramp_share_per_hour=0.2),
        tank=hydrogen_store(1e4, level_start_share=0.5, level_end="same"),
        users=hydrogen_demand(100.0),
        hours=14,
    )
    section = EnvelopeSection(durations_hours=[1.0, 2.0], recovery_hours=6.0)
    dispatch = solve(park)
    power = sum(flow for name, flow in dispatch.flows.items() if name.startswith("electrolyser.piece"))
    found = find_envelope(dispatch, section, starts=np.array([4]), exact=True)
    allowed = 2.0 + power[3] - power[4]
    assert found.up_mw[0, 0] <= max(2.0 - (power[3] - power[4]), 0.0) + 1e-6
    assert found.down_mw[0, 0] <= allowed + 1e-6


def test_second_level_class_is_a_reserve_of_what_is_there():
    park = tiny_park(
        grid=grid(100.0), load=load([10.0, 2.0, 6.0]), drop=response("interrupt", power_mw=5.0, reserve_only=True, calls_per_year=10, hours_per_call=2.0)
    )
    (reserve,) = second_level_reserves(solve(park))
    assert reserve.reserve_mw == approx([5.0, 2.0, 5.0])
    assert (reserve.always_mw, reserve.calls_per_year, reserve.hours_per_call) == (approx(2.0), 10, 2.0)


def test_store_is_as_before_at_the_end_of_time_too():
    """A battery too dear to use, half full and free at the end: in the last hour without recovery nothing is given, though no later row holds its level."""
    costly = battery(10.0, 20.0, level_start_share=0.5, level_end="free", throughput_cost_cny_per_mwh=1e4)
    dispatch = solve(tiny_park(grid=grid(100.0, 0.0), battery=costly, load=load([20.0] * 4)))
    assert envelope_at(dispatch, 3, [1.0], 0.0) == (approx([0.0]), approx([0.0]))
    assert envelope_at(dispatch, 2, [1.0], 1.0)[0] == approx([10.0])


def test_what_a_connection_takes_and_gives_at_once_is_left_out():
    """Imports 20 MW; 5 more taken and 3 given at once are 2 more taken. Where only rows of the park's balance see both, nothing forbids it."""
    park = tiny_park(grid=grid(100.0, 10.0), battery=battery(10.0, 20.0, level_start_share=0.5), load=load([20.0] * 6))
    window = Window(Deviations(solve(park)), 1, 2, 2)
    columns = window.nothing.copy()
    imports, exports = (window.deviations.kind[name] * window.width for name in ("grid.import", "grid.export"))
    columns[imports], columns[exports] = 5.0, 3.0
    columns[window.deviations.kind["battery.charge"] * window.width] = 2.0
    columns[-1] = -2.0
    balanced = np.flatnonzero(window.program.matrix @ columns)
    assert window.netted(columns)[[imports, exports]].tolist() == [5.0, 3.0], "the battery's level is not balanced here: rows are left"
    window.row_lower[balanced], window.row_upper[balanced] = -np.inf, np.inf
    assert window.netted(columns)[[imports, exports]].tolist() == [2.0, 0.0]
    assert columns[imports] == 5.0, "what is given is not written to"


def test_an_order_is_full_where_all_of_it_reaches_beyond():
    """Pieces of 10, 4 and 6 MW: the second is full from 14 MW in all."""
    first, second = (Ordered(f"{one}.after", before, most, one, 1.0) for before, one, most in (("a", "b", 10.0), ("b", "c", 4.0)))
    assert _orders([first, second]) == {"b.after": (["a", "b", "c"], 10.0), "c.after": (["a", "b", "c"], 14.0)}
