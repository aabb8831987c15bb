r"""Frequency after a loss in closed form: first rate of change, settling deviation, and the low-order model of one machine with a reheat governor [1]_.

References
----------
.. [1] P. M. Anderson, M. Mirheydar, "A low-order system frequency response model," IEEE Trans. Power Syst., vol. 5, no. 3, pp. 720-729, 1990.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]


def initial_rocof(deficit_mw: ArrayLike, kinetic_energy_mws: ArrayLike, *, nominal_hz: float = 50.0) -> Floats:
    r"""Rate of change of frequency in the first instant, :math:`-\Delta P f_0 / (2 H S)`; −∞ without inertia.

    Parameters
    ----------
    deficit_mw, kinetic_energy_mws : array
        Infeed that is lost; H S of all that turns or imitates it. [MW], [MW s]

    Returns
    -------
    array
        [Hz/s]

    Examples
    --------
    >>> initial_rocof([10.0, 10.0], [250.0, 0.0])
    array([ -1., -inf])
    """
    deficit, energy = np.broadcast_arrays(np.asarray(deficit_mw, float), np.asarray(kinetic_energy_mws, float))
    without = np.where(deficit == 0, 0.0, np.copysign(np.inf, -deficit))
    return np.where(energy > 0, -deficit * nominal_hz / (2.0 * np.where(energy > 0, energy, 1.0)), without)


def settling_deviation(deficit_mw: ArrayLike, damping_mw_per_hz: ArrayLike, droop_mw_per_hz: ArrayLike) -> Floats:
    r"""Deviation at which droop and damping balance a deficit, :math:`-\Delta P / (D + 1/R)`. [Hz]

    No dead bands, no limits; ``droop_mw_per_hz`` is the sum over all that answer, :math:`1/R`.
    """
    return -np.asarray(deficit_mw, float) / (np.asarray(damping_mw_per_hz, float) + np.asarray(droop_mw_per_hz, float))


class LowOrder(NamedTuple):
    """Closed form of the low-order model."""

    nadir_hz: float
    """Lowest deviation, negative. [Hz]"""
    nadir_s: float
    settling_hz: float
    natural_rad_per_s: float
    damping_ratio: float


def low_order_response(
    deficit_mw: float,
    kinetic_energy_mws: float,
    damping_mw_per_hz: float,
    droop_mw_per_hz: float,
    *,
    high_pressure_share: float,
    reheat_s: float,
    nominal_hz: float = 50.0,
) -> LowOrder:
    r"""Nadir of one machine with a reheat governor, in closed form.

    .. math::
       \omega_n^2 = \frac{D + K}{M T}, \quad \zeta = \frac{M + (D + K F)\,T}{2 M T \omega_n}, \quad
       \omega_r = \omega_n\sqrt{1 - \zeta^2}, \quad t_z = \frac{1}{\omega_r} \arctan\frac{\omega_r T}{\zeta\omega_n T - 1}

       \Delta f(t) = \Delta f_\infty \left[1 + \alpha e^{-\zeta\omega_n t}\sin(\omega_r t + \varphi)\right], \quad \Delta f_\infty = \frac{-\Delta P}{D + K}

    with :math:`M = 2 E_k / f_0`: the model of Anderson and Mirheydar (1990) in MW and Hz, with :math:`\alpha = \sqrt{(1 - 2T\zeta\omega_n +
    T^2\omega_n^2)/(1-\zeta^2)}`. For :math:`\zeta < 1`; else the two real poles have no such form, and a `ValueError` says so.
    """
    inertia = 2.0 * kinetic_energy_mws / nominal_hz
    stiffness = damping_mw_per_hz + droop_mw_per_hz
    natural = float(np.sqrt(stiffness / (inertia * reheat_s)))
    ratio = (inertia + (damping_mw_per_hz + droop_mw_per_hz * high_pressure_share) * reheat_s) / (2.0 * inertia * reheat_s * natural)
    if ratio >= 1.0:
        raise ValueError(f"the closed form is for a damping ratio below 1, got {ratio:.4g}")
    ringing = natural * float(np.sqrt(1.0 - ratio**2))
    decay = ratio * natural
    settling = float(settling_deviation(deficit_mw, damping_mw_per_hz, droop_mw_per_hz))
    at = float(np.arctan2(ringing * reheat_s, decay * reheat_s - 1.0)) / ringing
    alpha = float(np.sqrt((1.0 - 2.0 * reheat_s * decay + (reheat_s * natural) ** 2) / (1.0 - ratio**2)))
    phase = float(np.arctan2(ringing * reheat_s, 1.0 - decay * reheat_s) - np.arctan2(np.sqrt(1.0 - ratio**2), -ratio))
    nadir = settling * (1.0 + alpha * np.exp(-decay * at) * np.sin(ringing * at + phase))
    return LowOrder(float(nadir), at, settling, natural, ratio)
