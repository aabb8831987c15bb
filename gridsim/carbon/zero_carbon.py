r"""A park beside the core threshold of national zero-carbon parks (发改环资〔2025〕910号), and what would be needed to reach it.

.. math:: r = \frac{\text{CO}_2}{\text{tce}}, \qquad \text{gap} = \max(0,\ \text{CO}_2 - r^* \text{tce}), \qquad
   \text{green electricity} = \min\!\Big(\frac{\text{gap}}{\varepsilon},\ I - C\Big)

Green electricity or certificates in place of grid power leave the energy use as it is; what they cannot close is left to fuels, processes and savings. The
threshold depends on what the park uses a year, and below 0.2 Mtce none is stated. The accounting annex of the notice was not found: electricity at the average
factor with direct supply and certificates at zero, and both values of electricity in standard coal, are shown; the equivalent value is the stricter one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gridsim.carbon.factors import Figure, data, figure

if TYPE_CHECKING:
    from gridsim.carbon.energy_use import Accounting, EnergyUse
    from gridsim.carbon.factors import FactorSet


@dataclass(frozen=True)
class Gap:
    """Emissions and energy beside one threshold; of a park, or for each unit of value added."""

    emissions_t: float
    energy_tce: float
    threshold: float
    """[t/tce]"""

    @property
    def value(self) -> float:
        """Emissions for each unit of energy. [t/tce]"""
        return self.emissions_t / self.energy_tce if self.energy_tce > 0 else 0.0

    @property
    def factor(self) -> float:
        """How many times the threshold it is."""
        return self.value / self.threshold

    @property
    def met(self) -> bool:
        """Whether it is at or below the threshold."""
        return self.value <= self.threshold

    @property
    def to_cut_t(self) -> float:
        """Emissions that must go while the energy use stays. [t]"""
        return 0.0 if self.met else self.emissions_t - self.threshold * self.energy_tce

    @property
    def to_cut_share(self) -> float:
        """The same over all emissions. [1]"""
        return self.to_cut_t / self.emissions_t if self.emissions_t > 0 else 0.0


@dataclass(frozen=True)
class Case:
    """The gap at one accounting, and how green electricity would close it."""

    accounting: str
    energy_tce_per_year: float
    """Decides the threshold; the run's energy for a whole year."""
    threshold: Figure | None
    """None below 0.2 Mtce a year: not stated."""
    gap: Gap | None
    value: float
    green_electricity_mwh: float
    """Grid electricity to be replaced by direct supply or certificates. [MWh]"""
    left_t: float
    """What must still be cut elsewhere. [t]"""


@dataclass(frozen=True)
class ZeroCarbon:
    """Both accountings."""

    equivalent: Case
    equal: Case

    @property
    def figures(self) -> dict[str, float]:
        """Flat keys with units; the threshold and its gap only where one applies."""
        found = {"carbon_per_tce": self.equivalent.value, "carbon_per_tce_equal_value": self.equal.value}
        if self.equivalent.gap is not None:
            found |= {
                "zero_carbon_threshold_t_per_tce": self.equivalent.gap.threshold,
                "zero_carbon_factor": self.equivalent.gap.factor,
                "zero_carbon_to_cut_t": self.equivalent.gap.to_cut_t,
                "zero_carbon_green_electricity_mwh": self.equivalent.green_electricity_mwh,
            }
        return found


def core_thresholds() -> tuple[Figure, ...]:
    """Every core threshold, in the order of the energy use it is for. [t/tce]"""
    return tuple(figure(_plain(entry), "t/tce") for entry in data("products")["zero_carbon_park"]["core"])


def core_threshold(energy_tce_per_year: float) -> Figure | None:
    """Return the threshold for a park that uses so much a year, or None where none is stated. [t/tce]"""
    for entry in data("products")["zero_carbon_park"]["core"]:
        below = entry["below_tce"]
        if energy_tce_per_year >= entry["from_tce"] and (below is None or energy_tce_per_year < below):
            return figure(_plain(entry), "t/tce")
    return None


def green_share_needed(threshold_t_per_tce: float, tce_per_mwh: float, grid_t_per_mwh: float) -> float:
    r"""Share of green power with which electricity alone reaches a threshold: :math:`1 - r^* a / \varepsilon`. [1]

    Examples
    --------
    >>> round(green_share_needed(0.3, 0.1229, 0.5122), 3)
    0.928
    """
    return max(0.0, 1.0 - threshold_t_per_tce * tce_per_mwh / grid_t_per_mwh) if grid_t_per_mwh > 0 else 0.0


def zero_carbon(energy: EnergyUse, known_t: float, factors: FactorSet, uncovered_mwh: float) -> ZeroCarbon:
    """Place a park beside the threshold.

    Parameters
    ----------
    energy : EnergyUse
    known_t : float
        Fuels and electricity that the simulation knows, direct supply and certificates at zero. [t]
    factors : FactorSet
    uncovered_mwh : float
        Imports without certificates. [MWh]
    """
    emissions = known_t + energy.other_emissions_t
    return ZeroCarbon(*(_case(accounting, emissions, energy.share_of_year, factors, uncovered_mwh) for accounting in (energy.equivalent, energy.equal)))


def _case(accounting: Accounting, emissions_t: float, share_of_year: float, factors: FactorSet, uncovered_mwh: float) -> Case:
    total = accounting.total_tce
    threshold = core_threshold(total / share_of_year)
    value = emissions_t / total if total > 0 else 0.0
    if threshold is None:
        return Case(accounting.name, total / share_of_year, None, None, value, 0.0, 0.0)
    gap = Gap(emissions_t, total, threshold.value)
    factor = factors.average.value
    replaced = min(gap.to_cut_t / factor, uncovered_mwh) if factor > 0 else 0.0
    return Case(accounting.name, total / share_of_year, threshold, gap, value, replaced, gap.to_cut_t - factor * replaced)


def _plain(entry: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in entry.items() if key in {"value", "source", "certainty"}}
