r"""What a row of yearly cash flows is worth: net present value, internal rates of return, payback.

All flows fall at the end of their year. A row begins at time 0 (undiscounted) or at time 1 (as ``=NPV()`` of a spreadsheet, and as the Chinese method's
:math:`\sum_{t=1}^{n} (CI - CO)_t (1 + i)^{-t}`): ``first`` says which.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

LARGEST_LOG = 5.0
"""Rates between exp(−5) − 1 = −99.3 % and exp(5) − 1 = 14,700 % are looked for."""


@dataclass(frozen=True)
class InternalRate:
    """Every rate at which the net present value is zero; ``value`` only where there is exactly one."""

    value: float | None
    all: tuple[float, ...]

    @property
    def finding(self) -> str:
        """``unique``, ``none`` or ``several``."""
        return {0: "none", 1: "unique"}.get(len(self.all), "several")


def net_present_value(rate: float, flows: ArrayLike, first: int = 0) -> float:
    r"""Σ flow · (1 + rate)^−t.

    >>> round(net_present_value(0.10, [-100, 60, 60]), 4)  # -100 + 54.5455 + 49.5868
    4.1322
    >>> round(net_present_value(0.10, [-100, 60, 60], first=1), 4)
    3.7566
    """
    cash = np.asarray(flows, dtype=float)
    return float(np.sum(cash * (1.0 + rate) ** -np.arange(first, first + cash.size, dtype=float)))


def internal_rate(flows: ArrayLike) -> InternalRate:
    r"""Rates at which a row of cash flows is worth nothing.

    Descartes' rule counts: without a change of sign there is none, with one change exactly one. With more, all are found as the real roots
    :math:`v = 1/(1+i) > 0` of the polynomial :math:`\sum_t c_t v^t`, and none is chosen.

    >>> internal_rate([-100, 60, 60]).value.__round__(6)
    0.130662
    >>> internal_rate([-100, 40, 40]).value.__round__(6)
    -0.136675
    >>> internal_rate([-1000, 2500, -1540]).finding  # 10 % and 40 %
    'several'
    """
    cash = np.asarray(flows, dtype=float)
    largest = float(np.abs(cash).max(initial=0.0))
    cash = np.where(np.abs(cash) <= 1e-12 * largest, 0.0, cash)
    signs = np.sign(cash[cash != 0.0])
    changes = int(np.count_nonzero(np.diff(signs)))
    if changes == 0:
        return InternalRate(None, ())
    if changes == 1:
        found = _bisected(cash, -LARGEST_LOG, LARGEST_LOG)
        roots: tuple[float, ...] = () if found is None else (found,)
    else:
        roots = _all_rates(cash)
    return InternalRate(roots[0] if len(roots) == 1 else None, roots)


def _all_rates(cash: NDArray[np.float64]) -> tuple[float, ...]:
    used = cash[np.flatnonzero(cash)[0] : np.flatnonzero(cash)[-1] + 1]
    roots = np.roots(used[::-1])
    real = np.sort(-np.log(roots.real[(np.abs(roots.imag) < 1e-6 * np.abs(roots)) & (roots.real > 0)]))
    real = real[np.abs(real) <= LARGEST_LOG]
    between = (real[1:] + real[:-1]) / 2.0
    borders = np.concatenate([[-LARGEST_LOG], between, [LARGEST_LOG]])[: real.size + 1]
    rates = []
    for root, low, high in zip(real, borders[: real.size], borders[1:], strict=True):
        better = _bisected(cash, float(low), float(high))
        rates.append(float(np.expm1(root)) if better is None else better)
    kept = [rate for place, rate in enumerate(rates) if place == 0 or abs(rate - rates[place - 1]) > 1e-6]
    return tuple(kept)


def _bisected(cash: NDArray[np.float64], low: float, high: float) -> float | None:
    """Root between two logarithms of 1 + rate; None where both ends have one sign."""
    times = np.arange(cash.size, dtype=float)

    def worth(x: float) -> float:
        exponent = -x * times
        return float(np.sum(cash * np.exp(exponent - exponent.max())))

    at_low, at_high = worth(low), worth(high)
    if at_low * at_high > 0.0:
        return None
    for _ in range(200):
        middle = (low + high) / 2.0
        value = worth(middle)
        if value * at_low > 0.0:
            low = middle
        else:
            high = middle
    return float(np.expm1((low + high) / 2.0))


def payback_years(flows: ArrayLike, first: int = 0, rate: float = 0.0) -> float | None:
    r"""Years until the sum of (discounted) flows has become positive for good, from the beginning of the first year; None where it never does.

    Within its year the sum grows evenly, as in :math:`T - 1 + |\sum_{t<T}| / c_T`. Where a replacement takes the sum below zero again, the last
    crossing counts.

    >>> payback_years([-100, 40, 40, 40])
    2.5
    >>> round(payback_years([-100, 40, 40, 40], rate=0.05), 4)
    2.7416
    """
    cash = np.asarray(flows, dtype=float)
    times = np.arange(first, first + cash.size, dtype=float)
    value = cash * (1.0 + rate) ** -times
    total = np.cumsum(value)
    below = np.flatnonzero(total < -1e-9 * max(float(np.abs(value).max(initial=0.0)), 1e-300))
    if below.size == 0:
        return 0.0
    last = int(below[-1])
    if last == cash.size - 1:
        return None
    return float(times[last] - total[last] / value[last + 1])
