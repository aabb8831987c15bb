"""Verdict and cost of a rule in words: what terminal, sheet and page show alike."""

from __future__ import annotations

from collections import Counter
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from gridsim.report.accounts.amounts import BETWEEN, DASH, SENSE, amount, difference, limit
from gridsim.report.numbers import SPACE, number
from gridsim.report.words import Words

if TYPE_CHECKING:
    Rule = dict[str, Any]

STATUSES = ("pass", "fail", "not_known", "not_applicable")
FREE_FROM = 1e-9
"""Costs below are none. [CNY]"""


@cache
def texts(language: str) -> dict[str, str]:
    """Return key → words of ``rule_cost_words.csv`` in a language."""
    import csv

    with resources.files("gridsim").joinpath("data/rule_cost_words.csv").open(encoding="utf-8") as file:
        return {line["key"]: line[language] for line in csv.DictReader(file)}


def set_title(rule: Rule, language: str) -> str:
    """Return name and number of a rule's document, with its standing where it is not in force."""
    words, standing = texts(language), rule["set_status"]
    mark = "" if standing == "in_force" else f" [{words[f'set_status.{standing}']}]"
    return f"{rule[f'set_title_{language}']} · {rule['document']}{mark}"


def reached(rule: Rule) -> str:
    """Return the value in the worst period."""
    cost = rule["cost"] or {}
    value = rule["value"] if rule["value"] is not None else cost.get("value")
    return amount(value, rule["unit"], asked_of(rule))


def asked_of(rule: Rule) -> float | None:
    """Return the threshold: the one that was judged, or else the strictest that can be meant."""
    return rule["threshold"] if rule["threshold"] is not None else (rule["cost"] or {}).get("threshold")


def asked(rule: Rule) -> str:
    """Return the threshold with its sense."""
    threshold = asked_of(rule)
    return DASH if threshold is None else f"{SENSE.get(rule['sense'], '')}{SPACE}{limit(threshold, rule['unit'])}"


def margin(rule: Rule, language: str) -> str:
    """Return how far the value is on the right side."""
    return difference(Words(language), rule["margin"], rule["unit"])


def answered(rule: Rule, record: dict[str, Any], language: str) -> str:
    """Return what was found of the cost, and why where there is none."""
    words, cost = texts(language), rule["cost"]
    if cost is None:
        return DASH
    parts = [words[f"answer.{cost['answer']}"].format(seconds=_seconds(record))]
    if cost["why"]:
        parts.append(words[f"why.{cost['why']}"])
    if cost["answer"] == "holds" and cost["slack"] is not None:
        parts.append(words["cell.slack"].format(slack=difference(Words(language), cost["slack"], cost["unit"]).lstrip("+")))
    if cost["best"] is not None:
        parts.append(words["cell.best"].format(best=amount(cost["best"], cost["unit"], cost["threshold"])))
    if cost["missed_mwh"] is not None:
        parts.append(words["cell.missed"].format(mwh=number(cost["missed_mwh"])))
    if cost["same_as"]:
        parts.append(words["cell.same_as"].format(name=cost["same_as"]))
    if cost["if_it_applies"] and cost["answer"] != "not_in_dispatch":
        parts.append(words["cell.if_it_applies"])
    return BETWEEN.join(parts)


def _seconds(record: dict[str, Any]) -> str:
    limit_s = record["rule_seconds"]
    return DASH if limit_s is None else f"{limit_s:g}"


def yearly(rule: Rule, record: dict[str, Any], language: str) -> str:
    """Return the cost in CNY a year, with what it would be if power were burnt for it."""
    cost = rule["cost"]
    if cost is None or cost["cost_cny_per_a"] is None:
        return DASH
    text = f"{cost['cost_cny_per_a']:,.0f}"
    if burns(rule):
        least = cost["at_least_cny"] / record["share_of_year"]
        text += f" ({texts(language)['cell.at_least'].format(cny=f'{least:,.0f}')})"
    return text


def burns(rule: Rule) -> bool:
    """Whether burning power could keep the rule for less."""
    cost = rule["cost"]
    if cost is None or cost["cost_cny"] is None or cost["at_least_cny"] is None:
        return False
    return bool(cost["cost_cny"] - cost["at_least_cny"] > max(1.0, 1e-3 * abs(cost["cost_cny"])))


def per_kwh(rule: Rule) -> str:
    """Return the cost in 分 for each kWh of load."""
    cost = rule["cost"]
    return DASH if cost is None or cost["cost_fen_per_kwh"] is None else number(cost["cost_fen_per_kwh"])


def one_more(rule: Rule, language: str) -> str:
    """Return the shadow price: CNY for a percentage point or a unit more, or for a MWh where the rows have no common threshold."""
    found = one_more_of(rule)
    if found is None:
        return DASH
    cny, per = found
    words = texts(language)
    return f"{number(cny)} CNY/{words['cell.points'] if per == 'point' else per}"


def one_more_of(rule: Rule) -> tuple[float, str] | None:
    """Return the shadow price in CNY over the horizon, and of what: ``point``, or a unit."""
    cost = rule["cost"]
    shadow = None if cost is None else cost["shadow"]
    if shadow is None:
        return None
    if shadow["cny_per_point"] is not None:
        return shadow["cny_per_point"], "point"
    if shadow["cny_per_unit"] is not None:
        return shadow["cny_per_unit"], shadow["unit"]
    return shadow["cny_per_mwh"], "MWh"


def head(record: dict[str, Any], language: str) -> list[str]:
    """Return the lines above the table: verdicts, what is enforced, the dearest rule."""
    words, found = texts(language), Counter(rule["status"] for rule in record["rules"])
    comma = Words(language)("word.list_comma")
    counts = comma.join(f"{found[status]} {words[f'status.{status}']}" for status in STATUSES if found[status])
    park = " · ".join(part for part in (record["park"], record["stage"]) if part)
    names = comma.join(record["enforced"])
    lines = [words["head.verdicts"].format(park=park, hours=f"{record['hours']:,.6g}", counts=counts)]
    lines.append(words["head.enforced"].format(names=names) if names else words["head.none_enforced"])
    if record["priced"]:
        lines.append(dearest(record, language))
    return lines


def dearest(record: dict[str, Any], language: str) -> str:
    """Name the rule that costs most to keep, or say that none costs anything; empty where some rule has no price."""
    words = texts(language)
    priced = [rule for rule in record["rules"] if rule["cost"] is not None and rule["cost"]["cost_cny_per_a"] is not None]
    costly = [rule for rule in priced if rule["cost"]["cost_cny_per_a"] > FREE_FROM]
    if costly:
        most = max(costly, key=lambda rule: rule["cost"]["cost_cny_per_a"])
        return words["head.dearest"].format(name=most["name"], cny=f"{most['cost']['cost_cny_per_a']:,.0f}", fen=per_kwh(most))
    unpriced = any(rule["cost"] is not None and rule["cost"]["answer"] in ("missed", "time_limit", "not_apart") for rule in record["rules"])
    return "" if unpriced or not priced else words["head.free"]


def open_rules(record: dict[str, Any]) -> set[str]:
    """Return the rules of which a run knows neither value nor price."""
    return {
        rule["name"]
        for rule in record["rules"]
        if rule["status"] == "not_known" and rule["value"] is None and (rule["cost"] is None or rule["cost"]["answer"] in ("not_in_dispatch", "open"))
    }


def not_listed(record: dict[str, Any], names: set[str], language: str) -> list[str]:
    """Return what a list without some open rules has to say about them: why nothing is known of each, those with one reason together."""
    reasons: dict[str, list[str]] = {}
    for rule in record["rules"]:
        if rule["name"] in names:
            reasons.setdefault(rule[f"reason_{language}"], []).append(rule["name"])
    comma, words = Words(language)("word.list_comma"), texts(language)
    return [words["head.open"].format(reason=reason, names=comma.join(rules)) for reason, rules in reasons.items()]


def notes(record: dict[str, Any], language: str) -> list[str]:
    """Return what a reader must know to read the numbers."""
    words = texts(language)
    found = [words["note.cost"].format(load_mwh=f"{record['load_mwh']:,.0f}")] if record["priced"] else [words["note.unpriced"]]
    if record["priced"] and record["share_of_year"] < 1.0:
        found.append(words["note.part"].format(hours=f"{record['hours']:,.6g}"))
    if any(one_more_of(rule) is not None for rule in record["rules"]):
        found.append(words["note.shadow"])
    if any(burns(rule) for rule in record["rules"]):
        found.append(words["note.burnt"])
    if any(rule["set_status"] != "in_force" for rule in record["rules"]):
        found.append(words["note.not_in_force"])
    return found
