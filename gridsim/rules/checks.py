"""Whether a park's ``rules:`` make sense: names that exist, values that fit, and nothing enforced that cannot be. Each check yields (path, finding, remedy)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gridsim.errors import did_you_mean, quoted
from gridsim.rules.applies import applies, facts_of, thresholds_of
from gridsim.rules.library import enforced_names, known_ids, rule_of, rule_set_of, why_not_enforced
from gridsim.rules.vocabulary import known_facts

if TYPE_CHECKING:
    from gridsim.park.park import Park
    from gridsim.rules.vocabulary import Fact

FactFinding = tuple[str, str, str]


def rules_are_known(park: Park) -> Iterator[FactFinding]:
    """Every rule set, rule, reading and fact that is named exists, and declared values fit their facts."""
    rules = park.rules
    for number, name in enumerate([] if rules.report == "all" else rules.report):
        if name not in known_ids(park):
            yield f"rules.report.{number}", f"{quoted(name)} is not a rule set", did_you_mean(name, known_ids(park))
    for number, name in enumerate(rules.enforce):
        yield from _named(park, name, f"rules.enforce.{number}", whole_set=True)
    for name in rules.thresholds:
        yield from _named(park, name, f"rules.thresholds.{name}", whole_set=False)
    for name, reading in rules.readings.items():
        unknown = list(_named(park, name, f"rules.readings.{name}", whole_set=False))
        yield from unknown or _reading(park, name, reading)
    yield from _facts_fit(park)


def _facts_fit(park: Park) -> Iterator[FactFinding]:
    facts = _all_facts(park)
    for name, value in park.rules.declared.items():
        if name not in facts:
            yield f"rules.declared.{name}", f"{quoted(name)} is not a fact that a rule asks for", did_you_mean(name, facts)
        elif refusal := facts[name].refusal(value):
            yield f"rules.declared.{name}", f"{quoted(value)} is not possible here", refusal


def _all_facts(park: Park) -> dict[str, Fact]:
    own = {name: fact.as_fact() for rule_set in park.own_rule_sets.values() for name, fact in rule_set.facts.items()}
    return {**known_facts(), **own}


def _named(park: Park, name: str, path: str, *, whole_set: bool) -> Iterator[FactFinding]:
    rule_set, dot, key = name.partition(".")
    if rule_set not in known_ids(park):
        yield path, f"{quoted(rule_set)} is not a rule set", did_you_mean(rule_set, known_ids(park))
    elif dot and key not in rule_set_of(park, rule_set).rules:
        yield path, f"{quoted(key)} is not a rule of {rule_set}", did_you_mean(key, rule_set_of(park, rule_set).rules)
    elif not dot and not whole_set:
        yield path, f"{quoted(name)} is a rule set, expected one rule", f"write {rule_set}. and one of {', '.join(rule_set_of(park, rule_set).rules)}"


def _reading(park: Park, name: str, reading: str) -> Iterator[FactFinding]:
    rule_set, _, key = name.partition(".")
    rule = rule_set_of(park, rule_set).rules[key]
    readings = [rule.reading, *rule.other_readings] if rule.other_readings else []
    if reading not in readings:
        yield f"rules.readings.{name}", f"{quoted(reading)} is not a reading of this rule", did_you_mean(reading, readings)


def rules_can_be_enforced(park: Park) -> Iterator[FactFinding]:
    """What is to be enforced is a constraint of the dispatch, and nothing that it hangs on is left open."""
    if any(True for _ in rules_are_known(park)):
        return
    for number, wanted in enumerate(park.rules.enforce):
        path, (rule_set_id, dot, _) = f"rules.enforce.{number}", wanted.partition(".")
        if dot and (reason := why_not_enforced(rule_of(park, wanted))):
            yield path, f"cannot be enforced: {reason}", "name it under rules.report instead, which judges it"
            continue
        names = [name for name in enforced_names(park) if name == wanted or (not dot and name.partition(".")[0] == rule_set_id)]
        if not names:
            yield path, "has no rule that can be enforced", "name it under rules.report instead, which judges it"
        for name in names:
            yield from _open(park, name, path)


def _open(park: Park, name: str, path: str) -> Iterator[FactFinding]:
    rule_set, rule, facts = rule_set_of(park, name.partition(".")[0]), rule_of(park, name), facts_of(park)
    verdict = applies(rule, facts, rule_set)
    if verdict.holds is None:
        missing = ", ".join(verdict.because)
        yield path, f"whether {name} applies is not known", f"declare {missing} under rules.declared"
    elif verdict.holds:
        thresholds = thresholds_of(rule, facts, rule_set)
        if thresholds.missing or not thresholds.values:
            remedy = f"declare {', '.join(thresholds.missing)} under rules.declared" if thresholds.missing else "give one under rules.thresholds"
            yield path, f"the threshold of {name} is not known", remedy
