"""Every stage of a park: the one that is taken where none is named, and all others."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from gridsim.errors import DefinitionError, Problem
from gridsim.park.parse import read_yaml
from gridsim.park.read import park_file

T = TypeVar("T")
BASE = None
"""What is read where no stage is named: ``default_stage``, or the base where the park has none."""


def each_stage(folder: Path, check: Callable[[str | None], T]) -> dict[str | None, T]:
    """Return what a check finds of every stage, the one first that is taken where none is named.

    Parameters
    ----------
    folder : path
        As in `gridsim.read_park`.
    check : callable
        Takes a stage's name, None for the first.

    Raises
    ------
    DefinitionError
        With the problems of all stages; one that only some have says which.
    """
    first, others = _names(park_file(folder))
    found: dict[str | None, T] = {}
    held: dict[Problem, list[str]] = {}
    for name in (BASE, *others):
        try:
            found[name] = check(name)
        except DefinitionError as error:
            for problem in error.problems:
                held.setdefault(problem, []).append(first if name is BASE else f"stage {name}")
    if held:
        order = {name: place for place, name in enumerate(dict.fromkeys(problem.file for problem in held))}
        problems = [problem if len(at) > len(others) else _placed(problem, at) for problem, at in held.items()]
        raise DefinitionError(str(folder), sorted(problems, key=lambda problem: (order[problem.file], problem.line or 0)))
    return found


def _names(file: Path) -> tuple[str, list[str]]:
    """Return what the first is called, and the names of the others; none where the file cannot be read, which its check tells."""
    tree = read_yaml(file, str(file), [])
    if tree is None or not isinstance(tree.value, dict):
        return "", []
    stages, default = tree.child("stages"), tree.child("default_stage")
    named = [str(name) for name in stages.value] if stages is not None and isinstance(stages.value, dict) else []
    chosen = None if default is None else str(default.value)
    return f"stage {chosen}" if chosen in named else "the base", [name for name in named if name != chosen]


def _placed(problem: Problem, at: Sequence[str]) -> Problem:
    return dataclasses.replace(problem, found=f"{problem.found} (in {', '.join(at)})")
