"""What an optimum of capacities must be, on the starter park: its cost is that of a dispatch with them, and no neighbour costs less."""

from __future__ import annotations

from pathlib import Path

import pytest

from gridsim.dispatch.sizes import Free, resized, yearly_cost
from gridsim.dispatch.solve import KeptDispatch, solve
from gridsim.errors import InfeasibleError
from gridsim.metrics.scorecard import scorecard
from gridsim.park.read import read_park
from gridsim.study.sizing import size

pytestmark = pytest.mark.slow

STARTER = Path(__file__).parents[2] / "networks" / "starter"
FREE = [
    Free("technologies.wind_1.capacity_mw", 0.0, 200.0),
    Free("technologies.solar_1.capacity_mw", 0.0, 200.0),
    Free("technologies.battery_1.power_mw", 0.0, 100.0),
    Free("technologies.battery_1.energy_mwh", 0.0, 400.0),
    Free("technologies.tank_1.capacity_kg", 0.0, 50_000.0),
]


@pytest.fixture(scope="module")
def sized():
    """Three weeks of spring, every hour on its own."""
    park = read_park(STARTER, hours=(2160, 2664), overrides=["technologies.battery_1.capital_cost_cny_per_kwh=400"])
    return park, size(park, FREE)


def test_a_dispatch_of_the_optimum_costs_what_sizing_says(sized):
    """Proves: operating cost and total of a run with every capacity fixed at the optimum, to 1e-6, by the scorecard's own statement of costs."""
    park, found = sized
    fixed = resized(park, FREE, [found.values[one.path] for one in FREE])
    solved = solve(fixed)
    year = scorecard(solved.dispatch, solved.audit).year
    assert solved.dispatch.objective_cny == pytest.approx(found.solved.dispatch.objective_cny, rel=1e-6)
    assert year["cost_total_cny"] == pytest.approx(found.cost_cny, rel=1e-6)
    assert found.cost_cny == pytest.approx(found.bound_cny, rel=1e-6)


def test_no_neighbour_of_the_optimum_costs_less(sized):
    """Proves: every capacity 5 % up and 5 % down, all others fixed, on one kept program; where too little serves the park no more, nothing is proven.

    Breaks as: a lower cost one way or the other if any slope of cost or capacity were wrong.
    """
    park, found = sized
    best = [found.values[one.path] for one in FREE]
    kept = KeptDispatch(resized(park, FREE, best), with_network=False)
    kept.solve()
    dearer = 0
    for place, value in enumerate(best):
        for factor in (0.95, 1.05):
            other = resized(park, FREE, [value * factor if number == place else one for number, one in enumerate(best)])
            kept.change(other)
            try:
                cost = kept.solve().dispatch.objective_cny + yearly_cost(other)
            except InfeasibleError:
                continue
            assert cost >= found.cost_cny * (1.0 - 1e-9), (FREE[place].path, factor)
            dearer += cost > found.cost_cny * (1.0 + 1e-7)
    assert min(best) > 1.0 and dearer >= 8
