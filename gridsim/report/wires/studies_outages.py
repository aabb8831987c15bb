"""N-1: which outages the network stands, what the others break, and what they leave without supply."""

from __future__ import annotations

import math
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from gridsim.report.numbers import number
from gridsim.report.tables import Column, Table
from gridsim.report.wires.studies_cells import DASH, FIRST_ROWS, KIND_OF_TABLE, finite, joined, rows_shown, several, split_names, when, where

if TYPE_CHECKING:
    import pandas as pd

    from gridsim.report.wires.studies import Part
    from gridsim.report.wires.wires_view import WiresView

VOLTAGES = ("voltage_low", "voltage_high")
ALIKE_DECIMALS = 4
"""Outages of parallel circuits that agree to so many decimals are one row."""


@dataclass(frozen=True)
class OutageGroup:
    """Outages of parallel circuits that do the same."""

    names: tuple[str, ...]
    row: dict[str, Any]
    """Of the first."""

    @property
    def over(self) -> float:
        """Highest loading over its limit; 0 where all branches hold. [1]"""
        return _over(self.row)

    @property
    def off_band(self) -> float:
        """How far a voltage is out of its band; 0 where all are inside. [p.u.]"""
        return max((abs(finite(self.row[f"{kind}_value"]) - finite(self.row[f"{kind}_limit"])) for kind in VOLTAGES if _has(self.row, kind)), default=0.0)

    @property
    def breaks(self) -> bool:
        """Whether what is left of the network breaks a limit or has no solution."""
        return bool(self.row["hours_without_solution"] or self.over or self.off_band or self.row["reactive_excess_mvar"])


def outage_parts(wires: WiresView, table: pd.DataFrame) -> list[Part]:
    """Return the judgement, the outages that break limits, and those that leave buses without supply."""
    if table.empty:
        return [wires.view.words("outages.none")]
    groups = outage_groups(wires, table)
    return [outage_judgement(wires, table), broken_table(wires, groups), lost_table(wires, groups), wires.view.words("outages.basis")]


def outage_groups(wires: WiresView, table: pd.DataFrame) -> list[OutageGroup]:
    """Return the outages that do not hold; parallel circuits whose outages do the same are one."""
    found: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in table.loc[~table["holds"].astype(bool)].to_dict("records"):
        numbers = (*(f"{kind}_value" for kind in ("loading", *VOLTAGES)), "reactive_excess_mvar", "lost_load_mw", "lost_infeed_mw")
        alike = tuple("" if math.isnan(finite(row[key])) else round(finite(row[key]), ALIKE_DECIMALS) for key in numbers)
        ends = wires.ends(KIND_OF_TABLE.get(row["table"], ""), row["element"])
        found.setdefault((ends, row["units_left"], row["islanded_buses"], row["hours_without_solution"], alike), []).append(row)
    return [OutageGroup(tuple(row["element"] for row in rows), rows[0]) for rows in found.values()]


def outage_judgement(wires: WiresView, table: pd.DataFrame) -> str:
    """Say how many outages hold, how many do what, and which are worst."""
    words = wires.view.words
    rows = table.to_dict("records")
    counts = {
        "unsolved": sum(row["hours_without_solution"] > 0 for row in rows),
        "islanded": sum(bool(row["islanded_buses"]) for row in rows),
        "loading": sum(_has(row, "loading") for row in rows),
        "voltage": sum(any(_has(row, kind) for kind in VOLTAGES) for row in rows),
        "reactive": sum(row["reactive_excess_mvar"] > 0.0 for row in rows),
    }
    sentences = [words("outages.holds", holds=int(table["holds"].sum()), count=len(table))]
    parts = [words(f"outages.count_{what}", count=count) for what, count in counts.items() if count]
    if parts:
        sentences.append(words("outages.counts", list=words("word.list_comma").join(parts)))
    over = max(rows, key=_over)
    if _has(over, "loading"):
        sentences.append(
            words(
                "outages.worst_loading",
                name=over["loading_element"],
                value=wires.amount("line", over["loading_value"], over["loading_limit"]),
                limit=wires.amount("line", over["loading_limit"]),
                outage=_name(wires, (over["element"],), over),
                time=when(wires, over["loading_hour"]),
            )
        )
    for key in ("lost_load_mw", "lost_infeed_mw"):
        most = max(rows, key=itemgetter(key, "lost_load_mw", "lost_infeed_mw"))
        if most[key] > 0.0:
            sentences.append(words(f"outages.most_{key}", mw=number(most[key]), outage=_name(wires, (most["element"],), most)))
    return joined(wires, *sentences)


def broken_table(wires: WiresView, groups: list[OutageGroup]) -> Table | None:
    """Return the outages after which what is left breaks a limit: without solution first, then by loading, voltage and reactive power."""
    words = wires.view.words
    found = sorted(
        (group for group in groups if group.breaks),
        key=lambda group: (-group.row["hours_without_solution"], -group.over, -group.off_band, -group.row["reactive_excess_mvar"]),
    )
    if not found:
        return None
    unsolved = any(group.row["hours_without_solution"] for group in found)
    rows = [_broken_cells(wires, group, unsolved=unsolved) for group in found[:FIRST_ROWS]]
    columns = [
        Column(words("outages.outage"), text=True, data=True),
        Column(words("wires_table.where"), text=True, data=True),
        *([Column(words("outages.unsolved"), "h")] if unsolved else []),
        Column(words("outages.branch"), text=True, data=True),
        Column(words("outages.loading")),
        Column(words("outages.before")),
        Column(words("wires_table.limit")),
        Column(words("outages.overloaded")),
        Column(words("outages.voltage"), text=True, data=True),
        Column(words("outages.reactive")),
        Column(words("wires_table.when"), text=True, whole=True),
    ]
    caption = joined(wires, words("outages.broken_caption"), rows_shown(wires, len(rows), len(found), "n_1"))
    return Table(columns, rows, caption=caption, title=words("outages.broken_title"))


def _broken_cells(wires: WiresView, group: OutageGroup, *, unsolved: bool) -> list[str]:
    row = group.row
    loaded = _has(row, "loading")
    voltages = [_voltage(wires, row, kind) for kind in VOLTAGES if _has(row, kind)]
    hour = next((row[f"{kind}_hour"] for kind in ("loading", *VOLTAGES) if _has(row, kind)), None)
    return [
        _name(wires, group.names, row),
        where(wires, row["element"]),
        *([number(wires.hours(row["hours_without_solution"]))] if unsolved else []),
        row["loading_element"] if loaded else DASH,
        wires.amount("line", row["loading_value"], row["loading_limit"]) if loaded else DASH,
        wires.amount("line", row["loading_before"]) if loaded else DASH,
        wires.amount("line", row["loading_limit"]) if loaded else DASH,
        str(row["overloaded_branches"]) if row["overloaded_branches"] else DASH,
        wires.view.words("word.list_comma").join(voltages) or DASH,
        number(row["reactive_excess_mvar"]) if row["reactive_excess_mvar"] else DASH,
        when(wires, hour),
    ]


def _voltage(wires: WiresView, row: dict[str, Any], kind: str) -> str:
    values = {"value": wires.amount(kind, row[f"{kind}_value"]), "limit": wires.amount(kind, row[f"{kind}_limit"])}
    return wires.view.words("wires.element_of_hour", name=wires.bus_label(row[f"{kind}_element"]), **values)


def lost_table(wires: WiresView, groups: list[OutageGroup]) -> Table | None:
    """Return the outages that leave buses without supply, those that lose most power first."""
    words = wires.view.words
    found = sorted((group for group in groups if group.row["islanded_buses"]), key=lambda group: -max(group.row["lost_load_mw"], group.row["lost_infeed_mw"]))
    if not found:
        return None
    rows = []
    for group in found[:FIRST_ROWS]:
        row, buses = group.row, split_names(group.row["islanded_buses"])
        cells = [str(len(buses)), several(wires, [wires.bus_label(bus) for bus in buses]), number(row["lost_load_mw"]), number(row["lost_infeed_mw"])]
        rows.append([_name(wires, group.names, row), where(wires, row["element"]), *cells, words("studies.yes") if group.breaks else DASH])
    columns = [
        Column(words("outages.outage"), text=True, data=True),
        Column(words("wires_table.where"), text=True, data=True),
        Column(words("outages.bus_count")),
        Column(words("outages.buses"), text=True, data=True),
        Column(words("outages.lost_load"), "MW"),
        Column(words("outages.lost_infeed"), "MW"),
        Column(words("outages.breaks"), text=True),
    ]
    caption = joined(wires, words("outages.lost_caption"), rows_shown(wires, len(rows), len(found), "n_1"))
    return Table(columns, rows, caption=caption, title=words("outages.lost_title"))


def _name(wires: WiresView, names: tuple[str, ...], row: dict[str, Any]) -> str:
    name = several(wires, names)
    units = int(row["units_left"])
    return wires.view.words("outages.one_of", name=name, units=units + 1) if units else name


def _has(row: dict[str, Any], kind: str) -> bool:
    return math.isfinite(finite(row[f"{kind}_value"]))


def _over(row: dict[str, Any]) -> float:
    return finite(row["loading_value"]) / finite(row["loading_limit"]) if _has(row, "loading") else 0.0
