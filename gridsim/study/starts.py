"""Where the scenarios of a group start: the basis of its middle one, solved once by whoever comes first and handed to all others."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from gridsim.dispatch.highs import Basis


@dataclass(frozen=True, eq=False)
class Start:
    """The end of a solve from nothing."""

    basis: Basis
    iterations: int
    """That it took."""


def shared_start(folder: str | None, middle: str, find: Callable[[], Start | None]) -> Start | None:
    """Return the start of a group: what another process left in the folder, or else what ``find`` finds, for the others to read.

    While another process finds it this one waits. The name of the middle scenario says everything that decides its basis, so that a file that is there is
    right, whoever wrote it, also before the study was killed.

    Parameters
    ----------
    folder : str or None
        None where processes share no folder; each then finds its own, which is the same.
    find : callable
        Solves the middle; None where it has no solution, which each process then finds out for itself.
    """
    if folder is None:
        return find()
    file = Path(folder) / f"{middle}.npz"
    if (start := _read(file)) is not None:
        return start
    with _alone(file.with_suffix(".lock")):
        if (start := _read(file)) is None and (start := find()) is not None:
            _write(file, start)
    return start


def _read(file: Path) -> Start | None:
    """Read a start; None where there is none, or none that can be read."""
    from gridsim.dispatch.highs import Basis

    try:
        with file.open("rb") as source, np.load(source, allow_pickle=False) as stored:
            return Start(Basis(stored["columns"], stored["rows"], str(stored["region"])), int(stored["iterations"]))
    except (OSError, ValueError, KeyError, EOFError, TypeError, AttributeError, zipfile.BadZipFile):
        return None


def _write(file: Path, start: Start) -> None:
    """Write a start whole or not at all; a disk that is full costs the others time, nothing else."""
    passing = file.with_name(f".{file.name}.{os.getpid()}")
    basis = start.basis
    with suppress(OSError):
        with passing.open("wb") as target:
            np.savez_compressed(target, columns=basis.columns, rows=basis.rows, region=np.array(basis.region), iterations=np.array(start.iterations))
        passing.replace(file)


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Wait until no other process holds the lock; the system lets go of it when a process ends, however it ends."""
    try:
        import fcntl
    except ImportError:  # Windows: several may find the same
        yield
        return
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
