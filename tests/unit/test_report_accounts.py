"""The accounts in a report: rules, bill, money, carbon and indicators say what the run's record holds, in both languages."""

from __future__ import annotations

import copy
import dataclasses
import re
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import gridsim
from gridsim.folder import RunFolder, read_folder
from gridsim.report.accounts import accounts_sections
from gridsim.report.accounts.amounts import amount, difference, fen, limit, share
from gridsim.report.accounts.bill import bases, differences, month_table, statement
from gridsim.report.accounts.carbon import avoided_table, threshold_table
from gridsim.report.accounts.cash_flow import cash_flow_bars, flow_columns, flow_table
from gridsim.report.accounts.indicators import indicator_table
from gridsim.report.accounts.levelised import costs, levelised_bars, levelised_table
from gridsim.report.accounts.money import worth_table
from gridsim.report.accounts.rules import rule_parts, rule_table
from gridsim.report.accounts.zero_carbon import times_of, zero_carbon_sentence, zero_carbon_table
from gridsim.report.figures.figure import Figure
from gridsim.report.frame import Section
from gridsim.report.html import page
from gridsim.report.numbers import SPACE, number
from gridsim.report.record_tables import quota_table
from gridsim.report.tables import Cell, Table
from gridsim.report.view import RunView
from gridsim.report.words import Words
from gridsim.report.write import write_report

STARTER = Path(__file__).parents[2] / "networks" / "starter"
COAL = "other_energy: {coal: {energy_tce: 250000, emissions_t: 600000, source: made up}}"
OVERRIDES = [
    f"carbon={{factor_set: northeast-2023, certificates_mwh: 2000, {COAL}}}",
    "indicators={tables: [chifeng-carbon-peak-plan], target_year: 2030, value_added: {value_10k_cny: 900000, source: made up}}",
    "rules.enforce=[im-direct-supply-draft-2025.green]",
]
LANGUAGES = ("en", "zh")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Days across the turn of a month, so that there are two statements."""
    out = tmp_path_factory.mktemp("accounts") / "run"
    gridsim.run(STARTER, hours=(640, 860), overrides=OVERRIDES, out=out, report=False)
    return out


@pytest.fixture(scope="module")
def run(folder: Path) -> RunFolder:
    return read_folder(folder)


def view_of(run: RunFolder, language: str, **changes: Any) -> RunView:
    record = copy.deepcopy(run.record)
    record["accounts"].update(changes)
    return RunView(dataclasses.replace(run, record=record), Words(language))


def text_of(sections: list[Section]) -> str:
    found: list[str] = []
    for section in sections:
        found += [section.title, *section.items]
        for part in section.parts:
            if isinstance(part, str):
                found.append(part)
            elif isinstance(part, Table):
                heads = [f"{column.title} {column.unit}" for column in part.columns]
                cells = [f"{cell} {getattr(cell, 'note', '')}" for row in [*part.rows, part.total] for cell in row]
                found += [part.title, part.caption, part.folded, *heads, *cells]
            else:
                found += [part.title, part.caption]
    return "\n".join(found)


def section(view: RunView, name: str) -> Section:
    return next(section for section in accounts_sections(view) if section.name == name)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_states_the_record(run: RunFolder, language: str):
    view = view_of(run, language)
    accounts, words = view.record["accounts"], view.words
    sections = accounts_sections(view)
    assert [part.name for part in sections] == ["rules", "trace", "bill", "money", "carbon", "indicators"]
    text = text_of(sections)
    for bill in accounts["bills"].values():
        assert fen(Decimal(bill["total_cny"])) in text
        for month in bill["months"].values():
            assert fen(Decimal(month["total_cny"])) in text
            for line in month["lines"]:
                assert fen(Decimal(line["amount_cny"])) in text
    for worth in accounts["money"]["flow"]["worth"].values():
        assert number(worth["npv_cny"] / words.money[0]) in text
        assert f"{100 * worth['irr']:.1f}{SPACE}%" in text
    assert number(accounts["carbon"]["year"]["scope2_location_t"]) in text
    for status, count in Counter(finding["status"] for finding in accounts["rules"]).items():
        assert f"{count}{SPACE}{words(f'rule_status.{status}')}" in text
    for finding in accounts["rules"]:
        assert finding[f"text_{language}"] in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_empty_and_no_key_shows(run: RunFolder, language: str):
    view = view_of(run, language)
    keys = set(Words("en")._texts)
    for part in accounts_sections(view):
        assert part.parts
        for table in (each for each in part.parts if isinstance(each, Table)):
            assert table.rows
            for row in [*table.rows, *([table.total] if table.total else [])]:
                assert len(row) == len(table.columns), table.title
                assert not keys & {str(cell) for cell in row}
    text = text_of(accounts_sections(view))
    assert not re.search(r"\d(e-\d|\.0{3,}\b)|\bnan\b|\bNone\b|100\.0\s%", text)
    if language == "zh":
        titles = [each.title for part in accounts_sections(view) for table in part.parts if isinstance(table, Table) for each in table.columns if not each.data]
        assert all(re.search(r"[一-鿿]", title) for title in titles)


def test_a_broken_rule_is_shown_as_broken(run: RunFolder):
    """Proves: a share that misses its threshold by one unit in the last place is broken in word and colour, and does not read like the threshold."""
    view = view_of(run, "en")
    finding = next(each for each in view.record["accounts"]["rules"] if each["name"] == "cn-650-2025.self_use")
    close = 0.6 - 1.1102230246251565e-16
    finding |= {"status": "fail", "value": close, "threshold": 0.6, "margin": close - 0.6, "failing": 1}
    parts = rule_parts(view, view.record["accounts"])
    table = next(part for part in parts if isinstance(part, Table) and part.title.startswith("Green-power direct supply, single user"))
    row = table.rows[0]
    verdict = row[4]
    assert isinstance(verdict, Cell)
    assert (verdict, verdict.tone) == ("broken", "bad")
    assert row[1] == f"<{SPACE}60{SPACE}%"
    assert row[2].endswith(f"60{SPACE}%")
    assert row[3].startswith("−<0.0001")
    html = page(view)
    assert '<span class="tone bad">broken</span>' in html
    assert '<span class="tone good">kept</span>' in html


def test_a_draft_is_marked_and_a_set_without_verdict_is_folded(run: RunFolder):
    view = view_of(run, "en")
    findings = view.record["accounts"]["rules"]
    tables = [part for part in rule_parts(view, view.record["accounts"]) if isinstance(part, Table)][1:]
    assert len(tables) == len({finding["name"].partition(".")[0] for finding in findings})
    for table in tables:
        marks = {cell.tone for row in table.rows for cell in row if isinstance(cell, Cell)}
        assert bool(table.folded) == (not marks & {"good", "bad"})
    assert any(table.title.endswith("[draft]") for table in tables)


def test_the_price_of_an_enforced_rule(run: RunFolder):
    words = Words("en")
    finding = next(each for each in run.record["accounts"]["rules"] if each["enforced"])
    price = {"fen_per_kwh": 3.21, "cny_per_point": 1234.0, "binding": 2, "periods": 12}
    table = rule_table(words, [finding], {finding["name"]: price})
    cell = table.rows[0][-2]
    assert isinstance(cell, Cell)
    assert cell == f"3.21{SPACE}fen/kWh"
    assert "1,234" in cell.note
    assert "2 of 12" in cell.note
    assert rule_table(words, [finding], {finding["name"]: {**price, "binding": 0}}).rows[0][-2] == words("rules.not_binding")


def test_the_statement_adds_up_to_the_fen(run: RunFolder):
    words, bill = Words("en"), run.record["accounts"]["bills"]["grid"]
    table = statement(words, bill)
    amounts = [Decimal(row[-1].replace(",", "").replace("−", "-")) for row in table.rows]
    assert sum(amounts) == Decimal(bill["total_cny"]) == Decimal(table.total[-1].replace(",", "").replace("−", "-"))
    months = month_table(words, bill)
    assert months is not None
    for row in [*months.rows, months.total]:
        money = [Decimal(cell.replace(",", "").replace("−", "-")) for cell in row[2:-1]]
        assert sum(money[:-1]) == money[-1]
    rest = differences(words, bill)
    assert rest is not None
    assert rest.total[2] == fen(Decimal(bill["total_cny"]))


def test_the_cheapest_basis_is_marked():
    """Proves: two quarters whose cheapest basis differs; the sums stand below."""
    quarters = [
        {"quarter": "2030-Q1", "cost_cny": {"metered": 300.0, "contract": 250.0}, "cheapest": "contract", "contract_mw": [8.0, 9.5, 8.0]},
        {"quarter": "2030-Q2", "cost_cny": {"metered": 100.0, "contract": 180.0}, "cheapest": "metered", "contract_mw": [5.0]},
    ]
    table = bases(Words("zh"), {"bases": quarters})
    assert table is not None
    assert [row[3] for row in table.rows] == ["合同最大需量", "实际最大需量"]
    assert [row[4] for row in table.rows] == ["8.00 … 9.50", "5.00"]
    assert table.total[1:3] == ["400.00", "430.00"]


def test_the_columns_of_the_cash_flow_add_up(run: RunFolder):
    """Proves: no row of the record is left out of a column; the last cumulated value is the sum of the years."""
    record = run.record["accounts"]["money"]
    columns = flow_columns(record)
    for year in range(len(record["flow"]["years"])):
        before = sum(columns[key][year] for key in ("revenue", "investment", "costs", "levies"))
        assert before == pytest.approx(columns["before"][year], rel=1e-9, abs=1e-3)
        assert columns["before"][year] + columns["tax"][year] == pytest.approx(columns["after"][year], rel=1e-9, abs=1e-3)
    assert sum(columns["after"]) == pytest.approx(columns["cumulated"][-1], rel=1e-9, abs=1e-3)
    table = flow_table(Words("en"), record)
    assert len(table.rows) == len(record["flow"]["years"])
    assert table.rows[-1][-1] == number(columns["cumulated"][-1] / 1e6)


def test_the_discounted_curve_ends_at_the_net_present_value(run: RunFolder):
    view = view_of(run, "en")
    record = view.record["accounts"]["money"]
    drawn = cash_flow_bars(view, record)
    assert drawn.data[-1]["y"][-1] == pytest.approx(record["flow"]["worth"]["net_after_tax"]["npv_cny"] / 1e6, rel=1e-5)


def test_the_worth_of_a_project_without_a_rate(run: RunFolder):
    """Proves: no internal rate and no payback are said in words, not left empty."""
    record = copy.deepcopy(run.record["accounts"]["money"])
    record["flow"]["worth"]["net_after_tax"] |= {"irr": None, "irr_finding": "none", "payback_years": None, "discounted_payback_years": None}
    table = worth_table(Words("zh"), record)
    assert [row[2] for row in table.rows[1:]] == ["无", "不回收", "不回收"]


def test_levelised_costs_and_their_bars(run: RunFolder):
    """Proves: the bars of a product add up to its levelised cost, and each band stands with its place."""
    view = view_of(run, "en")
    record = view.record["accounts"]["money"]
    for carrier, drawn in zip(record["levelised"], levelised_bars(view, record), strict=True):
        whole = sum(row["cny_per_unit"] for row in record["levelised"][carrier])
        assert isinstance(drawn, Figure)
        assert sum(sum(trace["x"]) for trace in drawn.data) == pytest.approx(whole, rel=1e-4)
    table = levelised_table(view.words, record)
    assert table is not None
    assert len(table.rows) == len(record["bands"])
    assert Counter(row[3] for row in table.rows) == Counter(band["place"] for band in record["bands"])
    for band in record["bands"]:
        assert costs(record).get(band["product"], band["cost"]) == pytest.approx(band["cost"], rel=1e-9)


def test_avoided_emissions_add_up(run: RunFolder):
    view = view_of(run, "en")
    avoided = view.record["accounts"]["carbon"]["avoided"]
    table = avoided_table(view, view.record["accounts"]["carbon"])
    assert table is not None
    assert table.total[5] == number(avoided["baseline_t"] - avoided["park_t"])


def test_thresholds_bear_verdicts(run: RunFolder):
    account = run.record["accounts"]["carbon"]
    table = threshold_table(Words("en"), account)
    assert table is not None
    verdicts = account["hydrogen"]["verdicts"]
    assert [row[4] for row in table.rows] == ["kept" if verdict["met_by_location"] else "broken" for verdict in verdicts]


def test_the_zero_carbon_factor(run: RunFolder):
    """Proves: 2.4 t/tce against 0.3 is 8 times the threshold, 0.3 itself is kept; while energy is not declared there is no verdict."""
    account = copy.deepcopy(run.record["accounts"]["carbon"])
    figure = {"value": 0.3, "unit": "t/tce", "certainty": "V2", "source": "made up"}
    gap = {"emissions_t": 2400.0, "energy_tce": 1000.0, "threshold": 0.3}
    needed = {"green_electricity_mwh": 500.0, "left_t": 1800.0}
    case = {"accounting": "equivalent", "energy_tce_per_year": 1e6, "threshold": figure, "gap": gap, "value": 2.4, **needed}
    account["zero_carbon"] = {"equivalent": case, "equal": {**case, "value": 0.3}}
    assert times_of(case) == pytest.approx(8.0)
    sentence = zero_carbon_sentence(Words("en"), account)
    assert "8.00 times" in sentence
    assert f"2,100{SPACE}t" in sentence
    assert f"1,800{SPACE}t" in sentence
    rows = zero_carbon_table(Words("en"), account).rows
    assert [row[5] for row in rows] == ["broken", "kept"]
    account["energy"]["complete"] = False
    assert "not known" in zero_carbon_sentence(Words("en"), account)
    assert [row[5] for row in zero_carbon_table(Words("en"), account).rows] == ["not known", "not known"]
    case |= {"threshold": None, "gap": None}
    assert "No zero-carbon threshold" in zero_carbon_sentence(Words("en"), account)
    assert zero_carbon_table(Words("en"), account).rows[0][5] == "not known"


def test_a_park_without_carbon_says_how_to_add_it(run: RunFolder):
    for language in LANGUAGES:
        parts = section(view_of(run, language, carbon=None, indicators=[]), "carbon").parts
        assert len(parts) == 1
        assert "carbon: {factor_set: northeast-2023}" in str(parts[0])
    assert [part.name for part in accounts_sections(view_of(run, "en", carbon=None, indicators=[]))][-1] == "carbon"


def test_indicators_bear_targets_and_verdicts(run: RunFolder):
    plan = run.record["accounts"]["indicators"][0]
    table = indicator_table(Words("en"), plan)
    said = {line["status"].replace(" ", "_"): 0 for line in plan["lines"]}
    for row, line in zip(table.rows, plan["lines"], strict=True):
        assert row[4] == Words("en").named("indicator_status", line["status"].replace(" ", "_"))
        said[line["status"].replace(" ", "_")] += 1
    energy = next(row for row in table.rows if row[0] == "2")
    assert energy[2].startswith("2.36")
    assert f"{said['not_known']}{SPACE}not known" in table.caption


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_former_run_has_a_report(run: RunFolder, language: str):
    view = view_of(run, language)
    del view.record["accounts"]
    assert accounts_sections(view) == []
    assert 'id="bill"' not in page(view)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_workbook(folder: Path, run: RunFolder, language: str):
    write_report(folder, language)
    words, accounts = Words(language), run.record["accounts"]
    book = openpyxl.load_workbook(folder / "tables.xlsx", read_only=True)
    for key in ("rules", "bill", "carbon", "carbon_factors", "carbon_avoided", "indicators"):
        assert words(f"sheet.{key}") in book.sheetnames
    assert {"en": "Project cash flow", "zh": "项目投资现金流量表"}[language] in book.sheetnames
    rows = list(book[words("sheet.bill")].iter_rows(values_only=True))
    assert Decimal(str(round(rows[-1][6], 2))) == Decimal(accounts["bills"]["grid"]["total_cny"])
    lines = [line for month in accounts["bills"]["grid"]["months"].values() for line in month["lines"]]
    assert len(rows) == 2 + len(lines) + len(accounts["bills"]["grid"]["months"])
    rules = list(book[words("sheet.rules")].iter_rows(values_only=True))
    assert {row[1] for row in rules} >= {finding["name"] for finding in accounts["rules"]}


def test_two_connections_have_a_sheet_each(folder: Path, run: RunFolder, tmp_path: Path):
    """Proves: both bills are written, and a name that a sheet may not have is mended."""
    import xlsxwriter

    from gridsim.report.accounts.sheets import accounts_sheets
    from gridsim.report.workbook import Book

    bill = run.record["accounts"]["bills"]["grid"]
    view = view_of(run, "en", bills={"grid": bill, "gate/2": bill})
    with xlsxwriter.Workbook(tmp_path / "two.xlsx") as workbook:
        accounts_sheets(Book(workbook, view))
    names = openpyxl.load_workbook(tmp_path / "two.xlsx", read_only=True).sheetnames
    assert {"bill grid", "bill gate_2"} <= set(names)


def test_amounts():
    assert [share(value) for value in (1.0, 0.35, 0.7608992, 0.0)] == [f"100{SPACE}%", f"35{SPACE}%", f"76.1{SPACE}%", f"0{SPACE}%"]
    assert amount(0.20004, "1", 0.2) == f"20.004{SPACE}%"
    assert amount(0.2 + 1e-9, "1", 0.2) == f">{SPACE}20{SPACE}%"
    assert amount(None, "MW") == "–"
    assert limit(14.51, "kg/kg") == f"14.51{SPACE}kg/kg"
    assert difference(Words("en"), -0.00814, "1") == f"−0.81{SPACE}pp"
    assert difference(Words("zh"), 0.0, "MW") == f"0{SPACE}MW"
    assert fen(Decimal("-0.001")) == "0.00"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_rule_is_priced_in_its_own_words(run: RunFolder, language: str):
    """Proves: the table of prices names a rule by its set and its text, and no name that begins with ``rules.`` is shown."""
    view = view_of(run, language)
    table = quota_table(view)
    assert table is not None
    finding = next(each for each in view.record["accounts"]["rules"] if each["name"] == "im-direct-supply-draft-2025.green")
    row = next(row for row in table.rows if row[1] == finding[f"text_{language}"])
    assert row[0] == f"{finding[f'title_{language}']} · {finding['document']}"


def test_owners_have_their_pairs_and_ratios(run: RunFolder):
    """Proves: with an owner named, each row of the pairs adds up to what the owner's plants supplied."""
    trace = copy.deepcopy(run.record["accounts"]["trace"])
    for row in trace["settlement"]:
        row["plant_owner"] = "A" if row["plant_owner"] == "(not stated)" else row["plant_owner"]
    view = view_of(run, "zh", trace=trace)
    titles = {table.title: table for table in section(view, "trace").parts if isinstance(table, Table)}
    pairs = titles[view.words("trace.owners")]
    assert [row[0] for row in pairs.rows] == ["A", "公共电网"]
    green = sum(source["supplied_mwh"] for source in trace["sources"] if source["kind"] == "renewable")
    assert pairs.rows[0][-1] == number(green)
    assert view.words("trace.ratios") in titles
