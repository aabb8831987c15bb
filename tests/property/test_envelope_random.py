"""Whatever a park is made of: points of its envelope are dispatches that pass the audit, and outer limits of the connection hold."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hand_solved.parks import battery, electrolyser, grid, hydrogen_demand, hydrogen_store, load, response, solve, tiny_park, wind

from gridsim.dispatch.audit import audit
from gridsim.dispatch.envelope_program import Deviations
from gridsim.dispatch.envelope_window import Window
from gridsim.technologies.draft import DemandCharge

HOURS, CALL, RECOVERY = 36, 3, 8


def random_park(seed: int):
    """Wind, load, a lossy battery, electrolysis with a tank, shifted load, peaks that cost, exports within a share."""
    draw = np.random.default_rng(seed)
    return tiny_park(
        grid=grid(
            draw.uniform(50.0, 600.0, HOURS).tolist(),
            20.0,
            tariff={"demand_charge_cny_per_mw_month": 2000.0},
            import_limit_mw=40.0,
            export_limit_mw=15.0,
        ),
        wind=wind(draw.uniform(0.0, 1.0, HOURS).tolist(), 30.0),
        battery=battery(8.0, 20.0, charge_efficiency=0.9, discharge_efficiency=0.85, throughput_cost_cny_per_mwh=5.0, level_start_share=0.5),
        electrolyser=electrolyser(10.0, part_load_curve=[[0.1, 0.9], [0.5, 0.95], [1.0, 1.0]], ramp_share_per_hour=0.5),
        tank=hydrogen_store(400.0, compression_kwh_per_kg=1.0, level_start_share=0.5, level_end="same"),
        users=hydrogen_demand(60.0),
        load=load(draw.uniform(8.0, 20.0, HOURS).tolist()),
        shift=response("shift", share=0.2, window_hours=3.0, price_cny_per_mwh=10.0, recovery=1.1),
        limits={"export_share_max": 0.2},
    )


@pytest.mark.parametrize("seed", range(4))
def test_points_are_dispatches_that_pass_the_audit(seed):
    dispatch = solve(random_park(seed))
    deviations = Deviations(dispatch)
    net = dispatch.flows["grid.import"] - dispatch.flows["grid.export"]
    for start in range(0, HOURS - CALL, 7):
        window = Window(deviations, start, CALL, RECOVERY)
        for direction in (1, -1):
            given = window.most(CALL, direction)
            pasted = with_window(dispatch, deviations, start, window.width, given.deviation)
            audit(pasted)
            changed = net - (pasted.flows["grid.import"] - pasted.flows["grid.export"])
            assert changed[start : start + CALL] == pytest.approx(given.power_mw, abs=1e-6)
            end = min(start + window.width, HOURS) - 1
            for store, level in dispatch.levels.items():
                assert pasted.levels[store][end] == pytest.approx(level[end], abs=1e-6)
            cheapest = window.cheapest(CALL, given.power_mw)
            assert cheapest.cost_cny >= -1e-3, "the dispatch is the cheapest without a call"
            assert cheapest.cost_cny <= given.cost_cny + 1e-3


def with_window(dispatch, deviations, start, width, deviation):
    """Return the dispatch with a window done otherwise; levels, peaks and money are computed again from the flows."""
    flows = {name: flow.copy() for name, flow in dispatch.flows.items()}
    for name, row in deviations.kind.items():
        flows[name][start : start + width] += deviation[row]
    levels, hours = {}, dispatch.time.step_hours
    for store in dispatch.draft.having("store"):
        keep = (1.0 - store.get("standing_loss", 0.0)) ** hours
        level, path = store.get("e_initial", 0.0) / keep, []
        for supply in flows[store.name]:
            level = keep * level - hours * supply
            path.append(level)
        levels[store.name] = np.array(path)
    charges = {}
    for request in dispatch.draft.requested(DemandCharge):
        power = sum(term.coefficient * flows[term.component] for term in request.terms)
        charges[request.name] = request.price_cny_per_mw * sum(power[request.month == month].max() for month in np.unique(request.month))
    pasted = dataclasses.replace(dispatch, flows=flows, levels=levels, demand_charges=charges)
    running = sum(pasted.variable_cost(name) for name in flows if dispatch.draft.components[name].kind != "Store")
    return dataclasses.replace(pasted, objective_cny=running + sum(charges.values()))
