r"""A hydrogen tank, with the compressor that fills it.

.. math:: e_t = (1-\lambda)^{\Delta t} e_{t-1} + \Delta t\,(c_t - d_t), \qquad \text{electricity}_t = w\,c_t

in kg; inside the network in MWh of lower heating value. The compression work :math:`w` is that of the highest tank pressure at all times, which overstates it
(filling an empty tank takes less) by up to a third.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from gridsim.technologies.base import Asset, CapitalCost, Finding, Investment
from gridsim.technologies.battery import level_attributes, window_findings
from gridsim.technologies.draft import Exclusive
from gridsim.units import KWH_PER_KG_HYDROGEN, MWH_PER_KG_HYDROGEN, MassKg, Share

if TYPE_CHECKING:
    from gridsim.dispatch.result import Dispatch
    from gridsim.park.park import Park
    from gridsim.technologies.draft import NetworkDraft


class HydrogenStore(Asset):
    """Pressure vessels on a hydrogen bus."""

    bus_carriers: ClassVar[dict[str, str]] = {"bus": "hydrogen", "electricity_bus": "electricity"}

    type: Literal["hydrogen_store"]
    bus: str
    electricity_bus: str | None = None
    """Where the compressor draws its power; needed where compression takes any."""
    capacity_kg: MassKg
    """Hydrogen between empty and full. [kg]"""
    charge_kg_per_h: MassKg | None = None
    """Largest filling rate; left out, free. [kg/h]"""
    discharge_kg_per_h: MassKg | None = None
    compression_kwh_per_kg: Annotated[float, Field(ge=0, le=10)]
    level_min_share: Share
    level_max_share: Share = 1.0
    level_start_share: Share | None = None
    level_end: Literal["same", "free"] | Share = "same"
    standing_loss_share_per_hour: Share
    capital_cost_cny_per_kg: CapitalCost

    def findings(self, park: Park) -> Iterator[Finding]:
        """Compression needs a bus; the level window must be open."""
        if self.compression_kwh_per_kg > 0 and self.electricity_bus is None:
            yield Finding("electricity_bus", "is missing", "name the bus of the compressor, or set compression_kwh_per_kg: 0")
        yield from window_findings(self.level_min_share, self.level_max_share, self.level_start_share, self.level_end)

    def build(self, name: str, draft: NetworkDraft) -> None:
        """Add a Store behind a filling and an emptying Link."""
        energy = self.capacity_kg * MWH_PER_KG_HYDROGEN
        fastest = energy / draft.park.time.step_hours
        rates = [fastest if rate is None else rate * MWH_PER_KG_HYDROGEN for rate in (self.charge_kg_per_h, self.discharge_kg_per_h)]
        tank = draft.bus(f"{name}.tank", "hydrogen in store")
        compressor = {}
        if self.compression_kwh_per_kg > 0:
            compressor = {"bus2": self.electricity_bus, "efficiency2": -self.compression_kwh_per_kg / KWH_PER_KG_HYDROGEN}
        charge = draft.link(f"{name}.charge", name, "charge", self.bus, tank, rates[0], **compressor)
        discharge = draft.link(f"{name}.discharge", name, "discharge", tank, self.bus, rates[1])
        levels = level_attributes(self.level_start_share, self.level_end, self.level_min_share, self.level_max_share, energy, draft.steps)
        draft.store(f"{name}.store", name, tank, energy, standing_loss=self.standing_loss_share_per_hour, **levels)
        draft.request(Exclusive(f"{name}.one_direction", charge, rates[0], discharge, rates[1], np.zeros(draft.steps, dtype=bool)))

    def investments(self) -> list[Investment]:
        """Vessels by mass."""
        return [self.bought("vessels", self.capacity_kg, "kg", self.capital_cost_cny_per_kg)]

    def report(self, name: str, dispatch: Dispatch) -> dict[str, float]:
        """Hydrogen through the tank, compression, cycles."""
        hours = dispatch.time.step_hours
        filled = float(dispatch.flows[f"{name}.charge"].sum() * hours / MWH_PER_KG_HYDROGEN)
        emptied = float(dispatch.flows[f"{name}.discharge"].sum() * hours / MWH_PER_KG_HYDROGEN)
        return {
            "capacity_kg": self.capacity_kg,
            "filled_kg": filled,
            "emptied_kg": emptied,
            "compression_mwh": filled * self.compression_kwh_per_kg / 1e3,
            "cycles": emptied / self.capacity_kg if self.capacity_kg else 0.0,
        }

    def series(self, name: str, dispatch: Dispatch) -> dict[str, tuple[Any, str]]:
        """Level in kg."""
        return {"level_kg": (dispatch.levels[f"{name}.store"] / MWH_PER_KG_HYDROGEN, "kg")}
