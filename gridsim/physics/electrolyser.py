r"""Alkaline electrolysis: cell voltage, Faraday efficiency and specific energy after Ulleberg; part load with auxiliaries; ageing.

The cell law is for direct current at the stack. Rectifier, pumps and gas drying come on top; `part_load_point` adds what is constant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

REVERSIBLE_VOLTAGE: Final = 1.229
"""Reversible cell voltage at 25 degC and 1 bar, kept at all temperatures. [V]"""
R1, R2 = 8.05e-5, -2.5e-7
"""Ohmic resistance of the electrolyte, and its change with temperature. [ohm m2], [ohm m2 / degC]"""
S: Final = 0.185
"""Overvoltage per decade of current density. [V]"""
T1, T2, T3 = 1.002, 8.424, 247.3
"""Activation at the electrodes. [m2 / A], [m2 degC / A], [m2 degC2 / A]"""
KWH_PER_KG_AND_VOLT: Final = 2 * 96485.33212 / 2.01588e-3 / 3.6e6
"""Charge in a kilogram of hydrogen: two electrons a molecule, 2.01588 g/mol. [kWh / (kg V)]"""
HOURS_PER_YEAR: Final = 8760.0
"""Operating hours that count as a year of ageing. [h]"""


def cell_voltage(current_density_ma_per_cm2: ArrayLike, temperature_degc: ArrayLike) -> NDArray[np.float64]:
    r"""Voltage of one alkaline cell.

    .. math:: V = V_\mathrm{rev} + (r_1 + r_2 T)\,j + s \log_{10}\left[\left(t_1 + t_2/T + t_3/T^2\right) j + 1\right]

    Parameters
    ----------
    current_density_ma_per_cm2 : array
        Current per electrode area. [mA/cm2]
    temperature_degc : array
        Cell temperature; 30 to 80 degC were measured. [degC]

    Returns
    -------
    array
        Cell voltage. [V]

    Notes
    -----
    The form is that of [1]_, with j in A/m2. Its parameters circulate in two versions, and the paper itself was not at hand. ``T1`` = 1.002
    is used here because only it gives the reference case (1.770, 1.856, 1.972, 2.065 V at 80 degC); ``T1`` = -0.1002 gives 1.511, 1.595,
    1.710, 1.803 V. The second needs 49.1 kWh/kg at 300 mA/cm2, near to what makers state (48 to 50); this one 56.2. The *shape* over load
    hardly depends on it: relative to 300 mA/cm2 the specific energies differ by at most 0.021 between 50 and 300 mA/cm2. So take the level
    from the maker and the shape from here. The reversible voltage is held at its value for 25 degC, which the reference case implies as
    well (1.184 V at 80 degC would be 0.045 V less). The pressure of the cell is not in the law.

    References
    ----------
    .. [1] O. Ulleberg, "Modeling of advanced alkaline electrolyzers: a system simulation approach," Int. J. Hydrogen Energy, vol. 28,
       no. 1, pp. 21-33, 2003. doi:10.1016/S0360-3199(02)00033-2

    Examples
    --------
    >>> cell_voltage([50, 100, 200, 300], 80).round(3)
    array([1.77 , 1.856, 1.972, 2.065])
    """
    j = 10.0 * np.asarray(current_density_ma_per_cm2, dtype=float)  # 1 mA/cm2 = 10 A/m2
    t = np.asarray(temperature_degc, dtype=float)
    return REVERSIBLE_VOLTAGE + (R1 + R2 * t) * j + S * np.log10((T1 + T2 / t + T3 / t**2) * j + 1.0)


def faraday_efficiency(current_density_ma_per_cm2: ArrayLike, temperature_degc: ArrayLike) -> NDArray[np.float64]:
    r"""Share of the current that becomes hydrogen; stray currents take the rest, most at low load.

    .. math:: \eta_F = \frac{i^2}{f_1 + i^2}\,f_2, \qquad f_1 = 50 + 2.5\,T, \quad f_2 = 1 - 0.00025\,T

    Parameters
    ----------
    current_density_ma_per_cm2 : array
        Current per electrode area. [mA/cm2]
    temperature_degc : array
        Cell temperature; the three points behind the straight lines are 40, 60 and 80 degC. [degC]

    Returns
    -------
    array
        Hydrogen made over hydrogen possible, 0..1.

    Notes
    -----
    Form after Ulleberg (see `cell_voltage`). ``f1`` = 150, 200, 250 mA2/cm4 and ``f2`` = 0.99, 0.985, 0.98 are the values in circulation,
    those at 80 degC as the HYSOLAR stack's; the lines above pass through them exactly. For the PHOEBUS stack ``f2`` = 0.96 is quoted at
    80 degC, which is 2 % more energy at every load. The reference case implies 0.98.

    Examples
    --------
    >>> faraday_efficiency([50, 300], 80).round(4)
    array([0.8909, 0.9773])
    """
    i_squared = np.asarray(current_density_ma_per_cm2, dtype=float) ** 2
    t = np.asarray(temperature_degc, dtype=float)
    efficiency: NDArray[np.float64] = i_squared / (50.0 + 2.5 * t + i_squared) * (1.0 - 0.00025 * t)
    return efficiency


def specific_energy_kwh_per_kg(current_density_ma_per_cm2: ArrayLike, temperature_degc: ArrayLike) -> NDArray[np.float64]:
    r"""Direct-current energy for a kilogram of hydrogen, :math:`2 F V / (M \eta_F)`; diverges where the current goes to zero. [kWh/kg]

    >>> specific_energy_kwh_per_kg([50, 100, 200, 300], 80).round(1)
    array([52.8, 51.6, 53.8, 56.2])
    """
    voltage = cell_voltage(current_density_ma_per_cm2, temperature_degc)
    return KWH_PER_KG_AND_VOLT * voltage / faraday_efficiency(current_density_ma_per_cm2, temperature_degc)


def part_load_point(
    current_density_ma_per_cm2: ArrayLike, temperature_degc: float, rated_ma_per_cm2: float, auxiliary_share: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    r"""Load and relative specific consumption of a module whose auxiliaries do not fall with load.

    .. math:: p = (1 - a)\,\frac{i V(i)}{i_r V(i_r)} + a, \qquad c = p \Big/ \frac{i\,\eta_F(i)}{i_r\,\eta_F(i_r)}

    With ``auxiliary_share`` a of the rated power, and the module kept at one temperature. What is proportional to the stack's power
    (rectifier) cancels out; what is proportional to production (drying, compression) would flatten the curve a little and is left out.
    Returns load [pu of rated power] and specific consumption [pu of rated]; both are 1 at rated.

    >>> load, consumption = part_load_point([50, 100, 150, 300], 80, rated_ma_per_cm2=300, auxiliary_share=0.03)
    >>> load.round(3), consumption.round(3)
    (array([0.169, 0.321, 0.481, 1.   ]), array([1.109, 0.983, 0.969, 1.   ]))
    """
    i = np.asarray(current_density_ma_per_cm2, dtype=float)
    stack = i * cell_voltage(i, temperature_degc) / (rated_ma_per_cm2 * cell_voltage(rated_ma_per_cm2, temperature_degc))
    rated_production = rated_ma_per_cm2 * faraday_efficiency(rated_ma_per_cm2, temperature_degc)
    load = (1.0 - auxiliary_share) * stack + auxiliary_share
    return load, load * rated_production / (i * faraday_efficiency(i, temperature_degc))


def aged_consumption(specific_consumption: ArrayLike, operating_hours: ArrayLike, share_per_year: float) -> NDArray[np.float64]:
    r"""Specific consumption after ``operating_hours``, :math:`c_0 (1 + d\,h / 8760)`, in the unit of ``specific_consumption``.

    Linear in the new value, as the voltage of a stack rises by so many microvolt an hour; no recovery, no price for starts. Count hours
    under current only: a stack that runs 4380 h a year ages by half of ``share_per_year`` d each year.

    >>> aged_consumption(50.0, [0, 8760, 60000], share_per_year=0.01).round(2)
    array([50.  , 50.5 , 53.42])
    """
    hours = np.asarray(operating_hours, dtype=float)
    return np.asarray(specific_consumption, dtype=float) * (1.0 + share_per_year * hours / HOURS_PER_YEAR)
