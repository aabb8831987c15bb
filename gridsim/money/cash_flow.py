r"""The cash flow of a project year by year, as Chinese feasibility studies lay it out: whole investment, and the owners' capital.

Form after 《建设项目经济评价方法与参数》 (third edition, 2006; recalled, not at hand): 项目投资现金流量表 before financing, with the adjusted income tax on
profit before interest, and 项目资本金现金流量表 after it. All flows fall at the end of their year; the first year of construction is year 1 and is discounted
once; with ``construction_years: 0`` the investment falls at time 0 and is not discounted.

Money is gross of value-added tax, and the tax that is left after credit for purchases (construction first of all) is a row of its own. Prices are constant
where inflation is zero (``real``): the loan's nominal rate is then taken as it is, as studies of this form do, which overstates real interest.

Left out: working capital, subsidies, refunds of input tax, land, insurance, and revenue in a year of construction. Parts that are replaced early (cells,
stacks) are depreciated beside the plant they were part of, which is not written off in part.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridsim.money.loan import Loan, loan, loan_at_zero
from gridsim.money.returns import InternalRate, internal_rate, net_present_value, payback_years
from gridsim.money.tax import depreciation, holiday_rates, income_tax, vat_payable

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from gridsim.money.terms import Terms

    Rows = dict[str, NDArray[np.float64]]

VAT_OF = {
    "revenue_electricity": "vat_electricity",
    "revenue_export": "vat_electricity",
    "revenue_hydrogen": "vat_products",
    "revenue_ammonia": "vat_products",
    "cost_grid": "vat_electricity",
    "cost_ageing": "vat_electricity",
    "cost_fuel": "vat_fuel",
    "cost_water": "vat_fuel",
    "cost_upkeep": "vat_upkeep",
    "cost_demand_response": "vat_upkeep",
}
"""Rate of value-added tax of each row of yearly money."""
ESCALATION_OF = {
    "revenue_electricity": "escalation_electricity",
    "revenue_export": "escalation_electricity",
    "revenue_hydrogen": "escalation_products",
    "revenue_ammonia": "escalation_products",
    "cost_grid": "escalation_electricity",
    "cost_ageing": "escalation_electricity",
    "cost_upkeep": "escalation_upkeep",
}
"""Real growth of each row's price; others grow with inflation only."""


@dataclass(frozen=True)
class Bought:
    """Something bought for the start."""

    technology: str
    item: str
    cny: float
    """At today's price. [CNY]"""
    life_years: float


@dataclass(frozen=True)
class Purchase:
    """Something bought again while the project runs."""

    technology: str
    item: str
    year: int
    """Year of operation at whose end it is paid, 1 … n − 1."""
    cny: float
    """At today's price. [CNY]"""
    life_years: float


@dataclass(frozen=True)
class Yearly:
    """What a year of operation brings and costs at today's prices, and what is bought. Rows as in `VAT_OF`. [CNY/a]"""

    rows: dict[str, NDArray[np.float64] | float]
    """Revenues and costs, all positive; one value, or one for each year of operation."""
    investment: list[Bought]
    purchases: list[Purchase]


@dataclass(frozen=True)
class CashFlow:
    """Both tables and what they are worth. Rows have shape (Y,). [CNY]"""

    terms: Terms
    first: int
    """Number of the first column: 1, or 0 where construction takes no time."""
    rows: dict[str, NDArray[np.float64]]
    """See `TABLES` for which belong to which table and with which sign."""
    loan: Loan

    @property
    def years(self) -> NDArray[np.int64]:
        """Numbers of the years. Shape (Y,)."""
        return np.arange(self.first, self.first + self.rows["investment"].size)

    @property
    def rate(self) -> float:
        """Discount rate of the tables, real or nominal as they are. [1/a]"""
        return self.terms.nominal_discount_rate

    def npv(self, row: str) -> float:
        """Net present value of a row at the beginning of the first year. [CNY]"""
        return net_present_value(self.rate, self.rows[row], self.first)

    def irr(self, row: str) -> InternalRate:
        """Internal rates of return of a row. [1/a]"""
        return internal_rate(self.rows[row])

    def payback(self, row: str, discounted: bool = False) -> float | None:
        """Years from the beginning of construction until a row has paid back. [a]"""
        return payback_years(self.rows[row], max(self.first, 0), self.rate if discounted else 0.0)

    @property
    def debt_service_cover(self) -> NDArray[np.float64]:
        """(Cash from operation − income tax) over principal and interest (偿债备付率); nan where no debt is served. Shape (Y,). [1]"""
        served = self.rows["principal"] + self.rows["interest"]
        cash = self.rows["operating_cash"] - self.rows["income_tax"]
        return np.divide(cash, served, out=np.full(served.size, np.nan), where=served > 0)

    @property
    def interest_cover(self) -> NDArray[np.float64]:
        """Profit before interest and tax over interest (利息备付率); nan where none is paid. Shape (Y,). [1]"""
        interest = self.rows["interest"]
        profit = self.rows["profit_before_tax"] + interest
        return np.divide(profit, interest, out=np.full(interest.size, np.nan), where=interest > 0)

    def table(self, name: str) -> pd.DataFrame:
        """One of `TABLES`: a row a line, a column a year."""
        import pandas as pd

        lines = {row: sign * self.rows[row] for row, sign in TABLES[name] if np.any(self.rows[row]) or row.startswith(("net", "cumulative"))}
        return pd.DataFrame(lines, index=pd.Index(self.years, name="year")).T


_REVENUES = (*((row, 1) for row in VAT_OF if row.startswith("revenue")), ("recovery", 1))
_COSTS = (*((row, -1) for row in VAT_OF if row.startswith("cost")), ("vat_payable", -1), ("surcharges", -1))
TABLES: dict[str, tuple[tuple[str, int], ...]] = {
    "project": (
        *_REVENUES,
        ("investment", -1),
        ("replacement", -1),
        *_COSTS,
        ("net_before_tax", 1),
        ("cumulative_before_tax", 1),
        ("adjusted_income_tax", -1),
        ("net_after_tax", 1),
        ("cumulative_after_tax", 1),
    ),
    "equity": (
        *_REVENUES,
        ("equity", -1),
        ("replacement", -1),
        *_COSTS,
        ("interest", -1),
        ("principal", -1),
        ("income_tax", -1),
        ("net_equity", 1),
        ("cumulative_equity", 1),
    ),
    "profit": (
        ("revenue_without_vat", 1),
        ("costs_without_vat", -1),
        ("surcharges", -1),
        ("depreciation", -1),
        ("interest", -1),
        ("profit_before_tax", 1),
        ("income_tax", -1),
        ("net_profit", 1),
    ),
    "vat": (("output_tax", 1), ("input_tax_operation", -1), ("input_tax_investment", -1), ("vat_payable", 1)),
    "loan": (("drawn", 1), ("capitalised_interest", 1), ("interest", -1), ("principal", -1), ("balance", 1)),
}
"""Rows of each table with the sign they are shown with; in ``project`` and ``equity`` the rows before a net row add up to it."""


class _Layout:
    """The columns of a project: which are construction, what a price has grown to in each, and what tax its amounts hold."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.first = 1 if terms.construction_years > 0 else 0
        self.building = max(terms.construction_years, 1)
        self.horizon = self.building + terms.project_years
        self.time = np.arange(self.first, self.first + self.horizon, dtype=float)
        self.inflation = (1.0 + terms.inflation) ** self.time

    def gross(self, amounts: NDArray[np.float64], vat: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return amounts with their value-added tax, and the tax."""
        without = amounts / (1.0 + vat) if self.terms.prices_include_vat else amounts
        return without * (1.0 + vat), without * vat

    def operation(self, row: str, amounts: NDArray[np.float64] | float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return a row of yearly money with its growth, and its tax."""
        growth = (1.0 + getattr(self.terms, ESCALATION_OF[row])) ** self.time if row in ESCALATION_OF else 1.0
        each = np.zeros(self.horizon)
        each[self.building :] = amounts
        return self.gross(each * growth * self.inflation, getattr(self.terms, VAT_OF[row]))

    def depreciated(self, cny: float, begins: int, life_years: float, residual_share: float) -> NDArray[np.float64]:
        """Return the depreciation of something over its life, or the years of depreciation where they are fewer."""
        return depreciation(cny, begins, _whole(min(life_years, self.terms.depreciation_years)), residual_share, self.horizon)


def cash_flow(yearly: Yearly, terms: Terms) -> CashFlow:
    """Lay a project out over its years."""
    layout = _Layout(terms)
    rows: Rows = {}
    taxes: Rows = {}
    for row in VAT_OF:
        rows[row], taxes[row] = layout.operation(row, yearly.rows.get(row, 0.0))
    wear = _capital(yearly, layout, rows, taxes)
    _taxes(layout, rows, taxes)
    rates = holiday_rates(terms.income_tax_rate, terms.income_tax_free_years, terms.income_tax_half_years, layout.building, terms.project_years)
    profit = rows["revenue_without_vat"] - rows["costs_without_vat"] - rows["surcharges"] - wear
    rows["adjusted_income_tax"] = income_tax(profit, rates, terms.loss_carry_years)
    rows["net_before_tax"] = rows["operating_cash"] + rows["recovery"] - rows["investment"] - rows["replacement"]
    rows["net_after_tax"] = rows["net_before_tax"] - rows["adjusted_income_tax"]
    debt = _finance(rows, wear, profit, rates, layout)
    for net, total in (("net_before_tax", "cumulative_before_tax"), ("net_after_tax", "cumulative_after_tax"), ("net_equity", "cumulative_equity")):
        rows[total] = np.cumsum(rows[net])
    return CashFlow(terms, layout.first, rows, debt)


def _capital(yearly: Yearly, layout: _Layout, rows: Rows, taxes: Rows) -> NDArray[np.float64]:
    """Add investment, replacement and what is recovered of both at the end; return their depreciation without that of interest. Shape (Y,). [CNY]"""
    terms, horizon, building = layout.terms, layout.horizon, layout.building
    whole = sum(bought.cny for bought in yearly.investment)
    spent = np.zeros(horizon)
    spent[:building] = whole / building
    rows["investment"], taxes["investment"] = layout.gross(spent * layout.inflation, terms.vat_investment)
    capitalised = float((rows["investment"] - taxes["investment"]).sum())
    rows["replacement"], taxes["replacement"], wear = np.zeros(horizon), np.zeros(horizon), np.zeros(horizon)
    for bought in yearly.investment:
        wear += layout.depreciated(capitalised * bought.cny / whole if whole else 0.0, building, bought.life_years, terms.residual_share)
    for again in yearly.purchases:
        column = building + again.year - 1
        paid = np.zeros(horizon)
        paid[column] = again.cny * layout.inflation[column]
        with_tax, tax = layout.gross(paid, terms.vat_equipment)
        rows["replacement"] += with_tax
        taxes["replacement"] += tax
        wear += layout.depreciated(float((with_tax - tax).sum()), column + 1, again.life_years, 0.0)
    rows["recovery"] = np.zeros(horizon)
    rows["recovery"][-1] = capitalised + float((rows["replacement"] - taxes["replacement"]).sum()) - float(wear.sum())
    return wear


def _taxes(layout: _Layout, rows: Rows, taxes: Rows) -> None:
    """Add value-added tax with its credit, surcharges, and the money of operation with and without them."""
    nothing = np.zeros(layout.horizon)
    revenue, output = (sum((table[row] for row in VAT_OF if row.startswith("revenue")), start=nothing) for table in (rows, taxes))
    costs, inputs = (sum((table[row] for row in VAT_OF if row.startswith("cost")), start=nothing) for table in (rows, taxes))
    rows["output_tax"] = output
    rows["input_tax_operation"] = inputs + taxes["replacement"]
    rows["input_tax_investment"] = taxes["investment"]
    rows["vat_payable"] = vat_payable(output, rows["input_tax_operation"] + rows["input_tax_investment"])
    rows["surcharges"] = layout.terms.vat_surcharge_share * rows["vat_payable"]
    rows["operating_cash"] = revenue - costs - rows["vat_payable"] - rows["surcharges"]
    rows["revenue_without_vat"] = revenue - output
    rows["costs_without_vat"] = costs - inputs


def _finance(rows: Rows, wear: NDArray[np.float64], profit: NDArray[np.float64], rates: NDArray[np.float64], layout: _Layout) -> Loan:
    """Add the rows of the owners' capital: loan, interest, depreciation with the interest of construction, income tax."""
    terms, horizon, building = layout.terms, layout.horizon, layout.building
    drawn = terms.loan_share * rows["investment"][:building]
    equal = terms.loan_repayment == "equal_principal"
    arguments = (terms.loan_rate, terms.loan_years, horizon - building, equal)
    debt = loan(drawn, *arguments) if terms.construction_years > 0 else loan_at_zero(float(drawn[0]), *arguments)
    for row in ("drawn", "capitalised_interest", "interest", "principal", "balance"):
        rows[row] = getattr(debt, row)
    added = float(debt.capitalised_interest.sum())
    extra = depreciation(added, building, _whole(min(terms.depreciation_years, horizon - building)), 0.0, horizon)
    rows["depreciation"] = wear + extra
    rows["profit_before_tax"] = profit - extra - rows["interest"]
    rows["income_tax"] = income_tax(rows["profit_before_tax"], rates, terms.loss_carry_years)
    rows["net_profit"] = rows["profit_before_tax"] - rows["income_tax"]
    rows["equity"] = rows["investment"] - rows["drawn"]
    rows["net_equity"] = (
        rows["operating_cash"] + rows["recovery"] - rows["equity"] - rows["replacement"] - rows["interest"] - rows["principal"] - rows["income_tax"]
    )
    return debt


def _whole(years: float) -> int:
    return max(1, round(years))
