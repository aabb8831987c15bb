"""Seconds level: the swing equation against what can be written down, and each response alone."""

from __future__ import annotations

import numpy as np
import pytest

from gridsim.physics.frequency import Following, Forming, Governor, Relay, initial_rocof, low_order_response, settling_deviation, simulate

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
