r"""Compressed-air energy storage, adiabatic and diabatic.

The cavern's air and the heat are balanced apart. With compressor power :math:`c` and expander power :math:`x`, both at the bus:

.. math::
   \text{air:}\quad   A_t &= A_{t-1} + \Delta t\,(\kappa c_t - x_t - v_t), & 0 \le A_t \le E \\
   \text{heat:}\quad  H_t &= (1-\lambda)^{\Delta t} H_{t-1} + \Delta t\,(\eta_c c_t - x_t/\eta_x - w_t), & 0 \le H_t \le H_\max

Air is counted in MWh of expander output it can give, so the cavern between its two pressures holds :math:`E`. In an adiabatic plant
:math:`\kappa = \eta_c \eta_x`: the compressor's work leaves the air as heat, is stored, and drives the expander; heat that leaks away makes air
useless, which may be vented (:math:`v`), as may surplus heat (:math:`w`). In a diabatic plant :math:`\kappa` is one over the compression work per MWh out, and
fuel takes the place of the heat store. The cavern's pressure follows the air linearly (constant volume, isothermal: see ``physics.cavern``).

Compressor and expander never run at once (a binary, where a solution shows both). Minimum loads and starts hold at the mixed-integer level only; at the
linear level the plant may run at any load, which overstates its flexibility at low power. Efficiencies do not depend on pressure (a few per cent).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from gridsim.technologies.base import Asset, CapitalCost, Finding, Investment
from gridsim.technologies.battery import level_attributes, storage_report
from gridsim.technologies.draft import Block, Commitment, Exclusive
from gridsim.units import EnergyMWh, PositiveShare, PowerMW, PressureBar, PriceCNYPerMWh, Share

if TYPE_CHECKING:
    from gridsim.dispatch.result import Dispatch
    from gridsim.park.park import Park
    from gridsim.technologies.draft import NetworkDraft


class CompressedAir(Asset):
    """Compressor, cavern, expander, and heat store (adiabatic) or fuel (diabatic)."""

    variant_field: ClassVar[str | None] = "kind"

    type: Literal["caes"]
    kind: Literal["adiabatic", "diabatic"] = "adiabatic"
    bus: str
    power_mw: PowerMW
    """Expander power at the bus. [MW]"""
    compressor_power_mw: PowerMW | None = None
    """Compressor power at the bus; left out, as large as the expander. [MW]"""
    energy_mwh: EnergyMWh
    """Expander output from a full cavern down to its lowest pressure. [MWh]"""
    compressor_efficiency: PositiveShare | None = None
    """Adiabatic: heat stored per electricity drawn. [1]"""
    expander_efficiency: PositiveShare | None = None
    """Adiabatic: electricity delivered per heat drawn. [1]"""
    heat_standing_loss_share_per_hour: Share | None = None
    heat_store_mwh: EnergyMWh | None = None
    """Adiabatic: heat the store can hold; left out, what a full cavern needs. [MWh_th]"""
    compression_mwh_per_mwh_out: Annotated[float, Field(gt=0)] | None = None
    """Diabatic. [MWh/MWh]"""
    fuel_mwh_per_mwh_out: Annotated[float, Field(ge=0)] | None = None
    """Diabatic. [MWh_LHV/MWh]"""
    fuel_price_cny_per_mwh: PriceCNYPerMWh | None = None
    compressor_min_load_share: Share
    expander_min_load_share: Share
    start_cost_cny: Annotated[float, Field(ge=0)]
    """For each start of either machine (mixed-integer level). [CNY]"""
    throughput_cost_cny_per_mwh: Annotated[float, Field(ge=0)]
    level_start_share: Share | None = None
    level_end: Literal["same", "free"] | Share = "same"
    pressure_min_bar: PressureBar
    pressure_max_bar: PressureBar
    capital_cost_cny_per_kw: CapitalCost
    """Expander with its heat exchangers, generator and share of the plant, on expander power. [CNY/kW]"""
    compressor_cost_cny_per_kw: CapitalCost
    """Compressor with its motor, coolers and share of the plant, on compressor power. [CNY/kW]"""
    capital_cost_cny_per_kwh: CapitalCost
    """Cavern and heat store, on energy. [CNY/kWh]"""

    def findings(self, park: Park) -> Iterator[Finding]:
        """Each kind needs its own fields; the pressure window must be open."""
        needed = {
            "adiabatic": ("compressor_efficiency", "expander_efficiency", "heat_standing_loss_share_per_hour"),
            "diabatic": ("compression_mwh_per_mwh_out", "fuel_mwh_per_mwh_out", "fuel_price_cny_per_mwh"),
        }
        for field in needed[self.kind]:
            if getattr(self, field) is None:
                yield Finding(field, "is missing", f"a plant of kind {self.kind} needs it")
        foreign = needed["diabatic" if self.kind == "adiabatic" else "adiabatic"]
        for field in foreign:
            if getattr(self, field) is not None:
                yield Finding(field, f"has no meaning for a plant of kind {self.kind}", "remove it, or change kind")
        if self.pressure_min_bar >= self.pressure_max_bar:
            yield Finding("pressure_min_bar", f"{self.pressure_min_bar} is not below pressure_max_bar {self.pressure_max_bar}", "leave a window between them")

    @property
    def _compressor_mw(self) -> float:
        return self.power_mw if self.compressor_power_mw is None else self.compressor_power_mw

    def build(self, name: str, draft: NetworkDraft) -> None:
        """Add compressor, expander, cavern and heat store or fuel."""
        air = draft.bus(f"{name}.air", "air")
        vent = self._compressor_mw + self.power_mw
        if self.kind == "adiabatic":
            heat = draft.bus(f"{name}.heat", "caes heat")
            into_air = self.compressor_efficiency * self.expander_efficiency
            draft.link(
                f"{name}.charge", name, "charge", self.bus, air, self._compressor_mw, into_air, bus2=heat, efficiency2=self.compressor_efficiency
            )
            drawn = -1.0 / self.expander_efficiency
            heat_mwh = self.heat_store_mwh if self.heat_store_mwh is not None else self.energy_mwh / self.expander_efficiency
            levels = level_attributes(self.level_start_share, self.level_end, 0.0, 1.0, heat_mwh, draft.steps)
            draft.store(f"{name}.heat_store", name, heat, heat_mwh, standing_loss=self.heat_standing_loss_share_per_hour, **levels)
            draft.generator(f"{name}.heat_vent", name, "spill", heat, vent, sign=-1.0)
        else:
            heat = draft.bus(f"{name}.fuel", "fuel")
            draft.link(f"{name}.charge", name, "charge", self.bus, air, self._compressor_mw, 1.0 / self.compression_mwh_per_mwh_out)
            drawn = -self.fuel_mwh_per_mwh_out
            draft.generator(
                f"{name}.fuel_supply", name, "fuel", heat, -drawn * self.power_mw, marginal_cost=self.fuel_price_cny_per_mwh, carrier="gas"
            )
        draft.link(
            f"{name}.discharge",
            name,
            "discharge",
            air,
            self.bus,
            self.power_mw,
            1.0,
            bus2=heat,
            efficiency2=drawn,
            marginal_cost=self.throughput_cost_cny_per_mwh,
        )
        levels = level_attributes(self.level_start_share, self.level_end, 0.0, 1.0, self.energy_mwh, draft.steps)
        draft.store(f"{name}.store", name, air, self.energy_mwh, **levels)
        draft.generator(f"{name}.air_vent", name, "spill", air, vent, sign=-1.0)
        self._request(name, draft)

    def _request(self, name: str, draft: NetworkDraft) -> None:
        charge, discharge = f"{name}.charge", f"{name}.discharge"
        committed = draft.level == "mixed_integer"
        draft.request(
            Exclusive(
                f"{name}.one_direction", charge, self._compressor_mw, discharge, self.power_mw, np.zeros(draft.steps, dtype=bool), always=committed
            )
        )
        if committed:
            machines = {
                "compressor": Block(charge, self.compressor_min_load_share * self._compressor_mw, self._compressor_mw),
                "expander": Block(discharge, self.expander_min_load_share * self.power_mw, self.power_mw),
            }
            for machine, block in machines.items():
                draft.request(Commitment(f"{name}.{machine}", 1, (block,), start_cost_cny=self.start_cost_cny))

    def investments(self) -> list[Investment]:
        """Each machine by its power, cavern and heat store by energy."""
        return [
            self.bought("expander", self.power_mw, "MW", self.capital_cost_cny_per_kw * 1e3),
            self.bought("compressor", self._compressor_mw, "MW", self.compressor_cost_cny_per_kw * 1e3),
            self.bought("cavern", self.energy_mwh, "MWh", self.capital_cost_cny_per_kwh * 1e3),
        ]

    def report(self, name: str, dispatch: Dispatch) -> dict[str, float]:
        """Throughput, cycles, and fuel where there is any."""
        figures = storage_report(name, dispatch, self.power_mw, self.energy_mwh, self.energy_mwh)
        if self.kind == "diabatic":
            figures["fuel_mwh"] = float(dispatch.flows[f"{name}.fuel_supply"].sum() * dispatch.time.step_hours)
        return figures

    def series(self, name: str, dispatch: Dispatch) -> dict[str, tuple[Any, str]]:
        """Cavern pressure."""
        share = dispatch.levels[f"{name}.store"] / self.energy_mwh if self.energy_mwh else np.zeros(dispatch.time.steps)
        return {"pressure_bar": (self.pressure_min_bar + share * (self.pressure_max_bar - self.pressure_min_bar), "bar")}
