"""What a planner asks of a network once its hours are known: what may fail, what breakers must break, what more it can take, what to build."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from gridsim.distribution.injections import rated
from gridsim.distribution.powerflow.solve import solve

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

    from gridsim.distribution.feasibility import Feasibility
    from gridsim.distribution.loop import Coupled

NetworkStudy = Literal["n_1", "short_circuit", "hosting", "reinforcement"]

CONVERTERS = ("wind", "solar", "battery")
"""Technologies that feed in through converters."""

RATED_POWER_FACTOR = 0.95
"""Of converters: rated MVA from rated MW (assumed)."""


@dataclass(frozen=True, eq=False)
class StudyResult:
    """What one study found."""

    table: pd.DataFrame
    words: tuple[str, ...] = ()
    """What the table does not say: how far it reaches, what is left."""


def network_studies(
    checked: Feasibility,
    wanted: Sequence[NetworkStudy],
    coupled: Coupled | None = None,
    *,
    hosting_buses: Sequence[str] | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> dict[str, StudyResult]:
    """Carry out studies; reinforcement is asked of the dispatch that did not know the wires, and set against the one that does.

    Parameters
    ----------
    hosting_buses : sequence of str, optional
        Buses whose hosting capacity is wanted; all by default.
    """
    for_hosting = None if hosting_buses is None else tuple(hosting_buses)
    found = {}
    for study in wanted:
        if progress is not None:
            progress(study.replace("_", " "), 0.0)
        found[study] = _hosting(checked, for_hosting) if study == "hosting" else STUDIES[study](checked, coupled)
    return found


def _n_1(checked: Feasibility, coupled: Coupled | None) -> StudyResult:
    from gridsim.distribution.contingency import n_minus_1

    network, connected = checked.network, checked.connected
    # with every machine holding its voltage: what an outage asks of machines beyond their limits is a finding of its own
    flow = solve(network.wires, connected.injections, rules=connected.rules)
    found = n_minus_1(network.net, network.wires, connected.injections, flow, rules=connected.rules)
    words = [f"{len(found.hours)} critical hours of {flow.hours} steps were judged"]
    words += [f"not tried: {name} ({why})" for name, why in found.skipped.items()]
    return StudyResult(found.table(), tuple(words))


def converter_mva(checked: Feasibility) -> dict[str, float]:
    """Rated power of the converters at each bus. [MVA]"""
    draft, connected = checked.dispatch.draft, checked.connected
    found: dict[str, float] = {}
    for place in checked.network.tables.connections:
        technology = draft.park.technologies.get(place.asset)
        if technology is not None and technology.type in CONVERTERS:
            mva = place.share * rated(draft, connected.supply_of[place.asset]) / RATED_POWER_FACTOR
            found[place.bus] = found.get(place.bus, 0.0) + mva
    return found


def _short_circuit(checked: Feasibility, coupled: Coupled | None) -> StudyResult:
    from gridsim.distribution.short_circuit import short_circuits_of, table

    return StudyResult(table(short_circuits_of(checked.network.tables, converter_mva(checked))))


def _hosting(checked: Feasibility, buses: tuple[str, ...] | None) -> StudyResult:
    from gridsim.distribution.hosting_park import hosting_of_park

    words = () if buses is None else (f"asked of {len(buses)} of {checked.network.wires.buses} buses",)
    return StudyResult(hosting_of_park(checked, buses=buses), words)


def _reinforcement(checked: Feasibility, coupled: Coupled | None) -> StudyResult:
    from gridsim.distribution.reinforcement import against_dispatch, reinforce

    asked = checked if coupled is None else coupled.before
    found = reinforce(asked)
    if asked.feasible:
        return StudyResult(found.table(), ("nothing is beyond its limit, so that there is nothing to build",))
    words = [found.quality]
    words += [f"left: {rest.kind.replace('_', ' ')} {rest.element}".rstrip() + f", {rest.hours:,.0f} h; {rest.why}" for rest in found.remaining]
    if coupled is not None:
        words.append(against_dispatch(found, coupled).words)
    return StudyResult(found.table(), tuple(words))


STUDIES: dict[NetworkStudy, Callable[[Feasibility, Coupled | None], StudyResult]] = {
    "n_1": _n_1,
    "short_circuit": _short_circuit,
    "reinforcement": _reinforcement,
}
