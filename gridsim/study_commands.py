"""The command that answers a question with many runs: `gridsim study`."""

from __future__ import annotations

import json
import sys
import time as clock
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gridsim.terminal import INTERRUPTED, JSON, told

if TYPE_CHECKING:
    import pandas as pd

    from gridsim.report.words import Words
    from gridsim.study.result import StudyResult
    from gridsim.study.run import StudyProgress

OTHERWISE = 1
"""Exit code where an answer is not the expected one."""
NONE_SOLVED = 3

MOST_ROWS = 40
"""Of the table on the terminal."""
MOST_REASONS = 5


def study(
    folder: Annotated[Path, typer.Argument(help="Folder that holds study.yaml.", show_default=False)],
    out: Annotated[Path | None, typer.Option(help="Folder for the results; what a former start left there is continued.", show_default="runs/STUDY")] = None,
    workers: Annotated[int | None, typer.Option(help="Processes on this machine.", min=1, show_default="as processors and memory allow")] = None,
    scheduler: Annotated[str | None, typer.Option(help="Dask scheduler to run on instead, such as tcp://127.0.0.1:8786.", show_default=False)] = None,
    lang: Annotated[str, typer.Option(help="Language of the report: en or zh.")] = "en",
    machine: JSON = False,
) -> None:
    """Run a park many times to answer a question; a study that was stopped continues where it was."""
    from gridsim.report.words import Words
    from gridsim.study.report import write_study_report
    from gridsim.study.run import default_folder, run_study

    with told(machine):
        words = Words(lang)  # refuses a language that there is none of, before anything is run
        try:
            with study_progress_shown(machine) as progress:
                result = run_study(folder, out=out, workers=workers, scheduler=scheduler, progress=progress)
        except KeyboardInterrupt:
            typer.echo(f"interrupted; what is finished stays in {out or default_folder(folder)}, and the same command continues", err=True)
            raise typer.Exit(INTERRUPTED) from None
        write_study_report(result, lang=lang)
    _tell(result, words, machine)
    if not len(result.solved):
        raise typer.Exit(NONE_SOLVED)
    if not all(answer.holds for answer in result.answers):
        raise typer.Exit(OTHERWISE)


def _tell(result: StudyResult, words: Words, machine: bool) -> None:
    if machine:
        typer.echo(json.dumps(_document(result), ensure_ascii=False))
        return
    typer.echo(result.question)
    typer.echo(_table(result, words) if result.front is None else _lines_of(result.front.drop(columns=["scenario", "bound_cny"], errors="ignore")))
    if result.alternatives is not None:
        typer.echo(_lines_of(result.alternatives))
    counts = {"all": len(result.table), "run": result.computed, "reused": result.reused, "failed": len(result.failed)}
    spent = words("terminal.seconds" if result.workers == 1 else "terminal.seconds_shared", seconds=f"{result.seconds:.1f}", workers=result.workers)
    typer.echo(words("terminal.scenarios", **counts, spent=spent))
    for _, row in result.failed.head(MOST_REASONS).iterrows():
        status = words.get(f"terminal_status.{row['status']}", row["status"])
        typer.echo(words("terminal.failed", scenario=row["scenario"], status=status, reason=str(row["reason"]).splitlines()[0]))
    for answer in result.answers:
        found = words("terminal.nothing") if answer.found is None else f"{answer.found:,.6g}"
        verdict = words("terminal.expected") if answer.holds else words("terminal.not_expected", expected=f"{answer.expected:,.6g}")
        typer.echo(words("terminal.answer", figure=answer.figure, scenario=answer.scenario, found=found, verdict=verdict))
    for note in result.notes:
        typer.echo(words("terminal.note", note=note))
    typer.echo(words("terminal.results_report", results=result.folder, report=result.folder / "report.html"))


def _table(result: StudyResult, words: Words) -> str:
    """Write the head of the table with short names: what was varied, sized, and the figures that differ between scenarios."""
    shown = result.table.head(MOST_ROWS).drop(columns=["scenario", "seconds", "start", "reason"])
    same = [column for column in shown if column not in result.paths and column != "status" and shown[column].nunique(dropna=False) <= 1]
    shown = shown.drop(columns=same if len(shown) > 1 else [])
    if not len(result.failed):
        shown = shown.drop(columns="status")
    text = _lines_of(shown)
    more = len(result.table) - MOST_ROWS
    return text + (f"\n{words('terminal.more', count=more)}" if more > 0 else "")


def _lines_of(table: pd.DataFrame) -> str:
    """Write a table with short names, without columns in which nothing is known."""
    short = table.dropna(axis=1, how="all").rename(columns=lambda name: name.removeprefix("technologies."))
    return short.to_string(index=False, float_format=lambda value: f"{value:,.5g}" if abs(value) < 1e5 else f"{value:,.0f}", na_rep="-")


def _rows_of(table: pd.DataFrame) -> list[dict[str, Any]]:
    return json.loads(table.to_json(orient="records", double_precision=15))


def _document(result: StudyResult) -> dict[str, Any]:
    return {
        "ok": all(answer.holds for answer in result.answers),
        "folder": str(result.folder),
        "question": result.question,
        "computed": result.computed,
        "reused": result.reused,
        "failed": len(result.failed),
        "seconds": result.seconds,
        "scenarios": _rows_of(result.table),
        **({} if result.front is None else {"front": _rows_of(result.front)}),
        **({} if result.alternatives is None else {"alternatives": _rows_of(result.alternatives)}),
        "answers": [{**vars(answer), "holds": answer.holds} for answer in result.answers],
        "notes": list(result.notes),
    }


@contextmanager
def study_progress_shown(machine: bool) -> Iterator[Callable[[StudyProgress], None] | None]:
    """Draw how far a study is: a live bar on a terminal, a line now and then elsewhere, nothing for machines."""
    if machine:
        yield None
        return
    if not sys.stderr.isatty():
        yield _Lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("scenarios"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True)) as bars:
        task = bars.add_task("", total=None)

        def show(at: StudyProgress) -> None:
            bars.update(task, completed=at.done, total=at.total, description=f"{_left(at)}{' | '.join(at.current)}")

        yield show


class _Lines:
    """Prints a line when the count has changed, at most one in `PAUSE_S`, and the last."""

    PAUSE_S = 2.0

    def __init__(self) -> None:
        self.began = clock.perf_counter()
        self.said_at, self.said = -self.PAUSE_S, -1

    def __call__(self, at: StudyProgress) -> None:
        now = clock.perf_counter() - self.began
        if at.done != self.said and (now - self.said_at >= self.PAUSE_S or at.done == at.total):
            self.said_at, self.said = now, at.done
            typer.echo(f"[{now:6.1f} s] {at.done} of {at.total} scenarios{', ' + _left(at).rstrip() if _left(at) else ''}", err=True)


def _left(at: StudyProgress) -> str:
    failed = f"{at.failed} without a solution, " if at.failed else ""
    return failed + ("" if at.seconds_left is None or at.done == at.total else f"about {at.seconds_left:.0f} s left  ")
