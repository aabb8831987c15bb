"""Bring a shape to its load factor, and a load factor to energy and peak."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridsim.profiles.loads.working_days import step_means

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

TOLERANCE = 1e-12
"""Load factors that differ by less are the same."""


class OutOfReachError(ValueError):
    """No setting of a shape gives the load factor that was asked for."""

    def __init__(self, least: float, most: float) -> None:
        self.least, self.most = least, most
        super().__init__(f"load factors from {least:.4f} to {most:.4f} are possible")


def load_factor(values: NDArray[np.float64]) -> float:
    """Mean over peak; 0 for a load that is never there. [0..1]"""
    peak = values.max()
    return float(values.mean() / peak) if peak > 0.0 else 0.0


def setting_for(shape: Callable[[float], NDArray[np.float64]], wanted: float, step_minutes: int, settings: Sequence[float]) -> float:
    """Return the setting at which a shape has the wanted load factor.

    Parameters
    ----------
    shape : callable
        Fine series as a function of one number.
    wanted : float
        Mean over peak of the means of ``step_minutes``. [0..1]
    step_minutes : int
        Step that the load factor is meant of. [min]
    settings : sequence of float
        Numbers to walk along until the load factor has passed the wanted one; far out it may turn back, so the first passing counts.

    Raises
    ------
    OutOfReachError
        With the least and the largest load factor met on the way.

    Examples
    --------
    >>> import numpy as np
    >>> half_off = lambda base: np.where(np.arange(288) < 144, 1.0, base)  # five minutes a step
    >>> setting_for(half_off, wanted=0.75, step_minutes=60, settings=(0.0, 1.0))  # 12 × 1 and 12 × 0.5
    0.5
    """
    from scipy.optimize import brentq

    def excess(setting: float) -> float:
        return load_factor(step_means(shape(setting), step_minutes)) - wanted

    met: list[float] = []
    for place, setting in enumerate(settings):
        met.append(excess(setting))
        if abs(met[-1]) < TOLERANCE:
            return setting
        if place and met[-2] * met[-1] < 0:
            return float(brentq(excess, settings[place - 1], setting, xtol=1e-13, rtol=1e-14))
    raise OutOfReachError(min(met) + wanted, max(met) + wanted)
