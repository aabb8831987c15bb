"""How long critical loads last without the public grid: by season, by hour of the day, by store; what ends it and what goes unserved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.report.figures.carpet import carpet_layout, heatmap
from gridsim.report.figures.figure import Figure, plain
from gridsim.report.numbers import percent
from gridsim.report.tables import Cell, Column, Table
from gridsim.report.theme import FILLED, INK, axis, colour_of, layout
from gridsim.report.vpp_page.traces import KEPT, LEVELS, SEASON, bars, below, lines, lying, lying_frame
from gridsim.report.vpp_page.vpp_view import floats, shown

if TYPE_CHECKING:
    from gridsim.report.vpp_page.vpp_view import Row, VppView


def islanding(view: VppView) -> list[Any]:
    """Return the parts of the section, for each island one after the other."""
    parts: list[Any] = [view.words("vpp_island.how")]
    islands = view.part("islanding")
    for place, island in enumerate(islands):
        name = "" if len(islands) == 1 else island["island"]
        tag = f"-{place}" if name else ""
        parts += [survival_curves(view, island, tag, name), survival_table(view, island), hours_carpet(view, island, tag)]
        parts += [by_hour_bars(view, island, tag), unserved_bars(view, island, tag), unserved_table(view, island)]
        parts += [cause_bars(view, island, tag), storage_lines(view, island, tag), storage_table(view, island)]
    return parts


def titled(view: VppView, key: str, name: str) -> str:
    """Return a figure's title, with the island's name where there are several."""
    title = view.words(f"vpp_figure.{key}")
    return view.words("curtail.option_of", option=title, which=name) if name else title


def survival_curves(view: VppView, island: Row, tag: str, name: str) -> Figure:
    """Draw the share of starts whose critical loads last at least so long, for all starts and for each season."""
    words, hours = view.words, floats(island["curve"]["duration_hours"])
    everything = 100.0 * floats(island["curve"]["share"])
    seasons = {season: row for season, row in island["by_season"].items() if row["curve"]}
    alive = np.flatnonzero(np.nan_to_num(everything) > 0)
    last = min(hours.size, int(alive[-1]) + 2 if alive.size else hours.size)
    data = []
    if len(seasons) > 1:
        data = [
            lines(hours[:last], 100.0 * floats(row["curve"])[:last], words(f"vpp_season.{season}"), SEASON[season], "%", line=_stairs(SEASON[season], 1.8))
            for season, row in seasons.items()
        ]
    data.append(lines(hours[:last], everything[:last], words("vpp_island.all"), INK, "%", line=_stairs(INK, 3)))
    frame = layout(
        hovermode="x unified",
        xaxis=axis(words("vpp_island.duration_axis"), rangemode="tozero"),
        yaxis=axis(words("vpp_island.share_axis"), range=[0, 103]),
        margin={"l": 70, "r": 30, "t": 26, "b": 80 if len(data) > 1 else 50},
        legend=below(-0.2),
        showlegend=len(data) > 1,
    )
    told = [words("vpp_island.censored", starts=f"{island['censored_starts']:,}")] if island["censored_starts"] else []
    if island.get("year_end") == "wrap" and view.document["park"]["share_of_year"] < 1:
        told.append(words("vpp_island.wraps", hours=f"{view.hours:,.6g}"))
    return Figure(f"survival{tag}", titled(view, "survival", name), data, frame, 380, caption=words("word.sentence_space").join(told))


def _stairs(colour: str, width: float) -> dict[str, Any]:
    return {"color": colour, "width": width}


def survival_table(view: VppView, island: Row) -> Table:
    """Share of starts that last each duration, by season."""
    words = view.words
    columns = [Column(words("vpp_island.season"), text=True), Column(words("vpp_island.starts")), Column(words("vpp_island.mean"), "h")]
    columns += [Column(words("vpp_island.at_least", hours=f"{hours:g}")) for hours in island["durations_hours"]]
    rows = []
    for season, row in island["by_season"].items():
        shares = [_percent(share) for share in row["share_at_durations"]]
        rows.append([words(f"vpp_season.{season}"), f"{row['starts']:,}", shown(row["hours_mean_at_least"]), *shares])
    total = [words("vpp_island.all"), f"{island['starts']:,}", shown(island["hours_mean_at_least"])]
    total += [_percent(share) for share in island["share_at_durations"]]
    median, lowest = shown(island["hours_median"]), shown(island["hours_lowest"])
    return Table(columns, rows if len(rows) > 1 else [], total, caption=words("vpp_island.table_caption", median=median, lowest=lowest))


def _percent(share: float | None) -> str:
    return shown(None) if share is None else percent(share)


def hours_carpet(view: VppView, island: Row, tag: str) -> Figure | None:
    """Draw the hours that each start lasts."""
    hours = floats(island["hours"])
    if not view.long_enough or hours.size != view.steps or hours.max() <= 0:
        return None
    trace = heatmap(view, hours, "h", FILLED, (0.0, float(np.quantile(hours, 0.98)) or 1.0))
    caption = view.words("vpp_island.carpet_caption")
    return Figure(f"survival-hours{tag}", view.words("vpp_figure.survival_hours"), [trace], carpet_layout(view), 240, caption=caption)


def by_hour_bars(view: VppView, island: Row, tag: str) -> Figure:
    """Draw the mean hours by the hour of the day in which the grid is lost."""
    words, rows = view.words, island["by_hour_of_day"]
    hours = [row["hours_mean_at_least"] for row in rows.values()]
    frame = layout(
        bargap=0.2,
        xaxis=axis(words("vpp_island.hour_axis"), type="category", showgrid=False, tickangle=0),
        yaxis=axis(words("vpp_island.mean_axis"), rangemode="tozero"),
        margin={"l": 70, "r": 30, "t": 26, "b": 50},
        showlegend=False,
    )
    data = [bars(list(rows), hours, words("vpp_island.mean"), KEPT, "h")]
    return Figure(f"survival-day{tag}", words("vpp_figure.survival_day"), data, frame, 260)


def tier_name(view: VppView, tier: str) -> str:
    """What a tier is called."""
    return view.words.named("vpp_tier", tier)


def unserved_bars(view: VppView, island: Row, tag: str) -> Figure:
    """Draw the share of each tier's demand that is not served, by the length of the loss."""
    words, x = view.words, [view.hours_text(hours) for hours in island["durations_hours"]]
    data, most = [], max(float(np.nanmax(floats(row["unserved_share"]), initial=0.0)) for row in island["unserved"].values()) * 100.0
    for place, (tier, row) in enumerate(island["unserved"].items()):
        colour = LEVELS[::-1][(place + 1) % len(LEVELS)]
        amounts = [f"{shown(short)} / {shown(asked)} MWh" for short, asked in zip(row["unserved_mwh"], row["demand_mwh"], strict=True)]
        hover = "%{y:.3~g} %<br>%{customdata}"
        data.append(bars(x, 100.0 * floats(row["unserved_share"]), tier_name(view, tier), colour, "%", customdata=amounts, hovertemplate=hover))
    frame = layout(
        barmode="group",
        bargap=0.3,
        xaxis=axis(words("vpp_island.loss_axis"), type="category", showgrid=False),
        yaxis=axis(words("vpp_island.unserved_axis"), range=[0, 1.08 * max(most, 1.0)]),
        margin={"l": 70, "r": 30, "t": 26, "b": 80},
        legend=below(-0.24),
        showlegend=True,
    )
    return Figure(f"unserved{tag}", words("vpp_figure.unserved"), data, frame, 300)


def unserved_table(view: VppView, island: Row) -> Table:
    """Unserved energy and its share, by tier and length of the loss, on average over the starts."""
    words = view.words
    rows = []
    for tier, row in island["unserved"].items():
        told = [Cell(shown(short), note=_percent(share)) for short, share in zip(row["unserved_mwh"], row["unserved_share"], strict=True)]
        rows.append([tier_name(view, tier), *told])
    columns = [Column(words("vpp_island.tier"), text=True, data=True), *(Column(view.hours_text(hours), "MWh") for hours in island["durations_hours"])]
    told = [words("vpp_island.unserved_caption"), words.get(f"vpp_island_policy.{island.get('policy')}") if len(rows) > 1 else ""]
    return Table(columns, rows, caption=words("word.sentence_space").join(one for one in told if one))


def cause_name(view: VppView, cause: str) -> str:
    """Why an island ended, and the store that fell short."""
    kind, _, store = cause.partition(": ")
    word = view.words.named("vpp_cause", kind)
    return view.words("curtail.option_of", option=word, which=view.label(store)) if store else word


def cause_bars(view: VppView, island: Row, tag: str) -> Figure:
    """Draw what ends the islands, as shares of the starts."""
    words, causes = view.words, island["causes"]
    names = [cause_name(view, cause) for cause in causes]
    shares = [100.0 * count / island["starts"] for count in causes.values()]
    frame = lying_frame(words("vpp_island.cause_axis"))
    return Figure(f"survival-causes{tag}", words("vpp_figure.causes"), [lying(names, shares, KEPT, "%")], frame, 90 + 32 * len(causes))


def storage_lines(view: VppView, island: Row, tag: str) -> Figure | None:
    """Draw the mean hours against the energy of each store, the others as they are."""
    words, stores = view.words, island["storage"]
    if not stores:
        return None
    data = []
    for place, (store, rows) in enumerate(stores.items()):
        same = [row for row in rows if row["power_factor"] == 1.0]
        sizes = [f"{shown(row['energy_mwh'])} MWh, {shown(row['power_mw'])} MW" for row in same]
        hover = f"%{{customdata}}<br>%{{y:,.4~g}} h<extra>{plain(view.label(store))}</extra>"
        more = {"mode": "lines+markers", "marker": {"size": 8}, "customdata": sizes, "hovertemplate": hover}
        colour = colour_of("battery") if place == 0 else colour_of(store)
        data.append(lines([row["energy_factor"] for row in same], [row["hours_mean_at_least"] for row in same], view.label(store), colour, "h", **more))
    ticks = sorted({row["energy_factor"] for rows in stores.values() for row in rows})
    frame = layout(
        hovermode="closest",
        xaxis=axis(words("vpp_island.energy_axis"), type="log", tickvals=ticks, ticktext=[f"×{factor:g}" for factor in ticks]),
        yaxis=axis(words("vpp_island.mean_axis"), rangemode="tozero"),
        margin={"l": 70, "r": 30, "t": 26, "b": 80 if len(data) > 1 else 50},
        legend=below(-0.28),
        showlegend=len(data) > 1,
    )
    return Figure(f"storage{tag}", words("vpp_figure.storage"), data, frame, 300, caption=words("vpp_island.storage_caption"))


def storage_table(view: VppView, island: Row) -> Table | None:
    """One row a store and size."""
    if not island["storage"]:
        return None
    words = view.words
    columns = [Column(words("vpp_island.store"), text=True, data=True), Column(words("vpp_island.energy"), "MWh"), Column(words("vpp_island.power"), "MW")]
    columns += [Column(words("vpp_island.mean"), "h"), Column(words("vpp_island.lowest"), "h")]
    columns += [Column(words("vpp_island.at_least", hours=f"{hours:g}")) for hours in island["durations_hours"]]
    horizon = island.get("horizon_hours")
    columns += [Column(words("vpp_island.outlast", hours=f"{horizon:g}"))] if horizon else []
    rows = []
    for store, sizes in island["storage"].items():
        for row in sizes:
            amounts = [shown(row[key]) for key in ("energy_mwh", "power_mw", "hours_mean_at_least", "hours_lowest")]
            now = "factor_now" if row["energy_factor"] == row["power_factor"] == 1.0 else "factor"
            shares = [*row["share_at_durations"], *([row["outlast_share"]] if horizon else [])]
            named = Cell(view.label(store), note=words(f"vpp_island.{now}", factor=f"{row['energy_factor']:g}"))
            rows.append([named, *amounts, *(_percent(share) for share in shares)])
    return Table(columns, rows)


def islanding_verdict(view: VppView, islands: list[Row]) -> str:
    """Say how long the critical loads last, half of the time and on average."""
    words, said = view.words, []
    for island in islands:
        key = "island" if len(islands) == 1 else "island_of"
        values = {"median": shown(island["hours_median"]), "mean": shown(island["hours_mean_at_least"]), "lowest": shown(island["hours_lowest"])}
        said.append(words(f"vpp_verdict.{key}", **values, **({"island": island["island"]} if key == "island_of" else {})))
    return words("word.sentence_space").join(said)
