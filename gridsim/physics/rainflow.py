r"""Rainflow counting: the cycles that are hidden in a level's ups and downs.

A turning point closes a cycle where the range before it and the range after it are both at least as large:

.. math:: |x_{i+1} - x_{i+2}| \le \min\left(|x_i - x_{i+1}|,\; |x_{i+2} - x_{i+3}|\right)

The pair in the middle is a full cycle and is taken out; what never closes counts as half cycles, one for each range that is left. That is the
four-point form; its counts are those of the standard's three-point form [1]_, for equal ranges as well.

References
----------
.. [1] ASTM E1049-85, "Standard practices for cycle counting in fatigue analysis," section 5.4.4 (rainflow) and 5.4.5 (repeating histories).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class Cycles:
    """Counted cycles. All arrays have shape (C,), in the unit of the series; ``count`` is 1.0 or 0.5."""

    range: NDArray[np.float64]
    mean: NDArray[np.float64]
    count: NDArray[np.float64]

    @property
    def equivalent(self) -> float:
        """Cycles of the whole span 0..1 with the same throughput: Σ count · range, for a series of shares. [1]"""
        return float(np.sum(self.count * self.range))


def turning_points(series: ArrayLike) -> NDArray[np.float64]:
    """Return the first value, every local extreme and the last value; a plateau counts once.

    >>> turning_points([0, 1, 1, 2, 2, -1, 0])
    array([ 0.,  2., -1.,  0.])
    """
    x = np.asarray(series, dtype=float)
    if x.size == 0:
        return x
    x = x[np.append(True, x[1:] != x[:-1])]
    turns = np.diff(np.sign(np.diff(x))) != 0
    return x[np.concatenate([[True], turns, [True]])] if x.size > 1 else x


def rainflow(series: ArrayLike, repeating: bool = False) -> Cycles:
    """Count the cycles of a series.

    Parameters
    ----------
    series : array, shape (T,)
        Level over time.
    repeating : bool
        The series repeats for ever, as a year does in a plant's life: it is turned to begin and end at its highest value, and every cycle closes.

    Returns
    -------
    Cycles

    Notes
    -----
    Each pass takes out all cycles that are closed now; a nest of cycles takes as many passes as it is deep, never one pass a cycle.

    Examples
    --------
    >>> cycles = rainflow([-2, 1, -3, 5, -1, 3, -4, 4, -2])
    >>> sorted(zip(cycles.range.tolist(), cycles.count.tolist()))
    [(3.0, 0.5), (4.0, 0.5), (4.0, 1.0), (6.0, 0.5), (8.0, 0.5), (8.0, 0.5), (9.0, 0.5)]
    """
    x = np.asarray(series, dtype=float)
    if repeating and x.size > 1:
        top = int(np.argmax(x))
        x = np.concatenate([x[top:], x[: top + 1]])
    x = turning_points(x)
    low, high = [], []
    while x.size > 3:
        span = np.abs(np.diff(x))
        inner = span[1:-1]
        closed = (inner <= span[:-2]) & (inner <= span[2:])
        if not closed.any():
            break
        first = np.flatnonzero(_every_other(closed)) + 1
        low.append(x[first])
        high.append(x[first + 1])
        kept = np.ones(x.size, dtype=bool)
        kept[first] = kept[first + 1] = False
        x = x[kept]
    halves = max(x.size - 1, 0)
    a = np.concatenate([*low, x[:-1]]) if x.size else np.empty(0)
    b = np.concatenate([*high, x[1:]]) if x.size else np.empty(0)
    count = np.append(np.ones(a.size - halves), np.full(halves, 0.5))
    if repeating and halves == 2:  # down from the highest value and up to it again: one whole cycle
        a, b, count = a[:-1], b[:-1], np.append(count[:-2], 1.0)
    return Cycles(np.abs(a - b), (a + b) / 2.0, count)


def _every_other(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Keep the first, third, … of each run of true values, so that no turning point is in two cycles. Shape (C,)."""
    place = np.arange(mask.size)
    begins = np.maximum.accumulate(np.where(mask & ~np.append(False, mask[:-1]), place, 0))
    kept: NDArray[np.bool_] = mask & ((place - begins) % 2 == 0)
    return kept
