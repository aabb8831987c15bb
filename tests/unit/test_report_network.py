"""The network part of a report: what it says and draws of a small network whose figures are known by head."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
import xlsxwriter

from gridsim.errors import DefinitionError
from gridsim.folder import RunFolder, read_folder, write_hourly, write_json
from gridsim.report.figures.figure import unpacked
from gridsim.report.frame import Section
from gridsim.report.tables import Table
from gridsim.report.view import RunView
from gridsim.report.wires import wires_sections, wires_verdict
from gridsim.report.wires.curves import loading_curves, month_hours, voltage_curves
from gridsim.report.wires.key_figures import figures_table, flowing_mwh
from gridsim.report.wires.labels import Label, placed
from gridsim.report.wires.loop import outcome, price_bars, price_sentence, price_table, round_table, unmet_table
from gridsim.report.wires.places import layered, places_of
from gridsim.report.wires.sheets import wires_sheets
from gridsim.report.wires.single_line import CLASSES, DEAD, bundles, colour_of_use, single_line
from gridsim.report.wires.tables import element_tables, elements_beyond, nearest_table, tap_table
from gridsim.report.wires.wires_view import WiresView, use_of_band, wires_of
from gridsim.report.wires.worst_hours import worst_hours
from gridsim.report.words import Words
from gridsim.report.workbook import Book

STEPS = 72
EVIL = "</script><script>alert(1)</script><b>x"

LOOP: dict[str, Any] = {
    "rounds": [
        {
            "round": 0,
            "violating_hours": 3.0,
            "violations": 4,
            "energy_at_risk_mwh": 21.0,
            "limits_added": 4,
            "objective_cny": 5e6,
            "seconds": 2.0,
        },
        {
            "round": 1,
            "violating_hours": 0.0,
            "violations": 0,
            "energy_at_risk_mwh": 0.0,
            "limits_added": 0,
            "objective_cny": 5.2e6,
            "seconds": 1.5,
        },
    ],
    "price": {
        "cost_cny": 200_000.0,
        "curtailed_mwh": 140.0,
        "green_share": -0.012,
        "by_element": [
            {"kind": "voltage_low", "element": "far", "hours": 1.0, "value_cny_per_percent": 400.0, "share": 0.2},
            {"kind": "line", "element": "tie_1", "hours": 2.0, "value_cny_per_percent": 1600.0, "share": 0.8},
        ],
    },
    "unmet": [{"kind": "line", "element": "tie_2", "hours": 1.0, "worst_mw": 2.5}],
    "confirmed": {"hours": 72.0, "violating_hours": 0.0, "max_difference_pu": 3e-11},
}


def network(**changes: Any) -> dict[str, Any]:
    """Grid – two parallel ties – hub – transformer – far, and an open line back from far to the grid."""

    def bus(name: str, kv: float, x: float, y: float, site: str) -> dict[str, Any]:
        return {"name": name, "label": "", "site": site, "voltage_kv": kv, "x_km": x, "y_km": y, "vm_min_pu": 0.95, "vm_max_pu": 1.05}

    def branch(name: str, kind: str, ends: tuple[str, str], limit: float = 0.8, closed: bool = True) -> dict[str, Any]:
        first, second = ends
        return {
            "name": name,
            "kind": kind,
            "from": first,
            "to": second,
            "type": "OHL",
            "loading_limit": limit,
            "rated_mva": 100.0,
            "closed": closed,
        }

    record = {
        "buses": [bus("source", 220.0, 0.0, 0.0, "n"), bus("hub", 220.0, 10.0, 0.0, "n"), bus("far", 35.0, 12.0, 3.0, "s")],
        "branches": [
            branch("tie_1", "line", ("source", "hub")),
            branch("tie_2", "line", ("hub", "source")),
            branch("t_1", "transformer", ("hub", "far"), 1.0),
            branch("back", "line", ("far", "source"), closed=False),
        ],
        "sources": [{"name": "public", "bus": "source"}],
        "connections": [{"asset": "mill", "bus": "far", "share": 1.0}],
        "statistics": [
            {
                "kind": "line",
                "element": name,
                "hours": 2.0,
                "energy_at_risk_mwh": 8.0,
                "worst": 0.88,
                "limit": 0.8,
                "worst_step": 30,
            }
            for name in ("tie_1", "tie_2")
        ]
        + [
            {
                "kind": "voltage_low",
                "element": "far",
                "hours": 1.0,
                "energy_at_risk_mwh": 5.0,
                "worst": 0.94,
                "limit": 0.95,
                "worst_step": 50,
            }
        ],
        "tap_operations": {"t_1": 6},
        "hunting_steps": 0,
        "sample": {"voltage_pu": 2e-11, "hours": 25},
        "notes": [],
    }
    return {**record, **changes}


def violation(step: int, kind: str, element: str, value: float, limit: float, start: pd.Timestamp, minutes: int = 60) -> dict[str, Any]:
    driver = {"driver_1": "mill", "driver_1_mw": -40.0, "driver_1_per_mw": -0.002, "driver_1_contribution": 0.08}
    return {
        "time": start + pd.Timedelta(minutes=minutes * step),
        "step": step,
        "kind": kind,
        "element": element,
        "value": value,
        "limit": limit,
        "excess": abs(value - limit),
        "unit": "p.u." if kind.startswith("voltage") else "1",
        "energy_at_risk_mwh": 5.0 if kind.startswith("voltage") else 4.0,
        "reason": "did not converge" if kind == "no_solution" else "",
        **driver,
    }


def checked(language: str = "en", steps: int = STEPS, minutes: int = 60, beyond: bool = True, unsolved: int = 0, **changes: Any) -> RunView:
    """Return a run in which both ties pass 80 % in steps 30 and 31, and the far bus falls to 0.94 in step 50."""
    index = pd.date_range("2030-01-01", periods=steps, freq=f"{minutes}min", name="time")
    loading, far = np.full(steps, 0.4), np.full(steps, 0.99)
    rows: list[dict[str, Any]] = []
    if beyond:
        loading[30], loading[31], far[50] = 0.88, 0.84, 0.94
        for step in (30, 31):
            rows += [violation(step, "line", name, loading[step], 0.8, index[0], minutes) for name in ("tie_1", "tie_2")]
        rows.append(violation(50, "voltage_low", "far", 0.94, 0.95, index[0], minutes))
    solved = np.ones(steps, dtype=bool)
    for step in range(steps - unsolved, steps):
        solved[step] = False
        rows.append(violation(step, "no_solution", "", 0.01, 0.0, index[0], minutes))
    feasibility = pd.DataFrame(
        {
            "network:solved": solved,
            "network:losses_mw": 2.0,
            "network:voltage_margin_pu": np.where(solved, np.minimum(far - 0.95, 0.02), np.nan),
            "network:loading_over_limit": np.where(solved, loading / 0.8, np.nan),
            "source:vm_pu": np.where(solved, 1.03, np.nan),
            "hub:vm_pu": np.where(solved, 1.01, np.nan),
            "far:vm_pu": np.where(solved, far, 7.0),
            "tie_1:loading": np.where(solved, loading, np.nan),
            "tie_2:loading": np.where(solved, loading, np.nan),
            "t_1:loading": np.where(solved, 0.6, np.nan),
            "t_1:tap_position": np.where(np.arange(steps) % 2, -1, 2).astype(np.int16),
        },
        index=index,
    )
    hourly = pd.DataFrame({"total:load_mw": 98.0, "total:import_mw": 99.0}, index=index)
    step_hours = minutes / 60.0
    summary = {
        "network_solved_hours": (steps - unsolved) * step_hours,
        "violating_hours": len({row["step"] for row in rows}) * step_hours,
        "network_energy_at_risk_mwh": sum(row["energy_at_risk_mwh"] for row in rows),
        "network_loss_mwh": 2.0 * (steps - unsolved) * step_hours,
        "network_loss_in_dispatch_mwh": 1.0 * (steps - unsolved) * step_hours,
        "network_import_mwh": 100.0 * (steps - unsolved) * step_hours,
        "network_import_beyond_dispatch_mwh": 1.0 * (steps - unsolved) * step_hours,
        "network_peak_import_mw": 100.0,
        "network_highest_loading": float(loading.max()),
        "network_lowest_voltage_pu": float(far.min()),
        "network_highest_voltage_pu": 1.03,
        "max_difference_to_runpp_pu": 2e-11,
    }
    statistics = network()["statistics"] if beyond else []
    record = {
        "park": {"step_minutes": minutes},
        "technologies": {"mill": {"type": "load", "label": "Mill", "owner": "", "note": ""}},
        "buses": {},
        "sites": {"n": "North", "s": "South"},
        "network": network(**{"statistics": statistics, **changes}),
    }
    empty = pd.DataFrame(columns=list(violation(0, "line", "", 1.0, 0.8, index[0])))
    run = RunFolder(Path(), summary, record, hourly, {}, feasibility, {}, pd.DataFrame(rows) if rows else empty)
    return RunView(run, Words(language))


def wires(**given: Any) -> WiresView:
    found = wires_of(checked(**given))
    assert found is not None
    return found


def cells(table: Table, key: str, view: WiresView) -> list[str]:
    return next(row for row in table.rows if row[0] == view.view.words(key))


def test_use_of_the_band_is_one_at_its_ends():
    """A band of 0.97 … 1.07 has its middle at 1.02; one open end leaves only the other to be used, from 1.0."""
    assert use_of_band(0.97, 0.97, 1.07)[0] == pytest.approx(1.0)
    assert use_of_band(1.07, 0.97, 1.07)[1] == pytest.approx(1.0)
    assert use_of_band(1.045, 0.97, 1.07)[1] == pytest.approx(0.5)
    low, high = use_of_band(0.96, 0.95, np.inf)
    assert (float(low), float(high)) == (pytest.approx(0.8), -np.inf)


def test_worst_values_come_from_solved_hours_only():
    """The far bus holds 7.0 in the hour without a solution, which is no voltage."""
    seen = wires(unsolved=1)
    assert (seen.buses["far"].highest_pu, seen.buses["far"].lowest_pu, seen.buses["far"].lowest_step) == (0.99, 0.94, 50)
    assert seen.buses["far"].use == pytest.approx((1.0 - 0.94) / 0.05)
    assert (seen.branches["tie_1"].highest_step, seen.branches["tie_1"].use) == (30, pytest.approx(1.1))


def test_judgement_says_how_many_hours_and_that_some_have_no_solution():
    assert wires_verdict(checked(beyond=False)) == "The wires carry it: in none of the 72.0 h does the network leave a limit."
    said = wires_verdict(checked(unsolved=2))
    assert "5.00 h (6.9\xa0%) leave a limit, elements beyond: 3" in said
    assert "2.00 h have no solution" in said


def test_key_figures_are_held_against_what_they_belong_to():
    """2 MW lost of 98 + 2 MW carried is 2 %; the dispatch had assumed half of it."""
    seen = wires()
    table = figures_table(seen)
    assert flowing_mwh(seen) == pytest.approx(7200.0)
    assert cells(table, "wires_fact.loss", seen)[1:3] == ["144\xa0MWh", "2.0\xa0%"]
    assert cells(table, "wires_fact.assumed", seen)[1:3] == ["72.0\xa0MWh", "50.0\xa0%"]
    assert cells(table, "wires_fact.use", seen)[1:3] == ["88.0\xa0%", "110.0\xa0%"]
    assert cells(table, "wires_fact.lowest", seen)[1:3] == ["0.9400\xa0p.u.", "120.0\xa0%"]
    assert "+72.0\xa0MWh" in cells(table, "wires_fact.import", seen)[3]


def test_highest_voltage_names_the_bus_nearest_to_its_limit():
    """The source is highest at 1.03 and uses 60 % of its way; a hub with a narrow band up to 1.02 at 1.01 uses 67 % of its own."""
    record = network()
    record["buses"][1]["vm_max_pu"], record["buses"][1]["vm_min_pu"] = 1.02, 0.96
    seen = wires(buses=record["buses"])
    row = cells(figures_table(seen), "wires_fact.highest", seen)
    assert row[1:3] == ["1.0300\xa0p.u.", "66.7\xa0%"]
    assert "hub with 1.0100" in row[3]


def test_parallel_circuits_are_one_row_with_the_sum_of_their_energy():
    found = elements_beyond(wires())
    assert [(element.names, element.energy_at_risk_mwh) for element in found] == [(("tie_1", "tie_2"), 16.0), (("far",), 5.0)]
    (table,) = element_tables(wires())
    assert table.rows[0][:3] == ["tie_1, tie_2", "source – hub", "line"]
    assert table.rows[0][4:6] == ["88.0\xa0%", "80.0\xa0%"]
    assert table.rows[1][4:6] == ["0.9400\xa0p.u.", "0.9500\xa0p.u."]
    assert table.rows[0][7] == "2030-01-02\xa006:00"


def test_long_tables_are_folded_and_lose_no_row():
    row = network()["statistics"][2]
    many = [{**row, "element": f"bus_{place}"} for place in range(45)]
    first, rest = element_tables(wires(statistics=many))
    assert (len(first.rows), len(rest.rows), bool(rest.folded)) == (20, 25, True)


def test_a_value_just_beyond_is_told_from_its_limit():
    seen = wires()
    assert seen.amount("line", 0.80003, 0.8) == "80.003\xa0%"
    assert seen.amount("line", 0.88, 0.8) == "88.0\xa0%"


def test_without_violations_the_nearest_elements_are_named():
    """A voltage of 1.03 uses 60 % of the way from 1.00 to 1.05 and a transformer at 60 % of 100 % the same; the ties at 40 % use 50 % of 80 %."""
    seen = wires(beyond=False)
    assert element_tables(seen) == []
    table = nearest_table(seen)
    assert table is not None
    assert [row[0] for row in table.rows] == ["t_1", "source", "tie_1", "tie_2", "hub", "far"]
    assert [row[5] for row in table.rows[:3]] == ["60.0\xa0%", "60.0\xa0%", "50.0\xa0%"]


def test_worst_hours_prefer_different_days():
    """Ties: 10 % beyond twice is 20 % in step 30, 5 % twice in step 31; the voltage is 0.01 / 0.05 = 20 % beyond in step 50 of another day."""
    hours = worst_hours(wires())
    assert [(hour.step, pytest.approx(hour.score)) for hour in hours] == [(30, 0.2), (50, 0.2), (31, 0.1)]
    assert hours[0].elements == ["tie_1, tie_2 88.0\xa0% (limit 80.0\xa0%)"]
    assert hours[0].drivers == ["Mill \N{MINUS SIGN}40.0\xa0MW (\N{MINUS SIGN}0.200\xa0%/MW)"]
    assert hours[1].drivers == ["Mill \N{MINUS SIGN}40.0\xa0MW (\N{MINUS SIGN}2.00\xa010⁻³ p.u./MW)"]


def test_at_most_ten_worst_hours_one_a_day_first():
    """Twelve days, of which the first has two bad hours: ten of different days are kept."""
    seen = checked(steps=24 * 12, beyond=False)
    start = seen.hourly.index[0]
    rows = [violation(24 * day, "line", "tie_1", 0.9 + day / 1000, 0.8, start) for day in range(12)]
    rows.append(violation(24 * 11 + 1, "line", "tie_1", 0.95, 0.8, start))
    run = RunFolder(Path(), seen.summary, seen.record, seen.hourly, {}, seen.run.feasibility, {}, pd.DataFrame(rows))
    found = wires_of(RunView(run, Words("en")))
    assert found is not None
    assert [hour.step // 24 for hour in worst_hours(found)] == [11, 10, 9, 8, 7, 6, 5, 4, 3, 2]
    assert worst_hours(found)[0].step == 24 * 11 + 1


def test_hours_without_solution_come_first_and_say_why():
    hour = worst_hours(wires(unsolved=1))[0]
    assert (hour.step, hour.score, hour.elements) == (71, np.inf, ["no solution of the power flow (did not converge)"])


def test_curves_are_sorted_shares_of_the_limit():
    figure = loading_curves(wires())
    assert figure is not None
    assert [trace["name"] for trace in figure.data] == ["worst branch of each hour", "tie_1 and parallel (2)", "t_1"]
    worst = unpacked(figure.data[0]["y"])
    assert worst[:3] == pytest.approx([110.0, 105.0, 50.0], abs=0.01)
    assert unpacked(figure.data[1]["y"])[:3] == pytest.approx([110.0, 105.0, 50.0], abs=0.01)
    assert unpacked(figure.data[2]["y"]) == pytest.approx(60.0, abs=0.01)
    margin = voltage_curves(wires())
    assert margin is not None
    assert unpacked(margin.data[0]["y"])[-1] == pytest.approx(-0.01, abs=1e-4)


def test_before_and_after_stand_in_one_figure():
    seen = wires()
    seen.table["before:loading_over_limit"] = 1.5
    seen.table["before:voltage_margin_pu"] = -0.03
    for figure, value in ((loading_curves(seen), 150.0), (voltage_curves(seen), -0.03)):
        assert figure is not None
        assert figure.data[0]["line"]["dash"] == "dot"
        assert unpacked(figure.data[0]["y"]) == pytest.approx(value, rel=1e-3)


def test_heat_map_counts_each_hour_once_also_of_quarter_hours():
    """Two ties in one step are one step: 2 quarter hours at 07:30 and one at 12:30 make 0.5 h and 0.25 h."""
    figure = month_hours(wires(steps=96 * 20, minutes=15))
    assert figure is not None
    counts = unpacked(figure.data[0]["z"])
    assert (counts[0, 7], counts[0, 12], counts.sum()) == (pytest.approx(0.5), pytest.approx(0.25), pytest.approx(0.75))
    assert month_hours(wires()) is None


def test_taps_tell_range_and_operations_a_day():
    table = tap_table(wires())
    assert table is not None
    assert table.rows == [["t_1", "hub – far", "6", "2.00", "\N{MINUS SIGN}1 … 2"]]
    assert tap_table(wires(tap_operations={"t_1": 0})) is None


def test_parallel_circuits_are_drawn_as_one_and_open_ones_dotted():
    seen = wires()
    seen.table["back:loading"] = 0.3  # what an open line draws to charge itself
    drawn = {tuple(branch.name for branch in part.branches): part.use for part in bundles(seen)}
    assert set(drawn) == {("tie_1", "tie_2"), ("t_1",), ("back",)}
    assert drawn["tie_1", "tie_2"] == pytest.approx(1.1)
    figure = single_line(seen)
    assert figure is not None
    lines = {trace["line"]["dash"]: trace for trace in figure.data if trace["mode"] == "lines" and trace["line"]["dash"] == "dot"}
    assert lines["dot"]["x"] == [12.0, 0.0, None]
    assert lines["dot"]["line"]["color"] == DEAD
    ties = next(trace for trace in figure.data if trace["mode"] == "lines" and trace["x"] == [0.0, 10.0, None])
    assert ties["line"]["color"] == colour_of_use(1.1)
    hover = " ".join(text for trace in figure.data if trace["mode"] == "markers" for text in trace["text"])
    assert "tie_1, tie_2" in hover
    assert "assets: Mill" in hover
    assert "public grid: public" in hover


def test_colours_change_at_the_limit():
    assert colour_of_use(1.0) != colour_of_use(1.0001)
    assert colour_of_use(0.2) == CLASSES[0][1]
    assert colour_of_use(float("nan")) == DEAD


def test_large_networks_can_be_seen_site_by_site():
    record = network()
    first = record["buses"][2]
    many = [{**first, "name": f"far_{place}", "x_km": 12.0 + place, "y_km": 5.0} for place in range(30)]
    figure = single_line(wires(buses=[*record["buses"], *many]))
    assert figure is not None
    (menu,) = figure.layout["updatemenus"]
    assert [button["label"] for button in menu["buttons"]] == ["Whole network", "North", "South"]
    texts = [place for place, trace in enumerate(figure.data) if trace["mode"] == "markers+text"]
    for place, button in enumerate(menu["buttons"]):
        shown = button["args"][0]["visible"]
        assert len(shown) == len(figure.data)
        assert [shown[text] for text in texts] == [text == texts[place] for text in texts]
    low, high = menu["buttons"][1]["args"][1]["xaxis.range"]
    assert low < 0.0 < 10.0 < high


def test_networks_without_places_are_layered_from_the_source():
    record = network()
    buses = [{**bus, "x_km": None, "y_km": None} for bus in record["buses"]]
    seen = wires(buses=buses, branches=record["branches"][:3])
    places, given = places_of(seen)
    assert not given
    assert {name: place[1] for name, place in places.items()} == {"source": 0.0, "hub": -1.0, "far": -2.0}
    figure = single_line(seen)
    assert figure is not None
    assert "scaleanchor" not in figure.layout["yaxis"]


def test_layered_leaves_do_not_share_a_place():
    """A bus above three leaves stands above the middle one; an island gets a place of its own."""
    record = network()
    leaves = [{**record["buses"][2], "name": f"leaf_{place}"} for place in range(3)]
    island = {**record["buses"][2], "name": "island"}
    branch = record["branches"][2]
    ties = [{**branch, "name": f"t_{leaf['name']}", "from": "hub", "to": leaf["name"]} for leaf in leaves]
    places = layered(wires(buses=[*record["buses"][:2], *leaves, island], branches=[record["branches"][0], *ties]))
    assert [places[f"leaf_{place}"] for place in range(3)] == [(0.0, -2.0), (1.0, -2.0), (2.0, -2.0)]
    assert places["hub"] == (1.0, -1.0)
    assert places["island"] == (3.0, 0.0)


def test_labels_avoid_each_other_and_lines():
    label = Label("a", "abc", 100.0, 100.0)
    line = np.array([[100.0, 100.0, 200.0, 100.0]])
    frame = (0.0, 0.0, 200.0, 200.0)
    assert placed([label], [(100.0, 100.0)], frame) == {"a": "middle right"}
    assert placed([label], [(100.0, 100.0)], frame, line) == {"a": "middle left"}
    crowd = [(100.0 + x, 100.0 + y) for x in range(-30, 31, 6) for y in range(-30, 31, 6)]
    assert placed([label], crowd, frame) == {}


def test_loop_tells_rounds_price_and_what_cannot_be_met():
    seen = wires(loop=LOOP)
    rounds, price, unmet = round_table(seen), price_table(seen), unmet_table(seen)
    assert rounds is not None
    assert rounds.rows[0] == ["0", "3.00", "4", "21.0", "4", "5.00", "2.00"]
    assert price_sentence(seen) == (
        "What the network's limits change: cost +0.200 million CNY, curtailment +140\xa0MWh, green share \N{MINUS SIGN}1.20 percentage points."
    )
    assert price is not None
    assert [row[0] for row in price.rows] == ["tie_1", "far"]
    bars = price_bars(seen)
    assert bars is not None
    assert bars.data[0]["x"] == [1600.0, 400.0]
    assert unmet is not None
    assert unmet.rows[0][0] == "tie_2"
    assert unmet.rows[0][4] == "2.50"
    assert "Confirmed: the power flow of all 72.0 h" in outcome(seen)
    still = wires(loop={"confirmed": {"hours": 72.0, "violating_hours": 2.0, "max_difference_pu": None}})
    assert "2.00 h still leave a limit" in outcome(still)


@pytest.mark.parametrize("missing", [[], ["rounds"], ["price"], ["unmet"], ["confirmed"], ["rounds", "price", "unmet"]])
@pytest.mark.parametrize("empty", [True, False])
def test_every_part_of_the_loop_may_be_missing_or_empty(missing: list[str], empty: bool):
    loop = {key: (type(part)() if empty else part) if key in missing else part for key, part in LOOP.items() if empty or key not in missing}
    names = [section.name for section in wires_sections(checked(loop=loop))]
    assert names == ["wires", "single_line", "wires_hours", "loop"]


def shown(sections: list[Section]) -> str:
    """Return all that sections hold, figures and tables as plain data."""
    return json.dumps(sections, default=lambda thing: vars(thing), ensure_ascii=False, allow_nan=False)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("case", [
    {},
    {"beyond": False},
    {"unsolved": 3},
    {"steps": 6, "beyond": False},
    {"steps": 6, "beyond": False, "unsolved": 6},
    {"steps": 24 * 40, "loop": LOOP},
    {"steps": 96 * 20, "minutes": 15},
    {"statistics": [], "branches": [], "tap_operations": {}},
], ids=str)  # fmt: skip
def test_any_checked_run_has_its_sections(language: str, case: dict[str, Any]):
    sections = wires_sections(checked(language, **case))
    assert [section.name for section in sections][:3] == ["wires", "single_line", "wires_hours"]
    assert all(section.parts for section in sections)
    assert "NaN" not in shown(sections)


def test_a_run_that_was_not_checked_has_none():
    seen = checked()
    run = RunFolder(Path(), {}, seen.record, seen.hourly, {})
    assert wires_sections(RunView(run, Words("en"))) == []
    assert wires_verdict(RunView(run, Words("en"))) == ""


def test_labels_of_the_network_cannot_become_tags_of_a_figure():
    record = network()
    record["buses"][2]["label"] = EVIL
    figure = single_line(wires(buses=record["buses"]))
    assert figure is not None
    texts = [text for trace in figure.data for text in trace.get("text", [])]
    assert any("alert" in text for text in texts)
    assert not any("<script" in text or "<b>x" in text for text in texts)


def book_of(path: Path, view: RunView) -> Any:
    with xlsxwriter.Workbook(path, {"nan_inf_to_errors": False}) as workbook:
        wires_sheets(Book(workbook, view))
    return openpyxl.load_workbook(path)


def test_sheets_hold_numbers_elements_and_the_loop(tmp_path: Path):
    book = book_of(tmp_path / "t.xlsx", checked(loop=LOOP, unsolved=1))
    assert book.sheetnames == ["network_elements", "network_violations", "network_worst_hours", "network_loop"]
    elements = {(row[0], row[2]): row for row in book["network_elements"].iter_rows(min_row=2, values_only=True)}
    assert elements["tie_1", "line"][3:9] == (0.88, 0.8, "1", pytest.approx(1.1), 2.0, 8.0)
    assert elements["far", "low voltage"][6:9] == (pytest.approx(1.2), 1.0, 5.0)
    assert elements["far", "high voltage"][7:9] == (0.0, 0.0)
    assert [row[0] for row in elements.values()][:3] == ["tie_1", "tie_2", "far"]
    loop = dict(book["network_loop"].iter_rows(min_row=2, values_only=True))
    assert (loop["rounds.2.objective_cny"], loop["price.by_element.1.element"]) == (5.2e6, "far")
    assert book["network_violations"]["C2"].value == "line"


def test_the_sheet_of_violations_says_that_it_is_cut(tmp_path: Path):
    seen = checked(beyond=False)
    start = seen.hourly.index[0]
    rows = pd.DataFrame([violation(3, "line", "tie_1", 0.9, 0.8, start)] * 5001)
    run = RunFolder(Path(), seen.summary, seen.record, seen.hourly, {}, seen.run.feasibility, {}, rows)
    sheet = book_of(tmp_path / "t.xlsx", RunView(run, Words("en")))["network_violations"]
    assert sheet.max_row == 5002
    assert sheet["A5002"].value == "The first 5,000 of 5,001 rows; violations.parquet has all of them."


def test_a_workbook_without_violations_has_the_elements_only(tmp_path: Path):
    assert book_of(tmp_path / "t.xlsx", checked("zh", beyond=False)).sheetnames == ["配电网元件"]


def folder_of(path: Path) -> Path:
    seen = checked()
    assert seen.run.feasibility is not None
    assert seen.run.violations is not None
    path.mkdir()
    write_json(path / "summary.json", seen.summary)
    write_json(path / "run.json", seen.record)
    write_hourly(path / "hourly.parquet", seen.hourly, {})
    write_hourly(path / "feasibility.parquet", seen.run.feasibility, {"network:losses_mw": "MW"})
    seen.run.violations.to_parquet(path / "violations.parquet", index=False)
    return path


def test_a_folder_is_read_with_its_network(tmp_path: Path):
    found = read_folder(folder_of(tmp_path / "run"))
    assert found.feasibility is not None
    assert found.violations is not None
    assert (len(found.feasibility), len(found.violations), found.feasibility_units) == (STEPS, 5, {"network:losses_mw": "MW"})


@pytest.mark.parametrize("name", ["feasibility.parquet", "violations.parquet"])
def test_a_missing_or_broken_file_of_the_network_is_named(tmp_path: Path, name: str):
    folder = folder_of(tmp_path / "run")
    (folder / name).write_bytes(b"broken")
    with pytest.raises(DefinitionError, match=name):
        read_folder(folder)
    (folder / name).unlink()
    with pytest.raises(DefinitionError, match=name):
        read_folder(folder)


def test_a_network_of_another_run_is_refused(tmp_path: Path):
    folder = folder_of(tmp_path / "run")
    table = read_folder(folder).feasibility
    assert table is not None
    write_hourly(folder / "feasibility.parquet", table.iloc[:10], {})
    with pytest.raises(DefinitionError, match="has 10 steps"):
        read_folder(folder)


def test_a_folder_without_a_network_is_read_as_before(tmp_path: Path):
    folder = folder_of(tmp_path / "run")
    record = json.loads((folder / "run.json").read_text())
    del record["network"]
    write_json(folder / "run.json", record)
    with pytest.raises(DefinitionError, match="although the wires were checked"):
        read_folder(folder)
    for name in ("feasibility.parquet", "violations.parquet"):
        (folder / name).unlink()
    assert read_folder(folder).feasibility is None
