"""Short-circuit currents against breakers, and how strong the grid is where converters feed in."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from gridsim.report.figures.figure import Figure, plain
from gridsim.report.numbers import number, percent
from gridsim.report.tables import Column, Table
from gridsim.report.theme import INK, TYPE, axis, layout
from gridsim.report.wires.studies_cells import DASH, FIRST_ROWS, joined, rows_shown

if TYPE_CHECKING:
    import pandas as pd

    from gridsim.report.wires.studies import Part
    from gridsim.report.wires.wires_view import WiresView

SOURCE_COLOURS = {"grid_ka": TYPE["grid_connection"], "machines_ka": TYPE["caes"], "converters_ka": TYPE["wind"]}
WEAKEST = 10
"""Buses with converters in the table of short-circuit ratios."""


def short_circuit_parts(wires: WiresView, table: pd.DataFrame) -> list[Part]:
    """Return the judgement, a row a voltage level, the buses with least margin, and those with the weakest grid."""
    words = wires.view.words
    table = table[table["ik_max_ka"].notna()]  # a bus out of service has no current
    if table.empty:
        return [words("short_circuit.none")]
    parts: list[Part] = [breaker_judgement(wires, table), level_table(wires, table), current_bars(wires, table)]
    return [*parts, margin_table(wires, table), words("short_circuit.basis"), ratio_table(wires, table)]


def breaker_judgement(wires: WiresView, table: pd.DataFrame) -> str:
    """Say how many buses exceed their breakers, also with a busbar section for each transformer unit, and how weak the grid is."""
    words = wires.view.words
    judged = table[table["margin"].notna()]
    beyond = judged[judged["exceeds"].astype(bool)]
    sentences = []
    if len(judged) and beyond.empty:
        sentences.append(words("short_circuit.within", count=len(judged)))
    elif len(judged):
        sentences.append(words("short_circuit.beyond", beyond=len(beyond), count=len(judged)))
        levels = [
            words("short_circuit.at_level", beyond=int(group["exceeds"].sum()), count=len(group), kv=f"{kv:g}")
            for kv, group in reversed(list(judged.groupby("voltage_kv")))
            if group["exceeds"].any()
        ]
        sentences.append(words("short_circuit.levels", list=words("word.list_comma").join(levels)))
        sentences.append(words("short_circuit.split", count=int(beyond["exceeds_split"].sum())))
    if len(judged) < len(table):
        sentences.append(words("short_circuit.unknown", count=len(table) - len(judged)))
    rated = table[table["short_circuit_ratio"].notna()]
    if len(rated):
        sentences.append(_weakness(wires, rated))
    return joined(wires, *sentences)


def _weakness(wires: WiresView, rated: pd.DataFrame) -> str:
    weakest = rated.loc[rated["short_circuit_ratio"].idxmin()]
    strength = rated["strength"].str.replace(" ", "_").value_counts()
    return wires.view.words(
        "short_circuit.weakness",
        very_weak=int(strength.get("very_weak", 0)),
        weak=int(strength.get("weak", 0)),
        count=len(rated),
        ratio=f"{weakest['short_circuit_ratio']:.2f}",
        bus=wires.bus_label(weakest["bus"]),
    )


def level_table(wires: WiresView, table: pd.DataFrame) -> Table:
    """Return one row a voltage level and breaker, the highest voltage first."""
    words = wires.view.words
    rows = []
    for (kv, breaking, making), group in table.groupby(["voltage_kv", "breaking_ka", "making_ka"], dropna=False, sort=True):
        highest, peak = group.loc[group["ik_max_ka"].idxmax()], group["ip_max_ka"].max()
        ratio = group["short_circuit_ratio"].min()
        beyond = [str(int(group[key].sum())) if math.isfinite(breaking) else DASH for key in ("exceeds", "exceeds_split")]
        currents = [number(breaking), number(highest["ik_max_ka"]), wires.bus_label(highest["bus"]), number(making), number(peak)]
        rows.append((kv, [f"{kv:g}", str(len(group)), *currents, *beyond, _ratio(ratio)]))
    rows.sort(key=lambda row: -row[0])
    columns = [
        Column(words("short_circuit.level"), "kV"),
        Column(words("short_circuit.bus_count")),
        Column(words("short_circuit.breaking"), "kA"),
        Column(words("short_circuit.ik_highest"), "kA"),
        Column(words("short_circuit.at"), text=True, data=True),
        Column(words("short_circuit.making"), "kA"),
        Column(words("short_circuit.ip_highest"), "kA"),
        Column(words("short_circuit.exceeds")),
        Column(words("short_circuit.exceeds_split")),
        Column(words("short_circuit.ratio_lowest")),
    ]
    return Table(columns, [cells for _, cells in rows], title=words("short_circuit.level_title"))


def current_bars(wires: WiresView, table: pd.DataFrame) -> Figure | None:
    """Draw what feeds a fault at the buses with least margin, and what their breakers break."""
    words = wires.view.words
    worst = _by_margin(table).head(FIRST_ROWS)
    if worst.empty:
        return None
    names = [plain(wires.bus_label(bus)) for bus in worst["bus"]]
    data: list[dict[str, Any]] = [
        {
            "type": "bar",
            "orientation": "h",
            "name": words(f"short_circuit.{key}"),
            "y": names,
            "x": [round(float(value), 4) for value in worst[key]],
            "marker": {"color": colour},
            "hovertemplate": f"%{{y}}<br>{words(f'short_circuit.{key}')}: %{{x:,.4~g}} kA<extra></extra>",
        }
        for key, colour in SOURCE_COLOURS.items()
    ]
    for key, symbol in (("breaking_ka", "line-ns"), ("ik_split_ka", "circle-open")):
        title = words(f"short_circuit.mark_{key}")
        data.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": title,
                "y": names,
                "x": [round(float(value), 4) for value in worst[key]],
                "marker": {"symbol": symbol, "size": 13 if symbol == "line-ns" else 8, "color": INK, "line": {"color": INK, "width": 2}},
                "hovertemplate": f"%{{y}}<br>{title}: %{{x:,.4~g}} kA<extra></extra>",
            }
        )
    frame = layout(
        barmode="stack",
        bargap=0.3,
        xaxis=axis(words("short_circuit.axis"), rangemode="tozero"),
        yaxis=axis(type="category", autorange="reversed", showgrid=False),
        margin={"l": 120, "r": 30, "t": 34, "b": 45},
    )
    frame["legend"] |= {"y": 1.0, "yanchor": "bottom"}
    return Figure("short-circuit", words("short_circuit.figure_title"), data, frame, 100 + 24 * max(2, len(names)), words("short_circuit.figure_caption"))


def _by_margin(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["margin"].notna()].sort_values("margin", kind="stable")


def margin_table(wires: WiresView, table: pd.DataFrame) -> Table | None:
    """Return the buses with least margin."""
    words = wires.view.words
    found = _by_margin(table)
    if found.empty:
        return None
    rows = [
        [
            wires.bus_label(row["bus"]),
            f"{row['voltage_kv']:g}",
            number(row["ik_max_ka"]),
            number(row["breaking_ka"]),
            number(row["ip_max_ka"]),
            number(row["making_ka"]),
            percent(row["margin"]),
            str(int(row["units"])),
            number(row["ik_split_ka"]),
            words("studies.yes") if row["exceeds_split"] else words("studies.no") if row["exceeds"] else DASH,
            number(row["ik_min_ka"]),
        ]
        for row in found.head(FIRST_ROWS).to_dict("records")
    ]
    columns = [
        Column(words("short_circuit.bus"), text=True, data=True),
        Column(words("short_circuit.level"), "kV"),
        Column(words("short_circuit.ik"), "kA"),
        Column(words("short_circuit.breaking"), "kA"),
        Column(words("short_circuit.ip"), "kA"),
        Column(words("short_circuit.making"), "kA"),
        Column(words("short_circuit.margin")),
        Column(words("short_circuit.units")),
        Column(words("short_circuit.ik_split"), "kA"),
        Column(words("short_circuit.still"), text=True),
        Column(words("short_circuit.ik_min"), "kA"),
    ]
    caption = joined(wires, words("short_circuit.margin_caption"), rows_shown(wires, len(rows), len(table), "short_circuit"))
    return Table(columns, rows, caption=caption, title=words("short_circuit.margin_title"))


def ratio_table(wires: WiresView, table: pd.DataFrame) -> Table | None:
    """Return the buses with converters of their own where the grid is weakest."""
    words = wires.view.words
    own = table[(table["converter_mva"] > 0.0) & table["short_circuit_ratio"].notna()].sort_values("short_circuit_ratio", kind="stable")
    if own.empty:
        return None
    rows = [
        [
            wires.bus_label(row["bus"]),
            f"{row['voltage_kv']:g}",
            number(row["sk_min_mva"]),
            number(row["converter_mva"]),
            number(row["infeed_mva"]),
            _ratio(row["short_circuit_ratio"]),
            words.named("strength", row["strength"].replace(" ", "_")),
        ]
        for row in own.head(WEAKEST).to_dict("records")
    ]
    columns = [
        Column(words("short_circuit.bus"), text=True, data=True),
        Column(words("short_circuit.level"), "kV"),
        Column(words("short_circuit.sk_min"), "MVA"),
        Column(words("short_circuit.converter_mva"), "MVA"),
        Column(words("short_circuit.infeed_mva"), "MVA"),
        Column(words("short_circuit.ratio")),
        Column(words("short_circuit.strength"), text=True),
    ]
    caption = joined(wires, words("short_circuit.ratio_caption"), rows_shown(wires, len(rows), len(own), "short_circuit"))
    return Table(columns, rows, caption=caption, title=words("short_circuit.ratio_title"))


def _ratio(value: float) -> str:
    return f"{value:.2f}" if math.isfinite(value) else DASH
