"""The command that sizes a park."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gridsim.errors import DefinitionError, Problem
from gridsim.terminal import HOURS, JSON, SET, part_of_year, progress_shown, told

if TYPE_CHECKING:
    from gridsim.dispatch.sizes import Free
    from gridsim.study.committed import Committed
    from gridsim.study.part_load_error import PartLoadError
    from gridsim.study.sizing import Sizing

SAME_MODULE = 1e-3
"""Relative difference up to which the modules of a fleet are of the size that the park says."""

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
    committed: Annotated[bool, typer.Option("--committed", help="Operate the sizes once more with modules and machines in whole numbers.")] = False,
    machine: JSON = False,
) -> None:
    """Find the capacities of least cost, with a proof of how near they are to it."""
    with told(machine):
        wanted = [_free(text) for text in free]
        from gridsim.park.read import read_park
        from gridsim.study.committed import committed as operated
        from gridsim.study.sizing import size as size_park

        with progress_shown(machine) as progress:
            found = size_park(read_park(park, stage=stage, overrides=set_ or (), hours=part_of_year(hours)), wanted, gap=gap, progress=progress)
            whole = operated(found, progress=progress) if committed else None
        typer.echo(json.dumps(as_json(found, whole)) if machine else "\n".join(lines(found, whole)))


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


def as_json(found: Sizing, whole: Committed | None = None) -> dict[str, Any]:
    """Return what was found as plain data."""
    record = {
        "ok": True,
        "values": found.values,
        "cost_total_cny": found.cost_cny,
        "bound_cny": found.bound_cny,
        "gap": found.gap,
        "at_bound": list(found.at_bound),
        "choices": found.choices,
        "ranges": found.ranges,
        "part_load_cny": found.part_load_cny,
        "part_load": [dataclasses.asdict(error) for error in found.part_load],
        "seconds": found.seconds,
    }
    return record if whole is None else {**record, "committed": {**dataclasses.asdict(whole), "extra_cny": whole.extra_cny}}


def lines(found: Sizing, whole: Committed | None = None) -> list[str]:
    """Return what the terminal says."""
    width = max(len(path) for path in found.values)
    text = [
        f"  {path:<{width}}  {value:>14,.3f}" + ("   at the end of its range, which therefore decides it" if path in found.at_bound else "")
        for path, value in found.values.items()
    ]
    text.append(f"  cost {found.cost_cny / 1e6:,.2f} million CNY; no capacities within these ranges cost less than {found.bound_cny / 1e6:,.2f}")
    units = f", {found.ranges} ranges of whole units looked at, {found.choices} choices dispatched" if any(one.unit for one in found.free) else ""
    text.append(f"  proven gap {found.gap:.3%}, {found.steps[-1].segments:,} segments{units}, {found.seconds:,.0f} s")
    text += [_part_load_line(found, error) for error in found.part_load]
    return text if whole is None else [*text, _committed_line(found, whole)]


def _part_load_line(found: Sizing, error: PartLoadError) -> str:
    """Say by how much the straight lines of a part-load curve are off."""
    text = f"  part load of {error.technology}: {error.hydrogen_overstated_kg:,.0f} kg of hydrogen ({error.hydrogen_overstated_share:.2%})"
    text += f" more than {error.modules} whole modules of {error.module_mw:,.2f} MW make, worth {error.value_cny / 1e6:,.3f} million CNY"
    text += f" ({error.value_cny / max(abs(found.cost_cny), 1.0):.3%} of the cost); {error.below_minimum_load_hours:,.0f} h below the minimum load of one"
    module_mw = error.park_module_mw
    hint = f"\n      -> a module has {module_mw:g} MW: write :{module_mw:g} behind the range of its capacity_mw for whole ones"
    return text + (hint if abs(error.module_mw / module_mw - 1.0) > SAME_MODULE else "")


def _committed_line(found: Sizing, whole: Committed) -> str:
    """Say what modules and machines in whole numbers cost."""
    share = whole.extra_cny / max(abs(found.cost_cny), 1.0)
    text = f"  in whole numbers: {whole.extra_cny / 1e6:+,.3f} million CNY ({share:+.3%} of the cost) against the same windows at the linear level"
    text += f", which themselves cost {(whole.linear_cny - whole.optimum_cny) / 1e6:+,.3f}; {whole.seconds:,.0f} s"
    return text + (f"\n      in {whole.broken} windows something could not be kept" if whole.broken else "")
