"""`gridsim validate` looks at every stage of a park, and says in which a problem holds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gridsim.cli import app
from gridsim.errors import DefinitionError
from gridsim.park.read import read_park
from gridsim.park.stages import each_stage

STARTER = Path(__file__).parents[2] / "networks" / "starter"
STAGES = """
stages:
  "2027": {technologies: {solar_1: {capacity_mw: 80}}}
  "2030": {after: "2027", technologies: {battery_1: {energy_mwh: 60}}}
"""


def park_in(folder: Path, more: str, **replaced: str) -> Path:
    text = (STARTER / "park.yaml").read_text(encoding="utf-8").replace("../../profiles", (STARTER.parents[1] / "profiles").as_posix())
    for old, new in replaced.items():
        assert old in text
        text = text.replace(old, new, 1)
    (folder / "park.yaml").write_text(text + more, encoding="utf-8")
    return folder


def told(folder: Path) -> list[tuple[str, str]]:
    with pytest.raises(DefinitionError) as caught:
        each_stage(folder, lambda stage: read_park(folder, stage=stage, hours=(0, 24)))
    return [(problem.where, problem.found) for problem in caught.value.problems]


@pytest.mark.parametrize(("default", "first", "others"), [("", None, ["2027", "2030"]), ("default_stage: '2027'\n", "2027", ["2030"])])
def test_every_stage_is_read_once_and_the_usual_one_first(tmp_path: Path, default: str, first: str | None, others: list[str]):
    found = each_stage(park_in(tmp_path, STAGES + default), lambda stage: read_park(tmp_path, stage=stage, hours=(0, 24)))
    assert [park.stage for park in found.values()] == [first, *others]


def test_a_problem_of_some_stages_says_which_and_one_of_all_says_nothing(tmp_path: Path):
    """Proves: what the base has wrong is told once; what a stage adds is told with the stages it reaches, those that come after it too."""
    broken = STAGES.replace("capacity_mw: 80", "capacity_mw: -80").replace("energy_mwh: 60", "enrgy_mwh: 60")
    assert told(park_in(tmp_path, broken, peak_mw="peek_mw")) == [
        ("technologies.factory.peek_mw", "is not a key here"),
        ("technologies.solar_1.capacity_mw", "-80 is below 0 (in stage 2027, stage 2030)"),
        ("technologies.battery_1.enrgy_mwh", "is not a key here (in stage 2030)"),
    ]


def test_a_problem_of_the_base_alone_says_so(tmp_path: Path):
    mended = STAGES.replace("capacity_mw: 80", "capacity_mw: 80, profile: solar")
    (_, found), *rest = told(park_in(tmp_path, mended, **{"profile: solar": "profile: sollar"}))
    assert found == "there is no profile 'sollar' (in the base)" and not rest


def test_the_command_lists_the_stages_and_keeps_to_one_that_is_named(tmp_path: Path):
    """Proves: a broken stage makes the command end with 2, but not where another is asked for, nor where something is set."""
    park_in(tmp_path, STAGES.replace("energy_mwh: 60", "enrgy_mwh: 60"))
    runner = CliRunner()
    assert runner.invoke(app, ["validate", str(tmp_path)]).exit_code == 2
    assert runner.invoke(app, ["validate", str(tmp_path), "--stage", "2027"]).exit_code == 0
    assert runner.invoke(app, ["validate", str(tmp_path), "--set", "technologies.battery_1.energy_mwh=20"]).exit_code == 0
    park_in(tmp_path, STAGES)
    lines = runner.invoke(app, ["validate", str(tmp_path)]).output.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["Starter park", "Starter park, stage 2027", "Starter park, stage 2030"]
    document = json.loads(runner.invoke(app, ["validate", str(tmp_path), "--json"]).output)
    assert (document["stage"], document["stages"], document["technologies"]) == (None, [None, "2027", "2030"], 8)


@pytest.mark.parametrize("text", ["", "- a list", "stages: [1]"])
def test_a_file_that_is_no_park_is_told_as_ever(tmp_path: Path, text: str):
    (tmp_path / "park.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(DefinitionError) as alone:
        read_park(tmp_path)
    with pytest.raises(DefinitionError) as every:
        each_stage(tmp_path, lambda stage: read_park(tmp_path, stage=stage))
    assert str(every.value) == str(alone.value)
