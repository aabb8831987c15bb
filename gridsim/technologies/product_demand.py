r"""What hydrogen and ammonia demands share: a quantity that must be delivered, hour by hour or by the end of each period.

.. math:: \sum_{t \in \text{period}} \Delta t\, q_t = Q_\text{period}, \qquad 0 \le q_t \le q_\max

``flexible_within: hour`` fixes the rate (with a profile, its shape). A quota of a year is spread over periods by their hours, so that a run of fewer hours, or
a last period that is cut short, asks for its share only.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field

from gridsim.technologies.base import Finding, Technology
from gridsim.technologies.draft import PeriodLimit, Term

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.park.park import Park
    from gridsim.technologies.draft import NetworkDraft

NonNegative = Annotated[float, Field(ge=0)]


class ProductDemand(Technology):
    """Base of the demands for one product; sizes are in the product's own unit (kg or t)."""

    profile_fields: ClassVar[tuple[str, ...]] = ("profile",)
    profile_units: ClassVar[tuple[str, ...]] = ("pu", "1", "kg/h", "t/h")
    needs_served: ClassVar[bool] = True
    network_unit_per_product: ClassVar[float] = 1.0
    """What one unit of product is on the network's bus (hydrogen: MWh of lower heating value per kg)."""
    product_unit: ClassVar[str] = "t"

    bus: str
    flexible_within: Literal["hour", "day", "week", "month", "year"] = "hour"
    """The period within which the time of delivery is free."""
    profile: str | None = None
    """Shape of the demand over time, where it is fixed by the hour."""

    def _annual(self) -> float:
        raise NotImplementedError

    def _largest_rate(self) -> float | None:
        raise NotImplementedError

    def _unserved_price(self) -> float | None:
        raise NotImplementedError

    def findings(self, park: Park) -> Iterator[Finding]:
        """A profile fixes the hours; the quota must fit below the largest rate."""
        if self.profile is not None and self.flexible_within != "hour":
            yield Finding("profile", f"is given together with flexible_within: {self.flexible_within}", "a profile fixes each hour; remove one of them")
        rate = self._largest_rate()
        if self.flexible_within == "hour" and rate is not None:
            yield Finding(f"max_{self.product_unit}_per_h", "has no meaning for a demand fixed by the hour", "set flexible_within, or remove it")
        elif rate is not None and rate * park.year_hours < self._annual() * (1 - 1e-9):
            yield Finding(
                f"max_{self.product_unit}_per_h",
                f"{rate:.6g} all year delivers {rate * park.year_hours:.6g} {self.product_unit}, the demand is {self._annual():.6g}",
                "raise the rate or lower the demand",
            )

    def rate(self, park: Park) -> NDArray[np.float64]:
        """Mean or fixed rate at each snapshot. Shape (T,). [product/h]"""
        mean = self._annual() / park.year_hours
        if self.profile is None:
            return np.full(park.time.steps, mean)
        return park.profiles[self.profile] * (mean / park.profile_means[self.profile])

    def build(self, name: str, draft: NetworkDraft) -> None:
        """Add a Load, or a free delivery with a quota a period; with its unserved part where that has a price."""
        park, unit = draft.park, self.network_unit_per_product
        rate = self.rate(park) * unit
        peak = float(rate.max())
        price = self._unserved_price()
        if self.flexible_within == "hour":
            draft.load(name, name, self.bus, rate)
            if price is not None and peak > 0:
                draft.generator(f"{name}.unserved", name, "unserved", self.bus, peak, p_max_pu=rate / peak, marginal_cost=price / unit)
            return
        largest = self._largest_rate()
        hours = park.time.step_hours
        period = park.time.period(self.flexible_within)
        quota = np.bincount(period, weights=rate * hours)
        limit = float(quota.max() / hours) if largest is None else largest * unit
        delivery = draft.generator(name, name, "product", self.bus, limit)
        terms = [Term(delivery)]
        if price is not None:
            terms.append(Term(draft.generator(f"{name}.unserved", name, "missed", self._nowhere(name, draft, limit), limit, marginal_cost=price / unit)))
        draft.request(PeriodLimit(f"{name}.quota", tuple(terms), "==", quota, period, need=name))

    def _nowhere(self, name: str, draft: NetworkDraft, limit: float) -> str:
        """Return a bus of its own for a quota's missed part, which supplies nobody; a sink takes it."""
        bus = draft.bus(f"{name}.missed", "missed")
        draft.generator(f"{name}.missed_sink", name, "spill", bus, limit, sign=-1.0)
        return bus
