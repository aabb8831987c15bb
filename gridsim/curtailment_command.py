"""The command that asks why a park curtails, and what would save it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from gridsim.errors import DefinitionError, Problem
from gridsim.terminal import HOURS, JSON, LANG, SET, Language, part_of_year, progress_shown, told

ADD = Annotated[
    list[str] | None,
    typer.Option("--add", metavar="KIND[:HOURS]", help="What to try besides what the park has: battery:4, caes:8 or shift; may be repeated; none for nothing."),
]


def curtailment(
    park: Annotated[Path, typer.Argument(help="Folder that holds park.yaml.", show_default=False)],
    stage: Annotated[str | None, typer.Option(help="Stage of the park.", show_default="default_stage of the park")] = None,
    set_: SET = None,
    hours: HOURS = None,
    add: ADD = None,
    step: Annotated[float, typer.Option(help="Step of each capacity over what there is.", min=0.001, max=1.0)] = 0.1,
    out: Annotated[Path | None, typer.Option(help="Folder for report.html, tables.xlsx and curtailment.json.", show_default="nothing is written")] = None,
    lang: LANG = Language.en,
    machine: JSON = False,
) -> None:
    """Say why power is curtailed and when, and what each MW more of what a park has or could have would save."""
    with told(machine):
        added, storage_hours = _added(add)
        from gridsim.folder import check_free, replace_file
        from gridsim.park.read import read_park
        from gridsim.report.curtailment_page.write import write_curtailment_page
        from gridsim.study.curtailment import curtailment_study
        from gridsim.study.curtailment_record import curtailment_record, lines

        check_free(out, "curtailment.json", "a curtailment study")
        with progress_shown(machine) as progress:
            checked = read_park(park, stage=stage, overrides=set_ or (), hours=part_of_year(hours))
            record = curtailment_record(curtailment_study(checked, step_share=step, added=added, hours=storage_hours, progress=progress))
        if out is not None:
            out.mkdir(parents=True, exist_ok=True)
            replace_file(out / "curtailment.json", json.dumps(record, indent=1, ensure_ascii=False, allow_nan=False) + "\n")
            write_curtailment_page(record, out, lang.value)
        typer.echo(json.dumps({"ok": True, **record}, ensure_ascii=False) if machine else "\n".join(lines(record, lang.value)))


def _added(texts: list[str] | None) -> tuple[list[str] | None, dict[str, float]]:
    """Read KIND[:HOURS] of every addition."""
    if texts is None:
        return None, {}
    kinds: list[str] = []
    hours: dict[str, float] = {}
    for text in texts:
        kind, colon, each = text.partition(":")
        if text == "none":
            continue
        kinds.append(kind)
        try:
            hours |= {kind: float(each)} if colon else {}
        except ValueError:
            problem = Problem("", f"'{text}' is not KIND or KIND:HOURS", "for example --add battery:4", "--add")
            raise DefinitionError("the command line", [problem]) from None
    return kinds, hours
