r"""From a measured part-load curve to straight lines that a linear model can hold.

A module at load p makes :math:`h(p) = p / c(p)`, with c its specific consumption; all are relative to rated. Two concave upper envelopes:

- `fleet_envelope`: modules may stop one by one, so any mix of "off" and the best point is open. Envelope of the points *and* the origin.
- `module_tangents`: how many modules run is a variable of its own. Envelope of the points alone; the lines carry an intercept per module.

Both are upper bounds. They are met where hydrogen has a value; where it has none, ``<=`` lets the model waste electricity. What whole modules make of the
same power is `fleet_production`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

SLOPE_TOLERANCE: Final = 1e-9
"""Two neighbouring segments whose slopes differ by no more than this become one. [pu / pu]"""

LOAD_TOLERANCE: Final = 1e-6
"""What a solver may miss of a load, relative. [1]"""


class FleetEnvelope(NamedTuple):
    """Segments to be filled in order, from no load to the largest load."""

    width_pu: NDArray[np.float64]
    """Load that each segment takes; the sum is the largest load. [pu of rated power]"""
    slope: NDArray[np.float64]
    """Hydrogen per electricity in each segment, over the same ratio at rated; strictly falling. [pu / pu]"""
    gap_pu: float
    """Largest production that the envelope promises above one module's curve, within its load range. [pu of rated production]"""


class ModuleTangents(NamedTuple):
    """Lines ``h <= slope * p + intercept_pu * n_on``, with p and h summed over the ``n_on`` running modules."""

    slope: NDArray[np.float64]
    """Hydrogen per electricity along each line, over the same ratio at rated; strictly falling. [pu / pu]"""
    intercept_pu: NDArray[np.float64]
    """Production of one running module where the line meets zero load; negative where auxiliaries weigh. [pu of rated production]"""
    gap_pu: float
    """Largest production that the lines promise above the curve through the points. [pu of rated production]"""


def fleet_envelope(load_share: ArrayLike, relative_consumption: ArrayLike) -> FleetEnvelope:
    r"""Concave envelope of a fleet whose modules may be switched off one by one.

    Parameters
    ----------
    load_share : array, shape (K,)
        Loads of the measured points, strictly rising, the last is the largest load (1.1 with 10 % overload). [pu of rated power]
    relative_consumption : array, shape (K,)
        Specific consumption at each point, over the one at rated. [pu]

    Returns
    -------
    FleetEnvelope
        Segments and the size of the approximation. Multiply widths by the fleet's rated power and slopes by 1 / rated specific consumption.

    Notes
    -----
    The first segment runs from the origin to the best point: below it, some modules run at their best and the others stand. N modules meet
    the envelope at the multiples of 1/N of that point and fall short in between by an amount that shrinks as 1/N. A *single* module falls
    short by ``gap_pu``, and below its lowest point, where it must stop, by all that the envelope promises there.
    Starts, standby and the minimum load are not in it.

    Examples
    --------
    >>> envelope = fleet_envelope([0.25, 0.5, 1.0], [1.25, 0.8, 1.0])
    >>> envelope.width_pu, envelope.slope, round(envelope.gap_pu, 4)
    (array([0.5, 0.5]), array([1.25, 0.75]), 0.1125)
    """
    load, production = _production(load_share, relative_consumption)
    hull_load, hull = _upper_hull(np.append(0.0, load), np.append(0.0, production))
    widths = np.diff(hull_load)
    return FleetEnvelope(widths, np.diff(hull) / widths, _largest_gap(load, production, hull_load, hull))


def module_tangents(load_share: ArrayLike, relative_consumption: ArrayLike) -> ModuleTangents:
    r"""Tangents of a committed module, or of ``n_on`` equal ones that share their load.

    .. math:: h \le a_k\,p + b_k\,n_\mathrm{on} \quad \forall k, \qquad p_\mathrm{min} n_\mathrm{on} \le p \le p_\mathrm{max} n_\mathrm{on}

    Parameters and their limits are those of `fleet_envelope`. The origin is not a point here: ``n_on`` = 0 already forbids production.

    Notes
    -----
    Because the envelope is concave, equal sharing is the best sharing, and one integer speaks for the whole fleet. With ``n_on`` relaxed to
    a real number, the lines give back the envelope of `fleet_envelope`.

    Examples
    --------
    >>> tangents = module_tangents([0.25, 0.5, 1.0], [1.25, 0.8, 1.0])
    >>> tangents.slope.round(3), tangents.intercept_pu.round(3), tangents.gap_pu
    (array([1.7 , 0.75]), array([-0.225,  0.25 ]), 0.0)
    """
    load, production = _production(load_share, relative_consumption)
    hull_load, hull = _upper_hull(load, production)
    slopes = np.diff(hull) / np.diff(hull_load)
    return ModuleTangents(slopes, hull[1:] - slopes * hull_load[1:], _largest_gap(load, production, hull_load, hull))


class ModuleBlocks(NamedTuple):
    """Pieces of a running module's envelope: the first is always full, the others are filled in order."""

    width_pu: NDArray[np.float64]
    """Load of each piece; the first is the lowest point's. [pu of rated power]"""
    slope: NDArray[np.float64]
    """Hydrogen per electricity in each piece, over the same ratio at rated. [pu / pu]"""


def module_blocks(load_share: ArrayLike, relative_consumption: ArrayLike) -> ModuleBlocks:
    """Return the envelope of `module_tangents` as pieces: a base load that runs whenever the module is on, and increments above it.

    Parameters are those of `fleet_envelope`.

    Examples
    --------
    >>> blocks = module_blocks([0.25, 0.5, 1.0], [1.25, 0.8, 1.0])
    >>> blocks.width_pu, blocks.slope.round(3)
    (array([0.25, 0.25, 0.5 ]), array([0.8 , 1.7 , 0.75]))
    """
    load, production = _production(load_share, relative_consumption)
    hull_load, hull = _upper_hull(load, production)
    widths = np.diff(hull_load, prepend=0.0)
    return ModuleBlocks(widths, np.diff(hull, prepend=0.0) / widths)


def running_production(power_pu: ArrayLike, running: ArrayLike, load_share: ArrayLike, relative_consumption: ArrayLike) -> NDArray[np.float64]:
    r"""Return what modules that are on make when they share their power evenly.

    .. math:: n\,f(p / n), \qquad p_\mathrm{min} n \le p

    with :math:`f` straight from point to point. Below the lowest point they make nothing; what exceeds the last one is left over.

    Parameters
    ----------
    power_pu : array, shape (T,)
        Power of all modules together. [pu of one module's rated power]
    running : array, shape (T,) or any that goes with it
        Modules that are on.
    load_share, relative_consumption : array, shape (K,)
        As in `fleet_envelope`; the first load is the minimum load.

    Returns
    -------
    array
        [pu of one module's rated production]
    """
    load, production = _production(load_share, relative_consumption)
    on = np.asarray(running, dtype=float)
    share = np.divide(power_pu, on, out=np.zeros(np.broadcast_shapes(np.shape(power_pu), on.shape)), where=on > 0.0)
    return np.where(share >= load[0] * (1.0 - LOAD_TOLERANCE), on * np.interp(share, load, production), 0.0)


def fleet_production(power_pu: ArrayLike, modules: int, load_share: ArrayLike, relative_consumption: ArrayLike) -> NDArray[np.float64]:
    r"""Return what a fleet of equal modules makes at best, with whole modules on or off.

    .. math:: h_N(p) = \max_{n \le N,\; p_\mathrm{min} n \le p} n\,f(p / n)

    Between two corners :math:`p / n` of the curve, :math:`n\,f(p/n)` is a straight line in :math:`n`, so that the best number of modules is next to one of
    :math:`p / p_k`.

    Parameters
    ----------
    power_pu : array, shape (T,)
        Power of the fleet. [pu of one module's rated power]
    modules : int
        Modules of the fleet, N.
    load_share, relative_consumption : array, shape (K,)
        As in `running_production`, whose limits hold here too.

    Returns
    -------
    array, shape (T,)
        [pu of one module's rated production]

    Notes
    -----
    The envelope of `fleet_envelope` is met at multiples of the best point and missed in between by an amount that shrinks as 1/N. Below one module's minimum
    load nothing is made. Even sharing is the best sharing where the curve has no dent (`ModuleTangents.gap_pu`); starts and standby are not in it.

    Examples
    --------
    >>> fleet_production([0.2, 0.5, 0.75, 1.0, 2.0], 2, [0.25, 0.5, 1.0], [1.25, 0.8, 1.0])
    array([0.   , 0.625, 0.825, 1.25 , 2.   ])
    """
    power, load = np.asarray(power_pu, dtype=float), np.asarray(load_share, dtype=float)
    real = power / load[:, None]
    running = np.concatenate([np.floor(real * (1.0 + LOAD_TOLERANCE)), np.ceil(real * (1.0 - LOAD_TOLERANCE))])
    return running_production(power, np.clip(running, 1, modules), load_share, relative_consumption).max(axis=0)


def _production(load_share: ArrayLike, relative_consumption: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    load, consumption = np.asarray(load_share, dtype=float), np.asarray(relative_consumption, dtype=float)
    if load.ndim != 1 or load.shape != consumption.shape or load.size < 2:
        raise ValueError(f"a part-load curve needs two or more points, got {load.shape} loads and {consumption.shape} consumptions")
    if not (load[0] > 0.0 and np.all(np.diff(load) > 0.0)):
        raise ValueError(f"loads must be above zero and strictly rising, got {load.tolist()}")
    if not np.all(consumption > 0.0):
        raise ValueError(f"specific consumption must be above zero, got {consumption.tolist()}")
    return load, load / consumption


def _upper_hull(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Corners of the concave envelope from the first to the last point (Andrew's monotone chain)."""

    def slope(start: int, end: int) -> float:
        return float((y[end] - y[start]) / (x[end] - x[start]))

    corners: list[int] = []
    for point in range(x.size):
        while len(corners) > 1 and slope(corners[-1], point) >= slope(corners[-2], corners[-1]) - SLOPE_TOLERANCE:
            corners.pop()
        corners.append(point)
    return x[corners], y[corners]


def _largest_gap(x: NDArray[np.float64], y: NDArray[np.float64], hull_x: NDArray[np.float64], hull_y: NDArray[np.float64]) -> float:
    """Envelope minus the straight lines through the points; both bend at points only, so the largest difference lies at one."""
    return max(0.0, float(np.max(np.interp(x, hull_x, hull_y) - y)))
