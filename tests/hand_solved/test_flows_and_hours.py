"""The energy flow that the report draws, and the hour-by-hour table: each quantity in its unit, at its side."""

from __future__ import annotations

from gridsim.dispatch.audit import audit
from gridsim.metrics.balance import energy_flow
from gridsim.metrics.hourly import hourly_table
from gridsim.metrics.scorecard import scorecard
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

HUMP = {"part_load_curve": [[0.25, 1.25], [0.5, 0.8], [1.0, 1.0]], "min_load_share": 0.25}


def edges_of(dispatch) -> dict[tuple[str, str], float]:
    edges = energy_flow(dispatch)
    assert len({(edge.source, edge.target, edge.carrier) for edge in edges}) == len(edges)
    return {(edge.source, edge.target): edge.mwh for edge in edges}


def columns_of(dispatch) -> tuple[dict[str, list[float]], dict[str, str]]:
    frame, units = hourly_table(dispatch, scorecard(dispatch, audit(dispatch)))
    assert set(units) == set(frame.columns)
    return {name: list(frame[name]) for name in frame}, units


@in_park(step_minutes=15, wind=wind([0.8, 0.2], 20.0), grid=grid(100.0), load=load([10.0, 10.0]))
def test_edges_are_energies(dispatch):
    """**Proves**: in two quarter hours 10 + 4 MW of wind are used, 6 MW curtailed, 6 MW bought for 10 MW of load: 3.5, 1.5, 1.5 and 5 MWh,
    each in its direction.

    **Breaks as**: 14, 6, 6 and 20 if powers were added up; 5 curtailed if all that was available were.
    """
    assert edges_of(dispatch) == approx(
        {("wind", "electricity"): 3.5, ("wind", "curtailed"): 1.5, ("grid", "electricity"): 1.5, ("electricity", "load"): 5.0}
    )


@in_park(
    step_minutes=15,
    hours=0.5,
    grid=grid(100.0),
    plant=electrolyser(10.0, **HUMP),
    synthesis=ammonia_plant(),
    users=ammonia_demand(140.0 / 180.0),
)
def test_edges_of_products_are_in_heating_value(dispatch):
    """**Proves**: 140 kg/h from two pieces of the curve (5 and 1 MW) for half an hour are 70 kg, 2.3331 MWh of hydrogen, and 70/180 t, at
    5.17 MWh/t: 2.0106 MWh of ammonia.

    **Breaks as**: 0.5 MWh of electrolysis if one piece stood for both; 0.389 MWh of ammonia if tonnes were drawn as MWh.
    """
    assert edges_of(dispatch) == approx(
        {
            ("electricity", "plant"): 3.0,
            ("plant", "hydrogen"): 70.0 * 0.03333,
            ("hydrogen", "synthesis"): 70.0 * 0.03333,
            ("electricity", "synthesis"): 70.0 / 180.0,
            ("synthesis", "ammonia"): 70.0 / 180.0 * 5.17,
            ("ammonia", "users"): 70.0 / 180.0 * 5.17,
            ("grid", "electricity"): 3.0 + 70.0 / 180.0,
        }
    )


@in_park(
    grid=grid([10.0, 300.0]),
    battery=battery(discharge_efficiency=0.8),
    caes=caes(bus="b", compressor_efficiency=0.8, level_end="free"),
    far=grid([10.0, 300.0], bus="b"),
    load=load([0.0, 8.0]),
    other=load([0.0, 4.0], bus="b"),
)
def test_columns_of_storage_are_measured_at_the_bus(dispatch):
    """**Proves**: 10 MW in and 8 MW out of a battery whose cells hold 10 MWh; compressed air takes 5 MW for 4 MW, and 4 MWh of heat beside it.

    **Breaks as**: 10 MW out if measured in the cells; levels that show powers.
    """
    columns, units = columns_of(dispatch)
    assert columns["battery:charge_mw"] == approx([10.0, 0.0])
    assert columns["battery:discharge_mw"] == approx([0.0, 8.0])
    assert columns["battery:level_mwh"] == approx([10.0, 0.0])
    assert (columns["caes:charge_mw"][0], columns["caes:discharge_mw"][1]) == approx((5.0, 4.0))
    assert (columns["caes:level_mwh"][0], columns["caes:heat_level_mwh"][0]) == approx((4.0, 4.0))
    assert (units["battery:discharge_mw"], units["battery:level_mwh"]) == ("MW", "MWh")


@in_park(
    grid=grid(100.0, 50.0),
    wind=wind([1.0, 0.2], 10.0, bus="base"),
    line=line("base", "electricity", 6.0, loss_share=0.1),
    load=load([10.0, 10.0]),
)
def test_columns_of_wind_lines_and_prices(dispatch):
    """**Proves**: of 10 MW of wind 6 enter the line, 5.4 arrive, 4 are curtailed; then 2 and 1.8. Imports at 100, exports at 50; the
    base's bus is all green, the park's 0.54 and 0.18.

    **Breaks as**: 6 received without the loss; 0 curtailed with the sign lost; an export price of 100; grey shares.
    """
    columns, units = columns_of(dispatch)
    assert columns["wind:power_mw"] == approx([6.0, 2.0])
    assert columns["wind:available_mw"] == approx([10.0, 2.0])
    assert columns["wind:curtailed_mw"] == approx([4.0, 0.0])
    assert columns["line:sent_mw"] == approx([6.0, 2.0])
    assert columns["line:received_mw"] == approx([5.4, 1.8])
    assert columns["grid:import_price_cny_per_mwh"] == approx([100.0, 100.0])
    assert columns["grid:export_price_cny_per_mwh"] == approx([50.0, 50.0])
    assert columns["base:green_share"] == approx([1.0, 1.0])
    assert columns["electricity:green_share"] == approx([0.54, 0.18])
    assert columns["total:line_loss_mw"] == approx([0.6, 0.2])
    assert units["grid:export_price_cny_per_mwh"] == "CNY/MWh"


@in_park(
    grid=grid([100.0, 1000.0]),
    plant=electrolyser(),
    tank=hydrogen_store(compression_kwh_per_kg=1.0),
    steel=hydrogen_demand(50.0, profile=[0.0, 100.0]),
)
def test_columns_of_hydrogen_are_in_kilograms(dispatch):
    """**Proves**: 100 kg/h are made and stored in the first hour, delivered in the second; a kilogram costs 5 CNY (50 kWh at 0.1 CNY/kWh).
    Filling the tank draws 0.1 MW.

    **Breaks as**: 3.333 MW or 0.111 kg/h where heating value and mass are mixed up; 4500 CNY/kg; −0.1 MW.
    """
    columns, units = columns_of(dispatch)
    assert columns["plant:hydrogen_kg_per_h"] == approx([100.0, 0.0])
    assert columns["tank:charge_kg_per_h"] == approx([100.0, 0.0])
    assert columns["tank:discharge_kg_per_h"] == approx([0.0, 100.0])
    assert columns["tank:level_kg"] == approx([100.0, 0.0])
    assert columns["tank:power_mw"] == approx([0.1, 0.0])
    assert columns["hydrogen:price_cny_per_kg"][0] == approx(5.0)
    assert units["hydrogen:price_cny_per_kg"] == "CNY/kg"


@in_park(
    grid=grid([200.0, 400.0, 1000.0]),
    load=load([10.0] * 3),
    cut=response("curtail", steps=[{"share": 0.1, "price_cny_per_mwh": 300.0}, {"share": 0.2, "price_cny_per_mwh": 600.0}]),
)
def test_columns_of_all_steps_of_a_response_are_added_up(dispatch):
    """**Proves**: one step gives 1 MW at 400, two give 3 MW at 1000.

    **Breaks as**: 0 and 2 MW if the last step stood for all.
    """
    columns, _ = columns_of(dispatch)
    assert columns["cut:reduction_mw"] == approx([0.0, 1.0, 3.0])
