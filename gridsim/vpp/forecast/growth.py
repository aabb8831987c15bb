"""How the error of a forecast grows with its lead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Per = Literal["capacity", "mean", "variation"]


@dataclass(frozen=True)
class ErrorGrowth:
    """Root mean square error of a kind of forecast by lead, and how its errors hang together.

    The lead of a value is the time from its issue to the end of the step it is for: the step that begins with the issue has a lead of one step.
    """

    lead_hours: tuple[float, ...]
    """Rising. [h]"""
    error: tuple[float, ...]
    """Root mean square error at each lead, of sunlit steps for the sun; never falling. Share of ``per``. [1]"""
    per: Per
    """``capacity``: 1 of the profile's unit; ``mean``: mean absolute value of the series; ``variation``: root mean square departure from its daily rhythm
    (`Climate`), which is the error of the climate as a forecast."""
    memory_hours: float
    """News about one hour is also news about its neighbours: time over which that fades. [h]"""
    shared: float
    """Correlation of the noise between series of one kind, wherever they stand. [0..1]"""

    def at(self, lead_hours: NDArray[np.float64]) -> NDArray[np.float64]:
        """Error at some leads: straight between the points, zero at lead zero, constant beyond the last point.

        Examples
        --------
        >>> ErrorGrowth((1.0, 4.0), (0.04, 0.10), "capacity", 6.0, 0.5).at(np.array([0.5, 1.0, 2.0, 9.0])).round(3).tolist()
        [0.02, 0.04, 0.06, 0.1]
        """
        error: NDArray[np.float64] = np.interp(lead_hours, (0.0, *self.lead_hours), (0.0, *self.error))
        return error

    def leads(self, step_hours: float) -> NDArray[np.float64]:
        """Leads of the columns over which the error grows. Shape (J,). [h]"""
        count = max(1, int(np.ceil(self.lead_hours[-1] / step_hours - 1e-9)))
        return (1.0 + np.arange(count)) * step_hours
