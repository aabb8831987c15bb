"""A park's network tables, checked: `Distribution`, and how it is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gridsim.distribution.tables.checks import CHECKS, Check, Draft, buses_exist
from gridsim.distribution.tables.checks_assets import ASSET_CHECKS, ASSET_NOTES
from gridsim.distribution.tables.checks_supply import SUPPLY_CHECKS, bands_are_bands, curves_are_curves, curves_exist
from gridsim.distribution.tables.network_file import NetworkFile, hang_in_service, read_network_file
from gridsim.distribution.tables.reading import Placed, Rows, TableKind, read_rows
from gridsim.distribution.tables.rows import (
    BusRow,
    CompensatorRow,
    ConnectionRow,
    CurveRow,
    LineRow,
    ShuntRow,
    SourceRow,
    SwitchRow,
    TransformerRow,
)
from gridsim.distribution.tables.stages import Stages, stages_of
from gridsim.distribution.tables.standard_types import (
    LINE_TYPES_FILE,
    TRANSFORMER_TYPES_FILE,
    LineType,
    TransformerType,
    shipped_line_types,
    shipped_transformer_types,
)
from gridsim.errors import DefinitionError, Problem, did_you_mean, quoted
from gridsim.park.files import is_folder, shown

if TYPE_CHECKING:
    from pandapower.auxiliary import pandapowerNet

    from gridsim.park.park import Park

FOLDER = "distribution"
"""Folder of a park that holds its network."""

TABLES: tuple[TableKind[Any], ...] = (
    TableKind("buses.csv", BusRow),
    TableKind("lines.csv", LineRow, required=False),
    TableKind("transformers.csv", TransformerRow, required=False),
    TableKind("shunts.csv", ShuntRow, required=False),
    TableKind("compensators.csv", CompensatorRow, required=False),
    TableKind("switches.csv", SwitchRow, required=False),
    TableKind("sources.csv", SourceRow),
    TableKind("connections.csv", ConnectionRow, key=("asset", "bus")),
    TableKind("curves.csv", CurveRow, required=False),
)

BESIDE_A_FILE = TABLES[-2:]
"""Tables of a park whose network stands in a file."""

FILE_CHECKS: tuple[Check, ...] = (buses_exist, bands_are_bands, curves_are_curves, curves_exist)
"""Rules for such a park; what is wrong inside the file has been told when it was read."""


@dataclass(frozen=True)
class Curve:
    """A rule for reactive power: straight between points, level beyond the ends."""

    name: str
    kind: str
    """q_u: reactive power supplied over rated power, by voltage in p.u.; cos_phi_p: power factor, by active over rated power."""
    at: tuple[float, ...]
    value: tuple[float, ...]


@dataclass(frozen=True)
class Distribution:
    """The network of one stage of a park; rows that are not there in the stage are left out."""

    folder: Path
    stage: str | None
    buses: dict[str, BusRow]
    lines: dict[str, LineRow]
    transformers: dict[str, TransformerRow]
    shunts: dict[str, ShuntRow]
    compensators: dict[str, CompensatorRow]
    switches: dict[str, SwitchRow]
    sources: dict[str, SourceRow]
    connections: tuple[ConnectionRow, ...]
    curves: dict[str, Curve]
    line_types: dict[str, LineType]
    """Types that this stage uses."""
    transformer_types: dict[str, TransformerType]
    notes: tuple[Problem, ...] = ()
    """What is odd and not wrong, such as an asset that hangs nowhere."""
    net: pandapowerNet | None = None
    """The network, where it stands in a file; rows of buses, lines, transformers and sources then say what it holds, and there are none of the others."""

    def connections_of(self, asset: str) -> tuple[ConnectionRow, ...]:
        """Where an asset hangs."""
        return tuple(row for row in self.connections if row.asset == asset)


def distribution_of(park: Park) -> Distribution:
    """Read the network of a park in the park's own stage, and check it against the park's assets.

    Raises
    ------
    DefinitionError
        With all problems at once.
    """
    problems: list[Problem] = []
    folder = park.folder / FOLDER
    distribution = read_distribution(folder, park.stage, stages_of(park.folder / "park.yaml"), problems, park=park)
    if problems:
        raise DefinitionError(shown(folder), problems)
    return distribution


def read_distribution(
    folder: Path,
    stage: str | None,
    stages: Stages | Sequence[str] | Mapping[str, str | None],
    problems: list[Problem],
    *,
    park: Park | None = None,
) -> Distribution:
    """Read the tables of a network, or the file in their place.

    Parameters
    ----------
    folder : Path
        Holds ``buses.csv``, ``sources.csv`` and ``connections.csv``, and where they are needed ``lines.csv``, ``transformers.csv``, ``shunts.csv``,
        ``compensators.csv``, ``switches.csv``, ``curves.csv``, ``line_types.csv`` and ``transformer_types.csv``; or ``network.json`` or ``network.m``
        (`network_file`) with ``connections.csv`` and, where it is needed, ``curves.csv``.
    stage : str or None
        Stage of the park; None for a park without stages.
    stages : Stages, or names in their order, or each name with the one it comes after
        All stages of the park.
    problems : list of Problem
        Takes every problem, with file and line.
    park : Park, optional
        Checks assets and sites against it.

    Returns
    -------
    Distribution
        What could be read; sound only if no problem was added.
    """
    order = stages if isinstance(stages, Stages) else Stages.of(stages)
    if not is_folder(folder):
        problems.append(Problem("", "there is no such folder", "a park's network stands in its folder distribution/", shown(folder)))
        return _distribution(folder, stage, Draft({}, {}, {}, stage, park), None)
    file = read_network_file(folder, stage, order, park, problems)
    everything = {kind.noun: read_rows(folder, kind, problems) for kind in (TABLES if file is None else BESIDE_A_FILE)}
    types: dict[str, dict[str, Any]] = {}
    if file is None:
        types["line"] = _types(folder, TableKind(LINE_TYPES_FILE, LineType, required=False), shipped_line_types(), problems)
        types["transformer"] = _types(folder, TableKind(TRANSFORMER_TYPES_FILE, TransformerType, required=False), shipped_transformer_types(), problems)
    else:
        everything |= file.rows
    if stage is not None and stage not in order.before:
        problems.append(Problem("stage", f"{quoted(stage)} is not a stage of this park", did_you_mean(stage, order.before)))
    for rows in everything.values():
        for placed in rows.rows:
            problems.extend(_stage_problems(placed, order))
    present = {noun: [placed for placed in rows.rows if order.holds(placed.row, stage)] for noun, rows in everything.items()}
    draft = Draft(everything, present, types, stage, park)
    for check in (*((*CHECKS, *SUPPLY_CHECKS) if file is None else FILE_CHECKS), *(ASSET_CHECKS if park is not None else ())):
        problems.extend(check(draft))
    if file is not None:
        problems.extend(hang_in_service(file, draft.rows("connections")))
    notes = () if park is None else tuple(note for check in ASSET_NOTES for note in check(draft))
    return _distribution(folder, stage, draft, file, notes)


def _types(folder: Path, kind: TableKind, shipped: dict[str, Any], problems: list[Problem]) -> dict[str, Any]:
    """Return the shipped types with a park's own laid over them."""
    own: Rows = read_rows(folder, kind, problems)
    return {**shipped, **{placed.row.name: placed.row for placed in own.rows}}


def _stage_problems(placed: Placed, stages: Stages) -> list[Problem]:
    """Stages that a row names exist and stand in their order."""
    row, found = placed.row, []
    for column in ("from_stage", "until_stage"):
        name = getattr(row, column)
        if name is not None and name not in stages.before:
            remedy = did_you_mean(name, stages.before) if stages.before else "this park has no stages; empty the cell"
            found.append(placed.problem(column, f"{quoted(name)} is not a stage of this park", remedy))
    if not found and None not in (row.from_stage, row.until_stage) and row.from_stage not in stages.chain(row.until_stage):
        found.append(placed.problem("until_stage", f"'{row.until_stage}' does not come after '{row.from_stage}'", "exchange the two, or empty one"))
    return found


def _distribution(folder: Path, stage: str | None, draft: Draft, file: NetworkFile | None, notes: tuple[Problem, ...] = ()) -> Distribution:
    def by_name(noun: str) -> dict[str, Any]:
        return {placed.row.name: placed.row for placed in draft.rows(noun)}

    points: dict[str, list[CurveRow]] = {}
    for placed in draft.rows("curves"):
        points.setdefault(placed.row.name, []).append(placed.row)
    used = {noun: {row.type for row in by_name(f"{noun}s").values()} for noun in ("line", "transformer")}
    return Distribution(
        folder=folder,
        stage=stage,
        buses=by_name("buses"),
        lines=by_name("lines"),
        transformers=by_name("transformers"),
        shunts=by_name("shunts"),
        compensators=by_name("compensators"),
        switches=by_name("switches"),
        sources=by_name("sources"),
        connections=tuple(placed.row for placed in draft.rows("connections")),
        curves={name: Curve(name, rows[0].kind, tuple(row.at for row in rows), tuple(row.value for row in rows)) for name, rows in points.items()},
        line_types={name: kind for name, kind in draft.types.get("line", {}).items() if name in used["line"]},
        transformer_types={name: kind for name, kind in draft.types.get("transformer", {}).items() if name in used["transformer"]},
        notes=notes if file is None else (*file.notes, *notes),
        net=None if file is None else file.net,
    )
