"""The page of a study: what it says and draws of small studies whose tables are made up, so that every number is known."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest

from gridsim.errors import DefinitionError
from gridsim.report.figures.figure import Figure, unpacked
from gridsim.report.frame import Section
from gridsim.report.numbers import MINUS, SPACE
from gridsim.report.study_page import kept as kept_module
from gridsim.report.study_page.amounts import amount_of
from gridsim.report.study_page.effects import rank_correlation
from gridsim.report.study_page.front import efficient, fronts
from gridsim.report.study_page.front_steps import step_table
from gridsim.report.study_page.kept import Kept, comparable, few_of, typical_weeks
from gridsim.report.study_page.page import head, page, sections
from gridsim.report.study_page.study_view import StudyView
from gridsim.report.tables import Table
from gridsim.study.report import study_view, write_study_report
from gridsim.study.result import Answer, StudyResult

BATTERY, SOLAR, PRICE = "technologies.battery_1.energy_mwh", "technologies.solar_1.capacity_mw", "technologies.battery_1.capital_cost_cny_per_kwh"
EVIL = "</script><script>alert(1)</script>"
HOURS = 8760


def made(folder: Path, table: pd.DataFrame, paths: tuple[str, ...], **more: Any) -> StudyResult:
    """A result as `run_study` would return it, with its record in the folder."""
    design, free = more.pop("design", "grid"), more.pop("free", {})
    table = table.reset_index(drop=True).assign(hours=float(HOURS))
    for column, value in {"status": "solved", "reason": "", "start": "cold", "seconds": 1.5}.items():
        if column not in table:
            table[column] = value
    table.insert(0, "scenario", [f"s{place}" for place in range(len(table))])
    record = {
        "study": "07-made-up",
        "question": "How much?",
        "design": design,
        "park": {"name": "Small park", "stage": "2030", "sha256": "f00d"},
        "free": free,
        "set": {"finance.discount_rate": 0.07},
        "gridsim": {"version": "9.9.9", "code": "c0de"},
        **more.pop("record", {}),
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "study.json").write_text(json.dumps(record), encoding="utf-8")
    given = {"front": None, "alternatives": None, "base": {}, "answers": (), "notes": (), **more}
    outcome = dict(computed=len(table), reused=0, seconds=12.5, workers=2)
    return StudyResult(question="How much?", design=design, table=table, everything=table, paths=paths, folder=folder, **outcome, **given)


def front_result(folder: Path, **more: Any) -> StudyResult:
    """Five points: s0 … s3 are efficient, s4 costs as much as s3 and is as green as s0. Load 1,000 GWh; the solar farm may have 0 to 60 MW."""
    table = pd.DataFrame(
        {
            "limits.green_share_min": [0.5, 0.6, 0.7, 0.8, 0.45],
            BATTERY: [0.0, 10.0, 40.0, 100.0, 30.0],
            SOLAR: [20.0, 40.0, 60.0, 60.0, 50.0],
            "cost_total_cny": [100e6, 101e6, 104e6, 112e6, 112e6],
            "green_share": [0.5, 0.6, 0.7, 0.8, 0.5],
            "curtailment_rate": [0.01, 0.01, 0.01, 0.01, 0.01],
            "load_mwh": [1e6] * 5,
        }
    )
    free = {BATTERY: {"min": 0.0, "max": 200.0, "unit": None}, SOLAR: {"min": 0.0, "max": 60.0, "unit": None}}
    return made(folder, table, ("limits.green_share_min",), free=free, **more)


def front_table() -> pd.DataFrame:
    """As `gridsim.study.front` makes it: s0 has no limit, s4 is beaten."""
    return pd.DataFrame(
        {
            "scenario": ["s0", "s4", "s1", "s2", "s3"],
            "limit_key": "limits.green_share_min",
            "limit": [float("nan"), 0.45, 0.6, 0.7, 0.8],
            "reached": [0.5, 0.5, 0.6, 0.7, 0.8],
            "cost_cny": [100e6, 112e6, 101e6, 104e6, 112e6],
            "step_cny_per_percentage_point": [float("nan"), float("nan"), 1e5, 3e5, 8e5],
            "step_fen_per_kwh": [float("nan"), float("nan"), 1.0, 3.0, 8.0],
            "shadow_price_cny_per_mwh": [float("nan"), float("nan"), 17.0, 52.0, 131.0],
            "dominated": [False, True, False, False, False],
            "status": "solved",
        }
    )


def alternatives() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "design": ["optimum", f"least {BATTERY}", "far 1"],
            BATTERY: [40.0, 0.0, 55.5],
            SOLAR: [30.0, 45.0, 60.0],
            "cost_total_cny": [100e6, 101e6, 101e6],
            "excess": [0.0, 0.01, 0.01],
            "green_share": [0.7, 0.66, 0.72],
        }
    )


def kept_table(level_mw: float, hours: int = HOURS) -> pd.DataFrame:
    """Wind of one level all year, a load of as much."""
    stamps = np.datetime64("2030-01-01T00:00", "ns") + np.arange(hours) * np.timedelta64(1, "h")
    return pd.DataFrame({"supply:wind": level_mw, "use:load": level_mw, "curtailed": 0.0}, index=pd.DatetimeIndex(stamps))


def with_dispatch(view: StudyView, levels: dict[str, float], hours: int = HOURS) -> StudyView:
    object.__setattr__(view, "kept", {name: Kept(kept_table(level, hours), 60.0) for name, level in levels.items()})
    return view


def section(view: StudyView, name: str) -> Section:
    return next(one for one in sections(view) if one.name == name)


def names(view: StudyView) -> list[str]:
    return [one.name for one in sections(view)]


def tables_of(one: Section) -> list[Table]:
    return [part for part in one.parts if isinstance(part, Table)]


def figures_of(one: Section) -> list[Figure]:
    return [part for part in one.parts if isinstance(part, Figure)]


# ---- cost against a share


def test_no_point_of_the_front_is_beaten_in_both():
    """Proves: of equal costs the better stays, of equal goals the cheaper; with less as the better goal the other end is chosen."""
    cost, goal = np.array([3.0, 1.0, 2.0, 2.0, 1.0]), np.array([0.9, 0.5, 0.7, 0.8, 0.4])
    assert list(efficient(cost, goal, 1)) == [1, 3, 0]
    assert list(efficient(cost, goal, -1)) == [4]
    assert list(efficient(cost, goal[::-1], -1)) == [1, 3, 0] == list(efficient(cost, 1.0 - goal[::-1], 1))


def test_a_swept_front_draws_its_points_and_those_that_are_beaten(tmp_path: Path):
    view = study_view(front_result(tmp_path, front=front_table()))
    (figure,) = figures_of(section(view, "front"))
    beaten, ahead = figure.data
    assert (beaten["x"], beaten["y"], beaten["mode"]) == ([50.0], [112.0], "markers")
    assert (ahead["x"], ahead["y"], ahead["mode"]) == ([50.0, 60.0, 70.0, 80.0], [100.0, 101.0, 104.0, 112.0], "lines+markers")
    assert f"this step: 0.3000{SPACE}million CNY a percentage point" in ahead["text"][2]
    assert f"battery_1: energy capacity: 40.00{SPACE}MWh<br>" in ahead["text"][2]
    assert f"solar_1: capacity: 60.00{SPACE}MW\u00a0▲" in ahead["text"][2]


def test_where_no_limit_is_held_the_scenario_says_so(tmp_path: Path):
    """Proves: the optimum without the limit, where a front begins, has no value of it; nothing else of the page minds."""
    result = front_result(tmp_path, front=front_table())
    result.everything.loc[0, "limits.green_share_min"] = np.nan
    view = study_view(result)
    assert head(view).verdict.startswith(f"Least total cost: 100.0{SPACE}million CNY (without the limit).")
    line = figures_of(section(view, "effect"))[0].data[0]
    assert line["x"] == [45.0, 60.0, 70.0, 80.0, None]
    assert tables_of(section(view, "scenarios"))[0].rows[0][1] == "without the limit"
    assert len(page(view)) > 0


def test_each_step_of_a_front_has_its_price(tmp_path: Path):
    """Proves: from 60 % to 70 % the park pays 3 million for 10 points; 3 分/kWh are 30 CNY/MWh. Sizes at a bound bear a mark."""
    view = study_view(front_result(tmp_path, front=front_table()))
    (front,) = fronts(view)
    table = step_table(view, front)
    assert table.rows[0][:5] == ["without the limit", "50.00", "100.0", "0\u00a0▼", "20.00"]
    assert table.rows[1][0] == f"45{SPACE}% (beaten)"
    assert table.rows[3] == [f"70{SPACE}%", "70.00", "104.0", "40.00", "60.00\u00a0▲", "10.00", "+3.000", "0.3000", "30", "52"]
    assert [column.unit for column in table.columns[1:5]] == ["%", "million CNY", "MWh", "MW"]


def test_without_a_swept_front_the_scenarios_that_nobody_beats_are_joined(tmp_path: Path):
    """Proves: 1,000 GWh of load; from 60 % to 70 % 100 GWh more are green for 3 million: 30 CNY/MWh. Curtailment is the same everywhere: no front."""
    view = study_view(front_result(tmp_path))
    (front,) = fronts(view)
    assert [(point.index, point.beaten) for point in front.points] == [(0, False), (1, False), (2, False), (3, False), (4, True)]
    assert [point.price_cny_per_mwh for point in front.points[1:4]] == pytest.approx([10.0, 30.0, 80.0])
    assert [row[-2:] for row in step_table(view, front).rows[1:]] == [["0.1000", "10"], ["0.3000", "30"], ["0.8000", "80"]]


def test_scenarios_of_other_prices_are_no_choices(tmp_path: Path):
    """Proves: that a battery of 300 CNY/kWh makes all cheaper is no reason to choose it: neither front nor cheapest scenario is told."""
    table = pd.DataFrame({PRICE: [300.0, 600.0, 900.0], "cost_total_cny": [50e6, 55e6, 60e6], "green_share": [0.8, 0.75, 0.7]})
    view = study_view(made(tmp_path, table, (PRICE,)))
    assert "front" not in names(view)
    assert (
        head(view).verdict == f"Total cost lies between 50.00{SPACE}million CNY and 60.00{SPACE}million CNY, depending on assumptions that nobody here decides."
    )


# ---- what moves it


def tornado_result(folder: Path) -> StudyResult:
    base = {PRICE: 600.0, "finance.discount_rate": 0.07}
    rows = [base, {**base, PRICE: 300.0}, {**base, PRICE: 900.0}, {**base, "finance.discount_rate": 0.05}, {**base, "finance.discount_rate": 0.1}]
    table = pd.DataFrame(rows).assign(cost_total_cny=[58e6, 56e6, 59e6, 50e6, np.nan], green_share=[0.8, 0.81, 0.82, 0.8, np.nan])
    table["status"] = ["solved"] * 4 + ["infeasible"]
    table["reason"] = [""] * 4 + [f"short by 1.8 MW {EVIL}"]
    return made(folder, table, tuple(base), design="one_at_a_time", base=base)


def test_the_tornado_shows_what_each_end_costs_the_widest_first(tmp_path: Path):
    view = study_view(tornado_result(tmp_path))
    money, _ = figures_of(section(view, "tornado"))
    low, high = money.data
    assert low["y"] == ["Discount rate", "battery_1: price per kWh"]
    assert (low["x"], high["x"]) == ([-8.0, -2.0], [None, 1.0])
    assert (low["text"], high["text"]) == ([f"5{SPACE}%", f"300{SPACE}CNY/kWh"], ["", f"900{SPACE}CNY/kWh"])
    assert "from the base of 58.00" in money.layout["xaxis"]["title"]["text"]
    assert money.layout["barmode"] == "overlay"
    assert head(view).verdict.startswith(
        f"The base costs 58.00{SPACE}million CNY; what moves it most is Discount rate: 50.00{SPACE}million CNY to 58.00{SPACE}million CNY."
    )


def test_bars_to_the_same_side_stand_beside_each_other(tmp_path: Path):
    """Proves: both ends of the price raise the green share by 1 and 2 points; one bar over the other would hide the shorter one."""
    view = study_view(tornado_result(tmp_path))
    other = figures_of(section(view, "tornado"))[1]
    assert other.choices == ("Green share",)
    (frame,) = other.frames
    assert [bars["x"][0] for bars in frame.data] == [1.0, 2.0]
    assert frame.layout["barmode"] == "group"


def test_a_study_that_does_not_ask_for_the_cost_is_led_by_its_own_figure(tmp_path: Path):
    """Proves: verdict, first figure, table and tile are about the green share, which is what was asked; the cost, which moves too, stands among the others."""
    result = tornado_result(tmp_path)
    view = study_view(dataclasses.replace(result, table=result.table.drop(columns="cost_total_cny")))
    assert view.leading == "green_share" and study_view(result).leading == "cost_total_cny"
    moved = f"80.00{SPACE}%; what moves it most is battery_1: price per kWh: 80.00{SPACE}% to 82.00{SPACE}%."
    told = head(view)
    assert told.verdict.replace("in the base", "").startswith("Green share is 80.00") and moved.partition("; ")[2] in told.verdict
    assert [tile.value for tile in told.tiles if tile.title == "Green share"] == [f"80.00–82.00{SPACE}%"]
    own, other = figures_of(section(view, "tornado"))
    assert (own.title, other.choices) == ("Green share", ("Total cost",))
    (table,) = tables_of(section(view, "tornado"))
    assert [column.title for column in table.columns][4:] == [
        "Green share at the lowest value",
        "Green share at the base",
        "Green share at the highest value",
        "Span",
    ]
    assert table.rows[0][4:] == ["81.00", "80.00", "82.00", "2.000"]


def test_a_failed_scenario_is_told_with_its_reason(tmp_path: Path):
    view = study_view(tornado_result(tmp_path))
    (table,) = tables_of(section(view, "failed"))
    assert table.rows == [[f"Discount rate 10{SPACE}%", "no solution", f"short by 1.8 MW {EVIL}"]]
    assert head(view).tone == "warning"
    assert "Scenarios without a solution: 1." in head(view).verdict
    text = page(view)
    assert EVIL not in text and "short by 1.8 MW &lt;/script&gt;" in text


def grid_result(folder: Path) -> StudyResult:
    """Battery across, solar up; cost is 10 a battery step and 1 a solar step; one cell fails."""
    cells = [(battery, solar) for battery in (10.0, 20.0, 30.0) for solar in (40.0, 60.0)]
    table = pd.DataFrame(cells, columns=[BATTERY, SOLAR])
    table["cost_total_cny"] = [(50 + battery + solar / 20) * 1e6 for battery, solar in cells]
    table["green_share"] = [0.5 + battery / 100 for battery, _ in cells]
    table["status"] = ["solved"] * 5 + ["infeasible"]
    table.loc[5, ["cost_total_cny", "green_share"]] = np.nan
    return made(folder, table, (BATTERY, SOLAR))


def test_a_heat_map_lays_out_two_paths(tmp_path: Path):
    cost, other = figures_of(section(study_view(grid_result(tmp_path)), "effect"))
    (trace,) = cost.data
    assert (trace["x"], trace["y"]) == ([f"{mwh}{SPACE}MWh" for mwh in (10, 20, 30)], [f"{mw}{SPACE}MW" for mw in (40, 60)])
    assert trace["z"] == [[62.0, 72.0, 82.0], [63.0, 73.0, None]]
    assert trace["text"] == [["<b>[62.00]</b>", "72.00", "82.00"], ["63.00", "73.00", "×"]]
    assert other.choices == ("Green share [%]",)
    assert other.frames[0].data[0]["z"] == [[60.0, 70.0, 80.0], [60.0, 70.0, None]]


def test_one_path_is_drawn_as_a_line_in_its_order(tmp_path: Path):
    table = pd.DataFrame({BATTERY: [30.0, 10.0, 20.0], "cost_total_cny": [53e6, 52e6, 51e6]})
    view = study_view(made(tmp_path, table, (BATTERY,)))
    (figure,) = figures_of(section(view, "effect"))
    (trace,) = figure.data
    assert (trace["x"], trace["y"], trace["mode"]) == ([10.0, 20.0, 30.0], [52.0, 51.0, 53.0], "lines+markers")
    assert trace["marker"]["size"] == [8, 12, 8]
    assert head(view).verdict.startswith(f"Least total cost: 51.00{SPACE}million CNY (battery_1: energy capacity 20{SPACE}MWh).")


def test_many_paths_are_points_with_their_rank_correlation(tmp_path: Path):
    """Proves: a cost that rises with one path and falls with the other, in whatever curve, has ranks +1 and −1."""
    share = np.linspace(0, 1, 9)
    table = pd.DataFrame({PRICE: 300 + 600 * share, "finance.discount_rate": 0.1 - 0.05 * share, "cost_total_cny": 50e6 + 9e6 * share**3})
    view = study_view(made(tmp_path, table, (PRICE, "finance.discount_rate"), design="latin_hypercube"))
    (figure,) = figures_of(section(view, "effect"))
    assert [note["text"] for note in figure.layout["annotations"]] == ["rank correlation +1.00", f"rank correlation {MINUS}1.00"]
    assert figure.data[1]["x"][0] == 10.0 and figure.data[1]["y"][-1] == 59.0


def test_ranks_of_ties_are_shared():
    """Proves by hand: ranks 1.5, 1.5, 3 … against 1, 2, 3 …; and few values tell nothing."""
    first, second = np.array([1.0, 1.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]), np.arange(8.0)
    ranks = np.array([1.5, 1.5, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0])
    assert rank_correlation(first, second) == pytest.approx(np.corrcoef(ranks, np.arange(1.0, 9.0))[0, 1], abs=1e-11)
    assert rank_correlation(first[:5], second[:5]) is None


# ---- capacities


def test_capacities_at_their_bounds_are_marked(tmp_path: Path):
    view = study_view(front_result(tmp_path, front=front_table()))
    (figure,) = figures_of(section(view, "sizes"))
    battery, solar = figure.data
    between, least, most = (colour for colour, _ in figure.legend)
    assert battery["y"] == [0.0, 10.0, 40.0, 100.0, 30.0]
    assert battery["marker"]["color"] == [least, between, between, between, between]
    assert solar["marker"]["color"] == [between, between, most, most, between]
    assert [shape["y0"] for shape in figure.layout["shapes"]] == [200.0, 60.0]
    (table,) = tables_of(section(view, "scenarios"))
    assert [row[2:4] for row in table.rows] == [
        ["0\u00a0▼", "20.00"],
        ["10.00", "40.00"],
        ["40.00", "60.00\u00a0▲"],
        ["100.0", "60.00\u00a0▲"],
        ["30.00", "50.00"],
    ]


def test_many_scenarios_are_sorted_by_size_with_their_dispatch(tmp_path: Path):
    """Proves: of 41 scenarios the bars fall from 40 to 0 MWh, and each still leads to its own dispatch."""
    table = pd.DataFrame({PRICE: np.arange(41.0), BATTERY: (np.arange(41) * 7.0) % 41, "cost_total_cny": 50e6 + np.arange(41.0)})
    view = with_dispatch(study_view(made(tmp_path, table, (PRICE,), free={BATTERY: {"min": 0.0, "max": 41.0, "unit": None}})), {"s0": 1.0, "s6": 2.0}, 200)
    (bars,) = figures_of(section(view, "sizes"))[0].data
    assert bars["y"] == [float(size) for size in range(40, -1, -1)]
    assert {bars["y"][place]: chosen for place, chosen in enumerate(bars["customdata"]) if chosen >= 0} == {0.0: 0, 1.0: 1}


def test_alternatives_stand_beside_the_optimum(tmp_path: Path):
    frame = alternatives().assign(excess_at_most=[0.001, 0.011, 0.011], way=1.0, proven_end=[np.nan, 0.0, np.nan], distance=0.4)
    view = study_view(front_result(tmp_path, alternatives=frame), "zh")
    one = section(view, "alternatives")
    (table,) = tables_of(one)
    assert table.rows[1] == ["battery_1的储能容量最小", "10,100", f"+1.0{SPACE}%", f"+1.1{SPACE}%", "0\u00a0▼", "45.00", f"≥{SPACE}0{SPACE}MWh", "66.00"]
    assert [row[0] for row in table.rows] == ["最优方案", "battery_1的储能容量最小", "差异较大方案 1"]
    assert table.rows[2][4:6] == ["55.50", "60.00\u00a0▲"] and table.rows[0][2] == f"0{SPACE}%"
    (figure,) = figures_of(one)
    assert [bars["x"] for bars in figure.data] == [[40.0, 0.0, 55.5], [30.0, 45.0, 60.0]]
    assert f"成本增幅不超过 1.0{SPACE}% 的其他方案：2 个。" in head(view).verdict


# ---- judged


def test_where_a_capacity_enters(tmp_path: Path):
    """Proves: 40 MWh at 500 and none at 600; a straight line falls to 0.1 % of 200 MWh at 500 + 100 · 39.8/40 = 599.5."""
    table = pd.DataFrame({PRICE: [400.0, 500.0, 600.0, 700.0], BATTERY: [90.0, 40.0, 0.0, 0.0], "cost_total_cny": [50e6, 51e6, 52e6, 52e6]})
    view = study_view(made(tmp_path, table, (PRICE,), free={BATTERY: {"min": 0.0, "max": 200.0, "unit": None}}))
    (rows,) = [one.rows for one in tables_of(section(view, "break_even"))]
    cells = ["battery_1: energy capacity", "leaves above", "battery_1: price per kWh", f"599.5{SPACE}CNY/kWh"]
    assert rows == [[*cells, f"500{SPACE}CNY/kWh and 600{SPACE}CNY/kWh"]]


def test_a_choice_is_judged_over_weather_years(tmp_path: Path):
    """Proves: three years each; the worst fifth is 0.6 of a year, so the worst one. High costs and low shares are bad; failed years are counted."""
    years = [f"../../profiles/year_{year}" for year in (1, 2, 3)]
    table = pd.DataFrame([(size, year) for size in (20.0, 40.0) for year in years], columns=[BATTERY, "profile_set"])
    table["cost_total_cny"] = np.array([50, 54, 52, 51, 52, np.nan]) * 1e6
    table["green_share"] = [0.8, 0.7, 0.75, 0.82, 0.81, np.nan]
    table["status"] = ["solved"] * 5 + ["infeasible"]
    cost, green = tables_of(section(study_view(made(tmp_path, table, (BATTERY, "profile_set"))), "robustness"))
    assert cost.rows == [[f"20{SPACE}MWh", "52.00", "54.00", "54.00", "50.00", "3", "0"], [f"40{SPACE}MWh", "51.50", "52.00", "52.00", "51.00", "3", "1"]]
    assert green.rows[0] == [f"20{SPACE}MWh", "75.00", "70.00", "70.00", "80.00", "3", "0"]


# ---- dispatch


def test_the_list_shows_the_dispatch_of_its_scenario(tmp_path: Path):
    """Proves: each scenario keeps a wind of its own level; the cheapest stands first, and a point of any figure leads to its own place in the list."""
    view = with_dispatch(study_view(front_result(tmp_path, front=front_table())), {"s3": 40.0, "s0": 10.0, "s2": 30.0})
    (figure,) = figures_of(section(view, "dispatch"))
    assert [choice.partition(" – ")[0] for choice in figure.choices] == [f"Green share, at least {share}{SPACE}%" for share in (50, 70, 80)]
    assert figure.choices[0].endswith(f"100.0{SPACE}million CNY (lowest cost)")
    levels = [{float(unpacked(trace["y"])[0]) for trace in frame.data if trace["type"] == "scatter"} for frame in figure.frames]
    assert levels == [{10.0, -10.0}, {30.0, -30.0}, {40.0, -40.0}]
    january = [trace["y"][0] for trace in figure.frames[1].data if trace["type"] == "bar"]
    assert january == [pytest.approx(30 * 744 / 1000)] * 2
    front = figures_of(section(view, "front"))[0]
    assert front.layout["meta"] == {"chooses": figure.name}
    assert [trace["customdata"] for trace in front.data] == [[-1], [0, -1, 1, 2]]
    assert figures_of(section(view, "sizes"))[0].data[0]["customdata"] == [0, -1, 1, 2, -1]
    assert "Dispatch of 3 of 5 solved scenarios can be shown here." in section(view, "dispatch").parts


def test_the_dispatch_of_a_study_of_operation_is_said_to_know_the_future(tmp_path: Path):
    """Proves: the list of scenarios bears the figure that was asked for in place of the cost, which is the same for all, and it is said what is shown."""
    scale, regret = "vpp.forecast.wind.scale", "operation.regret_cny"
    table = pd.DataFrame({scale: [0.0, 1.0], "cost_total_cny": [5e7, 5e7], regret: [1e6, 3e6]})
    result = made(tmp_path, table, (scale,), record={"vpp": ["operation"]})
    view = with_dispatch(study_view(dataclasses.replace(result, table=result.table.drop(columns="cost_total_cny"))), {"s0": 1.0, "s1": 2.0})
    said, figure = section(view, "dispatch").parts
    assert said.startswith("The dispatch of each scenario is the optimum that knows every hour.")
    assert figure.choices[1] == f"wind: factor on the error of the forecast 1 – Cost of not knowing the future: 3.000{SPACE}million CNY"
    assert head(view).verdict.startswith(f"Cost of not knowing the future lies between 1.000{SPACE}million CNY and 3.000{SPACE}million CNY.")


def test_without_kept_dispatches_nothing_can_be_chosen(tmp_path: Path):
    view = study_view(front_result(tmp_path))
    assert section(view, "dispatch").parts == ["No dispatch was kept of these scenarios."]
    assert "meta" not in figures_of(section(view, "front"))[0].layout


def test_a_typical_week_comes_nearest_to_the_mean_of_its_season():
    """Proves: spring has 1 MW but for the 7 days from 10 April at 5 MW and from 20 April at 1.3 MW; its mean is (78 + 7·5 + 7·1.3)/92 = 1.327 MW."""
    table = kept_table(1.0)
    for first, level in (("2030-04-10", 5.0), ("2030-04-20", 1.3)):
        table.loc[first : str(np.datetime64(first) + 6), "supply:wind"] = level
    weeks = typical_weeks(Kept(table, 60.0))
    assert [week.season for week in weeks] == ["winter", "spring", "summer", "autumn"]
    assert str(table.index[weeks[1].first]) == "2030-04-20 00:00:00" and weeks[1].last - weeks[1].first == 168
    assert [(week.season, week.first, week.last) for week in typical_weeks(Kept(kept_table(1.0, 100), 60.0))] == [("whole", 0, 100)]


def test_only_dispatches_of_the_same_steps_stand_side_by_side():
    long, short = Kept(kept_table(1.0), 60.0), Kept(kept_table(1.0, 168), 60.0)
    assert comparable([long, short, long]) == [0, 2]


def test_of_many_dispatches_some_are_shown(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(kept_module, "MOST", 4)
    assert few_of(list(range(10)), 7) == [7, 0, 4, 9]
    assert few_of([1, 2, 3], 2) == [2, 1, 3]


def test_a_page_of_thirty_dispatches_can_be_sent(tmp_path: Path):
    """Proves: thirty scenarios of fourteen layers that differ in every hour stay below 8 MB."""
    random = np.random.default_rng(0)
    table = pd.DataFrame({BATTERY: np.arange(30.0), "cost_total_cny": 50e6 + 1e6 * np.arange(30), "green_share": np.linspace(0.5, 0.9, 30)})
    view = study_view(made(tmp_path, table, (BATTERY,)))
    stamps = kept_table(1.0).index
    columns = [*(f"supply:kind_{place}" for place in range(6)), *(f"use:kind_{place}" for place in range(7)), "curtailed"]
    kept = {f"s{place}": Kept(pd.DataFrame(random.random((HOURS, len(columns))) * 1e3, index=stamps, columns=columns), 60.0) for place in range(30)}
    object.__setattr__(view, "kept", kept)
    assert len(page(view).encode()) < 8e6


# ---- the whole


def test_the_head_tells_answers_in_the_language_of_the_page(tmp_path: Path):
    answers = (
        Answer("cost_total_cny", "lowest cost_total_cny", 100e6, 1e-4, 100e6),
        Answer("green_share", "limits.green_share_min = 0.8", 0.9, 1e-4, 0.8),
        Answer("curtailment_rate", "every scenario", 0.01, 1e-4, None),
    )
    view = study_view(front_result(tmp_path, front=front_table(), answers=answers), "zh")
    top = head(view)
    assert top.table.rows == [
        ["总成本", "总成本最低", f"10,000{SPACE}万元", f"10,000{SPACE}万元", "是"],
        ["绿电占比", f"绿电占比下限 80{SPACE}%", f"90.00{SPACE}%", f"80.00{SPACE}%", "否"],
        ["弃电率", "全部情景", f"1.000{SPACE}%", "无", "否"],
    ]
    assert top.tone == "warning" and "3 项预期答案中仅 1 项成立。" in top.verdict
    assert top.scope == "Small park · 阶段 2030 · 8,760 h · 前沿扫描 · 5 个情景中 5 个有解"
    assert "9.9.9" in top.footer


def test_where_all_costs_are_equal_no_scenario_is_preferred(tmp_path: Path):
    table = pd.DataFrame({BATTERY: [10.0, 20.0], "cost_total_cny": [50e6, 50e6]})
    assert head(study_view(made(tmp_path, table, (BATTERY,)))).verdict == f"Every scenario costs the same: 50.00{SPACE}million CNY."


def test_the_run_is_told(tmp_path: Path):
    view = study_view(front_result(tmp_path, record={"level": "linear", "gap": 1e-3}))
    facts = dict(tables_of(section(view, "run"))[0].rows)
    assert facts["Scenarios"] == "5, of which solved: 5; taken from a former start: 0"
    assert facts["Time"] == "12.5 s with 2 processes; 7.50 s over all scenarios"
    assert (facts["Level of detail"], facts["gridsim"], facts["Gap asked for"]) == ("linear", "9.9.9 · c0de", f"0.1000{SPACE}%")
    assert facts["Set in every scenario"] == "finance.discount_rate = 0.07"


@pytest.mark.parametrize(("language", "unit"), [("en", "104.0"), ("zh", "10,400")])
def test_page_and_workbook_are_written_whole(tmp_path: Path, language: str, unit: str):
    result = front_result(tmp_path / "results", front=front_table(), alternatives=alternatives())
    written = write_study_report(result, tmp_path / "out", language)
    assert written == tmp_path / "out" / "report.html"
    text = written.read_text(encoding="utf-8")
    assert f'<html lang="{language}">' in text and f"<td>{unit}</td>" in text
    assert sorted(path.name for path in written.parent.iterdir()) == ["report.html", "tables.xlsx"]


def test_the_workbook_holds_numbers_in_plain_units(tmp_path: Path):
    """Proves: money in CNY and shares as shares, whatever the page shows."""
    result = front_result(tmp_path, front=front_table(), alternatives=alternatives())
    write_study_report(result)
    book = openpyxl.load_workbook(tmp_path / "tables.xlsx")
    assert book.sheetnames == ["scenarios", "steps", "alternatives", "break_even", "run"]
    heads, first, *_ = book["scenarios"].iter_rows(values_only=True)
    row = dict(zip(heads, first, strict=True))
    assert (row["scenario"], row["cost_total_cny [CNY]"], row["green_share [1]"], row[f"{BATTERY} [MWh]"]) == ("s0", 100e6, 0.5, 0)
    assert (row[f"{BATTERY} at bound"], row[f"{SOLAR} at bound"]) == ("min", None)
    steps = [dict(zip([cell.value for cell in book["steps"][1]], line, strict=True)) for line in book["steps"].iter_rows(min_row=2, values_only=True)]
    (third,) = [line for line in steps if line["Key of the scenario"] == "s2"]
    assert (third["Reached [1]"], third["Limit [1]"], third["Price of the step [CNY a point]"], third["The same a MWh [CNY/MWh]"]) == (
        0.7,
        0.7,
        3e5,
        pytest.approx(30.0),
    )


def test_a_study_without_any_solution_says_so(tmp_path: Path):
    table = pd.DataFrame({BATTERY: [1.0, 2.0], "cost_total_cny": [np.nan, np.nan], "status": "infeasible", "reason": "no dispatch"})
    view = study_view(made(tmp_path, table, (BATTERY,)))
    assert head(view).verdict.startswith("No scenario has a solution.") and head(view).tone == "alarm"
    assert "2" in dict(tables_of(section(view, "run"))[0].rows)["Scenarios"] and len(page(view)) > 0


def test_technologies_bear_the_labels_of_the_park(tmp_path: Path):
    record = {"technologies": {"battery_1": {"type": "battery", "label": "储能电站"}}}
    view = study_view(front_result(tmp_path, record=record), "zh")
    assert view.title(BATTERY) == "储能电站的储能容量" and view.title(SOLAR) == "solar_1的容量"
    assert view.title("battery_1.cycles") == "储能电站的循环次数"


def test_an_unknown_language_is_refused(tmp_path: Path):
    with pytest.raises(DefinitionError, match="no language 'fr'"):
        write_study_report(front_result(tmp_path), tmp_path / "out", "fr")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("column", "value", "text"),
    [
        ("cost_total_cny", 58.68e6, "58.68 million CNY"),
        ("green_share", 0.8329, "83.29 %"),
        ("import_mwh", 41_730.0, "41.73 GWh"),
        ("hydrogen_kg", 1.2e6, "1,200 t"),
        ("peak_import_mw", 21.25, "21.25 MW"),
        ("battery_1.cycles", 187.3, "187.3"),
        ("electrolyser_1.full_load_hours", 5260.0, "5,260 h"),
        ("electrolyser_1.specific_energy_kwh_per_kg", 52.0, "52.00 kWh/kg"),
    ],
)
def test_figures_have_units_that_suit_them(column: str, value: float, text: str):
    assert amount_of(column, value, (1e6, "million CNY"), field=False).text(value) == text.replace(" ", SPACE).replace("million" + SPACE, "million ")
