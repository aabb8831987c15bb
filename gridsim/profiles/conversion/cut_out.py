"""When turbines stop: storm and cold, each with its own way back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

TURBINE_CLASSES = 15
"""Groups of equally many turbines that see calmer and windier air than the park's mean."""


def latched(stops: NDArray[np.bool_], starts: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether a turbine runs: from a start until the next stop, and in between as it was; it runs at the beginning.

    Parameters
    ----------
    stops, starts : array, shape (T, ...)
        Steps that stop it and steps that may start it again; where both hold, it stops.

    Returns
    -------
    array, shape (T, ...)
        True while running.

    Examples
    --------
    >>> speed = np.array([20.0, 26.0, 24.0, 23.0, 21.0, 24.0])
    >>> latched(speed > 25.0, speed < 22.0).tolist()
    [True, False, False, False, True, True]
    """
    steps = np.arange(1, len(stops) + 1).reshape(-1, *(1,) * (stops.ndim - 1))
    last_stop = np.maximum.accumulate(np.where(stops, steps, 0), axis=0)
    last_start = np.maximum.accumulate(np.where(starts & ~stops, steps, 0), axis=0)
    return last_stop <= last_start


def storm_share(
    speed_m_per_s: NDArray[np.float64], spread_m_per_s: float, cut_out_m_per_s: float, restart_m_per_s: float, ramp_m_per_s: float
) -> NDArray[np.float64]:
    r"""Share of the park's power that storm leaves.

    Without a ramp each turbine stops above its cut-out speed and starts again below its restart speed. With storm control it turns its
    power down instead,

    .. math:: \min\left(1, \max\left(0, \frac{v_\mathrm{out} + r - v}{r}\right)\right)

    Parameters
    ----------
    speed_m_per_s : array, shape (T,)
        Wind at hub height, mean of the park. [m/s]
    spread_m_per_s : float
        Standard deviation of wind between turbines: ``TURBINE_CLASSES`` groups stop one after another. 0: all at once. [m/s]
    cut_out_m_per_s, restart_m_per_s : float
        When a turbine stops, and when it comes back. [m/s]
    ramp_m_per_s : float
        Range r above cut-out in which storm control turns power down; 0 is a plain cut-out. [m/s]

    Returns
    -------
    array, shape (T,)
        1 in ordinary wind. [0..1]
    """
    from scipy.special import ndtri

    left = np.ones(speed_m_per_s.shape)
    middles = (np.arange(TURBINE_CLASSES) + 0.5) / TURBINE_CLASSES
    deviations = spread_m_per_s * ndtri(middles) if spread_m_per_s > 0.0 else np.zeros(1)
    if speed_m_per_s.max(initial=0.0) + deviations[-1] <= cut_out_m_per_s:
        return left
    speeds = np.add.outer(speed_m_per_s, deviations)
    if ramp_m_per_s > 0.0:
        left = np.clip((cut_out_m_per_s + ramp_m_per_s - speeds) / ramp_m_per_s, 0.0, 1.0).mean(axis=1)
    else:
        left = latched(speeds > cut_out_m_per_s, speeds <= restart_m_per_s).mean(axis=1)
    return left


def cold_running(temperature_degc: NDArray[np.float64], stop_degc: float, restart_above_k: float) -> NDArray[np.bool_]:
    """Whether it is warm enough to run: stops below the least operating temperature, starts again that many kelvin above it."""
    return latched(temperature_degc < stop_degc, temperature_degc >= stop_degc + restart_above_k)
