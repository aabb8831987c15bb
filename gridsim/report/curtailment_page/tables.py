"""The tables of a curtailment study as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridsim.report.accounts.amounts import DASH
from gridsim.report.numbers import SPACE, energy_scale, number, percent
from gridsim.report.tables import Cell, Column, Table

if TYPE_CHECKING:
    from gridsim.report.curtailment_page.curtailment_view import CurtailmentView, Row


def cause_table(view: CurtailmentView) -> Table:
    """One row a cause."""
    words, rows = view.words, {row["cause"]: row for row in view.record["causes"]}
    factor, unit = energy_scale(rows["all"]["mwh"])

    def cells(row: Row) -> list[str]:
        return [number(row["mwh"] / factor), percent(row["share_of_curtailed"]), percent(row["share_of_available"])]

    columns = [Column(words("table.cause"), text=True), Column(words("table.curtailed"), unit), Column(words("curtail.of_curtailed"))]
    columns += [Column(words("curtail.of_available")), Column(words("table.meaning"), text=True)]
    lines = [[words.named("cause", cause), *cells(rows[cause]), words.get(f"cause_meaning.{cause}")] for cause in view.causes]
    return Table(columns, lines, [words("table.total"), *cells(rows["all"]), ""], caption=words("curtail.causes_caption"), title=words("curtail.by_cause"))


def plant_table(view: CurtailmentView) -> Table:
    """One row a plant."""
    words, rows = view.words, view.record["plants"]
    factor, unit = energy_scale(sum(row["available_mwh"] for row in rows))
    lines = []
    for row in rows:
        amounts = [number(row[key] / factor) for key in ("available_mwh", "curtailed_mwh")]
        lines.append([view.label(row["technology"]), *amounts, percent(row["curtailment_rate"])])
    columns = [Column(words("curtail.plant"), text=True, data=True), Column(words("short.available_mwh"), unit), Column(words("table.curtailed"), unit)]
    return Table([*columns, Column(words("word.curtailment_rate"))], lines, title=words("curtail.by_plant"))


def month_table(view: CurtailmentView) -> Table:
    """One row a month, one column a cause."""
    return _by_time(view, "months", [row["month"] for row in view.record["months"]], view.words("table.month"), "")


def hour_table(view: CurtailmentView) -> Table:
    """One row an hour of the day, folded."""
    labels = [f"{row['hour']:02d}" for row in view.record["hours"]]
    return _by_time(view, "hours", labels, view.words("axis.hour_of_day_unit"), view.words("curtail.hours_folded"))


def _by_time(view: CurtailmentView, name: str, labels: list[str], head: str, folded: str) -> Table:
    words, rows = view.words, view.record[name]
    factor, unit = energy_scale(max(row["available_mwh"] for row in rows))
    keys = [*(f"{cause}_mwh" for cause in view.causes), "curtailed_mwh", "available_mwh"]
    lines = []
    for label, row in zip(labels, rows, strict=True):
        shares = [percent(row["curtailment_rate"]), percent(row["share_of_curtailed"])]
        lines.append([label, *(number(row[key] / factor) for key in keys), *shares])
    sums = [sum(row[key] for row in rows) for key in keys]
    total = [words("table.total"), *(number(amount / factor) for amount in sums), percent(view.record["curtailment_rate"]), percent(1.0)]
    columns = [Column(head, text=True, whole=True), *(Column(words.named("cause", cause), unit) for cause in view.causes)]
    columns += [Column(words("table.curtailed"), unit), Column(words("short.available_mwh"), unit), Column(words("word.curtailment_rate"))]
    return Table([*columns, Column(words("curtail.of_curtailed"))], lines, total if len(rows) > 1 else [], folded=folded)


def saving_table(view: CurtailmentView) -> Table:
    """One row an option: what a unit more saves in a year, what it costs, and whether it pays."""
    words, (factor, unit), lines = view.words, view.words.money, []
    for row in view.record["savings"]:
        cost = row["yearly_cost_cny_per_unit"]
        shown = Cell(words("curtail.not_stated"), "faint") if cost is None else number(cost / factor)
        note = words("curtail.pro_rata") if row["cost_pro_rata"] else ""
        margin = "" if row["marginal_cny_per_unit"] is None else words("curtail.at_margin", amount=number(row["marginal_cny_per_unit"] / factor))
        size = f"{number(row['size'])}{SPACE}{row['unit']}" if row["in_park"] else DASH
        pays = DASH if row["pays"] is None else Cell(words.named("yes_no", "yes" if row["pays"] else "no"), "good" if row["pays"] else "bad")
        net = DASH if row["cny_per_mwh_saved"] is None else number(row["cny_per_mwh_saved"])
        lines.append(
            [
                view.option(row),
                Cell(size, note=f"+{number(row['step'])}{SPACE}{row['unit']}"),
                number(row["curtailed_mwh_per_unit"]),
                Cell(number(row["cny_per_unit"] / factor), note=margin),
                Cell(shown, getattr(shown, "tone", ""), note),
                pays,
                net,
                f"{number(100.0 * row['green_share_per_unit'])}{SPACE}{words('unit.points')}",
                number(row["import_mwh_per_unit"]),
                number(row["export_mwh_per_unit"]),
            ]
        )
    columns = [Column(words("curtail.option"), text=True, data=True), Column(words("curtail.size"), whole=True), Column(words("curtail.saved"), "MWh")]
    columns += [Column(words("curtail.cost_saved"), unit), Column(words("curtail.yearly_cost"), unit), Column(words("curtail.pays"), text=True)]
    columns += [Column(words("curtail.net_cost"), "CNY/MWh"), Column(words("curtail.green_gained")), Column(words("curtail.imports_saved"), "MWh")]
    columns.append(Column(words("curtail.exports_added"), "MWh"))
    return Table(columns, lines, caption=words("curtail.savings_caption"))
