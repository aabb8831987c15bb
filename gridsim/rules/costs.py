r"""What every rule costs that a dispatch can keep: nothing where it holds already, else the cost of a dispatch that keeps it less that of one that does not.

.. math:: c = C(\text{enforced} \cup r) - C(\text{enforced}), \qquad \text{or} \quad C(\text{enforced}) - C(\text{enforced} \setminus r) \quad\text{where } r
    \text{ is enforced}

with the operating cost :math:`C` of the park as it stands: capacities do not change. In 分/kWh it is divided by the electricity of final uses (``load_mwh``,
electrolysers included) of the dispatch that was judged. Rules that say the same of the same park are solved once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from gridsim.carbon.account import carbon_of
from gridsim.carbon.rule_metrics import rule_metrics
from gridsim.dispatch.rules import enforced
from gridsim.dispatch.rules_in_turn import RulesInTurn
from gridsim.dispatch.words import energy_words
from gridsim.metrics.scorecard import scorecard
from gridsim.rules.applies import applies, facts_of, strictest, thresholds_of
from gridsim.rules.judge import judge
from gridsim.rules.library import rule_of, rule_set_of, why_not_enforced
from gridsim.rules.measure import Measure, Measures
from gridsim.rules.price import FEN_PER_KWH, ShadowPrice, shadow_of

if TYPE_CHECKING:
    from gridsim.dispatch.result import Dispatch
    from gridsim.dispatch.rules_in_turn import Trial
    from gridsim.metrics.scorecard import Scorecard
    from gridsim.park.park import Park
    from gridsim.rules.definition import Rule
    from gridsim.rules.judge import RuleFinding

RULE_SECONDS = 120.0
"""What the solver may take for each rule, where nothing is said."""

Answer = Literal["holds", "priced", "enforced", "missed", "time_limit", "not_apart", "not_in_dispatch", "open", "not_applicable"]


@dataclass(frozen=True)
class RuleCost:
    """What keeping one rule costs."""

    name: str
    answer: Answer
    """``holds`` already, at no cost; ``priced`` by solving again; ``enforced``, so priced by solving without it; ``missed`` by every dispatch; no answer within
    the time (``time_limit``) or without flows that must not meet (``not_apart``); ``not_in_dispatch``: nothing that a dispatch changes; ``open``: no row can
    say it, or a threshold, or a year, is missing; ``not_applicable``."""
    why: str = ""
    """Of ``not_in_dispatch`` and ``open``: the kind of metric, ``threshold_metric``, ``no_threshold``, ``part_of_year``."""
    if_it_applies: bool = False
    """Whether what would decide that it applies, or with which threshold, is not declared; the strictest threshold is then meant."""
    threshold: float | None = None
    unit: str = ""
    value: float | None = None
    """In the dispatch that was judged, in the worst period."""
    slack: float | None = None
    """Of a rule that holds already: how much more could be asked. [unit of the metric]"""
    cost_cny: float | None = None
    """Over the horizon. [CNY]"""
    cost_cny_per_a: float | None = None
    """The same for a whole year, where the horizon is a part of one. [CNY/a]"""
    cost_fen_per_kwh: float | None = None
    """For each kWh of load. [分/kWh]"""
    at_least_cny: float | None = None
    """No dispatch keeps the rule for less, over the horizon. Below ``cost_cny`` where burning power could keep it (`gridsim.dispatch.rules_in_turn`). [CNY]"""
    shadow: ShadowPrice | None = None
    """Of asking more than the threshold, where the rule is kept."""
    best: float | None = None
    """Of ``missed``: what the dispatch that misses the rule by least reaches. [unit of the metric]"""
    missed_mwh: float | None = None
    same_as: str = ""
    """A rule that says the same, and was solved in its place."""
    seconds: float = 0.0


@dataclass(frozen=True, eq=False)
class JudgedPark:
    """A park's dispatch, the verdict on every rule, and what each costs."""

    park: Park
    dispatch: Dispatch
    card: Scorecard
    findings: list[RuleFinding]
    costs: dict[str, RuleCost]
    """Empty where nothing was to be priced."""
    load_mwh: float
    seconds: float
    """Of pricing."""
    rule_seconds: float | None
    """What the solver was given for each rule."""


def judged_park(
    park: Park,
    *,
    price: bool = False,
    options: dict[str, Any] | None = None,
    rule_seconds: float | None = RULE_SECONDS,
    progress: Callable[[str, float], None] | None = None,
) -> JudgedPark:
    """Dispatch a park, judge it by every rule set that it reports, and find what each rule costs.

    Parameters
    ----------
    price : bool
        Whether to solve again for every rule that does not hold already, and without every rule that is enforced.
    options : dict, optional
        HiGHS options.
    rule_seconds : float, optional
        What the solver may take for each rule; None without limit.
    """
    turn = RulesInTurn(park, options=options, rule_seconds=rule_seconds, progress=progress)
    dispatch = turn.base.dispatch
    card = scorecard(dispatch, turn.base.audit)
    carbon = None if park.carbon is None else carbon_of(dispatch, card, park.carbon)
    findings = judge(dispatch, card, None if carbon is None else rule_metrics(carbon, park.indicators))
    load_mwh = float(energy_words(dispatch.draft)["load"].power(dispatch.flows).sum() * dispatch.time.step_hours)
    costs = _Costs(turn, card, load_mwh, progress).of(findings) if price else {}
    return JudgedPark(park, dispatch, card, findings, costs, load_mwh, sum(cost.seconds for cost in costs.values() if not cost.same_as), rule_seconds)


class _Costs:
    """Prices rules one after the other."""

    def __init__(self, turn: RulesInTurn, card: Scorecard, load_mwh: float, progress: Callable[[str, float], None] | None) -> None:
        self.turn, self.card, self.load_mwh, self.progress = turn, card, load_mwh, progress
        self.park, self.dispatch = turn.park, turn.base.dispatch
        self.kept = set(enforced(turn.kept.draft))

    def of(self, findings: Sequence[RuleFinding]) -> dict[str, RuleCost]:
        """Return the cost of every rule, in their order."""
        found: dict[str, RuleCost] = {}
        first: dict[tuple[Any, ...], str] = {}
        plans = [self._without_solving(finding) for finding in findings]
        todo = len({self._key(plan) for plan in plans if isinstance(plan, _Open)})
        for finding, plan in zip(findings, plans, strict=True):
            if isinstance(plan, RuleCost):
                found[finding.name] = plan
                continue
            key = self._key(plan)
            if key in first:
                same = vars(found[first[key]])
                found[finding.name] = RuleCost(**{**same, "name": finding.name, "if_it_applies": plan.if_it_applies, "same_as": first[key]})
                continue
            first[key] = finding.name
            self.turn.stage = f"price {len(first)}/{todo} {finding.name}"
            if self.progress is not None:
                self.progress(self.turn.stage, 0.0)
            found[finding.name] = self._solved(plan)
        return found

    def _key(self, plan: _Open) -> tuple[Any, ...]:
        if plan.name in self.kept:
            return (plan.name,)  # without it another that says the same would still hold it
        return plan.rule.metric, plan.rule.sense, plan.threshold, plan.rule.period

    def _without_solving(self, finding: RuleFinding) -> RuleCost | _Open:
        """Answer what needs no solve: rules that do not apply, that no dispatch changes, or that hold already."""
        park, name = self.park, finding.name
        rule, rule_set, facts = rule_of(park, name), rule_set_of(park, name.partition(".")[0]), facts_of(park)
        applicable = applies(rule, facts, rule_set).holds
        if applicable is False or finding.status == "not_applicable":
            return RuleCost(name, "not_applicable")
        if why := _no_row(rule):
            answer: Answer = "not_in_dispatch" if why in OUTSIDE_DISPATCH else "open"
            return RuleCost(name, answer, why, finding.status == "not_known", finding.threshold, rule.of.unit, finding.value)
        thresholds = thresholds_of(rule, facts, rule_set)
        if not thresholds.values:
            return RuleCost(name, "open", "no_threshold", unit=rule.of.unit, value=finding.value)
        threshold = strictest(rule, thresholds.values)
        measured = Measures(self.dispatch, self.card.ledger).of(rule.metric, rule.period)
        if not isinstance(measured, Measure):
            return RuleCost(name, "open", "part_of_year", threshold=threshold, unit=rule.of.unit)
        maybe = applicable is None or bool(thresholds.missing)
        value = _worst(measured, rule)
        if value is None:
            return RuleCost(name, "not_applicable")
        slack = value - threshold if rule.sense == ">=" else threshold - value
        if slack >= 0.0 and name not in self.kept:
            return RuleCost(name, "holds", "", maybe, threshold, rule.of.unit, value, slack, 0.0, 0.0, 0.0, 0.0)
        return _Open(name, rule, threshold, value, maybe)

    def _solved(self, plan: _Open) -> RuleCost:
        here, name = self.dispatch.objective_cny, plan.name
        if name in self.kept:
            trial = self.turn.drop(name)
            cost = None if trial.cost_cny is None else here - trial.cost_cny
            duals = self.dispatch.limit_prices.get(f"rules.{name}")
            bound, of = cost, self.dispatch
            answer: Answer = "enforced" if trial.outcome == "kept" else trial.outcome
        else:
            trial = self.turn.keep(name)
            cost = None if trial.cost_cny is None or trial.outcome == "missed" else trial.cost_cny - here
            bound = None if trial.at_least_cny is None else trial.at_least_cny - here
            duals, of = trial.duals, trial.dispatch
            answer = "priced" if trial.outcome == "kept" else trial.outcome
        share = self.park.time.share_of_year
        shadow = None if duals is None or of is None else shadow_of(of, name, plan.rule, plan.threshold, duals)
        return RuleCost(
            name=name,
            answer=answer,
            if_it_applies=plan.if_it_applies,
            threshold=plan.threshold,
            unit=plan.rule.of.unit,
            value=plan.value,
            cost_cny=_above_noise(cost, here),
            cost_cny_per_a=None if cost is None else _above_noise(cost, here) / share,
            cost_fen_per_kwh=None if cost is None or self.load_mwh <= 0.0 else _above_noise(cost, here) / self.load_mwh * FEN_PER_KWH,
            at_least_cny=_above_noise(bound, here),
            shadow=shadow,
            best=self._best(plan, trial) if trial.outcome == "missed" else None,
            missed_mwh=trial.missed_mwh if trial.outcome == "missed" and np.isfinite(trial.missed_mwh) else None,
            seconds=trial.seconds,
        )

    def _best(self, plan: _Open, trial: Trial) -> float | None:
        if trial.dispatch is None:
            return None
        measured = Measures(trial.dispatch, self.card.ledger).of(plan.rule.metric, plan.rule.period)  # sums and powers: no ledger is asked
        reached = _worst(measured, plan.rule) if isinstance(measured, Measure) else None
        if reached is None:
            return None
        return max(reached, plan.value) if plan.rule.sense == ">=" else min(reached, plan.value)  # the one that was judged may waste a little more


@dataclass(frozen=True)
class _Open:
    """A rule that has to be solved for."""

    name: str
    rule: Rule
    threshold: float
    value: float
    if_it_applies: bool


NOISE = 1e-9
"""Of the operating cost: differences below are the solver's, and none."""


def _above_noise(cost: float | None, of: float) -> Any:
    return cost if cost is None or abs(cost) > NOISE * max(1.0, abs(of)) else 0.0


OUTSIDE_DISPATCH = ("capacity", "site", "declared")
"""Kinds of metrics that no dispatch changes; the others it does, though not in a row that a program could hold."""


def _no_row(rule: Rule) -> str:
    """Word for why a rule cannot be kept as a row of the program; empty where it can, or only a number is missing."""
    if rule.of.kind not in ("energy", "power"):
        return rule.of.kind
    return "threshold_metric" if why_not_enforced(rule) and rule.threshold_metric is not None else ""


def _worst(measured: Measure, rule: Rule) -> float | None:
    known = measured.value[~np.isnan(measured.value)]
    if not known.size:
        return None
    return float(known.min() if rule.sense == ">=" else known.max())


def costs_record(judged: JudgedPark) -> dict[str, Any]:
    """Return verdicts and costs as plain data, a row a rule; a rule set's title and standing stand in each."""
    park, rows = judged.park, []
    for finding in judged.findings:
        rule_set, cost = rule_set_of(park, finding.name.partition(".")[0]), judged.costs.get(finding.name)
        rows.append({**asdict(finding), "set_title_en": rule_set.title_en, "set_title_zh": rule_set.title_zh, "cost": None if cost is None else asdict(cost)})
    return {
        "park": park.name,
        "stage": park.stage,
        "hours": park.time.hours,
        "share_of_year": park.time.share_of_year,
        "operating_cost_cny": judged.dispatch.objective_cny,
        "load_mwh": judged.load_mwh,
        "enforced": [finding.name for finding in judged.findings if finding.enforced],
        "priced": bool(judged.costs),
        "rule_seconds": judged.rule_seconds,
        "pricing_seconds": judged.seconds,
        "rules": rows,
    }
