"""The studies of the network in a report: what they say of tables whose figures are known by head."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
import xlsxwriter

from gridsim.folder import RunFolder
from gridsim.report.tables import Table
from gridsim.report.view import RunView
from gridsim.report.wires import wires_sections
from gridsim.report.wires.sheets import wires_sheets
from gridsim.report.wires.studies_hosting import capacity_bars, ends_of, hosting_judgement, kind_table
from gridsim.report.wires.studies_outages import broken_table, lost_table, outage_groups, outage_judgement
from gridsim.report.wires.studies_reinforcement import measure_table, reinforcement_judgement
from gridsim.report.wires.studies_short_circuit import breaker_judgement, current_bars, level_table, margin_table, ratio_table, short_circuit_parts
from gridsim.report.wires.wires_view import WiresView, wires_of
from gridsim.report.words import Words
from gridsim.report.workbook import Book

STUDIES = ("n_1", "short_circuit", "hosting", "reinforcement")


def seen(language: str = "en", beyond: bool = True, **studies: pd.DataFrame) -> WiresView:
    """A network of two parallel ties and a transformer over three days, with studies."""
    start = pd.date_range("2030-01-01", periods=72, freq="h", name="time")

    def bus(name: str, kv: float, label: str = "") -> dict[str, Any]:
        return {"name": name, "label": label, "site": "n", "voltage_kv": kv, "x_km": 0.0, "y_km": 0.0, "vm_min_pu": 0.95, "vm_max_pu": 1.05}

    def branch(name: str, kind: str, first: str, second: str) -> dict[str, Any]:
        return {"name": name, "kind": kind, "from": first, "to": second, "type": "OHL", "loading_limit": 0.8, "rated_mva": 100.0, "closed": True}

    def beyond_limit(kind: str, element: str) -> dict[str, Any]:
        return {"kind": kind, "element": element, "hours": 2.0, "energy_at_risk_mwh": 8.0, "worst": 0.88, "limit": 0.8, "worst_step": 30}

    statistics = [beyond_limit("line", "tie_1"), beyond_limit("line", "tie_2"), beyond_limit("voltage_low", "far"), beyond_limit("connection", "")]
    network = {
        "buses": [bus("source", 220.0), bus("hub", 220.0, "Hub 220 kV"), bus("far", 35.0)],
        "branches": [
            branch("tie_1", "line", "source", "hub"),
            branch("tie_2", "line", "hub", "source"),
            branch("t_1", "transformer", "hub", "far"),
            branch("t_3 (hv)", "transformer", "hub", "far"),
        ],
        "sources": [{"name": "public", "bus": "source"}],
        "connections": [],
        "tap_operations": {},
        "statistics": statistics if beyond else [],
    }
    columns: dict[str, Any] = {"network:losses_mw": 2.0, "network:voltage_margin_pu": 0.02, "network:loading_over_limit": 0.6}
    columns |= {f"{name}:vm_pu": 1.0 for name in ("source", "hub", "far")} | {f"{name}:loading": 0.5 for name in ("tie_1", "tie_2", "t_1")}
    feasibility = pd.DataFrame({"network:solved": True, **columns}, index=start)
    record = {"park": {"step_minutes": 60}, "technologies": {}, "buses": {}, "sites": {}, "network": network}
    hourly = pd.DataFrame({"total:load_mw": 98.0}, index=start)
    names = ("loss_mwh", "loss_in_dispatch_mwh", "import_mwh", "import_beyond_dispatch_mwh", "peak_import_mw", "energy_at_risk_mwh")
    summary = {f"network_{name}": 1.0 for name in names} | {"network_solved_hours": 72.0, "violating_hours": 0.0, "max_difference_to_runpp_pu": 2e-11}
    violations = pd.DataFrame(columns=["time", "step", "kind", "element", "value", "limit", "excess"])
    run = RunFolder(Path(), summary, record, hourly, {}, feasibility, {}, violations, studies)
    found = wires_of(RunView(run, Words(language)))
    assert found is not None
    return found


def outage(element: str, table: str = "line", **changes: Any) -> dict[str, Any]:
    row: dict[str, Any] = {"element": element, "table": table, "units_left": 0, "holds": False, "islanded_buses": ""}
    row |= {"lost_load_mw": 0.0, "lost_infeed_mw": 0.0, "hours_without_solution": 0, "overloaded_branches": 0, "reactive_excess_mvar": 0.0}
    for kind in ("loading", "voltage_low", "voltage_high"):
        row |= {f"{kind}_{column}": None for column in ("element", "hour", "value", "limit", "before")}
    return {**row, **changes}


def loaded(element: str, value: float, limit: float = 1.0, hour: int = 30) -> dict[str, Any]:
    cells = {"element": element, "hour": hour, "value": value, "limit": limit, "before": 0.6}
    return {"overloaded_branches": 1} | {f"loading_{key}": cell for key, cell in cells.items()}


def outages() -> pd.DataFrame:
    """One holds, both ties overload each other most and alike, one of two transformers is overloaded too, one leaves the far bus dead."""
    low = {"element": "far", "hour": 50, "value": 0.93, "limit": 0.95, "before": 0.99}
    return pd.DataFrame(
        [
            outage("spare", holds=True),
            outage("tie_1", **loaded("tie_2", 1.5)),
            outage("tie_2", **loaded("tie_1", 1.5)),
            outage("t_1", "trafo", units_left=1, **loaded("t_1", 1.82, 1.3), **{f"voltage_low_{key}": cell for key, cell in low.items()}),
            outage("back", islanded_buses="far, hub", lost_load_mw=40.0, lost_infeed_mw=7.0),
            outage("t_3", "trafo3w", hours_without_solution=2, reactive_excess_mvar=12.0),
        ]
    )


def circuit(bus: str, kv: float, ik: float, breaking: float, ratio: float, split: float | None = None, **changes: Any) -> dict[str, Any]:
    """A bus whose peak is 2.5 times its current, so that the breaking current decides."""
    margin = 1.0 - ik / breaking
    row: dict[str, Any] = {"bus": bus, "voltage_kv": kv, "ik_max_ka": ik, "ip_max_ka": 2.5 * ik, "ik_min_ka": 0.4 * ik, "sk_min_mva": 1800.0}
    row |= {"grid_ka": 0.5 * ik, "machines_ka": 0.1 * ik, "converters_ka": 0.4 * ik, "breaker": "b", "breaking_ka": breaking, "making_ka": 2.5 * breaking}
    row |= {"margin": margin, "units": 3 if split else 1, "ik_split_ka": split or ik, "converter_mva": 500.0, "infeed_mva": 1800.0 / ratio}
    row |= {"short_circuit_ratio": ratio, "exceeds": margin < 0.0, "exceeds_split": margin < 0.0 and (split or ik) > breaking}
    strength = "very weak" if ratio < 2.0 else "weak" if ratio < 3.0 else "strong"
    return {**row, "strength": strength, **changes}


def circuits() -> pd.DataFrame:
    return pd.DataFrame(
        [
            circuit("source", 220.0, 60.0, 50.0, 4.0, converter_mva=0.0),
            circuit("hub", 220.0, 40.0, 50.0, 2.5),
            circuit("far", 35.0, 63.0, 31.5, 0.9, split=21.0),
        ]
    )


def hosted(bus: str, kind: str, capacity_mw: float, binding: str, element: str = "", hour: int = 30) -> dict[str, Any]:
    value, limit = {"": (np.nan, np.nan), "connection": (101.2, 100.0), "voltage_high": (1.0502, 1.05)}.get(binding, (0.8002, 0.8))
    cells = {"binding_element": element, "binding_kind": binding, "hour": hour, "value": value, "limit": limit}
    return {"bus": bus, "kv": 35.0 if bus == "far" else 220.0, "kind": kind, "capacity_mw": capacity_mw, **cells}


def hosting() -> pd.DataFrame:
    return pd.DataFrame(
        [
            hosted("source", "wind", 1e4, "", hour=-1),
            hosted("hub", "wind", 120.0, "line", "tie_1"),
            hosted("far", "wind", 0.0, "voltage_high", "far"),
            hosted("source", "battery", 80.0, "connection"),
            hosted("hub", "battery", 60.0, "line", "tie_1"),
            hosted("far", "battery", 20.0, "transformer", "t_1"),
        ]
    )


def option(element: str, kind: str, chosen: bool, million: float, cures: str) -> dict[str, Any]:
    row = {"option": f"{element}: {kind}", "kind": kind, "element": element, "chosen": chosen, "investment_cny": 1e6 * million}
    return row | {"annual_cny": 1e5 * million, "cures": cures, "description": "one more beside it", "basis": "1 × 1 km", "certainty": "M"}


def options() -> pd.DataFrame:
    return pd.DataFrame(
        [
            option("t_1", "tap", True, 0.05, "far, hours without solution"),
            option("tie_1", "parallel line", True, 30.0, "tie_1"),
            option("far", "capacitor", False, 4.0, ""),
        ]
    )


def all_studies() -> dict[str, pd.DataFrame]:
    return dict(zip(STUDIES, (outages(), circuits(), hosting(), options()), strict=True))


def column(table: Table | None, place: int) -> list[str]:
    assert table is not None
    return [row[place] for row in table.rows]


def test_outages_are_counted_and_the_worst_is_named():
    """1 of 6 holds. 1.82 over a limit of 1.3 is 140 %, less than 1.5 over 1.0."""
    said = outage_judgement(seen(), outages())
    assert said.startswith("1 of 6 outages hold in the hours judged.")
    for part in ("1 leave hours without solution", "1 leave buses without supply", "3 overload", "1 take voltages", "1 ask machines"):
        assert part in said
    assert "tie_2 at 150.0\xa0% (limit 100.0\xa0%) after the loss of tie_1, 2030-01-02\xa006:00" in said
    assert "Most load is lost with back: 40.0 MW. Most infeed is lost with back: 7.00 MW." in said


def test_outages_that_break_limits_stand_worst_first_and_parallel_ones_together():
    wires = seen()
    groups = outage_groups(wires, outages())
    table = broken_table(wires, groups)
    assert column(table, 0) == ["t_3", "tie_1, tie_2", "t_1 (one of 2)"]
    assert column(table, 1) == ["Hub 220 kV – far", "source – Hub 220 kV", "Hub 220 kV – far"]
    assert column(table, 2) == ["2.00", "0", "0"]
    assert table is not None
    assert table.rows[2][3:9] == ["t_1", "182.0\xa0%", "60.0\xa0%", "130.0\xa0%", "1", "far 0.9300\xa0p.u. (limit 0.9500\xa0p.u.)"]
    assert column(table, 9) == ["12.0", "–", "–"]
    assert column(table, 10) == ["–", "2030-01-02\xa006:00", "2030-01-02\xa006:00"]
    lost = lost_table(wires, groups)
    assert lost is not None
    assert lost.rows == [["back", "back", "2", "far, Hub 220 kV", "40.0", "7.00", "–"]]


def test_long_tables_keep_twenty_rows_and_say_where_the_rest_is():
    many = pd.DataFrame([outage(f"line_{place}", **loaded("t_1", 1.1 + place / 100)) for place in range(45)])
    wires = seen()
    table = broken_table(wires, outage_groups(wires, many))
    assert table is not None
    assert (len(table.rows), table.rows[0][0]) == (20, "line_44")
    assert "20 of 45 rows; all rows and columns are in the sheet network_n_1" in table.caption


def test_breakers_are_judged_by_level_with_and_without_sections():
    """At 35 kV 63 kA exceed 31.5 by 100 % and 21 kA with sections do not; at 220 kV 60 exceed 50 and there is nothing to split."""
    wires = seen()
    said = breaker_judgement(wires, circuits())
    assert said.startswith("2 of 3 buses exceed")
    assert "By level: 1 of 2 at 220 kV, 1 of 1 at 35 kV. 1 still exceed" in said
    assert "of 3 buses, 1 are very weak (short-circuit ratio below 2) and 1 weak (2 to 3); the lowest ratio is 0.90 at far." in said
    table = level_table(wires, circuits())
    assert [[row[0], *row[7:]] for row in table.rows] == [["220", "1", "1", "2.50"], ["35", "1", "0", "0.90"]]
    assert table.rows[0][3:5] == ["60.0", "source"]
    margins = margin_table(wires, circuits())
    assert column(margins, 0) == ["far", "source", "Hub 220 kV"]
    assert column(margins, 6) == ["\N{MINUS SIGN}100.0\xa0%", "\N{MINUS SIGN}20.0\xa0%", "20.0\xa0%"]
    assert column(margins, 9) == ["no", "yes", "–"]
    assert column(ratio_table(wires, circuits()), 5) == ["0.90", "2.50"]


def test_a_bus_without_breaker_is_not_judged_and_said_so():
    unknown = circuit("far", 35.0, 63.0, 31.5, 4.0, breaker="", breaking_ka=np.nan, making_ka=np.nan, margin=np.nan, exceeds=False, exceeds_split=False)
    table = pd.DataFrame([circuit("hub", 220.0, 40.0, 50.0, 4.0), unknown])
    said = breaker_judgement(seen(), table)
    assert said.startswith("All 1 buses are within the rating of their breakers. Buses whose level has no breaker in the table, not judged: 1.")
    assert level_table(seen(), table).rows[1][2:] == ["–", "63.0", "far", "–", "158", "–", "–", "4.00"]


def test_a_dead_bus_has_no_short_circuit():
    dead = circuit("hub", 500.0, np.nan, 63.0, 4.0, short_circuit_ratio=np.nan, strength="")
    said, table, *_ = short_circuit_parts(seen(), pd.concat([circuits(), pd.DataFrame([dead])]))
    assert isinstance(said, str)
    assert isinstance(table, Table)
    assert said.startswith("2 of 3 buses exceed")
    assert column(table, 0) == ["220", "35"]


def test_bars_of_a_fault_add_up_to_its_current():
    figure = current_bars(seen(), circuits())
    assert figure is not None
    assert figure.data[0]["y"] == ["far", "source", "Hub 220 kV"]
    assert sum(trace["x"][0] for trace in figure.data[:3]) == pytest.approx(63.0)
    assert [trace["x"][0] for trace in figure.data[3:]] == [31.5, 21.0]


def test_hosting_names_most_and_none_and_what_binds():
    """Wind: the source took all that was tried, the far bus nothing; the median of 0, 120, 10,000 is 120."""
    wires = seen()
    said = hosting_judgement(wires, hosting())
    assert "Wind ≥\xa010,000\xa0MW (source), Battery 80.0\xa0MW (source)" in said
    assert "Of 3 buses, so many take none: Wind 1, Battery 0." in said
    wind = kind_table(wires, hosting()).rows[0]
    assert wind[:6] == ["Wind", "3", "1", "0\xa0MW", "120\xa0MW", "≥\xa010,000\xa0MW"]
    assert "nothing up to the largest size tried 1" in wind[6]


def test_hosting_bars_have_the_colour_of_what_binds():
    figure = capacity_bars(seen(), hosting())
    assert figure.choices == ("Wind", "Battery")
    assert [trace["visible"] for trace in figure.data] == [True, False]
    assert figure.data[1]["x"] == [80.0, 60.0, 20.0]
    legend = {text: colour for colour, text in figure.legend}
    assert figure.data[1]["marker"]["color"] == [legend["connection"], legend["line"], legend["transformer"]]
    assert figure.data[1]["customdata"][0] == "limit: connection to the public grid (connection)<br>2030-01-02\xa006:00"


def test_both_ends_of_a_long_list_of_buses_are_kept():
    many = pd.DataFrame([hosted(f"bus_{place}", "wind", float(place), "line", "tie_1") for place in range(30)])
    assert [row["capacity_mw"] for row in ends_of(many, 2)] == [29.0, 28.0, 1.0, 0.0]


def test_reinforcement_says_what_is_built_and_what_no_measure_cures_alone():
    """0.05 + 30 million are invested; of the ties and the far bus, tie_2 is cured by neither; the connection is no wire."""
    said = reinforcement_judgement(seen(), options())
    assert "2 of 3 measures are chosen: investment 30.1\xa0million CNY, 3.00\xa0million CNY a year." in said
    assert "2 of 3 elements beyond their limits" in said
    assert "No chosen measure alone cures tie_2:" in said
    assert said.endswith("no measure of the menu changes.")
    table = measure_table(seen(), options()[:2], "chosen")
    assert table is not None
    assert table.total[4:6] == ["30.1", "3.00"]
    assert column(table, 0) == ["tap setting", "parallel line"]
    assert column(table, 6) == ["far, hours without solution", "tie_1"]
    assert column(measure_table(seen("zh"), options()[:2], "chosen"), 6)[0] == "far、无解小时"
    assert "3,005" in reinforcement_judgement(seen("zh"), options())


def test_after_the_loop_reinforcement_is_that_of_the_first_dispatch():
    """Proves: a run in which nothing is beyond any more still tells what its first dispatch would take, and of which dispatch it speaks."""
    before = seen().record["statistics"]
    wires = seen(beyond=False)
    wires.record["loop"] = {"before": before}
    said = reinforcement_judgement(wires, options())
    assert "does not know the wires" in said
    assert reinforcement_judgement(seen(), options()) in said


def test_where_nothing_is_beyond_nothing_is_built():
    assert reinforcement_judgement(seen(beyond=False), options()[:0]).startswith("Nothing needs to be built")
    assert "none of the 1 of the menu" in reinforcement_judgement(seen(), options()[2:])


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_section_for_each_study_that_the_run_has(language: str):
    def sections(**studies: pd.DataFrame) -> dict[str, int]:
        found = {section.name: len(section.parts) for section in wires_sections(seen(language, **studies).view)}
        return {name: count for name, count in found.items() if name in STUDIES}

    assert list(sections(**all_studies())) == list(STUDIES)
    assert list(sections(hosting=hosting())) == ["hosting"]
    assert sections() == {}
    empty = {name: table[:0] for name, table in all_studies().items()} | {"n_1": pd.DataFrame()}
    assert sections(**empty) == dict.fromkeys(STUDIES, 1)


def test_sheets_have_all_rows_and_columns_with_numbers_as_numbers(tmp_path: Path):
    wires = seen(**all_studies())
    with xlsxwriter.Workbook(tmp_path / "tables.xlsx") as workbook:
        wires_sheets(Book(workbook, wires.view))
    book = openpyxl.load_workbook(tmp_path / "tables.xlsx")
    names = ["network_n_1", "network_short_circuit", "network_hosting", "network_reinforcement"]
    assert book.sheetnames == ["network_elements", *names]
    added = {"network_n_1": 1, "network_short_circuit": 1, "network_hosting": 2, "network_reinforcement": 1}
    for name, table in zip(names, all_studies().values(), strict=True):
        assert (book[name].max_row, book[name].max_column) == (len(table) + 1, len(table.columns) + added[name])
    cells = {cell.value: place for place, cell in enumerate(book["network_n_1"][1])}
    row = [cell.value for cell in book["network_n_1"][3]]
    assert row[cells["Loading: when"]] == "2030-01-02 06:00"
    assert row[cells["Loading after [1]"]] == 1.5
    assert row[cells["Holds"]] == "no"
    assert row[cells["High voltage: when"]] is None
    hosted_row = [cell.value for cell in book["network_hosting"][2]]
    assert hosted_row == ["source", "source", 220, "Wind", 10000, None, None, None, None, None, None]
    assert book["network_reinforcement"]["E2"].value == "yes"
