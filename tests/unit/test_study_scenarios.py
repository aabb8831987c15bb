"""Designs and identities of scenarios."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gridsim.park.parse import parse_yaml
from gridsim.study.axes import read_axis
from gridsim.study.definition import read_study
from gridsim.study.run import plan_study
from gridsim.study.scenarios import canonical, override, scenarios_of
from tests.unit.test_study_definition import GOOD, STARTER, study_in

HEAD = f"question: Q\npark: {STARTER.as_posix()}\nhours: 24\n"


def made(folder: Path, text: str, base: dict | None = None) -> list[dict]:
    problems = []
    study = read_study(study_in(folder, HEAD + text), problems)
    assert not problems
    return [scenario.values for scenario in scenarios_of(study, base or {})]


def test_a_grid_is_every_combination_in_the_order_of_the_file(tmp_path: Path):
    found = made(tmp_path, "vary:\n  limits.a: [1, 2]\n  limits.b: {from: 0, to: 1, steps: 3}\n")
    assert [tuple(values.values()) for values in found] == [(1, 0), (1, 0.5), (1, 1), (2, 0), (2, 0.5), (2, 1)]


def test_one_at_a_time_varies_each_from_the_base(tmp_path: Path):
    """Proves: base first; a value that equals the base is no scenario of its own; the park's own value stands in where no base is given."""
    text = "design: one_at_a_time\nvary:\n  limits.a: {low: 1, high: 3, base: 2}\n  limits.b: {low: 10, high: 20}\n  limits.c: [5, 6, 7]\n"
    found = made(tmp_path, text, {"limits.a": 99, "limits.b": 20.0, "limits.c": 6})
    assert [tuple(values.values()) for values in found] == [(2, 20, 6), (1, 20, 6), (3, 20, 6), (2, 10, 6), (2, 20, 5), (2, 20, 7)]


@pytest.mark.parametrize("samples", [1, 2, 7, 50])
def test_a_latin_hypercube_has_one_sample_in_each_stratum_of_each_axis(tmp_path: Path, samples: int):
    text = (
        f"design: latin_hypercube\nsamples: {samples}\nseed: 3\nvary:\n  limits.a: {{low: 10, high: 20}}\n  limits.b: {{low: -1, high: 1}}\n  stage: [x, y]\n"
    )
    found = made(tmp_path, text)
    for path, low, high in (("limits.a", 10, 20), ("limits.b", -1, 1)):
        strata = [int((values[path] - low) / (high - low) * samples) for values in found]
        assert sorted(strata) == list(range(samples))
    assert abs(sum(values["stage"] == "x" for values in found) - samples / 2) <= 0.5


def test_a_latin_hypercube_is_its_seed(tmp_path: Path):
    """Proves: the same seed gives the same samples, another others, and a further axis does not move those that were there."""
    text = "design: latin_hypercube\nsamples: 6\nseed: {}\nvary:\n  limits.a: {{low: 0, high: 1}}\n"
    first, again, other = (made(tmp_path, text.format(seed)) for seed in (1, 1, 2))
    assert first == again != other
    wider = made(tmp_path, text.format(1) + "  limits.b: {low: 0, high: 1}\n")
    assert [values["limits.a"] for values in wider] == [values["limits.a"] for values in first]
    assert not np.allclose([values["limits.a"] for values in wider], [values["limits.b"] for values in wider])


def test_whole_steps_stay_whole_and_others_are_written_as_meant():
    node = parse_yaml("{from: 1, to: 3, steps: 3}", "x", [])
    assert read_axis("limits.a", node, "grid", []).values == (1, 2, 3)
    node = parse_yaml("{from: 0, to: 0.3, steps: 4}", "x", [])
    assert read_axis("limits.a", node, "grid", []).values == (0.0, 0.1, 0.2, 0.3)


def test_the_same_value_written_twice_is_one_scenario(tmp_path: Path):
    assert len(made(tmp_path, "vary:\n  limits.a: [1, 1.0, 2, 1]\n")) == 2
    assert canonical({"b": 1, "a": [2, True]}) == canonical({"a": [2.0, True], "b": 1.0}) != canonical({"a": [2, 1], "b": 1})


@pytest.mark.parametrize("value", [5, 2.5, 1e-7, 1e20, True, "2030", "true", "a: b", "路径", "../../profiles/x"])
def test_an_override_reads_back_as_it_was(value: object):
    text = override("limits.a", value).partition("=")[2]
    problems = []
    read = parse_yaml(text, "x", problems).value
    assert read == value and type(read) is type(value) and not problems


def test_the_identity_is_what_decides_the_result(tmp_path: Path):
    """Proves: question, figures, expected answers and the other values do not matter; hours, set, a time limit and the park do."""
    names = plan_study(study_in(tmp_path, GOOD)).names
    same = GOOD.replace("How large", "Why so large").replace("[10, 20, 30]", "[30.0, 10, 5]") + "figures: [green_share]\n"
    assert set(plan_study(study_in(tmp_path, same)).names) & set(names) == {names[0], names[2]}
    for change in ("time_limit_s: 60", "set: {technologies.battery_1.power_mw: 14}", "warm: false"):
        assert not set(plan_study(study_in(tmp_path, GOOD + change + "\n")).names) & set(names), change
    assert not set(plan_study(study_in(tmp_path, GOOD.replace("48", "24"))).names) & set(names)


def test_the_identity_knows_the_profiles_that_a_value_names(tmp_path: Path):
    """Proves: the same words over other numbers in the named file are another scenario."""
    series = tmp_path / "wind.csv"
    text = GOOD + f"  profiles.wind: ['{series.as_posix()}#wind']\n"

    def names(power: float) -> tuple[str, ...]:
        series.write_text("wind\n" + f"{power}\n" * 8760, encoding="utf-8")
        return plan_study(study_in(tmp_path, text)).names

    first = names(0.5)
    assert names(0.5) == first
    assert not set(names(0.6)) & set(first)


def test_a_stage_is_a_name_also_without_quotes(tmp_path: Path):
    """Proves: 2030 and "2030" are one stage, and what the stage writes is part of a scenario's identity."""
    park = tmp_path / "park"
    text = (STARTER / "park.yaml").read_text(encoding="utf-8").replace("../../profiles/starter", (STARTER.parents[1] / "profiles" / "starter").as_posix())
    park.mkdir()

    def names(stages: str, power_mw: float) -> list[str]:
        later = f"stages:\n  '2030': {{technologies.wind_1.capacity_mw: {power_mw}}}\n  '2035': {{technologies.wind_1.capacity_mw: 90}}\n"
        (park / "park.yaml").write_text(text + later, encoding="utf-8")
        return list(plan_study(study_in(tmp_path, f"question: Q\npark: park\nhours: 24\nvary: {{stage: {stages}}}\n")).names)

    first = names("['2030', '2035']", 70)
    assert names("[2030, 2035]", 70) == first
    other = names("[2030, 2035]", 71)
    assert other[1] == first[1] and other[0] != first[0]
