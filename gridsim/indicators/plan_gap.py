r"""A plan's own targets beside the zero-carbon park's threshold: CO2 over energy, both per value added, so that value added cancels.

.. math:: r = \frac{\text{tCO}_2 / \text{万元}}{\text{tce} / \text{万元}}

The threshold depends on the park's use a year, which the plan does not state; each threshold is shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gridsim.carbon.zero_carbon import Gap, core_thresholds

if TYPE_CHECKING:
    from gridsim.indicators.table import Table


@dataclass(frozen=True)
class PlanGap:
    """One year of a plan beside one threshold; amounts are for 万元 of value added."""

    year: int
    gap: Gap


def plan_gaps(plan: Table) -> tuple[PlanGap, ...]:
    """Return every year with both targets, beside every threshold; nothing for a table without them."""
    names = {row.name for row in plan.indicators}
    if not {"energy_per_value_added", "carbon_per_value_added"} <= names:
        return ()
    energy, carbon = (plan.indicator(name).targets for name in ("energy_per_value_added", "carbon_per_value_added"))
    stated = [(year, carbon[year], energy[year]) for year in plan.years]
    return tuple(
        PlanGap(year, Gap(emitted.value, used.value, threshold.value))
        for year, emitted, used in stated
        if emitted is not None and used is not None
        for threshold in core_thresholds()
    )
