"""The verdict on each rule: pass, fail, not applicable or not known, with value, threshold and margin.

Comparisons are exact: at equality a rule is kept, one unit in the last place beyond it is broken. What is missing is *not known*, never kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from gridsim.rules.applies import Facts, FactValue, applies, asked_facts, facts_of, strictest, thresholds_of
from gridsim.rules.library import enforced_names, reported_ids, rule_of, rule_set_of, why_not_enforced
from gridsim.rules.measure import Measure, Measures, Unknown
from gridsim.rules.vocabulary import known_facts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.dispatch.result import Dispatch
    from gridsim.metrics.scorecard import Scorecard
    from gridsim.park.park import Park
    from gridsim.rules.definition import Rule, RuleSet

Status = Literal["pass", "fail", "not_applicable", "not_known"]

VALUES_ZH: dict[FactValue, str] = {
    **{True: "是", False: "否"},
    **{"hydrogen": "制氢", "other": "其他", "market": "市场化", "guaranteed": "保障性", "self_storage": "自建储能"},
}
"""What a fact's value is called in Chinese: answers, and the choices of `gridsim.rules.vocabulary.FACTS`."""

SIZED_ONLY = "it is about what is built: sizing keeps it, a dispatch does not change it"


@dataclass(frozen=True)
class OtherReading:
    """The same rule as another reading has it."""

    reading: str
    metric: str
    status: Status
    value: float | None
    threshold: float | None
    note_en: str
    note_zh: str


@dataclass(frozen=True)
class RuleFinding:
    """What became of one rule."""

    name: str
    """``<set>.<rule>``."""
    title_en: str
    title_zh: str
    """Of the rule set."""
    status: Status
    text_en: str
    text_zh: str
    document: str
    set_status: str
    """Of the document: in_force, draft, placeholder."""
    metric: str
    label_en: str
    label_zh: str
    unit: str
    sense: str
    threshold: float | None
    value: float | None
    """In the worst period."""
    margin: float | None
    """How far the value is on the right side of the threshold, negative where it is not; in the metric's unit."""
    margin_mwh: float | None
    """The same as energy of the worst period, where the metric is a share of energy. [MWh]"""
    period: str
    worst: str
    """Name of the worst period."""
    periods: int
    failing: int
    """Periods in which the rule is broken."""
    reason_en: str
    reason_zh: str
    """Why it does not apply, or is not known."""
    reading: str
    other_readings: tuple[OtherReading, ...]
    assumed: dict[str, FactValue]
    """Facts that were not declared, and what they were taken for."""
    declared: bool
    """Whether the value was declared, and not computed."""
    enforced: bool
    """Whether the dispatch had to keep it."""
    why_not_enforced: str
    certainty: str
    source: str
    note_en: str
    note_zh: str


def holds(value: NDArray[np.float64], sense: str, threshold: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell whether values keep their thresholds: exactly, without any tolerance."""
    return value >= threshold if sense == ">=" else value <= threshold


def judge(dispatch: Dispatch, card: Scorecard, given: Mapping[str, float | NDArray[np.float64]] | None = None) -> list[RuleFinding]:
    """Hold a dispatch against every rule set that its park reports or enforces.

    Parameters
    ----------
    given : mapping, optional
        Metrics of kind *given* (`gridsim.rules.vocabulary.METRICS`) that were computed elsewhere, such as ``hydrogen_kgco2e_per_kg``.
    """
    return judge_measures(dispatch.draft.park, Measures(dispatch, card.ledger, given or {}))


def judge_measures(park: Park, measures: Measures) -> list[RuleFinding]:
    """Judge whatever gives a `Measure` or the reason why not by ``of(metric, period)``."""
    names = [f"{rule_set}.{key}" for rule_set in reported_ids(park) for key in rule_set_of(park, rule_set).rules]
    facts, enforced = facts_of(park), set(enforced_names(park))
    return [_finding(park, name, facts, measures, enforced) for name in names]


@dataclass(frozen=True)
class _Verdict:
    status: Status
    value: float | None = None
    threshold: float | None = None
    margin: float | None = None
    margin_mwh: float | None = None
    worst: str = ""
    periods: int = 0
    failing: int = 0
    reason_en: str = ""
    reason_zh: str = ""
    declared: bool = False


def _finding(park: Park, name: str, facts: Facts, measures: Measures, enforced: set[str]) -> RuleFinding:
    rule_set, rule = rule_set_of(park, name.partition(".")[0]), rule_of(park, name)
    verdict = _judged(rule, rule_set, facts, measures)
    applicable = verdict.status != "not_applicable"
    return RuleFinding(
        name=name,
        **asdict(verdict),
        text_en=rule.text_en,
        text_zh=rule.text_zh,
        title_en=rule_set.title_en,
        title_zh=rule_set.title_zh,
        document=rule_set.document,
        set_status=rule_set.status,
        metric=rule.metric,
        label_en=rule.of.label_en,
        label_zh=rule.of.label_zh,
        unit=rule.of.unit,
        sense=rule.sense or "",
        period=rule.period,
        reading=rule.reading,
        other_readings=tuple(_other_readings(park, name, rule, rule_set, facts, measures)) if applicable else (),
        assumed=facts.assumed(asked_facts(rule, rule_set), rule_set),
        enforced=name in enforced and verdict.status in ("pass", "fail") and rule.of.kind != "capacity",
        why_not_enforced=why_not_enforced(rule) or (SIZED_ONLY if rule.of.kind == "capacity" else ""),
        certainty="user" if name in park.rules.thresholds else rule.certainty,
        source=f"threshold of the park file; {rule.source}" if name in park.rules.thresholds else rule.source,
        note_en=rule.note_en,
        note_zh=rule.note_zh,
    )


def _other_readings(park: Park, name: str, rule: Rule, rule_set: RuleSet, facts: Facts, measures: Measures) -> list[OtherReading]:
    """Judge the rule in each reading that was not taken."""
    written = rule_set.rules[name.partition(".")[2]]
    if not written.other_readings:
        return []
    found = []
    for reading in (written.reading, *written.other_readings):
        if reading == rule.reading:
            continue
        other = written.read_as(reading)
        if name in park.rules.thresholds:
            other = other.with_threshold(park.rules.thresholds[name])
        verdict = _judged(other, rule_set, facts, measures)
        notes = written.other_readings.get(reading)
        note_en, note_zh = ("as the rule is written", "按规则原文") if notes is None else (notes.note_en, notes.note_zh)
        found.append(OtherReading(reading, other.metric, verdict.status, verdict.value, verdict.threshold, note_en, note_zh))
    return found


def _judged(rule: Rule, rule_set: RuleSet, facts: Facts, measures: Measures) -> _Verdict:
    verdict = applies(rule, facts, rule_set)
    if verdict.holds is False:
        decisive = {name: facts.value(name, rule_set) for name in verdict.because}
        because_en = ", ".join(f"{name} = {_shown(value)}" for name, value in decisive.items())
        because_zh = "、".join(f"{_label_zh(name)}为{_shown_zh(value)}" for name, value in decisive.items())
        return _Verdict("not_applicable", reason_en=f"does not apply: {because_en}", reason_zh=f"不适用: {because_zh}")
    if verdict.holds is None:
        return _undeclared(verdict.because)
    if rule.fact is not None:
        stated = facts.value(rule.fact, rule_set)
        return _undeclared((rule.fact,)) if stated is None else _stated(stated is True)
    measured = measures.of(rule.metric, rule.period)
    if isinstance(measured, Unknown):
        return _Verdict("not_known", reason_en=measured.reason_en, reason_zh=measured.reason_zh)
    if rule.threshold_metric is not None:
        other = measures.of(rule.threshold_metric, rule.period)
        if isinstance(other, Unknown):
            return _Verdict("not_known", reason_en=other.reason_en, reason_zh=other.reason_zh)
        return _compared(rule, measured, other.value)
    thresholds = thresholds_of(rule, facts, rule_set)
    if not thresholds.values:
        return _no_threshold(thresholds.missing, measured, rule)
    results = [_compared(rule, measured, np.full(measured.value.size, value)) for value in thresholds.values]
    strict = results[thresholds.values.index(strictest(rule, thresholds.values))]
    if len({result.status for result in results}) > 1:
        fields = {**asdict(strict), "status": "not_known"}
        reason_en, reason_zh = f"depends on {', '.join(thresholds.missing)}: declare it", f"取决于{_asked_zh(thresholds.missing)},请申报"
        return _Verdict(**{**fields, "reason_en": reason_en, "reason_zh": reason_zh})
    return strict


def _compared(rule: Rule, measured: Measure, threshold: NDArray[np.float64]) -> _Verdict:
    """Compare every period; the worst is the one with the smallest margin."""
    value = measured.value
    there = np.flatnonzero(~np.isnan(value) & ~np.isnan(threshold))
    if not there.size:
        return _Verdict("not_applicable", reason_en="there is nothing to measure", reason_zh="无可计量对象")
    kept = holds(value[there], rule.sense or "", threshold[there])
    margin = value[there] - threshold[there] if rule.sense == ">=" else threshold[there] - value[there]
    # a value one unit in the last place off has a margin that is not zero, so that the worst of the broken periods is the worst of all
    place = int(np.argmin(margin))
    at = int(there[place])
    mwh = None if measured.base_mwh is None else float(margin[place] * measured.base_mwh[at])
    return _Verdict(
        "pass" if kept.all() else "fail",
        float(value[at]),
        float(threshold[at]),
        float(margin[place]),
        mwh,
        measured.label(at),
        there.size,
        int(np.count_nonzero(~kept)),
        declared=measured.declared,
    )


def _no_threshold(missing: tuple[str, ...], measured: Measure, rule: Rule) -> _Verdict:
    known = measured.value[~np.isnan(measured.value)]
    value = None if not known.size else float(known.min() if rule.sense == ">=" else known.max())
    if missing:
        reason_en, reason_zh = f"the threshold is not known: declare {', '.join(missing)}", f"阈值未知,请申报{_asked_zh(missing)}"
        return _Verdict("not_known", value, reason_en=reason_en, reason_zh=reason_zh)
    return _Verdict("not_known", value, reason_en="no threshold is known for this case", reason_zh="该情形的阈值未查到")


def _stated(kept: bool) -> _Verdict:
    return _Verdict("pass" if kept else "fail", periods=1, failing=int(not kept), declared=True)


def _undeclared(names: Sequence[str]) -> _Verdict:
    return _Verdict("not_known", reason_en=f"not stated: {', '.join(names)}", reason_zh=f"未申报: {_asked_zh(names)}")


def _shown(value: FactValue | None) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _shown_zh(value: FactValue | None) -> str:
    return VALUES_ZH.get(value, str(value)) if isinstance(value, bool | str) else str(value)


def _label_zh(name: str) -> str:
    fact = known_facts().get(name)
    return name if fact is None else fact.label_zh


def _asked_zh(names: Sequence[str]) -> str:
    """List facts that are to be declared: what they are, and the key under which they are."""
    return "、".join(f"{_label_zh(name)}({name})" for name in names)


def summary_of(findings: Sequence[RuleFinding]) -> dict[str, float | str]:
    """Return flat keys for ``summary.json``: ``rule.<set>.<rule>`` with the verdict, and ``.value``, ``.threshold`` and ``.margin`` where there are any."""
    flat: dict[str, float | str] = {}
    for finding in findings:
        key = f"rule.{finding.name}"
        flat[key] = finding.status
        flat |= {f"{key}.{part}": value for part in ("value", "threshold", "margin") if (value := getattr(finding, part)) is not None}
    return flat
