"""The command that holds a park against the rules, and asks what each of them costs."""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gridsim.errors import DefinitionError, Problem
from gridsim.terminal import HOURS, JSON, LANG, SET, Language, part_of_year, progress_shown, told

if TYPE_CHECKING:
    from gridsim.park.park import Park

AGAINST = Annotated[
    list[str] | None,
    typer.Option("--against", metavar="SET", help="A rule set to judge by, such as cn-650-2025; may be repeated.", show_default="as the park says"),
]
ENFORCE = Annotated[
    list[str] | None,
    typer.Option("--enforce", metavar="ID", help="A rule set, or one rule (cn-650-2025.green), that the dispatch must keep; may be repeated."),
]
FORMER = ("rules.json", "report.html", "tables.xlsx")


def rules(
    park: Annotated[Path, typer.Argument(help="Folder that holds park.yaml.", show_default=False)],
    stage: Annotated[str | None, typer.Option(help="Stage of the park.", show_default="default_stage of the park")] = None,
    set_: SET = None,
    hours: HOURS = None,
    against: AGAINST = None,
    price: Annotated[bool, typer.Option("--price", help="Find what keeping each rule costs; solves again for each that does not hold already.")] = False,
    enforce: ENFORCE = None,
    rule_seconds: Annotated[float, typer.Option(help="Seconds that each solve for a rule may take.", min=0.1)] = 120.0,
    out: Annotated[Path | None, typer.Option(help="Folder for rules.json, tables.xlsx and report.html.", show_default="nothing is written")] = None,
    lang: LANG = Language.en,
    machine: JSON = False,
) -> None:
    """Say which rules a park keeps, by how much, and what each costs."""
    with told(machine):
        from gridsim.folder import check_free

        check_free(out, "rules.json", "judged rules")
        from gridsim.park.read import read_park

        with progress_shown(machine) as progress:
            checked = _asked(read_park(park, stage=stage, overrides=set_ or (), hours=part_of_year(hours)), against, enforce)
            from gridsim.rules.costs import costs_record, judged_park

            record = costs_record(judged_park(checked, price=price, rule_seconds=rule_seconds, progress=progress))
        if out is not None:
            from gridsim.report.rule_costs.page import write_rule_costs

            page = write_rule_costs(out, record, lang.value)
        if machine:
            typer.echo(json.dumps({"ok": True, **record}, ensure_ascii=False, allow_nan=False, default=str))
            return
        _show(record, lang.value)
        if out is not None:
            typer.echo(f"report: {page}")


def _asked(park: Park, against: list[str] | None, enforce: list[str] | None) -> Park:
    """Return the park with the rule sets and the rules of the command line, checked as those of the park file are."""
    if not against and not enforce:
        return park
    from gridsim.rules.checks import rules_are_known, rules_can_be_enforced

    changes: dict[str, Any] = {"report": against} if against else {}
    if enforce:
        changes["enforce"] = list(dict.fromkeys([*park.rules.enforce, *enforce]))
    changed = dataclasses.replace(park, rules=park.rules.model_copy(update=changes))
    findings = [*rules_are_known(changed), *rules_can_be_enforced(changed)]
    if findings:
        option = {"rules.report": "--against", "rules.enforce": "--enforce"}
        problems = [Problem("", found, remedy, option.get(where.rpartition(".")[0], where)) for where, found, remedy in findings]
        raise DefinitionError("the command line", problems)
    return changed


def _show(record: dict[str, Any], language: str) -> None:
    """Print the rules with a value or a price; those of which nothing is known, or that do not apply, are named below."""
    from rich.console import Console
    from rich.table import Table

    from gridsim.report.rule_costs import cells

    words = cells.texts(language)
    for line in cells.head(record, language):
        if line:
            typer.echo(f"  {line}")
    keys = ["name", "value", "asked", "margin", "status"] + (["cost_cny_per_a", "cost_fen_per_kwh", "shadow", "answer"] if record["priced"] else [])
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1))
    for key in keys:
        table.add_column(words[f"column.{key}"], justify="left" if key in ("name", "status", "answer") else "right", no_wrap=key != "answer" and key != "name")
    former, open_rules = "", cells.open_rules(record)
    for rule in record["rules"]:
        rule_set = rule["name"].partition(".")[0]
        if rule_set != former:
            table.add_row(f"[bold]{rule_set}[/bold]")
            former = rule_set
        if rule["status"] == "not_applicable" or rule["name"] in open_rules:
            continue
        row = [f"  {rule['name'].partition('.')[2]}", cells.reached(rule), cells.asked(rule), cells.margin(rule, language), words[f"status.{rule['status']}"]]
        if record["priced"]:
            row += [_amount(cells.yearly(rule, record, language)), cells.per_kwh(rule), cells.one_more(rule, language), cells.answered(rule, record, language)]
        table.add_row(*row)
    width = None if sys.stdout.isatty() else 200
    Console(width=width, highlight=False, emoji=False).print(table)
    for note in [*cells.not_listed(record, open_rules, language), *cells.notes(record, language)]:
        typer.echo(f"  {note}")


def _amount(text: str) -> str:
    return text.replace(" (", "\n(")
