"""Hours that a program takes together: borders where they must be, and where the park changes most."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridsim.technologies.draft import DemandCharge, HourlyLimit, PeriodLimit, RampLimit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from gridsim.technologies.draft import NetworkDraft


@dataclass(frozen=True, eq=False)
class Segments:
    """Consecutive steps taken together. S segments of T steps."""

    first: NDArray[np.int64]
    """First step of each. Shape (S,)."""
    total: int
    """Steps of all."""

    @property
    def count(self) -> int:
        """Number of segments."""
        return self.first.size

    @property
    def steps(self) -> NDArray[np.int64]:
        """Steps of each. Shape (S,)."""
        return np.diff(self.first, append=self.total)

    @property
    def last(self) -> NDArray[np.int64]:
        """Last step of each. Shape (S,)."""
        return np.append(self.first[1:], self.total) - 1

    def mean(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Average over each segment. Shape (S,)."""
        return np.add.reduceat(values, self.first) / self.steps

    def spread(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give each step the value of its segment. Shape (T,)."""
        return np.repeat(values, self.steps)


def single_steps(total: int) -> Segments:
    """Return each step alone."""
    return Segments(np.arange(total), total)


def needed_borders(draft: NetworkDraft) -> NDArray[np.bool_]:
    """Steps that must begin a segment, for averages to satisfy every equation: prices, coefficients and periods change there. Shape (T,)."""
    border = np.zeros(draft.steps, dtype=bool)
    border[0] = True
    for values in _held(draft):
        values = np.asarray(values)
        if values.ndim:
            border[1:] |= values[1:] != values[:-1]
    return border


def _held(draft: NetworkDraft) -> Iterator[object]:
    """Yield every series that has to be the same in all steps of a segment."""
    for component in draft.components.values():
        yield component.get("marginal_cost", 0.0)
        for _, factor in draft.ports(component):
            yield factor
    for request in draft.requests:
        if isinstance(request, HourlyLimit | PeriodLimit | DemandCharge | RampLimit):
            yield from (term.coefficient for term in request.terms)
        if isinstance(request, PeriodLimit):
            yield request.period
        if isinstance(request, DemandCharge):
            yield request.month


def segmented(draft: NetworkDraft, count: int, borders: NDArray[np.int64] | None = None) -> Segments:
    """Return about ``count`` segments: needed borders and those that are given, and neighbours merged where that loses least of what wind, sun and loads do.

    What a merger loses is the sum of squares of each series about its mean over the segment, in MW², the availability of each generator times its capacity.
    """
    series = _varying(draft)
    needed = needed_borders(draft)
    if borders is not None:
        needed[borders] = True
    total = draft.steps
    sums, size = series.copy(), np.ones(total, dtype=np.int64)
    after, before = np.arange(1, total + 1), np.arange(-1, total - 1)
    alive = np.ones(total, dtype=bool)
    version = np.zeros(total, dtype=np.int64)

    def loss(one: int, other: int) -> float:
        apart = sums[:, one] / size[one] - sums[:, other] / size[other]
        return float(apart @ apart) * size[one] * size[other] / (size[one] + size[other])

    gap = np.diff(series, axis=1)
    heap = [(float(value), one, 0, 0) for one, value in enumerate((gap * gap).sum(axis=0) / 2.0) if not needed[one + 1]]
    heapq.heapify(heap)
    left = total
    while heap and left > count:
        _, one, stamp, other_stamp = heapq.heappop(heap)
        other = after[one]
        if not alive[one] or other >= total or version[one] != stamp or version[other] != other_stamp:
            continue
        sums[:, one] += sums[:, other]
        size[one] += size[other]
        alive[other] = False
        after[one] = after[other]
        if after[one] < total:
            before[after[one]] = one
        version[one] += 1
        left -= 1
        if after[one] < total and not needed[after[one]]:
            heapq.heappush(heap, (loss(one, int(after[one])), one, int(version[one]), int(version[after[one]])))
        if one > 0 and not needed[one]:
            earlier = int(before[one])
            heapq.heappush(heap, (loss(earlier, one), earlier, int(version[earlier]), int(version[one])))
    return Segments(np.flatnonzero(alive), total)


def _varying(draft: NetworkDraft) -> NDArray[np.float64]:
    """Availability of generators and loads that change, in MW. Shape (series, T)."""
    series = [draft.available(component) for component in draft.having("renewable")] + [component["p_set"] for component in draft.having("load")]
    changing = [values for values in series if np.ptp(values) > 0.0]
    return np.array(changing) if changing else np.zeros((1, draft.steps))
