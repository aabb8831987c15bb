"""What the same loads and products would cost without the project: all electricity from the grid, hydrogen and ammonia bought or made from the grid.

No second dispatch: loads are taken as the users ask for them, at the hour's price of the tariff and its charge on the month's highest power. That leaves out
what users would do against a tariff they then pay in full (shifting, own storage), what a larger connection would cost where the loads exceed today's, losses
between connection and load, and penalties for power factor. With several connections all loads are priced at the tariff of the first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridsim.technologies.ammonia_demand import AmmoniaDemand
from gridsim.technologies.ammonia_plant import AmmoniaPlant
from gridsim.technologies.electrolyser import Electrolyser
from gridsim.technologies.grid_connection import GridConnection
from gridsim.technologies.hydrogen_compressor import HydrogenCompressor
from gridsim.technologies.hydrogen_demand import HydrogenDemand

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.dispatch.result import Dispatch
    from gridsim.money.terms import Terms

SHARED = (Electrolyser, AmmoniaPlant, HydrogenCompressor)
"""Plants that business as usual has too, where it makes hydrogen and ammonia from the grid."""


@dataclass(frozen=True)
class BusinessAsUsual:
    """A year of it at today's prices. [CNY/a]"""

    energy_cny: float
    """Electricity of the users' loads at hourly prices."""
    demand_charge_cny: float
    hydrogen_cny: float
    """Bought, or the electricity of making it."""
    ammonia_cny: float
    load_mwh: float
    peak_mw: float
    connection_mw: float
    """Import limit of the connection today."""
    shared_plants: tuple[str, ...]
    """Technologies that it needs as well, so that they are no part of the difference."""

    @property
    def electricity_cny(self) -> float:
        """Bill of the users' loads. [CNY/a]"""
        return self.energy_cny + self.demand_charge_cny

    @property
    def total_cny(self) -> float:
        """All of it. [CNY/a]"""
        return self.electricity_cny + self.hydrogen_cny + self.ammonia_cny


def products_delivered(dispatch: Dispatch) -> tuple[float, float]:
    """Hydrogen and ammonia that users got over the horizon. [kg], [t]"""
    rooms = dispatch.draft.park.technologies
    reports = {name: room.report(name, dispatch) for name, room in rooms.items() if isinstance(room, HydrogenDemand | AmmoniaDemand)}
    return sum(r.get("delivered_kg", 0.0) for r in reports.values()), sum(r.get("delivered_t", 0.0) for r in reports.values())


def final_load(dispatch: Dispatch) -> NDArray[np.float64]:
    """Electricity that users ask for, before demand response; plants that make hydrogen and ammonia not counted. Shape (T,). [MW]"""
    draft = dispatch.draft
    return dispatch.summed([c for c in draft.having("load", "process") if draft.electric(c["bus"])])


def business_as_usual(dispatch: Dispatch, terms: Terms, bill_cny: float | None = None) -> BusinessAsUsual | None:
    """Price it; None where the park has no connection whose tariff could be used.

    Parameters
    ----------
    dispatch : Dispatch
    terms : Terms
    bill_cny : float, optional
        Exact bill of the users' loads over the horizon, in place of hourly prices and demand charge; then only where hydrogen and ammonia are bought. [CNY]
    """
    park, time = dispatch.draft.park, dispatch.time
    connections = park.of_type(GridConnection)
    if not connections:
        return None
    connection = next(iter(connections.values()))
    tariff = park.tariffs[connection.tariff]
    price = tariff.import_price_cny_per_mwh(park.time, park.profiles)
    load, year = final_load(dispatch), time.share_of_year
    hydrogen_kg, ammonia_t = products_delivered(dispatch)
    made = terms.business_as_usual_hydrogen == "grid_electrolysis"
    for_hydrogen, for_ammonia = _from_grid(dispatch, hydrogen_kg, ammonia_t) if made else (0.0, 0.0)

    def bill(power: NDArray[np.float64]) -> tuple[float, float]:
        peaks = np.array([power[time.billing_month == month].max() for month in np.unique(time.billing_month)])
        first = np.searchsorted(time.billing_month, np.unique(time.billing_month))
        charge = np.broadcast_to(np.asarray(tariff.demand_charge_cny_per_mw_month, dtype=float), (12,))[time.month[first] - 1] * time.month_share[first]
        return float(price @ power) * time.step_hours / year, float(charge @ peaks) / year

    energy, demand = bill(load)
    if bill_cny is not None:
        energy, demand = bill_cny / year, 0.0
    hydrogen, ammonia = hydrogen_kg * terms.hydrogen_price_cny_per_kg / year, ammonia_t * terms.ammonia_price_cny_per_t / year
    peak = float(load.max(initial=0.0))
    if made:
        plain = sum(bill(load))
        with_hydrogen = sum(bill(load + for_hydrogen))
        hydrogen = with_hydrogen - plain
        ammonia = sum(bill(load + for_hydrogen + for_ammonia)) - with_hydrogen
        peak += for_hydrogen + for_ammonia
    shared = tuple(name for name, room in park.technologies.items() if made and isinstance(room, SHARED))
    load_mwh = float(load.sum()) * time.step_hours / year
    return BusinessAsUsual(energy, demand, hydrogen, ammonia, load_mwh, peak, connection.import_limit_mw, shared)


def _from_grid(dispatch: Dispatch, hydrogen_kg: float, ammonia_t: float) -> tuple[float, float]:
    """Constant power that makes the delivered hydrogen, and that which makes the ammonia with its hydrogen. [MW]"""
    park, hours = dispatch.draft.park, dispatch.time.hours
    electrolysers = list(park.of_type(Electrolyser).values())
    size = sum(e.capacity_mw for e in electrolysers)
    mwh_per_kg = sum(e.capacity_mw * e.consumption_kwh_per_kg for e in electrolysers) / size / 1e3 if size else 0.0
    plants = list(park.of_type(AmmoniaPlant).values())
    capacity = sum(p.capacity_t_per_h for p in plants)
    mwh_per_t = sum(p.capacity_t_per_h * (p.hydrogen_kg_per_t * mwh_per_kg + p.electricity_mwh_per_t) for p in plants) / capacity if capacity else 0.0
    return hydrogen_kg * mwh_per_kg / hours, ammonia_t * mwh_per_t / hours
