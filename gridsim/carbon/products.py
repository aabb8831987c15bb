r"""Carbon intensity of hydrogen and ammonia, traced hour by hour through the green ledger.

With the electricity :math:`e_t` that making a product draws and the green part :math:`u_t` of it that the ledger finds (every store traced), product
:math:`P_t`, and the emission factor :math:`\gamma` of grey electricity:

.. math::
   \text{hydrogen} = \frac{\gamma \sum_t (e_t - u_t)}{\sum_t P_t}, \qquad
   \text{ammonia} = \frac{\gamma \sum_t \big(e_t - u_t + \bar w\,(1 - x_t)\,h_t\big)}{\sum_t P_t}

Hydrogen counts electrolysers with their standby and the compression into tanks and stations: the boundary of T/CAB 0078. Ammonia adds to its own electricity
that of the hydrogen :math:`h_t` it takes, whose green share :math:`x_t` is that of its bus (tanks traced) and whose consumption :math:`\bar w` is the mean of
all hydrogen made. Where no fuel is burnt, :math:`\gamma` is the grid's factor; else the mean over imports and what comes from fuel. Water, plants and leaks
are not counted; losses of electric storage are not charged to what the storage feeds (some per cent of what went through it).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridsim.carbon.electricity import final_use
from gridsim.carbon.factors import Figure, data, factor_sets, figure
from gridsim.technologies.ammonia_plant import AmmoniaPlant
from gridsim.technologies.electrolyser import Electrolyser
from gridsim.technologies.hydrogen_compressor import HydrogenCompressor
from gridsim.technologies.hydrogen_store import HydrogenStore
from gridsim.units import MWH_PER_KG_HYDROGEN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.carbon.factors import FactorSet
    from gridsim.dispatch.result import Dispatch
    from gridsim.metrics.scorecard import Scorecard

    Burnt = dict[str, tuple[NDArray[np.float64], float, float]]


@dataclass(frozen=True)
class Verdict:
    """A product beside one threshold."""

    name: str
    threshold: Figure
    document: str
    met_by_location: bool
    met_by_market: bool
    allowed_grid_share: float
    """Largest share of grid electricity at the chosen average factor. [1]"""
    allowed_grid_share_at: dict[str, float]
    """The same for every factor set. [1]"""


@dataclass(frozen=True)
class Intensity:
    """Carbon of a product: kg CO2 per kg of hydrogen, or t CO2 per t of ammonia."""

    product: str
    unit: str
    produced: float
    """Hydrogen in kg, ammonia in t."""
    electricity_mwh: float
    grey_mwh: float
    location: float
    market: float
    """At the residual mix, certificates counted."""
    certified: float
    """At the average factor, certificates counted as zero."""
    by_month: NDArray[np.float64]
    """Location-based; NaN in months without product. Shape (months,)."""
    verdicts: tuple[Verdict, ...] = ()

    @property
    def grid_share(self) -> float:
        """Grey over all electricity in the product. [1]"""
        return self.grey_mwh / self.electricity_mwh if self.electricity_mwh > 0 else 0.0

    @property
    def electricity_mwh_per_unit(self) -> float:
        """Electricity in a unit of product. [MWh/kg or MWh/t]"""
        return self.electricity_mwh / self.produced


def allowed_grid_share(threshold_kg_per_kg: float, kwh_per_kg: float, factor_kg_per_kwh: float) -> float:
    """Largest share of grid electricity that keeps hydrogen below a threshold, where only electricity emits. [1]

    Examples
    --------
    >>> round(allowed_grid_share(4.9, 53.0, 0.6849), 3)
    0.135
    """
    full = kwh_per_kg * factor_kg_per_kwh
    return min(1.0, threshold_kg_per_kg / full) if full > 0 else 1.0


def hydrogen_intensity(dispatch: Dispatch, card: Scorecard, factors: FactorSet, certified: float, burnt: Burnt) -> Intensity | None:
    """Return the intensity of all hydrogen made, or None where none is made.

    Parameters
    ----------
    dispatch : Dispatch
    card : Scorecard
        Of the same dispatch.
    factors : FactorSet
    certified : float
        Share of the imports covered by certificates. [1]
    burnt : dict
        Fuel by technology, see `gridsim.carbon.account.fuel_burnt`.
    """
    hours = dispatch.time.step_hours
    made = card.energy.hydrogen_kg_per_h * hours
    if made.sum() <= 0:
        return None
    drawn, green = _electricity(dispatch, card, (Electrolyser, HydrogenStore, HydrogenCompressor))
    grey = np.maximum(drawn - green, 0.0) * hours
    intensity = _intensity(dispatch, "hydrogen", "kg/kg", made, drawn * hours, grey, grey_factors(dispatch, card, factors, certified, burnt), 1e3)
    return _with_verdicts(intensity, factors)


def ammonia_intensity(dispatch: Dispatch, card: Scorecard, factors: FactorSet, certified: float, burnt: Burnt) -> Intensity | None:
    """Return the intensity of all ammonia made, or None where none is made; parameters as in `hydrogen_intensity`."""
    hours, draft = dispatch.time.step_hours, dispatch.draft
    made = card.energy.ammonia_t_per_h * hours
    hydrogen = hydrogen_intensity(dispatch, card, factors, certified, burnt)
    if made.sum() <= 0 or hydrogen is None:
        return None
    drawn, green = _electricity(dispatch, card, (AmmoniaPlant,))
    grey = np.maximum(drawn - green, 0.0) * hours
    drawn = drawn * hours
    for component in draft.having("conversion"):
        if isinstance(draft.park.technologies[component.technology], AmmoniaPlant):
            embodied = hydrogen.electricity_mwh_per_unit * dispatch.flows[component.name] * hours / MWH_PER_KG_HYDROGEN
            drawn = drawn + embodied
            grey = grey + embodied * (1.0 - card.ledger.share_of_bus[component["bus0"]])
    return _intensity(dispatch, "ammonia", "t/t", made, drawn, grey, grey_factors(dispatch, card, factors, certified, burnt), 1.0)


def grey_factors(dispatch: Dispatch, card: Scorecard, factors: FactorSet, certified: float, burnt: Burnt) -> tuple[float, float, float]:
    """Emissions of a MWh of grey electricity: by location, by market, and with certificates at zero. [t/MWh]"""
    imported = float(card.energy.import_mw.sum() * dispatch.time.step_hours)
    fuel_t = sum(float(mwh.sum()) * t_per_mwh for mwh, t_per_mwh, _ in burnt.values())
    supplied = imported + _from_fuel_mwh(dispatch)
    left = 1.0 - certified
    grids = (factors.average.value, factors.residual.value * left, factors.average.value * left)
    location, market, zero = ((grid * imported + fuel_t) / supplied if supplied > 0 else grid for grid in grids)
    return location, market, zero


def _from_fuel_mwh(dispatch: Dispatch) -> float:
    """Electricity that comes from fuel: of each Link that burns it beside another input, the fuel's share of what it draws. [MWh]"""
    draft, total = dispatch.draft, 0.0
    for link in draft.components.values():
        if link.kind != "Link":
            continue
        ports = draft.ports(link)
        fuel = sum(-factor for bus, factor in ports[1:] if draft.buses[bus] == "fuel")
        delivered = sum(np.maximum(factor, 0.0) for bus, factor in ports[1:] if draft.electric(bus))
        total += float(np.sum(dispatch.flows[link.name] * delivered * fuel / (1.0 + fuel)) * dispatch.time.step_hours)
    return total


def _electricity(dispatch: Dispatch, card: Scorecard, kinds: tuple[type, ...]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Electricity that technologies of some kinds draw, and the green part of it. Each shape (T,). [MW]"""
    names = {name for name, technology in dispatch.draft.park.technologies.items() if isinstance(technology, kinds)}
    zero = np.zeros(dispatch.time.steps)

    def together(of: dict[str, NDArray[np.float64]]) -> NDArray[np.float64]:
        return sum((power for name, power in of.items() if name in names), start=zero)

    return together(final_use(dispatch)), together(card.ledger.green_used_by)


def _intensity(
    dispatch: Dispatch,
    product: str,
    unit: str,
    made: NDArray[np.float64],
    drawn: NDArray[np.float64],
    grey: NDArray[np.float64],
    factors: tuple[float, float, float],
    units_per_t: float,
) -> Intensity:
    """``units_per_t``: emissions in the product's unit of mass for each t."""
    month = dispatch.time.billing_month
    of_month, grey_of_month = np.bincount(month, weights=made), np.bincount(month, weights=grey)
    by_month = np.divide(factors[0] * grey_of_month * units_per_t, of_month, out=np.full_like(of_month, np.nan), where=of_month > 0)
    location, market, certified = (factor * float(grey.sum()) * units_per_t / float(made.sum()) for factor in factors)
    return Intensity(product, unit, float(made.sum()), float(drawn.sum()), float(grey.sum()), location, market, certified, by_month)


def _with_verdicts(hydrogen: Intensity, factors: FactorSet) -> Intensity:
    from dataclasses import replace

    kwh_per_kg = hydrogen.electricity_mwh_per_unit * 1e3
    return replace(hydrogen, verdicts=tuple(_verdicts(hydrogen, kwh_per_kg, factors)))


def _verdicts(hydrogen: Intensity, kwh_per_kg: float, factors: FactorSet) -> Iterable[Verdict]:
    for name, entry in data("products")["hydrogen_thresholds"].items():
        threshold = figure(entry)
        at = {other: allowed_grid_share(threshold.value, kwh_per_kg, known.average.value) for other, known in factor_sets().items()}
        yield Verdict(
            name,
            threshold,
            entry["document"],
            hydrogen.location <= threshold.value,
            hydrogen.market <= threshold.value,
            allowed_grid_share(threshold.value, kwh_per_kg, factors.average.value),
            at,
        )
