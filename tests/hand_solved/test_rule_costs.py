"""What each rule costs, on parks of one or two hours, by hand and by a second way: `price_rule`, which builds every program anew."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import openpyxl
import pytest
import typer
from typer.testing import CliRunner

from gridsim.dispatch.rules_in_turn import RulesInTurn, losses
from gridsim.errors import DefinitionError
from gridsim.park.sections import Rules
from gridsim.report.rule_costs import cells
from gridsim.report.rule_costs.page import page, write_rule_costs
from gridsim.report.rule_costs.sheets import COLUMNS, rows
from gridsim.rules.costs import costs_record, judged_park
from gridsim.rules.price import price_rule
from gridsim.rules_command import _asked, rules
from hand_solved.parks import approx, battery, electrolyser, grid, hydrogen_demand, load, tiny_park, wind

GREEN, EXPORT, BACKFEED, EXCHANGE = "im-two-high.green", "cn-650-2025.export", "cn-650-2025.backfeed", "cn-650-2025.exchange"
UTILISATION, NEW_LOAD = "im-source-grid-load-storage-2023.utilisation", "im-2022-19-market.new_load"
DECLARED = {"multi_user": False, "spot_market_continuous": False, "two_high": True, "project": "hydrogen", "year": 2028, "renewables": "self_storage"}


def ruled(park, **rules):
    return replace(park, rules=Rules(declared={**DECLARED, **rules.pop("declared", {})}, **rules))


def costs(park, **rules):
    return judged_park(ruled(park, **rules), price=True).costs


def half_green():
    """10 MWh of load, from the grid at 10 or wind at 50."""
    return tiny_park(grid=grid(10.0), wind=wind([1.0], 10.0, variable_cost_cny_per_mwh=50.0), load=load([10.0]))


def test_a_rule_that_does_not_hold_is_priced():
    """**Proves**: half of 10 MWh from wind at 50 in place of the grid at 10 are 5 × 40 = 200 CNY, 2 分 for each kWh of load; a point more is 4 CNY, and a year
    has 8760 such hours.

    **Breaks as**: 0.2 分 if CNY/MWh were taken for 分/kWh; 400 CNY if the shadow price were taken for the cost.
    """
    cost = costs(half_green())[GREEN]
    assert (cost.answer, cost.value, cost.slack) == ("priced", approx(0.0), None)
    assert (cost.cost_cny, cost.at_least_cny, cost.cost_fen_per_kwh, cost.cost_cny_per_a) == approx((200.0, 200.0, 2.0, 200.0 * 8760))
    assert (cost.shadow.cny_per_point, cost.shadow.fen_per_kwh, cost.shadow.binding) == approx((4.0, 4.0, 1))


def test_a_rule_that_holds_costs_nothing_and_has_its_slack():
    """**Proves**: 15 of 15 MWh of wind used are 0.1 more than 0.9, at no cost and without a solve."""
    park = tiny_park(grid=grid(100.0), wind=wind([1.0, 0.5], 10.0), load=load([12.0, 6.0]))
    cost = costs(park)[UTILISATION]
    assert (cost.answer, cost.cost_cny, cost.cost_fen_per_kwh, cost.seconds, cost.shadow) == ("holds", 0.0, 0.0, 0.0, None)
    assert cost.slack == approx(0.1)


def test_an_enforced_rule_costs_what_its_absence_saves():
    """**Proves**: the same 200 CNY from the other side, with the shadow price of the dispatch that keeps it."""
    cost = costs(half_green(), enforce=[GREEN])[GREEN]
    assert (cost.answer, cost.cost_cny, cost.cost_fen_per_kwh, cost.shadow.cny_per_point) == ("enforced", approx(200.0), approx(2.0), approx(4.0))


def test_two_enforced_rules_that_say_the_same_are_told_apart():
    """**Proves**: without one of two equal rules the other still holds, so that each alone costs nothing; together they cost 200."""
    found = costs(half_green(), enforce=[GREEN, "cn-650-2025.green"], thresholds={"cn-650-2025.green": 0.5})
    assert found[GREEN].cost_cny == found["cn-650-2025.green"].cost_cny == 0.0
    assert found[GREEN].same_as == found["cn-650-2025.green"].same_as == ""


def test_rules_that_say_the_same_are_solved_once():
    found = costs(half_green(), thresholds={"cn-650-2025.green": 0.5})
    first, second = found["cn-650-2025.green"], found[GREEN]
    assert (first.same_as, second.same_as, second.name) == ("", first.name, GREEN)
    assert second.cost_cny == first.cost_cny == approx(200.0)


def test_what_no_dispatch_keeps_says_how_near_one_comes():
    """**Proves**: 4 MWh of wind are at best 0.4 of 10 MWh: 1 MWh is missing for a half."""
    cost = costs(tiny_park(grid=grid(10.0), wind=wind([1.0], 4.0, variable_cost_cny_per_mwh=50.0), load=load([10.0])))[GREEN]
    assert (cost.answer, cost.cost_cny, cost.best, cost.missed_mwh) == ("missed", None, approx(0.4), approx(1.0))


def test_an_hourly_cap_has_a_price_for_each_mw():
    """**Proves**: at most 8 MW from the grid at 100 in two hours of 10 MW, the rest unserved at 300: 2 × 2 × 200 = 800 CNY, and a MW less 400."""
    park = tiny_park(grid=grid(100.0), load=load([10.0, 10.0], unserved_price_cny_per_mwh=300.0))
    cost = costs(park, thresholds={EXCHANGE: 8.0})[EXCHANGE]
    assert (cost.answer, cost.cost_cny) == ("priced", approx(800.0))
    assert cost.shadow.cny_per_unit == approx(-400.0) or cost.shadow.cny_per_unit == approx(400.0)
    assert cost.shadow.cny_per_unit > 0.0 and (cost.shadow.periods, cost.shadow.binding) == (2, 2)


def test_an_hourly_cap_that_no_dispatch_keeps():
    """**Proves**: 10 and 9 MW under a cap of 8 miss it by 3 MWh; the worst hour is at 10 MW."""
    cost = costs(tiny_park(grid=grid(100.0), load=load([10.0, 9.0])), thresholds={EXCHANGE: 8.0})[EXCHANGE]
    assert (cost.answer, cost.missed_mwh, cost.best) == ("missed", approx(3.0), approx(10.0))


def lossy(**fields):
    """10 MWh of wind in each of two hours, 4 of load; exports earn 20, and a battery loses what passes through it."""
    store = battery(20.0, 40.0, charge_efficiency=0.8, discharge_efficiency=0.8)
    return tiny_park(grid=grid(100.0, export_price=20.0), wind=wind([1.0, 1.0], 10.0), load=load([4.0, 4.0]), battery=store, **fields)


def test_no_power_is_burnt_for_a_rule():
    """**Proves**: at most a fifth of what is used may be exported. By 4 MWh of own use that is 1 MWh in place of 6 an hour: 2 × 5 × 20 = 200 CNY. A battery
    that fills and empties at once would burn 4 MWh an hour, let 2 MWh out and cost 2 × 4 × 20 = 160, below which nothing lies.

    **Breaks as**: 160 if flows that must not meet were let through; less than 160 if the bound were none.
    """
    cost = costs(lossy())[EXPORT]
    assert (cost.answer, cost.cost_cny) == ("priced", pytest.approx(200.0, rel=1e-5))
    assert cost.at_least_cny == pytest.approx(160.0, rel=1e-6)
    assert cost.shadow.cny_per_mwh == pytest.approx(25.0, rel=1e-5)  # 20 / 0.8: a MWh exported takes 0.8 MWh of the row


def test_a_dispatch_that_burns_none_keeps_the_rule_itself():
    """**Proves**: losses that fall anyway count: the wind of one hour serves both through a battery that loses 36 %; the export that the rule then allows is
    found by the fixed point with equality, on the side that keeps it.
    """
    store = battery(20.0, 40.0, charge_efficiency=0.8, discharge_efficiency=0.8)
    park = tiny_park(grid=grid(100.0, export_price=20.0), wind=wind([1.0, 0.0], 20.0), load=load([4.0, 4.0]), battery=store)
    turn = RulesInTurn(ruled(park, report=["cn-650-2025"]))
    trial = turn.keep(EXPORT)
    flows = trial.dispatch.flows
    used, exported = flows["wind"].sum(), flows["grid.export"].sum()
    own = 4.0 + 4.0 / 0.64  # the second hour's 4 MWh cost 6.25
    assert exported <= 0.2 * used
    assert used - exported == pytest.approx(own, rel=1e-4) and exported == pytest.approx(0.25 * own, rel=1e-4)
    assert np.minimum(flows["battery.charge"], flows["battery.discharge"]).max() < 1e-6


def test_what_an_electrolyser_draws_above_its_best_part_is_lost():
    """**Proves**: parts of the curve lose 1 − their efficiency over the best; the best loses nothing and is not named."""
    park = tiny_park(
        grid=grid(10.0), wind=wind([1.0, 0.0], 5.0), plant=electrolyser(10.0, specific_energy_kwh_per_kg=52.0), users=hydrogen_demand(50.0), hours=2
    )
    draft = RulesInTurn(park).kept.draft
    parts = {name: float(np.mean(c["efficiency"])) for name, c in draft.components.items() if name.startswith("plant.piece_")}
    found = {name: share for name, share in losses(draft).items() if name in parts}
    best = max(parts.values())
    assert found == {name: approx(1.0 - value / best) for name, value in parts.items() if value < best}


@pytest.mark.parametrize("name", [GREEN, BACKFEED, EXCHANGE, NEW_LOAD])
def test_agrees_with_programs_built_anew(name):
    """**Proves**: the cost from one kept program is that of three programs of their own, to 1e-6."""
    price = [10.0, 60.0, 100.0, 20.0]
    park = tiny_park(
        grid=grid(price, export_price=[5.0, 30.0, 70.0, 5.0]),
        wind=wind([1.0, 0.2, 0.6, 0.0], 20.0, variable_cost_cny_per_mwh=15.0),
        load=load([8.0, 6.0, 9.0, 7.0], unserved_price_cny_per_mwh=400.0),
        battery=battery(3.0, 6.0, charge_efficiency=0.9, discharge_efficiency=0.9, throughput_cost_cny_per_mwh=2.0),
    )
    given = {"thresholds": {GREEN: 0.85, EXCHANGE: 6.5, NEW_LOAD: 0.83}}
    cost, price = costs(park, **given)[name], price_rule(ruled(park, **given), name)
    assert cost.cost_cny == pytest.approx(price.cost_cny, rel=1e-6)
    assert cost.answer == "priced" or cost.cost_cny == 0.0
    if cost.answer == "priced" and price.shadow is not None and price.shadow.cny_per_unit is not None:
        assert cost.shadow.cny_per_unit == pytest.approx(price.shadow.cny_per_unit, rel=1e-6)


def test_a_whole_year_is_asked_of_a_year_only():
    found = costs(half_green())
    assert (found["im-source-grid-load-storage-2023.load"].answer, found["im-source-grid-load-storage-2023.load"].why) == ("open", "part_of_year")
    assert (found["cn-650-2025.fees"].answer, found["cn-650-2025.fees"].why) == ("not_in_dispatch", "declared")
    assert found["im-source-grid-load-storage-2023.peak_valley"].why == "traced"
    assert found["im-source-grid-load-storage-2023.storage_power"].why == "capacity"


def test_what_may_not_apply_is_priced_as_if_it_did():
    """**Proves**: where nobody says whether the park is one of the two-high, the rule is not known and costs what it costs."""
    park = replace(half_green(), rules=Rules(declared={"project": "hydrogen"}))
    judged = judged_park(park, price=True)
    status = next(one.status for one in judged.findings if one.name == GREEN)
    assert (status, judged.costs[GREEN].if_it_applies, judged.costs[GREEN].cost_cny) == ("not_known", True, approx(200.0))


@pytest.fixture(scope="module")
def record():
    found = costs_record(judged_park(ruled(lossy()), price=True))
    return json.loads(json.dumps(found, default=str, allow_nan=False))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_words_page_and_sheets(record, language, tmp_path):
    """**Proves**: every rule has a row with its numbers; the cost stands in the page as in the record, and what burning would save beside it."""
    write_rule_costs(tmp_path, record, language)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.html", "rules.json", "tables.xlsx"]
    sheet = openpyxl.load_workbook(tmp_path / "tables.xlsx").worksheets[0]
    lines = {line[1]: dict(zip(COLUMNS, line, strict=True)) for line in sheet.iter_rows(min_row=2, values_only=True)}
    assert len(lines) == len(record["rules"]) == len(rows(record, language))
    assert lines[EXPORT]["cost_cny_per_a"] == pytest.approx(200.0 / 2 * 8760, rel=1e-5) and lines[EXPORT]["at_least_cny_per_a"] == pytest.approx(
        160.0 / 2 * 8760, rel=1e-6
    )
    assert lines[EXPORT]["per"] == {"en": "percentage point", "zh": "百分点"}[language]
    text = page(record, language)
    rule = next(one for one in record["rules"] if one["name"] == EXPORT)
    assert cells.yearly(rule, record, language) in text and cells.burns(rule)
    assert cells.texts(language)["page.heading"] in text
    assert any(cells.texts(language)["note.burnt"] == note for note in cells.notes(record, language))


def command(*arguments):
    app = typer.Typer()
    app.command()(rules)
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture(scope="module")
def starter(tmp_path_factory):
    from gridsim.park.new import new_park

    folder = tmp_path_factory.mktemp("parks") / "starter"
    new_park(folder, "starter")
    return str(folder)


def test_the_command_prints_and_writes(starter, tmp_path):
    out = tmp_path / "found"
    found = command(starter, "--hours", "48", "--price", "--against", "cn-650-2025", "--out", str(out))
    assert found.exit_code == 0, found.output
    assert "backfeed" in found.output and (out / "rules.json").exists()
    assert command(starter, "--hours", "48", "--against", "cn-650-2025", "--out", str(out), "--lang", "zh").exit_code == 0  # its own folder is replaced
    document = json.loads(command(starter, "--hours", "48", "--price", "--against", "cn-650-2025", "--json").output)
    assert document["ok"] and {rule["name"].partition(".")[0] for rule in document["rules"]} == {"cn-650-2025"}


def test_the_command_refuses_what_makes_no_sense(starter, tmp_path):
    for arguments, words in (
        (("--against", "cn-651-2025"), "cn-650-2025"),
        (("--enforce", "cn-650-2025.fees"), "cannot be enforced"),
        (("--enforce", "cn-650-2025.grean"), "green"),
    ):
        found = command(starter, "--hours", "24", *arguments)
        assert found.exit_code == 2 and words in found.output and arguments[0] in found.output
    other = tmp_path / "full"
    other.mkdir()
    (other / "mine.txt").write_text("x")
    found = command(starter, "--out", str(other))
    assert found.exit_code == 2 and "exists and is not the folder of judged rules" in found.output


def test_rules_of_the_command_line_are_added_to_the_park_s():
    park = ruled(half_green(), enforce=[GREEN])
    assert _asked(park, None, ["cn-650-2025.green"]).rules.enforce == [GREEN, "cn-650-2025.green"]
    with pytest.raises(DefinitionError, match="declare"):
        _asked(replace(park, rules=Rules()), None, [GREEN])
