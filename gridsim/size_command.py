"""The command that sizes a park."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gridsim.errors import DefinitionError, Problem
from gridsim.terminal import HOURS, JSON, SET, part_of_year, progress_shown, told

if TYPE_CHECKING:
    from gridsim.dispatch.sizes import Free
    from gridsim.study.sizing import Sizing

FREE = Annotated[
    list[str],
    typer.Option("--free", metavar="PATH=LOW:HIGH[:UNIT]", help="A capacity to find, such as technologies.battery_1.power_mw=0:100; may be repeated."),
]


def size(
    park: Annotated[Path, typer.Argument(help="Folder that holds park.yaml.", show_default=False)],
    free: FREE,
    stage: Annotated[str | None, typer.Option(help="Stage of the park.", show_default="default_stage of the park")] = None,
    set_: SET = None,
    hours: HOURS = None,
    gap: Annotated[float, typer.Option(help="Largest proven distance from the optimum, relative.", min=0.0)] = 1e-3,
    machine: JSON = False,
) -> None:
    """Find the capacities of least cost, with a proof of how near they are to it."""
    with told(machine):
        wanted = [_free(text) for text in free]
        from gridsim.park.read import read_park
        from gridsim.study.sizing import size as size_park

        with progress_shown(machine) as progress:
            found = size_park(read_park(park, stage=stage, overrides=set_ or (), hours=part_of_year(hours)), wanted, gap=gap, progress=progress)
        typer.echo(json.dumps(as_json(found)) if machine else "\n".join(lines(found)))


def _free(text: str) -> Free:
    """Read PATH=LOW:HIGH[:UNIT]."""
    from gridsim.dispatch.sizes import Free

    path, _, span = text.partition("=")
    try:
        numbers = [float(part) for part in span.split(":")]
    except ValueError:
        numbers = []
    if len(numbers) not in (2, 3):
        problem = Problem("", f"'{text}' is not a capacity with bounds", "for example --free technologies.battery_1.power_mw=0:100", "--free")
        raise DefinitionError("the command line", [problem])
    return Free(path, *numbers)


def as_json(found: Sizing) -> dict[str, Any]:
    """Return what was found as plain data."""
    return {
        "ok": True,
        "values": found.values,
        "cost_total_cny": found.cost_cny,
        "bound_cny": found.bound_cny,
        "gap": found.gap,
        "at_bound": list(found.at_bound),
        "seconds": found.seconds,
    }


def lines(found: Sizing) -> list[str]:
    """Return what the terminal says."""
    width = max(len(path) for path in found.values)
    text = [
        f"  {path:<{width}}  {value:>14,.3f}" + ("   at the end of its range, which therefore decides it" if path in found.at_bound else "")
        for path, value in found.values.items()
    ]
    text.append(f"  cost {found.cost_cny / 1e6:,.2f} million CNY; no capacities within these ranges cost less than {found.bound_cny / 1e6:,.2f}")
    text.append(f"  proven gap {found.gap:.3%}, {found.steps[-1].segments:,} segments, {found.seconds:,.0f} s")
    return text
