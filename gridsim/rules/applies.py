"""Whether a rule applies to a park, and with which threshold, by what is declared; what is not declared leaves the answer open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gridsim.rules.definition import Between, Rule, RuleSet, When

if TYPE_CHECKING:
    from gridsim.park.park import Park

FactValue = bool | int | float | str


@dataclass(frozen=True)
class Facts:
    """What is known about a park, each value with where it is from."""

    declared: Mapping[str, FactValue]
    from_park: Mapping[str, FactValue]
    """What the park file shows; what is declared goes before it."""

    def value(self, name: str, rule_set: RuleSet) -> FactValue | None:
        """Return a fact's value: declared, shown by the park, or assumed by the rule set; None where nobody says."""
        for source in (self.declared, self.from_park, rule_set.assume):
            if name in source:
                return source[name]
        return None

    def assumed(self, names: set[str], rule_set: RuleSet) -> dict[str, FactValue]:
        """Return the facts that only the rule set's assumption answers."""
        return {name: rule_set.assume[name] for name in sorted(names) if name in rule_set.assume and name not in {*self.declared, *self.from_park}}


def facts_of(park: Park) -> Facts:
    """Collect what a park declares, and what its file shows."""
    kinds = {technology.type for technology in park.technologies.values()}
    shown: dict[str, FactValue] = {
        "year": park.time.start.year,
        "has_hydrogen": "electrolyser" in kinds,
        "grid_connected": "grid_connection" in kinds,
    }
    if "grid_connection" in kinds:
        shown["declared_exchange_mw"] = _exchange_mw(park)
    return Facts(dict(park.rules.declared), shown)


def _exchange_mw(park: Park) -> float:
    """Limits of all grid connections, the larger of both ways. [MW]"""
    connections: list[Any] = [technology for technology in park.technologies.values() if technology.type == "grid_connection"]
    return float(sum(max(c.import_limit_mw, c.export_limit_mw if c.export_allowed else 0.0) for c in connections))


@dataclass(frozen=True)
class Verdict:
    """True, False, or None where it hangs on facts that are not declared."""

    holds: bool | None
    because: tuple[str, ...] = ()
    """Facts that decided it, or that are missing."""


def fulfilled(when: When, facts: Facts, rule_set: RuleSet) -> Verdict:
    """Tell whether all conditions hold: one that fails decides, else one that is open leaves it open."""
    open_facts = []
    for name, wanted in when.items():
        value = facts.value(name, rule_set)
        if value is None:
            open_facts.append(name)
        elif not (wanted.holds(float(value)) if isinstance(wanted, Between) else value == wanted):
            return Verdict(False, (name,))
    return Verdict(None, tuple(open_facts)) if open_facts else Verdict(True, tuple(when))


def applies(rule: Rule, facts: Facts, rule_set: RuleSet) -> Verdict:
    """Tell whether a rule applies; an exemption counts only where it is shown to hold."""
    verdict = fulfilled({**rule_set.when, **rule.when}, facts, rule_set)
    if verdict.holds is False:
        return verdict
    for exemption in rule.unless:
        if (exempt := fulfilled(exemption, facts, rule_set)).holds:
            return Verdict(False, exempt.because)
    return verdict


@dataclass(frozen=True)
class Thresholds:
    """The thresholds that can be meant: one where everything that decides is declared."""

    values: tuple[float, ...]
    missing: tuple[str, ...] = ()
    """Facts that would decide between them, or that the threshold itself is."""


def thresholds_of(rule: Rule, facts: Facts, rule_set: RuleSet) -> Thresholds:
    """Return the threshold by the first case that holds; while cases before it are open, theirs are possible too."""
    if rule.threshold is not None:
        return Thresholds((rule.threshold,))
    if rule.threshold_fact is not None:
        value = facts.value(rule.threshold_fact, rule_set)
        return Thresholds((), (rule.threshold_fact,)) if value is None else Thresholds((float(value),))
    possible: list[float] = []
    missing: list[str] = []
    for case in rule.thresholds:
        verdict = fulfilled(case.when, facts, rule_set)
        if verdict.holds is False:
            continue
        possible.append(case.threshold)
        if verdict.holds:
            break
        missing += verdict.because
    return Thresholds(tuple(dict.fromkeys(possible)), tuple(dict.fromkeys(missing)))


def strictest(rule: Rule, values: tuple[float, ...]) -> float:
    """Return the threshold that asks most."""
    return max(values) if rule.sense == ">=" else min(values)


def asked_facts(rule: Rule, rule_set: RuleSet) -> set[str]:
    """Names of all facts that a rule hangs on."""
    groups = [rule_set.when, rule.when, *rule.unless, *(case.when for case in rule.thresholds)]
    return {name for group in groups for name in group} | {name for name in (rule.fact, rule.threshold_fact) if name is not None}
