"""Rule sets by their id: those that gridsim ships, ``gridsim/data/rules/*.yaml``, and a park's own, ``rules/*.yaml`` in its folder."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from gridsim.errors import Problem, quoted
from gridsim.park.document_file import read_document, shipped_document
from gridsim.park.files import shown
from gridsim.rules.definition import Rule, RuleSet

if TYPE_CHECKING:
    from gridsim.park.park import Park

FOLDER = Path(__file__).parents[1] / "data" / "rules"


@cache
def shipped_ids() -> tuple[str, ...]:
    """Ids of the shipped rule sets; a file is called after its id, so that no file is opened for this."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


@cache
def shipped(rule_set: str) -> RuleSet:
    """Return one shipped rule set."""
    return shipped_document(FOLDER / f"{rule_set}.yaml", RuleSet)


def read_rule_set(path: Path, problems: list[Problem]) -> RuleSet | None:
    """Read one rule set, or note everything that is wrong with its file."""
    return read_document(path, RuleSet, "id:, title_en:, title_zh:, document: and rules:", problems)


def own_rule_sets(folder: Path, problems: list[Problem]) -> dict[str, RuleSet]:
    """Return the rule sets in a park's folder by id, and note everything that is wrong with their files."""
    found: dict[str, RuleSet] = {}
    for path in sorted((folder / "rules").glob("*.yaml")):
        rule_set = read_rule_set(path, problems)
        if rule_set is None:
            continue
        if rule_set.id in shipped_ids():
            remedy = "give it an id of its own; park.yaml can name both, or change single thresholds under rules.thresholds"
            problems.append(Problem("id", f"{quoted(rule_set.id)} is a rule set that gridsim ships", remedy, shown(path)))
        else:
            found[rule_set.id] = rule_set
    return found


def known_ids(park: Park) -> tuple[str, ...]:
    """Ids of all rule sets that a park can name."""
    return (*shipped_ids(), *park.own_rule_sets)


def rule_set_of(park: Park, rule_set: str) -> RuleSet:
    """Return a rule set by its id."""
    return park.own_rule_sets[rule_set] if rule_set in park.own_rule_sets else shipped(rule_set)


def reported_ids(park: Park) -> tuple[str, ...]:
    """Ids of the rule sets that a park is judged by: those it reports, and those it enforces rules of."""
    wanted = known_ids(park) if park.rules.report == "all" else park.rules.report
    enforced = [name.partition(".")[0] for name in park.rules.enforce]
    return tuple(dict.fromkeys([*wanted, *enforced]))


def rule_of(park: Park, name: str) -> Rule:
    """Return a rule by its whole name, ``<set>.<rule>``, in the reading and with the threshold that the park has it in."""
    rule_set, _, key = name.partition(".")
    rule = rule_set_of(park, rule_set).rules[key].read_as(park.rules.readings.get(name, ""))
    return rule.with_threshold(park.rules.thresholds[name]) if name in park.rules.thresholds else rule


def enforced_names(park: Park) -> tuple[str, ...]:
    """Return the whole names of the rules to enforce; of a whole set, those that can be."""
    names: list[str] = []
    for wanted in park.rules.enforce:
        rule_set, dot, _ = wanted.partition(".")
        whole = [f"{rule_set}.{key}" for key in rule_set_of(park, rule_set).rules]
        names += [wanted] if dot else [name for name in whole if not why_not_enforced(rule_of(park, name))]
    return tuple(dict.fromkeys(names))


def why_not_enforced(rule: Rule) -> str:
    """Why a rule cannot be a constraint of the dispatch; empty where it can."""
    if rule.of.why_not_enforced:
        return f"{rule.of.label_en}: {rule.of.why_not_enforced}"
    if rule.threshold_metric is not None:
        return "its threshold depends on the dispatch"
    if rule.threshold is None and not rule.thresholds and rule.threshold_fact is None:
        return "its threshold is not known; give one under rules.thresholds"
    return ""
