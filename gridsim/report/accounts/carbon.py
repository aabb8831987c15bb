"""Carbon: scopes by month, factor sets side by side, matching by year, month and hour, products against thresholds, and what each project avoids."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from gridsim.carbon.factors import routes
from gridsim.report.accounts.amounts import DASH, RECALLED, amount, limit, said, share, together
from gridsim.report.accounts.zero_carbon import energy_table, zero_carbon_sentence, zero_carbon_table
from gridsim.report.numbers import SPACE, number
from gridsim.report.tables import Cell, Column, Table

if TYPE_CHECKING:
    from gridsim.report.view import RunView
    from gridsim.report.words import Words

    Account = dict[str, Any]

SCOPES = ("scope1_t", "scope2_location_t", "scope2_market_t", "scope2_certified_t")


def carbon_parts(view: RunView, accounts: dict[str, Any]) -> list[Table | str]:
    """Return all parts; where the park has no ``carbon:``, the sentence that says how to add it."""
    words, account = view.words, accounts["carbon"]
    if account is None:
        return [words("carbon.missing")]
    parts: list[Table | str | None] = [sentence(words, account), scope_table(view, account), *factor_tables(words, account), matching_table(words, account)]
    parts += [intensity_table(words, account), threshold_table(words, account), avoided_table(view, account)]
    parts += [zero_carbon_sentence(words, account), zero_carbon_table(words, account), energy_table(words, account)]
    return [part for part in parts if part]


def tonnes(value: float) -> str:
    """Return tonnes with their unit."""
    return f"{number(value)}{SPACE}t"


def sentence(words: Words, account: Account) -> str:
    """Say how much is emitted, by which factors."""
    year, factors = account["year"], account["factors"]
    values = {key: tonnes(year[key]) for key in SCOPES[:3]}
    kg = f"{factors['average']['value']:.4f}"
    texts = [words("carbon.sentence", factors=said(factors, "label", words), kg=kg, certainty=factors["average"]["certainty"], **values)]
    if year["certificates_used_mwh"]:
        texts.append(words("carbon.certificates", mwh=f"{number(year['certificates_used_mwh'])}{SPACE}MWh", certified=tonnes(year["scope2_certified_t"])))
    if account["carbon_price_cny_per_t"]:
        texts.append(words("carbon.price", price=f"{number(account['carbon_price_cny_per_t'])}{SPACE}CNY/t"))
    return together(words, *texts)


def scope_table(view: RunView, account: Account) -> Table:
    """One row a month."""
    words, month = view.words, account["month"]
    keys = ["import_mwh", *(["fuel_mwh"] if any(month["fuel_mwh"]) else []), *SCOPES]
    rows = [[name, *(number(month[key][place]) for key in keys)] for place, name in enumerate(view.months[: len(month["import_mwh"])])]
    total = [words("table.total"), *(number(sum(month[key])) for key in keys)]
    columns = [Column(words("table.month"), text=True, whole=True)]
    columns += [Column(words(f"carbon.{key}"), "MWh" if key.endswith("mwh") else "t") for key in keys]
    return Table(columns, rows, total if len(rows) > 1 else [], words("carbon.scopes_caption"), title=words("carbon.scopes"))


def factor_tables(words: Words, account: Account) -> list[Table]:
    """Return the chosen set beside those that contradict it, and the others folded."""
    others = account["other_sets"]
    disputed = [other for other in others if other["conflict"] is not None]
    year = account["year"]
    chosen = _factors(words, account["factors"], year["scope2_location_t"], year["scope2_market_t"], 1.0)
    chosen[0] = Cell(chosen[0], "good", words("carbon.chosen"))

    def rows(sets: list[dict[str, Any]]) -> list[list[str]]:
        return [_factors(words, other["factors"], other["scope2_location_t"], other["scope2_market_t"], other["over_chosen"]) for other in sets]

    columns = [Column(words("carbon.set"), text=True), *(Column(words(f"carbon.{key}"), "kg/kWh") for key in ("average", "residual"))]
    columns += [Column(words("carbon.scope2_location_t"), "t"), Column(words("carbon.scope2_market_t"), "t"), Column(words("carbon.over_chosen"))]
    columns += [Column(words("table.source"), text=True, data=True)]
    notes = dict.fromkeys(said(other["conflict"], "note", words) for other in disputed)
    caption = words("carbon.conflict", notes=together(words, *notes)) if notes else words("carbon.no_conflict")
    rest = [other for other in others if other["conflict"] is None]
    tables = [Table(columns, [chosen, *rows(disputed)], caption=caption, title=words("carbon.sets"))]
    return [*tables, *([Table(columns, rows(rest), folded=words("carbon.other_sets", count=len(rest)))] if rest else [])]


def _factors(words: Words, factors: dict[str, Any], location_t: float, market_t: float, over: float) -> list[str]:
    average, residual = factors["average"], factors["residual"]
    figures = [Cell(f"{part['value']:.4f}", "open" if part["certainty"] in RECALLED else "", part["certainty"]) for part in (average, residual)]
    return [said(factors, "label", words), *figures, number(location_t), number(market_t), share(over), average["source"]]


def matching_table(words: Words, account: Account) -> Table:
    """Return the share of consumption that green power matches by year, month and hour, side by side."""
    rows = []
    for found in account["matching"]:
        shares = [Cell(share(found[key]), note=words("carbon.worst", worst=share(found[f"worst_{key}"]))) for key in ("generation", "without_import", "ledger")]
        rows.append([words.named("matching", found["basis"]), *shares])
    columns = [Column(words("carbon.basis"), text=True), *(Column(words(f"carbon.by_{key}")) for key in ("generation", "without_import", "ledger"))]
    return Table(columns, rows, caption=words("carbon.matching_caption"), title=words("carbon.matching"))


def _products(account: Account) -> list[dict[str, Any]]:
    return [account[key] for key in ("hydrogen", "ammonia") if account[key] is not None]


def intensity_table(words: Words, account: Account) -> Table | None:
    """Return the carbon of each product, by three accounts."""
    rows = []
    for made in _products(account):
        grey = made["grey_mwh"] / made["electricity_mwh"] if made["electricity_mwh"] > 0 else 0.0
        months = [value for value in made["by_month"] if value is not None and not math.isnan(value)]
        note = words("carbon.by_month", low=number(min(months)), high=number(max(months))) if len(months) > 1 else ""
        shown = [Cell(number(made["location"]), note=note), number(made["market"]), number(made["certified"])]
        rows.append([words.named("carbon_product", made["product"]), words.named("carbon_unit", made["product"]), *shown, share(grey)])
    columns = [Column(words("table.product"), text=True), Column(words("table.unit"), text=True)]
    columns += [Column(words(f"carbon.{key}")) for key in ("location", "market", "certified", "grey_share")]
    return Table(columns, rows, caption=words("carbon.intensity_caption"), title=words("carbon.intensity")) if rows else None


def threshold_table(words: Words, account: Account) -> Table | None:
    """Return each product beside each threshold."""
    rows = []
    for made in _products(account):
        for verdict in made["verdicts"]:
            bound = verdict["threshold"]
            marks = [_met(words, verdict["met_by_location"]), _met(words, verdict["met_by_market"])]
            shown = Cell(limit(bound["value"], bound["unit"]), "open" if bound["certainty"] in RECALLED else "", f"{bound['certainty']}: {bound['source']}")
            value = amount(made["location"], made["unit"], bound["value"])
            rows.append([said(bound, "label", words), verdict["document"], shown, value, *marks, share(verdict["allowed_grid_share"])])
    columns = [Column(words("carbon.threshold"), text=True), Column(words("rules.document"), text=True, data=True), Column(words("carbon.at_most"), data=True)]
    columns += [Column(words("carbon.location")), Column(words("carbon.verdict_location"), text=True), Column(words("carbon.verdict_market"), text=True)]
    columns.append(Column(words("carbon.allowed")))
    return Table(columns, rows, caption=words("carbon.thresholds_caption"), title=words("carbon.thresholds")) if rows else None


def _met(words: Words, met: bool) -> Cell:
    return Cell(words.named("rule_status", "pass"), "good") if met else Cell(words.named("rule_status", "fail"), "bad")


def avoided_total(line: dict[str, Any]) -> float:
    """Credits minus debits of one project. [t]"""
    return float(line["electricity_t"] + line["product_t"] - line["fuel_t"])


def avoided_table(view: RunView, account: Account) -> Table | None:
    """One row a project; the rows add up to baseline minus park."""
    words, avoided = view.words, account["avoided"]
    if not avoided["lines"]:
        return None
    rows = []
    for line in avoided["lines"]:
        route = routes().get(line["route"])
        replaced = "" if route is None else words("carbon.replaces", route=said(vars(route.emissions), "label", words), certainty=route.emissions.certainty)
        parts = [number(line["electricity_mwh"]), number(line["electricity_t"]), Cell(number(line["product_t"]), note=replaced), number(line["fuel_t"])]
        beside = [DASH if line[key] is None else number(line[key]) for key in ("alone_t", "energy_saved_tce")]
        rows.append([view.label(line["technology"]), *parts, number(avoided_total(line)), *beside])
    sums = [sum(line[key] for line in avoided["lines"]) for key in ("electricity_mwh", "electricity_t", "product_t", "fuel_t")]
    whole = sum(avoided_total(line) for line in avoided["lines"])
    total = [words("table.total"), *(number(value) for value in sums), number(whole), "", ""]
    columns = [Column(words("table.technology"), text=True, data=True), Column(words("carbon.supplied"), "MWh"), Column(words("carbon.grid_replaced"), "t")]
    columns += [Column(words("carbon.product_replaced"), "t"), Column(words("carbon.fuel_burnt"), "t"), Column(words("carbon.avoided"), "t")]
    columns += [Column(words("carbon.alone"), "t"), Column(words("carbon.energy_saved"), "tce")]
    low, high = (sum(avoided_total(line) - line["product_t"] + line[key] for line in avoided["lines"]) for key in ("product_low_t", "product_high_t"))
    span = words("carbon.avoided_range", low=tonnes(low), high=tonnes(high)) if high > low else ""
    sides = words("carbon.avoided_caption", baseline=tonnes(avoided["baseline_t"]), park=tonnes(avoided["park_t"]))
    fossil = words("carbon.avoided_fossil", fossil=tonnes(avoided["at_fossil_factor_t"]))
    return Table(columns, rows, total, together(words, sides, span, fossil), title=words("carbon.avoided_title"))
