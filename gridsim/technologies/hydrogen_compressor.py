r"""A compressor between two hydrogen buses of different pressure, such as from the plant's 30 bar to a trailer's 450 bar.

.. math:: \text{electricity}_t = w\,f_t

with the work :math:`w` of multi-stage compression with intercooling (``physics.gas_compression``), or a figure of one's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from gridsim.physics.gas_compression import compression_energy_kwh_per_kg
from gridsim.technologies.base import Asset, CapitalCost, Finding, Investment
from gridsim.units import KWH_PER_KG_HYDROGEN, MWH_PER_KG_HYDROGEN, MassKg, PositiveShare, PressureBar

if TYPE_CHECKING:
    from gridsim.dispatch.result import Dispatch
    from gridsim.park.park import Park
    from gridsim.technologies.draft import NetworkDraft


class HydrogenCompressor(Asset):
    """Raises hydrogen from the pressure of one bus to that of another."""

    bus_carriers: ClassVar[dict[str, str]] = {"from_bus": "hydrogen", "to_bus": "hydrogen", "electricity_bus": "electricity"}

    type: Literal["hydrogen_compressor"]
    from_bus: str
    to_bus: str
    electricity_bus: str
    capacity_kg_per_h: MassKg
    inlet_bar: PressureBar
    outlet_bar: PressureBar
    stages: Annotated[int, Field(ge=1, le=10)]
    isentropic_efficiency: PositiveShare
    motor_efficiency: PositiveShare
    specific_energy_kwh_per_kg: Annotated[float, Field(ge=0, le=10)] | None = None
    """Overrides the work computed from pressures. [kWh/kg]"""
    capital_cost_cny_per_kw: CapitalCost
    """On motor power. [CNY/kW]"""

    def findings(self, park: Park) -> Iterator[Finding]:
        """A compressor raises pressure and joins two buses."""
        if self.from_bus == self.to_bus:
            yield Finding("to_bus", f"'{self.to_bus}' is also from_bus", "a compressor joins two buses of different pressure")
        if self.outlet_bar <= self.inlet_bar:
            yield Finding("outlet_bar", f"{self.outlet_bar} is not above inlet_bar {self.inlet_bar}", "a compressor raises the pressure")

    @property
    def work_kwh_per_kg(self) -> float:
        """Electricity per hydrogen. [kWh/kg]"""
        if self.specific_energy_kwh_per_kg is not None:
            return self.specific_energy_kwh_per_kg
        work = compression_energy_kwh_per_kg(
            self.inlet_bar,
            self.outlet_bar,
            stages=self.stages,
            isentropic_efficiency=self.isentropic_efficiency,
            motor_efficiency=self.motor_efficiency,
        )
        return float(work)

    def build(self, name: str, draft: NetworkDraft) -> None:
        """Add one Link that also draws electricity."""
        draft.link(
            name,
            name,
            "transport",
            self.from_bus,
            self.to_bus,
            self.capacity_kg_per_h * MWH_PER_KG_HYDROGEN,
            bus2=self.electricity_bus,
            efficiency2=-self.work_kwh_per_kg / KWH_PER_KG_HYDROGEN,
        )

    def investments(self) -> list[Investment]:
        """Machine by motor power."""
        return [self.bought("compressor", self.capacity_kg_per_h * self.work_kwh_per_kg / 1e3, "MW", self.capital_cost_cny_per_kw * 1e3)]

    def report(self, name: str, dispatch: Dispatch) -> dict[str, float]:
        """Hydrogen raised and electricity drawn."""
        raised = float(dispatch.flows[name].sum() * dispatch.time.step_hours / MWH_PER_KG_HYDROGEN)
        return {
            "capacity_mw": self.capacity_kg_per_h * self.work_kwh_per_kg / 1e3,
            "hydrogen_kg": raised,
            "energy_mwh": raised * self.work_kwh_per_kg / 1e3,
            "full_load_hours": raised / self.capacity_kg_per_h if self.capacity_kg_per_h else 0.0,
        }
