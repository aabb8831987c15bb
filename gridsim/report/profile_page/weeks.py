"""A week in January and one in July as they stand in the file, and the mean week of what people use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.profiles.statistics import weekly_shape
from gridsim.report.figures.figure import Figure, plain
from gridsim.report.figures.time_axis import DAY_MS, HOUR_MS, hours_axis, ms_of
from gridsim.report.profile_page.lines import line, number_of, panel_title, spans, value_title, with_legend
from gridsim.report.profile_page.units import unit_of
from gridsim.report.theme import axis

if TYPE_CHECKING:
    from gridsim.report.profile_page.profile_set import Group, SetColumn, SetView

ROW_COLUMNS = 3
"""Lines of one row; more columns take more rows."""
MONTHS = {"january": 0, "july": 6}
WEEK_OF_MONTH = 14
"""Days from the start of a month after which the first Monday begins its week."""
WEEKLY_KINDS = ("loads", "heat", "reactive", "other")


def week_figure(view: SetView, group: Group) -> Figure:
    """Draw the week from a Monday in the middle of January and of July, or the first days of a set that has neither."""
    windows = _windows(view)
    rows = _rows(group)
    names = [column.name for column in group.columns]
    data: list[dict[str, Any]] = []
    frame, height, across, upright = _grid(view, group, names, len(rows), len(windows))
    for panel, (first, last) in enumerate(windows):
        frame[f"xaxis{number_of(panel)}"] = _date_axis(view, first, last, domain=across[panel], anchor=_lowest_axis(panel, len(windows), len(rows)))
        title = f"{str(view.stamps[first])[:10]} – {str(view.stamps[last - 1])[:10]}"
        frame["annotations"].append(panel_title(title, across[panel]))
        for row, columns in enumerate(rows):
            side = number_of(row * len(windows) + panel)
            frame[f"yaxis{side}"] = _value_axis(view, group, upright[row], panel, row * len(windows))
            frame[f"yaxis{side}"]["anchor"] = f"x{number_of(panel)}"
            for column in columns:
                values = column.track.values[first:last]
                more: dict[str, Any] = {
                    "x0": ms_of(view.stamps[first]),
                    "dx": round(view.step_hours * HOUR_MS),
                    "hovertemplate": f"%{{x|%m-%d %H:%M}}: %{{y:.4~g}} {plain(unit_of(group.unit))}",
                    "xaxis": f"x{number_of(panel)}",
                    "yaxis": f"y{side}",
                }
                trace = line(np.append(values, values[-1]), column.track, 0, legend=panel == 0, **more)
                trace["line"] |= {"shape": "hv", "width": 1.4}
                data.append(trace)
    return Figure(f"{group.name}-weeks", view.words("profile_weeks.title", unit=unit_of(group.unit)), data, frame, height)


def typical_week_figure(view: SetView, group: Group) -> Figure | None:
    """Draw the mean of each time of the week, of a group that people make, where there are at least two weeks."""
    if group.kind not in WEEKLY_KINDS or not view.long_enough:
        return None
    rows = _rows(group)
    names = [track.name for track in group.fine_tracks]
    frame, height, _, upright = _grid(view, group, names, len(rows), 1)
    days = [view.words(f"weekday.{day}") for day in range(1, 8)]
    ticks: dict[str, Any] = {"tickvals": [24 * day + 12 for day in range(7)], "ticktext": days, "showgrid": False}
    frame["xaxis"] = axis(range=[0, 168], anchor=_lowest_axis(0, 1, len(rows)), **ticks)
    frame["shapes"] = [
        {"type": "line", "yref": "paper", "x0": 24 * day, "x1": 24 * day, "y0": 0, "y1": 1, "line": {"color": "#E3E8EC", "width": 1}, "layer": "below"}
        for day in range(1, 7)
    ]
    data = []
    for row, columns in enumerate(rows):
        side = number_of(row)
        frame[f"yaxis{side}"] = {**_value_axis(view, group, upright[row], 0, row), "anchor": "x"}
        for track in (track for column in columns for track in column.tracks if track.fine):
            shape = weekly_shape(track.values, track.stamps, track.step_minutes)
            more: dict[str, Any] = {"x0": track.step_hours / 2, "dx": track.step_hours, "xaxis": "x", "yaxis": f"y{side}"}
            data.append(line(shape, track, 0, legend=True, hovertemplate=f"%{{y:.4~g}} {plain(unit_of(group.unit))}", **more))
    return Figure(f"{group.name}-typical-week", view.words("profile_weeks.typical", unit=unit_of(group.unit)), data, frame, height)


def _windows(view: SetView) -> list[tuple[int, int]]:
    """Return first and last step + 1 of each week that is drawn."""
    length = round(168 / view.step_hours)
    days = view.stamps.astype("datetime64[D]")
    midnights = np.flatnonzero((view.stamps == days) & ((days.astype(np.int64) + 3) % 7 == 0))
    midnights = midnights[midnights + length <= view.steps]
    within = (days - days.astype("datetime64[M]")).astype(np.int64)
    months = days.astype("datetime64[M]").astype(np.int64) % 12
    found = []
    for month in MONTHS.values():
        mondays = midnights[(months[midnights] == month) & (within[midnights] >= WEEK_OF_MONTH)]
        if mondays.size:
            found.append((int(mondays[0]), int(mondays[0]) + length))
    return found or [(0, min(length, view.steps))]


def _rows(group: Group) -> list[list[SetColumn]]:
    columns = group.columns
    return [columns[place : place + ROW_COLUMNS] for place in range(0, len(columns), ROW_COLUMNS)]


def _grid(view: SetView, group: Group, names: list[str], rows: int, panels: int) -> tuple[dict[str, Any], int, list[list[float]], list[list[float]]]:
    """Return layout, height, and where panels stand across and upright, the first row on top."""
    drawing = 190 if rows == 1 else 120 * rows
    frame, height = with_legend(names, drawing, 32, hovermode="closest")
    frame["annotations"] = []
    return frame, height, spans(panels, 0.05), spans(rows, 0.045 if rows < 6 else 0.02)[::-1]


def _date_axis(view: SetView, first: int, last: int, **changes: Any) -> dict[str, Any]:
    """Return the axis of a week, with a tick each midnight."""
    return hours_axis(view, first, last, tickformat="%m-%d", dtick=DAY_MS, **changes)


def _lowest_axis(panel: int, panels: int, rows: int) -> str:
    return f"y{number_of((rows - 1) * panels + panel)}"


def _value_axis(view: SetView, group: Group, domain: list[float], panel: int, first_of_row: int) -> dict[str, Any]:
    """Return the axis of values of a panel; panels of a row share their range."""
    if panel:
        return axis(domain=domain, matches=f"y{number_of(first_of_row)}", showticklabels=False, nticks=5)
    title = value_title(view, group) if domain == [0.0, 1.0] else plain(unit_of(group.unit))  # a row among others has no room for the basis
    return axis(title, domain=domain, nticks=5)
