"""The first seconds after the grid is lost: how far frequency goes, which hours are lost, what decides, what is shed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.report.figures.carpet import carpet_layout, heatmap
from gridsim.report.figures.figure import Figure, plain
from gridsim.report.numbers import percent
from gridsim.report.tables import Cell, Column, Table
from gridsim.report.theme import SHORT_OF, axis, layout
from gridsim.report.vpp_page.traces import KEPT, LOST, below
from gridsim.report.vpp_page.vpp_view import floats, listed, shown

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.report.vpp_page.vpp_view import Row, VppView

NOMINAL_HZ = 50.0
BIN_HZ = 0.1
WORST = 12
"""Hours of the table of the worst."""
TINY_MW = 1e-6


def frequency(view: VppView) -> list[Any]:
    """Return the parts of the section."""
    record = view.part("seconds")
    parts = [how(view, record), extremes_bars(view, record), against_deficit(view, record), away_carpet(view, record)]
    return [*parts, decides_table(view, record), shed_table(view, record), lost_table(view, record), worst_table(view, record)]


def how(view: VppView, record: Row) -> str:
    """Say how many hours are lost, and on which side."""
    words, lost = view.words, np.array(record["lost"], dtype=bool)
    unheld = np.array(record.get("outcome", [""] * lost.size)) == "no_forming"
    lacking = floats(record["deficit_mw"]) >= 0
    sides = {"low": lost & ~unheld & lacking, "high": lost & ~unheld & ~lacking}
    steps = {"lost": lost.sum(), "hours": lost.size, **{side: where.sum() for side, where in sides.items()}}
    counts = {name: f"{count * view.step_hours:,g}" for name, count in steps.items()}
    told = [words("vpp_seconds.how"), words("vpp_seconds.lost_told", **counts)]
    if unheld.any():
        told.append(words("vpp_seconds.unheld", hours=f"{unheld.sum() * view.step_hours:,g}"))
    return words("word.sentence_space").join(told)


def furthest_hz(record: Row) -> NDArray[np.float64]:
    """Return the frequency of each hour that is furthest from the nominal one; NaN where nothing holds one. Shape (T,). [Hz]"""
    nadir, peak = floats(record["nadir_hz"]), floats(record["peak_hz"])
    return np.where(NOMINAL_HZ - nadir >= peak - NOMINAL_HZ, nadir, peak)


def extremes_bars(view: VppView, record: Row) -> Figure | None:
    """Draw how often frequency goes how far, hours kept and hours lost; None where no hour has a frequency."""
    words, found = view.words, furthest_hz(record)
    lost, found = np.array(record["lost"], dtype=bool)[np.isfinite(found)], found[np.isfinite(found)]
    if not found.size:
        return None
    places = np.floor(np.round((found - NOMINAL_HZ) / BIN_HZ, 6)).astype(int)
    x = np.arange(places.min(), places.max() + 1)
    centres = listed(NOMINAL_HZ + BIN_HZ * (x + 0.5))
    hover = f"%{{customdata}} Hz<br>%{{y:,}} {words('vpp_seconds.hours_unit')}"
    edges = [f"{NOMINAL_HZ + BIN_HZ * at:.1f} – {NOMINAL_HZ + BIN_HZ * (at + 1):.1f}" for at in x]
    data = [
        {
            "type": "bar",
            "name": plain(words(f"vpp_seconds.{key}")),
            "x": centres,
            "y": [float((places[among] == at).sum() * view.step_hours) for at in x],
            "marker": {"color": colour},
            "width": 0.9 * BIN_HZ,
            "customdata": edges,
            "hovertemplate": hover,
        }
        for key, among, colour in (("kept", ~lost, KEPT), ("lost", lost, LOST))
    ]
    frame = layout(
        barmode="stack",
        xaxis=axis(words("vpp_seconds.furthest_axis")),
        yaxis=axis(words("vpp_seconds.hours_axis"), rangemode="tozero"),
        margin={"l": 70, "r": 30, "t": 26, "b": 80},
        legend=below(-0.24),
    )
    return Figure("frequency-distribution", words("vpp_figure.nadir"), data, frame, 320, caption=words("vpp_seconds.furthest_caption"))


def against_deficit(view: VppView, record: Row) -> Figure | None:
    """Draw the furthest frequency of each hour against what is lost; None where no hour has a frequency."""
    words, found, lost, deficit = view.words, furthest_hz(record), np.array(record["lost"], dtype=bool), floats(record["deficit_mw"])
    if not np.isfinite(found).any():
        return None
    data = []
    for key, among, colour in (("kept", ~lost, KEPT), ("lost", lost, LOST)):
        steps = np.flatnonzero(among & np.isfinite(found))
        data.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": plain(words(f"vpp_seconds.{key}")),
                "x": listed(deficit[steps]),
                "y": listed(found[steps]),
                "customdata": [view.stamp(int(step)) for step in steps],
                "marker": {"color": colour, "size": 4, "opacity": 0.5},
                "hovertemplate": "%{customdata}<br>%{x:,.4~g} MW, %{y:.2f} Hz",
            }
        )
    frame = layout(
        hovermode="closest",
        xaxis=axis(words("vpp_seconds.deficit_axis"), zerolinecolor="#22303C"),
        yaxis=axis(words("vpp_seconds.frequency_axis")),
        margin={"l": 70, "r": 30, "t": 26, "b": 80},
        legend=below(-0.22),
    )
    return Figure("frequency-deficit", words("vpp_figure.deficit"), data, frame, 340)


def away_carpet(view: VppView, record: Row) -> Figure | None:
    """Draw how far frequency goes from its nominal value, by day and hour; where nothing holds the island, as far as anywhere."""
    away = np.abs(furthest_hz(record) - NOMINAL_HZ)
    held = ~np.isnan(away)
    most = float(np.max(away, initial=0.0, where=held))
    if not view.long_enough or away.size != view.steps or most <= 0:
        return None
    trace = heatmap(view, np.where(held, away, most), "Hz", SHORT_OF, (0.0, most))
    caption = "" if held.all() else view.words("vpp_seconds.carpet_caption")
    return Figure("frequency-carpet", view.words("vpp_figure.frequency_carpet"), [trace], carpet_layout(view), 240, caption=caption)


def decides_table(view: VppView, record: Row) -> Table:
    """What has most of the inertia, by number of hours."""
    words = view.words
    rows = [
        [words.named("vpp_decides", name), f"{hours:,g}", percent(hours / record["hours"]), words.get(f"vpp_decides_means.{name}")]
        for name, hours in sorted(record["decides_hours"].items(), key=lambda item: -item[1])
    ]
    columns = [Column(words("vpp_seconds.decides"), text=True), Column(words("vpp_seconds.hours_head")), Column(words("table.share"))]
    return Table([*columns, Column(words("table.meaning"), text=True)], rows, title=words("vpp_seconds.decides_title"))


def shed_name(view: VppView, name: str) -> str:
    """What acts: a relay, or a stage of under-frequency shedding or over-frequency tripping."""
    kind, _, threshold = name.removesuffix("_hz").partition("_")
    return view.words(f"vpp_seconds.{kind}", threshold=threshold) if kind in {"stage", "trip"} else view.words.named("vpp_shed", name)


def shed_table(view: VppView, record: Row) -> Table | None:
    """What is switched off to hold the frequency, in how many hours and how much."""
    words, rows = view.words, []
    for name, values in record["shed_mw"].items():
        power = np.abs(floats(values))
        acts = power > TINY_MW
        if acts.any():
            hours, amounts = f"{acts.sum() * view.step_hours:,g}", (shown(float(one)) for one in (power[acts].mean(), power[acts].max()))
            rows.append([shed_name(view, name), hours, percent(float(acts.mean())), *amounts])
    columns = [Column(words("vpp_seconds.acts"), text=True), Column(words("vpp_seconds.hours_head")), Column(words("table.share"))]
    columns += [Column(words("vpp_seconds.mean_shed"), "MW"), Column(words("vpp_seconds.most_shed"), "MW")]
    return Table(columns, rows, title=words("vpp_seconds.shed_title"), caption=words("vpp_seconds.shed_caption")) if rows else None


def lost_table(view: VppView, record: Row) -> Table | None:
    """Hours lost by cause: what went or stayed, by how much it was beyond grid-forming batteries, and which keys of the park file would help."""
    words, causes = view.words, record.get("lost_by_cause") or {}
    rows = []
    for cause, row in causes.items():
        amounts = [Cell(shown(row["exchange_mw_mean"]), note=words("vpp_lost.from", least=shown(row["exchange_mw_least"])))]
        amounts.append(Cell(shown(row["beyond_mw_mean"]), note=words("vpp_lost.to", most=shown(row["beyond_mw_most"]))))
        count, share = f"{row['hours']:,g}", percent(row["hours"] / record["hours"])
        rows.append([words.named("vpp_lost", cause), count, share, *amounts, words.get(f"vpp_lost_remedy.{cause}")])
    columns = [Column(words("vpp_lost.cause"), text=True), Column(words("vpp_seconds.hours_head")), Column(words("table.share"))]
    columns += [Column(words("vpp_lost.exchange"), "MW"), Column(words("vpp_lost.beyond"), "MW"), Column(words("vpp_lost.remedy"), text=True)]
    return Table(columns, rows, title=words("vpp_lost.title"), caption=words("vpp_lost.caption")) if rows else None


def worst_steps(record: Row) -> list[int]:
    """Return hours lost, at most half of the rows, then hours kept; those whose frequency moves fastest, or goes furthest; among equals, by imbalance."""
    lost, away, deficit = np.array(record["lost"], dtype=bool), np.abs(furthest_hz(record) - NOMINAL_HZ), np.abs(floats(record["deficit_mw"]))
    speed = np.nan_to_num(np.abs(floats(record["initial_rocof_hz_per_s"])), nan=np.inf)
    fastest, furthest = np.lexsort((-deficit, -speed)), np.lexsort((-deficit, -away))
    worst_lost = fastest[lost[fastest]][: WORST // 2]
    return [int(step) for step in (*worst_lost, *furthest[~lost[furthest]][: WORST - worst_lost.size])]


def worst_table(view: VppView, record: Row) -> Table:
    """One row an hour."""
    words, rows = view.words, []
    power = {name: np.abs(floats(values)) for name, values in record["shed_mw"].items()}
    shed = [power["conversions"], power["interruptible"], *(_of(power, *names) for names in (("generation", "trip_"), ("stage_",)))]
    for step in worst_steps(record):
        lost = record["lost"][step]
        outcome = Cell(words(f"vpp_seconds.{'lost' if lost else 'kept'}"), "bad" if lost else "good")
        extremes = [_hertz(record[key][step]) for key in ("nadir_hz", "peak_hz")]
        speeds = [shown(record[key][step]) for key in ("window_rocof_hz_per_s", "initial_rocof_hz_per_s")]
        rows.append([view.stamp(step), outcome, shown(record["deficit_mw"][step]), *extremes, *speeds, *(shown(values[step]) for values in shed)])
    columns = [Column(words("vpp_seconds.hour"), text=True, whole=True), Column(words("vpp_seconds.outcome"), text=True)]
    columns += [Column(words("vpp_seconds.deficit"), "MW"), Column(words("vpp_seconds.nadir"), "Hz"), Column(words("vpp_seconds.peak"), "Hz")]
    columns += [Column(words("vpp_seconds.rocof"), "Hz/s"), Column(words("vpp_seconds.rocof_first"), "Hz/s")]
    columns += [Column(words(f"vpp_shed.{key}"), "MW") for key in ("conversions", "interruptible", "generation", "stages")]
    return Table(columns, rows, title=words("vpp_seconds.worst_title"), caption=words("vpp_seconds.worst_caption"))


def _hertz(value: float | None) -> str:
    return shown(None) if value is None else f"{value:.2f}"


def _of(power: dict[str, NDArray[np.float64]], *beginnings: str) -> NDArray[np.float64]:
    """Sum of what begins so; not a number where nothing is told. [MW]"""
    return sum((values for name, values in power.items() if name.startswith(beginnings)), start=0.0 * power["conversions"])


def seconds_verdict(view: VppView, record: Row) -> str:
    """Say in how many hours the island is lost in the first seconds."""
    words, share = view.words, record["lost_hours"] / record["hours"]
    if not record["lost_hours"]:
        return words("vpp_verdict.seconds_none")
    return words("vpp_verdict.seconds", hours=f"{record['lost_hours']:,g}", all=f"{record['hours']:,g}", share=percent(share))
