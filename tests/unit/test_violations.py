"""Violations at their limits from both sides, the energy at risk by hand, and what they add up to; no power flow is solved."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from gridsim.distribution.violations import KINDS, TOLERANCE, NetworkLimits, find_violations, statistics

WIRES = SimpleNamespace(
    bus_names=("source", "works"),
    branch_names=("way", "unit", "idle"),
    branch_table=("line", "trafo", "line"),
    branch_from=np.array([0, 0, -1]),
    node_kv=np.array([10.0, 110.0]),
    rating_from_ka=np.array([0.5, 0.2, 0.5]),
    rating_to_ka=np.array([0.5, 2.0, 0.5]),
)
LIMITS = NetworkLimits(np.array([-np.inf, 0.93]), np.array([np.inf, 1.07]), np.array([0.8, 1.0, 0.8]), import_mw=40.0, export_mw=30.0)
P_MW = [0.0, -6.0]


def found_in(hours, *, step_hours=1.0, limits=LIMITS, p_mw=P_MW):
    """Violations of hours given as what differs from a sound one."""
    sound = {"vm": [1.02, 1.0], "loading": [0.5, 0.5, np.nan], "slack": [10.0], "converged": True, "mismatch": 0.0}
    hours = [sound | hour for hour in hours]
    flow = SimpleNamespace(
        vm_pu=np.array([hour["vm"] for hour in hours], dtype=float),
        loading=np.array([hour["loading"] for hour in hours], dtype=float),
        slack_p_mw=np.array([hour["slack"] for hour in hours], dtype=float),
        converged=np.array([hour["converged"] for hour in hours]),
        mismatch_pu=np.array([hour["mismatch"] for hour in hours]),
    )
    return find_violations(WIRES, SimpleNamespace(p_mw=np.tile(np.asarray(p_mw, dtype=float), (len(hours), 1))), flow, limits, step_hours)


def rows_of(violations):
    return [
        (int(hour), KINDS[kind], violations.name(WIRES, row), float(value), float(limit))
        for row, (hour, kind, value, limit) in enumerate(zip(violations.hour, violations.kind, violations.value, violations.limit, strict=True))
    ]


@pytest.mark.parametrize(
    ("kind", "element", "limit", "hour"),
    [
        ("voltage_low", "works", 0.93, lambda value: {"vm": [1.02, 2 * 0.93 - value]}),
        ("voltage_high", "works", 1.07, lambda value: {"vm": [1.02, value]}),
        ("line", "way", 0.8, lambda value: {"loading": [value, 0.5, np.nan]}),
        ("transformer", "unit", 1.0, lambda value: {"loading": [0.5, value, np.nan]}),
        ("connection", "", 40.0, lambda value: {"slack": [value]}),
        ("connection", "", 30.0, lambda value: {"slack": [-value]}),
    ],
)
def test_each_kind_at_its_limit_from_both_sides(kind, element, limit, hour):
    """**Proves**: at the limit, and beyond it by half of what counts as rounding, nothing is broken; by twice of it, this limit alone, by this excess.

    **Breaks as**: a row at the limit (≥ for >), none beyond it, or the kind of the other side.
    """
    slight = TOLERANCE[kind]
    assert rows_of(found_in([hour(limit), hour(limit + slight / 2), hour(limit - 2 * slight)])) == []
    beyond = found_in([{}, hour(limit + 2 * slight)])
    assert [row[:3] for row in rows_of(beyond)] == [(1, kind, element)]
    assert beyond.limit == pytest.approx([limit]) and beyond.excess == pytest.approx([2 * slight])


def test_an_hour_without_solution_breaks_nothing_else():
    """**Proves**: tables of an hour without a solution are not a number and break no limit; it is one row with its mismatch."""
    unsolved = {"vm": [np.nan] * 2, "loading": [np.nan] * 3, "slack": [np.nan], "converged": False, "mismatch": 0.25}
    violations = found_in([{}, unsolved])
    assert rows_of(violations) == [(1, "no_solution", "", 0.25, 0.0)]
    assert violations.energy_at_risk_mwh == pytest.approx([6.0]) and list(violations.hours) == [1]


def test_several_grids_are_taken_together():
    """**Proves**: 25 and 20 MW from two sources are beyond 40 MW, −25 and −10 beyond 30 MW; 25 in and 10 out are neither."""
    assert [row[1:] for row in rows_of(found_in([{"slack": [25.0, 20.0]}, {"slack": [-25.0, -10.0]}, {"slack": [25.0, -10.0]}]))] == [
        ("connection", "", 45.0, 40.0),
        ("connection", "", 35.0, 30.0),
    ]


@pytest.mark.parametrize("step_hours", [1.0, 0.25])
def test_energy_at_risk_by_hand(step_hours):
    r"""**Proves**: a line of √3 · 10 kV · 0.5 kA = 8.660 MVA at 0.9 of its rating, where 0.8 is allowed, has 0.866 MW at risk; a transformer of √3 · 10 · 0.2 =
    3.464 MVA at 1.5 has 1.732 MW; at a bus with a bad voltage all 6 MW drawn there are, at the connection 45 − 40 MW. A quarter hour has a quarter.

    **Breaks as**: 7.79 MW if all that flows counted; 0.5 without √3; the same in quarter hours.
    """
    violations = found_in([{"vm": [1.02, 0.9], "loading": [0.9, 1.5, np.nan], "slack": [45.0]}], step_hours=step_hours)
    assert [row[1] for row in rows_of(violations)] == ["voltage_low", "line", "transformer", "connection"]
    assert violations.energy_at_risk_mwh == pytest.approx(np.array([6.0, 0.1 * np.sqrt(3.0) * 5.0, 0.5 * np.sqrt(3.0) * 2.0, 5.0]) * step_hours)


def test_statistics_by_element():
    """**Proves**: two of three quarter hours of the line make half an hour; the worst of them is kept with its step; the most energy at risk comes first:
    the line 0.25 · 8.660 · (0.1 + 0.3) = 0.866 MWh, the bus 2 · 0.25 · 6 = 3 MWh.

    **Breaks as**: 2 h; the first instead of the worst; the lowest voltage taken for the least bad (the smallest value, not excess).
    """
    hours = [{"loading": [0.9, 0.5, np.nan]}, {"vm": [1.02, 0.92]}, {"loading": [1.1, 0.5, np.nan], "vm": [1.02, 0.91]}]
    violations = found_in(hours, step_hours=0.25)
    bus, way = statistics(WIRES, violations, 0.25)
    assert (bus.kind, bus.element, bus.hours, bus.worst, bus.limit, bus.worst_step) == ("voltage_low", "works", 0.5, 0.91, 0.93, 2)
    assert (way.kind, way.element, way.hours, way.worst, way.limit, way.worst_step) == ("line", "way", 0.5, 1.1, 0.8, 2)
    assert bus.energy_at_risk_mwh == pytest.approx(3.0) and way.energy_at_risk_mwh == pytest.approx(0.25 * np.sqrt(3.0) * 5.0 * 0.4)
    assert list(violations.hours) == [0, 1, 2]
    assert statistics(WIRES, found_in([{}]), 0.25) == []
