"""A park dispatched again over its whole time, with a call at the connection, and everything outside a window as another dispatch has it.

Nothing of `gridsim.dispatch.envelope_program` is used: requests are added to the park's own draft, and the ordinary dispatch solves and audits it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridsim.dispatch.solve import KeptDispatch
from gridsim.technologies.draft import HourlyLimit, SnapshotLimits, Term

if TYPE_CHECKING:
    from gridsim.dispatch.result import Dispatch
    from gridsim.park.park import Park
    from gridsim.technologies.draft import Level

CALL = ("call.most", "call.least")
"""Rows that hold the exchange with the grid at what is called, from both sides; what is missing is their excess."""


class HeldDispatch(KeptDispatch):
    """The dispatch of a park with a call.

    Parameters
    ----------
    dispatch : Dispatch
        What is done outside the window, and what the call is counted from.
    window : tuple of int
        First step of the call, and the step by which everything is as before again.
    call_steps : int
    power_mw : float
        Positive up: less import or more export. [MW]
    price_cny_per_mwh : float
        Of what is missing: dearer than all else.
    """

    def __init__(
        self, dispatch: Dispatch, window: tuple[int, int], call_steps: int, power_mw: float, price_cny_per_mwh: float, *, with_network: bool = False
    ) -> None:
        self.former, self.window, self.call_steps = dispatch, window, call_steps
        self.power_mw, self.price = power_mw, price_cny_per_mwh
        super().__init__(dispatch.draft.park, level=dispatch.draft.level, with_network=with_network)

    def _begin(self, park: Park, level: Level) -> None:
        super()._begin(park, level)
        self._hold()
        for request in self.former.draft.requested(SnapshotLimits):
            self.draft.request(request)
        self._ask()
        if self.model is not None:
            self._make_model()

    def _hold(self) -> None:
        first, last = self.window
        steps = np.arange(self.draft.steps)
        outside = ((steps < first) | (steps >= last)).astype(float)
        for component in self.draft.components.values():
            name = component.name
            if component.kind != "Load" and outside.any():
                self.draft.request(HourlyLimit(f"held.{name}", (Term(name, outside),), "==", outside * self.former.flows[name]))
            if component.kind == "Store" and component["e_nom"] > 0:
                share = self.former.levels[name][last - 1] / component["e_nom"]
                for end, default in (("e_min_pu", 0.0), ("e_max_pu", 1.0)):
                    values = np.array(np.broadcast_to(component.get(end, default), (self.draft.steps,)), dtype=float)
                    values[last - 1] = share
                    component.attributes[end] = values

    def _ask(self) -> None:
        ways = self.draft.having("import", "export")
        sign = np.array([1.0 if way.role == "import" else -1.0 for way in ways])
        steps = np.arange(self.window[0], self.window[0] + self.call_steps)
        net = sum(one * self.former.flows[way.name][steps] for one, way in zip(sign, ways, strict=True)) - self.power_mw
        for name, side in zip(CALL, (1.0, -1.0), strict=True):
            coefficient = np.tile(side * sign, (steps.size, 1))
            self.draft.request(SnapshotLimits(name, tuple(way.name for way in ways), steps, coefficient, side * net, self.price))
