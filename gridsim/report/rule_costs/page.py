"""The page of a park's rules: what each costs, rule set by rule set, in the frame of every page."""

from __future__ import annotations

import importlib.metadata
from collections import Counter
from typing import TYPE_CHECKING, Any

from gridsim.report.frame import Head, Section, lay_out
from gridsim.report.headline import Tile
from gridsim.report.numbers import SPACE
from gridsim.report.rule_costs import cells
from gridsim.report.tables import Cell, Column, Table
from gridsim.report.words import Words

if TYPE_CHECKING:
    from pathlib import Path

TONES = {"pass": "good", "fail": "bad", "not_known": "open", "not_applicable": "faint"}


def page(record: dict[str, Any], language: str) -> str:
    """Return the whole page."""
    words, own = Words(language), cells.texts(language)
    lines = cells.head(record, language)
    found = Counter(rule["status"] for rule in record["rules"])
    tiles = [Tile(own[f"status.{status}"], f"{found[status]}{SPACE}", "", "alarm" if status == "fail" else "") for status in cells.STATUSES if found[status]]
    head = Head(
        title=f"{record['park']} · {own['page.kicker']}",
        kicker=own["page.kicker"],
        heading=own["page.heading"],
        about="",
        scope=lines[0],
        verdict=words("word.sentence_space").join(line for line in lines[2:] if line) or lines[1],
        tiles=tiles,
        noscript=own["page.noscript"],
        footer=own["page.footer"].format(version=importlib.metadata.version("gridsim")),
        tone="warning" if found["fail"] else "",
    )
    return lay_out(words, head, [Section("rules", own["page.costs"], [*cells.notes(record, language), *tables(record, language)])])


def tables(record: dict[str, Any], language: str) -> list[Table]:
    """Return one table a rule set, those without a verdict folded."""
    own, sets = cells.texts(language), {}
    for rule in record["rules"]:
        sets.setdefault(rule["name"].partition(".")[0], []).append(rule)
    keys = ["text", "value", "asked", "margin", "status"] + (["answer", "cost_cny_per_a", "cost_fen_per_kwh", "shadow"] if record["priced"] else [])
    left = {"text", "asked", "margin", "status", "answer"}
    columns = [Column(own[f"column.{key}"], text=key in left, data=key == "text", whole=key in ("asked", "margin", "status")) for key in keys]
    found = []
    for rules in sets.values():
        rows = [_row(rule, record, language) for rule in rules]
        title = cells.set_title(rules[0], language)
        judged = any(rule["status"] in ("pass", "fail") for rule in rules)
        found.append(Table(columns, rows, title=title) if judged else Table(columns, rows, folded=title))
    return found


def _row(rule: dict[str, Any], record: dict[str, Any], language: str) -> list[str]:
    status = Cell(cells.texts(language)[f"status.{rule['status']}"], TONES[rule["status"]], rule[f"reason_{language}"])
    row: list[str] = [Cell(rule[f"text_{language}"], note=rule["name"]), cells.reached(rule), cells.asked(rule), cells.margin(rule, language), status]
    if record["priced"]:
        row += [cells.answered(rule, record, language), cells.yearly(rule, record, language), cells.per_kwh(rule), cells.one_more(rule, language)]
    return row


def write_rule_costs(folder: Path, record: dict[str, Any], language: str) -> Path:
    """Write ``report.html``, ``tables.xlsx`` and ``rules.json`` into a folder, each whole or not at all, and return the page."""
    import json

    from gridsim.folder import replace_file
    from gridsim.report.rule_costs.sheets import write_rule_costs_workbook
    from gridsim.report.write import write_both

    folder.mkdir(parents=True, exist_ok=True)
    found = write_both(folder, lambda path: write_rule_costs_workbook(path, record, language), lambda: page(record, language))
    replace_file(folder / "rules.json", json.dumps(record, indent=1, ensure_ascii=False, allow_nan=False, default=str) + "\n")
    return found
