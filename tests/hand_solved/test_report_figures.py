"""What each technology reports of itself, over two quarter hours: energies are powers times 0.25 h; full-load hours and cycles follow."""

from __future__ import annotations

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

HALF_HOUR = {"step_minutes": 15, "hours": 0.5}
DIABATIC = {"kind": "diabatic", "compression_mwh_per_mwh_out": 0.8, "fuel_mwh_per_mwh_out": 1.6, "fuel_price_cny_per_mwh": 1.0}
COMPRESSOR = {"type": "hydrogen_compressor", "from_bus": "low", "to_bus": "hydrogen", "capacity_kg_per_h": 200.0}
COMPRESSOR |= {"inlet_bar": 30.0, "outlet_bar": 450.0, "specific_energy_kwh_per_kg": 2.0}


def report_of(dispatch, name: str) -> dict[str, float]:
    return dispatch.draft.park.technologies[name].report(name, dispatch)


@in_park(
    grid=grid([10.0, 300.0]),
    battery=battery(20.0, 10.0, discharge_efficiency=0.8, level_min_share=0.2, level_max_share=0.9),
    load=load([0.0, 16.0]),
    **HALF_HOUR,
)
def test_battery(dispatch):
    """**Proves**: 16 MW for a quarter hour are 4 MWh, 5 MWh in the cells: 5/7 of the usable window of 7 MWh, 0.2 h of 20 MW.

    **Breaks as**: 16 MWh if powers were added up; 0.5 cycles of the whole 10 MWh; 0.4 h on energy instead of power.
    """
    figures = {"capacity_mw": 20.0, "capacity_mwh": 10.0, "energy_mwh": 4.0, "charged_mwh": 5.0, "full_load_hours": 0.2, "cycles": 5.0 / 7.0}
    assert report_of(dispatch, "battery") == approx(figures)


@in_park(grid=grid([10.0, 1000.0]), caes=caes(5.0, 10.0, compressor_power_mw=10.0, **DIABATIC), load=load([0.0, 5.0]), **HALF_HOUR)
def test_compressed_air(dispatch):
    """**Proves**: 1.25 MWh out take 1 MWh of compression and 2 MWh of gas; 0.125 cycles of 10 MWh, 0.25 h of 5 MW. At full power the gas
    supply gives 8 MW.

    **Breaks as**: 8 MWh of gas if powers were added up; 3.125 MW out if the gas supply were as large as the expander.
    """
    figures = {"capacity_mw": 5.0, "capacity_mwh": 10.0, "energy_mwh": 1.25, "charged_mwh": 1.0, "full_load_hours": 0.25, "cycles": 0.125}
    assert report_of(dispatch, "caes") == approx({**figures, "fuel_mwh": 2.0})


@in_park(
    grid=grid([400.0, 1000.0]),
    load=load([10.0, 10.0]),
    cut=response("curtail", steps=[{"share": 0.1, "price_cny_per_mwh": 300.0}, {"share": 0.2, "price_cny_per_mwh": 600.0}]),
    process=response("process", bus="other", power_mw=5.0, quota_mwh=24.0, quota_period="day"),
    supply=grid([10.0, 100.0], bus="other"),
    **HALF_HOUR,
)
def test_demand_response(dispatch):
    """**Proves**: 1 and 3 MW given way are 1 MWh in half an hour, out of 3 MW that could; a process with 24 MWh a day takes 0.5 MWh in half an
    hour, 2 MW in the cheaper step: 0.1 h of 5 MW.

    **Breaks as**: 4 MWh in 2 hours if steps were hours; 1 MW of capacity if one step stood for both; 2 MWh of process.
    """
    assert report_of(dispatch, "cut") == approx({"capacity_mw": 3.0, "energy_mwh": 1.0, "hours_used": 0.5})
    assert dispatch.flows["process"] == approx([2.0, 0.0])
    assert report_of(dispatch, "process") == approx({"capacity_mw": 5.0, "energy_mwh": 0.5, "full_load_hours": 0.1})


@in_park(
    grid=grid([1000.0, 10.0]),
    load=load([10.0, 10.0]),
    shift=response("shift", share=0.2, window_hours=1.0, price_cny_per_mwh=1.0),
    reserve=response("interrupt", power_mw=50.0, reserve_only=True),
    **HALF_HOUR,
)
def test_reserve_beside_moved_load(dispatch):
    """**Proves**: 2 of 10 MW move to the second step: 8 and 12 MW could drop.

    **Breaks as**: 8 and 8 MW if added load were taken off.
    """
    assert dispatch.draft.park.technologies["reserve"].series("reserve", dispatch)["reserve_mw"][0] == approx([8.0, 12.0])


@in_park(
    grid=grid(100.0, import_limit_mw=4.0),
    load=load([10.0, 3.0], unserved_price_cny_per_mwh=5000.0),
    reserve=response("interrupt", power_mw=50.0, reserve_only=True),
    **HALF_HOUR,
)
def test_reserve_of_a_load_that_is_not_served(dispatch):
    """**Proves**: where 4 of 10 MW are served, 4 MW could drop; then all 3.

    **Breaks as**: 10 MW of a load that is not there.
    """
    assert report_of(dispatch, "reserve") == approx({"capacity_mw": 50.0, "reserve_min_mw": 3.0, "reserve_mean_mw": 3.5})


@in_park(
    level="mixed_integer",
    grid=grid([1000.0, 10.0]),
    plant=electrolyser(module_mw=5.0, part_load_curve=[[0.3, 1.0], [1.0, 1.0]], min_load_share=0.3, start_time_hours=0.5),
    steel=hydrogen_demand(15.0, profile=[0.0, 30.0]),
    **HALF_HOUR,
)
def test_electrolyser_with_its_start(dispatch):
    """**Proves**: 1.5 MW for a quarter hour make 7.5 kg; half an hour at 1.5 MW to start draws 0.75 MWh beside the 0.375: 1.125 MWh,
    150 kWh/kg, 0.1125 h of the plant's 10 MW.

    **Breaks as**: 50 kWh/kg without the start; 0.225 h on one module; 30 kg if powers were added up.
    """
    figures = report_of(dispatch, "plant")
    assert (figures["energy_mwh"], figures["hydrogen_kg"], figures["full_load_hours"]) == approx((1.125, 7.5, 0.1125))
    assert figures["specific_energy_kwh_per_kg"] == approx(150.0)
    assert dispatch.draft.park.technologies["plant"].series("plant", dispatch)["modules_on"][0] == approx([0.0, 1.0])


@in_park(grid=grid(100.0), plant=electrolyser(hydrogen_bus="low"), compressor=COMPRESSOR, steel=hydrogen_demand(100.0), **HALF_HOUR)
def test_compressor(dispatch):
    """**Proves**: 100 kg/h for half an hour are 50 kg, 0.1 MWh at 2 kWh/kg, 0.25 h of 200 kg/h; 0.4 MW of motor.

    **Breaks as**: 200 kg if powers were added up; 100 MWh where kWh passed for MWh.
    """
    assert report_of(dispatch, "compressor") == approx({"capacity_mw": 0.4, "hydrogen_kg": 50.0, "energy_mwh": 0.1, "full_load_hours": 0.25})


@in_park(
    grid=grid([100.0, 1000.0]),
    plant=electrolyser(),
    tank=hydrogen_store(compression_kwh_per_kg=2.0, level_start_share=0.1),
    steel=hydrogen_demand(50.0, profile=[0.0, 100.0]),
    **HALF_HOUR,
)
def test_tank(dispatch):
    """**Proves**: a tank with 10 kg takes 15 kg more and gives 25 kg: a quarter of its 100 kg; 15 kg at 2 kWh/kg are 0.03 MWh.

    **Breaks as**: 0.05 MWh if what leaves were compressed; 0.4 cycles if both ways counted; 100 kg if powers were added up.
    """
    figures = {"capacity_kg": 100.0, "filled_kg": 15.0, "emptied_kg": 25.0, "compression_mwh": 0.03, "cycles": 0.25}
    assert report_of(dispatch, "tank") == approx(figures)
    assert dispatch.draft.park.technologies["tank"].series("tank", dispatch)["level_kg"][0] == approx([25.0, 0.0])


@in_park(
    grid=grid(100.0),
    plant=electrolyser(50.0),
    synthesis=ammonia_plant(0.4, air_separation_kwh_per_t=500.0),
    users=ammonia_demand(1.0, flexible_within="day", unserved_price_cny_per_t=3000.0),
    **HALF_HOUR,
)
def test_ammonia(dispatch):
    """**Proves**: 0.4 t/h for half an hour are 0.2 of 0.5 t wanted, 0.3 t are missed; 36 kg of hydrogen, 0.24 MWh at 1.2 MWh/t, 0.5 h;
    0.48 MW.

    **Breaks as**: −0.1 t delivered if what a quota missed were taken off what was delivered; 0.333 MW if the capacity were divided.
    """
    assert report_of(dispatch, "users") == approx({"delivered_t": 0.2, "unserved_t": 0.3})
    figures = {"capacity_t_per_h": 0.4, "capacity_mw": 0.48, "ammonia_t": 0.2, "hydrogen_kg": 36.0, "energy_mwh": 0.24, "full_load_hours": 0.5}
    assert report_of(dispatch, "synthesis") == approx(figures)


@in_park(grid=grid([100.0, 500.0]), load=load([10.0, 6.0], unserved_price_cny_per_mwh=300.0), **HALF_HOUR)
def test_load(dispatch):
    """**Proves**: 10 and 6 MW are 4 MWh, 0.4 h of 10 MW; the 1.5 MWh of the dear quarter hour stay unserved.

    **Breaks as**: 16 and 6 MWh if powers were added up; 40 h if multiplied.
    """
    assert report_of(dispatch, "load") == approx({"energy_mwh": 4.0, "capacity_mw": 10.0, "full_load_hours": 0.4, "unserved_mwh": 1.5})


@in_park(
    grid=grid(100.0, 50.0, tariff={"demand_charge_cny_per_mw_month": 20.0}), wind=wind([0.0, 0.6], 10.0), load=load([10.0, 0.0]), **HALF_HOUR
)
def test_grid_connection(dispatch):
    """**Proves**: 10 MW come in for a quarter hour, 6 MW go out: 2.5 MWh for 250 CNY and 1.5 MWh for 75 CNY of revenue; 0.025 h of 100 MW; a
    peak of 10 MW at 20 CNY.

    **Breaks as**: −75 CNY of revenue; a peak of 5 MW if averaged; 10 and 6 MWh if powers were added up.
    """
    figures = {"capacity_mw": 100.0, "energy_mwh": 2.5, "full_load_hours": 0.025, "peak_import_mw": 10.0, "energy_cost_cny": 250.0}
    assert report_of(dispatch, "grid") == approx({**figures, "demand_charge_cny": 200.0, "export_mwh": 1.5, "export_revenue_cny": 75.0})


@in_park(grid=grid(100.0), wind=wind([0.8, 0.2], 20.0), load=load([10.0, 10.0]), **HALF_HOUR)
def test_wind(dispatch):
    """**Proves**: 16 and 4 MW are 5 MWh available, 0.25 h of 20 MW; 10 and 4 MW or 3.5 MWh are used, 1.5 MWh curtailed.

    **Breaks as**: 20, 14 and 6 MWh if powers were added up; 0.175 h of what was used.
    """
    figures = {"capacity_mw": 20.0, "energy_mwh": 3.5, "available_mwh": 5.0, "curtailed_mwh": 1.5, "full_load_hours": 0.25}
    assert report_of(dispatch, "wind") == approx(figures)


@in_park(
    wind_a=wind([1.0, 0.0], 20.0, bus="a"),
    wind_b=wind([0.0, 1.0], 20.0, bus="b"),
    line=line("a", "b", 10.0, loss_share=0.1, both_ways=True),
    load_a=load([0.0, 4.5], bus="a"),
    load_b=load([9.0, 0.0], bus="b"),
    **HALF_HOUR,
)
def test_line_there_and_back(dispatch):
    """**Proves**: 10 MW there and 5 MW back, a tenth lost each way: 3.75 MWh sent, 3.375 received, 0.375 lost, 0.375 h of 10 MW.

    **Breaks as**: 2.5 MWh without the way back, 4.5 MW back if only the way there lost; 15 MWh if powers were added up.
    """
    assert (dispatch.flows["line"], dispatch.flows["line.back"]) == (approx([10.0, 0.0]), approx([0.0, 5.0]))
    assert report_of(dispatch, "line") == approx({"capacity_mw": 10.0, "energy_mwh": 3.375, "loss_mwh": 0.375, "full_load_hours": 0.375})
