"""One measure of the reinforcement menu, and a network in which measures are carried out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.distribution.feasibility import Feasibility, confirmed, sample_hours
from gridsim.distribution.injections import connect
from gridsim.distribution.network import Network
from gridsim.distribution.powerflow.prepare import prepare
from gridsim.distribution.powerflow.solve import solve
from gridsim.distribution.tables.to_pandapower import to_pandapower
from gridsim.distribution.violations import find_violations

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from gridsim.distribution.injections import Connected
    from gridsim.distribution.reinforcement_costs import Price
    from gridsim.distribution.tables.distribution import Distribution

Rows = dict[str, dict[str, Any]]
"""Table of a `Distribution` (lines, transformers, shunts, compensators, line_types, transformer_types) → name → row."""


@dataclass(frozen=True, eq=False)
class BatteryPlan:
    """A battery at a bus and what it does at each hour. T hours."""

    bus: str
    power_mw: float
    energy_mwh: float
    """Between empty and full. [MWh]"""
    supply_mw: NDArray[np.float64]
    """Negative where it charges. Shape (T,). [MW]"""


@dataclass(frozen=True, eq=False)
class Option:
    """Something that can be built or set."""

    name: str
    kind: str
    """parallel line, larger line, parallel transformer, larger transformer, tap, capacitor, reactor, var generator or battery."""
    element: str
    """Line, transformer or bus that it changes."""
    words: str
    price: Price
    rows: Rows = field(default_factory=dict)
    """Rows of the tables that it changes or adds."""
    battery: BatteryPlan | None = None

    @property
    def touches(self) -> frozenset[str]:
        """What it changes; two options that touch the same cannot both be taken."""
        tables = {"shunts": "reactive", "compensators": "reactive"}
        places = {f"{tables.get(table, table)}.{self._place(row)}" for table, rows in self.rows.items() if not table.endswith("types") for row in rows.values()}
        return frozenset(places | ({f"battery.{self.battery.bus}"} if self.battery else set()))

    @staticmethod
    def _place(row: Any) -> str:
        return row.bus if hasattr(row, "bus") else row.name


def conflicts(options: list[Option]) -> list[tuple[int, int]]:
    """Pairs of options that exclude each other."""
    touches = [option.touches for option in options]
    return [(one, other) for one, other in combinations(range(len(options)), 2) if touches[one] & touches[other]]


def changed(tables: Distribution, options: Iterable[Option]) -> Distribution:
    """Return tables in which options are carried out; elements stay in their order, new ones come last."""
    result: dict[str, Any] = {}
    for option in options:
        for table, rows in option.rows.items():
            result[table] = {**result.get(table, getattr(tables, table)), **rows}
    return replace(tables, **result)


def reinforced(network: Network, options: Iterable[Option]) -> Network:
    """Build a network again with options carried out; its limits stay, since no option adds a bus or a branch of its own."""
    tables = changed(network.tables, options)
    net = to_pandapower(tables)
    return Network(tables, net, prepare(net), network.limits)


def with_batteries(connected: Connected, network: Network, options: Iterable[Option]) -> Connected:
    """Hang the batteries of options beside a dispatch, as assets of their own that no component of it moves."""
    plans = [option.battery for option in options if option.battery is not None]
    if not plans:
        return connected
    names = [f"reinforcement at {plan.bus}" for plan in plans]
    first = len(connected.assets)
    return replace(
        connected,
        assets=(*connected.assets, *names),
        supply_mw=np.column_stack([connected.supply_mw, *(plan.supply_mw for plan in plans)]),
        supply_of={**connected.supply_of, **{name: [] for name in names}},
        asset=np.concatenate([connected.asset, np.arange(first, first + len(plans))]),
        bus=np.concatenate([connected.bus, [network.wires.bus(plan.bus) for plan in plans]]),
        share=np.concatenate([connected.share, np.ones(len(plans))]),
    )


def check_with(checked: Feasibility, options: Iterable[Option]) -> Feasibility:
    """Check the same dispatch over all its hours in the network with options carried out, a sample by pandapower."""
    options = tuple(options)
    dispatch, network = checked.dispatch, reinforced(checked.network, options)
    connected = with_batteries(connect(dispatch, network), network, options)
    flow = solve(network.wires, connected.injections, rules=connected.rules, enforce_q_limits=True)
    found = find_violations(network.wires, connected.injections, flow, network.limits, dispatch.time.step_hours)
    return Feasibility(dispatch, network, connected, flow, found, confirmed(network, connected, flow, sample_hours(flow, network.limits.loading)))
