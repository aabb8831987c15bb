"""Power curves: made from rotor and rating where none is published, averaged over a park, corrected for air density."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

STANDARD_DENSITY_KG_PER_M3 = 1.225
"""Air density of published power curves (IEC 61400-12-1). [kg/m3]"""

CP_MAX = 0.44
"""Electrical power over the wind's power through the rotor, at its best, in synthetic curves; see ``synthetic_power_pu``. [1]"""

TURBULENCE_INTENSITY = 0.10
"""Standard deviation over mean of the wind within ten minutes that rounds the knee of synthetic curves; judged, calm to middling air. [1]"""

GRID_M_PER_S = 0.1
"""Step of averaged curves. [m/s]"""

TOP_M_PER_S = 60.0
"""Curves are continued to this speed at their last power; whether a turbine runs there is not the curve's business. [m/s]"""

SIGMAS = 4.0
"""Reach of the normal spread. [standard deviations]"""


def static_rated_speed_m_per_s(rated_mw: float, rotor_diameter_m: float, cp_max: float = CP_MAX) -> float:
    r"""Speed at which a rotor with the best power coefficient yields rated power in steady wind. [m/s]

    .. math:: v_r = \left(\frac{8 P_r}{\pi\, \rho_0\, c_p\, D^2}\right)^{1/3}

    Examples
    --------
    >>> round(static_rated_speed_m_per_s(6.7, 191.0), 2)
    9.54
    """
    return float((8e6 * rated_mw / (np.pi * STANDARD_DENSITY_KG_PER_M3 * cp_max * rotor_diameter_m**2)) ** (1.0 / 3.0))


def synthetic_power_pu(
    speed_m_per_s: NDArray[np.float64], rated_mw: float, rotor_diameter_m: float, cut_in_m_per_s: float, cp_max: float = CP_MAX
) -> NDArray[np.float64]:
    r"""Power curve of a pitch-controlled turbine of which only rating and rotor are known.

    .. math:: p(v) = \int \min\bigl(1, (v'/v_r)^3\bigr)\; \varphi\!\left(\frac{v' - v}{\mathrm{TI}\, v}\right) \frac{\mathrm{d}v'}{\mathrm{TI}\, v},
              \qquad p(v < v_\mathrm{in}) = 0

    The power coefficient is held at its best up to the static rated speed, and turbulence rounds the knee, as in the generic curve of [1]_
    with a constant coefficient.

    Parameters
    ----------
    speed_m_per_s : array, shape (N,)
        Ten-minute mean wind at hub height. [m/s]
    rated_mw, rotor_diameter_m : float
        Give the static rated speed. [MW], [m]
    cut_in_m_per_s : float
        No power below. [m/s]
    cp_max : float, optional
        Best electrical power coefficient. [1]

    Returns
    -------
    array, shape (N,)
        Power per rated power, without a cut-out. [pu]

    Notes
    -----
    ``CP_MAX`` was set once against the published curves that windpowerlib brings, of rotors above 110 m with at most 290 W/m2, the class of
    the library: at a mean wind of 7.5 m/s (Weibull k 2.1) their energies are met within 1 % in the mean and within 5 % for each one. Rotors of
    170 to 220 m are an extrapolation; a test holds the comparison.

    References
    ----------
    .. [1] Y.-M. Saint-Drenan et al., "A parametric model for wind turbine power curves incorporating environmental conditions,"
       Renewable Energy, vol. 157, pp. 754-768, 2020. doi:10.1016/j.renene.2020.04.123
    """
    rated = static_rated_speed_m_per_s(rated_mw, rotor_diameter_m, cp_max)
    fine = np.arange(0.0, TOP_M_PER_S + GRID_M_PER_S, GRID_M_PER_S)
    _, mean = averaged_curve(fine, np.minimum(1.0, (fine / rated) ** 3), 0.0, TURBULENCE_INTENSITY)
    return np.where(speed_m_per_s >= cut_in_m_per_s, np.interp(speed_m_per_s, fine, mean), 0.0)


def averaged_curve(
    speeds_m_per_s: NDArray[np.float64], power_pu: NDArray[np.float64], spread_m_per_s: float, spread_share: float = 0.0
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    r"""Power curve of many turbines, or of one in gusty wind: averaged over normally spread speeds [1]_.

    .. math:: P(v) = \int p(v + \sigma z)\,\varphi(z)\,\mathrm{d}z, \qquad \sigma = s + t\,v

    Parameters
    ----------
    speeds_m_per_s, power_pu : array, shape (N,)
        The curve; beyond its last speed it stays at its last power.
    spread_m_per_s, spread_share : float
        Constant part s and proportional part t of the standard deviation. [m/s], [1]

    Returns
    -------
    speeds, power : array, shape (M,)
        The averaged curve from 0 to ``TOP_M_PER_S`` in steps of ``GRID_M_PER_S``; the curve itself where nothing spreads.

    References
    ----------
    .. [1] P. Norgaard and H. Holttinen, "A multi-turbine power curve approach," Nordic Wind Power Conference, 2004.
    """
    if spread_m_per_s == 0.0 and spread_share == 0.0:
        return np.append(speeds_m_per_s, TOP_M_PER_S), np.append(power_pu, power_pu[-1])
    grid = np.arange(0.0, TOP_M_PER_S + GRID_M_PER_S, GRID_M_PER_S)
    deviations = np.linspace(-SIGMAS, SIGMAS, 161)
    weights = np.exp(-(deviations**2) / 2.0)
    spread = np.add.outer(grid, 0.0 * deviations) + np.multiply.outer(spread_m_per_s + spread_share * grid, deviations)
    power = np.interp(spread, speeds_m_per_s, power_pu) @ (weights / weights.sum())
    return grid, power


def density_corrected_power_pu(
    speed_m_per_s: NDArray[np.float64],
    density_kg_per_m3: NDArray[np.float64],
    curve_speeds_m_per_s: NDArray[np.float64],
    curve_power_pu: NDArray[np.float64],
) -> NDArray[np.float64]:
    r"""Power by a curve whose speeds are moved to the air density of each step [1]_.

    .. math:: v_\mathrm{site} = v_\mathrm{curve} \left(\frac{1.225}{\rho}\right)^{p}, \qquad
              p = \tfrac13 \ (v \le 7.5), \quad \tfrac23 \ (v \ge 12.5), \quad \text{linear between}

    Thin air needs more wind for the same power; below rated speed the exponent 1/3 means power in proportion to density.

    Parameters
    ----------
    speed_m_per_s, density_kg_per_m3 : array, shape (T,)
        Wind and air at hub height. [m/s], [kg/m3]
    curve_speeds_m_per_s, curve_power_pu : array, shape (N,)
        The curve at standard density, rising speeds. [m/s], [pu]

    Returns
    -------
    array, shape (T,)
        Zero outside the moved curve. [pu]

    Notes
    -----
    The same equation as ``windpowerlib.power_output.power_curve_density_correction``, which calls Python once for each hour; here for all
    hours at once. A test holds the two equal.

    References
    ----------
    .. [1] L. Svenningsen, "Proposal of an improved power curve correction," EMD International A/S, 2010.
    """
    thinness = STANDARD_DENSITY_KG_PER_M3 / density_kg_per_m3
    exponents = np.interp(curve_speeds_m_per_s, [7.5, 12.5], [1 / 3, 2 / 3])
    factors = {exponent: thinness**exponent for exponent in np.unique(exponents)}
    reached = np.zeros(speed_m_per_s.shape, dtype=int)
    for node, exponent in zip(curve_speeds_m_per_s, exponents, strict=True):
        reached += node * factors[exponent] <= speed_m_per_s
    inside = (reached > 0) & ((reached < len(exponents)) | (speed_m_per_s == curve_speeds_m_per_s[-1] * factors[exponents[-1]]))
    left = np.clip(reached - 1, 0, len(exponents) - 2)
    begin, end = (curve_speeds_m_per_s[node] * thinness ** exponents[node] for node in (left, left + 1))
    rise = curve_power_pu[left + 1] - curve_power_pu[left]
    return np.where(inside, curve_power_pu[left] + rise * (speed_m_per_s - begin) / (end - begin), 0.0)
