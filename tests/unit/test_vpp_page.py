"""The page and the command of a virtual power plant: made-up records, so that every number is known."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import openpyxl
import pyarrow.parquet as pq
import pytest
import typer
from typer.testing import CliRunner

from gridsim import vpp_command
from gridsim.errors import DefinitionError
from gridsim.folder import UNITS_KEY
from gridsim.report.figures.figure import Figure, unpacked
from gridsim.report.frame import Section
from gridsim.report.numbers import MINUS, SPACE
from gridsim.report.tables import Table
from gridsim.report.vpp_page.page import page, sections, tiles, verdict
from gridsim.report.vpp_page.vpp_view import VppView
from gridsim.report.vpp_page.weeks import net_imports, week_figure, weeks
from gridsim.report.vpp_page.write import terminal_lines, view_of, write_vpp_page
from gridsim.vpp.run import PARTS

STARTER = Path(__file__).parents[2] / "networks" / "starter"
EVIL = "</script><script>alert(1)</script>"
STEPS = 504
STARTS = 24
SURVIVAL = {"starts": 12, "hours_mean_at_least": 6.0, "share_at_durations": [0.75, 0.25], "curve": [1.0, 0.75, 0.5, 0.25]}


def envelope_of(up: list[float | None], down: list[float | None]) -> dict[str, Any]:
    def way(power: list[float | None]) -> dict[str, Any]:
        by_hour = [[[10.0 * month + hour + place for place in range(2)] for hour in range(24)] for month in range(2)]
        known = {"firm_mw": power, "mean_mw": [12.0, 9.0], "lowest_mw": [1.0, 0.5], "highest_mw": [20.0, 15.0]}
        return {**known, "firm_by_month_mw": [power, power], "firm_by_month_and_hour_mw": by_hour}

    contract = {"name": "stop", "load": "mill", "contract_mw": 4.0, "mean_mw": 3.5, "always_mw": 2.0, "calls_per_year": None, "hours_per_call": 2.0}
    frame = {"durations_hours": [1.0, 4.0], "recovery_hours": 24.0, "starts": STARTS, "firm_share": 0.95, "proven_share": 0.5, "months": [1, 7]}
    return {**frame, "up": way(up), "down": way(down), "second_level": [contract]}


def island() -> dict[str, Any]:
    groups = {"by_season": {"winter": SURVIVAL, "summer": {**SURVIVAL, "hours_mean_at_least": 9.0}}, "by_month": {"01": {**SURVIVAL, "curve": []}}}
    sizes = [
        {"energy_factor": f, "power_factor": 1.0, "energy_mwh": 30 * f, "power_mw": 15.0, "hours_mean_at_least": 6 * f, "hours_lowest": 0.0} for f in (1.0, 2.0)
    ]
    return {
        "island": "island_1",
        "starts": 24,
        "censored_starts": 3,
        "hours_mean_at_least": 7.5,
        "hours_median": 5.0,
        "hours_lowest": 0.0,
        "hours": [float(step % 30) for step in range(STEPS)],
        "curve": {"duration_hours": [0.0, 1.0, 2.0, 3.0], "share": [1.0, 0.75, 0.5, None]},
        "durations_hours": [1.0, 4.0],
        "share_at_durations": [0.75, 0.25],
        "causes": {"energy: battery_1": 18, "power": 3, "lasted": 3},
        "unserved": {
            "critical": {"demand_mwh": [10.0, 40.0], "unserved_mwh": [1.0, 20.0], "unserved_share": [0.1, 0.5]},
            "rest": {"demand_mwh": [5.0, None], "unserved_mwh": [5.0, None], "unserved_share": [1.0, None]},
        },
        **groups,
        "by_hour_of_day": {f"{hour:02d}": {**SURVIVAL, "hours_mean_at_least": float(hour), "curve": []} for hour in range(24)},
        "storage": {"battery_1": [{**size, "share_at_durations": [0.5, 0.25]} for size in sizes]},
    }


def seconds() -> dict[str, Any]:
    """Hours in turn: a deficit that is kept at 49.35 Hz, one that is lost at 47.5 Hz, a surplus kept at 50.55 Hz, nothing lost."""
    turns = STEPS // 4
    shed = {"conversions": [2.0, 0.0, 0.0, 0.0], "interruptible": [0.0] * 4, "generation": [0.0, 0.0, -3.0, 0.0], "stage_49_hz": [0.0, 1.5, 0.0, 0.0]}
    return {
        "hours": STEPS,
        "lost_hours": turns,
        "largest_deficit_mw": 20.0,
        "lowest_nadir_hz": 47.5,
        "lowest_nadir_hz_of_islands_kept": 49.35,
        "hours_with_load_shedding": turns,
        "hours_with_critical_load_shed": 0,
        "decides_hours": {"forming": 3 * turns, "nothing": turns},
        "deficit_mw": [10.0, 20.0, -5.0, 0.0] * turns,
        "nadir_hz": [49.35, 47.5, 50.0, 50.0] * turns,
        "peak_hz": [50.0, 50.0, 50.55, 50.0] * turns,
        "initial_rocof_hz_per_s": [None, -3.0, 1.0, 0.0] * turns,
        "window_rocof_hz_per_s": [-1.0, -3.0, 1.0, None] * turns,
        "settling_hz": [49.8, 47.5, 50.1, 50.0] * turns,
        "lost": [False, True, False, False] * turns,
        "shed_mw": {name: values * turns for name, values in shed.items()},
    }


def operation() -> dict[str, Any]:
    costs = {"operated_cost_cny": 12e6, "perfect_cost_cny": 10e6, "rule_cost_cny": 15e6, "regret_cny": 2e6, "regret_share": 0.2, "value_of_planning_share": 0.6}
    return {
        "settings": {"level": "linear", "horizon_hours": 48.0, "every_hours": 24.0, "forecast_every_hours": 6.0, "seed": 1, "plan_profile_set": None},
        "figures": {**costs, "import_above_plan_mwh": 100.0, "import_below_plan_mwh": 50.0, "windows": 525.0, "windows_broken": 1.0},
        "broken": [{"first": 30, "at": "2030-01-02 06:00", "what": "balance of bus park", "by": 2.5}],
        "behind": ["limits.export_share_max"],
        "largest_gap": 0.0,
        "seconds": 5.0,
        "forecasts": {"w1": {"kind": "wind", "lead_hours": [1.0, 4.0], "rmse_share_of_mean": [0.1, 0.25], "bias_share_of_mean": [-0.01, None]}},
        "notes": ["a forecast's note"],
    }


def market() -> dict[str, Any]:
    call = {"at": "2030-01-03 10:00", "hours": 2.0, "asked_mwh": 20.0, "delivered_mwh": 18.0, "measured_mwh": 27.0, "paid_mwh": 27.0, "missing_mwh": 0.0}
    figures = {"income_cny": 81000.0, "penalty_cny": 0.0, "delivery_cost_cny": 9000.0, "offered_mw_h": 20.0, "calls": 1.0, "asked_mwh": 20.0}
    figures |= {"delivered_mwh": 18.0, "measured_mwh": 27.0, "unpaid_calls": 0.0, "income_cny_per_mw": 8100.0, "income_at_exact_baseline_cny": 54000.0}
    named = {"id": "dr", "label_zh": "削峰响应", "label_en": "Peak response", "product": "demand_response", "product_zh": "需求响应", "product_en": "Response"}
    sold = {
        **named,
        "status": "draft",
        "direction": "up",
        "baseline": "cn-five-days",
        "called_share": 1.0,
        "by_month_cny": {"2030-01": 80000.0, "2030-02": 1000.0},
    }
    sold |= {"figures": {**figures, "baseline_bias_mw": 4.5, "baseline_rmse_mw": None}, "calls": [{**call, "why_zh": "", "why_en": ""}], "priced_starts": []}
    sold |= {"not_called": [{"why_zh": "超过上限", "why_en": "beyond the limit", "calls": 2}], "notes": [{"zh": "说明", "en": "a note"}]}
    line = ["2030-01", "dr", "Response by energy", 27.0, "MWh", 3000.0, 81000.0, ""]
    return {
        "markets": [sold],
        "not_sold": [{"id": "reg", "why_zh": "需要秒级信号", "why_en": "needs a signal of seconds"}],
        "headings": {language: ["a", "b", "c", "d", "e", "f", "g", "h"] for language in ("zh", "en")},
        "statement": {"zh": [line], "en": [line]},
        "total_cny": 81000.0,
        "by_month_cny": {"2030-01": 80000.0, "2030-02": 1000.0},
        "owners": [{"owner": "battery_1", "income_cny": 61000.0}, {"owner": "operator", "income_cny": 20000.0}, {"owner": "idle", "income_cny": 0.0}],
        "owners_by_market": {"dr": {"battery_1": 61000.0, "operator": 20000.0, "idle": 0.0}},
        "has_owners": True,
        "gap": 0.0,
        "notes": [{"zh": "随机种子固定", "en": "drawn with a fixed seed"}],
    }


EVERYTHING = {"operation": operation(), "envelope": envelope_of([10.0, 0.0], [-0.0, None]), "islanding": [island()], "seconds": seconds(), "markets": market()}


def made(parts: dict[str, Any] | None = None, language: str = "en", **park: Any) -> VppView:
    """A view of all parts or of some."""
    record = copy.deepcopy(EVERYTHING if parts is None else parts)
    frame = {"name": "Small park", "description": "", "stage": None, "start": "2030-01-01 00:00", "steps": STEPS, "step_minutes": 60, "share_of_year": 0.1}
    sums = {"markets.income_cny": 81000.0, "markets.delivery_cost_cny": 9000.0, "markets.income_less_cost_cny": 72000.0}
    document = {"park": {**frame, "labels": {"battery_1": "Battery"}, **park}, "versions": {"gridsim": "9.9.9"}, "figures": sums, "record": record}
    flat = np.ones(STEPS)
    hourly = {f"{name}:{way}_mw": flat * value for name, value in (("a.import", 5.0), ("b.import", 2.0), ("b.export", 3.0)) for way in ("planned", "perfect")}
    done = np.where(np.arange(STEPS) // 168 == 1, 8.0, 5.5)
    hourly |= {"a.import:operated_mw": done, "b.import:operated_mw": 2 * flat, "b.export:operated_mw": 3 * flat, "a.store:operated_level": 99 * flat}
    hourly |= {f"markets:dr_{kind}_mw": 10.0 * flat for kind in ("offered", "asked", "delivered", "measured")}
    return view_of(document, {**hourly, "stop:second_level_mw": np.arange(STEPS) / 100.0}, language)


def figures(view: VppView) -> dict[str, Figure]:
    return {part.name: part for section in sections(view) for part in section.parts if isinstance(part, Figure)}


def tables(section: Section) -> list[Table]:
    return [part for part in section.parts if isinstance(part, Table)]


def section(view: VppView, name: str) -> Section:
    return next(one for one in sections(view) if one.name == name)


# ---- which sections there are


@pytest.mark.parametrize("part", PARTS)
def test_a_section_is_there_only_with_its_part(part: str):
    names = [one.name for one in sections(made({part: EVERYTHING[part]}, share_of_year=1.0))]
    with_reserve = [part, "second_level"] if part == "envelope" else [part]
    assert names == [*with_reserve, "notes"]


def test_sections_stand_in_their_order():
    assert [one.name for one in sections(made())] == ["operation", "envelope", "second_level", "islanding", "seconds", "markets", "notes"]


def test_without_second_level_contracts_there_is_no_such_section():
    bare = {"envelope": {**envelope_of([1.0, 1.0], [1.0, 1.0]), "second_level": []}}
    assert [one.name for one in sections(made(bare))] == ["envelope", "notes"]


# ---- operation


def test_costs_are_those_of_the_record():
    bar = figures(made())["operation-cost"].data[0]
    assert bar["x"] == [10.0, 12.0, 15.0]
    assert bar["y"] == ["Perfect foresight", "As operated", "Rule without foresight"]
    assert [row[2:4] for row in tables(section(made(), "operation"))[0].rows] == [["0", f"0{SPACE}%"], ["2.00", f"20.0{SPACE}%"], ["5.00", f"50.0{SPACE}%"]]


def test_net_imports_are_imports_less_exports_of_all_connections():
    """5 + 2 − 3; the level of a store is no flow of a connection."""
    net = net_imports(made())
    assert set(net) == {"planned", "perfect", "operated"}
    assert net["planned"].tolist() == [4.0] * STEPS
    assert net["operated"][167:169].tolist() == [4.5, 7.0]


def test_the_week_that_deviates_most_comes_first():
    """Week 2 is off by 3 MW, the others by 0.5 MW: 504 MWh against 84 MWh."""
    figure = week_figure(made())
    assert figure.choices[0] == f"2030-01-08 to 2030-01-14: most deviation, 504{SPACE}MWh"
    assert [choice[:10] for choice in figure.choices] == ["2030-01-08", "2030-01-01", "2030-01-15"]
    assert figure.choices[2].endswith(f"84.0{SPACE}MWh")
    traces = figure.frames[0].data
    assert [float(unpacked(trace["y"])[0]) for trace in traces] == pytest.approx([4.0, 4.0, 7.0, 3.0], abs=1e-3)
    assert [len(unpacked(trace["y"])) for trace in traces] == [169] * 4


def test_weeks_cover_the_horizon_from_the_first_midnight():
    assert weeks(made()) == [(0, 168), (168, 336), (336, 504)]
    assert weeks(made(steps=400)) == [(0, 168), (168, 336), (232, 400)]
    assert weeks(made(start="2030-01-01 20:00"))[0] == (4, 172)
    assert weeks(made(steps=50)) == [(0, 50)]


def test_errors_of_forecasts_are_per_cent_of_the_mean_and_none_is_left_out():
    trace = figures(made())["forecast-errors"].data[0]
    assert trace["y"] == [10.0, 25.0]
    assert trace["name"] == "wind (w1)"
    assert tables(section(made(), "operation"))[1].rows[0][2].note == "\N{EN DASH}"


def test_what_could_not_be_kept_is_named():
    table = tables(section(made(), "operation"))[-1]
    assert table.rows == [["2030-01-02 06:00", "balance of park", "2.50"]]
    assert "Export share, at most" in section(made(), "operation").parts[0]
    kept = operation() | {"broken": []}
    assert "Every limit could be kept in every window." in section(made({"operation": kept}), "operation").parts
    assert made().words("vpp_tile.broken") in [tile.title for tile in tiles(made())]


# ---- envelope


def test_up_is_drawn_above_zero_and_down_below():
    data = {trace["name"]: trace for trace in figures(made())["envelope-durations"].data}
    assert data["up, firm"]["y"] == [10.0, 0.0]
    assert data["down, mean"]["y"] == [-12.0, -9.0]
    assert data["down, mean"]["customdata"] == [12.0, 9.0]
    assert data["down, firm"]["y"] == [0.0, None]
    assert data["up, mean"]["error_y"]["array"] == [8.0, 6.0]
    assert data["down, mean"]["error_y"]["arrayminus"] == [8.0, 6.0]


def test_the_region_goes_through_power_times_duration():
    """Mean up: 12 MW for 1 h and 9 MW for 4 h; the longest duration closes it, since nothing is known beyond."""
    data = {trace["name"]: trace for trace in figures(made())["envelope-region"].data}
    assert data["up, mean"]["x"] == [0.0, 0.0, 12.0, 36.0, 0.0]
    assert data["up, mean"]["y"] == [0.0, 12.0, 12.0, 9.0, 0.0]
    assert data["down, mean"]["y"] == [0.0, -12.0, -12.0, -9.0, 0.0]
    assert data["down, firm"]["x"] == [0.0, 0.0, 0.0, 0.0]


def test_one_month_and_hour_carpet_a_direction_and_duration():
    figure = figures(made())["envelope-months-hours"]
    assert figure.choices == ("up, 1 h", "up, 4 h", "down, 1 h", "down, 4 h")
    assert [trace["visible"] for trace in figure.data] == [True, False, False, False]
    assert figure.data[1]["z"][1][23] == 34.0
    assert figure.data[0]["y"] == ["01", "07"]


def test_a_contract_without_a_number_of_calls_says_so():
    (table,) = tables(section(made(), "second_level"))
    assert table.rows == [["stop", "mill", "4.00", "3.50", "2.00", "not stated", "2"]]
    assert unpacked(figures(made())["second-level"].data[0]["y"])[[0, -1]] == pytest.approx([5.03, 0.0], abs=1e-3)


# ---- islanding


def test_survival_is_drawn_by_season_and_for_all_starts():
    data = {trace["name"]: trace for trace in figures(made())["survival"].data}
    assert set(data) == {"winter", "summer", "all starts"}
    assert data["all starts"]["y"] == [100.0, 75.0, 50.0, None]
    assert data["winter"]["y"] == [100.0, 75.0, 50.0, 25.0]


def test_causes_are_shares_of_the_starts_and_name_the_store():
    bar = figures(made())["survival-causes"].data[0]
    assert bar["x"] == [75.0, 12.5, 12.5]
    assert bar["y"][0] == "store is empty (Battery)"


def test_unserved_energy_by_tier():
    data = {trace["name"]: trace for trace in figures(made())["unserved"].data}
    assert data["critical"]["y"] == [10.0, 50.0]
    assert data["rest"]["y"] == [100.0, None]
    assert data["critical"]["customdata"][1] == "20.0 / 40.0 MWh"


def test_what_storage_buys():
    trace = figures(made())["storage"].data[0]
    assert (trace["x"], trace["y"]) == ([1.0, 2.0], [6.0, 12.0])
    assert figures(made())["survival-day"].data[0]["y"] == list(range(24))


def test_two_islands_have_figures_of_their_own():
    both = {"islanding": [island(), {**island(), "island": "island_2"}]}
    found = [part.name for one in sections(made(both)) for part in one.parts if isinstance(part, Figure)]
    assert len(found) == len(set(found)) == 12
    assert "island_2" in verdict(made(both))


# ---- frequency


def test_the_distribution_counts_every_hour_once():
    """49.35 Hz, 47.5 Hz lost, 50.55 Hz, 50 Hz: each a quarter."""
    kept, lost = figures(made())["frequency-distribution"].data
    at = dict(zip(kept["x"], kept["y"], strict=True))
    assert (at[49.35], at[50.55], at[50.05]) == (126, 126, 126)
    assert sum(kept["y"]) == 378
    assert dict(zip(lost["x"], lost["y"], strict=True))[47.55] == sum(lost["y"]) == 126


def test_worst_hours_are_lost_ones_and_kept_ones():
    table = tables(section(made(), "seconds"))[-1]
    assert [row[1] for row in table.rows] == ["lost"] * 6 + ["kept"] * 6
    assert table.rows[0][:6] == ["2030-01-01 01:00", "lost", "20.0", "47.50", "50.00", f"{MINUS}3.00"]
    assert table.rows[0][-1] == "1.50"
    assert table.rows[6][3] == "49.35"


def test_what_is_shed_is_an_amount_whatever_its_sign():
    table = tables(section(made(), "seconds"))[1]
    assert [row[0] for row in table.rows] == ["Electrolysers and other conversions", "Wind and sun cut", "under-frequency stage at 49 Hz"]
    assert table.rows[1][1:] == ["126", f"25.0{SPACE}%", "3.00", "3.00"]


# ---- markets


def test_markets_show_income_calls_and_what_the_baseline_gains():
    found = tables(section(made(), "markets"))
    assert found[0].rows[0][:4] == ["Peak response", "81,000", "0", "9,000"]
    assert "Peak response: calls beyond the limit (2)." in found[0].caption
    calls, baselines, owners, statement = found[1:]
    assert calls.rows[0][:5] == ["2030-01-03 10:00", "2", "20.0", "18.0", "27.0"]
    assert baselines.rows == [["Peak response", "cn-five-days", "4.50", "\N{EN DASH}", "54,000", "27,000"]]
    assert [row[0] for row in owners.rows] == ["Battery", "operator of the park"]
    assert owners.total == ["Total", "81,000", "81,000"]
    assert statement.total[-2] == "81,000.00"
    assert "Not sold to reg: needs a signal of seconds." in section(made(), "markets").parts[0]


def test_the_largest_call_is_drawn_around_its_middle():
    figure = figures(made())["market-call"]
    data = figure.frames[0].data
    assert [trace["name"] for trace in data] == ["Offered", "Asked", "Delivered", "Measured"]
    assert len(unpacked(data[0]["y"])) == 73
    assert figure.frames[0].layout["xaxis"]["range"][0] == np.datetime64("2030-01-01T23:00", "ms").astype(int)


def test_income_is_drawn_by_month():
    assert figures(made())["market-months"].data[0]["y"] == [0.08, 0.001]


# ---- page, words, workbook


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_is_whole_in_both_languages(language: str, tmp_path: Path):
    view = made(language=language, name=EVIL)
    html = write_vpp_page(view, tmp_path).read_text(encoding="utf-8")
    assert html.count('<section id="') == 7
    assert EVIL not in html
    assert html == page(view)
    book = openpyxl.load_workbook(tmp_path / "tables.xlsx")
    assert len(book.sheetnames) == 17
    assert sorted(file.name for file in tmp_path.iterdir()) == ["report.html", "tables.xlsx"]


def test_chinese_figures_are_chinese():
    for figure in figures(made(language="zh")).values():
        frames = [frame.data for frame in figure.frames] or [figure.data]
        assert any("一" <= character <= "鿿" for character in figure.title)
        for trace in (trace for data in frames for trace in data if trace.get("name") not in (None, "stop", "Battery", "Battery (battery_1)")):
            assert any("一" <= character <= "鿿" for character in trace["name"]), figure.name


def test_sheets_hold_plain_numbers(tmp_path: Path):
    write_vpp_page(made(), tmp_path)
    book = openpyxl.load_workbook(tmp_path / "tables.xlsx")
    rows = list(book["envelope"].values)
    assert rows[0][:2] == ("Duration [h]", "up, firm [MW]")
    assert rows[2][1] == 0
    assert rows[2][5] is None
    assert [row[:3] for row in list(book["survival_causes"].values)[1:3]] == [("store is empty (Battery)", 18), ("stores lack power", 3)][:2]
    assert book["frequency"].max_row == STEPS + 1
    assert list(book["survival"].values)[-1][:3] == ("all starts", 24, 7.5)


def test_a_label_that_two_have_is_told_apart():
    view = made(labels={"battery_1": "Battery", "battery_2": "Battery"})
    assert figures(view)["survival-causes"].data[0]["y"][0] == "store is empty (Battery (battery_1))"


def test_the_terminal_tells_the_key_figures():
    text = "\n".join(terminal_lines(made()))
    assert f"Cost of not knowing the future: 2.00{SPACE}million CNY (20.0{SPACE}% over perfect foresight)" in text
    assert f"Firm power up, 1 h: 10.0{SPACE}MW" in text
    assert "a forecast's note" in text


# ---- the command


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch):
    app = typer.Typer()
    app.command()(vpp_command.vpp)
    app.command("other")(lambda: None)
    return lambda *arguments: CliRunner().invoke(app, ["vpp", *map(str, arguments)])


def test_the_commands_parts_are_the_engines():
    assert tuple(part.value for part in vpp_command.Part) == PARTS


def test_the_command_writes_four_files_with_units(run: Any, tmp_path: Path):
    out = tmp_path / "found"
    done = run(STARTER, "--hours", 48, "--part", "islanding", "--part", "seconds", "--out", out, "--lang", "zh", "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["ok"]
    assert sorted(file.name for file in out.iterdir()) == sorted(vpp_command.FILES)
    document = json.loads((out / "vpp.json").read_text(encoding="utf-8"))
    assert document["figures"] == {key: value for key, value in told.items() if key != "ok"}
    assert set(document["record"]) == {"islanding", "seconds"}
    assert {"read", "dispatch", "islanding", "seconds"} <= set(document["seconds"])
    assert document["park"]["steps"] == 48
    table = pq.read_table(out / "vpp_hourly.parquet")
    assert json.loads(table.schema.metadata[UNITS_KEY])["seconds:nadir_hz"] == "Hz"
    assert table.num_rows == 48
    assert table.column("seconds:nadir_hz").to_pylist() == document["record"]["seconds"]["nadir_hz"]
    assert '<section id="islanding">' in (out / "report.html").read_text(encoding="utf-8")


def test_what_fails_or_is_interrupted_leaves_the_former_files(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "vpp.json").write_text("former", encoding="utf-8")

    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("gridsim.report.vpp_page.write.write_vpp_page", interrupted)
    done = run(STARTER, "--hours", 24, "--part", "seconds", "--out", tmp_path)
    assert done.exit_code == 130
    assert [file.name for file in tmp_path.iterdir()] == ["vpp.json"]
    assert (tmp_path / "vpp.json").read_text(encoding="utf-8") == "former"


def test_an_interruption_keeps_the_parts_that_are_done(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def interrupted(found: Any, *_: Any) -> None:
        found.figures["seconds.lost_hours"] = 1.0
        raise KeyboardInterrupt

    monkeypatch.setattr("gridsim.vpp.run._seconds", interrupted)
    done = run(STARTER, "--hours", 24, "--part", "islanding", "--part", "seconds", "--out", tmp_path / "out")
    assert done.exit_code == 130 and "not found: seconds" in done.output
    document = json.loads((tmp_path / "out" / "vpp.json").read_text(encoding="utf-8"))
    assert document["unfinished"] == ["seconds"] and set(document["record"]) == {"islanding"}
    assert {name.partition(".")[0] for name in document["figures"]} == {"islanding"}
    assert "Interrupted before these were found" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert run(STARTER, "--hours", 24, "--part", "seconds").exit_code == 130


def test_users_mistakes_are_told_before_anything_long(run: Any, tmp_path: Path):
    file = tmp_path / "file"
    file.touch()
    done = run(STARTER, "--out", file)
    assert done.exit_code == 2
    assert "exists and is not the folder of a virtual power plant" in done.output
    with pytest.raises(DefinitionError, match=r"vpp\.markets"):
        vpp_command._check_parts(SimpleNamespace(name="Small park", vpp=None), [vpp_command.Part.markets])
