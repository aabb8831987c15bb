"""Fronts: where they begin and end, what their steps cost, and what study.yaml may say of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gridsim.study.definition import read_study
from gridsim.study.front import FRONT_LIMITS, dominated, front_table, inwards, reached_share, steps_of
from gridsim.study.run import plan_study
from tests.unit.test_study_definition import GOOD, STARTER, study_in, told

HEAD = f"question: Q\npark: {STARTER.as_posix()}\nhours: 48\n"
FRONT = HEAD + "front: {limit: limits.green_share_min, points: 4}\n"
FREE = "free:\n  technologies.solar_1.capacity_mw: {max: 100}\n"


def test_steps_are_equal_and_go_the_tighter_way():
    """Proves: four points with the optimum at 0.7 are 0.8, 0.9 and 1; a limit that falls goes down; nothing where the end is no tighter."""
    assert steps_of("green_share_min", 0.7, 1.0, 4) == [0.8, 0.9, 1.0]
    assert steps_of("export_share_max", 0.2, 0.0, 3) == [0.1, 0.0]
    assert steps_of("green_share_min", 0.7, 0.7, 4) == steps_of("curtailment_rate_max", 0.1, 0.2, 4) == []
    assert steps_of("green_share_min", 0.7, 0.7002, 9) == [0.7, 0.7001, 0.7002]  # a hundredth of a percentage point is the finest step


def test_the_far_end_is_a_little_short_of_the_best():
    assert inwards("green_share_min", 0.98765) == 0.9866 and inwards("curtailment_rate_max", 0.01234) == 0.0134
    assert inwards("green_share_min", 0.0005) == 0.0 and inwards("import_share_max", 0.9995) == 1.0


def test_dominated_points():
    """Proves: the third costs as much as the second and reaches less; the last costs more and reaches as much as the second; equals dominate nobody."""
    assert dominated([1.0, 2.0, 2.0, 3.0], [0.1, 0.3, 0.2, 0.3]).tolist() == [False, False, True, True]
    assert dominated([1.0, 1.0 + 1e-12], [0.1, 0.1 + 1e-9]).tolist() == [False, False]


def everything() -> pd.DataFrame:
    """Load 1000 MWh; imports 300, 200, 150, 100; the second last failed; rows out of order."""
    rows = {
        "scenario": ["c", "a", "x", "b", "d"],
        "limits.green_share_min": [0.85, np.nan, 0.88, 0.8, 0.9],
        "technologies.solar_1.capacity_mw": [3.0, 1.0, np.nan, 2.0, 4.0],
        "status": ["solved", "solved", "infeasible", "solved", "solved"],
        "green_share": [0.85, 0.7, np.nan, 0.8, 0.9],
        "load_mwh": [1000.0, 1000.0, np.nan, 1000.0, 1000.0],
        "import_mwh": [150.0, 300.0, np.nan, 200.0, 100.0],
        "sizing_cost_cny": [70_000.0, 50_000.0, np.nan, 52_000.0, 100_000.0],
        "sizing_bound_cny": [69_990.0, 49_990.0, np.nan, 51_990.0, 99_990.0],
        "sizing_gap": [1e-4, 2e-4, np.nan, 3e-4, 1e-4],
    }
    return pd.DataFrame(rows)


def test_the_price_of_each_step_by_hand(tmp_path: Path):
    """Proves: 2000 CNY for 10 points and 100 MWh are 200 CNY a point and 2 分/kWh; 18,000 for 5 are 3600 and 36; across the failed point 30,000 for 5."""
    study = read_study(study_in(tmp_path, FRONT + FREE), [])
    table = front_table(study, everything())
    assert table["scenario"].tolist() == ["a", "b", "c", "x", "d"] and table["status"].tolist()[3] == "infeasible"
    assert table["reached"].tolist()[:3] == [0.7, 0.8, 0.85]
    assert table["step_cny_per_percentage_point"].to_numpy() == pytest.approx([np.nan, 200.0, 3600.0, np.nan, 6000.0], nan_ok=True)
    assert table["step_fen_per_kwh"].to_numpy() == pytest.approx([np.nan, 2.0, 36.0, np.nan, 60.0], nan_ok=True)
    assert not table["dominated"].any() and table["technologies.solar_1.capacity_mw"].tolist()[:3] == [1.0, 2.0, 3.0]
    dear = everything().assign(sizing_cost_cny=[70_000.0, 50_000.0, np.nan, 80_000.0, 100_000.0])
    assert front_table(study, dear)["dominated"].tolist() == [False, True, False, False, False]


def test_a_falling_limit_by_hand(tmp_path: Path):
    """Proves: 2 points less curtailed for 400 CNY and 3 for 600 are 200 a point; 20 and 30 MWh more are used, 2 分/kWh; the loosest stands first."""
    study = read_study(study_in(tmp_path, FRONT.replace("green_share_min", "curtailment_rate_max")), [])
    rows = {
        "scenario": ["b", "a", "c"],
        "limits.curtailment_rate_max": [0.05, np.nan, 0.08],
        "status": ["solved"] * 3,
        "curtailment_rate": [0.05, 0.1, 0.08],
        "curtailed_mwh": [50.0, 100.0, 80.0],
        "cost_total_cny": [11_000.0, 10_000.0, 10_400.0],
        "limits.curtailment_rate_max.price_cny_per_mwh": [20.0, np.nan, 15.0],
    }
    table = front_table(study, pd.DataFrame(rows))
    assert table["scenario"].tolist() == ["a", "c", "b"]
    assert table["step_cny_per_percentage_point"].to_numpy()[1:] == pytest.approx([200.0, 200.0])
    assert table["step_fen_per_kwh"].to_numpy()[1:] == pytest.approx([2.0, 2.0])
    assert table["shadow_price_cny_per_mwh"].to_numpy()[1:].tolist() == [15.0, 20.0]


def test_what_each_limit_is_about():
    """Proves: the shares and the green energy of one year: load 1000, imports 200, available 900, curtailed 90, exports 80 of 810 generated."""
    year = {"load_mwh": 1000.0, "import_mwh": 200.0, "available_mwh": 900.0, "curtailed_mwh": 90.0, "export_mwh": 80.0}
    words = {"green_share": 0.8, "self_use_ratio": 730 / 900, "export_ratio": 80 / 900, "export_ratio_of_generation": 80 / 810, "curtailment_rate": 0.1}
    table = pd.DataFrame([{**year, **words}])
    reached = {field: float(reached_share(field, table).iloc[0]) for field in FRONT_LIMITS}
    expected = {"green_share_min": 0.8, "import_share_max": 0.2, "self_use_ratio_min": 730 / 900, "export_share_max": 80 / 900, "curtailment_rate_max": 0.1}
    assert reached == pytest.approx(expected)
    assert float(reached_share("export_share_max", table, "generation").iloc[0]) == pytest.approx(80 / 810)
    energy = {field: float(limit.energy(table).iloc[0]) for field, limit in FRONT_LIMITS.items()}
    assert energy == {"green_share_min": 800, "import_share_max": 800, "self_use_ratio_min": 730, "export_share_max": -80, "curtailment_rate_max": -90}


def test_a_front_begins_without_its_limit(tmp_path: Path):
    """Proves: a limit that the park has is lifted; one that it has not is not touched, so that the first scenario is the park itself."""
    plan = plan_study(study_in(tmp_path, FRONT.replace("green_share_min", "export_share_max")))
    assert plan.jobs[0].overrides == ["limits.export_share_max=null"] and plan.most == 4
    plan = plan_study(study_in(tmp_path, FRONT))
    assert plan.jobs[0].overrides == [] and plan.scenarios[0].values == {"limits.green_share_min": None}
    both = plan_study(study_in(tmp_path, FRONT + "vary:\n  technologies.battery_1.energy_mwh: [10, 20]\n"))
    assert len(both.jobs) == 2 and both.most == 8


@pytest.mark.parametrize(
    ("text", "line", "where", "words"),
    [
        (FRONT.replace("green_share_min", "green_share"), 4, "front", "'limits.green_share' is no annual limit"),
        (FRONT.replace("points: 4", "points: 4, values: [0.8]"), 4, "front", "needs either points or values"),
        (FRONT.replace(", points: 4", ""), 4, "front", "needs either points or values"),
        (FRONT.replace("points: 4", "values: [0.8], to: 1"), 4, "front", "has values and to"),
        (FRONT + "set: {limits.green_share_min: 0.5}\n", 4, "front", "limits.green_share_min stands under set: too"),
        (HEAD + "alternatives: {slack: 0.1}\n", 4, "alternatives", "needs free capacities"),
        (HEAD + "alternatives: {slack: 0}\n" + FREE, 4, "alternatives.slack", "0"),
        (GOOD + FREE + "alternatives: {count: 2}\n", 8, "alternatives", "is of one park, but vary: stands here too"),
        (FRONT + FREE + "alternatives: {count: 2}\n", 7, "alternatives", "is of one park, but front: stands here too"),
        (HEAD, 1, "vary", "is empty or missing"),
    ],
)
def test_what_is_wrong_is_told_at_its_line(tmp_path: Path, text: str, line: int | None, where: str, words: str):
    found = told(tmp_path, text)
    assert any(at[0] == line and at[1] == where and words in at[2] for at in found), found
