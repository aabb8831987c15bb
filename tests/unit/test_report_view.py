"""Time in the report: carpets, months and weeks of any horizon and step."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from gridsim.folder import RunFolder
from gridsim.report.balance import name_of, supply_and_use
from gridsim.report.figures.carpet import carpet_of, curtailment_carpet
from gridsim.report.figures.duration import duration_curves
from gridsim.report.figures.months import month_figures
from gridsim.report.figures.weeks import windows
from gridsim.report.monthly import monthly_rows
from gridsim.report.view import RunView
from gridsim.report.words import Words


def view_of(start: str, steps: int, minutes: int = 60, columns: dict[str, Any] | None = None, **record: Any) -> RunView:
    index = pd.date_range(start, periods=steps, freq=f"{minutes}min", name="time")
    frame = pd.DataFrame({name: np.broadcast_to(values, steps) for name, values in (columns or {}).items()}, index=index, dtype=float)
    plain = {"park": {"step_minutes": minutes}, "technologies": {}, "buses": {}, "sites": {}, "energy_flow": [], "costs": []}
    units = {name: "MW" for name in frame}
    return RunView(RunFolder(Path(), {}, {**plain, **record}, frame, units), Words("en"))


@pytest.mark.parametrize(("start", "steps", "minutes", "shape"), [
    ("2030-01-01", 8760, 60, (24, 365)),
    ("2028-01-01", 8784, 60, (24, 366)),
    ("2030-01-01", 35040, 15, (96, 365)),
    ("2030-06-16 16:00", 48, 60, (24, 3)),
    ("2030-01-01", 6, 60, (24, 1)),
])  # fmt: skip
def test_carpets_hold_every_value_at_its_day_and_time(start: str, steps: int, minutes: int, shape: tuple[int, int]):
    view = view_of(start, steps, minutes)
    values = np.arange(steps, dtype=float)
    table = carpet_of(view, values)
    assert table.shape == shape
    assert np.isfinite(table).sum() == steps
    first = view.stamps[0]
    row = int((first - first.astype("datetime64[D]")).astype(int) / minutes)
    assert table[row, 0] == 0.0
    column = table.T.ravel()
    assert column[np.isfinite(column)].tolist() == values.tolist()


def test_months_are_those_of_the_calendar():
    view = view_of("2030-12-30", 96, columns={"total:load_mw": 2.0, "total:import_mw": [*[1.0] * 50, *[3.0] * 46]})
    assert view.months == ["2030-12", "2031-01"]
    rows = monthly_rows(view)
    assert [row["load_mwh"] for row in rows] == [96.0, 96.0]
    assert [row["peak_import_mw"] for row in rows] == [1.0, 3.0]
    assert rows[0]["import_mwh"] == 48.0


def test_windiest_and_darkest_week_begin_at_midnight():
    available = np.ones(40 * 24)
    available[24 * 10 + 5 : 24 * 17 + 5] = 9.0
    available[24 * 25 : 24 * 32] = 0.0
    view = view_of("2030-03-01", available.size, columns={"total:available_mw": available})
    chosen = {window.key: (window.first, window.last) for window in windows(view)}
    assert chosen == {"windiest": (240, 408), "darkest": (600, 768)}


def test_short_horizons_are_shown_whole_and_lack_what_makes_no_sense():
    view = view_of("2030-01-01", 6, columns={"total:curtailed_mw": 5.0, "total:load_mw": 1.0})
    assert [(window.key, window.first, window.last) for window in windows(view)] == [("whole", 0, 6)]
    assert curtailment_carpet(view) is None
    assert duration_curves(view) is None
    assert month_figures(view, *supply_and_use(view)) == []


def test_a_park_without_wind_and_sun_shows_its_first_week():
    view = view_of("2030-01-01", 24 * 20, columns={"total:load_mw": 1.0, "total:import_mw": 1.0})
    assert [window.key for window in windows(view)] == ["first"]


def test_supply_and_use_have_the_same_height_with_what_no_column_shows():
    """Proves: 10 wind + 4 import + 3 out of a battery = 12 load (of which 2 in no column) + 1 charge + 3.5 export + 0.5 lost."""
    columns = {
        "total:load_mw": 12.0,
        "total:charge_mw": 1.0,
        "total:line_loss_mw": 0.5,
        "wind_1:power_mw": 10.0,
        "grid:import_mw": 4.0,
        "grid:export_mw": 3.5,
        "battery_1:discharge_mw": 3.0,
        "battery_1:charge_mw": 1.0,
        "mill:load_mw": 6.0,
        "electrolyser_1:power_mw": 4.0,
        "caes_1:fuel_mw": 99.0,
    }
    types = {
        "wind_1": "wind",
        "grid": "grid_connection",
        "battery_1": "battery",
        "mill": "load",
        "electrolyser_1": "electrolyser",
        "caes_1": "caes",
    }
    technologies = {name: {"type": kind, "label": "", "owner": "", "note": ""} for name, kind in types.items()}
    edges = [("wind_1", "park", 480.0), ("park", "electrolyser_1", 192.0)]
    flow = [{"source": source, "target": target, "carrier": "electricity", "mwh": mwh} for source, target, mwh in edges]
    view = view_of("2030-01-01", 48, columns=columns, technologies=technologies, energy_flow=flow)
    supply, use = supply_and_use(view)
    assert {part.group: part.power_mw[0] for part in supply} == pytest.approx({"wind": 10.0, "battery": 3.0, "grid_connection": 4.0})
    assert {part.group: part.power_mw[0] for part in use} == pytest.approx(
        {"load": 6.0, "electrolyser": 4.0, "other_use": 2.0, "line_loss": 0.5, "battery": 1.0, "grid_connection": 3.5}
    )
    assert [name_of(view, part, True) for part in use if part.group == "battery"] == ["Battery charging"]


def test_labels_are_told_apart():
    technologies = {name: {"type": "wind", "label": "Wind", "owner": "", "note": ""} for name in ("wind_1", "wind_2")}
    view = view_of("2030-01-01", 6, technologies={**technologies, "mill": {"type": "load", "label": "", "owner": "", "note": ""}})
    assert [view.label(name) for name in ("wind_1", "wind_2", "mill", "park")] == ["Wind (wind_1)", "Wind (wind_2)", "mill", "park"]


def test_the_only_electric_bus_of_a_site_bears_its_label():
    buses = {"north": {"carrier": "electricity", "site": "n"}, "tank": {"carrier": "hydrogen", "site": "n"}}
    view = view_of("2030-01-01", 6, buses=buses, sites={"n": "北区"})
    assert [view.label(name) for name in ("north", "tank")] == ["北区", "tank"]
