"""The markets' files: all sound, every number with its source, own files beside the park."""

from __future__ import annotations

from pathlib import Path

import pytest

from gridsim.errors import DefinitionError
from gridsim.park.read import read_park
from gridsim.vpp.market.definition import MarketDefinition
from gridsim.vpp.market.library import BASELINES, FOLDER, baseline_ids, baseline_method, markets_of, own_markets, shipped, shipped_ids
from gridsim.vpp.market.lines import LABELS
from gridsim.vpp.market.market import Market
from gridsim.vpp.market.terms import CALLED, NEEDED, PRODUCTS, TERMS, WITHOUT

STARTER = Path(__file__).parents[2] / "networks" / "starter"

OWN = """
id: my-reserve
label_en: My reserve
label_zh: 我的备用
product: reserve
direction: up
document: none
status: draft
certainty: A
source: a test
terms:
  capacity_price_cny_per_mw_h: {value: 7.0, source: a test, certainty: A}
"""


@pytest.mark.parametrize("name", shipped_ids())
def test_every_shipped_market_is_sound(name):
    rules = shipped(name)
    assert rules.source and rules.document and rules.label_zh and rules.label_en
    for term, figure in rules.terms.items():
        assert figure.source, term
        assert (figure.value is None) == (figure.certainty == "n/f") or figure.certainty == "M?", term
    if rules.product in CALLED:
        assert rules.baseline in baseline_ids()
    assert Market(rules).product in PRODUCTS


@pytest.mark.parametrize("name", baseline_ids())
def test_every_baseline_method_is_sound(name):
    method = baseline_method(name)
    assert method.source and method.label_zh and method.label_en


def test_every_product_has_a_market_and_every_term_a_use():
    assert {shipped(name).product for name in shipped_ids()} == set(PRODUCTS) == set(NEEDED)
    assert all(set(term.products) <= set(PRODUCTS) for term in TERMS.values())
    assert set(WITHOUT) <= set(TERMS) and {term for groups in NEEDED.values() for group in groups for term in group} <= set(TERMS)
    used = {term for name in shipped_ids() for term in shipped(name).terms}
    code = "".join(path.read_text(encoding="utf-8") for path in Path(FOLDER).parents[1].glob("vpp/market/*.py") if path.name != "terms.py")
    told_only = {"gate_closure_hours", "notice_minutes", "price_step"}  # shown to the user; nothing is computed from them
    assert {term for term in TERMS if f'"{term}"' not in code and not term.startswith("weight_")} <= told_only | set(WITHOUT)
    assert used <= set(TERMS)


def test_folders_hold_nothing_else():
    assert {path.suffix for path in FOLDER.iterdir() if path.is_file()} == {path.suffix for path in BASELINES.iterdir()} == {".yaml"}
    assert all(chinese and english for chinese, english in LABELS.values())


def test_known_numbers_are_where_they_were_seen():
    assert shipped("nc-peak-response").terms["call_price_cny_per_mw"].value == 15_000.0
    assert (shipped("im-spot-day-ahead").terms["price_floor"].value, shipped("im-spot-day-ahead").terms["price_cap"].value) == (-50.0, 1500.0)
    assert Market(shipped("nc-peak-response")).stated("minimum_mw") is None
    assert Market(shipped("nc-peak-response"), {"minimum_mw": 3.0}).term("minimum_mw") == 3.0


def written(folder: Path, text: str, name: str = "my-reserve") -> Path:
    (folder / "markets").mkdir(exist_ok=True)
    (folder / "markets" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


def test_a_park_has_markets_of_its_own(tmp_path):
    problems: list = []
    own = own_markets(written(tmp_path, OWN), problems)
    assert not problems and own["my-reserve"].terms["capacity_price_cny_per_mw_h"].value == 7.0


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("capacity_price_cny_per_mw_h", "capacity_price", "did you mean 'capacity_price_cny_per_mw_h'"),
        ("capacity_price_cny_per_mw_h", "mileage_price_cny_per_mw", "which is no term of reserve"),
        ("value: 7.0", "value: -7.0", "below 0"),
        ("direction: up", "direction: sideways", "direction"),
        ("id: my-reserve", "id: cn-reserve", "is not the name of the file"),
        ("certainty: A\nsource: a test", "certainty: A", "source"),
        ("status: draft", "status: draft\nexcludes: {regulation: mw}", "excludes_source"),
        ("terms:", "colour: blue\nterms:", "colour"),
    ],
)
def test_broken_files_are_explained(tmp_path, old, new, found):
    problems: list = []
    assert not own_markets(written(tmp_path, OWN.replace(old, new)), problems)
    assert found in "\n".join(map(str, problems)) and "my-reserve.yaml" in problems[0].file


def test_a_shipped_market_cannot_be_replaced(tmp_path):
    problems: list = []
    own_markets(written(tmp_path, OWN.replace("my-reserve", "cn-reserve"), "cn-reserve"), problems)
    assert "is a market that gridsim ships" in problems[0].found


def test_a_broken_file_stops_the_park(tmp_path):
    import dataclasses

    park = dataclasses.replace(read_park(STARTER, hours=(0, 24)), folder=written(tmp_path, "- nothing"))
    with pytest.raises(DefinitionError, match="expected a group of keys"):
        markets_of(park)


def test_the_wider_scope_of_two_files_counts():
    wide = shipped("cn-reserve").model_copy(update={"excludes": {"regulation": "hour"}})
    regulation = Market(shipped("gd-regulation-2018"))
    assert Market(wide).excludes(regulation) == regulation.excludes(Market(wide)) == "hour"
    assert regulation.excludes(Market(shipped("im-spot-day-ahead"))) is None
    assert isinstance(wide, MarketDefinition)
