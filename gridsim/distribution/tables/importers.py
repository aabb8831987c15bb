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
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # pandapower 3.5.6 sets empty lists in columns of numbers
            net = from_ppc({name: case[name] for name in ("version", "baseMVA", "bus", "gen", "branch")}, f_hz=frequency_hz)
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


def _text(path: Path) -> str:
    from gridsim.park.files import read_text

    problems: list[Problem] = []
    text = read_text(path, shown(path), problems)
    if text is None:
        raise DefinitionError(shown(path), problems)
    return text
