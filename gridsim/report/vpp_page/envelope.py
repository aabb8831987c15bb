"""What a park can give at its connection: by duration, by month and hour of the day, and as a region of power and energy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.report.accounts.amounts import money_with_unit, share
from gridsim.report.figures.figure import Figure, plain
from gridsim.report.tables import Column, Table
from gridsim.report.theme import FILLED, axis, layout, pale
from gridsim.report.vpp_page.traces import DOWN, UP, below
from gridsim.report.vpp_page.vpp_view import floats, listed, shown

if TYPE_CHECKING:
    from gridsim.report.vpp_page.vpp_view import Row, VppView

WAYS = {"up": (1.0, UP), "down": (-1.0, DOWN)}
"""Side of zero, and colour."""
SURE = 0.999999
"""Share of points from which on all count as proven."""
NAMED_SHARE = 0.5
"""A technology is named that leaves nothing in this share of the starts at which nothing can be given."""
MOST_ELEMENTS = 4
NOTHING_MW = 5e-4
"""A firm power below this is shown as 0."""


def envelope(view: VppView) -> list[Any]:
    """Return the parts of the section."""
    record = view.part("envelope")
    return [
        how(view, record),
        nothing(view, record),
        carried(view, record),
        duration_bars(view, record),
        duration_table(view, record),
        month_and_hour(view, record),
        region(view, record),
    ]


def how(view: VppView, record: Row) -> str:
    """Say what up, down and firm mean here, and how sure the numbers are."""
    words = view.words
    said = [words("vpp_envelope.how", starts=f"{record['starts']:,}", recovery=f"{record['recovery_hours']:g}", share=share(record["firm_share"]))]
    key = "proven" if record["proven_share"] >= SURE else "proven_share"
    said.append(words(f"vpp_envelope.{key}", proven=share(record["proven_share"])))
    return words("word.sentence_space").join(said)


def nothing(view: VppView, record: Row) -> str:
    """Say in how many starts no power can be given at all, and what leaves nothing then."""
    words, said, hours = view.words, [], min(record["durations_hours"])
    for way in WAYS:
        found = record.get("nothing", {}).get(way, {"share": [0.0]})
        empty = found["share"][record["durations_hours"].index(hours)]
        if not empty:
            continue
        causes = [
            words(f"vpp_nothing.{way}.{one['kind']}", name=view.label(one["technology"]), share=share(one["share"]))
            for one in found["causes"]
            if one["share"] >= NAMED_SHARE
        ]
        key = "nothing" if causes else "nothing_later"
        said.append(words(f"vpp_envelope.{key}", hours=f"{hours:g}", way=way_name(view, way), share=share(empty), causes=words("word.list_comma").join(causes)))
    return words("word.sentence_space").join(said)


def carried(view: VppView, record: Row) -> str:
    """Say what the wires take, or why they were not looked at."""
    words, wires = view.words, record.get("wires")
    if not wires:
        return ""
    if not wires["looked"]:
        reason, _, finding = wires["reason"].partition(": ")
        return words(f"vpp_envelope.without.{reason}", finding=finding, remedy=wires["remedy"])
    counts = {key: f"{wires[key]:,}" for key in ("points", "states", "rounds")}
    said = [words("vpp_envelope.wires_nothing")]
    if wires["starts_bound"]:
        taken = {way: shown(wires[way]["mean_taken_mw"][0]) for way in WAYS}
        firm = {f"firm_{way}": shown(wires[way]["firm_taken_mw"][0]) for way in WAYS}
        hours, bound, starts = f"{record['durations_hours'][0]:g}", f"{wires['starts_bound']:,}", f"{record['starts']:,}"
        said = [words("vpp_envelope.wires_take", hours=hours, bound=bound, starts=starts, **taken, **firm)]
    if wires["binding"]:
        elements = [
            words("vpp_envelope.wires_element", element=words(f"wires_told.{one['kind']}", name=one["element"]), steps=f"{one['steps']:,}")
            for one in wires["binding"][:MOST_ELEMENTS]
        ]
        said.append(words("vpp_envelope.wires_elements", elements=words("word.list_comma").join(elements)))
    said.append(words("vpp_envelope.wires_flows", **counts))
    if wires["points_beyond"]:
        said = [*said[1:], words("vpp_envelope.wires_left", left=f"{wires['points_beyond']:,}", **counts)]
    if wires["dispatched_again"]:
        said.append(words("vpp_envelope.wires_again", cost=money_with_unit(words, wires["network_cost_cny"])))
    return words("word.sentence_space").join(said)


def way_name(view: VppView, way: str) -> str:
    """Up or down."""
    return view.words(f"vpp_envelope.{way}")


def duration_bars(view: VppView, record: Row) -> Figure:
    """Draw firm and mean power by duration, up above zero, down below, with the range over all starts."""
    words, data = view.words, []
    x = [view.hours_text(hours) for hours in record["durations_hours"]]
    for way, (sign, colour) in WAYS.items():
        mean, firm, low, high = (floats(record[way][f"{key}_mw"]) for key in ("mean", "firm", "lowest", "highest"))
        more, less = (listed(np.maximum(span, 0.0)) for span in (high - mean, mean - low))
        arms = {"type": "data", "symmetric": False, "array": more if sign > 0 else less, "arrayminus": less if sign > 0 else more}
        for key, values, opacity, width, arm in (
            ("mean", mean, 0.35, 0.62, {"error_y": {**arms, "color": "#8D99A3", "thickness": 1, "width": 4}}),
            ("firm", firm, 1.0, 0.34, {}),
        ):
            hover = f"%{{customdata:,.4~g}} MW<extra>{plain(words(f'vpp_envelope.{key}_of', way=way_name(view, way)))}</extra>"
            one = {"type": "bar", "name": plain(words(f"vpp_envelope.{key}_of", way=way_name(view, way))), "x": x, "y": listed(sign * values), "width": width}
            data.append({**one, "marker": {"color": pale(colour, opacity)}, "customdata": listed(values), "hovertemplate": hover, **arm})
    frame = layout(
        barmode="overlay",
        xaxis=axis(words("vpp_envelope.duration"), type="category", showgrid=False),
        yaxis=axis(words("vpp_envelope.power_axis"), zerolinecolor="#22303C", zerolinewidth=1.2),
        margin={"l": 70, "r": 30, "t": 26, "b": 80},
        legend=below(-0.2),
    )
    return Figure("envelope-durations", words("vpp_figure.durations"), data, frame, 380, caption=words("vpp_envelope.bars_caption"))


def duration_table(view: VppView, record: Row) -> Table:
    """Firm, mean, lowest and highest power by duration."""
    words, keys = view.words, ("firm", "mean", "lowest", "highest")
    columns = [Column(words("vpp_envelope.duration_head"), text=True)]
    columns += [Column(words(f"vpp_envelope.{key}_of", way=way_name(view, way)), "MW") for way in WAYS for key in keys]
    rows = [
        [view.hours_text(hours), *(shown(record[way][f"{key}_mw"][place]) for way in WAYS for key in keys)]
        for place, hours in enumerate(record["durations_hours"])
    ]
    return Table(columns, rows)


def month_and_hour(view: VppView, record: Row) -> Figure:
    """Draw firm power by month and hour of the day; the reader chooses direction and duration."""
    words, data, choices = view.words, [], []
    months = [f"{month:02d}" for month in record["months"]]
    for way in sorted(WAYS, key=lambda way: -_most(record, way)):
        tables = floats(record[way]["firm_by_month_and_hour_mw"])
        for place, hours in enumerate(record["durations_hours"]):
            choices.append(words("vpp_envelope.choice", way=way_name(view, way), hours=f"{hours:g}"))
            data.append(
                {
                    "type": "heatmap",
                    "x": [hour + 0.5 for hour in range(24)],
                    "y": months,
                    "z": listed(tables[:, :, place]),
                    "zmin": 0.0,
                    "zmax": max(_most(record, way), 1.0),
                    "colorscale": FILLED,
                    "visible": len(data) == 0,
                    "hoverongaps": False,
                    "customdata": [[f"{hour:02d}:00" for hour in range(24)] for _ in months],
                    "hovertemplate": f"{words('table.month')} %{{y}}, %{{customdata}}<br>%{{z:,.4~g}} MW<extra></extra>",
                    "colorbar": {"thickness": 12, "len": 1.1, "x": 1.01, "tickfont": {"size": 10}, "outlinewidth": 0, "nticks": 5, "ticksuffix": " MW"},
                }
            )
    frame = layout(
        xaxis=axis(words("axis.hour_of_day_unit"), range=[0, 24], tickvals=list(range(0, 25, 3)), showgrid=False, zeroline=False),
        yaxis=axis(words("table.month"), type="category", autorange="reversed", showgrid=False),
        margin={"l": 60, "r": 110, "t": 26, "b": 50},
        showlegend=False,
    )
    caption = words("vpp_envelope.months_caption", share=share(record["firm_share"]))
    height = 116 + 24 * max(3, len(months))
    return Figure("envelope-months-hours", words("vpp_figure.months_hours"), data, frame, height, caption=caption, choices=tuple(choices))


def _most(record: Row, way: str) -> float:
    """Return the most firm power of any month and hour. [MW]"""
    tables = floats(record[way]["firm_by_month_and_hour_mw"])
    return float(np.nanmax(tables)) if np.isfinite(tables).any() else 0.0


def region(view: VppView, record: Row) -> Figure:
    """Draw which power can be given together with which energy: the area between zero and the line through the durations."""
    words, data, hours = view.words, [], floats(record["durations_hours"])
    for way, (sign, colour) in WAYS.items():
        for key, opacity, dash in (("mean", 0.12, "dot"), ("firm", 0.4, "solid")):
            power = floats(record[way][f"{key}_mw"])
            known = np.isfinite(power)
            power, energy = power[known], (power * hours)[known]
            if not power.size:
                continue
            texts = [words("vpp_envelope.region_hover", hours=f"{each:g}") for each in hours[known]]
            data.append(
                {
                    "type": "scatter",
                    "mode": "lines+markers",
                    "name": plain(words(f"vpp_envelope.{key}_of", way=way_name(view, way))),
                    "x": [0.0, 0.0, *listed(energy), 0.0],
                    "y": [0.0, *listed(sign * power[:1]), *listed(sign * power), 0.0],
                    "fill": "toself",
                    "fillcolor": pale(colour, opacity),
                    "line": {"color": colour, "width": 1.6, "dash": dash},
                    "marker": {"size": [0, 0, *[7] * power.size, 0], "color": colour},
                    "text": ["", "", *texts, ""],
                    "hoveron": "points",
                    "hovertemplate": "%{text}: %{y:,.4~g} MW, %{x:,.4~g} MWh",
                }
            )
    frame = layout(
        hovermode="closest",
        xaxis=axis(words("vpp_envelope.energy_axis"), rangemode="tozero"),
        yaxis=axis(words("vpp_envelope.power_axis"), zerolinecolor="#22303C", zerolinewidth=1.2),
        margin={"l": 70, "r": 30, "t": 26, "b": 80},
        legend=below(-0.2),
    )
    return Figure("envelope-region", words("vpp_figure.region"), data, frame, 400, caption=words("vpp_envelope.region_caption"))


def envelope_verdict(view: VppView, record: Row) -> str:
    """Say what can be given for the shortest and the longest duration."""
    words, hours = view.words, record["durations_hours"]
    said = []
    for place in (0, len(hours) - 1) if len(hours) > 1 else (0,):
        powers = {way: shown(record[way]["firm_mw"][place]) for way in WAYS}
        said.append(words("vpp_verdict.envelope", hours=f"{hours[place]:g}", share=share(record["firm_share"]), **powers))
    if any((record[way]["firm_mw"][0] or 0.0) < NOTHING_MW for way in WAYS) and (why := nothing(view, record)):
        said.append(why)
    return words("word.sentence_space").join(said)
