"""The near-optimal designs of a study: found one after another beside its optimum, each kept as it comes."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from gridsim.errors import GridsimError
from gridsim.study.alternatives import Alternatives, Design, alternatives, design_names
from gridsim.study.result import SOLVED
from gridsim.study.scenarios import canonical
from gridsim.study.store import DESIGNS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gridsim.study.check import ParkOfStudy
    from gridsim.study.definition import Study
    from gridsim.study.store import Store


def near_optimal(study: Study, of_park: ParkOfStudy, optimum: Mapping[str, Any], store: Store, told: Callable[[list[str]], None]) -> Alternatives:
    """Find the designs that are not kept yet.

    Parameters
    ----------
    optimum : mapping
        Row of the sized park.

    Raises
    ------
    GridsimError
        Where there is no optimum, or nothing beside it can be found.
    """
    if optimum["status"] != SOLVED:
        raise GridsimError("there is no optimum for them to lie around")
    from gridsim.dispatch.sizes import Free

    wanted = study.written.alternatives
    free = [Free(path, bounds.min, bounds.max, bounds.unit) for path, bounds in study.written.free.items()]
    files = {name: _identity(optimum["scenario"], wanted.slack, wanted.count, name) for name in design_names(free, wanted.count)}
    rows = store.rows(set(files.values()), DESIGNS)
    known = {name: Design(**rows[file]["design"]) for name, file in files.items() if file in rows}

    def keep(design: Design) -> None:
        store.put({"scenario": files[design.name], "status": SOLVED, "design": asdict(design)}, DESIGNS)

    return alternatives(
        of_park.base,
        free,
        slack=wanted.slack,
        count=wanted.count,
        optimum=(optimum["sizes"], optimum["figures"]["sizing_bound_cny"]),
        known=known,
        keep=keep,
        progress=lambda what, _: told([what]),
    )


def _identity(optimum: str, slack: float, count: int, name: str) -> str:
    """Name a design's file: by its optimum, and by all that it is chosen from."""
    decisive = [optimum, slack, name, count if name.startswith("far") else None]
    return hashlib.sha256(canonical(decisive).encode()).hexdigest()[:16]
