"""The park beside the threshold of national zero-carbon parks, and its energy in standard coal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gridsim.report.accounts.amounts import DASH, RECALLED, amount, share, together
from gridsim.report.accounts.rules import TONES
from gridsim.report.numbers import SPACE, number
from gridsim.report.tables import Cell, Column, Table

if TYPE_CHECKING:
    from gridsim.report.words import Words

    Account = dict[str, Any]

ACCOUNTINGS = ("equivalent", "equal")


def times_of(case: dict[str, Any]) -> float | None:
    """How many times its threshold the park is; None where none is stated."""
    return None if case["threshold"] is None else float(case["value"] / case["threshold"]["value"])


def zero_carbon_sentence(words: Words, account: Account) -> str:
    """Say whether the park is a zero-carbon park, by how much not, and what would be needed; by the stricter accounting."""
    case = account["zero_carbon"]["equivalent"]
    partial = "" if account["energy"]["complete"] else words("zero.partial")
    times, energy = times_of(case), f"{number(case['energy_tce_per_year'])}{SPACE}tce"
    value = f"{number(case['value'])}{SPACE}tCO2/tce"
    if times is None:
        return together(words, words("zero.no_threshold", energy=energy, value=value), partial)
    values = {"value": value, "threshold": f"{case['threshold']['value']:g}{SPACE}tCO2/tce", "certainty": case["threshold"]["certainty"]}
    if partial:
        return together(words, words("zero.unknown", times=number(times), **values), partial)
    if times <= 1.0:
        return words("zero.met", **values)
    green = f"{number(case['green_electricity_mwh'])}{SPACE}MWh"
    needed = words("zero.needed", cut=f"{number(case['gap']['emissions_t'] - case['threshold']['value'] * case['gap']['energy_tce'])}{SPACE}t", green=green)
    left = words("zero.left", left=f"{number(case['left_t'])}{SPACE}t") if case["left_t"] > 1e-6 else words("zero.closed")
    return together(words, words("zero.failed", times=number(times), **values), needed, left)


def zero_carbon_table(words: Words, account: Account) -> Table:
    """Return value, threshold, factor and need at both accountings of electricity; no verdict while a part of the energy is not declared."""
    rows = []
    for accounting in ACCOUNTINGS:
        case = account["zero_carbon"][accounting]
        limit, times = case["threshold"], times_of(case)
        row: list[str] = [words.named("accounting", accounting), number(case["energy_tce_per_year"])]
        row.append(amount(case["value"], "", None if limit is None else limit["value"]))
        if limit is None or times is None:
            row += [words("zero.not_stated"), DASH, Cell(words.named("rule_status", "not_known"), "open"), DASH, DASH]
        else:
            status = "not_known" if not account["energy"]["complete"] else "pass" if times <= 1.0 else "fail"
            row.append(Cell(f"{limit['value']:g}", "open" if limit["certainty"] in RECALLED else "", f"{limit['certainty']}: {limit['source']}"))
            row += [f"{amount(times, '', 1.0)}{SPACE}×", Cell(words.named("rule_status", status), TONES[status])]
            row += [number(case["green_electricity_mwh"]), number(case["left_t"])]
        rows.append(row)
    columns = [Column(words("zero.accounting"), text=True), Column(words("zero.energy"), "tce/a"), Column(words("zero.value"), "tCO2/tce")]
    columns += [Column(words("carbon.at_most"), "tCO2/tce", data=True), Column(words("zero.times")), Column(words("rules.verdict"), text=True)]
    columns += [Column(words("zero.green"), "MWh"), Column(words("zero.left_t"), "t")]
    return Table(columns, rows, caption=words("zero.caption"), title=words("zero.title"))


def energy_table(words: Words, account: Account) -> Table:
    """Return the park's energy in standard coal at both accountings, and its clean parts."""
    energy, year = account["energy"], account["year"]
    both = [energy[accounting] for accounting in ACCOUNTINGS]
    parts = ["electricity_tce", *(key for key in ("fuel_tce", "other_tce") if any(each[key] for each in both))]
    rows = [[words(f"tce.{key}"), *(number(each[key]) for each in both)] for key in parts]
    rows.append([words("tce.total"), *(number(year[f"energy_{accounting}_value_tce"]) for accounting in ACCOUNTINGS)])
    rows.append([words("tce.non_fossil"), share(year["non_fossil_share"]), share(year["non_fossil_share_equal_value"])])
    rows.append([words("tce.clean"), share(year["clean_energy_share"]), share(year["clean_energy_share_equal_value"])])
    columns = [Column(words("tce.what"), text=True), *(Column(words.named("accounting", accounting), "tce") for accounting in ACCOUNTINGS)]
    return Table(columns, rows, caption=words("tce.caption"), title=words("tce.title"))
