r"""Heat for buildings, proportional to degree hours within the heating season.

.. math:: \dot Q_t \propto s_t \max(T_\mathrm{limit} - T_t,\, 0)

No heat is stored in walls, nobody turns down at night, and hot water is not counted: hourly peaks are sharper than those of a real
heat network, the energy of a day is not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridsim.profiles.loads.working_days import FINE_PER_DAY, Year

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from gridsim.profiles.loads.kinds import Kind

HIGHEST_LIMIT_DEGC = 60.0
"""Where the search for the heating limit that gives a load factor ends: the season is then nearly flat. [degC]"""


def space_heat(kind: Kind, year: Year, temperature_degc: NDArray[np.float64]) -> Callable[[float], NDArray[np.float64]]:
    """Return degree hours per hour on the fine grid, as a function of the heating limit. [K]"""
    season = np.repeat(year.season(kind.season_first_day, kind.season_last_day) * year.share_running(kind.maintenance), FINE_PER_DAY)
    return lambda limit_degc: season * np.maximum(limit_degc - temperature_degc, 0.0)


def limits_degc(kind: Kind, year: Year, temperature_degc: NDArray[np.float64]) -> tuple[float, float]:
    """Return the range of heating limits in which at least one step needs heat. [degC]"""
    season = np.repeat(year.season(kind.season_first_day, kind.season_last_day), FINE_PER_DAY)
    return float(temperature_degc[season].min()) + 0.1, HIGHEST_LIMIT_DEGC
