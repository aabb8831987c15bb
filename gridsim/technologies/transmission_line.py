r"""A dedicated line between two buses, such as the 500 kV line from a wind base.

.. math:: 0 \le f_t \le F, \qquad \text{received}_t = (1 - \ell) f_t

:math:`f` is measured at the sending end. The loss share :math:`\ell` is constant; real losses grow with the square of the flow, so give the energy-weighted
average over the year (the loss at rating overstates it; at a base with 3000 full-load hours by roughly a factor of two).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field

from gridsim.technologies.base import Asset, CapitalCost, Finding, Investment
from gridsim.technologies.draft import Exclusive
from gridsim.units import PowerMW, Share

if TYPE_CHECKING:
    from gridsim.dispatch.result import Dispatch
    from gridsim.park.park import Park
    from gridsim.technologies.draft import NetworkDraft


class TransmissionLine(Asset):
    """A line with a limit and losses, one way or both ways."""

    bus_carriers: ClassVar[dict[str, str]] = {"from_bus": "electricity", "to_bus": "electricity"}

    type: Literal["transmission_line"]
    from_bus: str
    to_bus: str
    capacity_mw: PowerMW
    """Largest flow at the sending end. [MW]"""
    loss_share: Share
    """Energy lost over energy sent. [1]"""
    both_ways: bool = False
    length_km: Annotated[float, Field(ge=0)]
    capital_cost_cny_per_km: CapitalCost

    def findings(self, park: Park) -> Iterator[Finding]:
        """A line joins two different buses."""
        if self.from_bus == self.to_bus:
            yield Finding("to_bus", f"'{self.to_bus}' is also from_bus", "a line joins two different buses")

    def build(self, name: str, draft: NetworkDraft) -> None:
        """Add one Link a direction."""
        forward = draft.link(name, name, "transport", self.from_bus, self.to_bus, self.capacity_mw, 1.0 - self.loss_share)
        if self.both_ways:
            back = draft.link(f"{name}.back", name, "transport", self.to_bus, self.from_bus, self.capacity_mw, 1.0 - self.loss_share)
            never = np.zeros(draft.steps, dtype=bool)
            draft.request(Exclusive(f"{name}.one_direction", forward, self.capacity_mw, back, self.capacity_mw, never))

    def investments(self) -> list[Investment]:
        """Line by length."""
        return [self.bought("line", self.length_km, "km", self.capital_cost_cny_per_km)]

    def report(self, name: str, dispatch: Dispatch) -> dict[str, float]:
        """Energy sent and lost."""
        sent = sum(float(dispatch.flows[link].sum()) for link in (name, f"{name}.back") if link in dispatch.flows) * dispatch.time.step_hours
        return {
            "capacity_mw": self.capacity_mw,
            "energy_mwh": sent * (1 - self.loss_share),
            "loss_mwh": sent * self.loss_share,
            "full_load_hours": sent / self.capacity_mw if self.capacity_mw else 0.0,
        }
