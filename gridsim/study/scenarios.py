"""From a study's axes to its scenarios: designs, and names that mean the same result."""

from __future__ import annotations

import hashlib
import itertools
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.study.axes import Axis, Value
from gridsim.study.definition import STAGE

if TYPE_CHECKING:
    from gridsim.study.definition import Study


@dataclass(frozen=True)
class Scenario:
    """One run of the park."""

    values: dict[str, Value | None]
    """Of every varied path, also where the park's own is kept; None where the park does not write it."""
    changes: dict[str, Value]
    """What is laid over the park."""


def scenarios_of(study: Study, base: Mapping[str, Value | None]) -> list[Scenario]:
    """Return the scenarios of a study in the order of its design, each once.

    Parameters
    ----------
    base : mapping
        What the park itself says at each varied path.
    """
    axes = study.axes
    if study.written.design == "one_at_a_time":
        made = _one_at_a_time(axes, base)
    elif study.written.design == "latin_hypercube":
        made = _latin_hypercube(axes, study.written.samples, study.written.seed)
    else:
        paths = [axis.path for axis in axes]
        rows = itertools.product(*(axis.values for axis in axes))
        made = (Scenario(values, values) for values in (dict(zip(paths, row, strict=True)) for row in rows))
    return list({canonical(scenario.values): scenario for scenario in reversed(list(made))}.values())[::-1]


def _one_at_a_time(axes: Sequence[Axis], base: Mapping[str, Value | None]) -> Iterator[Scenario]:
    """Yield the base, then each axis at each of its values while all others are at the base."""
    fixed = {axis.path: axis.base for axis in axes if axis.base is not None}
    usual = {axis.path: fixed.get(axis.path, base[axis.path]) for axis in axes}
    yield Scenario(usual, fixed)
    for axis in axes:
        for value in axis.ends:
            if canonical(value) != canonical(usual[axis.path]):
                yield Scenario({**usual, axis.path: value}, {**fixed, axis.path: value})


def _latin_hypercube(axes: Sequence[Axis], samples: int, seed: int) -> Iterator[Scenario]:
    """Yield samples of which each stratum of each axis holds exactly one (McKay, Beckman and Conover 1979).

    Every axis has random numbers of its own, so that another axis beside it does not move its values.
    """
    columns = {}
    for axis in axes:
        random = np.random.default_rng([seed, zlib.crc32(axis.path.encode())])
        shares = (random.permutation(samples) + random.random(samples)) / samples
        columns[axis.path] = [axis.at(float(share)) for share in shares]
    for row in zip(*columns.values(), strict=True):
        values = dict(zip(columns, row, strict=True))
        yield Scenario(values, values)


# ---- identity


def canonical(value: Any) -> str:
    """Write values so that 10 and 10.0 are one."""

    def plain(part: Any) -> Any:
        if isinstance(part, dict):
            return {key: plain(part[key]) for key in sorted(part)}
        if isinstance(part, list | tuple):
            return [plain(one) for one in part]
        return float(part) if isinstance(part, int) and not isinstance(part, bool) else part

    return json.dumps(plain(value), ensure_ascii=False, default=str)


def override(path: str, value: Any) -> str:
    """Write one change in the form of ``--set``."""
    return f"{path}={json.dumps(value, ensure_ascii=False, default=str)}"


def texts_of(scenario: Scenario) -> dict[str, str]:
    """Return the changes that are text, which may name files: with them the park is read for its fingerprint."""
    return {path: value for path, value in scenario.changes.items() if isinstance(value, str)}


def identity(study: Study, scenario: Scenario, fingerprint: str, code: str) -> str:
    """Return the name of a scenario's result: equal for everything that makes equal results, whatever study it stands in.

    Parameters
    ----------
    fingerprint : str
        Of the park with the scenario's texts, and so of all its files.
    code : str
        Of the parts of gridsim that decide results.
    """
    written = study.written
    stage = scenario.changes.get(STAGE, study.stage)
    changes = {path: value for path, value in {**written.set, **scenario.changes}.items() if path != STAGE}
    free = {path: bounds.model_dump() for path, bounds in written.free.items()}
    how = [written.level, free, written.gap if free else None, written.warm, written.time_limit_s, written.accounts, sorted(set(written.vpp))]
    decisive = [fingerprint, stage, changes, study.hours, *how, code]
    return hashlib.sha256(canonical(decisive).encode()).hexdigest()[:16]
