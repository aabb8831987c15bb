"""The command that tells what a park is worth as a virtual power plant."""

from __future__ import annotations

import json
import tempfile
import time as clock
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gridsim.errors import DefinitionError, Problem
from gridsim.terminal import HOURS, INTERRUPTED, JSON, LANG, SET, Language, part_of_year, progress_shown, told

if TYPE_CHECKING:
    from gridsim.park.park import Park
    from gridsim.report.vpp_page.vpp_view import VppView
    from gridsim.vpp.run import Vpp

FILES = ("vpp.json", "vpp_hourly.parquet", "tables.xlsx", "report.html")
"""In the order in which they take their names."""


class Part(StrEnum):
    """Parts of `gridsim.vpp.run.PARTS`, known without loading any of them."""

    operation = "operation"
    envelope = "envelope"
    islanding = "islanding"
    seconds = "seconds"
    markets = "markets"


def vpp(
    park: Annotated[Path, typer.Argument(help="Folder that holds park.yaml.", show_default=False)],
    stage: Annotated[str | None, typer.Option(help="Stage of the park.", show_default="default_stage of the park")] = None,
    set_: SET = None,
    hours: HOURS = None,
    part: Annotated[list[Part] | None, typer.Option(help="What to find out; may be repeated.", show_default="all that the park has")] = None,
    processes: Annotated[int | None, typer.Option(help="How many processes find the envelope.", min=1, show_default="as many as there are processors")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for report.html, tables.xlsx, vpp.json and vpp_hourly.parquet.", show_default="nothing is written")
    ] = None,
    lang: LANG = Language.en,
    machine: JSON = False,
) -> None:
    """Operate a park with forecasts, and tell what it can give, what it lives through without the grid, and what it can sell."""
    with told(machine):
        from gridsim.folder import check_free

        check_free(out, "vpp.json", "a virtual power plant")
        from gridsim.park.read import read_park
        from gridsim.report.vpp_page.write import terminal_lines, view_of
        from gridsim.study.processes import processors
        from gridsim.vpp.run import PARTS, vpp_of

        with progress_shown(machine) as progress:
            watch = _Watch(progress)
            watch("read", 0.0)
            checked = read_park(park, stage=stage, overrides=set_ or (), hours=part_of_year(hours))
            _check_parts(checked, part)
            parts = [one.value for one in part] if part else PARTS
            found = vpp_of(checked, parts, processes=processes or processors(), progress=watch, interruptible=out is not None)
            document = document_of(found, watch.stop())
            view = view_of(document, {name: values for name, (values, _) in found.hourly.items()}, lang.value)
            if out is not None:
                watch("report", 0.0)
                _write(found, document, view, out)
        if machine:
            typer.echo(json.dumps({"ok": True, **found.figures}, ensure_ascii=False, allow_nan=False))
        else:
            typer.echo("\n".join([*terminal_lines(view), *([] if out is None else [f"report: {out / 'report.html'}"])]))
        if found.unfinished:
            typer.echo(f"interrupted; not found: {', '.join(found.unfinished)}", err=True)
            raise typer.Exit(INTERRUPTED)


def document_of(found: Vpp, seconds: dict[str, float]) -> dict[str, Any]:
    """Return the content of ``vpp.json``: what was asked of which park, with what, how long it took, and what was found."""
    from gridsim.workflow import park_record, versions

    park, time = found.park, found.park.time
    return {
        "park": {
            **park_record(park),
            "share_of_year": time.share_of_year,
            "labels": {name: technology.label for name, technology in park.technologies.items() if technology.label},
        },
        "versions": versions(),
        "seconds": {part: round(spent, 3) for part, spent in seconds.items()},
        "unfinished": found.unfinished,
        "figures": found.figures,
        "record": found.record,
    }


def _write(found: Vpp, document: dict[str, Any], view: VppView, out: Path) -> None:
    """Write all files aside, then give each its name."""
    import pandas as pd

    from gridsim.folder import write_hourly, write_json
    from gridsim.report.vpp_page.write import write_vpp_page

    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".vpp.", dir=out) as aside:
        folder = Path(aside)
        write_json(folder / "vpp.json", document)
        columns = {name: values for name, (values, _) in found.hourly.items()}
        frame = pd.DataFrame(columns, index=pd.DatetimeIndex(found.park.time.stamps, name="time"))
        write_hourly(folder / "vpp_hourly.parquet", frame, {name: unit for name, (_, unit) in found.hourly.items()})
        write_vpp_page(view, folder)
        for name in FILES:
            (folder / name).replace(out / name)


def _check_parts(park: Park, parts: Sequence[Part] | None) -> None:
    """Refuse to look for markets where the park names none, and for what it can give where there is nobody to give it to."""
    if Part.envelope in (parts or ()) and not any(technology.type == "grid_connection" for technology in park.technologies.values()):
        problem = Problem("technologies", "hold no grid connection to give anything at", "add a grid_connection, or leave out --part envelope")
        raise DefinitionError(f"park '{park.name}'", [problem])
    if Part.markets in (parts or ()) and (park.vpp is None or park.vpp.markets is None):
        problem = Problem("vpp.markets", "is missing, so that there is nothing to sell", "write vpp: {markets: …}, or leave out --part markets")
        raise DefinitionError(f"park '{park.name}'", [problem])


class _Watch:
    """Times the parts and passes them on to the progress display."""

    def __init__(self, progress: Callable[[str, float], None] | None) -> None:
        self.progress, self.seconds = progress, dict[str, float]()
        self.part, self.began = "", clock.perf_counter()

    def __call__(self, part: str, share: float) -> None:
        if part != self.part:
            self.stop()
            self.part, self.began = part, clock.perf_counter()
        if self.progress is not None:
            self.progress(part, share)

    def stop(self) -> dict[str, float]:
        """End the part that is under way, and return the seconds of all."""
        if self.part:
            self.seconds[self.part] = self.seconds.get(self.part, 0.0) + clock.perf_counter() - self.began
            self.part = ""
        return self.seconds
