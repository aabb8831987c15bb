"""Lines and statements of what markets pay: frozen tables that add up to the cent (分). What the park receives is positive here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Literal

import numpy as np

from gridsim.bill.amounts import cents, exact

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.profiles.time_axis import TimeAxis

SMALLEST = Decimal("0.000001")
"""Resolution of quantities: a watt-hour, a watt. [MWh, MW]"""

LABELS: dict[str, tuple[str, str]] = {
    "energy.sold": ("日前售电", "Day-ahead sale"),
    "energy.bought": ("日前购电", "Day-ahead purchase"),
    "energy.tolerated": ("允许偏差结算", "Deviation within the tolerance"),
    "energy.short": ("欠发（多用）偏差", "Less delivered than sold"),
    "energy.long": ("超发（少用）偏差", "More delivered than sold"),
    "reserve.capacity": ("备用容量补偿", "Reserve capacity"),
    "reserve.energy": ("备用调用电量补偿", "Reserve energy"),
    "reserve.penalty": ("备用缺额考核", "Reserve penalty"),
    "regulation.capacity": ("调频容量补偿", "Regulation capacity"),
    "regulation.mileage": ("调频里程补偿", "Regulation mileage"),
    "call.energy": ("响应电量补偿", "Response by energy"),
    "call.capacity": ("响应容量补偿", "Response by capacity"),
    "call.energy_penalty": ("响应缺额考核（电量）", "Penalty on missing energy"),
    "call.capacity_penalty": ("响应缺额考核（容量）", "Penalty on missing capacity"),
    "certificates.sold": ("绿证售出", "Green certificates sold"),
}

HEADINGS = {
    "zh": ("月份", "市场", "项目", "数量", "单位", "单价(元)", "金额(元)", "说明"),
    "en": ("Month", "Market", "Item", "Quantity", "Unit", "Unit price (CNY)", "Amount (CNY)", "Detail"),
}


@dataclass(frozen=True)
class Line:
    """One line: quantity × unit price, rounded half up to fen; what is paid by the park is negative."""

    month: str
    """As ``2030-01``."""
    market: str
    item: str
    """A key of `LABELS`."""
    quantity: Decimal
    unit: str
    price_cny: Decimal
    """For one unit; the mean where it changes within the month. [CNY]"""
    amount_cny: Decimal
    unrounded_cny: Decimal
    detail: str = ""

    @property
    def label_zh(self) -> str:
        """Chinese label."""
        return LABELS[self.item][0]

    @property
    def label_en(self) -> str:
        """English label."""
        return LABELS[self.item][1]


@dataclass(frozen=True)
class Statement:
    """What one or several markets pay over the months."""

    lines: tuple[Line, ...]
    notes: tuple[tuple[str, str], ...] = ()
    """What to know beside the numbers, in Chinese and English."""

    @property
    def total_cny(self) -> Decimal:
        """Sum of the rounded lines. [CNY]"""
        return _total(self.lines)

    @property
    def unrounded_cny(self) -> Decimal:
        """The same before rounding. [CNY]"""
        return sum((line.unrounded_cny for line in self.lines), Decimal())

    @property
    def by_month(self) -> dict[str, Decimal]:
        """Sum of each month's rounded lines. [CNY]"""
        return {month: _total(line for line in self.lines if line.month == month) for month in dict.fromkeys(line.month for line in self.lines)}

    @property
    def by_market(self) -> dict[str, Decimal]:
        """Sum of each market's rounded lines. [CNY]"""
        return {market: _total(line for line in self.lines if line.market == market) for market in dict.fromkeys(line.market for line in self.lines)}

    def of(self, item: str) -> Decimal:
        """Sum of the rounded lines of one item, or of all whose item begins with it. [CNY]"""
        return _total(line for line in self.lines if line.item == item or line.item.startswith(f"{item}."))

    def rows(self, language: Literal["zh", "en"] = "zh") -> Iterator[tuple[str, str, str, Decimal, str, Decimal, Decimal, str]]:
        """Yield the rows below `HEADINGS`."""
        for line in self.lines:
            label = line.label_zh if language == "zh" else line.label_en
            yield (line.month, line.market, label, line.quantity, line.unit, line.price_cny, line.amount_cny, line.detail)


def joined(statements: Iterable[Statement]) -> Statement:
    """Return one statement of several markets, by month."""
    found = list(statements)
    lines = sorted((line for one in found for line in one.lines), key=lambda line: line.month)
    return Statement(tuple(lines), tuple(note for one in found for note in one.notes))


def monthly_lines(
    time: TimeAxis, market: str, item: str, unit: str, quantity: NDArray[np.float64], price: NDArray[np.float64] | float, detail: dict[int, str] | None = None
) -> Iterator[Line]:
    """Yield a line a month of a quantity in each snapshot, at one price or at each snapshot's own.

    Parameters
    ----------
    quantity : array, shape (T,)
        In ``unit``, already times the hours of a step where the unit is an energy.
    price : array, shape (T,), or float
        For one unit. [CNY]
    detail : dict, optional
        What to write beside a month, by number of the month; these months have a line also where nothing is paid.
    """
    each = np.broadcast_to(np.asarray(price, dtype=float), (time.steps,))
    for month in sorted({*time.billing_month[quantity != 0.0].tolist(), *(detail or {})}):
        inside = (time.billing_month == month) & (quantity != 0.0)
        amount = exact(float(quantity[inside].sum())).quantize(SMALLEST, ROUND_HALF_UP)
        prices = each[inside if inside.any() else time.billing_month == month]
        if np.ptp(prices) == 0.0:
            unit_price = exact(prices[0])
            paid = amount * unit_price
        else:
            paid = exact(float(prices @ quantity[inside])) if inside.any() else Decimal()
            unit_price = paid / amount if amount else Decimal()
        label = time.label(int(np.argmax(time.billing_month == month)))[:7]
        yield Line(label, market, item, amount, unit, unit_price, cents(paid), paid, (detail or {}).get(month, ""))


def _total(lines: Iterable[Line]) -> Decimal:
    return sum((line.amount_cny for line in lines), Decimal("0.00"))
