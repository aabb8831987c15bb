"""The accounts in the order a planner asks: is it allowed, which source fed which user, what is the bill, does it pay, how green is it, is the plan met."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gridsim.report.accounts.amounts import accounts_of
from gridsim.report.accounts.bill import bill_parts
from gridsim.report.accounts.carbon import carbon_parts
from gridsim.report.accounts.indicators import indicator_parts
from gridsim.report.accounts.money import money_notes, money_parts
from gridsim.report.accounts.rules import rule_parts
from gridsim.report.accounts.trace import trace_notes, trace_parts
from gridsim.report.frame import Section

if TYPE_CHECKING:
    from gridsim.report.view import RunView


def accounts_sections(view: RunView) -> list[Section]:
    """Return the sections; none for a run that was made before there were accounts."""
    accounts = accounts_of(view)
    if accounts is None:
        return []

    def section(name: str, parts: list[Any], items: list[str] | None = None) -> Section:
        return Section(name, view.words(f"{name}.title"), parts, items or [])

    sections = [
        section("rules", rule_parts(view, accounts)),
        section("trace", trace_parts(view, accounts), trace_notes(view, accounts)),
        section("bill", bill_parts(view, accounts)),
        section("money", money_parts(view, accounts), money_notes(accounts, view.words.language)),
        section("carbon", carbon_parts(view, accounts)),
    ]
    if accounts["indicators"]:
        sections.append(section("indicators", indicator_parts(view, accounts)))
    return sections
