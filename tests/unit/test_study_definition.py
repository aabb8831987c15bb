"""What `study.yaml` may say, and that everything wrong with it is told at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from gridsim.errors import DefinitionError
from gridsim.study.check import value_in
from gridsim.study.definition import read_study
from gridsim.study.run import plan_study

STARTER = Path(__file__).parents[2] / "networks" / "starter"

GOOD = f"""\
question: How large a battery?
park: {STARTER.as_posix()}
hours: 48
vary:
  technologies.battery_1.energy_mwh: [10, 20, 30]
"""


def study_in(folder: Path, text: str) -> Path:
    (folder / "study.yaml").write_text(text, encoding="utf-8")
    return folder


def told(folder: Path, text: str) -> list[tuple[int | None, str, str]]:
    """Line, path and finding of each problem."""
    with pytest.raises(DefinitionError) as caught:
        plan_study(study_in(folder, text))
    return [(problem.line, problem.where, problem.found) for problem in caught.value.problems]


def test_a_study_is_planned(tmp_path: Path):
    plan = plan_study(study_in(tmp_path, GOOD))
    assert [scenario.values["technologies.battery_1.energy_mwh"] for scenario in plan.scenarios] == [10, 20, 30]
    assert len(set(plan.names)) == 3
    assert plan.jobs[0].overrides == ["technologies.battery_1.energy_mwh=20"]  # the middle is where the others start
    assert plan.jobs[0].hours == [0, 48]
    assert [job.parent for job in plan.jobs] == [None, plan.jobs[0].scenario, plan.jobs[0].scenario]


def test_every_problem_of_a_broken_study_is_told_at_once_with_its_line(tmp_path: Path):
    text = f"""\
question: What is wrong here?
park: {STARTER.as_posix()}
hours: [48, 24]
set:
  technologies.battery_9.power_mw: 15
  technologies.battery_1.power_mw: 15
vary:
  technologies.battery_1.energy_mwh: {{from: 10, to: 40}}
  technologies.battery_1.power_mw: [5, 10]
  technologies.battery_1.powr_mw: [5, 10]
  technologies.solar_1.capacity_mw: {{low: 40, high: 20}}
  technologies.wind_1.capacity_mw: {{from: 10, to: x, steps: 3}}
  limits.export_share_max: [0.2, 20]
  holidays: [1]
  stage: ["2040"]
samples: 10
free:
  technologies.tank_1.capacity_kg: {{min: 5000, max: 1000}}
  technologies.tank_9.capacity_kg: {{max: 1000}}
figures: [green_shar, cost_total_cny]
expected:
  - {{figure: cost_total_cny, value: 1, lowest: cost_totl_cny}}
  - {{figure: cost_total_cny, value: 1, at: {{technologies.battery_2.energy_mwh: 1}}}}
"""
    found = told(tmp_path, text)
    places = {(line, where) for line, where, _ in found}
    assert places >= {
        (3, "hours"),
        (5, "set.technologies.battery_9.power_mw"),
        (8, "vary.technologies.battery_1.energy_mwh"),
        (9, "vary.technologies.battery_1.power_mw"),
        (10, "vary.technologies.battery_1.powr_mw"),
        (11, "vary.technologies.solar_1.capacity_mw"),
        (12, "vary.technologies.wind_1.capacity_mw.to"),
        (13, "vary.limits.export_share_max"),
        (14, "vary.holidays"),
        (15, "vary.stage"),
        (16, "samples"),
        (18, "free.technologies.tank_1.capacity_kg"),
        (20, "figures.0"),
        (22, "expected.0.lowest"),
    }
    assert [line for line, _, _ in found] == sorted(line for line, _, _ in found)


def test_unknown_keys_wrong_kinds_and_missing_keys_are_told_together(tmp_path: Path):
    found = told(tmp_path, "park: 5\nvari: {}\ndesign: tornado\nseed: -1\n")
    assert {where for _, where, _ in found} == {"question", "park", "vari", "design", "seed"}  # `vary` is there, under another name
    assert (2, "vari", "is not a key here") in found


def test_problems_of_free_capacities_stand_at_their_lines(tmp_path: Path):
    found = told(tmp_path, GOOD + "free:\n  technologies.tank_9.capacity_kg: {max: 1000}\n  technologies.tank_1.label: {max: 1}\n")
    assert {(line, where) for line, where, _ in found} == {(7, "free.technologies.tank_9.capacity_kg"), (8, "free.technologies.tank_1.label")}


@pytest.mark.parametrize(
    ("varied", "words"),
    [
        ("[]", "is an empty list"),
        ("5", "5 is not a list of values"),
        ("[10, null]", "nothing is not a value"),
        ("{from: 1, to: 1, steps: 3}", "begins and ends at 1"),
        ("{from: 1, to: 2, steps: 1}", "1 is not a possible number of values"),
        ("{from: 1, to: 2, steps: 2.5}", "2.5 is not a possible number of values"),
        ("{low: 1, high: 2}", "has low and high, but a grid needs values"),
        ("{low: 1, high: 2, base: 3}", "does not lie between low and high"),
        ("{low: 1, hihg: 2}", "is not a key here"),
        ("{}", "has no keys"),
    ],
)
def test_values_that_cannot_be_are_refused(tmp_path: Path, varied: str, words: str):
    found = told(tmp_path, GOOD.replace("[10, 20, 30]", varied))
    assert any(words in said for _, _, said in found), found


def test_a_park_that_is_not_there_is_told_at_its_line(tmp_path: Path):
    assert told(tmp_path, GOOD.replace(STARTER.as_posix(), "../nowhere"))[0][:2] == (2, "park")


def test_a_folder_without_a_study_is_told(tmp_path: Path):
    problems = []
    assert read_study(tmp_path, problems) is None
    assert "does not exist" in problems[0].found


def test_what_the_park_itself_says_is_the_base(tmp_path: Path):
    """Proves: shipped defaults count too; the battery's efficiency is not written in the park."""
    park = plan_study(study_in(tmp_path, GOOD)).park
    assert value_in(park, "technologies.battery_1.energy_mwh") == 30
    assert 0.8 < value_in(park, "technologies.battery_1.charge_efficiency") < 1.0
    assert value_in(park, "limits.export_share_max") == 0.2
    assert value_in(park, "profile_set") == "../../profiles/starter"
    assert value_in(park, "technologies.battery_1.nothing") is None
    assert value_in(park, "technologies.battery_1") is None


def test_a_value_that_the_park_refuses_is_told_at_the_study(tmp_path: Path):
    """Proves: the park's own line is right; it is the varied value that does not fit it."""
    found = told(tmp_path, GOOD.replace("battery_1.energy_mwh: [10, 20, 30]", "electrolyser_1.capacity_mw: [20, 1]"))
    words = "with 1, technologies.electrolyser_1.module_mw: 5.0 exceeds capacity_mw 1.0"
    assert found == [(5, "vary.technologies.electrolyser_1.capacity_mw", words)]
