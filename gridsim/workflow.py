"""The whole way of one park: read, solve, score, write, report."""

from __future__ import annotations

import importlib.metadata
import platform
import sys
import time as clock
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from gridsim.errors import DefinitionError, Problem, did_you_mean
from gridsim.folder import check_free, write_hourly, write_json, written_whole
from gridsim.park.read import read_park

if TYPE_CHECKING:
    import pypsa

    from gridsim.accounts import Accounts
    from gridsim.dispatch.result import Dispatch
    from gridsim.dispatch.solve import KeptDispatch, Progress, Solved
    from gridsim.distribution.feasibility import Feasibility
    from gridsim.distribution.loop import Coupled
    from gridsim.distribution.network import Network
    from gridsim.distribution.network_studies import NetworkStudy, StudyResult
    from gridsim.metrics.scorecard import Scorecard
    from gridsim.park.park import Park
    from gridsim.technologies.draft import Level

Wires = Literal["ignore", "check", "until_feasible"]

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
    feasibility: Feasibility | None = None
    """How the distribution network carried it, where it was checked."""
    coupled: Coupled | None = None
    """How dispatch and network came to agree, where they were to."""
    network_studies: dict[str, StudyResult] = field(default_factory=dict)
    """What each network study found that was wanted."""
    accounts: Accounts | None = None
    """Bills, rules, money and carbon."""


def run(
    folder: str | Path,
    *,
    stage: str | None = None,
    overrides: Sequence[str] = (),
    hours: tuple[int, int] | None = None,
    level: Level = "linear",
    options: dict[str, Any] | None = None,
    wires: Wires = "ignore",
    network_studies: Sequence[NetworkStudy] = (),
    hosting_buses: Sequence[str] | None = None,
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
    wires : {"ignore", "check", "until_feasible"}
        Whether every hour is solved in the park's distribution network, and whether the dispatch is solved again until that can carry it.
    network_studies : sequence of {"n_1", "short_circuit", "hosting", "reinforcement"}
        What else to find out about the network, once its hours are known.
    hosting_buses : sequence of str, optional
        Buses whose hosting capacity is wanted, where it is; all by default, which takes hours in a large network.
    out : path, optional
        Folder to write; a former run there is replaced.
    report : bool
        Write ``report.html`` and ``tables.xlsx`` too.
    language : {"en", "zh"}
        Language of the report.
    progress : callable, optional
        Called with the stage's name and the share of it that is done, 0 where that is not known.

    Returns
    -------
    Run
    """
    watch = _Watch(progress)
    if out is not None:
        check_free(Path(out))
    park = watch("read", lambda: read_park(folder, stage=stage, overrides=overrides, hours=hours))
    network = None if wires == "ignore" else watch("read network", lambda: _network(park, hosting_buses))
    kept = _model(park, level, options, watch)
    coupled, checked = None, None
    if wires == "until_feasible":
        coupled = _coupled(kept, network, watch)
        solved, checked = coupled.solved, coupled.checked
    else:
        solved = kept.solve()
        if network is not None:
            checked = watch("power flow", lambda: _checked(solved, network))
    watch.seconds |= solved.seconds
    card = watch("scorecard", lambda: _scorecard(solved))
    grid = None if checked is None else _network_results(checked, coupled, card)
    studies = {} if checked is None else watch("network studies", lambda: _network_studies(checked, coupled, network_studies, hosting_buses, watch))
    if grid is not None:
        grid[1]["studies"] = {study: found.words for study, found in studies.items()}
    accounts = watch("accounts", lambda: _accounts(solved, card, checked))
    summary = summary_of(solved, card, grid, clock.perf_counter() - watch.began) | accounts.figures
    if out is not None:
        with written_whole(Path(out)) as partial:
            watch("write", lambda: _write(partial, solved, card, checked, coupled, studies))
            summary = summary_of(solved, card, grid, clock.perf_counter() - watch.began) | accounts.figures
            write_json(partial / "summary.json", summary)
            write_json(partial / "run.json", record_of(park, solved, card, grid, watch.seconds, accounts))
            if report:
                from gridsim.report.write import write_report

                watch("report", lambda: write_report(partial, language))
    return Run(park, solved.dispatch, card, solved.network, summary, None if out is None else Path(out), checked, coupled, studies, accounts)


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


def _model(park: Park, level: Level, options: dict[str, Any] | None, watch: _Watch) -> KeptDispatch:
    def engine() -> Any:
        from gridsim.dispatch.solve import KeptDispatch

        return KeptDispatch

    kept = watch("load engine", engine)
    return kept(park, level=level, options=options, progress=watch.progress)


def _scorecard(solved: Solved) -> Scorecard:
    from gridsim.metrics.scorecard import scorecard

    return scorecard(solved.dispatch, solved.audit)


def _accounts(solved: Solved, card: Scorecard, checked: Feasibility | None) -> Accounts:
    from gridsim.accounts import accounts_of

    return accounts_of(solved.dispatch, card, checked)


def _network(park: Park, hosting_buses: Sequence[str] | None) -> Network:
    from gridsim.distribution.network import network_of

    network = network_of(park)
    unknown = [bus for bus in hosting_buses or () if bus not in network.wires.bus_names]
    if unknown:
        problems = [Problem(bus, "is not a bus of the network", did_you_mean(bus, network.wires.bus_names)) for bus in unknown]
        raise DefinitionError("the hosting study", problems)
    return network


def _checked(solved: Solved, network: Network) -> Feasibility:
    from gridsim.distribution.feasibility import check

    return check(solved.dispatch, network)


def _coupled(kept: KeptDispatch, network: Network, watch: _Watch) -> Coupled:
    from gridsim.distribution.loop import until_feasible

    return until_feasible(kept, network, progress=watch.progress)


def _network_results(checked: Feasibility, coupled: Coupled | None, card: Scorecard) -> tuple[dict[str, float], dict[str, Any]]:
    """Return the network's part of the summary and of the record; the price of the wires is what the scorecard is worse by than the first dispatch's."""
    from gridsim.distribution.record import loop_record, network_figures, network_record

    figures, record = network_figures(checked), network_record(checked)
    if coupled is not None:
        first = _scorecard(coupled.first)
        price = {figure: card.year[figure] - first.year[figure] for figure in ("curtailed_mwh", "import_mwh", "green_share", "hydrogen_kg", "ammonia_t")}
        record["loop"] = loop_record(coupled, {"cost_cny": coupled.cost_cny, **price})
        figures |= {"network_rounds": float(len(coupled.rounds) - 1), "network_price_cny": coupled.cost_cny}
    return figures, record


def _network_studies(
    checked: Feasibility, coupled: Coupled | None, wanted: Sequence[NetworkStudy], hosting_buses: Sequence[str] | None, watch: _Watch
) -> dict[str, StudyResult]:
    from gridsim.distribution.network_studies import network_studies

    return network_studies(checked, wanted, coupled, hosting_buses=hosting_buses, progress=watch.progress)


def _write(folder: Path, solved: Solved, card: Scorecard, checked: Feasibility | None, coupled: Coupled | None, studies: dict[str, StudyResult]) -> None:
    from gridsim.metrics.hourly import hourly_table

    write_hourly(folder / "hourly.parquet", *hourly_table(solved.dispatch, card))
    solved.network.export_to_netcdf(folder / "network.nc")
    if checked is not None:
        from gridsim.distribution.record import feasibility_table, violations_table

        write_hourly(folder / "feasibility.parquet", *feasibility_table(checked, None if coupled is None else coupled.before))
        violations_table(checked).to_parquet(folder / "violations.parquet", compression="zstd", index=False)
    for study, found in studies.items():
        found.table.to_parquet(folder / f"{study}.parquet", compression="zstd", index=False)


def summary_of(solved: Solved, card: Scorecard, grid: tuple[dict[str, float], Any] | None, total_seconds: float) -> dict[str, float | str]:
    """Return the flat figures of ``summary.json``; ``grid`` is the network's part of summary and record."""
    termination = solved.dispatch.termination
    figures: dict[str, float | str] = {
        **card.year,
        "solver_status": termination.condition,
        "solver_gap": termination.gap,
        "solve_seconds": termination.seconds,
        "total_seconds": total_seconds,
        **({} if grid is None else grid[0]),
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


def park_record(park: Park) -> dict[str, Any]:
    """Return which park, and which hours of it, a record is of."""
    return {
        "name": park.name,
        "description": park.description,
        "stage": park.stage,
        "overrides": list(park.overrides),
        "sha256": park.fingerprint,
        "start": park.time.label(0),
        "steps": park.time.steps,
        "step_minutes": park.time.step_minutes,
        "time_zone": park.time.time_zone,
    }


def versions() -> dict[str, str]:
    """Return the versions of gridsim, its engines and Python."""
    return {**{engine: importlib.metadata.version(engine) for engine in ENGINES}, "python": platform.python_version()}


def record_of(
    park: Park, solved: Solved, card: Scorecard, grid: tuple[Any, dict[str, Any]] | None, seconds: dict[str, float], accounts: Accounts
) -> dict[str, Any]:
    """Return the record of ``run.json``: what was run, with what, how long, on which assumptions."""
    from gridsim.metrics.balance import energy_flow

    warnings = list(park.notes)
    if solved.dispatch.termination.condition != "optimal":
        warnings.append(f"the solver stopped at its limit; the answer is at most {solved.dispatch.termination.gap:.2%} from the optimum")
    if grid is not None:
        warnings += grid[1]["notes"]
    return {
        "park": park_record(park),
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
        "versions": versions(),
        "costs": [asdict(line) for line in card.costs],
        "energy_flow": [asdict(edge) for edge in energy_flow(solved.dispatch)],
        "limit_prices_cny_per_mwh": {name: [float(price) for price in prices] for name, prices in solved.dispatch.limit_prices.items()},
        "defaults_used": [*(asdict(default) for default in park.defaults_used), *accounts.defaults],
        "accounts": accounts.record,
        "warnings": warnings,
        **({} if grid is None else {"network": grid[1]}),
    }
