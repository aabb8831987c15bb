"""Where a scenario starts: the basis in which another ended, as text that travels to any process and as a file that a later start of the study reads."""

from __future__ import annotations

import base64
import io
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from gridsim.dispatch.highs import Basis


@dataclass(frozen=True, eq=False)
class Start:
    """The end of a solve."""

    basis: Basis
    iterations: int
    """That the last solve from nothing took on the way here."""


def text_of(start: Start) -> str:
    """Return a start as text: an archive of its arrays in base64, some 20 kB for a year of eight technologies."""
    file, basis = io.BytesIO(), start.basis
    np.savez_compressed(file, columns=basis.columns, rows=basis.rows, region=np.array(basis.region), iterations=np.array(start.iterations))
    return base64.b64encode(file.getvalue()).decode("ascii")


def start_in(text: str) -> Start | None:
    """Return the start that a text holds; None where it holds none, such as half a file."""
    from gridsim.dispatch.highs import Basis

    try:
        with np.load(io.BytesIO(base64.b64decode(text)), allow_pickle=False) as stored:
            return Start(Basis(stored["columns"], stored["rows"], str(stored["region"])), int(stored["iterations"]))
    except (OSError, ValueError, KeyError, EOFError, TypeError, AttributeError, zipfile.BadZipFile):
        return None
