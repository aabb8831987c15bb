"""The page of a curtailment study: its head and its sections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gridsim.report.curtailment_page.figures import hour_bars, month_and_hour, month_bars, saving_bars, worth_bars
from gridsim.report.curtailment_page.tables import cause_table, hour_table, month_table, plant_table, saving_table
from gridsim.report.frame import Head, Section, lay_out
from gridsim.report.headline import Tile
from gridsim.report.numbers import SPACE, energy, number, percent

if TYPE_CHECKING:
    from gridsim.report.curtailment_page.curtailment_view import CurtailmentView


def page(view: CurtailmentView) -> str:
    """Return the whole page."""
    return lay_out(view.words, head(view), sections(view))


def head(view: CurtailmentView) -> Head:
    """Return what stands above the sections."""
    words, park = view.words, view.record["park"]
    scope = [words("page.stage", stage=park["stage"])] if park["stage"] else []
    scope.append(words("curtail.scope", start=park["start"], hours=f"{park['hours']:,.6g}", options=len(view.record["savings"])))
    return Head(
        title=" · ".join(part for part in (park["name"], park["stage"], words("curtail.page_title")) if part),
        kicker=words("curtail.page_title"),
        heading=park["name"],
        about=park["description"],
        scope=" · ".join(scope),
        verdict=verdict(view),
        tiles=tiles(view),
        noscript=words("curtail.noscript"),
        footer=words("study.footer", version=view.record["version"]),
        tone="" if view.record["curtailed_mwh"] > 0 else "plain",
    )


def verdict(view: CurtailmentView) -> str:
    """Say how much is curtailed and why, what saves most, and what pays."""
    words, record = view.words, view.record
    if not view.causes:
        return words("curtail_verdict.none")
    first = next(row for row in record["causes"] if row["cause"] == view.causes[0])
    figures = {"energy": energy(record["curtailed_mwh"]), "rate": percent(record["curtailment_rate"])}
    sentences = [words("curtail_verdict.much", **figures, cause=words.named("cause", first["cause"]), share=percent(first["share_of_curtailed"]))]
    powers = [row for row in record["savings"] if row["unit"] == "MW" and row["curtailed_mwh_per_unit"] > 0]
    if powers:
        best = max(powers, key=lambda row: row["curtailed_mwh_per_unit"])
        sentences.append(words("curtail_verdict.best", option=view.option(best), energy=energy(best["curtailed_mwh_per_unit"])))
    paying = [view.option(row) for row in record["savings"] if row["pays"] and row["curtailed_mwh_per_unit"] > 0]
    sentences.append(words("curtail_verdict.pays", list=words("word.list_comma").join(paying)) if paying else words("curtail_verdict.none_pays"))
    return words("word.sentence_space").join(sentences)


def tiles(view: CurtailmentView) -> list[Tile]:
    """Return the key figures."""
    words, record = view.words, view.record
    available = sum(row["available_mwh"] for row in record["plants"])
    factor, unit = words.money
    found = [
        Tile(words("table.curtailed"), energy(record["curtailed_mwh"]), words("curtail_tile.of", available=energy(available))),
        Tile(words("word.curtailment_rate"), percent(record["curtailment_rate"]), words("meaning.curtailment_rate")),
        Tile(words("curtail_tile.cost"), f"{number(record['operating_cost_cny'] / factor)}{SPACE}{unit}", words("curtail_tile.cost_note")),
    ]
    if record["curtailed_mwh"] > 0:
        hour = max(record["hours"], key=lambda row: row["curtailed_mwh"])
        share = words("curtail_tile.share", share=percent(hour["share_of_curtailed"]))
        found.append(Tile(words("curtail_tile.hour"), words("curtail_tile.hour_value", hour=hour["hour"], next=hour["hour"] + 1), share))
    return found


def sections(view: CurtailmentView) -> list[Section]:
    """Return the sections that this study has anything for."""
    words = view.words
    parts: dict[str, list[Any]] = {
        "causes": [cause_table(view), plant_table(view)],
        "months": [month_bars(view), month_table(view)],
        "hours": [hour_bars(view), month_and_hour(view), hour_table(view)],
        "savings": [words("curtail.savings_how"), saving_bars(view), worth_bars(view), saving_table(view)],
    }
    kept = parts if view.causes else {"savings": parts["savings"]}
    found = [Section(name, words(f"curtail_section.{name}"), [part for part in given if part]) for name, given in kept.items()]
    return [*found, Section("notes", words("study_section.notes"), [], view.notes)]
