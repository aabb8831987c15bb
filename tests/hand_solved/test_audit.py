"""The audit: a solved park, tampered with in one place, is refused by the check that owns that place."""

import dataclasses

import pytest

from gridsim.dispatch.audit import audit
from gridsim.errors import BuildError
from hand_solved.parks import (
    ammonia_plant,
    battery,
    electrolyser,
    grid,
    hydrogen_demand,
    hydrogen_store,
    load,
    response,
    solve,
    tiny_park,
    wind,
)


@pytest.fixture(scope="module")
def solved():
    """Four hours in whole numbers with every kind of request."""
    hump = {"part_load_curve": [[0.25, 1.25], [0.5, 0.8], [1.0, 1.0]], "min_load_share": 0.25}
    park = tiny_park(
        grid=grid([100.0, 1000.0, 900.0, 100.0], export_price=50.0, tariff={"demand_charge_cny_per_mw_month": 1000.0}),
        wind=wind([0.5, 0.2, 0.0, 0.1], 10.0),
        battery=battery(standing_loss_share_per_hour=0.01, charge_from="renewable"),
        load=load([5.0, 10.0, 10.0, 5.0]),
        shift=response("shift", share=0.1, window_hours=2.0, price_cny_per_mwh=10.0),
        block=response("interrupt", power_mw=5.0, calls_per_year=1, hours_per_call=2.0, price_cny_per_mwh=100.0),
        plant=electrolyser(start_cost_cny_per_mw=20.0, standby_share=0.02, ramp_share_per_hour=0.9, **hump),
        tank=hydrogen_store(1000.0),
        steel=hydrogen_demand(20.0, flexible_within="day"),
        limits={"import_share_max": 0.95},
    )
    return solve(park, "mixed_integer")


def moved(table, name, change, hour=0):
    """Return a copy of flows, levels or whole numbers in which one value is changed."""
    values = table[name].copy()
    values[hour] += change
    return {**table, name: values}


def test_an_untouched_dispatch_passes(solved):
    """**Proves**: no complaint, and residuals at the solver's tolerance.

    **Breaks as**: a complaint about an honest answer.
    """
    checked = audit(solved)
    assert (
        max(checked.max_balance_residual_mw, checked.max_bound_excess_mw, checked.max_level_residual_mwh, checked.max_request_excess) < 1e-6
    )
    assert (checked.max_simultaneous_charge_discharge_mw, checked.max_simultaneous_import_export_mw) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("flow", "change", "hour", "complaint"),
    [
        ("grid.import", 0.01, 0, "bus electricity is out of balance by up to 0.01 MW"),
        ("grid.import", 0.01, 0, "costs add up to"),
        ("steel", 0.01, 0, "bus hydrogen is out of balance"),
        ("wind", 9.0, 3, "wind leaves its bounds by"),
        ("grid.import", -1000.0, 0, "grid.import leaves its bounds by"),
        ("battery.store", 0.01, 1, "the level of battery.store does not follow from its flows (0.01 MWh)"),
        ("battery.charge", 30.0, 0, "battery.converter is broken by"),
        ("battery.charge", 30.0, 0, "green_only is broken by"),
        ("steel", 5.0, 0, "steel.quota is broken by"),
        ("grid.import", 100.0, 0, "limits.import_share_max is broken by"),
        ("plant.piece_0", 100.0, 2, "plant.ramp is broken by"),
        ("plant.piece_0", 100.0, 2, "plant.modules is broken by 100"),
        ("plant.piece_2", 100.0, 2, "(largest load)"),
        ("plant.piece_0", -100.0, 2, "(minimum load)"),
        ("plant.auxiliary", -1.0, 2, "(standby and starting)"),
        ("shift.reduction", 0.5, 3, "(nothing is owed at the end)"),
        ("shift.reduction", 50.0, 0, "(owed within the window)"),
        ("shift.increase", 50.0, 0, "(advanced within the window)"),
        ("block.reduction", 5.0, 3, "(power)"),
        ("grid.export", 1.0, 0, "grid.import and grid.export run at once (up to 1 MW)"),
        ("plant.piece_2", 1.0, 0, "plant.piece_2 runs before plant.piece_1 is full"),
        ("block.reduction", 500.0, 1, "block.reduction leaves its bounds"),
    ],
)
def test_a_changed_flow_is_found(solved, flow, change, hour, complaint):
    """**Proves**: each kind of check sees a flow that was changed by hand, and names what is broken.

    **Breaks as**: a dispatch that is trusted although its tables contradict each other.
    """
    with pytest.raises(BuildError) as caught:
        audit(dataclasses.replace(solved, flows=moved(solved.flows, flow, change, hour)))
    assert complaint in str(caught.value)


@pytest.mark.parametrize(
    ("table", "name", "change", "hour", "complaint"),
    [
        ("levels", "battery.store", 20.0, 1, "battery.store leaves its bounds by"),
        ("levels", "tank.store", -5.0, 3, "tank.store leaves its bounds by"),
        ("levels", "tank.store", 0.01, 3, "the level of tank.store does not follow from its flows"),
        ("commitments", "plant.modules", 5.0, 1, "(modules)"),
        ("commitments", "block.calls", [1.0, -1.0, 0.0, 0.0], slice(None), "block.calls is broken by 1 (number)"),
        ("commitments", "block.calls", 1.0, 0, "block.calls is broken by 1 (length)"),
        ("starts", "plant.modules", 1.0, 1, "costs add up to"),
    ],
)
def test_a_changed_level_or_number_is_found(solved, table, name, change, hour, complaint):
    """**Proves**: levels, modules that are on, calls, and starts are checked as flows are.

    **Breaks as**: silence.
    """
    with pytest.raises(BuildError) as caught:
        audit(dataclasses.replace(solved, **{table: moved(getattr(solved, table), name, change, hour)}))
    assert complaint in str(caught.value)


def test_a_start_that_was_not_counted_is_found():
    """**Proves**: a module that is off and then on was started, whatever the table says.

    **Breaks as**: free starts.
    """
    plant = electrolyser(part_load_curve=[[0.3, 1.0], [1.0, 1.0]], min_load_share=0.3)
    dispatch = solve(tiny_park(grid=grid(100.0), plant=plant, steel=hydrogen_demand(30.0, profile=[0.0, 60.0])), "mixed_integer")
    with pytest.raises(BuildError, match=r"plant.modules is broken by 1 \(starts\)"):
        audit(dataclasses.replace(dispatch, starts=moved(dispatch.starts, "plant.modules", -1.0, 1)))


def test_a_changed_objective_is_found(solved):
    """**Proves**: energy, demand charge and starts add up to the objective; one CNY more is noticed.

    **Breaks as**: a cost that is in the model and in no table, or the other way round.
    """
    with pytest.raises(BuildError, match="costs add up to"):
        audit(dataclasses.replace(solved, objective_cny=solved.objective_cny + 1.0))
    with pytest.raises(BuildError, match="costs add up to"):
        audit(dataclasses.replace(solved, demand_charges={"grid.demand_charge": 0.0}))


def test_the_ramp_above_the_minimum_load_is_audited():
    """**Proves**: a synthesis at 0.4 and 0.5 t/h of 1 t/h keeps to 0.2 t/h above its minimum; raised to 0.75 t/h it does not.

    **Breaks as**: silence, since the whole power may rise by the minimum load.
    """
    synthesis = ammonia_plant(1.0, min_load_share=0.4, ramp_share_per_hour=0.2)
    users = {"type": "ammonia_demand", "annual_t": 0.45 * 8760.0, "profile": [0.4, 0.5]}
    dispatch = solve(tiny_park(grid=grid(100.0), plant=electrolyser(50.0), synthesis=synthesis, users=users), "mixed_integer")
    with pytest.raises(BuildError, match=r"synthesis\.ramp_above_minimum is broken by"):
        audit(dataclasses.replace(dispatch, flows=moved(dispatch.flows, "synthesis", 0.25 * 180.0 * 0.03333, 1)))
