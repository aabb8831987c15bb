"""What rules ask of carbon and of indicators, by the words of the rules' vocabulary (metrics of kind *given*, and the fact ``park_energy_tce``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gridsim.carbon.account import CarbonAccount
    from gridsim.indicators.section import IndicatorsSection

DECLARED = {"solid_waste": "solid_waste_utilisation", "waste_heat": "waste_heat_utilisation", "water_reuse": "water_reuse"}
"""Row of an indicator table → metric of the rules; shares in both."""


def rule_metrics(account: CarbonAccount, indicators: IndicatorsSection | None = None) -> dict[str, float]:
    """Return every metric that is known.

    Energy is taken at equivalent value (当量值), the stricter of the two; hydrogen by location, as certificates do not make hydrogen renewable. What is about
    all energy of the park is known only where ``carbon.other_energy`` declares what the simulation does not see: electricity alone would pass for a park that
    burns coal beside it.
    """
    found: dict[str, float] = {}
    if account.energy.complete:
        found |= {
            "carbon_per_energy_t_per_tce": account.zero_carbon.equivalent.value,
            "clean_energy_share": account.energy.equivalent.clean_share,
            "direct_supply_share_of_clean": account.energy.equivalent.direct_supply_share_of_clean,
            "park_energy_tce": account.zero_carbon.equivalent.energy_tce_per_year,
        }
    if account.hydrogen is not None:
        found["hydrogen_kgco2e_per_kg"] = account.hydrogen.location
    if indicators is not None:
        found |= {metric: indicators.declared[row].value for row, metric in DECLARED.items() if row in indicators.declared}
    return found
