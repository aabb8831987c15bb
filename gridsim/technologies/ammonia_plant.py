r"""Haber-Bosch synthesis with its air separation and its tank.

.. math::
   y_t = \frac{h_t}{\phi}, \quad \text{electricity}_t = (w_s + w_a)\,y_t, \quad Y_\min \le y_t \le Y, \quad |y_t - y_{t-1}| \le \rho Y \Delta t

from hydrogen :math:`h` (kg/h) at :math:`\phi` kg/t. At the linear level the synthesis never stops: its minimum load holds at every hour. At the mixed-integer
level it may stop and pays for each start; a ramp slower than its minimum load gives way to it there, and what exceeds the minimum load keeps to the ramp.
Consumption per tonne is constant; at part load the circulator's share makes it 5–10 % higher.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from gridsim.technologies.base import Asset, CapitalCost, Finding, Investment
from gridsim.technologies.battery import level_attributes
from gridsim.technologies.draft import Block, Commitment, RampLimit, Term
from gridsim.units import MWH_PER_KG_HYDROGEN, MassT, Share

if TYPE_CHECKING:
    from gridsim.dispatch.result import Dispatch
    from gridsim.park.park import Park
    from gridsim.technologies.draft import NetworkDraft


class AmmoniaPlant(Asset):
    """Ammonia synthesis on a hydrogen, an electricity and an ammonia bus."""

    bus_carriers: ClassVar[dict[str, str]] = {"bus": "ammonia", "hydrogen_bus": "hydrogen", "electricity_bus": "electricity"}

    type: Literal["ammonia_plant"]
    bus: str
    hydrogen_bus: str
    electricity_bus: str
    capacity_t_per_h: MassT
    hydrogen_kg_per_t: Annotated[float, Field(ge=170, le=220)]
    synthesis_kwh_per_t: Annotated[float, Field(ge=0)]
    """Electricity of synthesis loop and compression. [kWh/t]"""
    air_separation_kwh_per_t: Annotated[float, Field(ge=0)]
    """Electricity of the nitrogen. [kWh/t]"""
    min_load_share: Share
    ramp_share_per_hour: Annotated[float, Field(gt=0)]
    """Largest change in an hour over capacity. [1/h]"""
    start_cost_cny: Annotated[float, Field(ge=0)]
    variable_cost_cny_per_t: Annotated[float, Field(ge=0)]
    tank_t: MassT = 0.0
    """Ammonia the tank holds. [t]"""
    tank_start_share: Share | None = None
    tank_end: Literal["same", "free"] | Share = "same"
    capital_cost_cny_per_t_per_year: CapitalCost
    """Synthesis and air separation, on tonnes a year of 8000 h. [CNY/(t/a)]"""
    tank_cost_cny_per_t: CapitalCost

    def findings(self, park: Park) -> Iterator[Finding]:
        """A ramp below the model's step is fine; a tank that starts must exist."""
        if self.tank_start_share is not None and self.tank_t == 0:
            yield Finding("tank_start_share", "is given, but tank_t is 0", "give the tank a size, or remove it")

    @property
    def electricity_mwh_per_t(self) -> float:
        """Synthesis and air separation. [MWh/t]"""
        return (self.synthesis_kwh_per_t + self.air_separation_kwh_per_t) / 1e3

    def build(self, name: str, draft: NetworkDraft) -> None:
        """Add the synthesis Link (bus0 hydrogen, bus1 ammonia, bus2 electricity) and the tank's Store."""
        hydrogen_mwh_per_t = self.hydrogen_kg_per_t * MWH_PER_KG_HYDROGEN
        power = self.capacity_t_per_h * hydrogen_mwh_per_t
        committed = draft.level == "mixed_integer"
        draft.link(
            name,
            name,
            "conversion",
            self.hydrogen_bus,
            self.bus,
            power,
            1.0 / hydrogen_mwh_per_t,
            bus2=self.electricity_bus,
            efficiency2=-self.electricity_mwh_per_t / hydrogen_mwh_per_t,
            marginal_cost=self.variable_cost_cny_per_t / hydrogen_mwh_per_t,
            p_min_pu=0.0 if committed else self.min_load_share,
        )
        if committed:
            block = Block(name, self.min_load_share * power, power)
            draft.request(Commitment(f"{name}.on", 1, (block,), start_cost_cny=self.start_cost_cny))
        change = self.ramp_share_per_hour * power * draft.park.time.step_hours
        minimum = self.min_load_share * power if committed else 0.0
        reach = max(change, minimum)
        if reach < power:
            draft.request(RampLimit(f"{name}.ramp", (Term(name),), reach, reach))
        if change < minimum:
            draft.request(RampLimit(f"{name}.ramp_above_minimum", (Term(name),), change, change, above=(f"{name}.on", minimum)))
        if self.tank_t > 0:
            levels = level_attributes(self.tank_start_share, self.tank_end, 0.0, 1.0, self.tank_t, draft.steps)
            draft.store(f"{name}.tank", name, self.bus, self.tank_t, **levels)

    def investments(self) -> list[Investment]:
        """Plant by yearly tonnes, tank by tonnes."""
        return [
            self.bought("synthesis", self.capacity_t_per_h * 8000.0, "t/a", self.capital_cost_cny_per_t_per_year),
            self.bought("tank", self.tank_t, "t", self.tank_cost_cny_per_t),
        ]

    def report(self, name: str, dispatch: Dispatch) -> dict[str, float]:
        """Ammonia made and electricity drawn."""
        made = float(self._made(name, dispatch).sum() * dispatch.time.step_hours)
        return {
            "capacity_t_per_h": self.capacity_t_per_h,
            "capacity_mw": self.capacity_t_per_h * self.electricity_mwh_per_t,
            "ammonia_t": made,
            "hydrogen_kg": made * self.hydrogen_kg_per_t,
            "energy_mwh": made * self.electricity_mwh_per_t,
            "full_load_hours": made / self.capacity_t_per_h if self.capacity_t_per_h else 0.0,
        }

    def _made(self, name: str, dispatch: Dispatch) -> Any:
        return dispatch.flows[name] * dispatch.draft.components[name]["efficiency"]

    def series(self, name: str, dispatch: Dispatch) -> dict[str, tuple[Any, str]]:
        """Ammonia made, tank level."""
        columns = {"ammonia_t_per_h": (self._made(name, dispatch), "t/h")}
        if self.tank_t > 0:
            columns["level_t"] = (dispatch.levels[f"{name}.tank"], "t")
        return columns
