"""The page of a study: its head, its sections, in the frame of every page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.report.frame import Head, Section, lay_out
from gridsim.report.headline import Tile
from gridsim.report.numbers import SPACE, number, percent
from gridsim.report.study_page import tables
from gridsim.report.study_page.alternatives import alternative_figure, alternative_table
from gridsim.report.study_page.dispatch import dispatch_figure
from gridsim.report.study_page.effects import effect_figures
from gridsim.report.study_page.front import front_figure, fronts
from gridsim.report.study_page.front_steps import step_table
from gridsim.report.study_page.judged import break_even_table, robustness_tables
from gridsim.report.study_page.sizes import size_figure
from gridsim.report.study_page.study_view import BILLED, COST
from gridsim.report.study_page.tornado import led_by, tornado_figures, tornado_table

if TYPE_CHECKING:
    from gridsim.report.study_page.study_view import StudyView

SAME_COST = 1e-6
"""Relative spread of the cost below which all scenarios cost the same."""


def page(view: StudyView) -> str:
    """Return the whole page."""
    return lay_out(view.words, head(view), sections(view))


def head(view: StudyView) -> Head:
    """Return what stands above the sections."""
    words, record = view.words, view.record
    park = record.get("park", {})
    scope = [
        str(park.get("name") or ""),
        words("page.stage", stage=park["stage"]) if park.get("stage") else "",
        tables.hours_of(view) or "",
        words.named("study_design", view.asked),
        words("study.count", solved=f"{len(view.solved):,}", all=f"{len(view.scenarios):,}"),
    ]
    question = str(record.get("question", ""))
    wrong = any(not answer.holds for answer in view.answers)
    return Head(
        title=" · ".join(part for part in (str(record.get("study", "")), words("study.page_title")) if part),
        kicker=words("study.page_title"),
        heading=question,
        about="",
        scope=" · ".join(part for part in scope if part),
        verdict=verdict(view),
        tiles=_tiles(view),
        table=tables.answer_table(view),
        noscript=words("study.noscript"),
        footer=words("study.footer", version=record.get("gridsim", {}).get("version", "")),
        tone="alarm" if len(view.failed) == len(view.scenarios) > 0 else "warning" if wrong or len(view.failed) else "",
    )


def verdict(view: StudyView) -> str:
    """Say what costs least, whether the answers hold, and what failed."""
    words = view.words
    sentences = [words("study_verdict.none")] if len(view.scenarios) and not len(view.solved) else _cost_words(view)
    if view.cheapest is not None and view.free and (view.decided or len(view.solved) == 1):
        listed = [f"{view.title(path)} {view.amount(path).text(float(view.scenarios.loc[view.cheapest, path]))}" for path in view.free]
        sentences.append(words("study_verdict.sizes", list=words("word.list_comma").join(listed)))
    if view.alternatives is not None and len(view.alternatives) > 1:
        excess = percent(float(view.alternatives["excess"].max()))
        sentences.append(words("study_verdict.alternatives", count=len(view.alternatives) - 1, excess=excess))
    if view.answers:
        held = sum(answer.holds for answer in view.answers)
        whole = held == len(view.answers)
        sentences.append(words("study_verdict.all_hold", count=held) if whole else words("study_verdict.some_hold", count=held, all=len(view.answers)))
    if len(view.failed):
        sentences.append(words("study_verdict.failed", count=f"{len(view.failed):,}"))
    return words("word.sentence_space").join(sentences)


def _cost_words(view: StudyView) -> list[str]:
    """Say which scenario costs least, where that is a choice; else how far the cost reaches, and what moves it most."""
    words = view.words
    if view.cheapest is None or len(view.solved) < 2:
        return []
    cost = view.amount(view.cost).text(float(view.scenarios.loc[view.cheapest, view.cost]))
    by_bill = [words("study_verdict.by_bill")] if view.cost == BILLED else []
    if view.tornado is not None and (widest := _widest(view)):
        return [widest]
    if view.leading != view.cost:
        figure, amount, values = view.title(view.leading), view.amount(view.leading), view.numbers(view.leading)
        return [words("study_verdict.range_of", figure=figure, lowest=amount.text(float(np.nanmin(values))), highest=amount.text(float(np.nanmax(values))))]
    if view.spread(view.cost) < SAME_COST:
        return [words("study_verdict.same", cost=cost), *by_bill]
    if view.decided:
        return [words("study_verdict.cheapest", cost=cost, scenario=view.label(view.cheapest)), *by_bill]
    highest = view.amount(view.cost).text(float(np.nanmax(view.numbers(view.cost))))
    return [words("study_verdict.range", lowest=cost, highest=highest), *by_bill]


def _widest(view: StudyView) -> str:
    """Say what moves the cost most, or the figure in its place."""
    figure = led_by(view)
    rows = view.tornado[view.tornado["figure"] == figure].dropna(subset=["span", "figure_base"])
    if not len(rows):
        return ""
    row, amount = rows.loc[rows["span"].idxmax()], view.amount(figure)
    ends = [value for value in (row["figure_low"], row["figure_base"], row["figure_high"]) if np.isfinite(value)]
    told = {"path": view.title(row["path"]), "lowest": amount.text(min(ends)), "highest": amount.text(max(ends))}
    if figure == COST:
        return view.words("study_verdict.tornado", base=amount.text(row["figure_base"]), **told)
    return view.words("study_verdict.tornado_of", figure=view.title(figure), base=amount.text(row["figure_base"]), **told)


def _tiles(view: StudyView) -> list[Tile]:
    words, solved = view.words, view.solved
    counts = Tile(
        words("study_tile.scenarios"), f"{len(solved):,}{SPACE}/ {len(view.scenarios):,}", words("study_tile.solved"), "alarm" if len(view.failed) else ""
    )
    tiles = [counts]
    if view.leading != view.cost:
        tiles.append(_span_tile(view, view.leading))
    elif view.cheapest is not None:
        amount = view.amount(view.cost)
        costs = view.numbers(view.cost)
        spread = words("study_tile.to", highest=amount.text(float(costs.max()))) if len(costs) > 1 else ""
        tiles.append(Tile(words("study_tile.cost"), amount.text(float(costs.min())), spread, "green"))
    for figure in ("green_share", "curtailment_rate"):
        if figure != view.leading and figure in solved and len(solved) and solved[figure].notna().any():
            tiles.append(_span_tile(view, figure))
    if "sizing_gap" in solved and solved["sizing_gap"].notna().any():
        worst = float(solved["sizing_gap"].astype(float).max())
        tiles.append(Tile(view.title("sizing_gap"), view.amount("sizing_gap").text(worst), words("study_tile.gap")))
    if "sizing_part_load_cny" in solved and solved["sizing_part_load_cny"].notna().any():
        worst = float((solved["sizing_part_load_cny"] / solved["sizing_cost_cny"].abs()).astype(float).max())
        tiles.append(Tile(words("study_tile.part_load"), percent(worst), words("study_tile.part_load_of")))
    tiles.append(Tile(words("study_tile.seconds"), f"{number(view.seconds)}{SPACE}s", words("study_tile.workers", workers=view.workers, reused=view.reused)))
    return tiles


def _span_tile(view: StudyView, figure: str) -> Tile:
    """Show how far a figure reaches."""
    amount, values = view.amount(figure), view.numbers(figure)
    low, high = amount.bare(float(np.nanmin(values))), amount.bare(float(np.nanmax(values)))
    return Tile(view.title(figure), f"{low if low == high else f'{low}–{high}'}{SPACE}{amount.unit}".rstrip(), view.words.get(f"meaning.{figure}"))


def sections(view: StudyView) -> list[Section]:
    """Return the sections that this study has anything for."""
    words, found = view.words, fronts(view)
    steps = [step_table(view, front) for front in found]
    size, effects = size_figure(view), effect_figures(view)
    parts: dict[str, list[Any]] = {
        "front": [front_figure(view, found), *steps],
        "tornado": [*tornado_figures(view), tornado_table(view)],
        "effect": [] if view.design == "one_at_a_time" else [_clickable(view, bool(effects)), *effects],
        "sizes": [size],
        "alternatives": [alternative_table(view), alternative_figure(view)],
        "break_even": [break_even_table(view)],
        "robustness": _introduced(words("study_robust.intro"), robustness_tables(view)),
        "dispatch": [_with_foresight(view), dispatch_figure(view) or words("study_dispatch.none"), _fewer(view)],
        "scenarios": [tables.scenario_table(view) if len(view.solved) else None],
        "failed": [tables.failed_table(view)],
    }
    result = [Section(name, words(f"study_section.{name}"), [part for part in given if part]) for name, given in parts.items() if any(given)]
    if view.notes:
        result.append(Section("notes", words("study_section.notes"), [], list(view.notes)))
    return [*result, Section("run", words("study_section.run"), [tables.run_table(view)])]


def _introduced(sentence: str, parts: list[Any]) -> list[Any]:
    return [sentence, *parts] if parts else []


def _clickable(view: StudyView, drawn: bool) -> str:
    return view.words("study_effect.intro") if drawn and view.choosable else ""


def _with_foresight(view: StudyView) -> str:
    """Say where the dispatch that is shown is not what the figures of an operation are about."""
    return view.words("study_dispatch.perfect") if "operation" in view.record.get("vpp", ()) and view.choosable else ""


def _fewer(view: StudyView) -> str:
    """Say where not every scenario's dispatch is shown."""
    shown, solved = len(view.choosable), len(view.solved)
    return view.words("study_dispatch.fewer", shown=f"{shown:,}", solved=f"{solved:,}") if 0 < shown < solved else ""
