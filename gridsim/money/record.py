"""Money as plain data, for ``run.json`` and for workbooks: numbers, text and lists only."""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.money.cash_flow import TABLES
from gridsim.money.terms import shipped_terms

if TYPE_CHECKING:
    from gridsim.money.cash_flow import CashFlow
    from gridsim.money.project import Money

BANDS = Path(__file__).parents[1] / "data" / "cost_bands.yaml"
NET_ROWS = {"project": ("net_before_tax", "net_after_tax"), "equity": ("net_equity",)}
"""Rows of each table whose worth is told."""


@cache
def cost_bands() -> list[dict[str, Any]]:
    """Return what levelised costs can be held against: product, unit, low, high, label_en, label_zh, certainty, source."""
    from ruamel.yaml import YAML

    bands: list[dict[str, Any]] = YAML(typ="safe").load(BANDS.read_text(encoding="utf-8"))
    return bands


def beside_bands(money: Money) -> list[dict[str, Any]]:
    """Return each band with this park's cost and its place: ``below``, ``within`` or ``above``. Electricity is that of final users."""
    found: dict[str, float | None] = {
        "electricity": money.levelised.cost_of("electricity", final=True),
        "hydrogen": money.levelised.cost_of("hydrogen"),
        "ammonia": money.levelised.cost_of("ammonia"),
        **{kind: cost for kind in ("wind", "solar") if (cost := _mean_of(money, kind)) is not None},
    }
    rows = []
    for band in cost_bands():
        cost = found.get(band["product"])
        if cost is not None:
            place = "below" if cost < band["low"] else "above" if cost > band["high"] else "within"
            rows.append({**band, "cost": cost, "place": place})
    return rows


def _mean_of(money: Money, kind: str) -> float | None:
    plants = [row for row in money.generation if row["type"] == kind]
    mwh = sum(row["used_mwh"] for row in plants)
    return sum(row["cny"] for row in plants) / mwh if mwh > 0 else None


def worth_of(flow: CashFlow, row: str) -> dict[str, Any]:
    """Return net present value, internal rates and payback of a row."""
    rates = flow.irr(row)
    return {
        "npv_cny": flow.npv(row),
        "irr": rates.value,
        "irr_finding": rates.finding,
        "irr_all": list(rates.all),
        "payback_years": flow.payback(row),
        "discounted_payback_years": flow.payback(row, discounted=True),
    }


def flow_record(flow: CashFlow, tables: tuple[str, ...]) -> dict[str, Any]:
    """Return tables of a cash flow and what they are worth."""
    lines = {
        name: [
            {"row": row, "cny": [0.0 if value == 0 else float(sign * value) for value in flow.rows[row]]}
            for row, sign in TABLES[name]
            if np.any(flow.rows[row]) or row.startswith(("net", "cumulative"))
        ]
        for name in tables
    }
    worth = {row: worth_of(flow, row) for name in tables for row in NET_ROWS.get(name, ())}
    return {"years": flow.years.tolist(), "rate": flow.rate, "tables": lines, "worth": worth}


def money_record(money: Money) -> dict[str, Any]:
    """Return everything but the hourly shares."""
    terms = money.terms
    fields = shipped_terms()
    used = {default.path.removeprefix("finance."): default for default in money.terms.defaults_used}
    carriers = [c for c in ("electricity", "hydrogen", "ammonia") if money.levelised.quantity(c) > 0]
    cover = money.flow.debt_service_cover
    return {
        "basis": terms.basis,
        "discount_rate": terms.discount_rate,
        "notes": [note._asdict() for note in money.notes],
        "assumptions": [
            {
                "field": field,
                "value": getattr(terms, field),
                "unit": shipped["unit"],
                "label_en": shipped["label_en"],
                "label_zh": shipped["label_zh"],
                "certainty": shipped["certainty"] if field in used else "",
                "source": shipped["source"] if field in used else "park file",
            }
            for field, shipped in fields.items()
        ],
        "flow": flow_record(money.flow, ("project", "equity", "profit", "vat", "loan")),
        "loan": {"rate": terms.loan_rate, "years": min(terms.loan_years, terms.project_years), "repayment": terms.loan_repayment},
        "debt_service_cover": [None if math.isnan(value) else float(value) for value in cover],
        "difference": None if money.difference is None else flow_record(money.difference, ("project",)),
        "business_as_usual": None
        if money.usual is None
        else {
            "energy_cny": money.usual.energy_cny,
            "demand_charge_cny": money.usual.demand_charge_cny,
            "hydrogen_cny": money.usual.hydrogen_cny,
            "ammonia_cny": money.usual.ammonia_cny,
            "total_cny": money.usual.total_cny,
            "saving_cny": money.usual.total_cny - money.operating_cny_per_year,
            "load_mwh": money.usual.load_mwh,
            "peak_mw": money.usual.peak_mw,
        },
        "investment": money.investment,
        "replacement": [
            {
                "technology": worn.technology,
                "part": worn.part,
                "life_years": worn.life_years if math.isfinite(worn.life_years) else None,
                "years": worn.bought_in(terms.project_years).tolist(),
                "cny_each": worn.cost_cny,
                **worn.figures,
            }
            for worn in money.wear
        ],
        "levelised": {carrier: money.levelised.breakdown(carrier).to_dict("records") for carrier in carriers},
        "deliveries": [
            {**row, "cny_per_unit": None if math.isnan(row["cny_per_unit"]) else row["cny_per_unit"]} for row in money.levelised.users().to_dict("records")
        ],
        "nodal": money.nodal,
        "generation": money.generation,
        "bands": beside_bands(money),
    }
