r"""A linear estimate of every branch's loading after every outage, in every hour: it finds the hours, the power flow judges them.

With the susceptances :math:`b` of the branches alone, :math:`\Phi` the change of each branch's flow by an injection at each node (taken up at the slack), an
outage of a share :math:`1 - r` of branch :math:`o` from node :math:`a` to :math:`b` changes the flow of branch :math:`l` by

.. math:: \Delta f_l = D_{lo} f_o, \qquad D_{lo} = \frac{(1 - r)\,\varphi_l}{1 - (1 - r)\,\varphi_o}, \qquad \varphi = \Phi_{\cdot a} - \Phi_{\cdot b}

(line outage distribution factors [1]_), and where nothing but :math:`o` feeds what lies behind it, which is then lost, by what the near end :math:`a` no longer
gives away: :math:`D_{lo} = \Phi_{la}`. Flows are the currents of the intact hour with the sign of their active power, as a share of rating.

References
----------
.. [1] A. J. Wood, B. F. Wollenberg and G. B. Sheblé, "Power Generation, Operation, and Control," 3rd ed., Wiley, 2013, chapter 7 (recalled).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from gridsim.distribution.powerflow.wires import Wires


def injection_factors(wires: Wires) -> NDArray[np.float64]:
    """Change of each branch's flow, from end to to end, by an injection at each node. Shape (B, n)."""
    on = np.flatnonzero(wires.branch_from >= 0)
    f, t = wires.branch_from[on], wires.branch_to[on]
    susceptance = np.abs(wires.branch_admittance[on, 1])
    rows = np.zeros((on.size, wires.nodes))
    rows[np.arange(on.size), f] += susceptance
    rows[np.arange(on.size), t] -= susceptance
    matrix = np.zeros((wires.nodes, wires.nodes))
    np.add.at(matrix, f, rows)
    np.add.at(matrix, t, -rows)
    free = np.setdiff1d(np.arange(wires.nodes), wires.slack_nodes)
    factors = np.zeros((wires.branches, wires.nodes))
    factors[np.ix_(on, free)] = np.linalg.solve(matrix[np.ix_(free, free)].T, rows[:, free].T).T
    return factors


def estimated_loading(
    wires: Wires, signed_loading: NDArray[np.float64], limit: NDArray[np.float64], outages: list[tuple[int, float]]
) -> Iterator[NDArray[np.float64]]:
    """Estimate for each outage the largest loading over its limit, by hour; branches that the outage relieves do not count.

    Parameters
    ----------
    signed_loading : array, shape (T, B)
        Loading of the intact network with the sign of the active power, positive from the from end. [1]
    limit : array, shape (B,)
    outages : list of (branch, share that is left)

    Yields
    ------
    array, shape (T,)
    """
    factors = injection_factors(wires)
    kv = wires.node_kv[np.maximum(wires.branch_from, 0)]
    rating = np.where(np.isfinite(wires.rating_from_ka), wires.rating_from_ka * kv, np.inf)
    rated = np.flatnonzero(np.isfinite(rating) & (wires.branch_from >= 0))
    share = signed_loading / limit
    for branch, left in outages:
        near, far = wires.branch_from[branch], wires.branch_to[branch]
        behind = _behind(wires, branch) if left == 0.0 else np.zeros(wires.nodes, dtype=bool)
        if behind.any():
            change = factors[:, near] if behind[far] else -factors[:, far]
        else:
            by_pair = (1.0 - left) * (factors[:, near] - factors[:, far])
            change = by_pair / (1.0 - by_pair[branch])
        touched = rated[(np.abs(change[rated]) > 1e-6) & ~behind[np.maximum(wires.branch_from[rated], 0)] & (rated != branch)]
        scale = change[touched] * rating[branch] * limit[branch] / (rating[touched] * limit[touched])
        after = np.abs(share[:, touched] + scale * share[:, [branch]])
        worst = np.where(after > np.abs(share[:, touched]), after, 0.0).max(axis=1, initial=0.0)
        if left > 0.0:  # what is left of the branch itself carries left * (1 + change) of its flow on a rating of left
            worst = np.maximum(worst, np.abs(share[:, branch]) * (1.0 + change[branch]))
        yield worst


def _behind(wires: Wires, branch: int) -> NDArray[np.bool_]:
    """Nodes that only this branch leads to from a slack. Shape (n,)."""
    on = np.flatnonzero(wires.branch_from >= 0)
    on = on[on != branch]
    graph = coo_matrix((np.ones(on.size), (wires.branch_from[on], wires.branch_to[on])), shape=(wires.nodes, wires.nodes))
    part = connected_components(graph, directed=False)[1]
    return ~np.isin(part, part[wires.slack_nodes])
