"""The folder of a study: one small file a finished scenario, written whole or not at all, and all of them in one table at the end."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gridsim.errors import DefinitionError, Problem
from gridsim.folder import replace_file, write_json
from gridsim.study.starts import start_in

if TYPE_CHECKING:
    import pandas as pd

RECORD, PARTS, TABLE, LOCK, STARTS = "study.json", "scenarios", "scenarios.parquet", ".lock", "starts"
FRONT_ENDS, FRONT_TABLE = "front", "front.parquet"
DESIGNS, DESIGN_TABLE = "alternatives", "alternatives.parquet"

AGAIN = {"error"}
"""Outcomes that say nothing about the scenario; it is run again on the next start."""


class Store:
    """Results by the identity of their scenario.

    The parts stay beside the table: they are what a changed study takes over, and no moment exists in which a result stands in neither.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        if self.folder.exists() and not (self.folder / RECORD).exists() and (not self.folder.is_dir() or any(self.folder.iterdir())):
            problem = Problem("", "exists and is not the folder of a study", "give another --out; only former studies are continued", str(folder))
            raise DefinitionError(f"--out {folder}", [problem])
        (self.folder / PARTS).mkdir(parents=True, exist_ok=True)

    def put_end(self, name: str, end: str) -> None:
        """Keep where a scenario ended, as text; an empty one says that nothing starts there. The folder may be removed between starts of the study."""
        target = self.folder / STARTS / f"{name}.npz"
        target.parent.mkdir(exist_ok=True)
        passing = target.with_name(f".{target.name}.{os.getpid()}")
        passing.write_bytes(base64.b64decode(end))
        passing.replace(target)

    def end(self, name: str) -> str | None:
        """Return what `put_end` was given; None where there is nothing, or half of it."""
        try:
            text = base64.b64encode((self.folder / STARTS / f"{name}.npz").read_bytes()).decode("ascii")
        except OSError:
            return None
        return text if not text or start_in(text) is not None else None

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep a second study out of the folder; the system lets go of it when this process ends, however it ends."""
        try:
            import fcntl
        except ImportError:  # Windows
            yield
            return
        with (self.folder / LOCK).open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                problem = Problem("", "is being written by another study", "wait for it, or give another --out", str(self.folder))
                raise DefinitionError(f"--out {self.folder}", [problem]) from None
            yield

    def record(self, content: dict[str, Any]) -> None:
        """Write what the study is."""
        replace_file(self.folder / RECORD, json.dumps(content, indent=1, ensure_ascii=False, default=str) + "\n")

    def put(self, row: dict[str, Any], room: str = PARTS) -> None:
        """Keep one result; it is on the disk, under its name, when this returns."""
        (self.folder / room).mkdir(exist_ok=True)
        target = self.folder / room / f"{row['scenario']}.json"
        passing = target.with_name(f".{target.name}.{os.getpid()}")
        write_json(passing, row)
        with passing.open("rb") as file:
            os.fsync(file.fileno())
        passing.replace(target)

    def rows(self, wanted: set[str], room: str = PARTS) -> dict[str, dict[str, Any]]:
        """Return the results there are of the wanted scenarios; what cannot be read is as if it were not there."""
        found = {}
        for name in wanted:
            try:
                row = json.loads((self.folder / room / f"{name}.json").read_text(encoding="utf-8"))
            except (OSError, ValueError):
                continue
            if isinstance(row, dict) and row.get("scenario") == name and row.get("status") not in AGAIN:
                found[name] = row
        return found

    def tidy(self) -> None:
        """Remove what a killed study left half written."""
        halves = [half for room in (PARTS, FRONT_ENDS, DESIGNS) for half in (self.folder / room).glob(".*.json.*")]
        for passing in [*halves, *(self.folder / STARTS).glob(".*.npz.*"), *(self.folder / "dispatch").glob(".*.parquet.*")]:
            passing.unlink(missing_ok=True)

    def write_table(self, table: pd.DataFrame, name: str = TABLE) -> None:
        """Write a table whole."""
        passing = self.folder / f".{name}.{os.getpid()}"
        table.to_parquet(passing, compression="zstd", index=False)
        passing.replace(self.folder / name)
