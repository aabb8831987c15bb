r"""What wind and solar share: a profile of availability that may be used or curtailed.

.. math:: 0 \le p_t \le a_t P, \qquad \text{curtailed}_t = a_t P - p_t

with rated power :math:`P` and availability :math:`a_t` (profile × `profile_scale`). Where `curtailable` is false, :math:`p_t = a_t P`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from gridsim.technologies.base import Asset, CapitalCost, Finding, Investment
from gridsim.units import Factor, PowerMW, PriceCNYPerMWh

if TYPE_CHECKING:
    from gridsim.dispatch.result import Dispatch
    from gridsim.park.park import Park
    from gridsim.technologies.draft import NetworkDraft


class VariableRenewable(Asset):
    """A fleet of wind turbines or solar modules on one bus."""

    profile_fields: ClassVar[tuple[str, ...]] = ("profile",)

    bus: str
    capacity_mw: PowerMW
    """Rated power, measured at the bus (solar: AC). [MW]"""
    profile: str
    """Availability per unit of rated power."""
    profile_scale: Factor = 1.0
    """Factor on the profile, for degradation or a second opinion. [1]"""
    curtailable: bool = True
    variable_cost_cny_per_mwh: PriceCNYPerMWh
    capital_cost_cny_per_kw: CapitalCost

    def findings(self, park: Park) -> Iterator[Finding]:
        """Availability above rated power is a unit mistake."""
        profile = park.profiles.get(self.profile)
        if profile is not None and (largest := float(profile.max()) * self.profile_scale) > 1.5:
            yield Finding("profile", f"'{self.profile}' reaches {largest:.4g} of rated power", "give it per unit of rated power, 0..1")

    def build(self, name: str, draft: NetworkDraft) -> None:
        """Add one Generator."""
        availability = draft.park.profiles[self.profile] * self.profile_scale
        bounds = {"p_max_pu": availability} if self.curtailable else {"p_max_pu": availability, "p_min_pu": availability}
        draft.generator(name, name, "renewable", self.bus, self.capacity_mw, marginal_cost=self.variable_cost_cny_per_mwh, carrier=self.type, **bounds)

    def investments(self) -> list[Investment]:
        """Rated power."""
        return [self.bought("power", self.capacity_mw, "MW", self.capital_cost_cny_per_kw * 1e3)]

    def report(self, name: str, dispatch: Dispatch) -> dict[str, float]:
        """Energy used, full-load hours of what was available, curtailment."""
        available = dispatch.draft.available(dispatch.draft.components[name])
        used = dispatch.flows[name]
        hours = dispatch.time.step_hours
        return {
            "capacity_mw": self.capacity_mw,
            "energy_mwh": float(used.sum() * hours),
            "available_mwh": float(available.sum() * hours),
            "curtailed_mwh": float(np.sum(available - used) * hours),
            "full_load_hours": float(available.sum() * hours / self.capacity_mw) if self.capacity_mw else 0.0,
        }
