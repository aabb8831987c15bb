r"""What not knowing the future costs: an operation against perfect foresight and against a rule that does not look ahead.

.. math:: \text{regret} = C_\text{operated} - C_\text{perfect}, \qquad
   \text{value of planning} = \frac{C_\text{rule} - C_\text{operated}}{C_\text{rule} - C_\text{perfect}}

Perfect foresight is the optimum of the year at the linear level, below which no operation can be; of a mixed-integer operation the regret therefore holds what
starts and minimum loads cost as well.

The rule is what a controller without forecasts does (`gridsim.vpp.rolling.year_plan.ends_of_rule`): own use first, a surplus into the stores before it is
exported, electrolysers on surplus, batteries by the price band of the day. Its year passes the same audit; where it could not keep a row,
``rule_windows_broken`` says so, and its cost is no measure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.dispatch.solve import KeptDispatch
from gridsim.vpp.rolling.operation import Operation, Progress, operate

if TYPE_CHECKING:
    from gridsim.dispatch.result import Dispatch
    from gridsim.park.park import Park
    from gridsim.technologies.draft import Level
    from gridsim.vpp.rolling.operation import Forecasts


@dataclass(frozen=True, eq=False)
class Regret:
    """One operation beside the best and the plainest that could be."""

    operated: Operation
    rule: Operation
    perfect: Dispatch

    @property
    def regret_cny(self) -> float:
        """What the operation cost over perfect foresight. [CNY]"""
        return self.operated.cost_cny - self.perfect.objective_cny

    def figures(self) -> dict[str, float]:
        """Return the figures, keys with units."""
        perfect, rule = self.perfect.objective_cny, self.rule.cost_cny
        planned, done = (self._net_import(flows) for flows in (self.operated.planned, self.operated.dispatch.flows))
        hours = self.perfect.time.step_hours
        return {
            "operated_cost_cny": self.operated.cost_cny,
            "perfect_cost_cny": perfect,
            "rule_cost_cny": rule,
            "regret_cny": self.regret_cny,
            "regret_share": self.regret_cny / abs(perfect) if perfect else float("nan"),
            "value_of_planning_share": (rule - self.operated.cost_cny) / (rule - perfect) if rule > perfect and not self.rule.broken else float("nan"),
            "import_above_plan_mwh": float(np.maximum(done - planned, 0.0).sum() * hours),
            "import_below_plan_mwh": float(np.maximum(planned - done, 0.0).sum() * hours),
            "windows": float(len(self.operated.windows)),
            "windows_broken": float(len(self.operated.broken)),
            "rule_windows_broken": float(len(self.rule.broken)),
        }

    def _net_import(self, flows: dict[str, np.ndarray]) -> np.ndarray:
        draft = self.perfect.draft
        nothing = np.zeros(draft.steps)
        bought, sold = (sum((flows[c.name] for c in draft.having(role)), start=nothing) for role in ("import", "export"))
        return bought - sold


def regret(
    park: Park,
    *,
    level: Level = "linear",
    horizon_hours: float = 48.0,
    every_hours: float = 24.0,
    forecasts: Forecasts | None = None,
    year_plan: Dispatch | None = None,
    perfect: Dispatch | None = None,
    options: dict[str, Any] | None = None,
    progress: Progress | None = None,
) -> Regret:
    """Operate a park, and set it beside perfect foresight (the park's optimum, where it is known already) and a rule; parameters as in `operate`."""
    perfect = perfect or KeptDispatch(park, with_network=False).solve().dispatch
    plan = year_plan or perfect
    how: dict[str, Any] = {"level": level, "options": options}
    operated = operate(park, horizon_hours=horizon_hours, every_hours=every_hours, forecasts=forecasts, year_plan=plan, progress=progress, **how)
    of_rule = None if progress is None else lambda share, _: progress(share, "rule")
    return Regret(operated, operate(park, controller="rule", progress=of_rule, **how), perfect)
