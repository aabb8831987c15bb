"""What a planner asks of a network once its hours are known: what may fail, what breakers must break, what more it can take, what to build."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from gridsim.distribution.injections import rated
from gridsim.distribution.powerflow.solve import solve

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

    from gridsim.distribution.feasibility import Feasibility

NetworkStudy = Literal["n_1", "short_circuit", "hosting", "reinforcement"]

CONVERTERS = ("wind", "solar", "battery")
"""Technologies that feed in through converters."""

RATED_POWER_FACTOR = 0.95
"""Of converters: rated MVA from rated MW (assumed)."""


def network_studies(checked: Feasibility, wanted: Sequence[NetworkStudy], progress: Callable[[str, float], None] | None = None) -> dict[str, pd.DataFrame]:
    """Return the table of each study that is wanted."""
    tables = {}
    for study in wanted:
        if progress is not None:
            progress(study.replace("_", " "), 0.0)
        tables[study] = STUDIES[study](checked)
    return tables


def _n_1(checked: Feasibility) -> pd.DataFrame:
    from gridsim.distribution.contingency import n_minus_1

    network, connected = checked.network, checked.connected
    # with every machine holding its voltage: what an outage asks of machines beyond their limits is a finding of its own
    flow = solve(network.wires, connected.injections, rules=connected.rules)
    return n_minus_1(network.net, network.wires, connected.injections, flow, rules=connected.rules).table()


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


def _short_circuit(checked: Feasibility) -> pd.DataFrame:
    from gridsim.distribution.short_circuit import short_circuits_of, table

    return table(short_circuits_of(checked.network.tables, converter_mva(checked)))


def _hosting(checked: Feasibility) -> pd.DataFrame:
    from gridsim.distribution.hosting_park import hosting_of_park

    return hosting_of_park(checked)


def _reinforcement(checked: Feasibility) -> pd.DataFrame:
    from gridsim.distribution.reinforcement import reinforce

    return reinforce(checked).table()


STUDIES: dict[NetworkStudy, Callable[[Feasibility], pd.DataFrame]] = {
    "n_1": _n_1,
    "short_circuit": _short_circuit,
    "hosting": _hosting,
    "reinforcement": _reinforcement,
}
