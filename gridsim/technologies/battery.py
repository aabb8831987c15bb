r"""Electrochemical storage.

.. math::
   e_t = (1-\lambda)^{\Delta t} e_{t-1} + \Delta t\,(\eta_c c_t - d_t/\eta_d), \qquad
   s_\min E \le e_t \le s_\max E, \qquad c_t + d_t \le P

Charging :math:`c` and discharging :math:`d` are measured at the bus and share one converter of power :math:`P`; both in one snapshot are prevented by a
binary where a solution shows them. Simplifications: efficiencies do not depend on power or level (a few per cent at very low power), and ageing appears
as a throughput cost only.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
from pydantic import Field

from gridsim.technologies.base import Asset, CapitalCost, Finding, Investment
from gridsim.technologies.draft import Exclusive, HourlyLimit, Term
from gridsim.units import EnergyMWh, PositiveShare, PowerMW, Share

if TYPE_CHECKING:
    from gridsim.dispatch.result import Dispatch
    from gridsim.park.park import Park
    from gridsim.technologies.draft import NetworkDraft


SMALLEST_STORE_MWH = 1e-6
"""Sizing may leave a store of rounding; it has no cycles. [MWh]"""


def level_attributes(start: float | None, end: float | Literal["same", "free"], low: float, high: float, capacity: float, steps: int) -> dict[str, object]:
    """Return PyPSA attributes for the start and end condition of a store.

    ``start`` None with ``end`` "same" lets the optimum choose a level that it returns to; a number for ``end`` is a lower bound of the last level.
    """
    attributes: dict[str, object] = {"e_min_pu": low, "e_max_pu": high}
    if end == "same" and start is None:
        return {**attributes, "e_cyclic": True}
    begin = low if start is None else start
    attributes["e_initial"] = begin * capacity
    if end != "free":
        floor = np.full(steps, low)
        floor[-1] = begin if end == "same" else end
        attributes["e_min_pu"] = floor
        if end == "same":
            ceiling = np.full(steps, high)
            ceiling[-1] = begin
            attributes["e_max_pu"] = ceiling
    return attributes


def window_findings(low: float, high: float, start: float | None, end: float | str) -> Iterator[Finding]:
    """The level window of a store must be open, and its start and end must lie inside."""
    if low >= high:
        yield Finding("level_min_share", f"{low} is not below level_max_share {high}", "leave a window between them")
        return
    for field, level in (("level_start_share", start), ("level_end", end)):
        if isinstance(level, float) and not low <= level <= high:
            yield Finding(field, f"{level} lies outside the level window {low} to {high}", "choose a level within level_min_share..level_max_share")


class Battery(Asset):
    """A battery with one converter for charging and discharging."""

    type: Literal["battery"]
    bus: str
    power_mw: PowerMW
    """Largest charging or discharging power, measured at the bus. [MW]"""
    energy_mwh: EnergyMWh
    """Energy between empty and full, measured in the cells. [MWh]"""
    charge_efficiency: PositiveShare
    discharge_efficiency: PositiveShare
    standing_loss_share_per_hour: Share
    level_min_share: Share
    level_max_share: Share
    level_start_share: Share | None = None
    """Level before the first hour; left out, the optimum chooses it (with ``level_end: same``), or it is the lowest level. [1]"""
    level_end: Literal["same", "free"] | Share = "same"
    throughput_cost_cny_per_mwh: Annotated[float, Field(ge=0)]
    """Wear, for each MWh discharged at the bus. [CNY/MWh]"""
    charge_from: Literal["any", "renewable"] = "any"
    """``renewable``: in each hour, charging (with exports that must be green) stays below what wind and sun deliver."""
    capital_cost_cny_per_kwh: CapitalCost
    """Cells, containers and their installation, on energy. [CNY/kWh]"""
    capital_cost_cny_per_kw: CapitalCost
    """Converter, transformer and their installation, on power. [CNY/kW]"""

    def findings(self, park: Park) -> Iterator[Finding]:
        """The level window must be open, and the duration plausible."""
        yield from window_findings(self.level_min_share, self.level_max_share, self.level_start_share, self.level_end)
        if self.power_mw > 0 and not 0.05 <= (duration := self.energy_mwh / self.power_mw) <= 100:
            yield Finding("energy_mwh", f"lasts {duration:.4g} h at full power; expected 0.05 to 100 h", "give power_mw in MW and energy_mwh in MWh")

    def build(self, name: str, draft: NetworkDraft) -> None:
        """Add a Store behind two Links, one converter limit, and the exclusion of both directions."""
        cells = draft.bus(f"{name}.cells", "battery")
        charge = draft.link(f"{name}.charge", name, "charge", self.bus, cells, self.power_mw, self.charge_efficiency)
        discharge = draft.link(
            f"{name}.discharge",
            name,
            "discharge",
            cells,
            self.bus,
            self.power_mw / self.discharge_efficiency,
            self.discharge_efficiency,
            marginal_cost=self.throughput_cost_cny_per_mwh * self.discharge_efficiency,
        )
        levels = level_attributes(self.level_start_share, self.level_end, self.level_min_share, self.level_max_share, self.energy_mwh, draft.steps)
        draft.store(f"{name}.store", name, cells, self.energy_mwh, standing_loss=self.standing_loss_share_per_hour, **levels)
        draft.request(HourlyLimit(f"{name}.converter", (Term(charge), Term(discharge, self.discharge_efficiency)), "<=", self.power_mw))
        never = np.zeros(draft.steps, dtype=bool)
        draft.request(Exclusive(f"{name}.one_direction", charge, self.power_mw, discharge, self.power_mw / self.discharge_efficiency, never))

    def investments(self) -> list[Investment]:
        """Cells by energy, converter by power."""
        return [
            self.bought("cells", self.energy_mwh, "MWh", self.capital_cost_cny_per_kwh * 1e3),
            self.bought("converter", self.power_mw, "MW", self.capital_cost_cny_per_kw * 1e3),
        ]

    def report(self, name: str, dispatch: Dispatch) -> dict[str, float]:
        """Throughput and cycles."""
        window = self.level_max_share - self.level_min_share
        return storage_report(name, dispatch, self.power_mw, self.energy_mwh, self.energy_mwh * window)


def storage_report(name: str, dispatch: Dispatch, power_mw: float, energy_mwh: float, usable_mwh: float) -> dict[str, float]:
    """Figures of an electric storage: energy delivered to and drawn from the bus, full-load hours of discharging, cycles of the usable energy."""
    hours = dispatch.time.step_hours
    charged = float(dispatch.flows[f"{name}.charge"].sum() * hours)
    discharge = dispatch.draft.components[f"{name}.discharge"]
    discharged = float(dispatch.flows[discharge.name].sum() * hours * discharge["efficiency"])
    removed = discharged / discharge["efficiency"]
    return {
        "capacity_mw": power_mw,
        "capacity_mwh": energy_mwh,
        "energy_mwh": discharged,
        "charged_mwh": charged,
        "full_load_hours": discharged / power_mw if power_mw else 0.0,
        "cycles": removed / usable_mwh if usable_mwh > SMALLEST_STORE_MWH else 0.0,
    }
