"""The sheets of the accounts in ``tables.xlsx``: rules, sources and users, a bill for each grid connection, money, carbon, indicators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gridsim.bill.labels import ACCOUNTS, UNITS
from gridsim.bill.words import HEADINGS
from gridsim.money.sheets import write_money_sheets
from gridsim.report.accounts.amounts import BETWEEN, accounts_of, said
from gridsim.report.accounts.carbon import avoided_total
from gridsim.report.accounts.indicators import name_of, value_of
from gridsim.report.accounts.rules import STATUSES, title_of
from gridsim.report.accounts.trace_sheets import trace_sheets

if TYPE_CHECKING:
    from gridsim.report.workbook import Book

MONTHS = ("import_mwh", "fuel_mwh", "scope1_t", "scope2_location_t", "scope2_market_t", "scope2_certified_t")


def accounts_sheets(book: Book) -> None:
    """Add all sheets; none for a run that was made before there were accounts."""
    accounts = accounts_of(book.view)
    if accounts is None:
        return
    if accounts["rules"]:
        _rules(book, accounts)
    trace_sheets(book, accounts["trace"])
    for name, bill in accounts["bills"].items():
        _bill(book, bill, name if len(accounts["bills"]) > 1 else "")
    write_money_sheets(book.workbook, accounts["money"], "zh" if book.words.language == "zh" else "en")
    if accounts["carbon"] is not None:
        _months(book, accounts["carbon"])
        _factor_sets(book, accounts["carbon"])
        _avoided(book, accounts["carbon"])
    if accounts["indicators"]:
        _indicators(book, accounts["indicators"])


def _rules(book: Book, accounts: dict[str, Any]) -> None:
    """One row a rule, and one below it for each other reading."""
    words = book.words
    prices = {price["name"]: price for price in accounts["rule_prices"]}
    titles = ("rules.set", "table.key", "rules.rule", "rules.metric", "table.reached", "rules.sense", "table.demanded", "rules.margin", "table.unit")
    rest = ("rules.verdict", "rules.failing", "table.periods", "rules.worst", "rules.note", "table.certainty", "table.source")
    heads = [(words(title), "") for title in (*titles, *rest)] + [(words("rules.price"), words("unit.fen_per_kwh"))]
    rows: list[list[Any]] = []
    for finding in accounts["rules"]:
        title = title_of(words, finding)
        metric = "" if finding["metric"] == "declared" else said(finding, "label", words)
        note = BETWEEN.join(part for part in (said(finding, "reason", words), said(finding, "note", words)) if part)
        row = [title, finding["name"], said(finding, "text", words), metric, finding["value"], finding["sense"], finding["threshold"], finding["margin"]]
        row += [finding["unit"], words.named("rule_status", finding["status"]), finding["failing"], finding["periods"], finding["worst"], note]
        price = prices.get(finding["name"], {}).get("fen_per_kwh")
        rows.append([*row, finding["certainty"], finding["source"], price])
        for other in finding["other_readings"]:
            text = words("rules.other_reading", note=said(other, "note", words))
            cells = [title, f"{finding['name']}: {other['reading']}", text, other["metric"], other["value"], finding["sense"], other["threshold"], None]
            rows.append([*cells, finding["unit"], words.named("rule_status", other["status"]), *[None] * 7])
    counts = [sum(finding["status"] == status for finding in accounts["rules"]) for status in STATUSES]
    summary = words("word.list_comma").join(f"{count} {words.named('rule_status', status)}" for count, status in zip(counts, STATUSES, strict=True) if count)
    book.rows("rules", heads, rows, [words("table.total"), summary, *[None] * 15])


def _bill(book: Book, bill: dict[str, Any], of: str) -> None:
    """Every line of every month, a total a month, and the whole; amounts to the fen."""
    words, place = book.words, 0 if book.words.language == "zh" else 1
    heads = [(title, "") for title in HEADINGS["zh" if place == 0 else "en"]]
    rows: list[list[Any]] = []
    for month, content in bill["months"].items():
        for line in content["lines"]:
            numbers = [float(line[key]) for key in ("quantity", "price_cny", "amount_cny")]
            row = [month, ACCOUNTS[line["account"]][place], said(line, "label", words), numbers[0], UNITS[line["unit"]][place], *numbers[1:]]
            rows.append([*row, line["detail"]])
        rows.append([month, "", words("bill.month_total"), None, "", None, float(content["total_cny"]), ""])
    book.rows("bill", heads, rows, [words("table.total"), "", "", None, "", None, float(bill["total_cny"]), ""], of=of)


def _months(book: Book, account: dict[str, Any]) -> None:
    words, month = book.words, account["month"]
    heads = [(words("table.month"), ""), *((words(f"carbon.{key}"), "MWh" if key.endswith("mwh") else "t") for key in MONTHS)]
    rows = [[name, *(month[key][place] for key in MONTHS)] for place, name in enumerate(book.view.months[: len(month["import_mwh"])])]
    book.rows("carbon", heads, rows, [words("table.total"), *(sum(month[key]) for key in MONTHS)])


def _factor_sets(book: Book, account: dict[str, Any]) -> None:
    words, year = book.words, account["year"]
    heads = [(words("carbon.set"), ""), *((words(f"carbon.{key}"), "kg/kWh") for key in ("average", "residual", "fossil"))]
    heads += [(words("table.certainty"), ""), (words("table.source"), ""), (words("carbon.scope2_location_t"), "t"), (words("carbon.scope2_market_t"), "t")]
    heads += [(words("carbon.over_chosen"), "1"), (words("rules.note"), "")]
    chosen = {"factors": account["factors"], "over_chosen": 1.0, **{key: year[key] for key in ("scope2_location_t", "scope2_market_t")}}
    rows = []
    for found in (chosen, *account["other_sets"]):
        factors, conflict = found["factors"], found.get("conflict")
        note = words("carbon.chosen") if found is chosen else "" if conflict is None else said(conflict, "note", words)
        figures = [factors[key]["value"] for key in ("average", "residual", "fossil")]
        row = [said(factors, "label", words), *figures, factors["average"]["certainty"], factors["average"]["source"]]
        rows.append([*row, found["scope2_location_t"], found["scope2_market_t"], found["over_chosen"], note])
    book.rows("carbon_factors", heads, rows)


def _avoided(book: Book, account: dict[str, Any]) -> None:
    words, lines = book.words, account["avoided"]["lines"]
    titles = {"electricity_mwh": "supplied", "electricity_t": "grid_replaced", "product_t": "product_replaced", "fuel_t": "fuel_burnt"}
    units = ("MWh", "t", "t", "t")
    heads = [(words("table.key"), ""), (words("table.technology"), "")]
    heads += [(words(f"carbon.{title}"), unit) for title, unit in zip(titles.values(), units, strict=True)]
    heads += [(words("carbon.avoided"), "t"), (words("carbon.alone"), "t"), (words("carbon.energy_saved"), "tce")]
    rows = []
    for line in lines:
        figures = [line[key] for key in titles]
        name = line["technology"]
        rows.append([name, book.view.label(name), *figures, avoided_total(line), line["alone_t"], line["energy_saved_tce"]])
    sums = [sum(line[key] for line in lines) for key in titles]
    book.rows("carbon_avoided", heads, rows, [words("table.total"), "", *sums, sum(avoided_total(line) for line in lines), None, None])


def _indicators(book: Book, plans: list[dict[str, Any]]) -> None:
    words = book.words
    titles = ("indicators.plan", "indicators.number", "indicators.indicator", "indicators.target_year", "indicators.target_printed", "table.value")
    heads = [(words(title), "") for title in (*titles, "table.unit", "rules.verdict", "table.source")]
    rows: list[list[Any]] = []
    for plan in plans:
        for line in plan["lines"]:
            row, target = line["indicator"], line["target"]
            cells = [name_of(words, plan["plan"], "label"), row["number"], name_of(words, row), str(plan["target_year"])]
            cells += ["" if target is None else target["printed"], value_of(line), "1" if row["unit"] == "%" else row["unit"]]
            rows.append([*cells, words.named("indicator_status", line["status"].replace(" ", "_")), row["source"]])
    book.rows("indicators", heads, rows)
