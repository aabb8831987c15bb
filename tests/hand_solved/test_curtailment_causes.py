"""Causes of curtailment at their borders: what looks like a full line, a rule, a price or a small surplus, and is none."""

from __future__ import annotations

from gridsim.metrics.curtailment import curtailment_by_cause
from hand_solved.parks import approx, electrolyser, grid, hydrogen_demand, in_park, line, load, wind


def causes_of(dispatch) -> dict[str, float]:
    return {cause: float(power.sum()) for cause, power in curtailment_by_cause(dispatch).items() if power.sum() > 1e-6}


@in_park(
    wind=wind([1.0], 10.0, bus="far", variable_cost_cny_per_mwh=60.0),
    village=load([4.0], bus="far"),
    line=line("far", "electricity", 0.0, loss_share=0.5),
    near=load([3.0], unserved_price_cny_per_mwh=100.0),
    grid=grid(100.0, 90.0, import_limit_mw=0.0, export_limit_mw=3.0, export_allowed=False),
)
def test_a_line_whose_loss_eats_the_gain_is_no_cause(dispatch):
    """**Proves**: a line without any room is full, but wind at 60 would arrive at 120 where power is worth 100: 6 MWh have no use. The
    connection behind it, which may not export, is out of reach.

    **Breaks as**: 6 by the line if its loss, or the price before it, were left out; 3 by the export rule if power passed a full line.
    """
    assert dispatch.flows["wind"] == approx([4.0])
    assert causes_of(dispatch) == approx({"no_use": 6.0})


@in_park(
    wind=wind([1.0], 15.0, bus="a"),
    second=line("b", "electricity", 100.0),
    first=line("a", "b", 100.0),
    load=load([10.0]),
    grid=grid(100.0, 50.0, export_limit_mw=3.0, export_allowed=False),
)
def test_a_connection_behind_two_lines_is_reached(dispatch):
    """**Proves**: two lines in a row, the later one first in the file, lead to a connection of 3 MW that may not feed back: 3 to the rule, 2
    without use.

    **Breaks as**: 5 without use if lines were followed in the order of the file.
    """
    assert causes_of(dispatch) == approx({"export_rule": 3.0, "no_use": 2.0})


@in_park(wind=wind([1.0], 10.0, variable_cost_cny_per_mwh=200.0), load=load([4.0]), grid=grid(100.0, 50.0, export_allowed=False))
def test_wind_dearer_than_imports_is_not_held_back_by_the_export_rule(dispatch):
    """**Proves**: wind at 200 gives way to imports at 100; in an hour of import nothing could have been exported: 10 MWh have no use.

    **Breaks as**: 10 by the export rule.
    """
    assert dispatch.flows["grid.import"] == approx([4.0])
    assert causes_of(dispatch) == approx({"no_use": 10.0})


@in_park(wind=wind([1.0], 15.0), load=load([10.0]), grid=grid(100.0, -5.0, export_allowed=False))
def test_a_price_is_no_cause_where_exporting_is_forbidden(dispatch):
    """**Proves**: exporting is forbidden and would cost 5 CNY/MWh as well: 5 MWh have no use.

    **Breaks as**: 5 by the price, although a better price would change nothing.
    """
    assert causes_of(dispatch) == approx({"no_use": 5.0})


@in_park(wind=wind([1.0], 15.0), load=load([10.0]), grid=grid(100.0, -5.0, export_limit_mw=3.0))
def test_a_price_is_the_cause_of_what_the_connection_could_carry(dispatch):
    """**Proves**: of 5 MWh the connection could have carried 3, at a price that does not pay; the other 2 have no use.

    **Breaks as**: 5 by the price.
    """
    assert causes_of(dispatch) == approx({"price": 3.0, "no_use": 2.0})


@in_park(must=wind([1.0], 13.0, curtailable=False), wind=wind([1.0], 5.0), load=load([10.0]), grid=grid(100.0, -5.0, export_limit_mw=3.0))
def test_a_full_connection_that_earns_nothing_is_no_cause(dispatch):
    """**Proves**: wind that must run fills the connection at 5 CNY/MWh to pay; a larger one would not have saved the 5 MWh that are curtailed.

    **Breaks as**: 5 by the full connection.
    """
    assert dispatch.flows["grid.export"] == approx([3.0])
    assert causes_of(dispatch) == approx({"no_use": 5.0})


@in_park(wind=wind([1.0], 15.0, bus="a"), load=load([10.0], bus="a"), grid=grid(100.0, -5.0, bus="b"), other=load([1.0], bus="b"))
def test_a_connection_at_another_site_is_no_cause(dispatch):
    """**Proves**: the connection's price does not matter to a site without a wire to it: 5 MWh have no use.

    **Breaks as**: 5 by the price.
    """
    assert causes_of(dispatch) == approx({"no_use": 5.0})


@in_park(wind=wind([1.0], 15.0), load=load([10.0]), grid=grid(100.0, 50.0, export_limit_mw=0.0))
def test_a_connection_that_cannot_export_at_all_is_no_cause(dispatch):
    """**Proves**: a connection without capacity for exports is no full line: 5 MWh have no use.

    **Breaks as**: 5 by the connection, which is full at zero.
    """
    assert causes_of(dispatch) == approx({"no_use": 5.0})


@in_park(
    must=wind([1.0], 12.0, curtailable=False),
    wind=wind([1.0], 5.0, variable_cost_cny_per_mwh=60.0),
    load=load([10.0]),
    grid=grid(100.0, 50.0, export_limit_mw=3.0),
)
def test_a_connection_with_room_is_not_full(dispatch):
    """**Proves**: 2 of 3 MW are exported; wind at 60 does not sell at 50. The connection had 1 MW left, which a better reason than its size
    kept free.

    **Breaks as**: 5 by a full connection.
    """
    assert dispatch.flows["grid.export"] == approx([2.0])
    assert "line_or_transformer" not in causes_of(dispatch)


@in_park(
    level="mixed_integer",
    wind=wind([1.0], 13.0),
    plant=electrolyser(20.0, part_load_curve=[[0.7, 1.0], [1.0, 1.0]], min_load_share=0.7),
    steel=hydrogen_demand(1000.0, unserved_price_cny_per_kg=20.0),
)
def test_one_idle_module_beside_one_that_runs(dispatch):
    """**Proves**: of two modules of 10 MW with 7 MW minimum one takes 10 of 13 MW, and the other cannot start on 3: 3 MWh by unit commitment.

    **Breaks as**: 3 without use if the fleet had to stand still altogether.
    """
    assert dispatch.commitments["plant.modules"] == approx([1.0])
    assert causes_of(dispatch) == approx({"unit_commitment": 3.0})


@in_park(
    level="mixed_integer",
    wind=wind([1.0], 3.0),
    plant=electrolyser(min_load_share=0.5, variable_cost_cny_per_mwh=450.0),
    steel=hydrogen_demand(100.0, unserved_price_cny_per_kg=20.0),
)
def test_an_idle_module_that_would_make_nothing_of_value_is_no_cause(dispatch):
    """**Proves**: a MWh makes 20 kg worth 400 CNY at an upkeep of 450: the module would stand still at any minimum load: 3 MWh have no use.

    **Breaks as**: 3 by unit commitment if the upkeep were left out, or hydrogen's 600 CNY for each MWh of its own were set against it.
    """
    assert causes_of(dispatch) == approx({"no_use": 3.0})


@in_park(
    wind=wind([1.0], 10.0, variable_cost_cny_per_mwh=200.0),
    load=load([4.0]),
    grid=grid(
        100.0, 50.0, tariff={"demand_charge_cny_per_mw_month": 1.0, "bill": {"demand": {"basis": "contract", "contract_mw": 1e-6}}}, export_allowed=False
    ),
)
def test_an_import_above_a_contract_is_an_import(dispatch):
    """**Proves**: under a contract of a watt, 4 MWh less that watt are imported above it; in an hour of import nothing could have been exported.

    **Breaks as**: 10 by the export rule if only the import below the contract counted.
    """
    assert dispatch.flows["grid.import_above_contract"] == approx([4.0 - 1.05e-6])
    assert causes_of(dispatch) == approx({"no_use": 10.0})
