"""The statement of costs: each line's kind, several lines of one technology, starts, and every technology's investment."""

from __future__ import annotations

import pytest

from gridsim.dispatch.sizes import yearly_cost
from gridsim.metrics.cost import cost_lines
from gridsim.park.defaults import Defaults
from hand_solved.parks import (
    ammonia_plant,
    approx,
    battery,
    caes,
    electrolyser,
    grid,
    hydrogen_demand,
    hydrogen_store,
    in_park,
    line,
    load,
    response,
    solar,
    tiny_park,
    wind,
)

DIABATIC = {"kind": "diabatic", "compression_mwh_per_mwh_out": 0.8, "fuel_mwh_per_mwh_out": 1.6, "fuel_price_cny_per_mwh": 50.0}


def lines_of(dispatch) -> dict[tuple[str, str], float]:
    """Lines but those of investment and upkeep. [CNY]"""
    lines = {(line.technology, line.kind): line.cny for line in cost_lines(dispatch) if line.kind not in {"investment", "fixed_om"}}
    assert sum(lines.values()) == approx(dispatch.objective_cny)
    return lines


@in_park(grid=grid([100.0, 1000.0]), caes=caes(throughput_cost_cny_per_mwh=3.0, **DIABATIC), load=load([0.0, 5.0]))
def test_fuel_is_told_from_wear(dispatch):
    """**Proves**: 4 MWh of compression at 100, 8 MWh of gas at 50 and 5 MWh of wear at 3: three lines of 400, 400 and 15 CNY.

    **Breaks as**: 415 CNY of variable_om if gas were upkeep.
    """
    assert lines_of(dispatch) == approx({("grid", "energy_import"): 400.0, ("caes", "fuel"): 400.0, ("caes", "variable_om"): 15.0})


@in_park(
    hours=2,
    grid=grid([100.0, 10.0]),
    plant=electrolyser(2.0, module_mw=2.0),
    steel=hydrogen_demand(50.0, flexible_within="day", unserved_price_cny_per_kg=3.0),
)
def test_a_missed_quota_is_unserved(dispatch):
    """**Proves**: 40 kg are made for 20 CNY, 60 kg are missed at 3: a line of 180 CNY under "unserved".

    **Breaks as**: 180 CNY of variable_om.
    """
    assert lines_of(dispatch) == approx({("grid", "energy_import"): 20.0, ("steel", "unserved"): 180.0})


@in_park(
    grid=grid([200.0, 400.0, 1000.0]),
    load=load([10.0] * 3),
    cut=response("curtail", steps=[{"share": 0.1, "price_cny_per_mwh": 300.0}, {"share": 0.2, "price_cny_per_mwh": 600.0}]),
)
def test_all_steps_of_a_response_are_one_line(dispatch):
    """**Proves**: 2 MWh at 300 and 2 MWh at 600: one line of 1800 CNY under "demand_response", beside 12600 of imports.

    **Breaks as**: 1200 CNY if the last step stood for all.
    """
    assert lines_of(dispatch) == approx({("grid", "energy_import"): 12600.0, ("cut", "demand_response"): 1800.0})


@in_park(
    level="mixed_integer",
    hours=4,
    grid=grid(10.0),
    plant=electrolyser(part_load_curve=[[0.3, 1.0], [1.0, 1.0]], min_load_share=0.3, start_cost_cny_per_mw=20.0),
    steel=hydrogen_demand(30.0, profile=[0.0, 60.0, 0.0, 60.0]),
)
def test_every_start_is_on_the_statement(dispatch):
    """**Proves**: two starts of a module of 10 MW at 20 CNY/MW: 400 CNY, beside 6 MWh at 10.

    **Breaks as**: 200 CNY if one start stood for all.
    """
    assert lines_of(dispatch) == approx({("grid", "energy_import"): 60.0, ("plant", "starts"): 400.0})


COMPRESSOR = {"type": "hydrogen_compressor", "from_bus": "low", "to_bus": "hydrogen", "capacity_kg_per_h": 500.0}
COMPRESSOR |= {"inlet_bar": 30.0, "outlet_bar": 200.0, "specific_energy_kwh_per_kg": 2.0, "capital_cost_cny_per_kw": 5000.0}
SYNTHESIS = {"tank_t": 100.0, "capital_cost_cny_per_t_per_year": 3000.0, "tank_cost_cny_per_t": 5000.0}

MACHINES = {"capital_cost_cny_per_kw": 4000.0, "compressor_cost_cny_per_kw": 2000.0, "capital_cost_cny_per_kwh": 300.0}

BOUGHT = {
    "wind": (wind([1.0], 20.0, capital_cost_cny_per_kw=3600.0), {"power": 72e6}),
    "solar": (solar([1.0], 20.0, capital_cost_cny_per_kw=3000.0), {"power": 60e6}),
    "battery": (battery(10.0, 40.0, capital_cost_cny_per_kwh=800.0, capital_cost_cny_per_kw=300.0), {"cells": 32e6, "converter": 3e6}),
    "caes": (caes(10.0, 40.0, compressor_power_mw=7.0, **MACHINES), {"expander": 40e6, "compressor": 14e6, "cavern": 12e6}),
    "caes_of_equal_machines": (caes(10.0, 40.0, **MACHINES), {"expander": 40e6, "compressor": 20e6, "cavern": 12e6}),
    "plant": (electrolyser(50.0, capital_cost_cny_per_kw=2000.0), {"plant": 100e6}),
    "plant_and_stacks": (electrolyser(50.0, capital_cost_cny_per_kw=2000.0, stack_cost_share=0.4, stack_lifetime_years=8.0), {"plant": 60e6, "stacks": 40e6}),
    "tank": (hydrogen_store(500.0, capital_cost_cny_per_kg=4000.0), {"vessels": 2e6}),
    "compressor": (COMPRESSOR, {"compressor": 5e6}),
    "synthesis": (ammonia_plant(2.0, **SYNTHESIS), {"synthesis": 48e6, "tank": 0.5e6}),
    "line": (line("a", "b", 100.0, length_km=30.0, capital_cost_cny_per_km=1.5e6), {"line": 45e6}),
}
"""Each technology with its price, and what its items cost. [CNY]"""


@pytest.mark.parametrize("name", BOUGHT)
def test_capital_cost_of_each_technology(name):
    """**Proves**: size times price for each item, in its own unit: 20 MW at 3600 CNY/kW are 72 million; 40 MWh at 800 CNY/kWh 32 million and
    10 MW at 300 CNY/kW 3 million; 10 MW of expander at 4000, 7 MW of compressor (10 where it is not said) at 2000 and 40 MWh of cavern at
    300 CNY/kWh; of 100 million for an electrolyser 0.4 are stacks; 500 kg at 4000 CNY/kg; 500 kg/h at 2 kWh/kg are 1 MW at
    5000 CNY/kW; 2 t/h in 8000 h are 16 000 t/a at 3000; 100 t at 5000; 30 km at 1.5 million. Upkeep is a share of it.

    **Breaks as**: a thousandth if kW and MW were mixed up; 52.56 million for the synthesis with 8760 h; 12 million for the converter by
    energy.
    """
    fields, expected = BOUGHT[name]
    technology = tiny_park(**{name: {**fields, "fixed_om_share_per_year": 0.02}}, sound=False).technologies[name]
    bought = technology.investments()
    assert {item.item: item.capital_cost_cny for item in bought} == approx(expected)
    assert [item.fixed_om_cny_per_year for item in bought] == approx([0.02 * item.capital_cost_cny for item in bought])


@in_park(
    grid=grid(10.0),
    store=battery(10.0, 40.0, capital_cost_cny_per_kwh=800.0, capital_cost_cny_per_kw=300.0, lifetime_years=8.0, replacement_cost_share=2 / 3),
    load=load([1.0, 1.0]),
)
def test_cheaper_replacements_are_in_statement_and_sizing_alike(dispatch):
    """**Proves**: 35 million, bought again every 8 years at two thirds, at 7 %: 0.134979 of it a year, for 2 of 8760 hours; sizing counts the same, with
    1 % of upkeep.

    **Breaks as**: 0.167468 where each replacement costs as much as the first.
    """
    (investment,) = [line.cny for line in cost_lines(dispatch) if line.kind == "investment"]
    assert investment == pytest.approx(35e6 * 0.134979 * 2 / 8760, rel=1e-5)
    assert yearly_cost(dispatch.draft.park) == pytest.approx(35e6 * (0.134979 + 0.01) * 2 / 8760, rel=1e-5)


def test_stacks_wear_out_before_their_plant():
    """**Proves**: of 100 million 40 are stacks of 8 years, 60 the plant of 20 years, at 7 %: 40 · 0.167468 + 60 · 0.094393 = 12.3623 million a year.

    **Breaks as**: 9.4393 million with one life for all; 16.7 million where the plant goes with its stacks.
    """
    fields = electrolyser(50.0, capital_cost_cny_per_kw=2000.0, lifetime_years=20.0, stack_cost_share=0.4, stack_lifetime_years=8.0)
    bought = tiny_park(plant=fields, sound=False).technologies["plant"].investments()
    assert sum(item.yearly_cost_cny(0.07) for item in bought) == pytest.approx(12.3623e6, rel=1e-5)


def test_stacks_need_price_and_life():
    park = tiny_park(plant=electrolyser(stack_cost_share=0.4), sound=False)
    (finding,) = park.technologies["plant"].findings(park)
    assert finding.field == "stack_lifetime_years" and finding.found == "is missing"


@pytest.mark.parametrize(("section", "hours", "per_kwh"), [("battery", 4.0, 600.0), ("battery", 2.0, 655.0), ("caes/adiabatic", 4.0, 1675.0)])
def test_shipped_storage_costs_what_its_source_says_at_its_hours(section, hours, per_kwh):
    """**Proves**: split by power and energy, a battery of 4 h still costs 600 CNY/kWh, one of 2 h 9 % more (tenders 0.4646 / 0.4249: 9.3 %), and compressed
    air 6700 CNY/kW at 4 h.
    """
    shipped = Defaults().of(section)
    per_kw = sum(shipped[field]["value"] for field in ("capital_cost_cny_per_kw", "compressor_cost_cny_per_kw") if field in shipped)
    assert shipped["capital_cost_cny_per_kwh"]["value"] + per_kw / hours == per_kwh
