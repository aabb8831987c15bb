r"""One window in HiGHS: the most that can be given at the connection for some steps, and what giving a power costs.

The most power up, held over the :math:`d` steps of a call, is :math:`\max x` over the window's program with :math:`\sum i_t - \sum e_t + x = 0` in the steps of
the call, where :math:`i` and :math:`e` are the deviations of imports and exports; down, :math:`\min x`. Afterwards flows are free for the recovery, then as in
the dispatch again, so that levels of stores must have come back by then. What :math:`x` costs is :math:`\min c^\top y` at that :math:`x`, which is convex and
piecewise linear.

Flows that must not run at once (charging and discharging), or only in order, may do so in a linear optimum: where power is to be drawn, burning it in a battery
would pay. Such an optimum is not taken. First the same power is looked for with the least of such flows, which mostly keeps them apart. Where it does not, the
smaller flow is held at zero where they met, which can be given but is perhaps not the most; or a binary a step of the window finds the most.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gridsim.dispatch.audit import meeting
from gridsim.dispatch.envelope_whole import most_apart
from gridsim.dispatch.highs import Arrays, HighsProgram
from gridsim.errors import BuildError
from gridsim.technologies.draft import Ordered

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.dispatch.envelope_program import Deviations
    from gridsim.technologies.draft import Exclusive

OPTIONS: dict[str, Any] = {"presolve": "off", "threads": 1}
"""A window is solved in a few hundred steps of the simplex method, less than presolving it takes (measured: 4.9 ms against 9.0 ms)."""

MOST_TRIES = 12
FARTHEST_MW = 1e6
SLACK_MW = 1e-7
"""By how much a power may fall short of the most that was found, so that the cheapest way to it exists in spite of rounding."""

YIELD_SHARE = 1e-3
"""Of a power that only flows which meet make possible, so much is given up first: often nothing need meet then, such as where burning power at another place
spares a little of what the wires lose."""

NET_TOLERANCE = 1e-6
"""By how much a row may be left when what a connection takes and gives at once is left out."""

LATER = 0.1
"""Price of a flow over that of the flow that comes before it in an order, where flows that must not meet cost 1 each (judged)."""


class Given(NamedTuple):
    """A power at the connection and how it is given."""

    power_mw: float
    """Positive up: less import or more export."""
    deviation: NDArray[np.float64]
    """Of each flow, in the order of `Deviations.kind`. Shape (flows, W)."""
    cost_cny: float
    """Over that of the dispatch."""
    price_cny_per_mw: float
    """What one MW more costs, where the cheapest way was looked for. [CNY/MW over the call]"""
    bound_mw: float
    """No more is possible; the same as the power where that is proven to be the most. [MW]"""
    apart: bool = True
    """False where flows meet in it that must not: what it costs is then a lower bound, and it cannot be delivered so."""


class Window:
    """A window, kept for calls of several lengths in both directions."""

    def __init__(self, deviations: Deviations, first: int, most_call_steps: int, recovery_steps: int) -> None:
        last = min(first + most_call_steps + recovery_steps, deviations.steps)
        self.deviations, self.first, self.recovery = deviations, first, recovery_steps
        self.program = deviations.window(first, last, min(most_call_steps, last - first))
        self.width = last - first
        self.lower, self.upper = self.program.lower.copy(), self.program.upper.copy()
        self.row_lower, self.row_upper = self.program.row_lower.copy(), self.program.row_upper.copy()
        self.nothing = np.zeros(self.program.cost.size)
        arrays = self.arrays(self.nothing)
        self.solver = HighsProgram(arrays, OPTIONS)
        self.highs = self.solver.highs
        starts = {name: deviations.starts[deviations.kind[name]] + first for request in deviations.watched for name in (request.first, request.second)}
        self.base_flows = {name: deviations.base[start : start + self.width] for name, start in starts.items()}
        """Watched flows of the dispatch. Each shape (W,)."""
        self.orders = _orders([request for request in deviations.watched if isinstance(request, Ordered)])
        self.tidy = self._tidy()
        self.every = np.arange(self.program.cost.size, dtype=np.int32)
        self.call_steps = -1

    def arrays(self, cost: NDArray[np.float64]) -> Arrays:
        """Return the program as it stands, with another objective."""
        matrix = self.program.matrix
        integer = np.zeros(cost.size, dtype=bool)
        return Arrays(cost, self.lower, self.upper, self.row_lower, self.row_upper, matrix.indptr, matrix.indices, matrix.data, integer)

    def _tidy(self) -> NDArray[np.float64]:
        """Price flows that must not meet, and the later ones of an order more."""
        cost = self.nothing.copy()
        for request in self.deviations.watched:
            ordered = isinstance(request, Ordered)
            for name, price in ((request.first, 0.0 if ordered else 1.0), (request.second, LATER if ordered else 1.0)):
                row = self.deviations.kind[name]
                before = self.deviations.kind[request.first] * self.width if ordered else row * self.width
                cost[row * self.width : (row + 1) * self.width] += price + (cost[before] if ordered else 0.0)
        return cost

    # ---- what is asked

    def most(self, call_steps: int, direction: int, *, exact: bool = True) -> Given:
        """Return the most power up (direction 1) or down (-1) over a call, with nothing that meets.

        Without ``exact``, flows that tempt to meet are held apart without branching: what is returned can be given, perhaps a little more too.
        """
        self._call(call_steps)
        self._power(*((0.0, FARTHEST_MW) if direction > 0 else (-FARTHEST_MW, 0.0)))
        cost = self.nothing.copy()
        cost[-1] = -direction
        columns = self.netted(self._solved(cost))
        power = float(columns[-1])
        if not self.met(columns):
            return self._given(columns, power)
        columns = self._tidied(power, direction)
        if not (met := self.met(columns)):
            return self._given(columns, power)
        held = self._tidied(power * (1.0 - YIELD_SHARE), direction)
        if self.met(held):
            held = self._held_apart(columns, cost, direction)
        if not exact or abs(held[-1] - power) <= SLACK_MW:
            return self._given(held, power)
        self._power(*sorted((float(held[-1]), power)))
        columns, bound = most_apart(self, held, direction, met)
        return self._given(columns, bound)

    def cheapest(self, call_steps: int, power_mw: float) -> Given:
        """Return the cheapest way to give a power that can be given."""
        self._call(call_steps)
        self._power(power_mw - SLACK_MW, power_mw + SLACK_MW)
        columns = self._solved(self.program.cost)
        price = float(np.array(self.highs.getSolution().col_dual)[-1])
        return self._given(columns, power_mw, price=price, apart=not self.met(columns))

    def _tidied(self, power_mw: float, direction: int) -> NDArray[np.float64]:
        """Return a way to a power with the least of flows that must not meet, so that only those are left that it needs."""
        self._power(*((power_mw - SLACK_MW, power_mw) if direction > 0 else (power_mw, power_mw + SLACK_MW)))
        columns = self.netted(self._solved(self.tidy))
        self._power(*((0.0, FARTHEST_MW) if direction > 0 else (-FARTHEST_MW, 0.0)))
        return columns

    def _held_apart(self, columns: NDArray[np.float64], cost: NDArray[np.float64], direction: int) -> NDArray[np.float64]:
        """Return the optimum with flows held apart where they met: the smaller, and where nothing is possible then, that which the dispatch does not have."""
        for as_dispatch in (False, True):
            if (found := self._apart(columns, cost, direction, as_dispatch=as_dispatch)) is not None:
                return found
        return self.nothing

    def _apart(self, columns: NDArray[np.float64], cost: NDArray[np.float64], direction: int, *, as_dispatch: bool) -> NDArray[np.float64] | None:
        lower, upper = self.lower.copy(), self.upper.copy()
        found: NDArray[np.float64] | None = columns
        for _ in range(MOST_TRIES):
            flows, any_met = self.absolute(columns), False
            for request in self.deviations.watched:
                where = np.flatnonzero(meeting(request, flows, {}))
                any_met = any_met or bool(where.size)
                self._hold(request, where, flows, lower, upper, as_dispatch=as_dispatch)
            if not any_met:
                break
            self.highs.changeColsBounds(self.every.size, self.every, lower, upper)
            if (found := self._optimum(cost)) is None:
                break
            columns = found = self.netted(found)
            if self.met(columns):
                columns = found = self._tidied(float(columns[-1]), direction)
        self.highs.changeColsBounds(self.every.size, self.every, self.lower, self.upper)
        return None if found is None or self.met(found) else found

    def _hold(
        self,
        request: Exclusive | Ordered,
        where: NDArray[np.int64],
        flows: dict[str, NDArray[np.float64]],
        lower: NDArray[np.float64],
        upper: NDArray[np.float64],
        *,
        as_dispatch: bool,
    ) -> None:
        """Hold a flow at zero in the steps ``where``; of an order the second, or the first full where all of its flows together reach beyond it."""
        names = request.first, request.second
        first, second = (self.deviations.kind[name] * self.width + where for name in names)
        of_first, of_second = (self.base_flows[name][where] for name in names)
        if isinstance(request, Ordered):
            order, before_mw = self.orders[request.name]
            full = of_second > 0.0 if as_dispatch else sum(flows[name][where] for name in order) >= before_mw
            lower[first[full]] = np.minimum(request.first_max_mw - of_first[full], upper[first[full]])
            upper[second[~full]] = np.maximum(-of_second[~full], lower[second[~full]])
            return
        held = np.where(flows[request.first][where] < flows[request.second][where], first, second)
        if as_dispatch:
            held = np.where(of_first > 0.0, second, np.where(of_second > 0.0, first, held))
        upper[held] = np.maximum(-np.where(held == first, of_first, of_second), lower[held])

    def netted(self, columns: NDArray[np.float64]) -> NDArray[np.float64]:
        """Take from imports and exports of one connection what they have in common, where every row allows it."""
        deviations, result = self.deviations, columns.copy()
        for pair in deviations.two_way:
            first, second = (slice(row * self.width, (row + 1) * self.width) for row in pair)
            base = [deviations.base[deviations.starts[row] + self.first :][: self.width] for row in pair]
            common = np.maximum(np.minimum(base[0] + columns[first], base[1] + columns[second]), 0.0)
            result[first] -= common
            result[second] -= common
        if (result == columns).all():
            return columns
        rows = self.program.matrix @ result
        allowed = (rows >= self.row_lower - NET_TOLERANCE).all() and (rows <= self.row_upper + NET_TOLERANCE).all()
        return result if allowed else columns

    def met(self, columns: NDArray[np.float64]) -> list[Exclusive | Ordered]:
        """Return the requests whose flows meet."""
        flows = self.absolute(columns)
        return [request for request in self.deviations.watched if meeting(request, flows, {}).any()]

    def absolute(self, columns: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        """Flows themselves, of what is watched. Each shape (W,)."""
        deviations = self.deviations
        rows = {name: deviations.kind[name] * self.width for name in self.base_flows}
        return {name: self.base_flows[name] + columns[row : row + self.width] for name, row in rows.items()}

    # ---- the program

    def _call(self, call_steps: int) -> None:
        """Hold the power over so many steps; after the recovery nothing is done otherwise."""
        if call_steps == self.call_steps:
            return
        self.call_steps = call_steps
        rows = np.arange(self.program.call_rows, dtype=np.int32)
        held = np.where(rows < call_steps, 0.0, np.inf)
        self.row_lower[rows], self.row_upper[rows] = -held, held
        for row in rows:
            self.highs.changeRowBounds(int(row), -held[row], held[row])
        kinds = self.deviations.flows
        free = np.broadcast_to(np.arange(self.width) < call_steps + self.recovery, (kinds, self.width)).ravel()
        columns = self.every[: free.size]
        self.lower[columns] = np.where(free, self.program.lower[columns], 0.0)
        self.upper[columns] = np.where(free, self.program.upper[columns], 0.0)
        self.highs.changeColsBounds(columns.size, columns, self.lower[columns], self.upper[columns])

    def _power(self, lower: float, upper: float) -> None:
        self.lower[-1], self.upper[-1] = lower, upper
        self.highs.changeColBounds(self.nothing.size - 1, lower, upper)

    def _solved(self, cost: NDArray[np.float64]) -> NDArray[np.float64]:
        if (columns := self._optimum(cost)) is None:
            status = self.highs.modelStatusToString(self.highs.getModelStatus())
            msg = f"the window of step {self.first} has no optimum ({status}), though the dispatch itself is one of its points"
            raise BuildError(msg)
        return columns

    def _optimum(self, cost: NDArray[np.float64]) -> NDArray[np.float64] | None:
        import highspy

        optimal = highspy.HighsModelStatus.kOptimal
        self.highs.changeColsCost(self.every.size, self.every, cost)
        self.highs.run()
        if self.highs.getModelStatus() != optimal:
            self.highs.clearSolver()
            self.highs.run()
        return np.array(self.highs.getSolution().col_value) if self.highs.getModelStatus() == optimal else None

    def _given(self, columns: NDArray[np.float64], bound: float, *, price: float = np.nan, apart: bool = True) -> Given:
        deviation = columns[: self.deviations.flows * self.width].reshape(self.deviations.flows, self.width)
        return Given(float(columns[-1]), deviation, float(self.program.cost @ columns), price, bound, apart)


def _orders(requests: list[Ordered]) -> dict[str, tuple[list[str], float]]:
    """Return of each request all flows of its order, and what they are together where its first is full. [MW]"""
    after = {request.first: request for request in requests}
    before = {request.second: request for request in requests}
    found = {}
    for request in requests:
        names, most, one = [request.first, request.second], request.first_max_mw, request
        while (earlier := before.get(one.first)) is not None:
            names, most, one = [earlier.first, *names], most + earlier.first_max_mw, earlier
        one = request
        while (later := after.get(one.second)) is not None:
            names, one = [*names, later.second], later
        found[request.name] = names, most
    return found
