"""The bill: the statement of each grid connection by line and by month, what other bases would cost, and how it differs from the dispatch's cost."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from gridsim.bill.labels import ACCOUNTS, UNITS
from gridsim.report.accounts.amounts import RECALLED, decimals, fen, said, together
from gridsim.report.numbers import SPACE, number
from gridsim.report.tables import Cell, Column, Table

if TYPE_CHECKING:
    from gridsim.report.view import RunView
    from gridsim.report.words import Words

    Bill = dict[str, Any]

FOR_IMPORTS = ("energy", "adder", "network_fee", "demand", "power_factor")
"""First words of the lines that are paid for power from the grid."""


def bill_parts(view: RunView, accounts: dict[str, Any]) -> list[Table | str]:
    """Return the parts of all connections."""
    words, bills = view.words, accounts["bills"]
    if not bills:
        return [words("bill.none")]
    parts: list[Table | str] = []
    for name, bill in bills.items():
        label = view.label(name)
        tables = (statement(words, bill), month_table(words, bill), month_lines(words, bill), bases(words, bill))
        rest = (network_fees(words, bill), differences(words, bill), assumptions(words, bill))
        parts += [sentence(words, label, bill), *(table for table in (*tables, *rest) if table)]
    return parts


def sentence(words: Words, label: str, bill: Bill) -> str:
    """Say what is paid, for how many months, and what a kWh from the grid costs with everything on it."""
    bought = sum((_quantity(bill, month) for month in bill["months"]), Decimal())
    paid = sum((_amount(bill, month, FOR_IMPORTS) for month in bill["months"]), Decimal())
    total = words("bill.total", connection=label, total=fen(Decimal(bill["total_cny"])), months=len(bill["months"]))
    mean = words("bill.mean", kwh=decimals(bought, 0), cny=fen(paid), price=decimals(paid / bought, 4)) if bought else ""
    return together(words, total, mean)


def _lines(bill: Bill, month: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = bill["months"][month]["lines"]
    return found


def _quantity(bill: Bill, month: str) -> Decimal:
    """Energy that was bought. [kWh]"""
    return sum((Decimal(line["quantity"]) for line in _lines(bill, month) if line["item"].startswith("energy.")), Decimal())


def _amount(bill: Bill, month: str, kinds: tuple[str, ...]) -> Decimal:
    return sum((Decimal(line["amount_cny"]) for line in _lines(bill, month) if line["item"].partition(".")[0] in kinds), Decimal())


def statement(words: Words, bill: Bill) -> Table:
    """One row a line of the bill, summed over the months; a price that changes from month to month is a mean, and says so."""
    sums: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for month in bill["months"]:
        for line in _lines(bill, month):
            sums.setdefault((line["item"], line["account"]), []).append(line)
    owners = len({account for _, account in sums}) > 1
    rows = []
    for (_, account), lines in sums.items():
        quantity = sum((Decimal(line["quantity"]) for line in lines), Decimal())
        paid = sum((Decimal(line["amount_cny"]) for line in lines), Decimal())
        same = len({line["price_cny"] for line in lines}) == 1
        price = Decimal(lines[0]["price_cny"]) if same else paid / quantity if quantity else Decimal()
        row = _row(words, lines[0], quantity, price, paid)
        if not same:
            row[3] = Cell(row[3], note=words("bill.mean_price"))
        rows.append([_account(words, account), *row] if owners else row)
    total = [words("table.total"), "", "", "", fen(Decimal(bill["total_cny"]))]
    columns = _columns(words)
    caption = together(words, *(note[words.language] for note in bill["notes"]))
    if owners:
        columns, total = [Column(words("bill.account"), text=True), *columns], ["", *total]
    return Table(columns, rows, total, caption, title=words("bill.statement"))


def _columns(words: Words) -> list[Column]:
    item, unit = Column(words("bill.item"), text=True, data=True), Column(words("table.unit"), text=True)
    return [item, Column(words("bill.quantity")), unit, Column(words("bill.price"), words("unit.cny")), Column(words("bill.amount"), words("unit.cny"))]


def _row(words: Words, line: dict[str, Any], quantity: Decimal, price: Decimal, paid: Decimal) -> list[str]:
    of_money = line["unit"] == "CNY"
    shown = f"{decimals(100 * price, 4)}{SPACE}%" if of_money else decimals(price, 6)
    unit = UNITS[line["unit"]][0 if words.language == "zh" else 1]
    return [Cell(said(line, "label", words), note=line["detail"]), fen(quantity) if of_money else decimals(quantity, 1), unit, shown, fen(paid)]


def _account(words: Words, account: str) -> str:
    return ACCOUNTS[account][0 if words.language == "zh" else 1]


def month_table(words: Words, bill: Bill) -> Table | None:
    """One row a month, one column a kind of line; None where there is one month only."""
    months = list(bill["months"])
    if len(months) < 2:
        return None
    kinds = tuple(dict.fromkeys(line["item"].partition(".")[0] for month in months for line in _lines(bill, month)))

    def cells(name: str, months: list[str], total_cny: str) -> list[str]:
        bought = sum((_quantity(bill, month) for month in months), Decimal())
        paid = sum((_amount(bill, month, FOR_IMPORTS) for month in months), Decimal())
        amounts = [fen(sum((_amount(bill, month, (kind,)) for month in months), Decimal())) for kind in kinds]
        return [name, decimals(bought, 0), *amounts, fen(Decimal(total_cny)), decimals(paid / bought, 4) if bought else ""]

    rows = [cells(month, [month], bill["months"][month]["total_cny"]) for month in months]
    total = cells(words("table.total"), months, bill["total_cny"])
    columns = [Column(words("table.month"), text=True, whole=True), Column(words("bill.bought"), "kWh")]
    columns += [Column(words.named("bill_kind", kind), words("unit.cny")) for kind in kinds]
    columns += [Column(words("table.total"), words("unit.cny")), Column(words("bill.mean_of_imports"), words("unit.cny_per_kwh"))]
    return Table(columns, rows, total, words("bill.months_caption"), title=words("bill.months"))


def month_lines(words: Words, bill: Bill) -> Table | None:
    """Every line of every month, folded."""
    if len(bill["months"]) < 2:
        return None
    rows = []
    for month, content in bill["months"].items():
        for line in content["lines"]:
            values = (Decimal(line[key]) for key in ("quantity", "price_cny", "amount_cny"))
            rows.append([month, _account(words, line["account"]), *_row(words, line, *values)])
        rows.append([month, "", words("table.total"), "", "", "", Cell(fen(Decimal(content["total_cny"])), "sum")])
    columns = [Column(words("table.month"), text=True, whole=True), Column(words("bill.account"), text=True), *_columns(words)]
    return Table(columns, rows, folded=words("bill.month_lines", count=len(bill["months"])))


def bases(words: Words, bill: Bill) -> Table | None:
    """What each basis of the demand charge would cost, quarter by quarter, and the best contract."""
    if not bill["bases"]:
        return None
    known = list(dict.fromkeys(basis for quarter in bill["bases"] for basis in quarter["cost_cny"]))
    rows = []
    for quarter in bill["bases"]:
        contracts = quarter["contract_mw"]
        span = " … ".join(dict.fromkeys(number(value) for value in (min(contracts), max(contracts)))) if contracts else ""
        costs = [fen(quarter["cost_cny"][basis]) if basis in quarter["cost_cny"] else "" for basis in known]
        rows.append([quarter["quarter"], *costs, Cell(words.named("bill_basis", quarter["cheapest"]), "good"), span])
    columns = [Column(words("bill.quarter"), text=True, whole=True), *(Column(words.named("bill_basis", basis), words("unit.cny")) for basis in known)]
    columns += [Column(words("bill.cheapest"), text=True), Column(words("bill.best_contract"), "MW")]
    totals = [sum(quarter["cost_cny"].get(basis, 0.0) for quarter in bill["bases"]) for basis in known]
    total = [words("table.total"), *(fen(value) for value in totals), "", ""] if len(rows) > 1 else []
    return Table(columns, rows, total, words("bill.bases_caption"), title=words("bill.bases"))


def network_fees(words: Words, bill: Bill) -> Table | None:
    """Return the network fee by energy and by capacity, month by month."""
    if not bill["network_fees"]:
        return None
    rows = [
        [fee["month"], fen(fee["by_energy_cny"]), fen(fee["by_capacity_cny"]), fen(fee["by_capacity_cny"] - fee["by_energy_cny"]), f"{fee['load_rate']:.3f}"]
        for fee in bill["network_fees"]
    ]
    titles = ("bill.fee_by_energy", "bill.fee_by_capacity", "bill.difference")
    columns = [Column(words("table.month"), text=True, whole=True)]
    columns += [Column(words(titles[0]), words("unit.cny")), Column(words(titles[1]), words("unit.cny")), Column(words(titles[2]), words("unit.cny"))]
    columns.append(Column(words("bill.load_rate")))
    return Table(columns, rows, title=words("bill.network_fees"), caption=words("bill.network_fees_caption"))


def differences(words: Words, bill: Bill) -> Table | None:
    """Return the bill beside the dispatch's cost table, kind by kind."""
    found = bill["differences"]
    if not found:
        return None

    def cells(name: str, dispatch: float, billed: float) -> list[str]:
        return [name, fen(dispatch), fen(billed), fen(billed - dispatch)]

    rows = [cells(_kind(words, one["kind"]), one["dispatch_cny"], one["bill_cny"]) for one in found]
    total = cells(words("table.total"), sum(one["dispatch_cny"] for one in found), sum(one["bill_cny"] for one in found))
    titles = [words("bill.in_dispatch"), words("bill.on_bill"), words("bill.difference")]
    columns = [Column(words("table.kind"), text=True), *(Column(title, words("unit.cny")) for title in titles)]
    return Table(columns, rows, total, words("bill.differences_caption"), title=words("bill.differences"))


def _kind(words: Words, kind: str) -> str:
    return words.get(f"cost.{kind}") or words.named("bill_kind", kind)


def assumptions(words: Words, bill: Bill) -> Table | None:
    """Return the numbers that the park file left to the shipped tariffs, folded."""
    if not bill["assumptions"]:
        return None
    rows = []
    for one in bill["assumptions"]:
        value = f"{one['value']:g}" if isinstance(one["value"], int | float) and not isinstance(one["value"], bool) else str(one["value"])
        rows.append([one["path"], value, one["unit"], Cell(one["certainty"], "open" if one["certainty"] in RECALLED else ""), one["source"]])
    columns = [Column(words("table.field"), text=True, data=True), Column(words("table.value"), text=True, data=True), Column(words("table.unit"), text=True)]
    columns += [Column(words("table.certainty"), text=True, data=True), Column(words("table.source"), text=True, data=True)]
    return Table(columns, rows, caption=words("accounts.certainty"), folded=words("bill.assumptions", count=len(rows)))
