"""An envelope within the wires: a cable binds, by hand and by power flow."""

from __future__ import annotations

import numpy as np
import pytest

from gridsim.distribution.network import network_of
from gridsim.errors import DefinitionError
from gridsim.vpp.envelope.envelope import find_envelope
from gridsim.vpp.envelope.of_park import envelope_of_park
from gridsim.vpp.envelope.record import envelope_record, wires_record
from gridsim.vpp.envelope.section import EnvelopeSection
from gridsim.vpp.envelope.verify import Point, verify
from gridsim.vpp.envelope.wires import wired_envelope
from hand_solved.parks import battery, grid, load, solve
from hand_solved.wired import carried_mw, star, wired_park

SECTION = EnvelopeSection(durations_hours=[1.0], recovery_hours=4.0)
EVEN = {"demand_charge_cny_per_mw_month": 1.0}


def park(folder, limit: float = 0.5):
    """A battery of 10 MW behind a cable that carries about 4.3 MW, a load elsewhere."""
    tables = star({"bus_b": "battery", "bus_l": "load"}, limit=limit)
    tables["lines"] = tables["lines"].replace(f"bus_l,{'CAB10-YJV22-3x300'},0.1,{limit}", "bus_l,CAB10-YJV22-3x300,0.1,1")
    parts = {"grid": grid(100.0, 0.0, tariff=EVEN), "battery": battery(10.0, 80.0, level_start_share=0.5), "load": load([6.0] * 8)}
    return wired_park(folder, tables, **parts)


def test_cable_of_the_battery_binds(tmp_path):
    """Up and down what half of the cable's rating carries, less the cuts' margin; one half of a per cent more is too much."""
    made = park(tmp_path)
    dispatch, network = solve(made), network_of(made)
    found = wired_envelope(dispatch, network, SECTION, starts=np.array([2]), exact=True)
    assert found.settled
    up, down = found.envelope.up_mw[0, 0], found.envelope.down_mw[0, 0]
    assert carried_mw(0.5, feeding_in=True) * (1 - 2e-3) < up <= carried_mw(0.5, feeding_in=True)
    assert carried_mw(0.5) * (1 - 2e-3) < down <= carried_mw(0.5)
    assert found.without.up_mw[0, 0] == pytest.approx(10.0)
    assert found.taken_mw[0, 0] == pytest.approx([10.0 - up, 10.0 - down])
    assert found.bound_starts.tolist() == [True]
    assert {(one.kind, one.element) for one in found.binding} == {("line", "bus_b")}
    assert find_envelope(dispatch, SECTION, limits=found.limits, starts=np.array([2]), exact=True).up_mw[0, 0] == pytest.approx(up)
    (one,) = verify(dispatch, [Point(2, 1.0, up)], SECTION, network=network)
    assert one.delivered
    assert one.edge


def test_rounds_that_are_cut_short_are_told(tmp_path):
    """With one round nothing is cut: both directions would load the cable with 10 MW."""
    made = park(tmp_path)
    found = wired_envelope(solve(made), network_of(made), SECTION, starts=np.array([2]), most_rounds=1)
    assert not found.settled
    assert found.beyond.tolist() == [[[True, True]]]
    assert found.envelope.up_mw[0, 0] == pytest.approx(10.0)
    assert found.rounds[0].points_beyond == 2


def test_wires_that_carry_everything_take_nothing(tmp_path):
    made = park(tmp_path, limit=1.3)
    found = wired_envelope(solve(made), network_of(made), SECTION, starts=np.array([2, 3]))
    assert found.settled
    assert len(found.rounds) == 1
    assert not found.bound_starts.any()
    assert found.binding == []


def burdened(folder, **battery_options):
    """An optimum that the cable does not carry: prices that differ let the battery run, at 8 MW."""
    tables = star({"bus_b": "battery", "bus_l": "load"}, limit=0.5)
    tables["lines"] = tables["lines"].replace(f"bus_l,{'CAB10-YJV22-3x300'},0.1,0.5", "bus_l,CAB10-YJV22-3x300,0.1,1.2")
    prices = [100.0, 100.0, 900.0, 900.0]
    store = battery(8.0, 80.0, level_start_share=0.5, throughput_cost_cny_per_mwh=1.0, **battery_options)
    return wired_park(folder, tables, grid=grid(prices, 0.0), battery=store, load=load([8.0] * 4))


def test_dispatch_that_the_wires_do_not_carry_has_no_envelope(tmp_path):
    made = burdened(tmp_path)
    with pytest.raises(DefinitionError, match="does not carry the dispatch itself in"):
        wired_envelope(solve(made), network_of(made), SECTION)


def test_park_is_dispatched_again_where_its_optimum_leaves_a_limit(tmp_path):
    made = burdened(tmp_path)
    dispatch = solve(made)
    found = envelope_of_park(dispatch, SECTION)
    assert found.dispatched_again
    assert found.network_cost_cny > 0.0
    assert found.wired is not None
    assert found.wired.settled
    discharged = found.dispatch.flows["battery.discharge"].max()
    assert carried_mw(0.5, feeding_in=True) * (1 - 2e-3) < discharged <= carried_mw(0.5, feeding_in=True)
    record = envelope_record(found, made.time, 0.95, [])
    assert record["wires"]["dispatched_again"]
    assert record["wires"]["network_cost_cny"] == found.network_cost_cny


def test_what_no_dispatch_brings_within_the_limits_leaves_the_envelope_without_wires(tmp_path):
    """The load alone is beyond what its cable carries."""
    tables = star({"bus_b": "battery", "bus_l": "load"}, limit=0.5)
    made = wired_park(tmp_path, tables, grid=grid(100.0, 0.0), battery=battery(1.0, 8.0, level_start_share=0.5), load=load([6.0] * 4))
    found = envelope_of_park(solve(made), SECTION)
    assert found.wired is None
    assert found.reason == "not_carried: 4 h"
    assert wires_record(found, made.time, 0.95) == {"looked": False, "reason": found.reason, "remedy": "gridsim run --until-feasible"}


def test_wires_may_be_left_out(tmp_path):
    made = park(tmp_path)
    found = envelope_of_park(solve(made), SECTION.model_copy(update={"wires": False}))
    assert found.reason == "switched_off"
    assert found.envelope.up_mw[2, 0] == pytest.approx(10.0)
