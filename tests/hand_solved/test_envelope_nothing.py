"""Why nothing can be given: rooms of technologies by head."""

from __future__ import annotations

import numpy as np
import pytest

from gridsim.vpp.envelope.envelope import find_envelope
from gridsim.vpp.envelope.nothing import nothing_record, rooms_of
from gridsim.vpp.envelope.section import EnvelopeSection
from hand_solved.parks import approx, battery, electrolyser, grid, hydrogen_demand, hydrogen_store, load, solve, tiny_park, wind

EVEN = {"demand_charge_cny_per_mw_month": 1.0}
SECTION = EnvelopeSection(durations_hours=[2.0, 1.0], recovery_hours=4.0)


def still(share: float, **connection):
    """A battery of 10 MW and 20 MWh that stands still beside a load of 20 MW: imports are even, and loss would cost."""
    store = battery(10.0, 20.0, charge_efficiency=0.8, discharge_efficiency=0.5, level_start_share=share)
    return solve(tiny_park(grid=grid(100.0, 0.0, tariff=EVEN, **connection), battery=store, load=load([20.0] * 8)))


def test_rooms_of_battery_and_connection():
    """10 MWh in it give 5 MW for an hour, its free 10 MWh take 12.5 MW, of which its converter lets 10 through; the connection imports 20 of 24 MW.

    In the last step it must end with what it began with.
    """
    rooms, kinds = rooms_of(still(0.5, import_limit_mw=24.0, export_limit_mw=6.0))
    assert kinds == {"battery": "store", "grid": "connection"}
    assert rooms["battery"][0] == approx([5.0] * 7 + [0.0])
    assert rooms["battery"][1] == approx([10.0] * 7 + [0.0])
    assert rooms["grid"][0] == approx([26.0] * 8)
    assert rooms["grid"][1] == approx([4.0] * 8)


def test_room_of_a_battery_ends_with_its_space():
    """15 of 20 MWh: 5 MWh of space take 6.25 MW for an hour at an efficiency of 0.8; out come 7.5 MW at 0.5."""
    up, down = rooms_of(still(0.75))[0]["battery"]
    assert up[:7] == approx([7.5] * 7)
    assert down[:7] == approx([6.25] * 7)


def test_an_empty_battery_is_why_nothing_can_be_given_up():
    dispatch = still(0.0)
    record = nothing_record(find_envelope(dispatch, SECTION), dispatch)
    assert record["up"]["share"] == [1.0, 1.0]
    assert record["up"]["causes"] == [{"technology": "battery", "kind": "store", "share": 1.0}, {"technology": "grid", "kind": "connection", "share": 0.0}]
    assert record["down"]["share"] == pytest.approx([1 / 7, 1 / 8])  # at the end nothing comes back any more


def test_a_connection_at_its_limit_is_why_nothing_can_be_given_down():
    dispatch = still(0.5, import_limit_mw=20.0)
    record = nothing_record(find_envelope(dispatch, SECTION), dispatch)
    assert record["down"]["share"] == [1.0, 1.0]
    assert {one["technology"]: one["share"] for one in record["down"]["causes"]} == {"grid": 1.0, "battery": 0.125}


def test_electrolyser_that_is_off_and_wind_that_is_not_curtailed():
    """Wind 6 then 0 MW; imports are dear, so that the electrolyser (10 MW) runs on wind alone and fills the tank; nothing is curtailed."""
    park = tiny_park(
        grid=grid(1000.0, 0.0, export_limit_mw=0.0),
        wind=wind([1.0, 0.0, 1.0, 0.0], 6.0),
        electrolyser=electrolyser(10.0),
        tank=hydrogen_store(1e4, level_start_share=0.0),
        users=hydrogen_demand(20.0),
    )
    dispatch = solve(park)
    rooms, kinds = rooms_of(dispatch)
    drawn = sum(flow for name, flow in dispatch.flows.items() if name.startswith("electrolyser") and dispatch.draft.components[name].role == "conversion")
    assert kinds["electrolyser"] == "conversion"
    assert kinds["wind"] == "renewable"
    assert rooms["electrolyser"][0] == approx(drawn)
    assert rooms["electrolyser"][1] == approx(10.0 - drawn)
    assert rooms["wind"][1] == approx(dispatch.flows["wind"])
    assert rooms["wind"][0] == approx(np.array([6.0, 0.0, 6.0, 0.0]) - dispatch.flows["wind"])


def test_a_quota_of_exports_that_is_used_up_leaves_no_room():
    """Wind of 10 MW beside a load of 2 MW: a fifth of it may be exported, 8 MWh in four hours, and is; without the rule there is room up to the 100 MW."""
    parts = {"grid": grid(100.0, 50.0), "wind": wind([1.0] * 4, 10.0), "load": load([2.0] * 4)}
    bound, free = (solve(tiny_park(**parts, limits=limits)) for limits in ({"export_share_max": 0.2}, {}))
    assert bound.flows["grid.export"].sum() == approx(8.0)
    assert rooms_of(bound)[0]["grid"][0] == approx([0.0] * 4)
    assert rooms_of(free)[0]["grid"][0] == approx([92.0] * 4)
