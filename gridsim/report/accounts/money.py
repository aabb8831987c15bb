"""Money over the years: what the project is worth, what it invests, what its products cost beside what others found, and business as usual."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gridsim.report.accounts.amounts import DASH, RECALLED, money, money_with_unit, said, share, together
from gridsim.report.accounts.cash_flow import cash_flow_bars, flow_table
from gridsim.report.accounts.levelised import levelised_bars, levelised_table
from gridsim.report.numbers import SPACE, number
from gridsim.report.tables import Cell, Column, Table

if TYPE_CHECKING:
    from gridsim.report.figures.figure import Figure
    from gridsim.report.view import RunView
    from gridsim.report.words import Words

    Money = dict[str, Any]

WORTH = ("net_before_tax", "net_after_tax", "net_equity")
SAME = 1e-6
"""Net present values that differ by less, in relation, are the same."""


def money_parts(view: RunView, accounts: dict[str, Any]) -> list[Figure | Table | str]:
    """Return all parts."""
    words, record = view.words, accounts["money"]
    tables = [worth_table(words, record), usual_table(words, record), cash_flow_bars(view, record), flow_table(words, record)]
    tables += [investment_table(view, record), replacement_table(view, record), levelised_table(words, record)]
    return [sentence(words, record), *(part for part in [*tables, *levelised_bars(view, record), assumption_table(words, record)] if part)]


def money_notes(accounts: dict[str, Any], language: str) -> list[str]:
    """Return what the run says a reader must know."""
    return [note[language] for note in accounts["money"]["notes"]]


def rate_of(words: Words, worth: dict[str, Any]) -> str:
    """Return the internal rate of return, or why there is none."""
    return words.named("irr", worth["irr_finding"]) if worth["irr"] is None else share(worth["irr"])


def sentence(words: Words, record: Money) -> str:
    """Say what is invested, what it is worth, and in which prices."""
    worth = record["flow"]["worth"]["net_after_tax"]
    invested = sum(row["cny"] for row in record["investment"])
    values = {"invested": money_with_unit(words, invested), "npv": money_with_unit(words, worth["npv_cny"]), "irr": rate_of(words, worth)}
    texts = [words("money.sentence", rate=share(record["discount_rate"]), **values), words.named("money_basis", record["basis"])]
    cover = [value for value in record["debt_service_cover"] if value is not None]
    if cover:
        texts.append(words("money.cover", cover=f"{min(cover):.2f}", rate=share(record["loan"]["rate"]), years=record["loan"]["years"]))
    return together(words, *texts)


def worth_table(words: Words, record: Money) -> Table:
    """Net present value, internal rate and payback: before tax, after tax, of the owners' money."""
    flows = [(words(f"money.{row}"), record["flow"]["worth"][row]) for row in WORTH if row in record["flow"]["worth"]]
    difference = record["difference"]
    if difference is not None:
        ours, against = (flow["worth"]["net_after_tax"] for flow in (record["flow"], difference))
        if abs(against["npv_cny"] - ours["npv_cny"]) > SAME * abs(ours["npv_cny"]):
            flows.append((words("money.against_usual"), against))

    def years(value: float | None) -> str:
        return words("money.never") if value is None else number(value)

    rows = [
        [words("money.npv", rate=share(record["flow"]["rate"])), *(money(words, worth["npv_cny"]) for _, worth in flows), words.money[1]],
        [words("money.irr"), *(rate_of(words, worth) for _, worth in flows), ""],
        [words("money.payback"), *(years(worth["payback_years"]) for _, worth in flows), words("unit.years")],
        [words("money.discounted_payback"), *(years(worth["discounted_payback_years"]) for _, worth in flows), words("unit.years")],
    ]
    columns = [Column(words("table.fact"), text=True), *(Column(title) for title, _ in flows), Column(words("table.unit"), text=True, whole=True)]
    return Table(columns, rows, title=words("money.worth"), caption=words("money.worth_caption"))


def investment_table(view: RunView, record: Money) -> Table | None:
    """One row an item that is bought."""
    words, found = view.words, record["investment"]
    if not found:
        return None
    rows = [
        [
            view.label(row["technology"]),
            words.named("part", row["item"]),
            f"{number(row['capacity'])}{SPACE}{row['unit']}",
            number(row["cny"] / row["capacity"]) + f"{SPACE}CNY/{row['unit']}" if row["capacity"] else DASH,
            money(words, row["cny"]),
            number(row["lifetime_years"]),
            money(words, row["fixed_om_cny_per_year"]),
        ]
        for row in found
    ]
    columns = [Column(words("table.technology"), text=True, data=True), Column(words("money.part"), text=True), Column(words("table.capacity"))]
    columns += [Column(words("money.specific")), Column(words("money.investment"), words.money[1]), Column(words("money.life"), words("unit.years"))]
    columns.append(Column(words("money.upkeep"), words("unit.money_a_year")))
    total = [words("table.total"), "", "", "", money(words, sum(row["cny"] for row in found)), ""]
    return Table(columns, rows, [*total, money(words, sum(row["fixed_om_cny_per_year"] for row in found))], title=words("money.investment"))


def replacement_table(view: RunView, record: Money) -> Table | None:
    """What wears out, when it is bought anew, and for how much."""
    words = view.words
    rows = [
        [
            view.label(worn["technology"]),
            words.named("part", worn["part"]),
            words("money.never") if worn["life_years"] is None else number(worn["life_years"]),
            words("word.list_comma").join(str(year) for year in worn["years"]) or DASH,
            money(words, worn["cny_each"]),
        ]
        for worn in record["replacement"]
    ]
    columns = [Column(words("table.technology"), text=True, data=True), Column(words("money.part"), text=True)]
    columns += [Column(words("money.life"), words("unit.years")), Column(words("money.replaced_in")), Column(words("money.each"), words.money[1])]
    return Table(columns, rows, title=words("money.replacement"), caption=words("money.replacement_caption")) if rows else None


def usual_table(words: Words, record: Money) -> Table | None:
    """What all from the grid would cost a year, beside the park."""
    usual = record["business_as_usual"]
    if usual is None:
        return None
    keys = [key for key in ("energy_cny", "demand_charge_cny", "hydrogen_cny", "ammonia_cny") if usual[key]]
    rows = [[words(f"usual.{key}"), money(words, usual[key])] for key in keys]
    rows.append([words("usual.total_cny"), money(words, usual["total_cny"])])
    rows.append([words("usual.operating"), money(words, usual["total_cny"] - usual["saving_cny"])])
    columns = [Column(words("table.fact"), text=True), Column(words("usual.a_year"), words.money[1])]
    load, peak = f"{number(usual['load_mwh'])}{SPACE}MWh", f"{number(usual['peak_mw'])}{SPACE}MW"
    total = [words("usual.saving_cny"), money(words, usual["saving_cny"])]
    return Table(columns, rows, total, title=words("usual.title"), caption=words("usual.caption", load=load, peak=peak))


def assumption_table(words: Words, record: Money) -> Table:
    """Return the financial terms with their source, folded."""
    rows = []
    for one in record["assumptions"]:
        mark = Cell(one["certainty"] or DASH, "open" if one["certainty"] in RECALLED else "")
        rows.append([said(one, "label", words), one["field"], _value(words, one["value"]), one["unit"], mark, one["source"]])
    columns = [Column(words("money.term"), text=True), Column(words("table.field"), text=True, data=True), Column(words("table.value"), data=True)]
    columns += [
        Column(words("table.unit"), text=True, data=True),
        Column(words("table.certainty"), text=True),
        Column(words("table.source"), text=True, data=True),
    ]
    return Table(columns, rows, caption=words("accounts.certainty"), folded=words("money.assumptions", count=len(rows)))


def _value(words: Words, value: Any) -> str:
    if value is None:
        return DASH
    if isinstance(value, bool):
        return words.named("yes_no", "yes" if value else "no")
    if isinstance(value, str):
        return words.named("money_value", value)
    return f"{value:g}" if isinstance(value, int | float) else str(value).strip("{}") or DASH
