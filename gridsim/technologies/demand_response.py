r"""Demand response, in four classes.

shift
    :math:`d_t` is taken from the load and :math:`u_t` added to it; what is taken is added back (times `recovery`) within `window_hours`, before or after.
    Nothing is lost: over the horizon :math:`\sum u = \rho \sum d`. Both together are at most a share :math:`\sigma` of the load in their hour,
    :math:`d_t + u_t/\rho \le \sigma L_t`. At the mixed-integer level never both in one hour; at the linear level a part of the share may then hand on what is
    owed from window to window, and pays the price each time.
curtail
    Price steps: each step takes away up to its share of the load, at its price a MWh, within a yearly energy where one is given.
interrupt
    A block of MW, a number of calls a year, hours a call, at a price a MWh. The linear level grants the energy of all calls,
    :math:`\sum \Delta t\,p_t \le P N H`, and lets calls be partial; the mixed-integer level counts calls and their length. With ``reserve_only: true`` it
    is the seconds-level class: a reserve in MW, reported hour by hour as what the load could drop, never an energy.
process
    A load of its own whose timing is free between two powers, with a quota a day or week: :math:`\sum_{t \in \text{period}} \Delta t\,p_t = Q`.

A part of the park's time has its share of a year's energies and calls, calls rounded up.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from gridsim.errors import did_you_mean
from gridsim.park.definition import Definition
from gridsim.technologies.base import Finding, Technology
from gridsim.technologies.draft import Calls, Exclusive, HourlyLimit, LoadShift, PeriodLimit, Term
from gridsim.technologies.load import Load
from gridsim.units import EnergyMWh, Hours, PowerMW, Share

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.dispatch.result import Dispatch
    from gridsim.park.park import Park
    from gridsim.technologies.draft import NetworkDraft

Price = Annotated[float, Field(ge=0)]

FIELDS_OF = {
    "shift": ({"load", "share", "window_hours", "price_cny_per_mwh"}, {"recovery"}),
    "curtail": ({"load", "steps"}, {"annual_limit_mwh"}),
    "interrupt": ({"load", "power_mw"}, {"calls_per_year", "hours_per_call", "price_cny_per_mwh", "reserve_only"}),
    "process": ({"bus", "power_mw", "quota_mwh", "quota_period"}, {"min_power_mw"}),
}
"""For each class, the fields it needs and the fields it may have."""


class PriceStep(Definition):
    """Load that is given up at a price."""

    share: Share
    """Of the load in each hour. [1]"""
    price_cny_per_mwh: Price


class DemandResponse(Technology):
    """One contracted flexibility."""

    bus_carriers: ClassVar[dict[str, str]] = {"bus": "electricity"}
    variant_field: ClassVar[str | None] = "kind"

    type: Literal["demand_response"]
    kind: Literal["shift", "curtail", "interrupt", "process"]
    load: str | None = None
    """The load it belongs to."""
    bus: str | None = None
    """process: where it draws its power."""
    share: Share | None = None
    """shift: of the load in each hour. [1]"""
    window_hours: Annotated[float, Field(gt=0, le=168)] | None = None
    recovery: Annotated[float, Field(ge=1)] = 1.0
    """shift: energy added back over energy taken. [1]"""
    price_cny_per_mwh: Price | None = None
    """shift: for each MWh taken; interrupt: likewise. [CNY/MWh]"""
    steps: Annotated[list[PriceStep], Field(min_length=1)] | None = None
    annual_limit_mwh: EnergyMWh | None = None
    power_mw: PowerMW | None = None
    calls_per_year: Annotated[int, Field(ge=0)] | None = None
    hours_per_call: Hours | None = None
    reserve_only: bool = False
    min_power_mw: PowerMW = 0.0
    quota_mwh: EnergyMWh | None = None
    quota_period: Literal["day", "week"] | None = None

    def findings(self, park: Park) -> Iterator[Finding]:
        """Each class has its fields; the load must exist; a quota must fit."""
        needed, allowed = FIELDS_OF[self.kind]
        if self.kind == "interrupt" and not self.reserve_only:
            needed = needed | {"calls_per_year", "hours_per_call", "price_cny_per_mwh"}
        for field in sorted(needed):
            if getattr(self, field) is None:
                yield Finding(field, "is missing", f"demand response of kind {self.kind} needs {', '.join(sorted(needed))}")
        foreign = self.model_fields_set - needed - allowed - {"type", "kind", "label", "owner", "note"}
        for field in sorted(foreign):
            yield Finding(field, f"has no meaning for kind {self.kind}", f"it takes {', '.join(sorted(needed | allowed))}")
        if self.load is not None and not isinstance(park.technologies.get(self.load), Load):
            loads = park.of_type(Load)
            yield Finding("load", f"'{self.load}' is not a load of this park", did_you_mean(self.load, loads))
        if self.steps is not None and sum(step.share for step in self.steps) > 1 + 1e-9:
            yield Finding("steps", f"give up {sum(step.share for step in self.steps):.3g} of the load", "the shares add up to at most 1")
        if None not in (self.power_mw, self.quota_mwh, self.quota_period):
            hours = {"day": 24.0, "week": 168.0}[self.quota_period]
            if not self.min_power_mw * hours - 1e-9 <= self.quota_mwh <= self.power_mw * hours + 1e-9:
                low, high = self.min_power_mw * hours, self.power_mw * hours
                yield Finding("quota_mwh", f"{self.quota_mwh} cannot be met: the power allows {low:g} to {high:g} MWh a {self.quota_period}", "change one")

    def _load_mw(self, park: Park) -> NDArray[np.float64]:
        return park.technologies[self.load].demand_mw(park)

    def build(self, name: str, draft: NetworkDraft) -> None:
        """Add the class' components and equations."""
        {"shift": self._shift, "curtail": self._curtail, "interrupt": self._interrupt, "process": self._process}[self.kind](name, draft)

    def _of_load(self, name: str, draft: NetworkDraft, role: str, share: float, cost: float) -> str:
        """Add a flow of at most ``share`` of the load in each hour."""
        load = self._load_mw(draft.park)
        peak = float(load.max())
        bus = draft.park.technologies[self.load].bus
        return draft.generator(
            name, name.partition(".")[0], role, bus, share * peak, p_max_pu=load / peak if peak > 0 else 0.0, marginal_cost=cost, carrier="demand response"
        )

    def _shift(self, name: str, draft: NetworkDraft) -> None:
        taken = self._of_load(f"{name}.reduction", draft, "reduction", self.share, self.price_cny_per_mwh)
        added = self._of_load(f"{name}.increase", draft, "increase", self.share * self.recovery, 0.0)
        window = max(1, round(self.window_hours / draft.park.time.step_hours))
        draft.request(LoadShift(f"{name}.recovery", taken, added, window, self.recovery))
        share_mw = self.share * self._load_mw(draft.park)
        draft.request(HourlyLimit(f"{name}.shared", (Term(taken), Term(added, 1.0 / self.recovery)), "<=", share_mw))
        if draft.level == "mixed_integer":
            limits = [draft.components[flow]["p_nom"] for flow in (taken, added)]
            draft.request(Exclusive(f"{name}.one_direction", taken, limits[0], added, limits[1], np.zeros(draft.steps, dtype=bool)))

    def _curtail(self, name: str, draft: NetworkDraft) -> None:
        terms = []
        for number, step in enumerate(self.steps, start=1):
            terms.append(Term(self._of_load(f"{name}.step_{number}", draft, "reduction", step.share, step.price_cny_per_mwh)))
        if self.annual_limit_mwh is not None:
            time = draft.park.time
            energy = np.array([self.annual_limit_mwh * time.share_of_whole])
            draft.request(PeriodLimit(f"{name}.annual_limit", tuple(terms), "<=", energy, time.period("year")))

    def _interrupt(self, name: str, draft: NetworkDraft) -> None:
        if self.reserve_only:
            return
        load = self._load_mw(draft.park)
        bus = draft.park.technologies[self.load].bus
        held = np.minimum(1.0, load / self.power_mw) if self.power_mw else 0.0
        block = draft.generator(
            f"{name}.reduction", name, "reduction", bus, self.power_mw, p_max_pu=held, marginal_cost=self.price_cny_per_mwh, carrier="demand response"
        )
        time = draft.park.time
        calls = self.calls_per_year * time.share_of_whole
        if draft.level == "mixed_integer":
            length = max(1, round(self.hours_per_call / time.step_hours))
            draft.request(Calls(f"{name}.calls", block, self.power_mw, math.ceil(calls), length))
        else:
            energy = np.array([self.power_mw * calls * self.hours_per_call])
            draft.request(PeriodLimit(f"{name}.calls", (Term(block),), "<=", energy, time.period("year")))

    def _process(self, name: str, draft: NetworkDraft) -> None:
        time = draft.park.time
        low = self.min_power_mw / self.power_mw if self.power_mw else 0.0
        flow = draft.generator(name, name, "process", self.bus, self.power_mw, p_min_pu=low)
        period = time.period(self.quota_period)
        whole = {"day": 24.0, "week": 168.0}[self.quota_period]
        quota = self.quota_mwh * np.bincount(period) * time.step_hours / whole
        draft.request(PeriodLimit(f"{name}.quota", (Term(flow),), "==", quota, period, need=name))

    def report(self, name: str, dispatch: Dispatch) -> dict[str, float]:
        """Energy taken and added, hours of use; for a reserve the MW that are always there."""
        hours = dispatch.time.step_hours
        if self.reserve_only:
            reserve = self.series(name, dispatch)["reserve_mw"][0]
            return {"capacity_mw": self.power_mw, "reserve_min_mw": float(reserve.min()), "reserve_mean_mw": float(reserve.mean())}
        if self.kind == "process":
            energy = float(dispatch.flows[name].sum() * hours)
            return {"capacity_mw": self.power_mw, "energy_mwh": energy, "full_load_hours": energy / self.power_mw if self.power_mw else 0.0}
        parts = dispatch.draft.having("reduction", technology=name)
        taken = sum((dispatch.flows[part.name] for part in parts), start=np.zeros(dispatch.time.steps))
        return {
            "capacity_mw": sum(part["p_nom"] for part in parts),
            "energy_mwh": float(taken.sum() * hours),
            "hours_used": float(np.sum(taken > 1e-6) * hours),
        }

    def series(self, name: str, dispatch: Dispatch) -> dict[str, tuple[Any, str]]:
        """Reserve of the seconds-level class: what the load in that hour could drop, after what demand response already took. [MW]"""
        if not self.reserve_only:
            return {}
        draft = dispatch.draft
        left = self._load_mw(draft.park) - dispatch.summed(draft.having("unserved", technology=self.load))
        for name_of_other, other in draft.park.of_type(DemandResponse).items():
            if other.load == self.load:
                left = left - dispatch.summed(draft.having("reduction", technology=name_of_other))
                left = left + dispatch.summed(draft.having("increase", technology=name_of_other))
        return {"reserve_mw": (np.clip(left, 0.0, self.power_mw), "MW")}
