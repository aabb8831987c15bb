"""A run's folder: written whole or not at all, read back without any engine."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gridsim.errors import DefinitionError, Problem

if TYPE_CHECKING:
    import pandas as pd

UNITS_KEY = b"gridsim.units"

NETWORK_STUDIES = ("n_1", "short_circuit", "hosting", "reinforcement")
"""Tables that a run may hold beyond its hours."""


@contextmanager
def written_whole(folder: Path) -> Iterator[Path]:
    """Give an empty folder to write into; it takes its final name when all is written, and vanishes when something fails.

    A former run of the same name is replaced; a folder that is not a run is refused.
    """
    folder = folder.absolute()
    check_free(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".partial", dir=folder.parent))
    partial.chmod(0o755)
    try:
        yield partial
        former = None
        if folder.exists():
            former = partial.with_suffix(".former")
            folder.rename(former)
        partial.rename(folder)
        if former is not None:
            shutil.rmtree(former)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def check_free(folder: Path | None, mark: str = "run.json", of: str = "a run") -> None:
    """Refuse a name that something else already has than what leaves the file ``mark``, and one below a file."""
    if folder is None:
        return
    above = next(parent for parent in folder.absolute().parents if parent.exists())
    if not above.is_dir():
        raise DefinitionError(f"--out {folder}", [Problem("", f"lies below the file {above.name}", "give another --out", str(folder))])
    if folder.exists() and (not folder.is_dir() or (not (folder / mark).exists() and any(folder.iterdir()))):
        problem = Problem("", f"exists and is not the folder of {of}", f"give another --out; only the folder of {of} is written again", str(folder))
        raise DefinitionError(f"--out {folder}", [problem])


def write_json(path: Path, content: Any) -> None:
    """Write JSON that is readable by people, and finite."""
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False, default=str) + "\n", encoding="utf-8")


def write_hourly(path: Path, frame: pd.DataFrame, units: dict[str, str]) -> None:
    """Write the hourly table with the unit of each column in the file's metadata."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pandas(frame)
    table = table.replace_schema_metadata({**(table.schema.metadata or {}), UNITS_KEY: json.dumps(units).encode()})
    pq.write_table(table, path, compression="zstd")


@dataclass(frozen=True)
class RunFolder:
    """What a run left behind."""

    path: Path
    summary: dict[str, Any]
    record: dict[str, Any]
    """``run.json``."""
    hourly: pd.DataFrame
    units: dict[str, str]
    feasibility: pd.DataFrame | None = None
    """A row a step: voltages, loadings, losses; None where the wires were not checked."""
    feasibility_units: dict[str, str] = field(default_factory=dict)
    violations: pd.DataFrame | None = None
    """A row for each step and element beyond its limit; None where the wires were not checked."""
    network_studies: dict[str, pd.DataFrame] = field(default_factory=dict)
    """Table of each study of the network that was wanted."""


def read_folder(path: Path) -> RunFolder:
    """Read a run's folder, or say which of its files is missing or broken."""
    problems: list[Problem] = []
    content: dict[str, Any] = {}
    for name in ("summary.json", "run.json"):
        try:
            content[name] = json.loads((path / name).read_text(encoding="utf-8"))
        except FileNotFoundError:
            problems.append(Problem("", "does not exist", "give the folder that `gridsim run` wrote", str(path / name)))
        except (OSError, ValueError) as error:
            problems.append(Problem("", f"cannot be read ({error})", "run the park again", str(path / name)))
    hourly, units = _read_table(path / "hourly.parquet", problems)
    feasibility, violations = None, None
    feasibility_units: dict[str, str] = {}
    checked = "network" in content.get("run.json", {})
    if checked or any((path / name).exists() for name in ("feasibility.parquet", "violations.parquet")):
        feasibility, feasibility_units = _read_table(path / "feasibility.parquet", problems)
        violations, _ = _read_table(path / "violations.parquet", problems)
        if not checked and "run.json" in content:
            problems.append(Problem("network", "is missing although the wires were checked", "run the park again", str(path / "run.json")))
        if feasibility is not None and hourly is not None and len(feasibility) != len(hourly):
            found = f"has {len(feasibility):,} steps, hourly.parquet {len(hourly):,}"
            problems.append(Problem("", found, "run the park again", str(path / "feasibility.parquet")))
    studies = {name: _read_table(path / f"{name}.parquet", problems)[0] for name in NETWORK_STUDIES if (path / f"{name}.parquet").exists()}
    if problems or hourly is None:
        raise DefinitionError(str(path), problems)
    return RunFolder(path, content["summary.json"], content["run.json"], hourly, units, feasibility, feasibility_units, violations, studies)


def _read_table(path: Path, problems: list[Problem]) -> tuple[pd.DataFrame | None, dict[str, str]]:
    """Read a table and its units; where that fails, add to the problems."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
        units = json.loads((table.schema.metadata or {}).get(UNITS_KEY, b"{}"))
    except (OSError, pa.ArrowException) as error:
        problems.append(Problem("", f"cannot be read ({type(error).__name__})", "run the park again", str(path)))
        return None, {}
    return table.to_pandas(), units


def replace_file(path: Path, text: str) -> None:
    """Write a file under a passing name first, so that no half file is ever left."""
    passing = path.with_name(f".{path.name}.{os.getpid()}")
    passing.write_text(text, encoding="utf-8")
    passing.replace(path)
