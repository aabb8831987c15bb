"""Electricity hour by hour, by type of technology: what supplied it and what used it. Both sides have the same sum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridsim.report.theme import colour_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.report.view import RunView

FIRST_IN_STACK = ("wind", "solar", "load", "electrolyser")
LAST_IN_STACK = ("other_supply", "other_use", "demand_response", "line_loss", "battery", "caes", "grid_connection", "unserved")

SUPPLYING = {"import_mw": "grid_connection", "discharge_mw": "", "reduction_mw": "", "unserved_mw": "unserved"}
"""Quantities that are supply, and the group that they count to where it is not the technology's type."""
USING = {"export_mw": "grid_connection", "charge_mw": "", "increase_mw": "", "load_mw": "", "auxiliary_mw": ""}

TINY_MW = 1e-3
"""A group that never passes this is left out."""


@dataclass(frozen=True)
class Part:
    """One layer of a stack."""

    group: str
    """A type of technology, or one of ``unserved``, ``line_loss``, ``other_supply``, ``other_use``."""
    power_mw: NDArray[np.float64]
    """Shape (T,)."""

    @property
    def colour(self) -> str:
        """The theme's colour of the group."""
        return colour_of(self.group)


def supply_and_use(view: RunView) -> tuple[list[Part], list[Part]]:
    """Return the layers of supply and of use.

    What the hourly table does not show one by one (compressors, synthesis, or a new kind of generator) is the rest that closes the balance
    of the scorecard's words: load + taken away + unserved + export + charge + line losses = all supply.
    """
    supply, use = _by_type(view)
    taken_away = sum((supply.get(group, 0.0) for group in ("demand_response", "unserved")), start=np.zeros(view.steps))
    known_load = sum((power for group, power in use.items() if group != "grid_connection"), start=-view.total("charge_mw"))
    use["other_use"] = view.total("load_mw") + taken_away - known_load
    use["line_loss"] = view.total("line_loss_mw")
    used = sum(use.values(), start=np.zeros(view.steps))
    supply["other_supply"] = used - sum(supply.values(), start=np.zeros(view.steps))
    return _ordered(supply), _ordered(use)


def _by_type(view: RunView) -> tuple[dict[str, NDArray[np.float64]], dict[str, NDArray[np.float64]]]:
    supply: dict[str, NDArray[np.float64]] = {}
    use: dict[str, NDArray[np.float64]] = {}

    def add(side: dict[str, NDArray[np.float64]], group: str, name: str, quantity: str) -> None:
        if view.unit(name, quantity) == "MW":
            side[group] = side.get(group, np.zeros(view.steps)) + view.series(name, quantity)

    for name, technology in view.technologies.items():
        for quantity in view.columns.get(name, {}):
            if quantity in SUPPLYING:
                add(supply, SUPPLYING[quantity] or technology["type"], name, quantity)
            elif quantity in USING:
                add(use, USING[quantity] or technology["type"], name, quantity)
            elif quantity == "power_mw":
                supplied, drawn = view.electric_sums[name]
                add(supply if supplied > drawn else use, technology["type"], name, quantity)
    return supply, use


def _ordered(groups: dict[str, NDArray[np.float64]]) -> list[Part]:
    def place(group: str) -> tuple[int, int]:
        if group in FIRST_IN_STACK:
            return 0, FIRST_IN_STACK.index(group)
        return (2, LAST_IN_STACK.index(group)) if group in LAST_IN_STACK else (1, 0)

    kept = [group for group, power in groups.items() if np.abs(power).max(initial=0.0) > TINY_MW]
    return [Part(group, np.maximum(groups[group], 0.0)) for group in sorted(kept, key=place)]


def name_of(view: RunView, part: Part, using: bool) -> str:
    """Return what a layer is called: storage is charging or discharging, the connection imports or exports."""
    side = "use" if using else "supply"
    return view.words.get(f"{side}.{part.group}") or view.words.named("type", part.group)
