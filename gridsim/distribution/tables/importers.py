"""Networks from elsewhere: pandapower JSON, MATPOWER cases, SimBench grids."""

from __future__ import annotations

import json
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gridsim.distribution.tables.matpower import read_matpower, refused
from gridsim.errors import DefinitionError, Problem
from gridsim.park.files import shown

if TYPE_CHECKING:
    from pandapower.auxiliary import pandapowerNet


@dataclass(frozen=True)
class Imported:
    """A network, and what of it cannot be represented."""

    net: pandapowerNet
    left_out: tuple[str, ...]
    """One line for each type of element: its name, how many there are, and why."""


def elements_left_out(net: pandapowerNet) -> tuple[str, ...]:
    """Name each type of element in service that cannot be represented, with how many there are.

    Examples
    --------
    >>> import pandapower
    >>> elements_left_out(pandapower.create_empty_network())
    ()
    """
    from gridsim.distribution.powerflow.checks import REFUSED

    found = []
    for kind, reason in REFUSED.items():
        table = net.get(kind)
        if table is None or not len(table):
            continue
        count = int(table.in_service.sum()) if "in_service" in table else len(table)
        if count:
            found.append(f"{kind} ({count}): {reason}")
    controllers = net.get("controller")
    if controllers is not None and len(controllers):
        found.append(f"controller ({len(controllers)}): control loops; give tap rules and reactive rules in tables instead")
    return tuple(found)


def from_pandapower_json(path: Path) -> Imported:
    """Read a network that ``pandapower.to_json`` wrote.

    Raises
    ------
    DefinitionError
        Where there is no such file, or something else is in it.
    """
    import pandapower

    text = _text(path)
    try:
        net = pandapower.from_json_string(text)
    except (json.JSONDecodeError, AttributeError, KeyError, TypeError, ValueError, UserWarning) as error:
        raise refused(path, f"is not a pandapower network ({type(error).__name__})", "write it with pandapower.to_json") from None
    if not isinstance(net, pandapower.auxiliary.pandapowerNet):
        raise refused(path, "is JSON, but not a pandapower network", "write it with pandapower.to_json")
    return Imported(net, elements_left_out(net))


def from_matpower(path: Path, frequency_hz: float = 50.0) -> Imported:
    """Read a MATPOWER case, ``.m`` or ``.mat``, at the frequency its line charging is meant for.

    Raises
    ------
    DefinitionError
        Where there is no such file, or no MATPOWER case is in it.
    """
    from pandapower.converter.pypower.from_ppc import from_ppc

    case = read_matpower(path)
    lines = len(case.pop("dcline", ()))
    case["bus_name"] = [str(int(number)) for number in case["bus"][:, 0]]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # pandapower 3.5.6 sets empty lists in columns of numbers
            net = from_ppc({name: case[name] for name in ("version", "baseMVA", "bus", "gen", "branch", "bus_name")}, f_hz=frequency_hz)
    except (AttributeError, IndexError, KeyError, NotImplementedError, TypeError, ValueError, UserWarning) as error:
        raise refused(path, f"pandapower cannot convert it ({type(error).__name__}: {error})", "check its matrices in MATPOWER") from None
    left_out = (f"dcline ({lines}): direct-current lines of a MATPOWER case",) if lines else ()
    return Imported(net, (*left_out, *elements_left_out(net)))


def from_simbench(code: str) -> Imported:
    """Return a SimBench grid, such as ``1-MV-rural--0-sw``.

    Raises
    ------
    DefinitionError
        Where the package simbench is not installed, or has no such grid.
    """
    try:
        import simbench
    except ImportError:
        raise DefinitionError("SimBench", [Problem("", "the package simbench is not installed", "install simbench", code)]) from None
    known = simbench.collect_all_simbench_codes()
    if code not in known:
        from gridsim.errors import did_you_mean

        raise DefinitionError("SimBench", [Problem("", "is not a SimBench code", did_you_mean(code, known), code)])
    net = simbench.get_simbench_net(code)
    return Imported(net, elements_left_out(net))


def import_network(source: str) -> Imported:
    """Read a network from a file, ``.json`` of pandapower or ``.m`` or ``.mat`` of MATPOWER, or by its SimBench code.

    Raises
    ------
    DefinitionError
        Where it cannot be read.
    """
    path = Path(source)
    if path.suffix == ".json":
        return from_pandapower_json(path)
    return from_matpower(path) if path.suffix in {".m", ".mat"} else from_simbench(source)


def save_network(imported: Imported, folder: Path) -> Path:
    """Write a network as ``network.json`` into a park's folder ``distribution``, whole or not at all; return the file.

    Buses without a name are called ``bus <row>``, and a name that several have gets that behind it. Where there is no ``connections.csv``, one with its header
    alone is written for the user to fill.

    Raises
    ------
    DefinitionError
        Where the folder holds a network already.
    """
    import copy

    import pandapower

    from gridsim.distribution.tables.network_file import INSTEAD_OF, STEM, network_files
    from gridsim.distribution.tables.network_use import name_all
    from gridsim.distribution.tables.rows import ConnectionRow, Row

    present = [*network_files(folder), *(path for name in INSTEAD_OF if (path := folder / name).exists())]
    if present:
        remedy = "remove what is to be replaced, or save into another folder"
        raise DefinitionError(shown(folder), [Problem("", "is there already and belongs to a network", remedy, shown(path)) for path in present])
    net = copy.deepcopy(imported.net)
    name_all(net)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{STEM}.json"
    passing = folder / f".{path.name}.part"
    passing.write_text(pandapower.to_json(net), encoding="utf-8")
    passing.replace(path)
    connections = folder / "connections.csv"
    if not connections.exists():
        columns = [name for name in ConnectionRow.model_fields if name not in Row.model_fields]
        connections.write_text(",".join([*columns, *Row.model_fields]) + "\n", encoding="utf-8")
    return path


def _text(path: Path) -> str:
    from gridsim.park.files import read_text

    problems: list[Problem] = []
    text = read_text(path, shown(path), problems)
    if text is None:
        raise DefinitionError(shown(path), problems)
    return text
