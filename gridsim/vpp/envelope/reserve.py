"""The second-level class: load that may be dropped within seconds, hour by hour. A reserve in MW with calls and their length, not an energy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gridsim.technologies.demand_response import DemandResponse

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gridsim.dispatch.result import Dispatch


@dataclass(frozen=True, eq=False)
class SecondLevelReserve:
    """One contract."""

    name: str
    load: str
    power_mw: float
    """What the contract says. [MW]"""
    reserve_mw: NDArray[np.float64]
    """What is there to drop, after unserved load and what other demand response takes of the same load. Shape (T,). [MW]"""
    calls_per_year: int | None
    """None: not stated."""
    hours_per_call: float | None

    @property
    def always_mw(self) -> float:
        """What is there in every step. [MW]"""
        return float(self.reserve_mw.min())


def second_level_reserves(dispatch: Dispatch) -> list[SecondLevelReserve]:
    """Return the contracts of kind ``interrupt`` with ``reserve_only``."""
    return [
        SecondLevelReserve(name, one.load, one.power_mw, one.series(name, dispatch)["reserve_mw"][0], one.calls_per_year, one.hours_per_call)
        for name, one in dispatch.draft.park.of_type(DemandResponse).items()
        if one.reserve_only
    ]
