"""What all commands share: options, progress, and how they tell what went wrong."""

from __future__ import annotations

import json
import sys
import time as clock
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from gridsim.errors import DefinitionError, GridsimError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rich.progress import Progress, Task, TaskID


class Language(StrEnum):
    """Languages of reports."""

    en = "en"
    zh = "zh"


INTERRUPTED = 130
"""Exit code after Ctrl-C."""

SET = Annotated[list[str] | None, typer.Option("--set", help="Override by path, such as technologies.caes_1.energy_mwh=800; may be repeated.")]
JSON = Annotated[bool, typer.Option("--json", help="Print one JSON document for machines instead of text.")]
HOURS = Annotated[str | None, typer.Option(help="A part of the year: a number of hours, or FIRST:LAST.", show_default="all")]
LANG = Annotated[Language, typer.Option(help="Language of the report and of the closing lines.")]


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
        raise typer.Exit(INTERRUPTED) from None


@contextmanager
def progress_shown(machine: bool, when_slow: Mapping[str, str] | None = None) -> Iterator[Callable[[str, float], None] | None]:
    """Draw how far a command is: live bars on a terminal, a line now and then elsewhere, nothing for machines.

    What is given is called with the name of a stage and the share of it that is done, 0 while that is not known; the time that a stage takes is seen here.
    ``when_slow`` holds what is said, once, of a stage that takes longer than `SLOW_S`.
    """
    if machine:
        yield None
        return
    if not sys.stderr.isatty():
        yield _Lines(when_slow)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description:<16}"), BarColumn(pulse_style="cyan"), TimeElapsedColumn(), TextColumn("{task.fields[far]}"))
    with Progress(*columns, console=Console(stderr=True)) as bars:
        shown = _Bars(bars, when_slow)
        yield shown
        shown.end()


SLOW_S = 60.0
"""From then on a stage is slow enough for a word of how to cut it short."""

TOLD_AFTER_S = 3.0
"""Before this, what is left of a stage would be a guess that jumps about."""


def how_far(share: float, seconds: float) -> str:
    """Say how far a stage is after some seconds, and what is left of it at that pace; nothing where its share is not known.

    Examples
    --------
    >>> how_far(0.25, 60.0), how_far(0.25, 1.0), how_far(0.9996, 10.0), how_far(0.0, 60.0)
    ('25 %, about 3 min left', '25 %', '99 %, about 1 s left', '')
    """
    if not 0.0 < share < 1.0:
        return ""
    done, left = f"{int(100.0 * share)} %", seconds * (1.0 - share) / share
    return done if seconds < TOLD_AFTER_S else f"{done}, about {_rounded(left)} left"


def _rounded(seconds: float) -> str:
    return f"{max(seconds, 1.0):.0f} s" if seconds < 100.0 else f"{seconds / 60.0:.0f} min" if seconds < 6000.0 else f"{seconds / 3600.0:.1f} h"


class _Bars:
    """A bar a stage on a terminal, the one under way last; one that comes again goes on counting its time."""

    def __init__(self, bars: Progress, when_slow: Mapping[str, str] | None = None) -> None:
        self.bars, self.unsaid, self.stage, self.since = bars, dict(when_slow or {}), "", 0.0
        self.tasks: dict[str, TaskID] = {}

    def __call__(self, stage: str, share: float) -> None:
        if stage != self.stage:
            self.end()
            self._begin(stage)
        known = 0.0 < share <= 1.0
        seconds = clock.perf_counter() - self.since
        far = how_far(share, seconds)
        if seconds >= SLOW_S and stage in self.unsaid:
            self.bars.console.print(f"{stage}: {self.unsaid.pop(stage)}", markup=False)
        self.bars.update(self.tasks[stage], total=1.0 if known else None, completed=share if known else 0.0, far=far)

    def _begin(self, stage: str) -> None:
        spent = 0.0
        if stage in self.tasks:
            former = self.tasks.pop(stage)
            spent = self._task(former).elapsed or 0.0
            self.bars.remove_task(former)
        self.stage, self.since, self.tasks[stage] = stage, clock.perf_counter(), self.bars.add_task(stage, total=None, far="")
        self._task(self.tasks[stage]).start_time -= spent

    def _task(self, number: TaskID) -> Task:
        return next(task for task in self.bars.tasks if task.id == number)

    def end(self) -> None:
        """Mark the stage under way as done."""
        if self.stage:
            self.bars.update(self.tasks[self.stage], total=1.0, completed=1.0, far="")
            self.bars.stop_task(self.tasks[self.stage])


class _Lines:
    """Prints a stage's name when it begins, and at most once in `PAUSE_S` how far it is."""

    PAUSE_S = 10.0

    def __init__(self, when_slow: Mapping[str, str] | None = None) -> None:
        self.began = self.since = self.said_at = clock.perf_counter()
        self.unsaid, self.stage = dict(when_slow or {}), ""

    def __call__(self, stage: str, share: float) -> None:
        now = clock.perf_counter()
        if stage != self.stage:
            self.stage, self.since, words = stage, now, stage
        elif now - self.said_at >= self.PAUSE_S:
            words = f"{stage}: {how_far(share, now - self.since) or f'{now - self.since:.0f} s'}"
            if now - self.since >= SLOW_S and stage in self.unsaid:
                words += f"; {self.unsaid.pop(stage)}"
        else:
            return
        self.said_at = now
        typer.echo(f"[{now - self.began:6.1f} s] {words}", err=True)
