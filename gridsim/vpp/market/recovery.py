r"""What calls cost, and what the park does after them: dispatched again with every call as it was delivered.

Within the windows of the calls, from the beginning of each until it has been recovered from, everything is free; the exchange at the connection is held in the
hours of the calls, and outside of the windows everything is as planned, so that levels of stores are back by then. That is one dispatch with all calls, and not
one for each: two calls that raise the same month's peak pay for it once. What an hour costs more than planned is

.. math:: \Delta_t = \Delta t \sum_f c_{f,t} (p'_{f,t} - p_{f,t}) + \sum_m d\, (\hat p'_m - \hat p_m)\, s_{m,t}

with :math:`c_f` the price of a flow (imports, exports, fuel, wear, demand response) and :math:`d` the demand charge. Of a month's peak that rises or falls each
layer is shared, :math:`s_{m,t}`, by the hours that reach into it, with the calls where it rises, as planned where it falls [1]_. An hour with calls belongs to
these, one without to the calls that are recovered from, each in proportion to the energy that they delivered. Of recoveries that cost the same, the one is
taken that leaves the planned exchange least and soonest. The recovery knows the wind and sun of its hours and is the cheapest there is: what calls cost is a
lower bound. Of the wires it knows the cuts that the plan was found with, no more.

References
----------
.. [1] S. C. Littlechild and G. Owen, "A simple expression for the Shapley value in a special case," Management Science 20(3), 370-372, 1973.
   doi:10.1287/mnsc.20.3.370
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gridsim.bill.amounts import ZERO
from gridsim.bill.bills import bills_of
from gridsim.dispatch.solve import KeptDispatch
from gridsim.distribution.loop import penalty
from gridsim.metrics.energy import hourly_energy, shares
from gridsim.technologies.draft import DemandCharge, HourlyLimit, SnapshotLimits, Term, total

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.dispatch.result import Dispatch
    from gridsim.park.park import Park
    from gridsim.technologies.draft import Level, NetworkDraft

    Series = NDArray[np.float64]

TIE_BREAK_CNY_PER_MWH = 1e-3
"""Of leaving the planned exchange, for each hour since the call: too little to choose a dearer way by, and no cost of the park. [CNY/MWh]"""

SMALL_MW = 1e-3
"""A peak that rises by less than a kilowatt does not. [MW]"""

SMALL_MWH = 1e-9
"""Of energy, so that a call that delivered nothing has a part as well. [MWh]"""


class Called(NamedTuple):
    """A call as it came."""

    first: int
    last: int
    """Snapshot that it ends with."""
    delivered_mwh: float


@dataclass(frozen=True, eq=False)
class Recovered:
    """A park with its calls, against its plan."""

    plan: Dispatch
    dispatch: Dispatch
    change_cny: Series
    """Cost of each snapshot over that of the plan. Shape (T,). [CNY]"""
    missing_mwh: float
    """Of what was delivered, which the dispatch cannot hold; 0 but for rounding where deliveries are within the envelope."""

    @property
    def change_mw(self) -> Series:
        """What the connections import more than planned. Shape (T,). [MW]"""
        return exchange(self.dispatch) - exchange(self.plan)

    @property
    def bill_change_cny(self) -> Decimal:
        """By how much the bills of all connections rise, in cents. [CNY]"""
        after, before = (sum((bill.statement.total_cny for bill in bills_of(one).values()), ZERO) for one in (self.dispatch, self.plan))
        return after - before

    def figures(self) -> dict[str, float]:
        """Return what calls and recovery change in energy, peaks, green share and bill."""
        before, after = (_sums(one) for one in (self.plan, self.dispatch))
        peaks = [sum((one.monthly_peaks[name] for name in one.monthly_peaks), start=np.zeros(1)) for one in (self.plan, self.dispatch)]
        return {
            "bill_change_cny": float(self.bill_change_cny),
            "import_change_mwh": after["import_mwh"] - before["import_mwh"],
            "export_change_mwh": after["export_mwh"] - before["export_mwh"],
            "months_with_higher_peak": float((peaks[1] > peaks[0] + SMALL_MW).sum()),
            "highest_peak_rise_mw": float(np.max(peaks[1] - peaks[0], initial=0.0)),
            "green_share": after["green_share"],
            "green_share_change": after["green_share"] - before["green_share"],
            "not_held_mwh": self.missing_mwh,
        }

    def by_call(self, calls: Sequence[Called], recovery_steps: int) -> list[tuple[float, float]]:
        """Deal the change out to calls: what each cost while it lasted, and afterwards. [CNY]"""
        active, later = np.zeros((2, self.change_cny.size))
        windows = [(slice(one.first, one.last + 1), slice(one.last + 1, one.last + 1 + recovery_steps), max(one.delivered_mwh, SMALL_MWH)) for one in calls]
        for during, after, energy in windows:
            active[during] += energy
            later[after] += energy
        of_active = np.divide(self.change_cny, active, out=np.zeros_like(active), where=active > 0)
        of_later = np.divide(self.change_cny, later, out=np.zeros_like(later), where=(later > 0) & (active == 0))
        return [(float(of_active[during].sum() * energy), float(of_later[after].sum() * energy)) for during, after, energy in windows]


def recover(plan: Dispatch, called: NDArray[np.bool_], delivered_mw: Series, recovery_steps: int) -> Recovered:
    """Dispatch a park again with its calls.

    Parameters
    ----------
    plan : Dispatch
        What it does without.
    called : array of bool, shape (T,)
        Snapshots with a call.
    delivered_mw : array, shape (T,)
        In them, over all connections, as the envelope counts it; positive up: less import or more export. [MW]
    recovery_steps : int
        After a call, until everything is as planned again.
    """
    if not called.any():
        return Recovered(plan, plan, np.zeros(called.size), 0.0)
    found = _CalledDispatch(plan, called, delivered_mw, recovery_steps).solve().dispatch
    missing = sum(float(found.excess[f"calls.{way}"].sum()) for way in _SIDES)
    return Recovered(plan, found, change_of(plan, found), max(missing, 0.0) * plan.time.step_hours)


def exchange(dispatch: Dispatch) -> Series:
    """Return imports less exports of all connections. Shape (T,). [MW]"""
    return dispatch.summed(dispatch.draft.having("import")) - dispatch.summed(dispatch.draft.having("export"))


def change_of(before: Dispatch, after: Dispatch) -> Series:
    """Return by how much each snapshot of a dispatch costs more than that of another of the same park. Shape (T,). [CNY]"""
    draft, steps = before.draft, before.time.steps
    change = np.zeros(steps)
    for name, component in draft.components.items():
        if component.kind != "Store":
            change += np.asarray(component.get("marginal_cost", 0.0)) * (after.flows[name] - before.flows[name]) * before.time.step_hours
    for request in draft.requested(DemandCharge):
        powers = [total(request.terms, one.flows, steps) for one in (before, after)]
        rise = after.monthly_peaks[request.name] - before.monthly_peaks[request.name]
        for month in np.flatnonzero(rise).tolist():
            inside, one = request.month == month, int(rise[month] > 0)
            lower = min(float(dispatch.monthly_peaks[request.name][month]) for dispatch in (before, after))
            change[inside] += np.sign(rise[month]) * request.price_cny_per_mw * layers(powers[one][inside], lower)
    return change


def layers(power_mw: Series, level_mw: float) -> Series:
    """Share what lies between a level and the highest of some hours among the hours above it, each layer equally by those that reach into it. [MW]

    Examples
    --------
    >>> layers(np.array([20.0, 26.0, 22.0, 10.0]), 20.0).tolist()
    [0.0, 5.0, 1.0, 0.0]
    """
    above = np.maximum(power_mw - level_mw, 0.0)
    order = np.argsort(above)
    shares = np.empty_like(above)
    shares[order] = np.cumsum(np.diff(above[order], prepend=0.0) / np.arange(above.size, 0, -1))
    return shares


_SIDES = {"most": 1.0, "least": -1.0}
"""Rows that hold the exchange; what cannot be held is their excess."""


class _CalledDispatch(KeptDispatch):
    """The dispatch of a park with calls, as planned outside of their windows."""

    def __init__(self, plan: Dispatch, called: NDArray[np.bool_], delivered_mw: Series, recovery_steps: int) -> None:
        self.plan, self.steps, self.delivered_mw = plan, np.flatnonzero(called), delivered_mw[called]
        since = np.arange(called.size) - np.maximum.accumulate(np.where(called, np.arange(called.size), -recovery_steps - 1))
        window = since <= recovery_steps
        self.age = np.where(window, since, 0)
        """Steps since the last call. Shape (T,)."""
        self.outside = ~window
        self.ends = np.flatnonzero(window & np.append(self.outside[1:], True))
        super().__init__(plan.draft.park, level=plan.draft.level, with_network=False)

    def drafted(self, park: Park, level: Level) -> NetworkDraft:
        draft = super().drafted(park, level)
        for component in draft.components.values():
            name, outside = component.name, self.outside.astype(float)
            if component.kind != "Load" and outside.any():
                draft.request(HourlyLimit(f"held.{name}", (Term(name, outside),), "==", outside * self.plan.flows[name]))
            if component.kind == "Store" and component["e_nom"] > 0:
                share = self.plan.levels[name][self.ends] / component["e_nom"]
                for end, default in (("e_min_pu", 0.0), ("e_max_pu", 1.0)):
                    values = np.array(np.broadcast_to(component.get(end, default), (draft.steps,)), dtype=float)
                    values[self.ends] = share
                    component.attributes[end] = values
        for request in self.plan.draft.requested(SnapshotLimits):
            draft.request(request)
        self._hold(draft, "calls", self.steps, exchange(self.plan)[self.steps] - self.delivered_mw, penalty(draft))
        for age in range(1, int(self.age.max()) + 1):
            steps = np.flatnonzero(self.age == age)
            price = TIE_BREAK_CNY_PER_MWH * age * park.time.step_hours
            self._hold(draft, f"recovery.{age}", steps, exchange(self.plan)[steps], price)
        return draft

    def _hold(self, draft: NetworkDraft, name: str, steps: NDArray[np.int64], net_mw: Series, price: float) -> None:
        """Hold the exchange from both sides, at a price for leaving it."""
        ways = draft.having("import", "export")
        sign = np.array([1.0 if way.role == "import" else -1.0 for way in ways])
        for way, side in _SIDES.items():
            rows = np.tile(side * sign, (steps.size, 1))
            draft.request(SnapshotLimits(f"{name}.{way}", tuple(one.name for one in ways), steps, rows, side * net_mw, price))


def _sums(dispatch: Dispatch) -> dict[str, float]:
    energy = hourly_energy(dispatch)
    names = ("available_mw", "curtailed_mw", "import_mw", "export_mw", "load_mw")
    sums = [float(getattr(energy, name).sum() * dispatch.time.step_hours) for name in names]
    return {"import_mwh": sums[2], "export_mwh": sums[3], **shares(*sums)}
