"""What a rule set's file may say."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator

from gridsim.errors import did_you_mean, quoted
from gridsim.park.definition import Definition
from gridsim.park.document_file import Certainty, Document
from gridsim.rules.vocabulary import METRICS, Fact, Metric, known_facts

Sense = Literal[">=", "<="]
Period = Literal["hour", "month", "year", "none"]


class Between(Definition):
    """A range of numbers; both ``min`` and ``max`` belong to it, ``above`` and ``below`` do not."""

    min: float | None = None
    above: float | None = None
    max: float | None = None
    below: float | None = None

    def holds(self, value: float) -> bool:
        """Tell whether a number lies in the range."""
        return (
            (self.min is None or value >= self.min)
            and (self.above is None or value > self.above)
            and (self.max is None or value <= self.max)
            and (self.below is None or value < self.below)
        )


When = dict[str, bool | int | str | Between]
"""Facts with the value, or the range, that each must have; all together."""


class Case(Definition):
    """One threshold with the circumstances it is meant for."""

    threshold: float
    when: When = Field(default_factory=dict)
    """Left out: in all other cases."""


class Reading(Definition):
    """Another way to read the same rule; what is left out is as in the rule itself."""

    metric: str | None = None
    threshold: float | None = None
    note_en: str
    note_zh: str

    @field_validator("metric")
    @classmethod
    def _metric_exists(cls, word: str | None) -> str | None:
        return None if word is None else _known_metric(word)


class Rule(Definition):
    """One condition of a document."""

    text_en: str
    text_zh: str
    metric: str
    """A word of `gridsim.rules.vocabulary.METRICS`."""
    sense: Sense | None = None
    threshold: float | None = None
    """In the metric's unit. None of the four: the document's number is not known."""
    thresholds: list[Case] = Field(default_factory=list)
    """The first case that holds counts."""
    threshold_fact: str | None = None
    threshold_metric: str | None = None
    fact: str | None = None
    """The fact that decides a rule on the metric ``declared``; it must be true."""
    period: Period = "year"
    when: When = Field(default_factory=dict)
    unless: list[When] = Field(default_factory=list)
    """Exemptions; one of them is enough."""
    reading: str = ""
    """Name of the reading that stands in the rule itself: the strictest."""
    other_readings: dict[str, Reading] = Field(default_factory=dict)
    certainty: Certainty
    source: str
    note_en: str = ""
    note_zh: str = ""

    @field_validator("metric", "threshold_metric")
    @classmethod
    def _metric_exists(cls, word: str | None) -> str | None:
        return None if word is None else _known_metric(word)

    @model_validator(mode="after")
    def _whole(self) -> Rule:
        given = [key for key in ("threshold", "thresholds", "threshold_fact", "threshold_metric") if getattr(self, key) not in (None, [])]
        if len(given) > 1:
            raise ValueError(f"has {' and '.join(given)}", "give one of them")
        if self.metric == "declared":
            if self.fact is None or given or self.sense is not None:
                raise ValueError("is declared, and has no fact, or a threshold beside it", "give fact: alone, the name of a fact that must be true")
        elif self.fact is not None:
            raise ValueError(f"has a fact, but its metric is {self.metric}", "write metric: declared, or remove fact:")
        elif self.sense is None:
            raise ValueError("has no sense", 'write sense: ">=" or sense: "<="')
        if self.other_readings and not self.reading:
            raise ValueError("has other readings, but its own has no name", "write reading: and a name for it")
        return self

    @property
    def of(self) -> Metric:
        """The metric."""
        return METRICS[self.metric]

    def read_as(self, reading: str) -> Rule:
        """Return the rule as another reading has it."""
        if reading in ("", self.reading):
            return self
        other = self.other_readings[reading]
        changes = {key: value for key, value in (("metric", other.metric), ("threshold", other.threshold)) if value is not None}
        return self.model_copy(update={**changes, "reading": reading})

    def with_threshold(self, threshold: float) -> Rule:
        """Return the rule with a threshold of the user's."""
        return self.model_copy(update={"threshold": threshold, "thresholds": [], "threshold_fact": None, "threshold_metric": None})


class OwnFact(Definition):
    """A fact that only this rule set asks for."""

    label_en: str
    label_zh: str
    kind: Literal["boolean", "number"] = "boolean"
    unit: str = ""

    def as_fact(self) -> Fact:
        """Return it as one of the vocabulary."""
        return Fact(self.label_en, self.label_zh, self.kind, (), self.unit)


def _rule_name(name: str) -> str:
    if "." in name or name != name.strip():
        raise ValueError(f"{quoted(name)} cannot be the name of a rule", "use letters, digits, underscores")
    return name


RuleName = Annotated[str, AfterValidator(_rule_name)]


class RuleSet(Document):
    """The rules of one document."""

    title_en: str
    title_zh: str
    when: When = Field(default_factory=dict)
    """What all its rules need to apply."""
    assume: dict[str, bool | int | str] = Field(default_factory=dict)
    """Facts that count as this where they are not declared: the strict side. Shown with each verdict."""
    facts: dict[str, OwnFact] = Field(default_factory=dict)
    rules: Annotated[dict[RuleName, Rule], Field(min_length=1)]

    @model_validator(mode="after")
    def _facts_exist(self) -> RuleSet:
        known = {**known_facts(), **self.facts}
        for name in self.facts:
            if name in known_facts():
                raise ValueError(f"defines the fact {quoted(name)}, which gridsim has already", "remove it from facts:, or rename it")
        for where, name in self._named_facts():
            if name not in known:
                raise ValueError(f"{where} names {quoted(name)}, which is not a fact", f"{did_you_mean(name, known)}; a fact of your own stands under facts:")
        return self

    def _named_facts(self) -> list[tuple[str, str]]:
        named = [("when", name) for name in self.when] + [("assume", name) for name in self.assume]
        for key, rule in self.rules.items():
            groups = [rule.when, *rule.unless, *(case.when for case in rule.thresholds)]
            named += [(f"rules.{key}", name) for group in groups for name in group]
            named += [(f"rules.{key}", name) for name in (rule.fact, rule.threshold_fact) if name is not None]
        return named


def _known_metric(word: str) -> str:
    if word not in METRICS:
        raise ValueError(f"{quoted(word)} is not a metric", did_you_mean(word, METRICS))
    return word
