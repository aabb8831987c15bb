r"""What a rule costs: the dual of its row, and the operating cost of the park solved again with its threshold moved, and without it.

With the dual :math:`\lambda_m` of period :math:`m` (CNY/MWh) and the base :math:`D_m` of the share (MWh),

.. math:: \frac{\mathrm dC}{\mathrm ds} = \sum_m \lambda_m D_m

in CNY for each unit of the metric; a hundredth of it for a percentage point, a tenth of :math:`\lambda` in 分/kWh. All prices are of asking *more*: positive
where the rule binds. The cost is convex in a threshold whose base is fixed, so that the price of the last step lies below the dual and that of the next above
it; where they differ, the dual is not unique, or the step passes a corner. Where binaries keep flows apart, the dual holds for their values, and both slopes
carry the gap of the integer solver.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.dispatch.rules import PREFIX, enforced
from gridsim.dispatch.words import combined, energy_words
from gridsim.errors import DefinitionError, InfeasibleError, Problem, did_you_mean
from gridsim.rules.applies import applies, facts_of
from gridsim.rules.library import enforced_names, known_ids, rule_of, rule_set_of, why_not_enforced

if TYPE_CHECKING:
    from gridsim.dispatch.result import Dispatch
    from gridsim.dispatch.solve import KeptDispatch
    from gridsim.park.park import Park
    from gridsim.rules.definition import Rule
    from gridsim.technologies.draft import Level

FEN_PER_KWH = 0.1
"""One CNY/MWh in 分/kWh."""
SHARE_STEP = 1e-3
RELATIVE_STEP = 1e-2
"""Of a threshold that is no share."""


@dataclass(frozen=True)
class ShadowPrice:
    """The dual of an enforced rule, as the price of asking more."""

    name: str
    threshold: float
    unit: str
    cny_per_mwh: float
    """In the dearest period. [CNY/MWh]"""
    fen_per_kwh: float
    """The same. [分/kWh]"""
    cny_per_unit: float | None
    """Of one unit of the metric (all of it, for a share), over the horizon; None where the row is a sum over hours that each have the threshold. [CNY]"""
    cny_per_point: float | None
    """Of one percentage point, where the metric is a share. [CNY]"""
    periods: int
    binding: int
    """Periods with a price."""


@dataclass(frozen=True)
class RulePrice:
    """What moving a rule changes, from solving again."""

    name: str
    threshold: float
    unit: str
    step: float
    shadow: ShadowPrice | None
    """None where the rule has a row an hour, or the dispatch no prices."""
    tighter_cny: float | None
    """Cost of asking one step more; None where no dispatch can. [CNY]"""
    looser_cny: float | None
    """Saved by asking one step less. [CNY]"""
    cost_cny: float | None
    """Operating cost with the rule less that without it, over the horizon. [CNY]"""
    cost_fen_per_kwh: float | None
    """The same for each kWh of load. [分/kWh]"""
    binaries: int
    """Binaries of the solution with the rule."""
    note: str
    """Why there is no number, where there is none."""

    @property
    def tighter_cny_per_unit(self) -> float | None:
        """Slope of the next step. [CNY per unit of the metric]"""
        return None if self.tighter_cny is None else self.tighter_cny / self.step

    @property
    def looser_cny_per_unit(self) -> float | None:
        """Slope of the last step. [CNY per unit of the metric]"""
        return None if self.looser_cny is None else self.looser_cny / self.step

    def agrees(self, tolerance: float = 0.01) -> bool | None:
        """Tell whether the dual lies between both slopes, up to a relative tolerance; None where there is no dual or no slope."""
        slopes = [slope for slope in (self.looser_cny_per_unit, self.tighter_cny_per_unit) if slope is not None]
        if self.shadow is None or self.shadow.cny_per_unit is None or not slopes:
            return None
        margin = tolerance * max(abs(slope) for slope in slopes) + 1e-6
        above = self.looser_cny_per_unit is None or self.shadow.cny_per_unit >= self.looser_cny_per_unit - margin
        below = self.tighter_cny_per_unit is None or self.shadow.cny_per_unit <= self.tighter_cny_per_unit + margin
        return above and below


def shadow_prices(dispatch: Dispatch) -> dict[str, ShadowPrice]:
    """Read the price of every enforced rule that has a row a period."""
    found = {}
    for name, (rule, threshold) in enforced(dispatch.draft).items():
        duals = dispatch.limit_prices.get(PREFIX + name)
        if duals is not None:
            found[name] = shadow_of(dispatch, name, rule, threshold, duals)
    return found


def shadow_of(dispatch: Dispatch, name: str, rule: Rule, threshold: float, duals: np.ndarray) -> ShadowPrice:
    """Return the price that the duals of a rule's rows are, a row a period or an hour."""
    asking_more = (duals if rule.sense == ">=" else -duals) + 0.0  # no negative zero
    dearest = float(asking_more[np.argmax(np.abs(asking_more))])
    hourly = rule.period == "hour" and duals.size == dispatch.time.steps
    per_unit = None
    if rule.of.kind == "energy":
        base = np.ones(duals.size)
        if rule.of.denominator:
            base = _bases(dispatch, rule, hourly=hourly)
        per_unit = float(asking_more @ base)
    elif hourly:
        per_unit = float(asking_more.sum()) * dispatch.time.step_hours
    share = rule.of.unit == "1" and per_unit is not None
    binding = int(np.count_nonzero(np.abs(duals) > 1e-9))
    per_point = per_unit / 100.0 if share else None
    return ShadowPrice(name, threshold, rule.of.unit, dearest, dearest * FEN_PER_KWH, per_unit, per_point, duals.size, binding)


def _bases(dispatch: Dispatch, rule: Rule, *, hourly: bool) -> np.ndarray:
    """Base of the share in each period. [MWh]"""
    draft = dispatch.draft
    power = combined(energy_words(draft), rule.of.denominator, draft.steps).power(dispatch.flows)
    if hourly:
        return power * dispatch.time.step_hours
    return np.bincount(dispatch.time.period("year" if rule.period in ("hour", "none") else rule.period), weights=power) * dispatch.time.step_hours


def price_rule(
    park: Park,
    name: str,
    *,
    step: float | None = None,
    level: Level = "linear",
    options: dict[str, Any] | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> RulePrice:
    """Solve a park with a rule, with the rule one step tighter and looser, and without it.

    The park's other enforced rules stay. A rule that the park does not enforce is enforced for this.

    Parameters
    ----------
    name : str
        ``<set>.<rule>``.
    step : float, optional
        In the metric's unit; left out, 0.001 of a share, or a hundredth of another threshold.

    Raises
    ------
    DefinitionError
        Where the rule is not one, does not apply, or cannot be enforced.
    """
    from gridsim.dispatch.solve import KeptDispatch

    _check(park, name)
    rule = rule_of(park, name)
    others = [other for other in enforced_names(park) if other != name]
    with_it = _enforcing(park, [*others, name])
    kept = KeptDispatch(with_it, level=level, options=options, progress=progress, with_network=False)
    _, threshold = enforced(kept.draft)[name]
    if step is None:
        step = SHARE_STEP if rule.of.unit == "1" else RELATIVE_STEP * max(abs(threshold), 1.0)
    without = _solved(kept, _enforcing(park, others))
    here = _solved(kept, with_it)
    if isinstance(here, str) or isinstance(without, str):
        return RulePrice(name, threshold, rule.of.unit, step, None, None, None, None, None, 0, here if isinstance(here, str) else str(without))
    more = step if rule.sense == ">=" else -step
    tighter = None if _impossible(rule, threshold + more) else _solved(kept, _moved(with_it, name, threshold + more))
    looser = None if _impossible(rule, threshold - more) else _solved(kept, _moved(with_it, name, threshold - more))
    cost = here.objective_cny - without.objective_cny
    load = _load_mwh(here)
    return RulePrice(
        name=name,
        threshold=threshold,
        unit=rule.of.unit,
        step=step,
        shadow=shadow_prices(here).get(name),
        tighter_cny=None if tighter is None or isinstance(tighter, str) else tighter.objective_cny - here.objective_cny,
        looser_cny=None if looser is None or isinstance(looser, str) else here.objective_cny - looser.objective_cny,
        cost_cny=cost,
        cost_fen_per_kwh=cost / load * FEN_PER_KWH if load > 0 else None,
        binaries=here.termination.binaries,
        note=f"asking one step more: {tighter}" if isinstance(tighter, str) else "",
    )


def _check(park: Park, name: str) -> None:
    rule_set, _, key = name.partition(".")
    if rule_set not in known_ids(park):
        raise DefinitionError("the price of a rule", [Problem(name, f"there is no rule set '{rule_set}'", did_you_mean(rule_set, known_ids(park)))])
    if key not in rule_set_of(park, rule_set).rules:
        raise DefinitionError("the price of a rule", [Problem(name, f"there is no rule '{key}'", did_you_mean(key, rule_set_of(park, rule_set).rules))])
    rule = rule_of(park, name)
    reason = why_not_enforced(rule)
    if rule.of.kind == "capacity":
        reason = "it is about what is built, which a dispatch does not change: size the park with and without it"
    if reason:
        raise DefinitionError("the price of a rule", [Problem(name, f"has no price in a dispatch: {reason}")])
    if applies(rule, facts_of(park), rule_set_of(park, rule_set)).holds is not True:
        raise DefinitionError("the price of a rule", [Problem(name, "does not apply to this park, or that is not known", "look at rules.declared")])


def _enforcing(park: Park, names: list[str]) -> Park:
    return dataclasses.replace(park, rules=park.rules.model_copy(update={"enforce": names}))


def _moved(park: Park, name: str, threshold: float) -> Park:
    return dataclasses.replace(park, rules=park.rules.model_copy(update={"thresholds": {**park.rules.thresholds, name: threshold}}))


def _impossible(rule: Rule, threshold: float) -> bool:
    """Tell whether no value could be on the threshold."""
    return not 0.0 <= threshold <= rule.of.largest


def _solved(kept: KeptDispatch, park: Park) -> Dispatch | str:
    """Return the dispatch of a park, or why there is none."""
    kept.change(park)
    try:
        return kept.solve().dispatch
    except InfeasibleError as error:
        return str(error).splitlines()[0]


def _load_mwh(dispatch: Dispatch) -> float:
    return float(energy_words(dispatch.draft)["load"].power(dispatch.flows).sum() * dispatch.time.step_hours)
