r"""What the simulation knows of the plans' indicators, by the word that a table's row names.

======================================  ==========================================================================================
``energy_per_value_added``              energy at equal value (等价值, as the zone's plan has it for new projects) / value added [tce/万元]
``carbon_per_value_added``              scope 1 + scope 2 (location) + declared other emissions / value added [t/万元]
``non_fossil_share``                    own non-fossil energy / energy use, at equal value (how statistics count power) [1]
``renewable_electricity_share``         green power used / load by the ledger, certificates left out [1]
``renewable_capacity_10mw``             wind and solar inside the boundary [万千瓦, 10 MW]
======================================  ==========================================================================================

Where ``carbon.other_energy`` declares nothing, energy and carbon are those of electricity and of fuels burnt in modelled plants alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gridsim.carbon.account import CarbonAccount
    from gridsim.dispatch.result import Dispatch
    from gridsim.indicators.section import IndicatorsSection
    from gridsim.metrics.scorecard import Scorecard

NEEDS_ALL_ENERGY = frozenset({"energy_per_value_added", "carbon_per_value_added", "non_fossil_share"})
"""Words that mean little while energy beyond the simulation is not declared."""


def computed_words(dispatch: Dispatch, card: Scorecard, account: CarbonAccount, section: IndicatorsSection) -> dict[str, float]:
    """Return every word that is known; those over value added only where it is given. What adds up over time is scaled to a year."""
    share = dispatch.time.share_of_year
    renewables = dispatch.draft.having("renewable")
    words = {
        "non_fossil_share": account.energy.equal.non_fossil_share,
        "renewable_electricity_share": card.year["hourly_matched_share"],
        "renewable_capacity_10mw": sum(component["p_nom"] for component in renewables) / 10.0,
    }
    if section.value_added is not None:
        year = account.year
        emitted = year["scope1_t"] + year["scope2_location_t"] + year["other_emissions_t"]
        words["energy_per_value_added"] = account.energy.equal.total_tce / share / section.value_added.value_10k_cny
        words["carbon_per_value_added"] = emitted / share / section.value_added.value_10k_cny
    return words
