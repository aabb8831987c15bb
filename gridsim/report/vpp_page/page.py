"""The page of a virtual power plant: its head and its sections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gridsim.report.accounts.amounts import money_with_unit, share
from gridsim.report.frame import Head, Section, lay_out
from gridsim.report.headline import Tile
from gridsim.report.numbers import SPACE, percent
from gridsim.report.vpp_page.envelope import WAYS, envelope, envelope_verdict
from gridsim.report.vpp_page.frequency import frequency, seconds_verdict
from gridsim.report.vpp_page.islanding import islanding, islanding_verdict
from gridsim.report.vpp_page.markets import market_notes, market_verdict, markets, measured_share
from gridsim.report.vpp_page.operation import operation, operation_verdict
from gridsim.report.vpp_page.reserve import reserve
from gridsim.report.vpp_page.vpp_view import shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from gridsim.report.vpp_page.vpp_view import VppView

VERDICTS: dict[str, Callable[..., str]] = {
    "operation": operation_verdict,
    "envelope": envelope_verdict,
    "islanding": islanding_verdict,
    "seconds": seconds_verdict,
    "markets": market_verdict,
}


def page(view: VppView) -> str:
    """Return the whole page."""
    return lay_out(view.words, head(view), sections(view))


def head(view: VppView) -> Head:
    """Return what stands above the sections."""
    words, park = view.words, view.document["park"]
    scope = [words("page.stage", stage=park["stage"])] if park["stage"] else []
    scope.append(words("vpp.scope", start=park["start"], hours=f"{view.hours:,.6g}", parts=words("word.list_comma").join(section_titles(view))))
    bad = (view.part("operation") or {}).get("broken") or (view.part("seconds") or {}).get("lost_hours")
    return Head(
        title=" · ".join(part for part in (park["name"], park["stage"], words("vpp.page_title")) if part),
        kicker=words("vpp.page_title"),
        heading=park["name"],
        about=park["description"],
        scope=" · ".join(scope),
        verdict=verdict(view),
        tiles=tiles(view),
        noscript=words("curtail.noscript"),
        footer=words("vpp.footer", version=view.document["versions"]["gridsim"]),
        tone="warning" if bad else "plain",
    )


def section_titles(view: VppView) -> list[str]:
    """Return what the sections are called, in their order."""
    return [section.title for section in sections(view) if section.name != "notes"]


def verdict(view: VppView) -> str:
    """Return the answers in a sentence each."""
    said = [told(view, view.part(part)) for part, told in VERDICTS.items() if view.part(part)]
    return view.words("word.sentence_space").join(said)


def tiles(view: VppView) -> list[Tile]:
    """Return the key figures of the parts that are there."""
    return [*_operation_tiles(view), *_envelope_tiles(view), *_island_tiles(view), *_seconds_tiles(view), *_market_tiles(view)]


def _operation_tiles(view: VppView) -> list[Tile]:
    words, record = view.words, view.part("operation")
    if not record:
        return []
    figures = record["figures"]
    over = "" if figures["regret_share"] is None else words("vpp_tile.over", share=percent(figures["regret_share"]))
    found = [
        Tile(words("vpp_tile.cost"), money_with_unit(words, figures["operated_cost_cny"]), words("vpp_tile.cost_note")),
        Tile(words("vpp_tile.regret"), money_with_unit(words, figures["regret_cny"]), over),
    ]
    if figures["value_of_planning_share"] is not None:
        found.append(Tile(words("vpp_tile.planning"), percent(figures["value_of_planning_share"]), words("vpp_tile.planning_note")))
    if record["broken"]:
        found.append(Tile(words("vpp_tile.broken"), f"{figures['windows_broken']:,.0f}", words("vpp_tile.broken_note"), "alarm"))
    return found


def _envelope_tiles(view: VppView) -> list[Tile]:
    words, record = view.words, view.part("envelope")
    if not record:
        return []
    found = []
    for way in WAYS:
        title = words(f"vpp_tile.{way}", hours=f"{record['durations_hours'][0]:g}")
        note = words("vpp_tile.mean", mean=shown(record[way]["mean_mw"][0]), share=share(record["firm_share"]))
        found.append(Tile(title, f"{shown(record[way]['firm_mw'][0])}{SPACE}MW", note))
    if record["second_level"]:
        always = sum(one["always_mw"] for one in record["second_level"])
        mean = shown(sum(one["mean_mw"] for one in record["second_level"]))
        found.append(Tile(words("vpp_tile.second_level"), f"{shown(always)}{SPACE}MW", words("vpp_tile.second_level_note", mean=mean)))
    return found


def _island_tiles(view: VppView) -> list[Tile]:
    words, found = view.words, []
    islands = view.part("islanding") or []
    for island in islands:
        title = words("vpp_tile.island") if len(islands) == 1 else words("curtail.option_of", option=words("vpp_tile.island"), which=island["island"])
        note = words("vpp_tile.island_note", mean=shown(island["hours_mean_at_least"]), lowest=shown(island["hours_lowest"]))
        found.append(Tile(title, f"{shown(island['hours_median'])}{SPACE}h", note))
    return found


def _seconds_tiles(view: VppView) -> list[Tile]:
    words, record = view.words, view.part("seconds")
    if not record:
        return []
    note = words("vpp_tile.lost_note", share=percent(record["lost_hours"] / record["hours"]), all=f"{record['hours']:,g}")
    found = [Tile(words("vpp_tile.lost"), f"{record['lost_hours']:,g}{SPACE}h", note, "alarm" if record["lost_hours"] else "")]
    if record["lowest_nadir_hz_of_islands_kept"] is not None:
        found.append(Tile(words("vpp_tile.nadir"), f"{record['lowest_nadir_hz_of_islands_kept']:.2f}{SPACE}Hz", words("vpp_tile.nadir_note")))
    if record.get("highest_peak_hz_of_islands_kept") is not None:
        found.append(Tile(words("vpp_tile.peak"), f"{record['highest_peak_hz_of_islands_kept']:.2f}{SPACE}Hz", words("vpp_tile.nadir_note")))
    return found


def _market_tiles(view: VppView) -> list[Tile]:
    words, record, sums = view.words, view.part("markets"), view.document["figures"]
    if not record:
        return []
    if not any(market["calls"] or market["figures"].get("offered_mw_h") for market in record["markets"]):
        return [Tile(words("vpp_tile.income"), money_with_unit(words, sums["markets.income_cny"]), words("vpp_tile.income_none"))]
    note = words("vpp_tile.income_note", cost=money_with_unit(words, sums["markets.delivery_cost_cny"]), share=measured_share(record))
    found = [Tile(words("vpp_tile.income"), money_with_unit(words, sums["markets.income_cny"]), note)]
    if expected := record.get("expectation"):
        left = money_with_unit(words, expected["income_less_cost"]["mean"])
        found.append(Tile(words("vpp_tile.expected"), left, words("vpp_tile.expected_note", draws=f"{expected['draws']:,}")))
    return found


def sections(view: VppView) -> list[Section]:
    """Return the sections of the parts that are there."""
    words = view.words
    second_level = (view.part("envelope") or {}).get("second_level")
    parts: dict[str, tuple[Any, Callable[[VppView], list[Any]]]] = {
        "operation": (view.part("operation"), operation),
        "envelope": (view.part("envelope"), envelope),
        "second_level": (second_level, reserve),
        "islanding": (view.part("islanding"), islanding),
        "seconds": (view.part("seconds"), frequency),
        "markets": (view.part("markets"), markets),
    }
    found = [Section(name, words(f"vpp_section.{name}"), [one for one in made(view) if one]) for name, (there, made) in parts.items() if there]
    told = notes(view)
    return [*found, Section("notes", words("study_section.notes"), [], told)] if told else found


def notes(view: VppView) -> list[str]:
    """Return what a reader must know, and what the forecasts said of themselves."""
    words, park, found = view.words, view.document["park"], []
    if view.part("operation"):
        found += [words("vpp_note.foresight"), *view.part("operation")["notes"]]
    if view.part("envelope"):
        found.append(words("vpp_note.envelope"))
    if view.part("islanding"):
        found.append(words("vpp_note.islanding"))
    if view.part("seconds"):
        found.append(words("vpp_note.seconds"))
    if view.part("markets"):
        found += market_notes(view, view.part("markets"))
    if unfinished := view.document.get("unfinished"):
        found.append(words("vpp_note.unfinished", parts=words("word.list_comma").join(words(f"study_vpp_part.{part}") for part in unfinished)))
    if park["share_of_year"] < 1.0:
        found.append(words("vpp_note.part_of_year", hours=f"{view.hours:,.6g}"))
    return found
