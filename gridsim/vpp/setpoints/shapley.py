r"""The Shapley value: what each adds on average, over all orders in which all could have come together.

.. math:: \phi_i = \sum_{S \not\ni i} \frac{|S|!\,(n-|S|-1)!}{n!}\,\big(v(S \cup i) - v(S)\big), \qquad \sum_i \phi_i = v(N) - v(\emptyset)

It is the only division in which what all have is divided whole, two that add the same to all others get the same, one that adds nothing gets nothing, and
two games that are added divide as the sum of both (L. S. Shapley, "A value for n-person games", Contributions to the Theory of Games II, 1953).
"""

from __future__ import annotations

from math import factorial
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_PLAYERS = 12
"""4096 coalitions."""


def shapley(value: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what each of n players adds on average.

    Parameters
    ----------
    value : array, shape (2ⁿ,)
        Of each coalition; player i is in coalition c where bit i of c is set.

    Returns
    -------
    array, shape (n,)

    Examples
    --------
    Two gloves: player 0 has a left one, players 1 and 2 a right one each, and a pair is worth 6.

    >>> shapley(np.array([0, 0, 0, 6, 0, 6, 0, 6.0])).round(12).tolist()
    [4.0, 1.0, 1.0]
    """
    players = len(value).bit_length() - 1
    coalition = np.arange(len(value))
    size = sum((coalition >> player & 1 for player in range(players)), start=np.zeros(len(value), dtype=np.int64))
    weight = np.array([factorial(s) * factorial(players - s - 1) / factorial(players) for s in range(players)])
    found = np.empty(players)
    for player in range(players):
        without = coalition[coalition >> player & 1 == 0]
        found[player] = np.sum(weight[size[without]] * (value[without | 1 << player] - value[without]))
    return found
