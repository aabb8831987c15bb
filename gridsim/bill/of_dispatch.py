"""The bills of a dispatched park, and how they differ from the cost that the dispatch counted."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

from gridsim.bill.meter import Meter, meter
from gridsim.errors import DefinitionError, Problem
from gridsim.technologies.grid_connection import GridConnection

if TYPE_CHECKING:
    from gridsim.bill.lines import Statement
    from gridsim.dispatch.result import Dispatch
    from gridsim.distribution.feasibility import Feasibility

IN_THE_OBJECTIVE = {
    "energy_import": ("import", ("energy", "adder")),
    "demand_charge": ("demand", ("demand.metered", "demand.excess", "demand.coincident")),
    "energy_export": ("export", ("export",)),
}
"""Kind of the cost table: what it is called in the dispatch, and the lines of the bill that are the same money."""


def meters_of(dispatch: Dispatch, checked: Feasibility | None = None) -> dict[str, Meter]:
    """Read the meters of every grid connection; reactive power where the wires were checked and there is one connection.

    Self-used wind and sun is what was generated and not exported in the same snapshot. It is metered at the connection whose tariff charges it, else at the
    first. Reactive power of snapshots that the power flow did not solve counts as none.
    """
    draft, park = dispatch.draft, dispatch.draft.park
    connections = park.of_type(GridConnection)
    charging = [name for name, one in connections.items() if park.tariffs[one.tariff].bill.self_use or park.tariffs[one.tariff].bill.direct_supply]
    if len(charging) > 1:
        found = f"{' and '.join(charging)} both charge self-used power"
        remedy = "keep bill.self_use and bill.direct_supply in the tariff of one grid connection: own wind and sun is not metered by connection"
        raise DefinitionError(park.name, [Problem("tariffs", found, remedy)])
    self_used = np.maximum(dispatch.summed(draft.having("renewable")) - dispatch.summed(draft.having("export")), 0.0)
    reactive = np.nan_to_num(checked.flow.slack_q_mvar.sum(axis=1)) if checked is not None and len(connections) == 1 else None
    meters = {}
    for place, name in enumerate(connections):
        own = name in charging or (not charging and place == 0)
        imports, exports = (dispatch.summed(draft.having(role, technology=name)) for role in ("import", "export"))
        meters[name] = meter(park.time, imports, exports, self_used if own else None, reactive)
    return meters


@dataclass(frozen=True)
class Difference:
    """One kind of cost, as the dispatch counted it and as the bill has it."""

    kind: str
    """Of the dispatch's cost table, or the first word of the bill's items where the dispatch does not count them, or ``rounding``."""
    dispatch_cny: float
    bill_cny: float
    """Before rounding."""

    @property
    def difference_cny(self) -> float:
        """Bill − dispatch."""
        return self.bill_cny - self.dispatch_cny


def reconcile(dispatch: Dispatch, bill: Statement) -> list[Difference]:
    """Lay the bill of one connection beside the dispatch's cost, kind by kind; the last line is what rounding to fen adds.

    The sum of ``bill_cny`` is the statement's total. Kinds that neither knows are left out.
    """
    name = bill.connection
    found = []
    for kind, (role, items) in IN_THE_OBJECTIVE.items():
        found.append(Difference(kind, _counted(dispatch, name, role), float(bill.unrounded_of(*items))))
    billed = {item for _, items in IN_THE_OBJECTIVE.values() for item in items}
    others: dict[str, Decimal] = {}
    for one in bill.lines:
        if one.item not in billed and one.kind not in billed:
            key = one.item if one.kind in {"demand", "network_fee"} else one.kind
            others[key] = others.get(key, Decimal()) + one.unrounded_cny
    found += [Difference(kind, 0.0, float(cny)) for kind, cny in others.items()]
    found.append(Difference("rounding", 0.0, float(bill.total_cny - bill.unrounded_cny)))
    return [one for one in found if one.dispatch_cny or one.bill_cny]


def _counted(dispatch: Dispatch, name: str, role: str) -> float:
    if role == "demand":
        return sum(cny for request, cny in dispatch.demand_charges.items() if request.partition(".")[0] == name)
    return sum(dispatch.variable_cost(component.name) for component in dispatch.draft.having(role, technology=name))
