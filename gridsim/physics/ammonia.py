r"""What a tonne of ammonia takes: hydrogen and nitrogen by stoichiometry, electricity for the nitrogen.

.. math:: \mathrm{N_2 + 3\,H_2 \rightarrow 2\,NH_3}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

HYDROGEN_ATOM_G_PER_MOL: Final = 1.008
NITROGEN_ATOM_G_PER_MOL: Final = 14.007
AMMONIA_G_PER_MOL: Final = NITROGEN_ATOM_G_PER_MOL + 3 * HYDROGEN_ATOM_G_PER_MOL
HYDROGEN_KG_PER_T: Final = 1000.0 * 3 * HYDROGEN_ATOM_G_PER_MOL / AMMONIA_G_PER_MOL
"""Hydrogen bound in a tonne of ammonia, 177.6. [kg/t]"""
NITROGEN_T_PER_T: Final = NITROGEN_ATOM_G_PER_MOL / AMMONIA_G_PER_MOL
"""Nitrogen bound in a tonne of ammonia, 0.8224. [t/t]"""


def hydrogen_kg(ammonia_t: ArrayLike, conversion: float = 1.0) -> NDArray[np.float64]:
    """Hydrogen that the synthesis takes in.

    Parameters
    ----------
    ammonia_t : array
        Ammonia made. [t]
    conversion : float
        Share of the hydrogen that ends in ammonia, 0..1; the rest leaves with the purge and dissolved gas. [1]

    Returns
    -------
    array
        Hydrogen taken in. [kg]

    Notes
    -----
    The Da'an plant states 32 kt hydrogen for 180 kt ammonia, 177.8 kg/t: a conversion of 0.9988, so purge gas is recovered.
    The 200 kg/t of the 2026 contest would be a conversion of 0.888.

    Examples
    --------
    >>> round(float(hydrogen_kg(1.0)), 1), round(float(hydrogen_kg(180e3, conversion=0.9988)), -5)
    (177.6, 32000000.0)
    """
    return np.asarray(ammonia_t, dtype=float) * HYDROGEN_KG_PER_T / conversion


def nitrogen_t(ammonia_t: ArrayLike, conversion: float = 1.0) -> NDArray[np.float64]:
    """Nitrogen that the synthesis takes in, with ``conversion`` as in `hydrogen_kg`. [t]

    >>> round(float(nitrogen_t(1.0)), 3)
    0.822
    """
    return np.asarray(ammonia_t, dtype=float) * NITROGEN_T_PER_T / conversion


def air_separation_mwh(ammonia_t: ArrayLike, mwh_per_t_nitrogen: float, conversion: float = 1.0) -> NDArray[np.float64]:
    """Electricity of the air separation unit, taken as proportional to the nitrogen it makes. [MWh]

    A cryogenic unit takes about 0.25 MWh/t nitrogen. At part load it draws more for each tonne than this says: its compressor is throttled
    and then bypassed.

    >>> round(float(air_separation_mwh(1.0, mwh_per_t_nitrogen=0.25)), 4)
    0.2056
    """
    return nitrogen_t(ammonia_t, conversion) * mwh_per_t_nitrogen
