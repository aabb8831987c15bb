"""MATPOWER case files as plain matrices: ``.m`` as savecase writes it, and ``.mat``."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import numpy as np

from gridsim.distribution.tables.matpower_units import Conversion
from gridsim.errors import DefinitionError, Problem, quoted
from gridsim.park.files import read_text, shown

WIDTHS = {"bus": 13, "gen": 10, "branch": 11}
"""Columns that each matrix has at least."""

MATRIX = re.compile(r"\bmpc\.(\w+)\s*=\s*\[(.*?)\]", re.DOTALL)
SCALAR = re.compile(r"\bmpc\.(\w+)\s*=\s*([-+0-9.eE]+|'[^']*'|\"[^\"]*\")\s*;")
LEFT_OUT = re.compile(
    r"^[ \t]*function\b[^\n;]*|\b\w[\w.]*\s*=\s*(?:\[[^\]]*\]|\{[^}]*\})|\bmpc\.\w+\s*=\s*(?:[-+0-9.eE]+|'[^'\n]*'|\"[^\"\n]*\")\s*(?=[;\n\v])", re.MULTILINE
)
"""Everything that only states values: what is left computes something."""

CONTINUED = "\v"
"""Stands for the end of a line that goes on in the next: white space that still counts as a line."""


def read_matpower(path: Path) -> dict[str, Any]:
    """Return a case as a dictionary of version, baseMVA, bus, gen and branch, and dcline and gencost where it has them.

    Raises
    ------
    DefinitionError
        Where there is no such file, it is no case of version 2, or the case computes in its file what only MATPOWER itself can do. Distribution cases that
        hold loads in kW and impedances in ohm and convert them at their end are understood.
    """
    if path.suffix not in {".m", ".mat"}:
        raise refused(path, f"ends in '{path.suffix}'", "a MATPOWER case ends in .m or .mat")
    case = _of_m(path) if path.suffix == ".m" else _of_mat(path)
    for name, width in WIDTHS.items():
        matrix = case.get(name)
        if not isinstance(matrix, np.ndarray) or matrix.ndim != 2 or matrix.shape[1] < width:
            raise refused(
                path, f"is not a MATPOWER case of version 2: it has no matrix mpc.{name} of {width} columns or more", "save it with savecase of MATPOWER"
            )
    if not isinstance(case.get("baseMVA"), float):
        raise refused(path, "is not a MATPOWER case: it has no mpc.baseMVA", "save it with savecase of MATPOWER")
    return {"version": "2", **case}


def refused(path: Path, found: str, remedy: str, line: int | None = None) -> DefinitionError:
    """Make the error of one file."""
    return DefinitionError(shown(path), [Problem("", found, remedy, shown(path), line)])


def _of_m(path: Path) -> dict[str, Any]:
    problems: list[Problem] = []
    text = read_text(path, shown(path), problems)
    if text is None:
        raise DefinitionError(shown(path), problems)
    text = re.sub(r"\.\.\.[^\n]*\n", CONTINUED, re.sub(r"%.*", "", text))
    case: dict[str, Any] = {}
    for name, body in MATRIX.findall(text):
        rows = [row.replace(",", " ").split() for row in re.split(r"[;\n]", body) if row.strip()]
        try:
            case[name] = np.array(rows, dtype=float)
        except ValueError:
            if name in WIDTHS:
                raise refused(path, f"mpc.{name} holds something other than rows of numbers", "save it with savecase of MATPOWER") from None
    for name, value in SCALAR.findall(text):
        if value[0] not in "'\"":
            case[name] = float(value)
    _convert_units(path, text, case)
    return case


def _convert_units(path: Path, text: str, case: dict[str, Any]) -> None:
    """Carry out what a case computes at its end; raise a DefinitionError with the line of the first statement that is not understood."""
    bare = LEFT_OUT.sub(lambda found: re.sub(r"[^\n\v]", " ", found.group()), text)
    conversion = Conversion({name: case[name] for name in WIDTHS if name in case}, case.get("baseMVA", math.nan))
    for found in re.finditer(r"[^;\n]+", bare):
        statement = found.group().strip()
        if statement in {"", "end", "return"}:
            continue
        try:
            conversion.apply(statement)
        except ValueError as error:
            start = found.start() + len(found.group()) - len(found.group().lstrip())
            line = 1 + sum(bare.count(end, 0, start) for end in ("\n", CONTINUED))
            remedy = "load it in MATPOWER and save it with savecase: its units may be others before that"
            raise refused(path, f"computes in its file, which is not understood ({error}): {quoted(statement)}", remedy, line) from None


def _of_mat(path: Path) -> dict[str, Any]:
    from scipy.io import loadmat
    from scipy.io.matlab import MatReadError

    if not path.is_file():
        raise refused(path, "does not exist", "check the path")
    try:
        content = loadmat(path, squeeze_me=True, struct_as_record=False)
    except (MatReadError, NotImplementedError, OSError, TypeError, ValueError) as error:
        raise refused(path, f"cannot be read as a MATLAB file ({type(error).__name__})", "save it with savecase of MATPOWER, version 7 or below") from None
    case = content.get("mpc")
    if case is None or not hasattr(case, "_fieldnames"):
        raise refused(path, "is not a MATPOWER case: it has no structure 'mpc'", "save it with savecase of MATPOWER")
    found: dict[str, Any] = {}
    for name in case._fieldnames:
        value = getattr(case, name)
        if name == "baseMVA":
            found[name] = float(value)
        elif isinstance(value, np.ndarray) and value.dtype.kind in "iuf" and value.size:
            found[name] = np.atleast_2d(value.astype(float))  # a single row comes as a vector
    return found
