"""The indicator tables of plans: target, value and verdict of each row, the key projects, and what a plan's own targets mean for a zero-carbon park."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from gridsim.report.accounts.amounts import DASH, amount, money, together
from gridsim.report.numbers import SPACE, number
from gridsim.report.tables import Cell, Column, Table

if TYPE_CHECKING:
    from gridsim.report.view import RunView
    from gridsim.report.words import Words

    Plan = dict[str, Any]

TONES = {"met": "good", "not_met": "bad", "not_known": "open", "no_target": "faint"}


def indicator_parts(view: RunView, accounts: dict[str, Any]) -> list[Table | str]:
    """Return all parts of every table that the park asks for."""
    parts: list[Table | str | None] = []
    for plan in accounts["indicators"]:
        parts += [indicator_table(view.words, plan), project_table(view, plan), sum_table(view.words, plan)]
        parts.append(plan_gap_table(view.words, plan))
    return [part for part in parts if part]


def name_of(words: Words, row: dict[str, Any], key: str = "name") -> str:
    """Return a name in the language; English names begin as sentences do."""
    name = str(row[f"{key}_{words.language}"])
    return name[:1].upper() + name[1:]


def status_of(words: Words, status: str) -> Cell:
    """Return a status as a mark."""
    key = _key(status)
    return Cell(words.named("indicator_status", key), TONES[key])


def _key(status: str) -> str:
    return status.replace(" ", "_")


def value_of(line: dict[str, Any]) -> float | None:
    """What counts: the simulation's figure, else the declared one."""
    if line["computed"] is not None:
        return float(line["computed"])
    return None if line["declared"] is None else float(line["declared"]["value"])


def plan_sentence(words: Words, plan: Plan) -> str:
    """Say how many rows are met."""
    found = Counter(_key(line["status"]) for line in plan["lines"])
    counts = [f"{found[status]}{SPACE}{words.named('indicator_status', status)}" for status in TONES if found[status]]
    return words("indicators.sentence", year=plan["target_year"], counts=words("word.list_comma").join(counts))


def indicator_table(words: Words, plan: Plan) -> Table:
    """One row an indicator."""
    rows = []
    for line in plan["lines"]:
        row, target, value = line["indicator"], line["target"], value_of(line)
        unit = "1" if row["unit"] == "%" else row["unit"]
        asked = DASH if target is None else f"{target['printed'].rstrip('%')}{SPACE}{row['unit']}".rstrip()
        shown = amount(value, unit, None if target is None else target["value"])
        by_year = DASH if value is None else words("word.list_comma").join(f"{year}: {status_of(words, status)}" for year, status in line["by_year"].items())
        cells = [str(row["number"]), Cell(name_of(words, row), note=row["note"]), asked, Cell(shown, note=_origin(words, line))]
        rows.append([*cells, status_of(words, line["status"]), by_year])
    columns = [Column(words("indicators.number"), text=True), Column(words("indicators.indicator"), text=True, data=True)]
    columns += [Column(words("indicators.target", year=plan["target_year"])), Column(words("table.value"))]
    columns += [Column(words("rules.verdict"), text=True, whole=True), Column(words("indicators.by_year"), text=True)]
    caption = together(words, plan_sentence(words, plan), words("indicators.caption"))
    return Table(columns, rows, caption=caption, title=name_of(words, plan["plan"], "label"))


def _origin(words: Words, line: dict[str, Any]) -> str:
    """Where a value comes from."""
    if line["computed"] is not None:
        return words("indicators.partial") if line["partial"] else words("indicators.computed")
    if line["declared"] is not None:
        return words("indicators.declared", certainty=line["declared"]["certainty"], source=line["declared"]["source"])
    return words("indicators.not_simulated") if line["indicator"]["computed"] is None else words("indicators.input_missing")


def project_table(view: RunView, plan: Plan) -> Table | None:
    """Return the key projects: the plan's figures beside the simulation's."""
    words = view.words
    rows = []
    for line in plan["projects"]:
        stated = line["programme"]
        carbon = [stated["carbon_low_t"], stated["carbon_high_t"]]
        span = " … ".join(dict.fromkeys(number(value) for value in carbon if value is not None)) or DASH
        mine = words("word.list_comma").join(view.label(name) for name in line["technologies"])
        name = Cell(f"{SPACE * 4 * line['level']}{name_of(words, stated)}", note=mine)
        simulated = [money(words, line["simulated_investment_cny"]), _or_dash(line["simulated_energy_saved_tce"]), _or_dash(line["simulated_carbon_saved_t"])]
        projects = DASH if stated["projects"] is None else str(stated["projects"])
        rows.append([name, projects, money(words, stated["investment_cny"]), _or_dash(stated["energy_saved_tce"]), span, *simulated])
    columns = [Column(words("indicators.programme"), text=True), Column(words("indicators.projects"))]
    columns += [Column(words("indicators.plan_investment"), words.money[1]), Column(words("indicators.plan_energy"), "tce/a")]
    columns += [Column(words("indicators.plan_carbon"), "t/a"), Column(words("indicators.simulated_investment"), words.money[1])]
    columns += [Column(words("indicators.simulated_energy"), "tce/a"), Column(words("indicators.simulated_carbon"), "t/a")]
    return Table(columns, rows, caption=words("indicators.projects_caption"), title=words("indicators.projects_title")) if rows else None


def _or_dash(value: float | None) -> str:
    return DASH if value is None else number(value)


def sum_table(words: Words, plan: Plan) -> Table | None:
    """Return the plan's printed totals beside the sums of what it prints above them."""
    rows = []
    for one in plan["sums"]:
        factor, unit = words.money if one["of"] == "investment_cny" else (1.0, {"projects": ""}.get(one["of"], "t/a"))
        values = [one[key] / factor for key in ("printed", "summed")]
        shown = [f"{value:.0f}" if one["of"] == "projects" else number(value) for value in (*values, values[0] - values[1])]
        rows.append([words(f"sum_of.{one['of']}"), *shown, unit])
    columns = [Column(words("table.fact"), text=True), Column(words("indicators.printed")), Column(words("indicators.summed"))]
    columns += [Column(words("bill.difference")), Column(words("table.unit"), text=True)]
    return Table(columns, rows, title=words("indicators.sums")) if rows else None


def plan_gap_table(words: Words, plan: Plan) -> Table | None:
    """Return what the plan's own targets of carbon and energy mean beside the thresholds of zero-carbon parks."""
    rows = []
    for one in plan["zero_carbon"]:
        gap = one["gap"]
        value = gap["emissions_t"] / gap["energy_tce"]
        met = value <= gap["threshold"]
        mark = Cell(words.named("rule_status", "pass" if met else "fail"), "good" if met else "bad")
        cut = 0.0 if met else 1.0 - gap["threshold"] / value
        rows.append([str(one["year"]), number(value), f"{gap['threshold']:g}", f"{number(value / gap['threshold'])}{SPACE}×", mark, amount(cut, "1")])
    columns = [Column(words("cash.year"), text=True), Column(words("zero.value"), "tCO2/tce"), Column(words("carbon.at_most"), "tCO2/tce")]
    columns += [Column(words("zero.times")), Column(words("rules.verdict"), text=True), Column(words("indicators.to_cut"))]
    return Table(columns, rows, caption=together(words, words("indicators.gap_caption")), title=words("indicators.gap_title")) if rows else None
