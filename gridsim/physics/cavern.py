r"""Compressed-air cavern: a constant volume of ideal gas between two pressures.

The base case is isothermal: pressure falls in proportion to the air taken out. That suits a linear model (the state of charge is the
pressure) and flatters the cavern: fast withdrawal cools the air, and less of it comes out. ``exponent`` = 1.4 gives the other end, no heat
from the rock at all.

===================================  ===========  ===========  ============================================
plant                                isothermal   no heat      published
===================================  ===========  ===========  ============================================
Huntorf, 310 000 m3, 50 to 70 bar    1354 MWh     1012 MWh     2 h of 290 MW a day; about 3 h of 320 MW [2]_
McIntosh, 538 000 m3, 45 to 76 bar   3736 MWh     2860 MWh     26 h of 110 MW: 2860 MWh
===================================  ===========  ===========  ============================================

Notes
-----
Both at 35 degC (assumed). Huntorf: 417 kg/s for 290 MW ([1]_, recalled) is 5.18 kg/kWh; its daily cycle does not use the whole window.
McIntosh: 340 lb/s for 110 MW [3]_ is 5.05 kg/kWh. The same source gives 10 million ft3 (283 000 m3), which could not hold 26 h: 17.9 h
isothermal, 13.7 h without heat. That the larger volume gives 26 h exactly is luck: a degree of the assumed temperature moves it by 0.3 %.
So for withdrawal within hours the isothermal cavern holds up to a third too much energy; over days the rock returns the heat, and it is
right.

References
----------
.. [1] F. Crotogino, K.-U. Mohmeyer, R. Scharf, "Huntorf CAES: more than 20 years of successful operation," SMRI Spring Meeting,
   Orlando, 2001.
.. [2] KBB Underground Technologies, reference project Neuenhuntorf (310 000 m3, about 320 MW for about three hours).
.. [3] U.S. Department of Energy, Global Energy Storage Database, McIntosh CAES plant, as archived in 2016.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

AIR_GAS_CONSTANT: Final = 287.05
"""Gas constant of dry air. [J / (kg K)]"""
PASCAL_PER_BAR: Final = 1e5
ZERO_DEGC_IN_K: Final = 273.15


def working_air_kg(
    volume_m3: ArrayLike, pressure_min_bar: ArrayLike, pressure_max_bar: ArrayLike, *, temperature_degc: ArrayLike, exponent: float = 1.0
) -> NDArray[np.float64]:
    r"""Air that leaves the cavern while it falls from its highest to its lowest pressure.

    .. math:: m = \frac{p_\mathrm{max} V}{R\,T}\left[1 - \left(\frac{p_\mathrm{min}}{p_\mathrm{max}}\right)^{1/n}\right]
              \;\overset{n=1}{=}\; \frac{(p_\mathrm{max} - p_\mathrm{min})\,V}{R\,T}

    Parameters
    ----------
    volume_m3 : array
        Geometric volume. [m3]
    pressure_min_bar, pressure_max_bar : array
        Lowest and highest absolute pressure in operation. [bar]
    temperature_degc : array
        Air temperature in the full cavern, near that of the rock. [degC]
    exponent : float
        Polytropic exponent n of the air that stays behind: 1.0 isothermal (slow), 1.4 no heat from the rock (fast). [1]

    Returns
    -------
    array
        Working air. [kg]

    Notes
    -----
    Ideal gas: near 35 degC and below 100 bar the real density of air differs by less than 2 %. Leakage and humidity are not in it.

    Examples
    --------
    >>> float(working_air_kg(310e3, 50.0, 70.0, temperature_degc=35.0).round(-3))
    7009000.0
    """
    p_max = np.asarray(pressure_max_bar, dtype=float)
    temperature_k = np.asarray(temperature_degc, dtype=float) + ZERO_DEGC_IN_K
    full_kg = p_max * PASCAL_PER_BAR * np.asarray(volume_m3, dtype=float) / (AIR_GAS_CONSTANT * temperature_k)
    working_kg: NDArray[np.float64] = full_kg * (1.0 - (np.asarray(pressure_min_bar, dtype=float) / p_max) ** (1.0 / exponent))
    return working_kg


def pressure_from_share(stored_share: ArrayLike, pressure_min_bar: float, pressure_max_bar: float) -> NDArray[np.float64]:
    r"""Pressure at a share of the working energy: :math:`p = p_\mathrm{min} + s\,(p_\mathrm{max} - p_\mathrm{min})`. [bar]

    Linear because the isothermal air is, and because each kilogram is taken to give the same energy: right for an expander behind a
    throttle that holds its inlet pressure, as at both plants above. With sliding pressure a kilogram gives about ln(p): at 50 bar 8 %
    less than at 70.

    >>> pressure_from_share([0.0, 0.5, 1.0], 50.0, 70.0)
    array([50., 60., 70.])
    """
    return pressure_min_bar + np.asarray(stored_share, dtype=float) * (pressure_max_bar - pressure_min_bar)


def share_from_pressure(pressure_bar: ArrayLike, pressure_min_bar: float, pressure_max_bar: float) -> NDArray[np.float64]:
    """Share of the working energy at a pressure, 0..1 within the window; the inverse of `pressure_from_share`.

    >>> share_from_pressure([50.0, 65.0], 50.0, 70.0)
    array([0.  , 0.75])
    """
    return (np.asarray(pressure_bar, dtype=float) - pressure_min_bar) / (pressure_max_bar - pressure_min_bar)


def volume_for_energy_m3(
    energy_out_mwh: ArrayLike,
    air_use_kg_per_kwh: float,
    pressure_min_bar: float,
    pressure_max_bar: float,
    *,
    temperature_degc: float,
    exponent: float = 1.0,
) -> NDArray[np.float64]:
    r"""Cavern volume for an expander that gives ``energy_out_mwh`` and takes ``air_use_kg_per_kwh``; pressures as in `working_air_kg`. [m3]

    >>> round(float(volume_for_energy_m3(2860.0, 5.05, 45.0, 76.0, temperature_degc=35.0, exponent=1.4)), -3)
    538000.0
    """
    air_kg = np.asarray(energy_out_mwh, dtype=float) * 1000.0 * air_use_kg_per_kwh
    return air_kg / working_air_kg(1.0, pressure_min_bar, pressure_max_bar, temperature_degc=temperature_degc, exponent=exponent)


def energy_from_volume_mwh(
    volume_m3: ArrayLike,
    air_use_kg_per_kwh: float,
    pressure_min_bar: float,
    pressure_max_bar: float,
    *,
    temperature_degc: float,
    exponent: float = 1.0,
) -> NDArray[np.float64]:
    """Energy that the expander gives from a full cavern; the inverse of `volume_for_energy_m3`. [MWh]

    >>> [round(float(energy_from_volume_mwh(310e3, 5.18, 50.0, 70.0, temperature_degc=35.0, exponent=n))) for n in (1.0, 1.4)]
    [1353, 1012]
    """
    air_kg = working_air_kg(volume_m3, pressure_min_bar, pressure_max_bar, temperature_degc=temperature_degc, exponent=exponent)
    return air_kg / air_use_kg_per_kwh / 1000.0
