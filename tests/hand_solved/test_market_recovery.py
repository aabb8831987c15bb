"""What calls cost: by hand on a battery of which 1 MWh bought gives back 0.4 MWh, so that nothing but a call moves it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from gridsim.dispatch.solve import KeptDispatch
from gridsim.vpp.market.recovery import Called, Recovered, layers, recover
from hand_solved.parks import approx, battery, grid, load, tiny_park

LOSSY = {"charge_efficiency": 0.8, "discharge_efficiency": 0.5, "level_start_share": 0.5}
HOURS = 10


def after(
    delivered: dict[int, float], recovery: int, load_mw: list[float] | None = None, price: Any = 100.0, store: dict[str, Any] | None = None, **tariff: float
) -> Recovered:
    """Recover from calls, hour → MW up."""
    park = tiny_park(grid=grid(price, tariff=tariff), load=load(load_mw or [20.0] * HOURS), battery_1=battery(10.0, 20.0, **LOSSY, **(store or {})))
    plan = KeptDispatch(park, with_network=False).solve().dispatch
    assert plan.flows["battery_1.discharge"].sum() == approx(0.0)
    power = np.zeros(HOURS)
    power[list(delivered)] = list(delivered.values())
    found = recover(plan, power != 0.0, power, recovery)
    assert found.change_cny.sum() == approx(found.dispatch.objective_cny - plan.objective_cny)
    return found


PRICE = [100.0, 100.0, 100.0, 80.0, 50.0, 70.0, 100.0, 100.0, 100.0, 100.0]


@pytest.mark.parametrize(("recovery", "cost", "hour"), [(1, 400.0, 3), (3, 250.0, 4), (7, 250.0, 4)])
def test_a_store_is_filled_again_in_the_cheapest_hour_of_its_recovery(recovery: int, cost: float, hour: int):
    """2 MWh out of the battery take 4 of its cells, and 5 MWh to fill them: 2 × 100 are saved, and 5 × 80 paid where one hour is left, else 5 × 50."""
    found = after({2: 2.0}, recovery, price=PRICE)
    assert found.change_cny.tolist() == approx([0, 0, -200.0, *(cost if step == hour else 0.0 for step in range(3, HOURS))])
    assert found.change_mw[[2, hour]].tolist() == approx([-2.0, 5.0])
    assert found.by_call([Called(2, 2, 2.0)], recovery) == [(approx(-200.0), approx(cost))]
    assert float(found.bill_change_cny) == approx(cost - 200.0)


def test_where_it_costs_the_same_recovery_is_soonest():
    assert after({2: 2.0}, 7).change_mw.tolist() == approx([0, 0, -2.0, 5.0, *[0.0] * 6])


def test_a_store_that_may_end_empty_is_filled_again_all_the_same():
    """Its wear is dearer than the energy in it, so that the plan leaves it; a call may not take what the plan keeps."""
    found = after({2: 2.0}, 3, store={"level_end": "free", "throughput_cost_cny_per_mwh": 500.0})
    assert found.change_mw.tolist() == approx([0, 0, -2.0, 5.0, *[0.0] * 6])
    assert found.dispatch.levels["battery_1.store"][5:].tolist() == approx([10.0] * 5)


def test_a_peak_that_falls_is_the_calls_and_one_that_rises_the_recoverys():
    """2 MW off the only hour at 20 MW: 2 × 100 of energy, and the month's demand falls to the 19 MW of the next hour, 30; 5 MWh afterwards, in an hour that is
    no new peak. At 20 MW throughout, the one hour that is left raises the peak by 5 MW, 5 × 30."""
    lull = [10.0, 10.0, 20.0, 19.0, *[10.0] * 6]
    assert after({2: 2.0}, 4, lull, demand_charge_cny_per_mw_month=30.0).by_call([Called(2, 2, 2.0)], 4) == [(approx(-230.0), approx(500.0))]
    assert after({2: 2.0}, 1, demand_charge_cny_per_mw_month=30.0).by_call([Called(2, 2, 2.0)], 1) == [(approx(-200.0), approx(650.0))]


def test_two_recoveries_that_raise_one_peak_share_it_by_layers():
    """One hour is left after each call: 2 MW up bring 5 MW more, 1 MW 2.5 MW. Of 5 MW at 30 each, the first 2.5 are both's, the others the first's: 112.5 and
    37.5, beside 500 and 250 of energy."""
    found = after({2: 2.0, 6: 1.0}, 1, demand_charge_cny_per_mw_month=30.0).by_call([Called(2, 2, 2.0), Called(6, 6, 1.0)], 1)
    assert found == [(approx(-200.0), approx(612.5)), (approx(-100.0), approx(287.5))]
    assert layers(np.array([20.0, 26.0, 22.0, 10.0]), 20.0).tolist() == [0.0, 5.0, 1.0, 0.0]
    assert layers(np.full(4, 28.0), 20.0).tolist() == [2.0] * 4


def test_a_call_that_lasts_and_one_that_delivers_nothing():
    """In an hour of a call that brings nothing the exchange is as planned: it may not recover there."""
    assert after({2: 2.0, 3: 0.0}, 3).change_mw.tolist()[:4] == approx([0, 0, -2.0, 5.0])
    park = tiny_park(grid=grid(100.0), load=load([20.0] * HOURS), battery_1=battery(10.0, 20.0, **LOSSY))
    plan = KeptDispatch(park, with_network=False).solve().dispatch
    called = np.isin(np.arange(HOURS), [2, 3])
    power = np.where(np.arange(HOURS) == 2, 2.0, 0.0)
    assert recover(plan, called, power, 3).change_mw.tolist()[:5] == approx([0, 0, -2.0, 0.0, 5.0])


def test_what_cannot_be_held_is_told():
    """The battery has 5 MWh to give; 6 are asked in one hour."""
    assert after({2: 6.0}, 7).missing_mwh == approx(1.0)


def test_an_hour_is_its_calls_and_then_its_recoveries_by_energy():
    """Hours 0–1 are a call of 3 MWh, hours 1–2 one of 1 MWh; two hours of recovery each. Hour 1 is shared 3 : 1; hour 2 is the second's alone, which is
    still called; hour 3 is shared again; hour 4 is recovered from by the second only."""
    change = np.array([10.0, 40.0, 7.0, 80.0, 5.0, 99.0])
    found = Recovered(SimpleNamespace(), SimpleNamespace(), change, 0.0)
    assert found.by_call([Called(0, 1, 3.0), Called(1, 2, 1.0)], 2) == [(40.0, 60.0), (17.0, 25.0)]
