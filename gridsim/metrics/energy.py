"""The energy words of the scorecard, hour by hour; sums over hours give the year and the months.

Green is wind and sun inside the park's boundary. Imports and exports are metered at the grid connection and never netted across hours. Load is electricity
served to final uses, electrolysers included, losses of storage and lines excluded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridsim.dispatch.limits import final_use_terms
from gridsim.technologies.ammonia_plant import AmmoniaPlant
from gridsim.technologies.draft import total
from gridsim.units import MWH_PER_KG_HYDROGEN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.dispatch.result import Dispatch


@dataclass(frozen=True)
class HourlyEnergy:
    """Powers at each snapshot. All arrays have shape (T,). [MW] unless the name says otherwise."""

    available_mw: NDArray[np.float64]
    curtailed_mw: NDArray[np.float64]
    import_mw: NDArray[np.float64]
    export_mw: NDArray[np.float64]
    load_mw: NDArray[np.float64]
    unserved_mw: NDArray[np.float64]
    """Electricity asked for by loads but not delivered."""
    charge_mw: NDArray[np.float64]
    """Into electric storage."""
    discharge_mw: NDArray[np.float64]
    """Out of electric storage."""
    line_loss_mw: NDArray[np.float64]
    hydrogen_kg_per_h: NDArray[np.float64]
    """Made by electrolysers. [kg/h]"""
    ammonia_t_per_h: NDArray[np.float64]
    """Made by ammonia plants. [t/h]"""

    @property
    def used_mw(self) -> NDArray[np.float64]:
        """Green power that was not curtailed."""
        return self.available_mw - self.curtailed_mw


def hourly_energy(dispatch: Dispatch) -> HourlyEnergy:
    """Read the words from a dispatch."""
    draft, flows = dispatch.draft, dispatch.flows
    zero = np.zeros(dispatch.time.steps)
    green = draft.having("renewable")
    available = sum((draft.available(c) for c in green), start=zero)
    used = dispatch.summed(green)
    terms, fixed = final_use_terms(draft)
    electric_unserved = [c for c in draft.having("unserved") if draft.electric(c["bus"])]
    charge = [c for c in draft.having("charge") if draft.electric(c["bus0"])]
    discharge = [c for c in draft.having("discharge") if draft.electric(c["bus1"])]
    lines = [c for c in draft.having("transport") if draft.electric(c["bus0"])]
    electrolysers = [c for c in draft.having("conversion") if draft.buses[c["bus1"]] == "hydrogen"]
    synthesis = [c for c in draft.having("conversion") if isinstance(draft.park.technologies[c.technology], AmmoniaPlant)]

    def delivered(components: list) -> NDArray[np.float64]:
        return sum((c["efficiency"] * flows[c.name] for c in components), start=zero)

    return HourlyEnergy(
        available_mw=available,
        curtailed_mw=np.maximum(available - used, 0.0),
        import_mw=dispatch.summed(draft.having("import")),
        export_mw=dispatch.summed(draft.having("export")),
        load_mw=fixed + total(terms, flows, dispatch.time.steps),
        unserved_mw=dispatch.summed(electric_unserved),
        charge_mw=dispatch.summed(charge),
        discharge_mw=delivered(discharge),
        line_loss_mw=dispatch.summed(lines) - delivered(lines),
        hydrogen_kg_per_h=delivered(electrolysers) / MWH_PER_KG_HYDROGEN,
        ammonia_t_per_h=delivered(synthesis),
    )


def shares(available: float, curtailed: float, imported: float, exported: float, load: float) -> dict[str, float]:
    """Return the ratios of design §5 from sums of one period; a ratio of nothing is 0.

    ``green_share`` = (load − import) / load, ``self_use_ratio`` = (available − curtailed − export) / available, ``export_ratio`` = export / available,
    ``export_ratio_of_generation`` = export / (available − curtailed), ``curtailment_rate`` = curtailed / available.
    """

    def over(part: float, whole: float) -> float:
        return part / whole if whole > 0 else 0.0

    used = available - curtailed
    return {
        "green_share": over(load - imported, load),
        "self_use_ratio": over(used - exported, available),
        "export_ratio": over(exported, available),
        "export_ratio_of_generation": over(exported, used),
        "curtailment_rate": over(curtailed, available),
    }
