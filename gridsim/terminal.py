"""What all commands share: options, progress, and how they tell what went wrong."""

from __future__ import annotations

import json
import sys
import time as clock
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gridsim.errors import DefinitionError, GridsimError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator


class Language(StrEnum):
    """Languages of reports."""

    en = "en"
    zh = "zh"


SET = Annotated[list[str] | None, typer.Option("--set", help="Override by path, such as technologies.caes_1.energy_mwh=800; may be repeated.")]
JSON = Annotated[bool, typer.Option("--json", help="Print one JSON document for machines instead of text.")]
HOURS = Annotated[str | None, typer.Option(help="A part of the year: a number of hours, or FIRST:LAST.", show_default="all")]
LANG = Annotated[Language, typer.Option(help="Language of the report.")]


def part_of_year(text: str | None) -> tuple[int, int] | None:
    """Return the first step and the one after the last of ``--hours``; None for all."""
    if text is None:
        return None
    first, colon, last = text.partition(":")
    try:
        return (int(first), int(last)) if colon else (0, int(first))
    except ValueError:
        problem = Problem("", f"'{text}' is neither a number of hours nor FIRST:LAST", "for example --hours 168 or --hours 1000:1168", "--hours")
        raise DefinitionError("the command line", [problem]) from None


@contextmanager
def told(machine: bool) -> Iterator[None]:
    """Turn what went wrong into one message and an exit code."""
    try:
        yield
    except GridsimError as error:
        if machine:
            problems = [asdict(problem) for problem in getattr(error, "problems", ())]
            typer.echo(json.dumps({"ok": False, "error": type(error).__name__, "message": str(error), "problems": problems}, ensure_ascii=False))
        else:
            typer.echo(f"{type(error).__name__}: {error}", err=True)
        raise typer.Exit(error.exit_code) from None
    except OSError as error:
        typer.echo(f"{error.strerror or error}: {error.filename or ''}", err=True)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        typer.echo("interrupted; nothing was written", err=True)
        raise typer.Exit(130) from None


@contextmanager
def progress_shown(machine: bool) -> Iterator[Callable[[str, float], None] | None]:
    """Draw the stages: a live line on a terminal, one line a stage elsewhere, nothing for machines."""
    if machine:
        yield None
        return
    if not sys.stderr.isatty():
        yield _Lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    with Progress(
        SpinnerColumn(), TextColumn("{task.description:<16}"), BarColumn(pulse_style="cyan"), TimeElapsedColumn(), console=Console(stderr=True)
    ) as bars:
        tasks: dict[str, Any] = {}

        def show(stage: str, _: float) -> None:
            if stage not in tasks:
                for task in tasks.values():
                    bars.update(task, total=1, completed=1)
                    bars.stop_task(task)
                tasks[stage] = bars.add_task(stage, total=None)

        yield show
        for task in tasks.values():
            bars.update(task, total=1, completed=1)


class _Lines:
    """Prints a stage's name when it begins."""

    def __init__(self) -> None:
        self.began, self.stage = clock.perf_counter(), ""

    def __call__(self, stage: str, _: float) -> None:
        if stage != self.stage:
            self.stage = stage
            typer.echo(f"[{clock.perf_counter() - self.began:6.1f} s] {stage}", err=True)
