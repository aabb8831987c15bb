"""States of calls in the wires: a power flow of each, and cuts at the worst of each step.

States of many calls are put in one row, by step, each step after what the dispatch itself does in it, so that tap changers come from where they were. A cut is
a tangent of what bends: it is taken where an element is farthest beyond its limit, or nearest to it, of all states of a step, and at few others where that
tangent says too little.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gridsim.dispatch.result import Dispatch
from gridsim.distribution.cuts import MARGIN_LOADING, MARGIN_VOLTAGE_PU, NEAR_LOADING, NEAR_VOLTAGE_PU, make_cuts
from gridsim.distribution.feasibility import Feasibility
from gridsim.distribution.injections import hang
from gridsim.distribution.powerflow.solve import solve
from gridsim.distribution.violations import KINDS, NetworkLimits, find_violations
from gridsim.technologies.draft import SnapshotLimits

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.distribution.cuts import Element
    from gridsim.distribution.violations import Violations
    from gridsim.profiles.time_axis import TimeAxis

BUS_STATES = 4_000_000
"""States times buses that are solved at once: some hundreds of megabytes."""

AIM, INNER = 2.0, 1.2
"""How far inside a limit cuts aim, and how far states must be, in margins of `gridsim.distribution.cuts` (judged)."""

MOST_CANDIDATES = 8
"""States of a step at which an element may be cut (judged)."""

MOST_CUTS, SHORT_MW = 3, 0.01
"""Of these so many are cut at most, and only where the others say too little by more than this (judged)."""


@dataclass(frozen=True, eq=False)
class _Row(Dispatch):
    """States as if they came after another."""

    axis: TimeAxis | None = None

    @property
    def time(self) -> TimeAxis:
        """One step a state."""
        assert self.axis is not None
        return self.axis


class Found(NamedTuple):
    """What power flows say of states. B rows that are beyond a limit."""

    state: NDArray[np.int64]
    """State of each row. Shape (B,)."""
    element: list[Element]
    """Its element. B of them."""
    candidates: NDArray[np.int64]
    """States at which to cut elements that were ever beyond their limit."""


class Carrier:
    """A network that carries what is done around a dispatch: ``year`` is that dispatch in it, of which a sample is confirmed by pandapower."""

    def __init__(self, year: Feasibility) -> None:
        self.year, self.dispatch, self.network, self.connected = year, year.dispatch, year.network, year.connected
        components = self.dispatch.draft.components
        self.hanging = [name for parts in self.connected.supply_of.values() for name, _ in parts]
        self.flows = tuple(name for name in self.hanging if components[name].kind != "Load")
        """Flows that hang in the network and may change. M of them."""
        limits = self.network.limits
        self.inner = NetworkLimits(
            vm_min_pu=limits.vm_min_pu + INNER * MARGIN_VOLTAGE_PU,
            vm_max_pu=limits.vm_max_pu - INNER * MARGIN_VOLTAGE_PU,
            loading=limits.loading * (1.0 - INNER * MARGIN_LOADING),
            import_mw=limits.import_mw * (1.0 - INNER * MARGIN_LOADING),
            export_mw=limits.export_mw * (1.0 - INNER * MARGIN_LOADING),
        )
        """Limits that calls must keep: so far inside the network's own that a dispatch which is cut by its own rounds can give them."""
        self.watched: set[Element] = set()
        self.cut: set[tuple[int, int, int, bool]] = set()
        """Steps, elements and directions that have a cut."""

    def look(self, step: NDArray[np.int64], change: NDArray[np.float64]) -> Found:
        """Solve the power flow of states: what the dispatch does in a step, shape (N,), with changed flows, shape (N, M)."""
        order = np.argsort(step, kind="stable")
        most = max(1, BUS_STATES // self.network.wires.buses)
        beyond: list[NDArray[np.int64]] = []
        elements: list[Element] = []
        states = []
        for part in np.array_split(order, max(1, -(-order.size // most))):
            checked, at = self._checked(step[part], change[part])
            found, counts = self._beyond(checked, at, step[part])
            beyond.append(part[at[found.hour[counts]]])
            new = list(zip(found.kind[counts].tolist(), found.element[counts].tolist(), strict=True))
            elements += new
            self.watched |= set(new)
            states.append((part, checked, at))
        candidates = [self._candidates(part, checked, at, step) for part, checked, at in states]
        return Found(np.concatenate(beyond), elements, np.unique(np.concatenate(candidates)))

    def _checked(self, step: NDArray[np.int64], change: NDArray[np.float64]) -> tuple[Feasibility, NDArray[np.int64]]:
        """Carry states in the order of their steps, among what the dispatch does; also return which state each row is, −1 for the dispatch's own."""
        steps = _all_steps(step)
        row_step, at = np.concatenate([steps, step]), np.concatenate([np.full(steps.size, -1), np.arange(step.size)])
        order = np.argsort(row_step, kind="stable")
        row_step, at = row_step[order], at[order]
        own = np.flatnonzero(at >= 0)
        flows = {name: self.dispatch.flows[name][row_step] for name in self.hanging}
        for column, name in enumerate(self.flows):
            flows[name][own] += change[at[own], column]
        supply_of = {
            asset: [(name, factor if np.ndim(factor) == 0 else np.asarray(factor)[row_step]) for name, factor in parts]
            for asset, parts in self.connected.supply_of.items()
        }
        zero = np.zeros(row_step.size)
        supply = np.column_stack([sum((factor * flows[name] for name, factor in parts), start=zero) for parts in supply_of.values()])
        draft, network = self.dispatch.draft, self.network
        connected = dataclasses.replace(hang(draft, network, self.connected.supply_of, supply), supply_of=supply_of)
        fields = {field.name: getattr(self.dispatch, field.name) for field in dataclasses.fields(Dispatch)}
        row = _Row(**{**fields, "flows": flows}, axis=dataclasses.replace(self.dispatch.time, steps=row_step.size))
        flow = solve(network.wires, connected.injections, rules=connected.rules, enforce_q_limits=True)
        violations = find_violations(network.wires, connected.injections, flow, network.limits, row.time.step_hours)
        return Feasibility(row, network, connected, flow, violations, self.year.difference), at

    def _beyond(self, checked: Feasibility, at: NDArray[np.int64], step: NDArray[np.int64]) -> tuple[Violations, NDArray[np.int64]]:
        """Return where rows leave the limits less a margin, and which count: not where the dispatch itself is that near and the limit holds."""
        network, hours = checked.network, checked.dispatch.time.step_hours
        found = find_violations(network.wires, checked.connected.injections, checked.flow, self.inner, hours)
        own = at >= 0
        row_step = np.empty(at.size, dtype=np.int64)
        row_step[own], row_step[~own] = step[at[own]], _all_steps(step)
        width = max(network.wires.buses, network.wires.branches)
        element = found.kind * width + found.element
        at_step = row_step[found.hour] * width * len(KINDS) + element
        real = checked.violations
        outside = np.isin(found.hour * width * len(KINDS) + element, (real.hour * len(KINDS) + real.kind) * width + real.element)
        of_dispatch = np.isin(at_step, at_step[~own[found.hour]])
        return found, np.flatnonzero(own[found.hour] & (outside | ~of_dispatch))

    def _candidates(self, part: NDArray[np.int64], checked: Feasibility, at: NDArray[np.int64], step: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return of each step and watched element the state that is farthest to its limit, and a few others that are near it, for cuts from several sides."""
        own = np.flatnonzero(at >= 0)
        state = part[at[own]]
        random = np.random.default_rng(0).random(state.size)
        found = [np.zeros(0, dtype=np.int64)]
        for kind, element in sorted(self.watched):
            for value, near in _values(checked, KINDS[kind], element):
                rows = np.flatnonzero(value[own] >= near)
                if not rows.size:
                    continue
                at_step = step[state[rows]]
                drawn = random[rows]
                drawn[_last_of_each(at_step, value[own][rows])] = -1.0  # the worst comes first
                order = np.lexsort((drawn, at_step))
                place = np.arange(rows.size) - np.repeat(*_runs(at_step[order]))
                found.append(state[rows[order[place < MOST_CANDIDATES]]])
        return np.concatenate(found)

    def cuts(self, step: NDArray[np.int64], change: NDArray[np.float64], name: str, price: float) -> SnapshotLimits:
        """Cut states: elements that are beyond a limit, or near one and without a cut in the step; of each step only cuts that say something new."""
        checked, at = self._checked(step, change)
        made = make_cuts(checked, self.watched, name, price)
        limits, state = made.limits, at[made.limits.snapshot]
        voltage = np.isin(made.kind, [KINDS.index("voltage_low"), KINDS.index("voltage_high")])
        right = limits.right - (AIM - 1.0) * np.where(voltage, MARGIN_VOLTAGE_PU, MARGIN_LOADING * made.limit) / made.scale
        exports = checked.flow.slack_p_mw.sum(axis=1)[limits.snapshot] < 0.0
        power = np.column_stack([checked.dispatch.flows[component][limits.snapshot] for component in limits.components])
        excess = (limits.coefficient * power).sum(axis=1) - right
        groups: dict[tuple[int, int, int, bool], list[int]] = {}
        for row in np.flatnonzero(state >= 0).tolist():
            kind, element = int(made.kind[row]), int(made.element[row])
            key = (int(step[state[row]]), kind, element, bool(exports[row]) and KINDS[kind] == "connection")
            groups.setdefault(key, []).append(row)
        kept: list[int] = []
        for key, members in groups.items():
            rows = np.array(members)
            if key in self.cut:
                rows = rows[excess[rows] > 0.0]
            if rows.size:
                kept += rows[_telling(limits.coefficient[rows], right[rows], power[rows])].tolist()
        self.cut |= set(groups)
        return SnapshotLimits(name, limits.components, step[state[kept]], limits.coefficient[kept], right[kept], price)

    def name(self, kind: int, element: int) -> str:
        """Return what an element is called; nothing for the connection and for steps without a solution."""
        wires = self.network.wires
        if KINDS[kind].startswith("voltage"):
            return wires.bus_names[element]
        return "" if KINDS[kind] in {"connection", "no_solution"} else wires.branch_names[element]


def _all_steps(step: NDArray[np.int64]) -> NDArray[np.int64]:
    """From the first to the last."""
    return np.arange(step.min(), step.max() + 1) if step.size else step


def _telling(coefficient: NDArray[np.float64], right: NDArray[np.float64], power: NDArray[np.float64]) -> list[int]:
    """Choose tangents, each taken at one of the powers, shape (R, C): the one farthest beyond first, then where those chosen say too little."""
    says = power @ coefficient.T - right  # of each power (row), what each tangent (column) says it is beyond
    own = np.diag(says)
    chosen = [int(np.argmax(own))]
    while len(chosen) < MOST_CUTS:
        short = own - says[:, chosen].max(axis=1)
        worst = int(np.argmax(short))
        if short[worst] <= SHORT_MW:
            break
        chosen.append(worst)
    return chosen


def _last_of_each(group: NDArray[np.int64], value: NDArray[np.float64]) -> NDArray[np.int64]:
    """Place of the largest value of each group."""
    order = np.lexsort((value, group))
    return order[np.flatnonzero(np.diff(group[order], append=-1))]


def _runs(group: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First place and length of each run of a sorted array."""
    first = np.flatnonzero(np.diff(group, prepend=-1))
    return first, np.diff(first, append=group.size)


def _values(checked: Feasibility, kind: str, element: int) -> list[tuple[NDArray[np.float64], float]]:
    """How far an element is to its limit, from either side, in any unit, more is nearer; and from where on it is near. Each shape (N,)."""
    flow, limits = checked.flow, checked.network.limits
    if kind == "connection":
        exchange = flow.slack_p_mw.sum(axis=1)
        values = [(exchange, NEAR_LOADING * limits.import_mw), (-exchange, NEAR_LOADING * limits.export_mw)]
    elif kind == "no_solution":
        values = [((~flow.converged).astype(float), 1.0)]
    elif kind == "voltage_low":
        values = [(-flow.vm_pu[:, element], -limits.vm_min_pu[element] - NEAR_VOLTAGE_PU)]
    elif kind == "voltage_high":
        values = [(flow.vm_pu[:, element], limits.vm_max_pu[element] - NEAR_VOLTAGE_PU)]
    else:
        values = [(flow.loading[:, element], NEAR_LOADING * limits.loading[element])]
    return [(np.nan_to_num(value, nan=-np.inf), near) for value, near in values]
