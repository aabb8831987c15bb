"""The commands that make profile sets: `gridsim weather` and `gridsim loads`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gridsim.errors import DefinitionError, Problem
from gridsim.terminal import JSON, LANG, Language, progress_shown, told

if TYPE_CHECKING:
    from gridsim.profiles.weather.finding import Finding


class Service(StrEnum):
    """Where weather at coordinates is asked for."""

    pvgis = "pvgis"
    nasa_power = "nasa_power"


class Interval(StrEnum):
    """What the stamps of a table mark."""

    start = "start"
    middle = "middle"
    end = "end"


COORDINATES = ("places.site.latitude_deg", "places.site.longitude_deg", "places.site.altitude_m")


class Fill(StrEnum):
    """How gaps of more than a day are filled."""

    climatology = "climatology"


FILL = Annotated[Fill | None, typer.Option(help="Fill gaps of more than a day with the month's mean at the same time of day.", show_default="refuse them")]
OUT = Annotated[Path, typer.Option(help="Folder of the profile set; tables of other sources stay in it.", show_default=False)]
SET = Annotated[list[str] | None, typer.Option("--set", help="Override by path, such as plants.wind.hub_height_m=120; may be repeated.")]
COMPARE = Annotated[Path | None, typer.Option(help="A second profile set, drawn beside the columns of the same name.", show_default=False)]
COLUMN = Annotated[list[str] | None, typer.Option("--column", help="Name=column of a metered file, such as mill_mw=P_total; may be repeated.")]
UNIT = Annotated[list[str] | None, typer.Option("--unit", help="Name=unit of such a column, such as mill_mw=kWh; may be repeated.")]


def weather(
    source: Annotated[str, typer.Argument(help="weather.yaml, a weather file, latitude,longitude[,altitude], or a place such as chifeng.", show_default=False)],
    out: OUT,
    set_: SET = None,
    years: Annotated[int | None, typer.Option(help="Synthetic years to draw; more than one goes to year_01, year_02, … in the folder.", min=1, max=100)] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of synthetic weather.", min=0)] = None,
    year: Annotated[int | None, typer.Option(help="Calendar year of the set.", min=1950, max=2100)] = None,
    site: Annotated[
        str | None, typer.Option(help="latitude,longitude[,altitude] of a file that does not say, or of a climate elsewhere.", show_default=False)
    ] = None,
    time_zone: Annotated[str | None, typer.Option(help="Time zone of the set.", show_default="Asia/Shanghai")] = None,
    stamps_in: Annotated[str | None, typer.Option(help="Time zone of a file's stamps, such as UTC.", show_default="as the file says")] = None,
    fill: FILL = None,
    fetch: Annotated[Service, typer.Option(help="Service that is asked for the weather at coordinates.")] = Service.pvgis,
    compare: COMPARE = None,
    lang: LANG = Language.en,
    machine: JSON = False,
) -> None:
    """Make a profile set of weather, wind and solar power from a place or from files, with a page to judge it by."""
    from gridsim.profiles.sets.weather import make_weather, write_weather
    from gridsim.profiles.sets.weather_plan import read_weather_plan
    from gridsim.report.profile_page import write_profile_page

    given = {"years": years, "seed": seed, "time.year": year, "time.time_zone": time_zone}
    given |= {"places.site.stamps_in": stamps_in, "places.site.fill": fill.value if fill else None}
    with told(machine):
        placed = dict(zip(COORDINATES, _numbers(site), strict=False)) if site else {}
        overrides = [*(f"{key}={value}" for key, value in (given | placed).items() if value is not None), *(set_ or ())]
        with progress_shown(machine) as progress:
            plan = read_weather_plan(source, overrides, fetch=fetch.value)
            made = make_weather(plan, progress)
            pages = []
            for number, one in enumerate(made, start=1):
                folder = out if len(made) == 1 else out / f"year_{number:02d}"
                write_weather(plan, one, folder)
                if number == 1:
                    pages.append(write_profile_page(folder, findings=one.findings, compare=_compared(compare, folder), language=lang.value))
        hours = {"full_load_hours": [{name: float(power.mean()) * 8760.0 for name, power in one.powers.items()} for one in made]}
        _tell(machine, pages[0], made[0].findings, hours)
        if not machine:
            for number, row in enumerate(hours["full_load_hours"], start=1):
                typer.echo(f"  year {number}: " + ", ".join(f"{name} {value:,.0f} full-load hours" for name, value in row.items()))


def loads(
    source: Annotated[Path, typer.Argument(help="loads.yaml, or a metered CSV or Excel file.", show_default=False)],
    out: OUT,
    column: COLUMN = None,
    unit: UNIT = None,
    interval: Annotated[Interval | None, typer.Option(help="What the stamps mark.", show_default="as the file shows")] = None,
    step_minutes: Annotated[int | None, typer.Option(help="Length of a step.", min=1, max=1440, show_default="as the file shows")] = None,
    time_zone: Annotated[str, typer.Option(help="Time zone of the stamps and of the set.")] = "Asia/Shanghai",
    year: Annotated[int | None, typer.Option(help="Calendar year of the set.", min=1950, max=2100, show_default="the file's own")] = None,
    fill: FILL = None,
    compare: COMPARE = None,
    lang: LANG = Language.en,
    machine: JSON = False,
) -> None:
    """Make a profile set of loads from annual energies by kind, or from metered data, with a page to judge it by."""
    from gridsim.profiles.sets.loads import metered_loads, requested_loads
    from gridsim.report.profile_page import write_profile_page

    with told(machine):
        with progress_shown(machine) as progress:
            if source.suffix in {".yaml", ".yml"}:
                made = requested_loads(source, progress)
            else:
                mark = interval.value if interval else None
                columns, units = _pairs(column, "--column"), _pairs(unit, "--unit")
                made = metered_loads(
                    source,
                    columns=columns,
                    units=units,
                    interval=mark,
                    step_minutes=step_minutes,
                    time_zone=time_zone,
                    year=year,
                    fill=fill.value if fill else None,
                )
            made.write(out)
            page = write_profile_page(out, findings=made.findings, compare=_compared(compare, out), language=lang.value)
        _tell(machine, page, made.findings, {"energy_mwh": made.energies_mwh()})


def _tell(machine: bool, page: Path, findings: Sequence[Finding], facts: dict[str, Any]) -> None:
    if machine:
        listed = [vars(finding) for finding in findings]
        typer.echo(json.dumps({"ok": True, "folder": str(page.parent), "page": str(page), "findings": listed, **facts}, ensure_ascii=False))
        return
    for finding in findings:
        if finding.severity != "ok":
            typer.echo(f"  {finding}")
    if faults := sum(finding.severity == "fault" for finding in findings):
        typer.echo(f"do not use it so: {faults} fault{'s' if faults > 1 else ''} found, see above")
    typer.echo(f"page: {page}")


def _numbers(text: str) -> list[float]:
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) not in (2, 3):
        raise DefinitionError("the command line", [Problem("", f"'{text}' is not latitude,longitude[,altitude]", "for example 42.27,118.96,570", "--site")])
    return numbers


def _pairs(texts: list[str] | None, option: str) -> dict[str, str]:
    wrong = [text for text in texts or () if not all(text.partition("="))]
    if wrong:
        problems = [Problem("", f"'{text}' is not of the form name=value", "for example mill_mw=P_total", option) for text in wrong]
        raise DefinitionError("the command line", problems)
    return dict(text.split("=", 1) for text in texts or ())


def _compared(other: Path | None, folder: Path) -> dict[str, Any] | None:
    """Columns of a second set that the set has too."""
    if other is None:
        return None
    from gridsim.report.profile_page import columns_of

    mine, others = columns_of(folder), columns_of(other)
    shared = {name: others[name] for name in others if name in mine}
    if not shared:
        problem = Problem("--compare", f"has no column of the same name ({', '.join(others)})", f"the set has {', '.join(mine)}", str(other))
        raise DefinitionError("the command line", [problem])
    return shared
