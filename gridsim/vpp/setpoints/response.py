r"""What assets deliver of what they are asked, and what the market makes of the difference.

An asset follows the change it is asked, :math:`a`, after a dead time :math:`\tau`, as far as it is available (:math:`\alpha`), no faster than its ramp:

.. math::
   y_t = y_{t-1} + \min\big(R\,\Delta t, \max(-R\,\Delta t,\; \alpha\,a(t-\tau) - y_{t-1})\big), \qquad y_{-1} = 0

A dead time that is no whole number of steps gives each step its mean of the two signals it sees. :math:`y_t` is the power at the end of step :math:`t` and
counts for the whole step; in a ramp that overstates the energy of one step by up to half of what is ramped in it. The market sees the sum over the park:

.. math::
   \text{paid}_t = \min(|s_t|, (y_t \operatorname{sign} s_t)^+), \qquad
   \text{penalised}_t = \big(|y_t - s_t| - \beta |s_t|\big)^+

With no signal at all every movement is a deviation without a band.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridsim.vpp.setpoints.section import DeliveryTerms, Response, SetPointsSection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[np.float64]

NOISE_MW = 1e-9
"""A deviation this small is rounding. [MW]"""


def follow(
    asked_mw: Array, step_seconds: float, dead_time_seconds: ArrayLike = 0.0, ramp_mw_per_minute: ArrayLike = np.inf, availability: ArrayLike = 1.0
) -> Array:
    """Return what N assets deliver of what they are asked.

    Parameters
    ----------
    asked_mw : array, shape (T, N)
        Changes against the plan. [MW]
    step_seconds : float
        Length of a step. [s]
    dead_time_seconds, ramp_mw_per_minute : array_like, shape (N,)
        From the signal to the first movement [s], and the fastest movement [MW/min].
    availability : array_like, shape (N,) or (T, N)
        Share of what is asked that can be given. [1]

    Returns
    -------
    array, shape (T, N)
        Delivered changes. [MW]
    """
    asked = np.asarray(asked_mw, dtype=float)
    steps, count = asked.shape
    delay = np.broadcast_to(np.asarray(dead_time_seconds, dtype=float) / step_seconds, (count,))
    whole = np.floor(delay).astype(int)
    seen = (1.0 - (delay - whole)) * _later(asked, whole) + (delay - whole) * _later(asked, whole + 1)
    target = seen * np.asarray(availability, dtype=float)
    reach = np.broadcast_to(np.asarray(ramp_mw_per_minute, dtype=float) * step_seconds / 60.0, (count,))
    if np.isinf(reach).all():
        return target
    delivered, before = np.empty_like(target), np.zeros(count)
    for step in range(steps):  # each step starts where the one before ended
        before = before + np.minimum(np.maximum(target[step] - before, -reach), reach)
        delivered[step] = before
    return delivered


def _later(series: Array, steps: NDArray[np.int64]) -> Array:
    """Move each column of a series, shape (T, N), so many steps later; 0 before it begins."""
    at = np.arange(len(series))[:, None] - steps[None, :]
    return np.where(at >= 0, np.take_along_axis(series, np.maximum(at, 0), axis=0), 0.0)


def follow_section(asked_mw: Array, names: Sequence[str], step_seconds: float, section: SetPointsSection | None = None) -> Array:
    """Return what assets deliver, shape (T, N), as the section says; an asset such as ``dr_1.step_2`` follows as its technology ``dr_1``. [MW]"""
    stated = {} if section is None else section.response
    responses = [stated.get(name, stated.get(name.partition(".")[0], Response())) for name in names]
    return follow(
        asked_mw,
        step_seconds,
        [response.dead_time_seconds or 0.0 for response in responses],
        [np.inf if response.ramp_mw_per_minute is None else response.ramp_mw_per_minute for response in responses],
        [1.0 if response.availability is None else response.availability for response in responses],
    )


@dataclass(frozen=True, eq=False)
class Deviation:
    """What is paid and what is penalised of one series. All arrays have shape (T,)."""

    paid_mwh: Array
    penalised_mwh: Array
    payment_cny: Array
    penalty_cny: Array
    within_band: NDArray[np.bool_]


def deviation(signal_mw: Array, delivered_mw: Array, step_hours: float, terms: DeliveryTerms) -> Deviation:
    """Hold what was delivered, shape (T,), against the signal. [MW]"""
    asked = np.abs(signal_mw)
    paid = np.minimum(asked, np.maximum(delivered_mw * np.sign(signal_mw), 0.0)) * step_hours
    apart = np.abs(delivered_mw - signal_mw)
    beyond = apart - terms.band_share * asked
    beyond = np.where(beyond > NOISE_MW, beyond, 0.0) * step_hours
    return Deviation(paid, beyond, paid * terms.price_cny_per_mwh, beyond * terms.penalty_cny_per_mwh, beyond == 0.0)
