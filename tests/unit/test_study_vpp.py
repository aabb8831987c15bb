"""Studies that run parts of the virtual power plant, and paths below sections that a park does not write."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from gridsim.dispatch.solve import KeptDispatch
from gridsim.errors import DefinitionError
from gridsim.park.read import read_park
from gridsim.study.check import value_in
from gridsim.study.run import plan_study, run_study
from gridsim.vpp.run import vpp_of
from tests.unit.test_study_definition import GOOD, STARTER, study_in, told

ERROR = "vpp.forecast.wind.scale"
POLICY = "vpp.islanding.policy"

STUDY = f"""\
question: What does a better forecast spare?
park: {STARTER.as_posix()}
hours: 48
vpp: [islanding, operation]
set:
  vpp.operation.horizon_hours: 24
  vpp.forecast.solar.scale: 0
  vpp.forecast.load.scale: 0
vary:
  {ERROR}: [0, 1]
  {POLICY}: [serve_all, save_for_critical]
figures: [operation.regret_cny, islanding.hours_median]
expected:
  - {{figure: operation.regret_cny, at: {{{ERROR}: 0, {POLICY}: serve_all}}, value: 0, tolerance: 0.99}}
"""


def test_a_study_runs_parts_of_the_virtual_power_plant(tmp_path: Path):
    """Proves: each row has their figures; they are those of a run of its own; each path moves what it should, and nothing else."""
    result = run_study(study_in(tmp_path, STUDY), out=tmp_path / "out", workers=1)
    assert result.table["status"].tolist() == ["solved"] * 4
    rows = result.everything.set_index([ERROR, POLICY])
    assert rows.loc[(0, "serve_all"), "operation.regret_cny"] < rows.loc[(1, "serve_all"), "operation.regret_cny"]
    for policy in ("serve_all", "save_for_critical"):
        assert rows.loc[(0, policy), "islanding.hours_median"] == rows.loc[(1, policy), "islanding.hours_median"]
    for error in (0, 1):
        assert rows.loc[(error, "serve_all"), "operation.regret_cny"] == rows.loc[(error, "save_for_critical"), "operation.regret_cny"]
    park = plan_study(tmp_path).park
    alone = vpp_of(dataclasses.replace(park, vpp=_with(park.vpp, 1.0, "serve_all")), ["operation", "islanding"]).figures
    for figure in ("operation.operated_cost_cny", "operation.windows", "islanding.hours_mean_at_least", "islanding.share_4h"):
        assert rows.loc[(1, "serve_all"), figure] == pytest.approx(alone[figure], rel=1e-9)


def _with(section, scale: float, policy: str):
    wind = section.forecast.wind.model_copy(update={"scale": scale})
    islanding = section.islanding.model_copy(update={"policy": policy})
    return section.model_copy(update={"forecast": section.forecast.model_copy(update={"wind": wind}), "islanding": islanding})


def test_what_is_asked_of_the_virtual_power_plant_is_part_of_a_result(tmp_path: Path):
    names = [
        plan_study(study_in(tmp_path, GOOD + asked)).names for asked in ("", "vpp: [islanding]\n", "vpp: [islanding, seconds]\n", "vpp: [seconds, islanding]\n")
    ]
    assert len({*names}) == 3 and names[2] == names[3]
    assert {job.parent for job in plan_study(tmp_path).jobs} == {None}  # no scenario waits for another's parts


def test_figures_of_a_part_that_is_not_run_are_refused(tmp_path: Path):
    text = GOOD + "vpp: [islanding]\nfigures: [islanding.hours_median, operation.regret_cny]\nexpected:\n  - {figure: seconds.lost_hours, value: 1}\n"
    found = told(tmp_path, text)
    assert [(line, where) for line, where, _ in found] == [(7, "figures.1"), (9, "expected.0.figure")]
    assert [where for _, where, _ in told(tmp_path, GOOD + "vpp: [island]\n")] == ["vpp.0"]


def test_markets_that_no_park_has_are_told(tmp_path: Path):
    """Proves: the part would be left out in every scenario, so it is refused at its own line; where one scenario's park has markets, it is not."""
    without = "set: {vpp.markets: null}\n"
    asked = "vpp:\n  - operation\n  - markets\n"
    found = told(tmp_path, GOOD + without + asked)
    assert found == [(9, "vpp.1", "the park names no markets, so that there is nothing to sell")]
    assert plan_study(study_in(tmp_path, GOOD + asked))
    assert plan_study(study_in(tmp_path, GOOD + without + "vpp: [operation]\n"))
    varied = "vary:\n  vpp.markets.offers.nc-peak-response.share: [0.5, 1]\n"  # none at the base, nor with another battery
    assert plan_study(study_in(tmp_path, GOOD.replace("vary:\n", varied) + without + asked))


def test_a_known_dispatch_is_not_solved_again():
    """Proves: one of the linear level with prices is taken; of whole numbers, or without prices, it is found anew."""
    park = read_park(STARTER, hours=(0, 24))
    linear, whole = (KeptDispatch(park, level=level, with_network=False).solve().dispatch for level in ("linear", "mixed_integer"))
    assert vpp_of(park, [], dispatch=linear).dispatch is linear
    for unfit in (whole, dataclasses.replace(linear, prices={}), None):
        found = vpp_of(park, [], dispatch=unfit).dispatch
        assert found is not unfit and found.draft.level == "linear" and found.prices


# ---- paths below what the park does not write


def test_overrides_reach_sections_that_the_park_does_not_write():
    park = read_park(STARTER, hours=(0, 24), overrides=[f"{ERROR}=0.5", f"{POLICY}=serve_all", "vpp.islanding.tiers.critical.factory=0.3"])
    assert park.vpp.forecast.wind.scale == 0.5 and park.vpp.forecast.solar.scale == 1.0
    assert (park.vpp.islanding.policy, park.vpp.islanding.tiers) == ("serve_all", {"critical": {"factory": 0.3}})
    assert value_in(park, ERROR) == 0.5 and value_in(read_park(STARTER, hours=(0, 24)), ERROR) == 1.0


@pytest.mark.parametrize(
    ("override", "where", "found", "remedy"),
    [
        ("vpp.forecst.wind.scale=1", "vpp.forecst", "is not a key here", "'forecast'"),
        ("vpp.forecast.wind.scle=1", "vpp.forecast.wind.scle", "is not a key here", "'scale'"),
        ("vpp.forecast.wind.scale.more=1", "vpp.forecast.wind.scale", "a group of keys is not a number", "number"),
        ("technologies.batery_1.bill.x=1", "technologies.batery_1.bill.x", "there is no 'technologies.batery_1' to change", "'battery_1'"),
        ("tariffs.two_part.bill.x=1", "tariffs.two_part.bill.x", "there is no 'tariffs.two_part' to change", "'two_part_35kv'"),
        ("vpp.forecast.wind.scale=", "vpp.forecast.wind.scale", "there is no 'vpp.forecast' to change", ""),
    ],
)
def test_a_path_that_leads_nowhere_is_told(override: str, where: str, found: str, remedy: str):
    with pytest.raises(DefinitionError) as caught:
        read_park(STARTER, hours=(0, 24), overrides=[override])
    problem = caught.value.problems[0]
    assert (problem.where, problem.found) == (where, found) and remedy in problem.remedy
