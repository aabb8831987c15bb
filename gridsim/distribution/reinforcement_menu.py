"""The reinforcement menu: for each need, what could be built or set, with its price.

An overloaded line or transformer: one or two more of its type beside it, larger types in its place, reactive power or a battery at the end that acts on it;
a higher voltage behind a transformer, which carries the same power at a smaller current. A voltage beyond its band: taps on the way to the grid, reactive
power or a battery at the bus, more or larger lines and transformers where most voltage is lost.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from gridsim.distribution.reinforcement_battery import battery_for, longest_run
from gridsim.distribution.reinforcement_costs import Price
from gridsim.distribution.reinforcement_needs import MOST_BUSES, Need, needs_of, where_solvable
from gridsim.distribution.reinforcement_option import Option
from gridsim.distribution.tables.reading import Rows, TableKind, read_rows
from gridsim.distribution.tables.rows import CompensatorRow, ShuntRow, TransformerRow
from gridsim.distribution.tables.standard_types import (
    LINE_TYPES_FILE,
    TRANSFORMER_TYPES_FILE,
    LineType,
    TransformerType,
    shipped_line_types,
    shipped_transformer_types,
)

if TYPE_CHECKING:
    from gridsim.distribution.feasibility import Feasibility
    from gridsim.distribution.reinforcement_costs import Costs
    from gridsim.distribution.tables.distribution import Distribution

MORE_CIRCUITS = (1, 2)
LARGER_TYPES = 2
"""Next larger types that are offered."""

UPSTREAM = 2
"""Lines, and transformers, on the way to the grid that are offered for a voltage: those that lose most of it (judged)."""

BANK_SIZES = (1.1, 1.6)
"""Reactive power that is offered over what the slope at the limit asks for (judged)."""

STEP_MVAR = ((20.0, 1.0), (66.0, 3.0), (110.0, 10.0), (math.inf, 30.0))
"""Highest nominal voltage, and the step of banks up to it (judged). [kV, Mvar]"""

LARGEST_SHARE = 0.25
"""Reactive power beyond this share of an element's rating is not offered against its overload (judged)."""

SET_POINT_STEP_PU = 0.005
NARROWEST_STEPS = 1.6
"""Width of the narrowest dead band over the tap's step, so that one step never leads from one side of it to the other (judged)."""

INSIDE_PU = 0.005
"""How far inside the band a var generator holds its bus at least."""

SAME_VOLTAGE = 0.05
"""Windings within this share of each other are of the same voltage."""


def menu_of(checked: Feasibility, costs: Costs) -> list[Option]:
    """List what could be done, each option once, the cheapest first."""
    options: dict[str, Option] = {}
    checked = where_solvable(checked)
    needs = needs_of(checked)
    at_buses = 0
    for need in needs:
        if need.kind == "line":
            found = _lines(checked, need.elements, costs)
        elif need.kind == "transformer":
            found = _transformers(checked, need.elements, costs) + _taps_against_current(checked, need, costs)
        else:
            at_buses += 1
            if at_buses > MOST_BUSES:
                continue
            found = _upstream(checked, need, costs)
        for option in (*found, *_at_bus(checked, need, costs)):
            options.setdefault(option.name, option)
    return sorted(options.values(), key=lambda option: option.price.annual_cny)


def _lines(checked: Feasibility, branches: tuple[int, ...], costs: Costs) -> list[Option]:
    """More circuits beside the first of some lines that stand side by side; larger types in place of all of them."""
    tables, wires = checked.network.tables, checked.network.wires
    rows = [tables.lines[wires.branch_names[branch]] for branch in sorted(branches) if wires.branch_table[branch] == "line"]
    if not rows:
        return []
    first, kind = rows[0], tables.line_types[rows[0].type]
    options = []
    for more in MORE_CIRCUITS:
        price = costs.line(kind, first.length_km, more, bays=2)
        words = f"{_count(more)} of {first.type} beside {_names(rows)}, {first.length_km:g} km, with a bay at each end"
        row = first.model_copy(update={"parallel": first.parallel + more})
        options.append(Option(f"{first.name}: {more} more", "parallel line", first.name, words, price, {"lines": {first.name: row}}))
    for larger in _larger_lines(tables, kind):
        parts = [costs.line(larger, row.length_km, row.parallel, bays=0) for row in rows]
        price = _together(parts)
        words = f"{larger.name} in place of {first.type} on {_names(rows)}; bays stay, nothing is counted for the old conductors"
        new = {row.name: row.model_copy(update={"type": larger.name}) for row in rows}
        options.append(Option(f"{first.name}: {larger.name}", "larger line", first.name, words, price, {"lines": new, "line_types": {larger.name: larger}}))
    return options


def _transformers(checked: Feasibility, branches: tuple[int, ...], costs: Costs) -> list[Option]:
    """One more unit beside the first of some transformers that stand side by side; larger types in place of all of them."""
    tables, wires = checked.network.tables, checked.network.wires
    rows = [tables.transformers[wires.branch_names[branch]] for branch in sorted(branches) if wires.branch_table[branch] == "trafo"]
    if not rows:
        return []
    first, kind = rows[0], tables.transformer_types[rows[0].type]
    row = first.model_copy(update={"parallel": first.parallel + 1})
    words = f"one more {first.type} in parallel with {_names(rows)}"
    options = [Option(f"{first.name}: 1 more", "parallel transformer", first.name, words, costs.transformer(kind, 1), {"transformers": {first.name: row}})]
    for larger in _larger_transformers(tables, kind):
        price = _together([costs.transformer(larger, row.parallel) for row in rows])
        words = f"{larger.name} in place of {first.type} at {_names(rows)}; nothing is counted for the old ones"
        new = {row.name: row.model_copy(update={"type": larger.name}) for row in rows}
        changes: dict[str, Any] = {"transformers": new, "transformer_types": {larger.name: larger}}
        options.append(Option(f"{first.name}: {larger.name}", "larger transformer", first.name, words, price, changes))
    return options


def _larger_lines(tables: Distribution, kind: LineType) -> list[LineType]:
    known = _known(tables, LINE_TYPES_FILE, LineType, shipped_line_types()) | tables.line_types
    larger = [one for one in known.values() if one.kind == kind.kind and one.voltage_kv == kind.voltage_kv and one.max_i_ka > kind.max_i_ka]
    return sorted(larger, key=lambda one: one.max_i_ka)[:LARGER_TYPES]


def _larger_transformers(tables: Distribution, kind: TransformerType) -> list[TransformerType]:
    """Next larger types of the same voltages and clock hour, of each size the one whose short-circuit voltage is nearest."""
    known = _known(tables, TRANSFORMER_TYPES_FILE, TransformerType, shipped_transformer_types()) | tables.transformer_types
    by_size: dict[float, TransformerType] = {}
    for one in sorted(known.values(), key=lambda one: abs(one.uk_percent - kind.uk_percent)):
        same = abs(one.hv_kv / kind.hv_kv - 1.0) < SAME_VOLTAGE / 2.0 and abs(one.lv_kv / kind.lv_kv - 1.0) < SAME_VOLTAGE
        if same and one.clock_hour == kind.clock_hour and one.sn_mva > kind.sn_mva:
            by_size.setdefault(one.sn_mva, one)
    return [by_size[size] for size in sorted(by_size)][:LARGER_TYPES]


def _known(tables: Distribution, file: str, model: type, shipped: dict[str, Any]) -> dict[str, Any]:
    """Return the shipped types with a park's own laid over them; its file was checked when the tables were read."""
    own: Rows[Any] = read_rows(tables.folder, TableKind(file, model, required=False), [])
    return {**shipped, **{placed.row.name: placed.row for placed in own.rows}}


def _upstream(checked: Feasibility, need: Need, costs: Costs) -> list[Option]:
    """Taps on the way of a voltage to the grid, and more or larger elements where it loses most."""
    wires, flow = checked.network.wires, checked.flow
    hour = need.hours[np.argmax(need.excess)]
    lost = {
        branch: flow.current_from_ka[hour, branch] / wires.from_base_ka[branch] / max(abs(wires.branch_admittance[branch, 1]), 1e-12) for branch in need.way
    }
    options = []
    for table, offered in (("line", _lines), ("trafo", _transformers)):
        worst = sorted((branch for branch in need.way if wires.branch_table[branch] == table), key=lambda branch: -lost[branch])
        for branch in worst[:UPSTREAM]:
            options += offered(checked, (branch,), costs)
    for branch in [branch for branch in need.way if wires.branch_table[branch] == "trafo"][:UPSTREAM]:
        options += _taps(checked, branch, int(hour), float(need.excess.max()) * (1.0 if need.kind == "voltage_low" else -1.0), costs)
    return options


def _taps_against_current(checked: Feasibility, need: Need, costs: Costs) -> list[Option]:
    """A higher voltage behind a transformer that is overloaded at its low side: the same power at a smaller current."""
    wires, flow, branch = checked.network.wires, checked.flow, need.elements[0]
    hour = need.hours[np.argmax(need.excess)]
    from_loading, to_loading = flow.current_from_ka[hour, branch] / wires.rating_from_ka[branch], flow.current_to_ka[hour, branch] / wires.rating_to_ka[branch]
    if wires.branch_table[branch] != "trafo" or from_loading > to_loading:
        return []
    return _taps(checked, branch, int(hour), float(need.excess.max() / to_loading), costs)


def _taps(checked: Feasibility, branch: int, hour: int, rise: float, costs: Costs) -> list[Option]:
    """Another position, or another set-point where a rule moves the tap, for a voltage that is to rise by so much at the low side in an hour. [p.u.]"""
    tables, wires = checked.network.tables, checked.network.wires
    row = tables.transformers[wires.branch_names[branch]]
    kind = tables.transformer_types[row.type]
    up, excess = math.copysign(1.0, rise), abs(rise)
    price = costs.tap_change(kind.hv_kv)
    if row.tap_controlled_bus is not None:
        return _set_points(row, kind, float(checked.flow.vm_pu[hour, wires.bus(row.tap_controlled_bus)]) + rise, up, price)
    if kind.tap_steps == 0 or kind.tap_step_percent == 0.0:
        return []
    # a higher position adds turns on its side: on the high side it lowers the voltage below
    direction = int(up) * (-1 if kind.tap_side == "hv" else 1)
    steps = [math.ceil(100.0 * excess / kind.tap_step_percent) + more for more in (0, 1)]
    positions = [row.tap_position + direction * step for step in steps]
    return [
        Option(
            f"{row.name}: tap {position:+d}",
            "tap",
            row.name,
            f"{row.name} stands at tap {position:+d} instead of {row.tap_position:+d}" + ("" if kind.on_load else ", changed while it is switched off"),
            price,
            {"transformers": {row.name: row.model_copy(update={"tap_position": position})}},
        )
        for position in positions
        if abs(position) <= kind.tap_steps
    ]


def _set_points(row: TransformerRow, kind: TransformerType, edge_pu: float, up: float, price: Price) -> list[Option]:
    """Set-points whose dead band begins at the voltage that is needed: with the dead band there is, and with the narrowest that a step allows."""
    options: list[Option] = []
    present, now = row.tap_dead_band_pu, row.tap_set_point_pu
    if present is None or now is None:
        return []
    narrowest = math.ceil(NARROWEST_STEPS * kind.tap_step_percent) / 100.0
    for band in dict.fromkeys((present, min(present, narrowest))):
        point = up * math.ceil(up * (edge_pu + up * band / 2.0) / SET_POINT_STEP_PU - 1e-9) * SET_POINT_STEP_PU
        if not 0.5 <= point <= 1.5:
            continue
        new = row.model_copy(update={"tap_set_point_pu": round(point, 4), "tap_dead_band_pu": band})
        name = f"{row.name}: set-point {point:g} ± {band / 2.0:g}"
        words = f"the tap changer of {row.name} holds {point:g} ± {band / 2.0:g} p.u. at {row.tap_controlled_bus}"
        words += f" instead of {now:g} ± {present / 2.0:g}"
        options.append(Option(name, "tap", row.name, words, price, {"transformers": {row.name: new}}))
    return options


def _at_bus(checked: Feasibility, need: Need, costs: Costs) -> list[Option]:
    """Reactive power and a battery at the bus, or at the end of the element that acts on it most."""
    wires = checked.network.wires
    if need.kind.startswith("voltage"):
        p_bus = q_bus = need.elements[0]
    else:
        ends = (wires.branch_from[need.elements[0]], wires.branch_to[need.elements[0]])
        buses = [int(np.flatnonzero(wires.bus_node == node)[0]) for node in ends if (wires.bus_node == node).any()]
        if not buses:
            return []
        p_bus = max(buses, key=lambda bus: float(np.abs(need.by_p[:, bus]).mean()))
        q_bus = max(buses, key=lambda bus: float(np.abs(need.by_q[:, bus]).mean()))
    options = _reactive(checked, need, q_bus, costs)
    plan = battery_for(checked, need, p_bus, costs)
    if plan is not None:
        price = costs.battery_of(plan.power_mw, plan.energy_mwh)
        run = longest_run(need.hours) * checked.dispatch.time.step_hours
        words = f"{plan.power_mw:.3g} MW and {plan.energy_mwh:.3g} MWh at {plan.bus} for {_named(checked, need)}, whose longest run is {run:g} h"
        options.append(Option(f"{plan.bus}: battery for {_named(checked, need)}", "battery", plan.bus, words, price, battery=plan))
    return options


def _reactive(checked: Feasibility, need: Need, bus: int, costs: Costs) -> list[Option]:
    wires, tables = checked.network.wires, checked.network.tables
    name = wires.bus_names[bus]
    slope = need.by_q[:, bus]
    if slope.min() <= 0.0 <= slope.max() or wires.bus_node[bus] in (*wires.slack_nodes, *wires.controlled_nodes):
        return []
    asked = float((need.excess / np.abs(slope)).max())
    if not need.kind.startswith("voltage"):
        branch = need.elements[0]
        rated_mva = math.sqrt(3.0) * wires.rating_from_ka[branch] * wires.node_kv[wires.branch_from[branch]]
        if asked > LARGEST_SHARE * rated_mva * len(need.elements):
            return []
    kv = tables.buses[name].voltage_kv
    step = next(step for highest, step in STEP_MVAR if kv <= highest)
    item: Literal["capacitor", "reactor"] = "capacitor" if slope[0] < 0.0 else "reactor"
    options = []
    for steps in dict.fromkeys(math.ceil(size * asked / step) for size in BANK_SIZES):
        mvar = steps * step
        row = ShuntRow(name=f"{name} {item}", bus=name, kind=item, step_mvar=step, steps=steps)
        words = f"{item} of {steps} × {step:g} Mvar at {name}, in service in all hours"
        options.append(Option(f"{name}: {item} {mvar:g} Mvar", item, name, words, costs.reactive(item, kv, mvar), {"shunts": {row.name: row}}))
    if need.kind.startswith("voltage"):
        mvar = math.ceil(BANK_SIZES[0] * asked / step) * step
        voltage = float(np.nanmedian(checked.flow.vm_pu[:, bus]))
        limits = checked.network.limits
        held = float(np.clip(np.clip(voltage, limits.vm_min_pu[bus] + INSIDE_PU, limits.vm_max_pu[bus] - INSIDE_PU), 0.8, 1.2))
        own = CompensatorRow(name=f"{name} var generator", bus=name, vm_pu=round(held, 3), q_max_mvar=mvar, q_min_mvar=-mvar, kind="static")
        words = f"static var generator of ±{mvar:g} Mvar at {name}, holds {held:.3f} p.u."
        price = costs.reactive("var_generator", kv, mvar)
        options.append(Option(f"{name}: var generator {mvar:g} Mvar", "var generator", name, words, price, {"compensators": {own.name: own}}))
    return options


def _named(checked: Feasibility, need: Need) -> str:
    names = checked.network.wires.bus_names if need.kind.startswith("voltage") else checked.network.wires.branch_names
    return names[need.elements[0]]


def _count(circuits: int) -> str:
    return "one more circuit" if circuits == 1 else f"{circuits} more circuits"


def _names(rows: list[Any]) -> str:
    names = sorted(row.name for row in rows)
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _together(prices: list[Price]) -> Price:
    """Add prices up."""
    basis = " + ".join(dict.fromkeys(price.basis for price in prices))
    if len(prices) > 1 and len({price.basis for price in prices}) == 1:
        basis = f"{len(prices)} × ({basis})"
    return Price(sum(price.investment_cny for price in prices), sum(price.annual_cny for price in prices), basis, prices[0].certainty)
