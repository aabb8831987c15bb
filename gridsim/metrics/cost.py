"""What the park costs, line by line; the lines add up to the totals, and the variable ones to the solver's objective."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gridsim.technologies.draft import Commitment

if TYPE_CHECKING:
    from gridsim.dispatch.result import Dispatch

KIND_OF_ROLE = {
    "import": "energy_import",
    "export": "energy_export",
    "fuel": "fuel",
    "unserved": "unserved",
    "missed": "unserved",
    "reduction": "demand_response",
    "increase": "demand_response",
}
"""Kind of cost that a flow's marginal cost is; the others are variable operation and maintenance."""


@dataclass(frozen=True)
class CostLine:
    """One line of the statement; revenue is negative."""

    technology: str
    kind: str
    cny: float


def cost_lines(dispatch: Dispatch) -> list[CostLine]:
    """Return every line that is not zero, in the order of the park file.

    Yearly costs (annuities, which hold replacements and residual values, and fixed upkeep) are counted for the share of the year that was simulated.
    """
    draft = dispatch.draft
    lines: list[CostLine] = []
    for component in draft.components.values():
        if component.kind != "Store":
            lines.append(CostLine(component.technology, KIND_OF_ROLE.get(component.role, "variable_om"), dispatch.variable_cost(component.name)))
    for request, cny in dispatch.demand_charges.items():
        lines.append(CostLine(request.partition(".")[0], "demand_charge", cny))
    for request in draft.requested(Commitment):
        lines.append(CostLine(request.name.partition(".")[0], "starts", request.start_cost_cny * float(dispatch.starts[request.name].sum())))
    share = dispatch.time.share_of_year
    for name, technology in draft.park.technologies.items():
        for bought in technology.investments():
            lines.append(CostLine(name, "investment", bought.yearly_cost_cny(draft.park.finance.discount_rate) * share))
            lines.append(CostLine(name, "fixed_om", bought.fixed_om_cny_per_year * share))
    return _grouped(lines)


def _grouped(lines: list[CostLine]) -> list[CostLine]:
    sums: dict[tuple[str, str], float] = {}
    for line in lines:
        sums[line.technology, line.kind] = sums.get((line.technology, line.kind), 0.0) + line.cny
    return [CostLine(technology, kind, cny) for (technology, kind), cny in sums.items() if abs(cny) > 1e-9]


def totals(lines: list[CostLine]) -> dict[str, float]:
    """Return operating, investment and total cost. [CNY]"""
    investment = sum(line.cny for line in lines if line.kind == "investment")
    operating = sum(line.cny for line in lines if line.kind != "investment")
    return {"cost_total_cny": investment + operating, "cost_operating_cny": operating, "cost_investment_cny": investment}
