r"""A fleet of electrolyser modules, alkaline or PEM.

Linear level. Modules may be switched one by one, so the fleet reaches the concave envelope of the module's curve and the origin. It is held as parallel
Links, one a straight piece :math:`k` of the envelope, each with its own consumption :math:`\epsilon_k` rising from piece to piece:

.. math:: h_t = \sum_k \frac{p_{k,t}}{\epsilon_k}, \qquad 0 \le p_{k,t} \le w_k P

Mixed-integer level. With :math:`n_t` modules of size :math:`M` on and :math:`b_t` in standby:

.. math::
   p_{0,t} = p_\min M n_t, \quad 0 \le p_{k,t} \le w_k M n_t, \quad n_t + b_t \le N, \quad
   s_t \ge (n_t + b_t) - (n_{t-1} + b_{t-1}), \quad a_t = \beta M b_t + \frac{\tau p_\min M s_t}{\Delta t}

Each cold start :math:`s` costs money and :math:`\tau` hours at minimum load without hydrogen; standby draws the share :math:`\beta`. The curve starts at the
minimum load, so its rise towards part load is exact. What the linear level leaves out is starts, standby, and the fleet's minimum load. A ramp slower than one
module's minimum load gives way to it at the mixed-integer level, so that a module can start and stop; what a single module runs above its minimum load keeps
to the ramp.

Every report says what these lines promise above what whole modules make of the same power, :math:`\max_n n\,f(p/n)` (`gridsim.physics.part_load`). The fleet
is taken as the whole number of equal modules nearest to its capacity, each a little larger or smaller than :math:`M` where the capacity is no multiple of it.

The pieces fill in order, the best first: where electricity has a price they do by themselves, where it is free a cost of 0.0001 CNY/MWh from piece to
piece sees to it, and where its price is negative a binary does. Otherwise a plant could waste electricity that its curve does not take.

Consumption is measured at the alternating-current terminals of the whole plant, ages by a share a year, and ``1 − LHV/consumption`` of the electricity becomes
heat, of which a share reaches the heat bus, where it is used or let go.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from gridsim.physics.part_load import LOAD_TOLERANCE, fleet_envelope, fleet_production, module_blocks, running_production
from gridsim.technologies.base import Asset, CapitalCost, Finding, Investment
from gridsim.technologies.draft import Block, Commitment, Ordered, RampLimit, Term
from gridsim.units import KWH_PER_KG_HYDROGEN, Hours, PowerMW, Share, Years

if TYPE_CHECKING:
    from gridsim.dispatch.result import Dispatch
    from gridsim.park.park import Park
    from gridsim.technologies.draft import NetworkDraft

TIE_BREAK_CNY_PER_MWH = 1e-4
"""From piece to piece of the curve, so that they fill in order where electricity is free; no part of any cost that is reported."""

CurvePoint = Annotated[list[Annotated[float, Field(gt=0)]], Field(min_length=2, max_length=2)]


class Electrolyser(Asset):
    """Equal modules that turn electricity and water into hydrogen."""

    variant_field: ClassVar[str | None] = "kind"
    bus_carriers: ClassVar[dict[str, str]] = {"bus": "electricity", "hydrogen_bus": "hydrogen", "heat_bus": "heat"}

    type: Literal["electrolyser"]
    kind: Literal["alkaline", "pem"] = "alkaline"
    bus: str
    hydrogen_bus: str
    heat_bus: str | None = None
    capacity_mw: PowerMW
    """Rated power of all modules, alternating current, auxiliaries included. [MW]"""
    module_mw: Annotated[float, Field(gt=0)]
    """Rated power of one module. [MW]"""
    specific_energy_kwh_per_kg: Annotated[float, Field(gt=KWH_PER_KG_HYDROGEN)]
    """Electricity per hydrogen at rated load, new. [kWh/kg]"""
    part_load_curve: Annotated[list[CurvePoint], Field(min_length=2)]
    """Points (load per unit of rated, specific consumption over that at rated); the last load is the overload limit."""
    min_load_share: Share
    """Lowest load of a module that is on. [1]"""
    ramp_share_per_hour: Annotated[float, Field(gt=0)] | None = None
    """Largest change of the fleet's power in an hour over its capacity; left out, free. [1/h]"""
    start_cost_cny_per_mw: Annotated[float, Field(ge=0)]
    start_time_hours: Hours
    standby_share: Share
    """Power of a module in standby over rated. [1]"""
    degradation_share_per_year: Share
    age_years: Annotated[float, Field(ge=0)] = 0.0
    """Years of operation so far, for ageing. [a]"""
    water_kg_per_kg: Annotated[float, Field(ge=9)]
    """Raw water per hydrogen. [kg/kg]"""
    heat_recovery_share: Share
    """Share of the waste heat that reaches the heat bus, where there is one. [1]"""
    variable_cost_cny_per_mwh: Annotated[float, Field(ge=0)]
    capital_cost_cny_per_kw: CapitalCost
    """Whole plant, first stacks included. [CNY/kW]"""
    stack_cost_share: Share | None = None
    """Cost of new stacks over that of the whole plant; left out, stacks last as long as the plant. [1]"""
    stack_lifetime_years: Years | None = None
    """Years until new stacks: their life in operating hours over the operating hours of a year. [a]"""

    def findings(self, park: Park) -> Iterator[Finding]:
        """The curve must rise in load, hold the rated point, and start at or below the minimum load; stacks need both price and life."""
        if (self.stack_cost_share is None) != (self.stack_lifetime_years is None):
            missing = "stack_cost_share" if self.stack_cost_share is None else "stack_lifetime_years"
            yield Finding(missing, "is missing", "give both stack_cost_share and stack_lifetime_years, or neither")
        loads = [point[0] for point in self.part_load_curve]
        if any(later <= earlier for earlier, later in pairwise(loads)):
            yield Finding("part_load_curve", f"its loads {loads} do not rise", "write points [load, relative consumption] in rising order of load")
        elif not loads[0] <= self.min_load_share + 1e-9 or loads[-1] < 1.0:
            yield Finding(
                "part_load_curve", f"covers loads {loads[0]} to {loads[-1]}", f"it must reach from min_load_share {self.min_load_share} to at least 1.0"
            )
        if self.module_mw > self.capacity_mw > 0:
            yield Finding("module_mw", f"{self.module_mw} exceeds capacity_mw {self.capacity_mw}", "a module is part of the fleet")

    @property
    def consumption_kwh_per_kg(self) -> float:
        """Specific consumption at rated load and today's age. [kWh/kg]"""
        return self.specific_energy_kwh_per_kg * (1 + self.degradation_share_per_year * self.age_years)

    @property
    def modules(self) -> int:
        """Whole number of modules nearest to the capacity."""
        return max(1, round(self.capacity_mw / self.module_mw))

    def _curve(self) -> tuple[np.ndarray, np.ndarray]:
        """Points from the minimum load on. Loads and relative consumptions, each shape (K,)."""
        loads, relative = np.array(self.part_load_curve).T
        production = loads / relative
        first = max(self.min_load_share, loads[0])
        kept = loads > first
        start = np.interp(first, loads, production)
        return np.append(first, loads[kept]), np.append(first / start, relative[kept])

    def build(self, name: str, draft: NetworkDraft) -> None:
        """Add one Link a piece of the curve; at the mixed-integer level with the modules' commitment."""
        loads, relative = self._curve()
        rated_efficiency = KWH_PER_KG_HYDROGEN / self.consumption_kwh_per_kg
        committed = draft.level == "mixed_integer"
        if committed:
            widths, slopes = module_blocks(loads, relative)
            size = self.capacity_mw / self.modules
        else:
            widths, slopes, _ = fleet_envelope(loads, relative)
            size = self.capacity_mw
        blocks = []
        for number, (width, slope) in enumerate(zip(widths, slopes, strict=True)):
            self._link(name, draft, number, float(width) * self.capacity_mw, float(slope) * rated_efficiency)
            blocks.append(Block(f"{name}.piece_{number}", float(width) * size if committed and number == 0 else 0.0, float(width) * size))
        commitment = self._commit(name, draft, tuple(blocks)) if committed else None
        # the first piece of modules that are on is always full
        for number, (first, second) in enumerate(pairwise(blocks[1:] if committed else blocks), start=1):
            draft.request(
                Ordered(
                    f"{second.component}.after",
                    first.component,
                    first.maximum_mw,
                    second.component,
                    draft.components[second.component]["p_nom"],
                    number * TIE_BREAK_CNY_PER_MWH,
                    commitment,
                    self.modules if committed else 1,
                )
            )
        if self.heat_bus is not None:
            draft.generator(f"{name}.heat_spill", name, "spill", self.heat_bus, self.capacity_mw * float(np.sum(widths)), sign=-1.0)
        if self.ramp_share_per_hour is not None:
            self._ramp(name, draft, tuple(blocks), commitment)

    def _link(self, name: str, draft: NetworkDraft, number: int, power_mw: float, efficiency: float) -> None:
        heat = {} if self.heat_bus is None else {"bus2": self.heat_bus, "efficiency2": (1 - efficiency) * self.heat_recovery_share}
        cost = self.variable_cost_cny_per_mwh
        draft.link(f"{name}.piece_{number}", name, "conversion", self.bus, self.hydrogen_bus, power_mw, efficiency, marginal_cost=cost, **heat)

    def _commit(self, name: str, draft: NetworkDraft, blocks: tuple[Block, ...]) -> str:
        size = self.capacity_mw / self.modules
        standby_mw, start_energy_mwh = self.standby_share * size, self.start_time_hours * blocks[0].minimum_mw
        largest = self.modules * (standby_mw + start_energy_mwh / draft.park.time.step_hours)
        auxiliary = draft.generator(f"{name}.auxiliary", name, "auxiliary", self.bus, largest)
        fleet = f"{name}.modules"
        draft.request(
            Commitment(
                fleet,
                self.modules,
                blocks,
                start_cost_cny=self.start_cost_cny_per_mw * size,
                auxiliary=auxiliary,
                standby_mw=standby_mw,
                start_energy_mwh=start_energy_mwh,
            )
        )
        return fleet

    def _ramp(self, name: str, draft: NetworkDraft, blocks: tuple[Block, ...], commitment: str | None) -> None:
        change = self.ramp_share_per_hour * self.capacity_mw * draft.park.time.step_hours
        terms = tuple(Term(block.component) for block in blocks)
        minimum = blocks[0].minimum_mw
        reach = max(change, minimum)
        draft.request(RampLimit(f"{name}.ramp", terms, reach, reach))
        if commitment is not None and change < minimum and self.modules == 1:
            draft.request(RampLimit(f"{name}.ramp_above_minimum", terms, change, change, above=(commitment, minimum)))

    def investments(self) -> list[Investment]:
        """Plant on rated power, and its stacks apart where they have a life of their own."""
        cost_cny_per_mw, share = self.capital_cost_cny_per_kw * 1e3, self.stack_cost_share
        if share is None or self.stack_lifetime_years is None:
            return [self.bought("plant", self.capacity_mw, "MW", cost_cny_per_mw)]
        stacks = self.bought("stacks", self.capacity_mw, "MW", cost_cny_per_mw * share)
        return [
            self.bought("plant", self.capacity_mw, "MW", cost_cny_per_mw * (1.0 - share)),
            dataclasses.replace(stacks, lifetime_years=self.stack_lifetime_years),
        ]

    def _totals(self, name: str, dispatch: Dispatch) -> tuple[np.ndarray, np.ndarray]:
        """Power drawn and hydrogen made. Each shape (T,). [MW], [kg/h]"""
        pieces = dispatch.draft.having("conversion", technology=name)
        power = sum((dispatch.flows[piece.name] for piece in pieces), start=np.zeros(dispatch.time.steps))
        made = sum((dispatch.flows[piece.name] * piece["efficiency"] for piece in pieces), start=np.zeros(dispatch.time.steps))
        return power, made * 1e3 / KWH_PER_KG_HYDROGEN

    def overstated_kg_per_h(self, name: str, dispatch: Dispatch) -> np.ndarray:
        """Hydrogen that the straight lines promise above what whole modules make of the same power. Shape (T,). [kg/h]"""
        power, promised = self._totals(name, dispatch)
        size = self.capacity_mw / self.modules
        if size == 0.0:
            return np.zeros_like(power)
        on = dispatch.commitments.get(f"{name}.modules")
        made = fleet_production(power / size, self.modules, *self._curve()) if on is None else running_production(power / size, on, *self._curve())
        return np.maximum(promised - made * size * 1e3 / self.consumption_kwh_per_kg, 0.0)

    def report(self, name: str, dispatch: Dispatch) -> dict[str, float]:
        """Electricity, hydrogen, consumption met on average, water; what the straight lines promise too much, and operation that no module can do."""
        hours = dispatch.time.step_hours
        power, kg_per_h = self._totals(name, dispatch)
        energy, hydrogen = float(power.sum() * hours), float(kg_per_h.sum() * hours)
        overstated = float(self.overstated_kg_per_h(name, dispatch).sum() * hours)
        minimum_mw = self._curve()[0][0] * self.capacity_mw / self.modules
        below = (power > LOAD_TOLERANCE * minimum_mw) & (power < (1.0 - LOAD_TOLERANCE) * minimum_mw)
        if f"{name}.auxiliary" in dispatch.flows:
            energy += float(dispatch.flows[f"{name}.auxiliary"].sum() * hours)
        return {
            "capacity_mw": self.capacity_mw,
            "energy_mwh": energy,
            "hydrogen_kg": hydrogen,
            "full_load_hours": energy / self.capacity_mw if self.capacity_mw else 0.0,
            "specific_energy_kwh_per_kg": energy * 1e3 / hydrogen if hydrogen else 0.0,
            "water_t": hydrogen * self.water_kg_per_kg / 1e3,
            "hydrogen_overstated_kg": overstated,
            "hydrogen_overstated_share": overstated / hydrogen if hydrogen else 0.0,
            "below_minimum_load_hours": float(below.sum() * hours),
            "below_minimum_load_mwh": float(power[below].sum() * hours),
        }

    def series(self, name: str, dispatch: Dispatch) -> dict[str, tuple[Any, str]]:
        """Power, hydrogen, and the modules that are on (mixed-integer level)."""
        power, kg_per_h = self._totals(name, dispatch)
        columns = {"power_mw": (power, "MW"), "hydrogen_kg_per_h": (kg_per_h, "kg/h")}
        if (modules := dispatch.commitments.get(f"{name}.modules")) is not None:
            columns["modules_on"] = (modules, "1")
        return columns
