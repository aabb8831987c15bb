"""What each bus of a park's network can take, beside what a dispatch sends through it.

=============  =================================================================================================================================
kind           shape, per MW of capacity
=============  =================================================================================================================================
wind, solar    availability of the park's own at the site of the bus; at other buses, and where there is none at the site, the mean of all of it,
               weighted by capacity. Nothing of it is curtailed.
electrolyser   -1 in every hour: it may run whenever it likes. That of a dispatch would follow wind that is there already, and bind later.
battery        1 and -1 in every hour: it may discharge or charge at full power whenever it likes.
=============  =================================================================================================================================

All at a power factor of 1. All else stays as it was dispatched; the public grid takes what is added.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import numpy as np

from gridsim.distribution.hosting import hosting_capacity, store_shape
from gridsim.errors import DefinitionError, Problem, did_you_mean

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from gridsim.distribution.feasibility import Feasibility
    from gridsim.park.park import Park
    from gridsim.technologies.variable_renewable import VariableRenewable

KINDS = ("wind", "solar", "electrolyser", "battery")

WORSENING = 1e-3
"""Where the dispatch breaks limits already, only what drives them further by more than this counts [p.u., share of the rating, or MW] (judged)."""


def hosting_of_park(
    checked: Feasibility, kinds: Sequence[str] = KINDS, buses: Sequence[str] | None = None, *, share_of_hours: float = 0.0, most_mw: float = 1e4
) -> pd.DataFrame:
    """Find how much of each kind each bus of a park can take; each number stands alone, they do not add up.

    Parameters
    ----------
    checked : Feasibility
        A dispatch in its network. Where it breaks limits already, these count only where the asset worsens them.
    kinds : sequence
        Of wind, solar, electrolyser and battery.
    buses : sequence, optional
        Left out, all that are in service.
    share_of_hours, most_mw
        As of `gridsim.distribution.hosting.hosting_capacity`.

    Returns
    -------
    DataFrame
        A row for each bus and kind: ``bus``, ``kv``, ``kind``, ``capacity_mw``, and what keeps it from being larger: ``binding_element`` (empty for the grid
        connection), ``binding_kind`` (empty where nothing binds up to ``most_mw``), ``hour``, ``value`` and ``limit``, in the units of the kind.

    Raises
    ------
    DefinitionError
        With all that does not fit, such as wind in a park that has no profile of it.
    """
    import pandas as pd

    network, wires = checked.network, checked.network.wires
    names = [name for name, node in zip(wires.bus_names, wires.bus_node, strict=True) if node >= 0] if buses is None else list(buses)
    park, steps = checked.dispatch.draft.park, checked.dispatch.time.steps
    problems = list(_problems(park, kinds, names, wires.bus_names))
    if problems:
        raise DefinitionError("the hosting study", problems)
    site = dict(zip(wires.bus_names, network.net.bus["zone"], strict=True))
    rows = []
    for kind in kinds:
        for shape, members in _shapes(park, kind, names, site, steps):
            found = hosting_capacity(
                wires,
                checked.connected.injections,
                members,
                shape,
                rules=checked.connected.rules,
                limits=network.limits,
                share_of_hours=share_of_hours,
                worsening=None if checked.feasible else WORSENING,
                most_mw=most_mw,
                enforce_q_limits=True,
                base=checked.flow,
            )
            for one in found:
                row = {"bus": one.bus, "kv": float(wires.bus_kv[wires.bus(one.bus)]), "kind": kind, "capacity_mw": one.capacity_mw}
                binding = one.binding
                row |= {"binding_element": binding.element if binding else "", "binding_kind": binding.kind if binding else ""}
                row |= {"hour": binding.hour if binding else -1, "value": binding.value if binding else np.nan, "limit": binding.limit if binding else np.nan}
                rows.append(row)
    table = pd.DataFrame(rows, columns=["bus", "kv", "kind", "capacity_mw", "binding_element", "binding_kind", "hour", "value", "limit"])
    place = {name: number for number, name in enumerate(names)}
    return table.sort_values(["bus", "kind"], key=lambda column: column.map(place if column.name == "bus" else list(kinds).index)).reset_index(drop=True)


def _problems(park: Park, kinds: Sequence[str], names: Sequence[str], known: Sequence[str]) -> list[Problem]:
    found = [Problem("kinds", f"'{kind}' is not a kind of asset", did_you_mean(kind, KINDS)) for kind in kinds if kind not in KINDS]
    for kind in ("wind", "solar"):
        if kind in kinds and not _of_kind(park, kind):
            found.append(Problem("kinds", f"the park has no {kind} whose profile could be taken", f"leave {kind} out, or call hosting_capacity with a shape"))
    return found + [Problem("buses", f"'{name}' is not a bus of the network", did_you_mean(name, known)) for name in names if name not in known]


def _of_kind(park: Park, kind: str) -> list[VariableRenewable]:
    units = cast("list[VariableRenewable]", [technology for technology in park.technologies.values() if technology.type == kind])
    return [unit for unit in units if unit.capacity_mw > 0.0]


def _shapes(park: Park, kind: str, names: Sequence[str], site: dict[str, str | None], steps: int) -> list[tuple[NDArray[np.float64], list[str]]]:
    """Return each shape of a kind with the buses that take it."""
    if kind == "battery":
        return [(store_shape(steps), list(names))]
    if kind == "electrolyser":
        return [(-np.ones(steps), list(names))]
    everything = _of_kind(park, kind)
    own: dict[str | None, list[VariableRenewable]] = {}
    for unit in everything:
        own.setdefault(park.buses[unit.bus].site, []).append(unit)
    own[None] = everything
    groups: dict[str | None, list[str]] = {}
    for name in names:
        groups.setdefault(site[name] if site[name] in own else None, []).append(name)
    return [(_mean_profile(park, own[place]), members) for place, members in groups.items()]


def _mean_profile(park: Park, units: Sequence[VariableRenewable]) -> NDArray[np.float64]:
    """Availability of a fleet per MW of it. Shape (T,)."""
    total = sum(unit.capacity_mw for unit in units)
    return np.sum([unit.capacity_mw / total * unit.profile_scale * park.profiles[unit.profile] for unit in units], axis=0)
