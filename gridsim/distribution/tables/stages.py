"""Which rows are there in a stage of the park."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from gridsim.distribution.tables.rows import Row
from gridsim.errors import Problem
from gridsim.park.parse import read_yaml


@dataclass(frozen=True)
class Stages:
    """The stages of a park, each with the one it comes after."""

    before: Mapping[str, str | None]

    @classmethod
    def of(cls, stages: Sequence[str] | Mapping[str, str | None]) -> Stages:
        """Take a mapping as it is, and a sequence as stages that follow each other."""
        if isinstance(stages, Mapping):
            return cls(dict(stages))
        return cls({**dict.fromkeys(stages[:1]), **{later: earlier for earlier, later in pairwise(stages)}})

    def chain(self, stage: str | None) -> tuple[str, ...]:
        """Return a stage and all it comes after, earliest first."""
        chain: list[str] = []
        while stage is not None and stage not in chain:
            chain.append(stage)
            stage = self.before.get(stage)
        return tuple(reversed(chain))

    def holds(self, row: Row, stage: str | None) -> bool:
        """Tell whether a row is there in a stage."""
        chain = self.chain(stage)
        begun = row.from_stage is None or row.from_stage in chain
        return begun and (row.until_stage is None or row.until_stage not in chain[:-1])


def stages_of(park_file: Path) -> Stages:
    """Read the stages of a ``park.yaml`` and what each comes after; what is wrong with them, reading the park has told."""
    problems: list[Problem] = []
    tree = read_yaml(park_file, str(park_file), problems)
    node = None if tree is None else tree.child("stages")
    if node is None or not isinstance(node.value, dict):
        return Stages({})
    after = {name: stage.child("after") for name, stage in node.value.items()}
    return Stages({name: None if child is None else str(child.value) for name, child in after.items()})
