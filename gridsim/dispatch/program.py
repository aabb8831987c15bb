r"""A park as one linear program in arrays, over hours or over segments of hours, with capacities as columns: what sizing solves.

The equations are those of the linopy model (`gridsim.dispatch.model`), without what keeps flows from meeting where it was not foreseen: a relaxation, whose
optimum no dispatch can be below. Over segments it is a relaxation too: averages of any hourly dispatch satisfy every row. For that

* a segment ends where a price, a coefficient or a period changes (`gridsim.dispatch.segments`);
* ramps between averages may be as large as between the middles of their segments;
* standing losses within a segment lie between those of its first and its last step;
* a shifted load owes, and is owed, what it has at the ends of segments.

Capacities :math:`x` enter where the draft depends on them (`gridsim.dispatch.sizes`): :math:`p_t \le \bar p_t\,(P_0 + \sum_k P_k x_k)`, likewise levels and the
right-hand sides of requests.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridsim.dispatch.program_rows import Entries, Rows
from gridsim.dispatch.program_whole import write_calls, write_commitment, write_exclusive
from gridsim.technologies.draft import Calls, Commitment, DemandCharge, Exclusive, HourlyLimit, LoadShift, Ordered, PeriodLimit, RampLimit, SnapshotLimits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

    from gridsim.dispatch.segments import Segments
    from gridsim.dispatch.sizes import Sizes
    from gridsim.technologies.draft import Component, NetworkDraft, Term

LEFT_OUT = (Ordered, SnapshotLimits)
"""Requests whose rows are not in the program: a dispatch keeps the flows of the first apart, and adds the second as rows of its own."""


@dataclass(frozen=True, eq=False)
class Program:
    r""":math:`\min c^\top z + c_0` with :math:`\underline b \le A z \le \overline b`, :math:`\underline z \le z \le \overline z`; all columns are bounded."""

    cost: NDArray[np.float64]
    constant: float
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    matrix: csr_matrix
    row_lower: NDArray[np.float64]
    row_upper: NDArray[np.float64]
    flow: dict[str, slice]
    """Columns of each component's flow."""
    level: dict[str, slice]
    peak: dict[str, slice]
    size: slice
    """Columns of the capacities."""
    balance: dict[str, slice]
    """Rows of each bus's balance."""
    period: dict[str, slice]
    """Rows of each period limit, and of each count of calls."""
    owed: list[tuple[slice, slice]]
    """Columns of what each shifted load has taken and given back by the end of each segment."""
    chain: dict[str, list[slice]]
    """Rows that tie each store's level to the level before, a row a segment; two sets where losses within a segment are known within bounds only."""
    step: NDArray[np.int64]
    """Segment of each column; −1 for those that belong to none, such as the peaks of months."""
    integer: NDArray[np.bool_]
    whole: dict[str, slice]
    """Columns of the whole numbers of each commitment and call, with ``-on`` or ``-standby`` behind its name."""


def make_program(draft: NetworkDraft, segments: Segments, sizes: Sizes, *, with_order: bool = False, with_binaries: bool = False) -> Program:
    """Write down the program.

    Parameters
    ----------
    draft : NetworkDraft
        At the base point of ``sizes``.
    segments : Segments
        Hours that are taken together; each hour alone for the program itself.
    with_order : bool
        Whether the tie breaks of ordered flows are in the cost. They are nobody's money: without them the optimum is a lower bound.
    with_binaries : bool
        Whether flows that may not meet are kept apart where that was foreseen to pay.
    """
    writer = Writer(draft, segments, sizes, with_binaries=with_binaries)
    program = writer.program()
    if with_order:
        for request in draft.requested(Ordered):
            program.cost[program.flow[request.second]] += request.tie_break_cny_per_mwh * writer.weight
    return program


class Writer:
    """Writes a program, component by component and request by request."""

    def __init__(self, draft: NetworkDraft, segments: Segments, sizes: Sizes, *, with_binaries: bool) -> None:
        self.draft, self.segments, self.sizes, self.with_binaries = draft, segments, sizes, with_binaries
        self.hours = draft.park.time.step_hours
        self.count = segments.count
        self.weight = segments.steps * self.hours
        self.rows = Rows()
        self.columns = 0
        self.step: list[NDArray[np.int64]] = []
        self.whole: dict[str, slice] = {}
        self.integers: list[slice] = []
        self.cost: list[NDArray[np.float64]] = []
        self.lower: list[NDArray[np.float64]] = []
        self.upper: list[NDArray[np.float64]] = []
        self.flow: dict[str, slice] = {}
        self.level: dict[str, slice] = {}
        self.peak: dict[str, slice] = {}
        self.balance: dict[str, slice] = {}
        self.period: dict[str, slice] = {}
        self.owed: list[tuple[slice, slice]] = []
        self.chain: dict[str, list[slice]] = {}
        self.each = np.arange(self.count)
        self.most: dict[str, float] = {}
        """Largest flow of each component at any sizes. [MW]"""

    def program(self) -> Program:
        """Write everything down."""
        sizes = self.sizes
        self.size = self.add_columns(sizes.cost_cny, sizes.lower, sizes.upper, np.full(sizes.count, -1))
        for component in self.draft.components.values():
            if component.kind != "Load":
                self._add_component(component)
        for store in self.draft.having("store"):
            self._add_chain(store)
        for bus in self.draft.buses:
            self._add_balance(bus)
        for request in self.draft.requests:
            if not isinstance(request, LEFT_OUT):
                WRITE[type(request)](self, request)
        return self._gathered()

    # ---- columns

    def add_columns(
        self, cost: NDArray[np.float64], lower: NDArray[np.float64], upper: NDArray[np.float64], step: NDArray[np.int64] | None = None, *, whole: bool = False
    ) -> slice:
        """Add columns, one a segment unless ``step`` says otherwise, and return which they are."""
        first = self.columns
        self.columns += cost.size
        self.cost.append(cost)
        self.lower.append(lower)
        self.upper.append(upper)
        self.step.append(self.each if step is None else step)
        columns = slice(first, self.columns)
        if whole:
            self.integers.append(columns)
        return columns

    def _series(self, value: object) -> NDArray[np.float64]:
        """Average of a series over each segment."""
        return self.segments.mean(np.broadcast_to(np.asarray(value, dtype=float), (self.draft.steps,)))

    def _add_component(self, component: Component) -> None:
        name, nominal = component.name, "e_nom" if component.kind == "Store" else "p_nom"
        slope = self.sizes.slope(name, nominal)
        base = component[nominal] - slope @ self.sizes.base
        most = base + np.maximum(slope * self.sizes.lower, slope * self.sizes.upper).sum()
        prefix = "e" if component.kind == "Store" else "p"
        share = [
            np.broadcast_to(np.asarray(component.get(f"{prefix}_{end}_pu", default), dtype=float), (self.draft.steps,))
            for end, default in (("min", 0.0), ("max", 1.0))
        ]
        if component.kind == "Store":
            low, high = (values[self.segments.last] for values in share)
            fastest = most / self.hours
            self.flow[name] = self.add_columns(np.zeros(self.count), np.full(self.count, -fastest), np.full(self.count, fastest))
            columns = self.level[name] = self.add_columns(np.zeros(self.count), low * most if not slope.any() else np.zeros(self.count), high * most)
        else:
            low, high = (self._series(values) for values in share)
            cost = self.weight * self._series(component.get("marginal_cost", 0.0))
            self.most[name] = float((high * most).max(initial=0.0))
            columns = self.flow[name] = self.add_columns(cost, low * most if not slope.any() else np.minimum(low * most, 0.0), np.maximum(high * most, 0.0))
        if not slope.any():
            return
        none = np.full(self.count, np.inf)
        self.rows.add([self.one(columns), *self._sized(-high[:, None] * slope)], -none, high * base)
        if low.any():
            self.rows.add([self.one(columns), *self._sized(-low[:, None] * slope)], low * base, none)

    # ---- parts of rows

    def one(self, columns: slice, value: float | NDArray[np.float64] = 1.0) -> Entries:
        """One column a row."""
        return Entries(self.each, np.arange(columns.start, columns.stop), np.broadcast_to(np.asarray(value, dtype=float), (self.count,)))

    def _sized(self, slope: NDArray[np.float64]) -> list[Entries]:
        """Capacities with these coefficients, shape (rows, K), in every row."""
        rows, columns = np.nonzero(slope)
        return [Entries(rows, self.size.start + columns, slope[rows, columns])] if rows.size else []

    def terms(self, terms: Sequence[Term]) -> list[Entries]:
        return [self.one(self.flow[term.component], self._series(term.coefficient)) for term in terms]

    # ---- rows of components

    def _add_balance(self, bus: str) -> None:
        parts, demand = [], np.zeros(self.count)
        for component in self.draft.components.values():
            for port, factor in self.draft.ports(component):
                if port != bus:
                    continue
                if component.kind == "Load":
                    demand += self._series(component["p_set"])
                else:
                    parts.append(self.one(self.flow[component.name], self._series(factor)))
        if parts:
            self.balance[bus] = self.rows.add(parts, demand, demand)

    def _add_chain(self, component: Component) -> None:
        """Level at the end of each segment from that at its begin; a store's losses within a segment are known within bounds."""
        name, steps = component.name, self.segments.steps
        kept = (1.0 - component.get("standing_loss", 0.0)) ** self.hours
        level, flow = self.level[name], self.flow[name]
        before = np.roll(np.arange(level.start, level.stop), 1)
        held = -(kept**steps)
        start, slope = np.zeros(self.count), np.zeros((self.count, self.sizes.count))
        if not component.get("e_cyclic", False):
            # PyPSA takes the initial level as it is, without the first step's standing loss
            by_size = self.sizes.slope(name, "e_initial")
            held[0] = 0.0
            kept_first = kept ** (steps[0] - 1)
            start[0] = kept_first * (component.get("e_initial", 0.0) - by_size @ self.sizes.base)
            slope[0] = -kept_first * by_size
        chain = [self.one(level), Entries(self.each, before, held), *self._sized(slope)]
        if kept == 1.0 or (steps == 1).all():
            self.chain[name] = [self.rows.add([*chain, self.one(flow, self.weight)], start, start)]
            return
        least = kept ** (steps - 1)  # what is left at the end of one MWh that came or went in the first step
        supplies, draws = self._in_and_out(component["bus"], name)
        none = np.full(self.count, np.inf)
        self.chain[name] = []
        for come, gone, lower, upper in ((1.0, least, -none, start), (least, 1.0, start, none)):
            scaled = [self._scaled(part, -self.weight * come) for part in supplies] + [self._scaled(part, self.weight * gone) for part in draws]
            self.chain[name].append(self.rows.add([*chain, *scaled], lower, upper))

    def _in_and_out(self, bus: str, store: str) -> tuple[list[Entries], list[Entries]]:
        """What supplies and what draws from a store's bus, as positive amounts."""
        supplies, draws = [], []
        for component in self.draft.components.values():
            for port, factor in self.draft.ports(component):
                if port == bus and component.name != store:
                    size = self._series(np.abs(factor))
                    (supplies if np.all(np.asarray(factor) >= 0.0) else draws).append(self.one(self.flow[component.name], size))
        return supplies, draws

    @staticmethod
    def _scaled(part: Entries, factor: NDArray[np.float64]) -> Entries:
        return Entries(part.row, part.column, part.value * factor[part.row])

    # ---- rows of requests

    def _hourly_limit(self, request: HourlyLimit) -> None:
        right, slope = self._right(request)
        self._sensed([*self.terms(request.terms), *self._sized(-slope)], request.sense, right)

    def _right(self, request: HourlyLimit) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Right-hand side at no capacity, and its slope by capacity, averaged over segments."""
        slope = np.broadcast_to(self.sizes.slope(request.name, "right"), (self.draft.steps, self.sizes.count))
        averaged = np.column_stack([self.segments.mean(slope[:, k]) for k in range(self.sizes.count)]) if self.sizes.count else np.zeros((self.count, 0))
        return self._series(request.right) - averaged @ self.sizes.base, averaged

    def _sensed(self, parts: list[Entries], sense: str, right: NDArray[np.float64]) -> slice:
        none = np.full(right.size, np.inf)
        return self.rows.add(parts, right if sense in (">=", "==") else -none, right if sense in ("<=", "==") else none)

    def _period_limit(self, request: PeriodLimit) -> None:
        period = request.period[self.segments.first]
        parts = [Entries(period[part.row], part.column, part.value * self.weight[part.row]) for part in self.terms(request.terms)]
        slope = np.broadcast_to(self.sizes.slope(request.name, "right"), (request.right.size, self.sizes.count))
        self.period[request.name] = self._sensed([*parts, *self._sized(-slope)], request.sense, request.right - slope @ self.sizes.base)

    def _demand_charge(self, request: DemandCharge) -> None:
        month = request.month[self.segments.first]
        months = int(request.month.max()) + 1
        most = sum(abs(np.asarray(term.coefficient)).max() * self.most[term.component] for term in request.terms)
        peaks = self.peak[request.name] = self.add_columns(
            np.full(months, request.price_cny_per_mw), np.zeros(months), np.full(months, most), np.full(months, -1)
        )
        self.rows.add(
            [*self.terms(request.terms), Entries(self.each, peaks.start + month, np.full(self.count, -1.0))],
            np.full(self.count, -np.inf),
            np.zeros(self.count),
        )

    def _ramp_limit(self, request: RampLimit) -> None:
        if self.count < 2:
            return
        apart = (self.segments.steps[1:] + self.segments.steps[:-1]) / 2.0
        parts = []
        ramping = self.terms(request.terms)
        if request.above is not None:
            commitment, minimum_mw = request.above
            ramping.append(self.one(self.whole[f"{commitment}-on"], -minimum_mw))
        for entries in ramping:
            later, earlier = entries.row >= 1, entries.row < self.count - 1
            parts.append(Entries(entries.row[later] - 1, entries.column[later], entries.value[later]))
            parts.append(Entries(entries.row[earlier], entries.column[earlier], -entries.value[earlier]))
        up, down = (self.sizes.slope(request.name, end) for end in ("up_mw", "down_mw"))
        none = np.full(apart.size, np.inf)
        self.rows.add([*parts, *self._sized(-apart[:, None] * up)], -none, apart * (request.up_mw - up @ self.sizes.base))
        self.rows.add([*parts, *self._sized(apart[:, None] * down)], -apart * (request.down_mw - down @ self.sizes.base), none)

    def _load_shift(self, request: LoadShift) -> None:
        """Sums of what was taken and added at the ends of segments; what is older than the window is paid back."""
        most = request.recovery * self.hours * self.most[request.reduction] * self.draft.steps
        sums = []
        for component, factor in ((request.reduction, request.recovery), (request.increase, 1.0)):
            total = self.add_columns(np.zeros(self.count), np.zeros(self.count), np.full(self.count, most))
            before = Entries(self.each[1:], np.arange(total.start, total.stop - 1), np.full(self.count - 1, -1.0))
            nothing = np.zeros(self.count)
            self.rows.add([self.one(total), before, self.one(self.flow[component], -factor * self.weight)], nothing, nothing)
            sums.append(total)
        self.owed.append((sums[0], sums[1]))
        taken, added = (np.arange(total.start, total.stop) for total in sums)
        last, zero = np.array([0]), np.zeros(1)
        self.rows.add([Entries(last, taken[-1:], np.ones(1)), Entries(last, added[-1:], -np.ones(1))], zero, zero)
        window = min(request.window, self.draft.steps)
        place = np.searchsorted(self.segments.last, self.segments.last - window, side="right") - 1
        there = np.flatnonzero(place >= 0)
        row, none = np.arange(there.size), np.full(there.size, np.inf)
        for owed, paid in ((taken, added), (added, taken)):
            self.rows.add([Entries(row, owed[place[there]], np.ones(row.size)), Entries(row, paid[there], -np.ones(row.size))], -none, np.zeros(row.size))

    def _gathered(self) -> Program:
        from scipy.sparse import csr_matrix

        row, column, value = (np.concatenate(part) for part in zip(*self.rows.entries, strict=True))
        integer = np.zeros(self.columns, dtype=bool)
        for columns in self.integers:
            integer[columns] = True
        return Program(
            cost=np.concatenate(self.cost),
            constant=self.sizes.constant_cny,
            lower=np.concatenate(self.lower),
            upper=np.concatenate(self.upper),
            matrix=csr_matrix((value, (row, column)), shape=(self.rows.count, self.columns)),
            row_lower=np.concatenate(self.rows.lower),
            row_upper=np.concatenate(self.rows.upper),
            flow=self.flow,
            level=self.level,
            peak=self.peak,
            size=self.size,
            balance=self.balance,
            period=self.period,
            owed=self.owed,
            chain=self.chain,
            step=np.concatenate(self.step),
            integer=integer,
            whole=self.whole,
        )


WRITE = {
    HourlyLimit: Writer._hourly_limit,
    PeriodLimit: Writer._period_limit,
    DemandCharge: Writer._demand_charge,
    RampLimit: Writer._ramp_limit,
    LoadShift: Writer._load_shift,
    Commitment: write_commitment,
    Calls: write_calls,
    Exclusive: write_exclusive,
}
