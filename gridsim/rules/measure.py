r"""What a dispatch reaches of each metric, period by period: plain sums and one division, so that a threshold can be met to the last bit.

Metrics of energy are evaluated from the same linear words that enforce them (`gridsim.dispatch.words`). Traced ones come from the green ledger:

.. math:: \text{hydrogen\_grid\_share} = 1 - \frac{\sum g}{\sum h}, \qquad \text{hydrogen\_matched\_share} = \min\Big(1, \frac{\sum (g + x)}{\sum h}\Big)

with electrolysis :math:`h`, its green part :math:`g` and exports of green power :math:`x`, which count where a period is longer than a snapshot.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from gridsim.dispatch.words import capacity_words, combined, electrolysers, energy_words
from gridsim.rules.vocabulary import METRICS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.dispatch.result import Dispatch
    from gridsim.dispatch.words import Linear
    from gridsim.metrics.green import GreenLedger
    from gridsim.rules.definition import Period

LEDGER_RESOLUTION = 1e-9
"""Grey power below this share of what is used is rounding of the ledger's linear systems, and none. [1]"""

NOTHING_MW = 1e-9
"""Powers and energies below this are what a solver leaves of zero, and no base for a ratio. [MW, MWh]"""


@dataclass(frozen=True)
class Measure:
    """Values of one metric, one a period."""

    value: NDArray[np.float64]
    """NaN in periods with nothing to measure."""
    base_mwh: NDArray[np.float64] | None = None
    """What a share is a share of. [MWh]"""
    label: Callable[[int], str] = lambda _: ""
    """Name of a period."""
    declared: bool = False
    """Whether a user stated it."""


@dataclass(frozen=True)
class Unknown:
    """Why a metric has no value."""

    reason_en: str
    reason_zh: str


@dataclass(frozen=True)
class Measures:
    """Every metric of one dispatch.

    Parameters
    ----------
    given : mapping
        Metrics that other parts of gridsim compute, or a user declares, by their words: one number, or one a period (hours: shape (T,); months in order).
    """

    dispatch: Dispatch
    ledger: GreenLedger
    given: Mapping[str, float | NDArray[np.float64]] = field(default_factory=dict)

    def of(self, metric: str, period: Period) -> Measure | Unknown:
        """Return what was reached of a metric in each period."""
        match METRICS[metric].kind:
            case "energy" | "power":
                return self._energy(metric, period)
            case "capacity":
                return self._capacity(metric)
            case "traced":
                return {
                    "hydrogen_grid_share": self._grid_share,
                    "hydrogen_matched_share": self._matched_share,
                    "grid_peak_valley_ratio": self._peak_valley,
                    "natural_peak_valley_ratio": self._natural_peak_valley,
                }[metric](period)
            case "site":
                return self._voltage(metric)
            case _:
                return self._given(metric)

    # ---- sums

    @cached_property
    def _linear(self) -> dict[str, Linear]:
        return energy_words(self.dispatch.draft)

    @cached_property
    def _words(self) -> dict[str, NDArray[np.float64]]:
        return {word: linear.power(self.dispatch.flows) for word, linear in self._linear.items()}

    def _summed(self, power: NDArray[np.float64], period: Period) -> NDArray[np.float64]:
        """Energy of each period. [MWh]"""
        hours = self.dispatch.time.step_hours
        if period == "hour":
            return power * hours
        return np.bincount(self.dispatch.time.period("year" if period == "none" else period), weights=power) * hours

    def _label(self, period: Period) -> Callable[[int], str]:
        time = self.dispatch.time
        if period == "hour":
            return time.label
        if period == "month":
            first = np.searchsorted(time.billing_month, np.arange(int(time.billing_month[-1]) + 1))
            return lambda number: time.label(first[number])[:7]
        return lambda _: time.label(0)[:4] if period == "year" else ""

    def _energy(self, metric: str, period: Period) -> Measure | Unknown:
        word, draft = METRICS[metric], self.dispatch.draft
        above = combined(self._linear, word.numerator, draft.steps).power(self.dispatch.flows)
        if word.kind == "power":
            return Measure(above, None, self._label("hour"))
        energy = self._summed(above, period)
        if not word.denominator:
            if period == "year" and self.dispatch.time.share_of_year < 1.0:
                hours = f"{self.dispatch.time.hours:g}"
                return Unknown(f"the run covers {hours} h, and the rule asks for a year", f"仿真仅{hours}小时,规则按年计算")
            return Measure(energy, None, self._label(period))
        below = self._summed(combined(self._linear, word.denominator, draft.steps).power(self.dispatch.flows), period)
        return Measure(_ratio(energy, below), below, self._label(period))

    def _capacity(self, metric: str) -> Measure:
        word, built = METRICS[metric], capacity_words(self.dispatch.draft)
        above, below = (sum(factor * built[part] for part, factor in side.items()) for side in (word.numerator, word.denominator))
        if metric == "storage_hours" and built["storage_mw"] == 0.0:
            return Measure(np.zeros(1))
        return Measure(_ratio(np.array([above]), np.array([below])))

    # ---- traced

    @cached_property
    def _green_electrolysis(self) -> NDArray[np.float64]:
        """Green part of electrolysis, rounded to all of it where the rest is the ledger's rounding. Shape (T,). [MW]"""
        whole = self._words["electrolysis"]
        green = sum((self.ledger.green_used_by.get(name, 0.0) for name in electrolysers(self.dispatch.draft)), start=np.zeros(whole.size))
        return np.where(whole - green <= LEDGER_RESOLUTION * whole, whole, np.maximum(green, 0.0))

    def _grid_share(self, period: Period) -> Measure:
        whole = self._summed(self._words["electrolysis"], period)
        grey = self._summed(self._words["electrolysis"] - self._green_electrolysis, period)
        return Measure(_ratio(grey, whole), whole, self._label(period))

    def _matched_share(self, period: Period) -> Measure:
        whole = self._summed(self._words["electrolysis"], period)
        green = self._summed(self._green_electrolysis, period)
        if period != "hour":
            green = green + self._summed(self.ledger.green_exported_mw, period)
        return Measure(_ratio(np.minimum(green, whole), whole), whole, self._label(period))

    def _peak_valley(self, period: Period) -> Measure:
        return self._spread(self._words["import"], period)

    def _natural_peak_valley(self, period: Period) -> Measure:
        draft = self.dispatch.draft
        loads = [component["p_set"] for component in draft.having("load") if draft.electric(component["bus"])]
        return self._spread(sum(loads, start=np.zeros(draft.steps)), period)

    def _spread(self, power: NDArray[np.float64], period: Period) -> Measure:
        """(highest − lowest) / highest of each period; a power that is always zero does not swing."""
        block = self.dispatch.time.period(period if period in {"day", "month"} else "year")
        count = int(block.max()) + 1
        high, low = np.full(count, -np.inf), np.full(count, np.inf)
        np.maximum.at(high, block, power)
        np.minimum.at(low, block, power)
        return Measure(np.where(high > NOTHING_MW, (high - low) / np.where(high > NOTHING_MW, high, 1.0), 0.0), None, self._label(period))

    # ---- what is not dispatched

    def _voltage(self, metric: str) -> Measure | Unknown:
        park = self.dispatch.draft.park
        at_grid = {technology.bus for technology in park.technologies.values() if technology.type == "grid_connection"}
        buses = park.buses if metric == "highest_voltage_kv" else at_grid
        volts = [park.buses[bus].voltage_kv for bus in buses if park.buses[bus].carrier == "electricity"]
        known = [voltage for voltage in volts if voltage is not None]
        if not known:
            return Unknown("no electric bus of the park file has voltage_kv", "母线未填写 voltage_kv")
        return Measure(np.array([max(known)]))

    def _given(self, metric: str) -> Measure | Unknown:
        declared = self.dispatch.draft.park.rules.declared
        value = self.given.get(metric, declared.get(metric))
        if value is None and METRICS[metric].whole_energy:
            return Unknown(
                f"{metric} is about all energy of the park, of which the simulation sees electricity: say under carbon.other_energy what else it uses, "
                "be it nothing, or declare it under rules.declared",
                f"{METRICS[metric].label_zh}({metric})涉及园区全部能源,仿真仅含电力:请在 carbon.other_energy 中填写其余能源(可为零),或在 rules.declared 中申报",
            )
        if value is None:
            return Unknown(
                f"{metric} was not computed in this run; declare it under rules.declared",
                f"本次仿真未计算{METRICS[metric].label_zh}({metric}),可在 rules.declared 中申报",
            )
        return Measure(np.atleast_1d(np.asarray(value, dtype=float)), declared=metric not in self.given)


def _ratio(above: NDArray[np.float64], below: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return above / below; NaN where there is nothing below."""
    there = below > NOTHING_MW
    return np.where(there, above / np.where(there, below, 1.0), np.nan)
