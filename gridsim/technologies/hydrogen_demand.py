"""Hydrogen that leaves the park's network for a use of its own: steel, methanol, trucks, other plants. Equations in `product_demand`."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from gridsim.technologies.product_demand import NonNegative, ProductDemand
from gridsim.units import MWH_PER_KG_HYDROGEN, MassKg

if TYPE_CHECKING:
    from gridsim.dispatch.result import Dispatch


class HydrogenDemand(ProductDemand):
    """Hydrogen at one bus."""

    bus_carriers: ClassVar[dict[str, str]] = {"bus": "hydrogen"}
    network_unit_per_product: ClassVar[float] = MWH_PER_KG_HYDROGEN
    product_unit: ClassVar[str] = "kg"

    type: Literal["hydrogen_demand"]
    annual_kg: MassKg
    """Hydrogen of the whole year that the park file names. [kg]"""
    max_kg_per_h: NonNegative | None = None
    unserved_price_cny_per_kg: NonNegative | None = None

    def _annual(self) -> float:
        return self.annual_kg

    def _largest_rate(self) -> float | None:
        return self.max_kg_per_h

    def _unserved_price(self) -> float | None:
        return self.unserved_price_cny_per_kg

    def report(self, name: str, dispatch: Dispatch) -> dict[str, float]:
        """Hydrogen delivered."""
        to_kg = dispatch.time.step_hours / MWH_PER_KG_HYDROGEN
        unserved = float(dispatch.flows[f"{name}.unserved"].sum() * to_kg) if f"{name}.unserved" in dispatch.flows else 0.0
        fixed = unserved if self.flexible_within == "hour" else 0.0
        return {"delivered_kg": float(dispatch.flows[name].sum() * to_kg) - fixed, "unserved_kg": unserved}
