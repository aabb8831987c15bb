"""Dispatch and network until they agree, on a few buses: which asset gives way, by how much, at what price, and what cannot be met."""

from __future__ import annotations

import numpy as np
import pytest

from gridsim.dispatch.solve import KeptDispatch
from gridsim.distribution.cuts import MARGIN_LOADING, MARGIN_VOLTAGE_PU
from gridsim.distribution.loop import until_feasible
from gridsim.distribution.network import network_of
from gridsim.distribution.record import loop_record, network_figures, violations_table
from gridsim.metrics.curtailment import curtailment_by_cause
from gridsim.network_lines import network_lines
from hand_solved.parks import approx, battery, grid, load, response, solar, wind
from hand_solved.wired import CABLE, OHM_PER_KM, RATED_KA, RATED_MVA, carried_mw, star, wired_park

INSIDE = 1.0 - MARGIN_LOADING
"""Part of a limit that cuts aim at."""


def coupled(park, level="linear"):
    """The loop; every hour that was ever beyond a limit is confirmed by pandapower, and the rounds come to an end."""
    found = until_feasible(KeptDispatch(park, level=level), network_of(park))
    assert len(found.rounds) - 1 <= 6
    if found.confirmed is not None:
        assert found.confirmed.voltage_pu < 1e-8 and found.confirmed.current < 1e-6 and found.confirmed.disagree == ()
    return found


def feeders(folder, *, limit=0.5, step_minutes=60):
    """Three cables that are too small for one hour each: a battery, demand response and wind give way behind them.

    A MWh in the battery costs 10 CNY, a MWh that is shifted 15 CNY, electricity 100 CNY in both hours.
    """
    return wired_park(
        folder,
        star({"cells": "store mill", "shop": "load", "hill": "wind_1"}, limit=limit),
        step_minutes=step_minutes,
        grid=grid([100.0, 100.0]),
        mill=load([2.0, 6.0]),
        store=battery(throughput_cost_cny_per_mwh=10.0),
        load=load([6.0, 2.0]),
        shift=response("shift", share=0.9, window_hours=1.0, price_cny_per_mwh=15.0),
        wind_1=wind([0.6, 0.1], 10.0, variable_cost_cny_per_mwh=0.0),
    )


@pytest.fixture(scope="module")
def agreed(tmp_path_factory):
    return coupled(feeders(tmp_path_factory.mktemp("feeders")))


def test_three_ways_out_by_hand(agreed):
    """**Proves**: half a cable of 8.574 MVA carries 4.285 MW to a load and 4.288 MW from wind (the voltage falls and rises by 0.04 %), and cuts aim 0.05 %
    inside: of 6 MW, 1.717 MW come out of the battery (10 CNY), 1.717 MW leave the hour (15 CNY), 1.714 MW of wind are lost (100 CNY).

    1 kW is what a cut that is straight leaves of a current that bends: twice the voltage change of 1e-4 over the 1.7 MW that are moved.

    **Breaks as**: twice or no margin (2 kW); more rounds, or none that holds.
    """
    after, inside = agreed.checked.dispatch, 0.5 * INSIDE
    into, out_of = 6.0 - carried_mw(inside), 6.0 - carried_mw(inside, feeding_in=True)
    assert (into, out_of) == (pytest.approx(1.7167, abs=1e-3), pytest.approx(1.7139, abs=1e-3))
    assert after.flows["store.discharge"] == pytest.approx([0.0, into], abs=1e-3)
    assert after.flows["shift.reduction"] == pytest.approx([into, 0.0], abs=1e-3)
    assert after.flows["wind_1"] == pytest.approx([6.0 - out_of, 1.0], abs=1e-3)
    assert agreed.checked.feasible and not agreed.unmet and len(agreed.rounds) <= 3
    assert agreed.cost_cny == pytest.approx(10.0 * into + 15.0 * into + 100.0 * out_of, rel=1e-3)
    assert [one.violating_hours for one in agreed.rounds] == [2.0, *[0.0] * (len(agreed.rounds) - 1)] and agreed.rounds[0].violations == 3
    assert agreed.confirmed.hours == 2


def test_curtailment_has_its_cause(agreed):
    """**Proves**: what the cable does not take of the wind is lost to the network; the dispatch that did not know it lost nothing."""
    lost = curtailment_by_cause(agreed.checked.dispatch)
    assert lost.pop("network") == pytest.approx([6.0 - carried_mw(0.5 * INSIDE, feeding_in=True), 0.0], abs=1e-3)
    assert not any(power.any() for power in lost.values())
    assert not any(power.any() for power in curtailment_by_cause(agreed.before.dispatch).values())


def test_price_by_element(agreed):
    """**Proves**: a cable that carried 1 % more would spare 0.0428 MWh at 100, 15 and 10 CNY; the parts of the price are those of the costs, and add up to 1.

    **Breaks as**: minus; a hundred times; the price of one cable at another.
    """
    prices = {price.element: price for price in agreed.prices}
    assert list(prices) == ["hill", "shop", "cells"] and {price.kind for price in agreed.prices} == {"line"}
    into, out_of = 6.0 - carried_mw(0.5 * INSIDE), 6.0 - carried_mw(0.5 * INSIDE, feeding_in=True)
    for element, cost, moved in (("hill", 100.0, out_of), ("shop", 15.0, into), ("cells", 10.0, into)):
        assert prices[element].value_cny_per_percent == pytest.approx(cost * 0.01 * 0.5 * RATED_MVA, rel=0.01)
        assert prices[element].share == pytest.approx(cost * moved / (25.0 * into + 100.0 * out_of), rel=5e-3) and prices[element].hours == 1.0


def test_value_of_one_percent_is_what_one_percent_brings(agreed, tmp_path):
    """**Proves**: with limits 1 % larger the loop ends cheaper by the sum of what the elements' prices say."""
    wider = coupled(feeders(tmp_path, limit=0.505))
    saved = agreed.checked.dispatch.objective_cny - wider.checked.dispatch.objective_cny
    assert sum(price.value_cny_per_percent for price in agreed.prices) == pytest.approx(saved, rel=0.02)


def test_quarter_hours(tmp_path, agreed):
    """**Proves**: the same in quarter hours: a quarter of the money, of the hours and of the energy at risk; the same MW; the cause is still the network.

    **Breaks as**: the price of a row, or what one MW of it is worth, forgets that a step is a quarter of an hour.
    """
    quarter = coupled(feeders(tmp_path, step_minutes=15))
    assert quarter.cost_cny == pytest.approx(agreed.cost_cny / 4.0, rel=1e-3) and quarter.checked.feasible
    assert quarter.rounds[0].violating_hours == 0.5
    assert quarter.rounds[0].energy_at_risk_mwh == pytest.approx(agreed.rounds[0].energy_at_risk_mwh / 4.0)
    assert [price.value_cny_per_percent for price in quarter.prices] == pytest.approx([price.value_cny_per_percent / 4.0 for price in agreed.prices], rel=1e-3)
    assert curtailment_by_cause(quarter.checked.dispatch)["network"][0] == pytest.approx(6.0 - carried_mw(0.5 * INSIDE, feeding_in=True), abs=1e-3)


def test_record_and_figures(agreed):
    """**Proves**: the record says what the loop did; the drivers of a violation are named with their MW; losses are 3 I² R by hand.

    In the second hour the cables carry 4.283 MW (half their current), 2 + 1.717 MW and 1 MW.
    """
    record = loop_record(agreed, {"cost_cny": agreed.cost_cny})
    assert record["confirmed"]["hours"] == 2.0 and record["confirmed"]["violating_hours"] == 0.0 and record["unmet"] == []
    assert [element["element"] for element in record["price"]["by_element"]] == ["hill", "shop", "cells"]
    table = violations_table(agreed.before).set_index("element")
    assert list(table.loc["cells", ["driver_1", "driver_1_mw"]]) == ["mill", -6.0] and list(table.loc["hill", ["driver_1", "driver_1_mw"]]) == ["wind_1", 6.0]
    assert -table.loc["cells", "driver_1_per_mw"] * RATED_MVA == pytest.approx(1.0, abs=2e-3)
    assert len(violations_table(agreed.checked)) == 0
    figures = network_figures(agreed.checked)
    per_ka2 = 3.0 * 0.00777
    carried = np.array([[2.0 + 1.717, 4.283], [4.283, 2.0 + 1.717], [4.286, 1.0]])
    assert figures["network_loss_mwh"] == pytest.approx(per_ka2 * ((carried / (np.sqrt(3.0) * 10.0)) ** 2).sum(), rel=2e-3)
    assert figures["violating_hours"] == 0.0 and figures["network_solved_hours"] == 2.0
    assert figures["network_highest_loading"] == pytest.approx(0.5 * INSIDE, rel=2e-4) and figures["max_difference_to_runpp_pu"] < 1e-8
    assert figures["network_import_beyond_dispatch_mwh"] == pytest.approx(figures["network_loss_mwh"], rel=1e-6)


# ---- what cannot be met


def lines_of(found):
    from types import SimpleNamespace

    return list(network_lines(SimpleNamespace(network_studies={}, feasibility=found.checked, coupled=found, summary=network_figures(found.checked))))


def test_a_load_that_nothing_helps(tmp_path):
    """**Proves**: 6 MW behind a cable for 4.283 MW and nothing else in the park: the loop ends after one round, nothing is infeasible, the money is as before,
    and the cable is named with the 1.717 MW that the load would have to draw less.

    **Breaks as**: an error, as no asset can be asked; six rounds of the same dispatch; nothing in `unmet`.
    """
    found = coupled(wired_park(tmp_path, star({"shop": "load"}), grid=grid([100.0, 100.0]), load=load([6.0, 2.0])))
    assert len(found.rounds) == 2 and found.cost_cny == approx(0.0) and not found.checked.feasible and found.prices == []
    (need,) = found.unmet
    assert (need.kind, need.element, need.hours) == ("line", "shop", 1.0) and need.worst_mw == pytest.approx(6.0 - carried_mw(0.5 * INSIDE), abs=1e-3)
    said = lines_of(found)
    assert "is beyond a limit in 1 of 2 hours" in said[0] and any("cannot be met: line shop, 1 h, short by up to 1.7 MW" in text for text in said)


def test_a_load_that_its_battery_helps_in_part(tmp_path):
    """**Proves**: a battery of 1 MW behind the cable gives its 1 MW, and 0.717 MW are named.

    **Breaks as**: 1.717 if the battery stood still; an excess in MW of something else.
    """
    park = wired_park(tmp_path, star({"shop": "load store"}), grid=grid([100.0, 100.0]), load=load([6.0, 2.0]), store=battery(1.0, 1.0))
    found = coupled(park)
    assert found.checked.dispatch.flows["store.discharge"] == pytest.approx([1.0, 0.0]) and not found.checked.feasible
    (need,) = found.unmet
    assert (need.element, need.hours) == ("shop", 1.0) and need.worst_mw == pytest.approx(5.0 - carried_mw(0.5 * INSIDE), abs=1e-3)


def test_who_has_next_to_no_say_is_not_asked_for_the_impossible(tmp_path):
    """**Proves**: wind that hangs elsewhere reaches the small cable only over the voltage (1 MW of it is worth less than 1 kW of the load there): it is not
    curtailed, and the need is told in MW of the load.

    **Breaks as**: some thousand MW "of the most effective asset", and wind that stands still for nothing.
    """
    tables = star({"shop": "load", "hill": "wind_1"})
    tables["buses"] += "\nhub,10,0.9,1.1"
    tables["lines"] = tables["lines"].replace("source", "hub") + f"\nway,source,hub,{CABLE},0.1,2"
    found = coupled(wired_park(tmp_path, tables, grid=grid([100.0, 100.0]), load=load([6.0, 2.0]), wind_1=wind([0.4, 0.1], 10.0)))
    assert found.checked.dispatch.flows["wind_1"] == approx([4.0, 1.0])
    (need,) = found.unmet
    assert need.element == "shop" and need.worst_mw == pytest.approx(6.0 - carried_mw(0.5 * INSIDE), abs=3e-3)


def test_demand_that_may_stay_unserved(tmp_path):
    """**Proves**: a load that may stay unserved at 10 000 CNY/MWh does so by 1.717 MWh: the network can always be kept then.

    **Breaks as**: a penalty below the dearest thing in the park, at which the cable would be exceeded.
    """
    park = wired_park(tmp_path, star({"shop": "load"}), grid=grid([100.0, 100.0]), load=load([6.0, 2.0], unserved_price_cny_per_mwh=10_000.0))
    found = coupled(park)
    lost = 6.0 - carried_mw(0.5 * INSIDE)
    assert found.checked.feasible and found.checked.dispatch.flows["load.unserved"] == pytest.approx([lost, 0.0], abs=1e-3)
    assert found.cost_cny == pytest.approx(9_900.0 * lost, rel=1e-3)


def test_a_demand_charge_does_not_buy_a_violation(tmp_path):
    """**Proves**: 1.714 MW of wind are lost for a quarter of an hour although the import that replaces them costs 32 800 CNY/MW of peak: more than the
    25 000 CNY that 1e5 CNY/MWh come to in that time.

    **Breaks as**: a cable that is exceeded, and called a need that cannot be met.
    """
    park = wired_park(
        tmp_path,
        star({"hill": "wind_1"}),
        step_minutes=15,
        grid=grid([100.0], tariff={"demand_charge_cny_per_mw_month": 32_800.0}),
        town=load([6.0]),
        wind_1=wind([0.6], 10.0, variable_cost_cny_per_mwh=0.0),
    )
    found = coupled(park)
    lost = 6.0 - carried_mw(0.5 * INSIDE, feeding_in=True)
    assert found.checked.feasible and found.unmet == [] and found.cost_cny == pytest.approx((32_800.0 + 25.0) * lost, rel=1e-3)


# ---- other limits


def test_voltage_that_rises_too_far(tmp_path):
    r"""**Proves**: sun at the end of 5 km may lift its bus to 1.02 p.u. By :math:`V_2^4 - (V_1^2 + 2 (RP + XQ)) V_2^2 + |Z|^2 (P^2 + Q^2) = 0`
    with half the cable's charging, 0.03 Mvar, and the margin of 2e-4 p.u. that is 5.232 of 8 MW; the cut is the tangent at 8 MW, which is flatter than the
    curve before it, and asks for 5.186 MW. The bus is named.

    **Breaks as**: more sun for a voltage that is too high; MW per p.u. off by the base; a cut that is steeper than the voltage.
    """
    tables = star({"roof": "sun"}, length_km=5.0, limit=1.0)
    tables["buses"] = tables["buses"].replace("roof,10,0.9,1.1", "roof,10,0.9,1.02")
    park = wired_park(
        tmp_path, tables, grid=grid([100.0], [50.0]), sun=solar([0.8], 10.0, variable_cost_cny_per_mwh=0.0), town=load([0.5]), limits=None, hours=1.0
    )
    found = coupled(park)
    ohm, high = OHM_PER_KM * 5.0, 1.02 - MARGIN_VOLTAGE_PU
    charging_mvar = 2.0 * np.pi * 50.0 * 376e-9 * 5.0 / 2.0 * 10.0**2

    def lifted_pu(mw):
        half = 50.0 + ohm.real * mw + ohm.imag * charging_mvar
        return np.sqrt(half + np.sqrt(half**2 - abs(ohm) ** 2 * (mw**2 + charging_mvar**2))) / 10.0

    fed_in = 8.0 - (lifted_pu(8.0) - high) / ((lifted_pu(8.001) - lifted_pu(7.999)) / 0.002)
    assert lifted_pu(5.2316) == pytest.approx(high, abs=1e-6) and fed_in == pytest.approx(5.186, abs=1e-3)
    assert found.checked.feasible and found.checked.dispatch.flows["sun"] == pytest.approx([fed_in], rel=1e-3)
    assert [(price.kind, price.element) for price in found.prices] == [("voltage_high", "roof")]
    assert curtailment_by_cause(found.checked.dispatch)["network"] == pytest.approx([8.0 - fed_in], rel=2e-3)


def test_an_hour_without_a_solution_comes_back(tmp_path):
    r"""**Proves**: 20 km of line carry at most :math:`U^2 / (2 (|Z| + R))`, :math:`U^2/2X` where there is no R: 100 / (2 · (6.813 + 2.648)) = 5.285 MW at a
    power factor of 1. 6 MW have no solution, told with its reason. 0.85 of it have, and from there losses may not grow: the battery brings 0.9 MW.

    **Breaks as**: an hour that is dropped, or stays; a battery that charges.
    """
    tables = star({"shop": "load store"}, length_km=20.0, limit=2.0, low_pu=0.5, type_="OHL10-LGJ240")
    park = wired_park(tmp_path, tables, grid=grid([100.0, 100.0]), load=load([2.0, 6.0]), store=battery(throughput_cost_cny_per_mwh=10.0))
    found = coupled(park)
    ohm = complex(0.13238, 0.3139) * 20.0
    most = 100.0 / (2.0 * (abs(ohm) + ohm.real))
    assert most == pytest.approx(5.285, abs=1e-3) and 0.9 * 6.0 > most > 0.85 * 6.0
    table = violations_table(found.before)
    assert list(table.kind) == ["no_solution"] and list(table.step) == [1] and "no solution" in table.reason[0] and table.energy_at_risk_mwh[0] == 6.0
    assert network_figures(found.before)["network_solved_hours"] == 1.0
    assert found.checked.feasible and found.checked.dispatch.flows["store.discharge"] == pytest.approx([0.0, 0.9], abs=1e-6)
    assert found.cost_cny == approx(9.0) and len(found.rounds) == 2
    assert any("the power flow has none in 1 h" in text for text in lines_of_before(found))


def lines_of_before(found):
    from types import SimpleNamespace

    return list(network_lines(SimpleNamespace(network_studies={}, feasibility=found.before, coupled=None, summary=network_figures(found.before))))


def test_an_hour_without_a_solution_that_nothing_helps(tmp_path):
    """**Proves**: without the battery the loop ends, and tells that the hour has no solution and by how many MW the load is too large: 6 − 5.1 MW."""
    tables = star({"shop": "load"}, length_km=20.0, limit=2.0, low_pu=0.5, type_="OHL10-LGJ240")
    found = coupled(wired_park(tmp_path, tables, grid=grid([100.0, 100.0]), load=load([2.0, 6.0])))
    assert len(found.rounds) == 2 and list(violations_table(found.checked).kind) == ["no_solution"]
    (need,) = found.unmet
    assert need.kind == "no_solution" and need.worst_mw == pytest.approx(0.9, abs=1e-6)


def test_declared_capacity_counts_losses(tmp_path):
    """**Proves**: 4 MW of import are declared and the dispatch takes all of them, but the cable loses 3 I² R = 12.5 kW on the way: the battery makes up for
    them and for the margin of 2 kW.

    **Breaks as**: nothing found, if the dispatch's import were held against the capacity; the battery charging in that hour.
    """
    park = wired_park(
        tmp_path,
        star({"shop": "load store"}, length_km=1.0, limit=1.0),
        grid=grid([100.0, 100.0], import_limit_mw=4.0),
        load=load([4.0, 2.0]),
        store=battery(throughput_cost_cny_per_mwh=10.0),
    )
    found = coupled(park)
    ka = 4.0 / (np.sqrt(3.0) * 10.0 * (1.0 - 0.0777 * 4.0 / 100.0))
    lost = 3.0 * 0.0777 * ka**2
    table = violations_table(found.before)
    assert list(table.kind) == ["connection"] and table.excess[0] == pytest.approx(lost, rel=1e-3)
    assert found.checked.feasible and found.checked.dispatch.flows["store.discharge"] == pytest.approx([lost + 4.0 * MARGIN_LOADING, 0.0], abs=2e-4)
    assert [(price.kind, price.element) for price in found.prices] == [("connection", "")]


def test_whole_numbers(tmp_path):
    """**Proves**: the loop of a park whose calls are whole numbers: an interruption of 2 MW is called for the one hour that is too much, and none before.

    **Breaks as**: integers held at the first answer: no call, the cable exceeded.
    """
    park = wired_park(
        tmp_path,
        star({"shop": "load"}),
        grid=grid([100.0, 100.0, 100.0]),
        load=load([2.0, 6.0, 2.0]),
        call=response("interrupt", power_mw=2.0, calls_per_year=1, hours_per_call=1.0, price_cny_per_mwh=500.0),
    )
    found = coupled(park, "mixed_integer")
    called = 6.0 - carried_mw(0.5 * INSIDE)
    assert found.checked.feasible and found.before.dispatch.flows["call.reduction"] == approx([0.0] * 3)
    assert found.checked.dispatch.flows["call.reduction"] == pytest.approx([0.0, called, 0.0], abs=1e-3)
    assert found.checked.dispatch.commitments["call.calls"] == approx([0.0, 1.0, 0.0])
    assert found.checked.dispatch.termination.binaries > 0 and found.cost_cny == pytest.approx(400.0 * called, rel=1e-3)


def test_nothing_is_beyond_a_limit(tmp_path):
    """**Proves**: a network that carries the dispatch costs nothing, needs no second round, and nothing has to be confirmed."""
    found = coupled(wired_park(tmp_path, star({"shop": "load"}, limit=1.0), grid=grid([100.0]), load=load([6.0])))
    assert found.checked is found.before and found.cost_cny == 0.0 and found.confirmed is None and (found.prices, found.unmet) == ([], [])
    assert found.checked.flow.loading[0, 0] == pytest.approx(6.0 / (np.sqrt(3.0) * 10.0 * RATED_KA), rel=1e-3)
