"""Annual limits as shares, and what counts as load."""

import pytest

from hand_solved.parks import (
    approx,
    battery,
    caes,
    electrolyser,
    grid,
    hydrogen_demand,
    hydrogen_store,
    line,
    load,
    response,
    solve,
    tiny_park,
    wind,
)

DEAR_WIND = {"wind": wind([1.0], 10.0, variable_cost_cny_per_mwh=50.0)}
"""10 MWh that cost more than the grid's 10 CNY/MWh."""


def test_import_share_max():
    """**Proves**: at most half of 10 MWh from the grid at 10, the rest wind at 50: 300 CNY; one MWh more of grid would save 40.

    **Breaks as**: 100 CNY without the limit.
    """
    dispatch = solve(tiny_park(grid=grid(10.0), load=load([10.0]), limits={"import_share_max": 0.5}, **DEAR_WIND))
    assert dispatch.objective_cny == approx(300.0)
    assert dispatch.limit_prices["limits.import_share_max"] == approx([-40.0])


def test_green_share_min():
    """**Proves**: 80 % green leave 2 of 10 MWh to the grid at 10: 20 + 400 = 420 CNY; one green MWh more would cost 40.

    **Breaks as**: 100 CNY without the limit; 180 if 20 % were asked.
    """
    dispatch = solve(tiny_park(grid=grid(10.0), load=load([10.0]), limits={"green_share_min": 0.8}, **DEAR_WIND))
    assert dispatch.objective_cny == approx(420.0)
    assert dispatch.limit_prices["limits.green_share_min"] == approx([40.0])


def test_self_use_ratio_min():
    """**Proves**: exporting at 60 beats serving at 55, but 4 of 10 MWh of wind must be used in the park: 2 × 55 − 6 × 60 = −250 CNY.

    **Breaks as**: 6 × 55 − 10 × 60 = −270 CNY if exports counted as self-use.
    """
    connection, own = grid(100.0, export_price=60.0), load([6.0], unserved_price_cny_per_mwh=55.0)
    dispatch = solve(tiny_park(grid=connection, wind=wind([1.0], 10.0), load=own, limits={"self_use_ratio_min": 0.4}))
    assert dispatch.objective_cny == approx(-250.0)


@pytest.mark.parametrize(("base", "cost"), [("available", -100.0), ("generation", -50.0)])
def test_export_share_max(base, cost):
    """**Proves**: 6 MWh of surplus at 50. A fifth of 10 available: 2 MWh, −100 CNY. A fifth of what is generated: x = 0.2 (4 + x), 1 MWh:
    −50 CNY.

    **Breaks as**: −300 CNY without the limit; −40 if generation left exports out.
    """
    limits = {"export_share_max": 0.2, "export_share_of": base}
    dispatch = solve(tiny_park(grid=grid(100.0, export_price=50.0), wind=wind([1.0], 10.0), load=load([4.0]), limits=limits))
    assert dispatch.objective_cny == approx(cost)


def test_curtailment_rate_max():
    """**Proves**: at most 3 of 10 MWh curtailed, 4 used, so 3 are exported at a loss of 20: 60 CNY.

    **Breaks as**: 0 CNY without the limit; 120 if nothing might be curtailed.
    """
    dispatch = solve(
        tiny_park(grid=grid(100.0, export_price=-20.0), wind=wind([1.0], 10.0), load=load([4.0]), limits={"curtailment_rate_max": 0.3})
    )
    assert dispatch.objective_cny == approx(60.0)


def test_limits_hold_over_the_horizon_not_by_the_hour():
    """**Proves**: half of 20 MWh may come from the grid, all of it in the hour without wind: 10 × 10 + 10 × 50 = 600 CNY.

    **Breaks as**: infeasible if each hour had to be half green.
    """
    farm = wind([1.0, 0.0], 10.0, variable_cost_cny_per_mwh=50.0)
    dispatch = solve(tiny_park(grid=grid(10.0), wind=farm, load=load([10.0, 10.0]), limits={"import_share_max": 0.5}))
    assert dispatch.objective_cny == approx(600.0)


def test_electrolysers_count_as_load():
    """**Proves**: 4 MWh of load and 5 MWh for 100 kg of hydrogen are 9 MWh, of which 4.5 may come from the grid: 45 + 225 = 270 CNY.

    **Breaks as**: 370 CNY if the load alone counted (2 + 7 MWh).
    """
    park = tiny_park(
        grid=grid(10.0), load=load([4.0]), plant=electrolyser(), steel=hydrogen_demand(100.0), limits={"import_share_max": 0.5}, **DEAR_WIND
    )
    assert solve(park).objective_cny == approx(270.0)


def test_what_counts_as_final_use():
    """**Proves**: loads, added and taken load, unserved load, conversions and compressors count; batteries, compressed air and lines do
    not.

    2 kWh/kg of compression are 0.06 MWh for each MWh of heating value.

    **Breaks as**: a storage, whose losses would then make a park greener.
    """
    from gridsim.dispatch.limits import final_use_terms
    from gridsim.dispatch.model import make_draft

    park = tiny_park(
        grid=grid(),
        wind=wind([1.0], bus="base"),
        line=line("base", "electricity", both_ways=True),
        battery=battery(),
        caes=caes(),
        load=load([4.0], unserved_price_cny_per_mwh=1e4),
        shift=response("shift"),
        process=response("process", bus="electricity", power_mw=1.0, quota_mwh=12.0, quota_period="day"),
        plant=electrolyser(),
        tank=hydrogen_store(compression_kwh_per_kg=2.0),
        steel=hydrogen_demand(1.0, unserved_price_cny_per_kg=1.0),
    )
    terms, fixed = final_use_terms(make_draft(park, "mixed_integer"))
    assert fixed == approx([4.0])
    assert {term.component: term.coefficient for term in terms} == {
        "load.unserved": -1.0,
        "shift.reduction": -1.0,
        "shift.increase": 1.0,
        "process": 1.0,
        "plant.auxiliary": 1.0,
        "plant.piece_0": 1.0,
        "plant.piece_1": 1.0,
        "tank.charge": approx(2.0 / 33.33),
    }
