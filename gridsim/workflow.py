"""The whole way of one park: read, solve, score, write, report."""

from __future__ import annotations

import importlib.metadata
import platform
import sys
import time as clock
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gridsim.folder import check_free, write_hourly, write_json, written_whole
from gridsim.park.read import read_park

if TYPE_CHECKING:
    import pypsa

    from gridsim.dispatch.result import Dispatch
    from gridsim.dispatch.solve import Progress, Solved
    from gridsim.metrics.scorecard import Scorecard
    from gridsim.park.park import Park
    from gridsim.technologies.draft import Level

ENGINES = ("gridsim", "pypsa", "linopy", "highspy", "pandas", "numpy")


@dataclass(frozen=True)
class Run:
    """Everything one run knows."""

    park: Park
    dispatch: Dispatch
    scorecard: Scorecard
    network: pypsa.Network
    summary: dict[str, float | str]
    folder: Path | None


def run(
    folder: str | Path,
    *,
    stage: str | None = None,
    overrides: Sequence[str] = (),
    hours: tuple[int, int] | None = None,
    level: Level = "linear",
    options: dict[str, Any] | None = None,
    out: str | Path | None = None,
    report: bool = True,
    language: str = "en",
    progress: Progress | None = None,
) -> Run:
    """Dispatch one park and, where ``out`` is given, write its folder.

    Parameters
    ----------
    folder, stage, overrides, hours
        As in `gridsim.read_park`.
    level : {"linear", "mixed_integer"}
        Whether modules, machines and calls are counted in whole numbers.
    options : dict, optional
        HiGHS options over the measured defaults.
    out : path, optional
        Folder to write; a former run there is replaced.
    report : bool
        Write ``report.html`` and ``tables.xlsx`` too.
    language : {"en", "zh"}
        Language of the report.
    progress : callable, optional
        Called with the stage's name and its elapsed seconds.

    Returns
    -------
    Run
    """
    watch = _Watch(progress)
    if out is not None:
        check_free(Path(out))
    park = watch("read", lambda: read_park(folder, stage=stage, overrides=overrides, hours=hours))
    solved, card = _solved(park, level, options, watch)
    summary = summary_of(park, solved, card, clock.perf_counter() - watch.began)
    if out is not None:
        with written_whole(Path(out)) as partial:
            watch("write", lambda: _write(partial, park, solved, card))
            summary = summary_of(park, solved, card, clock.perf_counter() - watch.began)
            write_json(partial / "summary.json", summary)
            write_json(partial / "run.json", record_of(park, solved, card, watch.seconds))
            if report:
                from gridsim.report.write import write_report

                watch("report", lambda: write_report(partial, language))
    return Run(park, solved.dispatch, card, solved.network, summary, None if out is None else Path(out))


def default_folder(folder: str | Path, stage: str | None) -> Path:
    """Return where a run goes that was not given a folder: ``runs/<park>`` or ``runs/<park>-<stage>``."""
    name = Path(folder).absolute().name.removesuffix(".yaml").removesuffix(".yml")
    return Path("runs") / (f"{name}-{stage}" if stage else name)


class _Watch:
    """Times stages and passes them on to the progress display."""

    def __init__(self, progress: Progress | None) -> None:
        self.progress = progress
        self.seconds: dict[str, float] = {}
        self.began = clock.perf_counter()

    def __call__(self, stage: str, work: Callable[[], Any]) -> Any:
        begin = clock.perf_counter()
        if self.progress is not None:
            self.progress(stage, 0.0)
        result = work()
        self.seconds[stage] = clock.perf_counter() - begin
        return result


def _solved(park: Park, level: Level, options: dict[str, Any] | None, watch: _Watch) -> tuple[Solved, Scorecard]:
    def engine() -> Any:
        from gridsim.dispatch.solve import solve

        return solve

    solve = watch("load engine", engine)
    from gridsim.metrics.scorecard import scorecard

    solved = solve(park, level=level, options=options, progress=watch.progress)
    watch.seconds |= solved.seconds
    return solved, watch("scorecard", lambda: scorecard(solved.dispatch, solved.audit))


def _write(folder: Path, park: Park, solved: Solved, card: Scorecard) -> None:
    from gridsim.metrics.hourly import hourly_table

    frame, units = hourly_table(solved.dispatch, card)
    write_hourly(folder / "hourly.parquet", frame, units)
    solved.network.export_to_netcdf(folder / "network.nc")


def summary_of(park: Park, solved: Solved, card: Scorecard, total_seconds: float) -> dict[str, float | str]:
    """Return the flat figures of ``summary.json``."""
    termination = solved.dispatch.termination
    figures: dict[str, float | str] = {
        **card.year,
        "solver_status": termination.condition,
        "solver_gap": termination.gap,
        "solve_seconds": termination.seconds,
        "total_seconds": total_seconds,
    }
    for name, technology in card.technology.items():
        figures |= {f"{name}.{figure}": value for figure, value in technology.items()}
    return figures


def peak_memory_mb() -> float | None:
    """Return the most memory this process has held, or None where the system does not tell. [MB]"""
    try:
        import resource
    except ImportError:  # Windows
        return None
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 * (1024 if sys.platform == "darwin" else 1))


def record_of(park: Park, solved: Solved, card: Scorecard, seconds: dict[str, float]) -> dict[str, Any]:
    """Return the record of ``run.json``: what was run, with what, how long, on which assumptions."""
    from gridsim.metrics.balance import energy_flow

    warnings = list(park.notes)
    if solved.dispatch.termination.condition != "optimal":
        warnings.append(f"the solver stopped at its limit; the answer is at most {solved.dispatch.termination.gap:.2%} from the optimum")
    return {
        "park": {
            "name": park.name,
            "description": park.description,
            "stage": park.stage,
            "overrides": list(park.overrides),
            "sha256": park.fingerprint,
            "start": park.time.label(0),
            "steps": park.time.steps,
            "step_minutes": park.time.step_minutes,
            "time_zone": park.time.time_zone,
        },
        "technologies": {
            name: {"type": technology.type, "label": technology.label, "note": technology.note, "owner": technology.owner}
            for name, technology in park.technologies.items()
        },
        "buses": {name: {"carrier": bus.carrier, "label": bus.label, "site": bus.site} for name, bus in park.buses.items()},
        "sites": {name: site.label for name, site in park.sites.items()},
        "limits": park.limits.model_dump(exclude_none=True),
        "level": solved.dispatch.draft.level,
        "termination": asdict(solved.dispatch.termination),
        "audit": asdict(solved.audit),
        "seconds": {stage: round(spent, 4) for stage, spent in seconds.items()},
        "peak_memory_mb": peak_memory_mb(),
        "versions": {**{engine: importlib.metadata.version(engine) for engine in ENGINES}, "python": platform.python_version()},
        "costs": [asdict(line) for line in card.costs],
        "energy_flow": [asdict(edge) for edge in energy_flow(solved.dispatch)],
        "limit_prices_cny_per_mwh": {name: [float(price) for price in prices] for name, prices in solved.dispatch.limit_prices.items()},
        "defaults_used": [asdict(default) for default in park.defaults_used],
        "warnings": warnings,
    }
