r"""Electric loads that must be served.

.. math:: L_t = \bar P\, \frac{s_t}{\bar s} \quad\text{or}\quad L_t = \hat P\, \frac{s_t}{\max s} \quad\text{or}\quad L_t = s_t

from annual energy (mean power :math:`\bar P` over the whole year), from peak power :math:`\hat P`, or the profile itself in MW. Without a profile the load is
flat.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field

from gridsim.technologies.base import Finding, Technology
from gridsim.units import EnergyMWh, PowerMW

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.dispatch.result import Dispatch
    from gridsim.park.park import Park
    from gridsim.technologies.draft import NetworkDraft


class Load(Technology):
    """An electric load at one bus."""

    profile_fields: ClassVar[tuple[str, ...]] = ("profile",)
    profile_units: ClassVar[tuple[str, ...]] = ("pu", "1", "MW")
    needs_served: ClassVar[bool] = True

    type: Literal["load"]
    bus: str
    annual_energy_mwh: EnergyMWh | None = None
    """Energy of the whole year that the park file names. [MWh]"""
    peak_mw: PowerMW | None = None
    """Highest power of the whole year. [MW]"""
    profile: str | None = None
    """Shape; without annual_energy_mwh or peak_mw, the load itself in MW."""
    unserved_price_cny_per_mwh: Annotated[float, Field(ge=0)] | None = None
    """What an unserved MWh costs; left out, every MWh must be served. [CNY/MWh]"""

    def findings(self, park: Park) -> Iterator[Finding]:
        """One size is needed."""
        sizes = [field for field in ("annual_energy_mwh", "peak_mw") if getattr(self, field) is not None]
        if len(sizes) == 2:
            yield Finding("peak_mw", "is given together with annual_energy_mwh", "give one of them; the profile decides the other")
        if not sizes and self.profile is None:
            yield Finding("annual_energy_mwh", "is missing", "give annual_energy_mwh, peak_mw, or a profile in MW")
        if self.profile in park.profile_peaks and park.profile_peaks[self.profile] <= 0 and sizes:
            yield Finding("profile", f"'{self.profile}' is zero all year", "a load cannot be scaled from it")

    def demand_mw(self, park: Park) -> NDArray[np.float64]:
        """Power at each snapshot. Shape (T,). [MW]"""
        if self.profile is None:
            flat = self.peak_mw if self.peak_mw is not None else self.annual_energy_mwh / park.year_hours
            return np.full(park.time.steps, flat)
        shape = park.profiles[self.profile]
        if self.annual_energy_mwh is not None:
            return shape * (self.annual_energy_mwh / park.year_hours / park.profile_means[self.profile])
        if self.peak_mw is not None:
            return shape * (self.peak_mw / park.profile_peaks[self.profile])
        return shape

    def build(self, name: str, draft: NetworkDraft) -> None:
        """Add a Load and, where it may stay unserved, a Generator at its price."""
        demand = self.demand_mw(draft.park)
        draft.load(name, name, self.bus, demand)
        if self.unserved_price_cny_per_mwh is not None and (peak := float(demand.max())) > 0:
            draft.generator(
                f"{name}.unserved", name, "unserved", self.bus, peak, p_max_pu=demand / peak, marginal_cost=self.unserved_price_cny_per_mwh
            )

    def report(self, name: str, dispatch: Dispatch) -> dict[str, float]:
        """Energy asked for (before demand response) and what stayed unserved."""
        hours = dispatch.time.step_hours
        demand = dispatch.flows[name]
        figures = {"energy_mwh": float(demand.sum() * hours), "capacity_mw": float(demand.max())}
        figures["full_load_hours"] = figures["energy_mwh"] / figures["capacity_mw"] if figures["capacity_mw"] else 0.0
        if (unserved := dispatch.flows.get(f"{name}.unserved")) is not None:
            figures["unserved_mwh"] = float(unserved.sum() * hours)
        return figures
