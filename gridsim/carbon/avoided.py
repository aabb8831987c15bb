r"""Avoided emissions of each project, additive and without double counting.

The baseline gives the same services without the projects: loads and exported electricity from the grid, delivered hydrogen and ammonia by the routes they
replace. What the park avoids is baseline minus its own fuels and imports. As electricity balances (:math:`\sum_\tau S_\tau = 0`), this is a sum over
technologies:

.. math::
   \underbrace{\varepsilon (L + X) + \sum_k r_k P_k}_{\text{baseline}} - \underbrace{(\varepsilon I + \varphi F)}_{\text{park}}
   = \sum_{\tau} \big(\varepsilon S_\tau + r_\tau P_\tau - \varphi F_\tau\big)

over all but the grid and the loads. A generator is credited the grid electricity it stands for; an electrolyser or a synthesis is debited what it draws as if
it came from the grid; storage and lines are debited their losses; the demand that takes hydrogen or ammonia is credited the route it replaces. So a green MWh
that becomes ammonia is not counted as grid electricity as well. Demand response is credited what it takes away and debited what it adds.

Beside it stands what a product avoids when it is looked at alone, :math:`P (r - c)` with its own traced intensity :math:`c`: so plans count. It takes the green
power for granted that the generators are credited here, and must not be added to them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridsim.carbon.electricity import EXCHANGE, SERVICES, net_supply
from gridsim.carbon.factors import conversion, data, routes
from gridsim.technologies.product_demand import ProductDemand

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.carbon.factors import FactorSet, Route
    from gridsim.carbon.section import CarbonSection
    from gridsim.dispatch.result import Dispatch

    Burnt = dict[str, tuple[NDArray[np.float64], float, float]]


@dataclass(frozen=True)
class AvoidedLine:
    """One technology. [t; MWh]"""

    technology: str
    electricity_mwh: float
    """Net supply to the park's buses; negative: draws or loses."""
    electricity_t: float
    delivered_t: float
    """Product that replaces another route's. [t]"""
    route: str
    product_t: float
    product_low_t: float
    product_high_t: float
    fuel_t: float
    alone_t: float | None
    """Of a product looked at alone, at its traced intensity; not additive. None for what delivers no product."""
    energy_saved_tce: float | None
    """At equal value; None for what replaces a product, whose route's energy is not stated."""

    @property
    def total_t(self) -> float:
        """Credits minus debits."""
        return self.electricity_t + self.product_t - self.fuel_t


@dataclass(frozen=True)
class Avoided:
    """All projects, beside baseline and park. [t]"""

    lines: tuple[AvoidedLine, ...]
    baseline_t: float
    park_t: float
    at_fossil_factor_t: float
    """The sum with the factor of fossil-only electricity in place of the average."""

    @property
    def total_t(self) -> float:
        """Sum of the lines; the same as baseline minus park."""
        return sum(line.total_t for line in self.lines)

    @property
    def range_t(self) -> tuple[float, float]:
        """The sum with every replaced route at its lowest and at its highest."""
        low = sum(line.total_t - line.product_t + line.product_low_t for line in self.lines)
        return low, sum(line.total_t - line.product_t + line.product_high_t for line in self.lines)


def avoided(dispatch: Dispatch, section: CarbonSection, factors: FactorSet, burnt: Burnt, intensities: dict[str, float]) -> Avoided:
    """Return what each technology avoids.

    Parameters
    ----------
    dispatch : Dispatch
    section : CarbonSection
        ``replaces`` names the routes.
    factors : FactorSet
    burnt : dict
        Fuel by technology, see `gridsim.carbon.account.fuel_burnt`.
    intensities : dict
        Traced intensity of hydrogen and ammonia, location-based. [t/t]
    """
    hours, grid = dispatch.time.step_hours, factors.average.value
    supply = {name: float(power.sum() * hours) for name, power in net_supply(dispatch, without=SERVICES | EXCHANGE).items()}
    products = delivered_t(dispatch)
    rate = section.electricity_equal_value_kgce_per_kwh or conversion("electricity_equal_value").value
    lines = []
    for name in dispatch.draft.park.technologies:
        if name not in {*supply, *products, *burnt}:
            continue
        electricity, product = supply.get(name, 0.0), products.get(name, 0.0)
        route = _route(name, dispatch, section) if name in products else None
        fuel_mwh, fuel_factor, fuel_tce = burnt.get(name, (np.zeros(1), 0.0, 0.0))
        low, middle, high = (0.0, 0.0, 0.0) if route is None else _range(route)
        alone = None if route is None else product * (middle - intensities.get(route.product, 0.0))
        saved = None if route is not None else rate * electricity - fuel_tce * float(fuel_mwh.sum())
        lines.append(
            AvoidedLine(
                name,
                electricity,
                grid * electricity,
                product,
                "" if route is None else route.name,
                product * middle,
                product * low,
                product * high,
                fuel_factor * float(fuel_mwh.sum()),
                alone,
                saved,
            )
        )
    found = tuple(lines)
    more = (factors.fossil.value - grid) * sum(line.electricity_mwh for line in found)
    baseline, park = _sides(dispatch, grid, sum(line.product_t for line in found), sum(line.fuel_t for line in found))
    return Avoided(found, baseline, park, sum(line.total_t for line in found) + more)


def delivered_t(dispatch: Dispatch) -> dict[str, float]:
    """Hydrogen and ammonia that each demand was given. [t]"""
    draft, hours = dispatch.draft, dispatch.time.step_hours
    found: dict[str, float] = {}
    for name, demand in draft.park.technologies.items():
        if isinstance(demand, ProductDemand):
            given = dispatch.summed(draft.having("load", "product", technology=name))
            kept = dispatch.summed(draft.having("unserved", technology=name))
            tonnes = 1e-3 if demand.product_unit == "kg" else 1.0
            found[name] = float((given - kept).sum() * hours) / demand.network_unit_per_product * tonnes
    return found


def _sides(dispatch: Dispatch, grid: float, product_t: float, fuel_t: float) -> tuple[float, float]:
    """Baseline and park, from loads and meters. [t]"""
    hours, draft = dispatch.time.step_hours, dispatch.draft
    wanted = ("load", "process")
    services = dispatch.summed([c for c in draft.having(*wanted) if draft.electric(c["bus"])])
    unserved = dispatch.summed([c for c in draft.having("unserved") if draft.electric(c["bus"])])
    exported, imported = (dispatch.summed(draft.having(role)) for role in ("export", "import"))
    baseline = grid * float((services - unserved + exported).sum() * hours) + product_t
    return baseline, grid * float(imported.sum() * hours) + fuel_t


def _route(demand: str, dispatch: Dispatch, section: CarbonSection) -> Route:
    product = dispatch.draft.buses[dispatch.draft.park.of_type(ProductDemand)[demand].bus]
    return routes()[section.replaces.get(demand, data("products")["default_routes"][product])]


def _range(route: Route) -> tuple[float, float, float]:
    middle = route.emissions.value
    low = middle if route.emissions.low is None else route.emissions.low
    return low, middle, middle if route.emissions.high is None else route.emissions.high
