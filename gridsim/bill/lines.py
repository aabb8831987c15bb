"""Lines, months and statements: frozen tables that add up exactly."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from gridsim.bill.amounts import cents
from gridsim.bill.labels import label

Account = Literal["user", "plant"]


@dataclass(frozen=True)
class Line:
    """One line of a bill: quantity × unit price, rounded to fen; what is received is negative."""

    item: str
    """Kind and name, such as ``energy.peak`` or ``adder.line_loss``."""
    quantity: Decimal
    unit: str
    """``kWh``, ``kW``, ``kVA``, ``MWh``, or ``CNY`` where a share of other lines is paid."""
    price_cny: Decimal
    """For one unit. [CNY]"""
    amount_cny: Decimal
    """Rounded half up to fen; the total is the sum of these."""
    unrounded_cny: Decimal
    account: Account = "user"
    detail: str = ""
    """A figure behind the line, such as the power factor."""

    @property
    def kind(self) -> str:
        """First word of the item."""
        return self.item.partition(".")[0]

    @property
    def label_zh(self) -> str:
        """Chinese label."""
        return label(self.item)[0]

    @property
    def label_en(self) -> str:
        """English label."""
        return label(self.item)[1]


def line(item: str, quantity: Decimal, unit: str, price: Decimal, *, account: Account = "user", detail: str = "", unrounded: Decimal | None = None) -> Line:
    """Return a line; ``unrounded`` is given where ``price`` is only an average."""
    amount = quantity * price if unrounded is None else unrounded
    return Line(item, quantity, unit, price, cents(amount), amount, account, detail)


@dataclass(frozen=True)
class MonthlyBill:
    """The lines of one month."""

    month: str
    """As ``2030-01``."""
    lines: tuple[Line, ...]

    @property
    def total_cny(self) -> Decimal:
        """Sum of the rounded lines. [CNY]"""
        return total(self.lines)


@dataclass(frozen=True)
class Statement:
    """All months at one grid connection."""

    connection: str
    months: tuple[MonthlyBill, ...]
    notes: tuple[tuple[str, str], ...] = ()
    """What to know beside the numbers, in Chinese and English."""

    @property
    def lines(self) -> tuple[Line, ...]:
        """Every line of every month."""
        return tuple(found for bill in self.months for found in bill.lines)

    @property
    def total_cny(self) -> Decimal:
        """Sum of the months, to the fen. What user and plant pay each other cancels. [CNY]"""
        return total(self.lines)

    @property
    def unrounded_cny(self) -> Decimal:
        """The same without rounding any line. [CNY]"""
        return sum((found.unrounded_cny for found in self.lines), Decimal())

    def of(self, *beginnings: str, account: Account | None = None) -> Decimal:
        """Sum of the rounded lines whose item is one of these or begins with it, such as ``energy`` or ``demand.excess``. [CNY]"""
        return total(found for found in self.lines if account in (None, found.account) and (not beginnings or _begins(found.item, beginnings)))

    def unrounded_of(self, *beginnings: str) -> Decimal:
        """The same without rounding. [CNY]"""
        return sum((found.unrounded_cny for found in self.lines if _begins(found.item, beginnings)), Decimal())

    @property
    def year(self) -> tuple[Line, ...]:
        """One line an item and account: quantities and amounts summed over the months, the price as their mean."""
        sums: dict[tuple[str, str], list[Line]] = {}
        for found in self.lines:
            sums.setdefault((found.item, found.account), []).append(found)
        return tuple(_summed(lines) for lines in sums.values())


def total(lines: Iterable[Line]) -> Decimal:
    """Sum of rounded amounts. [CNY]"""
    return sum((found.amount_cny for found in lines), Decimal("0.00"))


def _begins(item: str, beginnings: tuple[str, ...]) -> bool:
    return any(item == beginning or item.startswith(f"{beginning}.") for beginning in beginnings)


def _summed(lines: list[Line]) -> Line:
    quantity = sum((found.quantity for found in lines), Decimal())
    unrounded = sum((found.unrounded_cny for found in lines), Decimal())
    price = unrounded / quantity if quantity else Decimal()
    return Line(lines[0].item, quantity, lines[0].unit, price, total(lines), unrounded, lines[0].account)
