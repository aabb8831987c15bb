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


NOTHING = 1e-200
"""In place of a room of 0, of which any share is 0. [MW]"""


@dataclass(frozen=True, eq=False)
class Ranking:
    """Order of N costs, the cheapest first, with equal costs in one rank of K."""

    order: NDArray[np.int64]
    """Shape (N,)."""
    first: NDArray[np.int64]
    """Place in the order where each rank begins, shape (K,)."""
    rank: NDArray[np.int64]
    """Of each cost, shape (N,)."""

    @classmethod
    def of(cls, cost: Array) -> Ranking:
        """Rank costs of shape (N,)."""
        order = np.argsort(cost, kind="stable")
        new = np.diff(cost[order], prepend=-np.inf) > 0
        return cls(order, np.flatnonzero(new), (np.cumsum(new) - 1)[order.argsort()])


def merit(amount: Array, room: Array, ranking: Ranking) -> Array:
    """Fill the cheapest first. Returns shape (S, N)."""
    of_rank = np.add.reduceat(room.take(ranking.order, axis=1), ranking.first, axis=1)
    before = of_rank.cumsum(axis=1) - of_rank
    given = np.minimum(np.maximum(amount[:, None] - before, 0.0), of_rank)
    return room * (given / np.maximum(of_rank, NOTHING)).take(ranking.rank, axis=1)


def in_proportion(amount: Array, room: Array) -> Array:
    """Give each the same share of its room. Returns shape (S, N)."""
    return room * np.minimum(amount / np.maximum(room.sum(axis=1), NOTHING), 1.0)[:, None]


def to_one_level(amount: Array, room: Array, weight: Array, ground: Array) -> Array:
    """Fill to one level; ``weight`` > 0 and ``ground`` have shape (N,). Returns shape (S, N)."""
    count = room.shape[1]
    ends = np.empty((len(room), 2 * count))
    ends[:, :count], ends[:, count:] = ground, ground + room / weight
    order = ends.argsort(axis=1, kind="stable")
    ends.sort(axis=1)
    slope = np.concatenate((weight, -weight)).take(order).cumsum(axis=1)[:, :-1]
    rises = np.maximum(slope, 0.0) * (ends[:, 1:] - ends[:, :-1])
    held = rises.cumsum(axis=1)
    reached = np.minimum(amount, held[:, -1])
    at = (held < reached[:, None]).sum(axis=1)
    row = np.arange(len(room)) if len(room) > 1 else 0
    level = ends[row, at] + (reached - held[row, at] + rises[row, at]) / np.maximum(slope[row, at], NOTHING)
    level = np.minimum(level, ends[row, at + 1])  # where hardly anything rises, rounding must not carry it away
    return np.minimum(np.maximum(weight * (level[:, None] - ground), 0.0), room)
