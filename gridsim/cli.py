"""The commands: they parse arguments, call the API, draw progress, and say what went wrong.

Exit codes: 0 done, 2 the input has problems (nothing was written), 3 no dispatch exists or none was found, 4 the network cannot carry the dispatch
(`check`), 1 anything else.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from unicodedata import east_asian_width

os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # gridsim has none, and looking for them takes a tenth of `gridsim validate`
gc.disable()  # building the definitions makes many small objects and no garbage; `main` turns it on again

import typer  # noqa: E402

from gridsim.curtailment_command import curtailment  # noqa: E402
from gridsim.network_lines import network_lines  # noqa: E402
from gridsim.profile_commands import loads, weather  # noqa: E402
from gridsim.rules_command import rules  # noqa: E402
from gridsim.size_command import size  # noqa: E402
from gridsim.study_commands import study  # noqa: E402
from gridsim.terminal import HOURS, INTERRUPTED, JSON, LANG, SET, Language, part_of_year, progress_shown, told  # noqa: E402
from gridsim.vpp_command import vpp  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gridsim.distribution.network_studies import NetworkStudy
    from gridsim.park.park import Park
    from gridsim.report.words import Words
    from gridsim.workflow import Run, Wires

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Dispatch and planning of industrial parks that live on their own wind and sun.",
)


class Level(StrEnum):
    """How exactly machines are counted."""

    linear = "linear"
    mixed_integer = "mixed_integer"


class Template(StrEnum):
    """Parks that ship with gridsim."""

    starter = "starter"
    chifeng = "chifeng"


PARK = Annotated[Path, typer.Argument(help="Folder that holds park.yaml.", show_default=False)]
STAGE = Annotated[str | None, typer.Option(help="Stage of the park, such as 2030.", show_default="default_stage of the park")]
OUT = Annotated[Path | None, typer.Option(help="Folder for the results; a former run there is replaced.", show_default="runs/PARK[-STAGE]")]

CANNOT_CARRY = 4


@app.command()
def new(
    name: Annotated[Path, typer.Argument(help="Folder to make.", show_default=False)],
    template: Annotated[Template, typer.Option(help="Park to start from.")] = Template.starter,
) -> None:
    """Make a new park from a template."""
    from gridsim.park.new import new_park

    with told(machine=False):
        file = new_park(name, template.value)
        typer.echo(f"wrote {file}\nedit it, then: gridsim validate {name}   gridsim run {name}")


@app.command()
def validate(park: PARK, stage: STAGE = None, set_: SET = None, hours: HOURS = None, machine: JSON = False) -> None:
    """Check a park and list every problem; all stages of it, where neither --stage nor --set is given. Loads no engine."""
    from gridsim.park.read import read_park
    from gridsim.park.stages import each_stage

    def checked(name: str | None) -> tuple[Park, list[str]]:
        one = read_park(park, stage=name, overrides=set_ or (), hours=part_of_year(hours))
        return one, [*one.notes, *_network_notes(one)]

    with told(machine):
        found = [checked(stage)] if stage or set_ else list(each_stage(park, checked).values())
        if machine:
            first, notes = found[0]
            facts = {"park": first.name, "stage": first.stage, **_counts(first), "notes": notes, "stages": [one.stage for one, _ in found]}
            typer.echo(json.dumps({"ok": True, **facts}, ensure_ascii=False))
            return
        said: set[str] = set()
        for one, notes in found:
            counts = _counts(one)
            typer.echo(
                f"{one.name}{f', stage {one.stage}' if one.stage else ''}: no problems ({counts['technologies']} technologies on {counts['buses']} buses, "
                f"{one.time.hours:g} hours, {counts['defaults_used']} shipped defaults)"
            )
            for note in notes:
                if note not in said:
                    typer.echo(f"  note: {note}")
            said.update(notes)


def _counts(park: Park) -> dict[str, float]:
    sections = ("technologies", "buses", "profiles", "defaults_used")
    return {"hours": park.time.hours, **{name: len(getattr(park, name)) for name in sections}}


def _network_notes(park: Park) -> list[str]:
    """Check the network of a park that has one, and return what is odd about it."""
    from gridsim.distribution.tables.distribution import FOLDER, distribution_of

    if not (park.folder / FOLDER).is_dir():
        return []
    network = distribution_of(park)
    found = [f"{note.where}: {note.found}" for note in network.notes]
    return [f"distribution network: {len(network.buses)} buses, {len(network.lines)} lines, {len(network.transformers)} transformers", *found]


@app.command()
def run(
    park: PARK,
    stage: STAGE = None,
    set_: SET = None,
    hours: HOURS = None,
    out: OUT = None,
    level: Annotated[Level, typer.Option(help="linear for a year; mixed_integer counts modules and starts, for shorter horizons.")] = Level.linear,
    time_limit: Annotated[float | None, typer.Option(help="Seconds the solver may take.", min=0.1)] = None,
    check: Annotated[bool, typer.Option("--check", help="Solve every hour in the park's distribution network too.")] = False,
    until_feasible: Annotated[bool, typer.Option("--until-feasible", help="Dispatch again until the distribution network carries every hour.")] = False,
    report: Annotated[bool, typer.Option(help="Write report.html and tables.xlsx.")] = True,
    lang: LANG = Language.en,
    machine: JSON = False,
) -> None:
    """Dispatch a park and write its results and report."""
    wires: Wires = "until_feasible" if until_feasible else "check" if check else "ignore"
    with told(machine):
        _dispatched(park, stage, set_, hours, out, level, time_limit, wires, report, lang, machine, told_when_slow=time_limit is None)


@app.command()
def check(
    park: PARK,
    stage: STAGE = None,
    set_: SET = None,
    hours: HOURS = None,
    out: OUT = None,
    until_feasible: Annotated[bool, typer.Option("--until-feasible", help="Dispatch again until the network carries every hour.")] = False,
    n_1: Annotated[bool, typer.Option("--n-1", help="Let each line and transformer fail alone in the critical hours.")] = False,
    short_circuit: Annotated[bool, typer.Option("--short-circuit", help="Compare short-circuit currents (IEC 60909) with the breakers.")] = False,
    hosting: Annotated[
        list[str] | None, typer.Option(metavar="BUS", help="Find how much wind, solar, load or storage a bus can still take; may be repeated, or 'all'.")
    ] = None,
    reinforce: Annotated[bool, typer.Option("--reinforce", help="Choose the cheapest reinforcement for what is beyond its limits.")] = False,
    report: Annotated[bool, typer.Option(help="Write report.html and tables.xlsx.")] = True,
    lang: LANG = Language.en,
    machine: JSON = False,
) -> None:
    """Dispatch a park and tell whether its distribution network carries every hour; exit code 4 where it does not."""
    wanted = {"n_1": n_1, "short_circuit": short_circuit, "hosting": bool(hosting), "reinforcement": reinforce}
    studies: list[Any] = [study for study, chosen in wanted.items() if chosen]
    with told(machine):
        wires: Wires = "until_feasible" if until_feasible else "check"
        done = _dispatched(
            park, stage, set_, hours, out, Level.linear, None, wires, report, lang, machine, studies, None if "all" in (hosting or ()) else hosting
        )
    if not done.feasibility.feasible:
        raise typer.Exit(CANNOT_CARRY)


def _dispatched(
    park: Path,
    stage: str | None,
    overrides: list[str] | None,
    hours: str | None,
    out: Path | None,
    level: Level,
    time_limit: float | None,
    wires: Wires,
    report: bool,
    lang: Language,
    machine: bool,
    network_studies: Sequence[NetworkStudy] = (),
    hosting_buses: Sequence[str] | None = None,
    told_when_slow: bool = False,
) -> Run:
    """Run a park, show its progress, and print what came out; where that is wanted, a long search is told how it can be cut short."""
    from gridsim.report.wires.told import told as in_language
    from gridsim.report.words import Words
    from gridsim.workflow import default_folder
    from gridsim.workflow import run as run_park

    target, words = out or default_folder(park, stage), Words(lang.value)
    _quiet_engines()
    with progress_shown(machine, {"solve": words("terminal.time_limit")} if told_when_slow else {}) as progress:
        done = run_park(
            park,
            stage=stage,
            overrides=overrides or (),
            hours=part_of_year(hours),
            level=level.value,
            options={} if time_limit is None else {"time_limit": time_limit},
            wires=wires,
            network_studies=network_studies,
            hosting_buses=hosting_buses,
            out=target,
            report=report,
            language=lang.value,
            progress=progress,
        )
    if machine:
        typer.echo(json.dumps({"ok": True, "folder": str(target), "summary": done.summary}, ensure_ascii=False))
        return done
    typer.echo(_headline(done.summary, words))
    for line in network_lines(done):
        typer.echo(in_language(words, line))
    typer.echo(words("terminal.report", path=target / "report.html") if report else words("terminal.results", path=target))
    return done


@app.command()
def report(
    folder: Annotated[Path, typer.Argument(help="Folder that `gridsim run` wrote.", show_default=False)],
    lang: LANG = Language.en,
) -> None:
    """Write the report and the tables of a run again."""
    from gridsim.report.write import write_report

    with told(machine=False):
        typer.echo(f"report: {write_report(folder, lang.value)}")


app.command()(curtailment)
app.command()(rules)
app.command()(vpp)
app.command()(size)
app.command()(study)
app.command()(weather)
app.command()(loads)


def _quiet_engines() -> None:
    """Keep the engines' own chatter out of the terminal; their warnings stay."""
    import logging

    for engine in ("pypsa", "linopy"):
        logging.getLogger(engine).setLevel(logging.WARNING)


def _headline(summary: dict[str, Any], words: Words) -> str:
    def energy(mwh: float) -> str:
        return _scaled(mwh, "MWh", "GWh", 1e3)

    def money(cny: float) -> str:
        factor, large = words.money
        return _scaled(cny, words("terminal.cny"), large, factor)

    rows = [
        ("green_share", f"{summary['green_share']:.1%}", "hourly_matched_share", f"{summary['hourly_matched_share']:.1%}"),
        ("curtailment_rate", f"{summary['curtailment_rate']:.1%}", "export_ratio", f"{summary['export_ratio']:.1%}"),
        ("load_mwh", energy(summary["load_mwh"]), "import_mwh", energy(summary["import_mwh"])),
        ("cost_operating_cny", money(summary["cost_operating_cny"]), "cost_total_cny", money(summary["cost_total_cny"])),
    ]
    status = words.named("terminal_status", summary["solver_status"])
    limit = "" if summary["solver_status"] == "optimal" else f"  {words('terminal.limit', status=status, gap=format(summary['solver_gap'], '.2%'))}\n"
    cells = [(words(f"terminal.{a}"), b, words(f"terminal.{c}"), d) for a, b, c, d in rows]
    return limit + "\n".join(f"  {_filled(a, 15)}{_filled(b, -24)}   {_filled(c, 37)}{_filled(d, -22)}" for a, b, c, d in cells)


def _filled(text: str, width: int) -> str:
    """Fill up with spaces, on the left where the width is negative; Chinese characters are two columns wide."""
    spaces = " " * (abs(width) - len(text) - sum(east_asian_width(letter) in "WF" for letter in text))
    return spaces + text if width < 0 else text + spaces


def _scaled(value: float, small: str, large: str, factor: float) -> str:
    """Write a figure in the larger unit from ten of it on."""
    return f"{value / factor:,.1f} {large}" if abs(value) >= 10 * factor else f"{value:,.0f} {small}"


def main() -> None:
    """Run the command line."""
    if sys.argv[1:2] != ["validate"]:
        gc.enable()
    try:
        app()
    except SystemExit as end:
        if end.code != INTERRUPTED:
            raise
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(INTERRUPTED)  # a search that has not heard of it yet would not let the interpreter end in peace
