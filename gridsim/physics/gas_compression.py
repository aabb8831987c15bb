r"""Electricity for compressing hydrogen in stages with cooling back to the inlet temperature between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

HYDROGEN_GAS_CONSTANT: Final = 8.314462618 / 2.01588e-3
"""Gas constant of hydrogen, 4124.5. [J / (kg K)]"""
HYDROGEN_EXPONENT: Final = 1.405
"""Isentropic exponent of hydrogen near 30 degC. [1]"""
ZERO_DEGC_IN_K: Final = 273.15
JOULE_PER_KWH: Final = 3.6e6


def compression_energy_kwh_per_kg(
    inlet_bar: ArrayLike,
    outlet_bar: ArrayLike,
    *,
    stages: int,
    isentropic_efficiency: float,
    motor_efficiency: float,
    inlet_degc: float = 30.0,
    compressibility: float = 1.0,
    exponent: float = HYDROGEN_EXPONENT,
) -> NDArray[np.float64]:
    r"""Electricity for compressing a kilogram of hydrogen.

    .. math:: w = \frac{N Z R T_1}{\eta_\mathrm{is}\,\eta_\mathrm{motor}}\,\frac{k}{k-1}
              \left[\left(\frac{p_2}{p_1}\right)^{\frac{k-1}{N k}} - 1\right]

    Parameters
    ----------
    inlet_bar, outlet_bar : array
        Absolute pressures before the first and after the last stage. An outlet below the inlet needs no work. [bar]
    stages : int
        Number N of stages with equal pressure ratio, each cooled back to ``inlet_degc``.
    isentropic_efficiency : float
        Isentropic work over shaft work of a stage; with a polytropic ``exponent`` give the mechanical efficiency here instead. [1]
    motor_efficiency : float
        Shaft work over electricity, drive and frequency converter included. [1]
    inlet_degc : float
        Gas temperature at the inlet of each stage. [degC]
    compressibility : float
        Mean compressibility factor Z of the stages; for hydrogen near 30 degC Z is about 1 + 0.0006 p / bar. [1]
    exponent : float
        Isentropic exponent k, or the polytropic one of the machine. [1]

    Returns
    -------
    array
        Electricity drawn. [kWh/kg]

    Notes
    -----
    From 30 to 200 bar 1.0 to 1.5 kWh/kg are usual: 1.13 with two stages, efficiencies 0.75 and 0.95, Z = 1.06; a small machine with
    0.65 and 0.92 needs 1.34. To 450 bar 2 to 3 kWh/kg are quoted. From 30 bar, a good machine (three stages, 0.75, 0.95, Z = 1.10) stays
    *below* that with 1.66; the band is reached by small ones (0.60, 0.92: 2.14) or from 16 bar (0.60, 0.92, four stages: 2.61).

    Cooling pumps, pressure drop in the coolers and leakage are not in it; nor is part load, where a bypass wastes work. One mean Z for all
    stages is good to some percent up to 500 bar.

    References
    ----------
    .. [1] M. J. Moran, H. N. Shapiro, "Fundamentals of Engineering Thermodynamics," Wiley: isentropic compression and intercooling.

    Examples
    --------
    >>> machine = dict(stages=2, isentropic_efficiency=0.75, motor_efficiency=0.95, compressibility=1.06)
    >>> compression_energy_kwh_per_kg(30.0, [100.0, 200.0], **machine).round(2)
    array([0.68, 1.13])
    """
    rise = _stage_rise(inlet_bar, outlet_bar, stages, exponent)
    enthalpy = stages * compressibility * HYDROGEN_GAS_CONSTANT * (inlet_degc + ZERO_DEGC_IN_K) * exponent / (exponent - 1.0) * rise
    return enthalpy / (isentropic_efficiency * motor_efficiency) / JOULE_PER_KWH


def stage_outlet_degc(
    inlet_bar: ArrayLike,
    outlet_bar: ArrayLike,
    *,
    stages: int,
    isentropic_efficiency: float,
    inlet_degc: float = 30.0,
    exponent: float = HYDROGEN_EXPONENT,
) -> NDArray[np.float64]:
    r"""Gas temperature after each stage, before its cooler: :math:`T_1 [1 + (r^{(k-1)/k} - 1) / \eta_\mathrm{is}]`. [degC]

    Piston machines are kept below about 150 degC, so this tells how many stages a pressure ratio needs. Parameters as above.

    >>> [round(float(stage_outlet_degc(30.0, 200.0, stages=n, isentropic_efficiency=0.75))) for n in (1, 2, 3)]
    [324, 157, 111]
    """
    rise = _stage_rise(inlet_bar, outlet_bar, stages, exponent)
    return (inlet_degc + ZERO_DEGC_IN_K) * (1.0 + rise / isentropic_efficiency) - ZERO_DEGC_IN_K


def _stage_rise(inlet_bar: ArrayLike, outlet_bar: ArrayLike, stages: int, exponent: float) -> NDArray[np.float64]:
    """Relative rise of temperature in one loss-free stage."""
    ratio = np.maximum(np.asarray(outlet_bar, dtype=float) / np.asarray(inlet_bar, dtype=float), 1.0)
    rise: NDArray[np.float64] = ratio ** ((exponent - 1.0) / (exponent * stages)) - 1.0
    return rise
