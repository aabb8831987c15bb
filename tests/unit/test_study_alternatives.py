"""Near-optimal designs against ranges that are found by hand."""

from __future__ import annotations

import numpy as np
import pytest

from gridsim.dispatch.sizes import Free
from gridsim.errors import DefinitionError
from gridsim.physics.annuity import capital_recovery_factor
from gridsim.study.alternatives import OPTIMUM, alternatives, distances, whole_units
from tests.hand_solved.parks import grid, load, solar, tiny_park, wind

SOLAR, WIND = "technologies.solar_1.capacity_mw", "technologies.wind_1.capacity_mw"
PRICE, LOAD, HOURS = 100.0, 10.0, 4
YEARLY = 8760.0 / HOURS
"""Years that four hours are one of."""
RATE = float(capital_recovery_factor(0.07, 20))


def dear(cny_per_mw: float) -> dict:
    """Costs so that one MW is this much over the four hours."""
    return {"capital_cost_cny_per_kw": cny_per_mw * YEARLY / RATE / 1000.0, "fixed_om_share_per_year": 0.0, "lifetime_years": 20}


def park(**more):
    """Solar gives 0.5 in two of four hours, so that 20 MW serve the load there; a MW costs 40 and saves 100 CNY up to 20 MW, nothing beyond."""
    return tiny_park(grid=grid(PRICE), load=load([LOAD] * HOURS), solar_1=solar([0.5, 0.5, 0.0, 0.0], 5.0, **dear(40.0)), **more)


def of(found):
    return {design.name: design for design in found.designs}


def test_the_range_of_one_capacity_by_hand():
    """Proves: optimum at 20 MW, 20 · 40 + 2 · 10 · 100 = 2800. 3 % are 84 CNY: below 20 a MW less costs 60, so 18.6 MW; above, one more costs 40: 22.1."""
    found = alternatives(park(), [Free(SOLAR, 0.0, 50.0)], slack=0.03)
    designs = of(found)
    assert list(designs) == [OPTIMUM, f"least {SOLAR}", f"most {SOLAR}"]
    assert designs[OPTIMUM].cost_cny == pytest.approx(2800.0, rel=1e-6) and designs[OPTIMUM].values[SOLAR] == pytest.approx(20.0, rel=1e-6)
    least, most = designs[f"least {SOLAR}"], designs[f"most {SOLAR}"]
    assert least.values[SOLAR] == pytest.approx(20.0 - 84.0 / 60.0, rel=1e-4)
    assert most.values[SOLAR] == pytest.approx(20.0 + 84.0 / 40.0, rel=1e-4)
    assert [least.excess, most.excess] == pytest.approx([0.03, 0.03], abs=1e-5)
    assert least.proven_end == pytest.approx(18.6, rel=1e-4) and most.proven_end == pytest.approx(22.1, rel=1e-4)
    assert least.proven_end <= 18.6 + 1e-9 and most.proven_end >= 22.1 - 1e-9


def test_further_designs_lie_within_the_slack_and_apart():
    """Proves: wind in the other two hours is a second axis of the same kind; every design costs at most 3 % more, and no two are alike."""
    free = [Free(SOLAR, 0.0, 50.0), Free(WIND, 0.0, 50.0)]
    found = alternatives(park(wind_1=wind([0.0, 0.0, 0.5, 0.5], 5.0, **dear(40.0))), free, slack=0.03, count=4)
    table = found.table
    assert len(table) == 9 and table["design"].tolist()[-1] == "far 4"
    assert (table["excess"] <= 0.03 + 1e-9).all() and (table["excess"] >= -1e-9).all() and (table["excess_at_most"] >= table["excess"] - 1e-9).all()
    # 1600 in all, so 48 CNY of slack: each alone from 20 - 48 / 60 to 20 + 48 / 40, and both together within the four-sided figure between these ends
    assert table[SOLAR].min() == pytest.approx(19.2, rel=1e-4) and table[WIND].max() == pytest.approx(21.2, rel=1e-4)
    cost = sum(np.where(table[path] < 20.0, 60.0 * (20.0 - table[path]), 40.0 * (table[path] - 20.0)) for path in (SOLAR, WIND))
    assert np.allclose(cost, table["excess"] * 1600.0, atol=0.01)
    assert (table["distance"] > 0.01).all()


def test_whole_units_are_pulled_back_until_they_hold():
    """Proves: in units of 4 MW, 24 MW would cost 160 of the 84 allowed and 16 MW 240; only the optimum is left.

    In units of 0.8 MW, the least, 18.6, reaches 19.2 and not 18.4, which costs 96. The most, 22.1, is one of 20 units where 21 make 22.11, which cost 84.4.
    """
    least = of(alternatives(park(), [Free(SOLAR, 0.0, 48.0, 0.8)], slack=0.03))[f"least {SOLAR}"]
    assert least.values[SOLAR] == pytest.approx(19.2) and least.excess == pytest.approx(48.0 / 2800.0)
    most = of(alternatives(park(), [Free(SOLAR, 0.0, 48.0, 22.11 / 21.0)], slack=0.03))[f"most {SOLAR}"]
    assert most.values[SOLAR] == pytest.approx(22.11 / 21.0 * 20.0) and most.way == 1.0
    found = alternatives(park(), [Free(SOLAR, 0.0, 48.0, 4.0)], slack=0.03)
    assert {design.values[SOLAR] for design in found.designs} == {20.0}
    assert max(design.excess for design in found.designs) <= 0.03
    assert whole_units([Free(SOLAR, 0.0, 49.0, 4.0)], np.array([20.0]), np.array([60.0])).tolist() == [49.0]


def test_what_is_known_is_not_searched_again():
    """Proves: from any number of designs on, the rest is the same as without a stop."""
    free = [Free(SOLAR, 0.0, 50.0), Free(WIND, 0.0, 50.0)]
    both = park(wind_1=wind([0.0, 0.0, 0.5, 0.5], 5.0, **dear(40.0)))
    kept = []
    whole = alternatives(both, free, slack=0.03, count=2, keep=kept.append)
    assert [design.name for design in kept] == [design.name for design in whole.designs]
    for stop in (0, 2, 5, 6, 7):
        again = []
        optimum = (whole.designs[0].values, whole.bound_cny)
        part = alternatives(both, free, slack=0.03, count=2, optimum=optimum, known={one.name: one for one in kept[:stop]}, keep=again.append)
        assert part.designs == whole.designs and len(again) == len(kept) - stop


def test_no_slack_is_refused_and_distances_by_hand():
    with pytest.raises(DefinitionError, match="nothing but the optimum"):
        alternatives(park(), [Free(SOLAR, 0.0, 50.0)], slack=0.0)
    points, others = np.array([[0.0, 0.0], [3.0, 8.0]]), np.array([[3.0, 4.0], [0.0, 40.0]])
    assert distances(points, others, np.array([1.0, 2.0])).tolist() == pytest.approx([np.hypot(3, 2), 2.0])
    assert distances(points, others, np.array([1.0, 0.0])).tolist() == pytest.approx([5.0, 4.0])
