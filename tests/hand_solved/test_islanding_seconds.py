"""The first seconds, hour by hour of a dispatch: what is lost, what turns, what answers, what is shed."""

from __future__ import annotations

import numpy as np
import pytest

from gridsim.vpp.islanding.seconds import frequency_by_hour, seconds_record
from gridsim.vpp.islanding.section import FrequencySection, GenerationTripping, IslandingSection, LoadShedding
from hand_solved.parks import approx, battery, caes, electrolyser, grid, hydrogen_demand, in_park, load, response, wind

FULL = {"level_start_share": 0.5, "level_end": "same", "level_min_share": 0.1, "throughput_cost_cny_per_mwh": 1.0}
"""Half full, and idle unless that pays."""


def section(grid_forming=None, tiers=None, **frequency):
    given = {
        "load_inertia_s": 1.0,
        "load_damping": 0.0,
        "forming_inertia_s": 2.0,
        "forming_droop_share": 0.02,
        "load_shedding": [],
        **frequency,
    }
    return IslandingSection(grid_forming=grid_forming, tiers=tiers or {}, frequency=FrequencySection(**given))


@in_park(grid=grid([10.0, 10.0]), wind=wind([0.1, 0.6], 10.0), battery=battery(10.0, 20.0, **FULL), factory=load([9.0, 6.0]))
def test_the_connection_is_lost(dispatch):
    """**Proves**: 8 of 9 MW were imported; 9 MW s of motors and 20 imitated, droop 10/(0.02·50) = 10 MW/Hz: −8·50/(2·29) Hz/s at first, 0.8 Hz low in the end.
    In the second hour wind served all of the load, and nothing was lost.
    """
    found = frequency_by_hour(dispatch, section(), traced=[0])
    assert found.deficit_mw[0] == approx(8.0)
    assert {name: energy[0] for name, energy in found.kinetic_energy_mws.items()} == approx({"loads": 9.0, "machines": 0.0, "forming": 20.0})
    assert found.forming_room_mw[0] == approx(10.0)
    assert found.swing.initial_rocof_hz_per_s[0] == approx(-8 * 50 / 58)
    assert found.swing.settling_hz[0] == approx(50.0 - 0.8)
    assert found.decides.tolist() == ["forming", "forming"]
    assert found.swing.nadir_hz[1] == approx(50.0)
    assert not found.lost.any()
    assert found.swing.frequency_hz.shape == (1001, 1)


@in_park(grid=grid([10.0, 10.0]), battery=battery(10.0, 20.0, **FULL), factory=load([9.0, 12.0]))
def test_without_a_forming_unit_there_is_no_island(dispatch):
    """**Proves**: with the same battery following only, inertia of motors does not make an island: lost, and it is said that nothing holds."""
    found = frequency_by_hour(dispatch, section(grid_forming={}))
    assert found.decides.tolist() == ["nothing", "nothing"]
    assert found.lost.all()
    held = frequency_by_hour(dispatch, section())
    assert held.lost.tolist() == [False, True]  # 12 MW on 10 MW: 2 MW are missing for good
    assert seconds_record(held, 1.0)["lost_hours"] == 1


@in_park(grid=grid([10.0]), forming=battery(5.0, 20.0, **FULL), following=battery(10.0, 20.0, **FULL), factory=load([9.0]))
def test_following_batteries_come_after_the_forming_one(dispatch):
    """**Proves**: 9 MW on 5 of forming (5 MW/Hz) and 10 of following (10 MW/Hz beyond 0.05 Hz): 9 = 5 x + 10 (x − 0.05): x = 9.5/15."""
    quick = section({"forming": 0.05}, following_delay_s=0.1, following_ramp_share_per_s=5.0, following_dead_band_hz=0.05, following_droop_share=0.02)
    found = frequency_by_hour(dispatch, quick)
    assert found.forming_room_mw[0] == approx(5.0)
    assert found.swing.settling_hz[0] == pytest.approx(50 - 9.5 / 15, abs=1e-6)


@in_park(
    grid=grid([10.0]),
    battery=battery(20.0, 40.0, **FULL),
    plant=electrolyser(6.0, module_mw=6.0),
    users=hydrogen_demand(60.0),
    factory=load([9.0]),
    reserve=response("interrupt", load="factory", power_mw=4.0, reserve_only=True),
)
def test_conversions_and_interruptible_loads_go_first(dispatch):
    """**Proves**: 9 MW of load and the electrolyser's power were imported; the signal drops the electrolyser and then 4 MW: 5 MW on 20 MW/Hz are 0.25 Hz.

    Kept on, the electrolyser's power is borne by the battery too.
    """
    drawn = dispatch.flows["grid.import"][0] - 9.0
    found = frequency_by_hour(dispatch, section())
    assert drawn > 1.0
    assert {name: power[0] for name, power in found.shed_mw.items()} == approx({"conversions": drawn, "interruptible": 4.0, "generation": 0.0})
    assert found.swing.settling_hz[0] == approx(50 - 5 / 20)
    kept = frequency_by_hour(dispatch, section(conversions_trip=False))
    assert kept.swing.settling_hz[0] == approx(50 - (5 + drawn) / 20)


@in_park(grid=grid([10.0]), battery=battery(2.0, 20.0, **FULL), factory=load([10.0]), clinic=load([10.0]))
def test_stages_take_the_last_tiers_first(dispatch):
    """**Proves**: 20 MW lost on 2 MW of battery; stages of half and a fifth of 20 MW shed 14 MW, 10 from the factory, 4 from the critical clinic.

    14 + 2 MW do not hold 20: lost. With stages of 0.5 and 0.45, 19 MW are shed and 9 of them are critical: kept.
    """
    tiers = {"critical": {"clinic": 1.0}}

    def stages(first, second):
        return [LoadShedding(threshold_hz=49.0, share=first, delay_s=0.02), LoadShedding(threshold_hz=48.5, share=second, delay_s=0.02)]

    short = frequency_by_hour(dispatch, section(tiers=tiers, load_inertia_s=2.0, load_shedding=stages(0.5, 0.2)))
    assert short.shed_mw["stage_49_hz"][0] + short.shed_mw["stage_48.5_hz"][0] == approx(14.0)
    assert short.critical_shed_mw[0] == approx(4.0)
    assert short.lost[0]
    enough = frequency_by_hour(dispatch, section(tiers=tiers, load_inertia_s=2.0, load_shedding=stages(0.5, 0.45)))
    assert enough.critical_shed_mw[0] == approx(9.0)
    assert not enough.lost[0]
    assert enough.swing.settling_hz[0] == approx(50 - 1 / 2)
    record = seconds_record(enough, 1.0)
    assert (record["hours_with_load_shedding"], record["hours_with_critical_load_shed"], record["lost_hours"]) == (1, 1, 0)


@in_park(grid=grid([10.0], export_price=5.0), wind=wind([1.0], 20.0), battery=battery(15.0, 30.0, **FULL), factory=load([8.0]))
def test_an_export_leaves_a_surplus(dispatch):
    """**Proves**: 12 MW were exported: frequency rises by 12·50/(2·38) Hz/s, the signal cuts 12 MW of wind, and it ends at 50 Hz; uncut the battery and the
    wind share the surplus above 50 Hz.
    """
    found = frequency_by_hour(dispatch, section())
    assert found.deficit_mw[0] == approx(-12.0)
    assert found.swing.initial_rocof_hz_per_s[0] == approx(12 * 50 / 76)
    assert found.shed_mw["generation"][0] == approx(-12.0)
    assert found.swing.settling_hz[0] == pytest.approx(50.0, abs=1e-6)
    assert found.swing.peak_hz[0] > 50.5
    uncut = frequency_by_hour(dispatch, section(generation_trips=False, renewable_dead_band_hz=0.1, renewable_droop_share=0.05, highest_hz=55.0))
    # 15 MW a Hz of the battery and 20/(0.05·50) = 8 MW a Hz of the wind beyond 0.1: 15 x + 8 (x − 0.1) = 12
    assert uncut.swing.settling_hz[0] == pytest.approx(50 + 12.8 / 23, abs=1e-5)


@in_park(
    grid=grid([100.0, 1.0, 200.0]),
    plant=caes(10.0, 40.0, level_start_share=0.5, level_end="same"),
    battery=battery(1.0, 2.0, **FULL),
    factory=load([6.0, 6.0, 6.0]),
)
def test_machines_of_compressed_air_turn(dispatch):
    """**Proves**: whichever machine runs brings 3 MW s for each MW of its rating; one that stands brings none."""
    found = frequency_by_hour(dispatch, section(machine_inertia_s=3.0))
    running = (dispatch.flows["plant.charge"] > 1e-6) | (dispatch.flows["plant.discharge"] > 1e-6)
    assert running.any()
    assert found.kinetic_energy_mws["machines"] == approx(np.where(running, 30.0, 0.0))
    assert all(found.decides[running] == "machines")


@in_park(grid=grid([10.0, 10.0]), wind=wind([0.7, 0.2], 10.0), factory=load([9.0, 9.0]))
def test_the_largest_infeed_is_lost(dispatch):
    """**Proves**: 7 MW of wind beside 2 of import, then 7 of import beside 2 of wind."""
    found = frequency_by_hour(dispatch, section(loss="largest_infeed"))
    assert found.deficit_mw == approx([7.0, 7.0])


@in_park(grid=grid([10.0]), battery=battery(10.0, 20.0, level_start_share=0.1, level_end="same", level_min_share=0.1), factory=load([8.0]))
def test_a_forming_battery_lets_go_below_its_level(dispatch):
    """**Proves**: at 0.1 of full it holds if it lets go at 0.05, and does not if it lets go at 0.2."""
    assert not frequency_by_hour(dispatch, section({"battery": 0.05})).lost[0]
    assert frequency_by_hour(dispatch, section({"battery": 0.2})).lost[0]


EXPORTING = {"grid": grid([10.0], export_price=5.0), "wind": wind([1.0], 20.0), "factory": load([8.0])}
CHARGED = battery(15.0, 30.0, **{**FULL, "level_start_share": 1.0})
"""Full, and kept so by its price of use."""


@in_park(battery=CHARGED, **EXPORTING)
def test_a_surplus_is_borne_where_wind_gives_way_in_time(dispatch):
    """**Proves**: 12 MW too much and a full battery: 80 MW s of loads (10 s) and 30 imitated that cannot act rise 12·50/160 = 3.75 Hz/s, 51.5 Hz in 0.4 s.

    Wind's droop of 3 % is 20/(0.03·50) = 13.33 MW/Hz beyond 0.2 Hz, after 0.1 s: 12 = 13.33 (x − 0.2), x = 1.1 Hz, and nothing is lost. Begun after a second,
    or with a droop of 10 %, which has cut 5.2 MW at 51.5 Hz, it is.
    """
    quick = {"generation_trips": False, "load_inertia_s": 10.0, "renewable_delay_s": 0.1, "renewable_ramp_share_per_s": 5.0, "renewable_dead_band_hz": 0.2}
    found = frequency_by_hour(dispatch, section(**quick, renewable_droop_share=0.03))
    assert found.forming_room_mw[0] == approx(0.0)
    assert found.swing.initial_rocof_hz_per_s[0] == approx(3.75)
    assert found.swing.settling_hz[0] == pytest.approx(51.1, abs=1e-4)
    assert found.outcome.tolist() == ["kept"]
    for changed in ({"renewable_droop_share": 0.1}, {"renewable_droop_share": 0.03, "renewable_delay_s": 1.0}):
        assert frequency_by_hour(dispatch, section(**{**quick, **changed})).outcome.tolist() == ["surplus"]


@in_park(battery=CHARGED, **EXPORTING)
def test_stages_above_nominal_cut_wind(dispatch):
    """**Proves**: +3.75 Hz/s passes 50.75 Hz at 0.2 s and 51.125 Hz at 0.3 s; 0.1 s later each, stages of 0.3 and 0.35 cut 6 and 7 of 20 MW.

    That is 1 MW more than was left over, which the battery's 15 MW/Hz give at 49.933 Hz.
    """
    stages = [GenerationTripping(threshold_hz=50.75, share=0.3, delay_s=0.1), GenerationTripping(threshold_hz=51.125, share=0.35, delay_s=0.1)]
    slow = {"generation_trips": False, "load_inertia_s": 10.0, "renewable_delay_s": 20.0}
    found = frequency_by_hour(dispatch, section(**slow, generation_tripping=stages))
    assert found.outcome.tolist() == ["kept"]
    assert found.shed_mw["trip_50.75_hz"][0] == approx(-6.0)
    assert found.shed_mw["trip_51.125_hz"][0] == approx(-7.0)
    assert found.swing.settling_hz[0] == pytest.approx(50 - 1 / 15, abs=1e-4)


@in_park(battery=battery(4.0, 8.0, **{**FULL, "level_start_share": 1.0}), **EXPORTING)
def test_too_much_that_is_cut_loses_the_island_on_the_other_side(dispatch):
    """**Proves**: a stage cuts 6 of 20 MW at about 0.3 s, the signal the 12 that were exported at 0.5 s: 6 MW too much on 4 of battery, and 47.5 Hz is reached.

    The signal alone keeps the island above it. Breaks as: a surplus, by what was exported.
    """
    stage = {"generation_tripping": [GenerationTripping(threshold_hz=50.75, share=0.3, delay_s=0.1)]}
    slow = {"load_inertia_s": 10.0, "renewable_delay_s": 20.0, "highest_hz": 55.0, "generation_delay_s": 0.5}
    assert frequency_by_hour(dispatch, section(**slow, **stage)).outcome.tolist() == ["overshot"]
    assert frequency_by_hour(dispatch, section(**slow)).outcome.tolist() == ["kept"]


@in_park(battery=battery(15.0, 30.0, **{**FULL, "level_start_share": 0.9, "level_max_share": 0.9}), **EXPORTING)
def test_cells_below_full_take_a_surplus_for_seconds(dispatch):
    """**Proves**: at its everyday highest level of 0.9 of 30 MWh the battery has 3 MWh left, 540 MW for 20 s: its 15 MW bear the 12 (15 MW/Hz: 0.8 Hz)."""
    found = frequency_by_hour(dispatch, section(generation_trips=False, renewable_delay_s=20.0))
    assert found.forming_room_mw[0] == approx(15.0)
    assert found.outcome.tolist() == ["kept"]
    assert found.swing.settling_hz[0] == pytest.approx(50.8, abs=1e-6)


@in_park(
    grid=grid([10.0, 10.0, 10.0, 10.0], export_price=5.0),
    wind=wind([0.0, 1.0, 0.0, 0.35], 40.0),
    battery=battery(4.0, 20.0, **{**FULL, "throughput_cost_cny_per_mwh": 100.0}),
    factory=load([3.0, 8.0, 30.0, 14.0]),
)
def test_what_is_told_of_hours_kept_and_lost(dispatch):
    """**Proves**: 3 MW of import are borne by 4 of battery; 32 of export and 30 of import are not; balance needs nothing. Of the lost hours no settling and no
    shedding is told, and none of it is counted: 28 and 26 MW were beyond the battery. A stage that trips on the way to being lost saves nothing.
    """
    stage = [LoadShedding(threshold_hz=49.0, share=0.1, delay_s=0.02)]
    found = frequency_by_hour(dispatch, section(load_inertia_s=1.0, generation_delay_s=0.5, renewable_delay_s=1.0, load_shedding=stage))
    record = seconds_record(found, 1.0)
    assert record["outcome"] == ["kept", "surplus", "deficit", "kept"]
    assert found.shed_mw["stage_49_hz"][2] == approx(3.0)
    assert (record["lost_hours"], record["hours_with_load_shedding"], record["hours_with_critical_load_shed"]) == (2, 0, 0)
    quarters = seconds_record(found, 0.25)
    assert (quarters["hours"], quarters["lost_hours"], quarters["lost_by_cause"]["deficit"]["hours"]) == (1.0, 0.5, 0.25)
    surplus, deficit = record["lost_by_cause"]["surplus"], record["lost_by_cause"]["deficit"]
    assert [surplus[key] for key in ("hours", "exchange_mw_mean", "exchange_mw_least", "beyond_mw_mean", "beyond_mw_most")] == approx([1, 32, 32, 28, 28])
    assert [deficit[key] for key in ("hours", "exchange_mw_mean", "beyond_mw_most")] == approx([1, 30, 26])
    assert np.isnan(record["settling_hz"]).tolist() == [False, True, True, False]
    assert all(np.isnan(power).tolist() == [False, True, True, False] for power in record["shed_mw"].values())
    assert np.isnan(record["window_rocof_hz_per_s"]).tolist() == [False, True, True, False]
    assert record["initial_rocof_hz_per_s"][2] == approx(-26 * 50 / (2 * 30))  # the battery at its limit is no inertia
    assert record["lowest_nadir_hz_of_islands_kept"] == pytest.approx(49.25, abs=0.01)


@in_park(grid=grid([10.0, 10.0]), wind=wind([0.5, 0.2], 10.0), battery=battery(10.0, 20.0, **FULL), factory=load([5.0, 9.0]))
def test_without_a_forming_unit_there_is_no_frequency(dispatch):
    """**Proves**: following only: both hours are lost for that cause, the balanced one too, and have neither nadir nor peak nor rate of change."""
    record = seconds_record(frequency_by_hour(dispatch, section(grid_forming={})), 1.0)
    assert record["outcome"] == ["no_forming", "no_forming"]
    assert list(record["lost_by_cause"]) == ["no_forming"]
    assert record["lost_by_cause"]["no_forming"]["hours"] == 2
    for key in ("nadir_hz", "peak_hz", "initial_rocof_hz_per_s", "window_rocof_hz_per_s", "settling_hz"):
        assert np.isnan(record[key]).all()
    assert record["lowest_nadir_hz_of_islands_kept"] is None
