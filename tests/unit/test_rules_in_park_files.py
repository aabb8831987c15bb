"""``rules:`` in park.yaml, and rule sets of a park's own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gridsim.errors import DefinitionError
from gridsim.park.read import read_park
from gridsim.rules.library import reported_ids, rule_of

PARK = """\
name: Base
time: {start: 2030-01-01, hours: 24}
buses:
  park: {carrier: electricity, voltage_kv: 220}
tariffs:
  flat: {energy_price_cny_per_mwh: 320}
technologies:
  works: {type: load, bus: park, peak_mw: 10}
  grid: {type: grid_connection, bus: park, tariff: flat, import_limit_mw: 20}
"""

OWN = """\
id: province-2027
title_en: Province
title_zh: 省规则
document: No. 1/2027
status: in_force
certainty: A
source: made up
facts:
  old_mine: {label_en: on an old mine, label_zh: 位于采煤沉陷区}
rules:
  import:
    text_en: At most half is imported
    text_zh: 下网电量不超过一半
    metric: import_share
    sense: "<="
    threshold: 0.5
    when: {old_mine: true}
    certainty: A
    source: made up
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rules").mkdir()
    (tmp_path / "park.yaml").write_text(PARK, encoding="utf-8")
    return tmp_path


def problems(folder: Path, rules: str = "", **files: str) -> list[tuple[str, str, int | None, str, str]]:
    (folder / "park.yaml").write_text(PARK + rules, encoding="utf-8")
    for name, text in files.items():
        (folder / "rules" / f"{name.replace('_', '-')}.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(DefinitionError) as caught:
        read_park(folder)
    return [(Path(p.file).name, p.where, p.line, p.found, p.remedy) for p in caught.value.problems]


def test_a_park_without_rules_is_judged_by_all_and_enforces_none(folder):
    park = read_park(folder)
    assert (park.rules.report, park.rules.enforce) == ("all", [])
    assert "cn-650-2025" in reported_ids(park)


def test_a_rule_set_is_added_by_adding_a_file(folder):
    """**Proves**: the file's rule set is known, its own fact can be declared, and its rule is enforced."""
    (folder / "rules" / "province-2027.yaml").write_text(OWN, encoding="utf-8")
    (folder / "park.yaml").write_text(PARK + "rules: {report: [province-2027], enforce: [province-2027.import], declared: {old_mine: true}}\n")
    park = read_park(folder)
    assert reported_ids(park) == ("province-2027",)
    assert rule_of(park, "province-2027.import").threshold == 0.5
    (folder / "rules" / "province-2027.yaml").write_text(OWN.replace("threshold: 0.5", "threshold: 0.4"), encoding="utf-8")
    assert read_park(folder).fingerprint != park.fingerprint  # what is asked of a run belongs to it


def test_every_mistake_under_rules_is_told_at_once_with_file_line_and_remedy(folder):
    found = problems(
        folder,
        """\
rules:
  report: [cn-650-2052]
  enforce:
    - cn-650-2025.selfuse
    - cn-650
  declared:
    projekt: hydrogen
    project: hydrogn
    multi_user: 3
    park_energy_tce: lots
  thresholds: {cn-650-2025: 0.1}
  readings: {cn-650-2025.export: of_availble}
""",
    )
    assert [(file, where, line) for file, where, line, *_ in found] == [
        ("park.yaml", "rules.report.0", 11),
        ("park.yaml", "rules.enforce.0", 13),
        ("park.yaml", "rules.enforce.1", 14),
        ("park.yaml", "rules.declared.projekt", 16),
        ("park.yaml", "rules.declared.project", 17),
        ("park.yaml", "rules.declared.multi_user", 18),
        ("park.yaml", "rules.declared.park_energy_tce", 19),
        ("park.yaml", "rules.thresholds.cn-650-2025", 20),
        ("park.yaml", "rules.readings.cn-650-2025.export", 21),
    ]
    remedies = [remedy for *_, remedy in found]
    for remedy, word in zip(
        remedies,
        ("'cn-650-2025'", "'self_use'", "'cn-", "'project'", "hydrogen or other", "true or false", "number in tce", "self_use", "'of_available'"),
        strict=True,
    ):
        assert word in remedy


def test_what_cannot_be_enforced_is_refused_with_the_reason(folder):
    """**Proves**: a declared rule, a traced rule, a set without any rule on flows, and a threshold that hangs on what is not declared."""
    enforce = "[cn-650-2025.fees, im-wind-solar-hydrogen-2022.grid_share, eu-2023-1185, im-direct-supply-draft-2025.export_hydrogen, im-two-high.green]"
    found = problems(folder, f"rules: {{enforce: {enforce}, declared: {{project: hydrogen, year: 2020}}}}\n")
    assert [(where, text.split(":")[0]) for _, where, _, text, _ in found] == [
        ("rules.enforce.0", "cannot be enforced"),
        ("rules.enforce.1", "cannot be enforced"),
        ("rules.enforce.2", "has no rule that can be enforced"),
        ("rules.enforce.3", "the threshold of im-direct-supply-draft-2025.export_hydrogen is not known"),
        ("rules.enforce.4", "whether im-two-high.green applies is not known"),
    ]
    assert found[-1][-1] == "declare two_high under rules.declared"


def test_a_broken_rule_file_tells_all_its_problems_with_lines(folder):
    broken = OWN.replace("import_share", "import_shares").replace("status: in_force", "status: law").replace("threshold: 0.5", "thresold: 0.5")
    found = problems(folder, province_2027=broken)
    assert {(file, where, line) for file, where, line, *_ in found} == {
        ("province-2027.yaml", "status", 5),
        ("province-2027.yaml", "rules.import.metric", 14),
        ("province-2027.yaml", "rules.import.thresold", 16),
    }
    assert any("'import_share'" in remedy for *_, remedy in found)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (OWN.replace("id: province-2027", "id: province-2028"), "id"),
        (OWN.replace("old_mine: true", "old_mines: true"), ""),
        (OWN.replace("  import:", "  im.port:"), "rules.im.port"),
        ("- a\n", ""),
    ],
)
def test_other_faults_of_a_rule_file(folder, text, where):
    assert [(file, place) for file, place, *_ in problems(folder, province_2027=text)] == [("province-2027.yaml", where)]


def test_a_shipped_set_is_not_replaced(folder):
    import gridsim.rules.library as library

    shutil.copy(library.FOLDER / "eu-2023-1185.yaml", folder / "rules")
    found = problems(folder)
    assert [(file, where) for file, where, *_ in found] == [("eu-2023-1185.yaml", "id")]


def test_a_stage_declares_what_changes(folder):
    """**Proves**: a stage lays its declarations over those of the base, and an override over both."""
    stages = 'rules: {declared: {project: hydrogen, year: 2025}}\nstages:\n  "2030":\n    rules: {declared: {year: 2030}}\n'
    (folder / "park.yaml").write_text(PARK + stages, encoding="utf-8")
    assert read_park(folder, stage="2030").rules.declared == {"project": "hydrogen", "year": 2030}
    assert read_park(folder, stage="2030", overrides=["rules.declared.year=2028"]).rules.declared["year"] == 2028
