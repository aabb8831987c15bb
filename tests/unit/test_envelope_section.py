"""The envelope's plain parts: section, quantiles, corners of a curve, the shape of the window's program."""

from __future__ import annotations

import datetime

import numpy as np
import pytest
from hand_solved.parks import grid, load, solve, tiny_park

from gridsim.errors import DefinitionError
from gridsim.profiles.time_axis import TimeAxis
from gridsim.vpp.envelope.envelope import Envelope, find_envelope
from gridsim.vpp.envelope.firm import firm
from gridsim.vpp.envelope.section import EnvelopeSection
from gridsim.vpp.envelope.verify import sample


def made(up: np.ndarray, hours: list[float]) -> Envelope:
    return Envelope(np.arange(len(up)), np.array(hours), 24.0, up, 2 * up, up.copy(), 2 * up + 1.0, 0.0)


def test_all_that_does_not_fit_is_said_at_once():
    dispatch = solve(tiny_park(grid=grid(100.0), load=load([1.0, 2.0])))
    section = EnvelopeSection(durations_hours=[0.25, 8.0, 8.0], recovery_hours=0.5)
    with pytest.raises(DefinitionError) as raised:
        find_envelope(dispatch, section)
    text = str(raised.value)
    for piece in ("0.25 h is no whole number of steps", "8 h is longer than the 2 h", "stands here twice", "recovery_hours"):
        assert piece in text


def test_firm_is_reached_in_at_least_its_share_of_the_hours():
    time = TimeAxis(datetime.datetime(2030, 1, 1), 48)
    up = np.concatenate([np.arange(24.0), 100.0 + np.arange(24.0)])[:, None]
    found = firm(made(up, [1.0]), time, 0.95)
    assert np.mean(up >= found.up_mw) >= 0.95
    assert found.up_mw[0] == 2.0  # the third smallest of 48: 46 of 48 hours reach it, 45.6 are asked for
    assert found.up_by_hour_mw[0, :, 0].tolist() == np.arange(24.0).tolist()
    assert found.down_mw[0] == 4.0
    assert found.months.tolist() == [1]


def test_calls_that_outlast_the_time_are_not_numbers_and_not_counted():
    time = TimeAxis(datetime.datetime(2030, 1, 1), 3)
    up = np.array([[4.0, 2.0], [5.0, np.nan], [6.0, np.nan]])
    found = firm(made(up, [1.0, 3.0]), time, 0.5)
    assert found.up_mw.tolist() == [5.0, 2.0]
    assert np.isnan(found.up_by_hour_mw[0, 1, 1])


def test_sample_takes_only_what_is_proven():
    envelope = made(np.array([[1.0], [3.0]]), [1.0])
    assert {point.power_mw for point in sample(envelope, 10)} == {1.0, 3.0}
    assert {point.power_mw for point in sample(envelope, 10, proven=False)} == {1.0, 3.0, -2.0, -6.0}
    assert envelope.proven_share == 0.5
    assert envelope.up_mwh[:, 0].tolist() == [1.0, 3.0]
