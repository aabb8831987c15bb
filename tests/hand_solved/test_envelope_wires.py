"""An envelope within the wires: a cable binds, by hand and by power flow."""

from __future__ import annotations

import numpy as np
import pytest

from gridsim.distribution.network import network_of
from gridsim.errors import DefinitionError
from gridsim.vpp.envelope.envelope import find_envelope
from gridsim.vpp.envelope.section import EnvelopeSection
from gridsim.vpp.envelope.verify import Point, verify
from gridsim.vpp.envelope.wires import wire_limits
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
    found = wire_limits(dispatch, network, SECTION)
    assert found.settled
    envelope = find_envelope(dispatch, SECTION, limits=found.limits, starts=np.array([2]), exact=True)
    up, down = envelope.up_mw[0, 0], envelope.down_mw[0, 0]
    assert carried_mw(0.5, feeding_in=True) * (1 - 2e-3) < up <= carried_mw(0.5, feeding_in=True)
    assert carried_mw(0.5) * (1 - 2e-3) < down <= carried_mw(0.5)
    assert find_envelope(dispatch, SECTION, starts=np.array([2])).up_mw[0, 0] == pytest.approx(10.0)
    (one,) = verify(dispatch, [Point(2, 1.0, up)], SECTION, network=network)
    assert one.delivered
    assert one.edge


def test_dispatch_that_the_wires_do_not_carry_has_no_envelope(tmp_path):
    tables = star({"bus_b": "battery", "bus_l": "load"}, limit=0.5)
    parts = {"grid": grid(100.0, 0.0), "battery": battery(1.0, 8.0, level_start_share=0.5, throughput_cost_cny_per_mwh=1.0), "load": load([6.0] * 4)}
    made = wired_park(tmp_path, tables, **parts)
    with pytest.raises(DefinitionError, match="does not carry the dispatch itself in 4 steps"):
        wire_limits(solve(made), network_of(made), SECTION)
