"""`gridsim size`: what it says, for people and for machines, and its exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gridsim.cli import app

STARTER = str(Path(__file__).parents[2] / "networks" / "starter")


def run(*arguments):
    return CliRunner().invoke(app, ["size", STARTER, "--hours", "48", *arguments])


def test_a_size_with_its_proof():
    """Two days of the starter park: wind within its range; the cost is at least the bound, and the proven gap is what lies between."""
    answer = run("--free", "technologies.wind_1.capacity_mw=0:200", "--json")
    assert answer.exit_code == 0, answer.output
    found = json.loads(answer.stdout)
    assert 0.0 <= found["values"]["technologies.wind_1.capacity_mw"] <= 200.0
    assert found["cost_total_cny"] >= found["bound_cny"] * (1 - 1e-9)
    assert found["gap"] == pytest.approx(found["cost_total_cny"] / found["bound_cny"] - 1.0, abs=1e-12)
    assert found["gap"] <= 1e-3
    text = run("--free", "technologies.wind_1.capacity_mw=0:200").output
    assert "technologies.wind_1.capacity_mw" in text and "proven gap" in text


def test_whole_units_and_ends_of_the_range():
    """A tank in units of 1000 kg; wind held to at most 1 MW is at the end of its range, and said so."""
    answer = run("--free", "technologies.tank_1.capacity_kg=0:20000:1000", "--free", "technologies.wind_1.capacity_mw=0:1", "--json", "--gap", "0.5")
    found = json.loads(answer.stdout)
    assert found["values"]["technologies.tank_1.capacity_kg"] % 1000.0 == 0.0
    assert "technologies.wind_1.capacity_mw" in found["at_bound"]
    assert found["choices"] >= 1


def test_what_straight_lines_promise_too_much_and_what_whole_modules_cost():
    """Two days of the starter park with a fleet of 28 MW, which is no multiple of 5 MW: both errors are said beside the gap, and how to get whole modules."""
    answer = run("--free", "technologies.electrolyser_1.capacity_mw=28:28", "--committed")
    assert answer.exit_code == 0, answer.output
    assert "6 whole modules of 4.67 MW" in answer.output and "a module has 5 MW: write :5 behind the range" in answer.output
    assert "in whole numbers: +" in answer.output and "could not be kept" not in answer.output


@pytest.mark.parametrize(
    ("free", "said"),
    [("wind", "is not a capacity with bounds"), ("technologies.wind_1.capacity=0:9", "did you mean"), ("technologies.wind_1.capacity_mw=9:1", "bounds 9 to 1")],
)
def test_what_is_wrong_is_said(free, said):
    answer = run("--free", free, "--json")
    assert answer.exit_code == 2
    assert said in answer.output
