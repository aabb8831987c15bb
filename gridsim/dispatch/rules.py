r"""Rules that the dispatch must keep, as constraints on the flows.

A rule holds a ratio of two sums over a period, :math:`N/D`, against a threshold :math:`s`. Where :math:`D \ge 0`,

.. math:: N - (s + \epsilon) D \ge 0 \quad\text{for at least } s, \qquad N - (s - \epsilon) D \le 0 \quad\text{for at most } s

with :math:`\epsilon = 10^{-9}`, so that the rule truly holds and not only up to the solver's tolerance; a share stays within 0..1. The dual
:math:`\lambda` of the row is the price of one MWh, and :math:`\mathrm dC/\mathrm ds = \lambda D` that of the threshold. Available energy stands on the
right-hand side, where sizing finds its capacities (`gridsim.dispatch.sizes`). A rule on what is built, such as storage over wind and sun, is a constraint of
sizing only: no dispatch can change what it finds, and the verdict tells whether it holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridsim.dispatch.words import Linear, capacity_words, combined, energy_words
from gridsim.rules.applies import applies, facts_of, strictest, thresholds_of
from gridsim.rules.library import enforced_names, rule_of, rule_set_of
from gridsim.technologies.draft import HourlyLimit, PeriodLimit, Term

if TYPE_CHECKING:
    from gridsim.rules.definition import Rule
    from gridsim.technologies.draft import NetworkDraft

MARGIN = 1e-9
"""By how much an enforced threshold is passed, in the unit of the rule's metric: far more than the solver's tolerance, and nobody's money."""

CAPACITY_MARGIN = 1e-6
"""The same for rules on what is built, relative to the threshold: the interior point method leaves capacities less exact than flows."""

PREFIX = "rules."
"""Of the names of requests that are rules: ``rules.<set>.<rule>``."""


def add_rules(draft: NetworkDraft) -> None:
    """Write every rule on flows that the park enforces, and that applies to it, into the draft."""
    for name, (rule, threshold) in enforced(draft).items():
        if rule.of.kind != "capacity":
            _add_energy(draft, name, rule, threshold)


def add_capacity_rules(draft: NetworkDraft) -> None:
    """Write every rule on what is built into a draft that is sized."""
    for name, (rule, threshold) in enforced(draft).items():
        if rule.of.kind == "capacity":
            _add_capacity(draft, name, rule, threshold)


def enforced(draft: NetworkDraft) -> dict[str, tuple[Rule, float]]:
    """Return the rules that the dispatch of a draft keeps, with the threshold of each (the strictest that can be meant).

    A sum that is asked of a year is not asked of a part of it.
    """
    park, found = draft.park, {}
    for name in enforced_names(park):
        rule, rule_set, facts = rule_of(park, name), rule_set_of(park, name.partition(".")[0]), facts_of(park)
        if rule.of.kind == "energy" and not rule.of.denominator and rule.period == "year" and park.time.share_of_year < 1.0:
            continue
        thresholds = thresholds_of(rule, facts, rule_set).values
        if applies(rule, facts, rule_set).holds is not False and thresholds:
            found[name] = rule, strictest(rule, thresholds)
    return found


def tightened(rule: Rule, threshold: float) -> float:
    """Return the threshold with its margin; one that no value can pass, such as a share of 1 or an export of 0, stays."""
    if rule.sense == ">=":
        return min(threshold + MARGIN, max(threshold, rule.of.largest))
    return max(threshold - MARGIN, min(threshold, 0.0))


def _add_energy(draft: NetworkDraft, name: str, rule: Rule, threshold: float) -> None:
    words, limit = energy_words(draft), tightened(rule, threshold)
    ratio = bool(rule.of.denominator)
    factors = dict(rule.of.numerator)
    for word, factor in rule.of.denominator.items():
        factors[word] = factors.get(word, 0.0) - limit * factor
    row = combined(words, factors, draft.steps)
    if not row.terms:
        row = _held(draft, row)
    absolute = 0.0 if ratio else limit
    never = not ratio and limit <= 0.0 and rule.sense == "<="
    if rule.period == "hour" and not never:
        draft.request(HourlyLimit(PREFIX + name, row.terms, rule.sense, absolute - row.fixed))
        return
    # what must be zero in every hour is zero in sum, because no flow is negative: one row, with a price
    period = draft.park.time.period("year" if rule.period in ("hour", "none") else rule.period)
    fixed_mwh = np.bincount(period, weights=row.fixed) * draft.park.time.step_hours
    draft.request(PeriodLimit(PREFIX + name, row.terms, rule.sense, absolute - fixed_mwh, period, need=PREFIX + name))


def _add_capacity(draft: NetworkDraft, name: str, rule: Rule, threshold: float) -> None:
    """0 (sense) s · denominator − numerator: a row without flows, whose right-hand side moves with the capacities."""
    built = capacity_words(draft)
    limit = threshold * (1.0 + CAPACITY_MARGIN if rule.sense == ">=" else 1.0 - CAPACITY_MARGIN)
    right = sum(limit * factor * built[word] for word, factor in rule.of.denominator.items())
    right -= sum(factor * built[word] for word, factor in rule.of.numerator.items())
    draft.request(PeriodLimit(PREFIX + name, (), rule.sense, np.array([right]), draft.park.time.period("year"), need=PREFIX + name))


def _held(draft: NetworkDraft, row: Linear) -> Linear:
    """Return a row without flows with one flow times zero, because every row of a dispatch has a flow."""
    first = next(component for component in draft.components.values() if component.kind != "Load")
    return Linear((Term(first.name, 0.0),), row.fixed)
