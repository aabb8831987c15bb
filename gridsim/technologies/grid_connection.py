r"""The connection to the public grid.

.. math:: \min \sum_t \Delta t\,(c_t\, i_t - r_t\, x_t) + \sum_m D \max_{t \in m} i_t, \qquad i_t \le I, \quad x_t \le X, \quad i_t x_t = 0

Imports :math:`i` are paid at the tariff's price, exports :math:`x` earn its export price, and each month's highest import pays the demand charge. Nobody earns
by importing and exporting in the same hour: where the export price reaches the import price a binary excludes it; elsewhere it would cost, and the
audit shows that it does not occur. Annual limits as shares are set for the whole park (``limits``).

Under a contracted demand :math:`C_m` the peaks that are paid are those above its tolerance, :math:`\phi D_m \max_t (i_t - \tau C_m)^+`: an import of its own
takes what does not fit below :math:`\tau C_m`. What the contract itself costs, and all that depends on a whole month or year (ratchets, floors, load-factor
discount, power factor, deviation), is no decision here and stands in the bill alone (`gridsim.bill`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

import numpy as np

from gridsim.park.billing import of_months
from gridsim.technologies.base import Finding, Technology
from gridsim.technologies.draft import DemandCharge, Exclusive, Term
from gridsim.units import PowerMW

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.dispatch.result import Dispatch
    from gridsim.park.park import Park
    from gridsim.park.tariff import Tariff
    from gridsim.technologies.draft import NetworkDraft


class GridConnection(Technology):
    """Imports from and exports to the public grid at one bus, under one tariff."""

    type: Literal["grid_connection"]
    bus: str
    tariff: str
    import_limit_mw: PowerMW
    """Declared capacity for imports. [MW]"""
    export_limit_mw: PowerMW = 0.0
    """Physical capacity for exports. [MW]"""
    export_allowed: bool = True
    """False where a rule forbids feeding back, although the connection could carry it."""
    export_from: Literal["any", "renewable"] = "any"
    """``renewable``: in each hour, exports (with charging that must be green) stay below what wind and sun deliver."""

    def findings(self, park: Park) -> Iterator[Finding]:
        """The tariff must exist."""
        if self.tariff not in park.tariffs:
            from gridsim.errors import did_you_mean

            yield Finding("tariff", f"'{self.tariff}' is not a tariff of this park", did_you_mean(self.tariff, park.tariffs))

    def build(self, name: str, draft: NetworkDraft) -> None:
        """Add an import and an export Generator, the demand charges, and the exclusion of both directions at once."""
        park = draft.park
        tariff = park.tariffs[self.tariff]
        price = tariff.import_price_cny_per_mwh(park.time, park.profiles)
        imports = self._imports(name, draft, tariff, price)
        self._coincident_charges(name, draft, tariff, imports)
        if self.export_allowed and self.export_limit_mw > 0:
            revenue = tariff.export_price_at(park.time, park.profiles)
            exports = draft.generator(f"{name}.export", name, "export", self.bus, self.export_limit_mw, marginal_cost=-revenue, carrier="grid")
            pays = revenue >= price
            for way in imports:
                one = f"{name}.one_direction" + way.removeprefix(f"{name}.import")
                draft.request(Exclusive(one, way, self.import_limit_mw, exports, self.export_limit_mw, pays))

    def _imports(self, name: str, draft: NetworkDraft, tariff: Tariff, price: NDArray[np.float64]) -> list[str]:
        """Add the import with what its peaks cost; under a contract, what lies above its tolerance is an import of its own."""
        park, terms = draft.park, tariff.bill.demand
        charge = of_months(tariff.demand_charge_cny_per_mw_month, park.time.month) * park.time.month_share
        whole = f"{name}.import"
        if terms.basis != "contract":
            draft.generator(whole, name, "import", self.bus, self.import_limit_mw, marginal_cost=price, carrier="grid")
            if terms.basis == "metered":
                _charge_peaks(f"{name}.demand_charge", draft, whole, charge)
            return [whole]
        least = terms.contract_minimum_share * terms.installed_mva
        free_mw = terms.contract_tolerance * np.maximum(of_months(terms.contract_mw or 0.0, park.time.month), least)
        largest = min(self.import_limit_mw, float(free_mw.max()))
        share = np.minimum(free_mw / largest, 1.0) if largest > 0 else np.zeros(park.time.steps)
        above = f"{whole}_above_contract"
        draft.generator(whole, name, "import", self.bus, largest, p_max_pu=share, marginal_cost=price, carrier="grid")
        room = np.clip((self.import_limit_mw - free_mw) / self.import_limit_mw, 0.0, 1.0) if self.import_limit_mw else 0.0 * free_mw
        draft.generator(above, name, "import", self.bus, self.import_limit_mw, p_max_pu=room, marginal_cost=price, carrier="grid")
        _charge_peaks(f"{name}.demand_charge", draft, above, terms.contract_excess_factor * charge)
        return [whole, above]

    def _coincident_charges(self, name: str, draft: NetworkDraft, tariff: Tariff, imports: list[str]) -> None:
        """Pay once for the highest import within given hours."""
        time = draft.park.time
        for number, hours in enumerate(tariff.bill.demand.coincident):
            among = hours.applies(time).astype(float)
            if among.any():
                terms = tuple(Term(component, among) for component in imports)
                once, price = np.zeros(time.steps, dtype=np.int64), hours.price_cny_per_mw * time.share_of_whole
                draft.request(DemandCharge(f"{name}.coincident_charge_{number}", terms, once, price))

    def report(self, name: str, dispatch: Dispatch) -> dict[str, float]:
        """Energy both ways and the bill's parts."""
        hours = dispatch.time.step_hours
        ways = dispatch.draft.having("import", technology=name)
        imports = dispatch.summed(ways)
        figures = {
            "capacity_mw": self.import_limit_mw,
            "energy_mwh": float(imports.sum() * hours),
            "full_load_hours": float(imports.sum() * hours / self.import_limit_mw) if self.import_limit_mw else 0.0,
            "peak_import_mw": float(imports.max()),
            "energy_cost_cny": sum(dispatch.variable_cost(way.name) for way in ways),
            "demand_charge_cny": sum(cny for request, cny in dispatch.demand_charges.items() if request.partition(".")[0] == name),
        }
        if (exports := dispatch.flows.get(f"{name}.export")) is not None:
            figures["export_mwh"] = float(exports.sum() * hours)
            figures["export_revenue_cny"] = -dispatch.variable_cost(f"{name}.export")
        return figures


def _charge_peaks(request: str, draft: NetworkDraft, component: str, charge: NDArray[np.float64]) -> None:
    """Pay each month's highest flow, one request for each price there is; ``charge`` is the price of its month at each snapshot. [CNY/MW]"""
    month = draft.park.time.billing_month
    prices = [price for price in dict.fromkeys(charge.tolist()) if price > 0]
    for number, price in enumerate(prices):
        name = request if number == 0 else f"{request}_{number + 1}"
        coefficient = 1.0 if len(set(charge.tolist())) == 1 else (charge == price).astype(float)
        draft.request(DemandCharge(name, (Term(component, coefficient),), month, price))
