"""The green ledger beyond one battery: chains of stores, mixed exports, compressors, fuel, quarter hours, and where the used green went."""

from __future__ import annotations

import numpy as np
import pytest

from gridsim.metrics.green import GreenLedger, green_ledger
from gridsim.metrics.mixing import recursion_in_blocks
from hand_solved.parks import (
    ammonia_demand,
    ammonia_plant,
    approx,
    battery,
    caes,
    electrolyser,
    grid,
    hydrogen_demand,
    hydrogen_store,
    in_park,
    line,
    load,
    response,
    wind,
)

KG = 0.03333
"""MWh of heating value in a kilogram of hydrogen: the unit of a tank's ledger."""

COMPRESSOR = {"type": "hydrogen_compressor", "from_bus": "low", "to_bus": "hydrogen", "capacity_kg_per_h": 100.0}
COMPRESSOR |= {"inlet_bar": 30.0, "outlet_bar": 450.0, "specific_energy_kwh_per_kg": 2.0}


def ledger_of(dispatch) -> GreenLedger:
    """Return the ledger, which closes in every hour and for every store."""
    ledger = green_ledger(dispatch)
    assert ledger.residual_mw == approx([0.0] * dispatch.time.steps)
    for store in ledger.stores.values():
        assert store.residual == approx([0.0] * dispatch.time.steps)
    return ledger


@in_park(
    step_minutes=15,
    grid=grid([1000.0, 1000.0, 500.0]),
    wind=wind([1.0, 0.0, 0.0], 10.0),
    battery=battery(level_start_share=0.0, level_end="free"),
    plant=electrolyser(5.0, module_mw=5.0),
    tank=hydrogen_store(1000.0),
    steel=hydrogen_demand(100.0, profile=[0.0, 0.0, 300.0]),
)
def test_green_passes_from_store_to_store_in_quarter_hours(dispatch):
    """**Proves**: 5 MW of electrolysis run in all three steps to make 300 kg/h for the last. Wind's other 5 MW wait in the battery for the
    second step, the third buys 5 MW: 200 of 300 kg/h are green.

    A quarter hour puts 1.25 MWh into the battery and 25 kg into the tank: 25, then 50 kg, all green, and 50 kg out.

    **Breaks as**: 1/3 green if a tank filled out of a battery stayed grey; 100 and 200 kg if steps were hours.
    """
    ledger = ledger_of(dispatch)
    assert ledger.share_of_bus["hydrogen"] == approx([1.0, 1.0, 2.0 / 3.0])
    assert ledger.stores["battery.store"].green_in == approx([1.25, 0.0, 0.0])
    assert ledger.stores["battery.store"].green_level == approx([1.25, 0.0, 0.0])
    tank = ledger.stores["tank.store"]
    assert tank.green_level == approx([25.0 * KG, 50.0 * KG, 0.0])
    assert tank.green_out == approx([0.0, 0.0, 50.0 * KG])
    assert tank.share == approx([1.0, 1.0, 0.0])
    assert ledger.green_used_by["plant"] == approx([5.0, 5.0, 0.0])


@in_park(
    grid=grid(1000.0),
    wind=wind([1.0, 0.0], 10.0),
    plant=electrolyser(50.0),
    synthesis=ammonia_plant(1.0, tank_t=5.0, tank_start_share=0.0, tank_end="free"),
    users=ammonia_demand(1.0, profile=[0.0, 2.0]),
)
def test_a_tank_beside_a_running_synthesis_keeps_its_colour(dispatch):
    """**Proves**: a tonne made of wind waits in the tank; an hour later it leaves, all green, beside a tonne made of bought power: half green.

    **Breaks as**: half a tonne of green out of the tank, and a store that does not close, if it gave the colour of the bus.
    """
    ledger = ledger_of(dispatch)
    assert ledger.stores["synthesis.tank"].green_out == approx([0.0, 1.0])
    assert ledger.share_of_bus["ammonia"] == approx([1.0, 0.5])


@in_park(
    step_minutes=15,
    grid=grid(1000.0),
    wind=wind([1.0, 0.0], 16.0),
    battery=battery(20.0, 50.0, standing_loss_share_per_hour=0.9375, level_start_share=0.0, level_end="free"),
    load=load([0.0, 8.0]),
)
def test_green_fades_by_the_quarter_hour(dispatch):
    """**Proves**: a loss of 93.75 % an hour is one half a quarter hour: of 4 MWh green 2 are lost and 2 serve 8 MW for 15 minutes.

    **Breaks as**: 3.75 MWh lost with an hour's loss a step.
    """
    ledger = ledger_of(dispatch)
    assert ledger.stores["battery.store"].green_level == approx([4.0, 0.0])
    assert ledger.stores["battery.store"].green_lost == approx([0.0, 2.0])
    assert ledger.green_used_mw == approx([0.0, 8.0])


@in_park(
    grid=grid(1000.0),
    wind=wind([0.0, 1.0], 20.0, variable_cost_cny_per_mwh=1.0),
    battery=battery(standing_loss_share_per_hour=0.5),
    load=load([4.0, 10.0]),
)
def test_a_cycle_loses_green_in_its_first_hour_too(dispatch):
    """**Proves**: 8 MWh at the end of the day are 4 MWh an hour later, at its beginning, and serve 4 MW: all green, 4 MWh lost.

    **Breaks as**: a ledger that does not close, if the step over the end of a cycle lost nothing.
    """
    ledger = ledger_of(dispatch)
    store = ledger.stores["battery.store"]
    assert store.green_start == approx(8.0)
    assert store.green_lost == approx([4.0, 0.0])
    assert ledger.green_used_mw == approx([4.0, 10.0])


@in_park(grid=grid([1000.0, 10.0]), wind=wind([0.0, 0.5], 10.0), battery=battery(level_min_share=0.5), load=load([5.0, 5.0]))
def test_the_colour_of_a_cycle_that_never_empties(dispatch):
    """**Proves**: a battery between 5 and 10 MWh gives 5 MWh and takes 5 MWh of a half green bus. What stays mixes with what comes: G = G/2 +
    2.5, so 5 of 10 MWh are green, and 2.5 of the 5 MWh it gives.

    **Breaks as**: 1.67 MWh (G = 2.5 / 1.5) if the response had the wrong sign; 2.5 if the cycle began grey.
    """
    ledger = ledger_of(dispatch)
    assert ledger.stores["battery.store"].green_start == approx(5.0)
    assert ledger.stores["battery.store"].share == approx([0.5, 0.5])
    assert ledger.green_used_mw == approx([2.5, 2.5])
    assert ledger.green_discharged_mw == approx([2.5, 0.0])


@in_park(
    grid=grid([10.0, 100.0], export_price=[0.0, 90.0]),
    wind=wind([0.5, 0.0], 10.0),
    battery=battery(level_start_share=0.0, level_end="free", discharge_efficiency=0.8),
    load=load([0.0, 1.0]),
)
def test_an_export_is_as_green_as_what_it_was_stored_from(dispatch):
    """**Proves**: 5 MWh of wind and 5 MWh bought become 8 MWh at the bus, half green: 1 MWh of load and 7 MWh of export, 3.5 green and 3.5
    grey. Charged green: 5 of 10.

    **Breaks as**: 7 grey if green were not taken off; 10 charged if the bus' share were; 5 discharged if measured in the cells.
    """
    ledger = ledger_of(dispatch)
    assert ledger.green_charged_mw == approx([5.0, 0.0])
    assert ledger.green_discharged_mw == approx([0.0, 4.0])
    assert (ledger.green_exported_mw[1], ledger.grey_exported_mw[1]) == approx((3.5, 3.5))
    assert ledger.green_used_mw == approx([0.0, 0.5])


@in_park(
    grid=grid(1000.0),
    wind=wind([1.0, 0.0], 10.0),
    plant=electrolyser(hydrogen_bus="low"),
    compressor=COMPRESSOR,
    tank=hydrogen_store(compression_kwh_per_kg=1.0),
    steel=hydrogen_demand(50.0, profile=[0.0, 100.0]),
)
def test_compressors_use_green_too(dispatch):
    """**Proves**: 100 kg of the windy hour take 5 MW of electrolysis, 0.2 MW between the pressures and 0.1 MW into the tank, all green; the
    hydrogen keeps its colour.

    **Breaks as**: 3.333 MW each if the third port were measured at the hydrogen; a ledger that leaves 0.3 MW open without them.
    """
    ledger = ledger_of(dispatch)
    assert {name: power[0] for name, power in ledger.green_used_by.items()} == approx({"plant": 5.0, "compressor": 0.2, "tank": 0.1})
    assert ledger.share_of_bus["hydrogen"] == approx([1.0, 1.0])


@in_park(
    grid=grid(1000.0),
    wind=wind([0.8, 0.0], 10.0),
    plant=caes(kind="diabatic", compression_mwh_per_mwh_out=0.8, fuel_mwh_per_mwh_out=1.0, fuel_price_cny_per_mwh=1.0),
    load=load([0.0, 10.0]),
)
def test_fuel_is_grey_at_any_ratio(dispatch):
    """**Proves**: 10 MWh out of 10 MWh of air and 10 of gas are half green: 5 MWh, for 8 MWh of wind.

    **Breaks as**: 10 MWh if gas were green or not counted; 6.15 with the 1.6 MWh of another plant.
    """
    ledger = ledger_of(dispatch)
    assert ledger.share_of_bus["plant.fuel"] == approx([0.0, 0.0])
    assert ledger.green_discharged_mw == approx([0.0, 5.0])
    assert ledger.green_used_mw == approx([0.0, 5.0])


@in_park(far_grid=grid(100.0, bus="far"), wind=wind([0.5], 10.0, bus="far"), line=line("far", "electricity", 20.0, loss_share=0.1), load=load([9.0]))
def test_a_line_loses_the_colour_it_carries(dispatch):
    """**Proves**: 5 MW of wind and 5 MW bought enter the line; of the 1 MW lost one half is green, of the 9 MW that arrive too.

    **Breaks as**: 1 MW of green lost, and a ledger that does not close, if the whole loss were green.
    """
    ledger = ledger_of(dispatch)
    assert ledger.green_line_loss_mw == approx([0.5])
    assert ledger.green_used_mw == approx([4.5])


@in_park(wind=wind([0.6], 10.0), load=load([10.0], unserved_price_cny_per_mwh=5000.0))
def test_what_stays_unserved_uses_no_green(dispatch):
    """**Proves**: 6 MW of wind serve 6 of 10 MW: 6 MW of green used.

    **Breaks as**: 10 MW if the load counted with what it asked for.
    """
    ledger = ledger_of(dispatch)
    assert ledger.green_used_mw == approx([6.0])
    assert ledger.green_used_by["load"] == approx([6.0])


@in_park(
    grid=grid(1000.0),
    wind=wind([0.0, 1.0], 20.0),
    load=load([10.0, 10.0]),
    shift=response("shift", share=0.2, window_hours=1.0, price_cny_per_mwh=1.0),
    process=response("process", bus="electricity", power_mw=1.0, quota_mwh=24.0, quota_period="day"),
)
def test_moved_load_and_processes_use_green(dispatch):
    """**Proves**: 2 MW move from the calm hour to the windy one, in which load (10), moved load (2) and a process at full power (1) are green.

    **Breaks as**: 11 or 12 MW, and an open ledger, if one of them were forgotten.
    """
    ledger = ledger_of(dispatch)
    assert ledger.green_used_mw == approx([0.0, 13.0])
    assert {name: power[1] for name, power in ledger.green_used_by.items()} == approx({"load": 10.0, "shift": 2.0, "process": 1.0})


@in_park(
    level="mixed_integer",
    wind=wind([1.0, 1.0, 1.0], 10.0),
    plant=electrolyser(part_load_curve=[[0.3, 1.0], [1.0, 1.0]], min_load_share=0.3, start_cost_cny_per_mw=20.0, standby_share=0.02),
    steel=hydrogen_demand(40.0, profile=[60.0, 0.0, 60.0]),
)
def test_standby_uses_green(dispatch):
    """**Proves**: a module that waits warm between two hours at 3 MW draws 0.2 MW of wind.

    **Breaks as**: 0 in the middle hour, and an open ledger, if auxiliary power were no use.
    """
    assert ledger_of(dispatch).green_used_by["plant"] == approx([3.0, 0.2, 3.0])


@pytest.mark.parametrize(("steps", "stores"), [(1, 1), (2, 3), (97, 2), (8760, 3)])
def test_blocks_at_once_are_snapshots_one_after_the_other(steps, stores):
    """**Proves**: states, end and response of the recursion in blocks are those of going through it, for steps that fill no whole blocks too.

    **Breaks as**: another state where a block's changes were multiplied in the wrong order, or what a block brings by itself were forgotten.
    """
    random = np.random.default_rng(5)
    change, fresh, start = random.random((steps, stores, stores)) / stores, random.random((steps, stores)), random.random(stores)
    state, response, states = start, np.eye(stores), []
    for step in range(steps):
        state, response = change[step] @ state + fresh[step], change[step] @ response
        states.append(state)
    blocks = recursion_in_blocks(change, fresh)
    assert blocks.states(start)[:steps] == pytest.approx(np.array(states), rel=1e-12)
    assert blocks.ends(start)[-1] == pytest.approx(state, rel=1e-12)
    assert blocks.response == pytest.approx(response, rel=1e-9, abs=1e-300)
