r"""Which minimum loads and blocks: assets that cannot move freely choose one piece of their range, so that what is left is continuous.

The rule, in this order:

1. The smallest shortfall there is. Sums of pieces are ranges; ranges that touch become one, asset by asset, :math:`R_k = R_{k-1} \oplus P_k`, from the freely
   moving assets :math:`R_0 = [\sum l, \sum u]` on. So it is known exactly which totals can be given; a signal between two of them goes to the nearer, of two
   equally near to the smaller.
2. Nobody moves against the signal, unless that makes the shortfall smaller (an electrolyser that starts at its minimum load may need a battery to give
   back what is too much).
3. By merit, the cheapest; it is found for certain where combinations of pieces times assets are at most `MOST_NUMBERS`, as all are then tried. Otherwise, and
   by fairness, asset by asset from the widest gap to the narrowest the piece nearest to what the split of freely moving assets would give.

With more than `MOST_RANGES` separate ranges (many blocks of sizes that have nothing in common, and little that moves freely) only one is kept in each of as
many cells between the least and the largest total; the shortfall may then be larger than the smallest one by a cell for each asset with pieces.
"""

from __future__ import annotations

import bisect
import itertools
import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Pieces = list[tuple[float, float]]

MOST_NUMBERS = 4096
"""Combinations of pieces times assets that are tried by merit; more would take longer than a millisecond."""
MOST_RANGES = 4096
CLOSE = 1e-13
"""Ranges of changes this close, over the largest total, touch. [1]"""


@dataclass(frozen=True, eq=False)
class Room:
    """What assets may do: bounds of all, and the pieces of those that do not move freely."""

    lower: Array
    """Shape (N,). [MW]"""
    upper: Array
    pieces: dict[int, Pieces]

    @cached_property
    def upward(self) -> Room:
        """The part of the room in which nobody moves down."""
        return self._between(0.0, np.inf)

    @cached_property
    def downward(self) -> Room:
        """The part of the room in which nobody moves up."""
        return self._between(-np.inf, 0.0)

    def _between(self, low: float, high: float) -> Room:
        kept = {at: [(max(a, low), min(b, high)) for a, b in pieces if max(a, low) <= min(b, high)] for at, pieces in self.pieces.items()}
        return Room(np.clip(self.lower, low, high), np.clip(self.upper, low, high), kept)

    @cached_property
    def order(self) -> list[int]:
        """Assets with pieces, the narrowest gap first."""
        return sorted(self.pieces, key=lambda at: max((later[0] - before[1] for before, later in itertools.pairwise(self.pieces[at])), default=0.0))

    @cached_property
    def reach(self) -> list[Pieces]:
        """Totals that the freely moving assets and the first k of `order` can give together, k = 0, 1, …; ranges in rising order. [MW]"""
        free = np.ones(len(self.lower), dtype=bool)
        free[list(self.pieces)] = False
        reach = [[(math.fsum(self.lower[free]), math.fsum(self.upper[free]))]]
        for at in self.order:
            reach.append(_merged([(a + low, b + high) for a, b in reach[-1] for low, high in self.pieces[at]], self.close))
        return reach

    @cached_property
    def close(self) -> float:
        """What counts as nothing. [MW]"""
        return CLOSE * (1.0 + float(np.abs(self.lower).sum() + np.abs(self.upper).sum()))

    def nearest_total(self, signal: float) -> float:
        """Total nearest to the signal that can be given. [MW]"""
        ranges = self.reach[-1]
        at = bisect.bisect_right(ranges, (signal, math.inf))
        ends = [min(max(signal, a), b) for a, b in ranges[max(at - 1, 0) : at + 1]]
        return min(ends, key=lambda end: (abs(end - signal), abs(end)))

    def _nearest_pieces(self, wanted: Array) -> tuple[Array, Array]:
        """Ends of the pieces nearest to changes of all assets, shape (N,); of two equally near the one with the smaller change. Each shape (A,). [MW]"""
        low, high, row = self._table
        moves = wanted[self._assets][:, None]
        away = np.maximum(np.maximum(low - moves, moves - high), 0.0)
        nearest = away.argmin(axis=1)
        later = np.minimum(nearest + 1, low.shape[1] - 1)
        equal = (away[row, later] == away[row, nearest]) & (np.abs(low[row, later]) < np.abs(high[row, nearest]))
        nearest = np.where(equal, later, nearest)
        return low[row, nearest], high[row, nearest]

    @cached_property
    def _assets(self) -> NDArray[np.int64]:
        """Numbers of the assets with pieces, shape (A,)."""
        return np.array(list(self.pieces), dtype=np.int64)

    @cached_property
    def _table(self) -> tuple[Array, Array, NDArray[np.int64]]:
        """Lower and upper ends of the pieces, shape (A, P) with the last one repeated, and the numbers of the rows, shape (A,). [MW]"""
        most = max((len(pieces) for pieces in self.pieces.values()), default=1)
        ends = np.array([pieces + pieces[-1:] * (most - len(pieces)) for pieces in self.pieces.values()]).reshape(-1, most, 2)
        return ends[..., 0], ends[..., 1], np.arange(len(ends))

    def forbids(self, change: Array) -> NDArray[np.bool_]:
        """Tell which rows of changes, shape (S, N), put an asset between two of its pieces. Shape (S,)."""
        if len(change) == 1:  # one array over the assets in place of one for each
            moves = change[0, self._assets]
            low, high = self._nearest_pieces(change[0])
            return np.array([((moves < low - self.close) | (moves > high + self.close)).any()])
        forbidden = np.zeros(len(change), dtype=bool)
        for at, (low, high) in self._ends.items():
            moves = change[:, at]
            piece = np.maximum(low.searchsorted(moves + self.close, side="right") - 1, 0)
            forbidden |= (moves < low[piece] - self.close) | (moves > high[piece] + self.close)
        return forbidden

    @cached_property
    def _ends(self) -> dict[int, tuple[Array, Array]]:
        """Lower and upper ends of the pieces of each asset, each shape (P,). [MW]"""
        return {at: (np.array([low for low, _ in pieces]), np.array([high for _, high in pieces])) for at, pieces in self.pieces.items()}

    @cached_property
    def combinations(self) -> int:
        """Ways to choose a piece for each asset that has any."""
        return math.prod(len(pieces) for pieces in self.pieces.values())

    @cached_property
    def all_bounds(self) -> tuple[Array, Array]:
        """Bounds of every combination of pieces, each shape (C, N). [MW]"""
        lower, upper = (np.repeat(side[None, :], self.combinations, axis=0) for side in (self.lower, self.upper))
        chosen = np.array(list(itertools.product(*self.pieces.values()))).reshape(self.combinations, len(self.pieces), 2)
        lower[:, list(self.pieces)], upper[:, list(self.pieces)] = chosen[..., 0], chosen[..., 1]
        return lower, upper

    def nearest_bounds(self, total: float, wanted: Array) -> tuple[Array, Array]:
        """Bounds of the pieces nearest to the changes that are wanted, shape (N,), among those that can give the total. Each shape (N,). [MW]"""
        lower, upper = self.lower.copy(), self.upper.copy()
        lower[self._assets], upper[self._assets] = self._nearest_pieces(wanted)
        if lower.sum() - self.close <= total <= upper.sum() + self.close:  # the nearest of each can give it; only otherwise do they depend on one another
            return lower, upper
        rest = total
        for number in range(len(self.order), 0, -1):
            at = self.order[number - 1]
            best = (math.inf, math.inf, 0.0, (0.0, 0.0))
            for low, high in self.pieces[at]:
                for a, b in _near(self.reach[number - 1], rest - high - self.close, rest - low + self.close):
                    move = min(max(wanted[at], low, min(rest - b, high)), max(low, min(high, rest - a)))
                    best = min(best, (abs(move - wanted[at]), abs(move), move, (low, high)))
            rest -= best[2]
            lower[at], upper[at] = best[3]
        return lower, upper


def _near(ranges: Pieces, low: float, high: float) -> Pieces:
    """Ranges that meet [low, high]."""
    first = bisect.bisect_left(ranges, low, key=lambda found: found[1])
    last = bisect.bisect_right(ranges, high, key=lambda found: found[0])
    return ranges[first:last]


def _merged(ranges: Pieces, close: float) -> Pieces:
    """Ranges in rising order, those that touch made one, and at most `MOST_RANGES` of them."""
    merged: Pieces = []
    for a, b in sorted(ranges):
        if merged and a <= merged[-1][1] + close:
            merged[-1] = (merged[-1][0], max(merged[-1][1], b))
        else:
            merged.append((a, b))
    if len(merged) <= MOST_RANGES:
        return merged
    cell = np.floor((np.array(merged)[:, 0] - merged[0][0]) * (MOST_RANGES / (merged[-1][0] - merged[0][0])))
    kept = np.append(cell[1:] != cell[:-1], True)
    kept[min(range(len(merged)), key=lambda at: max(merged[at][0], -merged[at][1]))] = True  # no change at all is always possible
    return [merged[at] for at in np.flatnonzero(kept)]
