"""A park's network as one file in place of tables: pandapower's own (``network.json``) or a MATPOWER case (``network.m``).

The file names buses, lines and transformers; ``connections.csv`` and ``curves.csv`` stand beside it as they stand beside tables. It holds for all stages; where
``network_<stage>.json`` stands beside it, that one holds from its stage on.

Loads, generators and storages in service in the file belong to no asset of the park. They are neighbours: their power stays in the network, the same in every
hour, and a note says how much it is. Generators that hold a voltage go on holding it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gridsim.distribution.tables.reading import Placed, Rows
from gridsim.distribution.tables.rows import BusRow, LineRow, Row, SourceRow, TransformerRow
from gridsim.errors import DefinitionError, Problem, did_you_mean
from gridsim.park.files import shown
from gridsim.park.tree import Node

if TYPE_CHECKING:
    from pandapower.auxiliary import pandapowerNet

    from gridsim.distribution.tables.stages import Stages
    from gridsim.park.park import Park

STEM = "network"
SUFFIXES = (".json", ".m")

INSTEAD_OF = (
    "buses.csv",
    "lines.csv",
    "transformers.csv",
    "shunts.csv",
    "compensators.csv",
    "switches.csv",
    "sources.csv",
    "line_types.csv",
    "transformer_types.csv",
)
"""Tables that say what the file says already."""


@dataclass(frozen=True)
class NetworkFile:
    """What was read of a file; without a network where it could not be used."""

    path: Path
    net: pandapowerNet | None = None
    rows: dict[str, Rows] = field(default_factory=lambda: {noun: Rows(readable=False) for noun in ("buses", "lines", "transformers", "sources")})
    """Buses, lines, transformers and sources as the checks of the tables see them."""
    notes: tuple[Problem, ...] = ()


def network_files(folder: Path) -> list[Path]:
    """Return the network files of a folder: ``network`` and ``network_<stage>``, ``.json`` or ``.m``."""
    return sorted(path for suffix in SUFFIXES for pattern in (STEM, f"{STEM}_*") for path in folder.glob(f"{pattern}{suffix}"))


def read_network_file(folder: Path, stage: str | None, stages: Stages, park: Park | None, problems: list[Problem]) -> NetworkFile | None:
    """Read the file that holds in a stage, with every problem of it; None where the folder has none, so that its tables are the network."""
    files = network_files(folder)
    if not files:
        return None
    found = _beside(folder, files[0]) + _of_stages(files, stages)
    chosen = _chosen(files, stage, stages)
    if len(chosen) > 1:
        names = " and ".join(path.name for path in chosen)
        found.append(Problem(STEM, f"{names} both say what the network is", "remove one", shown(folder)))
    elif not chosen:
        names = ", ".join(path.name for path in files)
        found.append(Problem(STEM, f"no file is for stage {stage}; there is {names}", f"add {STEM}_{stage}.json, or {STEM}.json for all stages", shown(folder)))
    problems.extend(found)
    if len(chosen) != 1:
        return NetworkFile(folder / STEM)
    return _read(chosen[0], park, problems)


def _beside(folder: Path, file: Path) -> list[Problem]:
    remedy = f"remove {file.name}, or the tables that it takes the place of; connections.csv and curves.csv stay"
    return [
        Problem(Path(name).stem, f"stands beside {file.name}, which says already what the network is", remedy, shown(folder / name))
        for name in INSTEAD_OF
        if (folder / name).exists()
    ]


def _stage_of(path: Path) -> str | None:
    return path.stem.removeprefix(f"{STEM}_") if path.stem != STEM else None


def _of_stages(files: list[Path], stages: Stages) -> list[Problem]:
    unknown = [(path, stage) for path in files if (stage := _stage_of(path)) is not None and stage not in stages.before]
    remedy = f"this park has no stages; call it {STEM}.json"
    return [
        Problem(path.name, f"'{stage}' is not a stage of this park", did_you_mean(stage, stages.before) if stages.before else remedy, shown(path))
        for path, stage in unknown
    ]


def _chosen(files: list[Path], stage: str | None, stages: Stages) -> list[Path]:
    """Return the files of the stage, or of the nearest one that it comes after, or those for all stages."""
    for wanted in (*reversed(stages.chain(stage)), None):
        chosen = [path for path in files if _stage_of(path) == wanted]
        if chosen:
            return chosen
    return []


def _read(path: Path, park: Park | None, problems: list[Problem]) -> NetworkFile:
    from gridsim.distribution.tables.importers import from_matpower, from_pandapower_json
    from gridsim.distribution.tables.network_use import BROKEN, usable

    file = shown(path)
    try:
        imported = from_pandapower_json(path) if path.suffix == ".json" else from_matpower(path)
        found, notes = usable(imported, park)
    except DefinitionError as error:
        problems.extend(problem if problem.file else replace(problem, file=file) for problem in error.problems)
        return NetworkFile(path)
    except BROKEN as error:
        reason = f"is not a network that pandapower can use ({type(error).__name__}: {error})"
        problems.append(Problem("", reason, "solve it with pandapower.runpp, then write it with pandapower.to_json", file))
        return NetworkFile(path)
    if found:
        problems.extend(replace(problem, file=file) for problem in found)
        return NetworkFile(path)
    return NetworkFile(path, imported.net, _rows(imported.net, file), tuple(replace(note, file=file) for note in notes))


def _rows(net: pandapowerNet, file: str) -> dict[str, Rows]:
    """Buses, lines, transformers and sources as rows of the tables; what is not asked of them there is left out, so they are not validated."""
    bus = net.bus.name.to_dict()

    def placed(noun: str, model: type[Row], **columns: Any) -> Placed:
        return Placed(model.model_construct(**columns), Node({}, file), f"{noun}.{columns['name']}")

    rows: dict[str, list[Placed]] = {
        "buses": [
            placed("buses", BusRow, name=row.name, site=row.zone, voltage_kv=row.vn_kv, label=row.label, min_vm_pu=row.min_vm_pu, max_vm_pu=row.max_vm_pu)
            for row in net.bus.itertuples(index=False)
        ],
        "lines": [
            placed(
                "lines",
                LineRow,
                name=row.name,
                from_bus=bus[row.from_bus],
                to_bus=bus[row.to_bus],
                type=row.std_type,
                length_km=row.length_km,
                asset=row.asset or None,
            )
            for row in net.line.itertuples(index=False)
        ],
        "transformers": [
            placed("transformers", TransformerRow, name=row.name, hv_bus=bus[row.hv_bus], lv_bus=bus[row.lv_bus], type=row.std_type)
            for table in ("trafo", "trafo3w")
            for row in net[table].itertuples(index=False)
        ],
        "sources": [
            placed("sources", SourceRow, name=row.name, bus=bus[row.bus], vm_pu=row.vm_pu, asset=row.asset or None)
            for row in net.ext_grid.itertuples(index=False)
        ],
    }
    return {noun: Rows(tuple(found), file=file) for noun, found in rows.items()}


def hang_in_service(file: NetworkFile, connections: list[Placed]) -> Iterator[Problem]:
    """Nothing hangs at a bus that is out of service."""
    if file.net is None:
        return
    off = set(file.net.bus["name"][~file.net.bus.in_service.to_numpy(dtype=bool)])
    for placed in connections:
        if placed.row.bus in off:
            yield placed.problem("bus", f"'{placed.row.bus}' is out of service in {file.path.name}", "name another bus, or set it in service there")
