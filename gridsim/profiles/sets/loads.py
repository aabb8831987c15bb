"""Make a load set: from requests by kind and size (``loads.yaml``), or from a metered file as it is."""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gridsim.profiles.sets.write import Column, ProfileTable, write_set
from gridsim.profiles.time_axis import TimeAxis

if TYPE_CHECKING:
    import pandas as pd

    from gridsim.profiles.weather.finding import Finding
    from gridsim.profiles.weather.regular import Fill, Interval

UNIT_OF_ENDING = {"_mw": "MW", "_mvar": "Mvar", "_pu": "pu"}


@dataclass(frozen=True)
class LoadSet:
    """Series of loads with what they mean."""

    file: str
    """Table of the set that they are written to: each source has one of its own."""
    title: str
    time: TimeAxis
    table: pd.DataFrame
    """One row a step, one column a series: MW of electricity or heat, Mvar."""
    columns: dict[str, Column]
    origin: str
    licence: str
    findings: tuple[Finding, ...]

    def energies_mwh(self) -> dict[str, float]:
        """Energy of every series in MW over the set's time. [MWh]"""
        powers = [name for name in self.table if self.columns[name].unit.startswith("MW")]
        return {name: float(self.table[name].sum()) * self.time.step_hours for name in powers}

    def write(self, folder: Path) -> None:
        """Write or renew the source's table in a profile set; other tables of the set stay."""
        write_set(folder, self.title, self.time, [ProfileTable(self.file, self.table, self.columns, self.origin, self.licence, self.findings)])


def requested_loads(path: Path, progress: Callable[[str, float], None] | None = None) -> LoadSet:
    """Make every load of a ``loads.yaml``.

    Raises
    ------
    DefinitionError
        With all problems of the file at once.
    """
    import pandas as pd

    from gridsim.profiles.loads.file import read_load_requests
    from gridsim.profiles.loads.request import MeteredLoad
    from gridsim.profiles.weather.finding import Finding

    tell = progress or (lambda stage, _: None)
    tell("loads", 0.0)
    plan = read_load_requests(path)
    series, columns = {}, {}
    findings = [Finding("loads", "note", note) for note in plan.notes]
    for name, load in plan.make().items():
        request = plan.requests[name]
        what = f"metered, {request.file}" if isinstance(request, MeteredLoad) else request.kind
        heat = load.active_mw is None
        series[name], columns[name] = (
            load.power_mw,
            Column(f"{what}; {load.energy_mwh:,.0f} MWh of {'heat' if heat else 'electricity'}", "MW_th" if heat else "MW"),
        )
        if load.reactive_mvar is not None:
            series[f"{name}_reactive_mvar"] = load.reactive_mvar
            columns[f"{name}_reactive_mvar"] = Column(f"reactive power of {name}, lagging positive", "Mvar")
        findings += [Finding(name, "note", note) for note in load.notes]
    files = dict.fromkeys(request.file for request in plan.requests.values() if isinstance(request, MeteredLoad))
    origin = "; ".join([f"synthetic, {path.name}"] * (len(files) < len(plan.requests)) + [f"metered, {file}" for file in files])
    licence = "the user's own" if files else "MIT"
    return LoadSet(f"{path.stem}.csv", plan.title or "Loads", plan.time, pd.DataFrame(series), columns, origin, licence, tuple(findings))


def metered_loads(
    path: str | os.PathLike[str],
    *,
    columns: dict[str, str] | None = None,
    units: dict[str, str] | None = None,
    interval: Interval | None = None,
    step_minutes: int | None = None,
    time_zone: str = "Asia/Shanghai",
    year: int | None = None,
    fill: Fill | None = None,
) -> LoadSet:
    """Read a metered file as it is: energy per step becomes mean power, stamps become starts, gaps are filled and told.

    Raises
    ------
    DefinitionError
        With all problems of the file at once.
    """
    from gridsim.profiles.metered import read_metered

    metered = read_metered(
        path, columns=columns, units=units, interval=interval, step_minutes=step_minutes, time_zone=time_zone, year=year, fill=fill, whole_years=True
    )
    start = metered.table.index[0]
    time = TimeAxis(datetime.datetime(start.year, start.month, start.day), len(metered.table), metered.step_minutes, time_zone)
    described = {str(name): Column(f"metered, {Path(path).name}", _unit(str(name))) for name in metered.table}
    return LoadSet(
        f"{Path(path).stem}.csv",
        f"Metered: {Path(path).name}",
        time,
        metered.table,
        described,
        f"metered, {Path(path).name}",
        "the user's own",
        metered.findings,
    )


def _unit(name: str) -> str:
    return next((unit for ending, unit in UNIT_OF_ENDING.items() if name.endswith(ending)), "1")
