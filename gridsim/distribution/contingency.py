"""N-1: what happens when one line or transformer fails, in the critical hours of a year.

Each line and each transformer that is in service fails alone, in every judged hour. A row with units in parallel loses one of them: its admittance and its
rating fall to those of the units that are left. What the reader should know:

* Hours are chosen by `critical_hours` of `gridsim.distribution.contingency_hours`, which says why and what it can miss; ``hours="all"`` judges every hour.
* It is the state right after the failure: tap changers stay where they stood in the intact hour (they need half a minute and more a step), fixed and
  voltage-dependent reactive power follows its rules, the dispatch stays, and the public grid makes up for what is lost.
* A failure that leaves buses without supply takes them out with their load and infeed: a finding, not an error; the rest is judged without them.
* Generators hold their voltage without regard to their reactive limits; beyond them is a finding of its own.
* What the intact network breaks already is not held against the outage: only values that the outage makes worse count.
* Busbars, breakers, generators, compensators and the public grid do not fail.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from gridsim.distribution.contingency_flow import IntactHours, intact_hours, solve_outage
from gridsim.distribution.contingency_hours import critical_hours
from gridsim.distribution.network import loading_limits
from gridsim.distribution.powerflow.branches import size
from gridsim.distribution.powerflow.rules import apply_power_factors, check_rules, node_curves
from gridsim.distribution.powerflow.solve import node_supply
from gridsim.errors import DefinitionError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd
    from numpy.typing import NDArray
    from pandapower.auxiliary import pandapowerNet

    from gridsim.distribution.contingency_flow import OutageFlow
    from gridsim.distribution.powerflow.rules import Rule
    from gridsim.distribution.powerflow.wires import Injections, Wires, YearFlow

SWITCH_LETTER = {"line": "l", "trafo": "t", "trafo3w": "t3"}
"""Tables whose rows can fail, and how pandapower's switches call them."""

WORSE = {"loading": 1e-3, "voltage": 1e-4}
"""By how much an outage must worsen a value before it is held against it (judged). [1] and [p.u.]"""

WORSE_REACTIVE = 0.02
"""The same for the reactive power of generators, over the range of their limits (judged). [1]"""


@dataclass(frozen=True)
class Worst:
    """The worst value that an outage causes, of one kind."""

    element: str
    hour: int
    """Of the year that was given."""
    value: float
    limit: float
    before: float
    """The same in the intact network."""


@dataclass(frozen=True)
class Outage:
    """What the failure of one element does."""

    element: str
    table: str
    """line, trafo or trafo3w."""
    units_left: int
    """In parallel; 0 where the element had one unit."""
    islanded: tuple[str, ...]
    """Buses without supply."""
    lost_load_mw: float
    """Largest draw of those buses in any hour of the year. [MW]"""
    lost_infeed_mw: float
    """Largest supply of those buses in any hour of the year. [MW]"""
    hours_without_solution: tuple[int, ...]
    """Judged hours that the network cannot carry any more."""
    loading: Worst | None
    """Largest loading over its limit, as a ratio; nothing where all branches hold. [1]"""
    overloaded: tuple[str, ...]
    """Branches beyond their limit in some hour."""
    voltage_low: Worst | None
    """Furthest below its band. [p.u.]"""
    voltage_high: Worst | None
    """Furthest above its band. [p.u.]"""
    reactive_excess_mvar: float
    """Furthest beyond the reactive limits of the generators at a bus; 0 where they hold. [Mvar]"""

    @property
    def holds(self) -> bool:
        """Whether nothing is lost and nothing is broken."""
        broken = self.loading or self.voltage_low or self.voltage_high
        return not (self.islanded or self.hours_without_solution or broken or self.reactive_excess_mvar)


@dataclass(frozen=True, eq=False)
class Contingencies:
    """All outages, in the order of the tables."""

    outages: tuple[Outage, ...]
    hours: NDArray[np.int64]
    """Hours that were judged. Shape (H,)."""
    skipped: dict[str, str]
    """Elements that were not tried, and why."""

    def table(self) -> pd.DataFrame:
        """One row an outage."""
        import pandas as pd

        return pd.DataFrame([_row(outage) for outage in self.outages])


def n_minus_1(
    net: pandapowerNet,
    wires: Wires,
    injections: Injections,
    flow: YearFlow,
    *,
    rules: Sequence[Rule] = (),
    hours: Sequence[int] | Literal["critical", "all"] = "critical",
    loading_limit: NDArray[np.float64] | None = None,
    vm_min_pu: NDArray[np.float64] | None = None,
    vm_max_pu: NDArray[np.float64] | None = None,
) -> Contingencies:
    """Let each line and transformer fail alone.

    Parameters
    ----------
    net : pandapowerNet
        What the wires were prepared from: says which rows have units in parallel and which have an open switch.
    flow : YearFlow
        The intact network, as `solve` returned it for these injections and rules, without reactive limits.
    rules : sequence
        Those the flow was solved with; tap controls do not act here.
    hours : sequence of int, "critical" or "all"
        Hours to judge; those without a solution in the intact network are left out.
    loading_limit : array, shape (B,), optional
        Largest loading of each branch with one element out; left out, the column ``max_loading_percent_n_1`` of the network's tables, and 1 without one. [1]
    vm_min_pu, vm_max_pu : array, shape (N,), optional
        Voltage band; left out, that of the wires. [p.u.]
    """
    rules = tuple(rules)
    check_rules(wires, rules)
    limit = loading_limits(net, wires, "max_loading_percent_n_1") if loading_limit is None else np.asarray(loading_limit, dtype=float)
    band = [
        np.asarray(given, dtype=float) for given in (wires.vm_min_pu if vm_min_pu is None else vm_min_pu, wires.vm_max_pu if vm_max_pu is None else vm_max_pu)
    ]
    _check_shapes(wires, limit, band)
    candidates, skipped = _candidates(net, wires)
    singles = [(int(branches[0]), (units - 1) / units) for _, _, branches, units in candidates if branches.size == 1]
    chosen = _hours(flow, hours, lambda: critical_hours(wires, injections, flow, singles, limit))
    q_mvar = apply_power_factors(wires, injections.q_mvar, rules)[chosen]
    intact = intact_hours(wires, node_supply(wires, injections.p_mw[chosen], q_mvar), node_curves(wires, rules), flow.tap_position[chosen])
    judge = _Judge(wires, injections, flow, chosen, limit, band[0], band[1], intact)
    outages = tuple(judge.outage(*candidate) for candidate in candidates) if chosen.size else ()
    return Contingencies(outages, chosen, skipped)


def _hours(flow: YearFlow, hours: Sequence[int] | str, critical: Callable[[], NDArray[np.int64]]) -> NDArray[np.int64]:
    if isinstance(hours, str):
        if hours == "critical":
            return critical()
        if hours != "all":
            raise DefinitionError("the outages", [Problem("hours", f"'{hours}'", "give critical, all, or numbers of hours")])
        hours = range(flow.hours)
    chosen = np.unique(np.asarray(hours, dtype=np.int64))
    if chosen.size and not 0 <= chosen[0] <= chosen[-1] < flow.hours:
        raise DefinitionError("the outages", [Problem("hours", f"{chosen[0]} to {chosen[-1]}", f"the flow has the hours 0 to {flow.hours - 1}")])
    return chosen[flow.converged[chosen]]


def _check_shapes(wires: Wires, limit: NDArray, band: list[NDArray]) -> None:
    shapes = (("loading_limit", limit, wires.branches, "branch"), ("vm_min_pu", band[0], wires.buses, "bus"), ("vm_max_pu", band[1], wires.buses, "bus"))
    problems = [Problem(name, f"shape {values.shape}", f"one value a {noun}: {count}") for name, values, count, noun in shapes if values.shape != (count,)]
    if problems:
        raise DefinitionError("the outages", problems)


Candidate = tuple[str, str, "NDArray[np.int64]", int]


def _candidates(net: pandapowerNet, wires: Wires) -> tuple[list[Candidate], dict[str, str]]:
    """Name, table, branches and units in parallel of each element that may fail; the others with the reason."""
    table = np.array(wires.branch_table, dtype=object)
    switches = net.switch[~net.switch.closed.astype(bool)]
    found: list[Candidate] = []
    skipped: dict[str, str] = {}
    for kind, letter in SWITCH_LETTER.items():
        opened = set(switches.element[switches.et == letter])
        parallel = net[kind]["parallel"] if "parallel" in net[kind] else None
        for row in net[kind].index:
            branches = np.flatnonzero((table == kind) & (wires.branch_index == row))
            name = wires.branch_names[branches[0]].removesuffix(" (hv)")
            if row in opened:
                skipped[name] = "a switch of it is open"
            elif (wires.branch_from[branches] < 0).all():
                skipped[name] = "out of service"
            else:
                found.append((name, kind, branches, 1 if parallel is None else int(parallel.at[row])))
    return found, skipped


@dataclass(frozen=True, eq=False)
class _Judge:
    wires: Wires
    injections: Injections
    flow: YearFlow
    hours: NDArray[np.int64]
    limit: NDArray[np.float64]
    vm_min_pu: NDArray[np.float64]
    vm_max_pu: NDArray[np.float64]
    intact: IntactHours

    def outage(self, name: str, table: str, branches: NDArray[np.int64], units: int) -> Outage:
        wires, hours = self.wires, self.hours
        after = solve_outage(self.intact, branches, (units - 1) / units)
        on = wires.bus_node >= 0
        vm_pu = np.full((hours.size, wires.buses), np.nan)
        vm_pu[:, on] = size(after.voltage[wires.bus_node[on]]).T
        gone = np.flatnonzero(on & after.islanded[np.maximum(wires.bus_node, 0)])
        lost = self.injections.p_mw[:, gone]
        before_vm, before_loading = self.flow.vm_pu[hours], self.flow.loading[hours]
        with np.errstate(invalid="ignore"):
            beyond = (after.loading > self.limit) & (after.loading > before_loading + WORSE["loading"])
            low = (vm_pu < self.vm_min_pu) & (vm_pu < before_vm - WORSE["voltage"])
            high = (vm_pu > self.vm_max_pu) & (vm_pu > before_vm + WORSE["voltage"])
        return Outage(
            element=name,
            table=table,
            units_left=units - 1,
            islanded=tuple(wires.bus_names[bus] for bus in gone),
            lost_load_mw=float(np.where(lost < 0.0, -lost, 0.0).sum(axis=1).max(initial=0.0)),
            lost_infeed_mw=float(np.where(lost > 0.0, lost, 0.0).sum(axis=1).max(initial=0.0)),
            hours_without_solution=tuple(int(hour) for hour in hours[~after.converged]),
            loading=self._worst(beyond, after.loading / self.limit, after.loading, self.limit, before_loading, wires.branch_names),
            overloaded=tuple(wires.branch_names[branch] for branch in np.flatnonzero(beyond.any(axis=0))),
            voltage_low=self._worst(low, self.vm_min_pu - vm_pu, vm_pu, self.vm_min_pu, before_vm, wires.bus_names),
            voltage_high=self._worst(high, vm_pu - self.vm_max_pu, vm_pu, self.vm_max_pu, before_vm, wires.bus_names),
            reactive_excess_mvar=self._reactive_excess(after),
        )

    def _worst(self, mask: NDArray, badness: NDArray, value: NDArray, limit: NDArray, before: NDArray, names: tuple[str, ...]) -> Worst | None:
        if not mask.any():
            return None
        hour, element = np.unravel_index(np.argmax(np.where(mask, badness, -np.inf)), mask.shape)
        return Worst(names[element], int(self.hours[hour]), float(value[hour, element]), float(limit[element]), float(before[hour, element]))

    def _reactive_excess(self, after: OutageFlow) -> float:
        """Furthest that the generators at a node go beyond their limits and further than in the intact hour. [Mvar]"""
        wires, before = self.wires, self.flow.controlled_q_mvar[self.hours]
        given = after.controlled_q_mvar
        excess, earlier = (np.maximum(q - wires.controlled_q_max_mvar, wires.controlled_q_min_mvar - q) for q in (given, before))
        step = WORSE_REACTIVE * (wires.controlled_q_max_mvar - wires.controlled_q_min_mvar)
        with np.errstate(invalid="ignore"):
            worse = (excess > 0.0) & (excess > earlier + step)
        return float(excess[worse].max(initial=0.0))


def _row(outage: Outage) -> dict[str, Any]:
    row: dict[str, Any] = {
        "element": outage.element,
        "table": outage.table,
        "units_left": outage.units_left,
        "holds": outage.holds,
        "islanded_buses": ", ".join(outage.islanded),
        "lost_load_mw": outage.lost_load_mw,
        "lost_infeed_mw": outage.lost_infeed_mw,
        "hours_without_solution": len(outage.hours_without_solution),
        "overloaded_branches": len(outage.overloaded),
        "reactive_excess_mvar": outage.reactive_excess_mvar,
    }
    for kind in ("loading", "voltage_low", "voltage_high"):
        worst: Worst | None = getattr(outage, kind)
        for column in ("element", "hour", "value", "limit", "before"):
            row[f"{kind}_{column}"] = None if worst is None else getattr(worst, column)
    return row
