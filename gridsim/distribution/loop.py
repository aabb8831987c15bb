"""Dispatch, look at the wires, cut, dispatch again: until the network carries every hour, or it is known what it cannot carry."""

from __future__ import annotations

import time as clock
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

import numpy as np

from gridsim.distribution.cuts import Cuts, elements_of, make_cuts
from gridsim.distribution.feasibility import check, confirmed
from gridsim.distribution.violations import KINDS
from gridsim.technologies.draft import DemandCharge

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.dispatch.result import Dispatch
    from gridsim.distribution.cuts import Element
    from gridsim.distribution.feasibility import Feasibility
    from gridsim.distribution.network import Network
    from gridsim.distribution.powerflow.sample import Difference
    from gridsim.technologies.draft import NetworkDraft, SnapshotLimits

MOST_ROUNDS = 6

DEARER_THAN_ALL = 100.0
"""Price of exceeding a cut over the dearest thing in the park, so that nothing is exceeded that anything with a hundredth of the say of the most effective
asset can help (judged)."""

DEARER_THAN_PEAKS = 10.0
"""The same over a demand charge, which one step may have to pay (judged)."""

SMALLEST_PRICE_CNY_PER_MWH = 1e5

UNMET_MW = 1e-3
"""A cut that is exceeded by more than this cannot be met."""


class Dispatched(Protocol):
    """What was found of a dispatch: `gridsim.dispatch.solve.Solved`, or an operation."""

    @property
    def dispatch(self) -> Dispatch: ...


Found = TypeVar("Found", bound=Dispatched, covariant=True)


class Dispatching(Protocol[Found]):
    """What can be dispatched again within further limits: `gridsim.dispatch.solve.KeptDispatch`, or an operation."""

    draft: NetworkDraft

    def add(self, limits: SnapshotLimits) -> None: ...

    def solve(self) -> Found: ...


@dataclass(frozen=True)
class Round:
    """One dispatch and its power flows."""

    round: int
    """0 for the dispatch that did not know the wires."""
    violating_hours: float
    violations: int
    energy_at_risk_mwh: float
    limits_added: int
    """Rows that this dispatch has more than the one before."""
    objective_cny: float
    seconds: float


@dataclass(frozen=True)
class ElementPrice:
    """What one element's limit costs the dispatch."""

    kind: str
    element: str
    hours: float
    """Hours beyond the limit before. [h]"""
    value_cny_per_percent: float
    """What one per cent more of the limit would save, while that is all that changes. [CNY]"""
    share: float
    """Of the price of the wires: by dual price times what the limit takes away from the first dispatch. [1]"""


@dataclass(frozen=True)
class Unmet:
    """A need that no dispatch meets at any price below `price_cny_per_mwh`."""

    kind: str
    element: str
    hours: float
    worst_mw: float
    """Of the most effective asset, loads included: by how much its power would have to be another than it can be. [MW]"""
    price_cny_per_mwh: float


@dataclass(frozen=True, eq=False)
class Coupled(Generic[Found]):
    """A dispatch that knows its wires, and the one that did not."""

    solved: Found
    checked: Feasibility
    first: Found
    before: Feasibility
    rounds: list[Round]
    prices: list[ElementPrice]
    unmet: list[Unmet]
    confirmed: Difference | None
    """All hours that were ever beyond a limit, solved again by pandapower; None where there were none."""

    @property
    def cost_cny(self) -> float:
        """What the wires cost the dispatch. [CNY over the horizon]"""
        return self.checked.dispatch.objective_cny - self.before.dispatch.objective_cny


def until_feasible(
    kept: Dispatching[Found], network: Network, *, most_rounds: int = MOST_ROUNDS, progress: Callable[[str, float], None] | None = None
) -> Coupled[Found]:
    """Dispatch until the network carries every hour, at most ``most_rounds`` times after the first.

    The loop also ends when only such limits are left broken as the dispatch cannot meet (`Coupled.unmet`).
    """

    def told(what: str) -> None:
        if progress is not None:
            progress(what, 0.0)

    def one(number: int, added: int) -> tuple[Found, Feasibility, Round]:
        start = clock.perf_counter()
        solved = kept.solve()
        told("power flow")
        checked = check(solved.dispatch, network)
        found, hours = checked.violations, solved.dispatch.time.step_hours
        at_risk = float(found.energy_at_risk_mwh.sum())
        spent = clock.perf_counter() - start
        return solved, checked, Round(number, found.hours.size * hours, found.hour.size, at_risk, added, solved.dispatch.objective_cny, spent)

    first, before, begin = one(0, 0)
    solved, checked, rounds, watched, ever, cuts = first, before, [begin], set(), before.violations.hours, []
    price = penalty(kept.draft)
    for number in range(1, most_rounds + 1):
        if checked.feasible or not _hope(checked, cuts):
            break
        watched |= elements_of(checked.violations)
        cuts.append(make_cuts(checked, watched, f"network.{number}", price))
        if not cuts[-1].limits.snapshot.size:
            break  # nothing that hangs in the network has a say in what is left
        kept.add(cuts[-1].limits)
        solved, checked, last = one(number, cuts[-1].limits.snapshot.size)
        rounds.append(last)
        ever = np.union1d(ever, checked.violations.hours)
    again = None
    if ever.size:
        told("confirm")
        again = confirmed(network, checked.connected, checked.flow, ever)
    return Coupled(solved, checked, first, before, rounds, _prices(before, checked, cuts), _unmet(checked, cuts, price), again)


def penalty(draft: NetworkDraft) -> float:
    """Return the price of exceeding a cut. [CNY/MWh]"""
    dearest = max((float(np.abs(c.get("marginal_cost", 0.0)).max()) for c in draft.components.values()), default=0.0)
    peak_price = max((request.price_cny_per_mw for request in draft.requested(DemandCharge)), default=0.0)
    return max(SMALLEST_PRICE_CNY_PER_MWH, DEARER_THAN_ALL * dearest, DEARER_THAN_PEAKS * peak_price / draft.park.time.step_hours)


def _exceeded(checked: Feasibility, cuts: list[Cuts]) -> list[NDArray[np.float64]]:
    return [checked.dispatch.excess.get(cut.limits.name, np.zeros(0)) for cut in cuts]


def _hope(checked: Feasibility, cuts: list[Cuts]) -> bool:
    """Whether a limit is broken that the dispatch has not yet failed to keep."""
    failed: set[tuple[int, Element]] = set()
    for cut, excess in zip(cuts, _exceeded(checked, cuts), strict=True):
        for row in np.flatnonzero(excess > UNMET_MW):
            failed.add((int(cut.limits.snapshot[row]), (int(cut.kind[row]), int(cut.element[row]))))
    found = checked.violations
    return any((int(hour), (int(kind), int(element))) not in failed for hour, kind, element in zip(found.hour, found.kind, found.element, strict=True))


def _name(checked: Feasibility, kind: int, element: int) -> str:
    wires = checked.network.wires
    if KINDS[kind].startswith("voltage"):
        return wires.bus_names[element]
    return "" if KINDS[kind] in {"connection", "no_solution"} else wires.branch_names[element]


def _prices(before: Feasibility, after: Feasibility, cuts: list[Cuts]) -> list[ElementPrice]:
    """Add up the dual prices by element; a limit that is exceeded has no price but that of exceeding it, and stands in `_unmet` instead."""
    value: dict[Element, float] = {}
    part: dict[Element, float] = {}
    for cut in cuts:
        if (dual := after.dispatch.snapshot_prices.get(cut.limits.name)) is None or not dual.size:
            continue
        limits = cut.limits
        left = sum(limits.coefficient[:, c] * before.dispatch.flows[component][limits.snapshot] for c, component in enumerate(limits.components))
        taken = np.maximum(left - limits.right, 0.0)
        for row in np.flatnonzero((dual > 0.0) & (after.dispatch.excess[limits.name] <= UNMET_MW)):
            key = int(cut.kind[row]), int(cut.element[row])
            value[key] = value.get(key, 0.0) + float(dual[row] * 0.01 * cut.limit[row] / cut.scale[row])
            part[key] = part.get(key, 0.0) + float(dual[row] * taken[row])
    total = sum(part.values())
    hours = {(element.kind, element.element): element.hours for element in before.statistics}
    prices = []
    for key in sorted(value, key=lambda key: -part[key]):
        kind, name = KINDS[key[0]], _name(after, *key)
        prices.append(ElementPrice(kind, name, hours.get((kind, name), 0.0), value[key], part[key] / total if total else 0.0))
    return prices


def _unmet(checked: Feasibility, cuts: list[Cuts], price: float) -> list[Unmet]:
    """Gather the cuts that the last dispatch exceeds, by element."""
    worst: dict[Element, float] = {}
    steps: dict[Element, set[int]] = {}
    for cut, excess in zip(cuts, _exceeded(checked, cuts), strict=True):
        for row in np.flatnonzero(excess > UNMET_MW):
            key = int(cut.kind[row]), int(cut.element[row])
            worst[key] = max(worst.get(key, 0.0), float(excess[row]))
            steps.setdefault(key, set()).add(int(cut.limits.snapshot[row]))
    hours = checked.dispatch.time.step_hours
    return [Unmet(KINDS[key[0]], _name(checked, *key), len(steps[key]) * hours, worst[key], price) for key in sorted(worst, key=lambda key: -worst[key])]
