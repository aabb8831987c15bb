r"""What reinforcing costs: ``gridsim/data/reinforcement_costs.csv``, and a park's own in a file of the same name in its ``distribution`` folder.

A year of a measure costs its investment :math:`I` times the capital recovery factor of its lifetime, and its upkeep:

.. math:: c = I \left(a(i, n) + \varphi\right)

Lines and transformers cost what their type says (``cost_cny_per_km``, ``cost_cny_per_kva``); the table stands in where it says nothing.
Batteries cost what ``gridsim/data/defaults.csv`` says.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from gridsim.distribution.tables.reading import TableKind, read_rows
from gridsim.distribution.tables.standard_types import DATA, Certainty, _quantity
from gridsim.errors import DefinitionError, Problem
from gridsim.park.definition import Definition
from gridsim.park.files import shown
from gridsim.physics.annuity import capital_recovery_factor

if TYPE_CHECKING:
    from pathlib import Path

    from gridsim.distribution.tables.standard_types import LineType, TransformerType

COSTS_FILE = "reinforcement_costs.csv"

Item = Literal["overhead_line", "cable", "line_bay", "transformer", "capacitor", "reactor", "var_generator", "tap_change"]

BATTERY = "battery"
"""Section of the shipped defaults."""


class CostRow(Definition):
    """One unit cost at one voltage level."""

    item: Item
    voltage_kv: Annotated[float, _quantity("kV", gt=0, le=1200)]
    """Level it is for; others take the nearest by ratio. [kV]"""
    cost_cny: Annotated[float, _quantity("CNY", ge=0)]
    """Per ``unit``."""
    unit: Literal["CNY/km", "CNY/kVA", "CNY/kvar", "CNY"]
    low_cny: Annotated[float, _quantity("CNY", ge=0)] | None = None
    """Lower end of the range, the same unit."""
    high_cny: Annotated[float, _quantity("CNY", ge=0)] | None = None
    lifetime_years: Annotated[float, _quantity("a", gt=0, le=100)]
    fixed_om_share_per_year: Annotated[float, _quantity("1/a", ge=0, le=0.2)] = 0.0
    """Upkeep over investment. [1/a]"""
    source: Annotated[str, Field(min_length=3)]
    certainty: Certainty


@dataclass(frozen=True)
class Price:
    """What one measure costs, and how that was reckoned."""

    investment_cny: float
    annual_cny: float
    """Annuity and upkeep. [CNY/a]"""
    basis: str
    certainty: str
    """The weakest of what went in."""


@dataclass(frozen=True)
class Costs:
    """All unit costs of a park."""

    rows: tuple[CostRow, ...]
    discount_rate: float
    """[1/a]"""
    battery: dict[str, dict]
    """Field of the shipped defaults → value, unit, source, certainty."""

    def at(self, item: str, voltage_kv: float) -> CostRow:
        """Return the row of an item at the nearest level; the first of equally near ones."""
        return min((row for row in self.rows if row.item == item), key=lambda row: abs(math.log(row.voltage_kv / voltage_kv)))

    def line(self, kind: LineType, length_km: float, circuits: int, bays: int) -> Price:
        """Price circuits of a type, each with this many bays; a line that replaces another keeps its bays."""
        row, bay = self.at("cable" if kind.kind == "cable" else "overhead_line", kind.voltage_kv), self.at("line_bay", kind.voltage_kv)
        unit, certainty = (row.cost_cny, row.certainty) if kind.cost_cny_per_km is None else (kind.cost_cny_per_km, kind.certainty)
        basis = f"{circuits} × {length_km:g} km × {unit:,.0f} CNY/km ({certainty})"
        investment, certainties = circuits * length_km * unit, [str(certainty)]
        if bays:
            investment += circuits * bays * bay.cost_cny
            basis += f" + {circuits * bays} bays × {bay.cost_cny:,.0f} CNY ({bay.certainty})"
            certainties.append(bay.certainty)
        return self._price(investment, row, basis, certainties)

    def transformer(self, kind: TransformerType, units: int) -> Price:
        """Price units of a type."""
        row = self.at("transformer", kind.hv_kv)
        unit, certainty = (row.cost_cny, row.certainty) if kind.cost_cny_per_kva is None else (kind.cost_cny_per_kva, kind.certainty)
        basis = f"{units} × {kind.sn_mva:g} MVA × {unit:,.0f} CNY/kVA ({certainty})"
        return self._price(units * kind.sn_mva * 1000.0 * unit, row, basis, [str(certainty)])

    def reactive(self, item: str, voltage_kv: float, mvar: float) -> Price:
        """Price a capacitor bank, a reactor or a static var generator."""
        row = self.at(item, voltage_kv)
        return self._price(mvar * 1000.0 * row.cost_cny, row, f"{mvar:g} Mvar × {row.cost_cny:,.0f} CNY/kvar ({row.certainty})", [row.certainty])

    def tap_change(self, voltage_kv: float) -> Price:
        """Price another tap position or set-point."""
        row = self.at("tap_change", voltage_kv)
        return self._price(row.cost_cny, row, f"{row.cost_cny:,.0f} CNY ({row.certainty})", [row.certainty])

    def battery_of(self, power_mw: float, energy_mwh: float) -> Price:
        """Price a battery by the shipped defaults."""
        value = {field: entry["value"] for field, entry in self.battery.items()}
        certainty = self.battery["capital_cost_cny_per_kwh"]["certainty"]
        investment = 1000.0 * (energy_mwh * value["capital_cost_cny_per_kwh"] + power_mw * value["capital_cost_cny_per_kw"])
        factor = float(capital_recovery_factor(self.discount_rate, value["lifetime_years"])) + value["fixed_om_share_per_year"]
        basis = f"{energy_mwh:g} MWh × {value['capital_cost_cny_per_kwh']:,.0f} CNY/kWh ({certainty})"
        if value["capital_cost_cny_per_kw"]:
            basis += f" + {power_mw:g} MW × {value['capital_cost_cny_per_kw']:,.0f} CNY/kW"
        return Price(investment, investment * factor, basis, certainty)

    def _price(self, investment: float, row: CostRow, basis: str, certainties: list[str]) -> Price:
        factor = float(capital_recovery_factor(self.discount_rate, row.lifetime_years)) + row.fixed_om_share_per_year
        order = ("V1", "V2", "C", "M", "M?", "A")
        return Price(investment, investment * factor, basis, max(certainties, key=order.index))


def costs_of(folder: Path | None, discount_rate: float) -> Costs:
    """Read the shipped unit costs, with those of a park's ``distribution`` folder in place of the shipped ones of the same item and level.

    Raises
    ------
    DefinitionError
        With all problems of the park's file.
    """
    from gridsim.park.defaults import Defaults

    problems: list[Problem] = []
    kind = TableKind(COSTS_FILE, CostRow, required=False, key=("item", "voltage_kv"))
    own = [] if folder is None else [placed.row for placed in read_rows(folder, kind, problems).rows]
    shipped = [placed.row for placed in read_rows(DATA, kind, problems).rows]
    if problems:
        raise DefinitionError(shown(folder or DATA), problems)
    replaced = {(row.item, row.voltage_kv) for row in own}
    rows = (*own, *(row for row in shipped if (row.item, row.voltage_kv) not in replaced))
    return Costs(rows, discount_rate, Defaults().of(BATTERY))
