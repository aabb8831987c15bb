"""Ammonia that leaves the plant's tank for its users. Equations in `product_demand`."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from gridsim.technologies.product_demand import NonNegative, ProductDemand
from gridsim.units import MassT

if TYPE_CHECKING:
    from gridsim.dispatch.result import Dispatch


class AmmoniaDemand(ProductDemand):
    """Ammonia at one bus."""

    bus_carriers: ClassVar[dict[str, str]] = {"bus": "ammonia"}

    type: Literal["ammonia_demand"]
    annual_t: MassT
    """Ammonia of the whole year that the park file names. [t]"""
    max_t_per_h: NonNegative | None = None
    unserved_price_cny_per_t: NonNegative | None = None

    def _annual(self) -> float:
        return self.annual_t

    def _largest_rate(self) -> float | None:
        return self.max_t_per_h

    def _unserved_price(self) -> float | None:
        return self.unserved_price_cny_per_t

    def report(self, name: str, dispatch: Dispatch) -> dict[str, float]:
        """Ammonia delivered."""
        hours = dispatch.time.step_hours
        unserved = float(dispatch.flows[f"{name}.unserved"].sum() * hours) if f"{name}.unserved" in dispatch.flows else 0.0
        fixed = unserved if self.flexible_within == "hour" else 0.0
        return {"delivered_t": float(dispatch.flows[name].sum() * hours) - fixed, "unserved_t": unserved}
