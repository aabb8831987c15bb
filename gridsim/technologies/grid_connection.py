r"""The connection to the public grid.

.. math:: \min \sum_t \Delta t\,(c_t\, i_t - r_t\, x_t) + \sum_m D \max_{t \in m} i_t, \qquad i_t \le I, \quad x_t \le X, \quad i_t x_t = 0

Imports :math:`i` are paid at the tariff's price, exports :math:`x` earn its export price, and each month's highest import pays the demand charge. Nobody earns
by importing and exporting in the same hour: where the export price reaches the import price a binary excludes it; elsewhere it would cost, and the
audit shows that it does not occur. Annual limits as shares are set for the whole park (``limits``).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from gridsim.technologies.base import Finding, Technology
from gridsim.technologies.draft import DemandCharge, Exclusive, Term
from gridsim.units import PowerMW

if TYPE_CHECKING:
    from gridsim.dispatch.result import Dispatch
    from gridsim.park.park import Park
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
        """Add an import and an export Generator, the demand charge, and the exclusion of both at once."""
        park = draft.park
        tariff = park.tariffs[self.tariff]
        price = tariff.import_price_cny_per_mwh(park.time, park.profiles)
        imports = draft.generator(f"{name}.import", name, "import", self.bus, self.import_limit_mw, marginal_cost=price, carrier="grid")
        if tariff.demand_charge_cny_per_mw_month > 0:
            draft.request(DemandCharge(f"{name}.demand_charge", (Term(imports),), park.time.billing_month, tariff.demand_charge_cny_per_mw_month))
        if self.export_allowed and self.export_limit_mw > 0:
            revenue = tariff.export_price_at(park.time, park.profiles)
            exports = draft.generator(f"{name}.export", name, "export", self.bus, self.export_limit_mw, marginal_cost=-revenue, carrier="grid")
            pays = revenue >= price
            draft.request(Exclusive(f"{name}.one_direction", imports, self.import_limit_mw, exports, self.export_limit_mw, pays))

    def report(self, name: str, dispatch: Dispatch) -> dict[str, float]:
        """Energy both ways and the bill's parts."""
        hours = dispatch.time.step_hours
        imports = dispatch.flows[f"{name}.import"]
        figures = {
            "capacity_mw": self.import_limit_mw,
            "energy_mwh": float(imports.sum() * hours),
            "full_load_hours": float(imports.sum() * hours / self.import_limit_mw) if self.import_limit_mw else 0.0,
            "peak_import_mw": float(imports.max()),
            "energy_cost_cny": dispatch.variable_cost(f"{name}.import"),
            "demand_charge_cny": dispatch.demand_charges.get(f"{name}.demand_charge", 0.0),
        }
        if (exports := dispatch.flows.get(f"{name}.export")) is not None:
            figures["export_mwh"] = float(exports.sum() * hours)
            figures["export_revenue_cny"] = -dispatch.variable_cost(f"{name}.export")
        return figures
