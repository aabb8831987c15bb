"""Chance with memory and with neighbours: autocorrelations, variances and spatial correlations against their closed forms."""

import numpy as np
import pytest

pytest.importorskip("pvlib")

from gridsim.profiles.persistence import distances_km, persistent_normal, remembered, remembered_smoothly, smooth_autocorrelation, stream
from gridsim.profiles.site import Site
from gridsim.profiles.synthesis import field, wind
from gridsim.profiles.synthesis.yardstick import autocorrelation

WENGNIUTE, AOHAN = Site(42.94, 119.02, 640.0), Site(42.29, 119.92, 590.0)


def test_persistence_has_its_memory_and_needs_no_run_in():
    """Proves: the first step has variance 1 as all others, lag 1 has correlation phi and sites have theirs."""
    correlation = np.array([[1.0, 0.8], [0.8, 1.0]])
    series = persistent_normal(stream(1, "test"), 20000, memory=0.9, correlation=correlation)
    assert np.corrcoef(series.T)[0, 1] == pytest.approx(0.8, abs=0.03)
    assert autocorrelation(series[:, 0], 1) == pytest.approx(0.9, abs=0.02)
    assert series.std(axis=0) == pytest.approx(1.0, abs=0.06)
    first = [persistent_normal(stream(seed, "test"), 1, memory=0.9)[0, 0] for seed in range(2000)]
    assert np.std(first) == pytest.approx(1.0, abs=0.05)


def test_a_shock_passes_as_its_impulse_response():
    """Proves: AR(1) of a shock at the second step is sqrt(1 - 0.6^2) = 0.8, then 0.48, 0.288; the first step takes its shock whole."""
    shocks = np.array([[0.0], [1.0], [0.0], [0.0]])
    assert remembered(shocks, 0.6)[:, 0] == pytest.approx([0.0, 0.8, 0.48, 0.288])
    assert remembered(np.array([[1.0], [0.0]]), 0.6)[:, 0] == pytest.approx([1.0, 0.6])


@pytest.mark.parametrize(("memory", "inertia"), [(0.9, 0.5), (0.97, 0.8)])
def test_smooth_persistence_has_the_autocorrelation_of_its_roots(memory, inertia):
    """Proves: many short series of variance 1 at every step, with the closed-form correlation between any two of them, the first two included."""
    series = remembered_smoothly(stream(1, "test").standard_normal((12, 200_000)), memory, inertia)
    assert series.var(axis=1) == pytest.approx(1.0, abs=0.02)
    expected = smooth_autocorrelation(np.arange(12.0), memory, inertia)
    for first in (0, 1, 5):
        found = (series[first] * series[first:]).mean(axis=1)
        assert found == pytest.approx(expected[: 12 - first], abs=0.02)


def test_smooth_autocorrelation_obeys_its_recursion():
    """Proves (Yule-Walker): rho_k = (a + b) rho_(k-1) - a b rho_(k-2), with rho_1 = (a + b) / (1 + a b)."""
    a, b = 0.95, 0.7
    rho = smooth_autocorrelation(np.arange(20.0), a, b)
    assert rho[:2] == pytest.approx([1.0, (a + b) / (1 + a * b)])
    assert rho[2:] == pytest.approx((a + b) * rho[1:-1] - a * b * rho[:-2])


def test_distance_between_the_bases():
    """Proves: 0.65 deg of latitude (72.3 km) and 0.9 deg of longitude at 42.6 N (73.7 km) make 103 km; the chord is as long."""
    assert distances_km([WENGNIUTE, AOHAN])[0, 1] == pytest.approx(103.2, abs=0.3)
    east, north = field.places_km([WENGNIUTE, AOHAN])
    assert np.linalg.norm(east - north) == pytest.approx(103.2, abs=0.3)


@pytest.mark.parametrize("latitude", [0.0, 42.0, 65.0])
def test_the_field_falls_off_with_distance_whatever_the_direction(latitude):
    """Proves: the sum of waves has variance 1 and correlation exp(-d / L), within the error that its module states."""
    length_km, here = 400.0, Site(latitude, 119.0, 0.0)
    for share, bound in ((0.1, 0.06), (0.25, 0.09), (0.5, 0.12), (1.0, 0.15), (1.5, 0.16)):
        turns = np.linspace(0.0, 2 * np.pi, 24, endpoint=False)
        reach = share * length_km / 111.2
        around = [Site(latitude + reach * np.sin(turn), 119.0 + reach * np.cos(turn) / np.cos(np.radians(latitude)), 0.0) for turn in turns]
        correlation = field.correlations([here, *around], length_km)
        expected = np.exp(-distances_km([here, *around])[0] / length_km)
        assert np.diag(correlation) == pytest.approx(1.0)
        assert correlation[0] == pytest.approx(expected, abs=bound)


def test_shocks_of_the_field_are_independent_in_time_and_alike_in_space():
    shocks = field.shocks(stream(1, "test"), 20000, [WENGNIUTE, AOHAN], 400.0)
    assert shocks.std(axis=0) == pytest.approx(1.0, abs=0.02)
    assert np.corrcoef(shocks.T)[0, 1] == pytest.approx(field.correlations([WENGNIUTE, AOHAN], 400.0)[0, 1], abs=0.01)
    assert autocorrelation(shocks[:, 0], 1) == pytest.approx(0.0, abs=0.02)


def test_damping_leaves_the_variance_at_one():
    """Proves: the closed form of what the running mean takes away, against 120 drawn stretches of 60 days; a constant series would lose (1 - share)^2."""
    squares = [np.mean(wind.weather_systems([WENGNIUTE], 60, stream(seed, "test")) ** 2) for seed in range(120)]
    assert np.mean(squares) == pytest.approx(1.0, abs=0.03)
    assert wind.damped_variance(0.0, 101) == 1.0
    assert wind.damped_variance(0.5, 1) == pytest.approx(0.25)
