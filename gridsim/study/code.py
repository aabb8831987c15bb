"""What of gridsim decides results."""

from __future__ import annotations

import hashlib
import importlib.metadata
from pathlib import Path

import gridsim

ROOMS = ("bill", "carbon", "data", "dispatch", "indicators", "metrics", "money", "park", "physics", "profiles", "rules", "technologies", "vpp")
FILES = (
    "accounts.py",
    "study/alternatives.py",
    "study/part_load_error.py",
    "study/sizing.py",
    "study/starts.py",
    "study/tree.py",
    "study/whole_units.py",
    "study/window_proof.py",
    "study/worker.py",
    "units.py",
    "workflow.py",
)


def code_fingerprint() -> str:
    """Return a digest of the code and the shipped numbers that a result comes from, and of the solver's version.

    The version number alone would let a row that was made before a correction stand beside rows from after it.
    """
    root = Path(gridsim.__file__).parent
    digest = hashlib.sha256(f"{gridsim.__version__} {importlib.metadata.version('highspy')}".encode())
    files = [path for room in ROOMS for kind in ("py", "yaml", "csv") for path in (root / room).rglob(f"*.{kind}")]
    for path in sorted({*files, *(root / name for name in FILES)}):
        if "templates" not in path.parts:
            digest.update(path.relative_to(root).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
