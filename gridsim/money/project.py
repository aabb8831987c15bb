"""All about the money of one solved park: `money_of`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gridsim.money.business_as_usual import BusinessAsUsual, business_as_usual, products_delivered
from gridsim.money.cash_flow import Bought, CashFlow, Purchase, Yearly, cash_flow
from gridsim.money.costs import Part, parts_of
from gridsim.money.levelised import Levelised, at_nodal_prices, levelised
from gridsim.money.replacement import Wear, capacity_by_year, consumption_by_year, wear_of
from gridsim.money.terms import terms_of
from gridsim.technologies.electrolyser import Electrolyser
from gridsim.technologies.grid_connection import GridConnection

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from gridsim.dispatch.result import Dispatch
    from gridsim.metrics.cost import CostLine
    from gridsim.metrics.scorecard import Scorecard
    from gridsim.money.terms import Terms

UPKEEP = ("fixed_om", "variable_om", "starts")


class Note(NamedTuple):
    """What a reader must know, in both languages of the report."""

    en: str
    zh: str


@dataclass(frozen=True)
class Money:
    """What a park costs, earns and is worth."""

    terms: Terms
    levelised: Levelised
    nodal: dict[str, float]
    """Levelised costs with electricity at marginal prices; empty where there are none."""
    wear: list[Wear]
    flow: CashFlow
    """The park as a project that sells to its users."""
    usual: BusinessAsUsual | None
    difference: CashFlow | None
    """The park against business as usual: what is invested more, what is saved each year."""
    investment: list[dict[str, Any]]
    """Technology, item, capacity, unit, cny, lifetime_years, fixed_om_cny_per_year."""
    generation: list[dict[str, Any]]
    """Each wind and solar plant: technology, type, cny, used_mwh, available_mwh, and its cost per MWh used and per MWh available."""
    yearly: dict[str, float]
    """Rows of the first year of operation at today's prices. [CNY/a]"""
    notes: tuple[Note, ...]

    def summary(self) -> dict[str, float]:
        """Return figures for ``summary.json``; one that does not exist (no product, no or several internal rates, no payback) is left out."""
        flow, found = self.flow, self.levelised
        figures: dict[str, float | None] = {
            "lcoe_cny_per_mwh": found.cost_of("electricity", final=True),
            "electricity_supply_cost_cny_per_mwh": found.cost_of("electricity"),
            "lcoh_cny_per_kg": found.cost_of("hydrogen"),
            "lcoa_cny_per_t": found.cost_of("ammonia"),
            **{f"{key.partition('_')[0]}_nodal_{key.partition('_')[2]}": value for key, value in self.nodal.items()},
            "investment_cny": float(sum(row["cny"] for row in self.investment)),
            **_worth(flow, ""),
            "npv_equity_cny": flow.npv("net_equity"),
            "irr_equity": flow.irr("net_equity").value,
            "debt_service_cover_min": _least(flow.debt_service_cover),
        }
        if self.usual is not None and self.difference is not None:
            figures |= {
                "business_as_usual_cny_per_year": self.usual.total_cny,
                "saving_cny_per_year": self.usual.total_cny - self.operating_cny_per_year,
                **_worth(self.difference, "difference_"),
            }
        return {key: float(value) for key, value in figures.items() if value is not None}

    @property
    def operating_cny_per_year(self) -> float:
        """Running costs of the park less its revenue from exports. [CNY/a]"""
        return sum(cny for row, cny in self.yearly.items() if row.startswith("cost")) - self.yearly["revenue_export"]

    def investment_table(self) -> pd.DataFrame:
        """One row an item that was bought."""
        import pandas as pd

        return pd.DataFrame(self.investment)

    def replacement_table(self) -> pd.DataFrame:
        """One row a battery or electrolyser: life, years of replacement, cost, and what its life was computed from."""
        import pandas as pd

        rows = []
        for worn in self.wear:
            years = worn.bought_in(self.terms.project_years).tolist()
            rows.append(
                {
                    "technology": worn.technology,
                    "part": worn.part,
                    "life_years": worn.life_years,
                    "replaced_in": ", ".join(map(str, years)),
                    "cny_each": worn.cost_cny,
                    **worn.figures,
                }
            )
        return pd.DataFrame(rows)

    def ageing_table(self) -> pd.DataFrame:
        """One row a year of operation: each battery's capacity at its end, each electrolyser's consumption in its middle, over those when new."""
        import pandas as pd

        years = self.terms.project_years
        columns = {
            f"{worn.technology}:{'capacity' if worn.part == 'cells' else 'consumption'}": (
                capacity_by_year(worn, years) if worn.part == "cells" else consumption_by_year(worn, years)
            )
            for worn in self.wear
        }
        return pd.DataFrame(columns, index=pd.Index(np.arange(1, years + 1), name="year"))


def money_of(
    dispatch: Dispatch,
    card: Scorecard | list[CostLine],
    terms: Terms | None = None,
    *,
    bill_total_cny: float | None = None,
    usual_bill_cny: float | None = None,
) -> Money:
    """Return all about the money of a solved park.

    Parameters
    ----------
    dispatch : Dispatch
    card : Scorecard or list of CostLine
        Its cost table.
    terms : Terms, optional
        Left out, those of the park's ``finance`` section.
    bill_total_cny, usual_bill_cny : float, optional
        Exact grid bill over the horizon of the park, and of its loads without it; left out, hourly prices and demand charge. Revenue from exports not
        counted. [CNY]

    Returns
    -------
    Money
    """
    park, year = dispatch.draft.park, dispatch.time.share_of_year
    terms = terms_of(park.finance) if terms is None else terms
    lines = card if isinstance(card, list) else card.costs
    wear = wear_of(dispatch, terms)
    parts = parts_of(dispatch, lines, wear, terms, bill_total_cny)
    found = levelised(dispatch, parts)
    usual = business_as_usual(dispatch, terms, usual_bill_cny)
    hydrogen_kg, ammonia_t = products_delivered(dispatch)

    def of_kind(*kinds: str) -> float:
        return sum(part.cny for part in parts if part.kind in kinds) / year

    electricity_mwh = found.quantity("electricity", final=True) / year
    price = terms.electricity_price_cny_per_mwh
    grid = of_kind("energy_import", "demand_charge", "bill_difference")
    rows: dict[str, NDArray[np.float64] | float] = {
        "revenue_electricity": price * electricity_mwh if price is not None else _tariff_revenue(usual, electricity_mwh),
        "revenue_hydrogen": hydrogen_kg * terms.hydrogen_price_cny_per_kg / year,
        "revenue_ammonia": ammonia_t * terms.ammonia_price_cny_per_t / year,
        "revenue_export": 0.0 - of_kind("energy_export"),
        "cost_grid": grid,
        "cost_fuel": of_kind("fuel"),
        "cost_upkeep": of_kind(*UPKEEP),
        "cost_demand_response": of_kind("demand_response"),
        "cost_water": of_kind("water"),
        "cost_ageing": _ageing_cost(dispatch, wear, terms, lines),
    }
    bought = [(name, item) for name, room in park.technologies.items() for item in room.investments() if item.capital_cost_cny > 0]
    investment = [Bought(name, item.item, item.capital_cost_cny, item.lifetime_years) for name, item in bought]
    purchases = _purchases(dispatch, wear, terms)
    flow = cash_flow(Yearly(rows, investment, purchases), terms)
    difference = None if usual is None else _difference(rows, investment, purchases, usual, terms)
    table = [
        {
            "technology": name,
            "item": item.item,
            "capacity": item.capacity,
            "unit": item.unit,
            "cny": item.capital_cost_cny,
            "lifetime_years": item.lifetime_years,
            "fixed_om_cny_per_year": item.fixed_om_cny_per_year,
        }
        for name, item in bought
    ]
    today = {row: float(np.atleast_1d(value)[0]) for row, value in rows.items()}
    notes = _notes(dispatch, terms, usual, flow, lines)
    nodal = at_nodal_prices(dispatch, found)
    return Money(terms, found, nodal, wear, flow, usual, difference, table, _generation(dispatch, parts), today, notes)


def _tariff_revenue(usual: BusinessAsUsual | None, delivered_mwh: float) -> float:
    """What users would pay at the grid's tariff, for the part of their load that is delivered. [CNY/a]"""
    if usual is None or usual.load_mwh <= 0:
        return 0.0
    return usual.electricity_cny * min(1.0, delivered_mwh / usual.load_mwh)


def _generation(dispatch: Dispatch, parts: list[Part]) -> list[dict[str, Any]]:
    rows = []
    for component in dispatch.draft.having("renewable"):
        name, hours = component.technology, dispatch.time.step_hours
        cny = sum(part.cny for part in parts if part.technology == name)
        used, available = (float(np.sum(power)) * hours for power in (dispatch.flows[component.name], dispatch.draft.available(component)))
        costs = {f"cny_per_mwh_{word}": cny / mwh if mwh > 0 else None for word, mwh in (("used", used), ("available", available))}
        kind = dispatch.draft.park.technologies[name].type
        rows.append({"technology": name, "type": kind, "cny": cny, "used_mwh": used, "available_mwh": available, **costs})
    return rows


def _difference(rows: dict[str, Any], investment: list[Bought], purchases: list[Purchase], usual: BusinessAsUsual, terms: Terms) -> CashFlow:
    """What the park costs more at its start, and saves each year: what business as usual pays takes the place of revenue."""
    avoided = {
        **rows,
        "revenue_electricity": usual.electricity_cny,
        "revenue_hydrogen": usual.hydrogen_cny,
        "revenue_ammonia": usual.ammonia_cny,
    }
    more = [bought for bought in investment if bought.technology not in usual.shared_plants]
    later = [bought for bought in purchases if bought.technology not in usual.shared_plants]
    return cash_flow(Yearly(avoided, more, later), terms)


def _purchases(dispatch: Dispatch, wear: list[Wear], terms: Terms) -> list[Purchase]:
    """What is bought again: whole plants at the end of their life, cells and stacks as they wear."""
    found, years = [], terms.project_years
    for name, room in dispatch.draft.park.technologies.items():
        for item in room.investments():
            cost = item.capital_cost_cny * item.replacement_cost_share
            if cost > 0:
                turns = np.arange(1, int(years / item.lifetime_years) + 1) * item.lifetime_years
                at = np.ceil(turns - 1e-9).astype(int)
                found += [Purchase(name, item.item, int(year), cost, item.lifetime_years) for year in at if year < years]
    for worn in wear:
        found += [Purchase(worn.technology, worn.part, int(year), worn.cost_cny, worn.life_years) for year in worn.bought_in(years)]
    return [purchase for purchase in found if purchase.cny > 0]


def _ageing_cost(dispatch: Dispatch, wear: list[Wear], terms: Terms, lines: list[CostLine]) -> NDArray[np.float64]:
    """What the growth of the electrolysers' consumption costs, at the mean price of the park's imports. Shape (years of operation,). [CNY/a]"""
    imported = sum(float(dispatch.flows[c.name].sum()) for c in dispatch.draft.having("import")) * dispatch.time.step_hours
    paid = sum(line.cny for line in lines if line.kind == "energy_import")
    extra = np.zeros(terms.project_years)
    if imported <= 1e-6:
        return extra
    rooms = dispatch.draft.park.technologies
    for worn in wear:
        room = rooms[worn.technology]
        if isinstance(room, Electrolyser) and worn.part == "stacks":
            solved = room.consumption_kwh_per_kg / room.specific_energy_kwh_per_kg
            growth = consumption_by_year(worn, terms.project_years) / solved - 1.0
            extra += np.maximum(growth, 0.0) * room.report(worn.technology, dispatch)["energy_mwh"] / dispatch.time.share_of_year
    return extra * paid / imported


def _worth(flow: CashFlow, prefix: str) -> dict[str, float | None]:
    return {
        f"{prefix}npv_before_tax_cny": flow.npv("net_before_tax"),
        f"{prefix}npv_cny": flow.npv("net_after_tax"),
        f"{prefix}irr_before_tax": flow.irr("net_before_tax").value,
        f"{prefix}irr": flow.irr("net_after_tax").value,
        f"{prefix}payback_years": flow.payback("net_after_tax"),
        f"{prefix}discounted_payback_years": flow.payback("net_after_tax", discounted=True),
    }


def _least(values: NDArray[np.float64]) -> float | None:
    known = values[~np.isnan(values)]
    return float(known.min()) if known.size else None


def _notes(dispatch: Dispatch, terms: Terms, usual: BusinessAsUsual | None, flow: CashFlow, lines: list[CostLine]) -> tuple[Note, ...]:
    """Return what a reader must know before using the figures."""
    basis = {"real": "不变价", "nominal": "现价"}[terms.basis]
    english = f"all money over the years is {terms.basis}; the discount rate of the tables is {flow.rate:.4g}"
    notes = [Note(english, f"各年金额为{basis}；各表折现率 {flow.rate:.4g}")]
    if abs(dispatch.time.share_of_year - 1.0) > 1e-9:
        hours = f"{dispatch.time.hours:g} h"
        notes.append(Note(f"{hours} were solved and stand for the whole year in proportion", f"仅求解 {hours}，按比例折算为全年"))
    if usual is None and terms.electricity_price_cny_per_mwh is None:
        english = "no grid connection and no finance.electricity_price_cny_per_mwh: electricity is supplied to users without revenue"
        notes.append(Note(english, "无并网点且未给出 finance.electricity_price_cny_per_mwh：向用户供电不计收入"))
    elif terms.electricity_price_cny_per_mwh is None:
        notes.append(Note("users pay for electricity what the grid's tariff would cost them, demand charge included", "用户按网电价（含基本电费）支付电费"))
    if usual is not None and usual.peak_mw > usual.connection_mw:
        peak, connection = f"{usual.peak_mw:.4g} MW", f"{usual.connection_mw:.4g} MW"
        english = f"business as usual needs {peak} from a connection of {connection}; enlarging it is not counted"
        notes.append(Note(english, f"对照方案需从 {connection} 的并网点下网 {peak}，未计扩容费用"))
    if any(line.kind == "unserved" for line in lines):
        english = "demand that stays unserved has a price in the levelised costs, and none in the cash flow"
        notes.append(Note(english, "未满足的需求计入平准化成本，不计入现金流"))
    if len(dispatch.draft.park.of_type(GridConnection)) > 1 and usual is not None:
        english = "several grid connections: business as usual prices all loads at the tariff of the first"
        notes.append(Note(english, "有多个并网点：对照方案按第一个并网点的电价计算全部负荷"))
    for row, word, chinese in (("net_before_tax", "before tax", "所得税前"), ("net_after_tax", "after tax", "所得税后"), ("net_equity", "on equity", "资本金")):
        rates = flow.irr(row)
        if rates.finding == "none":
            english = f"there is no internal rate of return {word}: the cash flow never changes its sign, or at no rate between −99 % and 14,700 %"
            notes.append(Note(english, f"{chinese}内部收益率不存在：现金流不变号，或在 −99 % 至 14,700 % 之间无解"))
        elif rates.finding == "several":
            several = ", ".join(f"{rate:.4%}" for rate in rates.all)
            english = f"there are several internal rates of return {word}, so none is given: {several}"
            notes.append(Note(english, f"{chinese}内部收益率有多个解，不予给出：{several}"))
    return tuple(notes)
