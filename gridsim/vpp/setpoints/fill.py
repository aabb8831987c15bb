r"""Three ways of sharing an amount among rooms, for many amounts at once.

Each takes amounts :math:`r \ge 0`, shape (S,), and rooms :math:`u \ge 0`, shape (1, N) or (S, N), and returns :math:`0 \le x \le u` with
:math:`\sum x = \min(r, \sum u)` up to rounding, which `gridsim.vpp.setpoints.exact` takes away. [MW]

merit
    :math:`\min \sum c_i x_i`: the cheapest is filled first; assets of equal cost share in proportion to their rooms, so that their order in the table is
    of no account.
in_proportion
    :math:`x_i = u_i\, r / \sum u`.
to_one_level
    :math:`x_i = \min(u_i, w_i (\lambda - g_i)^+)` with the one level :math:`\lambda` at which the amounts add up (water filling). With weights
    :math:`w = 1` and grounds :math:`g = 0` nobody can give less unless another gives more who already gives at least as much: the max-min fair split
    (D. Bertsekas, R. Gallager, "Data Networks", 2nd ed., 1992, section 6.5.2). With grounds at what each gave so far it evens out over time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Ranking:
    """Order of N costs, the cheapest first, with equal costs in one rank of K."""

    order: NDArray[np.int64]
    """Shape (N,)."""
    first: NDArray[np.int64]
    """Place in the order where each rank begins, shape (K,)."""
    rank: NDArray[np.int64]
    """Rank of each place in the order, shape (N,)."""

    @classmethod
    def of(cls, cost: Array) -> Ranking:
        """Rank costs of shape (N,)."""
        order = np.argsort(cost, kind="stable")
        new = np.diff(cost[order], prepend=-np.inf) > 0
        return cls(order, np.flatnonzero(new), np.cumsum(new) - 1)


def merit(amount: Array, room: Array, ranking: Ranking) -> Array:
    """Fill the cheapest first. Returns shape (S, N)."""
    ranked = room[:, ranking.order]
    of_rank = np.add.reduceat(ranked, ranking.first, axis=1)
    before = of_rank.cumsum(axis=1) - of_rank
    given = np.minimum(np.maximum(amount[:, None] - before, 0.0), of_rank)
    share = np.divide(given, of_rank, out=np.zeros(given.shape), where=of_rank > 0)
    filled = np.empty((len(amount), room.shape[1]))
    filled[:, ranking.order] = ranked * share[:, ranking.rank]
    return filled


def in_proportion(amount: Array, room: Array) -> Array:
    """Give each the same share of its room. Returns shape (S, N)."""
    total = room.sum(axis=1)
    share = np.divide(amount, total, out=np.zeros_like(amount), where=total > 0)
    return room * np.minimum(share, 1.0)[:, None]


def to_one_level(amount: Array, room: Array, weight: Array, ground: Array) -> Array:
    """Fill to one level; ``weight`` > 0 and ``ground`` have shape (N,). Returns shape (S, N)."""
    full = ground + room / weight
    ends = np.empty((len(full), 2 * full.shape[1]))
    ends[:, : full.shape[1]], ends[:, full.shape[1] :] = ground, full
    order = ends.argsort(axis=1, kind="stable")
    levels = ends[np.arange(len(ends))[:, None], order]
    slope = np.concatenate((weight, -weight))[order].cumsum(axis=1)
    held = np.zeros(levels.shape)
    np.cumsum(np.maximum(slope[:, :-1], 0.0) * (levels[:, 1:] - levels[:, :-1]), axis=1, out=held[:, 1:])
    reached = np.minimum(amount, held[:, -1])
    above = np.minimum(np.maximum((held < reached[:, None]).sum(axis=1), 1), levels.shape[1] - 1)
    row = np.arange(len(levels)) if len(levels) > 1 else 0
    rise = slope[row, above - 1]
    over = np.divide(reached - held[row, above - 1], rise, out=np.zeros(reached.shape), where=rise > 0)
    level = levels[row, above - 1] + over
    return np.minimum(np.maximum(weight * (level[:, None] - ground), 0.0), room)
