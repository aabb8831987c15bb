r"""Levelised cost of electricity, hydrogen and ammonia of a solved dispatch, with what each of them is made of.

Carrier by carrier, each yuan of the park's cost is followed to a final user (`gridsim.money.tracing`): on the electric buses to loads and to plants, then from
electrolysers, with the electricity they bought at the cost of the hours they ran in, over tanks and compressors to users of hydrogen and to synthesis, then
to users of ammonia. Yearly costs of a plant are spread evenly over what it delivers; the price of imports is that of their hour; demand charges are
spread over all imports. Electricity that is exported is costed as any other; what exports earn above that lowers the cost of all other
electricity, per MWh.

So the costs of all final users add up to the park's cost less its revenue from exports. The levelised cost is that sum over what was delivered in the horizon:

.. math:: \mathrm{LCOX} = \frac{\sum \text{annuities} + \text{upkeep} + \text{purchases} - \text{exports}}{\text{delivered}}

Real, at the park's real discount rate. Two simplifications: an electrolyser's hydrogen costs the same in all hours of the horizon, and what lies in a tank
that does not end as it began is not valued.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridsim.money.costs import Part, home_of, hourly_money
from gridsim.money.tracing import EXPORT, Tracing, entries_of, trace, user_of
from gridsim.units import KWH_PER_KG_HYDROGEN

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from gridsim.dispatch.result import Dispatch

ORDER = ("electricity", "hydrogen", "ammonia")
"""Each carrier is made from those before it."""
UNIT = {"electricity": "MWh", "hydrogen": "kg", "ammonia": "t"}
PER_BUS_UNIT = {"electricity": 1.0, "hydrogen": 1e3 / KWH_PER_KG_HYDROGEN, "ammonia": 1.0}
"""Quantity of the product in what flows over a bus in an hour."""
HOURLY = ("energy_import", "fuel", "variable_om")
DIRECT = ("unserved", "demand_response")
"""Kinds paid for one user, and not for what flows."""


@dataclass(frozen=True)
class Delivery:
    """What one user or plant drew of a carrier, and what that cost."""

    carrier: str
    user: str
    quantity: float
    """[MWh, kg, t]"""
    by_part: NDArray[np.float64]
    """Cost by part, in the order of `Levelised.parts`. [CNY]"""
    final: bool
    """False where a plant turns it into another carrier, whose users then pay for it."""

    @property
    def cny(self) -> float:
        """Cost of all parts. [CNY]"""
        return float(self.by_part.sum())


@dataclass(frozen=True)
class Levelised:
    """Costs of all deliveries."""

    parts: list[Part]
    home: list[str]
    """Carrier on which each part is spent."""
    deliveries: list[Delivery]

    def quantity(self, carrier: str, final: bool = False) -> float:
        """What was delivered of a carrier, to all or to final users only. [MWh, kg, t]"""
        return sum(d.quantity for d in self.deliveries if d.carrier == carrier and (d.final or not final))

    def cny(self, carrier: str, final: bool = False) -> NDArray[np.float64]:
        """Cost of that by part. Shape (I,). [CNY]"""
        wanted = [d.by_part for d in self.deliveries if d.carrier == carrier and (d.final or not final)]
        return sum(wanted, start=np.zeros(len(self.parts)))

    def cost_of(self, carrier: str, final: bool = False) -> float | None:
        """Levelised cost; None where nothing was delivered. [CNY/MWh, CNY/kg, CNY/t]"""
        quantity = self.quantity(carrier, final)
        return float(self.cny(carrier, final).sum()) / quantity if quantity > 1e-9 else None

    def users(self) -> pd.DataFrame:
        """One row a user or plant: carrier, user, final, quantity, unit, cny, cny_per_unit."""
        import pandas as pd

        rows = [
            {
                "carrier": d.carrier,
                "user": d.user,
                "final": d.final,
                "quantity": d.quantity,
                "unit": UNIT[d.carrier],
                "cny": d.cny,
                "cny_per_unit": d.cny / d.quantity if d.quantity > 1e-9 else np.nan,
            }
            for d in self.deliveries
        ]
        return pd.DataFrame(rows, columns=["carrier", "user", "final", "quantity", "unit", "cny", "cny_per_unit"])

    def breakdown(self, carrier: str, final: bool = False) -> pd.DataFrame:
        """One row a part of a product's cost: technology, kind, item, spent_on (the carrier it is spent on), cny, cny_per_unit."""
        import pandas as pd

        cny, quantity = self.cny(carrier, final), self.quantity(carrier, final)
        rows = [
            {
                "technology": part.technology,
                "kind": part.kind,
                "item": part.item,
                "spent_on": home,
                "cny": float(value),
                "cny_per_unit": float(value) / quantity if quantity > 1e-9 else np.nan,
            }
            for part, home, value in zip(self.parts, self.home, cny, strict=True)
            if abs(value) > 1e-9
        ]
        return pd.DataFrame(rows, columns=["technology", "kind", "item", "spent_on", "cny", "cny_per_unit"])

    def steps(self, carrier: str) -> dict[str, float]:
        """Cost of a product by where it is spent: all electricity, that of its hydrogen too; hydrogen; its own plants by technology and kind. [CNY per unit]"""
        rows = self.breakdown(carrier)
        steps: dict[str, float] = {}
        for row in rows.itertuples():
            own = row.spent_on == carrier
            key = f"{row.technology}.{row.kind}{'.' + row.item if row.item else ''}" if own else row.spent_on
            steps[key] = steps.get(key, 0.0) + row.cny_per_unit
        return steps


def levelised(dispatch: Dispatch, parts: list[Part]) -> Levelised:
    """Share a park's cost out to what it delivers.

    Parameters
    ----------
    dispatch : Dispatch
    parts : list of Part
        From `gridsim.money.costs.parts_of`.

    Returns
    -------
    Levelised
        Its final deliveries add up to the parts.
    """
    credit = Part("", "export_margin", "", 0.0)
    listed = [*parts, credit]
    homes = {name: home_of(dispatch, name) for name in dispatch.draft.park.technologies}
    home = [*(homes[part.technology] for part in parts), "electricity"]
    held: dict[str, NDArray[np.float64]] = {}
    deliveries: list[Delivery] = []
    for place, carrier in enumerate(ORDER):
        if not any(room == carrier for room in homes.values()) and not dispatch.draft.park.buses_of(carrier):
            continue
        traced = trace(dispatch, carrier)
        costs = np.zeros((len(listed), len(traced.destinations)))
        for number, part in enumerate(parts):
            if home[number] == carrier:
                costs[number] += _shared(dispatch, part, traced)
        for name in [name for name in held if homes[name] == carrier]:
            costs += np.outer(held.pop(name), traced.of_flows(entries_of(dispatch, name, traced.buses)))
        _credit_exports(costs, traced, len(parts))
        later = {name for name, made in homes.items() if made in ORDER[place + 1 :]}
        for number, user in enumerate(traced.destinations):
            if user in later:
                held[user] = held.get(user, 0.0) + costs[:, number]
            if costs[:, number].any() or (traced.drawn[number] > 0 and user != EXPORT):
                quantity = float(traced.drawn[number]) * PER_BUS_UNIT[carrier]
                deliveries.append(Delivery(carrier, user, quantity, costs[:, number], user not in later))
    return Levelised(listed, home, deliveries)


def _shared(dispatch: Dispatch, part: Part, traced: Tracing) -> NDArray[np.float64]:
    """One part by destination. Shape (D,). [CNY]"""
    if part.kind == "energy_export":
        return part.cny * traced.only(EXPORT)
    if part.kind in DIRECT:
        return part.cny * traced.whole(traced.only(user_of(dispatch, part.technology)))
    shares = traced.of_flows(entries_of(dispatch, part.technology, traced.buses))
    if part.kind not in HOURLY:
        return part.cny * shares
    entering = hourly_money(dispatch, part.technology, part.kind)
    money = sum((traced.of_money(bus, cny) for bus, cny in entering.items() if bus in traced.buses), start=np.zeros_like(shares))
    return money + (part.cny - money.sum()) * shares


def _credit_exports(costs: NDArray[np.float64], traced: Tracing, credit: int) -> None:
    """Give what exports cost less what they earned to all other users of the carrier, per unit drawn, as a part of its own."""
    export = traced.destinations.index(EXPORT)
    margin = costs[:, export].sum()
    if not costs[:, export].any():
        return
    others = traced.drawn.copy()
    others[export] = 0.0
    if others.sum() <= 1e-9:
        return  # all is exported: exports are the product
    costs[:, export] = 0.0
    costs[credit] += margin * others / others.sum()


def at_nodal_prices(dispatch: Dispatch, found: Levelised) -> dict[str, float]:
    """Levelised costs with electricity at the marginal price of its bus and hour, instead of its average cost.

    What a plant or load would pay if each hour's power had the price of its last MWh. Does not add up to the park's cost: what is left is the rent of the
    cheap sources, or what they lack. Keys ``lcoe_cny_per_mwh``, ``lcoh_cny_per_kg``, ``lcoa_cny_per_t`` where there is such a product.
    """
    if not all(bus in dispatch.prices for bus in dispatch.draft.park.buses_of("electricity")):
        return {}
    paid: dict[str, float] = {}
    for component in dispatch.draft.components.values():
        if (
            component.role in ("renewable", "import", "fuel", "export", "transport", "charge", "discharge", "spill", "store")
            and home_of(dispatch, component.technology) == "electricity"
        ):
            continue
        user = user_of(dispatch, component.technology)
        for bus, factor in dispatch.draft.ports(component):
            if dispatch.draft.electric(bus):
                worth = np.sum(dispatch.prices[bus] * -np.asarray(factor) * dispatch.flows[component.name]) * dispatch.time.step_hours
                paid[user] = paid.get(user, 0.0) + float(worth)
    result: dict[str, float] = {}
    users = {d.user for d in found.deliveries if d.carrier == "electricity" and d.final}
    if (mwh := found.quantity("electricity", final=True)) > 1e-9:
        result["lcoe_cny_per_mwh"] = sum(paid.get(user, 0.0) for user in users) / mwh
    upstream = 0.0
    for carrier, key in (("hydrogen", "lcoh_cny_per_kg"), ("ammonia", "lcoa_cny_per_t")):
        own = sum(part.cny for part, home in zip(found.parts, found.home, strict=True) if home == carrier)
        plants = {name for name in dispatch.draft.park.technologies if home_of(dispatch, name) == carrier}
        cost = own + upstream + sum(paid.get(name, 0.0) for name in plants)
        if (quantity := found.quantity(carrier)) <= 1e-9:
            continue
        result[key] = cost / quantity
        upstream = result[key] * sum(d.quantity for d in found.deliveries if d.carrier == carrier and not d.final)
    return result
