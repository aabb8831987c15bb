"""Seconds level: the swing equation against what can be written down, and each response alone."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gridsim.physics.frequency import Following, Forming, Governor, Relay, simulate
from gridsim.physics.frequency_closed_form import initial_rocof, low_order_response, settling_deviation

WIDE = {"lowest_hz": 1.0, "highest_hz": 99.0}


def at(swing, seconds):
    return swing.frequency_hz[round(seconds / (swing.time_s[1] - swing.time_s[0])), 0] - 50.0


def test_nothing_answers():
    """Proves: 20 MW lost on 400 MW s fall by 20·50/(2·400) = 1.25 Hz/s, for as long as nothing answers. Breaks as: 2.5 without the 2 of 2H."""
    swing = simulate([20.0], 400.0, 0.0, duration_s=2.0, traced=[0], **WIDE)
    assert initial_rocof(20.0, 400.0) == pytest.approx(-1.25, rel=1e-15)
    assert swing.initial_rocof_hz_per_s[0] == pytest.approx(-1.25, rel=1e-15)
    assert swing.window_rocof_hz_per_s[0] == pytest.approx(-1.25, rel=1e-12)
    assert swing.nadir_hz[0] == pytest.approx(47.5, abs=1e-12)
    assert at(swing, 1.0) == pytest.approx(-1.25, abs=1e-12)


def test_damping_alone_is_an_exponential():
    """Proves: M = 16 MW s/Hz, D = 8: Δf(t) = −20/8 (1 − e^(−t/2)); −2.5 (1 − e^−1) = −1.58030 at 2 s."""
    swing = simulate([20.0], 400.0, 8.0, duration_s=40.0, step_s=0.02, traced=[0], **WIDE)
    assert at(swing, 2.0) == pytest.approx(-2.5 * (1 - np.exp(-1.0)), abs=1e-9)
    assert swing.settling_hz[0] == pytest.approx(50 - 2.5, abs=1e-8)


def test_droop_and_damping_share_the_deficit():
    """Proves: 20 MW on D 2 and droop 38 MW/Hz settle 0.5 Hz low, whatever the inertia. Breaks as: 0.526 without damping."""
    assert settling_deviation(20.0, 2.0, 38.0) == pytest.approx(-0.5, rel=1e-15)
    swing = simulate([20.0, 20.0], [400.0, 100.0], 2.0, governors=[Governor(38.0, 0.3, 8.0)], duration_s=120.0, step_s=0.1, **WIDE)
    assert swing.settling_hz == pytest.approx([49.5, 49.5], abs=1e-7)


@pytest.mark.parametrize(("energy", "front", "reheat"), [(400.0, 0.3, 8.0), (150.0, 0.2, 7.0), (800.0, 0.25, 10.0)])
def test_low_order_nadir_in_closed_form(energy, front, reheat):
    """Proves: the closed form is the lowest point of the two differential equations, solved here by the matrix exponential, and of the simulation."""
    from scipy.linalg import expm
    from scipy.optimize import minimize_scalar

    loss, damping, droop = 20.0, 2.0, 40.0
    inertia = 2 * energy / 50.0
    system = np.array(
        [
            [-(damping + front * droop) / inertia, 1 / inertia, -loss / inertia],
            [-(1 - front) * droop / reheat, -1 / reheat, 0.0],
            [0.0, 0.0, 0.0],
        ]
    )
    lowest = minimize_scalar(lambda t: (expm(system * t) @ [0.0, 0.0, 1.0])[0], bounds=(0.05, 8.0), method="bounded", options={"xatol": 1e-9})
    closed = low_order_response(loss, energy, damping, droop, high_pressure_share=front, reheat_s=reheat)
    assert closed.nadir_hz == pytest.approx(lowest.fun, abs=1e-9)
    assert closed.nadir_s == pytest.approx(lowest.x, abs=1e-5)
    swing = simulate([loss], energy, damping, governors=[Governor(droop, front, reheat)], duration_s=10.0, **WIDE)
    assert swing.nadir_hz[0] - 50.0 == pytest.approx(closed.nadir_hz, abs=2e-5)
    assert swing.nadir_s[0] == pytest.approx(closed.nadir_s, abs=0.0101)
    assert at(simulate([loss], energy, damping, governors=[Governor(droop, front, reheat)], duration_s=3.0, traced=[0], **WIDE), 3.0) == pytest.approx(
        (expm(system * 3.0) @ [0.0, 0.0, 1.0])[0], abs=1e-8
    )


def test_low_order_figures_of_the_per_unit_form():
    """Proves: R 0.05, H 4 s, D 1, K_m 0.95, T_R 8 s, F_H 0.3: ω_n² = (D R + K_m)/(2 H R T_R) = 1/3.2, ζ = (0.4 + 0.335·8)/2 · ω_n; base 50 MW, 50 Hz."""
    closed = low_order_response(5.0, 200.0, 1.0, 19.0, high_pressure_share=0.3, reheat_s=8.0)
    assert closed.natural_rad_per_s == pytest.approx(np.sqrt(1 / 3.2), rel=1e-12)
    assert closed.damping_ratio == pytest.approx((0.4 + 0.335 * 8) / 2 * np.sqrt(1 / 3.2), rel=1e-12)
    with pytest.raises(ValueError, match="damping ratio below 1"):
        low_order_response(5.0, 200.0, 1.0, 19.0, high_pressure_share=0.9, reheat_s=8.0)


def test_governor_gives_no_more_than_its_headroom():
    """Proves: 20 MW lost, 12 MW in reserve, D 16: (20 − 12)/16 = 0.5 Hz low. Breaks as: 0.36 without the limit."""
    swing = simulate([20.0], 400.0, 16.0, governors=[Governor(40.0, 0.3, 8.0, up_mw=12.0)], duration_s=120.0, step_s=0.1, **WIDE)
    assert swing.settling_hz[0] == pytest.approx(49.5, abs=1e-6)


def test_dead_band_is_left_out_of_the_droop():
    """Proves: 10 MW = 5 x + 20 (x − 0.1): x = 12/25 = 0.48 Hz. Breaks as: 0.4 without the band."""
    band = Following(20.0, 0.1, 0.0, 0.2, 1e3, 50.0, 50.0)
    swing = simulate([10.0], 200.0, 5.0, following=[band], duration_s=40.0, step_s=0.02, **WIDE)
    assert swing.settling_hz[0] == pytest.approx(49.52, abs=1e-9)


def test_dead_time_then_ramp():
    """Proves: M 16, 16 MW lost: −1 Hz/s for 1 s of dead time; then 8 MW/s: Δf = −t + (8/16)(t−1)²/2, level at t = 3 with −2 Hz. Breaks as: earlier without."""
    ramped = Following(1e3, 0.0, 1.0, 0.1, 8.0, 100.0, 100.0)
    swing = simulate([16.0], 400.0, 0.0, following=[ramped], duration_s=3.0, traced=[0], **WIDE)
    assert at(swing, 1.0) == pytest.approx(-1.0, abs=1e-9)
    assert at(swing, 2.0) == pytest.approx(-2.0 + 0.25, abs=1e-2)  # the first power moves half a step apart from the dead time's end
    assert swing.nadir_hz[0] == pytest.approx(48.0, abs=1e-2)
    finer = simulate([16.0], 400.0, 0.0, following=[ramped], duration_s=3.0, step_s=0.001, traced=[0], **WIDE)
    assert at(finer, 2.0) == pytest.approx(-1.75, abs=1e-3)


def test_following_power_stays_within_its_headroom_both_ways():
    """Proves: K 100 MW/Hz but 6 MW up and 4 MW down: 10 MW lost settle at −4/8, 10 MW too much at +6/8 on D 8."""
    battery = Following(100.0, 0.0, 0.2, 0.1, 50.0, 6.0, 4.0)
    swing = simulate([10.0, -10.0], 200.0, 8.0, following=[battery], duration_s=40.0, step_s=0.02, **WIDE)
    assert swing.settling_hz == pytest.approx([49.5, 50.75], abs=1e-9)


def test_forming_inverters_are_inertia_and_droop():
    """Proves: 100 + 300 MW s and D 2 + K 38 on 20 MW: −1.25 Hz/s at first, Δf(t) = −0.5 (1 − e^(−40 t/16)). Breaks as: −5 Hz/s if imitated inertia is lost."""
    forming = Forming(300.0, 38.0, 50.0, 50.0)
    swing = simulate([20.0], 100.0, 2.0, forming=forming, duration_s=5.0, traced=[0], **WIDE)
    assert swing.initial_rocof_hz_per_s[0] == pytest.approx(-1.25, rel=1e-12)
    assert at(swing, 0.4) == pytest.approx(-0.5 * (1 - np.exp(-1.0)), abs=1e-8)
    assert swing.forming_peak_mw[0] == pytest.approx(0.5 * 38, abs=1e-3)  # at rest in the end; 15 MW of it at first, from inertia


def test_forming_inverters_at_their_limit_are_no_inertia():
    """Proves: at first 20·300/400 = 15 MW would be asked, 10 are there: 10 MW missing on 100 MW s fall 2.5 Hz/s. Breaks as: 1.25 without the limit."""
    swing = simulate([20.0], 100.0, 0.0, forming=Forming(300.0, 38.0, 10.0, 10.0), duration_s=0.5, **WIDE)
    assert swing.initial_rocof_hz_per_s[0] == pytest.approx(-2.5, rel=1e-12)
    assert swing.forming_peak_mw[0] == pytest.approx(10.0, rel=1e-12)
    assert swing.nadir_hz[0] == pytest.approx(48.75, abs=1e-9)


def test_forming_inverters_alone_hold_until_their_limit():
    """Proves: with nothing that turns, 5 MW of 10 MW are borne (settling 5/20), 15 MW are not: lost at once."""
    swing = simulate([5.0, 15.0], 0.0, 0.0, forming=Forming(50.0, 20.0, 10.0, 10.0), duration_s=5.0)
    assert swing.lost.tolist() == [False, True]
    assert swing.settling_hz[0] == pytest.approx(49.75, abs=1e-6)
    assert swing.initial_rocof_hz_per_s[1] == -np.inf


def test_without_anything_that_turns_there_is_no_island():
    """Proves: no inertia: −∞ for a deficit, +∞ for a surplus, nothing where nothing is lost; following batteries do not help."""
    swing = simulate([1.0, -1.0, 0.0], 0.0, 0.1, following=[Following(100.0, 0.0, 0.1, 0.1, 100.0, 10.0, 10.0)], duration_s=1.0)
    assert swing.initial_rocof_hz_per_s.tolist() == [-np.inf, np.inf, 0.0]
    assert swing.lost.tolist() == [True, True, False]
    assert initial_rocof([1.0, -1.0, 0.0], 0.0).tolist() == [-np.inf, np.inf, 0.0]


def test_a_stage_sheds_after_its_delay():
    """Proves: −1 Hz/s passes 49 Hz at 1 s; with 0.3 s more all 16 MW go: nadir 48.7 Hz (a step of 0.01 s is 0.01 Hz). Breaks as: 49.0 without the delay."""
    swing = simulate([16.0], 400.0, 0.0, relays=[Relay(16.0, 0.3, 49.0)], duration_s=3.0, **WIDE)
    assert swing.shed_mw.tolist() == [[16.0]]
    assert swing.nadir_hz[0] == pytest.approx(48.7, abs=0.0101)
    assert swing.settling_hz[0] == swing.nadir_hz[0]


def test_a_stage_that_is_left_in_time_does_not_shed():
    """Proves: below 49 Hz from 1.0 s, back above before 2 s by a load that the signal sheds at 1.2 s: a delay of 1.5 s never ends, one of 0.1 s does."""
    relays = [Relay(48.0, 1.2), Relay(1.0, 1.5, 49.0), Relay(1.0, 0.1, 49.0)]
    swing = simulate([16.0], 400.0, 0.0, relays=relays, duration_s=4.0, **WIDE)
    assert swing.shed_mw[:, 0].tolist() == [48.0, 0.0, 1.0]


def test_a_signal_sheds_whatever_the_frequency():
    """Proves: 16 MW lost and 16 MW shed by signal after 0.5 s leave −0.5 Hz on −1 Hz/s."""
    swing = simulate([16.0], 400.0, 0.0, relays=[Relay(16.0, 0.5)], duration_s=3.0, **WIDE)
    assert swing.nadir_hz[0] == pytest.approx(49.5, abs=1e-9)


def test_the_island_is_lost_outside_its_band():
    """Proves: −1 Hz/s reaches 47.5 Hz at 2.5 s and stays there: nothing sheds or answers any more."""
    swing = simulate([16.0, 1.0], 400.0, 0.0, relays=[Relay(16.0, 1.0, 48.0)], duration_s=4.0, traced=[0])
    assert swing.lost.tolist() == [True, False]
    assert swing.shed_mw[0].tolist() == [0.0, 0.0]
    assert at(swing, 4.0) == pytest.approx(-2.5)


def test_many_cases_are_each_alone():
    """Proves: a column of a run of many is the run of one."""
    rng = np.random.default_rng(4)
    loss, energy, up = rng.uniform(-20, 30, 7), rng.uniform(20, 300, 7), rng.uniform(0, 20, 7)
    relays = [Relay(3.0, 0.2, 49.0), Relay(3.0, 0.2, 48.5)]

    def run(pick):
        battery = Following(60.0, 0.03, 0.2, 0.1, 20.0, up[pick], 5.0)
        return simulate(
            loss[pick], energy[pick], 1.0, forming=Forming(20.0, 10.0, up[pick], 8.0), following=[battery], relays=relays, duration_s=4.0, step_s=0.02
        )

    whole = run(np.arange(7))
    for case in (0, 3, 6):
        one = run(np.array([case]))
        assert one.nadir_hz[0] == whole.nadir_hz[case]
        assert one.shed_mw[:, 0].tolist() == whole.shed_mw[:, case].tolist()
        assert one.settling_hz[0] == whole.settling_hz[case]


# ---- a surplus: wind and sun give way, or are cut

GIVEN_MW, DROOP = 40.0, 40.0 / (0.05 * 50)
"""Wind and sun, and their droop of 5 %: 16 MW/Hz."""


def giving_way(delay=0.1, ramp=100.0):
    return Following(DROOP, 0.2, delay, 0.1, ramp, 0.0, GIVEN_MW)


def test_wind_and_sun_that_give_way_keep_the_island():
    """Proves: 12 MW too much on D 4 and 16 MW/Hz beyond 0.2 Hz: 12 = 4 x + 16 (x − 0.2), x = 0.76 Hz, nothing lost. Breaks as: lost without droop (3 Hz)."""
    swing = simulate([-12.0], 200.0, 4.0, following=[giving_way()], duration_s=15.0, step_s=0.02)
    assert swing.initial_rocof_hz_per_s[0] == pytest.approx(12 * 50 / 400, rel=1e-12)
    assert swing.settling_hz[0] == pytest.approx(50.76, abs=1e-6)
    assert not swing.lost[0]
    assert simulate([-12.0], 200.0, 4.0, duration_s=15.0, step_s=0.02).lost[0]


def test_wind_and_sun_that_give_way_too_late_do_not():
    """Proves: 12 MW on 60 MW s rise 5 Hz/s, 1.5 Hz in about 0.3 s: a droop that begins after 0.1 s holds, one after 1 s does not, nor one too slow."""
    kept, late, slow = (simulate([-12.0], 60.0, 4.0, following=[giving_way(*how)], duration_s=15.0, step_s=0.02) for how in ((0.1,), (1.0,), (0.1, 5.0)))
    assert [bool(swing.lost[0]) for swing in (kept, late, slow)] == [False, True, True]
    assert kept.settling_hz[0] == pytest.approx(50.76, abs=1e-3)
    assert late.initial_rocof_hz_per_s[0] == pytest.approx(5.0, rel=1e-12)
    assert np.isnan(late.window_rocof_hz_per_s[0])  # gone before the half second is over
    assert np.isfinite(kept.window_rocof_hz_per_s[0])


def test_a_stage_above_nominal_cuts_generation():
    """Proves: +1 Hz/s passes 51 Hz at 1 s; 0.2 s later 16 MW of wind go: 51.2 Hz at most. Under-frequency stages stay. Breaks as: 50 if it picked up below."""
    relays = [Relay(-16.0, 0.2, 51.0, cuts=0), Relay(16.0, 0.2, 49.0)]
    swing = simulate([-16.0], 400.0, 0.0, following=[Following(0.0, 0.0, 0.1, 0.1, 1.0, 0.0, GIVEN_MW)], relays=relays, duration_s=4.0, **WIDE)
    assert swing.shed_mw[:, 0].tolist() == [-16.0, 0.0]
    assert swing.peak_hz[0] == pytest.approx(51.2, abs=0.0101)
    assert swing.settling_hz[0] == swing.peak_hz[0]


def test_what_is_cut_no_longer_answers():
    """Proves: of 12 MW too much the signal cuts 6 of 40: 6 = 4 x + 0.85·16 (x − 0.2), x = 8.72/17.6 Hz. Breaks as: 9.2/20 if those cut still answered."""
    swing = simulate([-12.0], 200.0, 4.0, following=[giving_way()], relays=[Relay(-6.0, 0.1, cuts=0)], duration_s=15.0, step_s=0.02)
    assert swing.settling_hz[0] == pytest.approx(50 + 8.72 / 17.6, abs=1e-6)


def test_no_more_is_cut_than_is_left():
    """Proves: the signal cuts 30 of 40, so a stage of 20 finds 10, and a third nothing; where nothing is given, nothing is cut."""
    wind = Following(0.0, 0.0, 0.1, 0.1, 1.0, 0.0, np.array([GIVEN_MW, 0.0]))
    relays = [Relay(-30.0, 0.1, cuts=0), Relay(-20.0, 0.1, 50.5, cuts=0), Relay(-20.0, 0.1, 51.0, cuts=0)]
    swing = simulate([-100.0, -100.0], 400.0, 0.0, following=[wind], relays=relays, duration_s=2.0, **WIDE)
    assert swing.shed_mw.T.tolist() == [[-30.0, -10.0, 0.0], [0.0, 0.0, 0.0]]


def test_a_stage_without_delay_waits_for_its_threshold():
    """Proves: −1 Hz/s passes 49 Hz at 1 s and the stage acts then, not at once; one at 48 Hz never."""
    swing = simulate([16.0], 400.0, 0.0, relays=[Relay(16.0, 0.0, 49.0), Relay(16.0, 0.0, 48.0)], duration_s=3.0, **WIDE)
    assert swing.shed_mw[:, 0].tolist() == [16.0, 0.0]
    assert swing.nadir_hz[0] == pytest.approx(49.0, abs=0.0201)


# ---- a second way: the documented equations written out again, solved by scipy


def solved_again(loss, energy, damping, forming, governor, followers, duration, cut=None):
    """Deviations of one case by `solve_ivp`, one every 2 ms; dead times by the method of steps, from one interval's dense solution to the next.

    ``cut``: time, position of the follower, power that is cut.
    """
    from scipy.integrate import solve_ivp

    def beyond(x, band):
        return math.copysign(max(abs(x) - band, 0.0), x)

    def answer(x, one):
        return min(max(-one.droop_mw_per_hz * beyond(x, one.dead_band_hz), -one.down_mw), one.up_mw)

    inertia, virtual = 2 * energy / 50, 2 * forming.kinetic_energy_mws / 50
    interval = min(one.delay_s for one in followers)
    pieces = []

    def past(t):
        if t <= 0:
            return 0.0
        return float(next(piece for end, piece in pieces if t <= end + 1e-12)(t)[0])

    def rates(t, state):
        x, reheated, *powers = state.tolist()
        gone = cut is not None and t >= cut[0]
        net = -loss - (cut[2] if gone else 0.0) - damping * x + reheated
        valve = answer(x, governor)
        net += governor.high_pressure_share * valve
        moving = [((1 - governor.high_pressure_share) * valve - reheated) / governor.reheat_s]
        for k, (one, power) in enumerate(zip(followers, powers, strict=True)):
            left = 1 - cut[2] / one.down_mw if gone and cut[1] == k else 1.0
            net += left * power
            moving.append(min(max((answer(past(t - one.delay_s), one) - power) / one.lag_s, -one.ramp_mw_per_s), one.ramp_mw_per_s))
        asked = -forming.droop_mw_per_hz * x
        free = (net + asked) / (inertia + virtual)
        given = asked - virtual * free
        if given > forming.up_mw or given < -forming.down_mw:
            free = (net + min(max(given, -forming.down_mw), forming.up_mw)) / inertia
        return [free, *moving]

    stops = sorted({round(k * interval, 9) for k in range(1, round(duration / interval) + 1)} | ({cut[0]} if cut else set()))
    state, start = np.zeros(2 + len(followers)), 0.0
    for stop in stops:
        found = solve_ivp(rates, (start, stop), state, method="RK45", rtol=1e-6, atol=1e-8, max_step=0.03, dense_output=True)
        pieces.append((stop, found.sol))
        state, start = found.y[:, -1], stop
    return np.array([past(t) for t in np.arange(0.0, duration, 0.002)])


@pytest.mark.parametrize(("loss", "room"), [(9.0, 5.0), (-9.0, 5.0), (-14.0, 2.0), (6.0, 20.0)])
def test_nadir_and_zenith_by_a_second_solver(loss, room):
    """Proves: forming inverters at and below their limit, a governor, a battery and wind that is partly cut, all together: the extremes and the end."""
    forming, governor = Forming(30.0, 10.0, room, room), Governor(4.0, 0.3, 8.0, 3.0, 3.0, 0.03)
    followers = [Following(12.0, 0.05, 0.2, 0.1, 8.0, 6.0, 6.0), Following(16.0, 0.2, 0.3, 0.1, 18.0, 0.0, 30.0)]
    cut = (0.4, 1, 3.0) if loss < 0 else None
    relays = [Relay(-3.0, 0.4, cuts=1)] if cut else []
    again = solved_again(loss, 40.0, 1.0, forming, governor, followers, 2.4, cut)
    swing = simulate(
        [loss], 40.0, 1.0, forming=forming, governors=[governor], following=followers, relays=relays, duration_s=2.4, step_s=0.002, traced=[0], **WIDE
    )
    assert swing.nadir_hz[0] - 50 == pytest.approx(again.min(), abs=2e-3)
    assert swing.peak_hz[0] - 50 == pytest.approx(again.max(), abs=2e-3)
    assert swing.frequency_hz[1199, 0] - 50 == pytest.approx(again[-1], abs=2e-3)
    assert abs(again).max() > 0.3
    coarse = simulate([loss], 40.0, 1.0, forming=forming, governors=[governor], following=followers, relays=relays, duration_s=2.4, step_s=0.02, **WIDE)
    assert [coarse.nadir_hz[0], coarse.peak_hz[0]] == pytest.approx([swing.nadir_hz[0], swing.peak_hz[0]], abs=0.03)  # the step that the hours take
