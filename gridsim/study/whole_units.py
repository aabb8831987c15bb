r"""Capacities in whole units: branch and bound over ranges of them.

The park is relaxed with capacities between two numbers of units each, a *box*; the box that holds the least bound is looked at next. Where its relaxed
optimum has a capacity between two whole numbers, it is halved there. No choice of units inside a box costs less than its bound, so that

.. math:: \min_{\text{boxes}} \underline c \;\le\; c^* \;\le\; \text{cost of the best choice that was dispatched}

holds whenever it ends; boxes whose bound is above what is wanted are never looked at.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.errors import DefinitionError, Problem

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.dispatch.optimum import Optimum
    from gridsim.dispatch.program import Program
    from gridsim.dispatch.sizes import Sizes

WHOLE = 1e-4
"""Of a unit, within which a capacity of the relaxed optimum is a whole number of them."""


@dataclass(frozen=True, eq=False)
class Box:
    """Ranges of the free capacities, and the least that anything inside can cost."""

    sizes: Sizes
    """With these ranges as bounds."""
    segments: int
    """To be taken when it is looked at."""
    bound_cny: float = -np.inf


def in_units(sizes: Sizes) -> Sizes:
    """Draw the bounds of capacities that come in units in to whole numbers of them.

    Raises
    ------
    DefinitionError
        Where there is no whole number between them.
    """
    problems, free = [], []
    for one in sizes.free:
        if one.unit is None:
            free.append(one)
            continue
        lower, upper = max(0.0, np.ceil(one.lower / one.unit - WHOLE)) * one.unit, np.floor(one.upper / one.unit + WHOLE) * one.unit
        if lower > upper:
            found = f"no whole number of units of {one.unit:g} lies between {one.lower:g} and {one.upper:g}"
            problems.append(Problem(one.path, found, "widen its range, or give another unit"))
        free.append(dataclasses.replace(one, lower=float(lower), upper=float(upper)))
    if problems:
        raise DefinitionError("the free capacities", problems)
    return dataclasses.replace(sizes, free=tuple(free))


def halves(box: Box, values: NDArray[np.float64]) -> list[Box]:
    """Halve a box beside the capacity that is farthest from a whole number of units, the nearer half last; nothing where all are whole."""
    units = np.array([one.unit or np.nan for one in box.sizes.free])
    apart = np.abs(values / units - np.round(values / units))
    if not (apart > WHOLE).any():
        return []
    number = int(np.nanargmax(apart))
    below = float(np.floor(values[number] / units[number]) * units[number])
    above = below + float(units[number])
    parts = [_with_ends(box, number, box.sizes.free[number].lower, below), _with_ends(box, number, above, box.sizes.free[number].upper)]
    return parts if values[number] - below > above - values[number] else parts[::-1]


def _with_ends(box: Box, number: int, lower: float, upper: float) -> Box:
    free = list(box.sizes.free)
    free[number] = dataclasses.replace(free[number], lower=lower, upper=upper)
    return dataclasses.replace(box, sizes=dataclasses.replace(box.sizes, free=tuple(free)))


def at_ends(sizes: Sizes, values: NDArray[np.float64], at_end: float) -> NDArray[np.float64]:
    """Ends of its range where a capacity is at one but for a share of its largest value."""
    return np.where(values - sizes.lower < at_end * sizes.upper, sizes.lower, np.where(sizes.upper - values < at_end * sizes.upper, sizes.upper, values))


def rounded(sizes: Sizes, values: NDArray[np.float64], at_end: float) -> NDArray[np.float64]:
    """Ends of its range where a capacity is at one, and whole units where it comes in units, the nearer number."""
    units = np.array([one.unit or 0.0 for one in sizes.free])
    values = at_ends(sizes, values, at_end)
    whole = np.round(values / np.where(units > 0.0, units, 1.0)) * units
    return np.clip(np.where(units > 0.0, whole, values), sizes.lower, sizes.upper)


class KeptRelaxation:
    """The relaxed program of boxes in HiGHS.

    Boxes differ in the bounds of columns only, so that each is a few steps from the basis of the one before (measured on the starter park, 336 hours: 0.02 to
    0.15 s in place of 0.5 s).
    """

    def __init__(self, program: Program, options: dict[str, Any]) -> None:
        from gridsim.dispatch.highs import HighsProgram
        from gridsim.dispatch.optimum import arrays_of

        self.program, self.kept = program, HighsProgram(arrays_of(program), options)

    def optimum(self, program: Program, watch: Callable[[float], None] | None = None) -> Optimum:
        """Solve the program of another box; its bound is proven by that program itself."""
        from gridsim.dispatch.optimum import optimum_of

        moved = np.flatnonzero((program.lower != self.program.lower) | (program.upper != self.program.upper)).astype(np.int32)
        self.kept.highs.changeColsBounds(moved.size, moved, program.lower[moved], program.upper[moved])
        self.program = program
        return optimum_of(program, self.kept.solve(watch))
