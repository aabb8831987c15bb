r"""What the straight lines of a part-load curve promise in a sizing, and what whole modules make of the same power.

A capacity that is free is held as the concave envelope of a fleet of as many modules as one likes (`gridsim.technologies.electrolyser`). The dispatch that
proves the cost is held against the whole number of equal modules nearest to the capacity found: what is missing in hour :math:`t`, :math:`\Delta_t`, is worth

.. math:: \sum_t \lambda_t \Delta_t \,\Delta t

at the price :math:`\lambda_t` of hydrogen at its bus in the relaxed program, in which capacities are free too. That is the first order of what the missing
hydrogen costs, no bound: another dispatch may avoid some of it, and starts and standby are not in it. `gridsim.study.committed` tells what modules in whole
numbers cost with all of that (measured on the starter park's year, 20 MW: 0.05 million CNY missing by the curve, 0.39 million dearer in whole numbers).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gridsim.technologies.electrolyser import Electrolyser
from gridsim.units import KWH_PER_KG_HYDROGEN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.dispatch.optimum import Optimum
    from gridsim.dispatch.program import Program
    from gridsim.dispatch.result import Dispatch
    from gridsim.dispatch.segments import Segments


@dataclass(frozen=True)
class PartLoadError:
    """Of one fleet, over the hours that were sized."""

    technology: str
    modules: int
    """Whole number nearest to the capacity."""
    module_mw: float
    """Capacity over modules. [MW]"""
    park_module_mw: float
    """A module as the park has it; another size where the capacity found is no multiple of it. [MW]"""
    hydrogen_overstated_kg: float
    hydrogen_overstated_share: float
    """Of the hydrogen made. [1]"""
    below_minimum_load_hours: float
    """Hours in which the fleet runs below the minimum load of one module. [h]"""
    below_minimum_load_mwh: float
    value_cny: float
    """Hydrogen overstated, each hour's at what it is worth then. [CNY]"""


def part_load_errors(dispatch: Dispatch, prices: dict[str, NDArray]) -> tuple[PartLoadError, ...]:
    """Return the error of each fleet of electrolysers of a dispatch.

    Parameters
    ----------
    dispatch : Dispatch
        At the linear level.
    prices : dict
        Price at each hydrogen bus. Each shape (T,). [CNY/MWh]
    """
    found = []
    for name, fleet in dispatch.draft.park.technologies.items():
        if not isinstance(fleet, Electrolyser):
            continue
        figures = fleet.report(name, dispatch)
        worth = fleet.overstated_kg_per_h(name, dispatch) * prices[fleet.hydrogen_bus] * KWH_PER_KG_HYDROGEN / 1e3
        kept = {key: figures[key] for key in ("hydrogen_overstated_kg", "hydrogen_overstated_share", "below_minimum_load_hours", "below_minimum_load_mwh")}
        size = fleet.capacity_mw / fleet.modules
        found.append(PartLoadError(name, fleet.modules, size, fleet.module_mw, **kept, value_cny=float(worth.sum() * dispatch.time.step_hours)))
    return tuple(found)


def bus_prices(program: Program, segments: Segments, found: Optimum, step_hours: float) -> dict[str, NDArray]:
    """Return the price at each bus of a program over segments, by step. Each shape (T,). [CNY per unit of the bus]"""
    return {bus: segments.spread(found.row_duals[rows] / (segments.steps * step_hours)) for bus, rows in program.balance.items()}
