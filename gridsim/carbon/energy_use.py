r"""What a park uses in standard coal, and how much of it is clean.

.. math::
   E_\text{electricity} &= I + G - X, \qquad
   \text{tce} = a\,E_\text{electricity} + \sum_k \tau_k F_k + \text{other energy} \\
   \text{clean share} &= \frac{a\,(G - X_\text{green} + C) + \text{other non-fossil}}{\text{tce}}

with imports :math:`I`, green generation :math:`G` (curtailment taken off), exports :math:`X` (of which :math:`X_\text{green}` by the ledger), certificates
:math:`C`, fuel :math:`F`, and standard coal a MWh of electricity :math:`a` at equivalent value (当量值, 0.1229 kgce/kWh, its heat) or equal value (等价值, what
a plant burns for it). Losses inside the park are part of its use. The non-fossil share leaves certificates out; beside it stands the share in which imports
count with the grid's own non-fossil part. Products that leave the park (hydrogen, ammonia) are not taken off.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gridsim.carbon.factors import conversion

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gridsim.carbon.factors import FactorSet
    from gridsim.carbon.section import CarbonSection
    from gridsim.dispatch.result import Dispatch
    from gridsim.metrics.scorecard import Scorecard

ACCOUNTINGS = ("equivalent", "equal")
LABELS_ZH = {"equivalent": "当量值", "equal": "等价值"}


@dataclass(frozen=True)
class Accounting:
    """Energy of the horizon at one accounting. [tce; shares 1]"""

    name: str
    tce_per_mwh: float
    electricity_tce: float
    fuel_tce: float
    other_tce: float
    own_green_tce: float
    """Wind and sun of the park, used in it."""
    certified_tce: float
    other_non_fossil_tce: float
    grid_non_fossil_tce: float
    """Non-fossil part of the imports that the factors imply, where certificates do not cover them."""

    @property
    def total_tce(self) -> float:
        """Comprehensive energy use (综合能源消费量)."""
        return self.electricity_tce + self.fuel_tce + self.other_tce

    def _share(self, part: float) -> float:
        return part / self.total_tce if self.total_tce > 0 else 0.0

    @property
    def non_fossil_share(self) -> float:
        """The park's own non-fossil energy over its use."""
        return self._share(self.own_green_tce + self.other_non_fossil_tce)

    @property
    def non_fossil_share_with_grid(self) -> float:
        """The same, with the grid's non-fossil part of the imports."""
        return self._share(self.own_green_tce + self.other_non_fossil_tce + self.certified_tce + self.grid_non_fossil_tce)

    @property
    def clean_share(self) -> float:
        """Direct supply and certificates over use."""
        return self._share(self.own_green_tce + self.other_non_fossil_tce + self.certified_tce)

    @property
    def direct_supply_share_of_clean(self) -> float:
        """Directly supplied over clean energy."""
        clean = self.own_green_tce + self.other_non_fossil_tce + self.certified_tce
        return self.own_green_tce / clean if clean > 0 else 0.0


@dataclass(frozen=True)
class EnergyUse:
    """Energy of a park at both accountings."""

    electricity_mwh: float
    equivalent: Accounting
    equal: Accounting
    other_emissions_t: float
    """CO2 of the energy that the simulation does not see."""
    share_of_year: float
    complete: bool
    """True where ``carbon.other_energy`` says what else the park uses, be it nothing; else this is electricity and the fuels of modelled plants alone."""

    @property
    def figures(self) -> dict[str, float]:
        """Flat keys with units."""
        return {
            "electricity_boundary_mwh": self.electricity_mwh,
            "energy_equivalent_value_tce": self.equivalent.total_tce,
            "energy_equal_value_tce": self.equal.total_tce,
            "non_fossil_share": self.equivalent.non_fossil_share,
            "non_fossil_share_equal_value": self.equal.non_fossil_share,
            "non_fossil_share_with_grid": self.equivalent.non_fossil_share_with_grid,
            "clean_energy_share": self.equivalent.clean_share,
            "clean_energy_share_equal_value": self.equal.clean_share,
            "direct_supply_share_of_clean": self.equivalent.direct_supply_share_of_clean,
            "other_emissions_t": self.other_emissions_t,
        }


def energy_use(
    dispatch: Dispatch,
    card: Scorecard,
    section: CarbonSection,
    factors: FactorSet,
    burnt: dict[str, tuple[NDArray[np.float64], float, float]],
    certified: float,
) -> EnergyUse:
    """Return the energy of a dispatch and of what ``carbon.other_energy`` declares, for the share of the year that was simulated.

    Parameters
    ----------
    burnt : dict
        Fuel by technology, see `gridsim.carbon.account.fuel_burnt`.
    certified : float
        Share of the imports covered by certificates. [1]
    """
    hours, share = dispatch.time.step_hours, dispatch.time.share_of_year
    energy, ledger = card.energy, card.ledger
    imported = float(energy.import_mw.sum() * hours)
    exported = float(energy.export_mw.sum() * hours)
    generated = float(energy.used_mw.sum() * hours)
    own_green = generated - float(ledger.green_exported_mw.sum() * hours)
    grey_exported = float(ledger.grey_exported_mw.sum() * hours)
    electricity = imported + generated - exported
    grid_non_fossil = max(0.0, imported * (1.0 - certified) - grey_exported) * factors.grid_non_fossil_share
    other = section.other_energy.values()

    def at(name: str, kgce_per_kwh: float) -> Accounting:
        return Accounting(
            name=name,
            tce_per_mwh=kgce_per_kwh,
            electricity_tce=kgce_per_kwh * electricity,
            fuel_tce=sum(float(mwh.sum()) * tce for mwh, _, tce in burnt.values()),
            other_tce=share * sum(entry.energy_tce for entry in other),
            own_green_tce=kgce_per_kwh * own_green,
            certified_tce=kgce_per_kwh * imported * certified,
            other_non_fossil_tce=share * sum(entry.non_fossil_tce for entry in other),
            grid_non_fossil_tce=kgce_per_kwh * grid_non_fossil,
        )

    equal = section.electricity_equal_value_kgce_per_kwh or conversion("electricity_equal_value").value
    return EnergyUse(
        electricity,
        at("equivalent", conversion("electricity_equivalent_value").value),
        at("equal", equal),
        share * sum(entry.emissions_t for entry in other),
        share,
        bool(other),
    )
