"""The page of a profile set: its head, its sections, in the frame of every page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from gridsim.profiles.statistics import full_load_hours, load_factor
from gridsim.report.frame import Head, Section, lay_out
from gridsim.report.headline import Tile
from gridsim.report.numbers import SPACE, number
from gridsim.report.profile_page import tables
from gridsim.report.profile_page.carpets import carpet_figures
from gridsim.report.profile_page.days import day_figure
from gridsim.report.profile_page.months import month_figure
from gridsim.report.profile_page.spread import spread_figure
from gridsim.report.profile_page.units import unit_of
from gridsim.report.profile_page.weeks import typical_week_figure, week_figure
from gridsim.report.timeline import CARPET_DAYS

if TYPE_CHECKING:
    from gridsim.profiles.weather.finding import Finding
    from gridsim.report.figures.figure import Figure
    from gridsim.report.profile_page.profile_set import Group, SetView
    from gridsim.report.tables import Table


def page(view: SetView, findings: Sequence[Finding]) -> str:
    """Return the whole page."""
    return lay_out(view.words, _head(view, findings), sections(view, findings))


def sections(view: SetView, findings: Sequence[Finding]) -> list[Section]:
    """Return the sections below the headline: the set, what the checks found, then a section a group of columns."""
    words = view.words
    result = [
        Section("set", words("profile_set.title"), [tables.fact_table(view), tables.file_table(view)]),
        Section("columns", words("profile_columns.title"), [tables.column_table(view)]),
        Section("findings", words("profile_findings.title"), [tables.finding_table(words, findings) or words("profile_findings.none")]),
    ]
    for group in view.groups:
        result.append(Section(group.name, _title(view, group), _parts(view, group)))
    return result


def _title(view: SetView, group: Group) -> str:
    """Return what a group is called, with its unit where groups differ in nothing else."""
    alike = sum(other.kind == group.kind for other in view.groups)
    return view.words.named("profile_group", group.kind) + (f" [{unit_of(group.unit)}]" if alike > 1 else "")


def _parts(view: SetView, group: Group) -> list[Figure | Table | str]:
    carpets: list[Figure | str] = [*carpet_figures(view, group)] or [view.words("profile_carpet.left_out", days=CARPET_DAYS)]
    parts = [
        tables.judgement_table(view, group),
        tables.difference_table(view, group),
        month_figure(view, group),
        day_figure(view, group),
        spread_figure(view, group),
        week_figure(view, group),
        typical_week_figure(view, group),
        *carpets,
    ]
    return [part for part in parts if part]


def _head(view: SetView, findings: Sequence[Finding]) -> Head:
    from gridsim import __version__

    words = view.words
    changed = [name for name, state in view.checksums.items() if state == "changed"]
    title = view.listing.title or words("profile.title")
    scope = words(
        "profile.scope",
        columns=len(view.columns),
        files=len(view.listing.files),
        steps=f"{view.steps:,}",
        minutes=view.time.step_minutes,
        start=str(view.stamps[0])[:10],
    )
    return Head(
        title=f"{title} · {words('profile.title')}",
        kicker=words("profile.title"),
        heading=title,
        about=view.listing.note,
        scope=scope,
        verdict=_verdict(view, findings, changed),
        tiles=[_tile(view, group) for group in view.groups],
        noscript=words("profile.noscript"),
        footer=words("profile.footer", version=__version__),
        tone=_tone(findings, changed),
    )


def _tone(findings: Sequence[Finding], changed: list[str]) -> str:
    severities = {tables.severity_of(finding) for finding in findings}
    if changed or "fault" in severities:
        return "alarm"
    return "warning" if "warning" in severities else "" if findings else "plain"


def _verdict(view: SetView, findings: Sequence[Finding], changed: list[str]) -> str:
    words = view.words
    counts = Counter(tables.severity_of(finding) for finding in findings)
    if not findings:
        sentences = [words("profile_verdict.unchecked")]
    elif counts["fault"]:
        sentences = [words("profile_verdict.fault", faults=counts["fault"], warnings=counts["warning"])]
    elif counts["warning"]:
        sentences = [words("profile_verdict.warning", warnings=counts["warning"])]
    else:
        sentences = [words("profile_verdict.fine", checks=len(findings))]
    if changed:
        sentences.append(words("profile_verdict.changed", files=words("word.list_comma").join(changed)))
    return words("word.sentence_space").join(sentences)


def _tile(view: SetView, group: Group) -> Tile:
    """Return the figure by which a group is known, from its lowest to its highest column."""
    words, series = view.words, [column.track.values for column in group.columns]
    title, count = _title(view, group), len(group.columns)
    if group.kind in tables.GENERATION and tables.is_per_unit(group.columns[0]):
        value = _range([full_load_hours(values, view.step_hours) for values in series], "h")
        return Tile(title, value, words("profile_tile.full_load_hours", count=count), tone="green")
    if group.kind in ("loads", "heat"):
        return Tile(title, _range([load_factor(values) for values in series], ""), words("profile_tile.load_factor", count=count))
    unit = unit_of(group.unit)
    lowest, highest = (number(float(limit)) for limit in (min(map(np.min, series)), max(map(np.max, series))))
    value = _range([float(values.mean()) for values in series], unit)
    return Tile(title, value, words("profile_tile.mean", count=count, lowest=lowest, highest=highest, unit=unit))


def _range(values: list[float], unit: str) -> str:
    low, high = number(min(values)), number(max(values))
    span = low if low == high else f"{low} … {high}" if min(values) < 0 else f"{low}–{high}"
    return span + (f"{SPACE}{unit}" if unit else "")
