"""What a park sold: figures, a record that a page reads, and columns of the hourly table."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.bill.amounts import ZERO
from gridsim.vpp.market.lines import HEADINGS, Statement, joined
from gridsim.vpp.market.participants import together
from gridsim.vpp.market.terms import PRODUCTS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.profiles.time_axis import TimeAxis
    from gridsim.vpp.envelope.prices import PricedCurve
    from gridsim.vpp.market.call_accounts import CallAccount
    from gridsim.vpp.market.delivery import Calls, Note
    from gridsim.vpp.market.expectation import Expectation
    from gridsim.vpp.market.market import Market
    from gridsim.vpp.market.recovery import Recovered

    Series = NDArray[np.float64]

HOURS_OF_A_YEAR = 8760.0

REFUSED = {
    "busy": ("受调用或恢复占用，未调用", "not made: earlier calls and their recovery take the flexibility"),
    "limit": ("超过调用次数上限，未调用", "not made: beyond the market's limit of calls"),
    "no baseline": ("无可用基线日，未调用", "not made: no day to take a baseline from"),
}


@dataclass(frozen=True, eq=False)
class Sold:
    """One market."""

    market: Market
    statement: Statement
    offered_mw: Series
    """Held or offered in each snapshot. Shape (T,). [MW]"""
    asked_mw: Series
    delivered_mw: Series
    """In the direction of the product. Shape (T,). [MW]"""
    measured_mw: Series
    """Delivery as the market measures it, within calls. Shape (T,). [MW]"""
    calls: Calls | None
    accounts: tuple[CallAccount, ...]
    """Of each call."""
    exact_baseline_cny: Decimal | None
    """What the statement would come to, were the baseline what the park would have done; None where the market has no baseline. [CNY]"""
    expected_cny: float
    """What the offers were chosen for. [CNY]"""
    refused: dict[str, int] = field(default_factory=dict)
    curves: tuple[PricedCurve, ...] = ()
    """By which the offers were chosen."""
    called_share: float = 1.0

    @property
    def energy(self) -> bool:
        """Whether this is the settlement of the park's exchange, and no income beside it."""
        return self.market.product == "day_ahead_energy"

    @property
    def income_cny(self) -> Decimal:
        """What the market pays, penalties taken off. [CNY]"""
        return self.statement.total_cny

    @property
    def cost_cny(self) -> Decimal:
        """What its calls cost, recovery included. [CNY]"""
        return sum((one.in_call_cny + one.recovery_cny for one in self.accounts), ZERO)

    def figures(self, time: TimeAxis) -> dict[str, float]:
        """Return the market's figures, keys with units."""
        income, hours = float(self.statement.total_cny), time.step_hours
        figures = {"income_cny": income}
        if self.calls is None:
            return figures
        penalty = 0.0 - float(sum((line.amount_cny for line in self.statement.lines if line.item.endswith("penalty")), ZERO))
        asked = float(self.asked_mw.sum() * hours)
        figures |= {
            "penalty_cny": penalty,
            "expected_cny": self.expected_cny,
            "delivery_cost_cny": float(self.cost_cny),
            "cost_in_calls_cny": float(sum((one.in_call_cny for one in self.accounts), ZERO)),
            "recovery_cost_cny": float(sum((one.recovery_cny for one in self.accounts), ZERO)),
            "net_cny": float(self.statement.total_cny - self.cost_cny),
            "offered_mw_h": float(self.offered_mw.sum() * hours),
            "calls": float(self.calls.first.size),
            "called_hours": float(self.calls.hours.sum()),
            "asked_mwh": asked,
            "delivered_mwh": float(self.delivered_mw.sum() * hours),
            "measured_mwh": float(self.calls.delivered_mwh.sum()),
            "unpaid_calls": float(self.calls.unpaid.sum()),
        }
        if self.market.product == "reserve":
            held = figures["offered_mw_h"]
            figures["income_cny_per_mw_year"] = income / held * HOURS_OF_A_YEAR if held else float("nan")
        else:
            called = float(self.calls.hours.sum())
            figures["income_cny_per_mw"] = income / (asked / called) if called else float("nan")
        if self.exact_baseline_cny is not None:
            inside = self.asked_mw > 0
            error = (self.measured_mw - self.delivered_mw)[inside]
            figures |= {
                "income_at_exact_baseline_cny": float(self.exact_baseline_cny),
                "baseline_bias_mw": float(error.mean()) if error.size else float("nan"),
                "baseline_rmse_mw": float(np.sqrt((error**2).mean())) if error.size else float("nan"),
            }
        return figures

    def record(self, time: TimeAxis) -> dict[str, Any]:
        """Return what a page shows of the market."""
        rules = self.market.rules
        return {
            "id": rules.id,
            "label_zh": rules.label_zh,
            "label_en": rules.label_en,
            "product": rules.product,
            "product_zh": PRODUCTS[rules.product][0],
            "product_en": PRODUCTS[rules.product][1],
            "status": rules.status,
            "direction": rules.direction,
            "baseline": self.market.baseline.id if self.exact_baseline_cny is not None and self.market.baseline is not None else None,
            "called_share": self.called_share,
            "figures": self.figures(time),
            "by_month_cny": {month: float(amount) for month, amount in self.statement.by_month.items()},
            "calls": self._calls(time),
            "not_called": [{"why_zh": REFUSED[why][0], "why_en": REFUSED[why][1], "calls": count} for why, count in self.refused.items()],
            "notes": [{"zh": zh, "en": en} for zh, en in self.statement.notes],
            "curves": [_curve(one, time) for one in self.curves],
        }

    def _calls(self, time: TimeAxis) -> list[dict[str, Any]]:
        if self.calls is None:
            return []
        found, calls = [], self.calls
        for at, first in enumerate(calls.first.tolist()):
            inside = slice(first, int(calls.last[at]) + 1)
            why = self._why(float(calls.ratio[at]), float(calls.paid_mwh[at]))
            found.append(
                {
                    "at": time.label(first),
                    "hours": float(calls.hours[at]),
                    "asked_mwh": float(calls.asked_mwh[at]),
                    "delivered_mwh": float(self.delivered_mw[inside].sum() * time.step_hours),
                    "measured_mwh": float(calls.delivered_mwh[at]),
                    "paid_mwh": float(calls.paid_mwh[at]),
                    "missing_mwh": float(calls.missing_mwh[at]),
                    **{f"{key}_cny": float(getattr(self.accounts[at], f"{key}_cny")) for key in ("paid", "penalty", "in_call", "recovery", "net")},
                    "why_zh": why[0],
                    "why_en": why[1],
                }
            )
        return found

    def _why(self, ratio: float, paid: float) -> Note:
        """Say why a call is not paid as it was measured; empty where it is."""
        least, full, most = (self.market.stated(term) for term in ("no_pay_below_share", "full_pay_from_share", "paid_up_to_share"))
        if paid == 0.0 and ratio > 0:
            return f"完成率 {ratio:.0%} 低于 {least or 0:.0%}，不予补偿", f"{ratio:.0%} of what was asked, below {least or 0:.0%}: not paid"
        if paid == 0.0:
            return "计量响应为零，不予补偿", "no response was measured: not paid"
        if full is not None and ratio < full - 1e-9:
            factor = self.market.term("reduced_pay_factor")
            return f"完成率 {ratio:.0%} 低于 {full:.0%}，按 {factor:g} 倍补偿", f"{ratio:.0%} of what was asked, below {full:.0%}: paid at {factor:g}"
        if most is not None and ratio > most + 1e-9:
            return f"完成率 {ratio:.0%}，仅补偿至 {most:.0%}", f"{ratio:.0%} of what was asked: paid up to {most:.0%}"
        return "", ""


@dataclass(frozen=True, eq=False)
class SoldByPark:
    """All markets of a park, and its one settlement."""

    time: TimeAxis
    markets: dict[str, Sold]
    unsold: dict[str, Note]
    """Markets that nothing was sold to, and why."""
    shares: dict[str, dict[str, Decimal]]
    """Owner → money, by market. [CNY]"""
    costs: dict[str, dict[str, Decimal]]
    """The same of what calls cost, recovery included. [CNY]"""
    owned: bool
    """Whether any technology that follows signals has an owner of its own."""
    metered_mw: Series
    """Import at the connection with what was delivered and its recovery, less export. Shape (T,). [MW]"""
    gap: float
    """Of the choice of offers, the largest of all months. [1]"""
    notes: tuple[Note, ...]
    recovered: Recovered | None = None
    expectation: Expectation | None = None
    """Of calls at hours that the park does not choose."""

    @property
    def statement(self) -> Statement:
        """The settlement of all markets."""
        return joined(sold.statement for sold in self.markets.values())

    def figures(self) -> dict[str, float]:
        """Return the figures; energy, which is the park's exchange itself, stands beside the income of its flexibility."""
        beside = [sold for sold in self.markets.values() if not sold.energy]
        income = sum((sold.statement.total_cny for sold in beside), ZERO)
        cost = sum((sold.cost_cny for sold in beside), ZERO)
        recovery = sum((one.recovery_cny for sold in beside for one in sold.accounts), ZERO)
        figures = {"income_cny": float(income), "delivery_cost_cny": float(cost), "income_less_cost_cny": float(income - cost)}
        figures |= {"cost_in_calls_cny": float(cost - recovery), "recovery_cost_cny": float(recovery)}
        figures |= {**(self.recovered.figures() if self.recovered else {}), **(self.expectation.figures() if self.expectation else {})}
        if len(beside) < len(self.markets):
            figures["energy_settlement_cny"] = float(sum((sold.statement.total_cny for sold in self.markets.values() if sold.energy), ZERO))
        for name, sold in self.markets.items():
            figures |= {f"{name}.{key}": value for key, value in sold.figures(self.time).items()}
        return {f"markets.{name}": value for name, value in figures.items()}

    def record(self) -> dict[str, Any]:
        """Return what a page shows."""
        statement = self.statement
        return {
            "markets": [sold.record(self.time) for sold in self.markets.values()],
            "not_sold": [{"id": name, "why_zh": zh, "why_en": en} for name, (zh, en) in self.unsold.items()],
            "headings": {language: list(heads) for language, heads in HEADINGS.items()},
            "statement": {language: [_plain(row) for row in statement.rows(language)] for language in ("zh", "en")},
            "total_cny": float(statement.total_cny),
            "by_month_cny": {month: float(amount) for month, amount in statement.by_month.items()},
            "owners": self._owners(),
            "owners_by_market": {name: {owner: float(amount) for owner, amount in one.items()} for name, one in self.shares.items()},
            "has_owners": self.owned,
            "gap": self.gap,
            "expectation": self.expectation.record() if self.expectation else None,
            "notes": [{"zh": zh, "en": en} for zh, en in self.notes],
        }

    def _owners(self) -> list[dict[str, Any]]:
        income, cost = together(self.shares), together(self.costs)
        amounts = {owner: (income.get(owner, ZERO), cost.get(owner, ZERO)) for owner in {**income, **cost}}
        return [
            {"owner": owner, "income_cny": float(gets), "delivery_cost_cny": float(pays), "net_cny": float(gets - pays)}
            for owner, (gets, pays) in amounts.items()
        ]

    def hourly(self) -> dict[str, tuple[Series, str]]:
        """Return what was offered, asked, delivered and measured by market, and the meter."""
        columns: dict[str, tuple[Series, str]] = {}
        for name, sold in self.markets.items():
            if sold.calls is not None:
                kinds = ("offered", "asked", "delivered", "measured")
                columns |= {f"markets:{name}_{kind}_mw": (getattr(sold, f"{kind}_mw"), "MW") for kind in kinds}
        return columns | {"markets:metered_import_mw": (self.metered_mw, "MW")}


def _curve(curve: PricedCurve, time: TimeAxis) -> dict[str, Any]:
    return {
        "at": time.label(curve.start),
        "hours": curve.duration_hours,
        "power_mw": (curve.power_mw + 0.0).tolist(),
        "cost_cny": curve.cost_cny.tolist(),
        "price_cny_per_mwh": curve.price_cny_per_mwh.tolist(),
        "deliverable": curve.deliverable.tolist(),
    }


def _plain(row: tuple[Any, ...]) -> list[Any]:
    return [float(value) if isinstance(value, Decimal) else value for value in row]
