"""Statements as rows and as text, in Chinese or English."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from gridsim.bill.amounts import plain
from gridsim.bill.labels import ACCOUNTS, UNITS, label

if TYPE_CHECKING:
    from gridsim.bill.lines import Line, Statement

Language = Literal["zh", "en"]

HEADINGS = {
    "zh": ("月份", "账户", "项目", "数量", "单位", "单价(元)", "金额(元)", "说明"),
    "en": ("Month", "Account", "Item", "Quantity", "Unit", "Unit price (CNY)", "Amount (CNY)", "Detail"),
}
TOTAL = {"zh": ("合计", "全部"), "en": ("Total", "All")}

Row = tuple[str, str, str, Decimal | None, str, Decimal | None, Decimal, str]


def rows(statement: Statement, language: Language = "zh") -> Iterator[Row]:
    """Yield the rows below `HEADINGS`: every line, a total a month, the sums by item, and the total; quantities and amounts are `Decimal`."""
    month_total, whole = TOTAL[language]
    for bill in statement.months:
        for one in bill.lines:
            yield _row(bill.month, one, language)
        yield (bill.month, "", month_total, None, "", None, bill.total_cny, "")
    for one in statement.year:
        yield _row(whole, one, language)
    yield (whole, "", month_total, None, "", None, statement.total_cny, "")


def text(statement: Statement, language: Language = "zh") -> str:
    """Return the statement as it reads on paper, a block a month."""
    place = 0 if language == "zh" else 1
    lines = []
    for bill in statement.months:
        lines.append(f"{bill.month}  {statement.connection}")
        for one in bill.lines:
            price = "" if one.unit == "CNY" else f" × {plain(one.price_cny)}"
            quantity = f"{plain(one.quantity, 2)} {UNITS[one.unit][place]}{price}" if one.unit != "CNY" else f"{plain(one.quantity, 2)} × {one.price_cny:.2%}"
            detail = f"  ({one.detail})" if one.detail else ""
            lines.append(f"  {label(one.item)[place]}: {quantity} = {one.amount_cny:,.2f}{detail}")
        lines.append(f"  {TOTAL[language][0]}: {bill.total_cny:,.2f}")
    lines += [f"{TOTAL[language][1]}: {statement.total_cny:,.2f}", *(note[place] for note in statement.notes)]
    return "\n".join(lines)


def _row(month: str, one: Line, language: Language) -> Row:
    place = 0 if language == "zh" else 1
    return (month, ACCOUNTS[one.account][place], label(one.item)[place], one.quantity, UNITS[one.unit][place], one.price_cny, one.amount_cny, one.detail)
