"""Is it allowed: every rule with its value, threshold, margin and verdict, a table a rule set."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from gridsim.report.accounts.amounts import BETWEEN, DASH, RECALLED, SENSE, amount, difference, limit, said, together
from gridsim.report.numbers import SPACE, number
from gridsim.report.tables import Cell, Column, Table
from gridsim.rules.vocabulary import known_facts

if TYPE_CHECKING:
    from gridsim.report.view import RunView
    from gridsim.report.words import Words

    Finding = dict[str, Any]

STATUSES = ("pass", "fail", "not_known", "not_applicable")
TONES = {"pass": "good", "fail": "bad", "not_known": "open", "not_applicable": "faint"}


def by_set(findings: list[Finding]) -> dict[str, list[Finding]]:
    """Rule set → its findings, those with a verdict first."""
    sets: dict[str, list[Finding]] = {}
    for finding in findings:
        sets.setdefault(finding["name"].partition(".")[0], []).append(finding)
    return dict(sorted(sets.items(), key=lambda item: not judged(item[1])))


def judged(findings: list[Finding]) -> bool:
    """Whether any rule of a set is kept or broken."""
    return any(finding["status"] in ("pass", "fail") for finding in findings)


def title_of(words: Words, finding: Finding) -> str:
    """Name of a finding's rule set, document number, and status where it is not in force."""
    status = finding["set_status"]
    return " · ".join(part for part in (said(finding, "title", words), finding["document"]) if part) + (
        "" if status == "in_force" else f" [{words.named('set_status', status)}]"
    )


def counted(words: Words, findings: list[Finding]) -> str:
    """How many rules have each verdict, as a list."""
    found = Counter(finding["status"] for finding in findings)
    return words("word.list_comma").join(f"{found[status]}{SPACE}{words.named('rule_status', status)}" for status in STATUSES if found[status])


def rule_parts(view: RunView, accounts: dict[str, Any]) -> list[Table | str]:
    """Return the summary, the overview and the tables."""
    words, findings = view.words, accounts["rules"]
    if not findings:
        return [words("rules.none")]
    sets = by_set(findings)
    prices = {price["name"]: price for price in accounts["rule_prices"]}
    summary = words("rules.summary", rules=len(findings), sets=len(sets), counts=counted(words, findings))
    broken = sum(finding["status"] == "fail" and finding["set_status"] == "in_force" for finding in findings)
    verdict = words("rules.none_broken") if not broken else words("rules.broken", count=broken)
    parts: list[Table | str] = [together(words, summary, verdict, words("rules.how")), overview(words, sets)]
    parts += [rule_table(words, rows, prices) for rows in sets.values()]
    return parts


def overview(words: Words, sets: dict[str, list[Finding]]) -> Table:
    """One row a rule set: what it is, and how many of its rules have each verdict."""
    rows = []
    for findings in sets.values():
        found = Counter(finding["status"] for finding in findings)
        status = findings[0]["set_status"]
        verdict = "fail" if found["fail"] else "not_known" if found["not_known"] else "pass" if found["pass"] else "not_applicable"
        standing = Cell(words.named("set_status", status), "" if status == "in_force" else "open")
        counts = [str(found[key]) if found[key] else DASH for key in STATUSES]
        rows.append([said(findings[0], "title", words), findings[0]["document"], standing, *counts, _mark(words, verdict)])
    columns = [Column(words("rules.set"), text=True), Column(words("rules.document"), text=True, data=True), Column(words("rules.standing"), text=True)]
    columns += [Column(words.named("rule_status", key), text=True, whole=True) for key in STATUSES] + [Column(words("rules.verdict"), text=True)]
    return Table(columns, rows, caption=words("rules.overview_caption"))


def rule_table(words: Words, findings: list[Finding], prices: dict[str, dict[str, Any]]) -> Table:
    """Return the rules of one set, folded where none has a verdict."""
    priced = any(finding["enforced"] for finding in findings)
    others = any(finding["other_readings"] for finding in findings)
    rows = []
    for finding in findings:
        row: list[str] = [
            Cell(said(finding, "text", words), note=_note(words, finding)),
            _value(words, finding),
            _required(finding),
            difference(words, finding["margin"], finding["unit"]),
            _mark(words, finding["status"]),
        ]
        row += [_other_readings(words, finding)] if others else []
        row += [_price(words, finding, prices)] if priced else []
        tone = "open" if finding["certainty"] in RECALLED else ""
        rows.append([*row, Cell(finding["certainty"], tone, finding["source"])])
    columns = [Column(words("rules.rule"), text=True, data=True), Column(words("table.reached")), Column(words("table.demanded"), text=True, whole=True)]
    columns += [Column(words("rules.margin"), text=True, whole=True), Column(words("rules.verdict"), text=True, whole=True)]
    columns += [Column(words("rules.other_readings"), text=True)] if others else []
    columns += [Column(words("rules.price"), text=True)] if priced else []
    columns.append(Column(words("table.certainty"), text=True, data=True))
    title = title_of(words, findings[0])
    called = said(findings[0], "title", words)
    if judged(findings):
        return Table(columns, rows, caption=_assumed(words, findings), title=title)
    return Table(columns, rows, caption=_assumed(words, findings), folded=words("rules.folded", title=called, counts=counted(words, findings)))


def _mark(words: Words, status: str) -> Cell:
    return Cell(words.named("rule_status", status), TONES[status])


def _note(words: Words, finding: Finding) -> str:
    reason = said(finding, "reason", words) if finding["status"] != "pass" else ""
    return BETWEEN.join(part for part in (reason, said(finding, "note", words)) if part)


def _assumed(words: Words, findings: list[Finding]) -> str:
    """Say what was not declared and decides on the set's rules."""
    facts = known_facts()
    assumed = {name: value for finding in findings for name, value in finding["assumed"].items()}
    taken = [f"{said(vars(facts[name]), 'label', words) if name in facts else name} = {_fact(words, value)}" for name, value in assumed.items()]
    return words("rules.assumed", facts=BETWEEN.join(taken)) if taken else ""


def _fact(words: Words, value: Any) -> str:
    return words.named("yes_no", "yes" if value else "no") if isinstance(value, bool) else words.named("fact_value", str(value))


def _value(words: Words, finding: Finding) -> Cell:
    label = "" if finding["metric"] == "declared" else said(finding, "label", words)
    if finding["value"] is None:
        return Cell(words.named("rule_value", "declared") if finding["declared"] else DASH, note=label)
    period = ""
    if finding["periods"] > 1 or finding["period"] == "hour":
        counts = {"failing": f"{finding['failing']:,}", "periods": f"{finding['periods']:,}", "worst": finding["worst"]}
        period = words("rules.worst_of_failing" if finding["failing"] else "rules.worst_of", **counts)
    declared = words.named("rule_value", "declared") if finding["declared"] else ""
    note = BETWEEN.join(part for part in (label, period, declared) if part)
    return Cell(amount(finding["value"], finding["unit"], finding["threshold"]), note=note)


def _required(finding: Finding) -> str:
    if finding["threshold"] is None:
        return DASH
    return f"{SENSE.get(finding['sense'], '')}{SPACE}{limit(finding['threshold'], finding['unit'])}"


def _other_readings(words: Words, finding: Finding) -> Cell:
    """Each other reading with its value and verdict; those that agree are shown too, for the reader who wonders."""
    parts, notes, tone = [], [], ""
    for other in finding["other_readings"]:
        status = words.named("rule_status", other["status"])
        shown = "" if other["value"] is None else f"{amount(other['value'], finding['unit'], other['threshold'])}: "
        parts.append(f"{shown}{status}")
        notes.append(said(other, "note", words))
        tone = "open" if other["status"] != finding["status"] else tone
    return Cell(BETWEEN.join(parts) or DASH, tone, BETWEEN.join(notes))


def _price(words: Words, finding: Finding, prices: dict[str, dict[str, Any]]) -> Cell:
    if not finding["enforced"]:
        return Cell(words("rules.not_enforced"), "faint")
    price = prices.get(finding["name"])
    if price is None:
        return Cell(words("rules.enforced"))
    if not price["binding"]:
        return Cell(words("rules.not_binding"))
    per_point = "" if price["cny_per_point"] is None else words("rules.per_point", cny=f"{number(price['cny_per_point'])}{SPACE}CNY")
    held = words("rules.binding", binding=f"{price['binding']:,}", periods=f"{price['periods']:,}")
    note = BETWEEN.join(part for part in (per_point, held) if part)
    return Cell(f"{number(price['fen_per_kwh'])}{SPACE}{words('unit.fen_per_kwh')}", note=note)
