r"""The offers that earn most: how many MW to sell in which market and hour, by one linear or mixed-integer program.

With :math:`b_{p,s}` the MW offered to market :math:`p` from step :math:`s` on for its :math:`L_p` steps, :math:`v_{p,s}` what a MW earns, :math:`E` the
envelope and :math:`R` the steps of recovery after a call,

.. math::

   \max \sum_{p,s} v_{p,s}\, b_{p,s}, \qquad
   \sum_{p \in C} \sum_{s = t - L_p - R_p + 1}^{t} \frac{b_{p,s}}{E_{s,p}} \le 1 \;\;\forall t, C, \qquad
   b^{min}_p\, y_{p,s} \le b_{p,s} \le \sigma_p E_{s,p}\, y_{p,s}

for each set :math:`C` of markets that exclude each other in one direction (`gridsim.vpp.market.exclusivity`). Whole numbers :math:`y` are there only for
markets with a smallest offer, a limit of calls, or one that shares no hour with another. Capacity products are offered hour by hour (:math:`L = 1`), called
ones in blocks of their shortest call.

One recovery :math:`R` is planned for every called product, and the whole of what a block takes of the envelope is kept free over it, as if each block were
called at its full MW. This errs as follows. Where blocks are called with a probability below 1, or a small call is recovered from sooner, too little is
offered: income is too low. Capacity products are planned with no recovery, though what a call on them takes is missing afterwards: the income that they are
chosen for is too high by that, and they are preferred by as much to blocks. What is settled errs in neither way: calls that meet a recovery are not made, and
hours after a call hold less (`gridsim.vpp.market.called`). Where every block is called and there is no reserve, nothing errs but for small calls.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.errors import DefinitionError, LimitReachedError, Problem
from gridsim.vpp.market.exclusivity import Room, hour_pairs, sharing
from gridsim.vpp.market.terms import CALLED, POWER

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.profiles.time_axis import TimeAxis
    from gridsim.vpp.market.market import Market

    Series = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Choice:
    """The offers that earn most."""

    offers_mw: dict[str, Series]
    """MW held in each snapshot, by market. Each shape (T,). [MW]"""
    begun_mw: dict[str, Series]
    """MW of the blocks that begin in each snapshot, by market. Each shape (T,). [MW]"""
    income_cny: dict[str, float]
    """Expected, less the cost of delivery, by market. [CNY]"""
    gap: float
    """Relative distance to the best bound; 0 for a linear program. [1]"""

    @property
    def total_cny(self) -> float:
        """Expected income of all markets. [CNY]"""
        return sum(self.income_cny.values())


def worth_of(
    market: Market, time: TimeAxis, price: Series | float | None = None, *, called_share: float = 1.0, cost_cny_per_mwh: Series | float = 0.0
) -> Series:
    """Return what a MW earns that is offered from each snapshot on. Shape (T,). [CNY/MW]

    Parameters
    ----------
    price : array, shape (T,), or float, optional
        Reserve: of capacity [CNY/MW h]. Regulation: of mileage, times the mileage expected of each MW in an hour and the performance index [CNY/MW h].
        Left out, the market's.
    called_share : float
        Expected share of offered hours (reserve) or blocks (called products) that are called.
    cost_cny_per_mwh : array, shape (T,), or float
        Cost of delivering a MWh, such as that of the priced envelope.
    """
    steps = block_steps(market, time)
    hours = steps * time.step_hours
    cost = _sums(np.broadcast_to(np.asarray(cost_cny_per_mwh, dtype=float), (time.steps,)) * time.step_hours, steps)
    energy = market.stated("energy_price_cny_per_mwh") or 0.0
    if market.product in CALLED:
        market.require()
        return called_share * ((market.stated("call_price_cny_per_mw") or 0.0) + energy * hours - cost)
    if price is None and market.product == "regulation":
        raise DefinitionError(f"market {market.id}", [Problem("price", "is left out", "give the worth of mileage of a MW in an hour")])
    if price is None:
        market.require()
    capacity = np.asarray(market.stated("capacity_price_cny_per_mw_h") if price is None else price, dtype=float)
    if market.product == "regulation":
        capacity = capacity + (market.stated("capacity_price_cny_per_mw_h") or 0.0)
    return np.broadcast_to(capacity * hours, (time.steps,)) + called_share * (energy * hours - cost)


def block_steps(market: Market, time: TimeAxis) -> int:
    """Steps that an offer is for: one, or those of the shortest call."""
    return max(1, int(np.ceil(market.term("minimum_hours") / time.step_hours - 1e-9))) if market.product in CALLED else 1


def co_optimise(
    markets: Mapping[str, Market],
    time: TimeAxis,
    room: Room,
    worth_cny_per_mw: Mapping[str, Series],
    *,
    recovery_hours: float = 0.0,
    calls_left: Mapping[str, int] | None = None,
    options: dict[str, Any] | None = None,
) -> Choice:
    """Choose the offers that earn most.

    Parameters
    ----------
    markets : dict
        Reserve, regulation and called products by id; energy and certificates are no matter of MW held ready and are left aside.
    room : Room
        The envelope around the schedule that energy was sold by.
    worth_cny_per_mw : dict
        From `worth_of`, by id; a market without is left aside. Each shape (T,). [CNY/MW]
    recovery_hours : float
        Time after the block of a called product in which its part of the envelope is not offered again: one for all products, called or not. [h]
    calls_left : dict, optional
        Calls that may still be made in this time, by id, in place of the market's for a year.
    options : dict, optional
        Of `scipy.optimize.milp`, such as ``{"time_limit": 60.0}``.

    Raises
    ------
    LimitReachedError
        When the solver stopped without an answer.
    """
    sold = {name: one for name, one in markets.items() if name in worth_cny_per_mw and one.product in POWER}
    if not sold:
        return Choice({}, {}, {}, 0.0)
    from scipy.optimize import Bounds, LinearConstraint, milp

    program = _Program(sold, time, room, recovery_hours)
    program.share_envelope()
    program.switch(calls_left or {})
    cost = np.zeros(program.columns)
    for name in sold:
        cost[program.mw[name]] = -np.asarray(worth_cny_per_mw[name], dtype=float)
    matrix, upper = program.rows()
    answer = milp(
        cost,
        integrality=program.whole,
        bounds=Bounds(np.zeros(program.columns), program.upper),
        constraints=[LinearConstraint(matrix, -np.inf, upper)],
        options=options,
    )
    if answer.x is None:
        msg = f"the choice of offers ended without an answer: {answer.message}"
        raise LimitReachedError(msg)
    begun = {name: np.maximum(answer.x[program.mw[name]], 0.0) for name in sold}
    held = {name: np.convolve(mw, np.ones(program.steps[name]))[: time.steps] for name, mw in begun.items()}
    income = {name: float(np.asarray(worth_cny_per_mw[name]) @ mw) for name, mw in begun.items()}
    return Choice(held, begun, income, float(answer.mip_gap or 0.0))


class _Program:
    """Columns and rows: MW by market and step, then whole numbers where they are needed."""

    def __init__(self, sold: Mapping[str, Market], time: TimeAxis, room: Room, recovery_hours: float) -> None:
        from scipy import sparse

        self.sparse, self.sold, self.time = sparse, sold, time
        self.pairs = hour_pairs(sold)
        self.steps = {name: block_steps(one, time) for name, one in sold.items()}
        recovery = int(np.ceil(recovery_hours / time.step_hours - 1e-9))
        self.window = {name: self.steps[name] + (recovery if one.product in CALLED else 0) for name, one in sold.items()}
        self.room = {(name, way): room.of(one, way) for name, one in sold.items() for way in one.directions}
        counted = ("calls_per_day", "calls_per_year", "hours_per_year")
        paired = {name for pair in self.pairs for name in pair}
        switched = [
            name
            for name, one in sold.items()
            if one.term("minimum_mw") or name in paired or (one.product in CALLED and any(one.stated(limit) is not None for limit in counted))
        ]
        total = time.steps
        self.mw = {name: slice(place * total, (place + 1) * total) for place, name in enumerate(sold)}
        self.on = {name: slice((len(sold) + place) * total, (len(sold) + place + 1) * total) for place, name in enumerate(switched)}
        self.columns = total * (len(sold) + len(switched))
        self.whole = np.zeros(self.columns)
        self.upper = np.ones(self.columns)
        for name, one in sold.items():
            most = one.share * np.min([self.room[name, way] for way in one.directions], axis=0)
            most[total - self.steps[name] + 1 :] = 0.0  # blocks that would run past the end
            most[most < one.term("minimum_mw")] = 0.0
            self.upper[self.mw[name]] = most
        for name in switched:
            self.whole[self.on[name]] = 1
        self._rows: list[tuple[dict[int, Any], NDArray[np.float64]]] = []

    def add(self, blocks: dict[int, Any], upper: NDArray[np.float64]) -> None:
        """Add rows: matrices of shape (rows, T) by the columns they stand over."""
        self._rows.append((blocks, upper))

    def running(self, name: str, weight: Series) -> Any:
        """Sum over the blocks that occupy each step, weighted at their start. Shape (T, T)."""
        total = self.time.steps
        bands = [np.ones(total - back) for back in range(min(self.window[name], total))]
        band = self.sparse.diags_array(bands, offsets=[-back for back in range(len(bands))], shape=(total, total))
        return band @ self.sparse.diags_array(weight)

    def share_envelope(self) -> None:
        """Markets that exclude each other share each step's envelope; one alone keeps to its share of it."""
        ones = np.ones(self.time.steps)
        for way in ("up", "down"):
            for group in sharing(self.sold, way):
                blocks = {self._key(self.mw[name]): self.running(name, _inverse(self.room[name, way])) for name in group}
                self.add(blocks, ones if len(group) > 1 else ones * self.sold[group[0]].share)
        for name, one in self.sold.items():
            if self.window[name] > 1 and one.share < 1.0:
                for way in one.directions:
                    self.add({self._key(self.mw[name]): self.running(name, _inverse(self.room[name, way]))}, ones * one.share)

    def switch(self, calls_left: Mapping[str, int]) -> None:
        """Smallest offers, limits of calls, and markets that share no hour."""
        eye, total = self.sparse.eye_array(self.time.steps), self.time.steps
        for name, on in self.on.items():
            one, most = self.sold[name], self.upper[self.mw[name]]
            mw, switch = self._key(self.mw[name]), self._key(on)
            self.add({mw: eye, switch: -self.sparse.diags_array(most)}, np.zeros(total))
            if least := one.term("minimum_mw"):
                self.add({mw: -eye, switch: least * eye}, np.zeros(total))
            if one.product not in CALLED:
                continue
            days = self.sparse.csr_array((np.ones(total), (self.time.day, np.arange(total))))
            if (limit := one.stated("calls_per_day")) is not None:
                self.add({switch: days}, np.full(days.shape[0], limit))
            if (limit := calls_left.get(name, one.stated("calls_per_year"))) is not None:
                self.add({switch: self.sparse.csr_array(np.ones((1, total)))}, np.array([float(limit)]))
            if (limit := one.stated("hours_per_year")) is not None:
                hours = self.steps[name] * self.time.step_hours
                self.add({switch: self.sparse.csr_array(np.full((1, total), hours))}, np.array([limit]))
        for pair in self.pairs:
            self.add({self._key(self.on[name]): self.running(name, np.ones(total)) for name in pair}, np.ones(total))

    def rows(self) -> tuple[Any, NDArray[np.float64]]:
        """All rows as one matrix with its upper side."""
        places = [*self.mw.values(), *self.on.values()]
        grid = []
        for blocks, upper in self._rows:
            empty = self.sparse.csr_array((upper.size, self.time.steps))
            grid.append([blocks.get(self._key(place), empty) for place in places])
        return self.sparse.csr_array(self.sparse.block_array(grid, format="csr")), np.concatenate([upper for _, upper in self._rows])

    @staticmethod
    def _key(place: slice) -> int:
        return int(place.start)


def _inverse(room_mw: Series) -> Series:
    """One over the room; 0 where there is none, and nothing can be offered."""
    return np.divide(1.0, room_mw, out=np.zeros_like(room_mw), where=room_mw > 0)


def _sums(values: Series, steps: int) -> Series:
    """Sum of each snapshot and those after it, as many as there are. Shape (T,)."""
    return np.convolve(values, np.ones(steps))[steps - 1 :][: values.size] if steps > 1 else values
