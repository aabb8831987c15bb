"""The head of the report: one sentence, and a tile for each key figure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gridsim.report.monthly import causes
from gridsim.report.numbers import SPACE, energy, mass, number, percent

if TYPE_CHECKING:
    from gridsim.report.view import RunView

UNSERVED_SHARE = 1e-6
"""Unserved energy above this share of the load is said."""


@dataclass(frozen=True)
class Tile:
    """One key figure."""

    title: str
    value: str
    note: str
    tone: str = ""
    """``green`` or ``alarm`` where the tile stands out."""

    @property
    def amount(self) -> str:
        """The value without its unit."""
        return self.value.partition(SPACE)[0]

    @property
    def unit(self) -> str:
        """What follows the number."""
        return self.value.partition(SPACE)[2]


def money(view: RunView, cny: float) -> str:
    """Return an amount in the language's large unit."""
    factor, unit = view.words.money
    return f"{number(cny / factor)}{SPACE}{unit}"


def verdict(view: RunView) -> str:
    """Return the run's answer in a line."""
    words, summary = view.words, view.summary
    sentences = [words("verdict.green", share=percent(summary["green_share"]), load=energy(summary["load_mwh"]))]
    if summary["available_mwh"] <= 0:
        sentences = [words("verdict.no_green", load=energy(summary["load_mwh"]))]
    elif summary["curtailment_rate"] < 5e-4:
        sentences.append(words("verdict.not_curtailed"))
    else:
        sums = {cause: float(power.sum()) for cause, power in causes(view).items()}
        cause = words.named("cause", max(sums, key=sums.__getitem__)) if sums else ""
        sentences.append(words("verdict.curtailed", rate=percent(summary["curtailment_rate"]), cause=cause))
    missing = unserved(view)
    sentences.append(words("verdict.unserved", list=words("word.list_comma").join(missing)) if missing else words("verdict.served"))
    if summary["solver_status"] != "optimal":
        sentences.append(words("verdict.limit", gap=percent(summary["solver_gap"])))
    return words("word.sentence_space").join(sentences)


def unserved(view: RunView) -> list[str]:
    """Return each demand that was not served, with its amount."""
    summary: dict[str, Any] = view.summary
    found = []
    for key, value in summary.items():
        name, _, figure = key.rpartition(".")
        if name and figure in ("unserved_mwh", "unserved_kg", "unserved_t"):
            served = {"unserved_mwh": "energy_mwh", "unserved_kg": "delivered_kg", "unserved_t": "delivered_t"}[figure]
            if value > UNSERVED_SHARE * (value + summary.get(f"{name}.{served}", 0.0)):
                amount = energy(value) if figure == "unserved_mwh" else mass(value * (1e3 if figure == "unserved_t" else 1.0))
                found.append(f"{view.label(name)} {amount}")
    return found


def tiles(view: RunView) -> list[Tile]:
    """Return the key figures."""
    words, summary = view.words, view.summary

    def tile(key: str, value: str, note: str | None = None, tone: str = "") -> Tile:
        return Tile(words(f"word.{key}"), value, words(f"meaning.{key}") if note is None else note, tone)

    result = [
        tile("green_share", percent(summary["green_share"]), tone="green"),
        tile("hourly_matched_share", percent(summary["hourly_matched_share"]), tone="green"),
        tile("self_use_ratio", percent(summary["self_use_ratio"])),
        tile("export_ratio", percent(summary["export_ratio"]), words("tile.export", export=energy(summary["export_mwh"]))),
        tile("curtailment_rate", percent(summary["curtailment_rate"]), words("tile.curtailed", curtailed=energy(summary["curtailed_mwh"]))),
        tile("import_mwh", energy(summary["import_mwh"]), words("tile.import", load=energy(summary["load_mwh"]))),
        tile("peak_import_mw", f"{number(summary['peak_import_mw'])}{SPACE}MW", words("tile.peak", peak=number(summary["peak_load_mw"]))),
    ]
    if summary["hydrogen_kg"] > 0:
        result.append(tile("hydrogen_kg", mass(summary["hydrogen_kg"])))
    if summary["ammonia_t"] > 0:
        result.append(tile("ammonia_t", mass(summary["ammonia_t"] * 1e3)))
    parts = words("tile.cost", operating=money(view, summary["cost_operating_cny"]), investment=money(view, summary["cost_investment_cny"]))
    result.append(tile("cost_total_cny", money(view, summary["cost_total_cny"]), parts))
    if summary["unserved_mwh"] > UNSERVED_SHARE * summary["load_mwh"]:
        result.append(tile("unserved_mwh", energy(summary["unserved_mwh"]), tone="alarm"))
    return result
