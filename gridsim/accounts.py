"""What a dispatch means to those who pay, permit and report: bills, carbon, indicators, rules, money, who was fed by what; each from the dispatch."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import BaseModel

from gridsim.bill.bills import bills_of
from gridsim.bill.bills import figures as bill_figures
from gridsim.bill.bills import record as bill_record
from gridsim.carbon.account import carbon_of
from gridsim.carbon.rule_metrics import rule_metrics
from gridsim.indicators.filled import indicators_of
from gridsim.money.project import money_of
from gridsim.money.record import money_record
from gridsim.money.terms import terms_of
from gridsim.rules.judge import judge
from gridsim.rules.judge import summary_of as rule_figures
from gridsim.rules.price import shadow_prices
from gridsim.trace.record import trace_record
from gridsim.trace.trace import trace

if TYPE_CHECKING:
    from gridsim.bill.bills import ConnectionBill
    from gridsim.carbon.account import CarbonAccount
    from gridsim.dispatch.result import Dispatch
    from gridsim.distribution.feasibility import Feasibility
    from gridsim.indicators.filled import IndicatorTable
    from gridsim.metrics.scorecard import Scorecard
    from gridsim.money.project import Money
    from gridsim.rules.judge import RuleFinding


@dataclass(frozen=True)
class Accounts:
    """Everything beside the scorecard."""

    bills: dict[str, ConnectionBill]
    """By grid connection."""
    money: Money
    rules: list[RuleFinding]
    carbon: CarbonAccount | None
    """None where the park has no ``carbon:``."""
    indicators: tuple[IndicatorTable, ...]
    figures: dict[str, float | str]
    """Flat keys of ``summary.json``."""
    record: dict[str, Any]
    """What ``run.json`` holds of them."""
    defaults: list[dict[str, Any]] = field(default_factory=list)
    """Shipped numbers that were used."""


def accounts_of(dispatch: Dispatch, card: Scorecard, checked: Feasibility | None = None) -> Accounts:
    """Draw up the accounts of a dispatch.

    Parameters
    ----------
    dispatch : Dispatch
        Solved.
    card : Scorecard
        Of the same dispatch.
    checked : Feasibility, optional
        The same dispatch in its distribution network, whose reactive power then is on the bill.
    """
    park = dispatch.draft.park
    bills = bills_of(dispatch, checked)
    terms = terms_of(park.finance)
    money = money_of(dispatch, card, terms)
    carbon = None if park.carbon is None else carbon_of(dispatch, card, park.carbon)
    indicators = () if carbon is None or park.indicators is None else indicators_of(dispatch, card, carbon, park.indicators)
    findings = judge(dispatch, card, None if carbon is None else rule_metrics(carbon, park.indicators))
    figures: dict[str, float | str] = {**bill_figures(bills), **money.summary(), **rule_figures(findings)}
    if carbon is not None:
        figures |= {f"carbon.{name}": value for name, value in carbon.year.items()}
    traced = trace(dispatch)
    record = {
        "bills": bill_record(bills),
        "money": money_record(money),
        "rules": [_plain(asdict(finding)) for finding in findings],
        "rule_prices": [_plain(asdict(price)) for price in shadow_prices(dispatch).values()],
        "carbon": None if carbon is None else _plain(asdict(carbon)),
        "indicators": [_plain(asdict(table)) for table in indicators],
        "trace": trace_record(traced, park),
    }
    return Accounts(bills, money, findings, carbon, indicators, figures, record, [asdict(default) for default in terms.defaults_used])


def _plain(value: Any) -> Any:
    """Arrays as lists, definitions as dicts, and numbers as Python's, for JSON."""
    if isinstance(value, dict):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, BaseModel):
        return _plain(value.model_dump())
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else value
