"""Everything a run says about its bills, in one call."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from gridsim.bill.bases import QuarterBases, bases_by_quarter
from gridsim.bill.network_fee import NetworkFees, network_fees
from gridsim.bill.of_dispatch import Difference, meters_of, reconcile
from gridsim.bill.statement import statement
from gridsim.bill.words import HEADINGS, Language, rows
from gridsim.park.park import DefaultUsed
from gridsim.park.shipped_tariffs import rules, shipped_marks, shipped_tariff
from gridsim.technologies.grid_connection import GridConnection

if TYPE_CHECKING:
    from gridsim.bill.lines import Statement
    from gridsim.dispatch.result import Dispatch
    from gridsim.distribution.feasibility import Feasibility
    from gridsim.park.billing import BillTerms
    from gridsim.park.tariff import Tariff

UNITS = {"energy_price_cny_per_mwh": "CNY/MWh", "adders_cny_per_mwh": "CNY/MWh", "demand_charge_cny_per_mw_month": "CNY/(MW·month)", "bill": "CNY/(MVA·month)"}
"""Of the fields that shipped tariffs have; the first step of a path says which."""


@dataclass(frozen=True)
class ConnectionBill:
    """What one grid connection pays, and what it could."""

    statement: Statement
    bases: list[QuarterBases]
    """Of the demand charge; empty where there is none."""
    network_fees: list[NetworkFees]
    """By energy and by capacity; empty where the tariff does not ask."""
    differences: list[Difference]
    """To what the dispatch counted."""
    assumptions: list[DefaultUsed]
    """Numbers of the bill that the park file left to the shipped data."""


def bills_of(dispatch: Dispatch, checked: Feasibility | None = None) -> dict[str, ConnectionBill]:
    """Bill every grid connection of a dispatched park.

    Parameters
    ----------
    dispatch : Dispatch
        Solved.
    checked : Feasibility, optional
        The power flow of the same hours, whose reactive power sets the power factor.
    """
    park = dispatch.draft.park
    connections = park.of_type(GridConnection)
    bills = {}
    for name, meter in meters_of(dispatch, checked).items():
        tariff = park.tariffs[connections[name].tariff]
        written = statement(tariff, meter, park.profiles, name)
        has_demand = bool(tariff.demand_charge_cny_per_mw_month) or tariff.bill.demand.basis != "metered"
        bills[name] = ConnectionBill(
            written,
            bases_by_quarter(tariff, meter) if has_demand else [],
            network_fees(tariff, meter),
            reconcile(dispatch, written),
            assumptions_of(connections[name].tariff, tariff),
        )
    return bills


def figures(bills: dict[str, ConnectionBill]) -> dict[str, float]:
    """Return the flat figures of ``summary.json`` over all connections, to the fen but for the last."""
    statements = [bill.statement for bill in bills.values()]

    def over(*beginnings: str) -> float:
        return float(sum((one.of(*beginnings) for one in statements), Decimal()))

    return {
        "bill_total_cny": over(),
        "bill_energy_cny": over("energy", "adder", "network_fee"),
        "bill_demand_cny": over("demand"),
        "bill_power_factor_cny": over("power_factor"),
        "bill_export_cny": over("export", "neighbour", "wheeling"),
        "bill_difference_to_dispatch_cny": sum(one.difference_cny for bill in bills.values() for one in bill.differences),
    }


def record(bills: dict[str, ConnectionBill]) -> dict[str, Any]:
    """Return plain data for ``run.json``: amounts as text, so that no fen is lost."""
    return {
        name: {
            "months": {
                month.month: {
                    "total_cny": str(month.total_cny),
                    "lines": [
                        {
                            "item": one.item,
                            "label_zh": one.label_zh,
                            "label_en": one.label_en,
                            "account": one.account,
                            "quantity": format(one.quantity.normalize(), "f"),
                            "unit": one.unit,
                            "price_cny": f"{one.price_cny:.12f}".rstrip("0").rstrip("."),
                            "amount_cny": str(one.amount_cny),
                            "detail": one.detail,
                        }
                        for one in month.lines
                    ],
                }
                for month in bill.statement.months
            },
            "total_cny": str(bill.statement.total_cny),
            "notes": [{"zh": chinese, "en": english} for chinese, english in bill.statement.notes],
            "bases": [
                {
                    "quarter": one.quarter,
                    "cost_cny": {basis: float(cny) for basis, cny in one.cost_cny.items()},
                    "cheapest": one.cheapest,
                    "contract_mw": [float(kw) / 1000.0 for kw in one.contract_kw],
                }
                for one in bill.bases
            ],
            "network_fees": [
                {
                    "month": one.month,
                    "by_energy_cny": float(one.by_energy_cny),
                    "by_capacity_cny": float(one.by_capacity_cny),
                    "load_rate": float(one.load_rate),
                }
                for one in bill.network_fees
            ],
            "differences": [{"kind": one.kind, "dispatch_cny": one.dispatch_cny, "bill_cny": one.bill_cny} for one in bill.differences],
            "assumptions": [vars(one) for one in bill.assumptions],
        }
        for name, bill in bills.items()
    }


def sheet(bill: ConnectionBill, language: Language = "zh") -> list[tuple[Any, ...]]:
    """Return the statement as rows of a worksheet, headings first; quantities and amounts as numbers."""
    table = [[float(cell) if isinstance(cell, Decimal) else cell for cell in row] for row in rows(bill.statement, language)]
    return [HEADINGS[language], *(tuple(row) for row in table)]


def assumptions_of(name: str, tariff: Tariff) -> list[DefaultUsed]:
    """Return what a tariff takes from the shipped data: of the tariff it is like, and of the rules of its ``bill``."""
    return [*_of_like(name, tariff), *_of_rules(name, tariff.bill)]


def _of_like(name: str, tariff: Tariff) -> Iterator[DefaultUsed]:
    """Yield the numbers of the shipped tariff that stand; a group such as ``time_of_use`` is one."""
    if tariff.like is None:
        return
    shipped = shipped_tariff(tariff.like)
    used = tariff.model_dump(mode="python", exclude_unset=True)
    for path, _, source, certainty in shipped_marks(tariff.like):
        if (there := _at(used, path)) is not None and there == _at(shipped, path):
            yield DefaultUsed(f"tariffs.{name}.{path}", there, UNITS.get(path.partition(".")[0], ""), source, certainty)


def _of_rules(name: str, terms: BillTerms) -> Iterator[DefaultUsed]:
    for path, entry in rules().items():
        group, field = path.split(".")
        part = getattr(terms, group)
        in_use = part is not None and (group != "demand" or terms.demand.basis == "contract")
        if in_use and field not in part.model_fields_set:
            yield DefaultUsed(f"tariffs.{name}.bill.{path}", entry["value"], entry["unit"], entry["source"], entry["certainty"])


def _at(tree: Any, path: str) -> Any:
    for step in path.split("."):
        tree = tree.get(step) if isinstance(tree, dict) else None
    return tree
