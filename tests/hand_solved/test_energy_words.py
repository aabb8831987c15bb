"""Words of the scorecard that one bus and one hour do not show: several connections, products, quarter hours, months, and each hour."""

from __future__ import annotations

import pytest

from gridsim.dispatch.audit import audit
from gridsim.metrics.scorecard import Scorecard, scorecard
from hand_solved.parks import (
    ammonia_demand,
    ammonia_plant,
    approx,
    battery,
    electrolyser,
    grid,
    hydrogen_demand,
    hydrogen_store,
    in_park,
    line,
    load,
    wind,
)

COMPRESSOR = {"type": "hydrogen_compressor", "from_bus": "low", "to_bus": "hydrogen", "capacity_kg_per_h": 100.0}
COMPRESSOR |= {"inlet_bar": 30.0, "outlet_bar": 450.0, "specific_energy_kwh_per_kg": 2.0}


def card_of(dispatch) -> Scorecard:
    return scorecard(dispatch, audit(dispatch))


@in_park(
    grid_a=grid(100.0, 50.0, bus="a"),
    wind_a=wind([0.0, 0.2], 10.0, bus="a"),
    load_a=load([3.0, 0.0], bus="a"),
    grid_b=grid(100.0, 50.0, bus="b"),
    wind_b=wind([0.0, 0.6], 10.0, bus="b"),
    load_b=load([4.0, 0.0], bus="b"),
)
def test_two_connections_add_up(dispatch):
    """**Proves**: two sites import 3 and 4 MW in one hour and export 2 and 6 MW in the next: 7 and 8 MWh, peaks of 7 and 8 MW; the load's
    peak is 7 MW.

    **Breaks as**: 3 and 2 MWh if one connection spoke for all.
    """
    year = card_of(dispatch).year
    assert (year["import_mwh"], year["export_mwh"]) == approx((7.0, 8.0))
    assert (year["peak_import_mw"], year["peak_export_mw"], year["peak_load_mw"]) == approx((7.0, 8.0, 7.0))


@in_park(grid=grid(100.0), load=load([10.0, 6.0]))
def test_peak_load_is_the_highest_hour(dispatch):
    """**Proves**: loads of 10 and 6 MW peak at 10 MW. A park without wind has shares of 0, not errors.

    **Breaks as**: 16 MW if hours were added up.
    """
    year = card_of(dispatch).year
    assert (year["peak_load_mw"], year["peak_import_mw"]) == approx((10.0, 10.0))
    assert (year["green_share"], year["curtailment_rate"], year["self_use_ratio"], year["export_ratio_of_generation"]) == (0.0, 0.0, 0.0, 0.0)


@in_park(
    grid=grid([100.0, 1000.0]),
    plant=electrolyser(hydrogen_bus="low"),
    compressor=COMPRESSOR,
    tank=hydrogen_store(capacity_kg=40.0),
    steel=hydrogen_demand(50.0, profile=[0.0, 100.0], unserved_price_cny_per_kg=10.0),
)
def test_hydrogen_is_neither_storage_nor_unserved_electricity(dispatch):
    """**Proves**: 40 kg of the cheap hour lie in the tank, 60 kg stay undelivered at 10 CNY/kg. Electrolysis (2 MWh) and compression (0.08)
    are a load of 2.08 MWh; no electricity is charged, discharged, unserved or lost on lines.

    **Breaks as**: 2 MWh unserved for the 60 kg; 1.33 MWh charged and discharged for the tank's 40 kg.
    """
    year = card_of(dispatch).year
    assert (year["hydrogen_kg"], year["load_mwh"]) == approx((40.0, 2.08))
    for word in ("unserved_mwh", "charge_mwh", "discharge_mwh", "line_loss_mwh"):
        assert year[word] == approx(0.0), word


@in_park(grid=grid([10.0, 300.0]), battery=battery(discharge_efficiency=0.8), load=load([0.0, 8.0]))
def test_discharge_is_measured_at_the_bus(dispatch):
    """**Proves**: 10 MWh go in, 10 MWh leave the cells, 8 MWh reach the bus. Balanced over the year nothing of it is green.

    **Breaks as**: 10 MWh discharged if measured in the cells; a green share of −0.25 if losses could make it negative.
    """
    year = card_of(dispatch).year
    assert (year["charge_mwh"], year["discharge_mwh"]) == approx((10.0, 8.0))
    assert year["green_share_annual_balance"] == approx(0.0)


@in_park(
    step_minutes=15,
    hours=0.5,
    grid=grid([10.0, 100.0], [0.0, 90.0]),
    battery=battery(20.0, 5.0, level_start_share=0.0, level_end="free"),
    plant=electrolyser(50.0, bus="works"),
    synthesis=ammonia_plant(electricity_bus="works"),
    users=ammonia_demand(1.0),
    supply=grid(100.0, bus="works"),
)
def test_quarter_hours_in_every_sum(dispatch):
    """**Proves**: 1 t/h for half an hour is 0.5 t from 90 kg of hydrogen, with 10 MW or 5 MWh bought; a battery of 20 MW buys 5 MWh in the
    first quarter and sells them, grey, in the second.

    **Breaks as**: 2 t, 360 kg, 20 MWh sold, 2 hours if steps were hours; 3 if ammonia were measured in MWh of hydrogen.
    """
    year = card_of(dispatch).year
    assert year["hours"] == 0.5
    assert (year["hydrogen_kg"], year["ammonia_t"]) == approx((90.0, 0.5))
    assert (year["load_mwh"], year["import_mwh"]) == approx((5.0, 10.0))
    assert (year["export_mwh"], year["grey_export_mwh"]) == approx((5.0, 5.0))


@in_park(wind=wind([0.2], 1.0), grid=grid(100.0), load=load([0.5]))
def test_shares_of_less_than_a_megawatt_hour(dispatch):
    """**Proves**: 0.2 of 0.5 MWh are green: 0.4.

    **Breaks as**: 0.2 if a sum below one counted as one.
    """
    assert card_of(dispatch).year["green_share"] == approx(0.4)


@in_park(wind=wind([1.0], 15.0, bus="far"), line=line("far", "electricity", 6.0), grid=grid(100.0), load=load([10.0]))
def test_what_a_line_holds_back_covers_no_load(dispatch):
    """**Proves**: 15 MW blow, 6 MW pass the line: 0.6 of the hour's 10 MWh, by hour, by month and by year.

    **Breaks as**: 1 if what is available counted as used.
    """
    year = card_of(dispatch).year
    assert year["green_share_hourly_without_storage"] == approx(0.6)
    assert (year["green_share_monthly"], year["green_share_annual_balance"]) == approx((0.6, 0.6))


@in_park(wind=wind([0.75, 0.2], 20.0), grid=grid(100.0), load=load([10.0, 10.0]))
def test_what_is_curtailed_is_not_balanced(dispatch):
    """**Proves**: of 15 and 4 MWh 5 are curtailed; what is left, 14, is balanced against 20: 0.7.

    **Breaks as**: 0.95 if the curtailed hour made up for the calm one.
    """
    assert card_of(dispatch).year["green_share_annual_balance"] == approx(0.7)


@in_park(wind=wind([1.0], 10.0, bus="far"), line=line("far", "electricity", 20.0, loss_share=0.1), grid=grid(100.0), load=load([10.0]))
def test_line_losses_are_not_balanced_as_green(dispatch):
    """**Proves**: 10 MWh enter a line that loses a tenth: 9 of 10 MWh, by month and by year.

    **Breaks as**: 1 if the loss counted as delivered.
    """
    year = card_of(dispatch).year
    assert (year["green_share_monthly"], year["green_share_annual_balance"]) == approx((0.9, 0.9))


@in_park(start="2030-01-07T23:00", wind=wind([1.0, 0.0], 20.0), grid=grid(100.0, 50.0), load=load([10.0, 10.0]))
def test_a_month_is_balanced_across_its_days(dispatch):
    """**Proves**: 20 MWh late in the evening balance 10 MWh before and after midnight, in one month: 1.

    **Breaks as**: 0.5 if days were balanced one by one.
    """
    assert card_of(dispatch).year["green_share_monthly"] == approx(1.0)


@in_park(
    start="2030-06-15",
    step_minutes=31 * 24 * 60,
    wind=wind([1.0] + [0.0] * 12, 20.0),
    grid=grid(100.0, 50.0),
    load=load([10.0] + [0.0] * 11 + [10.0]),
)
def test_the_same_month_of_two_years_is_two_months(dispatch):
    """**Proves**: 13 steps of 31 days reach from June 15 to June 22 of the next year; the first June is green, the second is not: 0.5.

    **Breaks as**: 1 if months were told apart by their names.
    """
    card = card_of(dispatch)
    assert card.year["green_share_monthly"] == approx(0.5)
    assert (card.month["month"].iloc[0], card.month["month"].iloc[-1], len(card.month)) == ("2030-06", "2031-06", 13)


@in_park(
    start="2030-01-31T22:00",
    wind=wind([0.75, 0.2, 0.2], 20.0),
    grid=grid(100.0, -5.0, export_limit_mw=3.0),
    load=load([10.0, 10.0, 7.0]),
)
def test_each_month_has_its_peak_and_its_causes(dispatch):
    """**Proves**: imports of 0 and 6 MW in January, 3 MW in February; of 5 MWh curtailed in January 3 fall to the price, 2 have no use.

    **Breaks as**: 6 MW in both months if a month took the year's peak; 5 for each cause if causes were not told apart.
    """
    card = card_of(dispatch)
    assert list(card.month["peak_import_mw"]) == approx([6.0, 3.0])
    assert list(card.month["curtailed_price_mwh"]) == approx([3.0, 0.0])
    assert list(card.month["curtailed_no_use_mwh"]) == approx([2.0, 0.0])
    assert list(card.month["curtailed_line_or_transformer_mwh"]) == approx([0.0, 0.0])
    assert list(card.hour["curtailed_price_mw"]) == approx([3.0, 0.0, 0.0])
    assert list(card.hour["curtailed_no_use_mw"]) == approx([2.0, 0.0, 0.0])


@in_park(wind=wind([0.25, 0.15, 1.0, 0.0], 20.0), grid=grid(100.0, 50.0), load=load([10.0, 4.0, 10.0, 0.0]))
def test_shares_of_each_hour(dispatch):
    """**Proves**: green of load in each hour: 5 of 10, 3 of 4, all of 10 although 20 blow, and 0 where nothing is asked for.

    **Breaks as**: 0.3 in the second hour if the day's peak were below the line; 2 in the third if exports counted.
    """
    hour = card_of(dispatch).hour
    assert list(hour["green_share"]) == approx([0.5, 0.75, 1.0, 0.0])
    assert list(hour["hourly_matched_share"]) == approx([0.5, 0.75, 1.0, 0.0])


@pytest.mark.parametrize("word", ["green_ledger_residual_mw", "max_balance_residual_mw"])
@in_park(wind=wind([1.0, 0.0], 10.0), battery=battery(level_start_share=0.0, level_end="free"), grid=grid(300.0), load=load([2.0, 7.0]))
def test_residuals_of_a_park_with_a_store(dispatch, word):
    """**Proves**: ledger and balance close where a battery discharges.

    **Breaks as**: 7 MW in the ledger if discharged green were no supply.
    """
    assert card_of(dispatch).year[word] == approx(0.0)


@in_park(start="2030-01-31T23:00", grid=grid([10.0, 300.0]), store=battery(), load=load([0.0, 10.0]))
def test_grey_power_stored_over_a_month_border_stays_grey(dispatch):
    """**Proves**: without wind and sun 10 MWh bought in January are used in February: no word calls any of it green.

    **Breaks as**: a monthly share of 1 if February's discharge counted as green and January's charge could not make it negative.
    """
    year = card_of(dispatch).year
    words = ("green_share", "green_share_monthly", "green_share_annual_balance", "hourly_matched_share")
    assert [year[word] for word in words] == approx([0.0] * 4)


@in_park(grid=grid(1000.0), store=battery(level_start_share=1.0, level_end="free"), load=load([10.0]))
def test_what_a_store_begins_with_is_not_green(dispatch):
    """**Proves**: a battery that begins full serves the load; a given start is grey, in the balances as in the ledger.

    **Breaks as**: 1 if all that is discharged counted as green.
    """
    year = card_of(dispatch).year
    assert (year["green_share_monthly"], year["green_share_annual_balance"]) == approx((0.0, 0.0))
