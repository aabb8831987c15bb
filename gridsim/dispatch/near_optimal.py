r"""All that a park can be for a given cost: the program of sizing with its cost as a row.

.. math:: Z = \{z : \underline b \le A z \le \overline b,\; c^\top z + c_0 \le \text{budget}\}

Over segments it is a relaxation, so that what it does not hold no design can be.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.dispatch.highs import HighsProgram
from gridsim.dispatch.optimum import arrays_of, proven_bound
from gridsim.dispatch.program import make_program
from gridsim.dispatch.segments import segmented, single_steps
from gridsim.dispatch.sizes import find_sizes
from gridsim.errors import InfeasibleError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gridsim.dispatch.sizes import Free, Sizes
    from gridsim.park.park import Park

FEW_STEPS, SHARE = 2000, 0.4
"""Up to so many steps every hour is taken alone, beyond that share of them as segments: the coarser, the wider the proven ends (judged)."""
FEW_SEGMENTS = 4000
"""Up to here the simplex method, which starts from the optimum's basis, is quicker than the interior point method (judged)."""

COST_SHARE = 1e-3
"""Of the cost in every objective, so that what a direction leaves open is not wasted; it moves an end by less than this share of the slack and its range."""


class NearOptimal:
    """The program of sizing with its cost as a row, kept for one objective after another, each from the optimum's basis.

    Parameters
    ----------
    budget_cny : float
        Largest cost.
    segments : int, optional
        Number of segments; left out, every step alone up to `FEW_STEPS`, beyond a share of them.
    options : two dicts
        Of HiGHS for few segments and for many.
    """

    def __init__(self, park: Park, free: Sequence[Free], budget_cny: float, segments: int | None, options: tuple[dict[str, Any], dict[str, Any]]) -> None:
        from scipy.sparse import csr_matrix, vstack

        draft, sizes = find_sizes(park, free)
        count = segments or (draft.steps if draft.steps <= FEW_STEPS else round(SHARE * draft.steps))
        parts = single_steps(draft.steps) if count >= draft.steps else segmented(draft, count)
        program = make_program(draft, parts, sizes)
        self.sizes: Sizes = sizes
        self.most_cost = budget_cny - program.constant
        scale = 1.0 / max(1.0, float(np.abs(program.cost[program.size]).max(initial=0.0)))
        self.cost = program.cost
        self.budget_cny = budget_cny
        self.program = dataclasses.replace(
            program,
            constant=0.0,
            matrix=vstack([program.matrix, csr_matrix(program.cost * scale)], format="csr"),
            row_lower=np.append(program.row_lower, -np.inf),
            row_upper=np.append(program.row_upper, self.most_cost * scale),
        )
        self.kept = HighsProgram(arrays_of(self.program), options[parts.count > FEW_SEGMENTS])
        self.kept.solve()
        self.basis = self.kept.highs.getBasis()

    def _least(self, direction: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
        """Return the capacities that are least in a direction [CNY by unit of capacity], and a bound of that objective."""
        cost = COST_SHARE * self.cost
        cost[self.program.size] += direction
        highs = self.kept.highs
        highs.changeColsCost(cost.size, np.arange(cost.size, dtype=np.int32), cost)
        highs.clearSolver()  # what was asked before must not move the answer
        highs.setBasis(self.basis)
        answer = self.kept.solve()
        if answer.condition != "optimal":
            raise InfeasibleError(f"no design within the slack was found: the solver stopped with '{answer.condition}'\n      -> give more slack")
        found = np.clip(answer.columns[self.program.size], self.sizes.lower, self.sizes.upper)
        return found, proven_bound(dataclasses.replace(self.program, cost=cost), answer.row_duals)

    def end(self, number: int, sign: float) -> tuple[NDArray[np.float64], float]:
        """Return the capacities with the least (sign 1) or most (−1) of one of them, and what no design within the slack is beyond."""
        one = self.sizes.free[number]
        weight = self.budget_cny / max(one.upper - one.lower, 1e-9)
        found, bound = self._least(sign * weight * (np.arange(len(self.sizes.free)) == number))
        proven = sign * (bound - COST_SHARE * self.most_cost) / weight
        return found, float(np.clip(proven, one.lower, one.upper))

    def ends(self, directions: NDArray[np.float64], span: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the ends in several directions, capacities measured by their ranges. Shape (directions, K)."""
        weight = np.where(span > 0.0, self.budget_cny / np.where(span > 0.0, span, 1.0), 0.0)
        return np.array([self._least(direction * weight)[0] for direction in directions])
