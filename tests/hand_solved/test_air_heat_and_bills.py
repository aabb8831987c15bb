"""Air and heat where one alone binds, fuel at full power, the demand charge within a month, and a peak that lies outside the hours run."""

import dataclasses

from hand_solved.parks import approx, caes, grid, in_park, load, solve, tiny_park


@in_park(
    grid=grid([10.0, 1000.0]),
    caes=caes(10.0, 10.0, compressor_efficiency=0.8, expander_efficiency=0.75, heat_store_mwh=100.0, level_start_share=0.1),
    load=load([0.0, 4.0]),
)
def test_air_binds_where_heat_is_plenty(dispatch):
    """**Proves**: 1 MWh of air and 10 MWh_th lie ready; the 3 MWh of air that 4 MWh out still need take 3 / (0.8 × 0.75) = 5 MWh of
    compression at 10: 50 CNY.

    **Breaks as**: 37.5 CNY if all of the compressor's heat counted as air.
    """
    assert dispatch.objective_cny == approx(50.0)
    assert dispatch.levels["caes.store"] == approx([4.0, 0.0])


@in_park(
    grid=grid([10.0, 1000.0]), caes=caes(10.0, 10.0, expander_efficiency=0.8, heat_store_mwh=4.0), load=load([0.0, 10.0])
)
def test_heat_binds_where_its_store_is_small(dispatch):
    """**Proves**: 4 MWh_th give 4 × 0.8 = 3.2 MWh, for which 4 MWh are compressed at 10; 6.8 MWh are bought at 1000: 6840 CNY.

    **Breaks as**: 5062.5 CNY (5 MWh out) if a MWh out drew 0.8 MWh_th instead of 1 / 0.8; 6040 without the expander's loss.
    """
    assert dispatch.objective_cny == approx(6840.0)
    assert dispatch.levels["caes.heat_store"] == approx([4.0, 0.0])


@in_park(
    grid=grid([100.0, 1000.0]),
    caes=caes(kind="diabatic", compression_mwh_per_mwh_out=0.8, fuel_mwh_per_mwh_out=1.6, fuel_price_cny_per_mwh=50.0),
    load=load([0.0, 10.0]),
)
def test_fuel_suffices_for_full_power(dispatch):
    """**Proves**: 10 MW out burn 16 MW of gas: 8 MWh of compression at 100 and 16 MWh at 50: 1600 CNY.

    **Breaks as**: 4750 CNY if the gas supply were as large as the expander (10 MW of gas, 6.25 MW out).
    """
    assert dispatch.objective_cny == approx(1600.0)
    assert dispatch.flows["caes.fuel_supply"] == approx([0.0, 16.0])


@in_park(start="2030-01-07T22:00", grid=grid(1.0, tariff={"demand_charge_cny_per_mw_month": 10.0}), load=load([1.0, 3.0, 2.0, 1.0]))
def test_demand_charge_is_not_paid_each_day(dispatch):
    """**Proves**: two days of one month have one peak of 3 MW: 7 + 10 × 3 = 37 CNY.

    **Breaks as**: 57 CNY if each day paid for its own.
    """
    assert dispatch.objective_cny == approx(37.0)
    assert dispatch.monthly_peaks["grid.demand_charge"] == approx([3.0])


def test_a_load_is_scaled_by_the_peak_of_its_year():
    """**Proves**: hours at 1, 2, 3 of a year that reaches 4 get 2, 4, 6 of the year's peak of 8 MW.

    **Breaks as**: 2.67, 5.33, 8 MW if the hours that are run had the peak.
    """
    park = tiny_park(grid=grid(100.0), load=load([1.0, 2.0, 3.0], peak_mw=8.0))
    dispatch = solve(dataclasses.replace(park, profile_peaks=park.profile_peaks | {"load.profile": 4.0}))
    assert dispatch.flows["load"] == approx([2.0, 4.0, 6.0])
