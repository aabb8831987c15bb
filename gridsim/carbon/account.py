r"""The carbon account of a solved dispatch: fuels burnt in the park (scope 1) and electricity from outside (scope 2), by year and month.

.. math::
   \text{scope 1} &= \sum_k \varphi_k F_k \\
   \text{scope 2, location-based} &= \varepsilon_\text{average} I \\
   \text{scope 2, market-based} &= \varepsilon_\text{residual} (I - C), \qquad C = \min(\text{certificates}, I) \\
   \text{direct supply and certificates at zero} &= \varepsilon_\text{average} (I - C)

with fuel :math:`F` [MWh], imports :math:`I` [MWh] as metered, never netted with exports, and certificates :math:`C` [MWh], which are spread over the months as
the imports are. What the park generates and uses itself counts zero in all of them. The last line is how zero-carbon parks are counted as far as is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridsim.carbon.avoided import Avoided, avoided
from gridsim.carbon.electricity import fuel_bought
from gridsim.carbon.energy_use import EnergyUse, energy_use
from gridsim.carbon.factors import Conflict, FactorSet, chosen_set, conflicts, factor_sets
from gridsim.carbon.fuel_use import fuel_of
from gridsim.carbon.matching import Matched, matching
from gridsim.carbon.products import Intensity, ammonia_intensity, hydrogen_intensity
from gridsim.carbon.zero_carbon import ZeroCarbon, zero_carbon
from gridsim.dispatch.carbon_limits import carbon_price

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.carbon.section import CarbonSection
    from gridsim.dispatch.result import Dispatch
    from gridsim.metrics.scorecard import Scorecard

SCOPES = ("scope1_t", "scope2_location_t", "scope2_market_t", "scope2_certified_t")
"""``certified``: at the average factor, direct supply and certificates at zero."""


@dataclass(frozen=True)
class OtherSet:
    """What another factor set would give."""

    factors: FactorSet
    scope2_location_t: float
    scope2_market_t: float
    over_chosen: float
    """Its location-based scope 2 over that of the chosen set; 1 where nothing is imported. [1]"""
    conflict: Conflict | None
    """Set where the sources do not decide between it and the chosen one."""


@dataclass(frozen=True)
class CarbonAccount:
    """Everything about the carbon of one dispatch."""

    factors: FactorSet
    year: dict[str, float]
    """Of the horizon, flat keys with units, as for ``summary.json``."""
    month: dict[str, NDArray[np.float64]]
    """Imports [MWh], fuel [MWh] and each scope [t] by calendar month. Each shape (months,)."""
    other_sets: tuple[OtherSet, ...]
    matching: tuple[Matched, ...]
    hydrogen: Intensity | None
    ammonia: Intensity | None
    avoided: Avoided
    energy: EnergyUse
    zero_carbon: ZeroCarbon
    carbon_price_cny_per_t: float | None


def carbon_of(dispatch: Dispatch, card: Scorecard, section: CarbonSection) -> CarbonAccount:
    """Account for the carbon of a dispatch.

    Parameters
    ----------
    dispatch : Dispatch
    card : Scorecard
        Of the same dispatch.
    section : CarbonSection
        ``carbon:`` of the park file.

    Raises
    ------
    DefinitionError
        For an unknown factor set or fuel.
    """
    factors, hours = chosen_set(section), dispatch.time.step_hours
    imported = card.energy.import_mw * hours
    burnt = fuel_burnt(dispatch, section)
    fuel_t = sum((mwh * t_per_mwh for mwh, t_per_mwh, _ in burnt.values()), start=np.zeros(dispatch.time.steps))
    fuel_mwh = sum((mwh for mwh, _, _ in burnt.values()), start=np.zeros(dispatch.time.steps))
    certified = certified_share(section, dispatch, float(imported.sum()))
    scopes = _scopes(factors, imported, fuel_t, certified)
    month = dispatch.time.billing_month
    series = {"import_mwh": imported, "fuel_mwh": fuel_mwh} | scopes
    year = {word: float(values.sum()) for word, values in scopes.items()}
    year["certificates_used_mwh"] = certified * float(imported.sum())
    energy = energy_use(dispatch, card, section, factors, burnt, certified)
    known_t = year["scope1_t"] + year["scope2_certified_t"]
    zero = zero_carbon(energy, known_t, factors, float(imported.sum()) * (1.0 - certified))
    hydrogen = hydrogen_intensity(dispatch, card, factors, certified, burnt)
    ammonia = ammonia_intensity(dispatch, card, factors, certified, burnt)
    made = {"hydrogen": hydrogen, "ammonia": ammonia}
    saved = avoided(dispatch, section, factors, burnt, {product: found.location for product, found in made.items() if found is not None})
    year |= energy.figures | zero.figures | {"avoided_t": saved.total_t}
    if hydrogen is not None:
        year["hydrogen_carbon_kg_per_kg"] = hydrogen.location
        year["hydrogen_carbon_market_kg_per_kg"] = hydrogen.market
    if ammonia is not None:
        year["ammonia_carbon_t_per_t"] = ammonia.location
        year["ammonia_carbon_market_t_per_t"] = ammonia.market
    return CarbonAccount(
        factors=factors,
        year=year,
        month={word: np.bincount(month, weights=values) for word, values in series.items()},
        other_sets=other_sets(factors, float(imported.sum()), certified),
        matching=matching(dispatch, card),
        hydrogen=hydrogen,
        ammonia=ammonia,
        avoided=saved,
        energy=energy,
        zero_carbon=zero,
        carbon_price_cny_per_t=carbon_price(dispatch),
    )


def fuel_burnt(dispatch: Dispatch, section: CarbonSection) -> dict[str, tuple[NDArray[np.float64], float, float]]:
    """By technology: fuel burnt (shape (T,), MWh), its emissions [t/MWh] and its energy [tce/MWh]."""
    found = {}
    for technology, power in fuel_bought(dispatch).items():
        supply = dispatch.draft.having("fuel", technology=technology)[0]
        fuel = fuel_of(dispatch.draft, supply, section)
        found[technology] = (power * dispatch.time.step_hours, fuel.emissions_t_per_mwh.value, fuel.energy_tce_per_mwh.value)
    return found


def certified_share(section: CarbonSection, dispatch: Dispatch, imported_mwh: float) -> float:
    """Share of the imports that certificates cover; those of a year are counted for the share of it that was simulated. [1]"""
    bought = section.certificates_mwh * dispatch.time.share_of_year
    return min(1.0, bought / imported_mwh) if imported_mwh > 0 else 0.0


def other_sets(chosen: FactorSet, imported_mwh: float, certified: float) -> tuple[OtherSet, ...]:
    """Return what every other set gives; first those that the sources do not decide against."""
    disputed = {name: conflict for conflict in conflicts() if chosen.name in conflict.sets for name in conflict.sets}
    found = []
    for name, factors in factor_sets().items():
        if name != chosen.name:
            location = factors.average.value * imported_mwh
            market = factors.residual.value * imported_mwh * (1.0 - certified)
            ratio = factors.average.value / chosen.average.value if imported_mwh > 0 and chosen.average.value > 0 else 1.0
            found.append(OtherSet(factors, location, market, ratio, disputed.get(name)))
    return tuple(sorted(found, key=lambda other: other.conflict is None))


def _scopes(factors: FactorSet, imported: NDArray[np.float64], fuel_t: NDArray[np.float64], certified: float) -> dict[str, NDArray[np.float64]]:
    """Emissions at each snapshot. Each shape (T,). [t]"""
    average, residual = factors.average.value, factors.residual.value
    values = (fuel_t, average * imported, residual * (1.0 - certified) * imported, average * (1.0 - certified) * imported)
    return dict(zip(SCOPES, values, strict=True))
