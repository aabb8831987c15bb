"""A bound put together from windows: never above the optimum, whatever its prices, and equal to it at the prices of the optimum itself (strong duality)."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from gridsim.dispatch.optimum import optimum
from gridsim.dispatch.program import make_program
from gridsim.dispatch.segments import segmented, single_steps
from gridsim.dispatch.sizes import Free, find_sizes
from gridsim.dispatch.window_bound import WindowBound
from gridsim.study import sizing
from tests.hand_solved.test_program import SIMPLEX, ramping_park, rich_park

FREE = [
    Free("technologies.solar_1.capacity_mw", 0.0, 60.0),
    Free("technologies.wind_1.capacity_mw", 5.0, 80.0),
    Free("technologies.battery_1.power_mw", 0.0, 20.0),
    Free("technologies.battery_1.energy_mwh", 0.0, 60.0),
]


def priced(park, **changed):
    """The park with wind, sun and battery that cost something."""
    costs = {
        "wind_1": {"capital_cost_cny_per_kw": 3600.0, "lifetime_years": 20.0},
        "solar_1": {"capital_cost_cny_per_kw": 2000.0, "lifetime_years": 20.0},
        "battery_1": {"capital_cost_cny_per_kw": 40.0, "capital_cost_cny_per_kwh": 60.0, "lifetime_years": 10.0},
    }
    technologies = {name: one.model_copy(update=costs.get(name, {})) for name, one in park.technologies.items()}
    return dataclasses.replace(park, technologies=technologies, **changed)


def bounds(park, parts, borders, duals=None):
    draft, sizes = find_sizes(park, FREE)
    hourly = make_program(draft, single_steps(draft.steps), sizes)
    exact = optimum(hourly, SIMPLEX)
    parts = parts(draft)
    relaxed = make_program(draft, parts, sizes)
    found = optimum(relaxed, SIMPLEX)
    if duals is not None:
        found = dataclasses.replace(found, row_duals=duals(found.row_duals))
    windows = WindowBound(hourly, relaxed, parts, found, np.array(borders))
    return windows.bound_cny([windows.of_window(window) for window in range(windows.count)]), exact.bound_cny, found.bound_cny


@pytest.mark.parametrize("park", [rich_park(export_share_max=0.1), rich_park(), ramping_park()], ids=["limited", "rich", "ramping"])
@pytest.mark.parametrize("borders", [[0, 24], [0, 12, 24, 36], [0, 5, 17, 40]])
def test_at_the_prices_of_the_optimum_windows_prove_it(park, borders):
    """Proves each price: of capacities, levels, the day's shifted load, the month's peak, the year's export limit; any of them wrong leaves a gap."""
    bound, exact, _ = bounds(priced(park), lambda draft: single_steps(draft.steps), borders)
    assert bound == pytest.approx(exact, rel=2e-5)  # the tolerance of the windows' interior point method
    assert bound <= exact + 1e-9 * abs(exact)


@pytest.mark.parametrize("count", [8, 16, 30])
def test_prices_of_segments_bound_it_more_closely_than_the_segments_do(count):
    park = priced(rich_park(export_share_max=0.1))
    bound, exact, of_segments = bounds(park, lambda draft: segmented(draft, count, np.array([0, 24])), [0, 24])
    assert of_segments < bound <= exact + 1e-9 * abs(exact)
    assert exact - bound < 0.5 * (exact - of_segments)


@pytest.mark.parametrize("seed", range(4))
def test_whatever_the_prices_no_bound_is_above_the_optimum(seed):
    random = np.random.default_rng(seed)
    park = priced(rich_park(export_share_max=0.1))
    bound, exact, _ = bounds(park, lambda draft: single_steps(draft.steps), [0, 12, 24, 36], lambda duals: duals * random.uniform(0.5, 1.5, duals.size))
    assert bound <= exact + 1e-9 * abs(exact)


def test_a_sizing_in_segments_with_windows_ends_with_its_gap(monkeypatch):
    """Proves the whole way of a long horizon on a short one: segments, windows in threads, dispatch in windows; as when all hours are taken at once."""
    park = priced(rich_park())
    at_once = sizing.size(park, FREE)
    monkeypatch.setattr(sizing, "FEW_STEPS", 10)
    monkeypatch.setattr("gridsim.dispatch.windows.WINDOW_STEPS", 24)
    found = sizing.size(park, FREE, gap=0.02, options=SIMPLEX)
    assert found.gap <= 0.02 and found.bound_cny <= at_once.cost_cny * (1 + 1e-9) and found.cost_cny >= at_once.bound_cny * (1 - 1e-9)
    assert all(first.bound_cny <= second.bound_cny for first, second in zip(found.steps, found.steps[1:], strict=False))


def test_sizes_on_the_edge_of_a_yearly_limit_are_tried_again_with_a_margin(monkeypatch):
    """Proves: where the relaxation's capacities miss a yearly limit by the hour, others are found that keep it; the bound stays that of the limit."""
    from gridsim.errors import InfeasibleError

    park = priced(rich_park(green_share_min=0.9))
    plain = sizing.size(park, FREE)
    whole = sizing._whole
    refused = []

    def short(park, sizes, candidate, progress):
        if not refused:
            refused.append(candidate)
            raise InfeasibleError("misses the limit by the hour")
        return whole(park, sizes, candidate, progress)

    monkeypatch.setattr(sizing, "_whole", short)
    found = sizing.size(park, FREE)
    assert refused and not np.array_equal(refused[0], list(found.values.values()))
    assert found.bound_cny == pytest.approx(plain.bound_cny, rel=1e-9)
    assert plain.cost_cny < found.cost_cny <= plain.cost_cny * 1.001
