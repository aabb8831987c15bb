"""The page's tables: files, columns, findings, what series are judged by, and differences to a second source."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from gridsim.profiles.statistics import DAY_MINUTES, autocorrelation, daily_correlation, exceeded, full_load_hours, load_factor, longest_low_spell, ramps
from gridsim.report.numbers import SPACE, number, percent
from gridsim.report.profile_page.lines import basis_of
from gridsim.report.profile_page.units import change_unit, unit_of
from gridsim.report.tables import Column, Table
from gridsim.report.timeline import CARPET_DAYS

if TYPE_CHECKING:
    from gridsim.profiles.weather.finding import Finding
    from gridsim.report.profile_page.compared import Track
    from gridsim.report.profile_page.profile_set import Group, SetColumn, SetView
    from gridsim.report.words import Words

SEVERITIES = ("fault", "warning", "note", "ok")
"""The gravest first."""
MARKS = {"fault": "✖", "warning": "▲", "note": "●", "ok": "✓"}

GENERATION = ("wind", "solar")
USE = ("loads", "heat", "reactive")
RARE = np.array([0.01])
LOW_SHARE_OF_MEAN = 0.5
"""A day is low when its mean is below this share of the mean of all days; judged."""


def file_table(view: SetView) -> Table:
    """One row a file: where it comes from, and whether it is still the one that the set describes."""
    words = view.words
    rows = []
    for name, file in view.listing.files.items():
        state = view.checksums[name]
        origin = " · ".join(part for part in (file.origin, file.note) if part)
        rows.append([name, origin or "–", file.licence or "–", str(len(file.columns)), words.named("profile_checksum", state)])
    columns = [
        Column(words("profile_table.file"), text=True, data=True),
        Column(words("profile_table.origin"), text=True, data=True),
        Column(words("profile_table.licence"), text=True, data=True),
        Column(words("profile_table.columns")),
        Column(words("profile_table.checksum"), text=True),
    ]
    return Table(columns, rows)


def fact_table(view: SetView) -> Table:
    """Place and time of the set."""
    words = view.words
    places = words("word.list_comma").join(view.places) or words("profile_fact.no_place")
    end = view.stamps[-1] + np.timedelta64(view.time.step_minutes, "m")
    span = words(
        "profile_fact.span_value",
        steps=f"{view.steps:,}",
        minutes=view.time.step_minutes,
        start=str(view.stamps[0]).replace("T", " "),
        end=str(end).replace("T", " "),
    )
    rows = [
        [words("profile_fact.place"), places],
        [words("profile_fact.span"), span],
        [words("profile_fact.zone"), view.time.time_zone or words("profile_fact.no_zone")],
    ]
    return Table([Column(words("table.fact"), text=True), Column(words("table.value"), text=True)], rows)


def column_table(view: SetView) -> Table:
    """One row a column, all groups."""
    words = view.words
    short = view.time.step_minutes < 60

    def cells(column: SetColumn) -> list[str]:
        track = column.track
        values, changes = track.values, track.hourly_ramps
        use = column.kind in USE and column.kind != "reactive"
        row = [
            column.name,
            words.named("profile_group", column.kind),
            unit_of(column.unit),
            basis_of(view, column.basis) or "–",
            number(track.mean),
            number(float(values.min())),
            number(float(values.max())),
            number(full_load_hours(values, view.step_hours)) if is_per_unit(column) and column.kind in GENERATION else "",
            number(load_factor(values)) if use else "",
            number(float(np.abs(changes).max(initial=0.0))),
        ]
        row += [number(float(np.abs(ramps(values)).max(initial=0.0)))] if short else []
        return [*row, percent(float((values == 0.0).mean())), column.note or "–"]

    columns = [
        Column(words("profile_table.column"), text=True, data=True),
        Column(words("profile_table.group"), text=True, whole=True),
        Column(words("table.unit"), text=True, whole=True),
        Column(words("profile_table.basis"), text=True, data=True, whole=True),
        Column(words("table.mean")),
        Column(words("table.lowest")),
        Column(words("table.highest")),
        Column(words("table.full_load_hours"), "h"),
        Column(words("profile_table.load_factor")),
        Column(words("profile_table.largest_change")),
        *([Column(words("profile_table.largest_step"))] if short else []),
        Column(words("profile_table.zeros")),
        Column(words("table.note"), text=True, data=True),
    ]
    rows = [cells(column) for group in view.groups for column in group.columns]
    kept = [place for place in range(len(columns)) if any(row[place] for row in rows)]
    return Table([columns[place] for place in kept], [[row[place] for place in kept] for row in rows], caption=words("profile_table.caption"))


def is_per_unit(column: SetColumn) -> bool:
    """Tell whether 1.0 stands for a capacity or a peak."""
    return column.unit in ("pu", "1", "")


def finding_table(words: Words, findings: Sequence[Finding]) -> Table | None:
    """The findings, the gravest first."""
    if not findings:
        return None
    rows = []
    for finding in sorted(findings, key=lambda finding: _gravity(severity_of(finding))):
        severity, first, count = severity_of(finding), getattr(finding, "first", ""), getattr(finding, "count", 0)
        rows.append(
            [
                f"{MARKS.get(severity, '●')}{SPACE}{words.named('severity', severity)}",
                words.named("check", str(getattr(finding, "check", "") or "–")),
                str(getattr(finding, "found", finding)),
                f"{count:,}" if count else "",
                str(first) if first else "",
                str(getattr(finding, "remedy", "") or ""),
            ]
        )
    columns = [
        Column(words("profile_findings.severity"), text=True, whole=True),
        Column(words("profile_findings.check"), text=True, data=True, whole=True),
        Column(words("profile_findings.found"), text=True, data=True),
        Column(words("profile_findings.count")),
        Column(words("profile_findings.first"), text=True, data=True, whole=True),
        Column(words("profile_findings.remedy"), text=True, data=True),
    ]
    return Table(columns, rows)


def severity_of(finding: Finding) -> str:
    """Return how grave a finding is; one that does not say is a note."""
    return str(getattr(finding, "severity", "note"))


def _gravity(severity: str) -> int:
    return SEVERITIES.index(severity) if severity in SEVERITIES else SEVERITIES.index("note")


def judgement_table(view: SetView, group: Group) -> Table | None:
    """What a group's series are judged by, in numbers; the second source has a row of its own."""
    if view.days < 2:
        return None
    words, spells = view.words, group.kind in GENERATION
    rows = [_judged(track, spells, words) for column in group.columns for track in column.tracks if track.fine]
    columns = [
        Column(words("profile_table.column"), text=True, data=True),
        Column(words("profile_table.deviation"), change_unit(group.unit)),
        Column(words("profile_table.rare_ramp"), change_unit(group.unit)),
        Column(words("profile_table.memory_hour")),
        Column(words("profile_table.memory_day")),
        Column(words("profile_table.memory_days")),
        *([Column(words("profile_table.low_spell"), text=True)] if spells else []),
    ]
    caption = words("profile_table.judgement_caption")
    if spells:
        caption += words("word.sentence_space") + words("profile_table.spell_caption", share=f"{LOW_SHARE_OF_MEAN:.0%}")
    return Table(columns, rows, caption=caption)


def _judged(track: Track, spells: bool, words: Words) -> list[str]:
    daily, days = track.daily
    row = [
        track.name,
        number(float(np.nanstd(track.hourly))),
        number(float(exceeded(track.hourly_ramps, RARE)[0])),
        *(_correlation(float(track.memory[lag])) for lag in (1, 24)),
        _correlation(float(autocorrelation(daily, 1)[1]) if len(daily) >= CARPET_DAYS else np.nan),
    ]
    if spells:
        first, length = longest_low_spell(daily, LOW_SHARE_OF_MEAN * float(np.nanmean(daily)))
        row.append(words("profile_table.spell", days=length, start=str(days[first])) if length else "–")
    return row


def _correlation(value: float) -> str:
    return f"{value:.3f}".replace("-", "\N{MINUS SIGN}") if np.isfinite(value) else "–"


def difference_table(view: SetView, group: Group) -> Table | None:
    """How far each column is from its second source."""
    pairs = [column for column in group.columns if column.compared]
    if not pairs:
        return None
    words, hours = view.words, group.kind in GENERATION and is_per_unit(pairs[0])
    rows = [row for column in pairs for row in _difference(column, column.compared, hours, words) if column.compared]
    columns = [
        Column(words("profile_table.column"), text=True, data=True),
        Column(words("profile_difference.figure"), text=True),
        Column(words("table.unit"), text=True),
        Column(words("profile_difference.here")),
        Column(words("profile_difference.there")),
        Column(words("profile_difference.difference")),
        Column(words("profile_difference.relative")),
    ]
    sources = [column.source for column in pairs if column.source]
    caption = words("profile_difference.caption")
    if sources:
        caption += words("word.sentence_space") + words("profile_difference.sources", sources="; ".join(dict.fromkeys(sources)))
    return Table(columns, rows, caption=caption)


def _difference(column: SetColumn, other: Track | None, hours: bool, words: Words) -> list[list[str]]:
    assert other is not None
    track, unit = column.track, unit_of(column.unit)

    def row(figure: str, unit: str, here: float, there: float) -> list[str]:
        relative = percent((here - there) / abs(there)) if there and unit != "°C" and np.isfinite(there) else ""
        return [other.name, words(f"profile_difference.{figure}"), unit, number(here), number(there), number(here - there), relative]

    rows = [row("mean", unit, track.mean, other.mean)]
    if hours:
        there = other.mean * 8760.0 if not other.fine else full_load_hours(other.values, other.step_hours)
        rows.append(row("full_load_hours", "h", full_load_hours(track.values, track.step_hours), there))
    if other.fine:
        rare = [float(exceeded(series.hourly_ramps, RARE)[0]) for series in (track, other)]
        rows.append(row("rare_ramp", change_unit(column.unit), *rare))
        rows += [row(f"memory_{name}", "1", float(track.memory[lag]), float(other.memory[lag])) for name, lag in (("hour", 1), ("day", 24))]
    if other.step_minutes > DAY_MINUTES:
        return rows
    correlation, days = daily_correlation(track.values, track.stamps, other.values, other.stamps)
    figure = words("profile_difference.correlation", days=days) if days else words("profile_difference.correlation_none")
    return [*rows, [other.name, figure, "1", _correlation(correlation), "", "", ""]]
