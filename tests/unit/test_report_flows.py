"""The energy flow that is drawn: no loops, nothing lost."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from gridsim.folder import RunFolder
from gridsim.report.figures.figure import unpacked
from gridsim.report.figures.heat import heat_figures
from gridsim.report.flows import CURTAILED, LET_GO, LOSSES, Drawing, Node, flows
from gridsim.report.heat import heat_table
from gridsim.report.view import RunView
from gridsim.report.words import Words


def seen(edges: list[tuple[str, str, str, float]], buses: dict[str, str], types: dict[str, str] | None = None) -> RunView:
    names = {end for edge in edges for end in edge[:2]} - set(buses) - {"curtailed"}
    record: dict[str, Any] = {
        "buses": {bus: {"carrier": carrier, "site": None} for bus, carrier in buses.items()},
        "technologies": {name: {"type": (types or {}).get(name, "load"), "label": "", "owner": "", "note": ""} for name in sorted(names)},
        "sites": {},
        "energy_flow": [{"source": s, "target": t, "carrier": c, "mwh": mwh} for s, t, c, mwh in edges],
    }
    return RunView(RunFolder(Path(), {}, record, pd.DataFrame(), {}), Words("en"))


def drawing(edges: list[tuple[str, str, str, float]], buses: dict[str, str], types: dict[str, str] | None = None, **shares: float) -> Drawing:
    return flows(seen(edges, buses, types), **{"small_share": 0.0, "tiny_share": 0.0, **shares})


def width(drawn: Drawing, source: Node, target: Node) -> float:
    return sum(flow.mwh for flow in drawn.flows if flow.source == source and flow.target == target)


def test_a_battery_stands_on_both_sides():
    drawn = drawing(
        [("wind", "park", "electricity", 100.0), ("park", "battery", "electricity", 20.0), ("battery", "park", "electricity", 17.0)],
        {"park": "electricity"},
    )
    assert width(drawn, Node("bus", "park"), Node("technology", "battery", "use")) == 20.0
    assert width(drawn, Node("technology", "battery", "supply"), Node("bus", "park")) == 17.0
    assert not [flow for flow in drawn.flows if flow.target == LOSSES]


def test_a_conversion_loses_what_does_not_come_out():
    edges = [
        ("park", "electrolyser", "electricity", 100.0),
        ("electrolyser", "h2", "hydrogen", 63.0),
        ("wind", "park", "electricity", 100.0),
    ]
    drawn = drawing([*edges, ("imports", "h2", "hydrogen", 7.0)], {"park": "electricity", "h2": "hydrogen"})
    electrolyser = Node("technology", "electrolyser")
    assert width(drawn, Node("bus", "park"), electrolyser) == 100.0
    assert width(drawn, electrolyser, Node("bus", "h2")) == 63.0
    assert width(drawn, electrolyser, LOSSES) == pytest.approx(37.0)


def test_a_two_way_line_is_one_net_flow_and_its_losses():
    """Proves: 100 sent, 98 received; 30 sent back, 29.4 received: 98 − 30 = 68 net, of 100 − 29.4 = 70.6 that left; 2.6 are lost."""
    edges = [
        ("a", "line", "electricity", 100.0),
        ("line", "b", "electricity", 98.0),
        ("b", "line", "electricity", 30.0),
        ("line", "a", "electricity", 29.4),
    ]
    drawn = drawing(edges, {"a": "electricity", "b": "electricity"})
    assert width(drawn, Node("bus", "a"), Node("bus", "b")) == pytest.approx(68.0)
    assert width(drawn, Node("bus", "a"), LOSSES) == pytest.approx(2.6)
    assert len(drawn.flows) == 2


def test_a_plant_with_its_own_tank_is_netted_but_a_tank_is_split():
    edges = [
        ("park", "plant", "electricity", 10.0),
        ("h2", "plant", "hydrogen", 115.0),
        ("plant", "nh3", "ammonia", 140.0),
        ("nh3", "plant", "ammonia", 40.0),
        ("nh3", "users", "ammonia", 100.0),
        ("other", "nh3", "ammonia", 1.0),
        ("park", "tank", "electricity", 1.0),
        ("h2", "tank", "hydrogen", 50.0),
        ("tank", "h2", "hydrogen", 50.0),
        ("imports", "h2", "hydrogen", 115.0),
    ]
    drawn = drawing(edges, {"park": "electricity", "h2": "hydrogen", "nh3": "ammonia"})
    plant = Node("technology", "plant")
    assert width(drawn, plant, Node("bus", "nh3")) == 100.0
    assert width(drawn, plant, LOSSES) == pytest.approx(25.0)
    assert width(drawn, Node("technology", "tank", "supply"), Node("bus", "h2")) == 50.0
    assert width(drawn, Node("bus", "park"), Node("technology", "tank", "use")) == 1.0


def test_a_compressor_carries_hydrogen_and_uses_electricity():
    edges = [
        ("low", "compressor", "hydrogen", 30.0),
        ("compressor", "high", "hydrogen", 30.0),
        ("park", "compressor", "electricity", 2.0),
        ("rest", "high", "hydrogen", 1.0),
    ]
    drawn = drawing(edges, {"park": "electricity", "low": "hydrogen", "high": "hydrogen"})
    assert width(drawn, Node("bus", "low"), Node("bus", "high")) == 30.0
    assert width(drawn, Node("bus", "park"), Node("technology", "compressor", "use")) == 2.0


def test_a_bus_of_a_product_that_one_source_feeds_is_left_out():
    drawn = drawing(
        [("plant", "nh3", "ammonia", 100.0), ("nh3", "rail", "ammonia", 60.0), ("nh3", "pipe", "ammonia", 40.0)], {"nh3": "ammonia"}
    )
    plant = Node("technology", "plant", "supply")
    assert width(drawn, plant, Node("technology", "rail", "use")) == 60.0
    assert len(drawn.flows) == 2


def test_small_ones_are_drawn_together_and_tiny_flows_left_out_and_said():
    edges = [("wind", "park", "electricity", 1000.0), ("sun_1", "park", "electricity", 3.0), ("sun_2", "park", "electricity", 4.0)]
    edges += [("park", "mill", "electricity", 1006.5), ("park", "lamp", "electricity", 0.5), ("sun_1", "curtailed", "electricity", 2.0)]
    drawn = drawing(edges, {"park": "electricity"}, small_share=0.005, tiny_share=0.001)
    others = Node("other", "electricity", "supply")
    assert width(drawn, others, Node("bus", "park")) == 7.0
    assert width(drawn, others, CURTAILED) == 2.0
    assert drawn.left_out_mwh == pytest.approx(0.5)
    assert sum(flow.mwh for flow in drawn.flows) + drawn.left_out_mwh == pytest.approx(sum(edge[3] for edge in edges))


@pytest.mark.parametrize("small_share", [0.0, 0.005, 0.1])
def test_what_enters_a_bus_leaves_it(small_share: float):
    edges = [
        ("wind", "a", "electricity", 100.0),
        ("a", "line", "electricity", 90.0),
        ("line", "b", "electricity", 88.0),
        ("a", "pump", "electricity", 10.0),
    ]
    edges += [(source, target, "electricity", 44.0) for source, target in (("b", "mill_1"), ("b", "mill_2"))]
    drawn = drawing(edges, {"a": "electricity", "b": "electricity"}, small_share=small_share)
    net: dict[Node, float] = defaultdict(float)
    for flow in drawn.flows:
        net[flow.source] -= flow.mwh
        net[flow.target] += flow.mwh
    assert [net[Node("bus", bus)] for bus in ("a", "b")] == pytest.approx([0.0, 0.0])


HEATED = [
    ("park", "electrolyser", "electricity", 100.0),
    ("electrolyser", "h2", "hydrogen", 66.0),
    ("electrolyser", "heat", "heat", 25.0),
    ("heat", "electrolyser", "heat", 14.0),
]
"""66 of 100 MWh become hydrogen, 25 heat; 14 of that is let go, by the electrolyser as the run has it."""
CARRIERS = {"park": "electricity", "h2": "hydrogen", "heat": "heat"}


def test_heat_that_nobody_needs_is_let_go():
    """Proves: the electrolyser stays one node, which loses 100 − 66 − 25 = 9; a bus that it feeds alone is left out, as one of hydrogen is."""
    drawn = drawing([*HEATED, ("heat", "houses", "heat", 11.0)], CARRIERS)
    electrolyser = Node("technology", "electrolyser")
    assert width(drawn, Node("bus", "park"), electrolyser) == 100.0
    assert width(drawn, electrolyser, LET_GO) == 14.0
    assert width(drawn, electrolyser, Node("technology", "houses", "use")) == 11.0
    assert width(drawn, electrolyser, LOSSES) == pytest.approx(9.0)
    assert {flow.carrier for flow in drawn.flows if flow.target == LET_GO} == {"heat"}


def test_a_heat_bus_with_two_sources_and_a_store_is_drawn():
    """Proves: what a store takes is not let go; 25 + 5 + 8 come to the bus, 14 are let go, 10 stored, 14 used."""
    stored = [("heat", "tank", "heat", 10.0), ("tank", "heat", "heat", 8.0), ("boiler", "heat", "heat", 5.0), ("heat", "houses", "heat", 14.0)]
    drawn = drawing([*HEATED, *stored], CARRIERS)
    bus = Node("bus", "heat")
    assert width(drawn, Node("technology", "electrolyser"), bus) == 25.0
    assert (width(drawn, bus, LET_GO), width(drawn, bus, Node("technology", "tank", "use"))) == (14.0, 10.0)
    assert width(drawn, Node("technology", "tank", "supply"), bus) == 8.0
    assert sum(flow.mwh for flow in drawn.flows if flow.target == bus) == sum(flow.mwh for flow in drawn.flows if flow.source == bus)


def test_heat_table_balances():
    """Proves: suppliers first, what is let go once a bus whoever lets it go, equal sums; no heat, no table."""
    second = [("park", "other", "electricity", 10.0), ("other", "heat", "heat", 3.0), ("heat", "houses", "heat", 9.0), ("heat", "other", "heat", 5.0)]
    table = heat_table(seen([*HEATED, *second], CARRIERS))
    assert table is not None
    assert table.rows == [
        ["heat", "electrolyser", "25.0", ""],
        ["heat", "other", "3.00", ""],
        ["heat", "Heat let go", "", "19.0"],
        ["heat", "houses", "", "9.00"],
    ]
    assert table.total == ["Total", "", "28.0", "28.0"]
    assert [column.unit for column in table.columns] == ["", "", "MWh_th", "MWh_th"]
    assert heat_table(seen(HEATED[:2], CARRIERS)) is None


def test_heat_is_drawn_hour_by_hour():
    """Proves: supply above zero, use below; a layer a type; what two technologies let go is one layer; no heat, no figure."""
    stamps = pd.DatetimeIndex(["2030-01-01 00:00", "2030-01-01 01:00"], name="time")
    columns = {"a:heat_mw_th": [3.0, 1.0], "b:heat_mw_th": [1.0, 1.0], "a:heat_let_go_mw_th": [1.0, 0.0], "b:heat_let_go_mw_th": [0.5, 0.0]}
    hourly = pd.DataFrame({**columns, "houses:load_mw_th": [2.5, 2.0], "total:available_mw": 0.0}, index=stamps)
    record = {
        "park": {"step_minutes": 60},
        "technologies": {name: {"type": kind, "label": ""} for name, kind in (("a", "electrolyser"), ("b", "electrolyser"), ("houses", "heat_demand"))},
        "buses": {},
        "sites": {},
        "energy_flow": [],
    }
    (figure,) = heat_figures(RunView(RunFolder(Path(), {}, record, hourly, {}), Words("en")))
    assert [(trace["name"], trace["stackgroup"]) for trace in figure.data] == [
        ("Electrolyser", "supply"),
        ("Heat demand", "use"),
        ("Heat let go", "use"),
    ]
    assert unpacked(figure.data[0]["y"]) == pytest.approx([4.0, 2.0, 2.0])
    assert unpacked(figure.data[-1]["y"]) == pytest.approx([-1.5, 0.0, 0.0])
    assert heat_figures(RunView(RunFolder(Path(), {}, record, hourly[["total:available_mw"]], {}), Words("en"))) == []
