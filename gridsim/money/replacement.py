"""When batteries need new cells and electrolysers new stacks, from how the solved year uses them, and how both age until then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.physics.annuity import capital_recovery_factor
from gridsim.physics.battery_ageing import cycle_loss_per_year, remaining_capacity, years_to_end_of_life
from gridsim.physics.electrolyser import aged_consumption
from gridsim.physics.rainflow import rainflow
from gridsim.technologies.battery import Battery
from gridsim.technologies.electrolyser import Electrolyser

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.dispatch.result import Dispatch
    from gridsim.money.terms import Terms
    from gridsim.technologies.base import Investment

LAST_YEAR = 1.0
"""Parts that would serve less than this before their plant is replaced as a whole are not bought any more. [a]"""


@dataclass(frozen=True)
class Wear:
    """One battery's cells or one electrolyser's stacks."""

    technology: str
    part: str
    """``cells`` or ``stacks``."""
    life_years: float
    """Until replacement, as the solved year uses them; infinite where they are not used. [a]"""
    cost_cny: float
    """Of one replacement, at today's price. [CNY]"""
    plant_life_years: float
    """Of the plant that holds them. [a]"""
    figures: dict[str, float]
    """What the life was computed from."""

    def bought_in(self, years: int) -> NDArray[np.int64]:
        """Years of operation in which they are bought, each at its end and before ``years``; a new plant brings its own."""
        if not np.isfinite(self.life_years) or self.life_years <= 0:
            return np.empty(0, dtype=np.int64)
        plants = np.arange(0.0, years, self.plant_life_years)
        turns = np.arange(1, int(self.plant_life_years / self.life_years) + 1) * self.life_years
        turns = turns[turns <= self.plant_life_years - LAST_YEAR]
        at = np.ceil((plants[:, None] + turns[None, :]).ravel() - 1e-9).astype(np.int64)
        return np.unique(at[at < years])

    def extra_per_year(self, discount_rate: float) -> float:
        r"""What parts that wear out before their plant add to its annuity, :math:`C_p\,(a(i, L_p) - a(i, L))`. [CNY/a]"""
        if self.life_years >= self.plant_life_years:
            return 0.0
        short, whole = capital_recovery_factor(discount_rate, [self.life_years, self.plant_life_years])
        return self.cost_cny * float(short - whole)


def wear_of(dispatch: Dispatch, terms: Terms) -> list[Wear]:
    """Return the parts that wear, of each battery and electrolyser of some size whose park file does not price its replacement itself."""
    found = []
    for name, technology in dispatch.draft.park.technologies.items():
        if isinstance(technology, Battery) and technology.energy_mwh > 0 and _left_to_wear(technology.investments(), "cells"):
            found.append(_cells(name, technology, dispatch, terms))
        elif isinstance(technology, Electrolyser) and technology.capacity_mw > 0 and _left_to_wear(technology.investments(), "stacks"):
            found.append(_stacks(name, technology, dispatch, terms))
    return found


def _left_to_wear(investments: list[Investment], part: str) -> bool:
    """Tell whether the file leaves the part's replacement to its wear: no price or life of replacements of its own."""
    named = any(bought.item in {part, part.removesuffix("s")} for bought in investments) and part == "stacks"
    return not named and all(bought.replacement_cost_share == 1.0 for bought in investments)


def battery_cycles(dispatch: Dispatch, name: str, technology: Battery) -> NDArray[np.float64]:
    """Level of a battery over its energy, from before the first snapshot on. Shape (T + 1,). [1]"""
    level = dispatch.levels[f"{name}.store"] / technology.energy_mwh
    store = dispatch.draft.components[f"{name}.store"]
    before = level[-1] if store.get("e_cyclic", False) else store.get("e_initial", 0.0) / technology.energy_mwh
    return np.append(before, level)


def _cells(name: str, technology: Battery, dispatch: Dispatch, terms: Terms) -> Wear:
    cycles = rainflow(battery_cycles(dispatch, name, technology), repeating=True)
    loss = cycle_loss_per_year(
        cycles,
        terms.battery_cycles_to_end,
        terms.battery_cycle_depth,
        terms.battery_gain_at_half_depth,
        terms.battery_end_of_life_share,
        dispatch.time.share_of_year,
    )
    figures = {
        "full_cycles_per_year": cycles.equivalent / dispatch.time.share_of_year,
        "cycle_loss_per_year": loss,
        "calendar_loss_after_ten_years": terms.battery_calendar_loss_after_ten_years,
    }
    life = years_to_end_of_life(terms.battery_calendar_loss_after_ten_years, loss, terms.battery_end_of_life_share)
    price = terms.battery_cell_price_cny_per_kwh * 1e3 * technology.energy_mwh
    return Wear(name, "cells", life, price, technology.lifetime_years, figures)


def operating_hours(dispatch: Dispatch, name: str) -> float:
    """Hours a year that a module of a fleet runs on average. [h/a]

    At the mixed-integer level the modules that are on are counted. At the linear level the fleet runs as few modules as give its best consumption: the
    first piece of the curve is full for each of them, so its load over its size is their share.
    """
    hours, year = dispatch.time.step_hours, dispatch.time.share_of_year
    technology: Any = dispatch.draft.park.technologies[name]
    if (on := dispatch.commitments.get(f"{name}.modules")) is not None:
        return float(np.sum(on)) * hours / technology.modules / year
    first = dispatch.draft.components[f"{name}.piece_0"]
    return float(np.sum(dispatch.flows[first.name])) * hours / first["p_nom"] / year if first["p_nom"] > 0 else 0.0


def _stacks(name: str, technology: Electrolyser, dispatch: Dispatch, terms: Terms) -> Wear:
    hours = operating_hours(dispatch, name)
    life_hours = terms.stack_life_hours_pem if technology.kind == "pem" else terms.stack_life_hours_alkaline
    figures = {"operating_hours_per_year": hours, "life_hours": life_hours, "degradation_share_per_year": technology.degradation_share_per_year}
    cost = terms.stack_cost_share * sum(bought.capital_cost_cny for bought in technology.investments())
    return Wear(name, "stacks", life_hours / hours if hours > 0 else np.inf, cost, technology.lifetime_years, figures)


def _age(wear: Wear, years: int, at_begin: bool = True) -> NDArray[np.float64]:
    """Years that the parts in use have served, at the beginning or end of each year of operation. Shape (Y,). [a]"""
    whole = np.arange(0.0, years, wear.plant_life_years)
    new = np.unique(np.concatenate([[0.0], np.ceil(whole - 1e-9), wear.bought_in(years)]))
    start = np.arange(years, dtype=float)
    age: NDArray[np.float64] = start - new[np.searchsorted(new, start, side="right") - 1]
    return age if at_begin else age + 1.0


def capacity_by_year(wear: Wear, years: int) -> NDArray[np.float64]:
    """Capacity of a battery at the end of each year of operation, before any replacement that falls there. Shape (Y,). [1]"""
    return remaining_capacity(_age(wear, years, at_begin=False), wear.figures["calendar_loss_after_ten_years"], wear.figures["cycle_loss_per_year"])


def consumption_by_year(wear: Wear, years: int) -> NDArray[np.float64]:
    """Consumption of an electrolyser in the middle of each year of operation, over that of new stacks. Shape (Y,). [1]"""
    hours = (_age(wear, years) + 0.5) * wear.figures["operating_hours_per_year"]
    return aged_consumption(1.0, hours, wear.figures["degradation_share_per_year"])
